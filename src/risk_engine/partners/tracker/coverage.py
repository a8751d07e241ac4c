"""Which local areas a source's rows come from, and which it covers but sends nothing of."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from risk_engine.config import AreasConfig, Contract
from risk_engine.disclosure import HIDDEN, protect_counts
from risk_engine.events import visible
from risk_engine.partners.results import Ingested
from risk_engine.partners.tracker.counts import Window
from risk_engine.partners.tracker.facts import AreaFacts, CoverageFacts
from risk_engine.places import AreaMap

#: Counts from 1 to one less are hidden: the page leaves the analyst's desk.
THRESHOLD = 6
#: Name of the row for what lies in no local area or holds no place.
NO_AREA = "No local area"


def by_area(
    contract: Contract, found: Ingested, *, areas: AreasConfig, polygons: AreaMap, window: Window
) -> CoverageFacts:
    """Count by local area what was recorded in the last 12 months.

    Incidents where events have a place or an area, rows by the person's home where only that is
    known, rows of counts where they are by local authority; nothing where rows hold no place.
    """
    counted = _how(contract)
    if not counted:
        return CoverageFacts("", (), 0, 0)
    moments = [(window.year_before_now, window.now), (window.year_before_then, window.then)]
    if contract.measures and contract.measures.year:  # one edition holds, however old
        moments = [(datetime.min, end) for _, end in moments]  # noqa: DTZ901 - naive UTC
    now, then = (
        _count(contract, found, counted, start, end, polygons=polygons) for start, end in moments
    )
    covered = covered_codes(contract, areas)
    rows = _rows(now, areas, covered)
    return CoverageFacts(
        counted,
        rows,
        areas_now=sum(now.get(code, 0) > 0 for code in covered),
        areas_before=sum(then.get(code, 0) > 0 for code in covered),
    )


def covered_codes(contract: Contract, areas: AreasConfig) -> list[str]:
    """Return the codes of the local areas that the contract covers, in the areas' order."""
    declared = contract.coverage.areas
    return [code for code in areas.codes if declared == "all" or code in declared]


def nothing_read(contract: Contract) -> CoverageFacts:
    """Return the coverage of a source that could not be read: nothing is known of any area."""
    return CoverageFacts(_how(contract), (), 0, 0)


def _how(contract: Contract) -> str:
    """Say what can be counted by area; empty where rows do not say where."""
    if contract.measures:
        return "rows" if contract.measures.geography == "local_authority" else ""
    if contract.event and (contract.event.point or contract.event.area):
        return "incidents"
    return "rows by home" if contract.person and contract.person.home else ""


def _count(
    contract: Contract,
    found: Ingested,
    counted: str,
    start: datetime,
    end: datetime,
    *,
    polygons: AreaMap,
) -> dict[str | None, int]:
    """Count what was known from `start` to before `end`, by area code."""
    if counted == "rows by home":
        return _count_homes(contract, found, start, end, polygons)
    if counted == "rows":
        table = found.measures
        table = table.mutate(area_code=table.zone_code)
        rows = table.filter(table.known_at < end)
    else:
        rows = found.events.filter(visible(found.events, end))
    recent = rows.filter(rows.source == contract.source, rows.known_at >= start)
    number = recent.count() if counted == "rows" else recent.incident_id.nunique()
    return _by_code(recent.group_by("area_code").aggregate(n=number).to_pandas())


def _count_homes(
    contract: Contract, found: Ingested, start: datetime, end: datetime, polygons: AreaMap
) -> dict[str | None, int]:
    """Put each distinct home into its area once; rows that name nobody are in none."""
    records = found.records
    recent = records.filter(
        records.source == contract.source, records.known_at >= start, records.known_at < end
    )
    homes = recent.group_by("home_easting", "home_northing").aggregate(n=recent.count())
    frame = homes.to_pandas()
    frame["area_code"] = polygons.assign(frame["home_easting"], frame["home_northing"])
    return _by_code(frame)


def _by_code(frame: pd.DataFrame) -> dict[str | None, int]:
    sums = frame.groupby("area_code", dropna=False)["n"].sum()
    return {code if isinstance(code, str) else None: int(n) for code, n in sums.items()}


def _rows(
    counts: dict[str | None, int], areas: AreasConfig, covered: list[str]
) -> tuple[AreaFacts, ...]:
    """Hide small counts, and what would give them away to a reader who knows the total."""
    codes: list[str | None] = [*areas.codes, None]
    elsewhere = sum(n for code, n in counts.items() if code not in codes)
    known = [counts.get(code, 0) + (elsewhere if code is None else 0) for code in codes]
    frame, _ = protect_counts(pd.DataFrame({"n": known}), count_columns=["n"], threshold=THRESHOLD)
    names = [*(area.name for area in areas.local_areas), NO_AREA]
    return tuple(
        AreaFacts(
            area_code=code,
            name=name,
            covered=code in covered,
            count=None if pd.isna(n) else int(n),
            text=text,
            silent=n_true == 0 and text != HIDDEN,
        )
        for code, name, n, text, n_true in zip(
            codes, names, frame["n"], frame["n_text"], known, strict=True
        )
    )
