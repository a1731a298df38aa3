"""Network interfaces: those that private endpoints make, which cannot be deleted by themselves, and plain ones."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from localcloud.model import ids
from localcloud.model.kind import LOCATION_ANSWER, Kind, Problems, Request, dig, not_found_there, unmarked

from . import addresses, facts

if TYPE_CHECKING:
    from localcloud.model.store import Row, Transaction

TYPE = "azure-native:network:NetworkInterface"


class NetworkInterface(Kind):
    api_version = "2024-05-01"
    location = "region"
    # network.json (2024-05-01), definition Resource.
    immutable = MappingProxyType({"location": unmarked("network.json 2024-05-01", LOCATION_ANSWER)})
    name_rule = (
        r"[a-zA-Z0-9]([\w.-]{0,78}\w)?",
        "must have 1 to 80 letters, digits, '_', '-' or '.', start with a letter or digit, and not end with '-' or '.'",
    )
    has_etag = True

    def check(self, request: Request) -> None:
        configurations = request.inputs.get("ipConfigurations") or []
        if request.before.get("_endpoint"):
            request.problems.add(f"Network interface '{request.name}' belongs to a private endpoint; change that.")
            return
        if not configurations:
            request.problems.add(f"ipConfigurations of network interface '{request.name}' is empty.")
        for each in configurations:
            where = f"ipConfigurations.{each.get('name')}.subnet.id"
            subnet = request.refer("subnet", dig(each, "subnet.id"), where)
            if subnet is None:
                continue
            network = request.tx.get(ids.parent_of(subnet.id))
            if network is not None and network.body["location"] != facts.region(request.inputs.get("location")):
                # It names the subnet: microsoft/CromwellOnAzure#231, 2021-04.
                request.problems.add(not_found_there(subnet.id, f"{request.id} ({where})"), "InvalidResourceReference")
            if request.row is None:
                self._check_address(request, subnet, each.get("privateIPAddress"))

    def _check_address(self, request: Request, subnet: Row, wanted: str | None) -> None:
        if wanted:
            addresses.check_static(request.tx, subnet, wanted, request.problems)
        elif next(addresses.free(request.tx, subnet), None) is None:
            addresses.refuse_full(subnet, 1, request.problems)

    def state(self, request: Request) -> dict[str, Any]:
        kept = self.plain(request.inputs)
        kept["ipConfigurations"] = [self._configuration(request, each) for each in kept.get("ipConfigurations") or []]
        return {**interface_defaults(request.id), **kept}

    def _configuration(self, request: Request, given: dict[str, Any]) -> dict[str, Any]:
        old = next((c for c in request.before.get("ipConfigurations") or [] if c["name"] == given.get("name")), None)
        subnet = request.tx.get(str(dig(given, "subnet.id")))
        address = given.get("privateIPAddress") or (old or {}).get("privateIPAddress")
        if subnet is not None:
            address = address or (addresses.take_lowest(request.tx, subnet, 1, request.id) or [None])[0]
            request.tx.claim(addresses.space(subnet.id), str(address), request.id)
        method = "Static" if given.get("privateIPAddress") else "Dynamic"
        return {
            "privateIPAllocationMethod": method,
            "privateIPAddressVersion": "IPv4",
            **given,
            "id": f"{request.id}/ipConfigurations/{given.get('name')}",
            "privateIPAddress": address,
            "provisioningState": "Succeeded",
        }

    def view(self, tx: Transaction, row: Row) -> dict[str, Any]:
        return {"privateEndpoint": {"id": row.body["_endpoint"]}} if row.body.get("_endpoint") else {}

    def check_delete(self, tx: Transaction, row: Row, going: set[str], problems: Problems) -> None:
        endpoint = row.body.get("_endpoint")
        if endpoint and ids.key(endpoint) not in going:
            problems.add(
                f"Network interface {row.id} cannot be deleted because it is currently in use with an private endpoint "
                f"({endpoint}).",
                "NicInUseWithPrivateEndpoint",
            )


def interface_defaults(nic_id: str) -> dict[str, Any]:
    return {
        "enableAcceleratedNetworking": False,
        "enableIPForwarding": False,
        "defaultOutboundConnectivityEnabled": False,
        "vnetEncryptionSupported": False,
        "hostedWorkloads": [],
        "tapConfigurations": [],
        "macAddress": "",
        "primary": False,
        "resourceGuid": ids.guid(ids.key(nic_id)),
    }
