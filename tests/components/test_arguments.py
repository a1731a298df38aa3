"""The shape of arguments: unknown keys, wrong types, missing settings, and outputs where none may be."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from private_registry import PrivateRegistryArgs
from private_registry.arguments import InvalidRegistryArgumentsError, accept, late_errors
from private_registry.azure.checks.private_registry import check_private_registry
from private_registry.problems import Problem

from tests.components.graph import run

SOUND: dict[str, Any] = {
    "registry_name": "contoso",
    "location": "japaneast",
    "resource_group_name": "rg-contoso",
    "network": {"virtual_network_prefix": "10.20.0.0/24", "subnet_prefix": "10.20.0.0/27"},
}


def problems(args: Any) -> list[Problem]:
    found: list[Problem] = []

    def program() -> None:
        try:
            accept("test", args, PrivateRegistryArgs, check_private_registry)
        except InvalidRegistryArgumentsError as error:
            found.extend(error.problems)

    run(program)
    return found


CASES: list[tuple[dict[str, Any], str, str, str]] = [
    ({"registryname": "x"}, "registryname", "is not a setting", "rename it to `registry_name`"),
    ({"wholly_else": 1}, "wholly_else", "is not a setting", "settings here: create_resource_group, dns,"),
    ({"settings": {"ip_rule": []}}, "settings.ip_rule", "is not a setting", "rename it to `ip_rules`"),
    ({"replicas": {"japanwest": {"zones": True}}}, 'replicas["japanwest"].zones', "is not a setting", "remove it"),
    ({"registry_name": ["x"]}, "registry_name", "must be a string", "give a string"),
    # What YAML makes of words that look like numbers or booleans; from other languages whole numbers are floats.
    ({"registry_name": 5}, "registry_name", "must be a string", 'write it in quotes: "5"'),
    ({"registry_name": 5.0}, "registry_name", "must be a string", 'write it in quotes: "5"'),
    ({"tags": {"a": 1.5}}, 'tags["a"]', "must be a string", 'write it in quotes: "1.5"'),
    ({"tags": {"b": True}}, 'tags["b"]', "must be a string", 'write it in quotes: "true"'),
    ({"private_endpoint": {"endpoint_name": 1}}, "private_endpoint.endpoint_name", "a string", 'in quotes: "1"'),
    ({"dns": {"mode": False}}, "dns.mode", "must be a string", 'write it in quotes: "false"'),
    ({"create_resource_group": "yes"}, "create_resource_group", "must be true or false", "give true or false"),
    ({"protect": "False"}, "protect", "must be true or false", "write it without quotes: false"),
    ({"protect": "1"}, "protect", "must be true or false", "give true or false"),
    ({"settings": {"retention_days": "7"}}, "settings.retention_days", "a whole number", "without quotes: 7"),
    ({"settings": {"retention_days": True}}, "settings.retention_days", "must be a whole number", "whole number"),
    ({"settings": {"retention_days": 1.5}}, "settings.retention_days", "must be a whole number", "whole number"),
    ({"replicas": ["japanwest"]}, "replicas", "must be a map", "keys with values"),
    ({"settings": {"ip_rules": "203.0.113.7"}}, "settings.ip_rules", "must be a list", "also of one"),
    ({"settings": "secure"}, "settings", "must be an object", "named settings"),
    ({"replicas": {"japanwest": "{}"}}, 'replicas["japanwest"]', "must be an object", "an object and not its text"),
    ({"tags": {"a": None}}, 'tags["a"]', "must be a string", "give a string"),
]


@pytest.mark.parametrize(("changes", "field", "rule", "fix"), CASES, ids=[c[1] for c in CASES])
def test_wrong_shape(changes: dict[str, Any], field: str, rule: str, fix: str) -> None:
    found = problems({**SOUND, **changes})
    assert [p.field for p in found] == [field], [p.text() for p in found]
    assert rule in found[0].rule
    assert fix in found[0].fix


def test_shape_and_sense_are_told_together() -> None:
    found = problems({**SOUND, "registry_name": "no-good", "profil": "private", "replicas": {"japaneast": {}}})
    assert [p.field for p in found] == ["profil", "registry_name", 'replicas["japaneast"]']


def test_missing_settings() -> None:
    found = problems({"network": SOUND["network"]})
    assert [(p.field, p.rule) for p in found] == [
        ("location", "is required"),
        ("registry_name", "is required"),
        ("resource_group_name", "is required"),
    ]


def test_none_is_as_good_as_absent() -> None:
    assert problems({**SOUND, "tags": None, "settings": None, "profile": None, "replicas": {"japanwest": None}}) == []


def test_numbers_of_other_languages_arrive_as_floats() -> None:
    assert problems({**SOUND, "settings": {"retention_days": 7.0}}) == []


@pytest.mark.parametrize("name", ["location", "profile", "replicas", "network", "settings", "create_resource_group"])
def test_what_decides_which_resources_exist_cannot_be_an_output(name: str) -> None:
    found: list[Problem] = []

    def program() -> None:
        args = {**SOUND, name: pulumi.Output.from_input(SOUND.get(name))}
        with pytest.raises(InvalidRegistryArgumentsError) as error:
            accept("test", args, PrivateRegistryArgs, check_private_registry)
        found.extend(error.value.problems)

    run(program)
    assert found[0].field == name
    assert "cannot be another resource's output" in found[0].rule


def test_an_awaitable_is_an_output_too() -> None:
    async def later() -> str:
        return "contoso"

    def program() -> dict[str, Any]:
        given = accept("test", {**SOUND, "registry_name": later()}, PrivateRegistryArgs, check_private_registry)
        return {"name": given["registry_name"]}

    assert run(program).outputs == {"name": "contoso"}


def test_what_is_wrong_with_an_output_is_told_as_the_host_asks() -> None:
    class ToldError(Exception):
        pass

    def program() -> dict[str, Any]:
        args = {**SOUND, "registry_name": pulumi.Output.from_input("no-good")}
        with late_errors(lambda error: ToldError(error.what, [p.field for p in error.problems])):
            given = accept("test", args, PrivateRegistryArgs, check_private_registry)
        return {"name": given["registry_name"]}

    with pytest.raises(ToldError, match=r"test.*registry_name"):
        run(program)
    with pytest.raises(pulumi.RunError, match="must have letters and digits only"):
        run(
            lambda: {
                "name": accept(
                    "test",
                    {**SOUND, "registry_name": pulumi.Output.from_input("no-good")},
                    PrivateRegistryArgs,
                    check_private_registry,
                )["registry_name"]
            }
        )


def test_a_secret_stays_a_secret() -> None:
    secret: list[bool] = []

    def program() -> dict[str, Any]:
        args = {**SOUND, "tags": {"cost": pulumi.Output.secret("42")}}
        given = accept("test", args, PrivateRegistryArgs, check_private_registry)
        tag = given["tags"]["cost"]

        async def look() -> None:
            secret.append(await tag.is_secret())

        return {"looked": pulumi.Output.from_input(look())}

    run(program)
    assert secret == [True]
