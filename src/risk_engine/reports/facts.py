"""What a page is made of: the facts of a run, handed over by the caller and only formatted here.

All instants are naive UTC; `timezone` says in which local time they are written. Shares are between
0 and 1. Frames are read, never changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

import geopandas as gpd
import pandas as pd

#: What becomes of the rows of a file: those read are the sum of the others.
OUTCOMES = ("read", "accepted", "repaired", "quarantined", "dropped")


@dataclass(frozen=True)
class Page:
    """One finished file: `name` is the file name, `html` the whole self-contained text."""

    name: str
    title: str
    html: str


@dataclass(frozen=True)
class Definition:
    """The offence definition in force."""

    title: str
    version: str


class Verdicts(Protocol):
    """The overall result of the audit (``audit.overall`` returns one)."""

    @property
    def fail(self) -> int:
        """Deciding verdicts that failed."""

    @property
    def passed(self) -> int:
        """Deciding verdicts that passed."""

    @property
    def cannot_tell(self) -> int:
        """Deciding verdicts that could not be told."""

    @property
    def blocking(self) -> Sequence[str]:
        """What blocks the release, in words."""

    @property
    def to_adjudicate(self) -> Sequence[str]:
        """What needs a person's judgement, in words."""

    @property
    def held(self) -> Mapping[str, str]:
        """Characteristic -> ``held`` or ``not held``."""


@dataclass(frozen=True)
class GateView:
    """What the gate said when the pages were made.

    Attributes
    ----------
    missing
        Everything that stands in the way, in words.
    to_adjudicate
        What waits for a named person's judgement.
    next
        Commands or steps, in order.
    """

    allowed: bool
    missing: Sequence[str]
    to_adjudicate: Sequence[str]
    next: Sequence[str]


@dataclass(frozen=True)
class CohortFacts:
    """One cohort specification after it ran.

    Attributes
    ----------
    scores
        ``person_id, probability, low, high, rank, selected, abstain, reasons, protective,
        area_code``; probabilities are over the horizon that begins at the run's `as_of`, null where
        the engine abstains.
    importance
        ``feature, label, direction, mean_abs_shap, share``, most important first.
    comparisons
        ``origin, model, versus, metric, value, low, high``: `origin` is null for the mean over the
        dates; where `versus` names another model, the value is the difference to it.
    metrics
        ``n_scored, n_selected, n_abstained, positives, base_rate, horizon_days, champion,
        why_champion, calibration, warnings, notes``; other keys are not shown.
    shap, values
        ``person_id`` and one column a feature: contributions (log-odds) and feature values.
    labels
        Feature column -> words.
    """

    name: str
    title: str
    scores: pd.DataFrame
    importance: pd.DataFrame
    comparisons: pd.DataFrame
    metrics: Mapping[str, Any]
    shap: pd.DataFrame
    values: pd.DataFrame
    labels: Mapping[str, str]


@dataclass(frozen=True)
class WeekFacts:
    """Everything the pages of one run say.

    Attributes
    ----------
    as_of
        The first instant not known.
    places
        The listed places (columns of the hotspots room) and ``reasons`` (a list of texts a row).
    areas
        ``area_code, name, geometry``: the local areas, in the order of the pages.
    backtest
        One row an origin: ``origin, events, placed_hits, grid_hits, count_hits`` and
        ``is_forecast_period``.
    audit
        Results of the audit room, people and places together; empty where nothing was audited.
    by_group
        ``attribute, group, n, selected, selection_rate, tpr, fpr, precision, observed``.
    sources
        ``source, title, controller, agreement, expires, held``, the rows of `OUTCOMES`,
        ``span_from, span_to, last_known, note`` each; `held` counts rows.
    files
        ``source, file, drop, codes, repairs, held`` and the rows of `OUTCOMES` each; here `held`
        is true or false.
    feeds
        ``drop, reasons, notes, held, decision`` each: what the feed checks found, and what a person
        decided about it (``accept, by, reason``; None where nobody has).
    delays
        ``source, told, why_not, known, until, unseen, sentence`` each: how fast records arrive.
    features
        ``people, person_columns, cells, place_columns``.
    linkage_by_group
        ``attribute, group, records, true_people`` and ``unlinkable, weak, recall, record_recall,
        precision`` with their ``_low`` and ``_high`` each; None where a share is not known.
    stages
        Name of each stage and one sentence on what it did, in order.
    """

    run_id: str
    name: str
    title: str
    as_of: datetime
    period: Literal["week", "month"]
    period_label: str
    marking: str
    challenge: str
    definition: Definition
    preparer: str
    places: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    hotspot_summary: Mapping[str, Any]
    backtest: pd.DataFrame
    cohorts: Sequence[CohortFacts]
    audit: pd.DataFrame
    by_group: pd.DataFrame
    overall: Verdicts
    gate: GateView
    sources: Sequence[Mapping[str, Any]]
    files: Sequence[Mapping[str, Any]]
    feeds: Sequence[Mapping[str, Any]]
    linkage: Mapping[str, Any] | None
    features: Mapping[str, Any]
    manifest: Mapping[str, Any]
    stages: Sequence[tuple[str, str]]
    timezone: str = "Europe/London"
    delays: Sequence[Mapping[str, Any]] = ()
    linkage_by_group: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class TrackRecord:
    """How earlier lists did: hits of the lists and of a plain count over the same periods."""

    origins: int
    hits: int
    events: int
    plain_hits: int


@dataclass(frozen=True)
class BriefingFacts:
    """One briefing: the force area (`area_code` is None) or one local area.

    Attributes
    ----------
    places
        The rows to show, in order; they are numbered from 1.
    event_share
        Share of the area's expected events that the listed places hold; None where not known.
    area_share
        Share of the area's surface that they cover.
    joined, left
        Places that joined and left the list since the period before.
    excluded
        Places kept off the list by a person, with the reason, in words.
    """

    release_id: str
    approved_by: str
    approved_at: datetime
    expires_at: datetime
    area_name: str
    area_code: str | None
    period: Literal["week", "month"]
    period_label: str
    marking: str
    challenge: str
    definition: Definition
    as_of: datetime
    places: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    event_share: float | None
    area_share: float | None
    joined: int
    left: int
    excluded: Sequence[str] = ()
    track: TrackRecord | None = None
    limits: Sequence[str] = ()
    audit: Sequence[str] = ()
    partnership: str = "Tactical Violence Reduction Partnership"
    timezone: str = "Europe/London"
