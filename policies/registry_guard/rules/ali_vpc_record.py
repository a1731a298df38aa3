"""Asks for the name of the VPC endpoint in every bound VPC."""

from __future__ import annotations

from registry_model.alibaba.editions import IMAGES
from registry_model.estate import alicloud, tokens
from registry_model.estate.model import Estate
from registry_model.estate.values import UNKNOWN, as_text
from registry_model.reach.alibaba.zones import answers_in

from ..examples import ali_instance, ali_link, ali_vpc, ali_zone, example
from ..frameworks import nist
from ..rule import MANDATORY, Config, Levels, Problems, Rule, Severity, undetermined, violation


def check(estate: Estate, _config: Config) -> Problems:
    for link in estate.of(tokens.ALI_VPC_LINK):
        written = alicloud.writes_record(link)
        if written is True or as_text(link.get("moduleName")) not in (IMAGES.lower(), UNKNOWN):
            continue
        vpc = alicloud.refer(estate, link, "vpcId", tokens.ALI_VPC)
        answered = answers_in(estate, vpc.key, alicloud.instance_of(estate, link).one)
        if answered is True:
            continue
        if written is UNKNOWN:
            yield undetermined(link, "enableCreateDnsRecordInPvzt")
        elif answered is None:
            yield undetermined(link, "the private zone of its VPC")
        else:
            text = "has no record for the registry in its VPC: the address is there and the name is not"
            yield violation(link, f"The link {link.label} {text}")


RULE = Rule(
    id="ali-vpc-record",
    title="The registry's name resolves in every bound VPC",
    severity=Severity.HIGH,
    rationale=(
        "Binding a VPC gives the registry an address in its vSwitch. The record that leads there is written only with "
        "enable_create_dns_record_in_pvzt, which is off unless it is asked for; the name is in no public DNS."
    ),
    fix=(
        "Set enable_create_dns_record_in_pvzt to true; or declare a private zone with the record, attached to the VPC."
    ),
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(nist("SC-20"),),
    check_estate=check,
    compliant=(
        example("the service writes it", ali_instance(), ali_link()),
        example("your own zone", ali_instance(), ali_vpc(), ali_link(record=None), *ali_zone("vpc-contoso")),
    ),
    violating=(
        example("not requested", ali_instance(), ali_link(record=None)),
        example("switched off", ali_instance(), ali_link(record=False)),
        example(
            "a zone of another VPC",
            ali_instance(),
            ali_vpc(),
            ali_link(record=None),
            *ali_zone("vpc-contoso-other"),
        ),
        example(
            "a zone for the Internet name",
            ali_instance(),
            ali_vpc(),
            ali_link(record=None),
            *ali_zone("vpc-contoso", host="contoso-registry.ap-northeast-1.cr.aliyuncs.com"),
        ),
    ),
)
