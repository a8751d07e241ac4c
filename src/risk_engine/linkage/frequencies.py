"""How common a name or a date is: agreeing on a common value says less than on a rare one.

The table is kept from week to week so that a weight does not change while nothing is learnt anew.
It holds no value, only keyed hashes of those that are common; all others count as the rarest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from risk_engine.linkage.model import SMALLEST_U
from risk_engine.linkage.scratch import Scratch

#: Field -> keyed hash of a value -> share of the identities that hold it.
Frequencies: TypeAlias = dict[str, dict[str, float]]

#: Fewer identities than this do not tell by themselves how common a value is.
FEW = 200

_LOOKUP = pa.schema([("hash", pa.string()), ("share", pa.float64())])


def count(nodes: ir.Table, stated: Mapping[str, float], *, key: bytes) -> Frequencies:
    """Count how common the values of each field are.

    Parameters
    ----------
    nodes
        Identities with the fields.
    stated
        Field -> stated share of pairs that agree on it. Where fewer than `FEW` identities have the
        field, this stands in for those that are not there: in a table of two records of one person
        every name is held by all, which says nothing of how common the name is.
    key
        Secret of the hashes.
    """
    return {field: _count(nodes, field, share, key) for field, share in stated.items()}


def lookups(
    nodes: ir.Table,
    frequencies: Frequencies,
    *,
    scratch: Scratch,
    key: bytes,
) -> dict[str, ir.Table]:
    """Return for each field a table of its values and ``tf_<field>``, as Splink looks for it."""
    return {
        field: scratch.table(_lookup(nodes, field, shares, scratch, key))
        for field, shares in frequencies.items()
    }


def _lookup(
    nodes: ir.Table,
    field: str,
    shares: dict[str, float],
    scratch: Scratch,
    key: bytes,
) -> ir.Table:
    frame = pd.DataFrame({"hash": list(shares), "share": list(shares.values())})
    common = scratch.frame(frame, _LOOKUP)
    values = nodes.select(value=field).drop_null().distinct()
    hashed = values.mutate(hash=_hash(values.value, field, key))
    told = hashed.left_join(common, "hash")
    return told.select(**{field: told.value, f"tf_{field}": told.share.fill_null(SMALLEST_U)})


def _count(nodes: ir.Table, field: str, stated: float, key: bytes) -> dict[str, float]:
    values = nodes.select(value=field).drop_null()
    total = int(values.count().to_pyarrow().as_py())
    absent = max(FEW - total, 0)
    counted = values.group_by("value").agg(n=values.count())
    common = counted.filter(counted.n > total * SMALLEST_U)
    hashed = common.select("n", hash=_hash(common.value, field, key))
    rows = hashed.order_by("hash").to_pyarrow().to_pylist()
    shares = {row["hash"]: (row["n"] + stated * absent) / (total + absent) for row in rows}
    return {value: float(f"{share:.6g}") for value, share in shares.items()}


def _hash(value: ir.StringValue, field: str, key: bytes) -> ir.StringValue:
    text = ibis.literal(f"frequency|{key.hex()}|{field}|").concat(value)
    return text.hexdigest("sha256").substr(0, 16)
