"""Ratios against published and hand-computed figures; size and power of a whole audit."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from risk_engine.audit.statistics import (
    Counts,
    holm,
    ratio,
    ratio_interval,
    ratio_p_value,
    unknown_bounds,
)
from risk_engine.audit.verdicts import decide


def one(a: float, at_risk: float, b: float, reference: float) -> Counts:
    return Counts.of([a], [at_risk], [b], [reference])


def interval(counts: Counts) -> tuple[float, float]:
    low, high = ratio_interval(counts)
    return float(low[0]), float(high[0])


def test_hand_computed_ratio_and_interval():
    counts = one(30, 1000, 200, 10_000)
    half = np.exp(1.959964 * np.sqrt(1 / 30 + 1 / 200 - 1 / 1000 - 1 / 10_000))
    assert ratio(counts)[0] == pytest.approx(1.5)
    assert interval(counts) == pytest.approx((1.5 / half, 1.5 * half), rel=1e-6)


def test_published_physicians_health_study():
    # Heart attacks on placebo and aspirin: relative risk 1.82, 95 % interval 1.43 to 2.30.
    counts = one(189, 11_034, 104, 11_037)
    assert round(float(ratio(counts)[0]), 2) == 1.82
    assert tuple(round(x, 2) for x in interval(counts)) == (1.43, 2.31)


def test_small_counts_use_the_exact_interval_of_the_share():
    counts = one(3, 100, 40, 1000)
    share = stats.binomtest(3, 43).proportion_ci(method="exact")
    expected = (p / (1 - p) * 1000 / 100 for p in (share.low, share.high))
    assert interval(counts) == pytest.approx(tuple(expected))


def test_nobody_selected_has_an_upper_end_only():
    low, high = interval(one(0, 200, 50, 1000))
    assert low == 0
    assert 0 < high < 2
    assert interval(one(4, 200, 0, 1000))[1] == np.inf


@pytest.mark.parametrize("cells", [(0, 0, 5, 10), (0, 10, 0, 10), (3, 10, 0, 0), (11, 10, 5, 10)])
def test_what_cannot_be_computed_is_missing_not_a_number_that_passes(cells):
    assert np.isnan(interval(one(*cells))).all() or not np.isfinite(interval(one(*cells))).all()
    verdict = decide(
        low=ratio_interval(one(*cells))[0],
        high=ratio_interval(one(*cells))[1],
        p_holm=[0.0],
        events=[min(cells[0], cells[2])],
        tolerance=1.25,
        harm="higher",
        alpha=0.05,
    )
    assert verdict.tolist() == ["cannot tell"]


def test_everybody_selected_does_not_make_the_interval_vanish():
    low, high = interval(one(6, 6, 500, 500))
    assert low < 0.8
    assert high > 1.25


def test_p_value_is_the_binomial_tail():
    # 12 of 100 against 20 of 400 at a limit of 1.25: the share is 125 / 525.
    p = ratio_p_value(one(12, 100, 20, 400), tolerance=1.25, harm="higher")
    tail = stats.binomtest(12, 32, 125 / 525, alternative="greater").pvalue
    assert p[0] == pytest.approx(tail - 0.5 * stats.binom.pmf(12, 32, 125 / 525))
    few = ratio_p_value(one(4, 20, 20, 400), tolerance=1.25, harm="higher")
    assert few[0] == pytest.approx(stats.binomtest(4, 24, 25 / 425, alternative="greater").pvalue)


def test_harm_lower_mirrors_harm_higher():
    up = ratio_p_value(one(60, 400, 20, 400), tolerance=1.25, harm="higher")
    down = ratio_p_value(one(20, 400, 60, 400), tolerance=1.25, harm="lower")
    assert up[0] == pytest.approx(down[0])
    assert up[0] < 0.01


def test_holm_against_the_definition():
    p = np.array([0.04, 0.001, 0.03, 0.2])
    adjusted = holm(p)
    assert adjusted.tolist() == pytest.approx([0.09, 0.004, 0.09, 0.2])
    assert holm(np.stack([p, p[::-1]]))[1].tolist() == pytest.approx(adjusted[::-1].tolist())


def test_bounds_are_the_extremes_of_every_assignment():
    a, at_risk, b, reference, selected, unlisted = 2, 9, 3, 12, 2, 3
    worlds = [
        ((a + s) / (at_risk + s + u))
        / ((b + selected - s) / (reference + selected - s + unlisted - u))
        for s, u in itertools.product(range(selected + 1), range(unlisted + 1))
    ]
    least, greatest = unknown_bounds(
        one(a, at_risk, b, reference), unknown_selected=selected, unknown_at_risk=5
    )
    assert least[0] == pytest.approx(min(worlds))
    assert greatest[0] == pytest.approx(max(worlds))


def simulate(sizes: list[int], rates: list[float], *, listed: int, audits: int) -> np.ndarray:
    """Verdicts of many audits of one list each; the first group is the reference."""
    weight = np.array(sizes) * np.array(rates)
    drawn = np.random.default_rng(20261123).multinomial(listed, weight / weight.sum(), audits)
    counts = Counts.of(drawn[:, 1:], sizes[1:], drawn[:, :1], sizes[0])
    low, high = ratio_interval(counts)
    p = holm(ratio_p_value(counts, tolerance=1.25, harm="higher"))
    return decide(
        low=low,
        high=high,
        p_holm=p,
        events=np.minimum(counts.selected, counts.reference_selected),
        tolerance=1.25,
        harm="higher",
        alpha=0.05,
    )


def sizes_for(expected: list[float], reference: float, people: int = 40_000) -> list[int]:
    parts = np.array([reference, *expected])
    return np.round(people * parts / parts.sum()).astype(int).tolist()


@pytest.mark.parametrize(
    "expected",
    [[14, 4.5, 6, 3.2, 6], [3, 3, 3, 3, 3], [1.5] * 5, [10] * 5, [20] * 5, [36] * 5],
    ids=["force-area", "3", "1.5", "10", "20", "36"],
)
def test_family_wise_false_alarms_at_the_edge_of_tolerance(expected):
    """Every group truly at 1.25: at most 5 % of audits call any of them a failure."""
    audits = 4000
    sizes = sizes_for(expected, 300 - 1.25 * sum(expected))
    fails = (simulate(sizes, [1] + [1.25] * 5, listed=300, audits=audits) == "fail").any(axis=1)
    margin = 2 * np.sqrt(0.05 * 0.95 / audits)  # chance of the simulation itself
    assert fails.mean() <= 0.05 + margin


@pytest.mark.parametrize(
    ("expected", "listed", "power"),
    [(20, 300, 0.58), (40, 300, 0.84), (20, 1000, 0.60), (40, 1000, 0.90)],
)
def test_power_at_twice_the_rate(expected, listed, power):
    """One group at twice the reference's rate, five tested.

    The reference of a single list of 300 has 200-240 entries of its own, which costs power; lists
    pooled over weeks have more.
    """
    others = [4, 6, 3, 5]
    sizes = sizes_for([expected, *others], listed - 2 * expected - sum(others))
    verdicts = simulate(sizes, [1, 2, 1, 1, 1, 1], listed=listed, audits=4000)
    assert (verdicts[:, 0] == "fail").mean() >= power


def test_false_passes_are_rare_when_the_ratio_is_beyond_tolerance():
    sizes = sizes_for([40] * 5, 600 - 1.5 * 200)
    verdicts = simulate(sizes, [1] + [1.5] * 5, listed=600, audits=2000)
    assert (verdicts == "pass").mean() <= 0.025
