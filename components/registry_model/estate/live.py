"""What Azure says of itself: the output of ``az``, of its REST interface and of Resource Graph, read as resources.

Which command a document comes from is told by the ids of its objects. ``az`` lifts and renames properties, REST and
Resource Graph print them as on the wire: both are read. A document says all or nothing: a property that its command
returns and that is not there has Azure's default; one that it does not return, because of a ``--query``, a projected
column or an older API version, is UNKNOWN. The same holds for whole lists: what no document lists is not told, which
is not the same as not being there (`Coverage`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..azure.ids import common_scope, parent_of, parse_id, scope_of
from . import tokens
from .agreement import Clash, agreed
from .model import Coverage, Estate, Resource
from .reading import named, state_of
from .values import UNKNOWN, Partial, flatten, known_items, lookup, plain

INTERFACE = "microsoft.network/networkinterfaces"

# The properties that a whole answer always holds, by which it is told from a projection. Any one of a group is enough.
# Microsoft's documented responses of the list and get operations of each type, 2026-10.
_WHOLE: Mapping[str, tuple[tuple[str, ...], ...]] = {
    tokens.ENDPOINT: (("subnet",), ("privatelinkserviceconnections",)),
    tokens.ZONE_GROUP: (("privatednszoneconfigs",),),
    tokens.PRIVATE_ZONE: (("numberofrecordsets",),),
    tokens.ZONE_LINK: (("virtualnetwork",), ("registrationenabled",)),
    tokens.PRIVATE_RECORD: (("ttl",), ("fqdn",)),
    tokens.VIRTUAL_NETWORK: (("addressspace",), ("subnets",)),
    tokens.PEERING: (("remotevirtualnetwork",), ("peeringstate",)),
    tokens.ROUTE_TABLE: (("routes",),),
    tokens.ROUTE: (("nexthoptype",), ("addressprefix",)),
    tokens.SUBNET: (("addressprefix", "addressprefixes"),),
    tokens.SECURITY_GROUP: (("securityrules",),),
    tokens.SECURITY_RULE: (("access",), ("direction",), ("priority",)),
    tokens.FIREWALL_RULES: (("priority",),),
    tokens.FIREWALL_POLICY: (("threatintelmode", "provisioningstate"),),
    tokens.FIREWALL: (("ipconfigurations", "hubipaddresses"),),
    tokens.IP_GROUP: (("ipaddresses",),),
    tokens.ADMIN_COLLECTION: (("appliestogroups",),),
    tokens.ADMIN_RULE: (("access",), ("direction",), ("priority",)),
    tokens.STATIC_MEMBER: (("resourceid",),),
    tokens.ENDPOINT_CONNECTION: (("privateendpoint",), ("privatelinkserviceconnectionstate",)),
    tokens.LOCK: (("level",),),
    tokens.DIAGNOSTICS: (("logs",),),
    tokens.PRICING: (("pricingtier",),),
}

# A registry's properties come with the API version that was asked, so each one that is not there is unknown. A whole
# answer of 2021-09 or later leaves these out when there are none; Basic and Standard have no network rules.
_REGISTRY_WHOLE = frozenset({"loginserver", "publicnetworkaccess", "policies", "dataendpointenabled", "zoneredundancy"})
_REGISTRY_LEAVES_OUT = ("networkruleset", "privateendpointconnections", "identity", "tags")

# What tells that an object without an id is Azure's all the same: nothing else has a property of these names.
_REGISTRIES_OWN = frozenset(
    {"loginserver", "publicnetworkaccess", "privateendpointconnections", "privatelinkserviceconnections"}
)

# An error of Azure Resource Manager: ErrorDetail in common-types/resource-management of its REST specifications.
_ERROR = frozenset({"code", "message", "target", "details", "innererror", "additionalinfo"})

# Objects whose keys are names that people give: no spelling of ours may change them.
_GIVEN_NAMES = frozenset({"tags", "userassignedidentities", "user_assigned_identities"})
_SNAKE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")
_COLUMN = re.compile(r"(properties|sku|identity)_(\w+)")


@dataclass(frozen=True)
class Item:
    """One object that Azure printed: its lower-case id, canonical type (empty for a network interface), and props."""

    id: str
    type: str
    name: str
    props: Mapping[str, Any]
    outputs: Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What one document tells: its objects, and of which types below which scope it lists everything. ``source`` is
    what the document is called."""

    items: tuple[Item, ...]
    listed: tuple[tuple[str, str], ...] = ()
    source: str = ""


class LiveError(ValueError):
    """Output of ``az`` that does not tell what it is about; the text says what to do."""


class NamelessError(LiveError):
    """Output of ``az`` with objects that have no id: what they are, nobody can tell."""


class ContradictionError(LiveError):
    """Answers of which one says this of a resource and another that; a line for each property."""


def read(document: Any) -> Answer | None:
    """The objects of a document that Azure printed; None when it is none. Raises LiveError."""
    objects, complete, asked = _objects(document)
    if objects is None:
        if isinstance(document, dict) and _REGISTRIES_OWN & {key.lower().replace("_", "") for key in document}:
            raise NamelessError("it has no Azure id: give the whole output of the command, without --query")
        return None
    items = [item for each in objects if isinstance(each, dict) and (item := _item(each)) is not None]
    _check_ids(objects, some=bool(items) or asked is not None)
    if asked is not None:
        return Answer(tuple(items), (asked,))
    if not items:
        _explain(objects)
        return None
    return Answer(tuple(items), tuple(_listed(items)) if complete else ())


def error_code(document: Mapping[str, Any]) -> str:
    """The code of an error that Azure answered in the place of what was asked (``{"error": {"code", "message"}}``, or
    the inner object alone); empty for anything else."""
    inner = document.get("error")
    held = inner if isinstance(inner, dict) else document
    code = held.get("code")
    if not isinstance(code, str) or not isinstance(held.get("message"), str):
        return ""
    return code if held is inner or {key.lower() for key in held} <= _ERROR else ""


def says_so(document: Mapping[str, Any]) -> bool:
    """Whether a document has the form in which Azure prints objects, whatever they are."""
    return _objects(document)[0] is not None


def _objects(document: Any) -> tuple[list[Any] | None, bool, tuple[str, str] | None]:
    """The objects of a document, whether they are all that its command lists, and what was asked where it says so."""
    if isinstance(document, list):
        return document, True, None
    if not isinstance(document, dict):
        return None, False, None
    asked = document.get("asked")
    if isinstance(asked, dict) and "answer" in document:
        objects, complete, _ = _objects(document["answer"])
        kind = tokens.canonical_arm(str(asked.get("type")))
        scope = str(asked.get("scope", "")).lower().rstrip("/")
        return objects, False, (kind, scope) if kind and scope and complete else None
    data = document.get("data")
    if data is not None and any(key in document for key in ("count", "total_records", "totalRecords")):
        more = document.get("skip_token") or document.get("$skipToken")
        return _rows(data), not more and str(document.get("resultTruncated", "false")).lower() != "true", None
    value = document.get("value")
    if isinstance(value, list) and "id" not in document:
        return value, not document.get("nextLink"), None
    own = document.get("id")
    if isinstance(own, str) and parse_id(own) is not None:
        return [document], False, None
    return None, False, None


def _rows(data: Any) -> list[Any] | None:
    """Resource Graph's rows: objects, or a table of columns and rows."""
    if isinstance(data, dict) and isinstance(data.get("columns"), list) and isinstance(data.get("rows"), list):
        columns = [str(each.get("name")) for each in data["columns"] if isinstance(each, dict)]
        return [dict(zip(columns, row, strict=False)) for row in data["rows"] if isinstance(row, list)]
    return data if isinstance(data, list) else None


def _explain(objects: Sequence[Any]) -> None:
    if not objects:
        raise LiveError(
            "it lists nothing: the command found no resources, and its output does not say which it looked for. There"
            " are none, or the subscription or resource group was another: check `az account show`, run the command"
            " again, or let --az ask, which notes the command with each answer"
        )


def _check_ids(objects: Sequence[Any], *, some: bool) -> None:
    """Raises NamelessError where objects have no id: beside some that have one, or all of a list."""
    nameless = [each for each in objects if isinstance(each, dict) and _id_of(each) is None]
    if nameless and (some or len(nameless) == len(objects)):
        many = "its objects have" if len(nameless) == len(objects) else f"{len(nameless)} of its objects have"
        raise NamelessError(f"{many} no Azure id: give the whole output of the command, without --query")


def _id_of(raw: Mapping[str, Any]) -> str | None:
    return next((v for k, v in raw.items() if k.lower() in ("id", "resourceid") and isinstance(v, str)), None)


def _item(raw: Mapping[str, Any]) -> Item | None:
    own = _id_of(raw) or ""
    parsed = parse_id(own)
    if parsed is None:
        return None
    kind = tokens.canonical_arm(parsed.type)
    # A deployment is what once was deployed, not what is there.
    if (not kind and parsed.type != INTERFACE) or kind == tokens.DEPLOYMENT:
        return None
    spelled = plain(_respelled(raw))
    if "properties" in spelled and not isinstance(spelled["properties"], dict):
        spelled["properties"] = UNKNOWN
    props = flatten(spelled)
    name = raw.get("name") if isinstance(raw.get("name"), str) else parsed.name
    outputs = {**state_of({k: v for k, v in props.items() if isinstance(v, str)}), "id": own, "name": name}
    if isinstance(dict.get(props, "privateendpointconnections"), list):
        outputs["privateendpointconnections"] = props["privateendpointconnections"]
    scope = scope_of(own)
    if kind in (tokens.LOCK, tokens.DIAGNOSTICS):
        props |= {"scope": scope, "resourceuri": scope}
    if kind == tokens.PRIVATE_RECORD:
        props["recordtype"] = parsed.type.rpartition("/")[2]
    made = _completed(kind, props)
    return Item(own.lower().rstrip("/"), kind, str(name), named(made, kind, parsed.names) if kind else made, outputs)


def _completed(kind: str, props: dict[str, Any]) -> dict[str, Any]:
    """The properties of an object, of which any other is unknown where its command does not return them all."""
    if kind == tokens.REGISTRY:
        held = Partial(props)
        if props.keys() >= _REGISTRY_WHOLE:
            held.update({key: None for key in _REGISTRY_LEAVES_OUT if key not in props})
        if isinstance(dict.get(props, "policies"), dict):
            held["policies"] = Partial(props["policies"])
        if isinstance(dict.get(props, "sku"), str):
            held["sku"] = UNKNOWN
        return held
    marks = _WHOLE.get(kind, ((),))
    whole = bool(marks) and all(any(key in props for key in group) for group in marks)
    return props if whole and not isinstance(props, Partial) else Partial(props)


def _respelled(value: Any) -> Any:
    """Snake case and Resource Graph's column names (``properties_publicNetworkAccess``) as the wire spells them."""
    if isinstance(value, list):
        return [_respelled(each) for each in value]
    if not isinstance(value, dict):
        return value
    made: dict[str, Any] = {}
    for key, held in value.items():
        lowered = key.lower()
        column = _COLUMN.fullmatch(lowered)
        if lowered in _GIVEN_NAMES:
            made[key.replace("_", "")] = held
        elif column is not None and column[1] not in made:
            _put(made, [column[1], *column[2].split("_")], held)
        else:
            made[key.replace("_", "") if _SNAKE.fullmatch(key) else key] = _respelled(held)
    return made


def _put(made: dict[str, Any], path: list[str], value: Any) -> None:
    *steps, last = path
    for step in steps:
        made = made.setdefault(step, {})
    made[last] = _respelled(value)


# What is told, and what is not


def _listed(items: Iterable[Item]) -> Iterator[tuple[str, str]]:
    """Of which types a list holds everything, and below which scope: the narrowest that all of its objects are in."""
    scopes: dict[str, list[str]] = defaultdict(list)
    for item in items:
        if item.type:
            scopes[item.type].append(parent_of(item.id))
    yield from ((kind, common_scope(found)) for kind, found in scopes.items())


def estate_of(answers: Iterable[Answer], others: Iterable[Resource] = ()) -> Estate:
    """One estate of all that Azure printed, and of ``others``: resources of an exported template, which are taken where
    no answer has them. Raises ContradictionError where two answers contradict each other."""
    found: dict[str, Item] = {}
    sources: dict[str, list[str]] = defaultdict(list)
    listed: list[tuple[str, str]] = []
    problems: dict[str, None] = {}
    for answer in answers:
        listed += answer.listed
        for item in answer.items:
            if item.id in found:
                found[item.id], clashes = _together(found[item.id], item)
                before = _shown(sources[item.id])
                for each in clashes:
                    problems[
                        f"{item.name}: {each.path} is {each.one} {before} and {each.other} in {answer.source}; print "
                        "both again, or leave out the older one"
                    ] = None
            else:
                found[item.id] = item
            if answer.source not in sources[item.id]:
                sources[item.id].append(answer.source)
    if problems:
        raise ContradictionError("\n".join(problems))
    interfaces = [found.pop(each.id) for each in list(found.values()) if not each.type]
    _give_addresses(found, interfaces)
    resources = [_resource(item) for item in found.values()]
    have = {_alike(each) for each in resources}
    resources += [each for each in others if each.type != tokens.DEPLOYMENT and _alike(each) not in have]
    return Estate(resources, coverage=Coverage(frozenset(listed)))


def _shown(sources: Sequence[str]) -> str:
    return f"in {', '.join(sources[:3])}"


def _together(one: Item, other: Item) -> tuple[Item, list[Clash]]:
    """One object of two that tell of the same resource, and where these contradict each other."""
    props, clashes = agreed(one.props, other.props)
    outputs = {**other.outputs, **one.outputs}
    if "privateendpointconnections" in outputs:
        outputs["privateendpointconnections"] = props["privateendpointconnections"]
    return replace(one, props=props, outputs=outputs), clashes


def _give_addresses(found: dict[str, Item], interfaces: Iterable[Item]) -> None:
    """The addresses of an endpoint's network interface, as its DNS configurations: Azure leaves those empty beside a
    zone group (learn.microsoft.com/azure/private-link/private-endpoint-dns)."""
    for interface in interfaces:
        owner = lookup(interface.props, "privateEndpoint.id")
        item = found.get(owner.lower().rstrip("/")) if isinstance(owner, str) else None
        if item is None:
            continue
        configs = [
            {"fqdn": fqdn, "ipaddresses": [address]}
            for each in known_items(dict.get(dict(interface.props), "ipconfigurations"))
            if isinstance(address := lookup(each, "privateIPAddress"), str)
            for fqdn in known_items(lookup(each, "privateLinkConnectionProperties.fqdns"))
        ]
        held = known_items(dict.get(dict(item.props), "customdnsconfigs"))
        known = {str(lookup(each, "fqdn")).lower() for each in held}
        added = [each for each in configs if str(each["fqdn"]).lower() not in known]
        props = type(item.props)({**item.props, "customdnsconfigs": [*held, *added]})  # type: ignore[call-arg]
        found[item.id] = replace(item, props=props)


def interfaces_of(endpoint: Resource) -> list[str]:
    """The ids of an endpoint's network interfaces, which hold its addresses."""
    found = [lookup(each, "id") for each in known_items(endpoint.get("networkInterfaces"))]
    return [each for each in found if isinstance(each, str)]


def _resource(item: Item) -> Resource:
    parsed = parse_id(item.id)
    names = "/".join(parsed.names) if parsed is not None else item.name
    urn = f"azure::{scope_of(item.id)}::{tokens.ARM_NAME_OF[item.type]}::{names}"
    return Resource(urn=urn, type=item.type, name=item.name, props=item.props, outputs=item.outputs)


def only_named(own: str) -> Resource:
    """The resource of an id of which nothing else is told."""
    item = _item({"id": own})
    if item is None:
        raise ValueError(f"{own} is no id of a type that is read")
    return _resource(item)


# Exported templates

_EXPORTED_NAME = re.compile(r"\w+_(?:name|externalid|location)", re.IGNORECASE)
_NAME_INSIDE = re.compile(r"[a-z]+_(.+)_name", re.IGNORECASE)


def is_exported(template: Mapping[str, Any]) -> bool:
    """Whether a template is what ``az group export`` or the portal's Export template printed: no variables or outputs,
    and no parameter but the names and ids that Azure makes parameters of."""
    parameters = template.get("parameters") or {}
    return (
        not template.get("variables")
        and not template.get("outputs")
        and isinstance(parameters, dict)
        and all(_EXPORTED_NAME.fullmatch(name) for name in parameters)
    )


def exported_names(template: Mapping[str, Any]) -> dict[str, Any]:
    """Values for the parameters of an exported template that have none: ``az group export`` leaves them out, and writes
    the resource's name into the parameter's (``registries_contoso_name``), with ``_`` for what is no letter or digit.
    """
    parameters = template.get("parameters") or {}
    return {
        name: {"value": match[1]}
        for name, definition in parameters.items()
        if (match := _NAME_INSIDE.fullmatch(name))
        and isinstance(definition, dict)
        and definition.get("defaultValue") is None
    }


def _alike(resource: Resource) -> Any:
    """What is equal for a resource and for the same one of an exported template that has no names of its own."""
    names = tuple(re.sub(r"[^a-z0-9]", "_", name) if isinstance(name, str) else name for name in resource.arm_names)
    return resource.type, names
