"""From the files of a run to the reviewer's pages: collected here, rendered in `reports`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from risk_engine.audit import Overall, keys
from risk_engine.release import decisions
from risk_engine.reports import (
    OUTCOMES,
    CohortFacts,
    Definition,
    GateView,
    Page,
    WeekFacts,
    week_pages,
)
from risk_engine.runs import Facts, Run

_STAGES = ("partners", "linkage", "features", "hotspots", "cohorts", "audit")
#: Share of the last days still unseen from which on a briefing says so.
_WORTH_SAYING = 0.02
_LINKAGE = (
    "records", "people", "identities", "unlinkable_share", "weak_share", "largest_person",
    "threshold",
)  # fmt: skip
_MADE = ("as_of", "code", "config", "definition", "libraries", "inputs", "policy", "python", "seed")


def pages(run: Run, made_of: Facts) -> list[Page]:
    """Render the pages of a run whose chapters are all done.

    Parameters
    ----------
    made_of
        The run's manifest without its outputs.
    """
    return week_pages(week_facts(run, made_of))


def week_facts(run: Run, made_of: Facts) -> WeekFacts:
    """Collect what the pages say from the run's facts and tables."""
    about, partners = run.facts["release"], run.facts["partners"]
    as_of = datetime.fromisoformat(about["as_of"])
    results = run.read("audit")
    described = run.read("by_group") if run.has("by_group") else pd.DataFrame()
    return WeekFacts(
        run_id=run.run_id,
        name=about["name"],
        title=about["title"],
        as_of=as_of,
        period=about["period"],
        period_label=about["period_label"],
        marking=about["marking"],
        challenge=about["challenge"],
        definition=Definition(**about["definition"]),
        preparer=made_of["prepared_by"],
        places=run.read_places("places"),
        areas=run.read_places("areas"),
        hotspot_summary=run.facts["hotspots"],
        backtest=run.read("backtest"),
        cohorts=[_cohort(run, spec) for spec in run.facts["cohorts"]["specs"]],
        audit=results,
        by_group=described,
        overall=_overall(run.facts["audit"]),
        gate=_gate(run, made_of, results, as_of),
        sources=_sources(about["contracts"], partners["sources"], partners["files"]),
        files=partners["files"],
        feeds=partners["feeds"],
        linkage=_linkage(run.facts["linkage"]),
        features={k: v for k, v in run.facts["features"].items() if k != "sentence"},
        manifest={name: made_of[name] for name in _MADE},
        stages=[(name, run.facts[name]["sentence"]) for name in _STAGES],
        timezone=about["timezone"],
        delays=partners["delays"],
        linkage_by_group=run.facts["audit"].get("linkage", []),
    )


def limits(facts: Mapping[str, Facts]) -> list[str]:
    """Say what a reader of a briefing must know of the data behind it."""
    partners = facts["partners"]
    lines = [
        f"{feed['drop']} was left out: {'; '.join(feed['reasons'])}."
        for feed in partners["feeds"]
        if feed["held"]
    ]
    lines += _incomplete(partners)
    lines.append("Ranks whose brackets overlap cannot be told apart.")
    lines.append("Expected counts are averages over many such periods; zero events is common.")
    return lines


def _incomplete(partners: Facts) -> list[str]:
    """Say in one line how much of the last days is known, source by source."""
    titles = {source["source"]: source["title"] for source in partners["sources"]}
    recent = {
        titles[delays["source"]]: delays["unseen"][0]
        for delays in partners["delays"]
        if delays["told"] and delays["unseen"][0]["share"] >= _WORTH_SAYING
    }
    if not recent:
        return []
    days = next(iter(recent.values()))["days"]
    known = ", ".join(f"{title} {100 * (1 - u['share']):.0f} %" for title, u in recent.items())
    return [f"Records of the last {days} days are not complete; known are about: {known}."]


def _cohort(run: Run, spec: Facts) -> CohortFacts:
    name = spec["name"]
    matrix = run.read(f"matrix_{name}")
    shap = run.read(f"shap_{name}")
    now = matrix[matrix["as_of"] == matrix["as_of"].max()]
    values = now.set_index("person_id").loc[shap["person_id"], list(spec["labels"])].reset_index()
    return CohortFacts(
        name=name,
        title=spec["title"],
        scores=run.read(f"scores_{name}"),
        importance=run.read(f"importance_{name}"),
        comparisons=run.read(f"comparisons_{name}"),
        metrics=spec["metrics"],
        shap=shap[["person_id", *spec["labels"]]],
        values=values,
        labels=spec["labels"],
    )


def _overall(found: Facts) -> Overall:
    names = ("fail", "passed", "cannot_tell", "blocking", "to_adjudicate", "held")
    return Overall(**{name: found[name] for name in names})


def _gate(run: Run, made_of: Facts, results: pd.DataFrame, as_of: datetime) -> GateView:
    decision = decisions.preview(run.facts, preparer=made_of["prepared_by"], as_of=as_of)
    why = dict(zip(keys(results), results["why"], strict=True))
    waiting = [f"{why[key]} [{key}]" if key in why else key for key in decision.to_adjudicate]
    missing = [reason for reason in decision.missing if not reason.startswith("not adjudicated")]
    return GateView(decision.allowed, missing, waiting, decision.next_steps(run.run_id))


def _sources(
    contracts: Sequence[Facts], sources: Sequence[Facts], files: Sequence[Facts]
) -> list[dict[str, Any]]:
    """Join what a contract says, what arrived and what became of it."""
    found = {source["source"]: source for source in sources}
    rows = []
    for contract in contracts:
        own = [file for file in files if file["source"] == contract["source"]]
        came = found[contract["source"]]
        rows.append(
            {
                **contract,
                "expires": pd.Timestamp(contract["expires"]),
                **{name: sum(f[name] for f in own) for name in OUTCOMES},
                "held": came["held"],
                "span_from": _moment(came["first_occurred"]),
                "span_to": _moment(came["last_occurred"]),
                "last_known": _moment(came["last_known"]),
                "note": came["geography"],
            }
        )
    return rows


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _linkage(found: Facts) -> dict[str, Any] | None:
    """Sum up how records became people; shares of pairs say what they are shares of."""
    if not found["people"]:
        return None
    told = {name: found[name] for name in _LINKAGE}
    told |= {f"pseudonyms {name}": n for name, n in found["register"].items()}
    expected, labels = found["expected"], found.get("labels") or {}
    told |= {
        "share of links that the model expects to be right": expected["precision"],
        "share of true pairs that it expects to have found among those compared": expected[
            "recall"
        ],
    }
    if labels:
        told |= {
            "records whose person is known": labels["records"],
            "share of links among them that are right": labels["precision"],
            "share of true pairs among them that were found": labels["recall"],
        }
    return told | {"held until somebody has looked": sum(found["held"].values())}
