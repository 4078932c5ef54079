"""A PostgreSQL database that only its clients can reach."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import Access, Opening, Signal, Statement
from components.data import aurora, postgres, rds
from components.data.postgres import Foundation, Server
from settings.data import AuroraSettings, RdsSettings, variable
from settings.location import Location


@dataclass(frozen=True, kw_only=True)
class DatabaseArgs:
    """Which engine and size, where it lives, and the keys of its data and of its logs."""

    store: str
    settings: AuroraSettings | RdsSettings
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    availability_zones: Sequence[str]
    key_arn: pulumi.Input[str]
    log_key_arn: pulumi.Input[str]
    log_retention_days: int
    location: Location
    protected: bool


class Database(pulumi.ComponentResource):
    """PostgreSQL, encrypted, over TLS only, with a master password that AWS makes, keeps and rotates.

    Its security group has no rule at all: whoever uses the database adds one, from its own group, for one port.

    Everything is named after the subnet group. AWS wants the names of the log group and of the final snapshot before
    the database exists, and both must be unique; the subnet group gets its random suffix first, and it never changes
    without the database being replaced anyway. In a protected stack the last backup survives twice: as the final
    snapshot, and as the automated backups, which stay for their retention.
    """

    signals: Sequence[Signal]

    def __init__(self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:data:Database", name, None, opts)
        self._args = args
        child = pulumi.ResourceOptions(parent=self)
        subnets = aws.rds.SubnetGroup(
            name, subnet_ids=args.subnet_ids, description=f"Data tier, for {args.store}", opts=child
        )
        firewall = aws.ec2.SecurityGroup(
            name,
            vpc_id=args.vpc_id,
            description=f"Database {args.store}: only what the services add",
            tags={"Name": name},
            opts=child,
        )
        prefix = aurora.LOG_GROUP_PREFIX if isinstance(args.settings, AuroraSettings) else rds.LOG_GROUP_PREFIX
        log_group = aws.cloudwatch.LogGroup(
            f"{name}-log",
            # Where RDS writes; it would make the group itself, without retention and without our key.
            name=pulumi.Output.concat(prefix, "/", subnets.name, "/", postgres.LOG_EXPORT),
            retention_in_days=args.log_retention_days,
            kms_key_id=args.log_key_arn,
            opts=child,
        )
        base = Foundation(
            identifier=subnets.name,
            database_name=postgres.database_name(args.store),
            subnet_group_name=subnets.name,
            security_group_id=firewall.id,
            key_arn=args.key_arn,
            log_group=log_group,
            protected=args.protected,
        )
        server = self._server(name, base)
        self._host, self._secret_arn, self._security_group_id = server.host, server.secret_arn, firewall.id
        self._identifier = base.identifier
        self.signals = server.signals
        self.register_outputs({"host": self._host, "secretArn": self._secret_arn})

    def access(self, level: str) -> Access:
        """`write`: the master account of this database, for a service that keeps its own schema in it. `admin`: also
        take snapshots of it, stop and start it.

        RDS changes the password every seven days (AuroraUserGuide, rds-secrets-manager, 2026-09), and a running task
        keeps the one that it started with: new connections are then refused. So the task may also read the secret
        itself, under `{STORE}_SECRET_ARN`, when a sign-in fails.

        TLS is not optional, and ``verify-full`` says that the client is to check it: the image needs the certificates
        of RDS (https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem).
        """
        if level not in {"write", "admin"}:
            raise ValueError(f"database {self._args.store!r} has no access level {level!r}: use 'write' or 'admin'")
        store, location = self._args.store, self._args.location
        reading = [
            Statement(
                sid="ReadDatabaseSecret", actions=["secretsmanager:GetSecretValue"], resources=[self._secret_arn]
            ),
            Statement(
                sid="DecryptDatabaseSecret",
                actions=["kms:Decrypt"],
                resources=[self._args.key_arn],
                conditions={
                    "StringEquals": {"kms:ViaService": f"secretsmanager.{location.region}.{location.dns_suffix}"}
                },
            ),
        ]
        return Access(
            statements=[*reading, *(self._administering() if level == "admin" else [])],
            execution_statements=reading,
            environment={
                variable(store, "HOST"): self._host,
                variable(store, "PORT"): str(postgres.PORT),
                variable(store, "DATABASE"): postgres.database_name(store),
                variable(store, "TLS_MODE"): "verify-full",
                variable(store, "SECRET_ARN"): self._secret_arn,
            },
            secrets={
                variable(store, "USERNAME"): pulumi.Output.concat(self._secret_arn, ":username::"),
                variable(store, "PASSWORD"): pulumi.Output.concat(self._secret_arn, ":password::"),
            },
            opening=Opening(
                security_group_id=self._security_group_id, port=postgres.PORT, description=f"PostgreSQL {store}"
            ),
        )

    def _administering(self) -> list[Statement]:
        aurora_ = isinstance(self._args.settings, AuroraSettings)
        kind, snapshots, noun = (
            ("cluster", "cluster-snapshot", "Cluster") if aurora_ else ("db", "snapshot", "Instance")
        )
        server = pulumi.Output.concat(self._args.location.arn("rds", f"{kind}:"), self._identifier)
        snapshot = pulumi.Output.concat(self._args.location.arn("rds", f"{snapshots}:"), self._identifier, "-*")
        taking = "rds:CreateDBClusterSnapshot" if aurora_ else "rds:CreateDBSnapshot"
        return [
            Statement(
                sid="StopAndStartDatabase",
                actions=[f"rds:DescribeDB{noun}s", f"rds:StartDB{noun}", f"rds:StopDB{noun}"],
                resources=[server],
            ),
            # Under the database's own name in front, so that no snapshot of another can be written over or read.
            Statement(sid="TakeSnapshots", actions=[taking], resources=[server, snapshot]),
        ]

    def _server(self, name: str, base: Foundation) -> Server:
        settings = self._args.settings
        if isinstance(settings, AuroraSettings):
            return aurora.server(name, settings, self._args.availability_zones, base, parent=self)
        return rds.server(name, settings, base, parent=self)
