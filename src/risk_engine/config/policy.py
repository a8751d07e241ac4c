"""Audit policy: which comparisons were agreed on beforehand, and what decides."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from risk_engine.config.base import Model, Text


class PeopleMetric(Model):
    """One pre-registered comparison of people between groups.

    ``rri`` compares the share selected among those eligible; ``tpr_ratio`` the share selected
    among those to whom the outcome later happened (on the latest validation date).
    """

    attribute: Literal["ethnicity", "sex", "age_band"]
    metric: Literal["rri", "tpr_ratio"] = "rri"
    reference: Text
    groups: list[Text] = Field([], description="Groups expected; one that is missing cannot pass.")
    tolerance: float = Field(1.25, gt=1, description="Ratio beyond which harm is called.")
    harm: Literal["higher", "lower"] = "higher"
    deciding: bool = Field(True, description="False: shown and adjudicated, but does not block.")
    rationale: Text


class PlaceMetric(Model):
    """Residents of listed places by group.

    ``burden`` compares shares of all residents; ``burden_within_areas`` compares inside each local
    area, so that it does not count which areas have more recorded need.
    """

    attribute: Literal["ethnicity"] = "ethnicity"
    metric: Literal["burden", "burden_within_areas"]
    reference: Text
    tolerance: float = Field(1.25, gt=1)
    harm: Literal["higher", "lower"] = "higher"
    deciding: bool = True
    rationale: Text


class LinkageTolerance(Model):
    """How far linkage error may differ between groups of people.

    The attributes, reference groups and expected groups are those of the comparisons of people.
    """

    points: float = Field(
        2.0, gt=0, lt=100, description="Recall or precision lower by more points of 100 is harm."
    )
    ratio: float = Field(
        1.25, gt=1, description="Unlinkable or weakly linked records: ratio beyond which is harm."
    )
    deciding: bool = Field(False, description="False: a failure is adjudicated, and never blocks.")
    rationale: Text = (
        "Linkage error is a fault of what was recorded and mends slowly: a reviewer weighs a "
        "failure each week and says why the lists may still go out."
    )


class AgeBand(Model):
    """Whole years, both ends included."""

    low: int
    high: int

    @model_validator(mode="after")
    def _ordered(self) -> AgeBand:
        if self.low > self.high:
            raise ValueError(f"age band {self.low}-{self.high} holds nobody: low is above high")
        return self


class AuditPolicy(Model):
    """`models/specs/audit_*.yaml`."""

    version: Text
    confidence: float = Field(0.95, gt=0.5, lt=1)
    family_alpha: float = Field(0.05, gt=0, lt=0.5, description="Holm over one attribute's groups.")
    max_age_days: int = Field(14, ge=1, description="An older audit does not open the gate.")
    age_bands: Annotated[list[AgeBand], Field(min_length=1)]
    people: Annotated[list[PeopleMetric], Field(min_length=1)]
    places: list[PlaceMetric] = []
    linkage: LinkageTolerance = LinkageTolerance()
    disclosure_internal: int = Field(6, ge=1, description="Counts below this are hidden inside.")
    disclosure_external: int = Field(10, ge=1, description="Counts below this are hidden outside.")
    rate_denominator: int = Field(100, ge=1, description="Rates below this denominator are hidden.")

    @model_validator(mode="after")
    def _bands_do_not_overlap(self) -> AuditPolicy:
        bands = sorted((b.low, b.high) for b in self.age_bands)
        for (_, high), (low, _) in pairwise(bands):
            if low <= high:
                raise ValueError(f"age bands overlap at {low}")
        return self
