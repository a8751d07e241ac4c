"""The strategic needs assessment, from the partners' files to a page and a workbook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from risk_engine.chapters.intake import Intake, open_intake
from risk_engine.config import Settings
from risk_engine.files import write_text
from risk_engine.needs import Assessment, assess
from risk_engine.reports import Definition
from risk_engine.reports.needs import needs_page, write_needs_workbook
from risk_engine.reports.needs_facts import NeedsFacts, SourceLine
from risk_engine.reports.needs_words import coverage, headline


@dataclass(frozen=True)
class NeedsDocument:
    """What was written, and what it says first.

    Attributes
    ----------
    folder
        Holds `files`.
    headline
        The offences of the period beside those of the year before.
    coverage
        What is not covered, in words; empty where everything is.
    """

    folder: Path
    files: tuple[Path, ...]
    headline: str
    coverage: tuple[str, ...]
    found: Assessment


def write_needs(
    settings: Settings,
    *,
    out: Path | None = None,
    last: date | None = None,
    as_of: date | None = None,
) -> NeedsDocument:
    """Read the sources of a run configuration and write the needs assessment.

    Parameters
    ----------
    out
        Folder to write into; ``needs/<name>-<period>`` of the project when not given. What else
        lies there stays.
    last
        First day of the last of the twelve months; the last whole calendar year with data when not
        given.
    as_of
        First day not known; see `intake.run_moment`.
    """
    with open_intake(settings, as_of) as intake:
        found = _assess(intake, last)
        facts = _facts(intake, found)
    folder = out or settings.root / "needs" / f"{settings.config.name}-{found.window.slug}"
    files = (folder / "needs-assessment.html", folder / "needs-assessment.xlsx")
    write_text(files[0], needs_page(facts))
    write_needs_workbook(facts, files[1])
    return NeedsDocument(folder, files, headline(facts), tuple(coverage(facts)), found)


def _assess(intake: Intake, last: date | None) -> Assessment:
    settings, found = intake.settings, intake.found
    begins = {name: contract.coverage.since for name, contract in settings.contracts.items()}
    return assess(
        found.events,
        definition=settings.definition,
        areas=settings.areas,
        as_of=intake.as_of,
        threshold=settings.policy.disclosure_external,
        last=last,
        held=[(file.source, file.drop) for file in found.files if file.held],
        since={name: day for name, day in begins.items() if day},
    )


def _facts(intake: Intake, found: Assessment) -> NeedsFacts:
    settings = intake.settings
    release = settings.config.release
    people = [area.population for area in settings.areas.local_areas]
    return NeedsFacts(
        title=settings.config.title,
        marking=release.marking,
        challenge=release.challenge,
        force_area=settings.areas.force_area.name,
        definition=Definition(settings.definition.title, settings.definition.version),
        definition_note=settings.definition.note,
        found=found,
        areas=intake.areas.frame,
        sources=tuple(_sources(intake, found)),
        residents=None if None in people else sum(n for n in people if n),
        timezone=settings.areas.timezone,
    )


def _sources(intake: Intake, found: Assessment) -> Iterable[SourceLine]:
    summaries = {summary.source: summary for summary in intake.found.sources}
    uses = [(found.sources, "offences"), (found.health_sources, "health")]
    for name, use in ((name, use) for names, use in uses for name in names):
        summary, contract = summaries[name], intake.settings.contracts[name]
        aside = sum(file.quarantined for file in intake.found.files if file.source == name)
        newest = summary.last_known
        yield SourceLine(
            name=name,
            title=contract.title,
            controller=contract.controller,
            read=summary.read,
            quarantined=aside,
            held=summary.held,
            newest=newest if newest is None else min(newest, intake.as_of),
            use=use,
        )
