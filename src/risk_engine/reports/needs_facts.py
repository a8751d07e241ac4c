"""The facts of a strategic needs assessment, as its page and its workbook are given them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import geopandas as gpd

from risk_engine.needs import Assessment
from risk_engine.reports.facts import Definition


@dataclass(frozen=True)
class SourceLine:
    """One source of the document: what came of its rows.

    Attributes
    ----------
    read, quarantined, held
        Rows; of all periods, not of this one alone.
    newest
        When its latest row became known, naive UTC; None where nothing did.
    use
        ``offences`` or ``health``.
    """

    name: str
    title: str
    controller: str
    read: int
    quarantined: int
    held: int
    newest: datetime | None
    use: str


@dataclass(frozen=True)
class NeedsFacts:
    """Everything the document says.

    Attributes
    ----------
    found
        The tables, protected; nothing else may be printed.
    areas
        ``area_code, name, geometry``: the local areas, in the order of the chapters.
    definition_note
        What the definition says of itself.
    residents
        Of all local areas together; None where one is not known.
    """

    title: str
    marking: str
    challenge: str
    force_area: str
    definition: Definition
    definition_note: str
    found: Assessment
    areas: gpd.GeoDataFrame
    sources: Sequence[SourceLine]
    residents: int | None
    timezone: str = "Europe/London"

    @property
    def as_of(self) -> datetime:
        """The first instant not known, naive UTC."""
        return self.found.as_of

    @property
    def period_label(self) -> str:
        """The twelve months."""
        return self.found.window.label
