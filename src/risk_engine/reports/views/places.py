"""The page of places: the whole area, then each local area, then how the rule has done."""

from __future__ import annotations

from typing import Any

import geopandas as gpd

from risk_engine.reports import formats as f
from risk_engine.reports.charts import backtest_chart, period_labels
from risk_engine.reports.facts import WeekFacts
from risk_engine.reports.maps import area_map, force_map
from risk_engine.reports.table import Table
from risk_engine.reports.views.listing import ordered, place_table
from risk_engine.reports.views.record import earlier, forecast_facts, record_sentence, record_table


def context(facts: WeekFacts) -> dict[str, Any]:
    """Return what the page of places says."""
    force = ordered(facts.places, "force_rank")
    numbers = [int(rank) for rank in force["force_rank"]]
    return {
        "map": force_map(force, facts.areas, numbers) if len(force) else None,
        "table": _table(facts, force, numbers, None),
        "sections": [_section(facts, area) for area in facts.areas.to_dict("records")],
        "record": record_sentence(facts.backtest, facts.period),
        "record_chart": _chart(facts),
        "record_table": record_table(facts.backtest, period=facts.period, zone=facts.timezone),
        "clusters": _clusters(facts),
        "forecast": forecast_facts(facts.hotspot_summary),
        "excluded": _excluded(facts),
    }


def _section(facts: WeekFacts, area: dict[str, Any]) -> dict[str, Any]:
    code, name = str(area["area_code"]), str(area["name"])
    own = ordered(facts.places.loc[facts.places["area_code"] == code], "area_rank")
    numbers = [int(rank) for rank in own["area_rank"]]
    return {
        "name": name,
        "id": f.slug(name),
        "count": f.plural(len(own), "place"),
        "map": area_map(own, facts.areas, code=code, numbers=numbers) if len(own) else None,
        "table": _table(facts, own, numbers, name),
    }


def _table(facts: WeekFacts, rows: gpd.GeoDataFrame, numbers: list[int], area: str | None) -> Table:
    names = dict(zip(facts.areas["area_code"], facts.areas["name"], strict=True))
    return place_table(
        rows,
        numbers,
        caption=f"{area or 'The whole area'}: places by priority, {facts.period_label}",
        as_of=facts.as_of,
        names=None if area else names,
    )


def _chart(facts: WeekFacts) -> Any:
    past = earlier(facts.backtest)
    if len(past) < 2:
        return None
    monthly = facts.period == "month"
    labels = period_labels(past["origin"], monthly=monthly, zone=facts.timezone)
    return backtest_chart(past, labels if monthly else [_week(label) for label in labels])


def _week(label: str) -> str:
    """Leave out the weekday and the year: the axis is short."""
    return " ".join(label.split()[1:3])


def _excluded(facts: WeekFacts) -> list[str]:
    """Say which places a person keeps off the lists, and why."""
    return [
        f"{stated['reason']} (by {stated['by']}, until {stated.get('until') or 'further notice'})"
        for stated in facts.hotspot_summary.get("exclusions", [])
    ]


def _clusters(facts: WeekFacts) -> str:
    if facts.places.empty:
        return "No place is listed, so no cluster of recent events is either."
    from_clusters = int(facts.places["basis"].isin(["cluster", "both"]).sum())
    own = int((facts.places["basis"] == "cluster").sum())
    return (
        f"{f.count(from_clusters)} of {f.plural(len(facts.places), 'listed place')} "
        f"{'holds' if from_clusters == 1 else 'hold'} a cluster of recent events; {f.count(own)} "
        "of them would not be listed without it. A cluster is called above expected only where its "
        "recent count exceeds what its own past leads one to expect, after correction for the "
        "number of clusters looked at."
    )
