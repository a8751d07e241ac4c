"""Planted hotspots: where they are, when they live, and which incidents fall into them."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_engine.synthetic.chance import Ints
from risk_engine.synthetic.columns import day_number
from risk_engine.synthetic.people import NEVER
from risk_engine.synthetic.world import World

RESIDENTS_PER_HOTSPOT = 35_000
NIGHT, SCHOOL_RUN, ANY = range(3)
BUSY = ("night", "school_run", "any")


def plant(world: World, *, start: date, end: date, rng: np.random.Generator) -> pd.DataFrame:
    """Plant stable, emerging and fading hotspots in the towns of every area.

    Returns
    -------
    pandas.DataFrame
        ``hotspot_id, easting, northing, sigma`` (metres), ``area`` (row), ``area_code, kind``
        (stable | emerging | fading), ``opens, closes`` (days since 1970; closes is exclusive and
        `NEVER` while it lives), ``busy`` (position in `BUSY`), ``weight`` (share within its area).
    """
    residents = world.residents.sum(axis=1)
    rows = []
    for area in range(len(world.areas)):
        size = residents[world.zones["area"].to_numpy() == area].sum()
        stable = max(2, round(size / RESIDENTS_PER_HOTSPOT))
        kinds = ["stable"] * stable + ["emerging"] * (1 if size > 90_000 else 0)
        kinds += ["fading"] * (1 if size > 110_000 else 0)
        rows.append(_in_area(world, area, kinds, rng))
    spots = pd.concat(rows, ignore_index=True)
    spots = spots.join(_lives(spots.kind, start, end, rng))
    spots["area_code"] = world.areas.area_code.to_numpy()[spots.area]
    spots.insert(0, "hotspot_id", [f"H{number:03d}" for number in range(1, len(spots) + 1)])
    return spots


def choose(
    spots: pd.DataFrame,
    area: npt.NDArray[Any],
    monday: npt.NDArray[Any],
    *,
    rng: np.random.Generator,
) -> Ints:
    """Choose a hotspot of the area that lives in the week of the Monday, by weight; its row."""
    chosen = np.full(len(area), -1, dtype=np.int64)
    opens, closes = spots.opens.to_numpy(), spots.closes.to_numpy()
    for number in np.unique(area):
        rows = np.flatnonzero(area == number)
        local = np.flatnonzero(spots.area.to_numpy() == number)
        when = monday[rows, None]
        weight = spots.weight.to_numpy()[local] * ((opens[local] <= when) & (when < closes[local]))
        steps = weight.cumsum(axis=1)
        pick = rng.random((len(rows), 1)) * steps[:, -1:]
        chosen[rows] = local[np.minimum((steps <= pick).sum(axis=1), len(local) - 1)]
    return chosen


def _in_area(world: World, area: int, kinds: list[str], rng: np.random.Generator) -> pd.DataFrame:
    count = len(kinds)
    towns = world.towns[world.towns.area == area]
    town = towns.iloc[rng.choice(len(towns), count, p=towns.weight / towns.weight.sum())]
    x, y = world.pull_inside(
        rng.normal(town.x.to_numpy(), 0.35 * town.spread.to_numpy()),
        rng.normal(town.y.to_numpy(), 0.35 * town.spread.to_numpy()),
        np.full(count, area),
    )
    size = {"emerging": 2.5, "fading": 1.5}
    weight = [size.get(kind, (1 + place) ** -0.7) for place, kind in enumerate(kinds)]
    return pd.DataFrame(
        {
            "easting": np.round(x),
            "northing": np.round(y),
            "sigma": np.round(rng.uniform(30, 80, count)),
            "area": area,
            "kind": kinds,
            "busy": rng.choice(len(BUSY), count, p=[0.5, 0.2, 0.3]),
            "weight": weight,
        }
    )


def _lives(kind: pd.Series, start: date, end: date, rng: np.random.Generator) -> pd.DataFrame:
    """Draw lives in whole weeks: emerging ones open late, fading ones end before the last day."""
    longest = (end - start).days // 7 - 13
    opened = np.minimum(rng.integers(10, 40, len(kind)), longest)
    closed = np.minimum(rng.integers(20, 70, len(kind)), longest)
    begin, last = day_number(start), day_number(end)
    return pd.DataFrame(
        {
            "opens": np.where(kind == "emerging", last - 7 * opened, begin),
            "closes": np.where(kind == "fading", last - 7 * closed, NEVER),
        }
    )
