"""What must hold of every registry, network and client: opening something never closes anything."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from registry_model.azure import names
from registry_model.azure.regions import of_cloud, service_tag
from registry_model.reach.changes import diff
from registry_model.reach.firewalls import Firewall, FirewallRule, Kind
from registry_model.reach.judgement import reach, summary
from registry_model.reach.model import (
    Ability,
    AddressClass,
    Client,
    Connection,
    HostKind,
    Location,
    Model,
    Operation,
    Path,
    PrivateEndpoint,
    Registry,
    Verdict,
    VNetLink,
    Zone,
)
from registry_model.reach.switch import switched

from tests.model.asked import missing_hosts

VNETS = ("hub", "spoke", "island")
ADDRESSES = ("203.0.113.7", "198.51.100.9", "192.0.2.1")
REGIONS = sorted(of_cloud("public"))[:6]
LABELS = st.sampled_from(["contoso", "contoso-a1b2", "fabrikam"])

regions = st.sampled_from(REGIONS)
vnets = st.sampled_from(VNETS)
subsets = st.lists(vnets, unique=True).map(tuple)


@st.composite
def endpoints(draw: st.DrawFn, login: str, home: str, replicas: tuple[str, ...], number: int) -> PrivateEndpoint:
    hosts = names.client_hosts(login, home, replicas)
    addresses = tuple((host, f"10.{number}.0.{index + 4}") for index, host in enumerate(hosts))
    return PrivateEndpoint(
        f"pe{number}", draw(vnets), addresses=addresses, connection=draw(st.sampled_from(list(Connection)))
    )


@st.composite
def registries(draw: st.DrawFn) -> Registry:
    home = draw(regions)
    replicas = tuple(draw(st.lists(regions.filter(lambda r: r != home), unique=True, max_size=2)))
    login = f"{draw(LABELS)}.azurecr.io"
    found = tuple(draw(endpoints(login, home, replicas, n)) for n in range(draw(st.integers(0, 2))))
    records = names.private_dns_records(login, home, replicas)
    kept = [r for r in records if found and draw(st.booleans())]
    zone = Zone(
        "privatelink.azurecr.io",
        tuple((r.name, found[-1].address_of(r.host) or "10.99.0.1") for r in kept),
        tuple(VNetLink(v, draw(st.booleans())) for v in draw(subsets)),
    )
    return Registry(
        login,
        home,
        replicas,
        public_access=draw(st.booleans()),
        default_allow=draw(st.booleans()),
        ip_rules=tuple(draw(st.lists(st.sampled_from([*ADDRESSES, "203.0.113.0/24"]), unique=True))),
        data_endpoints=draw(st.booleans()),
        regional_endpoints=draw(st.booleans()),
        trusted_bypass=draw(st.booleans()),
        private_endpoints=found,
        zones=draw(st.sampled_from([(), (zone,)])),
    )


hosts = st.sampled_from(
    [
        "contoso.azurecr.io",
        "*.azurecr.io",
        "*",
        "*.blob.core.windows.net",
        *(f"contoso.{r}.data.azurecr.io" for r in REGIONS),
    ]
)
rules = st.builds(
    FirewallRule,
    hosts=st.lists(hosts, max_size=3).map(tuple),
    addresses=st.lists(st.sampled_from(["*", "10.0.0.0/16", "10.1.0.4"]), max_size=2).map(tuple),
    service_tags=st.lists(
        st.sampled_from(["Storage", "VirtualNetwork", *(service_tag(r) for r in REGIONS)]), max_size=2
    ).map(tuple),
    ports=st.sampled_from([("443",), (), ("80",)]),
    allow=st.booleans(),
)
firewalls = st.builds(Firewall, st.just("fw"), st.lists(rules, max_size=4).map(tuple), kind=st.sampled_from(list(Kind)))
clients = st.builds(
    Client,
    st.just("client"),
    st.sampled_from(Location),
    vnet=st.sampled_from(["", *VNETS]),
    connected=subsets,
    resolver=st.sampled_from(["", *VNETS]),
    public_ip=st.sampled_from([None, *ADDRESSES]),
    firewall=st.none() | firewalls,
)


def allowed(registry: Registry, client: Client) -> set[tuple[str, Operation]]:
    return {(r.host, r.operation) for r in reach(registry, client) if r.allowed}


def resolved(registry: Registry, client: Client) -> list[tuple[tuple[str, ...], str]]:
    return [(r.chain, r.address) for r in reach(registry, client)]


@given(registries(), clients)
def test_every_host_and_operation_gets_one_verdict_with_its_reason(registry: Registry, client: Client) -> None:
    found = reach(registry, client)
    assert {(r.host, r.operation) for r in found} == {(h.name, o) for h in registry.hosts() for o in h.operations}
    assert len(found) == len({(r.host, r.operation) for r in found})
    for r in found:
        assert r.reason
        assert bool(r.fix) is not r.allowed, "who is stopped is told what to do, who gets through is not"
        assert (r.path is Path.NONE) is not r.allowed
        assert r.chain[0] == r.host
        assert (r.address_class is AddressClass.NONE) is (r.verdict is Verdict.NO_NAME)


@given(registries(), clients, rules)
def test_an_allow_rule_in_front_never_removes_an_allowed_path(
    registry: Registry, client: Client, rule: FirewallRule
) -> None:
    if client.firewall is None:
        return
    opened = replace(client.firewall, rules=(replace(rule, allow=True), *client.firewall.rules))
    assert allowed(registry, client) <= allowed(registry, replace(client, firewall=opened))


@given(registries(), clients)
def test_no_firewall_is_the_most_open_one(registry: Registry, client: Client) -> None:
    assert allowed(registry, client) <= allowed(registry, replace(client, firewall=None))


@given(registries(), clients, st.sampled_from(ADDRESSES))
def test_opening_the_registry_never_removes_an_allowed_path(registry: Registry, client: Client, address: str) -> None:
    now = allowed(registry, client)
    for opened in (
        replace(registry, ip_rules=(*(registry.ip_rules or ()), address)),
        replace(registry, public_access=True),
        replace(registry, default_allow=True),
        replace(registry, trusted_bypass=True),
    ):
        assert now <= allowed(opened, client)


@given(registries(), clients, vnets)
def test_a_new_route_never_changes_names_nor_removes_a_path(registry: Registry, client: Client, vnet: str) -> None:
    routed = replace(client, connected=(*client.connected, vnet))
    assert resolved(registry, client) == resolved(registry, routed)
    assert allowed(registry, client) <= allowed(registry, routed)


@given(registries(), clients)
def test_nx_domain_redirect_never_removes_an_allowed_path(registry: Registry, client: Client) -> None:
    redirecting = tuple(
        replace(zone, links=tuple(VNetLink(link.vnet, nx_domain_redirect=True) for link in zone.links))
        for zone in registry.zones
    )
    opened = replace(registry, zones=redirecting)
    assert allowed(registry, client) <= allowed(opened, client)
    assert all(r.verdict is not Verdict.NO_NAME for r in reach(opened, client))


@given(registries(), clients)
def test_the_private_path_never_depends_on_the_public_side(registry: Registry, client: Client) -> None:
    def private(model: Registry) -> set[tuple[str, Operation]]:
        return {(r.host, r.operation) for r in reach(model, client) if r.path is Path.PRIVATE}

    closed = replace(registry, public_access=False, ip_rules=(), trusted_bypass=False)
    assert private(registry) == private(closed)


@given(registries(), clients)
def test_a_client_that_can_pull_can_push(registry: Registry, client: Client) -> None:
    line = summary(registry, client)
    assert line.pull is Ability.NO or line.push in (Ability.YES, Ability.IF)


@given(registries(), clients)
def test_a_firewall_without_missing_hosts_survives_the_switch(registry: Registry, client: Client) -> None:
    """What the order of the rollout rests on: announced hosts, wildcard kept, then nothing breaks."""
    if client.firewall is None or registry.private_endpoints or missing_hosts(registry, client.firewall):
        return
    before = Model(replace(registry, data_endpoints=False), (client,))
    after = Model(switched(registry), (client,))
    assert not any(change.breaks for change in diff(before, after))


@given(registries(), clients)
def test_a_firewall_with_every_host_misses_none(registry: Registry, client: Client) -> None:
    every = tuple(h.name for h in switched(registry).hosts() if h.kind is not HostKind.REGIONAL)
    assert missing_hosts(registry, Firewall("fw", (FirewallRule(hosts=every),))) == []
    for host in every:
        without = tuple(h for h in every if h != host)
        assert missing_hosts(registry, Firewall("fw", (FirewallRule(hosts=without),))) == [host]


@given(registries(), registries(), clients)
def test_the_difference_turned_round_is_its_opposite(one: Registry, other: Registry, client: Client) -> None:
    def told(before: Registry, after: Registry) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        changes = diff(Model(before, (client,)), Model(after, (client,)))
        return [(c.new_hosts, c.gone_hosts) for c in changes]

    assert sorted((gone, new) for new, gone in told(one, other)) == sorted(told(other, one))
    assert diff(Model(one, (client,)), Model(one, (client,))) == []
