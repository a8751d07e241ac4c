"""Is a pack what was released? Every file against the manifest, the manifest against the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from risk_engine.errors import IntegrityError, RefusedError
from risk_engine.files import hash_tree, read_json, sha256
from risk_engine.release.ledger import Ledger
from risk_engine.runs import check_hashes

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Verified:
    """A pack that is as it was released.

    Attributes
    ----------
    on_ledger
        Whether the manifest itself was checked against a ledger.
    """

    release_id: str
    files: int
    approved_by: str
    expires_at: datetime
    on_ledger: bool


def verify_pack(folder: Path, ledger: Ledger | None) -> Verified:
    """Check a released pack.

    Parameters
    ----------
    folder
        The release folder (the one that holds ``manifest.json``).
    ledger
        The partnership's ledger, or None where only the files can be checked.

    Raises
    ------
    RefusedError
        If the folder holds no manifest.
    IntegrityError
        If any file was changed, removed or added, or the manifest is not the one on the ledger.
    """
    if not (folder / MANIFEST).is_file():
        raise RefusedError(f"{folder.name} holds no {MANIFEST}", code="NO_MANIFEST")
    manifest = _read(folder / MANIFEST)
    found = hash_tree(folder, leave_out=frozenset({MANIFEST}))
    check_hashes(manifest["files"], found, what=f"pack {manifest['release_id']}")
    if ledger is not None:
        _check_ledger(folder / MANIFEST, manifest["release_id"], ledger)
    return Verified(
        release_id=manifest["release_id"],
        files=len(found),
        approved_by=manifest["approved_by"],
        expires_at=datetime.fromisoformat(manifest["expires_at"]),
        on_ledger=ledger is not None,
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = read_json(path)
        datetime.fromisoformat(manifest["expires_at"])
        if {"release_id", "approved_by"} <= manifest.keys() and isinstance(manifest["files"], dict):
            return manifest
    except (ValueError, TypeError, KeyError, AttributeError):
        pass  # not JSON, or not an object: said below in one way
    raise IntegrityError(f"{path.name} is not the manifest of a release")


def _check_ledger(path: Path, release_id: str, ledger: Ledger) -> None:
    recorded = [
        entry.content["manifest"]
        for entry in ledger.entries()
        if entry.kind == "release" and entry.content["release_id"] == release_id
    ]
    if not recorded:
        raise IntegrityError(f"release {release_id} is not on the ledger", code="NOT_ON_LEDGER")
    if sha256(path) != recorded[-1]:
        raise IntegrityError(f"the manifest of {release_id} is not the one on the ledger")
