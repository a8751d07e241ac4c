"""For which periods data exist: a gap in the files is not a quiet time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from risk_engine.calendar import Period
from risk_engine.hotspots.history import Span


def covered_periods(
    moments: Iterable[datetime],
    *,
    known_until: datetime | None = None,
    period: str,
    timezone: str,
) -> list[Span]:
    """Return the spans that data cover, adjoining periods merged.

    Parameters
    ----------
    moments
        Instants (naive UTC) at which anything at all is recorded, of any kind, by the sources that
        are counted. A period with none is taken for missing data (a file not sent, a drop held),
        not for peace.
    known_until
        When the latest of it became known; a period that ends after this is not over in the data
        and does not count. None: every period counts.
    period
        ``week`` or ``month``, by the clocks of `timezone`.

    Returns
    -------
    list of (datetime, datetime)
        ``[start, end)`` in naive UTC, in order.
    """
    rhythm = Period(period, timezone)
    starts = sorted({rhythm.start(moment) for moment in set(moments)})
    spans: list[Span] = []
    for start in starts:
        end = rhythm.shift(start, 1)
        if known_until is not None and end > known_until:
            break
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans
