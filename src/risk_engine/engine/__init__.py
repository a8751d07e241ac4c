"""The one door to the database: an Ibis connection with bounded memory, on DuckDB or on Spark.

Nothing else in the package opens a database. What a connection keeps lies in a scratch folder that
disappears with it, so that large tables spill to disk and nothing is left behind.
"""

from risk_engine.engine.base import Dialect, Engine
from risk_engine.engine.opening import open_engine

__all__ = ["Dialect", "Engine", "open_engine"]
