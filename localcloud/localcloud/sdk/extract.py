"""Reads an installed Pulumi SDK: property names, types, enums, defaults, outputs and functions.

An SDK is generated from the provider's schema, so its classes hold what the schema holds: input classes have one
getter for each property (the wire name in its decorator, the type in its annotation, the description in its
docstring), and set their defaults and constants when they are made. Nothing here knows any type.

The description is JSON: a *property* has ``type`` (``string``, ``boolean``, ``integer``, ``number``, ``array`` with
``items``, ``map`` with ``items``, ``object`` with ``ref``, ``oneOf`` with ``options``, ``any``), and may have
``required``, ``enum`` (the name of an entry of ``enums``), ``open`` (the SDK lets any string through), ``default``,
``const`` and ``doc``.
"""

from __future__ import annotations

import collections.abc
import importlib
import importlib.metadata
import inspect
import json
import re
import sys
import typing
from collections.abc import Awaitable, Mapping
from enum import Enum
from typing import Any

import pulumi

_SCALARS = {str: "string", bool: "boolean", int: "integer", float: "number"}
# pulumi.Input says "Output[T]" in a string, which means something in Pulumi's own module only.
_PULUMI_NAMES = {"Output": pulumi.Output, "T": typing.TypeVar("T")}
_API_VERSION = re.compile(r"Uses Azure REST API version ([0-9a-z-]+)")


def extract(
    package: str, served: Mapping[str, tuple[str, ...]], functions: Mapping[str, tuple[str, ...]]
) -> dict[str, Any]:
    """Describe the served types and functions of a package.

    Both map a token to inputs: those that are part of a resource's id, in the id's order, and those that a function
    needs though the SDK lets them be left out. ValueError when the installed SDK lacks one of the types.
    """
    reader = _Reader(package)
    resources = {token: reader.resource(token, served[token]) for token in sorted(served)}
    described: dict[str, Any] = {}
    for module in sorted({_split(token)[0] for token in functions}):
        described |= reader.functions(module, functions)
    return {
        "package": package,
        "version": reader.version,
        "provider": reader.provider(),
        "resources": resources,
        "functions": dict(sorted(described.items())),
        "inputTypes": dict(sorted(reader.input_types.items())),
        "outputTypes": dict(sorted(reader.output_types.items())),
        "enums": dict(sorted(reader.enums.items())),
    }


class _Reader:
    def __init__(self, package: str) -> None:
        self.package = package
        self.distribution = f"pulumi-{package}"
        self.root = self.distribution.replace("-", "_")
        self.version = importlib.metadata.version(self.distribution)
        self.input_types: dict[str, Any] = {}
        self.output_types: dict[str, Any] = {}
        self.enums: dict[str, Any] = {}

    def resource(self, token: str, path: tuple[str, ...]) -> dict[str, Any]:
        module_name, name = _split(token)
        module = importlib.import_module(f"{self.root}.{module_name}")
        resource_class = getattr(module, name, None)
        if not (inspect.isclass(resource_class) and issubclass(resource_class, pulumi.CustomResource)):
            raise ValueError(f"{self.distribution} {self.version} has no resource {token}")
        own_module = sys.modules[resource_class.__module__]
        args_class = getattr(own_module, own_module.__all__[0])
        # The constructor's overloads are documented, not the constructor itself.
        doc = _doc(typing.get_overloads(resource_class.__init__)[0])
        return {
            "doc": _first_paragraph(doc),
            "apiVersion": _api_version(doc),
            "inputs": self._inputs(args_class),
            "outputs": self._getters(resource_class, inputs=False),
            "subresources": self._subresources(args_class, module, path[-1] if path else ""),
        }

    def provider(self) -> dict[str, Any]:
        return {"inputs": self._inputs(importlib.import_module(f"{self.root}.provider").ProviderArgs)}

    def functions(self, module_name: str, wanted: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
        """The wanted functions of a module (of the SDK's root when its name is ``index``), by token."""
        module = importlib.import_module(self.root if module_name == "index" else f"{self.root}.{module_name}")
        found: dict[str, Any] = {}
        for name, function in vars(module).items():
            if not (inspect.isfunction(function) and name.startswith("get_")) or name.endswith("_output"):
                continue
            token, wire_names = self._call(function)
            if token in wanted:
                found[token] = self._function(function, wire_names, set(wanted[token]))
        return found

    def _function(self, function: Any, wire_names: list[str], required: set[str]) -> dict[str, Any]:
        parameters = [p for p in inspect.signature(function).parameters if p != "opts"]
        hints = typing.get_type_hints(function, localns=_PULUMI_NAMES)
        inputs = {}
        for wire_name, parameter in zip(wire_names, parameters, strict=True):
            inputs[wire_name], _ = self._type(hints[parameter], inputs=True)
            if wire_name in required:
                inputs[wire_name]["required"] = True
        doc = _doc(function)
        result = hints["return"].__mro__[1]  # AwaitableGetRegistryResult is a GetRegistryResult
        return {
            "doc": _first_paragraph(doc),
            "apiVersion": _api_version(doc),
            "inputs": inputs,
            "outputs": self._getters(result, inputs=False),
        }

    def _call(self, function: Any) -> tuple[str, list[str]]:
        """The token that an SDK function invokes and its arguments' wire names, in the order of its parameters.

        Both are only in its body: ``__args__['registryName'] = registry_name`` … ``invoke('azure-native:…', __args__``.
        """
        source = inspect.getsource(function)
        token = re.search(rf"\.invoke\('({self.package}:[\w/]+:\w+)'", source)
        return (token[1] if token else ""), re.findall(r"__args__\['(\w+)'\] = ", source)

    def _subresources(self, args_class: type, module: Any, name_property: str) -> list[str]:
        """Inputs that list what may be declared as resources of its own too, such as a virtual network's subnets.

        azure-native leaves them alone when they are not given. They are arrays of a type that the module has a
        resource of, which names this resource as its parent.
        """
        found = []
        for wire_name, prop in self._inputs(args_class).items():
            item = prop.get("items", {})
            if prop["type"] != "array" or item.get("type") != "object":
                continue
            child = getattr(module, item["ref"].rsplit(":", 1)[-1], None)
            if inspect.isclass(child) and issubclass(child, pulumi.CustomResource):
                child_module = sys.modules[child.__module__]
                child_args = getattr(child_module, child_module.__all__[0])
                if name_property in _py_names(child_args):
                    found.append(wire_name)
        return found

    def _inputs(self, cls: type) -> dict[str, Any]:
        properties = self._getters(cls, inputs=True)
        names = {py_name: wire_name for wire_name, py_name in _py_names(cls).items()}
        parameters = list(inspect.signature(cls).parameters.values())
        placeholder = object()
        made = cls(**{p.name: placeholder for p in parameters if p.default is p.empty})
        given = cls(**{p.name: placeholder for p in parameters})
        for parameter in parameters:
            described = properties[names[parameter.name]]
            value = pulumi.get(given, parameter.name)
            if value is not placeholder:
                described["const"] = value
                continue
            value = pulumi.get(made, parameter.name)
            if value is not None and value is not placeholder:
                described["default"] = value.value if isinstance(value, Enum) else value
        return properties

    def _getters(self, cls: type, *, inputs: bool) -> dict[str, Any]:
        properties: dict[str, Any] = {}
        namespace = vars(sys.modules[cls.__module__])
        for wire_name, py_name in _py_names(cls).items():
            getter = vars(cls)[py_name].fget
            hint = typing.get_type_hints(getter, namespace, _PULUMI_NAMES)["return"]
            if typing.get_origin(hint) is pulumi.Output:  # a resource's outputs are each an Output as a whole
                (hint,) = typing.get_args(hint)
            described, optional = self._type(hint, inputs=inputs)
            if not optional:
                described["required"] = True
            if doc := _doc(getter):
                described["doc"] = doc
            properties[wire_name] = described
        return properties

    def _type(self, hint: Any, *, inputs: bool) -> tuple[dict[str, Any], bool]:
        """The property that a type annotation describes, and whether it is optional."""
        members = [m for m in _members(hint) if m is not type(None)]
        optional = len(members) < len(list(_members(hint)))
        enum = next((m for m in members if inspect.isclass(m) and issubclass(m, Enum)), None)
        if enum is not None:
            return self._enum(enum, is_open=len(members) > 1), optional
        if len(members) > 1:
            options = [self._type(m, inputs=inputs)[0] for m in members]
            return {"type": "oneOf", "options": options}, optional
        (only,) = members
        if only in _SCALARS:
            return {"type": _SCALARS[only]}, optional
        origin = typing.get_origin(only)
        if origin is collections.abc.Sequence:
            return {"type": "array", "items": self._type(typing.get_args(only)[0], inputs=inputs)[0]}, optional
        if origin is collections.abc.Mapping:
            return {"type": "map", "items": self._type(typing.get_args(only)[1], inputs=inputs)[0]}, optional
        if inspect.isclass(only) and only.__module__.startswith(self.root):
            return {"type": "object", "ref": self._object(only, inputs=inputs)}, optional
        return {"type": "any"}, optional

    def _object(self, cls: type, *, inputs: bool) -> str:
        types = self.input_types if inputs else self.output_types
        token = self._type_token(cls, cls.__name__.removesuffix("Args") if inputs else cls.__name__)
        if token not in types:
            types[token] = {}  # types refer to themselves
            properties = self._inputs(cls) if inputs else self._getters(cls, inputs=False)
            types[token] = {"doc": _first_paragraph(_doc(cls)), "properties": properties}
        return token

    def _type_token(self, cls: type, name: str) -> str:
        return f"{self.package}:{cls.__module__.split('.')[1]}:{name}"

    def _enum(self, cls: type[Enum], *, is_open: bool) -> dict[str, Any]:
        token = self._type_token(cls, cls.__name__)
        values = [member.value for member in cls]
        self.enums[token] = {"doc": _first_paragraph(_doc(cls)), "values": values}
        described: dict[str, Any] = {"type": _SCALARS[type(values[0])], "enum": token}
        if is_open:
            described["open"] = True
        return described


def _split(token: str) -> tuple[str, str]:
    """Module and class of a token: ``alicloud:cr/internetEndpoint:InternetEndpoint`` is in ``cr``."""
    _, module, name = token.split(":")
    return module.partition("/")[0], name


def _members(hint: Any) -> typing.Iterator[Any]:
    """What a union may be, without the other ways in which Pulumi lets the same value be given."""
    if typing.get_origin(hint) in (pulumi.Output, Awaitable) or typing.is_typeddict(hint):
        return
    arguments = typing.get_args(hint)
    if hint is typing.Any or typing.get_origin(hint) not in (typing.Union,):
        yield hint
        return
    for argument in arguments:
        yield from _members(argument)


def _py_names(cls: type) -> dict[str, str]:
    getters = {name: member.fget for name, member in vars(cls).items() if isinstance(member, property)}
    return {wire_name: name for name, getter in getters.items() if (wire_name := getattr(getter, "_pulumi_name", None))}


def _doc(documented: Any) -> str:
    return inspect.cleandoc(documented.__doc__ or "")


def _first_paragraph(doc: str) -> str:
    return doc.split("\n\n", 1)[0].split("\n:param", 1)[0]


def _api_version(doc: str) -> str:
    found = _API_VERSION.search(doc)
    return found[1].rstrip(".") if found else ""


def main() -> None:
    """Reads ``{package, served: {token: [inputs]}, functions}`` from standard input and prints the description."""
    asked = json.load(sys.stdin)
    served, functions = (
        {token: tuple(names) for token, names in asked[key].items()} for key in ("served", "functions")
    )
    json.dump(extract(asked["package"], served, functions), sys.stdout)


if __name__ == "__main__":
    main()
