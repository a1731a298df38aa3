"""Compares the local cloud with Azure, for whoever has a subscription: ``python -m localcloud.verify SUBSCRIPTION``.

The smallest private registry (localcloud/verify/Pulumi.yaml) is deployed into Azure and into a local cloud of its own,
and destroyed again, whatever happens. What both answered is compared property by property, and Azure's answers with
the recorded ones in tests/localcloud/recorded. A report says what differs; ids, names of people, keys and secrets are
taken out of it before it is written, so that it can be sent to us.

The authors have no subscription: this was never run against Azure, only against a local cloud in its place.

It needs a checkout (the records are part of the tests), `make setup`, an Azure login that may create resource groups in
the subscription (`az login`), and the network, from which Pulumi installs the real azure-native.

Exit codes: 0 no difference; 1 there are differences, or a deployment failed, or was not cleaned up; 2 bad usage, or not
wanted.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from localcloud.records import MISSING, differences

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "localcloud" / "verify"
RECORDS = ROOT / "tests" / "localcloud" / "recorded"
STACK = "verify"

# The records that this deployment meets: when its answer is taken (as made, or later), and whose it is.
_MET = {
    "registry-put-premium": ("made", "registry"),
    "network-put": ("made", "vnet"),
    "zone-get": ("made", "zone"),
    "zone-link-get": ("made", "link"),
    "subnet-with-an-endpoint": ("later", "subnet"),
    "endpoint-hosts-with-a-zone-group": ("later", "endpoint"),
    "endpoint-address-order": ("read", "interface"),
    "zone-group-record": ("read", "record"),
}
_REGION = "japaneast"
_RECORDED_SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_FORMS = (
    (re.compile(r"\b\d{4}-\d\d-\d\dT[\d:.]+Z"), "<time Z>"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT[\d:.]+\+00:00"), "<time +00:00>"),
    (re.compile(r"\b[0-9a-f]{8}-0000-0100-0000-[0-9a-f]{12}\b"), "<etag>"),
    (_GUID, "<guid>"),
    (re.compile(r"\b[0-9a-fA-F]{32}\b"), "<32 hex>"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "<who>"),
)
_PEOPLE = ("createdBy", "lastModifiedBy")
_SECRET_MARK = "4dabf18193072939515e22adb298388d"  # Pulumi's mark of a secret in a state  # noqa: S105


@dataclass
class Place:
    """Where the program is deployed: a Pulumi command, its environment, and the configuration of the stack."""

    name: str
    command: list[str]
    folder: Path
    config: dict[str, Any]
    env: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.command, *words, "--stack", STACK, "--cwd", str(PROGRAM), "--non-interactive"],
            env={**os.environ, **self.env},
            capture_output=True,
            text=True,
            check=False,
        )

    def prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.folder / "state").mkdir(exist_ok=True)
        config = self.folder / f"Pulumi.{STACK}.yaml"
        config.write_text(yaml.safe_dump({"config": self.config}))
        aside = self.folder / "init"
        aside.mkdir(exist_ok=True)
        (aside / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "verify-azure", "runtime": "yaml"}))
        # `stack init` writes a configuration file beside Pulumi.yaml whatever it is told: it does so elsewhere.
        made = subprocess.run(
            [*self.command, "stack", "init", STACK, "--no-select", "--cwd", str(aside)],
            env={**os.environ, **self.env},
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise VerifyError(f"{self.name}: no stack could be made: {made.stderr.strip()}")

    def deployed(self) -> dict[str, Any]:
        """Deploys, and answers what was answered: as made, later (after a refresh), and read."""
        self._must("up", "--yes", "--skip-preview")
        made = self._resources()
        self._must("refresh", "--yes", "--skip-preview")
        again = self.run("preview", "--expect-no-changes")
        outputs = json.loads(self._must("stack", "output", "--json").stdout)
        return {"made": made, "later": self._resources(), "read": outputs, "unchanged": again.returncode == 0}

    def destroyed(self) -> bool:
        return self.run("destroy", "--yes", "--skip-preview").returncode == 0

    def _resources(self) -> dict[str, Any]:
        exported = json.loads(self._must("stack", "export").stdout)["deployment"].get("resources", [])
        return {
            each["urn"].rsplit("::", 1)[-1]: each.get("outputs", {})
            for each in exported
            if each["type"].startswith("azure-native:")
        }

    def _must(self, *words: str) -> subprocess.CompletedProcess[str]:
        done = self.run(*words)
        if done.returncode:
            raise VerifyError(f"{self.name}: pulumi {words[0]} failed:\n{(done.stdout + done.stderr).strip()}")
        return done


class VerifyError(Exception):
    """A step that did not work, with what it said."""


@dataclass
class Report:
    """What is told of one run."""

    names: Names
    records: dict[str, list[str]] = field(default_factory=dict)
    against_local: list[str] = field(default_factory=list)
    failed: str = ""
    left: str = ""
    answers: dict[str, Any] = field(default_factory=dict)

    @property
    def differs(self) -> bool:
        return bool(self.failed or self.left or self.against_local or any(self.records.values()))

    def text(self) -> str:
        lines = [
            "# The local cloud against Azure",
            "",
            f"Made {datetime.now(UTC):%Y-%m-%d} by `make verify-azure`. Ids, people and secrets are taken out.",
            "",
        ]
        if self.failed:
            lines += ["## The deployment failed", "", "```", self.names.scrubbed_text(self.failed), "```", ""]
        if self.left:
            lines += ["## Not cleaned up", "", self.left, ""]
        if self.records:
            lines += ["## Azure against the records", ""]
            for name, found in self.records.items():
                lines.append(f"- `{name}`: {'equal' if not found else 'differs'}")
                lines += [f"  - {self.names.scrubbed_text(each)}" for each in found]
            lines += ["", "## The local cloud against Azure", ""]
            lines += [f"- {self.names.scrubbed_text(each)}" for each in self.against_local] or ["Equal."]
            lines += ["", "## What Azure answered", "", "```json"]
            lines += [json.dumps(self.names.scrubbed(self.answers), indent=1, sort_keys=True), "```", ""]
        return "\n".join(lines)


@dataclass(frozen=True)
class Names:
    """The names of a run, and those of the records that they stand for."""

    subscription: str
    group: str
    registry: str

    def canonical(self, value: Any) -> Any:
        """An answer with the records' names."""
        if isinstance(value, dict):
            return {self.canonical(key): self.canonical(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.canonical(inner) for inner in value]
        if not isinstance(value, str):
            return value
        for mine, theirs in (
            (self.subscription, _RECORDED_SUBSCRIPTION),
            (self.group, "rg"),
            (self.registry, "contoso"),
        ):
            value = re.sub(re.escape(mine), lambda found, new=theirs: _cased(new, found[0]), value, flags=re.IGNORECASE)
        return value

    def scrubbed(self, value: Any, key: str = "") -> Any:
        """An answer with forms in place of all that could name a person, a tenant or a resource."""
        if isinstance(value, dict):
            if _SECRET_MARK in value:
                return "<secret>"
            return {self.scrubbed_text(str(k)): self.scrubbed(inner, k) for k, inner in value.items()}
        if isinstance(value, list):
            return [self.scrubbed(inner, key) for inner in value]
        if key in _PEOPLE:
            return "<who>"
        return self.scrubbed_text(value) if isinstance(value, str) else value

    def scrubbed_text(self, text: str) -> str:
        text = self.canonical(text)
        for pattern, form in _FORMS:
            text = pattern.sub(form, text)
        return text


def _cased(new: str, found: str) -> str:
    return new.upper() if found.isupper() and not new.isdigit() else new


def compare_with_records(answers: dict[str, Any]) -> dict[str, list[str]]:
    """What Azure has otherwise than each record that the deployment meets. ``answers`` have the records' names."""
    found: dict[str, list[str]] = {}
    for name, (moment, resource) in _MET.items():
        fact = json.loads((RECORDS / f"{name}.json").read_text())
        # Recorded in another region, which says nothing else.
        here = {"location": _REGION} if fact["answer"].get("location") == "westus" else {}
        found[name] = differences({**fact, "answer": fact["answer"] | here}, {}, answers[moment].get(resource, {}))
    return found


def compare(names: Names, azure: Any, local: Any) -> list[str]:
    """What the local cloud has otherwise than Azure, by path; what differs each time is compared by its form."""
    return list(_compare(names.scrubbed(azure), names.scrubbed(local), ""))


def _compare(azure: Any, local: Any, path: str) -> list[str]:
    if isinstance(azure, dict) and isinstance(local, dict):
        return [
            line
            for key in sorted({*azure, *local})
            for line in _compare(
                azure.get(key, MISSING), local.get(key, MISSING), f"{path}.{key}" if path else str(key)
            )
        ]
    if isinstance(azure, list) and isinstance(local, list):
        if len(azure) != len(local):
            return [f"{path}: Azure has {len(azure)}, the local cloud {len(local)}"]
        return [
            line for i, (a, b) in enumerate(zip(azure, local, strict=True)) for line in _compare(a, b, f"{path}.{i}")
        ]
    return [] if azure == local else [f"{path}: Azure has {_told(azure)}, the local cloud {_told(local)}"]


def _told(value: Any) -> str:
    return "nothing" if value is MISSING else json.dumps(value)


def verify(names: Names, azure: Place, local: Place) -> Report:
    """Deploys into both, compares, and destroys both, whatever happens."""
    report = Report(names)
    answers: dict[str, dict[str, Any]] = {}
    for place in (azure, local):
        try:
            place.prepare()
            answers[place.name] = place.deployed()
        except VerifyError as problem:
            report.failed = str(problem)
        finally:
            if not place.destroyed():
                report.left = (
                    f"{place.name}: what was made could not be destroyed. Delete the resource group by hand: "
                    f"`az group delete --name {names.group}`; the state is kept in {place.folder.name}/."
                )
        if report.failed:
            return report
    report.answers = answers[azure.name]
    report.records = compare_with_records(names.canonical(answers[azure.name]))
    report.against_local = compare(names, answers[azure.name], answers[local.name])
    return report


def azure_place(subscription: str, config: dict[str, Any], folder: Path) -> Place:
    """Azure, with the login of whoever runs this, and a state of its own."""
    env = {
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}?metadata=skip",
        "PULUMI_CONFIG_PASSPHRASE": "verify",
        "PULUMI_OPTION_CONFIG_FILE": str(folder / f"Pulumi.{STACK}.yaml"),
        "ARM_SUBSCRIPTION_ID": subscription,
    }
    return Place("Azure", [str(ROOT / "bin" / "pulumi")], folder, config, env)


def local_place(config: dict[str, Any], folder: Path, name: str = "the local cloud") -> Place:
    """A local cloud of its own."""
    env = {"PRIVATE_REGISTRY_LOCAL": str(folder), "PRIVATE_REGISTRY_CONFIG": str(folder / f"Pulumi.{STACK}.yaml")}
    marked = {**config, "azure-native:metadataHost": "localcloud.invalid"}
    return Place(name, [str(ROOT / "bin" / "local"), "pulumi"], folder, marked, env)


def settings(names: Names) -> dict[str, Any]:
    return {
        "azure-native:subscriptionId": names.subscription,
        "verify-azure:registryName": names.registry,
        "verify-azure:resourceGroupName": names.group,
    }


def main() -> int:
    summary = (__doc__ or "").split("\n\n")
    parser = argparse.ArgumentParser(
        prog="make verify-azure",
        description="\n\n".join(summary[:-1]),
        epilog=summary[-1],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("subscription", help="the id of the subscription to deploy into: a GUID")
    parser.add_argument("--yes", action="store_true", help="do not ask before anything is deployed")
    parser.add_argument("--report", type=Path, default=Path("verify-azure.md"), help="where the report goes")
    args = parser.parse_args()
    if not _GUID.fullmatch(args.subscription):
        parser.error(f"subscription '{args.subscription}': must be a GUID, as `az account list --output table` shows")
    mark = secrets.token_hex(4)
    names = Names(args.subscription, f"rg-verify-azure-{mark}", f"verifyazure{mark}")
    print(plan(names))
    if not args.yes and not _agreed():
        print("nothing was deployed")
        return 2
    folder = ROOT / ".local" / "verify-azure"
    shutil.rmtree(folder / "local", ignore_errors=True)
    azure = azure_place(names.subscription, settings(names), folder / f"azure-{mark}")
    report = verify(names, azure, local_place(settings(names), folder / "local"))
    args.report.write_text(report.text())
    if not report.left:
        shutil.rmtree(azure.folder, ignore_errors=True)
    return tell(report, args.report)


def plan(names: Names) -> str:
    """What is going to happen, what it costs, and what is left."""
    return (
        f"Deploys into the subscription {names.subscription}, {_REGION}: the resource group {names.group} with a "
        f"Premium registry {names.registry}, a network, a private endpoint and a private DNS zone. It takes minutes.\n"
        "Azure bills a Premium registry by the day, the endpoint by the hour, the zone by the month: see\n"
        "  https://azure.microsoft.com/pricing/details/container-registry/, /private-link/ and /dns/\n"
        "Then all of it is destroyed, also when something fails; should that fail too, the report says what is left.\n"
        "This was never run against Azure by its authors, only against a local cloud in its place."
    )


def _agreed() -> bool:
    try:
        return input("Deploy? (yes/no) ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def tell(report: Report, file: Path) -> int:
    equal = sum(not found for found in report.records.values())
    if report.failed:
        print(f"verify-azure: the deployment failed; {file} says how", file=sys.stderr)
    if report.left:
        print(f"verify-azure: {report.left}", file=sys.stderr)
    if report.records:
        print(f"verify-azure: {equal} of {len(report.records)} records are equal to what Azure answered")
        print(f"verify-azure: {len(report.against_local)} properties differ between Azure and the local cloud")
    print(f"verify-azure: the report is {file}; read it before you send it to us, in an issue of this project")
    return 1 if report.differs else 0


if __name__ == "__main__":
    sys.exit(main())
