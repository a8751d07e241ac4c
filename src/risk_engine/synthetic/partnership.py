"""The synthetic partnership as a whole: what happened, who recorded what, and the map."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd

from risk_engine.config.areas import AreasConfig
from risk_engine.errors import ConfigError
from risk_engine.synthetic import (
    children,
    health,
    hotspots,
    incidents,
    justice,
    life,
    local,
    plan,
    police,
    policing,
    world,
)
from risk_engine.synthetic.columns import MINUTES_A_DAY, day_number
from risk_engine.synthetic.extract import Desk, Extract
from risk_engine.synthetic.people import build as draw_people
from risk_engine.synthetic.plan import Size
from risk_engine.synthetic.switches import LATE_DAYS, Switches

WEEKS_AFTER = 4  # generated beyond the last day, so that forecasts can be scored
_STEPS = ("world", "people", "plan", "life", "hotspots", "incidents")
_MAKERS: dict[str, Callable[[Desk], Extract]] = {
    "police_crime": police.police_crime,
    "missing_persons": policing.missing_persons,
    "custody": policing.custody,
    "stop_and_search": policing.stop_and_search,
    "emergency_department": health.emergency_department,
    "ambulance": health.ambulance,
    "hospital_admissions": health.hospital_admissions,
    "youth_justice": justice.youth_justice,
    "probation": justice.probation,
    "education": children.education,
    "childrens_services": children.childrens_services,
    "fire": local.fire,
    "community_safety": local.community_safety,
}
SOURCES = tuple(_MAKERS)


@dataclass(frozen=True)
class Partnership:
    """Everything that was made; nothing here is about a real person or a real boundary.

    It is kept as numbers; `write` puts it into files, and only there are texts made, in pieces.

    Attributes
    ----------
    desk
        What happened, to whom, where: the truth.
    spots
        Planted hotspots, see `hotspots.plant`.
    start, end
        First day of the records, and the first day not known.
    """

    desk: Desk
    spots: pd.DataFrame
    size: Size
    start: date
    end: date

    @property
    def areas(self) -> gpd.GeoDataFrame:
        """Polygons: ``area_code, name``."""
        return self.desk.world.areas

    @property
    def zones(self) -> gpd.GeoDataFrame:
        """Polygons: ``zone_code, area_code``."""
        return self.desk.world.zones[["zone_code", "area_code", "geometry"]]

    @property
    def key(self) -> str:
        """64 hex characters from the seed, for pseudonyms of people who do not exist."""
        return hashlib.sha256(f"synthetic partnership {self.desk.seed}".encode()).hexdigest()

    def extract(self, source: str) -> Extract:
        """Return the rows of a source that had been recorded when the extracts were taken.

        They are taken `WEEKS_AFTER` weeks after `end`; a late source was taken last before it.
        """
        late = source in self.desk.switches.late
        taken = day_number(self.end) + (-LATE_DAYS if late else 7 * WEEKS_AFTER)
        found = _MAKERS[source](self.desk)
        return found.first(int(np.searchsorted(found.known, taken * MINUTES_A_DAY)))


def generate(
    *,
    people: int = 20_000,
    years: int = 3,
    end: date,
    seed: int,
    areas: AreasConfig,
    violence: float | None = None,
    switches: Switches | None = None,
) -> Partnership:
    """Make a partnership that does not exist, with known truth.

    Parameters
    ----------
    people
        Persons known to any agency; 1.1 million is the whole force area.
    years
        Length of the history before `end`.
    end
        The as-of Monday: the first day not known. Events go on for four more weeks, recorded after
        it, so that what was forecast can be compared with what happened.
    seed
        Same seed, same bytes.
    areas
        Local areas with residents and centres; boundaries are invented around the centres.
    violence
        Share of the published level of serious violence; without it all from 50,000 people on,
        and a share of it in proportion below, so that a small partnership has something to learn.
    switches
        Biases and troubles to plant; none by default.

    Raises
    ------
    ConfigError
        If `end` is not a Monday, a size is not positive, or an area has no residents or centre.
    """
    _check(people, years, end, violence)
    rngs = {step: np.random.default_rng([seed, number]) for number, step in enumerate(_STEPS)}
    weeks = -(-years * 365 // 7)
    start = end - timedelta(weeks=weeks)
    first = start - timedelta(weeks=life.WARM_UP)
    until = end + timedelta(weeks=WEEKS_AFTER)
    land = world.build(areas, rng=rngs["world"])
    register = draw_people(land, people, start=start, end=end, rng=rngs["people"])
    size = plan.sizes(people, violence)
    planned = plan.make(land, size, first=first, start=start, until=until, rng=rngs["plan"])
    now = life.WARM_UP + weeks
    lived = life.simulate(
        register, planned, world=land, size=size, risk_at=(now - 26, now), rng=rngs["life"]
    )
    spots = hotspots.plant(land, start=start, end=end, rng=rngs["hotspots"])
    happened = incidents.make(
        lived, planned, register,
        since=life.WARM_UP, world=land, spots=spots, rng=rngs["incidents"],
    )  # fmt: skip
    desk = Desk(
        register, planned, lived, happened, land, switches or Switches(), seed, life.WARM_UP
    )
    return Partnership(desk, spots, size, start, end)


def _check(people: int, years: int, end: date, violence: float | None) -> None:
    if end.weekday() != 0:
        raise ConfigError.one(f"{end} is not a Monday; weeks begin on one", file="synthetic")
    if people < 100 or years < 1:
        raise ConfigError.one("needs at least 100 people and 1 year", file="synthetic")
    if violence is not None and not 0 < violence <= 1:
        raise ConfigError.one("violence is a share above 0 and up to 1", file="synthetic")
