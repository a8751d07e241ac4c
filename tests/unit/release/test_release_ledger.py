"""The ledger: no line can be changed, removed, moved or put in between without its noticing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from filelock import FileLock

from risk_engine.errors import IntegrityError
from risk_engine.release.ledger import GENESIS, Ledger


def fill(ledger, count=4):
    for number in range(count):
        ledger.append(
            "run", actor=f"Ana {number}", run_id=f"run-{number % 2}", content={"n": number}
        )
    return ledger.path.read_bytes().splitlines(keepends=True)


def broken_at(ledger):
    with pytest.raises(IntegrityError) as caught:
        ledger.entries()
    assert caught.value.code == "LEDGER_BROKEN"
    return int(caught.value.message.rsplit(" ", 1)[1])


def test_no_ledger_has_no_entries(ledger):
    assert ledger.entries() == []
    assert not ledger.path.exists()


def test_an_empty_file_is_an_empty_ledger(ledger):
    ledger.path.write_bytes(b"")
    assert ledger.entries() == []
    assert ledger.append("run", actor="a", run_id="r", content={}).number == 1


def test_entries_are_chained_and_read_back_as_written(ledger, at):
    first = ledger.append("run", actor="Jo", run_id="r1", content={"b": [1], "a": None}, at=at)
    second = ledger.append("audit", actor="Zoë 北\n", run_id="r2", content={})
    assert (first.number, first.previous, first.at) == (
        1,
        GENESIS,
        "2026-01-06T09:30:00.000000+00:00",
    )
    assert (second.number, second.previous) == (2, first.hash)
    assert ledger.entries() == [first, second]
    assert ledger.entries("r2") == [second]
    assert ledger.entries("none") == []


def test_times_are_kept_in_utc(ledger):
    summer = datetime(2026, 7, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    entry = ledger.append("run", actor="Jo", run_id="r", content={}, at=summer)
    assert entry.at == "2026-06-30T23:30:00.000000+00:00"
    assert datetime.now(UTC) - datetime.fromisoformat(
        ledger.append("run", actor="Jo", run_id="r", content={}).at
    ) < timedelta(minutes=1)


def test_any_single_changed_byte_is_noticed(ledger):
    fill(ledger, 2)
    whole = ledger.path.read_bytes()
    for position in range(len(whole)):
        for flip in (0x01, 0x20, 0x80):
            changed = bytearray(whole)
            changed[position] ^= flip
            ledger.path.write_bytes(changed)
            with pytest.raises(IntegrityError):
                ledger.entries()


@pytest.mark.parametrize(("gone", "line"), [(0, 1), (1, 2), (2, 3)])
def test_a_removed_line_is_noticed(ledger, gone, line):
    lines = fill(ledger)
    ledger.path.write_bytes(b"".join(lines[:gone] + lines[gone + 1 :]))
    assert broken_at(ledger) == line


@pytest.mark.parametrize("order", [(1, 0, 2, 3), (0, 2, 1, 3), (0, 1, 3, 2), (3, 2, 1, 0)])
def test_moved_lines_are_noticed(ledger, order):
    lines = fill(ledger)
    ledger.path.write_bytes(b"".join(lines[n] for n in order))
    assert broken_at(ledger) >= 1


@pytest.mark.parametrize(
    "extra", [b"\n", b"{}\n", b"5\n", b"null\n", b"[]\n", b"words\n", b"\xff\n", b" "]
)
def test_anything_put_in_between_or_behind_is_noticed(ledger, extra):
    lines = fill(ledger, 2)
    for position in range(3):
        ledger.path.write_bytes(b"".join([*lines[:position], extra, *lines[position:]]))
        assert broken_at(ledger) == position + 1


def test_a_line_given_twice_is_noticed(ledger):
    lines = fill(ledger, 2)
    ledger.path.write_bytes(b"".join([*lines, lines[1]]))
    assert broken_at(ledger) == 3


def test_windows_line_ends_are_noticed(ledger):
    fill(ledger, 2)
    ledger.path.write_bytes(ledger.path.read_bytes().replace(b"\n", b"\r\n"))
    assert broken_at(ledger) == 1


@pytest.mark.parametrize(
    "field", ["number", "at", "kind", "actor", "run_id", "content", "previous"]
)
def test_a_rewritten_field_needs_the_whole_chain_rewritten(ledger, field):
    lines = fill(ledger)
    entry = json.loads(lines[1])
    entry[field] = {"n": 99} if field == "content" else 99 if field == "number" else "0" * 64
    lines[1] = json.dumps(entry, sort_keys=True).encode() + b"\n"
    ledger.path.write_bytes(b"".join(lines))
    assert broken_at(ledger) == 2


def test_a_last_line_that_was_never_finished_is_noticed(ledger):
    lines = fill(ledger, 2)
    for length in range(1, len(lines[1])):
        ledger.path.write_bytes(lines[0] + lines[1][:length])
        assert broken_at(ledger) == 2


def test_nothing_is_added_to_a_broken_chain(ledger):
    fill(ledger, 2)
    broken = ledger.path.read_bytes().replace(b"Ana 0", b"Eve 0")
    ledger.path.write_bytes(broken)
    with pytest.raises(IntegrityError):
        ledger.append("run", actor="Jo", run_id="r", content={})
    assert ledger.path.read_bytes() == broken


def test_content_that_json_cannot_hold_adds_nothing(ledger):
    fill(ledger, 1)
    before = ledger.path.read_bytes()
    with pytest.raises(TypeError):
        ledger.append("run", actor="Jo", run_id="r", content={"at": datetime.now(UTC)})
    assert ledger.path.read_bytes() == before


def test_several_processes_write_one_chain(ledger):
    code = (
        "import pathlib, sys\nfrom risk_engine.release.ledger import Ledger\n"
        "for n in range(8):\n"
        "    Ledger(pathlib.Path(sys.argv[1])).append("
        "'run', actor=sys.argv[2], run_id='r', content={'n': n})\n"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(ledger.path), f"P{n}"], env=dict(os.environ)
        )
        for n in range(4)
    ]
    assert [process.wait(timeout=60) for process in started] == [0, 0, 0, 0]
    entries = ledger.entries()
    assert [entry.number for entry in entries] == list(range(1, 33))
    for n in range(4):
        mine = [entry.content["n"] for entry in entries if entry.actor == f"P{n}"]
        assert mine == list(range(8))


def test_reading_does_not_wait_for_a_writer(ledger):
    fill(ledger, 1)
    with FileLock(ledger.path.with_suffix(".lock")):
        assert len(Ledger(ledger.path).entries()) == 1
