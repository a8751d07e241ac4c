"""Dates: on which the model learns, on which it is measured, and on which it scores.

No label period overlaps what a later date may know: a training date ``t`` used at date ``v`` keeps
``t + horizon <= v``, and its label counts only events known before ``v``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from risk_engine.config import CohortSpec
from risk_engine.errors import InputError

#: History that must stand behind a training date. With less, counts over a year would mean
#: something else in training than on the day of scoring.
MINIMUM_HISTORY = timedelta(days=182)


@dataclass(frozen=True)
class Origin:
    """A date on which the model is measured as if it were that day.

    Attributes
    ----------
    date
        The first instant not known (naive UTC).
    training
        Dates the model may learn from then, latest first.
    """

    date: datetime
    training: tuple[datetime, ...]


@dataclass(frozen=True)
class Schedule:
    """All dates of one run, naive UTC, each the first instant not known.

    Attributes
    ----------
    as_of
        The date of scoring.
    horizon
        Length of the period an outcome may fall in: ``[date, date + horizon)``.
    origins
        Validation dates, latest first; each outcome period is over by `as_of`.
    training
        Dates the released model learns from, latest first.
    notes
        What was left out, in words.
    """

    as_of: datetime
    horizon: timedelta
    origins: tuple[Origin, ...]
    training: tuple[datetime, ...]
    notes: tuple[str, ...] = ()

    @property
    def dates(self) -> tuple[datetime, ...]:
        """Every date that needs features and outcomes, earliest first; without `as_of`."""
        validation = {date for origin in self.origins for date in (origin.date, *origin.training)}
        return tuple(sorted(validation | set(self.training)))


def schedule(spec: CohortSpec, *, as_of: datetime, first_known: datetime) -> Schedule:
    """Lay out the dates of one run.

    Parameters
    ----------
    spec
        The cohort specification: horizon, number and spacing of the dates.
    as_of
        First instant not known (naive UTC); the date of scoring.
    first_known
        When the earliest event became known: history starts here.

    Returns
    -------
    Schedule
        Validation dates that have no training date are left out and named in `notes`.

    Raises
    ------
    InputError
        ``COHORT_HISTORY`` when no validation date is left.
    """
    horizon = timedelta(days=spec.outcome.horizon.days)
    earliest = first_known + MINIMUM_HISTORY
    every = timedelta(days=spec.validation.every.days)
    wanted = [as_of - horizon - i * every for i in range(spec.validation.origins)]
    origins = [Origin(date, _training(spec, before=date, earliest=earliest)) for date in wanted]
    usable = tuple(origin for origin in origins if origin.training)
    if not usable:
        raise _too_short(spec, as_of, first_known)
    notes = tuple(
        f"{origin.date:%d %B %Y} was not used for validation: not enough history before it"
        for origin in origins
        if not origin.training
    )
    return Schedule(as_of, horizon, usable, _training(spec, before=as_of, earliest=earliest), notes)


def _training(spec: CohortSpec, *, before: datetime, earliest: datetime) -> tuple[datetime, ...]:
    last = before - timedelta(days=spec.outcome.horizon.days)
    step = timedelta(days=spec.validation.train_every.days)
    dates = (last - i * step for i in range(spec.validation.train_origins))
    return tuple(date for date in dates if date >= earliest)


def _too_short(spec: CohortSpec, as_of: datetime, first_known: datetime) -> InputError:
    needed = 2 * spec.outcome.horizon.days + MINIMUM_HISTORY.days
    held = max(0, (as_of - first_known).days)
    return InputError(
        f"cohort '{spec.name}': events are known from {first_known:%d %B %Y}, which gives "
        f"{held} days before {as_of:%d %B %Y}; a horizon of "
        f"{spec.outcome.horizon} needs {needed} days (one horizon to learn from, one to be "
        f"measured on, {MINIMUM_HISTORY.days} days of history)",
        hint="shorten outcome.horizon, or give the sources' earlier extracts",
        code="COHORT_HISTORY",
    )
