"""The tutorial notebook, as it is committed and as a reader runs it on a finished week."""

from __future__ import annotations

import re

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("week")]

#: Cells whose result must hold something, and the fewest rows of it.
RESULTS = {"places": 10, "backtest": 2, "scores": 3, "importance": 10, "audit": 3, "audit-words": 1}


@pytest.fixture(scope="module")
def notebook(project_root):
    path = project_root / "notebooks" / "01-a-week-in-tables.ipynb"
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


@pytest.fixture
def execute(tmp_path, monkeypatch):
    """Run a notebook with this Python; nothing is read from or written to the user's home."""
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.delenv("RISK_ENGINE_RUN", raising=False)

    def run(notebook, folder):
        kernels = KernelSpecManager(kernel_dirs=[])  # none but the one of this very Python
        manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=kernels)
        resources = {"metadata": {"path": str(folder)}}
        client = NotebookClient(notebook, km=manager, timeout=120, resources=resources)
        return client.execute(cleanup_kc=True)

    return run


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def text(cell):
    """Return everything a cell shows."""
    shown = [output.get("data", {}) for output in cell.outputs]
    printed = [output.get("text", "") for output in cell.outputs]
    return "".join([*printed, *(data.get("text/html", "") for data in shown)])


def test_the_committed_notebook_holds_no_outputs(notebook):
    nbformat.validate(notebook)
    assert 8 <= len(notebook.cells) <= 16
    assert len(code(notebook)) >= 6
    for cell in code(notebook):
        assert cell.outputs == [], cell.id
        assert cell.execution_count is None, cell.id


def test_every_cell_runs_on_a_finished_week_and_shows_something(notebook, execute, office, week):
    done = execute(nbformat.from_dict(notebook), office.folder)
    cells = {cell.id: cell for cell in code(done)}
    assert [cell.execution_count for cell in cells.values()] == list(range(1, len(cells) + 1))
    for name, fewest in RESULTS.items():
        rows = text(cells[name]).partition("<tbody>")[2].count("<tr>")
        assert rows >= fewest, name
    assert any("image/png" in output.get("data", {}) for output in cells["map"].outputs)
    assert not re.search(r"P[0-9a-f]{24}", "".join(text(cell) for cell in cells.values()))


def test_it_reads_the_run_that_the_environment_names(
    notebook, execute, week, run_folder, tmp_path, monkeypatch
):
    monkeypatch.setenv("RISK_ENGINE_RUN", str(run_folder))
    opening = nbformat.from_dict(notebook)
    opening.cells = code(opening)[:1]
    assert week["run_id"] in text(execute(opening, tmp_path).cells[0])
