"""A Monday on which a month of the police feed was recorded otherwise, and what people decide."""

from __future__ import annotations

import csv
import json

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("held-drop")]

CONFIG = "configs/demo.yaml"
ODD, USUAL = "2025-06", "2025-07"


@pytest.fixture
def monthly(fresh_office):
    """A project in whose police feed nearly all of June 2025 is robbery."""
    office = fresh_office()
    answer = office.says("synth", "--people", "1500", "--seed", "3", "--out", "data/demo")
    assert answer.status == 0, answer.err
    path = drop_file(office, ODD)
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    offence = header.index("Offence Code")
    for row in rows:
        row[offence] = "34B"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return office


def drop_file(office, drop):
    return office.folder / f"data/demo/police_crime/{drop}.csv"


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
    assert police["drops"] >= police["compared"] >= 36
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

    path = drop_file(monthly, ODD)
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
    answer = decide(monthly, "accept", "2025-6")
    assert (answer.status, answer.json["error"]["code"]) == (2, "UNKNOWN_DROP")
    assert ODD in answer.json["error"]["message"]
    assert "(police_crime)" in answer.json["error"]["hint"]
    assert not (monthly.folder / "ledger").exists()
    said = monthly.says("feeds", "check", CONFIG)
    assert f"HELD  {ODD}: " in said.out
    assert "next        risk-engine feeds accept|reject DROP" in said.out
