"""One row of a contract as SQL: from cells as sent to typed values, times, repairs and faults."""

# ruff: noqa: S608 - statements hold own table names and texts quoted in `sql`, never cells
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import get_args

from risk_engine.config import Contract
from risk_engine.config.definition import Role
from risk_engine.partners import repairs
from risk_engine.partners.clock import utc
from risk_engine.partners.identifiers import by_key
from risk_engine.partners.rules import (
    column,
    fault,
    mended,
    required_fields,
    stored,
    tagged,
    value,
    word,
)
from risk_engine.partners.sql import literal, texts, trimmed
from risk_engine.partners.stage import Cells

#: Length of the period that an event's time stands for.
_PERIOD = {"minute": "INTERVAL 1 MINUTE", "day": "INTERVAL 1 DAY", "month": "INTERVAL 1 MONTH"}
#: Length of what a field of this type states.
_STATED = {"date": "INTERVAL 1 DAY", "month": "INTERVAL 1 MONTH"}
#: SQL of a condition, never null, and of the text ``CODE:field`` that is null where it is false.
Found = tuple[str, str]


@dataclass(frozen=True)
class RowSql:
    """Writes the query that types and judges rows, as far as one row alone can be judged.

    Attributes
    ----------
    known_areas
        Codes of the local areas.
    as_of
        First instant not known, naive UTC: the retention period is counted back from it.
    """

    contract: Contract
    known_areas: tuple[str, ...]
    as_of: datetime

    def query(self, cells: Cells, file_no: int) -> str:
        """Return the query over one drop.

        Its columns: ``file_no``; of each field ``f_<field>`` (text), ``v_<field>`` (value) or
        ``c_<field>`` (place of the code's word), see `rules.stored`; ``occurred_at, known_at``;
        ``key_id`` (the identifier of its key), ``expired`` (older than may be kept), ``repairs``
        and ``faults`` (lists of ``CODE:field``). Rows stay in file order.
        """
        fields = self.contract.fields.items()
        kept = [stored(name, spec) for name, spec in fields if name != self.contract.lone_key]
        return f"""
            WITH cells AS (
                SELECT {cells.ragged} AS ragged, {self._picked(cells)} FROM {cells.relation}
            ),
            given AS (SELECT *, {", ".join(self._given())} FROM cells),
            typed AS (SELECT {", ".join(["*", *self._typed()])} FROM given),
            mended AS (SELECT {", ".join(["*", *self._mended()])} FROM typed),
            dated AS (SELECT *, {self._occurred()} AS occurred_local FROM mended),
            timed AS (
                SELECT *, {utc("occurred_local", self.contract.timezone)} AS occurred_at,
                    {self._known()} AS known_at
                FROM dated
            )
            SELECT {file_no}::INTEGER AS file_no, {", ".join([*kept, "occurred_at", "known_at"])},
                {by_key(self.contract)}::UUID AS key_id,
                coalesce(occurred_at < {self._oldest()}, false) AS expired,
                {_present(self._repairs())} AS repairs,
                CASE WHEN ragged THEN ['RAGGED_ROW:'] ELSE {_present(self._faults())} END AS faults
            FROM timed
        """

    def _picked(self, cells: Cells) -> str:
        """Pick the mapped columns; drops of one source may order their columns differently."""
        fields = self.contract.fields.items()
        return ", ".join(f"{trimmed(cells.cell(spec.column))} AS t_{name}" for name, spec in fields)

    def _given(self) -> Iterable[str]:
        """Texts that say nothing become null."""
        for name, spec in self.contract.fields.items():
            nothing = [f"list_contains({texts(spec.missing)}, t_{name})"] if spec.missing else []
            nothing += [blank] if (blank := self._placeholder(name)) else []
            cases = f"CASE WHEN {' OR '.join(nothing)} THEN NULL ELSE t_{name} END"
            yield f"{cases if nothing else f't_{name}'} AS f_{name}"

    def _typed(self) -> Iterable[str]:
        for name, spec in self.contract.fields.items():
            if spec.type != "string":
                yield f"{value(name, spec, self.contract)} AS w_{name}"

    def _mended(self) -> Iterable[str]:
        for name, spec in self.contract.fields.items():
            if spec.type == "string":
                continue
            repair = mended(name, spec, self.contract)
            again = (
                f"CASE WHEN w_{name} IS NULL AND f_{name} IS NOT NULL THEN {repair[1]} END"
                if (repair)
                else "NULL"
            )
            mended_value = f"coalesce(w_{name}, {again})" if repair else f"w_{name}"
            yield f"{mended_value} AS {stored(name, spec)}"

    def _repairs(self) -> Iterable[Found]:
        for name, spec in self.contract.fields.items():
            if blank := self._placeholder(name):
                yield _when(blank, "PLACEHOLDER", name)
            if repair := mended(name, spec, self.contract):
                done = f"w_{name} IS NULL AND {stored(name, spec)} IS NOT NULL"
                yield _when(done, repair[0], name)

    def _placeholder(self, name: str) -> str | None:
        required = name in required_fields(self.contract)
        return repairs.placeholder(name, f"t_{name}", self.contract, required=required)

    def _occurred(self) -> str:
        measures, record = self.contract.measures, self.contract.record
        if measures and measures.year:
            return f"make_timestamp({measures.year}, 1, 1, 0, 0, 0)"
        return f"date_trunc({literal(record.precision)}, v_{record.occurred_at})"

    def _known(self) -> str:
        """Return when the partner had recorded it.

        A day or a month that a field states is over before its row counts as known: known at the
        last instant of it. Without a field, it is known this long after the end of the period in
        which it occurred.
        """
        event, zone, measures = self.contract.record, self.contract.timezone, self.contract.measures
        known = []
        if event.known_at:
            field = f"v_{event.known_at}"
            stated = _STATED.get(self.contract.fields[event.known_at].type)
            last = f"{utc(f'{field} + {stated}', zone)} - INTERVAL 1 MICROSECOND"
            known.append(last if stated else utc(field, zone))
        if event.known_after:
            period = _PERIOD[event.precision]
            if measures and measures.year:
                period = "INTERVAL 1 YEAR"
            end = f"occurred_local + {period}"
            known.append(utc(f"{end} + INTERVAL {event.known_after.days} DAY", zone))
        return f"coalesce({', '.join(known)})"

    def _oldest(self) -> str:
        oldest = self.as_of - timedelta(days=self.contract.retention.days)
        return f"TIMESTAMP {literal(oldest.isoformat(sep=' '))}"

    def _word(self, name: str) -> str:
        spec = self.contract.fields[name]
        return word(name, spec) if spec.type == "code" else column(name, spec)

    def _faults(self) -> list[Found]:
        contract, needed = self.contract, required_fields(self.contract)
        event = contract.record
        found = [
            fault(name, spec, required=name in needed) for name, spec in contract.fields.items()
        ]
        if known := event.known_at or event.occurred_at:
            found.append(_when("known_at < occurred_at", "KNOWN_BEFORE_OCCURRED", known))
        if isinstance(event.role, str):
            allowed = f"list_contains({texts(get_args(Role))}, {self._word(event.role)})"
            found.append(_when(f"NOT {allowed}", "UNKNOWN_CODE", event.role))
        if event.area:
            allowed = f"list_contains({texts(self.known_areas)}, {self._word(event.area)})"
            found.append(_when(f"NOT {allowed}", "UNKNOWN_CODE", event.area))
        return [*found, *self._half_points(needed)]

    def _half_points(self, needed: set[str]) -> Iterable[Found]:
        person = self.contract.person
        for point in (self.contract.record.point, person.home if person else None):
            for a, b in ((point.x, point.y), (point.y, point.x)) if point else ():
                if a not in needed:
                    yield _when(f"f_{a} IS NULL AND f_{b} IS NOT NULL", "REQUIRED_MISSING", a)


def _present(found: Iterable[Found]) -> str:
    """Return the list of what was found; nearly always nothing is, which is quick to see."""
    conditions, texts = zip(*found, strict=True) if (found := list(found)) else ((), ())
    if not texts:
        return "[]::VARCHAR[]"
    return (
        f"CASE WHEN NOT ({' OR '.join(conditions)}) THEN []::VARCHAR[] "
        f"ELSE list_filter([{', '.join(texts)}], lambda f: f IS NOT NULL) END"
    )


def _when(condition: str, code: str, field: str) -> Found:
    return f"coalesce({condition}, false)", f"CASE WHEN {condition} THEN {tagged(code, field)} END"
