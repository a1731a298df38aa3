"""Forbids Internet endpoints that everybody reaches."""

from __future__ import annotations

from collections.abc import Sequence

from registry_model.alibaba import limits
from registry_model.estate import alicloud, tokens
from registry_model.estate.model import Estate, Resource
from registry_model.estate.values import UNKNOWN, Unknown, as_text, as_written, or_none
from registry_model.reach.exposure import exposure

from ..examples import ali, ali_acl_policy, ali_instance, ali_internet, example
from ..frameworks import nist
from ..rule import MANDATORY, Config, Levels, Problems, Rule, Severity, note, undetermined, violation


def check(resource: Resource, config: Config) -> Problems:
    if resource.type == tokens.ALI_ACL_POLICY:
        entry = resource.get("entry")
        if entry is UNKNOWN:
            yield undetermined(resource, "entry")
            return
        yield from _judged(resource, [as_written(entry)], config)
        return
    entries = alicloud.entries(resource)
    if isinstance(entries, Unknown):
        yield undetermined(resource, "entries")
        return
    # The service hides its own entry, so that a list with nothing else is empty.
    yield from _judged(resource, [or_none(each) for each in entries if not limits.is_hidden(each)], config)


def _judged(resource: Resource, entries: Sequence[str | None], config: Config) -> Problems:
    found = exposure(True, not entries, entries, config["max_public_prefix"])
    if found.everyone:
        text = "has no entry in its access control list, so that it admits every address"
        yield violation(resource, f"The Internet endpoint {resource.label} {text}")
    elif found.reason:
        wide = found.reason.rpartition(": ")[2]
        yield violation(resource, f"The Internet endpoint {resource.label} is open to too many addresses: {wide}")
    elif found.unknown:
        yield undetermined(resource, "an entry")


def check_estate(estate: Estate, _config: Config) -> Problems:
    listed = [alicloud.of_instance(estate, kind) for kind in (tokens.ALI_INTERNET, tokens.ALI_ACL_POLICY)]
    for instance in alicloud.instances(estate):
        declared = any(instance in found for found in listed)
        if alicloud.switched_on(instance) is True and not declared and as_text(instance.get("instanceName")):
            yield note(
                instance,
                f"The Internet endpoint of {instance.label} is on, but it is not declared here, so whom it admits "
                "is not known",
            )


RULE = Rule(
    id="ali-no-exposed-access",
    title="Internet endpoints of Alibaba Cloud registries admit named addresses only",
    severity=Severity.CRITICAL,
    rationale=(
        "An Internet endpoint without an entry in its access control list counts as open: everybody reaches it, from "
        "any account and region. So does one with an entry as wide as the internet. Updates delete old entries before "
        "they add new ones, so that the list is empty for a moment."
    ),
    fix=(
        "List the clients' own addresses in entries, no wider than max_public_prefix; or remove the endpoint and bind "
        "a VPC."
    ),
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(nist("SC-7"), nist("AC-4")),
    borrows={"max_public_prefix": "no-exposed-access"},
    applies_to=(tokens.ALI_INTERNET, tokens.ALI_ACL_POLICY),
    decision=(
        "The data source getEndpointAclService with enable=True switches the Internet endpoint on by an invoke, which "
        "runs in a preview too, and no policy sees an invoke. Where the state shows an endpoint that the stack does "
        "not declare, that is a note. Review programs for getEndpointAclService; the local cloud refuses it."
    ),
    check_resource=check,
    check_estate=check_estate,
    compliant=(
        example("no Internet endpoint", ali_instance()),
        example("narrow entries", ali_instance(), ali_internet("203.0.113.0/28", "198.51.100.7/32")),
        example("a narrow entry of the older kind", ali_instance(), ali_acl_policy("203.0.113.0/28")),
    ),
    violating=(
        example("no entry", ali_instance(), ali_internet()),
        example("only the service's own entry", ali_instance(), ali_internet("127.0.0.1/32")),
        example("the service's own entry without its prefix", ali_instance(), ali_internet("127.0.0.1")),
        example("every address", ali_instance(), ali_internet("203.0.113.0/28", "0.0.0.0/0")),
        example("half the internet", ali_instance(), ali_internet("128.0.0.0/1")),
        example("an entry of the older kind for every address", ali_instance(), ali_acl_policy("0.0.0.0/0")),
        example(
            "an empty list",
            ali_instance(),
            ali(
                "cr/internetEndpoint:InternetEndpoint", "internet", "cri-contoso", instanceId="cri-contoso", entries=[]
            ),
        ),
    ),
)
