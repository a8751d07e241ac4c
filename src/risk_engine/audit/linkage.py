"""Audit of linkage: whose records could not be linked, and whose were missed or mixed up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import numpy as np
import pandas as pd
from scipy import stats

from risk_engine.audit.clustered import Rates
from risk_engine.audit.linkcases import (
    LinkCases,
    LinkErrors,
    expected_groups,
    per_member,
    share_counts,
)
from risk_engine.audit.linkerrors import MEASURES
from risk_engine.audit.linkwords import linkage_why
from risk_engine.audit.ratios import compare_shares
from risk_engine.audit.schema import RESULT_COLUMNS, UNKNOWN, in_order
from risk_engine.audit.statistics import Floats
from risk_engine.audit.verdicts import Comparison, judge, limit_of
from risk_engine.config.policy import AuditPolicy, PeopleMetric

#: Measures of linkage that are judged; B-cubed recall is shown beside them.
JUDGED = ("link_recall", "link_precision")
#: Columns of `linkage_by_group`; each share has its interval in ``<share>_low, <share>_high``.
SHARES = ("unlinkable", "weak", "recall", "record_recall", "precision")
COLUMNS = (
    *("attribute", "group", "records", "true_people"),
    *(f"{share}{end}" for share in SHARES for end in ("", "_low", "_high")),
)
SOURCE = "source"


def audit_linkage(
    links: pd.DataFrame,
    protected: pd.DataFrame,
    people: pd.DataFrame,
    *,
    policy: AuditPolicy,
    as_of: datetime,
    labels: pd.DataFrame | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Compare linkage error between groups of people.

    Missed links make one person look like several with little recorded each; wrong ones give a
    person what was recorded of another. Either can fall on one group more than on the others.

    Parameters
    ----------
    links
        ``record_id, person_id, method`` and perhaps ``weak`` (the record hangs on one weak link);
        one row a record.
    protected, people
        As in `characteristic_values`; a person in neither counts as ``Unknown``.
    policy
        Its comparisons of people name the attributes, references and expected groups; its section
        ``linkage`` the tolerances and whether they decide.
    as_of
        First instant not known, naive UTC.
    labels
        ``record_id, true_person``: records of which it is known whose they are (others stay out of
        recall and precision). None: neither is compared, unless the policy lets linkage decide;
        then it cannot be told.
    seed
        For the bootstrap, in which true people are what is drawn.

    Returns
    -------
    pandas.DataFrame
        `RESULT_COLUMNS`, subject ``linkage``. ``unlinkable`` and ``weak`` are shares of records
        with their ratio to the reference, its interval allowing for records of one person being
        alike (design effect, `clustered.Rates`). ``link_recall`` (share of the pairs of records of
        one true person that were found) and ``link_precision`` (share of the pairs joined that are
        of one true person) are by the group of the true person, and their ``value, low, high,
        tolerance`` are differences to the reference in points of 100.

    Raises
    ------
    InputError
        A column is missing, or a record is linked or labelled twice.
    """
    cases = LinkCases.of(links, protected, people, policy=policy, as_of=as_of, labels=labels)
    measured = labels is not None or policy.linkage.deciding
    tables: list[pd.DataFrame] = []
    for attribute, rule in expected_groups(policy).items():
        tables += _shares(cases, attribute, rule, policy)
        if measured:
            expected = {*rule.groups, rule.reference}
            errors = cases.errors(attribute, expected, seed=seed)
            tables += _errors(errors, attribute, rule, policy)
    return pd.concat(tables, ignore_index=True)[list(RESULT_COLUMNS)]


def linkage_by_group(
    links: pd.DataFrame,
    protected: pd.DataFrame,
    people: pd.DataFrame,
    *,
    policy: AuditPolicy,
    as_of: datetime,
    labels: pd.DataFrame | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Describe linkage for each group, and for each source, without a judgement.

    Parameters
    ----------
    links
        As in `audit_linkage`, and perhaps ``source``: the agency that a record is from.
    protected, people, policy, as_of, labels, seed
        As in `audit_linkage`.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`: counts of records and of labelled true people, and shares of 1 with intervals.
        ``record_recall`` (B-cubed) is the mean over records of the share of their person's records
        that are with them, which no single large person can carry. NaN where a share is not known:
        recall and precision without labels and by source. Groups in reading order.
    """
    cases = LinkCases.of(links, protected, people, policy=policy, as_of=as_of, labels=labels)
    tables = []
    for attribute, rule in expected_groups(policy).items():
        table = _described(cases.persons, cases.group_of[attribute], cases.shares, policy)
        if labels is not None:
            errors = cases.errors(attribute, {*rule.groups, rule.reference}, seed=seed)
            table = table.join(_described_errors(errors, policy), how="outer")
        tables.append(table.loc[in_order(table.index)].assign(attribute=attribute))
    if SOURCE in links.columns:
        tables.append(_by_source(links, policy).assign(attribute=SOURCE))
    result = pd.concat(tables).rename_axis("group").reset_index().reindex(columns=list(COLUMNS))
    counts = ["records", "true_people"]
    result[counts] = result[counts].fillna(0).astype("int64")
    return result.loc[(result[counts] > 0).any(axis=1)].reset_index(drop=True)


def _shares(
    cases: LinkCases, attribute: str, rule: PeopleMetric, policy: AuditPolicy
) -> Iterator[pd.DataFrame]:
    for name in cases.shares:
        counts = share_counts(cases.persons, cases.group_of[attribute], name)
        comparison = Comparison.linkage(
            name, policy.linkage, attribute=attribute, reference=rule.reference
        )
        yield compare_shares(counts, comparison, policy, expected=rule.groups, words=linkage_why)


def _errors(
    errors: LinkErrors, attribute: str, rule: PeopleMetric, policy: AuditPolicy
) -> Iterator[pd.DataFrame]:
    for name in JUDGED:
        comparison = Comparison.linkage(
            name, policy.linkage, attribute=attribute, reference=rule.reference
        )
        estimates = _points(errors, comparison, confidence=policy.confidence)
        named = estimates["group"].isin([*rule.groups, rule.reference])
        estimates = estimates[named | (estimates["at_risk"] > 0)]
        yield judge(estimates, comparison, policy, words=linkage_why)


def _points(errors: LinkErrors, comparison: Comparison, *, confidence: float) -> pd.DataFrame:
    """Return the estimates of a difference in points, one row a group."""
    rates, place = errors.rates[comparison.metric], errors.groups.index(comparison.reference)
    gap = 100 * (rates.rate - rates.rate[place])
    ends = errors.difference(comparison.metric, comparison.reference, confidence=confidence)
    low, high = (100 * end for end in ends)
    table = pd.DataFrame(
        {
            "group": errors.groups,
            "value": gap,
            "low": low,
            "high": high,
            "p_value": _p_value(gap, high, comparison, confidence=confidence),
            "n": rates.at_risk * rates.rate[place],
            "selected": rates.selected,
            "at_risk": rates.at_risk,
            "rate": rates.rate,
            "reference_selected": rates.selected[place],
            "reference_at_risk": rates.at_risk[place],
            "reference_rate": rates.rate[place],
        }
    )
    unjudged = table["group"].isin([comparison.reference, UNKNOWN])
    table.loc[unjudged, ["low", "high", "p_value"]] = np.nan
    table.loc[table["group"] == UNKNOWN, ["value", "n"]] = np.nan
    return table


def _p_value(gap: Floats, high: Floats, comparison: Comparison, *, confidence: float) -> Floats:
    """Test one-sided that the rate is lower by more than the tolerance: the interval, inverted."""
    limit = limit_of(comparison.tolerance, comparison.harm, in_points=True)
    error = (high - gap) / stats.norm.isf((1 - confidence) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = stats.norm.cdf((gap - limit) / error)
    return result


def _described(
    persons: pd.DataFrame, value: pd.Series, shares: list[str], policy: AuditPolicy
) -> pd.DataFrame:
    """Return records and shares of records by group."""
    table = pd.DataFrame()
    for name in shares:
        counts = share_counts(persons, value, name)
        rates = Rates(*(counts[part].to_numpy() for part in ("selected", "at_risk", "effect")))
        low, high = rates.interval(confidence=policy.confidence)
        columns = {name: rates.rate, f"{name}_low": low, f"{name}_high": high}
        found = pd.DataFrame({"records": rates.at_risk, **columns}, index=counts.index)
        table = found if table.empty else table.join(found[list(columns)])
    return table


def _described_errors(errors: LinkErrors, policy: AuditPolicy) -> pd.DataFrame:
    """Return labelled true people and what was found of them by group."""
    columns: dict[str, Floats] = {"true_people": errors.people}
    for measure in MEASURES:
        name = measure.removeprefix("link_")
        low, high = errors.interval(measure, confidence=policy.confidence)
        rate = errors.rates[measure].rate
        columns |= {name: rate, f"{name}_low": low, f"{name}_high": high}
    return pd.DataFrame(columns, index=pd.Index(errors.groups, name="group"))


def _by_source(links: pd.DataFrame, policy: AuditPolicy) -> pd.DataFrame:
    """Describe sources; what a person has in one source is one draw of that source."""
    members = per_member(links, ["person_id", SOURCE])
    source = members.index.get_level_values(SOURCE).to_series(index=members.index)
    shares = [name for name in ("unlinkable", "weak") if name in members.columns]
    return _described(members, source, shares, policy)
