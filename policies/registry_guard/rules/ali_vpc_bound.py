"""Asks for a VPC that reaches the registry."""

from __future__ import annotations

from registry_model.estate import alicloud, tokens
from registry_model.estate.model import Estate

from ..examples import ali_instance, ali_link, example
from ..frameworks import nist
from ..rule import MANDATORY, OFF, Config, Levels, Problems, Rule, Severity, undetermined, violation


def check(estate: Estate, _config: Config) -> Problems:
    bound = alicloud.of_instance(estate, tokens.ALI_VPC_LINK)
    for instance in alicloud.instances(estate):
        if instance in bound:
            continue
        if alicloud.unplaced(estate, tokens.ALI_VPC_LINK):
            yield undetermined(instance, "whose a VPC's link is")
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
    levels=Levels(baseline=OFF, strict=MANDATORY, no_private_link=OFF),
    frameworks=(nist("SC-7"),),
    check_estate=check,
    compliant=(example("one VPC", ali_instance(), ali_link()),),
    violating=(
        example("none", ali_instance()),
        example("one that is bound to another", ali_instance(), ali_link(of="cri-fabrikam")),
    ),
)
