"""A linkage spec says in words how records are compared; its faults are found line by line."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from risk_engine.config.linkage import (
    BLOCKING_COLUMNS,
    CONDITIONS,
    FIELDS,
    Level,
    LinkageSpec,
    TableSpec,
    parts_of,
)
from risk_engine.config.load import load_model
from risk_engine.errors import ConfigError

GOOD = """\
name: linkage
comparisons:
  first_name:
    - {when: same, m: 0.9, u: 0.01, by_frequency: true}
    - {when: similar 0.9, m: 0.05, u: 0.01}
    - {when: different, m: 0.05, u: 0.98}
  birth_date:
    - {when: same, m: 0.9, u: 0.01}
    - {when: different, m: 0.1, u: 0.99}
blocking:
  - [first_name, birth_year]
training:
  - [birth_date]
limits:
  pairs_per_rule: 1000
"""


def faults(tmp_path: Path, old: str, new: str, model: type = LinkageSpec) -> list[tuple[int, str]]:
    assert GOOD.count(old) >= 1
    path = tmp_path / "linkage.yaml"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_model(model, path, shown="linkage.yaml")
    return [(fault.line, fault.message) for fault in caught.value.faults]


def test_a_good_spec_is_read(tmp_path):
    path = tmp_path / "linkage.yaml"
    path.write_text(GOOD, encoding="utf-8")
    spec = load_model(LinkageSpec, path)
    assert [level.when for level in spec.comparisons["first_name"]] == [
        "same",
        "similar 0.9",
        "different",
    ]
    assert (spec.limits.pairs_per_rule, spec.target_precision, spec.threshold) == (1000, 0.99, None)


@pytest.mark.parametrize("name", ["linkage", "linkage_table"])
def test_what_ships_says_of_every_level_what_it_can_mean(project_root, name):
    path = project_root / f"models/specs/{name}.yaml"
    spec = load_model(LinkageSpec, path)
    for field, levels in spec.comparisons.items():
        assert sum(level.m for level in levels) == pytest.approx(1, abs=1e-9), field
        assert sum(level.u for level in levels) == pytest.approx(1, abs=0.001), field
        assert levels[0].m > levels[0].u, field
        assert levels[-1].m < levels[-1].u, field


def test_the_partnership_never_blocks_on_one_column(project_root):
    spec = load_model(LinkageSpec, project_root / "models/specs/linkage.yaml")
    assert all(len(line) > 1 for line in spec.blocking)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("when: same,", "when: equal,", 4, "'equal' is no condition"),
        ("when: same,", "when: same sond,", 4, "did you mean 'same sound'?"),
        ("similar 0.9", "similar 9", 5, "similarity lies between 0 and 1"),
        ("similar 0.9", "similar 0", 5, "similarity lies between 0 and 1"),
        ("similar 0.9", "similar", 5, "'similar' is no condition"),
        ("similar 0.9", "same or similar .9", 5, "is no condition"),
        ("similar 0.9", "same district", 2, "first_name: 'same district' is not for this field"),
        ("when: different, m: 0.05", "when: initial, m: 0.05", 3, "the last level, and only that"),
        ("similar 0.9", "different", 3, "the last level, and only that"),
        ("similar 0.9", "same", 3, "'same' is there twice"),
        ("m: 0.05, u: 0.01", "m: 0, u: 0.01", 5, "greater than 0"),
        ("m: 0.05, u: 0.01", "m: 1.5, u: 0.01", 5, "less than 1"),
        ("similar 0.9,", "similar 0.9, by_frequency: true,", 5, "is for the level 'same'"),
        ("  birth_date:", "  birthdate:", 7, "found 'birthdate'"),
        ("[first_name, birth_year]", "[first_name, birth_yaer]", 11, "did you mean 'birth_year'?"),
        ("[first_name, birth_year]", "[]", 11, "at least 1 item"),
        ("- [birth_date]", "- [last_nam]", 13, "'last_nam' is no column"),
        ("pairs_per_rule: 1000", "pairs_per_rule: 0", 15, "greater than or equal to 1"),
        ("pairs_per_rule: 1000", "pairs_per_rul: 9", 15, "did you mean 'pairs_per_rule'?"),
        ("name: linkage\n", "name: linkage\ntarget_precision: 1\n", 2, "less than 1"),
        ("name: linkage\n", "name: linkage\nthreshold: 0.4\n", 2, "greater than 0.5"),
    ],
)
def test_a_fault_is_named_where_it_stands(tmp_path, old, new, line, message):
    ((found, said),) = faults(tmp_path, old, new)
    assert message in said
    assert found == line


def test_nothing_to_compare_or_to_block_on_is_a_fault(tmp_path):
    ((_, said),) = faults(tmp_path, "blocking:\n  - [first_name, birth_year]\n", "")
    assert "give 'comparisons' and 'blocking'" in said


def test_words_are_split_into_conditions_with_their_numbers():
    assert parts_of("1 edit or day and month swapped") == [
        ("# edits", 1.0),
        ("day and month swapped", 0.0),
    ]
    assert parts_of("2 edits") == [("# edits", 2.0)]
    assert parts_of("within 31 days") == [("within # days", 31.0)]


@pytest.mark.parametrize("form", CONDITIONS)
def test_every_condition_can_be_written_for_every_field_it_is_for(form):
    words = form.replace("#", "0.9" if form.startswith("similar") else "2")
    levels = [Level(when=words, m=0.9, u=0.1), Level(when="different", m=0.1, u=0.9)]
    for field in CONDITIONS[form]:
        made = LinkageSpec(name="x", comparisons={field: levels}, blocking=[["first_name"]])
        assert made.comparisons[field][0].when == words
    for field in set(FIELDS) - CONDITIONS[form]:
        with pytest.raises(ValidationError, match="is not for this field"):
            LinkageSpec(name="x", comparisons={field: levels}, blocking=[["first_name"]])


def test_blocking_columns_are_made_from_fields():
    assert set(BLOCKING_COLUMNS.values()) <= set(FIELDS)


COLUMNS = {"record_id": "id", "last_name": "surname"}


def test_the_truth_is_no_column_to_compare():
    with pytest.raises(ValidationError, match="truth: 'surname' is mapped in 'columns' too"):
        TableSpec(columns=COLUMNS, truth="surname")
    assert TableSpec(columns=COLUMNS, truth="cluster").truth == "cluster"


def test_one_further_column_may_stand_without_brackets():
    assert TableSpec(columns={**COLUMNS, "other": "team"}).columns.other == ["team"]
