"""What analysts write, as models: loaded from YAML, checked all at once, with file and line."""

from risk_engine.config.areas import Area, AreasConfig, Boundaries, Census
from risk_engine.config.base import Duration
from risk_engine.config.catalogue import FeatureFile, FeatureSpec
from risk_engine.config.cohort import CohortSpec
from risk_engine.config.contract import Contract
from risk_engine.config.definition import EventFilter, OffenceCategory, OffenceDefinition
from risk_engine.config.hotspots import HotspotSpec
from risk_engine.config.load import content_hash, load_model
from risk_engine.config.policy import AuditPolicy
from risk_engine.config.project import (
    Settings,
    Source,
    expired,
    find_project,
    load_contract,
    load_settings,
)
from risk_engine.config.run import RunConfig

__all__ = [
    "Area",
    "AreasConfig",
    "AuditPolicy",
    "Boundaries",
    "Census",
    "CohortSpec",
    "Contract",
    "Duration",
    "EventFilter",
    "FeatureFile",
    "FeatureSpec",
    "HotspotSpec",
    "OffenceCategory",
    "OffenceDefinition",
    "RunConfig",
    "Settings",
    "Source",
    "content_hash",
    "expired",
    "find_project",
    "load_contract",
    "load_model",
    "load_settings",
]
