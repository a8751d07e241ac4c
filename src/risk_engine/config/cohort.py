"""Cohort specification: whom, what outcome, how validated, which list."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from risk_engine.config.base import Duration, Model, Name, Text
from risk_engine.config.definition import Discovery


class Outcome(Model):
    """What may happen to a person in the horizon after the as-of date."""

    definition: Name = Field(description="Name of the offence definition in force.")
    role: Literal["victim", "suspect"]
    horizon: Duration
    discovery: Annotated[list[Discovery], Field(min_length=1)] = Field(
        ["reported", "health"],
        description="Events found by officers follow patrols: left out unless named here.",
    )
    also_kinds: list[Name] = Field(
        [], description="Kinds of health sources that count as the same outcome."
    )


class Population(Model):
    """Who may be listed."""

    age: tuple[int, int] = Field((10, 24), description="Whole years, both ends included.")
    known_within: Duration = Field(description="Known to any source this recently.")

    @model_validator(mode="after")
    def _ordered(self) -> Population:
        if not 0 <= self.age[0] <= self.age[1] <= 120:
            raise ValueError(f"age {list(self.age)} is not a range between 0 and 120")
        return self


class FeatureChoice(Model):
    """Features by glob over ``person.<file>.<name>``."""

    include: Annotated[list[Text], Field(min_length=1)] = ["person.*"]
    exclude: list[Text] = []


class Validation(Model):
    """Training dates and origins on which the model is measured before it is used."""

    origins: int = Field(2, ge=1, le=24, description="Validation dates, most recent first.")
    every: Duration = Field(Duration.parse("3mo"), description="Between validation dates.")
    train_every: Duration = Field(Duration.parse("1mo"), description="Between training dates.")
    train_origins: int = Field(6, ge=1, le=60, description="Training dates before each origin.")


class Estimator(Model):
    """The learner and its settings."""

    kind: Literal["lightgbm"] = "lightgbm"
    num_leaves: int = Field(8, ge=2, le=64)
    learning_rate: float = Field(0.05, gt=0, le=1)
    n_estimators: int = Field(200, ge=10, le=5000)
    min_child_samples: int = Field(40, ge=1)
    monotone: bool = Field(True, description="Use the directions stated in the catalogue.")


class PersonList(Model):
    """Size of the list."""

    top: int = Field(300, ge=1)
    per_area_minimum: int = Field(0, ge=0)


class CohortSpec(Model):
    """`models/specs/sv_*.yaml`."""

    name: Name
    title: Text
    outcome: Outcome
    cohort: Population
    features: FeatureChoice = FeatureChoice()
    validation: Validation = Validation()
    estimator: Estimator = Estimator()
    rules: Annotated[list[Literal["prior_events", "logistic"]], Field(min_length=1)] = Field(
        ["prior_events", "logistic"], description="Simple rules the model must beat."
    )
    listing: PersonList = Field(PersonList(), alias="list")

    @field_validator("name")
    @classmethod
    def _not_taken(cls, value: str) -> str:
        if value == "places":
            raise ValueError("'places' is the name of the list of places; choose another")
        return value
