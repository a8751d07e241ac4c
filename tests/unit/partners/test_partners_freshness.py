"""How old is too old: the calendar of cadences, known answers."""

# ruff: noqa: DTZ001 - all times are naive UTC here
from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from risk_engine.partners import is_stale
from risk_engine.partners.freshness import judge, next_due

LONDON = "Europe/London"


def fresh(last_known, cadence="weekly", as_of=datetime(2026, 1, 5)):
    return judge(last_known, last_known, cadence=cadence, as_of=as_of, timezone=LONDON)


@pytest.mark.parametrize(
    ("cadence", "due"),
    [
        ("daily", date(2026, 2, 1)),
        ("weekly", date(2026, 2, 7)),
        ("monthly", date(2026, 2, 28)),
        ("quarterly", date(2026, 4, 30)),
        ("yearly", date(2027, 1, 31)),
    ],
)
def test_the_next_drop_is_due_by_the_calendar(cadence, due):
    assert next_due(date(2026, 1, 31), cadence=cadence) == due


@pytest.mark.parametrize(
    ("days", "state", "late_by"),
    [
        (1, "on time", 0),
        (7, "on time", 0),
        (8, "late", 1),
        (16, "late", 9),
        (17, "stale", 10),
    ],
)
def test_a_weekly_source_grows_late_and_then_stale(days, state, late_by):
    found = fresh(datetime(2026, 1, 5) - timedelta(days=days))
    assert (found.age, found.state, found.late_by) == (days, state, late_by)
    assert found.used == days / 7


def test_days_are_those_of_the_local_clock():
    # 23:30 UTC in summer is the next day in London
    found = fresh(datetime(2025, 7, 1, 23, 30), as_of=datetime(2025, 7, 6, 23))
    assert (found.last_known, found.age) == (date(2025, 7, 2), 5)


def test_nothing_known_is_said_as_such():
    found = fresh(None)
    assert (found.state, found.age, found.due, found.used) == ("nothing", None, None, None)


def test_of_a_table_of_one_edition_nothing_newer_is_due():
    found = fresh(datetime(2019, 1, 1), cadence=None)
    assert (found.state, found.due, found.late_by) == ("one edition", None, 0)


def test_a_record_of_the_future_is_not_stale():
    assert not is_stale(datetime(2026, 2, 1), cadence="daily", as_of=datetime(2026, 1, 5))


def test_a_table_of_one_edition_is_never_stale():
    assert not is_stale(datetime(1991, 4, 21), cadence=None, as_of=datetime(2026, 1, 5))
