"""The week as its people live it: the analyst runs, the reviewer judges and signs, packs go out."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("week")]

JUDGE = ("--as", "Rita Reviewer", "--reason", "read the evidence; invented data")


@pytest.fixture(scope="session")
def released(office, week):
    """The release folder after the reviewer has done what the gate asked for."""
    run_id = week["run_id"]
    if week["audit"]["to_adjudicate"]:
        assert office.says("adjudicate", run_id, "*", *JUDGE).status == 0
    assert office.says("sign", run_id, *JUDGE).status == 0
    answer = office.says("release", run_id, "--json")
    assert answer.status == 0, answer.err
    return office.folder / "releases" / answer.json["release_id"]


def test_every_row_that_was_read_is_accounted_for(run_folder):
    facts = json.loads((run_folder / "facts" / "partners.json").read_text())
    assert facts["read"] > 10_000
    assert facts["quarantined"] > 0
    outcomes = ("accepted", "repaired", "quarantined", "dropped")
    assert facts["read"] == sum(facts[name] for name in outcomes)
    for file in facts["files"]:
        assert file["read"] == sum(file[name] for name in outcomes), file["file"]


def test_the_list_covers_the_force_area_and_every_local_area(week):
    lists = week["lists"]["places"]
    assert lists["force_area"] == 20
    assert len(lists["per_area"]) == 14
    assert min(lists["per_area"].values()) >= 3


def test_people_are_listed_by_pseudonym_with_reasons_in_words(run_folder):
    scores = pd.read_parquet(run_folder / "tables" / "scores_sv_victim_6m.parquet")
    listed = scores[scores["selected"]]
    assert len(listed) > 50
    assert listed["person_id"].str.fullmatch(r"P[0-9a-f]{24}").all()
    assert listed["reasons"].map(len).min() >= 1
    words = [reason for reasons in listed["reasons"] for reason in reasons]
    assert not any("_" in reason or "person." in reason for reason in words)


def test_names_and_birth_dates_stop_at_linkage(office, run_folder):
    """No cell that identifies somebody is in any file of the run but the quarantine."""
    months = sorted((office.folder / "data/demo/police_crime").glob("*.csv"))
    police = pd.concat([pd.read_csv(month, dtype=str) for month in months])
    columns = [c for c in police.columns if "name" in c.lower() or "birth" in c.lower()]
    assert len(columns) >= 3
    sample = police[columns].dropna().head(200)
    rare = {v for column in columns for v in sample[column] if len(v) >= 9}
    assert len(rare) > 50
    files = [p for p in run_folder.rglob("*") if p.is_file() and "quarantine" not in p.name]
    assert len(files) > 20
    for path in files:
        text = _text(path)
        assert not [value for value in rare if value in text], path.name


def _text(path):
    """Return everything a reader could find in a file, tables unpacked."""
    if path.suffix != ".parquet":
        return path.read_text(encoding="utf-8", errors="replace")
    frame = pd.read_parquet(path)
    texts = [c for c in frame.columns if frame[c].dtype in ("object", "str")]
    return " ".join(str(value) for c in texts for value in frame[c].to_list())


def test_the_identifying_tables_are_gone_when_the_run_is_whole(run_folder):
    left = {path.name for path in (run_folder / "restricted").iterdir()}
    kept = {
        "addresses", "link_about", "link_identities", "link_labels", "link_pairs", "lineage",
        "links", "people", "protected", "quarantine",
    }  # fmt: skip
    assert left == {f"{name}.parquet" for name in kept}
    for path in (run_folder / "restricted").iterdir():
        assert path.stat().st_mode & 0o077 == 0


def test_a_release_before_anybody_signed_is_refused_and_says_why(office, week):
    answer = office.says("release", week["run_id"])
    assert answer.status == 4
    assert "not signed by a reviewer" in answer.err
    assert not (office.folder / "releases").exists()


def test_whoever_prepared_the_run_may_not_sign_it(office, week):
    answer = office.says("sign", week["run_id"], "--as", "ana  ANALYST", "--reason", "looks fine")
    assert answer.status == 4
    assert "SAME_PERSON" in answer.err


def test_the_packs_open_in_the_tools_people_use(released):
    book = openpyxl.load_workbook(released / "force_area" / "places.xlsx")
    assert book.sheetnames == ["Read me", "Places", "Changes", "Actions", "Past lists", "Audit"]
    assert book["Places"].max_row == 21
    assert not any(sheet.merged_cells.ranges for sheet in book)
    places = gpd.read_file(released / "force_area" / "places.gpkg", layer="places")
    assert len(places) == 20
    assert places.crs.to_epsg() == 27700
    assert places.geometry.area.between(62_499, 250_000).all()
    areas = sorted(path.name for path in released.iterdir() if path.is_dir())
    assert len(areas) == 16  # force area, 14 local areas, people
    for area in areas:
        if area != "people":
            html = (released / area / "briefing.html").read_text(encoding="utf-8")
            assert "http://" not in html.replace("http://www.w3.org", "")
            assert "https://" not in html


def test_small_numbers_are_hidden_in_what_leaves(released):
    rows = list(openpyxl.load_workbook(released / "force_area" / "places.xlsx")["Audit"].values)
    listed, ratio = rows[0].index("Listed"), rows[0].index("Ratio")
    small = [row for row in rows[1:] if str(row[listed]).startswith("fewer than 10")]
    assert small
    assert all(row[ratio] is None for row in small)
    numbers = [int(str(row[listed]).replace(",", "")) for row in rows[1:] if row[ratio]]
    assert min(numbers) >= 10
    manifest = json.loads((released / "manifest.json").read_text(encoding="utf-8"))
    assert sum(manifest["suppressed"].values()) > 0


def test_people_go_out_under_pseudonyms_with_an_expiry(released):
    book = openpyxl.load_workbook(released / "people" / "sv_victim_6m.xlsx")
    rows = list(book["People"].values)
    assert rows[0] == (
        "Priority", "Pseudonym", "Area", "Raises priority", "Lowers priority", "Expires",
    )  # fmt: skip
    assert all(row[1].startswith("P") and row[5] is not None for row in rows[1:])


def test_a_released_pack_is_verified_and_any_changed_byte_is_found(office, released, tmp_path):
    assert office.says("verify", str(released)).status == 0
    ledger = str(office.folder / "ledger" / "ledger.jsonl")
    for name in ("force_area/places.xlsx", "manifest.json", "gosport/briefing.html"):
        copy = tmp_path / name.replace("/", "-")
        shutil.copytree(released, copy)
        content = bytearray((copy / name).read_bytes())
        content[len(content) // 2] ^= 1
        (copy / name).write_bytes(bytes(content))
        answer = office.says("verify", str(copy), "--ledger", ledger)
        assert answer.status == 5, name


def test_releasing_the_same_approval_again_changes_nothing(office, week, released):
    before = {p: p.stat().st_mtime_ns for p in released.rglob("*")}
    answer = office.says("release", week["run_id"], "--json")
    assert answer.json["release_id"] == released.name
    assert {p: p.stat().st_mtime_ns for p in released.rglob("*")} == before


def test_the_same_week_run_again_is_the_same_run(office, week):
    again = office.says("run", "configs/demo.yaml", "--json").json
    assert again["run_id"] == week["run_id"]
    assert again["out"] == week["out"]


def test_computed_afresh_it_has_the_same_bytes(office, week, run_folder):
    outputs = json.loads((run_folder / "manifest.json").read_text())["outputs"]
    kept = run_folder.parent / ".kept"
    shutil.copytree(run_folder, kept)
    try:
        assert office.says("run", "configs/demo.yaml", "--fresh").status == 0
        again = json.loads((run_folder / "manifest.json").read_text())["outputs"]
        assert {n for n in outputs if outputs[n] != again.get(n)} == set()
        assert outputs.keys() == again.keys()
    finally:
        shutil.rmtree(kept)


def test_the_model_and_its_reports_are_in_the_experiment_store(office, week):
    store = office.folder / "mlruns" / "mlflow.db"
    with sqlite3.connect(store) as database:
        tags = database.execute(
            "select count(distinct run_uuid) from tags where value = ?", (week["run_id"],)
        ).fetchone()
        alias = database.execute("select name, alias from registered_model_aliases").fetchall()
    database.close()
    assert tags[0] == 2
    assert alias == [("sv_victim_6m", "challenger")]
    logged = {path.name for path in (office.folder / "mlruns" / "artifacts").rglob("*.html")}
    assert {"people.html", "disproportionality.html", "places.html"} <= logged


def test_the_registered_model_scores_as_the_run_did(office, week, run_folder):
    code = (
        "import sys, mlflow, numpy as np, pandas as pd\n"
        "run, store = sys.argv[1:]\n"
        "mlflow.set_tracking_uri(store); mlflow.set_registry_uri(store)\n"
        "model = mlflow.pyfunc.load_model('models:/sv_victim_6m@challenger')\n"
        "table = pd.read_parquet(run + '/tables/matrix_sv_victim_6m.parquet')\n"
        "now = table[table['as_of'] == table['as_of'].max()].set_index('person_id')\n"
        "scores = pd.read_parquet(run + '/tables/scores_sv_victim_6m.parquet')\n"
        "scores = scores[~scores['abstain']].set_index('person_id')['probability']\n"
        "columns = [c for c in now if c.startswith('person.')]\n"
        "found = model.predict(now.loc[scores.index, columns])\n"
        "print(len(scores), float(np.abs(found - scores).max()))\n"
    )
    store = f"sqlite:///{office.folder}/mlruns/mlflow.db"
    done = subprocess.run(
        [sys.executable, "-c", code, str(run_folder), store],
        env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    people, gap = done.stdout.split()
    assert int(people) > 500
    assert float(gap) < 1e-12


def test_an_edited_run_is_noticed_before_anything_is_signed(office, week, run_folder, tmp_path):
    page = run_folder / "index.html"
    before = page.read_bytes()
    page.write_bytes(before + b" ")
    try:
        answer = office.says("gate", week["run_id"])
        assert answer.status == 5
        assert "index.html" in answer.err
    finally:
        page.write_bytes(before)
