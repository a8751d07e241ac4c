"""Places most affected: found, forecast, tested, ranked and measured."""

from risk_engine.hotspots.coverage import covered_periods
from risk_engine.hotspots.find import HotspotResult, find
from risk_engine.hotspots.reasons import reasons

__all__ = ["HotspotResult", "covered_periods", "find", "reasons"]
