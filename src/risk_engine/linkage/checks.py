"""Clusters that a person should look at, and the stricter clusters that stand until then."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from risk_engine.linkage.claims import LINK, Claims, Mask, Ranks
from risk_engine.linkage.joining import join

#: The checks in the order in which they give the reason; a cluster in no doubt has `SOUND`.
REASONS = ("oversized", "twins", "chain")
SOUND = -1
#: Steps between two nodes of one cluster before it is in doubt as a `chain`.
LONGEST = 3


def doubts(claims: Claims, label: Ranks, answered: Ranks, *, max_identities: int) -> Ranks:
    """Return for each node why its cluster is in doubt, as a position in `REASONS`, or `SOUND`.

    A cluster that answers alone hold together is never in doubt: a person has looked at it.

    Parameters
    ----------
    claims
        What the clusters were made of.
    label
        Lowest node of the cluster of each node.
    answered
        The same of the clusters that answers alone make.
    max_identities
        Nodes that a cluster may have.
    """
    inside = claims.inside(label)
    sizes = np.bincount(label, minlength=claims.size)
    reason = np.full(claims.size, SOUND, dtype=np.int64)
    reason[_twins(inside, label)] = REASONS.index("twins")
    reason[sizes > max_identities] = REASONS.index("oversized")
    settled = np.ones(claims.size, dtype=np.bool_)
    settled[label[answered != answered[label]]] = False
    reason[settled] = SOUND
    # A path of more than LONGEST steps has more than LONGEST + 1 nodes.
    candidates = (sizes > LONGEST + 1) & (reason == SOUND) & ~settled
    reason[_chains(inside, label, candidates[label])] = REASONS.index("chain")
    found: Ranks = reason[label]
    return found


def cut(
    claims: Claims,
    label: Ranks,
    doubtful: Mask,
    answered: Ranks,
    *,
    max_identities: int,
    held_weight: float,
) -> Ranks:
    """Return the labels after each doubtful cluster was rebuilt from what is beyond doubt.

    That is answers, keys and links of at least `held_weight` (log2 odds), never across a ruling;
    a piece that still has more than `max_identities` nodes falls apart into what answers hold.
    """
    nodes = np.flatnonzero(doubtful)
    part = claims.inside(label).among(doubtful)
    certain = (part.joins["kind"] < LINK) | (part.joins["weight"] >= held_weight)
    piece = join(replace(part, joins=part.joins[certain]), strict=True).label
    oversized = np.bincount(piece, minlength=len(nodes))[piece] > max_identities
    rebuilt = label.copy()
    rebuilt[nodes] = np.where(oversized, answered[nodes], nodes[piece])
    return rebuilt


def _twins(inside: Claims, label: Ranks) -> Mask:
    """Mark the clusters in which no one node is in all of the rulings.

    Where one is, its name is a slip among many that agree. In simulated families of one person
    (with pet names that no table knows) and of twins (with records that fit both), this finds 1.5
    to 4 times as many of the twins joined over a ruling as "one ruling for three links or fewer",
    and the share of twins among what is held is much the same.
    """
    ends = inside.rulings[["left", "right"]].to_numpy().ravel()
    most = np.zeros(inside.size, dtype=np.int64)
    np.maximum.at(most, label, np.bincount(ends, minlength=inside.size))
    found: Mask = np.bincount(label[inside.rulings["left"]], minlength=inside.size) > most
    return found


def _chains(inside: Claims, label: Ranks, candidates: Mask) -> Ranks:
    """Return the clusters whose longest shortest path has more than `LONGEST` steps.

    The path is found by a double sweep: from the node of lowest rank to one of those furthest from
    it, and from there to the furthest. That is never too long, and exact on trees.
    """
    nodes = np.flatnonzero(candidates)
    if not len(nodes):
        return nodes
    part = inside.among(candidates)
    own = np.searchsorted(nodes, label[nodes])
    graph = _graph(part.joins, part.size)
    far = _furthest(_steps(graph, np.unique(own)), own)
    steps = _steps(graph, far)
    return np.unique(label[nodes[steps > LONGEST]])


def _graph(pairs: pd.DataFrame, size: int) -> csr_array:
    left, right = pairs["left"].to_numpy(np.int32), pairs["right"].to_numpy(np.int32)
    ends = (np.concatenate([left, right]), np.concatenate([right, left]))
    return csr_array((np.ones(2 * len(left), dtype=np.int8), ends), shape=(size, size))


def _steps(graph: csr_array, sources: Ranks) -> Ranks:
    """Return the steps of each node from the source of its own cluster, all clusters at once."""
    steps = np.full(graph.shape[0], -1, dtype=np.int64)
    front, count = sources, 0
    while len(front):
        steps[front] = count
        near = graph[front].indices
        front, count = np.unique(near[steps[near] < 0]), count + 1
    return steps


def _furthest(steps: Ranks, label: Ranks) -> Ranks:
    """Return of each cluster the node with most steps, of several the lowest."""
    most = np.zeros(len(steps), dtype=np.int64)
    np.maximum.at(most, label, steps)
    ends = np.flatnonzero(steps == most[label])
    return ends[np.unique(label[ends], return_index=True)[1]]
