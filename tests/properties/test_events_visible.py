"""Filters over events mean what a plain loop over the rows says they mean."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk_engine.config import EventFilter, OffenceDefinition
from risk_engine.engine import open_engine
from risk_engine.events import SCHEMA, condition, matches, visible

AS_OF = datetime.fromisoformat("2026-03-30")
NEAR = st.integers(-3, 3).map(lambda micro: AS_OF + timedelta(microseconds=micro))
KINDS, ROLES = ["robbery", "theft"], ["victim", "suspect"]
ATTRIBUTES = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "weapon": st.sampled_from(["bladed", "none"]),
        "age": st.sampled_from(["17", "30", "?"]),
        "place": st.sampled_from(["public", "home"]),
    },
)
EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(KINDS),
            "role": st.sampled_from(ROLES),
            "occurred_at": NEAR,
            "known_at": NEAR,
            "attributes": ATTRIBUTES,
        }
    ),
    max_size=8,
)
WHERE = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.lists(st.sampled_from(KINDS), max_size=2),
        "role": st.sampled_from(ROLES),
        "attributes": st.fixed_dictionaries({"weapon": st.sampled_from(["bladed", "none"])}),
    },
)
DEFINITION = st.fixed_dictionaries(
    {
        "include": st.lists(WHERE, min_size=1, max_size=2),
        "exclude": st.lists(WHERE, max_size=2),
        "focus": st.fixed_dictionaries(
            {}, optional={"under_age": st.just(25), "public_place": st.booleans()}
        ),
    }
)


@pytest.fixture(scope="module")
def engine():
    with open_engine() as opened:
        yield opened


def kept(engine, rows, compile_):
    fixed = dict.fromkeys(["record_id", "incident_id", "source", "precision", "discovery"], "x")
    full = [{"event_id": str(n), **fixed, **row} for n, row in enumerate(rows)]
    table = engine.table(pd.DataFrame(full, columns=list(SCHEMA)), SCHEMA)
    return {int(n) for n in table.filter(compile_(table)).event_id.execute()}


def holds(row, where):
    held = row["attributes"] or {}
    return (
        (not where.kind or row["kind"] in where.kind)
        and (not where.role or row["role"] in where.role)
        and all(held.get(name) in values for name, values in where.attributes.items())
    )


def counts(row, rule):
    held = row["attributes"] or {}
    age = held.get("age", "?")
    return (
        any(holds(row, where) for where in rule.include)
        and not any(holds(row, where) for where in rule.exclude)
        and (rule.focus.under_age is None or (age.isdigit() and int(age) < rule.focus.under_age))
        and (not rule.focus.public_place or held.get("place") == "public")
    )


@settings(max_examples=20, deadline=None)
@given(EVENTS)
def test_visible_needs_both_times_before_as_of(engine, rows):
    expected = {n for n, r in enumerate(rows) if max(r["occurred_at"], r["known_at"]) < AS_OF}
    assert kept(engine, rows, lambda table: visible(table, AS_OF)) == expected


@settings(max_examples=20, deadline=None)
@given(EVENTS, WHERE)
def test_a_filter_and_its_negation_share_the_events_between_them(engine, rows, where):
    rule = EventFilter.model_validate(where)
    taken = kept(engine, rows, lambda table: condition(table, rule))
    assert taken == {n for n, row in enumerate(rows) if holds(row, rule)}
    assert (
        kept(engine, rows, lambda table: ~condition(table, rule)) == set(range(len(rows))) - taken
    )


@settings(max_examples=20, deadline=None)
@given(EVENTS, DEFINITION)
def test_a_definition_counts_what_a_plain_loop_counts(engine, rows, parts):
    about = {"name": "d", "version": "1", "from_date": "2026-01-01", "title": "D"}
    rule = OffenceDefinition.model_validate(about | parts)
    expected = {n for n, row in enumerate(rows) if counts(row, rule)}
    assert kept(engine, rows, lambda table: matches(table, rule)) == expected
