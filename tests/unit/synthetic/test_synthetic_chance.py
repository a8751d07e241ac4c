"""Draws without a state, and exact splits."""

from __future__ import annotations

import numpy as np
import pytest

from risk_engine.synthetic.chance import Chance, evenly, share_out

KEYS = np.arange(200_000)


def test_the_same_question_has_the_same_answer_whatever_else_is_asked() -> None:
    chance = Chance(5, "police")
    whole = chance.unit("typo", KEYS)
    assert np.array_equal(whole[7_000:9_000], chance.unit("typo", KEYS[7_000:9_000]))
    assert whole[42] == chance.unit("typo", [42])[0]


@pytest.mark.parametrize(
    "other",
    [
        Chance(6, "police").unit("typo", KEYS),
        Chance(5, "health").unit("typo", KEYS),
        Chance(5, "police").unit("slip", KEYS),
        Chance(5, "police").unit("typo", KEYS, 1),
        Chance(5, "police").unit("typo", KEYS + 1),
    ],
)
def test_another_seed_topic_question_or_key_is_another_draw(other: np.ndarray) -> None:
    drawn = Chance(5, "police").unit("typo", KEYS)
    assert abs(np.corrcoef(drawn, other)[0, 1]) < 0.01
    assert (drawn == other).mean() < 0.001


def test_draws_are_even() -> None:
    drawn = Chance(1, "x").unit("y", KEYS, KEYS % 7)
    assert 0 <= drawn.min() < drawn.max() < 1
    counts, _ = np.histogram(drawn, 100, (0, 1))
    assert ((counts - 2_000) ** 2 / 2_000).sum() < 150  # chi-square, 99 degrees of freedom


def test_neighbouring_keys_are_unlike() -> None:
    drawn = Chance(1, "x").unit("y", KEYS)
    assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < 0.01


def test_among_draws_by_share_and_leaves_the_rest_to_the_last() -> None:
    found = np.bincount(Chance(2, "x").among([0.5, 0.3], "y", KEYS)) / len(KEYS)
    assert found == pytest.approx([0.5, 0.3, 0.2], abs=0.01)


def test_below_takes_a_bound_for_each_key() -> None:
    bound = KEYS % 5 + 1
    drawn = Chance(2, "x").below(bound, "y", KEYS)
    assert (drawn >= 0).all()
    assert (drawn < bound).all()
    assert set(drawn[bound == 5]) == {0, 1, 2, 3, 4}


def test_evenly_draws_each_as_often_as_its_weight_says_give_or_take_one() -> None:
    weight = np.array([5.0, 0.0, 1.0, 2.5])
    drawn = evenly(weight, 1_001, rng=np.random.default_rng(1))
    exact = 1_001 * weight / weight.sum()
    assert np.abs(np.bincount(drawn, minlength=4) - exact).max() <= 1
    assert len(evenly(weight, 0, rng=np.random.default_rng(1))) == 0


@pytest.mark.parametrize("total", [0, 1, 7, 5_049])
def test_a_number_is_split_without_loss(total: int) -> None:
    weight = [3.0, 1.0, 1.0, 0.0]
    parts = share_out(total, weight)
    assert parts.sum() == total
    assert np.abs(parts - total * np.array(weight) / 5).max() < 1
