"""Partners' files -> events, by data contracts; bad rows set aside with reasons, nothing lost."""

from risk_engine.partners.delay import DelaySummary
from risk_engine.partners.drops import drop_names
from risk_engine.partners.feeds import DropDecision, FeedCheck, FeedFinding
from risk_engine.partners.freshness import is_stale
from risk_engine.partners.ingest import ingest
from risk_engine.partners.naming import record_ids
from risk_engine.partners.results import (
    MEASURE_SCHEMA,
    QUARANTINE_SCHEMA,
    FileCount,
    Ingested,
    SourceSummary,
)

__all__ = [
    "MEASURE_SCHEMA",
    "QUARANTINE_SCHEMA",
    "DelaySummary",
    "DropDecision",
    "FeedCheck",
    "FeedFinding",
    "FileCount",
    "Ingested",
    "SourceSummary",
    "drop_names",
    "ingest",
    "is_stale",
    "record_ids",
]
