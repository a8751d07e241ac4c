"""Records become people: names, birth dates and addresses stop here."""

from __future__ import annotations

import ibis.expr.types as ir
import pandas as pd

from risk_engine import linkage, partners
from risk_engine.chapters.desk import Desk, plain
from risk_engine.config import Settings
from risk_engine.config.run import Labels
from risk_engine.engine import Engine
from risk_engine.errors import InputError
from risk_engine.events import LINKED_SCHEMA, attach_people
from risk_engine.linkage import Linked, Memory, Model, review
from risk_engine.runs import REMEMBERED, Facts, Run


def linkage_chapter(desk: Desk) -> Facts:
    """Turn records into people under pseudonyms; names, birth dates and addresses stop here."""
    events, spec = desk.scan("record_events"), desk.settings.linkage
    if spec is None:
        named = events.mutate(person_id=None).cast({"person_id": "string"})
        desk.write("events", named.select(*LINKED_SCHEMA), "event_id")
        return {"people": 0, "sentence": "not applicable: no source holds people"}
    with desk.computing() as engine:
        records = desk.run.scan("records", engine)
        linked = linkage.link(
            records.filter(records.known_at < desk.as_of),
            engine=engine,
            areas=desk.areas,
            spec=spec,
            key=desk.key,
            seed=desk.settings.config.seed,
            as_of=desk.as_of,
            model=given_model(desk.settings),
            memory=remembered(desk.before, engine) if desk.before else None,
            answers=desk.answers,
        )
        for name, order in _ORDERS.items():
            desk.run.write(name, linked.tables[name], order_by=order, engine=engine)
    links = desk.scan("links")
    desk.write("events", attach_people(events, links), "event_id")
    protected = linkage.protect(desk.scan("record_protected"), links)
    desk.write("protected", protected, *protected.columns)
    quality = plain(linked.quality) | _measured(desk, links) | _reviewed(desk, linked)
    return {**quality, "sentence": _sentence(quality, desk.before is not None)}


_ORDERS: dict[str, tuple[str, ...]] = {
    "links": ("record_id",),
    "people": ("person_id",),
    "addresses": ("person_id", "known_at"),
    "lineage": ("as_of", "person_id", "event", "other"),
    "link_identities": ("node",),
    "link_pairs": ("left", "right"),
    "link_about": (),
}


def given_model(settings: Settings) -> Model | None:
    """Read the linkage model that the configuration names, if it names one."""
    config = settings.config.linkage
    return linkage.load_model(settings.resolve(config.model)) if config and config.model else None


def remembered(run: Run, engine: Engine) -> Memory:
    """Open what linkage remembers of a finished run."""
    links, lineage, identities, pairs, about = (run.scan(name, engine) for name in REMEMBERED)
    return Memory(identities=identities, pairs=pairs, links=links, lineage=lineage, about=about)


def _measured(desk: Desk, links: ir.Table) -> Facts:
    """Measure linkage on the records whose person is known, and keep those for the audit."""
    config = desk.settings.config.linkage
    if config is None or config.labels is None:
        return {}
    known = read_labels(desk.settings, config.labels, engine=desk.engine, key=desk.key)
    here = links.select("record_id", "person_id").to_pyarrow().to_pandas()
    told = known.merge(here, on="record_id").sort_values("record_id")
    desk.run.write("link_labels", told[["record_id", "true_person"]])
    return {"labels": linkage.pairwise(told["true_person"], told["person_id"])}


def _reviewed(desk: Desk, linked: Linked) -> Facts:
    """Estimate precision and recall by what people answered; nothing where nobody did."""
    if desk.answers is None or desk.answers.empty:
        return {}
    records = desk.scan("records")
    found = review.facts(
        desk.answers,
        records.filter(records.known_at < desk.as_of),
        linked.tables["link_identities"],
        linked.tables["link_pairs"],
        threshold=linked.quality["threshold"],
        engine=desk.engine,
        key=desk.key,
        seed=desk.settings.config.seed,
    )
    return {"review": found} if found else {}


def read_labels(settings: Settings, labels: Labels, *, engine: Engine, key: bytes) -> pd.DataFrame:
    """Read whom records are known to be about.

    Returns
    -------
    pandas.DataFrame
        ``record_id, true_person``; rows of sources that are not in this run are left out.

    Raises
    ------
    InputError
        ``LABELS`` if the file is missing or lacks a column.
    """
    path = settings.resolve(labels.file)
    wanted = [labels.source, labels.key, labels.person]
    try:
        frame = pd.read_csv(path, dtype="str", usecols=wanted).dropna()
    except (OSError, ValueError) as error:
        raise InputError(
            f"{labels.file}: the labels for linkage cannot be read; wanted are the columns "
            f"{', '.join(wanted)} ({type(error).__name__})",
            code="LABELS",
        ) from None
    found = [pd.DataFrame({"record_id": [], "true_person": []}, dtype="str")]
    for source, rows in frame.groupby(labels.source):
        contract = settings.contracts.get(str(source))
        if contract is None or contract.person is None:
            continue
        ids = partners.record_ids(contract, rows[labels.key], engine=engine, key=key)
        told = {"record_id": ids, "true_person": rows[labels.person].to_numpy()}
        found.append(pd.DataFrame(told, dtype="str").dropna())
    return pd.concat(found, ignore_index=True)


def _sentence(quality: Facts, went_on: bool) -> str:
    register = quality["register"]
    told = [
        f"{quality['people']:,} people from {quality['records']:,} records"
        + (f" (+{register['issued']:,})" if went_on else ""),
        *([f"{register['merged']:,} merged", f"{register['split']:,} split"] if went_on else []),
        f"{quality['unlinkable_share']:.1%} could not be linked",
    ]
    if labels := quality.get("labels"):
        told.append(f"recall {labels['recall']:.3f} and precision {labels['precision']:.3f}")
    if held := sum(quality["held"].values()):
        told.append(f"{held:,} HELD for a look")
    return " · ".join(told)
