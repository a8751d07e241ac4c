"""The data tracker as the partnership's data lead meets it, troubles included."""

from __future__ import annotations

import re

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tracker")]


@pytest.fixture
def troubled(fresh_office):
    """300 people; one agreement has ended, one file is missing, one holds only its header."""
    office = fresh_office()
    assert office.says("synth", "--people", "300", "--out", "data/demo").status == 0
    data = office.folder / "data/demo"
    (data / "education.csv").unlink()
    nurses = data / "emergency_department.csv"
    nurses.write_text(nurses.read_text("utf-8").splitlines()[0] + "\n", encoding="utf-8")
    contract = office.folder / "configs/partners/youth_justice.yaml"
    text = re.sub(r"expires: [0-9-]+", "expires: 2025-06-01", contract.read_text("utf-8"))
    contract.write_text(text, encoding="utf-8")
    config = office.folder / "configs/demo.yaml"
    text = config.read_text("utf-8").replace(
        "[Children's services,", "[Children's services, Housing,"
    )
    config.write_text(text, encoding="utf-8")
    (data / "pseudonym.key").unlink()  # whoever keeps the tracker need not hold the key
    return office


def sources(told):
    return {s["source"]: s for agency in told["agencies"] for s in agency["sources"]}


def test_what_is_wrong_with_one_source_hides_no_other(troubled):
    answer = troubled.says("tracker", "configs/demo.yaml", "--json")
    assert answer.status == 0, answer.err
    found = sources(answer.json)
    refused = {name: s["refused"]["code"] for name, s in found.items() if s["refused"]}
    assert refused == {"education": "MISSING_FILE", "youth_justice": "AGREEMENT_EXPIRED"}
    assert found["youth_justice"]["agreement"]["state"] == "ended"
    assert found["emergency_department"]["freshness"]["state"] == "nothing"
    assert found["police_crime"]["freshness"]["state"] == "on time"
    assert found["police_crime"]["rows"]["read"] > 100
    absent = [a["agency"] for a in answer.json["agencies"] if not a["sources"]]
    assert absent == ["Housing"]
    assert str(troubled.folder) not in answer.out.replace(answer.json["page"], "")


def test_the_terminal_shows_a_table_and_where_the_page_is(troubled):
    answer = troubled.says("tracker", "configs/demo.yaml", "--as-of", "2026-01-14")
    assert answer.status == 0, answer.err
    lines = answer.out.splitlines()
    assert lines[0] == "6 of 9 expected agencies share data."
    assert any(re.match(r"Education +education +- +not read", line) for line in lines)
    assert any(line.endswith("no file 'education.csv'") for line in lines)
    page = troubled.folder / "tracker" / "demo-2026-01-14.html"
    assert lines[-1] == "page        tracker/demo-2026-01-14.html"
    assert "The sharing agreement EXAMPLE-YJ-03 ended on 1 June 2025" in page.read_text("utf-8")


def test_any_day_will_do_and_a_slip_of_the_pen_will_not(troubled):
    answer = troubled.says("tracker", "configs/demo.yaml", "--as-of", "0206-01-14", "--json")
    assert answer.status == 3
    assert answer.json["error"]["code"] == "BAD_DAY"


def test_no_name_or_birth_date_of_anybody_is_on_the_page(troubled):
    answer = troubled.says("tracker", "configs/demo.yaml", "--out", "pages")
    assert answer.status == 0, answer.err
    page = (troubled.folder / "pages/demo-2026-01-05.html").read_text("utf-8")
    files = sorted((troubled.folder / "data/demo/police_crime").glob("*.csv"))
    crimes = [line for file in files for line in file.read_text("utf-8").splitlines()]
    names = [row.split(",") for row in crimes if row != crimes[0]]
    at = crimes[0].split(",").index("Surname"), crimes[0].split(",").index("Date Of Birth")
    cells = {row[i] for row in names for i in at if len(row) > max(at) and len(row[i]) > 4}
    assert len(cells) > 50
    assert [cell for cell in cells if re.search(rf"\b{re.escape(cell)}\b", page)] == []
