"""The component package from a git host, as `pulumi package add HOST/ORG/REPO.git/components@X.Y.Z` gets it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import private_registry
import pytest
import yaml

from tests.components.git_server import serving
from tests.rehearsal import ROOT, Rehearsal

pytestmark = pytest.mark.engine

HOST = "git.contoso.example"
SOURCE = f"{HOST}/platform/private-registry.git/components"
VERSION = private_registry.__version__


def released(folder: Path) -> None:
    """A bare repository with the components as they are now, under this version's tag, and something later on top."""
    work = folder / "work"
    names = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "components"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in names:
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_bytes((ROOT / name).read_bytes())
    who = ("-c", "user.name=test", "-c", "user.email=test@contoso.example")

    def git(*words: str) -> None:
        subprocess.run(["git", *who, *words], cwd=work, check=True, capture_output=True)

    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "release")
    git("tag", f"v{VERSION}")
    (work / "components" / "__main__.py").write_text("raise SystemExit('not what was asked for')\n")
    git("commit", "--quiet", "--all", "--message", "later")
    git("clone", "--quiet", "--bare", str(work), str(folder / "platform" / "private-registry.git"))


@pytest.mark.full
@pytest.mark.timeout(600)
def test_a_tag_of_a_git_host_serves_the_components(tmp_path: Path) -> None:
    released(tmp_path / "hosted")
    project = tmp_path / "program"
    project.mkdir()
    (project / "Pulumi.yaml").write_text((ROOT / "examples/consumers/yaml/Pulumi.yaml").read_text())
    program = yaml.safe_load((project / "Pulumi.yaml").read_text())
    del program["packages"]
    (project / "Pulumi.yaml").write_text(yaml.safe_dump(program, sort_keys=False))
    # What the plugin's own environment would download is lent to it.
    lent = next((ROOT / ".venv" / "lib").glob("python*/site-packages"))
    with serving(tmp_path / "hosted", HOST) as (environment, asked):
        team = Rehearsal(tmp_path / "rehearsal", project=project, env=environment | {"PYTHONPATH": str(lent)}).init()
        # The rehearsal forbids the engine to fetch plugins, which is what this is about.
        fetching = ("env", "-u", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "pulumi")
        missing = team.run(*fetching, "package", "add", f"{SOURCE}@9.9.9").failed()
        assert "9.9.9" in missing.text
        team.run(*fetching, "package", "add", f"{SOURCE}@{VERSION}", timeout=400).ok()
        assert any("/platform/private-registry.git/" in path for path in asked)
        added = yaml.safe_load((project / "Pulumi.yaml").read_text())["packages"]["private-registry"]
        assert added == {"source": SOURCE, "version": VERSION} or added == f"{SOURCE}@{VERSION}", added
        shown = team.run(*fetching, "package", "get-schema", f"{SOURCE}@{VERSION}").ok()
        golden = json.loads((ROOT / "schema" / "private-registry.json").read_text())
        assert json.loads(shown.out)["resources"].keys() == golden["resources"].keys()
        team.run(*fetching, "up", "--stack", "local", "--yes", "--skip-preview").ok()
    assert team.outputs()["loginServer"] == "teamimages.azurecr.io"
