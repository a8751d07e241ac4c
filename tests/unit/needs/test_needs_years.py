"""What two printed counts would give away together is protected as if it were printed."""

from __future__ import annotations

import pandas as pd
import pytest

from risk_engine.needs import Window
from risk_engine.needs.counting import Counted
from risk_engine.needs.layout import quarters
from risk_engine.needs.years import show_offences, show_victims

YEAR = Window.of_year(2025, "Europe/London")
JUNE = YEAR.this[5]
NONE = pd.DataFrame()


def shown(*groups, threshold=10):
    """Protect offences given as ``(number, what differs)`` from a robbery in North in June."""
    base = {
        "month": JUNE, "area_code": "N", "category": 0, "knife": False, "young": False,
        "domestic": False, "place": "public", "weekday": 0, "band": 0,
    }  # fmt: skip
    frame = pd.DataFrame([base | more | {"n": number} for number, more in groups])
    counted = Counted(frame, NONE, NONE, NONE, ("police",), (), {}, True, True, True, True)
    return show_offences(
        counted,
        months=YEAR.this,
        quarters=quarters(YEAR.this),
        areas=["N", "S"],
        categories=2,
        threshold=threshold,
        patterns=True,
    )


def open_counts(found, *keys):
    return [found.count(dimension, item, area) for dimension, item, area in keys]


def test_nothing_is_hidden_where_nothing_is_small():
    found = shown((30, {}), (20, {"area_code": "S", "category": 1, "knife": True}))
    assert all(count is not None for count in found.counts.values())


def test_few_without_a_knife_beside_many_with_one():
    """45 of 48 with a knife printed beside the 48 would say: 3 without."""
    found = shown((45, {"knife": True}), (3, {}), (30, {"area_code": "S"}))
    with_knife, total = open_counts(found, ("knife", True, "N"), ("all", "all", "N"))
    assert with_knife is None or total is None


def test_few_knives_that_are_not_only_carried():
    """25 with a knife and 22 of a category that always has one would say: 3 of the others."""
    found = shown(
        (22, {"category": 1, "knife": True}),
        (3, {"knife": True}),
        (30, {}),
        (40, {"area_code": "S"}),
    )
    knives, carried = open_counts(found, ("knife", True, "N"), ("category", 1, "N"))
    assert knives is None or carried is None


def test_few_with_a_knife_and_no_young_victim():
    """20 with a knife, of which 17 with a young victim too, would say: 3 without."""
    found = shown(
        (17, {"knife": True, "young": True}),
        (3, {"knife": True}),
        (30, {"young": True}),
        (40, {}),
        (40, {"area_code": "S"}),
    )
    knives, both = open_counts(found, ("knife", True, "force"), ("both", True, "force"))
    assert knives is None or both is None


def test_a_domestic_offence_is_not_among_those_with_a_knife_and_a_young_victim():
    found = shown(
        (30, {"knife": True, "young": True}),
        (20, {"knife": True, "young": True, "domestic": True}),
        (40, {"area_code": "S"}),
    )
    assert found.count("both", True) == 30


def test_an_offence_outside_the_local_areas_counts_in_the_whole_only():
    found = shown((30, {}), (20, {"area_code": None}), (10, {"area_code": "elsewhere"}))
    assert open_counts(found, ("all", "all", "force"), ("all", "all", "nowhere")) == [60, 30]


@pytest.mark.parametrize("old", [3, 0])
def test_victims_of_an_age_go_with_the_small_number_of_another(old):
    ages = {"18 to 24": 40, "35 to 44": 20, "65 and over": old}
    rows = [{"month": JUNE, "age": age, "n": n} for age, n in ages.items()]
    counted = Counted(NONE, pd.DataFrame(rows), NONE, NONE, (), (), {}, True, True, True, True)
    found = show_victims(counted, YEAR.this, 10)
    assert found.count("young", True) == 40
    assert found.count("all") == 60 + old
    assert found.count("age", "35 to 44") == (None if old else 20)
    assert found.text("age", "65 and over") == ("fewer than 10" if old else "0")
