"""Keyed identifiers in SQL: no key of a partner leaves the room.

An identifier is SHA-256 over the secret key and the partner's values, cut to 32 hexadecimal
characters: half of the hash is never shown, so that nobody can extend it (Coron, Dodis, Malinaud
and Puniya 2005, "chop"). The secret is always the bound parameter ``$key``. Where a source holds no
personal data there is nothing to keep secret, and the quicker MD5 names its rows as well.
"""

from __future__ import annotations

from collections.abc import Sequence

from risk_engine.config import Contract
from risk_engine.partners.sql import literal


def keyed(kind: str, contract: Contract, texts: Sequence[str]) -> str:
    """Return the SQL of the identifier of texts (SQL each), none of which is null.

    The length of each text but the last stands before it, so that no two lists of texts are
    written alike.
    """
    *others, last = texts
    lengths = "".join(f"length({text}) || '|' || {text} || '|' || " for text in others)
    written = f"{literal(f'{kind}|{contract.source}|')} || {lengths}{last}"
    if contract.personal_data == "none":
        return f"md5({written})"
    return f"left(sha256($key || {written}), 32)"


def has_key(contract: Contract) -> str:
    """Return the condition under which a row has its whole key."""
    return " AND ".join(f"f_{name} IS NOT NULL" for name in contract.key)


def by_key(contract: Contract) -> str:
    """Name a row by its key; null for a row without one."""
    named = keyed("event", contract, [f"f_{name}" for name in contract.key])
    return f"CASE WHEN {has_key(contract)} THEN {named} END"


def named(contract: Contract) -> str:
    """Name a row by its ``event_id``; one without, where allowed, by its file and row number."""
    if not contract.key_optional:
        return "event_id"
    return f"coalesce(event_id, {keyed('row', contract, ['file', 'row::VARCHAR'])})"


def by_incident(contract: Contract, field: str) -> str:
    """Name an incident by the field that all its rows share."""
    return keyed("incident", contract, [f"f_{field}"])
