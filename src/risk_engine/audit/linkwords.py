"""What a result about linkage says in plain words; both rates stand beside every comparison."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

from risk_engine.audit.schema import FAIL, PASS, REFERENCE, UNKNOWN
from risk_engine.audit.verdicts import IN_POINTS
from risk_engine.audit.words import bounds, capital, named, number, per, tolerance, whom

_Row = Mapping[Hashable, Any]

#: Metric of shares -> what befalls a record: after "are more likely to", and after "were".
_BEFALLS = {
    "unlinkable": ("hold too little to be linked", "too sparse to be linked"),
    "weak": ("hang on one weak link", "held by one weak link"),
}
#: Metric in points -> the pairs it counts, and what became of them.
_PAIRS = {
    "link_recall": ("pairs of records that truly are one person", "found"),
    "link_precision": ("pairs of records that linkage joined", "truly one person"),
}


def linkage_why(row: _Row) -> str:
    """Explain one row of results about linkage in a sentence or two."""
    if row["group"] == UNKNOWN:
        return _unknown(row)
    if row["verdict"] == REFERENCE:
        return f"The others are compared with {whom(row, 'reference')} ({_rate(row, '')})."
    if row["group"] == row["reference"]:
        return f"Cannot tell: there is no group to compare with {whom(row, 'reference')}."
    if nothing := _nothing(row):
        return nothing
    return _difference(row) if row["metric"] in IN_POINTS else _ratio(row)


def _unknown(row: _Row) -> str:
    what, became = _PAIRS.get(row["metric"]) or ("records", _BEFALLS[row["metric"]][1])
    return (
        f"{named(row['attribute'])} is not recorded for {row['at_risk']:,.0f} {what} "
        f"({row['selected']:,.0f} of them {became}); this cannot be compared and counts in the "
        "totals only."
    )


def _nothing(row: _Row) -> str:
    """Say why there is nothing to judge, or an empty string."""
    in_points = row["metric"] in IN_POINTS
    what = _PAIRS[row["metric"]][0] if in_points else "records"
    for side, prefix in (("group", ""), ("reference", "reference_")):
        if not row[f"{prefix}at_risk"] > 0:
            if in_points:
                return f"Cannot tell: no {what} are known of {whom(row, side)}."
            return f"Cannot tell: no records of {whom(row, side)}."
        if not in_points and not row[f"{prefix}selected"] > 0:
            return (
                f"Cannot tell: none of the {row[f'{prefix}at_risk']:,.0f} records of "
                f"{whom(row, side)} is {_BEFALLS[row['metric']][1]}."
            )
    if not math.isfinite(row["low"]) or not math.isfinite(row["high"]):
        return f"Cannot tell: too few {what} of {whom(row, 'group')} to say how sure this is."
    return ""


def _ratio(row: _Row) -> str:
    be, were = _BEFALLS[row["metric"]]
    who, reference = whom(row, "group"), whom(row, "reference")
    figures = f"({number(row['value'])}, {number(row['low'])} to {number(row['high'])}"
    figures = f"{figures}; {_rate(row, '')} against {_rate(row, 'reference_')})"
    times = f"{number(row['value'])} times as often"
    if row["low"] > 1 or row["high"] < 1:
        likely = "more likely" if row["low"] > 1 else "less likely"
        text = f"Records of {who} are {likely} to {be} than those of {reference}: {times} {figures}"
    else:
        text = f"Records of {who} were {were} {times} as those of {reference} {figures}"
        text = f"{text}; chance alone could give this"
    return f"{text}{tolerance(row)}{bounds(row)}"


def _difference(row: _Row) -> str:
    what, became = _PAIRS[row["metric"]]
    gap, low, high = (_points(row[name]) for name in ("value", "low", "high"))
    text = (
        f"{capital(f'of the {what}')}, {_rate(row, '')} were {became} for {whom(row, 'group')} "
        f"against {_rate(row, 'reference_')} for {whom(row, 'reference')}: "
        f"a difference of {gap} points ({low} to {high})"
    )
    if row["low"] <= 0 <= row["high"]:
        text = f"{text}; chance alone could give this"
    agreed = f"the agreed {row['tolerance']:g} points"
    if row["verdict"] == FAIL:
        return f"{text}, lower by more than {agreed}."
    if row["verdict"] == PASS:
        return f"{text}, not lower by more than {agreed}."
    return f"{text}; not enough to say whether it is lower by more than {agreed}."


def _points(value: float) -> str:
    r"""Write a difference with its sign; what rounds to nothing has none.

    >>> _points(-1.26) == "\u22121.3", _points(0.04), _points(2)
    (True, '0.0', '+2.0')
    """
    text = f"{value:+.1f}"
    return "0.0" if text[1:] == "0.0" else text.replace("-", "\N{MINUS SIGN}")


def _rate(row: _Row, prefix: str) -> str:
    rate = row[f"{prefix}rate"]
    if row["metric"] in IN_POINTS:
        return _in_hundred(rate) if math.isfinite(rate) else "no pair"
    return f"{per(rate)} records"


def _in_hundred(rate: float) -> str:
    """Write a share so that only all of them are 100 in 100.

    >>> _in_hundred(0.9594), _in_hundred(0.9998), _in_hundred(1.0)
    ('95.9 in 100', '99.98 in 100', '100 in 100')
    """
    if rate == 1:
        return "100 in 100"
    return f"{min(100 * rate, 99.99):.{1 if rate < 0.9995 else 2}f} in 100"
