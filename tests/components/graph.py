"""Runs a program against Pulumi's mocks and shows what it asked the engine for."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime import mocks, rpc

UNKNOWN = "<unknown>"
NIC = "azure-native:network:getNetworkInterface"


@dataclass(frozen=True)
class Registered:
    """One registration, as it went to the engine. What is not known at preview is ``UNKNOWN`` in ``inputs``."""

    type: str
    name: str
    parent: str
    inputs: dict[str, Any]
    depends_on: frozenset[str]
    protect: bool
    retain_on_delete: bool
    ignore_changes: tuple[str, ...]
    version: str
    provider: str
    custom: bool


@dataclass
class Graph:
    """What a program registered, in order, and the values of the outputs it returned (None where unknown)."""

    resources: list[Registered] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    calls: list[mocks.MockCallArgs] = field(default_factory=list)

    def __getitem__(self, name: str) -> Registered:
        """The one custom resource of that name."""
        found = [r for r in self.resources if r.name == name and r.custom]
        assert len(found) == 1, f"{name}: {[(r.type, r.name) for r in self.resources]}"
        return found[0]

    @property
    def names(self) -> set[str]:
        return {r.name for r in self.resources if r.custom}


_SEGMENTS = {
    "Registry": "Microsoft.ContainerRegistry/registries",
    "PrivateZone": "Microsoft.Network/privateDnsZones",
    "VirtualNetwork": "Microsoft.Network/virtualNetworks",
    "Subnet": "Microsoft.Network/virtualNetworks/vnet/subnets",
    "PrivateEndpoint": "Microsoft.Network/privateEndpoints",
}


# Where the input that names a resource is not called after its type.
_NAMES = {"privateZoneName", "replicationName", "virtualNetworkLinkName"}


def azure_id(resource_type: str, name: str) -> str:
    """The id that the mocks give a resource."""
    segment = _SEGMENTS.get(resource_type.split(":")[-1], "Other/things")
    return f"/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/{segment}/{name}"


class _Azure(mocks.Mocks):
    """Answers as Azure would: ids, a login server, and a network interface with an address for each member."""

    def __init__(self, preview: bool, members: Mapping[str, str], new: frozenset[str] | None, label: str) -> None:
        self.preview = preview
        self.members = members
        self.new = new
        self.label = label
        self.called: list[mocks.MockCallArgs] = []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        state = dict(args.inputs)
        known = not self.preview or (self.new is not None and args.name not in self.new)
        if known:
            kind = args.typ.split(":")[-1]
            own = next((k for k in state if k in _NAMES or k.lower() == f"{kind}Name".lower()), None)
            state["name"] = state[own] if own else args.name
        if args.typ.endswith(":Registry") and known:
            suffix = "us" if args.inputs.get("location", "").startswith("usgov") else "io"
            name = args.inputs.get("registryName", args.name).lower()
            state["loginServer"] = f"{name}{self.label}.azurecr.{suffix}"
        return (azure_id(args.typ, args.name) if known else None), state

    def call(self, args: mocks.MockCallArgs) -> Any:
        self.called.append(args)
        if not self.members:
            return {}, [("networkInterfaceName", "404 Not Found")]
        assert args.token == NIC, args.token
        return {
            "ipConfigurations": [
                {"privateIPAddress": address, "privateLinkConnectionProperties": {"requiredMemberName": member}}
                for member, address in self.members.items()
            ]
        }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return UNKNOWN if isinstance(value, pulumi.output.Unknown) else value


class _Monitor(mocks.MockMonitor):
    def __init__(self, answers: mocks.Mocks) -> None:
        super().__init__(answers)
        self.seen: list[Registered] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        if request.type != "pulumi:pulumi:Stack":
            self.seen.append(
                Registered(
                    type=request.type,
                    name=request.name,
                    parent=request.parent.split("::")[-1] if "$" in request.parent.split("::")[-2] else "",
                    inputs=_plain(rpc.deserialize_properties(request.object, keep_unknowns=True)),
                    depends_on=frozenset(urn.split("::")[-1] for urn in request.dependencies),
                    protect=request.protect,
                    retain_on_delete=request.retainOnDelete,
                    ignore_changes=tuple(request.ignoreChanges),
                    version=request.version,
                    provider=request.provider,
                    custom=request.custom,
                )
            )
        return super().RegisterResource(request)


MEMBERS = {
    "registry": "10.20.0.4",
    "registry_data_japaneast": "10.20.0.5",
    "registry_data_japanwest": "10.20.0.6",
}


def run(
    program: Callable[[], Mapping[str, Any] | None],
    *,
    preview: bool = False,
    members: Mapping[str, str] = MEMBERS,
    new: frozenset[str] | None = None,
    label: str = "",
) -> Graph:
    """Runs a program that returns the outputs to look at.

    At preview ``new`` names the resources that do not exist yet (all of them by default). ``label`` is what a
    domain-name label adds to the login server. Without ``members`` there is no network interface.
    """
    answers = _Azure(preview, members, new, label)
    monitor = _Monitor(answers)
    graph = Graph(calls=answers.called)
    pulumi.runtime.set_mocks(answers, project="private-registry", stack="test", preview=preview, monitor=monitor)

    async def read(output: pulumi.Output[Any]) -> Any:
        return await output.future() if await output.is_known() else None

    @pulumi.runtime.test
    def body() -> Any:
        returned = {name: pulumi.Output.from_input(value) for name, value in (program() or {}).items()}

        async def collect() -> None:
            for name, output in returned.items():
                graph.outputs[name] = await read(output)

        return pulumi.Output.from_input(collect())

    # As Pulumi's own launcher does: a program that fails leaves futures that nobody asks for their result.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    try:
        body()
    except BaseException:
        # Here rather than in the middle of whatever runs when memory is next collected.
        gc.collect()
        raise
    graph.resources = monitor.seen
    return graph
