"""The synthetic partnership at force scale: seconds, memory, and the published figures.

The partnership is made and written in a process of its own, as ``risk-engine synth --size force``
does it. The figures are then counted from what the police sent, by the contract and the definition
in force, without the rows that were broken on purpose and are to be set aside.

Usage: ``python benchmarks/bench_synthetic.py [--people 1100000] [--seed 1] [--rounds 1]``
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from time import monotonic

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv

from risk_engine.config import AreasConfig, OffenceDefinition, load_contract, load_model
from risk_engine.config.definition import EventFilter
from risk_engine.synthetic import SOURCES, generate, write
from risk_engine.synthetic.figures import published

ROOT = Path(__file__).parents[1]
END, YEARS = date(2023, 1, 2), 5
KEY = "Involvement Reference"
FIELDS = ("offence", "category", "committed", "recorded", "role", "weapon", "domestic", "age")


def main() -> None:
    """Make, count, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=1_100_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--rounds", type=int, default=1, help="seeds that follow one another")
    options.add_argument("--only", type=Path, help="make it in this folder, for this process")
    chosen = options.parse_args()
    if chosen.only:
        print(json.dumps(_made(chosen.people, chosen.seed, chosen.only)))
        return
    for seed in range(chosen.seed, chosen.seed + chosen.rounds):
        with tempfile.TemporaryDirectory(prefix="bench-synthetic-") as folder:
            out = Path(folder) / "out"
            command = [sys.executable, __file__, "--only", str(out)]
            command += ["--people", str(chosen.people), "--seed", str(seed)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
            _print_run(seed, json.loads(done.stdout))
            _print_figures(offences(out))


def _made(people: int, seed: int, out: Path) -> dict[str, float]:
    """Make a partnership and say what it took."""
    areas = load_model(AreasConfig, ROOT / "configs/areas.yaml")
    start = monotonic()
    made = generate(people=people, years=YEARS, end=END, seed=seed, areas=areas, violence=1.0)
    middle = monotonic()
    files = write(made, out)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "people": people,
        "rows": sum(len(made.extract(source)) for source in SOURCES),
        "mebibytes": sum(file.stat().st_size for file in files) / 1024**2,
        "lived": middle - start,
        "written": monotonic() - middle,
        "cpu": used.ru_utime + used.ru_stime,
        "peak": used.ru_maxrss / 1024**2,
    }


def _print_run(seed: int, run: dict[str, float]) -> None:
    size = f"{run['people']:,} people, {run['rows']:,} rows, {run['mebibytes']:,.0f} MiB"
    print(f"seed {seed}: {size}")
    print("| seconds | of them lived | of them written | processor seconds | peak GiB |")
    print("|---|---|---|---|---|")
    parts = [run["lived"] + run["written"], run["lived"], run["written"], run["cpu"]]
    print("| " + " | ".join(f"{part:.1f}" for part in parts) + f" | {run['peak']:.2f} |\n")


def offences(out: Path) -> pd.DataFrame:
    """Return the rows of serious violence that were known on the last day, by the definition."""
    fields = load_contract(ROOT / "configs/partners/police_crime.yaml", root=ROOT).fields
    path = ROOT / "configs/definitions/serious_violence.yaml"
    definition = load_model(OffenceDefinition, path)
    rows = _read(out, [fields[name].column for name in FIELDS])
    found = rows[["Crime Number"]].set_axis(["crime"], axis=1)
    for name in ("offence", "category", "role", "weapon", "domestic"):
        codes = fields[name].codes
        cells = rows[fields[name].column]
        found[name] = cells.map({**_other_case(codes), **codes})
    found["kind"] = found.offence
    found["year"] = rows[fields["committed"].column].str[6:10].astype(int)
    found["age"] = pd.to_numeric(rows[fields["age"].column], errors="coerce")
    recorded = rows[fields["recorded"].column]
    when = pd.to_datetime(recorded, format="%d/%m/%Y %H:%M", errors="coerce")
    known = ~(when >= pd.Timestamp(END))  # no date: one that Excel changed, of an earlier month
    fits = [_fits(found, part) for part in definition.include]
    leaves_out = [_fits(found, part) for part in definition.exclude]
    inside = pd.concat(fits, axis=1).any(axis=1) & ~pd.concat(leaves_out, axis=1).any(axis=1)
    return found[inside & known]


def _read(out: Path, columns: list[str]) -> pd.DataFrame:
    """Read the police's files, rows that the engine would set aside left out."""
    wanted = list(dict.fromkeys([KEY, "Crime Number", *columns]))
    types = dict.fromkeys(wanted, pa.string())
    convert = csv.ConvertOptions(include_columns=wanted, column_types=types)
    parse = csv.ParseOptions(invalid_row_handler=lambda _row: "skip")
    files = sorted((out / "police_crime").glob("*.csv"))
    parts = [csv.read_csv(file, convert_options=convert, parse_options=parse) for file in files]
    table = pa.concat_tables(parts)
    broken = pd.read_csv(out / "truth/faults.csv").query("answer == 'set aside'").row_key
    sound = pc.invert(pc.is_in(table[KEY], value_set=pa.array(broken, pa.string())))
    frame: pd.DataFrame = table.filter(sound).to_pandas()
    return frame


def _other_case(codes: dict[str, str]) -> dict[str, str]:
    """Read codes in the other case, as the engine mends them."""
    return {code.swapcase(): word for code, word in codes.items()}


def _fits(rows: pd.DataFrame, part: EventFilter) -> pd.Series:
    fits = rows.kind.isin(part.kind) if part.kind else pd.Series(True, index=rows.index)
    for attribute, values in part.attributes.items():
        fits &= rows[attribute].isin(values)
    return fits


def _print_figures(rows: pd.DataFrame) -> None:
    print("| year | figure | published | made | difference |")
    print("|---|---|---|---|---|")
    for year in (2021, 2022):
        made = _figures(rows[rows.year == year])
        for name, figure in published(year).items():
            gap = f"{100 * (made[name] / figure - 1):+.1f} %"
            print(f"| {year} | {name.replace('_', ' ')} | {figure:,} | {made[name]:,} | {gap} |")
    print()


def _figures(rows: pd.DataFrame) -> dict[str, int]:
    """Count offences (crime numbers) as the needs assessment groups them."""
    victims = rows[rows.role == "victim"]
    groups = {
        "serious_violence": rows,
        "bladed_weapon": rows[rows.category == "bladed_weapon"],
        "robbery": rows[rows.kind == "robbery"],
        "wounding": rows[rows.category == "wounding_gbh"],
        "homicide": rows[rows.category == "homicide"],
        "victim_under_25": victims[victims.age < 25],
    }
    counts = {name: int(group.crime.nunique()) for name, group in groups.items()}
    main_four = ("bladed_weapon", "robbery", "wounding", "homicide")
    return {**counts, "other": counts["serious_violence"] - sum(counts[n] for n in main_four)}


if __name__ == "__main__":
    main()
