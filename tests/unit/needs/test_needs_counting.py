"""What is one offence, who is a victim, which year it belongs to: counted by hand."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from risk_engine.needs.counting import count, held_years
from risk_engine.needs.window import Window

at = datetime.fromisoformat
AS_OF = at("2026-01-05")


@pytest.fixture
def counted(events, definition):
    def make(*rows, as_of=AS_OF, window=None):
        year = window or Window.of_year(2025, "Europe/London")
        return count(events(*rows), definition=definition, window=year, as_of=as_of)

    return make


def total(found):
    return int(found.offences["n"].sum())


def test_an_incident_with_several_rows_is_one_offence_and_each_victim_row_one_victim(counted):
    found = counted(
        {"incident": "i1", "attributes": {"age": "17"}},
        {"incident": "i1", "attributes": {"age": "40"}},
        {"incident": "i1", "role": "suspect", "attributes": {"age": "16"}},
        {"incident": "i2", "role": "suspect"},
    )
    assert total(found) == 2
    assert found.victims["n"].sum() == 2
    assert dict(zip(found.victims["age"], found.victims["n"], strict=True)) == {
        "10 to 17": 1,
        "35 to 44": 1,
    }


def test_a_suspect_under_25_makes_no_young_victim(counted):
    found = counted({"role": "suspect", "attributes": {"age": "16"}})
    assert not found.offences["young"].any()


@pytest.mark.parametrize(
    ("age", "band", "young"),
    [
        ("24", "18 to 24", True),
        ("25", "25 to 34", False),
        ("0", "under 10", True),
        ("?", "not recorded", False),
        (None, "not recorded", False),
        ("130", "not recorded", False),
        ("65", "65 and over", False),
    ],
)
def test_ages_fall_into_bands_and_an_unknown_age_is_counted_as_unknown(counted, age, band, young):
    attributes = {} if age is None else {"age": age}
    found = counted({"attributes": attributes})
    assert found.victims["age"].tolist() == [band]
    assert found.offences["young"].tolist() == [young]


def test_a_month_begins_at_local_midnight(counted):
    summer = counted({"on": "2025-05-31T22:59"}, {"on": "2025-05-31T23:00"})
    assert sorted(summer.offences["month"]) == [date(2025, 5, 1), date(2025, 6, 1)]
    weekday = dict(zip(summer.offences["month"], summer.offences["weekday"], strict=True))
    assert weekday == {date(2025, 5, 1): 5, date(2025, 6, 1): 6}  # Saturday, then Sunday
    band = dict(zip(summer.offences["month"], summer.offences["band"], strict=True))
    assert band == {date(2025, 5, 1): 7, date(2025, 6, 1): 0}


def test_a_year_begins_at_local_midnight(counted):
    paris = Window.of_year(2025, "Europe/Paris")
    found = counted({"on": "2024-12-31T22:59"}, {"on": "2024-12-31T23:00"}, window=paris)
    assert sorted(found.offences["month"]) == [date(2024, 12, 1), date(2025, 1, 1)]


def test_an_incident_belongs_to_the_month_of_its_first_row(counted):
    found = counted(
        {"incident": "i", "on": "2024-12-31T23:50"}, {"incident": "i", "on": "2025-01-01T00:10"}
    )
    assert found.offences["month"].tolist() == [date(2024, 12, 1)]
    earlier = counted(
        {"incident": "i", "on": "2023-12-31T23:50"}, {"incident": "i", "on": "2024-01-01T00:10"}
    )
    assert total(earlier) == 0


def test_what_is_known_at_as_of_or_later_is_not_counted(counted):
    found = counted(
        {"known": "2026-01-04T23:59"}, {"known": "2026-01-05T00:00"}, {"known": "2026-02-01"}
    )
    assert total(found) == 1


def test_domestic_abuse_is_outside_and_an_unknown_flag_is_inside(counted):
    found = counted(
        {"attributes": {"domestic": "yes"}}, {"attributes": {"domestic": "no"}}, {"attributes": {}}
    )
    assert total(found) == 2


def test_the_first_category_that_fits_counts_and_the_rest_are_the_remainder(counted):
    found = counted(
        {"kind": "robbery", "attributes": {"weapon": "bladed"}},
        {"kind": "weapon", "attributes": {"weapon": "bladed"}},
        {"kind": "weapon", "attributes": {"weapon": "other"}},
        {"kind": "riot"},
        {"kind": "theft"},
    )
    assert found.offences.groupby("category")["n"].sum().to_dict() == {0: 1, 1: 1, 2: 2}
    assert found.offences.groupby("knife")["n"].sum().to_dict() == {False: 2, True: 2}


def test_one_row_with_a_knife_makes_the_offence_knife_enabled(counted):
    found = counted(
        {"incident": "i", "attributes": {"weapon": "none"}},
        {"incident": "i", "attributes": {"weapon": "bladed"}},
    )
    assert found.offences["knife"].tolist() == [True]


def test_an_offence_dated_to_the_day_has_no_time_of_day(counted):
    found = counted({"precision": "day"})
    assert (found.offences["weekday"].tolist(), found.offences["band"].tolist()) == ([-1], [-1])
    assert not found.held_times


def test_health_events_are_counted_as_incidents_and_apart(counted):
    found = counted(
        {"role": "victim"},
        *[{"source": "ed", "kind": "assault_attendance", "discovery": "health", "incident": "a"}]
        * 2,
    )
    assert total(found) == 1
    assert found.health[["source", "kind", "n"]].to_numpy().tolist() == [
        ["ed", "assault_attendance", 1]
    ]
    assert (found.sources, found.health_sources) == (("police",), ("ed",))


def test_late_reports_are_told_apart_at_the_same_age_a_year_ago(counted):
    found = counted(
        {"on": "2024-12-30T12:00", "known": "2025-01-04T23:59"},
        {"on": "2024-12-30T12:00", "known": "2025-01-05T00:00"},
    )
    assert sorted(found.offences["late"]) == [False, True]


def test_years_are_local_and_known(events, definition):
    table = events(
        {"on": "2024-12-31T23:30"},
        {"on": "2022-06-01T12:00"},
        {"on": "2023-01-01", "known": "2027-01-01"},
    )
    held = {
        zone: held_years(table, definition=definition, timezone=zone, as_of=AS_OF)
        for zone in ("Europe/London", "Europe/Paris")
    }
    assert held == {"Europe/London": [2022, 2024], "Europe/Paris": [2022, 2025]}
