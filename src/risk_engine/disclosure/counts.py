"""One table whose totals are known.

A count under the threshold is hidden (*primary*). Where the total of a column is known, one hidden
cell is the total less the others, so more cells are hidden until none can be worked out
(*secondary*). What was computed from a hidden cell is hidden with it, since a rate times its
denominator is the count again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_engine.errors import InputError, suggest

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: What stands in place of a hidden cell that is not itself known to be small.
HIDDEN = "hidden"


@dataclass
class _Column:
    """One column of counts while it is being protected."""

    counts: Floats
    primary: Flags
    hidden: Flags
    blanket: Flags = field(init=False)

    def __post_init__(self) -> None:
        self.blanket = np.zeros(len(self.counts), dtype=bool)


def protect_counts(
    frame: pd.DataFrame,
    *,
    count_columns: Sequence[str],
    derived: Mapping[str, Sequence[str]] | None = None,
    totals: Sequence[Sequence[str]] = ((),),
    rates: Mapping[str, str] | None = None,
    threshold: int,
    rate_denominator: int = 100,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hide small counts, whatever gives them away, and rates on few people.

    Parameters
    ----------
    frame
        The table as it would leave; never changed.
    count_columns
        Columns of whole numbers of people, zero or more; a missing count stays missing.
    derived
        Count column -> columns computed from it (rates, ratios, texts), hidden in the same rows.
    totals
        The margins a reader knows: each is a list of columns, and the total of every count column
        is known for each combination of their values. ``[]``, the whole table, is the default.
    rates
        Rate column -> the count column that is its denominator.
    threshold
        Counts from 1 to ``threshold - 1`` are hidden; a true zero is shown unless it must hide
        another cell.
    rate_denominator
        Rates with fewer people below the line are hidden.

    Returns
    -------
    frame, log : tuple of pandas.DataFrame
        The table with hidden cells null and, for each count column, ``<column>_text`` for print
        (the count, "fewer than 6", or "hidden"); and one row a hidden cell: ``column, row, rule``,
        where row is the row's position. The log holds no value.

    Raises
    ------
    InputError
        A column is missing, or a count is below zero or not a whole number.

    Notes
    -----
    Protected against: subtraction from the margins named in `totals`, and counts that have only one
    possible value because every hidden cell of a margin is at its limit. Not against a printed
    total that is itself under the threshold, which must be hidden as any small count, nor against
    sums across columns (selected + not selected = all): give out one of the two.
    """
    derived, rates = dict(derived or {}), dict(rates or {})
    _check(frame, count_columns, derived, totals, rates)
    result, log = frame.copy(), []
    margins = [_groups(frame, columns) for columns in totals]
    for name in count_columns:
        column = _protect(
            frame[name].to_numpy(dtype=np.float64, na_value=np.nan), margins, threshold
        )
        log += _hide(result, name, column, threshold)
        log += _hide_derived(result, derived.get(name, ()), name, column.hidden)
    for rate, denominator in rates.items():
        enough = frame[denominator].to_numpy(dtype=np.float64, na_value=np.nan) >= rate_denominator
        few = ~enough & result[rate].notna().to_numpy()
        rule = f"rate on fewer than {rate_denominator}"
        result[rate] = result[rate].mask(few)
        log += [(rate, int(row), rule) for row in np.flatnonzero(few)]
    return result, pd.DataFrame(log, columns=["column", "row", "rule"])


def _protect(counts: Floats, margins: list[list[npt.NDArray[np.intp]]], threshold: int) -> _Column:
    """Hide until no margin gives a cell away; each round hides more, so it ends."""
    primary = (counts > 0) & (counts < threshold)
    column = _Column(counts, primary, primary.copy())
    changed = True
    while changed:
        before = column.hidden.copy(), column.blanket.copy()
        for rows in (rows for groups in margins for rows in groups):
            _protect_margin(column, rows, threshold)
        changed = bool((before[0] != column.hidden).any() or (before[1] != column.blanket).any())
    return column


def _protect_margin(column: _Column, rows: npt.NDArray[np.intp], threshold: int) -> None:
    while _gives_away(column, rows, threshold):
        open_ = rows[~column.hidden[rows] & (column.counts[rows] > 0)]
        if len(open_):
            # The smallest open cell costs least; rows in order settle ties.
            column.hidden[open_[np.argmin(column.counts[open_])]] = True
            continue
        # Only zeros are left to hide behind: hide all of them and say of none which is small.
        known = rows[np.isfinite(column.counts[rows])]
        column.hidden[known] = column.blanket[known] = True
        return


def _gives_away(column: _Column, rows: npt.NDArray[np.intp], threshold: int) -> bool:
    """Whether a reader who knows the total can work out a hidden cell of these rows."""
    hidden = rows[column.hidden[rows]]
    everything = len(hidden) == np.isfinite(column.counts[rows]).sum()
    if not len(hidden) or (everything and column.blanket[hidden].all()):
        return False  # nothing to find, or nothing more to hide
    low = np.where(column.primary[hidden], 1.0, float(threshold))
    high = np.where(column.primary[hidden], threshold - 1.0, np.inf)
    low, high = (np.where(column.blanket[hidden], x, y) for x, y in ((0.0, low), (np.inf, high)))
    total = column.counts[hidden].sum()
    least = np.maximum(low, total - _of_the_others(high))
    most = np.minimum(high, total - _of_the_others(low))
    return bool((least >= most).any())


def _of_the_others(limits: Floats) -> Floats:
    """Return, for each cell, the sum of the limits of all others (which may be infinite)."""
    endless = np.isinf(limits)
    finite = np.where(endless, 0.0, limits)
    more = endless.sum() - endless > 0
    return np.where(more, np.inf, finite.sum() - finite)


def _hide(
    result: pd.DataFrame, name: str, column: _Column, threshold: int
) -> list[tuple[str, int, str]]:
    small = f"fewer than {threshold}"
    shown = [f"{count:,.0f}" if np.isfinite(count) else "" for count in column.counts]
    text = np.where(column.hidden, HIDDEN, np.array(shown, dtype=object))
    text = np.where(column.primary & ~column.blanket, small, text)
    result[name] = result[name].astype("Int64").mask(column.hidden)
    result[f"{name}_text"] = pd.Series(text, index=result.index).astype("str")
    return [
        (name, int(row), small if column.primary[row] else "secondary")
        for row in np.flatnonzero(column.hidden)
    ]


def _hide_derived(
    result: pd.DataFrame, columns: Sequence[str], source: str, hidden: Flags
) -> list[tuple[str, int, str]]:
    log = []
    for name in columns:
        result[name] = result[name].mask(hidden)
        log += [(name, int(row), f"computed from {source}") for row in np.flatnonzero(hidden)]
    return log


def _groups(frame: pd.DataFrame, columns: Sequence[str]) -> list[npt.NDArray[np.intp]]:
    """Return the row positions of each known total."""
    if not columns:
        return [np.arange(len(frame))]
    grouped = frame.groupby(list(columns), dropna=False, sort=True)
    return [np.sort(rows) for rows in grouped.indices.values()]


def _check(
    frame: pd.DataFrame,
    counts: Sequence[str],
    derived: Mapping[str, Sequence[str]],
    totals: Sequence[Sequence[str]],
    rates: Mapping[str, str],
) -> None:
    named = [*counts, *derived, *rates, *rates.values()]
    named += [name for names in [*derived.values(), *totals] for name in names]
    for name in named:
        if name not in frame.columns:
            hint = suggest(name, map(str, frame.columns))
            raise InputError(f"disclosure: no column '{name}'{hint}", code="DISCLOSURE_COLUMN")
    for name in counts:
        values = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
        values = values[~np.isnan(values)]
        if not (np.isfinite(values) & (values >= 0) & (values == np.round(values))).all():
            raise InputError(
                f"disclosure: column '{name}' is not all whole numbers from zero up",
                code="DISCLOSURE_COUNT",
                hint="name counts of people only; list what is computed from them under derived",
            )
