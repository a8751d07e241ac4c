"""Which months may be counted, and which may be compared."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
import pytest

from risk_engine.needs.coverage import cover
from risk_engine.needs.window import Window

at = datetime.fromisoformat
YEAR = Window.of_year(2025, "Europe/London")
AS_OF = at("2026-01-05")


def rows(first="2024-01-01", last="2025-12-31", *, each=3, precision="minute", without=()):
    days = [day.date() for day in pd.date_range(first, last, freq="D")]
    kept = [day for day in days if day not in {date.fromisoformat(text) for text in without}]
    return pd.DataFrame({"source": "police", "precision": precision, "day": kept, "n": each})


def faults(days, **more):
    settings = {"window": YEAR, "sources": ["police"], "as_of": AS_OF, **more}
    found = cover(days, **settings)
    both = (*YEAR.before, *YEAR.this)
    return {fault.month: (fault.state, fault.why) for fault in found.faults(["police"], both)}


def march(first, last):
    return [f"2025-03-{day:02d}" for day in range(first, last + 1)]


def test_two_whole_years_have_no_fault():
    assert faults(rows()) == {}


def test_a_month_without_rows_is_nothing():
    gone = [f"{day:%Y-%m-%d}" for day in pd.date_range("2024-02-01", "2024-02-29")]
    assert faults(rows(without=gone)) == {date(2024, 2, 1): ("nothing", "no rows")}


def test_a_month_that_is_not_over_is_said_so():
    found = faults(rows(last="2025-12-20"), as_of=at("2025-12-22"))
    assert found == {date(2025, 12, 1): ("not over", "not over on the date of this document")}


def test_summer_time_decides_when_a_month_is_over():
    early, late = (
        faults(rows(last="2025-06-30"), as_of=at(moment)).get(date(2025, 6, 1))
        for moment in ("2025-06-30T22:59", "2025-06-30T23:00")
    )
    assert (early[0], late) == ("not over", None)


@pytest.mark.parametrize(
    ("gone", "why"),
    [
        (march(10, 12), None),  # nine rows missing: chance could be why
        (march(10, 15), "no rows from 10 to 15 March"),
        (march(1, 6), "no rows from 1 to 6 March"),
        (march(20, 31), "no rows from 20 to 31 March"),
    ],
)
def test_days_in_a_row_without_rows_are_a_gap_if_chance_cannot_explain_them(gone, why):
    found = faults(rows(without=gone))
    assert found == ({} if why is None else {date(2025, 3, 1): ("part", why)})


def test_a_source_that_sends_little_may_be_quiet_for_long():
    assert faults(rows(each=1, without=march(10, 17))) == {}


def test_an_extract_that_ends_before_the_year_does_is_a_gap():
    found = faults(rows(last="2025-12-19"))
    assert found == {date(2025, 12, 1): ("part", "no rows from 20 to 31 December")}


def test_a_source_dated_to_the_month_has_one_day_a_month():
    days = rows(precision="month")
    firsts = days[[day.day == 1 for day in days["day"]]]
    assert faults(firsts) == {}


def test_a_held_drop_is_named_with_the_months_of_its_name():
    gone = [f"{day:%Y-%m-%d}" for day in pd.date_range("2025-08-01", "2025-08-31")]
    held = [("police", "2025-08-shire-street"), ("other", "2025-03")]
    found = faults(rows(without=gone), held=held)
    assert found == {date(2025, 8, 1): ("nothing", "the drop 2025-08-shire-street is held")}


def test_a_month_with_rows_and_a_held_drop_is_a_part():
    found = faults(rows(), held=[("police", "police_202508")])
    assert found == {date(2025, 8, 1): ("part", "the drop police_202508 is held")}


def test_a_held_drop_that_names_no_month_may_be_of_any():
    assert len(faults(rows(), held=[("police", "police_crime")])) == 24


def test_a_contract_that_begins_within_a_month_makes_it_a_part():
    found = faults(rows(), since={"police": date(2024, 1, 3)})
    assert found == {date(2024, 1, 1): ("part", "the source begins on 3 January")}


def test_only_months_that_are_over_and_have_something_are_counted():
    days = rows("2025-02-01", "2025-12-20", without=march(10, 20))
    found = cover(days, window=YEAR, sources=["police"], as_of=at("2025-12-22"))
    assert found.counted(["police"]) == tuple(date(2025, month, 1) for month in range(2, 12))
