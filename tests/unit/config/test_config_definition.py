"""Categories and knives of an offence definition."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from risk_engine.config import OffenceDefinition, load_model

BASE = {
    "name": "serious",
    "version": "1",
    "from_date": "2026-01-01",
    "title": "Serious violence",
    "include": [{"kind": "robbery"}],
}


def define(**more):
    return OffenceDefinition.model_validate(BASE | more)


def test_one_filter_or_several_make_a_category():
    one, two = define(
        categories=[
            {"name": "a", "title": "A", "where": {"kind": "robbery"}},
            {"name": "b", "title": "B", "where": [{"kind": "riot"}, {"kind": "weapon"}]},
        ]
    ).categories
    assert [where.kind for where in one.where] == [["robbery"]]
    assert [where.kind for where in two.where] == [["riot"], ["weapon"]]


def test_a_definition_without_categories_has_only_the_remainder_and_knives_by_weapon():
    made = define()
    assert (made.categories, made.other) == ([], "Other serious violence")
    assert [where.attributes for where in made.knife_enabled] == [{"weapon": ["bladed"]}]


@pytest.mark.parametrize("names", [["a", "a"], ["a", "other"]])
def test_a_name_is_given_once_and_other_is_the_remainder(names):
    categories = [{"name": n, "title": n, "where": {"kind": "robbery"}} for n in names]
    with pytest.raises(ValidationError, match="named twice"):
        define(categories=categories)


def test_a_category_needs_a_filter():
    with pytest.raises(ValidationError, match="at least 1 item"):
        define(categories=[{"name": "a", "title": "A", "where": []}])


def test_the_shipped_definitions_name_the_categories_of_the_published_assessment(project_root):
    folder = project_root / "configs" / "definitions"
    serious = load_model(OffenceDefinition, folder / "serious_violence.yaml")
    names = [category.name for category in serious.categories]
    assert names == ["homicide", "wounding_gbh", "robbery", "bladed_weapon"]
    proxy = load_model(OffenceDefinition, folder / "police_uk_proxy.yaml")
    assert proxy.knife_enabled == []
