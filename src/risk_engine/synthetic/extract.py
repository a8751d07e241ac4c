"""The rows of one source, kept as numbers, and how a stretch of them is written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from risk_engine.synthetic import support
from risk_engine.synthetic.chance import Chance, Ints
from risk_engine.synthetic.columns import MINUTES_A_DAY
from risk_engine.synthetic.identities import Clerk, Identity
from risk_engine.synthetic.incidents import Incidents
from risk_engine.synthetic.life import Life
from risk_engine.synthetic.people import Register
from risk_engine.synthetic.plan import Plan
from risk_engine.synthetic.support import Support
from risk_engine.synthetic.switches import Switches, by_group
from risk_engine.synthetic.world import World

Array = npt.NDArray[Any]
Columns = dict[str, pa.Array]


@dataclass(frozen=True)
class Extract:
    """One source, in order of recording.

    Attributes
    ----------
    known
        When each row was recorded, in local minutes since 1970.
    person
        Who each row is about (position in the register), or -1: truth, which never leaves as data.
    breakable
        Rows in which faults may be planted.
    write
        Row positions -> the columns under the contract's headers.
    made_up
        Rows that a planted bias added: what they tell did not happen. None: no such row.
    """

    source: str
    known: Ints
    person: Array
    breakable: npt.NDArray[np.bool_]
    write: Callable[[Ints], Columns]
    made_up: npt.NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.known)

    def first(self, count: int) -> Extract:
        """Return the rows recorded first."""
        kept = slice(count)
        return replace(
            self,
            known=self.known[kept],
            person=self.person[kept],
            breakable=self.breakable[kept],
            made_up=None if self.made_up is None else self.made_up[kept],
        )


@dataclass(frozen=True)
class Desk:
    """Everything that happened, as the agencies come to know of it.

    Attributes
    ----------
    since
        Week of the plan in which the records begin.
    """

    people: Register
    plan: Plan
    life: Life
    incidents: Incidents
    world: World
    switches: Switches
    seed: int
    since: int

    def chance(self, topic: str) -> Chance:
        """Return the draws of one agency."""
        return Chance(self.seed, topic)

    def clerk(self, agency: str, prefix: str) -> Clerk:
        """Return an agency's way of writing people down."""
        care = by_group(self.switches.under_link)
        return Clerk(self.people, self.chance(agency), prefix, care)

    @cached_property
    def support(self) -> Support:
        """What happened to people at services, with what followed."""
        return support.make(
            self.life, self.plan, self.people, since=self.since, chance=self.chance("support")
        )


def supported(
    desk: Desk,
    source: str,
    stages: Mapping[str, str],
    *,
    delay: tuple[int, int],
    prefix: str,
    write: Callable[[Identity, Ints, Ints, Array], Columns],
) -> Extract:
    """Make the extract of a service: one row an event at it, recorded some days later.

    Parameters
    ----------
    stages
        Kinds of event that the service records.
    delay
        Days until an event is recorded: least, and one more than most.
    write
        Identity, row, day of recording and kind of each row -> columns.
    """
    events, chance = desk.support, desk.chance(source)
    kinds = np.array([support.KINDS.index(kind) for kind in stages])
    rows = np.flatnonzero(np.isin(events.kind, kinds))
    known = events.day[rows] + delay[0] + chance.below(delay[1] - delay[0], "delay", rows)
    order = np.lexsort((events.person[rows], events.day[rows], known))
    rows, known = rows[order], known[order]
    person, day = events.person[rows], events.day[rows]
    stage = np.zeros(len(support.KINDS), np.int8)
    stage[kinds] = np.arange(len(kinds))
    kind = stage[events.kind[rows]]
    clerk = desk.clerk(source, prefix)

    def columns(at: Ints) -> Columns:
        who = clerk.identify(person[at], day[at], at)
        return write(who, at, known[at], kind[at])

    return Extract(source, known * MINUTES_A_DAY, person, np.ones(len(rows), bool), columns)
