"""What every provider of the local cloud does alike: it answers the engine, tells errors, leaves when it is told to."""

from __future__ import annotations

import difflib
import functools
import json
import os
import threading
import time
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import grpc
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from localcloud.model import CloudFileError, Refused
from localcloud.model.latency import PROFILES
from localcloud.sdk import cache

from .check import Checker
from .journal import Journal
from .values import UNKNOWN, decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from localcloud.sdk.description import FunctionShape
    from localcloud.sdk.surface import Surface

    from .diff import Change

MARKER: Final = "localcloud.invalid"
"""What one setting of a stack's provider is when the stack is meant for the local cloud.

Each provider says which: one that makes the real provider refuse the stack, or find nobody. So a marked stack cannot
reach a real cloud, and one that is not marked cannot reach the local one.
"""

KINDS: Final = {
    (word, replaces): provider_pb2.PropertyDiff.Kind.Value(word.upper() + ("_REPLACE" if replaces else ""))
    for word in ("add", "delete", "update")
    for replaces in (False, True)
}


class Failed(Exception):  # noqa: N818 - how a call ended
    """An answer that is an error, with what the engine should keep of a resource that is there all the same."""

    def __init__(self, code: grpc.StatusCode, message: str, left_behind: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.left_behind = left_behind


def answer(call: Callable[..., Any]) -> Callable[..., Any]:
    """Turns what a call raises into a gRPC error that a person can read."""

    @functools.wraps(call)
    def answered(self: Serving, request: Any, context: grpc.ServicerContext) -> Any:
        self.begin()
        try:
            return call(self, request)
        except Failed as failed:
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


def environment_problems() -> list[str]:
    """What is missing in the environment of a provider that is to serve a rehearsal."""
    problems = []
    if not os.environ.get("LOCALCLOUD_FILE"):
        problems.append(
            "LOCALCLOUD_FILE is not set, so there is no cloud to deploy into; run the command with bin/local"
        )
    latency = os.environ.get("LOCALCLOUD_LATENCY", "off")
    if latency not in PROFILES:
        problems.append(f"LOCALCLOUD_LATENCY is '{latency}'; must be 'off' or 'realistic'")
    return problems


def unmarked(setting: str, found: Any) -> list[str]:
    """Why a stack without the local cloud's mark is not served; empty when it has it.

    ``setting`` is the one that holds the mark, ``found`` what it says.
    """
    if found == MARKER:
        return []
    provider, _, argument = setting.partition(":")
    told = "is not set" if found is None else "is not known yet" if found is UNKNOWN else f"is '{found}'"
    cloud = {"alicloud": "Alibaba Cloud", "azure-native": "Azure"}[provider]
    lines = [
        f"{setting} {told}: this stack is not marked for the local cloud.",
        f"The local cloud serves only stacks where it is '{MARKER}', so that no real stack is deployed into it by "
        "mistake.",
        "  To rehearse a real stack: make rehearse STACK=<name>",
        f"  To mark a stack of its own: pulumi config set {setting} {MARKER} (an explicit provider needs the argument "
        f"{argument}: {MARKER})",
        f"  To deploy to {cloud}: run pulumi outside bin/local, with the real {provider} plugin",
    ]
    return ["\n".join(lines)]


def open_cloud(opening: Callable[[Path, str], Any]) -> tuple[Path, Any]:
    """The file that the environment names, and the cloud in it."""
    file = Path(os.environ["LOCALCLOUD_FILE"])
    try:
        return file, opening(file, os.environ.get("LOCALCLOUD_LATENCY", "off"))
    except (OSError, ValueError) as problem:
        raise Failed(grpc.StatusCode.FAILED_PRECONDITION, f"the local cloud cannot be opened: {problem}") from None


class Serving(provider_pb2_grpc.ResourceProviderServicer):
    """A provider in front of the model. One instance serves one engine; calls come in parallel."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self.journal: Journal | None = None
        self.server: grpc.Server | None = None
        self._calls = 0
        self._lock = threading.Lock()

    def begin(self) -> None:
        with self._lock:
            self._calls += 1

    def end(self) -> None:
        with self._lock:
            self._calls -= 1

    def open(
        self, variables: Mapping[str, str], opening: Callable[[Path, str], Any]
    ) -> tuple[dict[str, Any], Any, Journal]:
        """The configuration that the engine gives, and the cloud that is open from now on, with a journal beside it."""
        found = plain_settings(variables)
        config = configured(found, self.config_problems(found))
        file, cloud = open_cloud(opening)
        self.journal = Journal(file)
        return config, cloud, self.journal

    def config_problems(self, config: Mapping[str, Any]) -> list[str]:
        """Why this provider must not serve a stack with that configuration; empty when it may."""
        raise NotImplementedError

    # The handshake says what Configure says again for older engines: previews and auto-naming settings are understood,
    # secrets and outputs are left to the engine, as azure-native leaves them.
    @answer
    def Handshake(self, _request: Any) -> Any:  # noqa: N802 - gRPC's names
        return provider_pb2.ProviderHandshakeResponse(supports_autonaming_configuration=True)

    @answer
    def GetPluginInfo(self, _request: Any) -> Any:  # noqa: N802
        return plugin_pb2.PluginInfo(version=self.surface.version())

    @answer
    def Attach(self, _request: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    @answer
    def GetSchema(self, request: Any) -> Any:  # noqa: N802
        if request.version:
            raise Failed(grpc.StatusCode.INVALID_ARGUMENT, f"schema version {request.version} is not known; ask for 0")
        schema = cache.load_schema(self.surface)
        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema, separators=(",", ":")))

    @answer
    def CheckConfig(self, request: Any) -> Any:  # noqa: N802
        problems = self.config_problems(decode(request.news))
        failures = [provider_pb2.CheckFailure(reason=problem) for problem in problems]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    @answer
    def Cancel(self, _request: Any) -> Any:  # noqa: N802
        # The engine's signal to end follows at once: what must be done before is done before the answer.
        with self._lock:
            only_this_call = self._calls == 1
        if only_this_call:
            self._close_journal()
        threading.Thread(target=self._leave, daemon=True).start()
        return empty_pb2.Empty()

    def _close_journal(self) -> None:
        if self.journal is not None:
            self.journal.close()

    def _leave(self) -> None:
        """Ends the process when the calls under way have been answered, this one included."""
        if self.server is not None:
            self.server.stop(grace=600).wait()
            self._close_journal()
            time.sleep(0.1)  # the answer to Cancel is still on its way; without it the engine reports a crash
            os._exit(0)


def configured(config: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    """A provider's settings by their own names. Failed when there are problems.

    Refresh and destroy configure a provider from the state without checking its configuration first.
    """
    if problems:
        raise Failed(grpc.StatusCode.FAILED_PRECONDITION, "\n".join(problems))
    return dict(config)


def plain_settings(variables: Mapping[str, str]) -> dict[str, str]:
    """``alicloud:config:region`` is the setting ``region``."""
    return {key.rsplit(":", 1)[-1]: value for key, value in variables.items()}


def diff_response(changes: list[Change], *, delete_before_replace: bool) -> Any:
    response = provider_pb2.DiffResponse
    return response(
        changes=response.DIFF_SOME if changes else response.DIFF_NONE,
        replaces=[change.path for change in changes if change.replaces],
        diffs=sorted({change.path.replace("[", ".").split(".")[0] for change in changes}),
        deleteBeforeReplace=delete_before_replace,
        hasDetailedDiff=True,
        detailedDiff={
            change.path: provider_pb2.PropertyDiff(kind=KINDS[change.kind, change.replaces], inputDiff=True)
            for change in changes
        },
    )


def invoked(sdk: Any, shape: FunctionShape, args: dict[str, Any], call: Callable[[], dict[str, Any]]) -> Any:
    """The answer to a function call, or what is wrong with its arguments."""
    if problems := list(Checker(sdk).problems(shape.inputs, args)):
        failures = [provider_pb2.CheckFailure(reason=problem) for problem in problems]
        return provider_pb2.InvokeResponse(failures=failures)
    response = provider_pb2.InvokeResponse()
    getattr(response, "return").CopyFrom(encode(call()))  # a word that Python keeps for itself
    return response


def asking(verb: str, what: str, call: Callable[..., Any], *args: Any) -> Any:
    """Asks the cloud; what it refuses is told with the resource's name and type."""
    try:
        return call(*args)
    except Refused as refused:
        raise Failed(status_of(refused), refusal(verb, what, refused)) from None


def refusal(verb: str, what: str, refused: Refused) -> str:
    """``cannot create registry (azure-native:…:Registry): 409 Conflict (Code)`` and each problem on a line."""
    name, token = (pulumi_name(what), token_of(what)) if "::" in what else ("", what)
    subject = f"{name} ({token})" if name else token
    status = f"{refused.status} {HTTPStatus(refused.status).phrase}" + (f", {refused.code}" if refused.code else "")
    problems = [problem.replace("\n", "\n    ") for problem in refused.problems]
    remark = f" ({refused.remark})" if refused.remark else ""
    if len(problems) == 1:
        return f"the local cloud refused to {verb} {subject}: {status}: {problems[0]}{remark}"
    return f"the local cloud refused to {verb} {subject}: {status}{remark}" + "".join(f"\n  - {p}" for p in problems)


def status_of(refused: Refused) -> grpc.StatusCode:
    by_status = {
        400: grpc.StatusCode.INVALID_ARGUMENT,
        403: grpc.StatusCode.PERMISSION_DENIED,
        404: grpc.StatusCode.NOT_FOUND,
        409: grpc.StatusCode.FAILED_PRECONDITION,
    }
    return by_status.get(refused.status, grpc.StatusCode.UNKNOWN)


def not_served(token: str, served: list[str]) -> str:
    near = difflib.get_close_matches(token, served, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"the local cloud does not serve {token}{hint} It serves: " + ", ".join(sorted(served))


def token_of(urn: str) -> str:
    return urn.split("::")[2].rsplit("$", 1)[-1]


def pulumi_name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]
