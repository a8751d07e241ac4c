"""Drops -> one judged row a data row: typed values, two times, place, repairs and faults.

Everything is set-based in DuckDB. Tables made here are named after the `prefix` of the source:

* ``<prefix>_typed``: one row a data row, in file order, so that its ``rowid`` numbers the rows;
* ``<prefix>_judged``: a view of it with row numbers, places and the faults of places.
"""

# ruff: noqa: S608 - statements hold own table names and texts quoted in `sql`, never cells
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import duckdb

from risk_engine.config import Contract
from risk_engine.config.contract import PointSpec
from risk_engine.errors import IntegrityError
from risk_engine.partners.drops import Drop
from risk_engine.partners.points import locate
from risk_engine.partners.row import RowSql
from risk_engine.partners.rules import as_sent, column
from risk_engine.partners.sql import literal
from risk_engine.partners.stage import Cells, quick_cells, slow_cells, unreadable
from risk_engine.places import AreaMap


@dataclass(frozen=True)
class StagedFile:
    """One drop whose rows are judged.

    Attributes
    ----------
    number
        Position among the drops of its source, from 0.
    first
        ``rowid`` of its first row in the typed table.
    read
        Data rows in the file, those with too few or too many cells included.
    quick
        Whether the database's own reader could read it.
    """

    number: int
    drop: Drop
    first: int
    read: int
    quick: bool


@dataclass
class Judge:
    """Judges the rows of one source.

    Attributes
    ----------
    prefix
        Start of the names of its tables.
    sql
        Writes the query that types and judges the rows of a drop.
    key
        Secret of the keyed identifiers, in hexadecimal.
    files
        What was taken so far.
    """

    contract: Contract
    connection: duckdb.DuckDBPyConnection
    prefix: str
    areas: AreaMap
    sql: RowSql
    key: str
    files: list[StagedFile] = field(default_factory=list)

    def take(self, drop: Drop) -> None:
        """Read one drop into the typed table.

        Raises
        ------
        InputError
            If the file cannot be used as a whole.
        """
        number, first = len(self.files), sum(file.read for file in self.files)
        quick = self._take_quickly(drop, number)
        if not quick:
            with slow_cells(drop, self.contract, self.connection, f"{self.prefix}_cells") as cells:
                self._insert(cells, number)
        read = self._one(f"SELECT count(*) FROM {self.prefix}_typed") - first
        self.files.append(StagedFile(number, drop, first, read, quick))

    def locate(self) -> None:
        """Make ``<prefix>_judged``: every row with its number, its place and its ``faults``."""
        self._check_numbering()
        for name, point in self._points.items():
            locate(
                point,
                connection=self.connection,
                rows=f"{self.prefix}_typed",
                table=f"{self.prefix}_{name}_points",
                areas=self.areas,
                mend=name == "event" and "point_swapped" in self.contract.repairs,
            )
        self.connection.execute(f"CREATE TEMP VIEW {self.prefix}_judged AS {self._view()}")

    @contextmanager
    def again(self, file: StagedFile) -> Iterator[Cells]:
        """Give the cells of a drop once more, as they were sent."""
        cells = quick_cells(file.drop, self.contract, self.connection) if file.quick else None
        if cells is not None:
            yield cells
            return
        table = f"{self.prefix}_cells"
        with slow_cells(file.drop, self.contract, self.connection, table) as slow:
            yield slow

    @cached_property
    def _points(self) -> dict[str, PointSpec | None]:
        person = self.contract.person
        return {"event": self.contract.record.point, "home": person.home if person else None}

    def _take_quickly(self, drop: Drop, number: int) -> bool:
        cells = quick_cells(drop, self.contract, self.connection)
        if cells is None:
            return False
        try:
            self._insert(cells, number)
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            if drop.kind == "parquet":
                raise unreadable(drop, self.contract, error) from None
            if isinstance(error, duckdb.IOException):
                raise
            return False  # the strict reader says what is wrong, row by row
        return True

    def _insert(self, cells: Cells, number: int) -> None:
        table, query = f"{self.prefix}_typed", self.sql.query(cells, number)
        verb = f"INSERT INTO {table}" if self.files else f"CREATE TEMP TABLE {table} AS"
        self.connection.execute(f"{verb} {query}", {"key": self.key})

    def _check_numbering(self) -> None:
        """See that row ids count the rows without a gap: they are shown as row numbers."""
        last = self._one(f"SELECT coalesce(max(rowid), -1) + 1 FROM {self.prefix}_typed")
        if last != sum(file.read for file in self.files):
            raise IntegrityError(
                f"{self.contract.source}: the rows of its files cannot be numbered",
                code="ROWS_LOST",
                hint="nothing of this run can be used; report it with the contract",
            )

    def _view(self) -> str:
        event, home = self._points["event"], self._points["home"]
        named = self.contract.record.area
        own = f"t.{column(named, self.contract.fields[named])}" if named else None
        area = f"coalesce({own}, p.area_code)" if own else "p.area_code"
        point_fault = f"p.fault || {literal(f':{event.x}' if event else '')}"
        point_repair = f"p.repair || {literal(f':{event.x}' if event else '')}"
        # a home elsewhere is no fault of the row: people live outside the area they are known in
        home_fault = (
            "CASE WHEN h.fault IN ('POINT_SWAPPED', 'POINT_WRONG_SYSTEM') "
            f"THEN h.fault || {literal(f':{home.x}' if home else '')} END"
        )
        return f"""
            SELECT t.* EXCLUDE (faults, repairs), t.rowid - {self._first()} + 1 AS row,
                {", ".join(self._texts())} p.easting, p.northing, {area} AS area_code,
                h.easting AS home_easting, h.northing AS home_northing,
                {_with("t.repairs", point_repair)} AS repairs,
                {_with("t.faults", point_fault, home_fault)} AS faults
            FROM {self.prefix}_typed t
            LEFT JOIN {self.prefix}_event_points p ON {_same_point("p", event)}
            LEFT JOIN {self.prefix}_home_points h ON {_same_point("h", home)}
        """

    def _texts(self) -> list[str]:
        """Typed fields as text again, so that every field has its ``f_<field>``."""
        typed = [(n, s) for n, s in self.contract.fields.items() if s.type != "string"]
        parts = [f"{as_sent(name, spec)} AS f_{name}" for name, spec in typed]
        return [*parts, ""] if parts else []

    def _first(self) -> str:
        starts = [file.first for file in self.files]
        return f"({starts}::BIGINT[])[t.file_no + 1]"

    def _one(self, statement: str) -> Any:
        (row,) = self.connection.execute(statement).fetchall()
        return row[0]


def _with(found: str, *more: str) -> str:
    """Add to a list what is not null; the list itself where nothing is."""
    added = f"list_filter([{', '.join(more)}], lambda f: f IS NOT NULL)"
    nothing = " AND ".join(f"({text}) IS NULL" for text in more)
    return f"CASE WHEN {nothing} THEN {found} ELSE list_concat({found}, {added}) END"


def _same_point(alias: str, point: PointSpec | None) -> str:
    return f"{alias}.x = t.v_{point.x} AND {alias}.y = t.v_{point.y}" if point else "false"
