"""The feature catalogue as analysts write it: one YAML file a source and subject."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from risk_engine.config.base import Duration, Model, Name, Text
from risk_engine.config.definition import EventFilter

Measure = Literal["count", "any", "days_since_last", "distinct", "decayed"]


class FeatureSpec(Model):
    """One line of thought about a person or a place, at one or more windows.

    `distinct` counts the different values of `of` (kind, source, area_code or incident_id).
    `decayed` is a count whose events lose half their weight every `half_life`; it has no window.
    """

    name: Name
    label: Text = Field(description="As reasons, charts and cards say it, in plain words.")
    where: EventFilter = EventFilter()
    measure: Measure = "count"
    of: Literal["kind", "source", "area_code", "incident_id"] | None = None
    windows: list[Duration] = []
    half_life: list[Duration] = []
    direction: Literal["increasing", "decreasing", "none"] = "none"
    rationale: Text

    @field_validator("half_life", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return value if isinstance(value, list) else [value]

    @model_validator(mode="after")
    def _coherent(self) -> FeatureSpec:
        if self.measure == "distinct" and self.of is None:
            raise ValueError("measure: distinct needs 'of' (kind, source, area_code, incident_id)")
        if self.measure == "decayed" and (self.windows or not self.half_life):
            raise ValueError("measure: decayed takes 'half_life' and no 'windows'")
        if self.measure != "decayed" and (self.half_life or not self.windows):
            raise ValueError(f"measure: {self.measure} takes 'windows' and no 'half_life'")
        return self


class FeatureFile(Model):
    """`features/person/*.yaml` and `features/place/*.yaml`.

    `source: any` looks at every source that may be used for features.
    """

    source: Name
    features: Annotated[list[FeatureSpec], Field(min_length=1)]
