"""Groups of records under the pseudonyms they had, or new ones.

Most groups hold just the records of one person of the week before; they keep the pseudonym without
further ado, in the database. The register decides about the others.
"""

from __future__ import annotations

from datetime import datetime

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from risk_engine.linkage.memory import Memory
from risk_engine.linkage.register import LINEAGE, assign
from risk_engine.linkage.scratch import Scratch

_PERSONS = pa.schema([("group", pa.string()), ("person_id", pa.string())])


def name_groups(
    grouped: ir.Table, memory: Memory | None, *, key: bytes, as_of: datetime, scratch: Scratch
) -> tuple[ir.Table, pd.DataFrame, dict[str, int]]:
    """Give each group of records a pseudonym.

    Parameters
    ----------
    grouped
        ``record_id, group, known_at``, one row a record.

    Returns
    -------
    persons : ibis.expr.types.Table
        ``group, person_id``, one row a group.
    lineage : pandas.DataFrame
        Columns of `register.LINEAGE`.
    counts : dict
        See `register.Assigned`.
    """
    groups = grouped.select("record_id", "group", "known_at")
    if memory is None:
        known = pd.DataFrame({"record_id": [], "person_id": []}, dtype="str")
        lineage = LINEAGE.empty_table().to_pandas()
        assigned = assign(_pandas(groups), known=known, lineage=lineage, key=key, as_of=as_of)
        return scratch.frame(assigned.persons, _PERSONS), assigned.lineage, assigned.counts
    known = memory.links.select("record_id", "person_id")
    same = scratch.table(_unchanged(groups, known))
    assigned = assign(
        _pandas(groups.anti_join(same, "group")),
        known=_pandas(known.anti_join(same, "person_id")),
        lineage=_pandas(memory.lineage),
        key=key,
        as_of=as_of,
    )
    persons = same.union(scratch.frame(assigned.persons, _PERSONS))
    kept = int(same.count().to_pyarrow().as_py())
    return persons, assigned.lineage, assigned.counts | {"kept": assigned.counts["kept"] + kept}


def _unchanged(groups: ir.Table, known: ir.Table) -> ir.Table:
    """Return ``group, person_id`` of groups that hold all records of one person and no other."""
    before = known.select("person_id", was="record_id")
    both = groups.outer_join(before, groups.record_id == before.was)
    parts = both.group_by("group", "person_id").agg(records=both.count())
    in_group = parts.count().over(group_by=parts.group)
    in_person = parts.count().over(group_by=parts.person_id)
    told = parts.mutate(in_group=in_group, in_person=in_person)
    alone = (told.in_group == 1) & (told.in_person == 1)
    return told.filter(alone & told.group.notnull() & told.person_id.notnull()).select(
        "group", "person_id"
    )


def _pandas(table: ir.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pyarrow().to_pandas()
    return frame
