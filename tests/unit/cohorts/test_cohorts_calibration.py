import numpy as np
import pytest

from risk_engine.cohorts.calibration import calibrate, sigmoid, wilson


def sample(n, shift, seed=1, slope=1.0):
    rng = np.random.default_rng(seed)
    margin = rng.normal(-2, 1, n)
    return margin, (rng.random(n) < sigmoid(slope * margin + shift)).astype(float)


@pytest.mark.parametrize(("n", "method"), [(100, "none"), (900, "platt"), (12_000, "isotonic")])
def test_method_follows_the_number_of_outcomes(n, method):
    found = calibrate(*sample(n, 0.0))
    assert found.method == method
    assert f"of {n} people" in found.why


@pytest.mark.parametrize("n", [1500, 12_000])
def test_calibration_mends_an_overconfident_score(n):
    found = calibrate(*sample(n, -0.7, slope=0.6))
    margin, label = sample(20_000, -0.7, seed=2, slope=0.6)
    before = np.mean((sigmoid(margin) - label) ** 2)
    after = np.mean((found.probability(margin) - label) ** 2)
    assert after < before
    assert found.probability(margin).mean() == pytest.approx(label.mean(), rel=0.15)


@pytest.mark.parametrize("n", [100, 900, 12_000])
def test_probability_never_falls_and_stays_inside_its_interval(n):
    found = calibrate(*sample(n, 0.0))
    grid = np.linspace(-40, 40, 500)
    probability = found.probability(grid)
    low, high = found.interval(grid)
    assert (np.diff(probability) >= 0).all()
    assert ((low <= probability) & (probability <= high)).all()
    assert ((low >= 0) & (high <= 1)).all()
    if n == 12_000:
        assert 0 < probability.min() < probability.max() < 1


def test_interval_holds_the_true_chance_of_similar_people():
    margin, label = sample(4000, 0.0)
    low, high = calibrate(margin, label).interval(margin)
    held = (low <= sigmoid(margin)) & (sigmoid(margin) <= high)
    assert held.mean() > 0.85


def test_equal_scores_have_equal_intervals_whatever_the_order():
    margin, label = np.repeat([0.0, 1.0], 150), np.tile([0.0, 0.0, 1.0], 100)
    order = np.random.default_rng(0).permutation(300)
    straight = calibrate(margin, label).interval(np.array([0.0, 1.0]))
    shuffled = calibrate(margin[order], label[order]).interval(np.array([0.0, 1.0]))
    np.testing.assert_allclose(straight, shuffled)


def test_wilson_by_hand():
    low, high = wilson(np.array([0.0, 5.0, 10.0]), np.array([10, 10, 10]))
    np.testing.assert_allclose(low, [0, 0.2366, 0.7225], atol=1e-4)
    np.testing.assert_allclose(high, [0.2775, 0.7634, 1], atol=1e-4)


def test_one_person_and_no_outcome():
    found = calibrate(np.array([0.5]), np.array([0.0]))
    assert found.method == "none"
    low, high = found.interval(np.array([0.5, -3.0]))
    assert (low < high).all()
