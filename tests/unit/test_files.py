"""Files are whole or not there, whatever happens while they are written."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys

import pytest

from risk_engine.errors import BusyError, RiskEngineError
from risk_engine.files import (
    hash_tree,
    read_json,
    replacing,
    replacing_folder,
    sha256,
    swap_folder,
    write_json,
    write_text,
)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_it_is_whole(tmp_path):
    path = tmp_path / "deep/er/a.txt"
    with replacing(path) as aside:
        aside.write_text("new", encoding="utf-8")
        assert not path.exists()
    assert path.read_text(encoding="utf-8") == "new"
    assert names(path.parent) == ["a.txt"]


@pytest.mark.parametrize("failure", [KeyError, KeyboardInterrupt, SystemExit])
def test_whatever_stops_the_writing_leaves_the_old_file(tmp_path, failure):
    path = tmp_path / "a.txt"
    write_text(path, "old")

    def write():
        with replacing(path) as aside:
            aside.write_text("half", encoding="utf-8")
            raise failure

    with pytest.raises(failure):
        write()
    assert path.read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_file_open_elsewhere_is_said_so(tmp_path):
    path = tmp_path / "a.xlsx"

    def write():
        with replacing(path):
            raise PermissionError(13, "used by another process")

    with pytest.raises(BusyError, match=r"a\.xlsx cannot be replaced") as caught:
        write()
    assert caught.value.hint.startswith("close it")


def test_a_full_disk_is_said_so_and_nothing_is_lost(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")

    def write():
        with replacing(path):
            raise OSError(28, "No space left on device")

    with pytest.raises(RiskEngineError, match="No space left") as caught:
        write()
    assert caught.value.code == "DISK"
    assert path.read_text(encoding="utf-8") == "old"


def test_nothing_written_is_an_error_not_an_empty_file(tmp_path):
    def write():
        with replacing(tmp_path / "a.txt"):
            pass

    with pytest.raises(RiskEngineError, match=r"a\.txt could not be written"):
        write()
    assert names(tmp_path) == []


def test_a_killed_process_leaves_the_old_file_and_the_next_one_cleans_up(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")
    code = (
        "import os, sys, pathlib\nfrom risk_engine.files import replacing\n"
        "with replacing(pathlib.Path(sys.argv[1])) as aside:\n"
        "    aside.write_text('half')\n    os._exit(9)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", code, str(path)], env=dict(os.environ), check=False
    )
    assert killed.returncode == 9
    assert path.read_text(encoding="utf-8") == "old"
    assert len(names(tmp_path)) == 2
    write_text(path, "new")
    assert names(tmp_path) == ["a.txt"]


def test_files_beside_each_other_are_written_apart(tmp_path):
    with replacing(tmp_path / "a.json") as one, replacing(tmp_path / "a.txt") as other:
        one.write_text("1", encoding="utf-8")
        other.write_text("2", encoding="utf-8")
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == "1"


# --- folders -------------------------------------------------------------------------------------


def fill(folder, text):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.txt").write_text(text, encoding="utf-8")
    return folder


def read(folder):
    return (folder / "a.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("before", [False, True])
def test_a_folder_takes_the_place_of_another(tmp_path, before):
    path = tmp_path / "pack"
    if before:
        fill(path, "old")
        (path / "more.txt").write_text("", encoding="utf-8")
    with replacing_folder(path) as aside:
        fill(aside, "new")
    assert names(path) == ["a.txt"]
    assert read(path) == "new"
    assert names(tmp_path) == ["pack"]


def test_a_folder_whose_making_fails_never_appears(tmp_path):
    def make():
        with replacing_folder(tmp_path / "pack") as aside:
            fill(aside, "half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make()
    assert names(tmp_path) == []


def test_the_old_folder_comes_back_when_the_new_one_cannot_be_put_there(tmp_path):
    path = fill(tmp_path / "pack", "old")
    with pytest.raises(FileNotFoundError):
        swap_folder(tmp_path / "gone", path)
    assert read(path) == "old"
    assert names(tmp_path) == ["pack"]


def test_a_swap_cut_between_its_two_renames_is_mended_by_the_next(tmp_path):
    path = tmp_path / "pack"
    fill(tmp_path / ".pack.old", "old")  # where the power failed
    with replacing_folder(path) as aside:
        fill(aside, "new")
    assert read(path) == "new"
    assert names(tmp_path) == ["pack"]


def test_an_old_folder_left_over_does_not_stop_a_swap(tmp_path):
    path = fill(tmp_path / "pack", "old")
    fill(tmp_path / ".pack.old", "older")
    swap_folder(fill(tmp_path / "new", "new"), path)
    assert read(path) == "new"
    assert names(tmp_path) == ["pack"]


# --- content -------------------------------------------------------------------------------------


def test_text_is_utf8_with_unix_line_ends(tmp_path):
    write_text(tmp_path / "a.txt", "Ynys Môn\n北\n")
    assert (tmp_path / "a.txt").read_bytes() == "Ynys Môn\n北\n".encode()


def test_equal_content_gives_equal_bytes(tmp_path):
    write_json(tmp_path / "a.json", {"b": [1, None], "a": "é"})
    write_json(tmp_path / "b.json", {"a": "é", "b": [1, None]})
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert read_json(tmp_path / "a.json") == {"a": "é", "b": [1, None]}


def test_what_json_cannot_hold_leaves_no_file(tmp_path):
    with pytest.raises(TypeError):
        write_json(tmp_path / "a.json", {"a": object()})
    assert names(tmp_path) == []


def test_hashes_are_those_of_the_bytes(tmp_path):
    fill(tmp_path, "x")
    fill(tmp_path / "in/side", "")
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    assert sha256(tmp_path / "a.txt") == hashlib.sha256(b"x").hexdigest()
    assert hash_tree(tmp_path, leave_out=frozenset({"manifest.json"})) == {
        "a.txt": hashlib.sha256(b"x").hexdigest(),
        "in/side/a.txt": hashlib.sha256(b"").hexdigest(),
    }
    assert list(json.loads(json.dumps(hash_tree(tmp_path)))) == [
        "a.txt",
        "in/side/a.txt",
        "manifest.json",
    ]


def test_a_name_is_left_out_at_the_top_only(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/manifest.json").write_text("{}", encoding="utf-8")
    assert list(hash_tree(tmp_path, leave_out=frozenset({"manifest.json"}))) == ["in/manifest.json"]


def test_an_empty_or_missing_folder_has_no_hashes(tmp_path):
    assert hash_tree(tmp_path) == hash_tree(tmp_path / "none") == {}
