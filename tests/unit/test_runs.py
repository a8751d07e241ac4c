"""The run folder: whole or not there, the same for the same week, and resumable after a kill."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from risk_engine.config import load_settings
from risk_engine.engine import open_engine
from risk_engine.errors import BusyError, IntegrityError, RefusedError, RiskEngineError
from risk_engine.files import read_json
from risk_engine.runs import (
    REMEMBERED,
    RESTRICTED,
    TRANSIENT,
    check_hashes,
    latest_run,
    list_runs,
    load_run,
    open_run,
    peak_memory_gib,
    week_before,
)

PROJECT = Path(__file__).parents[2]
AS_OF = datetime.fromisoformat("2026-01-05")
CONFIG = """\
name: places_only
title: Places only
areas: configs/areas.yaml
boundaries: {file: data/areas.gpkg, code: area_code}
definition: configs/definitions/police_uk_proxy.yaml
sources:
  - {contract: configs/partners/police_uk_street.yaml, files: data/street.csv}
hotspots: models/specs/hotspots_public.yaml
audit: models/specs/audit_policy.yaml
release: {recipients: [Coordinator], challenge: Write to the partnership}
"""


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "project"
    for folder in ("configs", "models/specs"):
        shutil.copytree(PROJECT / folder, root / folder)
    (root / "configs/run.yaml").write_text(CONFIG, encoding="utf-8")
    return root


@pytest.fixture
def settings(project):
    return load_settings(project / "configs/run.yaml")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "runs"


def opened(settings, out, *, as_of=AS_OF, prepared_by="Jo", **more):
    return open_run(settings, as_of, out, prepared_by=prepared_by, **more)


def finish(settings, out, *, value=1, **more):
    with opened(settings, out, **more) as (run, _):
        run.stage("one", lambda: {"value": value})
        run.write("places", pd.DataFrame({"x": [value]}))
    return run


def stop_after(settings, out, work, **more):
    """Do one stage of a run and then fail."""
    with opened(settings, out, **more) as (run, _):
        run.stage("one", work)
        raise KeyError("stopped")


# --- stages --------------------------------------------------------------------------------------


def test_a_finished_run_is_visible_under_its_id(settings, out):
    run = finish(settings, out)
    assert run.folder == out / run.run_id
    assert list_runs(out) == [run.run_id]
    assert latest_run(out) == run.run_id
    loaded = load_run(out, run.run_id)
    assert loaded.facts == {"one": {"value": 1}}
    assert loaded.read("places")["x"].tolist() == [1]


def test_the_same_week_twice_is_the_same_run_and_nothing_is_done_again(settings, out):
    first = finish(settings, out, value=1)
    with opened(settings, out) as (run, _):
        assert run.run_id == first.run_id
        assert run.stage("one", lambda: pytest.fail("done again")) == {"value": 1}


def test_a_failed_run_is_not_visible_and_goes_on_where_it_stopped(settings, out):
    done = []

    def work(name):
        return lambda: done.append(name) or {"name": name}

    with pytest.raises(KeyError):
        stop_after(settings, out, work("one"))
    assert list_runs(out) == []
    with opened(settings, out) as (run, _):
        assert run.stage("one", work("one")) == {"name": "one"}
        run.stage("two", work("two"))
    assert done == ["one", "two"]
    assert list(load_run(out, run.run_id).facts) == ["one", "two"]
    assert list((out / ".partial").glob("*/")) == []


def test_a_killed_run_goes_on_where_it_stopped(settings, project, out):
    code = (
        "import os, sys\nfrom datetime import datetime\nfrom pathlib import Path\n"
        "from risk_engine.config import load_settings\nfrom risk_engine.runs import open_run\n"
        "settings = load_settings(Path(sys.argv[1]))\n"
        "as_of = datetime.fromisoformat('2026-01-05')\n"
        "with open_run(settings, as_of, Path(sys.argv[2]), prepared_by='Jo') as (run, _):\n"
        "    run.stage('one', lambda: {'by': 'the first process'})\n"
        "    run.stage('two', lambda: os._exit(9))\n"
    )
    arguments = [sys.executable, "-c", code, str(project / "configs/run.yaml"), str(out)]
    assert subprocess.run(arguments, env=dict(os.environ), check=False).returncode == 9
    with opened(settings, out) as (run, _):
        assert run.stage("one", dict)["by"] == "the first process"
        assert run.stage("two", lambda: {"by": "the second"})["by"] == "the second"
    assert list_runs(out) == [run.run_id]


def test_a_stage_that_fails_leaves_no_facts(settings, out):
    with opened(settings, out) as (run, _):
        with pytest.raises(KeyError):
            run.stage("one", lambda: {}["missing"])
        assert run.stage("one", lambda: {"value": 2}) == {"value": 2}


def test_facts_are_what_the_file_holds(settings, out):
    with opened(settings, out) as (run, _):
        assert run.stage("one", lambda: {"a": (1, 2)}) == {"a": [1, 2]}


def test_another_decision_about_a_drop_is_another_run(settings, out):
    plain = finish(settings, out)
    accepted = finish(settings, out, decisions={"street: a": "accepted by Ana: asked"})
    rejected = finish(settings, out, decisions={"street: a": "rejected by Ana: asked"})
    assert len({plain.run_id, accepted.run_id, rejected.run_id}) == 3
    assert finish(settings, out, decisions={}).run_id == plain.run_id


def test_fresh_does_everything_again_and_keeps_the_old_run_until_it_is_done(settings, out):
    run_id = finish(settings, out, value=1).run_id
    with pytest.raises(KeyError):
        stop_after(settings, out, lambda: {"value": 2}, fresh=True)
    assert load_run(out, run_id).facts == {"one": {"value": 1}}
    assert finish(settings, out, value=3, fresh=True).run_id == run_id
    assert load_run(out, run_id).facts == {"one": {"value": 3}}
    assert sorted(path.name for path in out.iterdir()) == [".partial", run_id]


def test_a_run_under_way_is_not_disturbed(settings, out):
    with (
        opened(settings, out),
        pytest.raises(BusyError, match="under way in another process"),
        opened(settings, out),
    ):
        pytest.fail("opened twice")
    finish(settings, out)


# --- what decides the id -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "start"),
    [
        ("2026-01-05T00:00", "2026-w02-places-only-"),
        ("2025-12-29T00:00", "2026-w01-places-only-"),
        ("2026-07-05T23:00", "2026-w28-places-only-"),  # Monday 6 July begins at 23:00 UTC
    ],
)
def test_the_id_says_the_local_week(settings, out, as_of, start):
    run = finish(settings, out, as_of=datetime.fromisoformat(as_of))
    assert run.run_id.startswith(start)
    assert len(run.run_id) == len(start) + 6


def test_the_id_of_a_monthly_run_says_the_local_month(project, out):
    (project / "configs/run.yaml").write_text(CONFIG + "period: month\n", encoding="utf-8")
    monthly = load_settings(project / "configs/run.yaml")
    run = finish(monthly, out, as_of=datetime.fromisoformat("2025-08-31T23:00"))
    assert run.run_id.startswith("2025-09-places-only-")


def test_whatever_decides_the_result_decides_the_id(settings, project, out):
    ids = [
        finish(settings, out).run_id,
        finish(settings, out, prepared_by="Kim").run_id,
        finish(settings, out, key=b"secret").run_id,
        finish(settings, out, as_of=datetime.fromisoformat("2026-01-05T00:00:01")).run_id,
    ]
    (project / "data").mkdir()
    (project / "data/street.csv").write_text("Month\n", encoding="utf-8")
    ids.append(finish(settings, out).run_id)
    (project / "configs/run.yaml").write_text(CONFIG + "seed: 2\n", encoding="utf-8")
    ids.append(finish(load_settings(project / "configs/run.yaml"), out).run_id)
    assert len(set(ids)) == len(ids)


def test_the_manifest_says_what_the_run_was_made_of_and_never_the_key(settings, out):
    run = finish(settings, out, key=b"a secret key")
    manifest = read_json(run.folder / "manifest.json")
    assert manifest["prepared_by"] == "Jo"
    assert manifest["as_of"] == "2026-01-05T00:00:00"
    assert manifest["config"] == {"name": "places_only", "sha256": settings.digest()}
    assert manifest["inputs"] == {"data/areas.gpkg": "missing", "data/street.csv": "missing"}
    assert set(manifest["outputs"]) == {"facts/one.json", "tables/places.parquet"}
    assert len(manifest["key_fingerprint"]) == 8
    assert b"a secret key" not in (run.folder / "manifest.json").read_bytes()


def test_the_same_work_gives_the_same_bytes(settings, tmp_path):
    one, two = (finish(settings, tmp_path / name) for name in ("one", "two"))
    manifests = [(run.folder / "manifest.json").read_bytes() for run in (one, two)]
    assert manifests[0] == manifests[1]


# --- tables --------------------------------------------------------------------------------------


@pytest.fixture
def run(settings, out):
    with opened(settings, out) as (run, _):
        yield run


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("name", sorted(RESTRICTED))
def test_restricted_tables_are_kept_apart_and_read_by_no_ordinary_reader(run, name):
    run.write(name, pd.DataFrame({"person_id": ["p1"]}))
    path = run.table_path(name)
    assert path.parent.name == "restricted"
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    for read in (run.read, run.read_places):
        with pytest.raises(RefusedError) as caught:
            read(name)
        assert caught.value.code == "RESTRICTED_TABLE"
    assert run.read_restricted(name)["person_id"].tolist() == ["p1"]


def test_restricted_means_refused_even_where_there_is_no_table(run):
    with pytest.raises(RefusedError):
        run.read("protected")


def test_identifying_tables_are_gone_when_the_run_is_done(settings, out):
    with opened(settings, out) as (run, _):
        for name in RESTRICTED:
            run.write(name, pd.DataFrame({"x": [1]}))
    loaded = load_run(out, run.run_id)
    assert {name for name in RESTRICTED if loaded.has(name)} == RESTRICTED - TRANSIENT


def test_rows_are_sorted_so_that_equal_content_gives_equal_bytes(run):
    frame = pd.DataFrame({"a": [2, 1, 2, 1], "b": list("dcba")})
    for name, table in {"one": frame, "two": frame.iloc[::-1]}.items():
        run.write(name, table, order_by=["a", "b"])
    assert run.table_path("one").read_bytes() == run.table_path("two").read_bytes()
    assert run.read("one")["b"].tolist() == ["a", "c", "b", "d"]


def test_the_frame_that_was_handed_over_is_left_as_it_was(run):
    frame = pd.DataFrame({"a": [2, 1]}, index=[5, 6])
    run.write("one", frame, order_by=["a"])
    assert frame.index.tolist() == [5, 6]
    assert run.read("one").index.tolist() == [0, 1]


def test_tables_of_the_engine_are_written_by_it(run):
    with open_engine() as engine:
        table = engine.table(pd.DataFrame({"a": [2, 1]}))
        run.write("one", table, order_by=["a"], engine=engine)
        assert run.scan("one", engine).a.execute().tolist() == [1, 2]
        with pytest.raises(RiskEngineError, match="needs its engine"):
            run.write("two", table)
    assert run.has("one")
    assert not run.has("two")


def test_places_keep_their_system(run):
    run.write("places", gpd.GeoDataFrame({"rank": [1]}, geometry=[Point(1, 2)], crs="EPSG:27700"))
    assert run.read_places("places").crs == "EPSG:27700"


def test_an_empty_table_keeps_its_columns(run):
    run.write("one", pd.DataFrame({"a": pd.Series([], dtype="int64")}), order_by=["a"])
    assert run.read("one").dtypes.to_dict() == {"a": "int64"}


def test_a_hash_over_tables_knows_their_bytes_and_their_absence(run):
    run.write("one", pd.DataFrame({"a": [1]}))
    before = run.content_hash("one", "two")
    assert run.content_hash("two", "one") == before
    run.write("two", pd.DataFrame({"a": [1]}))
    assert run.content_hash("one", "two") != before


def test_a_page_is_part_of_the_run(settings, out):
    with opened(settings, out) as (run, _):
        run.write_page("index.html", "<p>é</p>")
    assert "index.html" in read_json(run.folder / "manifest.json")["outputs"]


# --- a finished run that was touched -----------------------------------------------------------


def test_every_file_that_was_touched_is_named(settings, out):
    run = finish(settings, out)
    (run.folder / "tables/changed.parquet").write_bytes(b"")
    (run.folder / "facts/one.json").write_text("{}", encoding="utf-8")
    run.table_path("places").unlink()
    with pytest.raises(IntegrityError) as caught:
        load_run(out, run.run_id)
    assert caught.value.message.split(": ", 1)[1] == (
        "changed: facts/one.json; missing: tables/places.parquet; added: tables/changed.parquet"
    )


def test_a_file_called_changed_is_missing_under_its_own_name():
    with pytest.raises(IntegrityError, match=r"missing: changed\.txt "):
        check_hashes({"changed.txt": "h"}, {}, what="x")


def test_equal_hashes_pass_and_many_differences_are_cut_short():
    check_hashes({"a": "h"}, {"a": "h"}, what="x")
    check_hashes({}, {}, what="x")
    with pytest.raises(IntegrityError) as caught:
        check_hashes({str(n): "h" for n in range(50)}, {}, what="x")
    assert caught.value.message.count("missing") == 10


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null"])
def test_a_manifest_that_is_none(settings, out, text):
    run = finish(settings, out)
    (run.folder / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(IntegrityError, match="manifest of run"):
        load_run(out, run.run_id)


def test_when_a_run_was_made_is_no_part_of_what_it_is(settings, out):
    run = finish(settings, out)
    (run.folder / "timings.json").write_text("{}", encoding="utf-8")
    assert load_run(out, run.run_id).run_id == run.run_id


def test_no_such_run_is_answered_with_those_there_are(settings, out):
    with pytest.raises(RefusedError) as caught:
        load_run(out, "2020-w01-none")
    assert (caught.value.code, caught.value.hint) == ("NO_RUN", "finished runs: none")
    with pytest.raises(RefusedError, match="no finished run in runs/"):
        latest_run(out)
    run = finish(settings, out)
    with pytest.raises(RefusedError) as caught:
        load_run(out, "2020-w01-none")
    assert caught.value.hint == f"finished runs: {run.run_id}"


def test_the_latest_run_is_the_one_finished_last(settings, out):
    first = finish(settings, out, prepared_by="B").run_id
    second = finish(settings, out, prepared_by="A").run_id
    os.utime(out / first / "manifest.json", ns=(1, 1))
    assert list_runs(out) == [first, second]
    assert latest_run(out) == second


def linked(settings, out, *, tables=REMEMBERED, **more):
    with opened(settings, out, **more) as (run, _):
        for name in tables:
            run.write(name, pd.DataFrame({"x": [1]}))
    return run.run_id


def test_linkage_goes_on_from_the_latest_earlier_run_of_its_own_under_its_key(
    settings, project, out
):
    weeks = [AS_OF + timedelta(weeks=number) for number in range(5)]
    key, other = b"k" * 16, b"o" * 16
    assert week_before(out, settings, AS_OF, key=key) is None
    second = linked(settings, out, as_of=weeks[1], key=key)
    first = linked(settings, out, as_of=weeks[0], key=key)
    linked(settings, out, as_of=weeks[2], key=key, tables=REMEMBERED[1:])
    linked(settings, out, as_of=weeks[3], key=other)
    (project / "configs/run.yaml").write_text(CONFIG.replace("places_only", "other"))
    linked(load_settings(project / "configs/run.yaml"), out, as_of=weeks[2], key=key)
    assert week_before(out, settings, weeks[4], key=key).run_id == second
    assert week_before(out, settings, weeks[1], key=key).run_id == first
    assert week_before(out, settings, weeks[0], key=key) is None
    assert week_before(out, settings, weeks[3], key=other) is None  # a new key remembers nobody


def test_linkage_does_not_go_on_from_a_run_that_was_edited(settings, out):
    run_id = linked(settings, out, key=b"k" * 16)
    path = load_run(out, run_id).table_path("links")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(IntegrityError, match="changed"):
        week_before(out, settings, AS_OF + timedelta(weeks=1), key=b"k" * 16)


def test_memory_is_measured():
    assert 0.01 < peak_memory_gib() < 1000
