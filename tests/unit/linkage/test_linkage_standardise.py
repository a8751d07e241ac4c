from __future__ import annotations

import pytest

from risk_engine.events import RECORD_SCHEMA
from risk_engine.linkage.names import roots
from risk_engine.linkage.standardise import identities, standardise

BORN = {"birth_date": "2001-02-03"}


@pytest.fixture
def standard(engine, records_of):
    def done(*rows):
        table = standardise(engine.table(records_of(*rows), RECORD_SCHEMA))
        return table.order_by("record_id").to_pyarrow().to_pylist()

    return done


def test_writings_of_one_name_become_one(standard):
    names = [
        ("José-Luís", "de la Cruz"),
        ("JOSE LUIS", "CRUZ"),
        (" jose  luis", "De-La Cruz"),
    ]
    rows = standard(*[{"first_name": f, "last_name": n, **BORN} for f, n in names])
    assert {(row["first_name"], row["last_name"]) for row in rows} == {("joseluis", "cruz")}
    assert {row["node"] for row in rows} == {0}


@pytest.mark.parametrize(
    ("written", "standard_form"),
    [
        ("O\N{RIGHT SINGLE QUOTATION MARK}Brien", "obrien"),
        ("O Brien", "obrien"),
        ("Mc Donald", "mcdonald"),
        ("al-Hassan", "hassan"),
        ("Van", "van"),
        ("van der Berg", "berg"),
        ("Łukasiewicz", "lukasiewicz"),
        ("Größe", "grosse"),
        ("محمد", "محمد"),
        ("Smith-Jones", "smithjones"),
        ("Not Known", None),
        ("??", None),
        ("", None),
        (None, None),
    ],
)
def test_last_names(standard, written, standard_form):
    (row,) = standard({"last_name": written, **BORN})
    assert row["last_name"] == standard_form


@pytest.mark.parametrize(
    ("written", "usable"),
    [
        ("2001-02-03", "2001-02-03"),
        ("2001-02-30", None),
        ("1900-01-01", None),
        ("2024-01-02", None),
        ("03/02/2001", None),
        (None, None),
    ],
)
def test_birth_dates_must_be_possible(standard, written, usable):
    (row,) = standard({"first_name": "a", "birth_date": written})
    assert row["birth_date"] == usable
    assert (row["node"] is None) == (usable is None)


@pytest.mark.parametrize(
    ("written", "usable"),
    [("so14 3ab", "SO143AB"), ("ZZ99 3VZ", None), ("SO1", None), (" ", None), (None, None)],
)
def test_postcodes(standard, written, usable):
    (row,) = standard({"first_name": "Ann", "postcode": written, **BORN})
    assert row["postcode"] == usable


def test_identities_carry_what_is_blocked_on(engine, records_of):
    same = {"first_name": "Bob", "last_name": "Smith-Jones", "postcode": "SO14 3AB", **BORN}
    frame = records_of({**same, "sex": "Male"}, {**same, "sex": "F"})
    table = engine.table(frame, RECORD_SCHEMA)
    (row,) = identities(standardise(table)).to_pyarrow().to_pylist()
    assert row["sex"] is None
    assert row["first_root"] == "robert"
    assert row["last_parts"] == ["smith", "jones"]
    assert (row["initials"], row["outcode"], row["birth_month"]) == ("bs", "SO14", "02")
    assert (row["first3"], row["last3"], row["birth_year"]) == ("bob", "smi", "2001")


def test_forms_are_written_as_they_are_compared():
    assert all(form.isalpha() and form == form.lower() for form in roots())
    assert roots()["mohamed"] == roots()["muhammad"] == "mohammed"
