"""Filters over events, and the versioned offence definition built from them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, field_validator

from risk_engine.config.base import Model, Name, Text

Discovery = Literal["reported", "officer", "health", "other"]
Role = Literal["victim", "suspect", "subject", "none"]
Precision = Literal["minute", "day", "month"]


class EventFilter(Model):
    """Which events count: every key given must hold; a list means any of its values.

    Used alike by feature catalogues, offence definitions and outcomes, so that one word means one
    thing everywhere.
    """

    source: list[Name] = Field([], description="Sources, by contract name.")
    kind: list[Name] = Field([], description="Kinds of event, such as robbery.")
    role: list[Role] = Field([], description="Role of the person in the event.")
    discovery: list[Discovery] = Field([], description="How the event became known.")
    attributes: dict[Name, list[str]] = Field(
        {}, description="Attribute -> values, such as weapon: [bladed]."
    )

    @field_validator("source", "kind", "role", "discovery", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @field_validator("attributes", mode="before")
    @classmethod
    def _values(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {k: v if isinstance(v, list) else [v] for k, v in value.items()}


class Focus(Model):
    """Options that narrow a definition; off unless the partnership turns them on."""

    under_age: int | None = Field(None, ge=1, le=120, description="Victim or suspect younger than.")
    public_place: bool = Field(False, description="Only events recorded in a public place.")


class OffenceCategory(Model):
    """One line of the table of offences by category."""

    name: Name
    title: Text
    where: Annotated[list[EventFilter], Field(min_length=1)] = Field(
        description="An offence is of this category when any of these holds."
    )

    @field_validator("where", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return [value] if isinstance(value, dict) else value


class OffenceDefinition(Model):
    """`configs/definitions/*.yaml`: what the partnership counts, under a version."""

    name: Name
    version: Text = Field(description="Printed on every output that used the definition.")
    from_date: date = Field(description="Day from which the partnership uses this version.")
    title: Text
    include: Annotated[list[EventFilter], Field(min_length=1)] = Field(
        description="An event counts when any of these holds ..."
    )
    exclude: list[EventFilter] = Field([], description="... and none of these does.")
    focus: Focus = Focus()
    categories: list[OffenceCategory] = Field(
        [], description="In order: the first that fits counts; the remainder is shown as 'other'."
    )
    other: Text = Field("Other serious violence", description="Title of the remainder.")
    knife_enabled: list[EventFilter] = Field(
        [EventFilter.model_validate({"attributes": {"weapon": "bladed"}})],
        description="An offence counts as knife-enabled when any of these holds.",
    )
    note: str = ""

    @field_validator("categories")
    @classmethod
    def _distinct(cls, value: list[OffenceCategory]) -> list[OffenceCategory]:
        names = [category.name for category in value]
        twice = sorted({name for name in [*names, "other"] if [*names, "other"].count(name) > 1})
        if twice:
            raise ValueError(f"categories named twice ('other' is the remainder): {twice[0]}")
        return value
