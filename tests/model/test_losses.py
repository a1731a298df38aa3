"""What a preview deletes or replaces, and what Azure keeps all the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from registry_model.estate import relations
from registry_model.estate.documents import load
from registry_model.estate.losses import dangers
from registry_model.estate.model import Estate, Resource

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
TEMPLATE = {"resources": [{"type": "Microsoft.ContainerRegistry/registries", "name": "contoso"}]}
CLASSIC = "azure:containerservice/registry:Registry"


def state(kind: str, name: str, inputs: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"urn": f"urn:pulumi:dev::app::{kind}::{name}", "type": kind, "custom": True, "inputs": inputs, **more}


def lost(*steps: tuple[str, Mapping[str, Any] | None, Mapping[str, Any] | None]) -> set[tuple[str, bool, str]]:
    """(what is lost, whether it is replaced, the group that takes it along) of a preview's steps."""
    held = [
        {"op": op, "urn": (new or old or {})["urn"], "oldState": old, "newState": new, "replaceReasons": ["location"]}
        for op, old, new in steps
    ]
    made = load("preview.json", json.dumps({"config": {}, "changeSummary": {}, "steps": held})).estate
    return {
        (f"{x.resource.name} {x.resource.get('location', '')}".strip(), x.replaced, x.holder.name if x.holder else "")
        for x in made.losses
    }


REGISTRY = state(
    "azure-native:containerregistry:Registry", "acr", {"registryName": "contoso", "resourceGroupName": "rg"}
)


@pytest.mark.parametrize(
    ("operation", "replaced"),
    [("delete", False), ("replace", True), ("create-replacement", True), ("delete-replaced", True)],
)
def test_steps_that_delete(operation: str, replaced: bool) -> None:
    assert lost((operation, REGISTRY, None if operation.startswith("delete") else REGISTRY)) == {("acr", replaced, "")}


@pytest.mark.parametrize("operation", ["same", "update", "refresh", "import", "discard", "read"])
def test_steps_that_keep(operation: str) -> None:
    assert lost((operation, REGISTRY, REGISTRY)) == set()


def test_creating_deletes_nothing() -> None:
    assert lost(("create", None, REGISTRY)) == set()


@pytest.mark.parametrize("held", [{"retainOnDelete": True}, {"external": True}])
def test_what_stays_in_azure(held: dict[str, Any]) -> None:
    assert lost(("delete", {**REGISTRY, **held}, None)) == set()


INSTANCE = state(
    "alicloud:cr/registryEnterpriseInstance:RegistryEnterpriseInstance", "cri", {"instanceName": "contoso"}
)


@pytest.mark.parametrize("held", [REGISTRY, INSTANCE], ids=["azure", "alibaba"])
@pytest.mark.parametrize("operation", ["replace", "create-replacement", "delete-replaced"])
def test_what_is_kept_is_replaced_all_the_same(held: dict[str, Any], operation: str) -> None:
    kept = {**held, "retainOnDelete": True}
    assert lost((operation, kept, kept)) == {(held["urn"].rpartition("::")[2], True, "")}
    assert lost(("delete", kept, None)) == set()
    assert lost((operation, {**kept, "external": True}, kept)) == set()


@pytest.mark.parametrize("held", [REGISTRY, INSTANCE], ids=["azure", "alibaba"])
def test_what_is_replaced_before_it_is_deleted(held: dict[str, Any]) -> None:
    """The engine then shows the old state as one that waits for its deletion."""
    old = {**held, "delete": True}
    name = held["urn"].rpartition("::")[2]
    assert lost(("replace", old, held)) == {(name, True, "")}
    assert lost(("replace", {**old, "retainOnDelete": True}, held)) == {(name, True, "")}


def test_what_is_kept_of_a_replaced_group_or_replica_is_no_loss() -> None:
    group = state("azure-native:resources:ResourceGroup", "group", {"resourceGroupName": "rg"})
    kept = {**group, "retainOnDelete": True}
    assert lost(("replace", kept, kept), ("same", REGISTRY, REGISTRY)) == set()
    assert lost(("replace", group, group), ("same", REGISTRY, REGISTRY)) == {("acr", True, "group")}
    inputs = {"registryName": "contoso", "resourceGroupName": "rg", "location": "japanwest"}
    replica = {**state("azure-native:containerregistry:Replication", "west", inputs), "retainOnDelete": True}
    assert lost(("same", REGISTRY, REGISTRY), ("replace", replica, replica)) == set()


def test_a_deployment_leaves_what_it_made_and_terraforms_does_not() -> None:
    native = state("azure-native:resources:Deployment", "d", {"properties": {"template": TEMPLATE}})
    assert lost(("delete", native, None)) == set()
    kind = "azure:core/resourceGroupTemplateDeployment:ResourceGroupTemplateDeployment"
    classic = state(kind, "d", {"name": "d", "templateContent": json.dumps(TEMPLATE)})
    assert lost(("delete", classic, None)) == {("contoso", False, "")}


@pytest.mark.parametrize("token", [CLASSIC, "azurerm:index/containerRegistry:ContainerRegistry"])
def test_a_replica_that_is_no_longer_listed(token: str) -> None:
    def listed(*regions: str) -> dict[str, Any]:
        return state(token, "acr", {"name": "contoso", "georeplications": [{"location": r} for r in regions]})

    assert lost(("update", listed("eastus", "westus2"), listed("westus2"))) == {("acr eastus", False, "")}
    assert lost(("update", listed("eastus"), listed("westus2", "eastus"))) == set()
    assert lost(("replace", listed("eastus"), listed())) == {("acr", True, "")}, "the registry stands for its replicas"


def test_a_generic_registry() -> None:
    generic = state(
        "azure-native:resources:Resource",
        "acr",
        {
            "resourceProviderNamespace": "Microsoft.ContainerRegistry",
            "resourceType": "registries",
            "resourceName": "contoso",
        },
    )
    assert lost(("delete", generic, None)) == {("acr", False, "")}


@pytest.mark.parametrize("token", ["azure-native:resources:ResourceGroup", "azure:core/resourceGroup:ResourceGroup"])
def test_a_group_takes_along_what_the_stack_keeps(token: str) -> None:
    key = "resourceGroupName" if token.startswith("azure-native") else "name"
    group = state(token, "group", {key: "rg"})
    kept = {**REGISTRY, "retainOnDelete": True}
    assert lost(("delete", group, None), ("delete", kept, None)) == {("acr", False, "group")}
    assert lost(("delete", group, None), ("delete", REGISTRY, None)) == {("acr", False, "")}
    other = state(token, "group", {key: "elsewhere"})
    assert lost(("delete", other, None), ("same", REGISTRY, REGISTRY)) == set()


def test_a_patch_that_goes_takes_nothing_along() -> None:
    patch = state(
        "azapi:index/updateResource:UpdateResource",
        "patch",
        {
            "type": "Microsoft.ContainerRegistry/registries@2025-04-01",
            "resourceId": f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/contoso",
            "body": {"tags": {}},
        },
    )
    assert lost(("delete", patch, None), ("same", REGISTRY, REGISTRY)) == set()


# Ways to deploy a template that delete what it does not declare.

STACK = "azure-native:resources:DeploymentStackAtResourceGroup"


def template(*names: Any, **more: Any) -> dict[str, Any]:
    made = [{"type": "Microsoft.ContainerRegistry/registries", "name": name} for name in names]
    return {"contentVersion": "1.0.0.0", "resources": made, **more}


def deployment(held: Any, mode: str = "Complete", group: str = "rg") -> dict[str, Any]:
    inputs = {"resourceGroupName": group, "properties": {"mode": mode, "template": held}}
    return state("azure-native:resources:Deployment", "d", inputs)


def stack(held: Any, resources: str, groups: str = "detach") -> dict[str, Any]:
    action = {"resources": resources, "resourceGroups": groups}
    return state(STACK, "d", {"resourceGroupName": "rg", "template": held, "actionOnUnmanage": action})


def classic(held: Any, mode: str) -> dict[str, Any]:
    kind = "azure:core/resourceGroupTemplateDeployment:ResourceGroupTemplateDeployment"
    inputs = {"name": "d", "resourceGroupName": "rg", "templateContent": json.dumps(held), "deploymentMode": mode}
    return state(kind, "d", inputs)


def generic(held: Any, mode: str) -> dict[str, Any]:
    inputs = {
        "type": "Microsoft.Resources/deployments@2024-03-01",
        "name": "d",
        "parentId": f"{SUBSCRIPTION}/resourceGroups/rg",
        "body": {"properties": {"mode": mode, "template": held}},
    }
    return state("azapi:index/resource:Resource", "d", inputs)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(deployment(template("contoso")), deployment(template()), id="Complete"),
        pytest.param(deployment(template("contoso"), "Incremental"), deployment(template()), id="Complete from now on"),
        pytest.param(stack(template("contoso"), "delete"), stack(template(), "delete"), id="stack"),
        pytest.param(stack(template("contoso"), "detach"), stack(template(), "delete"), id="stack from now on"),
        pytest.param(classic(template("contoso"), "Complete"), classic(template(), "Complete"), id="classic provider"),
        pytest.param(generic(template("contoso"), "complete"), generic(template(), "complete"), id="azapi"),
        pytest.param(
            deployment(template("contoso")),
            deployment({"resources": [{**template("contoso")["resources"][0], "condition": False}]}),
            id="no longer by its condition",
        ),
    ],
)
def test_a_template_that_no_longer_declares_a_registry(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert lost(("update", before, after)) == {("contoso", False, "d")}
    assert lost(("update", after, before)) == set(), "one that declares it again"
    assert lost(("same", before, before)) == set()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (deployment(template("contoso"), "Incremental"), deployment(template(), "Incremental")),
        (stack(template("contoso"), "delete"), stack(template(), "detach")),
        (classic(template("contoso"), "Incremental"), classic(template(), "Incremental")),
        (deployment(template("contoso")), deployment(template("[toLower('CONTOSO')]"))),
        (deployment(template()), deployment(template("contoso"))),
    ],
)
def test_a_template_that_deletes_nothing(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert lost(("update", before, after)) == set()


def test_a_registry_that_moves_from_a_template_into_the_program_stays() -> None:
    """Until the next deployment: what it would delete then is found in the stack as it is (`dangers`)."""
    before, after = stack(template("contoso"), "delete"), stack(template(), "delete")
    assert lost(("update", before, after), ("import", None, REGISTRY)) == set()


def test_a_registry_that_the_stack_lets_go_of_in_the_group_of_a_complete_deployment() -> None:
    kept = {**REGISTRY, "retainOnDelete": True}
    here, elsewhere = deployment(template()), deployment(template(), group="rg-other")
    assert lost(("update", here, here), ("delete", kept, None)) == {("acr", False, "d")}
    assert lost(("update", elsewhere, elsewhere), ("delete", kept, None)) == set()
    assert lost(("same", here, here), ("delete", kept, None)) == set(), "it does not run"


def test_a_group_that_a_stack_deletes_takes_its_registries_along() -> None:
    group = {"type": "Microsoft.Resources/resourceGroups", "name": "rg", "location": "japaneast"}
    before, after = ({"resources": [group]}, {"resources": []})

    def subscription(held: Any, groups: str) -> dict[str, Any]:
        inputs = {"template": held, "actionOnUnmanage": {"resources": "detach", "resourceGroups": groups}}
        return state("azure-native:resources:DeploymentStackAtSubscription", "d", inputs)

    gone = ("update", subscription(before, "delete"), subscription(after, "delete"))
    assert lost(gone, ("same", REGISTRY, REGISTRY)) == {("acr", False, "d")}
    kept = ("update", subscription(before, "delete"), subscription(after, "detach"))
    assert lost(kept, ("same", REGISTRY, REGISTRY)) == set()
    own = state("azure-native:resources:ResourceGroup", "group", {"resourceGroupName": "rg"})
    assert lost(gone, ("same", REGISTRY, REGISTRY), ("import", None, own)) == set(), "the program has the group now"


def test_a_template_that_cannot_be_read_may_delete() -> None:
    linked = {"resourceGroupName": "rg", "properties": {"mode": "Complete", "templateLink": {"uri": "https://a.b/c"}}}
    after = state("azure-native:resources:Deployment", "d", linked)
    before = deployment(template("contoso"))
    held = {"op": "update", "urn": before["urn"], "oldState": before, "newState": after}
    (loss,) = load("p.json", json.dumps({"config": {}, "changeSummary": {}, "steps": [held]})).estate.losses
    assert (loss.resource.name, loss.sure) == ("contoso", False)


def test_replicas_go_by_themselves_where_their_registry_stays() -> None:
    replica = {"type": "Microsoft.ContainerRegistry/registries/replications", "name": "contoso/westus2"}
    with_replica = template("contoso")
    with_replica["resources"].append({**replica, "location": "westus2"})
    assert lost(("update", deployment(with_replica), deployment(template("contoso")))) == {
        ("westus2 westus2", False, "d")
    }
    assert lost(("update", deployment(with_replica), deployment(template()))) == {("contoso", False, "d")}


def _template_of(name: str) -> dict[str, Any]:
    return {"resources": [{"type": "Microsoft.ContainerRegistry/registries", "name": name}]}


def _many(count: int) -> str:
    """A preview of deployments in Complete mode, each in a group with a registry that its template does not declare."""
    steps: list[dict[str, Any]] = []
    for number in range(count):
        group = {"resourceGroupName": f"rg{number}"}
        made = state("azure-native:resources:ResourceGroup", f"g{number}", group)
        registry = state(
            "azure-native:containerregistry:Registry", f"acr{number}", {"registryName": f"contoso{number}", **group}
        )
        properties = {"mode": "Complete", "template": _template_of("other")}
        run = state("azure-native:resources:Deployment", f"d{number}", {"properties": properties, **group})
        steps += [{"op": "same", "urn": each["urn"], "oldState": each, "newState": each} for each in (made, registry)]
        steps.append({"op": "update", "urn": run["urn"], "oldState": run, "newState": run})
    return json.dumps({"config": {}, "changeSummary": {}, "steps": steps})


def test_of_many_registries_some_are_named_for_a_deployment() -> None:
    """Those that are certainly in its group come first, and it is said that there are more."""
    group = {"resourceGroupName": "rg"}
    unknown = {"resourceGroupName": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}
    registry = "azure-native:containerregistry:Registry"
    made = [state(registry, f"maybe{n}", {"registryName": f"maybe{n}", **unknown}) for n in range(9)]
    made += [state(registry, f"sure{n}", {"registryName": f"sure{n}", **group}) for n in range(2)]
    properties = {"mode": "Complete", "template": _template_of("sure0")}
    made.append(state("azure-native:resources:Deployment", "d", {"properties": properties, **group}))
    estate = load("state.json", json.dumps({"version": 3, "deployment": {"resources": made}})).estate
    assert [(danger.victim and danger.victim.name, danger.sure, danger.more) for danger in dangers(estate)] == [
        ("sure1", True, False),
        *((f"maybe{n}", False, False) for n in range(4)),
        (None, False, True),
    ]


def test_deployments_are_held_against_their_own_group_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work grows with the resources, not with deployments times registries. It is counted: time proves nothing."""
    asked: list[int] = []
    real = relations.group_key

    def counted(estate: Estate, resource: Resource) -> Any:
        asked[-1] += 1
        return real(estate, resource)

    monkeypatch.setattr(relations, "group_key", counted)
    for count in (20, 40):
        asked.append(0)
        estate = load("preview.json", _many(count)).estate
        found = [
            (danger.deployment.name, danger.victim and danger.victim.name, danger.sure) for danger in dangers(estate)
        ]
        assert found == [(f"d{number}", f"acr{number}", True) for number in range(count)]
    assert 0 < asked[1] <= 2 * asked[0]
