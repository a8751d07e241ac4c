"""How much came, and of which kinds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from risk_engine.partners.feeds.base import Check
from risk_engine.partners.feeds.model import Observation, percent
from risk_engine.partners.feeds.profile import View, words
from risk_engine.partners.feeds.robust import FAR, FEWEST, against, logs_against, robust

#: Smallest factor by which the volume, and the share of one kind, must differ.
_VOLUME_FACTOR, _SHARE_FACTOR = 1.5, 2.5
#: Smallest part of a drop that must have moved to other kinds.
_MIX_MOVED = 0.2
#: Unusual kinds, and areas, that are named one by one; the rest are counted.
_NAMED = 3
#: Fewest areas that can show a common movement; part of the whole movement that an area must have
#: made to count as moved alike; share of the areas from which on no single one is at fault.
_AREAS, _ALIKE, _MOST = 3, 0.5, 0.75


class Volume(Check):
    """Rows of the drop."""

    code = "volume"
    looks_at = "how many rows came"

    def not_applicable(self, view: View) -> str:
        """Say that a drop that is known in part has no volume yet."""
        return view.part

    def look(self, view: View) -> list[Observation]:
        """Compare on the scale of factors."""
        totals = view.first(view.side.rows)
        found = logs_against(totals)
        if not found.far or abs(found.by) <= np.log(_VOLUME_FACTOR):
            return []
        usual = np.exp(found.usual) - 0.5
        text = f"{totals[0]:,.0f} rows where the other drops have about {usual:,.0f}"
        return [Observation(self.code, "hold", text)]


class Mix(Check):
    """Rows that would have to change kind for the drop to look like the others."""

    code = "mix"
    looks_at = "how its rows are spread over kinds"

    def not_applicable(self, view: View) -> str:
        """Say that one kind has no mix, and few rows none that means anything."""
        if len(view.profile.kinds) < 2:
            return "there is only one kind"
        return f"fewer than {FEWEST} rows" if view.side.rows[view.drop] < FEWEST else ""

    def look(self, view: View) -> list[Observation]:
        """Compare the part of the rows that lies in other kinds than usual."""
        counts = view.first(view.side.kinds)
        totals = counts.sum(axis=1)
        shares = counts / totals[:, None]
        usual = np.median(shares[1:], axis=0)
        moved = np.abs(shares - usual).sum(axis=1) / 2
        # what chance alone moves, on average and around it: mean and variance of |z|
        noise = np.sqrt(usual * (1 - usual) / np.minimum(totals, np.median(totals[1:]))[:, None])
        moved = moved - (noise - noise.min(axis=0)).sum(axis=1) / np.sqrt(2 * np.pi)
        chance = float(np.sqrt((1 - 2 / np.pi) * (noise[0] ** 2).sum())) / 2
        found = against(float(moved[0]), moved[1:], chance)
        if not found.far or found.by <= 0 or found.value <= _MIX_MOVED:
            return []
        most = int(np.argmax(np.abs(shares[0] - usual)))
        text = (
            f"{percent(found.value)} of its rows are of other kinds than usual (usually "
            f"{percent(found.usual)}): {percent(shares[0, most])} "
            f"{words(view.profile.kinds)[most]}, where {percent(usual[most])} are usual"
        )
        return [
            Observation(self.code, "hold", text),
            *_where(view, most, shares[0, most] - usual[most]),
        ]


def _where(view: View, kind: int, moved: float) -> list[Observation]:
    """Say in how many local areas the share of a kind moved as it did on the whole."""
    cells = view.first(view.side.cells)
    rows = cells.sum(axis=2)
    enough = (rows >= 1).all(axis=0) & (np.median(rows, axis=0) >= FEWEST)
    if enough.sum() < _AREAS:
        return []
    names = np.array(view.profile.areas)[enough]
    shares = cells[:, enough, kind] / rows[:, enough]
    own = shares[0] - np.median(shares[1:], axis=0)
    alike = own / moved >= _ALIKE
    text = (
        f"the share of {words(view.profile.kinds)[kind]} moved alike in {alike.sum()} of "
        f"{len(alike)} local areas"
    )
    if 0 < alike.sum() <= _NAMED:
        text += f" ({', '.join(names[alike])})"
    elif 0 < (~alike).sum() <= _NAMED:
        text += f", not in {', '.join(names[~alike])}"
    if alike.mean() >= _MOST:
        text += ": rather a change at the sender or in recording than in one area"
    return [Observation("mix", "note", text)]


class Kinds(Check):
    """The share of each kind by itself: a rare kind can stop without moving the mix."""

    code = "kinds"
    looks_at = "the share of each kind"

    def not_applicable(self, view: View) -> str:
        """Say that one kind has no share."""
        return "there is only one kind" if len(view.profile.kinds) < 2 else ""

    def look(self, view: View) -> list[Observation]:
        """Name the kinds that differ most; the others are counted."""
        found = sorted(_unusual(view), reverse=True)
        texts = [f"{n:,.0f} rows of {k}, where about {e:,.0f} are usual" for _, k, n, e in found]
        more = len(texts) - _NAMED
        named = texts[:_NAMED] + ([f"{more} more kinds are as unusual"] if more > 0 else [])
        return [Observation(self.code, "hold", text) for text in named]


def _unusual(view: View) -> Iterator[tuple[float, str, float, float]]:
    """Yield how unusual, which kind, rows found and rows expected."""
    counts = view.first(view.side.kinds)
    totals = counts.sum(axis=1, keepdims=True)
    # half a row is added so that zero has a logarithm
    logs = np.log((counts + 0.5) / (totals + 0.5 * counts.shape[1]))
    for column, kind in enumerate(words(view.profile.kinds)):
        usual, spread = robust(logs[1:, column])
        here, expected = float(counts[0, column]), float(np.exp(usual) * totals[0, 0])
        chance = 1 / np.sqrt(max(1.0, (here + expected) / 2))
        limit = max(np.log(_SHARE_FACTOR), FAR * float(np.hypot(spread, chance)))
        if max(expected, here) >= FEWEST and abs(logs[0, column] - usual) > limit:
            yield abs(here - expected) / np.sqrt(max(1.0, expected)), kind, here, expected
