"""Facts about a listed place: since when, how often, at what times."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd

from risk_engine.calendar import Period
from risk_engine.hotspots.emergence import pairs_inside
from risk_engine.hotspots.history import History

_YEAR = 365
#: Fewest events with a time of day from which a usual time is read.
_FEWEST = 10
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
#: A day of the week begins at six in the morning: one o'clock on Saturday is Friday night.
_DAWN = 6
_HOURS = 5


def facts(places: gpd.GeoDataFrame, history: History, period: Period) -> pd.DataFrame:
    """Return ``since, usual_when, events_1y, events_total`` of each place, in its order."""
    place, event = pairs_inside(places, history.events)
    rows = history.events.iloc[event]
    starts = np.searchsorted(place, np.arange(len(places) + 1))
    year = history.as_of - timedelta(days=_YEAR)
    inside = [rows.iloc[first:last] for first, last in pairwise(starts)]
    since = pd.Series([_since(events, history) for events in inside], dtype="datetime64[us]")
    table = {
        "since": period.local(since).dt.normalize(),
        "usual_when": pd.Series([usual_when(events, period) for events in inside], dtype="str"),
        "events_1y": [int((events["occurred_at"] >= year).sum()) for events in inside],
        "events_total": [len(events) for events in inside],
    }
    return pd.DataFrame(table, index=places.index)


def _since(events: pd.DataFrame, history: History) -> datetime | None:
    """First event after which no covered year passed without another."""
    moments = sorted(events["occurred_at"].dt.to_pydatetime().tolist())
    since, year = (moments[0] if moments else None), timedelta(days=_YEAR)
    for earlier, later in pairwise(moments):
        if later - earlier > year and history.days(earlier, later) > _YEAR:
            since = later
    return since


def usual_when(events: pd.DataFrame, period: Period) -> str:
    """Return when events usually happen, such as ``Fri-Sat 22-03``, or nothing.

    Local times; days begin at six in the morning. Days are named if two neighbouring ones hold
    45 % of the events (29 % by chance) or Monday to Friday 85 %; hours if five in a row hold 45 %
    (21 % by chance). Events recorded to the day or month only are left out (column ``precision``,
    or exactly midnight where there is none); with fewer than ten left nothing is said.
    """
    local = period.local(events["occurred_at"])
    if "precision" in events.columns:
        timed = events["precision"] == "minute"
    else:
        timed = local != local.dt.normalize()
    local = local[timed.to_numpy(dtype=bool)]
    if len(local) < _FEWEST:
        return ""
    day = (local - pd.Timedelta(hours=_DAWN)).dt.day_of_week
    return " ".join(part for part in (_days(day), _hours(local.dt.hour)) if part)


def _days(day: pd.Series) -> str:
    count = np.bincount(day, minlength=7)
    pair = count + np.roll(count, -1)
    best = int(pair.argmax())
    if pair[best] >= 0.45 * len(day):
        return f"{_DAYS[best]}-{_DAYS[(best + 1) % 7]}"
    return "Mon-Fri" if count[:5].sum() >= 0.85 * len(day) else ""


def _hours(hour: pd.Series) -> str:
    count = np.bincount(hour, minlength=24)
    window = sum(np.roll(count, -step) for step in range(_HOURS))
    best = int(np.argmax(window))
    if window[best] < 0.45 * len(hour):  # type: ignore[index]
        return ""
    return f"{best:02d}-{(best + _HOURS) % 24:02d}"
