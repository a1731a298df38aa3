"""What no rule can read is said by its own name, one finding each, and fails where the team wants that."""

from __future__ import annotations

from typing import Any

import pytest
from registry_guard import settings
from registry_guard.engine import Evaluator, Finding
from registry_model.estate.reading import estate_from_states, estate_from_template
from registry_model.estate.values import UNKNOWN

from tests.policies.template_twins import DEPLOYMENTS, module, registry, template

LINK = {"templateLink": {"uri": "https://x/acr.json"}}


def found(declared: dict[str, Any], preset: str = "baseline", document: dict[str, Any] | None = None) -> list[Finding]:
    made = Evaluator(settings.load(document, preset=preset)).judge(estate_from_template(declared))
    return [each for each in made if each.rule == "escape-hatch"]


def linked(name: str) -> dict[str, Any]:
    return {
        "type": DEPLOYMENTS,
        "apiVersion": "2022-09-01",
        "name": name,
        "properties": {"mode": "Incremental", **LINK},
    }


def script(**properties: Any) -> dict[str, Any]:
    made = {
        "type": "Microsoft.Resources/deploymentScripts",
        "apiVersion": "2023-08-01",
        "name": "s",
        "kind": "AzureCLI",
        "properties": {"azCliVersion": "2.60.0", **properties},
    }
    return template(registry(), made, parameters={"given": {"type": "string"}})


def test_each_linked_deployment_is_one_finding_by_its_own_name() -> None:
    declared = template(registry(), linked("storage"), linked("registry"))
    assert [each.message for each in found(declared)] == [
        f"Note: Deployment '{name}' cannot be judged, and may carry a registry: its template is linked and not shown "
        "here."
        for name in ("storage", "registry")
    ]


UNREADABLE = {
    "a linked template": template(registry(), linked("m")),
    "a template that nobody gives": template(
        registry(), module("[parameters('t')]"), parameters={"t": {"type": "object"}}
    ),
    "a script by its address": script(primaryScriptUri="https://x/y.sh"),
    "scripts beside the script": script(scriptContent="./y.sh", supportingScriptUris=["https://x/y.sh"]),
    "az acr update": script(scriptContent="az acr update -n contoso --public-network-enabled true"),
    "az acr delete": script(scriptContent="az acr delete -n contoso --yes"),
    "az rest": script(
        scriptContent="id=$(az acr show -n contoso --query id)\naz rest --method patch --url $id --body x"
    ),
    "az rest in lines": script(scriptContent="az rest \\\n  --url $id \\\n  -m PUT"),
    "az resource": script(scriptContent="az resource update --ids $id --set properties.adminUserEnabled=true"),
    "az deployment": script(scriptContent="az deployment group create -g rg --template-uri https://x"),
    "PowerShell": script(scriptContent="Invoke-AzRestMethod -Path $id -Method PATCH -Payload $p"),
    "a new resource": script(scriptContent="New-AzResourceGroupDeployment -TemplateUri https://x"),
    "curl": script(scriptContent="curl -XPATCH https://management.azure.com$id -d @body.json"),
}


@pytest.mark.parametrize("declared", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_a_note_and_a_violation_where_wanted(declared: dict[str, Any]) -> None:
    wanted = {"escape-hatch": {"unreadable": "violation"}}
    assert [(each.kind, each.mandatory) for each in found(declared)] == [("note", False)]
    assert [(each.kind, each.mandatory) for each in found(declared, document=wanted)] == [("violation", True)]
    assert [(each.kind, each.mandatory) for each in found(declared, "strict")] == [("violation", True)]


def test_a_script_that_nobody_gives_is_undetermined() -> None:
    declared = script(scriptContent="[parameters('given')]")
    assert [(each.kind, each.mandatory) for each in found(declared)] == [("undetermined", False)]
    (finding,) = found(declared, "strict")
    assert (finding.kind, finding.mandatory) == ("undetermined", True)
    assert "('given')" in finding.message


def test_a_command_of_a_program_that_preview_cannot_know_fails_nothing() -> None:
    state = {
        "urn": "urn:pulumi:dev::p::command:local:Command::c",
        "type": "command:local:Command",
        "inputs": {"create": UNKNOWN},
    }
    made = Evaluator(settings.load(preset="strict")).judge(estate_from_states([state]))
    assert [(each.rule, each.kind, each.mandatory) for each in made] == [("escape-hatch", "undetermined", False)]


READABLE = {
    "an import": script(scriptContent="az acr import -n contoso --source mcr.microsoft.com/hello-world:latest"),
    "a build": script(scriptContent="az acr build -r contoso ."),
    "what az rest reads": script(scriptContent="az rest --method get --url $id"),
    "a post to somebody else": script(scriptContent="curl -X POST https://chat.example/hook -d done"),
    "no other scripts": script(scriptContent="az acr show -n contoso", supportingScriptUris=[]),
    "a nested template": template(module(template(registry()))),
}


@pytest.mark.parametrize("declared", READABLE.values(), ids=READABLE)
def test_what_changes_no_registry_passes_strict(declared: dict[str, Any]) -> None:
    assert found(declared, "strict") == []


def test_an_exemption_lets_a_linked_template_pass() -> None:
    entry = {"rule": "escape-hatch", "resource": "template", "reason": "r", "owner": "o", "expires": "2999-01-01"}
    document = {"registry-guard": {"exemptions": [entry]}}
    assert [each.kind for each in found(template(linked("m")), "strict", document)] == ["exempted"]
