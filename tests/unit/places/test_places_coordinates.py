"""Points: from one system to another, and what is wrong with one before it is lost at sea."""

from __future__ import annotations

import numpy as np
import pytest

from risk_engine.places import PointFault, check_points, transform

DEGREES, GRID = "EPSG:4326", "EPSG:27700"
BOUNDS = (430_000.0, 100_000.0, 450_000.0, 120_000.0)
EAST, NORTH = 442_400.0, 113_600.0  # Southampton
LON, LAT = -1.3973, 50.9202


def faults(x, y, source, **more):
    found = check_points(
        np.array(x, dtype=float),
        np.array(y, dtype=float),
        source=source,
        target=GRID,
        bounds=BOUNDS,
        **more,
    )
    return list(found)


def test_degrees_become_metres_and_come_back():
    east, north = transform(np.array([LON]), np.array([LAT]), DEGREES, GRID)
    assert east[0] == pytest.approx(EAST, abs=100)
    assert north[0] == pytest.approx(NORTH, abs=100)
    lon, lat = transform(east, north, GRID, DEGREES)
    assert (lon[0], lat[0]) == pytest.approx((LON, LAT), abs=1e-6)


@pytest.mark.parametrize(("x", "y"), [(np.nan, 1.0), (1.0, np.nan), (1e30, 1.0), (np.inf, 1.0)])
def test_what_cannot_be_brought_over_is_missing(x, y):
    east, north = transform(np.array([x, LON]), np.array([y, LAT]), DEGREES, GRID)
    assert np.isnan(east[0])
    assert np.isnan(north[0])
    assert np.isfinite(east[1])


def test_no_points_and_equal_systems_need_no_work():
    east, north = transform(np.array([]), np.array([]), DEGREES, GRID)
    assert len(east) == len(north) == 0
    assert transform(np.array([1.5]), np.array([2.5]), GRID, GRID) == (1.5, 2.5)


@pytest.mark.parametrize(
    ("x", "y", "source", "fault"),
    [
        (EAST, NORTH, GRID, PointFault.OK),
        (LON, LAT, DEGREES, PointFault.OK),
        (NORTH, EAST, GRID, PointFault.SWAPPED),
        (LAT, LON, DEGREES, PointFault.SWAPPED),
        (LON, LAT, GRID, PointFault.WRONG_SYSTEM),
        (EAST, NORTH, DEGREES, PointFault.WRONG_SYSTEM),
        (0.0, 0.0, GRID, PointFault.OUTSIDE),
        (0.0, 0.0, DEGREES, PointFault.OUTSIDE),
        (530_000.0, 180_000.0, GRID, PointFault.OUTSIDE),  # London
        (np.nan, NORTH, GRID, PointFault.OK),
        (np.nan, np.nan, DEGREES, PointFault.OK),
        (EAST, np.inf, GRID, PointFault.OK),
    ],
)
def test_what_is_wrong_with_a_point(x, y, source, fault):
    assert faults([x], [y], source) == [fault]


def test_each_point_is_judged_for_itself():
    assert faults([EAST, NORTH, LON, 0, np.nan], [NORTH, EAST, LAT, 0, 1], GRID) == [
        "",
        "POINT_SWAPPED",
        "POINT_WRONG_SYSTEM",
        "POINT_OUTSIDE",
        "",
    ]


def test_no_points_have_no_faults():
    assert faults([], [], GRID) == []


def test_the_margin_is_held_to_the_metre():
    left = BOUNDS[0]
    assert faults([left - 5000, left - 5001], [NORTH] * 2, GRID) == ["", "POINT_OUTSIDE"]
    assert faults([left - 1], [NORTH], GRID, margin=0) == ["POINT_OUTSIDE"]


def test_a_point_that_is_right_either_way_round_is_not_called_swapped():
    square = (100_000.0, 100_000.0, 120_000.0, 120_000.0)
    found = check_points(
        np.array([105_000.0]), np.array([115_000.0]), source=GRID, target=GRID, bounds=square
    )
    assert list(found) == [PointFault.OK]
