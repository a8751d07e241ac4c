"""Decisions about drops: on the ledger, bound to bytes, the latest one in force."""

from __future__ import annotations

import shutil
from datetime import datetime

import pytest

from risk_engine.chapters.drops import decide, decided, drop_files, in_force
from risk_engine.config import load_settings
from risk_engine.errors import IntegrityError, RefusedError, UsageError
from risk_engine.release import project_ledger
from risk_engine.runs import manifest

CONFIG = """\
name: places_only
title: Places only
areas: configs/areas.yaml
boundaries: {file: data/areas.gpkg, code: area_code}
definition: configs/definitions/police_uk_proxy.yaml
sources:
  - {contract: configs/partners/police_uk_street.yaml, files: data/*.csv}
  - {contract: configs/partners/emergency_department.yaml, files: data/health/*.csv}
hotspots: models/specs/hotspots_public.yaml
audit: models/specs/audit_policy.yaml
release: {recipients: [Coordinator], challenge: Write to the partnership}
"""


@pytest.fixture
def settings(tmp_path, project_root):
    """A project with drops a, b and health/b."""
    for folder in ("configs", "models/specs"):
        shutil.copytree(project_root / folder, tmp_path / folder)
    (tmp_path / "configs/run.yaml").write_text(CONFIG, encoding="utf-8")
    for name in ("a", "b", "health/b"):
        path = tmp_path / f"data/{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"rows of {name}\n", encoding="utf-8")
    return load_settings(tmp_path / "configs/run.yaml")


@pytest.fixture
def ledger(settings):
    return project_ledger(settings.root)


@pytest.fixture
def say(settings, ledger):
    """Return a function that decides about a drop."""

    def about(drop, *, accept=True, name="Ana", reason="asked the sender", source=None):
        return decide(
            settings, ledger, drop=drop, source=source, accept=accept, name=name, reason=reason
        )

    return about


def test_drops_are_the_files_of_the_sources(settings):
    found = [(file.source, file.drop) for file in drop_files(settings)]
    assert found == [
        ("police_uk_street", "a"),
        ("police_uk_street", "b"),
        ("emergency_department", "b"),
    ]


def test_a_decision_is_on_the_ledger_without_a_run(say, ledger):
    made = say("a", reason="  asked   the sender ")
    (entry,) = ledger.entries()
    assert (entry.kind, entry.actor, entry.run_id) == ("feed", "Ana", "")
    assert entry.content == {
        "source": "police_uk_street",
        "drop": "a",
        "sha256": made.sha256,
        "decision": "accept",
        "reason": "asked the sender",
    }
    assert decided(ledger) == [made]


def test_the_latest_decision_is_in_force(say, settings, ledger):
    assert in_force(settings, ledger) == ()
    say("a")
    second = say("a.csv", accept=False, name="Ben")
    assert in_force(settings, ledger) == (second,)


def test_a_file_sent_again_is_not_decided_about_until_the_old_bytes_come_back(
    say, settings, ledger
):
    path = settings.root / "data/a.csv"
    before, made = path.read_bytes(), say("a")
    path.write_text("other rows\n", encoding="utf-8")
    assert in_force(settings, ledger) == ()
    path.write_bytes(before)
    assert in_force(settings, ledger) == (made,)
    path.unlink()
    assert in_force(settings, ledger) == ()


def test_a_name_that_two_sources_use_needs_the_source(say):
    with pytest.raises(UsageError, match="2 drops are called 'b'") as caught:
        say("b")
    assert caught.value.code == "DROP_TWICE"
    assert say("b", source="emergency_department").source == "emergency_department"


@pytest.mark.parametrize(("drop", "source"), [("c", None), ("a", "emergency_department")])
def test_an_unknown_drop_is_refused_with_the_list(say, ledger, drop, source):
    with pytest.raises(UsageError) as caught:
        say(drop, source=source)
    assert caught.value.code == "UNKNOWN_DROP"
    assert "b.csv (emergency_department)" in caught.value.hint
    assert ledger.entries() == []


@pytest.mark.parametrize(("name", "reason"), [("", "why"), ("Ana", " \n")])
def test_nobody_and_no_reason_are_refused(say, ledger, name, reason):
    with pytest.raises(RefusedError) as caught:
        say("a", name=name, reason=reason)
    assert caught.value.code == "NO_REASON"
    assert ledger.entries() == []


def test_a_broken_ledger_decides_nothing(say, settings, ledger):
    say("a", accept=False)
    text = ledger.path.read_text(encoding="utf-8")
    ledger.path.write_text(text.replace("reject", "accept"), encoding="utf-8")
    with pytest.raises(IntegrityError):
        in_force(settings, ledger)


def test_a_run_made_before_a_decision_is_another_run(settings):
    def inputs(decisions):
        as_of = datetime.fromisoformat("2026-01-05")
        return manifest(settings, as_of, key=b"", prepared_by="Jo", decisions=decisions)["inputs"]

    before = inputs(None)
    after = inputs({"police_uk_street: a": "accepted by Ana: asked the sender"})
    assert before == inputs({})
    added = {"decision on police_uk_street: a": "accepted by Ana: asked the sender"}
    assert after == before | added
