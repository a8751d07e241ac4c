"""What the model learns, and that it stays what it is on its way through a file."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from risk_engine.config.linkage import Level, LinkageRules
from risk_engine.errors import InputError
from risk_engine.files import fingerprint
from risk_engine.linkage import training
from risk_engine.linkage.model import comparisons, stated

FIELDS = ["first_name", "birth_date"]
KEY = b"k" * 16


@pytest.fixture
def made(spec):
    compared = comparisons(spec, FIELDS)
    return training.Model(
        digest=training.digest(spec, compared),
        parameters=stated(compared),
        prior=0.0123,
        threshold=0.95,
        identities=1_000,
        estimated=True,
        frequencies={"first_name": {"aa" * 8: 0.013}, "birth_date": {}},
        key=fingerprint(KEY),
    )


def test_a_model_serves_the_specification_and_the_key_it_was_learnt_with(made, spec):
    compared = comparisons(spec, FIELDS)
    made.check(spec, compared, KEY)
    for other in ((spec, compared[:1], KEY), (spec, compared, b"o" * 16)):
        with pytest.raises(InputError, match="was learnt with another") as error:
            made.check(*other)
        assert error.value.code == "LINKAGE_MODEL"


@pytest.mark.parametrize(
    ("identities", "fits"),
    [(499, False), (500, True), (1_000, True), (2_000, True), (2_001, False)],
)
def test_a_model_serves_about_as_many_identities_as_it_was_learnt_from(made, identities, fits):
    assert made.fits(identities) == fits


def weights_of(*probabilities):
    return np.log2(np.array(probabilities) / (1 - np.array(probabilities)))


def simulated(draw, matches, others, gap):
    """Evidence in bits of pairs whose odds are what it says: normal, with mean half the variance.

    For log odds (natural) that are normal with variance s2, means of s2/2 among matches and of
    -s2/2 among others make the evidence exactly as strong as it claims.
    """
    scale = np.sqrt(2 * gap)
    true = draw.normal(gap, scale, matches)
    false = draw.normal(-gap, scale, others)
    return np.concatenate([true, false]) / np.log(2)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("matches", [40, 1_000, 20_000])
def test_the_prior_is_found_from_evidence_that_is_what_it_says(seed, matches):
    evidence = simulated(np.random.default_rng(seed), matches, 200_000, 12.0)
    pairs = len(evidence)
    for start in (1e-6, 0.01, 0.4):
        found = training.settle(evidence, pairs, start)
        assert found == pytest.approx(matches / pairs, rel=0.1)


def test_where_the_prior_is_looked_for_first_makes_no_difference():
    evidence = simulated(np.random.default_rng(1), 500, 50_000, 10.0)
    found = [training.settle(evidence, 1e8, start) for start in (1e-7, 1e-4, 0.3)]
    assert found == pytest.approx([found[0]] * 3, rel=0.01)


def test_pairs_that_were_not_scored_count_as_no_match():
    evidence = simulated(np.random.default_rng(2), 1_000, 1_000, 40.0)
    assert training.settle(evidence, 1e7, 0.01) == pytest.approx(1e-4, rel=0.01)


@pytest.mark.parametrize("pairs", [0, 1, 2, 10, 1e12])
def test_the_prior_is_a_probability_whatever_was_scored(pairs):
    for evidence in ([], [500.0] * 3, [-500.0] * 3):
        found = training.settle(np.array(evidence), pairs, 0.01)
        assert 0 < found <= 0.5
        assert np.isfinite(training.odds(found))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("target", [0.9, 0.99, 0.999])
def test_links_from_the_threshold_up_are_right_as_often_as_aimed_for(seed, target):
    draw = np.random.default_rng(seed)
    probabilities = draw.beta(0.4, 0.4, 20_000)
    rules = LinkageRules(target_precision=target, least_probability=0.5)
    threshold = training.choose_threshold(weights_of(*probabilities), rules)
    joined = probabilities >= threshold
    assert probabilities[joined].mean() >= target
    truth = draw.random(20_000) < probabilities
    assert truth[joined].mean() == pytest.approx(target, abs=0.005)
    lower = probabilities >= threshold - 0.02
    assert probabilities[lower].mean() < target or threshold == 0.5


RULES = LinkageRules()


@pytest.mark.parametrize(
    ("probabilities", "threshold"),
    [
        ([], 0.8),  # nothing compared: the least there is
        ([0.1, 0.5], 0.8),
        ([0.9999, 0.9999], 0.8),  # all certain
        ([1 - 1e-9] * 50 + [0.85], 0.8),  # the last one does no harm
        ([1 - 1e-9] * 5 + [0.85], 0.9999),  # the last one does
        ([0.9] * 40, 0.99),  # none good enough
        ([0.995] * 5 + [0.97] * 50, 0.995),
        ([0.995] * 5 + [0.97], 0.8),  # .9908 in the mean
        ([0.999] * 100 + [0.95] * 30, 0.999),  # some of the equals would do, but not all
        ([0.99991, 0.85001] + [0.85002] * 99, 0.9999),
    ],
)
def test_thresholds_at_the_edges(probabilities, threshold):
    draw = np.random.default_rng(1)
    weights = weights_of(*draw.permutation(probabilities)) if probabilities else np.array([])
    assert training.choose_threshold(weights, RULES) == pytest.approx(threshold, abs=1.1e-4)


@pytest.mark.parametrize("certain", [55.0, 200.0, 2_000.0])
def test_certainty_itself_is_no_threshold(certain):
    """Odds without end cannot be asked of a link."""
    weights = np.array([certain] * 3 + [2.5] * 3)
    with np.errstate(over="ignore"):
        found = training.choose_threshold(weights, RULES)
    assert found == 0.9999
    assert np.isfinite(training.odds(found))


def test_a_threshold_that_is_given_stands():
    rules = LinkageRules(threshold=0.6)
    assert training.choose_threshold(weights_of(0.1, 0.99), rules) == 0.6


def test_odds_and_probabilities_are_each_others_inverse():
    for probability in (1e-9, 0.01, 0.5, 0.99, 0.9999):
        weight = np.array([training.odds(probability)])
        assert training.probabilities(weight)[0] == pytest.approx(probability)


def test_a_model_comes_back_from_its_file_as_it_was(made, tmp_path):
    path = made.save(tmp_path / "models")
    assert path.name == f"linkage-{made.version}.json"
    assert training.load(path) == made
    assert training.load(path).version == made.version
    assert training.from_json(json.loads(json.dumps(made.as_json()))) == made


def test_the_version_is_of_everything_in_a_model(made):
    changed = [
        replace(made, prior=0.0124),
        replace(made, threshold=0.96),
        replace(made, frequencies={}),
        replace(made, parameters={**made.parameters, ("first_name", "same"): (0.7, 0.01)}),
    ]
    assert len({model.version for model in [made, *changed]}) == 5


@pytest.mark.parametrize(
    "text",
    [None, "", "{", "[]", "{}", '{"parameters": []}', '{"parameters": [{}]}', "null", "\xff"],
)
def test_a_file_that_is_no_model_is_refused_by_name(tmp_path, text):
    path = tmp_path / "linkage.json"
    if text is not None:
        path.write_text(text, encoding="latin-1")
    with pytest.raises(
        InputError, match=r"linkage\.json: the linkage model cannot be read"
    ) as told:
        training.load(path)
    assert told.value.code == "LINKAGE_MODEL"
    assert "risk-engine link train" in told.value.hint


def test_the_digest_changes_with_what_is_learnt_and_with_nothing_else(spec):
    def digest(rules, fields=FIELDS):
        return training.digest(rules, comparisons(rules, fields))

    levels = spec.comparisons["first_name"]
    changed = levels[0].model_copy(update={"m": 0.5})
    worded = Level(when="similar 0.91", m=levels[3].m, u=levels[3].u)
    others = [
        digest(spec.model_copy(update={"comparisons": {**spec.comparisons, "first_name": new}}))
        for new in ([changed, *levels[1:]], [*levels[:3], worded, *levels[4:]], levels[1:])
    ]
    others += [
        digest(spec.model_copy(update={"target_precision": 0.98})),
        digest(spec.model_copy(update={"training": spec.training[:1]})),
        digest(spec, ["first_name"]),
    ]
    assert len({digest(spec), *others}) == 1 + len(others)
    same = spec.model_copy(update={"blocking": spec.blocking[:1], "one_to_one": ["x"]})
    assert digest(same) == digest(spec)


def estimates(compared, m, u):
    """A model as Splink writes it, with one m and u at every first level and none elsewhere."""
    return {
        "comparisons": [
            {
                "comparison_levels": [
                    {"is_null_level": True},
                    {"m_probability": m, "u_probability": u},
                    *[{}] * (len(one.levels) - 1),
                ]
            }
            for one in compared
        ]
    }


def test_estimates_are_rounded_and_unseen_levels_keep_their_values(spec):
    compared = comparisons(spec, FIELDS)
    learned = training.learned(compared, estimates(compared, 0.712345678, 0.0012345678))
    assert learned["birth_date", "same"] == (0.7123, 0.001235)
    assert learned["birth_date", "different"] == stated(compared)["birth_date", "different"]


def test_an_estimate_that_says_true_pairs_disagree_is_not_believed(spec):
    compared = comparisons(spec, FIELDS)
    assert training.learned(compared, estimates(compared, 0.05, None)) == stated(compared)


def test_estimates_stay_inside_what_a_weight_can_be_made_of(spec):
    compared = comparisons(spec, FIELDS)
    learned = training.learned(compared, estimates(compared, 1.0, 1e-12))
    assert learned["birth_date", "same"] == (0.9999, 1e-6)
