"""Extracts as they come on a bad day: every record is still somebody's, and the report says why."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from risk_engine.config.linkage import LinkageSpec
from risk_engine.config.load import load_model
from risk_engine.engine import open_engine
from risk_engine.events import RECORD_SCHEMA
from risk_engine.linkage import link
from risk_engine.places import AreaMap

FIRST = "amir anna bilal chidi daniel emma fatima george hannah ibrahim jack katie leo maria noah"
LAST = (
    "adeyemi begum clarke davies edwards fisher green hussain iqbal jones khan lewis malik nowak "
    "okafor patel quinn roberts smith taylor usman vickers walker xu young zielinska"
)


@pytest.fixture(scope="module")
def areas():
    frame = gpd.GeoDataFrame(
        {"area_code": ["A"], "name": ["A"]}, geometry=[box(0, 0, 9, 9)], crs=27700
    )
    return AreaMap(frame, "EPSG:27700", 0)


@pytest.fixture(scope="module")
def linked(areas, project_root):
    """Link records; in every story each record has exactly one person, and nothing is lost."""
    spec = load_model(LinkageSpec, project_root / "models/specs/linkage.yaml")

    def done(frame):
        with open_engine() as engine:
            found = link(
                engine.table(frame, RECORD_SCHEMA), engine=engine, areas=areas, spec=spec,
                key=b"k" * 32, seed=1, as_of=pd.Timestamp("2026-01-05").to_pydatetime(),
            )  # fmt: skip
            links, people = (
                found.tables[name].to_pyarrow().to_pandas() for name in ("links", "people")
            )
        assert sorted(links["record_id"]) == sorted(frame["record_id"])
        assert links["person_id"].notna().all()
        assert set(links["person_id"]) == set(people["person_id"])
        assert people["person_id"].is_unique
        assert sum(found.quality["methods"].values()) == found.quality["records"] == len(frame)
        person = links.set_index("record_id")["person_id"]
        methods = links.set_index("record_id")["method"]
        return SimpleNamespace(person=person, methods=methods, quality=found.quality)

    return done


def records(people, *, source="police", seed=1):
    """One sound record of each of some people; the same people for the same seed."""
    draw = np.random.default_rng(seed)
    born = pd.Timestamp("1970-01-01") + pd.to_timedelta(draw.integers(0, 14_000, people), unit="D")
    made = {
        "record_id": [f"{source}-{number}" for number in range(people)],
        "source": source,
        "first_name": draw.choice(FIRST.split(), people),
        "last_name": draw.choice(LAST.split(), people),
        "birth_date": born.strftime("%Y-%m-%d"),
        "sex": draw.choice(["m", "f"], people),
        "postcode": [f"SO{n % 40 + 1} {n % 10}A{chr(65 + n % 26)}" for n in range(people)],
        "known_at": pd.Timestamp("2024-01-01"),
    }
    return pd.DataFrame(made).reindex(columns=list(RECORD_SCHEMA)).astype({"birth_date": "str"})


def together(*frames):
    return pd.concat(frames, ignore_index=True)


def same_people(found, one, other, people):
    """Share of people whose records of two sources were put together."""
    pairs = [found.person[f"{one}-{n}"] == found.person[f"{other}-{n}"] for n in range(people)]
    return sum(pairs) / people


def test_a_source_that_lost_all_its_names(linked):
    health = records(400, source="health").assign(first_name=None, last_name=None)
    found = linked(together(records(400), records(400, source="school"), health))
    assert same_people(found, "police", "school", 400) > 0.99
    alone = found.person[[f"health-{n}" for n in range(400)]]
    assert not set(alone) & set(found.person.drop(alone.index))
    assert found.quality["by_source"]["health"]["in_another_source_share"] == 0
    assert found.quality["by_source"]["police"]["in_another_source_share"] > 0.99


def test_a_source_that_writes_one_birth_date_for_everybody(linked):
    """01/01/1900 is nobody's birth date; people are found all the same where postcodes agree."""
    health = records(400, source="health").assign(birth_date="1900-01-01")
    found = linked(together(records(400), health))
    assert same_people(found, "police", "health", 400) > 0.9
    without = health.assign(postcode=None, sex=None)
    found = linked(together(records(400), without))
    assert found.quality["by_source"]["health"]["unlinkable_share"] == 1
    assert found.quality["methods"]["unlinkable"] == 400


def test_a_placeholder_with_five_thousand_records_is_nobody(linked):
    """A custody desk that books everybody as John Doe: one identity, and not one person."""
    doe = records(1, source="custody")
    desk = doe.loc[[0] * 5_000].assign(record_id=[f"custody-{n}" for n in range(5_000)])
    found = linked(together(records(300), desk))
    assert found.quality["crowded"] == 5_000
    assert (found.methods[desk["record_id"]] == "unlinkable").all()
    assert found.person[desk["record_id"]].is_unique
    assert found.quality["largest_person"] < 20


def test_five_thousand_spellings_of_one_birth_date_and_home_are_not_one_person(linked, caplog):
    """Nor does comparing them all with each other stop the week."""
    draw = np.random.default_rng(1)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    rows = records(5_000).assign(
        first_name=["".join(draw.choice(letters, 6)) for _ in range(5_000)],
        birth_date="1990-01-01",
        postcode="SO14 3AB",
    )
    with caplog.at_level(logging.WARNING, logger="risk_engine"):
        found = linked(rows)
    assert found.quality["people"] > 4_900
    left_out = [rule for rule in found.quality["rules"] if rule["left_out"]]
    assert "birth_date + outcode" in {rule["rule"] for rule in left_out}
    for rule in left_out:
        assert f"blocking rule '{rule['rule']}' left out: {rule['pairs']:,} pairs" in caplog.text


STRANGE = {
    "empty": "",
    "blank": "   ",
    "emoji only": "😀🎉",
    "Arabic": "محمد",
    "Arabic with vowels, from right to left": "\N{RIGHT-TO-LEFT MARK}مُحَمَّد",
    "Hebrew": "דָּוִד",
    "Chinese": "王小明",
    "200 characters": "abcdefghij" * 20,
    "200 words": "ab " * 200,
    "digits": "12345",
    "quotes and comment": "Robert'); DROP TABLE links;--",
    "bars": "a|b|c",
    "line break": "Anna\nMaria",
    "null character": "Anna\0",
}


@pytest.mark.parametrize("field", ["first_name", "last_name", "birth_date", "sex", "postcode",
                                   "shared_key"])  # fmt: skip
def test_whatever_stands_in_a_field(linked, field):
    rows = records(len(STRANGE))
    twice = together(rows, rows.assign(record_id=rows["record_id"].str.replace("police", "again")))
    twice[field] = [*STRANGE.values(), *STRANGE.values()]
    found = linked(twice)
    assert same_people(found, "police", "again", len(STRANGE)) == 1
    assert found.quality["people"] == len(STRANGE)


def test_an_extract_that_is_sent_twice_makes_no_new_people(linked):
    once = records(300)
    alone = linked(once)
    again = linked(together(once, once.assign(record_id="again-" + once["record_id"])))
    assert same_people(
        SimpleNamespace(person=again.person.rename(lambda name: name.replace("again-police",
                                                                             "again"))),
        "police", "again", 300,
    ) == 1  # fmt: skip
    assert again.quality["people"] == alone.quality["people"]


def test_everything_missing(linked):
    empty = pd.DataFrame(columns=list(RECORD_SCHEMA))
    rows = empty.assign(record_id=["a", "b", "c"], source="s", known_at=pd.Timestamp("2024-01-01"))
    found = linked(rows)
    assert found.person.is_unique
    assert found.quality["methods"] == {"unlinkable": 3}
    assert found.quality["expected"] == {"precision": None, "recall": None}
    assert linked(empty).quality["people"] == 0
