"""The tables that leave the room: they add up, say what is missing and hide what is small."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
import pytest

from risk_engine.errors import InputError
from risk_engine.needs import assess

at = datetime.fromisoformat
AS_OF = at("2026-01-05")


def daily(first="2024-01-01", last="2026-01-04", **more):
    """Three rows of no interest for every day, so that the source covers its months."""
    days = pd.date_range(first, last, freq="D")
    row = {"kind": "theft", **more}
    return [{"on": f"{day:%Y-%m-%d}T12:00", **row} for day in days for _ in range(3)]


def robberies(count, on="2025-06-10T21:00", **more):
    return [{"on": on, **more} for _ in range(count)]


@pytest.fixture
def assessed(events, definition, areas):
    def make(*rows, **more):
        settings = {"as_of": AS_OF, "threshold": 10, **more}
        return assess(events(*rows), definition=definition, areas=areas, **settings)

    return make


def texts(table, column="count_text"):
    return dict(zip(table["title"], table[column], strict=True))


def test_two_whole_years_are_compared_area_by_area(assessed):
    found = assessed(
        *daily(),
        *robberies(60),
        *robberies(40, area_code="S"),
        *robberies(25, "2024-06-10T21:00"),
        *robberies(35, "2024-06-10T21:00", area_code="S"),
    )
    assert found.comparable
    assert found.window.label == "2025"
    headline = found.tables["headline"].iloc[0]
    assert (headline["count"], headline["before"], headline["verdict"]) == (100, 60, "up")
    areas = found.tables["areas"].set_index("area_code")
    assert areas["count"].to_dict() == {"N": 60, "S": 40, "nowhere": 0}
    assert areas["verdict"].to_dict() == {"N": "up", "S": "cannot tell", "nowhere": "not given"}
    assert areas.loc["N", "rate"] == pytest.approx(6.0)
    assert areas["share"].to_dict() == {"N": 0.6, "S": 0.4, "nowhere": 0}


def test_a_missing_month_forbids_the_comparison_and_says_why(assessed):
    rows = [row for row in daily() if not row["on"].startswith("2024-02")]
    found = assessed(*rows, *robberies(60), *robberies(40, "2024-06-10T21:00"))
    assert not found.comparable
    assert [(fault.month, fault.why) for fault in found.faults_before] == [
        (date(2024, 2, 1), "no rows")
    ]
    for sheet in ("headline", "categories", "areas", "area_categories", "area_quarters"):
        table = found.tables[sheet]
        assert table["before"].isna().all(), sheet
        assert table["change"].isna().all(), sheet
        assert set(table["verdict"]) == {"not given"}, sheet


def test_the_months_of_a_year_that_is_not_compared_are_still_shown(assessed):
    rows = [row for row in daily() if not row["on"].startswith("2024-02")]
    found = assessed(*rows, *robberies(60), *robberies(40, "2024-06-10T21:00"))
    before = texts(found.tables["months"], "before_text")
    assert (before["June"], before["January"], before["February"]) == ("40", "0", "")


def test_a_held_drop_forbids_the_comparison(assessed):
    rows = (*daily(), *robberies(60), *robberies(40, "2024-06-10T21:00"))
    assert assessed(*rows).comparable
    assert not assessed(*rows, held=[("police", "2025-08")]).comparable
    assert assessed(*rows, held=[("education", "2025-08")]).comparable


def test_months_that_are_not_over_are_not_counted(assessed):
    found = assessed(
        *daily(last="2025-06-19"),
        *robberies(30, "2025-05-10T21:00"),
        *robberies(20, "2025-06-10T21:00"),
        as_of=at("2025-06-20"),
        last=date(2025, 12, 1),
    )
    assert found.months == tuple(date(2025, month, 1) for month in range(1, 6))
    assert found.tables["headline"]["count"].tolist()[0] == 30
    quarters = found.tables["area_quarters"]
    assert set(quarters["title"]) == {"Jan to Mar", "Apr to Jun, 2 of 3 months"}


def test_the_last_whole_year_with_data_is_the_default(assessed):
    rows = (*daily(last="2025-06-19"), *robberies(30, "2024-05-10T21:00"), *robberies(30))
    assert assessed(*rows, as_of=at("2025-06-20")).window.label == "2024"
    assert assessed(*rows).window.label == "2025"


def test_twelve_months_to_a_month_end_where_asked(assessed):
    found = assessed(*daily(), *robberies(30, "2024-08-10T21:00"), last=date(2025, 6, 1))
    assert found.window.label == "12 months to June 2025"
    assert found.tables["headline"]["count"].tolist()[0] == 30
    assert found.window.slug == "to-2025-06"


def test_small_counts_are_words_and_everything_computed_from_them_is_gone(assessed):
    found = assessed(*daily(), *robberies(40), *robberies(3, area_code="S"))
    areas = found.tables["areas"].set_index("area_code")
    assert areas["count_text"].to_dict() == {"N": "hidden", "S": "fewer than 10", "nowhere": "0"}
    hidden = areas.loc[["N", "S"], ["count", "share", "rate", "rate_low", "change"]]
    assert hidden.isna().to_numpy().all()
    log = found.suppressed
    rows = log[log["sheet"] == "areas"][["row", "column", "rule"]].to_numpy().tolist()
    assert rows == [
        ["North", "2025", "would give a small count away"],
        ["South", "2025", "small count"],
    ]


def test_the_log_of_what_is_hidden_holds_no_number(assessed):
    found = assessed(*daily(), *robberies(40), *robberies(3, area_code="S"))
    assert len(found.suppressed)
    assert set(found.suppressed["column"]) <= {"2025", "2024"}
    assert set(found.suppressed["rule"]) <= {"small count", "would give a small count away"}


def test_no_table_shows_a_small_count(assessed):
    found = assessed(
        *daily(),
        *robberies(40, attributes={"weapon": "bladed", "age": "15"}),
        *robberies(4, area_code="S", attributes={"weapon": "none", "age": "40"}),
        *robberies(13, "2025-02-01T03:00", area_code=None),
        *robberies(7, "2024-11-10T21:00", area_code="S"),
    )
    for sheet, table in found.tables.items():
        for column in ("count", "before"):
            shown = table[column].dropna()
            assert not ((shown > 0) & (shown < 10)).any(), (sheet, column)


def test_what_the_sources_do_not_hold_has_no_table(assessed):
    found = assessed(*daily(precision="month"), *robberies(30, precision="month", role="none"))
    held = (found.held_ages, found.held_weapons, found.held_places, found.held_times)
    assert held == (False, False, False, False)
    for sheet in ("ages", "victims", "places", "area_places", "weekdays", "hours", "health"):
        assert found.tables[sheet].empty, sheet
    assert found.tables["headline"]["title"].tolist() == ["Offences"]


def test_places_times_and_ages_add_up_to_the_offences_and_victims(assessed):
    found = assessed(
        *daily(),
        *robberies(30, attributes={"place": "public", "age": "17"}),
        *robberies(20, "2025-07-01T22:30", attributes={"place": "school"}),
    )
    tables = found.tables
    assert texts(tables["places"])["Public place"] == "30"
    assert texts(tables["places"])["Elsewhere or not recorded"] == "20"
    assert tables["weekdays"]["count"].sum() == tables["hours"]["count"].sum() == 50
    assert texts(tables["hours"])["21:00 to 23:59"] == "50"  # 22:00 and 23:30 in summer time
    assert texts(tables["ages"])["not recorded"] == "20"
    assert texts(tables["victims"]) == {"Victims": "50", "Victims under 25": "30"}


def test_health_is_given_by_area_and_whole_quarter(assessed):
    known = {"source": "ed", "kind": "assault_attendance", "discovery": "health"}
    days = pd.date_range("2024-01-01", "2025-08-31", freq="D")
    visits = [{"on": f"{day:%Y-%m-%d}T12:00", **known} for day in days]
    found = assessed(*daily(), *robberies(30), *visits)
    health = found.tables["health"]
    north = health[health["area_code"] == "N"]
    assert texts(north) == {
        "All quarters given": "181", "Jan to Mar": "90", "Apr to Jun": "91",
        "Jul to Sep": "", "Oct to Dec": "",
    }  # fmt: skip
    assert found.comparable
    assert set(health["verdict"]) == {"not given"}


def test_nothing_counted_names_the_years_that_hold_something(assessed):
    with pytest.raises(InputError, match="years that hold any: 2025") as caught:
        assessed(*daily(), *robberies(30), last=date(2022, 12, 1))
    assert caught.value.code == "NOTHING_COUNTED"
    with pytest.raises(InputError, match="years that hold any: none"):
        assessed(*daily())


def test_a_later_event_changes_nothing(assessed):
    rows = (*daily(), *robberies(60, attributes={"age": "20"}))
    plain, more = assessed(*rows), assessed(*rows, *robberies(50, known="2026-01-05T00:00"))
    for sheet, table in plain.tables.items():
        pd.testing.assert_frame_equal(table, more.tables[sheet])


def test_late_reports_are_measured_on_the_year_before(assessed):
    found = assessed(
        *daily(),
        *robberies(120),
        *robberies(90, "2024-06-10T21:00"),
        *robberies(30, "2024-12-28T21:00", known="2025-02-01"),
    )
    assert found.seen == 0.75
    assert found.seen_last is None  # thirty are too few to say
