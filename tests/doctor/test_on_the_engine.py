"""The doctor beside the real engine: a deployed stack, what a preview would change in it, and a network as declared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.doctor.servers import Authority, Behaviour, Dns, Registry, Zones
from tests.rehearsal import Rehearsal, stack_config

if TYPE_CHECKING:
    from pathlib import Path

HOSTS = ("contoso.azurecr.io", "contoso.japaneast.data.azurecr.io", "contoso.japanwest.data.azurecr.io")


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
