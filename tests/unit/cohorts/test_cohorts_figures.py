import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from risk_engine.cohorts.calibration import sigmoid
from risk_engine.cohorts.figures import FIGURES, REPLICATES, bootstrap, figures, interval, panel


@pytest.fixture
def tied():
    rng = np.random.default_rng(4)
    margin = np.round(rng.normal(0, 1, 300), 1)  # many ties
    label = (rng.random(300) < sigmoid(margin)).astype(float)
    return margin, label


def test_figures_against_scikit_learn_with_ties_and_weights(tied):
    margin, label = tied
    weights = np.random.default_rng(5).integers(0, 4, 300).astype(float)
    one = panel(margin, label, np.arange(300))
    for drawn in (np.ones(300), weights):
        auc, average_precision, _, brier = figures(one, drawn[None, :], top=20)[0]
        expected = {"sample_weight": drawn}
        assert auc == pytest.approx(roc_auc_score(label, margin, **expected))
        assert average_precision == pytest.approx(
            average_precision_score(label, margin, **expected)
        )
        assert brier == pytest.approx(brier_score_loss(label, sigmoid(margin), **expected))


def test_precision_at_the_cut_is_the_mean_over_ways_to_break_the_tie():
    margin = np.array([2.0, 1.0, 1.0, 1.0, 0.0])
    label = np.array([1.0, 1.0, 0.0, 0.0, 1.0])
    value = figures(panel(margin, label, np.arange(5)), np.ones((1, 5)), top=2)
    assert value[0, FIGURES.index("precision_at_top")] == pytest.approx((1 + 1 / 3) / 2)
    longer = figures(panel(margin, label, np.arange(5)), np.ones((1, 5)), top=50)
    assert longer[0, FIGURES.index("precision_at_top")] == pytest.approx(3 / 5)


def test_order_of_rows_does_not_matter(tied):
    margin, label = tied
    order = np.random.default_rng(6).permutation(300)
    every = np.ones((1, 300))
    straight = figures(panel(margin, label, np.arange(300)), every, top=37)
    shuffled = figures(panel(margin[order], label[order], order), every, top=37)
    np.testing.assert_allclose(straight, shuffled)


def test_one_class_is_not_a_number():
    value = figures(panel(np.arange(4.0), np.zeros(4), np.arange(4)), np.ones((1, 4)), top=2)
    assert np.isnan(value[0, :2]).all()
    assert value[0, 2] == 0


def test_bootstrap_draws_people_not_rows(tied):
    margin, label = tied
    twice = panel(np.tile(margin, 2), np.tile(label, 2), np.tile(np.arange(300), 2))
    once = panel(margin, label, np.arange(300))
    draws = bootstrap([once, twice], people=300, top=300, seed=1)
    assert draws.shape == (2, REPLICATES, len(FIGURES))
    np.testing.assert_allclose(draws[0, :, 0], draws[1, :, 0])  # the same person twice: no news
    np.testing.assert_array_equal(draws, bootstrap([once, twice], people=300, top=300, seed=1))
    assert not np.array_equal(draws, bootstrap([once, twice], people=300, top=300, seed=2))


def test_interval_covers_the_truth_about_as_often_as_it_says():
    # two classes, normal scores one standard deviation apart: the true AUC is known
    truth, held = 0.7602, 0
    rng = np.random.default_rng(8)
    for _ in range(60):
        label = (rng.random(200) < 0.3).astype(float)
        margin = rng.normal(0, 1, 200) + label
        draws = bootstrap([panel(margin, label, np.arange(200))], people=200, top=20, seed=1)
        low, high = interval(draws[0, :, 0])
        held += low <= truth <= high
    assert held >= 52  # 95 % of 60 is 57; below 52 has a chance under 1 in 100


def test_interval_says_nothing_where_most_draws_say_nothing():
    assert np.isnan(interval(np.array([np.nan, np.nan, 1.0]))).all()
    assert interval(np.array([1.0, 1.0, np.nan])) == (1.0, 1.0)
