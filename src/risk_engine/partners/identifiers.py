"""Keyed identifiers in SQL: no key of a partner leaves the room.

An identifier is SHA-256 over the secret key and a SHA-256 over the key and the partner's values,
cut to 32 hexadecimal characters. The secret is always the bound parameter ``$key``.
"""

from __future__ import annotations

from risk_engine.config import Contract
from risk_engine.partners.sql import literal


def keyed(values: str) -> str:
    """Return the SQL of the identifier of a list of texts."""
    # JSON keeps the values apart whatever characters they hold
    return f"left(sha256($key || sha256($key || to_json({values})::VARCHAR)), 32)"


def has_key(contract: Contract) -> str:
    """Return the condition under which a row has its whole key."""
    return " AND ".join(f"f_{name} IS NOT NULL" for name in contract.key)


def by_key(contract: Contract) -> str:
    """Name a row by its key; null for a row without one."""
    cells = ", ".join(f"f_{name}" for name in contract.key)
    named = keyed(f"['event', {literal(contract.source)}, {cells}]")
    return f"CASE WHEN {has_key(contract)} THEN {named} END"


def by_place(contract: Contract, file: str) -> str:
    """Name a row by its file and row number; `file` is SQL for the file's name."""
    return keyed(f"['row', {literal(contract.source)}, {file}, row::VARCHAR]")


def by_incident(contract: Contract, field: str) -> str:
    """Name an incident by the field that all its rows share."""
    return keyed(f"['incident', {literal(contract.source)}, f_{field}]")
