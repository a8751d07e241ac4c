"""Cohorts: who may need an offer of support, how sure that is, and why.

Victim and suspect outcomes are apart. Labels come from reported and health sources; models are
trained on the past only, measured on rolling dates against simple rules, and replaced by the
simplest rule that they do not beat. Protected characteristics never enter this room.
"""

from risk_engine.cohorts.inputs import FeatureLike, choose_features
from risk_engine.cohorts.model import Model
from risk_engine.cohorts.schedule import Origin, Schedule, schedule
from risk_engine.cohorts.tables import outcomes, population
from risk_engine.cohorts.train import CohortResult, train_and_score

__all__ = [
    "CohortResult",
    "FeatureLike",
    "Model",
    "Origin",
    "Schedule",
    "choose_features",
    "outcomes",
    "population",
    "schedule",
    "train_and_score",
]
