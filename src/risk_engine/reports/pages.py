"""The pages of a run and the briefings of a release: offline, self-contained, the same bytes."""

from __future__ import annotations

from typing import Any

from risk_engine.partners.tracker import TrackerFacts
from risk_engine.reports import formats as f
from risk_engine.reports.facts import BriefingFacts, Page, WeekFacts
from risk_engine.reports.render import render
from risk_engine.reports.views import brief, data, decide, fairness, people, places, tracker

_PAGES = (
    ("index.html", "To decide", decide.context),
    ("places.html", "Places", places.context),
    ("people.html", "People", people.context),
    ("disproportionality.html", "Disproportionality", fairness.context),
    ("data.html", "Data", data.context),
)


def week_pages(facts: WeekFacts) -> list[Page]:
    """Make the reviewer's pages of one run.

    Parameters
    ----------
    facts
        What the run found; instants are naive UTC, `as_of` is the first instant not known.

    Returns
    -------
    list of Page
        ``index.html``, ``places.html``, ``people.html`` (only where cohorts ran),
        ``disproportionality.html`` and ``data.html``; equal facts give equal bytes.
    """
    shown = [page for page in _PAGES if page[0] != "people.html" or facts.cohorts]
    links = [(name, title) for name, title, _ in shown]
    return [
        Page(name, title, _page(facts, name, title, links, context(facts)))
        for name, title, context in shown
    ]


def _page(
    facts: WeekFacts, name: str, title: str, links: list[tuple[str, str]], page: dict[str, Any]
) -> str:
    return render(
        f"{name}.j2",
        facts=facts,
        page=page,
        title=title,
        links=links,
        current=name,
        as_of=f.instant(facts.as_of, facts.timezone),
    )


def briefing(facts: BriefingFacts) -> str:
    """Make the briefing of the force area or of one local area, as one HTML page for A4."""
    return render(
        "briefing.html.j2",
        facts=facts,
        page=brief.context(facts),
        title=f"{facts.area_name}, {facts.period_label}",
        as_of=f.instant(facts.as_of, facts.timezone),
    )


def tracker_page(facts: TrackerFacts) -> str:
    """Make the page of the data tracker, which stands alone outside any run."""
    return render(
        "tracker.html.j2",
        facts=facts,
        page=tracker.context(facts),
        title="Data tracker",
        as_of=f.instant(facts.as_of, facts.timezone),
    )
