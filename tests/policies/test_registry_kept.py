"""What an update deletes or replaces, in previews and plans of the real engine; and what it must not be taken for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.policies.check.checkkit import guard
from tests.rehearsal import ROOT, Rehearsal

pytestmark = pytest.mark.engine

GROUP = """
import pulumi
import pulumi_azure_native as azure

group = azure.resources.ResourceGroup("group", resource_group_name="rg-kept")
"""
REGISTRY = """
registry = azure.containerregistry.Registry(
    "registry",
    registry_name="contosokept",
    resource_group_name=group.name,
    sku={"name": "Premium"},
    public_network_access="Disabled",
    location="japaneast",
    data_endpoint_enabled=True,
)
"""
CHILDREN = """
azure.containerregistry.Webhook(
    "hook", registry_name=registry.name, resource_group_name=group.name, webhook_name="pushes", location="japaneast",
    actions=["push"], service_uri="https://hooks.contoso.example",
)
azure.containerregistry.Replication(
    "replica", registry_name=registry.name, resource_group_name=group.name, location="japanwest",
    replication_name="japanwest",
)
"""
MOVED = REGISTRY.replace('"japaneast"', '"koreacentral"')
RETAINED = REGISTRY.replace("data_endpoint", "opts=pulumi.ResourceOptions(retain_on_delete=True), data_endpoint")


@pytest.fixture
def raw(tmp_path: Path) -> Rehearsal:
    project = tmp_path / "program"
    project.mkdir()
    runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": str(ROOT / ".venv")}}
    (project / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "kept", "runtime": runtime}))
    return Rehearsal(tmp_path / "rehearsal", project=project).init()


def write(raw: Rehearsal, program: str) -> None:
    (raw.project / "__main__.py").write_text(program)


def judged(raw: Rehearsal, program: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """What `registry-guard check` says of the preview of a program: the exit code, and the rule's findings by name."""
    write(raw, program)
    file = raw.folder / "preview.json"
    file.write_text(raw.pulumi("preview", "--json", "--show-sames").ok().out)
    told = guard("check", file, "--json")
    found = [f for f in told.json()["findings"] if f["rule"] == "registry-kept"]
    return told.code, {f["urn"].rpartition("::")[2]: f for f in found}


def planned(raw: Rehearsal, program: str) -> dict[str, dict[str, Any]]:
    """The same from a plan and the stack's export."""
    write(raw, program)
    plan, state = raw.folder / "plan.json", raw.folder / "state.json"
    state.write_text(raw.run("pulumi", "stack", "export", "--stack", raw.stack).ok().out)
    raw.pulumi("preview", "--save-plan", str(plan)).ok()
    told = guard("check", plan, "--state", state, "--json").json()
    return {f["urn"].rpartition("::")[2]: f for f in told["findings"] if f["rule"] == "registry-kept"}


@pytest.mark.full
def test_updates_that_lose_a_registry_and_updates_that_do_not(raw: Rehearsal) -> None:
    write(raw, GROUP + REGISTRY + CHILDREN)
    assert judged(raw, GROUP + REGISTRY + CHILDREN) == (0, {}), "creating loses nothing"
    raw.up().ok()

    code, found = judged(raw, GROUP + MOVED + CHILDREN)
    assert code == 1
    # The engine replaces the children with their registry; that they go with it needs no findings of their own.
    assert list(found) == ["registry"]
    said = found["registry"]
    assert said["fails"]
    assert (
        "replaces registry 'registry' (contosokept), because location cannot be changed in place" in (said["message"])
    )
    assert "every image" in said["message"]
    assert "az acr import" in said["fix"]
    plan = planned(raw, GROUP + MOVED + CHILDREN)
    assert list(plan) == ["registry"]
    assert plan["registry"]["fails"]

    code, found = judged(raw, GROUP)
    assert code == 1
    assert list(found) == ["registry"]
    assert "deletes registry 'registry' (contosokept)" in found["registry"]["message"]
    assert list(planned(raw, GROUP)) == ["registry"]

    renamed = (GROUP + REGISTRY + CHILDREN).replace('"registry",\n', '"shop",\n')
    _, found = judged(raw, renamed)
    assert "'shop' declares the same registry: give it an alias" in found["registry"]["message"]

    kept = (GROUP + REGISTRY + CHILDREN).replace("data_endpoint_enabled=True", "data_endpoint_enabled=False")
    assert judged(raw, kept)[1] == {}, "an update"
    hook = CHILDREN[: CHILDREN.index("azure.containerregistry.Replication")]
    assert judged(raw, GROUP + REGISTRY + CHILDREN.replace(hook, "")) == (0, {}), "a webhook"
    second = REGISTRY.replace('"registry"', '"second"').replace("contosokept", "contososecond")
    assert judged(raw, GROUP + REGISTRY + CHILDREN + second) == (0, {}), "one more registry"

    code, found = judged(raw, GROUP + REGISTRY + hook)
    assert (code, list(found)) == (0, ["replica"])
    assert found["replica"]["kind"] == "note"
    assert "replica 'replica' in japanwest" in found["replica"]["message"]


def test_a_registry_that_is_let_go_of_is_not_lost_unless_its_group_is(raw: Rehearsal) -> None:
    write(raw, GROUP + RETAINED)
    raw.up().ok()
    assert judged(raw, GROUP) == (0, {})
    code, found = judged(raw, "")
    assert (code, list(found)) == (1, ["group"])
    assert "registry 'registry' (contosokept) with every image" in found["group"]["message"]


def test_an_exemption_and_a_level_hold_for_losses_too(raw: Rehearsal, tmp_path: Path) -> None:
    write(raw, GROUP + REGISTRY)
    raw.up().ok()
    write(raw, GROUP)
    file = tmp_path / "preview.json"
    file.write_text(raw.pulumi("preview", "--json", "--show-sames").ok().out)
    exemption = {"rule": "registry-kept", "resource": "registry", "reason": "retired", "owner": "ann"}
    config = tmp_path / "config.json"
    for expires, code in (("2999-01-01", 0), ("2020-01-01", 1)):
        config.write_text(json.dumps({"registry-guard": {"exemptions": [{**exemption, "expires": expires}]}}))
        assert guard("check", file, "--config", config).code == code
    config.write_text(json.dumps({"registry-kept": "advisory"}))
    assert guard("check", file, "--config", config).code == 0


def test_a_plan_that_deletes_wants_the_state(raw: Rehearsal, tmp_path: Path) -> None:
    write(raw, GROUP + REGISTRY)
    raw.up().ok()
    write(raw, GROUP)
    plan = tmp_path / "plan.json"
    raw.pulumi("preview", "--save-plan", str(plan)).ok()
    told = guard("check", plan)
    assert told.code == 2
    assert "--state" in told.err
