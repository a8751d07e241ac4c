"""The workbook: one table a sheet from A1, real numbers and dates, printable, accessible.

Text that begins with ``=`` stays text, no cell is merged, nothing is said by colour alone, and the
file's own creation date is that of the approval, so that equal content gives equal bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import xlsxwriter

#: What TVRP may say was done at a place: offered as a list in the Actions sheet.
ACTIONS = (
    "visible guardianship",
    "environmental or design change",
    "licensing or business work",
    "youth outreach",
    "problem-solving plan",
    "nothing needed",
    "other",
)
_LIMIT = 32_767  # characters in a cell


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
    """

    name: str
    table: pd.DataFrame
    choices: dict[str, Sequence[str]] | None = None


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
        formats = {
            "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "number": book.add_format({"num_format": "#,##0.0##", "valign": "top"}),
            "whole": book.add_format({"num_format": "#,##0", "valign": "top"}),
            "date": book.add_format({"num_format": "d mmm yyyy", "valign": "top"}),
        }
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
    for position, name in enumerate(table):
        _write_column(page, position, table[name], formats)
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
) -> None:
    longest = max([len(str(column.name)), *(len(str(value)) for value in column)])
    page.set_column(position, position, min(max(longest + 2, 8), 60))
    for row, value in enumerate(column, start=1):
        if value is None or value is pd.NaT or (not isinstance(value, str) and pd.isna(value)):
            page.write_blank(row, position, None, formats["text"])
        elif isinstance(value, date):  # a datetime is one too
            page.write_datetime(row, position, value, formats["date"])
        elif isinstance(value, bool):
            page.write_string(row, position, "yes" if value else "no", formats["text"])
        elif isinstance(value, str):
            page.write_string(row, position, value[:_LIMIT], formats["text"])
        else:
            whole = float(value).is_integer() and pd.api.types.is_integer_dtype(column)
            page.write_number(row, position, float(value), formats["whole" if whole else "number"])


def _plain(text: str) -> str:
    """Keep ``&`` from being read as a code in a header."""
    return text.replace("&", "&&")
