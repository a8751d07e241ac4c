"""What was known at a moment: events, their weights and the time that the data cover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_engine.calendar import Period
from risk_engine.errors import InputError

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.int64]
Span = tuple[datetime, datetime]

_NEEDED = ("event_id", "incident_id", "occurred_at", "known_at", "easting", "northing")
_DAY = 86_400.0
#: Before all data: no lower bound.
BEGINNING = datetime(1900, 1, 1)  # noqa: DTZ001 - every time in this room is naive UTC
_YEAR = 365


def clean(
    points: pd.DataFrame, *, bounds: tuple[float, float, float, float], margin: float
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Keep one row an incident and point, inside the map, in an order of its own.

    Parameters
    ----------
    points
        Events as the caller chose them; several people in one incident are several rows. Rows of
        one incident that were known at different times keep the earliest.
    bounds, margin
        ``(left, bottom, right, top)`` of the local areas, and how far outside still counts, metres.

    Returns
    -------
    tuple
        The events, and how many rows were ``without_point``, ``outside`` or ``repeated``.

    Raises
    ------
    InputError
        If a column is missing (``HOTSPOT_COLUMNS``).
    """
    missing = [name for name in _NEEDED if name not in points.columns]
    if missing:
        raise InputError(
            f"the event table has no {', '.join(missing)}; hotspots need {', '.join(_NEEDED)}",
            code="HOTSPOT_COLUMNS",
        )
    x, y = points["easting"].to_numpy(float), points["northing"].to_numpy(float)
    placed = np.isfinite(x) & np.isfinite(y)
    left, bottom, right, top = bounds
    near = (x >= left - margin) & (x < right + margin) & (y >= bottom - margin) & (y < top + margin)
    order = ["known_at", "occurred_at", "easting", "northing", "incident_id", "event_id"]
    rows = points[placed & near].sort_values(order, kind="stable")
    once = rows.drop_duplicates(["incident_id", "easting", "northing"], ignore_index=True)
    dropped = {
        "without_point": int((~placed).sum()),
        "outside": int((placed & ~near).sum()),
        "repeated": len(rows) - len(once),
    }
    return once, dropped


@dataclass(frozen=True)
class History:
    """Events visible at `as_of`, and the spans of time in which events would have been recorded.

    Attributes
    ----------
    events
        Rows of `clean` with ``known_at`` and ``occurred_at`` before `as_of`.
    as_of
        First instant not known, naive UTC.
    covered
        Spans for which data exist, apart from each other, in order, none after `as_of`.
    half_life
        Days in which an event's weight halves.
    """

    events: pd.DataFrame
    as_of: datetime
    covered: tuple[Span, ...]
    half_life: int

    @property
    def x(self) -> Floats:
        """Eastings of the events, metres."""
        return self.events["easting"].to_numpy(float)

    @property
    def y(self) -> Floats:
        """Northings of the events, metres."""
        return self.events["northing"].to_numpy(float)

    @cached_property
    def weights(self) -> Floats:
        """Weight of each event: 1 at `as_of`, halved every `half_life` days before it."""
        seconds = (self.as_of - self.events["occurred_at"]).dt.total_seconds().to_numpy(float)
        weights: Floats = 0.5 ** (seconds / _DAY / self.half_life)
        return weights

    @property
    def latest(self) -> datetime:
        """The instant up to which data exist; `as_of` where none do."""
        return self.covered[-1][1] if self.covered else self.as_of

    @cached_property
    def rate(self) -> float:
        """Mean number of events a day over the last covered year: the level, whatever the places.

        The level is read from the latest year and the shares of places from all decayed history:
        volumes drift within years where places do not.
        """
        start = self.latest - timedelta(days=_YEAR)
        days = self.days(start, self.latest)
        recent = int((self.events["occurred_at"] >= start).sum())
        return recent / days if days else 0.0

    def scale(self, days: float) -> float:
        """Return the events expected in so many days for each unit of decayed weight."""
        total = float(self.weights.sum())
        return self.rate * days / total if total else 0.0

    def days(self, start: datetime, end: datetime) -> float:
        """Return the covered days between two instants."""
        return sum((b - a).total_seconds() for a, b in _clip(self.covered, start, end)) / _DAY

    def covers(self, start: datetime, end: datetime) -> bool:
        """Say whether data exist for the whole of a period."""
        return any(a <= start and end <= b for a, b in self.covered)

    def as_known_at(self, moment: datetime, period: Period) -> History:
        """Return what could have been known at an earlier moment."""
        events = _visible(self.events, moment)
        end = _reach(events, moment, period)
        return replace(
            self, events=events, as_of=moment, covered=_clip(self.covered, BEGINNING, end)
        )

    def recent_from(self, days: int) -> datetime:
        """Return the start of the recent window, which ends where the data end."""
        return self.latest - timedelta(days=days)

    def until(self, moment: datetime) -> History:
        """Return what happened before an earlier moment, as it is known now."""
        earlier = self.events["occurred_at"] < moment
        events = self.events[earlier].reset_index(drop=True)
        covered = _clip(self.covered, BEGINNING, moment)
        return replace(self, events=events, as_of=moment, covered=covered)


def look_back(
    points: pd.DataFrame,
    *,
    as_of: datetime,
    period: Period,
    half_life: int,
    oldest: datetime = BEGINNING,
    covered: Sequence[Span] | None = None,
) -> History:
    """Return what was visible at `as_of`.

    Covered time ends with the period of the last visible event, so that a month that has happened
    but has not been published does not count as a month without events.

    Parameters
    ----------
    points
        Rows of `clean`; rows not visible at `as_of` are left out.
    oldest
        Events and time before it are left out.
    covered
        Spans for which data exist; from the first visible event on when None.
    """
    events = _visible(points, as_of)
    events = events[events["occurred_at"] >= oldest]
    events = events.reset_index(drop=True)
    end = _reach(events, as_of, period)
    if covered is None:
        first = events["occurred_at"].min()
        covered = [] if events.empty else [(period.start(first.to_pydatetime()), end)]
    return History(events, as_of, _clip(_joined(covered), oldest, end), half_life)


def _visible(points: pd.DataFrame, as_of: datetime) -> pd.DataFrame:
    known = (points["known_at"] < as_of) & (points["occurred_at"] < as_of)
    return points[known].reset_index(drop=True)


def _reach(events: pd.DataFrame, as_of: datetime, period: Period) -> datetime:
    if events.empty:
        return as_of
    last = events["occurred_at"].max().to_pydatetime()
    return min(as_of, period.end(last))


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Join spans that touch or overlap: monthly files of one year are one span."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _clip(spans: Sequence[Span], start: datetime, end: datetime) -> tuple[Span, ...]:
    clipped = ((max(a, start), min(b, end)) for a, b in spans)
    return tuple((a, b) for a, b in clipped if a < b)
