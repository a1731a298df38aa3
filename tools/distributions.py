"""Builds the wheel and the sdist, and proves both: ``make dist``.

    python tools/distributions.py [--out dist] [--once]

Built twice, each time from a copy of the project's own files, and compared byte for byte (``--once`` builds once).
SOURCE_DATE_EPOCH is the last commit's time unless it is set, so that the same commit gives the same bytes on another
machine. The archives are opened: nothing is in them that should not be, and nothing is missing.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {
    "registry_model": ROOT / "components" / "registry_model",
    "private_registry": ROOT / "components" / "private_registry",
    "registry_guard": ROOT / "policies" / "registry_guard",
    "registry_doctor": ROOT / "doctor" / "registry_doctor",
}
# What an sdist has beside the source folders.
SDIST_FILES = {"CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "VERSIONING.md", "pyproject.toml", ".gitignore"}
SDIST_FOLDERS = {"components", "policies", "doctor"}
METADATA = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}


class DistError(Exception):
    """What is wrong with the archives, for the person who builds them."""


def tracked(root: Path = ROOT) -> list[str]:
    """The files that belong to the project, as they are now: tracked, or new and not ignored."""
    words = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split("\0")
    return sorted({name for name in listed if name and (root / name).is_file()})


def epoch(root: Path = ROOT) -> str:
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return given
    words = ["git", "-C", str(root), "log", "-1", "--format=%ct"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def build(out: Path, when: str, files: list[str]) -> list[Path]:
    """Wheel and sdist in ``out``, built from a copy that has no file of the checkout's daily life."""
    with tempfile.TemporaryDirectory(prefix="dist-") as folder:
        copy = Path(folder) / "checkout"
        for name in files:
            if name.split("/")[0] in SDIST_FOLDERS | SDIST_FILES:
                target = copy / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, target)
                target.chmod(0o755 if (ROOT / name).stat().st_mode & stat.S_IXUSR else 0o644)
        env = os.environ | {"SOURCE_DATE_EPOCH": when, "PYTHONHASHSEED": "0", "TZ": "UTC"}
        out.mkdir(parents=True, exist_ok=True)
        words = [sys.executable, "-m", "hatchling", "build", "-d", str(out.resolve())]
        done = subprocess.run(words, cwd=copy, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise DistError(f"the build failed:\n{done.stdout}{done.stderr}")
    return sorted(out.glob("private_registry-*"))


def check_wheel(wheel: Path, files: list[str]) -> list[str]:
    """What is wrong with a wheel's contents, a line each."""
    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if not name.endswith("/")}
    info = f"{'-'.join(wheel.name.split('-')[:2])}.dist-info"
    wanted = {f"{info}/{name}" for name in METADATA}
    for package, source in PACKAGES.items():
        wanted |= {
            f"{package}/{name.relative_to(source).as_posix()}"
            for name in (ROOT / path for path in files)
            if name.is_relative_to(source)
        }
    return _differences(wheel.name, wanted, found)


def check_sdist(sdist: Path, files: list[str]) -> list[str]:
    """What is wrong with an sdist's contents, a line each."""
    with tarfile.open(sdist) as archive:
        found = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    wanted = {name for name in files if name.split("/")[0] in SDIST_FOLDERS}
    return _differences(sdist.name, wanted | SDIST_FILES, found)


def _differences(archive: str, wanted: set[str], found: set[str]) -> list[str]:
    lines = [f"{archive} has {name}, which does not belong into it" for name in sorted(found - wanted)]
    return lines + [f"{archive} lacks {name}" for name in sorted(wanted - found)]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make(out: Path, *, twice: bool = True) -> list[Path]:
    """Build, prove, and put the archives in ``out``. Raises DistError."""
    when, files = epoch(), tracked()
    with tempfile.TemporaryDirectory(prefix="dist-") as folder:
        first = build(Path(folder) / "first", when, files)
        if twice:
            second = {path.name: digest(path) for path in build(Path(folder) / "second", when, files)}
            differ = [path.name for path in first if second.get(path.name) != digest(path)]
            if differ:
                raise DistError(f"two builds of the same source differ: {', '.join(differ)}")
        wrong = [
            line for path in first for line in (check_wheel if path.suffix == ".whl" else check_sdist)(path, files)
        ]
        if len(first) != 2 or wrong:
            raise DistError("\n  ".join(["the archives are not what they should be:", *wrong]))
        if out.exists():
            for old in out.glob("private_registry-*"):
                old.unlink()
        out.mkdir(parents=True, exist_ok=True)
        return [Path(shutil.copy(path, out)) for path in first]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="where to (default: dist)")
    parser.add_argument("--once", action="store_true", help="build once, without comparing two builds")
    given = parser.parse_args()
    try:
        for path in make(given.out, twice=not given.once):
            print(f"{digest(path)}  {path}")
    except DistError as error:
        print(f"dist: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
