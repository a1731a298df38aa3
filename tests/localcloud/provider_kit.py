"""A provider behind a real gRPC channel, and shorthand for what the engine asks it."""

from __future__ import annotations

from concurrent import futures
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import empty_pb2, struct_pb2
from localcloud.provider.service import Provider
from localcloud.provider.serving import MARKER
from localcloud.provider.values import decode, encode
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localcloud.provider.serving import Serving

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP = "azure-native:resources:ResourceGroup"
REGISTRY = "azure-native:containerregistry:Registry"
EMPTY = empty_pb2.Empty()


class Engine:
    """Asks as the engine does; answers are plain values."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.stub = provider_pb2_grpc.ResourceProviderStub(channel)

    def check_config(self, **config: str) -> list[str]:
        answer = self.stub.CheckConfig(provider_pb2.CheckRequest(news=encode(config)))
        return [failure.reason for failure in answer.failures]

    def configure(self, **config: str) -> None:
        variables = {f"azure-native:config:{key}": value for key, value in config.items()}
        self.stub.Configure(provider_pb2.ConfigureRequest(variables=variables))

    def configure_local(self, **config: str) -> Engine:
        self.configure(metadataHost=MARKER, subscriptionId=SUBSCRIPTION, **config)
        return self

    def check(
        self, token: str, inputs: dict[str, Any], old: dict[str, Any] | None = None, **more: Any
    ) -> tuple[dict[str, Any], list[str]]:
        request = provider_pb2.CheckRequest(
            urn=urn(token), news=encode(inputs), olds=encode(old or {}), randomSeed=b"seed", **more
        )
        answer = self.stub.Check(request)
        return decode(answer.inputs), [failure.reason for failure in answer.failures]

    def diff(self, token: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any] | None = None) -> Any:
        return self.stub.Diff(
            provider_pb2.DiffRequest(
                urn=urn(token), id="x", old_inputs=encode(old), news=encode(new), olds=encode(outputs or {})
            )
        )

    def create(self, token: str, inputs: dict[str, Any], *, preview: bool = False) -> tuple[str, dict[str, Any]]:
        request = provider_pb2.CreateRequest(urn=urn(token), properties=encode(inputs), preview=preview)
        answer = self.stub.Create(request)
        return answer.id, decode(answer.properties)

    def update(
        self, token: str, id: str, old: dict[str, Any], inputs: dict[str, Any], *, preview: bool = False
    ) -> dict[str, Any]:
        request = provider_pb2.UpdateRequest(
            urn=urn(token), id=id, olds=encode(old), news=encode(inputs), preview=preview
        )
        return decode(self.stub.Update(request).properties)

    def read(
        self, token: str, id: str, inputs: dict[str, Any] | None = None, outputs: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        request = provider_pb2.ReadRequest(
            urn=urn(token), id=id, inputs=encode(inputs or {}), properties=encode(outputs or {})
        )
        answer = self.stub.Read(request)
        return answer.id, decode(answer.inputs), decode(answer.properties)

    def delete(self, token: str, id: str) -> None:
        self.stub.Delete(provider_pb2.DeleteRequest(urn=urn(token), id=id))

    def invoke(self, token: str, args: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        answer = self.stub.Invoke(provider_pb2.InvokeRequest(tok=token, args=encode(args)))
        result: struct_pb2.Struct = getattr(answer, "return")
        return decode(result), [failure.reason for failure in answer.failures]


def urn(token: str, name: str = "thing") -> str:
    return f"urn:pulumi:stack::project::parent$component${token}::{name}"


def details_of(error: grpc.RpcError) -> str:
    return error.details() or ""


@contextmanager
def serving(provider: Serving | None = None) -> Iterator[Engine]:
    """Azure's provider, or another one."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider or Provider(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Engine(channel)
    server.stop(None).wait()
