"""Which pairs a person is asked about: strata, draws, and what settles people who are held."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from risk_engine.engine import open_engine
from risk_engine.linkage.clusters import cluster
from risk_engine.linkage.questions import (
    STRATA,
    allocate,
    count_strata,
    doubtful,
    draw,
    in_strata,
    shuffled,
)
from risk_engine.linkage.scratch import Scratch
from risk_engine.linkage.training import odds

THRESHOLD = 0.9
NO_KEYS = pd.DataFrame({"left": [], "right": []}, dtype="int64")


def pairs_of(count: int, *, seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    left = np.arange(count)
    return pd.DataFrame(
        {
            "left": left,
            "right": left + random.integers(1, 50, count),
            "weight": random.uniform(-5, 25, count).round(4),
            "evidence": random.choice([1, 0, -1], count, p=[0.8, 0.1, 0.1]),
        }
    )


@pytest.fixture(scope="module")
def engine():
    with open_engine() as opened:
        yield opened


def drawn(engine, frame, size, seed=1, answered=None):
    with Scratch(engine) as scratch:
        return draw(
            engine.table(frame),
            THRESHOLD,
            size=size,
            seed=seed,
            scratch=scratch,
            answered=answered,
        )


def in_words(weight, evidence):
    """The stratum by the plain meaning of its name."""
    above = weight - odds(THRESHOLD)
    if evidence < 0:
        return f"ruled out, {'above' if above >= 0 else 'below'} the threshold"
    if above >= 0:
        how = "far above" if above >= 4 else "above" if above >= 1.5 else "just above"
    else:
        how = "far below" if above < -4 else "below" if above < -1.5 else "just below"
    return f"{how} the threshold"


def test_strata_are_what_their_names_say(engine):
    frame = pairs_of(3_000)
    told = in_strata(engine.table(frame), THRESHOLD).to_pyarrow().to_pandas()
    expected = [in_words(w, e) for w, e in zip(told["weight"], told["evidence"], strict=True)]
    assert told["stratum"].tolist() == expected
    assert set(expected) == {stratum.name for stratum in STRATA}


def test_a_pair_is_joined_by_its_stratum_as_it_is_by_the_engine(engine):
    frame = pairs_of(3_000)
    frame.loc[0, ["weight", "evidence"]] = [odds(THRESHOLD), 1]  # the very threshold is a link
    counted = count_strata(engine.table(frame), THRESHOLD)
    links = (frame["weight"] >= odds(THRESHOLD)) & (frame["evidence"] >= 0)
    assert counted.loc[counted["joined"], "pairs"].sum() == links.sum()
    assert counted["pairs"].sum() == len(frame)


@pytest.mark.parametrize("size", [1, 7, 100, 999, 5_000])
@pytest.mark.parametrize(
    "held", [[0] * 8, [1] * 8, [100, 0, 3, 900, 2, 5_000, 0, 40], [0] * 7 + [9]]
)
def test_what_is_allocated_is_there_and_adds_up(size, held):
    strata = pd.DataFrame({"pairs": held, "joined": [s.joined for s in STRATA]})
    wanted = allocate(strata, size)
    assert sum(wanted) == min(size, sum(held))
    assert all(0 <= one <= there for one, there in zip(wanted, held, strict=True))


def test_most_are_drawn_near_the_threshold():
    strata = pd.DataFrame({"pairs": [10_000] * 8, "joined": [s.joined for s in STRATA]})
    wanted = dict(zip([s.name for s in STRATA], allocate(strata, 200), strict=True))
    near = wanted["just below the threshold"] + wanted["just above the threshold"]
    far = wanted["far below the threshold"] + wanted["far above the threshold"]
    assert near > 1.5 * far > 0


def test_the_draw_depends_on_the_seed_and_not_on_the_order_of_rows(engine):
    frame = pairs_of(2_000)
    one = drawn(engine, frame, 100)
    assert len(one) == 100
    pd.testing.assert_frame_equal(one, drawn(engine, frame.sample(frac=1, random_state=3), 100))
    other = drawn(engine, frame, 100, seed=2)
    assert len(one.merge(other, on=["left", "right"])) < 50


def test_who_goes_on_is_asked_the_next_pairs(engine):
    frame = pairs_of(2_000)
    both, first = drawn(engine, frame, 200), drawn(engine, frame, 100)
    rest = drawn(engine, frame, 100, answered=first)
    assert rest.merge(first, on=["left", "right"]).empty
    assert len(first.merge(both, on=["left", "right"])) == 100  # the first of a longer draw


def test_every_pair_of_a_stratum_has_the_same_chance(engine):
    frame = pairs_of(400)
    found = pd.concat([drawn(engine, frame, 80, seed=seed) for seed in range(60)])
    times = found.groupby(["stratum", "left", "right"]).size().rename("times").reset_index()
    strata = in_strata(engine.table(frame), THRESHOLD).to_pyarrow().to_pandas()
    told = strata.merge(times, how="left").fillna({"times": 0})
    for _, rows in told.groupby("stratum"):
        share = rows["times"].sum() / len(rows) / 60
        spread = math.sqrt(60 * share * (1 - share)) or 1.0
        assert (abs(rows["times"] - 60 * share) <= 4.5 * spread).all()


def test_the_order_shown_says_nothing_of_the_weight():
    frame = pairs_of(500).sort_values("weight", ignore_index=True)
    told = shuffled(frame, 1)
    assert sorted(told["left"]) == sorted(frame["left"])
    ranks = np.corrcoef(np.arange(500), told["weight"])[0, 1]
    assert abs(ranks) < 0.15
    pd.testing.assert_frame_equal(told, shuffled(frame.sample(frac=1, random_state=1), 1))


# --- people who are held -------------------------------------------------------------------------


def scored(rows):
    frame = pd.DataFrame(rows, columns=["left", "right", "weight", "evidence"])
    return frame.astype({"left": "int64", "right": "int64", "weight": "float64"})


def chain(length):
    """Each is like the next and like nobody else."""
    return scored([(n, n + 1, 6.0 + n / 100, 1) for n in range(length - 1)])


def twins():
    """Two people of three identities each; one misspelt record fits both."""
    own = [(a, b, 20.0, 1) for trio in ([0, 1, 2], [4, 5, 6]) for a in trio for b in trio if a < b]
    fits = [(n, 3, 8.0, 1) for n in (0, 1, 2)] + [(3, n, 8.0, 1) for n in (4, 5, 6)]
    against = [(0, 4, 9.0, -1), (1, 5, 9.0, -1)]
    return scored([*own, *fits, *against])


def held_of(found):
    piece = found.held.set_index("node")["piece"]
    return pd.DataFrame({"node": piece.index, "person_id": piece.astype("str").to_numpy()})


def clustered(pairs, answers=None):
    nodes = sorted({*pairs["left"], *pairs["right"]})
    return cluster(nodes, pairs, NO_KEYS, threshold=THRESHOLD, answers=answers)


@pytest.mark.parametrize("pairs", [chain(8), twins()], ids=["chain", "twins"])
@pytest.mark.parametrize("truth", ["one person", "two people"])
def test_answering_what_is_asked_leaves_nobody_held(pairs, truth):
    before = clustered(pairs)
    assert len(before.held)
    asked = doubtful(pairs, held_of(before), NO_KEYS, THRESHOLD)

    def half(node):
        return int(truth == "two people" and node >= 4)

    same = [half(a) == half(b) for a, b in zip(asked["left"], asked["right"], strict=True)]
    after = clustered(pairs, asked.assign(same=same))
    assert after.held.empty
    people = after.nodes.set_index("node")["cluster"]
    assert people.groupby([half(node) for node in people.index]).nunique().tolist() == (
        [1] if truth == "one person" else [1, 1]
    )
    assert people.nunique() == (1 if truth == "one person" else 2)


def test_of_twins_what_rules_them_out_is_asked_too():
    pairs = twins()
    asked = doubtful(pairs, held_of(clustered(pairs)), NO_KEYS, THRESHOLD)
    told = asked.merge(pairs, on=["left", "right"])
    assert (told["evidence"] < 0).sum() >= 1
    assert (told["evidence"] >= 0).sum() == 6  # seven identities hang together by six
    assert len(asked) == len(asked.drop_duplicates())


def test_a_shared_key_is_asked_where_nothing_else_holds():
    pairs = scored([(0, 1, 9.0, 1)])
    held = pd.DataFrame({"node": [0, 1, 2], "person_id": ["a", "a", "b"]})
    keys = pd.DataFrame({"left": [1], "right": [2]})
    asked = doubtful(pairs, held, keys, THRESHOLD)
    assert asked.to_numpy().tolist() == [[0, 1], [1, 2]]


def test_nobody_held_nothing_asked():
    none = pd.DataFrame({"node": pd.Series(dtype="int64"), "person_id": pd.Series(dtype="str")})
    assert doubtful(chain(8), none, NO_KEYS, THRESHOLD).empty
