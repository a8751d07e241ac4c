"""What will happen and in which week and area, before it is known to whom.

A Poisson process given its total: the number of a year is drawn (or published), then spread over
weeks and areas; `life` gives each event to a person in proportion to their risk at that time. So
the totals are exact and who is concerned still follows latent risk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from risk_engine.synthetic import figures
from risk_engine.synthetic.chance import Floats, evenly
from risk_engine.synthetic.columns import as_date, day_number
from risk_engine.synthetic.figures import Stretch
from risk_engine.synthetic.processes import FORCE_PEOPLE, PROCESSES, PROFILE_NAMES, Process
from risk_engine.synthetic.world import World

AT_HOME = -1  # area of an event that is where the person lives
_HOLIDAYS = {8: 0.0, 12: 0.6, 4: 0.7}  # what is left of school in a month


@dataclass(frozen=True)
class Size:
    """How large the partnership is.

    Attributes
    ----------
    people
        Persons known.
    violence
        Share of the published level of serious violence.
    """

    people: int
    violence: float

    def count(self, process: Process) -> float:
        """Events a year of a process without published figures."""
        whole = self.people / FORCE_PEOPLE
        return process.count * (whole**0.6 * self.violence**0.4 if process.dense else whole)


@dataclass(frozen=True)
class Plan:
    """All events to come, in order of week and, within it, of profile.

    Attributes
    ----------
    week
        Whole weeks since `first`; `process` and `area` (or `AT_HOME`) are positions.
    stretch
        Position in `stretches`: the days within which the event must fall.
    first
        The Monday of week 0.
    """

    week: npt.NDArray[np.int16]
    process: npt.NDArray[np.int8]
    area: npt.NDArray[np.int8]
    stretch: npt.NDArray[np.int8]
    stretches: list[Stretch]
    first: date


def make(
    world: World, size: Size, *, first: date, start: date, until: date, rng: np.random.Generator
) -> Plan:
    """Plan everything from `first` (a Monday) to `until` (not included).

    Parameters
    ----------
    start
        Where the records begin; what lies before it is a warm-up of its own.
    """
    spans = [*figures.stretches(first, start), *figures.stretches(start, until)]
    parts = [
        _of_process(world, row, process, count, spans[span], span, first, rng)
        for span in range(len(spans))
        for row, (process, count) in enumerate(_counts(spans[span], size, rng))
    ]
    week, process, area, stretch = (np.concatenate(column) for column in zip(*parts, strict=True))
    profile = np.array([PROFILE_NAMES.index(p.profile) for p in PROCESSES], np.int8)[process]
    order = np.lexsort((process, profile, week))
    return Plan(week[order], process[order], area[order], stretch[order], spans, first)


def _counts(span: Stretch, size: Size, rng: np.random.Generator) -> list[tuple[Process, int]]:
    """Count the events of each process in one stretch: published where it is, else Poisson."""
    quota = figures.quota(span, size.violence)
    level = figures.level_of(span.year)
    counts = []
    for process in PROCESSES:
        if process.category:
            young, rest = quota[process.category]
            counts.append((process, young if process.name.endswith("_young") else rest))
        else:
            mean = size.count(process) * span.covered * (level if process.dense else 1.0)
            fixed = process.name == "first_order"  # a published rate, too
            counts.append((process, round(mean) if fixed else int(rng.poisson(mean))))
    return counts


def _of_process(
    world: World,
    row: int,
    process: Process,
    count: int,
    span: Stretch,
    position: int,
    first: date,
    rng: np.random.Generator,
) -> tuple[npt.NDArray[np.int16], ...]:
    """Spread events of one process over the days and areas of one stretch."""
    begin, end = day_number(span.start), day_number(span.end)
    day = begin + evenly(_season(begin, end, school=process.term_time), count, rng=rng)
    weight = {"robbery": world.robbery, "violence": world.violence}.get(process.spread)
    area = np.full(count, AT_HOME) if weight is None else evenly(weight, count, rng=rng)
    week = (day - day_number(first)) // 7
    return (
        week.astype(np.int16),
        np.full(count, row, np.int8),
        area.astype(np.int8),
        np.full(count, position, np.int8),
    )


def _season(begin: int, end: int, *, school: bool) -> Floats:
    """Weight of each day: a little more in summer; for schools none in the holidays."""
    day = np.arange(begin, end)
    weight: Floats = 1 + 0.12 * np.cos(2 * np.pi * (day % 365.25 - 200) / 365.25)
    if school:
        dates = [as_date(int(number)) for number in day]
        open_days = np.array([_HOLIDAYS.get(d.month, 1.0) * (d.weekday() < 5) for d in dates])
        weight = open_days + 1e-9  # a stretch may lie in the holidays altogether
    return weight


def sizes(people: int, violence: float | None) -> Size:
    """Return the size; without a share given, fifty thousand people have all the violence."""
    return Size(people, min(1.0, people / 50_000) if violence is None else violence)
