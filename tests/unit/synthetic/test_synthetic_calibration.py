"""The years 2021 and 2022 are as published, counted as the needs assessment counts them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from risk_engine.config import AreasConfig, Contract, OffenceDefinition, load_model
from risk_engine.synthetic import generate
from risk_engine.synthetic.figures import (
    CATEGORIES,
    ENTRANTS,
    NATIONAL_ENTRANTS,
    VIOLENCE,
    published,
    quota,
    stretches,
)
from risk_engine.synthetic.processes import PROCESSES, RESIDENTS_10_17

PROJECT = Path(__file__).parents[3]
WITHIN = 0.03


@pytest.fixture(scope="module")
def offences(published, contracts: dict[str, Contract]) -> pd.DataFrame:
    """Rows of the police that fit the definition, without bad rows, known by the last day."""
    fields = contracts["police_crime"].fields
    rows = published.sound("police_crime", "Involvement Reference")
    rows = rows.assign(
        kind=rows["Offence Code"].map(fields["offence"].codes),
        category=rows["Offence Code"].map(fields["category"].codes),
        when=pd.to_datetime(rows["Committed From"], format="%d/%m/%Y %H:%M"),
        known=pd.to_datetime(rows["Recorded Date"], format="%d/%m/%Y %H:%M"),
        domestic=rows["Domestic Abuse"].map(fields["domestic"].codes),
        weapon=rows.Weapon.map(fields["weapon"].codes),
    )
    rows = rows[rows.known < pd.Timestamp(published.made.end)]
    path = PROJECT / "configs/definitions/serious_violence.yaml"
    definition = load_model(OffenceDefinition, path)
    include = pd.concat([_fits(rows, part) for part in definition.include], axis=1).any(axis=1)
    exclude = pd.concat([_fits(rows, part) for part in definition.exclude], axis=1).any(axis=1)
    rows = rows[include & ~exclude]
    return rows.assign(year=rows.when.dt.year, young=(rows["Age At Event"].astype(int) < 25))


def _fits(rows: pd.DataFrame, part: object) -> pd.Series:
    fits = rows.kind.isin(part.kind) if part.kind else pd.Series(True, index=rows.index)
    for attribute, values in part.attributes.items():
        fits &= rows[attribute].isin(values)
    return fits


def count(rows: pd.DataFrame) -> int:
    return rows["Crime Number"].nunique()


@pytest.mark.parametrize("year", [2021, 2022])
def test_what_the_police_sent_gives_the_published_figures(
    offences: pd.DataFrame, year: int
) -> None:
    rows = offences[offences.year == year]
    victims = rows[rows.Role == "VIC"]
    made = {
        "serious_violence": count(rows),
        "bladed_weapon": count(rows[rows.category == "bladed_weapon"]),
        "robbery": count(rows[rows.kind == "robbery"]),
        "wounding": count(rows[rows.category == "wounding_gbh"]),
        "homicide": count(rows[rows.category == "homicide"]),
        "victim_under_25": count(victims[victims.young]),
    }
    main = ("bladed_weapon", "robbery", "wounding", "homicide")
    made["other"] = made["serious_violence"] - sum(made[name] for name in main)
    for name, figure in published(year).items():
        assert made[name] == pytest.approx(figure, rel=WITHIN), name


def test_changes_on_the_year_before_are_those_published(offences: pd.DataFrame) -> None:
    def change(rows: pd.DataFrame) -> float:
        return 100 * (count(rows[rows.year == 2022]) / count(rows[rows.year == 2021]) - 1)

    young = offences[(offences.Role == "VIC") & offences.young]
    assert change(offences) == pytest.approx(9.1, abs=0.5)
    assert change(young) == pytest.approx(3.0, abs=1)
    assert change(young[young.weapon == "bladed"]) == pytest.approx(-6.2, abs=2)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_seed_makes_the_figures_exactly(areas: AreasConfig, seed: int) -> None:
    made = generate(
        people=3_000, years=2, end=date(2023, 1, 2), seed=seed, areas=areas, violence=1.0
    )
    events = made.desk.incidents
    year = events.minute.astype("datetime64[m]").astype("datetime64[Y]").astype(int) + 1970
    names = [process.category or "" for process in PROCESSES]
    for column, wanted in ((0, 2021), (1, 2022)):
        category = np.array(names)[events.process[year == wanted]]
        for known in CATEGORIES:
            assert (category == known.name).sum() == known.total[column], known.name


def test_the_categories_add_up_to_what_is_published() -> None:
    for column, year in ((0, 2021), (1, 2022)):
        figures = published(year)
        assert sum(c.total[column] for c in CATEGORIES) == figures["serious_violence"]
        assert sum(c.young[column] for c in CATEGORIES) == figures["victim_under_25"]
    by_name = {c.name: c.total[1] for c in CATEGORIES}
    assert all(by_name[name] == n for name, n in published(2022).items() if name in by_name)


def test_a_share_of_the_level_keeps_the_mix() -> None:
    (whole,) = stretches(date(2022, 1, 1), date(2023, 1, 1))
    some = quota(whole, 0.2)
    assert sum(map(sum, some.values())) == round(0.2 * 5_049)
    assert sum(some["robbery"]) == pytest.approx(0.2 * 1_281, abs=1)
    assert sum(young for young, _ in some.values()) == pytest.approx(0.2 * 1_348, abs=4)


def test_a_part_of_a_year_has_its_part_of_the_offences() -> None:
    parts = stretches(date(2022, 4, 1), date(2023, 2, 1))
    assert [part.year for part in parts] == [2022, 2023]
    counts = [sum(map(sum, quota(part, 1.0).values())) for part in parts]
    assert counts[0] == pytest.approx(5_049 * 275 / 365, abs=1)
    assert counts[1] == pytest.approx(1.02 * 5_049 * 31 / 365, abs=1)


def test_areas_have_their_share_of_violence(published) -> None:
    incidents = published.truth("incidents")
    robbery = incidents[incidents.category.isin(["robbery", "bladed_weapon", "other_weapon"])]
    violence = incidents[incidents.kind.str.startswith("violence_with")]
    for column, rows in enumerate((robbery, violence)):
        share = rows.area_code.value_counts(normalize=True)
        total = sum(numbers[column] for numbers in VIOLENCE.values())
        for code, numbers in VIOLENCE.items():
            assert share[code] == pytest.approx(numbers[column] / total, rel=0.05), code


def test_first_time_entrants_are_above_the_national_rate(areas: AreasConfig) -> None:
    made = generate(people=110_000, years=1, end=date(2023, 1, 2), seed=4, areas=areas)
    sent = made.extract("youth_justice")
    stage = np.array(sent.write(np.arange(len(sent)))["Stage"].to_pylist())
    orders = sent.person[stage == "Order Start"]
    entrants = len(np.unique(orders))
    rate = 1e5 * entrants / (RESIDENTS_10_17 / 10)  # a tenth of the force area's people
    assert rate > 1.1 * NATIONAL_ENTRANTS
    assert rate == pytest.approx(ENTRANTS, rel=0.15)  # thirteen months, some not yet entered
    assert len(orders) > 1.5 * entrants
