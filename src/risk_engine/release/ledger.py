"""The ledger: one line a fact, each carrying the hash of the line before it.

Append-only JSON lines. Whoever changes, removes or inserts a line breaks the chain from there on.
Cutting lines off the end leaves a whole chain: a pack whose release was cut off no longer verifies,
but a cut-off refusal is seen by nobody unless a copy of the ledger is kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from risk_engine.errors import BusyError, IntegrityError, RefusedError

Kind = Literal[
    "run",
    "audit",
    "adjudication",
    "signature",
    "refusal",
    "release",
    "feed",
    "key_rotated",
    "link_answers",
    "view",
]
GENESIS = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One line of the ledger.

    Attributes
    ----------
    number
        Position, from 1.
    at
        When it was written, ISO 8601 UTC.
    kind
        What happened.
    actor
        Who did it, by name.
    run_id
        The run it is about; empty for what is about no run, such as a decision on a partner's file.
    content
        The facts; never a personal value.
    previous, hash
        SHA-256 of the line before and of this one.
    """

    number: int
    at: str
    kind: Kind
    actor: str
    run_id: str
    content: dict[str, Any]
    previous: str
    hash: str


def signed(name: str, reason: str, *, otherwise: str) -> tuple[str, str]:
    """Return name and reason without spare blanks: nobody decides or looks without both.

    Raises
    ------
    RefusedError
        ``NO_REASON`` if either is empty, in the words of `otherwise`.
    """
    name, reason = " ".join(name.split()), " ".join(reason.split())
    if not name or not reason:
        raise RefusedError(otherwise, code="NO_REASON", hint='add --as NAME --reason "why"')
    return name, reason


class Ledger:
    """An append-only ledger in one file.

    Parameters
    ----------
    path
        The file; made on the first entry.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(
        self,
        kind: Kind,
        *,
        actor: str,
        run_id: str,
        content: dict[str, Any],
        at: datetime | None = None,
    ) -> Entry:
        """Write one entry after checking the chain so far.

        Raises
        ------
        IntegrityError
            If the ledger was changed; nothing is added to a broken chain.
        BusyError
            If another process has been writing for ten seconds.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.path.with_suffix(".lock"), timeout=10):
                return self._append(kind, actor, run_id, content, at or datetime.now(UTC))
        except Timeout:
            raise BusyError("the ledger is being written by another process") from None

    def entries(self, run_id: str | None = None) -> list[Entry]:
        """Return the entries, oldest first, after checking the whole chain."""
        return [e for e in self._checked() if run_id is None or e.run_id == run_id]

    def _append(
        self, kind: Kind, actor: str, run_id: str, content: dict[str, Any], at: datetime
    ) -> Entry:
        before = self.entries()
        fields = {
            "number": len(before) + 1,
            "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
            "kind": kind,
            "actor": actor,
            "run_id": run_id,
            "content": json.loads(json.dumps(content)),
            "previous": before[-1].hash if before else GENESIS,
        }
        entry = Entry(**fields, hash=_hash(fields))
        with self.path.open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(_line(entry) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        return entry

    def _checked(self) -> Iterator[Entry]:
        if not self.path.exists():
            return
        previous = GENESIS
        *lines, rest = self.path.read_bytes().decode(errors="replace").split("\n")
        for number, line in enumerate(lines, start=1):
            entry = _parse(line, number)
            fields = {key: value for key, value in asdict(entry).items() if key != "hash"}
            chained = (entry.number, entry.previous) == (number, previous)
            if not chained or _hash(fields) != entry.hash or _line(entry) != line:
                raise _broken(number)
            previous = entry.hash
            yield entry
        if rest:  # an entry that was never finished, or whose end was cut off
            raise _broken(len(lines) + 1)


def project_ledger(root: Path) -> Ledger:
    """Return the ledger of a project folder, where every verb looks for it."""
    return Ledger(root / "ledger" / "ledger.jsonl")


def _line(entry: Entry) -> str:
    """Return the one way in which an entry is written, so that no byte may differ."""
    return json.dumps(asdict(entry), sort_keys=True)


def _parse(line: str, number: int) -> Entry:
    try:
        return Entry(**json.loads(line))
    except (ValueError, TypeError):
        raise _broken(number) from None


def _broken(number: int) -> IntegrityError:
    return IntegrityError(
        f"the ledger is broken at line {number}",
        code="LEDGER_BROKEN",
        hint="restore it from a backup; nothing is released from a broken ledger",
    )


def _hash(fields: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
