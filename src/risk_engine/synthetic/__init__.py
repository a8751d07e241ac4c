"""A partnership that does not exist, on real area names, with its truth kept apart."""

from risk_engine.synthetic.partnership import Partnership, generate
from risk_engine.synthetic.writing import write

__all__ = ["Partnership", "generate", "write"]
