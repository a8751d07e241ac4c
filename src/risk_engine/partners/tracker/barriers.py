"""What stands in the way: as the contracts say it, and as the data show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from risk_engine.config import Contract
from risk_engine.partners.tracker.facts import AgencyFacts, BarrierFacts, SourceFacts

#: A key field that is filled in a smaller share of rows is a barrier.
LOW = 0.8
#: Part of a source's quarantine limit from which its faults are a barrier.
_NEAR_LIMIT = 0.5

#: ``(barrier, suggested action)``.
_Seen = Iterator[tuple[str, str]]


def barriers(
    agencies: Sequence[AgencyFacts], contracts: Mapping[str, Contract], *, on: date
) -> tuple[BarrierFacts, ...]:
    """Collect barriers: overdue first, then by the date on which they are due, the undated last.

    Parameters
    ----------
    contracts
        By source; their ``barriers`` are what the partnership itself has written down.
    on
        First day not known: an action due before it is overdue.
    """
    found = []
    for agency in agencies:
        if not agency.sources:
            found.append(_seen(agency.agency, "", *_ABSENT))
        for source in agency.sources:
            found += _declared(source, contracts[source.source], on)
            seen = _look(source, contracts[source.source])
            found += [_seen(agency.agency, source.title, *pair) for pair in seen]
    return tuple(sorted(found, key=lambda b: (not b.overdue, b.due is None, b.due or on)))


_ABSENT = (
    "It is expected to share and shares nothing yet",
    "Agree what it can share for prevention, and on which lawful basis; then write a contract",
)


def _declared(source: SourceFacts, contract: Contract, on: date) -> list[BarrierFacts]:
    return [
        BarrierFacts(
            agency=source.agency,
            source=source.title,
            barrier=barrier.barrier,
            action=barrier.action,
            owner=barrier.owner,
            due=barrier.due,
            overdue=barrier.due is not None and barrier.due < on,
            seen_by="partnership",
        )
        for barrier in contract.barriers
    ]


def _seen(agency: str, source: str, barrier: str, action: str) -> BarrierFacts:
    return BarrierFacts(agency, source, barrier, action, "", None, overdue=False, seen_by="engine")


def _look(source: SourceFacts, contract: Contract) -> _Seen:
    yield from _of_agreement(source)
    if source.refused:
        if source.agreement.state not in {"ended", "not yet started"}:
            yield (f"Nothing could be read: {source.refused.reason}", source.refused.advice)
        return
    yield from _of_age(source)
    yield from _of_rows(source, contract)
    yield from _of_areas(source)
    yield from _of_fields(source)


def _of_agreement(source: SourceFacts) -> _Seen:
    agreement = source.agreement
    named, ends = f"The sharing agreement {agreement.reference}", _day(agreement.expires)
    if agreement.state == "ended":
        yield (
            f"{named} ended on {ends}; nothing of this source is read",
            "Renew it and write the new date into the contract, or take the source out of the run",
        )
    elif agreement.state == "not yet started" and agreement.starts:
        yield (
            f"{named} begins on {_day(agreement.starts)}; nothing of this source is read before",
            "Wait for that day, or correct the date in the contract",
        )
    elif agreement.state == "ends soon":
        yield (
            f"{named} ends on {ends}, in {agreement.days_left} days",
            "Begin its renewal now; past that day the source is refused",
        )


def _of_age(source: SourceFacts) -> _Seen:
    fresh = source.freshness
    if fresh.state == "nothing":
        yield ("No row of this source is known yet", "Ask the controller for the first extract")
    elif fresh.last_known and fresh.due and fresh.late_by:
        old = "stale" if fresh.state == "stale" else "late"
        newest, due = _day(fresh.last_known), _day(fresh.due)
        yield (
            f"It is {old}: the newest record is of {newest}, and a newer one was due on {due}",
            "Ask the controller when the next extract comes, and whether the cadence still holds",
        )


def _of_rows(source: SourceFacts, contract: Contract) -> _Seen:
    for drop in source.held:
        yield (
            f"The drop {drop.drop} is held: {'; '.join(drop.reasons)}",
            "Ask the controller what changed; then accept or reject the drop (risk-engine feeds)",
        )
    rows = source.rows
    share = rows.quarantined / rows.read if rows and rows.read else 0.0
    if share > 0 and share >= _NEAR_LIMIT * contract.quarantine_limit:
        limit = f"{contract.quarantine_limit:.0%}"
        yield (
            f"{share:.1%} of its rows break the contract; above {limit} the source is refused",
            "Show the controller which fields and codes are at fault",
        )


def _of_areas(source: SourceFacts) -> _Seen:
    silent = [area.name for area in source.coverage.areas if area.covered and area.silent]
    if silent and source.coverage.areas_now:
        yield (
            f"Covered, and nothing sent in 12 months: {', '.join(silent)}",
            "Ask whether the extract leaves them out; if it must, correct the contract's coverage",
        )


def _of_fields(source: SourceFacts) -> _Seen:
    low = [f for f in source.fields if f.key and f.share is not None and f.share < LOW]
    if low:
        # cut, not rounded: what lies under the line is never printed as the line
        shares = [f"{field.what} {int(1000 * (field.share or 0)) / 10} %" for field in low]
        columns = ", ".join(f"'{field.column}'" for field in low)
        yield (
            f"Often empty; filled in: {', '.join(shares)}",
            f"Ask whether {columns} can be sent more fully; if not, note the reason",
        )


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
