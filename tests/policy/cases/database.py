"""Cases of the controls on databases."""

from __future__ import annotations

from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import Case, Make, breaks, build, changed, holds, lost, made_of, one, ref, waits

ELSEWHERE = (
    kinds.NEPTUNE_INSTANCE,
    kinds.REDSHIFT_CLUSTER,
    kinds.REDSHIFT_WORKGROUP,
    kinds.LIGHTSAIL_DATABASE,
    kinds.REPLICATION_INSTANCE,
    kinds.MQ_BROKER,
)
FLAGS = (
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
    *(holds("rds-not-publicly-accessible", f"private by default: {kind}", one(kind)) for kind in ELSEWHERE),
    *(
        breaks("rds-not-publicly-accessible", f"not private: {kind}", one(kind, publiclyAccessible=True))
        for kind in ELSEWHERE
    ),
    holds("rds-storage-encrypted", "a warehouse is encrypted by default", one(kinds.REDSHIFT_CLUSTER)),
    breaks("rds-storage-encrypted", "a warehouse that says no", one(kinds.REDSHIFT_CLUSTER, encrypted="false")),
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

DB, CLUSTER, MEMBER = kinds.DB_INSTANCE, kinds.DB_CLUSTER, kinds.DB_CLUSTER_INSTANCE
SHARED, KEPT, BACKUP = "rds-snapshot-not-shared", "rds-deletion-protection", "rds-backup-retention"
LAST, TWICE, MINOR = "rds-final-snapshot", "rds-multi-az", "rds-minor-upgrade-and-tags"
PASSWORD, IAM, LOGS = "rds-managed-master-password", "rds-iam-auth", "rds-log-exports"
TLS, PROXY = "rds-force-ssl", "rds-proxy-tls"
AURORA = {"engine": "aurora-postgresql"}
REPLICA = {"replicateSourceDb": "db-1"}


def aurora(*instances: dict[str, Any], **cluster: Any) -> Make:
    """An Aurora cluster with these instances."""
    members: dict[str, Any] = {
        f"i{number}": (MEMBER, {"clusterIdentifier": ref("it.id"), **inputs}) for number, inputs in enumerate(instances)
    }
    return build(it=(CLUSTER, AURORA | cluster), **members)


KEEPING = (
    holds(SHARED, "nobody else", one(kinds.DB_SNAPSHOT)),
    holds(SHARED, "one account", one(kinds.DB_SNAPSHOT, sharedAccounts=["111122223333"])),
    breaks(SHARED, "a snapshot", one(kinds.DB_SNAPSHOT, sharedAccounts=["all"])),
    breaks(SHARED, "of a cluster", one(kinds.DB_CLUSTER_SNAPSHOT, sharedAccounts=["111122223333", "all"])),
    breaks(SHARED, "a copy", one(kinds.DB_SNAPSHOT_COPY, sharedAccounts=["ALL"])),
    holds(KEPT, "any stack", one(DB)),
    holds(KEPT, "a protected stack", one(DB, deletionProtection=True), protected=True),
    breaks(KEPT, "a database that says nothing", one(DB), protected=True),
    breaks(KEPT, "a cluster that says no", one(CLUSTER, deletionProtection=False), protected=True),
    holds(BACKUP, "seven days", one(DB, backupRetentionPeriod=7)),
    holds(BACKUP, "as a text", one(CLUSTER, backupRetentionPeriod="14")),
    holds(BACKUP, "fewer, where that is configured", one(DB, backupRetentionPeriod=1), minimumBackupDays=1),
    holds(BACKUP, "one day is a cluster's default", one(CLUSTER), minimumBackupDays=1),
    breaks(BACKUP, "a cluster's default is not two days", one(CLUSTER), minimumBackupDays=2),
    holds(TWICE, "two of three instances are in two zones, whatever the third",
          build(it=(CLUSTER, AURORA), **{
              f"in_{at}": (kinds.DB_CLUSTER_INSTANCE, {"clusterIdentifier": ref("it.id"), "availabilityZone": zone})
              for at, zone in enumerate(("eu-west-1a", "eu-west-1b", made_of(ref("it.id"), make=lambda _: "eu-west-1a")))
          }), protected=True),
    holds("rds-storage-encrypted", "the first edition of serverless",
          one(CLUSTER, engine="aurora-mysql", engineMode="serverless", storageEncrypted=False)),
    holds("rds-storage-encrypted", "encrypted, whatever its mode",
          build(vpc=(kinds.VPC, {}), it=(CLUSTER, {"storageEncrypted": True, "engineMode": ref("vpc.id")}))),
    breaks("rds-storage-encrypted", "the id of a global cluster is its own",
           one(kinds.DB_GLOBAL_CLUSTER, globalClusterIdentifier="world")),
    waits("rds-storage-encrypted", "a global cluster that is made of another one",
          one(kinds.DB_GLOBAL_CLUSTER, globalClusterIdentifier="world", sourceDbClusterIdentifier="arn:aws:rds:x")),
    holds(BACKUP, "a replica", one(DB, **REPLICA)),
    holds(BACKUP, "a replica of the program", build(
        source=(DB, {"backupRetentionPeriod": 7}), it=(DB, {"replicateSourceDb": ref("source.identifier")}),
    )),
    breaks(BACKUP, "none by default", one(DB), told="is less than 7 (minimumBackupDays): it is not set, and 0 by default"),
    breaks(BACKUP, "none by default, where one day is enough", one(DB), minimumBackupDays=1),
    breaks(BACKUP, "one day by default", one(CLUSTER)),
    breaks(BACKUP, "six days", one(DB, backupRetentionPeriod=6), told="is 6, less than 7 (minimumBackupDays)"),
    breaks(BACKUP, "switched off", one(CLUSTER, backupRetentionPeriod=0), minimumBackupDays=1),
    breaks(BACKUP, "no replica of anything", one(DB, replicateSourceDb="")),
    holds(LAST, "any stack", one(DB, skipFinalSnapshot=True)),
    holds(LAST, "both kept", one(DB, deleteAutomatedBackups=False, skipFinalSnapshot=False), protected=True),
    holds(LAST, "a cluster leaves one by default", one(CLUSTER, finalSnapshotIdentifier="last"), protected=True),
    holds(LAST, "a replica cannot leave one", one(DB, **REPLICA, skipFinalSnapshot=True), protected=True),
    breaks(LAST, "no snapshot", one(DB, skipFinalSnapshot=True, deleteAutomatedBackups=False), protected=True),
    breaks(LAST, "backups go with it by default", one(DB, skipFinalSnapshot=False), protected=True),
    breaks(LAST, "backups go with it", one(DB, deleteAutomatedBackups=True), protected=True),
    breaks(LAST, "a cluster", one(CLUSTER, skipFinalSnapshot=True), protected=True),
    holds(TWICE, "any stack", one(DB)),
    holds(TWICE, "two zones", one(DB, multiAz=True), protected=True),
    holds(TWICE, "a replica", one(DB, **REPLICA), protected=True),
    holds(TWICE, "two instances", aurora({}, {}), protected=True),
    holds(TWICE, "two instances in two zones", aurora({"availabilityZone": "a"}, {"availabilityZone": "b"}), protected=True),
    holds(TWICE, "two instances, one of which says its zone", aurora({"availabilityZone": "a"}, {}), protected=True),
    holds(TWICE, "a cluster of PostgreSQL has three", one(CLUSTER, engine="postgres"), protected=True),
    holds(TWICE, "the first serverless edition", one(CLUSTER, engine="aurora-mysql", engineMode="serverless"), protected=True),
    breaks(TWICE, "one zone", one(DB), protected=True),
    breaks(TWICE, "one instance", aurora({}), "it", protected=True),
    breaks(TWICE, "no instance", aurora(), protected=True),
    breaks(TWICE, "serverless of the second edition", aurora({}, engineMode="provisioned"), protected=True),
    breaks(TWICE, "two instances in one zone", aurora({"availabilityZone": "a"}, {"availabilityZone": "a"}), protected=True),
    breaks(TWICE, "the second instance is another cluster's", changed(
        aurora({}, {}), "i1", clusterIdentifier="other"), protected=True),
    holds(MINOR, "as it should be", one(DB, copyTagsToSnapshot=True)),
    holds(MINOR, "a cluster", one(CLUSTER, copyTagsToSnapshot=True)),
    holds(MINOR, "an instance of a cluster", one(MEMBER)),
    breaks(MINOR, "tags are lost by default", one(DB)),
    breaks(MINOR, "no upgrade", one(DB, copyTagsToSnapshot=True, autoMinorVersionUpgrade=False)),
    breaks(MINOR, "a cluster loses its tags", one(CLUSTER, copyTagsToSnapshot=False)),
    breaks(MINOR, "an instance of a cluster without upgrade", one(MEMBER, autoMinorVersionUpgrade="false")),
)  # fmt: skip


def grouped(parameters: Any, family: str = "postgres14", **inputs: Any) -> Make:
    return build(
        group=(kinds.DB_PARAMETER_GROUP, {"family": family, "parameters": parameters}),
        it=(DB, {"engine": "postgres", "parameterGroupName": ref("group.name")} | inputs),
    )


def cluster_grouped(parameters: Any, family: str, **inputs: Any) -> Make:
    return build(
        group=(kinds.DB_CLUSTER_PARAMETER_GROUP, {"family": family, "parameters": parameters}),
        it=(CLUSTER, {"dbClusterParameterGroupName": ref("group.name")} | AURORA | inputs),
    )


def on(name: str, value: Any = "1") -> list[dict[str, Any]]:
    return [{"name": "log_connections", "value": "1"}, {"name": name, "value": value}]


FORCED, SECURE = "rds.force_ssl", "require_secure_transport"
LOGINS = (
    holds(PASSWORD, "kept by AWS", one(DB, manageMasterUserPassword=True)),
    holds(PASSWORD, "written only", one(DB, passwordWo="hunter2", passwordWoVersion=1)),
    holds(PASSWORD, "written only, as the update sees it", one(CLUSTER, masterPasswordWoVersion=1)),
    holds(PASSWORD, "a replica", one(DB, **REPLICA)),
    holds(PASSWORD, "from a snapshot", one(CLUSTER, snapshotIdentifier="snap-1")),
    holds(PASSWORD, "from a point in time", one(DB, restoreToPointInTime={"sourceDbInstanceIdentifier": "db-1"})),
    holds(PASSWORD, "a secondary of a global cluster", one(CLUSTER, globalClusterIdentifier="world")),
    breaks(PASSWORD, "an input", one(DB, password="hunter2")),
    breaks(PASSWORD, "an input of a cluster", one(CLUSTER, masterPassword="hunter2", manageMasterUserPassword=True)),
    breaks(PASSWORD, "a generated one", build(
        secret=("random:index/randomPassword:RandomPassword", {}), it=(DB, {"password": ref("secret.result")}),
    )),
    breaks(PASSWORD, "nobody says", one(DB)),
    breaks(PASSWORD, "not kept by AWS", one(CLUSTER, manageMasterUserPassword=False)),
    holds(IAM, "switched on", one(DB, engine="postgres", iamDatabaseAuthenticationEnabled=True)),
    holds(IAM, "switched on, whatever it runs", one(DB, iamDatabaseAuthenticationEnabled=True, **REPLICA)),
    holds(IAM, "Oracle cannot", one(DB, engine="oracle-ee")),
    holds(IAM, "SQL Server cannot", one(DB, engine="sqlserver-se")),
    holds(IAM, "the first serverless edition cannot", one(CLUSTER, engine="aurora-mysql", engineMode="serverless")),
    breaks(IAM, "a database that says nothing", one(DB, engine="MySQL")),
    breaks(IAM, "a cluster that says no", one(CLUSTER, **AURORA, iamDatabaseAuthenticationEnabled=False)),
    breaks(IAM, "a replica has the engine of its source", build(
        source=(DB, {"identifier": "source", "engine": "postgres", "iamDatabaseAuthenticationEnabled": True}),
        it=(DB, {"replicateSourceDb": ref("source.identifier")}),
    )),
    waits(IAM, "a replica of another stack", one(DB, **REPLICA)),
    holds(LOGS, "PostgreSQL", one(DB, engine="postgres", enabledCloudwatchLogsExports=["postgresql", "upgrade"])),
    holds(LOGS, "MySQL", one(DB, engine="mysql", enabledCloudwatchLogsExports=["error", "slowquery"])),
    holds(LOGS, "Aurora MySQL", one(CLUSTER, engine="aurora-mysql", enabledCloudwatchLogsExports=["audit"])),
    holds(LOGS, "an engine without", one(DB, engine="custom-sqlserver-ee")),
    holds(LOGS, "the first serverless edition exports by itself", one(CLUSTER, engine="aurora-mysql", engineMode="serverless")),
    breaks(LOGS, "none", one(DB, engine="postgres")),
    breaks(LOGS, "an empty list", one(CLUSTER, **AURORA, enabledCloudwatchLogsExports=[])),
    breaks(LOGS, "upgrades only", one(DB, engine="postgres", enabledCloudwatchLogsExports=["upgrade"])),
    breaks(LOGS, "Aurora MySQL without the audit log", one(CLUSTER, engine="aurora-mysql", enabledCloudwatchLogsExports=["error"])),
    breaks(LOGS, "SQL Server", one(DB, engine="sqlserver-ex")),
    breaks(LOGS, "Oracle", one(DB, engine="oracle-se2", enabledCloudwatchLogsExports=["trace"])),
    waits(LOGS, "a replica of another stack", one(DB, **REPLICA)),
    holds(TLS, "forced", grouped(on(FORCED))),
    holds(TLS, "forced, as a number", grouped(on(FORCED, 1))),
    holds(TLS, "forced, MySQL", grouped(on(SECURE, "ON"), "mysql8.0", engine="mysql")),
    holds(TLS, "forced, SQL Server", grouped(on(FORCED), "sqlserver-ee-15.0", engine="sqlserver-ee")),
    holds(TLS, "forced, a cluster", cluster_grouped(on(FORCED), "aurora-postgresql15")),
    holds(TLS, "the default of PostgreSQL 16", one(DB, engine="postgres", engineVersion="16.3")),
    holds(TLS, "a group that leaves it to the default", grouped([], "postgres15")),
    holds(TLS, "AWS's own group", one(DB, engine="postgres", parameterGroupName="default.postgres16")),
    holds(TLS, "the default of Aurora PostgreSQL 17", one(CLUSTER, **AURORA, engineVersion="17.4")),
    holds(TLS, "the default of MariaDB 11.8", one(DB, engine="mariadb", engineVersion="11.8.3")),
    holds(TLS, "Oracle has no such switch", one(DB, engine="oracle-ee")),
    holds(TLS, "a replica with the group of its source", build(
        group=(kinds.DB_PARAMETER_GROUP, {"family": "postgres14", "parameters": on(FORCED)}),
        source=(DB, {"identifier": "source", "engine": "postgres", "parameterGroupName": ref("group.name")}),
        it=(DB, {"replicateSourceDb": ref("source.identifier")}),
    )),
    breaks(TLS, "switched off", grouped(on(FORCED, "0"), "postgres16")),
    breaks(TLS, "a group of an old family that says nothing", grouped([{"name": "log_connections", "value": "1"}])),
    breaks(TLS, "the parameter of another engine", grouped(on(SECURE))),
    breaks(TLS, "a default group whose name says no version",
           one(kinds.DB_INSTANCE, engine="postgres", engineVersion="14.9", parameterGroupName="default.postgres")),
    breaks(TLS, "the default of PostgreSQL 14", one(DB, engine="postgres", engineVersion="14")),
    breaks(TLS, "AWS's own group of old", one(DB, engine="postgres", parameterGroupName="default.postgres13")),
    breaks(TLS, "the default of Aurora PostgreSQL 16", one(CLUSTER, **AURORA, engineVersion="16.6")),
    breaks(TLS, "a group of Aurora PostgreSQL 16", cluster_grouped([], "aurora-postgresql16")),
    breaks(TLS, "the default of Aurora MySQL", one(CLUSTER, engine="aurora-mysql")),
    breaks(TLS, "the default of MySQL 8.0", one(DB, engine="mysql", engineVersion="8.0.39")),
    breaks(TLS, "the default of MariaDB 11.4", one(DB, engine="mariadb", engineVersion="11.4")),
    breaks(TLS, "the default of SQL Server", one(DB, engine="sqlserver-web")),
    waits(TLS, "nobody says which PostgreSQL", one(DB, engine="postgres")),
    waits(TLS, "MySQL 8.4, of which the guides do not agree", one(DB, engine="mysql", engineVersion="8.4.3")),
    waits(TLS, "MariaDB 11, any minor version", one(DB, engine="mariadb", engineVersion="11")),
    waits(TLS, "a group of another stack", one(DB, engine="postgres", parameterGroupName="tuned")),
    waits(TLS, "a group of another stack, unknown", one(CLUSTER, **AURORA, dbClusterParameterGroupName=lost("tuned"))),
    holds(PROXY, "TLS only", one(kinds.DB_PROXY, requireTls=True)),
    breaks(PROXY, "not by default", one(kinds.DB_PROXY)),
    breaks(PROXY, "switched off", one(kinds.DB_PROXY, requireTls=False)),
)  # fmt: skip
CASES: tuple[Case, ...] = (*FLAGS, *KEEPING, *LOGINS)
