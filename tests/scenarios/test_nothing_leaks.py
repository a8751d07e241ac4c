"""What identifies a person stays in linkage: every file of a project is searched for it."""

from __future__ import annotations

import re
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from risk_engine.config import load_settings

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("week")]

#: Rows set aside are kept as they were sent, readable by the owner alone: they are to be corrected.
AS_SENT = "quarantine.parquet"
#: A shorter name may be a part of anything; a later birth date may be the day of an event.
LETTERS, BORN_BEFORE = 8, "2010"
TOKEN = re.compile(r"[^\W_]+(?:[-'/][^\W_]+)*")


@pytest.fixture(scope="module")
def planted(office, week):
    """Surnames, birth dates, postcodes and partners' keys of the extracts, as they stand there."""
    settings = load_settings(office.folder / "configs/demo.yaml")
    found: dict[str, set[str]] = {}
    for source, files in office.extracts().items():
        contract = settings.contracts[source]
        if contract.person is None:
            continue
        sent = pd.concat([pd.read_csv(file, dtype="str") for file in files])
        told = {name: sent[spec.column] for name, spec in contract.fields.items()}
        person = contract.person
        for what, name in (
            ("names", person.last_name),
            ("births", person.birth_date),
            ("postcodes", person.postcode),
            ("keys", person.shared_key),
            *(("keys", name) for name in contract.key),
        ):
            cells = set(told[name].dropna().str.strip()) if name else set()
            found.setdefault(what, set()).update(cells)
    common = tokens("\n".join(p.read_text() for p in office.folder.rglob("*.yaml")))
    births = pd.to_datetime(pd.Series(sorted(found["births"])), format="mixed", dayfirst=True)
    return {
        "names": {n for n in found["names"] if TOKEN.fullmatch(n) and len(n) >= LETTERS} - common,
        # the month of birth is told as its first day
        "births": set(births.dt.strftime("%Y-%m-%d")[(births < BORN_BEFORE) & (births.dt.day > 1)]),
        "postcodes": found["postcodes"] | {code.replace(" ", "") for code in found["postcodes"]},
        "keys": {key for key in found["keys"] if len(key) >= LETTERS},
    }


def tokens(text: str) -> set[str]:
    return set(TOKEN.findall(text)) | set(re.findall(r"[A-Z]{1,2}\d{1,2} \d[A-Z]{2}", text))


def texts(path: Path) -> Iterator[str]:
    """Everything in a file that can be read as text, whatever holds it."""
    if path.suffix == ".parquet":
        for column in pq.ParquetFile(path).schema_arrow.names:
            yield "\n".join(map(str, pd.read_parquet(path, columns=[column])[column]))
    elif path.suffix in {".gpkg", ".db"}:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as opened:
            opened.text_factory = lambda cell: cell.decode("utf-8", errors="replace")
            yield "\n".join(opened.iterdump())
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield archive.read(name).decode("utf-8", errors="replace")
    else:
        yield path.read_bytes().decode("utf-8", errors="replace")


def leaks(folder: Path, planted: dict[str, set[str]]) -> list[tuple[str, str, int]]:
    """File, kind of value and how many of them it holds; the values are not shown."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != AS_SENT):
        seen = set().union(*(tokens(text) for text in texts(path)))
        found += [(path.name, kind, len(v & seen)) for kind, v in planted.items() if v & seen]
    return found


def test_the_values_are_ones_that_would_be_found(office, planted):
    """The search finds every kind of them where they truly are: in the extracts."""
    assert min(map(len, planted.values())) > 100
    kinds = {kind for _, kind, _ in leaks(office.folder / "data/demo/police_crime", planted)}
    assert kinds == {"names", "postcodes", "keys"} | ({"births"} & kinds)


def test_no_file_that_a_run_makes_holds_one(office, week, planted):
    made = [p for p in office.folder.iterdir() if p.name not in {"data", "configs", "features"}]
    assert {"runs", "mlruns"} <= {path.name for path in made}
    assert [leak for path in made for leak in leaks(path, planted)] == []
