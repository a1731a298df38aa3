"""``registry-doctor check`` against real servers: what is as declared passes, each difference is named with its fix."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from dnslib import RCODE

from tests.doctor import stacks, worlds
from tests.doctor.servers import Authority, Behaviour, Dns, Registry, Zones

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.doctor.conftest import Result

    Check = Callable[..., Result]


@pytest.fixture
def check(doctor: Callable[..., Result], registry: Registry, authority: Authority, tmp_path: Path) -> Iterator[Check]:
    """Checks a stack's export with a view of DNS; every connection ends at the loopback registry."""
    running: list[Dns] = []

    def run(zones: Zones, *more: str, export: dict[str, Any] | None = None, json_: bool = True) -> Result:
        dns = Dns(zones)
        running.append(dns)
        state = tmp_path / "state.json"
        state.write_text(json.dumps(export or stacks.export()))
        return doctor(
            *("check", "--state", str(state), "--resolver", dns.address, "--ca-bundle", str(authority.bundle)),
            *(["--json"] if json_ else []),
            *more,
            *("--connect-to", f"*={registry.address}"),
        )

    yield run
    for dns in running:
        dns.__exit__()


def outcomes(result: Result) -> dict[str, str]:
    return {h["host"]: h["outcome"] for r in result.json["registries"] for h in r["hosts"]}


def finding(result: Result, host: str, check: str) -> dict[str, str]:
    hosts = [h for r in result.json["registries"] for h in r["hosts"] if h["host"] == host]
    return next(f for f in hosts[0]["findings"] if f["check"] == check)


class TestInside:
    def test_as_declared(self, check: Check) -> None:
        result = check(worlds.linked())
        assert result.code == 0
        assert outcomes(result) == {worlds.LOGIN: "ok", worlds.DATA: "ok", worlds.WEST: "ok"}
        assert result.json["registries"][0]["findings"][0]["check"] == "no-wildcard"

    def test_each_replica_needs_its_record(self, check: Check) -> None:
        result = check(worlds.linked(worlds.WEST))
        assert result.code == 1
        assert outcomes(result) == {worlds.LOGIN: "ok", worlds.DATA: "ok", worlds.WEST: "fail"}
        found = finding(result, worlds.WEST, "resolves")
        assert found["text"] == f"The record of {worlds.WEST} is missing from the private DNS zone."
        assert found["fix"].startswith("Add the A record contoso.westus.data to the zone privatelink.azurecr.io")

    def test_a_record_with_another_address(self, check: Check) -> None:
        zones = worlds.linked()
        zones.records["contoso.privatelink.azurecr.io"] = ["192.168.0.99"]
        result = check(zones)
        assert result.code == 1
        assert finding(result, worlds.LOGIN, "address")["text"] == (
            "the record contoso.privatelink.azurecr.io says 192.168.0.99, declared is 192.168.0.72"
        )

    def test_a_resolver_that_does_not_ask_the_zone(self, check: Check) -> None:
        result = check(
            worlds.outside(),
            export=stacks.export(*stacks.registry(replicas=()), *stacks.private_path("contoso", stacks.ADDRESSES)),
        )
        assert result.code == 1
        found = finding(result, worlds.DATA, "address")
        assert "resolves to the public address 40.79.197.128" in found["text"]
        assert "168.63.129.16" in found["fix"]

    @pytest.mark.parametrize("public", [False, True])
    def test_the_closed_public_side_is_not_to_be_mended(
        self, check: Check, registry: Registry, *, public: bool
    ) -> None:
        registry.behaviour.denied = "challenge"
        closed = stacks.registry(replicas=(), public=public)
        result = check(
            worlds.outside(), export=stacks.export(*closed, *stacks.private_path("contoso", stacks.ADDRESSES))
        )
        found = finding(result, worlds.LOGIN, "answers")
        assert (found["outcome"], bool(found["fix"])) == ("fail", public)
        assert "link this network to the zone" in finding(result, worlds.LOGIN, "address")["fix"]

    def test_an_address_without_the_alias(self, check: Check) -> None:
        zones = worlds.linked()
        zones.records[worlds.LOGIN] = ["192.168.0.72"]
        result = check(zones)
        assert (result.code, outcomes(result)[worlds.LOGIN]) == (0, "warn")

    def test_another_server_behind_the_address(self, check: Check, authority: Authority) -> None:
        with Registry(Behaviour(), authority.server_context("other.example.net")) as other:
            result = check(worlds.linked(), "--connect-to", f"{worlds.WEST_PRIVATE}={other.address}")
        assert outcomes(result) == {worlds.LOGIN: "ok", worlds.DATA: "ok", worlds.WEST: "fail"}
        found = finding(result, worlds.WEST, "answers")
        assert "its certificate is for another name" in found["text"]
        assert found["fix"] == "Compare the address with the private endpoint's or the registry's: whois."

    def test_refused_inside(self, check: Check, registry: Registry) -> None:
        registry.behaviour.denied = "challenge"
        result = check(worlds.linked())
        assert result.code == 1
        assert "although it came by a private address" in finding(result, worlds.LOGIN, "answers")["text"]

    def test_no_private_link_profile(self, check: Check) -> None:
        export = stacks.export(*stacks.registry(replicas=(), public=True, ip_rules=("203.0.113.0/24",)))
        assert check(worlds.data_endpoints_only(), export=export).code == 0
        leftover = check(worlds.linked(), export=export)
        assert leftover.code == 1
        assert "no private endpoint is declared" in finding(leftover, worlds.LOGIN, "address")["text"]

    def test_a_registry_that_needs_the_blob_wildcard(self, check: Check) -> None:
        export = stacks.export(*stacks.registry(replicas=(), public=True, data_endpoints=False))
        result = check(worlds.data_endpoints_only(), export=export)
        assert result.code == 1
        assert "*.blob.core.windows.net" in result.json["registries"][0]["findings"][0]["text"]
        assert outcomes(result) == {worlds.LOGIN: "ok"}

    def test_the_layers_of_an_image(self, check: Check, registry: Registry) -> None:
        image = f"{worlds.LOGIN}/app:1"
        good = check(worlds.linked(), "--image", image)
        assert good.code == 0
        assert good.json["registries"][0]["findings"][1]["text"].endswith(f"declared data endpoint {worlds.DATA}")
        registry.behaviour.layer_host = worlds.BLOB
        zones = worlds.linked()
        zones.records[worlds.BLOB] = [worlds.BLOB_PUBLIC]
        result = check(zones, "--image", image)
        assert result.code == 1
        assert "which is not a declared data endpoint" in result.json["registries"][0]["findings"][1]["text"]
        registry.behaviour.anonymous = False
        denied = check(worlds.linked(), "--image", image)
        assert "gives nothing to anonymous clients" in denied.json["registries"][0]["findings"][1]["text"]

    def test_an_image_of_no_declared_registry(self, check: Check) -> None:
        result = check(worlds.linked(), "--image", "fabrikam.azurecr.io/app:1")
        assert (result.code, result.out) == (2, "")
        assert "is in no declared registry; there is: contoso.azurecr.io" in result.err

    @pytest.mark.parametrize("replicas", [(), ("westus",)])
    def test_a_resolver_that_resolves_nothing_proves_nothing(self, check: Check, replicas: tuple[str, ...]) -> None:
        zones = Zones({"intranet.example.net": ["10.0.0.7"]})
        result = check(zones)
        assert (result.code, set(outcomes(result).values())) == (3, {"unknown"})
        found = finding(result, worlds.LOGIN, "resolves")
        assert "knows no public names: nothing was looked at" in found["text"]
        first, then = found["fix"].split("; if clients here use this one, ")
        assert first == "ask another resolver: --resolver ADDRESS"
        assert then.startswith("link this network to the zone privatelink.azurecr.io, or forward to a resolver")
        (layers,) = result.json["registries"][0]["findings"]
        assert (layers["outcome"], layers["text"].endswith("nothing was looked at")) == ("unknown", True)
        public = stacks.export(*stacks.registry(replicas=replicas, public=True))
        assert finding(check(zones, export=public), worlds.LOGIN, "resolves")["fix"] == first

    def test_a_resolver_that_is_not_there_proves_nothing(self, check: Check) -> None:
        result = check(worlds.linked(), "--resolver", "127.0.0.1:1", "--timeout", "1")
        assert (result.code, set(outcomes(result).values())) == (3, {"unknown"})
        assert "127.0.0.1:1 does not answer" in finding(result, worlds.DATA, "resolves")["text"]

    def test_a_resolver_that_leaves_one_host_out_is_a_finding(self, check: Check) -> None:
        """A zone kept by hand, on name servers without public names."""
        held = {worlds.LOGIN: [worlds.LOGIN_PRIVATE], worlds.DATA: [worlds.DATA_PRIVATE]}
        result = check(Zones(dict[str, str | list[str]](held)))
        assert (result.code, outcomes(result)[worlds.WEST]) == (1, "fail")
        fix = finding(result, worlds.WEST, "resolves")["fix"]
        assert fix.startswith("link this network to the zone privatelink.azurecr.io")

    def test_a_registry_without_data_endpoints_is_found_without_a_network(self, check: Check) -> None:
        export = stacks.export(*stacks.registry(replicas=(), data_endpoints=False, public=True))
        assert check(Zones({"intranet.example.net": ["10.0.0.7"]}), export=export).code == 1

    @pytest.mark.parametrize("rcode", ["SERVFAIL", "REFUSED"])
    def test_a_resolver_that_fails_for_every_name_proves_nothing(self, check: Check, rcode: str) -> None:
        zones = worlds.linked()
        zones.rcode = getattr(RCODE, rcode)
        result = check(zones)
        assert (result.code, set(outcomes(result).values())) == (3, {"unknown"})
        assert f"answers {rcode}, for azure.microsoft.com too" in finding(result, worlds.DATA, "resolves")["text"]
        assert result.json["registries"][0]["findings"][0]["outcome"] == "unknown"

    def test_a_resolver_that_fails_for_the_registry_alone_is_a_finding(self, check: Check) -> None:
        """A forwarder for the registry's names that leads to a server which does not answer."""
        zones = worlds.linked()
        zones.rcode, zones.failing = RCODE.SERVFAIL, {worlds.LOGIN, worlds.DATA, worlds.WEST}
        assert check(zones).code == 1

    def test_an_answer_for_the_name_itself_blames_no_record_of_the_zone(self, check: Check) -> None:
        zones = worlds.linked()
        zones.records[worlds.LOGIN] = ["192.168.0.99"]
        found = finding(check(zones), worlds.LOGIN, "address")
        assert found["text"] == "the answer 192.168.0.99 is for the name itself, declared is 192.168.0.72"
        assert found["fix"].startswith(f"correct what this network holds for {worlds.LOGIN}: a hosts file")


class TestOutside:
    def test_closed(self, check: Check, registry: Registry) -> None:
        registry.behaviour.denied = "challenge"
        registry.behaviour.statuses = {"/": 403}
        result = check(
            worlds.outside(),
            "--from",
            "outside",
            export=stacks.export(*stacks.registry(replicas=()), *stacks.private_path("contoso", stacks.ADDRESSES)),
        )
        assert result.code == 0
        assert "client with IP '203.0.113.7' is not allowed access" in finding(result, worlds.LOGIN, "closed")["text"]

    def test_open_against_the_declaration(self, check: Check) -> None:
        result = check(
            worlds.data_endpoints_only(), "--from", "outside", export=stacks.export(*stacks.registry(replicas=()))
        )
        assert result.code == 1
        found = finding(result, worlds.LOGIN, "closed")
        assert found["text"] == "answers 401 to a client that it was declared closed to"

    def test_open_as_declared(self, check: Check) -> None:
        export = stacks.export(*stacks.registry(replicas=(), public=True))
        result = check(worlds.data_endpoints_only(), "--from", "outside", export=export)
        assert (result.code, outcomes(result)[worlds.LOGIN]) == (0, "ok")

    def test_not_outside_at_all(self, check: Check) -> None:
        result = check(worlds.linked(), "--from", "outside")
        assert result.code == 3
        assert "this is not outside" in finding(result, worlds.LOGIN, "closed")["text"]

    @pytest.mark.parametrize("public", [False, True])
    def test_a_resolver_without_public_names_looks_at_nothing(self, check: Check, public: bool) -> None:
        export = stacks.export(*stacks.registry(replicas=(), public=public))
        result = check(Zones({"intranet.example.net": ["10.0.0.7"]}), "--from", "outside", export=export)
        assert (result.code, outcomes(result)) == (3, {worlds.LOGIN: "unknown", worlds.DATA: "unknown"})
        found = finding(result, worlds.DATA, "closed")
        assert "knows no public names: nothing was looked at" in found["text"]
        assert "--resolver" in found["fix"]

    def test_a_private_zone_without_the_record_is_not_outside(self, check: Check) -> None:
        result = check(worlds.linked(worlds.LOGIN, worlds.DATA, worlds.WEST), "--from", "outside")
        assert (result.code, set(outcomes(result).values())) == (3, {"unknown"})
        assert "asks a private zone" in finding(result, worlds.LOGIN, "closed")["text"]

    def test_a_name_that_public_dns_does_not_have_is_closed(self, check: Check) -> None:
        zones = Zones({"azure.microsoft.com": ["20.49.104.1"]})
        result = check(zones, "--from", "outside", export=stacks.export(*stacks.registry(replicas=())))
        assert (result.code, outcomes(result)) == (0, {worlds.LOGIN: "ok", worlds.DATA: "ok"})

    def test_where_nobody_answers_nothing_is_proven(self, check: Check) -> None:
        import socket

        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        result = check(
            worlds.data_endpoints_only(),
            *("--from", "outside", "--connect-to", f"{worlds.LOGIN_PUBLIC}=127.0.0.1:{port}"),
            *("--connect-to", f"{worlds.DATA_PUBLIC}=127.0.0.1:{port}"),
            export=stacks.export(*stacks.registry(replicas=())),
        )
        assert (result.code, outcomes(result)) == (3, {worlds.LOGIN: "unknown", worlds.DATA: "unknown"})
        assert finding(result, worlds.LOGIN, "closed")["text"].startswith("nobody answered (connection refused)")


def test_hosts_are_looked_at_at_once(
    check: Check, registry: Registry, server_context: ssl.SSLContext, authority: Authority
) -> None:
    registry.behaviour.together = threading.Barrier(9)
    regions = ("westus", "eastus", "westeurope", "northeurope", "uksouth", "centralus", "koreacentral")
    records: dict[str, str | list[str]] = {"contoso.azurecr.io": ["20.0.0.1"]}
    for region in ("japaneast", *regions):
        records[f"contoso.{region}.data.azurecr.io"] = ["20.0.0.2"]
    context = authority.server_context(*records)
    export = stacks.export(*stacks.registry(replicas=regions, public=True))
    with Registry(registry.behaviour, context) as many:
        result = check(
            Zones(records),
            "--connect-to",
            f"20.0.0.1={many.address}",
            "--connect-to",
            f"20.0.0.2={many.address}",
            export=export,
        )
    assert set(outcomes(result).values()) == {"ok"}
    assert len(outcomes(result)) == 9


def test_the_table_and_the_report(check: Check, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    result = check(worlds.linked(worlds.WEST), "--html", str(file), json_=False)
    assert result.code == 1
    line = next(line for line in result.out.splitlines() if line.startswith(worlds.WEST))
    assert line.split()[1:4] == ["fail", "192.168.0.74", "NXDOMAIN"]
    page = file.read_text(encoding="utf-8")
    assert "<svg" in page
    assert '<td class="bad">fail</td>' in page
    for outside in ("src=", "href=", "@import", "url(", "<script"):
        assert outside not in page
