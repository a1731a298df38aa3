"""What holds for every component, so that a new one cannot leave it out: it is public, and its settings are checked."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

import private_registry
import pulumi
import pytest
from private_registry import package
from private_registry.arguments import InvalidRegistryArgumentsError, fields, plain_type
from private_registry.problems import Problem, inside, key

from tests.components.graph import run

COMPONENTS = package.components()
ROOM = Path(str(private_registry.__file__)).parent
TABLES = {
    "azure": "components/private_registry/__init__.py",
    "alibaba": "components/private_registry/alibaba/__init__.py",
}
# A key for each map whose keys mean something, so that nothing else is wrong with the entry.
REGIONS = {"replicas": "japanwest"}


def shape_of(component: type) -> Any:
    """The TypedDict of a component's arguments."""
    return get_type_hints(component.__init__)["args"]


def settings(shape: Any, at: tuple[tuple[str, str], ...] = ()) -> Iterator[tuple[tuple[tuple[str, str], ...], str]]:
    """Every setting below a TypedDict: the way to it, each step a setting and the map key below it, and its name."""
    for name, hint in fields(shape).items():
        inner, _output = plain_type(hint)
        if is_typeddict(inner):
            yield from settings(inner, (*at, (name, "")))
        elif get_origin(inner) is Mapping and is_typeddict(entry := plain_type(get_args(inner)[1])[0]):
            yield from settings(entry, (*at, (name, REGIONS.get(name, "one"))))
        else:
            yield at, name


def refused(component: type, args: Mapping[str, Any]) -> list[Problem]:
    """The problems for which a component refuses its arguments."""
    found: list[Problem] = []

    def program() -> None:
        try:
            component("it", args)
        except InvalidRegistryArgumentsError as error:
            found.extend(error.problems)

    run(program)
    return found


def test_every_component_is_in_the_package() -> None:
    for folder, table in TABLES.items():
        for file in sorted((ROOM / folder).glob("[!_]*.py")):
            module = import_module(f"private_registry.{folder}.{file.stem}")
            for name, made in inspect.getmembers(module, inspect.isclass):
                if issubclass(made, pulumi.ComponentResource) and made.__module__ == module.__name__ and name[0] != "_":
                    assert made in COMPONENTS, f"{name} ({folder}/{file.name}) is not in _HOMES of {table}: add it"


@pytest.mark.parametrize("component", COMPONENTS)
def test_every_component_accepts_its_arguments_whole(component: type) -> None:
    told = [problem.field for problem in refused(component, {"no_such_setting": 1})]
    assert "no_such_setting" in told, f"{component.__name__} must take its arguments through `accept`, with its check"


TOO_MANY = {f"tag{i}": "x" for i in range(60)}
WRONG = {
    "tags": TOO_MANY,
    "resource_group_name": "rg.",
    "location": "nowhere",
    "cloud": "nowhere",
    "prefix": "10.0.0.1/99",
    "cidr_block": "10.0.0.1/99",
}
# Settings without which this one is not looked at, because there is something worse to tell.
BESIDE = {"subnet_prefix": {"virtual_network_prefix": "10.20.0.0/24"}}


def wrong_for(component: type, name: str) -> Any:
    """A value that a setting of this name must not have; None where the name does not tell.

    Ids of Alibaba Cloud are left out: those of accounts and resource groups have no form that is documented.
    """
    if name.endswith("_id"):
        return "no-id" if ".azure." in component.__module__ else None
    return next((value for of, value in WRONG.items() if name == of or name.endswith(f"_{of}")), None)


CASES = [
    pytest.param(component, at, name, id=f"{component.__name__}: {'.'.join([*(step for step, _ in at), name])}")
    for component in COMPONENTS
    for at, name in settings(shape_of(component))
    if wrong_for(component, name) is not None
]


@pytest.mark.parametrize(("component", "at", "name"), CASES)
def test_a_setting_is_checked(component: type, at: tuple[tuple[str, str], ...], name: str) -> None:
    args: dict[str, Any] = {}
    holder, path = args, ""
    for step, entry in at:
        holder = holder.setdefault(step, {})
        path = inside(path, step)
        if entry:
            holder = holder.setdefault(entry, {})
            path = key(path, entry)
    wrong = wrong_for(component, name)
    holder |= {name: wrong, **BESIDE.get(name, {})}
    path = inside(path, name)
    told = [problem for problem in refused(component, args) if problem.field == path and problem.value is not None]
    assert told, f"{component.__name__} accepts {wrong!r} as `{path}`: its check must look at it"
