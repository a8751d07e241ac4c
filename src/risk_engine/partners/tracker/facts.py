"""What the data tracker says: who shares what, how fresh, how complete, under which agreement.

All of it is counts, shares and days; no value of a row is in it. Counts of people or incidents
below the internal threshold are hidden here already, so that whatever is made of the facts is safe.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from risk_engine.partners.freshness import Freshness

AgreementState = Literal["in force", "ends soon", "ended", "not yet started"]


@dataclass(frozen=True)
class AgreementFacts:
    """The agreement of a source, and whether it holds.

    Attributes
    ----------
    days_left
        Days from the first day not known to its last day; negative once it has ended.
    retention
        How long rows may be kept, as the contract writes it.
    """

    reference: str
    controller: str
    lawful_basis: str
    regime: str
    personal_data: str
    retention: str
    starts: date | None
    expires: date
    state: AgreementState
    days_left: int


@dataclass(frozen=True)
class FieldFacts:
    """How often one field is filled, among the accepted rows.

    Attributes
    ----------
    what, column
        What the field is for, and the partner's own name for it.
    key
        Whether the engine can do little with a row that lacks it.
    share, before
        From 0 to 1, now and one month earlier; None where it is hidden or not counted.
    note
        What can be said where `share` is hidden.
    """

    what: str
    column: str
    key: bool
    share: float | None
    before: float | None
    note: str = ""


@dataclass(frozen=True)
class AreaFacts:
    """What a source sent from one local area, recorded in the last 12 months.

    Attributes
    ----------
    area_code
        None for rows without a place, or with one outside the local areas.
    covered
        Whether the contract says that the source covers the area.
    count, text
        Incidents or rows: the number (None where it is hidden), and the number as it may be shown.
    silent
        True where nothing came. False wherever the count is hidden.
    """

    area_code: str | None
    name: str
    covered: bool
    count: int | None
    text: str
    silent: bool


@dataclass(frozen=True)
class CoverageFacts:
    """Where the rows of a source come from.

    Attributes
    ----------
    counted
        ``incidents``, ``rows by home`` or ``rows``; empty where rows hold no place.
    areas_now, areas_before
        Covered local areas with at least one row in 12 months, now and one month earlier.
    """

    counted: str
    areas: tuple[AreaFacts, ...]
    areas_now: int
    areas_before: int


@dataclass(frozen=True)
class RowFacts:
    """What became of the rows of all files: read = accepted + repaired + quarantined + dropped.

    They are rows of files, good or bad, and no count of people.

    Attributes
    ----------
    held
        Accepted rows in drops that are held.
    codes, repairs
        Quarantine code and repair code -> rows.
    """

    files: int
    read: int
    accepted: int
    repaired: int
    quarantined: int
    dropped: int
    held: int
    codes: Mapping[str, int]
    repairs: Mapping[str, int]


@dataclass(frozen=True)
class HeldDrop:
    """A drop that waits for a decision, and why."""

    drop: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Refusal:
    """Why nothing of a source was read: the engine's code, reason and advice."""

    code: str
    reason: str
    advice: str


@dataclass(frozen=True)
class SourceFacts:
    """One source on the tracker.

    Attributes
    ----------
    refused
        None where the source was read.
    known, known_text
        Rows known before the tracker's date; None and "fewer than 6" where that is few.
    change, change_text
        Rows that became known in the last month; None and words where that is few.
    newest_before
        Local day of the newest record as it stood one month earlier.
    rows
        None where nothing was read, or where so few rows were accepted that they are hidden.
    delay
        How late its rows become known, in words; empty where nobody estimated it.
    fields
        Worst first.
    """

    source: str
    title: str
    agency: str
    cadence: str
    covers: str
    note: str
    refused: Refusal | None
    agreement: AgreementFacts
    freshness: Freshness
    newest_before: date | None
    known: int | None
    known_text: str
    change: int | None
    change_text: str
    rows: RowFacts | None
    held: tuple[HeldDrop, ...]
    fields: tuple[FieldFacts, ...]
    coverage: CoverageFacts
    delay: str = ""


@dataclass(frozen=True)
class AgencyFacts:
    """One agency; `sources` is empty where it is expected to share and shares nothing yet."""

    agency: str
    expected: bool
    sources: tuple[SourceFacts, ...]


@dataclass(frozen=True)
class BarrierFacts:
    """Something that stands in the way, and what is done or could be done about it.

    Attributes
    ----------
    seen_by
        ``partnership`` where a contract says it, ``engine`` where the data show it; what the engine
        sees comes with a suggestion and has neither owner nor date.
    """

    agency: str
    source: str
    barrier: str
    action: str
    owner: str
    due: date | None
    overdue: bool
    seen_by: Literal["partnership", "engine"]


@dataclass(frozen=True)
class TrackerFacts:
    """The whole tracker.

    Attributes
    ----------
    as_of, before
        First instant not known, and the same one calendar month earlier; naive UTC.
    areas
        Number of local areas.
    """

    name: str
    title: str
    marking: str
    challenge: str
    timezone: str
    as_of: datetime
    before: datetime
    areas: int
    agencies: tuple[AgencyFacts, ...]
    barriers: tuple[BarrierFacts, ...]

    @property
    def sources(self) -> tuple[SourceFacts, ...]:
        """All sources, in the order of their agencies."""
        return tuple(source for agency in self.agencies for source in agency.sources)
