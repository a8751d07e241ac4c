from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from risk_engine.linkage.clusters import cluster

NO_KEYS = pd.DataFrame({"left": pd.Series(dtype="int64"), "right": pd.Series(dtype="int64")})


def pairs_of(*rows: tuple[int, int, float, int]) -> pd.DataFrame:
    columns = {"left": "int64", "right": "int64", "weight": "float64", "evidence": "int8"}
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def clusters(found) -> dict[int, int]:
    return found.nodes.set_index("node")["cluster"].to_dict()


def test_without_ruled_out_pairs_these_are_the_connected_components():
    draw = np.random.default_rng(5)
    ends = np.sort(draw.integers(0, 400, (300, 2)), axis=1)
    ends = ends[ends[:, 0] < ends[:, 1]]
    weight = draw.uniform(0, 12, len(ends))
    pairs = pairs_of(*[(a, b, w, 1) for (a, b), w in zip(ends, weight, strict=True)])
    found = cluster(
        range(400), pairs, NO_KEYS, threshold=0.95, max_identities=400, held_weight=-np.inf
    )
    strong = ends[weight >= np.log2(0.95 / 0.05)]
    graph = coo_array((np.ones(len(strong)), strong.T), shape=(400, 400))
    count, labels = connected_components(graph, directed=False)
    assert found.nodes["cluster"].nunique() == count
    assert found.nodes.groupby("cluster")["node"].apply(set).tolist() == [
        set(np.flatnonzero(labels == label)) for label in dict.fromkeys(labels)
    ]
    assert found.refused == 0


def test_ruled_out_pairs_stay_apart_and_the_stronger_link_wins():
    pairs = pairs_of((1, 3, 9.0, 1), (2, 3, 8.0, 1), (1, 2, 12.0, -1))
    found = cluster([1, 2, 3], pairs, NO_KEYS, threshold=0.95)
    assert clusters(found) == {1: 1, 2: 2, 3: 1}
    assert found.refused == 1
    assert found.nodes["weight"].fillna(-1).tolist() == [9.0, -1, 9.0]


def test_ruled_out_pairs_stay_apart_through_longer_chains():
    chain = [(0, 1, 9.0, 1), (2, 3, 9.0, 1), (1, 2, 8.0, 1), (0, 3, 1.0, -1)]
    found = cluster(range(4), pairs_of(*chain), NO_KEYS, threshold=0.95)
    assert clusters(found) == {0: 0, 1: 0, 2: 2, 3: 2}


def test_more_links_than_rulings_join():
    """A slip in one spelling of a nickname: ruled out by one pair, linked by two."""
    pairs = pairs_of(
        (0, 1, 12.0, 1), (0, 2, 9.0, 1), (1, 3, 9.0, 1), (2, 3, 8.0, 1), (1, 2, 1.0, -1)
    )
    assert clusters(cluster(range(4), pairs, NO_KEYS, threshold=0.95)) == dict.fromkeys(range(4), 0)


def test_links_without_a_first_name_do_not_outweigh_a_ruling():
    blanks = [(0, 2, 9.0, 0), (1, 2, 8.0, 0), (0, 3, 9.0, 0), (1, 3, 8.0, 0)]
    found = cluster(range(4), pairs_of(*blanks, (0, 1, 12.0, -1)), NO_KEYS, threshold=0.95)
    assert clusters(found) == {0: 0, 1: 1, 2: 0, 3: 0}


def test_a_shared_key_overrides_the_names():
    keys = pd.DataFrame({"left": [0], "right": [1]})
    found = cluster([0, 1], pairs_of((0, 1, 12.0, -1)), keys, threshold=0.95)
    assert clusters(found) == {0: 0, 1: 0}
    assert found.nodes["by_key"].all()
    assert found.nodes["weight"].isna().all()


def test_weak_links_and_nothing_at_all():
    found = cluster([7, 9], pairs_of((7, 9, 4.0, 1)), NO_KEYS, threshold=0.95)
    assert clusters(found) == {7: 7, 9: 9}
    assert cluster([], pairs_of(), NO_KEYS, threshold=0.95).nodes.empty


def answers_of(*rows: tuple[int, int, bool]) -> pd.DataFrame:
    columns = {"left": "int64", "right": "int64", "same": "bool"}
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def registers_of(*rows: tuple[int, str, str | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["node", "register", "key"])


def test_one_node_and_a_node_paired_with_itself():
    found = cluster([3], pairs_of((3, 3, 20.0, 1)), NO_KEYS, threshold=0.95)
    assert found.nodes["cluster"].tolist() == [3]
    assert found.nodes["weight"].isna().all()
    assert found.held.empty


def test_a_pair_given_twice_counts_once_and_a_ruling_wins():
    twice = pairs_of((0, 1, 9.0, 1), (1, 0, 9.0, 1), (1, 2, 8.0, 1), (0, 2, 1.0, -1))
    found = cluster(range(3), twice, NO_KEYS, threshold=0.95)
    assert clusters(found) == {0: 0, 1: 0, 2: 2}
    both = pairs_of((0, 1, 9.0, 1), (1, 0, 3.0, -1))
    assert clusters(cluster([0, 1], both, NO_KEYS, threshold=0.95)) == {0: 0, 1: 1}


def test_ties_and_names_go_by_rank_not_by_number():
    """Of two links of one weight the one whose nodes come first is made."""
    pairs = pairs_of((5, 9, 9.0, 1), (5, 7, 9.0, 1), (7, 9, 1.0, -1))
    assert clusters(cluster([9, 7, 5], pairs, NO_KEYS, threshold=0.95)) == {9: 9, 7: 7, 5: 9}
    assert clusters(cluster([5, 7, 9], pairs, NO_KEYS, threshold=0.95)) == {5: 5, 7: 5, 9: 9}


@pytest.mark.parametrize("what", ["pairs", "same_key", "registers", "answers"])
def test_nodes_that_were_not_given_are_an_error(what):
    tables = {
        "pairs": pairs_of((0, 8, 9.0, 1)),
        "same_key": pd.DataFrame({"left": [0], "right": [8]}),
        "registers": registers_of((8, "school", "1")),
        "answers": answers_of((0, 8, True)),
    }
    given = {"pairs": pairs_of(), "same_key": NO_KEYS} | {what: tables[what]}
    with pytest.raises(ValueError, match=rf"{what}: 1 of \d entries name no node"):
        cluster([0, 1], threshold=0.95, **given)


def test_a_node_given_twice_is_an_error():
    with pytest.raises(ValueError, match="nodes: 1 of 3 are given more than once"):
        cluster([4, 5, 4], pairs_of(), NO_KEYS, threshold=0.95)


def test_two_numbers_of_one_register_are_two_people():
    """The stronger link gives the node in the middle its person; a register of its own is fine."""
    pairs = pairs_of((0, 1, 9.0, 1), (1, 2, 8.0, 1), (2, 3, 9.0, 1))
    numbers = registers_of((0, "school", "1"), (0, "school", "1"), (2, "school", "2"),
                           (3, "health", "1"), (1, "school", None))  # fmt: skip
    found = cluster(range(4), pairs, NO_KEYS, threshold=0.95, registers=numbers)
    assert clusters(found) == {0: 0, 1: 0, 2: 2, 3: 2}
    assert (found.refused, found.refused_by_register) == (0, 1)
    keys = pd.DataFrame({"left": [0], "right": [2]})
    found = cluster(range(4), pairs_of(), keys, threshold=0.95, registers=numbers)
    assert (clusters(found)[2], found.refused_by_register) == (2, 1)


def test_a_node_with_two_numbers_of_its_own_joins_no_further_number():
    own = [(0, "school", "1"), (0, "school", "2")]
    numbers = registers_of(*own, (1, "school", "2"), (2, "school", "3"))
    pairs = pairs_of((0, 1, 9.0, 1), (0, 2, 9.0, 1), (0, 3, 9.0, 1))
    found = cluster(range(4), pairs, NO_KEYS, threshold=0.95, registers=numbers)
    assert clusters(found) == {0: 0, 1: 0, 2: 2, 3: 0}
    assert found.refused_by_register == 1


def test_an_answer_overrides_rulings_and_registers():
    numbers = registers_of((0, "school", "1"), (1, "school", "2"))
    found = cluster([0, 1], pairs_of((0, 1, 1.0, -1)), NO_KEYS, threshold=0.95,
                    registers=numbers, answers=answers_of((1, 0, True)))  # fmt: skip
    assert clusters(found) == {0: 0, 1: 0}
    assert not found.nodes["by_key"].any()
    assert found.held.empty


def test_two_people_by_answer_are_never_one():
    pairs = pairs_of((0, 1, 20.0, 1), (0, 2, 9.0, 1), (1, 2, 8.0, 1))
    keys = pd.DataFrame({"left": [0], "right": [1]})
    found = cluster(range(3), pairs, keys, threshold=0.95, answers=answers_of((0, 1, False)))
    assert clusters(found) == {0: 0, 1: 1, 2: 0}
    assert found.refused == 3  # the key, its pair's link and the link of 1 and 2
    assert not found.nodes["by_key"].any()


def test_of_contradicting_answers_the_weakest_gives_way():
    answers = answers_of((0, 1, True), (1, 2, True), (0, 2, False), (3, 4, True), (3, 4, False))
    pairs = pairs_of((0, 1, 2.0, 1), (1, 2, 3.0, 1))
    found = cluster(range(5), pairs, NO_KEYS, threshold=0.95, answers=answers)
    assert clusters(found) == {0: 0, 1: 1, 2: 1, 3: 3, 4: 4}
    assert found.contradictory == 2


def test_too_many_identities_are_held_in_stricter_pieces():
    """40 nodes around one: 35 links are beyond doubt, too many still; 3 more elsewhere are not."""
    star = [(0, leaf, 20.0 if leaf <= 35 else 9.0, 1) for leaf in range(1, 41)]
    other = [(41, 42, 20.0, 1), (42, 43, 9.0, 1)]
    answers = answers_of((0, 7, True))
    found = cluster(range(44), pairs_of(*star, *other), NO_KEYS, threshold=0.95, answers=answers)
    assert clusters(found) == {n: n for n in range(41)} | {7: 0} | dict.fromkeys((41, 42, 43), 41)
    assert found.held["node"].tolist() == list(range(41))
    assert set(found.held["cluster"]) == {0}
    assert set(found.held["reason"]) == {"oversized"}
    assert found.held["piece"].tolist() == found.nodes["cluster"].tolist()[:41]
    few = cluster(range(44), pairs_of(*star[:29]), NO_KEYS, threshold=0.95)
    assert few.held.empty
    assert few.nodes["cluster"].value_counts().max() == 30


def twins(*, weight: float = 20.0) -> pd.DataFrame:
    """Nodes 0 and 1 against 2 and 3; six records (4-9) fit both."""
    both = [(a, b, weight, 1) for a in range(4) for b in range(4, 10)]
    among = [(a, b, 20.0, 1) for a in range(4, 10) for b in range(a + 1, 10)]
    own = [(0, 1, 20.0, 1), (2, 3, 20.0, 1)]
    return pairs_of(*both, *among, *own, *[(a, b, 1.0, -1) for a in (0, 1) for b in (2, 3)])


def test_twins_joined_through_others_are_held_apart():
    found = cluster(range(10), twins(), NO_KEYS, threshold=0.95)
    assert set(found.held["reason"]) == {"twins"}
    label = clusters(found)
    assert label[0] == label[1] != label[2] == label[3]
    weaker = cluster(range(10), twins(weight=9.0), NO_KEYS, threshold=0.95)
    assert weaker.held["piece"].tolist() == [0, 0, 2, 2, 4, 4, 4, 4, 4, 4]
    assert weaker.nodes["weight"].tolist() == [20.0] * 10


def test_one_slip_among_many_that_agree_is_not_held():
    pairs = twins()
    slip = pairs[~((pairs["left"] == 1) | (pairs["right"] == 1))]
    found = cluster([0, *range(2, 10)], slip, NO_KEYS, threshold=0.95)
    assert set(clusters(found).values()) == {0}
    assert found.held.empty


def test_what_a_person_answered_is_not_held_again():
    spanning = answers_of(*[(0, node, True) for node in range(1, 10)])
    found = cluster(range(10), twins(), NO_KEYS, threshold=0.95, answers=spanning)
    assert set(clusters(found).values()) == {0}
    assert found.held.empty


@pytest.mark.parametrize(("length", "held"), [(4, False), (5, True)])
def test_a_chain_of_more_than_three_steps_is_held(length, held):
    links = [(node, node + 1, 20.0 - 9 * (node == 1), 1) for node in range(length - 1)]
    found = cluster(range(length), pairs_of(*links), NO_KEYS, threshold=0.95)
    assert found.held["reason"].tolist() == ["chain"] * length * held
    assert found.nodes["cluster"].tolist() == [0, 0, *[2 if held else 0] * (length - 2)]
    keyed = pd.DataFrame({"left": [0], "right": [length - 1]})
    assert cluster(range(length), pairs_of(*links), keyed, threshold=0.95).held.empty


@pytest.mark.slow
def test_a_clique_of_thousands():
    left, right = np.triu_indices(5_000, 1)
    pairs = pd.DataFrame({"left": left, "right": right, "weight": 9.0, "evidence": np.int8(1)})
    found = cluster(np.arange(5_000), pairs, NO_KEYS, threshold=0.95)
    assert (found.nodes["cluster"] == found.nodes["node"]).all()
    assert (found.held["reason"] == "oversized").sum() == 5_000


def test_a_chain_of_many_thousands():
    steps = np.arange(20_000)
    pairs = pd.DataFrame({"left": steps[:-1], "right": steps[1:], "weight": 20.0, "evidence": 1})
    found = cluster(steps, pairs, NO_KEYS, threshold=0.95, max_identities=20_000)
    assert set(found.held["reason"]) == {"chain"}
    assert (found.nodes["cluster"] == 0).all()
    assert cluster(steps, pairs, NO_KEYS, threshold=0.95).held["piece"].tolist() == steps.tolist()
