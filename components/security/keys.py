"""Keys that encrypt what the platform stores: one for data, one for operations."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import names
from components.contracts import Statement
from components.security import documents
from settings.location import Location
from settings.stores import NOTICE

# The longest that KMS offers (botocore kms model, 2026-11): the time in which a wrong deletion can be taken back.
DELETION_WINDOW_DAYS = 30

# Everything about a key but using it. KMS checks at creation that whoever makes the key can still change its policy.
ADMINISTRATION = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
USE = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    # ECR asks it, beside CreateGrant, of who makes a repository with our key (ECR guide, encryption-at-rest, 2026-09).
    "kms:RetireGrant",
)
THIS_KEY = ("*",)  # in a key policy `*` means the key that the policy belongs to


# Kind of a service or store -> the service of AWS that uses the data key because of it, beside those that always do.
_ALSO: Mapping[str, str] = {
    "cache": "elasticache",
    "file system": "elasticfilesystem",
    "function": "lambda",
    "stream": "kafka",
    "table": "dynamodb",
}


@dataclass(frozen=True, kw_only=True)
class EncryptionKeyArgs:
    """What the key is for, and who may use it."""

    purpose: str
    description: str
    statements: Sequence[Statement]
    protected: bool
    region: str | None = None
    """Where it is not the stack's own."""


class EncryptionKey(pulumi.ComponentResource):
    """A key of our own that rotates yearly, with an alias that stays when the key changes.

    In a protected stack it can neither be deleted nor lost with the stack: without the key its data is gone.
    """

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: EncryptionKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        props = {"statements": documents.rendered(args.statements)}
        super().__init__("groundwork:security:EncryptionKey", name, props, opts)
        key = aws.kms.Key(
            f"{name}-key",
            description=args.description,
            policy=documents.document(args.statements),
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            region=args.region,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protected, retain_on_delete=args.protected),
        )
        aws.kms.Alias(
            f"{name}-alias",
            # Named by hand: people and runbooks look for it, and it moves to another key without being replaced.
            name=f"alias/{names.of_stack(args.purpose)}",
            target_key_id=key.key_id,
            region=args.region,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = key.arn
        self.register_outputs({"arn": self.arn})


def for_data(location: Location, kinds: Collection[str] = ()) -> list[Statement]:
    """Who may use the key of databases, buckets, queues and images: whoever IAM lets, only through these services.

    What more services that is depends on the `kinds` of services and stores. Lambda, for the variables of functions,
    asks in the name of who makes the function, and gives the function's role a grant.
    """
    through = [
        "ecr",
        "rds",
        "s3",
        "secretsmanager",
        "sqs",
        *(service for kind, service in _ALSO.items() if kind in kinds),
    ]
    told = [_told(location)] if NOTICE in kinds else []
    return [_administration(location), *_through_services(location, sorted(through)), *told]


def for_copies(location: Location) -> list[Statement]:
    """Who may use the key of a bucket's copy, in the region of `location`: whoever IAM lets, through S3."""
    return [_administration(location), *_through_services(location, ["s3"])]


def _told(location: Location) -> Statement:
    """S3 goes to a queue without a role that IAM could let (S3 guide, grant-destinations-permissions, read 2026-11)."""
    return Statement(
        sid="TellQueues",
        actions=["kms:Decrypt", "kms:GenerateDataKey"],
        resources=THIS_KEY,
        principals={"Service": ["s3.amazonaws.com"]},
        conditions={"StringEquals": {"aws:SourceAccount": location.account_id}},
    )


def for_backups(location: Location) -> list[Statement]:
    """Who may use the key of a backup vault: whoever IAM lets, through AWS Backup and the services that it keeps, and
    through Lambda for the variables of the function that looks at backups."""
    through = ["backup", "dynamodb", "elasticfilesystem", "lambda", "rds", "s3"]
    return [_administration(location), *_through_services(location, through)]


def for_operations(location: Location) -> list[Statement]:
    """Who may use the key of log groups, of the alerts topic and of queues that tell of failures, for this account."""
    return [
        _administration(location),
        *_through_services(location, ["sns", "sqs"]),
        Statement(
            sid="EncryptLogGroups",
            actions=["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
            resources=THIS_KEY,
            principals={"Service": [f"logs.{location.region}.{location.dns_suffix}"]},
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": location.arn("logs", "log-group:*")}},
        ),
        Statement(
            sid="PublishAlarms",
            actions=["kms:Decrypt", "kms:GenerateDataKey*"],
            resources=THIS_KEY,
            principals={"Service": ["cloudwatch.amazonaws.com"]},
            conditions={"StringEquals": {"aws:SourceAccount": location.account_id}},
        ),
        # Failed runs of jobs, written into a queue; to a queue EventBridge goes without a role that IAM could let.
        Statement(
            sid="TellOfFailures",
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=THIS_KEY,
            principals={"Service": ["events.amazonaws.com"]},
            conditions={"StringEquals": {"aws:SourceAccount": location.account_id}},
        ),
    ]


def _account(location: Location) -> dict[str, list[str]]:
    """The account itself: IAM of this account decides who of it, as far as the statement goes."""
    return {"AWS": [location.arn("iam", "root", region=False)]}


def _administration(location: Location) -> Statement:
    return Statement(sid="Administration", actions=ADMINISTRATION, resources=THIS_KEY, principals=_account(location))


def _through_services(location: Location, services: Sequence[str]) -> list[Statement]:
    """Use on behalf of the account's principals, never directly; grants only where a service makes them for itself."""
    through = {
        "kms:CallerAccount": location.account_id,
        "kms:ViaService": [f"{service}.{location.region}.{location.dns_suffix}" for service in services],
    }
    return [
        Statement(
            sid="UseThroughServices",
            actions=USE,
            resources=THIS_KEY,
            principals=_account(location),
            conditions={"StringEquals": through},
        ),
        Statement(
            sid="GrantsForServices",
            actions=["kms:CreateGrant"],
            resources=THIS_KEY,
            principals=_account(location),
            conditions={"StringEquals": through, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    ]
