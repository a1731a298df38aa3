"""Forbids client firewalls of Alibaba Cloud that open what others own."""

from __future__ import annotations

import re

from registry_model.alibaba.names import DOMAIN, ENTERPRISE_SUFFIX, Way, is_wildcard, storage_wildcard
from registry_model.estate import alicloud, tokens
from registry_model.estate.model import Estate, Resource
from registry_model.estate.values import as_written
from registry_model.reach.alibaba.client_firewalls import client_firewalls

from ..examples import ali, ali_firewall, ali_instance, example
from ..frameworks import nist
from ..rule import MANDATORY, Config, Levels, Problems, Rule, Severity, note, undetermined, violation


def check(estate: Estate, config: Config) -> Problems:
    present = bool(alicloud.instances(estate))
    for rule in (rule for firewall in client_firewalls(estate) for rule in firewall.rules):
        policy = rule.origin
        wide = [each for each in rule.hosts if is_wildcard(each)]
        if not isinstance(policy, Resource) or policy.external or not wide or False in (rule.allow, rule.tcp):
            continue
        opened = ", ".join(f"'{each}'" for each in wide)
        if rule.allow is None:
            yield undetermined(policy, f"the action of {policy.label}, which names {opened},")
        elif _is_for_a_registry(estate, policy, wide, config["registry_rule_pattern"]):
            text = f"opens {opened}: every bucket or registry of the region, whoever owns it"
            yield violation(policy, f"The firewall policy {policy.label} {text}")
        elif present:
            yield note(
                policy, f"The firewall policy {policy.label} opens {opened}; if it is for the registry, name hosts"
            )


def _is_for_a_registry(estate: Estate, policy: Resource, wide: list[str], pattern: str) -> bool:
    names = [policy.name, as_written(policy.get("description"))]
    kinds = {each.type for each in estate.all_dependencies(policy)}
    return (
        any(each.lower().rstrip(".").endswith(ENTERPRISE_SUFFIX) for each in wide)
        or any(re.search(pattern, name) for name in names)
        or tokens.ALI_INSTANCE in kinds
    )


_WIDE = storage_wildcard("<region>", Way.INTERNET)

RULE = Rule(
    id="ali-firewall-no-wildcard",
    title="Client firewalls of Alibaba Cloud open the registry's hosts, not a wildcard",
    severity=Severity.HIGH,
    rationale=(
        f"Layers come from a bucket of OSS. A firewall that opens {_WIDE} for them opens every bucket of the region, "
        f"whoever owns it: data can be carried out into a bucket of anybody's. *.{DOMAIN} opens every service."
    ),
    fix=(
        "Allow the registry's, the token service's and its own bucket's host by name (registry-doctor allow-list "
        "prints them); a bucket of one's own or a storage domain makes the name known beforehand."
    ),
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(nist("AC-4"), nist("SC-7")),
    borrows={"registry_rule_pattern": "firewall-no-wildcard"},
    decision=(
        "Reads the policies of Cloud Firewall for the internet border, NAT gateways and VPCs, and their address books. "
        "A policy is for a registry when a wildcard of it holds registries, when its name says so, or when it depends "
        "on an instance; another with such a wildcard is a note in a stack with an instance."
    ),
    check_estate=check,
    compliant=(
        example(
            "the hosts by name",
            ali_instance(),
            ali_firewall("contoso-registry.ap-northeast-1.cr.aliyuncs.com"),
            ali_firewall("cri-contoso-registry.oss-ap-northeast-1.aliyuncs.com", "registry-layers"),
        ),
        example(
            "a policy that is switched off",
            ali_instance(),
            ali_firewall("*.oss-ap-northeast-1.aliyuncs.com", release="false"),
        ),
        example("a policy that denies", ali_instance(), ali_firewall("*.aliyuncs.com", aclAction="drop")),
        example("a stack without a registry", ali_firewall("*.oss-ap-northeast-1.aliyuncs.com", "backup")),
    ),
    violating=(
        example("every bucket of a region", ali_instance(), ali_firewall("*.oss-ap-northeast-1.aliyuncs.com")),
        example("every bucket, inside the region", ali_firewall("*.oss-ap-northeast-1-internal.aliyuncs.com", "acr")),
        example(
            "logged, and let through",
            ali_instance(),
            ali_firewall("*.oss-ap-northeast-1.aliyuncs.com", aclAction="log"),
        ),
        example("every registry of Personal Edition", ali_firewall("*.personal.cr.aliyuncs.com", "out")),
        example("every service", ali_instance(), ali_firewall("*.aliyuncs.com")),
        example("every registry", ali_firewall("*.cr.aliyuncs.com", "out")),
        example(
            "an address book that holds it",
            ali_instance(),
            ali(
                "cloudfirewall/addressBook:AddressBook",
                "book",
                "book-contoso",
                groupName="contoso-layers",
                groupType="domain",
                description="layers",
                addressLists=["*.oss-ap-northeast-1.aliyuncs.com"],
            ),
            ali_firewall("contoso-layers", kind="group"),
        ),
    ),
)
