"""What is not known on the Monday, and what no model may see, changes nothing at all.

The same week is run three times: as it is; from files in which every row recorded later is cut out;
and from files in which ethnicity is shuffled among the rows.
"""

from __future__ import annotations

import csv
import shutil

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from risk_engine.config import load_contract

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("week")]

AS_OF = pd.Timestamp("2026-01-05")


@pytest.fixture(scope="module")
def rerun(office, tmp_path_factory):
    """Run the week again from changed files; returns the folder of that run."""

    def again(change):
        copy = tmp_path_factory.mktemp("again") / "office"
        leave_out = shutil.ignore_patterns("runs", "releases", "ledger", "mlruns")
        shutil.copytree(office.folder, copy, ignore=leave_out)
        for source, paths in type(office)(copy).extracts().items():
            contract = load_contract(copy / "configs" / "partners" / f"{source}.yaml", root=copy)
            for path in paths:
                change(whole_rows(path), contract).to_csv(path, index=False)
        answer = type(office)(copy).says("run", "configs/demo.yaml", "--json")
        assert answer.status == 0, answer.err
        return copy / "runs" / answer.json["run_id"]

    return again


def whole_rows(path):
    """Read the rows of a file that have all cells; those cut short are set aside anyway."""
    with path.open(encoding="utf-8", newline="") as handle:
        header, *rows = csv.reader(handle)
    return pd.DataFrame([row for row in rows if len(row) == len(header)], columns=header)


def tables(run, *names):
    """Read tables of a run; whatever measures the forecast period itself is not among them."""
    return {name: pd.read_parquet(run / "tables" / f"{name}.parquet") for name in names}


def known_before(frame, contract):
    """Keep the rows that were recorded before the as-of date, and those without a date to read."""
    field = contract.fields[contract.event.known_at]
    recorded = pd.Series(pd.NaT, index=frame.index)
    for pattern in field.formats:
        recorded = recorded.fillna(
            pd.to_datetime(frame[field.column], format=pattern, errors="coerce")
        )
    return frame[~(recorded >= AS_OF)]


def with_shuffled_ethnicity(frame, contract):
    """Give every row somebody else's ethnicity."""
    fields = [p.field for p in contract.protected if p.characteristic == "ethnicity"]
    order = np.random.default_rng(3).permutation(len(frame))
    shuffled = {contract.fields[f].column: frame[contract.fields[f].column] for f in fields}
    return frame.assign(**{name: column.to_numpy()[order] for name, column in shuffled.items()})


LISTS = ("places", "cells", "clusters", "scores_sv_victim_6m", "shap_sv_victim_6m")
MATRICES = ("matrix_sv_victim_6m", "place_features")


def test_rows_recorded_after_the_monday_change_no_feature_and_no_list(run_folder, rerun):
    later = rerun(known_before)
    assert len(pd.read_parquet(later / "tables" / "events.parquet")) < len(
        pd.read_parquet(run_folder / "tables" / "events.parquet")
    )
    before, after = tables(run_folder, *LISTS, *MATRICES), tables(later, *LISTS, *MATRICES)
    for name, table in before.items():
        assert_frame_equal(table, after[name], obj=name)


def test_ethnicity_reaches_the_audit_and_nothing_before_it(run_folder, rerun):
    shuffled = rerun(with_shuffled_ethnicity)
    before, after = tables(run_folder, *LISTS, *MATRICES), tables(shuffled, *LISTS, *MATRICES)
    for name, table in before.items():
        assert_frame_equal(table, after[name], obj=name)
    audited = tables(run_folder, "audit")["audit"], tables(shuffled, "audit")["audit"]
    ethnicity = [a[(a["attribute"] == "ethnicity") & (a["subject"] == "people")] for a in audited]
    assert not ethnicity[0]["selected"].equals(ethnicity[1]["selected"])
