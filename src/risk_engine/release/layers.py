"""The GeoPackage: listed places and area outlines, ready for QGIS, the same bytes each time."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import geopandas as gpd
import pyogrio


def write_layers(path: Path, layers: dict[str, gpd.GeoDataFrame], *, at: datetime) -> None:
    """Write layers to one GeoPackage, in place of a file already there.

    Parameters
    ----------
    layers
        Layer name -> frame; all with a coordinate system.
    at
        Date kept in the file, so that equal content gives equal bytes.
    """
    stamp = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})
    path.unlink(missing_ok=True)
    try:
        for name, frame in layers.items():
            frame.to_file(path, layer=name, driver="GPKG", engine="pyogrio", mode=_mode(path))
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _mode(path: Path) -> str:
    return "a" if path.exists() else "w"
