"""The run folder: tables and facts of one run, its manifest, and how a killed run goes on.

A run works in ``runs/.partial/<run_id>`` and is renamed to ``runs/<run_id>`` when it is whole. The
run id is a hash of everything that decides the result (inputs, settings, code, date), so the same
week run twice is the same run, and a stage that was finished before a kill is not done again.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import monotonic
from typing import Any, TypeAlias

import geopandas as gpd
import ibis.expr.types as ir
import pandas as pd
from filelock import FileLock, Timeout

from risk_engine._version import __version__
from risk_engine.config import Settings
from risk_engine.engine import Engine
from risk_engine.errors import BusyError, IntegrityError, RefusedError, RiskEngineError
from risk_engine.files import (
    fingerprint,
    hash_tree,
    read_json,
    replacing,
    sha256,
    swap_folder,
    write_json,
    write_text,
)

#: Tables with personal values. They are written under ``restricted/`` (readable by the owner only);
#: those of the first group are deleted as soon as linkage has used them.
TRANSIENT = frozenset({"records", "record_events", "record_protected"})
#: What linkage remembers from week to week: pseudonyms, keyed hashes and numbers.
REMEMBERED = ("links", "lineage", "link_identities", "link_pairs", "link_about")
RESTRICTED = TRANSIENT | {
    "addresses", "people", "protected", "quarantine", "link_labels", *REMEMBERED
}  # fmt: skip

#: Files that say when and how fast, not what: they differ between two runs of the same week.
NOT_REPRODUCIBLE = frozenset({"timings.json", "manifest.json"})

LIBRARIES = (
    "duckdb", "fairlearn", "geopandas", "hdbscan", "ibis-framework", "lightgbm", "mlflow", "numpy",
    "pandas", "scikit-learn", "scipy", "shap", "splink",
)  # fmt: skip

Facts = dict[str, Any]
Table: TypeAlias = ir.Table | pd.DataFrame | gpd.GeoDataFrame


@dataclass
class Run:
    """An open or a finished run.

    Attributes
    ----------
    folder
        Where the run's files are now: the partial folder while it runs, its own when done.
    seconds
        Wall time by stage; kept apart from the facts so that those are reproducible.
    """

    run_id: str
    folder: Path
    facts: dict[str, Facts] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def stage(self, name: str, work: Callable[[], Facts]) -> Facts:
        """Do a stage once: facts of a stage finished before a kill are read back instead."""
        path = self.folder / "facts" / f"{name}.json"
        if not path.exists():
            started = monotonic()
            write_json(path, work())
            self.seconds[name] = round(monotonic() - started, 1)
        self.facts[name] = read_json(path)
        return self.facts[name]

    def table_path(self, name: str) -> Path:
        """Return where a table is or would be."""
        room = "restricted" if name in RESTRICTED else "tables"
        return self.folder / room / f"{name}.parquet"

    def write(
        self,
        name: str,
        table: Table,
        *,
        order_by: Sequence[str] = (),
        engine: Engine | None = None,
    ) -> None:
        """Write a table, rows sorted by `order_by` so that equal content gives equal bytes."""
        path = self.table_path(name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with replacing(path) as aside:
            if isinstance(table, ir.Table):
                if engine is None:
                    raise RiskEngineError(f"table {name}: writing an Ibis table needs its engine")
                engine.write(table.order_by(list(order_by)) if order_by else table, aside)
            else:
                frame = table.sort_values(list(order_by)) if order_by else table
                frame.to_parquet(aside, index=False, compression="zstd")
            aside.chmod(0o600 if name in RESTRICTED else 0o644)

    def has(self, name: str) -> bool:
        """Say whether a table was written."""
        return self.table_path(name).exists()

    def read(self, name: str) -> pd.DataFrame:
        """Read a table that anybody working on the run may see.

        Raises
        ------
        RefusedError
            For tables with personal values or protected characteristics.
        """
        self._refuse_restricted(name)
        return pd.read_parquet(self.table_path(name))

    def read_places(self, name: str) -> gpd.GeoDataFrame:
        """Read a table with geometry."""
        self._refuse_restricted(name)
        return gpd.read_parquet(self.table_path(name))

    def read_restricted(self, name: str) -> pd.DataFrame:
        """Read a restricted table. Only the linkage and audit stages may call this (by test)."""
        return pd.read_parquet(self.table_path(name))

    def scan(self, name: str, engine: Engine) -> ir.Table:
        """Open a table lazily; restricted ones too, since rows do not leave the engine."""
        return engine.read(self.table_path(name))

    def forget_records(self) -> None:
        """Delete the identifying tables once linkage is done."""
        for name in TRANSIENT:
            self.table_path(name).unlink(missing_ok=True)

    def write_page(self, name: str, html: str) -> None:
        """Write one page of the reviewer's bundle."""
        write_text(self.folder / name, html)

    def content_hash(self, *names: str) -> str:
        """SHA-256 over the bytes of tables: what an audit or a signature is bound to."""
        digest = hashlib.sha256()
        for name in sorted(names):
            path = self.table_path(name)
            digest.update(f"{name}:{sha256(path) if path.exists() else 'none'}\n".encode())
        return digest.hexdigest()

    def _refuse_restricted(self, name: str) -> None:
        if name in RESTRICTED:
            raise RefusedError(
                f"table '{name}' holds personal or protected values and is not for this reader",
                code="RESTRICTED_TABLE",
            )


def manifest(
    settings: Settings,
    as_of: datetime,
    *,
    key: bytes,
    prepared_by: str,
    decisions: Mapping[str, str] | None = None,
    before: Run | None = None,
) -> Facts:
    """Everything that decides a run's result: inputs, settings, code, libraries, seed, date.

    The pseudonym key decides the ids of people; of it only a fingerprint is kept. What people
    decided about drops (drop -> decision in words) is an input like the files themselves, and so is
    what linkage remembers of the week before.
    """
    return {
        "as_of": as_of.isoformat(),
        "code": {"version": __version__, "sha256": _code_hash()},
        "config": {"name": settings.config.name, "sha256": settings.digest()},
        "definition": {"name": settings.definition.name, "version": settings.definition.version},
        "inputs": _input_hashes(settings)
        | {f"decision on {drop}": words for drop, words in (decisions or {}).items()}
        | ({"the week before": before.content_hash(*REMEMBERED)} if before else {}),
        "key_fingerprint": fingerprint(key),
        "libraries": {name: version(name) for name in LIBRARIES},
        "policy": settings.policy.version,
        "prepared_by": prepared_by,
        "python": platform.python_version(),
        "seed": settings.config.seed,
    }


@contextmanager
def open_run(
    settings: Settings,
    as_of: datetime,
    out: Path,
    *,
    prepared_by: str,
    key: bytes = b"",
    decisions: Mapping[str, str] | None = None,
    before: Run | None = None,
    fresh: bool = False,
) -> Iterator[tuple[Run, Facts]]:
    """Open the run of a week: a new one, one to go on with, or one that is already whole.

    Parameters
    ----------
    out
        Folder of all runs.
    prepared_by
        Name of the person who runs it.
    key
        The pseudonym key, empty where the run has no people.
    decisions
        What people decided about drops: drop -> decision in words. Another decision, another run.
    before
        The run whose linkage this one goes on from (`week_before`).
    fresh
        Compute everything again, even where a finished or partial run exists; the finished one
        stays until the new one is whole.

    Yields
    ------
    tuple
        The run and its manifest. On success the folder is made visible under its run id; on any
        failure or interrupt it stays under ``.partial`` and the next call goes on with it.

    Raises
    ------
    BusyError
        If the same run is under way in another process.
    """
    facts = manifest(
        settings, as_of, key=key, prepared_by=prepared_by, decisions=decisions, before=before
    )
    run_id = _run_id(settings, as_of, facts)
    final, partial = out / run_id, out / ".partial" / run_id
    partial.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(partial.with_suffix(".lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise BusyError(
            f"run {run_id} is under way in another process",
            hint="let it finish; the same run need not be made twice",
        ) from None
    try:
        if fresh:
            shutil.rmtree(partial, ignore_errors=True)
        yield from _work(run_id, final, partial, facts, fresh=fresh)
    finally:
        lock.release()


def load_run(out: Path, run_id: str) -> Run:
    """Open a finished run and check that its files are the ones it made.

    Raises
    ------
    RefusedError
        If there is no such run.
    IntegrityError
        If a file was changed, removed or added since.
    """
    folder = out / run_id
    if not (folder / "manifest.json").exists():
        raise RefusedError(
            f"no finished run '{run_id}' in {out.name}/",
            code="NO_RUN",
            hint="finished runs: " + (", ".join(list_runs(out)) or "none"),
        )
    try:
        recorded = read_json(folder / "manifest.json")["outputs"]
    except (ValueError, KeyError, TypeError):
        raise IntegrityError(f"the manifest of run {run_id} is not as it was made") from None
    check_hashes(recorded, hash_tree(folder, leave_out=NOT_REPRODUCIBLE), what=f"run {run_id}")
    facts = {path.stem: read_json(path) for path in sorted((folder / "facts").glob("*.json"))}
    return Run(run_id, folder, facts)


def list_runs(out: Path) -> list[str]:
    """Return the ids of finished runs, the one finished last at the end."""
    found = sorted(out.glob("[!.]*/manifest.json"), key=lambda path: path.stat().st_mtime_ns)
    return [path.parent.name for path in found]


def latest_run(out: Path) -> str:
    """Return the id of the run finished last.

    Raises
    ------
    RefusedError
        If there is none.
    """
    found = list_runs(out)
    if not found:
        raise RefusedError(
            f"no finished run in {out.name}/", code="NO_RUN", hint="risk-engine run CONFIG"
        )
    return found[-1]


def week_before(out: Path, settings: Settings, as_of: datetime, *, key: bytes) -> Run | None:
    """Return the latest earlier run of the same configuration that linked people with this key.

    Of several for one date, the one finished last. None where there is none, or where its people
    went under another key.

    Raises
    ------
    IntegrityError
        If a file of that run was changed.
    """
    found = []
    for place, run_id in enumerate(list_runs(out)):
        made = read_json(out / run_id / "manifest.json")
        when = datetime.fromisoformat(made["as_of"])
        ours = made["config"]["name"] == settings.config.name
        if ours and when < as_of and made["key_fingerprint"] == fingerprint(key):
            found.append((when, place, run_id))
    for _, _, run_id in sorted(found, reverse=True):
        run = load_run(out, run_id)
        if all(run.has(name) for name in REMEMBERED):
            return run
    return None


def check_hashes(recorded: dict[str, str], found: dict[str, str], *, what: str) -> None:
    """Raise `IntegrityError` naming every file that was changed, is missing or was added."""
    changed = [
        f"{'changed' if name in found else 'missing'}: {name}"
        for name in recorded
        if found.get(name) != recorded[name]
    ]
    added = [f"added: {name}" for name in found if name not in recorded]
    if changed or added:
        raise IntegrityError(
            f"{what} is not as it was made: {'; '.join([*changed, *added][:10])}",
            hint="do not use it; make it again from the run",
        )


def _work(
    run_id: str, final: Path, partial: Path, facts: Facts, *, fresh: bool
) -> Iterator[tuple[Run, Facts]]:
    if not fresh and (final / "manifest.json").exists():
        yield load_run(final.parent, run_id), facts
        return
    partial.mkdir(mode=0o700, exist_ok=True)
    run = Run(run_id, partial)
    yield run, facts
    run.forget_records()
    write_json(partial / "timings.json", _timings(run))
    facts["outputs"] = hash_tree(partial, leave_out=NOT_REPRODUCIBLE)
    write_json(partial / "manifest.json", facts)
    swap_folder(partial, final)
    run.folder = final


def _timings(run: Run) -> Facts:
    return {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": run.seconds,
        "peak_gib": round(peak_memory_gib(), 2),
    }


def peak_memory_gib() -> float:
    """Largest resident memory of this process so far, in GiB; NaN where it cannot be asked."""
    if sys.platform == "win32":
        return float("nan")
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**3 if sys.platform == "darwin" else 1024**2)


def _run_id(settings: Settings, as_of: datetime, facts: Facts) -> str:
    digest = hashlib.sha256(repr(sorted(facts.items())).encode()).hexdigest()[:6]
    local = pd.Timestamp(as_of, tz="UTC").tz_convert(settings.areas.timezone)
    year, week, _ = local.isocalendar()
    when = f"{year}-w{week:02d}" if settings.config.period == "week" else f"{local:%Y-%m}"
    return f"{when}-{settings.config.name.replace('_', '-')}-{digest}"


def _code_hash() -> str:
    digest = hashlib.sha256()
    package = Path(__file__).parent
    for path in sorted(package.rglob("*")):
        if path.suffix in {".py", ".j2", ".css", ".js"}:
            digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _input_hashes(settings: Settings) -> dict[str, str]:
    """Hash every data file; a missing one is left for its reader, which says so by name."""
    config = settings.config
    paths = [path for source in settings.sources for path in source.files]
    paths.append(settings.resolve(config.boundaries.file))
    if config.census:
        paths += [settings.resolve(config.census.boundaries), settings.resolve(config.census.table)]
    named = {os.path.relpath(path, settings.root): path for path in paths}
    return {name: sha256(path) if path.is_file() else "missing" for name, path in named.items()}
