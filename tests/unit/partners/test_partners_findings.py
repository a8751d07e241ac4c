"""What becomes of an unusual drop: held, let pass by the contract, or decided by a person."""

# ruff: noqa: DTZ001 - all times are naive UTC here
from __future__ import annotations

import hashlib
from datetime import datetime

import pytest

from risk_engine.partners import DropDecision

AS_OF = datetime(2025, 12, 1)


def month(row, number, kind):
    when = f"2025-0{number}-03 10:00"
    return [row(f"R{number}-{n}", When=when, Recorded="2025-07-01", Type=kind) for n in range(40)]


@pytest.fixture
def files(row):
    """Six months, of which the fifth is of another kind."""
    return {f"m{m}.csv": month(row, m, "34B" if m != 5 else "8N") for m in range(1, 7)}


@pytest.fixture
def decide(files, header):
    """Return a function that decides about a drop as its file is now."""

    def made(drop, *, accept, by="Ana", content=None):
        lines = content or files[f"{drop}.csv"]
        data = "\n".join([header, *lines]) + "\n"
        digest = hashlib.sha256(data.encode()).hexdigest()
        return DropDecision("police", drop, digest, accept, by, "asked the sender")

    return made


def held(done):
    return [finding.drop for finding in done.feeds if finding.held]


def test_odd_drop_is_held_and_its_rows_are_set_aside(read, files):
    done = read(files, as_of=AS_OF)
    assert [file.drop for file in done.files if file.held] == held(done) == ["m5"]
    assert done.events.count().execute() == 5 * 40
    assert done.records.count().execute() == 5 * 40
    assert done.sources[0].held == 40
    assert all(file.read == file.accepted + file.quarantined == 40 for file in done.files)


def test_what_was_looked_at_is_told(read, files):
    (checked,) = read(files, as_of=AS_OF).checked
    assert (checked.source, checked.drops, checked.compared) == ("police", 6, 6)
    mix = next(check for check in checked.checks if check.code == "mix")
    assert (mix.looked, mix.unusual, mix.not_applicable) == (6, 1, {})
    zones = next(check for check in checked.checks if check.code == "geography")
    assert zones.not_applicable == {"the source has no zone codes": 6}


def test_contract_may_let_an_odd_drop_pass_with_its_finding(read, files, agreed):
    done = read(files, as_of=AS_OF, agreed=agreed(hold_anomalies=False))
    assert [finding.drop for finding in done.feeds if finding.reasons] == ["m5"]
    assert held(done) == []
    assert done.events.count().execute() == 6 * 40


def test_row_of_a_held_drop_never_displaces_one_that_is_used(read, row, files):
    files = {name: files[name] for name in files if name not in {"m5.csv", "m6.csv"}}
    files["m7.csv"] = month(row, 6, "34B")
    files["a0.csv"] = [row(f"R2-{n}", When="2025-02-03 10:00", Type="8N") for n in range(40)]
    done = read(files, as_of=AS_OF)
    assert [file.drop for file in done.files if file.held] == ["a0"]
    assert done.events.count().execute() == 5 * 40


def test_few_drops_say_that_they_were_not_compared(read, row):
    done = read({"m1.csv": month(row, 1, "34B"), "m2.csv": month(row, 2, "34B")})
    assert [finding.held for finding in done.feeds] == [False, False]
    assert "not compared" in done.feeds[0].notes[0]
    assert done.feeds[0].reasons == ()
    assert read(month(row, 1, "34B")).feeds == ()


def test_an_accepted_drop_is_used_although_unusual(read, files, decide):
    decision = decide("m5", accept=True)
    done = read(files, as_of=AS_OF, decisions=[decision])
    assert held(done) == []
    assert done.events.count().execute() == 6 * 40
    finding = next(finding for finding in done.feeds if finding.drop == "m5")
    assert finding.decision == decision
    assert any("injury" in reason for reason in finding.reasons)
    assert decision.words == "accepted by Ana: asked the sender"


def test_a_rejected_drop_is_held_although_it_looks_usual(read, files, decide):
    done = read(files, as_of=AS_OF, decisions=[decide("m2", accept=False)])
    assert held(done) == ["m2", "m5"]
    finding = next(finding for finding in done.feeds if finding.drop == "m2")
    assert finding.reasons == ("rejected by Ana: asked the sender",)
    assert done.events.count().execute() == 4 * 40


def test_a_rejected_drop_is_held_even_where_the_contract_holds_nothing(read, files, decide, agreed):
    lenient = agreed(hold_anomalies=False)
    done = read(files, as_of=AS_OF, agreed=lenient, decisions=[decide("m2", accept=False)])
    assert held(done) == ["m2"]


def test_the_later_decision_outranks_the_earlier(read, files, decide):
    first, second = decide("m5", accept=True), decide("m5", accept=False, by="Ben")
    assert held(read(files, as_of=AS_OF, decisions=[first, second])) == ["m5"]
    assert held(read(files, as_of=AS_OF, decisions=[second, first])) == []


def test_a_file_sent_again_is_judged_anew(read, row, files, decide):
    decision = decide("m5", accept=True)
    files["m5.csv"] = [*files["m5.csv"][:-1], row("R5-99", When="2025-05-04 10:00", Type="8N")]
    done = read(files, as_of=AS_OF, decisions=[decision])
    assert held(done) == ["m5"]
    assert all(finding.decision is None for finding in done.feeds)


def test_a_decision_about_another_source_means_nothing_here(read, files, decide):
    from dataclasses import replace

    elsewhere = replace(decide("m5", accept=True), source="fire")
    assert held(read(files, as_of=AS_OF, decisions=[elsewhere])) == ["m5"]
