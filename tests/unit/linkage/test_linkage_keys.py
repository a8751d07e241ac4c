from __future__ import annotations

import pytest

from risk_engine.config.run import Linkage
from risk_engine.errors import InputError
from risk_engine.linkage import read_key
from risk_engine.linkage.keys import pseudonyms

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
