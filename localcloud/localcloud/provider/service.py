"""The provider's calls: what the engine asks, answered from the SDK's description and the model."""

from __future__ import annotations

import difflib
import functools
import json
import os
import re
import threading
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import grpc
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from localcloud.azure import TYPES
from localcloud.model import Cloud, CloudFileError, Refused
from localcloud.sdk import cache

from . import naming, shapes
from .check import Checker
from .diff import difference
from .journal import Journal
from .values import UNKNOWN, decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from google.protobuf.struct_pb2 import Struct

    from localcloud.model import Resource, TypeInfo
    from localcloud.sdk.description import ResourceShape, SdkDescription

MARKER: Final = "localcloud.invalid"
"""What ``azure-native:metadataHost`` is on a stack that is meant for the local cloud.

The real azure-native takes it for the host of Azure's metadata, and ``.invalid`` never resolves (RFC 2606): a stack
so marked cannot reach Azure, and one that is not marked cannot reach the local cloud.
"""


_GROUP: Final = "azure-native:resources:ResourceGroup"
_API_VERSION: Final = "azureApiVersion"
_OWN_INPUTS: Final = (_API_VERSION, naming.CREATE_BEFORE_DELETE)
_KINDS: Final = {
    (word, replaces): provider_pb2.PropertyDiff.Kind.Value(word.upper() + ("_REPLACE" if replaces else ""))
    for word in ("add", "delete", "update")
    for replaces in (False, True)
}


def config_problems(config: Mapping[str, Any]) -> list[str]:
    """Why this provider must not serve a stack with that azure-native configuration; empty when it may."""
    problems = []
    host = config.get("metadataHost")
    if host != MARKER:
        found = "is not set" if host is None else "is not known yet" if host is UNKNOWN else f"is '{host}'"
        problems.append(
            f"azure-native:metadataHost {found}: this stack is not marked for the local cloud.\n"
            f"The local cloud serves only stacks where it is '{MARKER}', so that no real stack is deployed into it by "
            "mistake.\n"
            "  To rehearse a real stack: make rehearse STACK=<name>\n"
            f"  To mark a stack of its own: pulumi config set azure-native:metadataHost {MARKER} (an explicit provider "
            f"needs the argument metadataHost: {MARKER})\n"
            "  To deploy to Azure: run pulumi outside bin/local, with the real azure-native plugin"
        )
    if not os.environ.get("LOCALCLOUD_FILE"):
        problems.append(
            "LOCALCLOUD_FILE is not set, so there is no cloud to deploy into; run the command with bin/local"
        )
    latency = os.environ.get("LOCALCLOUD_LATENCY", "off")
    if latency not in ("off", "realistic"):
        problems.append(f"LOCALCLOUD_LATENCY is '{latency}'; must be 'off' or 'realistic'")
    return problems


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


class _Failed(Exception):  # noqa: N818 - how a call ended
    """An answer that is an error, with what the engine should keep of a resource that is there all the same."""

    def __init__(self, code: grpc.StatusCode, message: str, left_behind: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.left_behind = left_behind


def _answer(call: Callable[..., Any]) -> Callable[..., Any]:
    """Turns what a call raises into a gRPC error that a person can read."""

    @functools.wraps(call)
    def answered(self: Provider, request: Any, context: grpc.ServicerContext) -> Any:
        self.begin()
        try:
            return call(self, request)
        except _Failed as failed:
            if failed.left_behind is not None:
                detail = any_pb2.Any()
                detail.Pack(failed.left_behind)
                status = status_pb2.Status(code=failed.code.value[0], message=failed.message, details=[detail])
                context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
            context.abort(failed.code, failed.message)
        except CloudFileError as problem:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"the local cloud cannot be used: {problem}")
        except Exception as defect:
            import traceback

            traceback.print_exc()  # the engine shows it with --logtostderr -v=9
            context.abort(grpc.StatusCode.INTERNAL, f"the local cloud is broken: {type(defect).__name__}: {defect}")
        finally:
            self.end()

    return answered


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """azure-native, in front of the model. One instance serves one engine; calls come in parallel."""

    def __init__(self) -> None:
        self._state: _Configured | None = None
        self.server: grpc.Server | None = None
        self._calls = 0
        self._lock = threading.Lock()

    def begin(self) -> None:
        with self._lock:
            self._calls += 1

    def end(self) -> None:
        with self._lock:
            self._calls -= 1

    # The handshake says what Configure says again for older engines: previews and auto-naming settings are understood,
    # secrets and outputs are left to the engine, as azure-native leaves them.
    @_answer
    def Handshake(self, _request: Any) -> Any:  # noqa: N802 - gRPC's names
        return provider_pb2.ProviderHandshakeResponse(supports_autonaming_configuration=True)

    @_answer
    def GetPluginInfo(self, _request: Any) -> Any:  # noqa: N802
        return plugin_pb2.PluginInfo(version=cache.sdk_version())

    @_answer
    def Attach(self, _request: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    @_answer
    def GetSchema(self, request: Any) -> Any:  # noqa: N802
        if request.version:
            raise _Failed(grpc.StatusCode.INVALID_ARGUMENT, f"schema version {request.version} is not known; ask for 0")
        schema = cache.load_schema(naming.served_paths())
        return provider_pb2.GetSchemaResponse(schema=_compact_json(schema))

    @_answer
    def Parameterize(self, _request: Any) -> Any:  # noqa: N802
        raise _Failed(
            grpc.StatusCode.UNIMPLEMENTED,
            "the local cloud serves azure-native's default API versions only, not packages of another version",
        )

    @_answer
    def CheckConfig(self, request: Any) -> Any:  # noqa: N802
        failures = [provider_pb2.CheckFailure(reason=problem) for problem in config_problems(decode(request.news))]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    @_answer
    def DiffConfig(self, _request: Any) -> Any:  # noqa: N802
        return provider_pb2.DiffResponse()

    @_answer
    def Configure(self, request: Any) -> Any:  # noqa: N802
        config = {key.rsplit(":", 1)[-1]: value for key, value in request.variables.items()}
        # Refresh and destroy configure a provider from the state without checking its configuration first.
        if problems := config_problems(config):
            raise _Failed(grpc.StatusCode.FAILED_PRECONDITION, "\n".join(problems))
        file = Path(os.environ["LOCALCLOUD_FILE"])
        try:
            cloud = Cloud.open(file, os.environ.get("LOCALCLOUD_LATENCY", "off"))
        except (OSError, ValueError) as problem:
            raise _Failed(grpc.StatusCode.FAILED_PRECONDITION, f"the local cloud cannot be opened: {problem}") from None
        self._state = _Configured(
            cloud,
            Journal(file),
            cache.load(naming.served_paths()),
            config.get("subscriptionId") or naming.NO_SUBSCRIPTION,
            config.get("location") or None,
        )
        return provider_pb2.ConfigureResponse(supportsPreview=True, supports_autonaming_configuration=True)

    @_answer
    def Check(self, request: Any) -> Any:  # noqa: N802
        kind = self._kind(request.urn)
        old, new = decode(request.olds), decode(request.news)
        self._set_defaults(kind, request, old, new)
        own = {name: value for name, value in new.items() if name not in _OWN_INPUTS}
        problems = list(Checker(self._configured.sdk).problems(kind.inputs, own))
        problems += self._own_rules(kind, old, new)
        failures = [provider_pb2.CheckFailure(reason=problem) for problem in problems]
        return provider_pb2.CheckResponse(inputs=encode(new), failures=failures)

    @_answer
    def Diff(self, request: Any) -> Any:  # noqa: N802
        kind = self._kind(request.urn)
        old, new, old_outputs = decode(request.old_inputs), decode(request.news), decode(request.olds)
        if _API_VERSION in old_outputs:
            old.setdefault(_API_VERSION, old_outputs[_API_VERSION])  # an import does not know it as an input
        found = difference(kind.info, kind.inputs, old, new, old_outputs)
        answer = provider_pb2.DiffResponse
        return answer(
            changes=answer.DIFF_SOME if found.changes else answer.DIFF_NONE,
            replaces=[change.path for change in found.changes if change.replaces],
            diffs=sorted({change.path.replace("[", ".").split(".")[0] for change in found.changes}),
            deleteBeforeReplace=found.delete_before_replace,
            hasDetailedDiff=True,
            detailedDiff={
                change.path: provider_pb2.PropertyDiff(kind=_KINDS[change.kind, change.replaces], inputDiff=True)
                for change in found.changes
            },
        )

    @_answer
    def Create(self, request: Any) -> Any:  # noqa: N802
        kind = self._kind(request.urn)
        inputs = decode(request.properties)
        state = self._configured
        if request.preview:
            outputs = shapes.preview_outputs(state.sdk, kind.shape.outputs, inputs)
            return provider_pb2.CreateResponse(properties=encode(outputs))
        wanted = self._for_cloud(kind, inputs)
        id = self._ask("create", request.urn, state.cloud.resource_id, kind.token, wanted, state.subscription)
        if self._ask("create", request.urn, state.cloud.read, kind.token, id) is not None:
            raise _Failed(
                grpc.StatusCode.ALREADY_EXISTS,
                f"{id} exists already; give the resource another name, or take it into the stack:\n"
                f"pulumi import {kind.token} {_pulumi_name(request.urn)} {id}",
            )
        state.journal.asked(request.urn, kind.token, id)
        try:
            made = state.cloud.create(kind.token, wanted, state.subscription)
        except Refused as refused:
            left = state.cloud.read(kind.token, id)
            raise self._failure("create", kind, request.urn, refused, left, request.properties) from None
        return provider_pb2.CreateResponse(id=made.id, properties=self._outputs(kind, made))

    @_answer
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

    @_answer
    def Delete(self, request: Any) -> Any:  # noqa: N802
        kind = self._kind(request.urn)
        self._ask("delete", request.urn, self._configured.cloud.delete, kind.token, request.id)
        return empty_pb2.Empty()

    @_answer
    def Read(self, request: Any) -> Any:  # noqa: N802
        kind = self._kind(request.urn)
        template = TYPES[kind.token][0]
        try:
            naming.path_inputs(template, request.id)
        except ValueError as problem:
            raise _Failed(grpc.StatusCode.INVALID_ARGUMENT, str(problem)) from None
        found = self._ask("read", request.urn, self._configured.cloud.read, kind.token, request.id)
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

    @_answer
    def Invoke(self, request: Any) -> Any:  # noqa: N802
        state = self._configured
        shape = state.sdk.function(request.tok)
        if shape is None:
            raise _Failed(grpc.StatusCode.NOT_FOUND, _not_served(request.tok, state.sdk.function_tokens()))
        args = decode(request.args)
        if problems := list(Checker(state.sdk).problems(shape.inputs, args)):
            failures = [provider_pb2.CheckFailure(reason=problem) for problem in problems]
            return provider_pb2.InvokeResponse(failures=failures)
        answer = self._ask("call", request.tok, state.cloud.invoke, request.tok, args, state.subscription)
        if _API_VERSION in shape.outputs and _API_VERSION not in answer:
            answer = {**answer, _API_VERSION: shape.api_version}
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(encode(answer))  # a word that Python keeps for itself
        return response

    @_answer
    def Cancel(self, _request: Any) -> Any:  # noqa: N802
        # The engine's signal to end follows at once: what must be done before is done before the answer.
        with self._lock:
            only_this_call = self._calls == 1
        if only_this_call:
            self._close_journal()
        threading.Thread(target=self._leave, daemon=True).start()
        return empty_pb2.Empty()

    def _close_journal(self) -> None:
        if self._state is not None:
            self._state.journal.close()

    def _leave(self) -> None:
        """Ends the process when the calls under way have been answered, this one included."""
        if self.server is not None:
            self.server.stop(grace=600).wait()
            self._close_journal()
            time.sleep(0.1)  # the answer to Cancel is still on its way; without it the engine reports a crash
            os._exit(0)

    @property
    def _configured(self) -> _Configured:
        if self._state is None:
            raise _Failed(grpc.StatusCode.FAILED_PRECONDITION, "the engine has not configured the local cloud yet")
        return self._state

    def _kind(self, urn: str) -> _Kind:
        state = self._configured
        token = urn.split("::")[2].rsplit("$", 1)[-1]
        shape = state.sdk.resource(token)
        if shape is None:
            raise _Failed(grpc.StatusCode.NOT_FOUND, _not_served(token, state.sdk.resource_tokens()))
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
        new[name] = naming.make_name(style, _pulumi_name(request.urn), request.randomSeed)
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

    def _ask(self, verb: str, what: str, call: Callable[..., Any], *args: Any) -> Any:
        try:
            return call(*args)
        except Refused as refused:
            raise _Failed(_status(refused), _refusal(verb, what, refused)) from None

    def _failure(
        self, verb: str, kind: _Kind, urn: str, refused: Refused, left: Resource | None, inputs: Struct
    ) -> _Failed:
        message = _refusal(verb, urn, refused)
        if left is None:
            return _Failed(_status(refused), message)
        detail = provider_pb2.ErrorResourceInitFailed(
            id=left.id, properties=self._outputs(kind, left), reasons=[message], inputs=inputs
        )
        return _Failed(grpc.StatusCode.UNKNOWN, message, detail)


def _refusal(verb: str, what: str, refused: Refused) -> str:
    """``cannot create registry (azure-native:…:Registry): 409 Conflict (Code)`` and each problem on a line."""
    name, token = (_pulumi_name(what), what.split("::")[2].rsplit("$", 1)[-1]) if "::" in what else ("", what)
    subject = f"{name} ({token})" if name else token
    status = f"{refused.status} {HTTPStatus(refused.status).phrase}" + (f", {refused.code}" if refused.code else "")
    problems = [problem.replace("\n", "\n    ") for problem in refused.problems]
    if len(problems) == 1:
        return f"the local cloud refused to {verb} {subject}: {status}: {problems[0]}"
    return f"the local cloud refused to {verb} {subject}: {status}" + "".join(f"\n  - {p}" for p in problems)


def _status(refused: Refused) -> grpc.StatusCode:
    by_status = {
        400: grpc.StatusCode.INVALID_ARGUMENT,
        403: grpc.StatusCode.PERMISSION_DENIED,
        404: grpc.StatusCode.NOT_FOUND,
        409: grpc.StatusCode.FAILED_PRECONDITION,
    }
    return by_status.get(refused.status, grpc.StatusCode.UNKNOWN)


def _not_served(token: str, served: list[str]) -> str:
    module = token.split(":")[1] if token.count(":") >= 2 else ""
    if "/" in module:
        plain = token.replace(module, module.split("/")[0])
        return (
            f"the local cloud does not serve {token}: it has azure-native's default API versions only; use {plain}"
            + ("" if plain in served else ", which it does not serve either")
        )
    near = difflib.get_close_matches(token, served, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"the local cloud does not serve {token}{hint} It serves: " + ", ".join(sorted(served))


def _pulumi_name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]


def _compact_json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
