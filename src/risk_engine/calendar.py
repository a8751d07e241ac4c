"""When a run is made: days of the partnership's calendar as instants, and how people say them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Period = Literal["week", "month"]


def instant(day: date, timezone: str) -> datetime:
    """Return the first instant of a local day as naive UTC."""
    local = datetime.combine(day, time(), ZoneInfo(timezone))
    return local.astimezone(UTC).replace(tzinfo=None)


def latest_start(period: Period, today: date) -> date:
    """Return the first day of the week (a Monday) or month that holds `today`."""
    return today.replace(day=1) if period == "month" else today - timedelta(days=today.weekday())


def period_label(period: Period, as_of: datetime, timezone: str) -> str:
    """Say which period begins at `as_of` (naive UTC).

    >>> period_label("month", datetime(2025, 8, 31, 23), "Europe/London")
    'September 2025'
    """
    local = as_of.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone))
    if period == "month":
        return f"{local:%B %Y}"
    return f"week of {local:%a} {local.day} {local:%b %Y}"
