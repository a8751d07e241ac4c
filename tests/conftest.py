"""Where public data are, and what must not be skipped in CI."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The checkout: configs, features and model specs as they ship."""
    return ROOT


@pytest.fixture(scope="session")
def public_data() -> Path:
    """Folder of the public data sets; the test is skipped where they are not."""
    folder = Path(os.environ.get("RISK_ENGINE_DATA", ROOT / ".." / "shared" / "data")).resolve()
    if not folder.is_dir():
        pytest.skip("RISK_ENGINE_DATA does not point to the public data sets")
    return folder
