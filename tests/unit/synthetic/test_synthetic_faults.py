"""Bad rows: every kind is planted, is in the file as told, and is answered by the engine."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from risk_engine.config import Contract
from risk_engine.synthetic import SOURCES
from risk_engine.synthetic.chance import Chance
from risk_engine.synthetic.faults import KINDS, LAYOUTS, MENDED, SHARE, plant, to_bytes

SEA = (440_000, 70_000)


def told(whole, source: str) -> pd.DataFrame:
    return whole.truth("faults").query("source == @source")


@pytest.mark.parametrize("source", SOURCES)
def test_planted_faults_are_in_the_file_and_about_one_per_cent(source: str, whole) -> None:
    layout, frame, truth = LAYOUTS[source], whole.rows(source), told(whole, source)
    count = truth.fault.value_counts().reindex(KINDS, fill_value=0)
    assert frame[layout.key].duplicated().sum() == count["DUPLICATE_KEY"]
    assert (frame[layout.code] == "ZZ9").sum() == count["UNKNOWN_CODE"]
    assert (frame[layout.known] == "").sum() == count["REQUIRED_MISSING"]
    assert frame[layout.when].str.startswith("31/02").sum() == count["BAD_DATE"]
    assert (frame[layout.known] == layout.early).sum() == count["KNOWN_BEFORE_OCCURRED"]
    serial = frame[layout.known].str.fullmatch(r"4[0-9]{4}(\.[0-9]+)?")
    assert serial.sum() == count["EXCEL_DATE"]
    if layout.age:
        assert (frame[layout.age] == "12 yrs").sum() == count["BAD_PATTERN"]
        assert (frame[layout.age] == "N/A").sum() == count["PLACEHOLDER"]
    if layout.point:
        assert (frame[layout.point[0]] == "4x5500").sum() == count["BAD_NUMBER"]
        assert frame[layout.point[0]].str.contains(",").sum() == count["NUMBER_FORMAT"]
        assert (frame[layout.point[1]] == "51.05").sum() == count["POINT_WRONG_SYSTEM"]
    assert len(truth) < 0.015 * len(frame)
    assert truth.row_key.is_unique


def test_every_kind_of_fault_is_somewhere(whole) -> None:
    assert set(whole.truth("faults").fault) == {*KINDS, "OUT_OF_RANGE"}


def test_the_truth_says_what_the_contract_mends(whole, contracts: dict[str, Contract]) -> None:
    for source in SOURCES:
        mended = set(told(whole, source).query("answer == 'mended'").fault)
        assert {code.lower() for code in mended} <= set(contracts[source].repairs), source
        left = set(told(whole, source).query("answer == 'set aside'").fault)
        assert not left & set(MENDED), source


def test_a_row_cut_short_has_one_cell_less(whole) -> None:
    file = whole.folder / "education.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    short = [line for line in lines if line.count(",") < lines[0].count(",")]
    keys = set(told(whole, "education").query("fault == 'RAGGED_ROW'").row_key)
    assert {line.split(",")[0] for line in short} == keys
    assert keys


def test_homicides_are_never_broken(whole) -> None:
    rows = whole.rows("police_crime")
    homicides = rows[rows["Offence Code"] == "1"]["Involvement Reference"]
    assert len(homicides) > 0
    assert not homicides.isin(told(whole, "police_crime").row_key).any()


def test_faults_do_not_depend_on_how_rows_are_cut_into_pieces() -> None:
    count, chance = 20_000, Chance(3, "fire")
    rows = np.arange(count)
    layout = LAYOUTS["fire"]
    names = (layout.key, layout.code, layout.when, layout.known, layout.cased, *layout.point)
    columns = {name: pa.array([f"{name} {row}" for row in rows]) for name in names}
    columns |= {name: pa.array(["440000"] * count) for name in layout.point}

    def broken(*bounds: int) -> pd.DataFrame:
        parts, faults = [], 0
        for low, high in pairwise(bounds):
            piece = {name: column[low:high] for name, column in columns.items()}
            sent, planted = plant(
                piece, rows[low:high], rows[low:high] * 1440,
                layout=layout, breakable=np.ones(high - low, bool), sea=SEA, chance=chance,
            )  # fmt: skip
            parts.append(pa.table(sent).to_pandas())
            faults += len(planted.fault)
        assert 0.5 * SHARE * 14 * count < faults < 1.5 * SHARE * 14 * count
        return pd.concat(parts, ignore_index=True)

    assert broken(0, count).equals(broken(0, 777, 9_000, count))


def test_stand_ins_become_what_they_stand_for() -> None:
    assert to_bytes(b"a,\x02450\x03123\x02,b,\x01\n") == b'a,"450,123",b\n'
