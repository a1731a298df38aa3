"""Draw a registry, the networks around it and who reaches it: Mermaid for pages, SVG for reports.

Pure and self-contained: no library, no font or script from elsewhere.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from . import reachability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .reachability import Client, Registry, Summary


def mermaid(registry: Registry, clients: Sequence[Client] = ()) -> str:
    """A Mermaid flowchart: clients on the left, networks, endpoints and zones in the middle, hosts on the right.

    A client's arrow is solid where it can pull, dotted with the verdict where it cannot.
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
                shown = "<br/>".join(a for _, a in endpoint.addresses if reachability.is_address(a))
                lines.append(f'    e{number}(["{_quoted(endpoint.name)}{"<br/>" + shown if shown else ""}"])')
        if not inside:
            lines.append(f'    n{index}_here["clients"]')
        lines.append("  end")
    for number, _ in enumerate(registry.private_endpoints):
        lines.append(f"  e{number} --> registry")
    order = {n.id: i for i, n in enumerate(_networks(registry))}
    for number, zone in enumerate(registry.zones):
        lines.append(f'  z{number}[/"{_quoted(zone.name)}<br/>{len(zone.records)} records"/]')
        for link in zone.links:
            if link.vnet in order:
                style = "NxDomainRedirect" if link.nx_domain_redirect else "linked"
                lines.append(f"  n{order[link.vnet]} -.-|{style}| z{number}")
    for index, line in enumerate(_summaries(registry, clients)):
        lines.append(f'  c{index}("{_quoted(line.client)}")')
        if line.pull is reachability.Ability.NO:
            lines.append(f'  c{index} -.->|"{_quoted(_verdict(line))}"| registry')
        else:
            partly = " (some regions)" if line.pull is reachability.Ability.PARTLY else ""
            lines.append(f'  c{index} ==>|"{_quoted(", ".join(line.paths))}{partly}"| registry')
    return "\n".join(lines) + "\n"


def svg(registry: Registry, clients: Sequence[Client] = ()) -> str:
    """One self-contained SVG document: the same picture, with a title and description for screen readers."""
    lines = _summaries(registry, clients)
    left = [(line.client, _verdict(line) if line.pull is reachability.Ability.NO else _how(line)) for line in lines]
    middle = _middle(registry)
    right = [(host.name, str(host.kind)) for host in registry.hosts()]
    columns = [left, middle, right]
    widths = [max([_width(t) for box in column for t in box] or [0]) + 2 * _PAD for column in columns]
    rows = max(len(column) for column in columns)
    height = _TOP + rows * (_BOX + _GAP) + _PAD
    starts = [_PAD, _PAD + widths[0] + _ARROW, _PAD + widths[0] + _ARROW + widths[1] + _PAD]
    total = starts[2] + widths[2] + _PAD
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {height}" width="{total}" height="{height}"'
        ' role="img" aria-labelledby="topology-title topology-description">',
        f'<title id="topology-title">{escape(registry.label)}: who reaches it</title>',
        f'<desc id="topology-description">{escape("; ".join(f"{name}: {text}" for name, text in left))}</desc>',
        f"<style>{_STYLE}</style>",
    ]
    for start, heading in zip(starts, ("Clients", "Networks, endpoints, zones", registry.login_server), strict=True):
        parts.append(f'<text class="heading" x="{start}" y="{_TOP - _PAD}">{escape(heading)}</text>')
    for start, width, column in zip(starts, widths, columns, strict=True):
        for row, (title, text) in enumerate(column):
            y = _TOP + row * (_BOX + _GAP)
            kind = _ABILITY_CLASS[lines[row].pull] if column is left else "plain"
            parts.append(f'<rect class="{kind}" x="{start}" y="{y}" width="{width}" height="{_BOX}" rx="4"/>')
            parts.append(f'<text x="{start + _PAD}" y="{y + 17}">{escape(title)}</text>')
            parts.append(f'<text class="small" x="{start + _PAD}" y="{y + 34}">{escape(text)}</text>')
    for row, line in enumerate(lines):
        y = _TOP + row * (_BOX + _GAP) + _BOX // 2
        x = starts[0] + widths[0]
        kind = _ABILITY_CLASS[line.pull]
        parts.append(f'<path class="way {kind}" d="M{x + 2} {y}h{_ARROW - 10}l-6 -4m6 4l-6 4"/>')
        if line.pull is reachability.Ability.NO:
            middle_x = x + _ARROW // 2 - 4
            parts.append(f'<path class="way {kind}" d="M{middle_x - 5} {y - 6}l10 12m0 -12l-10 12"/>')
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


_PAD, _BOX, _GAP, _TOP, _ARROW = 12, 44, 10, 44, 72
_ABILITY_CLASS = {
    reachability.Ability.YES: "yes",
    reachability.Ability.PARTLY: "partly",
    reachability.Ability.NO: "no",
}
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1b1b1f}.small{font-size:11px;fill:#5a5a66}.heading{font-weight:600}"
    "rect{fill:#f6f6f9;stroke:#8a8a99}rect.yes{fill:#e8f5ec;stroke:#2a7d46}rect.partly{fill:#fff6df;stroke:#a06a00}"
    "rect.no{fill:#fdecec;stroke:#b3261e}.way{fill:none;stroke-width:2}.way.yes{stroke:#2a7d46}"
    ".way.partly{stroke:#a06a00}.way.no{stroke:#b3261e;stroke-dasharray:4 3}"
)


def _middle(registry: Registry) -> list[tuple[str, str]]:
    boxes: list[tuple[str, str]] = []
    for network in _networks(registry):
        zones = [z.name for z in registry.zones if z.link_of(network.id) is not None]
        linked = f"linked to {', '.join(zones)}" if zones else "not linked to a zone"
        boxes.append((f"network {network.label}", linked))
        for endpoint in registry.private_endpoints:
            if endpoint.vnet == network.id:
                shown = [a for _, a in endpoint.addresses if reachability.is_address(a)]
                text = ", ".join(shown) or "addresses known after deployment"
                boxes.append((f"endpoint {endpoint.name}", text if endpoint.approved else f"not approved; {text}"))
    boxes += [(f"zone {zone.name}", f"{len(zone.records)} records") for zone in registry.zones]
    return boxes or [("no private endpoint", "public DNS and public addresses only")]


def _networks(registry: Registry) -> list[reachability.Network]:
    known = {n.id: n for n in registry.networks}
    for vnet in [e.vnet for e in registry.private_endpoints]:
        known.setdefault(vnet, reachability.Network(vnet))
    return list(known.values())


def _summaries(registry: Registry, clients: Sequence[Client]) -> list[Summary]:
    return [reachability.summary(registry, client) for client in clients]


def _how(line: Summary) -> str:
    partly = "some regions only, " if line.pull is reachability.Ability.PARTLY else ""
    return f"pulls: {partly}{', '.join(line.paths)}"


def _verdict(line: Summary) -> str:
    stopped = next((r for r in line.reaches if r.operation is reachability.Operation.PULL and not r.allowed), None)
    return str(stopped.verdict) if stopped else "allowed"


def _width(text: str) -> int:
    # Average advance of a 13 px system font, on the safe side.
    return round(len(text) * 7.4)


def _quoted(text: str) -> str:
    """Mermaid labels end at a double quote and read ``#`` as the start of an entity."""
    return text.replace("#", "#35;").replace('"', "#quot;")
