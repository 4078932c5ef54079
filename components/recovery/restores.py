"""Tests of restores: the latest backup of every store is restored on a schedule, looked into, and deleted again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import names
from components.contracts import Recoverable, ResourceType, Site
from components.recovery.roles import BackupRole
from settings.backups import TEST_STARTS_WITHIN_HOURS, BackupSettings
from settings.location import Location

# How long a copy is left for the function to look into; it is deleted as soon as the function has said what it found.
LOOKED_INTO_WITHIN_HOURS = 4
_NAME_LENGTH = 50  # of plans and selections: letters, digits and underscores (API of AWS Backup, read 2026-11)
# What a selection of all stores of a kind is called. A database has one by itself: its copy needs its own subnet group.
_TOGETHER: Mapping[ResourceType, str] = {"DynamoDB": "tables", "EFS": "files", "S3": "buckets"}


@dataclass(frozen=True, kw_only=True)
class RestoresArgs:
    """Which stores, when, out of which vault, and where their copies come up."""

    settings: BackupSettings
    recoverables: Sequence[Recoverable]
    vault_arn: pulumi.Input[str]
    site: Site
    location: Location


class Restores(pulumi.ComponentResource):
    """A restore testing plan. Copies of databases come up in the data tier, in a group that lets nothing in or out."""

    plan_name: str
    plan_arn: pulumi.Output[str]
    closed_group_id: pulumi.Output[str] | None
    """The group of copies that have an address; None where no store has one."""

    def __init__(self, name: str, args: RestoresArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:recovery:Restores", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        settings = args.settings
        assert settings.restore_test is not None, "only made where restores are tested"
        kinds = {store.kind for store in args.recoverables}
        role = BackupRole(f"{name}-role", "restore", kinds, args.location, child)
        self.closed_group_id = _closed(name, args, child) if kinds & {"Aurora", "EFS", "RDS"} else None
        self.plan_name = names.underscored("restores", limit=_NAME_LENGTH)
        plan = aws.backup.RestoreTestingPlan(
            f"{name}-plan",
            # By hand: the hyphen of an automatic name is refused.
            name=self.plan_name,
            schedule_expression=settings.restore_test,
            schedule_expression_timezone=settings.timezone,
            start_window_hours=TEST_STARTS_WITHIN_HOURS,
            recovery_point_selection=aws.backup.RestoreTestingPlanRecoveryPointSelectionArgs(
                algorithm="LATEST_WITHIN_WINDOW",
                include_vaults=[args.vault_arn],
                recovery_point_types=["SNAPSHOT"],
                selection_window_days=settings.window_days,
            ),
            opts=child,
        )
        for selection, stores in _selections(args.recoverables).items():
            aws.backup.RestoreTestingSelection(
                f"{name}-{selection}",
                name=selection.replace("-", "_"),
                restore_testing_plan_name=plan.name,
                protected_resource_type=stores[0].kind,
                protected_resource_arns=[store.arn for store in stores],
                iam_role_arn=role.arn,
                restore_metadata_overrides=overrides(stores[0], self.closed_group_id) or None,
                validation_window_hours=LOOKED_INTO_WITHIN_HOURS,
                opts=child,
            )
        self.plan_arn = plan.arn
        self.register_outputs({"planArn": self.plan_arn})


def _closed(name: str, args: RestoresArgs, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    return aws.ec2.SecurityGroup(
        f"{name}-closed",
        vpc_id=args.site.vpc_id,
        description="Restored copies: nothing in, nothing out",
        tags={"Name": f"{name}-closed"},
        opts=opts,
    ).id


def _selections(recoverables: Sequence[Recoverable]) -> dict[str, list[Recoverable]]:
    """By name. A store whose restore takes metadata of its own is in a selection of its own."""
    found: dict[str, list[Recoverable]] = {}
    for store in recoverables:
        alone = store.kind not in _TOGETHER or bool(store.restore)
        found.setdefault(f"store-{store.name}" if alone else _TOGETHER[store.kind], []).append(store)
    return found


def overrides(store: Recoverable, closed_group_id: pulumi.Input[str] | None) -> dict[str, pulumi.Input[str]]:
    """What AWS Backup would guess otherwise: the default VPC, the default group, keys of AWS.

    Keys and values as AWS Backup takes them (its guide, restore-testing-inferred-metadata, read 2026-11). Tables have
    none: their copy is encrypted with a key of DynamoDB for the hour that it exists.
    """
    given: dict[str, pulumi.Input[str]] = {}
    if store.database is not None:
        assert closed_group_id is not None, "there is one as soon as one store is a database"
        groups = pulumi.Output.json_dumps([closed_group_id])
        given = {"dbSubnetGroupName": store.database.subnet_group_name, "vpcSecurityGroupIds": groups}
        if store.kind == "Aurora":
            given["dbClusterParameterGroupName"] = store.database.parameter_group_name
        else:
            given["dbParameterGroupName"] = store.database.parameter_group_name
            given["multiAz"] = "false"
    elif store.kind == "EFS":
        given = {"kmsKeyId": store.key_arn}
    elif store.kind == "S3":
        given = {"encryptionType": "SSE-KMS", "kmsKey": store.key_arn}
    return {**given, **store.restore}
