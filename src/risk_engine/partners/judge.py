"""Cells -> one judged row a data row: typed values, two times, place, and a list of faults.

Everything is set-based in DuckDB; a fault is the text ``CODE:field`` and a row carries all of its
faults. Tables made here are named after the `prefix` of the source being read.
"""

# ruff: noqa: S608 - statements hold own table names and texts quoted in `sql`, never cells
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import duckdb

from risk_engine.config import Contract
from risk_engine.config.contract import PointSpec
from risk_engine.config.definition import Role
from risk_engine.partners.points import locate
from risk_engine.partners.rules import column, fault, required_fields, tagged, value
from risk_engine.partners.sql import literal, texts, trimmed, utc
from risk_engine.partners.stage import StagedFile
from risk_engine.places import AreaMap

#: Length of the period that an event's time stands for.
_PERIOD = {"minute": "INTERVAL 1 MINUTE", "day": "INTERVAL 1 DAY", "month": "INTERVAL 1 MONTH"}
#: Length of what a field of this type states.
_STATED = {"date": "INTERVAL 1 DAY", "month": "INTERVAL 1 MONTH"}


@dataclass(frozen=True)
class Judge:
    """Judges the rows of one source.

    Attributes
    ----------
    prefix
        Start of the names of its tables: ``_raw`` (given), ``_typed``, ``_judged``.
    """

    contract: Contract
    connection: duckdb.DuckDBPyConnection
    prefix: str
    areas: AreaMap

    def run(self, files: Sequence[StagedFile]) -> None:
        """Make ``<prefix>_judged``: every row of the right length, with its ``faults``."""
        self._typed(files)
        self._judged()

    def _cells(self, files: Sequence[StagedFile]) -> str:
        """Pick the mapped columns; files of one source may order their columns differently."""
        layouts: dict[tuple[str, ...], list[int]] = {}
        for file in files:
            layouts.setdefault(file.header, []).append(file.number)
        parts = []
        for header, numbers in layouts.items():
            picked = ", ".join(
                f"{trimmed(f'cells[{header.index(spec.column) + 1}]')} AS f_{name}"
                for name, spec in self.contract.fields.items()
            )
            parts.append(
                f"SELECT file_no, row, {picked} FROM {self.prefix}_raw "
                f"WHERE list_contains({numbers}, file_no) AND len(cells) = {len(header)}"
            )
        return " UNION ALL ".join(parts)

    def _typed(self, files: Sequence[StagedFile]) -> None:
        contract = self.contract
        values = [
            f"{value(name, spec, contract.timezone)} AS v_{name}"
            for name, spec in contract.fields.items()
            if spec.type != "string"
        ]
        self.connection.execute(f"""
            CREATE TEMP TABLE {self.prefix}_typed AS
            WITH cells AS ({self._cells(files)}),
            typed AS (SELECT {", ".join(["*", *values])} FROM cells),
            dated AS (SELECT *, {self._occurred()} AS occurred_local FROM typed),
            timed AS (
                SELECT *, {utc("occurred_local", contract.timezone)} AS occurred_at,
                    {self._known()} AS known_at,
                    {self._named(contract.record.kind)} AS kind, {self._role()} AS role
                FROM dated
            )
            SELECT * EXCLUDE (occurred_local),
                list_filter([{", ".join(self._faults())}], lambda f: f IS NOT NULL) AS faults
            FROM timed
        """)

    def _judged(self) -> None:
        event, person = self.contract.record, self.contract.person
        home = person.home if person else None
        for name, point in (("event", event.point), ("home", home)):
            locate(
                point,
                connection=self.connection,
                rows=f"{self.prefix}_typed",
                table=f"{self.prefix}_{name}_points",
                areas=self.areas,
            )
        point_fault = f"p.fault || {literal(f':{event.point.x}' if event.point else '')}"
        # a home elsewhere is no fault of the row: people live outside the area they are known in
        home_fault = (
            "CASE WHEN h.fault IN ('POINT_SWAPPED', 'POINT_WRONG_SYSTEM') "
            f"THEN h.fault || {literal(f':{home.x}' if home else '')} END"
        )
        area = f"coalesce({self._column(event.area)}, p.area_code)" if event.area else "p.area_code"
        self.connection.execute(f"""
            CREATE TEMP TABLE {self.prefix}_judged AS
            SELECT t.* EXCLUDE (faults), p.easting, p.northing, {area} AS area_code,
                h.easting AS home_easting, h.northing AS home_northing,
                list_filter(list_concat(t.faults, [{point_fault}, {home_fault}]),
                    lambda f: f IS NOT NULL) AS faults
            FROM {self.prefix}_typed t
            LEFT JOIN {self.prefix}_event_points p ON {_same_point("p", event.point)}
            LEFT JOIN {self.prefix}_home_points h ON {_same_point("h", home)}
        """)

    def _occurred(self) -> str:
        event = self.contract.record
        return f"date_trunc({literal(event.precision)}, v_{event.occurred_at})"

    def _known(self) -> str:
        """Return when the partner had recorded it.

        A day or a month that a field states is over before its row counts as known: known at the
        last instant of it. Without a field, it is known this long after the end of the period in
        which it occurred.
        """
        event, zone = self.contract.record, self.contract.timezone
        known = []
        if event.known_at:
            field = f"v_{event.known_at}"
            stated = _STATED.get(self.contract.fields[event.known_at].type)
            last = f"{utc(f'{field} + {stated}', zone)} - INTERVAL 1 MICROSECOND"
            known.append(last if stated else utc(field, zone))
        if event.known_after:
            end = f"occurred_local + {_PERIOD[event.precision]}"
            known.append(utc(f"{end} + INTERVAL {event.known_after.days} DAY", zone))
        return f"coalesce({', '.join(known)})"

    def _column(self, name: str) -> str:
        return column(name, self.contract.fields[name])

    def _named(self, spec: str | dict[Literal["const"], str]) -> str:
        return self._column(spec) if isinstance(spec, str) else literal(spec["const"])

    def _role(self) -> str:
        return f"coalesce({self._named(self.contract.record.role)}, 'none')"

    def _faults(self) -> list[str]:
        contract, needed = self.contract, required_fields(self.contract)
        event = contract.record
        found = [
            fault(name, spec, required=name in needed) for name, spec in contract.fields.items()
        ]
        known = event.known_at or event.occurred_at
        found.append(_when("known_at < occurred_at", "KNOWN_BEFORE_OCCURRED", known))
        if isinstance(event.role, str):
            found.append(
                _when(
                    f"NOT list_contains({texts(get_args(Role))}, role)", "UNKNOWN_CODE", event.role
                )
            )
        if event.area:
            known_areas = texts(self.areas.frame["area_code"])
            outside = f"NOT list_contains({known_areas}, {self._column(event.area)})"
            found.append(_when(outside, "UNKNOWN_CODE", event.area))
        for point in (event.point, contract.person.home if contract.person else None):
            if point:
                pairs = ((point.x, point.y), (point.y, point.x))
                found += [
                    _when(f"f_{a} IS NULL AND f_{b} IS NOT NULL", "REQUIRED_MISSING", a)
                    for a, b in pairs
                    if a not in needed
                ]
        return found


def _when(condition: str, code: str, field: str) -> str:
    return f"CASE WHEN {condition} THEN {tagged(code, field)} END"


def _same_point(alias: str, point: PointSpec | None) -> str:
    return f"{alias}.x = t.v_{point.x} AND {alias}.y = t.v_{point.y}" if point else "false"
