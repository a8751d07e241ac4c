"""The keyed name of a row from what its partner calls it: for whoever holds the key."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from risk_engine.config import Contract
from risk_engine.engine import Engine
from risk_engine.partners.identifiers import by_key

#: Between the fields of a key that has several.
BETWEEN = "|"


def record_ids(
    contract: Contract, keys: Sequence[str] | pd.Series, *, engine: Engine, key: bytes
) -> list[str | None]:
    """Name rows of a source as its reading names them.

    Parameters
    ----------
    keys
        The key of each row as the partner wrote it; several fields with ``|`` between.
    key
        The pseudonym key.

    Returns
    -------
    list
        The ``record_id`` of each; None where a text has too few or too many fields.
    """
    fields = [f"f_{name}" for name in contract.key]
    split = [[part.strip() for part in str(text).split(BETWEEN)] for text in keys]
    whole = {place: parts for place, parts in enumerate(split) if len(parts) == len(fields)}
    frame = pd.DataFrame(list(whole.values()), columns=fields, dtype="str")
    frame.insert(0, "place", list(whole))
    engine.duckdb.register("rows_to_name", frame)
    try:
        query = f"SELECT place, {by_key(contract)} FROM rows_to_name ORDER BY place"  # noqa: S608
        told = engine.duckdb.execute(query, {"key": key.hex()} if "$key" in query else None)
        named = dict(told.fetchall())
    finally:
        engine.duckdb.unregister("rows_to_name")
    return [named.get(place) for place in range(len(split))]
