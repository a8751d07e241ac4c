"""What the room hands on: tables, counts by file, findings by drop and a summary by source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import ibis.expr.types as ir

from risk_engine.partners.delay import DelaySummary
from risk_engine.partners.feeds import FeedCheck, FeedFinding

#: Rows set aside: ``codes`` and ``fields`` are aligned lists, ``raw`` the whole row as JSON.
QUARANTINE_SCHEMA: dict[str, str] = {
    "source": "!string",
    "file": "!string",
    "row": "!int64",
    "codes": "!array<string>",
    "fields": "!array<string>",
    "raw": "!string",
}


@dataclass(frozen=True)
class FileCount:
    """What became of the rows of one file.

    Attributes
    ----------
    file, drop
        File name, and the name of the drop it is (the name without its ending).
    read, accepted, quarantined
        Rows; ``read == accepted + quarantined`` always.
    codes
        Quarantine code -> rows that carry it; a row may carry several.
    held
        True: the accepted rows are set aside and reach neither events nor records.
    """

    source: str
    file: str
    drop: str
    read: int
    accepted: int
    quarantined: int
    codes: dict[str, int]
    held: bool


@dataclass(frozen=True)
class SourceSummary:
    """One source at a glance.

    Attributes
    ----------
    events, held
        Rows that became events, and accepted rows of held drops that did not.
    first_occurred, last_occurred, last_known
        Naive UTC, over the events; None where there are none.
    geography
        Note on the vintage of its zone codes; empty where there is nothing to say.
    quarantine_share
        Rows set aside / rows read, from 0 to 1; 0 where no row was read.
    """

    source: str
    title: str
    read: int
    events: int
    held: int
    first_occurred: datetime | None
    last_occurred: datetime | None
    last_known: datetime | None
    geography: str
    quarantine_share: float


@dataclass(frozen=True)
class Ingested:
    """Everything that came of the partners' files; tables live as long as the engine.

    Attributes
    ----------
    events, records, protected
        By `events.SCHEMA`, `events.RECORD_SCHEMA` and `events.PROTECTED_SCHEMA`, sorted by their
        keys; the last two are empty where no contract maps them.
    quarantine
        By `QUARANTINE_SCHEMA`; holds personal data as the partner sent it.
    feeds
        Drops of which there is something to say.
    checked, delays
        One entry a source: which checks looked at how many drops, and how fast records arrive.
    """

    events: ir.Table
    records: ir.Table
    protected: ir.Table
    quarantine: ir.Table
    files: tuple[FileCount, ...]
    feeds: tuple[FeedFinding, ...]
    sources: tuple[SourceSummary, ...]
    checked: tuple[FeedCheck, ...]
    delays: tuple[DelaySummary, ...]
