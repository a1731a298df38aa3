"""Asks for a VPC that reaches the registry."""

from __future__ import annotations

from registry_model.estate import alicloud, tokens
from registry_model.estate.model import Estate

from ..examples import ali_instance, ali_internet, ali_link, example
from ..frameworks import nist
from ..rule import MANDATORY, Config, Levels, Option, Problems, Rule, Severity, undetermined, violation


def check(estate: Estate, config: Config) -> Problems:
    wanted = [tokens.ALI_VPC_LINK, *([tokens.ALI_INTERNET] if config["internet_endpoint_suffices"] else [])]
    reached = [alicloud.of_instance(estate, kind) for kind in wanted]
    for instance in alicloud.instances(estate):
        if any(instance in found for found in reached):
            continue
        if any(alicloud.unplaced(estate, kind) for kind in wanted):
            yield undetermined(instance, "whose an endpoint or a VPC's link is")
        else:
            yield violation(instance, f"No VPC is bound to {instance.label}: its VPC endpoint answers nobody")


RULE = Rule(
    id="ali-vpc-bound",
    title="A VPC is bound to every Alibaba Cloud registry",
    severity=Severity.MEDIUM,
    rationale=(
        "The VPC endpoint answers bound VPCs only, and only VPCs of the registry's own account and region can be "
        "bound. Without one there is no private path, and clients are left with the Internet endpoint."
    ),
    fix="Bind a VPC with a vSwitch: cr.VpcEndpointLinkedVpc, with enable_create_dns_record_in_pvzt.",
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(nist("SC-7"),),
    options={
        "internet_endpoint_suffices": Option(
            {"type": "boolean"},
            False,
            "Accept an Internet endpoint in place of a bound VPC, for registries that clients reach over the internet.",
            presets={"no-private-link": True},
        )
    },
    check_estate=check,
    compliant=(
        example("one VPC", ali_instance(), ali_link()),
        example(
            "an Internet endpoint where one is enough",
            ali_instance(),
            ali_internet("203.0.113.0/28"),
            internet_endpoint_suffices=True,
        ),
    ),
    violating=(
        example("none", ali_instance()),
        example("one that is bound to another", ali_instance(), ali_link(of="cri-fabrikam")),
        example("an Internet endpoint alone", ali_instance(), ali_internet("203.0.113.0/28")),
        example("neither endpoint", ali_instance(), internet_endpoint_suffices=True),
    ),
)
