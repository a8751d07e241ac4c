"""The errors of the engine: one tree, each with a code, a hint and an exit status.

An error says where (file, line, row, field), what was found, what was allowed and what to do.
It never carries a personal value: readers report codes and row numbers, not cell contents.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path


class RiskEngineError(Exception):
    """Base of every error the engine raises on purpose.

    Parameters
    ----------
    message
        One sentence: where, what was found, what was allowed.
    hint
        What to do next; printed on its own line.
    code
        Stable upper-case identifier for scripts; defaults to the class's own.
    """

    code = "RISK_ENGINE"
    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or type(self).code

    def __str__(self) -> str:
        text = f"{self.message} [{self.code}]"
        return f"{text}\n  -> {self.hint}" if self.hint else text


class UsageError(RiskEngineError):
    """The command line or a function was asked for something that has no meaning."""

    code = "USAGE"
    exit_code = 2


class InputError(RiskEngineError):
    """A file of a partner, or a table handed to a room, cannot be used as it is."""

    code = "INPUT"
    exit_code = 3


class RefusedError(RiskEngineError):
    """Something was asked for that the gate or a governance rule does not allow (yet)."""

    code = "REFUSED"
    exit_code = 4


class IntegrityError(RiskEngineError):
    """A hash, a chain or a signature does not match what was recorded."""

    code = "INTEGRITY"
    exit_code = 5


class BusyError(RiskEngineError):
    """Another process holds a lock, or a file is open in another program."""

    code = "BUSY"
    exit_code = 6


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong in a file that a person edits.

    Attributes
    ----------
    file
        The file as the user named it.
    line
        1-based line, or 0 where the fault belongs to the whole file.
    where
        Dotted path of the key, such as ``hotspots.placed.squares``.
    message
        What was found and what is allowed.
    """

    file: str
    line: int
    where: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.where + ': ' if self.where else ''}{self.message}"


class ConfigError(RiskEngineError):
    """Every fault found in the configuration, raised once.

    Parameters
    ----------
    faults
        At least one fault; printed in file and line order.
    """

    code = "CONFIG"
    exit_code = 2

    def __init__(self, faults: Iterable[Fault], *, hint: str | None = None) -> None:
        self.faults: Sequence[Fault] = tuple(sorted(set(faults)))
        count = len(self.faults)
        listing = "\n".join(f"  {fault}" for fault in self.faults)
        super().__init__(
            f"{count} fault{'s' if count != 1 else ''} in the configuration:\n{listing}", hint=hint
        )

    @classmethod
    def one(cls, message: str, *, file: Path | str, line: int = 0, where: str = "") -> ConfigError:
        """Build the error for a single fault."""
        return cls([Fault(str(file), line, where, message)])


def suggest(word: str, allowed: Iterable[str]) -> str:
    """Return ``" (did you mean 'x'?)"`` for the nearest allowed word, or an empty string.

    >>> suggest("windws", ["windows", "where"])
    " (did you mean 'windows'?)"
    >>> suggest("zzz", ["windows"])
    ''
    """
    near = get_close_matches(word, list(allowed), n=1, cutoff=0.6)
    return f" (did you mean '{near[0]}'?)" if near else ""
