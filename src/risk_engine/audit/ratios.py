"""One comparison of shares between groups, from counts to judged rows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from risk_engine.audit.schema import UNKNOWN, in_order
from risk_engine.audit.statistics import (
    Counts,
    ratio,
    ratio_interval,
    ratio_p_value,
    unknown_bounds,
)
from risk_engine.audit.verdicts import Comparison, judge
from risk_engine.audit.words import why
from risk_engine.config.policy import AuditPolicy

#: What the reference and the unknown have none of.
UNJUDGED = ("low", "high", "p_value", "bound_low", "bound_high")


def compare_shares(
    counts: pd.DataFrame,
    comparison: Comparison,
    policy: AuditPolicy,
    *,
    expected: Iterable[str],
    words: Callable[[Mapping[Hashable, Any]], str] = why,
) -> pd.DataFrame:
    """Compare the share selected of each group with that of the reference.

    Parameters
    ----------
    counts
        Indexed by group: ``selected, at_risk`` and perhaps ``effect``, a design effect by which
        both are divided where it is said how sure the ratio is (see `clustered.Rates`).
    expected
        Groups that have a row even where nobody belongs to them.
    words
        Says a row of results in words.

    Returns
    -------
    pandas.DataFrame
        `RESULT_COLUMNS`, groups in reading order.
    """
    groups = in_order({*expected, comparison.reference} | _present(counts))
    own = counts.reindex(groups, fill_value=0.0)
    reference = own.loc[[comparison.reference]]
    table = Counts.of(own["selected"], own["at_risk"], reference["selected"], reference["at_risk"])
    estimates = _estimates(own.index, table, _sure(table, own, reference), comparison, policy)
    if UNKNOWN in own.index:
        _add_bounds(estimates, table, own.loc[[UNKNOWN]])
    is_reference = estimates["group"] == comparison.reference
    is_unknown = estimates["group"] == UNKNOWN
    estimates.loc[is_reference | is_unknown, [*UNJUDGED]] = np.nan
    estimates.loc[is_unknown, ["value", "n"]] = np.nan
    return judge(estimates, comparison, policy, words=words)


def _present(counts: pd.DataFrame) -> set[str]:
    return set(counts.index[counts["at_risk"] + counts["selected"] > 0])


def _sure(table: Counts, own: pd.DataFrame, reference: pd.DataFrame) -> Counts:
    """Return as many independent records as say the same."""
    if "effect" not in own.columns:
        return table
    effect, against = (np.maximum(part["effect"].to_numpy(), 1.0) for part in (own, reference))
    return Counts.of(
        table.selected / effect,
        table.at_risk / effect,
        table.reference_selected / against,
        table.reference_at_risk / against,
    )


def _estimates(
    groups: pd.Index, counts: Counts, sure: Counts, comparison: Comparison, policy: AuditPolicy
) -> pd.DataFrame:
    low, high = ratio_interval(sure, confidence=policy.confidence)
    rate, reference_rate = counts.rates
    whole, limit = sure.whole(comparison.harm), comparison.tolerance
    return pd.DataFrame(
        {
            "group": groups,
            "value": ratio(counts),
            "low": low,
            "high": high,
            "p_value": ratio_p_value(whole, tolerance=limit, harm=comparison.harm),
            "n": counts.at_risk * reference_rate,
            "selected": counts.selected,
            "at_risk": counts.at_risk,
            "rate": rate,
            "reference_selected": counts.reference_selected,
            "reference_at_risk": counts.reference_at_risk,
            "reference_rate": reference_rate,
        }
    )


def _add_bounds(estimates: pd.DataFrame, counts: Counts, unknown: pd.DataFrame) -> None:
    estimates["bound_low"], estimates["bound_high"] = unknown_bounds(
        counts,
        unknown_selected=float(unknown["selected"].sum()),
        unknown_at_risk=float(unknown["at_risk"].sum()),
    )
