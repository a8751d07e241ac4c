"""The tracker's facts on small made-up sources, with known answers."""

# ruff: noqa: DTZ001 - all times are naive UTC here
from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from risk_engine.config import AreasConfig
from risk_engine.partners.tracker import Refusal, Window, agreement_facts, source_facts
from risk_engine.partners.tracker.assemble import by_agency
from risk_engine.partners.tracker.barriers import barriers

AS_OF = datetime(2025, 5, 31, 23)  # 1 June 2025, local
WEST, EAST = ("455000", "125000"), ("465000", "125000")


@pytest.fixture(scope="module")
def areas():
    return AreasConfig(
        force_area={"code": "F1", "name": "Both"},
        local_areas=[{"code": "W1", "name": "West"}, {"code": "E1", "name": "East"}],
    )


@pytest.fixture
def stands(read, agreed, areas, area_map):
    """Return a function that reads rows and says how the source stands on 1 June 2025."""

    def run(rows, contract=None, **made):
        contract = contract or agreed()
        if isinstance(rows, Refusal):
            found = rows
        else:
            found = replace(read(rows, agreed=contract, as_of=AS_OF), **made)
        return source_facts(
            contract,
            found,
            agreement=agreement_facts(contract, on=date(2025, 6, 1), today=date(2025, 6, 1)),
            areas=areas,
            polygons=area_map,
            window=Window.at(AS_OF, "Europe/London"),
        )

    return run


def many(row, n, at, known, place=WEST, start=0, **changes):
    """Return `n` rows that differ by their key and incident."""
    x, y = place
    return [
        row(f"A{i}", Incident=f"I{i}", When=f"{at} 10:00", Recorded=known, East=x, North=y)
        if not changes
        else row(
            f"A{i}",
            Incident=f"I{i}",
            When=f"{at} 10:00",
            Recorded=known,
            East=x,
            North=y,
            **changes,
        )
        for i in range(start, start + n)
    ]


def test_rows_of_the_last_month_are_the_change(stands, row):
    old = many(row, 20, "2025-04-01", "2025-04-02")
    new = many(row, 7, "2025-05-20", "2025-05-21", start=100)
    later = many(row, 9, "2025-06-20", "2025-06-21", start=200)
    found = stands([*old, *new, *later])
    assert (found.known, found.change, found.change_text) == (27, 7, "7 more")
    assert (found.freshness.last_known, found.newest_before) == (
        date(2025, 5, 21),
        date(2025, 4, 2),
    )
    assert found.freshness.last_occurred == date(2025, 5, 20)
    assert found.rows.read == found.rows.accepted == 36


def test_a_month_without_a_row_is_no_change_and_late(stands, row):
    found = stands(many(row, 30, "2025-04-01", "2025-04-02"))
    assert (found.change, found.change_text) == (0, "no change")
    assert found.freshness.state == "stale"
    assert found.newest_before == found.freshness.last_known


def test_few_rows_are_hidden_wherever_they_would_show(stands, row):
    found = stands([row()])
    assert (found.known, found.known_text) == (None, "fewer than 6")
    assert (found.change, found.change_text) == (None, "fewer than 6 more")
    assert found.rows is None
    assert all(field.share is None for field in found.fields)
    assert {area.count for area in found.coverage.areas} == {None}
    assert not any(area.silent for area in found.coverage.areas)


def test_an_empty_file_with_a_header_says_that_nothing_is_known(stands):
    found = stands([])
    assert (found.known, found.change, found.freshness.state) == (0, 0, "nothing")
    assert (found.fields, found.coverage.areas_now) == ((), 0)
    assert found.rows.read == 0


def test_incidents_are_counted_once_in_each_area_of_the_last_year(stands, row):
    west = many(row, 8, "2025-03-01", "2025-03-02")
    same = [row(f"B{i}", Incident="I0", When="2025-03-01 10:00") for i in range(5)]
    old = many(row, 50, "2024-03-01", "2024-03-02", place=EAST, start=500)
    found = stands([*west, *same, *old])
    shown = {area.name: (area.text, area.covered, area.silent) for area in found.coverage.areas}
    # row() is recorded on 2 May: five rows of one incident that is there already
    assert shown["West"] == ("8", True, False)
    assert shown["East"] == ("0", True, True)
    assert (found.coverage.areas_now, found.coverage.areas_before) == (1, 1)


def test_areas_that_begin_to_send_are_a_change(stands, row):
    west = many(row, 8, "2025-03-01", "2025-03-02")
    east = many(row, 8, "2025-05-20", "2025-05-21", place=EAST, start=100)
    found = stands([*west, *east])
    assert (found.coverage.areas_now, found.coverage.areas_before) == (2, 1)


def test_an_area_outside_the_contract_is_not_silent_but_not_covered(stands, row, agreed):
    contract = agreed(coverage={"areas": ["W1"], "ages": [10, 17]})
    found = stands(many(row, 8, "2025-03-01", "2025-03-02"), contract)
    assert [(a.name, a.covered) for a in found.coverage.areas][:2] == [
        ("West", True),
        ("East", False),
    ]
    assert found.covers == "1 of 2 areas, ages 10 to 17"


def test_small_areas_are_hidden_with_what_would_give_them_away(stands, row):
    rows = many(row, 3, "2025-03-01", "2025-03-02")
    rows += many(row, 40, "2025-03-01", "2025-03-02", place=EAST, start=100)
    found = stands(rows)
    assert [area.count for area in found.coverage.areas][:2] == [None, None]
    assert found.coverage.areas[0].text == "fewer than 6"


def test_rows_by_home_where_events_have_no_place(stands, row, agreed):
    event = {"occurred_at": "when", "known_at": "recorded", "kind": "type", "role": "role"}
    home = {"x": "east", "y": "north", "crs": "EPSG:27700"}
    contract = agreed(event=event, person={"last_name": "last", "home": home})
    found = stands(many(row, 8, "2025-03-01", "2025-03-02"), contract)
    assert found.coverage.counted == "rows by home"
    assert [area.text for area in found.coverage.areas] == ["8", "0", "0"]


def test_a_source_without_places_has_no_areas(stands, row, agreed):
    event = {"occurred_at": "when", "known_at": "recorded", "kind": "type", "role": "role"}
    found = stands(many(row, 8, "2025-03-01", "2025-03-02"), agreed(event=event))
    assert (found.coverage.counted, found.coverage.areas) == ("", ())


def test_completeness_now_and_a_month_earlier(stands, row):
    old = many(row, 100, "2025-04-01", "2025-04-02")
    new = many(row, 100, "2025-05-20", "2025-05-21", start=100, Born="", Postcode="", Age="")
    found = stands([*old, *new])
    by_column = {field.column: field for field in found.fields}
    assert (by_column["Born"].share, by_column["Born"].before) == (0.5, 1.0)
    assert (by_column["Age"].share, by_column["Age"].before) == (0.5, 1.0)
    assert (by_column["Last"].share, by_column["When"].share) == (1.0, 1.0)
    assert by_column["Born"].key
    assert [field.share for field in found.fields] == sorted(f.share for f in found.fields)


def test_who_is_not_named_at_all_counts_as_not_filled(stands, row):
    named = many(row, 90, "2025-04-01", "2025-04-02")
    nameless = many(
        row, 30, "2025-04-01", "2025-04-02", start=100, First="", Last="", Born="", Postcode="S1"
    )
    found = stands([*named, *nameless])
    last = next(field for field in found.fields if field.column == "Last")
    assert last.share == 0.75


@pytest.mark.parametrize(
    ("empty", "share", "note"),
    [
        (0, 1.0, ""),
        (3, None, "all but fewer than 6 rows"),
        (20, 0.9, ""),
        (197, None, "fewer than 6 rows"),
        (200, 0.0, ""),
    ],
)
def test_a_share_that_names_a_few_rows_is_hidden(stands, row, empty, share, note):
    rows = many(row, 200 - empty, "2025-04-01", "2025-04-02")
    rows += many(row, empty, "2025-04-01", "2025-04-02", start=500, Born="")
    born = next(field for field in stands(rows).fields if field.column == "Born")
    assert (born.share, born.note) == (share, note)


def test_shares_of_protected_fields_come_from_the_reading(stands, row):
    stated = many(row, 80, "2025-04-01", "2025-04-02")
    silent = many(row, 120, "2025-04-01", "2025-04-02", start=80, Ethnicity="")
    found = stands(stated + silent)
    told = next(field for field in found.fields if field.column == "Ethnicity")
    assert (told.share, told.before, told.what) == (0.4, None, "ethnicity, recorded by self")


def test_a_refused_source_keeps_its_agreement_and_reason(stands):
    found = stands(Refusal("MISSING_FILE", "no file 'a.csv'", "put it there"))
    assert (found.refused.code, found.rows, found.fields) == ("MISSING_FILE", None, ())
    assert found.agreement.reference == "TEST-1"
    assert (found.coverage.areas, found.freshness.state) == ((), "nothing")


@pytest.mark.parametrize(
    ("starts", "expires", "today", "state"),
    [
        (None, date(2026, 6, 1), date(2025, 6, 1), "in force"),
        (None, date(2025, 8, 30), date(2025, 6, 1), "ends soon"),
        (None, date(2025, 8, 31), date(2025, 6, 1), "in force"),
        (None, date(2025, 6, 1), date(2025, 6, 1), "ends soon"),
        (None, date(2025, 5, 31), date(2025, 6, 1), "ended"),
        (None, date(2025, 12, 1), date(2026, 6, 1), "ended"),  # since the date of the tracker
        (date(2025, 6, 2), date(2030, 1, 1), date(2025, 6, 1), "not yet started"),
        (date(2025, 6, 1), date(2030, 1, 1), date(2025, 6, 1), "in force"),
    ],
)
def test_the_state_of_an_agreement(agreed, starts, expires, today, state):
    contract = agreed(agreement={"reference": "T", "starts": starts, "expires": expires})
    found = agreement_facts(contract, on=date(2025, 6, 1), today=today)
    assert found.state == state


# --- sources of counts ---------------------------------------------------------------------------


def counts_contract(agreed, **measures):
    """Return the contract of counts by local authority and month."""
    return agreed(
        personal_data="none",
        key=["zone", "month"],
        cadence="monthly",
        fields={
            "zone": {"column": "Zone"},
            "month": {"column": "Month", "type": "month", "formats": ["%Y-%m"]},
            "calls": {"column": "Calls", "type": "number"},
        },
        event=None,
        measures={
            "zone": "zone",
            "geography": "local_authority",
            "values": {"call_outs": "calls"},
            "period": "month",
        }
        | measures,
        person=None,
        protected=[],
    )


def test_a_month_of_only_zeros_was_sent(read, agreed, areas, area_map):
    contract = counts_contract(agreed)
    months = ["2025-01", "2025-02", "2025-03", "2025-04"]
    rows = [f"{code},{month},0" for code in ("W1", "E1") for month in months]
    found = source_facts(
        contract,
        read(rows, agreed=contract, header="Zone,Month,Calls", as_of=AS_OF),
        agreement=agreement_facts(contract, on=date(2025, 6, 1), today=date.min),
        areas=areas,
        polygons=area_map,
        window=Window.at(AS_OF, "Europe/London"),
    )
    assert (found.known, found.coverage.areas_now) == (8, 2)
    assert not any(area.silent for area in found.coverage.areas[:2])
    assert found.freshness.last_occurred == date(2025, 4, 1)
    assert found.freshness.state == "on time"
    assert found.fields[0].note == "fewer than 100 rows to judge by"


# --- barriers ------------------------------------------------------------------------------------


def in_the_way(facts, contract, expected=()):
    agencies = by_agency([facts], expected)
    return barriers(agencies, {contract.source: contract}, on=date(2025, 6, 1))


def test_barriers_of_the_contract_come_overdue_first(stands, row, agreed):
    contract = agreed(
        cadence="yearly",
        barriers=[
            {"barrier": "no date", "action": "a"},
            {"barrier": "next", "action": "b", "due": "2025-06-01", "owner": "Lead"},
            {"barrier": "missed", "action": "c", "due": "2025-05-31"},
        ],
    )
    rows = many(row, 120, "2025-05-20", "2025-05-21")
    rows += many(row, 10, "2025-05-20", "2025-05-21", place=EAST, start=500)
    found = in_the_way(stands(rows, contract), contract)
    assert [(b.barrier, b.overdue, b.seen_by) for b in found] == [
        ("missed", True, "partnership"),
        ("next", False, "partnership"),
        ("no date", False, "partnership"),
    ]


def test_what_the_engine_sees_comes_with_a_suggestion(stands, row, agreed):
    agreement = {"reference": "T", "expires": "2025-07-01"}
    contract = agreed(agreement=agreement, quarantine_limit=0.2)
    rows = many(row, 150, "2025-04-01", "2025-04-02", Born="")
    rows += many(row, 20, "2025-04-01", "2025-04-02", start=500, Type="??")
    found = in_the_way(stands(rows, contract), contract, ["Health", "EXAMPLE"])
    words = [barrier.barrier for barrier in found]
    assert words == [
        "The sharing agreement T ends on 1 July 2025, in 30 days",
        (
            "It is stale: the newest record is of 2 April 2025, "
            "and a newer one was due on 9 April 2025"
        ),
        "11.8% of its rows break the contract; above 20% the source is refused",
        "Covered, and nothing sent in 12 months: East",
        "Often empty; filled in: birth date 0.0 %",
        "It is expected to share and shares nothing yet",
    ]
    assert all(barrier.action and barrier.seen_by == "engine" for barrier in found)
    assert [b.agency for b in found][-1] == "Health"


def test_a_refused_source_is_one_barrier(stands, agreed):
    contract = agreed(agreement={"reference": "T", "expires": "2025-05-01"})
    ended = stands(Refusal("AGREEMENT_EXPIRED", "it has ended", "renew it"), contract)
    (found,) = in_the_way(ended, contract)
    assert (
        found.barrier
        == "The sharing agreement T ended on 1 May 2025; nothing of this source is read"
    )
    missing = stands(Refusal("MISSING_FILE", "no file 'a.csv'", "put it there"))
    (found,) = in_the_way(missing, agreed())
    assert (found.barrier, found.action) == (
        "Nothing could be read: no file 'a.csv'",
        "put it there",
    )


def test_agencies_are_one_whatever_their_capitals(stands):
    facts = stands(Refusal("X", "y", ""))
    agencies = by_agency([facts], ["example", "Health"])
    assert [(a.agency, a.expected, len(a.sources)) for a in agencies] == [
        ("example", True, 1),
        ("Health", True, 0),
    ]
    assert [a.expected for a in by_agency([facts], [])] == [False]
