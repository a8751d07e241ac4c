"""Small-number protection for every table that leaves, in one place.

`protect_counts` protects one table whose totals are known; `protect_sums` protects many tables at
once that share cells, totals and readers.
"""

from risk_engine.disclosure.counts import HIDDEN, protect_counts
from risk_engine.disclosure.sums import Sum, protect_sums

__all__ = ["HIDDEN", "Sum", "protect_counts", "protect_sums"]
