"""The gate is open if and only if every fact holds, whatever the facts are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from risk_engine.release import GateFacts, Signature, decide

NOW = datetime(2026, 7, 6, 0, 30, tzinfo=UTC)
TODAY = NOW.date()
SUBJECTS = st.sampled_from(["this", "other"])
PEOPLE = st.sampled_from(["Jo Analyst", " jo  ANALYST", "Sam Reviewer"])
KEYS = st.sampled_from(["k1", "k2", "k3"])
MOMENTS = st.integers(-20 * 86_400, 3600).map(lambda seconds: NOW + timedelta(seconds=seconds))
SIGNATURES = st.builds(Signature, name=PEOPLE, at=MOMENTS, subject=SUBJECTS, reason=st.just("read"))
FACTS = st.builds(
    GateFacts,
    now=st.just(NOW),
    subject=st.just("this"),
    audited_subject=st.none() | SUBJECTS,
    audited_at=st.none() | MOMENTS,
    max_age=st.just(timedelta(days=14)),
    blocking=st.lists(st.sampled_from(["a", "b"]), max_size=1),
    to_adjudicate=st.lists(KEYS, max_size=3, unique=True),
    adjudicated=st.frozensets(KEYS),
    agreements=st.dictionaries(
        st.sampled_from(["Police", "Health"]),
        st.integers(-1, 2).map(lambda days: TODAY + timedelta(days=days)),
    ),
    impact_assessment=st.sampled_from(["", "DPIA-1"]),
    equality_assessment=st.sampled_from(["", "EIA-1"]),
    purpose=st.sampled_from(["support and problem solving", "enforcement"]),
    recipients=st.lists(st.just("Coordinator"), max_size=1),
    prepared_by=st.just("Jo Analyst"),
    signature=st.none() | SIGNATURES,
    refused=st.none() | st.just("Ros: no"),
)
OPEN = GateFacts(
    now=NOW,
    subject="this",
    audited_subject="this",
    audited_at=NOW - timedelta(days=1),
    max_age=timedelta(days=14),
    blocking=[],
    to_adjudicate=["k1"],
    adjudicated=frozenset({"k1"}),
    agreements={"Police": TODAY},
    impact_assessment="DPIA-1",
    equality_assessment="EIA-1",
    purpose="support and problem solving",
    recipients=["Coordinator"],
    prepared_by="Jo Analyst",
    signature=Signature("Sam Reviewer", NOW, "this", "read"),
)
SPOILT = {
    "audited_subject": st.none() | st.text(min_size=1).filter(lambda text: text != "this"),
    "audited_at": st.none()
    | st.timedeltas(min_value=timedelta(microseconds=1)).map(
        lambda much: NOW - timedelta(days=14) - min(much, timedelta(days=9999))
    ),
    "blocking": st.lists(st.text(), min_size=1, max_size=3),
    "to_adjudicate": st.text().map(lambda key: ["k1", key + "?"]),
    "agreements": st.dates(max_value=TODAY - timedelta(days=1)).map(lambda end: {"Police": end}),
    "impact_assessment": st.just(""),
    "equality_assessment": st.just(""),
    "purpose": st.text().filter(lambda text: text != "support and problem solving"),
    "recipients": st.just([]),
    "signature": st.none()
    | st.text().map(lambda subject: replace(OPEN.signature, subject=subject + "?"))
    | st.timedeltas(timedelta(microseconds=1), timedelta(days=99)).map(
        lambda late: replace(OPEN.signature, at=NOW + late)
    )
    | st.sampled_from(["JO ANALYST", "jo analyst ", "Jo\tAnalyst"]).map(
        lambda name: replace(OPEN.signature, name=name)
    ),
    "refused": st.text(),
}
ONE_SPOILT = st.sampled_from(sorted(SPOILT)).flatmap(
    lambda name: SPOILT[name].map(lambda value: {name: value})
)


def holds(facts):
    """Say it again, plainly: every one of the rules of a release."""
    signed = facts.signature
    return (
        facts.audited_subject == facts.subject
        and facts.audited_at is not None
        and facts.now - facts.max_age <= facts.audited_at <= facts.now
        and not facts.blocking
        and set(facts.to_adjudicate) <= facts.adjudicated
        and all(end >= facts.now.date() for end in facts.agreements.values())
        and bool(facts.impact_assessment and facts.equality_assessment and facts.recipients)
        and facts.purpose == "support and problem solving"
        and facts.refused is None
        and signed is not None
        and signed.subject == facts.subject
        and signed.at <= facts.now
        and signed.name.lower().split() != facts.prepared_by.lower().split()
    )


def test_the_facts_to_be_spoilt_hold():
    assert decide(OPEN).allowed
    assert holds(OPEN)


@settings(max_examples=30, deadline=None)
@given(ONE_SPOILT)
def test_any_one_missing_fact_closes_the_gate(change):
    decision = decide(replace(OPEN, **change))
    assert not decision.allowed
    assert decision.missing


@settings(max_examples=30, deadline=None)
@given(FACTS)
def test_the_gate_is_open_only_if_every_fact_holds(facts):
    assert decide(facts).allowed is holds(facts)
