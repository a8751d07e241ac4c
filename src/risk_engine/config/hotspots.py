"""Hotspot specification: how places are found, forecast, listed and measured."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from risk_engine.config.base import Duration, Model, Name, Text


class PlacedSpec(Model):
    """Freely placed squares on a slowly decayed, slightly smoothed surface."""

    squares: int = Field(100, ge=1, le=5000, description="How many squares to place force-wide.")
    lattice: int = Field(25, ge=5, description="Step in metres at which a square may be placed.")
    half_life: Duration = Duration.parse("3y")
    smoothing_metres: float = Field(250, gt=0, description="Sigma of the Gaussian copy.")
    smoothing_share: float = Field(0.3, ge=0, description="Weight of the smoothed copy.")


class ClusterSpec(Model):
    """HDBSCAN on recent events, cut to places that can be walked."""

    recent: Duration = Duration.parse("90d")
    min_events: int = Field(8, ge=2, description="Fewest events that make a cluster.")
    max_extent: float = Field(500, gt=0, description="Longest side of a cluster in metres.")
    false_discovery_rate: float = Field(0.1, gt=0, lt=1, description="For 'above expected'.")


class ListSpec(Model):
    """How many places go on the lists."""

    force_area: int = Field(20, ge=1)
    per_area: int = Field(3, ge=0, description="At least this many for every local area.")


class BacktestSpec(Model):
    """Periods before the as-of date on which the rule is measured against a plain count."""

    origins: int = Field(12, ge=1, le=156)


class Exclusion(Model):
    """A place that an analyst keeps off the lists, with the reason that is printed."""

    easting: float
    northing: float
    radius: float = Field(200, gt=0, description="Metres.")
    reason: Text
    by: Text
    until: date | None = Field(None, description="Last day on which it holds.")


class HotspotSpec(Model):
    """`models/specs/hotspots_*.yaml`."""

    name: Name
    history: Duration | None = Field(None, description="Oldest event used; all when not given.")
    placed: PlacedSpec = PlacedSpec()
    clusters: ClusterSpec = ClusterSpec()
    lists: ListSpec = ListSpec()
    backtest: BacktestSpec = BacktestSpec()
    exclusions: Annotated[list[Exclusion], Field()] = []
    rank_draws: int = Field(200, ge=50, description="Bootstrap draws behind rank intervals.")
