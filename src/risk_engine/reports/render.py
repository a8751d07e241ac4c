"""Templates: found in the package, autoescaped, refused where they name a fact that is missing."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from risk_engine.reports.formats import capital


@cache
def environment() -> Environment:
    """Return the template environment of the reports."""
    made = Environment(
        loader=PackageLoader("risk_engine.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["capital"] = capital
    return made


def render(template: str, **context: Any) -> str:
    """Fill a template.

    Raises
    ------
    jinja2.UndefinedError
        If the template names something that `context` lacks.
    """
    return environment().get_template(template).render(**context)
