"""What never changes a hotspot list: the order of rows, what became known later, where zero is."""

from __future__ import annotations

from datetime import datetime

import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from risk_engine.config import AreasConfig, HotspotSpec
from risk_engine.hotspots import HotspotResult, find
from risk_engine.places import AreaMap

AS_OF = datetime(2026, 11, 23)  # noqa: DTZ001 - times are naive UTC
SPEC = HotspotSpec.model_validate(
    {
        "name": "small",
        "placed": {"squares": 5},
        "lists": {"force_area": 4, "per_area": 2},
        "backtest": {"origins": 2},
        "clusters": {"min_events": 4},
        "rank_draws": 50,
    }
)
CONFIG = AreasConfig.model_validate(
    {"force_area": {"code": "F", "name": "F"}, "local_areas": [{"code": "A", "name": "A"}]}
)


def town(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    spots = rng.uniform(500, 3_500, (6, 2))
    xy = spots[rng.integers(0, 6, 120)] + rng.normal(0, 60, (120, 2))
    days = pd.to_timedelta(rng.random(120) * 400 + 0.1, unit="D")
    occurred = pd.Series(AS_OF - days).astype("datetime64[us]")
    numbers = [str(i) for i in range(120)]
    return pd.DataFrame(
        {
            "event_id": numbers,
            "incident_id": numbers,
            "occurred_at": occurred,
            "known_at": occurred + pd.to_timedelta(rng.random(120) * 3, unit="D"),
            "easting": np.round(xy[:, 0]),
            "northing": np.round(xy[:, 1]),
        }
    )


def run(points: pd.DataFrame, *, east: int = 0, north: int = 0) -> HotspotResult:
    frame = gpd.GeoDataFrame(
        {"area_code": ["A"], "name": ["A"]},
        geometry=[box(east, north, east + 4_000, north + 4_000)],
        crs="EPSG:27700",
    )
    return find(
        points,
        as_of=AS_OF,
        period="week",
        spec=SPEC,
        areas=AreaMap(frame, "EPSG:27700", 500.0),
        config=CONFIG,
        seed=1,
    )


def assert_same(one: HotspotResult, other: HotspotResult) -> None:
    assert one.places.equals(other.places)
    assert one.clusters.equals(other.clusters)
    assert one.cells.equals(other.cells)
    past = [result.backtest.query("not is_forecast_period") for result in (one, other)]
    pd.testing.assert_frame_equal(*past)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=6, deadline=None)
def test_the_order_of_rows_changes_nothing(seed):
    points = town(seed)
    assert_same(run(points), run(points.sample(frac=1, random_state=seed)))


@given(seed=st.integers(0, 10_000), late=st.integers(1, 60))
@settings(max_examples=6, deadline=None)
def test_what_becomes_known_later_changes_nothing(seed, late):
    points = town(seed)
    extra = town(seed + 1).head(late)
    names = "late-" + extra["event_id"]
    extra = extra.assign(event_id=names, incident_id=names, known_at=pd.Timestamp(AS_OF))
    extra["known_at"] = extra["known_at"].astype("datetime64[us]")
    assert_same(run(points), run(pd.concat([points, extra])))


@given(seed=st.integers(0, 10_000), east=st.integers(-400, 400), north=st.integers(-400, 400))
@settings(max_examples=6, deadline=None)
def test_moving_the_map_by_whole_steps_moves_the_list(seed, east, north):
    points, dx, dy = town(seed), 250 * east, 250 * north
    moved = points.assign(easting=points["easting"] + dx, northing=points["northing"] + dy)
    here, there = run(points).places, run(moved, east=dx, north=dy).places
    assert np.allclose(here["easting"] + dx, there["easting"])
    assert np.allclose(here["northing"] + dy, there["northing"])
    assert np.allclose(here["expected"], there["expected"])
    assert (here["rank_high"] == there["rank_high"]).all()
