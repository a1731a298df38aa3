"""What a script's commands do to registries: each way to write one, with twins that only read or change others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from registry_guard.commands import CHANGES, MAY_CHANGE, effect
from registry_guard.engine import evaluate
from registry_model.estate.reading import estate_from_template

SITE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/web"


@pytest.mark.parametrize(
    "text",
    [
        "az acr update -n contoso --public-network-enabled true",
        "az acr \\\n  update -n contoso",
        "az acr \\\r\n update -n contoso",
        "az \\\n acr \\\n update",
        "az acr `\n  update -n contoso",
        "az --only-show-errors acr update -n contoso",
        "az --subscription s -o json acr --debug update",
        "az acr --output=none config --verbose retention update --status enabled",
        "az acr config authentication-as-arm update --status disabled",
        "az acr config content-trust update",
        "az acr network-rule remove --ip-address 1.2.3.4",
        "az acr replication delete -n westus",
        "AZ ACR UPDATE",
        "set -e; az acr update",
        "Update-AzContainerRegistry -Name contoso",
        "Add-AzContainerRegistryCacheRule",
        'az "acr" update',
        "az 'acr' \"update\"",
        "'az' acr update",
        "az a\"c\"r up''date",
        'az acr "--name" contoso "update"',
        'az --subscription "My Team" acr update',
        "az acr --subscription='My Team' update",
    ],
)
def test_commands_of_registries_change_one(text: str) -> None:
    assert effect([text]) == CHANGES


@pytest.mark.parametrize(
    "text",
    [
        "az acr config authentication-as-arm show -r contoso",
        "az acr config retention show",
        "az acr \\\n show -n update",
        "az --only-show-errors acr list",
        "az acr replication list",
        "az acr token list",
        "az acr repository delete -n contoso --image a:1",
        "# az acr update is for the portal\naz acr show",
        "# az \"acr\" 'update'\naz 'acr' \"show\" -n 'update'",
        'az --subscription "My Team" acr show -n "acr update"',
        "Get-AzContainerRegistry",
        "echo baz acr update",
        f"az resource update --ids {SITE} --set properties.httpsOnly=true",
        f"az rest --method patch --url https://management.azure.com{SITE}",
        "az resource \\\n show --ids $id",
        "az deployment group show -n d",
        "echo $*",
    ],
)
def test_commands_that_read_or_change_something_else(text: str) -> None:
    assert effect([text], "--name contoso", {"NAME": "contoso"}) == ""


@pytest.mark.parametrize(
    "text",
    [
        "az --only-show-errors rest --method patch --url $id",
        "az rest \\\n --method \\\n put --url $id",
        "az --debug resource update --ids $id",
        'az "rest" "--method" "patch" --url "$id"',
        "az resource update --ids /x/Microsoft.ContainerRegistry/registries/contoso --set a=b",
        f"az resource update --ids {SITE} --set a=b\naz resource update --ids $id --set a=b",
        "az deployment -o none group create --template-file x.json # Microsoft.Web/sites",
        "az stack sub create --template-uri https://x",
    ],
)
def test_commands_that_change_what_they_are_given_may_change_one(text: str) -> None:
    assert effect([text]) == MAY_CHANGE


@pytest.mark.parametrize("text", ["az $*", 'az "$@"', "az ${@}", "az $1 $2", "az \\\n $*"])
def test_arguments_are_filled_in(text: str) -> None:
    assert effect([text], "acr update --name contoso") == CHANGES
    assert effect([text], "acr show --name contoso") == ""
    assert effect([text]) == ""


@pytest.mark.parametrize("text", ["az $WHAT", "az ${WHAT} -n contoso", 'az "$what"', "az $env:WHAT"])
def test_variables_of_the_environment_are_filled_in(text: str) -> None:
    assert effect([text], variables={"WHAT": "acr update"}) == CHANGES
    assert effect([text], variables={"WHAT": "acr show"}) == ""
    assert effect([text], variables={"OTHER": "acr update"}) == ""


def test_a_long_script_is_read_once() -> None:
    assert effect(["az -a az " * 20_000]) == ""


@pytest.mark.parametrize(("verb", "kinds"), [("update", ["violation"]), ("show", [])])
@pytest.mark.parametrize(
    "how",
    [
        {"scriptContent": "az $*", "arguments": "acr {}"},
        {"scriptContent": "az acr $DO", "environmentVariables": [{"name": "DO", "value": "{}"}]},
        {"scriptContent": "az acr \\\n {}"},
    ],
)
def test_the_rule_reads_what_a_script_is_given(verb: str, kinds: list[str], how: dict[str, Any]) -> None:
    properties = json.loads(json.dumps(how).replace("{}", verb))
    script = {"type": "Microsoft.Resources/deploymentScripts", "name": "s", "properties": properties}
    found = evaluate(estate_from_template({"resources": [script]}), preset="strict")
    assert [each.kind for each in found if each.rule == "escape-hatch"] == kinds
