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
    **dict.fromkeys(["gitlab.yml", "gitlab-bicep.yml", "gitlab-gate.yml"], "gitlab-ci"),
    "azure-pipelines-bicep.yml": "azure-pipelines",
}
BICEP = ["github-bicep.yml", "gitlab-bicep.yml", "azure-pipelines-bicep.yml"]


def document(name: str) -> dict[Any, Any]:
    return yaml.safe_load((EXAMPLES / name).read_text())


def scripts(name: str) -> list[tuple[str, dict[str, str]]]:
    """The shell scripts of a workflow with the variables that it sets, in order."""
    made = document(name)
    if KINDS[name] == "gitlab-ci":
        jobs = {key: {**made.get(job.get("extends"), {}), **job} for key, job in made.items()}
        return [
            ("\n".join(job[part]), {k: str(v) for k, v in job["variables"].items()})
            for job in jobs.values()
            for part in ("script", "after_script")
            if part in job
        ]
    if KINDS[name] == "azure-pipelines":
        (job,) = made["jobs"]
        return [(step["bash"], made["variables"]) for step in job["steps"] if "bash" in step]
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
    if KINDS[name] == "azure-pipelines":  # its schema has no scalar but strings, since any value may be an expression
        made = yaml.load((EXAMPLES / name).read_text(), yaml.BaseLoader)
    else:  # YAML 1.1 reads the key `on` as true.
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


@pytest.mark.parametrize("name", ["github.yml", "gitlab.yml", *BICEP])
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
    for name in BICEP:
        assert not re.search(r"secrets\.|TOKEN|azureSubscription|serviceConnection", (EXAMPLES / name).read_text())


def test_no_fork_is_judged_on_gitlab_by_its_own_target_branch() -> None:
    (rule,) = document("gitlab-bicep.yml")[".registry-guard"]["rules"]
    assert "$CI_MERGE_REQUEST_PROJECT_ID == $CI_PROJECT_ID" in rule["if"]


def test_azure_pipelines_checks_out_every_branch_and_lets_no_output_of_the_template_command_the_agent() -> None:
    (job,) = document("azure-pipelines-bicep.yml")["jobs"]
    checkout, _, _, judge, *after = job["steps"]
    assert (checkout["checkout"], checkout["fetchDepth"], checkout["persistCredentials"]) == ("self", 0, False)
    assert judge["target"] == {"commands": "restricted", "settableVariables": "none"}
    assert "az bicep build " in judge["bash"]
    assert "registry-guard check" in judge["bash"]
    assert [step["condition"] for step in after] == ["always()"] * 3
    assert [step.get("task") for step in after] == [None, "PublishTestResults@2", "PublishBuildArtifacts@1"]
    assert "continueOnError" not in (EXAMPLES / "azure-pipelines-bicep.yml").read_text()


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


TEMPLATE_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deployment{}.json#"
RIGHT = {"access": "Disabled", "sku": "Premium"}


class Pull:
    """A pull request against main, checked out as each platform does it, with the guard's folder as main has it. The
    pull request's own folder would let everything pass, and its requirements would install something else."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.work = folder / "work"
        self.temp = folder / "temp"
        self.stand_ins = folder / "stand-ins"
        for made in (self.temp, self.stand_ins):
            made.mkdir()
        seed = folder / "seed"
        self.git(folder, "init", "--quiet", "--initial-branch", "main", "seed")
        self.guard_folder(seed, (EXAMPLES / "guard.json").read_text(), "the base's\n")
        self.commit(seed)
        self.git(folder, "clone", "--quiet", str(seed), "work")
        self.git(self.work, "checkout", "--quiet", "-b", "topic")
        self.guard_folder(self.work, '{"all": "disabled"}', "the pull request's\n")
        self.commit(self.work)
        if name.startswith("github"):
            self.git(folder, "clone", "--quiet", str(seed), "work/base")
        self.installed = folder / "installed"
        self.stand_in("pip", f'cat "${{@: -1}}" > "{self.installed}"')
        # `az bicep build` and `build-params`, of files that are JSON but for their first line.
        given = "[[ $1 == bicep && $2 == build* && $3 == --file && $5 == --outfile ]]"
        self.stand_in("az", f'{given} && tail -n +2 "$4" > "$6"')

    def git(self, folder: Path, *arguments: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)

    def commit(self, folder: Path) -> None:
        self.git(folder, "add", "--all")
        self.git(folder, "commit", "--quiet", "--message", "x")

    def guard_folder(self, root: Path, config: str, requirements: str) -> None:
        folder = root / "ci" / "registry-guard"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "guard.json").write_text(config)
        (folder / "requirements.txt").write_text(requirements)

    def stand_in(self, name: str, script: str) -> None:
        path = self.stand_ins / name
        path.write_text(f"#!/usr/bin/env bash\n{script}\n")
        path.chmod(0o755)

    def declare(self, environments: dict[str, dict[str, str]], **registry: Any) -> None:
        """A template of one registry, and a parameters file of infra/ for each environment."""
        declared = {
            "type": "Microsoft.ContainerRegistry/registries",
            "apiVersion": "2023-07-01",
            "name": "contoso",
            "location": "japaneast",
            "sku": {"name": "[parameters('sku')]"},
            "properties": {
                "publicNetworkAccess": "[parameters('access')]",
                "dataEndpointEnabled": True,
                "policies": {"exportPolicy": {"status": "disabled"}},
            },
            **registry,
        }
        template = {
            "$schema": TEMPLATE_SCHEMA.format("Template"),
            "contentVersion": "1.0.0.0",
            "parameters": {"access": {"type": "string"}, "sku": {"type": "string", "defaultValue": "Premium"}},
            "resources": [declared],
        }
        infra = self.work / "infra"
        infra.mkdir()
        (infra / "main.bicep").write_text("targetScope = 'resourceGroup'\n" + json.dumps(template))
        for file, values in environments.items():
            given = {"$schema": TEMPLATE_SCHEMA.format("Parameters"), "contentVersion": "1.0.0.0"}
            parameters = {name: {"value": value} for name, value in values.items()}
            first = "using './main.bicep'\n" if file.endswith(".bicepparam") else ""
            (infra / file).write_text(first + json.dumps({**given, "parameters": parameters}))

    def run(self, target: str = "main") -> subprocess.CompletedProcess[str]:
        """Runs the scripts until one fails, and the one that writes the summary always."""
        outer = {k: v for k, v in os.environ.items() if not k.startswith(("REGISTRY_GUARD_", "GIT_"))}
        outer |= {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": target, "GITHUB_STEP_SUMMARY": str(self.temp / "summary")}
        outer |= {"AGENT_TEMPDIRECTORY": str(self.temp), "SYSTEM_PULLREQUEST_TARGETBRANCH": f"refs/heads/{target}"}
        outer["PATH"] = f"{self.stand_ins}:{ROOT}/.venv/bin:{os.environ['PATH']}"
        # GitHub has -e for its scripts, GitLab that and pipefail, Azure Pipelines neither.
        strict = {"github": ["-e"], "gitlab": ["-eo", "pipefail"], "azure-": []}[self.name[:6]]
        out, err, code = "", "", 0
        for script, variables in scripts(self.name):
            if code and not re.search("GITHUB_STEP_SUMMARY|uploadsummary", script):
                continue
            in_base = self.name.startswith("github") and "pip install" in script
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", *strict, "-c", script],
                cwd=self.work / "base" if in_base else self.work,
                env={**outer, **variables},
                capture_output=True,
                text=True,
                check=False,
            )
            out, err, code = out + done.stdout, err + done.stderr, code or done.returncode
        return subprocess.CompletedProcess([], code, out, err)

    def reports(self, ending: str) -> dict[str, str]:
        return {path.name: path.read_text() for path in (self.work / "reports").glob(f"infra-*{ending}")}


def fast(name: str) -> Any:
    """The workflows' parameters, of which one is in the fast set."""
    return [pytest.param(each, marks=[] if each == name else pytest.mark.full) for each in BICEP]


@pytest.fixture(params=BICEP)
def pull(request: pytest.FixtureRequest, tmp_path: Path) -> Pull:
    return Pull(request.param, tmp_path)


def summary(pull: Pull, done: subprocess.CompletedProcess[str]) -> str:
    """What the platform shows beside the run."""
    if pull.name.startswith("github"):
        return (pull.temp / "summary").read_text()
    (line,) = [line for line in done.stdout.splitlines() if "##vso" in line]
    return Path(line.removeprefix("##vso[task.uploadsummary]")).read_text()


def test_each_environment_of_a_bicep_file_is_judged_and_one_that_fails_fails_the_job(pull: Pull) -> None:
    pull.declare({"a dev.bicepparam": {**RIGHT, "sku": "Basic"}, "test.parameters.json": RIGHT})
    done = pull.run()
    assert done.returncode == 1, done.stdout + done.stderr
    assert pull.installed.read_text() == "the base's\n"
    assert done.stdout.count("premium-sku") == 1
    failed = {name: "<failure" in text for name, text in pull.reports(".xml").items()}
    assert failed == {"infra-a dev.bicepparam.xml": True, "infra-test.parameters.json.xml": False}
    runs = [json.loads(text)["runs"] for text in pull.reports(".sarif").values()]
    assert [result["ruleId"] for (run,) in runs for result in run["results"]] == ["premium-sku"]
    assert len(runs) == len(pull.reports(".md")) == 2
    if pull.name.startswith("github"):
        assert {run["automationDetails"]["id"] for (run,) in runs} == {
            "registry-guard/check/infra/a dev.bicepparam/",
            "registry-guard/check/infra/test.parameters.json/",
        }
    if not pull.name.startswith("gitlab"):
        text = summary(pull, done)
        headings = [line for line in text.splitlines() if line.startswith("## ")]
        assert headings == ["## infra/a dev.bicepparam", "## infra/test.parameters.json"]
        assert "premium-sku" in text


@pytest.mark.parametrize("pull", fast("azure-pipelines-bicep.yml"), indirect=True)
def test_a_bicep_file_that_is_right_in_every_environment_passes(pull: Pull) -> None:
    pull.declare({"prod.bicepparam": RIGHT})
    done = pull.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "<failure" not in pull.reports(".xml")["infra-prod.bicepparam.xml"]


@pytest.mark.parametrize("name", ["azure-pipelines-bicep.yml"])
def test_the_target_branch_is_named_in_full_by_azure_repos_and_in_short_by_github(name: str, tmp_path: Path) -> None:
    pull = Pull(name, tmp_path)
    pull.declare({"prod.bicepparam": RIGHT})
    (script, variables) = with_text(name, "pip install")
    for target in ("main", "refs/heads/main"):
        pull.installed.unlink(missing_ok=True)
        path = f"{pull.stand_ins}:{os.environ['PATH']}"
        given = {"AGENT_TEMPDIRECTORY": str(pull.temp), "SYSTEM_PULLREQUEST_TARGETBRANCH": target, "PATH": path}
        subprocess.run(["bash", "-c", script], cwd=pull.work, env={**variables, **given}, check=True)
        assert pull.installed.read_text() == "the base's\n"


def test_without_the_guards_folder_in_the_target_branch_nothing_passes(pull: Pull) -> None:
    pull.declare({"prod.bicepparam": RIGHT})
    seed = pull.work.parent / "seed"
    pull.git(seed, "rm", "-r", "--quiet", "ci")
    pull.git(seed, "commit", "--quiet", "--message", "x")
    for clone in {pull.work, pull.work / "base"}:
        if (clone / ".git").is_dir():
            pull.git(clone, "fetch", "--quiet", "origin")
    if pull.name.startswith("github"):
        pull.git(pull.work / "base", "checkout", "--quiet", "origin/main")
    assert pull.run().returncode != 0
    assert not (pull.work / "reports").exists()


def test_parameters_files_that_no_pattern_matches_fail_the_job(pull: Pull) -> None:
    pull.declare({"prod.json": RIGHT})
    done = pull.run()
    assert done.returncode == 1
    assert "No parameters file matches infra/*.bicepparam infra/*.parameters.json" in done.stdout


@pytest.mark.parametrize("broken", ["build", "build-params"])
def test_a_file_that_cannot_be_built_fails_the_job_whatever_was_built_before(pull: Pull, broken: str) -> None:
    pull.declare({"prod.bicepparam": RIGHT})
    for source, built in (("main.bicep", "main.json"), ("prod.bicepparam", "prod.bicepparam.json")):
        _, earlier = (pull.work / "infra" / source).read_text().split("\n", 1)
        (pull.work / "infra" / built).write_text(earlier)
    pull.stand_in("az", f'[[ $2 != {broken} ]] && tail -n +2 "$4" > "$6"')
    assert pull.run().returncode != 0
    assert pull.reports(".xml") == {}


@pytest.mark.parametrize("pull", fast("github-bicep.yml"), indirect=True)
def test_a_parameter_without_a_value_fails_the_bicep_workflows(pull: Pull) -> None:
    pull.declare({"prod.bicepparam": {"sku": "Premium"}})
    done = pull.run()
    assert done.returncode == 1
    assert "publicNetworkAccess" in done.stdout


@pytest.mark.parametrize("pull", fast("gitlab-bicep.yml"), indirect=True)
def test_a_module_that_is_linked_elsewhere_fails_the_bicep_workflows(pull: Pull) -> None:
    linked = {"mode": "Incremental", "templateLink": {"uri": "https://modules.example/acr.json"}}
    pull.declare({"prod.bicepparam": RIGHT}, type="Microsoft.Resources/deployments", properties=linked)
    done = pull.run()
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
