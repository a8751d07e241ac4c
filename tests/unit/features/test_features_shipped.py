"""The catalogue that ships with the project."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest

from risk_engine.events import LINKED_SCHEMA
from risk_engine.features import build, phrase
from risk_engine.features.catalogue import PROTECTED

AS_OF = datetime.fromisoformat("2026-01-05")  # naive UTC, as everywhere


def test_its_size(shipped):
    people, places = shipped["person"], shipped["place"]
    assert 40 <= len(people) <= 60
    assert 20 <= len([f for f in places if not f.column.startswith("place.public.")]) <= 25


@pytest.mark.parametrize("subject", ["person", "place"])
def test_no_protected_characteristic(shipped, subject):
    for feature in shipped[subject]:
        words = feature.column.replace(".", "_").split("_")
        assert not PROTECTED & {*words, *feature.spec.where.attributes}


def test_suspicion_counts_only_what_the_public_reported(shipped):
    suspected = [f for f in shipped["person"] if "suspect" in f.spec.where.role]
    assert suspected
    for feature in suspected:
        assert feature.spec.where.attributes["found_by"] == ["public"]


def test_no_filter_lets_a_possession_found_by_an_officer_in(engine, shipped):
    """Only the published files, which do not say who found a weapon, count possession."""
    found = engine.table(
        pd.DataFrame(
            {
                "person_id": ["p"],
                "event_id": ["e"],
                "incident_id": ["i"],
                "source": ["police_crime"],
                "kind": ["possession_of_weapons"],
                "role": ["suspect"],
                "occurred_at": [AS_OF - timedelta(days=4)],
                "known_at": [AS_OF - timedelta(days=4)],
                "precision": ["minute"],
                "easting": [1.0],
                "northing": [1.0],
                "area_code": ["E1"],
                "discovery": ["reported"],
                "attributes": [{"found_by": "officer", "weapon": "bladed"}],
            }
        ),
        LINKED_SCHEMA,
    )
    for subject, unit in (("person", "person_id"), ("place", "area_code")):
        units = engine.table(pd.DataFrame({unit: ["p", "E1"], "as_of": AS_OF}))
        built = build(found, units, unit=unit, features=shipped[subject])
        frame = engine.ibis.to_pandas(built).iloc[:, 2:]
        assert frame.fillna(0).to_numpy().sum() == 0
        assert len(frame.columns) == len(shipped[subject])


@pytest.mark.parametrize("subject", ["person", "place"])
def test_phrases_are_plain_and_say_recorded(shipped, subject):
    for feature in shipped[subject]:
        for value in (None, 0.0, 1.0, 2.0, 7.3):
            words = phrase(feature, value)
            assert "recorded" in words
            assert "_" not in words
            assert feature.column not in words
            assert words == words.strip().rstrip(".,")


def test_labels_name_one_column_each(shipped):
    for features in shipped.values():
        by_source = [(feature.sources, feature.label) for feature in features]
        assert len(set(by_source)) == len(by_source)
