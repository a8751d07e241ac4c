"""Both lists are audited: the only chapter that opens protected characteristics."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd

from risk_engine import audit
from risk_engine.chapters.desk import Desk
from risk_engine.config import CohortSpec, Settings
from risk_engine.runs import Facts


def audit_chapter(desk: Desk) -> Facts:
    """Compare groups on both lists. The only chapter that opens protected characteristics."""
    settings, policy, residents = desk.settings, desk.settings.policy, desk.residents
    tables, groups, linkage = [], [], pd.DataFrame()
    if settings.cohorts:
        protected = desk.run.read_restricted("protected")
        people = desk.run.read_restricted("people")
        links = desk.run.read_restricted("links")
        labelled = desk.run.has("link_labels")
        labels = desk.run.read_restricted("link_labels") if labelled else None
        for spec in settings.cohorts:
            result, described = _audit_people(desk, spec, protected, people)
            tables.append(result.assign(subject=_list_name(settings, spec)))
            groups.append(described.assign(list=spec.name))
        compared, linkage = _audit_linkage(desk, links, protected, people, labels)
        tables.append(compared)
    if residents is not None:
        tables.append(
            audit.audit_places(
                desk.run.read_places("places"),
                residents.zones,
                residents.population,
                policy=policy,
                seed=settings.config.seed,
            )
        )
    results = audit.join(tables)
    held = protected[["characteristic"]].drop_duplicates() if settings.cohorts else None
    total = audit.overall(results, protected=held)
    desk.run.write("audit", results)
    if groups:
        desk.run.write("by_group", pd.concat(groups, ignore_index=True))
    return {
        **asdict(total),
        "policy": policy.version,
        "max_age_days": policy.max_age_days,
        "disclosure_external": policy.disclosure_external,
        "rate_denominator": policy.rate_denominator,
        "linkage": _rows(linkage),
        "sentences": audit.sentences(results),
        "sentence": (
            f"{total.passed} pass · {total.cannot_tell} cannot tell · {total.fail} fail"
            + ("" if residents is not None else " · places: no census configured")
        ),
    }


def _list_name(settings: Settings, spec: CohortSpec) -> str:
    """Name the list in verdict keys, so that a judgement on one list says nothing of another."""
    return "people" if len(settings.cohorts) == 1 else f"people {spec.name}"


def _audit_people(
    desk: Desk, spec: CohortSpec, protected: pd.DataFrame, people: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    scores = desk.run.read(f"scores_{spec.name}")
    origin = desk.run.read(f"origin_scores_{spec.name}")
    policy, as_of = desk.settings.policy, desk.as_of
    result = audit.audit_people(
        scores,
        protected,
        people,
        origin_scores=origin,
        residents=desk.residents.by_group() if desk.residents else None,
        policy=policy,
        as_of=as_of,
    )
    described = audit.by_group(
        scores, protected, people, origin_scores=origin, policy=policy, as_of=as_of
    )
    return result, described


def _audit_linkage(
    desk: Desk,
    links: pd.DataFrame,
    protected: pd.DataFrame,
    people: pd.DataFrame,
    labels: pd.DataFrame | None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    policy, as_of, seed = desk.settings.policy, desk.as_of, desk.settings.config.seed
    compared = audit.audit_linkage(
        links, protected, people, policy=policy, as_of=as_of, labels=labels, seed=seed
    )
    described = audit.linkage_by_group(
        links, protected, people, policy=policy, as_of=as_of, labels=labels, seed=seed
    )
    return compared, described


def _rows(table: pd.DataFrame) -> list[Facts]:
    """Return the rows as facts; what is not known is None, since JSON has no other word for it."""
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in table.to_dict("records")
    ]
