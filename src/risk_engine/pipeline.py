"""The weekly run, top to bottom: the story of a Monday, one function a chapter.

Partner drops arrive and are validated; records become people under pseudonyms; events become
features as known on the Monday; places are forecast, clustered and ranked; people at risk are
scored and explained; both are audited. What goes out is for the gate and a second person to say.

A chapter reads the tables it needs from the run folder and writes the ones it makes, so that a
killed run goes on with the chapter it was in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import geopandas as gpd
import ibis.expr.types as ir
import pandas as pd

from risk_engine import audit, bundle, cohorts, features, hotspots, linkage, partners, tracking
from risk_engine.calendar import instant, latest_start, period_label
from risk_engine.config import CohortSpec, Settings, expired
from risk_engine.engine import Engine, open_engine
from risk_engine.errors import InputError
from risk_engine.events import LINKED_SCHEMA, attach_people, matches, visible
from risk_engine.features import Feature
from risk_engine.files import write_json
from risk_engine.places import AreaMap, Grid, Residents
from risk_engine.release import Decision, Ledger, decisions
from risk_engine.runs import Facts, Run, open_run, peak_memory_gib

#: Years in which a run can lie: outside them the date is a slip of the pen.
_FIRST_YEAR, _LAST_YEAR = 1990, 2199


class Progress(Protocol):
    """Told when a chapter begins and ends; the command line prints, a test listens."""

    def start(self, stage: str) -> None:
        """Say that a stage begins."""

    def done(self, stage: str, sentence: str) -> None:
        """Say what a stage did, in one sentence."""


@dataclass(frozen=True)
class Desk:
    """What every chapter has at hand."""

    settings: Settings
    as_of: datetime
    run: Run
    engine: Engine
    areas: AreaMap
    residents: Residents | None
    key: bytes
    prepared_by: str

    def scan(self, name: str) -> ir.Table:
        """Open a table of this run."""
        return self.run.scan(name, self.engine)

    def write(self, name: str, table: ir.Table, *order_by: str) -> None:
        """Write a table of this run, sorted."""
        self.run.write(name, table, order_by=order_by, engine=self.engine)

    def catalogue(self, subject: features.Subject) -> tuple[Feature, ...]:
        """Return the features of people or of places."""
        chosen = self.settings.person_features
        if subject == "place":
            chosen = self.settings.place_features
        contracts = {s.contract.source: s.contract for s in self.settings.sources}
        return features.catalogue(chosen, subject=subject, contracts=contracts)


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
        Where the audit is recorded.
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
    today = datetime.now(ZoneInfo(settings.areas.timezone)).date()
    day = as_of or config.as_of or latest_start(config.period, today)
    _refuse_absurd(day)
    moment = instant(day, settings.areas.timezone)
    _refuse_expired(settings, today)
    key = linkage.read_key(config.linkage, settings.resolve) if config.linkage else b""
    areas = _areas(settings)
    residents = _residents(settings, areas)
    with _open(settings, moment, out, prepared_by, key, fresh) as (run, made_of):
        with open_engine(config.engine) as engine:
            desk = Desk(settings, moment, run, engine, areas, residents, key, prepared_by)
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


def _open(
    settings: Settings, moment: datetime, out: Path, prepared_by: str, key: bytes, fresh: bool
) -> AbstractContextManager[tuple[Run, Facts]]:
    return open_run(settings, moment, out, prepared_by=prepared_by, key=key, fresh=fresh)


def _refuse_absurd(day: date) -> None:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise InputError(
            f"the date of the run is {day}; allowed are the years {_FIRST_YEAR} to {_LAST_YEAR}",
            code="BAD_DAY",
            hint="correct --as-of, or as_of in the run configuration",
        )


def _refuse_expired(settings: Settings, today: date) -> None:
    """Refuse sources whose agreement has ended by now, however old the date of the run is."""
    ended = [c.title for c in expired(settings, today)]
    if ended:
        raise InputError(
            f"the sharing agreement has ended for: {', '.join(ended)}",
            code="AGREEMENT_EXPIRED",
            hint="renew it and write the new date into the contract, or take the source out",
        )


def _areas(settings: Settings) -> AreaMap:
    boundaries = settings.config.boundaries
    return AreaMap.load(settings.areas, boundaries, settings.resolve(boundaries.file))


def _residents(settings: Settings, areas: AreaMap) -> Residents | None:
    """Read the census before any chapter, so that a fault in it costs nobody an hour."""
    census = settings.config.census
    return Residents.load(census, areas, settings.resolve) if census else None


# --- chapter 1: partners -----------------------------------------------------------------------


def _partners(desk: Desk) -> Facts:
    """Read every drop; set aside what breaks its contract; make the one table of events."""
    found = partners.ingest(
        desk.settings.sources, engine=desk.engine, areas=desk.areas, as_of=desk.as_of, key=desk.key
    )
    desk.write("record_events", found.events, "event_id")
    desk.write("records", found.records, "record_id")
    desk.write("record_protected", found.protected, "record_id", "characteristic", "recorded_by")
    desk.write("quarantine", found.quarantine, "source", "file", "row")
    files = [asdict(count) for count in found.files]
    held = sum(count["held"] for count in files)
    totals = {name: sum(f[name] for f in files) for name in ("read", "accepted", "quarantined")}
    silent = [source.source for source in found.sources if not source.read]
    return {
        **totals,
        "files": files,
        "feeds": [asdict(feed) for feed in found.feeds],
        "sources": [_plain(asdict(source)) for source in found.sources],
        "sentence": (
            f"{len(found.sources)} source{'s' if len(found.sources) > 1 else ''} · "
            f"{totals['read']:,} rows read · "
            f"{totals['accepted']:,} accepted · {totals['quarantined']:,} quarantined"
            + (f" · {held} drop{'s' if held > 1 else ''} HELD" if held else "")
            + (f" · NOTHING from {', '.join(silent)}" if silent else "")
        ),
    }


# --- chapter 2: linkage ------------------------------------------------------------------------


def _linkage(desk: Desk) -> Facts:
    """Turn records into people under pseudonyms; names, birth dates and addresses stop here."""
    events, config = desk.scan("record_events"), desk.settings.config.linkage
    if config is None:
        named = events.mutate(person_id=None).cast({"person_id": "string"})
        desk.write("events", named.select(*LINKED_SCHEMA), "event_id")
        return {"people": 0, "sentence": "not applicable: no source holds people"}
    records = desk.scan("records")
    linked = linkage.link(
        records.filter(records.known_at < desk.as_of),
        engine=desk.engine,
        areas=desk.areas,
        config=config,
        key=desk.key,
        seed=desk.settings.config.seed,
    )
    desk.write("links", linked.links, "record_id")
    desk.write("people", linked.people, "person_id")
    desk.write("addresses", linked.addresses, "person_id", "known_at")
    links = desk.scan("links")
    desk.write("events", attach_people(events, links), "event_id")
    protected = linkage.protect(desk.scan("record_protected"), links)
    desk.write("protected", protected, *protected.columns)
    quality = _plain(linked.quality)
    return {
        **quality,
        "sentence": (
            f"{quality['people']:,} people from {quality['records']:,} records · "
            f"{quality['unlinkable_share']:.1%} could not be linked"
        ),
    }


# --- chapter 3: features -----------------------------------------------------------------------


def _features(desk: Desk) -> Facts:
    """Compute every feature of people and of squares, as known at each date that needs it."""
    facts: Facts = {"people": 0, "person_columns": 0, "place_columns": 0, "cells": 0}
    for spec in desk.settings.cohorts:
        rows, columns = _person_matrix(desk, spec)
        facts["people"] = max(facts["people"], rows)
        facts["person_columns"] = max(facts["person_columns"], columns)
    if desk.settings.place_features:
        facts["cells"], facts["place_columns"] = _place_matrix(desk)
    facts["sentence"] = (
        f"{facts['people']:,} people x {facts['person_columns']} · "
        f"{facts['cells']:,} squares x {facts['place_columns']} · "
        f"as known at {desk.as_of:%d %b %Y %H:%M} UTC"
    )
    return facts


def _person_matrix(desk: Desk, spec: CohortSpec) -> tuple[int, int]:
    """Write the matrix of one cohort for its training, validation and scoring dates."""
    events = desk.scan("events")
    dates = [*_schedule(desk, spec).dates, desk.as_of]
    known = features.people_as_of(desk.scan("people"), desk.scan("addresses"), events, dates)
    eligible = cohorts.population(known, spec=spec)
    chosen = cohorts.choose_features(desk.catalogue("person"), spec=spec)
    matrix = features.build(events, eligible, unit="person_id", features=chosen)
    whole = eligible.inner_join(matrix, ["person_id", "as_of"])
    desk.write(f"matrix_{spec.name}", whole, "person_id", "as_of")
    now = desk.scan(f"matrix_{spec.name}").filter(lambda row: row.as_of == desk.as_of)
    return int(now.count().execute()), len(chosen)


def _place_matrix(desk: Desk) -> tuple[int, int]:
    """Write the matrix of every square that has an event, as of now."""
    events = Grid(desk.settings.areas.cell_size).with_cells(desk.scan("events"))
    seen = events.filter(visible(events, desk.as_of))
    units = seen.group_by("cell_id").agg(area_code=seen.area_code.min())
    chosen = desk.catalogue("place")
    matrix = features.build(events, _at(desk, units), unit="cell_id", features=chosen)
    desk.write("place_features", matrix, "cell_id")
    return int(desk.scan("place_features").count().execute()), len(chosen)


def _at(desk: Desk, units: ir.Table) -> ir.Table:
    """Add the date of the run to a table of units."""
    moment = pd.Timestamp(desk.as_of)
    return units.mutate(as_of=moment).cast({"as_of": "timestamp(6)"})


def _schedule(desk: Desk, spec: CohortSpec) -> cohorts.Schedule:
    first = desk.scan("events").known_at.min().execute()
    if pd.isna(first):
        raise InputError(
            "no source sent any event, so nobody can be scored",
            code="NO_EVENTS",
            hint="look at the files of the sources, or take 'cohorts' out of the run",
        )
    return cohorts.schedule(spec, as_of=desk.as_of, first_known=first.to_pydatetime())


# --- chapter 4: hotspots -----------------------------------------------------------------------


def _hotspots(desk: Desk) -> Facts:
    """Forecast, cluster and rank places, and measure the rule on the periods before."""
    settings, events = desk.settings, desk.scan("events")
    counted = events.filter(matches(events, settings.definition), events.easting.notnull())
    columns = ["event_id", "incident_id", "occurred_at", "known_at", "precision", "easting"]
    points = counted.select(*columns, "northing", "area_code", "kind").order_by("event_id")
    found = hotspots.find(
        points.execute(),
        as_of=desk.as_of,
        period=settings.config.period,
        spec=settings.hotspots,
        areas=desk.areas,
        config=settings.areas,
        covered=_covered(desk, events, counted),
        seed=settings.config.seed,
    )
    places = found.places.assign(reasons=_place_reasons(desk, found.places))
    desk.run.write("places", places, order_by=["rank"])
    desk.run.write("cells", found.cells)
    desk.run.write("clusters", found.clusters)
    desk.run.write("backtest", found.backtest)
    desk.run.write("areas", desk.areas.frame)
    return {
        **_plain(found.summary),
        "expected_by_area": _expected_by_area(desk, found.cells),
        "excluded": [f"{e['reason']} ({e['by']})" for e in found.summary["exclusions"]],
        "sentence": _hotspots_sentence(found.summary),
    }


def _covered(desk: Desk, events: ir.Table, counted: ir.Table) -> list[tuple[datetime, datetime]]:
    """Return the periods for which the sources that are counted sent anything at all."""
    sources = counted.select("source").distinct().execute()["source"].tolist()
    sent = events.filter(events.source.isin(sources))
    hours = sent.select(hour=sent.occurred_at.truncate("h")).distinct().execute()["hour"]
    latest = sent.known_at.max().execute()
    # periods before the run are over whatever was recorded since; the one it forecasts may not be
    known_until = desk.as_of if pd.isna(latest) else max(desk.as_of, latest.to_pydatetime())
    return hotspots.covered_periods(
        [moment.to_pydatetime() for moment in hours],
        known_until=known_until,
        period=desk.settings.config.period,
        timezone=desk.settings.areas.timezone,
    )


def _expected_by_area(desk: Desk, cells: gpd.GeoDataFrame) -> dict[str, float]:
    """Return the events expected in each local area: what its listed places are a share of."""
    code = pd.Series(desk.areas.assign(cells["easting"], cells["northing"]), index=cells.index)
    expected = cells["expected"].groupby(code).sum()
    return {area: float(expected.get(area, 0.0)) for area in desk.settings.areas.codes}


def _hotspots_sentence(found: Facts) -> str:
    above = found["above_expected"]
    listed = f"{found['force_area']} + {found['places'] - found['force_area']} places"
    tested = [found[name] for name in ("backtest", "forecast_period") if found[name]]
    spans = [f"in {t['origins']} period{'s' if t['origins'] > 1 else ''} before" for t in tested]
    if found["forecast_period"]:
        spans[-1] = "in the period itself"
    measured = " · ".join(
        f"{t['squares']} squares held {t['placed']['rate']:.1%} of {t['events']} events "
        f"(on the grid {t['grid']['rate']:.1%}) {span}"
        for t, span in zip(tested, spans, strict=True)
    )
    why = "not measured: too little history"
    if not found["events_used"]:
        why = "no event with a place is within the definition"
    return f"{listed} · {above} above expected · {measured or why}"


def _place_reasons(desk: Desk, places: gpd.GeoDataFrame) -> list[list[str]]:
    """Say in words what is recorded inside each listed place, from the place catalogue."""
    chosen = desk.catalogue("place")
    if places.empty or not chosen:
        return [[] for _ in range(len(places))]
    events = desk.scan("events")
    spots = events.select("easting", "northing").distinct().drop_null().execute()
    points = gpd.GeoDataFrame(
        spots, geometry=gpd.points_from_xy(spots.easting, spots.northing), crs=places.crs
    )
    inside = points.sjoin(places[["hotspot_id", "geometry"]], predicate="intersects")
    inside = inside[["easting", "northing", "hotspot_id"]].drop_duplicates()
    placed = events.inner_join(desk.engine.table(inside), ["easting", "northing"])
    units = desk.engine.table(places[["hotspot_id", "area_code"]])
    matrix = features.build(placed, _at(desk, units), unit="hotspot_id", features=chosen)
    values = matrix.execute().set_index("hotspot_id").loc[places["hotspot_id"]]
    return hotspots.reasons(places, values, features=chosen, phrase=features.phrase)


# --- chapter 5: cohorts ------------------------------------------------------------------------


def _cohorts(desk: Desk) -> Facts:
    """Train on the past, measure against the simple rules, score and explain everybody."""
    specs = [_cohort(desk, spec) for spec in desk.settings.cohorts]
    sentence = "not applicable: no cohort is configured"
    if specs:
        sentence = " · ".join(
            f"{s['name']}: {s['champion']} · {s['listed']} listed of {s['eligible']:,} · "
            f"abstained on {s['abstained']}"
            for s in specs
        )
    return {"specs": specs, "sentence": sentence}


def _cohort(desk: Desk, spec: CohortSpec) -> Facts:
    schedule, chosen = _schedule(desk, spec), _chosen(desk, spec)
    matrix = desk.scan(f"matrix_{spec.name}")
    past = matrix.filter(matrix.as_of < desk.as_of)
    labels = cohorts.outcomes(
        desk.scan("events"),
        past.select("person_id", "as_of"),
        spec=spec,
        definition=desk.settings.definition,
        known_by=desk.as_of,
    )
    words = {feature.column: feature for feature in chosen}
    result = cohorts.train_and_score(
        past.inner_join(labels, ["person_id", "as_of"]).execute(),
        matrix.filter(matrix.as_of == desk.as_of).execute(),
        features=chosen,
        schedule=schedule,
        spec=spec,
        seed=desk.settings.config.seed,
        phrase=lambda column, value: features.phrase(words[column], value),
    )
    for name in ("scores", "shap", "importance", "comparisons", "origin_scores"):
        desk.run.write(f"{name}_{spec.name}", getattr(result, name))
    write_json(desk.run.folder / "models" / f"{spec.name}.json", result.model.as_json())
    return {
        "name": spec.name,
        "title": spec.title,
        "champion": result.champion,
        "eligible": len(result.scores),
        "listed": int(result.scores["selected"].sum()),
        "abstained": int(result.scores["abstain"].sum()),
        "labels": {feature.column: feature.label for feature in chosen},
        "metrics": _plain(result.metrics),
    }


def _chosen(desk: Desk, spec: CohortSpec) -> tuple[Feature, ...]:
    return cohorts.choose_features(desk.catalogue("person"), spec=spec)


# --- chapter 6: audit --------------------------------------------------------------------------


def _audit(desk: Desk) -> Facts:
    """Compare groups on both lists. The only chapter that opens protected characteristics."""
    settings, policy, residents = desk.settings, desk.settings.policy, desk.residents
    tables, groups = [], []
    if settings.cohorts:
        protected, people = (
            desk.run.read_restricted("protected"),
            desk.run.read_restricted("people"),
        )
        for spec in settings.cohorts:
            result, described = _audit_people(desk, spec, protected, people, residents)
            tables.append(result.assign(subject=_list_name(settings, spec)))
            groups.append(described.assign(list=spec.name))
    if residents is not None:
        tables.append(
            audit.audit_places(
                desk.run.read_places("places"),
                residents.zones,
                residents.population,
                policy=policy,
                seed=settings.config.seed,
            )
        )
    results = audit.join(tables)
    held = protected[["characteristic"]].drop_duplicates() if settings.cohorts else None
    total = audit.overall(results, protected=held)
    desk.run.write("audit", results)
    if groups:
        desk.run.write("by_group", pd.concat(groups, ignore_index=True))
    return {
        **asdict(total),
        "policy": policy.version,
        "max_age_days": policy.max_age_days,
        "disclosure_external": policy.disclosure_external,
        "rate_denominator": policy.rate_denominator,
        "sentences": audit.sentences(results),
        "sentence": (
            f"{total.passed} pass · {total.cannot_tell} cannot tell · {total.fail} fail"
            + ("" if residents is not None else " · places: no census configured")
        ),
    }


def _list_name(settings: Settings, spec: CohortSpec) -> str:
    """Name the list in verdict keys, so that a judgement on one list says nothing of another."""
    return "people" if len(settings.cohorts) == 1 else f"people {spec.name}"


def _audit_people(
    desk: Desk,
    spec: CohortSpec,
    protected: pd.DataFrame,
    people: pd.DataFrame,
    residents: Residents | None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    scores = desk.run.read(f"scores_{spec.name}")
    origin = desk.run.read(f"origin_scores_{spec.name}")
    policy, as_of = desk.settings.policy, desk.as_of
    result = audit.audit_people(
        scores,
        protected,
        people,
        origin_scores=origin,
        residents=residents.by_group() if residents else None,
        policy=policy,
        as_of=as_of,
    )
    described = audit.by_group(
        scores, protected, people, origin_scores=origin, policy=policy, as_of=as_of
    )
    return result, described


# --- chapter 7: what a release would say of itself ---------------------------------------------


def _release(desk: Desk) -> Facts:
    """Collect what the gate, the pages and the packs say of this run; nothing is released here."""
    settings, config = desk.settings, desk.settings.config
    spec = config.release
    timezone = settings.areas.timezone
    return {
        **spec.model_dump(mode="json"),
        "title": config.title,
        "name": config.name,
        "as_of": desk.as_of.isoformat(),
        "period": config.period,
        "period_label": period_label(config.period, desk.as_of, timezone),
        "timezone": timezone,
        "force_area": settings.areas.force_area.name,
        "definition": {"title": settings.definition.title, "version": settings.definition.version},
        "agreements": {
            s.contract.title: s.contract.agreement.expires.isoformat() for s in settings.sources
        },
        "contracts": [
            {
                "source": s.contract.source,
                "title": s.contract.title,
                "controller": s.contract.controller,
                "agreement": s.contract.agreement.reference,
                "expires": s.contract.agreement.expires.isoformat(),
            }
            for s in settings.sources
        ],
        "limits": bundle.limits(desk.run.facts),
        "sentence": f"recipients named: {len(spec.recipients)} for places, "
        f"{len(spec.people_recipients)} for people",
    }


STORY: Sequence[tuple[str, Callable[[Desk], Facts]]] = (
    ("partners", _partners),
    ("linkage", _linkage),
    ("features", _features),
    ("hotspots", _hotspots),
    ("cohorts", _cohorts),
    ("audit", _audit),
    ("release", _release),
)


def _write_pages(run: Run, made_of: Facts) -> None:
    """Write the reviewer's pages, the first one last: where it is, the others are too."""
    if not (run.folder / "index.html").exists():
        for page in reversed(bundle.pages(run, made_of)):
            run.write_page(page.name, page.html)


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it: dates as text, NumPy numbers as numbers, no NaN."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and value != value else value
