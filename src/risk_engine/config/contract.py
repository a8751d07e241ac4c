"""Data contracts: what a partner's file holds and how its rows become events.

A contract has three parts: the agreement under which the data are shared, the fields of the file
with their types and code lists, and the mapping from fields to the event table, to the identifying
record that linkage sees, and to the protected characteristics that only the audit sees.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from risk_engine.config.base import Duration, Model, Name, Text, TimeZone
from risk_engine.config.definition import Discovery, Precision
from risk_engine.errors import suggest

Characteristic = Literal[
    "age",
    "disability",
    "gender_reassignment",
    "marriage_civil_partnership",
    "pregnancy_maternity",
    "ethnicity",
    "religion_belief",
    "sex",
    "sexual_orientation",
]


class Agreement(Model):
    """The sharing agreement a source arrives under; past its end the source is refused by name."""

    reference: Text
    expires: date = Field(description="Last day on which the data may be used.")


class FileFormat(Model):
    """How the file is written. CSV and Parquet are told apart by the file's ending."""

    encoding: Literal["utf-8", "windows-1252"] = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","


class FieldSpec(Model):
    """One field of the file.

    `codes` maps each value the partner may send to the engine's own word; a value that is not
    listed breaks the row. `formats` are `strptime` patterns tried in order.
    """

    column: Text = Field(description="Header in the partner's file.")
    type: Literal["string", "number", "date", "datetime", "month", "code"] = "string"
    required: bool = False
    codes: dict[str, str] = Field({}, description="Partner's code -> the engine's word.")
    formats: list[str] = Field([], description="strptime patterns, tried in order.")
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = Field(None, description="Regular expression the whole value must match.")

    @model_validator(mode="after")
    def _coherent(self) -> FieldSpec:
        if (self.type == "code") != bool(self.codes):
            raise ValueError("'codes' goes with type: code, and type: code needs 'codes'")
        if self.formats and self.type not in {"date", "datetime", "month"}:
            raise ValueError("'formats' goes with type: date, datetime or month")
        return self


class PointSpec(Model):
    """Two fields that hold a place, and the coordinate system they are written in."""

    x: Name
    y: Name
    crs: Text = Field(description="Such as EPSG:27700 (metres) or EPSG:4326 (degrees).")

    @field_validator("crs")
    @classmethod
    def _known_system(cls, value: str) -> str:
        from pyproj import CRS
        from pyproj.exceptions import CRSError

        try:
            CRS.from_user_input(value)
        except CRSError:
            raise ValueError(f"'{value}' is not a coordinate system; write EPSG:27700") from None
        return value


class EventSpec(Model):
    """How a row becomes one event. Values are field names; `{const: x}` writes a fixed value."""

    occurred_at: Name
    known_at: Name | None = Field(None, description="Field saying when the partner recorded it.")
    known_after: Duration | None = Field(
        None, description="If no field says it: this long after the end of the occurred period."
    )
    precision: Precision = "minute"
    kind: Name | dict[Literal["const"], Name]
    role: Name | dict[Literal["const"], Name] = {"const": "none"}
    incident: Name | None = Field(None, description="Field shared by all rows of one incident.")
    point: PointSpec | None = None
    area: Name | None = Field(None, description="Field with the local area's code, if any.")
    zone: Name | None = Field(None, description="Field with an LSOA code, for its vintage.")
    attributes: list[Name] = Field([], description="Fields kept as attributes of the event.")

    @model_validator(mode="after")
    def _knows_when(self) -> EventSpec:
        if self.known_at is None and self.known_after is None:
            raise ValueError("give known_at (a field) or known_after (a length of time, 0 as 1d)")
        return self


class PersonSpec(Model):
    """Fields that identify a person. They go to linkage and stop there."""

    first_name: Name | None = None
    last_name: Name | None = None
    birth_date: Name | None = None
    sex: Name | None = None
    postcode: Name | None = None
    shared_key: Name | None = Field(None, description="A key several partners may lawfully share.")
    home: PointSpec | None = None


class ProtectedSpec(Model):
    """One protected characteristic held by the source."""

    characteristic: Characteristic
    field: Name
    recorded_by: Literal["self", "officer", "agency"] = "agency"


class Coverage(Model):
    """Whom the source can know about; outside it, no row means *not known*, never zero."""

    areas: list[str] | Literal["all"] = "all"
    ages: tuple[int, int] = (0, 120)


class Contract(Model):
    """`configs/partners/*.yaml`: one source."""

    source: Name
    title: Text
    controller: Text
    agreement: Agreement
    personal_data: Literal["none", "personal", "special_category"]
    regime: Literal["UK GDPR", "DPA 2018 Part 3", "not personal data"]
    lawful_basis: Text
    cadence: Literal["daily", "weekly", "monthly", "quarterly", "yearly"]
    discovery: Discovery = Field(description="How events of this source become known.")
    timezone: TimeZone = Field("Europe/London", description="Of dates and times in the file.")
    format: FileFormat = FileFormat()
    key: Annotated[list[Name], Field(min_length=1)] = Field(
        description="Fields that together name a row once."
    )
    key_optional: bool = Field(
        False, description="Rows without a key are kept and named by file and row instead."
    )
    fields: dict[Name, FieldSpec]
    event: EventSpec
    person: PersonSpec | None = None
    protected: list[ProtectedSpec] = []
    coverage: Coverage = Coverage()
    features_blocked: bool = Field(
        False, description="True: no feature may use this source (stop and search)."
    )
    quarantine_limit: float = Field(
        0.05, ge=0, le=1, description="Above this share of bad rows the source is refused."
    )
    hold_anomalies: bool = Field(True, description="Hold a drop that is unlike the others.")
    note: str = ""

    @model_validator(mode="after")
    def _fields_exist(self) -> Contract:
        problems = []
        for where, name in self._references():
            if name not in self.fields:
                problems.append(f"{where} names '{name}', not a field{suggest(name, self.fields)}")
        if self.personal_data == "none" and (self.person or self.protected):
            problems.append("personal_data is none, yet fields of a person are mapped")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _references(self) -> list[tuple[str, str]]:
        event, person = self.event, self.person
        named = [("key", k) for k in self.key]
        named += [
            (f"event.{k}", v)
            for k in ("occurred_at", "known_at", "kind", "role", "incident", "area", "zone")
            if isinstance(v := getattr(event, k), str)
        ]
        named += [("event.attributes", a) for a in event.attributes]
        points = [("event.point", event.point)]
        if person:
            points.append(("person.home", person.home))
            named += [
                (f"person.{k}", v)
                for k in PersonSpec.model_fields
                if isinstance(v := getattr(person, k), str)
            ]
        named += [(f"{w}.{axis}", getattr(p, axis)) for w, p in points if p for axis in ("x", "y")]
        return named + [("protected", p.field) for p in self.protected]
