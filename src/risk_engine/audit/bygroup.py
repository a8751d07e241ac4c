"""Rates by group beside the comparisons: how many are listed, and how right the lists were."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_engine.audit.people import values_of_cases, values_of_listed
from risk_engine.audit.schema import in_order
from risk_engine.config.policy import AuditPolicy

COLUMNS = (
    "attribute",
    "group",
    "n",
    "selected",
    "selection_rate",
    "tpr",
    "fpr",
    "precision",
    "observed",
)


def by_group(
    scores: pd.DataFrame,
    protected: pd.DataFrame,
    people: pd.DataFrame,
    *,
    origin_scores: pd.DataFrame | None,
    policy: AuditPolicy,
    as_of: datetime,
) -> pd.DataFrame:
    """Describe the list and its errors for each group, without a judgement.

    Parameters
    ----------
    scores, protected, people, origin_scores, policy, as_of
        As in `audit_people`.

    Returns
    -------
    pandas.DataFrame
        ``attribute, group, n, selected, selection_rate`` of the list as it stands, and ``tpr, fpr,
        precision, observed`` (share to whom the outcome happened) of the latest validation list;
        NaN where a rate has no denominator. Groups in reading order.
    """
    listed = values_of_listed(scores, protected, people, policy=policy, as_of=as_of)
    tried = values_of_cases(origin_scores, protected, people, policy=policy, as_of=as_of)
    tables = [
        _describe(rows, tried[tried["attribute"] == attribute], str(attribute))
        for attribute, rows in listed.groupby("attribute")
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(COLUMNS))


def _describe(listed: pd.DataFrame, tried: pd.DataFrame, attribute: str) -> pd.DataFrame:
    from fairlearn.metrics import MetricFrame, count, selection_rate

    selected = listed["selected"]
    frame: pd.DataFrame = MetricFrame(
        metrics={"n": count, "selected": _positives, "selection_rate": selection_rate},
        y_true=selected,
        y_pred=selected,
        sensitive_features=listed["value"],
    ).by_group
    both = frame.join(_errors(tried), how="outer").rename_axis("group")
    both = both.loc[in_order(both.index)].reset_index()
    both = both.astype({"n": "Int64", "selected": "Int64"})
    return both.assign(attribute=attribute).reindex(columns=list(COLUMNS))


def _errors(tried: pd.DataFrame) -> pd.DataFrame:
    from fairlearn.metrics import MetricFrame

    metrics = {"tpr": _tpr, "fpr": _fpr, "precision": _precision, "observed": _observed}
    if tried.empty:
        return pd.DataFrame(columns=list(metrics), dtype=float)
    table: pd.DataFrame = MetricFrame(
        metrics=metrics,
        y_true=tried["label"].astype(bool),
        y_pred=tried["selected"],
        sensitive_features=tried["value"],
    ).by_group
    return table


# fairlearn's own rates say 0 where there is no denominator; a reader must see that there is none.
def _share(of: npt.ArrayLike, among: npt.ArrayLike) -> float:
    chosen = np.asarray(of, dtype=bool)[np.asarray(among, dtype=bool)]
    return float(chosen.mean()) if len(chosen) else float("nan")


def _tpr(y_true: pd.Series, y_pred: pd.Series) -> float:
    return _share(y_pred, y_true)


def _fpr(y_true: pd.Series, y_pred: pd.Series) -> float:
    return _share(y_pred, ~np.asarray(y_true, dtype=bool))


def _precision(y_true: pd.Series, y_pred: pd.Series) -> float:
    return _share(y_true, y_pred)


def _observed(y_true: pd.Series, _: pd.Series) -> float:
    return float(np.mean(y_true))


def _positives(_: pd.Series, y_pred: pd.Series) -> int:
    return int(np.sum(y_pred))
