"""Walkable clusters of recent events: HDBSCAN, then cut until each is small enough."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from shapely import MultiPoint

from risk_engine.config.hotspots import ClusterSpec
from risk_engine.hotspots.history import Floats

Members = npt.NDArray[np.int64]

#: Points are moved at random by at most this many metres before clustering: sources snap events
#: to a few map points, and a density is not defined for many events at no distance.
JITTER = 12.0
#: Metres added round the events of a cluster; its geometry is the hull with this margin.
MARGIN = 25.0


def find_clusters(x: Floats, y: Floats, *, spec: ClusterSpec, seed: int) -> list[Members]:
    """Return the members of each cluster of recent events.

    HDBSCAN's leaf clusters are used: they are the smallest that hold together. Any still longer
    than `max_extent` is cut at its widest gap until none is; parts with fewer than `min_events`
    are left out.

    Parameters
    ----------
    x, y
        Points of the recent events, in an order that does not depend on the input's.

    Returns
    -------
    list of index arrays
        Positions into `x` and `y`; clusters by their first member. Empty when too few events.
    """
    if len(x) < spec.min_events:
        return []
    moved = np.column_stack([x, y]) + np.random.default_rng(seed).uniform(
        -JITTER, JITTER, (len(x), 2)
    )
    labels = _labels(moved, spec)
    found = [np.flatnonzero(labels == label) for label in range(labels.max() + 1)]
    parts = [part for members in found for part in _cut(members, moved, spec)]
    return sorted(parts, key=lambda part: int(part[0]))


def _labels(points: Floats, spec: ClusterSpec) -> npt.NDArray[np.int64]:
    # HDBSCAN never calls everything one cluster, also where everything is one place.
    if np.ptp(points, axis=0).max() <= spec.max_extent:
        return np.zeros(len(points), dtype=np.int64)
    from hdbscan import HDBSCAN

    model = HDBSCAN(
        min_cluster_size=spec.min_events, cluster_selection_method="leaf", core_dist_n_jobs=1
    )
    labels: npt.NDArray[np.int64] = model.fit_predict(points).astype(np.int64)
    return labels


def _cut(members: Members, points: Floats, spec: ClusterSpec) -> list[Members]:
    """Cut at the widest gap in the middle half of the longer side, until short enough."""
    small, waiting = [], [members]
    while waiting:
        part = waiting.pop()
        if len(part) < spec.min_events:
            continue
        spread = np.ptp(points[part], axis=0)
        if spread.max() <= spec.max_extent:
            small.append(np.sort(part))
            continue
        along = points[part, int(spread.argmax())]
        order = np.argsort(along, kind="stable")
        first, last = len(part) // 4, max(len(part) * 3 // 4, len(part) // 4 + 1)
        cut = first + int(np.diff(along[order])[first:last].argmax()) + 1
        waiting += [part[order[:cut]], part[order[cut:]]]
    return small


def hulls(x: Floats, y: Floats, clusters: list[Members], crs: str) -> gpd.GeoDataFrame:
    """Return ``members`` (how many events formed it), ``easting, northing`` (centre) and hull."""
    shapes = [
        MultiPoint(np.column_stack([x[part], y[part]])).convex_hull.buffer(MARGIN)
        for part in clusters
    ]
    table = pd.DataFrame({"members": [len(part) for part in clusters]}, dtype="int64")
    frame = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, crs=crs))
    centre = frame.geometry.centroid
    return frame.assign(easting=centre.x.astype(float), northing=centre.y.astype(float))
