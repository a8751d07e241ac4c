"""Rows: what becomes an event, and which fault sets a row aside."""

# ruff: noqa: DTZ001 - all times are naive UTC here
from __future__ import annotations

import json
from datetime import datetime

import ibis
import pytest

from risk_engine import events
from risk_engine.errors import InputError
from risk_engine.partners import MEASURE_SCHEMA, QUARANTINE_SCHEMA

BAD_ROWS = {
    "no time": ({"When": ""}, "REQUIRED_MISSING", "when"),
    "no kind": ({"Type": " "}, "REQUIRED_MISSING", "type"),
    "no key": ({"Ref": ""}, "REQUIRED_MISSING", "ref"),
    "no recorded date": ({"Recorded": ""}, "REQUIRED_MISSING", "recorded"),
    "half a point": ({"North": ""}, "REQUIRED_MISSING", "north"),
    "no such day": ({"When": "2025-02-30 10:00"}, "BAD_DATE", "when"),
    "not a date": ({"Recorded": "yesterday"}, "BAD_DATE", "recorded"),
    "placeholder date": ({"When": "0001-01-01 00:00"}, "BAD_DATE", "when"),
    "not a number": ({"Age": "seventeen"}, "BAD_NUMBER", "age"),
    "infinite": ({"Age": "inf"}, "BAD_NUMBER", "age"),
    "too large for a number": ({"East": "1e999"}, "BAD_NUMBER", "east"),
    "too old": ({"Age": "121"}, "OUT_OF_RANGE", "age"),
    "below zero": ({"Age": "-1"}, "OUT_OF_RANGE", "age"),
    "code of another list": ({"Type": "99"}, "UNKNOWN_CODE", "type"),
    "ethnicity code": ({"Ethnicity": "Z"}, "UNKNOWN_CODE", "ethnicity"),
    "postcode with marks": ({"Postcode": "so14*"}, "BAD_PATTERN", "postcode"),
    "recorded before": ({"Recorded": "2025-04-30"}, "KNOWN_BEFORE_OCCURRED", "recorded"),
    "swapped": ({"East": "125000", "North": "455000"}, "POINT_SWAPPED", "east"),
    "degrees": ({"East": "-1.2", "North": "51.02"}, "POINT_WRONG_SYSTEM", "east"),
    "elsewhere": ({"East": "100000", "North": "900000"}, "POINT_OUTSIDE", "east"),
    "sea": ({"East": "455000", "North": "118000"}, "POINT_SEA", "east"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_bad_row_is_set_aside_with_code_field_and_every_cell(read, row, name):
    changes, code, field = BAD_ROWS[name]
    done = read([row("A1"), row("A2", **changes), row("A3")])
    bad = done.quarantine.to_pandas()
    assert list(bad["codes"][0]) == [code]
    assert list(bad["fields"][0]) == [field]
    assert bad[["source", "file", "row"]].values.tolist() == [["police", "a.csv", 2]]
    raw = json.loads(bad["raw"][0])
    assert {k: raw[k] for k in changes} == changes
    assert done.files[0].codes == {code: 1}
    assert (done.files[0].read, done.files[0].accepted, done.files[0].quarantined) == (3, 2, 1)
    assert done.events.count().execute() == 2


def test_row_carries_all_its_faults(read, row):
    done = read([row(When="x", Age="y", Type="z")])
    assert set(done.quarantine.to_pandas()["codes"][0]) == {
        "BAD_DATE",
        "BAD_NUMBER",
        "UNKNOWN_CODE",
    }


@pytest.mark.parametrize("cells", [["A2", "short"], [*"abcdefghijklmn", "one", "two"]])
def test_ragged_row_is_set_aside_with_what_it_holds(read, row, cells):
    done = read([row("A1"), ",".join(cells)])
    bad = done.quarantine.to_pandas()
    assert list(bad["codes"][0]) == ["RAGGED_ROW"]
    assert list(json.loads(bad["raw"][0]).values()) == cells
    assert done.files[0].read == 2


def test_first_row_of_a_key_stays_across_drops(read, row):
    done = read({"a.csv": [row("A1", Age="11")], "b.csv": [row("A1", Age="12"), row("A2")]})
    assert done.quarantine.to_pandas()[["file", "row"]].values.tolist() == [["b.csv", 1]]
    ages = done.events.to_pandas()["attributes"].map(lambda a: a["age"])
    assert sorted(ages) == ["11", "17"]


def test_bad_row_does_not_use_up_its_key(read, row):
    done = read([row("A1", Age="x"), row("A1")])
    assert done.files[0].codes == {"BAD_NUMBER": 1}


def test_row_not_yet_known_never_displaces_a_known_one(read, row):
    late = row("A1", Recorded="2025-07-01", Age="50")
    done = read([late, row("A1", Age="16")])
    assert done.events.to_pandas()["attributes"][0]["age"] == "16"


def test_three_date_formats_in_one_file(read, row):
    done = read(
        [
            row("A1", When="2025-05-01 10:00"),
            row("A2", When="01/05/2025 10:00"),
            row("A3", When="01 May 2025 10:00"),
        ]
    )
    assert set(done.events.to_pandas()["occurred_at"]) == {datetime(2025, 5, 1, 9)}


def test_tables_have_the_schemas_that_other_rooms_rely_on(read, row):
    done = read([row()])
    tables = {
        "events": events.SCHEMA,
        "records": events.RECORD_SCHEMA,
        "protected": events.PROTECTED_SCHEMA,
        "measures": MEASURE_SCHEMA,
        "quarantine": QUARANTINE_SCHEMA,
    }
    for name, wanted in tables.items():
        table = getattr(done, name)
        kinds = {column: kind.copy(nullable=True) for column, kind in table.schema().items()}
        schema = ibis.schema(wanted)
        assert kinds == {column: kind.copy(nullable=True) for column, kind in schema.items()}
        needed = [column for column, kind in schema.items() if not kind.nullable]
        assert not table.to_pandas()[needed].isna().to_numpy().any(), name


def test_row_becomes_event_record_and_characteristic(read, row):
    done = read([row()])
    event = done.events.to_pandas().iloc[0]
    assert event[["source", "kind", "role", "area_code", "discovery", "precision"]].tolist() == [
        "police",
        "robbery",
        "victim",
        "W1",
        "reported",
        "minute",
    ]
    assert (event["easting"], event["northing"]) == (455_000, 125_000)
    assert dict(event["attributes"]) == {"age": "17", "type": "robbery"}
    record = done.records.to_pandas().iloc[0]
    assert record["record_id"] == event["record_id"] == event["event_id"]
    assert record[["first_name", "last_name", "birth_date"]].tolist() == [
        "Ann",
        "Lee",
        "2008-03-02",
    ]
    held = done.protected.to_pandas().iloc[0]
    assert held[["characteristic", "value", "recorded_by"]].tolist() == [
        "ethnicity",
        "White",
        "self",
    ]
    assert held["recorded_at"] == event["known_at"]


def test_row_that_names_nobody_is_an_event_without_a_record(read, row):
    done = read([row(First="", Last="", Born="")])
    assert done.events.count().execute() == 1
    assert done.records.count().execute() == 0


def test_missing_point_and_missing_attribute_are_no_fault(read, row):
    event = read([row(East="", North="", Age="")]).events.to_pandas().iloc[0]
    assert event[["easting", "northing", "area_code"]].isna().all()
    assert dict(event["attributes"]) == {"type": "robbery"}


def test_home_elsewhere_is_no_fault_but_a_swapped_one_is(read, row, agreed):
    person = {"first_name": "first", "home": {"x": "east", "y": "north", "crs": "EPSG:27700"}}
    event = {"occurred_at": "when", "known_at": "recorded", "kind": "type"}
    contract = agreed(person=person, event=event)
    done = read(
        [
            row("A1"),
            row("A2", East="100000", North="900000"),
            row("A3", East="125000", North="455000"),
        ],
        agreed=contract,
    )
    assert done.files[0].codes == {"POINT_SWAPPED": 1}
    homes = done.records.to_pandas()["home_easting"]
    assert sorted(homes.dropna()) == [455_000]
    assert homes.isna().sum() == 1


def test_area_of_the_partner_outranks_the_point_and_must_be_known(read, row, agreed):
    event = agreed().event.model_copy(update={"area": "postcode"})
    done = read(
        [row("A1", Postcode="E1"), row("A2", Postcode="XX")],
        agreed=agreed(event=event.model_dump()),
    )
    assert done.events.to_pandas()["area_code"].tolist() == ["E1"]
    assert done.files[0].codes == {"UNKNOWN_CODE": 1}


def test_role_outside_the_engines_words_is_set_aside(read, row, agreed):
    fields = agreed().model_dump()["fields"]
    fields["role"]["codes"] = {"V": "victim", "S": "sufferer"}
    done = read([row("A1"), row("A2", Role="S"), row("A3", Role="")], agreed=agreed(fields=fields))
    assert done.files[0].codes == {"UNKNOWN_CODE": 1}
    assert sorted(done.events.to_pandas()["role"]) == ["none", "victim"]


def test_incident_joins_rows_without_showing_its_number(read, row):
    done = read([row("A1"), row("A2"), row("A3", Incident="I2"), row("A4", Incident="")])
    frame = done.events.to_pandas()
    assert sorted(frame["incident_id"].value_counts()) == [1, 1, 2]
    assert frame["event_id"].str.fullmatch("[0-9a-f]{32}").all()
    assert frame["incident_id"].str.fullmatch("[0-9a-f]{32}").all()


def test_identifiers_depend_on_the_secret_and_not_on_the_order_of_rows(read, row):
    rows = [row(f"A{n}", Age=str(n)) for n in range(50)]
    first, turned = read(rows), read(rows[::-1])
    tables = [found.events.order_by("event_id").to_pandas() for found in (first, turned)]
    assert tables[0].equals(tables[1])
    other = read(rows, key=b"another secret of sixteen bytes")
    assert not set(first.events.to_pandas()["event_id"]) & set(other.events.to_pandas()["event_id"])


def test_separators_in_keys_do_not_make_rows_alike(read, row, agreed):
    contract = agreed(key=["ref", "postcode"], fields=_without_pattern(agreed()))
    header_safe = [row('"A,1"', Postcode="B"), row("A", Postcode='"1,B"')]
    done = read(header_safe, agreed=contract)
    assert done.events.to_pandas()["event_id"].nunique() == 2


def test_rows_without_a_key_are_kept_where_the_contract_says_so(read, row, agreed):
    done = read([row(""), row(""), row("A1")], agreed=agreed(key_optional=True))
    assert done.events.to_pandas()["event_id"].nunique() == 3


def test_no_table_with_cells_as_sent_stays_behind(read, row, agreed, engine):
    def tables() -> set[str]:
        found = engine.duckdb.execute(
            "SELECT table_name FROM duckdb_tables() UNION ALL SELECT view_name FROM duckdb_views()"
        ).fetchall()
        return {name for (name,) in found if "partners" in name}

    before = tables()
    read([row(Age="x")])
    after = tables()
    made = {name.rsplit("_", 1)[1] for name in after - before}
    assert made == {"events", "records", "protected", "measures", "quarantine"}
    with pytest.raises(InputError, match="QUARANTINE_LIMIT"):
        read([row(Age="x")], agreed=agreed(quarantine_limit=0))
    assert tables() == after


@pytest.mark.parametrize("source", ["events", "records", "quarantine"])
def test_source_may_be_called_like_a_table(read, row, agreed, source):
    done = read([row("A1"), row("A2", Age="x")], agreed=agreed(source=source))
    assert done.events.to_pandas()["source"].tolist() == [source]
    assert done.quarantine.count().execute() == 1


def _without_pattern(contract):
    fields = contract.model_dump()["fields"]
    fields["postcode"]["pattern"] = None
    return fields
