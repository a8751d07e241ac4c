"""What a room says is public is what can be imported from it, and nothing else."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from types import ModuleType

import pytest

import risk_engine

ROOMS = [
    "risk_engine",
    *sorted(
        module.name
        for module in pkgutil.walk_packages(risk_engine.__path__, "risk_engine.")
        if module.ispkg
    ),
]


def order(name):
    """Constants, then classes, then functions, each by name: the order the linter keeps."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def exported(room):
    """Names that the room's ``__init__`` brings in from elsewhere."""
    with open(room.__file__, encoding="utf-8") as stream:  # noqa: PTH123 - a module's own file
        tree = ast.parse(stream.read())
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    return {alias.asname or alias.name for node in imports for alias in node.names} - {
        "annotations"
    }


def test_the_rooms_are_found():
    assert {"risk_engine.config", "risk_engine.places", "risk_engine.release"} <= set(ROOMS)


@pytest.mark.parametrize("name", ROOMS)
def test_all_is_what_is_there(name):
    room = importlib.import_module(name)
    public = getattr(room, "__all__", [])
    assert list(public) == sorted(set(public), key=order)
    assert all(hasattr(room, word) for word in public)
    assert exported(room) == set(public)
    there = {
        word
        for word, value in vars(room).items()
        if not word.startswith("_") and not isinstance(value, ModuleType) and word != "annotations"
    }
    assert there == {word for word in public if not word.startswith("_")}


@pytest.mark.parametrize("name", ROOMS)
def test_everything_public_says_what_it_is(name):
    room = importlib.import_module(name)
    assert room.__doc__
    for word in getattr(room, "__all__", []):
        value = getattr(room, word)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert value.__doc__, f"{name}.{word}"
