"""Bad rows planted in an extract, so that validation has something to find and to be scored on.

Each is broken in one way that the engine should answer with one code: it sets the row aside, or
mends it where the contract of the source allows that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from risk_engine.synthetic.chance import Chance, Ints
from risk_engine.synthetic.columns import MINUTES_A_DAY
from risk_engine.synthetic.extract import Columns

SHARE = 0.0006  # of the rows, for each fault
FEWEST_ROWS = 200  # an extract with fewer is left alone: one bad row would be a large share of it
#: Stand for a cell that is not there, a quotation mark and a comma until the bytes are written.
CUT, QUOTE, COMMA = "\x01", "\x02", "\x03"
#: Days from the first day of Excel to 1970.
_EXCEL = 25_569


@dataclass(frozen=True)
class Layout:
    """Headers of an extract that faults are planted in.

    Attributes
    ----------
    key
        Names a row once.
    code, when, known
        A coded field, the date of the event and that of recording; all must be given.
    cased
        A coded field whose codes have letters.
    early
        A date in the form of `known`, before anything happened.
    age
        A field with a pattern that may be empty, or None.
    point
        Headers of easting and northing of the event, or None.
    clock
        Whether `known` has a time of day.
    cannot_mend
        Repairs that the contract does not allow.
    mends_swaps
        Whether the contract allows swapped coordinates to be mended.
    """

    key: str
    code: str
    when: str
    known: str
    cased: str
    early: str
    age: str | None = None
    point: tuple[str, str] | None = None
    clock: bool = False
    cannot_mend: tuple[str, ...] = ()
    mends_swaps: bool = False


_UK_EARLY, _ISO_EARLY = "03/01/2001", "2001-01-03"
LAYOUTS = {
    "police_crime": Layout(
        "Involvement Reference", "Offence Code", "Committed From", "Recorded Date", "Role",
        f"{_UK_EARLY} 10:00", "Age At Event", ("Location Easting", "Location Northing"), clock=True,
    ),
    "custody": Layout(
        "Custody Number", "Appropriate Adult", "Detention Authorised", "Record Created",
        "Appropriate Adult", f"{_UK_EARLY} 10:00", "Age", clock=True,
    ),
    "missing_persons": Layout(
        "Episode Number", "Risk When Reported", "Missing From", "Reported", "Risk When Reported",
        f"{_UK_EARLY} 10:00", "Age", ("Last Seen Easting", "Last Seen Northing"), clock=True,
    ),
    "stop_and_search": Layout(
        "Search Number", "Outcome", "Search Date And Time", "Recorded Date", "Object Of Search",
        f"{_UK_EARLY} 10:00", "Age", ("Easting", "Northing"), clock=True,
    ),
    "emergency_department": Layout(
        "Attendance Number", "Assault Weapon", "Arrival Date And Time", "Extract Date", "Severity",
        _ISO_EARLY, "Age", ("Incident Easting", "Incident Northing"),
    ),
    "ambulance": Layout(
        "Incident Number", "Injury Mechanism", "Call Connected", "Extract Date", "Location Type",
        _ISO_EARLY, "Patient Age", ("Easting", "Northing"), cannot_mend=("EXCEL_DATE",),
    ),
    "hospital_admissions": Layout(
        "Spell Number", "External Cause", "Admission Date", "Extract Date", "External Cause",
        _ISO_EARLY, "Age On Admission",
    ),
    "youth_justice": Layout(
        "Case Event Id", "Stage", "Event Date", "Date Entered", "Gender", _UK_EARLY, "Age",
    ),
    "probation": Layout(
        "Event Reference", "Event Type", "Event Date", "Date Entered", "Sex", _UK_EARLY, "Age",
    ),
    "education": Layout(
        "Entry Number", "Category", "Start Date", "Return Date", "Sex", _ISO_EARLY, "Age",
    ),
    "childrens_services": Layout(
        "Case Step", "Step Type", "Began On", "Entered On", "Sex", "03-Jan-2001", "Age",
    ),
    "fire": Layout(
        "Incident Number", "Motive", "Time Of Call", "Report Completed", "Property Type",
        _UK_EARLY, None, ("Easting", "Northing"), mends_swaps=True,
    ),
    "community_safety": Layout(
        "Case Reference", "ASB Type", "Incident Date", "Date Logged", "Setting",
        _UK_EARLY, None, ("Easting", "Northing"), mends_swaps=True,
    ),
}  # fmt: skip
SET_ASIDE = (
    "UNKNOWN_CODE", "BAD_DATE", "REQUIRED_MISSING", "DUPLICATE_KEY", "RAGGED_ROW",
    "KNOWN_BEFORE_OCCURRED", "BAD_PATTERN", "BAD_NUMBER", "POINT_SWAPPED", "POINT_WRONG_SYSTEM",
    "POINT_SEA", "POINT_OUTSIDE",
)  # fmt: skip
MENDED = ("CODE_CASE", "PLACEHOLDER", "EXCEL_DATE", "NUMBER_FORMAT")
KINDS = (*SET_ASIDE, *MENDED)
_OF_POINTS = {
    "BAD_NUMBER", "POINT_SWAPPED", "POINT_WRONG_SYSTEM", "POINT_SEA", "POINT_OUTSIDE",
    "NUMBER_FORMAT",
}  # fmt: skip
_OF_AGES = {"BAD_PATTERN", "PLACEHOLDER"}
Texts = list[str | None]
_Change = Callable[["_Broken"], dict[str, Texts]]


@dataclass(frozen=True)
class Planted:
    """What was broken in some rows: code, whether a contract mends it, and the row's key."""

    fault: list[str]
    mended: list[bool]
    row_key: list[str]


@dataclass(frozen=True)
class _Broken:
    """Rows to break in one way, with their cells as they were."""

    columns: Columns
    at: Ints
    known: Ints
    layout: Layout
    sea: tuple[int, int]

    def cells(self, column: str) -> Texts:
        found: Texts = self.columns[column].take(pa.array(self.at)).to_pylist()
        return found

    def all(self, column: str, text: str | None) -> dict[str, Texts]:
        return {column: [text] * len(self.at)}

    def point(self, x: Texts, y: Texts) -> dict[str, Texts]:
        assert self.layout.point  # noqa: S101 - only asked of sources with points
        return {self.layout.point[0]: x, self.layout.point[1]: y}

    def xy(self) -> tuple[Texts, Texts]:
        assert self.layout.point  # noqa: S101 - only asked of sources with points
        return self.cells(self.layout.point[0]), self.cells(self.layout.point[1])


def plant(
    columns: Columns,
    rows: Ints,
    known: Ints,
    *,
    layout: Layout,
    breakable: npt.NDArray[np.bool_],
    sea: tuple[int, int],
    chance: Chance,
) -> tuple[Columns, Planted]:
    """Break about one row in a hundred of a stretch of an extract, each in one way.

    Parameters
    ----------
    rows, known
        Position of each row in its extract, and when it was recorded (minutes since 1970).
    sea
        A point that is inside the bounds of the areas but in none of them, metres.
    """
    drawn = (chance.unit("fault", rows) / SHARE).astype(np.int64)
    columns, planted = dict(columns), Planted([], [], [])
    for number in np.flatnonzero(np.bincount(drawn[drawn < len(KINDS)], minlength=len(KINDS))):
        code = KINDS[number]
        at = np.flatnonzero((drawn == number) & breakable & _able(code, columns, layout))
        broken = _Broken(columns, at, known, layout, sea)
        keys = broken.cells(layout.key)
        for column, texts in _CHANGES[code](broken).items() if len(at) else ():
            columns[column] = _put(columns[column], at, texts)
        planted.fault.extend([code] * len(at))
        mends = code in MENDED or (code == "POINT_SWAPPED" and layout.mends_swaps)
        planted.mended.extend([mends] * len(at))
        planted.row_key.extend(str(key) for key in keys)
    again = drawn == KINDS.index("DUPLICATE_KEY")
    twice = np.repeat(np.arange(len(rows)), 1 + (again & breakable))
    if len(twice) > len(rows):
        columns = {name: column.take(pa.array(twice)) for name, column in columns.items()}
    return columns, planted


def to_bytes(text: bytes) -> bytes:
    """Turn what stands for cells that are not there, for quotation marks and commas into them."""
    text = text.replace(f",{CUT}".encode(), b"")
    return text.replace(QUOTE.encode(), b'"').replace(COMMA.encode(), b",")


def _able(code: str, columns: Columns, layout: Layout) -> npt.NDArray[np.bool_] | bool:
    """Say which rows have what the fault needs."""
    if code in layout.cannot_mend:
        return False
    if code in _OF_POINTS:
        return layout.point is not None and _given(columns[layout.point[0]])
    if code in _OF_AGES:
        return layout.age is not None and _given(columns[layout.age])
    return _given(columns[layout.cased]) if code == "CODE_CASE" else True


def _given(column: pa.Array) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = column.is_valid().to_numpy(zero_copy_only=False)
    return found


def _put(column: pa.Array, at: Ints, texts: Texts) -> pa.Array:
    mask = np.zeros(len(column), bool)
    mask[at] = True
    return pc.replace_with_mask(column, pa.array(mask), pa.array(texts, pa.string()))


def _ragged(rows: _Broken) -> dict[str, Texts]:
    return rows.all(list(rows.columns)[-1], CUT)


def _serial(rows: _Broken) -> dict[str, Texts]:
    days = rows.known[rows.at] / MINUTES_A_DAY + _EXCEL
    return {rows.layout.known: [f"{d:.6f}" if rows.layout.clock else f"{d:.0f}" for d in days]}


def _thousands(rows: _Broken) -> dict[str, Texts]:
    x, y = rows.xy()
    return rows.point([f"{QUOTE}{int(e or 0):,}{QUOTE}".replace(",", COMMA) for e in x], y)


def _swapped(rows: _Broken) -> dict[str, Texts]:
    x, y = rows.xy()
    return rows.point(y, x)


def _elsewhere(x: str, y: str) -> _Change:
    return lambda rows: rows.point([x] * len(rows.at), [y] * len(rows.at))


def _at_sea(rows: _Broken) -> dict[str, Texts]:
    return _elsewhere(*map(str, rows.sea))(rows)


def _other_case(rows: _Broken) -> dict[str, Texts]:
    return {rows.layout.cased: [str(cell).swapcase() for cell in rows.cells(rows.layout.cased)]}


_CHANGES: dict[str, _Change] = {
    "UNKNOWN_CODE": lambda rows: rows.all(rows.layout.code, "ZZ9"),
    "BAD_DATE": lambda rows: rows.all(rows.layout.when, "31/02/2025 25:61"),
    "REQUIRED_MISSING": lambda rows: rows.all(rows.layout.known, None),
    "DUPLICATE_KEY": lambda _rows: {},
    "RAGGED_ROW": _ragged,
    "KNOWN_BEFORE_OCCURRED": lambda rows: rows.all(rows.layout.known, rows.layout.early),
    "BAD_PATTERN": lambda rows: rows.all(str(rows.layout.age), "12 yrs"),
    "BAD_NUMBER": lambda rows: rows.all((rows.layout.point or ("",))[0], "4x5500"),
    "POINT_SWAPPED": _swapped,
    "POINT_WRONG_SYSTEM": _elsewhere("-1.3", "51.05"),
    "POINT_SEA": _at_sea,
    "POINT_OUTSIDE": _elsewhere("531000", "181000"),
    "CODE_CASE": _other_case,
    "PLACEHOLDER": lambda rows: rows.all(str(rows.layout.age), "N/A"),
    "EXCEL_DATE": _serial,
    "NUMBER_FORMAT": _thousands,
}
