"""What every verb does first: fix the date, see that it may, read what the partners sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from risk_engine import linkage, partners
from risk_engine.calendar import Kind, instant, latest_start
from risk_engine.chapters.drops import in_force
from risk_engine.config import Settings, expired
from risk_engine.engine import Engine, open_engine
from risk_engine.errors import InputError
from risk_engine.places import AreaMap
from risk_engine.release import Ledger, project_ledger

#: Years in which a run can lie: outside them the date is a slip of the pen.
_FIRST_YEAR, _LAST_YEAR = 1990, 2199


@dataclass(frozen=True)
class Intake:
    """What the partners sent, read by their contracts, while the engine is open.

    Attributes
    ----------
    as_of
        First instant not known, naive UTC.
    found
        Tables and counts; rows that became known later are in them too.
    """

    settings: Settings
    engine: Engine
    areas: AreaMap
    as_of: datetime
    found: partners.Ingested


@contextmanager
def open_intake(
    settings: Settings, as_of: date | None = None, *, ledger: Ledger | None = None
) -> Iterator[Intake]:
    """Read all sources of a run configuration, outside any run.

    Parameters
    ----------
    as_of
        First day not known; see `run_moment`.
    ledger
        Where decisions about drops are; the project's own when not given.
    """
    moment = run_moment(settings, as_of)
    key, areas = read_key(settings), load_areas(settings)
    decisions = in_force(settings, ledger or project_ledger(settings.root))
    with open_engine(settings.config.engine.on_duckdb) as engine:
        found = partners.ingest(
            settings.sources,
            engine=engine,
            areas=areas,
            as_of=moment,
            key=key,
            decisions=decisions,
        )
        yield Intake(settings, engine, areas, moment, found)


def run_moment(settings: Settings, as_of: date | None = None) -> datetime:
    """Return the first instant not known (naive UTC), after seeing that sources may be read.

    Parameters
    ----------
    as_of
        First day not known, in the area's time zone; the configuration's when not given, else the
        start of the present week or month.

    Raises
    ------
    InputError
        ``BAD_DAY`` for a day that begins no week or month; ``AGREEMENT_EXPIRED`` for a source whose
        agreement has ended by now, however old the date is.
    """
    config, zone = settings.config, settings.areas.timezone
    today = datetime.now(ZoneInfo(zone)).date()
    day = as_of or config.as_of or latest_start(config.period, today)
    _check_day(day, config.period)
    _refuse_expired(settings, today)
    return instant(day, zone)


def read_key(settings: Settings) -> bytes:
    """Return the pseudonym key; empty where no people are made."""
    spec = settings.config.linkage
    return linkage.read_key(spec, settings.resolve) if spec else b""


def load_areas(settings: Settings) -> AreaMap:
    """Read the boundaries of the local areas."""
    boundaries = settings.config.boundaries
    return AreaMap.load(settings.areas, boundaries, settings.resolve(boundaries.file))


def check_year(day: date) -> None:
    """Refuse a day in a year that can only be a slip of the pen (``BAD_DAY``)."""
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise _bad_day(
            day,
            f"the years {_FIRST_YEAR} to {_LAST_YEAR}",
            "correct --as-of, or as_of in the run configuration",
        )


def _check_day(day: date, period: Kind) -> None:
    """Refuse a date that no run can have, or at which no week or month begins."""
    check_year(day)
    start = latest_start(period, day)
    if start != day:
        raise _bad_day(
            day,
            "a Monday" if period == "week" else "the first of a month",
            f"write {start} for the {period} that holds this day",
        )


def _bad_day(day: date, allowed: str, hint: str) -> InputError:
    return InputError(
        f"the date of the run is {day:%A} {day}; allowed is {allowed}", code="BAD_DAY", hint=hint
    )


def _refuse_expired(settings: Settings, today: date) -> None:
    """Refuse sources whose agreement has ended by now, however old the date of the run is."""
    ended = [c.title for c in expired(settings, today)]
    if ended:
        raise InputError(
            f"the sharing agreement has ended for: {', '.join(ended)}",
            code="AGREEMENT_EXPIRED",
            hint="renew it and write the new date into the contract, or take the source out",
        )
