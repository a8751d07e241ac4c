"""Does anything not yet known reach a feature? Asked of the real tables, on every run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import ibis
import ibis.expr.types as ir
import numpy as np

from risk_engine.events import visible
from risk_engine.features.feature import Feature
from risk_engine.features.matrix import build


def leaks(
    events: ir.Table,
    units: ir.Table,
    *,
    unit: str,
    features: Sequence[Feature],
    seed: int,
    compute: Callable[..., ir.Table] = build,
) -> list[str]:
    """Name the features that change when only what is not yet known changes.

    One as-of date of the units is drawn. Its matrix is computed from the events as they are, from
    the visible ones alone, and with copies of them added that are not visible: known at the as-of
    instant itself, or occurring after it.

    Parameters
    ----------
    events, units, unit, features
        As for `build`.
    seed
        Of the draws: the date, and how far ahead the added events lie.
    compute
        The function under test, called like `build`.

    Returns
    -------
    list of str
        Columns with a changed value, in the order of `features`; empty is the only good answer.
    """
    random = np.random.default_rng(seed)
    dates = units.select("as_of").distinct().order_by("as_of").as_of.to_pandas()
    if dates.empty:
        return []
    as_of = dates.iloc[int(random.integers(len(dates)))].to_pydatetime()
    rows = units.filter(units.as_of == ibis.literal(as_of, type="timestamp(6)"))
    names = [feature.column for feature in features]
    tables = [events, events.filter(visible(events, as_of)), _with_unseen(events, as_of, random)]
    found, *others = [
        compute(table, rows, unit=unit, features=features).to_pandas()[names] for table in tables
    ]
    same = [(found == other) | (found.isna() & other.isna()) for other in others]
    return [name for name in names if not all(table[name].all() for table in same)]


def _with_unseen(events: ir.Table, as_of: datetime, random: np.random.Generator) -> ir.Table:
    """Add a late-known and a later-occurring copy of every event, as new incidents."""
    moment = ibis.literal(as_of, type="timestamp(6)")
    ahead = moment + ibis.interval(days=int(random.integers(1, 60)))
    late = events.mutate(known_at=moment, **_renamed(events, "late"))
    later = events.mutate(occurred_at=ahead, **_renamed(events, "later"))
    return ibis.union(events, *[copy.cast(events.schema()) for copy in (late, later)])


def _renamed(events: ir.Table, ending: str) -> dict[str, ir.StringColumn]:
    return {name: events[name] + f"~{ending}" for name in ("event_id", "incident_id")}
