"""The program of this repository's own stacks: stack configuration in, stack outputs out.

The configuration's keys are the settings of ``PrivateRegistry``, written in camel case and described in Pulumi.yaml.
The home region is ``azure-native:location``. A stack of Alibaba Cloud has one key, ``alibaba``, with the settings of
``EnterpriseRegistry``; its region is ``alicloud:region``.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args, get_origin, is_typeddict

import pulumi
from registry_model.azure import names
from registry_model.azure.regions import find
from registry_model.suggest import suggested

from .alibaba.checks import check_enterprise_registry
from .arguments import InvalidRegistryArgumentsError, fields, late_errors, plain_type, problems_of
from .azure.checks.private_registry import check_private_registry
from .azure.private_registry import PrivateRegistry, PrivateRegistryArgs
from .declared import declared, declared_in_alibaba, reach_table
from .problems import Problem, camel, inside, key

if TYPE_CHECKING:
    from .alibaba import EnterpriseRegistry, EnterpriseRegistryArgs

_ALIBABA = "alibaba"
_NOT_GIVEN = "{}"  # the default in Pulumi.yaml: without one Pulumi asks for the key in every stack
_REGION = "alicloud:region"
_LOCATION = "azure-native:location"
_ENVIRONMENT = "azure-native:environment"
_ENVIRONMENTS = {"public": "public", "usgovernment": "usgov", "china": "china"}  # azure-native's words for the clouds


def deploy(config: Mapping[str, str], project: str, stack: str) -> dict[str, pulumi.Output[Any]]:
    """Declare what a stack's configuration describes, in the cloud that it names. The stack's outputs."""
    if config.get(f"{project}:{_ALIBABA}", _NOT_GIVEN) != _NOT_GIVEN:
        from .alibaba import EnterpriseRegistry

        given = alibaba_arguments(config, project, stack)
        with late_errors(spelling=camel):
            return alibaba_outputs(EnterpriseRegistry("main", given), given)
    args = arguments(config, project, stack)
    with late_errors(spelling=camel):
        return outputs(PrivateRegistry("main", args), args)


def alibaba_arguments(config: Mapping[str, str], project: str, stack: str) -> "EnterpriseRegistryArgs":
    """The arguments that the key ``alibaba`` of a stack's configuration describes; errors as ``arguments`` has."""
    from .alibaba import EnterpriseRegistryArgs

    problems: list[Problem] = []
    path = f"{project}:{_ALIBABA}"
    hints = {name: hint for name, hint in fields(EnterpriseRegistryArgs).items() if name != "region"}
    given = _parsed(config[path], Mapping)
    if not isinstance(given, Mapping):
        problems.append(Problem(path, given, "must be an object", "write the registry's settings under it"))
        given = {}
    args = _record(given, hints, "", problems)
    if config.get(_REGION):
        args["region"] = config[_REGION]
    problems += [
        Problem(_REGION if p.field == "region" else p.field, p.value, p.rule, p.fix)
        for p in problems_of(args, EnterpriseRegistryArgs, check_enterprise_registry)
    ]
    if problems:
        raise InvalidRegistryArgumentsError(f"configuration of stack '{stack}'", problems, camel)
    return args  # pyright: ignore[reportReturnType]


def alibaba_outputs(registry: "EnterpriseRegistry", args: "EnterpriseRegistryArgs") -> dict[str, pulumi.Output[Any]]:
    """The stack's outputs, named as those of a registry in Azure where the idea is the same."""
    return {
        "endpoints": registry.endpoints_json.apply(json.loads),
        "loginServers": registry.login_servers,
        "privateIps": registry.private_ips,
        "allowList": registry.allow_list,
        "reach": pulumi.Output.all(
            registry.login_servers, registry.bucket, registry.vpc_ids, registry.private_ips
        ).apply(lambda found: reach_table(declared_in_alibaba(args, *found))),
        "signInHosts": registry.sign_in_hosts,
        "registryId": registry.registry_id,
        "vpcIds": registry.vpc_ids,
    }


def arguments(config: Mapping[str, str], project: str, stack: str) -> PrivateRegistryArgs:
    """The arguments that a stack's configuration describes: ``{"private-registry:registryName": "contoso", …}``.

    Raises ``InvalidRegistryArgumentsError`` with every problem, unknown keys and wrong types included, in the
    configuration's own words.
    """
    problems: list[Problem] = []
    given = {
        name.removeprefix(f"{project}:"): value
        for name, value in config.items()
        # Empty is not given: the default of what is required.
        if name.startswith(f"{project}:") and value != "" and (name, value) != (f"{project}:{_ALIBABA}", _NOT_GIVEN)
    }
    hints = {name: hint for name, hint in fields(PrivateRegistryArgs).items() if name != "location"}
    parsed = {name: _parsed(value, _hint(hints, name)) for name, value in given.items()}
    args = _record(parsed, hints, "", problems)
    if config.get(_LOCATION):
        args["location"] = config[_LOCATION]
    problems += [
        Problem(_LOCATION, p.value, p.rule, p.fix) if p.field == "location" else p
        for p in problems_of(args, PrivateRegistryArgs, check_private_registry)
    ]
    problems += _check_environment(config)
    if problems:
        raise InvalidRegistryArgumentsError(f"configuration of stack '{stack}'", problems, camel)
    return args  # pyright: ignore[reportReturnType]


def outputs(registry: PrivateRegistry, args: PrivateRegistryArgs) -> dict[str, pulumi.Output[Any]]:
    """The stack's outputs: endpoints as ``az acr show-endpoints`` prints them, addresses, records, allow-list, ids, and
    who can pull and push. ``args`` are what the registry was declared with.
    """
    return {
        "endpoints": registry.endpoints_json.apply(json.loads),
        "privateIps": registry.private_ips,
        "dnsRecords": pulumi.Output.all(registry.login_server, registry.regions, registry.member_ips).apply(
            lambda found: record_manifest(*found)
        ),
        "allowList": registry.allow_list,
        "reach": pulumi.Output.all(
            registry.login_server,
            registry.regions,
            registry.private_ips,
            registry.virtual_network_id,
            registry.private_endpoint_id,
        ).apply(lambda found: reach_table(declared(args, *found))),
        "signInHosts": registry.sign_in_hosts,
        "subnetAddressesNeeded": registry.addresses_needed,
        "registryId": registry.registry_id,
        "resourceGroupName": registry.resource_group_name,
        "privateEndpointId": registry.private_endpoint_id,
        "subnetId": registry.subnet_id,
        "virtualNetworkId": registry.virtual_network_id,
        "dnsZoneId": registry.dns_zone_id,
    }


def record_manifest(login_server: str, regions: Sequence[str], member_ips: Mapping[str, str]) -> list[dict[str, str]]:
    """What a private DNS zone must hold for an endpoint: each host with its record, member and address."""
    return [
        {
            "host": record.host,
            "zone": record.zone,
            "record": record.name,
            "member": record.member,
            "region": record.region,
            "address": member_ips[record.member],
        }
        for record in names.private_dns_records(login_server, regions[0], regions[1:])
        if record.member in member_ips
    ]


def _hint(hints: Mapping[str, Any], name: str) -> Any:
    return next((plain_type(hint)[0] for known, hint in hints.items() if camel(known) == name), str)


def _parsed(value: str, hint: Any) -> Any:
    """Configuration arrives as text, whatever its type; what cannot be read as its type is reported later, as it is."""
    if hint is str:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _record(value: Mapping[str, Any], hints: Mapping[str, Any], field: str, problems: list[Problem]) -> dict[str, Any]:
    known = {camel(name): name for name in hints}
    found: dict[str, Any] = {}
    for written, given in value.items():
        name = known.get(written)
        if name is None:
            meant = suggested(written, known)
            fix = f"rename it to {meant}" if meant else f"remove it; keys here: {', '.join(sorted(known))}"
            shown = written if camel(written) == written else json.dumps(written)
            problems.append(Problem(inside(field, shown), None, "is not a key of the configuration", fix))
        else:
            found[name] = _value(given, hints[name], inside(field, name), problems)
    return found


def _value(value: Any, hint: Any, field: str, problems: list[Problem]) -> Any:
    shape = plain_type(hint)[0]
    if isinstance(value, Mapping) and is_typeddict(shape):
        return _record(value, fields(shape), field, problems)
    if isinstance(value, Mapping) and get_origin(shape) is Mapping:
        item = get_args(shape)[1]
        return {name: _value(given, item, key(field, name), problems) for name, given in value.items()}
    return value


def _check_environment(config: Mapping[str, str]) -> list[Problem]:
    region = find(config.get(_LOCATION, ""))
    environment = config.get(_ENVIRONMENT, names.PUBLIC.name)
    cloud = _ENVIRONMENTS.get(environment.lower())
    if region is None or cloud == region.cloud:
        return []
    wanted = next(name for name, value in _ENVIRONMENTS.items() if value == region.cloud)
    return [
        Problem(
            _ENVIRONMENT,
            environment,
            f"does not fit the region {region.name}, which belongs to '{wanted}'",
            f"set {_ENVIRONMENT} to '{wanted}', or choose another {_LOCATION}",
        )
    ]
