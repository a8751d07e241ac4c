"""The gate: every missing fact alone closes it, and it says which."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from risk_engine.release.gate import Decision, GateFacts, Signature, decide, same_person

NOW = datetime(2026, 1, 6, 9, 30, tzinfo=UTC)
SIGNED = Signature("Sam Reviewer", NOW - timedelta(hours=1), "subject", "looked at every page")
OPEN = GateFacts(
    now=NOW,
    subject="subject",
    audited_subject="subject",
    audited_at=NOW - timedelta(days=1),
    max_age=timedelta(days=14),
    blocking=[],
    to_adjudicate=["k1", "k2"],
    adjudicated=frozenset({"k1", "k2", "of another list"}),
    agreements={"Police": date(2026, 1, 6), "Health": date(2027, 1, 1)},
    impact_assessment="DPIA-1",
    equality_assessment="EIA-1",
    purpose="support and problem solving",
    recipients=["Coordinator"],
    prepared_by="Jo Analyst",
    signature=SIGNED,
)


def test_with_everything_in_place_it_is_open():
    decision = decide(OPEN)
    assert decision.allowed
    assert decision.as_json() == {"allowed": True, "missing": [], "to_adjudicate": []}
    assert decision.next_steps("run-1") == ["risk-engine release run-1"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"audited_subject": None}, "no audit of this run is on the ledger"),
        ({"audited_at": None}, "no audit of this run is on the ledger"),
        ({"audited_subject": "other"}, "the audit was made of other lists, models or data"),
        ({"audited_at": NOW - timedelta(days=14, seconds=1)}, "the audit is 14 days old"),
        ({"audited_at": NOW + timedelta(seconds=1)}, "the audit is -1 days old"),
        ({"blocking": ["Black, burden 1.6"]}, "blocked by a failed verdict: Black, burden 1.6"),
        ({"adjudicated": frozenset({"k1"})}, "not adjudicated: k2"),
        ({"agreements": {"Police": date(2026, 1, 5)}}, "'Police' ended on 05 January 2026"),
        ({"impact_assessment": ""}, "no data protection impact assessment"),
        ({"equality_assessment": ""}, "no equality impact assessment"),
        ({"purpose": "enforcement"}, "the purpose 'enforcement' is not one this engine may serve"),
        ({"recipients": []}, "no recipient is named"),
        ({"signature": None}, "not signed by a reviewer"),
        ({"refused": "Sam: the map is wrong"}, "refused by a reviewer: Sam: the map is wrong"),
        ({"signature": replace(SIGNED, name="Jo Analyst")}, "who prepared the run"),
        ({"signature": replace(SIGNED, subject="other")}, "the signature is for other lists"),
        ({"signature": replace(SIGNED, at=NOW + timedelta(seconds=1))}, "lies in the future"),
    ],
)
def test_one_missing_fact_closes_it_and_is_the_only_one_said(change, said):
    decision = decide(replace(OPEN, **change))
    assert not decision.allowed
    (only,) = decision.missing
    assert said in only


def test_everything_missing_is_said_at_once():
    decision = decide(
        replace(
            OPEN,
            audited_subject=None,
            blocking=["x", "y"],
            adjudicated=frozenset(),
            agreements={"B": date(2025, 1, 1), "A": date(2025, 1, 1)},
            impact_assessment="",
            equality_assessment="",
            purpose="other",
            recipients=[],
            signature=None,
        )
    )
    assert len(decision.missing) == 12
    assert decision.to_adjudicate == ("k1", "k2")
    ended = [reason for reason in decision.missing if "ended on" in reason]
    assert ["'A'" in ended[0], "'B'" in ended[1]] == [True, True]


def test_limits_hold_through_their_last_instant():
    assert decide(replace(OPEN, audited_at=NOW - timedelta(days=14))).allowed
    assert decide(replace(OPEN, audited_at=NOW)).allowed
    assert decide(replace(OPEN, signature=replace(SIGNED, at=NOW))).allowed


def test_nothing_to_adjudicate_needs_no_adjudication():
    assert decide(replace(OPEN, to_adjudicate=[], adjudicated=frozenset())).allowed


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Jo Analyst", "jo  ANALYST ", True),
        ("Jo Analyst", "\tJo\u00a0Analyst\n", True),
        ("José Núñez", "Jose\u0301 Nu\u0301n\u0303ez", True),  # accents written in another way
        ("STRASSE", "straße", True),
        ("Jo Analyst", "Jo Analyst2", False),
        ("Jo Analyst", "JoAnalyst", False),
    ],
)
def test_who_counts_as_one_person(one, other, same):
    assert same_person(one, other) is same
    assert same_person(other, one) is same
    decision = decide(replace(OPEN, prepared_by=one, signature=replace(SIGNED, name=other)))
    assert decision.allowed is not same


@pytest.mark.parametrize(
    ("missing", "waiting", "verbs"),
    [
        ((), (), ["release"]),
        (("not adjudicated: k1",), ("k1",), ["adjudicate", "release"]),
        (("not signed by a reviewer",), (), ["sign", "release"]),
        (("refused by a reviewer: Sam: no",), (), ["sign", "release"]),
        (("blocked by a failed verdict: a significant difference",), (), ["release"]),
        (
            ("not adjudicated: k1", "not signed by a reviewer"),
            ("k1",),
            ["adjudicate", "sign", "release"],
        ),
    ],
)
def test_the_next_steps_are_commands(missing, waiting, verbs):
    steps = Decision(missing, waiting).next_steps("run-1")
    assert [step.split()[1] for step in steps] == verbs
    assert all(
        step.startswith(f"risk-engine {verb} run-1")
        for step, verb in zip(steps, verbs, strict=True)
    )
