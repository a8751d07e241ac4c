"""Audit of the list of places: how many residents of each group live in them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from risk_engine.audit.bootstrap import resample
from risk_engine.audit.burden import Burden, measure
from risk_engine.audit.schema import RESULT_COLUMNS, UNKNOWN, in_order
from risk_engine.audit.verdicts import Comparison, judge
from risk_engine.config.policy import AuditPolicy, PlaceMetric

#: Fewer listed places than this say too little about the next list for an interval.
FEWEST_PLACES = 10
DRAWS = 2_000


def audit_places(
    places: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    population: pd.DataFrame,
    *,
    policy: AuditPolicy,
    seed: int,
) -> pd.DataFrame:
    """Compare groups by the share of their residents who live in listed places.

    Parameters
    ----------
    places
        ``geometry``: the listed places; parts that two share count once.
    zones
        ``zone_code, area_code, geometry``: census zones and the local area of each.
    population
        ``zone_code, group, residents``; zones without a polygon are left out.
    seed
        For the bootstrap, in which the places are what is drawn.

    Returns
    -------
    pandas.DataFrame
        `RESULT_COLUMNS`, in the order of the policy. ``rate`` is residents in listed places over
        residents. ``value`` of ``burden_within_areas`` is the ratio of the group's rate to the one
        it would have if the listed residents of each local area were drawn regardless of group,
        over the same of the reference. With fewer than ten places there is no interval.

    Raises
    ------
    InputError
        A column is missing, a zone is given twice, or the maps are not in one projected system.
    """
    burden = measure(places, zones, population)
    tables = [
        judge(
            _estimates(burden, metric, confidence=policy.confidence, seed=seed),
            Comparison.places(metric),
            policy,
            note=burden.note,
        )
        for metric in policy.places
    ]
    columns = list(RESULT_COLUMNS)
    return (
        pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)
    )


def _estimates(
    burden: Burden, metric: PlaceMetric, *, confidence: float, seed: int
) -> pd.DataFrame:
    table = _described(burden)
    if metric.reference not in table.index:
        table = table.reindex(in_order([*table.index, metric.reference]))
        table[["selected", "at_risk"]] = table[["selected", "at_risk"]].fillna(0.0)
    reference = table.loc[metric.reference]
    for column in ("selected", "at_risk", "rate", "even_rate"):
        table[f"reference_{column}"] = reference[column]
    _add_ratios(table, burden, metric, confidence=confidence, seed=seed)
    table.loc[table.index == UNKNOWN, ["value", "low", "high", "p_value", "n"]] = np.nan
    table.loc[metric.reference, ["low", "high", "p_value"]] = np.nan
    return table.reset_index()


def _described(burden: Burden) -> pd.DataFrame:
    living, residents = burden.living.sum(axis=0), burden.residents
    everyone = residents.sum()
    with np.errstate(invalid="ignore"):
        return pd.DataFrame(
            {
                "selected": living,
                "at_risk": residents,
                "rate": np.where(residents > 0, living / residents, np.nan),
                "even_rate": np.where(residents > 0, burden.even.sum(axis=0) / residents, np.nan),
                "n": len(burden.living) * residents / everyone if everyone else np.nan,
            },
            index=pd.Index(burden.groups, name="group"),
        )


def _add_ratios(
    table: pd.DataFrame, burden: Burden, metric: PlaceMetric, *, confidence: float, seed: int
) -> None:
    table[["value", "low", "high", "p_value"]] = np.nan
    count = len(burden.living)
    if metric.reference not in burden.groups or not count:
        return
    groups, against = burden.groups, burden.groups.index(metric.reference)
    within = metric.metric == "burden_within_areas"
    # A constant divisor is one that every place adds the same part of.
    divisor = burden.even if within else np.tile(burden.residents / count, (count, 1))
    drawn = resample(burden.living, divisor, reference=against, draws=DRAWS, seed=seed)
    table.loc[groups, "value"] = np.exp(drawn.log_ratio)
    if count >= FEWEST_PLACES:
        table.loc[groups, "low"], table.loc[groups, "high"] = drawn.interval(confidence=confidence)
        p_value = drawn.p_value(tolerance=metric.tolerance, harm=metric.harm)
        table.loc[groups, "p_value"] = p_value
