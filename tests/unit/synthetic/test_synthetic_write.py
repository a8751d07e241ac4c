"""Same seed, same bytes; a folder that appears whole or not at all."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from risk_engine.config import AreasConfig
from risk_engine.errors import InputError
from risk_engine.files import hash_tree
from risk_engine.synthetic import SOURCES, Partnership, frame, generate, write
from risk_engine.synthetic.faults import LAYOUTS

END = date(2026, 6, 1)


def small(areas: AreasConfig, seed: int) -> Partnership:
    return generate(people=300, years=1, end=END, seed=seed, areas=areas)


def test_same_seed_same_bytes_and_another_seed_another_partnership(
    areas: AreasConfig, tmp_path: Path
) -> None:
    for name, seed in (("one", 3), ("two", 3), ("other", 4)):
        made = generate(people=1_500, years=1, end=END, seed=seed, areas=areas)
        write(made, tmp_path / name)
    one, two, other = (hash_tree(tmp_path / name) for name in ("one", "two", "other"))
    assert one == two
    differ = {name for name in one if one[name] != other[name]}
    same = {"areas.gpkg", "context/wards.csv", "truth/README.txt", "truth/switches.csv"}
    assert differ == set(one) - same


def test_files_are_those_promised(areas: AreasConfig, tmp_path: Path) -> None:
    written = write(small(areas, 3), tmp_path / "out")
    names = [path.relative_to(tmp_path / "out").as_posix() for path in written]
    assert names == sorted(names)
    months = [name for name in names if name.startswith("police_crime/")]
    assert months == [
        f"police_crime/{m}.csv" for m in pd.period_range("2025-06", "2026-06", freq="M")
    ]
    context = ("census_ethnicity", "imd_2025", "platform_counts", "population_by_age", "wards")
    truth = ("faults", "hotspots", "incidents", "people", "records", "switches")
    assert set(names) - set(months) == {
        *("areas.gpkg", "link_labels.csv", "population.csv", "pseudonym.key", "zones.gpkg"),
        *(f"{source}.csv" for source in SOURCES if source != "police_crime"),
        *(f"context/{name}.csv" for name in context),
        *(f"truth/{name}.csv" for name in truth),
        "truth/README.txt",
    }
    assert [path.name for path in tmp_path.iterdir()] == ["out"]  # nothing left beside it
    assert len(bytes.fromhex((tmp_path / "out/pseudonym.key").read_text().strip())) == 32


def test_labels_hold_every_record_of_a_quarter_of_the_people(
    areas: AreasConfig, tmp_path: Path
) -> None:
    write(small(areas, 3), tmp_path / "out")
    truth = pd.read_csv(tmp_path / "out/truth/records.csv", dtype="str", keep_default_na=False)
    labels = pd.read_csv(tmp_path / "out/link_labels.csv", dtype="str", keep_default_na=False)
    assert list(labels.columns) == ["source", "key", "person"]
    theirs = truth[truth.true_person_id.isin(set(labels.person))]
    expected = theirs[["source", "row_key", "true_person_id"]].set_axis(list(labels), axis=1)
    pd.testing.assert_frame_equal(labels, expected.reset_index(drop=True))
    everybody = truth.true_person_id[truth.true_person_id != ""]
    assert labels.person.nunique() / everybody.nunique() == pytest.approx(0.25, abs=0.05)


def test_maps_state_their_coordinate_system(areas: AreasConfig, tmp_path: Path) -> None:
    write(small(areas, 3), tmp_path / "out")
    places = gpd.read_file(tmp_path / "out/areas.gpkg")
    zones = gpd.read_file(tmp_path / "out/zones.gpkg")
    assert places.crs.to_epsg() == zones.crs.to_epsg() == 27700
    assert list(places.area_code) == areas.codes
    assert list(zones.columns) == ["zone_code", "area_code", "geometry"]


def test_a_frame_is_the_file_before_its_faults(areas: AreasConfig, tmp_path: Path) -> None:
    made = small(areas, 3)
    write(made, tmp_path / "out")
    faults = pd.read_csv(tmp_path / "out/truth/faults.csv", keep_default_na=False)
    for source in ("education", "fire"):
        sent, told = frame(made, source)
        read = pd.read_csv(tmp_path / f"out/{source}.csv", dtype=str, keep_default_na=False)
        key = LAYOUTS[source].key
        broken = faults[faults.source == source].row_key
        sound = [table[~table[key].isin(broken)].reset_index(drop=True) for table in (sent, read)]
        assert sound[0].astype("str").equals(sound[1].astype("str"))
        assert list(told.row_key) == list(sent[key])


def test_an_earlier_partnership_is_replaced_and_another_folder_is_not(
    areas: AreasConfig, tmp_path: Path
) -> None:
    made = small(areas, 3)
    write(made, tmp_path / "out")
    before = hash_tree(tmp_path / "out")
    write(made, tmp_path / "out")
    assert hash_tree(tmp_path / "out") == before
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("keep")
    with pytest.raises(InputError) as caught:
        write(made, tmp_path / "mine")
    assert caught.value.code == "FOLDER_IN_USE"
    assert (tmp_path / "mine/notes.txt").read_text() == "keep"


@pytest.mark.parametrize("count", [100, 101])
def test_the_smallest_partnership_can_be_made(
    areas: AreasConfig, count: int, tmp_path: Path
) -> None:
    made = generate(people=count, years=1, end=END, seed=5, areas=areas)
    write(made, tmp_path / "out")
    for source in SOURCES:
        files = sorted((tmp_path / "out").glob(f"{source}*/*.csv")) or [
            tmp_path / f"out/{source}.csv"
        ]
        assert all(file.read_text(encoding="utf-8").count(",") > 3 for file in files), source
    assert len(made.desk.people) == count


def test_one_area_is_enough(areas: AreasConfig) -> None:
    alone = areas.model_copy(update={"local_areas": areas.local_areas[:1]})
    made = generate(people=200, years=1, end=END, seed=5, areas=alone)
    assert list(made.areas.area_code) == [areas.local_areas[0].code]
    assert set(made.desk.incidents.area) == {0}
