"""Naming most groups in the database gives what the register gives for all of them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from risk_engine.linkage.naming import name_groups
from risk_engine.linkage.register import LINEAGE, assign
from risk_engine.linkage.scratch import Scratch

KEY = b"k" * 32
GROUPS = {"record_id": "string", "group": "string", "known_at": "timestamp(6)"}


def random_week(draw, number):
    """Records in groups, most of them grouped as they always are."""
    there = draw.random(120) < 0.9
    group = np.where(draw.random(120) < 0.08, draw.integers(0, 40, 120), np.arange(120) // 3)
    frame = pd.DataFrame(
        {
            "record_id": [f"r{n:03}" for n in range(120)],
            "group": [f"week {number} group {one}" for one in group],
            "known_at": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(120) % 7, unit="D"),
        }
    )
    return frame[there].sample(frac=1, random_state=number).reset_index(drop=True)


@pytest.mark.parametrize("seed", range(3))
def test_week_after_week_the_names_are_those_of_the_register(engine, seed):
    draw = np.random.default_rng(seed)
    memory, known = None, pd.DataFrame({"record_id": [], "person_id": []}, dtype="str")
    lineage = LINEAGE.empty_table().to_pandas()
    for number in range(4):
        frame = random_week(draw, number)
        as_of = (pd.Timestamp("2026-01-05") + pd.Timedelta(weeks=number)).to_pydatetime()
        expected = assign(frame, known=known, lineage=lineage, key=KEY, as_of=as_of)
        with Scratch(engine) as scratch:
            persons, found, counts = name_groups(
                engine.table(frame, GROUPS), memory, key=KEY, as_of=as_of, scratch=scratch
            )
            named = persons.order_by("group").to_pyarrow().to_pandas()
        pd.testing.assert_frame_equal(
            named.astype("str"), expected.persons.astype("str"), check_column_type=False
        )
        pd.testing.assert_frame_equal(found, expected.lineage)
        assert counts == expected.counts
        if number:
            assert counts["kept"] > 0
        lineage = expected.lineage
        known = frame.merge(expected.persons, on="group")[["record_id", "person_id"]]
        memory = SimpleNamespace(
            links=engine.table(known, {"record_id": "string", "person_id": "string"}),
            lineage=engine.table(lineage, dict.fromkeys(LINEAGE.names, "string") | {
                "as_of": "timestamp(6)", "records": "int64"}),
        )  # fmt: skip
    assert {"issued", "merged", "split", "retired"} <= set(lineage["event"])
