"""What a result says in plain words: no ratio without its rates, no "more likely" by chance."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

from risk_engine.audit.schema import FAIL, OTHER_AGES, PASS, REFERENCE, UNKNOWN

#: Metric -> what the group does (after "are more likely to", and alone), what is counted in 1,000.
_DOING = {
    "rri": ("be on the list", "are on the list", "eligible"),
    "rri_residents": ("be on the list", "are on the list", "residents"),
    "tpr_ratio": ("have been on the list", "were on the list", "later cases"),
    "burden": ("live in a listed place", "live in a listed place", "residents"),
    "burden_within_areas": ("live in a listed place", "live in a listed place", "residents"),
}
_BESIDE = {
    "tpr_ratio": " to whom the outcome later happened",
    "burden_within_areas": ", allowing for which local area they live in,",
}


def why(row: Mapping[Hashable, Any]) -> str:
    """Explain one row of results in a sentence or two."""
    unit = _DOING[row["metric"]][2]
    if row["group"] == UNKNOWN:
        text = f"{named(row['attribute'])} is not recorded for {_share(row, unit)}; this"
        return f"{text} cannot be compared and counts in the totals only."
    if row["verdict"] == REFERENCE:
        them = whom(row, "reference")
        return f"The others are compared with {them} ({per(row['rate'])} {unit})."
    if row["group"] == row["reference"]:
        return f"Cannot tell: there is no group to compare with {whom(row, 'reference')}."
    return _nothing(row, unit) or f"{_ratio(row, unit)}{tolerance(row)}{bounds(row)}"


def _nothing(row: Mapping[Hashable, Any], unit: str) -> str:
    """Say why there is no ratio to judge, or an empty string."""
    for side, at_risk, selected in (
        ("group", row["at_risk"], row["selected"]),
        ("reference", row["reference_at_risk"], row["reference_selected"]),
    ):
        who = whom(row, side)
        if not at_risk > 0:
            return f"Cannot tell: no {who} among the {unit}."
        if not selected > 0:
            return f"Cannot tell: none of the {at_risk:,.0f} {who} ({unit}) is listed."
    if not math.isfinite(row["low"]) or not math.isfinite(row["high"]):
        ratio = f"{number(row['value'])} ({_rates(row, unit)})"
        return f"Cannot tell: too few to say how sure the ratio of {ratio} is."
    return ""


def _ratio(row: Mapping[Hashable, Any], unit: str) -> str:
    be, do, _ = _DOING[row["metric"]]
    who, reference = capital(whom(row, "group")), whom(row, "reference")
    beside = _BESIDE.get(row["metric"], "")
    figures = f"({number(row['value'])}, {number(row['low'])} to {number(row['high'])}"
    figures = f"{figures}; {_rates(row, unit)})"
    times = f"{number(row['value'])} times as often"
    if row["low"] > 1 or row["high"] < 1:
        likely = "more likely" if row["low"] > 1 else "less likely"
        return f"{who}{beside} are {likely} to {be} than {reference}: {times} {figures}"
    return f"{who}{beside} {do} {times} as {reference} {figures}; chance alone could give this"


def tolerance(row: Mapping[Hashable, Any]) -> str:
    """End the sentence of a ratio with the verdict."""
    limit = row["tolerance"] if row["harm"] == "higher" else 1 / row["tolerance"]
    if row["verdict"] == FAIL:
        return f", beyond the agreed {limit:.2f}."
    if row["verdict"] == PASS:
        return f", within the agreed {limit:.2f}."
    return f"; not enough to say whether it is beyond the agreed {limit:.2f}."


def bounds(row: Mapping[Hashable, Any]) -> str:
    """Say between which bounds a ratio lies while some are unrecorded, or an empty string."""
    low, high = row.get("bound_low", math.nan), row.get("bound_high", math.nan)
    if math.isnan(low) or math.isnan(high) or math.isclose(low, high):
        return ""
    top = number(high) if math.isfinite(high) else "any number above"
    return f" Were the unrecorded known, it would be between {number(low)} and {top}."


def whom(row: Mapping[Hashable, Any], side: str) -> str:
    """Name the people of a row's ``group`` or of its ``reference``."""
    group = row[side]
    noun = "residents" if row["subject"] == "places" else "people"
    if row["attribute"] == "ethnicity" and group in {"Mixed", "Other"}:
        return f"{noun} recorded as {group} ethnicity"
    if row["attribute"] != "age_band":
        return f"{noun} recorded as {group}"
    return f"{noun} of other ages" if group == OTHER_AGES else f"{noun} aged {group}"


def named(attribute: str) -> str:
    """Name an attribute at the start of a sentence."""
    return "Age" if attribute == "age_band" else capital(attribute)


def _share(row: Mapping[Hashable, Any], unit: str) -> str:
    if not row["at_risk"] > 0:
        return f"{row['selected']:,.0f} of those listed"
    return f"{row['at_risk']:,.0f} of the {unit} ({row['selected']:,.0f} of them listed)"


def _rates(row: Mapping[Hashable, Any], unit: str) -> str:
    if row["metric"] == "burden_within_areas":
        own = f"{per(row['rate'])} {unit}, {per(row['even_rate'])} by an even draw"
        even = per(row["reference_even_rate"])
        return f"{own}, against {per(row['reference_rate'])}, {even} by an even draw"
    return f"{per(row['rate'])} {unit} against {per(row['reference_rate'])}"


def per(rate: float) -> str:
    """Write a rate as so many of 1,000, or of 100,000 where it is small."""
    if not math.isfinite(rate):
        return "no"
    for base in (1_000, 100_000):
        if rate * base >= 1 or rate == 0:
            return f"{number(rate * base)} of {base:,}"
    return "under 1 of 100,000"


def number(value: float) -> str:
    """Write a ratio with as many digits as it deserves."""
    if not math.isfinite(value):
        return "no number"
    if abs(value) >= 9.95:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 0.1 or value == 0 else f"{value:.2f}"


def capital(text: str) -> str:
    """Write the first letter large."""
    return text[:1].upper() + text[1:]
