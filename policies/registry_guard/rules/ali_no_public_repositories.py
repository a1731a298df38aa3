"""Forbids repositories that everybody may pull from."""

from __future__ import annotations

from registry_model.alibaba.editions import PUBLIC
from registry_model.estate import tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN, as_text

from ..examples import ALI_ID, ali, ali_instance, example
from ..frameworks import nist
from ..rule import MANDATORY, Config, Declared, Levels, Problems, Rule, Severity, undetermined, violation

NAMESPACES = (tokens.ALI_NAMESPACE, tokens.ALI_PERSONAL_NAMESPACE)


def check(resource: Resource, _config: Config) -> Problems:
    prop = "defaultVisibility" if resource.type in NAMESPACES else "repoType"
    value = as_text(resource.get(prop))
    if value is UNKNOWN:
        yield undetermined(resource, prop)
    elif value == PUBLIC.lower():
        what = "makes new repositories public" if resource.type in NAMESPACES else "is public"
        yield violation(
            resource, f"{resource.label} {what} ({prop} {PUBLIC}): whoever reaches it pulls without signing in"
        )


def _namespace(visibility: str | None) -> Declared:
    return ali(
        "cs/registryEnterpriseNamespace:RegistryEnterpriseNamespace",
        "namespace",
        f"{ALI_ID}:team",
        instanceId=ALI_ID,
        name="team",
        autoCreate=True,
        defaultVisibility=visibility,
    )


def _repository(kind: str) -> Declared:
    return ali(
        "cs/registryEnterpriseRepo:RegistryEnterpriseRepo",
        "repository",
        f"{ALI_ID}:team:app",
        instanceId=ALI_ID,
        namespace="team",
        name="app",
        repoType=kind,
        summary="app",
    )


RULE = Rule(
    id="ali-no-public-repositories",
    title="Namespaces and repositories of Alibaba Cloud are private",
    severity=Severity.HIGH,
    rationale=(
        "A public repository gives its images to everybody who reaches an endpoint of the instance, without a "
        "password. A namespace with the default PUBLIC makes every new repository one."
    ),
    fix="Set repo_type, and default_visibility of namespaces, to PRIVATE.",
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(nist("AC-3"),),
    applies_to=(*NAMESPACES, tokens.ALI_REPOSITORY, tokens.ALI_PERSONAL_REPOSITORY),
    check_resource=check,
    compliant=(
        example("a private namespace", ali_instance(), _namespace("PRIVATE")),
        example("a namespace with the service's own default", ali_instance(), _namespace(None)),
        example("a private repository", ali_instance(), _repository("PRIVATE")),
    ),
    violating=(
        example("a public namespace", ali_instance(), _namespace("PUBLIC")),
        example("a public repository", ali_instance(), _repository("PUBLIC")),
        example("public, in lower case", ali_instance(), _repository("public")),
        example(
            "a public repository of Personal Edition",
            ali(
                "cr/repo:Repo", "repository", "team/app", namespace="team", name="app", repoType="PUBLIC", summary="app"
            ),
        ),
    ),
)
