"""A clean environment, one certificate authority, and the doctor run as its users run it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from registry_doctor import cli

from tests.doctor import worlds
from tests.doctor.servers import Authority, Behaviour, Dns, Registry, Zones

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass
class Result:
    """What a run of the doctor printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def verdict(self) -> dict[str, Any]:
        return self.json["verdict"]


@pytest.fixture(autouse=True)
def clean_environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No sign-in, cache or proxy of the machine may reach the tests; but the engine's own, which is costly to make."""
    if request.node.get_closest_marker("engine"):
        return
    for name in ("DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "REGISTRY_USERNAME", "REGISTRY_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    for name in ("REGISTRY_DOCTOR_SERVICE_TAGS", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("REGISTRY_DOCTOR_MAX_SIZE", "REGISTRY_DOCTOR_MAX_TIME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("REGISTRY_DOCTOR_DEBUG", "1")


@pytest.fixture
def doctor(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs the command line in this process, entry point and all."""

    def run(*arguments: str) -> Result:
        capsys.readouterr()
        monkeypatch.setattr("sys.argv", ["registry-doctor", *arguments])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        printed = capsys.readouterr()
        code = stop.value.code
        return Result(code if isinstance(code, int) else 0, printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="session")
def server_context(authority: Authority) -> ssl.SSLContext:
    """A certificate as good as the real ones: for every host of the pull."""
    return authority.server_context("*.azurecr.io", worlds.DATA, worlds.WEST, "*.blob.core.windows.net", "localhost")


@pytest.fixture
def registry(server_context: ssl.SSLContext) -> Iterator[Registry]:
    with Registry(Behaviour(layer_host=worlds.DATA, anonymous=True), server_context) as running:
        yield running


@pytest.fixture
def trace(doctor: Callable[..., Result], registry: Registry, authority: Authority) -> Iterator[Callable[..., Result]]:
    """Traces ``contoso.azurecr.io/app:1`` with a view of DNS; every connection ends at the loopback registry."""
    running: list[Dns] = []

    def run(zones: Zones, *more: str, image: str = f"{worlds.LOGIN}/app:1", json: bool = True) -> Result:
        dns = Dns(zones)
        running.append(dns)
        return doctor(
            "trace",
            image,
            *(["--json"] if json else []),
            *("--resolver", dns.address, "--ca-bundle", str(authority.bundle), "--platform", "linux/amd64"),
            *more,
            *("--connect-to", f"*={registry.address}"),
        )

    yield run
    for dns in running:
        dns.__exit__()
