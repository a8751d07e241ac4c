"""A Monday on which a month of the police feed was recorded otherwise, and what people decide."""

from __future__ import annotations

import csv
import json
from collections import defaultdict

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("held-drop")]

CONFIG = "configs/demo.yaml"
ODD, USUAL = "police-2025-06", "police-2025-07"


@pytest.fixture
def monthly(fresh_office):
    """A project whose police feed comes as one file a month; in June 2025 nearly all is robbery."""
    office = fresh_office()
    answer = office.says("synth", "--people", "1500", "--seed", "3", "--out", "data/demo")
    assert answer.status == 0, answer.err
    with (office.folder / "data/demo/police_crime.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    offence, recorded = header.index("Offence Code"), header.index("Recorded Date")
    months = defaultdict(list)
    for row in rows:
        month, year = row[recorded][3:5], row[recorded][6:10]
        if (year, month) >= ("2026", "01") or not year:
            continue
        if (year, month) == ("2025", "06"):
            row[offence] = "34B"
        months[f"police-{year}-{month}"].append(row)
    for name, kept in months.items():
        write(office, name, header, kept)
    config = office.folder / CONFIG
    text = config.read_text(encoding="utf-8")
    assert "data/demo/police_crime.csv" in text
    text = text.replace("data/demo/police_crime.csv", '"data/demo/police-*.csv"')
    config.write_text(text, encoding="utf-8")
    contract = office.folder / "configs/partners/police_crime.yaml"
    text = contract.read_text(encoding="utf-8")
    contract.write_text(text.replace("cadence: weekly", "cadence: monthly"), encoding="utf-8")
    return office


def write(office, name, header, rows):
    path = office.folder / f"data/demo/{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def checked(office):
    answer = office.says("feeds", "check", CONFIG, "--json")
    assert answer.status == 0, answer.err
    return answer.json


def decide(office, verb, drop, **words):
    options = {"name": "Ana Analyst", "reason": "asked the sender"} | words
    return office.says(
        "feeds", verb, drop, "--config", CONFIG,
        "--as", options["name"], "--reason", options["reason"], "--json",
    )  # fmt: skip


def held(answer):
    return [(feed["source"], feed["drop"]) for feed in answer["held"]]


def test_a_held_drop_is_seen_decided_about_and_judged_anew_when_it_is_sent_again(monthly):
    before = checked(monthly)
    assert held(before) == [("police_crime", ODD)]
    assert all(isinstance(reason, str) for reason in before["held"][0]["reasons"])
    assert "robbery" in before["held"][0]["reasons"][0]
    police = next(c for c in before["checked"] if c["source"] == "police_crime")
    assert police["drops"] == police["compared"] == 36
    assert {delay["source"] for delay in before["delays"] if delay["told"]} >= {"police_crime"}

    assert decide(monthly, "accept", ODD).status == 0
    accepted = checked(monthly)
    assert held(accepted) == []
    assert [feed["drop"] for feed in accepted["used"]] == [ODD]
    assert accepted["decisions"][0]["by"] == "Ana Analyst"

    assert decide(monthly, "reject", ODD, name="Ben Manager").status == 0
    assert held(checked(monthly)) == [("police_crime", ODD)]
    assert decide(monthly, "accept", ODD).status == 0
    assert decide(monthly, "reject", f"{USUAL}.csv", name="Ben Manager").status == 0
    both = checked(monthly)
    assert held(both) == [("police_crime", USUAL)]
    assert both["held"][0]["reasons"] == ["rejected by Ben Manager: asked the sender"]

    path = monthly.folder / f"data/demo/{ODD}.csv"
    *lines, _ = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines), encoding="utf-8")  # sent again, a row short
    assert held(checked(monthly)) == [("police_crime", ODD), ("police_crime", USUAL)]

    ledger = (monthly.folder / "ledger/ledger.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in ledger]
    assert {(entry["kind"], entry["run_id"]) for entry in entries} == {("feed", "")}
    verdicts = [entry["content"]["decision"] for entry in entries]
    assert verdicts == ["accept", "reject", "accept", "reject"]


def test_a_decision_without_a_reason_or_about_no_drop_is_refused(monthly):
    answer = decide(monthly, "accept", ODD, reason="  ")
    assert (answer.status, answer.json["error"]["code"]) == (4, "NO_REASON")
    answer = decide(monthly, "accept", "police-2025-6")
    assert (answer.status, answer.json["error"]["code"]) == (2, "UNKNOWN_DROP")
    assert ODD in answer.json["error"]["message"]
    assert "police-2025-06.csv (police_crime)" in answer.json["error"]["hint"]
    assert not (monthly.folder / "ledger").exists()
    said = monthly.says("feeds", "check", CONFIG)
    assert f"HELD  {ODD}: " in said.out
    assert "next        risk-engine feeds accept|reject DROP" in said.out
