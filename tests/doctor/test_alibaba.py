"""The doctor at a registry of Alibaba Cloud: three hosts, a token service that is everybody's, layers in OSS.

A name server, a registry and its token service are real ones on loopback; the exports are written out by hand.
"""

from __future__ import annotations

import json
import re
import socket
from typing import TYPE_CHECKING, Any

import pytest

from tests.doctor import stacks
from tests.doctor.servers import PASSWORD, USER, Authority, Behaviour, Dns, Registry, Zones
from tests.model import test_alibaba_reach as estates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.doctor.conftest import Result

PUBLIC = "team-registry.ap-northeast-1.cr.aliyuncs.com"
PRIVATE = "team-registry-vpc.ap-northeast-1.cr.aliyuncs.com"
TOKEN, TOKEN_VPC = "dockerauth-ee.ap-northeast-1.aliyuncs.com", "dockerauth-ee-vpc.ap-northeast-1.aliyuncs.com"
TOKEN_OLDER = "dockerauth.ap-northeast-1.aliyuncs.com"
LAYERS = "cri-abc-registry.oss-ap-northeast-1.aliyuncs.com"
LAYERS_VPC = "cri-abc-registry.oss-ap-northeast-1-internal.aliyuncs.com"
LAYERS_OWN = "layers.contoso.example"
# An instance of Personal Edition that was made since 2024-09.
PERSONAL = "crpi-0a1b2c.ap-northeast-1.personal.cr.aliyuncs.com"
PERSONAL_VPC = "crpi-0a1b2c-vpc.ap-northeast-1.personal.cr.aliyuncs.com"
TOKEN_PERSONAL_VPC = "dockerauth-vpc.ap-northeast-1.aliyuncs.com"
ADDRESSES: dict[str, str | list[str]] = {
    PUBLIC: ["47.91.8.10"],
    PRIVATE: ["10.0.0.4"],
    TOKEN: ["47.91.8.20"],
    TOKEN_VPC: ["100.103.0.5"],
    LAYERS: ["47.91.8.30"],
    LAYERS_VPC: ["100.114.211.9"],
    PERSONAL: ["47.91.8.11"],
    PERSONAL_VPC: ["100.103.0.9"],
}


@pytest.fixture(scope="module")
def known(authority: Authority) -> Any:
    return authority.server_context(*ADDRESSES, TOKEN_OLDER, TOKEN_PERSONAL_VPC, LAYERS_OWN)


@pytest.fixture
def registry(known: Any) -> Iterator[Registry]:
    with Registry(Behaviour(anonymous=True), known) as running:
        yield running


@pytest.fixture
def run(doctor: Callable[..., Result], registry: Registry, authority: Authority, tmp_path: Path) -> Iterator[Any]:
    """Runs a command with a view of DNS; every connection ends at the loopback registry unless it is told otherwise."""
    running: list[Dns] = []

    def command(*words: str, zones: dict[str, str | list[str]] | None = None, to: str = "") -> Result:
        dns = Dns(Zones(ADDRESSES if zones is None else zones))
        running.append(dns)
        return doctor(
            *words,
            *("--json", "--resolver", dns.address, "--ca-bundle", str(authority.bundle)),
            *(("--connect-to", to) if to else ()),
            *("--connect-to", f"*={registry.address}"),
        )

    yield command
    for dns in running:
        dns.__exit__()


def trace(run: Any, host: str, *more: str, **options: Any) -> Result:
    return run("trace", f"{host}/app:1", "--platform", "linux/amd64", *more, **options)


@pytest.mark.parametrize(
    ("host", "realm", "layers", "situation"),
    [
        (PUBLIC, TOKEN, LAYERS, "oss-public"),
        (PUBLIC, TOKEN_OLDER, LAYERS, "oss-public"),
        (PRIVATE, TOKEN_VPC, LAYERS_VPC, "oss-internal"),
        (PUBLIC, TOKEN, LAYERS_VPC, "oss-internal"),
        (PERSONAL, TOKEN_OLDER, LAYERS, "oss-public"),
        (PERSONAL_VPC, TOKEN_PERSONAL_VPC, LAYERS_VPC, "oss-internal"),
    ],
)
def test_a_pull_with_its_three_hosts(
    run: Any, registry: Registry, host: str, realm: str, layers: str, situation: str
) -> None:
    registry.behaviour.realm = f"https://{realm}/oauth2/token"
    registry.behaviour.layer_host = layers
    zones = {**ADDRESSES, realm: ["47.91.8.20"]}
    result = trace(run, host, zones=zones)
    assert (result.code, result.verdict["situation"], result.verdict["fault"]) == (0, situation, "")
    assert [step["host"] for step in result.json["steps"]] == [host, realm, host, host, layers]


@pytest.mark.parametrize(
    "realm",
    [
        "dockerauth-ee.ap-southeast-1.aliyuncs.com",  # another region's
        "dockerauth-ee.ap-northeast-1.aliyuncs.com.example.com",
        "tokens.example.com",
        "other-registry.ap-northeast-1.cr.aliyuncs.com",  # another customer's registry
    ],
)
def test_credentials_go_to_no_other_token_service(
    run: Any, registry: Registry, monkeypatch: pytest.MonkeyPatch, realm: str
) -> None:
    monkeypatch.setenv("REGISTRY_USERNAME", USER)
    monkeypatch.setenv("REGISTRY_PASSWORD", PASSWORD)
    registry.behaviour.realm = f"https://{realm}/oauth2/token"
    result = trace(run, PUBLIC, "--auth", "token", zones={**ADDRESSES, realm: ["47.91.8.99"]})
    assert (result.code, result.verdict["fault"]) == (1, "foreign-realm")
    assert [seen for seen in registry.seen if "Authorization" in seen.headers] == []


@pytest.fixture
def closed() -> Iterator[str]:
    """A port that refuses every connection, for as long as it is held."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{held.getsockname()[1]}"


def test_a_layer_host_that_is_internal_is_told_from_one_that_is_blocked(
    run: Any, registry: Registry, closed: str
) -> None:
    registry.behaviour.realm = f"https://{TOKEN}/oauth2/token"
    registry.behaviour.layer_host = LAYERS_VPC
    internal = trace(run, PUBLIC, to=f"{LAYERS_VPC}={closed}")
    assert (internal.code, internal.verdict["fault"]) == (1, "layer-host-internal")
    assert "Route 100.114.211.0/24, 100.114.114.0/25 to ap-northeast-1" in internal.verdict["fix"][0]
    registry.behaviour.layer_host = LAYERS
    blocked = trace(run, PUBLIC, to=f"{LAYERS}={closed}")
    assert (blocked.code, blocked.verdict["fault"]) == (1, "layer-host-blocked")
    assert blocked.verdict["fix"] == [
        f"Allow {LAYERS} on TCP 443 in the client's firewall, by name and not by a wildcard."
    ]


def test_the_vpc_endpoints_name_outside_a_zone(run: Any) -> None:
    result = trace(run, PRIVATE, zones={PUBLIC: ["47.91.8.10"]})
    assert (result.code, result.verdict["fault"]) == (1, "not-in-zone")
    assert "private zones only" in result.verdict["explanation"]


def test_the_name_of_personal_edition_is_in_no_private_zone(run: Any) -> None:
    result = trace(run, PERSONAL_VPC, zones={PUBLIC: ["47.91.8.10"]})
    assert result.code == 3, "its resolver knows no public names"
    assert "private zones" not in json.dumps(result.verdict)


def test_layers_from_a_bucket_of_another_region_are_not_the_registrys(run: Any, registry: Registry) -> None:
    elsewhere = "other.oss-ap-southeast-1.aliyuncs.com"
    registry.behaviour.realm = f"https://{TOKEN}/oauth2/token"
    registry.behaviour.layer_host = elsewhere
    result = trace(run, PUBLIC, zones={**ADDRESSES, elsewhere: ["47.91.8.66"]})
    assert result.verdict["situation"] not in ("oss-public", "oss-internal")


# What a stack declares


def export(*rows: Any) -> dict[str, Any]:
    accounts = [estates.account(estates.TOKYO), estates.account(estates.SINGAPORE)]
    manifest = {"time": "2026-01-01T00:00:00Z", "magic": "", "version": ""}
    return {"version": 3, "deployment": {"manifest": manifest, "resources": [*accounts, *rows]}}


@pytest.fixture
def state(tmp_path: Path) -> Callable[..., str]:
    def written(*rows: Any) -> str:
        file = tmp_path / "state.json"
        file.write_text(json.dumps(export(*rows)))
        return str(file)

    return written


BOUND = [estates.instance(), *estates.BOTH, estates.link(), *estates.address_told(estates.zone("vpc-b"))]


def test_reach_says_who_can_pull(doctor: Callable[..., Result], state: Callable[..., str]) -> None:
    result = doctor("reach", "--state", state(*BOUND), "--json")
    assert result.code == 0
    [found] = result.json["registries"]
    assert found["registry"] == "team"
    assert {c["client"]: c["pull"] for c in found["clients"]} == {
        "VM in a": "yes",
        "VM in b": "no",
        "VM in another VPC of ap-northeast-1": "no",
        "VM in a VPC of another region": "no",
        "on-premises, forwarding DNS into a bound VPC": "yes, if",
        "on-premises, public DNS": "no",
        "internet, any address": "no",
    }


def test_show_prints_hosts_records_and_reach(doctor: Callable[..., Result], state: Callable[..., str]) -> None:
    result = doctor("show", "--state", state(*BOUND), "--json")
    [found] = result.json
    assert [h["host"] for h in found["hosts"]] == [PUBLIC, TOKEN, LAYERS, PRIVATE, TOKEN_VPC, LAYERS_VPC]
    assert found["hosts"][3]["addresses"] == {"link-a": "10.0.0.4"}
    assert {"zone": PRIVATE, "name": "@", "address": "10.0.0.4", "declared": True} in found["records"]
    text = doctor("show", "--state", state(*BOUND))
    assert text.code == 0
    assert table(text.out)[1:7] == [
        [PUBLIC, "login server, Internet endpoint (off)", "ap-northeast-1", "none"],
        [TOKEN, "token service, Internet endpoint (off)", "ap-northeast-1", "none"],
        [LAYERS, "OSS bucket, Internet endpoint (off)", "ap-northeast-1", "none"],
        [PRIVATE, "login server, VPC endpoint", "ap-northeast-1", "10.0.0.4 (link-a)"],
        [TOKEN_VPC, "token service, VPC endpoint", "ap-northeast-1", "in 100.64.0.0/10"],
        [LAYERS_VPC, "OSS bucket, VPC endpoint", "ap-northeast-1", "100.114.211.0/24, 100.114.114.0/25"],
    ]


def table(text: str) -> list[list[str]]:
    """The first table of an output: its cells, which two spaces part."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("host "))
    return [re.split(r"\s{2,}", line.strip()) for line in lines[start:] if line.strip()]


def test_show_names_endpoints_that_let_nobody_in_and_addresses_that_no_state_has(
    doctor: Callable[..., Result], state: Callable[..., str]
) -> None:
    opened = table(doctor("show", "--state", state(*OPEN)).out)
    assert opened[1][:2] == [PUBLIC, "login server, Internet endpoint"]
    assert opened[4] == [PRIVATE, "login server, VPC endpoint (no VPC bound)", "ap-northeast-1", "none"]
    untold = table(doctor("show", "--state", state(estates.instance(), *estates.BOTH, estates.link())).out)
    assert untold[4][3] == "not in the state (link-a)"


def test_endpoints_say_which_is_on(doctor: Callable[..., Result], state: Callable[..., str]) -> None:
    result = doctor("endpoints", "--state", state(*BOUND))
    assert json.loads(result.out) == {
        "instance": "team",
        "endpoints": [
            {
                "endpointType": "internet",
                "enable": False,
                "hosts": [
                    {"host": PUBLIC, "kind": "login server"},
                    {"host": TOKEN, "kind": "token service"},
                    {"host": LAYERS, "kind": "OSS bucket"},
                ],
            },
            {
                "endpointType": "vpc",
                "enable": True,
                "hosts": [
                    {"host": PRIVATE, "kind": "login server"},
                    {"host": TOKEN_VPC, "kind": "token service"},
                    {"host": LAYERS_VPC, "kind": "OSS bucket"},
                ],
            },
        ],
    }


@pytest.mark.parametrize("format_", ["mermaid", "svg"])
def test_it_is_drawn(doctor: Callable[..., Result], state: Callable[..., str], format_: str) -> None:
    result = doctor("diagram", "--state", state(*BOUND), "--format", format_)
    assert result.code == 0
    assert PRIVATE in result.out
    assert "VPC endpoint" in result.out


def test_what_an_update_takes_away_breaks(doctor: Callable[..., Result], tmp_path: Path) -> None:
    before, after = [*BOUND, estates.internet("203.0.113.0/28")], BOUND
    kept = {row["urn"] for row in after}
    steps = [
        {"op": "same", "urn": row["urn"], "oldState": row, "newState": row}
        if row["urn"] in kept
        else {"op": "delete", "urn": row["urn"], "oldState": row}
        for row in before
    ]
    file = tmp_path / "preview.json"
    file.write_text(json.dumps({"config": {}, "steps": steps, "changeSummary": {"same": len(after), "delete": 1}}))
    result = doctor("reach", "--preview", str(file), "--json")
    assert result.code == 1
    [change] = [c for c in result.json["changes"] if c["breaks"]]
    assert change["client"] == "internet, from 203.0.113.0/28"


FORMATS = {
    "text": f"# team: TCP, exact hosts\n{PUBLIC}:443\n{TOKEN}:443\n{LAYERS}:443\n",
    "dnsmasq": "".join(f"ipset=/{host}/container-registry\n" for host in (PUBLIC, TOKEN, LAYERS)),
    "palo-alto": f"{PUBLIC}/\n{TOKEN}/\n{LAYERS}/\n",
    "no-proxy": f"NO_PROXY={PUBLIC},{TOKEN},{LAYERS}\nno_proxy={PUBLIC},{TOKEN},{LAYERS}\n",
    "squid": (
        f"acl container_registry_hosts dstdomain {PUBLIC}\nacl container_registry_hosts dstdomain {TOKEN}\n"
        f"acl container_registry_hosts dstdomain {LAYERS}\nacl container_registry_port port 443\n"
        "acl container_registry_tls method CONNECT\n"
        "http_access allow container_registry_tls container_registry_hosts container_registry_port\n"
    ),
}
OPEN = [estates.instance(), estates.internet("203.0.113.0/28")]


@pytest.mark.parametrize("format_", FORMATS)
def test_the_allow_list_has_all_three_hosts(
    doctor: Callable[..., Result], state: Callable[..., str], format_: str
) -> None:
    assert doctor("allow-list", "--state", state(*OPEN), "--format", format_).out == FORMATS[format_]


def test_the_allow_list_as_data_and_for_azure_firewall(
    doctor: Callable[..., Result], state: Callable[..., str]
) -> None:
    data = doctor("allow-list", "--state", state(*OPEN), "--format", "json", "--sign-in").json
    assert [(h["host"], h["purpose"]) for h in data["hosts"]] == [
        (PUBLIC, "login server"),
        (TOKEN, "token service"),
        (LAYERS, "OSS bucket"),
    ]
    assert [h["host"] for h in data["signInHosts"]] == ["cr.ap-northeast-1.aliyuncs.com"]
    rules = doctor("allow-list", "--state", state(*OPEN), "--format", "azure-firewall").json["rules"]
    assert [rule["targetFqdns"] for rule in rules] == [[PUBLIC, TOKEN, LAYERS]]


@pytest.mark.parametrize(
    ("region", "hint"),
    [("cn-hangzho", ", where 'cn-hangzhou' is"), ("xx-nowhere-9", ""), ("cn-hangzhou", None)],
)
def test_a_host_in_a_region_that_is_not_in_the_table_says_so(
    doctor: Callable[..., Result], region: str, hint: str | None
) -> None:
    """Alibaba Cloud opens regions, and has some for banks and for the state that no public table lists."""
    told = doctor("allow-list", f"contoso-registry.{region}.cr.aliyuncs.com")
    assert told.code == 3  # the bucket is not known
    assert f"contoso-registry.{region}.cr.aliyuncs.com:443" in told.out
    said = f"if the region '{region}' exists: it is not in the table of regions here{hint}\n"
    assert (said in told.out + told.err) is (hint is not None)


@pytest.mark.parametrize("format_", ["nsg", "ipset", "nftables"])
def test_formats_of_addresses_name_the_hosts_that_have_none(
    doctor: Callable[..., Result], state: Callable[..., str], format_: str
) -> None:
    result = doctor("allow-list", "--state", state(*BOUND), "--format", format_)
    assert result.code == 2
    assert TOKEN_VPC in result.err
    assert PRIVATE not in result.err
    assert LAYERS_VPC not in result.err


def test_the_allow_list_of_a_bound_vpc_knows_its_addresses(
    doctor: Callable[..., Result], state: Callable[..., str]
) -> None:
    data = doctor("allow-list", "--state", state(*BOUND), "--format", "json").json
    assert {h["host"]: h["privateAddresses"] for h in data["hosts"]} == {
        PRIVATE: ["10.0.0.4"],
        TOKEN_VPC: [],
        LAYERS_VPC: ["100.114.211.0/24", "100.114.114.0/25"],
    }


RANGES = ("10.0.0.4/32", "100.103.0.5/32", "100.114.114.0/25", "100.114.211.0/24")
WITH_ADDRESSES = {
    "ipset": "create container-registry hash:net,port family inet -exist\n"
    + "".join(f"add container-registry {block},tcp:443 -exist\n" for block in RANGES),
    "nftables": "table inet container_registry {\n"
    "  # in a chain of this table: ip daddr . tcp dport @hosts accept\n"
    "  set hosts {\n    type ipv4_addr . inet_service\n    flags interval\n"
    f"    elements = {{ {', '.join(f'{block} . 443' for block in RANGES)} }}\n  }}\n}}\n",
}


@pytest.mark.parametrize("format_", WITH_ADDRESSES)
def test_formats_of_addresses_take_what_was_looked_up(
    doctor: Callable[..., Result], state: Callable[..., str], format_: str
) -> None:
    words = ("allow-list", "--state", state(*BOUND), "--format", format_, "--address", f"{TOKEN_VPC}=100.103.0.5")
    assert doctor(*words).out == WITH_ADDRESSES[format_]


def test_a_security_group_takes_what_was_looked_up(doctor: Callable[..., Result], state: Callable[..., str]) -> None:
    words = ("allow-list", "--state", state(*BOUND), "--format", "nsg", "--address", f"{TOKEN_VPC}=100.103.0.5")
    [rule] = doctor(*words).json
    assert rule["destinationAddressPrefixes"] == ["10.0.0.4", "100.103.0.5", "100.114.114.0/25", "100.114.211.0/24"]
    assert (rule["access"], rule["destinationPortRange"]) == ("Allow", "443")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("dockerauth.example.com=100.103.0.5", "is no host of this allow-list"),
        (f"{TOKEN_VPC}=x", "neither an IP address nor"),
    ],
)
def test_an_address_that_fits_nothing_is_refused(
    doctor: Callable[..., Result], state: Callable[..., str], given: str, said: str
) -> None:
    result = doctor("allow-list", "--state", state(*BOUND), "--address", given)
    assert result.code == 2
    assert said in result.err


def test_a_registry_by_its_host_alone(doctor: Callable[..., Result]) -> None:
    result = doctor("allow-list", PUBLIC)
    assert result.code == 3
    assert result.out.splitlines()[-2:] == [f"{PUBLIC}:443", f"{TOKEN}:443"]
    assert "lets no layer through: give the bucket (--bucket), or list from the deployed stack" in result.out
    assert doctor("allow-list", PUBLIC, "-f", "azure-firewall").code == 3
    assert doctor("allow-list", PUBLIC, "--region", "ap-northeast-1").code == 2


def test_a_bucket_completes_the_list_of_a_host(doctor: Callable[..., Result]) -> None:
    result = doctor("allow-list", PRIVATE, "--bucket", "cri-0a1b2c3d4e5f6g7h-registry")
    assert (result.code, [line for line in result.out.splitlines() if not line.startswith("#")]) == (
        0,
        [
            f"{PRIVATE}:443",
            f"{TOKEN_VPC}:443",
            "cri-0a1b2c3d4e5f6g7h-registry.oss-ap-northeast-1-internal.aliyuncs.com:443",
        ],
    )
    assert "bucket of" not in result.out


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ((PUBLIC, "--bucket", "-Team"), "--bucket '-Team': must be 3 to 63 lowercase letters"),
        ((PERSONAL, "--bucket", "team-layers"), "--bucket: Personal Edition gives layers from several buckets"),
        (("contoso", "--region", "japaneast", "--bucket", "team-layers"), "--bucket: belongs to a registry of Alibaba"),
        (("--state", "none.json", "--bucket", "team-layers"), "--bucket: belongs to a registry of Alibaba"),
    ],
)
def test_a_bucket_that_fits_nothing_is_refused(
    doctor: Callable[..., Result], words: tuple[str, ...], problem: str
) -> None:
    result = doctor("allow-list", *words)
    assert (result.code, result.out) == (2, "")
    assert problem in result.err


@pytest.mark.parametrize("host", [PUBLIC, PRIVATE])
def test_the_spelling_of_a_host_says_nothing_of_its_endpoints(doctor: Callable[..., Result], host: str) -> None:
    shown = doctor("endpoints", host).json
    assert [each["enable"] for each in shown["endpoints"]] == [None, None]
    rows = table(doctor("show", host).out)
    assert [row[1] for row in rows[1:] if row[0] in (PUBLIC, PRIVATE)] == [
        "login server, Internet endpoint (not known whether it is on)",
        "login server, VPC endpoint (not known whether it is on)",
    ]
    (client,) = doctor("reach", host, "--json").json["registries"][0]["clients"]
    assert (client["client"], client["pull"], client["push"]) == ("any client", "cannot tell", "cannot tell")
    assert doctor("diagram", host).code == 0
    assert [line for line in doctor("allow-list", host).out.splitlines() if "-registry" in line] == [f"{host}:443"]


@pytest.mark.parametrize("host", [PERSONAL, PERSONAL_VPC])
def test_personal_edition_by_its_host_alone(doctor: Callable[..., Result], host: str) -> None:
    listed = doctor("allow-list", host).out
    assert "*.oss-ap-northeast-1.aliyuncs.com and *.oss-ap-northeast-1-internal.aliyuncs.com" in listed
    assert [line for line in listed.splitlines() if not line.startswith("#")] == [
        f"{PERSONAL}:443",
        f"{TOKEN_OLDER}:443",
        f"{PERSONAL_VPC}:443",
        f"{TOKEN_PERSONAL_VPC}:443",
    ]
    shown = doctor("endpoints", host).json
    assert (shown["instance"], [each["enable"] for each in shown["endpoints"]]) == ("crpi-0a1b2c", [True, True])


# What the network shows


def outcomes(result: Result) -> dict[str, str]:
    return {host["host"]: host["outcome"] for found in result.json["registries"] for host in found["hosts"]}


def test_inside_a_bound_vpc_all_is_as_declared(run: Any, state: Callable[..., str]) -> None:
    result = run("check", "--state", state(*BOUND))
    assert outcomes(result) == {PRIVATE: "ok", TOKEN_VPC: "ok", LAYERS_VPC: "ok"}
    assert result.code == 0


def test_inside_a_resolver_that_resolves_nothing_proves_nothing(run: Any, state: Callable[..., str]) -> None:
    result = run("check", "--state", state(*BOUND), zones={"intranet.example.net": ["10.0.0.7"]})
    assert (result.code, outcomes(result)) == (3, {PRIVATE: "unknown", TOKEN_VPC: "unknown", LAYERS_VPC: "unknown"})


def test_no_host_of_the_vpc_endpoint_is_declared_public(run: Any, state: Callable[..., str], tmp_path: Path) -> None:
    page = tmp_path / "check.html"
    for rows, word in ((BOUND, "private"), ([estates.instance(), estates.internet()], "public")):
        run("check", "--state", state(*rows), "--html", str(page))
        host = TOKEN_VPC if word == "private" else TOKEN
        rows_of = re.findall(rf"<tr><td[^>]*>{re.escape(host)}</td>(.*?)</tr>", page.read_text(encoding="utf-8"))
        cells = [re.findall(r"<td[^>]*>(.*?)</td>", each) for each in rows_of]
        assert [each[1] for each in cells if each[0] in ("ok", "fail")] == [word]


@pytest.mark.parametrize(
    ("host", "address"), [(PRIVATE, "10.0.9.9"), (TOKEN_VPC, "47.91.8.20"), (LAYERS_VPC, "100.100.1.1")]
)
def test_inside_another_address_is_a_finding(run: Any, state: Callable[..., str], host: str, address: str) -> None:
    result = run("check", "--state", state(*BOUND), zones={**ADDRESSES, host: [address]})
    assert (result.code, outcomes(result)[host]) == (1, "fail")
    assert [o for name, o in outcomes(result).items() if name != host] == ["ok", "ok"]


def test_inside_a_storage_domain_of_ones_own_leads_where_its_record_says(run: Any, state: Callable[..., str]) -> None:
    rows = (*BOUND, estates.rule(("VPC", PRIVATE, f"https://{LAYERS_OWN}")))
    for address in ("100.114.211.9", "47.91.8.30", "10.0.0.9"):
        result = run("check", "--state", state(*rows), zones={**ADDRESSES, LAYERS_OWN: [address]})
        assert outcomes(result) == {PRIVATE: "ok", TOKEN_VPC: "ok", LAYERS_OWN: "ok"}
    missing = run("check", "--state", state(*rows))
    assert (missing.code, outcomes(missing)[LAYERS_OWN]) == (1, "fail")


def test_outside_the_registry_is_closed(run: Any, state: Callable[..., str], closed: str) -> None:
    zones = {host: address for host, address in ADDRESSES.items() if host != PRIVATE}
    public = {**zones, "azure.microsoft.com": ["20.49.104.1"]}
    result = run("check", "--state", state(*BOUND), "--from", "outside", zones=public, to=f"{PUBLIC}={closed}")
    assert outcomes(result) == {PUBLIC: "ok", PRIVATE: "ok"}
    assert result.code == 0
    blind = run("check", "--state", state(*BOUND), "--from", "outside", zones=zones, to=f"{PUBLIC}={closed}")
    assert (blind.code, outcomes(blind)) == (3, {PUBLIC: "ok", PRIVATE: "unknown"})


def test_outside_an_endpoint_that_answers_is_a_finding(run: Any, state: Callable[..., str]) -> None:
    zones = {host: address for host, address in ADDRESSES.items() if host != PRIVATE}
    result = run("check", "--state", state(*BOUND), "--from", "outside", zones=zones)
    assert (result.code, outcomes(result)[PUBLIC]) == (1, "fail")
    opened = run("check", "--state", state(*BOUND, estates.internet()), "--from", "outside", zones=zones)
    assert outcomes(opened)[PUBLIC] == "ok"


def reported(doctor: Callable[..., Result], file: str, page: Path) -> list[str]:
    result = doctor("report", "--state", file, "--html", str(page))
    assert result.code == 0
    return result.out.splitlines()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (BOUND, "team: exposed to the internet: no"),
        (
            [estates.instance(), estates.internet()],
            "team: exposed to the internet: yes (the Internet endpoint is on, and its access control list has no "
            "entry, so that it admits everybody)",
        ),
        (
            [estates.instance(), estates.internet("203.0.0.0/8")],
            "team: exposed to the internet: yes (an entry of the Internet endpoint's access control list is too wide: "
            "'203.0.0.0/8')",
        ),
        ([estates.instance(), estates.internet("203.0.113.7/32")], "team: exposed to the internet: no"),
    ],
    ids=["closed", "open to everybody", "too wide", "one address"],
)
def test_report_tells_its_exposure(
    doctor: Callable[..., Result], state: Callable[..., str], tmp_path: Path, rows: list[Any], said: str
) -> None:
    page = tmp_path / "page.html"
    assert reported(doctor, state(*rows), page)[0] == said
    for part in ("What registry-guard says", "team: who can pull and push"):
        assert part in page.read_text()


def test_report_tells_that_personal_edition_is_open(
    doctor: Callable[..., Result], state: Callable[..., str], tmp_path: Path
) -> None:
    lines = reported(doctor, state(estates.PERSONAL), tmp_path / "page.html")
    assert "exposed to the internet: yes (the Internet endpoint of Personal Edition is on for everybody" in lines[0]


def test_report_has_the_registries_of_both_clouds(doctor: Callable[..., Result], tmp_path: Path) -> None:
    both = stacks.export()
    both["deployment"]["resources"] += export(*BOUND)["deployment"]["resources"]
    file, page = tmp_path / "state.json", tmp_path / "page.html"
    file.write_text(json.dumps(both))
    lines = reported(doctor, str(file), page)
    assert [line.partition(":")[0] for line in lines[:2]] == ["contoso", "team"]
    assert "ali-protected" in page.read_text()
