"""Records of people with the truth about who is who, for measuring linkage.

People, names, homes and clerks are those of the synthetic partnership. A person is known to some
agencies, one record at each, and every agency writes with its own errors, so that no two records of
a person agree because one was copied from the other.

Usage: ``python benchmarks/linkage_people.py [--records 1000000] [--seed 1]`` prints how long the
table takes, how many different people look alike, and how often records differ from the truth.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
from datetime import date
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from risk_engine.config import AreasConfig, load_model
from risk_engine.synthetic import SOURCES
from risk_engine.synthetic.chance import Chance
from risk_engine.synthetic.columns import day_number
from risk_engine.synthetic.identities import Clerk
from risk_engine.synthetic.names import WORDS
from risk_engine.synthetic.people import Register
from risk_engine.synthetic.people import build as build_people
from risk_engine.synthetic.world import GROUPS
from risk_engine.synthetic.world import build as build_world

ROOT = Path(__file__).parents[1]
START, END = date(2023, 1, 2), date(2026, 1, 5)
RECORDS_A_PERSON = 4
#: Share of those known to n agencies that one more knows too: with 13 agencies, 4 on average.
ONE_MORE = 0.757


def people_table(records: int, seed: int) -> pd.DataFrame:
    """Return records of people in random order, with who they are about.

    Parameters
    ----------
    records
        How many; they are about a quarter as many people.
    seed
        Same seed, same rows.

    Returns
    -------
    pandas.DataFrame
        ``record_id`` (32 hex characters), ``source``, ``first_name, last_name``, ``birth_date``
        (ISO, missing now and then), ``sex``, ``postcode`` (missing now and then), ``known_at``
        (the first instant at which the agency had it), ``home_easting, home_northing`` (metres),
        and the truth: ``person`` (a number) and ``ethnicity`` (one of the world's groups).
    """
    register = people(max(records // RECORDS_A_PERSON, 1), seed)
    person, source = _known_to(len(register), records, seed)
    parts = [
        _written(register, number, person[source == number], seed) for number in range(len(SOURCES))
    ]
    together: pa.Table = pa.concat_tables(parts)
    order = np.random.default_rng([seed, 2]).permutation(len(together))
    frame: pd.DataFrame = together.take(pa.array(order)).to_pandas()
    return frame


@cache
def people(count: int, seed: int) -> Register:
    """Draw the people whom the records are about."""
    areas = load_model(AreasConfig, ROOT / "configs/areas.yaml")
    world = build_world(areas, rng=np.random.default_rng([seed, 0]))
    rng = np.random.default_rng([seed, 1])
    return build_people(world, count, start=START, end=END, rng=rng)


def _known_to(
    people_count: int, records: int, seed: int
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Draw who is known to which agencies: person and agency of each record, agencies apart."""
    number = np.arange(people_count)
    chance = Chance(seed, "known")
    more = np.log(1 - chance.unit("agencies", number)) / np.log(ONE_MORE)
    count = 1 + np.minimum(more.astype(np.int64), len(SOURCES) - 1)
    person = np.repeat(number, count)[:records]
    nth = np.arange(len(person)) - np.repeat(count.cumsum() - count, count)[: len(person)]
    first, step = chance.below(len(SOURCES), "first", person), chance.below(12, "step", person) + 1
    return person, (first + nth * step) % len(SOURCES)  # 13 is prime: no agency comes twice


def _written(register: Register, number: int, person: npt.NDArray[Any], seed: int) -> pa.Table:
    """Write down the people known to one agency."""
    source = SOURCES[number]
    chance = Chance(seed, source)
    clerk = Clerk(register, chance, f"{number:02d}", np.ones(len(GROUPS)))
    row = np.arange(len(person))
    day = day_number(END) - 1 - chance.below((END - START).days, "day", person)
    who = clerk.identify(person, day, row)
    first, last = who.names()
    home = who.home()
    known = day.astype("datetime64[D]").astype("datetime64[us]")
    known += chance.below(86_400, "clock", person).astype("timedelta64[s]")
    return pa.table(
        {
            "record_id": pa.array(_keys(source, person), pa.string()),
            "source": pa.array([source] * len(person), pa.string()),
            "first_name": first,
            "last_name": last,
            "birth_date": who.birth("%Y-%m-%d"),
            "sex": who.sex("female", "male"),
            "postcode": home.postcode(),
            "known_at": pa.array(known),
            "home_easting": pa.array(home.x.astype(np.float64)),
            "home_northing": pa.array(home.y.astype(np.float64)),
            "person": pa.array(person),
            "ethnicity": pa.array(GROUPS, pa.string()).take(pa.array(register.group[person])),
        }
    )


def _keys(source: str, person: npt.NDArray[Any]) -> list[str]:
    start = hashlib.blake2b(source.encode(), digest_size=16)
    found = []
    for number in person.tolist():
        key = start.copy()
        key.update(number.to_bytes(8, "big"))
        found.append(key.hexdigest())
    return found


def sharing(register: Register) -> pd.DataFrame:
    """Count pairs of different people who share what links records, by what they share."""
    frame = pd.DataFrame(
        {
            "first": register.first,
            "last": register.last,
            "birth": register.birth,
            "male": register.male,
            "place": register.x // 150 * 10_000 + register.y // 150,
        }
    )
    rows = []
    for columns in (["first", "last"], ["first", "last", "birth"], list(frame.columns)):
        size = frame.groupby(columns).size()
        rows.append((" + ".join(columns), int((size * (size - 1) // 2).sum()),
                     int(size[size > 1].sum())))  # fmt: skip
    return pd.DataFrame(rows, columns=["shared", "pairs", "people"])


def differing(frame: pd.DataFrame, register: Register) -> pd.DataFrame:
    """Share of records, by group, that differ from the truth or lack something."""
    person, truth = frame.person.to_numpy(), np.array(WORDS)
    first, last = truth[register.first[person]], truth[register.last[person]]
    born = register.birth[person].astype("datetime64[D]").astype(str)
    marks = pd.DataFrame(
        {
            "first name differs": frame.first_name.to_numpy() != first,
            "surname differs": frame.last_name.to_numpy() != last,
            "swapped": (frame.first_name.to_numpy() == last) & (first != last),
            "birth date differs": frame.birth_date.notna() & (frame.birth_date != born),
            "no birth date": frame.birth_date.isna(),
            "no postcode": frame.postcode.isna(),
        }
    )
    marks.insert(0, "records", 1)
    marks.insert(1, "any difference", marks.iloc[:, 1:5].any(axis=1))
    by = marks.groupby(frame.ethnicity)
    return by.mean().assign(records=by.records.sum())


def main() -> None:
    """Make the table and say what is in it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--records", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    start = monotonic()
    frame = people_table(chosen.records, chosen.seed)
    took, peak = monotonic() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    register = people(max(chosen.records // RECORDS_A_PERSON, 1), chosen.seed)
    known = frame.groupby("person").size()
    print(f"{len(frame):,} records of {len(known):,} people in {took:.1f} s, peak {peak:.2f} GiB")
    print(f"records a person: mean {known.mean():.2f}, only one {known.eq(1).mean():.0%}\n")
    print(sharing(register).to_string(index=False), "\n")
    print(differing(frame, register).round(3).T.to_string())


if __name__ == "__main__":
    main()
