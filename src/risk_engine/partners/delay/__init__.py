"""How fast records arrive, and therefore what share of the last days is still unseen.

Of recent events only those with a short delay are known yet, so the delays that can be seen are too
short on the whole: they are *right-truncated* at the age of the event. The estimator is the
product-limit estimator in reverse time (Lagakos, Barraj and De Gruttola 1988, Biometrika 75;
Kalbfleisch and Lawless 1989, JASA 84): with ``q(s)`` the share with a delay of exactly `s` days
among the rows that are at least `s` days old and have a delay of at most `s`,

    F(t) = product over s > t of (1 - q(s)).

What it cannot know is a delay longer than any it could have seen: `F` is the share of what becomes
known within `horizon` days.
"""

from risk_engine.partners.delay.curve import Curve, estimate
from risk_engine.partners.delay.summary import DelaySummary, Known, Unseen, Until, summarise

__all__ = [
    "Curve",
    "DelaySummary",
    "Known",
    "Unseen",
    "Until",
    "estimate",
    "summarise",
]
