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
KINDS: dict[str, str] = {
    **dict.fromkeys(["github.yml", "github-bicep.yml", "github-gate.yml"], "github-workflows"),
    **dict.fromkeys(["gitlab.yml", "gitlab-gate.yml"], "gitlab-ci"),
}


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


@pytest.mark.parametrize("name", ["github.yml", "github-bicep.yml", "gitlab.yml"])
def test_they_install_what_the_base_branch_has_hashed_and_no_name_of_an_index(name: str) -> None:
    installs = [line for script, _ in scripts(name) for line in script.splitlines() if "pip install" in line]
    assert len(installs) == 1
    assert "--require-hashes --only-binary :all: -r ci/registry-guard/requirements.txt" in installs[0]
    assert not re.search(r"uvx|private-registry\[", (EXAMPLES / name).read_text())


def test_a_workflow_with_a_cloud_login_is_not_for_forks() -> None:
    (job,) = document("github.yml")["jobs"].values()
    assert job["if"] == "github.event.pull_request.head.repo.full_name == github.repository"
    (rule,) = document("gitlab.yml")["registry-guard"]["rules"]
    assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in rule["if"]
    (job,) = document("github-bicep.yml")["jobs"].values()
    assert "if" not in job
    assert "id-token" not in job["permissions"]
    assert "secrets." not in (EXAMPLES / "github-bicep.yml").read_text()


@pytest.mark.parametrize("name", ["github.yml", "github-bicep.yml"])
def test_the_judge_comes_from_the_base_branch(name: str) -> None:
    (job,) = document(name)["jobs"].values()
    taken = [step["with"] for step in job["steps"] if "checkout" in step.get("uses", "")]
    assert [(each.get("ref"), each.get("path")) for each in taken] == [
        (None, None),
        ("${{ github.event.pull_request.base.sha }}", "base"),
    ]
    (install,) = [step for step in job["steps"] if "pip install" in step.get("run", "")]
    assert install["working-directory"] == "base"


@pytest.mark.parametrize("name", KINDS)
def test_they_begin_with_baseline_as_the_guide_says(name: str) -> None:
    preset = re.findall(r"^ +PRESET: (\S+)", (EXAMPLES / name).read_text(), re.MULTILINE)
    assert preset == ["baseline"]


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
        self.base()
        self.stand_in("pulumi", f'exec "{ROOT}/bin/local" pulumi "$@"')

    def base(self) -> None:
        """The folder of the guard as the base branch has it, where either workflow finds it; the pull request's own
        copy would let everything pass."""
        folder = "ci/registry-guard"
        for place, text in ((self.work / "base", "{}"), (self.work, '{"all": "disabled"}')):
            (place / folder).mkdir(parents=True)
            (place / folder / "guard.json").write_text(text)
        fetched = f'[ "$1" != archive ] || tar -c -C "{self.work}/base" {folder}'
        self.stand_in("git", fetched)

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


@pytest.mark.full
@pytest.mark.engine
def test_a_preview_that_breaks_fails_the_job(stack: Job) -> None:
    (stack.work / "__main__.py").write_text("raise SystemExit(1)\n")
    assert stack.run(*with_text("github.yml", "pulumi preview")).returncode == 0
    report = stack.run(*with_text("github.yml", "registry-guard report"))
    assert report.returncode == 1, report.stdout + report.stderr
    assert "problem" in report.stdout


def bicep(job: Job, registry: dict[str, Any], **parameters: Any) -> subprocess.CompletedProcess[str]:
    """The Bicep workflow's judgement of a template that `az bicep build` would write."""
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"access": {"type": "string"}},
        "resources": [
            {
                "type": "Microsoft.ContainerRegistry/registries",
                "apiVersion": "2023-07-01",
                "name": "contoso",
                "location": "japaneast",
                "sku": {"name": "Premium"},
                "properties": {
                    "publicNetworkAccess": "[parameters('access')]",
                    "dataEndpointEnabled": True,
                    "policies": {"exportPolicy": {"status": "disabled"}},
                },
                **registry,
            }
        ],
    }
    (job.work / "infra").mkdir()
    (job.work / "built.json").write_text(json.dumps(template))
    given = {"$schema": template["$schema"].replace("Template", "Parameters"), "contentVersion": "1.0.0.0"}
    given["parameters"] = {name: {"value": value} for name, value in parameters.items()}
    (job.work / "infra" / "main.parameters.json").write_text(json.dumps(given))
    (job.work / "base" / "ci" / "registry-guard" / "guard.json").write_text((EXAMPLES / "guard.json").read_text())
    job.stand_in("az", 'cp built.json "$TEMPLATE"')
    built = job.run(*with_text("github-bicep.yml", "az bicep build"))
    assert built.returncode == 0, built.stderr
    return job.run(*with_text("github-bicep.yml", "registry-guard check"))


def test_a_bicep_file_is_built_and_judged(job: Job) -> None:
    done = bicep(job, {"sku": {"name": "Basic"}}, access="Disabled")
    assert (done.returncode, done.stderr) == (1, "")
    assert "premium-sku" in done.stdout
    (run,) = json.loads((job.work / "guard.sarif").read_text())["runs"]
    assert {"premium-sku"} <= {r["ruleId"] for r in run["results"]}
    assert "premium-sku" in (job.work / "guard.md").read_text()
    assert "<failure" in (job.work / "guard.xml").read_text()


def test_a_bicep_file_that_is_right_passes(job: Job) -> None:
    done = bicep(job, {}, access="Disabled")
    assert done.returncode == 0, done.stdout


def test_a_parameter_without_a_value_fails_the_bicep_workflow(job: Job) -> None:
    done = bicep(job, {})
    assert done.returncode == 1
    assert "publicNetworkAccess" in done.stdout
    assert "registry-guard" in (EXAMPLES / "guard.json").read_text()


def test_a_module_that_is_linked_elsewhere_fails_the_bicep_workflow(job: Job) -> None:
    linked = {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2022-09-01",
        "properties": {"mode": "Incremental", "templateLink": {"uri": "https://modules.example/acr.json"}},
    }
    done = bicep(job, linked, access="Disabled")
    assert done.returncode == 1
    assert "escape-hatch" in done.stdout


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
