"""A weight taken apart: the parts are those of the model, and add up."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from risk_engine.linkage.explain import RARITY, START, around, parts
from risk_engine.linkage.model import SMALLEST_U
from risk_engine.linkage.training import from_json, odds

BY_FREQUENCY = ("first_name", "last_name", "birth_date")


@pytest.fixture(scope="module")
def linked(population, run):
    frame, _ = population(400, seed=4)
    found = run(frame)
    return found.link_pairs, from_json(json.loads(found.link_about["model"][0]))


def rarity(pair, model):
    (last,) = [part for part in parts(pair, model) if part.what == RARITY]
    return last.log2


def same_in(pairs, model):
    """How many fields weighed by frequency agree exactly, pair by pair."""
    tops = {f: sum(field == f for field, _ in model.parameters) - 1 for f in BY_FREQUENCY}
    return sum((pairs[f"level_{f}"] == top).astype(int) for f, top in tops.items())


def test_the_parts_add_up_to_the_weight(linked):
    pairs, model = linked
    for pair in pairs.head(300).to_dict("records"):
        told = parts(pair, model)
        assert sum(part.log2 for part in told) == pytest.approx(pair["weight"], abs=1e-3)
        assert [part.what for part in told] == [
            START, "first name", "last name", "birth date", "sex", "postcode", RARITY
        ]  # fmt: skip


def test_where_no_value_is_weighed_by_frequency_nothing_is_left_over(linked):
    pairs, model = linked
    chosen = pairs[same_in(pairs, model) == 0]
    assert len(chosen) >= 5
    for pair in chosen.to_dict("records"):
        assert rarity(pair, model) == pytest.approx(0, abs=1e-3)


def test_what_is_left_over_is_how_rare_the_value_is(linked):
    pairs, model = linked
    chosen = pairs[same_in(pairs, model) == 1]
    assert len(chosen) >= 20
    for pair in chosen.to_dict("records"):
        possible = [
            np.log2(model.parameters[field, "same"][1] / max(share, SMALLEST_U))
            for field in BY_FREQUENCY
            if pair[f"level_{field}"] == sum(f == field for f, _ in model.parameters) - 1
            for share in [*model.frequencies[field].values(), SMALLEST_U]
        ]
        assert np.abs(np.array(possible) - rarity(pair, model)).min() < 1e-3


def test_levels_are_named_from_the_other_end(linked):
    pairs, model = linked
    pair = dict.fromkeys(pairs.columns, 0) | {
        "weight": 0.0, "level_sex": 1, "level_postcode": -1, "level_last_name": -1,
    }  # fmt: skip
    told = {part.what: part for part in parts(pair, model)}
    assert told["first name"].found == told["birth date"].found == "different"
    assert told["sex"].found == "same"
    m, u = model.parameters["sex", "same"]
    assert told["sex"].log2 == pytest.approx(np.log2(m / u))
    assert told["postcode"].log2 == 0
    assert told["postcode"].found == "not compared: missing"
    assert "counted with the first name" in told["last name"].found  # swapped names


def test_pairs_are_sorted_by_what_became_of_them():
    rows = [
        (5, 1, 9.0, 1), (2, 5, 3.0, 1), (3, 5, 9.0, -1), (5, 9, 12.0, 1), (5, 8, 1.0, 1),
        (5, 7, 11.0, -1), (4, 5, 10.0, 0),
    ]  # fmt: skip
    pairs = pd.DataFrame(rows, columns=["left", "right", "weight", "evidence"])
    told = around(5, pairs, {1, 2, 3, 4}, 0.99)
    assert told.links["other"].tolist() == [4, 1]  # strongest first
    assert told.weak["other"].tolist() == [2]
    assert told.ruled_out["other"].tolist() == [3]
    assert told.not_joined["other"].tolist() == [9]
    (probability, *_) = told.links["probability"]
    assert odds(probability) == pytest.approx(10.0)
