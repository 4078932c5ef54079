"""A pack that refuses nothing: the engine's questions to it are what a comparison needs."""

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)


def about_one(_args: ResourceValidationArgs, _report: ReportViolation) -> None:
    """Has nothing to say."""


def about_all(_args: StackValidationArgs, _report: ReportViolation) -> None:
    """Has nothing to say."""


PolicyPack(
    name="listener",
    policies=[
        ResourceValidationPolicy("listen-to-each", "Each resource.", about_one, EnforcementLevel.ADVISORY),
        StackValidationPolicy("listen-to-all", "All of them.", about_all, EnforcementLevel.ADVISORY),
    ],
)
