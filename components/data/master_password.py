"""The master password of a database that AWS does not keep itself: a value of the stack's configuration."""

from typing import Any

import pulumi
import pulumi_aws as aws

from components.data import engines
from components.data.server import Foundation
from components.security.write_only import RECOVERY_DAYS, revision


def inputs(base: Foundation) -> dict[str, Any]:
    """How an instance is told of it. Write-only, so it is in no output; a new one is known by its number."""
    hidden = pulumi.Output.secret(base.master_password)
    return {"password_wo": hidden, "password_wo_version": hidden.apply(lambda value: revision(str(value)))}


def keep(name: str, base: Foundation, database: aws.rds.Instance, parent: pulumi.Resource) -> pulumi.Output[str]:
    """The ARN of a secret with the keys that AWS's own have and those that say where it is for (Secrets Manager guide,
    reference_secret_json_structure).

    Known only when there is something to read. A new password is written when the database has it.
    """
    secret = aws.secretsmanager.Secret(
        f"{name}-master",
        description=f"Master user of the database {name}",
        kms_key_id=base.key_arn,
        recovery_window_in_days=RECOVERY_DAYS if base.protected else 0,
        opts=pulumi.ResourceOptions(parent=parent, protect=base.protected),
    )
    content: dict[str, pulumi.Input[Any]] = {
        "username": engines.USERNAME,
        "password": pulumi.Output.secret(base.master_password),
        "engine": database.engine,
        "host": database.address,
        "port": database.port,
    }
    written = pulumi.Output.json_dumps(content, sort_keys=True)
    version = aws.secretsmanager.SecretVersion(
        f"{name}-master",
        secret_id=secret.id,
        secret_string_wo=written,
        secret_string_wo_version=written.apply(revision),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return pulumi.Output.all(secret.arn, version.version_id).apply(lambda values: str(values[0]))
