"""`risk-engine link --table`, as an analyst gives it: files in, a file out, words and JSON."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from risk_engine import cli
from risk_engine.scaffold import authored

SPEC = """\
columns: {record_id: id, first_name: first, last_name: last, birth_date: born}
"""
ROWS = """\
id, first, last, born
1, Anna, Kowalska, 2001-04-09
2, ANNA, Kowalska ,2001-04-09
3, Piotr, Nowak, 1999-02-03
4, , , 
"""  # noqa: W291 - empty cells are part of it


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder without a project, with a table and its specification."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "spec.yaml").write_text(SPEC, encoding="utf-8")
    return tmp_path


@pytest.fixture
def says(folder, capsys) -> Callable[..., SimpleNamespace]:
    """Give a command; return status, standard output and standard error."""

    def say(*words: str) -> SimpleNamespace:
        with pytest.raises(SystemExit) as left:
            cli.main(list(words))
        told = capsys.readouterr()
        return SimpleNamespace(status=left.value.code, out=told.out, err=told.err)

    return say


@pytest.fixture
def links(says, folder) -> Callable[..., SimpleNamespace]:
    """Link tables with the specification; return the answer and the table that was written."""

    def link(*tables: str, spec: str = "spec.yaml", out: str = "out.csv") -> SimpleNamespace:
        named = [word for table in tables for word in ("--table", table)]
        found = says("link", *named, "--spec", spec, "--out", out, "--json")
        written = folder / out
        read = pd.read_csv if out.endswith(".csv") else pd.read_parquet
        found.links = read(written) if written.is_file() and not found.status else None
        found.json = json.loads(found.out)
        return found

    return link


def refused(answer: SimpleNamespace, status: int, code: str) -> str:
    assert answer.status == status, answer.err
    assert answer.json["error"]["code"] == code
    return answer.json["error"]["message"]


def test_plain_words_say_what_was_made(says, folder):
    answer = says("link", "--table", "rows.csv", "--spec", "spec.yaml", "--out", "out.csv")
    assert answer.status == 0, answer.err
    assert "people      3 from 4 records" in answer.out
    assert "warning     1 records stand alone" in answer.out
    assert "too few different records to learn from" in answer.out
    assert (folder / "out.csv").read_text(encoding="utf-8").splitlines()[:3] == [
        "record_id,person_id,match_weight",
        "1,1,",
        "2,1,",
    ]


def test_the_object_has_all_that_decides(links):
    told = links("rows.csv").json
    assert {
        "records", "people", "threshold", "threshold_by", "expected", "target_precision",
        "pairs_compared", "rules", "held", "model", "measured", "seconds", "out", "warnings",
    } <= set(told)  # fmt: skip
    assert (told["records"], told["people"], told["out"]) == (4, 3, "out.csv")
    assert set(told["expected"]) == {"precision", "recall"}


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_row_a_record_in_order_whatever_is_written(links, ending):
    found = links("rows.csv", out=f"out.{ending}").links
    assert list(found) == ["record_id", "person_id", "match_weight"]
    assert list(found["record_id"].astype(int)) == [1, 2, 3, 4]
    assert list(found["person_id"].astype(int)) == [1, 1, 3, 4]


def test_every_kind_of_file_gives_the_same(links, folder):
    wanted = links("rows.csv").links
    frame = pd.read_csv(folder / "rows.csv", skipinitialspace=True)
    born = pd.to_datetime(frame["born"])
    frame.assign(born=born.dt.date).to_parquet(folder / "days.parquet")
    frame.assign(born=born, id=frame["id"].astype(float)).to_parquet(folder / "times.parquet")
    frame.assign(born=born).to_excel(folder / "book.xlsx", index=False)
    frame.to_csv(folder / "semicolon.txt", sep=";", index=False, encoding="utf-8-sig")
    frame.to_csv(folder / "wide.csv", sep="\t", index=False, encoding="utf-16")
    for name in ("days.parquet", "times.parquet", "book.xlsx", "semicolon.txt", "wide.csv"):
        pd.testing.assert_frame_equal(links(name).links, wanted, obj=name)


def test_a_file_that_is_not_utf8_is_read_and_said_so(links, folder):
    text = ROWS.replace("Kowalska", "Müller").encode("cp1252")
    (folder / "rows.csv").write_bytes(text)
    answer = links("rows.csv")
    assert answer.json["people"] == 3
    assert answer.json["warnings"][0] == "rows.csv is not UTF-8; it was read as Windows-1252"


def test_two_tables_are_two_sources(links, folder):
    shutil.copy(folder / "rows.csv", folder / "more.csv")
    text = (folder / "more.csv").read_text(encoding="utf-8").replace("\n", "\nm")[:-1]
    (folder / "more.csv").write_text(text, encoding="utf-8")
    assert links("rows.csv", "more.csv").json["people"] == 4
    (folder / "spec.yaml").write_text(SPEC + "one_to_one: [rows]\n", encoding="utf-8")
    person = links("rows.csv", "more.csv").links.set_index("record_id")["person_id"]
    assert person["1"] != person["2"]
    (folder / "spec.yaml").write_text(SPEC + "one_to_one: [nosuch]\n", encoding="utf-8")
    assert "'nosuch'" in refused(links("rows.csv", "more.csv"), 3, "TABLE_SOURCE")


def test_the_same_table_twice_and_the_same_records_twice(links, folder):
    assert "rows.csv is given twice" in refused(links("rows.csv", "./rows.csv"), 2, "TABLE_TWICE")
    shutil.copy(folder / "rows.csv", folder / "copy.csv")
    assert "4 rows" in refused(links("rows.csv", "copy.csv"), 3, "RECORD_TWICE")


def test_measured_where_the_truth_is_known(links, folder):
    (folder / "spec.yaml").write_text(SPEC + "truth: who\n", encoding="utf-8")
    lines = ROWS.splitlines()
    told = [f"{line},{who}" for line, who in zip(lines, ["who", "a", "a", "b", "b"], strict=True)]
    (folder / "rows.csv").write_text("\n".join(told) + "\n", encoding="utf-8")
    measured = links("rows.csv").json["measured"]
    assert (measured["precision"], measured["recall"], measured["records"]) == (1.0, 0.5, 4)


def test_a_table_with_a_header_only(links, folder):
    (folder / "rows.csv").write_text(ROWS.splitlines()[0] + "\n", encoding="utf-8")
    answer = links("rows.csv")
    assert (answer.status, answer.json["people"], len(answer.links)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "EMPTY_FILE", "empty"),
        (b" \n\n", "EMPTY_FILE", "empty"),
        (b"\x00\x01\x02" * 50, "UNREADABLE", "neither text"),
        (b"PK\x03\x04 no workbook", "UNREADABLE", "as a workbook"),
        (b"PAR1 no table", "UNREADABLE", "as a Parquet file"),
        (b"id,first,last,born\n1,A,B,2001-04-09,Secretname\n", "UNREADABLE", "line 2 has 5 cells"),
        (b'id,first,last,born\n1,"Secretname,B,2001-04-09\n', "UNREADABLE", "never closed"),
        (b"id,first,last,born\n1,\x81\x8d,B,2001-04-09\n", "WRONG_ENCODING", "Windows-1252"),
        (b"id,first,last,birth\n", "TABLE_COLUMN", "no column 'born'"),
        (b"id,first,last,born,born\n", "COLUMN_TWICE", "more than once"),
        (b"id,first,last,born\n,A,B,2001-04-09\n", "RECORD_TWICE", "have no 'id'"),
    ],
)
def test_files_that_cannot_be_used(links, folder, content, code, words):
    (folder / "rows.csv").write_bytes(content)
    message = refused(links("rows.csv"), 3, code)
    assert words in message
    assert "Secretname" not in message
    assert not (folder / "out.csv").exists()


def test_a_table_that_is_a_folder_or_is_not_there(links, folder):
    (folder / "sub").mkdir()
    assert "is a folder" in refused(links("sub"), 3, "MISSING_FILE")
    assert "is not there" in refused(links("nosuch.csv"), 3, "MISSING_FILE")


def test_a_column_of_lists_can_be_there_but_not_be_mapped(links, folder):
    frame = pd.read_csv(folder / "rows.csv", skipinitialspace=True, dtype="str")
    frame.assign(tags=[["a"]] * 4).to_parquet(folder / "rows.parquet")
    assert links("rows.parquet").status == 0
    (folder / "spec.yaml").write_text(SPEC.replace("born}", "born, other: tags}"), encoding="utf-8")
    assert "holds lists" in refused(links("rows.parquet"), 3, "UNREADABLE")


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (
            SPEC + "treshold: 0.9\n",
            "spec.yaml:2: treshold: 'treshold' is not a known key (did you mean",
        ),
        ("columns:\n  record_id: id\n  frist_name: x\n", "spec.yaml:3: columns.frist_name"),
        (SPEC.replace("born}", "last}"), "spec.yaml:1: columns: column 'last' is mapped twice"),
        ("columns: {record_id: id}\n", "map at least one column"),
        ("- a\n", "not a table of keys and values"),
    ],
)
def test_a_faulty_specification_is_placed_on_its_line(links, folder, spec, words):
    (folder / "spec.yaml").write_text(spec, encoding="utf-8")
    assert words in refused(links("rows.csv"), 2, "CONFIG")


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("rows.csv", "which is read"),
        ("./sub/../rows.csv", "which is read"),
        ("out.xlsx", "ends in .csv or .parquet"),
        ("nosuch/out.csv", "folder that is not there"),
        ("rows.csv/out.csv", "folder that is not there"),
        ("folder.csv", "is a folder"),
    ],
)
def test_places_that_are_not_written_to(links, folder, out, words):
    (folder / "folder.csv").mkdir()
    (folder / "sub").mkdir()
    answer = links("rows.csv", out=out)
    assert words in refused(answer, 2, "BAD_OUT")
    assert (folder / "rows.csv").read_text(encoding="utf-8") == ROWS


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no folder that nobody may write to")
def test_a_folder_without_the_right_to_write(links):
    assert "nothing can be written" in refused(links("rows.csv", out="/proc/out.csv"), 1, "DISK")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "say what is to be linked"),
        (("--table", "rows.csv"), "--spec, --out are missing"),
        (("--spec", "spec.yaml", "--out", "o.csv"), "--table is missing"),
        (("--table", "rows.csv", "rotate", "c.yaml", "--as", "A", "--reason", "r"), "not before"),
    ],
)
def test_half_a_command_says_how_it_goes(says, words, told):
    answer = says("link", *words)
    assert answer.status == 2
    assert told in answer.err


def test_the_projects_own_rules_are_used(links, folder, project_root):
    (folder / "configs").mkdir()
    assert authored("models/specs/linkage_table.yaml").is_relative_to(project_root)
    own = folder / "models/specs/linkage_table.yaml"
    own.parent.mkdir(parents=True)
    shutil.copy(project_root / "models/specs/linkage_table.yaml", own)
    text = own.read_text(encoding="utf-8")
    own.write_text(text.replace("precision: 0.99", "precision: 0.97"), encoding="utf-8")
    assert authored("models/specs/linkage_table.yaml") == own
    assert links("rows.csv").json["target_precision"] == 0.97
