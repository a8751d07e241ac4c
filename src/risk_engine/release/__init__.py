"""From a finished run to a released pack: ledger, decisions, gate, packs, verification."""

from risk_engine.release.gate import Decision, GateFacts, Signature, decide
from risk_engine.release.ledger import Entry, Ledger, project_ledger, signed

__all__ = [
    "Decision",
    "Entry",
    "GateFacts",
    "Ledger",
    "Signature",
    "decide",
    "project_ledger",
    "signed",
]
