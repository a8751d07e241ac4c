"""The published figures that the partnership is made to, and what is assumed where none is.

Published for 2022: 5,049 serious violence offences, 9.1 % more than in 2021 (hence 4,628);
possession of a bladed weapon 1,704, robbery 1,281, wounding and grievous bodily harm 1,277,
homicide 17; 1,348 with a victim under 25, 3 % more than in 2021; non-domestic, bladed, victim
under 25: 6.2 % fewer. The split of the other 770, of 2021, and of under-25s over the categories is
an assumption.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from risk_engine.synthetic.chance import Ints, share_out

YOUNG = 25  # victims below this age are counted apart
#: First-time entrants to youth justice a year and 100,000 residents aged 10 to 17: nation (check)
#: and this partnership, whose published rate is above it by an amount that is not known (check).
NATIONAL_ENTRANTS, ENTRANTS = 148.0, 180.0
#: Level of serious violence beside 2022, assumed: 2020 was the year of the lockdowns.
LEVELS = {2018: 0.93, 2019: 0.96, 2020: 0.84, 2022: 1.0, 2023: 1.02, 2024: 1.0, 2025: 0.98}
#: Violence by local area: robbery with weapons, all violence (data.police.uk, 11 months of 2025).
VIOLENCE = {
    "E07000084": (221, 5_173),
    "E07000085": (89, 2_353),
    "E07000086": (127, 3_547),
    "E07000087": (126, 2_575),
    "E07000088": (94, 2_881),
    "E07000089": (62, 1_636),
    "E07000090": (215, 4_352),
    "E06000046": (189, 4_831),
    "E07000091": (130, 3_754),
    "E06000044": (608, 9_411),
    "E07000092": (145, 3_074),
    "E06000045": (812, 11_717),
    "E07000093": (120, 2_989),
    "E07000094": (106, 2_883),
}


@dataclass(frozen=True)
class Category:
    """One category of serious violence: numbers of 2021 and of 2022.

    Attributes
    ----------
    total
        Offences that are not domestic abuse.
    young
        Those with a victim under 25; none where the offence has no victim.
    young_bladed
        Those with a victim under 25 and a bladed weapon.
    """

    name: str
    total: tuple[int, int]
    young: tuple[int, int] = (0, 0)
    young_bladed: tuple[int, int] = (0, 0)


CATEGORIES = (
    Category("homicide", (15, 17), (5, 5), (4, 4)),
    Category("wounding", (1_190, 1_277), (500, 488), (201, 177)),
    Category("robbery", (1_150, 1_281), (590, 640), (180, 172)),
    Category("bladed_weapon", (1_545, 1_704)),
    Category("other_weapon", (218, 238)),
    Category("attempted_murder", (38, 40), (14, 14), (8, 8)),
    Category("violent_disorder", (110, 120), (45, 48), (4, 5)),
    Category("riot", (1, 2), (0, 1), (0, 0)),
    Category("bladed_assault", (361, 370), (155, 152), (155, 152)),
)
NAMES = tuple(category.name for category in CATEGORIES)


@dataclass(frozen=True)
class Stretch:
    """Whole days of one calendar year: ``start`` to ``end`` (not included)."""

    start: date
    end: date

    @property
    def year(self) -> int:
        """Calendar year."""
        return self.start.year

    @property
    def covered(self) -> float:
        """Share of the calendar year."""
        whole = date(self.year + 1, 1, 1) - date(self.year, 1, 1)
        return (self.end - self.start) / whole


def stretches(start: date, end: date) -> list[Stretch]:
    """Cut a span of days at every New Year."""
    cuts = [date(year, 1, 1) for year in range(start.year + 1, end.year + 1)]
    edges = [start, *(cut for cut in cuts if start < cut < end), end]
    return [Stretch(a, b) for a, b in pairwise(edges)]


def quota(stretch: Stretch, share: float) -> dict[str, tuple[int, int]]:
    """Return the offences of a stretch of one year by category: victim under 25, and the rest.

    Parameters
    ----------
    share
        Of the published level; the mix stays.
    """
    column = 0 if stretch.year == 2021 else 1
    level = 1.0 if stretch.year in {2021, 2022} else level_of(stretch.year)
    young = [category.young[column] for category in CATEGORIES]
    rest = [category.total[column] - category.young[column] for category in CATEGORIES]
    total = round(sum(young + rest) * level * share * stretch.covered)
    parts = share_out(total, young + rest)
    return {name: (int(parts[row]), int(parts[row + len(NAMES)])) for row, name in enumerate(NAMES)}


def level_of(year: int) -> float:
    """Level of a year beside 2022: as told, else that of the nearest year told."""
    if year == 2021:
        return sum(c.total[0] for c in CATEGORIES) / sum(c.total[1] for c in CATEGORIES)
    return LEVELS[min(LEVELS, key=lambda known: (abs(known - year), known))]


def bladed_young(category: str, year: int, count: int) -> int:
    """Of some offences with a victim under 25, how many were bladed."""
    found = CATEGORIES[NAMES.index(category)]
    column = 0 if year == 2021 else 1
    return round(count * found.young_bladed[column] / max(found.young[column], 1))


def levels(codes: list[str], residents: Ints) -> tuple[Ints, Ints]:
    """Weights of the areas: of robbery with weapons, and of all violence.

    An area that is not in the table gets the weight of its residents.
    """
    told = [VIOLENCE[code] for code in codes if code in VIOLENCE]
    if len(told) < len(codes):
        return residents, residents
    table = np.array(told, dtype=np.int64)
    return table[:, 0], table[:, 1]


def published(year: int) -> dict[str, int]:
    """Return the published figures of 2021 or 2022 by name."""
    if year == 2021:
        return {"serious_violence": 4_628, "victim_under_25": 1_309}
    return {
        "serious_violence": 5_049,
        "bladed_weapon": 1_704,
        "robbery": 1_281,
        "wounding": 1_277,
        "homicide": 17,
        "other": 770,
        "victim_under_25": 1_348,
    }
