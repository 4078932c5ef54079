"""Where backups lie: a vault with a key of its own, out of which nobody takes one before its time."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import Statement
from components.security import documents, keys
from components.security.keys import EncryptionKey, EncryptionKeyArgs
from settings.location import Location

# The least that a locked vault keeps a backup. Fixed, and not the stack's own number: each change replaces the lock.
# Settings let no protected stack keep backups for less (settings/backup_rules.py).
LEAST_DAYS = 7
# What would end a backup early. Expiry is none of it: AWS Backup does that itself, in nobody's name.
ENDING = ("backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle")


@dataclass(frozen=True, kw_only=True)
class VaultArgs:
    """Where the vault is, which need not be where the stack is; `purpose` is in the alias of its key."""

    location: Location
    purpose: str
    protected: bool
    elsewhere: bool = False
    """Whether that is another region than the stack's."""


class Vault(pulumi.ComponentResource):
    """A vault whose policy refuses to everybody, the account's administrators included, to delete a backup.

    In a protected stack it is locked besides, in governance mode: no backup can be kept for less than a week, and only
    who may take the lock away (`backup:DeleteBackupVaultLockConfiguration`) can change that. It stays, with its key,
    when the stack goes. Elsewhere it goes with all its backups.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    key_arn: pulumi.Output[str]

    def __init__(self, name: str, args: VaultArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        refused = Statement(
            sid="NobodyEndsABackup", effect="Deny", actions=ENDING, resources=["*"], principals={"AWS": ["*"]}
        )
        super().__init__("groundwork:recovery:Vault", name, {"statements": documents.rendered([refused])}, opts)
        region = args.location.region if args.elsewhere else None
        kept = pulumi.ResourceOptions(parent=self, protect=args.protected, retain_on_delete=args.protected)
        stays = pulumi.ResourceOptions(parent=self, retain_on_delete=args.protected)
        key = EncryptionKeyArgs(
            purpose=args.purpose,
            description="Backups",
            statements=keys.for_backups(args.location),
            protected=args.protected,
            region=region,
        )
        self.key_arn = EncryptionKey(name, key, pulumi.ResourceOptions(parent=self)).arn
        vault = aws.backup.Vault(
            f"{name}-vault", kms_key_arn=self.key_arn, force_destroy=not args.protected, region=region, opts=kept
        )
        aws.backup.VaultPolicy(
            f"{name}-policy",
            backup_vault_name=vault.name,
            policy=documents.document([refused]),
            region=region,
            opts=stays,
        )
        if args.protected:
            # Without changeable_for_days: that would be compliance mode, which nobody, AWS included, can ever undo.
            aws.backup.VaultLockConfiguration(
                f"{name}-lock",
                backup_vault_name=vault.name,
                min_retention_days=LEAST_DAYS,
                region=region,
                opts=pulumi.ResourceOptions(parent=self),  # the first of two deliberate steps takes it off
            )
        self.name, self.arn = vault.name, vault.arn
        self.register_outputs({"name": self.name, "arn": self.arn})
