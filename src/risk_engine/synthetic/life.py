"""To whom it happens, week by week: one latent risk drives every agency's events.

A person's rate is a fixed part (latent vulnerability or offending, hardship of the home zone, age,
recorded sex) times a part that moves: a slow drift, a rise after each violent event that halves
every eight weeks, and a fall from the week a person's life turns. Each planned event goes to one
person in proportion to these rates. Ethnicity appears nowhere in this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from risk_engine.synthetic import figures
from risk_engine.synthetic.chance import Floats, Ints
from risk_engine.synthetic.columns import day_number
from risk_engine.synthetic.people import DAYS_A_YEAR, Register
from risk_engine.synthetic.plan import AT_HOME, Plan, Size
from risk_engine.synthetic.processes import PROCESSES, PROFILE_NAMES, PROFILES, Profile, number
from risk_engine.synthetic.world import World

Array = npt.NDArray[Any]
Rates = npt.NDArray[np.float32]

WARM_UP = 26  # weeks before the first record, so that nobody starts with a clean slate
EXCITEMENT_KEPT = np.float32(0.5 ** (1 / 8))
DRIFT_SD, DRIFT_KEPT = np.float32(0.4), np.float32(0.92)  # each four weeks: lasts about a year
TURNED = np.float32(0.4)
MOST_TIMES_MEAN = 12  # nobody's fixed part is further from the average than this
QUARTER = 13  # weeks for which the fixed parts hold
AWAY = 0.12  # share of those concerned who live in another part of the force area
NOBODY = -1
FURTHER_ORDER = number("further_order")
_PROFILE = np.array([PROFILE_NAMES.index(process.profile) for process in PROCESSES])
_JUMP = np.array([process.jump for process in PROCESSES], np.float32)
_NAMED = np.array([process.named for process in PROCESSES])
_OFFENDER, _ENTRANT = PROFILE_NAMES.index("offender"), PROFILE_NAMES.index("entrant")
_DEADLY = [row for row, process in enumerate(PROCESSES) if process.category == "homicide"]


@dataclass(frozen=True)
class Life:
    """All that happened, in order of week.

    Attributes
    ----------
    week, process, stretch
        As planned; `area` is where it happened.
    person, suspect
        Positions in the register; `NOBODY` where no suspect is named.
    risk
        By week asked for: expected serious victimisations a year of each person at its start,
        given everything that had happened.
    """

    week: npt.NDArray[np.int16]
    process: npt.NDArray[np.int8]
    area: npt.NDArray[np.int8]
    stretch: npt.NDArray[np.int8]
    person: npt.NDArray[np.int32]
    suspect: npt.NDArray[np.int32]
    risk: dict[int, Floats]


def simulate(
    people: Register,
    plan: Plan,
    *,
    world: World,
    size: Size,
    risk_at: tuple[int, ...],
    rng: np.random.Generator,
) -> Life:
    """Live through all planned weeks.

    Parameters
    ----------
    risk_at
        Weeks at whose start everybody's risk is kept.
    """
    state = _State(people, plan, world, rng)
    last = int(plan.week.max()) + 1
    edges = np.searchsorted(plan.week, np.arange(last + 1))
    person = np.full(len(plan.week), NOBODY, np.int32)
    suspect = np.full(len(plan.week), NOBODY, np.int32)
    risk = {}
    for week in range(last):
        state.begin(week)
        if week in risk_at:
            risk[week] = state.serious(size)
        rows = slice(int(edges[week]), int(edges[week + 1]))
        person[rows], suspect[rows] = state.week(plan.process[rows], plan.area[rows])
    concerned = person >= 0
    area = np.where(plan.area == AT_HOME, people.area[person], plan.area)
    return Life(
        week=plan.week[concerned],
        process=plan.process[concerned],
        area=area[concerned],
        stretch=plan.stretch[concerned],
        person=person[concerned],
        suspect=suspect[concerned],
        risk=risk,
    )


class _State:
    """Rates of everybody in the current week."""

    def __init__(
        self, people: Register, plan: Plan, world: World, rng: np.random.Generator
    ) -> None:
        self.people, self.world, self.rng = people, world, rng
        self.first = day_number(plan.first)
        areas = np.arange(len(world.areas) + 1)
        self.bounds = np.searchsorted(people.area, areas)
        count = len(people)
        self.excitement = np.zeros(count, np.float32)
        self.drift = DRIFT_SD * rng.standard_normal(count, dtype=np.float32)
        self.usual = self._usual()
        self.moving = np.ones(count, np.float32)
        self.alive = np.ones(count, np.float32)
        self.entered = np.zeros(count, bool)
        self.fixed = np.zeros((len(PROFILES), count), np.float32)

    def begin(self, week: int) -> None:
        """Refresh what has changed by the Monday of the week."""
        monday = self.first + 7 * week
        if week % QUARTER == 0:
            for row, profile in enumerate(PROFILES.values()):
                self.fixed[row] = fixed_part(self.people, profile, monday, monday + 7 * QUARTER)
        if week % 4 == 0:
            fresh = self.rng.standard_normal(len(self.people), dtype=np.float32)
            self.drift *= DRIFT_KEPT
            self.drift += np.sqrt(1 - DRIFT_KEPT**2) * DRIFT_SD * fresh
            self.usual = self._usual()
        if week == WARM_UP:  # who enters youth justice is told by the records alone
            self.entered[:] = False
        self.excitement *= EXCITEMENT_KEPT
        self.moving = (1 + np.minimum(self.excitement, 3)) * self.usual
        self.moving[self.people.turn_at <= monday] *= TURNED
        self.moving *= self.alive

    def _usual(self) -> Rates:
        usual: Rates = np.exp(self.drift - DRIFT_SD**2 / 2)
        return usual

    def week(self, process: Array, area: Array) -> tuple[Ints, Ints]:
        """Find the people of one week's events; they are excited by it, or dead."""
        person = np.full(len(process), NOBODY, np.int64)
        profile = _PROFILE[process]
        for row in np.unique(profile):
            chosen = profile == row
            person[chosen] = self._concerned(row, process[chosen], area[chosen])
        suspect = self._suspects(person, process, area)
        np.add.at(self.excitement, person[person >= 0], _JUMP[process][person >= 0])
        np.add.at(self.excitement, suspect[suspect >= 0], np.float32(0.15))
        self.alive[person[np.isin(process, _DEADLY) & (person >= 0)]] = 0
        return person, suspect

    def _concerned(self, profile: int, process: Array, area: Array) -> Ints:
        """Find the people of one profile's events; a second order is for those who had a first."""
        weight = self.fixed[profile] * self.moving
        if profile == _ENTRANT:
            found = self._choose(weight * ~self.entered, area)
            self.entered[found[found >= 0]] = True
            return found
        found = self._choose(weight, area)
        again = process == FURTHER_ORDER
        if again.any():
            found[again] = self._choose(weight * self.entered, area[again])
        return found

    def _choose(self, weight: Rates, area: Array) -> Ints:
        """Draw people by weight, most of them from the area where it happened."""
        steps = np.zeros(len(weight) + 1)
        np.cumsum(weight, dtype=np.float64, out=steps[1:])
        low, high = steps[self.bounds[:-1]][area], steps[self.bounds[1:]][area]
        anywhere = (area == AT_HOME) | (self.rng.random(len(area)) < AWAY) | (high <= low)
        low, high = np.where(anywhere, 0.0, low), np.where(anywhere, steps[-1], high)
        at = low + self.rng.random(len(area)) * (high - low)
        found = np.clip(np.searchsorted(steps, at, "right") - 1, 0, len(weight) - 1)
        return np.where(weight[found] > 0, found, NOBODY)

    def _suspects(self, person: Ints, process: Array, area: Array) -> Ints:
        """Name a suspect beside some victims, by offending, mostly from where it happened."""
        suspect = np.full(len(person), NOBODY, np.int64)
        named = np.flatnonzero(self.rng.random(len(person)) < _NAMED[process])
        found = self._choose(self.fixed[_OFFENDER] * self.moving, area[named])
        suspect[named] = np.where(found == person[named], NOBODY, found)
        return suspect

    def serious(self, size: Size) -> Floats:
        """Return the expected serious victimisations of everybody in a year at these rates."""
        whole = figures.Stretch(date(2022, 1, 1), date(2023, 1, 1))
        expected = np.zeros(len(self.people))
        for name, counts in figures.quota(whole, size.violence).items():
            weight = self.world.robbery if name == "robbery" else self.world.violence
            if name not in {"bladed_weapon", "other_weapon"}:
                for profile, count in zip(("hurt_young", "hurt_older"), counts, strict=True):
                    expected += self._expected(profile, count * weight / weight.sum())
        return expected

    def _expected(self, profile: str, by_area: Floats) -> Floats:
        weight = (self.fixed[PROFILE_NAMES.index(profile)] * self.moving).astype(np.float64)
        local = np.add.reduceat(weight, self.bounds[:-1])
        near = (1 - AWAY) * by_area / np.maximum(local, 1e-12)
        far = AWAY * by_area.sum() / max(weight.sum(), 1e-12)
        expected: Floats = weight * (near[self.people.area] + far)
        return expected


def fixed_part(people: Register, profile: Profile, since: int, until: int) -> Rates:
    """Return everybody's rate beside the average, in one quarter, before anything moves.

    It is zero for whoever is not of the profile's ages throughout: someone whose birthday takes
    them across a bound (25 for victims) belongs to neither side in that quarter.
    """
    youngest, oldest = (since - people.birth) / DAYS_A_YEAR, (until - people.birth) / DAYS_A_YEAR
    eligible = (youngest >= profile.ages[0]) & (oldest < profile.ages[1] + 1)
    weight = np.zeros(len(people), np.float32)
    rows = np.flatnonzero(eligible)
    if not len(rows):
        return weight
    log_rate = profile.victim * people.victim[rows] + profile.suspect * people.suspect[rows]
    log_rate += profile.hardship * people.hardship[rows] + profile.male * people.male[rows]
    rate = np.exp(log_rate)
    if profile.youth:
        rate *= 0.35 + np.exp(-0.5 * ((youngest[rows] - 18) / 6.5) ** 2)
    weight[rows] = np.minimum(rate / rate.mean(), MOST_TIMES_MEAN)
    return weight
