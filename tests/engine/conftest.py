from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.engine.rehearsal import ROOT, Rehearsal, stack_config


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.engine)


@pytest.fixture
def local(tmp_path: Path) -> Rehearsal:
    """The project's own program with the configuration of its `local` stack, in a cloud of its own."""
    return Rehearsal(tmp_path, config=stack_config("local")).init()


@pytest.fixture
def raw(tmp_path: Path) -> Rehearsal:
    """A program that a test writes, in plain azure-native: `(rehearsal.project / "__main__.py").write_text(...)`."""
    project = tmp_path / "program"
    project.mkdir()
    runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": str(ROOT / ".venv")}}
    (project / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "raw", "runtime": runtime}))
    (project / "__main__.py").write_text("")
    return Rehearsal(tmp_path / "rehearsal", project=project).init()
