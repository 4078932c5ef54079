"""Cases of the controls on databases."""

from guardrails import kinds

from tests.policy.cases.kit import breaks, build, holds, one, ref, waits

CASES = (
    holds("rds-not-publicly-accessible", "an instance is private by default", one(kinds.DB_INSTANCE)),
    holds(
        "rds-not-publicly-accessible",
        "an instance that says so is private",
        one(kinds.DB_INSTANCE, publiclyAccessible=False),
    ),
    breaks(
        "rds-not-publicly-accessible",
        "an instance with a public address",
        one(kinds.DB_INSTANCE, publiclyAccessible=True),
    ),
    breaks(
        "rds-not-publicly-accessible",
        "a cluster with a public address",
        one(kinds.DB_CLUSTER, publiclyAccessible="true"),
    ),
    holds("rds-storage-encrypted", "an encrypted instance", one(kinds.DB_INSTANCE, storageEncrypted=True)),
    holds(
        "rds-storage-encrypted",
        "a replica of an encrypted instance",
        build(
            source=(kinds.DB_INSTANCE, {"storageEncrypted": True}),
            replica=(kinds.DB_INSTANCE, {"replicateSourceDb": ref("source.arn")}),
        ),
    ),
    breaks("rds-storage-encrypted", "an instance that leaves it to the default", one(kinds.DB_INSTANCE)),
    breaks("rds-storage-encrypted", "a cluster that says no", one(kinds.DB_CLUSTER, storageEncrypted=False)),
    waits(
        "rds-storage-encrypted",
        "an instance from a snapshot inherits what nobody here knows",
        one(kinds.DB_INSTANCE, snapshotIdentifier="old"),
    ),
)
