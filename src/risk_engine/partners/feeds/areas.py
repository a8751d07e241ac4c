"""Sister areas: one that departs from its own history while the others do not, or all together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from risk_engine.partners.feeds.base import Check
from risk_engine.partners.feeds.model import Observation, Severity
from risk_engine.partners.feeds.profile import View
from risk_engine.partners.feeds.robust import FAR, FEWEST, Against, Floats, against, robust

#: Factors from which on an area's own departure is noted, and holds the drop.
_NOTED, _HELD = 1.5, 2.5
#: Fewest areas that can tell one area's departure from a common one.
_AREAS = 3
#: Factor from which on a common movement is worth a word, and how near to it each area must lie.
_COMMON, _NEAR = 1.25, 1.25
#: Deviations beyond which a common movement is not a season's usual one.
_UNUSUAL = 3.0
#: Share of the areas that must move alike.
_ALIKE = 0.9


@dataclass(frozen=True)
class Sisters:
    """Movements of the areas that usually have enough rows, as logarithms of factors.

    Attributes
    ----------
    names
        Of these areas.
    here, expected
        Rows found, and rows that the area's own history and the common movement lead to expect.
    common
        Of every drop: the median movement of the areas.
    own
        Shape (drops, areas): movement of each area beyond the common one.
    """

    names: list[str]
    here: Floats
    expected: Floats
    common: Floats
    own: Floats

    @classmethod
    def of(cls, view: View) -> Sisters:
        """Take each area's movement apart into the common one and its own."""
        counts = view.first(view.side.areas)
        enough = np.median(counts[1:], axis=0) >= FEWEST
        counts = counts[:, enough]
        logs = np.log(counts + 0.5)
        usual = np.median(logs[1:], axis=0) if enough.any() else np.zeros(0)
        moved = logs - usual
        common = np.median(moved, axis=1) if enough.any() else np.zeros(len(counts))
        names = [name for name, kept in zip(view.profile.areas, enough, strict=True) if kept]
        expected = np.exp(usual + common[0])
        return cls(names, counts[0], expected, common, moved - common[:, None])

    def areas(self) -> list[Against]:
        """Compare each area's own movement with its own history."""
        found = []
        for column in range(len(self.names)):
            here, expected = max(1.0, self.here[column]), max(1.0, self.expected[column])
            chance = float(np.sqrt(1 / here + 1 / expected))
            found.append(against(self.own[0, column], self.own[1:, column], chance))
        return found


def _too_few(view: View) -> str:
    enough = np.median(view.first(view.side.areas)[1:], axis=0) >= FEWEST
    if enough.sum() >= _AREAS:
        return ""
    return f"fewer than {_AREAS} local areas usually have {FEWEST} rows in a drop"


class SisterAreas(Check):
    """Each local area against its own history, once the movement of all areas is taken out."""

    code = "sister_areas"
    looks_at = "local areas that depart from their own history while the others do not"

    def not_applicable(self, view: View) -> str:
        """Say that too few areas have enough rows."""
        return _too_few(view)

    def look(self, view: View) -> list[Observation]:
        """Name every area that departs."""
        sisters = Sisters.of(view)
        named = zip(sisters.names, sisters.here, sisters.expected, sisters.areas(), strict=True)
        observed = []
        for name, here, expected, found in named:
            if not found.far or abs(found.by) <= np.log(_NOTED):
                continue
            large = abs(found.by) > np.log(_HELD) and max(here, expected) >= FEWEST
            text = (
                f"{here:,.0f} rows in {name}, where about {expected:,.0f} would go with the others"
            )
            if here == 0:
                text = f"nothing from {name}, where about {expected:,.0f} rows are usual"
            observed.append(Observation(self.code, "hold" if large else "note", text))
        return observed


class TogetherMoved(Check):
    """All local areas moved alike: likely a real change or a season, not a fault of one of them."""

    code = "moved_together"
    looks_at = "local areas that all moved together"
    severity: ClassVar[Severity] = "note"

    def not_applicable(self, view: View) -> str:
        """Say that more of the drop will come, or that too few areas have enough rows."""
        return view.part or _too_few(view)

    def look(self, view: View) -> list[Observation]:
        """Say by how much they all moved."""
        sisters = Sisters.of(view)
        moved, usual = sisters.common[0], sisters.common[1:]
        centre, spread = robust(usual)
        near = np.log(_NEAR) + FAR / np.sqrt(np.maximum(sisters.expected, 1.0)) / 2
        alike = float(np.mean(np.abs(sisters.own[0]) <= near))
        unusual = abs(moved - centre) > _UNUSUAL * spread
        if abs(moved) <= np.log(_COMMON) or not unusual or alike < _ALIKE:
            return []
        text = (
            f"{len(sisters.names)} local areas moved together, to about {np.exp(moved):.1f} times "
            "their usual rows: a season, a real change or a change at the sender, "
            "not a fault of one area"
        )
        return [Observation(self.code, "note", text)]
