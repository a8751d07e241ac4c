from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from risk_engine.calendar import Period
from risk_engine.hotspots.backtest import inside
from risk_engine.hotspots.calibration import Calibration, rate_interval, ratio_interval
from risk_engine.hotspots.changes import movement
from risk_engine.hotspots.describe import usual_when

WEEK = Period("week", "Europe/London")


def squares(corners, ranks):
    shapes = [box(x, y, x + 250, y + 250) for x, y in corners]
    return gpd.GeoDataFrame({"rank": ranks}, geometry=shapes, crs="EPSG:27700")


def times(*stamps):
    return pd.DataFrame({"occurred_at": pd.to_datetime(list(stamps)).astype("datetime64[us]")})


def test_movement_in_words():
    before = squares([(0, 0), (1_000, 0), (2_000, 0)], [1, 2, 3])
    now = squares([(2_000, 25), (1_000, 0), (0, 0), (9_000, 0)], [1, 2, 3, 4])
    moved = movement(now, before)
    assert moved["change"].tolist() == ["up 2", "same", "down 2", "new"]
    assert moved["previous_rank"].tolist() == [3, 2, 1, pd.NA]


def test_a_place_that_only_touches_is_new():
    moved = movement(squares([(250, 0)], [1]), squares([(0, 0)], [1]))
    assert moved["change"].tolist() == ["new"]


def test_calibration_starts_at_one_and_learns():
    start = Calibration()
    assert start.factor == 1.0
    learnt = start.seen(expected=1_000, observed=500)
    assert learnt.factor == pytest.approx(0.51, abs=0.01)


def test_intervals_hold_the_mean_and_narrow_with_information():
    calibration = Calibration(1_000, 1_000)
    low, high = calibration.interval(np.array([2.0, 2.0]), np.array([4.0, 400.0]))
    assert (low < 2).all()
    assert (high > 2).all()
    assert high[0] - low[0] > 3 * (high[1] - low[1])


def test_wilson_interval_against_a_published_value():
    low, high = rate_interval(10, 100)  # Newcombe 1998 gives 0.0552 to 0.1744
    assert (low, high) == pytest.approx((0.0552, 0.1744), abs=1e-4)


def test_ratio_interval_holds_one_for_equal_rules():
    table = pd.DataFrame({"placed_hits": [50], "grid_hits": [50], "both_hits": [30]})
    low, high = ratio_interval(table)
    assert low < 1 < high
    assert ratio_interval(table.assign(grid_hits=0, both_hits=0)) is None


def test_identical_lists_have_no_uncertainty_between_them():
    table = pd.DataFrame({"placed_hits": [50], "grid_hits": [50], "both_hits": [50]})
    assert ratio_interval(table) == (1.0, 1.0)


def test_lower_and_left_edges_belong_to_a_square():
    points = pd.DataFrame({"easting": [0, 250, 0, 100], "northing": [0, 0, 250, 249.9]})
    hit = inside(points, pd.DataFrame({"left": [0.0], "bottom": [0.0]}), 250)
    assert hit.tolist() == [True, False, False, True]


def test_nights_belong_to_the_day_before():
    friday = [f"2026-11-{day:02d} 23:30" for day in (6, 13, 20)] * 2
    saturday = [f"2026-11-{day:02d} 01:15" for day in (8, 15, 22)] * 2  # Saturday night
    assert usual_when(times(*friday, *saturday), WEEK) == "Fri-Sat 21-02"


def test_times_of_day_are_local():
    summer = [f"2026-07-{day:02d} 21:30" for day in range(1, 29)]  # half past ten by the clock
    hours = usual_when(times(*summer), WEEK).split()[-1]
    first, last = hours.split("-")
    assert int(first) <= 22 < int(last) or int(last) <= 3


def test_nothing_is_said_of_few_events_or_of_dates_without_a_time():
    few = times(*["2026-11-06 23:30"] * 9)
    assert usual_when(few, WEEK) == ""
    days = times(*["2026-11-06 00:00"] * 50)
    assert usual_when(days, WEEK) == ""
    months = times(*["2026-11-06 23:30"] * 50).assign(precision="month")
    assert usual_when(months, WEEK) == ""


def test_events_at_all_hours_have_no_usual_time():
    stamps = pd.date_range("2026-01-01", periods=500, freq="7h13min").strftime("%Y-%m-%d %H:%M")
    assert usual_when(times(*stamps), WEEK) == ""
