"""What a finding says to do: in the language of the document that declares the resource."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from registry_guard.rule import rules

from tests.model.live.standin import PRINTED
from tests.policies.check.checkkit import guard

# Words that only a Pulumi program knows.
PULUMI = re.compile(
    r"\b(protect|ignore_changes|ignoreChanges|retain_on_delete|pulumi|stack|ManagementLock|\w+:[A-Z]\w+)\b"
)
TEMPLATE = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "resources": [
        {
            "type": "Microsoft.ContainerRegistry/registries",
            "apiVersion": "2023-07-01",
            "name": "contoso",
            "location": "japaneast",
            "sku": {"name": "Premium"},
        }
    ],
}


def fixes(*words: str | Path) -> dict[str, str]:
    found = guard("check", *words, "--preset", "strict", "--json").json()["findings"]
    return {each["rule"]: each["fix"] for each in found if each["fix"]}


def test_a_template_is_told_types_and_properties(tmp_path: Path) -> None:
    file = tmp_path / "main.json"
    file.write_text(json.dumps(TEMPLATE))
    told = fixes(file)
    assert told["private-endpoint"] == (
        "Declare a Microsoft.Network/privateEndpoints with this registry's id and the group registry."
    )
    assert told["delete-lock"].startswith("Declare a Microsoft.Authorization/locks ")
    assert {rule for rule, fix in told.items() if PULUMI.search(fix)} == set()


def test_what_runs_already_is_told_commands() -> None:
    told = fixes(PRINTED)
    assert told["no-admin-user"].startswith("az acr update --name fabrikam --admin-enabled false")
    assert told["delete-lock"].startswith("az lock create ")
    assert {rule for rule, fix in told.items() if PULUMI.search(fix)} == set()


_AS_IT_IS = "its fix is in Azure's property names, and holds for what runs already"
_ANEW = "an endpoint's connections, addresses and subnet are set when it is made: no command changes them"
_RULES = "which command changes a firewall's rules depends on the kind of firewall; the fix says what they must hold"
# What `fix` says of rules on Azure's types serves the reader of live documents as well.
NO_COMMAND = {
    "cmk-sound": _AS_IT_IS,
    "endpoint-approval": _ANEW,
    "endpoint-group": _ANEW,
    "endpoint-static-ips": _ANEW,
    "endpoint-subnet-room": _ANEW,
    "endpoint-subscription": _ANEW,
    "escape-hatch": "a live document has no resource that it speaks of",
    "firewall-complete": _RULES,
    "firewall-no-wildcard": _RULES,
    "ignored-changes": "an option of Pulumi's",
    "no-service-endpoints": _AS_IT_IS,
    "registry-kept": "it speaks of an update",
    "registry-name": "a registry cannot be renamed",
    "zone-name": "a zone cannot be renamed",
    "zone-one-endpoint": _AS_IT_IS,
}


def test_every_rule_says_what_to_do_where_it_runs_already() -> None:
    without = {rule.id for rule in rules().values() if not rule.fix_live and not rule.id.startswith("ali-")}
    for rule in sorted(without - NO_COMMAND.keys()):
        file = f"policies/registry_guard/rules/{rule.replace('-', '_')}.py"
        pytest.fail(f"{file}: add `fix_live` with the command, or a line with the reason to NO_COMMAND in this test")
    assert not NO_COMMAND.keys() - without, "these have a fix_live now: shorten NO_COMMAND"


@pytest.mark.parametrize("field", ["fix_template", "fix_live"])
def test_no_rule_speaks_of_pulumi_alone(field: str) -> None:
    """But those on what only a Pulumi program has: options of its resources, and resources of Alibaba Cloud."""
    pulumis = {"ignored-changes", "registry-kept", "escape-hatch"} if field == "fix_live" else {"ignored-changes"}
    silent = {rule.id for rule in rules().values() if PULUMI.search(rule.fix) and not getattr(rule, field)}
    assert {rule for rule in silent if not rule.startswith("ali-")} <= pulumis
    for rule in rules().values():
        assert not PULUMI.search(getattr(rule, field)), rule.id
