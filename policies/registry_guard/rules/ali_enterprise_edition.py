"""Forbids registries of Personal Edition."""

from __future__ import annotations

from registry_model.estate import alicloud, tokens
from registry_model.estate.model import Resource

from ..examples import ali, ali_instance, example
from ..frameworks import nist
from ..rule import MANDATORY, Config, Levels, Problems, Rule, Severity, violation

WORDS = {tokens.ALI_PERSONAL_NAMESPACE: "namespace", tokens.ALI_PERSONAL_REPOSITORY: "repository"}


def check(resource: Resource, _config: Config) -> Problems:
    what = f"{WORDS[resource.type]} {resource.label} ({alicloud.shown_name(resource)})"
    yield violation(resource, f"The {what} is one of Personal Edition, whose Internet endpoint nobody can close")


RULE = Rule(
    id="ali-enterprise-edition",
    title="Registries of Alibaba Cloud are Enterprise Edition instances",
    severity=Severity.HIGH,
    rationale=(
        "Personal Edition has no access control: its Internet endpoint cannot be turned off, and its VPC endpoint "
        "answers every VPC of the region, of any account. It has no service level either."
    ),
    fix="Use an Enterprise Edition instance: cr.RegistryEnterpriseInstance, cs.RegistryEnterpriseNamespace and Repo.",
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(nist("AC-3"), nist("SC-7")),
    applies_to=tuple(WORDS),
    check_resource=check,
    compliant=(example("an Enterprise Edition instance", ali_instance()),),
    violating=(
        example(
            "a namespace of Personal Edition",
            ali(
                "cr/namespace:Namespace",
                "namespace",
                "team",
                name="team",
                autoCreate=False,
                defaultVisibility="PRIVATE",
            ),
        ),
        example(
            "a repository of Personal Edition",
            ali(
                "cr/repo:Repo",
                "repository",
                "team/app",
                namespace="team",
                name="app",
                repoType="PRIVATE",
                summary="app",
            ),
        ),
    ),
)
