"""The direction of imports holds, and the checking command is quick because rooms import late."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_import_contracts_hold(project_root):
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [command, "--no-cache"], cwd=project_root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "4 kept, 0 broken" in done.stdout


def test_checking_a_configuration_loads_no_model_library():
    code = (
        "import sys, risk_engine.cli, risk_engine.checks\n"
        "slow = {'lightgbm', 'shap', 'mlflow', 'splink', 'hdbscan', 'matplotlib', 'duckdb'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
