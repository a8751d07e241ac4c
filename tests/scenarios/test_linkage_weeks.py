"""One person's records through the weeks, with what is remembered read back from files."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from risk_engine.config.linkage import LinkageSpec
from risk_engine.config.load import load_model
from risk_engine.engine import open_engine
from risk_engine.events import RECORD_SCHEMA
from risk_engine.linkage import Memory, link
from risk_engine.places import AreaMap
from risk_engine.runs import REMEMBERED

ANNA = {"first_name": "Anna", "last_name": "Kowalska", "birth_date": "2001-04-09", "sex": "f",
        "postcode": "SO14 3AB"}  # fmt: skip
CHIDI = {"first_name": "Chidi", "last_name": "Okafor", "birth_date": "2008-05-06", "sex": "m",
         "postcode": "PO1 2AB"}  # fmt: skip
NGOZI = {**CHIDI, "first_name": "Ngozi", "sex": "f"}


@pytest.fixture(scope="module")
def areas():
    frame = gpd.GeoDataFrame(
        {"area_code": ["A"], "name": ["A"]}, geometry=[box(0, 0, 9, 9)], crs=27700
    )
    return AreaMap(frame, "EPSG:27700", 0)


@pytest.fixture
def weekly(areas, project_root, tmp_path):
    """Link the records of one week after another; each begins with what the last one wrote."""
    spec = load_model(LinkageSpec, project_root / "models/specs/linkage.yaml")
    weeks = []

    def next_week(records, answers=None, key=b"k" * 32, remember=True):
        rows = [
            {**dict.fromkeys(RECORD_SCHEMA), "record_id": name, "source": name.split("-")[0],
             "known_at": pd.Timestamp("2025-01-01"), **row}
            for name, row in records.items()
        ]  # fmt: skip
        frame = pd.DataFrame(rows, columns=list(RECORD_SCHEMA))
        as_of = pd.Timestamp("2026-01-05") + pd.Timedelta(weeks=len(weeks))
        with open_engine() as engine:
            memory = None
            if weeks and remember:
                links, lineage, identities, pairs, about = (
                    engine.read(weeks[-1] / f"{name}.parquet") for name in REMEMBERED
                )
                memory = Memory(identities, pairs, links, lineage, about)
            found = link(
                engine.table(frame, RECORD_SCHEMA), engine=engine, areas=areas, spec=spec,
                key=key, seed=1, as_of=as_of.to_pydatetime(), memory=memory, answers=answers,
            )  # fmt: skip
            weeks.append(tmp_path / f"week {len(weeks)}")
            weeks[-1].mkdir()
            for name in REMEMBERED:
                engine.write(found.tables[name], weeks[-1] / f"{name}.parquet")
            links, lineage = (
                found.tables[name].to_pyarrow().to_pandas() for name in ("links", "lineage")
            )
        told = lineage[lineage["as_of"] == as_of].drop(columns="as_of")
        events = {tuple(None if pd.isna(part) else part for part in row)
                  for row in told.itertuples(index=False)}  # fmt: skip
        person = links.set_index("record_id")["person_id"].to_dict()
        return SimpleNamespace(person=person, events=events, quality=found.quality)

    return next_week


def test_a_person_is_met_corrected_and_gone(weekly):
    police = {"police-1": ANNA, "police-2": CHIDI, "police-3": ANNA}
    first = weekly(police)
    anna, chidi = first.person["police-1"], first.person["police-2"]
    assert first.events == {(anna, "issued", None, 2), (chidi, "issued", None, 1)}

    second = weekly({**police, "health-7": {**ANNA, "last_name": "Kowalsak"}})
    assert second.person["health-7"] == second.person["police-1"] == anna
    assert second.events == set()

    corrected = {"first_name": "Beata", "last_name": "Zielinska", "birth_date": "1964-12-31",
                 "sex": "f", "postcode": "GU1 1AA"}  # fmt: skip
    third = weekly({**police, "health-7": corrected})
    beata = third.person["health-7"]
    assert (third.person["police-1"], third.person["police-2"]) == (anna, chidi)
    assert beata not in {anna, chidi}
    assert third.events == {(beata, "issued", None, 1), (anna, "split", beata, 1)}

    fourth = weekly({"police-2": CHIDI, "health-7": corrected})
    assert fourth.events == {(anna, "retired", None, 2)}

    fifth = weekly({**police, "health-7": corrected})
    assert fifth.person["police-1"] not in {anna, chidi, beata}  # no pseudonym is issued twice
    assert fifth.person["police-2"] == chidi


def test_two_who_turn_out_to_be_one_keep_the_older_pseudonym(weekly):
    records = {"police-1": ANNA}
    anna = weekly(records).person["police-1"]
    records["health-1"] = {"first_name": "Annie", "last_name": "Smith", "birth_date": "2001-04-09"}
    second = weekly(records)
    smith = second.person["health-1"]
    assert smith != anna
    # The school knows both names under one number, and the others have it too now.
    number = {"shared_key": "N1"}
    records = {name: {**row, **number} for name, row in records.items()}
    records["school-1"] = {**ANNA, **number}
    third = weekly(records)
    assert set(third.person.values()) == {anna}
    assert third.events == {(smith, "merged", anna, 1)}


def test_what_people_answered_joins_and_parts(weekly):
    records = {"police-1": CHIDI, "health-1": NGOZI, "police-2": ANNA, "health-2": ANNA
               | {"first_name": "Ana"}}  # fmt: skip
    first = weekly(records)
    chidi, ngozi, anna = (first.person[name] for name in ("police-1", "health-1", "police-2"))
    assert len({chidi, ngozi, anna}) == 3  # twins
    assert first.person["health-2"] == anna
    answers = pd.DataFrame(
        {
            "left": ["police-1", "health-2"],
            "right": ["health-1", "police-2"],
            "same": [True, False],
        }
    )
    second = weekly(records, answers)
    assert second.person["police-1"] == second.person["health-1"]
    assert second.person["police-2"] != second.person["health-2"]
    assert second.quality["register"]["merged"] == second.quality["register"]["split"] == 1
    third = weekly(records, answers)
    assert third.person == second.person
    assert third.events == set()


def test_an_extract_sent_again_and_a_week_left_out_change_nobody(weekly):
    records = {"police-1": ANNA, "police-2": CHIDI, "health-1": NGOZI}
    first = weekly(records)
    again = {f"{name}-again": row for name, row in records.items()}
    second = weekly(records | again)
    assert {name: second.person[name] for name in records} == first.person
    assert all(second.person[f"{name}-again"] == first.person[name] for name in records)
    assert second.events == set()
    assert weekly(records).person == first.person


def test_after_a_new_key_nobody_is_remembered(weekly):
    """The week begins without memory then (`runs.week_before`)."""
    records = {"police-1": ANNA, "police-2": CHIDI}
    first = weekly(records)
    other = weekly(records, key=b"n" * 32, remember=False)
    assert not set(first.person.values()) & set(other.person.values())
    assert other.quality["register"] == {
        "issued": 2, "kept": 0, "merged": 0, "split": 0, "retired": 0
    }  # fmt: skip
