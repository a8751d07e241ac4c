"""The sources of a tracker by agency, agencies that share nothing yet, and what is in the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from risk_engine.calendar import local_day
from risk_engine.config import AreasConfig, Contract, RunConfig
from risk_engine.partners.tracker.barriers import barriers
from risk_engine.partners.tracker.counts import Window
from risk_engine.partners.tracker.facts import AgencyFacts, SourceFacts, TrackerFacts


def assemble(
    sources: Sequence[SourceFacts],
    *,
    config: RunConfig,
    contracts: Mapping[str, Contract],
    areas: AreasConfig,
    window: Window,
) -> TrackerFacts:
    """Put the sources of a run together.

    Parameters
    ----------
    contracts
        By source.
    window
        Its `now` is the tracker's date, its `then` the date that it is compared with.
    """
    agencies = by_agency(sources, config.agencies_expected)
    on = local_day(window.now, areas.timezone)
    return TrackerFacts(
        name=config.name,
        title=config.title,
        marking=config.release.marking,
        challenge=config.release.challenge,
        timezone=areas.timezone,
        as_of=window.now,
        before=window.then,
        areas=len(areas.codes),
        agencies=agencies,
        barriers=barriers(agencies, contracts, on=on),
    )


def by_agency(sources: Sequence[SourceFacts], expected: Sequence[str]) -> tuple[AgencyFacts, ...]:
    """Group sources by agency, by name; capitals do not tell agencies apart."""
    names: dict[str, str] = {}
    for name in [*expected, *(source.agency for source in sources)]:
        names.setdefault(name.casefold(), name)
    wanted = {name.casefold() for name in expected}
    return tuple(
        AgencyFacts(
            names[key],
            key in wanted,
            tuple(source for source in sources if source.agency.casefold() == key),
        )
        for key in sorted(names)
    )
