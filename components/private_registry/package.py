"""The components as the Pulumi package ``private-registry``, for programs in every language."""

import inspect
import json
import os
import signal
import sys
from typing import Any

import pulumi
import pulumi.provider
from pulumi.errors import InputPropertiesError, InputPropertyErrorDetails
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ComponentInitError

import private_registry
from private_registry import alibaba

from .about import METADATA
from .arguments import InvalidRegistryArgumentsError, late_errors
from .problems import InvalidArgumentsError, Problem, camel, spell

NAME = "private-registry"


class Host(ComponentProvider):
    """Serves the components; what is wrong with their inputs is told in the schema's words and without a traceback."""

    def __init__(self) -> None:
        super().__init__(components(), NAME, version=private_registry.__version__)
        schema = _described(json.loads(self.schema or "{}"))
        # Without it Pulumi's Go generator leaves out the type of a map's plain objects (ClientFirewall's registries).
        schema["language"]["go"]["generateExtraInputTypes"] = True
        self.schema = json.dumps(schema | METADATA)

    def construct(self, name: str, resource_type: str, inputs: Any, options: pulumi.ResourceOptions | None = None):
        component = resource_type.rsplit(":", 1)[-1]
        if problems := self._outputs_for_objects(component, inputs):
            raise _told(InvalidRegistryArgumentsError(f"{component} '{name}'", problems))
        try:
            with late_errors(_told, camel):
                return super().construct(name, resource_type, inputs, options)
        except ComponentInitError as error:
            if isinstance(error.inner, InvalidRegistryArgumentsError):
                raise _told(error.inner) from None
            raise

    def _outputs_for_objects(self, component: str, inputs: Any) -> list[Problem]:
        """The base class takes an object that is not there yet for an empty one, which would drop settings silently."""
        definition = self._component_defs.get(component)
        objects = {
            schema_name
            for schema_name, prop in (definition.inputs if definition else {}).items()
            if prop.ref or (prop.additional_properties and prop.additional_properties.ref)
        }
        return [
            Problem(
                schema_name,
                None,
                "cannot be another resource's output as a whole",
                "write the object out, with outputs as its values",
            )
            for schema_name in sorted(objects)
            if isinstance(inputs.get(schema_name), pulumi.Output)
        ]


def _told(error: InvalidArgumentsError) -> InputPropertiesError:
    details = [InputPropertyErrorDetails(property_path=p.path(camel), reason=p.reason(camel)) for p in error.problems]
    return InputPropertiesError(f"{error.what}: nothing was registered", details)


def _described(part: Any) -> Any:
    """Descriptions as other languages show them: without Python's indentation, settings spelled the schema's way."""
    if isinstance(part, dict):
        return {
            k: spell(inspect.cleandoc(v), camel) if k == "description" and isinstance(v, str) else _described(v)
            for k, v in part.items()
        }
    return [_described(item) for item in part] if isinstance(part, list) else part


def components() -> list[type[pulumi.ComponentResource]]:
    """Every component of the package."""
    public = [getattr(package, name) for package in (private_registry, alibaba) for name in package.__all__]
    return [c for c in public if inspect.isclass(c) and issubclass(c, pulumi.ComponentResource)]


def schema() -> dict[str, Any]:
    """The package's schema, as the languages' SDKs are generated from it."""
    return json.loads(Host().schema or "{}")


def serve() -> None:
    """Answer the engine until it asks to stop."""
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, _leave)
    pulumi.provider.main(Host(), sys.argv[1:])


def _leave(_signal: int, _frame: Any) -> None:
    # At once and without a word: the engine waits for its plugins, and gRPC would complain of its closed event loop.
    os._exit(0)
