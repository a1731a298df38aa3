"""``make campaign``: attacks every reader of what others write with inputs that are nearly right.

Each reader gets a process of its own with a limit of memory. It may answer, or refuse in its own words; anything else
(another exception, no answer, more memory, an end of the process) is a fault. The smallest input found that shows it
is kept below tests/campaign/seeds, where the fast tests read it from then on. Hypothesis makes the inputs; where there
is atheris, coverage guides as many again.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import queue
import re
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from tests.campaign.readers import READERS, ROOT, Reader
from tests.campaign.worker import Terms

FAULTS = ("crash", "timeout", "oom", "leak")  # how libFuzzer names the files of inputs that show one


def attack(reader: Reader, terms: Terms, progress: Progress) -> str:
    """What went wrong, empty when nothing did."""
    with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
        current = Path(folder) / "input"
        words = [reader.name, json.dumps(asdict(terms)), str(current)]
        # Standard error is the reader's own: warnings of libraries, and what the system says of a process that ends.
        with (Path(folder) / "errors").open("w+") as errors:
            child = subprocess.Popen(
                [sys.executable, "-m", "tests.campaign.worker", *words],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=ROOT,
            )
            try:
                fault = _watched(child, progress, silence=10 * terms.patience + 60)
            finally:
                if child.poll() is None:
                    child.kill()
                code = child.wait()
            errors.seek(0)
            said = errors.read()[-2000:]
        if not fault and code:
            fault = f"the process ended with code {code}\n{said}"
        if fault:
            fault += f"\n{_kept(reader, current.read_bytes() if current.exists() else b'')}"
        return fault


def guide(reader: Reader, terms: Terms, progress: Progress) -> str:
    """The same with inputs that coverage guides."""
    with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
        command = [sys.executable, "-m", "tests.campaign.guided", reader.name, json.dumps(asdict(terms)), folder]
        with (Path(folder) / "said").open("w+") as said:
            child = subprocess.Popen(command, stdout=said, stderr=said, cwd=ROOT)
            try:
                while child.poll() is None:
                    time.sleep(0.5)
                    progress.show()
            finally:
                if child.poll() is None:
                    child.kill()
                code = child.wait()
            said.seek(0)
            text = said.read()
        counts = re.findall(r"^#(\d+)", text, re.MULTILINE)
        progress.inputs = int(counts[-1]) if counts else 0
        found = sorted(file for file in Path(folder).iterdir() if file.name.partition("-")[0] in FAULTS)
        if not found:
            return f"the process ended with code {code}\n{text[-2000:]}" if code else ""
        return f"{text[-3000:]}\n{_kept(reader, found[0].read_bytes())}"


def _watched(child: subprocess.Popen[str], progress: Progress, silence: float) -> str:
    """What the process said went wrong; it hangs itself when it says nothing for ``silence`` seconds."""
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_forward, args=(child.stdout, lines), daemon=True).start()
    last = time.monotonic()
    while True:
        progress.show()
        try:
            line = lines.get(timeout=0.5)
        except queue.Empty:
            if time.monotonic() - last > silence:
                return f"the process said nothing for {silence:g} s"
            continue
        if not line:
            return ""
        last = time.monotonic()
        said: dict[str, Any] = json.loads(line)
        progress.inputs = said["inputs"]
        if "fault" in said:
            return said["fault"]


def _forward(stream: IO[str] | None, lines: queue.Queue[str]) -> None:
    for line in stream or ():
        lines.put(line)
    lines.put("")


def _kept(reader: Reader, data: bytes) -> str:
    reader.folder.mkdir(parents=True, exist_ok=True)
    file = reader.folder / f"found-{hashlib.sha256(data).hexdigest()[:8]}"
    file.write_bytes(data)
    return f"kept as {file.relative_to(ROOT)}: {data[:300]!r}"


class Progress:
    """One line that counts on a terminal; elsewhere a line a reader."""

    def __init__(self, name: str) -> None:
        self.name, self.inputs, self._start = name, 0, time.monotonic()

    def show(self, end: str = "") -> None:
        line = f"campaign: {self.name}: {self.inputs:,} inputs, {time.monotonic() - self._start:.0f} s{end}"
        if sys.stdout.isatty():
            print(f"\r{line}\x1b[K", end="\n" if end else "", flush=True)
        elif end:
            print(line, flush=True)


def main() -> int:
    summary, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="make campaign", description=summary, epilog=rest)
    parser.add_argument("readers", nargs="*", metavar="READER", help=f"default: all of {', '.join(READERS)}")
    usual = Terms()
    parser.add_argument("--seconds", type=float, default=usual.seconds, help="for each reader (default: %(default)g)")
    parser.add_argument(
        "--memory", type=int, default=usual.megabytes, metavar="MB", help="for its work (default: %(default)s)"
    )
    parser.add_argument(
        "--patience", type=float, default=usual.patience, metavar="S", help="for one input (default: %(default)g s)"
    )
    parser.add_argument(
        "--seed", type=int, default=int(time.time()), help="begin the random inputs here (default: another each time)"
    )
    args = parser.parse_args()
    unknown = [name for name in args.readers if name not in READERS]
    if unknown:
        parser.error(f"no reader {', '.join(unknown)}; there is: {', '.join(READERS)}")
    terms = Terms(args.seconds, args.seed, args.memory, args.patience)
    faults = 0
    ways = {attack: "made inputs"}
    if importlib.util.find_spec("atheris"):
        ways[guide] = "guided inputs"
    else:
        print("campaign: no atheris here, so inputs are made by Hypothesis only")
    for name in args.readers or READERS:
        for way, label in ways.items():
            progress = Progress(f"{name}, {label}")
            fault = way(READERS[name], terms, progress)
            progress.show(": FAULT" if fault else ": ok")
            if fault:
                faults += 1
                print(fault, flush=True)
    print(f"campaign: {faults} faults in {len(args.readers or READERS)} readers; seed {args.seed}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
