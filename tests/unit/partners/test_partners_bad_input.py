"""Every kind of bad row and bad file, in one table: each has one code, and no row is lost."""

# ruff: noqa: DTZ001 - all times are naive UTC here
from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta

import openpyxl
import pytest

from risk_engine.errors import InputError

OLD = (date(2025, 6, 1) - timedelta(days=50 * 365 + 1)).isoformat()
REPAIRS = ["code_case", "placeholder", "number_format", "excel_date", "point_swapped"]

#: Changes to a good row -> what becomes of it, and by which code and field.
ROWS = {
    "no key": ({"Ref": ""}, "quarantined", "REQUIRED_MISSING", "ref"),
    "key of blanks": ({"Ref": " \u00a0 "}, "quarantined", "REQUIRED_MISSING", "ref"),
    "no time": ({"When": ""}, "quarantined", "REQUIRED_MISSING", "when"),
    "no recorded date": ({"Recorded": ""}, "quarantined", "REQUIRED_MISSING", "recorded"),
    "no kind": ({"Type": ""}, "quarantined", "REQUIRED_MISSING", "type"),
    "half a point": ({"North": ""}, "quarantined", "REQUIRED_MISSING", "north"),
    "a day that is none": ({"When": "2025-02-30 10:00"}, "quarantined", "BAD_DATE", "when"),
    "an hour that is none": ({"When": "2025-05-01 25:61"}, "quarantined", "BAD_DATE", "when"),
    "words for a date": ({"Recorded": "yesterday"}, "quarantined", "BAD_DATE", "recorded"),
    "month and day turned": ({"Recorded": "2025-13-05"}, "quarantined", "BAD_DATE", "recorded"),
    "year one": ({"When": "0001-01-01 00:00"}, "quarantined", "BAD_DATE", "when"),
    "year 9999": ({"When": "9999-12-31 00:00"}, "quarantined", "BAD_DATE", "when"),
    "words for a number": ({"Age": "seventeen"}, "quarantined", "BAD_NUMBER", "age"),
    "two points in a number": ({"East": "455.000.0"}, "quarantined", "BAD_NUMBER", "east"),
    "infinity": ({"Age": "inf"}, "quarantined", "BAD_NUMBER", "age"),
    "beyond any number": ({"East": "1e999"}, "quarantined", "BAD_NUMBER", "east"),
    "below the range": ({"Age": "-1"}, "quarantined", "OUT_OF_RANGE", "age"),
    "above the range": ({"Age": "121"}, "quarantined", "OUT_OF_RANGE", "age"),
    "a code of another list": ({"Type": "99"}, "quarantined", "UNKNOWN_CODE", "type"),
    "a formula for a code": ({"Role": "=A1"}, "quarantined", "UNKNOWN_CODE", "role"),
    "a postcode with marks": ({"Postcode": "SO14*"}, "quarantined", "BAD_PATTERN", "postcode"),
    "recorded before": (
        {"Recorded": "2025-04-30"}, "quarantined", "KNOWN_BEFORE_OCCURRED", "recorded",
    ),
    "degrees for metres": (
        {"East": "-1.2", "North": "51.02"}, "quarantined", "POINT_WRONG_SYSTEM", "east",
    ),
    "another country": (
        {"East": "100000", "North": "900000"}, "quarantined", "POINT_OUTSIDE", "east",
    ),
    "at sea": ({"East": "455000", "North": "118000"}, "quarantined", "POINT_SEA", "east"),
    "a key sent before": ({"Ref": "A1"}, "quarantined", "DUPLICATE_KEY", "ref"),
    "older than may be kept": ({"When": f"{OLD} 10:00"}, "dropped", None, None),
    "code in small letters": ({"Type": "34b"}, "repaired", "CODE_CASE", "type"),
    "code with a space": ({"Type": "34 B"}, "repaired", "CODE_CASE", "type"),
    "N/A for a number": ({"Age": "N/A"}, "repaired", "PLACEHOLDER", "age"),
    "null for a date": ({"Born": "NULL"}, "repaired", "PLACEHOLDER", "born"),
    "thousands separators": ({"East": '"455,000"'}, "repaired", "NUMBER_FORMAT", "east"),
    "a day as Excel counts": ({"Recorded": "45779"}, "repaired", "EXCEL_DATE", "recorded"),
    "point swapped": (
        {"East": "125000", "North": "455000"}, "repaired", "POINT_SWAPPED", "east",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_bad_row(read, row, agreed, name):
    changes, outcome, code, field = ROWS[name]
    done = read([row("A1"), row("A2", **changes), row("A3")], agreed=agreed(repairs=REPAIRS))
    (count,) = done.files
    assert count.read == count.accepted + count.repaired + count.quarantined + count.dropped == 3
    assert getattr(count, outcome) == 1
    assert done.events.count().execute() == (3 if outcome == "repaired" else 2)
    kept = done.quarantine.to_pandas()
    told = [
        (at, was, [*codes], [*fields])
        for at, was, codes, fields in kept[["row", "outcome", "codes", "fields"]].to_numpy()
    ]
    assert told == ([(2, outcome, [code], [field])] if code else [])


@pytest.mark.parametrize("layout", ["A2", "A2,I1", None, "A2," * 14, '"A2,"'])
def test_row_of_another_length(read, row, layout):
    bad = row("A2") + ",surplus" if layout is None else layout
    done = read([row("A1"), bad, row("A3")])
    assert (done.files[0].read, done.files[0].quarantined) == (3, 1)
    assert done.files[0].codes == {"RAGGED_ROW": 1}
    assert done.quarantine.to_pandas()["row"].tolist() == [2]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_separator_too_many_at_the_end_of_a_row_is_no_empty_cell(read, header, row, ends):
    """The quick reader would drop it in silence."""
    text = ends.join([header, row("A1"), row("A2") + ",", row("A3"), ""])
    done = read({"a.csv": text})
    assert done.files[0].codes == {"RAGGED_ROW": 1}


def table(header: str, *rows: str) -> str:
    return "\n".join([header, *rows]) + "\n"


def book(*rows: str, sheet: str = "Data") -> bytes:
    made = openpyxl.Workbook()
    made.active.title = sheet
    for line in rows:
        made.active.append(line.split(","))
    data = io.BytesIO()
    made.save(data)
    return data.getvalue()


def zipped(members: dict[str, bytes | str] | None = None) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in (members or {}).items():
            archive.writestr(name, content)
    return data.getvalue()


def locked(header: str, row: str) -> bytes:
    """Return an archive whose member says that it is encrypted."""
    data = bytearray(zipped({"a.csv": table(header, row)}))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + flags] |= 1
    return bytes(data)


#: File name and what is in it, from a header and a good row -> the code that refuses it.
FILES = {
    "no bytes": ("a.csv", lambda _h, _r: b"", "EMPTY_FILE"),
    "blank lines": ("a.csv", lambda _h, _r: b"\n\r\n", "EMPTY_FILE"),
    "UTF-16": ("a.csv", lambda h, r: table(h, r).encode("utf-16"), "WRONG_ENCODING"),
    "Windows letters": (
        "a.csv", lambda h, r: table(h, r.replace("Lee", "Zoë")).encode("cp1252"), "WRONG_ENCODING",
    ),
    "a workbook under a CSV's name": ("a.csv", book, "WRONG_ENCODING"),
    "semicolons": ("a.csv", lambda h, r: table(h, r).replace(",", ";"), "WRONG_DELIMITER"),
    "a column renamed": (
        "a.csv", lambda h, r: table(h.replace("Recorded", "Recorded On"), r), "MISSING_COLUMNS",
    ),
    "no header": ("a.csv", lambda _h, r: table(r, r), "MISSING_COLUMNS"),
    "a column twice": ("a.csv", lambda h, r: table(f"{h},Age", f"{r},18"), "COLUMN_TWICE"),
    "a NUL byte": ("a.csv", lambda h, r: table(h, r, "A\0B"), "UNREADABLE"),
    "an open quotation mark": ("a.csv", lambda h, r: table(h, '"' + r, r), "UNREADABLE"),
    "three megabytes a cell": ("a.csv", lambda h, r: table(h, r + "x" * 3_000_000), "UNREADABLE"),
    "a picture": ("a.parquet", lambda _h, _r: b"\x89PNG\r\n" + bytes(64), "UNREADABLE"),
    "half a Parquet file": ("a.parquet", lambda _h, _r: b"PAR1" + bytes(64), "UNREADABLE"),
    "an old workbook": ("a.xls", lambda _h, _r: b"\xd0\xcf\x11\xe0" + bytes(64), "UNKNOWN_KIND"),
    "JSON": ("a.json", lambda _h, _r: b"[]", "UNKNOWN_KIND"),
    "no workbook": ("a.xlsx", lambda _h, _r: b"PK\x03\x04" + bytes(64), "UNREADABLE"),
    "half a workbook": ("a.xlsx", lambda h, r: book(h, r)[:2000], "UNREADABLE"),
    "an empty sheet": ("a.xlsx", lambda _h, _r: book(), "EMPTY_FILE"),
    "a sheet without a column": (
        "a.xlsx", lambda h, r: book(h.replace("Type", "Kind"), r), "MISSING_COLUMNS",
    ),
    "no archive": ("a.zip", lambda _h, _r: b"PK\x03\x04" + bytes(64), "BAD_ARCHIVE"),
    "an empty archive": ("a.zip", lambda _h, _r: zipped(), "BAD_ARCHIVE"),
    "an archive with a password": ("a.zip", locked, "BAD_ARCHIVE"),
    "archive in an archive": ("a.zip", lambda _h, _r: zipped({"b.zip": zipped()}), "BAD_ARCHIVE"),
    "an empty file in an archive": ("a.zip", lambda _h, _r: zipped({"b.csv": b""}), "BAD_ARCHIVE"),
    "a picture in an archive": ("a.zip", lambda _h, _r: zipped({"b.png": b"x"}), "UNKNOWN_KIND"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_bad_file(read, header, row, name):
    file, make, code = FILES[name]
    with pytest.raises(InputError) as caught:
        read({file: make(header, row())})
    assert caught.value.code == code
    assert str(caught.value).startswith("police: ")
    assert "SO14" not in str(caught.value)  # no cell of anybody in an error


def test_a_sheet_that_is_not_there(read, header, row, agreed):
    contract = agreed(format={"sheet": "Returns"})
    with pytest.raises(InputError, match="did you mean 'Return'") as caught:
        read({"a.xlsx": book(header, row(), sheet="Return")}, agreed=contract)
    assert caught.value.code == "MISSING_SHEET"


@pytest.mark.parametrize(
    ("agreement", "code"),
    [
        ({"reference": "OLD-1", "expires": "2025-05-31"}, "AGREEMENT_EXPIRED"),
        (
            {"reference": "NEW-1", "starts": "2025-06-02", "expires": "2030-01-01"},
            "AGREEMENT_NOT_STARTED",
        ),
    ],
)
def test_an_agreement_that_is_not_in_force(read, row, agreed, agreement, code):
    with pytest.raises(InputError, match=agreement["reference"]) as caught:
        read([row()], agreed=agreed(agreement=agreement))
    assert caught.value.code == code
    assert "police" in str(caught.value)


def test_the_table_has_the_forty_kinds_that_were_promised():
    assert len(ROWS) + len(FILES) + 8 >= 40
    codes = {code for _, _, code, _ in ROWS.values()} | {code for _, _, code in FILES.values()}
    assert len(codes - {None}) >= 22


@pytest.mark.parametrize("trouble", ["ragged", "surplus", "blank line"])
def test_rows_keep_their_numbers_when_a_file_turns_out_odd_after_it_was_half_read(
    read, row, header, trouble
):
    """The quick reader gives up late; what it had read is taken out again, whole."""
    many = [row(f"B{n}") for n in range(30_000)]
    odd = [20_000]
    if trouble == "blank line":  # it makes up for a separator too many in as many rows as it lacks
        odd = list(range(20_000, 20_000 + header.count(",")))
    for n in odd:
        many[n] = "B,1" if trouble == "ragged" else many[n] + ","
    blank = [""] if trouble == "blank line" else []
    files = {
        "1.csv": table(header, *(row(f"A{n}") for n in range(5_000)), row("A5000", Age="x")),
        "2.csv": table(header, *many[:10_000], *blank, *many[10_000:]),
        "3.csv": table(header, row("C1"), row("C2", Age="x")),
    }
    done = read(files)
    assert [file.read for file in done.files] == [5_001, 30_000, 2]
    bad = done.quarantine.order_by(["file", "row"]).to_pandas()
    told = [*bad[["file", "row"]].itertuples(index=False, name=None)]
    assert told == [("1.csv", 5_001), *(("2.csv", n + 1) for n in odd), ("3.csv", 2)]


# --- files that are read -------------------------------------------------------------------------


def test_a_header_alone_is_no_row(read, header):
    done = read({"a.csv": header + "\n"})
    assert (done.files[0].read, done.events.count().execute()) == (0, 0)


def test_one_row_without_a_line_end(read, header, row):
    assert read({"a.csv": f"{header}\n{row()}"}).files[0].accepted == 1


def test_the_same_rows_come_from_csv_excel_parquet_and_zip(read, header, row, tmp_path):
    import pandas as pd

    rows = [row("A1"), row("A2", Age="18", Ethnicity="")]
    frame = pd.DataFrame([line.split(",") for line in rows], columns=header.split(","))
    parquet = io.BytesIO()
    frame.to_parquet(parquet)
    files = {
        "a.csv": table(header, *rows),
        "a.xlsx": book(header, *rows),
        "a.parquet": parquet.getvalue(),
        "a.zip": zipped({"monthly.csv": table(header, *rows)}),
    }
    found = [
        read({name: data}).events.order_by("event_id").to_pandas() for name, data in files.items()
    ]
    assert len(found[0]) == 2
    assert all(frame.equals(found[0]) for frame in found[1:])


def test_an_archive_of_monthly_files_is_as_many_drops(read, header, row, agreed):
    data = zipped(
        {
            "2025-01/2025-01-street.csv": table(header, row("A1")),
            "2025-02/2025-02-street.csv": table(header, row("A2"), row("A3", Age="x")),
            "2025-02/2025-02-outcomes.csv": "not,ours\n",
            "__MACOSX/2025-02-street.csv": "junk",
        }
    )
    done = read({"all.zip": data}, agreed=agreed(format={"members": "*-street.csv"}))
    assert [(file.drop, file.read) for file in done.files] == [
        ("2025-01-street", 1),
        ("2025-02-street", 2),
    ]
    assert done.quarantine.to_pandas()["file"].tolist() == ["all.zip/2025-02/2025-02-street.csv"]


def test_dates_and_whole_numbers_of_a_workbook_are_written_as_agreed(read, header, row):
    made = openpyxl.Workbook()
    made.active.append(header.split(","))
    from datetime import datetime

    cells: list[object] = list(row("7").split(","))
    names = header.split(",")
    cells[names.index("Ref")] = 7
    cells[names.index("When")] = datetime(2025, 5, 1, 10, 30)
    cells[names.index("Recorded")] = date(2025, 5, 2)
    cells[names.index("East")] = 455000.0
    made.active.append(cells)
    made.active.append([])  # a blank row within the sheet is no row
    made.active.append(row("8").split(","))
    data = io.BytesIO()
    made.save(data)
    done = read({"a.xlsx": data.getvalue()})
    assert (done.files[0].read, done.files[0].accepted) == (2, 2)
    assert datetime(2025, 5, 1, 9, 30) in set(done.events.to_pandas()["occurred_at"])


def test_a_repaired_row_is_kept_on_record_as_it_was_sent(read, row, agreed):
    done = read([row("A1", Type="34b", Age="N/A")], agreed=agreed(repairs=REPAIRS))
    kept = done.quarantine.to_pandas().iloc[0]
    assert kept["outcome"] == "repaired"
    assert '"34b"' in kept["raw"]
    assert '"N/A"' in kept["raw"]
    (event,) = done.events.to_pandas().to_dict("records")
    assert event["kind"] == "robbery"
    assert "age" not in dict(event["attributes"])


def test_nothing_is_repaired_that_the_contract_does_not_list(read, row):
    done = read([row("A1", Type="34b"), row("A2", Age="N/A"), row("A3", Recorded="45779")])
    assert (done.files[0].repaired, done.files[0].quarantined) == (0, 3)


def test_a_name_is_never_taken_for_a_placeholder(read, row, agreed):
    done = read([row(First="Null", Last="None")], agreed=agreed(repairs=REPAIRS))
    person = done.records.to_pandas().iloc[0]
    assert (person["first_name"], person["last_name"]) == ("Null", "None")


def test_codes_that_case_alone_tells_apart_are_not_guessed(read, row, agreed):
    fields = agreed().model_dump(mode="json")["fields"]
    fields["type"]["codes"] = {"a1": "robbery", "A1": "injury"}
    contract = agreed(fields=fields, repairs=REPAIRS)
    done = read(
        [row("R1", Type="a1"), row("R2", Type="A1"), row("R3", Type="A 1")], agreed=contract
    )
    assert sorted(done.events.to_pandas()["kind"]) == ["injury", "robbery"]
    assert done.files[0].codes == {"UNKNOWN_CODE": 1}


def test_rows_at_the_edge_of_the_retention_period(read, row, agreed):
    last = (date(2025, 6, 1) - timedelta(days=365)).isoformat()
    before = (date(2025, 6, 1) - timedelta(days=366)).isoformat()
    rows = [row("A1", When=f"{last} 10:00"), row("A2", When=f"{before} 10:00"), row("A3")]
    done = read(rows, agreed=agreed(retention="1y"))
    assert (done.files[0].accepted, done.files[0].dropped) == (2, 1)
    assert done.quarantine.count().execute() == 0  # what may not be kept is not kept there either


def test_words_agreed_for_nothing_are_no_repair(read, row, agreed):
    fields = agreed().model_dump(mode="json")["fields"]
    fields["age"]["missing"] = ["not held", "*"]
    done = read([row("A1", Age="not held"), row("A2", Age="*")], agreed=agreed(fields=fields))
    assert (done.files[0].accepted, done.files[0].repaired) == (2, 0)


# --- counts and context --------------------------------------------------------------------------


def counts(agreed, **changes):
    return agreed(
        personal_data="none",
        key=["zone", "month"],
        fields={
            "zone": {"column": "Zone", "pattern": "[EW][0-9]+"},
            "month": {"column": "Month", "type": "month"},
            "calls": {"column": "Calls", "type": "number", "minimum": 0, "missing": ["<5", "*"]},
        },
        event=None,
        measures={
            "zone": "zone", "geography": "ward", "values": {"call_outs": "calls"}, "period": "month"
        },
        person=None,
        protected=[],
        **changes,
    )  # fmt: skip


def test_counts_become_measures_and_suppressed_ones_stay_as_missing(read, agreed):
    rows = ["E1,2025-01,12", "E1,2025-02,<5", "E2,2025-01,0", "E2,2025-02,-3", ",2025-02,4"]
    done = read(rows, header="Zone,Month,Calls", agreed=counts(agreed))
    frame = done.measures.order_by(["zone_code", "period_start"]).to_pandas()
    assert frame["zone_code"].tolist() == ["E1", "E1", "E2"]
    assert frame["value"].fillna(-1).tolist() == [12, -1, 0]
    assert set(frame["measure"]) == {"call_outs"}
    assert done.files[0].codes == {"OUT_OF_RANGE": 1, "REQUIRED_MISSING": 1}
    assert done.events.count().execute() == 0


def test_a_count_is_known_only_after_its_month(read, agreed):
    done = read(["E1,2025-01,12"], header="Zone,Month,Calls", agreed=counts(agreed))
    row = done.measures.to_pandas().iloc[0]
    assert str(row["period_start"]) == "2025-01-01 00:00:00"
    assert str(row["known_at"]) == "2025-02-02 00:00:00"


def test_context_of_a_year_is_known_after_the_year(read, agreed):
    contract = agreed(
        personal_data="none",
        key=["zone"],
        fields={"zone": {"column": "Zone"}, "rank": {"column": "Rank", "type": "number"}},
        event=None,
        measures={"zone": "zone", "geography": "lsoa21", "values": {"imd": "rank"}, "year": 2019},
        person=None,
        protected=[],
    )
    row = read(["E1,5"], header="Zone,Rank", agreed=contract).measures.to_pandas().iloc[0]
    assert str(row["known_at"]) == "2020-01-02 00:00:00"
    assert row["value"] == 5
