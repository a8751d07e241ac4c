"""`risk-engine link explain`: why a record is who it is taken for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from risk_engine.cli.common import Json, Who, Why, open_run
from risk_engine.cli.feeds import WEEKLY, Config
from risk_engine.cli.link_review import RunOption
from risk_engine.config import load_settings
from risk_engine.console import Console

_HEADS = {
    "links": "LINKED to",
    "ruled_out": "RULED OUT by itself, in one person through others:",
    "not_joined": "NOT JOINED, though strong enough (refused, held, or open to several):",
}


def explain(
    record: Annotated[
        str, typer.Argument(help="SOURCE:KEY as the partner writes it, or a keyed record id.")
    ],
    name: Who,
    reason: Why,
    config: Config = WEEKLY,
    run: RunOption = "latest",
    as_json: Json = False,
) -> None:
    """Show whom a record was taken for and what each link rests on; no name, date or address."""
    from risk_engine.chapters.link_explain import explain_record

    console, settings = Console(as_json=as_json), load_settings(config)
    paths, opened = open_run(run, settings.root)
    found = explain_record(settings, opened, paths.ledger(), record, name=name, reason=reason)
    for line in _lines(found):
        console.say(line)
    console.result(found)


def _lines(found: dict[str, Any]) -> Iterator[str]:
    yield f"record      {found['record']} · {found['method']}"
    yield f"details     {_count(found['same_details'], 'record')} with exactly these details"
    yield (
        f"person      {found['person']}: {_count(found['person_records'], 'record')}, "
        f"{found['person_details']:,} distinct details"
    )
    threshold = found["threshold"]
    yield f"threshold   weight {threshold['weight']:.2f}, probability {threshold['probability']}"
    yield f"held        {found['held'] or 'no'}" + (
        ": in pieces until a person has looked" if found["held"] else ""
    )
    for event in found["lineage"]:
        yield f"{event['as_of']}  {_event(event)}"
    if "links" not in found:
        yield "too little is known of it, or too many share its details: it links to nobody"
        return
    for kind, head in _HEADS.items():
        for pair in found[kind]:
            yield from _pair(head, pair)
    if found["weak"]:
        yield f"{found['weak']:,} weaker pairs within the person, which joined nothing"
    for other in found["by_key"]:
        yield f"SHARED KEY with {other['record']} ({_count(other['records'], 'record')})"
    for answer in found["answers"]:
        yield f"ANSWERED by a person: {answer['said']}, about {answer['record']}"


def _pair(head: str, pair: dict[str, Any]) -> Iterator[str]:
    other = pair["record"] or "a record that is not there any more"
    yield (
        f"{head} {other} ({_count(pair['records'], 'record')}): weight {pair['weight']:.2f}, "
        f"probability {min(pair['probability'], 0.9999):.4f}"
    )
    for part in pair["parts"]:
        level = f": {part['found']}" if part["found"] else ""
        yield f"  {part['log2']:+8.2f}  {part['what']}{level}"


def _event(event: dict[str, Any]) -> str:
    words = {
        "issued": "issued",
        "merged": f"merged into {event['other']}",
        "split": f"split: records went to {event['other']}",
        "retired": "retired: no record left",
    }
    return f"{event['person']} {words[event['event']]} ({_count(event['records'], 'record')})"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
