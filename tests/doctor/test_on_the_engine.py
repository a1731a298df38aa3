"""The doctor beside the real engine: a deployed stack, what a preview would change in it, and a network as declared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.doctor.servers import Authority, Behaviour, Dns, Registry, Zones
from tests.rehearsal import ROOT, Rehearsal, stack_config

if TYPE_CHECKING:
    from pathlib import Path

HOSTS = ("contoso.azurecr.io", "contoso.japaneast.data.azurecr.io", "contoso.japanwest.data.azurecr.io")


FULL_SUBNET = """import pulumi
from pulumi_azure_native import containerregistry, network, resources

group = resources.ResourceGroup("rg", resource_group_name="rg")
where = {"resource_group_name": group.name}
space = {"address_prefixes": ["10.0.0.0/24"]}
vnet = network.VirtualNetwork("hub", **where, virtual_network_name="hub", address_space=space)
subnet = network.Subnet(
    "endpoints", **where, virtual_network_name=vnet.name, subnet_name="endpoints", address_prefix="10.0.0.0/29"
)
registry = containerregistry.Registry("contoso", **where, registry_name="contoso", sku={"name": "Premium"})
link = {"name": "c", "group_ids": ["registry"], "private_link_service_id": registry.id}
endpoint = network.PrivateEndpoint(
    "endpoint", **where, subnet={"id": subnet.id}, private_link_service_connections=[link]
)
for region in REGIONS:
    containerregistry.Replication(
        region,
        **where,
        registry_name=registry.name,
        replication_name=region,
        location=region,
        opts=pulumi.ResourceOptions(depends_on=[endpoint]),
    )
"""


@pytest.mark.engine
@pytest.mark.full
def test_a_replica_that_failed_in_a_full_subnet(tmp_path: Path) -> None:
    project = tmp_path / "program"
    project.mkdir()
    runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": str(ROOT / ".venv")}}
    (project / "Pulumi.yaml").write_text(json.dumps({"name": "full", "runtime": runtime}))
    stack = Rehearsal(tmp_path / "local", project=project)

    def declare(*regions: str) -> None:
        (project / "__main__.py").write_text(FULL_SUBNET.replace("REGIONS", repr(regions)))

    def shown() -> dict[str, Any]:
        return json.loads(stack.run("registry-doctor", "show", "--stack", "local", "--json").ok().out)[0]

    declare("westus")
    stack.init().up().ok()
    declare("westus", "eastus")
    assert "no private IP address is available" in stack.up().failed().text
    failed = [{"region": "eastus", "state": "Failed", "host": "contoso.eastus.data.azurecr.io"}]
    for _ in range(2):
        found = shown()
        assert found["stoppedReplicas"] == failed
        assert "contoso.eastus.data.azurecr.io" not in [each["host"] for each in found["hosts"]]
        assert "eastus" not in found["unknownUntilRefresh"]
        stack.pulumi("refresh", "--yes", "--skip-preview").ok()
    # What the note says to do: free an address; a plain update changes nothing then; remove the replica, and add it.
    declare("eastus")
    stack.up().ok()
    assert shown()["stoppedReplicas"] == failed
    declare()
    stack.up().ok()
    declare("eastus")
    stack.up().ok()
    found = shown()
    assert found["stoppedReplicas"] == []
    assert [each["regions"] for each in found["hosts"] if each["kind"] == "data endpoint"] == [
        ["japaneast"],
        ["eastus"],
    ]


@pytest.mark.engine
@pytest.mark.full
def test_a_deployed_stack(tmp_path: Path) -> None:
    stack = Rehearsal(tmp_path / "local", config=stack_config("local")).init()
    stack.up().ok()

    def doctor(*words: str):
        return stack.run("registry-doctor", *words)

    endpoints = doctor("endpoints", "--stack", "local").ok()
    assert json.loads(endpoints.out) == {
        "loginServer": HOSTS[0],
        "dataEndpoints": [
            {"region": "japaneast", "endpoint": HOSTS[1]},
            {"region": "japanwest", "endpoint": HOSTS[2]},
        ],
    }
    assert json.loads(endpoints.out) == stack.outputs()["endpoints"]

    shown = json.loads(doctor("show", "--stack", "local", "--json").ok().out)[0]
    addresses = {h["host"]: next(iter(h["addresses"].values())) for h in shown["hosts"]}
    assert addresses == stack.outputs()["privateIps"]
    assert "who can pull and push" in doctor("show", "--stack", "local").ok().out

    stack.config["private-registry:replicas"] = {"japanwest": {}, "koreacentral": {}}
    changes = json.loads(doctor("reach", "--stack", "local", "--run-preview", "--json").ok().out)["changes"]
    inside = next(c for c in changes if c["client"].startswith("VM in contoso-vnet"))
    assert inside["newHosts"] == ["contoso.koreacentral.data.azurecr.io"]

    authority = Authority(tmp_path)
    records: dict[str, str | list[str]] = {}
    for host, address in addresses.items():
        alias = host.replace(".azurecr.io", ".privatelink.azurecr.io")
        records |= {host: alias, alias: [address]}
    context = authority.server_context(*HOSTS)
    with Dns(Zones(records, ["privatelink.azurecr.io"])) as dns, Registry(Behaviour(), context) as registry:
        looked = ("check", "--stack", "local", "--resolver", dns.address, "--ca-bundle", str(authority.bundle))
        rerouted = ("--connect-to", f"*={registry.address}", "--json")
        assert json.loads(doctor(*looked, *rerouted).ok().out)["ok"]
        del records["contoso.japanwest.data.privatelink.azurecr.io"]
        dns.zones.records = records
        broken = doctor(*looked, *rerouted)
    assert broken.code == 1
    assert "The record of contoso.japanwest.data.azurecr.io is missing" in broken.out

    stack.up().ok()
    shown = doctor("show", "--stack", "local").ok()
    assert shown.out.count("unknown until `pulumi refresh`") == 2, "the host and the record of the new replica"
    stack.pulumi("refresh", "--yes", "--skip-preview").ok()
    assert "unknown" not in doctor("show", "--stack", "local").ok().out
