"""The linkage model as Splink takes it: the words of the specification turned into conditions.

The model is that of Fellegi and Sunter (1969): for every comparison, m is the share of true pairs
and u the share of other pairs at a level. The values of the specification are what applies when the
data are too few to learn from; with enough records they are estimated (`training`) and these remain
only where a level was never seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from risk_engine.config.linkage import FIELDS, Level, LinkageRules, parts_of
from risk_engine.engine import Dialect

#: Smallest u of a value by its own frequency: one misspelt name must not count as proof.
SMALLEST_U = 1e-4
#: How alike names must be to count as swapped.
_SWAPPED = 0.92

#: ``(field, level) -> (m, u)``.
Parameters = dict[tuple[str, str], tuple[float, float]]


@dataclass(frozen=True)
class Comparison:
    """One field compared: its levels from most to least alike, the last one being ``different``."""

    field: str
    levels: tuple[Level, ...]

    @property
    def by_frequency(self) -> bool:
        """Whether agreeing on a common value counts less than on a rare one."""
        return any(level.by_frequency for level in self.levels)


def comparisons(rules: LinkageRules, fields: Sequence[str]) -> tuple[Comparison, ...]:
    """Return the comparisons of a specification for the fields that the data have.

    A field that is none of `FIELDS` is a further column of a table and is compared as ``other``.
    """
    chosen = {name: name if name in FIELDS else "other" for name in fields}
    return tuple(
        Comparison(name, tuple(rules.comparisons[kind]))
        for name, kind in chosen.items()
        if kind in rules.comparisons
    )


def stated(compared: Sequence[Comparison]) -> Parameters:
    """Return the stated m and u of every level."""
    return {(c.field, level.when): (level.m, level.u) for c in compared for level in c.levels}


def settings(
    compared: Sequence[Comparison],
    parameters: Parameters,
    *,
    prior: float,
    rules: Sequence[str],
    dialect: Dialect,
) -> dict[str, Any]:
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
    names = {comparison.field for comparison in compared}
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "node",
        "probability_two_random_records_match": prior,
        "comparisons": [_comparison(one, names, parameters, dialect) for one in compared],
        "blocking_rules_to_generate_predictions": [{"blocking_rule": rule} for rule in rules],
        "retain_matching_columns": True,  # the levels (gamma) come with them
        "retain_intermediate_calculation_columns": False,
    }


def _comparison(
    comparison: Comparison, names: set[str], parameters: Parameters, dialect: Dialect
) -> dict[str, Any]:
    field = comparison.field
    missing = f"({field}_l IS NULL OR {field}_r IS NULL)"
    if field == "last_name" and "first_name" in names:
        # Names in each other's place are counted once, with the first name.
        missing = f"{missing} OR coalesce({_swapped('', 0.0, dialect)}, FALSE)"
    null = {"sql_condition": missing, "label_for_charts": "missing", "is_null_level": True}
    levels = [_level(field, level, parameters, dialect) for level in comparison.levels]
    return {"output_column_name": field, "comparison_levels": [null, *levels]}


def _level(field: str, level: Level, parameters: Parameters, dialect: Dialect) -> dict[str, Any]:
    m, u = parameters[field, level.when]
    written: dict[str, Any] = {
        "sql_condition": condition(field, level.when, dialect),
        "label_for_charts": level.when,
        "m_probability": m,
        "u_probability": u,
    }
    if level.by_frequency:
        written |= {"tf_adjustment_column": field, "tf_minimum_u_value": SMALLEST_U}
    return written


def condition(field: str, when: str, dialect: Dialect) -> str:
    """Turn the words of a level into SQL over both identities (``_l`` and ``_r``).

    >>> from risk_engine.engine.duck import DuckEngine
    >>> condition("first_name", "similar 0.9 or same form", DuckEngine.dialect)
    'jaro_winkler_similarity(first_name_l, first_name_r) >= 0.9 OR first_root_l = first_root_r'
    """
    if when == "different":
        return "ELSE"
    return " OR ".join(_CONDITIONS[form](field, number, dialect) for form, number in parts_of(when))


def _both(column: str) -> str:
    return f"{column}_l = {column}_r"


def _short(field: str) -> str:
    return field.removesuffix("_name")


def _swapped(_field: str, _number: float, dialect: Dialect) -> str:
    alike = dialect.jaro_winkler
    return (
        f"({alike}(first_name_l, last_name_r) >= {_SWAPPED} "
        f"AND {alike}(last_name_l, first_name_r) >= {_SWAPPED})"
    )


def _month_for_day(_field: str, _number: float, _dialect: Dialect) -> str:
    return (
        "(birth_year_l = birth_year_r AND birth_month_l = birth_day_r "
        "AND birth_day_l = birth_month_r)"
    )


def _two_of_three(_field: str, _number: float, _dialect: Dialect) -> str:
    year, month, day = _both("birth_year"), _both("birth_month"), _both("birth_day")
    return f"({year} AND {month}) OR ({year} AND {day}) OR ({month} AND {day})"


def _initial(_field: str, _number: float, _dialect: Dialect) -> str:
    return (
        "(least(length(first_name_l), length(first_name_r)) = 1 "
        "AND first_initial_l = first_initial_r)"
    )


def _shares(field: str, _number: float, dialect: Dialect) -> str:
    parts = f"{_short(field)}_parts"
    return f"{dialect.arrays_overlap}({parts}_l, {parts}_r)"


#: Condition -> SQL of field, number and dialect.
_CONDITIONS: Mapping[str, Callable[[str, float, Dialect], str]] = {
    "same": lambda field, _number, _dialect: _both(field),
    "same form": lambda field, _number, _dialect: _both(f"{_short(field)}_root"),
    "same sound": lambda field, _number, _dialect: _both(f"{_short(field)}_sound"),
    "swapped": _swapped,
    "same parts": lambda _field, _number, _dialect: _both("name_parts"),
    "initial": _initial,
    "a part shared": _shares,
    "similar #": lambda field, number, dialect: (
        f"{dialect.jaro_winkler}({field}_l, {field}_r) >= {number:g}"
    ),
    "# edits": lambda field, number, dialect: (
        f"{dialect.damerau_levenshtein}({field}_l, {field}_r) <= {number:g}"
    ),
    "day and month swapped": _month_for_day,
    "two parts of three": _two_of_three,
    "within # days": lambda _field, number, _dialect: (
        f"abs(day_number_l - day_number_r) <= {number:g}"
    ),
    "same district": lambda _field, _number, _dialect: _both("outcode"),
}
