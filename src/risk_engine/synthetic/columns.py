"""Numbers -> the texts of an extract, a whole column at a time (Arrow arrays; null is empty)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

MINUTES_A_DAY = 1440
_EPOCH = date(1970, 1, 1)
#: Days that have a text: from 1900 to 2100.
_FIRST_DAY, _LAST_DAY = -25_567, 47_482


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - _EPOCH).days


def as_date(number: int) -> date:
    """Return the date of a day number."""
    return _EPOCH + timedelta(days=int(number))


def words(options: Sequence[str], codes: npt.ArrayLike) -> pa.Array:
    """Return the word of each code; null where the code is negative."""
    number = np.asarray(codes)
    return pa.array(options, pa.string()).take(pa.array(number.astype(np.int32), mask=number < 0))


def days(number: npt.ArrayLike, pattern: str) -> pa.Array:
    """Write day numbers by a `strftime` pattern; null below 1900."""
    day = np.asarray(number, dtype=np.int64)
    return _day_texts(pattern).take(
        pa.array(np.clip(day, _FIRST_DAY, _LAST_DAY) - _FIRST_DAY, mask=day < _FIRST_DAY)
    )


def moments(
    minute: npt.ArrayLike, pattern: str, *, seconds: npt.ArrayLike | None = None
) -> pa.Array:
    """Write minutes since 1970 (local time) as a day by the pattern, a space, and the clock."""
    number = np.asarray(minute, dtype=np.int64)
    clock = _clock_texts().take(pa.array(number % MINUTES_A_DAY))
    if seconds is not None:
        clock = pc.binary_join_element_wise(clock, numbered("", seconds, 2), ":")
    return pc.binary_join_element_wise(days(number // MINUTES_A_DAY, pattern), clock, " ")


def whole(values: npt.ArrayLike, *, known: npt.ArrayLike | None = None) -> pa.Array:
    """Write whole numbers; null where not `known`."""
    number = np.asarray(values).astype(np.int64)
    mask = None if known is None else ~np.asarray(known, dtype=bool)
    return pc.cast(pa.array(number, mask=mask), pa.string())


def numbered(prefix: str | pa.Array, values: npt.ArrayLike, width: int) -> pa.Array:
    """Write a prefix and a number with leading zeros."""
    digits = pc.utf8_lpad(whole(values), width, padding="0")
    start = pa.scalar(prefix) if isinstance(prefix, str) else prefix
    return pc.binary_join_element_wise(start, digits, "")


def only(column: pa.Array, kept: npt.ArrayLike) -> pa.Array:
    """Leave a column empty where it is not kept."""
    return pc.if_else(pa.array(np.asarray(kept, dtype=bool)), column, pa.scalar(None, pa.string()))


@cache
def _day_texts(pattern: str) -> pa.Array:
    texts = [as_date(n).strftime(pattern) for n in range(_FIRST_DAY, _LAST_DAY + 1)]
    return pa.array(texts, pa.string())


@cache
def _clock_texts() -> pa.Array:
    return pa.array([f"{m // 60:02d}:{m % 60:02d}" for m in range(MINUTES_A_DAY)], pa.string())
