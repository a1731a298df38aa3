"""TLS as the client sees it: whom the server says it is, who vouches for it, and whether that holds."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from registry_model.text import clean

from .errors import InputError

# OpenSSL's verification results (x509_vfy.h); Python shows the number and no names.
_EXPIRED = {9, 10}
_UNTRUSTED = {2, 18, 19, 20, 21}
_WRONG_NAME = {62, 64}

# Distinguished names as OpenSSL's short forms, by DER-encoded object identifier.
_ATTRIBUTES = {
    bytes.fromhex("550403"): "CN",
    bytes.fromhex("550406"): "C",
    bytes.fromhex("550407"): "L",
    bytes.fromhex("550408"): "ST",
    bytes.fromhex("55040a"): "O",
    bytes.fromhex("55040b"): "OU",
}
_LONG_NAMES = {
    "commonName": "CN",
    "countryName": "C",
    "localityName": "L",
    "stateOrProvinceName": "ST",
    "organizationName": "O",
    "organizationalUnitName": "OU",
}
MOST_NAMES = 100  # DNS names of a certificate that are kept; public authorities issue with at most 100
MOST_NAME = 255  # characters of a host
MOST_DISTINGUISHED = 300  # characters of a subject or issuer
# How the text of a name is encoded, by its DER tag; everything else is read as UTF-8 (UTF8, Printable, IA5, Numeric).
_ENCODINGS = {0x14: "latin-1", 0x1C: "utf-32-be", 0x1E: "utf-16-be"}
_SUBJECT_ALT_NAME = bytes.fromhex("551d11")
_DNS_NAME = 0x82


@dataclass
class Tls:
    """A handshake. ``problem`` is empty when the certificate verifies, else ``wrong name``, ``untrusted``, ``expired``
    or ``other``; ``detail`` is OpenSSL's own text. ``names`` are the DNS names of the certificate."""

    version: str = ""
    subject: str = ""
    issuer: str = ""
    names: list[str] = field(default_factory=list)
    expires: str = ""
    problem: str = ""
    detail: str = ""


def client_context(ca_bundle: Path | None = None) -> ssl.SSLContext:
    """What verifies servers: the system's authorities, and those of ``ca_bundle`` (PEM) beside them."""
    context = ssl.create_default_context()
    if ca_bundle is not None:
        try:
            context.load_verify_locations(cafile=str(ca_bundle))
        except (ssl.SSLError, OSError) as error:
            raise InputError(
                f"--ca-bundle '{ca_bundle}': must be a readable file of PEM certificates ({error.strerror or error})"
            ) from error
    return context


def describe(ssl_object: Any) -> Tls:
    """A verified connection's certificate, from ``ssl.SSLObject`` or ``ssl.SSLSocket``."""
    version = ssl_object.version() or ""
    try:
        certificate = ssl_object.getpeercert() or {}
        expires = certificate.get("notAfter")
        end = _iso(datetime.fromtimestamp(ssl.cert_time_to_seconds(expires), UTC)) if expires else ""
    except ValueError:  # text in it that is not what its type says; OpenSSL has verified it all the same
        return Tls(version)
    names = [value for kind, value in certificate.get("subjectAltName", ()) if kind == "DNS"]
    return Tls(
        version=version,
        subject=_distinguished(certificate.get("subject", ())),
        issuer=_distinguished(certificate.get("issuer", ())),
        names=_shown_names(names),
        expires=end,
    )


def verification_error(error: BaseException) -> ssl.SSLError | None:
    """The TLS error among an exception's causes: HTTP libraries wrap it."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None


def problem_of(error: ssl.SSLError) -> tuple[str, str]:
    """An OpenSSL error as one of our four problems, and its text."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        return "other", error.reason or str(error)
    code = error.verify_code
    for problem, codes in (("expired", _EXPIRED), ("untrusted", _UNTRUSTED), ("wrong name", _WRONG_NAME)):
        if code in codes:
            return problem, error.verify_message
    return "other", error.verify_message


async def look_unverified(address: str, port: int, host: str, limit: float) -> Tls:
    """The certificate that a server shows, unverified and with nothing sent over it: only to say what is wrong."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(limit):
            _, writer = await asyncio.open_connection(address, port, ssl=context, server_hostname=host)
    except (OSError, TimeoutError):
        return Tls()
    try:
        ssl_object = writer.get_extra_info("ssl_object")
        seen = read_certificate(ssl_object.getpeercert(binary_form=True) or b"")
        seen.version = ssl_object.version() or ""
    finally:
        writer.transport.abort()
    return seen


def read_certificate(der: bytes) -> Tls:
    """Subject, issuer, names and end date of a DER certificate; empty fields where it cannot be read.

    Python's ssl decodes only certificates that verified, and these did not.
    """
    try:
        return _read_certificate(der)
    except (ValueError, IndexError, OverflowError):
        return Tls()


def _read_certificate(der: bytes) -> Tls:
    parts = _children(_children(_children(der)[0][1])[0][1])  # Certificate, TBSCertificate, its fields
    if parts[0][0] == 0xA0:  # the explicit version; absent in version 1
        parts = parts[1:]
    _, _, issuer, validity, subject, *_ = (value for _, value in parts)
    found = Tls(subject=_rdn_text(subject), issuer=_rdn_text(issuer), expires=_end(validity))
    for tag, value in parts[6:]:
        if tag == 0xA3:
            found.names = _alt_names(value)
    return found


def _children(data: bytes) -> list[tuple[int, bytes]]:
    """The tags and contents of consecutive DER values."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data):
        tag, size = data[at], data[at + 1]
        at += 2
        if size & 0x80:
            count = size & 0x7F
            size = int.from_bytes(data[at : at + count], "big")
            at += count
        if at + size > len(data):
            raise ValueError("truncated")
        found.append((tag, data[at : at + size]))
        at += size
    return found


def _rdn_text(name: bytes) -> str:
    parts: list[str] = []
    for _, relative in _children(name):
        for _, pair in _children(relative):
            (_, oid), (tag, value) = _children(pair)[:2]
            if oid in _ATTRIBUTES:
                parts.append(f"{_ATTRIBUTES[oid]}={value.decode(_ENCODINGS.get(tag, 'utf-8'), 'replace')}")
    return clean(", ".join(parts), most=MOST_DISTINGUISHED)


def _end(validity: bytes) -> str:
    tag, value = _children(validity)[1]
    text = value.decode("ascii")
    if tag == 0x17:  # UTCTime: two-digit years, 50 to 99 being the last century's (RFC 5280)
        text = ("19" if int(text[:2]) >= 50 else "20") + text
    return _iso(datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC))


def _alt_names(extensions: bytes) -> list[str]:
    for _, extension in _children(_children(extensions)[0][1]):
        parts = _children(extension)
        if parts[0][1] == _SUBJECT_ALT_NAME:
            names = _children(_children(parts[-1][1])[0][1])
            return _shown_names([value.decode("ascii", "replace") for tag, value in names if tag == _DNS_NAME])
    return []


def _shown_names(found: list[str]) -> list[str]:
    return [clean(name, most=MOST_NAME) for name in found[:MOST_NAMES]]


def _distinguished(name: Any) -> str:
    parts = [f"{_LONG_NAMES[key]}={value}" for relative in name for key, value in relative if key in _LONG_NAMES]
    return clean(", ".join(parts), most=MOST_DISTINGUISHED)


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
