"""The run configuration: which sources, which specs, which week, who receives it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from risk_engine.config.areas import Boundaries, Census
from risk_engine.config.base import Model, Name, ProjectPath, Text

#: Spark does not start with less; the rest is for what is not on its heap.
_LEAST_FOR_SPARK = 512 * 1000**2


class SourceRef(Model):
    """One source: its contract and the files that arrived."""

    contract: ProjectPath
    files: Annotated[list[ProjectPath], Field(min_length=1)] = Field(
        description="Files or glob patterns; each file is one drop."
    )

    @field_validator("files", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value


class Labels(Model):
    """A CSV file that says of some rows of some sources whom they are about."""

    file: ProjectPath
    source: Text = Field("source", description="Column with the name of the source.")
    key: Text = Field(
        "key", description="Column with the row's key; where that is several fields, '|' between."
    )
    person: Text = Field("person", description="Column with any name for the person.")


class Linkage(Model):
    """How records become people, and where the pseudonym key is kept (outside the project)."""

    key_env: str = Field(
        "RISK_ENGINE_PSEUDONYM_KEY", description="Environment variable that holds the key."
    )
    key_file: ProjectPath | None = Field(None, description="File that holds the key instead.")
    spec: ProjectPath = Field(
        Path("models/specs/linkage.yaml"), description="What is compared and how."
    )
    model: ProjectPath | None = Field(
        None,
        description="What `risk-engine link train` wrote; else last week's model is used, or a new "
        "one is learnt.",
    )
    labels: Labels | None = Field(
        None, description="Records whose person is known for certain: linkage is measured on them."
    )


class Engine(Model):
    """Where tables are computed."""

    kind: Literal["duckdb", "spark"] = "duckdb"
    memory_limit: str = Field("3GB", pattern=r"^\d+(\.\d+)?\s?(MB|GB)$")
    threads: int = Field(2, ge=1, le=256)
    spark_master: Text | None = Field(
        None,
        description="Spark master, for kind spark; this machine with 'threads' when not given."
        " Workers elsewhere must see the folder for temporary files (TMPDIR) of this machine.",
    )

    @property
    def memory_bytes(self) -> int:
        """The memory limit in bytes."""
        amount, unit = self.memory_limit[:-2], self.memory_limit[-2:]
        return int(float(amount) * {"MB": 1000**2, "GB": 1000**3}[unit])

    @property
    def on_duckdb(self) -> Engine:
        """The same on DuckDB: what reads files cell by cell is written for it."""
        return self.model_copy(update={"kind": "duckdb"})

    @model_validator(mode="after")
    def _room_for_spark(self) -> Engine:
        if self.kind == "spark" and self.memory_bytes < _LEAST_FOR_SPARK:
            raise ValueError("an engine of kind spark needs a 'memory_limit' of 512MB at least")
        return self


class ReleaseSpec(Model):
    """What a release says of itself and to whom it goes."""

    purpose: Literal["support and problem solving"] = "support and problem solving"
    recipients: Annotated[list[Text], Field(min_length=1)]
    people_recipients: list[Text] = Field(
        [], description="Who may hold the list of people, by name; nobody by default."
    )
    marking: Annotated[Text, Field(max_length=100)] = "OFFICIAL-SENSITIVE"
    expires_after_days: int = Field(7, ge=1, le=365)
    challenge: Text = Field(description="How a person or place can be questioned; on every page.")
    impact_assessment: str = Field("", description="Reference; the gate refuses without it.")
    equality_assessment: str = Field("", description="Reference; the gate refuses without it.")


class RunConfig(Model):
    """`configs/*.yaml`: one week or month, end to end."""

    name: Name
    title: Text
    as_of: date | None = Field(
        None, description="First day not known; the last Monday (or month start) when not given."
    )
    period: Literal["week", "month"] = "week"
    seed: int = Field(1, ge=0)
    areas: ProjectPath
    boundaries: Boundaries
    census: Census | None = None
    definition: ProjectPath
    sources: Annotated[list[SourceRef], Field(min_length=1)]
    agencies_expected: list[Text] = Field(
        [], description="Agencies that should share, as contracts name them; for the data tracker."
    )
    linkage: Linkage | None = None
    person_features: list[ProjectPath] = []
    place_features: list[ProjectPath] = []
    hotspots: ProjectPath
    cohorts: list[ProjectPath] = []
    audit: ProjectPath
    release: ReleaseSpec
    engine: Engine = Engine()

    @model_validator(mode="after")
    def _people_need_linkage(self) -> RunConfig:
        if self.cohorts and self.linkage is None:
            raise ValueError("cohorts need 'linkage': people are made of linked records")
        if self.cohorts and not self.person_features:
            raise ValueError("cohorts need 'person_features'")
        return self
