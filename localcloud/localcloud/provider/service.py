"""azure-native's calls: what the engine asks, answered from the SDK's description and the model."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from localcloud.azure import TYPES
from localcloud.model import Cloud, Refused
from localcloud.sdk import cache

from . import naming, shapes
from .check import Checker
from .diff import difference
from .journal import Journal
from .serving import (
    Failed,
    Serving,
    answer,
    asking,
    diff_response,
    environment_problems,
    invoked,
    not_served,
    pulumi_name,
    refusal,
    status_of,
    token_of,
    unmarked,
)
from .values import UNKNOWN, decode, encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.struct_pb2 import Struct

    from localcloud.model import Resource, TypeInfo
    from localcloud.sdk.description import ResourceShape, SdkDescription

_GROUP: Final = "azure-native:resources:ResourceGroup"
_API_VERSION: Final = "azureApiVersion"
_OWN_INPUTS: Final = (_API_VERSION, naming.CREATE_BEFORE_DELETE)


def config_problems(config: Mapping[str, Any]) -> list[str]:
    """Why this provider must not serve a stack with that azure-native configuration; empty when it may.

    The marker is the host of Azure's metadata, and ``.invalid`` never resolves (RFC 2606): the real provider finds
    nobody there.
    """
    return unmarked("azure-native:metadataHost", config.get("metadataHost")) + environment_problems()


@dataclass
class _Configured:
    cloud: Cloud
    journal: Journal
    sdk: SdkDescription
    subscription: str
    location: str | None
    groups: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Kind:
    """All that is known about a resource type: the model's side and the SDK's."""

    token: str
    info: TypeInfo
    shape: ResourceShape

    @property
    def inputs(self) -> dict[str, Any]:
        return self.shape.inputs


class Provider(Serving):
    """azure-native, in front of the model. One instance serves one engine; calls come in parallel."""

    def __init__(self) -> None:
        super().__init__(naming.surface())
        self._state: _Configured | None = None

    def config_problems(self, config: Mapping[str, Any]) -> list[str]:
        return config_problems(config)

    @answer
    def Parameterize(self, _request: Any) -> Any:  # noqa: N802
        raise Failed(
            grpc.StatusCode.UNIMPLEMENTED,
            "the local cloud serves azure-native's default API versions only, not packages of another version",
        )

    @answer
    def DiffConfig(self, _request: Any) -> Any:  # noqa: N802
        return provider_pb2.DiffResponse()

    @answer
    def Configure(self, request: Any) -> Any:  # noqa: N802
        config, cloud, journal = self.open(request.variables, Cloud.open)
        self._state = _Configured(
            cloud,
            journal,
            cache.load(self.surface),
            config.get("subscriptionId") or naming.SUBSCRIPTION,
            config.get("location") or None,
        )
        return provider_pb2.ConfigureResponse(supportsPreview=True, supports_autonaming_configuration=True)

    @answer
    def Check(self, request: Any) -> Any:  # noqa: N802
        kind = self._kind(request.urn)
        old, new = decode(request.olds), decode(request.news)
        self._set_defaults(kind, request, old, new)
        own = {name: value for name, value in new.items() if name not in _OWN_INPUTS}
        problems = list(Checker(self._configured.sdk).problems(kind.inputs, own))
        problems += self._own_rules(kind, old, new)
        failures = [provider_pb2.CheckFailure(reason=problem) for problem in problems]
        return provider_pb2.CheckResponse(inputs=encode(new), failures=failures)

    @answer
    def Diff(self, request: Any) -> Any:  # noqa: N802
        kind = self._kind(request.urn)
        old, new, old_outputs = decode(request.old_inputs), decode(request.news), decode(request.olds)
        if _API_VERSION in old_outputs:
            old.setdefault(_API_VERSION, old_outputs[_API_VERSION])  # an import does not know it as an input
        found = difference(kind.info, kind.inputs, old, new, old_outputs)
        return diff_response(found.changes, delete_before_replace=found.delete_before_replace)

    @answer
    def Create(self, request: Any) -> Any:  # noqa: N802
        kind = self._kind(request.urn)
        inputs = decode(request.properties)
        state = self._configured
        if request.preview:
            outputs = shapes.preview_outputs(state.sdk, kind.shape.outputs, inputs)
            return provider_pb2.CreateResponse(properties=encode(outputs))
        wanted = self._for_cloud(kind, inputs)
        id = asking("create", request.urn, state.cloud.resource_id, kind.token, wanted, state.subscription)
        if asking("create", request.urn, state.cloud.read, kind.token, id) is not None:
            raise Failed(
                grpc.StatusCode.ALREADY_EXISTS,
                f"{id} exists already; give the resource another name, or take it into the stack:\n"
                f"pulumi import {kind.token} {pulumi_name(request.urn)} {id}",
            )
        state.journal.asked(request.urn, kind.token, id)
        try:
            made = state.cloud.create(kind.token, wanted, state.subscription)
        except Refused as refused:
            left = state.cloud.read(kind.token, id)
            raise self._failure("create", kind, request.urn, refused, left, request.properties) from None
        return provider_pb2.CreateResponse(id=made.id, properties=self._outputs(kind, made))

    @answer
    def Update(self, request: Any) -> Any:  # noqa: N802
        kind = self._kind(request.urn)
        inputs = decode(request.news)
        state = self._configured
        if request.preview:
            outputs = shapes.preview_outputs(state.sdk, kind.shape.outputs, inputs)
            old = decode(request.olds)
            outputs |= {name: old[name] for name in ("name", "location") if name in old}
            return provider_pb2.UpdateResponse(properties=encode(outputs))
        try:
            made = state.cloud.update(kind.token, request.id, self._for_cloud(kind, inputs))
        except Refused as refused:
            left = state.cloud.read(kind.token, request.id)
            failed = left is not None and left.outputs.get("provisioningState") == "Failed"
            raise self._failure("update", kind, request.urn, refused, left if failed else None, request.news) from None
        return provider_pb2.UpdateResponse(properties=self._outputs(kind, made))

    @answer
    def Delete(self, request: Any) -> Any:  # noqa: N802
        kind = self._kind(request.urn)
        asking("delete", request.urn, self._configured.cloud.delete, kind.token, request.id)
        return empty_pb2.Empty()

    @answer
    def Read(self, request: Any) -> Any:  # noqa: N802
        kind = self._kind(request.urn)
        template = TYPES[kind.token][0]
        try:
            naming.path_inputs(template, request.id)
        except ValueError as problem:
            raise Failed(grpc.StatusCode.INVALID_ARGUMENT, str(problem)) from None
        found = asking("read", request.urn, self._configured.cloud.read, kind.token, request.id)
        if found is None:
            return provider_pb2.ReadResponse()
        sdk = self._configured.sdk
        old_inputs = decode(request.inputs)
        if old_inputs:
            inputs = shapes.refreshed_inputs(sdk, kind.shape, old_inputs, decode(request.properties), found.outputs)
        else:
            path = naming.path_inputs(template, found.id)
            inputs = shapes.imported_inputs(sdk, kind.shape, path, found.outputs)
        return provider_pb2.ReadResponse(
            id=found.id, properties=self._outputs(kind, found), inputs=encode(inputs, kind.info.secret_outputs)
        )

    @answer
    def Invoke(self, request: Any) -> Any:  # noqa: N802
        state = self._configured
        shape = state.sdk.function(request.tok)
        if shape is None:
            raise Failed(grpc.StatusCode.NOT_FOUND, _not_served(request.tok, state.sdk.function_tokens()))

        def call() -> dict[str, Any]:
            args = decode(request.args)
            found = asking("call", request.tok, state.cloud.invoke, request.tok, args, state.subscription)
            if _API_VERSION in shape.outputs and _API_VERSION not in found:
                found = {**found, _API_VERSION: shape.api_version}
            return found

        return invoked(state.sdk, shape, decode(request.args), call)

    @property
    def _configured(self) -> _Configured:
        if self._state is None:
            raise Failed(grpc.StatusCode.FAILED_PRECONDITION, "the engine has not configured the local cloud yet")
        return self._state

    def _kind(self, urn: str) -> _Kind:
        state = self._configured
        token = token_of(urn)
        shape = state.sdk.resource(token)
        if shape is None:
            raise Failed(grpc.StatusCode.NOT_FOUND, _not_served(token, state.sdk.resource_tokens()))
        return _Kind(token, state.cloud.served()[token], shape)

    def _set_defaults(self, kind: _Kind, request: Any, old: dict[str, Any], new: dict[str, Any]) -> None:
        """Adds what azure-native adds in its own check: a name, a location, and the API version."""
        name = kind.info.name_property
        if kind.info.auto_name and name and name not in new:
            self._set_name(kind, request, old, new)
        if "location" in kind.inputs and "location" not in new:
            location = self._default_location(old, new)
            if location is not None:
                new["location"] = location
        if kind.shape.api_version:
            new.setdefault(_API_VERSION, kind.shape.api_version)

    def _set_name(self, kind: _Kind, request: Any, old: dict[str, Any], new: dict[str, Any]) -> None:
        name, flag = kind.info.name_property, naming.CREATE_BEFORE_DELETE
        style = kind.info.name_style
        if name in old:
            new[name] = old[name]
            if old.get(flag) is True:
                new[flag] = True
            return
        if request.HasField("autonaming"):
            mode = provider_pb2.CheckRequest.AutonamingOptions
            if request.autonaming.mode == mode.DISABLE:
                return
            if request.autonaming.mode == mode.ENFORCE or style != "uuid":
                new[name], new[flag] = request.autonaming.proposed_name, True
                return
        new[name] = naming.make_name(style, pulumi_name(request.urn), request.randomSeed)
        if style != "copy":
            new[flag] = True

    def _default_location(self, old: dict[str, Any], new: dict[str, Any]) -> Any:
        """azure-native's order: what it was, the stack's setting, the resource group's."""
        state = self._configured
        group = new.get("resourceGroupName")
        if "location" in old:
            return old["location"]
        if state.location is not None or not group:
            return state.location
        if group is UNKNOWN:
            return UNKNOWN
        if isinstance(group, str) and group not in state.groups:
            inputs = {"resourceGroupName": group}
            found = state.cloud.read(_GROUP, state.cloud.resource_id(_GROUP, inputs, state.subscription))
            if found is None:
                return None
            state.groups[group] = found.outputs["location"]
        return state.groups.get(group)

    def _own_rules(self, kind: _Kind, old: dict[str, Any], new: dict[str, Any]) -> list[str]:
        """What azure-native checks itself: values that the SDK lets be left out, and the form of a name."""
        problems = []
        name = kind.info.name_property
        value = new.get(name)
        if value is None and not kind.inputs.get(name, {}).get("required"):
            problems.append(f"{name}: missing, and required; this resource is not named automatically")
        pattern, rule = self._configured.cloud.kind(kind.token).name_rule
        if isinstance(value, str) and not re.fullmatch(pattern, value):
            named = ""
            if new.get(naming.CREATE_BEFORE_DELETE) is True and value != old.get(name):
                named = f" (made from the resource's Pulumi name; set {name} to choose another)"
            problems.append(f"{name}: '{value}'{named} {rule}")
        if kind.info.has_location and "location" not in new and not kind.inputs.get("location", {}).get("required"):
            problems.append(
                "location: missing, and required; set it, or pulumi config set azure-native:location <region>"
            )
        return problems

    def _for_cloud(self, kind: _Kind, inputs: dict[str, Any]) -> dict[str, Any]:
        own = {name: value for name, value in inputs.items() if name not in _OWN_INPUTS}
        return Checker(self._configured.sdk).normalised(kind.inputs, own)

    def _outputs(self, kind: _Kind, found: Resource) -> Struct:
        outputs = {**found.outputs, _API_VERSION: kind.shape.api_version}
        outputs.pop("id", None)  # an output of every resource, kept by the engine itself
        return encode(outputs, kind.info.secret_outputs)

    def _failure(
        self, verb: str, kind: _Kind, urn: str, refused: Refused, left: Resource | None, inputs: Struct
    ) -> Failed:
        message = refusal(verb, urn, refused)
        if left is None:
            return Failed(status_of(refused), message)
        detail = provider_pb2.ErrorResourceInitFailed(
            id=left.id, properties=self._outputs(kind, left), reasons=[message], inputs=inputs
        )
        return Failed(grpc.StatusCode.UNKNOWN, message, detail)


def _not_served(token: str, served: list[str]) -> str:
    module = token.split(":")[1] if token.count(":") >= 2 else ""
    if "/" not in module:
        return not_served(token, served)
    plain = token.replace(module, module.split("/")[0])
    return f"the local cloud does not serve {token}: it has azure-native's default API versions only; use {plain}" + (
        "" if plain in served else ", which it does not serve either"
    )
