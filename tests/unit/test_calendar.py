"""Days of the partnership's calendar as instants, through the changes of the clock."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from risk_engine.calendar import instant, latest_start, period_label

LONDON = "Europe/London"


@pytest.mark.parametrize(
    ("day", "moment"),
    [
        ("2026-01-05", "2026-01-05T00:00"),
        ("2026-07-06", "2026-07-05T23:00"),
        ("2026-03-29", "2026-03-29T00:00"),  # the clocks go forward on this day
        ("2026-03-30", "2026-03-29T23:00"),
        ("2026-10-25", "2026-10-24T23:00"),  # ... and back on this one
        ("2026-10-26", "2026-10-26T00:00"),
        ("2025-09-01", "2025-08-31T23:00"),
    ],
)
def test_a_day_begins_at_local_midnight(day, moment):
    begun = instant(date.fromisoformat(day), LONDON)
    assert begun == datetime.fromisoformat(moment)
    assert begun.tzinfo is None


def test_a_day_without_midnight_begins_at_the_first_hour_it_has():
    assert instant(date(2018, 11, 4), "America/Sao_Paulo") == datetime.fromisoformat(
        "2018-11-04T03:00"
    )


@pytest.mark.parametrize(
    ("period", "today", "start"),
    [
        ("week", "2026-01-05", "2026-01-05"),
        ("week", "2026-01-11", "2026-01-05"),
        ("week", "2026-01-01", "2025-12-29"),
        ("month", "2026-02-28", "2026-02-01"),
        ("month", "2026-02-01", "2026-02-01"),
    ],
)
def test_the_latest_start(period, today, start):
    assert latest_start(period, date.fromisoformat(today)) == date.fromisoformat(start)


@pytest.mark.parametrize(
    ("period", "day", "label"),
    [
        ("month", "2025-09-01", "September 2025"),
        ("month", "2026-01-01", "January 2026"),
        ("week", "2026-07-06", "week of Mon 6 Jul 2026"),
        ("week", "2026-01-05", "week of Mon 5 Jan 2026"),
        ("week", "2026-03-30", "week of Mon 30 Mar 2026"),
    ],
)
def test_a_period_is_called_by_its_local_day(period, day, label):
    assert period_label(period, instant(date.fromisoformat(day), LONDON), LONDON) == label
