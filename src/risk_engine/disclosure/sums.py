"""Many tables that share cells and totals, protected together.

A reader holds all tables of a document beside each other: what one hides, another may give back,
for a part and the rest make up a total that is printed elsewhere. So every cell that is printed,
and every cell that can be worked out although it is not printed, is put into one list with the
sums that tie them, and the attack itself is run: a whole-number program looks for another world
that fits everything printed. Where there is none, more is hidden, until there is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse.csgraph import connected_components

from risk_engine.disclosure.counts import Flags, Floats
from risk_engine.errors import InputError

Positions = npt.NDArray[np.intp]

#: Seconds after which a search that has found no other world counts as having found none.
_PATIENCE = 5.0


@dataclass(frozen=True)
class Sum:
    """One thing a reader knows: the cells at `parts` add up to the cell at `total`."""

    total: int
    parts: tuple[int, ...]


def protect_sums(
    counts: Sequence[int],
    sums: Sequence[Sum],
    *,
    threshold: int,
    printed: Sequence[bool] | None = None,
    weight: Sequence[int] | None = None,
) -> tuple[Flags, Flags]:
    """Say which cells must be hidden so that no small count can be worked out.

    Parameters
    ----------
    counts
        Every cell, parts and totals alike: whole numbers from zero up.
    sums
        Everything a reader knows to add up.
    threshold
        Counts from 1 to ``threshold - 1`` are small. A true zero is shown.
    printed
        False for a cell that no table shows although its value is somebody's (the offences
        *without* a knife where those with one are printed); all are printed when not given.
    weight
        Cells of a higher weight are hidden only where no cell of a lower one helps, so that totals
        outlive their parts; all alike when not given.

    Returns
    -------
    small, hidden : tuple of boolean arrays
        The cells that may be printed as "fewer than ...", and all cells that must not be shown
        (small ones and unprinted ones with them). A small count is not said to be small where
        saying so would give it away, as in a total of 9 with nine parts that are not zero.

    Raises
    ------
    InputError
        ``DISCLOSURE_COUNT`` for a count that is none; ``DISCLOSURE_SUM`` for a sum that does not
        add up.

    Notes
    -----
    The reader is taken to know every sum, that a cell said to be small lies from 1 to ``threshold -
    1``, and that no other hidden cell is zero or, as a rule, small: after that at least two whole
    numbers fit each small cell. Not covered: what can be learnt from an earlier release of the same
    figures.

    Examples
    --------
    The second of three parts is small; hiding it alone would leave 30 - 15 - 12.

    >>> small, hidden = protect_sums([15, 3, 12, 30], [Sum(3, (0, 1, 2))], threshold=10)
    >>> hidden.tolist()
    [False, True, True, False]
    """
    state = _State(
        np.asarray(counts, dtype=np.float64),
        tuple(sums),
        threshold,
        np.ones(len(counts), bool) if printed is None else np.asarray(printed, bool),
        np.zeros(len(counts)) if weight is None else np.asarray(weight, float),
    )
    state.check()
    while True:
        state.hide_single()
        if not state.hide_more(state.given_away()):
            return state.small & ~state.vague, state.hidden


class _State:
    """All cells and sums while they are being protected."""

    def __init__(
        self,
        counts: Floats,
        sums: tuple[Sum, ...],
        threshold: int,
        printed: Flags,
        weight: Floats,
    ) -> None:
        self.counts, self.sums, self.threshold = counts, sums, threshold
        self.printed, self.weight = printed, weight
        self.small: Flags = (counts > 0) & (counts < threshold)
        self.hidden: Flags = self.small | ~printed
        self.vague: Flags = np.zeros(len(counts), bool)
        self.matrix = _matrix(sums, len(counts))

    def check(self) -> None:
        """Refuse counts that are none and sums that do not add up."""
        whole = np.isfinite(self.counts) & (self.counts >= 0)
        if not (whole & (self.counts == np.round(self.counts))).all():
            raise InputError(
                "disclosure: a count is below zero or not a whole number", code="DISCLOSURE_COUNT"
            )
        if (self.matrix @ self.counts != 0).any():
            raise InputError("disclosure: a total is not its parts", code="DISCLOSURE_SUM")

    def hide_single(self) -> None:
        """Hide a second cell wherever a sum has exactly one hidden cell that matters."""
        matters = (self.printed | self.small) & (self.counts > 0)
        changed = True
        while changed:
            changed = False
            for one in self.sums:
                cells = np.array([*one.parts, one.total])
                hidden = cells[self.hidden[cells]]
                if len(hidden) == 1 and matters[hidden[0]]:
                    changed |= self._hide_one_of(cells)

    def hide_more(self, cells: Sequence[int]) -> bool:
        """Help each cell, but not twice at one place before the attack has been run again."""
        helped: set[int] = set()
        for cell in cells:
            if cell not in helped and self._hide_beside(cell):
                helped.update(self._in_sums_with(np.array([cell])).tolist())
        return bool(helped)

    def _hide_beside(self, cell: int) -> bool:
        """Hide one more cell that shares a sum with `cell`, or with what is hidden around it.

        Where no such cell is open, the small ones among them are no longer said to be small.
        """
        near, reached = np.array([cell]), 0
        while len(near) > reached:
            reached = len(near)
            near = self._in_sums_with(near)
            if self._hide_one_of(near) or self._blur(near):
                return True
            near = near[self.hidden[near]]
        return False

    def _blur(self, cells: Positions) -> bool:
        """Stop saying of these cells that they are small; return whether any was said to be."""
        said = cells[self.small[cells] & self.printed[cells] & ~self.vague[cells]]
        self.vague[said] = True
        return len(said) > 0

    def _hide_one_of(self, cells: Positions) -> bool:
        """Hide the cheapest open cell; a zero hides nothing behind it."""
        open_ = cells[~self.hidden[cells] & (self.counts[cells] > 0)]
        if not len(open_):
            return False
        order = np.lexsort((open_, self.counts[open_], self.weight[open_]))
        self.hidden[open_[order[0]]] = True
        return True

    def _in_sums_with(self, cells: Positions) -> Positions:
        rows = np.unique(self.matrix[:, cells].nonzero()[0])
        return np.unique(self.matrix[rows].nonzero()[1]).astype(np.intp)

    def given_away(self) -> list[int]:
        """Return the small cells for which no other whole number fits what is shown."""
        return [cell for part in self._components() for cell in self._attack(part)]

    def _components(self) -> Iterator[Positions]:
        """Yield the groups of hidden cells that hang together by sums."""
        hidden = np.flatnonzero(self.hidden)
        if not len(hidden):
            return
        cut = abs(self.matrix[:, hidden])
        _, label = connected_components(cut.T @ cut, directed=False)
        for group in range(label.max() + 1):
            cells = hidden[label == group]
            if self.small[cells].any():
                yield cells

    def _attack(self, cells: Positions) -> list[int]:
        """Look for other worlds in one group; every world found clears all cells that differ."""
        columns = self.matrix[:, cells]
        rows = np.unique(columns.nonzero()[0])
        attack = _Attack(columns[rows], self.counts[cells], *self._limits(cells))
        waiting = list(np.flatnonzero(self.small[cells]))
        given_away: list[int] = []
        while waiting:
            cell = waiting.pop()
            moved = attack.moved(int(cell))
            if moved is None:
                given_away.append(int(cells[cell]))
            else:
                waiting = [other for other in waiting if not moved[other]]
        return given_away

    def _limits(self, cells: Positions) -> tuple[Floats, Floats]:
        """Return what the reader knows of each hidden cell alone, no further off than need be."""
        count, small, printed = self.counts[cells], self.small[cells], self.printed[cells]
        said = printed & small & ~self.vague[cells]
        low = np.where(~printed, 0.0, np.where(small, 1.0, float(self.threshold)))
        high = np.where(said, self.threshold - 1.0, count + self.threshold)
        return low, high


@dataclass(frozen=True)
class _Attack:
    """What fits the shown cells: ``matrix @ x`` as it is for the true counts, within limits."""

    matrix: sparse.csr_array
    counts: Floats
    low: Floats
    high: Floats

    def moved(self, cell: int) -> Flags | None:
        """Return which cells differ in a world where `cell` does; None where there is none."""
        for sign in (1, -1):
            low, high = self.low.copy(), self.high.copy()
            if sign > 0:
                low[cell] = self.counts[cell] + 1
            else:
                high[cell] = self.counts[cell] - 1
            if low[cell] > high[cell]:
                continue
            world = self._world(low, high, cell, sign)
            if world is not None:
                return np.abs(world - self.counts) > 0.5
        return None

    def _world(self, low: Floats, high: Floats, cell: int, sign: int) -> Floats | None:
        aim = np.full(len(self.counts), -1e-3)  # move others along where it costs nothing
        aim[cell] = -sign
        known = self.matrix @ self.counts
        found = milp(
            aim,
            constraints=LinearConstraint(self.matrix, known, known),
            integrality=np.ones(len(aim)),
            bounds=Bounds(low, high),
            options={"time_limit": _PATIENCE},
        )
        return None if found.x is None else np.asarray(found.x, dtype=np.float64)


def _matrix(sums: Sequence[Sum], width: int) -> sparse.csr_array:
    """Return one row a sum: 1 for each part, -1 for the total."""
    rows = [number for number, one in enumerate(sums) for _ in range(len(one.parts) + 1)]
    columns = [cell for one in sums for cell in (*one.parts, one.total)]
    values = [value for one in sums for value in (*[1.0] * len(one.parts), -1.0)]
    return sparse.csr_array((values, (rows, columns)), shape=(len(sums), width))
