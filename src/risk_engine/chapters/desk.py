"""What every chapter has at hand, and how a value becomes JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from risk_engine import cohorts, features
from risk_engine.config import CohortSpec, Settings
from risk_engine.engine import Engine, open_engine
from risk_engine.errors import InputError
from risk_engine.features import Feature
from risk_engine.partners import DropDecision
from risk_engine.places import AreaMap, Residents
from risk_engine.runs import Run


@dataclass(frozen=True)
class Desk:
    """What every chapter has at hand.

    Attributes
    ----------
    decisions
        Those about drops that are in force.
    answers
        ``left, right, same, drawn``: pairs of ``record_id`` that people have judged, and whether
        the pair was drawn at random to be judged.
    before
        The run of the week before, whose linkage this one goes on from.
    """

    settings: Settings
    as_of: datetime
    run: Run
    engine: Engine
    areas: AreaMap
    residents: Residents | None
    key: bytes
    decisions: Sequence[DropDecision] = ()
    answers: pd.DataFrame | None = None
    before: Run | None = None

    def scan(self, name: str) -> ir.Table:
        """Open a table of this run."""
        return self.run.scan(name, self.engine)

    def write(self, name: str, table: ir.Table, *order_by: str) -> None:
        """Write a table of this run, sorted."""
        self.run.write(name, table, order_by=order_by, engine=self.engine)

    @contextmanager
    def computing(self) -> Iterator[Engine]:
        """Open the engine that the configuration names, for rooms that run on each kind."""
        if self.settings.config.engine.kind == self.engine.kind:
            yield self.engine
            return
        with open_engine(self.settings.config.engine) as engine:
            yield engine

    def catalogue(self, subject: features.Subject) -> tuple[Feature, ...]:
        """Return the features of people or of places."""
        chosen = self.settings.person_features
        if subject == "place":
            chosen = self.settings.place_features
        return features.catalogue(chosen, subject=subject, contracts=self.settings.contracts)

    def features_of(self, spec: CohortSpec) -> tuple[Feature, ...]:
        """Return the features that one cohort's model may use."""
        return cohorts.choose_features(self.catalogue("person"), spec=spec)

    def at(self, units: ir.Table) -> ir.Table:
        """Add the date of the run to a table of units."""
        moment = pd.Timestamp(self.as_of)
        return units.mutate(as_of=moment).cast({"as_of": "timestamp(6)"})

    def schedule(self, spec: CohortSpec) -> cohorts.Schedule:
        """Return the dates of one cohort: training, validation, scoring."""
        first = self.scan("events").known_at.min().execute()
        if pd.isna(first):
            raise InputError(
                "no source sent any event, so nobody can be scored",
                code="NO_EVENTS",
                hint="look at the files of the sources, or take 'cohorts' out of the run",
            )
        return cohorts.schedule(spec, as_of=self.as_of, first_known=first.to_pydatetime())


def plain(value: Any) -> Any:
    """Return a value as JSON holds it: dates as text, NumPy numbers as numbers, no NaN."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and value != value else value
