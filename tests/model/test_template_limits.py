"""Templates made to cost: each ends with the finding that says why, and what is beyond its limit is unknown.

How long each takes and how much memory it holds is measured by hand, as a ratio to a plain file of its size.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from registry_guard.engine import evaluate
from registry_model.estate.reading import estate_from_template
from registry_model.estate.templates import Declared, budget, open_template
from registry_model.estate.templates.budget import Budget, ExceededError, Limit
from registry_model.estate.values import UNKNOWN, Hidden, plain

KIND = "Microsoft.ContainerRegistry/registries"


def registry(name: str = "contoso", **properties: Any) -> dict[str, Any]:
    body = {"type": KIND, "apiVersion": "2023-07-01", "name": name, "location": "japaneast", "sku": {"name": "Premium"}}
    private = {"publicNetworkAccess": "Disabled", "dataEndpointEnabled": True}
    return {**body, "properties": {**private, **properties}}


def admin(expression: str, **parts: Any) -> dict[str, Any]:
    """A template whose registry has an admin user if the expression says so."""
    return {"resources": [registry(adminUserEnabled=f"[{expression}]")], **parts}


def module(inner: dict[str, Any], **parts: Any) -> dict[str, Any]:
    properties = {"mode": "Incremental", "expressionEvaluationOptions": {"scope": "inner"}, "template": inner}
    return {"type": "Microsoft.Resources/deployments", "name": "m", "properties": properties, **parts}


def doubling(first: Any, call: str, times: int = 30) -> dict[str, Any]:
    """Variables, each made of the one before it twice."""
    return {"v0": first, **{f"v{i}": call.format(f"variables('v{i - 1}')") for i in range(1, times + 1)}}


def nested(deployments: int) -> dict[str, Any]:
    template: dict[str, Any] = admin("true()")
    for _ in range(deployments):
        template = {"resources": [module(template)]}
    return template


def loops(levels: int) -> dict[str, Any]:
    loop = {"name": "c", "count": 800}
    template: dict[str, Any] = {"resources": [{**registry("[format('c{0}', copyIndex())]"), "copy": loop}]}
    for _ in range(levels - 1):
        template = {"resources": [module(template, copy=loop)]}
    return template


CALLS_ITSELF = [
    {
        "namespace": "f",
        "members": {
            "f": {
                "parameters": [{"name": "x", "type": "int"}],
                "output": {"type": "int", "value": "[add(f.f(parameters('x')), f.f(parameters('x')))]"},
            }
        },
    }
]
OBJECT = doubling({"a": 1}, "[createObject('l', {0}, 'r', {0})]")
LISTS = doubling(["x"], "[createArray({0}, {0})]")
LONG = "x" * 100_000

HOSTILE: dict[str, tuple[Callable[[], dict[str, Any]], Limit]] = {
    "texts that double": (
        lambda: admin("variables('v30')", variables=doubling("x" * 32, "[concat({0}, {0})]")),
        budget.TEXT,
    ),
    "lists that double": (
        lambda: admin("variables('v30')", variables=doubling(["x"], "[concat({0}, {0})]")),
        budget.ITEMS,
    ),
    "lists of lists": (lambda: admin("string(variables('v30'))", variables=LISTS), budget.VALUES),
    "lists of lists, compared": (
        lambda: admin("equals(variables('v30'), variables('v29'))", variables=LISTS),
        budget.VALUES,
    ),
    "objects of objects": (lambda: admin("string(variables('v30'))", variables=OBJECT), budget.VALUES),
    "objects of objects, as they are": (lambda: admin("variables('v30')", variables=OBJECT), budget.VALUES),
    "objects that are written twice": (
        lambda: admin(
            "variables('v30')",
            variables={"v0": {"a": 1}}
            | {f"v{i}": {"l": f"[variables('v{i - 1}')]", "r": f"[variables('v{i - 1}')]"} for i in range(1, 31)},
        ),
        budget.VALUES,
    ),
    "a range": (lambda: admin("empty(range(0, 2147483647))"), budget.ITEMS),
    "padding": (lambda: admin("empty(padLeft('a', 2000000000))"), budget.TEXT),
    "a format that repeats": (
        lambda: admin("format('" + "{0}" * 7000 + "', variables('a'))", variables={"a": LONG}),
        budget.TEXT,
    ),
    "a list that is joined": (
        lambda: admin("join(range(0, 9999), variables('a'))", variables={"a": LONG}),
        budget.TEXT,
    ),
    "a replacement": (
        lambda: admin(
            "replace(replace(variables('a'), 'x', variables('b')), 'x', 'yyyy')",
            variables={"a": "x" * 1000, "b": "x" * 1000},
        ),
        budget.TEXT,
    ),
    "a reduction that doubles": (
        lambda: admin(
            "reduce(range(0, 9999), 'x', lambda('a', 'b', concat(lambdaVariables('a'), lambdaVariables('a'))))"
        ),
        budget.TEXT,
    ),
    "a reduction of lists": (
        lambda: admin(
            "reduce(range(0, 9999), createArray(1), "
            "lambda('a', 'b', createArray(lambdaVariables('a'), lambdaVariables('a'))))"
        ),
        budget.VALUES,
    ),
    "lambdas in lambdas": (
        lambda: admin("length(map(range(0, 9999), lambda('a', map(range(0, 9999), lambda('b', 1)))))"),
        budget.STEPS,
    ),
    "lists compared with each other": (
        lambda: admin(
            "empty(intersection(range(0, 9999), map(range(0, 9999), lambda('i', sub(0, lambdaVariables('i'))))))"
        ),
        budget.STEPS,
    ),
    "a function that calls itself": (lambda: admin("f.f(1)", functions=CALLS_ITSELF), budget.NESTING),
    "variables in a chain": (
        lambda: admin("variables('v0')", variables={f"v{i}": f"[variables('v{i + 1}')]" for i in range(3000)}),
        budget.NESTING,
    ),
    "10,000 brackets": (lambda: admin("createArray(" * 10_000 + ")" * 10_000), budget.EXPRESSION),
    "brackets within the length": (lambda: admin("not(" * 3000 + "true()" + ")" * 3000), budget.NESTING),
    "indices": (lambda: admin("variables('a')" + "[0]" * 7000, variables={"a": []}), budget.NESTING),
    "members": (lambda: admin("variables('a')" + ".a" * 11_000, variables={"a": {}}), budget.NESTING),
    "an expression of 5 MB": (lambda: admin("concat('" + "x" * 5_000_000 + "')"), budget.EXPRESSION),
    "a million quotes": (lambda: admin("'" * 1_000_001), budget.EXPRESSION),
    "copies": (lambda: {"resources": [{**registry(), "copy": {"name": "c", "count": 2_000_000_000}}]}, budget.COPIES),
    "copies in copies": (lambda: loops(3), budget.RESOURCES),
    "a property that repeats": (
        lambda: {
            "resources": [registry(ipRules={"copy": [{"name": "a", "count": 10**9, "input": {"value": "::/0"}}]})]
        },
        budget.ITEMS,
    ),
    "deployments in deployments": (lambda: nested(40), budget.DEPLOYMENTS),
}


def opened(template: dict[str, Any]) -> list[Declared | Hidden]:
    return open_template(plain(json.loads(json.dumps(template))))


@pytest.mark.parametrize(("make", "limit"), HOSTILE.values(), ids=HOSTILE)
def test_a_template_that_asks_for_too_much_is_said_to_and_fails_strict(
    make: Callable[[], dict[str, Any]], limit: Limit
) -> None:
    template = make()
    hidden = [each for each in opened(template) if isinstance(each, Hidden)]
    assert f"it asks for {limit.text}" in {each.text for each in hidden}
    assert all(each.registry for each in hidden)
    found = {finding.rule for finding in evaluate(estate_from_template(template), preset="strict") if finding.mandatory}
    assert "escape-hatch" in found


@pytest.mark.parametrize(("make", "limit"), HOSTILE.values(), ids=HOSTILE)
def test_a_value_beyond_a_limit_is_unknown(make: Callable[[], dict[str, Any]], limit: Limit) -> None:
    bodies = [each.body["properties"] for each in opened(make()) if isinstance(each, Declared)]
    assert [
        body for body in bodies if body is not UNKNOWN and body.get("adminuserenabled", UNKNOWN) is not UNKNOWN
    ] == []


def test_what_is_large_and_written_out_is_no_luxury() -> None:
    resources = [
        registry(f"c{i}", adminUserEnabled="[not(variables('on'))]") for i in range(budget.RESOURCES.value + 500)
    ]
    made = opened({"resources": resources, "variables": {"on": True}})
    assert len(made) == len(resources)
    assert all(isinstance(each, Declared) and each.body["properties"]["adminuserenabled"] is False for each in made)


def test_modules_that_ask_each_other_end() -> None:
    def asks(one: int, other: int) -> dict[str, Any]:
        called = [
            f"reference(resourceId('Microsoft.Resources/deployments', 'm{i}')).outputs.x.value" for i in (one, other)
        ]
        inner = {
            "resources": [registry(f"c{one}", adminUserEnabled="[parameters('p')]")],
            "parameters": {"p": {"type": "string"}},
            "outputs": {"x": {"type": "string", "value": "[parameters('p')]"}},
        }
        made = module(inner, name=f"m{one - 1}")
        made["properties"]["parameters"] = {"p": {"value": f"[concat({', '.join(called)})]"}}
        return made

    made = [
        each
        for each in opened({"resources": [asks(i + 1, (i + 2) % 300) for i in range(300)]})
        if isinstance(each, Declared)
    ]
    assert len(made) == 300
    assert {str(each.body["properties"]["adminuserenabled"]) for each in made} == {str(UNKNOWN)}


def test_a_budget_counts_what_is_written_once_and_only_when_it_is_needed() -> None:
    asked: list[int] = []

    def written() -> tuple[int, int]:
        asked.append(1)
        return 10, 2

    held = Budget(written)
    held.spend(budget.STEPS.value)
    assert asked == []
    held.spend(20)
    assert asked == [1]
    with pytest.raises(ExceededError):
        held.spend()
    assert asked == [1]


def test_each_limit_is_named_once() -> None:
    assert len({limit.name for limit in budget.LIMITS}) == len(budget.LIMITS)
    defined = {value for value in vars(budget).values() if isinstance(value, Limit)}
    assert defined == set(budget.LIMITS)
