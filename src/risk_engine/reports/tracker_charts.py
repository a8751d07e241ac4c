"""Two drawings of the data tracker: how fresh each source is, and which fields are often empty."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from markupsafe import Markup

from risk_engine.partners.tracker import SourceFacts
from risk_engine.reports import formats as f
from risk_engine.reports.figures import BLUE, GREY, INK, ORANGE, PALE, canvas, styled, svg

#: State -> shape and colour; the shape alone tells them apart, and the words stand beside it.
_MARKS = {"on time": ("o", BLUE), "late": ("^", ORANGE), "stale": ("X", INK)}
#: Right end of the freshness drawing, in cadences; older sources stand at it.
_END = 3.0
#: Fields drawn at most.
_BARS = 12


def freshness_chart(sources: Sequence[SourceFacts]) -> Markup:
    """Draw the age of each source in cadences: 1 is where its next drop is due."""
    judged = [source for source in sources if source.freshness.used is not None]
    return _freshness(judged) if judged else Markup()


@styled
def _freshness(sources: Sequence[SourceFacts]) -> Markup:
    figure, ax = canvas(6.6, 0.9 + 0.34 * len(sources))
    for y, source in enumerate(reversed(sources)):
        fresh = source.freshness
        x = min(fresh.used or 0.0, _END)
        shape, colour = _MARKS[fresh.state]
        ax.plot([0, x], [y, y], color=colour, linewidth=1.6)
        ax.plot([x], [y], marker=shape, color=colour, markersize=7, linestyle="none")
        words = f"{f.plural(fresh.age, 'day')} old, {fresh.state}"
        ground = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        ax.annotate(
            words, (x, y), (8, 0), textcoords="offset points", va="center", size=7.5, bbox=ground
        )
    ax.axvline(1, color=GREY, linestyle="--", linewidth=1)
    ax.set_xticks([0, 1, 2, 3], ["just now", "next is due", "second is due", "third is due"])
    ax.set_yticks(range(len(sources)), [_short(s.title) for s in reversed(sources)])
    ax.tick_params(labelsize=7.5)
    ax.set_xlim(0, _END + 0.9)
    ax.set_ylim(-0.6, len(sources) - 0.4)
    ax.tick_params(axis="y", length=0)
    return svg(
        figure,
        name="chart-freshness",
        title="Age of the newest record of each source, against its cadence",
        description=f"{len(sources)} sources; a mark right of the broken line is late. The table "
        "below the chart gives the days.",
    )


def completeness_chart(sources: Sequence[SourceFacts]) -> Markup:
    """Draw the fields that are filled least, as bars from 0 to 100 %."""
    found = [
        (field.share, f"{field.what}, {source.title}")
        for source in sources
        for field in source.fields
        if field.share is not None and field.share < 1
    ]
    found.sort()
    return _completeness(found[:_BARS]) if found else Markup()


@styled
def _completeness(fields: Sequence[tuple[float, str]]) -> Markup:
    figure, ax = canvas(6.6, 0.6 + 0.34 * len(fields))
    y = range(len(fields) - 1, -1, -1)
    ax.barh(y, [100] * len(fields), color=PALE, height=0.6)
    ax.barh(y, [100 * share for share, _ in fields], color=BLUE, height=0.6)
    for row, (share, _) in zip(y, fields, strict=True):
        ax.text(101, row, f.percent(share), va="center", size=7.5)
    ax.set_yticks(y, [_short(label) for _, label in fields], size=7.5)
    ax.set_xlim(0, 112)
    ax.set_xticks([0, 50, 100], ["0 %", "50 %", "100 %"], size=7.5)
    ax.tick_params(axis="y", length=0)
    return svg(
        figure,
        name="chart-completeness",
        title="The fields that are filled least",
        description=f"{len(fields)} bars of the share of rows in which a field is filled. The "
        "table below the chart gives the figures.",
    )


def _short(label: str, width: int = 44) -> str:
    """Break a label over two lines at most."""
    lines = textwrap.wrap(label, width)
    cut = f"{lines[1]}\N{HORIZONTAL ELLIPSIS}" if len(lines) > 2 else "".join(lines[1:2])
    return "\n".join([*lines[:1], cut] if cut else lines)
