"""A pack is what was released, or every difference is named."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from risk_engine.errors import IntegrityError, RefusedError
from risk_engine.files import hash_tree, sha256, write_json
from risk_engine.release.verify import verify_pack

ABOUT = {
    "release_id": "R-1",
    "approved_by": "Sam Reviewer",
    "expires_at": "2026-01-13T09:30:00+00:00",
}


@pytest.fixture
def pack(tmp_path, ledger):
    folder = tmp_path / "R-1"
    (folder / "north").mkdir(parents=True)
    (folder / "briefing.html").write_text("page", encoding="utf-8")
    (folder / "north/places.csv").write_text("a,b\n", encoding="utf-8")
    write_json(folder / "manifest.json", ABOUT | {"files": hash_tree(folder)})
    content = {"release_id": "R-1", "manifest": sha256(folder / "manifest.json")}
    ledger.append("release", actor="Sam Reviewer", run_id="r", content=content)
    return folder


def test_a_pack_as_it_was_released(pack, ledger):
    verified = verify_pack(pack, ledger)
    assert (verified.release_id, verified.files, verified.approved_by) == ("R-1", 2, "Sam Reviewer")
    assert verified.expires_at == datetime(2026, 1, 13, 9, 30, tzinfo=UTC)
    assert verified.on_ledger
    assert not verify_pack(pack, None).on_ledger


@pytest.mark.parametrize("name", ["briefing.html", "north/places.csv"])
def test_every_byte_of_every_file_counts(pack, ledger, name):
    path = pack / name
    whole = path.read_bytes()
    for position in range(len(whole)):
        changed = bytearray(whole)
        changed[position] ^= 1
        path.write_bytes(changed)
        with pytest.raises(IntegrityError, match=f"changed: {name}"):
            verify_pack(pack, ledger)


@pytest.mark.parametrize("name", ["briefing.html", "north/places.csv"])
def test_a_missing_file_is_named(pack, ledger, name):
    (pack / name).unlink()
    with pytest.raises(IntegrityError, match=f"missing: {name}"):
        verify_pack(pack, ledger)


@pytest.mark.parametrize("name", ["more.csv", "north/more.csv", "north/manifest.json", ".hidden"])
def test_an_added_file_is_named(pack, ledger, name):
    (pack / name).write_text("", encoding="utf-8")
    with pytest.raises(IntegrityError, match=f"added: {name}"):
        verify_pack(pack, ledger)


def test_every_difference_is_named_at_once(pack, ledger):
    (pack / "briefing.html").write_text("other", encoding="utf-8")
    (pack / "north/places.csv").rename(pack / "north/changed.csv")
    with pytest.raises(
        IntegrityError,
        match=r"changed: briefing\.html; missing: north/places\.csv; added: north/changed\.csv",
    ):
        verify_pack(pack, ledger)


@pytest.mark.parametrize(
    "change", [{"approved_by": "Eve"}, {"expires_at": "2099-01-01T00:00:00+00:00"}]
)
def test_a_rewritten_manifest_is_not_the_one_on_the_ledger(pack, ledger, change):
    write_json(pack / "manifest.json", ABOUT | {"files": verify_files(pack)} | change)
    with pytest.raises(IntegrityError, match="not the one on the ledger"):
        verify_pack(pack, ledger)


def test_a_release_that_was_never_recorded(pack, ledger):
    write_json(pack / "manifest.json", ABOUT | {"release_id": "R-2", "files": verify_files(pack)})
    with pytest.raises(IntegrityError) as caught:
        verify_pack(pack, ledger)
    assert caught.value.code == "NOT_ON_LEDGER"


def verify_files(pack):
    return hash_tree(pack, leave_out=frozenset({"manifest.json"}))


def test_a_folder_without_a_manifest(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(RefusedError) as caught:
            verify_pack(folder, None)
        assert caught.value.code == "NO_MANIFEST"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"release_id": "R-1"}',
        b'{"release_id": "R", "approved_by": "S", "expires_at": "soon", "files": {}}',
        b'{"release_id": "R", "approved_by": "S", "expires_at": null, "files": {}}',
        b'{"release_id": "R", "approved_by": "S", "expires_at": "2026-01-01", "files": null}',
        b'{"release_id": "R", "approved_by": "S", "expires_at": "2026-01-01", "files": []}',
    ],
)
def test_a_manifest_that_is_none(pack, text):
    (pack / "manifest.json").write_bytes(text)
    with pytest.raises(IntegrityError, match="is not the manifest of a release"):
        verify_pack(pack, None)


def test_no_pack_is_verified_against_a_broken_ledger(pack, ledger):
    ledger.path.write_bytes(ledger.path.read_bytes().replace(b"Sam", b"Ros"))
    with pytest.raises(IntegrityError) as caught:
        verify_pack(pack, ledger)
    assert caught.value.code == "LEDGER_BROKEN"
