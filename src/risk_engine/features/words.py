"""Features in plain words: labels for charts and the phrases that reasons are made of.

Grammar. The ``label`` of a catalogue entry is a phrase that follows the word "recorded": for a
person ``as a victim of violence``, for a place ``as the scene of robbery``. A leading "recorded" is
accepted and dropped. From it come, by measure:

================  ===========================================================================
count             recorded 3 times as a victim of violence in the last year
any               recorded as in care in the last year
days_since_last   last recorded as missing 12 days before
distinct          recorded as the scene of robbery in 4 separate incidents in the last year
decayed           recorded as the scene of robbery about 2.4 times, each counting half as much
                  for every 180 days passed
zero              not recorded as a victim of violence in the last year
null              not known whether recorded as suspended from school in the last year
================  ===========================================================================
"""

from __future__ import annotations

from math import isnan

from risk_engine.config.base import Duration
from risk_engine.config.catalogue import FeatureSpec
from risk_engine.features.feature import Feature

#: What `distinct` counts: one, several.
_NOUNS = {
    "kind": ("1 kind of event", "different kinds of event"),
    "source": ("1 source", "different sources"),
    "area_code": ("1 local area", "different local areas"),
    "incident_id": ("1 incident", "separate incidents"),
}
_OFTEN = {1: "once", 2: "twice"}


def stem(spec: FeatureSpec) -> str:
    """Return the part of the label that follows "recorded"."""
    return spec.label.removeprefix("recorded ")


def title(spec: FeatureSpec, span: Duration) -> str:
    """Say what a column holds, without a value.

    Parameters
    ----------
    spec
        The catalogue entry.
    span
        The window, or the half-life of a decayed count.

    Returns
    -------
    str
        Such as ``recorded as a victim of violence in the last year (times)``.
    """
    if spec.measure == "decayed":
        return f"recorded {stem(spec)} (times, each halving every {_every(span)})"
    unit = {"count": "times", "any": "yes or no", "days_since_last": "days since the last"}.get(
        spec.measure
    )
    unit = unit or _NOUNS[str(spec.of)][1]
    return f"recorded {stem(spec)} in {span.words} ({unit})"


def phrase(feature: Feature, value: float | None) -> str:
    """Say one value of a feature as a reader would.

    Parameters
    ----------
    feature
        The column.
    value
        Its value; ``None`` or not-a-number where it is not known.

    Returns
    -------
    str
        Words that follow a name, such as ``recorded twice as missing in the last 90 days``; never
        a column name.
    """
    label = stem(feature.spec)
    period = f" in {feature.window.words}" if feature.window else ""
    if value is None or isnan(value):
        return f"not known {_whether(feature)} recorded {label}{period}"
    if feature.measure == "days_since_last":
        return f"last recorded {label} {_days(int(value))} before"
    if value == 0:
        return f"not recorded {label}{period}"
    return f"recorded {_amount(feature, value, label)}{period}"


def _whether(feature: Feature) -> str:
    # No date is either "never in the window" or "not covered": words that are true of both.
    return "to be" if feature.measure == "days_since_last" else "whether"


def _amount(feature: Feature, value: float, label: str) -> str:
    count = round(value)
    if feature.measure == "any":
        return label
    if feature.measure == "distinct":
        one, several = _NOUNS[str(feature.spec.of)]
        return f"{label} in {one if count == 1 else f'{count} {several}'}"
    if feature.half_life:
        about = "less than 0.1" if value < 0.1 else f"about {value:.1f}"
        fading = f"each counting half as much for every {_every(feature.half_life)} passed"
        return f"{label} {about} times, {fading}"
    return f"{_OFTEN.get(count, f'{count} times')} {label}"


def _days(days: int) -> str:
    if days < 1:
        return "less than a day"
    return "1 day" if days == 1 else f"{days} days"


def _every(span: Duration) -> str:
    return span.words.removeprefix("the last ")
