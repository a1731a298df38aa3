"""Names that are not registries, references that are none, and hosts with two kinds of address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from registry_doctor import image as images
from registry_doctor.addresses import address_class
from registry_doctor.errors import InputError
from registry_doctor.image import parse_image

from tests.doctor import worlds
from tests.doctor.servers import Registry, Zones

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.doctor.conftest import Result

    Trace = Callable[..., Result]


@pytest.mark.parametrize(
    ("host", "words", "meant"),
    [
        ("contoso.privatelink.azurecr.io", "is the alias in the zone privatelink.azurecr.io", "contoso.azurecr.io"),
        (worlds.DATA, "is a data endpoint", "contoso.azurecr.io"),
        ("contoso.japaneast.data.privatelink.azurecr.io", "is the alias of a data endpoint", "contoso.azurecr.io"),
        ("contoso.azurecr.io.azurecr.io", "has the suffix of registries twice", "contoso.azurecr.io"),
        ("contoso-a1b2.privatelink.azurecr.io", "is the alias", "contoso-a1b2.azurecr.io"),
    ],
)
@pytest.mark.parametrize("auth", ["auto", "docker", "az", "token"])
def test_the_registrys_own_name_is_said(
    trace: Trace, registry: Registry, host: str, words: str, meant: str, auth
) -> None:
    zones = Zones({})
    result = trace(zones, "--auth", auth, image=f"{host}/team/app:1")
    assert (result.code, result.verdict["fault"]) == (1, "not-a-registry")
    assert result.verdict["summary"] == f"{host} is not the registry's name: pull {meant}/team/app:1."
    assert words in result.verdict["explanation"]
    assert (registry.seen, zones.asked, result.json["steps"]) == ([], [], [])
    printed = trace(zones, image=f"{host}/team/app:1", json=False)
    assert f"pull {meant}/team/app:1" in printed.out


def test_it_is_in_the_html_report(trace: Trace, tmp_path: Path) -> None:
    file = tmp_path / "x.html"
    assert trace(Zones({}), "--html", str(file), image="contoso.privatelink.azurecr.io/app").code == 1
    assert "pull contoso.azurecr.io/app:latest" in file.read_text(encoding="utf-8")


def test_a_storage_account_is_no_registry(trace: Trace) -> None:
    result = trace(Zones({}), image=f"{worlds.BLOB}/app:1")
    assert result.verdict["summary"].startswith(f"{worlds.BLOB} is a blob storage account")


@pytest.mark.parametrize(
    "text", ["contoso.azurecr.io", "contoso.azurecr.io/", "https://contoso.azurecr.io", "contoso.azurecr.io:443"]
)
def test_the_missing_repository(doctor, text: str) -> None:
    result = doctor("trace", text)
    assert result.code == 2
    assert "names a registry and no repository; write both, such as contoso.azurecr.io" in result.err
    assert "/app:1" in result.err


@pytest.mark.parametrize("text", ["app", "app:1", "team/app:1", "/app", ""])
def test_no_registry(text: str) -> None:
    with pytest.raises(InputError, match="names no registry"):
        parse_image(text)


@pytest.mark.parametrize("scheme", ["http", "docker", "oci", "docker-daemon"])
def test_another_scheme(scheme: str) -> None:
    with pytest.raises(InputError, match=f"leave '{scheme}://' out"):
        parse_image(f"{scheme}://contoso.azurecr.io/app")


def test_a_reference_without_end() -> None:
    with pytest.raises(InputError, match=r"has 50000000 characters; a reference has at most 1024"):
        parse_image("a" * 50_000_000)
    assert images.MOST_REFERENCE == 1024


@pytest.mark.parametrize(
    "text",
    [
        "user:pass-word@contoso.azurecr.io/app",
        "https://user:pass-word@contoso.azurecr.io/app:1",
        "user:pass-word@contoso.azurecr.io",
        "user:pass-word@contoso.azurecr.io:443",
        "user:pass-word@localhost:5000",
        "pass-word@contoso.azurecr.io/app",
        "user:pass-word/with/slash@contoso.azurecr.io/app",
        "user:pass-word@with@at@contoso.azurecr.io/app",
        f"user:pass-word@contoso.azurecr.io/app@sha256:{'ab' * 32}",
        "contoso.azurecr.io/user:pass-word@x",
    ],
)
@pytest.mark.parametrize("more", [[], ["--json"], ["--auth", "docker"], ["--html", "{file}"]])
def test_a_password_in_the_reference_is_never_echoed(doctor, tmp_path: Path, text: str, more: list[str]) -> None:
    file = tmp_path / "x.html"
    result = doctor("trace", text, *(m.format(file=file) for m in more))
    assert result.code == 2
    assert "looks like a user name or a password, so it is not shown" in result.err
    assert "pass-word" not in result.out + result.err
    assert "user:" not in result.out + result.err
    assert not file.exists()


def test_nor_anywhere_else_that_a_registry_can_be_named(doctor) -> None:
    for arguments in (
        ["endpoints", "user:pass-word@contoso.azurecr.io", "--region", "japaneast"],
        ["trace", "contoso.azurecr.io/app", "--resolver", "user:pass-word@10.0.0.4"],
        ["trace", "contoso.azurecr.io/app", "--resolver", "127.0.0.1:9", "--allow-realm", "user:pass-word@x.y"],
    ):
        result = doctor(*arguments)
        assert result.code == 2
        assert "pass-word" not in result.out + result.err, arguments


def test_names_that_are_not_registries_by_name_either(doctor) -> None:
    wrong = doctor("endpoints", "contoso.privatelink.azurecr.io", "--region", "japaneast")
    assert wrong.code == 2
    assert "is the alias in the zone privatelink.azurecr.io" in wrong.err
    assert "its registry is contoso.azurecr.io" in wrong.err
    labelled = doctor("endpoints", "contoso-a1b2c3.azurecr.io", "--region", "japaneast")
    assert labelled.json["dataEndpoints"][0]["endpoint"] == "contoso-a1b2c3.japaneast.data.azurecr.io"
    assert doctor("endpoints", "con_toso.azurecr.io", "--region", "japaneast").code == 2


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("::ffff:10.0.0.4", "private"),
        ("::ffff:40.79.197.128", "public"),
        ("fd12:3456::1", "private"),
        ("fc00::1", "private"),
        ("fe80::1%eth0", "link-local"),
        ("0.0.0.0", "reserved"),
        ("::", "reserved"),
        ("198.18.0.7", "reserved"),
        ("224.0.0.1", "reserved"),
        ("203.0.113.7", "public"),
        ("172.32.0.1", "public"),
        ("100.128.0.1", "public"),
        ("nonsense", ""),
    ],
)
def test_kinds_of_address(address: str, kind: str) -> None:
    assert address_class(address) == kind


class TestDualStack:
    def zones(self, addresses: list[str], host: str = worlds.LOGIN) -> Zones:
        zones = worlds.linked()
        zones.records[host.replace(".azurecr.io", f".{worlds.ZONE}")] = addresses
        return zones

    @pytest.mark.parametrize("host", [worlds.LOGIN, worlds.DATA])
    def test_a_private_and_aaaa_public(self, trace: Trace, host: str) -> None:
        result = trace(self.zones(["192.168.0.72", "2603:1040:407::1"], host))
        assert (result.code, result.verdict["fault"]) == (1, "mixed-path")
        assert (
            f"{host} resolves to the private 192.168.0.72 and to the public 2603:1040:407::1 (A records private, AAAA "
            "public): an engine that takes the public one leaves the private path" in result.verdict["explanation"]
        )
        assert "AAAA" in result.verdict["fix"][0]

    def test_a_unique_local_address_is_private(self, trace: Trace) -> None:
        result = trace(self.zones(["192.168.0.72", "fd12::72"]))
        assert (result.code, result.verdict["situation"]) == (0, "private-path")

    def test_two_addresses_of_one_family(self, trace: Trace) -> None:
        result = trace(self.zones(["192.168.0.72", "20.37.69.2"]))
        assert result.verdict["fault"] == "mixed-path"
        assert "(A records" not in result.verdict["explanation"]

    def test_a_name_that_a_filter_answers(self, trace: Trace) -> None:
        result = trace(self.zones(["0.0.0.0"]), "--connect-to", "0.0.0.0=127.0.0.1:1")
        assert result.verdict["fault"] == "blocked-name"
        assert "an address that no host can have" in result.verdict["summary"]

    def test_thousands_of_addresses(self, trace: Trace) -> None:
        many = [f"10.{n // 250}.{n % 250}.9" for n in range(3000)]
        zones = self.zones(many)
        zones.truncate_udp = True
        result = trace(zones)
        seen = result.json["steps"][0]["dns"]
        assert (len(seen["addresses"]), seen["addressesLeftOut"]) == (16, 2984)
        assert result.code == 0
        zones = self.zones(many)
        zones.truncate_udp = True
        assert "10.0.15.9 and 2984 more" in trace(zones, json=False).out


def test_a_resolver_that_answers_without_end(trace: Trace) -> None:
    """Aliases that never end, each with another name."""

    class Endless(Zones):
        def resolve(self, request, handler):
            from dnslib import CNAME, QTYPE, RR

            reply = request.reply()
            name = str(request.q.qname)
            self.asked.append(name)
            reply.add_answer(RR(name, QTYPE.CNAME, rdata=CNAME(f"a{len(self.asked)}.example"), ttl=1))
            return reply

    zones = Endless({})
    result = trace(zones)
    assert result.verdict["fault"] == "resolver-failed"
    assert "more than 16 aliases" in result.verdict["explanation"]
    assert len(zones.asked) < 60
