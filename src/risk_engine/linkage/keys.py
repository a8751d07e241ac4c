"""The secret key, the pseudonyms made with it, and how one key takes the place of another.

A new key is a clean break, on purpose: pseudonyms made with it cannot be joined with earlier ones
except by somebody who holds both keys and the extracts.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from risk_engine.config.run import Linkage
from risk_engine.errors import BusyError, InputError, RefusedError, UsageError
from risk_engine.files import fingerprint, replacing

_HINT = (
    'make one with: python -c "import secrets; print(secrets.token_hex(32))"; keep it outside the '
    "project, readable by the analyst alone, and for good: another key gives other pseudonyms"
)
_KEY = re.compile(r"(?:[0-9a-fA-F]{2}){16,}")


def read_key(config: Linkage, resolve: Callable[[Path], Path]) -> bytes:
    """Read the pseudonym key from the environment, or from the key file where one is configured.

    Parameters
    ----------
    config
        ``key_env`` and ``key_file``; the environment variable wins where both are there.
    resolve
        Turns a project path into an absolute one.

    Returns
    -------
    bytes
        At least 16 bytes (32 hex characters); 32 bytes are recommended.

    Raises
    ------
    InputError
        ``KEY_MISSING`` or ``KEY_UNUSABLE``; the key itself is never shown.
    """
    where, text = _key_text(config, resolve)
    if not _KEY.fullmatch(text):
        raise InputError(
            f"{where}: the pseudonym key must be hex characters, an even number and at least 32; "
            f"found {len(text)} characters",
            hint=_HINT,
            code="KEY_UNUSABLE",
        )
    return bytes.fromhex(text)


def _key_text(config: Linkage, resolve: Callable[[Path], Path]) -> tuple[str, str]:
    if found := os.environ.get(config.key_env, "").strip():
        return f"environment variable {config.key_env}", found
    if config.key_file is None:
        raise _no_key(config)
    try:
        return str(config.key_file), resolve(config.key_file).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{config.key_file}: the pseudonym key file cannot be read ({type(error).__name__})",
            hint=_HINT,
            code="KEY_MISSING",
        ) from None


def _no_key(config: Linkage) -> InputError:
    return InputError(
        f"no pseudonym key: the environment variable {config.key_env} is not set and "
        "'linkage.key_file' is not configured",
        hint=_HINT,
        code="KEY_MISSING",
    )


@dataclass(frozen=True)
class Rotation:
    """A key that took the place of another.

    Attributes
    ----------
    old, new
        Fingerprints of the keys (`files.fingerprint`).
    retired
        The file that keeps the old key, beside the new one.
    """

    old: str
    new: str
    retired: Path


@contextmanager
def new_key_file(config: Linkage, resolve: Callable[[Path], Path]) -> Iterator[Rotation]:
    """Put a new random key into the key file; the old one is kept beside it.

    The old key is copied to ``<name>.retired-<fingerprint>`` and the new one then takes its place
    by renaming. So a key is in place at any instant, and killed halfway this can be done again.

    Parameters
    ----------
    config
        Its ``key_file``.
    resolve
        Turns a project path into an absolute one.

    Yields
    ------
    Rotation
        What was done, to be put on record within the ``with`` block: an error in it puts the old
        key back.

    Raises
    ------
    UsageError
        ``KEY_IN_ENVIRONMENT``: a key that is read from there cannot be written from here.
    InputError
        ``KEY_MISSING`` or ``KEY_UNUSABLE``, as from `read_key`.
    RefusedError
        ``KEY_KEPT`` if another key is kept under the name that the old one would get.
    BusyError
        If the key is being rotated by another process.
    """
    if os.environ.get(config.key_env, "").strip():
        raise UsageError(
            f"the pseudonym key is read from the environment variable {config.key_env}, which the "
            "engine cannot change",
            hint="put the old key where old keys are kept, then set the variable to what this "
            'prints: python -c "import secrets; print(secrets.token_hex(32))"',
            code="KEY_IN_ENVIRONMENT",
        )
    if config.key_file is None:
        raise _no_key(config)
    read_key(config, resolve)  # where there is no key, no lock file is made either
    path = resolve(config.key_file).resolve()
    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise BusyError(f"{config.key_file}: the key is being rotated by another process") from None
    try:
        yield from _rotated(path, read_key(config, resolve))
    finally:
        lock.release()


def _rotated(path: Path, old: bytes) -> Iterator[Rotation]:
    new = secrets.token_hex(32)
    retired = path.with_name(f"{path.name}.retired-{fingerprint(old)}")
    _keep(path, retired)
    _write_secret(path, f"{new}\n")
    try:
        yield Rotation(fingerprint(old), fingerprint(bytes.fromhex(new)), retired)
    except BaseException:
        retired.replace(path)
        raise


def _keep(path: Path, retired: Path) -> None:
    """Copy the key to where it is kept; one that is there already must be the same."""
    text = path.read_text(encoding="ascii")
    if not retired.exists():
        _write_secret(retired, text)
    elif retired.read_bytes() != text.encode():
        raise RefusedError(
            f"{retired.name} is there already and holds another key; it is not overwritten",
            hint="move it to where old keys are kept, then do it again",
            code="KEY_KEPT",
        )


def _write_secret(path: Path, text: str) -> None:
    with replacing(path) as aside:
        aside.unlink(missing_ok=True)  # what a killed process left may be open to others
        aside.touch(mode=0o600)
        aside.write_text(text, encoding="ascii", newline="\n")


def pseudonyms(anchors: Iterable[str], key: bytes) -> list[str]:
    """Return the pseudonym of each person: ``P`` and 24 hex characters of a keyed hash.

    Parameters
    ----------
    anchors
        The key of each person's first record. Without `key` neither it nor anything about the
        person can be found from the pseudonym.
    key
        What `read_key` gave.
    """
    return [
        "P" + hmac.new(key, f"person:{anchor}".encode(), hashlib.sha256).hexdigest()[:24]
        for anchor in anchors
    ]
