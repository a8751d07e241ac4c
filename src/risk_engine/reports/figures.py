"""Drawings without global state: an SVG that says what it shows, with the same bytes each time."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from markupsafe import Markup, escape

P = ParamSpec("P")
R = TypeVar("R")

#: Colours with at least 4.5 to 1 contrast on white, told apart without colour by shape or text.
INK, BLUE, ORANGE, GREY, PALE = "#1d2d35", "#0b5c86", "#a8500a", "#5a6770", "#e6edf0"

#: Group id of texts that the style sheet outlines in white, so that they read on any ground.
HALO = "halo"

_SETTINGS = {
    "svg.hashsalt": "risk-engine",
    "svg.fonttype": "none",  # text stays text: it can be read out, searched and enlarged
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Arial", "Helvetica"],
    "font.size": 9,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Let a function draw under the settings of this module, and put the old ones back."""

    @wraps(draw)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        from matplotlib import rc_context

        with rc_context(_SETTINGS):
            return draw(*args, **kwargs)

    return inside


def canvas(width: float, height: float) -> tuple[Any, Any]:
    """Return a new figure of `width` by `height` inches and its axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def panels(width: float, height: float) -> tuple[Any, tuple[Any, Any]]:
    """Return a new figure with a main drawing and a narrow one to its right."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    main, side = figure.subplots(1, 2, width_ratios=[6, 1])
    return figure, (main, side)


def svg(figure: Any, *, name: str, title: str, description: str) -> Markup:
    """Return a figure as inline SVG.

    Parameters
    ----------
    name
        Unique on its page: begins every id inside the drawing.
    title, description
        What the figure shows and what can be read from it, for people who do not see it.
    """
    target = io.StringIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(target, format="svg", metadata=nothing, transparent=True)
    text = target.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    text = re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)  # would reach the whole page
    text = text.replace(f'id="{HALO}"', f'class="{HALO}"')
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r"url\(#", f"url(#{name}-", text)
    text = re.sub(r'href="#', f'href="#{name}-', text)
    head = (
        f'<svg role="img" aria-labelledby="{name}-title {name}-desc" class="figure" '
        f'viewBox="{_view_box(text)}" xmlns="http://www.w3.org/2000/svg" '
        f'xmlns:xlink="http://www.w3.org/1999/xlink">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(description)}</desc>'
    )
    body = text[text.index(">", text.index("<svg")) + 1 :]
    return Markup(head + body)  # noqa: S704 - drawn here; texts were escaped by the SVG writer


def _view_box(text: str) -> str:
    match = re.search(r'viewBox="([^"]+)"', text)
    return match[1] if match else "0 0 640 480"
