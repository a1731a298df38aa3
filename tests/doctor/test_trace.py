"""``registry-doctor trace`` against a real DNS server and a real registry flow on loopback.

The four situations work and are named; each seeded fault is explained in words that are asserted.
"""

from __future__ import annotations

import json
import socket
import threading
from typing import TYPE_CHECKING

import pytest
from dnslib import RCODE

from tests.doctor import worlds
from tests.doctor.servers import PASSWORD, USER, Authority, Behaviour, Dns, Registry, Zones

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.doctor.conftest import Result

    Trace = Callable[..., Result]


@pytest.mark.parametrize(
    ("world", "layer_host", "situation", "address_class", "aliases"),
    [
        (worlds.data_endpoints_only, worlds.BLOB, "blob-storage", "public", 0),
        (worlds.data_endpoints_only, worlds.DATA, "data-endpoints-public", "public", 3),
        (worlds.linked, worlds.DATA, "private-path", "private", 1),
        (worlds.outside, worlds.DATA, "private-endpoint-from-outside", "public", 4),
    ],
)
def test_a_good_pull_is_recognised(
    trace: Trace, registry: Registry, world, layer_host: str, situation: str, address_class: str, aliases: int
) -> None:
    registry.behaviour.layer_host = layer_host
    result = trace(world())
    assert (result.code, result.verdict["situation"], result.verdict["fault"]) == (0, situation, "")
    steps = result.json["steps"]
    assert [(s["step"], s["status"]) for s in steps] == [
        ("challenge", 401),
        ("token", 200),
        ("manifest", 200),
        ("layer", 307),
        ("first bytes", 206),
    ]
    last = steps[-1]
    assert (last["host"], last["addressClass"]) == (layer_host, address_class)
    assert len(last["dns"]["chain"]) == 1 + aliases
    assert last["tls"]["verified"]
    assert last["tls"]["issuer"] == "CN=Test Authority"
    assert all(0 < s["seconds"] < 5 for s in steps)
    assert "1024 bytes of application/octet-stream" in last["note"]


def test_the_chain_is_shown_alias_by_alias(trace: Trace) -> None:
    result = trace(worlds.outside(), json=False)
    assert (
        "contoso.japaneast.data.azurecr.io → contoso.japaneast.data.privatelink.azurecr.io → jpe-0.data.azcr.io → "
        "jpe-acr-dp.trafficmanager.net → d0223jpe.japaneast.cloudapp.azure.com → 40.79.197.128" in result.out
    )
    assert "the resolver asked here does not ask its private DNS zone" in result.out


def test_an_index_is_followed_to_the_wanted_platform(trace: Trace, registry: Registry) -> None:
    registry.behaviour.multi_platform = True
    result = trace(worlds.linked())
    assert result.code == 0
    assert [s["step"] for s in result.json["steps"]][2:4] == ["manifest", "platform manifest"]
    refused = trace(worlds.linked(), "--platform", "linux/s390x")
    assert refused.verdict["fault"] == "no-platform"
    assert "no linux/s390x; it has: linux/amd64, windows/amd64" in refused.verdict["explanation"]


def test_only_the_first_kilobyte_of_the_smallest_layer_is_read(trace: Trace, registry: Registry) -> None:
    trace(worlds.linked())
    layers = [s for s in registry.seen if s.path.startswith("//layers/")]
    assert [s.headers["Range"] for s in layers] == ["bytes=0-1023"]


def test_a_registry_that_serves_layers_itself(trace: Trace, registry: Registry) -> None:
    registry.behaviour.layer_host = ""
    result = trace(worlds.linked())
    assert (result.code, result.verdict["situation"]) == (0, "direct")


class TestFaults:
    """Eight faults seeded, then their relatives."""

    def test_missing_replica_record(self, trace: Trace, registry: Registry) -> None:
        registry.behaviour.layer_host = worlds.WEST
        result = trace(worlds.linked(worlds.WEST))
        assert (result.code, result.verdict["fault"]) == (1, "missing-record")
        assert result.verdict["situation"] == "private-path"
        assert result.verdict["summary"] == (
            "The record of contoso.westus.data.azurecr.io is missing from the private DNS zone."
        )
        assert result.verdict["fix"] == [
            "Add the A record contoso.westus.data to the zone privatelink.azurecr.io, with the private endpoint's "
            "address for the member registry_data_westus; a DNS zone group on the endpoint does it by itself."
        ]

    def test_wrong_zone(self, trace: Trace) -> None:
        zone = "japaneast.data.privatelink.azurecr.io"
        result = trace(worlds.linked(worlds.DATA, extra_zone=zone))
        assert (result.code, result.verdict["fault"]) == (1, "wrong-zone")
        assert result.verdict["summary"] == f"{worlds.DATA} does not resolve: the wrong private DNS zone answers."
        assert result.verdict["fix"][0] == f"Unlink and delete the zone {zone}."

    def test_blob_redirect_that_the_firewall_blocks(
        self, doctor: Callable[..., Result], registry: Registry, authority: Authority
    ) -> None:
        registry.behaviour.layer_host = worlds.BLOB
        with Dns(worlds.data_endpoints_only()) as dns, socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
            closed.close()
            result = doctor(
                *("trace", f"{worlds.LOGIN}/app:1", "--json", "--resolver", dns.address),
                *("--ca-bundle", str(authority.bundle), "--platform", "linux/amd64"),
                *("--connect-to", f"{worlds.BLOB_PUBLIC}=127.0.0.1:{port}", "--connect-to", f"*={registry.address}"),
            )
        assert (result.code, result.verdict["fault"]) == (1, "blob-redirect-blocked")
        assert result.verdict["situation"] == "blob-storage"
        assert result.verdict["summary"] == (
            f"The layers come from blob storage, {worlds.BLOB}, and this client cannot reach it."
        )
        assert result.verdict["fix"][0].startswith("Turn on dedicated data endpoints (Premium)")
        assert "*.blob.core.windows.net" in result.verdict["fix"][1]

    def test_expired_token(self, trace: Trace, monkeypatch: pytest.MonkeyPatch) -> None:
        # header {"alg":"none"}, claims {"exp":1700000000}
        expired = "eyJhbGciOiJub25lIn0.eyJleHAiOjE3MDAwMDAwMDB9.c2lnbmF0dXJl"
        monkeypatch.setenv("REGISTRY_USERNAME", "00000000-0000-0000-0000-000000000000")
        monkeypatch.setenv("REGISTRY_PASSWORD", expired)
        result = trace(worlds.linked(), "--auth", "token")
        assert (result.code, result.verdict["fault"]) == (1, "credentials-expired")
        assert result.verdict["summary"] == "The token from the environment has expired."
        assert (
            "It was valid until 2023-11-14 22:13 UTC; the network is not the reason." in (result.verdict["explanation"])
        )
        assert expired not in result.out

    def test_tls_mismatch(self, trace: Trace, authority: Authority) -> None:
        context = authority.server_context("other.example.net", "www.example.net")
        with Registry(Behaviour(anonymous=True), context) as wrong:
            result = trace(worlds.linked(), "--connect-to", f"{worlds.LOGIN_PRIVATE}={wrong.address}")
        assert (result.code, result.verdict["fault"]) == (1, "tls-wrong-name")
        assert result.verdict["summary"] == (
            "The server behind contoso.azurecr.io is another one: its certificate is for another name."
        )
        assert (
            "O=Contoso, CN=other.example.net, for other.example.net, www.example.net, issued by CN=Test Authority"
            in (result.verdict["explanation"])
        )
        assert wrong.seen == []

    def test_nxdomain(self, trace: Trace) -> None:
        result = trace(worlds.linked(), image="contosso.azurecr.io/app:1")
        assert (result.code, result.verdict["fault"]) == (1, "no-such-host")
        assert result.verdict["summary"] == "contosso.azurecr.io does not exist."
        assert "no registry has that name" in result.verdict["explanation"]

    def test_nxdomain_of_a_resolver_without_public_names(self, trace: Trace) -> None:
        world = worlds.linked()
        del world.records["azure.microsoft.com"]
        result = trace(world, image="contosso.azurecr.io/app:1")
        assert (result.code, result.verdict["fault"]) == (3, "no-public-names")
        assert result.verdict["summary"].startswith("contosso.azurecr.io was not found, and the resolver 127.0.0.1:")
        assert result.verdict["summary"].endswith(" knows no public names.")
        assert "exist." not in result.verdict["summary"]

    def test_a_missing_private_record_needs_no_public_names(self, trace: Trace) -> None:
        world = worlds.linked(worlds.LOGIN)
        del world.records["azure.microsoft.com"]
        result = trace(world)
        assert (result.code, result.verdict["fault"]) == (1, "not-in-zone")

    @pytest.mark.parametrize("trickle", [False, True])
    def test_slow(self, trace: Trace, registry: Registry, trickle: bool) -> None:
        registry.behaviour.slow, registry.behaviour.trickle = "/manifests/", trickle
        result = trace(worlds.linked(), "--timeout", "0.7")
        assert (result.code, result.verdict["fault"]) == (1, "slow")
        assert result.verdict["summary"] == (
            "contoso.azurecr.io is too slow: no complete answer in the step 'manifest' within the time limit."
        )
        assert "no answer within 0.7 s" in result.verdict["explanation"]

    def test_refused_public_access(self, trace: Trace, registry: Registry) -> None:
        registry.behaviour.denied = "challenge"
        result = trace(worlds.outside())
        assert (result.code, result.verdict["fault"]) == (1, "refused-public")
        assert result.verdict["summary"] == (
            "contoso.azurecr.io refuses this client: it came by the public path, and the public side is closed to it."
        )
        assert "client with IP '203.0.113.7' is not allowed access" in result.verdict["explanation"]
        assert result.verdict["fix"][0] == (
            "In a virtual network: link it to the zone privatelink.azurecr.io and use Azure's resolver, 168.63.129.16."
        )


class TestOtherFaults:
    def test_refused_by_ip_rules(self, trace: Trace, registry: Registry) -> None:
        registry.behaviour.denied = "token"
        result = trace(worlds.data_endpoints_only())
        assert result.verdict["fault"] == "refused-public"
        assert result.verdict["fix"] == [
            "Add the client's public address to the registry's IP rules, or give the client a private path."
        ]

    def test_refused_on_the_private_path(self, trace: Trace, registry: Registry) -> None:
        registry.behaviour.denied = "challenge"
        assert trace(worlds.linked()).verdict["fault"] == "refused-private"

    def test_a_registry_that_is_not_in_the_linked_zone(self, trace: Trace) -> None:
        result = trace(worlds.linked(worlds.LOGIN))
        assert result.verdict["fault"] == "not-in-zone"
        assert "NxDomainRedirect" in result.verdict["fix"][1]

    def test_half_on_the_private_path(self, trace: Trace) -> None:
        zones = worlds.linked()
        zones.records[worlds.DATA.replace(".azurecr.io", f".{worlds.ZONE}")] = [worlds.DATA_PUBLIC]
        result = trace(zones)
        assert (result.code, result.verdict["fault"]) == (1, "mixed-path")
        assert "The layers leave the private path" in result.verdict["explanation"]

    def test_data_endpoint_that_the_firewall_blocks_by_name(self, trace: Trace) -> None:
        """A firewall that judges names lets the connection through and hangs up on the first TLS message."""
        with socket.create_server(("127.0.0.1", 0)) as listener:

            def hang_up() -> None:
                for _ in range(2):
                    try:
                        connection, _ = listener.accept()
                    except OSError:
                        return
                    connection.recv(4096)
                    connection.close()

            threading.Thread(target=hang_up, daemon=True).start()
            port = listener.getsockname()[1]
            result = trace(worlds.data_endpoints_only(), "--connect-to", f"{worlds.DATA_PUBLIC}=127.0.0.1:{port}")
        assert result.verdict["fault"] == "data-endpoint-blocked"
        assert result.verdict["fix"][0].startswith(f"Allow {worlds.DATA} on TCP 443")

    def test_no_route_to_the_private_address(self, trace: Trace) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        result = trace(worlds.linked(), "--connect-to", f"{worlds.LOGIN_PRIVATE}=127.0.0.1:{port}")
        assert result.verdict["fault"] == "no-route"
        assert "connection refused" in result.verdict["explanation"]

    def test_untrusted_issuer(self, trace: Trace, tmp_path) -> None:
        inspecting = Authority(tmp_path, "Inspecting Proxy")
        with Registry(Behaviour(), inspecting.server_context(worlds.LOGIN)) as proxy:
            result = trace(worlds.linked(), "--connect-to", f"{worlds.LOGIN_PRIVATE}={proxy.address}")
        assert result.verdict["fault"] == "tls-untrusted"
        assert "issued by CN=Inspecting Proxy" in result.verdict["explanation"]
        assert "inspection" in result.verdict["fix"][0]

    def test_expired_certificate(self, trace: Trace, authority: Authority) -> None:
        with Registry(Behaviour(), authority.server_context(worlds.LOGIN, days=-2)) as old:
            result = trace(worlds.linked(), "--connect-to", f"{worlds.LOGIN_PRIVATE}={old.address}")
        assert result.verdict["fault"] == "tls-expired"

    def test_plain_text_where_tls_is_expected(self, trace: Trace) -> None:
        with Registry(Behaviour(), None) as plain:
            result = trace(worlds.linked(), "--connect-to", f"{worlds.LOGIN_PRIVATE}={plain.address}")
        assert result.verdict["fault"] == "tls-failed"

    def test_slow_handshake(self, trace: Trace) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            result = trace(
                worlds.linked(), "--timeout", "0.5", "--connect-to", f"{worlds.LOGIN_PRIVATE}=127.0.0.1:{port}"
            )
        assert result.verdict["fault"] == "slow"
        assert "(tls)" in result.verdict["explanation"]

    def test_slow_resolver(self, trace: Trace) -> None:
        zones = worlds.linked()
        zones.silent = True
        result = trace(zones, "--timeout", "0.5")
        assert (result.code, result.verdict["fault"]) == (3, "resolver-slow")

    @pytest.mark.parametrize("rcode", ["SERVFAIL", "REFUSED"])
    def test_resolver_that_fails(self, trace: Trace, rcode: str) -> None:
        zones = worlds.linked()
        zones.rcode = getattr(RCODE, rcode)
        result = trace(zones)
        assert (result.code, result.verdict["fault"]) == (3, "resolver-failed")
        assert result.verdict["summary"].endswith(f": {rcode}.")

    def test_name_without_an_address(self, trace: Trace) -> None:
        zones = worlds.linked()
        zones.records["contoso.privatelink.azurecr.io"] = []
        assert trace(zones).verdict["fault"] == "missing-record"
        zones.records["contoso.azurecr.io"] = []
        assert trace(zones).verdict["fault"] == "no-address"

    def test_alias_loop(self, trace: Trace) -> None:
        zones = worlds.linked()
        zones.records["contoso.privatelink.azurecr.io"] = "contoso.azurecr.io"
        result = trace(zones)
        assert result.code == 1
        assert result.verdict["fault"] == "resolver-failed"

    def test_image_that_is_not_there(self, trace: Trace) -> None:
        result = trace(worlds.linked(), image=f"{worlds.LOGIN}/app:9")
        assert result.verdict["fault"] == "not-found"
        assert "MANIFEST_UNKNOWN" in result.verdict["explanation"]

    def test_layer_link_that_is_refused(self, trace: Trace, registry: Registry) -> None:
        registry.behaviour.denied = "layer"
        result = trace(worlds.data_endpoints_only())
        assert result.verdict["fault"] == "layer-refused"
        assert "AuthenticationFailed" in result.verdict["explanation"]
        assert "20 minutes" in result.verdict["explanation"]

    @pytest.mark.parametrize(
        ("status", "fault"), [(500, "server-error"), (503, "server-error"), (429, "throttled"), (302, "unexpected")]
    )
    def test_unexpected_answers(self, trace: Trace, registry: Registry, status: int, fault: str) -> None:
        registry.behaviour.statuses = {"/manifests/": status}
        result = trace(worlds.linked())
        assert (result.code, result.verdict["fault"]) == (1, fault)

    def test_a_server_that_is_no_registry(self, trace: Trace, registry: Registry) -> None:
        registry.behaviour.statuses = {"/v2/": 404}
        assert trace(worlds.linked()).verdict["fault"] == "unexpected"


def test_the_next_address_is_tried(trace: Trace) -> None:
    zones = worlds.linked()
    zones.records["contoso.privatelink.azurecr.io"] = ["192.168.0.71", worlds.LOGIN_PRIVATE]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    result = trace(zones, "--connect-to", f"192.168.0.71=127.0.0.1:{port}")
    assert result.code == 0
    assert result.json["steps"][0]["address"] == worlds.LOGIN_PRIVATE


def test_a_proxy_is_mentioned(trace: Trace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "proxy" not in trace(worlds.linked()).err
    monkeypatch.setenv("HTTPS_PROXY", "http://user:secret@127.0.0.1:9")
    result = trace(worlds.linked())
    assert (result.code, "goes through a proxy here" in result.err, "secret" in result.err) == (0, True, False)
    monkeypatch.setenv("NO_PROXY", ".azurecr.io")
    assert "proxy" not in trace(worlds.linked()).err


class TestCredentials:
    def test_anonymous_where_it_is_not_allowed(self, trace: Trace, registry: Registry) -> None:
        registry.behaviour.anonymous = False
        result = trace(worlds.linked())
        assert result.verdict["fault"] == "credentials-needed"
        assert "the network is not the reason" in result.verdict["summary"]

    def test_name_and_password(self, trace: Trace, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
        registry.behaviour.anonymous = False
        monkeypatch.setenv("REGISTRY_PASSWORD", PASSWORD)
        result = trace(worlds.linked(), "--auth", "token", "--username", USER)
        assert result.code == 0
        assert result.json["credentials"] == {"origin": "the environment", "anonymous": False}
        monkeypatch.setenv("REGISTRY_PASSWORD", "wrong-password")
        assert trace(worlds.linked(), "--auth", "token", "--username", USER).verdict["fault"] == "credentials-refused"

    def test_accepted_without_the_right_to_pull(self, trace: Trace, registry: Registry, monkeypatch) -> None:
        monkeypatch.setenv("REGISTRY_PASSWORD", PASSWORD)
        registry.behaviour.statuses = {"/manifests/": 403}
        result = trace(worlds.linked(), "--auth", "token", "--username", USER)
        assert result.verdict["fault"] == "not-permitted"
        assert "AcrPull" in result.verdict["fix"][0]

    def test_a_token_goes_to_no_other_host(self, trace: Trace, registry: Registry, monkeypatch) -> None:
        monkeypatch.setenv("REGISTRY_PASSWORD", PASSWORD)
        assert trace(worlds.linked(), "--auth", "token", "--username", USER).code == 0
        layers = [s for s in registry.seen if s.host.startswith(worlds.DATA)]
        assert len(layers) == 1
        assert "Authorization" not in layers[0].headers
        assert all("Authorization" in s.headers for s in registry.seen if "/manifests/" in s.path)

    @pytest.mark.parametrize(
        "realm",
        [
            "https://tokens.example.net/oauth2/token",
            "http://contoso.azurecr.io/oauth2/token",
            "nonsense",
            "https://[::1/x",
        ],
    )
    def test_a_foreign_token_service_gets_nothing(
        self, trace: Trace, registry: Registry, monkeypatch: pytest.MonkeyPatch, realm: str
    ) -> None:
        monkeypatch.setenv("REGISTRY_PASSWORD", PASSWORD)
        registry.behaviour.realm = realm
        result = trace(worlds.linked(), "--auth", "token", "--username", USER)
        assert (result.code, result.verdict["fault"]) == (1, "foreign-realm")
        assert [s.path for s in registry.seen] == ["/v2/"]

    def test_a_foreign_token_service_that_was_allowed(self, trace: Trace, registry: Registry) -> None:
        registry.behaviour.realm = "https://tokens.azurecr.io/oauth2/token"
        zones = worlds.linked()
        zones.records["tokens.azurecr.io"] = [worlds.LOGIN_PUBLIC]
        result = trace(zones, "--allow-realm", "tokens.azurecr.io")
        assert result.json["steps"][1]["host"] == "tokens.azurecr.io"
        assert result.json["steps"][1]["status"] == 200

    def test_a_layer_link_without_tls_is_not_followed(self, trace: Trace, registry: Registry) -> None:
        registry.behaviour.layer_scheme = "http"
        result = trace(worlds.linked())
        assert result.verdict["fault"] == "bad-redirect"
        assert not [s for s in registry.seen if s.path.startswith("//layers/")]


@pytest.mark.parametrize("json", [True, False])
@pytest.mark.parametrize("denied", ["", "layer", "token"])
def test_nothing_secret_is_ever_printed(
    trace: Trace, registry: Registry, monkeypatch: pytest.MonkeyPatch, json: bool, denied: str
) -> None:
    monkeypatch.setenv("REGISTRY_PASSWORD", PASSWORD)
    registry.behaviour.denied = denied
    result = trace(worlds.linked(), "--auth", "token", "--username", USER, json=json)
    printed = result.out + result.err
    assert registry.tokens or denied == "token"
    for secret in (PASSWORD, "c2lnbmF0dXJl", "sig=", "se=2030", *registry.tokens):
        assert secret not in printed, secret
    assert "?[redacted]" in printed


def test_the_report(trace: Trace, registry: Registry, tmp_path: Path) -> None:
    file = tmp_path / "pull.html"
    registry.behaviour.layer_host = worlds.WEST
    assert trace(worlds.linked(worlds.WEST), "--html", str(file)).code == 1
    page = file.read_text(encoding="utf-8")
    assert "The record of contoso.westus.data.azurecr.io is missing" in page
    assert '<td class="bad">fail</td>' in page
    for secret in (*registry.tokens, "sig=", "src=", "href=", "<script"):
        assert secret not in page


def test_a_server_cannot_steer_the_terminal(trace: Trace, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.doctor import servers

    message = "\x1b[2Jclient with IP '203.0.113.7' [red]is not allowed[/red]"
    monkeypatch.setitem(servers.DENIED["errors"][0], "message", message)
    registry.behaviour.denied = "challenge"
    result = trace(worlds.outside(), json=False)
    assert "\x1b" not in result.out
    assert "[red]is not allowed[/red]" in result.out


def test_a_registry_on_localhost_without_tls(doctor: Callable[..., Result]) -> None:
    with (
        Registry(Behaviour(anonymous=True, scheme="http"), None) as plain,
        Dns(Zones({"localhost": ["127.0.0.1"]})) as dns,
    ):
        local = doctor(
            *("trace", f"localhost:{plain.port}/app:1", "--plain-http", "--platform", "linux/amd64"),
            *("--resolver", dns.address, "--json"),
        )
        assert (local.code, local.verdict["situation"]) == (0, "direct")
        assert local.json["steps"][0]["tls"] is None
        elsewhere = doctor("trace", f"{worlds.LOGIN}/app:1", "--plain-http", "--resolver", dns.address)
    assert elsewhere.code == 2
    assert "only for a registry on localhost" in elsewhere.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["app"], "names no registry"),
        (["contoso.azurecr.io/App:1"], "repository 'App' must be lower-case"),
        (["contoso.azurecr.io/app:"], "tag '' must have"),
        (["contoso.azurecr.io:x/app"], "port 'x' must be a number"),
        (["contoso.azurecr.io/app@sha256:12"], "digest 'sha256:12' must be"),
        (["contoso.azurecr.io/app", "--resolver", "ns1"], "--resolver 'ns1': must be an IP address"),
        (["contoso.azurecr.io/app", "--resolver", "127.0.0.1:9", "--ca-bundle", "/none"], "--ca-bundle '/none'"),
        (["contoso.azurecr.io/app", "--resolver", "127.0.0.1:9", "--platform", "linux"], "--platform 'linux'"),
        (["contoso.azurecr.io/app", "--resolver", "127.0.0.1:9", "--auth", "token"], "needs REGISTRY_USERNAME"),
        (
            ["contoso.azurecr.io/app", "--resolver", "127.0.0.1:9", "--auth", "docker"],
            "docker login contoso.azurecr.io",
        ),
        (["contoso.azurecr.io/app", "--resolver", "127.0.0.1:9", "--service-tags", "/none"], "--service-tags '/none'"),
    ],
)
def test_bad_input_is_one_clear_message(doctor, arguments: list[str], message: str) -> None:
    result = doctor("trace", *arguments)
    assert result.code == 2
    assert message in result.err
    assert "Traceback" not in result.err
    assert result.out == ""


class TestAnAddressIsNoName:
    @pytest.mark.parametrize("address", ["10.0.0.5", "40.79.197.128"])
    def test_nobody_is_asked_and_no_private_endpoint_is_made_up(self, trace: Trace, address: str) -> None:
        zones = Zones({})
        result = trace(zones, image=f"{address}/app:1")
        assert zones.asked == []
        assert (result.code, result.verdict["fault"]) == (1, "tls-wrong-name")
        assert result.verdict["explanation"].startswith(f"{address} is an IP address, not a name")
        assert result.verdict["fix"][0].startswith("Pull by the registry's login server")
        assert result.verdict["situation"] == "unknown"
        assert "private endpoint, and" not in json.dumps(result.json)

    def test_a_name_with_a_private_address_still_is_on_the_private_path(self, trace: Trace) -> None:
        assert (
            trace(Zones({worlds.LOGIN: ["192.168.0.72"], worlds.DATA: ["192.168.0.73"]})).verdict["situation"]
            == "private-path"
        )


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_nothing_listens_on_this_machine(doctor: Callable[..., Result], host: str) -> None:
    with socket.socket() as held, Dns(Zones({"localhost": ["127.0.0.1"]})) as dns:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        result = doctor("trace", f"{host}:{port}/app", "--json", "--resolver", dns.address)
    assert (result.code, result.verdict["fault"]) == (1, "not-listening")
    assert result.verdict["summary"] == f"Nothing listens on port {port} of {host}."
    assert "firewall" not in json.dumps(result.verdict)
