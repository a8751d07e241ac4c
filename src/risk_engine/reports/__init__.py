"""Facts become pages: offline HTML for reviewers and briefings for partners.

The room only formats: it computes no statistic, opens no database and never sees protected data.
"""

from risk_engine.reports.facts import (
    OUTCOMES,
    BriefingFacts,
    CohortFacts,
    Definition,
    GateView,
    Page,
    TrackRecord,
    Verdicts,
    WeekFacts,
)
from risk_engine.reports.pages import briefing, tracker_page, week_pages

__all__ = [
    "OUTCOMES",
    "BriefingFacts",
    "CohortFacts",
    "Definition",
    "GateView",
    "Page",
    "TrackRecord",
    "Verdicts",
    "WeekFacts",
    "briefing",
    "tracker_page",
    "week_pages",
]
