"""What several of the guard's tests start from."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.rehearsal import ROOT, Rehearsal


@pytest.fixture
def raw(tmp_path: Path) -> Rehearsal:
    """A project of plain azure-native resources; the test writes its program."""
    project = tmp_path / "program"
    project.mkdir()
    runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": str(ROOT / ".venv")}}
    (project / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "guarded", "runtime": runtime}))
    return Rehearsal(tmp_path / "rehearsal", project=project).init()
