"""Outcomes, risk and records behave as the truth says they do."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from risk_engine.config import AreasConfig
from risk_engine.errors import ConfigError
from risk_engine.synthetic import SOURCES, generate

END = pd.Timestamp("2026-06-01")
SERIOUS = {"8F", "5D", "5E", "1", "2", "34A", "34B", "62A", "64"}


def police(sent) -> pd.DataFrame:
    """Police rows with their true person, times as dates; rows with a planted fault left out."""
    rows = sent.sound("police_crime", "Involvement Reference")
    people = sent.truth("records").query("source == 'police_crime'")
    rows = rows.merge(people, left_on="Involvement Reference", right_on="row_key")
    for column in ("Committed From", "Recorded Date"):
        rows[column] = pd.to_datetime(rows[column], format="%d/%m/%Y %H:%M")
    return rows


def cohort(sent) -> pd.DataFrame:
    """People aged 10 to 24 half a year before the end, with what happened to them since."""
    rows, people = police(sent), sent.truth("people")
    origin = END - pd.Timedelta(weeks=26)
    age = (origin - pd.to_datetime(people.birth_date)).dt.days // 365.2425
    bladed = (rows["Offence Code"] == "8N") & (rows.Weapon == "KNIFE")
    serious = rows["Offence Code"].isin(SERIOUS) | bladed
    serious &= (rows.Role == "VIC") & (rows["Domestic Abuse"] == "N")
    when = rows["Committed From"].between(origin, END, inclusive="left")
    victims = set(rows[serious & when].true_person_id)
    return people.assign(label=people.true_person_id.isin(victims))[(age >= 10) & (age <= 24)]


def test_base_rate_and_true_discrimination_are_in_the_range_of_the_field(
    whole,
) -> None:
    people = cohort(whole)
    assert 0.015 < people.label.mean() < 0.04
    assert 0.78 < roc_auc_score(people.label, people.risk_before) < 0.88


def test_true_risk_is_calibrated(whole) -> None:
    people = cohort(whole)
    assert 0.75 < people.label.sum() / (people.risk_before.sum() / 2) < 1.1  # persons, not events


def test_ethnicity_adds_nothing_to_where_people_live(whole) -> None:
    people = whole.truth("people")
    trait = people[["victim_latent", "suspect_latent"]].sum(axis=1)
    minority = people.ethnicity != "White"
    gap = trait[minority].mean() - trait[~minority].mean()
    error = trait.std() * np.sqrt(1 / minority.sum() + 1 / (~minority).sum())
    assert abs(gap) < 3 * error


def test_victimisation_is_even_between_groups_given_area_and_hardship(
    whole,
) -> None:
    people = whole.truth("people")
    hurt = set(police(whole).query("Role == 'VIC'").true_person_id)
    people = people.assign(
        hurt=people.true_person_id.isin(hurt),
        minority=people.ethnicity != "White",
        stratum=people.area_code + pd.qcut(people.hardship, 4, labels=list("abcd")).astype(str),
    )
    expected = people.groupby("stratum").hurt.transform("mean")[people.minority].sum()
    assert 0.9 < people[people.minority].hurt.sum() / expected < 1.1


def test_groups_follow_the_mix_of_the_areas(whole) -> None:
    share = whole.truth("people").ethnicity.value_counts(normalize=True)
    assert share["White"] == pytest.approx(0.906, abs=0.02)
    assert share["Asian"] == pytest.approx(0.048, abs=0.015)


def test_recent_victims_are_at_higher_risk_than_their_past_alone_says(
    whole,
) -> None:
    rows, people = police(whole), whole.truth("people")
    recent = rows[
        (rows.Role == "VIC") & rows["Committed From"].between(END - pd.Timedelta("56D"), END)
    ]
    trait = people[["victim_latent", "hardship"]].sum(axis=1)
    band = pd.qcut(trait, 20, labels=False)
    known = people.true_person_id.isin(recent.true_person_id)
    usual = people.risk_at_end.groupby(band).transform("mean")[known].mean()
    assert people.risk_at_end[known].mean() > 1.2 * usual


def test_police_records_lag_as_published(whole) -> None:
    rows = police(whole)
    days = (rows["Recorded Date"] - rows["Committed From"]) / pd.Timedelta(days=1)
    assert (days <= 1).mean() == pytest.approx(0.57, abs=0.02)
    assert (days <= 2).mean() == pytest.approx(0.84, abs=0.02)
    assert (days <= 3).mean() == pytest.approx(0.91, abs=0.02)
    assert (days <= 7).mean() == pytest.approx(0.99, abs=0.01)


def test_the_four_weeks_after_the_end_are_there_and_unknown_before_it(
    whole,
) -> None:
    rows = police(whole)
    after = rows[rows["Committed From"] >= END]
    assert len(after) > 200
    assert (after["Recorded Date"] > END).all()
    assert after["Committed From"].max() < END + pd.Timedelta(days=30)


def test_nobody_has_events_long_after_a_homicide(whole) -> None:
    rows = police(whole)
    deaths = rows[(rows["Offence Code"] == "1") & (rows.Role == "VIC")]
    assert len(deaths) > 0
    died = rows.true_person_id.map(deaths.groupby("true_person_id")["Committed From"].min())
    assert not (rows["Committed From"] > died + pd.Timedelta(days=8)).any()


def test_size_is_that_of_the_demo(whole) -> None:
    counts = {source: len(whole.rows(source)) for source in SOURCES}
    assert 100_000 < sum(counts.values()) < 135_000
    assert len(whole.truth("people")) == 20_000
    assert min(counts.values()) > 300


def test_records_of_one_person_differ_and_mostly_agree(whole) -> None:
    rows = police(whole)
    spelled = rows.assign(name=rows.Forename + " " + rows.Surname).groupby("true_person_id").name
    assert 0.02 < spelled.nunique().gt(1).mean() < 0.3
    numbers = rows.groupby("Person Number").true_person_id.nunique()
    assert numbers.max() == 1  # a number never names two people
    assert 0.01 < (rows.Postcode == "").mean() < 0.1
    assert 0.005 < (rows["Date Of Birth"] == "").mean() < 0.05


def test_a_pupil_number_is_one_person_in_both_sources(whole) -> None:
    records = whole.truth("records")
    pairs = []
    for source, key, number in (
        ("education", "Entry Number", "Pupil Number"),
        ("childrens_services", "Case Step", "UPN"),
    ):
        told = records[records.source == source]
        rows = whole.rows(source).merge(told, left_on=key, right_on="row_key")
        pairs.append(rows[[number, "true_person_id"]].set_axis(["number", "person"], axis=1))
    known = pd.concat(pairs).query("number != ''")
    assert known.groupby("number").person.nunique().max() == 1
    assert known.groupby("person").number.nunique().max() == 1


def test_faults_of_the_request_are_named(areas: AreasConfig) -> None:
    with pytest.raises(ConfigError, match="not a Monday"):
        generate(end=date(2026, 6, 2), seed=1, areas=areas)
    with pytest.raises(ConfigError, match="at least 100 people"):
        generate(people=3, end=date(2026, 6, 1), seed=1, areas=areas)
    bare = areas.local_areas[0].model_copy(update={"population": None})
    broken = areas.model_copy(update={"local_areas": [bare]})
    with pytest.raises(ConfigError, match="needs population and centre"):
        generate(end=date(2026, 6, 1), seed=1, areas=broken)
    double = areas.local_areas[0].model_copy(update={"code": "E99"})
    twice = areas.model_copy(update={"local_areas": [areas.local_areas[0], double]})
    with pytest.raises(ConfigError, match="share one centre"):
        generate(end=date(2026, 6, 1), seed=1, areas=twice)
