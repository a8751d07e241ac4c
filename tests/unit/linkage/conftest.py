from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pytest
from shapely import box

from risk_engine.config.linkage import LinkageSpec
from risk_engine.config.load import load_model
from risk_engine.engine import Engine, open_engine
from risk_engine.events import RECORD_SCHEMA
from risk_engine.linkage import Linked, link
from risk_engine.places import AreaMap

KEY = bytes(range(32))
AS_OF = pd.Timestamp("2026-01-05").to_pydatetime()
_FIRST = (
    "james john michael david mohammed ali sarah emma olivia amelia jack harry oliver george noah "
    "leo theo freddie oscar henry jacob thomas william joshua ethan lucas isaac daniel samuel ava "
    "isla grace freya poppy ella evie sophie florence charlotte rosie alice zara fatima maryam "
    "priya anita wei ling chen yusuf ibrahim omar hassan amir bilal piotr anna tomasz ewa kwame "
    "ama chidi ngozi emeka tunde femi"
)
_LAST = (
    "smith jones taylor brown williams wilson davies patel wright walker white hughes green hall "
    "khan singh ali ahmed hussain begum kaur shah malik chen wang zhang kowalski nowak okafor "
    "mensah adeyemi osei murphy kelly ryan campbell stewart scott murray reid young mitchell "
    "graham bell"
)
_UNITS = ["AB", "DE", "FG"]
_ENDINGS = ["", "", "", "son", "ton", "ley", "man", "well", "ham", "by"]
_SAME_NAME = {"james": "jim", "michael": "mike", "william": "bill", "mohammed": "muhammad"}


@pytest.fixture(scope="session")
def areas() -> AreaMap:
    """Two areas side by side, split at easting 420,000."""
    west, east = box(400_000, 100_000, 420_000, 140_000), box(420_000, 100_000, 440_000, 140_000)
    frame = gpd.GeoDataFrame(
        {"area_code": ["W", "E"], "name": ["West", "East"]}, geometry=[west, east], crs=27700
    )
    return AreaMap(frame, "EPSG:27700", 0)


@pytest.fixture
def engine() -> Iterator[Engine]:
    with open_engine() as opened:
        yield opened


#: The tables of a linkage are in no order; these columns put them into one.
_ORDERS = {
    "links": ["record_id"],
    "people": ["person_id"],
    "addresses": ["person_id", "known_at"],
    "lineage": ["as_of", "person_id", "event", "other"],
    "link_identities": ["node"],
    "link_pairs": ["left", "right"],
    "link_about": ["rules"],
}


def in_order(name: str, table: ir.Table) -> pd.DataFrame:
    """A table of a linkage in pandas."""
    frame: pd.DataFrame = table.order_by(_ORDERS[name]).to_pyarrow().to_pandas()
    return frame


@pytest.fixture(scope="session")
def ordered() -> Callable[[str, ir.Table], pd.DataFrame]:
    return in_order


def frame_of(*rows: dict[str, Any]) -> pd.DataFrame:
    """Records from the fields that matter to a test; the rest have harmless values."""
    filled = [
        {
            **dict.fromkeys(RECORD_SCHEMA),
            "record_id": f"r{number}",
            "source": "police",
            "known_at": pd.Timestamp("2024-01-01") + pd.Timedelta(days=number),
            **row,
        }
        for number, row in enumerate(rows)
    ]
    return pd.DataFrame(filled, columns=list(RECORD_SCHEMA))


@pytest.fixture(scope="session")
def records_of() -> Callable[..., pd.DataFrame]:
    return frame_of


@pytest.fixture(scope="session")
def spec(project_root: Path) -> LinkageSpec:
    """The specification that ships."""
    return load_model(LinkageSpec, project_root / "models/specs/linkage.yaml")


@pytest.fixture(scope="session")
def run(areas: AreaMap, spec: LinkageSpec) -> Callable[..., SimpleNamespace]:
    """Link a frame and bring the tables into pandas."""

    def linked(
        frame: pd.DataFrame, key: bytes = KEY, seed: int = 1, spec: LinkageSpec = spec
    ) -> SimpleNamespace:
        with open_engine() as opened:
            found: Linked = link(
                opened.table(frame, RECORD_SCHEMA),
                engine=opened,
                areas=areas,
                spec=spec,
                key=key,
                seed=seed,
                as_of=AS_OF,
            )
            tables = {name: in_order(name, table) for name, table in found.tables.items()}
        return SimpleNamespace(**tables, quality=found.quality)

    return linked


def _slip(draw: np.random.Generator, word: str) -> str:
    at = int(draw.integers(1, len(word) - 1))
    kind = draw.integers(3)
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + "abcdefghijklmnopqrstuvwxyz"[draw.integers(26)] + word[at + 1 :]


def _person(draw: np.random.Generator) -> dict[str, Any]:
    east, north = draw.uniform(0, 40_000, 2)
    born = pd.Timestamp("1985-01-01") + pd.Timedelta(days=int(draw.integers(0, 365 * 28)))
    return {
        "first_name": str(draw.choice(_FIRST.split())),
        "last_name": str(draw.choice(_LAST.split())) + str(draw.choice(_ENDINGS)),
        "birth_date": born.strftime("%Y-%m-%d"),
        "sex": str(draw.choice(["male", "female"])),
        "postcode": f"SO{draw.integers(1, 30)} {draw.integers(10)}{draw.choice(_UNITS)}",
        "home_easting": 400_000 + east,
        "home_northing": 100_000 + north,
    }


def _as_recorded(draw: np.random.Generator, person: dict[str, Any]) -> dict[str, Any]:
    row, chance = dict(person), draw.random(7)
    if chance[0] < 0.06:
        row["first_name"] = _slip(draw, row["first_name"]) if len(row["first_name"]) > 2 else "x"
    elif chance[0] < 0.12:
        row["first_name"] = _SAME_NAME.get(row["first_name"], row["first_name"])
    if chance[1] < 0.06 and len(row["last_name"]) > 2:
        row["last_name"] = _slip(draw, row["last_name"])
    if chance[2] < 0.02:
        row["first_name"], row["last_name"] = row["last_name"], row["first_name"]
    if chance[3] < 0.03:
        row["birth_date"] = f"{row['birth_date'][:8]}{draw.integers(1, 29):02d}"
    if chance[4] < 0.25:
        row |= {"postcode": None, "home_easting": None, "home_northing": None}
    if chance[5] < 0.1:
        row["sex"] = None
    if chance[6] < 0.01:
        row["birth_date"] = None
    return row


@pytest.fixture(scope="session")
def population() -> Callable[..., tuple[pd.DataFrame, pd.Series]]:
    """Records of people with ordinary errors, and who each record truly is."""

    def made(people: int, *, seed: int = 1, twins: float = 0.02) -> tuple[pd.DataFrame, pd.Series]:
        draw = np.random.default_rng(seed)
        persons: list[dict[str, Any]] = []
        for _ in range(people):
            person = _person(draw)
            if persons and draw.random() < twins:
                other = {"first_name": person["first_name"], "sex": person["sex"]}
                person = {**persons[-1], **other}
            persons.append(person)
        rows, truth = [], []
        for number, person in enumerate(persons):
            for _ in range(1 + draw.poisson(3)):
                day = pd.Timestamp("2022-01-01") + pd.Timedelta(hours=int(draw.integers(20_000)))
                rows.append(
                    {
                        **_as_recorded(draw, person),
                        "record_id": f"{draw.integers(16**12):012x}",
                        "source": str(draw.choice(["police", "health", "education"])),
                        "known_at": day,
                    }
                )
                truth.append(number)
        frame = frame_of(*rows)
        return frame, pd.Series(truth, index=frame["record_id"])

    return made


@pytest.fixture(scope="session")
def pairwise() -> Callable[[pd.DataFrame, pd.Series], tuple[float, float]]:
    """Precision and recall over pairs of records."""

    def measured(links: pd.DataFrame, truth: pd.Series) -> tuple[float, float]:
        found = links.set_index("record_id")["person_id"]
        both = pd.DataFrame({"found": found, "true": truth.reindex(found.index)})

        def pairs(columns: list[str]) -> float:
            sizes = both.groupby(columns).size()
            return float((sizes * (sizes - 1) / 2).sum())

        right = pairs(["found", "true"])
        return right / max(pairs(["found"]), 1.0), right / max(pairs(["true"]), 1.0)

    return measured
