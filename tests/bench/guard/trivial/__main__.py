"""A pack of rules that look at nothing; ``TRIVIAL_RULES`` and ``TRIVIAL_STACK_RULES`` say how many."""

import os

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)


def nothing(args: ResourceValidationArgs | StackValidationArgs, report_violation: ReportViolation) -> None:
    """Find nothing."""


PolicyPack(
    "trivial",
    policies=[
        *(
            ResourceValidationPolicy(
                name=f"nothing-{index}",
                description="Finds nothing",
                enforcement_level=EnforcementLevel.MANDATORY,
                validate=nothing,
            )
            for index in range(int(os.environ["TRIVIAL_RULES"]))
        ),
        *(
            StackValidationPolicy(
                name=f"nothing-in-stacks-{index}",
                description="Finds nothing",
                enforcement_level=EnforcementLevel.MANDATORY,
                validate=nothing,
            )
            for index in range(int(os.environ["TRIVIAL_STACK_RULES"]))
        ),
    ],
)
