"""What an update deletes or replaces, in previews and plans of the real engine; and what it must not be taken for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from registry_guard.engine import evaluate
from registry_guard.examples import UNKNOWN, other, registry, replica

from tests.policies.check.checkkit import guard
from tests.policies.guardkit import stack
from tests.rehearsal import ROOT, Rehearsal

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
@pytest.mark.engine
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


INSTANCES = """
import pulumi
from pulumi_alicloud import cr
for name, kept in [("bought", False), ("retained", True)]:
    cr.RegistryEnterpriseInstance(
        name, instance_name=name, instance_type="Basic", payment_type="Subscription", period=1,
        renewal_status="ManualRenewal", opts=pulumi.ResourceOptions(retain_on_delete=kept),
    )
"""


@pytest.mark.full
@pytest.mark.engine
def test_instances_that_are_replaced_before_they_are_deleted(raw: Rehearsal) -> None:
    """As providers bridged from Terraform replace: what is there is marked for deletion and goes last, or stays."""
    raw.config |= {"alicloud:protocol": "localcloud.invalid", "alicloud:region": "ap-northeast-1"}
    write(raw, INSTANCES)
    raw.up().ok()
    code, found = judged(raw, INSTANCES.replace("instance_name=name", 'instance_name=f"{name}-next"'))
    assert (code, sorted(found)) == (1, ["bought", "retained"])
    assert "because instanceName cannot be changed in place: it buys a second" in found["bought"]["message"]
    assert "deleting the first refunds its subscription" in found["bought"]["message"]
    assert "lets go of the first, which is paid for" in found["retained"]["message"]
    code, found = judged(raw, INSTANCES.replace('("bought", False), ', ""))
    assert (code, list(found)) == (1, ["bought"])
    assert judged(raw, INSTANCES.replace(', ("retained", True)', ""))[1] == {}, "what is let go of on purpose"


@pytest.mark.full
@pytest.mark.engine
def test_a_registry_that_is_let_go_of_is_not_lost_unless_its_group_is(raw: Rehearsal) -> None:
    write(raw, GROUP + RETAINED)
    raw.up().ok()
    assert judged(raw, GROUP) == (0, {})
    code, found = judged(raw, "")
    assert (code, list(found)) == (1, ["group"])
    assert "registry 'registry' (contosokept) with every image" in found["group"]["message"]


@pytest.mark.engine
@pytest.mark.full
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


@pytest.mark.full
@pytest.mark.engine
def test_a_plan_that_deletes_wants_the_state(raw: Rehearsal, tmp_path: Path) -> None:
    write(raw, GROUP + REGISTRY)
    raw.up().ok()
    write(raw, GROUP)
    plan = tmp_path / "plan.json"
    raw.pulumi("preview", "--save-plan", str(plan)).ok()
    told = guard("check", plan)
    assert told.code == 2
    assert "--state" in told.err


# Deployments that delete what their templates leave out, in every document and in the pack.


def kept(*resources: Any, config: dict[str, Any] | None = None) -> list[tuple[str, str, bool]]:
    """(kind, resource, whether it fails) of each finding in a stack as it is."""
    found = evaluate(stack(*resources), config={"all": "disabled", "registry-kept": "mandatory", **(config or {})})
    return [(finding.kind, finding.resource, finding.mandatory) for finding in found]


def deployed(mode: Any, *registries: str, group: Any = "rg", **more: Any) -> Any:
    made = [{"type": "Microsoft.ContainerRegistry/registries", "name": name} for name in registries]
    properties = {"mode": mode, "template": {"resources": made}, **more}
    return {**other("resources:Deployment", "web", resourceGroupName=group, properties=properties), "outputs": {}}


RG = other("resources:ResourceGroup", "group", "", resourceGroupName="rg")
LINKED: dict[str, Any] = {"template": None, "templateLink": {"uri": "https://a.b/c"}}
FAILS, MAYBE = ("violation", "web", True), ("undetermined", "web", False)


@pytest.mark.parametrize(
    ("resources", "found"),
    [
        pytest.param([registry(), deployed("Complete")], [FAILS], id="beside a registry"),
        pytest.param([registry(), deployed("COMPLETE")], [FAILS], id="in any letters"),
        pytest.param([registry(), deployed("Complete", group="RG")], [FAILS], id="group in any letters"),
        pytest.param(
            [registry(), deployed("Complete", "fabrikam")], [FAILS], id="with another registry in its template"
        ),
        pytest.param([registry(more={"external": True}), deployed("Complete")], [FAILS], id="one that is only read"),
        pytest.param([registry(), deployed("Complete", **LINKED)], [MAYBE], id="its template is linked"),
        pytest.param([registry(), deployed(UNKNOWN)], [MAYBE], id="its mode is not known"),
        pytest.param([registry(), deployed("Complete", group=UNKNOWN)], [MAYBE], id="its group is not known"),
        pytest.param([registry(), deployed("Complete", "[uniqueString('a')]")], [MAYBE], id="a name only Azure knows"),
        pytest.param([deployed("Complete")], [MAYBE], id="nothing is known of the group"),
        pytest.param([deployed("Complete", "contoso")], [MAYBE], id="what else the group holds"),
        # Their safe twins.
        pytest.param([registry(), deployed("Incremental")], [], id="Incremental"),
        pytest.param([registry(), deployed(None)], [], id="no mode: Incremental"),
        pytest.param([RG, registry(), deployed("Complete", "contoso")], [], id="the template declares it too"),
        pytest.param([RG, deployed("Complete")], [], id="a group of the stack, without a registry"),
        pytest.param(
            [
                other("resources:ResourceGroup", "web", "", resourceGroupName="w"),
                registry(),
                deployed("Complete", group="w"),
            ],
            [],
            id="a group of its own",
        ),
    ],
)
def test_a_deployment_in_complete_mode(resources: list[Any], found: list[tuple[str, str, bool]]) -> None:
    assert kept(*resources) == found


def test_a_deployment_in_complete_mode_and_a_replica_that_its_template_leaves_out() -> None:
    resources = [RG, registry(), replica("westus2"), deployed("Complete", "contoso")]
    assert kept(*resources) == [("note", "web", False)]
    strict = {"registry-kept": {"enforcementLevel": "mandatory", "replica_deletion": "violation"}}
    assert kept(*resources, config=strict) == [FAILS]


def test_modules_of_a_template_in_complete_mode(tmp_path: Path) -> None:
    """Azure takes Complete mode at the root only; a file that asks for it in a module is judged as if it did not."""

    def module(mode: str, *registries: str) -> dict[str, Any]:
        resources = [{"type": "Microsoft.ContainerRegistry/registries", "name": name} for name in registries]
        return {
            "type": "Microsoft.Resources/deployments",
            "name": "web",
            "properties": {"mode": mode, "template": {"resources": resources}},
        }

    contoso = {"type": "Microsoft.ContainerRegistry/registries", "name": "contoso"}
    for resources, fails in (
        ([contoso, module("Complete")], True),
        ([contoso, module("Incremental")], False),
        ([contoso, {**module("Complete"), "resourceGroup": "rg-other"}], False),
        ([module("Complete", "contoso")], False),
        ([contoso, {**module("Complete"), "condition": False}], False),
    ):
        file = tmp_path / "main.json"
        file.write_text(json.dumps({"contentVersion": "1.0.0.0", "resources": resources}))
        told = guard("check", file, "--json").json()
        found = [f["fails"] for f in told["findings"] if f["rule"] == "registry-kept"]
        assert any(found) == fails, resources


def test_it_says_what_is_lost_and_how_to_do_it_on_purpose() -> None:
    (finding,) = evaluate(
        stack(registry(), deployed("Complete")), config={"all": "disabled", "registry-kept": "mandatory"}
    )
    assert "registry 'registry' (contoso), with every image" in finding.message
    assert "set a deployment's mode to Incremental" in finding.fix
    assert "To do it on purpose, copy the images first" in finding.fix
