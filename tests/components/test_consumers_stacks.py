"""Stacks of other projects take what they need from the platform's by StackReference, on the file backend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.components.gallery import assert_pictured
from tests.rehearsal import ROOT, Rehearsal

EXAMPLE = ROOT / "examples" / "platform-and-apps"
PACK = ("--policy-pack", str(ROOT / "policies"))
HOSTS = ["contosoplatform.azurecr.io", "contosoplatform.japaneast.data.azurecr.io"]
REPLICA = "contosoplatform.japanwest.data.azurecr.io"

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("consumers-stacks")]


class Company:
    """The platform's and the applications' stacks in one backend and one cloud."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.platform = self.stack("platform")

    def stack(self, project: str) -> Rehearsal:
        env = {"PRIVATE_REGISTRY_LOCAL": str(self.folder / "shared")}
        return Rehearsal(self.folder / project, project=EXAMPLE / project, env=env).init()


def of_type(stack: Rehearsal, kind: str) -> dict[str, Any]:
    (found,) = [r for r in stack.resources() if r["type"].endswith(f":{kind}")]
    return found


@pytest.fixture
def company(tmp_path: Path) -> Company:
    company = Company(tmp_path)
    company.platform.up(*PACK).ok()
    return company


@pytest.mark.full
def test_an_application_joins_the_platforms_zone_and_may_pull(company: Company) -> None:
    assert_pictured(company.platform, "platform-and-apps")
    app = company.stack("linked-app")
    app.up(*PACK).ok()
    assert app.outputs() == {
        "image": "contosoplatform.azurecr.io/app:1",
        "firewallMustAllow": [f"{host}:443" for host in HOSTS],
    }
    platform = company.platform.outputs()
    assert of_type(app, "VirtualNetworkLink")["id"] == f"{platform['dnsZoneId']}/virtualNetworkLinks/linked-app"
    grant = of_type(app, "RoleAssignment")
    assert grant["id"].startswith(f"{platform['registryId']}/providers/Microsoft.Authorization/roleAssignments/")
    assert grant["inputs"]["roleDefinitionId"].endswith("/7f951dda-4ed3-4680-a7ca-43fe172d538d"), "AcrPull"
    app.preview("--expect-no-changes", *PACK).ok()


@pytest.mark.full
def test_the_grant_follows_the_registrys_role_mode(company: Company) -> None:
    app = company.stack("linked-app")
    app.up().ok()
    company.platform.config["platform:roleAssignmentMode"] = "AbacRepositoryPermissions"
    company.platform.up().ok()
    assert company.platform.outputs()["pullRole"] == "Container Registry Repository Reader"
    steps = app.steps()
    assert steps["pull"] == "replace", steps
    app.up().ok()
    role = of_type(app, "RoleAssignment")["inputs"]["roleDefinitionId"]
    assert role.endswith("/b93aa761-3e63-49ed-ac28-beffa264f7ac"), "Container Registry Repository Reader"


@pytest.mark.full
def test_an_application_with_an_endpoint_of_its_own_leaves_the_platforms_records_alone(company: Company) -> None:
    before = set(company.platform.cloud_ids())
    app = company.stack("endpoint-app")
    app.up(*PACK).ok()
    addresses = app.outputs()["privateIps"]
    assert sorted(addresses) == HOSTS
    assert all(address.startswith("10.42.0.") for address in addresses.values())
    app.preview("--expect-no-changes", *PACK).ok()
    company.platform.preview("--expect-no-changes").ok()

    # A replica that comes later has its address at the application's endpoint too.
    company.platform.config["platform:replicas"] = ["japanwest"]
    company.platform.up(*PACK).ok()
    assert "registry-endpoint" not in app.steps()
    app.up(*PACK).ok()
    assert sorted(app.outputs()["privateIps"]) == sorted([*HOSTS, REPLICA])

    app.pulumi("destroy", "--yes", "--skip-preview").ok()
    company.platform.config["platform:replicas"] = []
    company.platform.up().ok()
    # Azure lists the home region beside the first replica, and keeps it when that goes.
    (home,) = set(company.platform.cloud_ids()) - before
    assert home.endswith("/registries/contosoplatform/replications/japaneast")
    assert before <= set(company.platform.cloud_ids())


@pytest.mark.full
def test_a_platform_that_is_not_deployed_is_named(tmp_path: Path) -> None:
    app = Company(tmp_path).stack("linked-app")
    told = app.preview().failed().text
    assert "the stack organization/platform/local has no output '" in told
    app.config["linked-app:platform"] = "organization/platform/nowhere"
    assert "organization/platform/nowhere" in app.preview().failed().text
