"""What is released: one version, archives that are reproducible and hold what they should, and work where installed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import private_registry
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PRINTS_SCHEMA = "import json; from private_registry.package import schema; print(json.dumps(schema()))"
sys.path.insert(0, str(ROOT / "tools"))

import distributions  # noqa: E402
import sbom  # noqa: E402


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = distributions.make(tmp_path_factory.mktemp("dist"))
    return {"wheel" if path.suffix == ".whl" else "sdist": path for path in made}


def test_the_archives_are_reproducible_and_hold_what_they_should(archives: dict[str, Path]) -> None:
    version = private_registry.__version__
    assert archives["wheel"].name == f"private_registry-{version}-py3-none-any.whl"
    assert archives["sdist"].name == f"private_registry-{version}.tar.gz"
    with zipfile.ZipFile(archives["wheel"]) as wheel:
        names = wheel.namelist()
        times = {entry.date_time for entry in wheel.infolist()}
    assert {name.split("/")[0] for name in names} == {
        "private_registry",
        "registry_model",
        "registry_guard",
        "registry_doctor",
        f"private_registry-{version}.dist-info",
    }
    assert "private_registry/py.typed" in names
    assert len(times) == 1, "files keep the time of their last change, which no other machine has"


def test_an_sdist_has_the_plugin_and_the_pack(archives: dict[str, Path]) -> None:
    with tarfile.open(archives["sdist"]) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {"components/PulumiPlugin.yaml", "components/__main__.py", "policies/PulumiPolicy.yaml"} <= names
    assert not [name for name in names if ".venv" in name or "__pycache__" in name or name.startswith("tests")]


def test_a_stranger_in_an_archive_is_named(archives: dict[str, Path], tmp_path: Path) -> None:
    wheel = tmp_path / archives["wheel"].name
    wheel.write_bytes(archives["wheel"].read_bytes())
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("private_registry/.env", "SECRET=1")
    files = distributions.tracked()
    assert distributions.check_wheel(wheel, files) == [
        f"{wheel.name} has private_registry/.env, which does not belong into it"
    ]
    assert distributions.check_wheel(archives["wheel"], [*files, "doctor/registry_doctor/more.py"]) == [
        f"{wheel.name} lacks registry_doctor/more.py"
    ]


def test_an_unreproducible_build_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, epochs = distributions.build, iter(["1700000000", "1800000000"])
    monkeypatch.setattr(distributions, "build", lambda out, _when, files: real(out, next(epochs), files))
    with pytest.raises(distributions.DistError, match="two builds of the same source differ"):
        distributions.make(tmp_path)


def test_every_place_says_the_same_version() -> None:
    version = private_registry.__version__
    schema = json.loads((ROOT / "schema" / "private-registry.json").read_text())
    assert schema["version"] == version
    workflow = (ROOT / ".github" / "workflows" / "release.yml").read_text()
    assert "__version__" in workflow, "the release compares its tag"
    for document in ("README.md", "docs/consumers.md"):
        named = re.findall(r"components@(\d+\.\d+\.\d+)", (ROOT / document).read_text())
        assert set(named) <= {version}, document


def test_the_release_workflow_proves_before_it_publishes() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())
    jobs = workflow["jobs"]
    steps = {name: [step.get("uses") or step["run"] for step in job["steps"]] for name, job in jobs.items()}
    every = [line for lines in steps.values() for line in lines]
    assert workflow["permissions"] == {"contents": "read"}, "a job asks for more itself"
    for action in (line for line in every if re.match(r"[\w-]+/[\w./-]+@", line)):
        assert re.search(r"@[0-9a-f]{40}$", action), f"{action} is not pinned"
    assert any("tools/schema_gate.py" in line for line in steps["build"])
    assert any("make dist" in line or "tools/distributions.py" in line for line in steps["build"])
    assert any("attest" in line for line in every)
    assert any("sbom" in line.lower() for line in every)
    for name, job in jobs.items():
        if name != "build":
            assert "build" in job["needs"], f"{name} does not wait for what is proven"


@pytest.fixture(scope="module")
def installed(archives: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that has the wheel, and what it depends on, and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("installed")
    environment = folder / "venv"
    subprocess.run([ROOT / "tools" / "environment", environment], check=True, capture_output=True)
    pip = [environment / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-index"]
    extras = f"{archives['wheel']}[guard,policies,doctor]"
    done = subprocess.run([*pip, extras], capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return environment


def run(environment: Path, *words: str, code: int = 0, cwd: Path | None = None) -> str:
    done = subprocess.run(
        [environment / "bin" / words[0], *words[1:]],
        cwd=cwd or environment,
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | {"COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.mark.full
def test_it_works_where_it_is_installed(installed: Path, tmp_path: Path) -> None:
    where = run(installed, "python", "-c", "import private_registry as p; p.PrivateRegistry; print(p.__file__)")
    assert str(installed) in where
    assert run(installed, "python", "-c", "import private_registry, sys; print('pulumi' in sys.modules)") == "False\n"
    assert "trace" in run(installed, "registry-doctor", "--help")
    assert "check" in run(installed, "registry-guard", "--help")
    schema = json.loads(run(installed, "python", "-c", PRINTS_SCHEMA))
    assert schema == json.loads((ROOT / "schema" / "private-registry.json").read_text())


@pytest.mark.full
def test_the_policy_pack_and_its_presets_come_with_the_wheel(installed: Path, tmp_path: Path) -> None:
    pack = Path(run(installed, "registry-guard", "pack-path", "--output", str(tmp_path / "pack")).strip())
    runtime = yaml.safe_load((pack / "PulumiPolicy.yaml").read_text())["runtime"]
    assert runtime["options"]["virtualenv"] == str(installed)
    source = ROOT / "policies" / "presets"
    for preset in source.glob("*.json"):
        assert json.loads((pack / "presets" / preset.name).read_text()) == json.loads(preset.read_text())


def test_the_bill_of_materials_is_the_lock_without_what_development_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    told = sbom.bill()
    assert told == sbom.bill()
    assert told["metadata"]["timestamp"].startswith("2023-11-14T")
    assert told["metadata"]["component"]["version"] == private_registry.__version__
    packages = {part["name"]: part["version"] for part in told["components"]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = [project["project"]["dependencies"], *project["project"]["optional-dependencies"].values()]
    assert {re.split(r"[^\w-]", line)[0] for group in groups for line in group} <= set(packages)
    assert not {"pytest", "ruff", "hatchling"} & set(packages)
    for pin in project["tool"]["uv"]["constraint-dependencies"]:
        name, version = pin.split("==")
        assert packages.get(name, version) == version
