"""Asks for the name of the VPC endpoint in every VPC that shares it."""

from __future__ import annotations

from registry_model.estate import alicloud, tokens
from registry_model.estate.model import Estate, Resource
from registry_model.reach.alibaba.networks import vpcs
from registry_model.reach.alibaba.zones import answers_in

from ..examples import ali_attached, ali_instance, ali_link, ali_vpc, ali_zone, example
from ..frameworks import nist
from ..rule import MANDATORY, Config, Levels, Option, Problems, Rule, Severity, undetermined, violation


def check(estate: Estate, config: Config) -> Problems:
    links = alicloud.of_instance(estate, tokens.ALI_VPC_LINK)
    if not links:
        return
    around = vpcs(estate)
    attachments = {
        alicloud.refer(estate, each, prop, tokens.ALI_VPC).key: each
        for kind, prop in ((tokens.ALI_ROUTER_VPC, "vpcId"), (tokens.ALI_CEN_ATTACHMENT, "childInstanceId"))
        for each in estate.of(kind)
    }
    for instance, held in links.items():
        bound = {alicloud.refer(estate, link, "vpcId", tokens.ALI_VPC).key for link in held}
        sharing = {remote for vpc in bound if vpc in around for remote in around[vpc].peered} - bound
        for key in sorted(sharing):
            attachment = attachments.get(key)
            label = around[key].label
            if attachment is not None and not {key, label} & set(config["not_consumers"]):
                yield from _shared(estate, instance, key, label, attachment)


def _shared(estate: Estate, instance: Resource, key: str, label: str, attachment: Resource) -> Problems:
    answered = answers_in(estate, key, instance)
    if answered is None:
        yield undetermined(attachment, f"the private zone of the VPC '{label}'")
    elif not answered:
        text = "no private zone there has its record: the route is there and the name is not"
        yield violation(attachment, f"The VPC '{label}' has a way to the VPC endpoint of {instance.label}, and {text}")


RULE = Rule(
    id="ali-zone-shared",
    title="The registry's name resolves in every VPC that shares its VPC endpoint",
    severity=Severity.MEDIUM,
    rationale=(
        "The zone that the service makes is attached to the bound VPC alone. A VPC of another region or account that "
        "Cloud Enterprise Network connects with it has the route to the registry's address, and asks a name that "
        "nobody answers."
    ),
    fix=(
        "Declare a private zone with the same host and address, attached to that VPC; or name a VPC that pulls nothing "
        "in not_consumers."
    ),
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(nist("SC-20"),),
    options={
        "not_consumers": Option(
            {"type": "array", "items": {"type": "string"}},
            [],
            "VPCs, by id or name, that are connected with a bound VPC and pull nothing from its registry.",
        )
    },
    check_estate=check,
    compliant=(
        example(
            "a zone for the other VPC",
            ali_instance(),
            ali_vpc(),
            ali_link(),
            ali_vpc("consumer", "vpc-contoso-consumer", "10.1.0.0/16"),
            ali_attached("vpc-contoso", "here"),
            ali_attached("vpc-contoso-consumer", "there"),
            *ali_zone("vpc-contoso-consumer"),
        ),
        example(
            "two bound VPCs",
            ali_instance(),
            ali_vpc(),
            ali_link(),
            ali_vpc("second", "vpc-contoso-second", "10.1.0.0/16"),
            ali_link("second-link", "vpc-contoso-second"),
            ali_attached("vpc-contoso", "here"),
            ali_attached("vpc-contoso-second", "there"),
        ),
        example(
            "a VPC that pulls nothing",
            ali_instance(),
            ali_vpc(),
            ali_link(),
            ali_vpc("hub", "vpc-contoso-hub", "10.1.0.0/16"),
            ali_attached("vpc-contoso", "here"),
            ali_attached("vpc-contoso-hub", "there"),
            not_consumers=["hub"],
        ),
        example(
            "a VPC without connections",
            ali_instance(),
            ali_vpc(),
            ali_link(),
            ali_vpc("alone", "vpc-contoso-alone", "10.1.0.0/16"),
            ali_attached("vpc-contoso", "here"),
            ali_attached("vpc-contoso-alone", "there", "tr-contoso-other"),
        ),
    ),
    violating=(
        example(
            "connected, without a zone",
            ali_instance(),
            ali_vpc(),
            ali_link(),
            ali_vpc("consumer", "vpc-contoso-consumer", "10.1.0.0/16"),
            ali_attached("vpc-contoso", "here"),
            ali_attached("vpc-contoso-consumer", "there"),
        ),
        example(
            "a zone that is not attached there",
            ali_instance(),
            ali_vpc(),
            ali_link(),
            ali_vpc("consumer", "vpc-contoso-consumer", "10.1.0.0/16"),
            ali_attached("vpc-contoso", "here"),
            ali_attached("vpc-contoso-consumer", "there"),
            *ali_zone("vpc-contoso-elsewhere"),
        ),
    ),
)
