"""What is said of a drop: what was seen, what a person decided, and what follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: ``hold``: large and far outside the usual, so the drop waits for a person; ``note``: only said.
Severity = Literal["hold", "note"]


def percent(share: float) -> str:
    """Write a share of 1 as people read it.

    >>> percent(0.44)
    '44 %'
    """
    return f"{100 * share:.0f} %"


@dataclass(frozen=True)
class Observation:
    """One thing that a check found in a drop.

    Attributes
    ----------
    code
        Stable name of the check, for scripts.
    message
        Plain words, with what was found and what is usual; never a personal value.
    """

    code: str
    severity: Severity
    message: str


@dataclass(frozen=True)
class DropDecision:
    """What a person decided about one drop.

    Attributes
    ----------
    source, drop
        Names of the source and of the drop.
    sha256
        Of the bytes of the file that was looked at; a file sent again is judged anew.
    accept
        True: used although unusual. False: held although it may look usual.
    by, reason
        Who, and why.
    """

    source: str
    drop: str
    sha256: str
    accept: bool
    by: str
    reason: str

    @property
    def words(self) -> str:
        """The decision in one phrase."""
        return f"{'accepted' if self.accept else 'rejected'} by {self.by}: {self.reason}"


@dataclass(frozen=True)
class FeedFinding:
    """What the checks found in one drop, in plain words, and what became of it.

    Attributes
    ----------
    reasons
        What is large and far outside the usual; none for a drop that is only noted.
    notes
        What is worth knowing and never holds a drop by itself.
    held
        True: its rows reach neither events nor records.
    decision
        What a person decided about these very bytes; None where nobody has.
    """

    source: str
    drop: str
    reasons: tuple[str, ...]
    held: bool
    notes: tuple[str, ...] = ()
    decision: DropDecision | None = None


@dataclass(frozen=True)
class CheckSummary:
    """What one check did over the drops of a source.

    Attributes
    ----------
    looks_at
        What it compares, in words.
    severity
        The most it may do.
    looked, unusual
        Drops it looked at, and drops in which it found something.
    not_applicable
        Reason -> drops that it could not look at for it.
    """

    code: str
    looks_at: str
    severity: Severity
    looked: int
    unusual: int
    not_applicable: dict[str, int]


@dataclass(frozen=True)
class FeedCheck:
    """What was looked at in one source.

    Attributes
    ----------
    drops, compared
        All drops, and those with enough others to be compared with.
    """

    source: str
    drops: int
    compared: int
    checks: tuple[CheckSummary, ...]
