"""Planted biases and troubles do what they say, measured on what was sent."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Callable
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest

from risk_engine.config import AreasConfig
from risk_engine.errors import UsageError
from risk_engine.synthetic import SOURCES, Partnership, Switches, frame, generate, parse

END = date(2026, 1, 5)
Make = Callable[..., Partnership]


@pytest.fixture(scope="module")
def make(areas: AreasConfig) -> Make:
    """Make a partnership in which every group is large enough to measure."""

    @cache
    def made(shown: str) -> Partnership:
        switches = literal_eval(shown)
        return generate(
            people=12_000, years=1, end=END, seed=5, areas=areas, violence=0.5,
            switches=Switches(**switches),
        )  # fmt: skip

    return lambda **switches: made(repr(switches))


def rows_by_group(made: Partnership, source: str) -> pd.DataFrame:
    """Rows of a source with the true ethnic group of each."""
    sent, told = frame(made, source)
    groups = np.array(["Asian", "Black", "Mixed", "Other", "White"], object)
    person = made.extract(source).person
    return sent.assign(group=groups[made.desk.people.group[person]], happened=told.happened)


def test_without_switches_nothing_is_made_up(make: Make) -> None:
    made = make()
    assert made.desk.switches.rows() == []
    assert (rows_by_group(made, "police_crime").happened == "1").all()


@pytest.mark.parametrize("factor", [0.5, 1.5, 2.5])
def test_over_recording_multiplies_a_group_and_leaves_the_others(make: Make, factor: float) -> None:
    usual = rows_by_group(make(), "police_crime").group.value_counts()
    rows = rows_by_group(make(over_record={"Asian": factor}), "police_crime")
    found = rows.group.value_counts()
    assert found["Asian"] / usual["Asian"] == pytest.approx(factor, rel=0.06)
    assert found.drop("Asian").equals(usual.drop("Asian")[found.drop("Asian").index])
    made_up = rows[rows.happened == "0"]
    assert set(made_up.group) == ({"Asian"} if factor > 1 else set())
    assert len(made_up) == max(0, found["Asian"] - usual["Asian"])
    assert rows["Involvement Reference"].is_unique


def test_over_recording_reaches_no_other_source(make: Make) -> None:
    biased = make(over_record={"Asian": 2.0})
    for source in ("custody", "emergency_department", "education"):
        assert frame(biased, source)[0].equals(frame(make(), source)[0]), source


def serious(rows: pd.DataFrame) -> pd.DataFrame:
    codes = ["8F", "5D", "5E", "2", "34A", "34B", "62A", "64"]
    bladed = (rows["Offence Code"] == "8N") & (rows.Weapon == "KNIFE")
    chosen = rows["Offence Code"].isin(codes) | bladed
    return rows[chosen & (rows.Role == "VIC") & (rows["Domestic Abuse"] == "N")]


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_label_bias_changes_serious_victims_of_a_group_only(make: Make, factor: float) -> None:
    usual = rows_by_group(make(), "police_crime")
    biased = rows_by_group(make(label_bias={"police_crime": {"White": factor}}), "police_crime")
    before, after = (serious(rows).group.value_counts() for rows in (usual, biased))
    assert after["White"] / before["White"] == pytest.approx(factor, rel=0.06)
    assert after.drop("White").to_dict() == before.drop("White").to_dict()
    others = [rows[rows.Role == "VIC"].drop(serious(rows).index) for rows in (usual, biased)]
    assert len(others[0]) == len(others[1])


def test_label_bias_in_health_leaves_the_police_alone(make: Make) -> None:
    biased = make(label_bias={"emergency_department": {"White": 0.4}})
    usual, found = (
        rows_by_group(made, "emergency_department").group.value_counts()
        for made in (make(), biased)
    )
    assert found["White"] / usual["White"] == pytest.approx(0.4, rel=0.1)
    assert found.drop("White").to_dict() == usual.drop("White").to_dict()
    assert frame(biased, "police_crime")[0].equals(frame(make(), "police_crime")[0])


def test_under_linked_records_have_more_slips_and_fewer_birth_dates(make: Make) -> None:
    def gaps(made: Partnership) -> tuple[pd.Series, pd.Series]:
        rows = rows_by_group(made, "education")
        born = (rows["Date of Birth"] == "").groupby(rows.group).mean()
        person = made.extract("education").person
        written = rows.Forename + " " + rows.Surname
        names = written.groupby([rows.group, person]).agg(lambda n: len(set(n))) > 1
        return born, names.groupby(level=0).mean()

    (born, names), (fewer, more) = gaps(make()), gaps(make(under_link={"Asian": 5.0}))
    assert fewer["Asian"] > 2 * born["Asian"]
    assert fewer["Asian"] == pytest.approx(0.10, abs=0.04)
    assert more["Asian"] > 1.3 * names["Asian"]
    assert fewer["White"] == born["White"]
    assert more["White"] == names["White"]


def test_a_reclassified_month_has_twice_the_violence_and_the_usual_total(make: Make) -> None:
    def months(made: Partnership) -> pd.DataFrame:
        rows = frame(made, "police_crime")[0]
        month = rows["Recorded Date"].str[6:10] + "-" + rows["Recorded Date"].str[3:5]
        violent = rows["Offence Code"].isin(["8N", "8P", "105A", "8L", "8Q"])
        return pd.crosstab(month, violent)

    usual, found = months(make()), months(make(reclassify="2025-08"))
    month = found.loc["2025-08"]
    assert month[True] == pytest.approx(2 * usual.loc["2025-08", True], rel=0.15)
    assert month.sum() == usual.loc["2025-08"].sum()
    assert found.drop("2025-08").equals(usual.drop("2025-08"))


def test_a_reclassified_month_keeps_serious_violence(make: Make) -> None:
    usual, found = (
        serious(frame(made, "police_crime")[0]) for made in (make(), make(reclassify="2025-08"))
    )
    assert len(found) == len(usual)


def test_a_late_source_lacks_its_last_ten_weeks(make: Make) -> None:
    late, usual = make(late=("education",)), make()
    assert len(late.extract("education")) < len(usual.extract("education"))
    returned = frame(late, "education")[0]["Return Date"]
    assert returned.max() < "2025-10-27"
    assert returned.max() > "2025-10-20"
    assert frame(late, "custody")[0].equals(frame(usual, "custody")[0])


def test_switches_are_read_as_they_are_written() -> None:
    found = parse(
        over_record=["Black=1.5", "Asian=0.5"],
        label_bias=["police_crime:Asian=0.6"],
        under_link=["Other=3"],
        reclassify="2025-08",
        late=["education"],
        sources=SOURCES,
    )
    assert found.rows() == [
        ("over_record", "police_crime", "Black", "1.5"),
        ("over_record", "police_crime", "Asian", "0.5"),
        ("label_bias", "police_crime", "Asian", "0.6"),
        ("under_link", "", "Other", "3"),
        ("reclassify", "police_crime", "", "2025-08"),
        ("late", "education", "", "70d"),
    ]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"over_record": ["Blck=1.5"]}, "did you mean 'Black'"),
        ({"over_record": ["Black"]}, "is no factor"),
        ({"under_link": ["Black=0"]}, "is no factor"),
        ({"under_link": ["Black=nan"]}, "is no factor"),
        ({"label_bias": ["education:Black=2"]}, "allowed: emergency_department"),
        ({"reclassify": "2025-13"}, "write YYYY-MM"),
        ({"late": ["schools"]}, "'schools' is not known"),
    ],
)
def test_a_switch_that_cannot_be_read_says_what_is_allowed(wrong: dict, says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        parse(**wrong, sources=SOURCES)
    assert caught.value.code == "BAD_SWITCH"
