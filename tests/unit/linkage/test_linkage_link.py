from __future__ import annotations

import json

import pandas as pd
import pytest

from risk_engine.config.run import Engine as EngineConfig
from risk_engine.engine import open_engine
from risk_engine.errors import InputError
from risk_engine.events import PROTECTED_SCHEMA, RECORD_SCHEMA
from risk_engine.linkage import link, protect

ANNA = {"first_name": "Anna", "last_name": "Kowalska", "birth_date": "2001-04-09"}


AS_OF = pd.Timestamp("2026-01-05").to_pydatetime()
TABLES = "SELECT table_name FROM information_schema.tables"


def people_in(found) -> int:
    return found.links["person_id"].nunique()


@pytest.mark.parametrize("count", [0, 1])
def test_none_and_one_record(run, records_of, count):
    found = run(records_of(*[ANNA] * count))
    assert len(found.links) == len(found.people) == found.quality["people"] == count
    assert list(found.links["method"]) == ["single"] * count
    assert found.links["match_weight"].isna().all()


def test_the_same_identity_twice_is_one_person(run, records_of):
    found = run(records_of(ANNA, {**ANNA, "first_name": "ANNA "}))
    assert people_in(found) == 1
    assert set(found.links["method"]) == {"deterministic"}


def test_a_misspelt_name_is_linked_with_a_weight(run, records_of):
    here = {**ANNA, "postcode": "SO14 3AB"}
    found = run(records_of(here, {**here, "last_name": "Kowalsak"}))
    assert people_in(found) == 1
    assert set(found.links["method"]) == {"probabilistic"}
    assert (found.links["match_weight"] > 4.24).all()  # log2 odds of .95


def test_records_without_birth_date_or_name_are_people_of_their_own(run, records_of):
    no_date = {**ANNA, "birth_date": None}
    no_name = {"birth_date": "2001-04-09", "first_name": "Unknown", "last_name": "?"}
    future = {**ANNA, "birth_date": "2031-04-09"}
    found = run(records_of(no_date, no_date, no_name, no_name, future))
    assert people_in(found) == 5
    assert set(found.links["method"]) == {"unlinkable"}
    assert found.quality["unlinkable_share"] == 1
    assert found.people["birth_month"].notna().sum() == 2  # known, but nothing to link by


def test_everybody_born_on_one_day(run, records_of):
    names = ["ada", "bo", "cyd", "dov", "eve", "fay", "gus", "hal"]
    rows = [{"first_name": n, "last_name": f"{n}son", "birth_date": "2000-01-01"} for n in names]
    assert people_in(run(records_of(*rows))) == len(names)


def test_twins_stay_apart_even_through_a_record_with_no_first_name(run, records_of):
    home = {"last_name": "Okafor", "birth_date": "2008-05-06", "postcode": "PO1 2AB"}
    twins = [{**home, "first_name": "Chidi"}, {**home, "first_name": "Ngozi"}]
    found = run(records_of(*twins, *twins, {**home, "first_name": None}))
    person = found.links.set_index("record_id")["person_id"]
    assert person["r0"] == person["r2"] != person["r1"] == person["r3"]
    assert people_in(found) == 2
    assert found.quality["links_refused"] == 1


def test_parent_and_child_of_one_name_at_one_address_stay_apart(run, records_of):
    home = {"first_name": "John", "last_name": "Thackeray", "postcode": "PO1 2AB", "sex": "M"}
    dates = ["1979-03-02", "2007-11-25"]
    assert people_in(run(records_of(*[{**home, "birth_date": date} for date in dates]))) == 2


def test_a_shared_key_links_what_names_cannot(run, records_of):
    key = {"shared_key": "K-77", "birth_date": "2001-04-09"}
    married = {**key, "first_name": "Anna", "last_name": "Smith"}
    slipped = {"shared_key": "k-77 ", "birth_date": "2001-09-04", "first_name": "Basia"}
    found = run(records_of(married, key, slipped))
    assert people_in(found) == 1
    assert set(found.links["method"]) == {"deterministic"}


def test_a_shared_key_without_birth_date_needs_the_same_name(run, records_of):
    key = {"shared_key": "K", "birth_date": None}
    same = {**ANNA, **key, "first_name": "ANNA"}
    other = {**key, "first_name": "Ewa", "last_name": "Nowak"}
    person = run(records_of({**ANNA, "shared_key": "K"}, same, other)).links.person_id
    assert person[0] == person[1] != person[2]


def test_a_shared_key_with_another_birth_date_does_not_link(run, records_of):
    rows = [{**ANNA, "shared_key": "K"}, {**ANNA, "shared_key": "K", "birth_date": "1964-12-31"}]
    assert people_in(run(records_of(*rows))) == 2


def test_a_placeholder_key_is_ignored_and_counted(run, records_of):
    dates = pd.date_range("1990-01-15", periods=12, freq="400D").strftime("%Y-%m-%d")
    rows = [
        {"shared_key": "0000", "birth_date": date, "first_name": name, "last_name": "Test"}
        for date, name in zip(dates, "abcdefghijkl", strict=True)
    ]
    found = run(records_of(*rows, {**rows[0], "first_name": "Zed", "last_name": "Quill"}))
    assert people_in(found) == 13
    assert found.quality["keys_ignored"] == 13


def test_order_of_rows_changes_nothing(run, population):
    frame, _ = population(60)
    found = run(frame)
    again = run(frame.sample(frac=1, random_state=3).reset_index(drop=True))
    for table in ("links", "people", "addresses"):
        pd.testing.assert_frame_equal(getattr(found, table), getattr(again, table))
    assert found.quality == again.quality


def test_the_number_of_threads_changes_nothing(areas, spec, population, ordered):
    frame, _ = population(110)
    found = []
    for threads in (1, 4):
        with open_engine(EngineConfig(threads=threads)) as engine:
            table = engine.table(frame, RECORD_SCHEMA)
            made = link(
                table, engine=engine, areas=areas, spec=spec, key=b"k" * 16, seed=1, as_of=AS_OF
            )
            assert made.quality["model"]["estimated"]
            tables = {name: ordered(name, one) for name, one in made.tables.items()}
            found.append((made.quality, tables))
    assert found[0][0] == found[1][0]
    for name, one in found[0][1].items():
        pd.testing.assert_frame_equal(one, found[1][1][name], check_exact=True)


def test_people_are_found_with_ordinary_errors(run, population, pairwise):
    frame, truth = population(800)
    found = run(frame)
    assert found.quality["model"]["estimated"]
    precision, recall = pairwise(found.links, truth)
    assert precision >= 0.985
    assert recall >= 0.92


def test_no_name_birth_date_or_record_key_is_in_a_pseudonym(run, records_of):
    found = run(records_of(ANNA))
    person = found.links["person_id"].item()
    assert person.startswith("P")
    assert len(person) == 25
    assert int(person[1:], 16) >= 0
    shown = found.people.to_csv() + found.addresses.to_csv() + json.dumps(found.quality)
    assert not any(word in shown.lower() for word in ("anna", "kowalska", "2001-04-09", "r0"))


def test_homes_are_kept_as_they_became_known(run, records_of):
    def at(east: float | None, day: int) -> dict[str, object]:
        known = pd.Timestamp("2024-01-01") + pd.Timedelta(days=day)
        north = None if east is None else 110_000.0
        return {**ANNA, "home_easting": east, "home_northing": north, "known_at": known}

    found = run(
        records_of(at(405_000, 5), at(405_000, 1), at(None, 7), at(430_000, 8), at(900_000, 9))
    )
    assert found.addresses["known_at"].dt.day.tolist() == [2, 9, 10]
    assert found.addresses["easting"].tolist() == [405_000, 430_000, 900_000]
    assert found.addresses["area_code"].fillna("none").tolist() == ["W", "E", "none"]
    person = found.people.iloc[0]
    assert person["home_easting"] == 900_000
    assert person["first_known_at"] == pd.Timestamp("2024-01-02")
    assert pd.Timestamp(person["birth_month"]) == pd.Timestamp("2001-04-01")


def test_two_homes_at_one_instant_leave_one(run, records_of):
    moment = {"known_at": pd.Timestamp("2024-01-01"), "home_northing": 110_000.0}
    rows = [{**ANNA, **moment, "home_easting": east} for east in (405_000.0, 406_000.0)]
    found = run(records_of(*rows))
    assert found.addresses["easting"].tolist() == [406_000]
    assert len(found.people) == 1


def test_quality_is_json_and_reconciles(run, population):
    frame, _ = population(40)
    quality = json.loads(json.dumps(run(frame).quality))
    assert quality["records"] == len(frame) == sum(quality["methods"].values())
    assert quality["people"] == sum(quality["records_per_person"].values())
    assert sum(source["records"] for source in quality["by_source"].values()) == len(frame)
    assert all({"rule", "pairs", "left_out"} == set(rule) for rule in quality["rules"])


def test_nothing_is_printed_and_no_working_table_stays(engine, areas, spec, population, capfd):
    frame, _ = population(40)
    table = engine.ibis.create_table("records", engine.table(frame, RECORD_SCHEMA))
    before = {name for (name,) in engine.duckdb.execute(TABLES).fetchall()}
    found = link(table, engine=engine, areas=areas, spec=spec, key=b"k" * 16, seed=1, as_of=AS_OF)
    kept = {table.get_name().rpartition(".")[2] for table in found.tables.values()}
    after = {name for (name,) in engine.duckdb.execute(TABLES).fetchall()}
    assert after - before == kept
    assert capfd.readouterr() == ("", "")


def test_a_record_twice_is_refused(run, records_of):
    with pytest.raises(InputError, match="2 rows hold 1 distinct record_id") as error:
        run(records_of({**ANNA, "record_id": "x"}, {**ANNA, "record_id": "x"}))
    assert error.value.code == "RECORD_TWICE"


def test_a_missing_column_is_named(engine, areas, spec, records_of):
    table = engine.table(records_of(ANNA), RECORD_SCHEMA).drop("birth_date")
    with pytest.raises(InputError, match="birth_date") as error:
        link(table, engine=engine, areas=areas, spec=spec, key=b"k" * 16, seed=1, as_of=AS_OF)
    assert error.value.code == "RECORD_COLUMNS"


def test_protected_characteristics_follow_the_person(engine):
    moment = pd.Timestamp("2024-01-01")
    protected = pd.DataFrame(
        {
            "record_id": ["b", "a", "nobody"],
            "characteristic": "ethnicity",
            "value": ["White", "Asian", "Black"],
            "recorded_by": ["officer", "self", "self"],
            "recorded_at": moment,
        }
    )
    links = pd.DataFrame({"record_id": ["a", "b"], "person_id": ["P1", "P1"]})
    keyed = protect(
        engine.table(protected, PROTECTED_SCHEMA),
        engine.table(links, {"record_id": "string", "person_id": "string"}),
    )
    found = keyed.to_pyarrow().to_pandas()
    assert list(found) == ["person_id", "characteristic", "value", "source", "recorded_at"]
    assert found["value"].tolist() == ["White", "Asian"]
    assert found["source"].tolist() == ["officer", "self"]
