"""The allow-list in every format, each read back by the program that reads it for a living, where there is one."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import shutil
import subprocess
import urllib.request
from dataclasses import replace
from pathlib import Path

import httpx
import pulumi_azure_native.network as network
import pytest
from pulumi._types import input_type_py_to_pulumi_names
from registry_model.azure.regions import of_cloud
from registry_model.reach.allow_lists import (
    FORMATS,
    AllowList,
    ClientPath,
    Options,
    allow_list,
    azure_firewall_collection,
    blob_wildcards,
    nsg_rules,
    on_path,
    option_problems,
    render,
    tag_rules,
    with_addresses,
)
from registry_model.reach.model import PrivateEndpoint, Registry

CONTOSO = Registry("contoso.azurecr.io", "japaneast", ("eastasia",), data_endpoints=True)
FABRIKAM = Registry("fabrikam-a1b2.azurecr.io", "westeurope", data_endpoints=True)
CONTOSO_HOSTS = [
    "contoso.azurecr.io",
    "contoso.japaneast.data.azurecr.io",
    "contoso.eastasia.data.azurecr.io",
]
FABRIKAM_HOSTS = ["fabrikam-a1b2.azurecr.io", "fabrikam-a1b2.westeurope.data.azurecr.io"]
SIGN_IN = ["login.microsoftonline.com", "management.azure.com"]
ADDRESSES = {host: f"10.20.0.{index + 4}" for index, host in enumerate(CONTOSO_HOSTS)}
PRIVATE = replace(CONTOSO, private_endpoints=(PrivateEndpoint("pe", "hub", addresses=tuple(ADDRESSES.items())),))
BOTH = allow_list([CONTOSO, FABRIKAM])
PREFIXES = {
    "AzureContainerRegistry.JapanEast": ["40.79.197.128/25", "2603:1040:407::/48"],
    "AzureContainerRegistry.EastAsia": ["20.187.196.192/27", "20.187.196.224/27"],
    "AzureContainerRegistry.WestEurope": ["13.69.64.88/29"],
}


class TestTheList:
    def test_several_registries(self) -> None:
        assert BOTH.hosts == CONTOSO_HOSTS + FABRIKAM_HOSTS
        assert [e.host for e in BOTH.sign_in] == SIGN_IN
        assert {e.port for e in BOTH.entries} == {443}
        assert BOTH.notes == ()

    def test_a_registry_on_blob_storage_gets_its_future_hosts_and_a_note(self) -> None:
        listed = allow_list([replace(CONTOSO, data_endpoints=False)])
        assert listed.hosts == CONTOSO_HOSTS
        assert "contoso still serves layers from *.blob.core.windows.net" in listed.notes[0]

    def test_the_wildcard_appears_only_in_a_migration(self) -> None:
        waiting = replace(CONTOSO, data_endpoints=False)
        listed = allow_list([waiting, FABRIKAM], migration=True)
        assert listed.hosts == [*CONTOSO_HOSTS, *FABRIKAM_HOSTS, "*.blob.core.windows.net"]
        assert listed.notes == (
            "*.blob.core.windows.net is every storage account of Azure: remove it once the registries have switched",
            "fabrikam-a1b2 serves layers from its data endpoints: *.blob.core.windows.net is not needed",
        )
        assert "*" not in "".join(allow_list([CONTOSO, FABRIKAM], migration=True).hosts)

    def test_wildcards_of_several_clouds(self) -> None:
        china = Registry("contoso.azurecr.cn", "chinaeast2")
        assert blob_wildcards([CONTOSO, FABRIKAM, china]).hosts == [
            "*.blob.core.windows.net",
            "*.blob.core.chinacloudapi.cn",
        ]
        assert blob_wildcards([CONTOSO, FABRIKAM]).entries[0].regions == ("japaneast", "eastasia", "westeurope")

    def test_sovereign_sign_in(self) -> None:
        listed = allow_list([Registry("contoso.azurecr.us", "usgovvirginia", data_endpoints=True)])
        assert [e.host for e in listed.sign_in] == ["login.microsoftonline.us", "management.usgovcloudapi.net"]

    def test_regional_endpoints_are_listed(self) -> None:
        listed = allow_list([replace(FABRIKAM, regional_endpoints=True)])
        assert "fabrikam-a1b2.westeurope.geo.azurecr.io" in listed.hosts


class TestEveryFormat:
    OPTIONS = Options(tag_prefixes=PREFIXES)

    @pytest.mark.parametrize("name", FORMATS)
    def test_ends_with_a_newline_and_never_says_more_than_asked(self, name: str) -> None:
        text = render(name, BOTH, self.OPTIONS)
        assert text.endswith("\n")
        assert "blob.core" not in text
        assert "Storage" not in text
        if name != "json":
            assert "microsoftonline" not in text

    @pytest.mark.parametrize("name", sorted(set(FORMATS) - {"nsg", "ipset", "nftables"}))
    def test_formats_with_names_have_every_host(self, name: str) -> None:
        text = render(name, BOTH, replace(self.OPTIONS, sign_in=True))
        for host in BOTH.hosts + SIGN_IN:
            assert re.search(rf"(?<![\w.-]){re.escape(host)}(?![\w.-])", text), host

    def test_an_unknown_format_is_refused_with_the_nearest(self) -> None:
        with pytest.raises(
            ValueError, match=r"'azure-firewal' is not known: use one of .*; did you mean 'azure-firewall'\?"
        ):
            render("azure-firewal", BOTH)


WAITING = replace(CONTOSO, data_endpoints=False)
UNTIL = "contoso still serves layers from *.blob.core.windows.net"


class TestBeforeTheSwitch:
    """Whoever pastes a file has not seen what went to standard error."""

    LISTED = allow_list([WAITING, FABRIKAM])
    OPTIONS = Options(tag_prefixes=PREFIXES)

    def test_the_list_alone_is_incomplete(self) -> None:
        assert (self.LISTED.complete, self.LISTED.waiting) == (False, ("contoso",))
        assert (BOTH.complete, BOTH.waiting) == (True, ())
        migrating = allow_list([WAITING, FABRIKAM], migration=True)
        assert (migrating.complete, migrating.waiting) == (True, ())

    def test_a_registry_of_which_only_the_name_is_known_may_have_switched(self) -> None:
        assert allow_list([replace(CONTOSO, by_name=True)]).complete

    @pytest.mark.parametrize("name", ["text", "ipset", "nftables", "dnsmasq", "squid", "no-proxy"])
    def test_the_file_says_so_in_comments(self, name: str) -> None:
        assert UNTIL in [
            line[2 : 2 + len(UNTIL)] for line in render(name, self.LISTED, self.OPTIONS).splitlines() if line[0] == "#"
        ]
        assert UNTIL not in render(name, BOTH, self.OPTIONS)

    def test_an_azure_firewall_rule_says_so_in_its_description(self) -> None:
        collection = json.loads(render("azure-firewall", self.LISTED, Options(sign_in=True)))
        told = {rule["name"]: rule.get("description", "") for rule in collection["rules"]}
        assert told["contoso"].startswith(UNTIL)
        assert told["sign-in"] == ""
        assert set(collection["rules"][0]) <= wire_names(network.ApplicationRuleArgs)
        settled = json.loads(render("azure-firewall", BOTH))
        assert not any("description" in rule for rule in settled["rules"])

    def test_a_security_rule_says_so_and_why_it_has_its_priority(self) -> None:
        rules = json.loads(render("nsg", self.LISTED, Options(sign_in=True)))
        own = "The priority is the region's own: a new replica renumbers no rule."
        until = f"{own} Until the switch to data endpoints pulls also need the tag Storage."
        told = {rule["destinationAddressPrefix"]: rule.get("description") for rule in rules}
        assert told == {
            "AzureActiveDirectory": None,
            "AzureResourceManager": None,
            "AzureContainerRegistry.JapanEast": until,
            "AzureContainerRegistry.EastAsia": until,
            "AzureContainerRegistry.WestEurope": until,
        }
        assert len(until) <= 140, "more than Azure takes"
        assert set(rules[-1]) <= wire_names(network.SecurityRuleInitArgs)
        assert {rule["description"] for rule in json.loads(render("nsg", BOTH))} == {
            f"{own} For clients on the public path."
        }

    def test_the_storage_rule_of_a_migration_says_when_it_goes(self) -> None:
        rules = json.loads(render("nsg", allow_list([WAITING], migration=True)))
        storage = [rule for rule in rules if rule["destinationAddressPrefix"].startswith("Storage.")]
        assert len(storage) == 2
        assert all("remove it after the switch" in rule["description"] for rule in storage)
        assert all(len(rule["description"]) <= 140 for rule in rules)
        assert not any("Until the switch" in rule["description"] for rule in rules)

    def test_palo_alto_takes_comments_in_lists_of_addresses_alone(self) -> None:
        assert not any("#" in line for line in render("palo-alto", self.LISTED).splitlines())

    @pytest.mark.parametrize(
        ("name", "command"),
        [
            ("ipset", ["ipset", "restore", "-f"]),
            ("nftables", ["nft", "--check", "--file"]),
            ("dnsmasq", ["dnsmasq", "--test", "-C"]),
            ("squid", ["squid", "-k", "parse", "-f"]),
        ],
    )
    def test_the_program_reads_over_the_comments(self, tmp_path: Path, name: str, command: list[str]) -> None:
        program = shutil.which(command[0], path=f"{os.environ['PATH']}:/usr/sbin")
        if program is None:
            pytest.skip(f"{command[0]} is not installed")
        comments = [line for line in render(name, self.LISTED, self.OPTIONS).splitlines() if line.startswith("#")]
        file = tmp_path / "comments"
        file.write_text("\n".join([*comments, "http_port 127.0.0.1:3128" if name == "squid" else "", ""]))
        done = subprocess.run([program, *command[1:], str(file)], capture_output=True, text=True, timeout=20)
        if "Operation not permitted" in done.stderr:
            pytest.skip(f"{name} may not ask the kernel here")
        assert (comments != [], done.returncode) == (True, 0), done.stderr


class TestText:
    def test_lines(self) -> None:
        lines = render("text", BOTH).splitlines()
        assert [line for line in lines if not line.startswith("#")] == [f"{host}:443" for host in BOTH.hosts]
        assert [line for line in lines if line.startswith("#")] == [
            "# contoso: TCP, exact hosts",
            "# fabrikam-a1b2: TCP, exact hosts",
        ]

    def test_notes_are_comments(self) -> None:
        assert render("text", allow_list([replace(CONTOSO, data_endpoints=False)])).startswith("# contoso still serves")


class TestJson:
    def test_shape(self) -> None:
        shown = json.loads(render("json", allow_list([PRIVATE])))
        assert shown["hosts"][1] == {
            "host": "contoso.japaneast.data.azurecr.io",
            "port": 443,
            "protocol": "TCP",
            "registry": "contoso",
            "purpose": "data endpoint",
            "regions": ["japaneast"],
            "privateAddresses": ["10.20.0.5"],
        }
        assert "signInHosts" not in shown
        asked = json.loads(render("json", allow_list([PRIVATE]), Options(sign_in=True)))
        assert [entry["host"] for entry in asked["signInHosts"]] == SIGN_IN
        assert shown["notes"] == []


def wire_names(cls: type) -> set[str]:
    """The property names that an input type of the azure-native SDK sends."""
    return set(input_type_py_to_pulumi_names(cls).values())


class TestAzureFirewall:
    def test_one_exact_rule_a_registry(self) -> None:
        collection = json.loads(render("azure-firewall", BOTH, Options(sources=("10.0.0.0/16",), priority=310)))
        assert (collection["priority"], collection["action"]) == (310, {"type": "Allow"})
        assert [rule["targetFqdns"] for rule in collection["rules"]] == [CONTOSO_HOSTS, FABRIKAM_HOSTS]
        for rule in collection["rules"]:
            assert rule["protocols"] == [{"protocolType": "Https", "port": 443}]
            assert rule["sourceAddresses"] == ["10.0.0.0/16"]

    def test_the_sdk_knows_every_property(self) -> None:
        collection = azure_firewall_collection(BOTH, Options(sign_in=True))
        assert set(collection) <= wire_names(network.FirewallPolicyFilterRuleCollectionArgs)
        for rule in collection["rules"]:
            assert set(rule) <= wire_names(network.ApplicationRuleArgs)
            assert set(rule["protocols"][0]) <= wire_names(network.FirewallPolicyRuleApplicationProtocolArgs)
        assert [rule["name"] for rule in collection["rules"]] == ["contoso", "fabrikam-a1b2", "sign-in"]


class TestNsg:
    def test_one_regional_tag_a_rule(self) -> None:
        rules = json.loads(render("nsg", BOTH))
        assert {rule["destinationAddressPrefix"] for rule in rules} == {
            "AzureContainerRegistry.JapanEast",
            "AzureContainerRegistry.EastAsia",
            "AzureContainerRegistry.WestEurope",
        }
        for rule in rules:
            assert (rule["direction"], rule["access"], rule["protocol"]) == ("Outbound", "Allow", "Tcp")
            assert (rule["destinationPortRange"], rule["sourceAddressPrefix"]) == ("443", "*")
            assert set(rule) <= wire_names(network.SecurityRuleInitArgs)

    def test_private_addresses_where_there_is_an_endpoint(self) -> None:
        rules = nsg_rules(allow_list([PRIVATE, FABRIKAM]), Options(sources=("10.0.0.0/24", "10.0.1.0/24")))
        assert rules[0]["destinationAddressPrefixes"] == ["10.20.0.4", "10.20.0.5", "10.20.0.6"]
        assert rules[0]["sourceAddressPrefixes"] == ["10.0.0.0/24", "10.0.1.0/24"]
        assert [r.get("destinationAddressPrefix") for r in rules[1:]] == ["AzureContainerRegistry.WestEurope"]

    def test_migration_and_sign_in(self) -> None:
        listed = allow_list([replace(FABRIKAM, data_endpoints=False)], migration=True)
        tags = [r["destinationAddressPrefix"] for r in nsg_rules(listed, Options(sign_in=True))]
        assert tags == [
            "AzureActiveDirectory",
            "AzureResourceManager",
            "AzureContainerRegistry.WestEurope",
            "Storage.WestEurope",
        ]

    def test_a_new_region_renumbers_no_rule(self) -> None:
        before = {r["name"]: r["priority"] for r in tag_rules(["japaneast", "westeurope"], Options())}
        after = {r["name"]: r["priority"] for r in tag_rules(["eastasia", "westeurope", "japaneast"], Options())}
        assert before.items() <= after.items()

    @pytest.mark.parametrize("cloud", ["public", "usgov", "china"])
    def test_no_two_regions_share_a_priority(self, cloud: str) -> None:
        regions = of_cloud(cloud)
        rules = tag_rules(regions, Options()) + tag_rules(regions, Options(), storage=True)
        priorities = [r["priority"] for r in rules] + [
            r["priority"] for r in nsg_rules(allow_list([PRIVATE]), Options(sign_in=True))
        ]
        assert len(set(priorities)) == len(priorities) == 2 * len(regions) + 3
        assert min(priorities) >= 200
        assert max(priorities) < 1200


def parsed_sets(text: str) -> dict[str, set[str]]:
    """The sets of an ``ipset restore`` input: name to entries."""
    sets: dict[str, set[str]] = {}
    for line in text.splitlines():
        create = re.fullmatch(r"create (\S+) hash:net,port family (inet6?) -exist", line)
        add = re.fullmatch(r"add (\S+) (\S+),tcp:443 -exist", line)
        assert create or add, line
        if create:
            sets[create[1]] = set()
        elif add:
            ipaddress.ip_network(add[2])
            sets[add[1]].add(add[2])
    return sets


class TestAddressSets:
    def test_ipset_of_private_addresses(self) -> None:
        assert parsed_sets(render("ipset", allow_list([PRIVATE]))) == {
            "container-registry": {"10.20.0.4/31", "10.20.0.6/32"}
        }

    def test_ipset_of_tag_prefixes_by_family(self) -> None:
        sets = parsed_sets(render("ipset", BOTH, Options(tag_prefixes=PREFIXES, name="acr")))
        assert sets == {
            "acr": {"13.69.64.88/29", "20.187.196.192/26", "40.79.197.128/25"},
            "acr6": {"2603:1040:407::/48"},
        }

    @pytest.mark.parametrize("name", ["ipset", "nftables"])
    def test_hosts_without_an_address_are_refused_by_name(self, name: str) -> None:
        with pytest.raises(ValueError, match="tag") as refused:
            render(name, BOTH, Options(tag_prefixes={"AzureContainerRegistry.JapanEast": ["40.79.197.128/25"]}))
        text = str(refused.value)
        assert "AzureContainerRegistry.EastAsia for contoso.azurecr.io, contoso.eastasia.data.azurecr.io" in text
        assert "AzureContainerRegistry.WestEurope for fabrikam-a1b2.azurecr.io" in text
        assert "JapanEast for" not in text
        assert "dnsmasq" in text

    def test_sign_in_needs_its_own_tags(self) -> None:
        with pytest.raises(ValueError, match=r"AzureActiveDirectory for login\.microsoftonline\.com"):
            render("ipset", allow_list([PRIVATE]), Options(sign_in=True))

    def test_a_name_too_long_for_the_kernel(self) -> None:
        """31 characters with the 6 of the second family's set."""
        with pytest.raises(ValueError, match="give at most 30"):
            render("ipset", allow_list([PRIVATE]), Options(name="a" * 31))
        assert "a" * 30 in render("ipset", allow_list([PRIVATE]), Options(name="a" * 30))

    def test_a_file_without_a_tag_is_named(self) -> None:
        options = Options(tag_prefixes=PREFIXES, tag_file="ServiceTags_Public_20260105.json")
        with pytest.raises(ValueError, match="tag file") as refused:
            render("nftables", allow_list([Registry("contoso.azurecr.io", "westus", data_endpoints=True)]), options)
        text = str(refused.value)
        assert "the service tag file ServiceTags_Public_20260105.json has no tag for these hosts" in text
        assert "AzureContainerRegistry.WestUS for contoso.azurecr.io" in text

    def test_nftables(self) -> None:
        text = render("nftables", BOTH, Options(tag_prefixes=PREFIXES))
        assert text.startswith("table inet container_registry {\n")
        assert "type ipv4_addr . inet_service" in text
        assert "elements = { 13.69.64.88/29 . 443, 20.187.196.192/26 . 443, 40.79.197.128/25 . 443 }" in text
        assert "elements = { 2603:1040:407::/48 . 443 }" in text
        assert text.count("{") == text.count("}")
        assert [line.partition(": ")[2] for line in text.splitlines() if line.startswith("  #")] == [
            "ip daddr . tcp dport @hosts accept",
            "ip6 daddr . tcp dport @hosts6 accept",
        ]

    def test_nft_reads_it(self, tmp_path: Path) -> None:
        nft = shutil.which("nft")
        if nft is None:
            pytest.skip("nft is not installed")
        file = tmp_path / "registry.nft"
        file.write_text(render("nftables", BOTH, Options(tag_prefixes=PREFIXES)))
        done = subprocess.run([nft, "--check", "--file", str(file)], capture_output=True, text=True, timeout=20)
        if "Operation not permitted" in done.stderr:
            pytest.skip("nft may not ask the kernel here")
        assert done.returncode == 0, done.stderr


class TestDnsmasq:
    def test_lines(self) -> None:
        assert render("dnsmasq", allow_list([FABRIKAM]), Options(name="acr")).splitlines() == [
            f"ipset=/{host}/acr" for host in FABRIKAM_HOSTS
        ]

    def test_the_wildcard_is_refused(self) -> None:
        with pytest.raises(ValueError, match="every storage account"):
            render("dnsmasq", allow_list([replace(FABRIKAM, data_endpoints=False)], migration=True))

    @pytest.mark.parametrize("name", ["ipset", "nftables"])
    def test_during_a_migration_no_format_sends_to_one_that_refuses(self, name: str) -> None:
        waiting = allow_list([replace(FABRIKAM, data_endpoints=False)], migration=True)
        with pytest.raises(ValueError, match="give the prefixes of the service tags") as by_address:
            render(name, waiting)
        assert "registry-doctor: --service-tags FILE" in str(by_address.value)
        assert "dnsmasq" not in str(by_address.value)
        with pytest.raises(ValueError, match="use the format 'nftables' or 'ipset' with the service tags"):
            render("dnsmasq", waiting)

    def test_dnsmasq_reads_it(self, tmp_path: Path) -> None:
        dnsmasq = shutil.which("dnsmasq")
        if dnsmasq is None:
            pytest.skip("dnsmasq is not installed")
        file = tmp_path / "registry.conf"
        file.write_text(render("dnsmasq", BOTH))
        done = subprocess.run([dnsmasq, "--test", f"--conf-file={file}"], capture_output=True, text=True, timeout=20)
        assert done.returncode == 0, done.stderr


def squid_allows(config: str, host: str, port: int) -> bool:
    """What the directives say of CONNECT host:port: the lines of one ACL join, a rule needs every ACL of it."""
    acls: dict[str, list[tuple[str, str]]] = {}
    for line in config.splitlines():
        words = line.split()
        if line.startswith("acl "):
            acls.setdefault(words[1], []).append((words[2], words[3]))

    def matches(kind: str, value: str) -> bool:
        if kind == "dstdomain":
            return host == value if not value.startswith(".") else f".{host}".endswith(value)
        return {"port": str(port), "method": "CONNECT"}[kind] == value

    rules = [line.split()[2:] for line in config.splitlines() if line.startswith("http_access allow ")]
    return any(all(any(matches(k, v) for k, v in acls[name]) for name in rule) for rule in rules)


class TestSquid:
    def test_allows_the_hosts_and_nothing_else(self) -> None:
        config = render("squid", BOTH)
        assert all(squid_allows(config, host, 443) for host in BOTH.hosts)
        assert not squid_allows(config, BOTH.hosts[0], 80)
        for other in ("azurecr.io", "evil.azurecr.io", "x.contoso.azurecr.io", "x.blob.core.windows.net"):
            assert not squid_allows(config, other, 443)

    def test_a_migration_allows_blobs(self) -> None:
        config = render("squid", allow_list([replace(CONTOSO, data_endpoints=False)], migration=True))
        assert squid_allows(config, "x.blob.core.windows.net", 443)
        assert config.startswith("# *.blob.core.windows.net is every storage account")

    def test_only_the_clients_that_were_named(self) -> None:
        lines = render("squid", BOTH, Options(sources=("10.0.0.0/8", "2001:db8::/32"), name="acr")).splitlines()
        assert [line for line in lines if " src " in line] == [
            "acl acr_clients src 10.0.0.0/8",
            "acl acr_clients src 2001:db8::/32",
        ]
        assert lines[-1] == "http_access allow acr_clients acr_tls acr_hosts acr_port"
        assert "_clients" not in render("squid", BOTH)

    @pytest.mark.parametrize("options", [Options(), Options(sources=("10.0.0.0/8",), name="a" * 54)])
    def test_squid_reads_it(self, tmp_path: Path, options: Options) -> None:
        squid = shutil.which("squid")
        if squid is None:
            pytest.skip("squid is not installed")
        file = tmp_path / "squid.conf"
        file.write_text(render("squid", BOTH, options) + "http_access deny all\nhttp_port 127.0.0.1:3128\n")
        done = subprocess.run([squid, "-k", "parse", "-f", str(file)], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        assert "ERROR" not in done.stderr
        assert "WARNING" not in done.stderr, done.stderr


class TestPaloAlto:
    def test_url_entries_end_with_a_slash(self) -> None:
        lines = render("palo-alto", BOTH).splitlines()
        assert lines == [f"{host}/" for host in BOTH.hosts]

    def test_a_migration_keeps_the_wildcard_as_a_token(self) -> None:
        listed = allow_list([replace(CONTOSO, data_endpoints=False)], migration=True)
        assert render("palo-alto", listed).splitlines()[-1] == "*.blob.core.windows.net/"


def environment(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines())


class TestNoProxy:
    VALUES = environment(render("no-proxy", BOTH))

    def test_both_spellings(self) -> None:
        assert list(self.VALUES) == ["NO_PROXY", "no_proxy"]
        assert self.VALUES["NO_PROXY"] == self.VALUES["no_proxy"] == ",".join(BOTH.hosts)

    def test_python_and_httpx_bypass_the_proxy_for_these_hosts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        proxies = {"no": self.VALUES["no_proxy"]}
        assert all(urllib.request.proxy_bypass_environment(host, proxies) for host in BOTH.hosts)  # pyright: ignore[reportAttributeAccessIssue]
        assert not urllib.request.proxy_bypass_environment("other.azurecr.io", proxies)  # pyright: ignore[reportAttributeAccessIssue]
        monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:3128")
        monkeypatch.setenv("NO_PROXY", self.VALUES["NO_PROXY"])
        monkeypatch.setenv("no_proxy", self.VALUES["no_proxy"])
        with httpx.Client() as client:
            chosen = {h: client._transport_for_url(httpx.URL(f"https://{h}/v2/")) for h in [*BOTH.hosts, "example.com"]}
            assert {h for h, t in chosen.items() if t is client._transport} == set(BOTH.hosts)


class TestOptions:
    @pytest.mark.parametrize(
        ("source", "message"),
        [
            ("203.0.113.300", "is neither an IP address nor a CIDR"),
            ("foo", "is neither an IP address nor a CIDR"),
            ("", "is neither an IP address nor a CIDR"),
            ("10.0.0/8", "is neither an IP address nor a CIDR"),
            ("203.0.113.5/24", "give the network, 203.0.113.0/24, or the one address, 203.0.113.5"),
        ],
    )
    @pytest.mark.parametrize("name", ["azure-firewall", "nsg", "squid"])
    def test_wrong_sources(self, name: str, source: str, message: str) -> None:
        problems = option_problems(name, Options(sources=("10.0.0.0/8", source)))
        assert len(problems) == 1
        assert problems[0].startswith(f"source '{source}': ")
        assert message in problems[0]
        with pytest.raises(ValueError, match="source"):
            render(name, BOTH, Options(sources=(source,)))

    @pytest.mark.parametrize(
        ("name", "sources"),
        [
            ("nsg", ("10.0.0.0/8", "203.0.113.5", "2001:db8::/32")),
            ("nsg", ("VirtualNetwork",)),
            ("azure-firewall", ("*",)),
            ("squid", ("203.0.113.5/32",)),
            *[(name, ("*",)) for name in FORMATS],
        ],
    )
    def test_right_sources(self, name: str, sources: tuple[str, ...]) -> None:
        assert option_problems(name, Options(sources=sources)) == []

    def test_everyone_stands_alone(self) -> None:
        assert "so it stands alone" in option_problems("squid", Options(sources=("*", "10.0.0.0/8")))[0]
        assert "neither" in option_problems("squid", Options(sources=("VirtualNetwork",)))[0]

    @pytest.mark.parametrize("name", sorted(set(FORMATS) - {"azure-firewall", "nsg", "squid"}))
    def test_formats_without_clients_say_so(self, name: str) -> None:
        assert f"is not for the format '{name}'" in option_problems(name, Options(sources=("10.0.0.0/8",)))[0]

    @pytest.mark.parametrize(
        ("form", "name"),
        [
            ("ipset", "a b"),
            ("ipset", "a" * 31),
            ("dnsmasq", "a,b"),
            ("dnsmasq", "a/b"),
            ("dnsmasq", "a" * 32),
            ("nsg", "a b"),
            ("nsg", "-a"),
            ("nsg", "a" * 52),
            ("azure-firewall", "a."),
            ("azure-firewall", ""),
            ("nftables", "1a"),
            ("nftables", "policy"),
            ("nftables", "a b"),
            ("squid", "a b"),
            ("squid", "a" * 55),
        ],
    )
    def test_names_that_the_device_refuses(self, form: str, name: str) -> None:
        problems = option_problems(form, Options(name=name))
        assert len(problems) == 1
        assert problems[0].startswith(f"name '{name}': ")

    @pytest.mark.parametrize(
        ("form", "name"),
        [
            ("ipset", "acr:prod"),
            ("dnsmasq", "a" * 31),
            ("nsg", "a" * 51),
            ("azure-firewall", "1.a_"),
            ("nftables", "_a-b"),
            ("squid", "1a"),
        ],
    )
    def test_names_that_it_takes(self, form: str, name: str) -> None:
        assert option_problems(form, Options(name=name), named=True) == []

    @pytest.mark.parametrize("form", ["text", "json", "palo-alto", "no-proxy"])
    def test_formats_without_a_name(self, form: str) -> None:
        assert "has no name in it" in option_problems(form, Options(name="acr"), named=True)[0]
        assert option_problems(form, Options()) == []

    def test_nft_takes_the_names_that_are_taken_here(self, tmp_path: Path) -> None:
        nft = shutil.which("nft")
        if nft is None:
            pytest.skip("nft is not installed")
        file = tmp_path / "names.nft"
        for name, right in (("_a-b", True), ("acr", True), ("policy", False), ("1a", False), ("drop", False)):
            file.write_text(f"table inet {name.replace('-', '_')} {{\n}}\n")
            done = subprocess.run([nft, "--check", "--file", str(file)], capture_output=True, text=True, timeout=20)
            assert ("syntax error" not in done.stderr) is right, name
            assert (option_problems("nftables", Options(name=name)) == []) is right, name


class TestThePath:
    """A registry with a private endpoint for its networks and IP rules for its offices."""

    MIXED = replace(PRIVATE, default_allow=False, ip_rules=("203.0.113.0/24",))
    CLOSED = replace(PRIVATE, public_access=False)
    NAMED = replace(CONTOSO, public_access=None, default_allow=None, ip_rules=None, by_name=True)

    def chosen(self, registry: Registry, path: ClientPath | None) -> AllowList:
        return on_path(allow_list([registry]), [registry], path)

    def test_offices_get_the_public_prefixes(self) -> None:
        offices = self.chosen(self.MIXED, ClientPath.PUBLIC)
        text = render("nftables", offices, Options(tag_prefixes=PREFIXES))
        assert "40.79.197.128/25" in text
        assert "10.20.0" not in text
        assert offices.notes == ()
        tags = {rule["destinationAddressPrefix"] for rule in nsg_rules(offices, Options())}
        assert tags == {"AzureContainerRegistry.EastAsia", "AzureContainerRegistry.JapanEast"}

    def test_where_both_are_open_the_file_says_which_it_is_for(self) -> None:
        found = self.chosen(self.MIXED, None)
        text = render("nftables", found, Options(tag_prefixes=PREFIXES))
        assert "10.20.0.4" in text
        assert "40.79" not in text
        assert text.startswith("# this is for clients that use the private endpoint of contoso")
        assert "--path public" in text.splitlines()[0]
        rule = json.loads(render("nsg", found))[0]
        assert rule["description"] == "For clients that use the private endpoint."
        assert self.chosen(self.MIXED, ClientPath.PRIVATE).notes == ()

    def test_where_one_is_open_nothing_is_said(self) -> None:
        assert self.chosen(self.CLOSED, None).notes == ()
        assert self.chosen(replace(self.MIXED, ip_rules=()), None).notes == ()
        assert self.chosen(FABRIKAM, None).notes == ()
        assert "refuses clients on the public path" in self.chosen(self.CLOSED, ClientPath.PUBLIC).notes[0]

    def test_a_name_tells_of_no_endpoint(self) -> None:
        assert "nothing but the name of contoso is known" in self.chosen(self.NAMED, None).notes[0]
        told = with_addresses(allow_list([self.NAMED]), {host: [ip] for host, ip in ADDRESSES.items()})
        spokes = on_path(told, [self.NAMED], None)
        assert spokes.notes == ()
        assert nsg_rules(spokes, Options())[0]["destinationAddressPrefixes"] == list(ADDRESSES.values())
        with pytest.raises(ValueError, match=r"no private address is known of contoso\.azurecr\.io, .*--address"):
            self.chosen(self.NAMED, ClientPath.PRIVATE)

    def test_an_address_that_is_not_known_makes_the_list_incomplete(self) -> None:
        known = PrivateEndpoint("pe", "hub", addresses=tuple(ADDRESSES.items())[:2])
        closed = self.chosen(replace(self.CLOSED, private_endpoints=(known,)), None)
        assert not closed.complete
        assert "private address of contoso.eastasia.data.azurecr.io is not known" in closed.notes[0]
        assert "--path" not in closed.notes[0]


def test_an_empty_list_is_no_crash() -> None:
    assert render("text", AllowList((), ())) == "\n"
