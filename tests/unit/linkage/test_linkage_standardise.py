"""Fields brought to one form; records gathered into identities that stay what they are."""

from __future__ import annotations

import pandas as pd
import pytest

from risk_engine.events import RECORD_SCHEMA
from risk_engine.linkage.link import FIELDS
from risk_engine.linkage.scratch import Scratch
from risk_engine.linkage.standardise import MAX_BIRTH_DATES_PER_KEY, standardise

BORN = {"birth_date": "2001-02-03"}
ANNA = {"first_name": "Anna", "last_name": "Kowalska", "postcode": "SO14 3AB", **BORN}
KEY = b"k" * 16


@pytest.fixture
def standard(engine):
    """Records and identities of a frame, as pandas frames by record and by identity."""

    def done(frame, key=KEY):
        with Scratch(engine) as scratch:
            table = engine.table(frame, RECORD_SCHEMA)
            both = standardise(table, FIELDS, scratch=scratch, key=key)
            records, identities = (part.to_pyarrow().to_pandas() for part in both)
        return records.set_index("record_id"), identities.set_index("identity")

    return done


@pytest.fixture
def one(standard, records_of):
    """The identity of one record; None where it is unlinkable."""

    def done(row):
        records, identities = standard(records_of(row))
        name = records["identity"].item()
        return None if pd.isna(name) else identities.loc[name]

    return done


def identity_of(standard, frame, key=KEY):
    """Return the identity of every record, in an order that no engine chooses."""
    return standard(frame, key)[0]["identity"].sort_index()


def test_writings_of_one_name_become_one_identity(standard, records_of):
    names = [("José-Luís", "de la Cruz"), ("JOSE LUIS", "CRUZ"), (" jose  luis", "De-La Cruz")]
    rows = [{"first_name": first, "last_name": last, **BORN} for first, last in names]
    _, identities = standard(records_of(*rows))
    (found,) = identities.to_dict("records")
    assert (found["first_name"], found["last_name"]) == ("joseluis", "cruz")
    assert found["records"] == 3


def test_a_record_says_nothing_that_identifies(standard, records_of):
    records, _ = standard(records_of(ANNA))
    kept = set(RECORD_SCHEMA) - {"first_name", "last_name", "sex", "postcode", "record_id"}
    assert set(records) == {*kept, "identity", "key_ignored"}
    (name,) = records["identity"]
    assert len(name) == 32
    assert int(name, 16) >= 0


@pytest.mark.parametrize(
    ("written", "usable"),
    [
        ("2001-02-03", "2001-02-03"),
        (" 2001-02-03 ", "2001-02-03"),
        ("20010203", "2001-02-03"),
        ("2001-02-30", None),
        ("20011303", None),
        ("1900-01-01", None),
        ("1899-12-31", None),
        ("1900-01-02", "1900-01-02"),
        ("2024-01-01", "2024-01-01"),  # born on the day on which the partner came to know
        ("2024-01-02", None),
        ("2031-05-05", None),
        ("03/02/2001", None),
        ("01/01/1900", None),
        ("0000-00-00", None),
        ("unknown", None),
        ("😀", None),
        ("", None),
        (None, None),
    ],
)
def test_birth_dates_must_be_possible(one, written, usable):
    found = one({**ANNA, "birth_date": written})
    assert (None if pd.isna(found["birth_date"]) else found["birth_date"]) == usable


@pytest.mark.parametrize(
    ("written", "usable", "outcode"),
    [
        ("so14 3ab", "SO143AB", "SO14"),
        (" SO14-3AB.", "SO143AB", "SO14"),
        ("W1 1AA", "W11AA", "W1"),
        ("ZZ99 3VZ", None, None),
        ("SO1", None, None),
        ("😀😀😀😀", None, None),
        (" ", None, None),
        (None, None, None),
    ],
)
def test_postcodes(one, written, usable, outcode):
    found = one({**ANNA, "postcode": written})
    told = found[["postcode", "outcode"]].astype("object")
    assert told.where(told.notna(), None).tolist() == [usable, outcode]


@pytest.mark.parametrize(
    ("written", "letter"),
    [("Male", "m"), (" F", "f"), ("female", "f"), ("X", None), ("not known", None), (None, None)],
)
def test_sex_is_a_letter_or_unknown(one, written, letter):
    found = one({**ANNA, "sex": written})["sex"]
    assert (None if pd.isna(found) else found) == letter


@pytest.mark.parametrize(
    ("row", "linkable"),
    [
        ({"first_name": "Anna", "last_name": "Berg"}, False),  # names are one fact
        ({"birth_date": "2001-02-03"}, False),
        ({"first_name": "Unknown", "last_name": "??", **BORN}, False),
        ({"first_name": "Anna", "birth_date": "1900-01-01"}, False),
        ({}, False),
        ({"first_name": "Anna", **BORN}, True),
        ({"last_name": "Berg", **BORN}, True),
        ({"last_name": "Berg", "postcode": "SO14 3AB"}, True),
        ({"last_name": "Berg", "sex": "f"}, False),  # sex says too little
        ({"postcode": "SO14 3AB", "sex": "f"}, False),
        ({"postcode": "SO14 3AB", **BORN}, False),  # so may twins be
        ({"shared_key": "K1", **BORN}, True),
    ],
)
def test_a_record_of_which_fewer_than_two_facts_are_known_is_unlinkable(one, row, linkable):
    assert (one(row) is not None) == linkable


def test_each_field_tells_identities_apart(standard, records_of):
    others = {"first_name": "Ann", "last_name": "Kowalski", "postcode": "SO14 3AC", "sex": "f",
              "shared_key": "K1", "birth_date": "2001-02-04"}  # fmt: skip
    rows = [ANNA, *({**ANNA, field: value} for field, value in others.items())]
    assert identity_of(standard, records_of(*rows)).nunique() == len(rows)


def test_values_do_not_run_into_each_other(standard, records_of):
    rows = [{"first_name": "ab", "last_name": "c", **BORN},
            {"first_name": "a", "last_name": "bc", **BORN},
            {"last_name": "abc", **BORN}, {"first_name": "abc", **BORN}]  # fmt: skip
    assert identity_of(standard, records_of(*rows)).nunique() == 4


def test_an_identity_depends_on_the_key_and_on_no_other_row(standard, records_of, population):
    frame, _ = population(40)
    alone = frame[frame.index % 3 == 0]
    whole, part = identity_of(standard, frame), identity_of(standard, alone)
    assert part.equals(whole.loc[part.index])
    shuffled = identity_of(standard, frame.sample(frac=1, random_state=2))
    assert shuffled.equals(whole)
    other = identity_of(standard, frame, b"o" * 16)
    assert not set(other.dropna()) & set(whole.dropna())
    assert (other.isna() == whole.isna()).all()
    assert other.groupby(whole).nunique().max() == whole.groupby(other).nunique().max() == 1


@pytest.mark.parametrize("names", [("Mary Ann", "Maryann"), ("Maryann", "Mary Ann")])
def test_what_an_identity_is_compared_by_depends_on_no_other_writing(standard, records_of, names):
    rows = [{**ANNA, "first_name": name} for name in names]
    both = standard(records_of(*rows))[1]
    each = pd.concat([standard(records_of(row))[1] for row in rows])
    columns = [name for name in each if not name.endswith("_parts")]
    pd.testing.assert_frame_equal(both[columns].sort_index(), each[columns].sort_index())
    parts = {name: list(parts) for name, parts in each["first_parts"].items()}
    assert {name: list(parts) for name, parts in both["first_parts"].items()} == parts
    assert sorted(map(len, parts.values())) == [1, 2]
    assert set(both["first_name"]) == {"maryann"}


def dates(count):
    return pd.date_range("1990-01-15", periods=count, freq="400D").strftime("%Y-%m-%d")


@pytest.mark.parametrize("more", [0, 1])
def test_a_key_of_too_many_birth_dates_is_a_placeholder(standard, records_of, more):
    held = [{**ANNA, "birth_date": d, "shared_key": "0"} for d in dates(MAX_BIRTH_DATES_PER_KEY)]
    extra = [{**ANNA, "birth_date": "1971-01-01", "shared_key": " 0"}] * more
    records, identities = standard(records_of(*held, *extra, {**ANNA, "shared_key": "K9"}))
    ignored = records["key_ignored"]
    assert ignored.tolist() == [bool(more)] * (len(held) + more) + [False]
    assert set(identities["shared_key"].dropna()) == ({"K9"} if more else {"K9", "0"})


def test_keys_are_compared_without_case_and_spaces(standard, records_of):
    keys = ["k-1", " K-1 ", "", "  ", None]
    _, identities = standard(records_of(*[{**ANNA, "shared_key": key} for key in keys]))
    assert sorted(identities["shared_key"].fillna("none")) == ["K-1", "none"]
    assert sorted(identities["records"]) == [2, 3]


def test_identities_carry_what_is_blocked_on(one):
    row = {"first_name": "Bob", "last_name": "Smith-Jones", "postcode": "SO14 3AB", **BORN}
    found = one(row)
    assert found["first_root"] == "robert"
    assert (found["first_sound"], found["last_sound"]) == ("bb", "smtjns")
    assert list(found["last_parts"]) == ["smith", "jones"]
    assert found["name_parts"] == "bob jones smith"
    assert (found["first_initial"], found["last_initial"], found["initials"]) == ("b", "s", "bs")
    assert (found["first3"], found["last3"]) == ("bob", "smi")
    assert (found["birth_year"], found["birth_month"], found["birth_day"]) == ("2001", "02", "03")
    assert found["day_number"] == (pd.Timestamp("2001-02-03") - pd.Timestamp("1970-01-01")).days
    assert found["outcode"] == "SO14"


def test_initials_and_parts_are_the_same_when_names_are_swapped(one):
    row = {"first_name": "Bob", "last_name": "Smith-Jones", **BORN}
    swapped = {"first_name": "Smith-Jones", "last_name": "Bob", **BORN}
    columns = ["initials", "name_parts"]
    assert one(row)[columns].tolist() == one(swapped)[columns].tolist()


def test_a_missing_name_leaves_no_initials_to_block_on(one):
    found = one({"last_name": "Berg", **BORN})
    assert found[["first_name", "first_sound", "initials", "name_parts"]].isna().all()
    assert found["last_initial"] == "b"


def test_no_records_make_no_identities(standard, records_of):
    records, identities = standard(records_of())
    assert records.empty
    assert identities.empty
