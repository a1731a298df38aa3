"""The components declare with pulumi-azure-native's own classes: what the SDK promises of them holds.

Its outputs are there, its aliases adopt what older SDKs deployed, and transformations see its names. Beside that, the
component asks for exactly what a flat program of the same resources asks for, which ``make bench`` measures it against.
"""

from __future__ import annotations

import inspect
import json
import re
import runpy
from typing import Any

import pulumi
import pytest
from private_registry import PremiumRegistry, PrivateRegistry, PrivateRegistryArgs, stack
from pulumi_azure_native import containerregistry

from tests.components.graph import Graph, run
from tests.rehearsal import ROOT, Rehearsal, stack_config

ARGS: PrivateRegistryArgs = {
    "registry_name": "contoso",
    "location": "japaneast",
    "resource_group_name": "rg-contoso",
    "create_resource_group": True,
    "replicas": {"japanwest": {}},
    "network": {"virtual_network_prefix": "10.20.0.0/24", "subnet_prefix": "10.20.0.0/27"},
    "private_endpoint": {"endpoint_name": "contoso-endpoint"},
}


def config() -> dict[str, str]:
    values = stack_config("local") | {"private-registry:privateEndpoint": {"endpointName": "contoso-endpoint"}}
    return {k: v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}


def flat() -> None:
    pulumi.runtime.set_all_config(config(), [])
    runpy.run_path(str(ROOT / "tests" / "bench" / "flat" / "__main__.py"))


def component() -> None:
    PrivateRegistry("main", stack.arguments(config(), "private-registry", "local"))


def asked(graph: Graph) -> dict[str, tuple[dict[str, Any], str]]:
    """Inputs by type, each of which is there once; of an id, which has the resource's own name, all but that name."""
    found: dict[str, tuple[dict[str, Any], str]] = {}
    for resource in graph.resources:
        if resource.custom:
            assert resource.type not in found
            inputs = re.sub(r'(/subscriptions/[^"]*/)[^/"]+"', r'\1<name>"', json.dumps(resource.inputs))
            found[resource.type] = (json.loads(inputs), resource.version)
    return found


def test_the_component_declares_what_the_flat_program_declares() -> None:
    ours, theirs = asked(run(component)), asked(run(flat))
    assert set(ours) == set(theirs)
    for resource_type, request in theirs.items():
        assert ours[resource_type] == request


@pytest.mark.parametrize("preview", [False, True])
def test_every_output_that_the_type_checker_promises_of_a_replica_is_there(preview: bool) -> None:
    promised = [
        name
        for name, member in inspect.getmembers(containerregistry.Replication)
        if isinstance(member, property) and getattr(member.fget, "_pulumi_name", None)
    ]
    assert {"status", "provisioning_state", "location", "name"} <= set(promised)
    found: dict[str, object] = {}

    def program() -> None:
        registry = PremiumRegistry(
            "images",
            {
                "registry_name": "contoso",
                "location": "japaneast",
                "resource_group_name": "rg",
                "replicas": {"japanwest": {}},
            },
        )
        replica = registry.replicas["japanwest"]
        found.update({name: getattr(replica, name) for name in [*promised, "id", "urn"]})

    run(program, preview=preview)
    assert {name for name, output in found.items() if not isinstance(output, pulumi.Output)} == set()


def test_a_transformation_sees_the_sdks_names() -> None:
    seen: dict[str, set[str]] = {}

    def transformation(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        seen[args.name] = set(args.props)
        if args.type_ != "azure-native:containerregistry:Registry":
            return None
        props = {**args.props, "anonymous_pull_enabled": True}
        return pulumi.ResourceTransformationResult(props=props, opts=args.opts)

    def program() -> None:
        PrivateRegistry("main", ARGS, pulumi.ResourceOptions(transformations=[transformation]))

    graph = run(program)
    assert {"registry_name", "network_rule_set", "public_network_access"} <= seen["main-registry"]
    assert {"private_endpoint_name", "custom_network_interface_name"} <= seen["main-endpoint"]
    assert graph["main-registry"].inputs["anonymousPullEnabled"] is True


# A token of each module as an SDK of 2023 wrote it into states.
VERSIONED = {
    "azure-native:resources:ResourceGroup": "azure-native:resources/v20220901:ResourceGroup",
    "azure-native:containerregistry:Registry": "azure-native:containerregistry/v20230701:Registry",
    "azure-native:containerregistry:Replication": "azure-native:containerregistry/v20230701:Replication",
    "azure-native:network:VirtualNetwork": "azure-native:network/v20230601:VirtualNetwork",
    "azure-native:network:Subnet": "azure-native:network/v20230601:Subnet",
    "azure-native:network:PrivateEndpoint": "azure-native:network/v20230601:PrivateEndpoint",
    "azure-native:network:PrivateDnsZoneGroup": "azure-native:network/v20230601:PrivateDnsZoneGroup",
    "azure-native:privatedns:PrivateZone": "azure-native:network/v20200601:PrivateZone",
    "azure-native:privatedns:VirtualNetworkLink": "azure-native:network/v20200601:VirtualNetworkLink",
}


def retyped(deployment: str) -> str:
    """A stack export as an older SDK would have written it: its types in every place, URNs among them."""
    for token, versioned in VERSIONED.items():
        deployment = re.sub(rf"{re.escape(token)}(?![\w/])", versioned, deployment)
    return deployment


@pytest.mark.engine
@pytest.mark.full
def test_what_an_older_sdk_deployed_is_adopted(local: Rehearsal) -> None:
    local.up().ok()
    before = {r["id"] for r in local.resources() if r["type"].startswith("azure-native:")}
    exported = local.run("pulumi", "stack", "export", "--stack", local.stack).ok().out
    older = local.folder / "older.json"
    older.write_text(retyped(exported))
    local.run("pulumi", "stack", "import", "--stack", local.stack, "--file", str(older)).ok()
    assert {r["type"] for r in local.resources() if r["type"].startswith("azure-native:")} == set(VERSIONED.values())

    assert set(local.steps().values()) <= {"update"}
    local.up().ok()
    adopted = [r for r in local.resources() if r["type"].startswith("azure-native:")]
    assert {r["type"] for r in adopted} == set(VERSIONED)
    assert {r["id"] for r in adopted} == before
    local.preview("--expect-no-changes").ok()


DECLARE = """
import pulumi
from private_registry import PrivateRegistry

PrivateRegistry({name!r}, {args!r}, pulumi.ResourceOptions({options}))
"""


def declared(raw: Rehearsal, name: str, options: str = "", before: str = "") -> None:
    (raw.project / "__main__.py").write_text(before + DECLARE.format(name=name, args=ARGS, options=options))


def ids(rehearsal: Rehearsal) -> dict[str, str]:
    return {r["id"]: r["type"] for r in rehearsal.resources() if r["type"].startswith("azure-native:")}


@pytest.mark.engine
@pytest.mark.full
def test_a_renamed_component_takes_its_children_along(raw: Rehearsal) -> None:
    declared(raw, "main")
    raw.up().ok()
    before = ids(raw)
    declared(raw, "images", "aliases=[pulumi.Alias(name='main')]")
    assert raw.steps() == {}
    raw.up().ok()
    assert ids(raw) == before
    providers = [r["urn"] for r in raw.resources() if r["type"] == "pulumi:providers:azure-native"]
    assert len(providers) == 1, "addresses are read by the provider that made the rest"
    children = [r for r in raw.resources() if r["type"].startswith("azure-native:")]
    assert {r["urn"].rpartition("::")[2].partition("-")[0] for r in children} == {"images"}
    raw.preview("--expect-no-changes").ok()


# The names in tests/bench/flat, by the component's children.
FLAT = {
    "main-resource-group": "group",
    "main-virtual-network": "vnet",
    "main-subnet": "subnet",
    "main-registry": "registry",
    "main-replica-japanwest": "replica-japanwest",
    "main-zone": "zone",
    "main-link-endpoint": "link",
    "main-endpoint": "endpoint",
    "main-zone-group": "zone-group",
}
# The page's own snippet; its mapping is an example.
(ADOPT,) = re.findall(r"^(OLD = .*?)^PrivateRegistry", (ROOT / "docs/adopting.md").read_text(), re.S | re.M)
ADOPT = f"import pulumi\n\n{ADOPT}\nOLD |= {FLAT!r}\n"


@pytest.mark.engine
@pytest.mark.full
def test_resources_of_a_flat_program_are_moved_into_the_component(raw: Rehearsal) -> None:
    values = stack_config("local")
    values["private-registry:resourceGroupName"] = ARGS["resource_group_name"]
    del values["private-registry:tags"]
    raw.config.update(values)
    (raw.project / "__main__.py").write_text((ROOT / "tests" / "bench" / "flat" / "__main__.py").read_text())
    raw.up().ok()
    before = ids(raw)
    declared(raw, "main", "transformations=[adopt]", before=ADOPT)
    assert {op for name, op in raw.steps().items() if name in FLAT} <= {"update"}
    raw.up().ok()
    assert ids(raw) == before
    raw.preview("--expect-no-changes").ok()
