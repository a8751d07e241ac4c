"""Writing a partnership to a folder: equal bytes for equal content, all at once or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pandas as pd

from risk_engine.errors import InputError
from risk_engine.files import replacing_folder
from risk_engine.synthetic.partnership import Partnership

README = """\
Truth of a synthetic partnership. Nobody in these files exists; boundaries and zones are invented.
The engine is never given this folder: it is what its results are compared with.

Areas: names, codes, centres, residents and ethnic mix are real; everything else is invented.
The last known day is the one before {end}; events go on for four weeks after it.
Times are local (Europe/London); coordinates are metres in the system of the area file.

hotspots.csv   planted hotspots; sigma in metres; from and to (exclusive; empty while it lives);
               rate is the incidents of all kinds a year that were placed there while it lived
people.csv     everybody; latent vulnerability and offending are standard normal; risk_before and
               risk_at_end are the expected serious victimisations a year 26 weeks before {end} and
               on it; from turn_at on, risk is lower
records.csv    who each row of each extract is about, by the row's key
incidents.csv  every incident with its place before any was left blank, and its hotspot if any
faults.csv     rows that were broken on purpose, and the code that validation should give

What is true of every model: risk depends on the two latent traits, hardship of the home zone, age,
recorded sex, a slow drift, recent violence and turned lives. Ethnicity has no effect of its own: it
is drawn from the mix of the home zone and enters nothing else. No bias in recording is planted
in this version: agencies record every group alike.
"""


def write(partnership: Partnership, folder: Path) -> list[Path]:
    """Write extracts, maps, population, key and truth.

    The folder appears complete or not at all; an earlier synthetic folder there is replaced.

    Returns
    -------
    list of Path
        Every file written, sorted.

    Raises
    ------
    InputError
        If the folder holds something that is not a synthetic partnership.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / "truth/README.txt").exists():
        raise InputError(
            f"{folder.name}: the folder holds other files",
            code="FOLDER_IN_USE",
            hint="choose an empty or new folder",
        )
    with replacing_folder(folder) as aside:
        aside.chmod(0o755)  # a temporary folder is closed to others; this one is to be read
        _write_into(partnership, aside)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _write_into(partnership: Partnership, folder: Path) -> None:
    truth = folder / "truth"
    truth.mkdir()
    for source, frame in partnership.extracts.items():
        _csv(frame, folder / f"{source}.csv")
    for name, frame in partnership.truth.items():
        _csv(frame, truth / f"{name}.csv")
    _csv(partnership.population, folder / "population.csv")
    with _fixed_map_date(partnership.end.isoformat()):
        _map(partnership.areas, folder / "areas.gpkg")
        _map(partnership.zones, folder / "zones.gpkg")
    (folder / "pseudonym.key").write_text(partnership.key + "\n", encoding="ascii", newline="\n")
    note = README.format(end=partnership.end.isoformat())
    (truth / "README.txt").write_text(note, encoding="utf-8", newline="\n")


def _csv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def _map(frame: gpd.GeoDataFrame, path: Path) -> None:
    frame.to_file(path, driver="GPKG", layer=path.stem)


@contextmanager
def _fixed_map_date(day: str) -> Iterator[None]:
    """Make GeoPackage bytes depend on content alone; otherwise the clock is written into them."""
    from pyogrio import set_gdal_config_options

    set_gdal_config_options({"OGR_CURRENT_DATE": f"{day}T00:00:00.000Z"})
    try:
        yield
    finally:
        set_gdal_config_options({"OGR_CURRENT_DATE": None})
