"""Deploys a real stack's configuration into the local cloud: ``python -m localcloud.rehearse prod``.

The rehearsal is a stack of its own, ``prod-rehearsal``, with state and cloud of their own, made anew each time: it is
created from nothing, beside what ``localcloud/estates/prod.yaml`` says is there before (a network or a zone that the
stack is given by id). It is deployed with the policy pack, and deployed again, when nothing may change.
With ``--preview`` it stops after the preview: that is the gate for pull requests. It previews an update of what the
last rehearsal deployed, where there is one, and a registry that would be deleted or replaced is refused.

What differs from the real stack: it is marked local, credentials are left out, and a secret of the configuration,
which only the real stack's key can open, is replaced by a placeholder, in objects and lists too. Each is reported.

Exit codes: 0 all well; 1 a deployment failed, a policy forbade it, or the second one changed something; 2 bad usage.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
# What marks a stack as local, by provider.
MARKERS = {
    "azure-native": {"azure-native:metadataHost": "localcloud.invalid"},
    "alicloud": {"alicloud:protocol": "localcloud.invalid"},
}
# Of the providers' settings only these mean something to the local cloud; the others are credentials and their like.
PROVIDER_SETTINGS = {
    "azure-native:location",
    "azure-native:subscriptionId",
    "alicloud:accountId",
    "alicloud:region",
}
# Fits where text is meant and where an address is, such as a webhook's; `.invalid` never resolves (RFC 2606).
SECRET_PLACEHOLDER = "https://placeholder-of-a-secret.invalid"  # noqa: S105 - the word says what it stands for

_LOSSES = "registry-kept"  # the guard's rule on what an update deletes or replaces


_NOT_JUDGED = (
    "rehearse: what an update would delete or replace is NOT judged: this preview begins from nothing. Judge it with "
    "`make rehearse STACK={stack}` on the main branch and `make gate STACK={stack}` on the change, or with "
    "`registry-guard check` on `pulumi preview --json --show-sames` of the real stack"
)


def rehearsal_config(config: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """A real stack's configuration, made fit for the local cloud, and a note on each thing that was changed."""
    notes: list[str] = []
    values: dict[str, Any] = {}
    given = config.get("config") or {}
    for key, value in given.items():
        if key.partition(":")[0] in MARKERS and key not in PROVIDER_SETTINGS:
            notes.append(f"{key}: left out, the local cloud asks for no credentials")
        else:
            values[key] = _without_secrets(value, key, notes)
    # Azure's marker on every stack: a program may use a provider that its configuration does not name.
    used = {"azure-native", *(key.partition(":")[0] for key in given)}
    markers = {key: value for provider, marker in MARKERS.items() if provider in used for key, value in marker.items()}
    return {"config": {**values, **markers}}, notes


def _without_secrets(value: Any, path: str, notes: list[str]) -> Any:
    """A value of the configuration with a placeholder for each secret in it, at any depth; ``notes`` gets their paths.

    ``secure: ...`` alone in an object is a secret to Pulumi wherever it stands (``pulumi config set --secret --path``).
    """
    if isinstance(value, dict):
        if set(value) == {"secure"}:
            notes.append(f"{path}: a secret, replaced by the placeholder '{SECRET_PLACEHOLDER}'")
            return SECRET_PLACEHOLDER
        return {name: _without_secrets(inner, f"{path}.{name}", notes) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_secrets(inner, f"{path}[{index}]", notes) for index, inner in enumerate(value)]
    return value


class Rehearsal:
    """One real stack's rehearsal: its folder, its configuration, and the commands that run in it."""

    def __init__(self, stack: str, project: Path, start: str) -> None:
        """``start``: ``nothing``, ``last`` (what the last rehearsal deployed) or ``any`` (that, where there is one).

        Raises SystemExit with a message when there is no such stack, or nothing to start from.
        """
        self.stack = f"{stack}-rehearsal"
        self.project = project
        self.folder = Path(os.environ.get("PRIVATE_REGISTRY_LOCAL", ROOT / ".local")) / "rehearsals" / stack
        self.config_file = self.folder / f"Pulumi.{self.stack}.yaml"
        self.estate = ROOT / "localcloud" / "estates" / f"{stack}.yaml"
        source = project / f"Pulumi.{stack}.yaml"
        if not source.exists():
            known = sorted(f.name.split(".")[1] for f in project.glob("Pulumi.*.yaml"))
            problem = f"no stack '{stack}': {source.name} does not exist; stacks: {', '.join(known)}"
            print(f"rehearse: {problem}", file=sys.stderr)
            raise SystemExit(2)
        if start == "last" and not self._is_deployed():
            problem = f"no rehearsal of '{stack}' is deployed; run `make rehearse STACK={stack}` first"
            print(f"rehearse: --from last: {problem}", file=sys.stderr)
            raise SystemExit(2)
        self.continues = start != "nothing" and self._is_deployed()
        if not self.continues:
            for made in (self.folder / "state", *self.folder.glob("cloud.sqlite*")):
                if made.is_dir():
                    shutil.rmtree(made)
                else:
                    made.unlink(missing_ok=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        for private in (self.folder, self.folder.parent, self.folder.parent.parent):
            private.chmod(0o700)
        config, self.notes = rehearsal_config(yaml.safe_load(source.read_text()) or {})
        # The configuration is today's, whatever is kept; only the salt belongs to the kept state.
        kept = self.continues and self.config_file.exists()
        held = yaml.safe_load(self.config_file.read_text()) if kept else None
        salt = {key: value for key, value in (held or {}).items() if key == "encryptionsalt"}
        self.config_file.write_text(yaml.safe_dump({**salt, **config}, sort_keys=False))

    def _is_deployed(self) -> bool:
        """Whether the last rehearsal left resources; a state that cannot be read is Pulumi's to explain."""
        for state in (self.folder / "state" / ".pulumi" / "stacks").glob(f"*/{self.stack}.json"):
            try:
                latest = json.loads(state.read_text())["checkpoint"]["latest"]
            except (ValueError, KeyError, TypeError):
                return True
            return any(each.get("custom") for each in (latest or {}).get("resources") or ())
        return False

    def run(self, *command: str, capture: bool = False) -> subprocess.CompletedProcess[str]:
        env = {
            **{k: v for k, v in os.environ.items() if k != "LOCALCLOUD_FILE"},
            "PRIVATE_REGISTRY_LOCAL": str(self.folder),
            "PRIVATE_REGISTRY_CONFIG": str(self.config_file),
        }
        return subprocess.run(
            [str(ROOT / "bin" / "local"), *command],
            cwd=self.project,
            env=env,
            check=False,
            text=True,
            stdout=subprocess.PIPE if capture else None,
        )

    def prepare(self) -> bool:
        """Makes the stack and what its estate file says exists before it."""
        listed = self.run("pulumi", "stack", "ls", "--json", capture=True)
        if listed.returncode:
            return False
        known = {entry["name"] for entry in json.loads(listed.stdout)}
        if self.stack not in known and not self._init():
            return False
        if self.estate.exists():
            print(f"rehearse: what exists beforehand is in {self.estate.relative_to(ROOT)}")
            return self.run("cloud", "seed", str(self.estate)).returncode == 0
        return True

    def _init(self) -> bool:
        # `stack init` writes a configuration file beside Pulumi.yaml whatever it is told: let it do so elsewhere.
        aside = self.folder / "init"
        aside.mkdir(exist_ok=True)
        project = yaml.safe_load((self.project / "Pulumi.yaml").read_text())
        (aside / "Pulumi.yaml").write_text(yaml.safe_dump({"name": project["name"], "runtime": "yaml"}))
        command = ("pulumi", "stack", "init", self.stack, "--no-select", "--cwd", str(aside))
        return self.run(*command, capture=True).returncode == 0

    def loses_nothing(self, pack_config: str | None) -> bool:
        """Whether a deployment would keep every registry that the last one made; the guard says what it would not."""
        preview = self.run("pulumi", "preview", "--json", "--show-sames", "--stack", self.stack, capture=True)
        given = json.loads(Path(pack_config).read_text()) if pack_config else {}
        entries = {key: given[key] for key in (_LOSSES, "registry-guard") if key in given}
        preview_file, config_file = self.folder / "preview.json", self.folder / "losses.json"
        preview_file.write_text(preview.stdout)
        config_file.write_text(json.dumps({"all": "disabled", _LOSSES: given.get("all", "mandatory"), **entries}))
        try:
            check = ("registry-guard", "check", str(preview_file), "--config", str(config_file))
            return self.run(*check).returncode == 0
        finally:
            preview_file.unlink()
            config_file.unlink()

    def unprotect(self) -> bool:
        """Takes the protection off what the last rehearsal deployed: Pulumi stops at the first protected resource that
        would go, and says neither what is lost nor how to do it on purpose."""
        command = ("pulumi", "state", "unprotect", "--all", "--yes", "--stack", self.stack)
        return self.run(*command, capture=True).returncode == 0

    def pulumi(self, verb: str, *options: str) -> bool:
        return self.run("pulumi", verb, "--stack", self.stack, *options).returncode == 0


def main() -> int:
    summary = (__doc__ or "").split("\n\n")
    parser = argparse.ArgumentParser(prog="rehearse", description=summary[0], epilog=summary[-1])
    parser.add_argument("stack", help="the real stack, e.g. prod (Pulumi.prod.yaml)")
    parser.add_argument("--preview", action="store_true", help="preview only, with the policy pack: the gate for CI")
    parser.add_argument("--policy-pack", default=str(ROOT / "policies"), help="the pack (default: policies/)")
    parser.add_argument("--policy-pack-config", help="the pack's configuration, e.g. policies/presets/strict.json")
    parser.add_argument("--project", type=Path, default=ROOT, help="folder with Pulumi.yaml (default: this project)")
    parser.add_argument(
        "--from",
        dest="start",
        choices=("nothing", "last"),
        help="begin from nothing, or from what the last rehearsal deployed; default: a preview from the last rehearsal "
        "where there is one, a deployment from nothing",
    )
    args = parser.parse_args()

    start = args.start or ("any" if args.preview else "nothing")
    rehearsal = Rehearsal(args.stack, args.project.resolve(), start)
    pack = ["--policy-pack", args.policy_pack]
    if args.policy_pack_config:
        pack += ["--policy-pack-config", args.policy_pack_config]
    print(
        f"rehearse: '{args.stack}' as '{rehearsal.stack}' in the local cloud; nothing here reaches a real cloud",
        flush=True,
    )
    if rehearsal.continues:
        print("rehearse: begins from what the last rehearsal deployed; to leave that out: --from nothing", flush=True)
    for note in rehearsal.notes:
        print(f"rehearse: {note}", flush=True)
    if not rehearsal.prepare():
        return _verdict(args.stack, "could not be prepared")
    if args.preview:
        if rehearsal.continues and not rehearsal.unprotect():
            return _verdict(args.stack, "could not be prepared")
        allowed = rehearsal.pulumi("preview", "--suppress-outputs", *pack)
        # Also when a policy has refused it: all that is wrong is told at once.
        kept = not rehearsal.continues or rehearsal.loses_nothing(args.policy_pack_config)
        if not (allowed and kept):
            return _verdict(args.stack, "is refused")
        print(f"rehearse: '{args.stack}' passes: the preview has no error and the policies forbid nothing")
        if not rehearsal.continues:
            print(_NOT_JUDGED.format(stack=args.stack))
        return 0
    if not rehearsal.pulumi("up", "--yes", "--skip-preview", "--suppress-outputs", *pack):
        return _verdict(args.stack, "could not be deployed")
    if not rehearsal.pulumi("preview", "--expect-no-changes", "--suppress-outputs", *pack):
        return _verdict(args.stack, "would change when deployed again")
    if not rehearsal.pulumi("up", "--yes", "--skip-preview", "--suppress-outputs", *pack):
        return _verdict(args.stack, "could not be deployed a second time")
    print(f"rehearse: '{args.stack}' deploys, and deploying it again changes nothing")
    print(f"rehearse: look at it with PRIVATE_REGISTRY_LOCAL={rehearsal.folder} bin/local cloud ls")
    return 0


def _verdict(stack: str, what: str) -> int:
    print(f"rehearse: '{stack}' {what}: see the message above", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
