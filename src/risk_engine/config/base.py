"""What every authored model shares: strictness, durations and paths with environment variables."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    StringConstraints,
)
from pydantic_core import CoreSchema, core_schema

#: Lower-case name used for sources, features, models and groups.
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
#: Text that says something: never empty.
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Model(BaseModel):
    """Base of every authored setting: unknown keys are errors, values never change once loaded."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        str_strip_whitespace=True,
        coerce_numbers_to_str=True,
        validate_by_name=True,
        validate_by_alias=True,
    )


_zones = cache(available_timezones)


def _known_zone(value: str) -> str:
    if value not in _zones():
        raise ValueError(f"'{value}' is not a time zone; write Europe/London")
    return value


#: An IANA time zone, such as Europe/London.
TimeZone = Annotated[str, AfterValidator(_known_zone)]

_DURATION = re.compile(r"^(\d+)\s*(d|w|mo|y)$")
_DAYS = {"d": 1, "w": 7, "mo": 30, "y": 365}
_LONGEST = 100 * 365


@dataclass(frozen=True, order=True)
class Duration:
    """A length of time as analysts write it: ``90d``, ``12w``, ``6mo``, ``1y``.

    A month counts 30 days and a year 365, so that a window means the same on every date.

    >>> Duration.parse("1y").days
    365
    >>> str(Duration.parse("12w"))
    '12w'
    """

    days: int
    text: str

    @classmethod
    def parse(cls, value: object) -> Duration:
        """Read a duration; raises ``ValueError`` that names the allowed forms."""
        if isinstance(value, Duration):
            return value
        match = _DURATION.match(str(value).strip())
        days = int(match[1]) * _DAYS[match[2]] if match else 0
        if match is None or not 0 < days <= _LONGEST:
            raise ValueError(
                f"{value!r} is not a length of time (at most 100y); write 90d, 12w, 6mo or 1y"
            )
        return cls(days=days, text=f"{match[1]}{match[2]}")

    def __str__(self) -> str:
        return self.text

    @property
    def words(self) -> str:
        """The duration as a reader would say it, such as ``the last year`` or ``90 days``."""
        match = _DURATION.match(self.text)
        assert match is not None  # noqa: S101 - parse() made the text
        count, unit = int(match[1]), {"d": "day", "w": "week", "mo": "month", "y": "year"}[match[2]]
        return f"the last {unit}" if count == 1 else f"the last {count} {unit}s"

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: type[Any], _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse,
            serialization=core_schema.to_string_ser_schema(),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: Any) -> dict[str, Any]:
        return {"type": "string", "pattern": _DURATION.pattern, "examples": ["90d", "1y"]}


_VARIABLE = re.compile(r"\$\{(?P<name>[A-Z][A-Z0-9_]*)(?::-(?P<default>[^}]*))?\}")


def expand(text: str) -> str:
    """Replace ``${NAME}`` and ``${NAME:-default}`` by the environment's values.

    >>> expand("${NOT_SET_ANYWHERE:-../shared}/x.csv")
    '../shared/x.csv'

    Raises
    ------
    ValueError
        If a variable is not set and the text gives no default.
    """

    def value(match: re.Match[str]) -> str:
        found = os.environ.get(match["name"]) or match["default"]
        if found is None:
            raise ValueError(f"the environment variable {match['name']} is not set")
        return found

    return _VARIABLE.sub(value, text)


def _to_path(value: object) -> Path:
    return Path(expand(str(value)))


#: A path relative to the project folder (or absolute); ``${NAME:-default}`` is expanded.
ProjectPath = Annotated[Path, BeforeValidator(_to_path)]
