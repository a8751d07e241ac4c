"""One source on the tracker, from its contract and from what was read of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from risk_engine.calendar import local_day
from risk_engine.config import AreasConfig, Contract
from risk_engine.partners.freshness import judge
from risk_engine.partners.results import FileCount, Ingested
from risk_engine.partners.tracker.counts import Counted, Window, count
from risk_engine.partners.tracker.coverage import THRESHOLD, by_area, covered_codes, nothing_read
from risk_engine.partners.tracker.facts import (
    AgreementFacts,
    AgreementState,
    HeldDrop,
    Refusal,
    RowFacts,
    SourceFacts,
)
from risk_engine.partners.tracker.fields import field_facts
from risk_engine.places import AreaMap

#: Days before its end from which an agreement is said to end soon.
ENDS_SOON = 90
_NOTHING = Counted(0, 0, None, None, None, {})


def agreement_facts(contract: Contract, *, on: date, today: date) -> AgreementFacts:
    """Say whether a sharing agreement holds.

    Parameters
    ----------
    on
        First day not known.
    today
        The day on which the tracker is made: an agreement that has ended by then has ended, however
        old `on` is, and one that begins later is not in force yet.
    """
    agreement = contract.agreement
    left = (agreement.expires - on).days
    state: AgreementState = "in force"
    if agreement.expires < max(on, today):
        state = "ended"
    elif agreement.starts and agreement.starts > today:
        state = "not yet started"
    elif left <= ENDS_SOON:
        state = "ends soon"
    return AgreementFacts(
        reference=agreement.reference,
        controller=contract.controller,
        lawful_basis=contract.lawful_basis,
        regime=contract.regime,
        personal_data=contract.personal_data.replace("_", " "),
        retention=str(contract.retention),
        starts=agreement.starts,
        expires=agreement.expires,
        state=state,
        days_left=left,
    )


def source_facts(
    contract: Contract,
    found: Ingested | Refusal,
    *,
    agreement: AgreementFacts,
    areas: AreasConfig,
    polygons: AreaMap,
    window: Window,
) -> SourceFacts:
    """Sum one source up.

    Parameters
    ----------
    found
        What was read of this source, or why nothing was.
    window
        The tracker's date and the same one month earlier.
    """
    refusal = found if isinstance(found, Refusal) else None
    read = None if isinstance(found, Refusal) else found
    counted = count(contract, read, window) if read else _NOTHING
    known, known_text = small(counted.now)
    change, change_text = small_change(counted.now - counted.then)
    last = counted.last_known_then
    return SourceFacts(
        source=contract.source,
        title=contract.title,
        agency=contract.agency,
        cadence=contract.cadence,
        covers=covers(contract, areas),
        note=contract.note,
        refused=refusal,
        agreement=agreement,
        freshness=judge(
            counted.last_occurred,
            counted.last_known,
            cadence=contract.due_every,
            as_of=window.now,
            timezone=areas.timezone,
        ),
        newest_before=local_day(last, areas.timezone) if last else None,
        known=known,
        known_text=known_text,
        change=change,
        change_text=change_text,
        rows=_rows(read.files) if read else None,
        held=_held(read) if read else (),
        delay=" ".join(found.sentence for found in read.delays if found.told) if read else "",
        fields=field_facts(contract, counted, _shares(read)),
        coverage=by_area(contract, read, areas=areas, polygons=polygons, window=window)
        if read
        else nothing_read(contract),
    )


def small(n: int) -> tuple[int | None, str]:
    """Return a count as it may be shown: the number, or None and words.

    >>> small(5)
    (None, 'fewer than 6')
    """
    hidden = 0 < n < THRESHOLD
    return (None, f"fewer than {THRESHOLD}") if hidden else (n, f"{n:,}")


def small_change(n: int) -> tuple[int | None, str]:
    """Return a change as it may be shown.

    >>> small_change(-3)
    (None, 'fewer than 6 less')
    >>> small_change(1200)
    (1200, '1,200 more')
    """
    if n == 0:
        return 0, "no change"
    shown, text = small(abs(n))
    return (None if shown is None else n), f"{text} {'more' if n > 0 else 'less'}"


def covers(contract: Contract, areas: AreasConfig) -> str:
    """Say in words which areas, ages and days the contract covers."""
    declared, all_areas = covered_codes(contract, areas), len(areas.codes)
    where = "all areas" if len(declared) == all_areas else f"{len(declared)} of {all_areas} areas"
    low, high = contract.coverage.ages
    ages = "" if (low, high) == (0, 120) else f", ages {low} to {high}"
    since = contract.coverage.since
    return where + ages + (f", since {since.day} {since:%b %Y}" if since else "")


def _rows(files: Sequence[FileCount]) -> RowFacts | None:
    """Add the files up; repairs and retention are counted where the reading counts them."""
    used = sum(file.read - file.quarantined - file.dropped for file in files)
    if small(used)[0] is None:
        return None
    codes, repairs = Counter[str](), Counter[str]()
    for file in files:
        codes.update(file.codes)
        repairs.update(file.repairs)
    return RowFacts(
        files=len(files),
        read=sum(file.read for file in files),
        accepted=sum(file.accepted for file in files),
        repaired=sum(file.repaired for file in files),
        quarantined=sum(file.quarantined for file in files),
        dropped=sum(file.dropped for file in files),
        held=sum(file.sound for file in files if file.held),
        codes=dict(sorted(codes.items())),
        repairs=dict(sorted(repairs.items())),
    )


def _held(read: Ingested) -> tuple[HeldDrop, ...]:
    return tuple(HeldDrop(feed.drop, feed.reasons) for feed in read.feeds if feed.held)


def _shares(read: Ingested | None) -> Mapping[str, float]:
    """Return the share of accepted rows with a value, by field, where the reading counted it."""
    return read.sources[0].filled if read else {}
