"""Our Python language host under the real engine, and alone behind its protocol."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pulumi
import pytest
import yaml
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = {"name": "python", "options": {"toolchain": "pip", "virtualenv": "../virtualenv"}}

pytestmark = pytest.mark.engine


def make_virtualenv(directory: Path) -> Path:
    """An environment with the Pulumi SDK but no provider's, made for one test: what is under test installs into it."""
    venv.create(directory, symlinks=True)
    (site,) = directory.glob("lib/python*/site-packages")
    for installed in Path(pulumi.__file__).parents[1].iterdir():
        if not installed.name.startswith(("pulumi_azure_native", "pulumi_alicloud")) and installed.suffix != ".pth":
            (site / installed.name).symlink_to(installed)
    return site


COMPONENT = '''
import os
import pathlib
import signal
from typing import TypedDict

import pulumi
from pulumi.provider.experimental import component_provider_host


class GreetingArgs(TypedDict):
    who: pulumi.Input[str]
    """Who is greeted."""


class Greeting(pulumi.ComponentResource):
    text: pulumi.Output[str]
    """The greeting."""

    def __init__(self, name: str, args: GreetingArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("greeter:index:Greeting", name, {"who": args["who"]}, opts)
        self.text = pulumi.Output.concat("hello ", args["who"])
        self.register_outputs({"text": self.text})


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: (pathlib.Path(__file__).with_name("left").touch(), os._exit(0)))
    component_provider_host(name="greeter", components=[Greeting])
'''

PACK = """
import os
import pathlib
import signal

from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy


def judge(args, report):
    if args.props.get("who") == "nobody":
        report("greet somebody")


signal.signal(signal.SIGTERM, lambda *_: (pathlib.Path(__file__).with_name("left").touch(), os._exit(0)))
PolicyPack("polite", [ResourceValidationPolicy("greets", "Greets somebody", judge, EnforcementLevel.MANDATORY)])
"""

PROGRAM = """
import pulumi


class Greeting(pulumi.ComponentResource):
    text: pulumi.Output[str]

    def __init__(self, name, who):
        super().__init__("greeter:index:Greeting", name, {"who": who, "text": None}, remote=True)


config = pulumi.Config()
print("the program says hello")
greeting = Greeting("greeting", config.get("who") or "world")
pulumi.export("text", greeting.text)
pulumi.export("token", config.get_secret("token"))
"""

# Everything that a deployment starts is running: program, a process of its own, policy pack and component provider.
LONG_PROGRAM = (
    PROGRAM
    + """
import asyncio, pathlib, subprocess, sys

async def linger(text):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(90)", "grandchild"])
    pathlib.Path("running").touch()
    await asyncio.sleep(90)

pulumi.export("lingered", greeting.urn.apply(linger))
"""
)


class Project:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.program = root / "program"
        self.site = make_virtualenv(root / "virtualenv")
        for name, file, content in (
            ("program", "Pulumi.yaml", {"name": "hosted", "runtime": RUNTIME, "packages": {"greeter": "../greeter"}}),
            ("greeter", "PulumiPlugin.yaml", {"name": "greeter", "runtime": RUNTIME}),
            ("pack", "PulumiPolicy.yaml", {"runtime": RUNTIME}),
        ):
            (root / name).mkdir()
            (root / name / file).write_text(yaml.safe_dump(content))
        (root / "greeter/__main__.py").write_text(COMPONENT)
        (root / "pack/__main__.py").write_text(PACK)
        (self.program / "__main__.py").write_text(PROGRAM)
        (root / "state").mkdir()
        self.env = os.environ | {
            "PULUMI_HOME": str(root / "home"),
            "PULUMI_BACKEND_URL": f"file://{root}/state",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ROOT / "bin/pulumi", *arguments, "--non-interactive"],
            cwd=self.program,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def start(self, *arguments: str, stdout: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [ROOT / "bin/pulumi", *arguments, "--non-interactive"],
            cwd=self.program,
            env=self.env,
            stdout=stdout,
            stderr=subprocess.DEVNULL,
        )


@pytest.fixture(scope="session")
def host_binary() -> Path:
    """The language host that bin/pulumi built; the official CLI brings another one, which these tests are not about."""
    where = os.environ | {"PRIVATE_REGISTRY_PULUMI_WHERE": "1"}
    cli = subprocess.run([ROOT / "bin/pulumi"], env=where, capture_output=True, text=True, check=True).stdout.strip()
    if not re.fullmatch(r"[0-9.]+-[0-9a-f]{12}", Path(cli).parents[1].name):
        pytest.skip(f"{cli} brings its own language host")
    return Path(cli).parent / "pulumi-language-python"


@pytest.fixture
def project(tmp_path: Path, host_binary: Path) -> Project:
    project = Project(tmp_path)
    created = project.pulumi("stack", "init", "test")
    assert created.returncode == 0, created.stderr
    return project


def test_program_policy_pack_and_component_provider_run(project: Project) -> None:
    project.pulumi("config", "set", "who", "you")
    project.pulumi("config", "set", "--secret", "token", "s3cret")
    up = project.pulumi("up", "--yes", "--skip-preview", "--policy-pack", "../pack")
    assert up.returncode == 0, up.stdout + up.stderr
    assert "the program says hello" in up.stdout
    assert "polite" in up.stdout
    assert "warning" not in up.stdout + up.stderr
    outputs = project.pulumi("stack", "output", "--json", "--show-secrets")
    assert json.loads(outputs.stdout) == {"text": "hello you", "token": "s3cret"}

    again = project.pulumi("preview", "--expect-no-changes", "--policy-pack", "../pack")
    assert again.returncode == 0, again.stdout + again.stderr


def test_no_command_waits_for_a_plugin_at_its_end(project: Project) -> None:
    """The engine waits 5 s, at the end of every command, for a plugin that does not leave when asked, and kills it."""
    preview = project.pulumi("preview", "--policy-pack", "../pack")
    assert preview.returncode == 0, preview.stdout + preview.stderr
    assert (project.root / "greeter/left").exists()
    assert (project.root / "pack/left").exists()


def test_a_mandatory_policy_blocks(project: Project) -> None:
    project.pulumi("config", "set", "who", "nobody")
    up = project.pulumi("up", "--yes", "--skip-preview", "--policy-pack", "../pack")
    assert up.returncode != 0
    assert "greet somebody" in up.stdout


def test_a_failing_program_shows_its_own_traceback_once(project: Project) -> None:
    (project.program / "__main__.py").write_text("def broken():\n    raise RuntimeError('on purpose')\n\n\nbroken()\n")
    preview = project.pulumi("preview")
    assert preview.returncode != 0
    shown = re.sub(r"(?s)^.*Diagnostics:", "", preview.stdout)
    assert shown.count("RuntimeError: on purpose") == 1
    assert "pulumi-language-python-exec" not in shown
    assert "non-zero exit code" not in shown


def test_an_exit_code_of_the_program_is_told(project: Project) -> None:
    (project.program / "__main__.py").write_text("import os\nos._exit(5)\n")
    assert "Program exited with non-zero exit code: 5" in project.pulumi("preview").stdout


def test_wrong_runtime_options_are_all_named(project: Project) -> None:
    options = {"virtualenv": 3, "toolchain": "conda", "typechecker": "ty"}
    (project.program / "Pulumi.yaml").write_text(
        yaml.safe_dump({"name": "hosted", "runtime": {"name": "python", "options": options}})
    )
    shown = project.pulumi("preview").stderr
    assert "runtime option virtualenv: 3 is not a text" in shown
    assert 'runtime option toolchain: "conda" is not one of pip, uv, poetry' in shown
    assert 'runtime option typechecker: "ty" is not one of mypy, pyright' in shown


def processes_of(project: Project) -> dict[int, str]:
    """Processes with a working directory or an argument in the project's folder, or that such a process started."""
    found: dict[int, str] = {}
    parents: dict[int, int] = {}
    lines: dict[int, str] = {}
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            words = (process / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
            number = int(process.name)
            parents[number] = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            lines[number] = words
            if str(project.root) in words or str(project.root) in str((process / "cwd").readlink()):
                found[number] = words
    while added := {n: lines[n] for n, parent in parents.items() if parent in found and n not in found}:
        found |= added
    return {number: words for number, words in found.items() if words}


@pytest.fixture
def deploying(project: Project) -> Iterator[tuple[Project, subprocess.Popen[bytes], dict[int, str]]]:
    (project.program / "__main__.py").write_text(LONG_PROGRAM)
    engine = project.start("up", "--yes", "--skip-preview", "--policy-pack", "../pack")
    started = project.program / "running"
    for _ in range(600):
        if started.exists() or engine.poll() is not None:
            break
        time.sleep(0.05)
    assert started.exists(), "the program did not start"
    family = processes_of(project)
    for part in ("pulumi-language-python ", "pulumi-language-python-exec", "pulumi.policy", "/greeter", "grandchild"):
        assert any(part in words for words in family.values()), f"{part} does not run: {family}"
    yield project, engine, family
    for number in processes_of(project):
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    engine.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc; elsewhere the end of the host is polled for")
def test_nothing_outlives_a_killed_engine(
    deploying: tuple[Project, subprocess.Popen[bytes], dict[int, str]],
) -> None:
    project, engine, _ = deploying
    engine.kill()
    engine.wait()
    deadline = time.monotonic() + 30
    while (left := processes_of(project)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert left == {}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_interrupt_ends_everything(
    deploying: tuple[Project, subprocess.Popen[bytes], dict[int, str]],
) -> None:
    project, engine, _ = deploying
    engine.send_signal(signal.SIGINT)
    assert engine.wait(timeout=60) != 0
    assert (project.root / "greeter/left").exists(), "it was killed, for which the engine waits 5 s"
    assert processes_of(project) == {}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_outlives_a_killed_language_host(
    deploying: tuple[Project, subprocess.Popen[bytes], dict[int, str]],
) -> None:
    project, engine, family = deploying
    (host,) = [number for number, words in family.items() if "pulumi-language-python 127" in words]
    os.kill(host, signal.SIGKILL)
    assert engine.wait(timeout=20) != 0
    assert {number: words for number, words in processes_of(project).items() if "grandchild" not in words} == {}


@pytest.mark.full
def test_package_add_leaves_an_existing_environment_as_it_is(project: Project) -> None:
    """The toolchain package alone would run `python -m venv` over it, which breaks one that uv made."""
    for directory in ("program", "greeter"):
        (project.root / directory / "requirements.txt").write_text("pulumi>=3\n")
    configuration = project.root / "virtualenv/pyvenv.cfg"
    configuration.write_text(configuration.read_text() + "made-by = a test\n")
    before = configuration.read_text()
    added = project.pulumi("package", "add", "../greeter")
    assert added.returncode == 0, added.stdout + added.stderr
    assert configuration.read_text() == before
    assert "import pulumi_greeter" in added.stdout
    assert "class Greeting" in (project.program / "sdks/greeter/pulumi_greeter/greeting.py").read_text()
    assert "sdks/greeter" in (project.program / "requirements.txt").read_text().splitlines()
    assert (project.site / "pulumi_greeter").exists()


class Host:
    """A language host without an engine, spoken to directly."""

    def __init__(self, binary: Path, *arguments: str) -> None:
        self.process = subprocess.Popen([binary, *arguments], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.channel = grpc.insecure_channel(f"127.0.0.1:{self.port}")
        self.stub = language_pb2_grpc.LanguageRuntimeStub(self.channel)

    def close(self) -> None:
        self.channel.close()
        self.process.kill()
        self.process.wait()


@pytest.fixture
def host(host_binary: Path) -> Iterator[Host]:
    host = Host(host_binary)
    yield host
    host.close()


def info(directory: Path, **options: str) -> language_pb2.ProgramInfo:
    struct = struct_pb2.Struct()
    struct.update(options)
    return language_pb2.ProgramInfo(
        root_directory=str(directory), program_directory=str(directory), entry_point=".", options=struct
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_leaves_when_told_by_a_signal(host: Host, number: signal.Signals) -> None:
    host.process.send_signal(number)
    assert host.process.wait(timeout=30) == 0


def wait_for(path: Path) -> None:
    for _ in range(400):
        if path.exists():
            return
        time.sleep(0.025)
    pytest.fail(f"{path} did not come within 10 s")


def lingering_plugin(directory: Path, first: str = "") -> Path:
    directory.mkdir()
    (directory / "__main__.py").write_text(
        f"{first}\nimport os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\n"
        "pathlib.Path('ready').touch()\ntime.sleep(60)\n"
    )
    return directory


def ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def run_plugin(host: Host, directory: Path, *arguments: str, kind: str = "resource") -> Any:
    return host.stub.RunPlugin(
        language_pb2.RunPluginRequest(
            pwd=str(directory),
            args=arguments,
            kind=kind,
            env=[f"{name}={value}" for name, value in os.environ.items()],
            info=info(directory, toolchain="pip", virtualenv=str(ROOT / ".venv")),
        )
    )


def test_cancel_ends_what_runs_and_then_the_host(host: Host, tmp_path: Path) -> None:
    plugin = lingering_plugin(tmp_path / "plugin")
    call = run_plugin(host, plugin)
    wait_for(plugin / "ready")
    host.stub.Cancel(empty_pb2.Empty())
    assert host.process.wait(timeout=30) == 0
    assert ended(int((plugin / "pid").read_text()))
    with pytest.raises(grpc.RpcError):
        list(call)


def test_cancelling_one_call_ends_its_plugin_alone(host: Host, tmp_path: Path) -> None:
    first = lingering_plugin(tmp_path / "first", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    second = lingering_plugin(tmp_path / "second")
    calls = [run_plugin(host, first), run_plugin(host, second)]
    for plugin in (first, second):
        wait_for(plugin / "ready")
    calls[0].cancel()
    deadline = time.monotonic() + 30
    while not ended(int((first / "pid").read_text())) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert ended(int((first / "pid").read_text()))
    assert not ended(int((second / "pid").read_text()))


def test_a_plugins_output_and_exit_code_are_streamed(host: Host, tmp_path: Path) -> None:
    plugin = tmp_path / "plugin"
    plugin.mkdir()
    (plugin / "__main__.py").write_text(
        "import sys\nprint('out', sys.argv[1:])\nprint('err', file=sys.stderr)\nsys.exit(3)\n"
    )
    out, err, code = b"", b"", None
    for message in run_plugin(host, plugin, "127.0.0.1:1", "more"):
        kind = message.WhichOneof("output")
        out += message.stdout if kind == "stdout" else b""
        err += message.stderr if kind == "stderr" else b""
        code = message.exitcode if kind == "exitcode" else code
    assert (out, err, code) == (b"out ['127.0.0.1:1', 'more']\n", b"err\n", 3)


def test_what_a_plugin_leaves_behind_ends_with_it(host: Host, tmp_path: Path) -> None:
    plugin = tmp_path / "plugin"
    plugin.mkdir()
    (plugin / "__main__.py").write_text(
        "import subprocess, sys\n"
        "code = 'import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)'\n"
        "left = subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE)\n"
        "left.stdout.readline()\n"
        "print(left.pid)\n"
    )
    messages = list(run_plugin(host, plugin))
    left = int(b"".join(message.stdout for message in messages))
    assert messages[-1].exitcode == 0
    deadline = time.monotonic() + 30
    while not ended(left) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert ended(left)


def test_it_leaves_with_the_process_that_started_it(host_binary: Path, tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import pathlib, subprocess, sys\n"
            "host = subprocess.Popen([sys.argv[1]], stdout=subprocess.PIPE)\n"
            "host.stdout.readline()\n"
            "print(host.pid, flush=True)\n"
            "host.wait()",
            host_binary,
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    host = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 30
    while not ended(host) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert ended(host)


@pytest.mark.full
def test_it_leaves_with_its_engine(host_binary: Path) -> None:
    engine = grpc.server(ThreadPoolExecutor(1))
    port = engine.add_insecure_port("127.0.0.1:0")
    engine.start()
    started = Host(host_binary, f"127.0.0.1:{port}")
    time.sleep(2.5)
    assert started.process.poll() is None, "it left although the engine answers"
    engine.stop(0).wait()
    assert started.process.wait(timeout=60) == 0
    started.close()


def fake_environment(root: Path) -> tuple[Path, Path]:
    """A virtual environment's site-packages, and a directory that an editable installation adds to it."""
    site = root / "environment/lib/python3.11/site-packages"
    editable = root / "source"
    site.mkdir(parents=True)
    editable.mkdir()
    (site / "_editable.pth").write_text(f"import something\n# comment\n{editable}\n")
    return site, editable


def add_package(
    site: Path, name: str, version: str, plugin: dict[str, Any] | None = None, requires: tuple[str, ...] = ()
) -> None:
    metadata = site / f"{name}-{version}.dist-info"
    metadata.mkdir()
    lines = [f"Name: {name.replace('_', '-')}", f"Version: {version}", *(f"Requires-Dist: {r}" for r in requires)]
    (metadata / "METADATA").write_text("\n".join(["Metadata-Version: 2.4", *lines, "", "Text: no header"]))
    (site / name).mkdir()
    if plugin:
        (site / name / "pulumi-plugin.json").write_text(json.dumps(plugin))


def test_required_packages_come_from_the_plugin_files_of_the_environment(host: Host, tmp_path: Path) -> None:
    site, editable = fake_environment(tmp_path)
    add_package(site, "pulumi_random", "4.1.0", {"resource": True})
    add_package(
        site,
        "pulumi_cloud",
        "2.0.0",
        {"resource": True, "name": "cloud-native", "version": "2.0.1", "server": "https://x"},
    )
    add_package(site, "pulumi_policy", "1.0.0", {"resource": False})
    add_package(site, "requests", "2.0.0")
    add_package(editable, "pulumi_mine", "0.1.0", {"resource": True})
    add_package(editable, "pulumi_random", "9.9.9", {"resource": True})
    add_package(site, "pulumi_next", "1.0.0rc1", {"resource": True})
    request = language_pb2.GetRequiredPackagesRequest(
        info=info(tmp_path, toolchain="pip", virtualenv="environment"),
    )
    found = {(p.name, p.version, p.server, p.kind) for p in host.stub.GetRequiredPackages(request).packages}
    assert found == {
        ("random", "v4.1.0", "", "resource"),
        ("cloud-native", "v2.0.1", "https://x", "resource"),
        ("mine", "v0.1.0", "", "resource"),
    }


def test_dependencies_are_all_or_those_that_nothing_requires(host: Host, tmp_path: Path) -> None:
    site, _ = fake_environment(tmp_path)
    add_package(site, "Top_Level", "1.0", requires=("needed (>=2) ; python_version > '3'", "extra; extra == 'dev'"))
    add_package(site, "needed", "2.0")
    add_package(site, "extra", "3.0")

    def ask(transitive: bool) -> dict[str, str]:
        request = language_pb2.GetProgramDependenciesRequest(
            info=info(tmp_path, toolchain="pip", virtualenv="environment"), transitiveDependencies=transitive
        )
        return {d.name: d.version for d in host.stub.GetProgramDependencies(request).dependencies}

    assert ask(transitive=True) == {"top-level": "1.0", "needed": "2.0", "extra": "3.0"}
    assert ask(transitive=False) == {"top-level": "1.0", "extra": "3.0"}


def test_a_missing_environment_is_named_with_what_to_do(project: Project) -> None:
    options = {"toolchain": "pip", "virtualenv": "nowhere"}
    (project.program / "Pulumi.yaml").write_text(
        yaml.safe_dump({"name": "hosted", "runtime": {"name": "python", "options": options}})
    )
    preview = project.pulumi("preview")
    assert preview.returncode != 0
    assert "The 'virtualenv' option in Pulumi.yaml is set to \"nowhere\"" in preview.stdout


@pytest.mark.full
@pytest.mark.skipif(shutil.which("go") is None, reason="builds the generator")
def test_sdks_of_other_languages_are_generated_without_their_hosts(tmp_path: Path) -> None:
    schema = tmp_path / "schema.json"
    resource = {"isComponent": True, "properties": {"text": {"type": "string"}}, "required": ["text"]}
    schema.write_text(
        json.dumps({"name": "greeter", "version": "1.2.3", "resources": {"greeter:index:Greeting": resource}})
    )

    def generate(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["go", "run", "./sdkgen", *arguments],
            cwd=ROOT / "tools/pulumi",
            env=os.environ | {"GOTOOLCHAIN": "local", "GOWORK": "off"},
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )

    for language, file in (("nodejs", "greeting.ts"), ("go", "greeter/greeting.go")):
        made = generate(language, schema, tmp_path / language)
        assert made.returncode == 0, made.stderr
        assert "greeter:index:Greeting" in (tmp_path / language / file).read_text()
    assert 'language "java": give nodejs or go' in generate("java", schema, tmp_path / "java").stderr


def test_what_it_does_not_do_is_said(host: Host) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        host.stub.Pack(language_pb2.PackRequest())
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED
