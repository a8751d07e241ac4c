"""Every fault planted in the synthetic partnership gets the answer that was planted with it."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from risk_engine.chapters.intake import open_intake
from risk_engine.config import load_settings
from risk_engine.synthetic.faults import KINDS, LAYOUTS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("week")]


@pytest.fixture(scope="module")
def answers(office):
    """Every code of every row that was set aside or mended, by source and key."""
    with open_intake(load_settings(office.folder / "configs/demo.yaml")) as intake:
        rows = intake.found.quarantine.execute()
    rows = rows[rows.source.isin(LAYOUTS)]
    sent = zip(rows.source, rows.raw, strict=True)
    keys = [json.loads(raw).get(LAYOUTS[source].key) for source, raw in sent]
    return rows.assign(row_key=keys).explode("codes")


@pytest.fixture(scope="module")
def planted(office):
    """What the truth says was broken, in the sources of the run."""
    truth = pd.read_csv(office.folder / "data/demo/truth/faults.csv", dtype=str)
    return truth[truth.source.isin(LAYOUTS)]


def test_every_planted_fault_is_answered_by_its_code(answers, planted):
    found = set(zip(answers.source, answers.row_key, answers.codes, strict=True))
    told = set(zip(planted.source, planted.row_key, planted.fault, strict=True))
    assert set(planted.fault) == set(KINDS)
    assert told - found == set()


def test_what_can_be_mended_is_mended_and_the_rest_is_set_aside(answers, planted):
    outcome = planted.answer.map({"mended": "repaired", "set aside": "quarantined"})
    told = set(zip(planted.source, planted.row_key, outcome, strict=True))
    found = set(zip(answers.source, answers.row_key, answers.outcome, strict=True))
    assert told - found == set()


def test_nothing_else_is_set_aside(answers, planted):
    told = set(zip(planted.source, planted.row_key, strict=True))
    found = set(zip(answers.source, answers.row_key, strict=True))
    assert found - told == set()


def test_a_reclassified_month_is_held_and_no_other_drop(fresh_office):
    office = fresh_office()
    assert office.says("synth", "--reclassify", "2025-08", "--late", "education").status == 0
    with open_intake(load_settings(office.folder / "configs/demo.yaml")) as intake:
        held = [(feed.source, feed.drop) for feed in intake.found.feeds if feed.held]
        last = {source.source: source.last_known for source in intake.found.sources}
    assert held == [("police_crime", "2025-08")]
    assert last["education"] < pd.Timestamp("2025-10-28")
    in_time = [last[source] for source in LAYOUTS if source != "education"]
    assert min(in_time) > pd.Timestamp("2026-01-05")


def test_a_switch_that_cannot_be_read_ends_with_what_is_allowed(fresh_office):
    office = fresh_office()
    answer = office.says("synth", "--over-record", "Blck=1.5", "--json")
    assert answer.status == 2
    assert answer.json["error"]["code"] == "BAD_SWITCH"
    assert "did you mean 'Black'" in answer.err
    assert not (office.folder / "data").exists()
