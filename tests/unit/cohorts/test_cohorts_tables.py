from datetime import date, datetime, timedelta

import pandas as pd
import pytest

from risk_engine.cohorts import outcomes, population
from risk_engine.config import OffenceDefinition
from risk_engine.events import LINKED_SCHEMA

T = datetime.fromisoformat("2026-01-05")
DEFINITION = OffenceDefinition.model_validate(
    {
        "name": "serious_violence",
        "version": "1",
        "from_date": date(2026, 1, 1),
        "title": "Serious violence",
        "include": [{"kind": "robbery"}],
        "exclude": [{"attributes": {"domestic": ["yes"]}}],
    }
)


def event(**changes):
    base = {
        "person_id": "a",
        "event_id": "e",
        "incident_id": "i",
        "source": "police_crime",
        "kind": "robbery",
        "role": "victim",
        "occurred_at": T + timedelta(days=10),
        "known_at": T + timedelta(days=12),
        "precision": "minute",
        "easting": None,
        "northing": None,
        "area_code": None,
        "discovery": "reported",
        "attributes": {},
    }
    return base | changes


def labelled(engine, events, *, spec, known_by=T + timedelta(days=400), people=("a",)):
    frame = pd.DataFrame(events, columns=list(LINKED_SCHEMA))
    table = engine.table(frame, {k: v.replace("!", "") for k, v in LINKED_SCHEMA.items()})
    dates = pd.Series([T] * len(people), dtype="datetime64[us]")
    asked = engine.table(
        pd.DataFrame({"person_id": list(people), "as_of": dates}),
        {"person_id": "string", "as_of": "timestamp(6)"},
    )
    found = outcomes(table, asked, spec=spec, definition=DEFINITION, known_by=known_by)
    return found.order_by("person_id").to_pyarrow().to_pandas()


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({}, 1),
        ({"role": "suspect"}, 0),
        ({"kind": "theft"}, 0),
        ({"discovery": "officer"}, 0),
        ({"discovery": "health"}, 1),
        ({"attributes": {"found_by": "officer"}}, 0),
        ({"attributes": {"found_by": "public"}}, 1),
        ({"attributes": {"domestic": "yes"}}, 0),
        ({"occurred_at": T}, 1),
        ({"occurred_at": T - timedelta(microseconds=1)}, 0),
        ({"occurred_at": T + timedelta(days=180)}, 0),
        ({"occurred_at": T + timedelta(days=180) - timedelta(microseconds=1)}, 1),
        ({"known_at": T + timedelta(days=400)}, 0),
        ({"person_id": "b"}, 0),
        ({"person_id": None}, 0),
        ({"kind": "assault_attendance", "role": "subject", "discovery": "health"}, 1),
        ({"kind": "assault_attendance", "role": "suspect", "discovery": "health"}, 0),
    ],
)
def test_what_counts(engine, new_spec, changes, label):
    outcome = {
        "definition": "serious_violence",
        "role": "victim",
        "horizon": "180d",
        "also_kinds": ["assault_attendance"],
    }
    found = labelled(engine, [event(**changes)], spec=new_spec(outcome=outcome))
    assert found["label"].tolist() == [label]
    assert found["label_known_at"].isna().tolist() == [not label]


def test_officer_found_events_count_only_where_the_spec_names_them(engine, new_spec):
    outcome = {
        "definition": "serious_violence",
        "role": "victim",
        "horizon": "180d",
        "discovery": ["officer", "reported"],
    }
    events = [event(attributes={"found_by": "officer"})]
    found = labelled(engine, events, spec=new_spec(outcome=outcome))
    assert found["label"].tolist() == [1]


def test_one_row_each_and_the_first_instant_known(engine, spec):
    events = [
        event(known_at=T + timedelta(days=60)),
        event(known_at=T + timedelta(days=12)),
        event(kind="theft", known_at=T + timedelta(days=1)),
    ]
    found = labelled(engine, events, spec=spec, people=("a", "b"))
    assert found["person_id"].tolist() == ["a", "b"]
    assert found["label"].tolist() == [1, 0]
    assert found["label_known_at"].iloc[0] == T + timedelta(days=12)


def test_no_events_and_nobody(engine, spec):
    assert labelled(engine, [], spec=spec)["label"].tolist() == [0]
    assert labelled(engine, [event()], spec=spec, people=()).empty


def test_population_by_age_and_recency(engine, spec):
    recent, edge, old = T - timedelta(days=1), T - timedelta(days=730), T - timedelta(days=731)
    rows = [
        ("young", 9.0, recent),
        ("first", 10.0, recent),
        ("last", 24.0, edge),
        ("last_part", 24.9, recent),
        ("older", 25.0, recent),
        ("unknown_age", None, recent),
        ("long_ago", 15.0, old),
    ]
    units = pd.DataFrame(
        [(p, T, age, None, known) for p, age, known in rows],
        columns=["person_id", "as_of", "age", "area_code", "last_known_at"],
    )
    schema = {
        "person_id": "string",
        "as_of": "timestamp(6)",
        "age": "float64",
        "area_code": "string",
        "last_known_at": "timestamp(6)",
    }
    found = population(engine.table(units, schema), spec=spec)
    assert list(found.columns) == ["person_id", "as_of", "age", "area_code"]
    assert sorted(found.to_pyarrow().to_pandas()["person_id"]) == ["first", "last", "last_part"]
