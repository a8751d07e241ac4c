"""The linkage model: what is compared, at which levels, and how much each level says.

The model is that of Fellegi and Sunter (1969): for every comparison, m is the share of true pairs
and u the share of other pairs at a level. The values here are what applies when the data are too
few to learn from; with enough records they are estimated (`scoring.score`) and these remain only
where a level was never seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: Smallest u of a value by its own frequency: one misspelt name must not count as proof.
_SMALLEST_U = 1e-4
_SWAPPED = (
    "(jaro_winkler_similarity(first_name_l, last_name_r) >= 0.92 "
    "AND jaro_winkler_similarity(last_name_l, first_name_r) >= 0.92)"
)
_MONTH_FOR_DAY = (
    "(birth_year_l = birth_year_r AND substr(birth_date_l, 6, 2) = substr(birth_date_r, 9, 2) "
    "AND substr(birth_date_l, 9, 2) = substr(birth_date_r, 6, 2))"
)
_TWO_OF_THREE = (
    "(birth_year_l = birth_year_r AND birth_month_l = birth_month_r)"
    " OR (birth_year_l = birth_year_r AND substr(birth_date_l, 9, 2) = substr(birth_date_r, 9, 2))"
    " OR substr(birth_date_l, 6) = substr(birth_date_r, 6)"
    " OR abs(date_diff('day', CAST(birth_date_l AS DATE), CAST(birth_date_r AS DATE))) <= 31"
)
_INITIAL = (
    "(least(length(first_name_l), length(first_name_r)) = 1 AND first_initial_l = first_initial_r)"
)


@dataclass(frozen=True)
class Level:
    """One level of a comparison, from most to least alike.

    Attributes
    ----------
    name
        What the level is called in the quality report.
    sql
        Condition over the columns of both identities (``_l`` and ``_r``); ``ELSE`` for the rest.
    m, u
        Share of true pairs, and of other pairs, at this level.
    by_frequency
        Whether agreeing on a common value counts less than agreeing on a rare one.
    """

    name: str
    sql: str
    m: float
    u: float
    by_frequency: bool = False


@dataclass(frozen=True)
class Comparison:
    """One thing compared; where `null` holds it says nothing either way."""

    name: str
    null: str
    levels: tuple[Level, ...]


def _missing(column: str) -> str:
    return f"({column}_l IS NULL OR {column}_r IS NULL)"


def _same(column: str) -> str:
    return f"{column}_l = {column}_r"


def _similar(column: str, at_least: float) -> str:
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {at_least}"


FIRST_NAME = Comparison(
    "first_name",
    _missing("first_name"),
    (
        Level("same", _same("first_name"), 0.80, 0.005, by_frequency=True),
        Level("form of the same name", _same("first_root"), 0.05, 0.002),
        Level("first and last name swapped", _SWAPPED, 0.01, 1e-5),
        Level("very similar", _similar("first_name", 0.92), 0.08, 0.003),
        Level("similar or initial", f"{_similar('first_name', 0.8)} OR {_INITIAL}", 0.04, 0.02),
        Level("different", "ELSE", 0.02, 0.97),
    ),
)
LAST_NAME = Comparison(
    "last_name",
    # Swapped names are counted once, with the first name.
    f"{_missing('last_name')} OR coalesce({_SWAPPED}, FALSE)",
    (
        Level("same", _same("last_name"), 0.85, 0.002, by_frequency=True),
        Level("very similar", _similar("last_name", 0.92), 0.07, 0.002),
        Level(
            "similar or a part shared",
            f"{_similar('last_name', 0.85)} OR list_has_any(last_parts_l, last_parts_r)",
            0.02,
            0.005,
        ),
        Level("different", "ELSE", 0.06, 0.991),
    ),
)
BIRTH_DATE = Comparison(
    "birth_date",
    _missing("birth_date"),
    (
        Level("same", _same("birth_date"), 0.92, 1e-4, by_frequency=True),
        Level(
            "one slip or day and month swapped",
            f"damerau_levenshtein(birth_date_l, birth_date_r) <= 1 OR {_MONTH_FOR_DAY}",
            0.05,
            0.003,
        ),
        Level("two parts of three, or a month apart", _TWO_OF_THREE, 0.02, 0.01),
        Level("different", "ELSE", 0.01, 0.987),
    ),
)
POSTCODE = Comparison(
    "postcode",
    _missing("postcode"),
    (
        Level("same", _same("postcode"), 0.65, 1e-4),
        Level("same district", _same("outcode"), 0.10, 0.02),
        Level("different", "ELSE", 0.25, 0.98),
    ),
)
SEX = Comparison(
    "sex",
    _missing("sex"),
    (Level("same", _same("sex"), 0.98, 0.5), Level("different", "ELSE", 0.02, 0.5)),
)

#: Sex is compared here to tell identities apart and goes nowhere else.
COMPARISONS = (FIRST_NAME, LAST_NAME, BIRTH_DATE, POSTCODE, SEX)

#: ``(comparison, level) -> (m, u)``.
Parameters = dict[tuple[str, str], tuple[float, float]]


def defaults() -> Parameters:
    """Return the stated m and u of every level."""
    return {(c.name, level.name): (level.m, level.u) for c in COMPARISONS for level in c.levels}


def settings(parameters: Parameters, *, prior: float, rules: list[str]) -> dict[str, Any]:
    """Write the model as Splink settings.

    Parameters
    ----------
    parameters
        m and u of every level.
    prior
        Probability that two identities drawn at random are one person.
    rules
        Blocking rules as SQL over ``l`` and ``r``.
    """
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "node",
        "probability_two_random_records_match": prior,
        "comparisons": [_comparison(comparison, parameters) for comparison in COMPARISONS],
        "blocking_rules_to_generate_predictions": [{"blocking_rule": rule} for rule in rules],
        "retain_matching_columns": True,  # the levels (gamma) come with them
        "retain_intermediate_calculation_columns": False,
    }


def _comparison(comparison: Comparison, parameters: Parameters) -> dict[str, Any]:
    null = {"sql_condition": comparison.null, "label_for_charts": "missing", "is_null_level": True}
    return {
        "output_column_name": comparison.name,
        "comparison_levels": [
            null,
            *(_level(comparison.name, level, parameters) for level in comparison.levels),
        ],
    }


def _level(comparison: str, level: Level, parameters: Parameters) -> dict[str, Any]:
    m, u = parameters[comparison, level.name]
    written: dict[str, Any] = {
        "sql_condition": level.sql,
        "label_for_charts": level.name,
        "m_probability": m,
        "u_probability": u,
    }
    if level.by_frequency:
        written |= {"tf_adjustment_column": comparison, "tf_minimum_u_value": _SMALLEST_U}
    return written
