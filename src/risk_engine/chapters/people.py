"""People at risk are scored and explained, by models measured on the past."""

from __future__ import annotations

from risk_engine import cohorts, features
from risk_engine.chapters.desk import Desk, plain
from risk_engine.config import CohortSpec
from risk_engine.files import write_json
from risk_engine.runs import Facts


def cohorts_chapter(desk: Desk) -> Facts:
    """Train on the past, measure against the simple rules, score and explain everybody."""
    specs = [_cohort(desk, spec) for spec in desk.settings.cohorts]
    sentence = "not applicable: no cohort is configured"
    if specs:
        sentence = " · ".join(
            f"{s['name']}: {s['champion']} · {s['listed']} listed of {s['eligible']:,} · "
            f"abstained on {s['abstained']}"
            for s in specs
        )
    return {"specs": specs, "sentence": sentence}


def _cohort(desk: Desk, spec: CohortSpec) -> Facts:
    schedule, chosen = desk.schedule(spec), desk.features_of(spec)
    matrix = desk.scan(f"matrix_{spec.name}")
    past = matrix.filter(matrix.as_of < desk.as_of)
    labels = cohorts.outcomes(
        desk.scan("events"),
        past.select("person_id", "as_of"),
        spec=spec,
        definition=desk.settings.definition,
        known_by=desk.as_of,
    )
    words = {feature.column: feature for feature in chosen}
    result = cohorts.train_and_score(
        past.inner_join(labels, ["person_id", "as_of"]).execute(),
        matrix.filter(matrix.as_of == desk.as_of).execute(),
        features=chosen,
        schedule=schedule,
        spec=spec,
        seed=desk.settings.config.seed,
        phrase=lambda column, value: features.phrase(words[column], value),
    )
    for name in ("scores", "shap", "importance", "comparisons", "origin_scores"):
        desk.run.write(f"{name}_{spec.name}", getattr(result, name))
    write_json(desk.run.folder / "models" / f"{spec.name}.json", result.model.as_json())
    return {
        "name": spec.name,
        "title": spec.title,
        "champion": result.champion,
        "eligible": len(result.scores),
        "listed": int(result.scores["selected"].sum()),
        "abstained": int(result.scores["abstain"].sum()),
        "labels": {feature.column: feature.label for feature in chosen},
        "metrics": plain(result.metrics),
    }
