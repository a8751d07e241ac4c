"""Pairs put before a person: where the file may lie, and what comes back from it."""

from __future__ import annotations

import pandas as pd
import pytest

from risk_engine.chapters.link_review import (
    _check_place,
    _harmless,
    asked_before,
    read_answers,
    with_kind,
)
from risk_engine.chapters.links import answers_given, deciding, record_answers
from risk_engine.errors import InputError, RefusedError, UsageError
from risk_engine.release import Ledger
from risk_engine.runs import Run

A, B, C, D = (letter * 32 for letter in "abcd")
SIGNED = {"name": "Cleo Cleared", "reason": "monthly check"}


@pytest.fixture
def ledger(tmp_path):
    """Two pairs were drawn at random, one was asked because of a doubt."""
    made = Ledger(tmp_path / "ledger.jsonl")
    asked = {"drawn": [[B, A], [C, D]], "held": [[A, C]], "pairs": 3, "reason": "x"}
    content = {"what": "pairs of records for review", **asked}
    made.append("view", actor="Cleo", run_id="week", content=content)
    made.append("view", actor="Cleo", run_id="week", content={"what": "something else"})
    return made


def file_of(tmp_path, rows, name="answered.csv"):
    frame = pd.DataFrame(rows, columns=["answer", "left record", "right record"])
    frame.insert(0, "left first name", "Personal")
    path = tmp_path / name
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_excel(path, index=False)
    return path


@pytest.mark.parametrize("name", ["answered.csv", "answered.xlsx"])
def test_answers_are_read_counted_and_recorded_without_a_name(tmp_path, ledger, name):
    path = file_of(tmp_path, [(" Same", A, B), ("unsure", D, C), ("", A, C)], name)
    assert read_answers(path, ledger, **SIGNED) == (2, 1, 1)
    assert answers_given(ledger).to_numpy().tolist() == [[A, B, "same"], [D, C, "unsure"]]
    entry = ledger.entries()[-1]
    assert (entry.kind, entry.actor) == ("link_answers", "Cleo Cleared")
    assert "Personal" not in ledger.path.read_text("utf-8")


def test_a_file_without_an_answer_records_nothing(tmp_path, ledger):
    before = len(ledger.entries())
    assert read_answers(file_of(tmp_path, [("", A, B)]), ledger, **SIGNED) == (0, 0, 1)
    assert len(ledger.entries()) == before


def test_every_fault_is_named_by_its_row_and_nothing_is_recorded(tmp_path, ledger):
    rows = [
        ("smae", A, B),
        ("Personal says no", C, D),
        ("same", A, "e" * 32),
        ("same", B, C),
        ("same", A, C),
        ("different", C, A),
        ("", "changed", "too, but not answered"),
    ]
    path = file_of(tmp_path, rows)
    before = len(ledger.entries())
    with pytest.raises(InputError) as caught:
        read_answers(path, ledger, **SIGNED)
    assert caught.value.code == "ANSWERS"
    lines = caught.value.message.splitlines()
    assert lines[0] == "answered.csv: 5 faults; nothing was recorded"
    assert [line.strip() for line in lines[1:]] == [
        "row 2: the answer is none of same, different, unsure (did you mean 'same'?)",
        "row 3: the answer is none of same, different, unsure",
        "row 4: a record that was never asked about",
        "row 5: these two records were not asked about as a pair",
        "row 7: another answer than in row 6, about the same pair",
    ]
    assert "Personal" not in str(caught.value)
    assert len(ledger.entries()) == before


def test_many_faults_are_shown_in_part(tmp_path, ledger):
    path = file_of(tmp_path, [("maybe", A, B)] * 30)
    with pytest.raises(InputError, match=r"30 faults[\s\S]*and 10 more"):
        read_answers(path, ledger, **SIGNED)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("missing.csv", None, "UNREADABLE"),
        ("torn.xlsx", b"PK\x03\x04 torn", "UNREADABLE"),
        ("other.csv", b"answer,left record\nsame,x\n", "MISSING_COLUMNS"),
        ("empty.csv", b"", "UNREADABLE"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path, ledger, name, content, code):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_answers(tmp_path / name, ledger, **SIGNED)
    assert caught.value.code == code


@pytest.mark.parametrize("signed", [{"name": " ", "reason": "x"}, {"name": "x", "reason": ""}])
def test_nobody_answers_without_name_and_reason(tmp_path, ledger, signed):
    with pytest.raises(RefusedError) as caught:
        read_answers(file_of(tmp_path, [("same", A, B)]), ledger, **signed)
    assert caught.value.code == "NO_REASON"


def test_a_pair_is_known_as_what_it_was_asked_for_first(ledger):
    again = {"drawn": [[A, C]], "held": [[A, B]], "what": "pairs of records for review"}
    ledger.append("view", actor="Cleo", run_id="later", content=again)
    told = asked_before(ledger).set_index(["left", "right"])["drawn"].to_dict()
    assert told == {(A, B): True, (C, D): True, (A, C): False}


def test_answers_know_whether_their_pair_was_drawn(tmp_path, ledger):
    given = [(B, A, "same"), (C, A, "different"), (B, D, "same")]
    record_answers(ledger, given, **SIGNED)
    told = with_kind(deciding(answers_given(ledger)), ledger)
    assert told[["left", "right", "drawn"]].to_numpy().tolist() == [
        [A, B, True], [A, C, False], [B, D, False]
    ]  # fmt: skip


@pytest.mark.parametrize(
    "place", ["runs/x.csv", "runs/week/restricted/x.csv", "releases/x.xlsx", "mlruns/a/x.csv",
              "ledger/x.csv", "elsewhere/x.csv", "away/../runs/x.csv", "link/x.csv"]
)  # fmt: skip
def test_no_name_is_written_where_things_are_kept(tmp_path, place):
    (tmp_path / "runs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "runs")
    run = Run("week", tmp_path / "elsewhere" / "week")
    with pytest.raises(RefusedError) as caught:
        _check_place(tmp_path / place, tmp_path, run)
    assert caught.value.code == "PERSONAL_DATA"


def test_another_place_will_do_unless_a_file_is_there(tmp_path):
    run = Run("week", tmp_path / "runs" / "week")
    _check_place(tmp_path / "runs.csv", tmp_path, run)
    (tmp_path / "there.xlsx").touch()
    for name, code in (("there.xlsx", "FILE_THERE"), ("pairs.ods", "BAD_ENDING")):
        with pytest.raises(UsageError) as caught:
            _check_place(tmp_path / name, tmp_path, run)
        assert caught.value.code == code


@pytest.mark.parametrize("cell", ["=1+1", "+44", "-x", "@sum", "\t="])
def test_no_cell_becomes_a_formula(cell):
    assert _harmless(cell) == f"'{cell}"
    assert _harmless("O'Neil-Smith") == "O'Neil-Smith"
    assert _harmless(7) == 7
