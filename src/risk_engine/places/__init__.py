"""Grid, areas, residents, geometry and guards for coordinates."""

from risk_engine.places.areas import AreaMap
from risk_engine.places.census import Residents
from risk_engine.places.coordinates import PointFault, check_points, transform
from risk_engine.places.grid import Grid

__all__ = ["AreaMap", "Grid", "PointFault", "Residents", "check_points", "transform"]
