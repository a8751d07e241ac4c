"""How old a source's newest record may be: what its cadence promises, and where patience ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

import pandas as pd

from risk_engine.calendar import local_day

State = Literal["on time", "late", "stale", "nothing", "one edition"]

#: Cadence -> the step by the calendar from one drop to the next.
_STEP = {
    "daily": pd.DateOffset(days=1),
    "weekly": pd.DateOffset(days=7),
    "monthly": pd.DateOffset(months=1),
    "quarterly": pd.DateOffset(months=3),
    "yearly": pd.DateOffset(years=1),
}
#: Days after which a source's newest record is called stale: twice its cadence and a little.
_PATIENCE = {"daily": 3, "weekly": 16, "monthly": 66, "quarterly": 190, "yearly": 740}


@dataclass(frozen=True)
class Freshness:
    """The age of a source, judged by its newest record and not by the date of a file.

    Attributes
    ----------
    last_occurred, last_known
        Local days of the newest event and of the newest record; None where there is none.
    age
        Days from `last_known` to the first day not known.
    due
        Day by which a newer record should be there.
    late_by
        Days since `due`; 0 where it has not passed.
    state
        ``late`` once `due` has passed, ``stale`` once patience has ended, ``nothing`` where no
        record is known, ``one edition`` for a published table that nothing newer is due of.
    used
        `age` as a multiple of the cadence: at 1 the next drop is due.
    """

    last_occurred: date | None
    last_known: date | None
    age: int | None
    due: date | None
    late_by: int
    state: State
    used: float | None


def is_stale(last_known: datetime, *, cadence: str | None, as_of: datetime) -> bool:
    """Say whether the newest record (naive UTC) is older at `as_of` than the cadence excuses.

    Nothing newer is due of a table of one edition (`cadence` None), however old.
    """
    return cadence is not None and as_of - last_known > timedelta(days=_PATIENCE[cadence])


def judge(
    last_occurred: datetime | None,
    last_known: datetime | None,
    *,
    cadence: str | None,
    as_of: datetime,
    timezone: str,
) -> Freshness:
    """Judge how fresh a source is.

    Parameters
    ----------
    last_occurred, last_known
        Of its newest rows known before `as_of`, naive UTC; None where there are none.
    cadence
        None for a table of one edition, such as a census.
    as_of
        First instant not known, naive UTC.
    """
    if last_known is None:
        return Freshness(None, None, None, None, 0, "nothing", None)
    newest, today = local_day(last_known, timezone), local_day(as_of, timezone)
    occurred = local_day(last_occurred, timezone) if last_occurred else None
    age = (today - newest).days
    if cadence is None:
        return Freshness(occurred, newest, age, None, 0, "one edition", None)
    due = next_due(newest, cadence=cadence)
    late_by = max(0, (today - due).days)
    state: State = "late" if late_by else "on time"
    if is_stale(last_known, cadence=cadence, as_of=as_of):
        state = "stale"
    return Freshness(occurred, newest, age, due, late_by, state, age / (due - newest).days)


def next_due(newest: date, *, cadence: str) -> date:
    """Return the day by which something newer than `newest` should be there.

    >>> next_due(date(2026, 1, 31), cadence="monthly")
    datetime.date(2026, 2, 28)
    """
    return (pd.Timestamp(newest) + _STEP[cadence]).date()
