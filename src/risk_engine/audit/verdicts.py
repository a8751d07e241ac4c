"""From estimates to verdicts in three states, and the rows that say so."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_engine.audit.schema import (
    CANNOT_TELL,
    FAIL,
    PASS,
    REFERENCE,
    RESULT_COLUMNS,
    UNKNOWN,
    in_order,
)
from risk_engine.audit.statistics import Floats, Harm, holm
from risk_engine.audit.words import why
from risk_engine.config.policy import AuditPolicy, LinkageTolerance, PeopleMetric, PlaceMetric

#: Metrics that are compared by their difference, in points of 100; the others by their ratio.
IN_POINTS = frozenset({"link_recall", "link_precision"})


@dataclass(frozen=True)
class Comparison:
    """What is compared and what was agreed on beforehand."""

    subject: Literal["people", "places", "linkage"]
    attribute: str
    metric: str
    reference: str
    tolerance: float
    harm: Harm
    deciding: bool

    @classmethod
    def people(cls, metric: PeopleMetric, *, residents: bool = False) -> Comparison:
        """Build from the policy; by residents it is printed beside and never decides."""
        return cls(
            subject="people",
            attribute=metric.attribute,
            metric="rri_residents" if residents else metric.metric,
            reference=metric.reference,
            tolerance=metric.tolerance,
            harm=metric.harm,
            deciding=metric.deciding and not residents,
        )

    @classmethod
    def places(cls, metric: PlaceMetric) -> Comparison:
        """Build from the policy."""
        return cls(
            subject="places",
            attribute=metric.attribute,
            metric=metric.metric,
            reference=metric.reference,
            tolerance=metric.tolerance,
            harm=metric.harm,
            deciding=metric.deciding,
        )

    @classmethod
    def linkage(
        cls, metric: str, agreed: LinkageTolerance, *, attribute: str, reference: str
    ) -> Comparison:
        """Build from the policy: the reference is that of the comparisons of people."""
        in_points = metric in IN_POINTS
        return cls(
            subject="linkage",
            attribute=attribute,
            metric=metric,
            reference=reference,
            tolerance=agreed.points if in_points else agreed.ratio,
            harm="lower" if in_points else "higher",
            deciding=agreed.deciding,
        )

    @property
    def in_points(self) -> bool:
        """Whether the value is a difference in points of 100 and not a ratio."""
        return self.metric in IN_POINTS


def limit_of(tolerance: float, harm: Harm, *, in_points: bool = False) -> float:
    """Return the value beyond which harm is called.

    >>> limit_of(1.25, "lower"), limit_of(2, "lower", in_points=True)
    (0.8, -2)
    """
    if harm == "higher":
        return tolerance
    return -tolerance if in_points else 1 / tolerance


def decide(
    *,
    low: npt.ArrayLike,
    high: npt.ArrayLike,
    p_holm: npt.ArrayLike,
    events: npt.ArrayLike,
    tolerance: float,
    harm: Harm,
    alpha: float,
    in_points: bool = False,
) -> npt.NDArray[np.str_]:
    """Return the verdict of each group.

    *fail*: the interval lies wholly beyond the tolerance in the harmful direction, and the p-value
    after Holm is at most `alpha`. *pass*: the interval lies inside the tolerance on the harmful
    side. *cannot tell*: anything else, and always without `events` (the smaller number of the group
    and its reference: selected where ratios are compared, at risk where differences `in_points`).
    """
    low, high, p = (np.asarray(x, dtype=np.float64) for x in (low, high, p_holm))
    usable = np.isfinite(low) & np.isfinite(high) & (np.asarray(events, dtype=np.float64) > 0)
    limit = limit_of(tolerance, harm, in_points=in_points)
    beyond = low > limit if harm == "higher" else high < limit
    inside = high <= limit if harm == "higher" else low >= limit
    return np.select([usable & beyond & (p <= alpha), usable & inside], [FAIL, PASS], CANNOT_TELL)


def judge(
    estimates: pd.DataFrame,
    comparison: Comparison,
    policy: AuditPolicy,
    *,
    note: str = "",
    words: Callable[[Mapping[Hashable, Any]], str] = why,
) -> pd.DataFrame:
    """Turn the estimates of one comparison into rows of results.

    Parameters
    ----------
    estimates
        One row a group, the reference and perhaps ``Unknown`` among them: ``group, value, low,
        high, p_value, n, selected, at_risk, rate, reference_*``, and the bounds where they exist.
    note
        A sentence about the data that every reader of this comparison needs.
    words
        Says a row of results in words.

    Returns
    -------
    pandas.DataFrame
        `RESULT_COLUMNS`, groups in reading order.
    """
    rows = estimates.set_index("group").loc[in_order(estimates["group"])].reset_index()
    rows = rows.assign(
        subject=comparison.subject,
        attribute=comparison.attribute,
        metric=comparison.metric,
        reference=comparison.reference,
        tolerance=comparison.tolerance,
        harm=comparison.harm,
    )
    unknown = (rows["group"] == UNKNOWN).to_numpy()
    judged = ~unknown & (rows["group"] != comparison.reference).to_numpy()
    rows["p_holm"] = _holm_over(rows["p_value"].to_numpy(dtype=np.float64), judged)
    rows["verdict"] = np.where(judged, _verdicts(rows, comparison, policy), REFERENCE)
    rows.loc[unknown, "verdict"] = CANNOT_TELL
    if not judged.any():  # nobody to compare with: the reference alone must not look like a pass
        rows["verdict"], judged = CANNOT_TELL, ~unknown
    rows["deciding"] = comparison.deciding & judged
    texts = [words(row) for row in rows.to_dict("records")]
    rows["why"] = [f"{text} {note}".strip() for text in texts]
    return rows.reindex(columns=list(RESULT_COLUMNS))


def _verdicts(
    rows: pd.DataFrame, comparison: Comparison, policy: AuditPolicy
) -> npt.NDArray[np.str_]:
    counted = "at_risk" if comparison.in_points else "selected"
    return decide(
        low=rows["low"],
        high=rows["high"],
        p_holm=rows["p_holm"],
        events=rows[[counted, f"reference_{counted}"]].min(axis=1, skipna=False),
        tolerance=comparison.tolerance,
        harm=comparison.harm,
        alpha=policy.family_alpha,
        in_points=comparison.in_points,
    )


def _holm_over(p_values: Floats, judged: npt.NDArray[np.bool_]) -> Floats:
    """Adjust over the judged groups; a group without a test counts in the family with p = 1."""
    result = np.full(len(p_values), np.nan)
    result[judged] = holm(np.nan_to_num(p_values[judged], nan=1.0))
    return result
