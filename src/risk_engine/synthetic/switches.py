"""Biases and troubles that are planted on request, so that what finds them can be scored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from risk_engine.errors import UsageError, suggest
from risk_engine.synthetic.chance import Chance, Floats, Ints
from risk_engine.synthetic.world import GROUPS

#: Sources in which some or all rows carry an outcome that a model may learn from.
LABELLED = ("emergency_department", "hospital_admissions", "police_crime")
LATE_DAYS = 70  # how long before the last day a late source sent its last rows


@dataclass(frozen=True)
class Switches:
    """What is planted; nothing by default.

    Attributes
    ----------
    over_record
        Ethnic group -> how many times as often as it happened the police record what concerns it.
        What is recorded beyond that did not happen.
    label_bias
        Source -> ethnic group -> how many times as often as it happened the source holds the
        outcome for it: a serious victimisation (police), any row (health). All else stays.
    under_link
        Ethnic group -> how many times as often as others its records are misspelled or lack a
        birth date.
    reclassify
        Month, YYYY-MM, in which the police recorded most other offences as violence.
    late
        Sources whose last ten weeks have not arrived.
    """

    over_record: Mapping[str, float] = field(default_factory=dict)
    label_bias: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    under_link: Mapping[str, float] = field(default_factory=dict)
    reclassify: str | None = None
    late: tuple[str, ...] = ()

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Return ``switch, source, group, value`` of everything planted, for the truth."""
        every = [("over_record", "police_crime", g, f"{f:g}") for g, f in self.over_record.items()]
        every += [
            ("label_bias", source, group, f"{factor:g}")
            for source, groups in self.label_bias.items()
            for group, factor in groups.items()
        ]
        every += [("under_link", "", group, f"{f:g}") for group, f in self.under_link.items()]
        every += [("reclassify", "police_crime", "", self.reclassify)] if self.reclassify else []
        return every + [("late", source, "", f"{LATE_DAYS}d") for source in self.late]


def parse(
    *,
    over_record: Iterable[str] = (),
    label_bias: Iterable[str] = (),
    under_link: Iterable[str] = (),
    reclassify: str | None = None,
    late: Iterable[str] = (),
    sources: Iterable[str],
) -> Switches:
    """Read switches as they are written on the command line.

    Parameters
    ----------
    over_record, under_link
        ``GROUP=FACTOR``, such as ``Black=1.5``.
    label_bias
        ``SOURCE:GROUP=FACTOR``, such as ``police_crime:Asian=0.6``.
    sources
        Names that `late` may take.

    Raises
    ------
    UsageError
        ``BAD_SWITCH`` if one cannot be read; it says what is allowed.
    """
    bias: dict[str, dict[str, float]] = {}
    for text in label_bias:
        source, _, rest = text.partition(":")
        _known(source, LABELLED, "--label-bias", f"write SOURCE:GROUP=FACTOR, not '{text}'")
        bias.setdefault(source, {}).update(_factors([rest], "--label-bias"))
    if reclassify and not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", reclassify):
        raise UsageError(f"--reclassify is '{reclassify}'; write YYYY-MM", code="BAD_SWITCH")
    for source in late:
        _known(source, list(sources), "--late", "name a source")
    return Switches(
        _factors(over_record, "--over-record"), bias, _factors(under_link, "--under-link"),
        reclassify, tuple(late),
    )  # fmt: skip


def by_group(factors: Mapping[str, float]) -> Floats:
    """Return the factor of each group in the order of `GROUPS`; 1 where none is given."""
    return np.array([factors.get(group, 1.0) for group in GROUPS])


def copies(factor: npt.NDArray[Any], chance: Chance, about: str, *keys: npt.ArrayLike) -> Ints:
    """Say how many rows stand for each thing that happened: `factor` on average."""
    whole = np.floor(factor)
    times: Ints = (whole + chance.yes(factor - whole, about, *keys)).astype(np.int64)
    return times


def _factors(texts: Iterable[str], option: str) -> dict[str, float]:
    found = {}
    for text in texts:
        group, _, number = text.partition("=")
        _known(group, GROUPS, option, f"write GROUP=FACTOR, not '{text}'")
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", number) or not 0 < float(number) <= 10:
            raise UsageError(
                f"{option}: '{number}' is no factor",
                code="BAD_SWITCH",
                hint="write a number above 0 and up to 10, such as 1.5",
            )
        found[group] = float(number)
    return found


def _known(name: str, allowed: Iterable[str], option: str, hint: str) -> None:
    names = list(allowed)
    if name not in names:
        raise UsageError(
            f"{option}: '{name}' is not known{suggest(name, names)}; allowed: {', '.join(names)}",
            code="BAD_SWITCH",
            hint=hint,
        )
