"""Which Azure service tags an address belongs to, from the file that Microsoft publishes every week.

``ServiceTags_Public_*.json`` (microsoft.com/download/details.aspx?id=56519; sovereign clouds have their own) lists some
thousand tags with tens of thousands of prefixes. The index holds each prefix once, under its length: an address is
looked up once for each length in use, which costs the same however many prefixes there are.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import DoctorError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

DOWNLOAD_PAGE = "https://www.microsoft.com/download/details.aspx?id=56519"
_PATTERN = "ServiceTags_*.json"
_BITS = {socket.AF_INET: 32, socket.AF_INET6: 128}


@dataclass(frozen=True)
class Match:
    """A tag that an address belongs to, by its longest matching prefix. ``region`` and ``service`` as the file says."""

    name: str
    prefix: str
    region: str
    service: str


@dataclass(frozen=True)
class _Tag:
    name: str
    region: str
    service: str


class TagIndex:
    """Every prefix of a service tag file. ValueError from the constructor names the first entry that is wrong."""

    def __init__(self, document: Any) -> None:
        tags, texts = _collect(document)
        self.tags = tags
        self.prefixes = len(texts)
        # For each family: shift and length of every prefix length in use, longest first, with its networks.
        tables: dict[socket.AddressFamily, dict[int, dict[int, tuple[str, list[int]]]]] = {f: {} for f in _BITS}
        for text, owners in texts.items():
            address, _, length_text = text.partition("/")
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            try:
                number = int.from_bytes(socket.inet_pton(family, address))
                length = int(length_text) if length_text else _BITS[family]
                key = number >> (_BITS[family] - length)
            except (OSError, ValueError) as error:
                raise ValueError(f"prefix '{text}' of {tags[owners[0]].name} is not a CIDR") from error
            table = tables[family].setdefault(length, {})
            if key in table:  # the same network written in two ways
                owners = sorted({*table[key][1], *owners})
            table[key] = (text, owners)
        self._tables = {
            family: [
                (_BITS[family] - length, tables[family][length]) for length in sorted(tables[family], reverse=True)
            ]
            for family in _BITS
        }

    def lookup(self, address: str) -> list[Match]:
        """The tags of an address, most specific first: longest prefix, services before AzureCloud, regional before
        global. ValueError when it is not an IPv4 or IPv6 address."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            number = int.from_bytes(socket.inet_pton(family, address))
        except (OSError, ValueError) as error:
            raise ValueError(f"'{address}' is not an IP address") from error
        found: dict[int, str] = {}
        for shift, table in self._tables[family]:
            hit = table.get(number >> shift)
            if hit is not None:
                for owner in hit[1]:
                    found.setdefault(owner, hit[0])
        tags = self.tags
        return [
            Match(tags[owner].name, prefix, tags[owner].region, tags[owner].service) for owner, prefix in found.items()
        ]

    def tags_of(self, address: str) -> list[str]:
        """The names of the tags of an address, most specific first."""
        return [match.name for match in self.lookup(address)]


def _collect(document: Any) -> tuple[list[_Tag], dict[str, list[int]]]:
    """The tags in the order in which they are shown, and for each prefix text the tags that have it."""
    values = document.get("values") if isinstance(document, dict) else None
    if not isinstance(values, list):
        raise ValueError("it has no list 'values'")
    entries: list[tuple[_Tag, list[str]]] = []
    for number, value in enumerate(values):
        try:
            properties = value["properties"]
            prefixes = properties["addressPrefixes"]
            tag = _Tag(value["name"], properties.get("region") or "", properties.get("systemService") or "")
        except (TypeError, KeyError) as error:
            raise ValueError(f"values[{number}] has no name or no properties.addressPrefixes") from error
        entries.append((tag, prefixes))
    entries.sort(key=lambda e: (e[0].name.startswith("AzureCloud"), "." not in e[0].name, e[0].name))
    texts: dict[str, list[int]] = {}
    for number, (tag, prefixes) in enumerate(entries):
        try:
            for text in prefixes:
                if text in texts:
                    texts[text].append(number)
                else:
                    texts[text] = [number]
        except TypeError as error:
            raise ValueError(f"the prefixes of {tag.name} are not a list of texts") from error
    return [tag for tag, _ in entries], texts


def cache_folder() -> Path:
    """Where remembered service tag files are kept, by the platform's custom."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library/Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "registry-doctor"


def remembered() -> Path | None:
    """The newest remembered file; its name has its date."""
    return max(cache_folder().glob(_PATTERN), key=lambda f: f.name.rpartition("_")[2], default=None)


def remember(file: Path) -> Path:
    """Keep a copy as the default of later runs. The file must be one (``load`` it first)."""
    folder = cache_folder()
    name = file.name if file.match(_PATTERN) else f"ServiceTags_{file.stem}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f".{name}.{os.getpid()}"
        shutil.copyfile(file, partial)
        return partial.replace(folder / name)
    except OSError as error:
        raise DoctorError(f"{folder}: cannot keep the service tag file there ({error.strerror})") from error


def load(file: Path) -> TagIndex:
    """Read a service tag file; InputError says what is wrong with it."""
    try:
        return TagIndex(json.loads(file.read_bytes()))
    except OSError as error:
        raise InputError(f"--service-tags '{file}': cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"--service-tags '{file}': is not a ServiceTags_*.json file of Microsoft's: {error}. Get one from "
            f"{DOWNLOAD_PAGE}"
        ) from error


def load_default(given: Path | None) -> TagIndex | None:
    """The given file, else the newest remembered one, else None."""
    file = given or remembered()
    return load(file) if file else None


def read_addresses(words: Iterable[str], texts: Iterable[str]) -> list[str]:
    """Addresses from arguments and from texts: of each line the first word, comments after ``#`` left out."""
    found = list(words)
    for text in texts:
        found += [parts[0] for line in text.splitlines() if (parts := line.split("#")[0].split())]
    return found
