"""A rehearsal for one test: a folder of its own with Pulumi home, state and cloud, and the commands that run in it."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
MARKER = {
    "azure-native:metadataHost": "localcloud.invalid",
    "azure-native:subscriptionId": "00000000-0000-0000-0000-000000000001",
    "azure-native:location": "japaneast",
}


@dataclass
class Finished:
    """What a command answered; ``text`` is what its user read."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err

    def ok(self) -> Finished:
        assert self.code == 0, f"exit code {self.code}\n{self.text}"
        assert "Traceback" not in self.text, self.text
        return self

    def failed(self) -> Finished:
        assert self.code != 0, f"expected a failure, got\n{self.text}"
        assert "Traceback" not in self.text, self.text
        return self


@dataclass
class Rehearsal:
    """Runs commands of ``project`` in ``folder``; ``config`` is the stack's configuration, to be changed freely."""

    folder: Path
    project: Path = ROOT
    stack: str = "local"
    config: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)

    @property
    def config_file(self) -> Path:
        return self.folder / f"Pulumi.{self.stack}.yaml"

    def environment(self) -> dict[str, str]:
        outside = {k: v for k, v in os.environ.items() if k not in {"LOCALCLOUD_FILE", "LOCALCLOUD_LATENCY"}}
        return {
            **outside,
            "PRIVATE_REGISTRY_LOCAL": str(self.folder),
            "PRIVATE_REGISTRY_CONFIG": str(self.config_file),
            **self.env,
        }

    def write_config(self) -> None:
        """Puts ``config`` where the next command reads it, beside the encryption salt that Pulumi keeps there."""
        written = yaml.safe_load(self.config_file.read_text()) if self.config_file.exists() else {}
        self.config_file.write_text(yaml.safe_dump({**(written or {}), "config": {**MARKER, **self.config}}))

    def command(self, *words: str) -> list[str]:
        return [str(ROOT / "bin" / "local"), *words]

    def run(self, *words: str, timeout: float = 240) -> Finished:
        self.write_config()
        done = subprocess.run(
            self.command(*words),
            cwd=self.project,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def pulumi(self, verb: str, *options: str) -> Finished:
        return self.run("pulumi", verb, "--stack", self.stack, "--non-interactive", *options)

    def init(self) -> Rehearsal:
        # `stack init` writes a configuration file beside Pulumi.yaml whatever it is told: let it do so elsewhere.
        aside = self.folder / "init"
        aside.mkdir(parents=True)
        name = yaml.safe_load((self.project / "Pulumi.yaml").read_text())["name"]
        (aside / "Pulumi.yaml").write_text(yaml.safe_dump({"name": name, "runtime": "yaml"}))
        self.run("pulumi", "stack", "init", self.stack, "--no-select", "--cwd", str(aside)).ok()
        return self

    def up(self, *options: str) -> Finished:
        return self.pulumi("up", "--yes", "--skip-preview", *options)

    def preview(self, *options: str) -> Finished:
        return self.pulumi("preview", *options)

    def steps(self) -> dict[str, str]:
        """What a preview would do: the operation for each resource that it would not leave as it is, by URN name."""
        shown = json.loads(self.pulumi("preview", "--json").ok().out)
        return {s["urn"].rsplit("::", 1)[-1]: s["op"] for s in shown.get("steps", []) if s["op"] != "same"}

    def outputs(self) -> dict[str, Any]:
        return json.loads(self.run("pulumi", "stack", "output", "--json", "--stack", self.stack).ok().out)

    def resources(self) -> list[dict[str, Any]]:
        exported = json.loads(self.run("pulumi", "stack", "export", "--stack", self.stack).ok().out)
        return exported["deployment"].get("resources", [])

    def cloud(self, *words: str) -> Finished:
        return self.run("cloud", *words)

    def cloud_ids(self) -> list[str]:
        return [r["id"] for r in json.loads(self.cloud("ls", "--json").ok().out)]


def stack_config(stack: str) -> dict[str, Any]:
    """The configuration of one of the project's own stacks, without the local cloud's marker."""
    return yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
