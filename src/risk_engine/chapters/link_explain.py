"""Why a record is who it is taken for: its links taken apart, without a name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from risk_engine import partners
from risk_engine.chapters.link_review import UNSIGNED, VIEW
from risk_engine.chapters.links import answers_given
from risk_engine.chapters.named_records import Named, check_key, frame, open_named
from risk_engine.chapters.quarantine import check_source
from risk_engine.config import Settings
from risk_engine.errors import RefusedError, UsageError
from risk_engine.linkage.explain import around, parts
from risk_engine.linkage.shared_keys import same_key
from risk_engine.linkage.training import odds
from risk_engine.release import Ledger, signed
from risk_engine.runs import Facts, Run

_KEYED = re.compile(r"[0-9a-f]{32}")
#: Figures after the point in what is shown.
_DIGITS = 4


def explain_record(
    settings: Settings, run: Run, ledger: Ledger, record: str, *, name: str, reason: str
) -> Facts:
    """Explain whom a record was taken for, and which evidence led there.

    The ledger says who asked, why, and after which record, before anything is looked up.

    Parameters
    ----------
    run
        A finished run; its key is needed, so that nobody without it gets from a partner's record to
        a pseudonym.
    record
        ``source:key`` with the key as the partner writes it (several fields with ``|`` between), or
        a keyed ``record_id``.
    name, reason
        Who asks, and why.

    Returns
    -------
    dict
        Numbers, pseudonyms and keyed ids; no name, no date and no address. ``links``, ``weak``,
        ``ruled_out`` and ``not_joined`` as in `explain.Around`, each pair with the ``record`` that
        stands for the other details, how many ``records`` have those, ``weight``,
        ``probability`` and ``parts`` that add up to the weight.

    Raises
    ------
    UsageError
        ``NO_SOURCE``, ``BAD_RECORD``; as from `check_key`.
    RefusedError
        ``NO_REASON``; ``NO_RECORD`` if the run has no such record; as from `check_key`.
    InputError
        As from `open_intake`.
    """
    name, reason = signed(name, reason, otherwise=UNSIGNED)
    check_key(settings, run)
    _check_record(settings, record)
    with open_named(settings, run) as named:
        record_id = _record_id(named, record)
        content = {"what": "links of a record", "record": record_id, "reason": reason}
        ledger.append(VIEW, actor=name, run_id=run.run_id, content=content)
        return _explained(named, record_id, ledger)


def _check_record(settings: Settings, record: str) -> None:
    """Refuse what cannot be a record, before any file is read; its key is not shown."""
    if _KEYED.fullmatch(record):
        return
    source, colon, _ = record.partition(":")
    if not colon:
        raise UsageError(
            "a record is written as SOURCE:KEY, or as its keyed id (32 hex characters)",
            code="BAD_RECORD",
        )
    contract = check_source(settings, source).contract
    if contract.person is None:
        raise UsageError(f"source '{source}' names nobody", code="BAD_RECORD")


def _record_id(named: Named, record: str) -> str:
    if _KEYED.fullmatch(record):
        return record
    source, _, written = record.partition(":")
    contract = named.intake.settings.contracts[source]
    (found,) = partners.record_ids(contract, [written], engine=named.intake.engine, key=named.key)
    if found is None:
        raise UsageError(
            f"a key of source '{source}' has the fields {', '.join(contract.key)}",
            code="BAD_RECORD",
            hint="write them in this order with | between",
        )
    return found


def _explained(named: Named, record_id: str, ledger: Ledger) -> Facts:
    mine = frame(named.known.filter(named.known.record_id == record_id))
    if mine.empty:
        raise RefusedError(
            f"run {named.run.run_id} has no such record, or its file has changed since",
            code="NO_RECORD",
            hint="see whether it was set aside: risk-engine quarantine list CONFIG",
        )
    person = str(mine["person_id"].iloc[0])
    known = named.known
    of_person = frame(known.filter(known.person_id == person))
    node = None if pd.isna(mine["node"].iloc[0]) else int(mine["node"].iloc[0])
    held = of_person["held"].dropna()
    threshold = named.model.threshold
    return {
        "run_id": named.run.run_id,
        "record": record_id,
        "person": person,
        "method": str(mine["method"].iloc[0]),
        "same_details": int((of_person["node"] == node).sum()) if node is not None else 1,
        "person_records": len(of_person),
        "person_details": int(of_person["node"].nunique()),
        "threshold": {"probability": threshold, "weight": round(odds(threshold), _DIGITS)},
        "held": str(held.iloc[0]) if len(held) else None,
        "lineage": _history(named, person),
        **(_links(named, node, of_person, ledger) if node is not None else {}),
    }


def _links(named: Named, node: int, of_person: pd.DataFrame, ledger: Ledger) -> Facts:
    members = {int(number) for number in of_person["node"].dropna()} - {node}
    pairs = frame(named.pairs.filter((named.pairs.left == node) | (named.pairs.right == node)))
    found = around(node, pairs, members, named.model.threshold)
    keyed = _keyed(named, node, members)
    sorted_out = {kind: getattr(found, kind) for kind in ("links", "ruled_out", "not_joined")}
    others = {int(other) for told in sorted_out.values() for other in told["other"]} | set(keyed)
    stands = _standing_for(named, sorted(others))
    shown = {
        kind: [_pair(row, named, stands) for row in told.to_dict("records")]
        for kind, told in sorted_out.items()
    }
    own = of_person.loc[of_person["node"] == node, "record_id"]
    return {
        **shown,
        "weak": len(found.weak),
        "by_key": [stands[other] for other in keyed],
        "answers": _answers(ledger, set(own)),
    }


def _keyed(named: Named, node: int, members: set[int]) -> list[int]:
    """Return the other details of the person that a shared key ties to these."""
    near = named.nodes.filter(named.nodes.node.isin(sorted({node, *members})))
    tied = same_key(near, named.intake.engine.dialect)
    mine = tied[(tied["left"] == node) | (tied["right"] == node)]
    return sorted({int(end) for end in mine[["left", "right"]].to_numpy().ravel()} - {node})


def _standing_for(named: Named, nodes: Sequence[int]) -> dict[int, Facts]:
    """Return for each identity a record that stands for it, and how many records have it."""
    if not nodes:
        return {}
    rows = named.known.filter(named.known.node.isin(nodes))
    told = frame(rows.group_by("node").agg(record=rows.record_id.min(), records=rows.count()))
    return {
        int(node): {"record": record, "records": int(records)}
        for node, record, records in told[["node", "record", "records"]].itertuples(index=False)
    }


def _pair(row: dict[str, Any], named: Named, stands: dict[int, Facts]) -> Facts:
    told = [asdict(part) for part in parts(row, named.model)]
    return {
        **stands.get(int(row["other"]), {"record": None, "records": 0}),
        "weight": float(row["weight"]),
        "probability": round(float(row["probability"]), 6),
        "parts": [{**part, "log2": round(part["log2"], _DIGITS)} for part in told],
    }


def _answers(ledger: Ledger, own: set[str]) -> list[Facts]:
    """Return what people said of these details, oldest first."""
    given = answers_given(ledger)
    about = given[given["left"].isin(own) | given["right"].isin(own)]
    return [
        {"record": right if left in own else left, "said": said}
        for left, right, said in about[["left", "right", "said"]].itertuples(index=False)
    ]


def _history(named: Named, person: str) -> list[Facts]:
    """Return what became of the pseudonym, oldest first."""
    table = named.lineage
    rows = frame(table.filter((table.person_id == person) | (table.other == person)))
    return [
        {
            "as_of": f"{row['as_of']:%Y-%m-%d}",
            "person": row["person_id"],
            "event": row["event"],
            "other": None if pd.isna(row["other"]) else row["other"],
            "records": int(row["records"]),
        }
        for row in rows.to_dict("records")
    ]
