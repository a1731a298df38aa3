"""How the command lines start without the packages of their extra, and stop without a reader."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = {"registry_guard": "guard", "registry_doctor": "doctor"}
SHOWN = ("-m", "registry_doctor", "endpoints", "contoso", "--region", "japaneast")


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


@pytest.mark.parametrize("module", COMMANDS)
@pytest.mark.parametrize("package", ["typer", "rich"])
def test_without_its_extra_a_command_says_what_to_install(tmp_path: Path, module: str, package: str) -> None:
    """A package that cannot be found stands for one that is not installed."""
    (tmp_path / "sitecustomize.py").write_text(f"import sys; sys.modules['{package}'] = None\n")
    done = run("-m", module, "--help", PYTHONPATH=str(tmp_path))
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert f"needs the package '{package}'" in done.stderr
    assert f"install the extra '{COMMANDS[module]}': make setup, in the checkout" in done.stderr


@pytest.mark.parametrize(
    ("origin", "command"),
    [
        (
            {"url": "file:///srv/private_registry-0.1.0-py3-none-any.whl", "archive_info": {}},
            'pip install "private-registry[doctor] @ file:///srv/private_registry-0.1.0-py3-none-any.whl"',
        ),
        ({"url": "file:///srv/checkout", "dir_info": {"editable": True}}, "make setup, in the checkout"),
        (
            None,
            'pip install "PATH/private_registry-0.1.0-py3-none-any.whl[doctor]", PATH being where the wheel lies that '
            "this was installed from",
        ),
    ],
)
def test_an_extra_comes_from_where_the_installation_came_from(
    tmp_path: Path, origin: dict[str, object] | None, command: str
) -> None:
    """Not from whoever owns the name at an index."""
    info = tmp_path / "private_registry-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: private-registry\nVersion: 0.1.0\n")
    if origin is not None:
        (info / "direct_url.json").write_text(json.dumps(origin))
    said = run(
        "-c", "from registry_model.console import how_to_install as h; print(h('doctor'))", PYTHONPATH=str(tmp_path)
    )
    assert said.stdout.strip() == command


def test_without_an_installation_a_checkout_is_named() -> None:
    said = run(
        "-S",
        "-c",
        "from registry_model.console import how_to_install as h; print(h('doctor'))",
        PYTHONPATH=str(ROOT / "components"),
    )
    assert "make dist" in said.stdout
    assert "private-registry[" not in said.stdout


def test_a_package_that_a_command_needs_only_later_is_named_too(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['httpx'] = None\n")
    words = (
        "-m",
        "registry_doctor",
        "trace",
        "contoso.azurecr.io/app",
        "--auth",
        "anonymous",
        "--resolver",
        "127.0.0.1:9",
    )
    done = run(*words, PYTHONPATH=str(tmp_path))
    assert (done.returncode, "needs the package 'httpx'" in done.stderr) == (3, True), done.stderr


def test_what_only_shows_may_lose_its_reader() -> None:
    shown = " ".join(SHOWN)
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; '{sys.executable}' {shown} | true"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert run(*SHOWN).stdout.startswith("{"), "it prints something to lose"


def test_another_pipe_that_breaks_ends_nothing() -> None:
    program = (
        "import os, signal; from registry_model import console; console.let_the_reader_leave()\n"
        "os.kill(os.getpid(), signal.SIGPIPE); print('goes on')"
    )
    assert run("-c", program).stdout == "goes on\n"
