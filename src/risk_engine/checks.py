"""`risk-engine check`: every fault of every configuration, and agreements that have ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from risk_engine.config import Settings, expired, load_settings
from risk_engine.errors import ConfigError, Fault


@dataclass(frozen=True)
class Report:
    """What was checked and what was found.

    Attributes
    ----------
    configs
        Names of the run configurations looked at.
    lines
        What to print, one line each.
    """

    configs: list[str]
    faults: tuple[Fault, ...]
    lines: tuple[str, ...]

    def faults_as_json(self) -> list[dict[str, object]]:
        """Return the faults as plain objects."""
        return [
            {"file": f.file, "line": f.line, "where": f.where, "message": f.message}
            for f in self.faults
        ]


def check_all(root: Path, configs: Sequence[Path]) -> Report:
    """Check run configurations; areas.yaml and other parts are checked through them.

    Parameters
    ----------
    root
        The project folder.
    configs
        Candidate files; those in the folder that are no run configuration are passed over.
    """
    if not configs:
        raise ConfigError.one("there is no run configuration", file=str(root / "configs"))
    faults: set[Fault] = set()
    lines, names = [], []
    for path in configs:
        if path.name == "areas.yaml":
            continue
        names.append(path.name)
        try:
            settings = load_settings(path, root=root)
        except ConfigError as error:
            found = set(error.faults)
        else:
            found = {*_catalogue(settings), *_agreements(settings, path)}
            lines += [] if found else [f"{path.name}: {_summary(settings)}"]
        faults |= found
        lines += [f"{path.name}: {len(found)} fault{'s' * (len(found) != 1)}"] if found else []
    ordered = tuple(sorted(faults))
    return Report(names, ordered, (*lines, *map(str, ordered)))


def _catalogue(settings: Settings) -> set[Fault]:
    """Return what the feature catalogue and the choice of features have wrong."""
    from risk_engine import cohorts, features

    contracts = settings.contracts
    found: set[Fault] = set()
    try:
        features.catalogue(settings.place_features, subject="place", contracts=contracts)
    except ConfigError as error:
        found |= set(error.faults)
    try:
        person = features.catalogue(settings.person_features, subject="person", contracts=contracts)
        for spec in settings.cohorts:
            cohorts.choose_features(person, spec=spec)
    except ConfigError as error:
        found |= set(error.faults)
    return found


def _agreements(settings: Settings, path: Path) -> list[Fault]:
    today = datetime.now(UTC).date()
    return [
        Fault(
            path.name,
            0,
            f"sources.{contract.source}",
            f"the sharing agreement {contract.agreement.reference} ended on "
            f"{contract.agreement.expires:%d %B %Y}; the source will be refused",
        )
        for contract in expired(settings, today)
    ]


def _summary(settings: Settings) -> str:
    person = sum(len(file.features) for file in settings.person_features.values())
    place = sum(len(file.features) for file in settings.place_features.values())
    return (
        f"{len(settings.sources)} sources, {person} person and {place} place features, "
        f"cohorts: {len(settings.cohorts)}, definition {settings.definition.name} "
        f"{settings.definition.version}"
    )
