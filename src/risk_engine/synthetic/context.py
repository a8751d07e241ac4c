"""What is published about the invented zones: deprivation, residents, counts by ward and month."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from risk_engine.synthetic.chance import Chance, Floats, Ints, share_out
from risk_engine.synthetic.extract import Desk
from risk_engine.synthetic.faults import SHARE
from risk_engine.synthetic.processes import PROCESSES
from risk_engine.synthetic.world import CENSUS_GROUPS, GROUPS, World

ENGLAND = 33_755  # zones of England that deprivation is ranked among
ZONES_A_WARD = 4
DOMAINS = (
    "IMD", "Income", "Employment", "Education", "Health", "Crime", "Housing_and_Services",
    "Environment",
)  # fmt: skip
#: Residents aged 10 to 24 by local area (mid-2020), of the residents in the configuration.
AGED_10_24 = {
    "E07000084": 28_866, "E07000085": 19_921, "E07000086": 21_993, "E07000087": 17_891,
    "E07000088": 14_662, "E07000089": 15_883, "E07000090": 20_646, "E06000046": 20_515,
    "E07000091": 25_685, "E06000044": 50_785, "E07000092": 15_231, "E06000045": 60_878,
    "E07000093": 19_226, "E07000094": 24_987,
}  # fmt: skip
USUAL_10_24 = 0.18
UNDER_10, OLDEST = 0.114, 90  # share of residents; the last year of age stands for all above it
#: Indicator -> who counted it, and the kinds of event in it.
INDICATORS = {
    "Anti-social behaviour incidents": ("Community safety", ("anti_social_behaviour",)),
    "Deliberate fires": ("Fire and rescue", ("deliberate_fire",)),
    "Missing episodes": ("Police", ("missing_episode",)),
    "Possession of weapons": ("Police", ("possession_of_weapons",)),
    "Robbery": ("Police", ("robbery",)),
    "Violence with injury": ("Police", ("violence_with_injury", "most_serious_violence")),
    "Violence without injury": ("Police", ("violence_without_injury",)),
}
SMALL = 5  # counts below are suppressed by the sender


def tables(desk: Desk) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Return context tables by name, under their contracts' headers, and the faults in them."""
    chance = desk.chance("context")
    counts, faults = _platform_counts(desk, chance)
    wards = desk.world.zones[["zone_code", "area_code"]].assign(ward_code=ward_codes(desk.world))
    found = {
        "imd_2025": _deprivation(desk.world, chance),
        "census_ethnicity": _ethnicity(desk.world),
        "population_by_age": _ages(desk.world),
        "platform_counts": counts,
        "wards": wards,
    }
    return found, faults


def population(world: World) -> pd.DataFrame:
    """Return ``zone_code, ethnic_group, residents``."""
    wide = pd.DataFrame(world.residents, columns=[CENSUS_GROUPS[group] for group in GROUPS])
    wide.insert(0, "zone_code", world.zones.zone_code.to_numpy())
    long = wide.melt("zone_code", var_name="ethnic_group", value_name="residents")
    return long.sort_values(["zone_code", "ethnic_group"], ignore_index=True)


def ward_codes(world: World) -> npt.NDArray[np.object_]:
    """Return the invented ward of each zone: four zones that follow one another in an area."""
    area = world.zones["area"].to_numpy()
    within = np.arange(len(area)) - np.searchsorted(area, area)
    new = (within % ZONES_A_WARD == 0).cumsum()
    return np.array([f"E0590{number:04d}" for number in new], dtype=object)


def _deprivation(world: World, chance: Chance) -> pd.DataFrame:
    """Deciles, ranks and scores by domain; hardship is what they have in common."""
    zone, hardship = np.arange(len(world.zones)), world.zones.hardship.to_numpy()
    table = pd.DataFrame({"lsoa21_code": world.zones.zone_code})
    for domain in DOMAINS:
        own = chance.unit(domain, zone) + chance.unit(f"{domain} again", zone) - 1
        level = hardship + (0.3 if domain == "IMD" else 1.2) * own
        place = (-level).argsort().argsort() + chance.unit("rank", zone)  # most deprived first
        share = place / len(zone)
        table[f"{domain}_decile"] = np.minimum((share * 10).astype(int), 9) + 1
        table[f"{domain}_rank"] = np.maximum((share * ENGLAND).astype(int), 1)
        table[f"{domain}_score"] = np.round(20 * np.exp(0.6 * level), 3)
    return table


def _ethnicity(world: World) -> pd.DataFrame:
    table = population(world).rename(columns={"zone_code": "lsoa21_code", "residents": "n"})
    return table.assign(total=table.groupby("lsoa21_code").n.transform("sum"))


def _ages(world: World) -> pd.DataFrame:
    """Residents by single year of age, with the published number of 10 to 24 by local area."""
    area, total = world.zones["area"].to_numpy(), world.residents.sum(axis=1)
    by_area = np.bincount(area, weights=total)
    codes = world.areas.area_code.tolist()
    young = [AGED_10_24.get(c, USUAL_10_24 * n) / n for c, n in zip(codes, by_area, strict=True)]
    rows = [share_out(int(n), _age_weights(young[a])) for a, n in zip(area, total, strict=True)]
    ages = pd.DataFrame(rows, columns=[str(age) for age in range(OLDEST + 1)])
    ages.insert(0, "lsoa11_code", world.zones.zone_code.to_numpy())
    ages.insert(1, "total_population", total)
    return ages


def _age_weights(young: float) -> Floats:
    age = np.arange(OLDEST + 1)
    older = np.clip(95 - age, 1, 45) * (age > 24)
    rest = (1 - young - UNDER_10) * older / older.sum()
    weights: Floats = np.where(age < 10, UNDER_10 / 10, np.where(age < 25, young / 15, rest))
    return weights


def _platform_counts(desk: Desk, chance: Chance) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count by ward and month, small counts suppressed; a few are impossible on purpose."""
    events = desk.incidents
    of_process = np.full(len(PROCESSES), -1)
    for row, (_, kinds) in enumerate(INDICATORS.values()):
        of_process[[p.kind in kinds for p in PROCESSES]] = row
    rows = np.flatnonzero(of_process[events.process] >= 0)
    ward = _wards_of(desk.world, events.easting[rows], events.northing[rows])
    month = events.minute[rows].astype("datetime64[m]").astype("datetime64[M]").astype(np.int64)
    table = pd.DataFrame({"ward": ward, "month": month, "kind": of_process[events.process[rows]]})
    counts = table[table.ward >= 0].groupby(["month", "ward", "kind"]).size().reset_index(name="n")
    names, sets = list(INDICATORS), [who for who, _ in INDICATORS.values()]
    codes = np.unique(ward_codes(desk.world))
    impossible = chance.yes(SHARE, "impossible", np.arange(len(counts)))
    shown = counts.n.astype("str").where(counts.n >= SMALL, "*").mask(impossible, "-1")
    found = pd.DataFrame(
        {
            "Area Code": codes[counts.ward],
            "Area Name": [f"Ward {number + 1}" for number in counts.ward],
            "Month": counts.month.to_numpy().astype("datetime64[M]").astype(str),
            "Data Set": np.array(sets, object)[counts.kind],
            "Indicator": np.array(names, object)[counts.kind],
            "Count": shown,
        }
    )
    keys = found["Area Code"] + "/" + found["Month"] + "/" + found["Indicator"]
    return found, pd.DataFrame(
        {"source": "platform_counts", "fault": "OUT_OF_RANGE", "row_key": keys[impossible]}
    )


def _wards_of(world: World, x: npt.NDArray[Any], y: npt.NDArray[Any]) -> Ints:
    """Position of the ward of each point, -1 where it lies in no zone."""
    _, ward = np.unique(ward_codes(world), return_inverse=True)
    tree = shapely.STRtree(world.zones.geometry.to_numpy())
    found = np.full(len(x), -1, dtype=np.int64)
    for start in range(0, len(x), 200_000):  # points take some memory
        part = slice(start, start + 200_000)
        point, zone = tree.query(shapely.points(x[part], y[part]), predicate="intersects")
        found[start + point] = ward[zone]
    return found
