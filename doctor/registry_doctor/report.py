"""Declared registries as tables and JSON: endpoints, addresses, records, who can pull, what an update changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from registry_model.alibaba import limits
from registry_model.alibaba.editions import Edition
from registry_model.alibaba.names import Way
from registry_model.azure import ids, names
from registry_model.estate.documents import EXPORT
from registry_model.reach import judgement
from registry_model.reach import model as reach_model
from registry_model.reach.alibaba.model import AlibabaRegistry
from registry_model.reach.changes import compare
from registry_model.reach.clients import default_clients
from registry_model.reach.firewalls import is_address
from registry_model.reach.model import HostKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from registry_model.reach.kinds import AnyRegistry
    from registry_model.reach.model import Change, Host, Reach, Registry, Summary

Row = list[str]

REACH_COLUMNS = ("client", "pull", "push", "path", "why not, and what to change")
CHANGE_COLUMNS = ("registry", "client", "effect", "change", "new hosts", "gone hosts")
HOST_COLUMNS = ("host", "what", "region", "private address")
RECORD_COLUMNS = ("zone", "record", "type", "address")


def endpoints(registry: AnyRegistry) -> Mapping[str, Any]:
    """What ``az acr show-endpoints`` prints for this registry; of Alibaba Cloud the hosts of each endpoint."""
    if isinstance(registry, AlibabaRegistry):
        return {
            "instance": registry.label,
            "endpoints": [
                {
                    "endpointType": way.name.lower(),
                    "enable": None if registry.by_name else way in registry.ways,
                    "hosts": [{"host": host.name, "kind": str(host.kind)} for host in registry.hosts_of(way)],
                }
                for way in Way
            ],
        }
    return names.show_endpoints(
        registry.login_server,
        registry.home,
        registry.replicas,
        data_endpoints=registry.serves_from_data_endpoints,
        regional_endpoints=registry.regional_endpoints,
    )


def summaries(registry: AnyRegistry) -> list[Summary]:
    """The who-can-pull table, one line for each place that a client may stand in."""
    return [judgement.summary(registry, client) for client in default_clients(registry)]


def tells_something(registries: Iterable[AnyRegistry]) -> bool:
    """Whether of any client of any registry it can be told whether it pulls or pushes."""
    unknown = {reach_model.Ability.UNKNOWN}
    found = [line for registry in registries for line in summaries(registry)]
    return not found or any({line.pull, line.push} != unknown for line in found)


def reach_rows(lines: Sequence[Summary]) -> list[Row]:
    """The table for people: ids by name and group, and one row for all clients of whom it says the same."""
    rows = [[s.client, str(s.pull), str(s.push), ", ".join(s.paths), ids.shortened(_why_not(s))] for s in lines]
    return _folded(rows, client=0, kept=lambda row: not row[-1])


def _why_not(line: Summary) -> str:
    if line.pull is line.push is reach_model.Ability.YES:
        return line.holds_for
    return f"{line.reason}. → {line.fix}" if line.fix else line.reason


def change_rows(changes: Sequence[Change]) -> list[Row]:
    """The changes for people, as in the reach table."""
    rows = [
        [
            c.registry,
            c.client,
            "BREAKS" if c.breaks else "",
            ids.shortened(c.text),
            " ".join(c.new_hosts),
            " ".join(c.gone_hosts),
        ]
        for c in changes
    ]
    return _folded(rows, client=1)


def _folded(rows: Iterable[Row], client: int, kept: Callable[[Row], bool] = lambda _: False) -> list[Row]:
    """Rows that nothing but their client distinguishes as one, with all their clients; ``kept`` ones stay apart."""
    found: dict[tuple[str, ...], Row] = {}
    for number, row in enumerate(rows):
        rest = (*row[:client], *row[client + 1 :], str(number) if kept(row) else "")
        if rest in found:
            found[rest][client] += f"; {row[client]}"
        else:
            found[rest] = row
    return list(found.values())


def host_rows(registry: AnyRegistry) -> list[Row]:
    """Every host of a registry with the address that each private endpoint has for it."""
    if isinstance(registry, AlibabaRegistry):
        return [
            [host.name, _what(registry, host), ", ".join(host.regions), _private_address(registry, host)]
            for host in registry.hosts()
        ]
    nowhere = "not known" if registry.by_name else "none"
    untold = registry.untold_hosts
    return [
        [
            h["host"],
            h["kind"],
            ", ".join(h["regions"]),
            ", ".join(f"{a} ({e})" for e, a in h["addresses"].items())
            or (unknown(registry) if h["host"] in untold else nowhere),
        ]
        for h in _hosts(registry)
    ] + [
        [each["host"], str(HostKind.DATA), each["region"], f"none: the replica is {each['state']}"]
        for each in _stopped_replicas(registry)
    ]


def _stopped_replicas(registry: AnyRegistry) -> list[dict[str, str]]:
    """The replicas that Azure did not finish, with the data endpoint that each would have."""
    if isinstance(registry, AlibabaRegistry):
        return []
    return [
        {"region": region, "state": state, "host": names.data_endpoint(registry.login_server.lower(), region)}
        for region, state in registry.stopped_replicas
    ]


def until_refresh(registry: AnyRegistry) -> list[str]:
    """The hosts whose private address Azure has and a stack's state lacks until it is refreshed."""
    if isinstance(registry, AlibabaRegistry) or registry.document != EXPORT:
        return []
    return registry.untold_hosts


def unknown(registry: AnyRegistry) -> str:
    """What stands in the place of an address that the document does not tell. A stack's state has what the creation of
    the endpoint answered, so that it lacks those of later replicas until it is refreshed."""
    if isinstance(registry, AlibabaRegistry):
        return "not in the state"
    return "unknown until `pulumi refresh`" if registry.document == EXPORT else "not known"


def _what(registry: AlibabaRegistry, host: Host) -> str:
    """What a host is for, of which endpoint, and that nobody needs it where that endpoint lets nobody in."""
    if registry.by_name:
        return f"{host.kind}, {host.way} (not known whether it is on)"
    off = "off" if host.way == Way.INTERNET else "no VPC bound"
    return f"{host.kind}, {host.way}{'' if host.way in registry.ways else f' ({off})'}"


def _private_address(registry: AlibabaRegistry, host: Host) -> str:
    """Where the private form of a host has its address: in each bound VPC, or in the range that all services share."""
    if host.kind is HostKind.BUCKET:
        return ", ".join(registry.addresses_of(host)) or "none"
    if host.way == Way.INTERNET:
        return "none"
    if host.kind is HostKind.LOGIN and registry.by_name:
        return "not known"
    if host.kind is HostKind.LOGIN and registry.edition is Edition.ENTERPRISE:
        held = [(link.name, link.address_of(host.name) or "") for link in registry.links]
        return ", ".join(f"{a if is_address(a) else unknown(registry)} ({name})" for name, a in held) or "none"
    return f"in {limits.SERVICE_RANGE}"


def _hosts(registry: AnyRegistry) -> list[dict[str, Any]]:
    return [
        {
            "host": host.name,
            "kind": str(host.kind),
            "regions": list(host.regions),
            "addresses": {
                endpoint.name: address
                for endpoint in registry.private_endpoints
                if (address := endpoint.address_of(host.name)) and is_address(address)
            },
        }
        for host in registry.hosts()
    ]


def record_rows(registry: AnyRegistry) -> list[Row]:
    """The A records that a stack has for a registry; ``missing`` where its zones lack one, and all of them is told."""
    untold = {zone.name for zone in registry.zones if not zone.complete}
    return [
        [
            r["zone"],
            r["name"],
            "A",
            r["address"] or _nothing(registry, declared=r["declared"], told=r["zone"] not in untold),
        ]
        for r in _records(registry)
    ]


def _nothing(registry: AnyRegistry, *, declared: bool, told: bool) -> str:
    if declared:
        return unknown(registry)
    return "missing" if told else "not known"


def _records(registry: AnyRegistry) -> list[dict[str, Any]]:
    if isinstance(registry, AlibabaRegistry):
        return [
            {"zone": zone.name, "name": record, "address": _known(address), "declared": True}
            for zone in registry.zones
            for record, address in zone.records
        ]
    label = names.split_login_server(registry.login_server)[0]
    found = [
        {"zone": zone.name, "name": record, "address": _known(address), "declared": True}
        for zone in registry.zones
        for record, address in zone.records
        if record == label or record.startswith(f"{label}.")
    ]
    present = {(r["zone"], r["name"]) for r in found}
    if registry.private_endpoints:
        wanted = names.private_dns_records(registry.login_server, registry.home, registry.replicas)
        found += [row for r in wanted if (r.zone, r.name) not in present for row in _answered(registry, r)]
    return found


def _answered(registry: Registry, record: names.Record) -> list[dict[str, Any]]:
    """A record that no record set has the name of: what a wildcard answers, else that it is missing."""
    addresses = [a for zone in registry.zones if zone.name == record.zone for a in zone.addresses_of(record.name)]
    row = {"zone": record.zone, "name": record.name, "address": None, "declared": False}
    return [{**row, "address": _known(a), "declared": True} for a in dict.fromkeys(addresses)] or [row]


def _known(address: str) -> str | None:
    return address if is_address(address) else None


def changes(before: Sequence[AnyRegistry], after: Sequence[AnyRegistry]) -> list[Change]:
    """What an update changes for each client of each registry, what breaks first."""
    return sorted(compare(before, after), key=lambda c: (not c.breaks, c.registry))


def reach_data(registries: Sequence[AnyRegistry], found: Sequence[Change] | None) -> dict[str, Any]:
    """The reach table as JSON data; ``found`` are the changes of a preview, None without one."""
    data: dict[str, Any] = {
        "registries": [
            {
                "registry": registry.label,
                "loginServer": registry.login_server,
                "stoppedReplicas": _stopped_replicas(registry),
                "notes": list(registry.notes),
                "clients": [_summary_data(line) for line in summaries(registry)],
            }
            for registry in registries
        ]
    }
    if found is not None:
        data["changes"] = [
            {
                "registry": c.registry,
                "client": c.client,
                "breaks": c.breaks,
                "text": c.text,
                "newHosts": list(c.new_hosts),
                "goneHosts": list(c.gone_hosts),
                "before": _summary_data(c.before) if c.before else None,
                "after": _summary_data(c.after) if c.after else None,
            }
            for c in found
        ]
    return data


def _summary_data(line: Summary) -> dict[str, Any]:
    condition = line.reason if line.pull is reach_model.Ability.IF else ""
    return {
        "client": line.client,
        "pull": str(line.pull),
        "push": str(line.push),
        "paths": [str(p) for p in line.paths],
        "condition": condition,
        "reason": "" if condition else line.reason,
        "fix": line.fix,
        "hosts": [_reach_data(r) for r in line.reaches],
    }


def _reach_data(reach: Reach) -> dict[str, Any]:
    return {
        "host": reach.host,
        "kind": str(reach.kind),
        "regions": list(reach.regions),
        "operation": str(reach.operation),
        "chain": list(reach.chain),
        "address": reach.address or None,
        "addressClass": str(reach.address_class),
        "serviceTags": list(reach.service_tags),
        "path": str(reach.path),
        "verdict": str(reach.verdict),
        "conditions": list(reach.conditions),
        "reason": reach.reason,
        "fix": reach.fix,
    }


def show_data(registry: AnyRegistry) -> dict[str, Any]:
    """Everything that ``show`` prints, as JSON data."""
    return {
        "registry": registry.label,
        "endpoints": endpoints(registry),
        "hosts": _hosts(registry),
        "unknownUntilRefresh": until_refresh(registry),
        "stoppedReplicas": _stopped_replicas(registry),
        "records": _records(registry),
        "clients": [_summary_data(line) for line in summaries(registry)],
        "notes": list(registry.notes),
    }
