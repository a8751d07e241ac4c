"""Links by a key: one that partners may lawfully share, or a partner's own for a person."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from risk_engine.engine import Dialect


def _two_texts(left: str, right: str) -> int:  # the signature of a function the database has itself
    return len(left) - len(right)


def same_key(nodes: ir.Table, dialect: Dialect) -> pd.DataFrame:
    """Return pairs of identities that hold one shared key and do not contradict each other.

    Keys are mistyped and reused, so a key alone is not enough: the birth dates must be one date (or
    one slip apart, or day and month swapped), or where one is missing, the names must be the same.

    Parameters
    ----------
    nodes
        What `standardise.identities` gave.

    Returns
    -------
    pandas.DataFrame
        ``left, right`` (nodes, left < right), ordered.
    """
    columns = ["node", "shared_key", "birth_date", "first_root", "last_name"]
    held = nodes.select(*columns).drop_null(["shared_key"])
    other = held.view()
    pairs = held.join(
        other,
        [
            held.shared_key == other.shared_key,
            held.node < other.node,
            _dates_agree(held, other, dialect) | _names_agree(held, other),
        ],
        rname="{name}_right",
    ).select(left="node", right="node_right")
    frame: pd.DataFrame = pairs.order_by(["left", "right"]).to_pyarrow().to_pandas()
    return frame


def _dates_agree(one: ir.Table, other: ir.Table, dialect: Dialect) -> ir.BooleanValue:
    edits = ibis.udf.scalar.builtin(_two_texts, name=dialect.damerau_levenshtein)
    date = other.birth_date
    swapped = date.substr(0, 5).concat(date.substr(8, 2), "-", date.substr(5, 2))
    agree = (edits(one.birth_date, date) <= 1) | (one.birth_date == swapped)
    return agree.fill_null(False)


def _names_agree(one: ir.Table, other: ir.Table) -> ir.BooleanValue:
    unknown = one.birth_date.isnull() | other.birth_date.isnull()
    same = (one.first_root == other.first_root) & (one.last_name == other.last_name)
    return (unknown & same).fill_null(False)
