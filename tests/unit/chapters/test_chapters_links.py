"""The pseudonym key is rotated by a named person, for a reason, and on the ledger."""

from __future__ import annotations

import json
import shutil
from datetime import datetime

import pytest

from risk_engine import cli
from risk_engine.chapters.links import rotate
from risk_engine.config import load_settings
from risk_engine.errors import IntegrityError, RefusedError, UsageError
from risk_engine.files import fingerprint
from risk_engine.linkage import read_key
from risk_engine.release import project_ledger
from risk_engine.runs import manifest

KEY = "0123456789abcdef" * 4
CONFIG = """\
name: people
title: People
areas: configs/areas.yaml
boundaries: {file: data/areas.gpkg, code: area_code}
definition: configs/definitions/police_uk_proxy.yaml
sources:
  - {contract: configs/partners/police_uk_street.yaml, files: data/*.csv}
linkage: {key_file: secret/the.key}
hotspots: models/specs/hotspots_public.yaml
audit: models/specs/audit_policy.yaml
release: {recipients: [Coordinator], challenge: Write to the partnership}
"""


@pytest.fixture
def project(tmp_path, project_root, monkeypatch):
    """A project whose key is in a file."""
    monkeypatch.delenv("RISK_ENGINE_PSEUDONYM_KEY", raising=False)
    for folder in ("configs", "models/specs"):
        shutil.copytree(project_root / folder, tmp_path / folder)
    (tmp_path / "configs/run.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/the.key").write_text(KEY, encoding="ascii")
    return tmp_path


@pytest.fixture
def settings(project):
    return load_settings(project / "configs/run.yaml")


@pytest.fixture
def ledger(settings):
    return project_ledger(settings.root)


def key_of(settings):
    return read_key(settings.config.linkage, settings.resolve)


def test_both_fingerprints_are_on_the_ledger_and_no_key(settings, ledger):
    made = rotate(settings, ledger, name=" Ana ", reason="the  analyst left")
    (entry,) = ledger.entries()
    assert (entry.kind, entry.actor, entry.run_id) == ("key_rotated", "Ana", "")
    assert entry.content == {"old": made.old, "new": made.new, "reason": "the analyst left"}
    assert made.old == fingerprint(bytes.fromhex(KEY))
    assert made.new == fingerprint(key_of(settings))
    told = ledger.path.read_text(encoding="utf-8")
    assert KEY not in told
    assert key_of(settings).hex() not in told


def test_a_run_says_by_which_key_it_was_made(settings, ledger):
    as_of = datetime.fromisoformat("2026-01-05")
    made = rotate(settings, ledger, name="Ana", reason="yearly")
    facts = manifest(settings, as_of, key=key_of(settings), prepared_by="Jo")
    assert facts["key_fingerprint"] == made.new


def test_where_the_ledger_cannot_be_written_the_old_key_stays(settings, ledger):
    ledger.path.parent.mkdir()
    ledger.path.write_text("broken\n", encoding="utf-8")
    with pytest.raises(IntegrityError):
        rotate(settings, ledger, name="Ana", reason="yearly")
    assert key_of(settings).hex() == KEY
    assert [path.name for path in (settings.root / "secret").glob("[!.]*")] == ["the.key"]


@pytest.mark.parametrize(("name", "reason"), [("", "why"), ("Ana", " \n")])
def test_a_name_and_a_reason_are_needed(settings, ledger, name, reason):
    with pytest.raises(RefusedError) as error:
        rotate(settings, ledger, name=name, reason=reason)
    assert error.value.code == "NO_REASON"
    assert key_of(settings).hex() == KEY
    assert ledger.entries() == []


def test_a_configuration_without_people_has_no_key(project, ledger):
    path = project / "configs/run.yaml"
    path.write_text(CONFIG.replace("linkage: {key_file: secret/the.key}\n", ""), encoding="utf-8")
    with pytest.raises(UsageError, match="NO_LINKAGE"):
        rotate(load_settings(path), ledger, name="Ana", reason="yearly")


def test_the_command_says_what_was_done(project, settings, ledger, capsys):
    words = ["link", "rotate", str(project / "configs/run.yaml"), "--as", "Ana", "--reason", "due"]
    with pytest.raises(SystemExit) as left:
        cli.main([*words, "--json"])
    out, err = capsys.readouterr()
    assert left.value.code == 0
    said = json.loads(out)
    assert said["old"] == fingerprint(bytes.fromhex(KEY))
    assert said["new"] == fingerprint(key_of(settings)) == ledger.entries()[0].content["new"]
    assert f"key {said['old']} is replaced by {said['new']}" in err
    assert KEY not in out + err


def test_the_command_refuses_a_key_in_the_environment(project, monkeypatch, capsys):
    monkeypatch.setenv("RISK_ENGINE_PSEUDONYM_KEY", KEY)
    with pytest.raises(SystemExit) as left:
        cli.main(
            ["link", "rotate", str(project / "configs/run.yaml"), "--as", "Ana", "--reason", "due"]
        )
    assert left.value.code == 2
    assert "[KEY_IN_ENVIRONMENT]" in capsys.readouterr().err
    assert not (project / "ledger").exists()
