"""What rules judge: one `Resource` a declared resource, and the `Estate` that finds which belongs to which.

Both are the same whether they come from the engine, a stack export, a preview or an ARM template.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from itertools import chain, islice, product
from typing import Any

from ..azure.ids import ArmId, parse_id
from . import tokens
from .values import UNKNOWN, Condition, Ends, Hidden, Partial, Unknown, as_text, flatten, has_unknown, lookup


@dataclass(frozen=True, slots=True)
class Options:
    """The resource options that matter to a rule. ``ignore_changes`` are property paths as the program wrote them."""

    protect: bool = False
    ignore_changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Provider:
    """The explicit or default provider of a resource; ``props`` plain, such as ``subscriptionid``."""

    urn: str = ""
    props: Mapping[str, Any] = field(default_factory=dict)


WHOLE_TEMPLATE = "template"  # the urn of an ARM template itself, beside those of its resources


class Written(StrEnum):
    """The kinds of documents that declare a resource: what a fix has to speak of."""

    STACK = "stack"
    TEMPLATE = "template"
    LIVE = "live"


NO_OPTIONS = Options()
NO_PROVIDER = Provider()


@dataclass(eq=False)
class Resource:
    """One resource as declared.

    ``urn`` is where findings are reported; a registry inside a template or generic resource has the urn of what
    carries it, and says so in ``carrier``; ``embedded`` means that the state's id is the carrier's, not its own.
    ``type`` is canonical (`tokens.canonical`), ``props`` the plain inputs (lower-case keys, ARM's ``properties``
    lifted), ``outputs`` the texts that the state knows beyond them, ``answers`` all of its plain outputs where the
    document has them, ``state_id`` the id that the document notes beside them. ``planned`` means that the deployment
    is still to come: inputs are then newer than answers. ``external`` means that the stack only reads it: it is known,
    but not judged. ``target`` is the id of what a patch changes, which somebody else declares: its ``props`` are what
    it sets, and all else stays as it is; None for a declaration.
    ``hidden`` says what a deployment or generic resource keeps out of sight.
    ``error`` says that we failed to read it, which no stack passes.
    ``asked`` are the template's parameters (lower case) that nobody gives, by the property that asks for them; ``ends``
    are those of a template's texts of which only a part is known: ``rules.0.destinationaddresses.1``.
    ``conditions`` are those of which nobody knows whether they hold: only where all do is there such a resource.
    """

    urn: str
    type: str
    name: str
    props: Mapping[str, Any]
    token: str = ""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    options: Options = NO_OPTIONS
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parent: str = ""
    provider: Provider = NO_PROVIDER
    carrier: str = ""
    embedded: bool = False
    hidden: tuple[Hidden, ...] = ()
    error: str = ""
    external: bool = False
    answers: Mapping[str, Any] = field(default_factory=dict, repr=False)
    state_id: str = ""
    planned: bool = False
    target: Any = None
    asked: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)
    conditions: frozenset[Condition] = frozenset()
    ends: Mapping[str, tuple[Ends, ...]] = field(default_factory=dict, repr=False)

    def get(self, path: str, default: Any = None) -> Any:
        """An input at a path, written as in the documentation: ``policies.exportPolicy.status``."""
        return lookup(self.props, path, default)

    def known(self, path: str) -> Any:
        """An input, or where that is unknown or absent, the state's value."""
        value = lookup(self.props, path)
        if value is None or value is UNKNOWN:
            output = lookup(self.outputs, path)
            return value if output is None else output
        return value

    def parameters_of(self, path: str) -> frozenset[str]:
        """The template's parameters (lower case) that nobody gives and a property asks for; without ``path`` any."""
        wanted = path.lower()
        if wanted in tokens.NAME_INPUTS.get(self.type, ()):
            wanted = "name"
        return frozenset(
            name
            for at, asked in self.asked.items()
            if not at or not wanted or f"{at}.".startswith(f"{wanted}.") or wanted.startswith(f"{at}.")
            for name in asked
        )

    @cached_property
    def observed(self) -> Resource:
        """The same resource as Azure answered it: outputs where they are known, what was asked for where not.

        Of a deployment that is still to come, what is asked for is the newer of the two.
        """
        if not self.answers or self.carrier or self.external:
            return self
        answered = {key: value for key, value in flatten(self.answers).items() if value is not None}
        newer = {
            key: value
            for key, value in self.props.items()
            if value is not None and (self.planned or has_unknown(answered.get(key, UNKNOWN)))
        }
        merged = {**self.props, **answered, **newer}
        return replace(self, props=Partial(merged) if isinstance(self.props, Partial) else merged, answers={})

    @property
    def noted_id(self) -> str:
        """The Azure id, lower case, from wherever the document notes it; empty before the resource exists.

        `id` leaves out what stands beside the outputs, because the engine does not tell policies: what the guard finds
        must not depend on it (decision 0042). It settles what refers to what all the same.
        """
        if isinstance(self.id, str):
            return self.id
        return self.state_id.strip().lower().rstrip("/") if self.state_id.startswith("/") else ""

    @property
    def key(self) -> str:
        """The same for a resource and for a reference to it: its id where it is known, else its URN and type."""
        if self.noted_id:
            return self.noted_id
        return f"{self.urn}::{self.type}" if self.embedded else self.urn

    @cached_property
    def arm_names(self) -> tuple[Any, ...]:
        """The ARM names, outermost first: ``("contoso", "japaneast")``; each text, UNKNOWN or None (absent)."""
        if self.arm_id is not None:
            return self.arm_id.names
        return tuple(as_text(self.props.get(key)) for key in tokens.NAME_INPUTS.get(self.type, ()))

    @property
    def arm_name(self) -> Any:
        """The last of `arm_names`, lower case; UNKNOWN when only the provider will choose it."""
        name = self.arm_names[-1] if self.arm_names else None
        if name is None:
            name = as_text(self.outputs.get("name"))
        return UNKNOWN if name is None else name

    @cached_property
    def id(self) -> str | Unknown:
        """The Azure id, lower case; UNKNOWN before the resource exists. A patch has that of what it changes."""
        value = self.outputs.get("id") if self.target is None else self.target
        return value.strip().lower().rstrip("/") if isinstance(value, str) and value.startswith("/") else UNKNOWN

    @cached_property
    def arm_id(self) -> ArmId | None:
        return parse_id(self.id) if isinstance(self.id, str) else None

    @cached_property
    def resource_group(self) -> str | Unknown | None:
        if self.arm_id is not None and self.arm_id.resource_group:
            return self.arm_id.resource_group
        return as_text(self.props.get("resourcegroupname"))

    @cached_property
    def subscription(self) -> str | Unknown | None:
        """From the id, else from the provider's explicit ``subscriptionId``; None when nothing tells."""
        if self.arm_id is not None and self.arm_id.subscription:
            return self.arm_id.subscription
        return as_text(self.provider.props.get("subscriptionid"))

    @property
    def written(self) -> Written:
        """What kind of document declares it."""
        if not self.token and (self.embedded or self.urn == WHOLE_TEMPLATE):
            return Written.TEMPLATE
        return Written.LIVE if self.urn.startswith("azure::") else Written.STACK

    @property
    def label(self) -> str:
        """How a message names it: the logical name, and what carries it."""
        return f"'{self.name}' (in {self.carrier})" if self.carrier else f"'{self.name}'"


@dataclass(frozen=True, slots=True)
class Reference:
    """What a property refers to: resources of the stack, an id outside it, nothing, or something undetermined.

    ``perhaps`` are resources whose own names are not known, so that a name or id which fits none may be theirs.
    """

    targets: tuple[Resource, ...] = ()
    foreign: ArmId | None = None
    undetermined: bool = False
    perhaps: tuple[Resource, ...] = ()

    def may_mean(self, resource: Resource) -> bool:
        """Whether it may be this resource, and that cannot be told yet."""
        return self.undetermined or resource in self.perhaps or (len(self.targets) > 1 and resource in self.targets)

    @property
    def target(self) -> Resource | None:
        """The one resource referred to; None when there is none or more than one."""
        return self.targets[0] if len(self.targets) == 1 else None


@dataclass(frozen=True, slots=True)
class Loss:
    """A registry or replica that the update to come deletes or replaces, as it is before.

    ``because`` are the inputs that force a replacement, as far as told; ``holder`` is the resource group that takes a
    registry with it which the stack itself keeps, or the deployment that deletes what its template does not declare.
    ``sure`` is false where that template may still declare it. ``kept``: it is replaced and has ``retainOnDelete``, so
    that it stays in the cloud, and the stack gets an empty one for it.
    """

    resource: Resource
    replaced: bool
    because: tuple[str, ...] = ()
    holder: Resource | None = None
    sure: bool = True
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """The inputs, in lower case, that the update to come changes of a resource that stays; the resource is as after."""

    resource: Resource
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Patch:
    """A patch of a resource of the estate: what sets it, what it changes, and what the two make."""

    source: Resource
    target: Resource
    merged: Resource


def patched(target: Resource, patch: Resource) -> Resource:
    """A resource with what a patch sets. Objects are merged, as Azure does, and everything else is replaced."""
    names = set_by_name(target.type)
    setting = {key: value for key, value in patch.props.items() if key not in names}
    kept = {key: value for key, value in target.props.items() if key in names}
    # An association adds to a list; azapi and Azure replace it.
    adding = {
        key: [*held, *value]
        for key, value in setting.items()
        if not tokens.azapi(patch.token) and isinstance(value, list) and isinstance(held := target.props.get(key), list)
    }
    setting |= adding
    whole = Partial({**kept, **setting}) if isinstance(patch.props, Partial) else _merged(target.props, setting)
    told = {key: urns for key, urns in patch.property_dependencies.items() if key in setting}
    return replace(
        target,
        props=whole,
        property_dependencies={**target.property_dependencies, **told},
        answers={key: value for key, value in target.answers.items() if key not in setting},
    )


def set_by_name(kind: str) -> frozenset[str]:
    """The inputs that say which resource it is, and set nothing."""
    return frozenset((*tokens.NAME_INPUTS.get(kind, ()), "resourcegroupname"))


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(old)
    for key, value in new.items():
        held = made.get(key)
        if isinstance(held, dict) and isinstance(value, dict) and not isinstance(value, Partial):
            value = _merged(held, value)
        made[key] = value
    return Partial(made) if isinstance(old, Partial) else made


@dataclass(frozen=True, slots=True)
class Coverage:
    """What live documents tell whole: pairs of a canonical type and the scope (an id, lower case) below which every
    resource of that type is listed."""

    listed: frozenset[tuple[str, str]] = frozenset()

    def tells(self, kind: str, of: Resource | None = None) -> bool:
        """Whether every resource of a type is listed; with ``of``, every one that belongs to that resource."""
        if of is None:
            return any(listed == kind for listed, _ in self.listed)
        return self.tells_below(kind, of.noted_id)

    def tells_below(self, kind: str, own: str) -> bool:
        """Whether every resource of a type is listed that belongs to the resource of an id, in lower case."""
        return any(listed == kind and (own == scope or own.startswith(f"{scope}/")) for listed, scope in self.listed)


_MOST_NAMED = 5  # parameters in one message
_MOST_CONDITIONS = 16  # sets of them: the estate is judged once for each
_MOST_ALIKE = 50  # resources that one id or name may mean; looking at all of them for each would take the square
NOTHING = Reference()
UNDETERMINED = Reference(undetermined=True)


class Estate:
    """All resources about registries, and how they belong together: by known id, then dependency, then name."""

    def __init__(
        self,
        resources: Iterable[Resource],
        parents: Mapping[str, str] | None = None,
        *,
        coverage: Coverage | None = None,
    ) -> None:
        """``parents`` maps the urn of every resource of the stack, relevant or not, to its parent's. ``coverage`` is
        what live documents tell; None where the document holds everything that is declared."""
        self.coverage = coverage
        self.ungiven: tuple[str, ...] = ()  # required parameters of a template that nobody gives
        # Of the update that leads here, where the document tells of one.
        self.losses: tuple[Loss, ...] = ()
        self.edits: tuple[Edit, ...] = ()
        self.resources: list[Resource] = list(resources)
        self.parents: Mapping[str, str] = parents or {r.urn: r.parent for r in self.resources if r.parent}
        patches = [r for r in self.resources if r.target is not None]
        self._index([r for r in self.resources if r.target is None] if patches else self.resources)
        self.patches: list[Patch] = []
        if patches:
            self._patch(patches)
        self._memo: dict[Any, Any] = {}

    def _index(self, members: list[Resource]) -> None:
        self._members = members
        self.__dict__.pop("_order", None)  # of the members before
        self._by_type: dict[str, list[Resource]] = defaultdict(list)
        self._by_urn: dict[str, list[Resource]] = defaultdict(list)
        self._by_id: dict[str, Resource] = {}
        noted: dict[str, list[Resource]] = defaultdict(list)
        self._unnamed: dict[str, list[Resource]] = defaultdict(list)
        self._by_name: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        # The same name in many groups is the rule for zones and subnets: the group is part of what is looked up.
        self._by_place: dict[tuple[str, str, Any], list[Resource]] = defaultdict(list)
        # The same with the names of what it is in, since many networks have a subnet "default"; None where not all are
        # known.
        self._by_names: dict[tuple[str, Any, str, Any], list[Resource]] = defaultdict(list)
        for resource in members:
            self._by_type[resource.type].append(resource)
            self._by_urn[resource.urn].append(resource)
            if isinstance(resource.id, str):
                self._by_id[resource.id] = resource
            elif resource.noted_id:
                noted[resource.noted_id].append(resource)
            if isinstance(resource.arm_name, str):
                self._by_name[resource.type, resource.arm_name].append(resource)
                group = resource.resource_group if isinstance(resource.resource_group, str) else None
                self._by_place[resource.type, resource.arm_name, group].append(resource)
                names = resource.arm_names
                above = names[:-1] if names and all(isinstance(name, str) for name in names) else None
                self._by_names[resource.type, above, resource.arm_name, group].append(resource)
            else:
                self._unnamed[resource.type].append(resource)
        self._known_inside: dict[str, list[Resource]] = {}
        self._room = 10 * len(members)  # resources that may be remembered as inside of components
        # An id that several resources have tells none of them from the others.
        self._by_id |= {each: held[0] for each, held in noted.items() if len(held) == 1 and each not in self._by_id}

    def _patch(self, patches: list[Resource]) -> None:
        """Puts what patches set into what they change; one of something outside the estate stands by itself.

        Of a registry outside, or what is under one, a patch tells too little to be taken for it.
        """
        changed: dict[int, Resource] = {}
        alone: list[Resource] = []
        for patch in patches:
            target = self._target(patch)
            if target is not None:
                so_far = changed.get(id(target), target)
                changed[id(target)] = patched(so_far, patch)
                self.patches.append(Patch(patch, so_far, changed[id(target)]))
            elif not patch.type.startswith("containerregistry:"):
                alone.append(patch)
        self._index([*(changed.get(id(r), r) for r in self._members), *alone])

    def _target(self, patch: Resource) -> Resource | None:
        found = self.refer(patch, patch.target, "target", patch.type).target
        if found is None and patch.target is UNKNOWN and isinstance(patch.arm_name, str):
            named = list(islice(self._placed(patch.type, patch.arm_name, patch.resource_group), 2))
            found = named[0] if len(named) == 1 else None
        return found

    def of(self, *types: str) -> Iterator[Resource]:
        """The stack's own resources of these types; those that it only reads are left out."""
        return (r for kind in types for r in self._by_type.get(kind, ()) if not r.external)

    def read_too(self, *types: str) -> Iterator[Resource]:
        """The resources of these types, those that the stack only reads included: what stands around a registry."""
        return (r for kind in types for r in self._by_type.get(kind, ()))

    def has(self, *types: str) -> bool:
        return next(self.of(*types), None) is not None

    def missing_parameters(
        self,
        of: Resource | None = None,
        what: str = "",
        also: Iterable[tuple[Resource, str]] = (),
        conditions: Iterable[Condition] = (),
    ) -> str:
        """What to do about required parameters that nobody gives, as a sentence; empty where there are none.

        Where ``what`` is a property of the resource ``of``, only those that it asks for are named; where it is
        something else, those that the resource asks for. With ``also``, properties of other resources, theirs as well;
        with ``conditions``, those that these ask for. Where nothing tells what decides, all are named.
        """
        ungiven: Sequence[str] = self.ungiven
        given, others = list(conditions), list(also)
        asked = {name for each in given for name in each.asked}
        is_property = of is not None and bool(what) and has_unknown(of.get(what))
        if of is not None and ungiven:
            asked |= of.parameters_of(what if is_property else "").union(*(r.parameters_of(p) for r, p in others))
        if asked or given or others or is_property:
            ungiven = [name for name in ungiven if name.lower() in asked]
        if not ungiven:
            return ""
        shown = ", ".join(f"'{name}'" for name in ungiven[:_MOST_NAMED])
        more = f" and {len(ungiven) - _MOST_NAMED} more" if len(ungiven) > _MOST_NAMED else ""
        return f"The template's parameters without a value ({shown}{more}) may decide it: give --parameters."

    def tells(self, kind: str, of: Resource | None = None) -> bool:
        """Whether the absence of a resource of this type is a fact, and not only a document that was not given; with
        ``of``, one that belongs to that resource."""
        if self.coverage is None:
            return True
        if of is None or of.type != tokens.REGISTRY or kind not in (tokens.ENDPOINT, tokens.ENDPOINT_CONNECTION):
            return self.coverage.tells(kind, of)
        # A registry names its own connections, whichever subscription their endpoints are in.
        held = of.outputs.get("privateendpointconnections")
        if not isinstance(held, list):
            return self.coverage.tells(tokens.ENDPOINT_CONNECTION, of)
        ends = [lookup(item, "privateEndpoint.id") for item in held]
        return kind == tokens.ENDPOINT_CONNECTION or all(
            isinstance(end, str) and end.lower().rstrip("/") in self._by_id for end in ends
        )

    @cached_property
    def conditions(self) -> list[frozenset[Condition]]:
        """What the existence of resources depends on and is not known, each set of conditions once."""
        return list(dict.fromkeys(each.conditions for each in self.resources if each.conditions))

    def where(self, holding: frozenset[Condition]) -> Estate:
        """The estate without the resources that may not exist, where of all conditions only these are sure to hold."""
        return self.memo(("where", holding), lambda: self._of(r for r in self.resources if r.conditions <= holding))

    def at_least(self) -> list[Estate]:
        """The estates with what a deployment may leave out, left out: a resource that only may exist vouches for none
        but those that exist under the same conditions. Empty where it is known of every resource whether it exists."""
        sets = self.conditions
        if not sets:
            return []
        if len(sets) <= _MOST_CONDITIONS:
            return [self.where(holding) for holding in (frozenset[Condition](), *sets)]
        # Too many to look at each: there, no condition counts as the same as another.
        return self.memo(
            "at least",
            lambda: [
                self._of(r for r in self.resources if not r.conditions or r.type in kept)
                for kept in ((), (tokens.REGISTRY,), (tokens.REGISTRY, tokens.ENDPOINT))
            ],
        )

    def _of(self, resources: Iterable[Resource]) -> Estate:
        made = Estate(resources, self.parents, coverage=self.coverage)
        made.ungiven, made.losses, made.edits = self.ungiven, self.losses, self.edits
        return made

    def memo(self, key: Any, make: Any) -> Any:
        """A value that several rules share, made once a stack."""
        if key not in self._memo:
            self._memo[key] = make()
        return self._memo[key]

    def held_by(self, kind: str, holder_of: Callable[[Resource], Resource | None]) -> dict[Resource, list[Resource]]:
        """The resources of one type by what holds each, those left out of which that is not certain; made once."""

        def make() -> dict[Resource, list[Resource]]:
            found: dict[Resource, list[Resource]] = defaultdict(list)
            for each in self.read_too(kind):
                holder = holder_of(each)
                if holder is not None:
                    found[holder].append(each)
            return found

        return self.memo(("held by", kind), make)

    def named(self, kind: str, name: str) -> list[Resource]:
        """The resources of one type with one ARM name."""
        return self._by_name.get((kind, name.lower()), [])

    def _placed(self, kind: str, name: str, group: Any) -> Iterator[Resource]:
        """The resources of one type and name that may be in a group: those in it, and those whose group is unknown."""
        if not isinstance(group, str) or not group:
            return iter(self.named(kind, name))
        key = (kind, name.lower())
        return chain(self._by_place.get((*key, group), ()), self._by_place.get((*key, None), ()))

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for urn, parent in ({r.urn: r.parent for r in self.resources if r.parent} | dict(self.parents)).items():
            found[parent].append(urn)
        return found

    @cached_property
    def _order(self) -> dict[int, int]:
        return {id(resource): number for number, resource in enumerate(self._members)}

    def _inside(self, urn: str) -> list[Resource]:
        """What is inside a component, at any depth. Looked for when it is asked: for all of them beforehand, a chain of
        components inside each other would take the square of its length."""
        known = self._known_inside.get(urn)
        if known is not None:
            return known
        seen, left = {urn}, [urn]
        while left:
            for each in self._children.get(left.pop(), ()):
                if each not in seen:
                    seen.add(each)
                    left.append(each)
        found = [r for each in seen if each != urn for r in self._by_urn.get(each, ())]
        found.sort(key=lambda resource: self._order[id(resource)])
        self._room -= len(found)
        if self._room >= 0:
            self._known_inside[urn] = found
        return found

    def dependencies(self, resource: Resource, prop: str = "") -> list[Resource]:
        """What a property depends on (or the resource as a whole); a component stands for what is inside it."""
        urns = resource.property_dependencies.get(prop.lower(), ()) if prop else resource.dependencies
        found: dict[int, Resource] = {}
        for urn in urns:
            inside = self._by_urn.get(urn) or self._inside(urn)
            found.update((id(r), r) for r in inside)
        return list(found.values())

    def all_dependencies(self, resource: Resource) -> list[Resource]:
        """What the resource or any of its properties depends on."""
        return [
            *self.dependencies(resource),
            *(r for p in resource.property_dependencies for r in self.dependencies(resource, p)),
        ]

    def by_id(self, text: str, kinds: tuple[str, ...]) -> Reference:
        """What a known id refers to: the resource with that id, or with that name and group, else a foreign id."""
        lowered = text.strip().lower().rstrip("/")
        exact = self._by_id.get(lowered)
        if exact is not None:
            return Reference((exact,)) if exact.type in kinds else NOTHING
        parsed = parse_id(lowered)
        if parsed is None or not parsed.type:
            return NOTHING
        kind = tokens.canonical_arm(parsed.type)
        if kind not in kinds:
            return NOTHING
        candidates = self._candidates(kind, parsed)
        if len(candidates) > _MOST_ALIKE:
            return UNDETERMINED
        matches = tuple(r for r in candidates if same_place(r, parsed))
        if matches:
            return Reference(matches)
        unnamed = islice(self._unnamed.get(kind, ()), _MOST_ALIKE)
        return Reference(foreign=parsed, perhaps=tuple(r for r in unnamed if same_place(r, parsed)))

    def _candidates(self, kind: str, arm_id: ArmId) -> list[Resource]:
        """The resources that may have an id which none is known to have: what is not known of them may agree."""
        if not arm_id.resource_group:
            return self.named(kind, arm_id.name)
        above, group = arm_id.names[:-1], arm_id.resource_group
        places = product((above, None), (group, None))
        return [r for names, place in places for r in self._by_names.get((kind, names, arm_id.name, place), ())]

    @staticmethod
    def comes_from_elsewhere(resource: Resource, prop: str) -> bool:
        """Whether Pulumi tells what an unknown property comes from, so that it refers to nothing else. Of what is
        inside a deployment, Pulumi tells only what the whole deployment depends on."""
        return bool(resource.property_dependencies.get(prop.lower())) and not resource.embedded

    def refer(self, resource: Resource, value: Any, prop: str, *kinds: str) -> Reference:
        """What ``value`` of the top-level property ``prop`` refers to among resources of these types.

        A known id or name settles it; an unknown one is looked for in the property's dependencies, then in the
        resource's own.
        """
        if value is None:
            return NOTHING
        if isinstance(value, str):
            if value.strip().startswith("/"):
                return self.by_id(value, kinds)
            held = (r for kind in kinds for r in self._placed(kind, value.strip(), resource.resource_group))
            matches = tuple(islice(held, _MOST_ALIKE + 1))
            if len(matches) > _MOST_ALIKE:
                return UNDETERMINED
            if matches:
                return Reference(matches)
            found = self._by_dependency(resource, prop, kinds, named=value.strip().lower())
            return found if found.targets else Reference(perhaps=self._unnamed_near(resource, kinds))
        if value is UNKNOWN or has_unknown(value):
            return self._by_dependency(resource, prop, kinds)
        return NOTHING

    def _unnamed_near(self, resource: Resource, kinds: tuple[str, ...]) -> tuple[Resource, ...]:
        """The resources of these types whose names are not known, and which may be in the resource's own group."""
        unnamed = chain.from_iterable(self._unnamed.get(kind, ()) for kind in kinds)
        return tuple(r for r in islice(unnamed, _MOST_ALIKE) if _agree(r.resource_group, resource.resource_group))

    def _by_dependency(self, resource: Resource, prop: str, kinds: tuple[str, ...], named: str = "") -> Reference:
        # A property that depends on something else than these types does not refer to what the resource waits for.
        told = bool(resource.property_dependencies.get(prop.lower()))
        for candidates in (self.dependencies(resource, prop), [] if told else self.dependencies(resource)):
            fitting = tuple(
                r for r in candidates if r.type in kinds and (not named or r.arm_name is UNKNOWN or r.arm_name == named)
            )
            if fitting:
                return Reference(fitting)
        return NOTHING if named else UNDETERMINED


def same_place(resource: Resource, arm_id: ArmId) -> bool:
    """Whether a resource whose id is not known yet can be the one of that id: what both know must agree."""
    if resource.arm_id is not None:
        return _agree(resource.arm_id.subscription, arm_id.subscription) and _agree(
            resource.arm_id.resource_group, arm_id.resource_group
        )
    own = resource.arm_names
    parents_agree = all(
        mine is UNKNOWN or mine is None or mine == theirs
        for mine, theirs in zip(own[:-1], arm_id.names[:-1], strict=False)
    )
    return (
        parents_agree
        and _agree(resource.resource_group, arm_id.resource_group)
        and _agree(resource.subscription, arm_id.subscription)
    )


def _agree(one: Any, other: Any) -> bool:
    return not (isinstance(one, str) and isinstance(other, str) and one and other) or one == other
