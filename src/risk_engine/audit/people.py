"""Audit of the list of people: relative rates and the share of later cases found, by group."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from risk_engine.audit.characteristics import characteristic_values
from risk_engine.audit.ratios import compare_shares
from risk_engine.audit.schema import RESULT_COLUMNS, require, require_unique
from risk_engine.audit.verdicts import Comparison
from risk_engine.config.policy import AuditPolicy


def audit_people(
    scores: pd.DataFrame,
    protected: pd.DataFrame,
    people: pd.DataFrame,
    *,
    origin_scores: pd.DataFrame | None,
    residents: pd.DataFrame | None,
    policy: AuditPolicy,
    as_of: datetime,
) -> pd.DataFrame:
    """Compare the list between groups, as the policy registered it.

    Parameters
    ----------
    scores
        ``person_id, selected``; one row an eligible person, all of them at risk of being listed.
    protected, people
        As in `characteristic_values`; a person in neither counts as ``Unknown``.
    origin_scores
        ``person_id, selected, label`` and perhaps ``as_of``, of the latest validation date; label
        is whether the outcome later happened. None: those comparisons cannot be told.
    residents
        ``group, residents`` by ethnicity, for the ratio by residents beside; None: left out.
    as_of
        First instant not known, naive UTC.

    Returns
    -------
    pandas.DataFrame
        `RESULT_COLUMNS`; one row a comparison and group, in the order of the policy. An expected
        group that is missing has a row that cannot tell.

    Raises
    ------
    InputError
        A column is missing, or a person is listed twice.
    """
    listed = values_of_listed(scores, protected, people, policy=policy, as_of=as_of)
    tried = values_of_cases(origin_scores, protected, people, policy=policy, as_of=as_of)
    cases = tried[tried["label"] == 1]
    tables = []
    for metric in policy.people:
        source = listed if metric.metric == "rri" else cases
        counts = _count(source[source["attribute"] == metric.attribute])
        comparison, expected = Comparison.people(metric), metric.groups
        tables.append(compare_shares(counts, comparison, policy, expected=expected))
        if residents is not None and (metric.attribute, metric.metric) == ("ethnicity", "rri"):
            beside = _by_residents(counts, residents)
            comparison = Comparison.people(metric, residents=True)
            tables.append(compare_shares(beside, comparison, policy, expected=expected))
    return pd.concat(tables, ignore_index=True)[list(RESULT_COLUMNS)]


def values_of_listed(
    scores: pd.DataFrame,
    protected: pd.DataFrame,
    people: pd.DataFrame,
    *,
    policy: AuditPolicy,
    as_of: datetime,
) -> pd.DataFrame:
    """Return ``attribute, value, selected``, one row an eligible person and attribute."""
    require(scores, ["person_id", "selected"], name="scores")
    require_unique(scores, "person_id", name="scores")
    whom = only(people, scores["person_id"])
    values = characteristic_values(protected, whom, policy, as_of)
    chosen = scores[["person_id", "selected"]].astype({"selected": bool})
    return values.merge(chosen, on="person_id")


def values_of_cases(
    origin_scores: pd.DataFrame | None,
    protected: pd.DataFrame,
    people: pd.DataFrame,
    *,
    policy: AuditPolicy,
    as_of: datetime,
) -> pd.DataFrame:
    """Return ``attribute, value, selected, label`` of an earlier list; no rows without one.

    Ages are as they were when that list was made, where it says so (``as_of``).
    """
    if origin_scores is None or origin_scores.empty:
        return pd.DataFrame({"attribute": [], "value": [], "selected": [], "label": []})
    require(origin_scores, ["person_id", "selected", "label"], name="origin_scores")
    require_unique(origin_scores, "person_id", name="origin_scores")
    age_at = origin_scores["as_of"].max() if "as_of" in origin_scores.columns else None
    whom = only(people, origin_scores["person_id"])
    values = characteristic_values(protected, whom, policy, as_of, age_at=age_at)
    chosen = origin_scores[["person_id", "selected", "label"]].astype({"selected": bool})
    return values.merge(chosen, on="person_id")


def only(people: pd.DataFrame, person_id: pd.Series) -> pd.DataFrame:
    """Keep those named; one without a row in `people` stays, with nothing known about them."""
    require(people, ["person_id", "birth_month"], name="people")
    require_unique(people, "person_id", name="people")
    return person_id.to_frame().merge(people[["person_id", "birth_month"]], "left", "person_id")


def _count(source: pd.DataFrame) -> pd.DataFrame:
    """Return ``selected, at_risk`` by group."""
    by_group = source.groupby("value")["selected"]
    return pd.DataFrame({"selected": by_group.sum(), "at_risk": by_group.size()}).astype(float)


def _by_residents(counts: pd.DataFrame, residents: pd.DataFrame) -> pd.DataFrame:
    require(residents, ["group", "residents"], name="residents")
    total = residents.groupby("group")["residents"].sum().astype(float)
    groups = counts.index.union(total.index)
    selected = counts["selected"].reindex(groups, fill_value=0.0)
    return pd.DataFrame({"selected": selected, "at_risk": total.reindex(groups, fill_value=0.0)})
