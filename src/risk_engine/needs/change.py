"""Two counts beside each other: what may be said of the change, and what may not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

Floats = npt.NDArray[np.float64]

UP, DOWN, CANNOT_TELL, NOT_GIVEN = "up", "down", "cannot tell", "not given"
_CONFIDENCE = 0.95


def compare(count: pd.Series, before: pd.Series, *, seen: float = 1.0) -> pd.DataFrame:
    """Compare counts of two periods of the same length.

    Parameters
    ----------
    count, before
        Counts; missing where there is none.
    seen
        Share of the earlier period's offences that had been recorded when it was as old as the
        later one is now, from 0 to 1. "Down" is only said where late reports cannot explain it.

    Returns
    -------
    pandas.DataFrame
        ``change, change_low, change_high``: relative change (0.09 is 9 % more) with its exact 95 %
        interval; ``verdict``: ``up`` or ``down`` only where the interval excludes no change,
        ``cannot tell`` otherwise, ``not given`` where a count is missing or both are zero. No
        change is given from zero.

    Notes
    -----
    Given their sum the later count is binomial with a half if nothing changed (Clopper and
    Pearson). That takes offences as independent of each other; those that come in series make the
    true interval wider.

    Examples
    --------
    >>> made = compare(pd.Series([5049.0]), pd.Series([4628.0]))
    >>> made.round(3).to_numpy().tolist()
    [[0.091, 0.048, 0.136, 'up']]
    """
    a, b = (column.to_numpy(dtype=np.float64, na_value=np.nan) for column in (count, before))
    low, high = ratio_interval(a, b)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(b > 0, a / b - 1, np.nan)
    known = np.isfinite(low)
    verdict = np.select(
        [~known, low > 1, high < min(seen, 1.0)], [NOT_GIVEN, UP, DOWN], CANNOT_TELL
    )
    bounded = known & (b > 0)
    return pd.DataFrame(
        {
            "change": change,
            "change_low": np.where(bounded, low - 1, np.nan),
            "change_high": np.where(bounded, high - 1, np.nan),
            "verdict": verdict,
        },
        index=count.index,
    )


def ratio_interval(count: Floats, before: Floats) -> tuple[Floats, Floats]:
    """Return the exact 95 % interval of the ratio of two Poisson rates over equal times.

    NaN where a count is missing or both are zero; the upper end is infinite where only `before` is
    zero.
    """
    tail = (1 - _CONFIDENCE) / 2
    a, b = np.asarray(count, float), np.asarray(before, float)
    low = np.where(a > 0, stats.beta.ppf(tail, np.maximum(a, 1), b + 1), 0.0)
    high = np.where(b > 0, stats.beta.isf(tail, a + 1, np.maximum(b, 1)), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = low / (1 - low), high / (1 - high)
    known = np.isfinite(a) & np.isfinite(b) & (a + b > 0)
    return np.where(known, ends[0], np.nan), np.where(known, ends[1], np.nan)


def rate_interval(count: pd.Series, population: pd.Series) -> pd.DataFrame:
    """Return ``rate, rate_low, rate_high`` per 1,000 residents, exact at 95 %.

    Missing where the count is missing or nobody lives there.
    """
    tail = (1 - _CONFIDENCE) / 2
    n, people = (c.to_numpy(dtype=np.float64, na_value=np.nan) for c in (count, population))
    people = np.where(people > 0, people, np.nan)
    low = np.where(n > 0, stats.chi2.ppf(tail, 2 * np.maximum(n, 1)) / 2, np.where(n == 0, 0.0, n))
    high = stats.chi2.isf(tail, 2 * n + 2) / 2
    columns = {"rate": n, "rate_low": low, "rate_high": high}
    return pd.DataFrame({k: 1000 * v / people for k, v in columns.items()}, index=count.index)
