"""Slips that can be mended without guessing, as SQL: each gives a cell again, or null.

A repair is tried only where the contract lists it, and only on a cell that says nothing as it
stands. The row keeps the code of every repair, and the run keeps the row as it was sent.
"""

from __future__ import annotations

from collections import Counter

from risk_engine.config import Contract
from risk_engine.config.contract import FieldSpec
from risk_engine.partners.sql import literal, texts

#: Texts that programs write for an empty cell; names of people are never taken for one.
PLACEHOLDERS = (
    "#n/a", "#na", "#null!", "#ref!", "#value!", "-", "--", "?", "n/a", "nan", "none", "null",
    "not known", "unknown",
)  # fmt: skip
_NAMES = ("first_name", "last_name")
#: A number with thousands separators; anything else with a comma is left to be set aside.
_THOUSANDS = r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?"
#: Days since 30 December 1899, as Excel counts them: 1927 to 2119.
_SERIAL = r"[1-7]\d{4}(\.\d+)?"
_EPOCH = "TIMESTAMP '1899-12-30'"


def placeholder(name: str, cell: str, contract: Contract, *, required: bool) -> str | None:
    """Return the condition under which a cell is a word for nothing; None: never."""
    spec, person = contract.fields[name], contract.person
    named = {getattr(person, part) for part in _NAMES} if person else set()
    if "placeholder" not in contract.repairs or required or name in named:
        return None
    words = [word for word in PLACEHOLDERS if word not in {code.lower() for code in spec.codes}]
    return f"list_contains({texts(words)}, lower({cell}))"


def plain(cell: str) -> str:
    """Return a code in small letters without spaces."""
    return f"lower(regexp_replace({cell}, '\\s+', '', 'g'))"


def plain_codes(spec: FieldSpec) -> dict[str, str]:
    """Return the codes without regard to case and spaces; those that this makes alike are left."""
    found = {key: "".join(key.lower().split()) for key in spec.codes}
    alike = Counter(found.values())
    return {found[key]: word for key, word in spec.codes.items() if alike[found[key]] == 1}


def number(cell: str) -> str:
    """Read a number written with thousands separators."""
    plain = f"TRY_CAST(replace({cell}, ',', '') AS DOUBLE)"
    return f"CASE WHEN regexp_full_match({cell}, {literal(_THOUSANDS)}) THEN {plain} END"


def serial_date(cell: str) -> str:
    """Read a day count of Excel, whose part after the point is the time of day."""
    moment = f"{_EPOCH} + to_seconds(round(TRY_CAST({cell} AS DOUBLE) * 86400))"
    return f"CASE WHEN regexp_full_match({cell}, {literal(_SERIAL)}) THEN {moment} END"
