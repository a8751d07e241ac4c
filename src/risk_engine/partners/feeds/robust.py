"""Medians and the usual variation around them, with what chance alone does to small numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Deviations beyond the median that count as far outside the usual.
FAR = 5.0
#: Rows from which on a share or a single count is compared, found or expected.
FEWEST = 30


@dataclass(frozen=True)
class Against:
    """One value against its usual ones.

    Attributes
    ----------
    value, usual
        The value and the median of the others.
    far
        Whether it is more than `FAR` deviations away.
    """

    value: float
    usual: float
    far: bool

    @property
    def by(self) -> float:
        """How much it differs, with sign."""
        return self.value - self.usual


def robust(values: Floats) -> tuple[float, float]:
    """Return the median and the median absolute deviation, scaled to a standard deviation.

    >>> robust(np.array([1.0, 2.0, 3.0, 90.0]))
    (2.5, 1.4826)
    """
    centre = float(np.median(values))
    return centre, round(1.4826 * float(np.median(np.abs(values - centre))), 12)


def against(value: float, others: Floats, chance: float = 0.0) -> Against:
    """Compare one value with others.

    Parameters
    ----------
    chance
        Standard deviation that counting alone gives the difference; it is added to the spread of
        the others, which a few of them may show too small.
    """
    usual, spread = robust(others)
    return Against(value, usual, abs(value - usual) > FAR * float(np.hypot(spread, chance)))


def share_against(parts: Floats, wholes: Floats) -> Against:
    """Compare the first share with the other ones.

    Parameters
    ----------
    parts, wholes
        Shape (drops,), the drop in question first; wholes are above zero.
    """
    shares = parts / wholes
    pooled = (parts[1:].sum() + 0.5) / (wholes[1:].sum() + 1.0)
    sizes = 1.0 / wholes[0] + 1.0 / max(1.0, float(np.median(wholes[1:])))
    return against(float(shares[0]), shares[1:], float(np.sqrt(pooled * (1 - pooled) * sizes)))


def logs_against(counts: Floats) -> Against:
    """Compare the first count with the other ones on the scale of factors (natural logarithms)."""
    logs = np.log(counts + 0.5)
    usual = float(np.exp(np.median(logs[1:])))
    chance = float(np.sqrt(1 / max(1.0, counts[0]) + 1 / max(1.0, usual)))
    return against(float(logs[0]), logs[1:], chance)
