"""Drops -> one judged row a data row: typed values, two times, place, repairs and faults.

Everything is set-based in DuckDB. Tables made here are named after the `prefix` of the source:

* ``<prefix>_typed``: one row a data row, in file order, so that its ``rowid`` numbers the rows;
* ``<prefix>_judged``: a view of it with row numbers and the faults of places;
* ``<prefix>_placed``: a view of that with the places themselves, which costs a look-up a row.
"""

# ruff: noqa: S608 - statements hold own table names and texts quoted in `sql`, never cells
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import duckdb

from risk_engine.config import Contract
from risk_engine.config.contract import PointSpec
from risk_engine.errors import IntegrityError
from risk_engine.partners.drops import Drop
from risk_engine.partners.points import locate
from risk_engine.partners.row import RowSql
from risk_engine.partners.rules import as_sent, column, word
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
        Its cells by the database's own reader; None where the strict one had to read it.
    """

    number: int
    drop: Drop
    first: int
    read: int
    quick: Cells | None


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
        if quick is None:
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
        self.connection.execute(f"CREATE TEMP TABLE {self.prefix}_misplaced AS {self._misplaced()}")
        self.connection.execute(f"CREATE TEMP VIEW {self.prefix}_judged AS {self._judged()}")
        self.connection.execute(f"CREATE TEMP VIEW {self.prefix}_placed AS {self._placed()}")

    @contextmanager
    def again(self, file: StagedFile) -> Iterator[Cells]:
        """Give the cells of a drop once more, as they were sent."""
        if file.quick is not None:
            yield file.quick
            return
        table = f"{self.prefix}_cells"
        with slow_cells(file.drop, self.contract, self.connection, table) as slow:
            yield slow

    @cached_property
    def _points(self) -> dict[str, PointSpec | None]:
        person = self.contract.person
        return {"event": self.contract.record.point, "home": person.home if person else None}

    def _take_quickly(self, drop: Drop, number: int) -> Cells | None:
        cells = quick_cells(drop, self.contract, self.connection)
        if cells is None:
            return None
        try:
            self._insert(cells, number)
        except (duckdb.OutOfMemoryException, duckdb.InterruptException):
            raise
        except duckdb.Error as error:
            if drop.kind == "parquet":
                raise unreadable(drop, self.contract, error) from None
            if isinstance(error, duckdb.IOException):
                raise
            return None  # the strict reader says what is wrong, row by row
        return cells if self._complete(cells, number) else None

    def _complete(self, cells: Cells, number: int) -> bool:
        """See that as many rows came as there are lines; else take them out again.

        Blank lines are passed over, and could make up for a delimiter too many elsewhere.
        """
        table = f"{self.prefix}_typed"
        read = self._one(f"SELECT count(*) FROM {table}") - sum(file.read for file in self.files)
        if cells.rows in {None, read}:
            return True
        # made anew rather than deleted from, so that row ids still count the rows
        kept = f"CREATE TEMP TABLE {table}_kept AS SELECT * FROM {table} WHERE file_no <> {number}"
        self.connection.execute(kept)
        self.connection.execute(f"DROP TABLE {table}")
        self.connection.execute(f"ALTER TABLE {table}_kept RENAME TO {self.prefix}_typed")
        return False

    def _insert(self, cells: Cells, number: int) -> None:
        table, query = f"{self.prefix}_typed", self.sql.query(cells, number)
        verb = f"INSERT INTO {table}" if self.files else f"CREATE OR REPLACE TEMP TABLE {table} AS"
        self.connection.execute(f"{verb} {query}", {"key": self.key} if "$key" in query else None)

    def _check_numbering(self) -> None:
        """See that row ids count the rows without a gap: they are shown as row numbers."""
        last = self._one(f"SELECT coalesce(max(rowid), -1) + 1 FROM {self.prefix}_typed")
        if last != sum(file.read for file in self.files):
            raise IntegrityError(
                f"{self.contract.source}: the rows of its files cannot be numbered",
                code="ROWS_LOST",
                hint="nothing of this run can be used; report it with the contract",
            )

    def _misplaced(self) -> str:
        """Return the query for the few rows whose point has a fault or was mended."""
        event, home = self._points["event"], self._points["home"]
        at, of = (literal(f":{point.x}" if point else "") for point in (event, home))
        # a home elsewhere is no fault of the row: people live outside the area they are known in
        wrong = "h.fault IN ('POINT_SWAPPED', 'POINT_WRONG_SYSTEM')"
        faults = _present(f"p.fault || {at}", f"CASE WHEN {wrong} THEN h.fault || {of} END")
        return f"""
            SELECT t.rowid AS id, {faults} AS wrong, {_present(f"p.repair || {at}")} AS mended
            FROM {self.prefix}_typed t
            LEFT JOIN {self.prefix}_event_points p ON {_same_point("p", event)}
                AND coalesce(p.fault, p.repair) IS NOT NULL
            LEFT JOIN {self.prefix}_home_points h ON {_same_point("h", home)} AND {wrong}
            WHERE p.fault IS NOT NULL OR p.repair IS NOT NULL OR h.fault IS NOT NULL
        """

    def _judged(self) -> str:
        contract, event = self.contract, self.contract.record
        return f"""
            SELECT t.* EXCLUDE (faults, repairs, key_id), t.rowid - {self._first()} + 1 AS row,
                key_id, replace(key_id::VARCHAR, '-', '') AS event_id,
                {", ".join(self._texts())} {_named(event.kind, contract)} AS kind,
                coalesce({_named(event.role, contract)}, 'none') AS role,
                CASE WHEN m.id IS NULL THEN t.repairs ELSE list_concat(t.repairs, m.mended) END
                    AS repairs,
                CASE WHEN m.id IS NULL THEN t.faults ELSE list_concat(t.faults, m.wrong) END
                    AS faults
            FROM {self.prefix}_typed t LEFT JOIN {self.prefix}_misplaced m ON m.id = t.rowid
        """

    def _placed(self) -> str:
        event, home = self._points["event"], self._points["home"]
        named = self.contract.record.area
        own = column(named, self.contract.fields[named]) if named else None
        area = f"coalesce({own}, p.area_code)" if own else "p.area_code"
        return f"""
            SELECT t.*, p.easting, p.northing, {area} AS area_code,
                h.easting AS home_easting, h.northing AS home_northing
            FROM {self.prefix}_judged t
            LEFT JOIN {self.prefix}_event_points p ON {_same_point("p", event)}
            LEFT JOIN {self.prefix}_home_points h ON {_same_point("h", home)}
        """

    def _texts(self) -> list[str]:
        """Give every field its text ``f_<field>``, and every code its word ``v_<field>``."""
        parts = []
        for name, spec in self.contract.fields.items():
            if name == self.contract.lone_key:
                parts.append(f"key_id::VARCHAR AS f_{name}")
            elif spec.type == "code":
                parts += [f"{word(name, spec)} AS {letter}_{name}" for letter in "fv"]
            elif spec.type != "string":
                parts.append(f"{as_sent(name, spec)} AS f_{name}")
        return [*parts, ""] if parts else []

    def _first(self) -> str:
        starts = [file.first for file in self.files]
        return f"({starts}::BIGINT[])[t.file_no + 1]"

    def _one(self, statement: str) -> Any:
        (row,) = self.connection.execute(statement).fetchall()
        return row[0]


def _present(*texts: str) -> str:
    return f"list_filter([{', '.join(texts)}], lambda f: f IS NOT NULL)"


def _named(spec: str | dict[Literal["const"], str], contract: Contract) -> str:
    """Return a field's value, or a constant."""
    if not isinstance(spec, str):
        return literal(spec["const"])
    field = contract.fields[spec]
    return word(spec, field) if field.type == "code" else column(spec, field)


def _same_point(alias: str, point: PointSpec | None) -> str:
    return f"{alias}.x = t.v_{point.x} AND {alias}.y = t.v_{point.y}" if point else "false"
