"""Decisions: by name, with a reason, bound to exactly what was looked at."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from risk_engine.errors import IntegrityError, RefusedError
from risk_engine.files import hash_tree, read_json, write_json
from risk_engine.release import decisions
from risk_engine.release.decisions import (
    adjudicate,
    ask_gate,
    record_audit,
    refuse,
    sign,
    subject_of,
)
from risk_engine.runs import NOT_REPRODUCIBLE, Run, load_run

KEYS = ["places/ethnicity/Asian/burden", "places/ethnicity/Black/burden"]


@pytest.fixture
def decided(run, ledger):
    """Give a run about which everything is decided."""
    record_audit(run, ledger, actor="Jo Analyst")
    adjudicate(run, ledger, pattern="*", name="Sam Reviewer", reason="looked at the counts")
    sign(run, ledger, name="Sam Reviewer", reason="all pages read")
    return run


def tampered(run: Run, change) -> Run:
    """Change a run's files and then its manifest, as somebody who knows how would."""
    change(run.folder)
    manifest = read_json(run.folder / "manifest.json")
    manifest["outputs"] = hash_tree(run.folder, leave_out=NOT_REPRODUCIBLE)
    write_json(run.folder / "manifest.json", manifest)
    return load_run(run.folder.parent, run.run_id)


def test_the_way_to_an_open_gate(run, ledger):
    assert ask_gate(run, ledger).missing == (
        "no audit of this run is on the ledger",
        *(f"not adjudicated: {key}" for key in KEYS),
        "not signed by a reviewer",
    )
    record_audit(run, ledger, actor="Jo Analyst")
    assert adjudicate(run, ledger, pattern=KEYS[0], name="Sam Reviewer", reason="r") == [KEYS[0]]
    assert ask_gate(run, ledger).to_adjudicate == (KEYS[1],)
    assert adjudicate(run, ledger, pattern="places/*/Black/*", name="Sam", reason="r") == [KEYS[1]]
    assert ask_gate(run, ledger).missing == ("not signed by a reviewer",)
    sign(run, ledger, name="Sam Reviewer", reason="all pages read")
    assert ask_gate(run, ledger).allowed


def test_a_preview_says_what_people_still_have_to_do(run):
    said = decisions.preview(
        run.facts, preparer="Jo Analyst", as_of=datetime.fromisoformat("2026-01-05")
    )
    assert said.missing == (
        *(f"not adjudicated: {key}" for key in KEYS),
        "not signed by a reviewer",
    )


def test_what_the_gate_is_told_of_comes_from_the_run(make_run, ledger):
    run = make_run(
        audit={"blocking": ["Black, burden 1.6"], "to_adjudicate": []},
        release={"impact_assessment": "", "recipients": [], "agreements": {"Police": "2020-01-01"}},
    )
    assert ask_gate(run, ledger).missing == (
        "no audit of this run is on the ledger",
        "blocked by a failed verdict: Black, burden 1.6",
        "the sharing agreement for 'Police' ended on 01 January 2020",
        "no data protection impact assessment is referenced (release section)",
        "no recipient is named",
        "not signed by a reviewer",
    )


def test_an_old_audit_and_an_ended_agreement_close_an_open_gate(decided, ledger):
    soon, later = datetime.now(UTC) + timedelta(days=15), datetime(2040, 7, 1, tzinfo=UTC)
    assert ask_gate(decided, ledger).allowed
    assert any("days old" in reason for reason in ask_gate(decided, ledger, now=soon).missing)
    assert any("ended on" in reason for reason in ask_gate(decided, ledger, now=later).missing)


def test_an_audit_is_recorded_once_unless_it_was_made_again(run, ledger):
    record_audit(run, ledger, actor="Jo")
    record_audit(run, ledger, actor="Jo")
    assert len(ledger.entries()) == 1
    record_audit(run, ledger, actor="Jo", again=True)
    assert [entry.kind for entry in ledger.entries()] == ["audit", "audit"]
    assert ledger.entries()[0].content["cannot_tell"] == 2


# --- names and reasons -------------------------------------------------------------------------


@pytest.mark.parametrize("decide", [sign, refuse])
@pytest.mark.parametrize(
    ("name", "reason"), [("", "r"), ("Sam", ""), (" \t", "r"), ("Sam", " \n ")]
)
def test_a_decision_needs_a_name_and_a_reason(run, ledger, decide, name, reason):
    with pytest.raises(RefusedError) as caught:
        decide(run, ledger, name=name, reason=reason)
    assert caught.value.code == "NO_REASON"
    assert ledger.entries() == []


def test_an_adjudication_needs_a_name_and_a_reason(run, ledger):
    with pytest.raises(RefusedError, match="a name and a reason"):
        adjudicate(run, ledger, pattern="*", name="Sam", reason="  ")


@pytest.mark.parametrize("name", ["Jo Analyst", "jo analyst", "  JO   analyst ", "Jo\u00a0Analyst"])
def test_the_preparer_may_not_sign(run, ledger, name):
    with pytest.raises(RefusedError) as caught:
        sign(run, ledger, name=name, reason="it is fine")
    assert caught.value.code == "SAME_PERSON"
    assert ledger.entries() == []


def test_the_preparer_may_not_sign_with_accents_written_otherwise(make_run, ledger):
    run = make_run(prepared_by="José Núñez")
    with pytest.raises(RefusedError, match="prepared run"):
        sign(run, ledger, name="Jose\u0301 Nu\u0301n\u0303ez", reason="it is fine")


def test_names_and_reasons_are_kept_without_stray_space(run, ledger):
    entry = sign(run, ledger, name="  Sam \n Reviewer ", reason=" all \t read ")
    assert (entry.actor, entry.content["reason"]) == ("Sam Reviewer", "all read")


# --- verdicts ------------------------------------------------------------------------------------


def test_a_verdict_that_does_not_wait_is_answered_with_those_that_do(run, ledger):
    with pytest.raises(RefusedError) as caught:
        adjudicate(run, ledger, pattern="places/ethnicity/Asain/burden", name="Sam", reason="r")
    assert caught.value.code == "NOTHING_TO_ADJUDICATE"
    assert f"did you mean '{KEYS[0]}'?" in caught.value.message
    assert caught.value.hint == "waiting: " + "; ".join(KEYS)


def test_nothing_waiting_is_said_plainly(make_run, ledger):
    with pytest.raises(RefusedError) as caught:
        adjudicate(
            make_run(audit={"to_adjudicate": []}), ledger, pattern="*", name="Sam", reason="r"
        )
    assert caught.value.hint == "waiting: none"


def test_every_verdict_has_its_own_line(run, ledger):
    adjudicate(run, ledger, pattern="*", name="Sam", reason="looked")
    assert [entry.content["verdict"] for entry in ledger.entries()] == KEYS
    assert {entry.content["subject"] for entry in ledger.entries()} == {subject_of(run)}


# --- refusals ------------------------------------------------------------------------------------


def test_a_refusal_closes_the_gate_and_a_later_signature_lifts_it(decided, ledger):
    refuse(decided, ledger, name="Ros Ethics", reason="the map is wrong")
    assert ask_gate(decided, ledger).missing == (
        "refused by a reviewer: Ros Ethics: the map is wrong",
    )
    sign(decided, ledger, name="Sam Reviewer", reason="the map is right now")
    assert ask_gate(decided, ledger).allowed


# --- bound to the subject ------------------------------------------------------------------------


def test_the_subject_is_the_same_wherever_and_whenever_it_is_asked(run, tmp_path):
    before = subject_of(run)
    shutil.copytree(run.folder, tmp_path / "copy" / run.run_id)
    assert subject_of(load_run(tmp_path / "copy", run.run_id)) == before


def change_places(folder):
    path = folder / "tables/places.parquet"
    path.write_bytes(path.read_bytes() + b" ")


def change_audit_table(folder):
    pd.DataFrame({"metric": ["burden"], "value": [1.0]}).to_parquet(folder / "tables/audit.parquet")


def change_facts(folder):
    facts = read_json(folder / "facts/audit.json")
    write_json(folder / "facts/audit.json", facts | {"to_adjudicate": [], "blocking": []})


def change_recipients(folder):
    facts = read_json(folder / "facts/release.json")
    write_json(folder / "facts/release.json", facts | {"recipients": ["Somebody Else"]})


def add_model(folder):
    write_json(folder / "models/other.json", {})


def add_scores(folder):
    (folder / "tables/scores_other.parquet").write_bytes(b"")


def change_preparer(folder):
    manifest = read_json(folder / "manifest.json")
    write_json(folder / "manifest.json", manifest | {"prepared_by": "Nobody Known"})


def change_inputs(folder):
    manifest = read_json(folder / "manifest.json")
    write_json(folder / "manifest.json", manifest | {"inputs": {}})


@pytest.mark.parametrize(
    "change",
    [
        change_places,
        change_audit_table,
        change_facts,
        change_recipients,
        add_model,
        add_scores,
        change_preparer,
        change_inputs,
    ],
)
def test_whatever_is_changed_after_the_decision_closes_the_gate(decided, ledger, change):
    assert ask_gate(decided, ledger).allowed
    gate = ask_gate(tampered(decided, change), ledger)
    assert "the audit was made of other lists, models or data than these" in gate.missing
    assert "the signature is for other lists, models or data than these" in gate.missing


def test_a_preparer_who_takes_another_name_in_the_manifest_opens_nothing(run, ledger):
    record_audit(run, ledger, actor="Jo Analyst")
    run = tampered(run, change_preparer)
    adjudicate(run, ledger, pattern="*", name="Jo Analyst", reason="r")
    sign(run, ledger, name="Jo Analyst", reason="r")
    assert not ask_gate(run, ledger).allowed


def test_an_adjudication_of_other_lists_does_not_count(run, ledger):
    record_audit(run, ledger, actor="Jo")
    adjudicate(run, ledger, pattern="*", name="Sam", reason="r")
    run = tampered(run, change_places)
    record_audit(run, ledger, actor="Jo", again=True)
    assert ask_gate(run, ledger).to_adjudicate == tuple(KEYS)


def test_what_was_decided_about_another_run_does_not_count(decided, make_run, ledger):
    other = make_run(prepared_by="Kim Analyst")
    assert other.run_id != decided.run_id
    assert "no audit of this run is on the ledger" in ask_gate(other, ledger).missing


def test_files_that_no_decision_is_about_do_not_change_the_subject(run):
    before = subject_of(run)
    write_json(run.folder / "timings.json", {})
    (run.folder / "index.html").write_text("page", encoding="utf-8")
    assert subject_of(run) == before


def test_no_gate_opens_on_a_broken_ledger(decided, ledger):
    ledger.path.write_bytes(ledger.path.read_bytes().replace(b"Sam Reviewer", b"Ros Reviewer"))
    with pytest.raises(IntegrityError):
        ask_gate(decided, ledger)


# --- what is printed of the judgements ---------------------------------------------------------


def test_judgements_say_who_judged_how_many_and_why(run, ledger):
    assert decisions.judgements(run, ledger) == ()
    adjudicate(run, ledger, pattern="*", name="Sam Reviewer", reason="small counts")
    assert decisions.judgements(run, ledger) == (
        f"{len(KEYS)} judged by Sam Reviewer: small counts.",
    )
    with pytest.raises(RefusedError) as caught:  # a pattern covers what is open, and nothing is
        adjudicate(run, ledger, pattern="*", name="Sam Reviewer", reason="small counts")
    assert caught.value.code == "NOTHING_TO_ADJUDICATE"
    # named in full, a verdict may be judged again, and the later judgement stands
    adjudicate(run, ledger, pattern=KEYS[0], name="Ros Ethics", reason="seen too")
    assert set(decisions.judgements(run, ledger)) == {
        f"{len(KEYS) - 1} judged by Sam Reviewer: small counts.",
        "1 judged by Ros Ethics: seen too.",
    }
    assert decisions.judgements(tampered(run, change_places), ledger) == ()
