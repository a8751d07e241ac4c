"""The events behind a value, and the search for leaks."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest

from risk_engine.errors import InputError
from risk_engine.events import LINKED_SCHEMA, condition
from risk_engine.features import build, explain, leaks

AS_OF = datetime.fromisoformat("2026-01-05")  # naive UTC, as everywhere
DAY = timedelta(days=1)
SPECS = (
    {"name": "count", "windows": ["1y"], "where": {"kind": "robbery"}},
    {"name": "last", "windows": ["1y"], "measure": "days_since_last"},
)


@pytest.fixture(scope="module")
def tables(engine):
    rows = [
        ("p1", "e1", "police", "robbery", AS_OF - 9 * DAY, AS_OF - 8 * DAY),
        ("p1", "e2", "police", "theft", AS_OF - 8 * DAY, AS_OF - 7 * DAY),
        ("p1", "e3", "police", "robbery", AS_OF - 7 * DAY, AS_OF - 6 * DAY),
        ("p1", "e4", "police", "robbery", AS_OF - 400 * DAY, AS_OF - 6 * DAY),
        ("p1", "e5", "police", "robbery", AS_OF - 5 * DAY, AS_OF),
        ("p1", "e6", "schools", "robbery", AS_OF - 5 * DAY, AS_OF - 4 * DAY),
        ("p2", "e7", "police", "robbery", AS_OF - 5 * DAY, AS_OF - 4 * DAY),
    ]
    names = ["person_id", "event_id", "source", "kind", "occurred_at", "known_at"]
    frame = pd.DataFrame(rows, columns=names).assign(
        incident_id=lambda t: t["event_id"],
        role="victim",
        precision="minute",
        easting=None,
        northing=None,
        area_code="E1",
        discovery="reported",
        attributes=[{}] * len(rows),
    )[list(LINKED_SCHEMA)]
    units = pd.DataFrame({"person_id": ["p1", "p2"], "as_of": AS_OF})
    path = engine.scratch / "events.parquet"
    engine.write(engine.table(frame, LINKED_SCHEMA), path)
    engine.write(engine.table(units), engine.scratch / "units.parquet")
    return engine.read(path), engine.read(engine.scratch / "units.parquet")


def test_explain_shows_what_was_counted_newest_first(tables, features):
    events, units = tables
    for feature, expected in zip(features(*SPECS), (["e3", "e1"], ["e3", "e2", "e1"]), strict=True):
        found = explain(events, unit_id="p1", unit="person_id", feature=feature, as_of=AS_OF)
        assert found["event_id"].tolist() == expected
    built = build(events, units, unit="person_id", features=features(*SPECS)).to_pandas()
    assert built["person.file.count_1y"].tolist() == [2, 1]
    assert built["person.file.last_1y"].tolist() == [7, 5]
    assert list(found.columns) == [
        "event_id", "occurred_at", "known_at", "source", "kind", "role",
    ]  # fmt: skip


def test_explain_of_somebody_without_events_is_empty(tables, features):
    feature = features(*SPECS)[0]
    options = {"feature": feature, "as_of": AS_OF}
    assert explain(tables[0], unit_id="p9", unit="person_id", **options).empty
    with pytest.raises(InputError, match="no column 'cell_id'"):
        explain(tables[0], unit_id="p9", unit="cell_id", **options)


def test_no_leaks(tables, features):
    assert leaks(*tables, unit="person_id", features=features(*SPECS), seed=1) == []


def test_no_units_no_leaks(tables, features):
    events, units = tables
    nobody = units.filter(units.person_id == "p9")
    assert leaks(events, nobody, unit="person_id", features=features(*SPECS), seed=1) == []


def _careless(events, units, *, unit, features):
    """Count with one of the two times forgotten, as a careless feature would."""
    right = build(events, units, unit=unit, features=features)
    for number, forgotten in enumerate(("known_at", "occurred_at")):
        other = {"known_at": "occurred_at", "occurred_at": "known_at"}[forgotten]
        facts = events.filter(condition(events, features[number].spec.where))
        joined = facts.join(units, [facts[unit] == units[unit], facts[other] < units.as_of])
        counted = joined.group_by(unit).aggregate(wrong=joined.count())
        right = right.left_join(counted, unit, rname="{name}__wrong")
        values = {features[number].column: right.wrong.cast("float64")}
        right = right.mutate(**values).select(unit, "as_of", *[f.column for f in features])
    return right.order_by(unit)


def test_a_leak_is_found_and_named(tables, features):
    made = features(*SPECS, {"name": "right", "windows": ["1y"]})
    found = leaks(*tables, unit="person_id", features=made, seed=1, compute=_careless)
    assert found == ["person.file.count_1y", "person.file.last_1y"]
