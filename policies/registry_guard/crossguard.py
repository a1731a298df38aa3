"""The rules as policies of the CrossGuard SDK, for anybody's own ``PolicyPack``: `policies`.

The SDK calls each policy by itself: it gives it the configuration of that policy alone, a proxy that raises at unknown
values, and in stack policies the outputs. What our own pack does as a whole is therefore done here by what the policies
of one call of `policies` share: a `_Run`. See docs/decisions/0040-guard-speaks-the-analyzer-protocol.md.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from registry_model.alibaba.provider import INSTANCE, SECRET_INPUTS
from registry_model.console import how_to_install
from registry_model.estate.deployments import Library
from registry_model.estate.model import NO_PROVIDER, Estate, Options, Patch, Provider, Resource
from registry_model.estate.reading import concerns, make, state_of
from registry_model.estate.values import SECRET_SIGNATURE, SIGNATURE_KEY, UNKNOWN_SENTINELS
from registry_model.suggest import did_you_mean

from . import settings as settings_module
from .engine import Evaluator, Finding, unreadable
from .frameworks import NAMES, Framework
from .rule import DEFAULT_PRESET, Level, Option, Rule, Severity, rules
from .settings import GUARD, GUARD_OPTIONS, ConfigError, Settings

try:
    import pulumi_policy as sdk
    from pulumi_policy.proxy import UnknownValueError
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        f"registry_guard.policies needs the CrossGuard SDK: {how_to_install('policies')}", name=missing.name
    ) from missing

NOTES = f"{GUARD}-notes"
_OUTPUTS_ONLY = "(Judged on its outputs: this run did not declare the resource.)"


def policies(
    preset: str = DEFAULT_PRESET,
    *,
    only: Iterable[str] | None = None,
    severities: Iterable[str | Severity] | None = None,
    frameworks: Iterable[str] | None = None,
    config: Mapping[str, Any] | None = None,
    prefix: str = "",
) -> list[sdk.Policy]:
    """The rules as ``pulumi_policy`` policies, to put into a ``PolicyPack`` next to others, in the order given.

    ``preset`` sets levels and options: ``baseline``, ``strict``, ``no-private-link`` or ``audit``. ``only`` names
    rules; ``severities`` (``low`` to ``critical``) and ``frameworks`` (``CIS``, ``MCSB``, ``Azure Policy``) choose
    among them. A rule that the preset leaves off comes along disabled, for a configuration to enable. ``config`` is a
    document as for ``--policy-pack-config``, with the rules' plain ids; a ``--policy-pack-config`` with the policies'
    own names still wins. ``prefix`` stands before every name.

    Two policies are always there: ``registry-guard``, which remembers what the stack declares and holds what concerns
    all rules (exemptions among it), and ``registry-guard-notes``, which tells notes, exempted violations and what is
    not known yet as advice. Raises `ConfigError`, naming everything that is wrong.
    """
    problems: list[str] = []
    chosen = _chosen(only, severities, frameworks, problems)
    try:
        base = settings_module.load(config, preset=preset)
    except ConfigError as error:
        raise ConfigError([*problems, *error.problems]) from None
    levels = base.levels
    problems += [
        f"only: '{name}' is off in the preset {preset}; give it a level in config, or leave it out"
        for name in dict.fromkeys(only or ())
        if levels.get(name) is Level.DISABLED
    ]
    if problems:
        raise ConfigError(problems)
    run = _Run(preset, dict(config or {}), base)
    guard = _entry((config or {}).get(GUARD, {}))
    # `all` is for rules: the guard's own policy holds up the others, and goes by its own entry only.
    level = levels[GUARD] if "enforcementLevel" in guard else settings_module.load(preset=preset).levels[GUARD]
    owners = {owner for rule in rules().values() for owner in rule.borrows.values()}
    # A policy that lends its configuration to others is asked before them.
    ordered = sorted(chosen, key=lambda rule: (rule.id not in owners, rule.id))
    made: list[sdk.Policy] = [_Guard(run, level, prefix)]
    for rule in ordered:
        of = _KINDS[rule.check_resource is not None, rule.check_estate is not None]
        made.append(of(run, rule, levels[rule.id], prefix))
    return [*made, _Notes(run, prefix)]


def _chosen(
    only: Iterable[str] | None,
    severities: Iterable[str | Severity] | None,
    frameworks: Iterable[str] | None,
    problems: list[str],
) -> list[Rule]:
    def checked(what: str, given: Iterable[Any] | None, known: Iterable[str]) -> set[str] | None:
        if given is None:
            return None
        if isinstance(given, str):
            problems.append(f"{what}: must be a list of names, is the text '{given}'")
            return set()
        by_lower = {name.lower(): name for name in known}
        names = [str(each.value if isinstance(each, Severity) else each) for each in given]
        if not names:
            problems.append(f"{what}: names nothing; leave it out for all")
        problems.extend(
            f"{what}: '{name}' is not one of {', '.join(by_lower.values())}{did_you_mean(name, by_lower.values())}"
            if len(by_lower) < 10
            else f"{what}: '{name}' is not a rule{did_you_mean(name, by_lower.values())}"
            for name in names
            if name.lower() not in by_lower
        )
        return {by_lower[name.lower()] for name in names if name.lower() in by_lower}

    ids = checked("only", only, rules())
    severe = checked("severities", severities, [severity.value for severity in Severity])
    of_framework = checked("frameworks", frameworks, NAMES)
    found = [
        rule
        for rule in rules().values()
        if (ids is None or rule.id in ids)
        and (severe is None or rule.severity.value in severe)
        and (of_framework is None or of_framework & {framework.name for framework in rule.frameworks})
    ]
    if not found and not problems:
        problems.append("no rule is left: only, severities and frameworks exclude each other")
    return found


class _Run:
    """What the policies of one pack share: what this run declared, the configuration seen so far, and the notes.

    The SDK analyses several resources at once in threads, and all policies on one resource in one thread.
    """

    def __init__(self, preset: str, config: Mapping[str, Any], base: Settings) -> None:
        self.preset = preset
        self.config = config
        self.base = base
        self.analysed = False
        self.declared: dict[str, list[Resource]] = {}
        self.notes: dict[tuple[str, str], list[Finding]] = {}
        self.seen: dict[str, Mapping[str, Any]] = {}
        self._library = Library()
        self._here = threading.local()
        self._estate: tuple[Estate, frozenset[str]] | None = None
        self._asked_estate: set[str] = set()

    def resources(self, args: sdk.ResourceValidationArgs, asking: str) -> list[Resource]:
        """What a declaration stands for; read once for all policies, which the SDK asks one after the other.

        A policy that asks a second time does so for another declaration, were it of the same URN.
        """
        self.analysed = True
        if not concerns(args.resource_type):
            return []
        here = self._here
        if getattr(here, "urn", "") != args.urn or asking in here.asked:
            here.urn, here.asked = args.urn, set()
            self._estate = None
            self.declared[args.urn] = _make(args, inputs=_values(args.props), library=self._library)
        here.asked.add(asking)
        return self.declared[args.urn]

    def patches(self, sources: Iterable[Resource]) -> list[Patch]:
        """What these resources change of what was declared so far."""
        own = {id(each) for each in sources if each.target is not None}
        if not own:
            return []
        so_far = Estate(resource for held in list(self.declared.values()) for resource in held)
        return [patch for patch in so_far.patches if id(patch.source) in own]

    def estate(self, args: sdk.StackValidationArgs, asking: str) -> tuple[Estate, frozenset[str]]:
        """The stack as declared, and the URNs that had to be judged on outputs; made once for all policies."""
        if self._estate is None or asking in self._asked_estate:
            self._asked_estate = set()
            self._estate = self._read_estate(args.resources)
        self._asked_estate.add(asking)
        return self._estate

    def _read_estate(self, given: Iterable[sdk.PolicyResource]) -> tuple[Estate, frozenset[str]]:
        found: list[Resource] = []
        parents: dict[str, str] = {}
        undeclared: set[str] = set()
        for each in given:
            if each.parent is not None:
                parents[each.urn] = each.parent.urn
            if not concerns(each.resource_type):
                continue
            declared = self.declared.get(each.urn)
            dependencies = {
                "dependencies": tuple(other.urn for other in each.dependencies),
                "property_dependencies": {
                    key.lower(): tuple(other.urn for other in others)
                    for key, others in each.property_dependencies.items()
                },
                "parent": each.parent.urn if each.parent is not None else "",
            }
            if declared is None:
                undeclared.add(each.urn)
                outputs = _values(each.props)
                found += [replace(r, **dependencies) for r in _make(each, inputs=outputs, outputs=outputs)]
            elif any(resource.external for resource in declared):
                found += _make(each, inputs={}, outputs=_values(each.props))
            else:
                state = _state(each.props)
                found += [replace(r, outputs={} if r.embedded else state, **dependencies) for r in declared]
        return Estate(found, parents), frozenset(undeclared)

    def settings(self, rule: Rule | None, given: Mapping[str, Any]) -> Settings:
        """The configuration that one rule judges with. Raises `ConfigError`."""
        document = {key: _entry(value) for key, value in self.config.items() if key != "all"}

        def add(name: str, values: Mapping[str, Any]) -> None:
            document[name] = {**document.get(name, {}), **values}

        add(GUARD, self.seen.get(GUARD, {}))
        if rule is not None:
            for owner in set(rule.borrows.values()):
                add(owner, self.seen.get(owner, {}))
            for key, value in given.items():
                add(rule.borrows.get(key, rule.id), {key: value})
            # The SDK gives what a policy reports the policy's level; here only what is no violation is told apart.
            add(rule.id, {"enforcementLevel": Level.MANDATORY.value})
        return settings_module.load(document, preset=self.preset)


class _Judge:
    """What a policy of ours does whatever its kind: judge with its configuration, report, and never raise."""

    def __init__(self, run: _Run, rule: Rule) -> None:
        self.run = run
        self.rule = rule
        self._given: tuple[Any, ...] | None = None
        self._evaluator: Evaluator | ConfigError | None = None

    def evaluator(self, given: Mapping[str, Any]) -> Evaluator | ConfigError:
        self.run.seen[self.rule.id] = given
        key = (given, *(self.run.seen.get(name) for name in (GUARD, *self.rule.borrows.values())))
        if self._evaluator is None or key != self._given:
            try:
                self._evaluator = Evaluator(self.run.settings(self.rule, given))
            except ConfigError as error:
                self._evaluator = error
            self._given = key
        return self._evaluator

    def resource(self, args: sdk.ResourceValidationArgs, report: sdk.ReportViolation) -> None:
        resources = self.run.resources(args, self.rule.id)
        fitting = [each for each in resources if each.error or each.type in self.rule.applies_to]
        if not fitting:
            return
        evaluator = self.evaluator(args.get_config())
        if isinstance(evaluator, ConfigError):
            report(str(evaluator), args.urn)
            return
        found = [
            finding
            for each in fitting
            for finding in ([unreadable(each)] if each.error else evaluator.in_resource(self.rule, each))
        ]
        # What a patch makes of a resource that was declared before it, since the stack is not shown to this policy.
        for patch in self.run.patches(fitting):
            found += evaluator.in_patched(self.rule, patch)
        self.tell(found, report, place=args.urn)

    def estate(self, args: sdk.StackValidationArgs, report: sdk.ReportViolation) -> None:
        evaluator = self.evaluator(args.get_config())
        if isinstance(evaluator, ConfigError):
            report(str(evaluator), "")
            return
        if not self.run.analysed:
            if any(concerns(each.resource_type) for each in args.resources):
                report(_NOT_RECORDED, "")
            return
        estate, undeclared = self.run.estate(args, self.rule.id)
        found = [
            replace(finding, message=f"{finding.message} {_OUTPUTS_ONLY}") if finding.urn in undeclared else finding
            for finding in evaluator.in_estate(self.rule, estate)
        ]
        self.tell(found, report, place="")

    def tell(self, found: list[Finding], report: sdk.ReportViolation, *, place: str) -> None:
        """Report what counts under the rule's own name, and keep the rest for the policy of notes."""
        for finding in found:
            if finding.mandatory:
                report(finding.text, finding.urn)
        self.run.notes[self.rule.id, place] = [finding for finding in found if not finding.mandatory]

    def remediate(self, args: sdk.ResourceValidationArgs) -> Any:
        """Change the inputs in place, which alone keeps secrets secret and unknowns unknown."""
        if not concerns(args.resource_type) or self.rule.remediate is None:
            return None
        evaluator = self.evaluator(args.get_config())
        if isinstance(evaluator, ConfigError):
            return None  # said by the validation that follows
        changed = False
        for each in _make(args, inputs=_values(args.props)):
            if each.error or each.external or each.carrier or each.type not in self.rule.applies_to:
                continue
            changes = self.rule.remediate(each, evaluator.settings.options[self.rule.id])
            for path, value in changes.items():
                changed |= _set(args.props, path.split("."), value)
        return args.props if changed else None


_NOT_RECORDED = (
    f"Nothing of what the stack declares was recorded, so the rule cannot judge it: the policy '{GUARD}' and every "
    f"rule on single resources are disabled. Fix: Give '{GUARD}' the level mandatory or advisory."
)


class _OnResources(sdk.ResourceValidationPolicy):
    """A rule on single resources."""

    def __init__(self, run: _Run, rule: Rule, level: Level, prefix: str) -> None:
        judge = _Judge(run, rule)
        super().__init__(
            validate=judge.resource,
            remediate=judge.remediate if rule.remediate is not None else None,
            **_described(rule, level, prefix, run),
        )


class _OnStacks(sdk.StackValidationPolicy):
    """A rule on the stack as a whole."""

    def __init__(self, run: _Run, rule: Rule, level: Level, prefix: str) -> None:
        super().__init__(validate=_Judge(run, rule).estate, **_described(rule, level, prefix, run))


class _OnBoth(sdk.ResourceValidationPolicy, sdk.StackValidationPolicy):
    """A policy with one name that the SDK asks about each resource and about the stack.

    Both of the SDK's constructors would each set their own half and call the other's, so neither is called.
    """

    def __init__(self, run: _Run, rule: Rule, level: Level, prefix: str) -> None:
        sdk.Policy.__init__(self, **_described(rule, level, prefix, run))
        judge = _Judge(run, rule)
        self._on_resource, self._on_stack = judge.resource, judge.estate

    def validate(self, args: Any, report_violation: sdk.ReportViolation) -> None:
        if isinstance(args, sdk.StackValidationArgs):
            self._on_stack(args, report_violation)
        else:
            self._on_resource(args, report_violation)

    def has_validation(self) -> bool:
        return True

    def has_remediation(self) -> bool:
        return False

    def remediate(self, args: sdk.ResourceValidationArgs) -> None:
        return None


_KINDS: Mapping[tuple[bool, bool], Any] = {
    (True, False): _OnResources,
    (False, True): _OnStacks,
    (True, True): _OnBoth,
}


class _Guard(sdk.ResourceValidationPolicy):
    """Remembers what each resource declares before any rule is asked, and refuses what cannot be read."""

    def __init__(self, run: _Run, level: Level, prefix: str) -> None:
        self._run = run
        self._unusable = ""
        super().__init__(
            name=prefix + GUARD,
            description="Every resource about a registry can be judged",
            validate=self._record,
            enforcement_level=sdk.EnforcementLevel(level.value),
            config_schema=sdk.PolicyConfigSchema(_properties(GUARD_OPTIONS, run.base.guard)),
            display_name="The guard's own settings",
            severity=sdk.Severity.CRITICAL,
        )

    def _record(self, args: sdk.ResourceValidationArgs, report: sdk.ReportViolation) -> None:
        given = args.get_config()
        if given != self._run.seen.get(GUARD):
            self._run.seen[GUARD] = given
            try:
                self._run.settings(None, given)
                self._unusable = ""
            except ConfigError as error:
                self._unusable = str(error)
        resources = self._run.resources(args, GUARD)
        if resources and self._unusable:
            report(self._unusable, args.urn)
        for each in resources:
            if each.error:
                report(unreadable(each).message, args.urn)


class _Notes(sdk.StackValidationPolicy):
    """Tells, as advice, what the other policies found and is no violation. The last, so that all have spoken."""

    def __init__(self, run: _Run, prefix: str) -> None:
        self._run = run
        super().__init__(
            name=prefix + NOTES,
            description="Notes on registries, exempted violations, and what is not known yet",
            validate=self._tell,
            enforcement_level=sdk.EnforcementLevel.ADVISORY,
            display_name="What the guard found beside violations",
            severity=sdk.Severity.LOW,
        )

    def _tell(self, args: sdk.StackValidationArgs, report: sdk.ReportViolation) -> None:
        urns = {"", *(each.urn for each in args.resources)}
        for (rule_id, place), findings in sorted(self._run.notes.items()):
            for finding in findings if place in urns else ():
                report(f"{rule_id}: {finding.text}", finding.urn)


def _described(rule: Rule, level: Level, prefix: str, run: _Run) -> dict[str, Any]:
    """What the SDK wants to know of every policy."""
    return {
        "name": prefix + rule.id,
        "description": rule.title,
        "enforcement_level": sdk.EnforcementLevel(level.value),
        "config_schema": _schema(rule, run.base.options[rule.id]),
        "display_name": rule.title,
        "severity": sdk.Severity(rule.severity.value),
        "framework": _framework(rule.frameworks[0]) if rule.frameworks else None,
        "tags": list(rule.tags) or None,
        "remediation_steps": rule.fix,
        "url": rule.url or None,
    }


def _framework(framework: Framework) -> sdk.PolicyComplianceFramework:
    return sdk.PolicyComplianceFramework(
        name=framework.name,
        version=framework.version or None,
        reference=framework.reference,
        specification=framework.specification,
    )


def _schema(rule: Rule, values: Mapping[str, Any]) -> sdk.PolicyConfigSchema | None:
    properties = _properties(rule.options, values)
    for key, owner in rule.borrows.items():
        # Without a default, which the engine would fill in: absent means what the owner is given.
        lent = rules()[owner].options[key]
        properties[key] = {**lent.engine_schema(), "description": f"{lent.description} Default: that of {owner}."}
    return sdk.PolicyConfigSchema(properties) if properties else None


def _properties(options: Mapping[str, Option], values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The engine fills in the defaults of a schema, so they are those that the pack was made with."""
    return {
        key: {**option.engine_schema(), "default": values[key], "description": option.description}
        for key, option in options.items()
    }


def _entry(value: Any) -> dict[str, Any]:
    return {"enforcementLevel": value} if isinstance(value, str) else dict(value)


def _make(
    declared: sdk.ResourceValidationArgs | sdk.PolicyResource,
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any] | None = None,
    library: Library | None = None,
) -> list[Resource]:
    provider = declared.provider
    return make(
        urn=declared.urn,
        token=declared.resource_type,
        name=declared.name,
        inputs=_veiled(declared.resource_type, inputs),
        outputs=outputs,
        options=Options(declared.opts.protect, tuple(declared.opts.ignore_changes)),
        parent=declared.opts.parent or "",
        provider=NO_PROVIDER if provider is None else Provider(provider.urn, _state(provider.props)),
        library=library,
    )


def _veiled(token: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The inputs, with those as secrets that the resource's own SDK makes secrets of: here nothing says which are."""
    if token != INSTANCE:
        return inputs
    secret = {key: {SIGNATURE_KEY: SECRET_SIGNATURE, "value": inputs[key]} for key in SECRET_INPUTS if key in inputs}
    return {**inputs, **secret}


def _items(props: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The entries of the SDK's proxy, which raises at an unknown value; that is here what it is on the wire."""
    for key in props:
        try:
            yield key, props[key]
        except UnknownValueError as error:
            yield key, error.unknown_type_sentinel


def _element(values: Sequence[Any], index: int) -> Any:
    try:
        return values[index]
    except UnknownValueError as error:
        return error.unknown_type_sentinel


def _values(value: Any) -> Any:
    """Dicts and lists from the SDK's proxies; an asset or archive is an empty dict, since no rule looks inside."""
    if value is None or isinstance(value, str | float | bool | int):
        return value
    if isinstance(value, Mapping):
        return {key: _values(item) for key, item in _items(value)}
    if isinstance(value, Sequence):
        return [_values(_element(value, index)) for index in range(len(value))]
    return {}


def _state(props: Mapping[str, Any]) -> dict[str, Any]:
    """`state_of` outputs, without converting the rest of them."""
    return state_of(
        {
            key: _values(value)
            for key, value in _items(props)
            if isinstance(value, str) or key == "privateEndpointConnections"
        }
    )


def _set(props: Any, path: list[str], value: Any) -> bool:
    """Set one input of a remediation's ``args.props`` in place, never through or over an unknown; whether it was."""
    *parents, last = path
    holder = props
    for key in parents:
        if key not in holder:
            holder[key] = {}
        holder = holder[key]
        if isinstance(holder, str):
            return False
    current = holder.get(last)
    if isinstance(current, str) and current in UNKNOWN_SENTINELS:
        return False
    holder[last] = value
    return True
