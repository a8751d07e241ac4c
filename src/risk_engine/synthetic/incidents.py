"""From a week in a life to an incident: its hour, its place, its circumstances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from risk_engine.synthetic import circumstances, hotspots
from risk_engine.synthetic.chance import Floats, Ints
from risk_engine.synthetic.circumstances import DWELLING, LICENSED, PUBLIC, SCHOOL
from risk_engine.synthetic.columns import MINUTES_A_DAY, day_number
from risk_engine.synthetic.hotspots import ANY, NIGHT, SCHOOL_RUN
from risk_engine.synthetic.life import Life
from risk_engine.synthetic.people import Register
from risk_engine.synthetic.plan import Plan
from risk_engine.synthetic.processes import PROCESSES
from risk_engine.synthetic.world import World

Array = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]

#: Share that falls into planted hotspots when it is not in a dwelling; 0.42 of all others.
IN_HOTSPOT = {"damage": 0.15, "theft": 0.2, "shoplifting": 0.2, "nuisance": 0.3, "fire": 0.2}
NEAR_REPEATS = 0.08
_HAPPENS = np.array([process.happens for process in PROCESSES])
_ABOUT_SUBJECT = np.array([process.role == "subject" for process in PROCESSES])
_SHARE = np.array([IN_HOTSPOT.get(process.name, 0.42) for process in PROCESSES])


@dataclass(frozen=True)
class Incidents:
    """Everything that has an hour and a place, one position each, in order of time.

    Attributes
    ----------
    process, person, suspect, area
        As in `life.Life`.
    minute
        When, in local minutes since 1970.
    easting, northing
        Metres.
    hotspot
        Row of the hotspot it was placed in, or -1.
    weapon, injury, place
        Positions in the words of `circumstances`.
    officer
        Whether an officer found it.
    """

    process: Array
    person: Array
    suspect: Array
    area: Array
    minute: Array
    easting: Array
    northing: Array
    hotspot: Array
    weapon: Array
    injury: Array
    place: Array
    officer: Flags

    def __len__(self) -> int:
        return len(self.minute)

    @property
    def day(self) -> Ints:
        """Days since 1970."""
        return self.minute.astype(np.int64) // MINUTES_A_DAY


def make(
    life: Life,
    plan: Plan,
    people: Register,
    *,
    since: int,
    world: World,
    spots: pd.DataFrame,
    rng: np.random.Generator,
) -> Incidents:
    """Give each event that has a place of its own an hour, a place and circumstances.

    Parameters
    ----------
    since
        Week from which on they are kept.
    """
    rows = np.flatnonzero(_HAPPENS[life.process] & (life.week >= since))
    process, person = life.process[rows], life.person[rows]
    monday = day_number(plan.first) + 7 * life.week[rows].astype(np.int64)
    home = people.home(person, monday)
    area = np.where(_ABOUT_SUBJECT[process], home["area"], life.area[rows])
    age = people.age(person, monday)
    place = circumstances.places(process, age, rng)
    hot = (rng.random(len(rows)) < _SHARE[process]) & (place != DWELLING) & ~_ABOUT_SUBJECT[process]
    hotspot = np.full(len(rows), -1, np.int16)
    hotspot[hot] = hotspots.choose(spots, area[hot], monday[hot], rng=rng)
    busy = np.where(hot, spots.busy.to_numpy()[hotspot], _usual(place, age))
    minute = _minutes(monday, busy, life.stretch[rows], plan, rng)
    x, y = _background(process, area, place, home, world, rng)
    x[hot], y[hot] = _around(spots.iloc[hotspot[hot]], world.area_rows(area[hot]), rng)
    may_move = (place != DWELLING) & ~_ABOUT_SUBJECT[process] & ~hot
    x, y = _near_repeats(area, minute, place, may_move, x, y, rng)
    x, y = world.pull_inside(x, y, area)
    order = np.argsort(minute, kind="stable")
    weapon = circumstances.weapons(process, life.stretch[rows], plan.stretches, rng)
    injury = circumstances.injuries(process, rng)
    officer = circumstances.by_officer(process, rng)
    return Incidents(
        process=process[order],
        person=person[order],
        suspect=life.suspect[rows][order],
        area=area[order],
        minute=minute[order].astype(np.int32),
        easting=np.round(x[order]).astype(np.int32),
        northing=np.round(y[order]).astype(np.int32),
        hotspot=hotspot[order],
        weapon=weapon[order].astype(np.int8),
        injury=injury[order].astype(np.int8),
        place=place[order].astype(np.int8),
        officer=officer[order],
    )


def _usual(place: Ints, age: Ints) -> Ints:
    """When a kind of place is busy: pupils on the way home, adults at night, homes at any hour."""
    outside = np.isin(place, [PUBLIC, LICENSED, SCHOOL])
    return np.where(outside, np.where(age < 17, SCHOOL_RUN, NIGHT), ANY)


def _minutes(
    monday: Ints, busy: Ints, stretch: Array, plan: Plan, rng: np.random.Generator
) -> Ints:
    """Draw a minute of each week, again while it lies in another year than was planned."""
    bounds = np.array([[day_number(s.start), day_number(s.end)] for s in plan.stretches])
    low, high = (bounds[stretch, side] * MINUTES_A_DAY for side in (0, 1))
    minute = monday * MINUTES_A_DAY + _offsets(busy, rng)
    for _ in range(40):
        wrong = np.flatnonzero((minute < low) | (minute >= high))
        if not len(wrong):
            break
        minute[wrong] = monday[wrong] * MINUTES_A_DAY + _offsets(busy[wrong], rng)
    within: Ints = np.clip(minute, low, high - 1)
    return within


def _offsets(busy: Ints, rng: np.random.Generator) -> Ints:
    """Minutes from the Monday: three in ten at any hour, the others when the place is busy."""
    count = len(busy)
    evening = 24 * rng.choice(7, count, p=[0.06, 0.06, 0.08, 0.12, 0.28, 0.30, 0.10])
    night = evening + 19 + 8.5 * rng.beta(2, 2, count)
    weekday = 24 * rng.choice(7, count, p=[0.19, 0.19, 0.19, 0.19, 0.19, 0.03, 0.02])
    ways_home = np.where(rng.random(count) < 0.85, 15 + 3 * rng.beta(1.5, 3, count), 8.3)
    anytime = 24 * rng.integers(0, 7, count) + 9 + 14 * rng.beta(2, 1.6, count)
    usual = np.select([busy == NIGHT, busy == SCHOOL_RUN], [night, weekday + ways_home], anytime)
    hours = np.where(rng.random(count) < 0.3, anytime, usual)
    minutes: Ints = np.floor(hours * 60).astype(np.int64)
    return minutes


def _around(
    spot: pd.DataFrame, area: npt.NDArray[np.object_], rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw a point around each hotspot; one that falls outside the area stays at the centre."""
    centre_x, centre_y = spot.easting.to_numpy(dtype=float), spot.northing.to_numpy(dtype=float)
    sigma = spot.sigma.to_numpy(dtype=float)
    x, y = rng.normal(centre_x, sigma), rng.normal(centre_y, sigma)
    inside = shapely.contains_xy(area, x, y)
    return np.where(inside, x, centre_x), np.where(inside, y, centre_y)


def _background(
    process: Array,
    area: Array,
    place: Ints,
    home: dict[str, Array],
    world: World,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Place an incident at home, near home, or around a town of the area."""
    town = _towns(area, world, rng)
    town_x, town_y, spread = (world.towns[c].to_numpy()[town] for c in ("x", "y", "spread"))
    local, subject = home["area"] == area, _ABOUT_SUBJECT[process]
    near = local & (subject | (place == DWELLING) | (rng.random(len(area)) < 0.4))
    reach = np.where(circumstances.domestic(process) | subject, 0.0, 500.0)
    scale = np.where(near, reach, 0.6 * spread)
    x, y = np.where(near, home["x"], town_x), np.where(near, home["y"], town_y)
    return rng.normal(x, scale), rng.normal(y, scale)


def _towns(area: Array, world: World, rng: np.random.Generator) -> Ints:
    """Choose a town of each area, by weight."""
    row = np.zeros(len(area), dtype=np.int64)
    for number in np.unique(area):
        local = np.flatnonzero(world.towns.area.to_numpy() == number)
        weight = world.towns.weight.to_numpy()[local]
        here = area == number
        row[here] = rng.choice(local, int(here.sum()), p=weight / weight.sum())
    return row


def _near_repeats(
    area: Array,
    minute: Ints,
    place: Ints,
    may_move: Flags,
    x: Floats,
    y: Floats,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Move some incidents to within 100 m of one of the last incidents of their area."""
    order = np.lexsort((minute, area))
    earlier = order[np.maximum(np.arange(len(order)) - rng.integers(1, 4, len(order)), 0)]
    source = np.empty(len(order), dtype=np.int64)
    source[order] = earlier
    gap = minute - minute[source]
    close = (gap >= 0) & (gap <= 14 * MINUTES_A_DAY) & (area == area[source])
    moved = may_move & close & (place != DWELLING)[source]
    moved &= rng.random(len(area)) < NEAR_REPEATS
    x, y = x.copy(), y.copy()
    x[moved], y[moved] = x[source[moved]], y[source[moved]]
    jitter = rng.normal(0, 50, (2, len(area))) * moved
    return x + jitter[0], y + jitter[1]
