"""Protected characteristics pass through few hands and are opened by one: read from the code.

Names and tables are looked up in the syntax tree of every module, so that a new reader of the table
fails here before it reads anything.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pandas as pd
import pytest

import risk_engine
from risk_engine.errors import RefusedError
from risk_engine.runs import RESTRICTED, TRANSIENT, Run

PACKAGE = Path(risk_engine.__file__).parent
MODULES = {
    path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
}
TABLES = {"protected", "record_protected"}
#: Whole files in which the tables may be named, each for a reason.
MAY_NAME = {
    "config/contract.py": "the contract says which fields of a source hold them",
    "events.py": "the schema of the table",
    "runs.py": "the list of restricted tables",
}
#: Rooms that make, key or open the tables.
MAY_HANDLE = ("audit/", "linkage/", "partners/", "synthetic/")
#: Chapters that hand them on (arrivals, linking) or open them (fairness), and which of their
#: functions may.
CHAPTERS = {
    "chapters/arrivals.py": {"partners_chapter"},
    "chapters/linking.py": {"linkage_chapter"},
    "chapters/fairness.py": {"audit_chapter", "_audit_linkage", "_audit_people"},
}
#: What never knows the audit from inside.
STRANGERS = (
    "cohorts/", "features/", "hotspots/", "partners/", "places/", "linkage/", "release/",
    "reports/", "synthetic/", "config/", "tracking.py", "runs.py", "events.py", "engine/",
    "disclosure.py",
)  # fmt: skip
OPENERS = {
    "by_group",
    "bygroup",
    "characteristic_values",
    "characteristics",
    "audit_people",
    "people",
}


def names_protected(node):
    """Say whether a node names the tables: as text, as a variable or as an argument."""
    if isinstance(node, ast.Constant):
        return node.value in TABLES if isinstance(node.value, str) else False
    if isinstance(node, ast.ImportFrom):
        return any(alias.name == "PROTECTED_SCHEMA" for alias in node.names)
    fields = {ast.Name: "id", ast.arg: "arg", ast.Attribute: "attr", ast.keyword: "arg"}
    field = fields.get(type(node))
    return field is not None and "protected" in (getattr(node, field) or "")


def mentions(tree):
    """Return the top-level functions (or ``<module>``) that name the tables."""
    found = set()
    for part in tree.body:
        owner = part.name if isinstance(part, ast.FunctionDef | ast.ClassDef) else "<module>"
        if any(names_protected(node) for node in ast.walk(part)):
            found.add(owner)
    return found


def calls(tree, method):
    """Return ``(function, first argument)`` of every call of a method, the argument as code."""
    found = set()
    for part in tree.body:
        for node in ast.walk(part):
            if isinstance(node, ast.Attribute) and node.attr == method:
                found.add((getattr(part, "name", "<module>"), _argument(part, node)))
    return found


def _argument(part, attribute):
    for node in ast.walk(part):
        if isinstance(node, ast.Call) and node.func is attribute and node.args:
            return ast.unparse(node.args[0])
    return "?"  # handed on uncalled: nobody can tell what will be read


def imported(tree):
    """Return dotted names of everything that a module imports, late imports included."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


# --- the tests can fail --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "def f(run): return run.scan('protected')",
        "def f(run): return run.scan('record_protected')",
        "def f(protected): return 1",
        "def f(x): return g(protected=x)",
        "def f(found): return found.protected",
        "def f():\n    from risk_engine.events import PROTECTED_SCHEMA\n",
    ],
)
def test_a_mention_would_be_found(code):
    assert mentions(ast.parse(code)) == {"f"}


def test_prose_is_no_mention():
    code = 'def f():\n    """No protected data."""\n    raise ValueError("a protected value")\n'
    assert mentions(ast.parse(code)) == set()


def test_a_reader_would_be_found_called_or_handed_on():
    code = "def f(run, name):\n    run.read_restricted(name)\n    return run.read_restricted\n"
    assert calls(ast.parse(code), "read_restricted") == {("f", "name"), ("f", "?")}


# --- who names the tables ------------------------------------------------------------------------


def test_there_are_modules_to_look_at():
    assert {"pipeline.py", "runs.py", "audit/people.py", "tracking.py", *CHAPTERS} <= set(MODULES)


@pytest.mark.parametrize(
    "module",
    [
        name
        for name in MODULES
        if not name.startswith(MAY_HANDLE) and name not in {*MAY_NAME, *CHAPTERS}
    ],
)
def test_no_other_module_names_the_protected_tables(module):
    assert mentions(MODULES[module]) == set()


def test_only_four_chapters_of_the_week_name_them():
    for module, functions in CHAPTERS.items():
        assert mentions(MODULES[module]) <= functions
    assert "audit_chapter" in mentions(MODULES["chapters/fairness.py"])


def test_one_chapter_opens_restricted_tables_each_by_name():
    readers = {
        (name, *call) for name, tree in MODULES.items() for call in calls(tree, "read_restricted")
    }
    assert {reader[:2] for reader in readers} == {("chapters/fairness.py", "audit_chapter")}
    assert (
        {"'protected'"} <= {table for *_, table in readers} <= {f"'{name}'" for name in RESTRICTED}
    )


def test_nobody_walks_round_the_reader_to_the_files():
    assert {
        name
        for name, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and (node.value == "restricted" or "restricted/" in node.value)
        and name != "runs.py"
    } == set()
    users = {name for name, tree in MODULES.items() if calls(tree, "table_path")}
    assert users <= {"runs.py", "tracking.py"}


def test_no_restricted_table_is_logged_beside_the_models():
    texts = {
        node.value
        for node in ast.walk(MODULES["tracking.py"])
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert texts & RESTRICTED == set()


# --- who knows the audit -------------------------------------------------------------------------


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith(STRANGERS)])
def test_no_room_before_or_after_the_audit_imports_it(module):
    assert {
        name for name in imported(MODULES[module]) if name.startswith("risk_engine.audit")
    } == set()


@pytest.mark.parametrize(
    "module",
    [n for n in MODULES if n != "chapters/fairness.py" and not n.startswith("audit/")],
)
def test_only_the_week_calls_what_opens_protected_data(module):
    parts = {
        part
        for name in imported(MODULES[module])
        if name.startswith("risk_engine.audit")
        for part in name.split(".")[2:]
    }
    assert parts & OPENERS == set()


# --- the run folder refuses ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["protected", "record_protected"])
def test_the_run_refuses_an_ordinary_reader(tmp_path, name):
    run = Run("r", tmp_path)
    run.write(name, pd.DataFrame({"person_id": ["p1"], "value": ["x"]}))
    for read in (run.read, run.read_places):
        with pytest.raises(RefusedError) as caught:
            read(name)
        assert caught.value.code == "RESTRICTED_TABLE"
        assert "p1" not in str(caught.value)


def test_the_tables_are_restricted_and_those_by_record_do_not_last():
    assert TABLES <= RESTRICTED
    assert "record_protected" in TRANSIENT
