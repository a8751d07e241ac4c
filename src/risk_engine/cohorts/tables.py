"""Who may be listed on a date, and what happened to them in the horizon after it."""

from __future__ import annotations

from datetime import datetime

import ibis
import ibis.expr.types as ir

from risk_engine.config import CohortSpec, EventFilter, OffenceDefinition
from risk_engine.config.cohort import Outcome
from risk_engine.events import condition, matches

#: Roles under which a health source may name the person that the outcome is about.
_HEALTH_ROLES = {"victim": ["victim", "subject"], "suspect": ["suspect"]}
_OFFICER = EventFilter(attributes={"found_by": ["officer"]})


def population(units: ir.Table, *, spec: CohortSpec) -> ir.Table:
    """Keep the people who may be listed on each date.

    Parameters
    ----------
    units
        ``person_id, as_of, age, area_code, last_known_at``: people as they were known at each
        `as_of`; age in years, null where the birth month is not held.
    spec
        Age range in whole years, both ends included (an unknown age is outside it), and how
        recently any source must have known the person.

    Returns
    -------
    ibis.expr.types.Table
        ``person_id, as_of, age, area_code``.
    """
    youngest, oldest = spec.cohort.age
    in_range = (units.age >= youngest) & (units.age < oldest + 1)
    recent = units.last_known_at >= units.as_of - ibis.interval(days=spec.cohort.known_within.days)
    return units.filter(in_range & recent).select("person_id", "as_of", "age", "area_code")


def outcomes(
    events: ir.Table,
    population: ir.Table,
    *,
    spec: CohortSpec,
    definition: OffenceDefinition,
    known_by: datetime,
) -> ir.Table:
    """Label each person and date by what was recorded in the horizon after the date.

    Parameters
    ----------
    events
        Columns of `risk_engine.events.LINKED_SCHEMA`.
    population
        ``person_id, as_of``; one row each.
    spec
        Role, horizon, accepted ways of discovery, further kinds of health sources.
    definition
        The offence definition in force.
    known_by
        Events known at or after this instant (naive UTC) do not count.

    Returns
    -------
    ibis.expr.types.Table
        ``person_id, as_of, label, label_known_at``: label 1 where an event that counts occurred in
        ``[as_of, as_of + horizon)``, and the first instant at which one was known (null otherwise).
        The rows of `population`, so that a date ``v`` may use
        ``label & (label_known_at < v)``.
    """
    counted = events.filter(
        _counts(events, spec.outcome, definition)
        & (events.known_at < ibis.literal(known_by, type="timestamp(6)"))
        & events.person_id.notnull()
    ).select("person_id", "occurred_at", "known_at")
    asked = population.select("person_id", "as_of")
    end = asked.as_of + ibis.interval(days=spec.outcome.horizon.days)
    found = (
        asked.join(
            counted,
            [
                asked.person_id == counted.person_id,
                counted.occurred_at >= asked.as_of,
                counted.occurred_at < end,
            ],
        )
        .group_by(["person_id", "as_of"])
        .agg(label_known_at=lambda t: t.known_at.min())
    )
    labelled = asked.left_join(found, ["person_id", "as_of"])
    return labelled.select(
        "person_id",
        "as_of",
        label=labelled.label_known_at.notnull().cast("int8"),
        label_known_at=labelled.label_known_at,
    )


def _counts(events: ir.Table, outcome: Outcome, definition: OffenceDefinition) -> ir.BooleanValue:
    by_definition = matches(events, definition) & (events.role == outcome.role)
    also = EventFilter(kind=outcome.also_kinds, role=_HEALTH_ROLES[outcome.role])
    by_kind = condition(events, also) if outcome.also_kinds else ibis.literal(False)
    accepted = (by_definition | by_kind) & events.discovery.isin(outcome.discovery)
    if "officer" in outcome.discovery:
        return accepted
    # a source counts as "reported" as a whole, yet some of its events were found on patrol
    return accepted & ~condition(events, _OFFICER)
