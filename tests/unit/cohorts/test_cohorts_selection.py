import numpy as np
import pandas as pd
import pytest

from risk_engine.cohorts.selection import ranks, select
from risk_engine.config.cohort import PersonList
from risk_engine.errors import ConfigError


def ranked(margin, abstain=None, seed=1):
    people = pd.Series([f"p{i}" for i in range(len(margin))])
    silent = pd.Series(abstain if abstain is not None else [False] * len(margin))
    return ranks(np.asarray(margin, float), person_id=people, abstain=silent, seed=seed)


def chosen(margin, areas, *, top, minimum=0, abstain=None):
    silent = pd.Series(abstain if abstain is not None else [False] * len(margin))
    return select(
        ranked(margin, abstain),
        area_code=pd.Series(areas, dtype=str),
        abstain=silent,
        listing=PersonList(top=top, per_area_minimum=minimum),
        name="sv",
    ).tolist()


def test_highest_first_and_silent_last():
    assert ranked([0.1, 0.9, 0.5]).tolist() == [3, 1, 2]
    assert ranked([0.1, 0.9, 0.5], [False, True, False]).tolist() == [2, 3, 1]


def test_ties_are_drawn_by_seed_not_by_order():
    first, second = ranked([0.0] * 50, seed=1), ranked([0.0] * 50, seed=2)
    assert sorted(first) == list(range(1, 51))
    assert first.tolist() != list(range(1, 51))
    assert first.tolist() != second.tolist()


def test_top_of_the_order():
    assert chosen([5, 4, 3, 2], ["a"] * 4, top=2) == [True, True, False, False]


def test_each_area_has_its_first_few():
    assert chosen([5, 4, 3, 2], ["a", "a", "a", "b"], top=2, minimum=1) == [
        True, False, False, True,
    ]  # fmt: skip


def test_small_areas_give_what_they_have():
    assert chosen([5, 4, 3, 2], ["a", "a", "a", "b"], top=4, minimum=3) == [True] * 4


def test_silent_people_are_never_listed():
    assert chosen([5, 4], ["a", "b"], top=2, minimum=1, abstain=[True, False]) == [False, True]
    assert chosen([5, 4], ["a", "b"], top=2, abstain=[True, True]) == [False, False]


def test_unknown_area_has_no_minimum_but_may_be_listed():
    assert chosen([5, 4, 3], [None, "a", "a"], top=2, minimum=1) == [True, True, False]
    assert chosen([1, 4, 3], [None, "a", "a"], top=2, minimum=1) == [False, True, True]


def test_minima_longer_than_the_list_are_refused():
    with pytest.raises(ConfigError, match=r"more than list.top \(2\)"):
        chosen([5, 4, 3], ["a", "b", "c"], top=2, minimum=1)
