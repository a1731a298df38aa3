"""Forbids passwords that anybody can read."""

from __future__ import annotations

from registry_model.estate import tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import SECRET_SIGNATURE, SIGNATURE_KEY, SecretText

from ..examples import ali_instance, example
from ..frameworks import nist
from ..rule import MANDATORY, Config, Levels, Problems, Rule, Severity, violation

_SECRET = {SIGNATURE_KEY: SECRET_SIGNATURE, "plaintext": '"correct horse 1"'}


def check(instance: Resource, _config: Config) -> Problems:
    password = instance.get("password")
    if isinstance(password, str) and not isinstance(password, SecretText):
        yield violation(instance, f"The password of {instance.label} is plain text in the program and in the state")


RULE = Rule(
    id="ali-no-literal-password",
    title="Passwords of Alibaba Cloud registries are secrets",
    severity=Severity.CRITICAL,
    rationale=(
        "The fixed password of an instance opens every repository that its user may read. Written out, it is in the "
        "repository, in the state and in every log of a preview."
    ),
    fix=(
        "Use no fixed password, but short-lived tokens; else kms_encrypted_password, or a secret of the stack's "
        "configuration."
    ),
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(nist("IA-5"),),
    decision=(
        "The SDKs of Python, TypeScript, Go and .NET make a secret of the password whatever it comes from, so that "
        "this finds what YAML programs and hand-written states hold in the open. In policies of the CrossGuard SDK, "
        "which does not say what is secret, the password is taken for one."
    ),
    applies_to=(tokens.ALI_INSTANCE,),
    check_resource=check,
    compliant=(
        example("no password", ali_instance()),
        example("a secret", ali_instance(password=_SECRET)),
        example("encrypted by a key", ali_instance(kmsEncryptedPassword="cipher text")),
    ),
    violating=(example("plain text", ali_instance(password="correct horse 1")),),  # noqa: S106 - an example
)
