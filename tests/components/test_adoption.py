"""Other ways into and around the components: the Automation API, `pulumi import`, `pulumi state move`."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.rehearsal import MARKER, ROOT, Rehearsal

pytestmark = [pytest.mark.engine, pytest.mark.full]

ARGUMENTS = """
ARGUMENTS = {
    "registry_name": "contoso",
    "location": "japaneast",
    "resource_group_name": "rg-contoso",
    "create_resource_group": True,
    "network": {"virtual_network_prefix": "10.20.0.0/24", "subnet_prefix": "10.20.0.0/27"},
}
"""
PROGRAM = (
    ARGUMENTS
    + """
import pulumi
from private_registry import PrivateRegistry

PrivateRegistry(
    "main",
    {
        **ARGUMENTS,
        "tags": {"owner": "nobody"},
    },
)
"""
)


def project(folder: Path, name: str, program: str = PROGRAM) -> Path:
    folder.mkdir()
    runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": str(ROOT / ".venv")}}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": name, "runtime": runtime}))
    (folder / "__main__.py").write_text(program)
    return folder


def azure(rehearsal: Rehearsal) -> dict[str, dict[str, Any]]:
    return {r["id"]: r for r in rehearsal.resources() if r["type"].startswith("azure-native:")}


def kinds(resource_id: str) -> list[str]:
    """The words of an id that stand before names."""
    return resource_id.split("/")[1::2]


def import_file(exists: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The file that docs/adopting.md shows, without what does not exist, and with whole ids."""
    (shown,) = re.findall(r"^```json\n(.*?)^```", (ROOT / "docs" / "adopting.md").read_text(), re.S | re.M)
    ids = {(each["type"], each["urn"].rpartition("::")[2]): resource_id for resource_id, each in exists.items()}
    resources = []
    for entry in json.loads(shown)["resources"]:
        if "component" in entry:
            resources.append(entry)
        elif resource_id := ids.pop((entry["type"], entry["name"]), None):
            shape = kinds(entry["id"].removeprefix("/subscriptions/…"))
            assert kinds(resource_id)[-len(shape) :] == shape
            resources.append({**entry, "id": resource_id})
    assert ids == {}, "docs/adopting.md has no entry for these"
    return {"resources": resources}


def test_the_automation_api_deploys_shows_and_destroys(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "automation", tmp_path / "automation")
    team = Rehearsal(tmp_path / "rehearsal", project=tmp_path / "automation")
    team.folder.mkdir()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    team.env["TMPDIR"] = str(scratch)
    configuration = [f"{key}={value}" for key, value in MARKER.items()]
    assert "create" in team.run("python", ".", "preview", *configuration).ok().out
    assert team.cloud_ids() == []
    page = (team.project / "__main__.py").read_text().split('"""')[1].replace("\\\\\n", " ")
    (rehearsed,) = re.findall(r"^bin/local (python examples/automation up .*)$", page, re.M)
    words = shlex.split(rehearsed.replace("examples/automation", "."))
    told = team.run(*words).ok().out
    assert "allow: teamimages.azurecr.io:443 teamimages.japaneast.data.azurecr.io:443" in told
    again = team.run(*words).ok().out
    assert "create" not in again.split("update:")[1].splitlines()[0]
    team.run(*words[:2], "destroy", *words[3:]).ok()
    assert team.cloud_ids() == []

    open_to_all = """    from pulumi_azure_native import containerregistry

    containerregistry.Registry("open", resource_group_name="rg", sku={"name": "Basic"})
    registry = """
    main = team.project / "__main__.py"
    main.write_text(main.read_text().replace("    registry = ", open_to_all))
    refused = team.run("python", ".", "up", *configuration).failed()
    assert "premium-sku" in refused.text
    assert team.cloud_ids() == []
    assert list(scratch.iterdir()) == []


def test_what_exists_is_imported_into_the_components_children(tmp_path: Path) -> None:
    first = Rehearsal(tmp_path / "first", project=project(tmp_path / "team", "team")).init()
    first.up().ok()
    exists = azure(first)

    # Another state that knows nothing, on the same cloud.
    second = Rehearsal(tmp_path / "second", project=first.project)
    second.env["LOCALCLOUD_FILE"] = str(tmp_path / "first" / "cloud.sqlite")
    second.init()
    file = tmp_path / "import.json"
    file.write_text(json.dumps(import_file(exists)))
    second.pulumi("import", "--yes", "--file", str(file), "--protect=false", "--generate-code=false").ok()
    assert set(azure(second)) == set(exists)
    steps = second.steps()
    assert set(steps.values()) <= {"update"}, steps
    second.up().ok()
    second.preview("--expect-no-changes").ok()
    assert set(azure(second)) == set(exists)


OPEN = """
import pulumi
from pulumi_azure_native import containerregistry, resources

group = resources.ResourceGroup("main-resource-group", resource_group_name="rg-contoso", location="japaneast")
containerregistry.Registry(
    "main-registry",
    registry_name="contoso",
    resource_group_name=group.name,
    location="japaneast",
    sku={"name": "Premium"},
)
"""
KEPT = (
    ARGUMENTS
    + """
import pulumi
from private_registry import PrivateRegistry

settings = {
    "public_network_access_enabled": True,
    "ip_rules": ["203.0.113.0/24"],
    "data_endpoint_enabled": False,
    "trusted_services_bypass": True,
    "arm_audience_tokens_enabled": True,
}
PrivateRegistry(
    "main",
    {
        **ARGUMENTS,
        "settings": settings,
    },
)
"""
)


def test_an_open_registry_is_adopted_before_it_is_closed(tmp_path: Path) -> None:
    """By the table in docs/adopting.md: the first update keeps what clients use, the last one closes."""
    first = Rehearsal(tmp_path / "first", project=project(tmp_path / "old", "old", OPEN)).init()
    first.up().ok()
    second = Rehearsal(tmp_path / "second", project=project(tmp_path / "team", "team", KEPT))
    second.env["LOCALCLOUD_FILE"] = str(tmp_path / "first" / "cloud.sqlite")
    second.init()
    file = tmp_path / "import.json"
    file.write_text(json.dumps(import_file(azure(first))))
    second.pulumi("import", "--yes", "--file", str(file), "--protect=false", "--generate-code=false").ok()

    def registry() -> dict[str, Any]:
        (found,) = [r["outputs"] for r in second.resources() if r["type"].endswith(":Registry")]
        return found

    before = registry()
    assert (before["publicNetworkAccess"], before["networkRuleBypassOptions"]) == ("Enabled", "AzureServices")
    second.up().ok()
    after = registry()
    kept = ("publicNetworkAccess", "networkRuleBypassOptions", "dataEndpointEnabled")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    for policy in ("azureADAuthenticationAsArmPolicy", "exportPolicy"):
        assert after["policies"][policy] == before["policies"][policy] == {"status": "enabled"}
    assert after["networkRuleSet"]["defaultAction"] == "Deny"
    second.preview("--expect-no-changes").ok()

    main = second.project / "__main__.py"
    main.write_text(main.read_text().replace('        "settings": settings,\n', ""))
    assert set(second.steps().values()) <= {"update"}
    second.up().ok()
    closed = registry()
    assert (closed["publicNetworkAccess"], closed["dataEndpointEnabled"]) == ("Disabled", True)
    second.preview("--expect-no-changes").ok()


def test_a_component_moves_to_another_stack_with_its_children(tmp_path: Path) -> None:
    both = tmp_path / "rehearsal"
    old = Rehearsal(both, project=project(tmp_path / "old", "old")).init()
    old.up().ok()
    before = set(azure(old))
    new = Rehearsal(both, project=project(tmp_path / "new", "new"))
    shutil.rmtree(both / "init")
    new.init()
    urn = next(r["urn"] for r in old.resources() if r["type"] == "private-registry:index:PrivateRegistry")
    moved = ("--source", "organization/old/local", "--dest", "organization/new/local", "--yes", urn)
    new.run("pulumi", "state", "move", *moved).ok()
    (old.project / "__main__.py").write_text("")
    assert set(azure(new)) == before
    assert azure(old) == {}
    new.preview("--expect-no-changes").ok()


GROUP = """
import pulumi
from pulumi_azure_native import resources

resources.ResourceGroup("group", resource_group_name="rg-contoso", location="japaneast")
"""
IN_A_COMPONENT = """
import pulumi
from private_registry import PremiumRegistry

def adopt(args):
    if args.name != "after-registry":
        return None
    alias = pulumi.Alias(name="before-registry", parent=pulumi.ROOT_STACK_RESOURCE)
    opts = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(aliases=[alias]))
    return pulumi.ResourceTransformationResult(props=args.props, opts=opts)

PremiumRegistry(
    "COMPONENT",
    {"registry_name": "contoso", "location": "japaneast", "resource_group_name": "rg-contoso", "protect": False},
    pulumi.ResourceOptions(transformations=[adopt] if ADOPTS else []),
)
"""


def parent_and_name(rehearsal: Rehearsal) -> tuple[str, str]:
    (found,) = [r for r in rehearsal.resources() if r["type"] == "azure-native:containerregistry:Registry"]
    return found["parent"].rpartition("::")[2], found["urn"].rpartition("::")[2]


def test_a_child_that_moves_alone_lands_beside_the_other_component(tmp_path: Path) -> None:
    """Which would then make its own and delete this one: an alias takes it in."""
    both = tmp_path / "rehearsal"
    before = IN_A_COMPONENT.replace("COMPONENT", "before").replace("ADOPTS", "False")
    old = Rehearsal(both, project=project(tmp_path / "old", "old", GROUP + before)).init()
    old.up().ok()
    assert parent_and_name(old) == ("before", "before-registry")
    after = IN_A_COMPONENT.replace("COMPONENT", "after")
    new = Rehearsal(both, project=project(tmp_path / "new", "new", after.replace("ADOPTS", "False")))
    shutil.rmtree(both / "init")
    new.init()
    (urn,) = [r["urn"] for r in old.resources() if r["type"] == "azure-native:containerregistry:Registry"]
    moved = ("--source", "organization/old/local", "--dest", "organization/new/local", "--yes", urn)
    new.run("pulumi", "state", "move", *moved).ok()
    (old.project / "__main__.py").write_text(GROUP)
    assert old.steps() == {"before": "delete"}
    assert parent_and_name(new) == ("new-local", "before-registry")
    assert new.steps() == {"after": "create", "after-registry": "create", "before-registry": "delete"}

    (new.project / "__main__.py").write_text(after.replace("ADOPTS", "True"))
    assert new.steps() == {"after": "create"}
    new.up().ok()
    assert parent_and_name(new) == ("after", "after-registry")
    (new.project / "__main__.py").write_text(after.replace("ADOPTS", "False"))
    new.preview("--expect-no-changes").ok()


def test_a_move_within_one_stack_forgets_the_resource(tmp_path: Path) -> None:
    """The engine says that it moved it; docs/adopting.md warns."""
    program = GROUP + IN_A_COMPONENT.replace("COMPONENT", "before").replace("ADOPTS", "False")
    team = Rehearsal(tmp_path / "rehearsal", project=project(tmp_path / "team", "team", program)).init()
    team.up().ok()
    (urn,) = [r["urn"] for r in team.resources() if r["type"] == "azure-native:containerregistry:Registry"]
    moved = ("--source", "organization/team/local", "--dest", "organization/team/local", "--yes", urn)
    team.run("pulumi", "state", "move", *moved).ok()
    assert [r for r in team.resources() if r["urn"] == urn] == []
    assert team.steps() == {"before-registry": "create"}
