"""A linkage model learnt once and kept in the project, beside the one that last week's run used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from risk_engine import linkage
from risk_engine.chapters.intake import open_intake, read_key
from risk_engine.chapters.linking import remembered
from risk_engine.config import Settings
from risk_engine.errors import UsageError
from risk_engine.linkage import Model
from risk_engine.release import Ledger
from risk_engine.runs import week_before

#: Where models are kept, within the project.
FOLDER = Path("models/linkage")


@dataclass(frozen=True)
class Trained:
    """A model that was learnt and written.

    Attributes
    ----------
    path
        The file, relative to the project.
    before
        The model of the latest earlier run, if there is one, and the id of that run.
    """

    model: Model
    path: Path
    before: tuple[str, Model] | None

    def moved(self) -> list[dict[str, Any]]:
        """Return m and u of every level, now and in the model before (None where it had none)."""
        earlier = self.before[1].parameters if self.before else {}
        return [
            {
                "comparison": comparison,
                "level": level,
                "m": m,
                "u": u,
                "m_before": earlier.get((comparison, level), (None, None))[0],
                "u_before": earlier.get((comparison, level), (None, None))[1],
            }
            for (comparison, level), (m, u) in self.model.parameters.items()
        ]


def train(settings: Settings, runs: Path, *, ledger: Ledger, as_of: date | None = None) -> Trained:
    """Learn a linkage model from all records known by a day, and keep it in the project.

    Parameters
    ----------
    runs
        Folder of all runs; the latest earlier one is compared with.
    as_of
        First day not known; see `chapters.intake.run_moment`.

    Raises
    ------
    UsageError
        ``NO_LINKAGE`` if the configuration links no records.
    """
    if settings.linkage is None:
        raise UsageError(
            f"configuration '{settings.config.name}' links no records", code="NO_LINKAGE"
        )
    with open_intake(settings, as_of, ledger=ledger) as intake:
        key, records = read_key(settings), intake.found.records
        model = linkage.learn(
            records.filter(records.known_at < intake.as_of),
            engine=intake.engine,
            spec=settings.linkage,
            key=key,
            seed=settings.config.seed,
        )
        run = week_before(runs, settings, intake.as_of, key=key)
        before = (run.run_id, remembered(run, intake.engine).model) if run else None
    written = model.save(settings.root / FOLDER)
    return Trained(model, written.relative_to(settings.root), before)
