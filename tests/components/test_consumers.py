"""The same registry declared by every route on the real engine, and a stack that moves from one to another.

Each example is a whole project that a team would have; they share one project name, so each can take over the others'
stack.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.components.gallery import assert_pictured
from tests.rehearsal import ROOT, Rehearsal

CONSUMERS = ROOT / "examples" / "consumers"
PACK = ("--policy-pack", str(ROOT / "policies"))
HOSTS = ["teamimages.azurecr.io", "teamimages.japaneast.data.azurecr.io", "teamimages.japanwest.data.azurecr.io"]

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("consumers")]


@pytest.fixture
def team(tmp_path: Path) -> Rehearsal:
    return Rehearsal(tmp_path / "rehearsal", project=CONSUMERS / "yaml").init()


@pytest.fixture(scope="module")
def python_remote(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python example with its generated SDK, in a copy: nothing generated belongs into the checkout."""
    root = tmp_path_factory.mktemp("checkout")
    (root / "components").symlink_to(ROOT / "components")
    project = root / "examples" / "consumers" / "python-remote"
    project.parent.mkdir(parents=True)
    shutil.copytree(CONSUMERS / "python-remote", project, ignore=shutil.ignore_patterns(".venv", "sdks"))
    subprocess.run([ROOT / "tools" / "environment", project / ".venv"], check=True, capture_output=True)
    adding = Rehearsal(root / "adding", project=project).init()
    added = adding.run("pulumi", "package", "add", "../../../components").ok()
    assert "import pulumi_private_registry" in added.text
    return project


def kept(rehearsal: Rehearsal) -> dict[str, dict[str, Any]]:
    """What the state says of each resource by URN: all but the line of the program that declared it, and times.

    A route through the package adds the engine's own entries for the package, and for the engine itself where the
    plugin looks up a resource that it was handed; neither stands for anything in Azure.
    """
    told = {}
    # In clear: a secret is encrypted anew each time.
    shown = rehearsal.run("pulumi", "stack", "export", "--show-secrets", "--stack", rehearsal.stack).ok()
    for resource in json.loads(shown.out)["deployment"]["resources"]:
        if resource["type"] in ("pulumi:providers:private-registry", "pulumi:providers:pulumi"):
            continue
        aside = {"sourcePosition", "stackTrace", "created", "modified", "propertyDependencies"}
        told[resource["urn"]] = {k: v for k, v in resource.items() if k not in aside}
        told[resource["urn"]]["dependencies"] = sorted(resource.get("dependencies", []))
    return told


def shows_the_registry(rehearsal: Rehearsal) -> None:
    outputs = rehearsal.outputs()
    assert outputs["loginServer"] == HOSTS[0]
    assert outputs["allowList"] == [f"{host}:443" for host in HOSTS]
    assert sorted(outputs["privateIps"]) == HOSTS


def takes_over(rehearsal: Rehearsal, project: Path) -> None:
    """Another route's program finds nothing to do on the same stack, and deploying it leaves the state as it was."""
    before = kept(rehearsal)
    rehearsal.project = project
    rehearsal.up("--expect-no-changes", *PACK).ok()
    assert kept(rehearsal) == before


@pytest.mark.full
def test_yaml_deploys_and_python_takes_over_and_back(team: Rehearsal) -> None:
    team.up(*PACK).ok()
    shows_the_registry(team)
    team.preview("--expect-no-changes", *PACK).ok()
    takes_over(team, CONSUMERS / "python")
    assert_pictured(team, "consumers")
    takes_over(team, CONSUMERS / "yaml")


def test_python_deploys_twice(team: Rehearsal) -> None:
    team.project = CONSUMERS / "python"
    team.up(*PACK).ok()
    shows_the_registry(team)
    team.preview("--expect-no-changes", *PACK).ok()


@pytest.mark.full
def test_the_generated_sdk_deploys_and_python_takes_over_and_back(team: Rehearsal, python_remote: Path) -> None:
    team.project = python_remote
    team.up(*PACK).ok()
    shows_the_registry(team)
    takes_over(team, CONSUMERS / "python")
    takes_over(team, python_remote)
    refused = team.pulumi("destroy", "--yes", "--skip-preview").failed()
    assert "protect" in refused.text
    main = python_remote / "__main__.py"
    main.write_text(main.read_text().replace("    tags=", "    protect=False,\n    tags="))
    team.up().ok()
    team.pulumi("destroy", "--yes", "--skip-preview").ok()
    assert team.cloud_ids() == []


@pytest.mark.full
def test_the_installed_wheel_takes_over(team: Rehearsal, tmp_path: Path) -> None:
    archives, project = tmp_path / "dist", tmp_path / "python"
    building = [ROOT / ".venv" / "bin" / "python", ROOT / "tools" / "distributions.py", "--once", "--out", archives]
    subprocess.run(building, check=True, capture_output=True)
    (wheel,) = archives.glob("*.whl")
    shutil.copytree(CONSUMERS / "python", project)
    subprocess.run([ROOT / "tools" / "environment", project / ".venv"], check=True, capture_output=True)
    installing = [project / ".venv" / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-index", wheel]
    subprocess.run(installing, check=True, capture_output=True)
    program = (project / "Pulumi.yaml").read_text()
    (project / "Pulumi.yaml").write_text(program.replace("../../../.venv", ".venv"))
    main = project / "__main__.py"
    main.write_text(main.read_text() + "import private_registry\nprint('from', private_registry.__file__)\n")

    team.up(*PACK).ok()
    takes_over(team, project)
    assert f"from {project / '.venv'}" in team.preview().ok().text


IN_YAML = """
name: team-images
runtime: yaml
packages:
  private-registry: {components}
resources:
  azure:
    type: pulumi:providers:azure-native
    properties:
      subscriptionId: 00000000-0000-0000-0000-000000000002
      location: japaneast
      metadataHost: localcloud.invalid
      environment: public
    options:
      version: 3.29.0
  images:
    type: private-registry:PremiumRegistry
    properties:
      registryName: teamimages
      location: japaneast
      resourceGroupName: ${{group.name}}
      tags:
        owner:
          fn::secret: hush-hush
    options:
      providers: ["${{azure}}"]
      protect: true
      retainOnDelete: true
      dependsOn: ["${{group}}"]
  group:
    type: azure-native:resources:ResourceGroup
    properties:
      resourceGroupName: rg-team-images
      location: japaneast
    options:
      provider: ${{azure}}
      version: 3.29.0
"""

IN_PYTHON = """
import pulumi
from private_registry import PremiumRegistry
from pulumi_azure_native import Provider, resources

marked = {"location": "japaneast", "metadata_host": "localcloud.invalid"}
azure = Provider("azure", subscription_id="00000000-0000-0000-0000-000000000002", **marked)
group = resources.ResourceGroup(
    "group",
    resource_group_name="rg-team-images",
    location="japaneast",
    opts=pulumi.ResourceOptions(provider=azure),
)
images = PremiumRegistry(
    "images",
    {
        "registry_name": "teamimages",
        "location": "japaneast",
        "resource_group_name": group.name,
        "tags": {"owner": pulumi.Output.secret("hush-hush")},
    },
    pulumi.ResourceOptions(providers=[azure], protect=True, retain_on_delete=True, depends_on=[group]),
)
"""


@pytest.mark.full
def test_options_and_secrets_mean_the_same_by_both_routes(tmp_path: Path) -> None:
    in_yaml, in_python = tmp_path / "yaml", tmp_path / "python"
    in_yaml.mkdir()
    (in_yaml / "Pulumi.yaml").write_text(IN_YAML.format(components=ROOT / "components"))
    shutil.copytree(CONSUMERS / "python", in_python)
    program = (in_python / "Pulumi.yaml").read_text()
    (in_python / "Pulumi.yaml").write_text(program.replace("../../../.venv", str(ROOT / ".venv")))
    (in_python / "__main__.py").write_text(IN_PYTHON)

    team = Rehearsal(tmp_path / "rehearsal", project=in_yaml).init()
    team.up().ok()
    resources = {r["urn"].rsplit("::", 1)[-1]: r for r in team.resources()}
    registry = resources["images-registry"]
    assert registry["id"].startswith("/subscriptions/00000000-0000-0000-0000-000000000002/")
    assert (registry["protect"], registry["retainOnDelete"]) == (True, True)
    assert resources["group"]["urn"] in registry["dependencies"]
    state = team.folder / "state" / ".pulumi" / "stacks" / "team-images" / "local.json"
    assert "teamimages" in state.read_text()
    assert "hush-hush" not in state.read_text()
    takes_over(team, in_python)
    assert "hush-hush" not in state.read_text()
    takes_over(team, in_yaml)
