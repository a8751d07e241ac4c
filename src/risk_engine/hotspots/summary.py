"""The facts of a run in plain types, for reports and logs."""

from __future__ import annotations

from typing import Any

import pandas as pd

from risk_engine.calendar import Period
from risk_engine.config import HotspotSpec
from risk_engine.hotspots.calibration import Calibration, rate_interval, ratio_interval
from risk_engine.hotspots.history import History
from risk_engine.hotspots.listing import Listing, in_force

_RULES = ("placed", "grid", "count")


def summarise(
    history: History,
    listing: Listing,
    tested: pd.DataFrame,
    calibration: Calibration,
    *,
    dropped: dict[str, int],
    period: Period,
    spec: HotspotSpec,
) -> dict[str, Any]:
    """Return the run's facts: counts, list sizes, calibration, measured rates with intervals.

    ``backtest`` pools the origins before the forecast period, ``forecast_period`` is the period
    itself or None; rates carry 95 % intervals, the ratio one for paired proportions.
    """
    days = period.days(history.as_of)
    places, clusters = listing.places, listing.clusters
    past = tested[~tested["is_forecast_period"]]
    return {
        "spec": spec.name,
        "as_of": history.as_of.isoformat(),
        "period": period.kind,
        "ends": period.shift(history.as_of, 1).isoformat(),
        "covered": [[start.isoformat(), end.isoformat()] for start, end in history.covered],
        "recent_from": history.recent_from(spec.clusters.recent.days).isoformat(),
        "events_used": len(history.events),
        "rows_left_out": dropped,
        "expected_total": history.rate * days,
        "places": len(places),
        "force_area": int(places["force_rank"].notna().sum()),
        "per_area": {str(code): int(n) for code, n in places.groupby("area_code").size().items()},
        "expected_on_list": float(places["expected"].sum()),
        "clusters": len(clusters),
        "above_expected": int(clusters["above_expected"].sum()),
        "calibration": {
            "factor": calibration.factor,
            "expected_uncorrected": calibration.expected,
            "observed": calibration.observed,
            "expected_corrected_by_earlier_origins": float(past["expected"].sum()),
        },
        "backtest": _pooled(past),
        "forecast_period": _pooled(tested[tested["is_forecast_period"]]),
        "left": listing.left,
        "exclusions": [
            e.model_dump(mode="json") for e in in_force(spec.exclusions, history.as_of.date())
        ],
    }


def _pooled(rows: pd.DataFrame) -> dict[str, Any] | None:
    if rows.empty:
        return None
    events = int(rows["events"].sum())
    facts: dict[str, Any] = {
        "origins": len(rows),
        "squares": int(rows["squares"].max()),
        "area_share": float(rows["area_share"].mean()),
        "events": events,
        "expected": float(rows["expected"].sum()),
    }
    for rule in _RULES:
        hits = int(rows[f"{rule}_hits"].sum())
        facts[rule] = {
            "hits": hits,
            "rate": hits / events,
            "interval": list(rate_interval(hits, events)),
            "pai": float(rows[f"{rule}_pai"].mean()),
        }
    interval = ratio_interval(rows)
    grid = facts["grid"]["hits"]
    facts["ratio"] = facts["placed"]["hits"] / grid if grid else None
    facts["ratio_interval"] = list(interval) if interval else None
    return facts
