"""The kinds of event there are: how many a year, whom they happen to, what follows from them.

Each kind is drawn from the people by a profile: the weights of what puts a person at risk.
Ethnicity appears nowhere in this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from risk_engine.synthetic.figures import ENTRANTS, NAMES

FORCE_PEOPLE = 1_100_000  # people known to any agency of the whole force area
RESIDENTS_10_17 = 190_000  # of the force area (check)


@dataclass(frozen=True)
class Profile:
    """Whom something happens to: weights in the logarithm of a person's rate.

    Attributes
    ----------
    ages
        Whole years, both ends included.
    male
        Added for people recorded as male.
    youth
        Whether the rate peaks at 18.
    """

    ages: tuple[int, int]
    victim: float = 0.0
    suspect: float = 0.0
    hardship: float = 0.3
    male: float = 0.0
    youth: bool = False


PROFILES = {
    "hurt_young": Profile((0, 24), victim=1.0, suspect=0.25, male=0.5, youth=True),
    "hurt_older": Profile((25, 120), victim=1.0, suspect=0.25, male=0.5, youth=True),
    "assaulted": Profile((0, 120), victim=1.0, suspect=0.25, male=0.1, youth=True),
    "at_home": Profile((16, 120), victim=0.9, suspect=0.1, male=-0.9),
    "robbed_of": Profile((16, 120), victim=0.4),
    "offender": Profile((10, 120), suspect=1.0, male=0.8, youth=True),
    "missing": Profile((8, 17), victim=0.8, suspect=0.4),
    "entrant": Profile((10, 17), victim=0.2, suspect=0.9, hardship=0.35),
    "supervised": Profile((10, 17), victim=0.2, suspect=1.0, hardship=0.35),
    "pupil": Profile((5, 16), victim=0.3, suspect=0.7, hardship=0.35),
    "absent": Profile((5, 16), victim=0.5, suspect=0.3, hardship=0.35),
    "in_need": Profile((0, 17), victim=0.75, suspect=0.2, hardship=0.35),
    "exploited": Profile((10, 17), victim=0.7, suspect=0.6, hardship=0.35),
    "on_probation": Profile((18, 120), suspect=1.1, male=0.8),
    "neighbour": Profile((18, 120), hardship=0.5),
}


@dataclass(frozen=True)
class Process:
    """One kind of event.

    Attributes
    ----------
    kind
        The engine's word for it, as the contracts map it.
    count
        Events a year over the whole force area; 0 where the published figures say how many.
    category
        Of serious violence, if any.
    spread
        How the areas share them: by robbery, by violence, or by the homes of those concerned.
    scale
        A smaller partnership has fewer events in proportion to its people. Those that are *dense*
        fall between that and the share of violence it has, so that a small one has enough of them.
    jump
        By how much an event raises the person's later rates.
    named
        Chance that a suspect is named beside the victim.
    happens
        Whether it has a place and an hour of its own.
    """

    name: str
    kind: str
    role: str
    profile: str
    count: float = 0.0
    category: str | None = None
    domestic: bool = False
    spread: Literal["robbery", "violence", "home"] = "home"
    dense: bool = False
    term_time: bool = False
    jump: float = 0.05
    named: float = 0.0
    happens: bool = False


KINDS = {
    "homicide": "most_serious_violence",
    "wounding": "most_serious_violence",
    "attempted_murder": "most_serious_violence",
    "robbery": "robbery",
    "violent_disorder": "violent_disorder",
    "riot": "riot",
    "bladed_assault": "violence_with_injury",
    "bladed_weapon": "possession_of_weapons",
    "other_weapon": "possession_of_weapons",
}
_NAMED = {"homicide": 0.9, "robbery": 0.35, "violent_disorder": 0.8, "riot": 0.8}
WEAPONS = ("bladed_weapon", "other_weapon")


def _serious() -> list[Process]:
    """Two processes a category with victims, under 25 and older; one for weapons."""
    found = []
    for name in NAMES:
        spread: Literal["robbery", "violence"] = (
            "robbery" if name in {"robbery", *WEAPONS} else "violence"
        )
        if name in WEAPONS:
            found.append(
                Process(
                    name, KINDS[name], "suspect", "offender",
                    category=name, spread=spread, jump=0.25, happens=True,
                )
            )  # fmt: skip
            continue
        found += [
            Process(
                f"{name}_{group}", KINDS[name], "victim", f"hurt_{group}",
                category=name, spread=spread, jump=0.35, named=_NAMED.get(name, 0.7), happens=True,
            )
            for group in ("young", "older")
        ]  # fmt: skip
    return found


def _incident(
    name: str,
    kind: str,
    profile: str,
    count: float,
    *,
    named: float,
    jump: float = 0.05,
    dense: bool = True,
) -> Process:
    return Process(
        name, kind, "suspect" if profile == "offender" else "victim", profile, count,
        domestic=profile == "at_home", spread="violence", dense=dense,
        jump=jump, named=named, happens=True,
    )  # fmt: skip


def _support(
    kind: str, profile: str, count: float, *, name: str = "", term_time: bool = False
) -> Process:
    return Process(name or kind, kind, "subject", profile, count, term_time=term_time)


PROCESSES = (
    *_serious(),
    _incident("domestic_wounding", "most_serious_violence", "at_home", 240, named=0.9, jump=0.35),
    _incident("injury", "violence_with_injury", "assaulted", 19_000, named=0.6, jump=0.35),
    _incident("domestic_injury", "violence_with_injury", "at_home", 8_000, named=0.9, jump=0.3),
    _incident("assault", "violence_without_injury", "assaulted", 26_000, named=0.55, jump=0.3),
    _incident(
        "domestic_assault", "violence_without_injury", "at_home", 14_000, named=0.9, jump=0.3
    ),
    _incident("unreported", "unreported_assault", "assaulted", 14_000, named=0.0, jump=0.35),
    _incident("damage", "criminal_damage", "robbed_of", 17_000, named=0.3),
    _incident("theft", "theft", "robbed_of", 34_000, named=0.15),
    _incident("disorder", "public_order", "assaulted", 16_000, named=0.4),
    _incident("shoplifting", "shop_theft", "offender", 16_000, named=0.0, jump=0.2),
    _incident("disorder_found", "public_order_found", "offender", 7_000, named=0.0, jump=0.2),
    _incident("stopped", "search", "offender", 14_000, named=0.0, jump=0.0),
    _incident(
        "nuisance", "anti_social_behaviour", "neighbour", 70_000, named=0.0, jump=0.0, dense=False
    ),
    _incident("fire", "deliberate_fire", "neighbour", 2_600, named=0.0, jump=0.0),
    Process("missing", "missing_episode", "subject", "missing", 16_000, dense=True, happens=True),
    _support("referral", "supervised", 4_000),
    _support("order", "entrant", ENTRANTS / 1e5 * RESIDENTS_10_17, name="first_order"),
    _support("order", "supervised", 1_300, name="further_order"),
    _support("breach", "supervised", 900),
    _support("suspension", "pupil", 34_000, term_time=True),
    _support("permanent_exclusion", "pupil", 900, term_time=True),
    _support("alternative_provision", "pupil", 3_000, term_time=True),
    _support("persistent_absence", "absent", 315_000, term_time=True),
    _support("contact", "in_need", 240_000),
    _support("assessment", "in_need", 60_000),
    _support("child_in_need_plan", "in_need", 20_000),
    _support("child_protection_plan", "in_need", 9_000),
    _support("in_care", "in_need", 5_000),
    _support("placement_move", "in_need", 5_000),
    _support("exploitation_concern", "exploited", 5_000),
    _support("supervision_order", "on_probation", 11_000),
    _support("licence", "on_probation", 4_500),
    _support("supervision_breach", "on_probation", 3_500),
    _support("recall", "on_probation", 2_500),
)
PROCESS_NAMES = tuple(process.name for process in PROCESSES)
PROFILE_NAMES = tuple(PROFILES)
#: Serious violence by category: the numbers of its processes.
SERIOUS = tuple(row for row, process in enumerate(PROCESSES) if process.category)


def number(name: str) -> int:
    """Position of a process in the table."""
    return PROCESS_NAMES.index(name)


def numbers(*kinds: str) -> list[int]:
    """Positions of the processes of some kinds."""
    return [row for row, process in enumerate(PROCESSES) if process.kind in kinds]
