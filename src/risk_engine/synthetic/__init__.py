"""A partnership that does not exist, on real area names, with its truth kept apart."""

from risk_engine.synthetic.partnership import SOURCES, Partnership, generate
from risk_engine.synthetic.switches import Switches, parse
from risk_engine.synthetic.writing import frame, write

__all__ = ["SOURCES", "Partnership", "Switches", "frame", "generate", "parse", "write"]
