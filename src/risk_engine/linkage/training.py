"""What the model knows: learnt from the records, kept from week to week, written for analysts.

The parameters are estimated without labels: u from pairs drawn at random, m by expectation
maximisation (Winkler 1988) among pairs that agree on something telling. The share of all pairs that
are one person, on which every probability rests, is then set so that it agrees with what the scored
pairs themselves say (`settle`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from risk_engine.config.linkage import LinkageRules
from risk_engine.errors import InputError
from risk_engine.files import fingerprint, write_json
from risk_engine.linkage.frequencies import Frequencies
from risk_engine.linkage.model import Comparison, Parameters

Floats = npt.NDArray[np.float64]
_HIGHEST_PRIOR = 0.5
#: With so many times as many identities, or as few, a model is learnt anew.
GROWN = 2
_HIGHEST_THRESHOLD = 0.9999


@dataclass(frozen=True)
class Model:
    """A linkage model that can be used again.

    Attributes
    ----------
    digest
        Of the comparisons it was made for; another specification needs another model.
    prior
        Probability that two identities drawn at random are one person.
    threshold
        Match probability from which a pair is joined.
    identities
        How many it was learnt from.
    estimated
        False where the data were too few and the stated m and u are used.
    frequencies
        See `frequencies`.
    key
        Fingerprint of the secret that the values in `frequencies` are hashed with.
    """

    digest: str
    parameters: Parameters
    prior: float
    threshold: float
    identities: int
    estimated: bool
    frequencies: Frequencies
    key: str

    def fits(self, identities: int) -> bool:
        """Say whether the prior still holds: true pairs grow as people do, all pairs as squares."""
        return self.identities <= GROWN * identities and identities <= GROWN * self.identities

    def check(self, rules: LinkageRules, compared: Sequence[Comparison], key: bytes) -> None:
        """Refuse to be used with another specification or key than it was learnt with.

        Raises
        ------
        InputError
            ``LINKAGE_MODEL``.
        """
        for what, same in (
            ("specification", self.digest == digest(rules, compared)),
            ("pseudonym key", self.key == fingerprint(key)),
        ):
            if not same:
                raise InputError(
                    f"linkage model {self.version} was learnt with another {what}",
                    hint="learn one anew with: risk-engine link train CONFIG",
                    code="LINKAGE_MODEL",
                )

    @property
    def version(self) -> str:
        """Short name of exactly this model."""
        written = json.dumps(self.as_json(), sort_keys=True)
        return hashlib.sha256(written.encode()).hexdigest()[:8]

    def as_json(self) -> dict[str, Any]:
        """Return the model as it is written to a file."""
        levels = [
            {"comparison": comparison, "level": level, "m": m, "u": u}
            for (comparison, level), (m, u) in self.parameters.items()
        ]
        return {**asdict(self), "parameters": levels}

    def save(self, folder: Path) -> Path:
        """Write the model under its version; return the file."""
        path = folder / f"linkage-{self.version}.json"
        folder.mkdir(parents=True, exist_ok=True)
        write_json(path, self.as_json())
        return path


def load(path: Path) -> Model:
    """Read a model.

    Raises
    ------
    InputError
        ``LINKAGE_MODEL`` if the file is missing or is not one.
    """
    try:
        return from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path.name}: the linkage model cannot be read ({type(error).__name__})",
            hint="make one with: risk-engine link train CONFIG",
            code="LINKAGE_MODEL",
        ) from None


def from_json(written: dict[str, Any]) -> Model:
    """Build a model from what `Model.as_json` wrote."""
    levels = written["parameters"]
    parameters = {(row["comparison"], row["level"]): (row["m"], row["u"]) for row in levels}
    return Model(**{**written, "parameters": parameters})


def digest(rules: LinkageRules, compared: Sequence[Comparison]) -> str:
    """Hash what a model depends on: comparisons, targets, and how it learns."""
    parts = [[c.field, [level.model_dump(mode="json") for level in c.levels]] for c in compared]
    told = [parts, rules.training, rules.target_precision, rules.threshold, rules.least_probability]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def learned(compared: Sequence[Comparison], written: dict[str, Any]) -> Parameters:
    """Take the parameters that Splink estimated, to 4 digits: sums over threads differ after those.

    A level that was never seen keeps its stated values; so does m of a comparison whose estimate
    says that true pairs mostly disagree, which means that it found the wrong classes.
    """
    found: Parameters = {}
    for comparison, estimate in zip(compared, written["comparisons"], strict=True):
        levels = [one for one in estimate["comparison_levels"] if not one.get("is_null_level")]
        same = levels[0].get("m_probability") or 0.0
        for level, values in zip(comparison.levels, levels, strict=True):
            m, u = values.get("m_probability"), values.get("u_probability")
            found[comparison.field, level.when] = (
                _digits(m, 0.002) if m and same >= 0.2 else level.m,
                _digits(u, 1e-6) if u else level.u,
            )
    return found


def _digits(value: float, least: float) -> float:
    return float(f"{min(max(value, least), 0.9999):.4g}")


def odds(probability: float) -> float:
    """Return the log2 odds of a probability, which weights are counted in."""
    return float(np.log2(probability / (1 - probability)))


def probabilities(weights: Floats) -> Floats:
    """Return the match probabilities of weights (log2 odds)."""
    return np.asarray(1 / (1 + np.exp2(-weights)), dtype=np.float64)


def settle(evidence: Floats, pairs: float, start: float) -> float:
    """Return the prior at which the scored pairs add up to as many matches as it says.

    Parameters
    ----------
    evidence
        Weights of the scored pairs without any prior (log2 of the Bayes factor).
    pairs
        Number of all pairs of identities; those not scored count as no match.
    start
        Where the search begins.
    """
    prior = start
    for _ in range(200):
        found = float(probabilities(evidence + odds(prior)).sum()) / max(pairs, 1.0)
        found = float(np.clip(found, 1 / max(pairs, 2.0), _HIGHEST_PRIOR))
        if abs(found - prior) <= 1e-6 * prior:
            break
        prior = found
    return float(f"{prior:.4g}")


def choose_threshold(weights: Floats, rules: LinkageRules) -> float:
    """Return the match probability from which pairs are joined.

    The lowest at which the expected share of right links, which is the mean of the probabilities of
    all pairs from there up, is still the target; never below ``least_probability``.
    """
    if rules.threshold is not None:
        return rules.threshold
    found = np.sort(probabilities(weights))[::-1]
    found = found[found >= rules.least_probability]
    if not len(found):
        return rules.least_probability
    least = np.floor(found * 1e4) / 1e4  # of each, what a threshold that takes it in must be
    right = np.cumsum(found) / np.arange(1, len(found) + 1)
    last_of_equals = np.append(least[:-1] > least[1:], True)
    enough = np.flatnonzero(last_of_equals & (right >= rules.target_precision))
    if not len(enough):
        return float(np.clip(rules.target_precision, rules.least_probability, _HIGHEST_THRESHOLD))
    last = int(enough[-1])
    if last == len(found) - 1:
        return rules.least_probability
    return float(np.clip(least[last], rules.least_probability, _HIGHEST_THRESHOLD))
