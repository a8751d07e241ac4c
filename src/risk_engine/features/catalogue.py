"""Catalogue files -> features: one column for each entry and window, checked against contracts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import get_args

from risk_engine.config.catalogue import FeatureFile, FeatureSpec
from risk_engine.config.contract import Characteristic, Contract, Coverage
from risk_engine.errors import ConfigError, Fault, suggest
from risk_engine.features.feature import Feature, Subject
from risk_engine.features.words import title

#: Attributes that no feature may look at: the protected characteristics and their other names.
PROTECTED = frozenset(get_args(Characteristic)) | {"age_band", "gender", "race", "religion"}


def catalogue(
    files: Mapping[str, FeatureFile], *, subject: Subject, contracts: Mapping[str, Contract]
) -> tuple[Feature, ...]:
    """Turn catalogue files into features.

    Parameters
    ----------
    files
        File stem (the middle part of the column's name) to its content.
    subject
        Whom the features describe: ``person`` or ``place``.
    contracts
        Source name to contract, for every source of the run: they say which sources may be used
        and whom each one covers.

    Returns
    -------
    tuple of Feature
        In the order of the stems' names, then as written; every column once.

    Raises
    ------
    ConfigError
        With every fault: a source that is not configured or is blocked for features by its
        contract, a filter on a protected characteristic, a column that is made twice.
    """
    faults = [f for stem, file in sorted(files.items()) for f in _faults(stem, file, contracts)]
    features = tuple(
        feature
        for stem, file in sorted(files.items())
        for spec in file.features
        for feature in _columns(stem, file, spec, subject=subject, contracts=contracts)
    )
    faults += _made_twice(features)
    if faults:
        raise ConfigError(faults)
    return features


def _columns(
    stem: str,
    file: FeatureFile,
    spec: FeatureSpec,
    *,
    subject: Subject,
    contracts: Mapping[str, Contract],
) -> Iterator[Feature]:
    sources, coverage = _reach(file.source, contracts)
    decayed = spec.measure == "decayed"
    for span in [*spec.windows, *spec.half_life]:  # a spec has one or the other
        yield Feature(
            column=f"{subject}.{stem}.{spec.name}_{'h' if decayed else ''}{span}",
            label=title(spec, span),
            subject=subject,
            spec=spec,
            sources=sources,
            coverage=coverage,
            window=None if decayed else span,
            half_life=span if decayed else None,
        )


def _reach(source: str, contracts: Mapping[str, Contract]) -> tuple[tuple[str, ...], Coverage]:
    """Return the sources a file looks at, and whom they cover."""
    if source == "any":
        usable = (name for name, contract in contracts.items() if not contract.features_blocked)
        return tuple(sorted(usable)), Coverage()
    return (source,), contracts[source].coverage if source in contracts else Coverage()


def _faults(stem: str, file: FeatureFile, contracts: Mapping[str, Contract]) -> Iterator[Fault]:
    named = [("source", file.source)] if file.source != "any" else []
    for spec in file.features:
        named += [(f"{spec.name}.where.source", source) for source in spec.where.source]
        for attribute in sorted(PROTECTED & set(spec.where.attributes)):
            message = f"'{attribute}' is a protected characteristic: no feature may look at it"
            yield Fault(stem, 0, f"{spec.name}.where.attributes", message)
    for where, source in named:
        if source not in contracts:
            allowed = ", ".join(sorted(contracts)) or "none"
            near = suggest(source, contracts)
            message = f"source '{source}' is not configured{near}; allowed: {allowed}"
            yield Fault(stem, 0, where, message)
        elif contracts[source].features_blocked:
            message = f"source '{source}' is blocked as a feature source by its contract"
            yield Fault(stem, 0, where, message)


def _made_twice(features: tuple[Feature, ...]) -> list[Fault]:
    counts = Counter(feature.column for feature in features)
    return [
        Fault(column.split(".")[1], 0, column, "this column is made twice; rename an entry")
        for column, count in counts.items()
        if count > 1
    ]
