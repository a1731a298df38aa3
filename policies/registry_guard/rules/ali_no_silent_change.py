"""Forbids changes that do nothing."""

from __future__ import annotations

from registry_model.alibaba.provider import WITHOUT_EFFECT
from registry_model.estate.model import Estate

from ..examples import ali_instance, example
from ..frameworks import nist
from ..rule import MANDATORY, Config, Levels, Problems, Rule, Severity, violation


def check(estate: Estate, _config: Config) -> Problems:
    for edit in estate.edits:
        for name in WITHOUT_EFFECT:
            if name.lower() in edit.changed:
                text = f"This update changes {name} of {edit.resource.label}, and the instance stays as it is"
                yield violation(
                    edit.resource, f"{text}: the provider sends it when it buys the subscription, never again"
                )


RULE = Rule(
    id="ali-no-silent-change",
    title="No update of an Alibaba Cloud registry changes nothing",
    severity=Severity.MEDIUM,
    rationale=(
        "Instance type, bucket, scanner, period and quotas are part of the order of a subscription. The provider takes "
        "a change of them, reports success, and does nothing; the program then says what is not so."
    ),
    fix=(
        "Take the change back. Change the subscription in the console or with the billing API, refresh, and then bring "
        "the program in line; never replace the instance for it, which buys a second subscription."
    ),
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(nist("CM-3"),),
    decision=(
        "Judged where the steps of an update are told: registry-guard check on a preview or a plan. The engine does "
        "not tell a policy pack what was before. EnterpriseRegistry refuses such a change by itself."
    ),
    check_estate=check,
    compliant=(
        example("nothing changes", ali_instance()),
        example("tags change", ali_instance(tags={"team": "a"}), edits={"instance": {"tags": {"team": "b"}}}),
    ),
    violating=(
        example("the type changes", ali_instance(), edits={"instance": {"instanceType": "Basic"}}),
        example("the scanner changes", ali_instance(imageScanner="SAS"), edits={"instance": {"imageScanner": None}}),
        example("a quota changes", ali_instance(), edits={"instance": {"vpcQuota": 3}}),
    ),
)
