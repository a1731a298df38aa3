"""Forbids deleting or replacing a registry by accident."""

from __future__ import annotations

from registry_model.estate import alicloud, facts, losses, relations, tokens
from registry_model.estate.losses import Danger
from registry_model.estate.model import Estate, Loss, Resource
from registry_model.estate.templates import COMPLETE
from registry_model.estate.values import as_text

from ..examples import GROUP, ali_instance, child, example, other, registry, replica
from ..rule import MANDATORY, Config, Declared, Kind, Levels, Option, Problem, Problems, Rule, Severity, note, violation

_WITH = "every image and artifact in it, its tokens and their passwords, webhooks, cache rules and replicas"


def check(estate: Estate, config: Config) -> Problems:
    for loss in estate.losses:
        lost = loss.resource
        if loss.holder is not None and loss.holder.type == tokens.DEPLOYMENT:
            yield _of_deployment(loss.holder, lost, loss.sure, config, _dropped_text(loss, loss.holder))
        elif lost.type == tokens.REPLICATION:
            firm = loss.replaced or config["replica_deletion"] == "violation"
            yield (violation if firm else note)(lost, _replica_text(loss))
        elif lost.type == tokens.ALI_INSTANCE:
            yield violation(lost, _instance_text(loss))
        elif loss.holder is not None:
            yield violation(loss.holder, _group_text(loss, loss.holder))
        else:
            yield violation(lost, f"{_registry_text(loss)}{_same_name(estate, lost)}")
    for danger in losses.dangers(estate):
        if danger.more:
            others = f"{losses.MOST_VICTIMS} registries and replicas are named for deployment {danger.deployment.label}"
            yield note(danger.deployment, f"{others}; it may delete others too")
            continue
        yield _of_deployment(danger.deployment, danger.victim, danger.sure, config, _danger_text(danger))


def _of_deployment(deployment: Resource, lost: Resource | None, sure: bool, config: Config, text: str) -> Problem:
    if not sure:
        return Problem(deployment, text, Kind.UNDETERMINED)
    a_note = lost is not None and lost.type == tokens.REPLICATION and config["replica_deletion"] == "note"
    return (note if a_note else violation)(deployment, text)


def _victim(lost: Resource) -> str:
    what = "replica" if lost.type == tokens.REPLICATION else "registry"
    return f"{what} {lost.label} ({relations.shown_name(lost)})"


def _with(lost: Resource) -> str:
    return "" if lost.type == tokens.REPLICATION else f", with {_WITH}"


def _dropped_text(loss: Loss, deployment: Resource) -> str:
    lost = loss.resource
    how = "is in Complete mode" if _complete(deployment) else "has actionOnUnmanage: delete"
    if loss.sure:
        return (
            f"Deployment {deployment.label} {how}, and after this update its template declares neither {_victim(lost)} "
            f"nor its resource group: Azure deletes it{_with(lost)}"
        )
    return (
        f"Deployment {deployment.label} {how}, and it cannot be told whether its template still declares "
        f"{_victim(lost)}: if not, Azure deletes it{_with(lost)}"
    )


def _danger_text(danger: Danger) -> str:
    deployment, victim = danger.deployment, danger.victim
    how = "is in Complete mode" if _complete(deployment) else "may be in Complete mode"
    head = f"Deployment {deployment.label} {how}, which deletes what is in its resource group and not in its template"
    if victim is None:
        return f"{head}. What else the group holds is not known; a registry in it would go with {_WITH}"
    if danger.sure:
        return f"{head}: {_victim(victim)}{_with(victim)}"
    return f"{head}; whether that is so of {_victim(victim)} cannot be told"


def _complete(deployment: Resource) -> bool:
    return as_text(deployment.get("mode")) == COMPLETE


def _registry_text(loss: Loss) -> str:
    named = _victim(loss.resource)
    if loss.kept:
        text = "that one stays in Azure, and the stack lets go of it and of every image in it"
        return f"This update replaces {named} with an empty one{_because(loss)}: {text}"
    if loss.replaced:
        return f"This update replaces {named}{_because(loss)}: Azure deletes it with {_WITH}, and makes an empty one"
    return f"This update deletes {named}, with {_WITH}; Azure does not bring a deleted registry back"


def _instance_text(loss: Loss) -> str:
    named = f"instance {loss.resource.label} ({alicloud.shown_name(loss.resource)})"
    what = "refunds its subscription at once, with every image, chart and namespace in it"
    if loss.kept:
        text = "it buys a second subscription, and lets go of the first, which is paid for and has every image"
        return f"This update replaces {named} with an empty one{_because(loss)}: {text}"
    if loss.replaced:
        text = f"it buys a second subscription, and deleting the first {what}"
        return f"This update replaces {named}{_because(loss)}: {text}"
    return f"This update deletes {named}, which {what}"


def _because(loss: Loss) -> str:
    return f", because {', '.join(loss.because)} cannot be changed in place" if loss.because else ""


def _same_name(estate: Estate, lost: Resource) -> str:
    """A registry that was only renamed in the program is deleted under its old name."""
    heirs = estate.named(tokens.REGISTRY, str(lost.arm_name)) if isinstance(lost.arm_name, str) else []
    told = [heir.label for heir in heirs if heir.urn != lost.urn and not heir.external]
    return f". {told[0]} declares the same registry: give it an alias of {lost.urn}" if told else ""


def _replica_text(loss: Loss) -> str:
    lost = loss.resource
    place = facts.region(lost)
    where = f"replica {lost.label}" + (f" in {place}" if isinstance(place, str) else "")
    if loss.replaced:
        return (
            f"This update replaces {where}{_because(loss)}: the images stay in the registry, but until the new one is "
            "filled, clients near it pull from another region, whose data endpoint their firewalls have to let "
            "through. Azure refuses for a while to make a replica that was just deleted"
        )
    return (
        f"This update deletes {where}: the images stay in the registry, but clients near it pull from another region, "
        "whose data endpoint their firewalls have to let through"
    )


def _group_text(loss: Loss, group: Resource) -> str:
    verb = "replaces" if loss.replaced else "deletes"
    return (
        f"This update {verb} resource group {group.label}, and Azure deletes with it all that it holds: registry "
        f"{loss.resource.label} ({relations.shown_name(loss.resource)}) with every image in it, though the stack "
        "itself would keep it"
    )


def _deployment(mode: str, *registries: str) -> Declared:
    resources = [{"type": "Microsoft.ContainerRegistry/registries", "name": name} for name in registries]
    template = {"contentVersion": "1.0.0.0", "resources": resources}
    return other("resources:Deployment", "web", properties={"mode": mode, "template": template})


RULE = Rule(
    id="registry-kept",
    title="No registry is deleted or replaced by accident",
    severity=Severity.CRITICAL,
    rationale=(
        "Some inputs cannot be changed in place, and a resource renamed without an alias is a deletion and a creation. "
        "Either way the images are gone with the registry, and its name is free for anyone to take. So they are when a "
        "deployment in Complete mode, or a deployment stack that deletes what is unmanaged, does not declare it."
    ),
    fix=(
        "Take back the change, or put it into ignore_changes; set a deployment's mode to Incremental, a deployment "
        "stack's actionOnUnmanage to detach. To do it on purpose, copy the images first (az acr import into another "
        "registry, a sync rule of Alibaba Cloud), set protect to false in an update of its own, and exempt this "
        "resource from registry-kept until a day. To let go of a registry without deleting it, set retain_on_delete in "
        "an update of its own, or use pulumi state delete."
    ),
    fix_template=(
        "Deploy the template in Incremental mode; or declare the registry in every template that is deployed "
        "in Complete mode into its group."
    ),
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    options={
        "replica_deletion": Option(
            {"type": "string", "enum": ["note", "violation"]},
            "note",
            "What the deletion of a replica is, which takes no image along; its replacement is a violation.",
        )
    },
    decision=(
        "Judged where the steps of an update are told: registry-guard check on a preview or a plan, and make gate with "
        "what an earlier rehearsal deployed. The engine does not tell a policy pack which step it judges for, so in "
        "the pack this rule finds deployments in Complete mode only; there, protect and delete-lock hold. Azure keeps "
        "what a deleted deployment has made, so that is no loss; the classic provider's template deployments delete "
        "it. Complete mode is a violation beside a registry of the same group that the template does not declare, and "
        "advisory where the group may hold one that is not shown."
    ),
    check_estate=check,
    references=(
        "learn.microsoft.com/azure/azure-resource-manager/templates/deployment-modes",
        "learn.microsoft.com/azure/azure-resource-manager/templates/deployment-complete-mode-deletion",
    ),
    compliant=(
        example("nothing is deleted", registry(), replica("westus2")),
        example(
            "a resource that holds no images is deleted", registry(), child("Webhook", "hook"), steps={"hook": "delete"}
        ),
        example("the registry is retained", registry(more={"retainOnDelete": True}), steps={"registry": "delete"}),
        example("a deployment in Incremental mode", registry(), _deployment("Incremental")),
        example(
            "a template in Complete mode that declares the registry, in a group of the stack",
            other("resources:ResourceGroup", "group", GROUP, resourceGroupName="rg"),
            _deployment("Complete", "contoso"),
        ),
    ),
    violating=(
        example("the registry is deleted", registry(), steps={"registry": "delete"}),
        example("the registry is replaced", registry(), steps={"registry": "replace"}),
        example("an instance of Alibaba Cloud is deleted", ali_instance(), steps={"instance": "delete"}),
        example("an instance of Alibaba Cloud is replaced", ali_instance(), steps={"instance": "replace"}),
        example(
            "the registry is replaced, and the old one retained",
            registry(more={"retainOnDelete": True}),
            steps={"registry": "replace"},
        ),
        example("a replica is replaced", registry(), replica("westus2", name="west"), steps={"west": "replace"}),
        example(
            "its group is deleted, and the registry retained",
            other("resources:ResourceGroup", "group", GROUP, resourceGroupName="rg"),
            registry(more={"retainOnDelete": True}),
            steps={"group": "delete", "registry": "delete"},
        ),
        example("a deployment in Complete mode beside the registry", registry(), _deployment("Complete")),
    ),
)
