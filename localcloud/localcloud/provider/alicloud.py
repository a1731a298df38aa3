"""alicloud's calls. The real provider is bridged from Terraform's, and where a program could tell, this one does as it.

Computed outputs are unknown in the preview of a creation and what they were in that of an update; a change replaces
where the table of ``localcloud.alibaba`` says so; ids are the cloud's; account and region are the provider's.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from localcloud.alibaba import SURFACE
from localcloud.alibaba.cloud import AlibabaCloud
from localcloud.alibaba.kind import ACCOUNT, Place
from localcloud.sdk import cache

from . import naming, shapes
from .check import Checker
from .diff import Change
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
    token_of,
    unmarked,
)
from .values import UNKNOWN, decode, encode, has_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.alibaba.kind import Kind
    from localcloud.model import Resource
    from localcloud.sdk.description import ResourceShape, SdkDescription

_MISSING: Any = object()


def config_problems(config: Mapping[str, Any]) -> list[str]:
    """Why this provider must not serve a stack with that alicloud configuration; empty when it may.

    The real provider takes ``protocol`` from HTTP and HTTPS only, so it refuses a marked stack before it asks anybody
    anything, whoever is logged in (terraform-provider-alicloud, provider.go).
    """
    problems = unmarked("alicloud:protocol", config.get("protocol"))
    if not config.get("region"):
        problems.append("alicloud:region is not set; every resource is created in the provider's region")
    return problems + environment_problems()


@dataclass
class _Configured:
    cloud: AlibabaCloud
    journal: Journal
    sdk: SdkDescription
    place: Place


@dataclass(frozen=True)
class _Type:
    """All that is known about a resource type: the model's side and the SDK's."""

    token: str
    kind: Kind
    shape: ResourceShape


class AlicloudProvider(Serving):
    """alicloud, in front of the model. One instance serves one engine; calls come in parallel."""

    def __init__(self) -> None:
        super().__init__(SURFACE)
        self._state: _Configured | None = None

    def config_problems(self, config: Mapping[str, Any]) -> list[str]:
        return config_problems(config)

    @answer
    def DiffConfig(self, request: Any) -> Any:  # noqa: N802
        # As the real one: another region or account is another provider, and what it made is not where it was.
        old, new = decode(request.old_inputs), decode(request.news)
        replaces = [name for name in ("region", "accountId") if old.get(name) != new.get(name)]
        return provider_pb2.DiffResponse(replaces=replaces)

    @answer
    def Configure(self, request: Any) -> Any:  # noqa: N802
        config, cloud, journal = self.open(request.variables, AlibabaCloud.open)
        place = Place(config.get("accountId") or ACCOUNT, config["region"])
        self._state = _Configured(cloud, journal, cache.load(SURFACE), place)
        return provider_pb2.ConfigureResponse(supportsPreview=True, supports_autonaming_configuration=True)

    @answer
    def Check(self, request: Any) -> Any:  # noqa: N802
        found = self._type(request.urn)
        old, new = decode(request.olds), decode(request.news)
        name = found.kind.named
        if name and name not in new:
            new[name] = old.get(name) or naming.make_name("random", pulumi_name(request.urn), request.randomSeed)
        problems = list(Checker(self._configured.sdk).problems(found.shape.inputs, new)) or found.kind.valid(
            _known(new)
        )
        failures = [provider_pb2.CheckFailure(reason=problem) for problem in problems]
        return provider_pb2.CheckResponse(inputs=encode(new), failures=failures)

    @answer
    def Diff(self, request: Any) -> Any:  # noqa: N802
        found = self._type(request.urn)
        old, new, outputs = decode(request.old_inputs), decode(request.news), decode(request.olds)
        return diff_response(_changes(found, old, new, outputs), delete_before_replace=False)

    @answer
    def Create(self, request: Any) -> Any:  # noqa: N802
        found = self._type(request.urn)
        inputs = decode(request.properties)
        state = self._configured
        if request.preview:
            outputs = {**inputs, **_computed(found.shape, inputs)}
            return provider_pb2.CreateResponse(properties=encode(outputs))
        mark = uuid.uuid4().hex
        state.journal.asked(request.urn, found.token, mark)
        made = asking("create", request.urn, state.cloud.create, found.token, inputs, state.place, mark)
        return provider_pb2.CreateResponse(id=made.id, properties=encode(_outputs(made)))

    @answer
    def Update(self, request: Any) -> Any:  # noqa: N802
        found = self._type(request.urn)
        inputs = decode(request.news)
        state = self._configured
        if request.preview:
            before = {k: v for k, v in decode(request.olds).items() if k in inputs or k not in found.shape.inputs}
            return provider_pb2.UpdateResponse(properties=encode({**before, **inputs}))
        made = asking("update", request.urn, state.cloud.update, found.token, request.id, inputs, state.place)
        return provider_pb2.UpdateResponse(properties=encode(_outputs(made)))

    @answer
    def Delete(self, request: Any) -> Any:  # noqa: N802
        found = self._type(request.urn)
        state = self._configured
        asking("delete", request.urn, state.cloud.delete, found.token, request.id, state.place)
        return empty_pb2.Empty()

    @answer
    def Read(self, request: Any) -> Any:  # noqa: N802
        found = self._type(request.urn)
        state = self._configured
        resource = asking("read", request.urn, state.cloud.read, found.token, request.id, state.place)
        if resource is None:
            return provider_pb2.ReadResponse()
        outputs = _outputs(resource)
        inputs = decode(request.inputs)
        if inputs:
            inputs = shapes.refreshed_inputs(state.sdk, found.shape, inputs, decode(request.properties), outputs)
        else:
            inputs = shapes.imported_inputs(state.sdk, found.shape, {}, outputs)
        return provider_pb2.ReadResponse(id=resource.id, properties=encode(outputs), inputs=encode(inputs))

    @answer
    def Invoke(self, request: Any) -> Any:  # noqa: N802
        state = self._configured
        shape = state.sdk.function(request.tok)
        if shape is None:
            raise Failed(grpc.StatusCode.NOT_FOUND, not_served(request.tok, state.sdk.function_tokens()))
        args = decode(request.args)

        def call() -> dict[str, Any]:
            return asking("call", request.tok, state.cloud.invoke, request.tok, args, state.place)

        return invoked(state.sdk, shape, args, call)

    @property
    def _configured(self) -> _Configured:
        if self._state is None:
            raise Failed(grpc.StatusCode.FAILED_PRECONDITION, "the engine has not configured the local cloud yet")
        return self._state

    def _type(self, urn: str) -> _Type:
        state = self._configured
        token = token_of(urn)
        shape = state.sdk.resource(token)
        if shape is None:
            raise Failed(grpc.StatusCode.NOT_FOUND, not_served(token, state.sdk.resource_tokens()))
        return _Type(token, state.cloud.kind(token), shape)


def _outputs(found: Resource) -> dict[str, Any]:
    return found.outputs


def _known(inputs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in inputs.items() if not has_unknown(value)}


def _computed(shape: ResourceShape, inputs: dict[str, Any]) -> dict[str, Any]:
    """The outputs that a creation will tell: those that the SDK says are always there, and no input says already."""
    return {name: UNKNOWN for name, prop in shape.outputs.items() if prop.get("required") and name not in inputs}


def _changes(of: _Type, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]) -> list[Change]:
    """The inputs that changed, or that the cloud has otherwise than the program says."""
    changes = []
    for name in [*old, *(name for name in new if name not in old)]:
        if name.startswith("__"):
            continue
        before, after = old.get(name, _MISSING), new.get(name, _MISSING)
        if name in of.kind.read_back and name in outputs:
            before = outputs[name]
        if after is _MISSING and (name not in old or _is_computed(of.shape, name)):
            continue
        if _comparable(of.kind, name, before) != _comparable(of.kind, name, after):
            word = "add" if before is _MISSING else "delete" if after is _MISSING else "update"
            changes.append(Change(name, word, name in of.kind.replaces))
    return changes


def _is_computed(shape: ResourceShape, name: str) -> bool:
    """Whether the cloud says a value where the program says none: left out, it stays what it is.

    The SDK shows it: a bridged property may be given and is always told where Terraform's is optional and computed.
    """
    given, told = shape.inputs.get(name, {}), shape.outputs.get(name, {})
    return not given.get("required") and bool(told.get("required"))


def _comparable(kind: Kind, name: str, value: Any) -> Any:
    """Lists in which the order means nothing are compared without it, and an empty text is as good as none."""
    if value is _MISSING or value is UNKNOWN or name not in kind.sets or not isinstance(value, list):
        return value
    plain = [{k: v for k, v in i.items() if v != ""} if isinstance(i, dict) else i for i in value]
    return sorted((repr(i) if has_unknown(i) else json.dumps(i, sort_keys=True)) for i in plain)
