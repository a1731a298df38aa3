"""Records the streams and documents that the report tests read, with the real engine and the local cloud.

``python -m tests.policies.report.record`` writes ``streams/`` anew; nothing in it is made by hand. Run it when the
engine's events, or the way the guard words its findings, change.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

from tests.rehearsal import ROOT, Finished, Rehearsal

HERE = Path(__file__).parent
STREAMS = HERE / "streams"
PROGRAMS = HERE / "programs"
STREAMING = {"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "1"}
# Few rules, so that the recordings stay what they are when rules are added.
RULES = {"all": "disabled", "premium-sku": "mandatory", "no-exposed-access": "mandatory", "export-off": "advisory"}
EXEMPTION = {
    "rule": "premium-sku",
    "resource": "shop",
    "reason": "moves to Premium with the next budget",
    "owner": "platform@contoso.example",
    "expires": "2999-12-31",
}
CONFIGS = {
    "plain": RULES,
    "exempting": {**RULES, "registry-guard": {"enforcementLevel": "mandatory", "exemptions": [EXEMPTION]}},
    "strict": {**RULES, "registry-guard": {"enforcementLevel": "mandatory", "undetermined": "violation"}},
}


def main() -> None:
    STREAMS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="record-") as folder:
        Recorder(Path(folder)).record()


class Recorder:
    """One rehearsal, and what its commands said, without the paths of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rehearsal = Rehearsal(folder / "shop", project=PROGRAMS / "shop", stack="dev").init()
        for name, config in CONFIGS.items():
            (folder / f"{name}.json").write_text(json.dumps(config))

    def record(self) -> None:
        self.config(sku="Basic", publicNetworkAccess="Enabled")
        self.preview("preview-violations", *self.guard())
        self.config(sku="Basic")
        self.preview("preview-exempted", *self.guard("exempting"))
        self.preview("preview-broken-pack", "--policy-pack", str(PROGRAMS / "broken-pack"))
        self.preview("preview-no-pack")
        self.config()
        self.preview("preview-passes", *self.guard())
        self.preview("preview-undetermined", *self.guard("strict"))
        self.preview("preview-sdk-pack", "--policy-pack", str(PROGRAMS / "sdk-pack"))
        self.save("digest-new.json", self.run("preview", "--json").ok().out)
        self.plan("plan-new.json")
        self.config(sku="Basic")
        self.up("up-violation", *self.guard())
        self.config()
        self.up("up-passes", *self.guard())
        self.save("export.json", self.run("stack", "export").ok().out)
        self.analyze("analyze-passes", *self.guard())
        self.analyze("analyze-sdk-pack", "--policy-pack", str(PROGRAMS / "sdk-pack"))
        self.config(publicNetworkAccess="Enabled")
        self.save("digest-hides-unchanged.json", self.run("preview", "--json").ok().out)
        self.save("digest-changed.json", self.run("preview", "--json", "--show-sames").ok().out)
        self.plan("plan-changed.json")
        self.config(publicNetworkAccess="Perhaps")
        self.preview("preview-fails", *self.guard())

    def guard(self, config: str = "plain") -> tuple[str, ...]:
        return ("--policy-pack", str(ROOT / "policies"), "--policy-pack-config", str(self.folder / f"{config}.json"))

    def config(self, **values: str) -> None:
        self.rehearsal.config = {f"shop:{key}": value for key, value in values.items()}

    def run(self, *words: str) -> Finished:
        verb, *rest = words
        if verb == "stack":
            return self.rehearsal.run("pulumi", "stack", *rest, "--stack", "dev")
        return self.rehearsal.pulumi(verb, *rest)

    def preview(self, name: str, *packs: str) -> None:
        self.rehearsal.env = STREAMING
        self.save(f"{name}.ndjson", self.run("preview", "--json", *packs).out)
        self.rehearsal.env = {}

    def up(self, name: str, *packs: str) -> None:
        self.rehearsal.env = {"PULUMI_DEBUG_COMMANDS": "1"}
        log = self.folder / "events.ndjson"
        log.unlink(missing_ok=True)
        self.run("up", "--yes", "--skip-preview", "--event-log", str(log), *packs)
        self.save(f"{name}.ndjson", log.read_text())
        self.rehearsal.env = {}

    def analyze(self, name: str, *packs: str) -> None:
        export = str(STREAMS / "export.json")
        done = self.rehearsal.run("pulumi", "policy", "analyze", "--file", export, "--json", *packs)
        self.save(f"{name}.ndjson", done.out)

    def plan(self, name: str) -> None:
        self.rehearsal.env = {"PULUMI_EXPERIMENTAL": "1"}
        plan = self.folder / "plan.json"
        self.run("preview", "--save-plan", str(plan)).ok()
        self.save(name, plan.read_text())
        self.rehearsal.env = {}
        plan.unlink()

    def save(self, name: str, text: str) -> None:
        for path, instead in ((str(self.folder), "/recording"), (str(ROOT), "/checkout")):
            text = text.replace(path, instead)
        # Where the engine and the interpreter are installed on the recording machine.
        text = re.sub(r"project:///(?:\.\./)+[^\"#]*/([^/\"#]+)", r"project:///../outside/\1", text)
        (STREAMS / name).write_text(text)


if __name__ == "__main__":
    main()
