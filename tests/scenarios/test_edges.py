"""At the edges: nothing sent, nothing to write to, killed: one clear message, nothing lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from itertools import chain

import pytest

from risk_engine.synthetic import SOURCES

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("edges")]

COHORTS = "cohorts: [models/specs/sv_victim_6m.yaml]\n"
LABELS = (
    "  # a quarter of the invented people, whose records are known: linkage is measured on them\n"
    "  labels: {file: data/demo/link_labels.csv}\n"
)
KEY = "  key_file: data/demo/pseudonym.key   # synthetic people need no secret; real ones do\n"


def edit(office, name, old, new):
    path = office.folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def tiny(fresh_office):
    """A project with a partnership of 100 people known for one year."""
    made = fresh_office()
    answer = made.says("synth", "--people", "100", "--years", "1", "--out", "data/demo")
    assert answer.status == 0, answer.err
    return made


@pytest.fixture
def silent(tiny):
    """The same, but every partner sent a header and nothing else."""
    for path in chain(*tiny.extracts().values()):
        header = path.read_text(encoding="utf-8").splitlines()[0]
        path.write_text(header + "\n", encoding="utf-8")
    return tiny


def refused(answer, status, code):
    """Assert one message with code and hint, and one object with the same on standard output."""
    assert answer.status == status, answer.err
    assert f"[{code}]" in answer.err
    assert "Traceback" not in answer.err
    assert answer.json["error"]["code"] == code
    assert answer.json["error"]["hint"]


@pytest.mark.parametrize(
    "words", [("run", "configs/demo.yaml", "--bogus"), ("run",), ("sign", "latest"), ("nosuch",)]
)
def test_a_usage_error_is_one_object_too(fresh_office, words):
    answer = fresh_office().says(*words, "--json")
    assert answer.status == 2
    assert answer.json["error"]["code"] == "USAGE"
    assert answer.json["error"]["message"]
    assert "Usage:" in answer.err


def test_a_project_is_not_written_onto_a_file(fresh_office):
    office = fresh_office()
    (office.folder / "notes").write_text("mine", encoding="utf-8")
    answer = office.says("init", "notes")
    assert answer.status == 4
    assert "[NOT_EMPTY]" in answer.err
    assert (office.folder / "notes").read_text(encoding="utf-8") == "mine"
    below = office.says("init", "notes/below")
    assert below.status == 1
    assert "[DISK]" in below.err
    assert "Traceback" not in below.err


def test_what_cannot_be_written_is_said_and_the_next_run_is_not_hindered(silent):
    (silent.folder / "runs").write_text("a file where a folder should be", encoding="utf-8")
    refused(silent.says("run", "configs/demo.yaml", "--json"), 1, "DISK")
    assert (silent.folder / "runs").is_file()


def test_a_date_that_nobody_meant_is_refused(silent):
    answer = silent.says("run", "configs/demo.yaml", "--as-of", "0026-01-05", "--json")
    refused(answer, 3, "BAD_DAY")
    wednesday = silent.says("run", "configs/demo.yaml", "--as-of", "2026-01-07", "--json")
    refused(wednesday, 3, "BAD_DAY")
    assert "write 2026-01-05" in wednesday.err


def test_sources_that_send_nothing_are_named_and_nobody_is_scored(silent):
    answer = silent.says("run", "configs/demo.yaml", "--json")
    refused(answer, 3, "NO_EVENTS")
    assert f"NOTHING from {', '.join(SOURCES)}" in answer.err
    assert not list((silent.folder / "runs").glob("[!.]*"))


def test_a_week_without_a_single_event_still_has_its_empty_lists(silent):
    """In a folder with a name that means something in an address, on a poor terminal."""
    silent = replace(
        silent, folder=silent.folder.rename(silent.folder.with_name("b [b] ü#%20{y}'q"))
    )
    edit(silent, "configs/demo.yaml", COHORTS, "")
    answer = silent.says("run", "configs/demo.yaml", "--json", PYTHONIOENCODING="ascii")
    assert answer.status == 0, answer.err
    assert (silent.folder / "mlruns/mlflow.db").exists()
    assert answer.json["lists"]["places"]["force_area"] == 0
    assert "no event with a place is within the definition" in answer.err


def test_personal_records_without_a_key_say_where_to_name_one(tiny):
    edit(tiny, "configs/demo.yaml", COHORTS, "")
    edit(tiny, "configs/demo.yaml", "linkage:\n" + KEY + LABELS, "")
    answer = tiny.says("run", "configs/demo.yaml", "--json")
    refused(answer, 3, "WEAK_KEY")
    assert "linkage" in answer.json["error"]["hint"]


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_a_killed_run_goes_on_to_the_same_bytes(tiny):
    edit(tiny, "configs/demo.yaml", COHORTS, "")
    process = subprocess.Popen(
        [sys.executable, "-m", "risk_engine", "run", "configs/demo.yaml"],
        cwd=tiny.folder,
        env={**os.environ, "RISK_ENGINE_USER": "Ana Analyst"},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("partners")
        assert process.stdout.readline().startswith("linkage")
        process.send_signal(signal.SIGKILL)
    assert not list((tiny.folder / "runs").glob("[!.]*"))
    (partial,) = (tiny.folder / "runs").glob(".partial/*/")
    assert not list(partial.glob("restricted/record*")), "names outlived linkage"

    gone_on = tiny.says("run", "configs/demo.yaml", "--json")
    assert gone_on.status == 0, gone_on.err
    folder = tiny.folder / "runs" / gone_on.json["run_id"]
    pages = sorted(folder.glob("*.html"), key=lambda path: path.stat().st_mtime_ns)
    assert pages[-1].name == "index.html", "the first page is the sign that all are there"
    outputs = _outputs(folder)
    afresh = tiny.says("run", "configs/demo.yaml", "--fresh", "--json")
    assert afresh.json["run_id"] == gone_on.json["run_id"]
    assert _outputs(folder) == outputs


def _outputs(folder):
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["outputs"]
