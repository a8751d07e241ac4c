"""Small pieces of SQL text; contract texts are quoted here, secrets are always bound instead."""

from __future__ import annotations

from collections.abc import Iterable

#: White space that partners leave around values, the no-break space of spreadsheets included.
_BLANK = " \t\r\n\u00a0\ufeff"


def literal(text: str) -> str:
    """Quote a text as a SQL literal.

    >>> literal("O'Brien")
    "'O''Brien'"
    """
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Quote a column name.

    >>> print(identifier('a "b" c'))
    "a ""b"" c"
    """
    return '"' + name.replace('"', '""') + '"'


def texts(values: Iterable[str]) -> str:
    """Write a list of text literals, typed also when it is empty."""
    return f"([{', '.join(literal(value) for value in values)}]::VARCHAR[])"


def trimmed(expression: str) -> str:
    """Trim a text; empty becomes null.

    Most cells begin and end with a printing character of ASCII and need no trimming: a look at
    that is several times as fast as a trim.
    """
    first = f"{expression} >= '!' AND {expression} < '\x7f'"
    plain = f"{first} AND {expression}[-1] >= '!' AND {expression}[-1] < '\x7f'"
    return (
        f"CASE WHEN {plain} THEN {expression} "
        f"ELSE nullif(trim({expression}, {literal(_BLANK)}), '') END"
    )
