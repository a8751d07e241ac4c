"""Linkage beside plain Splink: on public sets whose truth is known, and on a million records.

Every measurement runs in a process of its own, so that its seconds and its peak memory are its own.
The peer is Splink as its tutorial uses it: its library's comparisons, u from random pairs, m by
expectation maximisation on two blocks (of 2 million pairs at most, as ours), pairs of .95 joined
into connected components. Both read the same file in the same run.

Usage: ``python benchmarks/linkage.py [--records 1000000] [--quick]``; `benchmarks/README.md` says
how to read the page.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import shapely
from linkage_people import END, people_table

from risk_engine.config import AreasConfig, load_model
from risk_engine.config.linkage import LinkageSpec, TableSpec
from risk_engine.engine import open_engine
from risk_engine.events import RECORD_SCHEMA
from risk_engine.linkage import (
    Memory,
    columns_of,
    link,
    link_table,
    merged,
    pairwise,
    read_tables,
)
from risk_engine.places import AreaMap

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "linkage.md"
COMMAND = "RISK_ENGINE_DATA=<folder> .venv/bin/python benchmarks/linkage.py"
KEY = bytes(range(32))
SEED = 1
PREDICT = 0.95
#: Share of the records of the synthetic table that are new in the week after.
NEW = 0.01
REMEMBERED = {
    "identities": "link_identities",
    "pairs": "link_pairs",
    "links": "links",
    "lineage": "lineage",
    "about": "link_about",
}
#: Half the width of the squares that stand for local areas here, in metres.
_REACH = 6_000

Found = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A public set: its file and which column holds what (`config.linkage.TableColumns`)."""

    file: str
    columns: dict[str, Any]


_FAKE = {
    "record_id": "unique_id", "first_name": "first_name", "last_name": "surname",
    "birth_date": "dob", "place": "city", "email": "email",
}  # fmt: skip
_FEW = {
    "record_id": "rec_id", "first_name": "given_name", "last_name": "surname",
    "birth_date": "date_of_birth", "postcode": "postcode",
}  # fmt: skip
_ALL = {
    **_FEW,
    "place": "suburb",
    "address": ["street_number", "address_1", "address_2"],
    "other": ["state", "soc_sec_id"],
}
CASES: dict[str, Case] = {
    "fake_1000, all columns": Case("fake_1000.csv", _FAKE),
    **{f"FEBRL {n}, all columns": Case(f"febrl_dataset{n}.csv", _ALL) for n in (1, 2, 3)},
    **{
        f"FEBRL {n}, name, birth date, postcode": Case(f"febrl_dataset{n}.csv", _FEW)
        for n in (1, 2, 3)
    },
}
PEOPLE = {
    "record_id": "record_id", "source": "source", "first_name": "first_name",
    "last_name": "last_name", "birth_date": "birth_date", "sex": "sex", "postcode": "postcode",
}  # fmt: skip


# -- one measurement, in a process of its own -------------------------------------------------


def timed(work: Callable[[], Found]) -> Found:
    """Do the work; add its seconds and the peak memory of this process (GiB)."""
    started = monotonic()
    found = work()
    taken = found.pop("seconds", monotonic() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return {**found, "seconds": taken, "peak": peak}


def ours(path: Path, columns: dict[str, Any]) -> Found:
    """Link a table as `risk-engine link --table` does, from the file to the links."""
    usual = load_model(LinkageSpec, ROOT / "models/specs/linkage_table.yaml")
    spec = merged(TableSpec(columns=columns, truth="true_person"), usual)
    started = monotonic()
    frame = read_tables([path], columns_of(spec)).frame
    with open_engine() as engine:
        found = link_table(frame, spec, engine=engine)
    seconds = monotonic() - started
    return {
        **found.quality["measured"],
        "threshold": found.quality["threshold"],
        "expected": found.quality["expected"],
        "seconds": seconds,
    }


def peer(path: Path, columns: dict[str, Any]) -> Found:
    """Link the same table with plain Splink."""
    warnings.simplefilter("ignore")
    started = monotonic()
    frame = read_tables([path], dict.fromkeys([*_flat(columns), "true_person"], "")).frame
    with open_engine() as engine:
        person = _splink(engine, frame, columns)
    found = frame[columns["record_id"]].map(person)
    return {
        **pairwise(frame["true_person"], found),
        "threshold": PREDICT,
        "seconds": monotonic() - started,
    }


def _flat(columns: dict[str, Any]) -> list[str]:
    return [c for v in columns.values() for c in (v if isinstance(v, list) else [v])]


def _splink(engine: Any, frame: pd.DataFrame, columns: dict[str, Any]) -> pd.Series:
    """Return the cluster of each record."""
    from splink import Linker, SettingsCreator, block_on

    first, last, born = (columns[name] for name in ("first_name", "last_name", "birth_date"))
    own = [columns[n] for n in ("email",) if n in columns] + columns.get("other", [])[1:]
    post = [[columns["postcode"], last]] if "postcode" in columns else []
    blocks = [[first, last], [born], *post, *[[column] for column in own]]
    if len(frame) > 50_000:  # the tutorial's blocks grow with the square of the people
        initials = [[born, f"substr({name}, 1, 1)"] for name in (first, last)]
        blocks = [[first, last, born], *initials, *post, [columns["postcode"], first]]
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name=columns["record_id"],
        comparisons=list(_library(columns)),
        blocking_rules_to_generate_predictions=[block_on(*block) for block in blocks],
    )
    api = engine.splink_api()
    engine.ibis.create_table("records", pa.Table.from_pandas(frame, preserve_index=False))
    linker = Linker(api.register("records"), settings, log_level="ERROR")
    certain = [block_on(first, last, born), *[block_on(column) for column in own]]
    linker.training.estimate_probability_two_random_records_match(certain, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=SEED)
    for block in ([first, last], [born]):
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*block), max_pairs=2e6, record_sample_proportion=1.0
        )
    pairs = linker.inference.predict(threshold_match_probability=PREDICT)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        pairs, threshold_match_probability=PREDICT
    ).as_pandas_dataframe()
    return clusters.set_index(columns["record_id"])["cluster_id"]


def _library(columns: dict[str, Any]) -> Iterator[Any]:
    """Return the comparisons that the tutorials use for such columns."""
    import splink.comparison_library as cl

    for name, value in columns.items():
        if name in ("first_name", "last_name"):
            yield cl.NameComparison(value)
        elif name == "birth_date":
            yield cl.DateOfBirthComparison(value, input_is_string=True)
        elif name == "email":
            yield cl.EmailComparison(value)
        elif name not in ("record_id", "source"):
            for column in value if isinstance(value, list) else [value]:
                yield cl.ExactMatch(column).configure(term_frequency_adjustments=True)


def public(name: str, folder: Path, way: str) -> Found:
    """Link a public set, with the truth and birth dates in one form for both."""
    case = CASES[name]
    path = folder / f"{way} {case.file}"
    frame = pd.read_csv(_data() / case.file, dtype="str", skipinitialspace=True)
    frame = frame.rename(columns=str.strip)
    if "cluster" in frame:
        frame["true_person"] = frame["cluster"]
    else:
        frame["true_person"] = frame["rec_id"].str.extract(r"rec-(\d+)-")[0]
        date = frame["date_of_birth"].str
        frame["date_of_birth"] = date[:4] + "-" + date[4:6] + "-" + date[6:]
    frame.to_csv(path, index=False)
    return (ours if way == "ours" else peer)(path, case.columns)


def _data() -> Path:
    default = ROOT.parent / "shared" / "data"
    return Path(os.environ.get("RISK_ENGINE_DATA", default)) / "linkage"


def made(folder: Path, records: int) -> Found:
    """Write the synthetic records: all, the same as text, and who they are about."""
    frame = people_table(records, SEED)
    born = pd.to_datetime(frame["birth_date"], errors="coerce")
    frame = frame[~(born > frame["known_at"])]
    frame = frame.sort_values(["known_at", "record_id"], ignore_index=True)
    truth = frame[["record_id", "person", "ethnicity"]]
    truth.to_parquet(folder / "truth.parquet")
    frame = frame.assign(shared_key=pd.Series(None, frame.index, dtype="str"))
    frame[list(RECORD_SCHEMA)].to_parquet(folder / "records.parquet")
    text = frame[list(PEOPLE.values())].assign(true_person=frame["person"])
    text.to_csv(folder / "people.csv", index=False)
    return {"records": len(frame), "people": int(frame["person"].nunique())}


def whole(folder: Path) -> Found:
    """Link all records, of no week before."""
    return _week(folder, "whole", upto=1.0)


def before(folder: Path) -> Found:
    """Link all but the newest records, and keep what the week after needs."""
    return _week(folder, "before", upto=1 - NEW)


def after(folder: Path) -> Found:
    """Link all records, remembering the week before."""
    found = _week(folder, "after", upto=1.0, remember=True)
    return {**found, "kept": _kept(folder)}


def _week(folder: Path, name: str, *, upto: float, remember: bool = False) -> Found:
    spec = load_model(LinkageSpec, ROOT / "models/specs/linkage.yaml")
    areas = _areas()
    with open_engine() as engine:
        records = engine.read(folder / "records.parquet")
        known = pd.read_parquet(folder / "records.parquet", columns=["known_at"])["known_at"]
        until = known.iloc[min(int(len(known) * upto), len(known) - 1)]
        started = monotonic()
        given = records if upto == 1 else records.filter(records.known_at < until)
        memory = _memory(folder, engine) if remember else None
        linked = link(
            given, engine=engine, areas=areas, spec=spec, key=KEY, seed=SEED,
            as_of=datetime(END.year, END.month, END.day), memory=memory,  # noqa: DTZ001 - naive UTC
        )  # fmt: skip
        seconds = monotonic() - started
        for table, made_ in linked.tables.items():
            engine.write(made_, folder / f"{name} {table}.parquet")
    return {**_told(linked.quality), **_fair(folder, name), "seconds": seconds}


def _told(quality: Found) -> Found:
    kept = ("people", "threshold", "expected", "compared", "identities", "held")
    return {"all_records": quality["records"], **{name: quality[name] for name in kept}}


def _memory(folder: Path, engine: Any) -> Memory:
    tables = {
        name: engine.read(folder / f"before {table}.parquet") for name, table in REMEMBERED.items()
    }
    return Memory(**tables)


def _areas() -> AreaMap:
    config = load_model(AreasConfig, ROOT / "configs/areas.yaml")
    places = [area for area in config.local_areas if area.easting and area.northing]
    shapes = [
        shapely.box(
            a.easting - _REACH, a.northing - _REACH, a.easting + _REACH, a.northing + _REACH
        )
        for a in places
    ]
    names = {"area_code": [a.code for a in places], "name": [a.name for a in places]}
    frame = gpd.GeoDataFrame(names, geometry=shapes, crs=config.crs)
    return AreaMap(frame, config.crs, snap_metres=500)


def _who(folder: Path, name: str) -> pd.DataFrame:
    links = pd.read_parquet(folder / f"{name} links.parquet", columns=["record_id", "person_id"])
    return links.merge(pd.read_parquet(folder / "truth.parquet"), on="record_id")


def _fair(folder: Path, name: str) -> Found:
    """Measure the links over all and by ethnic group.

    A pair counts half with the group of each of its records.
    """
    who = _who(folder, name)
    others = {
        "true": who.groupby("person")["record_id"].transform("size") - 1,
        "joined": who.groupby("person_id")["record_id"].transform("size") - 1,
        "right": who.groupby(["person", "person_id"])["record_id"].transform("size") - 1,
    }
    sums = pd.DataFrame(others).groupby(who["ethnicity"]).sum()
    shares = pd.DataFrame(
        {
            "records": who["ethnicity"].value_counts(),
            "recall": sums["right"] / sums["true"],
            "precision": sums["right"] / sums["joined"],
        }
    )
    groups = shares.rename_axis("group").reset_index().to_dict("records")
    return {**pairwise(who["person"], who["person_id"]), "groups": groups}


def _kept(folder: Path) -> float:
    """Return the share of people without any new record, in truth, whose id is still theirs."""
    early, late = _who(folder, "before"), _who(folder, "after")
    fresh = set(late["person"][~late["record_id"].isin(early["record_id"])])
    both = early.merge(late[["record_id", "person_id"]], on="record_id", suffixes=("", "_now"))
    untouched = ~both["person"].isin(fresh).groupby(both["person_id"]).transform("any")
    same = (both["person_id"] == both["person_id_now"]).groupby(both["person_id"]).all()
    return float(same[both.loc[untouched, "person_id"].unique()].mean())


# -- all of them -------------------------------------------------------------------------------


def main() -> None:
    """Measure everything, print the page, and write it unless the run is a quick one."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--records", type=int, default=1_000_000)
    options.add_argument("--quick", action="store_true", help="20,000 records; writes no page")
    options.add_argument("--only", help=argparse.SUPPRESS)
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    records = 20_000 if chosen.quick else chosen.records
    if chosen.only:
        print(json.dumps(timed(_work(chosen.only, chosen.folder, records))))
        return
    with tempfile.TemporaryDirectory(prefix="bench-linkage-") as folder:
        page = "\n".join(_page(partial(_apart, Path(folder), records), records))
    print(page)
    if not chosen.quick:
        RESULTS.write_text(page + "\n", encoding="utf-8")


def _work(name: str, folder: Path, records: int) -> Callable[[], Found]:
    kind, _, rest = name.partition(":")
    works: dict[str, Callable[[], Found]] = {
        "made": partial(made, folder, records),
        "whole": partial(whole, folder),
        "before": partial(before, folder),
        "after": partial(after, folder),
        "ours": partial(public, rest, folder, "ours"),
        "peer": partial(public, rest, folder, "peer"),
        "our table": partial(ours, folder / "people.csv", PEOPLE),
        "peer table": partial(peer, folder / "people.csv", PEOPLE),
    }
    return works[kind]


def _apart(folder: Path, records: int, name: str) -> Found:
    print(f"  {name}", file=sys.stderr, flush=True)
    command = [sys.executable, __file__, "--only", name, "--folder", str(folder)]
    done = subprocess.run(  # noqa: S603 - our own file and options
        [*command, "--records", str(records)], check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"{name}:\n{done.stderr}")
    found: Found = json.loads(done.stdout.splitlines()[-1])
    return found


Measure = Callable[[str], Found]


def _page(measure: Measure, records: int) -> Iterator[str]:
    yield "# Linkage beside plain Splink"
    yield ""
    yield f"Made by `{COMMAND}`"
    yield f"(Python {platform.python_version()}, {os.cpu_count()} cores; {records:,} records)."
    yield from _public(measure)
    yield from _synthetic(measure)


def _public(measure: Measure) -> Iterator[str]:
    if not _data().is_dir():
        yield "\nRISK_ENGINE_DATA has no `linkage` folder: the public sets are left out."
        return
    yield "\n## Public sets\n"
    yield from _head(["set", "by", "precision", "recall", "F1", "threshold", "seconds", "GiB"])
    for name in CASES:
        for way, said in (("ours", "risk-engine"), ("peer", "plain Splink")):
            yield _measured(name, said, measure(f"{way}:{name}"))


def _synthetic(measure: Measure) -> Iterator[str]:
    size = measure("made")
    full, early, late = measure("whole"), measure("before"), measure("after")
    yield f"\n## {size['records']:,} records of {size['people']:,} invented people\n"
    yield from _head(["what", "by", "precision", "recall", "F1", "threshold", "seconds", "GiB"])
    yield _measured("all records, as in a run", "risk-engine", full)
    yield _measured("as a table (CSV to links)", "risk-engine", measure("our table"))
    yield _measured("as a table (CSV to links)", "plain Splink", measure("peer table"))
    yield _measured("the week before", "risk-engine", early)
    yield _measured("the week after", "risk-engine", late)
    share = late["seconds"] / full["seconds"]
    new = late["all_records"] - early["all_records"]
    yield f"\nThe week after has {new:,} new records; {late['compared']:,} new identities were"
    yield f"compared, and it took {share:.0%} of the seconds of linking everything. Of the people"
    yield f"about whom there is no new record, {late['kept']:.3%} keep their pseudonym.\n"
    for name, told in full["expected"].items():
        yield f"The model expected {name} {told:.3f}; measured was {full[name]:.3f}."
    yield "\n## By ethnic group (all records, as in a run)\n"
    yield from _head(["group", "records", "recall", "precision"], words=1)
    for row in full["groups"]:
        numbers = f"{row['recall']:.4f} | {row['precision']:.4f}"
        yield f"| {row['group']} | {row['records']:,} | {numbers} |"
    for name in ("recall", "precision"):
        values = [row[name] for row in full["groups"]]
        yield f"\nLargest difference in {name}: {max(values) - min(values):.4f}."


def _head(names: list[str], words: int = 2) -> Iterator[str]:
    yield f"| {' | '.join(names)} |"
    yield f"| {' | '.join(['---'] * words + ['---:'] * (len(names) - words))} |"


def _measured(name: str, by: str, found: Found) -> str:
    shares = " | ".join(f"{found[key]:.3f}" for key in ("precision", "recall", "f1"))
    cost = f"{found['seconds']:.1f} | {found['peak']:.2f}"
    return f"| {name} | {by} | {shares} | {found['threshold']:.3f} | {cost} |"


if __name__ == "__main__":
    main()
