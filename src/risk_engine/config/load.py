"""YAML -> pydantic model, with every fault placed on its line.

ruamel.yaml (YAML 1.2: ``no`` stays a word, duplicate keys are errors) keeps line numbers; pydantic
says what is wrong; this module joins the two.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import ScalarNode

from risk_engine.errors import ConfigError, Fault, suggest

M = TypeVar("M", bound=BaseModel)


class _AsWritten(RoundTripConstructor):
    """Dates, and numbers such as ``01`` or ``1.10``, stay text: the model reads what was meant."""


def _number(constructor: RoundTripConstructor, node: ScalarNode) -> Any:
    value = RoundTripConstructor.yaml_constructors[node.tag](constructor, node)
    return value if str(value) == node.value else node.value


_AsWritten.add_constructor("tag:yaml.org,2002:int", _number)
_AsWritten.add_constructor("tag:yaml.org,2002:float", _number)
_AsWritten.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)


def load_model(model: type[M], path: Path, *, shown: str | None = None) -> M:
    """Read one YAML file into `model`.

    Parameters
    ----------
    model
        The pydantic model to build.
    path
        The file to read (UTF-8).
    shown
        Name of the file in messages; the path when not given.

    Raises
    ------
    ConfigError
        With every fault of the file, each with its line.
    """
    name = shown or str(path)
    tree = _read_yaml(path, name)
    if not isinstance(tree, CommentedMap):
        raise ConfigError.one("is not a table of keys and values", file=name)
    try:
        return model.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(_faults(error, tree, model, name)) from None


def content_hash(*values: BaseModel | dict[str, Any] | str) -> str:
    """SHA-256 over settings, independent of key order and layout of the YAML."""
    digest = hashlib.sha256()
    for value in values:
        data = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
        digest.update(json.dumps(data, sort_keys=True, default=str).encode())
    return digest.hexdigest()


def _read_yaml(path: Path, name: str) -> Any:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError.one("there is no such file", file=name) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError.one(f"cannot be read: {type(error).__name__}", file=name) from None
    try:
        reader = YAML(typ="rt")
        reader.Constructor = _AsWritten
        return reader.load(text)
    except DuplicateKeyError as error:
        message, line = "a key is given twice", _mark_line(error)
    except MarkedYAMLError as error:
        message, line = f"is not valid YAML: {error.problem}", _mark_line(error)
    except YAMLError as error:
        message, line = f"is not valid YAML: {error}", 0
    raise ConfigError.one(message, file=name, line=line)


def _mark_line(error: MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return int(mark.line) + 1 if mark else 0


def _faults(
    error: ValidationError, tree: CommentedMap, model: type[BaseModel], name: str
) -> list[Fault]:
    faults = []
    for item in error.errors():
        location = _in_tree(item["loc"], tree)
        faults.append(
            Fault(name, _line(location, tree), _dotted(location), _message(dict(item), model))
        )
    return faults


def _in_tree(loc: Sequence[int | str], tree: Any) -> list[int | str]:
    """Drop the parts of pydantic's location that name a type rather than a key of the file."""
    node, path = tree, []
    for position, part in enumerate(loc):
        last = position == len(loc) - 1
        if isinstance(node, CommentedMap) and (part in node or last):
            path.append(part)
            node = node.get(part)
        elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
            path.append(part)
            node = node[part]
    return path


def _line(location: Sequence[int | str], tree: Any) -> int:
    node, line = tree, 1
    for part in location:
        try:
            line = (
                int(
                    node.lc.key(part)[0]
                    if isinstance(node, CommentedMap)
                    else node.lc.item(part)[0]
                )
                + 1
            )
            node = node[part]
        except (KeyError, IndexError, AttributeError, TypeError):
            break  # a missing key: the line of its parent is where to add it
    return line


def _dotted(location: Sequence[int | str]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _message(item: dict[str, Any], model: type[BaseModel]) -> str:
    kind, loc = item["type"], item["loc"]
    if kind == "extra_forbidden":
        allowed = _keys_at(model, loc[:-1])
        listing = f"; allowed: {', '.join(sorted(allowed))}" if allowed else ""
        return f"'{loc[-1]}' is not a known key{suggest(str(loc[-1]), allowed)}{listing}"
    if kind == "missing":
        return "is required and not given"
    text = str(item["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    found = item.get("input")
    if kind.startswith(("value_error", "assertion")) or isinstance(found, dict | list):
        return text
    return f"found {found!r}: {text}"


def _keys_at(model: type[BaseModel], loc: Sequence[int | str]) -> list[str]:
    """Return the keys allowed at a location, by walking the model's annotations."""
    here: list[Any] = [model]
    for part in loc:
        below: list[Any] = []
        for kind in here:
            if _is_model(kind) and part in (fields := _fields(kind)):
                below += _models_in(fields[str(part)].annotation)
            elif _is_model(kind):
                below.append(kind)  # an index or a key of a mapping: stay with the item type
        here = below
    return [name for kind in here if _is_model(kind) for name in _fields(kind)]


def _fields(kind: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a model by the key that the file uses."""
    return {field.alias or name: field for name, field in kind.model_fields.items()}


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _models_in(annotation: Any) -> list[Any]:
    if _is_model(annotation):
        return [annotation]
    if get_origin(annotation) in {Union, UnionType, list, tuple, dict} or get_args(annotation):
        return [found for part in get_args(annotation) for found in _models_in(part)]
    return []
