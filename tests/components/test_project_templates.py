"""The project templates: from an empty folder to a second preview without changes."""

from __future__ import annotations

import contextlib
import http.server
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import private_registry
import pytest
import yaml
from private_registry import about

from tests.components import sdks
from tests.rehearsal import ROOT, Rehearsal

TEMPLATES = ROOT / "templates"
NAMES = sorted(folder.name for folder in TEMPLATES.iterdir() if folder.is_dir())
HOSTS = ["contoso.azurecr.io", "contoso.japaneast.data.azurecr.io"]
GIVEN = {"registryName": "contoso", "azure-native:subscriptionId": "00000000-0000-0000-0000-000000000001"}


def settings(name: str) -> dict[str, dict[str, str]]:
    return yaml.safe_load((TEMPLATES / name / "Pulumi.yaml").read_text())["template"]["config"]


@pytest.mark.parametrize("name", NAMES)
def test_every_template_asks_for_the_same(name: str) -> None:
    asked = settings(name)
    assert asked == settings(NAMES[0])
    assert {key for key, value in asked.items() if "default" not in value} == set(GIVEN)
    assert all(value["description"] for value in asked.values())


def test_the_python_template_takes_the_wheel_of_this_version_from_its_own_folder() -> None:
    """A path has no index behind it: without the file, pip and uv fail."""
    asked = (TEMPLATES / "private-registry-python" / "requirements.txt").read_text().splitlines()
    wheel = f"private_registry-{private_registry.__version__}-py3-none-any.whl"
    assert asked == [f"./{wheel}"]
    assert f"CHECKOUT/dist/{wheel} ." in (TEMPLATES / "README.md").read_text()


def made(folder: Path, name: str) -> Rehearsal:
    """A project from the template, made by `pulumi new` in an empty folder, with the answers that it needs."""
    maker = Rehearsal(folder / "making", project=TEMPLATES)
    maker.folder.mkdir()
    project = folder / "images"
    words = ("--dir", str(project), "--name", "images", "--description", "A registry", "--generate-only", "--yes")
    finished = maker.run("pulumi", "new", str(TEMPLATES / name), *words)
    if "no language plugin 'pulumi-language-nodejs' found" not in finished.text:
        finished.ok()  # else the CLI of a checkout: it asks the Node.js host for options once the files are written
    text = (project / "Pulumi.yaml").read_text()
    assert "${PROJECT}" not in text
    assert "quickstart" not in text
    defaults = {key: value["default"] for key, value in settings(name).items() if "default" in value}
    config = {key if ":" in key else f"images:{key}": value for key, value in {**defaults, **GIVEN}.items()}
    return Rehearsal(folder / "rehearsal", project=project, config=config)


@contextlib.contextmanager
def index() -> Iterator[tuple[str, list[str]]]:
    """A package index that has nothing, and the paths that were asked of it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


def names_the_components(team: Rehearsal) -> None:
    """As templates/README.md says, by the path of a checkout."""
    project = team.project / "Pulumi.yaml"
    source = f"{about.REPOSITORY}.git/components@0.1.0"
    assert source in project.read_text()
    project.write_text(project.read_text().replace(source, str(ROOT / "components")))


def has_the_outputs(team: Rehearsal) -> None:
    outputs = team.outputs()
    assert outputs["allowList"] == [f"{host}:443" for host in HOSTS]
    assert sorted(outputs["privateIps"]) == HOSTS


def deploys_and_stays(team: Rehearsal) -> None:
    team.init().up("--policy-pack", str(ROOT / "policies")).ok()
    has_the_outputs(team)
    team.preview("--expect-no-changes").ok()


@pytest.mark.engine
@pytest.mark.full
def test_python_from_a_wheel(tmp_path: Path) -> None:
    team = made(tmp_path, "private-registry-python")
    wheels, environment = tmp_path / "wheels", team.project / "venv"
    python = ROOT / ".venv" / "bin" / "python"
    building = [python, ROOT / "tools" / "distributions.py", "--once", "--out", wheels]
    subprocess.run(building, check=True, capture_output=True)
    subprocess.run([ROOT / "tools" / "environment", environment], check=True, capture_output=True)
    # The environment borrows the packages that the wheel depends on; the wheel itself is installed.
    options = ("-m", "pip", "install", "--no-deps", "--ignore-installed", "--retries", "0")
    with index() as (url, asked):

        def install(*words: str) -> subprocess.CompletedProcess[str]:
            pip = [environment / "bin" / "python", *options, "--index-url", url, *words]
            return subprocess.run(pip, cwd=team.project, capture_output=True, text=True, check=False)

        missing = install("-r", "requirements.txt")
        assert missing.returncode != 0
        assert "private_registry-" in missing.stderr
        (wheel,) = wheels.glob("*.whl")
        shutil.copy(wheel, team.project)
        installed = install("-r", "requirements.txt")
        assert installed.returncode == 0, installed.stderr
        assert asked == []
        install("private-registry>=0.1,<1")
        assert asked == ["/private-registry/"]
    deploys_and_stays(team)


@pytest.mark.engine
@pytest.mark.full
def test_yaml_with_the_components_of_a_checkout(tmp_path: Path) -> None:
    team = made(tmp_path, "private-registry-yaml")
    names_the_components(team)
    deploys_and_stays(team)


@pytest.mark.engine
@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.skipif(shutil.which("go") is None or shutil.which("npm") is None, reason="generates with Go, needs npm")
def test_typescript_with_the_components_of_a_checkout(tmp_path: Path) -> None:
    """The CLI that a checkout builds has no Node.js host: the SDK comes from the host's own generator, and the program
    runs inside the Automation API."""
    team = made(tmp_path, "private-registry-typescript")
    names_the_components(team)
    sdks.generate(team.project, "nodejs")
    sdks.npm_install(team.project)
    compiled = sdks.run(team.project / "node_modules" / ".bin" / "tsc", "-p", ".", cwd=team.project)
    assert compiled.returncode == 0, compiled.stdout
    team.init()
    inline = ("node", str(ROOT / "tests" / "components" / "inline.js"), "bin/index.js")
    pack = str(ROOT / "policies")
    created = json.loads(team.run(*inline, "up", pack).ok().out)
    assert created == {"create": len([r for r in team.resources() if not r["type"].startswith("pulumi:providers:")])}
    has_the_outputs(team)
    assert json.loads(team.run(*inline, "preview", pack).ok().out) == {"same": created["create"]}

    program = team.project / "bin" / "index.js"
    program.write_text(program.read_text().replace("network: {", 'tags: { team: "images" }, network: {'))
    assert "update" in json.loads(team.run(*inline, "preview", pack).ok().out)
