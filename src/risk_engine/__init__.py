"""The risk engine of a violence reduction partnership.

A public health tool: it focuses support and problem solving on the people and places most affected
by serious violence, and audits its own output for disproportionality before anything is released.
"""

from risk_engine._version import __version__

__all__ = ["__version__"]
