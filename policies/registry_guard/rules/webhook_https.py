"""Forbids webhooks without TLS."""

from __future__ import annotations

from registry_model.estate import tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN, as_text

from ..examples import child, example
from ..frameworks import mcsb
from ..rule import MANDATORY, Config, Levels, Problems, Rule, Severity, undetermined, violation


def check(webhook: Resource, _config: Config) -> Problems:
    uri = as_text(webhook.get("serviceUri"))
    if uri is UNKNOWN:
        yield undetermined(webhook, "serviceUri")
    elif uri is not None and not uri.startswith("https://"):
        # The address may hold a credential, so it is not repeated.
        yield violation(webhook, f"Webhook {webhook.label} sends its events without TLS")


RULE = Rule(
    id="webhook-https",
    title="Webhooks use HTTPS",
    severity=Severity.MEDIUM,
    rationale="A webhook carries repository names and, in its headers, credentials; without TLS the path reads them.",
    fix="Use an https:// address in serviceUri.",
    fix_live="az acr webhook update --registry REGISTRY --name WEBHOOK --uri https://…",
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(mcsb("DP-3"),),
    references=("Checkov CKV2_AZURE_30",),
    applies_to=(tokens.WEBHOOK,),
    check_resource=check,
    compliant=(
        example("https", child("Webhook", "hook", serviceUri="https://hooks.example.com/registry")),
        example("https, in capitals", child("Webhook", "hook", serviceUri="HTTPS://hooks.example.com/registry")),
    ),
    violating=(
        example("http", child("Webhook", "hook", serviceUri="http://hooks.example.com/registry")),
        example("http, in capitals", child("Webhook", "hook", serviceUri="HTTP://hooks.example.com/registry")),
    ),
)
