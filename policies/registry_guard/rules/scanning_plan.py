"""Asks for the plan that scans images."""

from __future__ import annotations

from registry_model.estate import relations, tokens
from registry_model.estate.model import Estate, Resource
from registry_model.estate.values import UNKNOWN, as_text

from ..examples import example, other, registry
from ..frameworks import azure_policy, cis, mcsb
from ..rule import ADVISORY, OFF, Config, Declared, Levels, Option, Problems, Rule, Severity, undetermined, violation


def _is_containers(plan: Resource) -> bool:
    return plan.arm_name == "containers" or as_text(plan.props.get("pricingname")) == "containers"


def check(estate: Estate, config: Config) -> Problems:
    if config["managed_elsewhere"]:
        return
    tiers = [as_text(plan.get("pricingTier")) for plan in estate.of(tokens.PRICING) if _is_containers(plan)]
    if "standard" in tiers:
        return
    for each in relations.registries(estate):
        if UNKNOWN in tiers:
            yield undetermined(each, "the tier of the Containers plan")
        else:
            yield violation(
                each, f"Nothing here has the images of registry {each.label} scanned", without=(tokens.PRICING,)
            )


def _plan(tier: str) -> Declared:
    return other(
        "security:Pricing",
        "containers",
        "Microsoft.Security/pricings/Containers",
        pricingName="Containers",
        pricingTier=tier,
    )


RULE = Rule(
    id="scanning-plan",
    title="Images are scanned by Defender for Containers",
    severity=Severity.MEDIUM,
    rationale="An image that was clean when it was pushed is not clean for ever; the plan scans what is stored.",
    fix=(
        "Declare security:Pricing named Containers with the tier Standard, or set managed_elsewhere where another "
        "stack does it for the subscription."
    ),
    fix_template=(
        "Declare a Microsoft.Security/pricings named Containers with the tier Standard, or set "
        "managed_elsewhere where another deployment does it for the subscription."
    ),
    fix_live=(
        "az security pricing create --name Containers --tier Standard, or set managed_elsewhere where "
        "somebody else sees to it."
    ),
    levels=Levels(baseline=OFF, strict=ADVISORY, no_private_link=ADVISORY),
    frameworks=(cis("5.0.0", "8.1.4.1"), mcsb("PV-5"), azure_policy("090c7b07-b4ed-4561-ad20-e9075f3ccaff")),
    references=("Checkov CKV_AZURE_163",),
    options={
        "managed_elsewhere": Option(
            {"type": "boolean"}, False, "Whether the subscription's plan is set by another stack."
        )
    },
    needs=((tokens.PRICING,),),
    check_estate=check,
    compliant=(
        example("the plan", registry(), _plan("Standard")),
        example("managed elsewhere", registry(), managed_elsewhere=True),
        example("no registry", other("network:VirtualNetwork", "network")),
    ),
    violating=(
        example("no plan", registry()),
        example("the free tier", registry(), _plan("Free")),
    ),
)
