"""A plain loop over rows recomputes what the feature queries gave."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from risk_engine.config import Contract, EventFilter, FeatureFile
from risk_engine.engine import open_engine
from risk_engine.events import LINKED_SCHEMA
from risk_engine.features import Feature, build, catalogue, explain

AS_OFS = [datetime.fromisoformat("2025-03-03") + timedelta(days=91 * i) for i in range(4)]
AREAS = ["E1", "E2", None]
KINDS = {"police": ["robbery", "theft", "assault"], "schools": ["absence"], "search": ["search"]}
HARM = {"kind": ["robbery", "assault"], "role": "victim"}
BLADE = {"attributes": {"weapon": ["bladed"]}}
SPECS: list[dict[str, Any]] = [
    {"name": "all", "windows": ["90d", "1y", "3y"]},
    {"name": "harm", "where": HARM, "windows": ["30d", "1y"]},
    {"name": "blade", "where": BLADE, "measure": "any", "windows": ["1y"]},
    {"name": "latest", "where": HARM, "measure": "days_since_last", "windows": ["90d", "3y"]},
    {"name": "kinds", "measure": "distinct", "of": "kind", "windows": ["1y"]},
    {"name": "areas", "measure": "distinct", "of": "area_code", "windows": ["3y"]},
    {"name": "cases", "where": HARM, "measure": "distinct", "of": "incident_id", "windows": ["1y"]},
    {"name": "fading", "where": HARM, "measure": "decayed", "half_life": ["30d", "1y"]},
]


def _contract(source: str, **changes: Any) -> Contract:
    return Contract.model_validate(
        {
            "source": source,
            "title": source,
            "agency": "Example",
            "controller": "Example",
            "agreement": {"reference": "EXAMPLE", "expires": "2030-01-01"},
            "personal_data": "personal",
            "regime": "UK GDPR",
            "lawful_basis": "Example",
            "retention": "50y",
            "cadence": "weekly",
            "discovery": "reported",
            "key": ["number"],
            "fields": {"number": {"column": "Number"}},
            "event": {"occurred_at": "number", "known_after": "1d", "kind": {"const": "x"}},
            **changes,
        }
    )


def _events(random: np.random.Generator, size: int) -> list[dict[str, Any]]:
    rows = []
    for number in range(size):
        source = str(random.choice(["police", "police", "schools", "search"]))
        occurred = AS_OFS[0] + timedelta(hours=int(random.integers(-24 * 1200, 24 * 300)))
        rows.append(
            {
                "person_id": f"p{random.integers(12)}" if random.random() > 0.05 else None,
                "event_id": f"e{number}",
                "incident_id": f"i{number // 2}",
                "source": source,
                "kind": str(random.choice(KINDS[source])),
                "role": str(random.choice(["victim", "suspect"])),
                "occurred_at": occurred,
                "known_at": occurred + timedelta(hours=int(random.integers(0, 24 * 60))),
                "precision": "minute",
                "easting": None,
                "northing": None,
                "area_code": AREAS[random.integers(3)],
                "discovery": "reported",
                "attributes": [None, {}, {"weapon": "bladed"}, {"weapon": "none"}][
                    random.integers(4)
                ],
            }
        )
    return rows


def _matches(event: dict[str, Any], where: EventFilter) -> bool:
    held = event["attributes"] or {}
    return (
        (not where.kind or event["kind"] in where.kind)
        and (not where.role or event["role"] in where.role)
        and all(held.get(name) in values for name, values in where.attributes.items())
    )


def _covered(unit: dict[str, Any], feature: Feature) -> bool:
    areas, (low, high) = feature.coverage.areas, feature.coverage.ages
    in_area = areas == "all" or unit["area_code"] in areas
    return in_area and ((low, high) == (0, 120) or low <= unit["age"] <= high)


def _counts(event: dict[str, Any], unit: dict[str, Any], feature: Feature) -> bool:
    moment = unit["as_of"]
    start = moment - timedelta(days=feature.window.days if feature.window else 10_000)
    return (
        event["person_id"] == unit["person_id"]
        and event["source"] in feature.sources
        and event["known_at"] < moment
        and start <= event["occurred_at"] < moment
        and _matches(event, feature.spec.where)
    )


def _value(events: list[dict[str, Any]], unit: dict[str, Any], feature: Feature) -> float | None:
    if not _covered(unit, feature):
        return None
    chosen = [event for event in events if _counts(event, unit, feature)]
    days = [(unit["as_of"] - event["occurred_at"]) / timedelta(days=1) for event in chosen]
    if feature.measure == "days_since_last":
        return min(days, default=None)
    if feature.half_life:
        return sum(0.5 ** (day / feature.half_life.days) for day in days)
    if feature.spec.of:
        return len({event[feature.spec.of] for event in chosen} - {None})
    return min(len(chosen), 1) if feature.measure == "any" else len(chosen)


@pytest.fixture(scope="module")
def world():
    """Return events, units and features, and the matrix that the engine gave."""
    contracts = {
        "police": _contract("police"),
        "schools": _contract("schools", coverage={"areas": ["E1"], "ages": [5, 16]}),
        "search": _contract("search", features_blocked=True),
    }
    specs = [{"label": "as x", "rationale": "test", **spec} for spec in SPECS]
    files = {
        source: FeatureFile.model_validate({"source": source, "features": specs})
        for source in ("police", "schools", "any")
    }
    features = catalogue(files, subject="person", contracts=contracts)
    random = np.random.default_rng(11)
    rows = _events(random, 600)
    units = [
        {
            "person_id": f"p{person}",
            "as_of": as_of,
            "age": float(random.integers(3, 20)),
            "area_code": AREAS[random.integers(3)],
        }
        for person in range(14)
        for as_of in AS_OFS
    ]
    with open_engine() as engine:
        engine.write(engine.table(pd.DataFrame(rows), LINKED_SCHEMA), engine.scratch / "e.parquet")
        events = engine.read(engine.scratch / "e.parquet")
        table = build(
            events, engine.table(pd.DataFrame(units)), unit="person_id", features=features
        )
        yield rows, units, features, engine.ibis.to_pandas(table), events


def test_a_loop_gives_the_same_values(world):
    rows, units, features, matrix, _ = world
    found = matrix.set_index(["person_id", "as_of"])
    random = np.random.default_rng(5)
    nulls = 0
    for _ in range(1500):
        unit, feature = units[random.integers(len(units))], features[random.integers(len(features))]
        expected = _value(rows, unit, feature)
        value = found.loc[(unit["person_id"], unit["as_of"]), feature.column]
        nulls += expected is None
        if expected is None:
            assert pd.isna(value), feature.column
        else:
            assert value == pytest.approx(expected, abs=1e-6), feature.column
    assert 50 < nulls < 1000  # both branches were seen


@pytest.mark.parametrize("column", ["person.police.harm_1y", "person.any.fading_h1y"])
def test_the_events_behind_a_value_add_up_to_it(world, column):
    _, _, features, matrix, events = world
    feature = next(feature for feature in features if feature.column == column)
    row = matrix[matrix[column] > 1].iloc[0]
    behind = explain(
        events,
        unit_id=row["person_id"],
        unit="person_id",
        feature=feature,
        as_of=row["as_of"].to_pydatetime(),
    )
    weights = pd.Series(1.0, index=behind.index)
    if feature.half_life:
        days = (row["as_of"] - behind["occurred_at"]) / timedelta(days=1)
        weights = 0.5 ** (days / feature.half_life.days)
    assert weights.sum() == pytest.approx(row[column], abs=1e-6)
