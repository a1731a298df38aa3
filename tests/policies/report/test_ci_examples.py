"""The workflows of examples/ci: valid by their published schemas, and their shell lines do what they say."""

from __future__ import annotations

import json
import os
import re
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema.validators import validator_for

from tests.policies.report.record import PROGRAMS
from tests.rehearsal import ROOT, Rehearsal

EXAMPLES = ROOT / "examples" / "ci"
KINDS = {"github.yml": "github-workflows", "github-gate.yml": "github-workflows"}
KINDS |= {"gitlab.yml": "gitlab-ci", "gitlab-gate.yml": "gitlab-ci"}


def document(name: str) -> dict[Any, Any]:
    return yaml.safe_load((EXAMPLES / name).read_text())


def scripts(name: str) -> list[tuple[str, dict[str, str]]]:
    """The shell scripts of a workflow with the variables that it sets, in order."""
    made = document(name)
    if KINDS[name] == "gitlab-ci":
        job = made["registry-guard"]
        variables = {k: str(v) for k, v in job["variables"].items()}
        return [("\n".join(job["script"]), variables), ("\n".join(job.get("after_script", [])), variables)]
    (job,) = made["jobs"].values()
    outer = {**made.get("env", {}), **job.get("env", {})}
    return [(step["run"], {**outer, **step.get("env", {})}) for step in job["steps"] if "run" in step]


def with_text(name: str, word: str) -> tuple[str, dict[str, str]]:
    script, variables = next((s, v) for s, v in scripts(name) if word in s)
    return script, {k: v for k, v in variables.items() if "${{" not in v}


@pytest.mark.parametrize("name", KINDS)
def test_they_follow_the_published_schemas(name: str) -> None:
    file = f"check_jsonschema/builtin_schemas/vendor/{KINDS[name]}.json"
    schema = json.loads(Path(str(metadata.distribution("check-jsonschema").locate_file(file))).read_text())
    # YAML 1.1 reads the key `on` as true.
    made = {"on" if key is True else key: value for key, value in document(name).items()}
    validator = validator_for(schema)(schema)
    assert [e.message for e in validator.iter_errors(made)] == []


@pytest.mark.parametrize("name", KINDS)
def test_their_shell_scripts_are_sound(name: str) -> None:
    for script, _ in scripts(name):
        assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0
        assert "${{" not in script, "an expression in a script is an injection: pass it by env"


def test_every_workflow_of_the_readme_exists_and_the_other_way_round() -> None:
    linked = set(re.findall(r"\]\((\w[\w-]*\.yml)\)", (EXAMPLES / "README.md").read_text()))
    assert linked == set(KINDS) == {path.name for path in EXAMPLES.glob("*.yml")}


class Job:
    """Runs a workflow's scripts as its runner would, on a rehearsal, with stand-ins for what only a runner has."""

    def __init__(self, folder: Path, program: Path) -> None:
        self.work = folder / "work"
        self.stand_ins = folder / "stand-ins"
        self.stand_ins.mkdir()
        self.work.mkdir()
        for file in program.iterdir():
            if file.is_file():
                text = file.read_text().replace("../../../../../.venv", str(ROOT / ".venv"))
                (self.work / file.name).write_text(text)
        self.rehearsal = Rehearsal(folder / "rehearsal", project=self.work, stack="dev")
        self.rehearsal.folder.mkdir()
        self.stand_in("pip", "exit 0")
        self.stand_in("pulumi", f'exec "{ROOT}/bin/local" pulumi "$@"')

    def stand_in(self, name: str, script: str) -> None:
        path = self.stand_ins / name
        path.write_text(f"#!/usr/bin/env bash\n{script}\n")
        path.chmod(0o755)

    def run(self, script: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
        self.rehearsal.write_config()
        path = f"{self.stand_ins}:{ROOT}/.venv/bin:{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.work,
            env={**self.rehearsal.environment(), "PATH": path, **variables},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path, PROGRAMS / "shop")


@pytest.fixture
def stack(job: Job) -> Job:
    """The job, with the stack that it previews."""
    job.rehearsal.init()
    return job


@pytest.mark.engine
@pytest.mark.parametrize("name", ["github.yml", "gitlab.yml"])
def test_a_bad_program_fails_the_job_and_leaves_every_report(name: str, stack: Job) -> None:
    stack.rehearsal.config = {"shop:sku": "Basic"}
    preview = stack.run(*with_text(name, "pulumi preview"))
    report = preview if name.startswith("gitlab") else stack.run(*with_text(name, "registry-guard report"))
    assert report.returncode == 1, report.stdout + report.stderr
    assert "premium-sku" in report.stdout
    run = json.loads((stack.work / "guard.sarif").read_text())["runs"][0]
    assert {"premium-sku"} <= {r["ruleId"] for r in run["results"]}
    assert "premium-sku" in (stack.work / "guard.md").read_text()
    assert "<failure" in (stack.work / "guard.xml").read_text()


@pytest.mark.engine
def test_a_program_that_passes_passes_the_job(stack: Job) -> None:
    script, variables = with_text("github.yml", "pulumi preview")
    assert stack.run(script, {**variables, "PRESET": "audit"}).returncode == 0
    report = stack.run(*with_text("github.yml", "registry-guard report"))
    assert report.returncode == 0, report.stdout + report.stderr


@pytest.mark.engine
def test_a_preview_that_breaks_fails_the_job(stack: Job) -> None:
    (stack.work / "__main__.py").write_text("raise SystemExit(1)\n")
    assert stack.run(*with_text("github.yml", "pulumi preview")).returncode == 0
    report = stack.run(*with_text("github.yml", "registry-guard report"))
    assert report.returncode == 1, report.stdout + report.stderr
    assert "problem" in report.stdout


@pytest.mark.parametrize(("earlier", "verb"), [("", "POST"), ("https://api.example/comments/7", "PATCH")])
def test_the_comment_on_github_is_made_once_and_then_replaced(earlier: str, verb: str, job: Job) -> None:
    log = job.work / "calls"
    job.stand_in("gh", f'printf "%s\\n" "$*" >> "{log}"; [[ "$*" == *--paginate* ]] && echo "{earlier}"; exit 0')
    (job.work / "guard.md").write_text("<!-- registry-guard -->\nreport\n")
    script, _ = with_text("github.yml", "gh api")
    done = job.run(
        script, {"COMMENTS": "repos/o/r/issues/1/comments", "GITHUB_STEP_SUMMARY": str(job.work / "summary")}
    )
    assert done.returncode == 0, done.stderr
    last = log.read_text().splitlines()[-1]
    assert ("--method PATCH https://api.example/comments/7" in last) is (verb == "PATCH")
    assert "body=@guard.md" in last
    assert "report" in (job.work / "summary").read_text()


@pytest.mark.parametrize(
    ("notes", "verb"), [("[]", "POST"), ('[{"id": 7, "body": "<!-- registry-guard --> x"}]', "PUT")]
)
def test_the_comment_on_gitlab_is_made_once_and_then_replaced(notes: str, verb: str, job: Job) -> None:
    log = job.work / "calls"
    job.stand_in("curl", f"printf '%s\\n' \"$*\" >> '{log}'; [[ $* == *per_page* ]] && echo '{notes}'; exit 0")
    (job.work / "guard.md").write_text("<!-- registry-guard -->\nreport\n")
    script, variables = with_text("gitlab.yml", "GUARD_COMMENT_TOKEN")
    given = {"CI_API_V4_URL": "https://gitlab.example/api/v4", "CI_PROJECT_ID": "3", "CI_MERGE_REQUEST_IID": "5"}
    assert job.run(script, {**variables, **given}).returncode == 0
    assert not log.exists(), "without a token there is no comment"
    done = job.run(script, {**variables, **given, "GUARD_COMMENT_TOKEN": "t"})
    assert done.returncode == 0, done.stderr
    last = log.read_text().splitlines()[-1]
    assert f"--request {verb}" in last
    assert last.endswith("/merge_requests/5/notes/7" if verb == "PUT" else "/merge_requests/5/notes")


@pytest.mark.engine
@pytest.mark.full
def test_the_gates_of_this_repository_write_the_same_reports(tmp_path: Path) -> None:
    script, variables = with_text("gitlab-gate.yml", "make gate")
    log = tmp_path / "guard.ndjson"
    script = script.replace('"$PWD/guard.ndjson"', str(log)).replace(" guard.", f" {tmp_path}/guard.")
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "MAKE", "MFLAGS"))}
    env |= {**variables, "STACK": "prod", "PRESET": "audit", "PRIVATE_REGISTRY_LOCAL": str(tmp_path / "local")}
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((tmp_path / "guard.sarif").read_text())["runs"]
    assert "private-registry/prod-rehearsal" in (tmp_path / "guard.md").read_text()
