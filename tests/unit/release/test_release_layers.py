"""The GeoPackage, read back as QGIS would read it."""

from __future__ import annotations

import geopandas as gpd
import pyogrio
import pytest
from geopandas.testing import assert_geodataframe_equal
from shapely import box

from risk_engine.release.layers import write_layers


@pytest.fixture
def areas():
    squares = [box(0, 0, 1000, 1000)]
    return gpd.GeoDataFrame(
        {"area_code": ["E07"], "name": ["Ynys Môn"]}, geometry=squares, crs=27700
    )


def test_layers_are_read_back_as_they_were(tmp_path, places, areas, at):
    path = tmp_path / "places.gpkg"
    write_layers(path, {"places": places, "areas": areas}, at=at)
    assert [name for name, _ in pyogrio.list_layers(path)] == ["places", "areas"]
    for name, frame in {"places": places, "areas": areas}.items():
        found = gpd.read_file(path, layer=name)
        assert found.crs == frame.crs
        assert_geodataframe_equal(found, frame, check_dtype=False, normalize=True)


def test_equal_content_gives_equal_bytes(tmp_path, places, areas, at):
    layers = {"places": places, "areas": areas}
    write_layers(tmp_path / "one.gpkg", layers, at=at)
    write_layers(tmp_path / "two.gpkg", layers, at=at)
    one, two = (tmp_path / f"{name}.gpkg" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_writing_again_replaces_what_was_there(tmp_path, places, areas, at):
    path = tmp_path / "places.gpkg"
    write_layers(path, {"places": places, "areas": areas}, at=at)
    write_layers(path, {"places": places.iloc[:1]}, at=at)
    assert [name for name, _ in pyogrio.list_layers(path)] == ["places"]
    assert len(gpd.read_file(path, layer="places")) == 1


def test_an_area_without_a_listed_place_has_an_empty_layer(tmp_path, places, areas, at):
    path = tmp_path / "places.gpkg"
    write_layers(path, {"places": places.iloc[:0], "areas": areas}, at=at)
    found = gpd.read_file(path, layer="places")
    assert found.empty
    assert list(found.columns) == ["hotspot_id", "rank", "expected", "geometry"]
    assert found.crs == places.crs


def test_the_date_of_the_approval_does_not_stay_with_the_process(tmp_path, places, at):
    write_layers(tmp_path / "places.gpkg", {"places": places}, at=at)
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None
    assert b"2026-01-06T09:30:00.000Z" in (tmp_path / "places.gpkg").read_bytes()
