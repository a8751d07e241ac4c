"""How earlier lists did: the sentence and the table of the rolling measurement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from risk_engine.reports import formats as f
from risk_engine.reports.charts import period_labels
from risk_engine.reports.table import Row, Table, table

_RULES = ("placed_hits", "grid_hits", "count_hits")
_WORDS = {
    "placed": "Past events inside placed squares",
    "grid": "Past events inside grid squares",
    "count": "Past events inside squares by plain count",
}


def earlier(backtest: pd.DataFrame) -> pd.DataFrame:
    """Return the origins before the forecast period itself, oldest first."""
    if backtest.empty:
        return backtest
    past = backtest.loc[~backtest["is_forecast_period"].astype(bool)]
    return past.sort_values("origin", ignore_index=True)


def record_sentence(backtest: pd.DataFrame, period: str) -> str:
    """Say how many events earlier lists held, and how many a plain count would have held."""
    past = earlier(backtest)
    events = int(past["events"].sum()) if len(past) else 0
    if events == 0:
        return "Earlier lists could not be measured: no past period with enough data before it."
    hits, plain = int(past["placed_hits"].sum()), int(past["count_hits"].sum())
    return (
        f"Last {f.plural(len(past), period)}: {f.count(hits)} of {f.count(events)} events inside "
        f"the listed squares ({f.percent(hits / events, 1)}); a plain count of all history would "
        f"have held {f.count(plain)} ({f.percent(plain / events, 1)})."
    )


def forecast_facts(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the figures of the forecast as the hotspots room summed them up, in words."""
    pooled = summary.get("backtest") or {}
    calibration = summary.get("calibration") or {}
    found = [
        ("Events expected in the whole area", f.number(summary.get("expected_total"))),
        ("Expected in the listed places", f.number(summary.get("expected_on_list"))),
        *((words, _rate(pooled.get(rule))) for rule, words in _WORDS.items()),
        ("Placed squares over grid squares", _ratio(pooled)),
        ("Correction of expected counts", _factor(calibration)),
        ("Events used", f.count(summary.get("events_used"))),
    ]
    return [(name, value) for name, value in found if value != f.NONE]


def _rate(rule: Any) -> str:
    if not isinstance(rule, Mapping):
        return f.NONE
    low, high = rule.get("interval") or (None, None)
    return f.share_interval(rule.get("rate"), low, high)


def _ratio(pooled: Mapping[str, Any]) -> str:
    low, high = pooled.get("ratio_interval") or (None, None)
    return f.interval(pooled.get("ratio"), low, high, digits=2)


def _factor(calibration: Mapping[str, Any]) -> str:
    if f.missing(calibration.get("factor")):
        return f.NONE
    return (
        f"times {f.number(calibration['factor'], 2)} (earlier lists held "
        f"{f.count(calibration.get('observed'))} events where "
        f"{f.number(calibration.get('expected_uncorrected'))} were expected before correction)"
    )


def record_table(backtest: pd.DataFrame, *, period: str, zone: str) -> Table:
    """Build the table of all measured periods; the forecast period, where known, is marked."""
    heads = [period.capitalize(), "#Events", "#Placed squares", "#Grid squares", "#Plain count"]
    caption = "Events inside the listed squares, by rule and period, at the same area"
    if backtest.empty:
        return table(caption, heads, [], empty="No past period could be measured.")
    rows = backtest.sort_values("origin", ignore_index=True)
    labels = period_labels(rows["origin"], monthly=period == "month", zone=zone)
    body = [
        [_label(label, row), f.count(row["events"]), *(_hits(row, rule) for rule in _RULES)]
        for label, row in zip(labels, rows.to_dict("records"), strict=True)
    ]
    return table(caption, heads, body)


def _label(label: str, row: Row) -> str:
    return f"{label} (the forecast period)" if row["is_forecast_period"] else label


def _hits(row: Row, rule: str) -> str:
    hits, events = row.get(rule), row["events"]
    if f.missing(hits) or f.missing(events) or not events:
        return f.count(hits)
    return f"{f.count(hits)} ({f.percent(hits / events, 1)})"
