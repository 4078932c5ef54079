"""Secrets that a function of the stack rotates: the call, and the right to call."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.compute.secrets import Secrets
from components.contracts import Access
from settings.kept_secrets import KeptSecretSettings
from settings.location import Location

SERVICE = "secretsmanager.amazonaws.com"
# What the rights of a function that rotates are filed under, beside its stores; in capitals, as no store is called so.
STORE = "Rotation"


def access(service: str, kept: Mapping[str, KeptSecretSettings], secrets: Secrets | None) -> dict[str, Access]:
    """What a function may do with the secrets that it rotates; nothing for any other service."""
    mine = sorted(name for name, one in kept.items() if one.rotation is not None and one.rotation.function == service)
    if not mine:
        return {}
    assert secrets is not None, "there are secrets as soon as one is rotated"
    return {STORE: secrets.rotating(mine)}


def connect(
    kept: Mapping[str, KeptSecretSettings],
    functions: Mapping[str, aws.lambda_.Alias],
    secrets: Secrets | None,
    location: Location,
    opts: pulumi.ResourceOptions,
) -> None:
    """Has Secrets Manager call the function (by name) of each secret that is rotated.

    Not at once: the first value comes from a person, and the function would be given a text that is none.
    """
    for name, one in sorted(kept.items()):
        if one.rotation is None:
            continue
        assert secrets is not None, "there are secrets as soon as one is rotated"
        alias, arn = functions[one.rotation.function], secrets.arn(name)
        may_call = aws.lambda_.Permission(
            f"{name}-rotation",
            action="lambda:InvokeFunction",
            function=alias.function_name,
            qualifier=alias.name,
            principal=SERVICE,
            source_arn=arn,
            source_account=location.account_id,
            opts=opts,
        )
        aws.secretsmanager.SecretRotation(
            f"{name}-rotation",
            secret_id=arn,
            rotation_lambda_arn=alias.arn,
            rotate_immediately=False,
            rotation_rules=aws.secretsmanager.SecretRotationRotationRulesArgs(
                automatically_after_days=one.rotation.days
            ),
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[may_call])),
        )
