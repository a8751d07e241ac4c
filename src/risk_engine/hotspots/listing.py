"""One list: squares placed freely, and clusters above what was expected of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box

from risk_engine.config import AreasConfig, HotspotSpec
from risk_engine.config.hotspots import Exclusion
from risk_engine.hotspots.emergence import (
    count_inside,
    long_run_expected,
    recent_clusters,
    weight_inside,
)
from risk_engine.hotspots.history import Floats, History
from risk_engine.hotspots.placed import place, within
from risk_engine.hotspots.surface import blended, build, pixels
from risk_engine.places import AreaMap

#: What a cluster hands to the square it overlaps.
_SURPRISE = ["recent", "recent_expected", "p_value", "q_value", "recurrence"]


@dataclass(frozen=True)
class Listing:
    """The places listed at one moment, best first, and the clusters behind them.

    Attributes
    ----------
    places
        ``hotspot_id, rank, force_rank, area_rank, easting, northing, area_code, value, basis,
        category, recent, recent_expected, p_value, q_value, recurrence`` and geometry. ``value`` is
        in decayed events.
    clusters
        Columns of `emergence.COLUMNS`.
    left
        Places of the period before that are no longer listed, by area code and ``force_area``.
    """

    places: gpd.GeoDataFrame
    clusters: gpd.GeoDataFrame
    left: dict[str, int] = field(default_factory=dict)


def in_force(exclusions: list[Exclusion], day: date) -> list[Exclusion]:
    """Return the exclusions that still hold on a day (``until`` is the last day)."""
    return [e for e in exclusions if e.until is None or e.until >= day]


def make_list(
    history: History, *, spec: HotspotSpec, areas: AreaMap, config: AreasConfig, seed: int
) -> Listing:
    """List the places of one moment from what was known then.

    The best squares force-wide come first, then as many as each local area lacks, then clusters
    above expected that overlap none of them. A square that such a cluster overlaps carries both
    facts.
    """
    avoid = in_force(spec.exclusions, history.as_of.date())
    size = config.cell_size
    squares = _squares(
        place(
            build(history, spec, cell_size=size),
            areas,
            side=pixels(spec, size),
            count=spec.lists.force_area,
            per_area=spec.lists.per_area,
            avoid=avoid,
            seed=seed,
        ),
        history,
        spec=spec,
        size=size,
        crs=areas.crs,
    )
    clusters = recent_clusters(history, spec=spec, areas=areas, cell_size=size, seed=seed)
    excess = clusters[clusters["above_expected"]]
    excess = excess[~within(excess["easting"].to_numpy(), excess["northing"].to_numpy(), avoid)]
    marked, alone = _merge(squares, excess.reset_index(drop=True))
    own_places = _own_places(alone, history, spec)
    return Listing(_ranked(marked, own_places, areas.crs), clusters)


def _squares(
    table: pd.DataFrame, history: History, *, spec: HotspotSpec, size: int, crs: str
) -> gpd.GeoDataFrame:
    left, bottom = table["left"].to_numpy(float), table["bottom"].to_numpy(float)
    x, y = left + size / 2, bottom + size / 2
    frame = gpd.GeoDataFrame(
        table[["value", "area_code"]].assign(
            hotspot_id=pd.Series(_names("SQ", x, y), dtype="str"),
            easting=x,
            northing=y,
            force_rank=np.arange(1, len(table) + 1),
            basis="placed square",
            category="steady",
            p_value=np.nan,
            q_value=np.nan,
            recurrence=pd.Series([None] * len(table), dtype="str"),
        ),
        geometry=gpd.GeoSeries(box(left, bottom, left + size, bottom + size), crs=crs),
    )
    frame["force_rank"] = frame["force_rank"].where(frame["force_rank"] <= spec.lists.force_area)
    start = history.recent_from(spec.clusters.recent.days)
    expected, _ = long_run_expected(frame, history, start=start, spec=spec)
    recent = history.events[history.events["occurred_at"] >= start]
    return frame.assign(recent=count_inside(frame, recent), recent_expected=expected)


def _merge(
    squares: gpd.GeoDataFrame, excess: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Give squares the facts of the most surprising cluster they overlap; return the rest too."""
    square, cluster = excess.sindex.query(squares.geometry, predicate="intersects")
    pairs = pd.DataFrame({"square": square, "cluster": cluster}).sort_values(["square", "cluster"])
    first = pairs.drop_duplicates("square")  # clusters are in order of surprise
    marked = squares.copy()
    rows = marked.index[first["square"]]
    for column in _SURPRISE:
        marked.loc[rows, column] = excess[column].to_numpy()[first["cluster"]]
    marked.loc[rows, "basis"] = "both"
    marked.loc[rows, "category"] = "above expected"
    return marked, excess.drop(index=excess.index[pairs["cluster"].unique()])


def _own_places(
    clusters: gpd.GeoDataFrame, history: History, spec: HotspotSpec
) -> gpd.GeoDataFrame:
    own, _ = weight_inside(clusters, history)
    x, y = clusters["easting"].to_numpy(float), clusters["northing"].to_numpy(float)
    return clusters.assign(
        hotspot_id=clusters["cluster_id"],
        value=blended(history, spec, own=own, x=x, y=y, area=clusters.area.to_numpy(float)),
        force_rank=np.nan,
        basis="cluster",
        category="above expected",
    )


def _ranked(squares: gpd.GeoDataFrame, own_places: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    own_places = own_places[squares.columns]
    parts = [frame for frame in (squares, own_places) if len(frame)] or [squares]
    places = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=crs)
    # Squares come in the order they were placed: a stable sort keeps it where values are equal.
    places = places.sort_values("value", ascending=False, kind="stable", ignore_index=True)
    return places.assign(
        rank=np.arange(1, len(places) + 1),
        force_rank=places["force_rank"].astype("Int64"),
        area_rank=places.groupby("area_code").cumcount().astype("int64") + 1,
        recent=places["recent"].astype("int64"),
    )


def _names(prefix: str, x: Floats, y: Floats) -> list[str]:
    return [f"{prefix}-{e:.0f}-{n:.0f}" for e, n in zip(x, y, strict=True)]
