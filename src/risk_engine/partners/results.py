"""What the room hands on: tables, counts by file, findings by drop and a summary by source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import ibis.expr.types as ir

from risk_engine.partners.delay import DelaySummary
from risk_engine.partners.feeds import FeedCheck, FeedFinding

#: Rows set aside or repaired: ``outcome`` is ``quarantined`` or ``repaired``, ``codes`` and
#: ``fields`` are aligned lists, ``raw`` is the whole row as it was sent, as JSON.
QUARANTINE_SCHEMA: dict[str, str] = {
    "source": "!string",
    "file": "!string",
    "row": "!int64",
    "outcome": "!string",
    "codes": "!array<string>",
    "fields": "!array<string>",
    "raw": "!string",
}

#: Numbers about zones: counts by month that a partner shares instead of records, deprivation,
#: residents. ``value`` is missing where the partner suppressed it; ``period_start`` naive UTC.
MEASURE_SCHEMA: dict[str, str] = {
    "source": "!string",
    "geography": "!string",
    "zone_code": "!string",
    "measure": "!string",
    "category": "string",
    "period_start": "!timestamp(6)",
    "known_at": "!timestamp(6)",
    "value": "float64",
}


@dataclass(frozen=True)
class FileCount:
    """What became of the rows of one file.

    Attributes
    ----------
    file, drop
        File name, and the name of the drop it is (the name without its ending).
    read, accepted, repaired, quarantined, dropped
        Rows; ``read == accepted + repaired + quarantined + dropped`` always. Dropped are rows older
        than the retention period of the contract allows.
    codes, repairs
        Quarantine or repair code -> rows that carry it; a row may carry several.
    held
        True: the accepted and repaired rows are kept apart and reach no other table.
    """

    source: str
    file: str
    drop: str
    read: int
    accepted: int
    repaired: int
    quarantined: int
    dropped: int
    codes: dict[str, int]
    repairs: dict[str, int]
    held: bool

    @property
    def sound(self) -> int:
        """Rows that may be used: accepted as sent, or repaired."""
        return self.accepted + self.repaired


@dataclass(frozen=True)
class SourceSummary:
    """One source at a glance.

    Attributes
    ----------
    events, held
        Rows that were used, and sound rows of held drops that were not.
    first_occurred, last_occurred, last_known
        Naive UTC, over the events; None where there are none.
    geography
        Note on the vintage of its zone codes; empty where there is nothing to say.
    quarantine_share
        Rows set aside / rows read, from 0 to 1; 0 where no row was read.
    filled
        Field of the contract -> share of the used rows that have a value in it; empty where no row
        was used. Shares only: no value leaves here.
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
    filled: dict[str, float]


@dataclass(frozen=True)
class Ingested:
    """Everything that came of the partners' files; tables live as long as the engine.

    Attributes
    ----------
    events, records, protected
        By `events.SCHEMA`, `events.RECORD_SCHEMA` and `events.PROTECTED_SCHEMA`, in the order of
        sources, files and rows; the last two are empty where no contract maps them.
    measures
        By `MEASURE_SCHEMA`: what sources of counts and context say of zones.
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
    measures: ir.Table
    quarantine: ir.Table
    files: tuple[FileCount, ...]
    feeds: tuple[FeedFinding, ...]
    sources: tuple[SourceSummary, ...]
    checked: tuple[FeedCheck, ...]
    delays: tuple[DelaySummary, ...]
