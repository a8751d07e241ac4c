"""The workbook, opened by another program: what is text stays text, what is a number is one."""

from __future__ import annotations

import zipfile
from datetime import date, datetime

import numpy as np
import openpyxl
import pandas as pd
import pytest

from risk_engine.release.sheets import ACTIONS
from risk_engine.reports.workbook import Sheet, write_workbook


@pytest.fixture
def at():
    return datetime.fromisoformat("2026-01-05T09:00")


@pytest.fixture
def book(tmp_path, at):
    def write(*sheets, marking="OFFICIAL", name="book.xlsx"):
        path = tmp_path / name
        write_workbook(path, sheets, title="Places", marking=marking, at=at)
        return openpyxl.load_workbook(path)

    return write


def column(sheet, letter="A"):
    return [cell.value for cell in sheet[letter]][1:]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://x")',
        "+44 23",
        "-1",
        "@SUM(A1)",
        "https://x.example",
        "1e5",
        "007",
        "{=A1}",
    ],
)
def test_text_stays_text_whatever_it_begins_with(book, text):
    cell = book(Sheet("S", pd.DataFrame({"a": [text]})))["S"]["A2"]
    assert (cell.value, cell.data_type) == (text, "s")
    assert cell.hyperlink is None


def test_a_header_that_begins_like_a_formula_stays_text(book):
    cell = book(Sheet("S", pd.DataFrame({"=a": [1]})))["S"]["A1"]
    assert (cell.value, cell.data_type) == ("=a", "s")


def test_numbers_dates_and_blanks_are_what_they_are(book):
    table = pd.DataFrame(
        {
            "whole": [1, -20_000],
            "part": [0.25, np.nan],
            "when": pd.to_datetime(["2026-01-05 10:30", None]),
            "day": pd.Series([date(2026, 1, 5), None], dtype=object),
            "flag": [True, False],
            "text": ["é 北", None],
            "missing": pd.Series([pd.NA, pd.NaT], dtype=object),
        }
    )
    rows = list(book(Sheet("S", table))["S"].iter_rows(values_only=True))
    moment, day = datetime.fromisoformat("2026-01-05T10:30"), datetime.fromisoformat("2026-01-05")
    assert rows == [
        tuple(table.columns),
        (1, 0.25, moment, day, "yes", "é 北", None),
        (-20_000, None, None, None, "no", None, None),
    ]


def test_a_whole_number_shows_no_decimals(book):
    sheet = book(Sheet("S", pd.DataFrame({"n": [3], "x": [3.0]})))["S"]
    assert sheet["A2"].number_format == "0"
    assert sheet["B2"].number_format == "0.00"


def test_shares_are_numbers_shown_in_per_cent_and_counts_beside_text_are_numbers(book):
    table = pd.DataFrame(
        {"Share": [0.337, None], "Count": pd.Series([1704, "fewer than 10"], dtype=object)}
    )
    sheet = book(Sheet("S", table, shares=["Share"]))["S"]
    assert (sheet["A2"].value, sheet["A2"].number_format) == (0.337, "0.0%")
    assert (sheet["B2"].value, sheet["B2"].number_format) == (1704, "0")
    assert (sheet["B3"].value, sheet["B3"].data_type) == ("fewer than 10", "s")


def test_every_sheet_is_one_table_with_its_header_frozen_and_repeated(book):
    opened = book(
        Sheet("Read me", pd.DataFrame({"a": ["x"], "b": ["y"]})),
        Sheet("Places", pd.DataFrame({"a": range(3)})),
    )
    assert opened.sheetnames == ["Read me", "Places"]
    for sheet, area in zip(opened, ["A1:B2", "A1:A4"], strict=True):
        (table,) = sheet.tables.values()
        assert table.ref == area
        assert sheet.freeze_panes == "A2"
        assert not sheet.merged_cells.ranges
        assert sheet["A1"].font.bold
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.oddFooter.left.text == "Page &P of &N"


def test_no_rows_leave_a_header_and_a_row_to_fill_in(book):
    sheet = book(Sheet("S", pd.DataFrame({"a": [], "b": []}), choices={"a": ["x", "y"]}))["S"]
    assert [cell.value for cell in sheet[1]] == ["a", "b"]
    (table,) = sheet.tables.values()
    assert table.ref == "A1:B2"
    assert str(sheet.data_validations.dataValidation[0].sqref) == "A2"


def test_choices_are_offered_in_their_column(book):
    table = pd.DataFrame({"Place": ["H1", "H2"], "Action": [None, None]})
    sheet = book(Sheet("Actions", table, choices={"Action": ACTIONS}))["Actions"]
    (rule,) = sheet.data_validations.dataValidation
    assert str(rule.sqref) == "B2:B3"
    assert rule.formula1 == '"' + ",".join(ACTIONS) + '"'
    assert not any("," in action for action in ACTIONS)
    assert len(rule.formula1) <= 257


def test_marking_and_title_are_on_every_page(book, at):
    opened = book(Sheet("S", pd.DataFrame({"a": [1]})), marking="OFFICIAL & more")
    assert opened["S"].oddHeader.left.text == "OFFICIAL && more"
    assert opened["S"].oddHeader.right.text == "S"
    assert opened.properties.title == "Places"
    assert opened.properties.created == at.replace(tzinfo=None)


def test_the_longest_marking_a_configuration_may_hold_fits(book):
    marking = "&" * 100
    sheet = book(Sheet("S" * 31, pd.DataFrame({"a": [1]})), marking=marking)["S" * 31]
    assert sheet.oddHeader.left.text == marking * 2


def test_a_very_long_text_is_cut_to_what_a_cell_holds(book):
    value = book(Sheet("S", pd.DataFrame({"a": ["x" * 40_000]})))["S"]["A2"].value
    assert len(value) == 32_767


def test_widths_follow_the_text_within_bounds(book):
    sheet = book(Sheet("S", pd.DataFrame({"a": [1], "b": ["x" * 30], "c": ["x" * 500]})))["S"]
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
    assert widths[0] < widths[1] < widths[2] < 62


def test_equal_content_gives_equal_bytes(book, tmp_path):
    sheets = [
        Sheet("S", pd.DataFrame({"a": ["x", "y"], "b": [1, 2]})),
        Sheet("T", pd.DataFrame({"c": []})),
    ]
    book(*sheets, name="one.xlsx")
    book(*sheets, name="two.xlsx")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_the_file_reaches_for_nothing_outside_itself(book, tmp_path):
    book(Sheet("S", pd.DataFrame({"a": ["https://x.example/y"]})))
    with zipfile.ZipFile(tmp_path / "book.xlsx") as parts:
        assert not any("external" in name.lower() for name in parts.namelist())
        assert b"x.example" not in b"".join(
            parts.read(name) for name in parts.namelist() if name.endswith(".rels")
        )
