"""Drops of one source in numbers: what the checks look at, counted in one pass over the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from risk_engine.partners.feeds.robust import Floats
from risk_engine.partners.geography import boundary

Ints = npt.NDArray[np.int64]

#: Other drops needed within a year before a comparison means anything.
MINIMUM_PEERS = 4
#: Days around a drop in which its peers lie.
_NEAR = 366.0
#: Part of the cadence that must have passed since the drop before for a drop to be whole.
_PERIOD = 0.8
_KNOWN_IN_PART, _UNFINISHED = "only some of its rows are known", "its period is not over"


@dataclass(frozen=True)
class Side:
    """Counts of rows that broke no rule, of all drops: one entry, or one row, a drop.

    Attributes
    ----------
    rows
        Shape (drops,).
    kinds, areas, filled
        Shape (drops, kinds), (drops, areas), (drops, fields): rows of each kind, in each local
        area, with each field filled.
    cells
        Shape (drops, areas, kinds): rows of each kind in each local area.
    keyed, repeated
        Rows with a key, and those whose key came before in the drop or in an earlier one.
    placed, shared
        Rows with a point, and those whose point another row of the drop has too.
    delays
        Shape (drops, days): rows by whole days from occurring to being known.
    """

    rows: Floats
    kinds: Floats
    areas: Floats
    filled: Floats
    cells: Floats
    keyed: Floats
    repeated: Floats
    placed: Floats
    shared: Floats
    delays: Floats


@dataclass(frozen=True)
class Profile:
    """All drops of a source.

    Attributes
    ----------
    names
        Of the drops, in file order.
    oldest, middle, newest
        5th percentile, median and 95th percentile of the times of a drop's events, in days (UTC);
        NaN without rows.
    known, full
        Counts of the rows known at `as_of`, and of all rows.
    kinds, areas, fields
        What the columns of the counts are.
    zones
        Distinct zone codes of each drop, by the rows known at `as_of` where there are any.
    has_points, has_delays, has_zones
        Whether the contract maps a point, a field that says when a row was known, a zone.
    cadence, precision
        Days between two drops by the contract, and days that the time of an event stands for.
    as_of
        First instant not known, in days.
    """

    names: Sequence[str]
    middle: Floats
    oldest: Floats
    newest: Floats
    known: Side
    full: Side
    kinds: Sequence[str]
    areas: Sequence[str]
    fields: Sequence[str]
    zones: Sequence[frozenset[str]]
    has_points: bool
    has_delays: bool
    has_zones: bool
    cadence: float
    precision: float
    as_of: float

    def view(self, drop: int) -> View:
        """Return one drop among those it may be compared with.

        A drop with anything known at `as_of` is compared by what was known then, and only with
        drops known in full then: later files never change what an earlier week saw.
        """
        seen = bool(self.known.rows[drop])
        whole = self._whole
        near = np.abs(self.middle - self.middle[drop]) <= _NEAR
        peers = near & (np.arange(len(near)) != drop) & (whole | (not seen))
        return View(
            self,
            drop,
            np.flatnonzero(peers),
            self.known if seen else self.full,
            part=self._part(drop),
        )

    def _part(self, drop: int) -> str:
        if not self.known.rows[drop] or self._whole[drop]:
            return ""
        return _UNFINISHED if drop == self._unfinished else _KNOWN_IN_PART

    def order(self, drop: int) -> list[int]:
        """Return the drops with rows in the order of their newest events, `drop` among them.

        A drop of which something was known at `as_of` follows only such drops.
        """
        return self._known_order if self.known.rows[drop] else self._order

    def new_vintage(self, drop: int) -> int | None:
        """Return the position in `order` at which a new vintage of zone codes begins."""
        return self._known_vintage if self.known.rows[drop] else self._vintage

    @cached_property
    def _whole(self) -> npt.NDArray[np.bool_]:
        whole: npt.NDArray[np.bool_] = np.equal(self.known.rows, self.full.rows)
        if self._unfinished is not None:
            whole[self._unfinished] = False
        return whole

    @cached_property
    def _unfinished(self) -> int | None:
        """The last known drop, where the time for it is not over: one more may replace it."""
        order = self._known_order
        if len(order) < 2:
            return None
        since = self.as_of - self.newest[order[-2]]
        return order[-1] if since < _PERIOD * self.cadence else None

    @cached_property
    def _order(self) -> list[int]:
        dated = np.flatnonzero(~np.isnan(self.newest))
        return [int(drop) for drop in dated[np.argsort(self.newest[dated], kind="stable")]]

    @cached_property
    def _known_order(self) -> list[int]:
        return [drop for drop in self._order if self.known.rows[drop]]

    @cached_property
    def _vintage(self) -> int | None:
        return boundary([self.zones[drop] for drop in self._order])

    @cached_property
    def _known_vintage(self) -> int | None:
        return boundary([self.zones[drop] for drop in self._known_order])


@dataclass(frozen=True)
class View:
    """One drop among its peers.

    Attributes
    ----------
    drop
        Its position in the profile.
    peers
        Positions of the drops it is compared with.
    side
        The counts that are compared.
    part
        Why its volume says nothing, because more of it will come; empty for a whole drop.
    """

    profile: Profile
    drop: int
    peers: Ints
    side: Side
    part: str

    @property
    def enough(self) -> bool:
        """Whether there are enough peers."""
        return len(self.peers) >= MINIMUM_PEERS

    def first(self, counts: Floats) -> Floats:
        """Return counts of the drop, followed by those of its peers."""
        return counts[np.concatenate(([self.drop], self.peers))]


def words(names: Sequence[str]) -> list[str]:
    """Write the engine's words as people read them."""
    return [name.replace("_", " ") for name in names]
