"""What speaks for and against joining nodes: every claim by the ranks of its nodes, in order."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

Ranks = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

#: Why two nodes may be joined, in the order in which joins are made.
ANSWER, KEY, LINK = 0, 1, 2


@dataclass(frozen=True)
class Claims:
    """Claims about the nodes ``0 .. size - 1``, numbered by rank.

    Attributes
    ----------
    size
        Number of nodes.
    joins
        ``left, right, kind, weight, named`` in the order of joining: answers, keys, links; within
        each the strongest first, those of equal weight or none by rank. ``named`` marks links whose
        first names speak for them; only those are weighed against rulings.
    rulings
        ``left, right``: pairs ruled out by the scores and not declared the same by answer or key.
    apart
        ``left, right``: pairs that a person said are two people.
    numbers
        ``node, register, key`` as codes, each row once.
    """

    size: int
    joins: pd.DataFrame
    rulings: pd.DataFrame
    apart: pd.DataFrame
    numbers: pd.DataFrame

    def inside(self, label: Ranks) -> Claims:
        """Keep the pairs whose two nodes carry one label."""
        kept = {
            name: frame[label[frame["left"]] == label[frame["right"]]]
            for name, frame in self._pairs().items()
        }
        return replace(self, **kept)

    def among(self, chosen: Mask) -> Claims:
        """Keep the claims whose nodes are all chosen, and number those anew in the same order."""
        number = np.cumsum(chosen) - 1
        kept = {name: _among(frame, chosen, number) for name, frame in self._pairs().items()}
        own = self.numbers[chosen[self.numbers["node"]]]
        return Claims(size=int(chosen.sum()), numbers=own.assign(node=number[own["node"]]), **kept)

    def _pairs(self) -> dict[str, pd.DataFrame]:
        return {"joins": self.joins, "rulings": self.rulings, "apart": self.apart}


def _among(pairs: pd.DataFrame, chosen: Mask, number: Ranks) -> pd.DataFrame:
    kept = pairs[chosen[pairs["left"]] & chosen[pairs["right"]]]
    return kept.assign(left=number[kept["left"]], right=number[kept["right"]])


def placed_once(pairs: pd.DataFrame, nodes: pd.Index[int]) -> pd.DataFrame:
    """Return scored pairs by rank, each once: ruled out where a row says so, else the strongest.

    Parameters
    ----------
    pairs
        As `clusters.cluster` takes them.
    nodes
        Node numbers in the order of rank.
    """
    placed = _placed(pairs, nodes, "pairs")
    if pd.Index(placed["code"]).is_unique:
        return placed
    ruled = (placed["evidence"] < 0).to_numpy()
    keys = (-placed["evidence"].to_numpy(np.int64), -placed["weight"], ~ruled, placed["code"])
    ordered: pd.DataFrame = placed.iloc[np.lexsort(keys)]
    return ordered.drop_duplicates("code")


def answers_alone(nodes: pd.Index[int], scored: pd.DataFrame, answers: pd.DataFrame) -> Claims:
    """Return what people said and nothing else; answers of pairs that score highest come first.

    Parameters
    ----------
    nodes
        Node numbers in the order of rank.
    scored
        What `placed_once` gave.
    answers
        As `clusters.cluster` takes them.
    """
    said = _placed(answers, nodes, "answers")
    same = said["same"].to_numpy(bool)
    return Claims(
        size=len(nodes),
        joins=_joins(said[same], ANSWER, scored),
        rulings=_none(),
        apart=_ends(said[~same]),
        numbers=_numbers(pd.DataFrame(columns=["node", "register", "key"]), nodes),
    )


def all_claims(
    nodes: pd.Index[int],
    scored: pd.DataFrame,
    same_key: pd.DataFrame,
    registers: pd.DataFrame,
    *,
    said: Claims,
    answered: Ranks,
    least: float,
) -> Claims:
    """Return every claim; of the answers those that stand.

    Parameters
    ----------
    nodes
        Node numbers in the order of rank.
    scored
        What `placed_once` gave.
    same_key, registers
        As `clusters.cluster` takes them.
    said
        What `answers_alone` gave.
    answered
        Label of each node: which nodes the answers alone hold together.
    least
        Weight (log2 odds) from which a pair that is not ruled out is a link.
    """
    keyed = _placed(same_key, nodes, "same_key")
    evidence, weight = scored["evidence"].to_numpy(), scored["weight"].to_numpy(np.float64)
    strong = scored[(evidence >= 0) & (weight >= least)]
    stands = said.inside(answered).joins
    together = answered[scored["left"]] == answered[scored["right"]]
    declared = together | np.isin(scored["code"], keyed["code"])
    joins = [stands, _joins(keyed, KEY, scored), _joins(strong, LINK, scored)]
    return Claims(
        size=len(nodes),
        joins=pd.concat(joins, ignore_index=True),
        rulings=scored.loc[(evidence < 0) & ~declared, ["left", "right"]],
        apart=said.apart,
        numbers=_numbers(registers, nodes),
    )


def _placed(pairs: pd.DataFrame, nodes: pd.Index[int], what: str) -> pd.DataFrame:
    """Replace nodes by their ranks, the lower one left; a node paired with itself says nothing."""
    one, other = _ranks(pairs["left"], nodes, what), _ranks(pairs["right"], nodes, what)
    left, right = np.minimum(one, other), np.maximum(one, other)
    placed = pairs.assign(left=left, right=right, code=left * len(nodes) + right)
    return placed[left < right]


def _ranks(named: pd.Series[int], nodes: pd.Index[int], what: str) -> Ranks:
    found = nodes.get_indexer(pd.Index(named.to_numpy(np.int64))).astype(np.int64)
    if (unknown := int((found < 0).sum())) > 0:
        raise ValueError(f"{what}: {unknown:,} of {len(found):,} entries name no node given")
    return found


def _joins(pairs: pd.DataFrame, kind: int, scored: pd.DataFrame) -> pd.DataFrame:
    """Return joins of one kind in their order, with the weight of the scored pair (or NaN)."""
    if kind != LINK:
        pairs = pairs.drop_duplicates("code")
        pairs = _with_scores(pairs, scored)
    ordered = pairs.iloc[np.lexsort((pairs["code"], -pairs["weight"]))]
    return pd.DataFrame(
        {
            "left": ordered["left"].to_numpy(np.int64),
            "right": ordered["right"].to_numpy(np.int64),
            "kind": np.full(len(ordered), kind, dtype=np.int8),
            "weight": ordered["weight"].to_numpy(np.float64),
            "named": (ordered["evidence"] > 0).to_numpy(bool) & (kind == LINK),
        }
    )


def _with_scores(pairs: pd.DataFrame, scored: pd.DataFrame) -> pd.DataFrame:
    known = scored[np.isin(scored["code"], pairs["code"])].set_index("code")
    found = known[["weight", "evidence"]].astype("float64").reindex(pairs["code"])
    return pairs.assign(weight=found["weight"].to_numpy(), evidence=found["evidence"].to_numpy())


def _ends(pairs: pd.DataFrame) -> pd.DataFrame:
    return pairs[["left", "right"]].drop_duplicates(ignore_index=True)


def _none() -> pd.DataFrame:
    return pd.DataFrame({"left": [], "right": []}, dtype="int64")


def _numbers(registers: pd.DataFrame, nodes: pd.Index[int]) -> pd.DataFrame:
    """Give registers and their keys codes; rows without a key say nothing."""
    known = registers.dropna(subset=["key"])
    coded = pd.DataFrame(
        {
            "node": _ranks(known["node"], nodes, "registers"),
            "register": pd.factorize(known["register"])[0],
            "key": pd.factorize(known["key"])[0],
        }
    )
    return coded.drop_duplicates(ignore_index=True)
