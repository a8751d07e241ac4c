"""What an analyst sees when something is wrong: one clear message, nothing lost or half-made."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("bad-input")]


@pytest.fixture
def small(fresh_office):
    """A project with a partnership of 300 people."""
    made = fresh_office()
    assert made.says("synth", "--people", "300", "--out", "data/demo").status == 0
    return made


def edit(office, name, old, new):
    path = office.folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_every_fault_is_reported_at_once_with_file_and_line(fresh_office):
    office = fresh_office()
    edit(office, "configs/demo.yaml", "period: week", "period: fortnight")
    edit(office, "configs/demo.yaml", "hotspots: models", "hotspot: models")
    edit(office, "models/specs/sv_victim_6m.yaml", "horizon:", "horizn:")
    answer = office.says("check", "--json")
    assert answer.status == 2
    faults = {(f["file"], f["where"]) for f in answer.json["faults"]}
    assert ("configs/demo.yaml", "period") in faults
    assert ("configs/demo.yaml", "hotspot") in faults
    suggestion = next(f for f in answer.json["faults"] if f["where"] == "hotspot")
    assert "did you mean 'hotspots'?" in suggestion["message"]
    assert suggestion["line"] > 1


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda p: p.unlink(), "MISSING_FILE"),
        (lambda p: p.write_bytes(b""), "EMPTY_FILE"),
        (lambda p: p.write_bytes(p.read_bytes().replace(b",", b";")), "WRONG_DELIMITER"),
        (lambda p: p.write_bytes(p.read_text("utf-8").encode("utf-16")), "WRONG_ENCODING"),
    ],
)
def test_a_file_that_cannot_be_used_stops_the_run_by_name(small, damage, code):
    damage(small.folder / "data/demo/education.csv")
    answer = small.says("run", "configs/demo.yaml")
    assert answer.status == 3
    assert code in answer.err
    assert "education" in answer.err
    assert "Traceback" not in answer.err
    assert not list((small.folder / "runs").glob("[!.]*"))


def test_an_agreement_that_has_ended_refuses_the_source_by_name(small):
    edit(small, "configs/partners/education.yaml", "expires: 2030-01-01", "expires: 2020-01-01")
    answer = small.says("run", "configs/demo.yaml")
    assert answer.status == 3
    assert "AGREEMENT_EXPIRED" in answer.err
    assert small.says("check").status == 2


def test_without_the_pseudonym_key_nothing_starts(small):
    (small.folder / "data/demo/pseudonym.key").unlink()
    answer = small.says("run", "configs/demo.yaml")
    assert answer.status in {2, 3}
    assert "key" in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.skipif(sys.platform == "win32", reason="sends an interrupt as POSIX does")
def test_an_interrupt_leaves_no_half_written_output_and_the_next_run_goes_on(small):
    command = [sys.executable, "-m", "risk_engine", "run", "configs/demo.yaml"]
    process = subprocess.Popen(
        command,
        cwd=small.folder,
        env={**os.environ, "RISK_ENGINE_USER": "Ana Analyst"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("partners")
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "stopped" in err
    runs = small.folder / "runs"
    assert not list(runs.glob("[!.]*"))
    assert not list(runs.rglob("*.writing*"))
    assert list(runs.glob(".partial/*/facts/partners.json"))


def test_wrong_words_on_the_command_line_are_a_usage_error(fresh_office):
    office = fresh_office()
    assert office.says("runn").status == 2
    assert office.says("run", "configs/nosuch.yaml").status == 2
    answer = office.says("run", "configs/demo.yaml", "--as-of", "5 January")
    assert answer.status == 2
    assert "YYYY-MM-DD" in answer.err
    assert office.says("gate", "latest", "--json").json["error"]["code"] == "NO_RUN"


def test_old_extracts_are_called_stale_by_name(small):
    answer = small.says("run", "configs/demo.yaml", "--as-of", "2026-11-02")
    assert "STALE:" in answer.out
    assert "police_crime (newest record" in answer.out
