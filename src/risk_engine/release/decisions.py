"""What people decide about a run: adjudicate a verdict, sign, refuse; and asking the gate.

Every decision needs a name and a reason and goes on the ledger bound to the run's subject: one hash
over its lists, models, audit and inputs. The command line calls these functions; so may a web page.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase

from risk_engine.errors import RefusedError, suggest
from risk_engine.files import hash_tree, read_json
from risk_engine.release.gate import Decision, GateFacts, Signature, decide, same_person
from risk_engine.release.ledger import Entry, Ledger, signed
from risk_engine.runs import Facts, Run

#: Files whose bytes a decision is about.
SUBJECT = (
    "tables/places.parquet",
    "tables/scores_*",
    "tables/audit.parquet",
    "models/*",
    "facts/audit.json",  # what the gate reads ...
    "facts/release.json",  # ... and to whom it goes
)
_UNSIGNED = "a decision needs a name and a reason"


def subject_of(run: Run) -> str:
    """SHA-256 over the lists, models and audit of a finished run and the inputs they come from."""
    made = read_json(run.folder / "manifest.json")
    made_of = {name: made[name] for name in ("inputs", "config", "prepared_by")}
    text = json.dumps({"files": hash_tree(run.folder, only=SUBJECT), **made_of})
    return hashlib.sha256(text.encode()).hexdigest()


def record_audit(run: Run, ledger: Ledger, *, actor: str, again: bool = False) -> None:
    """Put the run's audit on the ledger, once for a run unless it was made `again`."""
    if not again and _latest(ledger, run, "audit"):
        return
    found = run.facts["audit"]
    content = {
        "subject": subject_of(run),
        "fail": found["fail"],
        "cannot_tell": found["cannot_tell"],
        "passed": found["passed"],
        "policy": found["policy"],
    }
    ledger.append("audit", actor=actor, run_id=run.run_id, content=content)


def adjudicate(run: Run, ledger: Ledger, *, pattern: str, name: str, reason: str) -> list[str]:
    """Record a person's judgement on verdicts that could not be told.

    Parameters
    ----------
    pattern
        A verdict key such as ``people/ethnicity/Black/rri``, or a pattern with ``*``; every verdict
        it matches is recorded on its own line.

    Returns
    -------
    list of str
        The keys adjudicated.

    Raises
    ------
    RefusedError
        If the pattern matches no open verdict, or name or reason is empty.
    """
    name, reason = signed(name, reason, otherwise=_UNSIGNED)
    subject, waiting = subject_of(run), run.facts["audit"]["to_adjudicate"]
    judged = _judged(run, ledger, subject)
    open_ = [key for key in waiting if key not in judged]
    keys = [key for key in open_ if fnmatchcase(key, pattern)]
    if pattern in waiting:
        keys = [pattern]  # named in full, it may be judged again
    if not keys:
        raise RefusedError(
            f"no verdict of run {run.run_id} waits under '{pattern}'{suggest(pattern, open_)}",
            code="NOTHING_TO_ADJUDICATE",
            hint="waiting: " + ("; ".join(open_) or "none"),
        )
    for key in keys:
        content = {"verdict": key, "reason": reason, "subject": subject}
        ledger.append("adjudication", actor=name, run_id=run.run_id, content=content)
    return keys


def sign(run: Run, ledger: Ledger, *, name: str, reason: str) -> Entry:
    """Record an approval. The gate still checks who signed, what, and whether anything is missing.

    Raises
    ------
    RefusedError
        If name or reason is empty, or the signer prepared the run.
    """
    name, reason = signed(name, reason, otherwise=_UNSIGNED)
    content = {"reason": reason, "subject": subject_of(run)}
    preparer = prepared_by(run)
    if same_person(preparer, name):
        raise RefusedError(
            f"{name} prepared run {run.run_id} and may not sign it",
            code="SAME_PERSON",
            hint="ask a second person to look at it and sign",
        )
    return ledger.append("signature", actor=name, run_id=run.run_id, content=content)


def refuse(run: Run, ledger: Ledger, *, name: str, reason: str) -> Entry:
    """Record a refusal; a later signature by a second person lifts it."""
    name, reason = signed(name, reason, otherwise=_UNSIGNED)
    content = {"reason": reason, "subject": subject_of(run)}
    return ledger.append("refusal", actor=name, run_id=run.run_id, content=content)


def prepared_by(run: Run) -> str:
    """Return the name of the person who ran the run."""
    name: str = read_json(run.folder / "manifest.json")["prepared_by"]
    return name


def ask_gate(run: Run, ledger: Ledger, *, now: datetime | None = None) -> Decision:
    """Ask the gate about a finished run, with everything that is on the ledger."""
    return decide(gate_facts(run, ledger, now=now or datetime.now(UTC)))


def gate_facts(run: Run, ledger: Ledger, *, now: datetime) -> GateFacts:
    """Collect the gate's facts from the run's files and the ledger."""
    subject = subject_of(run)
    audit, decision = _latest(ledger, run, "audit"), _latest(ledger, run, "signature", "refusal")
    return replace(
        _unsigned(run.facts, prepared_by(run), now),
        subject=subject,
        audited_subject=audit.content["subject"] if audit else None,
        audited_at=datetime.fromisoformat(audit.at) if audit else None,
        adjudicated=frozenset(_judged(run, ledger, subject)),
        signature=_signature(decision),
        refused=_refusal(decision),
    )


def judgements(run: Run, ledger: Ledger) -> tuple[str, ...]:
    """Say who judged how many verdicts that could not be told, and with which reason."""
    judged = _judged(run, ledger, subject_of(run)).values()
    count = Counter((entry.actor, entry.content["reason"]) for entry in judged)
    return tuple(f"{n} judged by {actor}: {reason}." for (actor, reason), n in count.items())


def _judged(run: Run, ledger: Ledger, subject: str) -> dict[str, Entry]:
    """Return the latest judgement of each verdict of the run as it is now."""
    return {
        entry.content["verdict"]: entry
        for entry in ledger.entries(run.run_id)
        if entry.kind == "adjudication" and entry.content["subject"] == subject
    }


def preview(facts: dict[str, Facts], *, preparer: str, as_of: datetime) -> Decision:
    """Return what the gate will say right after the run, before anybody has decided anything."""
    now = as_of.replace(tzinfo=UTC)
    return decide(replace(_unsigned(facts, preparer, now), audited_subject="", audited_at=now))


def _unsigned(facts: dict[str, Facts], preparer: str, now: datetime) -> GateFacts:
    audit, release = facts["audit"], facts["release"]
    return GateFacts(
        now=now,
        subject="",
        audited_subject=None,
        audited_at=None,
        max_age=timedelta(days=audit["max_age_days"]),
        blocking=audit["blocking"],
        to_adjudicate=audit["to_adjudicate"],
        adjudicated=frozenset(),
        agreements={t: date.fromisoformat(end) for t, end in release["agreements"].items()},
        impact_assessment=release["impact_assessment"],
        equality_assessment=release["equality_assessment"],
        purpose=release["purpose"],
        recipients=release["recipients"],
        prepared_by=preparer,
        signature=None,
    )


def _signature(entry: Entry | None) -> Signature | None:
    if entry is None or entry.kind != "signature":
        return None
    at = datetime.fromisoformat(entry.at)
    return Signature(entry.actor, at, entry.content["subject"], entry.content["reason"])


def _refusal(entry: Entry | None) -> str | None:
    if entry is None or entry.kind != "refusal":
        return None
    return f"{entry.actor}: {entry.content['reason']}"


def _latest(ledger: Ledger, run: Run, *kinds: str) -> Entry | None:
    found = [entry for entry in ledger.entries(run.run_id) if entry.kind in kinds]
    return found[-1] if found else None
