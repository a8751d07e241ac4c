"""The strategic needs assessment, asked for on the command line."""

from __future__ import annotations

import openpyxl
import pytest


@pytest.fixture(scope="module")
def made(office):
    """The assessment of the last whole year as `needs --json` reports it."""
    answer = office.says("needs", "configs/demo.yaml", "--json")
    assert answer.status == 0, answer.err
    return answer.json


def test_the_last_whole_year_is_compared_with_the_one_before(made, office):
    assert made["period"] == "2025"
    assert len(made["months"]) == 12
    assert made["comparable"] is True
    assert made["coverage"] == []
    assert made["files"] == [
        "needs/demo-2025/needs-assessment.html",
        "needs/demo-2025/needs-assessment.xlsx",
    ]
    assert all((office.folder / name).is_file() for name in made["files"])


def test_every_count_of_the_workbook_is_zero_hidden_or_ten_and_more(made, office):
    book = openpyxl.load_workbook(office.folder / made["files"][1])
    assert made["hidden"] == book["Suppression log"].max_row - 1 > 0
    for sheet in book.worksheets[1:-1]:
        heads = [cell.value for cell in sheet[1]]
        for year in {"2024", "2025"} & set(heads):
            column = [row[heads.index(year)].value for row in sheet.iter_rows(min_row=2)]
            numbers = [value for value in column if isinstance(value, int)]
            assert numbers, sheet.title
            assert all(value == 0 or value >= 10 for value in numbers), sheet.title
            words = {value for value in column if isinstance(value, str)}
            assert words <= {"fewer than 10", "hidden"}


def test_the_tables_add_up_where_nothing_is_hidden(made, office):
    book = openpyxl.load_workbook(office.folder / made["files"][1])
    total = book["Headline"]["B2"].value
    months = [row[1].value for row in book["Months"].iter_rows(min_row=2)]
    assert all(isinstance(count, int) for count in months)
    assert sum(months) == total
    assert f"{total:,} offences" in made["headline"]


def test_twelve_months_to_a_month_and_a_folder_of_ones_own(office, tmp_path):
    (tmp_path / "mid").mkdir()
    (tmp_path / "mid" / "letter.txt").write_text("what else lies there stays")
    answer = office.says(
        "needs", "configs/demo.yaml", "--to", "2025-06", "--out", str(tmp_path / "mid"), "--json"
    )
    assert answer.status == 0, answer.err
    assert answer.json["period"] == "12 months to June 2025"
    assert (answer.json["months"][0], answer.json["months"][-1]) == ("2024-07", "2025-06")
    assert sorted(path.name for path in (tmp_path / "mid").iterdir()) == [
        "letter.txt",
        "needs-assessment.html",
        "needs-assessment.xlsx",
    ]


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        (["--year", "2025", "--to", "2025-06"], 2, "PERIOD"),
        (["--to", "June 2025"], 2, "BAD_MONTH"),
        (["--year", "2019"], 3, "NOTHING_COUNTED"),
        (["--as-of", "2026-01-06"], 3, "BAD_DAY"),
    ],
)
def test_what_cannot_be_answered_is_said_with_its_code(office, options, status, code):
    answer = office.says("needs", "configs/demo.yaml", *options)
    assert answer.status == status
    assert f"[{code}]" in answer.err


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.xdist_group("public")
def test_the_public_files_give_eight_months_and_no_change(public_data, public_office):
    answer = public_office.says(
        "needs", "configs/hampshire_public.yaml", "--year", "2025", "--as-of", "2025-11-01",
        "--json", RISK_ENGINE_DATA=str(public_data),
    )  # fmt: skip
    assert answer.status == 0, answer.err
    found = answer.json
    held = [f"2025-{month:02d}" for month in (1, 2, 3, 4, 5, 6, 7, 9)]
    assert found["months"] == held
    assert found["comparable"] is False
    assert any("2025-08-hampshire-street is held" in line for line in found["coverage"])
    assert found["coverage"][-1].startswith("So no change on 2024 is given")
    assert found["headline"].startswith("47,436 offences")
    page = (public_office.folder / found["files"][0]).read_text(encoding="utf-8")
    assert "public-proxy-1" in page
    assert "Change (95" not in page
