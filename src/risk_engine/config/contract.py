"""Data contracts: what a partner's file holds and how its rows become events.

A contract has three parts: the agreement under which the data are shared, the fields of the file
with their types and code lists, and the mapping from fields to the event table, to the identifying
record that linkage sees, and to the protected characteristics that only the audit sees.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from risk_engine.config.base import Duration, Model, Name, ProjectPath, Text, TimeZone
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


#: Slips that can be mended without guessing; each is counted under its own code.
Repair = Literal["code_case", "placeholder", "number_format", "excel_date", "point_swapped"]


class Agreement(Model):
    """The sharing agreement a source arrives under; past its end the source is refused by name."""

    reference: Text
    starts: date | None = Field(None, description="First day on which the data may be used.")
    expires: date = Field(description="Last day on which the data may be used.")

    @model_validator(mode="after")
    def _in_order(self) -> Agreement:
        if self.starts and self.starts > self.expires:
            raise ValueError("'starts' lies after 'expires'")
        return self


class Barrier(Model):
    """Something that stands in the way of sharing, and what is done about it (data tracker)."""

    barrier: Text
    action: Text
    owner: str = Field("", description="Who sees to it, by role.")
    due: date | None = None


class FileFormat(Model):
    """How the file is written. CSV, Parquet, Excel and zip are told apart by the file's ending."""

    encoding: Literal["utf-8", "windows-1252"] = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    sheet: str | None = Field(None, description="Sheet of a workbook; the first when not given.")
    members: Text = Field("*", description="Which files of a zip archive are read, as a pattern.")


class CodeList(Model):
    """`configs/codes/*.yaml`: a code list that several contracts may use."""

    name: Name
    title: Text
    origin: Text = Field(description="Where the list comes from, and what to check before use.")
    codes: Annotated[dict[str, str], Field(min_length=1)] = Field(
        description="Published code -> the engine's word."
    )


class FieldSpec(Model):
    """One field of the file.

    `codes` maps each value the partner may send to the engine's own word; a value that is not
    listed breaks the row. `formats` are `strptime` patterns tried in order.
    """

    column: Text = Field(description="Header in the partner's file.")
    type: Literal["string", "number", "date", "datetime", "month", "code"] = "string"
    required: bool = False
    codes: dict[str, str] = Field({}, description="Partner's code -> the engine's word.")
    codes_from: ProjectPath | None = Field(
        None, description="File of a ready code list; entries of `codes` add to it and outrank it."
    )
    missing: list[str] = Field(
        [], description="Texts that the partner writes for 'not given' or 'suppressed'."
    )
    formats: list[str] = Field([], description="strptime patterns, tried in order.")
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = Field(None, description="Regular expression the whole value must match.")

    @model_validator(mode="after")
    def _coherent(self) -> FieldSpec:
        if (self.type == "code") != bool(self.codes or self.codes_from):
            raise ValueError(
                "'codes' goes with type: code, and type: code needs 'codes' or 'codes_from'"
            )
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


class MeasureSpec(Model):
    """How a row of counts or of area context becomes measures of a zone; no person is in it.

    For sources that share numbers by area instead of records: counts by ward or LSOA and month,
    deprivation, residents by group or age. `values` maps each measure to the field that holds it.
    """

    zone: Name = Field(description="Field with the zone's code.")
    geography: Literal["lsoa11", "lsoa21", "ward", "local_authority"]
    values: Annotated[dict[Name, Name], Field(min_length=1)] = Field(
        description="Measure -> the field with its number; a suppressed number is kept as missing."
    )
    category: Name | None = Field(None, description="Field that tells rows of one zone apart.")
    period: Name | None = Field(None, description="Field with the month or day counted.")
    year: int | None = Field(None, ge=1900, le=2199, description="Or the year of all rows.")
    known_after: Duration = Field(
        Duration.parse("1d"), description="Known this long after the end of the period."
    )

    @model_validator(mode="after")
    def _says_when(self) -> MeasureSpec:
        if (self.period is None) == (self.year is None):
            raise ValueError("give either period (a field) or year")
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
    since: date | None = Field(None, description="First day the source covers; open if not given.")


class Contract(Model):
    """`configs/partners/*.yaml`: one source."""

    source: Name
    title: Text
    agency: Text = Field(description="Kind of authority: Police, Health, Education ...")
    controller: Text
    agreement: Agreement
    personal_data: Literal["none", "personal", "special_category"]
    regime: Literal["UK GDPR", "DPA 2018 Part 3", "not personal data"]
    lawful_basis: Text
    retention: Duration = Field(
        description="How long rows may be kept; older ones are dropped on load and counted."
    )
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
    repairs: list[Repair] = Field(
        [], description="Slips that are mended, counted and kept on record instead of set aside."
    )
    event: EventSpec | None = Field(None, description="For sources of records.")
    measures: MeasureSpec | None = Field(None, description="For sources of counts or context.")
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
    barriers: list[Barrier] = []
    note: str = ""

    @model_validator(mode="after")
    def _fields_exist(self) -> Contract:
        problems = []
        for where, name in self._references():
            if name not in self.fields:
                problems.append(f"{where} names '{name}', not a field{suggest(name, self.fields)}")
        if self.personal_data == "none" and (self.person or self.protected):
            problems.append("personal_data is none, yet fields of a person are mapped")
        if (self.event is None) == (self.measures is None):
            problems.append("give either 'event' (records) or 'measures' (counts or context)")
        if self.measures and (self.person or self.protected):
            problems.append("'measures' are about zones, yet fields of a person are mapped")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def record(self) -> EventSpec:
        """How a row is dated and placed: the spec of its event, or what its measures amount to."""
        if self.event is not None:
            return self.event
        assert self.measures is not None  # noqa: S101 - the validator saw to it
        return EventSpec.model_construct(
            occurred_at=self.measures.period or "",
            known_after=self.measures.known_after,
            precision="month",
            kind={"const": "measure"},
            zone=self.measures.zone,
        )

    @property
    def due_every(self) -> str | None:
        """The cadence at which something newer is due; None for a table of one edition."""
        one_edition = self.measures is not None and self.measures.year is not None
        return None if one_edition else self.cadence

    @property
    def lone_key(self) -> str:
        """The field that is the whole key and nothing else; empty where there is none.

        Its text need not be kept with a row: the identifier made of it says as much.
        """
        used = {name for where, name in self._references() if where != "key"}
        alone = len(self.key) == 1 and self.key[0] not in used
        return self.key[0] if alone and self.fields[self.key[0]].type == "string" else ""

    def with_codes(self, lists: dict[str, CodeList]) -> Contract:
        """Return the contract with ready code lists written out, its own codes outranking them.

        Parameters
        ----------
        lists
            Field name -> the list that its ``codes_from`` names.
        """
        fields = {
            name: spec.model_copy(update={"codes": {**lists[name].codes, **spec.codes}})
            if name in lists
            else spec
            for name, spec in self.fields.items()
        }
        return self.model_copy(update={"fields": fields})

    def _references(self) -> list[tuple[str, str]]:
        named = [("key", k) for k in self.key]
        named += self._event_references() + self._measure_references()
        points = [("event.point", self.event.point if self.event else None)]
        if person := self.person:
            points.append(("person.home", person.home))
            named += [(f"person.{k}", v) for k, v in _texts(person, PersonSpec.model_fields)]
        named += [(f"{w}.{axis}", getattr(p, axis)) for w, p in points if p for axis in ("x", "y")]
        return named + [("protected", p.field) for p in self.protected]

    def _event_references(self) -> list[tuple[str, str]]:
        event = self.event
        if event is None:
            return []
        keys = ("occurred_at", "known_at", "kind", "role", "incident", "area", "zone")
        named = [(f"event.{k}", v) for k, v in _texts(event, keys)]
        return named + [("event.attributes", a) for a in event.attributes]

    def _measure_references(self) -> list[tuple[str, str]]:
        if self.measures is None:
            return []
        named = [
            (f"measures.{k}", v) for k, v in _texts(self.measures, ("zone", "category", "period"))
        ]
        return named + [("measures.values", field) for field in self.measures.values.values()]


def _texts(model: Model, keys: Iterable[str]) -> list[tuple[str, str]]:
    """Return the keys of a model that hold a text, with it."""
    return [(k, v) for k in keys if isinstance(v := getattr(model, k), str)]
