"""The event table: what is visible when, what a filter means, what a definition counts."""

from __future__ import annotations

from datetime import datetime

import ibis
import pandas as pd
import pytest

from risk_engine.config import EventFilter, OffenceDefinition
from risk_engine.engine import open_engine
from risk_engine.events import LINKED_SCHEMA, SCHEMA, attach_people, condition, matches, visible

AS_OF = datetime.fromisoformat("2026-01-05T00:00")


@pytest.fixture(scope="module")
def engine():
    with open_engine() as opened:
        yield opened


@pytest.fixture(scope="module")
def table(engine):
    def make(*rows):
        base = {
            "record_id": "r1",
            "incident_id": "i1",
            "source": "police",
            "kind": "robbery",
            "role": "victim",
            "occurred_at": datetime.fromisoformat("2025-06-01"),
            "known_at": datetime.fromisoformat("2025-06-02"),
            "precision": "minute",
            "easting": 1.0,
            "northing": 2.0,
            "area_code": "E07",
            "discovery": "reported",
            "attributes": {},
        }
        full = [{"event_id": f"e{n}", **base, **row} for n, row in enumerate(rows)]
        return engine.table(pd.DataFrame(full, columns=list(SCHEMA)), SCHEMA)

    return make


def kept(table, where):
    return sorted(table.filter(where).event_id.execute())


def definition(**changes):
    parts = {
        "name": "serious",
        "version": "1",
        "from_date": "2026-01-01",
        "title": "Serious",
        "include": [{"kind": "robbery"}],
    }
    return OffenceDefinition.model_validate(parts | changes)


def moment(text):
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("occurred", "known", "seen"),
    [
        ("2026-01-04T23:59:59.999999", "2026-01-04T23:59:59.999999", True),
        ("2026-01-04T23:59", "2026-01-05T00:00", False),  # known in the first instant not known
        ("2026-01-05T00:00", "2026-01-04T00:00", False),  # announced before it happens
        ("2025-01-01", "2026-01-06", False),  # long past, told late
        ("2026-01-06", "2026-01-06", False),
    ],
)
def test_visible_is_before_as_of_in_both_times(table, occurred, known, seen):
    events = table({"occurred_at": moment(occurred), "known_at": moment(known)})
    assert bool(kept(events, visible(events, AS_OF))) is seen


def test_an_empty_filter_takes_everything(table):
    events = table({}, {"kind": "theft"})
    assert kept(events, condition(events, EventFilter())) == ["e0", "e1"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"kind": "robbery"}, ["e0", "e1"]),
        ({"kind": ["robbery", "theft"]}, ["e0", "e1", "e2"]),
        ({"kind": "robbery", "role": "suspect"}, ["e1"]),
        ({"source": "health"}, ["e2"]),
        ({"discovery": "officer"}, []),
        ({"attributes": {"weapon": "bladed"}}, ["e0"]),
        ({"attributes": {"weapon": ["bladed", "firearm"]}}, ["e0", "e1"]),
        ({"attributes": {"weapon": "bladed", "age": "17"}}, []),
    ],
)
def test_every_key_of_a_filter_must_hold(table, where, expected):
    events = table(
        {"attributes": {"weapon": "bladed"}},
        {"role": "suspect", "attributes": {"weapon": "firearm", "age": "17"}},
        {"kind": "theft", "source": "health", "attributes": None},
    )
    assert kept(events, condition(events, EventFilter.model_validate(where))) == expected


def test_a_negated_filter_keeps_what_does_not_hold_the_attribute(table):
    events = table({"attributes": {"domestic": "yes"}}, {"attributes": {}}, {"attributes": None})
    where = EventFilter(attributes={"domestic": ["yes"]})
    assert kept(events, ~condition(events, where)) == ["e1", "e2"]


def test_a_definition_takes_any_inclusion_and_no_exclusion(table):
    rule = definition(
        include=[{"kind": "robbery"}, {"kind": "injury", "attributes": {"weapon": "bladed"}}],
        exclude=[{"attributes": {"domestic": "yes"}}],
    )
    events = table(
        {},
        {"kind": "injury"},
        {"kind": "injury", "attributes": {"weapon": "bladed"}},
        {"kind": "injury", "attributes": {"weapon": "bladed", "domestic": "yes"}},
        {"kind": "theft"},
    )
    assert kept(events, matches(events, rule)) == ["e0", "e2"]


def test_an_age_limit_needs_an_age_that_is_a_number(table):
    rule = definition(focus={"under_age": 25})
    ages = ["24", "25", "0", "24.9", "unknown", ""]
    events = table(*({"attributes": {"age": age}} for age in ages), {"attributes": None})
    assert kept(events, matches(events, rule)) == ["e0", "e2", "e3"]


def test_a_public_place_must_be_recorded_as_one(table):
    rule = definition(focus={"public_place": True})
    events = table({"attributes": {"place": "public"}}, {"attributes": {"place": "home"}}, {})
    assert kept(events, matches(events, rule)) == ["e0"]


def test_an_empty_table_stays_empty(table):
    events = table()
    assert kept(events, visible(events, AS_OF) & matches(events, definition())) == []


def test_events_get_their_people_and_none_is_lost(engine, table):
    events = table({}, {"record_id": "r2"}, {"record_id": "r2", "kind": "theft"}, {"record_id": ""})
    links = engine.table(
        pd.DataFrame(
            {"record_id": ["r1", "r2", "r9"], "person_id": ["p1", "p2", "p9"], "weight": 1.0}
        )
    )
    joined = attach_people(events, links)
    assert list(joined.columns) == list(LINKED_SCHEMA)
    rows = joined.order_by("event_id").execute()
    assert rows["person_id"].fillna("nobody").tolist() == ["p1", "p2", "p2", "nobody"]


def test_no_link_leaves_every_event_without_a_person(engine, table):
    links = engine.table(
        pd.DataFrame({"record_id": [], "person_id": []}),
        {"record_id": "string", "person_id": "string"},
    )
    rows = attach_people(table({}, {}), links).execute()
    assert len(rows) == 2
    assert rows["person_id"].isna().all()


def test_the_record_is_gone_once_the_person_is_known():
    assert "record_id" not in LINKED_SCHEMA
    assert set(SCHEMA) - set(LINKED_SCHEMA) == {"record_id"}
    assert ibis.schema(LINKED_SCHEMA).names[0] == "person_id"
