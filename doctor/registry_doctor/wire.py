"""One request to one host, with everything that can be seen on the way: names, address, TLS, status, time.

Redirects are never followed here and credentials are sent only where the caller says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import importlib.util
import math
import re
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import anyio
import httpx
from registry_model.azure import names
from registry_model.azure.names import HTTPS
from registry_model.text import clean

from . import tls
from .addresses import address_class

# httpcore imports sniffio for every lock it makes. Where that is not installed, each try searches the whole path
# again, a seventh of what a check of many hosts costs; None makes the same ImportError without the search.
if importlib.util.find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # pyright: ignore[reportArgumentType]

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from .resolve import Lookup, Resolver

USER_AGENT = "registry-doctor"
MOST_ADDRESSES = 4
MOST_DETAIL = 300  # characters of a library's error
MOST_LINK = 8192  # characters of a link that a server gives; signed ones have some hundred
DEFAULT_PORTS = {"https": HTTPS, "http": 80}
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?")


class Failure(StrEnum):
    """Why no answer came. The first six never reached the server."""

    NO_NAME = "name not found"
    NO_ADDRESS = "name has no address"
    RESOLVER = "resolver gave no answer"
    CONNECT_TIMEOUT = "connection timed out"
    CONNECT_REFUSED = "connection refused"
    CONNECT_FAILED = "connection failed"
    TLS_WRONG_NAME = "certificate is for another name"
    TLS_UNTRUSTED = "certificate's issuer is not trusted"
    TLS_EXPIRED = "certificate is outside its dates"
    TLS_CLOSED = "connection closed during the TLS handshake"
    TLS_FAILED = "TLS handshake failed"
    SLOW = "no complete answer within the time limit"
    HTTP = "the connection broke before the answer"
    RUN_LIMIT = "the time for the whole run was over"


_TLS_FAILURES = {
    "wrong name": Failure.TLS_WRONG_NAME,
    "untrusted": Failure.TLS_UNTRUSTED,
    "expired": Failure.TLS_EXPIRED,
    "other": Failure.TLS_FAILED,
}


@dataclass(frozen=True)
class WebAddress:
    """A URL that a server gave, checked so far that it can be asked."""

    url: str
    scheme: str
    host: str
    port: int
    query: str

    @property
    def authority(self) -> str:
        return self.host if self.port == DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"


def web_address(text: str, base: str = "") -> WebAddress | None:
    """A link as browsers join it to ``base``; None where it leads to no usable http or https host."""
    if not text or len(text) > MOST_LINK or not text.isascii() or not text.isprintable():
        return None
    try:
        url = urljoin(base, text)
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return None
    host = host.removesuffix(".")
    if parts.scheme not in DEFAULT_PORTS or not _HOST.fullmatch(host) or ".." in host or port == 0:
        return None
    return WebAddress(url.partition("#")[0], parts.scheme, host, port or DEFAULT_PORTS[parts.scheme], parts.query)


@dataclass
class Exchange:
    """A request and what came of it. ``status`` is None when ``failure`` says why there is none.

    ``cut`` says that the body is longer than what was read of it.

    ``url`` and ``headers`` can hold a signed link: they are for the next request, never for printing.
    """

    method: str
    url: str
    lookup: Lookup | None = None
    address: str = ""
    tls: tls.Tls | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: bool = False
    failure: Failure | None = None
    detail: str = ""
    seconds: float = 0.0

    @property
    def host(self) -> str:
        return (urlsplit(self.url).hostname or "").lower()

    @property
    def port(self) -> int:
        parts = urlsplit(self.url)
        return parts.port or DEFAULT_PORTS.get(parts.scheme, names.HTTPS)

    @property
    def address_class(self) -> str:
        return address_class(self.address) if self.address else ""


@dataclass
class Wire:
    """How requests are made: with which resolver, trust and patience.

    ``limit`` is in seconds: what a look-up may take, and what a request from its connection to its last wanted byte may
    take. ``until`` is the moment (``time.perf_counter``) at which the whole run's time is over.

    ``reroute`` sends connections elsewhere than the resolved address: from an address, a host or ``*`` to an address
    and a port; for tests and tunnels.
    """

    resolver: Resolver
    context: ssl.SSLContext
    limit: float = 10.0
    until: float = math.inf
    reroute: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    def target(self, host: str, address: str, port: int) -> tuple[str, int]:
        """Where to connect for a resolved address."""
        for key in (address, host, "*"):
            if key in self.reroute:
                return self.reroute[key]
        return address, port

    async def fetch(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        most: int = 1 << 20,
    ) -> Exchange:
        """Ask once, reading at most ``most`` bytes of the answer. Never raises for what a network can do."""
        exchange = Exchange(method, url)
        await anyio.sleep(0)  # loads what httpx waits with, which would count as the first step's time
        began = time.perf_counter()
        left = self.until - began
        try:
            async with asyncio.timeout(max(left, 0.0) if math.isfinite(left) else None):
                await self._fetch(exchange, headers or {}, form, most)
        except TimeoutError:
            exchange.status, exchange.failure = None, Failure.RUN_LIMIT
            exchange.detail = "what came before took all of it"
        exchange.detail = clean(exchange.detail, most=MOST_DETAIL)
        exchange.seconds = time.perf_counter() - began
        return exchange

    async def _fetch(
        self, exchange: Exchange, headers: Mapping[str, str], form: Mapping[str, str] | None, most: int
    ) -> None:
        lookup = exchange.lookup = await self.resolver.lookup(exchange.host)
        addresses = lookup.used[:MOST_ADDRESSES]
        if not addresses:
            exchange.failure, exchange.detail = _no_address(lookup)
            return
        began = time.perf_counter()
        share = self.limit / len(addresses)
        for address in addresses:
            exchange.address = address
            exchange.failure, exchange.detail = None, ""
            phase = _Phase()
            try:
                async with asyncio.timeout(max(share, self.limit - (time.perf_counter() - began))):
                    await self._attempt(exchange, phase, share, headers, form, most)
            except (TimeoutError, httpx.TimeoutException):
                connecting = phase.name == "connect"
                exchange.failure = Failure.CONNECT_TIMEOUT if connecting else Failure.SLOW
                patience = share if phase.name in ("connect", "tls") else self.limit
                exchange.detail = f"no answer within {patience:g} s ({phase.name})"
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
                await self._explain(exchange, phase, error)
            # Another address can help where the first could not be connected to, and nowhere later.
            if exchange.failure not in (Failure.CONNECT_TIMEOUT, Failure.CONNECT_REFUSED, Failure.CONNECT_FAILED):
                return

    async def _attempt(
        self,
        exchange: Exchange,
        phase: _Phase,
        patience: float,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None,
        most: int,
    ) -> None:
        parts = urlsplit(exchange.url)
        address, port = self.target(exchange.host, exchange.address, exchange.port)
        literal = f"[{address}]" if ":" in address else address
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        host = exchange.host if exchange.port == DEFAULT_PORTS[parts.scheme] else f"{exchange.host}:{exchange.port}"
        request = httpx.Request(
            exchange.method,
            f"{parts.scheme}://{literal}:{port}{path}",
            headers={"Host": host, "User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity", **headers},
            data=dict(form) if form else None,
            extensions={
                "sni_hostname": exchange.host,
                "trace": phase.note,
                "timeout": httpx.Timeout(self.limit, connect=patience).as_dict(),
            },
        )
        # The transport itself: a client reads the link of every redirect, and takes a bad one for a broken answer.
        async with (
            httpx.AsyncHTTPTransport(verify=self.context, trust_env=False) as transport,
            contextlib.aclosing(await transport.handle_async_request(request)) as response,
        ):
            ssl_object = response.extensions["network_stream"].get_extra_info("ssl_object")
            if ssl_object is not None:
                exchange.tls = tls.describe(ssl_object)
            exchange.headers = response.headers
            phase.name = "body"
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > most:
                    exchange.cut = True
                    break
            exchange.body = bytes(body[:most])
            exchange.status = response.status_code

    async def _explain(self, exchange: Exchange, phase: _Phase, error: Exception) -> None:
        exchange.detail = str(error) or type(error).__name__
        ssl_error = tls.verification_error(error)
        if phase.name == "tls" and ssl_error is not None and not _closed(error):
            problem, text = tls.problem_of(ssl_error)
            address, port = self.target(exchange.host, exchange.address, exchange.port)
            exchange.tls = await tls.look_unverified(address, port, exchange.host, self.limit)
            exchange.tls.problem, exchange.tls.detail = problem, text
            exchange.failure, exchange.detail = _TLS_FAILURES[problem], text
        elif phase.name == "tls":
            exchange.failure = Failure.TLS_CLOSED
        elif phase.name == "connect":
            refused = _errno(error) == errno.ECONNREFUSED
            exchange.failure = Failure.CONNECT_REFUSED if refused else Failure.CONNECT_FAILED
        else:
            exchange.failure = Failure.HTTP


class _Phase:
    """How far a request has come, as httpx's trace tells it."""

    def __init__(self) -> None:
        self.name = "connect"

    async def note(self, event: str, _: Any) -> None:
        if event == "connection.start_tls.started":
            self.name = "tls"
        elif event.endswith("send_request_headers.started"):
            self.name = "answer"


def proxied(host: str) -> bool:
    """Whether the environment or the system sends HTTPS for this host through a proxy. The doctor never uses one: it
    shows the way that the names lead."""
    return bool(urllib.request.getproxies().get("https")) and not urllib.request.proxy_bypass(host)


def _no_address(lookup: Lookup) -> tuple[Failure, str]:
    if lookup.rcode == "NXDOMAIN" and not lookup.knows_public_names:
        return Failure.NO_NAME, f"{lookup.chain[-1]} was not found, and {lookup.resolver} knows no public names"
    if lookup.rcode == "NXDOMAIN":
        return Failure.NO_NAME, f"{lookup.chain[-1]} does not exist"
    if lookup.rcode == "NOERROR":
        return Failure.NO_ADDRESS, f"{lookup.chain[-1]} has no address"
    return Failure.RESOLVER, f"{lookup.resolver}: {lookup.rcode}" + (f" ({lookup.problem})" if lookup.problem else "")


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    pending: list[BaseException | None] = [error]
    while pending:
        current = pending.pop()
        if current is None or current in found:
            continue
        found.append(current)
        pending += [current.__cause__, current.__context__]
        if isinstance(current, BaseExceptionGroup):
            pending += list(current.exceptions)
    return found


def _errno(error: BaseException) -> int | None:
    return next((c.errno for c in _causes(error) if isinstance(c, OSError) and c.errno), None)


def _closed(error: BaseException) -> bool:
    """The peer hung up: firewalls that judge by name do this on the first TLS message."""
    text = " ".join(str(c) for c in _causes(error)).upper()
    return "UNEXPECTED_EOF" in text or "EOF OCCURRED" in text
