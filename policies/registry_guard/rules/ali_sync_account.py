"""Forbids copies of images into accounts that were not named."""

from __future__ import annotations

from typing import Any

from registry_model.estate import tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN, as_written

from ..examples import ALI_ID, ali, ali_instance, example
from ..frameworks import nist
from ..rule import MANDATORY, Config, Declared, Levels, Option, Problems, Rule, Severity, undetermined, violation


def check(rule: Resource, config: Config) -> Problems:
    account = rule.get("targetUserId")
    if account is UNKNOWN:
        yield undetermined(rule, "targetUserId")
        return
    written = as_written(account)
    if written and written not in config["allowed"]:
        text = f"copies images into the account {written}, which is not one that was named"
        yield violation(rule, f"The sync rule {rule.label} {text}")


def _sync(**inputs: Any) -> Declared:
    given = {
        "instanceId": ALI_ID,
        "namespaceName": "team",
        "targetInstanceId": "cri-contoso-singapore",
        "targetNamespaceName": "team",
        "targetRegionId": "ap-southeast-1",
        "tagFilter": ".*",
        "syncRuleName": "singapore",
        **inputs,
    }
    kind = "cs/registryEnterpriseSyncRule:RegistryEnterpriseSyncRule"
    return ali(kind, "sync", f"{ALI_ID}:team:crsr-contoso", **given)


RULE = Rule(
    id="ali-sync-account",
    title="Sync rules copy into accounts that were named",
    severity=Severity.HIGH,
    rationale=(
        "A sync rule copies every image that is pushed into another instance. With target_user_id that is an instance "
        "of another account: whoever owns it has the images, and keeps them."
    ),
    fix="Remove target_user_id, or name the account in allowed.",
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(nist("AC-4"),),
    options={
        "allowed": Option(
            {"type": "array", "items": {"type": "string"}},
            [],
            "Accounts, by their UIDs, that images may be copied into.",
        )
    },
    applies_to=(tokens.ALI_SYNC_RULE,),
    check_resource=check,
    compliant=(
        example("the same account", ali_instance(), _sync()),
        example("an account that was named", ali_instance(), _sync(targetUserId="1234567890"), allowed=["1234567890"]),
    ),
    violating=(example("another account", ali_instance(), _sync(targetUserId="1234567890")),),
)
