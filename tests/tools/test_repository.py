"""What the repository says of itself holds: links, workflows, the quick checks, and the commands of CONTRIBUTING."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema.validators import validator_for

ROOT = Path(__file__).resolve().parents[2]
TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.split("\n")
PAGES = [ROOT / name for name in TRACKED if name.endswith(".md")]
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")
SCHEMAS = {
    ".github/workflows/audit.yml": "github-workflows",
    ".github/workflows/ci.yml": "github-workflows",
    ".github/workflows/full.yml": "github-workflows",
    ".github/workflows/release.yml": "github-workflows",
    ".github/dependabot.yml": "dependabot",
    ".github/ISSUE_TEMPLATE/bug.yml": "github-issue-forms",
    ".github/ISSUE_TEMPLATE/azure-fact.yml": "github-issue-forms",
    ".github/ISSUE_TEMPLATE/config.yml": "github-issue-config",
}


def prose(page: Path) -> str:
    """A page without its code."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", page.read_text(), flags=re.S | re.M))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(prose(page)):
        there = (page.parent / target).resolve() if target else page
        assert there.exists(), f"{target} does not exist"
        if anchor and there.suffix == ".md":
            assert anchor in anchors(there), f"{target}#{anchor} does not exist"


def test_the_map_of_the_documentation_has_every_page() -> None:
    folder = ROOT / "docs"
    listed = {target for target, _ in LINK.findall((folder / "README.md").read_text())}
    assert {page.name for page in folder.glob("*.md")} - {"README.md"} <= listed
    gallery = {target.split("/")[0] for target, _ in LINK.findall((ROOT / "examples" / "README.md").read_text())}
    assert {each.name for each in (ROOT / "examples").iterdir() if each.is_dir()} <= gallery


@pytest.mark.parametrize("name", [name for name in TRACKED if re.search(r"(^|/)Pulumi\.(.*-)?local\.yaml$", name)])
def test_a_local_stack_has_a_salt_which_pulumi_would_write_into_its_file(name: str) -> None:
    assert yaml.safe_load((ROOT / name).read_text()).get("encryptionsalt")


@pytest.mark.full
@pytest.mark.engine
@pytest.mark.parametrize("folder", ["alibaba-internet-acl", "consumers/yaml", "platform-and-apps/platform"])
def test_an_example_leaves_the_checkout_as_it_was(tmp_path: Path, folder: str) -> None:
    project = ROOT / "examples" / folder
    before = {each: each.read_bytes() for each in sorted(project.iterdir()) if each.is_file()}
    outside = {key: value for key, value in os.environ.items() if not key.startswith("PRIVATE_REGISTRY_")}
    for words in ("stack init local", "up -s local --yes --skip-preview"):
        subprocess.run(
            [str(ROOT / "bin" / "local"), "pulumi", *words.split(), "--non-interactive"],
            cwd=project,
            env={**outside, "PRIVATE_REGISTRY_LOCAL": str(tmp_path)},
            check=True,
            capture_output=True,
        )
    assert {each: each.read_bytes() for each in sorted(project.iterdir()) if each.is_file()} == before


@pytest.mark.parametrize("name", SCHEMAS)
def test_files_for_the_host_follow_their_schemas(name: str) -> None:
    file = f"check_jsonschema/builtin_schemas/vendor/{SCHEMAS[name]}.json"
    schema = json.loads(Path(str(metadata.distribution("check-jsonschema").locate_file(file))).read_text())
    # YAML 1.1 reads the key `on` as true.
    made = {"on" if key is True else key: value for key, value in yaml.safe_load((ROOT / name).read_text()).items()}
    assert [error.message for error in validator_for(schema)(schema).iter_errors(made)] == []


def test_ci_runs_what_a_contributor_runs() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]
    assert {"run": ".ci/run"} in jobs["test"]["steps"]
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"].removeprefix(">=")
    assert oldest in jobs["test"]["strategy"]["matrix"]["python"]


def test_the_quick_checks_are_those_of_make_lint() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    said = subprocess.run(["make", "--dry-run", "lint"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    def program(command: str) -> tuple[str, ...]:
        words = [word for word in shlex.split(command) if word not in (".", "--check", "--fix", "--force-exclude")]
        return tuple(words)

    assert {program(hook["entry"]) for hook in hooks} == {
        program(line) for line in said.splitlines() if line.startswith(".venv/bin/")
    }


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_the_commands_of_a_page_exist(name: str) -> None:
    blocks = re.findall(r"^```console\n(.*?)^```", (ROOT / name).read_text(), re.S | re.M)
    commands = [shlex.split(line[2:], comments=True) for block in blocks for line in block.splitlines()]
    assert commands
    targets: set[str] = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    for words in commands:
        if words[0] == "make":
            assert {word for word in words[1:] if "=" not in word} <= targets, words
        elif "/" in words[0]:
            assert (ROOT / words[0].removeprefix("../private-registry/")).exists(), words
        for word in words[1:]:
            if word.startswith("tests/"):
                assert (ROOT / word).exists(), words


def test_the_changelog_begins_with_what_is_unreleased() -> None:
    sections = re.findall(r"^## (\S+)(.*?)(?=^## |\Z)", (ROOT / "CHANGELOG.md").read_text(), re.S | re.M)
    assert sections[0][0] == "Unreleased", "what the next release brings stands in the topmost section, ## Unreleased"
    said = dict(sections)
    released = {each.stem for each in (ROOT / "schema" / "released").glob("*.json")}
    assert set(said) - {"Unreleased"} == released, "each released version has its section, and no other has one"
    for version in released or {"Unreleased"}:
        assert "### Breaking Changes" in said[version], "every version says what it breaks, or that it breaks nothing"


def test_the_versions_that_work_together_are_those_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = {each["name"]: each.get("version") for each in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
    asked = [project["dependencies"], *project["optional-dependencies"].values()]
    ranges = dict(
        re.findall(r"^(pulumi[a-z-]*)>=([\d.]+,<\d+)$", "\n".join(each for some in asked for each in some), re.M)
    )
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"].values()
    (pythons,) = [job["strategy"]["matrix"]["python"] for job in jobs if "strategy" in job]

    page = (ROOT / "docs/README.md").read_text()
    rows = re.findall(r"^\| .*`(pulumi[a-z-]*)`.* \| ([\d.]+) to before (\d+) \| ([\d.]+) \|$", page, re.M)
    assert {name: (f"{low},<{high}", tested) for name, low, high, tested in rows} == {
        name: (ranges[name], locked[name])
        for name in ("pulumi", "pulumi-azure-native", "pulumi-alicloud", "pulumi-policy")
    }
    lowest = project["requires-python"].removeprefix(">=")
    assert f"| Python | {lowest} or later | {', '.join(pythons)} |" in page


def test_every_package_is_typed() -> None:
    settings: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for package in settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
        assert (ROOT / package / "py.typed").is_file(), package
