"""One policy for each thing that a pack written with pulumi-policy can say about a registry."""

from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)


def is_registry(args: ResourceValidationArgs) -> bool:
    return args.resource_type == "azure-native:containerregistry:Registry"


def hostile(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if is_registry(args):
        report('<img src=x> | "quoted" & `code` \x1b[31mred\x1b[0m @everyone #1\nsecond line')


def reads_unknown(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if is_registry(args) and args.props["tags"]["owner"] == "nobody":
        report("nobody owns it")


def advice(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if is_registry(args):
        report("consider geo-replication")


def whole_stack(args: StackValidationArgs, report: ReportViolation) -> None:
    report(f"{sum(r.resource_type.endswith(':Registry') for r in args.resources)} registries are too many")


def corrected(args: ResourceValidationArgs) -> dict[str, Any] | None:
    if not is_registry(args):
        return None
    args.props["dataEndpointEnabled"] = True
    return args.props


PolicyPack(
    "sdk-pack",
    [
        ResourceValidationPolicy("hostile", "Text that is hard to show.", hostile, EnforcementLevel.MANDATORY),
        ResourceValidationPolicy("reads-unknown", "Needs a value.", reads_unknown, EnforcementLevel.MANDATORY),
        ResourceValidationPolicy("advice", "Only advice.", advice, EnforcementLevel.ADVISORY),
        StackValidationPolicy("whole-stack", "About all.", whole_stack, EnforcementLevel.ADVISORY),
        ResourceValidationPolicy(
            "corrected", "Corrected.", remediate=corrected, enforcement_level=EnforcementLevel.REMEDIATE
        ),
    ],
)
