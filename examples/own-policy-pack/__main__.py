"""A platform team's own policy pack: its rules, and those of the registry guard beside them."""

import registry_guard
from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)


def in_japan(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Resource groups are where everything else goes by default."""
    if args.resource_type == "azure-native:resources:ResourceGroup" and not args.props["location"].startswith("japan"):
        report_violation(f"'{args.name}' is in {args.props['location']}; use japaneast or japanwest.")


PolicyPack(
    "platform",
    policies=[
        ResourceValidationPolicy(
            name="group-in-japan",
            description="Resource groups are in Japan",
            enforcement_level=EnforcementLevel.MANDATORY,
            validate=in_japan,
        ),
        # All rules of the preset; `only`, `severities` and `frameworks` choose among them.
        *registry_guard.policies(
            preset="strict",
            prefix="acr-",
            config={
                "scanning-plan": "disabled",
                "replica-region": {"allowed": ["japaneast", "japanwest"]},
                "registry-guard": {
                    "exemptions": [
                        {
                            "rule": "delete-lock",
                            "resource": "sandbox",
                            "reason": "rebuilt every night",
                            "owner": "platform@contoso.example",
                            "expires": "2999-12-31",
                        }
                    ]
                },
            },
        ),
    ],
)
