"""The twelve months an assessment is about, and the twelve before, by the area's own clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir

from risk_engine.calendar import instant

_MONTHS = 12


@dataclass(frozen=True)
class Window:
    """Twelve calendar months and the twelve before them.

    Attributes
    ----------
    last
        First day of the last of the twelve months.
    timezone
        Zone whose midnight begins a month.
    """

    last: date
    timezone: str

    @classmethod
    def of_year(cls, year: int, timezone: str) -> Window:
        """Return a calendar year."""
        return cls(date(year, _MONTHS, 1), timezone)

    @property
    def this(self) -> tuple[date, ...]:
        """First days of the twelve months, in order."""
        return tuple(shift(self.last, back) for back in range(1 - _MONTHS, 1))

    @property
    def before(self) -> tuple[date, ...]:
        """First days of the twelve months before."""
        return tuple(shift(month, -_MONTHS) for month in self.this)

    @property
    def start(self) -> datetime:
        """First instant of the twelve months, naive UTC."""
        return instant(self.this[0], self.timezone)

    @property
    def end(self) -> datetime:
        """First instant after the twelve months, naive UTC."""
        return instant(shift(self.last, 1), self.timezone)

    @property
    def start_before(self) -> datetime:
        """First instant of the twelve months before, naive UTC."""
        return instant(self.before[0], self.timezone)

    @property
    def label(self) -> str:
        """Name the twelve months.

        >>> Window.of_year(2022, "Europe/London").label
        '2022'
        >>> Window(date(2022, 6, 1), "Europe/London").label
        '12 months to June 2022'
        """
        return self._label(self.last)

    @property
    def label_before(self) -> str:
        """Name the twelve months before."""
        return self._label(shift(self.last, -_MONTHS))

    @property
    def slug(self) -> str:
        """Name the twelve months in a folder's name: ``2022``, or ``to-2022-06``."""
        whole = self.last.month == _MONTHS
        return str(self.last.year) if whole else f"to-{self.last:%Y-%m}"

    def _label(self, last: date) -> str:
        return str(last.year) if last.month == _MONTHS else f"12 months to {last:%B %Y}"

    def local(self, moment: ir.TimestampValue) -> ir.TimestampValue:
        """Turn naive UTC times of both years into local ones.

        By the offsets of the zone, written into the query: every engine computes it alike.
        """
        offsets = _offsets(self.start_before, self.end, self.timezone)
        cases = [
            (moment < ibis.literal(until, type="timestamp(6)"), moment + _seconds(offset))
            for until, offset in offsets[:-1]
        ]
        last = moment + _seconds(offsets[-1][1])
        return ibis.cases(*cases, else_=last) if cases else last


def shift(month: date, count: int) -> date:
    """Return the first day of the month `count` months later.

    >>> shift(date(2022, 1, 1), -1)
    datetime.date(2021, 12, 1)
    """
    number = month.year * _MONTHS + month.month - 1 + count
    return date(number // _MONTHS, number % _MONTHS + 1, 1)


def _seconds(offset: timedelta) -> ir.IntervalScalar:
    return ibis.interval(seconds=int(offset.total_seconds()))


def _offsets(start: datetime, end: datetime, timezone: str) -> list[tuple[datetime, timedelta]]:
    """Return ``(until, offset)`` of each stretch of one offset; clocks change on the hour."""
    zone, found = ZoneInfo(timezone), []
    day, offset = start, _offset(start, zone)
    while day < end:
        step = timedelta(days=1)
        if _offset(day + step, zone) != offset:
            change = next(
                hour
                for hour in (day + timedelta(hours=n) for n in range(1, 25))
                if _offset(hour, zone) != offset
            )
            found.append((change, offset))
            offset = _offset(change, zone)
        day += step
    return [*found, (end, offset)]


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.replace(tzinfo=UTC).astimezone(zone).utcoffset() or timedelta()
