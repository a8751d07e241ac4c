"""Pictures of the needs assessment: nothing is drawn that its tables hide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.ticker import MaxNLocator

from risk_engine.disclosure import HIDDEN
from risk_engine.reports import formats as f
from risk_engine.reports.figures import BLUE, GREY, HALO, INK, ORANGE, PALE, canvas, styled, svg
from risk_engine.reports.maps import add_shape

#: Fills of the map from low to high: light enough for a name in dark letters to be read on them.
_FILLS = ("#eaf3f8", "#c6deeb", "#93c1da", "#5da0c6")
_GRID = {"color": "#d5dce0", "linewidth": 0.6}


@styled
def rates_chart(areas: pd.DataFrame, overall: float | None) -> Markup:
    """Draw the rate of each local area with its interval, highest at the top."""
    rows = areas.sort_values("rate", na_position="first", kind="stable")
    figure, ax = canvas(6.6, 0.9 + 0.27 * len(rows))
    y = np.arange(len(rows))
    shown = rows["rate"].notna().to_numpy()
    rate, low, high = (rows[c].to_numpy(float) for c in ("rate", "rate_low", "rate_high"))
    ax.hlines(y[shown], low[shown], high[shown], color=BLUE, linewidth=2)
    ax.plot(rate[shown], y[shown], "o", color=BLUE, markersize=6)
    ax.set_xlim(left=0)
    for position, text in zip(y[~shown], rows["count_text"][~shown], strict=True):
        ax.text(0, position, f"  {text}", size=8, color=GREY, va="center")
    if overall is not None:
        ax.axvline(overall, color=ORANGE, linestyle="--", linewidth=1.2)
        ax.annotate(
            f"whole area {f.number(overall, 2)}", (overall, 1), (4, 2), color=ORANGE, size=8,
            xycoords=("data", "axes fraction"), textcoords="offset points", annotation_clip=False,
        )  # fmt: skip
    _rows_of(ax, rows["title"])
    ax.set_xlabel("offences per 1,000 residents in the months counted", size=8)
    ax.grid(axis="x", **_GRID)
    return svg(
        figure,
        name="chart-areas",
        title="Offences per 1,000 residents by local area",
        description=f"A dot for each of {shown.sum()} local areas with a line for its 95 % "
        "interval, highest at the top, and a dashed line for the whole area. The table beside the "
        "chart gives the figures.",
    )


@styled
def pairs_chart(
    rows: pd.DataFrame, *, name: str, title: str, label: str, before: str, inches: float = 6.6
) -> Markup:
    """Draw counts as bars, with a mark for the year before; a hidden count is said in words.

    Parameters
    ----------
    inches
        Width of the drawing: texts keep their size, so a narrower one shows them larger.
    """
    figure, ax = canvas(inches, 0.75 + 0.36 * len(rows))
    y = np.arange(len(rows))[::-1]
    count, earlier = (rows[c].astype("Float64").to_numpy(float, na_value=np.nan) for c in _BOTH)
    earlier[(earlier == 0) & (count == 0)] = np.nan  # nothing to set beside nothing
    ax.barh(y, np.nan_to_num(count), color=BLUE, height=0.55, label=label)
    if np.isfinite(earlier).any():
        ax.plot(
            earlier, y, linestyle="", marker="D", color=ORANGE, markeredgecolor="white",
            markersize=7, label=before,
        )  # fmt: skip
    _words(ax, rows["count_text"], np.nan_to_num(count), earlier, y)
    _rows_of(ax, rows["title"], y)
    ax.set_xlim(0, 1.14 * max(1.0, np.nanmax([count, earlier], initial=0)))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.grid(axis="x", **_GRID)
    ax.set_axisbelow(True)
    if np.isfinite(earlier).any():
        figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=8)
    return svg(
        figure,
        name=f"chart-{name}",
        title=title,
        description=f"{len(rows)} bars for {label}"
        + (f", with a mark each for {before}" if np.isfinite(earlier).any() else "")
        + ". The table beside the chart gives the figures.",
    )


_BOTH = ("count", "before")


def _words(
    ax: Any, texts: pd.Series, count: np.ndarray, earlier: np.ndarray, y: np.ndarray
) -> None:
    """Write each count after its bar, clear of the mark of the year before."""
    span = max(1.0, np.nanmax([count, earlier], initial=0))
    for text, end, mark, position in zip(texts, count, earlier, y, strict=True):
        near = np.isfinite(mark) and end - 0.02 * span < mark < end + 0.12 * span
        start = max(end, mark) if near else end
        ax.text(start + 0.02 * span, position, text, size=8, va="center")


@styled
def months_chart(rows: pd.DataFrame, *, label: str, before: str) -> Markup:
    """Draw the months of both years as lines; a month without a count is a gap in its line."""
    figure, ax = canvas(4.8, 2.9)
    x = np.arange(len(rows))
    most = 1.0
    series = (("before", before, ORANGE, "D", "--"), ("count", label, BLUE, "o", "-"))
    for column, name, colour, marker, line in series:
        values = rows[column].astype("Float64").to_numpy(float, na_value=np.nan)
        if np.isfinite(values).any():
            most = max(most, float(np.nanmax(values)))
            ax.plot(
                x, values, label=name, color=colour, marker=marker, linestyle=line, linewidth=1.6
            )
    ax.set_xticks(x, [f"{month:%b}" for month in rows["month"]], size=8)
    ax.set_ylim(0, 1.08 * most)
    ax.yaxis.set_major_formatter("{x:,.0f}")
    ax.set_xlim(-0.4, len(rows) - 0.6)
    ax.set_ylabel("offences")
    ax.grid(axis="y", **_GRID)
    figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=8)
    return svg(
        figure,
        name="chart-months",
        title="Offences by month",
        description=f"One point a month for {label} and, where held, for {before}. The table "
        "beside the chart gives the figures.",
    )


@styled
def quarters_chart(rows: pd.DataFrame, *, code: str, area: str, label: str, before: str) -> Markup:
    """Draw the quarters of one local area as bars, the year before beside them."""
    figure, ax = canvas(4.6, 1.9)
    x = np.arange(len(rows))
    both = rows["before_text"].ne("").any()
    series = (("before", before, "#e9c8a6", ORANGE), ("count", label, BLUE, BLUE))
    for number, (column, name, face, edge) in enumerate(series if both else series[1:]):
        at = x + (number - 0.5 * both) * 0.4
        values = rows[column].astype("Float64").to_numpy(float, na_value=np.nan)
        ax.bar(at, np.nan_to_num(values), 0.36, color=face, edgecolor=edge, label=name)
        for where, value, text in zip(at, values, rows[f"{column}_text"], strict=True):
            short = text.replace("fewer than ", "<") if text != HIDDEN else "hid."
            ax.annotate(short, (where, np.nan_to_num(value)), (0, 2), size=7, ha="center",
                        textcoords="offset points")  # fmt: skip
    ax.set_xticks(x, [title.replace(", ", ",\n") for title in rows["title"]], size=7.5)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.margins(y=0.15)
    figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=7.5)
    return svg(
        figure,
        name=f"chart-quarters-{code.lower()}",
        title=f"Offences by quarter in {area}",
        description=f"Bars for the quarters of {label}" + (f" and {before}" if both else "")
        + ". The table beside the chart gives the figures.",
    )  # fmt: skip


@styled
def rates_map(areas: gpd.GeoDataFrame, rates: pd.DataFrame) -> Markup:
    """Shade the local areas by rate in four classes; each carries its name and its rate."""
    drawn = areas.merge(rates[["area_code", "rate", "count_text"]], on="area_code", how="left")
    figure, ax = canvas(6.6, 5.6)
    known = drawn["rate"].dropna()
    cuts = np.quantile(known, [0.25, 0.5, 0.75]) if len(known) else np.zeros(3)
    left, bottom, right, top = drawn.total_bounds
    shapes = drawn.geometry.simplify((right - left) / 800)
    for rate, shape in zip(drawn["rate"], shapes, strict=True):
        fill = PALE if f.missing(rate) else _FILLS[int(np.searchsorted(cuts, rate, side="left"))]
        hatch = "///" if f.missing(rate) else None
        add_shape(ax, shape, facecolor=fill, edgecolor="#5a6770", linewidth=0.8, hatch=hatch)
    _map_labels(ax, drawn, point=(right - left) / (6.0 * 72))
    ax.set_xlim(left - 1000, right + 1000)
    ax.set_ylim(bottom - 1000, top + 1000)
    ax.set_aspect("equal")
    ax.set_axis_off()
    return svg(
        figure,
        name="map-rates",
        title="Offences per 1,000 residents by local area",
        description=f"{len(drawn)} local areas in four shades from the lowest to the highest "
        "quarter of rates, each with its name and rate. The table beside the map has the figures.",
    )


def _map_labels(ax: Any, drawn: gpd.GeoDataFrame, *, point: float) -> None:
    """Write name and rate in each area, or beside it with a line where another label is near.

    `point` is the metres that a typographic point of the drawing stands for. Large areas come
    first: they have room at their middle, and small ones can move out to sea or across a border.
    """
    taken: list[tuple[float, float, float]] = []
    for row in drawn.assign(size=drawn.area).sort_values("size", ascending=False).itertuples():
        middle = row.geometry.representative_point()
        text = row.count_text if f.missing(row.rate) else f.number(row.rate, 2)
        half = 2.3 * point * max(len(str(row.name)), len(text))
        spots = [(middle.x + dx * point, middle.y + dy * point) for dx, dy in _SPOTS]
        x, y = next((s for s in spots if _free(s, half, taken, 19 * point)), spots[0])
        taken.append((x, y, half))
        if (x, y) != spots[0]:
            ax.plot([middle.x, x], [middle.y, y], color=INK, linewidth=0.6)
        ax.text(
            x, y, f"{row.name}\n{text}", size=7, color=INK, ha="center", va="center",
            linespacing=1.15,
        ).set_gid(HALO)  # fmt: skip


#: Where a label may stand, in points from the middle of its area.
_SPOTS = [(0, 0), *((dx, dy) for d in (18, 30, 44) for dx in (0, -d, d) for dy in (-d, d, 0))]


def _free(
    spot: tuple[float, float], half: float, taken: list[tuple[float, float, float]], high: float
) -> bool:
    """Say whether a label of this half width is clear of every other."""
    return not any(
        abs(spot[0] - x) < half + other and abs(spot[1] - y) < high for x, y, other in taken
    )


def _rows_of(ax: Any, titles: Sequence[str] | pd.Series, y: np.ndarray | None = None) -> None:
    ax.set_yticks(np.arange(len(titles)) if y is None else y, list(titles), size=8.5)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(-0.7, len(titles) - 0.3)
