"""Every type and property of Alibaba Cloud that the ground and the guard name exists in the pinned SDK.

The SDK's source is read, not imported: it says each property by its name in Pulumi.
"""

from __future__ import annotations

import ast
import importlib.util
from functools import cache
from pathlib import Path

import pytest
from registry_guard.rules import ignored_changes
from registry_model.alibaba import provider
from registry_model.estate import tokens

from tests.rehearsal import ROOT

SPEC = importlib.util.find_spec("pulumi_alicloud")
pytestmark = pytest.mark.skipif(SPEC is None, reason="pulumi-alicloud, the extra 'alibaba', is not installed")

# Of a policy of Cloud Firewall, at whichever border.
OF_A_POLICY = [
    "aclAction",
    "applicationNameLists",
    "description",
    "destPort",
    "destPortGroup",
    "destPortType",
    "destination",
    "destinationType",
    "domainResolveType",
    "proto",
    "release",
    "repeatType",
    "source",
    "sourceType",
]
# By type, as the SDK writes its token: the properties that are read of it.
PROPERTIES = {
    "cr/registryEnterpriseInstance:RegistryEnterpriseInstance": [
        "customOssBucket",
        "instanceEndpoints",
        "instanceName",
        "password",
        "regionId",
        *provider.WITHOUT_EFFECT,
        *provider.REPLACING,
        *provider.SECRET_INPUTS,
    ],
    "cs/registryEnterpriseNamespace:RegistryEnterpriseNamespace": ["defaultVisibility", "instanceId", "name"],
    "cs/registryEnterpriseRepo:RegistryEnterpriseRepo": ["instanceId", "name", "namespace", "repoType"],
    "cs/registryEnterpriseSyncRule:RegistryEnterpriseSyncRule": ["instanceId", "syncRuleName", "targetUserId"],
    "cr/internetEndpoint:InternetEndpoint": ["entries", "instanceId"],
    "cr/endpointAclPolicy:EndpointAclPolicy": ["entry", "instanceId"],
    "cr/vpcEndpointLinkedVpc:VpcEndpointLinkedVpc": [
        "enableCreateDnsRecordInPvzt",
        "instanceId",
        "moduleName",
        "vpcId",
        "vswitchId",
    ],
    "cr/instanceCustomizedDomain:InstanceCustomizedDomain": ["domain", "instanceId", "moduleName"],
    "cr/storageDomainRoutingRule:StorageDomainRoutingRule": ["instanceId", "routes"],
    "cr/namespace:Namespace": ["defaultVisibility", "name"],
    "cr/repo:Repo": ["domainLists", "name", "namespace", "repoType"],
    "vpc/network:Network": ["cidrBlock", "secondaryCidrBlocks", "vpcName"],
    "vpc/switch:Switch": ["cidrBlock", "vpcId", "vswitchName"],
    "vpc/routeEntry:RouteEntry": ["destinationCidrblock", "nexthopId"],
    "pvtz/zone:Zone": ["name", "proxyPattern", "zoneName"],
    "pvtz/zoneAttachment:ZoneAttachment": ["vpcIds", "vpcs", "zoneId"],
    "pvtz/zoneRecord:ZoneRecord": ["resourceRecord", "rr", "status", "type", "value", "zoneId"],
    "cen/instance:Instance": ["cenInstanceName"],
    "cen/instanceAttachment:InstanceAttachment": ["childInstanceId", "childInstanceType", "instanceId"],
    "cen/transitRouter:TransitRouter": ["transitRouterName"],
    "cen/transitRouterVpcAttachment:TransitRouterVpcAttachment": [
        "autoPublishRouteEnabled",
        "cenId",
        "routeTableAssociationEnabled",
        "routeTablePropagationEnabled",
        "transitRouterId",
        "vpcId",
    ],
    "cen/transitRouterPeerAttachment:TransitRouterPeerAttachment": ["peerTransitRouterId", "transitRouterId"],
    "cen/transitRouterRouteTable:TransitRouterRouteTable": ["transitRouterId"],
    "cen/transitRouterRouteEntry:TransitRouterRouteEntry": [
        "transitRouterRouteEntryDestinationCidrBlock",
        "transitRouterRouteEntryNextHopId",
        "transitRouterRouteEntryNextHopType",
        "transitRouterRouteTableId",
    ],
    "cen/transitRouterRouteTableAssociation:TransitRouterRouteTableAssociation": ["transitRouterAttachmentId"],
    "cen/transitRouterRouteTablePropagation:TransitRouterRouteTablePropagation": ["transitRouterAttachmentId"],
    "cen/routeService:RouteService": ["accessRegionId", "cenId", "host"],
    "cen/privateZone:PrivateZone": ["cenId"],
    "cloudfirewall/controlPolicyOrder:ControlPolicyOrder": ["aclUuid", "order"],
    "cloudfirewall/controlPolicy:ControlPolicy": [
        "aclUuid",
        "applicationName",
        "ipVersion",
        *OF_A_POLICY,
        "direction",
    ],
    "cloudfirewall/natFirewallControlPolicy:NatFirewallControlPolicy": [
        "ipVersion",
        "natGatewayId",
        "newOrder",
        *OF_A_POLICY,
        "direction",
    ],
    "cloudfirewall/firewallVpcFirewallControlPolicy:FirewallVpcFirewallControlPolicy": [
        "applicationName",
        "order",
        "vpcFirewallId",
        *OF_A_POLICY,
    ],
    "cloudfirewall/addressBook:AddressBook": ["addressLists", "groupName", "groupType"],
    "vpc/natGateway:NatGateway": ["natGatewayName", "vpcId"],
    "ecs/securityGroup:SecurityGroup": ["name", "securityGroupName", "securityGroupType", "vpcId"],
    "ecs/securityGroupRule:SecurityGroupRule": [
        "cidrIp",
        "description",
        "ipProtocol",
        "policy",
        "portRange",
        "prefixListId",
        "priority",
        "securityGroupId",
        "type",
    ],
}
# Of the objects inside them, by the SDK's class.
NESTED = {
    ("cr", "InternetEndpointEntry"): ["entry"],
    ("cr", "RegistryEnterpriseInstanceInstanceEndpoint"): ["domains", "enable", "endpointType"],
    ("cr", "RegistryEnterpriseInstanceInstanceEndpointDomain"): ["domain"],
    ("cr", "RepoDomainList"): ["public"],
    ("cr", "StorageDomainRoutingRuleRoute"): ["endpointType", "instanceDomain", "storageDomain"],
    ("pvtz", "ZoneAttachmentVpc"): ["vpcId"],
}
READERS = [
    ROOT / "components/registry_model/estate/alicloud.py",
    *sorted((ROOT / "components/registry_model/reach/alibaba").glob("*.py")),
    *sorted((ROOT / "policies/registry_guard/rules").glob("ali_*.py")),
]
READING = {"known", "get", "lookup", "refer", "dependencies"}


@cache
def classes(file: Path) -> dict[str, set[str]]:
    """The classes of a file of the SDK with their properties, as Pulumi spells them."""
    found: dict[str, set[str]] = {}
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.ClassDef):
            continue
        held = found.setdefault(node.name, set())
        for function in (each for each in node.body if isinstance(each, ast.FunctionDef)):
            for decorator in function.decorator_list:
                text = ast.unparse(decorator)
                if text == "pulumi.getter":
                    held.add(function.name)
                elif isinstance(decorator, ast.Call) and text.startswith("pulumi.getter(name="):
                    held.add(ast.literal_eval(decorator.keywords[0].value))
    return found


def folder() -> Path:
    assert SPEC is not None
    assert SPEC.submodule_search_locations
    return Path(next(iter(SPEC.submodule_search_locations)))


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


@pytest.mark.parametrize("token", PROPERTIES)
def test_a_type_has_the_properties_that_are_read_of_it(token: str) -> None:
    module, _, rest = token.partition("/")
    file, _, name = rest.partition(":")
    path = folder() / module / f"{snake(file)}.py"
    assert f'type_token("alicloud:{token}")' in path.read_text(encoding="utf-8")
    assert [each for each in PROPERTIES[token] if each not in classes(path)[name]] == []


@pytest.mark.parametrize(("module", "name"), NESTED)
def test_an_object_has_the_properties_that_are_read_of_it(module: str, name: str) -> None:
    held = classes(folder() / module / "outputs.py")[name]
    assert [each for each in NESTED[module, name] if each not in held] == []


def test_every_type_of_the_table_of_tokens_is_here() -> None:
    listed = {tokens.canonical(f"alicloud:{token}") for token in PROPERTIES}
    assert "" not in listed
    assert listed == {value for name, value in vars(tokens).items() if name.startswith("ALI_")}


def test_every_property_that_the_code_names_is_here() -> None:
    listed = {each for held in (*PROPERTIES.values(), *NESTED.values()) for each in held}
    named = {
        (path.name, argument.value)
        for path in READERS
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and (call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")) in READING
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value
    }
    # What is not the SDK's: an id beside the outputs, and the region of a provider.
    assert {(path, name) for path, name in named if name not in listed | {"id", "region"}} == set()
    assert len(named) > 30


def test_guarded_properties_exist() -> None:
    by_type = {tokens.canonical(f"alicloud:{token}"): token for token in PROPERTIES}
    for kind in ignored_changes.OF_ALIBABA:
        assert set(ignored_changes.GUARDED[kind]) <= set(PROPERTIES[by_type[kind]])


@pytest.mark.parametrize("wrong", ["instanceTypo", "vpcEndpoint"])
def test_a_property_that_does_not_exist_would_be_found(wrong: str) -> None:
    path = folder() / "cr" / "registry_enterprise_instance.py"
    assert wrong not in classes(path)["RegistryEnterpriseInstance"]


def test_the_types_of_an_instance_are_those_that_the_sdk_documents() -> None:
    from registry_model.alibaba.editions import SCANNERS, InstanceType

    text = (folder() / "cr" / "registry_enterprise_instance.py").read_text(encoding="utf-8")
    assert [each for each in (*InstanceType, *SCANNERS) if f"`{each}`" not in text] == []


def test_what_has_no_effect_is_what_the_sdk_says_has_none() -> None:
    # The documentation leaves out defaultOssBucket; the provider's source does not send it in an update either.
    path = folder() / "cr" / "registry_enterprise_instance.py"
    arguments = path.read_text(encoding="utf-8").split(":param pulumi.Input")
    told = {
        text.split("] ", 1)[-1].partition(":")[0].split()[-1]
        for text in arguments
        if "has no effect when modified post-creation" in text
    }
    assert {snake(each) for each in provider.WITHOUT_EFFECT} - {"default_oss_bucket"} == told
