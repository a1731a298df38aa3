"""Forbids ignoring changes of what the rules guard."""

from __future__ import annotations

import re
from types import MappingProxyType

from registry_model.estate import relations, tokens
from registry_model.estate.model import Estate, Resource
from registry_model.reach.client_firewalls import tied_rules

from ..examples import (
    ali_instance,
    ali_internet,
    application_rule,
    endpoint,
    example,
    firewall_rules,
    hosts,
    link,
    registry,
)
from ..rule import ADVISORY, MANDATORY, Config, Levels, Problems, Rule, Severity, violation
from .cmk_sound import key_vaults
from .zone_name import PRIVATE_LINK_ZONES

# By type, the top-level inputs that rules judge; a path above, at or below one of them is guarded.
GUARDED = MappingProxyType(
    {
        tokens.REGISTRY: (
            "sku",
            "publicNetworkAccess",
            "networkRuleSet",
            "networkRuleBypassOptions",
            "adminUserEnabled",
            "anonymousPullEnabled",
            "dataEndpointEnabled",
            "policies",
            "encryption",
            "identity",
        ),
        tokens.REPLICATION: ("location",),
        tokens.ALI_INTERNET: ("entries",),
        tokens.ALI_ACL_POLICY: ("entry",),
        tokens.ALI_VPC_LINK: ("enableCreateDnsRecordInPvzt",),
        tokens.ALI_NAMESPACE: ("defaultVisibility",),
        tokens.ALI_REPOSITORY: ("repoType",),
        tokens.ALI_SYNC_RULE: ("targetUserId",),
        tokens.TOKEN: ("status",),
        tokens.WEBHOOK: ("serviceUri",),
        tokens.CACHE_RULE: ("sourceRepository",),
        tokens.TASK: ("agentPoolName",),
        tokens.AGENT_POOL: ("virtualNetworkSubnetResourceId",),
        tokens.ENDPOINT: (
            "privateLinkServiceConnections",
            "manualPrivateLinkServiceConnections",
            "ipConfigurations",
            "subnet",
        ),
        tokens.ZONE_GROUP: ("privateDnsZoneConfigs",),
        tokens.ZONE_LINK: ("virtualNetwork", "registrationEnabled", "resolutionPolicy"),
        tokens.PRIVATE_RECORD: ("aRecords", "aaaaRecords", "cnameRecord"),
        tokens.DIAGNOSTICS: ("logs",),
        tokens.LOCK: ("level", "scope"),
        tokens.VAULT: ("properties", "enablePurgeProtection"),
        tokens.FIREWALL_RULES: ("ruleCollections",),
        tokens.FIREWALL: ("applicationRuleCollections", "networkRuleCollections"),
        tokens.SECURITY_GROUP: ("securityRules",),
        tokens.ADMIN_RULE: ("access", "destinations", "destinationPortRanges", "direction", "priority", "protocol"),
        tokens.SECURITY_RULE: (
            "access",
            "direction",
            "priority",
            "protocol",
            "destinationAddressPrefix",
            "destinationAddressPrefixes",
            "destinationPortRange",
            "destinationPortRanges",
        ),
    }
)
# The classic provider's own names for the same.
CLASSIC = MappingProxyType(
    {
        tokens.REGISTRY: (
            "publicNetworkAccessEnabled",
            "networkRuleBypassOption",
            "adminEnabled",
            "exportPolicyEnabled",
            "retentionPolicyInDays",
            "trustPolicyEnabled",
            "quarantinePolicyEnabled",
        ),
        tokens.ENDPOINT: ("privateServiceConnection", "privateDnsZoneGroup", "subnetId"),
        tokens.TOKEN: ("enabled",),
        tokens.ZONE_LINK: ("virtualNetworkId",),
        tokens.PRIVATE_RECORD: ("records", "record"),
        tokens.DIAGNOSTICS: ("enabledLogs",),
        tokens.LOCK: ("lockLevel",),
        tokens.VAULT: ("purgeProtectionEnabled",),
        tokens.FIREWALL: ("rules", "action"),
    }
)
# Of Alibaba's, those whose type alone says that they are about a registry.
OF_ALIBABA = (
    tokens.ALI_INTERNET,
    tokens.ALI_ACL_POLICY,
    tokens.ALI_VPC_LINK,
    tokens.ALI_NAMESPACE,
    tokens.ALI_REPOSITORY,
    tokens.ALI_SYNC_RULE,
)
CARRIERS = ("properties", "body", "template", "parameters", "sku", "identity")
_STEP = re.compile(r'\["?([^"\]]+)"?\]')


def check(resource: Resource, _config: Config) -> Problems:
    """Resources under a registry: their type alone says that they are about one."""
    yield from _ignored(resource)


def check_estate(estate: Estate, _config: Config) -> Problems:
    """Endpoints, zones, vaults, locks, logs and firewalls: only those that are a registry's."""
    endpoints = relations.registry_endpoints(estate)
    groups = relations.zone_groups(estate)
    logs, _doubtful = relations.attached(estate, tokens.DIAGNOSTICS, "resourceUri")
    locks, _doubtful = relations.attached(estate, tokens.LOCK, "scope")
    tied = tied_rules(estate)
    concerned = [*endpoints, *(g for e in endpoints for g in groups.get(e, ()))]
    concerned += [each for found in (*logs.values(), *locks.values()) for each in found]
    concerned += [
        each
        for each in estate.of(tokens.ZONE_LINK, tokens.PRIVATE_RECORD)
        if relations.zone_name_of(estate, each) in PRIVATE_LINK_ZONES
    ]
    concerned += list(
        {id(vault): vault for r in relations.registries(estate) for vault in key_vaults(estate, r)}.values()
    )
    concerned += list({id(rule.resource): rule.resource for rule in tied}.values())
    for each in concerned:
        yield from _ignored(each)


def _ignored(resource: Resource) -> Problems:
    if not resource.options.ignore_changes or resource.external:
        return
    guarded = {name.lower() for name in (*GUARDED.get(resource.type, ()), *CLASSIC.get(resource.type, ()))}
    if resource.carrier:
        guarded |= set(CARRIERS)
    for path in resource.options.ignore_changes:
        top = _STEP.sub(r".\1", path).strip(".").split(".", 1)[0].lower()
        if top in guarded or top == "*":
            text = (
                f"{resource.label} ignores changes of {path}: what the program declares there is not what is deployed"
            )
            yield violation(resource, text)


def _ignoring(*paths: str) -> dict[str, list[str]]:
    return {"ignoreChanges": list(paths)}


RULE = Rule(
    id="ignored-changes",
    title="Changes of guarded properties are not ignored",
    severity=Severity.MEDIUM,
    rationale=(
        "With ignoreChanges the engine keeps what is deployed and drops what the program says. Every rule here judges "
        "what the program says: the deployed registry may be open all the same."
    ),
    fix="Remove the property from ignoreChanges.",
    levels=Levels(baseline=ADVISORY, strict=MANDATORY, no_private_link=MANDATORY),
    applies_to=(*(kind for kind in GUARDED if kind.startswith("containerregistry:")), *OF_ALIBABA),
    check_resource=check,
    check_estate=check_estate,
    compliant=(
        example("nothing ignored", registry()),
        example("a property that no rule judges", registry(more=_ignoring("tags"))),
        example(
            "a link of another zone",
            registry(),
            {**link("privatelink.vaultcore.azure.net"), "ignoreChanges": ["virtualNetwork"]},
        ),
        example("an endpoint of something else", endpoint(privateLinkServiceConnections=[], more=_ignoring("subnet"))),
    ),
    violating=(
        example("the property itself", registry(more=_ignoring("publicNetworkAccess"))),
        example("a path below it", registry(more=_ignoring("policies.exportPolicy.status"))),
        example("a path with brackets", registry(more=_ignoring('["networkRuleSet"].ipRules[0]'))),
        example("everything", registry(more=_ignoring("*"))),
        example("a zone's link", registry(), {**link(), "ignoreChanges": ["registrationEnabled"]}),
        example(
            "the access control list of an Internet endpoint",
            ali_instance(),
            ali_internet("203.0.113.0/28", more=_ignoring("entries")),
        ),
        example("an endpoint's target", registry(), endpoint(more=_ignoring("privateLinkServiceConnections"))),
        example(
            "a client firewall's rules",
            registry(),
            firewall_rules(application_rule(*hosts()), ignoreChanges=["ruleCollections[0].rules"]),
        ),
    ),
)
