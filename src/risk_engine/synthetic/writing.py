"""Writing a partnership to a folder: equal bytes for equal content, all at once or not at all.

Extracts are turned into text in pieces and written as they come, whatever the size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc

from risk_engine.errors import InputError
from risk_engine.files import replacing_folder
from risk_engine.synthetic import context, faults, truth
from risk_engine.synthetic.chance import Chance, Ints
from risk_engine.synthetic.columns import MINUTES_A_DAY, day_number
from risk_engine.synthetic.extract import Columns, Extract
from risk_engine.synthetic.faults import Planted
from risk_engine.synthetic.partnership import SOURCES, Partnership

PIECE = 200_000  # rows turned into text at once
MONTHLY = ("police_crime",)  # sources with a folder of files, one a month of recording
_OPTIONS = pc.WriteOptions(include_header=False, quoting_style="none", batch_size=16_384)


def write(partnership: Partnership, folder: Path) -> list[Path]:
    """Write extracts, maps, population, context, key and truth.

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


def frame(partnership: Partnership, source: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return an extract as text, and who each row is about, before any fault is planted.

    For looking at a small partnership; `write` is for all others.
    """
    extract = partnership.extract(source)
    rows = np.arange(len(extract))
    columns = extract.write(rows)
    told = truth.records(extract, rows, columns[faults.LAYOUTS[source].key])
    sent, records = (pa.table(part).to_pandas().fillna("") for part in (columns, told))
    return sent, records


def _write_into(made: Partnership, folder: Path) -> None:
    (folder / "truth").mkdir()
    (folder / "context").mkdir()
    planted: list[pd.DataFrame] = []
    with (
        (folder / "truth/records.csv").open("wb") as records,
        (folder / "link_labels.csv").open("wb") as labels,
    ):
        for source in SOURCES:
            extract = made.extract(source)
            planted.append(_extract(made, extract, folder, records, labels, header=not planted))
    tables, broken = context.tables(made.desk)
    for name, table in tables.items():
        _csv(table, folder / "context" / f"{name}.csv")
    _csv(pd.concat([*planted, broken.assign(answer="set aside")]), folder / "truth/faults.csv")
    _in_pieces(len(made.desk.people), lambda r: truth.people(made, r), folder / "truth/people.csv")
    events = len(made.desk.incidents)
    _in_pieces(events, lambda r: truth.incidents(made, r), folder / "truth/incidents.csv")
    _csv(truth.hotspots(made), folder / "truth/hotspots.csv")
    _csv(truth.switches(made), folder / "truth/switches.csv")
    _csv(context.population(made.desk.world), folder / "population.csv")
    with _fixed_map_date(made.end.isoformat()):
        _map(made.areas, folder / "areas.gpkg")
        _map(made.zones, folder / "zones.gpkg")
    (folder / "pseudonym.key").write_text(made.key + "\n", encoding="ascii", newline="\n")
    note = truth.README.format(end=made.end.isoformat(), violence=made.size.violence)
    (folder / "truth/README.txt").write_text(note, encoding="utf-8", newline="\n")


def _extract(
    made: Partnership,
    extract: Extract,
    folder: Path,
    records: BinaryIO,
    labels: BinaryIO,
    *,
    header: bool,
) -> pd.DataFrame:
    """Write one source into its file or files, its truth beside it; return its faults."""
    layout, chance = faults.LAYOUTS[extract.source], Chance(made.desk.seed, extract.source)
    sea = made.desk.world.at_sea()
    breakable = extract.breakable & (len(extract) >= faults.FEWEST_ROWS)
    planted = []
    for name, start, stop in _files(made, extract):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as handle:
            for piece, rows in enumerate(_pieces(start, stop)):
                sound = extract.write(rows)
                told = truth.records(extract, rows, sound[layout.key])
                first = header and start + piece == 0
                _append(told, records, header=first)
                _append(truth.labels(extract, rows, told), labels, header=first)
                sent, broken = faults.plant(
                    sound, rows, extract.known[rows],
                    layout=layout, breakable=breakable[rows], sea=sea, chance=chance,
                )  # fmt: skip
                _append(sent, handle, header=piece == 0)
                planted.append(_told(extract.source, broken))
    return pd.concat(planted, ignore_index=True) if planted else pd.DataFrame()


def _told(source: str, broken: Planted) -> pd.DataFrame:
    answer = ["mended" if mends else "set aside" for mends in broken.mended]
    return pd.DataFrame(
        {"source": source, "fault": broken.fault, "row_key": broken.row_key, "answer": answer}
    )


def _files(made: Partnership, extract: Extract) -> list[tuple[str, int, int]]:
    """Return name, first row and end of each file of a source; an empty one has its header.

    A monthly source sends the records of a calendar month. What was recorded since the Monday
    `end` is never in one file with what was recorded before it, and no file holds a few days only:
    the first and the last before `end` may be some days longer than their month.
    """
    if extract.source not in MONTHLY or not len(extract):
        return [(f"{extract.source}.csv", 0, len(extract))]
    day = (extract.known // MINUTES_A_DAY).astype("datetime64[D]")
    earliest, last, after = (
        np.datetime64(day_number(moment) + shift, "D").astype("datetime64[M]")
        for moment, shift in ((made.start, 15), (made.end, -15), (made.end, 14))
    )
    month = np.clip(day.astype("datetime64[M]"), earliest, last)
    month[day >= np.datetime64(day_number(made.end), "D")] = after
    named, first = np.unique(month, return_index=True)
    ends = [*first[1:], len(extract)]
    return [
        (f"{extract.source}/{month}.csv", int(start), int(stop))
        for month, start, stop in zip(named.astype(str), first, ends, strict=True)
    ]


def _pieces(start: int, stop: int) -> Iterator[Ints]:
    yield from (
        np.arange(low, min(low + PIECE, stop)) for low in range(start, max(stop, start + 1), PIECE)
    )


def _in_pieces(count: int, write_rows: Callable[[Ints], Columns], path: Path) -> None:
    with path.open("wb") as handle:
        for piece, rows in enumerate(_pieces(0, count)):
            _append(write_rows(rows), handle, header=piece == 0)


def _append(columns: Columns, handle: BinaryIO, *, header: bool) -> None:
    """Write rows as CSV, with the stand-ins of planted faults turned into what they stand for."""
    if header:
        handle.write((",".join(columns) + "\n").encode())
    buffer = BytesIO()
    pc.write_csv(pa.table(columns), buffer, _OPTIONS)
    handle.write(faults.to_bytes(buffer.getvalue()))


def _csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def _map(table: gpd.GeoDataFrame, path: Path) -> None:
    table.to_file(path, driver="GPKG", layer=path.stem)


@contextmanager
def _fixed_map_date(day: str) -> Iterator[None]:
    """Make GeoPackage bytes depend on content alone; otherwise the clock is written into them."""
    from pyogrio import set_gdal_config_options

    set_gdal_config_options({"OGR_CURRENT_DATE": f"{day}T00:00:00.000Z"})
    try:
        yield
    finally:
        set_gdal_config_options({"OGR_CURRENT_DATE": None})
