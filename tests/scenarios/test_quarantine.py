"""An analyst looks at rows that were set aside, corrects some, and tries them again."""

from __future__ import annotations

import csv

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("quarantine")]

CONFIG = "configs/demo.yaml"


@pytest.fixture
def small(fresh_office):
    """300 people; three rows of the schools' return are broken by hand, two of them alike."""
    office = fresh_office()
    assert office.says("synth", "--people", "300", "--seed", "5", "--out", "data/demo").status == 0
    path = office.folder / "data/demo/education.csv"
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    at = header.index("Category")
    rows[10][at], rows[11][at] = "Daydreaming", "Daydreaming"
    rows[12][header.index("Start Date")] = "31/02/2025"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return office, rows


def counted(answer, source, code):
    return sum(c["rows"] for c in answer["codes"] if (c["source"], c["code"]) == (source, code))


def test_rows_are_counted_shown_corrected_and_tried_again(small):
    office, rows = small
    found = office.says("quarantine", "list", CONFIG, "--json")
    assert found.status == 0, found.err
    assert counted(found.json, "education", "UNKNOWN_CODE") >= 2
    for file in found.json["files"]:
        parts = ("accepted", "repaired", "quarantined", "dropped")
        assert file["read"] == sum(file[part] for part in parts), file["file"]

    shown = office.says("quarantine", "show", CONFIG, "education", "--code", "UNKNOWN_CODE")
    assert "education.csv  11   UNKNOWN_CODE:" in shown.out
    surname = rows[10][8]
    assert surname not in shown.out  # no cell unless it is asked for
    assert "Daydreaming" not in shown.out
    cells = office.says("quarantine", "show", CONFIG, "education", "--cells", "--limit", "500")
    assert "Daydreaming" in cells.out

    out = office.says(
        "quarantine", "show", CONFIG, "education", "--code", "UNKNOWN_CODE", "--out", "bad.csv"
    )
    assert out.status == 0, out.err
    bad = office.folder / "bad.csv"
    assert bad.stat().st_mode & 0o077 == 0  # it names people
    text = bad.read_text("utf-8")
    assert text.count("Daydreaming") == 2
    bad.write_text(text.replace("Daydreaming", rows[20][1], 1), encoding="utf-8")

    tried = office.says(
        "quarantine", "retry", CONFIG, "education", "bad.csv", "--out", "good.csv", "--json"
    )
    assert tried.status == 0, tried.err
    assert tried.json["read"] == text.count("\n") - 1
    assert tried.json["accepted"] + tried.json["repaired"] == 1
    assert all(left["codes"].startswith("UNKNOWN_CODE") for left in tried.json["left"])
    with (office.folder / "good.csv").open(encoding="utf-8", newline="") as file:
        header, *good = csv.reader(file)
    assert len(good) == 1
    assert "quarantine_row" not in header
    # among the files of the source, it is one more drop whose row is used
    (office.folder / "good.csv").rename(office.folder / "data/demo/education-corrected.csv")
    config = office.folder / CONFIG
    text = config.read_text("utf-8").replace(
        "data/demo/education.csv", '"data/demo/education*.csv"'
    )
    config.write_text(text, encoding="utf-8")
    again = office.says("quarantine", "list", CONFIG, "--json").json
    counts = {file["file"]: file for file in again["files"]}
    corrected = counts["education-corrected.csv"]
    assert corrected["read"] == corrected["accepted"] + corrected["repaired"] == 1


def test_a_corrected_row_that_is_there_already_is_seen_as_such(small):
    office, rows = small
    office.says("quarantine", "show", CONFIG, "education", "--out", "bad.csv")
    bad = office.folder / "bad.csv"
    with bad.open(encoding="utf-8", newline="") as file:
        header, *broken = csv.reader(file)
    twice = [broken[0][0], broken[0][1], "", *rows[0]]
    with bad.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, twice])
    tried = office.says("quarantine", "retry", CONFIG, "education", "bad.csv", "--json").json
    assert [left["codes"] for left in tried["left"]] == ["DUPLICATE_KEY:entry"]


def test_a_source_that_is_refused_for_its_bad_rows_can_still_be_looked_at(small):
    office, _ = small
    contract = office.folder / "configs/partners/education.yaml"
    text = contract.read_text("utf-8")
    contract.write_text(text + "quarantine_limit: 0\n", encoding="utf-8")
    refused = office.says("feeds", "check", CONFIG, "--json")
    assert (refused.status, refused.json["error"]["code"]) == (3, "QUARANTINE_LIMIT")
    found = office.says("quarantine", "list", CONFIG, "--json")
    assert counted(found.json, "education", "UNKNOWN_CODE") >= 2


def test_an_unknown_source_and_a_file_that_is_no_table_are_refused(small):
    office, _ = small
    answer = office.says("quarantine", "show", CONFIG, "educashun")
    assert answer.status == 2
    assert "did you mean 'education'?" in answer.err
    (office.folder / "empty.csv").write_text("")
    answer = office.says("quarantine", "retry", CONFIG, "education", "empty.csv", "--json")
    assert (answer.status, answer.json["error"]["code"]) == (3, "UNREADABLE")
