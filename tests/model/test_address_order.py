"""Which member has which place among an endpoint's addresses is Azure's affair: reach and records do not depend on it.

Addresses stand in an endpoint's ``customDnsConfigs``, in its static ``ipConfigurations``, in the configurations of its
network interface, and in the record sets of its zone group.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from registry_model.estate import documents
from registry_model.estate.model import Estate
from registry_model.reach.clients import default_clients
from registry_model.reach.judgement import summary
from registry_model.reach.model import Registry
from registry_model.reach.registries import registries

from tests.doctor import stacks
from tests.model.live.standin import PRINTED
from tests.model.reordered import reordered

MEMBERS = {
    "registry": ("contoso", "192.168.0.72"),
    "registry_data_japaneast": ("contoso.japaneast.data", "192.168.0.73"),
    "registry_data_westus": ("contoso.westus.data", "192.168.0.74"),
}


def _custom_dns(endpoint: dict[str, Any]) -> None:
    endpoint["customDnsConfigs"] = [
        {"fqdn": f"{record}.azurecr.io", "ipAddresses": [address]} for record, address in MEMBERS.values()
    ]


def _static(endpoint: dict[str, Any]) -> None:
    endpoint["ipConfigurations"] = [
        {"name": member, "groupId": "registry", "memberName": member, "privateIPAddress": address}
        for member, (_, address) in MEMBERS.items()
    ]


def state(*, group: bool, fill: Any = lambda _: None) -> Any:
    """A stack export; without a zone group the endpoint has its addresses itself."""
    resources = [*stacks.registry(), *stacks.private_path("contoso", stacks.ADDRESSES)]
    kept = [each for each in resources if group or "PrivateDnsZoneGroup" not in each["type"]]
    (endpoint,) = (each for each in kept if each["type"].endswith("PrivateEndpoint"))
    fill(endpoint["outputs"])
    endpoint["inputs"] |= endpoint["outputs"]
    return stacks.export(*kept)


def printed() -> list[Any]:
    return [json.loads(file.read_text()) for file in sorted(PRINTED.glob("*.json"))]


DOCUMENTS = {
    "record sets of a zone group": [state(group=True)],
    "customDnsConfigs": [state(group=False, fill=_custom_dns)],
    "static addresses": [state(group=False, fill=_static)],
    "what az printed": printed(),
}


def estate(values: list[Any]) -> Estate:
    return documents.joined([documents.load(f"{n}.json", json.dumps(each)) for n, each in enumerate(values)])[0].estate


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_order_of_addresses_means_nothing(name: str) -> None:
    turned: list[str] = []
    as_is, other = estate(DOCUMENTS[name]), estate(reordered(DOCUMENTS[name], turned))
    assert turned
    assert DOCUMENTS[name] != reordered(DOCUMENTS[name])
    for one, two in zip(registries(as_is), registries(other), strict=True):
        assert addresses(one) == addresses(two)
        assert records(one) == records(two)
        for left, right in zip(default_clients(one), default_clients(two), strict=True):
            assert summary(one, left) == summary(two, right)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_address_that_is_another_member_s_is_seen(name: str) -> None:
    """The order means nothing, the address does: two addresses that changed places are another estate."""
    text = json.dumps(DOCUMENTS[name])
    swapped = text.replace("192.168.0.73", "_").replace("192.168.0.74", "192.168.0.73").replace("_", "192.168.0.74")
    one, two = (registries(estate(json.loads(each))) for each in (text, swapped))
    assert [addresses(each) for each in one] != [addresses(each) for each in two]


def addresses(registry: Registry) -> list[list[tuple[str, str]]]:
    """The private addresses of each endpoint, host by host."""
    return [sorted(each.addresses) for each in registry.private_endpoints]


def records(registry: Registry) -> list[tuple[str, Any]]:
    """What each private zone around a registry answers."""
    return [(zone.name, sorted(zone.records)) for zone in registry.zones]
