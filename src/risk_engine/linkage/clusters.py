"""From pairs to clusters: strongest links first, and not across pairs that were ruled out.

Plain connected components would join twins through a record with an incomplete name. Here two
clusters that hold identities ruled out for each other are joined only where more links than
rulings stand between them: a slip in a nickname rules out one pair among many that agree, while
twins agree nowhere. What people answered comes before everything else, and clusters that look wrong
all the same are held back in stricter pieces until a person has looked at them.

In order: `claims` puts all that is known into the order of rank, `joining` makes the joins (with
the `forest` where something speaks against one), `checks` finds and cuts the doubtful clusters.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_engine.linkage.checks import REASONS, SOUND, cut, doubts
from risk_engine.linkage.claims import (
    KEY,
    LINK,
    Claims,
    Ranks,
    all_claims,
    answers_alone,
    placed_once,
)
from risk_engine.linkage.joining import join

#: Log2 odds of a link that stands in a doubtful cluster: probability .9999.
HELD_WEIGHT = math.log2(0.9999 / 0.0001)
#: Nodes that a person may have before somebody must look.
MAX_IDENTITIES = 30


@dataclass(frozen=True)
class Clustered:
    """Clusters of nodes.

    Attributes
    ----------
    nodes
        ``node, cluster, weight, by_key`` in the order of rank: the cluster is named by its node of
        lowest rank; ``weight`` is the strongest link of the node inside its cluster (NaN where
        none); ``by_key`` whether a shared key holds it there.
    refused
        Links and shared keys that were refused because of identities ruled out for each other, by
        their scores or by a person. What was refused once may still come together later, through
        others.
    refused_by_register
        Links and shared keys that were refused because the cluster would have held two numbers of
        one register.
    contradictory
        Answers "the same" that were refused because other answers say the contrary.
    held
        ``cluster, node, reason, piece``, one row a node of each doubtful cluster, in the order of
        rank: the cluster before the cut and the piece it is in now (both named by the node of
        lowest rank), and the first of ``oversized``, ``twins`` and ``chain`` that applied.
    """

    nodes: pd.DataFrame
    refused: int
    refused_by_register: int
    contradictory: int
    held: pd.DataFrame


def cluster(
    nodes: Sequence[int] | npt.NDArray[np.int64],
    pairs: pd.DataFrame,
    same_key: pd.DataFrame,
    *,
    threshold: float,
    registers: pd.DataFrame | None = None,
    answers: pd.DataFrame | None = None,
    max_identities: int = MAX_IDENTITIES,
    held_weight: float = HELD_WEIGHT,
) -> Clustered:
    """Join nodes into clusters, and hold back those that look wrong.

    The result depends on the order of `nodes`, never on their numbers, nor on the order of rows.

    Joins are made in this order: answers, shared keys, links; each kind strongest first, equal ones
    by rank. A join is refused where

    - it would bring two nodes together that a person said are two people; this is absolute, and of
      answers that contradict each other those of the pair that scores lowest gives way;
    - there are rulings between the two clusters and not more links that first names speak for
      (answers override this; a ruling on a pair that shares a key is none);
    - both clusters hold numbers of one register, and neither holds all of the other's (answers
      override this). A node with two numbers of its own thus joins only what has no further one.

    A cluster is then in doubt, unless answers alone hold it together, where it is

    - ``oversized``: has more than `max_identities` nodes;
    - ``twins``: holds rulings (on pairs not declared the same by answer or key) that no one node
      accounts for. Where one does, they are the slip of one identity among many that agree;
    - ``chain``: some nodes of it are more than 3 steps apart over everything that joins them,
      measured by a double sweep from the node of lowest rank.

    It is rebuilt from answers, keys and links of at least `held_weight`, where no ruling is ever
    outvoted; a piece that is still oversized falls apart into single nodes and what answers hold.

    Parameters
    ----------
    nodes
        Numbers of all identities, each once, in the order of rank: by an id that stays with the
        identity from week to week.
    pairs
        ``left, right, weight, evidence`` as `scoring.score` gave them. A pair that is there twice
        counts once: as ruled out where any row says so, else by its strongest row.
    same_key
        ``left, right``: pairs held together by a shared key.
    threshold
        Match probability from which a pair that is not ruled out is a link.
    registers
        ``node, register, key``: the number (``key``) of a node in a source that has each person
        once (``register``). Rows may repeat; those without a key say nothing.
    answers
        ``left, right, same``: pairs that a person judged, ``same`` being True for one person.
    max_identities
        Nodes a cluster may have before it is in doubt.
    held_weight
        Log2 odds from which a link counts in a cluster that is in doubt.

    Returns
    -------
    Clustered
        One row a node; and what was refused and held.

    Raises
    ------
    ValueError
        If a node is given twice, or a table names a node that was not given.
    """
    ids = _distinct(nodes)
    ranks = pd.Index(ids)
    scored = placed_once(pairs, ranks)
    said = answers_alone(ranks, scored, _none_answered() if answers is None else answers)
    answered = join(said)
    claims = all_claims(
        ranks,
        scored,
        same_key,
        _no_registers() if registers is None else registers,
        said=said,
        answered=answered.label,
        least=math.log2(threshold / (1 - threshold)),
    )
    joined = join(claims)
    reason = doubts(claims, joined.label, answered.label, max_identities=max_identities)
    label = cut(
        claims,
        joined.label,
        reason != SOUND,
        answered.label,
        max_identities=max_identities,
        held_weight=held_weight,
    )
    return Clustered(
        _described(ids, claims.inside(label), label),
        refused=joined.refused,
        refused_by_register=joined.refused_by_register,
        contradictory=answered.contradictory,
        held=_held(ids, joined.label, reason, label),
    )


def _distinct(nodes: Sequence[int] | npt.NDArray[np.int64]) -> Ranks:
    ids = np.asarray(nodes, dtype=np.int64)
    if (twice := len(ids) - len(pd.unique(ids))) > 0:
        raise ValueError(f"nodes: {twice:,} of {len(ids):,} are given more than once")
    return ids


def _none_answered() -> pd.DataFrame:
    columns = {"left": "int64", "right": "int64", "same": "bool"}
    return pd.DataFrame(columns=list(columns)).astype(columns)


def _no_registers() -> pd.DataFrame:
    columns = {"node": "int64", "register": "str", "key": "str"}
    return pd.DataFrame(columns=list(columns)).astype(columns)


def _described(ids: Ranks, inside: Claims, label: Ranks) -> pd.DataFrame:
    links = inside.joins[inside.joins["kind"] == LINK]
    keyed = inside.joins[inside.joins["kind"] == KEY]
    weight, by_key = np.full(len(ids), -np.inf), np.zeros(len(ids), dtype=np.bool_)
    for end in ("left", "right"):
        np.maximum.at(weight, links[end].to_numpy(), links["weight"].to_numpy())
        by_key[keyed[end].to_numpy()] = True
    weight[np.isinf(weight)] = np.nan
    return pd.DataFrame({"node": ids, "cluster": ids[label], "weight": weight, "by_key": by_key})


def _held(ids: Ranks, before: Ranks, reason: Ranks, after: Ranks) -> pd.DataFrame:
    held = np.flatnonzero(reason != SOUND)
    held = held[np.argsort(before[held], kind="stable")]
    return pd.DataFrame(
        {
            "cluster": ids[before[held]],
            "node": ids[held],
            "reason": pd.Series([REASONS[code] for code in reason[held]], dtype="str"),
            "piece": ids[after[held]],
        }
    )
