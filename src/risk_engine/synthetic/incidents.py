"""From a week in a life to an incident: its hour, its place, its circumstances."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from risk_engine.synthetic import hotspots
from risk_engine.synthetic.people import age_at, home_at
from risk_engine.synthetic.world import World

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.object_]

DOMESTIC = {
    "most_serious_violence": 0.13,
    "violence_with_injury": 0.28,
    "violence_without_injury": 0.35,
    "criminal_damage": 0.15,
    "unreported_assault": 0.25,
}
WEAPON: Mapping[str, tuple[float, float, float]] = {  # bladed, other, unknown; none otherwise
    "most_serious_violence": (0.45, 0.20, 0.05),
    "robbery": (0.22, 0.10, 0.08),
    "violent_disorder": (0.15, 0.25, 0.10),
    "violence_with_injury": (0.08, 0.15, 0.05),
    "unreported_assault": (0.06, 0.15, 0.15),
    "possession_of_weapons": (0.80, 0.20, 0.0),
}
INJURY: Mapping[str, tuple[float, float, float]] = {  # minor, serious, fatal; none otherwise
    "most_serious_violence": (0.06, 0.92, 0.02),
    "robbery": (0.25, 0.03, 0.0),
    "violent_disorder": (0.30, 0.05, 0.0),
    "violence_with_injury": (0.94, 0.06, 0.0),
    "unreported_assault": (0.95, 0.05, 0.0),
}
FOUND_BY_OFFICER = {"possession_of_weapons": 0.75, "public_order_found": 0.6, "shop_theft": 0.03}
#: Share of an incident's kind that falls into planted hotspots when it is not in a dwelling.
IN_HOTSPOT = {"criminal_damage": 0.15, "theft": 0.2, "shop_theft": 0.2}
STREET_KINDS = {"robbery", "possession_of_weapons", "violent_disorder"}
NEAR_REPEATS = 0.08


def make(
    events: pd.DataFrame,
    people: pd.DataFrame,
    *,
    world: World,
    spots: pd.DataFrame,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Give each event an hour, a place and circumstances.

    Parameters
    ----------
    events
        ``week, kind, role, person, suspect``.
    spots
        Planted hotspots.

    Returns
    -------
    pandas.DataFrame
        The events with ``occurred_at`` (local time), ``easting, northing, area, hotspot`` (row
        number or -1), ``domestic, place, weapon, injury, found_by``; in order of time.
    """
    made = events.reset_index(drop=True)
    age = age_at(people.birth.iloc[made.person].reset_index(drop=True), made.week)
    female = (people.sex.to_numpy() == "F")[made.person]
    domestic = _chance(made.kind, DOMESTIC, rng, np.where(female, 1.5, 0.6) * (age >= 16))
    made["domestic"] = np.where(domestic, "yes", "no")
    made["place"] = _places(made.kind.to_numpy(), domestic, age, rng)
    made["weapon"] = _pick(made.kind, WEAPON, ("bladed", "other", "unknown"), rng)
    made["injury"] = _pick(made.kind, INJURY, ("minor", "serious", "fatal"), rng)
    made["found_by"] = np.where(_chance(made.kind, FOUND_BY_OFFICER, rng), "officer", "public")
    home = home_at(people, made.person.to_numpy(), made.week)
    made["area"] = _areas(home.area.to_numpy(dtype=np.int64), made.place.to_numpy(), world, rng)
    share = made.kind.map(IN_HOTSPOT).fillna(0.42).to_numpy() * (made.place != "dwelling")
    hot = (rng.random(len(made)) < share) & (made.role != "subject").to_numpy()
    made["hotspot"] = -1
    made.loc[hot, "hotspot"] = hotspots.choose(
        spots, made.area.to_numpy()[hot], made.week[hot], rng=rng
    )
    busy = np.where(hot, spots.busy.to_numpy()[made.hotspot], _usual(made, age))
    made["occurred_at"] = made.week + _offsets(busy, rng)
    made = made.join(_points(made, home, world, spots, rng))
    return made.sort_values("occurred_at", kind="stable", ignore_index=True)


def _chance(
    kind: pd.Series,
    table: Mapping[str, float],
    rng: np.random.Generator,
    factor: Floats | float = 1,
) -> Flags:
    chance = kind.map(table).fillna(0.0).to_numpy(dtype=float) * factor
    return rng.random(len(kind)) < chance


def _pick(
    kind: pd.Series,
    table: Mapping[str, tuple[float, float, float]],
    words: tuple[str, str, str],
    rng: np.random.Generator,
) -> Words:
    """One of three words by the table's chances, else ``none``."""
    shares = np.array([table.get(name, (0.0, 0.0, 0.0)) for name in kind], dtype=float)
    position = (shares.cumsum(axis=1) <= rng.random((len(kind), 1))).sum(axis=1)
    chosen: Words = np.array([*words, "none"], object)[position]
    return chosen


def _places(kind: Words, domestic: Flags, age: Ints, rng: np.random.Generator) -> Words:
    draw = rng.random(len(kind))
    youth = np.where(age < 17, "school", "licensed")
    place = np.select(
        [draw < 0.55, draw < 0.70, draw < 0.82], ["public", youth, "dwelling"], "other"
    )
    street = np.isin(kind, list(STREET_KINDS)) & (draw < 0.9)
    place = np.where(street, "public", np.where(kind == "missing_episode", "other", place))
    return np.where(domestic, "dwelling", place).astype(object)


def _areas(home: Ints, place: Words, world: World, rng: np.random.Generator) -> Ints:
    """Return the home area, or for one in eight away from home any area by residents."""
    residents = world.residents.sum(axis=1)
    weight = np.bincount(world.zones["area"], weights=residents, minlength=len(world.areas))
    other = rng.choice(len(weight), len(home), p=weight / weight.sum())
    away = (rng.random(len(home)) < 0.12) & (place != "dwelling") & (place != "school")
    return np.where(away, other, home)


def _usual(made: pd.DataFrame, age: Ints) -> Words:
    """When a kind of place is busy: pupils on the way home, adults at night, homes at any hour."""
    place = made.place.to_numpy()
    outside = np.isin(place, ["public", "licensed", "school"])
    usual = np.where(age < 17, "school_run", "night")
    return np.where(outside, usual, "any").astype(object)


def _offsets(busy: Words, rng: np.random.Generator) -> pd.TimedeltaIndex:
    """Minutes from the Monday: three in ten at any hour, the others when the place is busy."""
    count = len(busy)
    week = np.arange(7)
    night = 24 * rng.choice(week, count, p=[0.06, 0.06, 0.08, 0.12, 0.28, 0.30, 0.10])
    night = night + 19 + 8.5 * rng.beta(2, 2, count)
    school = 24 * rng.choice(week, count, p=[0.19, 0.19, 0.19, 0.19, 0.19, 0.03, 0.02])
    school = school + np.where(rng.random(count) < 0.85, 15 + 3 * rng.beta(1.5, 3, count), 8.3)
    anytime = 24 * rng.integers(0, 7, count) + 9 + 14 * rng.beta(2, 1.6, count)
    usual = np.select([busy == "night", busy == "school_run"], [night, school], anytime)
    hours = np.where(rng.random(count) < 0.3, anytime, usual)
    offsets: pd.TimedeltaIndex = pd.to_timedelta(np.floor(hours * 60), unit="min")
    return offsets


def _points(
    made: pd.DataFrame,
    home: pd.DataFrame,
    world: World,
    spots: pd.DataFrame,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Hotspot, town, near home or at home; some repeat a place of the fortnight before."""
    x, y = _background(made, home, world, rng)
    hot = made.hotspot.to_numpy() >= 0
    spot = spots.iloc[made.hotspot.to_numpy()[hot]]
    x[hot], y[hot] = _around(spot, world.area_rows(made.area.to_numpy()[hot]), rng)
    away = (made.place != "dwelling").to_numpy() & (made.role != "subject").to_numpy()
    x, y = _near_repeats(made, x, y, away & ~hot, rng)
    x, y = world.pull_inside(x, y, made.area.to_numpy())
    return pd.DataFrame({"easting": np.round(x), "northing": np.round(y)}, index=made.index)


def _around(spot: pd.DataFrame, area: Words, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw a point around each hotspot; one that falls outside the area stays at the centre."""
    centre_x, centre_y = spot.easting.to_numpy(dtype=float), spot.northing.to_numpy(dtype=float)
    sigma = spot.sigma.to_numpy(dtype=float)
    x, y = rng.normal(centre_x, sigma), rng.normal(centre_y, sigma)
    inside = shapely.contains_xy(area, x, y)
    return np.where(inside, x, centre_x), np.where(inside, y, centre_y)


def _background(
    made: pd.DataFrame, home: pd.DataFrame, world: World, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    town = _towns(made.area.to_numpy(), world, rng)
    local = (home.area == made.area).to_numpy()
    reach = np.select(
        [(made.domestic == "yes").to_numpy(), (made.role == "subject").to_numpy()],
        [0.0, 0.0],
        500.0,
    )
    near = local & ((made.place == "dwelling").to_numpy() | (rng.random(len(made)) < 0.4))
    near |= (made.role == "subject").to_numpy() & local
    centre_x = np.where(near, home.x, town.x)
    centre_y = np.where(near, home.y, town.y)
    spread = np.where(near, reach, 0.6 * town.spread)
    return rng.normal(centre_x, spread), rng.normal(centre_y, spread)


def _towns(area: Ints, world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Choose a town of each area, by weight."""
    row = np.zeros(len(area), dtype=np.int64)
    for number in np.unique(area):
        local = np.flatnonzero(world.towns.area.to_numpy() == number)
        weight = world.towns.weight.to_numpy()[local]
        here = area == number
        row[here] = rng.choice(local, int(here.sum()), p=weight / weight.sum())
    return world.towns.iloc[row].reset_index(drop=True)


def _near_repeats(
    made: pd.DataFrame, x: Floats, y: Floats, may_move: Flags, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Move some incidents to within 100 m of one of the last incidents of their area."""
    order = np.lexsort((made.occurred_at.to_numpy(), made.area.to_numpy()))
    earlier = order[np.maximum(np.arange(len(order)) - rng.integers(1, 4, len(order)), 0)]
    source = np.empty(len(order), dtype=np.int64)
    source[order] = earlier
    gap = made.occurred_at.to_numpy() - made.occurred_at.to_numpy()[source]
    close = (gap >= np.timedelta64(0)) & (gap <= np.timedelta64(14, "D"))
    same = made.area.to_numpy() == made.area.to_numpy()[source]
    outdoors = (made.place != "dwelling").to_numpy()[source]
    moved = may_move & same & close & outdoors & (rng.random(len(made)) < NEAR_REPEATS)
    x, y = x.copy(), y.copy()
    x[moved], y[moved] = x[source[moved]], y[source[moved]]
    jitter = rng.normal(0, 50, (2, len(made))) * moved
    return x + jitter[0], y + jitter[1]
