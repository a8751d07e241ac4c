"""How records are linked: what is compared, at which levels, and which pairs are compared at all.

`models/specs/linkage.yaml` is one for the partnership; a table of one's own says which of its
columns hold what (`TableSpec`) and may replace any part.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, Field, field_validator, model_validator

from risk_engine.config.base import Model, Name, Text
from risk_engine.errors import suggest

#: What a record may say of a person. ``other`` stands for any further column of a table.
FieldName = Literal[
    "first_name", "last_name", "birth_date", "sex", "postcode", "place", "address", "phone",
    "email", "other",
]  # fmt: skip
FIELDS: tuple[str, ...] = get_args(FieldName)

#: Conditions of a level and the fields they make sense for; ``#`` is a number.
CONDITIONS: dict[str, frozenset[str]] = {
    "same": frozenset(FIELDS),
    "same form": frozenset({"first_name"}),
    "same sound": frozenset({"first_name", "last_name"}),
    "swapped": frozenset({"first_name"}),
    "same parts": frozenset({"first_name"}),
    "initial": frozenset({"first_name"}),
    "a part shared": frozenset({"first_name", "last_name"}),
    "similar #": frozenset(FIELDS) - {"birth_date", "sex", "postcode"},
    "# edits": frozenset(FIELDS) - {"sex"},
    "day and month swapped": frozenset({"birth_date"}),
    "two parts of three": frozenset({"birth_date"}),
    "within # days": frozenset({"birth_date"}),
    "same district": frozenset({"postcode"}),
}

#: Columns that pairs may be blocked on, beside the compared fields themselves: column -> made from.
BLOCKING_COLUMNS: dict[str, str] = {
    "first_root": "first_name", "first_sound": "first_name", "first_initial": "first_name",
    "first3": "first_name", "last_sound": "last_name", "last_initial": "last_name",
    "last3": "last_name", "initials": "last_name", "name_parts": "last_name",
    "birth_year": "birth_date", "birth_month": "birth_date", "birth_day": "birth_date",
    "outcode": "postcode",
}  # fmt: skip

_NUMBER = re.compile(r"\d+(\.\d+)?")


def parts_of(when: str) -> list[tuple[str, float]]:
    """Split the words of a level into conditions with their numbers (0 where there is none).

    >>> parts_of("similar 0.8 or initial")
    [('similar #', 0.8), ('initial', 0.0)]
    """
    found = []
    for words in when.split(" or "):
        number = _NUMBER.search(words)
        form = _NUMBER.sub("#", words.strip()).replace("# edit", "# edits").replace("ss", "s")
        found.append((form, float(number[0]) if number else 0.0))
    return found


class Level(Model):
    """One level of a comparison."""

    when: Text = Field(description="Condition in words, or several joined by 'or'.")
    m: float = Field(gt=0, lt=1, description="Share of true pairs at this level, to begin with.")
    u: float = Field(gt=0, lt=1, description="Share of other pairs at this level, to begin with.")
    by_frequency: bool = Field(
        False, description="Agreeing on a common value counts less than on a rare one."
    )

    @field_validator("when")
    @classmethod
    def _known(cls, value: str) -> str:
        if value == "different":
            return value
        for form, number in parts_of(value):
            if form not in CONDITIONS:
                raise ValueError(
                    f"'{form}' is no condition{suggest(form, CONDITIONS)}; "
                    f"allowed: different, {', '.join(CONDITIONS)}"
                )
            if form == "similar #" and not 0 < number <= 1:
                raise ValueError(f"'similar {number:g}': similarity lies between 0 and 1")
        return value

    @model_validator(mode="after")
    def _frequency_of_same(self) -> Self:
        if self.by_frequency and self.when != "same":
            raise ValueError("'by_frequency' is for the level 'same'")
        return self


def _from_alike_to_different(levels: list[Level]) -> list[Level]:
    words = [level.when for level in levels]
    if "different" in words[:-1] or words[-1] != "different":
        raise ValueError("the last level, and only that, is 'different'")
    if again := next((when for place, when in enumerate(words) if when in words[:place]), None):
        raise ValueError(f"'{again}' is there twice")
    return levels


def _columns_exist(names: list[str]) -> list[str]:
    allowed = [*FIELDS, *BLOCKING_COLUMNS]
    if unknown := next((name for name in names if name not in allowed), None):
        raise ValueError(
            f"'{unknown}' is no column{suggest(unknown, allowed)}; allowed: {', '.join(allowed)}"
        )
    return names


Levels = Annotated[list[Level], Field(min_length=2), AfterValidator(_from_alike_to_different)]
Line = Annotated[list[Name], Field(min_length=1), AfterValidator(_columns_exist)]


class Limits(Model):
    """What stops a linkage from blowing up, and what a person must look at."""

    pairs_per_rule: int = Field(
        20_000_000, ge=1, description="A blocking rule that would make more pairs is left out."
    )
    pairs_per_identity: float = Field(
        50, gt=0, description="So is one that would make more pairs than this for each identity."
    )
    records_per_identity: int = Field(
        2_000, ge=2, description="More records of one name, birth date and address are nobody's."
    )
    identities_per_person: int = Field(
        30, ge=2, description="A person with more spellings and addresses is held for review."
    )


class LinkageRules(Model):
    """What a spec may say of the linkage itself."""

    target_precision: float = Field(
        0.99, gt=0.5, lt=1, description="Share of links that must be right; sets the threshold."
    )
    threshold: float | None = Field(
        None, gt=0.5, lt=1, description="Match probability that joins, in place of the target."
    )
    least_probability: float = Field(
        0.8, ge=0.5, lt=1, description="No link is made on less, however good the others are."
    )
    comparisons: dict[FieldName, Levels] = {}
    sole_match_without: list[FieldName] = Field(
        [],
        description="A record without one of these joins only those who all have the same value.",
    )
    ruled_out_by: list[FieldName] = Field(
        [], description="Two records that differ in one of these are two people (twins)."
    )
    not_by_name_alone: bool = Field(
        False, description="Where nothing agrees but the name, and something differs: two people."
    )
    blocking: list[Line] = Field(
        [], description="Records are compared where they agree on all columns of one line."
    )
    training: list[Line] = Field(
        [], description="Records that agree on all columns of one line teach what is estimated."
    )
    limits: Limits = Limits()

    @field_validator("comparisons")
    @classmethod
    def _levels_fit(cls, value: dict[FieldName, list[Level]]) -> dict[FieldName, list[Level]]:
        problems = [
            f"{field}: '{form}' is not for this field"
            for field, levels in value.items()
            for level in levels[:-1]
            for form, _ in parts_of(level.when)
            if field not in CONDITIONS[form]
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return value


class LinkageSpec(LinkageRules):
    """`models/specs/linkage.yaml`."""

    name: Name
    one_to_one: list[Name] = Field(
        [], description="Sources in which each person has one number of their own, and only one."
    )

    @model_validator(mode="after")
    def _something_to_compare(self) -> Self:
        if not self.comparisons or not self.blocking:
            raise ValueError("give 'comparisons' and 'blocking'")
        return self


class TableColumns(Model):
    """Which column of a table holds what; several are read one after another."""

    record_id: Text
    source: Text | None = Field(None, description="Where each record comes from.")
    first_name: Text | list[Text] | None = None
    middle_name: Text | list[Text] | None = None
    last_name: Text | list[Text] | None = None
    full_name: Text | None = Field(None, description="Whole name in one column.")
    birth_date: Text | None = None
    sex: Text | None = None
    postcode: Text | None = None
    place: Text | list[Text] | None = Field(None, description="Town, suburb or region.")
    address: Text | list[Text] | None = Field(None, description="Street and house.")
    phone: Text | None = None
    email: Text | None = None
    other: list[Text] = Field([], description="Any further column worth comparing, each by itself.")

    @field_validator("other", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _each_counts_once(self) -> Self:
        mapped = [column for columns in self.mapped().values() for column in columns]
        for column, times in Counter(mapped).items():
            if times > 1:
                raise ValueError(f"column '{column}' is mapped twice and would count twice")
        if self.full_name and (self.first_name or self.middle_name or self.last_name):
            raise ValueError("give 'full_name', or the parts of the name, not both")
        if not set(self.mapped()) - {"record_id", "source"}:
            raise ValueError("map at least one column that says something of the person")
        return self

    def mapped(self) -> dict[str, list[str]]:
        """Return the columns of the table by what they hold, without what is not mapped."""
        given = {name: value for name, value in self if value}
        return {n: [value] if isinstance(value, str) else value for n, value in given.items()}


class TableSpec(LinkageRules):
    """What `risk-engine link --spec` reads: a column mapping, and what differs from usual."""

    columns: TableColumns
    name: Name = "table"
    birth_date_format: Text | None = Field(
        None, description="Such as %d/%m/%Y; ISO dates and eight digits are understood without."
    )
    link: Literal["all", "between"] = Field(
        "all", description="between: only records of different sources may be one person."
    )
    one_to_one: list[Text] = Field(
        [], description="Sources in which each person is there once (their values in 'source')."
    )
    truth: Text | None = Field(
        None, description="Column with the true person; links are measured by it, never made."
    )
    seed: int = Field(1, ge=0)

    @model_validator(mode="after")
    def _truth_apart(self) -> Self:
        if any(self.truth in columns for columns in self.columns.mapped().values()):
            raise ValueError(f"truth: '{self.truth}' is mapped in 'columns' too; it may not be")
        return self
