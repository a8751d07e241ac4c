"""All checks over all drops of a source, and what people decided about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from risk_engine.partners.feeds.base import Check
from risk_engine.partners.feeds.checks import CHECKS
from risk_engine.partners.feeds.model import (
    CheckSummary,
    DropDecision,
    FeedCheck,
    FeedFinding,
    Observation,
)
from risk_engine.partners.feeds.profile import MINIMUM_PEERS, Profile, View

_UNUSABLE = "none of its rows can be used"
_ALONE = f"fewer than {MINIMUM_PEERS} other drops within a year"


@dataclass(frozen=True)
class Looked:
    """One drop, looked at by every check.

    Attributes
    ----------
    observed
        What was found, in the order of the checks.
    passed_over
        Check -> why it could not look.
    compared
        Whether there were enough other drops.
    """

    observed: tuple[Observation, ...]
    passed_over: Mapping[str, str]
    compared: bool

    @property
    def reasons(self) -> tuple[str, ...]:
        """What holds the drop."""
        return tuple(seen.message for seen in self.observed if seen.severity == "hold")

    @property
    def notes(self) -> tuple[str, ...]:
        """What is only said."""
        return tuple(seen.message for seen in self.observed if seen.severity == "note")


def check(profile: Profile) -> list[Looked]:
    """Look at every drop of a source; in the order of the drops."""
    return [look_at(profile.view(drop)) for drop in range(len(profile.names))]


def look_at(view: View) -> Looked:
    """Look at one drop by every check."""
    observed: list[Observation] = []
    passed_over = {}
    for each in CHECKS:
        why = _not_applicable(each, view)
        if why:
            passed_over[each.code] = why
        else:
            observed += each.look(view)
    return Looked(tuple(observed), passed_over, view.enough)


def _not_applicable(each: Check, view: View) -> str:
    if np.isnan(view.profile.middle[view.drop]):
        return _UNUSABLE
    if each.needs_peers and not view.enough:
        return _ALONE
    return each.not_applicable(view)


def findings(
    source: str,
    profile: Profile,
    looked: Sequence[Looked],
    *,
    read: Sequence[int],
    hold: bool,
    decided: Mapping[int, DropDecision],
) -> dict[int, FeedFinding]:
    """Say what becomes of each drop in which there is anything to say.

    Parameters
    ----------
    read
        Rows of each drop's file, those set aside included.
    hold
        Whether the contract lets an unusual drop be held.
    decided
        What people decided about drops, by position; outranks the checks.
    """
    found = {}
    for drop, seen in enumerate(looked):
        decision = decided.get(drop)
        notes = (*_uncompared(seen, read[drop], alone=len(read) == 1), *seen.notes)
        held = bool(seen.reasons) and hold if decision is None else not decision.accept
        said = (decision.words,) if decision and not decision.accept else ()
        reasons = (*seen.reasons, *said)
        if reasons or notes or decision:
            name = profile.names[drop]
            found[drop] = FeedFinding(source, name, reasons, held, notes, decision)
    return found


def _uncompared(seen: Looked, read: int, *, alone: bool) -> tuple[str, ...]:
    """Say what kept a drop from being compared at all; a single drop has no others."""
    if read == 0:
        return ("sent no rows",)
    if _UNUSABLE in seen.passed_over.values():
        return (_UNUSABLE,)
    return () if seen.compared or alone else (f"not compared: {_ALONE}",)


def summary(source: str, looked: Sequence[Looked]) -> FeedCheck:
    """Say which checks looked at how many drops, and why at the others not."""
    compared = sum(seen.compared for seen in looked)
    return FeedCheck(source, len(looked), compared, tuple(_summary(c, looked) for c in CHECKS))


def _summary(each: Check, looked: Sequence[Looked]) -> CheckSummary:
    passed_over = [seen.passed_over.get(each.code) for seen in looked]
    reasons = Counter(why for why in passed_over if why)
    unusual = sum(any(found.code == each.code for found in seen.observed) for seen in looked)
    return CheckSummary(
        code=each.code,
        looks_at=each.looks_at,
        severity=each.severity,
        looked=len(looked) - reasons.total(),
        unusual=unusual,
        not_applicable=dict(sorted(reasons.items())),
    )
