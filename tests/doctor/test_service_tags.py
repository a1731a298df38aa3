"""The index of service tags agrees with the standard library's plain reading of the file, for any file."""

from __future__ import annotations

import ipaddress
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from registry_doctor.service_tags import TagIndex, cache_folder, remember, remembered

NAMES = ("AzureCloud", "AzureCloud.japaneast", "Storage", "Storage.JapanEast", "AzureContainerRegistry")


@st.composite
def prefixes(draw: st.DrawFn) -> str:
    """Prefixes in a corner of the address space, so that they overlap; IPv6 in any spelling."""
    if draw(st.booleans()):
        network = ipaddress.ip_network(
            (0x0A000000 | draw(st.integers(0, 255)), draw(st.integers(20, 32))), strict=False
        )
        return str(network)
    low = draw(st.integers(0, 255))
    network = ipaddress.ip_network(((0x2603 << 112) | low, draw(st.integers(110, 128))), strict=False)
    return draw(st.sampled_from([network.compressed, network.exploded, network.compressed.upper()]))


FILES = st.dictionaries(st.sampled_from(NAMES), st.lists(prefixes(), max_size=8), min_size=1).filter(
    lambda tags: any(tags.values())
)
ADDRESSES = st.one_of(
    st.integers(0, 255).map(lambda n: str(ipaddress.IPv4Address(0x0A000000 | n))),
    st.integers(0, 255).map(lambda n: str(ipaddress.IPv6Address((0x2603 << 112) | n))),
)


def document(tags: dict[str, list[str]]) -> dict[str, object]:
    return {"values": [{"name": name, "properties": {"addressPrefixes": found}} for name, found in tags.items()]}


@given(FILES, st.lists(ADDRESSES, max_size=20))
def test_as_the_plain_reading(tags: dict[str, list[str]], addresses: list[str]) -> None:
    index = TagIndex(document(tags))
    for address, matches in zip(addresses, index.lookup(addresses), strict=True):
        ip = ipaddress.ip_address(address)
        longest = {
            name: max((n.prefixlen for n in map(ipaddress.ip_network, found) if ip in n), default=None)
            for name, found in tags.items()
        }
        expected = {name: length for name, length in longest.items() if length is not None}
        assert {m.name: int(m.prefix.rpartition("/")[2]) for m in matches} == expected
        order = [(-expected[m.name], m.name.startswith("AzureCloud"), "." not in m.name, m.name) for m in matches]
        assert order == sorted(order)


@given(FILES, ADDRESSES)
def test_together_is_as_one_by_one(tags: dict[str, list[str]], address: str) -> None:
    index = TagIndex(document(tags))
    one = [m.name for m in index.lookup([address])[0]]
    assert index.tags_of(address) == one
    assert [m.name for m in index.lookup(["10.0.0.9", address])[1]] == one


def test_a_prefix_without_a_length_is_one_address() -> None:
    index = TagIndex(document({"Storage": ["10.0.0.1", "10.0.0.4/30"]}))
    assert [bool(m) for m in index.lookup(["10.0.0.1", "10.0.0.2", "10.0.0.5"])] == [True, False, True]


@pytest.mark.parametrize(
    "wrong", ["10.0.0/8", "10.0.0.0/x", "10.0.0.0/-1", "fe80::1%eth0/64", "2603::/129", "10.0.0.0/33"]
)
def test_the_wrong_prefix_is_named(wrong: str) -> None:
    with pytest.raises(ValueError, match="is not a CIDR") as caught:
        TagIndex(document({"Storage": ["10.0.0.0/8", "2603::/64", wrong]}))
    assert f"'{wrong}'" in str(caught.value)


@pytest.mark.parametrize("wrong", ["", "fe80::1%eth0", "1.2.3.04", "x", "10.0.0.1/x"])
def test_the_wrong_address_is_named(wrong: str) -> None:
    with pytest.raises(ValueError, match="is not an IP address"):
        TagIndex(document({"Storage": ["10.0.0.0/8"]})).lookup(["10.0.0.1", wrong])


def test_the_newest_file_is_remembered(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert remembered() is None
    for date in ("20260105", "20251229"):
        file = tmp_path / f"ServiceTags_Public_{date}.json"
        file.write_text("{}")
        remember(file)
    assert remembered() == cache_folder() / "ServiceTags_Public_20260105.json"


PREFIX = "40.79.197.128/25"
DOWNLOADED = {
    "changeNumber": 66,
    "cloud": "Public",
    "values": [
        {
            "name": "AzureContainerRegistry.JapanEast",
            "id": "AzureContainerRegistry.JapanEast",
            "properties": {
                "changeNumber": 9,
                "region": "japaneast",
                "platform": "Azure",
                "systemService": "AzureContainerRegistry",
                "addressPrefixes": [PREFIX],
                "networkFeatures": ["API", "NSG"],
            },
        }
    ],
}
POWERSHELL_TAG = {
    "Name": "AzureContainerRegistry.JapanEast",
    "Properties": {
        "Region": "japaneast",
        "SystemService": "AzureContainerRegistry",
        "AddressPrefixes": [PREFIX],
        "ChangeNumber": "9",
    },
    "Id": "AzureContainerRegistry.JapanEast",
}
POWERSHELL = {"Name": "Public", "Cloud": "Public", "ChangeNumber": "66", "Values": [POWERSHELL_TAG]}
AZ = {
    "changeNumber": "66",
    "cloud": "Public",
    "id": "/subscriptions/x/providers/Microsoft.Network/serviceTags/public",
    "name": "public",
    "nextLink": None,
    "type": "Microsoft.Network/serviceTags",
    "values": [
        {
            "id": "AzureContainerRegistry.JapanEast",
            "name": "AzureContainerRegistry.JapanEast",
            "properties": {
                "addressPrefixes": [PREFIX],
                "changeNumber": "9",
                "region": "japaneast",
                "state": "GA",
                "systemService": "AzureContainerRegistry",
            },
            "serviceTagChangeNumber": "66",
        }
    ],
}
DETAILS = {"value": AZ["values"]}


@pytest.mark.parametrize(
    "made",
    [
        DOWNLOADED,
        POWERSHELL,
        AZ,
        DETAILS,
        [POWERSHELL_TAG],  # (Get-AzNetworkServiceTag).Values | ConvertTo-Json
        POWERSHELL_TAG,  # the same of one tag
        {**POWERSHELL, "Values": POWERSHELL_TAG},
        {"VALUES": [{"NAME": "AzureContainerRegistry.JapanEast", "PROPERTIES": POWERSHELL_TAG["Properties"]}]},
        [{"name": "AzureContainerRegistry.JapanEast", "region": "japaneast", "addressPrefixes": [PREFIX]}],
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_files_of_every_maker(doctor, tmp_path, made: object, encoding: str) -> None:
    file = tmp_path / "tags.json"
    file.write_text(json.dumps(made), encoding=encoding)
    result = doctor("whois", "40.79.197.128", "--service-tags", str(file))
    assert (result.code, result.out) == (0, f"40.79.197.128  AzureContainerRegistry.JapanEast ({PREFIX})\n")
    found = doctor("whois", "40.79.197.128", "--service-tags", str(file), "--json").json
    assert found[0]["tags"][0]["region"] == "japaneast"


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ({"values": []}, "its list 'values' is empty"),
        ({"name": "Public", "cloud": "Public", "changeNumber": "66", "values": []}, "its list 'values' is empty"),
        ([], "its list 'values' is empty"),
        ({"Values": []}, "its list 'values' is empty"),
        ({"values": [{"name": "A", "properties": {"addressPrefixes": []}}]}, "it has no prefix at all"),
        ({"values": None}, "it has no list 'values'"),
        ({}, "it has no list 'values'"),
        ({**AZ, "nextLink": "https://management.azure.com/x"}, "it is one page of several"),
        ({"Values": [{"Name": "A", "Properties": "@{Region=}"}]}, "ConvertTo-Json -Depth 5"),
        ({"Values": [{"Name": "A", "Properties": {"AddressPrefixes": "10.0.0.0/8 11.0.0.0/8"}}]}, "-Depth 5"),
    ],
)
def test_what_would_answer_nothing_is_refused_and_never_remembered(doctor, tmp_path, made: object, words: str) -> None:
    file = tmp_path / "ServiceTags_Public_20260105.json"
    file.write_text(json.dumps(made))
    result = doctor("whois", "40.79.197.128", "--service-tags", str(file), "--remember")
    assert (result.code, result.out) == (2, "")
    assert words in result.err
    assert remembered() is None


@pytest.mark.parametrize(
    "address",
    [
        "40.79.197.128/32",
        "::ffff:40.79.197.128",
        "::FFFF:40.79.197.128",
        "::ffff:284f:c580",
        "0:0:0:0:0:ffff:40.79.197.128",
        "[::ffff:40.79.197.128]",
        "::ffff:40.79.197.128/128",
    ],
)
def test_spellings_of_one_address(address: str) -> None:
    index = TagIndex(DOWNLOADED)
    assert [m.prefix for m in index.lookup([address])[0]] == [PREFIX]


def test_a_range_is_no_address() -> None:
    with pytest.raises(ValueError, match=r"'40\.79\.197\.0/24' is not an IP address but a range"):
        TagIndex(DOWNLOADED).lookup(["40.79.197.0/24"])


def test_an_address_with_a_zone_has_no_tag() -> None:
    """Resolvers give such addresses; a trace must not end on one."""
    assert TagIndex(DOWNLOADED).tags_of("fe80::1%eth0") == []
