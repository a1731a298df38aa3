"""Asks for protection against deletion."""

from __future__ import annotations

from registry_model.estate import tokens
from registry_model.estate.model import Resource

from ..examples import ali_instance, example
from ..frameworks import nist
from ..rule import MANDATORY, OFF, Config, Levels, Problems, Rule, Severity, violation


def check(instance: Resource, _config: Config) -> Problems:
    if not instance.options.protect:
        yield violation(
            instance, f"{instance.label} can be deleted: protect does not hold it, and the service has no lock"
        )


RULE = Rule(
    id="ali-protected",
    title="Alibaba Cloud registries cannot be deleted by accident",
    severity=Severity.MEDIUM,
    rationale=(
        "Deleting an instance refunds its subscription at once, with every image in it. The service has no protection "
        "against deletion; Pulumi's protect is the only one."
    ),
    fix="Set protect on the instance, and retain_on_delete where it may outlive the stack.",
    levels=Levels(baseline=OFF, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(nist("CP-9"),),
    applies_to=(tokens.ALI_INSTANCE,),
    check_resource=check,
    compliant=(example("protected", ali_instance()),),
    violating=(example("not protected", ali_instance(more={"protect": False})),),
)
