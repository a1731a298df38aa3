"""Which Azure service tags an address belongs to, from the file that Microsoft publishes every week.

``ServiceTags_Public_*.json`` (microsoft.com/download/details.aspx?id=56519; sovereign clouds have their own) lists some
thousand tags with tens of thousands of prefixes. The same list comes from ``az network list-service-tags``, from REST
(``serviceTags``, ``serviceTagDetails``) and from PowerShell (``Get-AzNetworkServiceTag | ConvertTo-Json -Depth 5``,
whose names begin with capitals): all are read. The index holds each prefix once, under its length: an address is
looked up once for each length in use, which costs the same however many prefixes there are.
"""

from __future__ import annotations

import contextlib
import gc
import ipaddress
import json
import os
import shutil
import socket
import struct
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from registry_model.text import clean, clean_data

from .addresses import meaning
from .errors import DoctorError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from registry_model.estate.files import ByteLimit

DOWNLOAD_PAGE = "https://www.microsoft.com/download/details.aspx?id=56519"
MOST_PROBLEMS = 20
_NO_TAG = "no service tag"
_NOT_ASKED = "not looked up: there is no service tag file"
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
    """Every prefix of a service tag ``file``. ValueError from the constructor names the first entry that is wrong."""

    def __init__(self, document: Any, file: Path = Path()) -> None:
        self.file = file
        self._tags = _tags(document)
        texts: set[str] = set()
        for tag, prefixes in self._tags:
            try:
                texts.update(prefixes)
            except TypeError as error:
                raise ValueError(f"the prefixes of {tag.name} are not a list of texts") from error
        if any(not isinstance(text, str) for text in texts):
            wrong = next(tag for tag, prefixes in self._tags if any(not isinstance(text, str) for text in prefixes))
            raise ValueError(f"the prefixes of {wrong.name} are not a list of texts")
        if not texts:
            raise ValueError("it has no prefix at all, so every address would have no tag")
        self.prefixes = len(texts)
        self._twins: dict[str, list[str]] = {}
        six = [t for t in texts if ":" in t]
        self._tables = {
            socket.AF_INET: self._table(socket.AF_INET, [t for t in texts if ":" not in t]),
            socket.AF_INET6: self._table(socket.AF_INET6, six),
        }

    def _table(self, family: socket.AddressFamily, texts: list[str]) -> list[tuple[int, dict[int, str]]]:
        """For each prefix length in use, longest first: how far to shift an address, and the networks."""
        bits = _BITS[family]
        parts = "/".join(texts).split("/") if texts else []
        if len(parts) != 2 * len(texts):
            parts = [part for text in texts for part in (text.partition("/")[0], text.partition("/")[2] or str(bits))]
        try:
            numbers = _numbers(family, parts[::2])
            lengths = list(map(int, parts[1::2]))
            if min(lengths, default=0) < 0:
                raise ValueError("negative length")
            found: dict[int, dict[int, str]] = {length: {} for length in sorted(set(lengths), reverse=True)}
            for number, length, text in zip(numbers, lengths, texts, strict=True):
                first = found[length].setdefault(number >> (bits - length), text)
                if first is not text:  # one network, written in two ways
                    self._twins.setdefault(first, []).append(text)
        except (OSError, ValueError):
            wrong = next((t for t in texts if not _is_prefix(family, t)), "")
            raise ValueError(f"prefix '{wrong}' is not a CIDR") from None
        return [(bits - length, table) for length, table in found.items()]

    def lookup(self, addresses: Sequence[str]) -> list[list[Match]]:
        """The tags of each address, most specific first: longest prefix, services before AzureCloud, regional before
        global. ValueError names every one that is not an IPv4 or IPv6 address, one a line.

        All addresses go through a prefix length together, which is several times quicker than one after another.
        """
        hits: list[list[str]] = [[] for _ in addresses]
        addresses = [_plain(a) if "/" in a or ":" in a else a for a in addresses]
        wrong: list[str] = []
        for family, tables in self._tables.items():
            places = [i for i, a in enumerate(addresses) if (":" in a) == (family == socket.AF_INET6)]
            try:
                numbers = _numbers(family, [addresses[i] for i in places])
            except (OSError, ValueError):
                wrong += [addresses[i] for i in places if not _is_address(family, addresses[i])]
                continue
            for shift, table in tables:
                for place, text in zip(places, map(table.get, [n >> shift for n in numbers]), strict=True):
                    if text is not None:
                        hits[place].append(text)
        if wrong:
            raise ValueError("\n".join(f"'{clean(address, most=80)}' {_problem(address)}" for address in wrong))
        owners = self._owners({text for texts in hits for text in texts})
        return [_matches(texts, owners) for texts in hits]

    def _owners(self, texts: set[str]) -> dict[str, list[_Tag]]:
        """The tags that have these prefixes, in the order in which they are shown."""
        asked = {twin: text for text in texts for twin in (text, *self._twins.get(text, ()))}
        wanted = set(asked)
        owners: dict[str, list[_Tag]] = {text: [] for text in texts}
        for tag, prefixes in self._tags:
            for text in wanted.intersection(prefixes):
                owners[asked[text]].append(tag)
        return owners

    def tags_of(self, address: str) -> list[str]:
        """The names of the tags of an address, most specific first; none for what resolvers give and is no address of
        the Internet (``fe80::1%eth0``)."""
        try:
            return [match.name for match in self.lookup([address])[0]]
        except ValueError:
            return []

    def prefixes_of(self) -> dict[str, list[str]]:
        """Every tag's prefixes, for firewalls that hold addresses."""
        return {tag.name: list(prefixes) for tag, prefixes in self._tags}


def _numbers(family: socket.AddressFamily, addresses: list[str]) -> Sequence[int]:
    packed = b"".join([socket.inet_pton(family, address) for address in addresses])
    if family == socket.AF_INET:
        return struct.unpack(f">{len(addresses)}I", packed)
    halves = struct.unpack(f">{2 * len(addresses)}Q", packed)
    return [high << 64 | low for high, low in zip(halves[::2], halves[1::2], strict=True)]


def _plain(address: str) -> str:
    """An address as tag files have it: ``40.79.197.128/32`` and ``::ffff:40.79.197.128`` are 40.79.197.128."""
    text = address.removeprefix("[").removesuffix("]")
    host, slash, length = text.partition("/")
    if slash and length != ("128" if ":" in host else "32"):
        return address
    try:
        mapped = ipaddress.IPv6Address(host).ipv4_mapped if ":" in host else None
    except ValueError:
        return address
    return str(mapped) if mapped else host


def _problem(address: str) -> str:
    try:
        ipaddress.ip_network(address, strict=False)
    except ValueError:
        return "is not an IP address"
    return "is not an IP address but a range; give one address of it"


def _is_address(family: socket.AddressFamily, text: str) -> bool:
    try:
        socket.inet_pton(family, text)
    except (OSError, ValueError):
        return False
    return True


def _is_any_address(text: str) -> bool:
    return _is_address(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def _is_prefix(family: socket.AddressFamily, text: str) -> bool:
    address, slash, length = text.partition("/")
    fits = not slash or (length.isdecimal() and int(length) <= _BITS[family])
    return fits and _is_address(family, address)


def _matches(texts: list[str], owners: dict[str, list[_Tag]]) -> list[Match]:
    found: dict[str, Match] = {}
    for text in texts:
        for tag in owners[text]:
            if tag.name not in found:
                found[tag.name] = Match(tag.name, text, tag.region, tag.service)
    return list(found.values())


def _tags(document: Any) -> list[tuple[_Tag, list[str]]]:
    """Each tag and its prefixes, in the order in which tags are shown where their prefixes are equally long."""
    if isinstance(document, dict) and _field(document, "nextLink"):
        raise ValueError("it is one page of several (it has a nextLink): join their lists, or get the whole file")
    values = document
    if isinstance(document, dict):
        # REST's serviceTagDetails says "value"; one tag alone is what PowerShell makes of a list of one.
        values = next((v for key in ("values", "value") if (v := _field(document, key)) is not None), None)
        values = [document] if values is None and _field(document, "properties") is not None else values
        values = [values] if isinstance(values, dict) else values
    if not isinstance(values, list):
        raise ValueError("it has no list 'values'")
    if not values:
        raise ValueError("its list 'values' is empty, so every address would have no tag")
    found: list[tuple[_Tag, list[str]]] = []
    for number, value in enumerate(values):
        try:
            properties = value["properties"]
            tag = _Tag(value["name"], properties.get("region") or "", properties.get("systemService") or "")
            prefixes = properties["addressPrefixes"]
        except (TypeError, KeyError, AttributeError):
            tag, prefixes = _other_spelling(number, value)
        said = (tag.name, tag.region, tag.service)
        if not all(isinstance(text, str) for text in said) or isinstance(prefixes, str):
            tag, prefixes = _other_spelling(number, value)
        found.append((tag, prefixes))
    return sorted(found, key=lambda e: (e[0].name.lower().startswith("azurecloud"), "." not in e[0].name, e[0].name))


def _other_spelling(number: int, value: Any) -> tuple[_Tag, list[str]]:
    """One tag as PowerShell and az's flattened output write it."""
    given = _field(value, "properties") if isinstance(value, dict) else None
    properties = given if isinstance(given, dict) else value
    name = _field(value, "name") if isinstance(value, dict) else None
    prefixes = _field(properties, "addressPrefixes") if isinstance(properties, dict) else None
    if isinstance(name, str) and (isinstance(prefixes, str) or isinstance(given, str)):
        raise ValueError(
            f"values[{number}] has its prefixes as one text: ConvertTo-Json stopped at its depth; write "
            "Get-AzNetworkServiceTag -Location REGION | ConvertTo-Json -Depth 5"
        )
    if not isinstance(name, str) or not isinstance(prefixes, list):
        raise ValueError(f"values[{number}] has no name or no properties.addressPrefixes")
    region, service = (_field(properties, key) for key in ("region", "systemService"))
    return _Tag(name, region if isinstance(region, str) else "", service if isinstance(service, str) else ""), prefixes


def _field(value: dict[str, Any], name: str) -> Any:
    """A field by its name, in whatever letter case."""
    if name in value:
        return value[name]
    return next((v for k, v in value.items() if k.lower() == name.lower()), None)


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


def load_default(given: Path | None, most: ByteLimit) -> TagIndex | None:
    """Read the given service tag file, else the newest remembered one; None where there is none.

    InputError says what is wrong with it.
    """
    file = given or remembered()
    if file is None:
        return None
    try:
        with file.open("rb") as stream:
            data = stream.read(most.most + 1)
        if len(data) > most.most:
            raise InputError(f"--service-tags '{file}': it is larger than {most.megabytes:g} MB; {most.hint}")
        with _no_collection():
            return TagIndex(json.loads(data), file)
    except OSError as error:
        raise InputError(f"--service-tags '{file}': cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"--service-tags '{file}': is not a ServiceTags_*.json file of Microsoft's: {clean(str(error), most=300)}. "
            f"Get one from {DOWNLOAD_PAGE}"
        ) from error


def no_file() -> InputError:
    """What is said where a service tag file is needed and there is none."""
    return InputError(f"--service-tags: give a ServiceTags_*.json file; Microsoft publishes it at {DOWNLOAD_PAGE}")


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Two hundred thousand texts and no cycle among them: collecting garbage meanwhile takes as long as the work."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def read_addresses(words: Iterable[str], files: Iterable[Path], most: ByteLimit) -> list[str]:
    """Addresses from arguments and from files (``-``: standard input): of each line the first word, comments after
    ``#`` left out. InputError names every file that cannot be read, and up to ``MOST_PROBLEMS`` of what is no
    address."""
    found = list(words)
    problems: list[str] = []
    for file in files:
        try:
            if str(file) == "-":
                text = sys.stdin.read(most.most + 1)
            else:
                with file.open(encoding="utf-8") as stream:
                    text = stream.read(most.most + 1)
        except (OSError, UnicodeDecodeError) as error:
            problems.append(f"--file '{file}': cannot be read ({error})")
            continue
        if len(text) > most.most:
            problems.append(f"--file '{file}': it is larger than {most.megabytes:g} MB; {most.hint}")
        else:
            found += [parts[0] for line in text.splitlines() if (parts := line.partition("#")[0].split())]
    wrong = [f"address '{clean(a, most=80)}' {_problem(a)}" for a in found if not _is_any_address(_plain(a))]
    more = [f"and {len(wrong) - MOST_PROBLEMS} more"] if len(wrong) > MOST_PROBLEMS else []
    if problems or wrong:
        raise InputError([*problems, *wrong[:MOST_PROBLEMS], *more])
    return found


def answer(index: TagIndex | None, addresses: Sequence[str], *, json_: bool) -> tuple[str, bool]:
    """The answer for every address as text or JSON, and whether each has a tag or is none of the internet.

    Without an index the addresses that need one are listed as not looked up. ValueError for what is no address.
    """
    with _no_collection():
        tags = index.lookup(addresses) if index else [[] for _ in addresses]
    found = [
        (address, matches, "" if matches else meaning(_plain(address)))
        for address, matches in zip(addresses, tags, strict=True)
    ]
    complete = all(matches or meant for _, matches, meant in found)
    if json_:
        data = [
            {
                "address": address,
                "tags": [asdict(m) for m in matches] if index or meant else None,
                "meaning": meant or None,
            }
            for address, matches, meant in found
        ]
        return json.dumps(clean_data(data), indent=2) + "\n", complete
    none = _NO_TAG if index else _NOT_ASKED
    width = max((len(address) for address in addresses), default=0)
    lines = [
        f"{address:<{width}}  {clean(', '.join(f'{m.name} ({m.prefix})' for m in matches)) or meant or none}\n"
        for address, matches, meant in found
    ]
    return "".join(lines), complete
