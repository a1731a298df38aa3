"""Random estates of one registry and one client firewall of any kind, with all that decides what it lets through."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from registry_guard.examples import Declared, endpoint, replica, subnet_id

from .firewall_cases import (
    APPLICATION_GROUP,
    EAST,
    HOME,
    LOGIN,
    NETWORK,
    OPEN,
    PRIVATE,
    TAG,
    TAG_EAST,
    TAG_HERE,
    app,
    classic,
    collection,
    group,
    ip_group,
    net,
    nsg,
    policy,
    rule,
    separate,
)

PRIORITIES = st.integers(100, 400)
HOSTS = st.sampled_from(
    [
        LOGIN,
        HOME,
        EAST,
        "*.azurecr.io",
        "*.data.azurecr.io",
        "*azurecr.io",
        "*",
        "contoso.*.data.azurecr.io",
        "github.com",
    ]
)
URLS = st.sampled_from([f"{LOGIN}/*", f"{HOME}/*", f"https://{EAST}/v2/*", "*.data.azurecr.io/*"])
PLACES = st.sampled_from(
    [TAG, TAG_HERE, TAG_EAST, "AzureCloud", "Storage", "0.0.0.0/0", "10.0.0.0/8", "40.79.192.0/21", "*"]
)
SOURCES = st.sampled_from([["*"], ["10.1.0.0/16"], ["10.1.2.0/24"], ["10.0.0.0/8"]])
ACTIONS = st.sampled_from(["Allow", "Allow", "Allow", "Deny"])
GROUPS = st.sampled_from(
    [[], [f"{NETWORK}/ipGroups/all"], [f"{NETWORK}/ipGroups/some"], [f"{NETWORK}/ipGroups/theirs"]]
)


@st.composite
def application_rules(draw: st.DrawFn) -> dict[str, Any]:
    protocols = draw(
        st.sampled_from(
            [
                [{"protocolType": "Https", "port": 443}],
                [{"protocolType": "Https", "port": 443}],
                [{"protocolType": "Http", "port": 80}],
                [{"protocolType": "Https", "port": 8443}],
            ]
        )
    )
    hosts = draw(st.lists(HOSTS, max_size=3))
    urls = tuple(draw(st.lists(URLS, max_size=1)))
    return app(*hosts, name="app", protocols=protocols, urls=urls, sourceAddresses=draw(SOURCES))


@st.composite
def network_rules(draw: st.DrawFn) -> dict[str, Any]:
    return net(
        *draw(st.lists(PLACES, max_size=2)),
        ports=tuple(draw(st.sampled_from([("443",), ("443",), ("400-500",), ("80",), ("*",)]))),
        protocols=tuple(draw(st.sampled_from([("TCP",), ("Any",), ("UDP",), ("TCP", "UDP")]))),
        destinationFqdns=draw(st.lists(HOSTS, max_size=1)),
        destinationIpGroups=draw(GROUPS),
        sourceAddresses=draw(SOURCES),
    )


@st.composite
def collections(draw: st.DrawFn) -> dict[str, Any]:
    rules = draw(st.lists(st.one_of(application_rules(), network_rules()), min_size=1, max_size=2))
    return collection(*rules, priority=draw(PRIORITIES), action=draw(ACTIONS))


@st.composite
def policies(draw: st.DrawFn) -> list[Declared]:
    own = draw(st.lists(collections(), min_size=1, max_size=3))
    made = [
        ip_group("all", "0.0.0.0/0"),
        ip_group("some", "10.0.0.0/8"),
        group(*own[:2], priority=200),
        *([group(*own[2:], priority=draw(PRIORITIES), name="second")] if own[2:] else []),
    ]
    parent = draw(st.sampled_from(["", "", "base", "theirs"]))
    if parent:
        made.append(policy("egress", parent))
    if parent == "base":
        made += [policy("base"), group(*draw(st.lists(collections(), max_size=2)), policy="base")]
    return made


@st.composite
def classics(draw: st.DrawFn) -> list[Declared]:
    def drawn(kind: st.SearchStrategy[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
        found = draw(st.lists(st.tuples(kind, PRIORITIES, ACTIONS), max_size=2))
        return tuple(collection(each, priority=priority, action=action) for each, priority, action in found)

    made = classic(drawn(network_rules()), drawn(application_rules()))
    return [ip_group("all", "0.0.0.0/0"), ip_group("some", "10.0.0.0/8"), made]


@st.composite
def security_rules(draw: st.DrawFn) -> dict[str, Any]:
    groups = draw(st.sampled_from([[], [], [APPLICATION_GROUP], [f"{APPLICATION_GROUP}-of-others"]]))
    extra: dict[str, Any] = (
        {"destinationApplicationSecurityGroups": [{"id": each} for each in groups]} if groups else {}
    )
    to = draw(st.sampled_from([TAG, TAG_HERE, TAG_EAST, "Internet", "VirtualNetwork", "AzureCloud", "*", "10.0.0.0/8"]))
    return rule(
        *([] if groups else [to]),
        priority=draw(PRIORITIES),
        access=draw(ACTIONS),
        protocol=draw(st.sampled_from(["Tcp", "*", "Udp"])),
        port=draw(st.sampled_from(["443", "443", "*", "80", "400-500"])),
        direction=draw(st.sampled_from(["Outbound", "Outbound", "Outbound", "Inbound"])),
        sourceAddressPrefix=draw(st.sampled_from(["*", "VirtualNetwork", "10.1.0.0/16"])),
        **extra,
    )


@st.composite
def security_groups(draw: st.DrawFn) -> list[Declared]:
    inline = draw(st.lists(security_rules(), max_size=3, unique_by=lambda r: r["priority"]))
    apart = draw(st.lists(security_rules(), max_size=2, unique_by=lambda r: r["priority"]))
    inline = [{**each, "name": f"inline-{number}"} for number, each in enumerate(inline)]
    apart = [{**each, "name": f"separate-{number}"} for number, each in enumerate(apart)]
    held = [separate(each) for each in apart]
    return held if draw(st.booleans()) and held else [nsg(*inline), *held]


@st.composite
def estates(draw: st.DrawFn) -> list[Declared]:
    """An estate whose registry is open to everybody or private, with or without a replica."""
    around = draw(st.sampled_from([[OPEN], [OPEN], list(PRIVATE)]))
    if draw(st.booleans()):
        around = [*around, replica("eastus")]
    if around[0] is OPEN and draw(st.integers(0, 3)) == 0:
        around = [*around, endpoint(subnet={"id": subnet_id()})]
    return [*around, *draw(st.one_of(policies(), classics(), security_groups()))]
