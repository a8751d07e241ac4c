"""From pairs to clusters: strongest links first, and not across pairs that were ruled out.

Plain connected components would join twins through a record with an incomplete name. Here two
clusters that hold identities ruled out for each other are joined only where more links than
rulings stand between them: a slip in a nickname rules out one pair among many that agree, while
twins agree nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Clustered:
    """Clusters of nodes.

    Attributes
    ----------
    nodes
        ``node, cluster, weight, by_key``: the cluster is named by its smallest node; ``weight`` is
        the strongest scored link of the node inside its cluster (NaN where none); ``by_key``
        whether a shared key holds it there.
    refused
        Links strong enough that were refused because of identities ruled out for each other.
    """

    nodes: pd.DataFrame
    refused: int


class _Forest:
    """Disjoint sets that know how many pairs between them speak for and against joining."""

    def __init__(self, size: int) -> None:
        self.parent = list(range(size))
        self.size = [1] * size
        self.between: dict[int, dict[int, tuple[int, int]]] = {}

    def note(self, a: int, b: int, *, links: int = 0, rulings: int = 0) -> None:
        """Count pairs between two sets."""
        for one, other in ((a, b), (b, a)):
            known = self.between.setdefault(one, {}).get(other, (0, 0))
            self.between[one][other] = (known[0] + links, known[1] + rulings)

    def root(self, node: int) -> int:
        while self.parent[node] != node:
            self.parent[node] = self.parent[self.parent[node]]
            node = self.parent[node]
        return node

    def join(self, left: int, right: int) -> bool:
        """Join two sets; return False where what was ruled out outweighs the links."""
        a, b = self.root(left), self.root(right)
        if a == b:
            return True
        links, rulings = self.between.get(a, {}).get(b, (0, 0))
        if rulings and links <= rulings:
            return False
        if self.size[a] < self.size[b]:
            a, b = b, a
        self.parent[b] = a
        self.size[a] += self.size[b]
        for other, counts in self.between.pop(b, {}).items():
            self.between[other].pop(b)
            if other != a:
                self.note(a, other, links=counts[0], rulings=counts[1])
        return True


def cluster(
    nodes: Iterable[int], pairs: pd.DataFrame, same_key: pd.DataFrame, *, threshold: float
) -> Clustered:
    """Join nodes into clusters.

    Parameters
    ----------
    nodes
        Numbers of all identities.
    pairs
        ``left, right, weight, evidence`` as `scoring.score` gave them.
    same_key
        ``left, right``: pairs held together by a shared key; joined before any other, and whatever
        the names say.
    threshold
        Match probability from which a pair that is not ruled out is joined.
    """
    ids = np.array(sorted(nodes), dtype=np.int64)
    scored, keyed = _numbered(pairs, ids), _numbered(same_key, ids)
    held = set(_ends(keyed))
    strong = _strong(scored, threshold)
    forest = _Forest(len(ids))
    for left, right in _ends(scored[scored["evidence"] < 0]):
        forest.note(left, right, rulings=(left, right) not in held)
    for left, right in _ends(strong[strong["evidence"] > 0]):
        forest.note(left, right, links=1)
    by_key = {node for pair in sorted(held) if forest.join(*pair) for node in pair}
    joined = [forest.join(left, right) for left, right in _ends(strong)]
    return Clustered(
        _described(ids, forest, by_key, strong[np.array(joined, dtype=bool)]),
        refused=len(joined) - sum(joined),
    )


def _numbered(pairs: pd.DataFrame, ids: Ids) -> pd.DataFrame:
    """Replace node numbers by positions in `ids`."""
    return pairs.assign(
        left=np.searchsorted(ids, pairs["left"].to_numpy(np.int64)),
        right=np.searchsorted(ids, pairs["right"].to_numpy(np.int64)),
    )


def _ends(pairs: pd.DataFrame) -> Iterator[tuple[int, int]]:
    return zip(pairs["left"].tolist(), pairs["right"].tolist(), strict=True)


def _strong(pairs: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Return pairs not ruled out at or above the threshold, strongest first, ties by node."""
    least = np.log2(threshold / (1 - threshold))
    strong: pd.DataFrame = pairs[(pairs["evidence"] >= 0) & (pairs["weight"] >= least)]
    order = ["weight", "left", "right"]
    return strong.sort_values(order, ascending=[False, True, True])


def _described(ids: Ids, forest: _Forest, by_key: set[int], joined: pd.DataFrame) -> pd.DataFrame:
    roots = np.array([forest.root(node) for node in range(len(ids))], dtype=np.int64)
    frame = pd.DataFrame({"node": ids, "root": roots})
    ends = pd.concat([joined.set_index("left")["weight"], joined.set_index("right")["weight"]])
    return pd.DataFrame(
        {
            "node": ids,
            "cluster": frame.groupby("root")["node"].transform("min"),
            "weight": ends.groupby(level=0).max().reindex(range(len(ids))).to_numpy(np.float64),
            "by_key": [node in by_key for node in range(len(ids))],
        }
    )
