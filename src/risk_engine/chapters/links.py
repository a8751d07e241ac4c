"""Decisions of people about linkage: written to the ledger, read back for every run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd

from risk_engine.config import Settings
from risk_engine.errors import UsageError
from risk_engine.linkage.keys import Rotation, new_key_file
from risk_engine.release import Ledger, signed

_ROTATED: Literal["key_rotated"] = "key_rotated"
_ANSWERED: Literal["link_answers"] = "link_answers"
#: What a person may say of a pair of records.
SAYINGS = ("same", "different", "unsure")


def record_answers(
    ledger: Ledger, answers: Sequence[tuple[str, str, str]], *, name: str, reason: str
) -> int:
    """Put a person's answers about pairs of records on the ledger; return how many decide.

    Parameters
    ----------
    answers
        Two keyed ``record_id`` and one of `SAYINGS`. The ids say nothing without the key.

    Raises
    ------
    RefusedError
        ``NO_REASON`` if name or reason is empty.
    """
    name, reason = signed(name, reason, otherwise="answers about records need a name and a reason")
    content = {"answers": [list(answer) for answer in answers], "reason": reason}
    ledger.append(_ANSWERED, actor=name, run_id="", content=content)
    return sum(said != "unsure" for _, _, said in answers)


def answers_given(ledger: Ledger) -> pd.DataFrame:
    """Return what people said of pairs of records, oldest first.

    Returns
    -------
    pandas.DataFrame
        ``left, right`` (``record_id``), ``said`` (one of `SAYINGS`); the last answer about a pair
        is the one that counts.
    """
    rows = [
        answer
        for entry in ledger.entries()
        if entry.kind == _ANSWERED
        for answer in entry.content["answers"]
    ]
    return pd.DataFrame(rows, columns=["left", "right", "said"], dtype="str")


def deciding(answers: pd.DataFrame) -> pd.DataFrame:
    """Return the answers that decide: ``left, right, same``; of several about a pair the last."""
    ends = answers[["left", "right"]]
    pair = answers.assign(left=ends.min(axis=1), right=ends.max(axis=1))
    last = pair.drop_duplicates(["left", "right"], keep="last")
    told = last[last["said"] != "unsure"]
    return told.assign(same=told["said"] == "same")[["left", "right", "same"]]


def rotate(settings: Settings, ledger: Ledger, *, name: str, reason: str) -> Rotation:
    """Put a new pseudonym key in place of the old one, and both fingerprints on the ledger.

    From the next run on everybody has another pseudonym; nobody can join them with the old ones
    without both keys. Where the ledger cannot be written the old key stays.

    Parameters
    ----------
    name, reason
        Who decides, and why.

    Raises
    ------
    RefusedError
        ``NO_REASON`` if name or reason is empty; ``KEY_KEPT`` as from `new_key_file`.
    UsageError
        ``NO_LINKAGE`` if the configuration links no records; ``KEY_IN_ENVIRONMENT``.
    InputError
        ``KEY_MISSING`` or ``KEY_UNUSABLE`` if there is no key to rotate.
    IntegrityError, BusyError
        As from `Ledger.append`.
    """
    name, reason = signed(name, reason, otherwise="rotating the key needs a name and a reason")
    if settings.config.linkage is None:
        raise UsageError(
            f"configuration '{settings.config.name}' links no records, so it has no pseudonym key",
            code="NO_LINKAGE",
            hint="name the configuration whose runs have people",
        )
    with new_key_file(settings.config.linkage, settings.resolve) as made:
        content = {"old": made.old, "new": made.new, "reason": reason}
        ledger.append(_ROTATED, actor=name, run_id="", content=content)
    return made
