"""Who installs no extra fetches no second provider: Pulumi asks for the provider of every SDK in an environment."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import yaml

from tests.rehearsal import ROOT, Rehearsal

pytestmark = pytest.mark.engine

PROGRAM = """
from private_registry import PrivateRegistry
PrivateRegistry("main", {
    "registry_name": "contoso", "location": "japaneast", "resource_group_name": "rg", "create_resource_group": True,
    "network": {"virtual_network_prefix": "10.20.0.0/24", "subnet_prefix": "10.20.0.0/27"}})
"""


def environment(folder: Path, *, alibaba: bool) -> Path:
    """A virtual environment with the project's packages, with or without what the extra brings."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        if (alibaba or not package.name.startswith("pulumi_alicloud")) and not (site / package.name).exists():
            (site / package.name).symlink_to(package)
    return folder


@pytest.mark.full
@pytest.mark.parametrize(
    ("alibaba", "providers"), [(False, {"azure-native"}), (True, {"azure-native", "alicloud"})], ids=["without", "with"]
)
def test_an_environment_asks_for_the_providers_of_its_sdks(tmp_path: Path, alibaba: bool, providers: set[str]) -> None:
    project = tmp_path / "program"
    project.mkdir()
    options = {"toolchain": "pip", "virtualenv": str(environment(tmp_path / "venv", alibaba=alibaba))}
    (project / "Pulumi.yaml").write_text(
        yaml.safe_dump({"name": "azure", "runtime": {"name": "python", "options": options}})
    )
    (project / "__main__.py").write_text(PROGRAM)
    rehearsal = Rehearsal(tmp_path / "rehearsal", project=project).init()
    plugins = json.loads(rehearsal.run("pulumi", "about", "--json").ok().out)["plugins"]
    assert {p["name"] for p in plugins if p["kind"] == "resource"} == providers
    if not alibaba:
        rehearsal.preview().ok()  # and it works without


def test_the_extra_is_what_brings_it() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert not any("alicloud" in line for line in project["dependencies"])
    (line,) = project["optional-dependencies"]["alibaba"]
    assert line.startswith("pulumi-alicloud>=4.0")
