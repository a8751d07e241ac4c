"""The workbook: one table a sheet from A1, real numbers and dates, printable, accessible.

Text that begins with ``=`` stays text, no cell is merged, nothing is said by colour alone, and the
file's own creation date is that of the approval, so that equal content gives equal bytes.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import xlsxwriter

_LIMIT = 32_767  # characters in a cell
_WIDEST = 60  # characters in a column
_LINE = 15.0  # points


@dataclass(frozen=True)
class Sheet:
    """One table of a workbook.

    Attributes
    ----------
    name
        Sheet name, at most 31 characters.
    table
        The rows; column names are the header in plain words.
    choices
        Column -> allowed values, offered as a list to whoever fills the sheet in.
    shares
        Columns of shares between 0 and 1, shown in per cent.
    """

    name: str
    table: pd.DataFrame
    choices: dict[str, Sequence[str]] | None = None
    shares: Sequence[str] = ()


def write_workbook(
    path: Path, sheets: Sequence[Sheet], *, title: str, marking: str, at: datetime
) -> None:
    """Write the sheets to one XLSX file.

    Parameters
    ----------
    marking
        Handling marking, printed at the head of every page.
    at
        Date kept in the file's properties.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties(
            {"title": title, "comments": marking, "created": at.replace(tzinfo=None)}
        )
        left = {"valign": "top", "align": "left"}
        formats = {
            "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
            # indented, so that text does not touch the figures of the column before
            "text": book.add_format(
                {"text_wrap": True, "valign": "top", "align": "left", "indent": 1}
            ),
            "number": book.add_format({"num_format": "0.00", "valign": "top"}),
            "whole": book.add_format({"num_format": "0", "valign": "top"}),
            "date": book.add_format(left | {"num_format": "d mmm yyyy"}),
        }
        if any(sheet.shares for sheet in sheets):  # an unused format would change the bytes
            formats["share"] = book.add_format({"num_format": "0.0%", "valign": "top"})
        for sheet in sheets:
            _write_sheet(book, sheet, formats, marking)


def _write_sheet(
    book: xlsxwriter.Workbook, sheet: Sheet, formats: dict[str, object], marking: str
) -> None:
    page, table = book.add_worksheet(sheet.name), sheet.table
    rows = max(len(table), 1)  # an Excel table has at least one row below its header
    page.add_table(
        0,
        0,
        rows,
        len(table.columns) - 1,
        {
            "name": "".join(part.title() for part in sheet.name.split()),
            "style": "Table Style Light 1",
            "columns": [{"header": str(name), "header_format": formats["head"]} for name in table],
        },
    )
    widths = [_width(table[name]) for name in table]
    _set_heights(page, table, widths)
    for position, name in enumerate(table):
        page.set_column(position, position, widths[position])
        _write_column(page, position, table[name], formats, share=name in sheet.shares)
        if sheet.choices and name in sheet.choices:
            page.data_validation(
                1, position, rows, position, {"validate": "list", "source": [*sheet.choices[name]]}
            )
    page.freeze_panes(1, 0)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_header(f"&L{_plain(marking)}&R{_plain(sheet.name)}")
    page.set_footer("&LPage &P of &N")


def _write_column(
    page: xlsxwriter.worksheet.Worksheet,
    position: int,
    column: pd.Series,
    formats: dict[str, object],
    *,
    share: bool = False,
) -> None:
    for row, value in enumerate(column, start=1):
        if _missing(value):
            page.write_blank(row, position, None, formats["text"])
        elif isinstance(value, date):  # a datetime is one too
            page.write_datetime(row, position, value, formats["date"])
        elif isinstance(value, bool):
            page.write_string(row, position, "yes" if value else "no", formats["text"])
        elif isinstance(value, str):
            page.write_string(row, position, value[:_LIMIT], formats["text"])
        else:
            kind = "share" if share else "whole" if _is_whole(value, column) else "number"
            page.write_number(row, position, float(value), formats[kind])


def _is_whole(value: float, column: pd.Series) -> bool:
    """Say whether a number is a count; a column that mixes counts with text holds Python's own."""
    return isinstance(value, int) or (
        float(value).is_integer() and pd.api.types.is_integer_dtype(column)
    )


def _width(column: pd.Series) -> int:
    """Return a width in characters: of the longest value, and of the header's longest word."""
    values = max((len(_shown(value)) for value in column), default=0)
    header = max(len(word) for word in str(column.name).split() or [""])
    return min(max(values + 3, header + 4, 8), _WIDEST)


def _set_heights(
    page: xlsxwriter.worksheet.Worksheet, table: pd.DataFrame, widths: list[int]
) -> None:
    """Make every row as high as its longest wrapped cell: not every program does it by itself."""
    rows = [list(table.columns), *table.itertuples(index=False)]
    for number, row in enumerate(rows):
        cells = zip(row, widths, strict=True)
        lines = max(len(textwrap.wrap(_shown(value), width - 2)) for value, width in cells)
        page.set_row(number, _LINE * max(lines, 1))


def _shown(value: object) -> str:
    if _missing(value):
        return ""
    if isinstance(value, date):
        return f"{value:%d %b %Y}"
    return f"{value:,.3g}" if isinstance(value, float) else str(value)


def _missing(value: object) -> bool:
    return value is None or (not isinstance(value, str) and bool(pd.isna(value)))  # type: ignore[call-overload]


def _plain(text: str) -> str:
    """Keep ``&`` from being read as a code in a header."""
    return text.replace("&", "&&")
