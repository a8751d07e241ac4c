"""The gate: facts in, allowed or the full list of what is missing out. It touches nothing.

Governance rules: an audit bound to the same hashes and fresh; no failed deciding verdict; every
verdict that cannot tell adjudicated by a named person with a reason; agreements and assessments in
force; the declared purpose; named recipients; a signer who did not prepare the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from unicodedata import normalize


@dataclass(frozen=True)
class Signature:
    """An approval of one subject."""

    name: str
    at: datetime
    subject: str
    reason: str


@dataclass(frozen=True)
class GateFacts:
    """What the gate looks at.

    Attributes
    ----------
    now
        When the gate is asked, UTC.
    subject
        Hash over lists, model and data of the run as they are now.
    audited_subject, audited_at
        The same hash as the audit recorded it, and when; None where nothing was audited.
    blocking
        Deciding verdicts that failed, in words.
    to_adjudicate
        Verdict keys that need a person's judgement.
    adjudicated
        Verdict keys that have one, for this subject.
    agreements
        Source title -> last day of its sharing agreement.
    """

    now: datetime
    subject: str
    audited_subject: str | None
    audited_at: datetime | None
    max_age: timedelta
    blocking: Sequence[str]
    to_adjudicate: Sequence[str]
    adjudicated: frozenset[str]
    agreements: dict[str, date]
    impact_assessment: str
    equality_assessment: str
    purpose: str
    recipients: Sequence[str]
    prepared_by: str
    signature: Signature | None
    refused: str | None = None


@dataclass(frozen=True)
class Decision:
    """What the gate says.

    Attributes
    ----------
    missing
        Everything that stands in the way, in words; empty when the release is allowed.
    to_adjudicate
        Verdict keys still waiting for a person's judgement.
    """

    missing: tuple[str, ...]
    to_adjudicate: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        """True when nothing stands in the way."""
        return not self.missing

    def as_json(self) -> dict[str, object]:
        """Return the decision as a plain object."""
        return {
            "allowed": self.allowed,
            "missing": list(self.missing),
            "to_adjudicate": list(self.to_adjudicate),
        }

    def next_steps(self, run_id: str) -> list[str]:
        """Return the commands that would bring the release nearer, in order."""
        steps = []
        if self.to_adjudicate:
            steps.append(f'risk-engine adjudicate {run_id} KEY --as NAME --reason "..."')
        unsigned = ("not signed", "signed by", "the signature", "refused by")
        if any(reason.startswith(unsigned) for reason in self.missing):
            steps.append(f'risk-engine sign {run_id} --as NAME --reason "..."')
        return [*steps, f"risk-engine release {run_id}"]


def decide(facts: GateFacts) -> Decision:
    """Return the decision of the gate for these facts."""
    waiting = tuple(key for key in facts.to_adjudicate if key not in facts.adjudicated)
    missing = [
        *_audit(facts),
        *(f"blocked by a failed verdict: {why}" for why in facts.blocking),
        *(f"not adjudicated: {key}" for key in waiting),
        *_paperwork(facts),
        *_signature(facts),
    ]
    return Decision(tuple(missing), waiting)


def _audit(facts: GateFacts) -> list[str]:
    if facts.audited_subject is None or facts.audited_at is None:
        return ["no audit of this run is on the ledger"]
    problems = []
    if facts.audited_subject != facts.subject:
        problems.append("the audit was made of other lists, models or data than these")
    age = facts.now - facts.audited_at
    if not timedelta(0) <= age <= facts.max_age:
        problems.append(f"the audit is {age.days} days old, at most {facts.max_age.days} allowed")
    return problems


def _paperwork(facts: GateFacts) -> list[str]:
    today = facts.now.date()
    problems = [
        f"the sharing agreement for '{title}' ended on {end:%d %B %Y}"
        for title, end in sorted(facts.agreements.items())
        if end < today
    ]
    if not facts.impact_assessment:
        problems.append("no data protection impact assessment is referenced (release section)")
    if not facts.equality_assessment:
        problems.append("no equality impact assessment is referenced (release section)")
    if facts.purpose != "support and problem solving":
        problems.append(f"the purpose '{facts.purpose}' is not one this engine may serve")
    if not facts.recipients:
        problems.append("no recipient is named")
    return problems


def _signature(facts: GateFacts) -> list[str]:
    if facts.refused is not None:
        return [f"refused by a reviewer: {facts.refused}"]
    signed = facts.signature
    if signed is None:
        return ["not signed by a reviewer"]
    problems = []
    if same_person(signed.name, facts.prepared_by):
        problems.append(f"signed by {signed.name}, who prepared the run; a second person must sign")
    if signed.subject != facts.subject:
        problems.append("the signature is for other lists, models or data than these")
    if signed.at > facts.now:
        problems.append("the signature lies in the future: check the clock")
    return problems


def same_person(one: str, other: str) -> bool:
    """Say whether two names are one, whatever their case, spacing or way of writing accents."""
    first, second = (" ".join(normalize("NFKC", name).split()).casefold() for name in (one, other))
    return first == second
