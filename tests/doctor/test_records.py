"""The records that a registry needs, as tables, zone files and commands. Answers are written out by hand."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dnslib import QTYPE, RR, DNSRecord

from tests.doctor import stacks
from tests.doctor.servers import Dns, Zones

if TYPE_CHECKING:
    from tests.doctor.conftest import Result

    Doctor = Callable[..., Result]

NAMED = ("records", "contoso", "--region", "japaneast", "--region", "westus")
GIVEN = ("--address", "login-server=10.0.0.6", "--address", "Japan East=10.0.0.4", "--address", "westus=10.0.0.5")
ZONE = "privatelink.azurecr.io"
NEEDED = {"contoso": "10.0.0.6", "contoso.japaneast.data": "10.0.0.4", "contoso.westus.data": "10.0.0.5"}


def test_a_zone_file_that_another_program_reads(doctor: Doctor) -> None:
    result = doctor(*NAMED, *GIVEN, "--format", "zone")
    assert (result.code, result.err) == (0, "")
    read = {str(record.rname).rstrip("."): str(record.rdata) for record in RR.fromZone(result.out)}
    assert read == {f"{name}.{ZONE}": address for name, address in NEEDED.items()}
    comments = [line for line in result.out.splitlines() if line.startswith(";")]
    assert "SOA and NS" in comments[0]
    assert f"holds {ZONE} finds no other registry" in comments[1]
    assert f"a zone of its own (contoso.{ZONE} with the record @)" in comments[2]


def test_commands_for_the_azure_cli(doctor: Doctor) -> None:
    lines = doctor(*NAMED, *GIVEN, "--format", "az", "--resource-group", "rg-dns").out.splitlines()
    assert lines[1] == (
        "az network private-dns record-set a create --resource-group rg-dns --zone-name privatelink.azurecr.io "
        "--name contoso.japaneast.data --ttl 10 && "
        "az network private-dns record-set a add-record --resource-group rg-dns --zone-name privatelink.azurecr.io "
        "--record-set-name contoso.japaneast.data --ipv4-address 10.0.0.4"
    )
    assert len(lines) == 3


AZ = """#!/bin/sh
# As documented: `create` alone takes --ttl and refuses a record set that is there; `add-record` adds an address.
for word do
  case "$before" in --name|--record-set-name) set_name=$word;; --ipv4-address) ip=$word;; esac
  before=$word
done
case "$5" in
create) test ! -e "$DIR/$set_name" || exit 3; : > "$DIR/$set_name";;
add-record) case " $* " in *" --ttl "*) exit 2;; esac; echo "$ip" >> "$DIR/$set_name";;
esac
"""


def test_the_commands_twice_leave_one_address(doctor: Doctor, tmp_path: Path) -> None:
    script = doctor(*NAMED, *GIVEN, "--format", "az", "--resource-group", "rg-dns").out
    stand_in, held = tmp_path / "az", tmp_path / "zone"
    stand_in.write_text(AZ)
    stand_in.chmod(0o755)
    held.mkdir()
    (held / "contoso").write_text("10.0.0.99\n")
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "DIR": str(held)}
    for _ in range(2):
        subprocess.run(["sh", "-c", script], env=environment, check=False)
    kept = {file.name: file.read_text() for file in held.iterdir()}
    assert kept == {
        "contoso": "10.0.0.99\n",
        "contoso.japaneast.data": "10.0.0.4\n",
        "contoso.westus.data": "10.0.0.5\n",
    }


def test_commands_for_powershell(doctor: Doctor) -> None:
    lines = doctor(*NAMED, *GIVEN, "--format", "powershell", "--resource-group", "rg-dns").out.splitlines()
    assert lines[0] == (
        "New-AzPrivateDnsRecordSet -ResourceGroupName rg-dns -ZoneName privatelink.azurecr.io -Name contoso "
        "-RecordType A -Ttl 10 -PrivateDnsRecords (New-AzPrivateDnsRecordConfig -IPv4Address 10.0.0.6)"
    )
    assert len(lines) == 3


OWN_SERVERS = ("windows-dns", "unbound", "dnsmasq")
LINES = {
    "windows-dns": [
        "if (-not (Get-DnsServerZone -Name contoso.azurecr.io -ErrorAction SilentlyContinue)) { "
        "Add-DnsServerPrimaryZone -Name contoso.azurecr.io -ZoneFile contoso.azurecr.io.dns; "
        "Add-DnsServerResourceRecordA -ZoneName contoso.azurecr.io -Name '@' -IPv4Address 10.0.0.6 "
        "-TimeToLive 00:00:10 }"
    ],
    "unbound": [
        "server:",
        '    local-zone: "contoso.azurecr.io." transparent',
        '    local-data: "contoso.azurecr.io. 10 IN A 10.0.0.6"',
    ],
    "dnsmasq": ["local=/contoso.azurecr.io/", "host-record=contoso.azurecr.io,10.0.0.6,10"],
}


@pytest.mark.parametrize("form", OWN_SERVERS)
def test_lines_for_an_own_dns_server_take_single_names(doctor: Doctor, form: str) -> None:
    told = doctor(*NAMED, *GIVEN, "--format", form)
    assert (told.code, told.err) == (0, "")
    lines = [line for line in told.out.splitlines() if not line.startswith("#")]
    comments = " ".join(line for line in told.out.splitlines() if line.startswith("#"))
    assert lines[: len(LINES[form])] == LINES[form]
    assert not any("privatelink" in line for line in lines), "the zone as a whole hides other registries"
    assert f"{ZONE} finds no other registry that has a private endpoint" in comments.replace("# ", "")
    assert "A conditional forwarder for azurecr.io" in comments
    for host in ("contoso.azurecr.io", "contoso.japaneast.data.azurecr.io", "contoso.westus.data.azurecr.io"):
        assert sum(host in line for line in lines) == (1 if form == "windows-dns" else 2), host


JUDGES = {"unbound": ["unbound-checkconf"], "dnsmasq": ["dnsmasq", "--test", "-C"]}


def on_this_machine(program: str) -> str:
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        pytest.skip(f"{program} is not on this machine")
    return found


@pytest.mark.parametrize("form", JUDGES)
def test_the_server_itself_takes_its_lines(doctor: Doctor, tmp_path: Path, form: str) -> None:
    program, *words = JUDGES[form]
    file = tmp_path / "registry.conf"
    file.write_text(doctor(*NAMED, *GIVEN[:4], "--format", form).out)
    judged = subprocess.run([on_this_machine(program), *words, str(file)], capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stderr


SERVERS = {
    "unbound": """server:
    interface: 127.0.0.1
    port: {port}
    do-daemonize: no
    use-syslog: no
    chroot: ""
    username: ""
    pidfile: ""
    do-not-query-localhost: no
    module-config: "iterator"
forward-zone:
    name: "."
    forward-addr: 127.0.0.1@{upstream}
remote-control:
    control-enable: no
""",
    "dnsmasq": """port={port}
listen-address=127.0.0.1
bind-interfaces
no-resolv
no-hosts
pid-file
server=127.0.0.1#{upstream}
""",
}
START = {"unbound": ["unbound", "-d", "-c"], "dnsmasq": ["dnsmasq", "-k", "-C"]}
PUBLIC = "40.79.197.128"
UPSTREAM: dict[str, str | list[str]] = {
    "contoso.azurecr.io": f"contoso.{ZONE}",
    f"contoso.{ZONE}": [PUBLIC, "2603:1040::1"],
    "contoso.japaneast.data.azurecr.io": f"contoso.japaneast.data.{ZONE}",
    f"contoso.japaneast.data.{ZONE}": [PUBLIC],
    "partner.azurecr.io": f"partner.{ZONE}",
    f"partner.{ZONE}": [PUBLIC],
}


def free_port() -> int:
    """A UDP port that nobody listens on just now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(("127.0.0.1", 0))
        return made.getsockname()[1]


@pytest.mark.full
@pytest.mark.parametrize("form", START)
def test_the_server_answers_these_names_and_leaves_others_alone(doctor: Doctor, tmp_path: Path, form: str) -> None:
    program, *words = START[form]
    started = on_this_machine(program)
    with Dns(Zones(UPSTREAM)) as upstream:
        port = free_port()
        file = tmp_path / "server.conf"
        lines = doctor(*NAMED, *GIVEN, "--format", form).out
        file.write_text(SERVERS[form].format(port=port, upstream=upstream.port) + lines)
        running = subprocess.Popen([started, *words, str(file)])
        try:

            def asked(name: str, kind: str = "A") -> list[str]:
                for _ in range(100):
                    try:
                        answer = DNSRecord.parse(DNSRecord.question(name, kind).send("127.0.0.1", port, timeout=0.5))
                        return [str(each.rdata) for each in answer.rr if QTYPE[each.rtype] == kind]
                    except OSError:  # no answer yet
                        time.sleep(0.05)
                raise AssertionError(f"{form} does not answer")

            assert asked("contoso.azurecr.io") == ["10.0.0.6"]
            assert asked("contoso.azurecr.io", "AAAA") == [], "a client would take the public address"
            assert asked("contoso.japaneast.data.azurecr.io") == ["10.0.0.4"]
            assert asked("contoso.westus.data.azurecr.io") == ["10.0.0.5"]
            assert asked("partner.azurecr.io") == [PUBLIC]
        finally:
            running.terminate()
            running.wait(10)


def test_a_stack_knows_its_addresses(doctor: Doctor, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text(json.dumps(stacks.export()))
    result = doctor("records", "--state", str(state), "--json")
    assert {r["name"] for r in result.json["records"]} == set(NEEDED)
    assert all(r["address"] for r in result.json["records"])
    assert result.err == ""


@pytest.mark.parametrize(("form", "mark"), [("az", "#"), ("powershell", "#"), ("zone", ";"), ("windows-dns", "#")])
def test_what_is_not_known_creates_nothing(doctor: Doctor, form: str, mark: str) -> None:
    result = doctor(*NAMED, "--address", "westus=10.0.0.5", "--format", form)
    without = [line for line in result.out.splitlines() if "<address of" in line]
    assert len(without) == 2
    assert all(line.startswith(mark) for line in without)
    assert "login-server, japaneast are not known" in result.err
    assert result.code == 3, "what is printed is not whole"


@pytest.mark.parametrize("form", ["unbound", "dnsmasq"])
def test_a_name_without_an_address_is_left_to_upstream(doctor: Doctor, form: str) -> None:
    result = doctor(*NAMED, "--address", "westus=10.0.0.5", "--format", form)
    lines = [line for line in result.out.splitlines() if not line.startswith("#")]
    assert not any("contoso.azurecr.io" in line for line in lines), "its zone alone would leave the name without answer"
    assert sum("contoso.westus.data.azurecr.io" in line for line in lines) == 2
    assert result.code == 3


def test_names_are_quoted_where_a_shell_would_read_them_otherwise(doctor: Doctor) -> None:
    assert "--resource-group '<resource group of the zone>'" in doctor(*NAMED, *GIVEN, "--format", "az").out
    told = doctor(*NAMED, *GIVEN, "--format", "powershell", "--resource-group", "it's").out
    assert "-ResourceGroupName 'it''s' " in told


def test_every_problem_of_the_addresses_is_told_at_once(doctor: Doctor) -> None:
    wrong = ("eastus=10.0.0.4", "westus=fd00::1", "japaneast=10.0.0.4", "japaneast=10.0.0.9", "login-server")
    wrong = (*wrong, "westus=10.0.0.4", "westus=8.8.8.8")
    result = doctor(*NAMED, *(word for each in wrong for word in ("--address", each)))
    assert result.code == 2
    told = result.err.splitlines()
    assert len(told) == 6
    parts = ("'eastus=10.0.0.4'", "'fd00::1' is not an IPv4", "given more than once", "'login-server'")
    for part in (*parts, "is given twice", "is public"):
        assert sum(part in line for line in told) == 1, part
