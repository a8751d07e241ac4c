"""Whatever is written to the ledger comes back; whatever is done to it afterwards is noticed."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from risk_engine.errors import IntegrityError
from risk_engine.release import Ledger

TEXT = st.text(max_size=20)
VALUE = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
CONTENT = st.dictionaries(TEXT, VALUE | st.lists(VALUE, max_size=3), max_size=4)
ENTRIES = st.lists(
    st.tuples(st.sampled_from(["run", "audit", "signature", "release"]), TEXT, TEXT, CONTENT),
    min_size=2,
    max_size=5,
)


def write(folder, entries):
    ledger = Ledger(Path(folder) / "ledger.jsonl")
    written = [ledger.append(k, actor=a, run_id=r, content=c) for k, a, r, c in entries]
    return ledger, written


@settings(max_examples=25, deadline=None)
@given(ENTRIES)
def test_what_was_written_is_read(entries):
    with TemporaryDirectory() as folder:
        ledger, written = write(folder, entries)
        assert ledger.entries() == written
        assert [(e.kind, e.actor, e.run_id, e.content) for e in written] == entries
        for run_id in {entry.run_id for entry in written}:
            assert ledger.entries(run_id) == [e for e in written if e.run_id == run_id]


@settings(max_examples=30, deadline=None)
@given(ENTRIES, st.data())
def test_one_changed_byte_is_noticed(entries, data):
    with TemporaryDirectory() as folder:
        ledger, _ = write(folder, entries)
        whole = bytearray(ledger.path.read_bytes())
        position = data.draw(st.integers(0, len(whole) - 1))
        byte = data.draw(st.integers(0, 255).filter(lambda value: value != whole[position]))
        whole[position] = byte
        ledger.path.write_bytes(whole)
        with pytest.raises(IntegrityError):
            ledger.entries()


@settings(max_examples=30, deadline=None)
@given(ENTRIES, st.data())
def test_lines_are_all_there_in_their_order_or_it_is_noticed(entries, data):
    with TemporaryDirectory() as folder:
        ledger, _ = write(folder, entries)
        lines = ledger.path.read_bytes().splitlines(keepends=True)
        numbers = st.integers(0, len(lines) - 1)
        chosen = data.draw(st.lists(numbers, min_size=1, max_size=len(lines) + 1))
        assume(chosen != list(range(len(chosen))))  # a shorter beginning is a whole chain itself
        ledger.path.write_bytes(b"".join(lines[number] for number in chosen))
        with pytest.raises(IntegrityError):
            ledger.entries()


@settings(max_examples=30, deadline=None)
@given(ENTRIES, st.data())
def test_a_cut_is_noticed_unless_it_leaves_whole_lines(entries, data):
    with TemporaryDirectory() as folder:
        ledger, written = write(folder, entries)
        whole = ledger.path.read_bytes()
        kept = whole[: data.draw(st.integers(0, len(whole) - 1))]
        ledger.path.write_bytes(kept)
        if kept.endswith(b"\n") or not kept:
            assert ledger.entries() == written[: kept.count(b"\n")]
        else:
            with pytest.raises(IntegrityError):
                ledger.entries()
