"""Keys and the log archive: what every other room rests on."""

from collections.abc import Collection
from dataclasses import dataclass

import pulumi

from components.security import keys
from components.security.keys import EncryptionKey, EncryptionKeyArgs
from components.security.log_archive import LogArchive, LogArchiveArgs
from settings.location import Location


@dataclass(frozen=True, kw_only=True)
class SecurityArgs:
    """Where the stack lives, whether it is protected, and for how many days access logs are kept.

    `kinds` are those of its services and stores: a key is opened to the services of AWS that they need, and
    to no other.
    """

    location: Location
    protected: bool
    log_retention_days: int
    kinds: Collection[str] = ()


class Security(pulumi.ComponentResource):
    """Two keys, so that reading logs never takes a right on data, and the archive of access logs."""

    data_key_arn: pulumi.Output[str]
    operations_key_arn: pulumi.Output[str]
    log_archive: LogArchive

    def __init__(self, name: str, args: SecurityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:security:Security", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        data_key = EncryptionKeyArgs(
            purpose="data",
            description="Databases, buckets, secrets and images",
            statements=keys.for_data(args.location, args.kinds),
            protected=args.protected,
        )
        operations_key = EncryptionKeyArgs(
            purpose="operations",
            description="Log groups and the alerts topic",
            statements=keys.for_operations(args.location),
            protected=args.protected,
        )
        archive = LogArchiveArgs(
            location=args.location, retention_days=args.log_retention_days, protected=args.protected
        )
        self.data_key_arn = EncryptionKey(f"{name}-data", data_key, child).arn
        self.operations_key_arn = EncryptionKey(f"{name}-operations", operations_key, child).arn
        self.log_archive = LogArchive(f"{name}-logs", archive, child)
        self.register_outputs({"dataKeyArn": self.data_key_arn, "operationsKeyArn": self.operations_key_arn})
