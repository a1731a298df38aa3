"""Asks for the log of who signed in and what was pushed and pulled."""

from __future__ import annotations

from typing import Any

from registry_model.estate import relations, tokens
from registry_model.estate.model import Estate, Resource
from registry_model.estate.values import UNKNOWN, Unknown, as_bool, as_list, as_text, lookup

from ..examples import example, other, registry, registry_id
from ..frameworks import azure_policy, mcsb
from ..rule import MANDATORY, OFF, Config, Declared, Levels, Option, Problems, Rule, Severity, undetermined, violation

EVENTS = {"containerregistryloginevents", "containerregistryrepositoryevents"}
GROUPS = {"audit", "alllogs"}
DESTINATIONS = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId")


def check(estate: Estate, config: Config) -> Problems:
    if config["managed_elsewhere"]:
        return
    attached, doubtful = relations.attached(estate, tokens.DIAGNOSTICS, "resourceUri")
    for each in relations.registries(estate):
        settings = [s for s in attached.get(each, ()) if any(s.get(path) is not None for path in DESTINATIONS)]
        logged = {category for setting in settings for category in _enabled(setting)}
        if logged & GROUPS or logged >= EVENTS:
            continue
        elsewhere = any(reference.may_mean(each) for _, reference in doubtful)
        if elsewhere or "" in logged or any(setting.get("logs") is UNKNOWN for setting in settings):
            yield undetermined(each, "what a diagnostic setting logs, and of which registry")
        elif logged:
            yield violation(
                each,
                f"Registry {each.label} logs its sign-ins or its repository events, not both",
                without=(tokens.DIAGNOSTICS,),
            )
        else:
            yield violation(
                each,
                f"Registry {each.label} has no diagnostic setting that logs its events",
                without=(tokens.DIAGNOSTICS,),
            )


def _enabled(setting: Resource) -> list[str]:
    """The categories and groups that a setting logs; one that may be another, or be off, is the empty text."""
    found: list[str] = []
    logs = as_list(setting.get("logs"))
    for log in () if isinstance(logs, Unknown) else logs:
        enabled = as_bool(lookup(log, "enabled", False))
        if enabled is not True:
            found += [""] if enabled is UNKNOWN else []
            continue
        for value in (as_text(lookup(log, "category")), as_text(lookup(log, "categoryGroup"))):
            if value is not None:
                found.append(value if isinstance(value, str) else "")
    return found


def _setting(*logs: dict[str, Any], of: str = "contoso", workspace: str | None = "/workspaces/logs") -> Declared:
    arm = "Microsoft.Insights/diagnosticSettings/audit"
    return other(
        "monitor:DiagnosticSetting", "audit", arm, resourceUri=registry_id(of), workspaceId=workspace, logs=list(logs)
    )


def _category(name: str, *, enabled: bool = True) -> dict[str, Any]:
    return {"category": f"ContainerRegistry{name}", "enabled": enabled}


RULE = Rule(
    id="audit-logs",
    title="Sign-ins and repository events are logged",
    severity=Severity.HIGH,
    rationale="After an incident the question is who pulled or pushed what. Only these two logs answer it.",
    fix=(
        "Add a diagnostic setting on the registry with the category group audit (or both ContainerRegistryLoginEvents "
        "and ContainerRegistryRepositoryEvents) and a destination."
    ),
    fix_live=(
        "az monitor diagnostic-settings create --name audit --resource ID --workspace WORKSPACE --logs "
        '\'[{"categoryGroup": "audit", "enabled": true}]\', with the registry\'s id.'
    ),
    levels=Levels(baseline=OFF, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(mcsb("LT-3"), azure_policy("56288eb2-4350-461d-9ece-2bb242269dce")),
    references=("PSRule Azure.ACR.AuditLogs",),
    options={
        "managed_elsewhere": Option(
            {"type": "boolean"}, False, "Whether diagnostic settings are made elsewhere, by Azure Policy for example."
        )
    },
    needs=((tokens.DIAGNOSTICS,),),
    check_estate=check,
    compliant=(
        example("both categories", registry(), _setting(_category("LoginEvents"), _category("RepositoryEvents"))),
        example("the group audit", registry(), _setting({"categoryGroup": "audit", "enabled": True})),
        example("the group allLogs", registry(), _setting({"categoryGroup": "allLogs", "enabled": True})),
        example("managed elsewhere", registry(), managed_elsewhere=True),
    ),
    violating=(
        example("no setting", registry()),
        example("one category", registry(), _setting(_category("LoginEvents"))),
        example(
            "a category disabled",
            registry(),
            _setting(_category("LoginEvents"), _category("RepositoryEvents", enabled=False)),
        ),
        example("no destination", registry(), _setting({"categoryGroup": "audit", "enabled": True}, workspace=None)),
        example(
            "the setting of another registry",
            registry(),
            registry("other", "fabrikam"),
            _setting({"categoryGroup": "audit", "enabled": True}, of="fabrikam"),
        ),
    ),
)
