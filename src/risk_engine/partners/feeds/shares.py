"""Shares of a drop's rows: fields filled, rows repeated, points missing or shared, rows late."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from risk_engine.partners.feeds.base import Check
from risk_engine.partners.feeds.model import Observation, Severity, percent
from risk_engine.partners.feeds.profile import View
from risk_engine.partners.feeds.robust import FEWEST, Against, Floats, share_against

#: Differences of a share from which on it is noted, and holds the drop.
_NOTED, _HELD = 0.1, 0.25
#: Fields that are named one by one; the rest are counted.
_NAMED = 3
#: A row is late beyond the delay that this share of the other drops' rows keeps.
_USUAL_SHARE = 0.95
_FEW = f"fewer than {FEWEST} rows"


def _severity(found: Against) -> Severity | None:
    """Return what a share that is far from the usual leads to."""
    if not found.far or abs(found.by) < _NOTED:
        return None
    return "hold" if abs(found.by) >= _HELD else "note"


def _rise(code: str, what: str, parts: Floats, wholes: Floats) -> list[Observation]:
    """Compare a share of which only more is a fault; drops without a whole are left out."""
    kept = wholes > 0
    if kept[1:].sum() == 0:
        return []
    found = share_against(parts[kept], wholes[kept])
    severity = _severity(found)
    if severity is None or found.by < 0:
        return []
    text = f"{percent(found.value)} {what}, usually {percent(found.usual)}"
    return [Observation(code, severity, text)]


class Completeness(Check):
    """Each field's share of rows in which it is filled; fewer than usual may hold a drop."""

    code = "completeness"
    looks_at = "how often each field is filled"

    def not_applicable(self, view: View) -> str:
        """Say that a share of few rows says little."""
        return _FEW if view.side.rows[view.drop] < FEWEST else ""

    def look(self, view: View) -> list[Observation]:
        """Name the fields that changed most; a field that is filled more often is only noted."""
        filled, rows = view.first(view.side.filled), view.first(view.side.rows)
        found = []
        for column, field in enumerate(view.profile.fields):
            share = share_against(filled[:, column], rows)
            severity = _severity(share)
            if severity:
                severity = "note" if share.by > 0 else severity
                found.append((severity, -abs(share.by), field, share))
        found.sort(key=lambda f: f[:3])
        told = [
            Observation(
                self.code,
                severity,
                f"'{field}' is filled in {percent(share.value)} of its rows, "
                f"usually {percent(share.usual)}",
            )
            for severity, _, field, share in found[:_NAMED]
        ]
        if len(found) > _NAMED:
            more = f"{len(found) - _NAMED} more fields are filled unusually often or seldom"
            told.append(Observation(self.code, "note", more))
        return told


class Repeated(Check):
    """Rows whose key came before, in the drop itself or in an earlier one."""

    code = "duplicates"
    looks_at = "rows whose key came before"

    def not_applicable(self, view: View) -> str:
        """Say that a share of few rows says little."""
        return "fewer than 30 rows with a key" if view.side.keyed[view.drop] < FEWEST else ""

    def look(self, view: View) -> list[Observation]:
        """Compare the share."""
        parts, wholes = view.first(view.side.repeated), view.first(view.side.keyed)
        return _rise(self.code, "of its keys came before", parts, wholes)


class Unplaced(Check):
    """Rows without a point."""

    code = "no_point"
    looks_at = "rows without a point"

    def not_applicable(self, view: View) -> str:
        """Say that the source has no points, or that a share of few rows says little."""
        if not view.profile.has_points:
            return "the source has no points"
        return _FEW if view.side.rows[view.drop] < FEWEST else ""

    def look(self, view: View) -> list[Observation]:
        """Compare the share."""
        rows = view.first(view.side.rows)
        missing = rows - view.first(view.side.placed)
        return _rise(self.code, "of its rows have no point", missing, rows)


class SharedPoints(Check):
    """Rows whose point another row of the drop has too: snapped, or put at one address."""

    code = "shared_points"
    looks_at = "rows that share their point with others of the drop"

    def not_applicable(self, view: View) -> str:
        """Say that the source has no points, or that a share of few rows says little."""
        if not view.profile.has_points:
            return "the source has no points"
        return "fewer than 30 rows with a point" if view.side.placed[view.drop] < FEWEST else ""

    def look(self, view: View) -> list[Observation]:
        """Compare the share with what the other drops would have with as many rows.

        More rows meet each other more often: the share alone, ``1 - exp(-rate * rows)``, rises.
        """
        parts, wholes = view.first(view.side.shared), view.first(view.side.placed)
        kept = wholes > 0
        parts, wholes = parts[kept], wholes[kept]
        alone = (1 - parts / wholes) ** (wholes[0] / wholes)
        parts = (1 - alone) * wholes
        return _rise(self.code, "of its points are shared with other rows", parts, wholes)


class Late(Check):
    """Rows known more than the usual delay after they occurred; true rows, so never held."""

    code = "late"
    looks_at = "rows that became known later than usual"
    severity: ClassVar[Severity] = "note"

    def not_applicable(self, view: View) -> str:
        """Say that delays are not told, or not yet."""
        if not view.profile.has_delays:
            return "no field says when a row was known"
        if view.part:
            return view.part
        return _FEW if view.side.delays[view.drop].sum() < FEWEST else ""

    def look(self, view: View) -> list[Observation]:
        """Compare the share of rows beyond the usual delay of the other drops."""
        delays = view.first(view.side.delays)
        pooled = delays[1:].sum(axis=0).cumsum()
        if not pooled[-1]:
            return []
        usual = int(np.searchsorted(pooled, _USUAL_SHARE * pooled[-1]))
        what = f"of its rows became known more than {usual} days after they occurred"
        found = _rise(self.code, what, delays[:, usual + 1 :].sum(axis=1), delays.sum(axis=1))
        return [Observation(self.code, "note", seen.message) for seen in found]
