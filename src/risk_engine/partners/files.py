"""A partner's CSV file as a stream of rows, or one clear reason why it cannot be read.

The reader is strict: a row is never guessed, joined or dropped. Rows with too few or too many cells
are passed on as they are; whoever stages them sets them aside.
"""

from __future__ import annotations

import csv
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from risk_engine.config import Contract
from risk_engine.errors import InputError, suggest

#: What the libraries that unpack and parse files raise where the bytes are damaged.
DAMAGED = (
    AttributeError, EOFError, IndexError, KeyError, NotImplementedError, OSError, OverflowError,
    RuntimeError, SyntaxError, TypeError, ValueError, struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
#: A first line longer than this is no header.
_LONGEST_HEADER = 1024 * 1024
_PYTHON_NAMES = {"utf-8": "utf-8-sig", "windows-1252": "cp1252"}


def check_present(path: Path, source: str) -> None:
    """Refuse a file that is not there or has no bytes (``MISSING_FILE``, ``EMPTY_FILE``)."""
    if not path.is_file():
        raise InputError(
            f"{source}: no file '{path.name}' in {path.parent}",
            code="MISSING_FILE",
            hint="put the partner's file there, or correct 'files' of this source in the run",
        )
    if path.stat().st_size == 0:
        raise InputError(
            f"{source}: {path.name} is empty (0 bytes)",
            code="EMPTY_FILE",
            hint="ask the partner to send it again",
        )


def check_header(header: Sequence[str], path: Path, contract: Contract) -> None:
    """Refuse a header that lacks a mapped column or has one twice."""
    wanted = dict.fromkeys(spec.column for spec in contract.fields.values())
    missing = [column for column in wanted if column not in header]
    if missing:
        # a first line without any known name may be a row: its cells are shown to nobody
        shown = header if len(missing) < len(wanted) else []
        named = ", ".join(f"'{column}'{suggest(column, shown)}" for column in missing)
        there = ", ".join(map(repr, shown)) or f"{len(header)} others: is its first line a header?"
        raise InputError(
            f"{contract.source}: {path.name} lacks the column{'s' * (len(missing) > 1)} {named}; "
            f"it has {there}",
            code="MISSING_COLUMNS",
            hint="correct 'fields' in the contract, or ask the partner for the agreed layout",
        )
    twice = [column for column, n in Counter(header).items() if n > 1 and column in wanted]
    if twice:
        raise InputError(
            f"{contract.source}: {path.name} has the column '{twice[0]}' more than once",
            code="COLUMN_TWICE",
            hint="which one counts is for the partner to say",
        )


@contextmanager
def open_csv(path: Path, contract: Contract) -> Iterator[tuple[list[str], Iterator[list[str]]]]:
    """Open a CSV file as its header and its rows.

    Parameters
    ----------
    path
        An existing file.
    contract
        Says the encoding, the delimiter and the columns that must be there.

    Yields
    ------
    tuple
        The header with white space removed, and an iterator over the rows as lists of cells as
        sent. Lines without any character are no rows.

    Raises
    ------
    InputError
        ``EMPTY_FILE``, ``WRONG_ENCODING``, ``WRONG_DELIMITER``, ``MISSING_COLUMNS``,
        ``COLUMN_TWICE`` or ``UNREADABLE``, also while rows are being read.
    """
    encoding = encoding_of(path, contract)
    with path.open(encoding=encoding, newline="") as handle:
        rows = _rows(handle, path, contract)
        header = [cell.strip() for cell in next(rows, [])]
        if not header:
            raise InputError(
                f"{contract.source}: {path.name} holds nothing but blank lines", code="EMPTY_FILE"
            )
        check_header(header, path, contract)
        yield header, rows


def plain_header(path: Path, contract: Contract) -> list[str] | None:
    """Return the header where it is one plain first line of UTF-8; None where it is not.

    Raises
    ------
    InputError
        ``MISSING_COLUMNS``, ``COLUMN_TWICE``, ``WRONG_DELIMITER`` or ``WRONG_ENCODING``.
    """
    if encoding_of(path, contract) != "utf-8-sig":
        return None
    with path.open("rb") as handle:
        line = handle.readline(_LONGEST_HEADER)
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if not text.strip() or not text.endswith("\n") or text.count('"') % 2 or "\0" in text:
        return None
    _check_delimiter(text, path, contract)
    try:
        (cells,) = csv.reader([text], delimiter=contract.format.delimiter, strict=True)
    except (csv.Error, ValueError):
        return None
    header = [cell.strip() for cell in cells]
    check_header(header, path, contract)
    return header


def encoding_of(path: Path, contract: Contract) -> str:
    """Return Python's name of the encoding; a byte-order mark outranks the contract."""
    with path.open("rb") as handle:
        head = handle.read(4096)
    if head.startswith(b"PK\x03\x04"):
        raise _wrong_encoding(path, contract, "it is a workbook or an archive, not text")
    wide = head[:2] in {b"\xff\xfe", b"\xfe\xff"}
    if wide or max(head[0::2].count(0), head[1::2].count(0)) > len(head) / 4:
        raise _wrong_encoding(path, contract, "it is UTF-16")
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    return _PYTHON_NAMES[contract.format.encoding]


def _wrong_encoding(path: Path, contract: Contract, found: str) -> InputError:
    allowed = " or ".join(_PYTHON_NAMES)
    return InputError(
        f"{contract.source}: {path.name} is not {contract.format.encoding}: {found}",
        code="WRONG_ENCODING",
        hint=f"save it as {contract.format.encoding}, or set format.encoding to {allowed}",
    )


def _rows(handle: TextIO, path: Path, contract: Contract) -> Iterator[list[str]]:
    reader = csv.reader(
        _lines(handle, path, contract), delimiter=contract.format.delimiter, strict=True
    )
    try:
        yield from filter(None, reader)
    except csv.Error as error:
        # the parser's own words name no cell, only what it expected
        raise InputError(
            f"{contract.source}: {path.name}: quotation marks do not pair up "
            f"near line {reader.line_num} ({error})",
            code="UNREADABLE",
            hint="a quotation mark inside a quoted cell is written twice",
        ) from None


def _lines(handle: TextIO, path: Path, contract: Contract) -> Iterator[str]:
    number = 0
    try:
        for number, line in enumerate(handle, start=1):
            if number == 1:
                _check_delimiter(line, path, contract)
            if "\0" in line:
                raise InputError(
                    f"{contract.source}: {path.name} has a NUL byte in line {number}",
                    code="UNREADABLE",
                    hint="the file is damaged or is not text; ask for it again",
                )
            yield line
    except UnicodeDecodeError as error:
        found = f"byte 0x{error.object[error.start]:02X} not far after line {number}"
        raise _wrong_encoding(path, contract, found) from None


def _check_delimiter(line: str, path: Path, contract: Contract) -> None:
    expected = len({spec.column for spec in contract.fields.values()})
    agreed = contract.format.delimiter
    seen = [(line.count(mark), mark) for mark in _DELIMITERS if mark != agreed and mark in line]
    if expected > 1 and agreed not in line and seen:
        mark = max(seen)[1]
        raise InputError(
            f"{contract.source}: {path.name} has one column where {expected} are expected; "
            f"it seems to be separated by {_DELIMITERS[mark]} ({mark!r}), not {agreed!r}",
            code="WRONG_DELIMITER",
            hint=f"set format.delimiter: {mark!r} in the contract",
        )
