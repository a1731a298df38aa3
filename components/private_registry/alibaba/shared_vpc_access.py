"""Another VPC, of another region or account, that reaches a registry's VPC endpoint."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_alicloud as alicloud
from pulumi_alicloud import cen, pvtz, vpc

from ..arguments import accept
from ..outputs import dependencies, mapped
from .checks import check_shared_vpc_access, service_ranges

_ATTACHMENT = "Attachment"
_APEX = "@"


class SharedVpcArgs(TypedDict):
    """One of the two VPCs: where it is, and by which vSwitches the transit router enters it."""

    region: str
    """Its region, such as "ap-northeast-1"."""

    vpc_id: pulumi.Input[str]
    """The VPC's id (vpc-…)."""

    cidr_block: pulumi.Input[str]
    """The VPC's IPv4 range, such as 10.4.0.0/16. The two VPCs' ranges must not overlap."""

    route_table_id: pulumi.Input[str]
    """Its route table (vtb-…), which gets the routes."""

    vswitches: Mapping[str, pulumi.Input[str]]
    """A vSwitch (vsw-…) in each zone that the transit router uses, by zone: {"ap-northeast-1a": "vsw-…"}. Alibaba Cloud
    asks for two zones where the region has them."""

    transit_router_id: NotRequired[pulumi.Input[str]]
    """The region's transit router in the CEN instance (tr-…). Default: one is created."""


class ClientProviderArgs(TypedDict):
    """Who manages the client's VPC: the stack's own login in another region, or another account."""

    account_id: NotRequired[str]
    """Account that owns the client's VPC. Default: the registry's."""

    role_arn: NotRequired[str]
    """Role to assume in that account: acs:ram::<account>:role/<name>. Needed with `account_id`, unless `profile` is
    given. Default: none."""

    profile: NotRequired[str]
    """Profile of the aliyun CLI that is signed in to that account. Default: the stack's own."""


class SharedVpcAccessArgs(TypedDict):
    """Which registry, and which VPC is to reach it."""

    login_server: pulumi.Input[str]
    """The registry's VPC host: the output `login_server` of an EnterpriseRegistry with a VPC link."""

    registry_address: pulumi.Input[str]
    """Where the VPC endpoint answers in the bound VPC: one of its `private_ips`."""

    registry_vpc: SharedVpcArgs
    """The bound VPC."""

    client_vpc: SharedVpcArgs
    """The VPC whose clients are to reach the registry."""

    client_provider: NotRequired[ClientProviderArgs]
    """Who manages the client's VPC. Default: the registry's account."""

    registry_account_id: NotRequired[pulumi.Input[str]]
    """The registry's account, which owns the CEN instance. Needed when the client's is another. Default: none."""

    cen_id: NotRequired[pulumi.Input[str]]
    """CEN instance (cen-…) of the registry's account. Default: one is created."""

    bandwidth_mbps: NotRequired[int]
    """Limit of the connection between two regions in Mbit/s, paid by traffic. Default: 100."""

    service_ranges: NotRequired[Sequence[str]]
    """IPv4 ranges of the registry's region in which its token service and OSS answer, inside 100.64.0.0/10. Each gets a
    route when the client is in another region. Default: the documented ranges of OSS there; add that of the token
    service, which is not documented: look it up from the bound VPC."""

    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags of what has tags. At most 20, name and value up to 128 characters. Default: none."""


class SharedVpcAccess(pulumi.ComponentResource):
    """Lets the clients of another VPC reach a registry's VPC endpoint: a way there, and the name.

    The way: transit routers of a CEN instance (one of each region) to which both VPCs are attached, joined when the
    regions differ, with route tables of their own. Nothing is learned or published: the client's VPC gets a route to
    the endpoint's address and, in another region, to the ranges of the token service and OSS; the bound VPC one back.
    The name: a private zone in the client's VPC, for the service's own answers in the bound VPC alone.

    Children: `{name}-cen`, `{name}-registry-router`, `{name}-client-router`, `{name}-peering`, and for each side
    (`registry`, `client`) `{name}-{side}-attachment`, `-table`, `-association`, `-route-…` and `-vpc-route-…`
    (alicloud:cen and alicloud:vpc); `{name}-zone`, `{name}-zone-vpc` and `{name}-record` (alicloud:pvtz);
    `{name}-grant` for another account, and the providers `{name}-client` (the client's VPC) and `{name}-client-routing`
    (the transit router of its region). Wrong arguments raise one error that lists every problem before anything is
    registered.
    """

    cen_id: pulumi.Output[str]
    """The CEN instance's id."""

    transit_router_ids: pulumi.Output[dict[str, str]]
    """Transit routers by region."""

    dns_zone_id: pulumi.Output[str]
    """The private zone's id in the client's account."""

    routes: pulumi.Output[list[str]]
    """Destinations that the client's VPC has routes to, in CIDR form."""

    def __init__(self, name: str, args: SharedVpcAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        given = accept(f"SharedVpcAccess '{name}'", args, SharedVpcAccessArgs, check_shared_vpc_access)
        super().__init__("private-registry:index:SharedVpcAccess", name, {}, opts)
        self._name, self._given, self._tags = name, given, given.get("tags")
        waits = dependencies(opts)
        here, there = given["registry_vpc"], given["client_vpc"]
        same_region = here["region"] == there["region"]
        account = given.get("client_provider", {}).get("account_id")
        client = self._client_provider()
        ours = pulumi.ResourceOptions(parent=self, depends_on=waits)
        theirs = pulumi.ResourceOptions(parent=self, depends_on=waits, provider=client)
        # Transit routers are the CEN owner's, also in the client's region: its login, the other region.
        routing = ours if same_region else pulumi.ResourceOptions(parent=self, provider=self._router_provider())

        cen_id = given.get("cen_id")
        if cen_id is None:
            created = cen.Instance(f"{name}-cen", cen_instance_name=name, tags=self._tags, opts=ours)
            cen_id = created.id
        grants: list[pulumi.Resource] = []
        if account is not None:
            grants.append(
                cen.TransitRouterGrantAttachment(
                    f"{name}-grant",
                    cen_id=cen_id,
                    cen_owner_id=given["registry_account_id"],
                    instance_id=there["vpc_id"],
                    instance_type="VPC",
                    order_type="PayByCenOwner",
                    opts=theirs,
                )
            )

        registry_router = self._router("registry", here, cen_id, ours)
        client_router = registry_router if same_region else self._router("client", there, cen_id, routing)
        ways = {
            "registry": self._attach("registry", here, cen_id, registry_router, None, ours),
            "client": self._attach(
                "client",
                there,
                cen_id,
                client_router,
                account,
                pulumi.ResourceOptions.merge(routing, pulumi.ResourceOptions(depends_on=grants)),
            ),
        }
        joined = dict(ways)
        peering = None if same_region else self._peer(cen_id, registry_router, client_router, there["region"], ours)
        if peering is not None:
            joined = dict.fromkeys(ways, peering)

        endpoint = mapped(given["registry_address"], lambda address: f"{address}/32")
        services = [] if same_region else service_ranges(given)
        to_registry = {"endpoint": endpoint, **{cidr.replace("/", "-"): cidr for cidr in services}}
        back = {"client": there["cidr_block"]}

        # What enters a transit router goes by the table of where it came from.
        self._table("client", client_router, ways["client"], joined["registry"], to_registry, routing)
        self._table("registry", registry_router, ways["registry"], joined["client"], back, ours)
        if peering is not None:
            self._table("registry-peering", registry_router, peering, ways["registry"], to_registry, ours)
            self._table("client-peering", client_router, peering, ways["client"], back, routing)
        self._vpc_routes("client", there, ways["client"], to_registry, theirs)
        self._vpc_routes("registry", here, ways["registry"], back, ours)

        zone = pvtz.Zone(f"{name}-zone", zone_name=given["login_server"], tags=self._tags, opts=theirs)
        pvtz.ZoneRecord(
            f"{name}-record", zone_id=zone.id, rr=_APEX, type="A", value=given["registry_address"], opts=theirs
        )
        pvtz.ZoneAttachment(
            f"{name}-zone-vpc",
            zone_id=zone.id,
            vpcs=[{"vpc_id": there["vpc_id"], "region_id": there["region"]}],
            opts=theirs,
        )

        self.cen_id = pulumi.Output.from_input(cen_id)
        self.transit_router_ids = pulumi.Output.all(**{here["region"]: registry_router, there["region"]: client_router})
        self.dns_zone_id = zone.id
        self.routes = pulumi.Output.all(*to_registry.values())
        self.register_outputs(
            {
                "cenId": self.cen_id,
                "transitRouterIds": self.transit_router_ids,
                "dnsZoneId": self.dns_zone_id,
                "routes": self.routes,
            }
        )

    def _client_provider(self) -> alicloud.Provider:
        """The login that manages the client's VPC, in its region."""
        wanted = self._given.get("client_provider", {})
        settings = _login() | {"region": self._given["client_vpc"]["region"]}
        if "account_id" in wanted:
            settings["account_id"] = wanted["account_id"]
        if "profile" in wanted:
            settings = {k: v for k, v in settings.items() if k not in _KEYS} | {"profile": wanted["profile"]}
        if "role_arn" in wanted:
            settings["assume_role"] = {"role_arn": wanted["role_arn"]}
        return alicloud.Provider(f"{self._name}-client", opts=pulumi.ResourceOptions(parent=self), **settings)

    def _router_provider(self) -> alicloud.Provider:
        settings = _login() | {"region": self._given["client_vpc"]["region"]}
        return alicloud.Provider(f"{self._name}-client-routing", opts=pulumi.ResourceOptions(parent=self), **settings)

    def _router(
        self, side: str, place: dict[str, Any], cen_id: Any, opts: pulumi.ResourceOptions
    ) -> pulumi.Output[str]:
        if "transit_router_id" in place:
            return pulumi.Output.from_input(place["transit_router_id"])
        made = cen.TransitRouter(
            f"{self._name}-{side}-router", cen_id=cen_id, transit_router_name=self._name, tags=self._tags, opts=opts
        )
        return made.transit_router_id

    def _attach(
        self,
        side: str,
        place: dict[str, Any],
        cen_id: Any,
        router: pulumi.Output[str],
        owner: str | None,
        opts: pulumi.ResourceOptions,
    ) -> pulumi.Output[str]:
        made = cen.TransitRouterVpcAttachment(
            f"{self._name}-{side}-attachment",
            cen_id=cen_id,
            transit_router_id=router,
            transit_router_vpc_attachment_name=f"{self._name}-{side}",
            vpc_id=place["vpc_id"],
            vpc_owner_id=owner,
            zone_mappings=[{"zone_id": z, "vswitch_id": v} for z, v in sorted(place["vswitches"].items())],
            auto_publish_route_enabled=False,
            tags=self._tags,
            opts=opts,
        )
        return made.transit_router_attachment_id

    def _peer(
        self,
        cen_id: Any,
        router: pulumi.Output[str],
        peer: pulumi.Output[str],
        region: str,
        opts: pulumi.ResourceOptions,
    ) -> pulumi.Output[str]:
        made = cen.TransitRouterPeerAttachment(
            f"{self._name}-peering",
            cen_id=cen_id,
            transit_router_id=router,
            peer_transit_router_id=peer,
            peer_transit_router_region_id=region,
            transit_router_peer_attachment_name=self._name,
            bandwidth_type="DataTransfer",
            bandwidth=self._given.get("bandwidth_mbps", 100),
            auto_publish_route_enabled=False,
            tags=self._tags,
            opts=opts,
        )
        return made.transit_router_attachment_id

    def _table(
        self,
        side: str,
        router: pulumi.Output[str],
        source: pulumi.Output[str],
        hop: pulumi.Output[str],
        routes: Mapping[str, Any],
        opts: pulumi.ResourceOptions,
    ) -> None:
        """A table of its own for what comes from one attachment, with these routes and no other."""
        table = cen.TransitRouterRouteTable(
            f"{self._name}-{side}-table",
            transit_router_id=router,
            transit_router_route_table_name=f"{self._name}-{side}",
            tags=self._tags,
            opts=opts,
        )
        table_id = table.transit_router_route_table_id
        cen.TransitRouterRouteTableAssociation(
            f"{self._name}-{side}-association",
            transit_router_route_table_id=table_id,
            transit_router_attachment_id=source,
            opts=opts,
        )
        for key, cidr in routes.items():
            cen.TransitRouterRouteEntry(
                f"{self._name}-{side}-route-{key}",
                transit_router_route_table_id=table_id,
                transit_router_route_entry_name=f"{self._name}-{key}".replace(".", "-"),
                transit_router_route_entry_destination_cidr_block=cidr,
                transit_router_route_entry_next_hop_type=_ATTACHMENT,
                transit_router_route_entry_next_hop_id=hop,
                opts=opts,
            )

    def _vpc_routes(
        self,
        side: str,
        place: dict[str, Any],
        attachment: pulumi.Output[str],
        routes: Mapping[str, Any],
        opts: pulumi.ResourceOptions,
    ) -> None:
        for key, cidr in routes.items():
            vpc.RouteEntry(
                f"{self._name}-{side}-vpc-route-{key}",
                route_table_id=place["route_table_id"],
                destination_cidrblock=cidr,
                nexthop_type=_ATTACHMENT,
                nexthop_id=attachment,
                opts=opts,
            )


_KEYS = ("access_key", "secret_key", "security_token", "ecs_role_name", "credentials_uri")
_TAKEN_OVER = (*_KEYS, "profile", "shared_credentials_file", "account_id", "account_type", "protocol")


def _login() -> dict[str, Any]:
    """The stack's own login, for a provider of another region: an explicit provider takes no configuration."""
    config = pulumi.Config("alicloud")
    return {
        name: config.get_secret(wire) if name in _KEYS else config.get(wire)
        for name in _TAKEN_OVER
        if config.get(wire := _wire(name)) is not None
    }


def _wire(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
