"""The checks of a drop, in the order in which they are told.

A check is a small class: what it is called, what it looks at, the most it may do, when it does not
apply, and what it finds. A drop is held only for a difference that is both large and far outside
the usual variation; everything else is a note.
"""

from __future__ import annotations

from risk_engine.partners.feeds.amounts import Kinds, Mix, Volume
from risk_engine.partners.feeds.areas import SisterAreas, TogetherMoved
from risk_engine.partners.feeds.base import Check
from risk_engine.partners.feeds.order import Gaps, Vintage
from risk_engine.partners.feeds.shares import Completeness, Late, Repeated, SharedPoints, Unplaced

CHECKS: tuple[Check, ...] = (
    Volume(),
    Mix(),
    Kinds(),
    SisterAreas(),
    TogetherMoved(),
    Completeness(),
    Repeated(),
    Unplaced(),
    SharedPoints(),
    Late(),
    Gaps(),
    Vintage(),
)
