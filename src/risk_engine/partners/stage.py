"""A drop -> a relation of cells exactly as sent, which the judge reads row by row.

Each kind of file is read by its fastest faithful reader: CSV by the database itself where its bytes
leave nothing to guess (`bytescan`), else by the strict reader of `files`; Parquet by the database;
Excel by `workbook`. What the slower readers give is staged in a table of lists of cells.
"""

# ruff: noqa: S608 - statements hold own table names and texts quoted in `sql`, never cells
from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import accumulate, chain, islice

import duckdb
import pyarrow as pa

from risk_engine.config import Contract
from risk_engine.config.contract import FieldSpec
from risk_engine.errors import InputError
from risk_engine.partners.bytescan import Look, look
from risk_engine.partners.drops import Drop
from risk_engine.partners.files import check_header, open_csv, plain_header
from risk_engine.partners.rules import ISO
from risk_engine.partners.sql import identifier, literal, texts
from risk_engine.partners.workbook import open_sheet

#: Rows handed to the database at once; bounds the memory of reading.
_BATCH = 20_000


@dataclass(frozen=True)
class Cells:
    """The rows of one drop as the database sees them.

    Attributes
    ----------
    header
        Column names in file order.
    relation
        SQL after FROM; its rows are the data rows in file order.
    rows
        How many there must be, where that is known before reading.
    listed
        True: each row is one list ``cells``, perhaps of another length than the header; False: the
        columns ``c0, c1, ...``.
    """

    header: tuple[str, ...]
    relation: str
    listed: bool
    rows: int | None = None

    def cell(self, column: str) -> str:
        """Return the SQL of one column's cell."""
        at = self.header.index(column)
        return f"cells[{at + 1}]" if self.listed else f"c{at}"

    @property
    def row(self) -> str:
        """SQL of the whole row as a list of cells."""
        return "cells" if self.listed else f"[{', '.join(self.columns)}]"

    @property
    def ragged(self) -> str:
        """SQL that is true for a row with more or fewer cells than the header."""
        return f"len(cells) <> {len(self.header)}" if self.listed else "false"

    @property
    def columns(self) -> list[str]:
        """Names of the columns where rows are not lists."""
        return [f"c{at}" for at in range(len(self.header))]


def quick_cells(
    drop: Drop, contract: Contract, connection: duckdb.DuckDBPyConnection
) -> Cells | None:
    """Return the cells as the database's own reader gives them; None where it might guess."""
    if drop.kind == "parquet":
        return _parquet(drop, contract, connection)
    if drop.kind != "csv":
        return None
    header = plain_header(drop.path, contract)
    if header is None or len(header) < 2:
        return None
    seen = look(drop.path, contract.format.delimiter)
    if seen.odd:
        return None
    cells = _database_csv(drop, contract, header)
    if _too_many(cells, seen, contract, connection):
        return None
    return cells if seen.quoted else replace(cells, rows=seen.lines)


@contextmanager
def slow_cells(
    drop: Drop, contract: Contract, connection: duckdb.DuckDBPyConnection, table: str
) -> Iterator[Cells]:
    """Stage a drop row by row with the strict readers; `table` is dropped afterwards.

    Raises
    ------
    InputError
        If the file cannot be used as a whole; see `files.open_csv` and `workbook.open_sheet`.
    """
    opener = open_sheet if drop.kind == "excel" else open_csv
    connection.execute(f"CREATE TEMP TABLE {table} (cells VARCHAR[])")
    try:
        with opener(drop.path, contract) as (header, rows):
            while batch := list(islice(rows, _BATCH)):
                connection.register("staged_batch", _arrow(batch))
                connection.execute(f"INSERT INTO {table} SELECT cells FROM staged_batch")
                connection.unregister("staged_batch")
        yield Cells(tuple(header), table, listed=True)
    finally:
        connection.execute(f"DROP TABLE {table}")


def _arrow(rows: Sequence[Sequence[str]]) -> pa.Table:
    ends = accumulate((len(row) for row in rows), initial=0)
    cells = pa.ListArray.from_arrays(
        pa.array(list(ends), pa.int32()), pa.array(list(chain.from_iterable(rows)), pa.string())
    )
    return pa.table({"cells": cells})


def _database_csv(drop: Drop, contract: Contract, header: Sequence[str]) -> Cells:
    columns = [f"c{at}" for at in range(len(header))]
    kinds = ", ".join(f"'{column}': 'VARCHAR'" for column in columns)
    relation = (
        f"read_csv({literal(str(drop.path))}, auto_detect = false, header = false, skip = 1, "
        f"delim = {literal(contract.format.delimiter)}, quote = '\"', escape = '\"', "
        f"columns = {{{kinds}}}, force_not_null = {texts(columns)}, strict_mode = true, "
        "null_padding = false, ignore_errors = false)"
    )
    return Cells(tuple(header), relation, listed=False)


def _too_many(
    cells: Cells, seen: Look, contract: Contract, connection: duckdb.DuckDBPyConnection
) -> bool:
    """Say whether a row may end with a delimiter too many: its last cell is dropped in silence."""
    mark, each, rows, quoted = contract.format.delimiter, len(cells.header) - 1, seen.lines, 0
    if seen.quoted:
        inside = " + ".join(
            f"len({c}) - len(replace({c}, {literal(mark)}, ''))" for c in cells.columns
        )
        try:
            ((rows, quoted),) = connection.execute(
                f"SELECT count(*), coalesce(sum({inside}), 0) FROM {cells.relation}"
            ).fetchall()
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            return True
    return bool(seen.delimiters != each * rows + quoted)


def _parquet(drop: Drop, contract: Contract, connection: duckdb.DuckDBPyConnection) -> Cells:
    try:
        described = connection.execute(
            "DESCRIBE SELECT * FROM read_parquet(?)", [str(drop.path)]
        ).fetchall()
    except duckdb.Error as error:
        raise unreadable(drop, contract, error) from None
    header = [str(column[0]) for column in described]
    check_header(header, drop.path, contract)
    specs = {spec.column: spec for spec in contract.fields.values()}
    cells = ", ".join(
        f"{_as_text(name, str(kind), specs.get(name), contract.timezone)} AS c{at}"
        for at, (name, kind, *_) in enumerate(described)
    )
    return Cells(
        tuple(header), f"(SELECT {cells} FROM read_parquet({literal(str(drop.path))}))", False
    )


def unreadable(drop: Drop, contract: Contract, error: Exception) -> InputError:
    """Say that the database could not read a file; its own words may hold a cell."""
    return InputError(
        f"{contract.source}: {drop.file} cannot be read as {drop.kind.capitalize()} "
        f"({type(error).__name__})",
        code="UNREADABLE",
        hint="the file is damaged or is another kind of file; ask for it again",
    )


def _as_text(name: str, kind: str, spec: FieldSpec | None, timezone: str) -> str:
    """Write a typed column as the contract would have it written, so that one rule reads both."""
    column = identifier(name)
    if kind == "TIMESTAMP WITH TIME ZONE":
        column = f"timezone({literal(timezone)}, {column})"
    if spec and spec.type in ISO and kind.startswith(("TIMESTAMP", "DATE")):
        pattern = spec.formats[0] if spec.formats else ISO[spec.type]
        return f"strftime({column}, {literal(pattern)})"
    return f"CAST({column} AS VARCHAR)"
