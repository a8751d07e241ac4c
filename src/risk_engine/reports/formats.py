"""How numbers, dates and names are written: every figure on every page passes through here."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

#: Stands where there is no figure; pages explain it once.
NONE = "\N{EN DASH}"
_SPACE = "\N{NO-BREAK SPACE}"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # the National Grid leaves out I


def missing(value: Any) -> bool:
    """Return whether a single value stands for *no figure* (None, NaN, NaT, NA)."""
    return value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))


def number(value: Any, digits: int = 1) -> str:
    """Write a number with a fixed count of decimals; a text stays as it is.

    >>> number(1234.56), number(None) == NONE, number("fewer than 6")
    ('1,234.6', True, 'fewer than 6')
    """
    if isinstance(value, str):
        return value
    if missing(value):
        return NONE
    if math.isinf(value):
        return "no limit"
    return f"{float(value):,.{digits}f}".replace("-", "\N{MINUS SIGN}")


def count(value: Any) -> str:
    """Write a count as given.

    >>> count(6012331)
    '6,012,331'
    """
    return number(value, 0)


def percent(share: Any, digits: int = 0) -> str:
    r"""Write a share of 1 as a percentage; below one per cent with two significant figures.

    >>> percent(0.131), percent(0.0015), percent(0)
    ('13\xa0%', '0.15\xa0%', '0\xa0%')
    """
    if missing(share) or isinstance(share, str):
        return number(share)
    small = 0 < abs(share) < 0.00995
    text = f"{100 * share:.2g}" if small and abs(share) >= 1e-5 else number(100 * share, digits)
    return f"{text}{_SPACE}%"


def interval(value: Any, low: Any, high: Any, digits: int = 1) -> str:
    r"""Write a value with its interval.

    >>> interval(0.9, 0.4, 1.7) == "0.9 (0.4\u20131.7)"
    True
    """
    if missing(low) or missing(high) or missing(value):
        return number(value, digits)
    return f"{number(value, digits)} ({number(low, digits)}{NONE}{number(high, digits)})"


def share_interval(value: Any, low: Any, high: Any) -> str:
    r"""Write a share with its interval, in per cent.

    >>> share_interval(0.09, 0.05, 0.15) == "9\xa0% (5\u201315\xa0%)"
    True
    """
    if missing(low) or missing(high) or missing(value):
        return percent(value)
    digits = 1 if float(high) < 0.1 or float(high) - float(low) < 0.05 else 0
    return f"{percent(value, digits)} ({number(100 * low, digits)}{NONE}{percent(high, digits)})"


def rank_interval(rank: Any, low: Any, high: Any) -> str:
    r"""Write a rank with the range it cannot be told apart from.

    >>> rank_interval(2, 1, 5) == "2 (1\u20135)"
    True
    """
    return interval(rank, low, high, digits=0)


def per_thousand(selected: Any, at_risk: Any) -> str:
    """Write a rate with both of its counts.

    >>> per_thousand(31, 1000)
    '31 of 1,000 (31.0 per 1,000)'
    """
    if missing(selected) or missing(at_risk):
        return NONE
    text = f"{count(selected)} of {count(at_risk)}"
    if isinstance(selected, str) or isinstance(at_risk, str) or at_risk == 0:
        return text
    return f"{text} ({number(1000 * selected / at_risk)} per 1,000)"


def one_in(share: Any) -> str:
    r"""Write a share as one in so many, or as a percentage where that reads better.

    >>> one_in(0.111), one_in(0.6)
    ('1 in 9', '60\xa0%')
    """
    if missing(share) or not 0 < share <= 0.4:
        return percent(share)
    return f"1 in {round(1 / share):,}"


def plural(n: Any, word: str, words: str | None = None) -> str:
    """Write a count with its noun.

    >>> plural(1, "place"), plural(3, "place")
    ('1 place', '3 places')
    """
    return f"{count(n)} {word if n == 1 else words or word + 's'}"


def listed(words: Sequence[str]) -> str:
    """Join words as a sentence does.

    >>> listed(["age", "sex", "disability"])
    'age, sex and disability'
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def day(moment: Any) -> str:
    """Write a calendar day.

    >>> day(date(2026, 1, 5))
    'Mon 5 Jan 2026'
    """
    if missing(moment):
        return NONE
    if isinstance(moment, str):
        return moment
    return f"{_DAYS[moment.weekday()]} {moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def month(moment: date) -> str:
    """Write a month.

    >>> month(date(2025, 9, 1))
    'Sep 2025'
    """
    return f"{_MONTHS[moment.month - 1]} {moment.year}"


def local(moment: datetime, zone: str) -> datetime:
    """Turn a naive UTC instant into the local one."""
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))


def instant(moment: Any, zone: str) -> str:
    """Write an instant (naive UTC) in the local time of the area.

    >>> instant(datetime(2026, 7, 5, 23, 0), "Europe/London")
    'Mon 6 Jul 2026, 00:00'
    """
    if missing(moment) or isinstance(moment, str):
        return number(moment)
    there = local(moment, zone)
    return f"{day(there)}, {there:%H:%M}"


def since(moment: Any, as_of: datetime) -> str:
    """Write since when: the month within the last year, otherwise the year.

    >>> since(date(2019, 3, 1), datetime(2026, 1, 5))
    '2019'
    >>> since(date(2025, 10, 1), datetime(2026, 1, 5))
    'Oct 2025'
    """
    if missing(moment) or isinstance(moment, str):
        return number(moment)
    recent = (date(as_of.year, as_of.month, as_of.day) - _date(moment)).days < 365
    return month(moment) if recent else str(moment.year)


def _date(moment: date) -> date:
    return date(moment.year, moment.month, moment.day)


def grid_reference(easting: float, northing: float) -> str:
    """Return the six-figure National Grid reference (100 m) of a point in EPSG:27700.

    Lettered as by the Ordnance Survey: 500 km squares, then 100 km squares, from the north west.

    >>> grid_reference(464125, 100375)
    'SU 641 003'
    """
    east, north = int(easting // 100_000), int(northing // 100_000)
    first = (19 - north) - (19 - north) % 5 + (east + 10) // 5
    second = (19 - north) * 5 % 25 + east % 5
    digits = f"{int(easting % 100_000 // 100):03d} {int(northing % 100_000 // 100):03d}"
    return f"{_LETTERS[first]}{_LETTERS[second]} {digits}"


def words(name: str) -> str:
    """Turn an identifier into words.

    >>> words("age_band")
    'age band'
    """
    return re.sub(r"[_.]+", " ", name).strip()


def capital(text: str) -> str:
    """Begin a text with a capital letter and leave the rest.

    >>> capital("week of Mon 5 Jan")
    'Week of Mon 5 Jan'
    """
    return text[:1].upper() + text[1:]


def slug(text: str) -> str:
    """Return a text as an HTML id.

    >>> slug("Isle of Wight")
    'isle-of-wight'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "section"


def fact(key: str, value: Any) -> str:
    """Write a value of an open dictionary by what its key says it is."""
    if isinstance(value, Mapping):
        return (
            "; ".join(f"{words(str(k))} {fact(f'{key} {k}', v)}" for k, v in value.items()) or NONE
        )
    if isinstance(value, list | tuple):
        return ", ".join(fact(key, item) for item in value) or NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return day(value)
    if missing(value) or isinstance(value, str):
        return number(value)
    if "share" in key and 0 <= value <= 1:
        return percent(value, 1)
    return count(value) if float(value).is_integer() else number(value, 3)
