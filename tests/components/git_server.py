"""A git host of any name, played on loopback by a proxy: what asks for the name through the proxy gets repositories.

The name has no port, which Pulumi would make part of folder names, and needs neither DNS nor the right to port 443.
"""

from __future__ import annotations

import contextlib
import datetime
import http.server
import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class _Backend(http.server.BaseHTTPRequestHandler):
    """Hands each request to git's own CGI program."""

    folder: Path
    host: str
    context: ssl.SSLContext
    asked: list[str]

    def do_CONNECT(self) -> None:
        if self.path != f"{self.host}:443":
            self.send_error(403, f"no way to {self.path} from a test")
            return
        self.send_response(200)
        self.end_headers()
        self.connection = self.context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)  # pyright: ignore[reportAttributeAccessIssue]
        self.close_connection = False

    def _answer(self) -> None:
        self.asked.append(self.path)
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        done = subprocess.run(
            ["git", "http-backend"],
            input=self.rfile.read(length),
            env=os.environ
            | {
                "GIT_PROJECT_ROOT": str(self.folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "REQUEST_METHOD": self.command,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(length),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            },
            capture_output=True,
            check=False,
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer  # noqa: N815 - the names that the base class asks for

    def log_message(self, format: str, *args: object) -> None:
        """Tests read `asked`."""


def _certificate(folder: Path, host: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert_file, key_file


@contextlib.contextmanager
def serving(folder: Path, host: str) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Serves ``folder``'s repositories as ``host``; yields the environment of its clients and the requests so far."""
    cert_file, key_file = _certificate(folder, host)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert_file, key_file)
    asked: list[str] = []
    given = {"folder": folder, "host": host, "context": context, "asked": asked}
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Backend,), given))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        proxy = f"http://127.0.0.1:{server.server_port}"
        # Go reads the name in capitals, Python the other one first: pip goes its usual way.
        usual = os.environ.get("https_proxy") or os.environ.get("HTTPS_PROXY") or ""
        yield {"HTTPS_PROXY": proxy, "https_proxy": usual, "SSL_CERT_FILE": str(cert_file)}, asked
    finally:
        server.shutdown()
        server.server_close()
