"""Loading a valid CSV through its contract to Parquet, beside the database's bare copy of it.

Both read the same file in the same run, with the same threads and memory limit, each in a process
of its own so that its peak memory can be told. The copy types its columns by guessing and checks
nothing; the contract types by its rules, checks every cell, finds repeated keys, places every point
in its area, names rows by keyed identifiers and writes every table that the engine goes on with.

Usage: ``python benchmarks/bench_load.py [--rows N] [--contract police_uk_street] [--rounds 3]``
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from time import monotonic

import duckdb
import geopandas as gpd
import shapely

from risk_engine.config import AreasConfig, Source, load_contract, load_model
from risk_engine.config.run import Engine as EngineConfig
from risk_engine.engine import open_engine
from risk_engine.partners import ingest
from risk_engine.places import AreaMap

ROOT = Path(__file__).parents[1]
MEMORY, THREADS = "1300MB", 2
AS_OF = datetime(2025, 6, 2)  # noqa: DTZ001 - naive UTC, as everywhere
#: Half the width of the squares that stand for local areas here, in metres.
_REACH = 6_000
#: Places that incidents share: addresses and map points, as in a force's own records.
_PLACES = 250_000


def main() -> None:
    """Make the file, load it both ways, print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=5_000_000)
    options.add_argument("--contract", default="police_uk_street", choices=list(_ROWS))
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", choices=["copy", "load"], help="one way, for this process")
    options.add_argument("--folder", type=Path)
    chosen = options.parse_args()
    if chosen.only:
        work = _copy if chosen.only == "copy" else _load
        print(json.dumps(_timed(work, chosen.contract, chosen.folder)))
        return
    with tempfile.TemporaryDirectory(prefix="bench-load-") as folder:
        path = Path(folder) / "rows.csv"
        _make(path, chosen.contract, chosen.rows)
        size = path.stat().st_size / 1024**2
        print(f"{chosen.rows:,} rows of {chosen.contract}, {size:,.0f} MiB, {THREADS} threads,")
        print(f"database limited to {MEMORY}; best of {chosen.rounds} rounds, in turns")
        found: dict[str, list[dict[str, float]]] = {"copy": [], "load": []}
        for _ in range(chosen.rounds):
            for way, runs in found.items():
                runs.append(_apart(way, chosen.contract, Path(folder)))
    _print(found)


def _print(found: dict[str, list[dict[str, float]]]) -> None:
    best = {way: min(runs, key=lambda run: run["seconds"]) for way, runs in found.items()}
    print("| way | seconds | processor seconds | peak GiB |")
    print("|---|---|---|---|")
    for way, run in best.items():
        print(f"| {way} | {run['seconds']:.1f} | {run['cpu']:.1f} | {run['peak']:.2f} |")
    ratios = [a["seconds"] / b["seconds"] for a, b in zip(*reversed(found.values()), strict=True)]
    rounds = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    print(f"ratio {best['load']['seconds'] / best['copy']['seconds']:.2f} (rounds: {rounds})")


def _apart(way: str, contract: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--only", way, "--contract", contract]
    done = subprocess.run(  # noqa: S603 - our own file and options
        [*command, "--folder", str(folder)], check=True, capture_output=True, text=True
    )
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def _timed(work: object, contract: str, folder: Path) -> dict[str, float]:
    before, started = resource.getrusage(resource.RUSAGE_SELF), monotonic()
    work(contract, folder)  # type: ignore[operator]
    seconds, after = monotonic() - started, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": seconds, "cpu": cpu, "peak": after.ru_maxrss / 1024**2}


def _copy(_contract: str, folder: Path) -> None:
    with duckdb.connect(folder / "copy.duckdb") as connection:
        connection.execute(f"SET threads = {THREADS}; SET memory_limit = '{MEMORY}'")
        connection.execute(f"COPY (FROM read_csv('{folder}/rows.csv')) TO '{folder}/copy.parquet'")


def _load(name: str, folder: Path) -> None:
    contract = load_contract(ROOT / f"configs/partners/{name}.yaml", root=ROOT)
    source = Source(contract, (folder / "rows.csv",))
    with open_engine(EngineConfig(memory_limit=MEMORY, threads=THREADS)) as engine:
        found = ingest([source], engine=engine, areas=_areas(), as_of=AS_OF, key=b"k" * 16)
        (count,) = found.files
        if count.read != count.accepted:
            raise SystemExit(f"the file was meant to be valid: {count}")


def _areas() -> AreaMap:
    config = load_model(AreasConfig, ROOT / "configs/areas.yaml")
    shapes = [
        shapely.box(
            a.easting - _REACH, a.northing - _REACH, a.easting + _REACH, a.northing + _REACH
        )
        for a in config.local_areas
        if a.easting and a.northing
    ]
    frame = gpd.GeoDataFrame(
        {"area_code": config.codes, "name": [a.name for a in config.local_areas]},
        geometry=shapes,
        crs=config.crs,
    )
    return AreaMap(frame, config.crs, snap_metres=500)


def _pick(values: str, seed: int) -> str:
    words = values.split()
    return f"({words})[1 + (hash(i * {seed}) % {len(words)})::INTEGER]"


def _place(seed: str) -> tuple[str, str]:
    """Return the SQL of a point in one of the squares, one of `_PLACES`."""
    at = f"(hash({seed}) % {_PLACES})"
    east = f"(list_extract(centres, 1 + ({at} % 14)::INTEGER)).x - 5900 + hash({at} * 3) % 11800"
    north = f"(list_extract(centres, 1 + ({at} % 14)::INTEGER)).y - 5900 + hash({at} * 5) % 11800"
    return f"({east})::BIGINT", f"({north})::BIGINT"


def _police() -> str:
    east, north = _place("i // 2")
    home_east, home_north = _place("i * 53")
    committed = "TIMESTAMP '2020-01-01' + to_minutes((hash(i // 2) % 2600000)::INTEGER)"
    recorded = f"{committed} + to_minutes((60 + hash(i * 7) % 8000)::INTEGER)"
    return f"""
        SELECT 'R' || i AS "Involvement Reference", '44' || lpad((i // 2)::VARCHAR, 8, '0') AS
            "Crime Number", {_pick("34B 8N 105A 10D 58B 8F 49 46", 11)} AS "Offence Code",
            strftime({committed}, '%d/%m/%Y %H:%M') AS "Committed From",
            strftime({recorded}, '%d/%m/%Y %H:%M') AS "Recorded Date",
            {east} AS "Location Easting", {north} AS "Location Northing",
            {_pick("VIC SUS", 13)} AS "Role", {_pick("NONE KNIFE OTHER UNK", 17)} AS "Weapon",
            {_pick("N M S", 19)} AS "Injury", {_pick("Y N", 23)} AS "Domestic Abuse",
            {_pick("STREET DWELLING OTHER", 29)} AS "Location Type",
            {_pick("OFFICER PUBLIC", 31)} AS "Found By", 10 + hash(i * 37) % 60 AS "Age At Event",
            'PN' || hash(i * 41) % 1100000 AS "Person Number",
            {_pick("Ann Ben Cara Dev Ewa Femi Gul", 43)} AS "Forename",
            {_pick("Example Sample Specimen Model Pattern", 47)} AS "Surname",
            strftime(DATE '1960-01-01' + (hash(i * 41) % 20000)::INTEGER, '%d/%m/%Y') AS
            "Date Of Birth", {_pick("F M", 59)} AS "Sex", 'QA' || hash(i * 61) % 20 || ' 1AA' AS
            "Postcode", {home_east} AS "Home Easting", {home_north} AS "Home Northing",
            {_pick("W1 A1 B1 M1 O9", 67)} AS "Self Defined Ethnicity",
            {_pick("1 3 4 6", 71)} AS "Officer Defined Ethnicity"
    """


def _street() -> str:
    kinds = "Burglary Drugs Robbery Shoplifting"
    return f"""
        SELECT sha256(i::VARCHAR) AS "Crime ID",
            strftime(DATE '2020-01-15' + (30 * (hash(i) % 60))::INTEGER, '%Y-%m') AS "Month",
            'Example Constabulary' AS "Reported by", 'Example Constabulary' AS "Falls within",
            round(-1.36 + (hash(i % {_PLACES}) % 1000) / 20000.0, 6) AS "Longitude",
            round(50.92 + (hash(i % {_PLACES} * 3) % 1000) / 20000.0, 6) AS "Latitude",
            'On or near Example Street ' || i % 1000 AS "Location",
            'E0102' || lpad((i % 1200)::VARCHAR, 4, '0') AS "LSOA code",
            'Example ' || i % 1200 AS "LSOA name", {_pick(kinds, 7)} AS "Crime type",
            'Under investigation' AS "Last outcome category", NULL AS "Context"
    """


_ROWS = {"police_crime": _police, "police_uk_street": _street}


def _make(path: Path, contract: str, rows: int) -> None:
    config = load_model(AreasConfig, ROOT / "configs/areas.yaml")
    centres = [{"x": area.easting, "y": area.northing} for area in config.local_areas]
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {THREADS}")
        connection.execute(
            f"COPY ({_ROWS[contract]()} FROM range({rows}) t(i), (SELECT {centres} AS centres)) "
            f"TO '{path}' (HEADER)"
        )


if __name__ == "__main__":
    main()
