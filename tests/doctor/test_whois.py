"""``registry-doctor whois``: addresses from arguments, files and standard input."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.doctor.conftest import Result

    Doctor = Callable[..., Result]


def tag(name: str, *prefixes: str, region: str = "", service: str = "") -> dict[str, Any]:
    return {
        "name": name,
        "properties": {"region": region, "systemService": service, "addressPrefixes": list(prefixes)},
    }


DOCUMENT = {
    "cloud": "Public",
    "values": [
        tag("AzureCloud", "40.79.192.0/21", "2603:1040::/32"),
        tag("AzureCloud.japaneast", "40.79.192.0/21", "2603:1040::/32", region="japaneast"),
        tag("AzureContainerRegistry", "40.79.197.128/25", "2603:1040:407::/64", service="AzureContainerRegistry"),
        tag("AzureContainerRegistry.JapanEast", "40.79.197.128/25", "2603:1040:407::/64", region="japaneast"),
    ],
}


@pytest.fixture
def tags(tmp_path: Path) -> str:
    file = tmp_path / "ServiceTags_Public_20260105.json"
    file.write_text(json.dumps(DOCUMENT))
    return str(file)


def test_most_specific_first(doctor: Doctor, tags: str) -> None:
    result = doctor("whois", "40.79.197.128", "2603:1040:407::1", "--service-tags", tags)
    assert result.code == 0
    assert result.out.splitlines() == [
        "40.79.197.128     AzureContainerRegistry.JapanEast (40.79.197.128/25), AzureContainerRegistry "
        "(40.79.197.128/25), AzureCloud.japaneast (40.79.192.0/21), AzureCloud (40.79.192.0/21)",
        "2603:1040:407::1  AzureContainerRegistry.JapanEast (2603:1040:407::/64), AzureContainerRegistry "
        "(2603:1040:407::/64), AzureCloud.japaneast (2603:1040::/32), AzureCloud (2603:1040::/32)",
    ]


def test_json(doctor: Doctor, tags: str) -> None:
    document = doctor("whois", "40.79.197.1", "--service-tags", tags, "--json").json
    assert document == [
        {
            "address": "40.79.197.1",
            "tags": [
                {"name": "AzureCloud.japaneast", "prefix": "40.79.192.0/21", "region": "japaneast", "service": ""},
                {"name": "AzureCloud", "prefix": "40.79.192.0/21", "region": "", "service": ""},
            ],
            "meaning": None,
        }
    ]


def test_every_problem_at_once(doctor: Doctor, tags: str) -> None:
    result = doctor("whois", "1.2.3", "10.0.0.0/8", "--file", "/none", "--service-tags", f"{tags}.none")
    assert (result.code, result.out) == (2, "")
    assert [line.removeprefix("registry-doctor: ").partition(":")[0] for line in result.err.splitlines()] == [
        "--file '/none'",
        "address '1.2.3' is not an IP address",
        "address '10.0.0.0/8' is not an IP address but a range; give one address of it",
        f"--service-tags '{tags}.none'",
    ]


def test_an_address_without_a_tag(doctor: Doctor, tags: str) -> None:
    result = doctor("whois", "192.0.2.1", "--service-tags", tags)
    assert (result.code, result.out) == (1, "192.0.2.1  no service tag\n")


def test_addresses_that_are_nobodys_on_the_internet_need_no_file(doctor: Doctor, tags: str) -> None:
    """RFC 1918, RFC 6598, RFC 4193, and the address that Azure documents for its resolver."""
    said = {
        "10.1.0.4": "private (RFC 1918)",
        "172.31.0.1/32": "private (RFC 1918)",
        "192.168.0.72": "private (RFC 1918)",
        "::ffff:10.1.0.4": "private (RFC 1918)",
        "fd00::4": "private (RFC 4193)",
        "168.63.129.16": "Azure's resolver, in every virtual network",
        "100.64.1.1": "shared address space (RFC 6598): private in Azure, services of Alibaba Cloud in its VPCs",
        "127.0.0.1": "loopback, no address of the internet",
        "169.254.169.254": "link-local, no address of the internet",
    }
    for more in ([], ["--service-tags", tags]):
        result = doctor("whois", *said, *more)
        assert (result.code, dict(re.split(r"  +", line) for line in result.out.splitlines())) == (0, said)
    assert doctor("whois", "10.1.0.4", "--json").json == [
        {"address": "10.1.0.4", "tags": [], "meaning": "private (RFC 1918)"}
    ]


@pytest.mark.parametrize("address", ["172.32.0.1", "100.128.0.1", "168.63.129.17", "11.0.0.1"])
def test_public_addresses_beside_them_need_the_file(doctor: Doctor, tags: str, address: str) -> None:
    missing = doctor("whois", "10.1.0.4", address)
    assert missing.code == 2
    known, unknown = missing.out.splitlines()
    assert re.split(r"  +", known) == ["10.1.0.4", "private (RFC 1918)"]
    assert re.split(r"  +", unknown) == [address, "not looked up: there is no service tag file"]
    assert "--service-tags: give a ServiceTags_*.json file" in missing.err
    assert [each["tags"] for each in doctor("whois", "10.1.0.4", address, "--json").json] == [[], None]
    found = doctor("whois", address, "--service-tags", tags)
    assert (found.code, found.out) == (1, f"{address}  no service tag\n")


def test_files_and_standard_input(doctor: Doctor, tags: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = tmp_path / "addresses"
    listed.write_text("# a list\n40.79.197.128  first\n\n40.79.192.1 # second\n")
    result = doctor("whois", "--file", str(listed), "--service-tags", tags, "--json")
    assert [e["address"] for e in result.json] == ["40.79.197.128", "40.79.192.1"]
    monkeypatch.setattr("sys.stdin", io.StringIO("40.79.197.130\n"))
    assert doctor("whois", "--service-tags", tags).out.startswith("40.79.197.130  AzureContainerRegistry.JapanEast")


def test_a_remembered_file(doctor: Doctor, tags: str) -> None:
    assert doctor("whois", "10.1.0.4", "--remember").code == 2
    missing = doctor("whois", "40.79.197.128")
    assert missing.code == 2
    assert "Microsoft publishes it at https://www.microsoft.com/download" in missing.err
    assert doctor("whois", "40.79.197.128", "--service-tags", tags, "--remember").code == 0
    assert doctor("whois", "40.79.197.128").out.startswith("40.79.197.128  AzureContainerRegistry.JapanEast")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("x", "is not a ServiceTags_*.json file"),
        ("1", "it has no list 'values'"),
        ('{"values": [1]}', "values[0] has no name or no properties.addressPrefixes"),
        ('{"values": [{"name": "A", "properties": {"addressPrefixes": 1}}]}', "the prefixes of A are not a list"),
        (
            '{"values": [{"name": "A", "properties": {"addressPrefixes": ["10.0.0.0/33"]}}]}',
            "'10.0.0.0/33' is not a CIDR",
        ),
        ('{"values": [{"name": "A", "properties": {"addressPrefixes": [["x"]]}}]}', "the prefixes of A are not a list"),
    ],
)
def test_a_file_that_is_none(doctor: Doctor, tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "tags.json"
    file.write_text(content)
    result = doctor("whois", "1.2.3.4", "--service-tags", str(file))
    assert (result.code, result.out) == (2, "")
    assert message in result.err


def test_every_wrong_address_is_named(doctor: Doctor, tags: str) -> None:
    result = doctor("whois", "1.2.3", "40.79.197.128", "x:y", "1.2.3.4/8", "--service-tags", tags)
    assert (result.code, result.out) == (2, "")
    for wrong in ("'1.2.3'", "'x:y'", "'1.2.3.4/8'"):
        assert f"address {wrong} is not an IP address" in result.err
    many = doctor("whois", *["bad"] * 50, "--service-tags", tags)
    assert "and 30 more" in many.err
