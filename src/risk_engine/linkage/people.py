"""What is told of each person after linkage: birth month, homes through time, characteristics."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from risk_engine.linkage.scratch import Scratch
from risk_engine.places import AreaMap

_POINTS = pa.schema(
    [("easting", pa.float64()), ("northing", pa.float64()), ("area_code", pa.string())]
)


def homes(linked: ir.Table, *, scratch: Scratch, areas: AreaMap) -> ir.Table:
    """Return the homes of each person through time, one row a change.

    Parameters
    ----------
    linked
        ``person_id, record_id, known_at, home_easting, home_northing``.
    scratch
        Must stay open until the result is computed.

    Returns
    -------
    ibis.expr.types.Table
        ``person_id, known_at, easting, northing, area_code``: from ``known_at`` (the first instant
        at which the partner had it) until the person's next row.
    """
    at = linked.select(
        "person_id",
        "record_id",
        "known_at",
        easting=linked.home_easting.nullif(float("nan")),
        northing=linked.home_northing.nullif(float("nan")),
    ).drop_null(["easting", "northing"])
    # Of several homes recorded at one instant, the last record's counts.
    first = ibis.row_number().over(group_by=["person_id", "known_at"], order_by=at.record_id.desc())
    at = at.filter(first == 0)
    before = {"group_by": "person_id", "order_by": "known_at"}
    at = at.mutate(east0=at.easting.lag().over(**before), north0=at.northing.lag().over(**before))
    stayed = ((at.easting == at.east0) & (at.northing == at.north0)).fill_null(False)
    moves = at.filter(~stayed).select("person_id", "known_at", "easting", "northing")
    joined = moves.left_join(_area_codes(moves, scratch, areas), ["easting", "northing"])
    return joined.select("person_id", "known_at", "easting", "northing", "area_code")


def _area_codes(points: ir.Table, scratch: Scratch, areas: AreaMap) -> ir.Table:
    frame = points.select("easting", "northing").distinct().to_pyarrow().to_pandas()
    frame["area_code"] = pd.Series(
        areas.assign(frame["easting"], frame["northing"]), index=frame.index, dtype="str"
    )
    return scratch.frame(frame, _POINTS)


def people(linked: ir.Table, addresses: ir.Table) -> ir.Table:
    """Return one row a person.

    Parameters
    ----------
    linked
        ``person_id, record_id, known_at, birth_date`` (ISO text or null).
    addresses
        What `homes` gave.

    Returns
    -------
    ibis.expr.types.Table
        ``person_id, birth_month`` (first day of the month of the birth date that most records
        give; null where none does), ``home_easting, home_northing, area_code`` (the latest known
        home), ``first_known_at``.
    """
    known = linked.group_by("person_id").agg(first_known_at=linked.known_at.min())
    last = addresses.group_by("person_id").agg(
        home_easting=addresses.easting.argmax(addresses.known_at),
        home_northing=addresses.northing.argmax(addresses.known_at),
        home_known_at=addresses.known_at.max(),
    )
    at_home = addresses.select("person_id", "area_code", home_known_at=addresses.known_at)
    joined = (
        known.left_join(_birth_month(linked), "person_id")
        .drop("person_id_right")
        .left_join(last, "person_id")
        .drop("person_id_right")
        .left_join(at_home, ["person_id", "home_known_at"])
    )
    return joined.select(
        "person_id", "birth_month", "home_easting", "home_northing", "area_code", "first_known_at"
    )


def _birth_month(linked: ir.Table) -> ir.Table:
    dated = linked.filter(linked.birth_date.notnull())
    counts = dated.group_by("person_id", "birth_date").agg(n=dated.count())
    order = [counts.n.desc(), counts.birth_date]
    best = ibis.row_number().over(group_by=counts.person_id, order_by=order)
    chosen = counts.filter(best == 0)
    month = chosen.birth_date.substr(0, 7).concat("-01").cast("date")
    return chosen.select("person_id", birth_month=month)


def protect(protected: ir.Table, links: ir.Table) -> ir.Table:
    """Key protected characteristics by person instead of by record.

    Every record is kept, repeats and disagreements included: which of them counts is for the audit
    to say.

    Parameters
    ----------
    protected
        Columns of `events.PROTECTED_SCHEMA`.
    links
        ``record_id, person_id``.

    Returns
    -------
    ibis.expr.types.Table
        ``person_id, characteristic, value, source`` (who recorded it: self, officer or agency),
        ``recorded_at``; ordered.
    """
    joined = protected.inner_join(links.select("record_id", "person_id"), "record_id")
    columns = ["person_id", "characteristic", "recorded_at", "source", "value"]
    ordered = joined.rename(source="recorded_by").order_by(columns)
    return ordered.select("person_id", "characteristic", "value", "source", "recorded_at")
