"""How well an order of people did, with intervals from a bootstrap over people.

A person counts on several dates, so people are drawn, not rows; candidates are compared on the same
draws (paired). Ties are shared out evenly: no figure depends on the order of equal scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from risk_engine.cohorts.calibration import sigmoid
from risk_engine.cohorts.inputs import FloatArray

#: Names of the figures, in the order of the last axis of every array here.
FIGURES = ("auc", "average_precision", "precision_at_top", "brier")
REPLICATES = 400
_CHUNK = 50  # replicates held in memory at once


@dataclass(frozen=True)
class Panel:
    """One candidate on one date, in falling order of score.

    Attributes
    ----------
    person
        Position of each row's person among all people of the validation.
    label, error
        0 or 1, and the squared error of the probability, a row.
    starts
        Where each run of equal scores begins.
    """

    person: npt.NDArray[np.intp]
    label: FloatArray
    error: FloatArray
    starts: npt.NDArray[np.intp]


def panel(margin: FloatArray, label: FloatArray, person: npt.NDArray[np.intp]) -> Panel:
    """Sort one candidate's scores; `margin` is in log-odds."""
    order = np.argsort(-margin, kind="stable")
    ranked = margin[order]
    starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    error = (sigmoid(ranked) - label[order]) ** 2
    return Panel(person[order], label[order], error, starts)


def figures(one: Panel, weights: FloatArray, *, top: int) -> FloatArray:
    """Return every figure for every draw.

    Parameters
    ----------
    one
        The candidate and date.
    weights
        Draws by people: how often each person was drawn (all 1 for the figure itself).
    top
        Length of the list whose precision is taken.

    Returns
    -------
    ndarray
        Draws by `FIGURES`; NaN where a draw holds one class only.
    """
    drawn = weights[:, one.person]
    people = np.add.reduceat(drawn, one.starts, axis=1)
    hits = np.add.reduceat(drawn * one.label, one.starts, axis=1)
    flagged, found = people.cumsum(axis=1), hits.cumsum(axis=1)
    total, positives = flagged[:, -1], found[:, -1]
    listed = np.clip(top - (flagged - people), 0, people)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(flagged > 0, found / flagged, 0.0)
        share = np.where(people > 0, hits / people, 0.0)
        behind = (total - positives)[:, None] - (flagged - found) + (people - hits) / 2
        both = positives * (total - positives)
        columns = [
            np.where(both > 0, (hits * behind).sum(axis=1) / both, np.nan),
            np.where(both > 0, (hits * precision).sum(axis=1) / positives, np.nan),
            (share * listed).sum(axis=1) / np.minimum(top, total),
            (drawn * one.error).sum(axis=1) / total,
        ]
    return np.column_stack(columns)


def bootstrap(panels: Sequence[Panel], *, people: int, top: int, seed: int) -> FloatArray:
    """Draw people with replacement and return panels by draws by `FIGURES`."""
    rng = np.random.default_rng(seed)
    chunks = []
    for _ in range(0, REPLICATES, _CHUNK):
        counts = rng.multinomial(people, np.full(people, 1 / people), size=_CHUNK)
        weights = counts.astype(np.float64)
        chunks.append(np.stack([figures(one, weights, top=top) for one in panels]))
    return np.concatenate(chunks, axis=1)


def interval(draws: FloatArray) -> tuple[float, float]:
    """Return the 2.5th and 97.5th percentile, NaN where fewer than half of the draws hold."""
    said = draws[np.isfinite(draws)]
    if len(said) * 2 < len(draws):
        return float("nan"), float("nan")
    low, high = np.percentile(said, [2.5, 97.5])
    return float(low), float(high)
