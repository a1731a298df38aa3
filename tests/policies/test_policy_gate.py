"""The policy pack stands between a bad program and the cloud, and the gate between a bad change and the main branch."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.rehearsal import ROOT, Finished, Rehearsal

pytestmark = pytest.mark.engine

PACK = ("--policy-pack", str(ROOT / "policies"))
PROGRAM = """
import pulumi_azure_native as azure

group = azure.resources.ResourceGroup("group", resource_group_name="rg-raw")
azure.containerregistry.Registry(
    "registry",
    registry_name="contosoraw",
    resource_group_name=group.name,
    sku={{"name": "{sku}"}},
    public_network_access="{access}",
    data_endpoint_enabled={data_endpoints},
)
"""


@pytest.mark.parametrize(
    ("sku", "access", "rule"),
    [
        pytest.param("Basic", "Enabled", "premium-sku", marks=pytest.mark.full),
        ("Premium", "Enabled", "no-exposed-access"),
    ],
)
def test_an_unsafe_registry_is_not_created(raw: Rehearsal, sku: str, access: str, rule: str) -> None:
    (raw.project / "__main__.py").write_text(PROGRAM.format(sku=sku, access=access, data_endpoints=sku == "Premium"))
    for told in (raw.preview(*PACK).failed().text, raw.up(*PACK).failed().text):
        assert rule in told, told
        assert "mandatory" in told
    assert not [i for i in raw.cloud_ids() if "registries" in i]


def test_a_safe_registry_is_created(raw: Rehearsal) -> None:
    (raw.project / "__main__.py").write_text(PROGRAM.format(sku="Premium", access="Disabled", data_endpoints=True))
    raw.up(*PACK).ok()
    assert [i for i in raw.cloud_ids() if i.endswith("registries/contosoraw")]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a CI job has: a clone of what is committed, and nothing installed in it."""
    folder = tmp_path_factory.mktemp("clone") / "project"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    return folder


def gate(clone: Path, stack: str = "prod") -> Finished:
    outside = {
        k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "PRIVATE_REGISTRY_", "MAKE", "MFLAGS"))
    }
    done = subprocess.run(
        ["make", "gate", f"STACK={stack}"],
        cwd=clone,
        env=outside,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@pytest.mark.xdist_group("clone")
@pytest.mark.full
def test_the_gate_lets_a_good_program_through(clone: Path) -> None:
    told = gate(clone).ok()
    assert "'prod' passes" in told.out


@pytest.mark.xdist_group("clone")
@pytest.mark.full
def test_the_gate_stops_a_bad_program(clone: Path) -> None:
    program = clone / "__main__.py"
    good = program.read_text()
    program.write_text(good + PROGRAM.format(sku="Standard", access="Enabled", data_endpoints=False))
    try:
        told = gate(clone).failed()
    finally:
        program.write_text(good)
    assert "premium-sku" in told.text
    assert "'prod' is refused" in told.text
