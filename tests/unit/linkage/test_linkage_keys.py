from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from risk_engine.config.run import Linkage
from risk_engine.errors import BusyError, InputError, RefusedError, RiskEngineError, UsageError
from risk_engine.files import fingerprint
from risk_engine.linkage import read_key
from risk_engine.linkage.keys import new_key_file, pseudonyms

GOOD = "0123456789abcdef" * 4


@pytest.fixture
def nothing_set(monkeypatch):
    monkeypatch.delenv("RISK_ENGINE_PSEUDONYM_KEY", raising=False)
    return monkeypatch


def test_from_the_environment_before_the_file(nothing_set, tmp_path):
    (tmp_path / "other.key").write_text("ff" * 32)
    config = Linkage(key_file="other.key")
    assert read_key(config, lambda path: tmp_path / path) == b"\xff" * 32
    nothing_set.setenv("RISK_ENGINE_PSEUDONYM_KEY", f" {GOOD}\n")
    assert read_key(config, lambda path: tmp_path / path) == bytes.fromhex(GOOD)


@pytest.mark.parametrize("config", [Linkage(), Linkage(key_file="absent.key")])
def test_missing_says_how_to_make_one(nothing_set, tmp_path, config):
    with pytest.raises(InputError, match="KEY_MISSING") as error:
        read_key(config, lambda path: tmp_path / path)
    assert "token_hex(32)" in str(error.value)


@pytest.mark.parametrize("text", ["abcd", "g" * 64, GOOD[:31], GOOD + "a"])
def test_unusable_is_refused_without_showing_it(nothing_set, text):
    nothing_set.setenv("RISK_ENGINE_PSEUDONYM_KEY", text)
    with pytest.raises(InputError, match=f"found {len(text)} characters") as error:
        read_key(Linkage(), lambda path: path)
    assert error.value.code == "KEY_UNUSABLE"
    assert text not in str(error.value)


def test_a_file_that_is_no_text_is_refused(nothing_set, tmp_path):
    (tmp_path / "x.key").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        read_key(Linkage(key_file="x.key"), lambda path: tmp_path / path)


def test_pseudonyms_depend_on_anchor_and_key_alone():
    first = pseudonyms(["a", "b", "a"], b"k" * 32)
    assert first[0] == first[2] != first[1]
    assert pseudonyms(["a"], b"l" * 32) != first[:1]


CONFIG = Linkage(key_file="secret.key")
OLD = bytes.fromhex(GOOD)


@pytest.fixture
def folder(nothing_set, tmp_path):
    """Hold a key file and nothing else."""
    (tmp_path / "secret.key").write_text(f"{GOOD}\n")
    return tmp_path


def key_in(folder):
    return read_key(CONFIG, lambda path: folder / path)


def rotate(folder):
    with new_key_file(CONFIG, lambda path: folder / path) as made:
        return made


def files(folder):
    """Return what is in a folder but lock files."""
    return {path.name for path in folder.iterdir() if path.suffix != ".lock"}


def test_a_new_key_takes_the_place_of_the_old_one_which_is_kept(folder):
    made = rotate(folder)
    new = key_in(folder)
    assert len(new) == 32
    assert new != OLD
    assert (made.old, made.new) == (fingerprint(OLD), fingerprint(new))
    assert made.retired == folder / f"secret.key.retired-{made.old}"
    assert made.retired.read_text() == f"{GOOD}\n"
    assert files(folder) == {"secret.key", made.retired.name}
    again = rotate(folder)
    assert again.old == made.new
    assert len(files(folder)) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_only_the_owner_may_read_old_and_new_keys(folder):
    (folder / "secret.key").chmod(0o644)
    left = folder / ".secret.writing.key"  # of a process that was killed
    left.write_text("half")
    left.chmod(0o666)
    made = rotate(folder)
    assert (folder / "secret.key").stat().st_mode & 0o777 == 0o600
    assert made.retired.stat().st_mode & 0o777 == 0o600


def test_a_key_behind_a_link_is_replaced_where_it_is(folder):
    (folder / "real").mkdir()
    (folder / "secret.key").rename(folder / "real/the.key")
    (folder / "secret.key").symlink_to(folder / "real/the.key")
    made = rotate(folder)
    assert (folder / "secret.key").is_symlink()
    assert made.retired.parent == folder / "real"
    assert fingerprint(key_in(folder)) == made.new


def test_what_goes_wrong_while_it_is_recorded_puts_the_old_key_back(folder):
    def record():
        with new_key_file(CONFIG, lambda path: folder / path):
            assert key_in(folder) != OLD
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record()
    assert key_in(folder) == OLD
    assert files(folder) == {"secret.key"}


@pytest.mark.parametrize("step", ["touch", "write_text", "replace"])
@pytest.mark.parametrize("turn", [1, 2])
def test_a_step_that_fails_leaves_the_old_key_and_can_be_done_again(folder, step, turn):
    calls, real = [], getattr(Path, step)

    def fails(self, *arguments, **options):
        calls.append(self)
        if len(calls) == turn:
            raise OSError(28, "No space left on device")
        return real(self, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, step, fails)
        with pytest.raises(RiskEngineError, match="No space left"):
            rotate(folder)
    assert len(calls) == turn
    assert key_in(folder) == OLD
    made = rotate(folder)
    assert files(folder) == {"secret.key", made.retired.name}
    assert fingerprint(key_in(folder)) == made.new


_KILLED = """
import os, sys
from pathlib import Path
from risk_engine.config.run import Linkage
from risk_engine.linkage.keys import new_key_file

folder, turn, done, real = Path(sys.argv[1]), int(sys.argv[2]), [], Path.replace

def replace(self, target):
    if len(done) == turn:
        os._exit(9)
    done.append(real(self, target))

Path.replace = replace
with new_key_file(Linkage(key_file="secret.key"), lambda path: folder / path):
    os._exit(9)
"""


@pytest.mark.parametrize("turn", [0, 1, 2])
def test_killed_between_any_two_steps_there_is_a_key_and_none_is_lost(folder, turn):
    command = [sys.executable, "-c", _KILLED, str(folder), str(turn)]
    left = subprocess.run(command, env=dict(os.environ), check=False)
    assert left.returncode == 9
    kept = folder / f"secret.key.retired-{fingerprint(OLD)}"
    assert key_in(folder) == OLD or (turn == 2 and kept.read_text() == f"{GOOD}\n")
    before = key_in(folder)
    made = rotate(folder)
    assert made.old == fingerprint(before)
    assert not [name for name in files(folder) if "writing" in name]


def test_a_key_in_the_environment_cannot_be_rotated_from_here(folder, monkeypatch):
    monkeypatch.setenv("RISK_ENGINE_PSEUDONYM_KEY", GOOD)
    with pytest.raises(UsageError, match="KEY_IN_ENVIRONMENT") as error:
        rotate(folder)
    assert "token_hex(32)" in error.value.hint
    assert GOOD not in str(error.value)
    assert files(folder) == {"secret.key"}


@pytest.mark.parametrize("config", [Linkage(), Linkage(key_file="absent.key")])
def test_where_there_is_no_key_none_is_made(nothing_set, tmp_path, config):
    with (
        pytest.raises(InputError, match="KEY_MISSING"),
        new_key_file(config, lambda path: tmp_path / path),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_kept_key_is_never_overwritten(folder):
    kept = folder / f"secret.key.retired-{fingerprint(OLD)}"
    kept.write_text("ff" * 32)
    with pytest.raises(RefusedError, match="holds another key") as error:
        rotate(folder)
    assert error.value.code == "KEY_KEPT"
    assert kept.read_text() == "ff" * 32
    assert key_in(folder) == OLD


def test_two_cannot_rotate_at_once(folder):
    with FileLock(folder / ".secret.key.lock"), pytest.raises(BusyError):
        rotate(folder)
    assert key_in(folder) == OLD
