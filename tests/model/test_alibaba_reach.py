"""Who reaches a registry of Alibaba Cloud: the matrices that were tried, row by row, from documents written by hand.

A is account A in Tokyo, the registry's own; B is account B in Singapore.
"""

from __future__ import annotations

from typing import Any

import pytest
from registry_model.estate.reading import estate_from_states
from registry_model.reach.alibaba import registries as alibaba
from registry_model.reach.alibaba.model import AlibabaRegistry
from registry_model.reach.allow_lists import allow_list
from registry_model.reach.clients import default_clients
from registry_model.reach.judgement import reach, summary
from registry_model.reach.model import Ability, Client, HostKind, Location, Operation, Path, Reach, Verdict

TOKYO, SINGAPORE = "ap-northeast-1", "ap-southeast-1"
HOST = "team-registry-vpc.ap-northeast-1.cr.aliyuncs.com"
INTERNET = "Internet endpoint"
VPC = "VPC endpoint"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
A_IP, B_IP = "203.0.113.10", "198.51.100.20"

# Clients as they stood in the test: each in its VPC, with a public address of its own.
CLIENT_A = Client("A", Location.VNET, vnet="vpc-a", resolver="vpc-a", public_ip=A_IP)
CLIENT_B = Client("B", Location.VNET, vnet="vpc-b", resolver="vpc-b", public_ip=B_IP)

Row = dict[str, Any]


def row(token: str, name: str, resource_id: str, region: str = TOKYO, /, **inputs: Any) -> Row:
    urn = f"urn:pulumi:dev::app::alicloud:{token}::{name}"
    return {
        "urn": urn,
        "type": f"alicloud:{token}",
        "custom": True,
        "id": resource_id,
        "inputs": inputs,
        "outputs": {"id": resource_id, **inputs},
        "provider": f"urn:pulumi:dev::app::pulumi:providers:alicloud::{region}::1",
    }


def account(region: str) -> Row:
    return {
        "urn": f"urn:pulumi:dev::app::pulumi:providers:alicloud::{region}",
        "type": "pulumi:providers:alicloud",
        "custom": True,
        "id": "1",
        "inputs": {"region": region},
    }


def instance(**outputs: Any) -> Row:
    made = row(
        "cr/registryEnterpriseInstance:RegistryEnterpriseInstance",
        "instance",
        "cri-abc",
        instanceName="team",
        instanceType="Advanced",
        paymentType="Subscription",
    )
    return {**made, "outputs": {**made["outputs"], **outputs}}


def internet(*entries: str) -> Row:
    listed = [{"entry": entry, "comment": ""} for entry in entries]
    return row("cr/internetEndpoint:InternetEndpoint", "internet", "cri-abc", instanceId="cri-abc", entries=listed)


def vpc(name: str, cidr: str, region: str = TOKYO) -> Row:
    return row("vpc/network:Network", name, f"vpc-{name}", region, vpcName=name, cidrBlock=cidr)


def switch(name: str, cidr: str, region: str = TOKYO) -> Row:
    return row("vpc/switch:Switch", f"switch-{name}", f"vsw-{name}", region, vpcId=f"vpc-{name}", cidrBlock=cidr)


def link(name: str = "a", *, record: bool | None = True) -> Row:
    return row(
        "cr/vpcEndpointLinkedVpc:VpcEndpointLinkedVpc",
        f"link-{name}",
        f"cri-abc:vpc-{name}:vsw-{name}:Registry",
        instanceId="cri-abc",
        vpcId=f"vpc-{name}",
        vswitchId=f"vsw-{name}",
        moduleName="Registry",
        enableCreateDnsRecordInPvzt=record,
    )


def zone(*vpcs: str, name: str = HOST, rr: str = "@", value: str = "10.0.0.4", region: str = SINGAPORE) -> list[Row]:
    """A private zone with one record, attached to these VPCs."""
    return [
        row("pvtz/zone:Zone", "zone", "zone-1", region, zoneName=name),
        row("pvtz/zoneRecord:ZoneRecord", "record", "1:zone-1", region, zoneId="zone-1", rr=rr, type="A", value=value),
        row(
            "pvtz/zoneAttachment:ZoneAttachment",
            "attachment",
            "zone-1",
            region,
            zoneId="zone-1",
            vpcs=[{"vpcId": each} for each in vpcs],
        ),
    ]


def attached(name: str, router: str, region: str, *, routed: bool = True) -> list[Row]:
    """A VPC's attachment to a transit router, associated, propagating and with routes; or with none of them."""
    own = f"tr-attach-{name}"
    made = row(
        "cen/transitRouterVpcAttachment:TransitRouterVpcAttachment",
        f"attach-{name}",
        own,
        region,
        cenId="cen-1",
        transitRouterId=router,
        vpcId=f"vpc-{name}",
        autoPublishRouteEnabled=routed,
    )
    if not routed:
        return [made]
    table = f"vtb-{router}"
    return [
        made,
        *(
            row(
                f"cen/transitRouterRouteTable{what}:TransitRouterRouteTable{what}",
                f"{what}-{name}",
                f"{own}:{table}",
                region,
                transitRouterAttachmentId=own,
                transitRouterRouteTableId=table,
            )
            for what in ("Association", "Propagation")
        ),
    ]


def peer() -> Row:
    return row(
        "cen/transitRouterPeerAttachment:TransitRouterPeerAttachment",
        "peer",
        "tr-attach-peer",
        cenId="cen-1",
        transitRouterId="tr-tokyo",
        peerTransitRouterId="tr-singapore",
        peerTransitRouterRegionId=SINGAPORE,
    )


def service(host: str, name: str = "service") -> Row:
    """A route of Cloud Enterprise Network to a shared service of Tokyo, for what stands in Singapore."""
    return row(
        "cen/routeService:RouteService",
        name,
        f"cen-1:{TOKYO}:{host}:{SINGAPORE}",
        cenId="cen-1",
        host=host,
        hostRegionId=TOKYO,
        accessRegionId=SINGAPORE,
        hostVpcId="vpc-a",
    )


BOTH = [vpc("a", "10.0.0.0/16"), switch("a", "10.0.0.0/24"), vpc("b", "10.1.0.0/16", SINGAPORE)]
CONNECTED = [*attached("a", "tr-tokyo", TOKYO), *attached("b", "tr-singapore", SINGAPORE), peer()]
TOKEN, LAYERS = (
    "dockerauth-ee-vpc.ap-northeast-1.aliyuncs.com",
    "cri-abc-registry.oss-ap-northeast-1-internal.aliyuncs.com",
)
# Every range that OSS has in Tokyo, as its documentation lists them.
OSS_TOKYO = ("100.114.211.0/24", "100.114.114.0/25")


def registry(*rows: Row) -> AlibabaRegistry:
    [found] = alibaba.registries(estate_from_states([account(TOKYO), account(SINGAPORE), *rows]))
    return found


def line(of: AlibabaRegistry, client: Client, host: str, operation: Operation = Operation.PULL) -> Reach:
    [found] = [r for r in reach(of, client) if r.host == host and r.operation is operation]
    return found


def by(of: AlibabaRegistry, client: Client, way: str) -> list[Verdict]:
    """What becomes of a pull by one endpoint: of the registry, the token service and the layers."""
    return [r.verdict for r in reach(of, client) if r.way == way and r.operation is Operation.PULL]


PASSES = [Verdict.ALLOWED] * 3


# Enterprise Edition, Internet endpoint

INTERNET_ROWS = {
    "off": ([], False, False),
    "on for all addresses": ([internet()], True, True),
    "on for A's address": ([internet(f"{A_IP}/32")], True, False),
    "on for B's address": ([internet(f"{B_IP}/32")], False, True),
    "on for every address by an entry": ([internet("0.0.0.0/0")], True, True),
    "on with nothing but the service's own entry": ([internet("127.0.0.1/32")], True, True),
}


@pytest.mark.parametrize("name", INTERNET_ROWS)
def test_the_internet_endpoint_of_enterprise_edition(name: str) -> None:
    rows, a, b = INTERNET_ROWS[name]
    of = registry(instance(), *BOTH, *rows)
    assert (by(of, CLIENT_A, INTERNET) == PASSES, by(of, CLIENT_B, INTERNET) == PASSES) == (a, b)
    assert {summary(of, client).pull for client in (CLIENT_A, CLIENT_B)} <= {Ability.YES, Ability.NO}
    assert (summary(of, CLIENT_A).pull is Ability.YES, summary(of, CLIENT_B).push is Ability.YES) == (a, b)


def test_who_is_refused_by_the_internet_endpoint_is_told_why() -> None:
    off = line(registry(instance(), *BOTH), CLIENT_B, "team-registry.ap-northeast-1.cr.aliyuncs.com")
    assert (off.verdict, off.reason) == (Verdict.REFUSED, "the Internet endpoint is off")
    assert off.fix == "turn the Internet endpoint on, with the client's address as an entry"
    # No summary says of one VPC that it cannot be bound and that it should be.
    elsewhere = summary(registry(instance(), *BOTH, link()), CLIENT_B)
    assert "cannot be bound" in elsewhere.reason
    assert "bind the" not in elsewhere.fix
    listed = registry(instance(), *BOTH, internet("203.0.113.0/28"))
    other = line(listed, CLIENT_B, "team-registry.ap-northeast-1.cr.aliyuncs.com")
    assert other.verdict is Verdict.REFUSED
    assert other.reason == "its address 198.51.100.20 is in no entry of the access control list"
    assert line(listed, CLIENT_A, "team-registry.ap-northeast-1.cr.aliyuncs.com").path is Path.INTERNET


def test_a_vm_without_an_address_of_its_own_needs_a_way_out() -> None:
    of = registry(instance(), *BOTH, internet())
    found = summary(of, Client("VM", Location.VNET, vnet="vpc-b", resolver="vpc-b"))
    assert (found.pull, found.reason) == (Ability.IF, "VM has a way out to the internet")


# Enterprise Edition, VPC endpoint

VPC_ROWS = {
    "nothing bound": ([], False, False),
    "A's VPC bound": ([link()], True, False),
    "A's VPC bound, without the record": ([link(record=None)], False, False),
    "A's VPC bound, with a zone of one's own": ([link(record=None), *zone("vpc-a")], True, False),
    "another VPC of A bound": ([vpc("c", "10.2.0.0/16"), link("c")], False, False),
}


@pytest.mark.parametrize("name", VPC_ROWS)
def test_the_vpc_endpoint_of_enterprise_edition(name: str) -> None:
    rows, a, b = VPC_ROWS[name]
    of = registry(instance(), *BOTH, *rows)
    assert (line(of, CLIENT_A, HOST).allowed, line(of, CLIENT_B, HOST).allowed) == (a, b)


def test_a_bound_vpc_pulls_and_pushes_on_the_private_path() -> None:
    found = summary(registry(instance(), *BOTH, link()), CLIENT_A)
    assert (found.pull, found.push, found.paths) == (Ability.YES, Ability.YES, (Path.VPC, Path.SERVICE))


def test_an_unbound_vpc_of_the_same_account_and_region_does_not() -> None:
    of = registry(instance(), *BOTH, vpc("c", "10.2.0.0/16"), link())
    client = Client("C", Location.VNET, vnet="vpc-c", resolver="vpc-c")
    found = line(of, client, HOST)
    assert found.verdict is Verdict.NO_NAME
    assert found.reason.startswith("its VPC is not bound to the registry")
    assert summary(of, client).pull is Ability.NO


def test_a_vpc_of_another_region_cannot_be_bound() -> None:
    found = line(registry(instance(), *BOTH, link()), CLIENT_B, HOST)
    assert found.verdict is Verdict.NO_NAME
    assert "cannot be bound" in found.reason
    assert "Cloud Enterprise Network" in found.fix


# Shared through Cloud Enterprise Network

SERVICES = [service(TOKEN, "token"), *(service(each, f"oss-{each}") for each in OSS_TOKYO)]
SHARED_ROWS: dict[str, tuple[list[Row], list[Verdict]]] = {
    "connected, without the zone": (
        [*CONNECTED, *SERVICES],
        [Verdict.NO_NAME, Verdict.ALLOWED, Verdict.ALLOWED],
    ),
    "the zone, not connected": (
        [*zone("vpc-b"), *SERVICES],
        [Verdict.NO_ROUTE, Verdict.NO_ROUTE, Verdict.NO_ROUTE],
    ),
    "connected, with the zone, without routes to the services": (
        [*CONNECTED, *zone("vpc-b")],
        [Verdict.ALLOWED, Verdict.NO_ROUTE, Verdict.NO_ROUTE],
    ),
    "connected, with the zone and a route to the token service alone": (
        [*CONNECTED, *zone("vpc-b"), SERVICES[0]],
        [Verdict.ALLOWED, Verdict.ALLOWED, Verdict.NO_ROUTE],
    ),
    "connected, with the zone and routes to OSS alone": (
        [*CONNECTED, *zone("vpc-b"), *SERVICES[1:]],
        [Verdict.ALLOWED, Verdict.ALLOWED, Verdict.ALLOWED],
    ),
    "connected, with the zone and one of two ranges of OSS": (
        [*CONNECTED, *zone("vpc-b"), *SERVICES[:2]],
        [Verdict.ALLOWED, Verdict.ALLOWED, Verdict.NO_ROUTE],
    ),
    "connected, with the zone and all routes": (
        [*CONNECTED, *zone("vpc-b"), *SERVICES],
        PASSES,
    ),
    "connected, with the zone and the whole service range": (
        [*CONNECTED, *zone("vpc-b"), service("100.64.0.0/10")],
        PASSES,
    ),
    "the zone for another address": (
        [*CONNECTED, *zone("vpc-b", value="10.9.9.9"), *SERVICES],
        [Verdict.WRONG_ADDRESS, Verdict.ALLOWED, Verdict.ALLOWED],
    ),
    "the zone without the record": (
        [*CONNECTED, *zone("vpc-b", rr="other"), *SERVICES],
        [Verdict.NO_NAME, Verdict.ALLOWED, Verdict.ALLOWED],
    ),
    "the zone of the Internet name": (
        [*CONNECTED, *zone("vpc-b", name="team-registry.ap-northeast-1.cr.aliyuncs.com"), *SERVICES],
        [Verdict.NO_NAME, Verdict.ALLOWED, Verdict.ALLOWED],
    ),
    "the zone attached to A's VPC alone": (
        [*CONNECTED, *zone("vpc-a"), *SERVICES],
        [Verdict.NO_NAME, Verdict.ALLOWED, Verdict.ALLOWED],
    ),
}


@pytest.mark.parametrize("name", SHARED_ROWS)
def test_a_vpc_of_another_region_through_cloud_enterprise_network(name: str) -> None:
    rows, verdicts = SHARED_ROWS[name]
    of = registry(instance(), *BOTH, link(), *rows)
    assert by(of, CLIENT_B, VPC) == verdicts


def address_told(of: list[Row]) -> list[Row]:
    """The record's value taken from the link, as a program does it that asks for the address."""
    return [
        {
            **each,
            "propertyDependencies": {
                "value": ["urn:pulumi:dev::app::alicloud:cr/vpcEndpointLinkedVpc:VpcEndpointLinkedVpc::link-a"]
            },
        }
        if each["type"].endswith("ZoneRecord")
        else each
        for each in of
    ]


def test_the_whole_way_is_certain_where_the_document_shows_it() -> None:
    rows = [*CONNECTED, *address_told(zone("vpc-b")), *SERVICES]
    found = summary(registry(instance(), *BOTH, link(), *rows), CLIENT_B)
    assert (found.pull, found.push) == (Ability.YES, Ability.YES)
    assert found.paths == (Path.VPC, Path.SERVICE)


def test_an_address_that_nobody_vouches_for_is_a_condition() -> None:
    found = summary(registry(instance(), *BOTH, link(), *CONNECTED, *zone("vpc-b"), *SERVICES), CLIENT_B)
    assert (found.pull, found.reason) == (Ability.IF, "10.0.0.4 is the registry's address in 'a'")


def test_routes_that_the_document_does_not_show_are_conditions() -> None:
    bare = [*attached("a", "tr-tokyo", TOKYO, routed=False), *attached("b", "tr-singapore", SINGAPORE), peer()]
    found = line(registry(instance(), *BOTH, link(), *bare, *address_told(zone("vpc-b"))), CLIENT_B, HOST)
    assert found.allowed
    assert found.conditions == (
        "the transit router attachment of a is associated with a route table of its router",
        "a route table of its router leads to the transit router attachment of a",
        "the route table of a leads to its transit router",
    )


def test_transit_routers_that_are_not_peered_connect_nothing() -> None:
    rows = [*CONNECTED[:-1], *zone("vpc-b")]
    assert line(registry(instance(), *BOTH, link(), *rows), CLIENT_B, HOST).verdict is Verdict.NO_ROUTE


def test_routes_in_a_transit_router_lead_to_services_too() -> None:
    table = row(
        "cen/transitRouterRouteTable:TransitRouterRouteTable",
        "table",
        "tr-singapore:vtb-1",
        SINGAPORE,
        transitRouterId="tr-singapore",
    )
    routes = [
        row(
            "cen/transitRouterRouteEntry:TransitRouterRouteEntry",
            f"entry-{block}",
            f"vtb-1:{block}",
            SINGAPORE,
            transitRouterRouteTableId="tr-singapore:vtb-1",
            transitRouterRouteEntryDestinationCidrBlock=block,
            transitRouterRouteEntryNextHopType="Attachment",
            transitRouterRouteEntryNextHopId="tr-attach-peer",
        )
        for block in OSS_TOKYO
    ]
    of = registry(instance(), *BOTH, link(), *CONNECTED, *zone("vpc-b"), table, *routes)
    assert by(of, CLIENT_B, VPC) == PASSES
    token = line(of, CLIENT_B, TOKEN)
    assert token.conditions == (f"{TOKEN} has its addresses in 100.114.211.0/24, 100.114.114.0/25",)
    hole = {**routes[0], "inputs": {**routes[0]["inputs"], "transitRouterRouteEntryNextHopType": "BlackHole"}}
    hole["outputs"] = hole["inputs"]
    of = registry(instance(), *BOTH, link(), *CONNECTED, *zone("vpc-b"), table, hole)
    assert line(of, CLIENT_B, LAYERS).verdict is Verdict.NO_ROUTE
    assert not line(of, CLIENT_B, LAYERS).sometimes


def test_a_route_for_another_region_serves_nobody_here() -> None:
    elsewhere = service("100.64.0.0/10")
    elsewhere["inputs"]["accessRegionId"] = elsewhere["outputs"]["accessRegionId"] = "eu-central-1"
    of = registry(instance(), *BOTH, link(), *CONNECTED, *zone("vpc-b"), elsewhere)
    assert line(of, CLIENT_B, LAYERS).verdict is Verdict.NO_ROUTE


def written(router: str, source: str, routes: dict[str, str], region: str) -> list[Row]:
    """A route table of a transit router for what comes from one attachment, with written routes and no other."""
    table = f"vtb-{source}"
    return [
        row(
            "cen/transitRouterRouteTable:TransitRouterRouteTable",
            table,
            f"{router}:{table}",
            region,
            transitRouterId=router,
        ),
        row(
            "cen/transitRouterRouteTableAssociation:TransitRouterRouteTableAssociation",
            f"association-{source}",
            f"{source}:{table}",
            region,
            transitRouterAttachmentId=source,
            transitRouterRouteTableId=table,
        ),
        *(
            row(
                "cen/transitRouterRouteEntry:TransitRouterRouteEntry",
                f"{table}-{block}",
                f"{table}:{block}",
                region,
                transitRouterRouteTableId=table,
                transitRouterRouteEntryDestinationCidrBlock=block,
                transitRouterRouteEntryNextHopType="Attachment",
                transitRouterRouteEntryNextHopId=hop,
            )
            for block, hop in routes.items()
        ),
    ]


def vpc_route(name: str, block: str, hop: str, region: str) -> Row:
    return row(
        "vpc/routeEntry:RouteEntry",
        f"route-{name}-{block}",
        f"vtb-{name}:{block}",
        region,
        routeTableId=f"vtb-{name}",
        destinationCidrblock=block,
        nexthopType="Attachment",
        nexthopId=hop,
    )


def test_written_routes_that_learn_nothing_are_a_way_too() -> None:
    there = {"10.0.0.4/32": "tr-attach-peer", **dict.fromkeys(OSS_TOKYO, "tr-attach-peer")}
    here = dict.fromkeys(there, "tr-attach-a")
    rows = [
        *attached("a", "tr-tokyo", TOKYO, routed=False),
        *attached("b", "tr-singapore", SINGAPORE, routed=False),
        peer(),
        *written("tr-singapore", "tr-attach-b", there, SINGAPORE),
        *written("tr-tokyo", "tr-attach-peer", here, TOKYO),
        *written("tr-tokyo", "tr-attach-a", {"10.1.0.0/16": "tr-attach-peer"}, TOKYO),
        *written("tr-singapore", "tr-attach-peer", {"10.1.0.0/16": "tr-attach-b"}, SINGAPORE),
        *(vpc_route("b", block, "tr-attach-b", SINGAPORE) for block in there),
        vpc_route("a", "10.1.0.0/16", "tr-attach-a", TOKYO),
        *address_told(zone("vpc-b")),
    ]
    # The cloud joins the ids of attachments with their routers'.
    joined = [
        {**each, "id": f"tr-x:{each['id']}"} if "Attachment:" in each["type"] and "cen/" in each["type"] else each
        for each in rows
    ]
    of = registry(instance(), *BOTH, link(), *joined)
    assert line(of, CLIENT_B, HOST).conditions == ()
    assert line(of, CLIENT_B, LAYERS).conditions == ()
    assert by(of, CLIENT_B, VPC) == PASSES


# Personal Edition

PERSONAL = row(
    "cr/namespace:Namespace", "namespace", "team", name="team", autoCreate=False, defaultVisibility="PRIVATE"
)


def test_personal_edition_is_open_on_the_internet_and_to_the_region() -> None:
    of = registry(PERSONAL, *BOTH)
    assert by(of, CLIENT_A, INTERNET) == by(of, CLIENT_B, INTERNET) == PASSES
    assert (by(of, CLIENT_A, VPC) == PASSES, by(of, CLIENT_B, VPC) == PASSES) == (True, False)
    assert line(of, CLIENT_B, "registry-vpc.ap-northeast-1.aliyuncs.com").verdict is Verdict.NO_ROUTE
    assert line(of, CLIENT_A, "dockerauth-vpc.ap-northeast-1.aliyuncs.com").path is Path.SERVICE


def test_every_vpc_of_the_region_reaches_personal_edition() -> None:
    of = registry(PERSONAL, *BOTH)
    stranger = Client("another account's", Location.VNET, vnet="vpc-x", resolver="vpc-x", region=TOKYO)
    assert by(of, stranger, VPC) == PASSES


OWN = "crpi-0a1b2c"


def personal_repository(**outputs: Any) -> dict[str, Any]:
    made = row("cr/repo:Repo", "repository", "team/app", namespace="team", name="app", repoType="PRIVATE", summary="x")
    return {**made, "outputs": {**made["outputs"], **outputs}}


ANSWERED = {
    "public": f"{OWN}.ap-northeast-1.personal.cr.aliyuncs.com",
    "vpc": f"{OWN}-vpc.ap-northeast-1.personal.cr.aliyuncs.com",
}


def test_an_instance_of_personal_edition_has_hosts_of_its_own() -> None:
    of = registry(PERSONAL, personal_repository(domainLists=[ANSWERED]), *BOTH)
    assert of.label == OWN
    assert [host.name for host in of.hosts()] == [
        "crpi-0a1b2c.ap-northeast-1.personal.cr.aliyuncs.com",
        "dockerauth.ap-northeast-1.aliyuncs.com",
        "*.oss-ap-northeast-1.aliyuncs.com",
        "crpi-0a1b2c-vpc.ap-northeast-1.personal.cr.aliyuncs.com",
        "dockerauth-vpc.ap-northeast-1.aliyuncs.com",
        "*.oss-ap-northeast-1-internal.aliyuncs.com",
    ]
    assert (of.assumed, of.notes) == (("bucket",), ())
    assert by(of, CLIENT_A, INTERNET) == by(of, CLIENT_B, INTERNET) == PASSES
    assert (by(of, CLIENT_A, VPC) == PASSES, by(of, CLIENT_B, VPC) == PASSES) == (True, False)


def test_an_older_instance_shares_its_hosts_with_the_region() -> None:
    shared = {
        "public": "registry-intl.ap-northeast-1.aliyuncs.com",
        "vpc": "registry-intl-vpc.ap-northeast-1.aliyuncs.com",
    }
    of = registry(personal_repository(domainLists=[shared]), *BOTH)
    assert of.label == "Personal Edition in ap-northeast-1"
    assert (of.internet_host, of.vpc_host) == (shared["public"], shared["vpc"])
    assert of.notes == ()


def test_the_host_of_personal_edition_is_a_guess_before_the_cloud_has_told() -> None:
    before, after = registry(PERSONAL), registry(PERSONAL, personal_repository(domainLists=[ANSWERED]))
    assert before.assumed == ("name", "bucket")
    assert "crpi-" in before.notes[0]
    assert before.key == after.key


# Hosts


def test_hosts_are_read_where_the_cloud_has_answered() -> None:
    answered = [
        {
            "endpointType": "internet",
            "enable": False,
            "domains": [{"domain": "x-registry.ap-northeast-1.cr.aliyuncs.com"}],
        },
        {
            "endpointType": "vpc",
            "enable": True,
            "domains": [
                {"domain": "registry.example.com", "type": "USER"},
                {"domain": "y-registry-vpc.ap-northeast-1.cr.aliyuncs.com", "type": "SYSTEM"},
            ],
        },
    ]
    of = registry(instance(instanceEndpoints=answered))
    assert [host.name for host in of.hosts()] == [
        "x-registry.ap-northeast-1.cr.aliyuncs.com",
        "dockerauth-ee.ap-northeast-1.aliyuncs.com",
        "cri-abc-registry.oss-ap-northeast-1.aliyuncs.com",
        "y-registry-vpc.ap-northeast-1.cr.aliyuncs.com",
        TOKEN,
        LAYERS,
    ]


def test_a_bucket_of_ones_own_has_the_layers() -> None:
    made = instance()
    own = {**made, "inputs": {**made["inputs"], "customOssBucket": "our-layers", "defaultOssBucket": "false"}}
    of = registry(own)
    assert of.internet_storage == "our-layers.oss-ap-northeast-1.aliyuncs.com"
    assert of.vpc_storage == "our-layers.oss-ap-northeast-1-internal.aliyuncs.com"


def test_an_instance_that_does_not_exist_yet_has_a_wildcard_and_says_so() -> None:
    new = {**instance(), "id": "", "outputs": {}}
    of = registry(new)
    assert of.vpc_storage == "*.oss-ap-northeast-1-internal.aliyuncs.com"
    assert of.assumed == ("bucket",)
    assert of.vpc_host == HOST
    assert any("bucket" in note for note in of.notes)


def test_without_a_region_nothing_is_made_up_in_silence() -> None:
    found = {**instance(), "provider": ""}
    of = registry(found)
    assert "region" in of.assumed
    assert any("region" in note for note in of.notes)


def test_entries_that_are_not_known_yet_decide_nothing() -> None:
    of = registry(instance(), *BOTH, internet(UNKNOWN))
    found = line(of, CLIENT_A, "team-registry.ap-northeast-1.cr.aliyuncs.com")
    assert found.verdict is Verdict.CANNOT_TELL


def test_an_endpoint_that_something_else_switched_on_is_told() -> None:
    of = registry(instance(instanceEndpoints=[{"endpointType": "internet", "enable": True, "domains": []}]), *BOTH)
    assert of.internet is True
    assert of.entries is None
    assert any("it is not declared here" in note for note in of.notes)
    assert summary(of, CLIENT_A).pull is Ability.UNKNOWN


# Storage domains and domains of a customer's own

PUBLIC_HOST = "team-registry.ap-northeast-1.cr.aliyuncs.com"
PUBLIC_LAYERS = "cri-abc-registry.oss-ap-northeast-1.aliyuncs.com"
OWN_LAYERS, OWN_DOMAIN = "layers.contoso.example", "images.contoso.example"
VM_A = Client("VM", Location.VNET, vnet="vpc-a", resolver="vpc-a")


def rule(*routes: tuple[Any, Any, Any]) -> Row:
    """Routes of (endpoint, host by which the client came, host of the layers)."""
    keys = ("endpointType", "instanceDomain", "storageDomain")
    listed = [dict(zip(keys, route, strict=True)) for route in routes]
    token = "cr/storageDomainRoutingRule:StorageDomainRoutingRule"
    return row(token, "rule", "cri-abc:crsdr-1", instanceId="cri-abc", routes=listed)


def domain(name: Any = OWN_DOMAIN, module: str = "Registry") -> Row:
    token = "cr/instanceCustomizedDomain:InstanceCustomizedDomain"
    return row(token, f"domain-{module}", "x", instanceId="cri-abc", domain=name, moduleName=module, certId="1")


def layers(of: AlibabaRegistry, client: Client, way: str) -> tuple[str, Verdict, Path, tuple[str, ...]]:
    [found] = [r for r in reach(of, client) if r.way == way and r.kind is HostKind.BUCKET]
    return found.host, found.verdict, found.path, found.conditions


def test_a_storage_domain_takes_the_place_of_the_buckets_host() -> None:
    of = registry(instance(), *BOTH, link(), internet(f"{A_IP}/32"), rule(("Internet", PUBLIC_HOST, OWN_LAYERS)))
    assert layers(of, CLIENT_A, INTERNET) == (OWN_LAYERS, Verdict.ALLOWED, Path.INTERNET, ())
    assert layers(of, CLIENT_A, VPC) == (LAYERS, Verdict.ALLOWED, Path.SERVICE, ())
    listed = [entry.host for entry in allow_list([of]).entries]
    assert (OWN_LAYERS in listed, PUBLIC_LAYERS in listed, LAYERS in listed) == (True, False, True)


@pytest.mark.parametrize("shown", ["https://Layers.Contoso.Example", "https://layers.contoso.example/", OWN_LAYERS])
def test_a_storage_domain_is_the_same_as_the_service_shows_it(shown: str) -> None:
    of = registry(instance(), *BOTH, link(), rule(("VPC", HOST.upper(), shown)))
    assert of.vpc_storage == OWN_LAYERS
    assert of.internet_storage == PUBLIC_LAYERS


def test_where_a_storage_domain_of_ones_own_leads_a_vpc_is_a_condition() -> None:
    of = registry(instance(), *BOTH, link(), rule(("vpc", HOST, OWN_LAYERS)))
    _, verdict, _, conditions = layers(of, VM_A, VPC)
    assert verdict is Verdict.ALLOWED
    way = "by a way that it has: out to the internet, or a private record"
    assert conditions == (f"{OWN_LAYERS} leads VM to OSS {way}",)
    assert summary(of, VM_A).pull is Ability.IF
    assert summary(of, VM_A).push is Ability.YES, "a push needs no layers' host"
    assert layers(of, CLIENT_A, VPC)[3] == (), "it has a public address of its own"


def test_oss_is_judged_by_its_host_and_not_by_the_endpoint_that_sends_there() -> None:
    public = registry(instance(), *BOTH, link(), rule(("VPC", HOST, PUBLIC_LAYERS)))
    assert layers(public, VM_A, VPC)[2:] == (Path.INTERNET, ("VM has a way out to the internet",))
    assert {e.host: e.addresses for e in allow_list([public]).entries}[PUBLIC_LAYERS] == ()
    internal = registry(instance(), *BOTH, internet(), rule(("Internet", PUBLIC_HOST, LAYERS)))
    assert layers(internal, CLIENT_A, INTERNET)[1:3] == (Verdict.ALLOWED, Path.SERVICE)
    outside = Client("out", Location.INTERNET, public_ip=B_IP)
    assert layers(internal, outside, INTERNET)[1] is Verdict.NO_ROUTE
    assert {e.host: e.addresses for e in allow_list([internal]).entries}[LAYERS] == OSS_TOKYO


def test_a_storage_domain_of_another_endpoints_host_changes_nothing() -> None:
    of = registry(instance(), *BOTH, link(), rule(("Internet", HOST, OWN_LAYERS)))
    assert (of.internet_storage, of.vpc_storage) == (PUBLIC_LAYERS, LAYERS)
    assert f"'rule' has a route for {HOST} by the Internet endpoint, which is no host of that endpoint: " in of.notes[0]


NOT_KNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # as previews write it


@pytest.mark.parametrize(
    "wrong",
    [
        NOT_KNOWN,
        "https://",
        "layers",
        "*.contoso.example",
        "a b.example",
        "x.example/$(id)",
    ],
)
def test_a_storage_domain_that_is_no_host_or_not_known_is_not_taken(wrong: str) -> None:
    of = registry(instance(), *BOTH, link(), rule(("VPC", HOST, wrong)))
    assert (of.vpc_storage, of.assumed) == (LAYERS, ("storage domain",))
    assert of.notes == ("what 'rule' puts in place of the bucket's host is not known, so that one stands here",)


def test_a_storage_domain_makes_the_bucket_needless() -> None:
    """Before the instance has an id, its bucket has no name; what the rule names, the list has all the same."""
    bare = instance()
    bare["id"] = bare["outputs"]["id"] = ""
    both = rule(("Internet", PUBLIC_HOST, OWN_LAYERS), ("VPC", HOST, "vpc-layers.contoso.example"))
    unknown = registry(bare, *BOTH)
    assert (unknown.assumed, unknown.serves_from_data_endpoints) == (("bucket",), False)
    named = registry(bare, *BOTH, {**both, "propertyDependencies": {"instanceId": [bare["urn"]]}})
    assert (named.assumed, named.serves_from_data_endpoints) == ((), True)


def test_a_domain_of_ones_own_is_listed_with_its_layers() -> None:
    rows = [instance(), *BOTH, link(), domain(), domain("charts.contoso.example", "Chart")]
    of = registry(*rows)
    plain = registry(instance(), *BOTH, link())
    assert reach(of, CLIENT_A)[: len(reach(plain, CLIENT_A))] == reach(plain, CLIENT_A)
    assert f"clients may name it {OWN_DOMAIN} too: your own DNS says to which endpoint that leads" in of.notes[0]
    entries = {entry.host: entry.purpose for entry in allow_list([of]).entries}
    assert entries == {e.host: e.purpose for e in allow_list([plain]).entries} | {OWN_DOMAIN: "login server"}
    routed = allow_list([registry(*rows, rule(("VPC", OWN_DOMAIN, OWN_LAYERS)))])
    assert {e.host: e.purpose for e in routed.entries} == entries | {OWN_LAYERS: "OSS bucket"}
    closed = registry(instance(), *BOTH, domain())
    assert allow_list([closed]).entries == ()


AS_OWN = f"VPC endpoint, as {OWN_DOMAIN}"


def test_where_a_domain_of_ones_own_leads_is_a_condition() -> None:
    of = registry(instance(), *BOTH, link(record=False), domain())
    found = {r.host: r for r in reach(of, VM_A) if r.way == AS_OWN and r.operation is Operation.PULL}
    assert [(r.host, r.verdict) for r in found.values()] == [
        (OWN_DOMAIN, Verdict.ALLOWED),
        ("dockerauth-ee-vpc.ap-northeast-1.aliyuncs.com", Verdict.ALLOWED),
        (LAYERS, Verdict.ALLOWED),
    ]
    assert found[OWN_DOMAIN].conditions == (f"{OWN_DOMAIN} leads VM to the address of {HOST} in 'a'",)
    # Without a record of the service's own name, it is the only way.
    assert summary(of, VM_A).pull is Ability.IF
    assert summary(registry(instance(), *BOTH, link(record=False)), VM_A).pull is Ability.NO


def test_a_domain_of_ones_own_needs_a_way_to_the_vpc_endpoint() -> None:
    of = registry(instance(), *BOTH, link(), domain())
    [found] = [r for r in reach(of, CLIENT_B) if r.host == OWN_DOMAIN and r.operation is Operation.PULL]
    assert (found.way, found.verdict) == (AS_OWN, Verdict.NO_ROUTE)
    connected = registry(instance(), *BOTH, link(), *CONNECTED, domain())
    [found] = [r for r in reach(connected, CLIENT_B) if r.host == OWN_DOMAIN and r.operation is Operation.PULL]
    assert found.verdict is Verdict.ALLOWED


def test_a_domain_of_ones_own_by_the_internet_endpoint_admits_the_same_clients() -> None:
    of = registry(instance(), internet(f"{A_IP}/32"), domain(), rule(("Internet", OWN_DOMAIN, OWN_LAYERS)))
    for client, verdict in ((CLIENT_A, Verdict.ALLOWED), (CLIENT_B, Verdict.REFUSED)):
        lines = [r for r in reach(of, client) if r.way == f"Internet endpoint, as {OWN_DOMAIN}"]
        assert [r.host for r in lines if r.operation is Operation.PULL][::2] == [OWN_DOMAIN, OWN_LAYERS]
        assert lines[0].verdict is verdict
    assert not [r for r in reach(of, CLIENT_A) if r.way == AS_OWN], "no VPC is bound"


def test_nobody_on_the_internet_is_told_to_ask_the_name_servers_of_a_vpc() -> None:
    of = registry(instance(), *BOTH, link())
    somewhere = Client("somewhere", Location.INTERNET)
    found = line(of, somewhere, HOST)
    assert (found.verdict, found.fix) == (Verdict.NO_NAME, "pull from a bound VPC")
    assert "forward" not in summary(of, somewhere).fix
    office = Client("office", Location.ON_PREMISES)
    assert "forward the registry's names" in line(of, office, HOST).fix


# Places that no document declares


def test_the_default_clients() -> None:
    of = registry(instance(), *BOTH, link(), internet("203.0.113.0/28"))
    found = {client.name: summary(of, client).pull for client in default_clients(of)}
    assert found == {
        "VM in a": Ability.YES,
        "VM in b": Ability.NO,
        "VM in another VPC of ap-northeast-1": Ability.NO,
        "VM in a VPC of another region": Ability.NO,
        "on-premises, forwarding DNS into a bound VPC": Ability.IF,
        "on-premises, public DNS": Ability.NO,
        "internet, any address": Ability.NO,
        "internet, from 203.0.113.0/28": Ability.YES,
    }


def test_azures_estates_have_no_registry_of_alibaba() -> None:
    assert alibaba.registries(estate_from_states([])) == []
