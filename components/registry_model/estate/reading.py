"""From what the engine or a file holds to `Resource`: one conversion a resource, shared by every rule.

A declared thing becomes zero resources (nothing about registries), one, or several: a deployment's template and a
generic resource are opened, and the classic provider's registry is read as the one it makes.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from ..azure import names
from ..azure.ids import parse_id
from . import classic, deployments, tokens
from .deployments import Deployment, Library
from .model import NO_OPTIONS, NO_PROVIDER, WHOLE_TEMPLATE, Estate, Options, Provider, Resource
from .templates import (
    APPLICATION_DEFINITIONS,
    DEPLOYMENT_STACKS,
    DEPLOYMENTS,
    TEMPLATE_SPECS,
    Declared,
    declares,
    open_policy,
    open_template,
)
from .values import UNKNOWN, Hidden, Partial, as_text, flatten, from_text, known_items, lower, plain, sharing

PROVIDER_PREFIX = "pulumi:providers:"


@lru_cache(maxsize=4096)
def concerns(token: str) -> bool:
    """Whether a resource of this type can be about registries; the cheap test before any conversion."""
    return (
        bool(tokens.canonical(token))
        or classic.is_classic(token)
        or deployments.is_classic(token)
        or bool(deployments.classic_policy(token))
        or bool(tokens.azapi(token))
    )


def state_of(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """What rules ask of a declared resource's outputs: its texts (name, location, login server), and a registry's
    connections, which are made elsewhere."""
    return _told(outputs, _plain_object(outputs))


def _told(outputs: Mapping[str, Any], made: Mapping[str, Any]) -> dict[str, Any]:
    """The same, of outputs that were ``made`` plain already."""
    return {
        lower(key): made.get(lower(key))
        for key, value in outputs.items()
        if isinstance(value, str) or key == "privateEndpointConnections"
    }


def _plain_object(value: Mapping[str, Any]) -> dict[str, Any]:
    made = plain(value)
    return made if isinstance(made, dict) else {}


def urn_name(urn: str) -> str:
    """The logical name of a resource: what follows the last ``::`` of its URN."""
    return urn.rpartition("::")[2]


def from_state(
    state: Mapping[str, Any],
    provider: Callable[[str], Provider] = lambda _reference: NO_PROVIDER,
    *,
    planned: bool = False,
    library: Library | None = None,
    text: Callable[[str], str] = lambda text: text,
) -> list[Resource]:
    """The resources that one entry of a stack export declares (``pulumi stack export``, or a preview's ``newState``).

    ``provider`` finds a provider by the reference that the entry holds (``<urn>::<id>``); ``planned``: the entry is
    what a preview or plan is about to make of the resource; ``library`` is what the entries before it declare.
    ``text`` gives one text for all that are equal.
    """
    token = state.get("type", "")
    if not concerns(token):
        return []
    urn = text(state["urn"])
    options = NO_OPTIONS
    if state.get("protect") or state.get("ignoreChanges"):
        options = Options(bool(state.get("protect")), tuple(state.get("ignoreChanges") or ()))
    return make(
        urn=urn,
        token=token,
        name=urn_name(urn),
        inputs=state.get("inputs") or {},
        outputs=state.get("outputs") or {},
        state_id=state.get("id") or "",
        planned=planned,
        options=options,
        dependencies=tuple(map(text, state.get("dependencies") or ())),
        property_dependencies={
            lower(key): tuple(map(text, urns))
            for key, urns in (state.get("propertyDependencies") or {}).items()
            if urns
        },
        parent=text(state.get("parent") or ""),
        provider=provider(state.get("provider") or ""),
        external=bool(state.get("external")),
        library=library,
    )


def make(
    *,
    urn: str,
    token: str,
    name: str,
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any] | None = None,
    options: Options = NO_OPTIONS,
    dependencies: tuple[str, ...] = (),
    property_dependencies: Mapping[str, tuple[str, ...]] | None = None,
    parent: str = "",
    provider: Provider = NO_PROVIDER,
    external: bool = False,
    state_id: str = "",
    planned: bool = False,
    library: Library | None = None,
) -> list[Resource]:
    """The resources that one declaration stands for, from its raw inputs and outputs (sentinels and secrets inside).

    ``library`` is what was declared before it; what this declares is added.

    Lower-case keys of ``property_dependencies`` are the declaration's own top-level properties. What we fail to read
    is a resource with an ``error``, so that it is reported and never skipped.
    """
    base = Resource(
        urn=urn,
        type="",
        name=name,
        props={},
        token=token,
        options=options,
        dependencies=dependencies,
        property_dependencies=property_dependencies or {},
        parent=parent,
        provider=provider,
    )
    try:
        raw = plain(inputs)
        # The engine does not say `external`; what a program only reads has no inputs, and nothing that it declares can
        # have none, since the resource group is required.
        external = external or not raw
        answers = sharing(_plain_object(outputs or {}), raw)
        base = replace(
            base,
            outputs=_told(outputs or {}, answers),
            external=external,
            answers=answers,
            state_id=state_id,
            planned=planned,
        )
        return _read(base, answers if external else raw, library or Library())
    except Exception as error:
        return [replace(base, error=type(error).__name__)]


def _read(base: Resource, raw: Mapping[str, Any], library: Library) -> list[Resource]:
    kind = tokens.canonical(base.token)
    if kind == tokens.DEPLOYMENT:
        return _from_deployment(base, deployments.native(raw), library)
    if deployments.is_classic(base.token):
        return _from_deployment(base, deployments.classic(raw), library)
    if kind == tokens.TEMPLATE_SPEC:
        library.add_spec(raw.get("templatespecname"), raw.get("templatespecversion"), raw.get("maintemplate"))
        return []
    if kind == tokens.APPLICATION_DEFINITION:
        return _from_deployment(base, deployments.application(raw), library)
    if kind in tokens.POLICIES.values():
        return _from_policy(base, kind, raw, library)
    if deployments.classic_policy(base.token):
        kind = deployments.classic_policy(base.token)
        return _from_policy(base, kind, deployments.policy(_unsnaked(raw)), library)
    if tokens.azapi(base.token) == "resourceaction":
        return _from_action(base, _unsnaked(raw), library)
    if kind == tokens.GENERIC or tokens.azapi(base.token):
        return _from_generic(base, _unsnaked(raw), library)
    if not kind:
        return _from_classic(base, raw)
    return [replace(base, type=kind, props=flatten(raw))]


def _from_classic(base: Resource, raw: Mapping[str, Any]) -> list[Resource]:
    found: list[Resource] = []
    told = {classic.spelling(base.token, key): urns for key, urns in base.property_dependencies.items()}
    for index, reading in enumerate(classic.read(base.token, raw)):
        dependencies = dict(told)
        for ours, theirs in reading.sources.items():
            # Without a source, the property is the classic resource itself: a replica's registry, a group's endpoint.
            urns = told.get(theirs) if theirs else (base.urn,)
            if urns:
                dependencies[ours] = urns
        found.append(
            replace(
                base,
                type=reading.type,
                props=reading.props,
                property_dependencies=dependencies,
                carrier="the classic provider",
                embedded=index > 0 or reading.target is not None,
                outputs=base.outputs if index == 0 and reading.target is None else {},
                state_id=base.state_id if index == 0 and reading.target is None else "",
                answers={},
                target=reading.target,
            )
        )
    return found


def _from_generic(base: Resource, raw: Mapping[str, Any], library: Library) -> list[Resource]:
    """``azure-native:resources:Resource`` or ``azapi``'s: any ARM resource, by its type and body."""
    path, body = _generic_parts(base.token, raw)
    carrier = f"the generic resource '{base.name}'"
    if path is None:
        hidden = Hidden("the type of what it declares is not known yet", registry=False)
        return [replace(base, type=tokens.GENERIC, hidden=(hidden,))]
    if path.type in (DEPLOYMENTS, DEPLOYMENT_STACKS):
        return _from_deployment(base, deployments.native(body), library)
    if path.type == APPLICATION_DEFINITIONS:
        return _from_deployment(base, deployments.application(body), library)
    if path.type in tokens.POLICIES:
        inside = body.get("properties", body)
        held = {**inside, "name": path.names[0]} if isinstance(inside, Mapping) else {"policyrule": inside}
        return _from_policy(base, tokens.POLICIES[path.type], held, library)
    if path.type == TEMPLATE_SPECS:
        spec, version = path.names[-2:] if len(path.names) > 1 else (UNKNOWN, UNKNOWN)
        library.add_spec(spec, version, flatten(body).get("maintemplate"))
        return []
    kind = tokens.canonical_arm(path.type)
    if not kind:
        return []
    if isinstance(body.get("properties"), str):
        body = {**body, "properties": _object(body["properties"])}
    props = flatten(body)
    props = named(props, kind, path.names)
    if kind == tokens.PRIVATE_RECORD:
        props["recordtype"] = path.type.rpartition("/")[2]
    ignored = [each for each in known_items(raw.get("ignorebodychanges")) if isinstance(each, str)]
    if ignored:
        paths = (*base.options.ignore_changes, *(each.removeprefix("properties.") for each in ignored))
        base = replace(base, options=replace(base.options, ignore_changes=paths))
    made = replace(base, type=kind, props=props, carrier=carrier, property_dependencies=_anything(base, props))
    if not _is_patch(base.token, raw):
        return [made]
    dependencies = {**made.property_dependencies, "target": base.property_dependencies.get("resourceid", ())}
    target = raw.get("resourceid", UNKNOWN)
    return [
        replace(
            made, target=target, property_dependencies=dependencies, embedded=True, outputs={}, answers={}, state_id=""
        )
    ]


def _is_patch(token: str, raw: Mapping[str, Any]) -> bool:
    """Whether what is declared changes a resource that somebody else declares: what it leaves out stays as it is."""
    return tokens.azapi(token) == "updateresource" or as_text(raw.get("method")) == "patch"


# What the service's actions do that leaves a registry's settings alone: API 2025-11-01 of Microsoft.ContainerRegistry.
_HARMLESS_ACTIONS = frozenset(
    {
        "cancel",
        "deactivate",
        "generatecredentials",
        "getcallbackconfig",
        "importimage",
        "listbuildsourceuploadurl",
        "listcredentials",
        "listdetails",
        "listevents",
        "listlogsasurl",
        "listqueuestatus",
        "ping",
        "queuebuild",
        "regeneratecredential",
        "schedulerun",
    }
)


def _from_action(base: Resource, raw: Mapping[str, Any], library: Library) -> list[Resource]:
    """``azapi``'s ``ResourceAction``: a write of the resource itself, or an action on it."""
    kind, action, method = raw.get("type"), as_text(raw.get("action", "")), as_text(raw.get("method", "POST"))
    itself = action is not UNKNOWN and not action
    if not isinstance(kind, str) or (itself and isinstance(method, str) and method in ("put", "patch")):
        return _from_generic(base, raw, library)
    reads = isinstance(method, str) and method == "get"
    harmless = isinstance(action, str) and action.strip("/") in _HARMLESS_ACTIONS
    if reads or harmless or not kind.lower().startswith("microsoft.containerregistry/"):
        return []
    return [replace(base, type=tokens.ACTION, props={"action": raw.get("action"), "method": raw.get("method")})]


def _unsnaked(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """azapi's own properties as Terraform spells them (``parent_id``), as Pulumi does."""
    return {key.replace("_", ""): value for key, value in raw.items()} if any("_" in key for key in raw) else raw


def _azapi_body(given: Any) -> Mapping[str, Any]:
    """A body of azapi, an object or JSON text; of one that is not known every property may be set."""
    if isinstance(given, str):
        given = _object(given)
    if isinstance(given, Mapping):
        return given
    return {"properties": UNKNOWN} if given is UNKNOWN else {}


def _object(text: str) -> Any:
    """The object that a JSON text holds; UNKNOWN for any other text."""
    held = from_text(text)
    return held if isinstance(held, Mapping) else UNKNOWN


def _merge_patched(body: Mapping[str, Any], more: Mapping[str, Any]) -> Mapping[str, Any]:
    """A body with azapi's write-only part of it, as the provider puts them together (RFC 7396)."""
    if not more:
        return body
    made = dict(body)
    for key, value in more.items():
        held = made.get(key)
        if not isinstance(value, Mapping):
            made[key] = value
        elif held is not UNKNOWN:
            made[key] = _merge_patched(held if isinstance(held, Mapping) else {}, value)
    return type(body)(made) if isinstance(body, dict) else made


def _generic_parts(token: str, raw: Mapping[str, Any]) -> tuple[Declared | None, Mapping[str, Any]]:
    if tokens.azapi(token):
        kind, name, parent = raw.get("type"), raw.get("name", UNKNOWN), raw.get("parentid")
        body = _merge_patched(_azapi_body(raw.get("body", {})), _azapi_body(raw.get("sensitivebody")))
        if not isinstance(kind, str):
            return None, body
        kind = kind.split("@", 1)[0].lower()
        depth = kind.count("/")
        whole = raw.get("resourceid")
        itself = parse_id(whole) if isinstance(whole, str) else None
        if itself is not None:
            name, parent = itself.name, whole
        parsed = parse_id(parent) if isinstance(parent, str) else None
        above = parsed.names[: depth - 1] if parsed is not None else (UNKNOWN,) * (depth - 1)
        group = parsed.resource_group if parsed is not None else None
        held = {key: raw[key] for key in ("location", "identity", "tags") if key in raw}
        return Declared(kind, (*above, name), {}), {**held, **body, **({"resourcegroupname": group} if group else {})}
    parts = [raw.get(key, "") for key in ("resourceprovidernamespace", "parentresourcepath", "resourcetype")]
    if not all(isinstance(part, str) for part in parts):
        return None, raw
    steps = [step for part in parts for step in str.lower(part).split("/") if step]
    if not steps:
        return None, raw
    namespace, between, own = steps[0], steps[1:], ""
    if str.strip(parts[2], "/"):
        own_steps = [step for step in str.lower(parts[2]).split("/") if step]
        between, own = steps[1 : len(steps) - len(own_steps)], "/".join(own_steps)
    name = raw.get("resourcename", UNKNOWN)
    names = tuple(str.lower(name).split("/")) if isinstance(name, str) else (UNKNOWN,)
    kind = "/".join(step for step in (namespace, *between[::2], own) if step)
    return Declared(kind, (*between[1::2], *names), {}), raw


def _from_deployment(base: Resource, deployment: Deployment, library: Library) -> list[Resource]:
    """A deployment of an ARM template, or a deployment stack: itself, for what it hides, and what it declares."""
    group = deployment.group
    embedded = replace(
        base, embedded=True, outputs={}, answers={}, state_id="", carrier=f"the template of deployment '{base.name}'"
    )
    found = open_template(
        deployment.template,
        deployment.parameters,
        deployment.link,
        unsure=deployment.unsure,
        group=group,
        specs=library.find_spec,
        policies=library.policies,
    )
    made = _from_template(embedded, found, group)
    said = {"mode": deployment.mode, "actiononunmanage": deployment.unmanaged}
    props = {"resourcegroupname": group, "declares": declares(found), **said}
    carrier = replace(base, type=tokens.DEPLOYMENT, props=props, hidden=_hidden(found))
    return [carrier, *made]


def _from_policy(base: Resource, kind: str, properties: Mapping[str, Any], library: Library) -> list[Resource]:
    """A policy definition, set or assignment: itself, for what it hides, and what it deploys and sets where it is
    assigned."""
    named_by = ("policydefinitionname", "policysetdefinitionname", "policyassignmentname", "name")
    known = (name for key in named_by if isinstance(name := properties.get(key), str))
    found = open_policy(kind, next(known, base.name), properties, library.policies)
    embedded = replace(base, embedded=True, outputs={}, answers={}, state_id="")
    return [replace(base, type=kind, hidden=_hidden(found)), *_from_template(embedded, found)]


def _hidden(found: Iterable[Declared | Hidden]) -> tuple[Hidden, ...]:
    return tuple(each for each in found if isinstance(each, Hidden))


def _from_template(
    base: Resource, found: Iterable[Declared | Hidden], group: Any = None, *, urns: bool = False
) -> list[Resource]:
    """The resources that a template declares, each made from ``base``; ``group`` is the deployment's own.

    With ``urns`` each has one of its own, below that of ``base``: ``<urn>::<ARM type>::<name>``.
    """
    made: list[Resource] = []
    for declared in found:
        kind = tokens.canonical_arm(declared.type) if isinstance(declared, Declared) else ""
        if isinstance(declared, Hidden) or not kind:
            continue
        place = group if declared.group is None else declared.group
        body = {"resourcegroupname": place, **declared.body} if place is not None else dict(declared.body)
        if kind == tokens.PRIVATE_RECORD:
            body["recordtype"] = declared.type.rpartition("/")[2]
        if declared.scope is not None:
            body |= {"scope": declared.scope, "resourceuri": declared.scope}
        props = named(flatten(body), kind, declared.names)
        known = bool(declared.names) and isinstance(declared.names[-1], str)
        name = declared.names[-1] if known else declared.label or base.name
        # What a policy sets is written where the policy is.
        written = tokens.ARM_NAME_OF[tokens.POLICY if declared.patch else kind]
        urn = f"{base.urn}::{written}::{name}" if urns else base.urn
        told = _anything(base, props)
        asked = {_lifted(path): parameters for path, parameters in declared.asked.items()}
        carrier = base.carrier
        if declared.policy:
            carrier = declared.policy + (f" in {carrier}" if carrier else "")
        made.append(
            replace(
                base,
                urn=urn,
                type=kind,
                name=name,
                props=props,
                carrier=carrier,
                property_dependencies=told,
                asked=asked,
                conditions=declared.conditions,
                ends={_lifted(path): ends for path, ends in declared.ends.items()},
                target=UNKNOWN if declared.patch else None,
            )
        )
    return made


def _lifted(path: str) -> str:
    """The path of a property as `flatten` leaves it."""
    return ".".join(step for step in path.split(".") if step != "properties")


def named(props: dict[str, Any], kind: str, names: tuple[Any, ...]) -> dict[str, Any]:
    """The properties with the names of the resource and its parents, outermost first, where Pulumi's inputs have
    them."""
    made = Partial(props) if isinstance(props, Partial) else dict(props)
    for key, name in zip(tokens.NAME_INPUTS[kind], names, strict=False):
        made[key] = name
    return made


def _anything(base: Resource, props: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What a body's properties depend on: all that the whole body does, since Pulumi tells no more."""
    urns = tuple({urn: None for held in base.property_dependencies.values() for urn in held})
    return dict.fromkeys(props, urns) if urns else {}


def estate_from_template(
    template: Mapping[str, Any], parameters: Mapping[str, Any] | None = None, *, cloud: names.Cloud = names.PUBLIC
) -> Estate:
    """A stack from an ARM template (Bicep's output) and, if given, its parameter file's ``parameters``.

    Every resource's urn is ``template::<ARM type>::<name>``; the template itself is ``template``.
    """
    base = Resource(urn=WHOLE_TEMPLATE, type=tokens.DEPLOYMENT, name="template", props={})
    ungiven: dict[str, None] = {}
    found = open_template(
        plain(template), plain(parameters or {}), cloud=cloud, ungiven=lambda name: ungiven.setdefault(name)
    )
    resources = _from_template(replace(base, embedded=True), found, urns=True)
    estate = Estate([replace(base, hidden=_hidden(found)), *resources])
    given = template.get("parameters")
    written = {str(name).lower(): str(name) for name in given} if isinstance(given, Mapping) else {}
    estate.ungiven = tuple(written.get(name, name) for name in ungiven)
    return estate


class StateReader:
    """Makes an estate of the states of a stack, one after the other, and keeps of each only what is asked later.

    ``planned`` are the URNs of those that are still to be deployed.
    """

    def __init__(self, planned: Container[str] = ()) -> None:
        self._planned = planned
        self._library = Library()
        self._resources: list[Resource] = []
        self._parents: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        # A resource may come before its provider, whose inputs are then filled in.
        self._providers: dict[str, dict[str, Any]] = {}

    def add(self, state: Mapping[str, Any]) -> None:
        """Read one state, unless it is only waiting for its deletion."""
        if state.get("delete"):
            return
        urn, parent = self._text(state["urn"]), state.get("parent")
        if parent:
            self._parents[urn] = self._text(parent)
        if state.get("type", "").startswith(PROVIDER_PREFIX):
            self._providers.setdefault(urn, {}).update(state_of(state.get("inputs") or {}))
        self._resources += from_state(
            state, self._provider, planned=urn in self._planned, library=self._library, text=self._text
        )

    def estate(self) -> Estate:
        """The estate of all that was read."""
        return Estate(self._resources, self._parents)

    def _provider(self, reference: str) -> Provider:
        urn = reference.rpartition("::")[0]
        return Provider(self._text(urn), self._providers.setdefault(urn, {})) if urn else NO_PROVIDER

    def _text(self, text: str) -> str:
        """The same text for every place where it is written: URNs are long, and written often."""
        return self._texts.setdefault(text, text)


def estate_from_states(states: Iterable[Mapping[str, Any]], planned: Container[str] = ()) -> Estate:
    """An estate from the ``resources`` of a stack export, or from the new states of a preview.

    ``planned`` are the URNs of those that are still to be deployed.
    """
    reader = StateReader(planned)
    for state in states:
        reader.add(state)
    return reader.estate()
