import numpy as np
import pytest

from risk_engine.cohorts.calibration import sigmoid
from risk_engine.cohorts.candidates import PENALTY, WORDS, fit
from risk_engine.cohorts.inputs import matrix
from risk_engine.errors import InputError


@pytest.fixture(scope="module")
def data(cohort_frames, features):
    train, _ = cohort_frames
    return matrix(train, [f.column for f in features]), train["label"].to_numpy(float)


def fitted(name, data, features, spec):
    return fit(name, *data, features=features, estimator=spec.estimator, seed=3)


@pytest.mark.parametrize("name", list(WORDS))
def test_contributions_add_up(name, data, features, spec):
    learner = fitted(name, data, features, spec)
    parts = learner.contributions(data[0])
    assert parts.shape == (len(data[0]), len(features) + 1)
    np.testing.assert_allclose(parts.sum(axis=1), learner.margin(data[0]), atol=1e-9)


@pytest.mark.parametrize("name", list(WORDS))
def test_every_candidate_finds_the_signal(name, data, features, spec):
    from sklearn.metrics import roc_auc_score

    assert roc_auc_score(data[1], fitted(name, data, features, spec).margin(data[0])) > 0.6


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # shap's own, on import
def test_tree_contributions_are_the_shapley_values_of_the_shap_package(data, features, spec):
    import shap

    learner = fitted("lightgbm", data, features, spec)
    sample = data[0][:200]
    oracle = shap.TreeExplainer(learner.booster)(sample)
    ours = learner.contributions(sample)
    np.testing.assert_allclose(ours[:, :-1], oracle.values, atol=1e-6)
    np.testing.assert_allclose(ours[:, -1], oracle.base_values, atol=1e-6)


def test_trees_never_fall_where_the_catalogue_says_increasing(data, features, spec):
    learner = fitted("lightgbm", data, features, spec)
    grid = np.repeat(data[0][:50], 20, axis=0)
    for j, feature in enumerate(features):
        if feature.direction == "none":
            continue
        moved = grid.copy()
        moved[:, j] = np.tile(np.linspace(0, 12, 20), 50)
        steps = np.diff(learner.margin(moved).reshape(50, 20), axis=1)
        sign = 1 if feature.direction == "increasing" else -1
        assert (sign * steps >= -1e-12).all(), feature.column


def test_logistic_is_the_plain_pipeline(data, features, spec):
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    pipeline = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True),
        StandardScaler(),
        LogisticRegression(C=PENALTY),
    ).fit(*data)
    ours = sigmoid(fitted("logistic", data, features, spec).margin(data[0]))
    np.testing.assert_allclose(ours, pipeline.predict_proba(data[0])[:, 1], atol=1e-9)


def test_prior_events_ranks_by_the_count_over_a_year(data, features, spec):
    learner = fitted("prior_events", data, features, spec)
    counted = data[0][:, 0] + data[0][:, 2]  # not 3y, not what protects, not what is no count
    margin = learner.margin(data[0])
    for lower, higher in ((0, 1), (1, 2), (2, 3)):
        assert margin[counted == lower].max() < margin[counted == higher].min()
    assert np.ptp(margin[counted == 2]) == 0  # 1 + 1 ties with 2 + 0


def test_prior_events_never_turns_the_rule_around(data, features, spec):
    values, label = data
    learner = fitted("prior_events", (values, 1 - label), features, spec)
    assert learner.margin(values)[values[:, 0].argmax()] > learner.margin(values * 0)[0]


def test_prior_events_needs_a_count(data, features, spec):
    uncounted = [features[4], features[5]]
    with pytest.raises(InputError) as caught:
        fitted("prior_events", (data[0][:, 4:], data[1]), uncounted, spec)
    assert caught.value.code == "COHORT_RULE"


@pytest.mark.parametrize("name", list(WORDS))
def test_constant_and_missing_features_and_three_positives(name, data, features, spec):
    values = data[0].copy()
    values[:, 0], values[:, 1] = 1.0, np.nan
    label = np.zeros(len(values))
    label[[3, 30, 300]] = 1
    parts = fitted(name, (values, label), features, spec).contributions(values)
    assert np.isfinite(parts).all()
    assert (parts[:, :2] == 0).all()
