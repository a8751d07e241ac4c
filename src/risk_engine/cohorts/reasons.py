"""Why: reasons and protective facts of each person in plain words, and what matters overall."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_engine.cohorts.inputs import FeatureLike, FloatArray, stem

#: Reasons and protective facts a person at most.
REASONS, PROTECTIVE = 3, 2
#: Said where nothing that is recorded raises the chance by itself.
NOTHING_STANDS_OUT = "no single recorded fact stands out"
#: Contribution in log-odds below which a fact is not worth telling (the odds move by 5 %).
MATERIAL = 0.05
_TOWARDS = {"increasing": 1, "decreasing": -1, "none": 0}
_TIME = "days_since_last"
Phrase = Callable[[str, float], str]


def explain(
    contributions: FloatArray,
    values: FloatArray,
    *,
    features: Sequence[FeatureLike],
    phrase: Phrase,
    most: int,
    sign: Literal[1, -1] = 1,
) -> list[list[str]]:
    """Return up to `most` phrases a row, largest contribution first.

    Windows of one count would repeat, and in part cancel, each other: they are summed to one line
    of thought, told once, by the window that says most. Only what is recorded is told (a missing
    value has no words), and nothing that contradicts the catalogue: where a model is not held to
    the stated directions, harm suffered could otherwise appear as a protective fact.

    Parameters
    ----------
    contributions, values
        Rows by `features`; contributions in log-odds.
    phrase
        Column and value to plain words.
    sign
        1 for what raises the chance, -1 for what lowers it.
    """
    told = np.where(_tellable(values, features, sign), sign * contributions, -np.inf)
    thoughts, groups = np.unique([stem(f.column) for f in features], return_inverse=True)
    members = [np.flatnonzero(groups == g) for g in range(len(thoughts))]
    net = sign * np.column_stack([contributions[:, m].sum(axis=1) for m in members])
    best = np.column_stack([m[told[:, m].argmax(axis=1)] for m in members])
    speaks = np.take_along_axis(told, best, axis=1) > 0
    net = np.where(speaks, net, -np.inf)
    order = np.argsort(-net, axis=1, kind="stable")[:, :most]
    return [
        [
            phrase(features[j].column, float(values[row, j]))
            for j in best[row, ranked[net[row, ranked] >= MATERIAL]]
        ]
        for row, ranked in enumerate(order)
    ]


def _tellable(
    values: FloatArray, features: Sequence[FeatureLike], sign: Literal[1, -1]
) -> npt.NDArray[np.bool_]:
    """Mark what may be told: a fact that raises is recorded, one that lowers is not, or opposite.

    Times since an event and features without a direction may be told either way.
    """
    stated = np.array([_TOWARDS[f.direction] * (f.measure != _TIME) for f in features])
    recorded = np.where(values > 0, 1, -1)
    told: npt.NDArray[np.bool_] = ~np.isnan(values) & (stated * recorded != -sign)
    return told


def importance(contributions: FloatArray, features: Sequence[FeatureLike]) -> pd.DataFrame:
    """Return ``feature, label, direction, mean_abs_shap, share``, most important first.

    `mean_abs_shap` is in log-odds, over everybody scored; shares add to 1 (or are all 0).
    """
    size = np.abs(contributions[:, : len(features)]).mean(axis=0)
    total = size.sum()
    table = pd.DataFrame(
        {
            "feature": [feature.column for feature in features],
            "label": [feature.label for feature in features],
            "direction": [feature.direction for feature in features],
            "mean_abs_shap": size,
            "share": size / total if total > 0 else size,
        }
    )
    return table.sort_values(
        ["mean_abs_shap", "feature"], ascending=[False, True], ignore_index=True
    )
