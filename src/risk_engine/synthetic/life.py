"""What happens to people, week by week: one latent risk drives every agency's events.

Each kind of event has a rate per person of the right age and year. A person's rate is that times
a fixed part (latent vulnerability or offending, hardship of the home zone, age, recorded sex) and a
part that moves: a slow drift, a rise after each violent event that halves every eight weeks, and a
fall from the week a person's life turns. Ethnicity appears nowhere in this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_engine.synthetic.people import age_at

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WEEKS_A_YEAR = 365.2425 / 7
WARM_UP = 26  # weeks before the first record, so that nobody starts with a clean slate
EXCITEMENT_KEPT = 0.5 ** (1 / 8)
DRIFT_SD, DRIFT_KEPT = 0.4, 0.92  # refreshed every four weeks: correlation time about a year
TURNED = 0.4
MOST_TIMES_MEAN = 12  # nobody's fixed part is further from the average than this
MATRIX_WEEKS = 13  # ages, hence rates, are refreshed this often


@dataclass(frozen=True)
class Process:
    """One kind of event.

    Attributes
    ----------
    rate
        Events per eligible person and year, on average.
    ages
        Whole years, both ends included.
    victim, suspect, hardship, male
        Weights in the logarithm of a person's rate.
    youth
        Whether the rate peaks at 18.
    jump
        By how much an event raises the person's later rates.
    named
        Chance that a suspect is named beside the victim.
    """

    kind: str
    role: str
    rate: float
    ages: tuple[int, int] = (0, 120)
    victim: float = 0.0
    suspect: float = 0.0
    hardship: float = 0.3
    male: float = 0.0
    youth: bool = False
    jump: float = 0.05
    named: float = 0.0


def _violence(kind: str, rate: float, *, male: float = 0.2, named: float = 0.6) -> Process:
    return Process(
        kind,
        "victim",
        rate,
        victim=1.0,
        suspect=0.25,
        male=male,
        youth=True,
        jump=0.35,
        named=named,
    )


def _offence(kind: str, rate: float) -> Process:
    return Process(kind, "suspect", rate, (10, 120), suspect=1.0, male=0.8, youth=True, jump=0.25)


def _support(
    kind: str, rate: float, ages: tuple[int, int], victim: float, suspect: float
) -> Process:
    return Process(kind, "subject", rate, ages, victim=victim, suspect=suspect, hardship=0.35)


PROCESSES = (
    _violence("most_serious_violence", 0.012, male=0.5, named=0.75),
    _violence("robbery", 0.017, male=0.6, named=0.35),
    _violence("violent_disorder", 0.001, male=0.6, named=0.8),
    _violence("violence_with_injury", 0.11),
    _violence("violence_without_injury", 0.15, male=0.0),
    _violence("unreported_assault", 0.05, male=0.5, named=0.0),
    Process("criminal_damage", "victim", 0.05, (16, 120), victim=0.4, named=0.3),
    Process("theft", "victim", 0.08, victim=0.4, named=0.15),
    Process("public_order", "victim", 0.05, victim=0.6, named=0.4, youth=True),
    _offence("possession_of_weapons", 0.025),
    _offence("shop_theft", 0.05),
    _offence("public_order_found", 0.03),
    _support("missing_episode", 0.25, (8, 17), 0.8, 0.4),
    _support("referral", 0.10, (10, 17), 0.2, 0.9),
    _support("order", 0.05, (10, 17), 0.2, 1.0),
    _support("breach", 0.03, (10, 17), 0.2, 1.1),
    _support("suspension", 0.25, (5, 16), 0.3, 0.7),
    _support("permanent_exclusion", 0.015, (5, 16), 0.4, 0.9),
    _support("persistent_absence", 0.35, (5, 16), 0.5, 0.3),
    _support("contact", 0.40, (0, 17), 0.6, 0.2),
    _support("assessment", 0.15, (0, 17), 0.7, 0.2),
    _support("child_protection_plan", 0.04, (0, 17), 0.8, 0.1),
    _support("in_care", 0.02, (0, 17), 0.8, 0.3),
)
KINDS = tuple(process.kind for process in PROCESSES)
#: Kinds that make the serious violence of `Life.risk`, and the share of each that counts: assault
#: with injury only where the weapon was bladed, and none of it where it was domestic.
SERIOUS = {
    "most_serious_violence": 0.87,
    "robbery": 1.0,
    "violent_disorder": 1.0,
    "violence_with_injury": 0.06,
}


@dataclass(frozen=True)
class Life:
    """All that happened.

    Attributes
    ----------
    events
        ``week`` (Monday, datetime), ``kind, role, person, suspect`` (row numbers of the people;
        suspect is -1 where none is named), in order of week, including the warm-up's none.
    risk
        ``risk_before, risk_at_end``: expected serious victimisations a year of each person 26
        weeks before the last day and on it, given everything that had happened.
    """

    events: pd.DataFrame
    risk: pd.DataFrame


def simulate(
    people: pd.DataFrame, *, start: date, weeks: int, end: date, rng: np.random.Generator
) -> Life:
    """Live through `weeks` weeks from `start` (a Monday), after a warm-up before it."""
    state = _State(people, rng)
    end_week = (end - start).days // 7
    snapshots: dict[int, Floats] = {}
    found: list[pd.DataFrame] = []
    for week in range(-WARM_UP, weeks):
        monday = pd.Timestamp(start) + pd.Timedelta(weeks=week)
        state.begin(monday, step=week + WARM_UP)
        if week in {end_week - 26, end_week}:
            snapshots[week] = state.serious()
        happened = state.week()
        if week >= 0:
            found.append(happened.assign(week=monday))
    events = pd.concat(found, ignore_index=True)
    risk = pd.DataFrame(
        {"risk_before": snapshots[end_week - 26], "risk_at_end": snapshots[end_week]}
    )
    return Life(_with_follow_ups(events, people, rng), risk)


class _State:
    """Rates of everybody in the current week."""

    def __init__(self, people: pd.DataFrame, rng: np.random.Generator) -> None:
        self.people, self.rng = people, rng
        self.excitement = np.zeros(len(people))
        self.drift = rng.normal(0, DRIFT_SD, len(people))
        area = people.area.to_numpy()
        self.first, self.last = np.searchsorted(area, area), np.searchsorted(area, area, "right")
        self.moving = np.ones(len(people))
        self.rates = np.zeros((len(people), len(PROCESSES)))

    def begin(self, monday: pd.Timestamp, *, step: int) -> None:
        if step % MATRIX_WEEKS == 0:
            self.rates = _rates(self.people, monday)
        if step % 4 == 0:
            fresh = self.rng.normal(0, DRIFT_SD, len(self.people))
            self.drift = DRIFT_KEPT * self.drift + np.sqrt(1 - DRIFT_KEPT**2) * fresh
        turned = (self.people.turn_at <= monday).to_numpy()
        self.excitement *= EXCITEMENT_KEPT
        self.moving = (1 + np.minimum(self.excitement, 3)) * np.exp(self.drift - DRIFT_SD**2 / 2)
        self.moving *= np.where(turned, TURNED, 1.0)

    def serious(self) -> Floats:
        """Return the expected serious victimisations a year at the current rates."""
        weight = np.array([SERIOUS.get(kind, 0.0) for kind in KINDS])
        result: Floats = (self.rates @ weight) * self.moving
        return result

    def week(self) -> pd.DataFrame:
        """Draw one week; people to whom something happened are excited by it."""
        total = self.rates.sum(axis=1) * self.moving / WEEKS_A_YEAR
        person = np.repeat(np.arange(len(total)), self.rng.poisson(total))
        steps = self.rates[person].cumsum(axis=1)
        pick = self.rng.random((len(person), 1)) * steps[:, -1:]
        process = np.minimum((steps <= pick).sum(axis=1), len(PROCESSES) - 1)
        suspect = self._suspects(person, process)
        np.add.at(self.excitement, person, np.array([p.jump for p in PROCESSES])[process])
        np.add.at(self.excitement, suspect[suspect >= 0], 0.15)
        kind = np.array(KINDS, object)[process]
        role = np.array([p.role for p in PROCESSES], object)[process]
        return pd.DataFrame({"kind": kind, "role": role, "person": person, "suspect": suspect})

    def _suspects(self, person: Ints, process: Ints) -> Ints:
        """Name a suspect for some victims, by offending rate, mostly from the victim's area."""
        offending = self.rates[:, KINDS.index("possession_of_weapons")] * self.moving
        steps = np.concatenate([[0.0], np.cumsum(offending)])
        local = self.rng.random(len(person)) < 0.85
        low = np.where(local, steps[self.first[person]], 0.0)
        high = np.where(local, steps[self.last[person]], steps[-1])
        at = low + self.rng.random(len(person)) * (high - low)
        chosen = np.clip(np.searchsorted(steps, at, "right") - 1, 0, len(offending) - 1)
        named = self.rng.random(len(person)) < np.array([p.named for p in PROCESSES])[process]
        possible = named & (chosen != person) & (offending[chosen] > 0)
        return np.where(possible, chosen, -1)


def _rates(people: pd.DataFrame, moment: pd.Timestamp) -> Floats:
    """Events a year by person and process before anything moves; zero outside the ages."""
    age = age_at(people.birth, moment)
    youth = np.log(0.35 + np.exp(-0.5 * ((age - 18) / 6.5) ** 2))
    male = (people.sex == "M").to_numpy()
    columns = []
    for process in PROCESSES:
        log_rate = process.victim * people.victim + process.suspect * people.suspect
        log_rate = log_rate + process.hardship * people.hardship + process.male * male
        rate = np.exp(log_rate.to_numpy() + youth * process.youth)
        eligible = (age >= process.ages[0]) & (age <= process.ages[1])
        mean = rate[eligible].mean() if eligible.any() else 1.0
        times_mean = np.minimum(rate / mean, MOST_TIMES_MEAN)
        columns.append(np.where(eligible, process.rate * times_mean, 0.0))
    return np.column_stack(columns)


def _with_follow_ups(
    events: pd.DataFrame, people: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Add what follows an order or an absence, more often in lives that have turned or soon do."""
    parts = [events]
    for kind, follows, weeks in (
        ("order", "order_completed", (26, 40)),
        ("persistent_absence", "attendance_regained", (6, 20)),
    ):
        before = events[events.kind == kind]
        later = before.week + pd.to_timedelta(7 * rng.integers(*weeks, len(before)), unit="D")
        turn = people.turn_at.iloc[before.person].to_numpy()
        chance = np.where(turn <= (later + pd.Timedelta(weeks=26)).to_numpy(), 0.8, 0.3)
        kept = (rng.random(len(before)) < chance) & (later <= events.week.max()).to_numpy()
        parts.append(before.assign(week=later, kind=follows)[kept])
    return pd.concat(parts, ignore_index=True).sort_values("week", kind="stable", ignore_index=True)
