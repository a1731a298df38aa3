"""Forbids repository-scoped tokens: passwords that outlive their users."""

from __future__ import annotations

from registry_model.azure import defaults
from registry_model.estate import tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN, as_text

from ..examples import child, example
from ..frameworks import azure_policy, mcsb
from ..rule import ADVISORY, MANDATORY, OFF, Config, Levels, Option, Problems, Rule, Severity, undetermined, violation


def check(token: Resource, config: Config) -> Problems:
    status = as_text(token.get("status", defaults.TOKEN["status"]))
    allowed = {name.lower() for name in config["allow"]}
    if status == "disabled" or token.arm_name in allowed or token.name.lower() in allowed:
        return
    if status is UNKNOWN:
        yield undetermined(token, "status")
    else:
        yield violation(token, f"Token {token.label} is enabled: a password for the registry without an identity")


RULE = Rule(
    id="repository-tokens-off",
    title="No repository-scoped token is enabled",
    severity=Severity.MEDIUM,
    rationale=(
        "A token's passwords belong to nobody, need not expire and work wherever the registry is reached. Managed "
        "identities and Entra sign-in do the same with a name and an end."
    ),
    fix="Set status to disabled, or list the token in allow with a reason to keep it.",
    fix_live=(
        "az acr token update --registry REGISTRY --name TOKEN --status disabled, or list the token in allow "
        "with a reason to keep it."
    ),
    levels=Levels(baseline=OFF, strict=MANDATORY, no_private_link=ADVISORY),
    frameworks=(mcsb("IM-1"), azure_policy("ff05e24e-195c-447e-b322-5e90c9f9f366")),
    options={
        "allow": Option(
            {"type": "array", "items": {"type": "string"}},
            [],
            "Tokens that may be enabled, by Azure name or logical name (connected registries need one each).",
        )
    },
    applies_to=(tokens.TOKEN,),
    check_resource=check,
    compliant=(
        example("disabled", child("Token", "reader", status="disabled")),
        example("allowed by name", child("Token", "reader", tokenName="reader"), allow=["reader"]),
    ),
    violating=(
        example("enabled", child("Token", "reader", status="enabled")),
        example("not set: Azure's default is enabled", child("Token", "reader")),
        # Only the state holds this name, and the engine shows the token to the rule before there is one.
        example(
            "allowed by name, and the provider chooses the name",
            {**child("Token", "app"), "outputs": {"name": "reader"}},
            allow=["reader"],
        ),
    ),
)
