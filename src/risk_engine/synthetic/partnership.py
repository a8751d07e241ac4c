"""The synthetic partnership as a whole: five extracts, a map, and the truth kept apart."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd

from risk_engine.config.areas import AreasConfig
from risk_engine.errors import ConfigError
from risk_engine.synthetic import agencies, faults, hotspots, incidents, life, police, world
from risk_engine.synthetic.life import Life
from risk_engine.synthetic.people import build as draw_people
from risk_engine.synthetic.world import CENSUS_GROUPS, GROUPS, World

WEEKS_AFTER = 4  # generated beyond the last day, so that forecasts can be scored
INCIDENT_KINDS = (*police.OFFENCES, "unreported_assault")
_STEPS = ("world", "people", "life", "hotspots", "incidents", *faults.LAYOUTS, "faults")


@dataclass(frozen=True)
class Partnership:
    """Everything that was made; nothing here is about a real person or a real boundary.

    Attributes
    ----------
    extracts
        Source name to rows as text, under the headers of the source's contract.
    areas, zones
        Polygons: ``area_code, name`` and ``zone_code, area_code``.
    population
        ``zone_code, ethnic_group, residents``.
    truth
        ``hotspots, people, records, incidents, faults``: what the engine must never be given.
    key
        64 hex characters from the seed, for pseudonyms of people who do not exist.
    """

    extracts: dict[str, pd.DataFrame]
    areas: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame
    population: pd.DataFrame
    truth: dict[str, pd.DataFrame]
    key: str
    end: date


def generate(
    *, people: int = 20_000, years: int = 3, end: date, seed: int, areas: AreasConfig
) -> Partnership:
    """Make a partnership that does not exist, with known truth.

    Parameters
    ----------
    people
        Persons in the register.
    years
        Length of the history before `end`.
    end
        The as-of Monday: the first day not known. Events go on for four more weeks, recorded after
        it, so that what was forecast can be compared with what happened.
    seed
        Same seed, same bytes.
    areas
        Local areas with residents and centres; boundaries are invented around the centres.

    Raises
    ------
    ConfigError
        If `end` is not a Monday, a size is not positive, or an area has no residents or centre.
    """
    _check(people, years, end)
    rngs = {step: np.random.default_rng([seed, number]) for number, step in enumerate(_STEPS)}
    weeks = -(-years * 365 // 7)
    start = end - timedelta(weeks=weeks)
    land = world.build(areas, rng=rngs["world"])
    register = draw_people(land, people, start=start, end=end, rng=rngs["people"])
    lives = life.simulate(
        register, start=start, weeks=weeks + WEEKS_AFTER, end=end, rng=rngs["life"]
    )
    spots = hotspots.plant(land, start=start, end=end, rng=rngs["hotspots"])
    in_places = lives.events[lives.events.kind.isin(list(INCIDENT_KINDS))]
    happened = incidents.make(in_places, register, world=land, spots=spots, rng=rngs["incidents"])
    deaths = happened[(happened.injury == "fatal") & (happened.role == "victim")]
    died = deaths.groupby("person").week.min()
    happened = _while_alive(happened, died)
    happened["incident_id"] = _crime_numbers(happened)
    extracts = _extracts(happened, _while_alive(lives.events, died), register, rngs)
    sent, planted = _with_faults(extracts, rngs["faults"])
    truth = {
        "hotspots": _hotspot_truth(spots, happened, end),
        "people": _people_truth(register, lives, land),
        "records": _record_truth(extracts),
        "incidents": _incident_truth(happened, spots),
        "faults": planted,
    }
    key = hashlib.sha256(f"synthetic partnership {seed}".encode()).hexdigest()
    zones = land.zones[["zone_code", "area_code", "geometry"]]
    return Partnership(sent, land.areas, zones, _population(land), truth, key, end)


def _check(people: int, years: int, end: date) -> None:
    if end.weekday() != 0:
        raise ConfigError.one(f"{end} is not a Monday; weeks begin on one", file="synthetic")
    if people < 100 or years < 1:
        raise ConfigError.one("needs at least 100 people and 1 year", file="synthetic")


def _while_alive(events: pd.DataFrame, died: pd.Series) -> pd.DataFrame:
    """Drop what would have happened to a person after the week of their death."""
    too_late = events.week.to_numpy() > died.reindex(events.person).to_numpy()
    kept = events[~too_late].reset_index(drop=True)
    by_the_dead = kept.week.to_numpy() > died.reindex(kept.suspect).to_numpy()
    kept["suspect"] = kept.suspect.mask(by_the_dead, -1)
    return kept


def _crime_numbers(happened: pd.DataFrame) -> pd.Series:
    """Crime numbers in order of time, ``MP`` for missing episodes."""
    prefix = happened.kind.map({"missing_episode": "MP"}).fillna("44")
    year = happened.occurred_at.dt.strftime("%y")
    running = pd.Series(range(1, len(happened) + 1)).astype("str").str.zfill(7)
    numbers: pd.Series = prefix + year + running
    return numbers


def _extracts(
    happened: pd.DataFrame,
    events: pd.DataFrame,
    register: pd.DataFrame,
    rngs: dict[str, np.random.Generator],
) -> dict[str, pd.DataFrame]:
    found = {
        "police_crime": police.extract(happened, register, rng=rngs["police_crime"]),
        "emergency_department": agencies.emergency_department(
            happened, register, rng=rngs["emergency_department"]
        ),
    }
    for make in (agencies.youth_justice, agencies.education, agencies.childrens_services):
        name = make.__name__
        found[name] = make(events, register, rng=rngs[name])
    return {name: frame.fillna("") for name, frame in found.items()}


def _with_faults(
    extracts: dict[str, pd.DataFrame], rng: np.random.Generator
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    sent, planted = {}, []
    for source, frame in extracts.items():
        rows, truth = faults.plant(frame.drop(columns="person"), faults.LAYOUTS[source], rng=rng)
        sent[source] = rows
        planted.append(truth.assign(source=source)[["source", "fault", "row_key"]])
    return sent, pd.concat(planted, ignore_index=True)


def _population(land: World) -> pd.DataFrame:
    wide = pd.DataFrame(land.residents, columns=[CENSUS_GROUPS[group] for group in GROUPS])
    wide.insert(0, "zone_code", land.zones.zone_code.to_numpy())
    long = wide.melt("zone_code", var_name="ethnic_group", value_name="residents")
    return long.sort_values(["zone_code", "ethnic_group"], ignore_index=True)


def _true_id(person: pd.Series) -> pd.Series:
    return "T" + (person + 1).astype("str").str.zfill(6)


def _hotspot_truth(spots: pd.DataFrame, happened: pd.DataFrame, end: date) -> pd.DataFrame:
    """Where and when hotspots were planted, and the incidents a year that fell into each."""
    before = happened[happened.occurred_at < pd.Timestamp(end)]
    count = before.hotspot.value_counts().reindex(range(len(spots)), fill_value=0).to_numpy()
    lived = (spots["to"].fillna(pd.Timestamp(end)) - spots["from"]).dt.days / 365
    told = ["hotspot_id", "easting", "northing", "sigma", "area_code", "kind", "from", "to", "busy"]
    truth = spots[told].assign(rate=(count / lived).round(2))
    for column in ("from", "to"):
        truth[column] = truth[column].dt.strftime("%Y-%m-%d").fillna("")
    return truth


def _people_truth(register: pd.DataFrame, lives: Life, land: World) -> pd.DataFrame:
    numbers = {
        "hardship": register.hardship,
        "victim_latent": register.victim,
        "suspect_latent": register.suspect,
        "risk_before": lives.risk.risk_before,
        "risk_at_end": lives.risk.risk_at_end,
    }
    return pd.DataFrame(
        {
            "true_person_id": _true_id(pd.Series(range(len(register)))),
            "birth_date": register.birth.dt.strftime("%Y-%m-%d"),
            "sex": register.sex,
            "ethnicity": register.ethnicity,
            "area_code": land.areas.area_code.to_numpy()[register.area],
            "zone_code": land.zones.zone_code.to_numpy()[register.zone],
            "turn_at": register.turn_at.dt.strftime("%Y-%m-%d").fillna(""),
            **{name: values.round(6) for name, values in numbers.items()},
        }
    )


def _record_truth(extracts: dict[str, pd.DataFrame]) -> pd.DataFrame:
    parts = []
    for source, frame in extracts.items():
        key = frame[faults.LAYOUTS[source].key]
        parts.append(
            pd.DataFrame(
                {"source": source, "row_key": key, "true_person_id": _true_id(frame.person)}
            )
        )
    return pd.concat(parts, ignore_index=True)


def _incident_truth(happened: pd.DataFrame, spots: pd.DataFrame) -> pd.DataFrame:
    """Every incident with its true place; those unknown to the police keep their own number."""
    planted = np.where(happened.hotspot >= 0, spots.hotspot_id.to_numpy()[happened.hotspot], "")
    columns = ["incident_id", "kind", "occurred_at", "easting", "northing", "weapon", "domestic"]
    return happened[columns].assign(
        occurred_at=happened.occurred_at.dt.strftime("%Y-%m-%d %H:%M"),
        hotspot_id=planted,
        victim=_true_id(happened.person).where(happened.role == "victim", ""),
    )
