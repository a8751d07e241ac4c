"""The data tracker: every source read on its own, so that one that fails hides no other."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from risk_engine import partners
from risk_engine.calendar import instant, local_day
from risk_engine.chapters.drops import in_force
from risk_engine.chapters.intake import check_year, load_areas
from risk_engine.config import Settings, Source
from risk_engine.engine import Engine, open_engine
from risk_engine.errors import ConfigError, InputError
from risk_engine.partners import tracker
from risk_engine.places import AreaMap
from risk_engine.release import project_ledger


def track(settings: Settings, as_of: date | None = None) -> tracker.TrackerFacts:
    """Read all sources of a run configuration and say how each one stands.

    A source whose agreement does not hold is not read, and one whose files are missing or unusable
    is listed with the reason. No pseudonym leaves, so no key is needed: a throw-away one serves.

    Parameters
    ----------
    as_of
        First day not known, in the area's time zone, any day of the week; the configuration's when
        not given, else today.

    Raises
    ------
    InputError
        ``BAD_DAY`` for a year that can only be a slip; the codes of a missing or unusable map.
    """
    zone = settings.areas.timezone
    today = datetime.now(ZoneInfo(zone)).date()
    day = as_of or settings.config.as_of or today
    check_year(day)
    window = tracker.Window.at(instant(day, zone), zone)
    polygons = load_areas(settings)
    decisions = in_force(settings, project_ledger(settings.root))
    found = [
        _source(source, settings, window, polygons, today, decisions) for source in settings.sources
    ]
    return tracker.assemble(
        found,
        config=settings.config,
        contracts=settings.contracts,
        areas=settings.areas,
        window=window,
    )


def _source(
    source: Source,
    settings: Settings,
    window: tracker.Window,
    polygons: AreaMap,
    today: date,
    decisions: Sequence[partners.DropDecision],
) -> tracker.SourceFacts:
    """Read one source in an engine of its own, so that no more than one is held at a time."""
    on = local_day(window.now, settings.areas.timezone)
    agreement = tracker.agreement_facts(source.contract, on=on, today=today)
    with open_engine(settings.config.engine) as engine:
        return tracker.source_facts(
            source.contract,
            _read(source, agreement, engine, polygons, window.now, decisions),
            agreement=agreement,
            areas=settings.areas,
            polygons=polygons,
            window=window,
        )


def _read(
    source: Source,
    agreement: tracker.AgreementFacts,
    engine: Engine,
    polygons: AreaMap,
    as_of: datetime,
    decisions: Sequence[partners.DropDecision],
) -> partners.Ingested | tracker.Refusal:
    if agreement.state == "ended":
        return tracker.Refusal("AGREEMENT_EXPIRED", "the sharing agreement has ended", "renew it")
    if agreement.state == "not yet started":
        reason = "the sharing agreement has not begun"
        return tracker.Refusal("AGREEMENT_NOT_STARTED", reason, "wait for its first day")
    try:
        return partners.ingest(
            [source],
            engine=engine,
            areas=polygons,
            as_of=as_of,
            key=secrets.token_bytes(32),
            decisions=decisions,
        )
    except (InputError, ConfigError) as error:
        return tracker.Refusal(
            error.code, _without_folders(error.message, source), error.hint or ""
        )


def _without_folders(message: str, source: Source) -> str:
    """Leave out where files lie on this machine, and the source's name: the page says it."""
    for folder in {path.parent for path in source.files}:
        message = message.replace(f" in {folder}", "").replace(f"{folder}/", "")
    return " ".join(message.removeprefix(f"{source.contract.source}: ").split())
