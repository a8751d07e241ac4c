"""Drops in the order of time: what is missing between them, and whose zone codes changed."""

from __future__ import annotations

from typing import ClassVar

from risk_engine.partners.feeds.base import Check
from risk_engine.partners.feeds.model import Observation, Severity
from risk_engine.partners.feeds.profile import View

#: Cadences without any event between two drops from which on one of them is missing.
_GAP = 0.75
_PERIODS = {1.0: "day", 7.0: "week", 30.44: "month", 91.31: "quarter", 365.25: "year"}


class Gaps(Check):
    """A day, week or month for which no drop came."""

    code = "gap"
    looks_at = "drops missing before it"
    severity: ClassVar[Severity] = "note"
    needs_peers = False

    def not_applicable(self, view: View) -> str:
        """Say that it is the first drop."""
        order = view.profile.order(view.drop)
        return "no drop comes before it" if order and order[0] == view.drop else ""

    def look(self, view: View) -> list[Observation]:
        """Count the drops missing since the one before."""
        profile, order = view.profile, view.profile.order(view.drop)
        before = order[order.index(view.drop) - 1]
        nothing = profile.oldest[view.drop] - profile.newest[before] - profile.precision
        if nothing < _GAP * profile.cadence:
            return []
        missing, period = max(1, round(nothing / profile.cadence)), _PERIODS[profile.cadence]
        text = (
            f"{missing} {period}{'s' if missing > 1 else ''} missing "
            f"between {profile.names[before]} and it"
        )
        return [Observation(self.code, "note", text)]


class Vintage(Check):
    """Zone codes of another vintage than those of the drops before."""

    code = "geography"
    looks_at = "the vintage of its zone codes"
    severity: ClassVar[Severity] = "note"
    needs_peers = False

    def not_applicable(self, view: View) -> str:
        """Say that there are no zone codes."""
        return "" if view.profile.has_zones else "the source has no zone codes"

    def look(self, view: View) -> list[Observation]:
        """Say that a new vintage begins with it."""
        profile, order = view.profile, view.profile.order(view.drop)
        found = profile.new_vintage(view.drop)
        if found is None or order[found] != view.drop:
            return []
        before = profile.names[order[found - 1]]
        text = f"its zone codes are of another vintage than those up to {before}"
        return [Observation(self.code, "note", text)]
