"""The audit in one answer: what blocks, what a reviewer must judge, what is not held at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd

from risk_engine.audit.schema import FAIL, PASS, REFERENCE, UNKNOWN, require
from risk_engine.config.contract import Characteristic

#: What stands for the comparison when there was nothing to compare.
NOTHING = "nothing could be compared"


@dataclass(frozen=True)
class Overall:
    """Counts of deciding verdicts and the comparisons behind them.

    Attributes
    ----------
    fail, passed, cannot_tell
        Deciding comparisons by verdict.
    blocking
        Deciding comparisons that failed, as ``subject/attribute/metric/group``: no release.
    to_adjudicate
        Those a named reviewer must judge with a reason: deciding ones that cannot be told, and
        failures that do not decide.
    held
        Each protected characteristic -> ``held`` or ``not held``.
    """

    fail: int
    passed: int
    cannot_tell: int
    blocking: list[str]
    to_adjudicate: list[str]
    held: dict[str, str]

    @property
    def verdict(self) -> Literal["fail", "pass", "cannot tell"]:
        """The worst of the deciding verdicts; without any, it cannot be told."""
        if self.fail:
            return "fail"
        return "cannot tell" if self.cannot_tell or not self.passed else "pass"


def overall(results: pd.DataFrame, *, protected: pd.DataFrame | None = None) -> Overall:
    """Sum up a table of results.

    Parameters
    ----------
    results
        `RESULT_COLUMNS`, people and places together. Empty: it cannot be told, never pass.
    protected
        ``characteristic``: names characteristics held beyond those compared.
    """
    columns = ["subject", "attribute", "metric", "group", "verdict", "deciding", "at_risk"]
    require(results, columns, name="results")
    key = keys(results)
    verdict, deciding = results["verdict"], results["deciding"].astype(bool)
    open_ = deciding & ~verdict.isin([FAIL, PASS, REFERENCE])  # an unheard-of verdict is not a pass
    judged = deciding & (verdict != REFERENCE)
    shown_fail = ~deciding & (verdict == FAIL)
    return Overall(
        fail=int((deciding & (verdict == FAIL)).sum()),
        passed=int((deciding & (verdict == PASS)).sum()),
        cannot_tell=int(open_.sum()) if judged.any() else 1,
        blocking=sorted(key[deciding & (verdict == FAIL)]),
        to_adjudicate=sorted(key[open_ | shown_fail]) + ([] if judged.any() else [NOTHING]),
        held=_held(results, protected),
    )


def keys(results: pd.DataFrame) -> pd.Series:
    """Name each row of results as people do: ``subject/attribute/metric/group``."""
    parts = results[["subject", "attribute", "metric", "group"]].itertuples(index=False)
    return pd.Series(["/".join(map(str, row)) for row in parts], index=results.index, dtype="str")


def _held(results: pd.DataFrame, protected: pd.DataFrame | None) -> dict[str, str]:
    known = (results["group"] != UNKNOWN) & (results["at_risk"] > 0)
    found = {"age" if a == "age_band" else str(a) for a in results.loc[known, "attribute"]}
    if protected is not None:
        found |= set(protected["characteristic"].astype("str"))
    names: tuple[str, ...] = get_args(Characteristic)
    return {name: "held" if name in found else "not held" for name in sorted(names)}
