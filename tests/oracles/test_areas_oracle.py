"""Areas by cell, the fast path, against asking every point of every polygon."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from risk_engine.places import AreaMap


def slowly(areas: AreaMap, x, y):
    """Ask every polygon, first come first served; then the nearest within reach."""
    found = []
    for point in shapely.points(x, y):
        if shapely.is_missing(point) or not np.isfinite(shapely.get_x(point)):
            found.append(None)
            continue
        holds = [c for c, p in zip(areas.frame.area_code, areas.frame.geometry, strict=True)
                 if p.intersects(point)]  # fmt: skip
        near = [(p.distance(point), n) for n, p in enumerate(areas.frame.geometry)]
        distance, nearest = min(near)
        snapped = areas.frame.area_code[nearest] if distance <= areas.snap_metres else None
        found.append(holds[0] if holds else snapped)
    return found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("snap", [0, 300])
def test_every_point_lies_where_asking_one_by_one_puts_it(seed, snap):
    rng = np.random.default_rng(seed)
    centres = rng.uniform(-6_000, 6_000, (5, 2))  # some overlap, some touch nothing
    shapes = [
        shapely.Point(x, y).buffer(rng.uniform(800, 3_000), quad_segs=int(rng.integers(1, 6)))
        for x, y in centres
    ]
    shapes[0] = shapely.difference(shapes[0], shapely.Point(*centres[0]).buffer(400))  # a hole
    codes = [f"A{n}" for n in range(len(shapes))]
    frame = gpd.GeoDataFrame({"area_code": codes, "name": codes}, geometry=shapes, crs="EPSG:27700")
    areas = AreaMap(frame, "EPSG:27700", snap_metres=snap)
    x, y = rng.uniform(-9_000, 9_000, (2, 3_000))
    x[:200] = np.round(x[:200] / 500) * 500  # on the edges of cells
    x[0], y[1], x[2] = np.nan, np.inf, 1e300
    usable = np.isfinite(x) & np.isfinite(y) & (np.abs(x) < 1e9)
    fast = areas.assign(x[usable], y[usable])
    assert fast.tolist() == slowly(areas, x[usable], y[usable])
    assert areas.assign(x, y)[[0, 2]].tolist() == [None, None]
