"""MLflow: what was trained, how it did, with its reports and its model. No other room imports it.

The store is SQLite beside the artifacts, nothing is looked up outside, and a run that is already in
the store is not logged twice.
"""

from __future__ import annotations

import logging
import os
import re
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock

from risk_engine._version import __version__
from risk_engine.files import read_json
from risk_engine.runs import Run

if TYPE_CHECKING:
    from risk_engine import cohorts

EXPERIMENT = "risk-engine"
#: The newest logged model of a name. `champion` is for promotion, which needs audit and sign-off.
ALIAS = "challenger"
_TAG = "risk_engine.run_id"
_SUBJECT = "risk_engine.subject"


def log_run(run: Run, store: Path) -> list[str]:
    """Log a finished run: one MLflow run a cohort, and one for its places.

    Parameters
    ----------
    run
        A finished run.
    store
        Folder of the store (``mlruns/``); holds ``mlflow.db`` and the artifacts.

    Returns
    -------
    list of str
        MLflow ids of what was logged now; empty where the run was in the store already.
    """
    store.mkdir(parents=True, exist_ok=True)
    with _client(store) as client:
        experiment = _experiment(client, store)
        done = _subjects(client, experiment, run)
        logged = [] if "places" in done else [_log_places(client, experiment, run)]
        missing = [spec for spec in _specs(run) if spec["name"] not in done]
        return logged + [_log_cohort(client, experiment, run, spec) for spec in missing]


def _subjects(client: Any, experiment: str, run: Run) -> set[str]:
    """Return what of this run is in the store already; what a kill cut short is not."""
    wanted = f"tags.`{_TAG}` = '{run.run_id}' and attributes.status = 'FINISHED'"
    return {r.data.tags[_SUBJECT] for r in client.search_runs([experiment], wanted)}


def _specs(run: Run) -> list[dict[str, Any]]:
    specs: list[dict[str, Any]] = run.facts["cohorts"]["specs"]
    return specs


@contextmanager
def _client(store: Path) -> Iterator[Any]:
    """Open the store with telemetry off, one process at a time (SQLite migrates on first use)."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    from mlflow.tracking import MlflowClient

    logging.getLogger("mlflow").setLevel(logging.WARNING)  # it reports every table it makes
    with filelock.FileLock(store / ".lock"):
        path = (store / "mlflow.db").resolve().as_posix()
        # a folder may be called anything, but in an address % and ? mean something else
        uri = f"sqlite:///{path.replace('%', '%25').replace('?', '%3F')}"
        yield MlflowClient(tracking_uri=uri, registry_uri=uri)


def _experiment(client: Any, store: Path) -> str:
    found = client.get_experiment_by_name(EXPERIMENT)
    if found is not None:
        return str(found.experiment_id)
    return str(client.create_experiment(EXPERIMENT, (store / "artifacts").resolve().as_uri()))


def _log_places(client: Any, experiment: str, run: Run) -> str:
    facts = run.facts["hotspots"]
    made = client.create_run(experiment, tags=_tags(run, "places"), run_name=f"{run.run_id} places")
    mlflow_id = str(made.info.run_id)
    _log_values(client, mlflow_id, _params(run), _numbers(facts))
    _log_pages(client, mlflow_id, run, "places.html", "disproportionality.html")
    client.set_terminated(mlflow_id)
    return mlflow_id


def _log_cohort(client: Any, experiment: str, run: Run, spec: Mapping[str, Any]) -> str:
    name = spec["name"]
    made = client.create_run(experiment, tags=_tags(run, name), run_name=f"{run.run_id} {name}")
    mlflow_id = str(made.info.run_id)
    params = _params(run) | {"champion": spec["champion"], "eligible": spec["eligible"]}
    audit = {f"audit.{k}": run.facts["audit"][k] for k in ("passed", "cannot_tell", "fail")}
    _log_values(client, mlflow_id, params, _numbers(spec["metrics"]) | _numbers(audit))
    _log_pages(client, mlflow_id, run, "people.html", "disproportionality.html")
    for table in ("importance", "comparisons"):
        client.log_artifact(mlflow_id, str(run.table_path(f"{table}_{name}")), "tables")
    client.log_artifact(mlflow_id, str(run.table_path("audit")), "tables")
    _register(client, mlflow_id, run, name)
    client.set_terminated(mlflow_id)
    return mlflow_id


def _register(client: Any, mlflow_id: str, run: Run, name: str) -> None:
    """Register the champion, whatever kind it is, and point the alias at it."""
    from mlflow.exceptions import MlflowException

    with tempfile.TemporaryDirectory() as folder:
        _save_model(run.folder / "models" / f"{name}.json", Path(folder) / "model")
        client.log_artifacts(mlflow_id, str(Path(folder) / "model"), "model")
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    source = f"{client.get_run(mlflow_id).info.artifact_uri}/model"
    version = client.create_model_version(name, source, mlflow_id, tags={_TAG: run.run_id})
    client.set_registered_model_alias(name, ALIAS, version.version)


def _save_model(data: Path, target: Path) -> None:
    """Write a model that MLflow can load by name; no pickle is in it, only the JSON of the run."""
    import mlflow.pyfunc
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    inputs = Schema([ColSpec("double", column) for column in read_json(data)["columns"]])
    with warnings.catch_warnings():
        # an input example would be a person's row
        warnings.filterwarnings("ignore", message=".*input example was not provided")
        mlflow.pyfunc.save_model(
            path=str(target),
            loader_module=__name__,
            data_path=str(data),
            signature=ModelSignature(inputs=inputs, outputs=Schema([ColSpec("double")])),
            pip_requirements=[f"risk-engine=={__version__}"],
        )


def _load_pyfunc(path: str) -> cohorts.Model:
    """Load what `_save_model` wrote: MLflow looks for this name in the loader module."""
    from risk_engine.cohorts import Model

    return Model.from_json(read_json(Path(path)))


def _tags(run: Run, subject: str) -> dict[str, str]:
    return {_TAG: run.run_id, _SUBJECT: subject}


def _params(run: Run) -> dict[str, Any]:
    made = read_json(run.folder / "manifest.json")
    return {
        "as_of": made["as_of"],
        "config": made["config"]["sha256"],
        "code": made["code"]["sha256"],
        "definition": f"{made['definition']['name']} {made['definition']['version']}",
        "seed": made["seed"],
        "policy": made["policy"],
    }


def _log_values(
    client: Any, mlflow_id: str, params: Mapping[str, Any], metrics: Mapping[str, float]
) -> None:
    from mlflow.entities import Metric, Param

    client.log_batch(
        mlflow_id,
        metrics=[Metric(key, value, 0, 0) for key, value in metrics.items()],
        params=[Param(key, str(value)) for key, value in params.items()],
    )


def _numbers(value: Any, prefix: str = "") -> dict[str, float]:
    """Flatten nested facts to their numbers, keys joined by dots."""
    if isinstance(value, Mapping):
        parts = [_numbers(v, f"{prefix}.{k}" if prefix else str(k)) for k, v in value.items()]
        return {key: number for part in parts for key, number in part.items()}
    if isinstance(value, bool) or not isinstance(value, int | float):
        return {}
    return {re.sub(r"[^\w./ -]", "", prefix): float(value)}


def _log_pages(client: Any, mlflow_id: str, run: Run, *names: str) -> None:
    for name in names:
        if (run.folder / name).exists():
            client.log_artifact(mlflow_id, str(run.folder / name), "reports")
