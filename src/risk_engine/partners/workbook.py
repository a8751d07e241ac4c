"""Rows of an Excel sheet as text, written as the contract would have them written."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from risk_engine.config import Contract
from risk_engine.config.contract import FieldSpec
from risk_engine.errors import InputError, suggest
from risk_engine.partners.files import DAMAGED, check_header
from risk_engine.partners.rules import ISO


@contextmanager
def open_sheet(path: Path, contract: Contract) -> Iterator[tuple[list[str], Iterator[list[str]]]]:
    """Open one sheet as its header and its rows.

    A cell that Excel holds as a date is written in the field's first format; a whole number
    without a decimal point; a formula as its last value. Rows without any cell are no rows.

    Raises
    ------
    InputError
        ``UNREADABLE``, ``MISSING_SHEET``, ``EMPTY_FILE``, ``MISSING_COLUMNS``, ``COLUMN_TWICE``.
    """
    import openpyxl

    with warnings.catch_warnings(), path.open("rb") as handle:
        warnings.simplefilter("ignore", UserWarning)  # about styles, which are not read
        try:
            book = openpyxl.load_workbook(handle, read_only=True, data_only=True)
        except DAMAGED as error:
            raise _unreadable(path, contract, error) from None
        try:
            rows = _rows(_sheet(book, path, contract), path, contract)
            header = [_text(cell, None).strip() for cell in next(rows, [])]
            while header and not header[-1]:
                header.pop()
            if not header:
                raise InputError(f"{contract.source}: {path.name} is empty", code="EMPTY_FILE")
            check_header(header, path, contract)
            yield header, _texts(rows, header, contract)
        finally:
            book.close()


def _sheet(book: Any, path: Path, contract: Contract) -> Any:
    wanted = contract.format.sheet
    if wanted is None:
        if not book.worksheets:
            raise InputError(f"{contract.source}: {path.name} has no sheet", code="EMPTY_FILE")
        return book.worksheets[0]
    if wanted not in book.sheetnames:
        raise InputError(
            f"{contract.source}: {path.name} has no sheet '{wanted}'"
            f"{suggest(wanted, book.sheetnames)}",
            code="MISSING_SHEET",
            hint="correct format.sheet in the contract",
        )
    return book[wanted]


def _rows(sheet: Any, path: Path, contract: Contract) -> Iterator[list[Any]]:
    sheet.reset_dimensions()  # what the file says of its size is often wrong
    try:
        for row in sheet.iter_rows(values_only=True):
            if any(cell is not None for cell in row):
                yield list(row)
    except DAMAGED as error:
        raise _unreadable(path, contract, error) from None


def _texts(rows: Iterator[list[Any]], header: list[str], contract: Contract) -> Iterator[list[str]]:
    """Write the cells; a row as short as Excel stores it is filled up, never cut."""
    specs = {spec.column: spec for spec in contract.fields.values()}
    columns = [specs.get(name) for name in header]
    for row in rows:
        cells = [
            _text(cell, columns[at] if at < len(columns) else None) for at, cell in enumerate(row)
        ]
        while len(cells) > len(header) and not cells[-1]:
            cells.pop()
        yield cells + [""] * (len(header) - len(cells))


def _text(cell: Any, spec: FieldSpec | None) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        if spec and spec.type in ISO:
            return cell.strftime(spec.formats[0] if spec.formats else ISO[spec.type])
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat()
    return str(cell).replace("\0", "")


def _unreadable(path: Path, contract: Contract, error: Exception) -> InputError:
    return InputError(
        f"{contract.source}: {path.name} cannot be read as a workbook ({type(error).__name__})",
        code="UNREADABLE",
        hint="open it in Excel and save it again as .xlsx, or ask for a CSV",
    )
