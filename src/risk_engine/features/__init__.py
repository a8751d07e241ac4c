"""Features of people and places as known at a date: YAML catalogue -> Ibis -> matrices."""

from risk_engine.features.catalogue import catalogue
from risk_engine.features.explain import explain
from risk_engine.features.feature import Feature, Subject
from risk_engine.features.leakage import leaks
from risk_engine.features.matrix import build
from risk_engine.features.people import people_as_of
from risk_engine.features.words import phrase

__all__ = ["Feature", "Subject", "build", "catalogue", "explain", "leaks", "people_as_of", "phrase"]
