"""Any table of records linked: the column mapping, the edges, and what is said of the result."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from risk_engine.config.linkage import LinkageSpec, TableSpec
from risk_engine.config.load import load_model
from risk_engine.engine import open_engine
from risk_engine.errors import InputError
from risk_engine.linkage import LinkedTable, link_table, merged

COLUMNS = {"record_id": "id", "first_name": "first", "last_name": "last", "birth_date": "born"}
ANNA = {"first": "Anna", "last": "Kowalska", "born": "2001-04-09"}


@pytest.fixture(scope="session")
def linked(project_root: Path) -> Callable[..., LinkedTable]:
    """Link a frame by the specification that ships and what is given here."""
    usual = load_model(LinkageSpec, project_root / "models/specs/linkage_table.yaml")

    def link(frame: pd.DataFrame, columns: dict[str, Any] = COLUMNS, **spec: Any) -> LinkedTable:
        with open_engine() as engine:
            return link_table(
                frame, merged(TableSpec(columns=columns, **spec), usual), engine=engine
            )

    return link


def table(*rows: dict[str, Any], **columns: Any) -> pd.DataFrame:
    made = pd.DataFrame(list(rows), columns=["first", "last", "born"], dtype="str")
    return made.assign(id=[f"r{n}" for n in range(len(made))], **columns).astype({"id": "str"})


def people(count: int, *, seed: int = 1, spoilt: float = 0.5) -> pd.DataFrame:
    """Two records of each person; in some of the second ones a letter of the surname is lost."""
    draw = np.random.default_rng(seed)
    syllables = [a + b for a in "bdklmnr" for b in "aeiou"]
    words = ["".join(draw.choice(syllables, 3)) for _ in range(2 * count)]
    day = pd.Timestamp("1960-01-15") + pd.to_timedelta(draw.integers(0, 18_000, count), "D")
    one = pd.DataFrame(
        {"first": words[:count], "last": words[count:], "born": day.strftime("%Y-%m-%d")}
    )
    lost = draw.random(count) < spoilt
    two = one.assign(last=one["last"].where(~lost, one["last"].str[:-1]))
    both = pd.concat([one, two], ignore_index=True).assign(who=[*range(count)] * 2)
    both = both.assign(id=[f"{n:06d}" for n in range(2 * count)])
    return both.astype({"who": "str"}).sample(frac=1, random_state=seed, ignore_index=True)


def groups(found: LinkedTable) -> list[list[str]]:
    by = found.links.groupby("person_id")["record_id"]
    return sorted(sorted(ids) for _, ids in by)


def test_a_row_a_record_in_the_order_of_the_table(linked):
    frame = people(300)
    found = linked(frame, truth="who")
    assert list(found.links) == ["record_id", "person_id", "match_weight"]
    assert list(found.links["record_id"]) == list(frame["id"])
    assert (found.links["person_id"] <= found.links["record_id"]).all()
    assert found.quality["records"] == 600
    assert found.quality["people"] == found.links["person_id"].nunique()
    assert found.quality["measured"]["recall"] > 0.9
    assert found.quality["measured"]["precision"] > 0.99


def test_the_order_of_rows_changes_nothing(linked):
    frame = people(200)
    again = frame.sample(frac=1, random_state=5, ignore_index=True)
    one, two = linked(frame), linked(again)
    pd.testing.assert_frame_equal(
        one.links.sort_values("record_id", ignore_index=True),
        two.links.sort_values("record_id", ignore_index=True),
    )
    assert one.quality == two.quality


def test_the_truth_measures_and_never_links(linked):
    frame = people(150)
    without, right = linked(frame), linked(frame, truth="who")
    mixed = frame.assign(who=frame["who"].sample(frac=1, random_state=2).to_numpy())
    wrong = linked(mixed, truth="who")
    pd.testing.assert_frame_equal(without.links, right.links)
    pd.testing.assert_frame_equal(without.links, wrong.links)
    assert without.quality["measured"] is None
    assert wrong.quality["measured"]["precision"] < 0.2 < right.quality["measured"]["precision"]


def test_records_of_unknown_truth_are_not_measured(linked):
    frame = people(50)
    frame.loc[:9, "who"] = None
    assert linked(frame, truth="who").quality["measured"]["records"] == 90


def test_the_truth_may_not_be_mapped_too():
    with pytest.raises(ValidationError, match="mapped in 'columns' too"):
        TableSpec(columns={**COLUMNS, "other": ["who"]}, truth="who")


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({**COLUMNS, "postcode": "zip", "other": "zip"}, "'zip' is mapped twice"),
        ({"record_id": "id", "place": ["town", "town"]}, "'town' is mapped twice"),
        ({"record_id": "id", "full_name": "n", "last_name": "l"}, "not both"),
        ({"record_id": "id", "source": "s"}, "map at least one column"),
    ],
)
def test_a_mapping_that_would_count_twice_or_not_at_all(columns, words):
    with pytest.raises(ValidationError, match=words):
        TableSpec(columns=columns)


@pytest.mark.parametrize("count", [0, 1])
def test_none_and_one_row(linked, count):
    found = linked(table(*[ANNA] * count))
    assert len(found.links) == found.quality["people"] == count
    assert found.quality["expected"] == {"precision": None, "recall": None}


def test_rows_that_say_nothing_are_people_of_their_own(linked):
    nameless = {"first": None, "last": None, "born": "2001-04-09"}
    found = linked(table(*[nameless] * 3, ANNA, ANNA))
    assert groups(found) == [["r0"], ["r1"], ["r2"], ["r3", "r4"]]
    assert found.quality["alone"] == 3


def test_everybody_born_on_a_placeholder(linked):
    names = ["Ada", "Bo", "Cyd", "Dov", "Eve"]
    rows = [{"first": name, "last": f"{name}son", "born": "1900-01-01"} for name in names]
    found = linked(table(*rows))
    assert found.quality["people"] == 5
    assert found.quality["birth_dates_not_read"] == 5


def test_five_thousand_identical_rows_are_nobody_in_particular(linked):
    found = linked(table(*[ANNA] * 5_000))
    assert found.quality["people"] == found.quality["crowded"] == 5_000
    assert linked(table(*[ANNA] * 500)).quality["people"] == 1


@pytest.mark.parametrize(
    "name",
    ["😀😀", "محمد", "\u202eאברהם\u202c", "z" * 200, "O'Brien|x", "Ann\u0000a", "N/A", "' OR 1=1"],
)
def test_any_letters_are_taken(linked, name):
    odd = {"first": name, "last": f"{name} Berg", "born": "2001-04-09"}
    found = linked(table(odd, odd, {**ANNA, "born": "1988-11-30"}))
    assert groups(found) == [["r0", "r1"], ["r2"]]


def test_a_missing_column_is_named_with_what_was_meant(linked):
    with pytest.raises(InputError, match=r"no column 'born' .* \(did you mean 'borne'\?\)") as told:
        linked(table(ANNA).rename(columns={"born": "borne"}))
    assert told.value.code == "TABLE_COLUMN"


def test_a_column_that_is_there_twice(linked):
    frame = table(ANNA)
    with pytest.raises(InputError, match=r"'born' .* more than once"):
        linked(pd.concat([frame, frame[["born"]]], axis="columns"))


@pytest.mark.parametrize(("ids", "words"), [(["a", "a"], "1 rows"), (["a", None], "no 'id'")])
def test_records_named_twice_or_not_at_all(linked, ids, words):
    with pytest.raises(InputError, match=words) as told:
        linked(table(ANNA, ANNA).assign(id=ids))
    assert told.value.code == "RECORD_TWICE"
    assert "row 2" in str(told.value)
    assert "Anna" not in str(told.value)


def test_dates_in_another_format(linked):
    rows = table(ANNA, {**ANNA, "born": "2001-09-04"}, {**ANNA, "born": "no date"})
    rows["born"] = ["09/04/2001", "09/04/2001", "nonsense"]
    found = linked(rows, birth_date_format="%d/%m/%Y")
    assert groups(found)[0] == ["r0", "r1"]
    assert found.quality["birth_dates_not_read"] == 1
    assert linked(rows).quality["birth_dates_not_read"] == 3


def test_a_whole_name_in_one_column(linked):
    frame = pd.DataFrame(
        {
            "id": ["a", "b", "c", "d"],
            "name": ["Anna van der Berg", "BERG, Anna van der", "Piotr Nowak", None],
            "born": ["2001-04-09", "2001-04-09", "1999-02-03", "1999-02-03"],
        },
        dtype="str",
    )
    columns = {"record_id": "id", "full_name": "name", "birth_date": "born"}
    assert groups(linked(frame, columns)) == [["a", "b"], ["c"], ["d"]]


def test_several_columns_make_one_address(linked):
    rows = table(ANNA, {**ANNA, "born": None}, number=["1", None], street=[None, "1"])
    found = linked(rows, {**COLUMNS, "address": ["number", "street"]})
    assert found.quality["people"] == 1


def test_sources_in_which_everybody_is_there_once(linked):
    rows = table(ANNA, ANNA, ANNA, s=["a", "a", "b"])
    columns = {**COLUMNS, "source": "s"}
    assert linked(rows, columns).quality["people"] == 1
    found = linked(rows, columns, one_to_one=["a"])
    assert found.quality["people"] == 2
    assert all({"r0", "r1"} - set(group) for group in groups(found))


def test_only_between_sources(linked):
    rows = table(*[ANNA] * 4, s=["a", "a", "b", "b"])
    found = linked(rows, {**COLUMNS, "source": "s"}, link="between")
    assert found.quality["people"] == 2
    assert all(len({rows["s"][int(name[1:])] for name in group}) == 2 for group in groups(found))


@pytest.mark.parametrize(
    ("spec", "words"),
    [({"link": "between"}, "two sources or more"), ({"one_to_one": ["polcie"]}, "mean 'police'")],
)
def test_sources_that_are_not_there(linked, spec, words):
    with pytest.raises(InputError, match=words) as told:
        linked(table(ANNA, s=["police"]), {**COLUMNS, "source": "s"}, **spec)
    assert told.value.code == "TABLE_SOURCE"


def test_further_columns_go_by_their_own_names(linked):
    frame = people(120).assign(**{"Région": "south", "Région 2": "x"})
    found = linked(frame, {**COLUMNS, "other": ["Région", "Région 2"]})
    compared = {level["comparison"] for level in found.quality["model"]["levels"]}
    assert {"Région", "Région 2"} < compared
    assert not any(name.startswith("other") for name in compared)


def test_a_column_of_one_value_is_left_out_by_name_and_in_seconds(linked, caplog):
    frame = people(10_000).assign(last="smith", born="1980-05-06", state="nsw")
    started = monotonic()
    with caplog.at_level(logging.WARNING):
        found = linked(frame, {**COLUMNS, "other": "state"})
    assert monotonic() - started < 60
    left_out = {rule["rule"]: rule["left_out"] for rule in found.quality["rules"]}
    for rule in ("state", "birth_date + last_initial"):
        assert "more than the limit of" in left_out[rule]
    assert "'other_1_state' left out" in caplog.text
    limit = int(50 * found.quality["identities"])
    assert all(rule["pairs"] <= limit for rule in found.quality["rules"] if not rule["left_out"])
    assert found.quality["pairs_compared"] == sum(
        rule["pairs"] for rule in found.quality["rules"] if not rule["left_out"]
    )


def test_two_rows_are_enough_and_one_name_in_a_few_rows_is_not_common(linked):
    slip = {**ANNA, "last": "Kowalsak"}
    assert groups(linked(table(ANNA, slip))) == [["r0", "r1"]]
    others = [
        {"first": f"{a}an", "last": f"{b}elly", "born": f"19{80 + n}-0{n}-11"}
        for n, (a, b) in enumerate(zip("BDFGJ", "KSWTM", strict=True), 1)
    ]
    assert groups(linked(table(ANNA, slip, *others)))[0] == ["r0", "r1"]
    assert linked(table(*others)).quality["people"] == 5


def test_what_everybody_in_a_small_table_shares_says_little(linked):
    """Thirty people of one town: the town must not link those who share a first name."""
    rows = [
        {"first": "Anna", "last": f"{a}{b}ski", "born": f"{1950 + n}-0{1 + n % 9}-{10 + n % 17}"}
        for n, (a, b) in enumerate((a, b) for a in "BDFGKL" for b in ("oli", "aru", "ent", "ibo"))
    ]
    found = linked(table(*rows, town="perth"), {**COLUMNS, "place": "town"})
    assert found.quality["people"] == len(rows)
