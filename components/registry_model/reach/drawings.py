"""Draw a registry, the networks around it and who reaches it: Mermaid for pages, SVG for reports.

Pure and self-contained: no library, no font or script from elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..azure.ids import shortened
from ..text import clean, markup
from . import judgement
from . import model as reach_model
from .alibaba.model import AlibabaRegistry
from .firewalls import is_address
from .model import Ability, Path
from .routes import way_to

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .kinds import AnyRegistry
    from .model import Client, Registry, Summary, Zone


def mermaid(registry: AnyRegistry, clients: Sequence[Client] = ()) -> str:
    """A Mermaid flowchart: clients on the left, networks, endpoints and zones in the middle, hosts on the right.

    A client's arrow is solid where it can pull, dotted with the verdict where it cannot. Peerings are lines between
    networks, dotted where broken; a route to a firewall is an arrow with its prefix.
    """
    lines = ["flowchart LR"]
    lines.append(f'  subgraph registry["{_quoted(registry.label)}: {_quoted(registry.login_server)}"]')
    for index, host in enumerate(registry.hosts()):
        lines.append(f'    h{index}["{_quoted(host.name)}<br/>{host.kind}"]')
    lines.append("  end")
    for index, network in enumerate(_networks(registry)):
        lines.append(f'  subgraph n{index}["{_quoted(network.label)}"]')
        inside = False
        for number, endpoint in enumerate(registry.private_endpoints):
            if endpoint.vnet == network.id:
                inside = True
                shown = "<br/>".join(a for _, a in endpoint.addresses if is_address(a))
                lines.append(f'    e{number}(["{_quoted(endpoint.name)}{"<br/>" + shown if shown else ""}"])')
        if not inside:
            lines.append(f'    n{index}_here["clients"]')
        lines.append("  end")
    for number, _ in enumerate(registry.private_endpoints):
        lines.append(f"  e{number} --> registry")
    order = {n.id: i for i, n in enumerate(_networks(registry))}
    for number, zone in enumerate(registry.zones):
        lines.append(f'  z{number}[/"{_quoted(zone.name)}<br/>{_counted(zone)}"/]')
        for link in zone.links:
            if link.declared and link.vnet in order:
                style = "NxDomainRedirect" if link.nx_domain_redirect else "linked"
                lines.append(f"  n{order[link.vnet]} -.-|{style}| z{number}")
    for one, two, peering in _peerings(registry):
        line = f'-.-|"{_quoted(peering.broken)}"|' if peering.broken else "---|peered|"
        lines.append(f"  n{one} {line} n{two}")
    firewalls = _firewalls(registry)
    lines += [f'  f{number}{{{{"firewall {_quoted(name)}"}}}}' for number, name in enumerate(firewalls)]
    for index, prefix, name in _routed(registry):
        lines.append(f'  n{index} -->|"{_quoted(prefix)}"| f{firewalls.index(name)}')
    for index, line in enumerate(_summaries(registry, clients)):
        lines.append(f'  c{index}("{_quoted(line.client)}")')
        if line.pull in _STOPPED:
            lines.append(f'  c{index} -.->|"{_quoted(_verdict(line))}"| registry')
        else:
            partly = {Ability.PARTLY: " (some regions)", Ability.IF: f", if {line.reason}"}.get(line.pull, "")
            lines.append(f'  c{index} ==>|"{_quoted(", ".join(line.paths))}{partly}"| registry')
    return "\n".join(lines) + "\n"


def svg(registry: AnyRegistry, clients: Sequence[Client] = ()) -> str:
    """One self-contained SVG document, with a title and a description for screen readers.

    Clients on the left, the ways in (private endpoints, the public side) and the zones in the middle, the hosts on the
    right. A client that gets through has an arrow to its way in; the arrow of one that does not ends in a cross. Below
    them the networks, where they are peered (dashed: broken) or send traffic to a firewall.
    """
    lines = _summaries(registry, clients)
    left = [_Box(s.client, _verdict(s) if s.pull in _STOPPED else _how(s), _kind(s)) for s in lines]
    ways = _ways(registry, lines)
    middle = [box for _, box in ways] + [_zone_box(registry, zone) for zone in registry.zones]
    right = [_Box(host.name, str(host.kind)) for host in registry.hosts()]
    columns = [left, middle, right]
    below = _TopologyBoxes.of(registry, max(len(column) for column in columns) + 1)
    widths = [
        max((box.width for box in (*column, *more)), default=0)
        for column, more in zip(columns, (below.networks, below.firewalls, ()), strict=True)
    ]
    starts = [_PAD, _PAD + widths[0] + _ARROW, _PAD + widths[0] + widths[1] + 2 * _ARROW]
    total = starts[2] + widths[2] + 2 * _PAD
    height = _TOP + max(*(len(column) for column in columns), below.last_row) * (_BOX + _GAP) + _PAD
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {height}" width="{total}" height="{height}"'
        ' role="img" aria-labelledby="topology-title topology-description">',
        f'<title id="topology-title">{markup(registry.label)}: who reaches it</title>',
        f'<desc id="topology-description">{markup("; ".join(f"{box.title}: {box.text}" for box in left))}</desc>',
        f"<style>{_STYLE}</style>",
    ]
    headings = ("Clients", "Ways in, and zones", f"Hosts of {registry.label}")
    for start, heading in zip(starts, headings, strict=True):
        parts.append(f'<text class="heading" x="{start}" y="{_TOP - 2 * _PAD}">{markup(heading)}</text>')
    rows = {key: row for row, (key, _) in enumerate(ways)}
    for row, (line, client) in enumerate(zip(lines, clients, strict=True)):
        parts += _client_arrows(starts, widths, row, line, [rows[k] for k in _keys(registry, client, line)])
    frame = (starts[2] - _FRAME, _TOP - _FRAME, widths[2] + 2 * _FRAME, len(right) * (_BOX + _GAP) - _GAP + 2 * _FRAME)
    parts.append('<rect class="frame" x="{}" y="{}" width="{}" height="{}" rx="6"/>'.format(*frame))
    for row in range(len(ways)):
        parts.append(_arrow("plain", starts[1] + widths[1], _middle_of(row), frame[0], frame[1] + frame[3] // 2))
    for start, width, column in zip(starts, widths, columns, strict=True):
        parts += [part for row, box in enumerate(column) for part in box.drawn(start, row, width)]
    parts += below.drawn(starts, widths)
    return "\n".join([*parts, "</svg>"]) + "\n"


_LONGEST = 72  # characters of a box's second line
_PAD, _BOX, _GAP, _TOP, _ARROW, _FRAME = 12, 44, 10, 52, 110, 8
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1b1b1f}.small{font-size:11px;fill:#5a5a66}.heading{font-weight:600}"
    "rect{fill:#f6f6f9;stroke:#8a8a99}rect.frame{fill:none;stroke-dasharray:2 3}"
    "rect.yes{fill:#e8f5ec;stroke:#2a7d46}rect.partly{fill:#fff6df;stroke:#a06a00}"
    "rect.no{fill:#fdecec;stroke:#b3261e}.way{fill:none;stroke-width:1.5;stroke:#8a8a99}.way.yes{stroke:#2a7d46}"
    ".way.partly{stroke:#a06a00;stroke-dasharray:6 3}.way.no{stroke:#b3261e}"
    ".peering{fill:none;stroke-width:1.5;stroke:#8a8a99}.peering.broken{stroke:#b3261e;stroke-dasharray:4 4}"
)
_PUBLIC, _STORAGE = "public", "storage"
_STOPPED = (Ability.NO, Ability.UNKNOWN)


@dataclass(frozen=True)
class _Box:
    title: str
    text: str
    kind: str = "plain"

    @property
    def width(self) -> int:
        # The average advance of a 13 px system font, and of an 11 px one, on the safe side.
        return round(max(len(self.title) * 7.6, len(self.shown) * 6.4)) + 2 * _PAD

    @property
    def shown(self) -> str:
        """The text as far as it fits; the whole is in the box's tooltip."""
        return self.text if len(self.text) <= _LONGEST else f"{self.text[: _LONGEST - 1].rstrip()}…"

    def drawn(self, x: int, row: int, width: int) -> list[str]:
        y = _TOP + row * (_BOX + _GAP)
        return [
            f'<rect class="{self.kind}" x="{x}" y="{y}" width="{width}" height="{_BOX}" rx="4"/>',
            f'<text x="{x + _PAD}" y="{y + 18}">{markup(self.title)}</text>',
            f'<text class="small" x="{x + _PAD}" y="{y + 35}">{self._tooltip}{markup(self.shown)}</text>',
        ]

    @property
    def _tooltip(self) -> str:
        return "" if self.shown == self.text else f"<title>{markup(self.text)}</title>"


@dataclass(frozen=True)
class _TopologyBoxes:
    """The networks and the firewalls that their routes lead to, as boxes from ``row`` on; none where nothing connects
    them."""

    row: int
    networks: tuple[_Box, ...] = ()
    firewalls: tuple[_Box, ...] = ()
    peerings: tuple[tuple[int, int, reach_model.Peering], ...] = ()
    routed: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, registry: AnyRegistry, row: int) -> _TopologyBoxes:
        peerings, routed, firewalls = _peerings(registry), _routed(registry), _firewalls(registry)
        if not peerings and not routed:
            return cls(row)
        known = _networks(registry)
        said: dict[int, list[str]] = {index: [] for index in range(len(known))}
        for one, two, peering in peerings:
            for here, there in ((one, two), (two, one)):
                said[here].append(peering.broken or f"peered with {known[there].label}")
        for index, prefix, name in routed:
            said[index].append(f"{prefix} goes to {name}")
        boxes = tuple(_Box(f"network {n.label}", "; ".join(dict.fromkeys(said[i]))) for i, n in enumerate(known))
        return cls(
            row,
            boxes,
            tuple(_Box(f"firewall {name}", "next hop of a route table") for name in firewalls),
            tuple(peerings),
            tuple(dict.fromkeys((index, firewalls.index(name)) for index, _, name in routed)),
        )

    @property
    def last_row(self) -> int:
        return self.row + max(len(self.networks), len(self.firewalls)) if self.networks else 0

    def drawn(self, starts: list[int], widths: list[int]) -> list[str]:
        if not self.networks:
            return []
        x, y = starts[0], _TOP + self.row * (_BOX + _GAP) - 2 * _PAD
        parts = [f'<text class="heading" x="{x}" y="{y}">Networks, and firewalls on their routes</text>']
        right = starts[0] + widths[0]
        for one, two, peering in self.peerings:
            first, second = _middle_of(self.row + one), _middle_of(self.row + two)
            bend = right + _ARROW // 2
            kind = "peering broken" if peering.broken else "peering"
            parts.append(f'<path class="{kind}" d="M{right} {first}C{bend} {first} {bend} {second} {right} {second}"/>')
        for network, firewall in self.routed:
            parts.append(
                _arrow("plain", right, _middle_of(self.row + network), starts[1], _middle_of(self.row + firewall))
            )
        for start, width, column in zip(starts, widths, (self.networks, self.firewalls), strict=False):
            parts += [part for row, box in enumerate(column) for part in box.drawn(start, self.row + row, width)]
        return parts


def _middle_of(row: int) -> int:
    return _TOP + row * (_BOX + _GAP) + _BOX // 2


def _arrow(kind: str, x: int, y: int, to_x: int, to_y: int) -> str:
    bend = (to_x - x) // 2
    return (
        f'<path class="way {kind}" d="M{x} {y}C{x + bend} {y} {to_x - bend} {to_y} {to_x - 2} {to_y}m-6 -4l6 4l-6 4"/>'
    )


def _client_arrows(starts: list[int], widths: list[int], row: int, line: Summary, targets: list[int]) -> list[str]:
    x, y = starts[0] + widths[0], _middle_of(row)
    if line.pull in _STOPPED:
        return [f'<path class="way {_kind(line)}" d="M{x} {y}h{_ARROW // 3}m-5 -5l10 10m0 -10l-10 10"/>']
    return [_arrow(_kind(line), x, y, starts[1], _middle_of(target)) for target in targets]


def _ways(registry: AnyRegistry, lines: Sequence[Summary]) -> list[tuple[str, _Box]]:
    """The ways in, by a key: each private endpoint, the public side, and blob storage while layers come from it."""
    networks = {n.id: n.label for n in _networks(registry)}
    ways: list[tuple[str, _Box]] = []
    if isinstance(registry, AlibabaRegistry):
        return _ways_of_alibaba(registry, networks)
    for endpoint in registry.private_endpoints:
        shown = ", ".join(a for _, a in endpoint.addresses if is_address(a)) or "addresses not known yet"
        state = "" if endpoint.approved else "not approved; "
        text = f"{state}in {networks[endpoint.vnet]}; {shown}"
        ways.append((endpoint.name, _Box(f"private endpoint {endpoint.name}", text)))
    ways.append((_PUBLIC, _Box("public endpoint", _public_text(registry))))
    if any(Path.STORAGE in line.paths for line in lines) or not registry.serves_from_data_endpoints:
        ways.append((_STORAGE, _Box("blob storage", f"{registry.cloud.blob_wildcard}, for layers")))
    return ways


def _ways_of_alibaba(registry: AlibabaRegistry, networks: Mapping[str, str]) -> list[tuple[str, _Box]]:
    """The bound VPCs, the Internet endpoint, and the shared services of the region."""
    ways: list[tuple[str, _Box]] = []
    for link in registry.links:
        shown = ", ".join(a for _, a in link.addresses if is_address(a)) or "address not known yet"
        ways.append((link.name, _Box(f"VPC endpoint in {networks[link.vnet]}", shown)))
    entries = registry.entries
    text = (
        "off"
        if registry.internet is False
        else "not known yet"
        if registry.internet is None or entries is None
        else f"{len(entries)} entries, all others refused"
        if entries
        else "open to every address"
    )
    ways.append((_PUBLIC, _Box("Internet endpoint", text)))
    ways.append((_STORAGE, _Box("shared services", f"token service and OSS of {registry.region}")))
    return ways


def _public_text(registry: Registry) -> str:
    bypass = "; trusted services come in" if registry.trusted_bypass else ""
    if registry.public_access is False:
        return f"off{bypass}"
    if registry.public_access and registry.default_allow:
        return "open to every address"
    if None in (registry.public_access, registry.default_allow, registry.ip_rules):
        return f"not known yet{bypass}"
    rules = "1 IP rule" if len(registry.ip_rules or ()) == 1 else f"{len(registry.ip_rules or ())} IP rules"
    return f"{rules}, all others denied{bypass}"


def _keys(registry: AnyRegistry, client: Client, line: Summary) -> list[str]:
    """The ways that a client's pulls take."""
    keys: list[str] = []
    for path in line.paths:
        if isinstance(registry, AlibabaRegistry):
            keys += [e.name for e in registry.links][:1] if path is Path.VPC else []
            keys += {Path.INTERNET: [_PUBLIC], Path.SERVICE: [_STORAGE]}.get(path, [])
            continue
        if path is Path.PRIVATE:
            keys += [e.name for e in registry.private_endpoints if e.approved and way_to(registry, client, e).open][:1]
        else:
            keys.append(_STORAGE if path is Path.STORAGE else _PUBLIC)
    return keys


def _zone_box(registry: AnyRegistry, zone: Zone) -> _Box:
    networks = {n.id: n.label for n in _networks(registry)}
    linked = ", ".join(networks.get(link.vnet) or shortened(link.vnet) for link in zone.links if link.declared)
    return _Box(f"zone {zone.name}", f"{_counted(zone)}; linked: {linked or 'no network'}")


def _counted(zone: Zone) -> str:
    return "1 record" if len(zone.records) == 1 else f"{len(zone.records)} records"


def _networks(registry: AnyRegistry) -> list[reach_model.Network]:
    known = {n.id: n for n in registry.networks}
    for vnet in [e.vnet for e in registry.private_endpoints]:
        known.setdefault(vnet, reach_model.Network(vnet))
    return list(known.values())


def _peerings(registry: AnyRegistry) -> list[tuple[int, int, reach_model.Peering]]:
    """The peerings between the drawn networks, each once, by the networks' places in `_networks`."""
    if isinstance(registry, AlibabaRegistry):
        return []  # its networks are joined by transit routers
    order = {network.id: index for index, network in enumerate(_networks(registry))}
    found: dict[frozenset[int], tuple[int, int, reach_model.Peering]] = {}
    for network in registry.networks:
        for peering in network.peerings:
            if peering.remote in order:
                ends = (order[network.id], order[peering.remote])
                found.setdefault(frozenset(ends), (*ends, peering))
    return list(found.values())


def _routed(registry: AnyRegistry) -> list[tuple[int, str, str]]:
    """What route tables send to an Azure Firewall: the network's place in `_networks`, the prefix, the firewall."""
    if isinstance(registry, AlibabaRegistry):
        return []
    order = {network.id: index for index, network in enumerate(_networks(registry))}
    found = [
        (order[network.id], route.prefix or "a prefix not known yet", route.appliance)
        for network in registry.networks
        for subnet in network.subnets
        for route in subnet.routes
        if route.hop is reach_model.Hop.APPLIANCE and route.appliance
    ]
    return list(dict.fromkeys(found))


def _firewalls(registry: AnyRegistry) -> list[str]:
    return list(dict.fromkeys(name for _, _, name in _routed(registry)))


def _summaries(registry: AnyRegistry, clients: Sequence[Client]) -> list[Summary]:
    found = [judgement.summary(registry, client) for client in clients]
    return [replace(each, reason=shortened(each.reason)) for each in found]


def _kind(line: Summary) -> str:
    """The colour of a client: yes, no, or something between."""
    return {Ability.YES: "yes", Ability.NO: "no"}.get(line.pull, "partly")


def _how(line: Summary) -> str:
    partly = "some regions only, " if line.pull is Ability.PARTLY else ""
    condition = f", if {line.reason}" if line.pull is Ability.IF else ""
    return f"pulls: {partly}{', '.join(line.paths)}{condition}"


def _verdict(line: Summary) -> str:
    stopped = next((r for r in line.reaches if r.operation is reach_model.Operation.PULL and not r.allowed), None)
    return str(stopped.verdict) if stopped else "allowed"


def _quoted(text: str) -> str:
    """Mermaid labels end at a double quote and read ``#`` as the start of an entity."""
    return (
        clean(text)
        .replace("#", "#35;")
        .replace('"', "#quot;")
        .replace("`", "#96;")
        .replace("<", "#lt;")
        .replace(">", "#gt;")
    )
