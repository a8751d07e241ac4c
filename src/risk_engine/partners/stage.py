"""Files of one source -> one table of cells, exactly as sent, numbered by file and row."""

# ruff: noqa: S608 - statements hold own table names and texts quoted in `sql`, never cells
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice
from pathlib import Path

import duckdb
import pyarrow as pa

from risk_engine.config import Contract, Source
from risk_engine.config.contract import FieldSpec
from risk_engine.errors import InputError
from risk_engine.partners.files import check_header, check_present, open_csv
from risk_engine.partners.sql import identifier, literal

#: Rows handed to the database at once; bounds the memory of reading.
_BATCH = 20_000
_ISO = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%dT%H:%M:%S", "month": "%Y-%m"}


@dataclass(frozen=True)
class StagedFile:
    """One file whose rows are staged.

    Attributes
    ----------
    number
        Position among the files of its source, from 0.
    header
        Column names in file order.
    read
        Data rows in the file, those with too few or too many cells included.
    """

    number: int
    path: Path
    header: tuple[str, ...]
    read: int


def stage(
    source: Source, *, connection: duckdb.DuckDBPyConnection, table: str
) -> tuple[StagedFile, ...]:
    """Read every file of a source into `table`: ``file_no, row, cells``; rows count from 1.

    Raises
    ------
    InputError
        If a file cannot be used as a whole; see `files.open_csv`.
    """
    _check_names(source)
    connection.execute(f"CREATE TEMP TABLE {table} (file_no INTEGER, row BIGINT, cells VARCHAR[])")
    staged = []
    for number, path in enumerate(source.files):
        check_present(path, source.contract.source)
        read = _stage_parquet if path.suffix.lower() == ".parquet" else _stage_csv
        staged.append(read(connection, table, number, path, source.contract))
    return tuple(staged)


def _check_names(source: Source) -> None:
    name = source.contract.source
    if not source.files:
        raise InputError(f"{name}: no file is configured", code="MISSING_FILE")
    counts = Counter(path.name for path in source.files)
    twice = [file for file, count in counts.items() if count > 1]
    if twice:
        raise InputError(
            f"{name}: two files are called '{twice[0]}'",
            code="FILE_TWICE",
            hint="rename one: rows without a key are named by file and row",
        )


def _stage_csv(
    connection: duckdb.DuckDBPyConnection, table: str, number: int, path: Path, contract: Contract
) -> StagedFile:
    read = 0
    with open_csv(path, contract) as (header, rows):
        for batch in _batches(rows):
            connection.register("staged_batch", _arrow(batch, start=read + 1))
            connection.execute(
                f"INSERT INTO {table} SELECT ?, row, cells FROM staged_batch",
                [number],
            )
            connection.unregister("staged_batch")
            read += len(batch)
    return StagedFile(number, path, tuple(header), read)


def _batches(rows: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _arrow(rows: Sequence[Sequence[str]], *, start: int) -> pa.Table:
    ends = accumulate((len(row) for row in rows), initial=0)
    cells = pa.ListArray.from_arrays(
        pa.array(list(ends), pa.int32()), pa.array(list(chain.from_iterable(rows)), pa.string())
    )
    return pa.table({"row": pa.array(range(start, start + len(rows)), pa.int64()), "cells": cells})


def _stage_parquet(
    connection: duckdb.DuckDBPyConnection, table: str, number: int, path: Path, contract: Contract
) -> StagedFile:
    try:
        described = connection.execute(
            "DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]
        ).fetchall()
        header = [str(column[0]) for column in described]
        check_header(header, path, contract)
        specs = {spec.column: spec for spec in contract.fields.values()}
        cells = [
            _as_text(name, str(kind), specs.get(name), contract.timezone)
            for name, kind, *_ in described
        ]
        connection.execute(
            f"INSERT INTO {table} SELECT ?, file_row_number + 1, [{', '.join(cells)}] "
            "FROM read_parquet(?, file_row_number = true)",
            [number, str(path)],
        )
    except duckdb.Error as error:
        raise InputError(
            f"{contract.source}: {path.name} cannot be read as Parquet ({type(error).__name__})",
            code="UNREADABLE",
            hint="the file is damaged or is another kind of file; ask for it again",
        ) from None
    (read,) = connection.execute(
        f"SELECT count(*) FROM {table} WHERE file_no = ?",
        [number],
    ).fetchall()[0]
    return StagedFile(number, path, tuple(header), int(read))


def _as_text(name: str, kind: str, spec: FieldSpec | None, timezone: str) -> str:
    """Write a typed column as the contract would have it written, so that one rule reads both."""
    column = identifier(name)
    if kind == "TIMESTAMP WITH TIME ZONE":
        column = f"timezone({literal(timezone)}, {column})"
    if spec and spec.type in _ISO and kind.startswith(("TIMESTAMP", "DATE")):
        pattern = spec.formats[0] if spec.formats else _ISO[spec.type]
        return f"strftime({column}, {literal(pattern)})"
    return f"CAST({column} AS VARCHAR)"
