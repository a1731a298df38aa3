"""What checking 100 hosts costs, against the slowest of them alone.

The hosts' servers answer after 0.1 to 1 second each, from a process of their own: names by UDP, the rest by TLS.
``python -m tests.bench.doctor.check`` runs it alone.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import tempfile
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

import dns.message
import dns.rdatatype
import dns.rrset
from registry_doctor import tls
from registry_doctor.check import check, exit_code
from registry_doctor.choices import Viewpoint
from registry_doctor.resolve import Resolver
from registry_doctor.wire import Wire
from registry_model.reach.model import Registry

from tests.bench.pairs import Measure, paired, seconds
from tests.doctor.servers import LOOPBACK, Authority

REGIONS = (
    "japaneast",
    "westus",
    "eastus",
    "westeurope",
    "uksouth",
    "koreacentral",
    "northeurope",
    "eastus2",
    "westus2",
)
REGISTRIES = [Registry(f"bench{n:02}.azurecr.io", REGIONS[0], REGIONS[1:], data_endpoints=True) for n in range(10)]
HOSTS = [host.name for registry in REGISTRIES for host in registry.hosts()]
SLOWEST = 1.0
# Spread evenly from a tenth of the slowest to the slowest, which is the last.
DELAYS = {host: SLOWEST * (0.1 + 0.9 * number / (len(HOSTS) - 1)) for number, host in enumerate(HOSTS)}
ANSWER = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def measures(folder: Path) -> Iterator[Measure]:
    ours, theirs = multiprocessing.Pipe()
    # Spawned: a forked child would share this process's event loop and sockets.
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, folder), daemon=True)
    server.start()
    try:
        if not ours.poll(60):
            raise RuntimeError("the servers of the bench did not start")
        dns_port, port, bundle = ours.recv()
        context = tls.client_context(bundle)

        def wire() -> Wire:
            return Wire(Resolver([(LOOPBACK, dns_port)]), context, 10.0, reroute={"*": (LOOPBACK, port)})

        def every() -> None:
            if exit_code(asyncio.run(check(REGISTRIES, Viewpoint.INSIDE, wire()))):
                raise RuntimeError("the servers of the bench do not answer as declared")

        def slowest() -> None:
            if asyncio.run(wire().fetch("GET", f"https://{HOSTS[-1]}/")).status != 401:
                raise RuntimeError("the slowest server of the bench does not answer")

        yield paired(
            "check",
            lambda: seconds(every),
            lambda: seconds(slowest),
            goal="about 1",
            note=f"{len(HOSTS)} hosts that answer after {DELAYS[HOSTS[0]]:g} to {SLOWEST:g} s / the slowest alone",
        )
    finally:
        server.terminate()
        server.join()


def _serve(parent: Connection, folder: Path) -> None:
    asyncio.run(_servers(parent, folder))


async def _servers(parent: Connection, folder: Path) -> None:
    authority = Authority(folder)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(_Names, local_addr=(LOOPBACK, 0))
    server = await asyncio.start_server(_answer, LOOPBACK, 0, ssl=authority.server_context(*HOSTS), backlog=512)
    dns_port, port = transport.get_extra_info("sockname")[1], server.sockets[0].getsockname()[1]
    parent.send((dns_port, port, authority.bundle))
    await server.serve_forever()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    request = (await reader.readuntil(b"\r\n\r\n")).decode()
    host = next(line[6:] for line in request.split("\r\n") if line.lower().startswith("host: "))
    await asyncio.sleep(DELAYS[host])
    writer.write(ANSWER)
    await writer.drain()
    writer.close()


class _Names(asyncio.DatagramProtocol):
    """Every name has one address, which the doctor is told to reach on loopback."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # The event loop's own class is no subclass of DatagramTransport.
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        reply = dns.message.make_response(query)
        question = query.question[0]
        if question.rdtype == dns.rdatatype.A:
            reply.answer.append(dns.rrset.from_text(question.name, 10, "IN", "A", "20.0.0.1"))
        self.transport.sendto(reply.to_wire(), addr)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        for measure in measures(Path(name)):
            print(measure.line())
