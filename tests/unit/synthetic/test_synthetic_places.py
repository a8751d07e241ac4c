"""The invented land is sound, and planted hotspots hold what they should."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from risk_engine.config import AreasConfig, Boundaries
from risk_engine.places import AreaMap
from risk_engine.synthetic.world import ETHNIC_MIX

END = pd.Timestamp("2026-06-01")
ISLAND = "E06000046"


@pytest.fixture(scope="module")
def near(whole) -> pd.DataFrame:
    """Incidents known to the police within 250 metres of each hotspot, with their time."""
    spots, incidents = whole.truth("hotspots"), whole.truth("incidents")
    when = pd.to_datetime(incidents.occurred_at)
    parts = []
    for spot in spots.itertuples():
        gap = np.hypot(incidents.easting - spot.easting, incidents.northing - spot.northing)
        inside = gap <= 250
        parts.append(
            pd.DataFrame({"hotspot_id": spot.hotspot_id, "when": when[inside], "gap": gap[inside]})
        )
    return pd.concat(parts).merge(spots, on="hotspot_id")


def test_areas_do_not_overlap_and_the_island_is_one(whole) -> None:
    frame = whole.made.areas.set_index("area_code")
    assert frame.geometry.is_valid.all()
    assert shapely.union_all(frame.geometry.to_numpy()).area == pytest.approx(frame.area.sum())
    mainland = shapely.union_all(frame.drop(ISLAND).geometry.to_numpy())
    assert frame.geometry[ISLAND].distance(mainland) > 1_000


def test_zones_tile_their_areas(whole) -> None:
    zones = whole.made.zones.dissolve("area_code").area
    areas = whole.made.areas.set_index("area_code").area
    assert zones.sort_index().to_numpy() == pytest.approx(areas.sort_index().to_numpy(), rel=1e-6)
    assert whole.made.zones.zone_code.is_unique
    assert 600 <= len(whole.made.zones) <= 1_300


def test_population_follows_the_published_totals(whole, areas: AreasConfig) -> None:
    table = pd.read_csv(whole.folder / "population.csv").merge(
        whole.made.zones[["zone_code", "area_code"]], on="zone_code"
    )
    total = table.groupby("area_code").residents.sum()
    assert total.to_dict() == {area.code: area.population for area in areas.local_areas}
    white = table[table.ethnic_group == "White"].groupby("area_code").residents.sum() / total
    for code, mix in ETHNIC_MIX.items():
        assert 100 * white[code] == pytest.approx(100 * mix[-1] / sum(mix), abs=0.01)


def test_the_mix_varies_between_zones(whole) -> None:
    table = pd.read_csv(whole.folder / "population.csv")
    wide = table.pivot_table("residents", "zone_code", "ethnic_group")
    share = wide["White"] / wide.sum(axis=1)
    assert 0.02 < share.std() < 0.15


def test_every_area_has_hotspots_inside_it(whole, areas: AreasConfig) -> None:
    boundaries = Boundaries(file=Path("areas.gpkg"), code="area_code")
    places = AreaMap.load(areas, boundaries, whole.folder / "areas.gpkg")
    spots = whole.truth("hotspots")
    assert list(places.assign(spots.easting, spots.northing)) == list(spots.area_code)
    assert spots[spots.kind == "stable"].groupby("area_code").size().reindex(areas.codes).min() >= 2
    assert set(spots.kind) == {"stable", "emerging", "fading"}
    incidents = whole.truth("incidents")
    assert all(places.assign(incidents.easting, incidents.northing))


def test_stable_hotspots_hold_more_than_their_surroundings(near: pd.DataFrame) -> None:
    stable = near[near.kind == "stable"]
    core, ring = (stable.gap <= 125).sum(), ((stable.gap > 125) & (stable.gap <= 250)).sum()
    assert core > 1.5 * ring / 3  # the ring has three times the area of the core


def test_emerging_hotspots_begin_and_fading_ones_end_when_told(near: pd.DataFrame) -> None:
    def a_week(rows: pd.DataFrame, since: pd.Series | pd.Timestamp, until: pd.Series) -> float:
        weeks = ((until - since).dt.days / 7).groupby(rows.hotspot_id).first().sum()
        return float(((rows.when >= since) & (rows.when < until)).sum() / weeks)

    emerging, fading = near[near.kind == "emerging"], near[near.kind == "fading"]
    opened = pd.to_datetime(emerging["from"])
    closed = pd.to_datetime(fading["to"])
    year = pd.Timedelta(days=365)
    end = pd.Series(END, index=near.index)
    assert a_week(emerging, opened, end[emerging.index]) > 2 * a_week(
        emerging, opened - year, opened
    )
    assert a_week(fading, closed - year, closed) > 2 * a_week(fading, closed, end[fading.index])


def test_planted_incidents_lie_around_their_hotspot(whole) -> None:
    incidents, spots = whole.truth("incidents"), whole.truth("hotspots")
    planted = incidents.merge(spots, on="hotspot_id", suffixes=("", "_spot"))
    scaled = (planted.easting - planted.easting_spot) / planted.sigma
    assert abs(scaled.mean()) < 0.05
    assert scaled.std() == pytest.approx(1, abs=0.05)
    assert 0.15 < len(planted) / len(incidents) < 0.5


def test_incidents_follow_one_another_nearby(whole) -> None:
    incidents = whole.truth("incidents").query("hotspot_id == '' and kind == 'robbery'")
    points = incidents[["easting", "northing"]].to_numpy()
    days = pd.to_datetime(incidents.occurred_at).to_numpy().astype("datetime64[D]").astype(int)
    gap = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1))
    lag = np.abs(days[:, None] - days[None, :])
    close = np.triu(gap <= 150, 1)
    soon, later = (close & (lag <= 14)).sum() / 15, (close & (lag > 28) & (lag <= 300)).sum() / 272
    assert soon > 1.2 * later
