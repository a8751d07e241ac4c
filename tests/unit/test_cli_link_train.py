"""`risk-engine link train`: a model in the project that holds numbers and keyed hashes only."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from risk_engine import cli
from risk_engine.chapters.linking import given_model
from risk_engine.config import load_settings
from risk_engine.linkage import load_model

CONFIG = "configs/demo.yaml"


def says(*words: str) -> int:
    with pytest.raises(SystemExit) as left:
        cli.main(list(words))
    return left.value.code or 0


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A small synthetic partnership."""
    folder = tmp_path_factory.mktemp("train") / "project"
    assert says("init", str(folder)) == 0
    data = ["--out", str(folder / "data/demo"), "--project", str(folder)]
    assert says("synth", "--people", "400", "--years", "1", "--seed", "3", *data) == 0
    return folder


@pytest.fixture
def trained(project, monkeypatch, capsys):
    """What training printed, as an object and as a model read back."""
    monkeypatch.chdir(project)
    assert says("link", "train", CONFIG, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    path = project / told["path"]
    return SimpleNamespace(told=told, path=path, model=load_model(path))


def test_the_model_is_in_the_project_under_its_version(trained):
    assert trained.path.name == f"linkage-{trained.told['model']}.json"
    assert trained.path.parent.name == "linkage"
    assert trained.model.version == trained.told["model"]
    assert trained.model.estimated
    assert trained.told["before"] is None
    assert all(level["m_before"] is None for level in trained.told["levels"])


def test_the_same_records_give_the_same_bytes(trained, capsys):
    content = trained.path.read_bytes()
    assert says("link", "train", CONFIG) == 0
    said = capsys.readouterr().out
    assert f"linkage: {{model: {trained.told['path']}}} in {CONFIG}" in said
    assert trained.path.read_bytes() == content
    assert len(list(trained.path.parent.iterdir())) == 1


def test_no_name_date_or_postcode_is_in_the_model(trained, project):
    written = trained.path.read_text(encoding="utf-8")
    custody = pd.read_csv(project / "data/demo/custody.csv", dtype="str")
    words = {
        word.lower()
        for column in custody.columns
        if re.search("name|birth|dob|postcode", column, re.IGNORECASE)
        for value in custody[column].dropna()
        for word in re.split(r"[\s-]+", value)
        if len(word) > 3
    }
    assert len(words) > 50
    values = set(re.findall(r'"([^"]*)"', written.lower()))
    assert not words & values
    hashes = [key for shares in trained.model.frequencies.values() for key in shares]
    assert hashes
    assert all(re.fullmatch("[0-9a-f]{16}", value) for value in hashes)


def test_an_earlier_day_knows_less(trained):
    assert says("link", "train", CONFIG, "--as-of", "2025-10-06") == 0
    models = [load_model(path) for path in trained.path.parent.iterdir()]
    assert min(m.identities for m in models) < trained.model.identities


def test_the_configuration_can_name_it(trained, project):
    path = project / CONFIG
    text = path.read_text(encoding="utf-8")
    named = text.replace("linkage:\n", f"linkage:\n  model: {trained.told['path']}\n")
    (project / "configs/named.yaml").write_text(named, encoding="utf-8")
    settings = load_settings(Path("configs/named.yaml"))
    assert given_model(settings) == trained.model


def test_a_configuration_without_people(trained, project, capsys):
    assert says("link", "train", "configs/hampshire_public.yaml", "--json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "NO_LINKAGE"
