"""The CrossGuard pack: serves the rules to the Pulumi engine over its Analyzer protocol.

The protocol is served directly and not through ``pulumi_policy.PolicyPack`` for what that cannot do: a level for each
finding (notes, exemptions, unknowns), a rule that raises failing the stack under its own name, a configuration
checked whole, the inputs (not the outputs) in stack rules, and one conversion a resource where the SDK reads the
input again for every policy. See docs/decisions/0040-guard-speaks-the-analyzer-protocol.md.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Mapping
from concurrent import futures
from dataclasses import asdict, replace
from importlib import metadata
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2
from registry_model.estate.deployments import Library
from registry_model.estate.model import Estate, Options, Provider, Resource
from registry_model.estate.reading import concerns, make, state_of
from registry_model.estate.values import SECRET_SIGNATURE, SIGNATURE_KEY, UNKNOWN_SENTINELS

from . import settings
from .engine import Evaluator, Finding
from .rule import ADVISORY, DEFAULT_PRESET, MANDATORY, Level, Option, Rule, Severity, rules

if TYPE_CHECKING:
    from google.protobuf.internal.containers import RepeatedCompositeFieldContainer

NAME = "registry-guard"
MAX_MESSAGE_BYTES = 400 * 1024 * 1024  # what the engine itself allows for one call

ORPHAN_CHECK_SECONDS = 5

_LEVELS = {
    Level.ADVISORY: analyzer_pb2.ADVISORY,
    Level.MANDATORY: analyzer_pb2.MANDATORY,
    Level.DISABLED: analyzer_pb2.DISABLED,
    Level.REMEDIATE: analyzer_pb2.REMEDIATE,
}
_LEVEL_NAMES = {number: level.value for level, number in _LEVELS.items()}
_SEVERITIES = {
    Severity.LOW: analyzer_pb2.POLICY_SEVERITY_LOW,
    Severity.MEDIUM: analyzer_pb2.POLICY_SEVERITY_MEDIUM,
    Severity.HIGH: analyzer_pb2.POLICY_SEVERITY_HIGH,
    Severity.CRITICAL: analyzer_pb2.POLICY_SEVERITY_CRITICAL,
}


def version() -> str:
    """The version of the installed distribution; 0.0.0 when the pack runs from a bare checkout."""
    try:
        return metadata.version("private-registry")
    except metadata.PackageNotFoundError:
        return "0.0.0"


class Analyzer(analyzer_pb2_grpc.AnalyzerServicer):
    """One run of the pack. It remembers each resource's inputs, so that stack rules judge what was declared."""

    def __init__(self, of: str = "") -> None:
        self.version = of or version()
        self.stopped = threading.Event()
        self._evaluator = Evaluator(settings.load())
        self._declared: dict[str, list[Resource]] = {}
        self._library = Library()

    # The protocol's method names are not ours to choose.

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> analyzer_pb2.AnalyzerHandshakeResponse:  # noqa: N802
        return analyzer_pb2.AnalyzerHandshakeResponse()

    def ConfigureStack(  # noqa: N802
        self, request: Any, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzerStackConfigureResponse:
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:  # noqa: N802
        return plugin_pb2.PluginInfo(version=self.version)

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: N802
        self.stopped.set()
        return empty_pb2.Empty()

    def GetAnalyzerInfo(self, request: Any, context: grpc.ServicerContext) -> analyzer_pb2.AnalyzerInfo:  # noqa: N802
        info = analyzer_pb2.AnalyzerInfo(
            name=NAME,
            displayName="Registry guard",
            version=self.version,
            supportsConfig=True,
            description="Nothing unsafe about a container registry passes.",
        )
        info.policies.append(_guard_info())
        info.policies.extend(_policy_info(rule) for rule in rules().values())
        return info

    def Configure(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: N802
        document = {
            name: {"enforcementLevel": _LEVEL_NAMES[entry.enforcementLevel], **_plain(entry.properties)}
            for name, entry in request.policyConfig.items()
        }
        try:
            self._evaluator = Evaluator(settings.load(document))
        except settings.ConfigError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return empty_pb2.Empty()

    def Analyze(self, request: Any, context: grpc.ServicerContext) -> analyzer_pb2.AnalyzeResponse:  # noqa: N802
        response = analyzer_pb2.AnalyzeResponse()
        if concerns(request.type):
            resources = _resources(request, _plain(request.properties), library=self._library)
            self._declared[request.urn] = resources
            for resource in resources:
                self._report(response.diagnostics, self._evaluator.judge_resource(resource))
        return response

    def AnalyzeStack(self, request: Any, context: grpc.ServicerContext) -> analyzer_pb2.AnalyzeResponse:  # noqa: N802
        response = analyzer_pb2.AnalyzeResponse()
        resources: list[Resource] = []
        parents: dict[str, str] = {}
        for each in request.resources:
            if each.parent:
                parents[each.urn] = each.parent
            if concerns(each.type):
                resources += self._with_state(each)
        self._report(response.diagnostics, self._evaluator.judge_estate(Estate(resources, parents)))
        return response

    def Remediate(self, request: Any, context: grpc.ServicerContext) -> analyzer_pb2.RemediateResponse:  # noqa: N802
        response = analyzer_pb2.RemediateResponse()
        if not self._evaluator.remediates or not concerns(request.type):
            return response
        properties = struct_pb2.Struct()
        properties.CopyFrom(request.properties)
        for resource in _resources(request, _plain(request.properties)):
            for rule, changes in self._evaluator.remedies(resource):
                for path, value in changes.items():
                    set_input(properties, path, value)
                remediation = response.remediations.add(
                    policyName=rule.id,
                    policyPackName=NAME,
                    policyPackVersion=self.version,
                    description=rule.title,
                )
                remediation.properties.CopyFrom(properties)
        return response

    def _with_state(self, each: Any) -> list[Resource]:
        """The resources as declared, with what the state adds. Those never declared in this run are only read."""
        declared = self._declared.get(each.urn, ())
        if not declared or any(resource.external for resource in declared):
            return _resources(each, {}, _plain(each.properties))
        dependencies = {
            "dependencies": tuple(each.dependencies),
            "property_dependencies": {
                key.lower(): tuple(value.urns) for key, value in each.propertyDependencies.items()
            },
            "parent": each.parent,
        }
        state = _texts(each.properties)
        return [replace(resource, outputs={} if resource.embedded else state, **dependencies) for resource in declared]

    def _report(
        self,
        diagnostics: RepeatedCompositeFieldContainer[analyzer_pb2.AnalyzeDiagnostic],
        findings: list[Finding],
    ) -> None:
        for finding in findings:
            diagnostics.add(
                policyName=finding.rule,
                policyPackName=NAME,
                policyPackVersion=self.version,
                description=finding.title,
                message=f"{finding.title}\n{finding.text}",
                urn=finding.urn,
                enforcementLevel=_LEVELS[MANDATORY if finding.mandatory else ADVISORY],
                severity=_SEVERITIES[finding.severity],
            )


def _policy_info(rule: Rule) -> analyzer_pb2.PolicyInfo:
    info = analyzer_pb2.PolicyInfo(
        name=rule.id,
        displayName=rule.title,
        description=rule.title,
        enforcementLevel=_LEVELS[rule.levels.of(DEFAULT_PRESET)],
        policy_type=(
            analyzer_pb2.POLICY_TYPE_STACK if rule.check_resource is None else analyzer_pb2.POLICY_TYPE_RESOURCE
        ),
        severity=_SEVERITIES[rule.severity],
        remediation_steps=rule.fix,
        url=rule.url,
    )
    if rule.frameworks:
        info.framework.CopyFrom(analyzer_pb2.PolicyComplianceFramework(**asdict(rule.frameworks[0])))
    info.tags.extend(rule.tags)
    _describe(info, rule.options)
    return info


def _guard_info() -> analyzer_pb2.PolicyInfo:
    info = analyzer_pb2.PolicyInfo(
        name=settings.GUARD,
        displayName="The guard's own settings",
        description="Settings for all rules: exemptions, and what an unknown value means",
        enforcementLevel=analyzer_pb2.MANDATORY,
        policy_type=analyzer_pb2.POLICY_TYPE_RESOURCE,
    )
    _describe(info, settings.GUARD_OPTIONS)
    return info


def _describe(info: analyzer_pb2.PolicyInfo, options: Mapping[str, Option]) -> None:
    for key, option in options.items():
        info.configSchema.properties[key] = {
            **option.engine_schema(),
            "default": option.default,
            "description": option.description,
        }


def _resources(
    request: Any,
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any] | None = None,
    library: Library | None = None,
) -> list[Resource]:
    return make(
        urn=request.urn,
        token=request.type,
        name=request.name,
        inputs=inputs,
        outputs=outputs,
        options=Options(request.options.protect, tuple(request.options.ignoreChanges)),
        parent=request.options.parent,
        provider=(
            Provider(request.provider.urn, _texts(request.provider.properties))
            if request.HasField("provider")
            else Provider()
        ),
        library=library,
    )


def _texts(struct: Any) -> dict[str, Any]:
    """`state_of` a protobuf Struct, without converting the rest of it: the large part of what the engine sends."""
    texts = {k: v.string_value for k, v in struct.fields.items() if v.WhichOneof("kind") == "string_value"}
    lists = {k: _plain_value(struct.fields[k]) for k in ("privateEndpointConnections",) if k in struct.fields}
    return state_of(texts | lists)


def _plain(struct: Any) -> dict[str, Any]:
    """A protobuf Struct as dicts and lists; json_format does the same in four times the time."""
    return {key: _plain_value(value) for key, value in struct.fields.items()}


def _plain_value(value: Any) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "struct_value":
        return _plain(value.struct_value)
    if kind == "list_value":
        return [_plain_value(item) for item in value.list_value.values]
    if kind == "bool_value":
        return value.bool_value
    return value.number_value if kind == "number_value" else None


def set_input(properties: Any, path: str, value: Any) -> None:
    """Set one input in place through secrets, and never through or over an unknown.

    Everything else keeps its exact wire form, so that secrets stay secret and unknowns unknown.
    """
    *parents, last = path.split(".")
    holder = properties
    for key in parents:
        holder = _inside_secret(holder)
        if key not in holder.fields:
            holder.fields[key].struct_value.SetInParent()
        child = holder.fields[key]
        if child.WhichOneof("kind") != "struct_value":
            return
        holder = child.struct_value
    holder = _inside_secret(holder)
    current = holder.fields.get(last)
    if current is not None and current.string_value in UNKNOWN_SENTINELS:
        return
    if current is not None and _is_secret(current):
        current.struct_value["value"] = value
    else:
        holder[last] = value


def _is_secret(value: Any) -> bool:
    fields = value.struct_value.fields
    return SIGNATURE_KEY in fields and fields[SIGNATURE_KEY].string_value == SECRET_SIGNATURE


def _inside_secret(struct: Any) -> Any:
    fields = struct.fields
    if SIGNATURE_KEY in fields and fields[SIGNATURE_KEY].string_value == SECRET_SIGNATURE:
        return fields["value"].struct_value
    return struct


def serve(of: str = "") -> None:
    """Serve the pack until the engine cancels it or ends: prints the port on stdout, as the engine expects.

    ``of`` is the version to report, where no distribution is installed that would tell.
    """
    analyzer = Analyzer(of)
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=4),
        options=[
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ],
    )
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(analyzer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, lambda _number, _frame: analyzer.stopped.set())
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    parent = os.getppid()
    # An engine that was killed cancels nothing: a pack whose parent is gone leaves too.
    while not analyzer.stopped.wait(ORPHAN_CHECK_SECONDS) and os.getppid() == parent:
        pass
    server.stop(grace=0.2).wait()
    # The engine waits for the process; threads of grpc would hold it for seconds.
    os._exit(0)
