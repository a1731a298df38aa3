"""What `make down` says when something stands in the way."""

from __future__ import annotations

import subprocess

import pytest

from tools.down import advice, cli, main

ZONE = "/subscriptions/s1/resourceGroups/rg-hub/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
LOCKED = (
    "The scope '{}/A/contoso' cannot perform delete operation because following scope(s) are locked: '{}'. "
    "Please remove the lock and try again."
)
PROTECTED = 'resource "urn:pulumi:dev::x::y::main-registry" cannot be deleted because it is protected.'


def test_a_lock_of_somebody_elses_zone() -> None:
    (told,) = advice(LOCKED.format(ZONE, "/subscriptions/s1/resourceGroups/rg-hub"), "dev", set())
    assert "not this stack's, but of whoever owns the resource group 'rg-hub'" in told
    assert "az lock list --subscription s1 --resource-group rg-hub --output table" in told


def test_a_lock_on_what_the_stack_made_itself() -> None:
    (told,) = advice(LOCKED.format(ZONE, ZONE), "dev", {ZONE.lower()})
    assert f"It is on {ZONE}, which is this stack's own" in told


def test_each_lock_once_and_a_lock_of_the_subscription() -> None:
    errors = LOCKED.format(ZONE, f"/subscriptions/s1,{ZONE}") + LOCKED.format(ZONE, ZONE)
    whole, zone = advice(errors, "dev", set())
    assert "whoever owns the subscription s1" in whole
    assert "az lock list --subscription s1 --output" in whole
    assert f"It is on {ZONE}," in zone


def test_a_protected_registry() -> None:
    (told,) = advice(PROTECTED, "dev", set())
    assert "private-registry:protect: false" in told
    assert "make up STACK=dev && make down STACK=dev" in told


def test_a_protected_registry_of_alibaba_cloud() -> None:
    urn = (
        "urn:pulumi:alibaba::x::private-registry:index:EnterpriseRegistry$alicloud:cr/registryEnterpriseInstance:"
        "RegistryEnterpriseInstance::main-instance"
    )
    (told,) = advice(f'resource "{urn}" cannot be deleted because it is protected.', "alibaba", set())
    assert "  protect: false\n  retainOnDelete: false\nunder private-registry:alibaba\nin Pulumi.alibaba.yaml" in told
    assert "private-registry:protect" not in told


@pytest.mark.parametrize(
    ("stack", "command"),
    [
        ("local", ["local", "pulumi"]),
        ("alibaba-local", ["local", "pulumi"]),
        ("dev", ["pulumi"]),
        ("prod", ["pulumi"]),
        ("alibaba", ["pulumi"]),
        ("no-such-file", ["pulumi"]),
    ],
)
def test_a_stack_is_destroyed_where_it_was_deployed(stack: str, command: list[str]) -> None:
    launcher, *rest = cli(stack)
    assert [launcher.rpartition("/")[2], *rest] == command


@pytest.mark.parametrize(
    ("stack", "code", "told"),
    [
        (
            "local",
            0,
            "make down: the stack stays, empty, for `make up STACK=local`; "
            "`bin/local pulumi stack rm local` removes it.\n",
        ),
        ("dev", 0, ""),
        ("local", 1, ""),
    ],
)
def test_what_is_left_of_a_rehearsal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stack: str, code: int, told: str
) -> None:
    ended = subprocess.CompletedProcess([], code, stdout="")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: ended)
    monkeypatch.setattr("sys.argv", ["down.py", stack])
    assert main() == code
    assert capsys.readouterr().out == told


def test_anything_else_is_left_to_pulumi() -> None:
    assert advice("401 Unauthorized", "dev", set()) == []
