"""Writing without half-written files, and hashing what was written.

Everything is written beside its place and then renamed, so that a cancelled run, a full disk or a
file that is open in another program never leaves a broken output behind.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from risk_engine.errors import BusyError, RiskEngineError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; on success it takes the place of `path`.

    Raises
    ------
    BusyError
        If `path` is open in another program that forbids replacing it.
    RiskEngineError
        If the disk is full or the folder cannot be written; `path` is left as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.stem}.writing{path.suffix}")
    try:
        yield aside
        _sync(aside)
        aside.replace(path)
    except PermissionError:
        raise BusyError(
            f"{path.name} cannot be replaced", hint="close it where it is open, then run again"
        ) from None
    except OSError as error:
        raise RiskEngineError(
            f"{path.name} could not be written: {error.strerror or error}",
            code="DISK",
            hint="free some space, then run again; nothing was lost",
        ) from None
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder beside `path`; on success it becomes `path`, the old one goes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield aside
        swap_folder(aside, path)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def swap_folder(new: Path, path: Path) -> None:
    """Put the folder `new` at `path` by renaming.

    A folder already there is removed last, and comes back if the new one cannot take its place.
    """
    old = path.with_name(f".{path.name}.old")
    if path.exists():
        shutil.rmtree(old, ignore_errors=True)
        path.replace(old)
    try:
        new.replace(path)
    except OSError:
        if old.exists():
            old.replace(path)
        raise
    shutil.rmtree(old, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with Unix line ends."""
    with replacing(path) as aside:
        aside.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, value: Any) -> None:
    """Write JSON with sorted keys, so that equal content gives equal bytes."""
    write_text(path, json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fingerprint(secret: bytes) -> str:
    """Eight hex characters by which a secret is recognised; it cannot be found from them.

    >>> fingerprint(bytes(32)) == fingerprint(bytes(31) + b"1")
    False
    """
    return hmac.new(secret, b"fingerprint", "sha256").hexdigest()[:8]


def hash_tree(
    folder: Path, *, only: Sequence[str] = ("*",), leave_out: frozenset[str] = frozenset()
) -> dict[str, str]:
    """SHA-256 of the files below a folder by their path within, ``/`` as separator.

    Parameters
    ----------
    only
        Patterns of paths, of which a file must match one; ``*`` matches ``/`` too.
    leave_out
        Paths that are not hashed.
    """
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    named = {path.relative_to(folder).as_posix(): path for path in found}
    return {
        name: sha256(path)
        for name, path in named.items()
        if name not in leave_out and any(fnmatchcase(name, pattern) for pattern in only)
    }


def _sync(path: Path) -> None:
    """Flush to disk before the rename makes the file visible; folders have nothing to flush."""
    if path.is_file():
        with path.open("rb+") as stream:
            os.fsync(stream.fileno())
