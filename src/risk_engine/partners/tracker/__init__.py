"""The data tracker: who shares what, how fresh, how complete, under which agreement."""

from risk_engine.partners.tracker.assemble import assemble
from risk_engine.partners.tracker.counts import Window
from risk_engine.partners.tracker.facts import (
    AgencyFacts,
    AgreementFacts,
    AreaFacts,
    BarrierFacts,
    CoverageFacts,
    FieldFacts,
    HeldDrop,
    Refusal,
    RowFacts,
    SourceFacts,
    TrackerFacts,
)
from risk_engine.partners.tracker.source import agreement_facts, source_facts

__all__ = [
    "AgencyFacts",
    "AgreementFacts",
    "AreaFacts",
    "BarrierFacts",
    "CoverageFacts",
    "FieldFacts",
    "HeldDrop",
    "Refusal",
    "RowFacts",
    "SourceFacts",
    "TrackerFacts",
    "Window",
    "agreement_facts",
    "assemble",
    "source_facts",
]
