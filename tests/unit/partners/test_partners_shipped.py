"""A row of every shipped contract, written as the partner would, is read and becomes an event."""

# ruff: noqa: DTZ001 - all times are naive UTC here
from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from risk_engine.config import Contract, load_contract
from risk_engine.config.contract import FieldSpec
from risk_engine.partners import Ingested

ROOT = Path(__file__).parents[3]
CONTRACTS = {
    path.stem: load_contract(path, root=ROOT)
    for path in sorted((ROOT / "configs" / "partners").glob("*.yaml"))
}
RECORDS = {name: contract for name, contract in CONTRACTS.items() if contract.event}
PLACES = {"EPSG:27700": ("455000", "125000"), "EPSG:4326": ("-1.2", "51.0")}
DEFAULTS = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%dT%H:%M:%S", "month": "%Y-%m"}


def cell(name: str, spec: FieldSpec, contract: Contract, number: int) -> str:
    """What a partner could write into a field of row `number`."""
    event = contract.event
    assert event
    home = contract.person.home if contract.person else None
    for point in (event.point, home):
        if point and name in {point.x, point.y}:
            return PLACES[point.crs][name == point.y]
    if spec.type == "code":
        return list(spec.codes)[number % len(spec.codes)]
    if spec.type in DEFAULTS:
        moment = datetime(2025, 2, 4 if name == event.known_at else 3, 10, 30)
        return moment.strftime(spec.formats[0] if spec.formats else DEFAULTS[spec.type])
    if name == event.area:
        return "E1"
    if name == event.zone:
        return "E01017013"
    return "17" if name == "age" else f"X{number}"


def rows(contract: Contract) -> tuple[str, list[str]]:
    """A header, and rows enough for every code of every field."""
    fields = {spec.column: (name, spec) for name, spec in contract.fields.items()}
    enough = max(1, *(len(spec.codes) for spec in contract.fields.values()))
    quoted = [
        ",".join(f'"{cell(name, spec, contract, n)}"' for name, spec in fields.values())
        for n in range(enough)
    ]
    return ",".join(fields), quoted


@pytest.mark.parametrize("contract", RECORDS.values(), ids=RECORDS)
def test_every_code_of_a_contract_is_read_and_nothing_is_set_aside(contract, read):
    header, written = rows(contract)
    done = read(written, agreed=contract, header=header)
    (file,) = done.files
    assert (file.read, file.accepted, file.codes) == (len(written), len(written), {})
    events = done.events.execute()
    assert len(events) == len(written)
    kind = contract.event.kind
    said = {kind["const"]} if isinstance(kind, dict) else set(contract.fields[kind].codes.values())
    assert set(events.kind) == said
    assert {name for kept in events.attributes for name in kept} == set(contract.event.attributes)
    assert set(events.discovery) == {contract.discovery}
    assert events.area_code.notna().all() == bool(contract.event.point or contract.event.area)
    assert len(done.records.execute()) == (len(written) if contract.person else 0)


def test_homicide_keeps_its_kind_and_can_be_told_from_wounding(read):
    contract = CONTRACTS["police_crime"]
    header, written = rows(contract)
    events = read(written, agreed=contract, header=header).events.execute()
    serious = events[events.kind == "most_serious_violence"]
    counted = serious.attributes.map(lambda kept: kept["category"]).value_counts()
    assert counted.to_dict() == {"wounding_gbh": 5, "homicide": 4, "attempted_murder": 1}


def test_a_missing_episode_is_no_offence(read):
    contract = CONTRACTS["police_crime"]
    header, (first, *_) = rows(contract)
    done = read(
        [first.replace('"1"', '"MISPER"', 1)],
        agreed=contract.model_copy(update={"quarantine_limit": 1.0}),
        header=header,
    )
    assert done.files[0].codes["UNKNOWN_CODE"] == 1


def test_a_search_names_nobody_and_tells_the_audit_the_group(read):
    contract = CONTRACTS["stop_and_search"]
    header, written = rows(contract)
    done = read(written, agreed=contract, header=header)
    assert done.records.count().execute() == 0
    held = done.protected.execute()
    assert set(held.characteristic) == {"ethnicity", "sex"}
    assert set(held.recorded_by) == {"self", "officer", "agency"}


needs_measures = pytest.mark.skipif(
    "measures" not in Ingested.__dataclass_fields__, reason="this build reads no measures yet"
)


@needs_measures
def test_a_suppressed_count_is_not_known_and_never_zero(read):
    header = "Area Code,Area Name,Month,Data Set,Indicator,Count"
    written = [
        "E05002442,Example,2025-02,Police,Robbery,12",
        "E05002442,Example,Mar 2025,Police,Robbery,*",
        "E05002442,Example,2025-04,Police,Robbery,0",
    ]
    done = read(written, agreed=CONTRACTS["platform_counts"], header=header)
    assert done.files[0].accepted == 3
    found = done.measures.execute().sort_values("period_start")
    assert found.value.isna().tolist() == [False, True, False]
    assert found.value.dropna().tolist() == [12, 0]
    assert set(found.geography) == {"ward"}
    assert set(found.category) == {"robbery"}


@needs_measures
@pytest.mark.parametrize("source", [name for name, c in CONTRACTS.items() if c.measures])
def test_a_row_of_context_becomes_its_measures(source, read):
    contract = CONTRACTS[source]
    said = {"number": "7", "month": "2025-02"}
    cells = {
        spec.column: next(iter(spec.codes)) if spec.codes else said.get(spec.type, "E01017013")
        for spec in contract.fields.values()
    }
    if contract.measures.geography == "ward":
        cells["Area Code"] = "E05002442"
    quoted = ",".join(f'"{cell}"' for cell in cells.values())
    done = read([quoted], agreed=contract, header=",".join(cells), as_of=datetime(2026, 6, 1))
    assert done.files[0].accepted == 1
    found = done.measures.execute()
    assert set(found.measure) == set(contract.measures.values)
    assert set(found.value) == {7}
    assert set(found.zone_code) == {cells[contract.fields[contract.measures.zone].column]}
    assert done.events.count().execute() == done.records.count().execute() == 0
