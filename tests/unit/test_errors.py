"""Errors carry a code, a hint and an exit status that means something."""

from __future__ import annotations

import pytest

from risk_engine import errors
from risk_engine.errors import ConfigError, Fault, InputError, RiskEngineError, suggest

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, RiskEngineError)
]


def test_an_error_says_its_code_and_what_to_do():
    error = InputError("police.csv: row 3 has no date", hint="ask the sender", code="NO_DATE")
    assert str(error) == "police.csv: row 3 has no date [NO_DATE]\n  -> ask the sender"
    assert (error.message, error.hint) == ("police.csv: row 3 has no date", "ask the sender")


def test_an_error_without_hint_is_one_line_with_the_code_of_its_kind():
    assert str(InputError("no rows")) == "no rows [INPUT]"


def test_every_kind_has_a_code_of_its_own_and_never_exits_well():
    assert len(KINDS) == 7
    assert len({kind.code for kind in KINDS}) == len(KINDS)
    assert all(kind.exit_code > 0 for kind in KINDS)


def test_a_code_of_one_error_does_not_stay_with_its_kind():
    InputError("x", code="SPECIAL")
    assert InputError("y").code == "INPUT"


def test_faults_are_printed_once_in_file_and_line_order():
    faults = [
        Fault("b.yaml", 1, "", "x"),
        Fault("a.yaml", 10, "k", "y"),
        Fault("a.yaml", 9, "k", "z"),
    ]
    error = ConfigError([*faults, faults[0]])
    assert str(error) == (
        "3 faults in the configuration:\n  a.yaml:9: k: z\n  a.yaml:10: k: y\n"
        "  b.yaml:1: x [CONFIG]"
    )
    assert len(error.faults) == 3


def test_one_fault_is_singular_and_a_whole_file_has_no_line():
    error = ConfigError.one("there is no such file", file="a.yaml")
    assert str(error) == "1 fault in the configuration:\n  a.yaml: there is no such file [CONFIG]"


@pytest.mark.parametrize(
    ("word", "allowed", "said"),
    [
        ("windws", ["where", "windows"], " (did you mean 'windows'?)"),
        ("zzz", ["windows"], ""),
        ("x", [], ""),
        ("", ["windows"], ""),
        ("cohort", {"cohorts": 1}, " (did you mean 'cohorts'?)"),
    ],
)
def test_suggestions(word, allowed, said):
    assert suggest(word, allowed) == said
