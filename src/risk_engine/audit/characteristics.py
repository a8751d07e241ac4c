"""One value a person and characteristic, from what several agencies recorded at several times."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from risk_engine.audit.schema import OTHER_AGES, UNKNOWN, require, require_unique
from risk_engine.config.policy import AgeBand, AuditPolicy

#: Who said it, the best first.
SOURCES = ("self", "officer", "agency")

#: How records say that a characteristic is not known (compared in lower case).
NOT_STATED = frozenset(
    {"", "unknown", "not known", "not stated", "not recorded", "refused", "prefer not to say"}
    | {"n/a", "none", "missing", "nan"}
)


def characteristic_values(
    protected: pd.DataFrame,
    people: pd.DataFrame,
    policy: AuditPolicy,
    as_of: datetime,
    *,
    age_at: datetime | None = None,
) -> pd.DataFrame:
    """Choose the value of each attribute of the policy for each person.

    Self-defined before officer-defined before agency, then the newest; a record that says "not
    stated" counts as no record. Ages come from the birth month.

    Parameters
    ----------
    protected
        ``person_id, characteristic, value, source (self|officer|agency), recorded_at``.
    people
        ``person_id, birth_month`` (first day of the month); one row a person.
    policy
        Names the attributes and the age bands.
    as_of
        First instant not known: later records are not used. Naive UTC.
    age_at
        The date at which ages are taken, where it is not `as_of` (an earlier list).

    Returns
    -------
    pandas.DataFrame
        ``person_id, attribute, value``; every person has every attribute, ``Unknown`` where nothing
        is recorded; sorted by attribute and person.

    Raises
    ------
    InputError
        A column is missing, or a person is in `people` twice.
    """
    require(protected, ["person_id", "characteristic", "value", "source"], name="protected")
    require(people, ["person_id", "birth_month"], name="people")
    require_unique(people, "person_id", name="people")
    best = _best_records(protected, as_of)
    tables = []
    for attribute in sorted({metric.attribute for metric in policy.people}):
        if attribute == "age_band":
            values = _age_bands(people, policy.age_bands, age_at or as_of)
        else:
            chosen = best[best["characteristic"] == attribute].set_index("person_id")["value"]
            values = people["person_id"].map(chosen)
        tables.append(
            pd.DataFrame(
                {"person_id": people["person_id"], "attribute": attribute, "value": values}
            )
        )
    result = pd.concat(tables)
    result["value"] = result["value"].astype(object).fillna(UNKNOWN).astype("str")
    return result.sort_values(["attribute", "person_id"], ignore_index=True)


def _best_records(protected: pd.DataFrame, as_of: datetime) -> pd.DataFrame:
    require(protected, ["recorded_at"], name="protected")
    said = protected["value"].astype("str").str.strip()
    stated = protected["value"].notna() & ~said.str.lower().isin(NOT_STATED)
    records = protected.assign(value=said)
    records = records[stated & (pd.to_datetime(protected["recorded_at"]) < as_of)]
    rank = {source: place for place, source in enumerate(SOURCES)}
    records = records.assign(_rank=records["source"].map(rank).fillna(len(SOURCES)))
    records = records.sort_values(  # the value settles ties, so that row order never does
        ["person_id", "characteristic", "_rank", "recorded_at", "value"],
        ascending=[True, True, True, False, True],
    )
    return records.drop_duplicates(["person_id", "characteristic"])


def _age_bands(people: pd.DataFrame, bands: list[AgeBand], at: datetime) -> pd.Series:
    born = pd.to_datetime(people["birth_month"], errors="coerce")
    age = at.year - born.dt.year - (at.month < born.dt.month)
    result = pd.Series(UNKNOWN, index=people.index, dtype=object)
    result[age.notna()] = OTHER_AGES
    for band in bands:
        result[age.between(band.low, band.high)] = f"{band.low}-{band.high}"
    return result
