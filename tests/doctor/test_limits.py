"""What a document may cost: the size of each file, and the time of the whole run, in every command that reads one."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from registry_model.estate import documents

from tests.doctor import stacks

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.doctor.conftest import Result

    Doctor = Callable[..., Result]

COMMANDS = ["show", "endpoints", "allow-list", "records", "reach", "report", "diagram", "check"]
RAISED = "raise the limit with --max-size MB or REGISTRY_DOCTOR_MAX_SIZE=MB"


def never(*_: object, **__: object) -> None:
    """Computation that does not end by itself: inside C, where no await comes."""
    re.match(r"(a+)+$", "a" * 60 + "b")


def unwanted(*_: object, **__: object) -> None:
    raise AssertionError("a file beyond the limit was parsed")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "state.json"
    file.write_text(json.dumps(stacks.export()))
    return file


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_is_too_large_is_refused_before_it_is_parsed(
    doctor: Doctor, state: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(documents, "load", unwanted)
    ran = doctor(command, "--state", str(state), "--max-size", "0.0005")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"registry-doctor: --state {state}: it is larger than 0.0005 MB; {RAISED}\n"


def test_so_is_standard_input(doctor: Doctor, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(state.read_bytes())))
    monkeypatch.setenv("REGISTRY_DOCTOR_MAX_SIZE", "0.0005")
    ran = doctor("show", "--state", "-")
    assert (ran.code, ran.err) == (
        2,
        f"registry-doctor: --state standard input: it is larger than 0.0005 MB; {RAISED}\n",
    )


@pytest.mark.parametrize(
    ("small", "option"),
    [(["reach", "--state", "{small}"], "--preview"), (["show", "--state", "{small}"], "--parameters")],
)
def test_so_are_previews_and_parameters(doctor: Doctor, tmp_path: Path, small: list[str], option: str) -> None:
    (tmp_path / "small.json").write_text('{"deployment": {}}')
    large = tmp_path / "large.json"
    large.write_text(json.dumps({"steps": [], "parameters": {}, "pad": "x" * 1000}))
    words = [word.format(small=tmp_path / "small.json") for word in small]
    ran = doctor(*words, option, str(large), "--max-size", "0.0005")
    assert (ran.code, ran.err) == (
        2,
        f"registry-doctor: {option} {large}: it is larger than 0.0005 MB; {RAISED}\n",
    )


LARGE = {"values": [{"name": "A", "properties": {"addressPrefixes": ["10.0.0.0/8"]}}], "pad": "x" * 1000}


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["whois", "10.0.0.1", "--service-tags", "{large}"], "--service-tags '{large}'"),
        (["whois", "--file", "{large}", "--service-tags", "{small}"], "--file '{large}'"),
        (["trace", "contoso.azurecr.io/app:1", "--service-tags", "{large}"], "--service-tags '{large}'"),
        (["allow-list", "contoso", "--region", "westus", "-f", "ipset", "--service-tags", "{large}"], "--service-tags"),
        (["trace", "contoso.azurecr.io/app:1", "--auth", "docker"], "{folder}/config.json"),
    ],
    ids=["tags", "addresses", "tags of a trace", "tags of a list", "docker"],
)
def test_so_is_every_other_file(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], named: str
) -> None:
    small, large = tmp_path / "small.json", tmp_path / "config.json"
    small.write_text(json.dumps(LARGE | {"pad": ""}))
    large.write_text(json.dumps(LARGE))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    places = {"small": small, "large": large, "folder": tmp_path}
    ran = doctor(*(word.format(**places) for word in words), "--max-size", "0.0005")
    assert ran.code == 2
    assert ran.out == "" or "--auth" in words
    assert named.format(**places) in ran.err
    assert f"it is larger than 0.0005 MB; {RAISED}\n" in ran.err


def test_a_large_file_is_read_where_the_limit_is_raised(doctor: Doctor, tmp_path: Path) -> None:
    file = tmp_path / "tags.json"
    file.write_text(json.dumps(LARGE | {"pad": "x" * 101_000_000}))
    assert "larger than 100 MB" in doctor("whois", "10.0.0.1", "--service-tags", str(file)).err
    ran = doctor("whois", "10.0.0.1", "--service-tags", str(file), "--max-size", "102")
    assert (ran.code, ran.out) == (0, "10.0.0.1  A (10.0.0.0/8)\n")


@pytest.mark.parametrize(("program", "words"), [("pulumi", ["show"]), ("az", ["show", "--az", "contoso"])])
def test_so_is_what_a_program_prints(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, words: list[str]
) -> None:
    file = tmp_path / program
    file.write_text("#!/bin/sh\nhead -c 2000 /dev/zero | tr '\\0' x\n")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    ran = doctor(*words, "--max-size", "0.0005")
    assert (ran.code, ran.out) == (3, "")
    assert f"printed more than 0.0005 MB; {RAISED}\n" in ran.err


def test_the_time_of_whois_holds_for_computation(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from registry_doctor import deadline, service_tags

    file = tmp_path / "tags.json"
    file.write_text(json.dumps(LARGE))
    monkeypatch.setattr(deadline, "GRACE", 0.0)
    monkeypatch.setattr(service_tags, "TagIndex", never)
    ran = doctor("whois", "10.0.0.1", "--service-tags", str(file), "--max-time", "0.2")
    assert (ran.code, ran.out) == (3, "")
    assert "the run took longer than 0.2 s, which --max-time allows; raise it" in ran.err


def test_a_file_within_the_limit_is_read(doctor: Doctor, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_DOCTOR_MAX_SIZE", "0.0005")
    megabytes = str(state.stat().st_size / 1_000_000)
    assert doctor("show", "--state", str(state), "--max-size", megabytes, "--max-time", "200").code == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_the_time_of_a_run_holds_for_computation(
    doctor: Doctor, state: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    from registry_doctor import deadline

    monkeypatch.setattr(deadline, "GRACE", 0.0)
    monkeypatch.setattr(documents, "_from_states", never)
    seconds = "1" if command == "check" else "0.2"
    ran = doctor(command, "--state", str(state), "--max-time", seconds)
    assert (ran.code, ran.out) == (3, "")
    assert f"the run took longer than {seconds} s, which --max-time allows; raise it" in ran.err


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "2000000"])
@pytest.mark.parametrize(("option", "unit"), [("--max-size", "megabytes"), ("--max-time", "seconds")])
@pytest.mark.parametrize("command", ["show", "check"])
def test_a_limit_that_is_none_is_refused(
    doctor: Doctor, state: Path, command: str, option: str, unit: str, value: str
) -> None:
    ran = doctor(command, "--state", str(state), f"{option}={value}")
    assert ran.code == 2
    assert f"{option} {float(value)}: a number of {unit} above 0 is expected" in ran.err


def test_the_documentation_says_the_defaults() -> None:
    from registry_doctor.limits import NETWORK_TIME, SIZE, TIME

    page = (Path(__file__).resolve().parents[2] / "docs" / "limits.md").read_text()
    assert f"| {SIZE.default:g} MB: `--max-size MB` or `{SIZE.variable}` |" in page
    assert f"| {TIME.default:g} s: `--max-time SECONDS` or `{TIME.variable}` |" in page
    assert f"| {NETWORK_TIME.default:g} s: `--max-time SECONDS` or `{NETWORK_TIME.variable}`, and" in page


@pytest.mark.parametrize("words", [["trace", "contoso.azurecr.io/a:1"], ["check", "--state", "absent.json"]])
def test_the_environment_sets_the_time_of_trace_and_check_too(
    doctor: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setenv("REGISTRY_DOCTOR_MAX_TIME", "soon")
    refused = doctor(*words)
    assert refused.code == 2
    assert "REGISTRY_DOCTOR_MAX_TIME" in refused.err
