"""Charts: each shows what the table beside it says in figures."""

from __future__ import annotations

import base64
import io
import textwrap
import warnings
from collections.abc import Mapping

import numpy as np
import pandas as pd
from markupsafe import Markup

from risk_engine.reports import formats as f
from risk_engine.reports.figures import BLUE, GREY, INK, ORANGE, canvas, styled, svg

_SWARM_PEOPLE = 1500
_SERIES = (
    ("placed_hits", "placed squares", BLUE, "o", "-"),
    ("grid_hits", "same number of grid squares", ORANGE, "s", "--"),
    ("count_hits", "plain count of all history", GREY, "^", ":"),
)


@styled
def backtest_chart(backtest: pd.DataFrame, labels: list[str]) -> Markup:
    """Draw the share of events inside the lists, one point an origin and rule."""
    figure, ax = canvas(6.6, 2.9)
    x = np.arange(len(backtest))
    for column, name, colour, marker, line in _SERIES:
        rate = 100 * backtest[column] / backtest["events"].where(backtest["events"] > 0)
        ax.plot(x, rate, label=name, color=colour, marker=marker, linestyle=line, linewidth=1.6)
    every = max(1, len(labels) // 8)
    ax.set_xticks(x[::every], labels[::every], size=7.5)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("% of events inside")
    ax.grid(axis="y", color="#d5dce0", linewidth=0.6)
    figure.legend(loc="outside upper left", ncols=3, frameon=False, fontsize=8)
    return svg(
        figure,
        name="chart-backtest",
        title="Share of events inside the listed squares, by period",
        description=f"{len(backtest)} periods; three lines: placed squares, grid squares and a "
        "plain count. The table beside the chart gives the figures.",
    )


@styled
def importance_chart(importance: pd.DataFrame, name: str) -> Markup:
    """Draw the mean absolute contribution of each feature as bars, largest at the top."""
    figure, ax = canvas(6.6, 0.6 + 0.36 * len(importance))
    y = np.arange(len(importance))[::-1]
    ax.barh(y, importance["mean_abs_shap"], color=BLUE, height=0.65)
    ax.set_yticks(y, [_short(label) for label in importance["label"]], size=7.5)
    ax.set_xlabel("mean contribution to the score (log-odds, without sign)", size=8)
    ax.tick_params(axis="y", length=0)
    return svg(
        figure,
        name=f"chart-importance-{name}",
        title="What the scores rest on most",
        description=f"Bars for the {len(importance)} facts with the largest mean contribution. "
        "The table beside the chart gives the figures.",
    )


def swarm(
    contributions: pd.DataFrame, values: pd.DataFrame, labels: Mapping[str, str], *, seed: int
) -> str:
    """Draw the SHAP summary plot of the shap package as a PNG data address.

    At most 1,500 people are drawn, a sample by `seed` that does not depend on the order of rows;
    an empty text comes back where there is nobody or nothing to draw.

    Parameters
    ----------
    contributions, values
        ``person_id`` and one column a feature each: SHAP values and feature values.
    """
    columns = [c for c in contributions.columns if c != "person_id" and c in values.columns]
    both = contributions.merge(values, on="person_id", suffixes=("", " value"))
    both = both.sort_values("person_id", ignore_index=True)
    if both.empty or not columns:
        return ""
    if len(both) > _SWARM_PEOPLE:
        chosen = np.random.default_rng(seed).choice(len(both), _SWARM_PEOPLE, replace=False)
        both = both.iloc[np.sort(chosen)]
    names = [_short(labels.get(column, column)) for column in columns]
    return _beeswarm(
        both[columns].to_numpy(float),
        both[[f"{column} value" for column in columns]].to_numpy(float),
        names,
        seed=seed,
    )


@styled
def _beeswarm(contributions: np.ndarray, values: np.ndarray, names: list[str], *, seed: int) -> str:
    figure, ax = canvas(8.2, 1 + 0.42 * min(12, len(names)))
    before = np.random.get_state()  # noqa: NPY002 - shap jitters with the global generator
    np.random.seed(seed % 2**32)  # noqa: NPY002
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its use of matplotlib; facts nobody has a value for
            import shap

            explanation = shap.Explanation(contributions.copy(), data=values, feature_names=names)
            shap.plots.beeswarm(explanation, max_display=12, ax=ax, show=False, plot_size=None)
    finally:
        np.random.set_state(before)  # noqa: NPY002
    ax.set_xlabel("contribution to the score (log-odds): right raises it, left lowers it", size=9)
    ax.tick_params(axis="x", labelsize=9, labelcolor=INK)
    ax.tick_params(axis="y", labelsize=8, labelcolor=INK)
    target = io.BytesIO()
    figure.savefig(target, format="png", dpi=110, metadata={"Software": None})
    return f"data:image/png;base64,{base64.b64encode(target.getvalue()).decode()}"


def _short(label: str, width: int = 52) -> str:
    """Break a label over two lines; every one begins with *recorded*, which is left out."""
    lines = textwrap.wrap(label.removeprefix("recorded "), width)
    cut = f"{lines[1]}\N{HORIZONTAL ELLIPSIS}" if len(lines) > 2 else "".join(lines[1:2])
    return "\n".join([*lines[:1], cut] if cut else lines)


def period_labels(origins: pd.Series, *, monthly: bool, zone: str) -> list[str]:
    """Write each origin (naive UTC) as a month or as the Monday of its week."""
    there = [f.local(pd.Timestamp(o).to_pydatetime(), zone) for o in origins]
    return [f.month(t) if monthly else f.day(t) for t in there]
