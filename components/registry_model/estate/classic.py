"""The classic provider (``azure:…``, and ``azurerm:…`` bridged from Terraform) read as the resources that it makes.

Each entry says which canonical type a token is, which of its properties mean which of ours, and what else it makes
(a registry's replicas, an endpoint's zone group). Names are from pulumi-azure 6.40.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Any

from ..azure.ids import parse_id
from . import tokens
from .values import UNKNOWN, Partial, Unknown, as_bool, as_list, known_items, lookup


@dataclass(frozen=True, slots=True)
class Reading:
    """A canonical resource that a classic one makes: its inputs, and of which classic property each is made.

    ``target``: it changes the resource with this id, which somebody else declares (`Resource.target`).
    """

    type: str
    props: Mapping[str, Any]
    sources: Mapping[str, str]
    target: Any = None


@dataclass(frozen=True, slots=True)
class _Kind:
    """``renames``: ours → classic. ``shape`` adds what renaming cannot say; ``more`` makes the other resources.

    ``target`` is the classic property that names what an association changes.
    """

    type: str
    renames: Mapping[str, str]
    shape: Callable[[Mapping[str, Any], dict[str, Any]], None] = lambda _given, _made: None
    more: Callable[[Mapping[str, Any]], Iterator[Reading]] = lambda _given: iter(())
    target: str = ""


_COMMON = {"location": "location", "tags": "tags", "resourcegroupname": "resourcegroupname"}


def _unless(value: Any, *, when_true: Any, when_false: Any) -> Any:
    flag = as_bool(value)
    return UNKNOWN if flag is UNKNOWN else when_true if flag else when_false


def _block(value: Any) -> Any:
    """A block that may be written once: Pulumi flattens it, Terraform's own shape is a list of one."""
    if isinstance(value, list):
        return value[0] if value else None
    return value


def _registry(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    made["sku"] = {"name": given.get("sku")} if given.get("sku") is not None else None
    made["publicnetworkaccess"] = _unless(
        given.get("publicnetworkaccessenabled", True), when_true="Enabled", when_false="Disabled"
    )
    made["zoneredundancy"] = _unless(
        given.get("zoneredundancyenabled", False), when_true="Enabled", when_false="Disabled"
    )
    rules = _block(given.get("networkruleset"))
    if isinstance(rules, Mapping):
        ips = as_list(rules.get("iprules"))
        networks = as_list(rules.get("virtualnetworks"))
        made["networkruleset"] = {
            "defaultaction": rules.get("defaultaction"),
            "iprules": ips if isinstance(ips, Unknown) else [_ip_rule(rule) for rule in ips],
            "virtualnetworkrules": networks,
        }
    else:
        made["networkruleset"] = rules
    retention = _block(given.get("retentionpolicy"))
    days = given.get("retentionpolicyindays", lookup(retention, "days"))
    made["policies"] = {
        "exportpolicy": _status(given.get("exportpolicyenabled", True)),
        "quarantinepolicy": _status(given.get("quarantinepolicyenabled", False)),
        "trustpolicy": _status(
            given.get("trustpolicyenabled", lookup(_block(given.get("trustpolicy")), "enabled", False))
        ),
        "azureadauthenticationasarmpolicy": _status(given.get("azureadauthenticationasarmpolicyenabled")),
        "retentionpolicy": UNKNOWN if days is UNKNOWN else {"status": "enabled" if days else "disabled", "days": days},
    }
    encryption = _block(given.get("encryption"))
    if isinstance(encryption, Mapping):
        made["encryption"] = {
            "status": "enabled",
            "keyvaultproperties": {
                "keyidentifier": encryption.get("keyvaultkeyid"),
                "identity": encryption.get("identityclientid"),
            },
        }
    else:
        made["encryption"] = encryption
    identity = _block(given.get("identity"))
    if isinstance(identity, Mapping):
        made["identity"] = {"type": identity.get("type"), "userassignedidentities": identity.get("identityids")}
    else:
        made["identity"] = identity


def _ip_rule(rule: Any) -> Any:
    return {"value": rule.get("iprange"), "action": rule.get("action")} if isinstance(rule, Mapping) else rule


def _status(enabled: Any) -> Any:
    return None if enabled is None else {"status": _unless(enabled, when_true="enabled", when_false="disabled")}


def _replicas(given: Mapping[str, Any]) -> Iterator[Reading]:
    for replica in known_items(given.get("georeplications")):
        if isinstance(replica, Mapping):
            props = {
                "registryname": given.get("name", UNKNOWN),
                "resourcegroupname": given.get("resourcegroupname"),
                "location": replica.get("location"),
                "tags": replica.get("tags"),
                "zoneredundancy": _unless(
                    replica.get("zoneredundancyenabled", False), when_true="Enabled", when_false="Disabled"
                ),
            }
            yield Reading(tokens.REPLICATION, props, {"registryname": ""})


def _endpoint(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    if given.get("subnetid") is not None:
        made["subnet"] = {"id": given["subnetid"]}
    connection = _block(given.get("privateserviceconnection"))
    if isinstance(connection, Mapping):
        ours = {
            "name": connection.get("name"),
            "privatelinkserviceid": connection.get("privateconnectionresourceid"),
            "groupids": connection.get("subresourcenames"),
            "requestmessage": connection.get("requestmessage"),
        }
        manual = as_bool(connection.get("ismanualconnection", False))
        made["manualprivatelinkserviceconnections" if manual is True else "privatelinkserviceconnections"] = [ours]
    else:
        made["privatelinkserviceconnections"] = connection
    configurations = given.get("ipconfigurations")
    if isinstance(configurations, list):
        made["ipconfigurations"] = [
            {
                "groupid": item.get("subresourcename"),
                "membername": item.get("membername", item.get("subresourcename")),
                "privateipaddress": item.get("privateipaddress"),
            }
            for item in configurations
            if isinstance(item, Mapping)
        ]
    else:
        made["ipconfigurations"] = configurations


def _zone_group(given: Mapping[str, Any]) -> Iterator[Reading]:
    group = _block(given.get("privatednszonegroup"))
    if isinstance(group, Mapping):
        zones = as_list(group.get("privatednszoneids"))
        configs = zones if isinstance(zones, Unknown) else [{"privatednszoneid": zone} for zone in zones]
        props = {
            "privateendpointname": given.get("name"),
            "privatednszonegroupname": group.get("name"),
            "resourcegroupname": given.get("resourcegroupname"),
            "privatednszoneconfigs": configs,
        }
        sources = {"privateendpointname": "", "privatednszoneconfigs": "privatednszonegroup"}
        yield Reading(tokens.ZONE_GROUP, props, sources)


def _diagnostics(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    logs = given.get("enabledlogs", given.get("logs"))
    if isinstance(logs, list):
        made["logs"] = [{"enabled": True, **log} if isinstance(log, Mapping) else log for log in logs]
    else:
        made["logs"] = logs


def _record(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    made["recordtype"] = "A"
    made["arecords"] = _listed(given.get("records"), "ipv4address")


def _ipv6_record(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    made["recordtype"] = "AAAA"
    made["aaaarecords"] = _listed(given.get("records"), "ipv6address")


def _listed(value: Any, member: str) -> Any:
    records = as_list(value)
    return records if isinstance(records, Unknown) else [{member: record} for record in records]


def _token(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    made["status"] = _unless(given.get("enabled", True), when_true="enabled", when_false="disabled")


def _vault(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    made["enablepurgeprotection"] = given.get("purgeprotectionenabled")


def _network(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    made["addressspace"] = {"addressprefixes": given.get("addressspaces")}
    if given.get("dnsservers") is not None:
        made["dhcpoptions"] = {"dnsservers": given["dnsservers"]}


def _link(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    made["virtualnetwork"] = {"id": given.get("virtualnetworkid")}


def _peering(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    made["remotevirtualnetwork"] = {"id": given.get("remotevirtualnetworkid")}


def _route_table(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    routes = as_list(given.get("routes"))
    made["routes"] = (
        routes
        if isinstance(routes, Unknown)
        else [
            {**route, "nexthopipaddress": route.get("nexthopinipaddress")} if isinstance(route, Mapping) else route
            for route in routes
        ]
    )


def _rule_collections(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    made["rulecollections"] = [
        {
            "name": collection.get("name"),
            "priority": collection.get("priority"),
            "action": {"type": collection.get("action")},
            "rules": _each(collection.get("rules"), partial(_policy_rule, application=application)),
        }
        for key, application in (("applicationrulecollections", True), ("networkrulecollections", False))
        for collection in known_items(given.get(key))
        if isinstance(collection, Mapping)
    ]
    if any(given.get(k) is UNKNOWN for k in ("applicationrulecollections", "networkrulecollections")):
        made["rulecollections"] = UNKNOWN


def _policy_rule(rule: Mapping[str, Any], application: bool) -> dict[str, Any]:
    if not application:
        return {**rule, "ruletype": "NetworkRule", "ipprotocols": rule.get("protocols")}
    return {
        **rule,
        "ruletype": "ApplicationRule",
        "targetfqdns": rule.get("destinationfqdns"),
        "targeturls": rule.get("destinationurls"),
        "protocols": _protocols(rule.get("protocols")),
    }


def _protocols(value: Any) -> Any:
    return _each(value, lambda item: {"protocoltype": item.get("type"), "port": item.get("port")})


def _each(value: Any, make: Callable[[Mapping[str, Any]], Any]) -> Any:
    """A list with each object of it made anew; what is not known stays so."""
    items = as_list(value)
    if isinstance(items, Unknown):
        return UNKNOWN
    return [make(item) if isinstance(item, Mapping) else item for item in items]


def _application_collection(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    rules = _each(given.get("rules"), lambda rule: {**rule, "protocols": _protocols(rule.get("protocols"))})
    made["applicationrulecollections"] = [{**_head(given), "rules": rules}]


def _network_collection(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    made["networkrulecollections"] = [{**_head(given), "rules": given.get("rules")}]


def _head(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": given.get("name"), "priority": given.get("priority"), "action": {"type": given.get("action")}}


def _firewall_policy(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    if given.get("basepolicyid") not in (None, ""):
        made["basepolicy"] = {"id": given["basepolicyid"]}


def _security_group(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    rules = as_list(given.get("securityrules"))
    made["securityrules"] = (
        rules
        if isinstance(rules, Unknown)
        else [_with_groups(rule) if isinstance(rule, Mapping) else rule for rule in rules]
    )


def _security_rule(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    made.update({key: value for key, value in _with_groups(given).items() if key in _RULE_KEYS})


_RULE_KEYS = (
    "access",
    "direction",
    "priority",
    "protocol",
    *(
        f"{end}{what}"
        for end in ("source", "destination")
        for what in ("addressprefix", "addressprefixes", "portrange", "portranges", "applicationsecuritygroups")
    ),
)


def _with_groups(rule: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(rule)
    for end in ("source", "destination"):
        ids = as_list(rule.get(f"{end}applicationsecuritygroupids"))
        if ids is UNKNOWN or ids:
            made[f"{end}applicationsecuritygroups"] = UNKNOWN if isinstance(ids, Unknown) else [{"id": i} for i in ids]
    return made


def _subnet(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    if given.get("networksecuritygroupid", given.get("securitygroup")) not in (None, ""):
        made["networksecuritygroup"] = {"id": given.get("networksecuritygroupid", given.get("securitygroup"))}


def _associated(ours: str, *, several: bool = False) -> Callable[[Mapping[str, Any], dict[str, Any]], None]:
    """An association resource: what it changes refers to one more resource from then on."""

    def shape(_given: Mapping[str, Any], made: dict[str, Any]) -> None:
        reference = {"id": UNKNOWN if made[ours] is None else made[ours]}
        made[ours] = [reference] if several else reference

    return shape


def _firewall(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    if given.get("firewallpolicyid") not in (None, ""):
        made["firewallpolicy"] = {"id": given["firewallpolicyid"]}


def _alias(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    made["recordtype"] = "CNAME"
    made["cnamerecord"] = {"cname": given.get("record")}


def _storage_policy(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    definitions = as_list(given.get("definitions", given.get("definition")))
    made["serviceendpointpolicydefinitions"] = (
        definitions
        if isinstance(definitions, Unknown)
        else [
            {**each, "service": each.get("service", "Microsoft.Storage")} if isinstance(each, Mapping) else each
            for each in definitions
        ]
    )


def _admin_rule(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    made["access"] = given.get("action")
    made["destinations"] = given.get("destinations", given.get("destination"))
    made["sources"] = given.get("sources", given.get("source"))


_REGISTRY_CHILD = {"registryname": "containerregistryname", **_COMMON}
_BY_TOKEN: Mapping[str, _Kind] = MappingProxyType(
    {
        "azure:containerservice/registry:registry": _Kind(
            tokens.REGISTRY,
            {
                "registryname": "name",
                "adminuserenabled": "adminenabled",
                "anonymouspullenabled": "anonymouspullenabled",
                "dataendpointenabled": "dataendpointenabled",
                "networkrulebypassoptions": "networkrulebypassoption",
                **_COMMON,
            },
            _registry,
            _replicas,
        ),
        "azure:containerservice/registrywebhook:registrywebhook": _Kind(
            tokens.WEBHOOK,
            {"registryname": "registryname", "webhookname": "name", "serviceuri": "serviceuri", **_COMMON},
        ),
        "azure:containerservice/registrytoken:registrytoken": _Kind(
            tokens.TOKEN, {"tokenname": "name", **_REGISTRY_CHILD}, _token
        ),
        "azure:containerservice/registrycacherule:registrycacherule": _Kind(
            tokens.CACHE_RULE,
            {
                "cacherulename": "name",
                "registryname": "containerregistryid",
                "sourcerepository": "sourcerepo",
                **_COMMON,
            },
        ),
        "azure:containerservice/registrytask:registrytask": _Kind(
            tokens.TASK, {"taskname": "name", "registryname": "containerregistryid", "agentpoolname": "agentpoolname"}
        ),
        "azure:containerservice/registryagentpool:registryagentpool": _Kind(
            tokens.AGENT_POOL,
            {"agentpoolname": "name", "virtualnetworksubnetresourceid": "virtualnetworksubnetid", **_REGISTRY_CHILD},
        ),
        "azure:containerservice/connectedregistry:connectedregistry": _Kind(
            tokens.CONNECTED_REGISTRY, {"connectedregistryname": "name", "registryname": "containerregistryid"}
        ),
        "azure:privatelink/endpoint:endpoint": _Kind(
            tokens.ENDPOINT, {"privateendpointname": "name", **_COMMON}, _endpoint, _zone_group
        ),
        "azure:privatedns/zone:zone": _Kind(tokens.PRIVATE_ZONE, {"privatezonename": "name", **_COMMON}),
        "azure:privatedns/zonevirtualnetworklink:zonevirtualnetworklink": _Kind(
            tokens.ZONE_LINK,
            {
                "virtualnetworklinkname": "name",
                "privatezonename": "privatednszonename",
                "registrationenabled": "registrationenabled",
                "resolutionpolicy": "resolutionpolicy",
                **_COMMON,
            },
            _link,
        ),
        "azure:core/resourcegroup:resourcegroup": _Kind(
            tokens.RESOURCE_GROUP, {"resourcegroupname": "name", "location": "location", "tags": "tags"}
        ),
        "azure:privatelink/applicationsecuritygroupassociation:applicationsecuritygroupassociation": _Kind(
            tokens.ENDPOINT,
            {"applicationsecuritygroups": "applicationsecuritygroupid"},
            _associated("applicationsecuritygroups", several=True),
            target="privateendpointid",
        ),
        "azure:network/subnetnetworksecuritygroupassociation:subnetnetworksecuritygroupassociation": _Kind(
            tokens.SUBNET,
            {"networksecuritygroup": "networksecuritygroupid"},
            _associated("networksecuritygroup"),
            target="subnetid",
        ),
        "azure:network/subnetroutetableassociation:subnetroutetableassociation": _Kind(
            tokens.SUBNET, {"routetable": "routetableid"}, _associated("routetable"), target="subnetid"
        ),
        "azure:network/subnetserviceendpointstoragepolicy:subnetserviceendpointstoragepolicy": _Kind(
            tokens.SERVICE_ENDPOINT_POLICY, {"serviceendpointpolicyname": "name", **_COMMON}, _storage_policy
        ),
        "azure:network/networkmanageradminrule:networkmanageradminrule": _Kind(
            tokens.ADMIN_RULE,
            {
                "rulename": "name",
                "direction": "direction",
                "priority": "priority",
                "protocol": "protocol",
                "destinationportranges": "destinationportranges",
            },
            _admin_rule,
        ),
        "azure:network/firewall:firewall": _Kind(tokens.FIREWALL, {"azurefirewallname": "name", **_COMMON}, _firewall),
        "azure:privatedns/cnamerecord:cnamerecord": _Kind(
            tokens.PRIVATE_RECORD, {"relativerecordsetname": "name", "privatezonename": "zonename", **_COMMON}, _alias
        ),
        "azure:privatedns/arecord:arecord": _Kind(
            tokens.PRIVATE_RECORD, {"relativerecordsetname": "name", "privatezonename": "zonename", **_COMMON}, _record
        ),
        "azure:privatedns/aaaarecord:aaaarecord": _Kind(
            tokens.PRIVATE_RECORD,
            {"relativerecordsetname": "name", "privatezonename": "zonename", **_COMMON},
            _ipv6_record,
        ),
        "azure:dns/zone:zone": _Kind(tokens.PUBLIC_ZONE, {"zonename": "name", **_COMMON}),
        "azure:network/virtualnetwork:virtualnetwork": _Kind(
            tokens.VIRTUAL_NETWORK, {"virtualnetworkname": "name", "subnets": "subnets", **_COMMON}, _network
        ),
        "azure:network/subnet:subnet": _Kind(
            tokens.SUBNET,
            {
                "subnetname": "name",
                "virtualnetworkname": "virtualnetworkname",
                "addressprefixes": "addressprefixes",
                "privateendpointnetworkpolicies": "privateendpointnetworkpolicies",
                **_COMMON,
            },
            _subnet,
        ),
        "azure:network/virtualnetworkpeering:virtualnetworkpeering": _Kind(
            tokens.PEERING,
            {
                "virtualnetworkpeeringname": "name",
                "virtualnetworkname": "virtualnetworkname",
                "allowvirtualnetworkaccess": "allowvirtualnetworkaccess",
                "peercompletevnets": "peercompletevirtualnetworksenabled",
                "enableonlyipv6peering": "onlyipv6peeringenabled",
                "localsubnetnames": "localsubnetnames",
                "remotesubnetnames": "remotesubnetnames",
                **_COMMON,
            },
            _peering,
        ),
        "azure:network/routetable:routetable": _Kind(
            tokens.ROUTE_TABLE, {"routetablename": "name", **_COMMON}, _route_table
        ),
        "azure:network/route:route": _Kind(
            tokens.ROUTE,
            {
                "routename": "name",
                "routetablename": "routetablename",
                "addressprefix": "addressprefix",
                "nexthoptype": "nexthoptype",
                "nexthopipaddress": "nexthopinipaddress",
                **_COMMON,
            },
        ),
        "azure:network/networksecuritygroup:networksecuritygroup": _Kind(
            tokens.SECURITY_GROUP, {"networksecuritygroupname": "name", **_COMMON}, _security_group
        ),
        "azure:network/networksecurityrule:networksecurityrule": _Kind(
            tokens.SECURITY_RULE,
            {"securityrulename": "name", "networksecuritygroupname": "networksecuritygroupname", **_COMMON},
            _security_rule,
        ),
        "azure:network/applicationsecuritygroup:applicationsecuritygroup": _Kind(
            tokens.APPLICATION_GROUP, {"applicationsecuritygroupname": "name", **_COMMON}
        ),
        "azure:network/firewallpolicy:firewallpolicy": _Kind(
            tokens.FIREWALL_POLICY, {"firewallpolicyname": "name", **_COMMON}, _firewall_policy
        ),
        "azure:network/ipgroup:ipgroup": _Kind(
            tokens.IP_GROUP, {"ipgroupsname": "name", "ipaddresses": "cidrs", **_COMMON}
        ),
        "azure:network/firewallpolicyrulecollectiongroup:firewallpolicyrulecollectiongroup": _Kind(
            tokens.FIREWALL_RULES,
            {"rulecollectiongroupname": "name", "firewallpolicyname": "firewallpolicyid", "priority": "priority"},
            _rule_collections,
        ),
        "azure:network/firewallapplicationrulecollection:firewallapplicationrulecollection": _Kind(
            tokens.FIREWALL, {"azurefirewallname": "azurefirewallname", **_COMMON}, _application_collection
        ),
        "azure:network/firewallnetworkrulecollection:firewallnetworkrulecollection": _Kind(
            tokens.FIREWALL, {"azurefirewallname": "azurefirewallname", **_COMMON}, _network_collection
        ),
        "azure:keyvault/keyvault:keyvault": _Kind(tokens.VAULT, {"vaultname": "name", **_COMMON}, _vault),
        "azure:monitoring/diagnosticsetting:diagnosticsetting": _Kind(
            tokens.DIAGNOSTICS,
            {
                "name": "name",
                "resourceuri": "targetresourceid",
                "workspaceid": "loganalyticsworkspaceid",
                "storageaccountid": "storageaccountid",
                "eventhubauthorizationruleid": "eventhubauthorizationruleid",
                "marketplacepartnerid": "partnersolutionid",
            },
            _diagnostics,
        ),
        "azure:management/lock:lock": _Kind(tokens.LOCK, {"lockname": "name", "scope": "scope", "level": "locklevel"}),
        "azure:securitycenter/subscriptionpricing:subscriptionpricing": _Kind(
            tokens.PRICING, {"pricingname": "resourcetype", "pricingtier": "tier"}
        ),
    }
)

# The same resources bridged straight from Terraform, by Terraform's own names.
_TERRAFORM: Mapping[str, str] = MappingProxyType(
    {
        "containerregistry": "azure:containerservice/registry:registry",
        "containerregistrywebhook": "azure:containerservice/registrywebhook:registrywebhook",
        "containerregistrytoken": "azure:containerservice/registrytoken:registrytoken",
        "containerregistrycacherule": "azure:containerservice/registrycacherule:registrycacherule",
        "containerregistrytask": "azure:containerservice/registrytask:registrytask",
        "containerregistryagentpool": "azure:containerservice/registryagentpool:registryagentpool",
        "containerconnectedregistry": "azure:containerservice/connectedregistry:connectedregistry",
        "privateendpoint": "azure:privatelink/endpoint:endpoint",
        "privatednszone": "azure:privatedns/zone:zone",
        "privatednszonevirtualnetworklink": "azure:privatedns/zonevirtualnetworklink:zonevirtualnetworklink",
        "privatednsarecord": "azure:privatedns/arecord:arecord",
        "privatednsaaaarecord": "azure:privatedns/aaaarecord:aaaarecord",
        "privatednscnamerecord": "azure:privatedns/cnamerecord:cnamerecord",
        "privateendpointapplicationsecuritygroupassociation": (
            "azure:privatelink/applicationsecuritygroupassociation:applicationsecuritygroupassociation"
        ),
        "resourcegroup": "azure:core/resourcegroup:resourcegroup",
        "subnetnetworksecuritygroupassociation": (
            "azure:network/subnetnetworksecuritygroupassociation:subnetnetworksecuritygroupassociation"
        ),
        "subnetroutetableassociation": "azure:network/subnetroutetableassociation:subnetroutetableassociation",
        "subnetserviceendpointstoragepolicy": (
            "azure:network/subnetserviceendpointstoragepolicy:subnetserviceendpointstoragepolicy"
        ),
        "networkmanageradminrule": "azure:network/networkmanageradminrule:networkmanageradminrule",
        "firewall": "azure:network/firewall:firewall",
        "dnszone": "azure:dns/zone:zone",
        "virtualnetwork": "azure:network/virtualnetwork:virtualnetwork",
        "subnet": "azure:network/subnet:subnet",
        "virtualnetworkpeering": "azure:network/virtualnetworkpeering:virtualnetworkpeering",
        "routetable": "azure:network/routetable:routetable",
        "route": "azure:network/route:route",
        "networksecuritygroup": "azure:network/networksecuritygroup:networksecuritygroup",
        "networksecurityrule": "azure:network/networksecurityrule:networksecurityrule",
        "applicationsecuritygroup": "azure:network/applicationsecuritygroup:applicationsecuritygroup",
        "ipgroup": "azure:network/ipgroup:ipgroup",
        "firewallpolicy": "azure:network/firewallpolicy:firewallpolicy",
        "firewallpolicyrulecollectiongroup": (
            "azure:network/firewallpolicyrulecollectiongroup:firewallpolicyrulecollectiongroup"
        ),
        "firewallapplicationrulecollection": (
            "azure:network/firewallapplicationrulecollection:firewallapplicationrulecollection"
        ),
        "firewallnetworkrulecollection": "azure:network/firewallnetworkrulecollection:firewallnetworkrulecollection",
        "keyvault": "azure:keyvault/keyvault:keyvault",
        "monitordiagnosticsetting": "azure:monitoring/diagnosticsetting:diagnosticsetting",
        "managementlock": "azure:management/lock:lock",
        "securitycentersubscriptionpricing": "azure:securitycenter/subscriptionpricing:subscriptionpricing",
    }
)


@lru_cache(maxsize=2048)
def _kind(token: str) -> _Kind | None:
    provider, name = tokens.bridged(token)
    return _BY_TOKEN.get(_TERRAFORM.get(name, "") if provider == "azurerm" else token.lower())


def is_classic(token: str) -> bool:
    """Whether a token of the classic provider is about registries."""
    return _kind(token) is not None


def spelling(token: str, key: str) -> str:
    """How the classic provider spells a property of a resource, in lower case."""
    bare = key.replace("_", "")
    return _PLURALS.get(bare, bare) if tokens.bridged(token)[0] else key


def read(token: str, given: Mapping[str, Any]) -> list[Reading]:
    """The canonical resources that a classic one makes, from its plain inputs; absent inputs stay absent."""
    kind = _kind(token)
    if kind is None:
        return []
    present = {key: value for key, value in given.items() if value is not None}
    if tokens.bridged(token)[0]:
        present = _spelled(present)
    given = Partial(present) if isinstance(given, Partial) else present
    made: dict[str, Any] = {ours: given.get(theirs) for ours, theirs in kind.renames.items()}
    kind.shape(given, made)
    props = {key: value for key, value in made.items() if value is not None}
    sources = {
        **{ours: theirs for ours, theirs in kind.renames.items() if ours != theirs},
        **_MADE_FROM.get(kind.type, {}),
    }
    whole = Partial(props) if isinstance(given, Partial) else props
    if not kind.target:
        return [Reading(kind.type, whole, sources), *kind.more(given)]
    target = given.get(kind.target, UNKNOWN)
    parsed = parse_id(target) if isinstance(target, str) else None
    place = dict(zip(tokens.NAME_INPUTS[kind.type], parsed.names, strict=False)) if parsed is not None else {}
    group = {"resourcegroupname": parsed.resource_group} if parsed is not None and parsed.resource_group else {}
    return [Reading(kind.type, {**whole, **place, **group}, {**sources, "target": kind.target}, target=target)]


# Blocks that may be written more than once: Pulumi's bridge writes them in the plural, Terraform in the singular.
_PLURALS = MappingProxyType(
    {
        "addressspace": "addressspaces",
        "applicationrulecollection": "applicationrulecollections",
        "definition": "definitions",
        "enabledlog": "enabledlogs",
        "ipconfiguration": "ipconfigurations",
        "iprule": "iprules",
        "networkrulecollection": "networkrulecollections",
        "route": "routes",
        "rule": "rules",
        "securityrule": "securityrules",
        "subnet": "subnets",
        # The other way round: blocks that Azure takes once, which a bridge without its own schema makes lists of.
        "encryptions": "encryption",
        "identities": "identity",
        "networkrulesets": "networkruleset",
        "privatednszonegroups": "privatednszonegroup",
        "privateserviceconnections": "privateserviceconnection",
    }
)


def _spelled(value: Any, key: str = "") -> Any:
    """Properties of a bridged resource as the classic provider spells them, whichever way they are written."""
    if isinstance(value, dict) and key != "tags":
        made = {
            _PLURALS.get(name, name) if isinstance(held, dict | list) else name: _spelled(held, name)
            for raw, held in value.items()
            for name in (raw.replace("_", ""),)
        }
        return Partial(made) if isinstance(value, Partial) else made
    return [_spelled(each, key) for each in value] if isinstance(value, list) else value


_MADE_FROM: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        tokens.ENDPOINT: {
            "privatelinkserviceconnections": "privateserviceconnection",
            "manualprivatelinkserviceconnections": "privateserviceconnection",
            "subnet": "subnetid",
        },
        tokens.FIREWALL_RULES: {"rulecollections": "applicationrulecollections"},
        tokens.PEERING: {"remotevirtualnetwork": "remotevirtualnetworkid"},
        tokens.ZONE_LINK: {"virtualnetwork": "virtualnetworkid"},
    }
)
