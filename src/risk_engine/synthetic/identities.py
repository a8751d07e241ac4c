"""What an agency writes down about a person: mostly the truth, with the errors clerks make.

An agency keeps one spelling under each of its own numbers; some people have two numbers there. The
address lags a move by up to half a year, and now and then a birth date or a postcode is missing.

Clerks take the same care over everybody. What differs is names: one that has several accepted
spellings, two halves, or the family name first is written differently more often (`spelling`).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from risk_engine.synthetic import spelling
from risk_engine.synthetic.chance import Chance, Floats, Ints
from risk_engine.synthetic.columns import days, numbered, only, whole, words
from risk_engine.synthetic.people import Register

SECOND_NUMBER = 0.06  # records under a person's second number at the same agency
ERRORS = 0.12  # identities with a slip of the clerk, at one agency
NO_BIRTH, NO_POSTCODE = 0.02, 0.05  # of the records
#: How often each slip is the one, of those with a slip.
SLIPS = {
    "nickname": 2 / 9,
    "first_name": 1 / 9,
    "last_name": 2 / 9,
    "swapped_names": 1 / 9,
    "swapped_date": 1 / 9,
    "wrong_day": 1 / 9,
    "capitals": 1 / 9,
}
_SLIP = {name: position for position, name in enumerate(SLIPS)}
_TURNED = _SLIP["swapped_names"]
_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_PRIME = 9_999_991  # below ten million: numbers of seven digits that never meet
_OUTWARD = [f"Q{_LETTERS[area]}{district}" for area in range(20) for district in range(1, 21)]
_INWARD = [f"{u % 10}{_LETTERS[u // 10 % 20]}{_LETTERS[u // 200]}" for u in range(4000)]


@dataclass(frozen=True)
class Clerk:
    """One agency's way of writing people down.

    Attributes
    ----------
    prefix
        Of the agency's own numbers.
    care
        By ethnic group: how often slips and gaps happen beside the usual; 1 without a switch.
    """

    people: Register
    chance: Chance
    prefix: str
    care: Floats

    def identify(self, person: npt.NDArray[Any], day: npt.NDArray[Any], row: Ints) -> Identity:
        """Write down the person of each row.

        Parameters
        ----------
        day
            Of the record, days since 1970.
        row
            What tells records of one person apart.
        """
        second = self.chance.yes(SECOND_NUMBER, "second number", person, row).astype(np.int64)
        care = self.care[self.people.group[person]]
        slip = self.chance.among(list(SLIPS.values()), "slip", person, second)
        slip[~self.chance.yes(ERRORS * care, "error", person, second)] = -1
        turned = spelling.turned(self.people.last[person]) * care
        slip[(slip < 0) & self.chance.yes(turned, "turned", person, second)] = _TURNED
        return Identity(self, person.astype(np.int64), second, slip, day, row, care)


@dataclass(frozen=True)
class Identity:
    """People as one agency wrote them down, one position a record; each call writes a column."""

    clerk: Clerk
    person: Ints
    second: Ints
    slip: Ints
    day: npt.NDArray[Any]
    row: Ints
    care: Floats

    def number(self) -> pa.Array:
        """Write the agency's own number of the person."""
        key = 2 * self.person + self.second + 1
        step = zlib.crc32(self.clerk.prefix.encode()) % (_PRIME - 2) + 2  # no two agencies alike
        return numbered(self.clerk.prefix, key * step % _PRIME, 7)

    def names(self) -> tuple[pa.Array, pa.Array]:
        """Write first name and surname."""
        people = self.clerk.people
        first = self._named(people.first[self.person], "first name", ("nickname", "first_name"))
        last = self._named(people.last[self.person], "surname", ("last_name",))
        swapped = pa.array(self.slip == _TURNED)
        return pc.if_else(swapped, last, first), pc.if_else(swapped, first, last)

    def birth(self, pattern: str) -> pa.Array:
        """Write the birth date by a pattern; empty where it is missing."""
        birth = self.clerk.people.birth[self.person].astype(np.int64)
        step = np.array([1, 10, 365])[self._draw(3, "wrong day")]
        birth = np.where(self.slip == _SLIP["wrong_day"], birth - step, birth)
        birth = np.where(self.slip == _SLIP["swapped_date"], _swapped(birth), birth)
        known = ~self.clerk.chance.yes(NO_BIRTH * self.care, "no birth", self.person, self.row)
        return only(days(birth, pattern), known)

    def sex(self, female: str, male: str) -> pa.Array:
        """Write the recorded sex in the agency's words."""
        return words([female, male], self.clerk.people.male[self.person])

    def age(self) -> pa.Array:
        """Write whole years on the day of the record."""
        return whole(self.clerk.people.age(self.person, self.day))

    def home(self) -> Home:
        """Look up the address that the agency holds."""
        lag = self.clerk.chance.below(180, "address", self.person, self.row)
        found = self.clerk.people.home(self.person, self.day - lag)
        return Home(
            found["x"], found["y"], found["zone"], found["area"],
            ~self.clerk.chance.yes(NO_POSTCODE, "no postcode", self.person, self.row),
        )  # fmt: skip

    def ethnicity(self, codes: list[list[str]], silent: float, about: str) -> pa.Array:
        """Write the ethnic group by one of its codes, always the same for a person at an agency."""
        options = [code for group in codes for code in group]
        first = np.cumsum([0, *(len(group) for group in codes)])
        group = self.clerk.people.group[self.person].astype(np.int64)
        size = np.array([len(group) for group in codes])[group]
        chosen = first[group] + self._draw(size, about)
        said = ~self.clerk.chance.yes(silent, f"{about} not said", self.person, self.row)
        return only(words(options, chosen), said)

    def _named(self, word: npt.NDArray[Any], about: str, slips: tuple[str, ...]) -> pa.Array:
        """Write a name as the agency holds it; a slip of the hand comes before all else."""
        way = self._held(word, about)
        typo = spelling.FIRST_TYPO + self._draw(spelling.TYPOS, "typo")
        for slip in slips:
            chosen = self.slip == _SLIP[slip]
            way[chosen] = spelling.NICKNAME if slip == "nickname" else typo[chosen]
        way[self.slip == _SLIP["capitals"]] = spelling.CAPITALS
        return spelling.write(word, way)

    def _held(self, word: npt.NDArray[Any], about: str) -> Ints:
        """Draw the ways that do not come from haste: another spelling, or one part of a name."""
        way = np.full(len(word), spelling.AS_IS)
        yes, keys = self.clerk.chance.yes, (self.person, self.second)
        other = yes(spelling.otherwise(word) * self.care, f"{about} spelled", *keys)
        u = self.clerk.chance.unit(f"{about} spelling", *keys)
        spelled = spelling.FIRST_OTHER + (u * u * spelling.others(word)).astype(np.int64)
        way[other] = spelled[other]
        count = spelling.parts(word)
        cut = (count > 0) & yes(spelling.PART * self.care, f"{about} cut", *keys)
        way[cut] = spelling.FIRST_PART + self._draw(count, f"{about} part")[cut]
        return way

    def _draw(self, count: int | Ints, about: str) -> Ints:
        return self.clerk.chance.below(count, about, self.person, self.second)


@dataclass(frozen=True)
class Home:
    """Addresses: metres, positions of zone and area, and whether the postcode was written."""

    x: npt.NDArray[Any]
    y: npt.NDArray[Any]
    zone: npt.NDArray[Any]
    area: npt.NDArray[Any]
    written: npt.NDArray[np.bool_]

    def postcode(self) -> pa.Array:
        """Write an invented postcode (no real one begins with Q), shared within 150 metres."""
        x, y = self.x.astype(np.int64), self.y.astype(np.int64)
        district = (x // 3000 * 7 + y // 3000 * 3) % 20
        unit = (x // 150 * 7919 + y // 150 * 104_729) % 4000
        outward = words(_OUTWARD, self.area.astype(np.int64) % 20 * 20 + district)
        joined = pc.binary_join_element_wise(outward, words(_INWARD, unit), " ")
        return only(joined, self.written)

    def easting(self) -> pa.Array:
        """Write metres east."""
        return whole(self.x)

    def northing(self) -> pa.Array:
        """Write metres north."""
        return whole(self.y)


def _swapped(birth: Ints) -> Ints:
    """Swap day and month of dates where that gives a date."""
    date = birth.astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    day_of_month = (date - month).astype(np.int64)  # from 0
    month_of_year = month.astype(np.int64) % 12  # from 0
    swapped = (month - month_of_year + day_of_month).astype("datetime64[D]") + month_of_year
    return np.where(day_of_month < 12, swapped.astype(np.int64), birth)
