"""The catalogue: columns, sources and what is refused."""

from __future__ import annotations

import pytest

from risk_engine.config import FeatureFile
from risk_engine.errors import ConfigError
from risk_engine.features import catalogue


def test_one_column_for_each_window_and_half_life(features):
    made = features(
        {"name": "harm", "windows": ["90d", "1y"]},
        {"name": "fading", "measure": "decayed", "half_life": ["30d", "1y"]},
    )
    assert [feature.column for feature in made] == [
        "person.file.harm_90d",
        "person.file.harm_1y",
        "person.file.fading_h30d",
        "person.file.fading_h1y",
    ]
    assert [str(feature.window or feature.half_life) for feature in made] == [
        "90d", "1y", "30d", "1y",
    ]  # fmt: skip


def test_a_feature_tells_its_measure_direction_and_reason(features):
    (feature,) = features(
        {"name": "harm", "windows": ["1y"], "measure": "any", "direction": "increasing"}
    )
    assert (feature.measure, feature.direction, feature.rationale) == ("any", "increasing", "test")


def test_files_come_in_name_order_whatever_the_mapping_order(contract):
    file = FeatureFile.model_validate(
        {
            "source": "police",
            "features": [{"name": "x", "label": "y", "windows": ["1y"], "rationale": "z"}],
        }
    )
    contracts = {"police": contract("police")}
    one = catalogue({"b": file, "a": file}, subject="place", contracts=contracts)
    two = catalogue({"a": file, "b": file}, subject="place", contracts=contracts)
    assert [f.column for f in one] == [f.column for f in two] == ["place.a.x_1y", "place.b.x_1y"]


def test_coverage_comes_from_the_contract_and_any_covers_everybody(features, contract):
    schools = contract("schools", coverage={"areas": ["E1"], "ages": [5, 18]})
    spec = {"name": "x", "windows": ["1y"]}
    (one,) = features(spec, source="schools", contracts=[schools])
    (every,) = features(spec, source="any", contracts=[schools])
    assert one.coverage.ages == (5, 18)
    assert every.coverage.areas == "all"
    assert every.coverage.ages == (0, 120)


def test_any_leaves_out_blocked_sources(features, contract):
    contracts = [contract("police"), contract("search", features_blocked=True), contract("a")]
    (feature,) = features({"name": "x", "windows": ["1y"]}, source="any", contracts=contracts)
    assert feature.sources == ("a", "police")


@pytest.mark.parametrize(
    ("source", "where", "says"),
    [
        ("search", {}, "'search' is blocked as a feature source"),
        ("any", {"source": "search"}, "'search' is blocked as a feature source"),
        ("polise", {}, "'polise' is not configured (did you mean 'police'?); allowed: police, s"),
        ("police", {"attributes": {"ethnicity": "x"}}, "'ethnicity' is a protected"),
        ("police", {"attributes": {"sex": "x"}}, "'sex' is a protected"),
        ("police", {"attributes": {"age": "17"}}, "'age' is a protected"),
        ("police", {"attributes": {"age_band": "x"}}, "'age_band' is a protected"),
    ],
)
def test_refused(features, contract, source, where, says):
    contracts = [contract("police"), contract("search", features_blocked=True)]
    spec = {"name": "x", "windows": ["1y"], "where": where}
    with pytest.raises(ConfigError) as error:
        features(spec, source=source, contracts=contracts)
    assert says in str(error.value)
    assert error.value.code == "CONFIG"


def test_every_fault_at_once(features):
    spec = {"windows": ["1y"], "where": {"source": "nobody", "attributes": {"sex": "x"}}}
    with pytest.raises(ConfigError) as error:
        features({"name": "one", **spec}, {"name": "two", **spec})
    assert len(error.value.faults) == 4


def test_a_column_made_twice_is_refused(features):
    with pytest.raises(ConfigError, match="made twice"):
        features({"name": "x", "windows": ["1y", "1y"]})
