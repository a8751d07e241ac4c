"""The fast surface and greedy placement against plain loops on a small lattice."""

from __future__ import annotations

from datetime import datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from risk_engine.config import HotspotSpec
from risk_engine.hotspots.history import History
from risk_engine.hotspots.placed import place
from risk_engine.hotspots.surface import Surface, blended, build
from risk_engine.places import AreaMap

STEP, SIDE = 25, 4
ROWS, COLUMNS = 30, 40


@pytest.fixture
def areas() -> AreaMap:
    whole = box(-1_000, -1_000, 5_000, 5_000)
    frame = gpd.GeoDataFrame(
        {"area_code": ["A"], "name": ["A"]}, geometry=[whole], crs="EPSG:27700"
    )
    return AreaMap(frame, "EPSG:27700", 0.0)


def random_surface(seed: int) -> Surface:
    rng = np.random.default_rng(seed)
    own = np.where(rng.random((ROWS, COLUMNS)) < 0.15, rng.random((ROWS, COLUMNS)), 0)
    smooth = rng.random((ROWS, COLUMNS)) * 0.1
    return Surface(0.0, 0.0, STEP, own.astype(np.float32), smooth.astype(np.float32), 0.3)


def sum_over_square(raster: np.ndarray, row: int, column: int) -> float:
    total = 0.0
    for r in range(row, min(row + SIDE, ROWS)):
        for c in range(column, min(column + SIDE, COLUMNS)):
            total += float(raster[r, c])
    return total


def value_by_hand(surface: Surface, row: int, column: int) -> float:
    own = sum_over_square(surface.own, row, column)
    smooth = sum_over_square(surface.smooth, row, column)
    return (own + 0.3 * smooth) / 1.3


def greedy_by_hand(surface: Surface, count: int) -> list[tuple[int, int]]:
    corners = [
        (row, column)
        for row in range(ROWS)
        for column in range(COLUMNS)
        if sum_over_square(surface.own, row, column) > 0
    ]
    chosen: list[tuple[int, int]] = []
    while corners and len(chosen) < count:
        best = max(corners, key=lambda corner: value_by_hand(surface, *corner))
        chosen.append(best)
        corners = [
            (r, c) for r, c in corners if abs(r - best[0]) >= SIDE or abs(c - best[1]) >= SIDE
        ]
    return chosen


@pytest.mark.parametrize("seed", range(3))
def test_box_sums_equal_plain_sums(seed):
    surface = random_surface(seed)
    value, own = surface.boxes(SIDE)
    for row in range(ROWS):
        for column in range(COLUMNS):
            by_hand = value_by_hand(surface, row, column)
            assert value[row, column] == pytest.approx(by_hand, abs=2e-4)
            assert own[row, column] == pytest.approx(
                sum_over_square(surface.own, row, column), abs=2e-4
            )


@pytest.mark.parametrize("seed", range(3))
def test_greedy_placement_equals_plain_greedy(seed, areas):
    surface = random_surface(seed)
    fast = place(surface, areas, side=SIDE, count=12, seed=1)
    corners = list(
        zip((fast["bottom"] // STEP).astype(int), (fast["left"] // STEP).astype(int), strict=True)
    )
    assert corners == greedy_by_hand(surface, 12)


def test_a_square_has_the_same_value_as_a_place_of_any_shape():
    rng = np.random.default_rng(4)
    occurred = pd.Series([datetime(2026, 1, 1)] * 300)  # noqa: DTZ001 - times are naive UTC
    events = pd.DataFrame(
        {
            "occurred_at": occurred.astype("datetime64[us]"),
            "easting": rng.normal(3_000, 300, 300),
            "northing": rng.normal(3_000, 300, 300),
        }
    )
    history = History(events, datetime(2026, 11, 23), (), 1095)  # noqa: DTZ001 - naive UTC
    spec = HotspotSpec(name="small")
    surface = build(history, spec, cell_size=250)
    value, own = surface.boxes(10)
    row, column = np.unravel_index(value.argmax(), value.shape)
    centre = (surface.left + column * 25 + 125, surface.bottom + row * 25 + 125)
    x, y, area = (np.array([number]) for number in (*centre, 62_500.0))
    any_shape = blended(history, spec, own=own[row, column].astype(float), x=x, y=y, area=area)
    assert any_shape.item() == pytest.approx(value[row, column], rel=0.02)
