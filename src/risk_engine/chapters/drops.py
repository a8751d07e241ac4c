"""Decisions of people about drops: written to the ledger, read back for every run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from risk_engine.config import Settings
from risk_engine.errors import UsageError, suggest
from risk_engine.files import sha256
from risk_engine.partners import DropDecision, drop_names
from risk_engine.release import Ledger, signed

_KIND: Literal["feed"] = "feed"
_UNSIGNED = "a decision about a drop needs a name and a reason"
#: Drops named in a hint; the rest are counted.
_LISTED = 20


@dataclass(frozen=True)
class DropFile:
    """A drop as it lies there now; `path` is its file, or the archive that it came in."""

    source: str
    drop: str
    path: Path


def drop_files(settings: Settings) -> list[DropFile]:
    """Return every drop of the run configuration's sources whose file is there."""
    return [
        DropFile(source.contract.source, name, path)
        for source in settings.sources
        for path in source.files
        for name in drop_names(source.contract, path)
    ]


def decide(
    settings: Settings,
    ledger: Ledger,
    *,
    drop: str,
    source: str | None = None,
    accept: bool,
    name: str,
    reason: str,
) -> DropDecision:
    """Record a person's decision about one drop, bound to the bytes of its file.

    Parameters
    ----------
    drop
        Name of the drop, or of its file.
    source
        Needed only where two sources have a drop of this name.
    accept
        True: use it although unusual. False: hold it although it may look usual.
    name, reason
        Who decides, and why.

    Returns
    -------
    DropDecision
        As it is on the ledger; it outranks earlier decisions about the same bytes.

    Raises
    ------
    RefusedError
        ``NO_REASON`` if name or reason is empty.
    UsageError
        ``UNKNOWN_DROP`` or ``DROP_TWICE``, with the drops there are.
    """
    name, reason = signed(name, reason, otherwise=_UNSIGNED)
    found = _find(drop_files(settings), drop, source)
    made = DropDecision(found.source, found.drop, sha256(found.path), accept, name, reason)
    content = {
        "source": made.source,
        "drop": made.drop,
        "sha256": made.sha256,
        "decision": "accept" if accept else "reject",
        "reason": reason,
    }
    ledger.append(_KIND, actor=name, run_id="", content=content)
    return made


def in_force(settings: Settings, ledger: Ledger) -> tuple[DropDecision, ...]:
    """Return the latest decision about the bytes that each drop has now, by source and drop.

    A file sent again has other bytes: what was decided about the old ones is not in force.
    """
    latest = {(d.source, d.drop, d.sha256): d for d in decided(ledger)}
    names = {(source, drop) for source, drop, _ in latest}
    present = [f for f in drop_files(settings) if (f.source, f.drop) in names]
    found = [latest.get((f.source, f.drop, sha256(f.path))) for f in present]
    return tuple(sorted((d for d in found if d), key=lambda d: (d.source, d.drop, d.sha256)))


def decided(ledger: Ledger) -> list[DropDecision]:
    """Return every decision about a drop, oldest first."""
    return [
        DropDecision(
            source=entry.content["source"],
            drop=entry.content["drop"],
            sha256=entry.content["sha256"],
            accept=entry.content["decision"] == "accept",
            by=entry.actor,
            reason=entry.content["reason"],
        )
        for entry in ledger.entries()
        if entry.kind == _KIND
    ]


def _find(files: Sequence[DropFile], drop: str, source: str | None) -> DropFile:
    found = [f for f in files if drop in {f.drop, f.path.name} and source in {None, f.source}]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"{len(found)} drops are called '{drop}'",
            code="DROP_TWICE",
            hint=f"add --source, or name the file: {_list(found)}",
        )
    there = [f for f in files if source in {None, f.source}]
    raise UsageError(
        f"no source has a drop '{drop}'{suggest(drop, [f.drop for f in there])}",
        code="UNKNOWN_DROP",
        hint=f"drops: {_list(there)}",
    )


def _list(files: Sequence[DropFile]) -> str:
    """Name the newest drops by name order."""
    named = [f"{f.path.name} ({f.source})" for f in files[-_LISTED:]]
    more = len(files) - len(named)
    return ", ".join(([f"{more:,} more"] if more else []) + named) or "none"
