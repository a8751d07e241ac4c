"""The events behind one value of a feature."""

from __future__ import annotations

from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd

from risk_engine.errors import InputError
from risk_engine.events import condition, visible
from risk_engine.features.feature import Feature

_SHOWN = ["event_id", "occurred_at", "known_at", "source", "kind", "role"]


def explain(
    events: ir.Table, *, unit_id: str, unit: str, feature: Feature, as_of: datetime
) -> pd.DataFrame:
    """Return the events that made one value.

    Parameters
    ----------
    events
        The table the matrix was built from.
    unit_id
        The person or place.
    unit
        Name of the column that identifies a unit.
    feature
        The column to explain.
    as_of
        Naive UTC; the first instant not known.

    Returns
    -------
    pandas.DataFrame
        ``event_id, occurred_at, known_at, source, kind, role``, newest first. The first row is the
        one behind ``days_since_last``. Whether the source covers the unit is not asked here: an
        event of somebody outside the coverage is shown though the value is null.

    Raises
    ------
    InputError
        ``FEATURE_TABLE`` if the events have no column `unit`.
    """
    if unit not in events.columns:
        raise InputError(f"the events have no column '{unit}'", code="FEATURE_TABLE")
    chosen = [
        events[unit] == unit_id,
        events["source"].isin(feature.sources),
        condition(events, feature.spec.where),
        visible(events, as_of),
    ]
    if feature.window:
        start = ibis.literal(as_of - timedelta(days=feature.window.days), type="timestamp(6)")
        chosen.append(events.occurred_at >= start)
    behind = events.filter(chosen).select(_SHOWN)
    frame: pd.DataFrame = behind.order_by([behind.occurred_at.desc(), behind.event_id]).to_pandas()
    return frame
