"""Events become features of people and places, as known at each date that needs them."""

from __future__ import annotations

from risk_engine import cohorts, features
from risk_engine.chapters.desk import Desk
from risk_engine.config import CohortSpec
from risk_engine.events import visible
from risk_engine.places import Grid
from risk_engine.runs import Facts


def features_chapter(desk: Desk) -> Facts:
    """Compute every feature of people and of squares, as known at each date that needs it."""
    facts: Facts = {"people": 0, "person_columns": 0, "place_columns": 0, "cells": 0}
    for spec in desk.settings.cohorts:
        rows, columns = _person_matrix(desk, spec)
        facts["people"] = max(facts["people"], rows)
        facts["person_columns"] = max(facts["person_columns"], columns)
    if desk.settings.place_features:
        facts["cells"], facts["place_columns"] = _place_matrix(desk)
    facts["sentence"] = (
        f"{facts['people']:,} people x {facts['person_columns']} · "
        f"{facts['cells']:,} squares x {facts['place_columns']} · "
        f"as known at {desk.as_of:%d %b %Y %H:%M} UTC"
    )
    return facts


def _person_matrix(desk: Desk, spec: CohortSpec) -> tuple[int, int]:
    """Write the matrix of one cohort for its training, validation and scoring dates."""
    events = desk.scan("events")
    dates = [*desk.schedule(spec).dates, desk.as_of]
    known = features.people_as_of(desk.scan("people"), desk.scan("addresses"), events, dates)
    eligible = cohorts.population(known, spec=spec)
    chosen = desk.features_of(spec)
    matrix = features.build(events, eligible, unit="person_id", features=chosen)
    whole = eligible.inner_join(matrix, ["person_id", "as_of"])
    desk.write(f"matrix_{spec.name}", whole, "person_id", "as_of")
    now = desk.scan(f"matrix_{spec.name}").filter(lambda row: row.as_of == desk.as_of)
    return int(now.count().execute()), len(chosen)


def _place_matrix(desk: Desk) -> tuple[int, int]:
    """Write the matrix of every square that has an event, as of now."""
    events = Grid(desk.settings.areas.cell_size).with_cells(desk.scan("events"))
    seen = events.filter(visible(events, desk.as_of))
    units = seen.group_by("cell_id").agg(area_code=seen.area_code.min())
    chosen = desk.catalogue("place")
    matrix = features.build(events, desk.at(units), unit="cell_id", features=chosen)
    desk.write("place_features", matrix, "cell_id")
    return int(desk.scan("place_features").count().execute()), len(chosen)
