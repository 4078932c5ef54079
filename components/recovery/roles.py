"""The two roles that AWS Backup takes: one to make backups, one to restore them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.contracts import ResourceType
from components.security import documents
from components.security.role import role as make_role
from settings.location import Location

BACKUP = "backup.amazonaws.com"
Work = Literal["backup", "restore"]
# AWS's own policies for the two, which it extends with what AWS Backup needs; those for S3 are apart (AWS Backup guide,
# iam-service-roles, read 2026-11). They name actions, and no store: who starts a job is who must be let to.
POLICIES: Mapping[Work, str] = {
    "backup": "service-role/AWSBackupServiceRolePolicyForBackup",
    "restore": "service-role/AWSBackupServiceRolePolicyForRestores",
}
POLICIES_OF_S3: Mapping[Work, str] = {
    "backup": "AWSBackupServiceRolePolicyForS3Backup",
    "restore": "AWSBackupServiceRolePolicyForS3Restore",
}
DESCRIPTIONS: Mapping[Work, str] = {
    "backup": "What AWS Backup may do to make backups and copies of them",
    "restore": "What AWS Backup may do to restore backups for a test, and to delete what it restored",
}


class BackupRole(pulumi.ComponentResource):
    """A role that AWS Backup takes, for this account only, to do one of the two and not the other."""

    arn: pulumi.Output[str]
    """Known only when the role has its rights."""

    def __init__(
        self,
        name: str,
        work: Work,
        kinds: Collection[ResourceType],
        location: Location,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        trusted = [documents.assumed_by(BACKUP, {"StringEquals": {"aws:SourceAccount": location.account_id}})]
        props = {"statements": documents.rendered(trusted)}
        super().__init__("groundwork:recovery:BackupRole", name, props, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = make_role(name, DESCRIPTIONS[work], trusted, location, child)
        policies = _policies(work, kinds)
        attached = [
            aws.iam.RolePolicyAttachment(
                f"{name}-{suffix}",
                role=role.name,
                policy_arn=f"arn:{location.partition}:iam::aws:policy/{policy}",
                opts=child,
            )
            for suffix, policy in policies
        ]
        self.arn = pulumi.Output.all(role.arn, *(one.id for one in attached)).apply(lambda values: str(values[0]))
        self.register_outputs({"arn": self.arn})


def _policies(work: Work, kinds: Collection[ResourceType]) -> Sequence[tuple[str, str]]:
    others = [kind for kind in kinds if kind != "S3"]
    return [
        *([("policy", POLICIES[work])] if others else []),
        *([("s3-policy", POLICIES_OF_S3[work])] if "S3" in kinds else []),
    ]
