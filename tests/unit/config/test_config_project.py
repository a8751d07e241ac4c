"""Every file of a project is loaded, checked against the others, and all faults come at once."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from risk_engine.config import expired, find_project, load_settings
from risk_engine.errors import ConfigError

PROJECT = Path(__file__).parents[3]


def said(faults):
    return [str(fault) for fault in faults]


@pytest.mark.parametrize("name", ["demo", "weekly", "hampshire_public"])
def test_the_shipped_configurations_have_no_fault(name):
    settings = load_settings(PROJECT / f"configs/{name}.yaml")
    assert settings.config.name == name
    assert settings.root == PROJECT


def test_a_project_without_faults_is_loaded_whole(project):
    project.write("data/police_02.csv", "")
    project.write("data/police_01.csv", "")
    settings = project.load()
    assert [source.contract.source for source in settings.sources] == ["police"]
    assert [path.name for path in settings.sources[0].files] == ["police_01.csv", "police_02.csv"]
    assert list(settings.person_features) == list(settings.place_features) == ["police"]
    assert settings.resolve(Path("data/x")) == project.root / "data/x"
    assert settings.resolve(project.root / "x") == project.root / "x"


def test_a_pattern_that_matches_nothing_stays_for_its_reader_to_name(project):
    assert project.load().sources[0].files == (project.root / "data/police*.csv",)


def test_a_file_that_two_patterns_match_is_one_drop(project):
    project.write("data/police_01.csv", "")
    project.change(
        "configs/week.yaml", "files: data/police*.csv", "files: [data/police*.csv, data/*_01.csv]"
    )
    assert len(project.load().sources[0].files) == 1


def test_a_folder_name_with_brackets_is_no_pattern(project, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("shared") / "week [2026]"
    project.root.rename(elsewhere)
    project.root = elsewhere
    project.write("data/police_01.csv", "")
    settings = project.load()
    assert [path.name for path in settings.sources[0].files] == ["police_01.csv"]
    assert list(settings.person_features) == ["police"]


def test_paths_are_of_the_project_wherever_the_command_is_given(project, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (other / "configs").mkdir()
    (other / "configs/areas.yaml").write_text("not: this one\n", encoding="utf-8")
    before = Path.cwd()
    os.chdir(other)
    try:
        assert project.load().areas.force_area.name == "Shire"
        assert load_settings(Path("configs/week.yaml"), root=project.root).config.name == "week"
    finally:
        os.chdir(before)


def test_a_configuration_is_found_from_the_working_directory(project, monkeypatch):
    monkeypatch.chdir(project.root / "configs")
    assert load_settings(Path("week.yaml")).config.name == "week"


def test_the_project_is_found_upwards(project, tmp_path):
    deep = tmp_path / "notebooks/old"
    deep.mkdir(parents=True)
    assert find_project(deep) == tmp_path.resolve()


def test_no_project_is_said_with_what_to_do():
    with pytest.raises(ConfigError, match="risk-engine init DIR"):
        find_project(Path("/"))


def test_faults_of_several_files_come_at_once_in_file_and_line_order(project):
    project.change("configs/areas.yaml", "name: North", "nmae: North")
    project.change("configs/definition.yaml", "kind: robbery", "kind: Robbery!")
    project.change("models/hotspots.yaml", "name: hotspots", "nam: hotspots")
    project.change("models/audit.yaml", "version: v1", "confidence: 3")
    project.change("models/cohort.yaml", "horizon: 1y", "horizon: forever")
    project.change("features/place/police.yaml", "windows: [1y]", "half_life: 1y")
    faults = project.faults()
    assert {(fault.file, fault.line) for fault in faults} == {
        ("configs/areas.yaml", 3),
        ("configs/definition.yaml", 6),
        ("features/place/police.yaml", 3),
        ("models/audit.yaml", 1),
        ("models/cohort.yaml", 3),
        ("models/hotspots.yaml", 1),
    }
    assert list(faults) == sorted(faults)
    assert any("did you mean 'name'?" in text for text in said(faults))


def test_a_broken_run_configuration_is_said_alone(project):
    project.change("configs/week.yaml", "title: One week", "titel: One week")
    missing, unknown = said(project.faults())
    assert missing == "configs/week.yaml:1: title: is required and not given"
    assert unknown.startswith(
        "configs/week.yaml:2: titel: 'titel' is not a known key (did you mean 'title'?); allowed: "
        "agencies_expected, areas, as_of, audit, boundaries, "
    )


@pytest.mark.parametrize(
    "missing",
    [
        "configs/areas.yaml",
        "configs/definition.yaml",
        "configs/partners/police.yaml",
        "models/hotspots.yaml",
        "models/cohort.yaml",
        "models/audit.yaml",
    ],
)
def test_a_file_that_is_not_there_is_named(project, missing):
    (project.root / missing).unlink()
    assert said(project.faults()) == [f"{missing}: there is no such file"]


def test_a_catalogue_that_is_not_there_is_named(project):
    (project.root / "features/person/police.yaml").unlink()
    assert said(project.faults()) == ["features/person/*.yaml: there is no such file"]


# --- checks of one file against another ------------------------------------------------------


def test_a_source_configured_twice(project):
    project.change(
        "configs/week.yaml",
        "linkage:",
        "  - {contract: configs/partners/police.yaml, files: x.csv}\nlinkage:",
    )
    assert said(project.faults()) == [
        "configs/week.yaml: sources: source 'police' is configured twice"
    ]


def test_a_cohort_configured_twice(project):
    text = (project.root / "models/cohort.yaml").read_text(encoding="utf-8")
    project.write("models/again.yaml", text)
    project.change(
        "configs/week.yaml", "[models/cohort.yaml]", "[models/cohort.yaml, models/again.yaml]"
    )
    assert said(project.faults()) == [
        "configs/week.yaml: cohorts: cohort 'cohort' is configured twice"
    ]


@pytest.mark.parametrize("subject", ["person", "place"])
def test_a_catalogue_of_an_unknown_source(project, subject):
    name = f"features/{subject}/police.yaml"
    project.change(name, f"source: {'police' if subject == 'person' else 'any'}", "source: polise")
    assert said(project.faults()) == [
        (
            f"{name}: source: source 'polise' is not configured (did you mean 'police'?); "
            "configured: police"
        )
    ]


def test_a_catalogue_of_a_blocked_source(project):
    project.change(
        "configs/partners/police.yaml", "key: [record]", "key: [record]\nfeatures_blocked: true"
    )
    assert said(project.faults()) == [
        (
            "features/person/police.yaml: source: source 'police' is blocked as a feature source "
            "by its contract"
        )
    ]


def test_a_broken_contract_is_not_taken_for_a_missing_source(project):
    project.change("configs/partners/police.yaml", "cadence: weekly", "cadence: hourly")
    (only,) = project.faults()
    assert (only.file, only.line) == ("configs/partners/police.yaml", 10)


def test_a_feature_defined_twice(project):
    text = (project.root / "features/person/police.yaml").read_text(encoding="utf-8")
    project.write("features/person/police.yaml", text + text.split("features:\n")[1])
    assert said(project.faults()) == [
        "features/person/police.yaml: feature 'robbery' is defined twice"
    ]


def test_two_catalogues_of_one_name_would_hide_each_other(project):
    text = (project.root / "features/person/police.yaml").read_text(encoding="utf-8")
    project.write("features/more/police.yaml", text)
    project.change("configs/week.yaml", "[features/person/*.yaml]", "[features/*/police.yaml]")
    assert any(
        "another catalogue is called 'police' too" in text for text in said(project.faults())
    )


def test_a_cohort_on_a_definition_that_is_not_in_force(project):
    project.change("models/cohort.yaml", "definition: serious", "definition: knife")
    assert said(project.faults()) == [
        (
            "models/cohort.yaml: outcome.definition: definition 'knife' is not the one in force "
            "('serious')"
        )
    ]


def test_minima_that_do_not_fit_into_a_list_are_said_before_any_data_are_read(project):
    text = (project.root / "models/cohort.yaml").read_text(encoding="utf-8")
    project.write("models/cohort.yaml", text + "list: {top: 1, per_area_minimum: 2}\n")
    found = [text for text in said(project.faults()) if "list.per_area_minimum" in text]
    assert len(found) == 1
    assert "more than list.top (1)" in found[0]
    project.write("models/cohort.yaml", text + "list: {top: 1}\n")
    project.load()


def test_people_need_linkage(project):
    project.change("configs/week.yaml", "linkage: {key_file: data/key}\n", "")
    assert said(project.faults()) == [
        "configs/week.yaml:1: cohorts need 'linkage': people are made of linked records"
    ]


def test_people_need_features(project):
    project.change("configs/week.yaml", "person_features: [features/person/*.yaml]\n", "")
    assert said(project.faults()) == ["configs/week.yaml:1: cohorts need 'person_features'"]


# --- the digest and the agreements -----------------------------------------------------------


def test_the_layout_of_a_file_does_not_change_the_digest(project):
    before = project.load().digest()
    project.write(
        "models/cohort.yaml",
        "# a comment\ncohort:\n    known_within: 2y\ntitle: 'People harmed'\nname: cohort\n"
        "outcome:\n    role: victim\n    horizon: 1y\n    definition: serious\n",
    )
    assert project.load().digest() == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("configs/week.yaml", "title: One week", "title: A week"),
        ("configs/areas.yaml", "name: South", "name: Southsea"),
        ("configs/definition.yaml", 'version: "1.0"', 'version: "1.1"'),
        ("configs/partners/police.yaml", "ISA-1", "ISA-2"),
        ("features/person/police.yaml", "windows: [1y]", "windows: [2y]"),
        ("features/place/police.yaml", "windows: [1y]", "windows: [2y]"),
        ("models/hotspots.yaml", "name: hotspots", "name: spots"),
        ("models/cohort.yaml", "role: victim", "role: suspect"),
        ("models/audit.yaml", "version: v1", "version: v2"),
    ],
)
def test_every_file_is_in_the_digest(project, name, old, new):
    before = project.load().digest()
    project.change(name, old, new)
    assert project.load().digest() != before


def test_the_name_of_a_catalogue_is_in_the_digest_as_it_is_in_its_columns(project):
    before = project.load().digest()
    (project.root / "features/person/police.yaml").rename(
        project.root / "features/person/force.yaml"
    )
    assert project.load().digest() != before


def test_an_agreement_holds_through_its_last_day(project):
    settings = project.load()
    assert expired(settings, date(2026, 6, 30)) == []
    assert [c.source for c in expired(settings, date(2026, 7, 1))] == ["police"]
