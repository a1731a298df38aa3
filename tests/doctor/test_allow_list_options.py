"""The options of `allow-list` and `records`, as their users give them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.doctor import stacks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.doctor.conftest import Result

    Doctor = Callable[..., Result]

NAMED = ("contoso", "--region", "japaneast")
TAGS = {
    "values": [{"name": "AzureContainerRegistry.JapanEast", "properties": {"addressPrefixes": ["40.79.197.128/25"]}}]
}


@pytest.fixture
def offices(tmp_path: Path) -> str:
    """A private endpoint for the networks, IP rules for two offices."""
    addresses = {"contoso": "192.168.0.72", "contoso.japaneast.data": "192.168.0.73"}
    found = stacks.registry(replicas=(), public=True, ip_rules=("203.0.113.0/24", "198.51.100.7"))
    file = tmp_path / "state.json"
    file.write_text(json.dumps(stacks.export(*found, *stacks.private_path("contoso", addresses))))
    return str(file)


@pytest.fixture
def tags(tmp_path: Path) -> str:
    file = tmp_path / "ServiceTags_Public_20260105.json"
    file.write_text(json.dumps(TAGS))
    return str(file)


def test_every_problem_at_once(doctor: Doctor) -> None:
    wrong = ("--source", "foo", "--source", "203.0.113.5/24", "--name", "a b", "--path", "publik")
    result = doctor("allow-list", "con", "--region", "japaneast", "-f", "nsg", *wrong)
    assert (result.code, result.out) == (2, "")
    for text in ("registry 'con'", "--source 'foo'", "--source '203.0.113.5/24'", "--name 'a b'", "--path 'publik'"):
        assert text in result.err
    assert "Traceback" not in result.err


def test_what_a_format_cannot_use_is_refused(doctor: Doctor, tags: str) -> None:
    unused = ("--source", "10.0.0.0/8", "--name", "acr", "--path", "private", "--service-tags", tags)
    result = doctor("allow-list", *NAMED, "-f", "palo-alto", *unused)
    assert (result.code, result.out) == (2, "")
    assert len(result.err.splitlines()) == 4


def test_a_file_of_the_environment_is_not_asked_for(doctor: Doctor, tags: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_DOCTOR_SERVICE_TAGS", tags)
    assert doctor("allow-list", *NAMED, "-f", "squid").code == 0


@pytest.mark.parametrize("command", ["allow-list", "records"])
def test_json_and_another_format_contradict_each_other(doctor: Doctor, command: str) -> None:
    form = "squid" if command == "allow-list" else "zone"
    result = doctor(command, *NAMED, "--json", "-f", form)
    assert (result.code, result.out) == (2, "")
    assert f"--json and --format {form} contradict each other" in result.err
    assert doctor(command, *NAMED, "--json", "-f", "json").json


def test_each_path_of_a_registry_with_both(doctor: Doctor, offices: str, tags: str) -> None:
    usual = doctor("allow-list", "--state", offices, "-f", "nftables", "--service-tags", tags)
    assert "192.168.0.72/31 . 443" in usual.out
    assert "its public side is open too: for clients there, list with --path public" in usual.err
    public = doctor("allow-list", "--state", offices, "-f", "nftables", "--service-tags", tags, "--path", "public")
    assert "40.79.197.128/25 . 443" in public.out
    assert "192.168" not in public.out
    assert (public.code, public.err) == (0, "")


@pytest.mark.parametrize("key", ["login-server", "contoso.azurecr.io", "CONTOSO.azurecr.io"])
@pytest.mark.parametrize("region", ["japaneast", "Japan East", "contoso.japaneast.data.azurecr.io"])
def test_both_commands_take_the_same_keys(doctor: Doctor, key: str, region: str) -> None:
    given = ("--address", f"{key}=10.0.0.5", "--address", f"{region}=10.0.0.4")
    [rule] = doctor("allow-list", *NAMED, "-f", "nsg", *given).json
    assert rule["destinationAddressPrefixes"] == ["10.0.0.4", "10.0.0.5"]
    found = doctor("records", *NAMED, "--json", *given).json["records"]
    assert [each["address"] for each in found] == ["10.0.0.5", "10.0.0.4"]


def test_a_host_of_no_list(doctor: Doctor) -> None:
    result = doctor("allow-list", *NAMED, "-f", "nsg", "--address", "contoso.westus.data.azurecr.io=10.0.0.4")
    assert result.code == 2
    assert "is no host of this allow-list, which has contoso.azurecr.io" in result.err


def test_a_region_of_the_other_cloud(doctor: Doctor) -> None:
    result = doctor("allow-list", "contosoapps", "--region", "eu-central-1")
    assert result.code == 2
    assert "--region 'eu-central-1': is Germany (Frankfurt) of Alibaba Cloud" in result.err
    assert "did you mean" not in result.err


def test_the_token_service_asks_for_its_address_by_the_option(doctor: Doctor) -> None:
    result = doctor("allow-list", "team-registry.ap-northeast-1.cr.aliyuncs.com", "-f", "nsg", "--bucket", "team-b")
    assert result.code == 2
    assert "give each as --address HOST=CIDR" in result.err


def test_personal_edition_has_no_complete_list(doctor: Doctor) -> None:
    """Its layers come from buckets that nothing names."""
    result = doctor("allow-list", "registry.ap-northeast-1.aliyuncs.com")
    assert result.code == 3
    assert "their host is missing" in result.out
