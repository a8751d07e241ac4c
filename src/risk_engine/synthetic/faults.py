"""Bad rows planted in an extract, so that validation has something to find and to be scored on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

SHARE = 0.0012  # of the rows, for each fault


@dataclass(frozen=True)
class Layout:
    """Headers of an extract that faults are planted in.

    Attributes
    ----------
    key
        Names a row once.
    code, when, known
        A coded field, the date of the event and the date of recording; all are required.
    point
        Headers of easting and northing of the event, or None.
    """

    key: str
    code: str
    when: str
    known: str
    point: tuple[str, str] | None = None


LAYOUTS = {
    "police_crime": Layout(
        "Involvement Reference",
        "Offence Code",
        "Committed From",
        "Recorded Date",
        ("Location Easting", "Location Northing"),
    ),
    "emergency_department": Layout(
        "Attendance Number",
        "Assault Weapon",
        "Arrival Date And Time",
        "Extract Date",
        ("Incident Easting", "Incident Northing"),
    ),
    "youth_justice": Layout("Case Event Id", "Stage", "Event Date", "Date Entered"),
    "education": Layout("Entry Number", "Category", "Start Date", "Return Date"),
    "childrens_services": Layout("Case Step", "Step Type", "Began On", "Entered On"),
}


def plant(
    frame: pd.DataFrame, layout: Layout, *, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Break about one row in two hundred, each in one way.

    Returns
    -------
    tuple of pandas.DataFrame
        The extract with its faults, and the truth about them: ``fault`` (the code validation should
        give), ``row_key``.
    """
    found = frame.copy()
    rows = _rows(found, layout, rng)
    found.loc[rows["UNKNOWN_CODE"], layout.code] = "ZZ9"
    found.loc[rows["BAD_DATE"], layout.when] = "31/02/2025 25:61"
    found.loc[rows["REQUIRED_MISSING"], layout.known] = ""
    if layout.point:
        swapped = rows["POINT_SWAPPED"]
        east, north = layout.point
        found.loc[swapped, east] = frame.loc[swapped, north]
        found.loc[swapped, north] = frame.loc[swapped, east]
    copies = found.loc[rows["DUPLICATE_KEY"]]
    truth = [
        pd.DataFrame({"fault": fault, "row_key": frame.loc[where, layout.key]})
        for fault, where in rows.items()
    ]
    found = pd.concat([found, copies]).sort_index(kind="stable").reset_index(drop=True)
    return found, pd.concat(truth, ignore_index=True)


def _rows(
    frame: pd.DataFrame, layout: Layout, rng: np.random.Generator
) -> dict[str, npt.NDArray[np.int64]]:
    """Disjoint row numbers for each fault."""
    names = ["UNKNOWN_CODE", "BAD_DATE", "REQUIRED_MISSING", "DUPLICATE_KEY"]
    names += ["POINT_SWAPPED"] if layout.point else []
    usable = np.arange(len(frame))
    if layout.point:
        usable = np.flatnonzero((frame[layout.point[0]] != "").to_numpy())
    each = min(round(len(frame) * SHARE), len(usable) // len(names))
    drawn = rng.choice(usable, each * len(names), replace=False)
    return {
        name: np.sort(part) for name, part in zip(names, np.split(drawn, len(names)), strict=True)
    }
