"""Which fields of a source matter, and in what share of its rows each is filled."""

from __future__ import annotations

from collections.abc import Mapping

from risk_engine.config import Contract
from risk_engine.partners.tracker.counts import Counted, Filled
from risk_engine.partners.tracker.coverage import THRESHOLD
from risk_engine.partners.tracker.facts import FieldFacts

#: Rows below which no share is given.
_FEW_ROWS = 100
_PERSON = {
    "first_name": "first name",
    "last_name": "last name",
    "birth_date": "birth date",
    "sex": "sex",
    "postcode": "postcode",
    "shared_key": "key shared with other partners",
}
_KEY_PERSON = {"last_name", "birth_date"}


def field_facts(
    contract: Contract, counted: Counted, shares: Mapping[str, float]
) -> tuple[FieldFacts, ...]:
    """Return what is known of each important field, worst first; nothing without rows."""
    found = []
    for field, (what, key) in important(contract).items():
        filled = counted.filled.get(field)
        if filled is None and field in shares:
            filled = Filled(round(shares[field] * counted.now), counted.now, 0, 0)
        if filled is None or filled.of_now == 0:
            continue
        share, note = share_of(filled.now, filled.of_now)
        before, _ = share_of(filled.then, filled.of_then)
        facts = FieldFacts(what, contract.fields[field].column, key, share, before, note)
        found.append((filled.now / filled.of_now, facts))
    return tuple(facts for _, facts in sorted(found, key=lambda pair: pair[0]))


def important(contract: Contract) -> dict[str, tuple[str, bool]]:
    """Return, by field, what it is for and whether the engine can do little without it."""
    if contract.measures:
        return {field: (_words(name), True) for name, field in contract.measures.values.items()}
    event, person = contract.record, contract.person
    found = {name: (_words(name), False) for name in event.attributes}
    found[event.occurred_at] = ("when it happened", True)
    if event.known_at:
        found[event.known_at] = ("when it was recorded", True)
    if event.area:
        found[event.area] = ("local area", True)
    if event.point:
        found[event.point.x] = ("where it happened", True)
    if person and person.home:
        found[person.home.x] = ("where the home is", False)
    for name, words in _PERSON.items():
        if person and (field := getattr(person, name)):
            found[field] = (words, name in _KEY_PERSON)
    for held in contract.protected:
        by = "" if held.recorded_by == "agency" else f", recorded by {held.recorded_by}"
        key = held.characteristic == "ethnicity" and held.recorded_by != "officer"
        found[held.field] = (_words(held.characteristic) + by, key)
    return found


def share_of(n: int, of: int) -> tuple[float | None, str]:
    """Return a share as it may be shown: from 0 to 1, or None and words.

    >>> share_of(50, 200)
    (0.25, '')
    >>> share_of(3, 200)
    (None, 'fewer than 6 rows')
    """
    if of < _FEW_ROWS:
        return None, f"fewer than {_FEW_ROWS} rows to judge by"
    if 0 < n < THRESHOLD:
        return None, f"fewer than {THRESHOLD} rows"
    if 0 < of - n < THRESHOLD:
        return None, f"all but fewer than {THRESHOLD} rows"
    return n / of, ""


def _words(name: str) -> str:
    return name.replace("_", " ")
