"""The secret key and the pseudonyms made with it."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from risk_engine.config.run import Linkage
from risk_engine.errors import InputError

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
        raise InputError(
            f"no pseudonym key: the environment variable {config.key_env} is not set and "
            "'linkage.key_file' is not configured",
            hint=_HINT,
            code="KEY_MISSING",
        )
    try:
        return str(config.key_file), resolve(config.key_file).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{config.key_file}: the pseudonym key file cannot be read ({type(error).__name__})",
            hint=_HINT,
            code="KEY_MISSING",
        ) from None


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
