"""Partners' files -> events, by data contracts; bad rows set aside with reasons, nothing lost."""

from risk_engine.partners.freshness import is_stale
from risk_engine.partners.ingest import ingest
from risk_engine.partners.results import (
    MEASURE_SCHEMA,
    QUARANTINE_SCHEMA,
    FeedFinding,
    FileCount,
    Ingested,
    SourceSummary,
)

__all__ = [
    "MEASURE_SCHEMA",
    "QUARANTINE_SCHEMA",
    "FeedFinding",
    "FileCount",
    "Ingested",
    "SourceSummary",
    "ingest",
    "is_stale",
]
