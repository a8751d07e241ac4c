"""The words of a level become SQL that means what they say."""

from __future__ import annotations

import pandas as pd
import pytest

from risk_engine.config.linkage import CONDITIONS, LinkageRules, parts_of
from risk_engine.engine.duck import DuckEngine
from risk_engine.events import RECORD_SCHEMA
from risk_engine.linkage import model
from risk_engine.linkage.link import FIELDS
from risk_engine.linkage.scratch import Scratch
from risk_engine.linkage.standardise import standardise

BORN = {"birth_date": "2001-02-03"}
FIRST = {"last_name": "Berg", **BORN}
LAST = {"first_name": "Anna", **BORN}
DATE = {"first_name": "Anna", "last_name": "Berg", "postcode": "PO1 2AB"}


def named(first: str | None, last: str | None = "Berg"):
    return {"first_name": first, "last_name": last, **BORN}


#: field, words, and pairs of records for which they are true, false, or not to be told (null).
CASES = [
    ("first_name", "same", named("Anna"), named("ANNA "), True),
    ("first_name", "same", named("Anna"), named("Anne"), False),
    ("first_name", "same", named("Anna"), named(None), None),
    ("first_name", "same form", named("Bob"), named("Robert"), True),
    ("first_name", "same form", named("Bob"), named("Bill"), False),
    ("first_name", "same sound", named("Youssef"), named("Yusuf"), True),
    ("first_name", "same sound", named("Anna"), named("Bob"), False),
    ("first_name", "swapped", named("Anna", "Berg"), named("Berg", "Anna"), True),
    ("first_name", "swapped", named("Jonathan", "Bergmann"), named("Bergman", "Jonathon"), True),
    ("first_name", "swapped", named("Anna", "Berg"), named("Anna", "Berg"), False),
    ("first_name", "swapped", named("Anna", "Berg"), named("Berg", None), None),
    ("first_name", "same parts", named("Anna Maria", "Berg"), named("Anna", "Maria Berg"), True),
    ("first_name", "same parts", named("Anna Maria", "Berg"), named("Anna", "Berg"), False),
    ("first_name", "same parts", named("Anna Maria", "Berg"), named(None, "Berg"), None),
    ("first_name", "initial", named("A"), named("Anna"), True),
    ("first_name", "initial", named("A."), named("B"), False),
    ("first_name", "initial", named("Anna"), named("Andrew"), False),
    ("first_name", "a part shared", named("Anna Maria"), named("Maria"), True),
    ("first_name", "a part shared", named("Anna Maria"), named("Marie"), False),
    ("first_name", "similar 0.92", named("Jonathan"), named("Jonathon"), True),
    ("first_name", "similar 0.92", named("Jonathan"), named("Jon"), False),
    ("first_name", "1 edit", named("Anna"), named("Ana"), True),
    ("first_name", "1 edit", named("Anna"), named("Hana"), False),
    ("first_name", "1 edit", named("Anna"), named("Anan"), True),
    ("last_name", "same", named("Ann", "Smith-Jones"), named("Bob", "Smith Jones"), True),
    ("last_name", "same", named("Ann", "Berg"), named("Ann", None), None),
    ("last_name", "same sound", named("Ann", "Maxamed"), named("Ann", "Mohammed"), True),
    ("last_name", "same sound", named("Ann", "Khan"), named("Ann", "Shah"), False),
    ("last_name", "a part shared", named("Ann", "Smith-Jones"), named("Ann", "Jones"), True),
    ("last_name", "a part shared", named("Ann", "Smith-Jones"), named("Ann", "Smit"), False),
    ("last_name", "similar 0.85", named("Ann", "Kowalska"), named("Ann", "Kowalski"), True),
    ("last_name", "2 edits", named("Ann", "Kowalska"), named("Ann", "Kovalsky"), True),
    ("last_name", "2 edits", named("Ann", "Kowalska"), named("Ann", "Nowak"), False),
    ("birth_date", "same", DATE | BORN, DATE | BORN, True),
    ("birth_date", "same", DATE | BORN, DATE | {"postcode": "SO14 3AB"}, None),
    ("birth_date", "1 edit", DATE | BORN, DATE | {"birth_date": "2001-02-08"}, True),
    ("birth_date", "1 edit", DATE | BORN, DATE | {"birth_date": "2001-02-30"}, None),
    ("birth_date", "1 edit", DATE | BORN, DATE | {"birth_date": "2001-02-18"}, False),
    ("birth_date", "2 edits", DATE | BORN, DATE | {"birth_date": "2001-02-18"}, True),
    ("birth_date", "day and month swapped", DATE | BORN, DATE | {"birth_date": "2001-03-02"}, True),
    ("birth_date", "day and month swapped", DATE | BORN, DATE | {"birth_date": "2002-03-02"},
     False),
    ("birth_date", "two parts of three", DATE | BORN, DATE | {"birth_date": "1974-02-03"}, True),
    ("birth_date", "two parts of three", DATE | BORN, DATE | {"birth_date": "2001-12-03"}, True),
    ("birth_date", "two parts of three", DATE | BORN, DATE | {"birth_date": "2001-02-28"}, True),
    ("birth_date", "two parts of three", DATE | BORN, DATE | {"birth_date": "2001-03-04"}, False),
    ("birth_date", "within 31 days", DATE | BORN, DATE | {"birth_date": "2001-03-06"}, True),
    ("birth_date", "within 31 days", DATE | BORN, DATE | {"birth_date": "2001-03-07"}, False),
    ("birth_date", "within 31 days", DATE | {"birth_date": "1970-01-05"},
     DATE | {"birth_date": "1969-12-31"}, True),
    ("postcode", "same", LAST | {"postcode": "so14 3ab"}, LAST | {"postcode": "SO143AB"}, True),
    ("postcode", "same", LAST | {"postcode": "so14 3ab"}, LAST, None),
    ("postcode", "1 edit", LAST | {"postcode": "SO14 3AB"}, LAST | {"postcode": "SO14 3AD"}, True),
    ("postcode", "same district", LAST | {"postcode": "SO14 3AB"}, LAST | {"postcode": "SO14 9ZZ"},
     True),
    ("postcode", "same district", LAST | {"postcode": "SO14 3AB"}, LAST | {"postcode": "SO15 3AB"},
     False),
    ("sex", "same", LAST | {"sex": "Male"}, LAST | {"sex": "m"}, True),
    ("sex", "same", LAST | {"sex": "Male"}, LAST | {"sex": "f"}, False),
    ("birth_date", "2 edits or two parts of three", DATE | BORN,
     DATE | {"birth_date": "1974-02-03"}, True),
    ("first_name", "similar 0.9 or same form", named("Bob"), named("Robert"), True),
    ("first_name", "similar 0.9 or initial", named("Bob"), named("Anna"), False),
]  # fmt: skip


def test_every_condition_has_a_case_that_holds_and_one_that_does_not():
    for outcome in (True, False):
        told = {form for _, words, *_, held in CASES if held is outcome
                for form, _ in parts_of(words)}  # fmt: skip
        assert told == set(CONDITIONS)


def test_conditions_mean_what_they_say(engine, records_of):
    """All cases against one pair of tables: identity `_l` beside identity `_r`."""
    rows = [row for *_, one, other, _ in CASES for row in (one, other)]
    wrong = []
    with Scratch(engine) as scratch:
        table = engine.table(records_of(*rows), RECORD_SCHEMA)
        records, identities = standardise(table, FIELDS, scratch=scratch, key=b"k")
        told = scratch.table(records.select("record_id", "identity").join(identities, "identity"))
        sides = {
            side: told.rename({f"{name}_{side}": name for name in told.columns}) for side in "lr"
        }
        for number, (field, words, *_, expected) in enumerate(CASES):
            one, other = (f"r{2 * number}", f"r{2 * number + 1}")
            pair = sides["l"].filter(sides["l"].record_id_l == one).cross_join(
                sides["r"].filter(sides["r"].record_id_r == other)
            )  # fmt: skip
            view = engine.ibis.create_view("pair", pair, overwrite=True)
            sql = model.condition(field, words, engine.dialect)
            told = f"SELECT {sql} FROM {view.get_name()}"  # noqa: S608 - words of this table
            (found,) = engine.duckdb.execute(told).fetchone()
            if found is not expected:
                wrong.append((field, words, rows[2 * number], rows[2 * number + 1], found))
        engine.ibis.drop_view("pair")
    assert wrong == []


@pytest.mark.parametrize("form", CONDITIONS)
def test_every_condition_runs_for_every_field_it_is_for(engine, form):
    words = form.replace("#", "0.9" if form.startswith("similar") else "2")
    for field in CONDITIONS[form]:
        sql = model.condition(field, words, engine.dialect)
        names = sorted({word for word in sql.replace("(", " ").replace(")", " ").replace(",", " ")
                        .split() if word.endswith(("_l", "_r"))})  # fmt: skip
        values = ["DATE '2001-01-01' - DATE '2001-01-01'" if name.startswith("day_number")
                  else "['x']" if name.endswith(("parts_l", "parts_r")) and "name_" not in name
                  else "'x'" for name in names]  # fmt: skip
        row = ", ".join(f"{v} AS {n}" for n, v in zip(names, values, strict=True))
        told = f"SELECT {sql} FROM (SELECT {row})"  # noqa: S608 - words of this table
        (found,) = engine.duckdb.execute(told).fetchone()
        assert found is not None


def test_only_fields_that_the_data_have_are_compared(spec):
    compared = model.comparisons(spec, ["last_name", "birth_date", "team"])
    assert [one.field for one in compared] == ["last_name", "birth_date"]
    assert compared[0].levels[0].when == "same"


def test_a_further_column_is_compared_as_other():
    levels = [{"when": "same", "m": 0.9, "u": 0.1}, {"when": "different", "m": 0.1, "u": 0.9}]
    rules = LinkageRules.model_validate({"comparisons": {"other": levels}})
    (compared,) = model.comparisons(rules, ["team"])
    assert compared.field == "team"
    assert model.stated([compared]) == {("team", "same"): (0.9, 0.1), ("team", "different"):
                                        (0.1, 0.9)}  # fmt: skip


def test_swapped_names_count_once_and_only_where_there_are_two(spec):
    for fields, counted in ((["first_name", "last_name"], True), (["last_name"], False)):
        compared = model.comparisons(spec, fields)
        written = model.settings(
            compared, model.stated(compared), prior=0.01, rules=["1 = 1"],
            dialect=DuckEngine.dialect,
        )  # fmt: skip
        last = written["comparisons"][-1]
        assert last["output_column_name"] == "last_name"
        null = last["comparison_levels"][0]
        assert null["is_null_level"]
        assert ("coalesce" in null["sql_condition"]) == counted


def test_settings_hold_the_parameters_and_the_frequencies(spec):
    compared = model.comparisons(spec, ["first_name"])
    parameters = dict.fromkeys(model.stated(compared), (0.5, 0.25))
    written = model.settings(
        compared, parameters, prior=0.01, rules=["l.x = r.x"], dialect=DuckEngine.dialect
    )
    assert written["probability_two_random_records_match"] == 0.01
    assert written["blocking_rules_to_generate_predictions"] == [{"blocking_rule": "l.x = r.x"}]
    _, *levels = written["comparisons"][0]["comparison_levels"]
    assert [(one["m_probability"], one["u_probability"]) for one in levels] == [(0.5, 0.25)] * 7
    assert [one.get("tf_adjustment_column") for one in levels] == ["first_name", *[None] * 6]
    assert levels[-1]["sql_condition"] == "ELSE"
    assert pd.Series([one["label_for_charts"] for one in levels]).is_unique
