"""Judging: rules over resources and stacks, with levels, exemptions and unknowns applied.

The CrossGuard pack and ``registry-guard check`` both come here, so that they find the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from registry_model.azure import names
from registry_model.estate import relations, tokens, told
from registry_model.estate.model import Estate, Patch, Resource, Written, set_by_name
from registry_model.estate.values import Condition, Watched, has_unknown
from registry_model.reach.client_firewalls import tied_rules
from registry_model.suggest import did_you_mean

from . import settings as settings_module
from .rule import NOT_TOLD, NOT_YET, Kind, Level, Problem, Rule, Severity, rules
from .settings import GUARD, Exemption, Settings

EXEMPTED = "exempted"
MOST_MESSAGE = 10_000  # characters
ERROR = "error"
_MOST_TRIED = 16  # sets of conditions, to find which one a finding depends on
_MOST_SHOWN = 3  # conditions in one message


@dataclass(frozen=True, slots=True)
class Finding:
    """What is reported: the rule, the resource, and what it means for the deployment.

    ``level`` is mandatory or advisory. ``kind`` is ``violation``, ``undetermined`` (unknown at preview), ``note``,
    ``exempted`` (a violation that an exemption covers) or ``error`` (the rule itself failed: always mandatory).
    """

    rule: str
    level: Level
    kind: str
    severity: Severity
    urn: str
    resource: str
    message: str
    title: str
    fix: str

    @property
    def mandatory(self) -> bool:
        return self.level is Level.MANDATORY

    @property
    def text(self) -> str:
        """The message with its fix, as CrossGuard prints it under the rule's title."""
        return (
            f"{self.message} Fix: {self.fix}"
            if self.kind in ("violation", "undetermined") and self.fix
            else self.message
        )


class Evaluator:
    """Judges with one configuration. It keeps nothing between calls but which exemptions were of use."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        active = [rule for rule in rules().values() if settings.level(rule.id) is not Level.DISABLED]
        self._resource_rules: dict[str, list[Rule]] = defaultdict(list)
        for rule in active:
            if rule.check_resource is not None:
                for kind in rule.applies_to:
                    self._resource_rules[kind].append(rule)
        self._active = active
        self._estate_rules = [rule for rule in active if rule.check_estate is not None]
        self._exemptions: dict[str, list[Exemption]] = defaultdict(list)
        for exemption in settings.exemptions:
            self._exemptions[exemption.rule].append(exemption)
        self._used: set[Exemption] = set()
        self._named: set[Exemption] = set()
        self._resources: set[str] = set()

    @property
    def remediates(self) -> bool:
        """Whether any rule is at the level ``remediate``."""
        return Level.REMEDIATE in self.settings.levels.values()

    def judge_resource(self, resource: Resource, estate: Estate | None = None) -> list[Finding]:
        """What the resource rules find in one resource; nothing in one that the stack only reads. ``estate`` is what it
        is in, where that is known."""
        if resource.error:
            return [unreadable(resource)]
        return [
            f for rule in self._resource_rules.get(resource.type, ()) for f in self.in_resource(rule, resource, estate)
        ]

    def judge_estate(self, estate: Estate) -> list[Finding]:
        """What the stack rules find, and what patches make of what the stack declares."""
        found = [
            finding
            for patch in estate.patches
            for rule in self._resource_rules.get(patch.target.type, ())
            for finding in self.in_patched(rule, patch)
        ]
        return found + [finding for rule in self._estate_rules for finding in self.in_estate(rule, estate)]

    def in_resource(self, rule: Rule, resource: Resource, estate: Estate | None = None) -> list[Finding]:
        """What one rule on single resources finds in a resource of a type that it applies to.

        Of a patch, what it sets is judged: a rule that looks at nothing of it finds nothing, and what the patch leaves
        to others is undetermined only where that counts as much as the patch, for a registry's scalars.
        """
        if resource.external:
            return []
        reads: set[str] = set()
        judged = resource
        if resource.target is not None:
            judged = replace(resource, props=Watched(resource.props, reads, set_by_name(resource.type)))
        try:
            problems = list(rule.check_resource(judged, self.settings.options[rule.id]))  # type: ignore[misc]
        except Exception as error:
            return [self._failed(rule, error, resource)]
        if resource.target is not None:
            whole = has_unknown(resource.props)
            problems = [p for p in problems if p.kind is not Kind.UNDETERMINED or p.scalar or whole] if reads else []
        return list(self._findings(rule, problems, estate))

    def in_estate(self, rule: Rule, estate: Estate) -> list[Finding]:
        """What one rule on stacks finds."""
        try:
            problems = list(self._in_estate(rule, estate))
            unsure = list(self._without_what_may_not_exist(rule, estate, problems))
        except Exception as error:
            return [self._failed(rule, error, None)]
        return [*self._findings(rule, problems, estate), *self._doubts(rule, unsure, estate)]

    def _in_estate(self, rule: Rule, estate: Estate) -> Iterable[Problem]:
        return rule.check_estate(estate, self.settings.options[rule.id])  # type: ignore[misc]

    def _without_what_may_not_exist(
        self, rule: Rule, estate: Estate, known: Iterable[Problem]
    ) -> Iterator[tuple[Problem, list[Condition]]]:
        """What the rule finds only where a resource is left out of which nobody knows whether it exists, and the
        conditions on which that depends."""
        found = {(problem.kind, *_place(problem)) for problem in known}
        for least in estate.at_least():
            for problem in self._in_estate(rule, least):
                broken, doubted = ((kind, *_place(problem)) in found for kind in (Kind.VIOLATION, Kind.UNDETERMINED))
                if problem.kind is Kind.NOTE or broken or (doubted and problem.kind is Kind.UNDETERMINED):
                    continue
                found.add((problem.kind, *_place(problem)))
                yield problem, self._decisive(rule, estate, problem)

    def _decisive(self, rule: Rule, estate: Estate, problem: Problem) -> list[Condition]:
        """The conditions without which there is no such problem; all of them where no one alone settles it."""
        own = problem.resource.conditions
        others = [each for each in estate.conditions if not each <= own]
        settling = [
            each
            for each in others[:_MOST_TRIED]
            if all(_place(p) != _place(problem) for p in self._in_estate(rule, estate.where(own | each)))
        ]
        return list(dict.fromkeys(c for each in settling or others for c in each if c not in own))

    def _doubts(
        self, rule: Rule, unsure: Iterable[tuple[Problem, list[Condition]]], estate: Estate
    ) -> Iterator[Finding]:
        for problem, conditions in unsure:
            if problem.kind is Kind.UNDETERMINED or self._exemption(rule, problem.resource)[0] is not None:
                yield from self._findings(rule, [problem], estate)
                continue
            named = " or ".join(each.text for each in conditions[:_MOST_SHOWN])
            text = (
                f"{problem.text.removesuffix('.')}, unless a conditional resource is deployed: {named} {NOT_YET}. "
                f"{estate.missing_parameters(conditions=conditions)}"
            )
            yield from self._findings(rule, [replace(problem, text=text.strip(), kind=Kind.UNDETERMINED, scalar=True)])

    def in_patched(self, rule: Rule, patch: Patch) -> list[Finding]:
        """What one rule finds in what a patch makes of a resource of the estate, and in neither by itself."""
        shown = {key: getattr(patch.source, key) for key in ("urn", "name", "carrier", "external", "options")}
        before, after = (self.in_resource(rule, replace(each, **shown)) for each in (patch.target, patch.merged))
        known = {finding.message for finding in (*before, *self.in_resource(rule, patch.source))}
        return [finding for finding in after if finding.message not in known]

    def _not_told(self, estate: Estate) -> Iterator[Finding]:
        """Which rules live documents do not let be judged, registry by registry."""
        for rule in self._active:
            needs = rule.needs
            if tokens.REGISTRY not in rule.applies_to:
                needs = needs or tuple((kind,) for kind in rule.applies_to if kind in told.COMMANDS)
            for registry in estate.of(tokens.REGISTRY):
                missing = [
                    kinds for kinds in needs if not any(estate.tells(k, told.holder(k, registry)) for k in kinds)
                ]
                if missing:
                    text = told.what_is_missing((kinds[0] for kinds in missing), registry)
                    said = f"Not in this folder, so not judged for registry {registry.label}: {text}"
                    problem = Problem(registry, said, Kind.UNDETERMINED)
                    found = self._finding(rule, Level.ADVISORY, Kind.UNDETERMINED.value, problem)
                    yield replace(found, fix="")  # the way out is the command, not a change of the registry
        if not estate.has(tokens.REGISTRY):
            yield from self._registries_not_told(estate)

    def _registries_not_told(self, estate: Estate) -> Iterator[Finding]:
        """Which rules would judge the registries that live documents only name."""
        for registry in told.only_named(estate):
            text = told.what_is_missing([tokens.REGISTRY], registry)
            said = f"Not in this folder, so not judged for registry {registry.label}: {text}"
            for rule in self._active:
                if rule.needs or tokens.REGISTRY in rule.applies_to:
                    problem = Problem(registry, said, Kind.UNDETERMINED)
                    found = self._finding(rule, Level.ADVISORY, Kind.UNDETERMINED.value, problem)
                    yield replace(found, fix="")

    def judge(self, estate: Estate) -> list[Finding]:
        """Everything: the resource rules on each resource, then the stack rules."""
        self._look_for_exempted(estate)
        found = [
            finding for resource in estate.resources for finding in self.judge_resource(as_registered(resource), estate)
        ]
        found += self.judge_estate(estate)
        if estate.coverage is not None:
            found += self._not_told(estate)
        return found

    def _look_for_exempted(self, estate: Estate) -> None:
        for exemption in self.settings.exemptions:
            if any(exemption.covers(exemption.rule, each) for each in estate.resources):
                self._named.add(exemption)
        if self.settings.exemptions:
            names = (name for each in estate.resources for name in (each.name, each.arm_name))
            self._resources.update(name for name in names if isinstance(name, str))

    def useless_exemptions(self) -> Iterator[str]:
        """The configured exemptions that exempted nothing of what was judged so far, each with why, as a sentence."""
        for each in self.settings.exemptions:
            if each in self._used:
                continue
            if self.settings.level(each.rule) is Level.DISABLED:
                why = "the rule is disabled"
            elif each in self._named:
                why = "nothing to exempt was found there"
            else:
                why = f"no resource here is called that{did_you_mean(each.resource, sorted(self._resources))}"
            end = "" if why.endswith("?") else "."
            yield f"The exemption of {each.rule} for '{each.resource}' (owner {each.owner}) exempts nothing: {why}{end}"

    def remedies(self, resource: Resource) -> Iterator[tuple[Rule, Mapping[str, Any]]]:
        """The inputs that rules of the level ``remediate`` would change, rule by rule. Never on a carried resource."""
        if resource.external or resource.carrier:
            return
        for rule in self._resource_rules.get(resource.type, ()):
            if self.settings.level(rule.id) is Level.REMEDIATE and rule.remediate is not None:
                changes = rule.remediate(resource, self.settings.options[rule.id])
                if changes:
                    yield rule, changes

    def _findings(self, rule: Rule, problems: Iterable[Problem], estate: Estate | None = None) -> Iterator[Finding]:
        level = self.settings.level(rule.id)
        firm = Level.ADVISORY if level is Level.ADVISORY else Level.MANDATORY
        for problem in problems:
            if problem.resource.external:
                continue  # the stack only reads it: known, but not judged
            if estate is not None and estate.coverage is not None:
                if not all(estate.tells(kind, told.holder(kind, problem.resource)) for kind in problem.without):
                    continue  # what is missing may only not have been given: `_not_told` says so
                problem = replace(problem, text=problem.text.replace(NOT_YET, NOT_TOLD))
            if problem.kind is Kind.VIOLATION:
                yield from self._violation(rule, firm, problem)
            elif problem.kind is Kind.UNDETERMINED:
                counts = problem.scalar and self.settings.undetermined_is_violation
                what, not_yet, _ = problem.text.partition(f" {NOT_YET}")
                after = ""
                if estate is not None and not_yet:
                    after = estate.missing_parameters(problem.resource, what, problem.also)
                yield self._finding(
                    rule, firm if counts else Level.ADVISORY, Kind.UNDETERMINED.value, problem, after=after
                )
            else:
                yield self._finding(rule, Level.ADVISORY, problem.kind.value, problem, before="Note: ")

    def _violation(self, rule: Rule, level: Level, problem: Problem) -> Iterator[Finding]:
        exemption, remark = self._exemption(rule, problem.resource)
        if exemption is None:
            yield self._finding(rule, level, Kind.VIOLATION.value, problem, after=remark)
            return
        granted = "by the program itself, " if exemption.by_program else ""
        head = (
            f"Exempted until {exemption.expires.isoformat()} ({granted}owner {exemption.owner}: {exemption.reason}). "
        )
        yield self._finding(rule, Level.ADVISORY, EXEMPTED, problem, before=head)

    def _exemption(self, rule: Rule, resource: Resource) -> tuple[Exemption | None, str]:
        """The exemption in force, or a remark on why one that was meant to be is not."""
        candidates = [e for e in self._exemptions.get(rule.id, ()) if e.covers(rule.id, resource)]
        self._used.update(candidates)
        claim = settings_module.program_exemption(rule.id, resource)
        remarks: list[str] = []
        if claim is not None and not self.settings.guard["program_exemptions"]:
            remarks.append("The resource's exemption tag does not count: the pack does not accept program_exemptions.")
        elif isinstance(claim, str):
            remarks.append(f"The exemption does not count: {claim}.")
        elif claim is not None:
            candidates.append(claim)
        for exemption in candidates:
            if exemption.expires >= self.settings.today:
                return exemption, ""
            remarks.append(f"The exemption (owner {exemption.owner}) expired on {exemption.expires.isoformat()}.")
        return None, " ".join(remarks)

    def _finding(
        self, rule: Rule, level: Level, kind: str, problem: Problem, *, before: str = "", after: str = ""
    ) -> Finding:
        resource = problem.resource
        text = problem.text if problem.text.endswith((".", "!", "?")) else problem.text + "."
        message = " ".join(part for part in (before.strip(), text, after) if part)
        if len(message) > MOST_MESSAGE:  # somebody's name of megabytes, which each finding would hold
            message = f"{message[: MOST_MESSAGE - 1]}…"
        if resource.carrier:
            message = f"{message} (Declared in {resource.carrier}.)"
        return Finding(
            rule.id,
            level,
            kind,
            rule.severity,
            resource.urn,
            resource.name,
            message,
            rule.title,
            rule.fix_for(resource),
        )

    def _failed(self, rule: Rule, error: Exception, resource: Resource | None) -> Finding:
        """A rule that raised judged nothing, so the stack must not pass. Only the error's type is told: its text may
        hold a secret."""
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        place = f" ({where.tb_frame.f_code.co_name}, line {where.tb_lineno})" if where is not None else ""
        message = (
            f"The rule could not be run: {type(error).__name__}{place}. This is a mistake in registry-guard, "
            "not in the stack; until it is mended, only disabling the rule lets the stack pass."
        )
        urn, name = (resource.urn, resource.name) if resource is not None else ("", "")
        return Finding(rule.id, Level.MANDATORY, ERROR, rule.severity, urn, name, message, rule.title, "")


def as_registered(resource: Resource) -> Resource:
    """A resource of a stack as the engine shows it to resource rules: its inputs alone, before there are outputs.

    A name that the provider chose, or a region that it filled in, is known in a stack export and must not excuse there
    what the pack refuses (decision 0042).
    """
    if resource.external or resource.error or resource.written is not Written.STACK or not resource.outputs:
        return resource
    return replace(resource, outputs={}, answers={}, state_id="")


def _place(problem: Problem) -> tuple[str, str]:
    """What a problem is reported for, whichever of the estates it was found in."""
    return problem.resource.urn, problem.resource.name


def concerns_registries(estate: Estate) -> bool:
    """Whether anything of an estate is a registry, belongs to one or leads to one. Where nothing does, rules that find
    nothing have judged nothing."""
    return (
        any(tokens.is_of_registries(each.type) and not each.external for each in estate.resources)
        or bool(estate.losses)
        or bool(relations.connections(estate))
        or any(names.in_registry_domain(zone.arm_name) for zone in estate.of(tokens.PRIVATE_ZONE, tokens.PUBLIC_ZONE))
        or bool(tied_rules(estate))
    )


def unreadable(resource: Resource) -> Finding:
    """That a resource could not be read: mandatory, under the guard's own name."""
    message = (
        f"The rule could not be run: reading the resource raised {resource.error}. This is a mistake in "
        "registry-guard, not in the stack."
    )
    title = "Every resource can be judged"
    return Finding(
        GUARD, Level.MANDATORY, ERROR, Severity.CRITICAL, resource.urn, resource.name, message, title, fix=""
    )


def evaluate(
    estate: Estate, *, preset: str = settings_module.DEFAULT_PRESET, config: Mapping[str, Any] | None = None
) -> list[Finding]:
    """Judge a stack with a preset and a ``--policy-pack-config`` document on top. Raises `ConfigError`.

    The findings are those that CrossGuard reports for the same stack, in a stable order.
    """
    found = Evaluator(settings_module.load(config, preset=preset)).judge(estate)
    return sorted(found, key=lambda f: (f.urn, f.rule, f.message))


__all__ = ["ERROR", "EXEMPTED", "GUARD", "Evaluator", "Finding", "evaluate"]
