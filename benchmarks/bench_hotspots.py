"""Freely placed squares beside the usual rules, on published Hampshire crimes, a month ahead.

Every rule sees the same events, names the same number of 250 m squares and is scored on the same
events of the month that follows. Prints a Markdown page; `benchmarks/README.md` says how to read
it. With ``--known-at-once`` a month is known the moment it ends, instead of when the contract says.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_engine import partners
from risk_engine.calendar import Period, instant
from risk_engine.config import HotspotSpec, Settings, load_settings
from risk_engine.engine import open_engine
from risk_engine.events import matches
from risk_engine.hotspots.backtest import inside
from risk_engine.hotspots.cells import best_cells, cell_counts
from risk_engine.hotspots.history import Floats, History, Indexes, clean, look_back
from risk_engine.hotspots.placed import place
from risk_engine.hotspots.surface import build, pixels
from risk_engine.places import AreaMap

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / "configs" / "hampshire_public.yaml"
COMMAND = "RISK_ENGINE_DATA=<folder> .venv/bin/python benchmarks/bench_hotspots.py"
MONTHS = ("2025-02", "2025-03", "2025-04", "2025-05", "2025-06", "2025-07", "2025-09")
END = date(2025, 10, 1)
SIZES = (20, 100, 500)
#: So long that every event weighs the same.
NEVER = 10**9
DRAWS = 2_000
MARGIN = 1_000.0

Hits = npt.NDArray[np.bool_]
Rule = Callable[["Desk", History], pd.DataFrame]


@dataclass(frozen=True)
class Desk:
    """What every rule is given."""

    settings: Settings
    areas: AreaMap
    events: pd.DataFrame
    seed: int

    @property
    def side(self) -> int:
        """Side of a square in metres."""
        return self.settings.areas.cell_size

    @property
    def period(self) -> Period:
        """Months by local clocks."""
        return Period("month", self.settings.areas.timezone)

    def best(self, counts: pd.DataFrame) -> pd.DataFrame:
        """Return the grid squares with most."""
        return best_cells(counts, self.areas, count=max(SIZES), cell_size=self.side, seed=self.seed)


def placed(desk: Desk, history: History) -> pd.DataFrame:
    """Freely placed squares, as the engine lists them."""
    spec = desk.settings.hotspots
    surface = build(history, spec, cell_size=desk.side)
    side = pixels(spec, desk.side)
    return place(surface, desk.areas, side=side, count=max(SIZES), seed=desk.seed)


def decayed_count(desk: Desk, history: History) -> pd.DataFrame:
    """Events in each grid square, weights halving as in the engine."""
    return desk.best(cell_counts(history, history.weights, cell_size=desk.side))


def plain_count(desk: Desk, history: History) -> pd.DataFrame:
    """Events in each grid square, all of the past alike."""
    ones = np.ones(len(history.events))
    return desk.best(cell_counts(history, ones, cell_size=desk.side))


def density(desk: Desk, history: History, *, bandwidth: float) -> pd.DataFrame:
    """Gaussian kernel density of all of the past, its mean over each grid square."""
    spec = _smoothed_by(desk.settings.hotspots, bandwidth)
    surface = build(replace(history, half_life=NEVER), spec, cell_size=desk.side)
    rows, columns = surface.smooth.shape
    bottom, first_row = _cells(surface.bottom, rows, surface.step, desk.side)
    left, first_column = _cells(surface.left, columns, surface.step, desk.side)
    by_row = np.add.reduceat(surface.smooth, first_row, axis=0)
    mass = np.add.reduceat(by_row, first_column, axis=1)
    y, x = np.meshgrid(bottom, left, indexing="ij")
    table = pd.DataFrame({"left": x.ravel(), "bottom": y.ravel(), "value": mass.ravel()})
    return desk.best(table[table["value"] > 0])


def _cells(start: float, count: int, step: int, side: int) -> tuple[Floats, Indexes]:
    """Return the edges of the grid squares along one axis, and the first pixel in each."""
    middle = start + (np.arange(count) + 0.5) * step
    return np.unique(np.floor(middle / side) * side, return_index=True)


def _smoothed_by(spec: HotspotSpec, bandwidth: float) -> HotspotSpec:
    smoothed = spec.placed.model_copy(update={"smoothing_metres": bandwidth})
    return spec.model_copy(update={"placed": smoothed})


RULES: dict[str, Rule] = {
    "freely placed squares": placed,
    "grid, decayed count": decayed_count,
    "grid, plain count": plain_count,
    "grid, kernel density 100 m": lambda desk, past: density(desk, past, bandwidth=100),
    "grid, kernel density 250 m": lambda desk, past: density(desk, past, bandwidth=250),
}
OURS, PEER = "freely placed squares", "grid, decayed count"


@dataclass(frozen=True)
class Month:
    """One month forecast by every rule: which of its events each list held, and the time taken."""

    label: str
    known: int
    events: int
    hits: dict[tuple[str, int], Hits]
    seconds: dict[str, float]


def load(*, known_at_once: bool) -> Desk:
    """Read the published files by their contract, as a run does; a held file counts for nothing."""
    settings = load_settings(CONFIG, root=ROOT)
    config = settings.config
    file = settings.resolve(config.boundaries.file)
    areas = AreaMap.load(settings.areas, config.boundaries, file)
    as_of = instant(END, settings.areas.timezone)
    with open_engine(config.engine) as engine:
        found = partners.ingest(settings.sources, engine=engine, areas=areas, as_of=as_of, key=b"")
        events = found.events
        rows = events.filter(matches(events, settings.definition)).execute()
    kept, _ = clean(rows, bounds=areas.bounds, margin=MARGIN)
    if known_at_once:
        moved = kept["occurred_at"].map(Period("month", settings.areas.timezone).end)
        kept = kept.assign(known_at=moved - pd.Timedelta(microseconds=1))
    return Desk(settings, areas, kept, config.seed)


def forecast(desk: Desk, label: str) -> Month:
    """Let every rule choose at the start of a month and score it on what the month brought."""
    start = instant(pd.Timestamp(label).date(), desk.settings.areas.timezone)
    half_life = desk.settings.hotspots.placed.half_life.days
    past = look_back(desk.events, as_of=start, period=desk.period, half_life=half_life)
    occurred = desk.events["occurred_at"]
    after = desk.events[(occurred >= start) & (occurred < desk.period.shift(start, 1))]
    hits: dict[tuple[str, int], Hits] = {}
    seconds: dict[str, float] = {}
    for name, rule in RULES.items():
        began = perf_counter()
        squares = rule(desk, replace(past))  # a copy: what one rule has computed helps no other
        seconds[name] = perf_counter() - began
        if len(squares) != max(SIZES):
            sys.exit(f"{name} named {len(squares)} squares for {label}, not {max(SIZES)}")
        for size in SIZES:
            hits[name, size] = inside(after, squares.head(size), desk.side)
    return Month(label, len(past.events), len(after), hits, seconds)


def rate(months: list[Month], name: str, size: int) -> float:
    """Share of the events of all months that lay in the list of their month."""
    held = sum(int(m.hits[name, size].sum()) for m in months)
    return held / sum(m.events for m in months)


def ratio(months: list[Month], name: str, against: str, size: int) -> tuple[float, float, float]:
    """Hits of one rule over hits of another, with a paired 95 % interval over events.

    Drawn by event within each month: an event keeps what both lists made of it, so that drawing
    the four kinds of event (in both, in one, in the other, in neither) is drawing the events.
    """
    random = np.random.default_rng(1)
    draws = np.zeros((DRAWS, 2))
    value = np.zeros(2)
    for month in months:
        one, other = month.hits[name, size], month.hits[against, size]
        kinds = np.array([(one & other).sum(), (one & ~other).sum(), (~one & other).sum()])
        kinds = np.append(kinds, month.events - kinds.sum())
        drawn = random.multinomial(month.events, kinds / month.events, size=DRAWS)
        draws += np.column_stack([drawn[:, 0] + drawn[:, 1], drawn[:, 0] + drawn[:, 2]])
        value += [one.sum(), other.sum()]
    low, high = np.quantile(draws[:, 0] / draws[:, 1], [0.025, 0.975])
    return float(value[0] / value[1]), float(low), float(high)


def page(months: list[Month]) -> list[str]:
    """Return the results as lines of Markdown."""
    events = sum(m.events for m in months)
    return [
        "# Freely placed squares beside the usual rules",
        "",
        f"Made by `{' '.join([COMMAND, *sys.argv[1:]])}`",
        f"(Python {sys.version.split()[0]}, {os.cpu_count()} cores).",
        f"{len(months)} months, {events:,} events; August 2025 is held by the feed check.",
        "",
        "Share of the events inside the list of their month; median seconds to place 500 squares.",
        "",
        *_rates(months),
        "",
        f"Hits of {OURS} over hits of each other rule, 95 % paired interval over events.",
        "",
        *_ratios(months),
        "",
        "Month by month at 100 squares.",
        "",
        *_by_month(months),
    ]


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    align = ["---", *["---:"] * (len(head) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in [head, align, *rows]]


def _rates(months: list[Month]) -> list[str]:
    rows = [
        [
            name,
            *(f"{rate(months, name, size):.1%}" for size in SIZES),
            f"{median(m.seconds[name] for m in months):.2f}",
        ]
        for name in RULES
    ]
    return _table(["rule", *(f"{size} squares" for size in SIZES), "seconds"], rows)


def _ratios(months: list[Month]) -> list[str]:
    rows = []
    for name in RULES:
        if name != OURS:
            found = [ratio(months, OURS, name, size) for size in SIZES]
            rows.append([name, *(f"{v:.2f} ({low:.2f} to {high:.2f})" for v, low, high in found)])
    return _table(["against", *(f"{size} squares" for size in SIZES)], rows)


def _by_month(months: list[Month]) -> list[str]:
    rows = []
    for m in months:
        own, other = rate([m], OURS, 100), rate([m], PEER, 100)
        figures = [f"{m.known:,}", f"{m.events:,}", f"{own:.1%}", f"{other:.1%}"]
        rows.append([m.label, *figures, f"{own / other:.2f}"])
    return _table(["month", "events known", "events in it", "placed", "decayed", "ratio"], rows)


def main() -> None:
    """Measure and print, or say what is missing and leave in peace."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--known-at-once", action="store_true")
    known_at_once = parser.parse_args().known_at_once
    folder = os.environ.get("RISK_ENGINE_DATA", "")
    if not (Path(folder) / "police_uk_hampshire").is_dir() or not folder:
        print("skipped: RISK_ENGINE_DATA does not point to a folder with police_uk_hampshire/")
        return
    desk = load(known_at_once=known_at_once)
    print("\n".join(page([forecast(desk, label) for label in MONTHS])))


if __name__ == "__main__":
    main()
