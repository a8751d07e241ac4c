"""The briefing of one area: what a partner holds in their hands for a week or a month."""

from __future__ import annotations

from typing import Any

from risk_engine.reports import formats as f
from risk_engine.reports.facts import BriefingFacts, TrackRecord
from risk_engine.reports.maps import area_map, force_map
from risk_engine.reports.views.listing import place_table

#: Of a local map: printed about as wide as this, so that its texts can be read on paper.
_INCHES = 4.2


def context(facts: BriefingFacts) -> dict[str, Any]:
    """Return what the briefing says."""
    numbers = list(range(1, len(facts.places) + 1))
    names = dict(zip(facts.areas["area_code"], facts.areas["name"], strict=True))
    crossing = names if facts.area_code is None else None
    caption = f"Places in {facts.area_name} for an offer of support and problem solving"
    return {
        "headline": headline(facts),
        "release": (
            f"Release {facts.release_id} \N{MIDDLE DOT} approved by {facts.approved_by} on "
            f"{f.day(f.local(facts.approved_at, facts.timezone))} \N{MIDDLE DOT} expires "
            f"{f.day(f.local(facts.expires_at, facts.timezone))}"
        ),
        "map": _map(facts, numbers) if numbers else None,
        "table": place_table(
            facts.places, numbers, caption=caption, as_of=facts.as_of, names=crossing
        ),
        "changed": _changed(facts),
        "excluded": list(facts.excluded),
        "record": track_sentence(facts.track, facts.period),
        "limits": [
            *facts.limits,
            "A rank is a priority for attention; it says nothing about any person.",
        ],
        "audit": list(facts.audit) or ["No audit result was handed over."],
    }


def headline(facts: BriefingFacts) -> str:
    """Say what share of the expected events the listed places hold, in what share of the area."""
    shown = len(facts.places)
    if shown == 0:
        return f"No place is listed in {facts.area_name} for the {facts.period_label}."
    verb = "holds" if shown == 1 else "hold"
    if f.missing(facts.event_share):
        return f"{f.plural(shown, 'place')} in {facts.area_name}."
    area = "" if f.missing(facts.area_share) else f", in {f.percent(facts.area_share)} of its area"
    return (
        f"{f.plural(shown, 'place')} {verb} {f.one_in(facts.event_share)} of the serious violence "
        f"expected in {facts.area_name} this {facts.period}{area}."
    )


def _map(facts: BriefingFacts, numbers: list[int]) -> Any:
    if facts.area_code is None:
        return force_map(facts.places, facts.areas, numbers)
    return area_map(
        facts.places, facts.areas, code=facts.area_code, numbers=numbers, inches=_INCHES
    )


def _changed(facts: BriefingFacts) -> str:
    joined = f.plural(facts.joined, "place")
    return f"{joined} joined, {f.count(facts.left)} left since the {facts.period} before."


def track_sentence(track: TrackRecord | None, period: str) -> str:
    """Say how earlier lists did beside a plain count."""
    if track is None or track.events == 0:
        return "Earlier lists have not been measured yet."
    return (
        f"Last {f.plural(track.origins, period)}: {f.count(track.hits)} of "
        f"{f.plural(track.events, 'event')} inside ({f.percent(track.hits / track.events)}); a "
        f"plain count would have held {f.count(track.plain_hits)}."
    )
