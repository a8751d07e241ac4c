"""What answers say of all links: the intervals hold what they promise, and nothing is made up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from risk_engine.engine import open_engine
from risk_engine.events import RECORD_SCHEMA
from risk_engine.linkage import link
from risk_engine.linkage.link import FIELDS
from risk_engine.linkage.questions import STRATA, allocate, draw
from risk_engine.linkage.review import between, estimate, facts, nodes_of
from risk_engine.linkage.scratch import Scratch
from risk_engine.linkage.standardise import standardise

KEY = bytes(range(32))
AS_OF = pd.Timestamp("2026-01-05").to_pydatetime()


def strata_of(pairs):
    return pd.DataFrame(
        {"stratum": [s.name for s in STRATA], "pairs": pairs, "joined": [s.joined for s in STRATA]}
    )


def answers_of(strata, asked, same, *, drawn=True):
    rows = [
        {"stratum": name, "same": number < yes, "drawn": drawn}
        for name, count, yes in zip(strata["stratum"], asked, same, strict=True)
        for number in range(count)
    ]
    return pd.DataFrame(rows, columns=["stratum", "same", "drawn"]).astype(
        {"same": "bool", "drawn": "bool"}
    )


# shares of true pairs by stratum, as they may be where linkage does well, middling and badly
WORLDS = {
    "well": [0.001, 0.02, 0.15, 0.85, 0.97, 0.999, 0.001, 0.1],
    "middling": [0.01, 0.1, 0.4, 0.6, 0.9, 0.98, 0.02, 0.3],
    "badly": [0.05, 0.3, 0.5, 0.5, 0.6, 0.8, 0.1, 0.5],
}


@pytest.mark.parametrize("world", WORLDS)
def test_intervals_hold_the_truth(world):
    random = np.random.default_rng(8)
    sizes, covered, width = [4_000, 600, 150, 120, 400, 9_000, 500, 60], np.zeros(2), []
    strata = strata_of(sizes)
    asked = allocate(strata, 200)
    for number in range(200):
        true = [random.binomial(n, p) for n, p in zip(sizes, WORLDS[world], strict=True)]
        same = [
            random.hypergeometric(t, n - t, k) for t, n, k in zip(true, sizes, asked, strict=True)
        ]
        found = estimate(answers_of(strata, asked, same), strata, seed=number)
        joined = strata["joined"].to_numpy()
        right, all_true = np.array(true)[joined].sum(), sum(true)
        precision, recall = right / np.array(sizes)[joined].sum(), right / all_true
        covered += [
            found.precision_low <= precision <= found.precision_high,
            found.recall_low <= recall <= found.recall_high,
        ]
        width.append(found.precision_high - found.precision_low)
        assert found.precision_low <= found.precision <= found.precision_high
        assert found.recall_low <= found.recall <= found.recall_high
    assert (covered >= 0.9 * 200).all(), covered
    assert np.mean(width) < 0.35  # an interval that says nothing would cover as well


def test_when_every_pair_is_answered_nothing_is_uncertain():
    sizes, same = [10, 5, 4, 6, 8, 20, 3, 2], [0, 1, 1, 5, 8, 20, 0, 1]
    strata = strata_of(sizes)
    found = estimate(answers_of(strata, sizes, same), strata)
    assert found.precision == found.precision_low == found.precision_high == 33 / 34
    assert found.recall == found.recall_low == found.recall_high == 33 / 36
    assert (found.pairs, found.drawn) == (58, 58)


def test_without_a_pair_drawn_nothing_is_said():
    strata = strata_of([10] * 8)
    assert estimate(answers_of(strata, [0] * 8, [0] * 8), strata) is None
    assert estimate(answers_of(strata, [3] * 8, [1] * 8, drawn=False), strata) is None


def test_a_stratum_without_an_answer_may_be_anything():
    strata = strata_of([0, 0, 0, 100, 0, 100, 0, 0])
    found = estimate(answers_of(strata, [0, 0, 0, 0, 0, 100, 0, 0], [0] * 5 + [100, 0, 0]), strata)
    assert found.precision is None
    assert (found.precision_low, found.precision_high) == (0.5, 1.0)


def test_what_was_asked_for_a_doubt_speaks_for_itself_alone():
    strata = strata_of([0, 0, 1_000, 0, 0, 1_000, 0, 0])
    drawn = answers_of(strata, [0, 0, 50, 0, 0, 50, 0, 0], [0, 0, 0, 0, 0, 50, 0, 0])
    doubts = answers_of(strata, [0, 0, 40, 0, 0, 0, 0, 0], [0, 0, 40, 0, 0, 0, 0, 0], drawn=False)
    plain, both = (
        estimate(drawn, strata), estimate(pd.concat([drawn, doubts]), strata)
    )  # fmt: skip
    assert plain.recall == 1.0
    assert both.recall == pytest.approx(1_000 / 1_040)  # not 1,000 / (1,000 + 40 / 90 of 1,000)
    assert (both.pairs, both.drawn) == (140, 100)


def test_an_answer_counts_once_whichever_way_round_and_the_last_one():
    node = pd.Series({"a": 1, "b": 2, "c": 1})
    given = pd.DataFrame(
        {
            "left": ["a", "b", "a", "a", "x"],
            "right": ["b", "c", "c", "x", "b"],
            "same": [True, False, True, True, True],
        }
    )
    told = between(given, node)
    assert told.to_dict("records") == [{"left": 1, "right": 2, "same": False}]


# --- on records ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def linked(population, areas, spec):
    """Records of 400 people linked, and what is needed to draw from them."""
    frame, truth = population(400, seed=4)
    with open_engine() as engine:
        records = engine.table(frame, RECORD_SCHEMA)
        found = link(records, engine=engine, areas=areas, spec=spec, key=KEY, seed=1, as_of=AS_OF)
        yield engine, records, found, truth


def test_some_records_have_the_identity_they_have_among_all(population, areas, spec):
    frame, _ = population(60, seed=2)
    random = np.random.default_rng(3)
    # one key in all records is a placeholder: seen only by who looks at everybody with it
    frame["shared_key"] = np.where(random.random(len(frame)) < 0.5, " ab1 ", None)
    frame.loc[frame.index[:20], "shared_key"] = [f"k{n // 2}" for n in range(20)]
    wanted = frame["record_id"].sample(40, random_state=1).tolist()
    with open_engine() as engine, Scratch(engine) as scratch:
        records = engine.table(frame, RECORD_SCHEMA)
        standard, identities = standardise(records, FIELDS, scratch=scratch, key=KEY)
        numbers = scratch.table(
            identities.select("identity").mutate(node=identities.identity.hash().cast("int64"))
        )
        told = nodes_of(records, wanted, numbers, scratch=scratch, key=KEY)
        all_of = standard.inner_join(numbers, "identity").select("record_id", "node")
        expected = all_of.to_pyarrow().to_pandas().set_index("record_id")["node"]
    pd.testing.assert_series_equal(
        told.sort_index(), expected.reindex(wanted).dropna().astype("int64").sort_index()
    )


def test_answers_of_records_become_facts_that_hold_the_truth(linked):
    engine, records, found, truth = linked
    pairs, identities = found.tables["link_pairs"], found.tables["link_identities"]
    threshold = found.quality["threshold"]
    with Scratch(engine) as scratch:
        drawn = draw(pairs, threshold, size=150, seed=1, scratch=scratch)
        node = nodes_of(records, truth.index.tolist(), identities, scratch=scratch, key=KEY)
    person = truth.reindex(node.index).groupby(node).agg(lambda all_of: all_of.mode()[0])
    stands = pd.Series(node.index, index=node).groupby(level=0).min()
    answers = pd.DataFrame(
        {
            "left": drawn["left"].map(stands),
            "right": drawn["right"].map(stands),
            "same": drawn["left"].map(person).to_numpy() == drawn["right"].map(person).to_numpy(),
            "drawn": True,
        }
    )
    common = {"threshold": threshold, "engine": engine, "key": KEY, "seed": 1}
    told = facts(answers, records, identities, pairs, **common)
    every = pairs.to_pyarrow().to_pandas()
    same = every["left"].map(person).to_numpy() == every["right"].map(person).to_numpy()
    joined = (every["weight"] >= np.log2(threshold / (1 - threshold))) & (every["evidence"] >= 0)
    assert told["pairs"] == told["drawn"] == 150
    assert told["precision_low"] <= same[joined].mean() <= told["precision_high"]
    assert told["recall_low"] <= joined[same].mean() <= told["recall_high"]
    assert told["precision_high"] - told["precision_low"] < 0.2
    assert facts(answers.iloc[:0], records, identities, pairs, **common) == {}
