"""The people of the synthetic partnership: names, births, homes and what puts them at risk."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from risk_engine.synthetic import names
from risk_engine.synthetic.chance import Floats, Ints
from risk_engine.synthetic.columns import day_number
from risk_engine.synthetic.world import World, points_in

Array = npt.NDArray[Any]
#: Known people by age on the last day, in years with both ends included: share wanted, and
#: residents of the force area (10 to 24 as published, the others rounded).
AGES = {(2, 9): (0.10, 180_000), (10, 24): (0.45, 357_169), (25, 40): (0.30, 390_000),
        (41, 75): (0.15, 850_000)}  # fmt: skip
MOST_KNOWN = 0.9
TWINS = 0.006
MOVERS, TURNERS = 0.25, 0.3
NEVER = np.int32(2**30)  # a day that does not come
DAYS_A_YEAR = 365.2425


@dataclass(frozen=True)
class Register:
    """Everybody, one position a person, sorted by home area; compact, for a million of them.

    Attributes
    ----------
    first, last
        Names, as positions in `names.WORDS`.
    birth, move_at, turn_at
        Days since 1970; `NEVER` for those who never move, or whose risk never turns lower.
    group
        Ethnic group, as a position in `world.GROUPS`; it has no effect on what happens.
    zone, x, y, zone2, x2, y2
        Home before and after the move, metres.
    hardship
        Of the first zone.
    victim, suspect
        Latent traits: standard normal, correlated 0.5.
    """

    first: Array
    last: Array
    male: npt.NDArray[np.bool_]
    birth: Array
    group: Array
    zone: Array
    x: Array
    y: Array
    zone2: Array
    x2: Array
    y2: Array
    move_at: Array
    hardship: Array
    victim: Array
    suspect: Array
    turn_at: Array
    area: Array
    area2: Array

    def __len__(self) -> int:
        return len(self.birth)

    def age(self, person: Array, day: Array | int) -> Ints:
        """Whole years of each person on a day."""
        days = np.asarray(day) - self.birth[person]
        return np.floor(days / DAYS_A_YEAR).astype(np.int64)

    def home(self, person: Array, day: Array) -> dict[str, Array]:
        """Return ``x, y, zone, area`` of the home of each person on each day."""
        moved = self.move_at[person] <= day
        return {
            name: np.where(moved, getattr(self, f"{name}2")[person], getattr(self, name)[person])
            for name in ("x", "y", "zone", "area")
        }


def build(
    world: World, count: int, *, start: date, end: date, rng: np.random.Generator
) -> Register:
    """Draw the register of people.

    Ethnicity is drawn from the mix of the home zone and has no effect of its own on anything that
    happens to a person.
    """
    zone = _zones(world, count, rng)
    group = _groups(world, zone, rng)
    male = rng.random(count) < 0.55
    first, last = names.draw(group, male, rng=rng)
    common = rng.standard_normal(count, dtype=np.float32)
    own = rng.standard_normal((2, count), dtype=np.float32)
    victim, suspect = (np.sqrt(np.float32(0.5)) * (common + part) for part in own)
    other = _next_zone(world, zone, rng)
    x, y = points_in(world.zones.geometry.to_numpy()[zone], rng=rng)
    x2, y2 = points_in(world.zones.geometry.to_numpy()[other], rng=rng)
    area = world.zones["area"].to_numpy().astype(np.int8)
    people = Register(
        first=first.astype(np.int32),
        last=last.astype(np.int32),
        male=male,
        birth=_births(count, end, rng),
        group=group.astype(np.int8),
        zone=zone.astype(np.int16),
        x=_metres(x),
        y=_metres(y),
        zone2=other.astype(np.int16),
        x2=_metres(x2),
        y2=_metres(y2),
        move_at=_moments(count, MOVERS, start, end, rng),
        hardship=world.zones.hardship.to_numpy()[zone].astype(np.float32),
        victim=victim,
        suspect=suspect,
        turn_at=_moments(count, TURNERS, start, end, rng),
        area=area[zone],
        area2=area[other],
    )
    return _with_twins(people, rng)


def _metres(values: Floats) -> Array:
    return np.round(values).astype(np.int32)


def _zones(world: World, count: int, rng: np.random.Generator) -> Ints:
    """Zones by residents, a little more from those in hardship; sorted, hence by area too."""
    weight = world.residents.sum(axis=1) * np.exp(0.2 * world.zones.hardship.to_numpy())
    return np.sort(rng.choice(len(weight), count, p=weight / weight.sum()))


def _groups(world: World, zone: Ints, rng: np.random.Generator) -> Ints:
    mix = world.residents / np.maximum(world.residents.sum(axis=1, keepdims=True), 1)
    steps = mix.cumsum(axis=1)[:, :-1].astype(np.float32)
    draw = rng.random(len(zone), dtype=np.float32)
    group = np.zeros(len(zone), np.int64)
    for column in range(steps.shape[1]):
        group += steps[zone, column] < draw
    return group


def age_mix(count: int) -> Floats:
    """Share of the known people by the bands of `AGES`.

    A small partnership knows mostly the young. A large one has asked about nearly all of them, and
    knows older people instead.
    """
    wanted, residents = np.array(list(AGES.values())).T
    room = MOST_KNOWN * residents / count
    mix = np.minimum(wanted, room)
    for _ in AGES:  # what finds no room goes to the bands that have some
        spare = np.maximum(room - mix, 0)
        mix = np.minimum(mix + (1 - mix.sum()) * spare / max(spare.sum(), 1e-9), room)
    shares: Floats = mix / mix.sum()
    return shares


def _births(count: int, end: date, rng: np.random.Generator) -> Array:
    bands = np.array(list(AGES))
    band = bands[rng.choice(len(bands), count, p=age_mix(count))]
    days = np.floor(rng.uniform(band[:, 0], band[:, 1] + 1) * DAYS_A_YEAR)
    return (day_number(end) - days).astype(np.int32)


def _next_zone(world: World, zone: Ints, rng: np.random.Generator) -> Ints:
    """Where a mover goes: mostly within the area (zones of an area are neighbours in number)."""
    area = world.zones["area"].to_numpy()
    first, last = np.searchsorted(area, area), np.searchsorted(area, area, "right")
    nearby = rng.integers(first[zone], last[zone])
    return np.where(rng.random(len(zone)) < 0.7, nearby, rng.integers(0, len(area), len(zone)))


def _moments(count: int, share: float, start: date, end: date, rng: np.random.Generator) -> Array:
    """Draw a day between start and end for a share of people, `NEVER` for the others."""
    day = day_number(start) + rng.integers(0, (end - start).days, count)
    return np.where(rng.random(count) < share, day, NEVER).astype(np.int32)


def _with_twins(people: Register, rng: np.random.Generator) -> Register:
    """Make a few neighbours in the register twins: same surname, birth, group and homes."""
    twin = 1 + 2 * np.flatnonzero(rng.random((len(people) - 1) // 2) < TWINS)
    alone = {"first", "male", "victim", "suspect", "turn_at"}
    shared = {}
    for field in fields(people):
        if field.name not in alone:
            values = getattr(people, field.name).copy()
            values[twin] = values[twin - 1]
            shared[field.name] = values
    return replace(people, **shared)
