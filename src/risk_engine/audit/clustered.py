"""Rates over records that belong to people: what records of one person cost in certainty.

Records of one person are not independent: who moved once is missed in several records. Every rate
of this module is a sum over people divided by a sum over people, and people are what is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from risk_engine.audit.statistics import Floats

Codes = npt.NDArray[np.intp]

#: With fewer people than this their spread says too little to be used.
FEWEST_PEOPLE = 5
#: Draws made at a time, so that memory stays small.
_CHUNK = 100


@dataclass(frozen=True)
class Rates:
    """A rate of each group with what its people are worth.

    Attributes
    ----------
    selected, at_risk
        Sums over the people of a group; one number a group.
    effect
        Design effect, at least 1: the variance of the rate over that of as many independent
        records. ``at_risk / effect`` is the number of independent records that say as much.
    """

    selected: Floats
    at_risk: Floats
    effect: Floats

    @classmethod
    def of(cls, selected: Floats, at_risk: Floats, group: Codes, *, groups: int) -> Rates:
        """Sum up people.

        Parameters
        ----------
        selected, at_risk
            One number a person, ``0 <= selected <= at_risk``.
        group
            The number of each person's group, from 0.
        groups
            How many groups there are.

        Notes
        -----
        The spread is that of a ratio of two sums over people (Rao and Scott, 1992, Biometrics 48).
        Where a group has few people, or all or none of its records are selected, the spread cannot
        be seen; then a group says as much as it has people. (Nobody missed of n people is as likely
        whatever their sizes, if those do not bear on who is missed.)
        """
        some = at_risk > 0
        x, n, code = selected[some], at_risk[some], group[some]

        def total(values: Floats) -> Floats:
            sums: Floats = np.bincount(code, weights=values, minlength=groups).astype(np.float64)
            return sums

        people, chosen, whole, squares = total(np.ones(len(n))), total(x), total(n), total(n * n)
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = chosen / whole
            spread = total(x * x) - 2 * rate * total(x * n) + rate**2 * squares
            seen = people / (people - 1) * spread / (whole * rate * (1 - rate))
            size = whole / people
        blind = (people < FEWEST_PEOPLE) | (chosen <= 0) | (chosen >= whole)
        effect = np.maximum(np.where(blind, size, seen), 1.0)
        return cls(chosen, whole, np.where(whole > 0, effect, 1.0))

    @property
    def rate(self) -> Floats:
        """Selected over at risk; NaN where nothing is at risk."""
        with np.errstate(divide="ignore", invalid="ignore"):
            rate: Floats = self.selected / self.at_risk
        return rate

    def interval(self, *, confidence: float) -> tuple[Floats, Floats]:
        """Return the score interval (Wilson, 1927) of as many independent records; NaN for none."""
        z = stats.norm.isf((1 - confidence) / 2)
        rate, number = self.rate, self.at_risk / self.effect
        with np.errstate(divide="ignore", invalid="ignore"):
            share = z * z / number
            centre = (rate + share / 2) / (1 + share)
            half = np.sqrt(rate * (1 - rate) * share + share**2 / 4) / (1 + share)
        return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)

    def difference(self, reference: int, *, confidence: float) -> tuple[Floats, Floats]:
        """Return the interval of each rate less the reference's (Newcombe, 1998, method 10)."""
        (low, high), rate = self.interval(confidence=confidence), self.rate
        gap, least, most = rate - rate[reference], low[reference], high[reference]
        down = np.hypot(rate - low, most - rate[reference])
        up = np.hypot(high - rate, rate[reference] - least)
        return gap - down, gap + up


def poisson_draws(
    people: pd.DataFrame, group: Codes, *, groups: int, draws: int, seed: int
) -> npt.NDArray[np.float64]:
    """Draw people again and again, each with a Poisson(1) weight, and sum up their columns.

    People who add the same to the same group are drawn together, since a sum of independent Poisson
    weights is Poisson: a million people are some thousand kinds, and row order plays no part.

    Parameters
    ----------
    people
        One row a person; the columns are numbers to be summed up.
    group
        The number of each person's group, from 0.

    Returns
    -------
    array
        Draws x groups x columns.
    """
    columns = list(people.columns)
    kinds = people.assign(_group=group).groupby(["_group", *columns], sort=True).size()
    table = kinds.index.to_frame(index=False)
    member, values = np.eye(groups)[table["_group"].to_numpy()], table[columns].to_numpy(float)
    parts = member[:, :, None] * values[:, None, :]
    parts = parts.reshape(len(table), groups * len(columns))
    generator = np.random.default_rng(seed)
    sums = [
        generator.poisson(kinds.to_numpy(), size=(min(_CHUNK, draws - done), len(kinds))) @ parts
        for done in range(0, draws, _CHUNK)
    ]
    return np.concatenate(sums).reshape(draws, groups, len(columns))
