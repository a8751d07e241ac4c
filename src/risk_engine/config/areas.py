"""The force area, its local areas, the coordinate system and the size of a square."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from risk_engine.config.base import Model, ProjectPath, Text, TimeZone


class Area(Model):
    """One local area."""

    code: Text = Field(description="Official code, such as E06000044.")
    name: Text
    population: int | None = Field(None, ge=0, description="Residents.")
    easting: float | None = Field(None, description="Centre, in the area file's CRS.")
    northing: float | None = Field(None, description="Centre, in the area file's CRS.")


class ForceArea(Model):
    """The whole area of the partnership."""

    code: Text
    name: Text


class AreasConfig(Model):
    """`configs/areas.yaml`: what the map is made of."""

    force_area: ForceArea
    crs: Text = Field("EPSG:27700", description="Projected coordinate system, metres.")
    timezone: TimeZone = Field("Europe/London", description="In which a week or a month begins.")
    cell_size: int = Field(250, ge=50, le=2000, description="Side of a square in metres.")
    local_areas: Annotated[list[Area], Field(min_length=1)]

    @field_validator("crs")
    @classmethod
    def _projected(cls, value: str) -> str:
        from pyproj import CRS
        from pyproj.exceptions import CRSError

        try:
            crs = CRS.from_user_input(value)
        except CRSError:
            raise ValueError(f"'{value}' is not a coordinate system; write EPSG:27700") from None
        if not crs.is_projected or crs.axis_info[0].unit_name != "metre":
            raise ValueError(f"'{value}' is not projected in metres; write EPSG:27700")
        return value

    @model_validator(mode="after")
    def _distinct(self) -> AreasConfig:
        codes = [area.code for area in self.local_areas]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ValueError(f"local area codes given twice: {', '.join(twice)}")
        return self

    @property
    def codes(self) -> list[str]:
        """Codes of the local areas in file order."""
        return [area.code for area in self.local_areas]

    def name_of(self, code: str | None) -> str:
        """Return the name of a local area, or a plain phrase for a code that is not configured."""
        for area in self.local_areas:
            if area.code == code:
                return area.name
        return "outside the local areas"


class Boundaries(Model):
    """A polygon file of the local areas."""

    file: ProjectPath
    code: Text = Field(description="Column that holds the area code.")
    snap_metres: float = Field(
        1000, ge=0, description="Points this near outside a rough coastline still belong to it."
    )


class Census(Model):
    """Residents by group and small area: polygons and a long table of counts."""

    boundaries: ProjectPath
    boundary_code: Text = Field(description="Column of the polygons that holds the zone code.")
    table: ProjectPath = Field(description="CSV with one row a zone and group.")
    code: Text = Field(description="Zone code column of the table.")
    group: Text = Field(description="Column with the group's name.")
    count: Text = Field(description="Column with the number of residents.")
    groups: dict[str, str] = Field(description="Group as published -> group as the audit says it.")
    attribute: Text = "ethnicity"
    year: int = Field(description="Year the counts describe; printed with every burden.")
