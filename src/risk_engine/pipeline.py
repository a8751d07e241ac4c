"""The weekly run, top to bottom: the story of a Monday, one function a chapter.

Partner drops arrive and are validated; records become people under pseudonyms; events become
features as known on the Monday; places are forecast, clustered and ranked; people at risk are
scored and explained; both are audited. What goes out is for the gate and a second person to say.

A chapter reads the tables it needs from the run folder and writes the ones it makes, so that a
killed run goes on with the chapter it was in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Protocol

import pandas as pd

from risk_engine import bundle, tracking
from risk_engine.chapters.arrivals import partners_chapter
from risk_engine.chapters.desk import Desk
from risk_engine.chapters.drops import in_force
from risk_engine.chapters.fairness import audit_chapter
from risk_engine.chapters.intake import load_areas, read_key, run_moment
from risk_engine.chapters.link_review import with_kind
from risk_engine.chapters.linking import linkage_chapter
from risk_engine.chapters.links import answers_given, deciding
from risk_engine.chapters.matrices import features_chapter
from risk_engine.chapters.outgoing import release_chapter
from risk_engine.chapters.people import cohorts_chapter
from risk_engine.chapters.places import hotspots_chapter
from risk_engine.config import Settings, content_hash
from risk_engine.engine import open_engine
from risk_engine.places import AreaMap, Residents
from risk_engine.release import Decision, Ledger, decisions
from risk_engine.runs import Facts, Run, open_run, peak_memory_gib, week_before


class Progress(Protocol):
    """Told when a chapter begins and ends; the command line prints, a test listens."""

    def start(self, stage: str) -> None:
        """Say that a stage begins."""

    def done(self, stage: str, sentence: str) -> None:
        """Say what a stage did, in one sentence."""


@dataclass(frozen=True)
class Week:
    """A finished run and what the gate says of it."""

    run: Run
    as_of: datetime
    gate: Decision
    seconds: float

    @property
    def report(self) -> Path:
        """The reviewer's first page."""
        return self.run.folder / "index.html"

    @property
    def cost(self) -> str:
        """Wall time and peak memory of this process, in words."""
        minutes, seconds = divmod(round(self.seconds), 60)
        return f"{minutes} min {seconds} s · {peak_memory_gib():.1f} GiB peak"

    def summary(self) -> Facts:
        """Return what ``--json`` prints."""
        facts = self.run.facts
        return {
            "run_id": self.run.run_id,
            "as_of": self.as_of.isoformat(),
            "out": str(self.run.folder),
            "lists": {
                "places": {
                    "force_area": facts["hotspots"]["force_area"],
                    "per_area": facts["hotspots"]["per_area"],
                },
                "people": {s["name"]: s["listed"] for s in facts["cohorts"]["specs"]},
            },
            "measured": {
                "forecast_period": facts["hotspots"]["forecast_period"],
                "earlier_periods": facts["hotspots"]["backtest"],
            },
            "held": [feed for feed in facts["partners"]["feeds"] if feed["held"]],
            "audit": {
                name: facts["audit"][name]
                for name in ("fail", "passed", "cannot_tell", "blocking", "to_adjudicate")
            },
            "gate": self.gate.as_json(),
        }


def run_week(
    settings: Settings,
    *,
    out: Path,
    ledger: Ledger,
    prepared_by: str,
    progress: Progress,
    as_of: date | None = None,
    fresh: bool = False,
) -> Week:
    """Do the whole week.

    Parameters
    ----------
    settings
        The loaded run configuration.
    out
        Folder of all runs; this run becomes a folder in it when it is whole.
    ledger
        Where the audit is recorded, and where decisions about drops are read.
    prepared_by
        Name of the person who runs it; may not sign it later.
    progress
        Told what happens.
    as_of
        First day not known, in the area's time zone; the configuration's when not given, else the
        start of the present week or month.
    fresh
        Compute everything again even if this very run exists.

    Returns
    -------
    Week
        The run, visible under its id, and the gate's decision on it.
    """
    started, config = monotonic(), settings.config
    moment = run_moment(settings, as_of)
    key = read_key(settings)
    areas = load_areas(settings)
    residents = _residents(settings, areas)
    decisions_made = in_force(settings, ledger)
    answers = deciding(answers_given(ledger))
    before = week_before(out, settings, moment, key=key) if settings.linkage else None
    with open_run(
        settings,
        moment,
        out,
        prepared_by=prepared_by,
        key=key,
        decisions={
            **{f"{d.source}: {d.drop}": d.words for d in decisions_made},
            **_of_answers(answers),
        },
        before=before,
        fresh=fresh,
    ) as (run, made_of):
        with open_engine(config.engine.on_duckdb) as engine:
            desk = Desk(
                settings, moment, run, engine, areas, residents, key, decisions_made,
                with_kind(answers, ledger), before,
            )  # fmt: skip
            for name, chapter in STORY:
                progress.start(name)
                facts = run.stage(name, partial(chapter, desk))
                if name == "linkage":  # not within it: a kill must not leave it half-fed
                    run.forget_records()
                progress.done(name, facts["sentence"])
        _write_pages(run, made_of)
    decisions.record_audit(run, ledger, actor=prepared_by, again=fresh)
    tracking.log_run(run, settings.root / "mlruns")
    return Week(run, moment, decisions.ask_gate(run, ledger), monotonic() - started)


def _of_answers(answers: pd.DataFrame) -> dict[str, str]:
    """Name what people said of pairs of records, so that another answer makes another run."""
    if answers.empty:
        return {}
    return {"pairs of records": content_hash({"answers": answers.to_numpy().tolist()})}


def _residents(settings: Settings, areas: AreaMap) -> Residents | None:
    """Read the census before any chapter, so that a fault in it costs nobody an hour."""
    census = settings.config.census
    return Residents.load(census, areas, settings.resolve) if census else None


STORY: Sequence[tuple[str, Callable[[Desk], Facts]]] = (
    ("partners", partners_chapter),
    ("linkage", linkage_chapter),
    ("features", features_chapter),
    ("hotspots", hotspots_chapter),
    ("cohorts", cohorts_chapter),
    ("audit", audit_chapter),
    ("release", release_chapter),
)


def _write_pages(run: Run, made_of: Facts) -> None:
    """Write the reviewer's pages, the first one last: where it is, the others are too."""
    if not (run.folder / "index.html").exists():
        for page in reversed(bundle.pages(run, made_of)):
            run.write_page(page.name, page.html)
