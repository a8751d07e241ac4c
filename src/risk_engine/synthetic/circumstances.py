"""What an incident was like: where, with which weapon, how it was found. Tables by process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from risk_engine.synthetic import figures
from risk_engine.synthetic.chance import Floats, Ints
from risk_engine.synthetic.figures import Stretch
from risk_engine.synthetic.processes import PROCESSES

Array = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]
Shares = tuple[float, float, float]

NONE, BLADED, OTHER_WEAPON, UNKNOWN = range(4)
WEAPONS = ("none", "bladed", "other", "unknown")
UNHURT, MINOR, SERIOUS, FATAL = range(4)
INJURIES = ("none", "minor", "serious", "fatal")
PUBLIC, DWELLING, LICENSED, SCHOOL, ELSEWHERE = range(5)
PLACES = ("public", "dwelling", "licensed", "school", "other")

#: Shares of bladed, other, unknown; none otherwise. By name of the category or the process. An
#: assault with injury that is not domestic is bladed only as its own category, which is counted.
WEAPON: Mapping[str, Shares] = {
    "homicide": (0.50, 0.20, 0.05),
    "wounding": (0.38, 0.20, 0.05),
    "attempted_murder": (0.55, 0.20, 0.05),
    "robbery": (0.20, 0.10, 0.08),
    "violent_disorder": (0.10, 0.25, 0.10),
    "bladed_assault": (1.0, 0.0, 0.0),
    "bladed_weapon": (1.0, 0.0, 0.0),
    "other_weapon": (0.0, 1.0, 0.0),
    "domestic_wounding": (0.40, 0.25, 0.05),
    "domestic_injury": (0.06, 0.15, 0.05),
    "injury": (0.0, 0.16, 0.05),
    "unreported": (0.06, 0.15, 0.15),
}
INJURY: Mapping[str, Shares] = {  # minor, serious, fatal; none otherwise
    "homicide": (0.0, 0.0, 1.0),
    "wounding": (0.06, 0.94, 0.0),
    "attempted_murder": (0.20, 0.70, 0.0),
    "robbery": (0.25, 0.03, 0.0),
    "violent_disorder": (0.30, 0.05, 0.0),
    "bladed_assault": (0.88, 0.12, 0.0),
    "domestic_wounding": (0.06, 0.94, 0.0),
    "domestic_injury": (0.94, 0.06, 0.0),
    "injury": (0.94, 0.06, 0.0),
    "unreported": (0.95, 0.05, 0.0),
}
FOUND_BY_OFFICER = {
    "bladed_weapon": 0.75,
    "other_weapon": 0.75,
    "disorder_found": 0.6,
    "shoplifting": 0.03,
    "stopped": 1.0,
}
#: Kinds that happen in the street nine times in ten.
STREET = {"robbery", "bladed_weapon", "other_weapon", "violent_disorder", "riot", "stopped"}


def weapons(process: Array, stretch: Array, spans: list[Stretch], rng: np.random.Generator) -> Ints:
    """Choose the weapon of each incident; under-25 victims get the published number of blades."""
    weapon = _pick(process, WEAPON, rng)
    for row, found in enumerate(PROCESSES):
        if found.category and found.name.endswith("_young"):
            for position, span in enumerate(spans):
                chosen = np.flatnonzero((process == row) & (stretch == position))
                weapon[chosen] = _with_blades(weapon[chosen], found.category, span.year, rng)
    return weapon


def injuries(process: Array, rng: np.random.Generator) -> Ints:
    """Choose the worst injury of each incident."""
    return _pick(process, INJURY, rng)


def places(process: Array, age: Ints, rng: np.random.Generator) -> Ints:
    """Choose the kind of place; domestic abuse is at home."""
    draw = rng.random(len(process))
    youth = np.where(age < 17, SCHOOL, LICENSED)
    place = np.select([draw < 0.55, draw < 0.70, draw < 0.82], [PUBLIC, youth, DWELLING], ELSEWHERE)
    names = [p.name.removesuffix("_young").removesuffix("_older") for p in PROCESSES]
    place = np.where(np.isin(names, list(STREET))[process] & (draw < 0.9), PUBLIC, place)
    place = np.where((np.array(names) == "missing")[process], ELSEWHERE, place)
    return np.where(domestic(process), DWELLING, place)


def domestic(process: Array) -> Flags:
    """Say which are domestic abuse."""
    flags: Flags = np.array([p.domestic for p in PROCESSES])[process]
    return flags


def by_officer(process: Array, rng: np.random.Generator) -> Flags:
    """Say which were found by an officer and not reported."""
    share = np.array([FOUND_BY_OFFICER.get(p.name, 0.0) for p in PROCESSES])
    found: Flags = rng.random(len(process)) < share[process]
    return found


def _with_blades(weapon: Ints, category: str, year: int, rng: np.random.Generator) -> Ints:
    wanted = figures.bladed_young(category, year, len(weapon))
    order = rng.permutation(len(weapon))
    weapon = np.where(weapon == BLADED, NONE, weapon)
    weapon[order[:wanted]] = BLADED
    return weapon


def _pick(process: Array, table: Mapping[str, Shares], rng: np.random.Generator) -> Ints:
    """One of three words by the shares of the category or process (1 to 3), else 0."""
    shares = np.array([table.get(p.category or p.name, (0.0, 0.0, 0.0)) for p in PROCESSES])
    steps: Floats = shares.cumsum(axis=1)
    draw = rng.random(len(process))
    position = sum((steps[process, column] <= draw).astype(np.int64) for column in range(3))
    return np.where(position == 3, 0, position + 1)
