"""Notices that the drops of one source use zone codes of different vintages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

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
    found = boundary([zones for _, zones in drops])
    if found is None:
        return f"{note}, one vintage as far as the drops show"
    names = [name for name, _ in drops]
    before, after = _span(names[:found]), _span(names[found:])
    return f"{note}; geography vintage differs between drops {before} and {after}"


def boundary(drops: Sequence[frozenset[str]]) -> int | None:
    """Return the position of the first drop of a new vintage.

    Parameters
    ----------
    drops
        Distinct codes of each drop, in order of time.

    Returns
    -------
    int or None
        Where most codes change; None where too few do, or with fewer than two drops on a side.
    """
    seen: dict[str, list[int]] = {}
    for position, zones in enumerate(drops):
        for zone in zones:
            seen.setdefault(zone, []).append(position)
    spans = [(at[0], at[-1]) for at in seen.values() if len(at) > 1]
    if not spans or len(drops) < 4:  # two drops on either side
        return None
    first, last = np.array(spans).T
    begun = np.bincount(first, minlength=len(drops))
    ended = np.bincount(last, minlength=len(drops))
    changed = np.minimum(ended[1:-2], begun[2:-1])
    best = int(changed.argmax())
    return best + 2 if changed[best] > _SHARE * len(spans) else None


def _span(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]}..{names[-1]}"
