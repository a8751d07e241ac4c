"""The quick reader and the strict reader give the same cells, or the quick one declines."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import box

from risk_engine.config import Contract, Source
from risk_engine.engine import Engine, open_engine
from risk_engine.errors import InputError
from risk_engine.partners import ingest
from risk_engine.partners.drops import Drop
from risk_engine.partners.stage import Cells, quick_cells, slow_cells
from risk_engine.places import AreaMap

RELAXED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FEW = settings(RELAXED, max_examples=25)
CONTRACT = Contract.model_validate(
    {
        "source": "anything",
        "title": "Anything",
        "agency": "Anybody",
        "controller": "Anybody",
        "agreement": {"reference": "T", "expires": "2099-01-01"},
        "personal_data": "none",
        "regime": "not personal data",
        "lawful_basis": "none needed",
        "retention": "50y",
        "cadence": "daily",
        "discovery": "other",
        "key": ["id"],
        "quarantine_limit": 1,
        "repairs": ["code_case", "placeholder", "number_format", "excel_date", "point_swapped"],
        "fields": {
            "id": {"column": "id"},
            "day": {"column": "day", "type": "date", "formats": ["%Y-%m-%d"]},
            "kind": {"column": "kind", "type": "code", "codes": {"a": "alpha", "B 1": "beta"}},
            "size": {"column": "size", "type": "number"},
        },
        "event": {"occurred_at": "day", "known_after": "1d", "precision": "day", "kind": "kind"},
    }
)
HEADER = "id,day,kind,size"
#: Pieces from which the traps of CSV are built more often than by chance.
PIECES = st.sampled_from(
    ["a", "2025-02-03", ",", ",", ",", ",,", "\n", "\n", "\n", "\r\n", "\r", '"', '""', '",', ',"',
     " ", '" ', "\t", "\0", "é", "\u00a0", "'", "\\", "#", "1,000", "N/A", "\ufeff"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=25).map("".join)
CELLS = st.one_of(
    st.sampled_from(
        ["", "a", "b 1", "2025-02-03", "45000", "1,000", "N/A", " x ", 'a"b', "a\nb", "é"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6),
)
TABLES = st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=8)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine() as opened:
        yield opened


@pytest.fixture(scope="module")
def areas() -> AreaMap:
    frame = gpd.GeoDataFrame(
        {"area_code": ["W"], "name": ["West"]}, geometry=[box(0, 0, 1e4, 1e4)], crs="EPSG:27700"
    )
    return AreaMap(frame, "EPSG:27700", snap_metres=0)


def all_rows(cells: Cells, engine: Engine) -> list[list[str]]:
    query = f"SELECT {cells.row} FROM {cells.relation}"  # noqa: S608 - our own texts
    return [row for (row,) in engine.duckdb.execute(query).fetchall()]


def strictly(drop: Drop, engine: Engine) -> list[list[str]] | None:
    """Return the cells by the strict reader, or None where it refuses the file."""
    try:
        with slow_cells(drop, CONTRACT, engine.duckdb, "strict_cells") as cells:
            rows = all_rows(cells, engine)
    except InputError:
        return None
    return rows


def quickly(drop: Drop, engine: Engine) -> list[list[str]] | None:
    """Return the cells by the quick reader, or None where it declines."""
    try:
        cells = quick_cells(drop, CONTRACT, engine.duckdb)
        if cells is None:
            return None
        rows = all_rows(cells, engine)
    except (duckdb.Error, InputError):
        return None
    return rows


@RELAXED
@given(body=TEXTS, end=st.sampled_from(["\n", "\r\n"]))
def test_the_quick_reader_agrees_with_the_strict_one_or_declines(body, end, engine, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(f"{HEADER}{end}{body}".encode())
    drop = Drop("a.csv", path, "csv", path)
    found = quickly(drop, engine)
    assert found is None or found == strictly(drop, engine)


@FEW
@given(rows=TABLES, quoted=st.booleans(), end=st.sampled_from(["\n", "\r\n"]))
def test_a_well_formed_table_is_read_as_it_was_written(rows, quoted, end, engine, tmp_path):
    def cell(text: str) -> str:
        needed = quoted or any(mark in text for mark in ',"\n\r')
        return '"' + text.replace('"', '""') + '"' if needed else text

    path = tmp_path / "a.csv"
    lines = [HEADER, *(",".join(map(cell, row)) for row in rows)]
    path.write_bytes((end.join(lines) + end).encode())
    drop = Drop("a.csv", path, "csv", path)
    assert strictly(drop, engine) == rows
    assert quickly(drop, engine) in (None, rows)


def test_a_plain_table_is_read_by_the_quick_reader(engine, tmp_path):
    """Otherwise the two tests above would hold for a reader that always declines."""
    path = tmp_path / "a.csv"
    for end in ("\n", "\r\n"):
        for row, cells in {
            'x,2025-02-03,a,"1,5"': ["x", "2025-02-03", "a", "1,5"],
            "x,2025-02-03,a,": ["x", "2025-02-03", "a", ""],
            '"x","2025-02-03","a",""': ["x", "2025-02-03", "a", ""],
        }.items():
            path.write_bytes(f"{HEADER}{end}{row}{end}".encode())
            assert quickly(Drop("a.csv", path, "csv", path), engine) == [cells]


@pytest.mark.parametrize("ending", ["xlsx", "parquet", "zip"])
@FEW
@given(rows=TABLES)
def test_no_row_of_a_table_is_lost_in_any_kind_of_file(rows, ending, engine, areas, tmp_path):
    path = tmp_path / f"a.{ending}"
    _write(path, rows)
    done = ingest(
        [Source(CONTRACT, (path,))],
        engine=engine,
        areas=areas,
        as_of=datetime(2025, 6, 1),  # noqa: DTZ001 - naive UTC
        key=b"k" * 16,
    )
    (count,) = done.files
    blank = ending == "xlsx"  # Excel does not tell an empty row from none
    read = [row for row in rows if any(map(_sheet_text, row))] if blank else rows
    assert count.read == len(read)
    assert count.read == count.accepted + count.repaired + count.quarantined + count.dropped
    assert done.events.count().execute() == count.sound
    assert done.quarantine.count().execute() == count.quarantined + count.repaired


@FEW
@given(at=st.integers(0, 10_000), byte=st.integers(0, 255), cut=st.integers(0, 6_000))
@pytest.mark.parametrize("ending", ["xlsx", "parquet", "zip"])
def test_a_damaged_file_is_refused_or_reconciled(at, byte, cut, ending, engine, areas, tmp_path):
    path = tmp_path / f"a.{ending}"
    _write(path, [["x", "2025-02-03", "a", "1"], ["y", "2025-02-04", "B 1", "2"]])
    data = bytearray(path.read_bytes())
    data[at % len(data)] = byte
    path.write_bytes(bytes(data[: len(data) - cut % len(data)]))
    try:
        done = ingest(
            [Source(CONTRACT, (path,))],
            engine=engine,
            areas=areas,
            as_of=datetime(2025, 6, 1),  # noqa: DTZ001 - naive UTC
            key=b"k" * 16,
        )
    except InputError:
        return
    (count,) = done.files
    assert count.read == count.accepted + count.repaired + count.quarantined + count.dropped


def _write(path: Path, rows: list[list[str]]) -> None:
    frame = pd.DataFrame(rows, columns=HEADER.split(","), dtype="str")
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".zip":
        text = io.StringIO()
        frame.to_csv(text, index=False, quoting=1)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("folder/a.csv", text.getvalue())
    else:
        book = openpyxl.Workbook()
        for row in [HEADER.split(","), *rows]:
            book.active.append([_sheet_text(cell) for cell in row])
        book.save(path)


def _sheet_text(text: str) -> str | None:
    """Drop what no Excel cell can hold; an empty text is no cell."""
    allowed = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", text)
    return allowed.replace("=", "-") or None
