from __future__ import annotations

import numpy as np
import pandas as pd
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
    found = cluster(range(400), pairs, NO_KEYS, threshold=0.95)
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
