"""Features -> one Ibis query a source -> a matrix as things were known at each as-of date.

``as_of`` is the first instant not known. An event counts for a row only if ``known_at < as_of`` and
``occurred_at < as_of``, and for a window only if ``occurred_at >= as_of - window``. Each source is
read once: its events meet the as-of dates of their unit in a plain join, and every window of every
feature is a conditional aggregate over that join. Nothing here belongs to one database.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import ibis
import ibis.expr.types as ir

from risk_engine.config.contract import Coverage
from risk_engine.errors import InputError
from risk_engine.events import condition
from risk_engine.features.feature import Feature

_DAY = 86_400
# Decayed weights are summed as whole billionths: a sum of integers does not depend on the order in
# which an engine adds, a sum of fractions does.
_BILLIONTHS = 1_000_000_000


def build(events: ir.Table, units: ir.Table, *, unit: str, features: Sequence[Feature]) -> ir.Table:
    """Compute features for every unit at every as-of date.

    Parameters
    ----------
    events
        Columns of `risk_engine.events.LINKED_SCHEMA`, and `unit` where that is another one (such
        as ``cell_id``). Events without a unit, or that are not yet visible, count for nobody.
    units
        `unit` and ``as_of`` (timestamp, naive UTC), never null; ``area_code`` and ``age`` (whole
        years) as of that date where the contract of a source limits its coverage. A place has no
        age, so that limits of age do not touch it.
    unit
        Name of the column that identifies a unit.
    features
        Columns to compute.

    Returns
    -------
    ibis.expr.types.Table
        ``unit, as_of``, then one float64 column a feature: exactly the rows of `units`, sorted.
        Null where the source does not cover the unit at that date, and for ``days_since_last``
        where nothing was recorded in the window; otherwise 0 where nothing was recorded.

    Raises
    ------
    InputError
        ``FEATURE_TABLE`` if a column that is needed is missing or ``as_of`` is no timestamp.
    """
    _check(events, units, unit, features)
    keys = [unit, "as_of"]
    matrix = units
    for sources, group in groupby(sorted(features, key=_sources), key=_sources):
        made = _of_sources(events, units.select(keys).distinct(), unit, sources, list(group))
        matrix = matrix.left_join(made, keys, rname="{name}__made")
    values = {feature.column: _value(matrix, feature) for feature in features}
    return matrix.select(*keys, **values).order_by(keys)


def _sources(feature: Feature) -> tuple[str, ...]:
    return feature.sources


def _of_sources(
    events: ir.Table,
    moments: ir.Table,
    unit: str,
    sources: tuple[str, ...],
    features: Sequence[Feature],
) -> ir.Table:
    """Aggregate the visible events of some sources; units without any have no row."""
    filters = {feature.spec.where.model_dump_json(): feature.spec.where for feature in features}
    flags = {where: f"match_{number}" for number, where in enumerate(filters)}
    needed = {"occurred_at", "known_at", unit} | {f.spec.of for f in features if f.spec.of}
    facts = events.filter(events["source"].isin(sources)).select(
        *sorted(needed), **{flags[key]: condition(events, where) for key, where in filters.items()}
    )
    joined = facts.join(moments, _visible(facts, moments, unit, features))
    joined = joined.mutate(age=joined.as_of.epoch_seconds() - joined.occurred_at.epoch_seconds())
    return joined.group_by(unit, "as_of").aggregate(
        **{f.column: _aggregate(joined, f, flags[f.spec.where.model_dump_json()]) for f in features}
    )


def _visible(
    facts: ir.Table, moments: ir.Table, unit: str, features: Sequence[Feature]
) -> list[ir.BooleanValue]:
    """Return the join of events with dates: visible then, and within the longest window."""
    predicates = [
        facts[unit] == moments[unit],
        facts.known_at < moments.as_of,
        facts.occurred_at < moments.as_of,
    ]
    windows = [feature.window for feature in features]
    if None not in windows:
        longest = max(window.days for window in windows if window)
        predicates.append(facts.occurred_at >= moments.as_of - ibis.interval(days=longest))
    return predicates


def _aggregate(joined: ir.Table, feature: Feature, flag: str) -> ir.NumericScalar:
    counts = joined[flag]
    if feature.window:
        start = joined.as_of - ibis.interval(days=feature.window.days)
        counts &= joined.occurred_at >= start
    if feature.half_life:
        weight = ibis.literal(0.5) ** (joined.age / float(feature.half_life.days * _DAY))
        return (weight * _BILLIONTHS).round().cast("int64").sum(where=counts)
    if feature.measure == "days_since_last":
        return joined.age.min(where=counts)
    if feature.spec.of:
        return joined[feature.spec.of].nunique(where=counts)
    return joined.count(where=counts)


def _value(matrix: ir.Table, feature: Feature) -> ir.FloatingColumn:
    """Turn an aggregate into the value: its unit, and zero or null where there is no row."""
    found = matrix[feature.column].cast("float64")
    if feature.measure == "days_since_last":
        value = found / float(_DAY)
    elif feature.measure == "decayed":
        value = found.fill_null(0.0) / float(_BILLIONTHS)
    elif feature.measure == "any":
        value = (found.fill_null(0.0) > 0).cast("float64")
    else:
        value = found.fill_null(0.0)
    covered = _covered(matrix, feature)
    return value if covered is None else ibis.ifelse(covered, value, ibis.null("float64"))


def _covered(matrix: ir.Table, feature: Feature) -> ir.BooleanValue | None:
    """Return where the source can know about the unit; none if it knows everybody."""
    by_area, by_age = _limits(feature)
    area = matrix.area_code.isin(feature.coverage.areas) if by_area else ibis.literal(True)
    age = matrix.age.between(*feature.coverage.ages) if by_age else ibis.literal(True)
    # An area or age that is not known is not covered: nothing can be said.
    return (area & age).fill_null(False) if by_area or by_age else None


def _limits(feature: Feature) -> tuple[bool, bool]:
    by_age = feature.subject == "person" and feature.coverage.ages != Coverage().ages
    return feature.coverage.areas != "all", by_age


def _check(events: ir.Table, units: ir.Table, unit: str, features: Sequence[Feature]) -> None:
    if unit not in events.columns:
        raise InputError(f"the events have no column '{unit}'", code="FEATURE_TABLE")
    limits = [_limits(feature) for feature in features]
    needed = [unit, "as_of"]
    needed += ["area_code"] if any(area for area, _ in limits) else []
    needed += ["age"] if any(age for _, age in limits) else []
    if missing := [name for name in needed if name not in units.columns]:
        raise InputError(
            f"the units lack {', '.join(missing)}; needed: {', '.join(needed)}",
            hint="area_code and age decide which sources cover a unit at its as-of date",
            code="FEATURE_TABLE",
        )
    if not units.as_of.type().is_timestamp():
        raise InputError(
            f"as_of of the units is {units.as_of.type()}; it must be a timestamp in UTC",
            code="FEATURE_TABLE",
        )
