"""The careful way to join: pair after pair, each weighed against what speaks against it.

Disjoint sets are relabelled smaller into larger, and what lies between two sets is counted only
where something was ruled out between them, so that all of it stays near linear in the pairs.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from risk_engine.linkage.claims import ANSWER, Claims, Ranks

#: Outcomes of a join.
JOINED, RULED_OUT, OTHER_PERSON, REGISTER = 0, 1, 2, 3
_UNCOUNTED = -1
#: Joins looked at between two looks at which of them have become needless.
_STRIDE = 65_536


class Forest:
    """Disjoint sets of nodes that know what speaks against joining them.

    Parameters
    ----------
    claims
        The joins in it are made by `grow`.
    strict
        Whether no join may bring a ruled-out pair together, however many links there are.
    """

    def __init__(self, claims: Claims, *, strict: bool) -> None:
        self._claims = claims
        self._strict = strict
        self._root = array("q", range(claims.size))
        self._size = [1] * claims.size
        # Members of a set form a ring, so that two sets become one by swapping two entries.
        self._next = list(range(claims.size))
        self._neighbours = _neighbours(claims)
        self._apart = _sets(claims.apart)
        self._between = _between(claims.rulings)
        # Sets for which links were counted beside rulings: those counts are kept up to date.
        self._counted: set[int] = set()
        self._numbers = _numbers(claims.numbers)

    @property
    def label(self) -> Ranks:
        """One of the nodes of its set for each node (not always that of lowest rank)."""
        return np.frombuffer(self._root, dtype=np.int64)

    def grow(self) -> npt.NDArray[np.int8]:
        """Make the joins in their order and return the outcome of each."""
        joins = self._claims.joins
        outcome = np.full(len(joins), JOINED, dtype=np.int8)
        left, right = joins["left"].to_numpy(), joins["right"].to_numpy()
        forced = joins["kind"].to_numpy() == ANSWER
        stride = max(self._claims.size, _STRIDE)
        for start in range(0, len(joins), stride):
            part = slice(start, start + stride)
            open_ = start + np.flatnonzero(self.label[left[part]] != self.label[right[part]])
            ends = zip(
                left[open_].tolist(), right[open_].tolist(), forced[open_].tolist(), strict=True
            )
            outcome[open_] = [self._join(*end) for end in ends]
        return outcome

    def _join(self, left: int, right: int, forced: bool) -> int:
        a, b = self._root[left], self._root[right]
        if a == b:
            return JOINED
        if self._size[a] < self._size[b]:
            a, b = b, a
        if b in self._apart.get(a, ()):
            return OTHER_PERSON
        if not forced:
            if self._outweighed(a, b):
                return RULED_OUT
            if self._clash(a, b):
                return REGISTER
        self._merge(a, b)
        return JOINED

    def _outweighed(self, a: int, b: int) -> bool:
        """Return whether rulings between two sets are not outnumbered by links."""
        found = self._between.get(a, {}).get(b)
        if found is None:
            return False
        if self._strict:
            return True
        if found[1] == _UNCOUNTED:
            found[1] = int(np.count_nonzero(self._near(b) == a))  # b is the smaller set
            self._counted.update((a, b))
        return found[1] <= found[0]

    def _clash(self, a: int, b: int) -> bool:
        """Return whether the sets have numbers in a register that neither holds all of."""
        ours, theirs = self._numbers.get(a), self._numbers.get(b)
        if not ours or not theirs:
            return False
        shared = ours.keys() & theirs.keys()
        return any(
            not (ours[name] <= theirs[name] or theirs[name] <= ours[name]) for name in shared
        )

    def _merge(self, a: int, b: int) -> None:
        """Put set b into set a."""
        self._merge_between(a, b)
        for other in self._apart.pop(b, ()):
            self._apart[other].remove(b)
            self._apart[other].add(a)
            self._apart.setdefault(a, set()).add(other)
        for name, keys in self._numbers.pop(b, {}).items():
            own = self._numbers.setdefault(a, {})
            own[name] = own.get(name, frozenset()) | keys
        for node in self._members(b):
            self._root[node] = a
        self._next[a], self._next[b] = self._next[b], self._next[a]
        self._size[a] += self._size[b]

    def _merge_between(self, a: int, b: int) -> None:
        ours, theirs = self._between.get(a), self._between.pop(b, {})
        if ours:
            ours.pop(b, None)
            self._count_more(a, b)
        for other, counts in theirs.items():
            far = self._between[other]
            far.pop(b, None)
            if other == a:
                continue
            known = self._between.setdefault(a, {}).get(other)
            if known is None:
                far[a] = self._between[a][other] = [counts[0], _UNCOUNTED]
            else:
                known[0] += counts[0]

    def _count_more(self, a: int, b: int) -> None:
        """Add the links of set b to those already counted between set a and others."""
        if a not in self._counted:
            return
        ours = self._between[a]
        for root in self._near(b).tolist():
            counts = ours.get(root)
            if counts is not None and counts[1] != _UNCOUNTED:
                counts[1] += 1

    def _near(self, root: int) -> Ranks:
        """Return the set of each neighbour of each member of a set."""
        start, nodes = self._neighbours.indptr, self._neighbours.indices
        slices = [nodes[start[node] : start[node + 1]] for node in self._members(root)]
        near = slices[0] if len(slices) == 1 else np.concatenate(slices)
        sets: Ranks = self.label[near]
        return sets

    def _members(self, root: int) -> Iterator[int]:
        yield root
        node = self._next[root]
        while node != root:
            yield node
            node = self._next[node]


def _neighbours(claims: Claims) -> csr_array:
    """Return the links that first names speak for, as rows of neighbours."""
    links = claims.joins[claims.joins["named"]]
    left, right = links["left"].to_numpy(np.int32), links["right"].to_numpy(np.int32)
    ends = (np.concatenate([left, right]), np.concatenate([right, left]))
    return csr_array((np.ones(2 * len(left), dtype=np.int8), ends), shape=(claims.size,) * 2)


def _both_ways(pairs: pd.DataFrame) -> Iterator[tuple[int, int]]:
    left, right = pairs["left"].tolist(), pairs["right"].tolist()
    return zip(left, right, strict=True)


def _sets(pairs: pd.DataFrame) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for left, right in _both_ways(pairs):
        found.setdefault(left, set()).add(right)
        found.setdefault(right, set()).add(left)
    return found


def _between(rulings: pd.DataFrame) -> dict[int, dict[int, list[int]]]:
    """Return for each pair of sets its rulings and links; both sides share one pair of counts."""
    found: dict[int, dict[int, list[int]]] = {}
    for left, right in _both_ways(rulings):
        counts = [1, _UNCOUNTED]
        found.setdefault(left, {})[right] = counts
        found.setdefault(right, {})[left] = counts
    return found


def _numbers(numbers: pd.DataFrame) -> dict[int, dict[int, frozenset[int]]]:
    found: dict[int, dict[int, frozenset[int]]] = {}
    rows = (numbers[name].tolist() for name in ("node", "register", "key"))
    for node, register, key in zip(*rows, strict=True):
        own = found.setdefault(node, {})
        own[register] = own.get(register, frozenset()) | {key}
    return found
