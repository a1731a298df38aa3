"""Look-ups against a real name server, and beside the operating system's own."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING

import dns.resolver
import pytest
from registry_doctor import resolve
from registry_doctor.errors import DoctorError
from registry_doctor.resolve import Lookup, Resolver

from tests.doctor import worlds
from tests.doctor.servers import LOOPBACK, Dns, Zones

if TYPE_CHECKING:
    from collections.abc import Callable


def look(zones: Zones, host: str, *, limit: float = 3.0) -> Lookup:
    with Dns(zones) as server:
        return asyncio.run(Resolver([(LOOPBACK, server.port)], limit).lookup(host))


def test_a_long_answer_comes_by_tcp() -> None:
    zones = worlds.linked()
    zones.truncate_udp = True
    assert look(zones, worlds.LOGIN).addresses == [worlds.LOGIN_PRIVATE]


def test_both_families_in_one_answer() -> None:
    zones = Zones({worlds.LOGIN: ["20.0.0.1", "2603:1040::1"]})
    found = look(zones, worlds.LOGIN)
    assert found.addresses == ["20.0.0.1", "2603:1040::1"]
    assert found.classes == {"public"}


def test_a_resolver_that_gives_one_alias_at_a_time() -> None:
    """Some forwarders answer with the alias alone; the rest has to be asked for."""

    class OneAtATime(Zones):
        def resolve(self, request, handler):
            reply = super().resolve(request, handler)
            reply.rr = reply.rr[:1]
            return reply

    full = worlds.data_endpoints_only()
    found = look(OneAtATime(full.records), worlds.DATA)
    assert found.chain == [
        worlds.DATA,
        "jpe-0.data.azcr.io",
        "jpe-acr-dp.trafficmanager.net",
        "d0223jpe.japaneast.cloudapp.azure.com",
    ]
    assert found.addresses == [worlds.DATA_PUBLIC]


def test_who_denied_a_name() -> None:
    found = look(worlds.linked(worlds.DATA), worlds.DATA)
    assert (found.rcode, found.authority) == ("NXDOMAIN", worlds.ZONE)
    assert found.alias == "contoso.japaneast.data.privatelink.azurecr.io"


def test_the_next_server_is_asked_when_the_first_is_silent() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent, Dns(worlds.linked()) as server:
        silent.bind((LOOPBACK, 0))
        resolver = Resolver([(LOOPBACK, silent.getsockname()[1]), (LOOPBACK, server.port)], 1.0)
        found = asyncio.run(resolver.lookup(worlds.LOGIN))
    assert (found.addresses, found.resolver) == ([worlds.LOGIN_PRIVATE], server.address)


@pytest.mark.parametrize("host", ["a" * 70 + ".azurecr.io", "a..b"])
def test_a_name_that_cannot_be_asked_for(host: str) -> None:
    assert asyncio.run(Resolver([(LOOPBACK, 9)], 0.5).lookup(host)).rcode == "BADNAME"


class TestTheSystem:
    @pytest.fixture
    def look(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Lookup]:
        """A look-up as on a machine whose name server and hosts file the test chooses."""

        def run(zones: Zones, system: list[str] | None) -> Lookup:
            released = threading.Event()

            def getaddrinfo(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
                if system is None:
                    released.wait()
                    return []
                if not system:
                    raise socket.gaierror(-2, "Name or service not known")
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in system]

            with Dns(zones) as server:
                monkeypatch.setattr(resolve, "system_servers", lambda: [(LOOPBACK, server.port)])
                monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
                try:
                    return asyncio.run(Resolver(None, 1.0).lookup(worlds.LOGIN))
                finally:
                    released.set()

        return run

    def test_a_hosts_file_that_says_otherwise(self, look: Callable[..., Lookup]) -> None:
        found = look(worlds.outside(), ["10.9.8.7"])
        assert found.addresses == [worlds.LOGIN_PUBLIC]
        assert (found.system, found.used) == (["10.9.8.7"], ["10.9.8.7"])

    def test_another_front_end_is_no_difference(self, look: Callable[..., Lookup]) -> None:
        found = look(worlds.outside(), ["20.37.69.9"])
        assert (found.system, found.used) == ([], [worlds.LOGIN_PUBLIC])

    def test_a_name_that_only_the_system_knows(self, look: Callable[..., Lookup]) -> None:
        assert look(worlds.linked(worlds.LOGIN), ["10.9.8.7"]).used == ["10.9.8.7"]

    @pytest.mark.parametrize("system", [[], None], ids=["no such name", "no answer"])
    def test_a_system_that_does_not_answer(self, look: Callable[..., Lookup], system: list[str] | None) -> None:
        assert look(worlds.linked(), system).used == [worlds.LOGIN_PRIVATE]

    def test_no_name_server_at_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def none() -> object:
            raise dns.resolver.NoResolverConfiguration

        monkeypatch.setattr(dns.resolver, "Resolver", none)
        with pytest.raises(DoctorError, match="give one with --resolver"):
            Resolver(None)
