"""The page of people: how good the scores are, what they rest on, the top of each list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from risk_engine.reports import formats as f
from risk_engine.reports.charts import importance_chart, swarm
from risk_engine.reports.facts import CohortFacts, WeekFacts
from risk_engine.reports.table import Cell, Column, Lines, Table, table

SHOWN_PEOPLE = 20
_SHOWN_FEATURES = 15
_MODELS = {
    "lightgbm": "boosted trees",
    "logistic": "logistic regression",
    "prior_events": "count of earlier events",
}
_METRICS = {
    "auc": "Order of all people (AUC; 0.5 is chance, 1 is perfect)",
    "average_precision": "Average precision (decides which rule runs)",
    "precision_at_top": "Share of the list to whom it happened",
    "brier": "Squared error of the probability (Brier; lower is better)",
}
_DIRECTIONS = {"increasing": "may only raise", "decreasing": "may only lower", "none": "either way"}


def context(facts: WeekFacts) -> dict[str, Any]:
    """Return what the page of people says."""
    names = dict(zip(facts.areas["area_code"], facts.areas["name"], strict=True))
    seed = int(facts.manifest.get("seed", 0))
    return {"sections": [_section(cohort, names, seed) for cohort in facts.cohorts]}


def _section(cohort: CohortFacts, names: Mapping[str, str], seed: int) -> dict[str, Any]:
    top = cohort.importance.head(_SHOWN_FEATURES)
    return {
        "title": cohort.title,
        "id": f.slug(cohort.name),
        "sentences": _sentences(cohort),
        "warnings": list(cohort.metrics.get("warnings", [])),
        "notes": list(cohort.metrics.get("notes", [])),
        "comparison": comparison_table(cohort),
        "importance_chart": importance_chart(top, f.slug(cohort.name)) if len(top) else None,
        "importance": _importance_table(top),
        "swarm": swarm(cohort.shap, cohort.values, cohort.labels, seed=seed),
        "people": people_table(cohort, names),
        "abstained": _abstained(cohort),
    }


def _sentences(cohort: CohortFacts) -> list[str]:
    m, scores = cohort.metrics, cohort.scores
    listed = int(scores["selected"].sum())
    lines = [f"{f.count(len(scores))} people were scored; {f.count(listed)} are on the list."]
    if not f.missing(m.get("base_rate")):
        lines.append(
            f"In the past data it happened to {f.count(m.get('positives'))} people and dates, "
            f"{f.percent(m['base_rate'], 1)} of all."
        )
    lines += [str(m["why_champion"])] if m.get("why_champion") else []
    return lines + _calibration(m.get("calibration"))


def _calibration(stated: Any) -> list[str]:
    if isinstance(stated, Mapping):
        why = f"; {stated['why']}" if stated.get("why") else ""
        return [f"Calibration: {stated.get('method')}{why}."]
    return [f"Calibration: {stated}."] if stated else []


def comparison_table(cohort: CohortFacts) -> Table:
    """Set the candidates side by side: their own figures, averaged over the validation dates."""
    rows = cohort.comparisons
    pooled = rows.loc[rows["origin"].isna()] if len(rows) else rows
    models = list(dict.fromkeys(pooled["model"])) if len(pooled) else []
    body = [
        [words, *(_figure(pooled, model, "", metric) for model in models)]
        for metric, words in _METRICS.items()
        if models
    ]
    heads = ["Measure", *(f"#{_model(model, cohort)}" for model in models)]
    return table(
        f"{cohort.title}: candidates side by side on dates not used for training (95\xa0% range)",
        heads,
        body,
        empty="No candidate could be measured.",
    )


def _model(model: str, cohort: CohortFacts) -> str:
    name = _MODELS.get(model, f.words(model)).capitalize()
    return f"{name} (in use)" if model == cohort.metrics.get("champion") else name


def _figure(rows: pd.DataFrame, model: str, versus: str, metric: str) -> str:
    found = rows[
        (rows["model"] == model) & (rows["versus"] == versus) & (rows["metric"] == metric)
    ].to_dict("records")
    if not found:
        return f.NONE
    return f.interval(found[0]["value"], found[0]["low"], found[0]["high"], digits=3)


def _importance_table(top: pd.DataFrame) -> Table:
    heads = ["Recorded fact", "#Mean contribution", "#Share of all", "Direction allowed"]
    body = [
        [
            str(row["label"]),
            f.number(row["mean_abs_shap"], 3),
            f.percent(row["share"], 1),
            _DIRECTIONS.get(str(row["direction"]), str(row["direction"])),
        ]
        for row in top.to_dict("records")
    ]
    return table("What the scores rest on most, over everybody scored", heads, body)


def people_table(cohort: CohortFacts, names: Mapping[str, str]) -> Table:
    """Build the table of the first people of the list, under pseudonyms."""
    chosen = cohort.scores.loc[cohort.scores["selected"].astype(bool)]
    top = chosen.sort_values(["rank", "person_id"]).head(SHOWN_PEOPLE)
    body: list[list[Cell]] = [
        [
            f.count(row["rank"]),
            Lines((str(row["person_id"]), names.get(row["area_code"], "area not known"))),
            f.share_interval(row["probability"], row["low"], row["high"]),
            _texts(row["reasons"], "nothing recorded stands out"),
            _texts(row["protective"], "nothing recorded"),
        ]
        for row in top.to_dict("records")
    ]
    heads: list[str | Column] = [
        "#Priority",
        Column("Pseudonym", keep=True),
        "#Chance (range)",
        Column("What raises it", wide=True),
        Column("What lowers it", wide=True),
    ]
    return table(
        f"{cohort.title}: first {len(top)} of {f.plural(len(chosen), 'person', 'people')} listed",
        heads,
        body,
        empty="Nobody is listed.",
    )


def _texts(texts: Any, nothing: str) -> Lines:
    found = [] if f.missing(texts) else [str(text) for text in texts]
    return Lines(tuple(found) or (nothing,))


def _abstained(cohort: CohortFacts) -> str:
    abstained = int(cohort.scores["abstain"].astype(bool).sum())
    if abstained == 0:
        return "The engine gave everybody a score."
    return (
        f"For {f.plural(abstained, 'person', 'people')} the engine gives no score: too little is "
        "recorded, or what is recorded is unlike the past data. They are not on the list; that "
        "says nothing about their need."
    )
