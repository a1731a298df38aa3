"""The other side of the doctor's questions, on loopback: a DNS server with zones and views, an authority, and a small
OCI registry with its token service and the host of its layers."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import ssl
import threading
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from dnslib import AAAA, CNAME, QTYPE, RCODE, RR, SOA, A, DNSRecord
from dnslib.server import BaseResolver, DNSLogger, DNSServer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LOOPBACK = "127.0.0.1"


class Zones(BaseResolver):
    """Answers as a recursive resolver does: the whole alias chain in one answer, NXDOMAIN with the zone that said so.

    ``records``: a name to an alias (``CNAME target``) or addresses. ``zones``: names of zones this resolver is
    authoritative for, private ones included; the longest that a name falls into is who denies it. A ``silent`` one
    keeps every question to itself until its server closes.
    """

    def __init__(self, records: dict[str, str | list[str]], zones: Iterable[str] = ()) -> None:
        self.records = {name.lower(): value for name, value in records.items()}
        self.zones = [z.lower() for z in zones]
        self.silent = False
        self.closed = threading.Event()
        self.rcode: int | None = None
        self.failing: set[str] = set()  # the names that ``rcode`` is the answer for; empty: all
        self.truncate_udp = False
        self.asked: list[str] = []

    def resolve(self, request: DNSRecord, handler: object) -> DNSRecord:
        reply = request.reply()
        name = str(request.q.qname).rstrip(".").lower()
        kind = QTYPE[request.q.qtype]
        self.asked.append(name)
        if self.silent:
            self.closed.wait()
        if self.rcode is not None and (name in self.failing or not self.failing):
            reply.header.rcode = self.rcode
            return reply
        if self.truncate_udp and getattr(handler, "protocol", "") == "udp":
            reply.header.tc = 1
            return reply
        for _ in range(20):
            value = self.records.get(name)
            if not isinstance(value, str):
                break
            reply.add_answer(RR(name, QTYPE.CNAME, rdata=CNAME(value), ttl=10))
            name = value.lower()
        else:
            return reply
        addresses = self.records.get(name)
        if addresses is None:
            reply.header.rcode = RCODE.NXDOMAIN
            zone = max((z for z in self.zones if name.endswith("." + z)), key=len, default="")
            if zone:
                reply.add_auth(RR(zone, QTYPE.SOA, rdata=SOA("ns.test", "admin.test", (1, 2, 3, 4, 10)), ttl=10))
            return reply
        for address in addresses:
            version = ipaddress.ip_address(address).version
            if version == 4 and kind == "A":
                reply.add_answer(RR(name, QTYPE.A, rdata=A(address), ttl=10))
            elif version == 6 and kind == "AAAA":
                reply.add_answer(RR(name, QTYPE.AAAA, rdata=AAAA(address), ttl=10))
        return reply


class Dns:
    """A name server on loopback, UDP and TCP on one port."""

    def __init__(self, zones: Zones) -> None:
        self.zones = zones
        quiet = DNSLogger(log="-request,-reply,-truncated,-error,-recv,-send,-data", prefix=False)
        for _ in range(20):
            udp = DNSServer(zones, address=LOOPBACK, port=0, logger=quiet)
            self.port = udp.server.server_address[1]
            try:
                self._servers = [udp, DNSServer(zones, address=LOOPBACK, port=self.port, tcp=True, logger=quiet)]
                break
            except OSError:
                udp.server.server_close()
        for server in self._servers:
            # Late answers to a client that has given up are part of the tests, and no news.
            server.server.handle_error = lambda *_: None
            # dnslib's own start polls twice a second, which is what stopping would then cost.
            serve = server.server.serve_forever
            threading.Thread(target=serve, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.zones.closed.set()
        for server in self._servers:
            server.stop()
            server.server.server_close()


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self, folder: Path, name: str = "Test Authority") -> None:
        self.folder = folder
        self.name = name
        self._key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._certificate = (
            self._builder(subject, subject, self._key.public_key(), timedelta(days=-1), timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.bundle = folder / f"{name.replace(' ', '-')}.pem"
        self.bundle.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    @staticmethod
    def _builder(
        subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, begin: timedelta, end: timedelta
    ):
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + begin)
            .not_valid_after(now + end)
        )

    def server_context(self, *hosts: str, days: int = 10) -> ssl.SSLContext:
        """A server's TLS context with a certificate for these hosts, ending in so many days (negative: expired)."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Contoso"),
                x509.NameAttribute(NameOID.COMMON_NAME, hosts[0][:64]),
            ]
        )
        certificate = (
            self._builder(
                subject, self._certificate.subject, key.public_key(), timedelta(days=-20), timedelta(days=days)
            )
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(h) for h in hosts]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        file = self.folder / f"server-{hashlib.sha256(repr((self.name, hosts, days)).encode()).hexdigest()[:12]}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


@dataclass
class Seen:
    """A request that a server got."""

    method: str
    host: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


LAYERS = {name: hashlib.sha256(name.encode()).digest() * size for name, size in (("big", 4000), ("small", 100))}
BLOBS = {"sha256:" + hashlib.sha256(data).hexdigest(): data for data in LAYERS.values()}
SIGNATURE = "c2lnbmF0dXJlLW9mLXRoZS1saW5r%2Bx%3D"
USER, PASSWORD = "puller", "pass-word-of-the-token"


def manifest(architecture: str = "amd64") -> bytes:
    digests = list(BLOBS)
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"digest": "sha256:" + "0" * 64, "size": 2, "platform": architecture},
            "layers": [{"digest": d, "size": len(BLOBS[d])} for d in digests],
        }
    ).encode()


def digest_of(document: bytes) -> str:
    return "sha256:" + hashlib.sha256(document).hexdigest()


@dataclass
class Behaviour:
    """How the registry answers. ``layer_host``: where layers are; empty serves them itself.

    ``denied``: the step at which a client's address is refused (``challenge``, ``token``, ``layer``). ``slow``: a part
    of a path that is answered when the server closes, or one byte at a time when ``trickle``. ``together``: no host
    is answered before every party has asked.
    """

    layer_host: str = ""
    anonymous: bool = False
    multi_platform: bool = False
    denied: str = ""
    slow: str = ""
    trickle: bool = False
    together: threading.Barrier | None = None
    realm: str = ""
    token_accepted: bool = True
    layer_status: int = 0
    layer_scheme: str = "https"
    scheme: str = "https"
    statuses: dict[str, int] = field(default_factory=dict)


DENIED = {
    "errors": [
        {
            "code": "DENIED",
            "message": "client with IP '203.0.113.7' is not allowed access. Refer https://aka.ms/acr/firewall to "
            "grant access.",
        }
    ]
}


class Registry:
    """A registry, its token service and the host of its layers, on one loopback port, told apart by the Host header."""

    def __init__(self, behaviour: Behaviour, context: ssl.SSLContext | None) -> None:
        self.behaviour = behaviour
        self.seen: list[Seen] = []
        self.tokens: list[str] = []
        self._met: set[str] = set()
        self._closed = threading.Event()
        registry = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1
            disable_nagle_algorithm = True  # else an answer waits 40 ms for the handshake's last packet to be confirmed

            def log_message(self, format: str, *args: object) -> None: ...

            def do_GET(self) -> None:
                registry.answer(self, b"")

            def do_POST(self) -> None:
                registry.answer(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, request: object, client_address: object) -> None: ...

            def finish_request(self, request: Any, client_address: Any) -> None:
                # Handshakes belong in the connection's own thread: a slow one must not hold up the others.
                if context is not None:
                    request = context.wrap_socket(request, server_side=True)
                super().finish_request(request, client_address)

        self._server = Server((LOOPBACK, 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        # request.path has lost a slash: the standard library folds the leading two that signed links begin with.
        path, _, query = request.requestline.split(" ")[1].partition("?")
        host = request.headers.get("Host", "")
        self.seen.append(Seen(request.command, host, path, query, dict(request.headers), body))
        status, headers, content = self._reply(request, host, path, query, body)
        status = next((s for part, s in self.behaviour.statuses.items() if part in path), status)
        slow = bool(self.behaviour.slow) and self.behaviour.slow in path
        try:
            if self.behaviour.together is not None and host not in self._met:
                self._met.add(host)
                self.behaviour.together.wait(30)
            if slow and not self.behaviour.trickle:
                self._closed.wait()
            request.send_response(status)
            for key, value in headers.items():
                request.send_header(key, value)
            request.send_header("Content-Length", str(len(content)))
            request.end_headers()
            if slow and self.behaviour.trickle:
                for byte in content:
                    request.wfile.write(bytes([byte]))
                    request.wfile.flush()
                    if self._closed.wait(0.1):
                        break
            else:
                request.wfile.write(content)
        except (OSError, threading.BrokenBarrierError):
            request.close_connection = True

    def _reply(
        self, request: BaseHTTPRequestHandler, host: str, path: str, query: str, body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        b = self.behaviour
        if path.startswith("//layers/"):
            return self._layer(request, path, query)
        if b.denied and (b.denied == "challenge" or (b.denied == "token" and path == "/oauth2/token")):
            return 403, {}, json.dumps(DENIED).encode()
        if path == "/oauth2/token":
            return self._token(request, body)
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens or not b.token_accepted:
            realm = b.realm or f"{b.scheme}://{host}/oauth2/token"
            challenge = f'Bearer realm="{realm}",service="{host}",scope="repository:app:pull"'
            content = json.dumps({"errors": [{"code": "UNAUTHORIZED", "message": "authentication required"}]}).encode()
            return 401, {"WWW-Authenticate": challenge}, content
        if path == "/v2/":
            return 200, {}, b"{}"
        if path.startswith("/v2/app/manifests/"):
            return self._manifest(path.rpartition("/")[2])
        if path.startswith("/v2/app/blobs/") and (digest := path.rpartition("/")[2]) in BLOBS:
            if not b.layer_host:
                return 200, {"Content-Type": "application/octet-stream"}, BLOBS[digest]
            port = "" if ":" not in host else ":" + host.partition(":")[2]
            link = f"{b.layer_scheme}://{b.layer_host}{port}//layers/{digest}?se=2030-01-01&sig={SIGNATURE}&sp=r"
            return 307, {"Location": link}, b""
        return 404, {}, json.dumps({"errors": [{"code": "NAME_UNKNOWN", "message": "not found"}]}).encode()

    def _token(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        form = {k: v[0] for k, v in parse_qs(body.decode()).items()}
        allowed = self.behaviour.anonymous
        if form.get("grant_type") == "refresh_token":
            allowed = form.get("refresh_token") == PASSWORD
        elif authorization := request.headers.get("Authorization"):
            allowed = b64decode(authorization.removeprefix("Basic ")).decode(errors="replace") == f"{USER}:{PASSWORD}"
        if not allowed:
            content = {"errors": [{"code": "UNAUTHORIZED", "message": "authentication required, visit aka.ms/acr"}]}
            return 401, {}, json.dumps(content).encode()
        token = f"eyJhbGciOiJub25lIn0.access-{len(self.tokens)}-token.signature"
        self.tokens.append(token)
        return 200, {}, json.dumps({"access_token": token}).encode()

    def _manifest(self, reference: str) -> tuple[int, dict[str, str], bytes]:
        plain = manifest()
        if not self.behaviour.multi_platform or reference == digest_of(plain):
            if reference in ("1", "latest", digest_of(plain)):
                return 200, {"Content-Type": "application/vnd.oci.image.manifest.v1+json"}, plain
        elif reference == "1":
            entries = [
                {"digest": "sha256:" + "a" * 64, "platform": {"os": "windows", "architecture": "amd64"}},
                {"digest": digest_of(plain), "platform": {"os": "linux", "architecture": "amd64"}},
                {"digest": "sha256:" + "b" * 64, "platform": {"os": "unknown", "architecture": "unknown"}},
            ]
            index = {"mediaType": "application/vnd.oci.image.index.v1+json", "manifests": entries}
            return 200, {"Content-Type": index["mediaType"]}, json.dumps(index).encode()
        content = {"errors": [{"code": "MANIFEST_UNKNOWN", "message": f"manifest {reference} is not found"}]}
        return 404, {}, json.dumps(content).encode()

    def _layer(self, request: BaseHTTPRequestHandler, path: str, query: str) -> tuple[int, dict[str, str], bytes]:
        if self.behaviour.denied == "layer":
            return 403, {}, b"<Error><Code>AuthenticationFailed</Code><Message>no</Message></Error>"
        if self.behaviour.layer_status:
            return self.behaviour.layer_status, {}, b""
        # A link that was changed on the way, or a token beside it, is refused, as storage does.
        if f"sig={SIGNATURE}" not in query or "Authorization" in request.headers:
            return 400, {}, b"<Error><Code>InvalidAuthenticationInfo</Code></Error>"
        data = BLOBS[path.rpartition("/")[2]]
        first, _, last = request.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        part = data[int(first) : int(last or len(data)) + 1]
        return 206, {"Content-Type": "application/octet-stream"}, part
