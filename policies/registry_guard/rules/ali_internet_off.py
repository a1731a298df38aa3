"""Forbids Internet endpoints."""

from __future__ import annotations

from registry_model.estate import alicloud, tokens
from registry_model.estate.model import Estate, Resource

from ..examples import ali_acl_policy, ali_instance, ali_internet, example
from ..frameworks import nist
from ..rule import MANDATORY, OFF, Config, Levels, Problems, Rule, Severity, violation


def check(resource: Resource, _config: Config) -> Problems:
    if resource.type == tokens.ALI_INTERNET:
        yield violation(resource, f"{resource.label} turns an Internet endpoint on")
    else:
        yield violation(resource, f"{resource.label} admits addresses to an Internet endpoint, which is to be off")


def check_estate(estate: Estate, _config: Config) -> Problems:
    declared = alicloud.of_instance(estate, tokens.ALI_INTERNET)
    for instance in alicloud.instances(estate):
        if alicloud.switched_on(instance) is True and instance not in declared:
            text = "is on although none is declared here: something else switched it on"
            yield violation(instance, f"The Internet endpoint of {instance.label} {text}")


RULE = Rule(
    id="ali-internet-off",
    title="Alibaba Cloud registries have no Internet endpoint",
    severity=Severity.HIGH,
    rationale=(
        "Where every client stands in a bound VPC, or reaches one, an Internet endpoint is a door that nobody needs. "
        "It exists as soon as the resource does."
    ),
    fix="Remove the Internet endpoint; bind the clients' VPCs, or share the VPC endpoint with them.",
    levels=Levels(baseline=OFF, strict=MANDATORY, no_private_link=OFF),
    frameworks=(nist("SC-7"),),
    applies_to=(tokens.ALI_INTERNET, tokens.ALI_ACL_POLICY),
    check_resource=check,
    check_estate=check_estate,
    compliant=(
        example("none", ali_instance()),
        example(
            "off, as the cloud answered",
            ali_instance(
                more={
                    "outputs": {
                        "id": "cri-contoso",
                        "instanceEndpoints": [{"endpointType": "internet", "enable": False}],
                    }
                }
            ),
        ),
    ),
    violating=(
        example("one with narrow entries", ali_instance(), ali_internet("203.0.113.0/28")),
        example("an entry of the older kind", ali_instance(), ali_acl_policy("203.0.113.0/28")),
    ),
)
