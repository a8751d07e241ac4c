"""Places are forecast, clustered, ranked and given their reasons."""

from __future__ import annotations

from datetime import datetime

import geopandas as gpd
import ibis.expr.types as ir
import pandas as pd

from risk_engine import features, hotspots
from risk_engine.chapters.desk import Desk, plain
from risk_engine.events import matches
from risk_engine.runs import Facts


def hotspots_chapter(desk: Desk) -> Facts:
    """Forecast, cluster and rank places, and measure the rule on the periods before."""
    settings, events = desk.settings, desk.scan("events")
    counted = events.filter(matches(events, settings.definition), events.easting.notnull())
    columns = ["event_id", "incident_id", "occurred_at", "known_at", "precision", "easting"]
    points = counted.select(*columns, "northing", "area_code", "kind").order_by("event_id")
    found = hotspots.find(
        points.execute(),
        as_of=desk.as_of,
        period=settings.config.period,
        spec=settings.hotspots,
        areas=desk.areas,
        config=settings.areas,
        covered=_covered(desk, events, counted),
        seed=settings.config.seed,
    )
    places = found.places.assign(reasons=_place_reasons(desk, found.places))
    desk.run.write("places", places, order_by=["rank"])
    desk.run.write("cells", found.cells)
    desk.run.write("clusters", found.clusters)
    desk.run.write("backtest", found.backtest)
    desk.run.write("areas", desk.areas.frame)
    return {
        **plain(found.summary),
        "expected_by_area": _expected_by_area(desk, found.cells),
        "excluded": [f"{e['reason']} ({e['by']})" for e in found.summary["exclusions"]],
        "sentence": _hotspots_sentence(found.summary),
    }


def _covered(desk: Desk, events: ir.Table, counted: ir.Table) -> list[tuple[datetime, datetime]]:
    """Return the periods for which the sources that are counted sent anything at all."""
    sources = counted.select("source").distinct().execute()["source"].tolist()
    sent = events.filter(events.source.isin(sources))
    hours = sent.select(hour=sent.occurred_at.truncate("h")).distinct().execute()["hour"]
    latest = sent.known_at.max().execute()
    # periods before the run are over whatever was recorded since; the one it forecasts may not be
    known_until = desk.as_of if pd.isna(latest) else max(desk.as_of, latest.to_pydatetime())
    return hotspots.covered_periods(
        [moment.to_pydatetime() for moment in hours],
        known_until=known_until,
        period=desk.settings.config.period,
        timezone=desk.settings.areas.timezone,
    )


def _expected_by_area(desk: Desk, cells: gpd.GeoDataFrame) -> dict[str, float]:
    """Return the events expected in each local area: what its listed places are a share of."""
    code = pd.Series(desk.areas.assign(cells["easting"], cells["northing"]), index=cells.index)
    expected = cells["expected"].groupby(code).sum()
    return {area: float(expected.get(area, 0.0)) for area in desk.settings.areas.codes}


def _hotspots_sentence(found: Facts) -> str:
    above = found["above_expected"]
    listed = f"{found['force_area']} + {found['places'] - found['force_area']} places"
    tested = [found[name] for name in ("backtest", "forecast_period") if found[name]]
    spans = [f"in {t['origins']} period{'s' if t['origins'] > 1 else ''} before" for t in tested]
    if found["forecast_period"]:
        spans[-1] = "in the period itself"
    measured = " · ".join(
        f"{t['squares']} squares held {t['placed']['rate']:.1%} of {t['events']} events "
        f"(on the grid {t['grid']['rate']:.1%}) {span}"
        for t, span in zip(tested, spans, strict=True)
    )
    why = "not measured: too little history"
    if not found["events_used"]:
        why = "no event with a place is within the definition"
    return f"{listed} · {above} above expected · {measured or why}"


def _place_reasons(desk: Desk, places: gpd.GeoDataFrame) -> list[list[str]]:
    """Say in words what is recorded inside each listed place, from the place catalogue."""
    chosen = desk.catalogue("place")
    if places.empty or not chosen:
        return [[] for _ in range(len(places))]
    events = desk.scan("events")
    spots = events.select("easting", "northing").distinct().drop_null().execute()
    points = gpd.GeoDataFrame(
        spots, geometry=gpd.points_from_xy(spots.easting, spots.northing), crs=places.crs
    )
    inside = points.sjoin(places[["hotspot_id", "geometry"]], predicate="intersects")
    inside = inside[["easting", "northing", "hotspot_id"]].drop_duplicates()
    placed = events.inner_join(desk.engine.table(inside), ["easting", "northing"])
    units = desk.engine.table(places[["hotspot_id", "area_code"]])
    matrix = features.build(placed, desk.at(units), unit="hotspot_id", features=chosen)
    values = matrix.execute().set_index("hotspot_id").loc[places["hotspot_id"]]
    return hotspots.reasons(places, values, features=chosen, phrase=features.phrase)
