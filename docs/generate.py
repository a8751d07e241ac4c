"""Write the reference pages from the code: command line, configuration, JSON schemas.

Usage: ``python docs/generate.py`` writes, ``python docs/generate.py --check`` says what is stale.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from typer.main import get_command

from risk_engine.cli import app
from risk_engine.config.areas import AreasConfig
from risk_engine.config.catalogue import FeatureFile
from risk_engine.config.cohort import CohortSpec
from risk_engine.config.contract import CodeList, Contract
from risk_engine.config.definition import OffenceDefinition
from risk_engine.config.hotspots import HotspotSpec
from risk_engine.config.linkage import LinkageSpec, TableSpec
from risk_engine.config.policy import AuditPolicy
from risk_engine.config.run import RunConfig

REFERENCE = Path(__file__).parent / "reference"
MODELS: dict[str, tuple[type[BaseModel], str]] = {
    "run": (RunConfig, "configs/*.yaml"),
    "areas": (AreasConfig, "configs/areas.yaml"),
    "contract": (Contract, "configs/partners/*.yaml"),
    "codes": (CodeList, "configs/codes/*.yaml"),
    "definition": (OffenceDefinition, "configs/definitions/*.yaml"),
    "features": (FeatureFile, "features/person/*.yaml, features/place/*.yaml"),
    "hotspots": (HotspotSpec, "models/specs/hotspots_*.yaml"),
    "cohort": (CohortSpec, "models/specs/sv_*.yaml"),
    "linkage": (LinkageSpec, "models/specs/linkage.yaml"),
    "table": (TableSpec, "what `risk-engine link --spec` reads"),
    "policy": (AuditPolicy, "models/specs/audit_*.yaml"),
}


def main() -> int:
    """Write the pages, or with --check compare them with what is there."""
    pages = {"cli.md": cli_page(), "config.md": config_page()}
    for name, (model, _) in MODELS.items():
        schema = json.dumps(model.model_json_schema(), indent=2, sort_keys=True)
        pages[f"schema/{name}.json"] = schema + "\n"
    if "--check" in sys.argv[1:]:
        stale = [name for name, text in pages.items() if _read(REFERENCE / name) != text]
        print(f"stale: {', '.join(stale)}; run `make docs`" if stale else "reference: current")
        return 1 if stale else 0
    for name, text in pages.items():
        (REFERENCE / name).parent.mkdir(parents=True, exist_ok=True)
        (REFERENCE / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


def cli_page() -> str:
    """Return the help of every verb, as the command prints it."""
    os.environ["COLUMNS"] = "96"
    group: Any = get_command(app)
    parts = ["# The command line\n\nGenerated from the command's own help by `make docs`.\n"]
    for name, command in [("", group), *group.commands.items()]:
        context = command.make_context(f"risk-engine {name}".strip(), [], resilient_parsing=True)
        context.terminal_width = 96
        title = f"risk-engine {name}".strip()
        parts.append(f"## {title}\n\n```\n{command.get_help(context).strip()}\n```\n")
    return "\n".join(parts)


def config_page() -> str:
    """Return every key that an analyst may write, with its default and meaning."""
    parts = [
        """# Configuration

Generated from the models by `make docs`. For completion in an editor, point it at the JSON schemas
in `docs/reference/schema/`.
"""
    ]
    for name, (model, where) in MODELS.items():
        parts.append(f"## {name} (`{where}`)\n")
        schema = model.model_json_schema()
        parts.append(_table(schema, schema))
        parts += [
            f"### {name}: {part}\n\n{_table(inner, schema)}"
            for part, inner in sorted(schema.get("$defs", {}).items())
            if "properties" in inner
        ]
    return "\n".join(parts)


def _table(schema: dict[str, Any], whole: dict[str, Any]) -> str:
    required = set(schema.get("required", []))
    lines = [schema.get("description", "").split("\n\n")[0].replace("\n", " "), ""]
    lines += ["| key | type | default | meaning |", "|---|---|---|---|"]
    for key, value in schema["properties"].items():
        default = "required" if key in required else f"`{json.dumps(value.get('default'))}`"
        meaning = " ".join(str(value.get("description", "")).split())
        cells = (f"`{key}`", _type(value, whole), default, meaning)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _type(value: dict[str, Any], whole: dict[str, Any]) -> str:
    if "$ref" in value:
        return str(value["$ref"].rsplit("/", 1)[1])
    if "anyOf" in value:
        return " or ".join(_type(part, whole) for part in value["anyOf"])
    if "enum" in value:
        return ", ".join(f"`{item}`" for item in value["enum"])
    if "const" in value:
        return f"`{value['const']}`"
    if value.get("type") == "array" and "items" in value:
        return f"list of {_type(value['items'], whole)}"
    return str(value.get("type", "any"))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
