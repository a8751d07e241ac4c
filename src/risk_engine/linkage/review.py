"""Clerical review: what the answers about pairs of records say of all links.

`questions` chooses the pairs. What was drawn at random is weighed here by how many pairs its
stratum holds, so that the answers tell of all compared pairs and not of the difficult ones alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from risk_engine.engine import Engine
from risk_engine.linkage.link import FIELDS
from risk_engine.linkage.questions import count_strata, in_strata
from risk_engine.linkage.resolve import between
from risk_engine.linkage.scratch import Scratch
from risk_engine.linkage.standardise import standardise

Floats = npt.NDArray[np.float64]

_ENDS = pa.schema([("left", pa.int64()), ("right", pa.int64())])
_RECORDS = pa.schema([("record_id", pa.string())])
_DRAWS = 4_000


@dataclass(frozen=True)
class Estimate:
    """What answers say of all compared pairs; None where they say nothing.

    Attributes
    ----------
    pairs
        Pairs answered that are among those compared.
    drawn
        Those of them that were drawn at random, on which all but these two numbers rest.
    precision, precision_low, precision_high
        Of the pairs that the engine joins, the share that are one person.
    recall, recall_low, recall_high
        Of the compared pairs that are one person, the share that the engine joins.
    """

    pairs: int
    drawn: int
    precision: float | None
    precision_low: float
    precision_high: float
    recall: float | None
    recall_low: float
    recall_high: float


def estimate(
    answers: pd.DataFrame, strata: pd.DataFrame, *, seed: int = 1, confidence: float = 0.95
) -> Estimate | None:
    """Estimate precision and recall among compared pairs, with intervals.

    Each stratum is estimated by its own answers and counts as many times as it holds pairs. The
    intervals are melded (Fay, Proschan and Brittain 2015, Biometrics 71, 977-985): each end is
    drawn from the confidence distribution that errs on its side, which in a stratum is the beta
    distribution behind the limits of Clopper and Pearson (1934). So a stratum in which all answers
    are alike is still uncertain, one without answers may be anything, and the intervals hold their
    level or more, never less.

    Parameters
    ----------
    answers
        ``stratum, same, drawn``, one row a pair. Those not drawn at random count for themselves
        alone. Within its stratum a pair must have had the same chance as any other to be drawn.
    strata
        ``stratum, pairs, joined``: how many pairs there are, and whether they are links.
    seed
        For the draws.
    confidence
        Level of the intervals.

    Returns
    -------
    Estimate or None
        None where no answer is about a pair drawn at random.
    """
    if not answers["drawn"].any():
        return None
    counted = _tallied(answers, strata)
    random = np.random.default_rng(seed)
    low, high = (_possible(counted, random, upper=upper) for upper in (False, True))
    joined = counted["joined"].to_numpy(np.bool_)
    total = float(counted.loc[joined, "pairs"].sum())
    tail = (1 - confidence) / 2
    right = {"low": low[:, joined].sum(axis=1), "high": high[:, joined].sum(axis=1)}
    missed = {"low": low[:, ~joined].sum(axis=1), "high": high[:, ~joined].sum(axis=1)}
    return Estimate(
        pairs=len(answers),
        drawn=int(answers["drawn"].sum()),
        **_points(counted, joined),
        precision_low=_quantile(right["low"] / max(total, 1.0), tail) if total else 0.0,
        precision_high=_quantile(right["high"] / max(total, 1.0), 1 - tail) if total else 1.0,
        recall_low=_quantile(_share(right["low"], missed["high"]), tail),
        recall_high=_quantile(_share(right["high"], missed["low"]), 1 - tail),
    )


def _tallied(answers: pd.DataFrame, strata: pd.DataFrame) -> pd.DataFrame:
    """Count by stratum: ``sure`` and ``same_sure`` (not drawn), ``asked`` and ``same_asked``."""
    told = strata.set_index("stratum")
    for name, chosen in (("sure", ~answers["drawn"]), ("asked", answers["drawn"])):
        by = answers[chosen].groupby("stratum")["same"]
        told[name] = by.size().reindex(told.index, fill_value=0)
        told[f"same_{name}"] = by.sum().reindex(told.index, fill_value=0)
    return told.reset_index()


def _possible(counted: pd.DataFrame, random: np.random.Generator, *, upper: bool) -> Floats:
    """Draw how many pairs of each stratum are one person; shape (draws, strata)."""
    asked = counted["asked"].to_numpy(np.float64)
    same = counted["same_asked"].to_numpy(np.float64)
    one, other = (same + 1, asked - same) if upper else (same, asked - same + 1)
    drawn = random.beta(np.maximum(one, 1e-9), np.maximum(other, 1e-9), (_DRAWS, len(counted)))
    share = np.where(one == 0, 0.0, np.where(other == 0, 1.0, drawn))
    rest = (counted["pairs"] - counted["sure"] - counted["asked"]).to_numpy(np.int64)
    known = (counted["same_sure"] + counted["same_asked"]).to_numpy(np.float64)
    return np.asarray(known + random.binomial(rest, share), dtype=np.float64)


def _points(counted: pd.DataFrame, joined: npt.NDArray[np.bool_]) -> dict[str, float | None]:
    """Return the estimates themselves; None where a stratum that matters has no answer."""
    rest = (counted["pairs"] - counted["sure"]).to_numpy(np.float64)
    asked = counted["asked"].to_numpy(np.float64)
    share = counted["same_asked"].to_numpy(np.float64) / np.maximum(asked, 1.0)
    same = counted["same_sure"].to_numpy(np.float64) + rest * share
    open_ = (asked == 0) & (rest > 0)
    pairs, right = float(counted.loc[joined, "pairs"].sum()), float(same[joined].sum())
    return {
        "precision": None if open_[joined].any() or not pairs else right / pairs,
        "recall": None if open_.any() or not same.sum() else right / float(same.sum()),
    }


def _share(part: Floats, other: Floats) -> Floats:
    whole = part + other
    return np.where(whole > 0, part / np.maximum(whole, 1.0), 1.0)


def _quantile(values: Floats, at: float) -> float:
    return float(np.quantile(values, at))


def nodes_of(
    records: ir.Table,
    wanted: Sequence[str],
    identities: ir.Table,
    *,
    scratch: Scratch,
    key: bytes,
) -> pd.Series:
    """Find the identity of some records without bringing all records to one form.

    Parameters
    ----------
    records
        Columns of `events.RECORD_SCHEMA`.
    wanted
        Their ``record_id``.
    identities
        ``identity, node``.

    Returns
    -------
    pandas.Series
        The node by ``record_id``; records that were not compared are not in it.
    """
    ids = scratch.frame(pd.DataFrame({"record_id": sorted(set(wanted))}, dtype="str"), _RECORDS)
    chosen = records.semi_join(ids, "record_id")
    # whether a shared key is a placeholder is seen by everybody who has it
    keys = chosen.select(held=_as_compared(chosen)).drop_null().distinct()
    others = records.anti_join(ids, "record_id")
    others = others.semi_join(keys, _as_compared(others) == keys.held)
    near = scratch.table(chosen.union(others))
    standard, _ = standardise(near, FIELDS, scratch=scratch, key=key)
    told = standard.semi_join(ids, "record_id").select("record_id", "identity")
    rows = told.inner_join(identities, "identity").select("record_id", "node")
    return pd.Series(rows.to_pyarrow().to_pandas().set_index("record_id")["node"])


def _as_compared(records: ir.Table) -> ir.StringValue:
    key: ir.StringValue = records.shared_key.strip().upper().nullif("")
    return key


def facts(
    answers: pd.DataFrame,
    records: ir.Table,
    identities: ir.Table,
    pairs: ir.Table,
    *,
    threshold: float,
    engine: Engine,
    key: bytes,
    seed: int,
) -> dict[str, Any]:
    """Return what answers say of this linkage, for the reports; empty where they say nothing.

    Strata are those of this linkage. Where a new model was learnt since the pairs were drawn, they
    are somewhat other pairs than those that the draw was made in.

    Parameters
    ----------
    answers
        ``left, right`` (``record_id``), ``same``, ``drawn`` (at random, not because of a doubt).
    records, identities, pairs
        Those of this linkage.
    """
    if answers.empty:
        return {}
    named = [*answers["left"], *answers["right"]]
    with Scratch(engine) as scratch:
        node = nodes_of(records, named, identities, scratch=scratch, key=key)
        told = between(answers, node)
        ends = scratch.frame(told[["left", "right"]], _ENDS)
        here = in_strata(pairs.semi_join(ends, ["left", "right"]), threshold)
        placed = here.select("left", "right", "stratum").to_pyarrow().to_pandas()
        counted = count_strata(pairs, threshold)
    found = estimate(told.merge(placed, on=["left", "right"]), counted, seed=seed)
    return {} if found is None else {name: _rounded(v) for name, v in vars(found).items()}


def _rounded(value: float | None) -> float | None:
    return round(value, 4) if isinstance(value, float) else value
