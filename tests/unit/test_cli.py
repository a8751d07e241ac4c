"""How the command line ends: status, words and JSON, whatever happened inside a verb."""

from __future__ import annotations

import json
import signal

import pytest

from risk_engine import cli
from risk_engine.cli import week
from risk_engine.errors import RefusedError


@pytest.fixture
def ends(monkeypatch, capsys):
    """Let `gate` fail with an error; return status, standard output and standard error."""

    def end(error, *arguments):
        def fail(*_):
            raise error

        monkeypatch.setattr(week, "open_run", fail)
        with pytest.raises(SystemExit) as left:
            cli.main(["gate", "latest", *arguments])
        told = capsys.readouterr()
        return left.value.code, told.out, told.err

    return end


def test_an_error_of_the_engine_has_its_status_code_and_hint(ends):
    status, out, err = ends(RefusedError("not yet", hint="sign it"))
    assert (status, out) == (4, "")
    assert err == "risk-engine: not yet [REFUSED]\n  -> sign it\n"


def test_with_json_the_error_is_the_one_object(ends):
    status, out, _ = ends(RefusedError("not yet", hint="sign it"), "--json")
    assert status == 4
    assert json.loads(out) == {
        "error": {"code": "REFUSED", "message": "not yet", "hint": "sign it"}
    }


def test_a_fault_of_the_engine_itself_tells_where_and_never_what_was_in_a_cell(ends):
    status, out, err = ends(ValueError("could not convert 'Amina Khan'"), "--json")
    assert status == 1
    assert json.loads(out)["error"]["code"] == "INTERNAL"
    assert "ValueError at entry.py:" in err
    assert "> week.py:" in err
    assert "Amina" not in out + err


def test_the_whole_error_is_shown_when_it_is_asked_for(ends, monkeypatch):
    monkeypatch.setenv("RISK_ENGINE_DEBUG", "1")
    with pytest.raises(ValueError, match="cell"):
        ends(ValueError("cell"))


def test_a_full_disk_is_said_as_such(ends):
    status, _, err = ends(OSError(28, "No space left on device", "runs"))
    assert status == 1
    assert "No space left on device: runs [DISK]" in err


def test_an_interrupt_ends_with_its_own_status(ends):
    status, _, err = ends(KeyboardInterrupt())
    assert status == 130
    assert err.startswith("stopped;")


def test_an_interrupt_stays_one_whatever_error_a_library_makes_of_it(monkeypatch, capsys):
    def caught(*_: object) -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise RuntimeError("query failed") from None

    monkeypatch.setattr(week, "open_run", caught)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(SystemExit) as left:
        cli.main(["gate", "latest"])
    assert left.value.code == 130
    assert capsys.readouterr().err.startswith("stopped;")
    assert signal.getsignal(signal.SIGINT) is before


def test_a_wrong_option_is_a_usage_error_in_json_too(capsys):
    with pytest.raises(SystemExit) as left:
        cli.main(["gate", "latest", "--nosuch", "--json"])
    assert left.value.code == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "USAGE"
