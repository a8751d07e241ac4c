"""Local areas as polygons: which one holds a point, and files that cannot be used."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from risk_engine.config import AreasConfig, Boundaries
from risk_engine.errors import InputError
from risk_engine.places import AreaMap
from risk_engine.places.areas import read_polygons

GRID = "EPSG:27700"
SQUARES = {"B": box(0, 0, 1000, 1000), "A": box(1000, 0, 2000, 1000)}
CONFIG = AreasConfig.model_validate(
    {
        "force_area": {"code": "F", "name": "Shire"},
        "local_areas": [{"code": "B", "name": "Bee"}, {"code": "A", "name": "Ay"}],
    }
)


def frame(codes=("B", "A"), crs=GRID):
    return gpd.GeoDataFrame(
        {"code": list(codes), "area": 1}, geometry=[SQUARES[c] for c in codes], crs=crs
    )


@pytest.fixture
def saved(tmp_path):
    def save(table, name="areas.gpkg"):
        path = tmp_path / name
        table.to_file(path)
        return path

    return save


def load(path, code="code", snap=100):
    return AreaMap.load(CONFIG, Boundaries(file=path, code=code, snap_metres=snap), path)


@pytest.fixture
def areas(saved):
    return load(saved(frame(["A", "B"])))


# --- reading -------------------------------------------------------------------------------------


def test_areas_come_in_the_order_of_the_configuration(areas):
    assert list(areas.frame.columns) == ["area_code", "name", "geometry"]
    assert areas.frame["area_code"].tolist() == ["B", "A"]
    assert areas.frame["name"].tolist() == ["Bee", "Ay"]
    assert areas.bounds == (0, 0, 2000, 1000)


def test_parts_of_one_area_are_one_and_other_areas_are_left_out(saved):
    table = frame(["A", "B"])
    island = gpd.GeoDataFrame(
        {"code": ["A", "Z"], "area": 1},
        geometry=[box(5000, 0, 5100, 100), box(9000, 0, 9100, 100)],
        crs=GRID,
    )
    areas = load(saved(pd.concat([table, island])))
    assert len(areas.frame) == 2
    assert areas.assign([5050], [50]).tolist() == ["A"]


def test_another_system_is_brought_into_the_one_of_the_configuration(saved):
    table = frame()
    table.geometry = table.translate(440_000, 110_000)  # on land: the grid is exact there only
    areas = load(saved(table.to_crs("EPSG:4326"), "areas.geojson"))
    assert areas.frame.crs == GRID
    assert areas.bounds == pytest.approx((440_000, 110_000, 442_000, 111_000), abs=0.01)


def test_a_polygon_that_crosses_itself_is_mended(saved):
    from shapely import Polygon

    table = frame()
    bow = Polygon([(0, 0), (1000, 1000), (1000, 0), (0, 1000)])
    table.loc[0, "geometry"] = bow
    areas = load(saved(table), snap=0)
    assert areas.frame.geometry.is_valid.all()
    assert areas.assign([900, 500], [500, 900]).tolist() == ["B", None]


def test_a_missing_column_is_answered_with_a_near_one(saved):
    with pytest.raises(InputError, match=r"no column 'cod' \(did you mean 'code'\?\)") as caught:
        load(saved(frame()), code="cod")
    assert caught.value.code == "BOUNDARIES_COLUMN"


def test_an_area_without_polygon_is_named(saved):
    with pytest.raises(InputError, match="no polygon for Ay") as caught:
        load(saved(frame(["B"])))
    assert caught.value.code == "BOUNDARIES_AREA"


@pytest.mark.parametrize("folder", [False, True])
def test_a_map_that_is_not_there_is_said_so(tmp_path, folder):
    path = tmp_path / "areas.geojson"
    if folder:
        path.mkdir()
    with pytest.raises(InputError, match="no such map file") as caught:
        read_polygons(path, GRID)
    assert caught.value.code == "MISSING_FILE"
    assert caught.value.hint is not None


@pytest.mark.parametrize("text", ["", "no map\n", "{}"])
def test_what_is_no_map_is_refused(tmp_path, text):
    path = tmp_path / "areas.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_polygons(path, GRID)
    assert caught.value.code == "MAP_UNREADABLE"


def test_a_table_without_geometry_is_no_map(tmp_path):
    path = tmp_path / "areas.csv"
    path.write_text("code,name\nA,Ay\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_polygons(path, GRID)
    assert caught.value.code == "MAP_CRS"


def test_a_map_without_a_system_is_refused(saved, tmp_path):
    path = saved(frame(), "areas.shp")
    (tmp_path / "areas.prj").unlink()
    with pytest.raises(InputError, match="states no coordinate system"):
        read_polygons(path, GRID)


# --- points --------------------------------------------------------------------------------------


def test_no_points(areas):
    assert areas.assign([], []).tolist() == []


@pytest.mark.parametrize(
    ("x", "y", "code"),
    [
        (500, 500, "B"),
        (1500, 500, "A"),
        (1000, 500, "B"),  # on the border: the first of the configuration
        (0, 0, "B"),
        (2050, 500, "A"),  # near a rough coastline
        (2100, 500, "A"),
        (2101, 500, None),
        (1000, 1050, "B"),  # as near to both
        (np.nan, 500, None),
        (500, np.nan, None),
        (np.inf, 500, None),
    ],
)
def test_the_area_of_a_point(areas, x, y, code):
    assert areas.assign([x], [y]).tolist() == [code]


def test_points_keep_their_order_and_number(areas):
    x = [1500, np.nan, 500, 9999, 1500, 500]
    y = [500, 1, 500, 0, 500, 500]
    assert areas.assign(x, y).tolist() == ["A", None, "B", None, "A", "B"]


def test_the_index_of_a_series_does_not_matter(areas):
    x = pd.Series([500.0, 1500.0], index=[7, 7])
    assert areas.assign(x, pd.Series([1.0, 1.0], index=[3, 9])).tolist() == ["B", "A"]


def test_without_snapping_only_the_polygon_counts(saved):
    areas = load(saved(frame()), snap=0)
    assert areas.assign([2000, 2000.5], [500, 500]).tolist() == ["A", None]
    assert areas.assign([9000], [500]).tolist() == [None]
