"""Candidates side by side on the validation dates, and which of them runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from risk_engine.cohorts.candidates import WORDS
from risk_engine.cohorts.figures import FIGURES, bootstrap, figures, interval, panel
from risk_engine.cohorts.inputs import FloatArray
from risk_engine.cohorts.validation import Measured

#: The figure that decides: it looks at the top of the order, where the list is cut.
DECIDING = "average_precision"


def compare(measured: Sequence[Measured], *, top: int, seed: int) -> pd.DataFrame:
    """Set the candidates side by side.

    Returns
    -------
    pandas.DataFrame
        ``origin, model, versus, metric, value, low, high, n, positives``. `origin` is null for the
        mean over the dates; `versus` is empty for a model's own figure, and names another model
        where `value` is the difference to it on the same draws of people (model minus versus).
        `low` and `high` are 95 % bootstrap intervals.
    """
    names = list(measured[0].margins)
    codes, people = pd.factorize(pd.concat([one.frame["person_id"] for one in measured]))
    ends = np.cumsum([len(one.frame) for one in measured])
    persons = np.split(codes, ends[:-1])
    panels = [
        panel(one.margins[name], one.label, person)
        for one, person in zip(measured, persons, strict=True)
        for name in names
    ]
    every = np.ones((1, len(people)))
    values = np.stack([figures(one, every, top=top) for one in panels])
    draws = bootstrap(panels, people=len(people), top=top, seed=seed)
    shape = (len(measured), len(names), -1, len(FIGURES))
    table = np.concatenate([values, draws], axis=1).reshape(shape)
    parts = [_rows(table[i], names, one) for i, one in enumerate(measured)]
    return pd.concat([_pooled(table, names, measured), *parts], ignore_index=True)


def _pooled(table: FloatArray, names: list[str], measured: Sequence[Measured]) -> pd.DataFrame:
    # a date without any outcome says nothing about any candidate
    told = [i for i, one in enumerate(measured) if 0 < one.label.sum() < len(one.label)]
    mean = table[told].mean(axis=0) if told else np.full(table.shape[1:], np.nan)
    return _rows(mean, names, None).assign(
        n=sum(len(one.label) for one in measured),
        positives=int(sum(one.label.sum() for one in measured)),
    )


def _rows(table: FloatArray, names: list[str], one: Measured | None) -> pd.DataFrame:
    """Turn candidates by (value, draws) by figures into rows; the value comes first."""
    own = [(name, "", table[i]) for i, name in enumerate(names)]
    paired = [
        (name, other, table[i] - table[j])
        for i, name in enumerate(names)
        for j, other in enumerate(names)
        if i != j
    ]
    rows = [
        (name, versus, metric, float(block[0, k]), *interval(block[1:, k]))
        for name, versus, block in own + paired
        for k, metric in enumerate(FIGURES)
    ]
    frame = pd.DataFrame(rows, columns=["model", "versus", "metric", "value", "low", "high"])
    frame.insert(
        0, "origin", pd.Series([one and one.origin.date] * len(frame), dtype="datetime64[us]")
    )
    if one is None:
        return frame
    return frame.assign(n=len(one.label), positives=int(one.label.sum()))


def choose(comparisons: pd.DataFrame, names: Sequence[str]) -> tuple[str, str]:
    """Return the simplest candidate that no other beats, and why, in words.

    One beats another when the interval of the paired difference in average precision, averaged over
    the validation dates, lies above 0.
    """
    pooled = comparisons[comparisons["origin"].isna() & (comparisons["metric"] == DECIDING)]
    pairs = pooled[pooled["versus"] != ""]
    better = (pairs["value"] > 0) & (pairs["low"] > 0)  # so the best on average is never beaten
    beaten = set(pairs.loc[better, "versus"])
    champion = next(name for name in names if name not in beaten)
    own = pooled[(pooled["model"] == champion) & (pooled["versus"] == "")].iloc[0]
    if not np.isfinite(own["low"]):
        return champion, (
            f"Chosen: {WORDS[champion]}. Too few outcomes at the validation dates to tell the "
            f"candidates apart, so the simplest runs."
        )
    first = (
        f"Chosen: {WORDS[champion]}, the simplest candidate that no other was shown to beat; its "
        f"average precision over the validation dates is {_span(own)}."
    )
    return champion, " ".join([first, *(_sentence(row) for row in _against(pairs, champion))])


def _against(pairs: pd.DataFrame, champion: str) -> list[dict[str, object]]:
    found = pairs[pairs["model"] == champion].to_dict("records")
    return [{str(key): value for key, value in row.items()} for row in found]


def _sentence(row: dict[str, object]) -> str:
    shown = float(str(row["low"])) > 0
    words = "better" if shown else "not shown to be better or worse"
    return f"Against {WORDS[str(row['versus'])]}: {words}, difference {_span(row)}."


def _span(row: dict[str, object] | pd.Series) -> str:
    value, low, high = (float(str(row[key])) for key in ("value", "low", "high"))
    return f"{value:.3f} ({low:.3f} to {high:.3f})"
