"""The people of the synthetic partnership: names, births, homes and what puts them at risk."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_engine.synthetic import names
from risk_engine.synthetic.world import GROUPS, World, points_in

Floats = npt.NDArray[np.float64]
#: Share of people by age on the last day: bounds in years, both ends included.
AGES = {(5, 9): 0.10, (10, 24): 0.45, (25, 40): 0.30, (41, 70): 0.15}
TWINS = 0.006
MOVERS = 0.25


def build(
    world: World, count: int, *, start: date, end: date, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw the register of people, sorted by home area.

    Ethnicity is drawn from the mix of the home zone and has no effect of its own on anything that
    happens to a person.

    Returns
    -------
    pandas.DataFrame
        ``first_name, last_name, sex`` (F, M), ``birth`` (datetime), ``ethnicity, zone, area, x, y``
        (first home), ``move_at`` (NaT for most), ``zone2, area2, x2, y2`` (home after it),
        ``hardship`` (of the first zone), ``victim, suspect`` (latent, standard normal, correlated
        0.5), ``turn_at`` (NaT for most: from then on risk is lower).
    """
    zone = _zones(world, count, rng)
    group = _groups(world, zone, rng)
    sex = rng.choice(np.array(["F", "M"], object), count, p=[0.45, 0.55])
    first, last = names.draw(group, sex, rng=rng)
    common = rng.normal(size=(count, 1))
    latent = np.sqrt(0.5) * common + np.sqrt(0.5) * rng.normal(size=(count, 2))
    people = pd.DataFrame(
        {
            "first_name": first,
            "last_name": last,
            "sex": sex,
            "birth": _births(count, end, rng),
            "ethnicity": group,
            **_home(world, zone, "", rng),
            "move_at": _moments(count, MOVERS, start, end, rng),
            **_home(world, _next_zone(world, zone, rng), "2", rng),
            "hardship": world.zones.hardship.to_numpy()[zone],
            "victim": latent[:, 0],
            "suspect": latent[:, 1],
            "turn_at": _moments(count, 0.3, start, end, rng),
        }
    )
    return _with_twins(people, rng)


def home_at(people: pd.DataFrame, person: npt.NDArray[np.int64], moment: pd.Series) -> pd.DataFrame:
    """Return ``x, y, area, zone`` of the home of each person at each moment."""
    chosen = people.iloc[person]
    moved = (chosen.move_at.to_numpy() <= moment.to_numpy()) & chosen.move_at.notna().to_numpy()
    columns = ("x", "y", "area", "zone")
    return pd.DataFrame({c: np.where(moved, chosen[f"{c}2"], chosen[c]) for c in columns})


def age_at(birth: pd.Series, moment: pd.Series | pd.Timestamp) -> npt.NDArray[np.int64]:
    """Whole years between birth and a moment."""
    days = (moment - birth).dt.days.to_numpy(dtype=float)
    return np.floor(days / 365.2425).astype(np.int64)


def _zones(world: World, count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Zones by residents, a little more from those in hardship; sorted, hence by area too."""
    weight = world.residents.sum(axis=1) * np.exp(0.2 * world.zones.hardship.to_numpy())
    return np.sort(rng.choice(len(weight), count, p=weight / weight.sum()))


def _groups(
    world: World, zone: npt.NDArray[np.int64], rng: np.random.Generator
) -> npt.NDArray[np.object_]:
    mix = world.residents / np.maximum(world.residents.sum(axis=1, keepdims=True), 1)
    steps = mix.cumsum(axis=1)[zone, :-1]
    chosen: npt.NDArray[np.object_] = np.array(GROUPS, object)[
        (steps < rng.random((len(zone), 1))).sum(axis=1)
    ]
    return chosen


def _births(count: int, end: date, rng: np.random.Generator) -> pd.Series:
    bands = np.array(list(AGES))
    band = bands[rng.choice(len(bands), count, p=list(AGES.values()))]
    days = np.floor(rng.uniform(band[:, 0], band[:, 1] + 1) * 365.2425)
    return pd.Timestamp(end) - pd.Series(pd.to_timedelta(days, unit="D")).dt.floor("D")


def _home(
    world: World, zone: npt.NDArray[np.int64], suffix: str, rng: np.random.Generator
) -> dict[str, Floats | npt.NDArray[np.int64]]:
    x, y = points_in(world.zones.geometry.to_numpy()[zone], rng=rng)
    area = world.zones["area"].to_numpy()[zone]
    values = {"zone": zone, "area": area, "x": np.round(x), "y": np.round(y)}
    return {f"{name}{suffix}": value for name, value in values.items()}


def _next_zone(
    world: World, zone: npt.NDArray[np.int64], rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Where a mover goes: mostly within the area (zones of an area are neighbours in number)."""
    area = world.zones["area"].to_numpy()
    first, last = np.searchsorted(area, area[zone]), np.searchsorted(area, area[zone], "right")
    nearby = rng.integers(first, last)
    return np.where(rng.random(len(zone)) < 0.7, nearby, rng.integers(0, len(area), len(zone)))


def _moments(
    count: int, share: float, start: date, end: date, rng: np.random.Generator
) -> pd.Series:
    """Draw a day between start and end for a share of people, NaT for the others."""
    day = rng.integers(0, (end - start).days, count)
    moments = pd.Series(pd.Timestamp(start) + pd.to_timedelta(day, unit="D"))
    return moments.where(rng.random(count) < share)


def _with_twins(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Make a few neighbours in the table twins: same surname, birth, group and homes."""
    twin = 1 + 2 * np.flatnonzero(rng.random((len(people) - 1) // 2) < TWINS)
    shared = ["last_name", "birth", "ethnicity", "hardship", "zone", "area", "x", "y"]
    shared += ["move_at", "zone2", "area2", "x2", "y2"]
    for column in shared:
        values = people[column].to_numpy(copy=True)
        values[twin] = values[twin - 1]
        people[column] = values
    return people
