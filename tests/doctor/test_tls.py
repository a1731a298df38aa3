"""Certificates that did not verify are read as the cryptography library reads them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st
from registry_doctor.tls import Tls, read_certificate

KEY = ec.generate_private_key(ec.SECP256R1())
TEXT = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_categories=("Cc", "Cf", "Zs")), min_size=1, max_size=40
)
HOSTS = st.lists(st.from_regex(r"[a-z]{1,10}(\.[a-z]{2,8}){1,3}", fullmatch=True), max_size=12)


def certificate(subject: str, issuer: str, hosts: list[str], end: datetime) -> bytes:
    def named(text: str) -> x509.Name:
        return x509.Name(
            [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Contoso"), x509.NameAttribute(NameOID.COMMON_NAME, text)]
        )

    builder = (
        x509.CertificateBuilder()
        .subject_name(named(subject))
        .issuer_name(named(issuer))
        .public_key(KEY.public_key())
        .serial_number(77)
        .not_valid_before(datetime(1999, 1, 1, tzinfo=UTC))
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    if hosts:
        names: list[x509.GeneralName] = [x509.DNSName(h) for h in hosts]
        builder = builder.add_extension(x509.SubjectAlternativeName([*names, x509.RFC822Name("a@b.c")]), critical=False)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@given(TEXT, TEXT, HOSTS, st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))
@settings(max_examples=40)
def test_as_the_library_reads_it(subject: str, issuer: str, hosts: list[str], end: datetime) -> None:
    seen = read_certificate(certificate(subject, issuer, hosts, end.replace(tzinfo=UTC, microsecond=0)))
    assert seen.subject == f"O=Contoso, CN={subject}"
    assert seen.issuer == f"O=Contoso, CN={issuer}"
    assert seen.names == hosts
    assert seen.expires == end.strftime("%Y-%m-%dT%H:%M:%SZ")


@given(st.binary(max_size=80))
def test_nonsense_is_nothing(data: bytes) -> None:
    assert isinstance(read_certificate(data), Tls)


@pytest.mark.parametrize("cut", [1, 7, 50, 200])
def test_a_truncated_certificate_is_nothing(cut: int) -> None:
    whole = certificate("a", "b", ["c.d"], datetime(2030, 1, 1, tzinfo=UTC))
    assert read_certificate(whole[:-cut]) == Tls()
