"""What happens to people at services, by the day, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from risk_engine.synthetic.chance import Chance, Ints
from risk_engine.synthetic.columns import day_number
from risk_engine.synthetic.life import Life
from risk_engine.synthetic.people import Register
from risk_engine.synthetic.plan import Plan
from risk_engine.synthetic.processes import PROCESSES

Array = npt.NDArray[Any]
#: Event -> what may follow it, and after how many weeks at least and at most.
FOLLOWS = {
    "order": ("order_completed", 26, 40),
    "persistent_absence": ("attendance_regained", 6, 20),
    "supervision_order": ("supervision_completed", 40, 60),
}
_EVENTS = tuple(dict.fromkeys(p.kind for p in PROCESSES if p.role == "subject" and not p.happens))
KINDS = (*_EVENTS, *(name for name, _, _ in FOLLOWS.values()))


@dataclass(frozen=True)
class Support:
    """Events at services: ``kind`` (position in `KINDS`), ``person``, ``day`` (since 1970)."""

    kind: Array
    person: Array
    day: Ints


def make(life: Life, plan: Plan, people: Register, *, since: int, chance: Chance) -> Support:
    """Give each event a weekday, and add what follows, more often in lives that turn.

    Parameters
    ----------
    since
        Week from which on events are kept.
    """
    position = np.array([KINDS.index(p.kind) if p.kind in KINDS else -1 for p in PROCESSES])
    kept = (life.week >= since) & (position[life.process] >= 0)
    rows = np.flatnonzero(kept)
    kind, person = position[life.process[rows]].astype(np.int8), life.person[rows]
    day = day_number(plan.first) + 7 * life.week[rows].astype(np.int64)
    day += chance.below(5, "weekday", rows)
    last = day_number(plan.stretches[-1].end)
    parts = [(kind, person, day)]
    for before, (after, least, most) in FOLLOWS.items():
        chosen = np.flatnonzero(kind == KINDS.index(before))
        later = day[chosen] + 7 * (least + chance.below(most - least, after, rows[chosen]))
        turning = people.turn_at[person[chosen]] <= later + 26 * 7
        happens = chance.yes(np.where(turning, 0.8, 0.3), f"{after} happens", rows[chosen])
        happens &= later < last
        code = np.full(int(happens.sum()), KINDS.index(after), np.int8)
        parts.append((code, person[chosen][happens], later[happens]))
    kinds, persons, days = (np.concatenate(column) for column in zip(*parts, strict=True))
    born = people.birth[persons] <= days
    return Support(kinds[born], persons[born], days[born])
