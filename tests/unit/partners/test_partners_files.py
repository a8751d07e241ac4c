"""Files that are refused as a whole, each with its own code, and odd files that are read."""

# ruff: noqa: DTZ001 - all times are naive UTC here
from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from risk_engine.config import Source
from risk_engine.errors import ConfigError, InputError
from risk_engine.partners import ingest


def lines(*rows: str) -> str:
    return "\n".join(rows) + "\n"


BAD_FILES = {
    "nothing in it": (lambda _h, _r: b"", "EMPTY_FILE", "0 bytes"),
    "blank lines": (lambda _h, _r: b"\n\r\n", "EMPTY_FILE", "blank lines"),
    "utf-16": (lambda h, r: lines(h, r).encode("utf-16"), "WRONG_ENCODING", "UTF-16"),
    "utf-16 without mark": (
        lambda h, r: lines(h, r).encode("utf-16-le"),
        "WRONG_ENCODING",
        "UTF-16",
    ),
    "a workbook": (
        lambda _h, _r: b"PK\x03\x04" + bytes(200),
        "WRONG_ENCODING",
        "a workbook or an archive",
    ),
    "windows-1252": (
        lambda h, r: lines(h, r.replace("Lee", "Zoë")).encode("cp1252"),
        "WRONG_ENCODING",
        "0xEB",
    ),
    "semicolons": (
        lambda h, r: lines(h, r).replace(",", ";").encode(),
        "WRONG_DELIMITER",
        "semicolon",
    ),
    "tabs": (lambda h, r: lines(h, r).replace(",", "\t").encode(), "WRONG_DELIMITER", "tab"),
    "renamed column": (
        lambda h, r: lines(h.replace("Recorded", "Recorded On"), r).encode(),
        "MISSING_COLUMNS",
        "did you mean 'Recorded On'?",
    ),
    "column twice": (
        lambda h, r: lines(h + ",Age", r + ",18").encode(),
        "COLUMN_TWICE",
        "'Age'",
    ),
    "nul byte": (lambda h, r: lines(h, r, "A\0B").encode(), "UNREADABLE", "line 3"),
    "open quotation mark": (lambda h, r: lines(h, '"' + r, r).encode(), "UNREADABLE", "pair up"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_file_is_refused_with_its_code_and_without_cell_contents(read, row, header, name):
    make, code, words = BAD_FILES[name]
    with pytest.raises(InputError) as caught:
        read({"a.csv": make(header, row())})
    assert caught.value.code == code
    assert words in str(caught.value)
    assert "police: a.csv" in str(caught.value)
    assert "SO14" not in str(caught.value)


def test_missing_file_names_the_source(engine, area_map, agreed):
    for files in ((Path("nowhere") / "*.csv",), ()):
        with pytest.raises(InputError, match="police: no file") as caught:
            ingest(
                [Source(agreed(), files)],
                engine=engine,
                areas=area_map,
                as_of=datetime(2025, 6, 1),
                key=b"k" * 16,
            )
        assert caught.value.code == "MISSING_FILE"


def test_two_files_of_one_name_are_refused(engine, area_map, agreed, tmp_path):
    files = (tmp_path / "a" / "x.csv", tmp_path / "b" / "x.csv")
    with pytest.raises(InputError) as caught:
        ingest(
            [Source(agreed(), files)],
            engine=engine,
            areas=area_map,
            as_of=datetime(2025, 6, 1),
            key=b"k" * 16,
        )
    assert caught.value.code == "FILE_TWICE"


def test_header_only_is_zero_rows_and_a_finding(read):
    done = read([])
    assert (done.files[0].read, done.files[0].accepted) == (0, 0)
    assert done.feeds[0].notes == ("sent no rows",)
    assert done.events.count().execute() == 0
    assert done.sources[0].first_occurred is None
    assert done.sources[0].quarantine_share == 0


def test_windows_1252_is_read_when_agreed(read, row, header, agreed):
    data = lines(header, row(Last="Zoë")).encode("cp1252")
    done = read({"a.csv": data}, agreed=agreed(format={"encoding": "windows-1252"}))
    assert done.records.to_pandas()["last_name"].tolist() == ["Zoë"]


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252"])
def test_byte_order_mark_says_utf_8_whatever_is_agreed(read, row, header, agreed, encoding):
    data = lines(header, row(Last="Zoë")).encode("utf-8-sig")
    done = read({"a.csv": data}, agreed=agreed(format={"encoding": encoding}))
    assert done.records.to_pandas()["last_name"].tolist() == ["Zoë"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_blank_lines_and_quoted_newlines(read, row, header, newline):
    text = lines(header, row("A1", First='"Ann\nMay"'), "", row("A2"), "")
    done = read({"a.csv": text.replace("\n", newline).encode()})
    assert (done.files[0].read, done.files[0].accepted) == (2, 2)
    assert f"Ann{newline}May" in done.records.to_pandas()["first_name"].tolist()


def test_columns_may_change_order_between_files(read, row, header):
    turned = lines(*[",".join(text.split(",")[::-1]) for text in (header, row("A2"))])
    done = read({"a.csv": [row("A1")], "b.csv": turned})
    assert [file.accepted for file in done.files] == [1, 1]
    assert done.events.to_pandas()["easting"].tolist() == [455_000, 455_000]


def test_parquet_and_csv_give_the_same_rows(read, row, header, tmp_path):
    text = row("A1", Age="200") + "\n" + row("A2")
    from_csv = read({"a.csv": lines(header, text)})
    frame = pd.read_csv(tmp_path / "a.csv", parse_dates=["When", "Recorded"])
    frame.to_parquet(tmp_path / "b.parquet")
    from_parquet = read({"b.parquet": (tmp_path / "b.parquet").read_bytes()})
    assert from_parquet.events.to_pandas().equals(from_csv.events.to_pandas())
    assert from_parquet.files[0].codes == {"OUT_OF_RANGE": 1}
    assert from_parquet.quarantine.to_pandas()["row"].tolist() == [1]


def test_zoned_parquet_times_become_local(read, row, header, tmp_path):
    csv = tmp_path / "z.csv"
    csv.write_text(lines(header, row("A1")), encoding="utf-8")
    frame = pd.read_csv(csv)
    frame["When"] = pd.to_datetime(frame["When"]).dt.tz_localize("America/New_York")
    frame["Recorded"] = pd.to_datetime(frame["Recorded"])
    frame.to_parquet(tmp_path / "z.parquet")
    done = read({"z.parquet": (tmp_path / "z.parquet").read_bytes()})
    assert done.events.to_pandas()["occurred_at"].tolist() == [datetime(2025, 5, 1, 14)]


def test_file_that_is_not_parquet_is_unreadable(read):
    with pytest.raises(InputError) as caught:
        read({"a.parquet": b"Ref,Type\nA1,34B\n"})
    assert caught.value.code == "UNREADABLE"


def test_expired_agreement_refuses_the_source_by_name(read, row, agreed):
    contract = agreed(agreement={"reference": "TEST-9", "expires": date(2025, 5, 31)})
    with pytest.raises(InputError, match=r"police: the sharing agreement TEST-9 ended") as caught:
        read([row()], agreed=contract)
    assert caught.value.code == "AGREEMENT_EXPIRED"
    last_day = agreed(agreement={"reference": "TEST-9", "expires": date(2025, 6, 1)})
    assert read([row()], agreed=last_day).files[0].accepted == 1


def test_too_many_bad_rows_refuse_the_source_with_counts(read, row, agreed):
    rows = [row("A1"), row("A2"), row("A3", Age="x"), row("A4", Type="?")]
    with pytest.raises(InputError, match=r"2 of 4 rows \(50.0%\).*BAD_NUMBER 1") as caught:
        read(rows, agreed=agreed(quarantine_limit=0.49))
    assert caught.value.code == "QUARANTINE_LIMIT"
    assert read(rows, agreed=agreed(quarantine_limit=0.5)).files[0].quarantined == 2


def test_personal_keys_need_a_secret(read, row):
    with pytest.raises(InputError) as caught:
        read([row()], key=b"short")
    assert caught.value.code == "WEAK_KEY"
    assert "linkage" in str(caught.value.hint)


def test_contract_that_cannot_work_is_refused_with_every_fault(read, row, agreed):
    fields = agreed().model_dump()["fields"]
    fields["postcode"]["pattern"] = "("
    fields["born"]["formats"] = ["%Q"]
    fields["east"] = {"column": "East"}
    with pytest.raises(ConfigError) as caught:
        read([row()], agreed=agreed(fields=fields))
    assert [f.message.split(":")[0] for f in caught.value.faults] == [
        "field 'born'",
        "field 'east' is a coordinate",
        "field 'postcode'",
    ]
