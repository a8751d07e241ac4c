from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from risk_engine.config import AreasConfig, HotspotSpec
from risk_engine.places import AreaMap

AS_OF = datetime(2026, 11, 23)  # noqa: DTZ001 - times are naive UTC
LEFT, BOTTOM = 440_000, 110_000


def make_points(x, y, days_ago, *, known_after_hours=12.0) -> pd.DataFrame:
    """Events at metres from the map's corner, so many days before the as-of date."""
    occurred = pd.Series(AS_OF - pd.to_timedelta(np.asarray(days_ago, float), unit="D"))
    occurred = occurred.astype("datetime64[us]")
    count = len(occurred)
    return pd.DataFrame(
        {
            "event_id": [f"e{i}" for i in range(count)],
            "incident_id": [f"i{i}" for i in range(count)],
            "occurred_at": occurred,
            "known_at": occurred + pd.Timedelta(hours=known_after_hours),
            "easting": np.asarray(x, float) + LEFT,
            "northing": np.asarray(y, float) + BOTTOM,
            "area_code": None,
            "kind": "robbery",
        }
    )


def make_town(seed: int, *, events: int = 1500, planted: int = 0) -> pd.DataFrame:
    """Steady hot places over three years, ground noise and, if planted, one new place."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform(500, 11_500, (25, 2))
    busy = rng.pareto(1.5, 25) + 0.2
    which = rng.choice(25, events, p=busy / busy.sum())
    spread = np.where(rng.random(events) < 0.4, 900.0, 70.0)[:, None]
    xy = (rng.normal(size=(events, 2)) * spread + centres[which]).clip(1, 11_999)
    days = rng.random(events) * 1095
    new = rng.normal((3_000, 9_000), 50, (planted, 2))
    return make_points(*np.vstack([xy, new]).T, np.concatenate([days, rng.random(planted) * 80]))


@pytest.fixture(scope="session")
def as_of() -> datetime:
    return AS_OF


@pytest.fixture(scope="session")
def points_at() -> Callable[..., pd.DataFrame]:
    return make_points


@pytest.fixture(scope="session")
def town() -> Callable[..., pd.DataFrame]:
    return make_town


@pytest.fixture(scope="session")
def config() -> AreasConfig:
    return AreasConfig.model_validate(
        {
            "force_area": {"code": "F", "name": "Everywhere"},
            "local_areas": [{"code": "W", "name": "West"}, {"code": "E", "name": "East"}],
        }
    )


@pytest.fixture(scope="session")
def areas() -> AreaMap:
    middle, right, top = LEFT + 6_000, LEFT + 12_000, BOTTOM + 12_000
    frame = gpd.GeoDataFrame(
        {"area_code": ["W", "E"], "name": ["West", "East"]},
        geometry=[box(LEFT, BOTTOM, middle, top), box(middle, BOTTOM, right, top)],
        crs="EPSG:27700",
    )
    return AreaMap(frame, "EPSG:27700", 0.0)


@pytest.fixture(scope="session")
def spec() -> HotspotSpec:
    return HotspotSpec.model_validate(
        {
            "name": "small",
            "placed": {"squares": 10},
            "lists": {"force_area": 6, "per_area": 3},
            "backtest": {"origins": 4},
            "rank_draws": 50,
        }
    )
