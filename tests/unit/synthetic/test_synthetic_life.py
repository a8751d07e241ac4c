"""Plans keep their totals, and whom they befall follows risk and nothing else."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from risk_engine.config import AreasConfig
from risk_engine.synthetic import Partnership, figures, generate
from risk_engine.synthetic.life import fixed_part
from risk_engine.synthetic.people import Register
from risk_engine.synthetic.plan import AT_HOME, sizes
from risk_engine.synthetic.processes import PROCESSES, PROFILES, number

END = date(2023, 1, 2)


@pytest.fixture(scope="module")
def made(areas: AreasConfig) -> Partnership:
    return generate(people=5_000, years=1, end=END, seed=8, areas=areas, violence=1.0)


def test_everything_planned_befalls_somebody(made: Partnership) -> None:
    plan, life = made.desk.plan, made.desk.life
    missed = len(plan.week) - len(life.week)
    assert missed < 0.002 * len(plan.week)  # further orders before anybody had a first
    assert (np.diff(life.week) >= 0).all()
    assert life.person.min() >= 0


def test_what_happens_falls_into_the_year_it_was_planned_for(made: Partnership) -> None:
    plan, life, events = made.desk.plan, made.desk.life, made.desk.incidents
    year = events.minute.astype("datetime64[m]").astype("datetime64[Y]").astype(int) + 1970
    happens = np.array([process.happens for process in PROCESSES])[life.process]
    kept = happens & (life.week >= made.desk.since)
    planned = np.array([stretch.year for stretch in plan.stretches])[life.stretch[kept]]
    for process in range(len(PROCESSES)):
        chosen = planned[life.process[kept] == process]
        assert np.array_equal(
            np.unique(chosen, return_counts=True),
            np.unique(year[events.process == process], return_counts=True),
        )


def test_victims_are_of_the_age_they_were_planned_for(made: Partnership) -> None:
    events, people = made.desk.incidents, made.desk.people
    age = people.age(events.person, events.day)
    names = np.array([process.name for process in PROCESSES])[events.process]
    for row, group in enumerate(("young", "older")):
        chosen = np.char.endswith(names.astype(str), f"_{group}")
        assert chosen.sum() > 500
        assert ((age[chosen] >= figures.YOUNG) == bool(row)).all()


def test_ages_of_a_profile_hold_throughout_the_quarter(made: Partnership) -> None:
    people: Register = made.desk.people
    since, until = 19_000, 19_000 + 91
    for profile in PROFILES.values():
        weight = fixed_part(people, profile, since, until)
        concerned = np.flatnonzero(weight)
        assert people.age(concerned, since).min() >= profile.ages[0]
        assert people.age(concerned, until - 1).max() <= profile.ages[1]
        assert weight.max() <= 12


def test_events_follow_the_latent_traits(made: Partnership) -> None:
    life, people = made.desk.life, made.desk.people
    for name, trait in (("wounding_older", "victim"), ("bladed_weapon", "suspect")):
        person = life.person[life.process == number(name)]
        assert getattr(people, trait)[person].mean() > 0.5, name


def test_most_live_in_the_area_where_it_happens(made: Partnership) -> None:
    life, people, plan = made.desk.life, made.desk.people, made.desk.plan
    assert (plan.area == AT_HOME).any()
    placed = np.array([process.spread != "home" for process in PROCESSES])[life.process]
    home = (people.area[life.person] == life.area)[placed]
    assert home.mean() == pytest.approx(0.88 + 0.12 / 9, abs=0.03)


def test_risk_adds_up_to_what_is_expected_in_a_year(made: Partnership) -> None:
    for risk in made.desk.life.risk.values():
        victims = 5_049 - 1_704 - 238  # weapons offences have none
        assert risk.sum() == pytest.approx(victims, rel=0.001)
        assert (risk >= 0).all()


def test_sizes_scale_between_people_and_violence() -> None:
    whole, small = sizes(1_100_000, None), sizes(20_000, None)
    assert (whole.violence, small.violence) == (1.0, 0.4)
    dense = PROCESSES[number("assault")]
    plain = PROCESSES[number("suspension")]
    assert whole.count(dense) == dense.count
    assert small.count(plain) == pytest.approx(plain.count * 2 / 110)
    assert small.count(plain) / plain.count < small.count(dense) / dense.count < 0.4


def test_nobody_is_hurt_after_their_death(made: Partnership) -> None:
    life = made.desk.life
    deadly = [row for row, process in enumerate(PROCESSES) if process.category == "homicide"]
    deaths = np.flatnonzero(np.isin(life.process, deadly))
    assert len(deaths) > 10
    for death in deaths:
        later = life.week > life.week[death]
        assert not (life.person[later] == life.person[death]).any()
        assert not (life.suspect[later] == life.person[death]).any()
