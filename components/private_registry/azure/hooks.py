"""What Azure would refuse of a change, told before it is sent."""

import dataclasses
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any

import pulumi
from pulumi.runtime.invoke import invoke_async
from registry_model.azure import fixed, ids, names

from ..hooks import ErrorHook, stop
from ..problems import Problem, key
from .settings import LOGIN_SERVER_KEY


def registry_hooks(owner: pulumi.Resource) -> pulumi.ResourceHookBinding:
    """Before an update of a registry: what Azure keeps from its creation on."""

    async def judge(args: pulumi.ResourceHookArgs) -> list[Problem]:
        return _fixed(args, fixed.REGISTRY, {"zoneRedundancy": _REGISTRY_ZONES, "encryption.status": _REGISTRY_KEY})

    return pulumi.ResourceHookBinding(before_update=[stop(owner, "keeps its registry", "registry", judge)])


def replica_hooks(owner: pulumi.Resource, region: str) -> pulumi.ResourceHookBinding:
    """Before a replica is made or updated, and when that failed."""
    field = key("replicas", region)
    zones = Problem(
        f"{field}.zone_redundancy",
        None,
        "is chosen when the replica is created, and Azure refuses to change it",
        "set it back, or remove the replica in one update and add it in a later one",
    )

    async def kept(args: pulumi.ResourceHookArgs) -> list[Problem]:
        return _fixed(args, fixed.REPLICATION, {"zoneRedundancy": zones})

    async def fits(args: pulumi.ResourceHookArgs) -> list[Problem]:
        return [
            Problem(
                field,
                None,
                f"cannot be added while the private endpoint '{endpoint}' has fixed addresses: Azure fails to give it "
                "the replica's",
                "remove its `static_ips` in one update, in the stack that has it, and add the replica in a later one",
            )
            for endpoint in await _static_endpoints(args, owner)
        ]

    def failed(args: pulumi.ErrorHookArgs) -> bool:
        if args.failed_operation == "delete":
            return False
        inputs = args.new_inputs or {}
        where = f"--registry {inputs.get('registryName')} --name {inputs.get('replicationName')}"
        pulumi.log.warn(
            f"The replica in {region} failed. Azure may have left it as 'Failed': look with "
            f"`az acr replication show {where}`. Mend what the error names, then deploy again: it is tried once more. "
            f"If it still fails, or is said to exist already, remove it with `az acr replication delete {where}` "
            "and `pulumi refresh`, and wait a minute: Azure cannot create it again at once."
        )
        return False

    return pulumi.ResourceHookBinding(
        before_create=[stop(owner, f"fits a replica in {region}", "replica", fits)],
        before_update=[stop(owner, f"keeps its replica in {region}", "replica", kept)],
        on_error=[ErrorHook(owner, f"explains its replica in {region}", failed)],
    )


def endpoint_hooks(owner: pulumi.Resource) -> pulumi.ResourceHookBinding:
    """Before an endpoint is made, under a name that is free; before its addresses are changed in place."""

    async def free(args: pulumi.ResourceHookArgs) -> list[Problem]:
        inputs = args.new_inputs or {}
        if not _known(dig(inputs, "subnet.id")):
            return []  # a preview, in which the subnet is made anew: what stands in the old one goes first
        taken = {
            "endpoint_name": ("getPrivateEndpoint", "privateEndpointName"),
            "network_interface_name": ("getNetworkInterface", "networkInterfaceName"),
        }
        given = {"endpoint_name": "privateEndpointName", "network_interface_name": fixed.ENDPOINT_INTERFACE}
        return [
            Problem(
                field,
                inputs.get(given[field]),
                "exists already, and Azure cannot give an endpoint another registry, subnet, connection or interface",
                "to move an endpoint of this stack, choose a new name: the new one is made before the old one goes",
            )
            for field, (function, argument) in taken.items()
            if await _ask(owner, f"network:{function}", inputs, {argument: inputs.get(given[field])})
        ]

    async def addresses(args: pulumi.ResourceHookArgs) -> list[Problem]:
        inputs = args.new_inputs or {}
        wanted = _by_member(inputs, "memberName", "privateIPAddress")
        has = _by_member(args.old_inputs or {}, "memberName", "privateIPAddress")
        if not wanted or wanted == has:
            return []
        if not has:
            name = {"networkInterfaceName": inputs.get(fixed.ENDPOINT_INTERFACE)}
            has = addresses_of(await _ask(owner, "network:getNetworkInterface", inputs, name) or {})
        return [
            Problem(
                key("static_ips", names.member_region(member) or LOGIN_SERVER_KEY),
                address,
                f"is not the address that the endpoint has, {has[member]}, and Azure refuses to change it in place",
                f"use {has[member]}, or give a new `endpoint_name` with addresses that are free, for a new endpoint",
            )
            for member, address in wanted.items()
            if has.get(member, address) != address
        ]

    return pulumi.ResourceHookBinding(
        before_create=[stop(owner, "finds its endpoint's name free", "private endpoint", free)],
        before_update=[stop(owner, "keeps its endpoint's addresses", "private endpoint", addresses)],
    )


def addresses_of(interface: Mapping[str, Any]) -> dict[str, str]:
    """Private address by private link member, of a private endpoint's network interface."""
    found: dict[str, str] = {}
    for configuration in interface.get("ipConfigurations") or []:
        member = (configuration.get("privateLinkConnectionProperties") or {}).get("requiredMemberName")
        if member and configuration.get("privateIPAddress"):
            found[member.lower()] = configuration["privateIPAddress"]
    return found


_REGISTRY_ZONES = Problem(
    "settings.zone_redundancy",
    None,
    "is chosen when the registry is created, and Azure refuses to change it",
    "set it back, or remove the setting; for the other, create another registry and copy the images (`az acr import`)",
)
_REGISTRY_KEY = Problem(
    "settings.customer_managed_key",
    None,
    "is chosen when the registry is created: Azure refuses to add a key later, and to take it away",
    "set it back; for the other, create another registry and copy the images (`az acr import`)",
)


def _fixed(args: pulumi.ResourceHookArgs, table: Sequence[fixed.Fixed], told: Mapping[str, Problem]) -> list[Problem]:
    """The problems of a table's properties that an update would change."""
    problems: list[Problem] = []
    for each in table:
        before, after = (dig(values or {}, each.path) or each.unsaid for values in (args.old_inputs, args.new_inputs))
        has = dig(args.old_outputs or {}, each.path) or before
        if after not in (before, has) and _known(after):
            change = f": it is '{has}', and would become '{after}'"
            problems.append(dataclasses.replace(told[each.path], rule=told[each.path].rule + change))
    return problems


async def _static_endpoints(args: pulumi.ResourceHookArgs, owner: pulumi.Resource) -> list[str]:
    """The private endpoints of a replica's registry that have fixed addresses, those that can be read."""
    inputs = args.new_inputs or {}
    name = {"registryName": inputs.get("registryName")}
    registry = await _ask(owner, "containerregistry:getRegistry", inputs, name) or {}
    own = ids.parse_id(str(registry.get("id", "")))
    found: list[str] = []
    for connection in registry.get("privateEndpointConnections") or []:
        endpoint = ids.parse_id(dig(connection, "privateEndpoint.id") or "")
        if endpoint is None or own is None or endpoint.subscription != own.subscription:
            continue
        place = {"resourceGroupName": endpoint.resource_group}
        shown = await _ask(owner, "network:getPrivateEndpoint", place, {"privateEndpointName": endpoint.name})
        if (shown or {}).get("ipConfigurations"):
            found.append(endpoint.name)
    return found


async def _ask(
    owner: pulumi.Resource, function: str, inputs: Mapping[str, Any], name: dict[str, Any]
) -> dict[str, Any] | None:
    """What Azure has of a name; None when there is nothing, or it may not be read: Azure then judges by itself."""
    asked = {"resourceGroupName": inputs.get("resourceGroupName"), **name}
    if not all(isinstance(value, str) for value in asked.values()):
        return None
    try:
        # With the SDK's version, as its own functions do: without one the engine takes another default provider.
        options = pulumi.InvokeOptions(parent=owner, version=metadata.version("pulumi-azure-native"))
        return await invoke_async(f"azure-native:{function}", asked, options)
    except Exception:
        return None


def _by_member(inputs: Mapping[str, Any], member: str, address: str) -> dict[str, str]:
    given = inputs.get("ipConfigurations") or []
    return {each[member]: each[address] for each in given if _known(each.get(member)) and _known(each.get(address))}


def _known(value: Any) -> bool:
    return isinstance(value, str)


def dig(values: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path; None where there is none."""
    found: Any = values
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
