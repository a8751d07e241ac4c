"""The checks over the published files of Hampshire, as each month arrives."""

# ruff: noqa: DTZ001, S608 - all times are naive UTC here; the statement holds names of the test
from __future__ import annotations

from datetime import datetime

import duckdb
import pytest

from risk_engine.config import load_contract
from risk_engine.partners import feeds

MONTHS = [datetime(2017, m, 15) for m in range(3, 12)] + [
    datetime(2025, m, 15) for m in range(2, 12)
]
COLUMNS = {
    "crime_id": "Crime ID", "month": "Month", "longitude": "Longitude", "latitude": "Latitude",
    "location": "Location", "lsoa": "LSOA code", "crime_type": "Crime type",
}  # fmt: skip


@pytest.fixture(scope="module")
def judged(public_data):
    """Connection with all rows as the reader leaves them, and the names of the drops."""
    files = sorted((public_data / "police_uk_hampshire").glob("*-street.csv"))
    if not files:
        pytest.skip("RISK_ENGINE_DATA has no police_uk_hampshire")
    cells = ", ".join(f'"{column}" AS f_{name}' for name, column in COLUMNS.items())
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(
            f"""
            CREATE TABLE judged AS
            SELECT list_position($files, filename)::INTEGER - 1 AS file_no, {cells},
                strptime("Month", '%Y-%m') AS occurred_at,
                strptime("Month", '%Y-%m') + INTERVAL 1 MONTH + INTERVAL 1 DAY AS known_at,
                "Crime type" AS kind,
                "Longitude"::DOUBLE AS easting, "Latitude"::DOUBLE AS northing,
                regexp_replace("LSOA name", ' [0-9]{{3}}[A-Z]$', '') AS area_code,
                []::VARCHAR[] AS faults
            FROM read_csv($files, all_varchar = true, filename = true, header = true, delim = ',',
                union_by_name = true)
            """,
            {"files": [str(file) for file in files]},
        )
        yield connection, [file.stem for file in files]


@pytest.fixture(scope="module")
def look(judged, project_root):
    """Return a function that looks at all drops at a moment."""
    path = project_root / "configs" / "partners" / "police_uk_street.yaml"
    contract = load_contract(path, root=project_root)
    connection, names = judged

    def at(as_of):
        profile = feeds.Counter(contract, connection, "judged", names, as_of).profile({})
        return dict(
            zip(names, zip(profile.known.rows, feeds.check(profile), strict=True), strict=True)
        )

    return at


@pytest.mark.real_data
def test_the_files_are_all_there(judged):
    connection, names = judged
    assert len(names) == 17
    assert connection.execute("SELECT count(*) FROM judged").fetchone() == (265_990,)


@pytest.mark.real_data
@pytest.mark.parametrize("as_of", MONTHS, ids=lambda moment: f"{moment:%Y-%m}")
def test_as_each_month_arrives_only_august_2025_is_ever_held(look, as_of):
    found = look(as_of)
    held = [name for name, (_, looked) in found.items() if looked.reasons]
    assert held == ["2025-08-hampshire-street"]
    known, looked = found["2025-08-hampshire-street"]
    assert bool(known) == (as_of >= datetime(2025, 9, 15))
    assert looked.compared


@pytest.mark.real_data
def test_what_is_said_of_august_and_what_is_only_noted(look):
    found = {name: looked for name, (_, looked) in look(MONTHS[-1]).items()}
    august = found["2025-08-hampshire-street"]
    assert {seen.code for seen in august.observed} == {"mix", "kinds"}
    assert "80 % Violence and sexual offences, where 40 % are usual" in august.reasons[0]
    assert august.notes[0] == (
        "the share of Violence and sexual offences moved alike in 13 of 14 local areas, not in "
        "Isle of Wight: rather a change at the sender or in recording than in one area"
    )
    assert "734 rows of Possession of weapons" in august.reasons[1]
    january = found["2025-01-hampshire-street"].notes
    assert january[0] == "87 months missing between 2017-09-hampshire-street and it"
    assert "another vintage" in january[1]
