"""One column of a feature matrix: what it counts, over which sources, and whom it covers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from risk_engine.config.base import Duration
from risk_engine.config.catalogue import FeatureSpec, Measure
from risk_engine.config.contract import Coverage

Subject = Literal["person", "place"]


@dataclass(frozen=True)
class Feature:
    """A catalogue entry at one window or half-life; made by `catalogue`, read by `build`.

    Attributes
    ----------
    column
        Name in the matrix, such as ``person.police.violence_victim_1y`` or, for a decayed count,
        ``place.police.violence_decayed_h180d``.
    label
        The column in words for charts and cards, without a value.
    subject
        ``person`` or ``place``.
    spec
        The entry as the analyst wrote it.
    sources
        Names of the sources it looks at.
    coverage
        Whom the source can know about. Outside it the value is null.
    window
        Length of time before ``as_of`` that counts; none for a decayed count.
    half_life
        Time in which an event loses half its weight; only for a decayed count.
    """

    column: str
    label: str
    subject: Subject
    spec: FeatureSpec
    sources: tuple[str, ...]
    coverage: Coverage
    window: Duration | None = None
    half_life: Duration | None = None

    @property
    def measure(self) -> Measure:
        """How the events are summed up."""
        return self.spec.measure

    @property
    def direction(self) -> Literal["increasing", "decreasing", "none"]:
        """Sign that a model is held to as the value grows, where evidence supports one."""
        return self.spec.direction

    @property
    def rationale(self) -> str:
        """Why the column is in the catalogue."""
        return self.spec.rationale
