# ruff: noqa: DTZ001 - times are naive UTC everywhere in the engine
from __future__ import annotations

from datetime import datetime

import pandas as pd
import pytest

from risk_engine.calendar import Period
from risk_engine.errors import InputError

WEEK = Period("week", "Europe/London")
MONTH = Period("month", "Europe/London")


def test_a_week_begins_on_monday_at_local_midnight():
    assert WEEK.start(datetime(2026, 11, 25, 13)) == datetime(2026, 11, 23)
    assert WEEK.start(datetime(2026, 6, 10)) == datetime(2026, 6, 7, 23)  # summer time


def test_sunday_night_in_summer_belongs_to_the_week_by_the_local_clock():
    assert WEEK.start(datetime(2026, 6, 7, 23)) == datetime(2026, 6, 7, 23)
    assert WEEK.start(datetime(2026, 6, 7, 22, 59)) == datetime(2026, 5, 31, 23)


def test_the_week_in_which_clocks_go_back_has_an_hour_more():
    start = WEEK.start(datetime(2026, 10, 22))
    assert WEEK.days(start) == pytest.approx(7 + 1 / 24)
    assert WEEK.shift(start, 1) == datetime(2026, 10, 26)


def test_months_are_calendar_months():
    start = MONTH.start(datetime(2025, 4, 15))
    assert start == datetime(2025, 3, 31, 23)
    assert MONTH.end(start) == datetime(2025, 4, 30, 23)
    assert MONTH.days(start) == 30
    assert MONTH.shift(start, -1) == datetime(2025, 3, 1)


def test_shifting_there_and_back_is_nothing():
    start = MONTH.start(datetime(2025, 9, 3))
    assert MONTH.shift(MONTH.shift(start, -7), 7) == start


def test_local_times_of_a_column():
    moments = pd.Series(pd.to_datetime(["2026-07-01 21:30", "2026-12-01 21:30"]))
    assert MONTH.local(moments).dt.hour.tolist() == [22, 21]


def test_another_period_is_refused():
    with pytest.raises(InputError, match="week and month"):
        Period("day", "Europe/London")
