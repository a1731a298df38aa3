"""The records that a registry needs, as tables, zone files and commands. Answers are written out by hand."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dnslib import RR

from tests.doctor import stacks

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


def test_a_stack_knows_its_addresses(doctor: Doctor, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text(json.dumps(stacks.export()))
    result = doctor("records", "--state", str(state), "--json")
    assert {r["name"] for r in result.json["records"]} == set(NEEDED)
    assert all(r["address"] for r in result.json["records"])
    assert result.err == ""


@pytest.mark.parametrize(("form", "mark"), [("az", "#"), ("powershell", "#"), ("zone", ";")])
def test_what_is_not_known_creates_nothing(doctor: Doctor, form: str, mark: str) -> None:
    result = doctor(*NAMED, "--address", "westus=10.0.0.5", "--format", form)
    without = [line for line in result.out.splitlines() if "<address of" in line]
    assert len(without) == 2
    assert all(line.startswith(mark) for line in without)
    assert "login-server, japaneast are not known" in result.err
    assert result.code == 3, "what is printed is not whole"


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
