"""Clerical review: which pairs a person should look at.

Pairs are drawn at random within *strata* of match weight, most of them near the threshold, where
people learn most. What was drawn is then weighed by how many pairs its stratum holds, so that the
answers tell of all compared pairs and not of the difficult ones alone. Pairs that made a person
doubtful are asked as well, but speak for nobody but themselves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from risk_engine.linkage.scratch import Scratch
from risk_engine.linkage.training import odds


@dataclass(frozen=True)
class Stratum:
    """Pairs of like weight.

    Attributes
    ----------
    name
        In plain words.
    least
        Weight (log2 odds) from which a pair is in it, counted from the threshold; it ends where the
        next of its kind begins.
    ruled_out
        Whether it holds pairs that are ruled out, or those that may be linked.
    share
        Of the pairs asked, how many are drawn from it where it holds enough.
    """

    name: str
    least: float
    ruled_out: bool
    share: float

    @property
    def joined(self) -> bool:
        """Whether the engine takes its pairs for links."""
        return not self.ruled_out and self.least >= 0


STRATA = (
    Stratum("far below the threshold", -np.inf, False, 0.08),
    Stratum("below the threshold", -4.0, False, 0.13),
    Stratum("just below the threshold", -1.5, False, 0.19),
    Stratum("just above the threshold", 0.0, False, 0.19),
    Stratum("above the threshold", 1.5, False, 0.15),
    Stratum("far above the threshold", 4.0, False, 0.10),
    Stratum("ruled out, below the threshold", -np.inf, True, 0.03),
    Stratum("ruled out, above the threshold", 0.0, True, 0.03),
)
#: What is left of the shares is drawn from all pairs that are no links, wherever they are.
_ANYWHERE = 1 - sum(stratum.share for stratum in STRATA)

_STRATA = pa.schema([("stratum", pa.string()), ("wanted", pa.int64())])
_ENDS = pa.schema([("left", pa.int64()), ("right", pa.int64())])


def in_strata(pairs: ir.Table, threshold: float) -> ir.Table:
    """Add the ``stratum`` of each pair.

    Parameters
    ----------
    pairs
        ``weight`` (log2 odds) and ``evidence``, as `scoring.Scored.pairs` has them.
    threshold
        Match probability from which pairs are joined.
    """
    least, ruled_out = odds(threshold), pairs.evidence < 0
    branches = [
        ((ruled_out == stratum.ruled_out) & (pairs.weight >= least + stratum.least), stratum.name)
        for stratum in reversed(STRATA)
        if np.isfinite(stratum.least)
    ]
    lowest = {s.ruled_out: s.name for s in STRATA if not np.isfinite(s.least)}
    return pairs.mutate(
        stratum=ibis.cases(*branches, (ruled_out, lowest[True]), else_=lowest[False])
    )


def count_strata(pairs: ir.Table, threshold: float) -> pd.DataFrame:
    """Return ``stratum, pairs, joined``, one row for each of `STRATA` in their order."""
    counted = in_strata(pairs, threshold).stratum.value_counts().to_pyarrow().to_pylist()
    found = {row["stratum"]: row["stratum_count"] for row in counted}
    return pd.DataFrame(
        {
            "stratum": [stratum.name for stratum in STRATA],
            "pairs": [found.get(stratum.name, 0) for stratum in STRATA],
            "joined": [stratum.joined for stratum in STRATA],
        }
    )


def allocate(strata: pd.DataFrame, size: int) -> list[int]:
    """Return how many pairs to draw from each stratum: by their shares, never more than there are.

    What a stratum cannot give is drawn from the others, each by what it still holds.

    Parameters
    ----------
    strata
        What `count_strata` gave.
    size
        Pairs to be drawn in all.
    """
    held = strata["pairs"].to_numpy(np.float64)
    apart = np.where(strata["joined"], 0.0, held)
    by_share = np.array([stratum.share for stratum in STRATA])
    wanted = size * (by_share + _ANYWHERE * apart / max(apart.sum(), 1.0))
    taken = np.minimum(np.floor(wanted), held)
    while (rest := min(size, held.sum()) - taken.sum()) > 0:
        left = held - taken
        more = np.minimum(np.floor(rest * left / left.sum()), left)
        if not more.any():  # fewer than one each: the fullest give one
            more[np.argsort(-left, kind="stable")[: int(rest)]] = 1
        taken = np.minimum(taken + more, held)
    return [int(count) for count in taken]


def draw(
    pairs: ir.Table,
    threshold: float,
    *,
    size: int,
    seed: int,
    scratch: Scratch,
    answered: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Draw pairs of identities for a person to look at, at random within their strata.

    The order of chance of a pair depends on `seed` and its nodes alone. So the same pairs come out
    whatever the order of rows, and who goes on after answering some gets the next ones.

    Parameters
    ----------
    pairs
        ``left, right, weight, evidence``.
    answered
        ``left, right`` (nodes) that need not be asked again.

    Returns
    -------
    pandas.DataFrame
        ``left, right, stratum``, sorted.
    """
    placed = in_strata(pairs, threshold)
    if answered is not None and len(answered):
        known = scratch.frame(answered[["left", "right"]], _ENDS)
        placed = placed.anti_join(known, ["left", "right"])
    counted = count_strata(placed, threshold)
    frame = pd.DataFrame({"stratum": counted["stratum"], "wanted": allocate(counted, size)})
    ends = placed.left.cast("string").concat("|", placed.right.cast("string"))
    chance = ibis.literal(f"{seed}|").concat(ends).hexdigest("sha256")
    ordered = placed.mutate(
        place=ibis.row_number().over(group_by=placed.stratum, order_by=[chance, "left", "right"])
    )
    joined = ordered.inner_join(scratch.frame(frame, _STRATA), "stratum")
    drawn = joined.filter(joined.place < joined.wanted).select("left", "right", "stratum")
    found: pd.DataFrame = drawn.order_by(["left", "right"]).to_pyarrow().to_pandas()
    return found


def doubtful(
    pairs: pd.DataFrame, held: pd.DataFrame, same_key: pd.DataFrame, threshold: float
) -> pd.DataFrame:
    """Return the pairs that settle people who are held: answered, they leave nothing open.

    Identities that links, keys or the present links hold together are one family. In each, the
    strongest links that hold it together are asked (as many as identities but one), and of each
    identity the strongest pair that is ruled out.

    Parameters
    ----------
    pairs
        ``left, right, weight, evidence`` among identities that are held.
    held
        ``node, person_id``: the identities that are held and whose they are for now.
    same_key
        ``left, right``: pairs with a shared key (`shared_keys.same_key`).
    threshold
        Match probability from which pairs are joined.

    Returns
    -------
    pandas.DataFrame
        ``left, right`` (left < right), sorted.
    """
    nodes = pd.Index(np.sort(held["node"].to_numpy(np.int64)))
    scored = _among(pairs, nodes)
    strong = scored[(scored["weight"] >= odds(threshold)) & (scored["evidence"] >= 0)]
    keyed = _among(same_key, nodes).assign(weight=float(scored["weight"].max() or 0) + 1)
    asked = pd.concat([strong, keyed]).sort_values("weight", ascending=False, kind="stable")
    asked = asked.drop_duplicates(["left", "right"]).sort_values(["left", "right"])
    tree = _holding_together(asked, len(nodes))
    family = _families([asked, _chained(held, nodes)], len(nodes))
    against = scored[scored["evidence"] < 0]
    against = against[family[against["left"]] == family[against["right"]]]
    chosen = pd.concat([asked[tree], _strongest_of_each(against)])
    found = chosen[["left", "right"]].drop_duplicates().sort_values(["left", "right"])
    return pd.DataFrame({end: nodes[found[end]] for end in ("left", "right")})


def _among(pairs: pd.DataFrame, nodes: pd.Index) -> pd.DataFrame:
    """Keep the pairs whose ends are both held, with their places for their numbers."""
    inside = pairs[pairs["left"].isin(nodes) & pairs["right"].isin(nodes)]
    placed = {end: nodes.get_indexer(pd.Index(inside[end])) for end in ("left", "right")}
    return inside.assign(**placed).sort_values(["left", "right"], ignore_index=True)


def _chained(held: pd.DataFrame, nodes: pd.Index) -> pd.DataFrame:
    """Pair each identity with the next of the same person."""
    ordered = held.sort_values(["person_id", "node"])
    places = nodes.get_indexer(pd.Index(ordered["node"]))
    same = (ordered["person_id"].to_numpy()[1:] == ordered["person_id"].to_numpy()[:-1]).nonzero()
    return pd.DataFrame({"left": places[:-1][same], "right": places[1:][same]})


def _holding_together(pairs: pd.DataFrame, size: int) -> npt.NDArray[np.bool_]:
    """Mark the strongest pairs that hold everything together which all of them do."""
    if pairs.empty:
        return np.zeros(0, dtype=np.bool_)
    cost = pairs["weight"].max() - pairs["weight"].to_numpy(np.float64) + 1
    graph = csr_array((cost, (pairs["left"], pairs["right"])), shape=(size, size))
    left, right = minimum_spanning_tree(graph).nonzero()
    kept = set(zip(left.tolist(), right.tolist(), strict=True))
    ends = zip(pairs["left"].tolist(), pairs["right"].tolist(), strict=True)
    return np.array([pair in kept for pair in ends], dtype=np.bool_)


def _families(edges: Sequence[pd.DataFrame], size: int) -> npt.NDArray[np.int32]:
    every = pd.concat([frame[["left", "right"]] for frame in edges]).astype("int64")
    ones = np.ones(len(every), dtype=np.int8)
    graph = csr_array((ones, (every["left"], every["right"])), shape=(size, size))
    label: npt.NDArray[np.int32] = connected_components(graph, directed=False)[1]
    return label


def _strongest_of_each(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the strongest pair of each node."""
    ordered = pairs.sort_values(["weight", "left", "right"], ascending=[False, True, True])
    places = ordered.assign(at=range(len(ordered)))
    ends = pd.concat([places[["left", "at"]].rename(columns={"left": "node"}),
                      places[["right", "at"]].rename(columns={"right": "node"})])  # fmt: skip
    return ordered.iloc[sorted(set(ends.groupby("node")["at"].min()))]


def shuffled(pairs: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return pairs (``left, right``) in an order that says nothing about their weights."""
    keys = [
        hashlib.sha256(f"order|{seed}|{left}|{right}".encode()).hexdigest()
        for left, right in zip(pairs["left"], pairs["right"], strict=True)
    ]
    order = np.argsort(np.array(keys, dtype=object), kind="stable")
    return pairs.iloc[order].reset_index(drop=True)
