"""A pack of rules that look at nothing; ``TRIVIAL_RULES`` says how many."""

import os

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)


def nothing(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Find nothing."""


PolicyPack(
    "trivial",
    policies=[
        ResourceValidationPolicy(
            name=f"nothing-{index}",
            description="Finds nothing",
            enforcement_level=EnforcementLevel.MANDATORY,
            validate=nothing,
        )
        for index in range(int(os.environ["TRIVIAL_RULES"]))
    ],
)
