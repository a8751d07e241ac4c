"""Which months the sources cover: a gap in the files is not a quiet time.

A month is *whole* when every counted source has rows from its first day to its last, so far as
their usual number can say; anything less is named with its reason, and then no change on the year
before is given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

import pandas as pd

from risk_engine.calendar import instant
from risk_engine.needs.window import Window, shift

#: Incidents that must be missing, by the month's own daily number, before quiet days are called a
#: gap: by chance alone they would come about once in nine million, more often as days differ.
_MISSED = 16.0
#: A month as written in the name of a drop.
_IN_NAME = re.compile(r"(?<!\d)(\d{4})-?(0[1-9]|1[0-2])(?!\d)")


@dataclass(frozen=True)
class Month:
    """One month of one source.

    Attributes
    ----------
    state
        ``whole``, ``part`` (some of it is there), ``nothing``, or ``not over`` at `as_of`.
    why
        In words; empty for a whole month.
    """

    source: str
    month: date
    state: str
    why: str


@dataclass(frozen=True)
class Coverage:
    """What each source covers of both years."""

    window: Window
    months: tuple[Month, ...]

    def counted(self, sources: Sequence[str]) -> tuple[date, ...]:
        """Return the months for which any of the sources has something and which are over."""
        found = {m.month for m in self.months if m.source in sources and m.state in _COUNTED}
        return tuple(sorted(found))

    def faults(self, sources: Sequence[str], months: Sequence[date]) -> list[Month]:
        """Return the months of the sources that are not whole."""
        wanted = set(months)
        return [
            m
            for m in self.months
            if m.source in sources and m.month in wanted and m.state != "whole"
        ]


_COUNTED = frozenset({"whole", "part"})


def cover(
    days: pd.DataFrame,
    *,
    window: Window,
    sources: Sequence[str],
    as_of: datetime,
    held: Sequence[tuple[str, str]] = (),
    since: Mapping[str, date] | None = None,
) -> Coverage:
    """Say of each month of both years what is held.

    Parameters
    ----------
    days
        ``source, precision, day, n``: incidents of any kind by local day, known before `as_of`.
    as_of
        First instant not known, naive UTC: a month that ends after it is not over.
    held
        ``(source, drop)`` of each drop that is held or refused. Its months are read from its name
        (``2025-08``); a drop whose name says none may be of any month.
    since
        Source -> first day that its contract covers.
    """
    found: list[Month] = []
    for source in sources:
        drops = tuple(drop for owner, drop in held if owner == source)
        first = (since or {}).get(source)
        feed = _Feed(source, days[days["source"] == source], window.timezone, as_of, drops, first)
        found += [feed.month(month) for month in (*window.before, *window.this)]
    return Coverage(window, tuple(found))


@dataclass(frozen=True)
class _Feed:
    """One source while its months are judged."""

    source: str
    rows: pd.DataFrame
    timezone: str
    as_of: datetime
    drops: tuple[str, ...]
    since: date | None

    def month(self, month: date) -> Month:
        """Judge one month."""
        return Month(self.source, month, *self._judge(month))

    def _judge(self, month: date) -> tuple[str, str]:
        after = shift(month, 1)
        if instant(after, self.timezone) > self.as_of:
            return "not over", "not over on the date of this document"
        rows = self.rows[(self.rows["day"] >= month) & (self.rows["day"] < after)]
        drop = next((d for d in self.drops if month in _named(d)), None)
        if rows.empty:
            return "nothing", f"the drop {drop} is held" if drop else "no rows"
        if drop := drop or next((d for d in self.drops if not _named(d)), None):
            return "part", f"the drop {drop} is held"
        if self.since and month < self.since < after:
            return "part", f"the source begins on {self.since.day} {self.since:%B}"
        return self._quiet(rows, month, (after - month).days)

    def _quiet(self, rows: pd.DataFrame, month: date, length: int) -> tuple[str, str]:
        """Look for more days in a row without a row than chance brings about."""
        if (rows["precision"] == "month").any():
            return "whole", ""
        busy = [-1, *sorted({(day - month).days for day in rows["day"]}), length]
        gap, start = max((b - a - 1, a + 1) for a, b in pairwise(busy))
        if gap * rows["n"].sum() / (length - gap) < _MISSED:
            return "whole", ""
        first, last = (month + timedelta(days=n) for n in (start, start + gap - 1))
        return "part", f"no rows from {first.day} to {last.day} {last:%B}"


def _named(drop: str) -> set[date]:
    """Return the months that the name of a drop says."""
    return {date(int(year), int(month), 1) for year, month in _IN_NAME.findall(drop)}
