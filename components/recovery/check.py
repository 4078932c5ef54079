"""The function that looks into restored copies, and every hour at how old backups and proofs are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components import names
from components.compute import package, roles
from components.compute.function import FunctionRole
from components.contracts import Recoverable, ResourceType, Site, Statement
from components.recovery.restores import Restores
from components.recovery.vault import Vault
from components.security.unscoped import unscoped
from settings.backups import BackupSettings
from settings.location import Location

SOURCE = "functions/restore_check"
RUNTIME = "python3.13"
NAMESPACE = "groundwork/recovery"
BACKUP_AGE = "BackupAgeHours"
PROOF_AGE = "RestoreProofAgeDays"
EVENTS = "events.amazonaws.com"
COPIES = "awsbackup-restore-test-*"
"""What AWS Backup calls what it restores for a test (its guide, restore-testing-inferred-metadata, read 2026-11)."""
# A mount target takes a minute and a half to come and as long to go.
TIMEOUT_SECONDS = 600
MEMORY_MB = 256
RETRIES = 2
EVENT_AGE_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class CheckArgs:
    """What is looked at, and with what. `restores` is None where no restore is tested."""

    settings: BackupSettings
    recoverables: Sequence[Recoverable]
    vault: Vault
    restores: Restores | None
    failures: aws.sqs.Queue
    telling: Sequence[Statement]
    site: Site
    log_key_arn: pulumi.Input[str]
    log_retention_days: int
    location: Location


class Check(pulumi.ComponentResource):
    """`functions/restore_check`, started by every restore of the plan that is done, and by the clock.

    It stands in no VPC: what it asks are APIs of AWS. What it could not find out, after three attempts, is a message in
    the queue of failures.
    """

    def __init__(self, name: str, args: CheckArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:recovery:Check", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs", kms_key_id=args.log_key_arn, retention_in_days=args.log_retention_days, opts=child
        )
        rights = [*_rights(args), roles.writing_logs(logs.arn), *args.telling]
        role = FunctionRole(f"{name}-role", rights, args.location, child, networked=False)
        function = aws.lambda_.Function(
            f"{name}-function",
            role=role.arn,
            package_type="Zip",
            code=package.archive(SOURCE),
            runtime=RUNTIME,
            handler="restore_check.handler",
            architectures=["arm64"],
            memory_size=MEMORY_MB,
            timeout=TIMEOUT_SECONDS,
            ephemeral_storage=aws.lambda_.FunctionEphemeralStorageArgs(size=512),
            environment=aws.lambda_.FunctionEnvironmentArgs(variables=_variables(args)),
            kms_key_arn=args.vault.key_arn,
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(
                log_format="JSON", log_group=logs.name, application_log_level="INFO", system_log_level="INFO"
            ),
            opts=child,
        )
        aws.lambda_.FunctionEventInvokeConfig(
            f"{name}-failures",
            function_name=function.name,
            maximum_retry_attempts=RETRIES,
            maximum_event_age_in_seconds=EVENT_AGE_SECONDS,
            destination_config=aws.lambda_.FunctionEventInvokeConfigDestinationConfigArgs(
                on_failure=aws.lambda_.FunctionEventInvokeConfigDestinationConfigOnFailureArgs(
                    destination=args.failures.arn
                )
            ),
            opts=child,
        )
        look = aws.cloudwatch.EventRule(
            f"{name}-look",
            description="Every hour: how old backups and proven restores are",
            schedule_expression="rate(1 hour)",
            opts=child,
        )
        _calls(f"{name}-look", look, function, pulumi.Output.json_dumps(_look(args), sort_keys=True), child)
        if args.restores is not None:
            done = aws.cloudwatch.EventRule(
                f"{name}-restored",
                description="Restores for a test that are done",
                event_pattern=pulumi.Output.json_dumps(
                    {
                        "source": ["aws.backup"],
                        "detail-type": ["Restore Job State Change"],
                        "detail": {"status": ["COMPLETED"], "restoreTestingPlanArn": [args.restores.plan_arn]},
                    },
                    sort_keys=True,
                    separators=(",", ":"),
                ),
                opts=child,
            )
            _calls(f"{name}-restored", done, function, None, child)
        self.register_outputs({"functionName": function.name})


def _calls(
    name: str,
    rule: aws.cloudwatch.EventRule,
    function: aws.lambda_.Function,
    told: pulumi.Input[str] | None,
    opts: pulumi.ResourceOptions,
) -> None:
    may_call = aws.lambda_.Permission(
        name,
        action="lambda:InvokeFunction",
        function=function.name,
        principal=EVENTS,
        source_arn=rule.arn,
        opts=opts,
    )
    aws.cloudwatch.EventTarget(
        name,
        rule=rule.name,
        arn=function.arn,
        input=told,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[may_call])),
    )


def _look(args: CheckArgs) -> dict[str, Any]:
    """What the function is to look at: 8,192 characters at most (settings/backup_rules.py)."""
    return {"look": [store.arn for store in args.recoverables]}


def _variables(args: CheckArgs) -> dict[str, pulumi.Input[str]]:
    told: dict[str, pulumi.Input[str]] = {
        "NAMESPACE": NAMESPACE,
        "STACK": names.of_stack(),
        "VAULT": args.vault.name,
        "OLDEST_HOURS": str(24 * args.settings.window_days),
    }
    if args.restores is not None:
        told["PLAN"] = args.restores.plan_name
        if args.restores.closed_group_id is not None:
            told["CLOSED_GROUP"] = args.restores.closed_group_id
        if any(store.kind == "EFS" for store in args.recoverables):
            told["SUBNET"] = args.site.data_subnet_ids[0]
    return told


def _rights(args: CheckArgs) -> list[Statement]:
    kinds = {store.kind for store in args.recoverables}
    reporting = unscoped(
        "PublishAges", ["cloudwatch:PutMetricData"], {"StringEquals": {"cloudwatch:namespace": NAMESPACE}}
    )
    vault = Statement(
        sid="ListBackups",
        actions=["backup:DescribeBackupVault", "backup:ListRecoveryPointsByBackupVault"],
        resources=[args.vault.arn],
    )
    if args.restores is None:
        return [reporting, vault]
    return [
        reporting,
        vault,
        unscoped(
            "JudgeRestores",
            [
                "backup:DescribeRestoreJob",
                "backup:ListRestoreJobsByProtectedResource",
                "backup:PutRestoreValidationResult",
            ],
        ),
        Statement(sid="SeePlan", actions=["backup:GetRestoreTestingPlan"], resources=[args.restores.plan_arn]),
        *[statement for kind in sorted(kinds) for statement in _RIGHTS[kind](args)],
    ]


def _of(args: CheckArgs, kind: ResourceType) -> list[pulumi.Input[str]]:
    return [store.arn for store in args.recoverables if store.kind == kind]


def _keys(args: CheckArgs, kind: ResourceType) -> list[pulumi.Input[str]]:
    keys: list[pulumi.Input[str]] = []
    for store in args.recoverables:
        if store.kind == kind and all(store.key_arn is not key for key in keys):
            keys.append(store.key_arn)
    return keys


def _clusters(args: CheckArgs) -> list[Statement]:
    copies = args.location.arn("rds", f"cluster:{COPIES}")
    return [Statement(sid="SeeClusters", actions=["rds:DescribeDBClusters"], resources=[copies, *_of(args, "Aurora")])]


def _instances(args: CheckArgs) -> list[Statement]:
    copies = args.location.arn("rds", f"db:{COPIES}")
    return [Statement(sid="SeeInstances", actions=["rds:DescribeDBInstances"], resources=[copies, *_of(args, "RDS")])]


def _tables(args: CheckArgs) -> list[Statement]:
    copies = args.location.arn("dynamodb", f"table/{COPIES}")
    return [
        Statement(sid="SeeTables", actions=["dynamodb:DescribeTable"], resources=[copies, *_of(args, "DynamoDB")]),
        Statement(sid="CountItemsOfCopies", actions=["dynamodb:Scan"], resources=[copies]),
    ]


def _buckets(args: CheckArgs) -> list[Statement]:
    location = args.location
    copies = location.arn("s3", COPIES, region=False, account=False)
    own = {"StringEquals": {"aws:ResourceAccount": location.account_id}}
    return [
        Statement(sid="ListCopies", actions=["s3:ListBucket"], resources=[copies], conditions=own),
        Statement(sid="ReadCanary", actions=["s3:GetObject"], resources=[f"{copies}/.groundwork/*"], conditions=own),
        Statement(
            sid="DecryptCanary",
            actions=["kms:Decrypt"],
            resources=_keys(args, "S3"),
            conditions={"StringEquals": {"kms:ViaService": f"s3.{location.region}.{location.dns_suffix}"}},
        ),
    ]


def _files(args: CheckArgs) -> list[Statement]:
    """A file system has no name before it is restored: the function may attach any of this account, but only in
    the closed group, and only if it has no mount target yet (it refuses others itself)."""
    assert args.restores is not None, "only asked where restores are tested"
    assert args.restores.closed_group_id is not None, "a file system has an address"
    systems = args.location.arn("elasticfilesystem", "file-system/*")
    actions = [
        "elasticfilesystem:CreateMountTarget",
        "elasticfilesystem:DeleteMountTarget",
        "elasticfilesystem:DescribeFileSystems",
        "elasticfilesystem:DescribeMountTargets",
    ]
    return [
        Statement(sid="AttachCopies", actions=actions, resources=[systems]),
        Statement(
            sid="InterfacesOfMountTargets",
            actions=["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"],
            resources=[
                args.location.arn("ec2", "network-interface/*"),
                pulumi.Output.concat(args.location.arn("ec2", "subnet/"), args.site.data_subnet_ids[0]),
                pulumi.Output.concat(args.location.arn("ec2", "security-group/"), args.restores.closed_group_id),
            ],
        ),
        unscoped("SeeInterfaces", ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]),
    ]


_RIGHTS = {"Aurora": _clusters, "DynamoDB": _tables, "EFS": _files, "RDS": _instances, "S3": _buckets}
