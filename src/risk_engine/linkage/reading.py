"""A table of one's own read as text: CSV, Parquet or Excel, whatever separator and encoding.

What a file is, is seen from its first bytes, not from its name. Messages name files, lines and
columns, never what is in a cell.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from risk_engine.errors import InputError, UsageError, suggest

#: Column with the name of the file that a row was read from (without its ending).
FILE = "(file)"
_SEPARATORS = ",;\t|"
_HEAD = 64 * 1024
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_RAGGED = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")


@dataclass(frozen=True)
class TextTable:
    """Rows as text.

    Attributes
    ----------
    frame
        The columns that were asked for, and `FILE`. Cells have no blanks around them; a cell
        without anything is null.
    notes
        What was decided in reading that a person should know.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...]


def read_tables(paths: Sequence[Path], wanted: Mapping[str, str]) -> TextTable:
    """Read files of the same columns one below the other.

    Parameters
    ----------
    wanted
        Column -> what it is for, as messages name it.

    Raises
    ------
    UsageError
        ``TABLE_TWICE`` for a file that is named twice.
    InputError
        ``MISSING_FILE``, ``EMPTY_FILE``, ``WRONG_ENCODING``, ``UNREADABLE``, ``TABLE_COLUMN``,
        ``COLUMN_TWICE``.
    """
    _refuse_twice(paths)
    read = [_read(path, wanted) for path in paths]
    frame = pd.concat([one.frame for one in read], ignore_index=True)
    return TextTable(frame, tuple(note for one in read for note in one.notes))


def check_columns(found: Sequence[str], wanted: Mapping[str, str], table: str) -> None:
    """Refuse a table that lacks a column or has one twice (``TABLE_COLUMN``, ``COLUMN_TWICE``)."""
    for column, purpose in wanted.items():
        if column not in found:
            raise InputError(
                f"{table} has no column '{column}' ({purpose}){suggest(column, found)}; "
                f"it has: {', '.join(found)}",
                code="TABLE_COLUMN",
            )
        if list(found).count(column) > 1:
            raise InputError(
                f"{table} has the column '{column}' ({purpose}) more than once",
                code="COLUMN_TWICE",
                hint="give one of them another name",
            )


def _refuse_twice(paths: Sequence[Path]) -> None:
    seen: set[Path] = set()
    for path in paths:
        if path.resolve() in seen:
            raise UsageError(f"the table {path.name} is given twice", code="TABLE_TWICE")
        seen.add(path.resolve())


def _read(path: Path, wanted: Mapping[str, str]) -> TextTable:
    head, notes = _head(path), list[str]()
    if head.startswith(b"PAR1"):
        rows = _parquet(path, wanted)
    elif head.startswith(b"PK\x03\x04"):
        rows = _with_header(_excel(path), path, wanted)
    else:
        rows, notes = _csv(path, head)
        rows = _with_header(rows, path, wanted)
    tidy = {column: _tidy(rows[column]) for column in rows.columns}
    frame = pd.DataFrame(tidy, index=rows.index).assign(**{FILE: path.stem})
    return TextTable(frame, tuple(notes))


def _head(path: Path) -> bytes:
    if not path.is_file():
        what = "is a folder, not a file" if path.is_dir() else "is not there"
        raise InputError(f"the table {path.name} {what}", code="MISSING_FILE")
    with path.open("rb") as handle:
        head = handle.read(_HEAD)
    if not head.strip():
        raise InputError(f"the table {path.name} is empty", code="EMPTY_FILE")
    return head


def _tidy(column: pd.Series) -> pd.Series:
    text = column.astype("str").str.strip()
    return text.where(text != "")


def _with_header(rows: pd.DataFrame, path: Path, wanted: Mapping[str, str]) -> pd.DataFrame:
    """Take the first row for the names of columns, and keep the columns that are wanted."""
    names = rows.iloc[0].astype("str").str.strip().fillna("").tolist() if len(rows) else []
    check_columns(names, wanted, path.name)
    chosen = rows.iloc[1:, [names.index(column) for column in wanted]]
    return chosen.set_axis(list(wanted), axis="columns")


def _csv(path: Path, head: bytes) -> tuple[pd.DataFrame, list[str]]:
    wide = head[:2] in _WIDE
    if not wide and b"\0" in head:
        raise InputError(
            f"{path.name} is neither text nor a Parquet file nor an .xlsx workbook",
            code="UNREADABLE",
            hint="save it as CSV UTF-8",
        )
    if wide:
        return _parsed(path, head, "utf-16"), []
    try:
        return _parsed(path, head, "utf-8-sig"), []
    except UnicodeDecodeError:
        note = f"{path.name} is not UTF-8; it was read as Windows-1252"
    try:
        return _parsed(path, head, "cp1252"), [note]
    except UnicodeDecodeError:
        raise InputError(
            f"{path.name} is neither UTF-8 nor Windows-1252",
            code="WRONG_ENCODING",
            hint="save it as CSV UTF-8",
        ) from None


def _parsed(path: Path, head: bytes, encoding: str) -> pd.DataFrame:
    first = head.decode(encoding, errors="replace").lstrip().splitlines()[0]
    try:
        return pd.read_csv(
            path,
            sep=_separator(first),
            header=None,
            dtype="str",
            na_filter=False,
            skipinitialspace=True,
            encoding=encoding,
        )
    except pd.errors.ParserError as error:
        _refuse(path, str(error))


def _separator(line: str) -> str:
    """Return the separator there is most of in the header, outside quotation marks."""
    bare = re.sub(r'"[^"]*"', "", line)
    return max(_SEPARATORS, key=bare.count)


def _refuse(path: Path, words: str) -> NoReturn:
    if ragged := _RAGGED.search(words):
        wanted, line, found = ragged.groups()
        what = f"line {line} has {found} cells where the header has {wanted}"
    elif "EOF inside string" in words:
        what = "a quotation mark is opened and never closed"
    else:
        what = "its rows cannot be told apart"
    raise InputError(
        f"{path.name}: {what}",
        code="UNREADABLE",
        hint="cells that hold the separator stand in quotation marks, a mark inside them twice",
    ) from None


def _excel(path: Path) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # about styles, which are not read
        try:
            rows = pd.read_excel(path, header=None, dtype=object, engine="openpyxl")
        except Exception as error:  # noqa: BLE001 - whatever unpacking a broken file raises
            raise _broken(path, "a workbook", error) from None
    return pd.DataFrame({name: rows[name].map(_cell).astype("str") for name in rows.columns})


def _cell(value: Any) -> str | None:
    if value is None or value is pd.NaT or value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        midnight = value.time() == datetime.min.time()
        return value.date().isoformat() if midnight else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)


def _parquet(path: Path, wanted: Mapping[str, str]) -> pd.DataFrame:
    try:
        file = pq.ParquetFile(path)
        names = file.schema_arrow.names
        check_columns(names, wanted, path.name)
        rows = file.read(columns=list(wanted))
        return pd.DataFrame({name: _text(rows[name]).to_pandas() for name in wanted})
    except pa.ArrowNotImplementedError:
        raise InputError(
            f"{path.name}: a mapped column holds lists or the like, not one value a row",
            code="UNREADABLE",
        ) from None
    except (pa.ArrowException, OSError) as error:
        raise _broken(path, "a Parquet file", error) from None


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write the values of a Parquet column; numbers and days without what is always nought."""
    kind = column.type
    if pa.types.is_floating(kind) and pc.all(pc.equal(column, pc.floor(column))).as_py():
        column = column.cast(pa.int64())
    if pa.types.is_timestamp(kind):
        days = column.cast(pa.date32(), safe=False)
        same = pc.all(pc.equal(days.cast(pa.timestamp(kind.unit, kind.tz)), column)).as_py()
        column = days if same is not False else column
    return column.cast(pa.string())


def _broken(path: Path, what: str, error: Exception) -> InputError:
    return InputError(
        f"{path.name} cannot be read as {what} ({type(error).__name__})",
        code="UNREADABLE",
        hint="save it again, or as CSV UTF-8",
    )
