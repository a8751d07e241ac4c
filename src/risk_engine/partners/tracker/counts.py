"""Counting for the tracker, inside the database: how many rows, how new, which fields filled.

Two moments are counted in one pass: now, and one month earlier by the rows that were known then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from risk_engine.calendar import Period
from risk_engine.config import Contract
from risk_engine.events import visible
from risk_engine.partners.results import Ingested

#: Fields of a person that are counted here; protected ones come from the reading itself.
_NAMED = ("first_name", "last_name", "birth_date", "postcode", "shared_key")


@dataclass(frozen=True)
class Window:
    """The moments that the tracker compares, naive UTC; each is the first instant not known.

    Attributes
    ----------
    year_before_now, year_before_then
        Twelve calendar months before `now` and before `then`.
    """

    now: datetime
    then: datetime
    year_before_now: datetime
    year_before_then: datetime

    @classmethod
    def at(cls, as_of: datetime, timezone: str) -> Window:
        """Return the window of a date: `then` is one calendar month earlier by the local clock."""
        months = Period("month", timezone)
        then = months.shift(as_of, -1)
        return cls(as_of, then, months.shift(as_of, -12), months.shift(then, -12))


@dataclass(frozen=True)
class Filled:
    """Rows in which one field is filled, of the rows that could hold it: now, and then."""

    now: int
    of_now: int
    then: int
    of_then: int


@dataclass(frozen=True)
class Counted:
    """Figures of one source.

    Attributes
    ----------
    now, then
        Rows known before each of the two moments.
    last_occurred, last_known, last_known_then
        Naive UTC; None where no row is known.
    filled
        Contract field -> its counts.
    """

    now: int
    then: int
    last_occurred: datetime | None
    last_known: datetime | None
    last_known_then: datetime | None
    filled: Mapping[str, Filled]


def count(contract: Contract, found: Ingested, window: Window) -> Counted:
    """Count one source at both moments of the window."""
    if contract.measures is not None:
        return _count_measures(contract, found, window)
    events = found.events.filter(
        found.events.source == contract.source, visible(found.events, window.now)
    )
    then = visible(events, window.then)
    tests = _event_tests(contract, events)
    row = _one_row(events.aggregate(**_spans(events, "occurred_at", then), **_sums(tests, then)))
    filled = _read(row, tests, row["now"], row["then"])
    return _counted(row, filled | _count_records(contract, found, window, row))


def _count_records(
    contract: Contract, found: Ingested, window: Window, row: Mapping[str, Any]
) -> dict[str, Filled]:
    """Count who is named; a row that names nobody made no record and counts as not filled."""
    if contract.person is None:
        return {}
    records = found.records.filter(
        found.records.source == contract.source, found.records.known_at < window.now
    )
    fields = {name: getattr(contract.person, name) for name in _NAMED}
    tests = {field: records[name].notnull() for name, field in fields.items() if field}
    if home := contract.person.home:
        tests[home.x] = records.home_easting.notnull()
    if not tests:
        return {}
    counted = _one_row(records.aggregate(**_sums(tests, records.known_at < window.then)))
    return _read(counted, tests, row["now"], row["then"])


def _count_measures(contract: Contract, found: Ingested, window: Window) -> Counted:
    """Count rows of numbers by zone; a suppressed number is a row, and is not filled."""
    assert contract.measures is not None  # noqa: S101 - the caller saw to it
    table = found.measures
    table = table.filter(table.source == contract.source, table.known_at < window.now)
    then = table.known_at < window.then
    named = dict(contract.measures.values)
    of = {field: table.measure == name for name, field in named.items()}
    tests = {field: here & table.value.notnull() for field, here in of.items()}
    rows = {f"rows of {field}": here for field, here in of.items()}
    row = _one_row(
        table.aggregate(**_spans(table, "period_start", then), **_sums(tests | rows, then))
    )
    filled = {
        field: Filled(
            row[f"now {field}"],
            row[f"now rows of {field}"],
            row[f"then {field}"],
            row[f"then rows of {field}"],
        )
        for field in tests
    }
    return _counted(row, filled)


def _event_tests(contract: Contract, events: ir.Table) -> dict[str, ir.BooleanValue]:
    """Return, by field, the condition under which an event's row has it filled."""
    event = contract.record
    tests = {event.occurred_at: events.occurred_at.notnull()}
    if event.known_at:
        tests[event.known_at] = events.known_at.notnull()
    if event.point:
        tests[event.point.x] = events.easting.notnull()
    if event.area:
        tests[event.area] = events.area_code.notnull()
    for name in event.attributes:
        held = events.attributes.get(name, ibis.literal(None, type="string"))
        tests[name] = held.notnull()
    return tests


def _spans(table: ir.Table, occurred: str, then: ir.BooleanValue) -> dict[str, ir.Value]:
    return {
        "now": table.count(),
        "then": then.ifelse(1, 0).sum(),
        "last_occurred": table[occurred].max(),
        "last_known": table.known_at.max(),
        "last_known_then": table.known_at.max(where=then),
    }


def _sums(tests: Mapping[str, ir.BooleanValue], then: ir.BooleanValue) -> dict[str, ir.Value]:
    """Count each test at both moments; names begin apart from those of `_spans`."""
    now = {f"now {name}": test.ifelse(1, 0).sum() for name, test in tests.items()}
    return now | {f"then {name}": (test & then).ifelse(1, 0).sum() for name, test in tests.items()}


def _one_row(table: ir.Table) -> dict[str, Any]:
    """Return a row of aggregates; sums over no rows are 0, and no moment is None."""
    row = table.to_pandas().iloc[0]
    moments = {name for name in row.index if str(name).startswith("last_")}
    return {
        str(name): (None if pd.isna(row[name]) else row[name].to_pydatetime())
        if name in moments
        else (0 if pd.isna(row[name]) else int(row[name]))
        for name in row.index
    }


def _read(
    row: Mapping[str, Any], fields: Mapping[str, Any], now: int, then: int
) -> dict[str, Filled]:
    return {f: Filled(row[f"now {f}"], now, row[f"then {f}"], then) for f in fields}


def _counted(row: Mapping[str, Any], filled: Mapping[str, Filled]) -> Counted:
    spans = ("now", "then", "last_occurred", "last_known", "last_known_then")
    return Counted(**{name: row[name] for name in spans}, filled=filled)
