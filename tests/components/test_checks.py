"""Every check of a registry's settings: what breaks it, and that it is told with field, value, rule and fix."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from private_registry.azure.checks.private_endpoint import check_endpoint
from private_registry.azure.checks.private_registry import check_private_registry as problems
from private_registry.problems import UNKNOWN, InvalidArgumentsError, camel
from registry_model.azure.regions import REGIONS

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-net/providers"
SUBNET = f"{GROUP}/Microsoft.Network/virtualNetworks/vnet-hub/subnets/endpoints"
VNET = f"{GROUP}/Microsoft.Network/virtualNetworks/vnet-hub"
ZONE = f"{GROUP}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
IDENTITY = f"{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/id-registry"

SOUND: dict[str, Any] = {
    "registry_name": "contoso",
    "location": "japaneast",
    "resource_group_name": "rg-contoso",
    "replicas": {"japanwest": {}},
    "network": {"virtual_network_prefix": "10.20.0.0/24", "subnet_prefix": "10.20.0.0/27"},
}


def args(**changes: Any) -> dict[str, Any]:
    """``SOUND`` with some settings changed; ``settings__ip_rules=[…]`` reaches inside, None removes."""
    changed = copy.deepcopy(SOUND)
    for path, value in changes.items():
        *outer, last = path.split("__")
        target = changed
        for name in outer:
            target = target.setdefault(name, {})
        if value is None:
            target.pop(last, None)
        else:
            target[last] = value
    return changed


def _ips(login_server: str, japaneast: str, japanwest: str) -> dict[str, str]:
    return {"registry": login_server, "japaneast": japaneast, "japanwest": japanwest}


# Each: what is changed, the field that is named, words of the rule, words of the fix.
CASES: list[tuple[dict[str, Any], str, str, str]] = [
    ({"registry_name": "con-toso"}, "registry_name", "letters and digits only", "5 to 50"),
    ({"registry_name": "abcd"}, "registry_name", "has 4", "5 to 50"),
    ({"registry_name": "a" * 51}, "registry_name", "has 51", "5 to 50"),
    ({"resource_group_name": "rg."}, "resource_group_name", "not end with a period", "choose"),
    ({"resource_group_name": "/subscriptions/x"}, "resource_group_name", "1 to 90", "not its id"),
    ({"location": "japaneas"}, "location", "not an Azure region", "use 'japaneast'"),
    ({"location": "the moon"}, "location", "not an Azure region", "such as 'japaneast'"),
    ({"profile": "privat"}, "profile", "must be one of private, no-private-link", "use 'private'"),
    # replicas
    ({"replicas": {"Japan East": {}}}, 'replicas["Japan East"]', "is the home region", "remove it"),
    ({"replicas": {"japanwest": {}, "Japan West": {}}}, 'replicas["Japan West"]', "same region as 'japanwest'", "one"),
    ({"replicas": {"westeurop": {}}}, 'replicas["westeurop"]', "not an Azure region", "use 'westeurope'"),
    ({"replicas": {"chinaeast2": {}}}, 'replicas["chinaeast2"]', "of the cloud 'china', not of 'public'", "that cloud"),
    (
        {"replicas": {"westus": {"zone_redundancy": True}}},
        'replicas["westus"].zone_redundancy',
        "westus, which has no availability zones",
        "say false",
    ),
    (
        {"replicas": {"japanwest": {"tags": {"a": "x" * 257}}}},
        'replicas["japanwest"].tags["a"]',
        "at most 256",
        "shorten",
    ),
    # tags
    ({"tags": {f"t{i}": "" for i in range(51)}}, "tags", "at most 50", "remove 1"),
    ({"tags": {"a/b": ""}}, 'tags["a/b"]', "must not contain /", "rename"),
    ({"tags": {"": ""}}, 'tags[""]', "1 to 512", "shorten"),
    ({"tags": {"Owner": "a", "owner": "b"}}, 'tags["owner"]', "same tag as 'Owner'", "one of the two"),
    # access
    ({"settings__ip_rules": ["203.0.113.7"]}, "settings.ip_rules", "only while public network access is on", "true"),
    (
        {"settings__public_network_access_enabled": True, "settings__export_enabled": False},
        "settings.export_enabled",
        "only while public network access is off",
        "turn public access off",
    ),
    # data protection
    ({"settings__retention_days": 366}, "settings.retention_days", "0 to 365", "in that range"),
    ({"settings__retention_days": -1}, "settings.retention_days", "0 to 365", "in that range"),
    ({"replicas": {}, "settings__soft_delete_days": 91}, "settings.soft_delete_days", "1 to 90", "in that range"),
    ({"replicas": {}, "settings__soft_delete_days": 0}, "settings.soft_delete_days", "1 to 90", "in that range"),
    ({"settings__soft_delete_days": 7}, "settings.soft_delete_days", "with replicas", "or the replicas"),
    (
        {"replicas": {}, "settings__soft_delete_days": 7, "settings__retention_days": 7},
        "settings.soft_delete_days",
        "with a retention policy",
        "`settings.retention_days`",
    ),
    ({"location": "westus", "settings__zone_redundancy": True}, "settings.zone_redundancy", "zones", "say false"),
    # identity and key
    (
        {"settings__user_assigned_identity_ids": ["id-registry"]},
        "settings.user_assigned_identity_ids[0]",
        "must be the id of a user-assigned identity",
        "Microsoft.ManagedIdentity",
    ),
    (
        {
            "settings__user_assigned_identity_ids": [IDENTITY],
            "settings__customer_managed_key": {
                "key_id": "https://kv.vault.azure.net/keys/k/0123456789abcdef",
                "identity_client_id": "11111111-2222-3333-4444-555555555555",
            },
        },
        "settings.customer_managed_key.key_id",
        "without a version",
        "use https://kv.vault.azure.net/keys/k",
    ),
    (
        {
            "settings__customer_managed_key": {
                "key_id": "https://kv.vault.azure.net/keys/k",
                "identity_client_id": "11111111-2222-3333-4444-555555555555",
            }
        },
        "settings.customer_managed_key",
        "needs a user-assigned identity",
        "`settings.user_assigned_identity_ids`",
    ),
    (
        {
            "settings__user_assigned_identity_ids": [IDENTITY],
            "settings__customer_managed_key": {
                "key_id": "https://kv.vault.azure.net/keys/k",
                "identity_client_id": IDENTITY,
            },
        },
        "settings.customer_managed_key.identity_client_id",
        "client id",
        "client_id output",
    ),
    # network
    ({"network": {}}, "network", "is needed in the profile 'private'", "`network.subnet_id`"),
    ({"network": {"subnet_id": "endpoints"}}, "network.subnet_id", "must be the id of a subnet", "/subnets/<name>"),
    ({"network": {"subnet_id": VNET}}, "network.subnet_id", "must be the id of a subnet", "/subnets/<name>"),
    ({"network__subnet_id": SUBNET}, "network.virtual_network_prefix", "`network.subnet_id` names one", "one of the"),
    (
        {"network": {"subnet_id": SUBNET, "subnet_name": "x"}},
        "network.subnet_name",
        "while one is given",
        "remove it",
    ),
    ({"network__subnet_prefix": None}, "network.subnet_prefix", "is needed to create", "first /27"),
    ({"network__subnet_prefix": "10.21.0.0/27"}, "network.subnet_prefix", "must lie inside", "range of that network"),
    ({"network__subnet_prefix": "10.20.0.1/27"}, "network.subnet_prefix", "in CIDR form", "use 10.20.0.0/27"),
    ({"network__subnet_prefix": "ten"}, "network.subnet_prefix", "in CIDR form", "like 10.20.0.0/24"),
    (
        {"network__virtual_network_prefix": "10.20.0.0"},
        "network.virtual_network_prefix",
        "in CIDR form",
        "10.20.0.0/32",
    ),
    ({"network__subnet_prefix": "10.20.0.0/30"}, "network.subnet_prefix", "/29 or larger", "/27"),
    (
        {"replicas": {"japanwest": {}, "eastasia": {}}, "network__subnet_prefix": "10.20.0.0/29"},
        "network.subnet_prefix",
        "has 3 usable addresses, and the private endpoint takes 4: the login server and 3 data endpoints",
        "/27",
    ),
    (
        {"network": {"subnet_id": SUBNET, "subnet_prefix": "10.20.0.0/30"}},
        "network.subnet_prefix",
        "/29 or larger",
        "/27",
    ),
    # endpoint
    ({"private_endpoint__location": "japan"}, "private_endpoint.location", "not an Azure region", "use 'jap"),
    (
        {"private_endpoint__manual_approval_message": "x" * 141},
        "private_endpoint.manual_approval_message",
        "1 to 140",
        "say who asks",
    ),
    (
        {"private_endpoint__application_security_group_ids": ["asg"]},
        "private_endpoint.application_security_group_ids[0]",
        "application security group",
        "/applicationSecurityGroups/<name>",
    ),
    (
        {"private_endpoint__static_ips": {"registry": "10.20.0.10"}},
        "private_endpoint.static_ips",
        "must name every member",
        "add japaneast, japanwest",
    ),
    (
        {"private_endpoint__static_ips": _ips("10.20.0.10", "10.20.0.11", "10.20.0.11")},
        'private_endpoint.static_ips["japanwest"]',
        "is the address of 'japaneast' too",
        "its own",
    ),
    (
        {"private_endpoint__static_ips": _ips("10.20.0.3", "10.20.0.11", "10.20.0.12")},
        'private_endpoint.static_ips["registry"]',
        "that Azure does not reserve",
        "use 10.20.0.4 to 10.20.0.30",
    ),
    (
        {"private_endpoint__static_ips": _ips("10.20.0.40", "10.20.0.11", "10.20.0.12")},
        'private_endpoint.static_ips["registry"]',
        "must be an address of 10.20.0.0/27",
        "use 10.20.0.4 to 10.20.0.30",
    ),
    (
        {"private_endpoint__static_ips": _ips("10.20.0.10", "ten", "10.20.0.12")},
        'private_endpoint.static_ips["japaneast"]',
        "must be an IPv4 address",
        "10.20.0.10",
    ),
    (
        {"private_endpoint__static_ips": {**_ips("10.20.0.10", "10.20.0.11", "10.20.0.12"), "eastasi": "10.20.0.13"}},
        'private_endpoint.static_ips["eastasi"]',
        "neither 'registry' nor a region",
        "",
    ),
    # DNS
    ({"dns__mode": "creat"}, "dns.mode", "must be one of create, existing, azure-policy, manual", "use 'create'"),
    ({"dns__mode": "existing"}, "dns.zone_id", "is needed", "give the zone's id"),
    ({"dns__zone_id": ZONE}, "dns.zone_id", "not used in the mode 'create'", "'existing'"),
    (
        {"dns": {"mode": "existing", "zone_id": "privatelink.azurecr.io"}},
        "dns.zone_id",
        "id of a private DNS zone",
        "/",
    ),
    (
        {"dns": {"mode": "existing", "zone_id": ZONE.replace("azurecr.io", "azurecr.us")}},
        "dns.zone_id",
        "a zone named privatelink.azurecr.io",
        "use the zone privatelink.azurecr.io",
    ),
    (
        {"dns": {"mode": "existing", "zone_id": ZONE.replace("privatelink.", "japaneast.data.privatelink.")}},
        "dns.zone_id",
        "one for all regions",
        "use the zone privatelink.azurecr.io",
    ),
    (
        {"dns": {"mode": "manual", "virtual_network_links": {"a": {"virtual_network_id": VNET}}}},
        "dns.virtual_network_links",
        "the mode is 'manual'",
        "zone's owner",
    ),
    (
        {"dns__virtual_network_links": {"a": {"virtual_network_id": SUBNET}}},
        'dns.virtual_network_links["a"].virtual_network_id',
        "id of a virtual network",
        "/virtualNetworks/<name>",
    ),
    (
        {"dns__virtual_network_links": {"a": {"virtual_network_id": VNET}, "b": {"virtual_network_id": VNET.upper()}}},
        'dns.virtual_network_links["b"].virtual_network_id',
        "is linked by 'a' already",
        "remove 'b'",
    ),
    (
        {"network": {"subnet_id": SUBNET}, "dns__virtual_network_links": {"hub": {"virtual_network_id": VNET}}},
        'dns.virtual_network_links["hub"].virtual_network_id',
        "the endpoint's own network",
        "remove 'hub'",
    ),
    (
        {"dns__virtual_network_links": {"endpoint": {"virtual_network_id": VNET}}},
        'dns.virtual_network_links["endpoint"]',
        "is the name of the link",
        "another key",
    ),
]


@pytest.mark.parametrize(("changes", "field", "rule", "fix"), CASES, ids=[f"{c[1]}: {c[2]}"[:60] for c in CASES])
def test_one_problem(changes: dict[str, Any], field: str, rule: str, fix: str) -> None:
    found = problems(args(**changes))
    assert [p.field for p in found] == [field], [p.text() for p in found]
    assert rule in found[0].rule
    assert fix in found[0].fix


PUBLIC = {"profile": "no-private-link", "network": None}
PUBLIC_CASES: list[tuple[dict[str, Any], str, str]] = [
    ({}, "settings.ip_rules", "everything not listed is denied"),
    ({"settings__ip_rules": []}, "settings.ip_rules", "everything not listed is denied"),
    ({"settings__ip_rules": ["10.0.0.1"]}, "settings.ip_rules[0]", "must be public"),
    ({"settings__ip_rules": ["100.64.1.0/24"]}, "settings.ip_rules[0]", "must be public"),
    ({"settings__ip_rules": ["0.0.0.0/0"]}, "settings.ip_rules[0]", "lets everybody in"),
    ({"settings__ip_rules": ["203.0.112.0/23"]}, "settings.ip_rules[0]", "no wider than /24, has 512 addresses"),
    ({"settings__ip_rules": ["203.0.113.9/28"]}, "settings.ip_rules[0]", "in CIDR form"),
    ({"settings__ip_rules": ["2001:db8::/48"]}, "settings.ip_rules[0]", "in CIDR form"),
    ({"settings__ip_rules": ["nobody"]}, "settings.ip_rules[0]", "in CIDR form"),
    ({"settings__ip_rules": ["203.0.113.7", "203.0.113.7/32"]}, "settings.ip_rules[1]", "repeats settings.ip_rules[0]"),
    (
        {"settings__ip_rules": [f"20.0.{i // 256}.{i % 256}" for i in range(201)]},
        "settings.ip_rules",
        "can be at most 200",
    ),
    (
        {"settings__ip_rules": ["203.0.113.7"], "network": {"subnet_id": SUBNET}},
        "network",
        "has no place in the profile 'no-private-link'",
    ),
    ({"settings__ip_rules": ["203.0.113.7"], "dns": {"mode": "manual"}}, "dns", "has no place"),
    (
        {"settings__ip_rules": ["203.0.113.7"], "settings__data_endpoint_enabled": False},
        "settings.data_endpoint_enabled",
        "must stay on",
    ),
]


@pytest.mark.parametrize(("changes", "field", "rule"), PUBLIC_CASES, ids=[f"{c[1]}: {c[2]}"[:60] for c in PUBLIC_CASES])
def test_one_problem_without_private_link(changes: dict[str, Any], field: str, rule: str) -> None:
    found = problems(args(**{**PUBLIC, **changes}))
    assert [p.field for p in found] == [field], [p.text() for p in found]
    assert rule in found[0].rule


def test_public_access_off_without_private_link_leaves_no_way_in() -> None:
    found = problems(args(**PUBLIC, settings__public_network_access_enabled=False, settings__ip_rules=["203.0.113.7"]))
    assert {p.field for p in found} == {"settings.ip_rules", "settings.public_network_access_enabled"}


@pytest.mark.parametrize("rule", ["203.0.113.7", "203.0.113.0/24", "8.8.8.8/32"])
def test_sound_ip_rules(rule: str) -> None:
    assert problems(args(**PUBLIC, settings__ip_rules=[rule])) == []


def test_a_wide_rule_can_be_accepted_by_name() -> None:
    assert problems(args(**PUBLIC, settings__ip_rules=["20.0.0.0/16"], settings__allow_wide_ip_rules=True)) == []


def test_every_problem_at_once() -> None:
    found = problems(
        args(
            registry_name="no-good",
            location="japaneast",
            resource_group_name="rg.",
            replicas={"Japan East": {}, "westeurop": {}},
            tags={"a<b": ""},
            settings={"ip_rules": ["1.2.3.4"], "retention_days": 999, "soft_delete_days": 5},
            network={"virtual_network_prefix": "10.20.0.0/24", "subnet_prefix": "10.99.0.0/27"},
            dns={"mode": "existing"},
        )
    )
    assert [p.field for p in found] == [
        "registry_name",
        "resource_group_name",
        'tags["a<b"]',
        'replicas["Japan East"]',
        'replicas["westeurop"]',
        "settings.ip_rules",
        "settings.retention_days",
        "settings.soft_delete_days",
        "settings.soft_delete_days",
        "network.subnet_prefix",
        "dns.zone_id",
    ]


FORMATS: dict[str, Any] = {
    "replicas": {"westeurop": {}},
    "settings": {"retention_days": 999},
    "network": {"virtual_network_prefix": "ten", "subnet_prefix": "eleven"},
    "private_endpoint": {"static_ips": _ips("twelve", "10.20.0.11", "10.20.0.12")},
    "dns": {"zone_id": "thirteen", "virtual_network_links": {"hub": {"virtual_network_id": "fourteen"}}},
}
WRONG_FORMATS = {
    'replicas["westeurop"]',
    "settings.retention_days",
    "network.virtual_network_prefix",
    "network.subnet_prefix",
    'private_endpoint.static_ips["registry"]',
    "dns.zone_id",
    'dns.virtual_network_links["hub"].virtual_network_id',
}


@pytest.mark.parametrize(
    "gate", [{}, {"profile": "privat"}, {"profile": UNKNOWN}, {"dns": {**FORMATS["dns"], "mode": "creat"}}]
)
def test_a_wrong_choice_hides_no_wrong_format(gate: dict[str, Any]) -> None:
    named = {p.field for p in problems(args(**{**FORMATS, **gate}))}
    assert named >= WRONG_FORMATS
    assert ("profile" in named) == (gate.get("profile") == "privat")
    assert ("dns.mode" in named) == ("dns" in gate)


def test_what_depends_on_the_profile_waits_for_a_right_one() -> None:
    rules = {"settings__ip_rules": ["203.0.113.7"]}
    assert [p.field for p in problems(args(profile="no-private-lnik", network=None, **rules))] == ["profile"]
    assert [p.field for p in problems(args(profile="privat", **rules))] == ["profile"]


def test_a_network_that_is_not_said_hides_no_wrong_subnet() -> None:
    assert [p.field for p in problems(args(network={"subnet_prefix": "ten"}))] == ["network", "network.subnet_prefix"]


def test_replicas_that_are_not_known_hide_no_wrong_format_of_an_endpoint() -> None:
    found = check_endpoint(
        {
            "registry_location": "japaneast",
            "replica_regions": UNKNOWN,
            "subnet_prefix": "ten",
            "settings": {"location": "japan", "static_ips": {"registry": "ten", "eastasia": "10.20.0.5"}},
        }
    )
    assert [p.field for p in found] == ["subnet_prefix", "settings.location", 'settings.static_ips["registry"]']


def test_the_text_reads_as_one_message() -> None:
    found = problems(args(registry_name="no-good", settings__ip_rules=["1.2.3.4"]))
    error = InvalidArgumentsError("private registry", found)
    assert str(error) == (
        "private registry: 2 problems, nothing was registered\n"
        '  1. registry_name = "no-good": must have letters and digits only. Choose 5 to 50 letters and digits, unique'
        " in all of Azure.\n"
        '  2. settings.ip_rules = ["1.2.3.4"]: have an effect only while public network access is on, and it is off.'
        " Remove them, or set `settings.public_network_access_enabled` to true."
    )
    respelled = str(InvalidArgumentsError("private registry", found, camel))
    assert "registryName" in respelled
    assert "`settings.publicNetworkAccessEnabled`" in respelled
    assert "registry_name" not in respelled


def test_what_is_not_known_yet_is_not_judged() -> None:
    unknown = {
        "registry_name": UNKNOWN,
        "location": "japaneast",
        "resource_group_name": UNKNOWN,
        "tags": UNKNOWN,
        "replicas": {"japanwest": {"tags": UNKNOWN, "zone_redundancy": UNKNOWN}},
        "settings": {"ip_rules": UNKNOWN, "retention_days": UNKNOWN, "user_assigned_identity_ids": [UNKNOWN]},
        "network": {"subnet_id": UNKNOWN, "subnet_prefix": UNKNOWN},
        "private_endpoint": {"static_ips": {"registry": UNKNOWN, "japaneast": UNKNOWN, "japanwest": UNKNOWN}},
        "dns": {"mode": "existing", "zone_id": UNKNOWN},
    }
    # The rules themselves are unknown; that there are some, while public access is off, is not.
    assert [p.field for p in problems(unknown)] == []


def test_a_conflict_is_seen_without_its_value() -> None:
    found = problems(args(settings__soft_delete_days=UNKNOWN))
    assert [(p.field, p.value) for p in found] == [("settings.soft_delete_days", None)]


def test_the_subnet_of_any_size_fits_what_it_says() -> None:
    for replicas in range(6):
        regions = [r for r in REGIONS if REGIONS[r].cloud == "public" and r != "japaneast"][:replicas]
        needed = 2 + replicas
        for prefix in (29, 28, 27):
            usable = 2 ** (32 - prefix) - 5
            found = problems(args(replicas=dict.fromkeys(regions), network__subnet_prefix=f"10.20.0.0/{prefix}"))
            assert bool(found) == (usable < needed), (replicas, prefix)
