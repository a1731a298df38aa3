"""Alibaba Cloud as the local cloud has it: ids, who is bound to what, the ACL, and what the SDK says of its types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from localcloud.alibaba import SURFACE, TYPES, facts
from localcloud.alibaba.cloud import AlibabaCloud
from localcloud.alibaba.kind import Place
from localcloud.model import Refused
from localcloud.sdk import cache
from registry_model.alibaba import limits, names, provider, regions

if TYPE_CHECKING:
    from pathlib import Path

    from localcloud.model import Resource

TOKYO, SINGAPORE = Place("1", "ap-northeast-1"), Place("1", "ap-southeast-1")
STRANGER = Place("2", "ap-northeast-1")
LOOPBACK = "127.0.0.1/32"


class Cloud:
    """Shorthand: types by the word before their last colon, ids as Pulumi knows them."""

    def __init__(self, path: Path) -> None:
        self.cloud = AlibabaCloud.open(path / "cloud.sqlite")

    def token(self, kind: str) -> str:
        (found,) = [token for token in TYPES if token.startswith(f"alicloud:{kind}:")]
        return found

    def make(self, kind: str, place: Any = TOKYO, **inputs: Any) -> Resource:
        return self.cloud.create(self.token(kind), inputs, place)

    def read(self, kind: str, id: str, place: Place = TOKYO) -> Resource | None:
        return self.cloud.read(self.token(kind), id, place)

    def update(self, kind: str, id: str, place: Place = TOKYO, **inputs: Any) -> Resource:
        return self.cloud.update(self.token(kind), id, inputs, place)

    def delete(self, kind: str, id: str, place: Place = TOKYO) -> None:
        self.cloud.delete(self.token(kind), id, place)

    def instance(self, name: str = "contoso", place: Place = TOKYO, **more: Any) -> str:
        bought = {"instanceType": "Advanced", "paymentType": "Subscription", "period": 1, **more}
        return self.make("cr/registryEnterpriseInstance", place, instanceName=name, **bought).id

    def network(self, place: Place = TOKYO, cidr: str = "10.4.0.0/16", vswitch: str = "10.4.0.0/24") -> tuple[str, str]:
        vpc = self.make("vpc/network", place, vpcName="apps", cidrBlock=cidr).id
        zone = f"{place.region}a"
        return vpc, self.make("vpc/switch", place, vpcId=vpc, cidrBlock=vswitch, zoneId=zone).id

    def link(self, instance: str, vpc: str, vswitch: str, place: Place = TOKYO, **more: Any) -> Resource:
        inputs = {"instanceId": instance, "vpcId": vpc, "vswitchId": vswitch, "moduleName": "Registry", **more}
        return self.make("cr/vpcEndpointLinkedVpc", place, **inputs)

    def addresses(self, instance: str) -> dict[str, str]:
        token = "alicloud:cr/getVpcEndpointLinkedVpcs:getVpcEndpointLinkedVpcs"
        found = self.cloud.invoke(token, {"instanceId": instance, "moduleName": "Registry"}, TOKYO)
        return {link["vpcId"]: link["ip"] for link in found["vpcEndpointLinkedVpcs"]}


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    return Cloud(tmp_path)


def refused(call: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(Refused) as caught:
        call(*args, **more)
    return str(caught.value)


def test_ids_are_assigned_or_joined_and_belong_to_account_and_region(cloud: Cloud) -> None:
    instance = cloud.instance()
    vpc, vswitch = cloud.network()
    assert instance.startswith("cri-")
    assert (vpc[:4], vswitch[:4]) == ("vpc-", "vsw-")
    assert cloud.link(instance, vpc, vswitch).id == f"{instance}:{vpc}:{vswitch}:Registry"
    space = cloud.make("cs/registryEnterpriseNamespace", instanceId=instance, name="apps")
    assert space.id == f"{instance}:apps"
    assert space.outputs["defaultVisibility"] == "PUBLIC", "what nobody chose is open"
    for elsewhere in (SINGAPORE, STRANGER):
        assert cloud.read("cr/registryEnterpriseInstance", instance, elsewhere) is None


def test_rehearsals_repeat_exactly(tmp_path: Path) -> None:
    made = []
    for run in ("a", "b"):
        (tmp_path / run).mkdir()
        cloud = Cloud(tmp_path / run)
        made.append((cloud.instance(), cloud.network()))
    assert made[0] == made[1]


def test_only_vpcs_of_the_same_account_and_region_are_bound(cloud: Cloud) -> None:
    instance = cloud.instance()
    for place in (SINGAPORE, STRANGER):
        vpc, vswitch = cloud.network(place)
        assert "has no such network" in refused(cloud.link, instance, vpc, vswitch)
        assert "has no such registryEnterpriseInstance" in refused(cloud.link, instance, vpc, vswitch, place)
    vpc, vswitch = cloud.network()
    _, other = cloud.network(cidr="10.5.0.0/16", vswitch="10.5.0.0/24")
    assert "is not in VPC" in refused(cloud.link, instance, vpc, other)
    cloud.link(instance, vpc, vswitch)
    assert "is bound to" in refused(cloud.link, instance, vpc, vswitch)


def test_the_vpc_endpoint_takes_an_address_of_the_vswitch_and_gives_it_back(cloud: Cloud) -> None:
    instance, second = cloud.instance(), cloud.instance("fabrikam")
    vpc, vswitch = cloud.network(vswitch="10.4.0.0/29")
    # A /29 has eight addresses; the first and the last three are the system's.
    link = cloud.link(instance, vpc, vswitch)
    assert cloud.addresses(instance) == {vpc: "10.4.0.1"}
    cloud.link(second, vpc, vswitch)
    assert cloud.addresses(second) == {vpc: "10.4.0.2"}
    assert "in use" in refused(cloud.delete, "vpc/switch", vswitch)
    cloud.delete("cr/vpcEndpointLinkedVpc", link.id)
    cloud.link(instance, vpc, vswitch)
    assert cloud.addresses(instance) == {vpc: "10.4.0.1"}
    for name in ("c01", "c02"):
        cloud.link(cloud.instance(name), vpc, vswitch)
    assert "has no free address" in refused(cloud.link, cloud.instance("c03"), vpc, vswitch)


def test_the_record_is_made_on_request_and_in_the_bound_vpc_alone(cloud: Cloud) -> None:
    def zones() -> list[Resource]:
        return [r for r in cloud.cloud.list() if r.token.endswith(":Zone")]

    instance = cloud.instance()
    vpc, vswitch = cloud.network()
    without = cloud.link(instance, vpc, vswitch)
    assert zones() == []
    cloud.delete("cr/vpcEndpointLinkedVpc", without.id)
    link = cloud.link(instance, vpc, vswitch, enableCreateDnsRecordInPvzt=True)
    host = "contoso-registry-vpc.ap-northeast-1.cr.aliyuncs.com"
    assert [z.outputs["zoneName"] for z in zones()] == [host]
    # The zone answers the bound VPC: another of its name cannot, and nobody may write into it.
    mine = cloud.make("pvtz/zone", zoneName=host).id
    assert "of the same name already" in refused(cloud.make, "pvtz/zoneAttachment", zoneId=mine, vpcIds=[vpc])
    other, _ = cloud.network(cidr="10.6.0.0/16", vswitch="10.6.0.0/24")
    cloud.make("pvtz/zoneAttachment", zoneId=mine, vpcIds=[other])
    (service,) = [z.id.rsplit("/", 1)[-1] for z in zones() if not z.id.endswith(mine)]
    record = {"zoneId": service, "type": "A", "value": "10.4.0.9"}
    assert "must not be changed" in refused(cloud.make, "pvtz/zoneRecord", **record)
    cloud.delete("cr/vpcEndpointLinkedVpc", link.id)
    assert [z.id.rsplit("/", 1)[-1] for z in zones()] == [mine]


@pytest.mark.parametrize("entry", ["", "banana", "203.0.113.0/33", "203.0.113.1-203.0.113.9"])
def test_an_entry_is_an_address_or_a_block(cloud: Cloud, entry: str) -> None:
    instance = cloud.instance()
    said = "is no IP address and no CIDR block"
    assert said in refused(cloud.make, "cr/internetEndpoint", instanceId=instance, entries=entries(entry))
    policy = {"instanceId": instance, "endpointType": "internet", "entry": entry, "moduleName": "Registry"}
    assert said in refused(cloud.make, "cr/endpointAclPolicy", **policy)


@pytest.mark.parametrize("zone", ["ap-northeast-1", "ap-northeast-10a", "ap-southeast-1a", "a"])
def test_a_vswitch_is_in_a_zone_of_the_region(cloud: Cloud, zone: str) -> None:
    vpc = cloud.make("vpc/network", vpcName="v", cidrBlock="10.0.0.0/16").id
    told = refused(cloud.make, "vpc/switch", vpcId=vpc, cidrBlock="10.0.0.0/24", zoneId=zone)
    assert f"'{zone}' is not a zone of ap-northeast-1" in told


def entries(*cidrs: str) -> list[dict[str, str]]:
    return [{"entry": cidr} for cidr in cidrs]


def shown(cloud: Cloud, instance: str) -> set[str]:
    found = cloud.read("cr/internetEndpoint", instance)
    assert found
    return {e["entry"] for e in found.outputs["entries"]}


def is_open(cloud: Cloud, instance: str) -> bool:
    found = cloud.read("cr/registryEnterpriseInstance", instance)
    assert found
    return next(e["enable"] for e in found.outputs["instanceEndpoints"] if e["endpointType"] == "internet")


def test_the_internet_endpoint_is_on_while_its_resource_is_there(cloud: Cloud) -> None:
    instance = cloud.instance()
    assert not is_open(cloud, instance)
    made = cloud.make("cr/internetEndpoint", instanceId=instance, entries=entries("203.0.113.0/28"))
    assert made.id == instance
    assert is_open(cloud, instance)
    assert shown(cloud, instance) == {"203.0.113.0/28"}, "the service's own entry is not shown"
    cloud.update("cr/internetEndpoint", instance, instanceId=instance, entries=entries("198.51.100.0/28"))
    assert shown(cloud, instance) == {"198.51.100.0/28"}
    cloud.delete("cr/internetEndpoint", instance)
    assert not is_open(cloud, instance)
    assert cloud.read("cr/internetEndpoint", instance) is None


def test_the_services_own_entry_is_never_taken_or_given(cloud: Cloud) -> None:
    instance = cloud.instance()
    hidden = [{"entry": LOOPBACK, "comment": "default"}]
    cloud.make("cr/internetEndpoint", instanceId=instance, entries=hidden)
    assert shown(cloud, instance) == set()


def test_an_entry_that_comes_before_the_endpoint_runs_is_lost(cloud: Cloud) -> None:
    instance = cloud.instance()
    policy = {"instanceId": instance, "endpointType": "internet", "entry": "203.0.113.0/28"}
    lost = cloud.make("cr/endpointAclPolicy", **policy)
    assert lost.id == f"{instance}:internet:203.0.113.0/28"
    assert cloud.read("cr/endpointAclPolicy", lost.id) is None
    cloud.make("cr/internetEndpoint", instanceId=instance, entries=entries("198.51.100.0/28"))
    assert shown(cloud, instance) == {"198.51.100.0/28"}
    # After that the two types fight: what one of them writes is a difference to the other.
    kept = cloud.make("cr/endpointAclPolicy", **(policy | {"entry": "192.0.2.0/28"}))
    assert cloud.read("cr/endpointAclPolicy", kept.id)
    assert shown(cloud, instance) == {"198.51.100.0/28", "192.0.2.0/28"}


def test_a_function_does_not_open_the_endpoint_in_a_rehearsal(cloud: Cloud) -> None:
    instance = cloud.instance()
    token = "alicloud:cr/getEndpointAclService:getEndpointAclService"
    args = {"instanceId": instance, "endpointType": "internet"}
    told = refused(cloud.cloud.invoke, token, args | {"enable": True}, TOKYO)
    assert "in previews too" in told
    assert not is_open(cloud, instance)
    assert cloud.cloud.invoke(token, args | {"enable": False}, TOKYO)["status"] == ""


def test_a_change_of_what_was_bought_does_nothing(cloud: Cloud) -> None:
    instance = cloud.instance(tags={"a": "1"})
    bought = {"instanceName": "contoso", "paymentType": "Subscription"}
    changed = {**bought, "instanceType": "Basic", "period": 12, "tags": {"a": "2"}}
    made = cloud.update("cr/registryEnterpriseInstance", instance, **changed)
    assert (made.outputs["instanceType"], made.outputs["period"]) == ("Advanced", 1)
    assert made.outputs["tags"] == {"a": "2"}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"name": "Contoso"}, "lowercase letters"),
        ({"customOssBucket": "mine"}, "only while defaultOssBucket is 'false'"),
        ({"period": None}, "period must be set"),
        ({"renewalStatus": "AutoRenewal"}, "renewPeriod must be set"),
    ],
)
def test_what_cannot_be_bought(cloud: Cloud, more: dict[str, Any], told: str) -> None:
    assert told in refused(cloud.instance, **more)


def test_hosts_are_unique_in_a_region_whoever_buys(cloud: Cloud) -> None:
    cloud.instance()
    assert "is taken" in refused(cloud.instance, place=STRANGER)
    cloud.instance(place=SINGAPORE)


def test_networks(cloud: Cloud) -> None:
    assert "must be private" in refused(cloud.network, cidr="8.8.0.0/16")
    vpc, vswitch = cloud.network()
    for cidr, zone, told in (
        ("10.9.0.0/24", "ap-northeast-1a", "is not in the VPC's"),
        ("10.4.0.128/25", "ap-northeast-1a", "overlaps"),
        ("10.4.1.0/24", "ap-southeast-1a", "is not a zone of"),
        ("10.4.1.0/30", "ap-northeast-1a", "of /16 to /29"),
    ):
        assert told in refused(cloud.make, "vpc/switch", vpcId=vpc, cidrBlock=cidr, zoneId=zone)
    assert "in use" in refused(cloud.delete, "vpc/network", vpc)
    cloud.delete("vpc/switch", vswitch)
    cloud.delete("vpc/network", vpc)


def routers(cloud: Cloud) -> tuple[str, str, str]:
    cen = cloud.make("cen/instance", cenInstanceName="wide").id
    ids = [cloud.make("cen/transitRouter", place, cenId=cen).outputs["transitRouterId"] for place in (TOKYO, SINGAPORE)]
    return cen, ids[0], ids[1]


def attach(cloud: Cloud, cen: str, router: str, vpc: str, vswitch: str, place: Place = TOKYO, **more: Any) -> str:
    zones = [{"zoneId": f"{place.region}a", "vswitchId": vswitch}]
    inputs = {"cenId": cen, "transitRouterId": router, "vpcId": vpc, "zoneMappings": zones, **more}
    return cloud.make("cen/transitRouterVpcAttachment", place, **inputs).outputs["transitRouterAttachmentId"]


def test_transit_routers_and_what_is_attached(cloud: Cloud) -> None:
    cen, router, peer = routers(cloud)
    assert "already" in refused(cloud.make, "cen/transitRouter", cenId=cen)
    vpc, vswitch = cloud.network()
    attachment = attach(cloud, cen, router, vpc, vswitch)
    assert "attached to this CEN already" in refused(attach, cloud, cen, router, vpc, vswitch)
    assert "was not found in" in refused(
        attach, cloud, cen, peer, *cloud.network(cidr="10.5.0.0/16", vswitch="10.5.0.0/24")
    )
    joined = {"cenId": cen, "transitRouterId": router, "peerTransitRouterId": peer}
    told = refused(cloud.make, "cen/transitRouterPeerAttachment", **joined, peerTransitRouterRegionId="cn-beijing")
    assert "was not found in cn-beijing" in told
    peering = cloud.make("cen/transitRouterPeerAttachment", **joined, peerTransitRouterRegionId="ap-southeast-1")
    table = cloud.make("cen/transitRouterRouteTable", transitRouterId=router).outputs["transitRouterRouteTableId"]
    both = {"transitRouterAttachmentId": attachment, "transitRouterRouteTableId": table}
    cloud.make("cen/transitRouterRouteTableAssociation", **both)
    second = cloud.make("cen/transitRouterRouteTable", transitRouterId=router).outputs["transitRouterRouteTableId"]
    told = refused(
        cloud.make, "cen/transitRouterRouteTableAssociation", **(both | {"transitRouterRouteTableId": second})
    )
    assert "is associated with a route table already" in told
    route = {
        "transitRouterRouteTableId": table,
        "transitRouterRouteEntryDestinationCidrBlock": "10.9.0.0/16",
        "transitRouterRouteEntryNextHopType": "Attachment",
        "transitRouterRouteEntryNextHopId": peering.outputs["transitRouterAttachmentId"],
    }
    cloud.make("cen/transitRouterRouteEntry", **route)
    assert "already" in refused(cloud.make, "cen/transitRouterRouteEntry", **route)
    stray = route | {"transitRouterRouteEntryNextHopId": "tr-attach-none"}
    assert "none of the route table's transit router" in refused(cloud.make, "cen/transitRouterRouteEntry", **stray)
    network = cloud.read("vpc/network", vpc)
    assert network
    way = {"routeTableId": network.outputs["routeTableId"], "nexthopType": "Attachment", "nexthopId": attachment}
    cloud.make("vpc/routeEntry", destinationCidrblock="10.9.0.0/16", **way)
    assert "within the VPC's own" in refused(cloud.make, "vpc/routeEntry", destinationCidrblock="10.4.7.0/24", **way)


def test_another_accounts_vpc_needs_its_grant(cloud: Cloud) -> None:
    cen, router, _ = routers(cloud)
    vpc, vswitch = cloud.network(STRANGER)
    assert "is not granted to this CEN" in refused(attach, cloud, cen, router, vpc, vswitch, vpcOwnerId="2")
    grant = {"cenId": cen, "cenOwnerId": "1", "instanceId": vpc, "instanceType": "VPC"}
    assert "has no such network" in refused(cloud.make, "cen/transitRouterGrantAttachment", **grant)
    cloud.make("cen/transitRouterGrantAttachment", STRANGER, **grant)
    attach(cloud, cen, router, vpc, vswitch, vpcOwnerId="2")


def test_sync_rules_need_both_sides(cloud: Cloud) -> None:
    source, target = cloud.instance(), cloud.instance("contoso-sg", SINGAPORE)
    rule = {
        "instanceId": source,
        "namespaceName": "apps",
        "syncRuleName": "copy",
        "tagFilter": ".*",
        "targetInstanceId": target,
        "targetNamespaceName": "apps",
        "targetRegionId": "ap-southeast-1",
    }
    assert "has no namespace 'apps'" in refused(cloud.make, "cs/registryEnterpriseSyncRule", **rule)
    cloud.make("cs/registryEnterpriseNamespace", instanceId=source, name="apps")
    assert "has no namespace 'apps'" in refused(cloud.make, "cs/registryEnterpriseSyncRule", **rule)
    cloud.make("cs/registryEnterpriseNamespace", SINGAPORE, instanceId=target, name="apps")
    wrong = rule | {"targetRegionId": "cn-beijing"}
    assert "is no instance of 1 in cn-beijing" in refused(cloud.make, "cs/registryEnterpriseSyncRule", **wrong)
    made = cloud.make("cs/registryEnterpriseSyncRule", **rule)
    assert made.id.startswith(f"{source}:apps:crsr-")
    assert made.outputs["syncScope"] == "NAMESPACE"


def test_what_replaces_exists_and_so_do_the_functions() -> None:
    sdk = cache.load(SURFACE)
    for token, entry in TYPES.items():
        shape = sdk.resource(token)
        assert shape, token
        assert set(entry.replaces) <= set(shape.inputs), token
    assert set(sdk.function_tokens()) == set(SURFACE.functions)


def test_every_output_is_one_of_the_sdks(cloud: Cloud) -> None:
    source, target = cloud.instance(), cloud.instance("contoso-sg", SINGAPORE)
    for place, id in ((TOKYO, source), (SINGAPORE, target)):
        cloud.make("cs/registryEnterpriseNamespace", place, instanceId=id, name="apps")
    cloud.make(
        "cs/registryEnterpriseRepo", instanceId=source, namespace="apps", name="web", repoType="PRIVATE", summary="x"
    )
    rule = {
        "instanceId": source,
        "namespaceName": "apps",
        "syncRuleName": "copy",
        "tagFilter": ".*",
        "targetInstanceId": target,
        "targetNamespaceName": "apps",
        "targetRegionId": "ap-southeast-1",
    }
    cloud.make("cs/registryEnterpriseSyncRule", **rule)
    cloud.make("cr/internetEndpoint", instanceId=source, entries=entries("203.0.113.0/28"))
    cloud.make("cr/endpointAclPolicy", instanceId=source, endpointType="internet", entry="192.0.2.0/28")
    vpc, vswitch = cloud.network()
    cloud.link(source, vpc, vswitch, enableCreateDnsRecordInPvzt=True)
    zone = cloud.make("pvtz/zone", zoneName="example.com").id
    cloud.make("pvtz/zoneAttachment", zoneId=zone, vpcIds=[vpc])
    cloud.make("pvtz/zoneRecord", zoneId=zone, rr="@", type="A", value="10.4.0.1")
    cen, router, peer = routers(cloud)
    attachment = attach(cloud, cen, router, vpc, vswitch)
    joined = {"cenId": cen, "transitRouterId": router, "peerTransitRouterId": peer}
    cloud.make("cen/transitRouterPeerAttachment", **joined, peerTransitRouterRegionId="ap-southeast-1")
    table = cloud.make("cen/transitRouterRouteTable", transitRouterId=router).outputs["transitRouterRouteTableId"]
    both = {"transitRouterAttachmentId": attachment, "transitRouterRouteTableId": table}
    cloud.make("cen/transitRouterRouteTableAssociation", **both)
    route = {
        "transitRouterRouteTableId": table,
        "transitRouterRouteEntryDestinationCidrBlock": "10.9.0.0/16",
        "transitRouterRouteEntryNextHopType": "Attachment",
        "transitRouterRouteEntryNextHopId": attachment,
    }
    cloud.make("cen/transitRouterRouteEntry", **route)
    network = cloud.read("vpc/network", vpc)
    assert network
    way = {"routeTableId": network.outputs["routeTableId"], "nexthopType": "Attachment", "nexthopId": attachment}
    cloud.make("vpc/routeEntry", destinationCidrblock="10.9.0.0/16", **way)
    far, _ = cloud.network(STRANGER)
    grant = {"cenId": cen, "cenOwnerId": "1", "instanceId": far, "instanceType": "VPC"}
    cloud.make("cen/transitRouterGrantAttachment", STRANGER, **grant)

    sdk = cache.load(SURFACE)
    made = cloud.cloud.list()
    assert {r.token for r in made} == set(TYPES)
    for resource in made:
        shape = sdk.resource(resource.token)
        assert shape
        assert set(resource.outputs) <= set(shape.outputs), resource.token


def test_its_facts_are_those_of_documents_and_of_the_other_rooms() -> None:
    # By hand: alibabacloud.com/help/en/acr, "Configure a VPC ACL" and "Push and pull images".
    assert facts.vpc_host("demo", "cn-hangzhou") == "demo-registry-vpc.cn-hangzhou.cr.aliyuncs.com"
    assert facts.internet_host("demo", "cn-hangzhou") == "demo-registry.cn-hangzhou.cr.aliyuncs.com"
    assert facts.zone_region("cn-hangzhou-j") == "cn-hangzhou"
    assert facts.zone_region("ap-northeast-1a") == "ap-northeast-1"
    assert facts.free_addresses("10.4.0.0/29", set()) == ["10.4.0.1", "10.4.0.2", "10.4.0.3", "10.4.0.4"]
    ours = {
        "vpc": facts.vpc_host("demo", "cn-hangzhou"),
        "internet": facts.internet_host("demo", "cn-hangzhou"),
        "hidden": facts.LOOPBACK,
        "no effect": set(facts.NO_EFFECT),
        "regions": {"ap-northeast-1", "cn-hangzhou"} <= facts.REGIONS,
    }
    theirs = {
        "vpc": names.registry_host("demo", "cn-hangzhou", names.Way.VPC),
        "internet": names.registry_host("demo", "cn-hangzhou", names.Way.INTERNET),
        "hidden": limits.HIDDEN_ENTRY,
        "no effect": set(provider.WITHOUT_EFFECT),
        "regions": {"ap-northeast-1", "cn-hangzhou"} <= set(regions.ALIBABA_REGIONS),
    }
    assert ours == theirs
    assert set(TYPES["alicloud:cr/registryEnterpriseInstance:RegistryEnterpriseInstance"].replaces) == set(
        provider.REPLACING
    )


def test_what_came_of_a_creation_is_found_by_its_mark(cloud: Cloud) -> None:
    token = cloud.token("vpc/network")
    made = cloud.cloud.create(token, {"vpcName": "a", "cidrBlock": "10.0.0.0/16"}, SINGAPORE, "mark-1")
    cloud.cloud.create(token, {"vpcName": "b", "cidrBlock": "10.1.0.0/16"}, SINGAPORE, "mark-2")
    cloud.update("vpc/network", made.id, SINGAPORE, vpcName="c", cidrBlock="10.0.0.0/16")
    found = cloud.cloud.made("mark-1")
    assert found is not None
    assert (found[0], found[1].id, found[1].outputs["vpcName"]) == (SINGAPORE, made.id, "c")
    assert "mark-1" not in str(found[1])
    assert cloud.cloud.made("mark-3") is None
    cloud.delete("vpc/network", made.id, SINGAPORE)
    assert cloud.cloud.made("mark-1") is None
