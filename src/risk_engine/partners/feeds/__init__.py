"""Each drop of a source against the source's other drops, and what people decide about it.

The measures are robust: medians over the other drops within a year, and their median absolute
deviation as the scale, so that one bad month does not hide itself or accuse its neighbours; what
chance does to small numbers is added. A drop is held only for a difference that is both large and
far outside the usual variation; notes never hold.

Time: a drop with anything known at `as_of` is compared by what was known then, and only with drops
known in full then. Later files can therefore never change what an earlier week saw.
"""

from risk_engine.partners.feeds.checks import CHECKS
from risk_engine.partners.feeds.count import Counter
from risk_engine.partners.feeds.look import Looked, check, findings, summary
from risk_engine.partners.feeds.model import (
    CheckSummary,
    DropDecision,
    FeedCheck,
    FeedFinding,
    Observation,
)
from risk_engine.partners.feeds.profile import MINIMUM_PEERS, Profile, Side

__all__ = [
    "CHECKS",
    "MINIMUM_PEERS",
    "CheckSummary",
    "Counter",
    "DropDecision",
    "FeedCheck",
    "FeedFinding",
    "Looked",
    "Observation",
    "Profile",
    "Side",
    "check",
    "findings",
    "summary",
]
