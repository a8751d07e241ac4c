"""The partnership's calendar: days as instants, weeks and months as its clocks have them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pandas as pd

from risk_engine.errors import InputError

Kind = Literal["week", "month"]
_DAY = 86_400


def instant(day: date, timezone: str) -> datetime:
    """Return the first instant of a local day as naive UTC."""
    local = datetime.combine(day, time(), ZoneInfo(timezone))
    return local.astimezone(UTC).replace(tzinfo=None)


def local_day(moment: datetime, timezone: str) -> date:
    """Return the local day that holds an instant (naive UTC).

    >>> local_day(datetime(2025, 8, 31, 23), "Europe/London")
    datetime.date(2025, 9, 1)
    """
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)).date()


def latest_start(period: Kind, today: date) -> date:
    """Return the first day of the week (a Monday) or month that holds `today`."""
    return today.replace(day=1) if period == "month" else today - timedelta(days=today.weekday())


def period_label(period: Kind, as_of: datetime, timezone: str) -> str:
    """Say which period begins at `as_of` (naive UTC).

    >>> period_label("month", datetime(2025, 8, 31, 23), "Europe/London")
    'September 2025'
    """
    local = as_of.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone))
    if period == "month":
        return f"{local:%B %Y}"
    return f"week of {local:%a} {local.day} {local:%b %Y}"


@dataclass(frozen=True)
class Period:
    """The rhythm of the lists: weeks from Monday or calendar months, at local midnight.

    Attributes
    ----------
    kind
        ``week`` or ``month``.
    timezone
        Zone whose midnight begins a period, such as ``Europe/London``.
    """

    kind: str
    timezone: str

    def __post_init__(self) -> None:
        if self.kind not in ("week", "month"):
            raise InputError(
                f"the period is '{self.kind}'; allowed are week and month", code="PERIOD"
            )

    def start(self, moment: datetime) -> datetime:
        """Return the first instant of the period that holds `moment` (both naive UTC).

        >>> Period("month", "Europe/London").start(datetime(2025, 6, 10))
        datetime.datetime(2025, 5, 31, 23, 0)
        """
        local = self._local(moment).normalize()
        back = local.day_of_week if self.kind == "week" else local.day - 1
        return self._utc(local - pd.Timedelta(days=back))

    def shift(self, moment: datetime, count: int) -> datetime:
        """Return the instant `count` periods later by the local clock (earlier if negative)."""
        offset = pd.DateOffset(weeks=count) if self.kind == "week" else pd.DateOffset(months=count)
        return self._utc(self._local(moment) + offset)

    def end(self, moment: datetime) -> datetime:
        """Return the first instant after the period that holds `moment`."""
        return self.shift(self.start(moment), 1)

    def days(self, moment: datetime) -> float:
        """Return the length in days of the period that begins at `moment`."""
        return (self.shift(moment, 1) - moment).total_seconds() / _DAY

    def local(self, moments: pd.Series) -> pd.Series:
        """Return naive local times of a column of naive UTC times."""
        zoned = moments.dt.tz_localize("UTC").dt.tz_convert(self.timezone)
        naive: pd.Series = zoned.dt.tz_localize(None)
        return naive

    def _local(self, moment: datetime) -> pd.Timestamp:
        aware = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(self.timezone))
        return pd.Timestamp(aware.replace(tzinfo=None))

    def _utc(self, local: pd.Timestamp) -> datetime:
        aware = local.to_pydatetime().replace(tzinfo=ZoneInfo(self.timezone))
        return aware.astimezone(UTC).replace(tzinfo=None)
