"""The project folder and the settings of one run: authored files in, one checked object out."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from risk_engine.config.areas import AreasConfig
from risk_engine.config.catalogue import FeatureFile
from risk_engine.config.cohort import CohortSpec
from risk_engine.config.contract import CodeList, Contract
from risk_engine.config.definition import OffenceDefinition
from risk_engine.config.hotspots import HotspotSpec
from risk_engine.config.linkage import LinkageSpec
from risk_engine.config.load import content_hash, load_model
from risk_engine.config.policy import AuditPolicy
from risk_engine.config.run import RunConfig
from risk_engine.errors import ConfigError, Fault, suggest

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Source:
    """A contract and the files that arrived for it, in name order."""

    contract: Contract
    files: tuple[Path, ...]


@dataclass(frozen=True)
class Settings:
    """Everything one run needs, loaded and checked against each other.

    Attributes
    ----------
    root
        The project folder.
    config
        The run configuration as authored.
    person_features, place_features
        Catalogue files by stem: the middle part of ``person.<stem>.<name>``.
    """

    root: Path
    config_path: Path
    config: RunConfig
    areas: AreasConfig
    definition: OffenceDefinition
    sources: tuple[Source, ...]
    person_features: dict[str, FeatureFile]
    place_features: dict[str, FeatureFile]
    hotspots: HotspotSpec
    cohorts: tuple[CohortSpec, ...]
    policy: AuditPolicy
    linkage: LinkageSpec | None = None

    def resolve(self, path: Path) -> Path:
        """Return a project path as an absolute one."""
        return path if path.is_absolute() else self.root / path

    @property
    def contracts(self) -> dict[str, Contract]:
        """The contract of each source, by the source's name."""
        return {source.contract.source: source.contract for source in self.sources}

    def digest(self) -> str:
        """SHA-256 of all settings: the same meaning gives the same hash."""
        parts: list[BaseModel] = [self.config, self.areas, self.definition, self.hotspots]
        parts += [source.contract for source in self.sources]
        parts += [*self.person_features.values(), *self.place_features.values()]
        parts += [*self.cohorts, self.policy]
        parts += [self.linkage] if self.linkage else []
        stems = [*self.person_features, "/", *self.place_features]  # they are part of column names
        return content_hash(*parts, *stems)


def find_project(start: Path) -> Path:
    """Return the nearest folder at or above `start` that holds ``configs/``.

    Raises
    ------
    ConfigError
        If there is none up to the root of the disk.
    """
    for folder in [start.resolve(), *start.resolve().parents]:
        if (folder / "configs").is_dir():
            return folder
    raise ConfigError.one(
        "no project here or above: no folder holds 'configs/' ('risk-engine init DIR' makes one)",
        file=str(start),
    )


def load_settings(config_path: Path, *, root: Path | None = None) -> Settings:
    """Load a run configuration and every file it names.

    Parameters
    ----------
    config_path
        The run configuration, such as ``configs/weekly.yaml``.
    root
        The project folder; found upwards from the configuration when not given.

    Raises
    ------
    ConfigError
        With every fault of every file, all at once.
    """
    root = root or find_project(config_path.parent)
    return _Loader(root).settings(config_path)


def load_contract(path: Path, *, root: Path, shown: str | None = None) -> Contract:
    """Load a data contract, with the ready code lists that its fields name written out.

    Parameters
    ----------
    root
        The project folder, which ``codes_from`` is relative to.
    shown
        Name of the file in messages; the path when not given.

    Raises
    ------
    ConfigError
        With every fault of the contract and of its code lists.
    """
    contract = load_model(Contract, path, shown=shown)
    lists: dict[str, CodeList] = {}
    faults: list[Fault] = []
    for name, spec in contract.fields.items():
        if spec.codes_from:
            try:
                lists[name] = load_model(
                    CodeList, root / spec.codes_from, shown=str(spec.codes_from)
                )
            except ConfigError as error:
                faults += error.faults
    if faults:
        raise ConfigError(faults)
    return contract.with_codes(lists)


class _Loader:
    """Loads files one after another and keeps the faults until all have been seen."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.faults: list[Fault] = []
        self.catalogues: list[tuple[str, FeatureFile]] = []

    def settings(self, config_path: Path) -> Settings:
        shown = self._shown(config_path)
        config = self._load(
            RunConfig, config_path.absolute() if config_path.exists() else config_path
        )
        if config is None:
            raise ConfigError(self.faults)
        areas = self._load(AreasConfig, config.areas)
        definition = self._load(OffenceDefinition, config.definition)
        hotspots = self._load(HotspotSpec, config.hotspots)
        policy = self._load(AuditPolicy, config.audit)
        linkage = self._load(LinkageSpec, config.linkage.spec) if config.linkage else None
        cohorts = [self._load(CohortSpec, path) for path in config.cohorts]
        contracts = [self._contract(ref.contract) for ref in config.sources]
        person = self._catalogue(config.person_features)
        place = self._catalogue(config.place_features)
        self._cross_checks(config, shown, definition, contracts, cohorts)
        self._check_lists(config, areas, cohorts)
        if self.faults or not (areas and definition and hotspots and policy):
            raise ConfigError(self.faults)
        return Settings(
            root=self.root,
            config_path=config_path,
            config=config,
            areas=areas,
            definition=definition,
            sources=tuple(
                Source(contract, self._files(ref.files))
                for contract, ref in zip(contracts, config.sources, strict=True)
                if contract
            ),
            person_features=person,
            place_features=place,
            hotspots=hotspots,
            cohorts=tuple(spec for spec in cohorts if spec),
            policy=policy,
            linkage=linkage,
        )

    def _shown(self, path: Path) -> str:
        absolute = path if path.is_absolute() else self.root / path
        try:
            return str(absolute.relative_to(self.root))
        except ValueError:
            return str(path)

    def _load(self, model: type[M], path: Path) -> M | None:
        try:
            return load_model(model, self.root / path, shown=self._shown(path))
        except ConfigError as error:
            self.faults += error.faults
            return None

    def _contract(self, path: Path) -> Contract | None:
        try:
            return load_contract(self.root / path, root=self.root, shown=self._shown(path))
        except ConfigError as error:
            self.faults += error.faults
            return None

    def _catalogue(self, paths: list[Path]) -> dict[str, FeatureFile]:
        files: dict[str, FeatureFile] = {}
        for path in self._files(paths):
            loaded = self._load(FeatureFile, path)
            if loaded is None:
                continue
            names = [feature.name for feature in loaded.features]
            for twice in sorted({name for name in names if names.count(name) > 1}):
                self._fault(self._shown(path), f"feature '{twice}' is defined twice")
            if path.stem in files:
                self._fault(self._shown(path), f"another catalogue is called '{path.stem}' too")
            files[path.stem] = loaded
            self.catalogues.append((self._shown(path), loaded))
        return files

    def _files(self, patterns: list[Path]) -> tuple[Path, ...]:
        """Expand globs; a pattern that matches nothing stays, so that its reader can say so."""
        found: list[Path] = []
        for pattern in patterns:
            matches = sorted(glob.glob(str(pattern), root_dir=self.root))  # noqa: PTH207 - absolute too
            found += [self.root / match for match in matches or [str(pattern)]]
        return tuple(dict.fromkeys(found))

    def _fault(self, file: str, message: str, where: str = "") -> None:
        self.faults.append(Fault(file, 0, where, message))

    def _cross_checks(
        self,
        config: RunConfig,
        shown: str,
        definition: OffenceDefinition | None,
        contracts: list[Contract | None],
        cohorts: list[CohortSpec | None],
    ) -> None:
        known = [contract for contract in contracts if contract]
        names = [contract.source for contract in known]
        for twice in sorted({name for name in names if names.count(name) > 1}):
            self._fault(shown, f"source '{twice}' is configured twice", "sources")
        if len(known) == len(contracts):  # otherwise a missing source may be a broken contract
            blocked = {c.source for c in known if c.features_blocked}
            for file, catalogue in self.catalogues:
                self._check_feature_source(file, catalogue.source, names, blocked)
        lists = [spec.name for spec in cohorts if spec]
        for twice in sorted({name for name in lists if lists.count(name) > 1}):
            self._fault(shown, f"cohort '{twice}' is configured twice", "cohorts")
        for spec, path in zip(cohorts, config.cohorts, strict=True):
            if spec and definition and spec.outcome.definition != definition.name:
                self._fault(
                    self._shown(path),
                    f"definition '{spec.outcome.definition}' is not the one in force "
                    f"('{definition.name}')",
                    "outcome.definition",
                )

    def _check_lists(
        self, config: RunConfig, areas: AreasConfig | None, cohorts: list[CohortSpec | None]
    ) -> None:
        """Say before any data are read that the areas' minima do not fit into a list."""
        for spec, path in zip(cohorts, config.cohorts, strict=True):
            if not (spec and areas):
                continue
            least, count = spec.listing.per_area_minimum, len(areas.codes)
            if least * count > spec.listing.top:
                self._fault(
                    self._shown(path),
                    f"{least} in each of {count} areas is {least * count} people, "
                    f"more than list.top ({spec.listing.top})",
                    "list.per_area_minimum",
                )

    def _check_feature_source(
        self, file: str, source: str, names: list[str], blocked: set[str]
    ) -> None:
        if source in blocked:
            self._fault(
                file, f"source '{source}' is blocked as a feature source by its contract", "source"
            )
        elif source not in {"any", *names}:
            self._fault(
                file,
                f"source '{source}' is not configured{suggest(source, names)}; "
                f"configured: {', '.join(sorted(names))}",
                "source",
            )


def expired(settings: Settings, on: date) -> list[Contract]:
    """Return the contracts whose sharing agreement had ended before the day `on`."""
    return [s.contract for s in settings.sources if s.contract.agreement.expires < on]
