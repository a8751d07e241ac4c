"""Notices that the drops of one source use zone codes of different vintages."""

from __future__ import annotations

from collections.abc import Sequence

#: Share of the codes that must end, and of those that must begin, at the same boundary.
_SHARE = 0.01


def vintage_note(drops: Sequence[tuple[str, frozenset[str]]]) -> str:
    """Say in one sentence which zone codes the drops use.

    A new vintage shows as many codes that are last seen just before one boundary between drops and
    many that are first seen just after it. Codes of a single drop say nothing and are left out.

    Parameters
    ----------
    drops
        Name and distinct codes of each drop, in order of time.

    Returns
    -------
    str
        Empty where no drop holds a code.
    """
    codes = frozenset().union(*(zones for _, zones in drops))
    if not codes:
        return ""
    note = f"{len(codes):,} zone codes"
    boundary, share = _boundary(drops)
    if share <= _SHARE:
        return f"{note}, one vintage as far as the drops show"
    names = [name for name, _ in drops]
    before = _span(names[:boundary])
    return f"{note}; geography vintage differs between drops {before} and {_span(names[boundary:])}"


def _boundary(drops: Sequence[tuple[str, frozenset[str]]]) -> tuple[int, float]:
    """Return the boundary where most codes change, and which share of the codes does."""
    seen: dict[str, list[int]] = {}
    for position, (_, zones) in enumerate(drops):
        for zone in zones:
            seen.setdefault(zone, []).append(position)
    spans = [(at[0], at[-1]) for at in seen.values() if len(at) > 1]
    best = (0, 0.0)
    for boundary in range(2, len(drops) - 1):
        ended = sum(last == boundary - 1 for _, last in spans)
        begun = sum(first == boundary for first, _ in spans)
        share = min(ended, begun) / max(1, len(spans))
        best = max(best, (boundary, share), key=lambda found: found[1])
    return best


def _span(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]}..{names[-1]}"
