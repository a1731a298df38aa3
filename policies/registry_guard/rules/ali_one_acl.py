"""Forbids two owners of one access control list."""

from __future__ import annotations

from collections import defaultdict

from registry_model.estate import alicloud, tokens
from registry_model.estate.model import Estate, Resource

from ..examples import ali_acl_policy, ali_instance, ali_internet, example
from ..frameworks import nist
from ..rule import MANDATORY, Config, Levels, Problems, Rule, Severity, undetermined, violation


def check(estate: Estate, _config: Config) -> Problems:
    owners: dict[str, list[Resource]] = defaultdict(list)
    for endpoint in estate.of(tokens.ALI_INTERNET):
        owners[alicloud.instance_of(estate, endpoint).key].append(endpoint)
    for first, *others in owners.values():
        for other in others if alicloud.instance_of(estate, first).key else ():
            text = "each deletes the other's entries"
            yield violation(other, f"{other.label} is a second Internet endpoint beside {first.label}: {text}")
    for policy in estate.of(tokens.ALI_ACL_POLICY):
        key = alicloud.instance_of(estate, policy).key
        if key in owners and key:
            text = "each deletes what the other has added, and in between the list may be empty"
            yield violation(policy, f"{policy.label} adds to the list of {owners[key][0].label}: {text}")
        elif not key and owners:
            yield undetermined(policy, "its instance")


RULE = Rule(
    id="ali-one-acl",
    title="An access control list of Alibaba Cloud has one owner",
    severity=Severity.HIGH,
    rationale=(
        "InternetEndpoint owns the whole list; EndpointAclPolicy is its older twin and adds one entry. On one instance "
        "the two undo each other's work at every update, and a list that is empty for a moment admits everybody. An "
        "entry that is added before the endpoint runs is lost."
    ),
    fix="Move the entries into InternetEndpoint.entries and remove the EndpointAclPolicy.",
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(nist("CM-3"),),
    check_estate=check,
    compliant=(
        example("the endpoint alone", ali_instance(), ali_internet("203.0.113.0/28", "198.51.100.7/32")),
        example("policies alone", ali_instance(), ali_acl_policy("203.0.113.0/28")),
        example(
            "one of each, of two instances",
            ali_instance(),
            ali_internet("203.0.113.0/28"),
            ali_instance("other", "fabrikam"),
            ali_acl_policy("203.0.113.0/28", of="cri-fabrikam"),
        ),
    ),
    violating=(
        example(
            "both on one instance", ali_instance(), ali_internet("203.0.113.0/28"), ali_acl_policy("198.51.100.7/32")
        ),
        example(
            "both on an instance of another stack", ali_internet("203.0.113.0/28"), ali_acl_policy("198.51.100.7/32")
        ),
        example(
            "two endpoints of one instance",
            ali_instance(),
            ali_internet("203.0.113.0/28"),
            ali_internet("198.51.100.7/32", name="second"),
        ),
    ),
)
