"""Virtual networks, with the subnets that are declared within them.

Subnets that are resources of their own survive an update of the network: pulumi-azure-native sends along the ones that
it finds, so that only a subnet that was declared within the network and is no longer is deleted.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from localcloud.model import ids
from localcloud.model.kind import FORCE_NEW, LOCATION_ANSWER, Fixed, Kind, Problems, Request, duplicates, marks
from localcloud.model.store import Row

from . import addresses, facts, subnet

if TYPE_CHECKING:
    from localcloud.model.store import Transaction

_SUBNET = "azure-native:network:Subnet"


class VirtualNetwork(Kind):
    api_version = "2024-05-01"
    location = "region"
    immutable = MappingProxyType({"location": Fixed(True, FORCE_NEW, LOCATION_ANSWER)})
    name_rule = (
        r"[a-zA-Z0-9][\w.-]{0,62}\w",
        "must have 2 to 64 letters, digits, '_', '-' or '.', start with a letter or digit, and not end with '-' or '.'",
    )
    has_etag = True

    def check(self, request: Request) -> None:
        given = (request.inputs.get("addressSpace") or {}).get("addressPrefixes") or []
        if not given:
            request.problems.add(f"Virtual network '{request.name}' has no addressSpace.addressPrefixes.")
        parsed = [(prefix, addresses.parse(prefix, request.id, request.problems)) for prefix in given]
        valid = [(prefix, network) for prefix, network in parsed if network is not None]
        for index, (prefix, network) in enumerate(valid):
            for other_prefix, other in valid[index + 1 :]:
                if addresses.overlap(network, other):
                    request.problems.add(
                        f"addressSpace.addressPrefixes: {prefix} and {other_prefix} of virtual network "
                        f"'{request.name}' overlap."
                    )
        self._check_subnets(request, [prefix for prefix, _ in valid])

    def _check_subnets(self, request: Request, outer: list[str]) -> None:
        inline = request.inputs.get("subnets") or []
        for twice in duplicates(str(each.get("name")) for each in inline):
            request.problems.add(f"subnets: the name '{twice}' occurs more than once.")
        existing = {row.key: row for row in request.tx.children(request.id, "subnets")}
        wanted = {f"{request.id}/subnets/{each.get('name')}": each for each in inline}
        dropped = self._dropped(request, existing)
        bodies = {ids.name_of(i): values for i, values in wanted.items()}
        kept = {row.name: row.body for row in existing.values() if row not in dropped and row.name not in bodies}
        for subnet_id, values in wanted.items():
            name = ids.name_of(subnet_id)
            if not values.get("name"):
                request.problems.add("subnets: each needs a name.")
                continue
            others = {n: b for n, b in {**kept, **self._valid(bodies, outer)}.items() if n != name}
            subnet.check_prefixes(subnet_id, values, outer, others, request.problems)
            region = facts.region(request.inputs.get("location"))
            subnet.check_references(request, values, f"subnets.{name}.", region)
            if ids.key(subnet_id) in existing:
                prefixes = addresses.subnet_prefixes(values)
                subnet.check_in_use(request.tx, existing[ids.key(subnet_id)], prefixes, request.problems)
        for name, body in kept.items():
            for network in addresses.networks(addresses.subnet_prefixes(body)):
                if not any(addresses.inside(network, wider) for wider in addresses.networks(outer)):
                    request.problems.add(
                        f"addressSpace.addressPrefixes of virtual network '{request.name}' no longer holds its "
                        f"subnet '{name}' ({network})."
                    )
        for row in dropped:
            request.cloud.kind(_SUBNET).check_delete(request.tx, row, set(), request.problems)

    def _dropped(self, request: Request, existing: dict[str, Row]) -> list[Row]:
        """Subnets that the network declared before and does not declare now."""
        names = {str(each.get("name")).lower() for each in request.inputs.get("subnets") or []}
        return [row for row in existing.values() if row.body.get("_inline") and row.name.lower() not in names]

    def _valid(self, bodies: dict[str, Any], outer: list[str]) -> dict[str, Any]:
        """The subnets of one request whose prefixes can be compared with each other."""
        found: dict[str, Any] = {}
        for name, values in bodies.items():
            aside = Problems()
            subnet.check_prefixes(f"/x/{name}", values, outer, {}, aside)
            if not aside:
                found[name] = values
        return found

    def state(self, request: Request) -> dict[str, Any]:
        kept = self.plain(request.inputs)
        kept.pop("subnets", None)
        kept.pop("virtualNetworkPeerings", None)
        if not kept.get("enableVmProtection"):
            kept.pop("enableVmProtection", None)  # Azure keeps silent about one that is off
        defaults = {"enableDdosProtection": False, "privateEndpointVNetPolicies": "Disabled"}
        return {**defaults, **kept, "resourceGuid": ids.guid(ids.key(request.id))}

    def stored(self, request: Request, row: Row) -> None:
        existing = {each.key: each for each in request.tx.children(row.id, "subnets")}
        for gone in self._dropped(request, existing):
            request.tx.remove(gone.id)
        group, network = ids.name_of(ids.group_of(row.id)), row.name
        for values in request.inputs.get("subnets") or []:
            subnet_id = f"{row.id}/subnets/{values['name']}"
            before = existing.get(ids.key(subnet_id))
            inline = before.body.get("_inline", False) if before else True
            body = {**subnet.stored_state(values, values["name"]), "_inline": inline, **marks(before)}
            own = {**values, "resourceGroupName": group, "virtualNetworkName": network, "subnetName": values["name"]}
            pointers = [
                (name, values[name]["id"])
                for name in ("networkSecurityGroup", "routeTable", "natGateway")
                if (values.get(name) or {}).get("id")
            ]
            request.tx.put(Row(before.id if before else subnet_id, _SUBNET, own, body, pointers=pointers))

    def view(self, tx: Transaction, row: Row) -> dict[str, Any]:
        return {
            "subnets": [_within(tx, each) for each in tx.children(row.id, "subnets")],
            "virtualNetworkPeerings": [
                {"id": each.id, "name": each.name, **_visible(each)}
                for each in tx.children(row.id, "virtualNetworkPeerings")
            ],
        }

    def removed(self, tx: Transaction, row: Row, going: set[str]) -> None:
        # "Your deletion operation succeeds and the links to the DNS zone are automatically cleared":
        # learn.microsoft.com/azure/dns/dns-faq-private.
        for link in tx.sources(row.id, "link"):
            tx.remove(link.id)
        for peering in tx.sources(row.id, "peering"):
            peering.body["peeringState"] = "Disconnected"
            tx.put(peering)

    def serial_scope(self, resource_id: str) -> str:
        return resource_id


def _visible(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.body.items() if not name.startswith("_")}


def _within(tx: Transaction, row: Row) -> dict[str, Any]:
    fixed = {"provisioningState": "Succeeded", "type": "Microsoft.Network/virtualNetworks/subnets"}
    return {"id": row.id, **_visible(row), **fixed, **subnet.occupants(tx, row)}
