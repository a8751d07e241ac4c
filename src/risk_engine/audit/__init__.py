"""Disproportionality audit: the only room with the key to protected characteristics."""

from risk_engine.audit.bygroup import by_group
from risk_engine.audit.characteristics import characteristic_values
from risk_engine.audit.linkage import audit_linkage, linkage_by_group
from risk_engine.audit.overall import Overall, keys, overall
from risk_engine.audit.people import audit_people
from risk_engine.audit.places import audit_places
from risk_engine.audit.schema import RESULT_COLUMNS
from risk_engine.audit.summary import join, sentences

__all__ = [
    "RESULT_COLUMNS",
    "Overall",
    "audit_linkage",
    "audit_people",
    "audit_places",
    "by_group",
    "characteristic_values",
    "join",
    "keys",
    "linkage_by_group",
    "overall",
    "sentences",
]
