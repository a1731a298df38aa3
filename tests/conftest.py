from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import yaml

from tests.rehearsal import ROOT, Rehearsal, stack_config

# How long an example takes says nothing on a busy machine.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")
UNHURRIED = [
    hypothesis.HealthCheck.too_slow,
    hypothesis.HealthCheck.data_too_large,
    hypothesis.HealthCheck.filter_too_much,
    hypothesis.HealthCheck.function_scoped_fixture,
]


@pytest.fixture(autouse=True)
def event_loop_of_its_own() -> Iterator[None]:
    """Pulumi's mocks ask for the thread's event loop, which a test before may have closed (`asyncio.run` does)."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


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
