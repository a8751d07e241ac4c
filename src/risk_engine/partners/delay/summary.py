"""How fast the records of a source arrive, read off the curve of its delays."""

# ruff: noqa: S608 - statements hold own table names and field names of the contract, never cells
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
import numpy as np
import numpy.typing as npt

from risk_engine.config import Contract
from risk_engine.partners.delay.curve import Curve, Floats, estimate
from risk_engine.partners.feeds.model import percent
from risk_engine.partners.sql import literal

#: Ages in days that the curve is told for.
AGES = range(61)
#: Shares known, and lengths of the recent past in days, that are told.
_KNOWN, _RECENT = (0.8, 0.95, 0.99), (3, 7, 14, 28)
#: Events that occurred within this many days are used: habits of recording change.
_WINDOW = 730
#: Rows below which nothing is told.
_FEWEST = 100
#: Share of the first days on which records became known that is taken for the start of the feed.
_START = 0.01


@dataclass(frozen=True)
class Known:
    """Share known `age` whole days after the day of the event, with 95 % bounds."""

    age: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Until:
    """Days after the day of the event until `share` is known; None: not within the horizon.

    `low` and `high` are by the upper and the lower bound of the curve.
    """

    share: float
    days: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True)
class Unseen:
    """Share of the events of the last `days` days before `as_of` that is not known yet."""

    days: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class DelaySummary:
    """How fast the records of one source arrive.

    Attributes
    ----------
    told
        Whether it can be told; `why_not` says why it cannot.
    rows
        Rows it rests on.
    horizon
        Longest delay in days that could be seen; shares are of what becomes known within it.
    known
        The curve by age, ages 0 to 60 or to the horizon.
    until, unseen
        What is read off it.
    sentence
        For a briefing; empty where nothing is told.
    """

    source: str
    told: bool
    why_not: str
    rows: int = 0
    horizon: int = 0
    known: tuple[Known, ...] = ()
    until: tuple[Until, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    sentence: str = ""


def summarise(
    contract: Contract, *, connection: duckdb.DuckDBPyConnection, rows: str, as_of: datetime
) -> DelaySummary:
    """Estimate how fast the records of one source arrive.

    Parameters
    ----------
    rows
        Query for the rows to use: ``occurred_at, known_at`` and ``f_<field>`` of the field that
        says when a row was known.
    as_of
        First instant not known, naive UTC, at which a local day begins; only rows known before it
        are used.
    """
    source, why_not = contract.source, _why_not(contract)
    if why_not:
        return DelaySummary(source, told=False, why_not=why_not)
    delays, ages, counts = _grouped(contract, connection, rows, as_of)
    total = int(counts.sum())
    curve = estimate(delays, ages, counts) if total >= _FEWEST else None
    if curve is None:
        return DelaySummary(source, told=False, why_not=f"only {total:,} rows say", rows=total)
    return _summary(source, curve, total)


def _why_not(contract: Contract) -> str:
    record = contract.record
    if record.known_at is None:
        return "no field says when a row was known"
    if "month" in {record.precision, contract.fields[record.known_at].type}:
        return "its times are months, not days"
    return ""


def _grouped(
    contract: Contract, connection: duckdb.DuckDBPyConnection, rows: str, as_of: datetime
) -> tuple[Floats, Floats, Floats]:
    """Count rows by delay and age in local days; what came before the feed began is left out.

    Of events older than the first drop, only those recorded late would be in it.
    """
    zone = literal(contract.timezone)

    def day(moment: str) -> str:
        return f"timezone({zone}, timezone('UTC', {moment}))"

    known_when = f"f_{contract.record.known_at} IS NOT NULL AND known_at < $as_of"
    found = connection.execute(
        f"""
        SELECT date_diff('day', occurred, known) AS delay, date_diff('day', occurred, now) AS age,
            count(*) AS n
        FROM (SELECT {day("occurred_at")} AS occurred, {day("known_at")} AS known,
            {day("$as_of::TIMESTAMP")} AS now
            FROM ({rows}) WHERE {known_when} AND occurred_at >= $since)
        GROUP BY ALL ORDER BY ALL
        """,
        {"as_of": as_of, "since": as_of - timedelta(days=_WINDOW + 1)},
    ).fetchnumpy()
    delay, age, count = (np.asarray(found[name], np.float64) for name in ("delay", "age", "n"))
    if not len(delay):
        return delay, age, count
    known = age - delay
    order = np.argsort(-known, kind="stable")
    reached = count[order].cumsum() >= _START * count.sum()
    began = known[order][np.argmax(reached)]
    kept = (age <= min(began, _WINDOW)) & (delay >= 0) & (delay < age)
    return delay[kept], age[kept], count[kept]


def _summary(source: str, curve: Curve, rows: int) -> DelaySummary:
    known = []
    for age in AGES[: curve.horizon + 1]:
        low, high = curve.bounds(age)
        known.append(Known(age, *_rounded(float(curve.share[age]), low, high)))
    unseen = []
    for days in _RECENT:
        share, low, high = curve.recent(days)
        unseen.append(Unseen(days, *_rounded(1 - share, 1 - high, 1 - low)))
    return DelaySummary(
        source,
        told=True,
        why_not="",
        rows=rows,
        horizon=curve.horizon,
        known=tuple(known),
        until=tuple(_until(curve, share) for share in _KNOWN),
        unseen=tuple(unseen),
        sentence=_sentence(unseen[0]),
    )


def _until(curve: Curve, share: float) -> Until:
    bounds = np.array([curve.bounds(age) for age in range(curve.horizon + 1)])
    curves = (curve.share, bounds[:, 1], bounds[:, 0])
    return Until(share, *(_first(values >= share) for values in curves))


def _first(reached: npt.NDArray[np.bool_]) -> int | None:
    return int(np.argmax(reached)) if reached.any() else None


def _sentence(unseen: Unseen) -> str:
    share, low, high = (percent(1 - value) for value in (unseen.share, unseen.high, unseen.low))
    words = f"records of the last {unseen.days} days are about {share} complete"
    return words if low == high else f"{words} ({low} to {high})"


def _rounded(*values: float) -> tuple[float, ...]:
    """Keep what the rows can tell, so that equal data give equal text on every machine."""
    return tuple(round(value, 4) for value in values)
