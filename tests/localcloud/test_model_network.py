"""Rules of virtual networks, subnets, interfaces, peerings, security groups and firewall policies."""

from __future__ import annotations

from pathlib import Path

import pytest
from localcloud.model import Cloud, Refused

from tests.localcloud.model_estate import ENDPOINT, GROUP, NETWORK, SUBNET, ZONE, Case, Estate, several

V, S, NIC, PEERING = (
    "network:VirtualNetwork",
    "network:Subnet",
    "network:NetworkInterface",
    "network:VirtualNetworkPeering",
)
NSG, RULE = "network:NetworkSecurityGroup", "network:SecurityRule"
POLICY, RULES = "network:FirewallPolicy", "network:FirewallPolicyRuleCollectionGroup"
NSG_ID = f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/nsg"
HUB = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/hub"
WITH_ENDPOINT = several("containerregistry:Registry", V, S, "network:PrivateEndpoint")


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return Estate(Cloud.open(tmp_path / "cloud.sqlite"))


def network(estate: Estate) -> None:
    estate.make(V)


def hub(estate: Estate) -> None:
    estate.make(V)
    estate.make(V, virtualNetworkName="hub", addressSpace={"addressPrefixes": ["10.1.0.0/16"]})


def nsg(estate: Estate) -> None:
    estate.make(NSG)


def policy(estate: Estate) -> None:
    estate.make(POLICY)


def space(*prefixes: str) -> dict[str, object]:
    return {"addressSpace": {"addressPrefixes": list(prefixes)}}


def inline(**prefixes: str) -> dict[str, object]:
    return {"subnets": [{"name": name, "addressPrefix": prefix} for name, prefix in prefixes.items()]}


def application_rule(**changed: object) -> dict[str, object]:
    rule = {
        "ruleType": "ApplicationRule",
        "name": "registry",
        "sourceAddresses": ["10.0.0.0/8"],
        "targetFqdns": ["contoso.azurecr.io"],
        "protocols": [{"protocolType": "Https", "port": 443}],
        **changed,
    }
    collection = {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "name": "allow",
        "priority": 100,
        "action": {"type": "Allow"},
        "rules": [{name: value for name, value in rule.items() if value is not None}],
    }
    return {"ruleCollections": [collection]}


def network_rule(**changed: object) -> dict[str, object]:
    return application_rule(ruleType="NetworkRule", targetFqdns=None, protocols=None, **changed)


CASES = [
    Case("no address space", V, {"addressSpace": None}, "has no addressSpace"),
    Case("host bits", V, space("10.0.0.5/16"), "should be 10.0.0.0/16", "InvalidCIDRNotation"),
    Case("no CIDR", V, space("10.0.0.0"), "CIDR notation", "InvalidAddressPrefixFormat"),
    Case("overlapping address space", V, space("10.0.0.0/16", "10.0.128.0/17"), "overlap"),
    Case("two prefixes", V, space("10.0.0.0/16", "10.1.0.0/16", "fd00:db8::/48")),
    Case("network name", V, {"virtualNetworkName": "-vnet"}, "must have 2 to 64"),
    Case("inline subnets", V, inline(a="10.0.0.0/27", b="10.0.0.32/27")),
    Case(
        "inline subnets overlap", V, inline(a="10.0.0.0/26", b="10.0.0.32/27"), "overlaps", "NetcfgSubnetRangesOverlap"
    ),
    Case(
        "inline subnet outside",
        V,
        inline(a="10.9.0.0/27"),
        "outside the IP address range",
        "NetcfgSubnetRangeOutsideVnet",
    ),
    Case(
        "inline subnets of one name",
        V,
        {"subnets": [{"name": "a", "addressPrefix": "10.0.0.0/27"}, {"name": "A", "addressPrefix": "10.0.0.32/27"}]},
        "occurs more than once",
    ),
    Case("subnet without network", S, {}, "parent resource", "ParentResourceNotFound", 404),
    Case("subnet", S, {}, before=network),
    Case(
        "subnet outside", S, {"addressPrefix": "10.1.0.0/27"}, "outside", "NetcfgSubnetRangeOutsideVnet", before=network
    ),
    Case(
        "subnet overlap",
        S,
        {"subnetName": "b", "addressPrefix": "10.0.0.0/24"},
        "overlaps",
        "NetcfgSubnetRangesOverlap",
        before=several(V, S),
    ),
    Case("subnet beside", S, {"subnetName": "b", "addressPrefix": "10.0.0.32/27"}, before=several(V, S)),
    Case("subnet too small", S, {"addressPrefix": "10.0.0.0/30"}, "the smallest is /29", before=network),
    Case("smallest subnet", S, {"addressPrefix": "10.0.0.0/29"}, before=network),
    Case(
        "subnet host bits",
        S,
        {"addressPrefix": "10.0.0.1/27"},
        "should be 10.0.0.0/27",
        "InvalidCIDRNotation",
        before=network,
    ),
    Case("subnet without prefix", S, {"addressPrefix": None}, "has no address prefix", before=network),
    Case(
        "IPv6 subnet",
        S,
        {"addressPrefix": None, "addressPrefixes": ["fd00:db8::/60"]},
        "must be a /64",
        before=lambda e: e.make(V, **space("10.0.0.0/16", "fd00:db8::/48")),
    ),
    Case(
        "dual stack subnet",
        S,
        {"addressPrefix": None, "addressPrefixes": ["10.0.0.0/27", "fd00:db8::/64"]},
        before=lambda e: e.make(V, **space("10.0.0.0/16", "fd00:db8::/48")),
    ),
    Case(
        "subnet with unknown security group",
        S,
        {"networkSecurityGroup": {"id": NSG_ID}},
        "was not found",
        "InvalidResourceReference",
        before=network,
    ),
    Case(
        "subnet with a security group elsewhere",
        S,
        {"networkSecurityGroup": {"id": NSG_ID}},
        "same region",
        "InvalidResourceReference",
        before=lambda e: (e.make(V), e.make(NSG, location="westus2")),
    ),
    Case("subnet with security group", S, {"networkSecurityGroup": {"id": NSG_ID}}, before=several(V, NSG)),
    Case("subnet resized", S, {"addressPrefix": "10.0.0.0/26"}, before=several(V, S), target=SUBNET),
    Case(
        "used subnet resized",
        S,
        {"addressPrefix": "10.0.0.0/26"},
        "active allocations",
        "InUsePrefixCannotBeDeleted",
        before=WITH_ENDPOINT,
        target=SUBNET,
    ),
    Case("used subnet tagged along", S, {"defaultOutboundAccess": False}, before=WITH_ENDPOINT, target=SUBNET),
    Case(
        "address space moved",
        V,
        space("10.8.0.0/16"),
        "no longer holds its subnet 'pe'",
        before=several(V, S),
        target=NETWORK,
    ),
    Case("address space widened", V, space("10.0.0.0/15"), before=several(V, S), target=NETWORK),
    Case(
        "network moved",
        V,
        {"location": "westus2"},
        "already exists in location 'japaneast'",
        "InvalidResourceLocation",
        409,
        before=network,
        target=NETWORK,
    ),
    # interfaces
    Case("interface", NIC, {}, before=several(V, S)),
    Case(
        "interface in another region",
        NIC,
        {"location": "westus2"},
        "same region",
        "InvalidResourceReference",
        before=several(V, S),
    ),
    Case("interface without subnet", NIC, {}, "was not found", "InvalidResourceReference"),
    Case("interface without configuration", NIC, {"ipConfigurations": []}, "is empty"),
    Case(
        "interface, chosen address",
        NIC,
        {"ipConfigurations": [{"name": "one", "subnet": {"id": SUBNET}, "privateIPAddress": "10.0.0.9"}]},
        before=several(V, S),
    ),
    Case(
        "interface, reserved address",
        NIC,
        {"ipConfigurations": [{"name": "one", "subnet": {"id": SUBNET}, "privateIPAddress": "10.0.0.3"}]},
        "reserved IP range",
        "PrivateIPAddressInReservedRange",
        before=several(V, S),
    ),
    # peerings
    Case("peering", PEERING, {}, before=hub),
    Case("peering with nothing", PEERING, {}, "was not found", "InvalidResourceReference", before=network),
    Case(
        "peering with itself",
        PEERING,
        {"remoteVirtualNetwork": {"id": NETWORK}},
        "cannot be peered with itself",
        before=network,
    ),
    Case(
        "peering twice",
        PEERING,
        {"virtualNetworkPeeringName": "again"},
        "is peered with 'hub' already",
        before=lambda e: (hub(e), e.make(PEERING)),
    ),
    Case(
        "peering of overlapping networks",
        PEERING,
        {},
        "Overlapping address prefixes: 10.0.0.0/16",
        "VnetAddressSpacesOverlap",
        before=lambda e: (e.make(V), e.make(V, virtualNetworkName="hub")),
    ),
    # security groups
    Case("rule", RULE, {}, before=nsg),
    Case("rule priority", RULE, {"priority": 99}, "invalid priority", "SecurityRuleInvalidPriority", before=nsg),
    Case(
        "rule port",
        RULE,
        {"destinationPortRange": "443-"},
        "invalid Port range",
        "SecurityRuleInvalidPortRange",
        before=nsg,
    ),
    Case("rule port range", RULE, {"destinationPortRange": "443-8443"}, before=nsg),
    Case("rule address", RULE, {"sourceAddressPrefix": "10.0.0.0/33"}, "is not an address", before=nsg),
    Case("rule without target", RULE, {"destinationAddressPrefix": None}, "has no destination address", before=nsg),
    Case(
        "rule of the same priority",
        RULE,
        {"securityRuleName": "another"},
        "same Priority and Direction",
        "SecurityRuleConflict",
        before=several(NSG, RULE),
    ),
    Case(
        "rule of the other direction",
        RULE,
        {"securityRuleName": "another", "direction": "Inbound"},
        before=several(NSG, RULE),
    ),
    Case("rule without group", RULE, {}, "parent resource", "ParentResourceNotFound", 404),
    # firewall policies
    Case("intrusion detection on Standard", POLICY, {"intrusionDetection": {"mode": "Deny"}}, "needs the tier Premium"),
    Case(
        "intrusion detection on Premium", POLICY, {"intrusionDetection": {"mode": "Deny"}, "sku": {"tier": "Premium"}}
    ),
    Case(
        "unknown base policy",
        POLICY,
        {"basePolicy": {"id": f"{GROUP}/providers/Microsoft.Network/firewallPolicies/base"}},
        "was not found",
        "InvalidResourceReference",
    ),
    Case("application rule", RULES, application_rule(), before=policy),
    Case("application rule without target", RULES, application_rule(targetFqdns=None), "has no target", before=policy),
    Case(
        "application rule without source", RULES, application_rule(sourceAddresses=None), "has no source", before=policy
    ),
    Case(
        "application rule without protocol", RULES, application_rule(protocols=None), "has no protocols", before=policy
    ),
    Case(
        "target URLs on Standard",
        RULES,
        application_rule(targetUrls=["example.com/a"]),
        "needs a firewall policy of tier Premium",
        before=policy,
    ),
    Case(
        "target URLs on Premium",
        RULES,
        application_rule(targetUrls=["example.com/a"]),
        before=lambda e: e.make(POLICY, sku={"tier": "Premium"}),
    ),
    Case(
        "FQDNs in a network rule",
        RULES,
        network_rule(destinationFqdns=["contoso.azurecr.io"]),
        "needs the policy's DNS proxy",
        before=policy,
    ),
    Case(
        "FQDNs in a network rule with the proxy",
        RULES,
        network_rule(destinationFqdns=["contoso.azurecr.io"]),
        before=lambda e: e.make(POLICY, dnsSettings={"enableProxy": True}),
    ),
    Case("group priority", RULES, {"priority": 99}, "it must be 100 to 65000", before=policy),
    Case(
        "group of the same priority",
        RULES,
        {"ruleCollectionGroupName": "another"},
        "priority 300 is that of",
        before=several(POLICY, RULES),
    ),
    Case("group without policy", RULES, {}, "parent resource", "ParentResourceNotFound", 404),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rule(estate: Estate, case: Case) -> None:
    case.run(estate)


def test_a_subnet_has_its_size_less_five_addresses(estate: Estate) -> None:
    estate.make(V)
    estate.make(S, addressPrefix="10.0.0.0/29")
    found = [
        estate.make(NIC, networkInterfaceName=f"nic{n}").outputs["ipConfigurations"][0]["privateIPAddress"]
        for n in range(3)
    ]
    assert found == ["10.0.0.4", "10.0.0.5", "10.0.0.6"]
    with pytest.raises(Refused, match="does not have enough capacity for 1 IP addresses") as caught:
        estate.make(NIC, networkInterfaceName="nic4")
    assert caught.value.code == "SubnetIsFull"
    estate.delete(NIC, f"{GROUP}/providers/Microsoft.Network/networkInterfaces/nic1")
    again = estate.make(NIC, networkInterfaceName="nic4")
    assert again.outputs["ipConfigurations"][0]["privateIPAddress"] == "10.0.0.5"


def test_an_interface_keeps_its_address_when_it_is_updated(estate: Estate) -> None:
    several(V, S)(estate)
    made = estate.make(NIC)
    changed = estate.change(NIC, made.id, tags={"a": "b"})
    assert changed.outputs["ipConfigurations"][0]["privateIPAddress"] == "10.0.0.4"


@pytest.mark.parametrize("what", [(S, SUBNET), (V, NETWORK)])
def test_what_is_in_use_cannot_be_deleted(estate: Estate, what: tuple[str, str]) -> None:
    WITH_ENDPOINT(estate)
    with pytest.raises(Refused, match=r"Subnet pe is in use by .*/privateEndpoints/pe") as caught:
        estate.delete(*what)
    assert caught.value.code == "InUseSubnetCannotBeDeleted"
    estate.delete("network:PrivateEndpoint", ENDPOINT)
    estate.delete(*what)
    assert estate.gone(*what)


def test_subnets_of_their_own_survive_an_update_of_their_network(estate: Estate) -> None:
    estate.make(V, **inline(a="10.0.1.0/27", b="10.0.2.0/27"))
    estate.make(S)
    estate.change(V, NETWORK, **inline(a="10.0.1.0/26"))
    shown = {s["name"]: s["addressPrefix"] for s in estate.read(V, NETWORK)["subnets"]}
    assert shown == {"a": "10.0.1.0/26", "pe": "10.0.0.0/27"}
    estate.change(V, NETWORK)
    assert [s["name"] for s in estate.read(V, NETWORK)["subnets"]] == ["pe"]


def test_a_used_subnet_cannot_be_dropped_from_its_network(estate: Estate) -> None:
    estate.make(V, **inline(pe="10.0.0.0/27"))
    several("containerregistry:Registry", "network:PrivateEndpoint")(estate)
    with pytest.raises(Refused, match="is in use by"):
        estate.change(V, NETWORK)
    assert [s["name"] for s in estate.read(V, NETWORK)["subnets"]] == ["pe"]


def test_an_inline_subnet_is_a_resource(estate: Estate) -> None:
    estate.make(V, **inline(pe="10.0.0.0/27"))
    assert estate.read(S, SUBNET)["addressPrefix"] == "10.0.0.0/27"
    with pytest.raises(Refused, match="cannot create already existing resource"):
        estate.make(S)


def test_deleting_a_network_clears_its_links_and_disconnects_its_peers(estate: Estate) -> None:
    hub(estate)
    several("privatedns:PrivateZone", "privatedns:VirtualNetworkLink", PEERING)(estate)
    back = estate.make(
        PEERING, virtualNetworkName="hub", virtualNetworkPeeringName="back", remoteVirtualNetwork={"id": NETWORK}
    )
    estate.delete(V, NETWORK)
    assert estate.read("privatedns:PrivateZone", ZONE)["numberOfVirtualNetworkLinks"] == 0
    assert estate.read(PEERING, back.id)["peeringState"] == "Disconnected"


def test_peering_is_connected_by_its_second_half_and_disconnected_by_losing_one(estate: Estate) -> None:
    hub(estate)
    there = estate.make(PEERING)
    assert there.outputs["peeringState"] == "Initiated"
    back = estate.make(
        PEERING, virtualNetworkName="hub", virtualNetworkPeeringName="back", remoteVirtualNetwork={"id": NETWORK}
    )
    assert back.outputs["peeringState"] == "Connected"
    assert estate.read(PEERING, there.id)["peeringState"] == "Connected"
    assert back.outputs["resourceGuid"] == there.outputs["resourceGuid"]  # recorded 2021-09
    estate.delete(PEERING, there.id)
    assert estate.read(PEERING, back.id)["peeringState"] == "Disconnected"
    with pytest.raises(Refused, match="is in Disconnected state") as caught:
        estate.make(PEERING)
    assert caught.value.code == "RemotePeeringIsDisconnected"


def test_a_security_group_in_use_cannot_be_deleted(estate: Estate) -> None:
    several(V, NSG)(estate)
    estate.make(S, networkSecurityGroup={"id": NSG_ID})
    with pytest.raises(Refused, match="cannot be deleted because it is in use") as caught:
        estate.delete(NSG, NSG_ID)
    assert caught.value.code == "InUseNetworkSecurityGroupCannotBeDeleted"
    assert estate.read(NSG, NSG_ID)["subnets"] == [{"id": SUBNET}]
    estate.delete(S, SUBNET)
    estate.delete(NSG, NSG_ID)


def test_rules_of_their_own_survive_an_update_of_their_group(estate: Estate) -> None:
    rule = {
        k: v for k, v in estate.inputs(RULE, priority=300).items() if k not in ("resourceGroupName", "securityRuleName")
    }
    estate.make(NSG, securityRules=[{**rule, "name": "inline"}])
    estate.make(RULE)
    estate.change(NSG, NSG_ID)
    assert [r["name"] for r in estate.read(NSG, NSG_ID)["securityRules"]] == ["allow-registry"]
    assert len(estate.read(NSG, NSG_ID)["defaultSecurityRules"]) == 6


def test_a_base_policy_in_use_cannot_be_deleted(estate: Estate) -> None:
    base = estate.make(POLICY, firewallPolicyName="base")
    child = estate.make(POLICY, basePolicy={"id": base.id})
    with pytest.raises(Refused, match="is the base policy of policy"):
        estate.delete(POLICY, base.id)
    estate.delete(POLICY, child.id)
    estate.delete(POLICY, base.id)


def test_an_application_security_group_in_use_cannot_be_deleted(estate: Estate) -> None:
    group = estate.make("network:ApplicationSecurityGroup")
    several("containerregistry:Registry", V, S)(estate)
    estate.make("network:PrivateEndpoint", applicationSecurityGroups=[{"id": group.id}])
    with pytest.raises(Refused, match=f"is in use by {ENDPOINT}"):
        estate.delete("network:ApplicationSecurityGroup", group.id)
