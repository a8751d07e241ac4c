"""How well linkage found the records of one person, where it is known whose they are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from risk_engine.audit.schema import UNKNOWN, require, require_unique

#: Measure -> the columns of `tally` that it divides.
MEASURES: dict[str, tuple[str, str]] = {
    "link_recall": ("found", "pairs"),
    "record_recall": ("together", "records"),
    "link_precision": ("found", "joined"),
}
TALLIES = ("records", "pairs", "found", "joined", "together")


def known_records(links: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Return ``person_id, true_person``, one row a linked record whose true person is known.

    Both are categories: a million texts are compared once, and their numbers from then on.

    Raises
    ------
    InputError
        A column is missing, or a record is labelled twice.
    """
    require(labels, ["record_id", "true_person"], name="link_labels")
    require_unique(labels, "record_id", name="link_labels")
    known = labels.dropna(subset=["true_person"])
    both = known.merge(links[["record_id", "person_id"]], on="record_id")
    return both[["person_id", "true_person"]].astype("category")


def tally(known: pd.DataFrame) -> pd.DataFrame:
    """Count for each true person what linkage found of it.

    Parameters
    ----------
    known
        What `known_records` gave.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``true_person``, sorted: ``records``; ``pairs`` of its records; ``found``, those
        of them under one pseudonym; ``joined``, all labelled pairs under one pseudonym of which one
        end is this person's, a pair of two people counting half with each; ``together``, the sum
        over records of the share of the person's records that are with it (itself included), of
        which the mean is B-cubed recall (Bagga and Baldwin, 1998).
    """
    cells = (
        known.groupby(["true_person", "person_id"], observed=True)
        .size()
        .rename("own")
        .reset_index()
    )
    everyone = cells.groupby("person_id", observed=True)["own"].transform("sum")
    cells["found"] = cells["own"] * (cells["own"] - 1) / 2
    cells["joined"] = cells["own"] * (everyone - 1) / 2
    cells["together"] = cells["own"] ** 2
    table = cells.groupby("true_person", observed=True)[
        ["own", "found", "joined", "together"]
    ].sum()
    table = table.rename(columns={"own": "records"}).astype(np.float64)
    table["pairs"] = table["records"] * (table["records"] - 1) / 2
    table["together"] /= table["records"]
    return table[list(TALLIES)]


def groups_of_true_people(known: pd.DataFrame, value: pd.Series) -> pd.Series:
    """Give each true person the group of most of its records.

    Parameters
    ----------
    known
        What `known_records` gave.
    value
        Indexed by ``person_id``: the group as recorded under each pseudonym.

    Returns
    -------
    pandas.Series
        Indexed by ``true_person``, sorted; ``Unknown`` counts only where no record says more. Equal
        numbers go to the group that is first in the alphabet.
    """
    said = known["person_id"].map(value).astype(object).fillna(UNKNOWN).astype("category")
    table = _sizes(known[["true_person"]].assign(value=said), ["true_person", "value"])
    table["last"] = table["value"] == UNKNOWN
    table = table.sort_values(
        ["true_person", "last", "size", "value"], ascending=[True, True, False, True]
    )
    chosen: pd.Series = table.drop_duplicates("true_person").set_index("true_person")["value"]
    return chosen.astype("str")


def _sizes(frame: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return the columns `by` and ``size``, one row a combination that occurs, sorted."""
    table: pd.DataFrame = frame.groupby(by, observed=True, as_index=False).size()
    return table
