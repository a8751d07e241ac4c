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
    """Trim a text; empty becomes null."""
    return f"nullif(trim({expression}, {literal(_BLANK)}), '')"


def utc(local: str, timezone: str) -> str:
    """Turn a local time into naive UTC.

    A local time that the clock skips in spring counts as winter time, and one that it passes twice
    in autumn as the second: every time has one meaning and none is an error.
    """
    return f"timezone('UTC', timezone({literal(timezone)}, {local}))"
