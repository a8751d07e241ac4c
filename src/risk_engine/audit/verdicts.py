"""From estimates to verdicts in three states, and the rows that say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
from risk_engine.config.policy import AuditPolicy, PeopleMetric, PlaceMetric


@dataclass(frozen=True)
class Comparison:
    """What is compared and what was agreed on beforehand."""

    subject: Literal["people", "places"]
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


def decide(
    *,
    low: npt.ArrayLike,
    high: npt.ArrayLike,
    p_holm: npt.ArrayLike,
    events: npt.ArrayLike,
    tolerance: float,
    harm: Harm,
    alpha: float,
) -> npt.NDArray[np.str_]:
    """Return the verdict of each group.

    *fail*: the interval lies wholly beyond the tolerance in the harmful direction, and the p-value
    after Holm is at most `alpha`. *pass*: the interval lies inside the tolerance on the harmful
    side. *cannot tell*: anything else, and always without `events` (the smaller number selected of
    the group and its reference).
    """
    low, high, p = (np.asarray(x, dtype=np.float64) for x in (low, high, p_holm))
    usable = np.isfinite(low) & np.isfinite(high) & (np.asarray(events, dtype=np.float64) > 0)
    beyond = low > tolerance if harm == "higher" else high < 1 / tolerance
    inside = high <= tolerance if harm == "higher" else low >= 1 / tolerance
    return np.select([usable & beyond & (p <= alpha), usable & inside], [FAIL, PASS], CANNOT_TELL)


def judge(
    estimates: pd.DataFrame, comparison: Comparison, policy: AuditPolicy, *, note: str = ""
) -> pd.DataFrame:
    """Turn the estimates of one comparison into rows of results.

    Parameters
    ----------
    estimates
        One row a group, the reference and perhaps ``Unknown`` among them: ``group, value, low,
        high, p_value, n, selected, at_risk, rate, reference_*``, and the bounds where they exist.
    note
        A sentence about the data that every reader of this comparison needs.

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
    texts = [why(row) for row in rows.to_dict("records")]
    rows["why"] = [f"{text} {note}".strip() for text in texts]
    return rows.reindex(columns=list(RESULT_COLUMNS))


def _verdicts(
    rows: pd.DataFrame, comparison: Comparison, policy: AuditPolicy
) -> npt.NDArray[np.str_]:
    return decide(
        low=rows["low"],
        high=rows["high"],
        p_holm=rows["p_holm"],
        events=rows[["selected", "reference_selected"]].min(axis=1, skipna=False),
        tolerance=comparison.tolerance,
        harm=comparison.harm,
        alpha=policy.family_alpha,
    )


def _holm_over(p_values: Floats, judged: npt.NDArray[np.bool_]) -> Floats:
    """Adjust over the judged groups; a group without a test counts in the family with p = 1."""
    result = np.full(len(p_values), np.nan)
    result[judged] = holm(np.nan_to_num(p_values[judged], nan=1.0))
    return result
