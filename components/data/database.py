"""A relational database that only its clients can reach."""

from collections.abc import Sequence
from dataclasses import replace

import pulumi
import pulumi_aws as aws

from components.contracts import Access, DatabaseRestore, Opening, Recoverable, Signal, Statement
from components.data import aurora, engines, rds
from components.data.proxy import DatabaseProxy, ProxyArgs, connecting
from components.data.server import Foundation, Server, logs_of
from components.data.store import StoreArgs
from settings.databases import AuroraSettings, RdsSettings
from settings.stores import variable


class Database(pulumi.ComponentResource):
    """PostgreSQL, MySQL or MariaDB, encrypted, over TLS only, with a master password that AWS makes, keeps and rotates,
    unless the settings name one.

    Its security group has no rule at all: whoever uses the database adds one, from its own group, for one port. With a
    proxy that is the proxy's group, and the database's own lets in nobody but the proxy.

    Everything is named after the subnet group. AWS wants the names of the log groups and of the final snapshot before
    the database exists, and both must be unique; the subnet group gets its random suffix first, and it never changes
    without the database being replaced anyway. In a protected stack the last backup survives twice: as the final
    snapshot, and as the automated backups, which stay for their retention.
    """

    signals: Sequence[Signal]
    recoverable: Recoverable

    def __init__(
        self,
        name: str,
        args: StoreArgs[AuroraSettings | RdsSettings],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("groundwork:data:Database", name, None, opts)
        self._args = args
        self._engine = engines.ENGINES[args.settings.engine]
        self._database_name = args.settings.database_name or engines.database_name(args.store, args.settings.engine)
        child = pulumi.ResourceOptions(parent=self)
        subnets = aws.rds.SubnetGroup(
            name, subnet_ids=args.site.data_subnet_ids, description=f"Data tier, for {args.store}", opts=child
        )
        firewall = aws.ec2.SecurityGroup(
            name,
            vpc_id=args.site.vpc_id,
            description=f"Database {args.store}: only what the services add",
            tags={"Name": name},
            opts=child,
        )
        base = Foundation(
            identifier=subnets.name,
            database_name=self._database_name,
            subnet_group_name=subnets.name,
            security_group_id=firewall.id,
            key_arn=args.key_arn,
            log_groups=self._log_groups(name, subnets.name),
            protected=args.protected,
        )
        base = self._replicated(name, base)
        server = self._server(name, base)
        self._server_, self._identifier, self._security_group_id = server, base.identifier, firewall.id
        self._proxy = self._proxied(name)
        self._rotate(name)
        self.signals = [*server.signals, *(self._proxy.signals if self._proxy else [])]
        self.recoverable = self._recoverable()
        self.register_outputs({"host": server.host, "secretArn": server.secret_arn})

    def access(self, level: str) -> Access:
        """`write`: the master account of this database, for a service that keeps its own schema in it. `connect`: the
        database's `iamUser`, signed in with a token of the service's role instead of a password. `admin`: as `write`,
        and also take snapshots of it, stop and start it.

        AWS changes a password of its own every seven days (AuroraUserGuide, rds-secrets-manager, 2026-09), or as the
        settings say, and a running task keeps the one that it started with: new connections are then refused. So the
        task may also read the secret itself, under `{STORE}_SECRET_ARN`, when a sign-in fails.

        TLS is not optional, and the mode says that the client is to check it: the image needs the certificates of RDS
        (https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem), or Amazon's public ones with a proxy.
        """
        store = self._args.store
        if level not in {"write", "connect", "admin"}:
            raise ValueError(f"database {store!r} has no access level {level!r}: use 'write', 'connect' or 'admin'")
        return self._connect() if level == "connect" else self._write(admin=level == "admin")

    def _write(self, *, admin: bool) -> Access:
        store, location, secret = self._args.store, self._args.location, self._server_.secret_arn
        reading = [
            Statement(sid="ReadDatabaseSecret", actions=["secretsmanager:GetSecretValue"], resources=[secret]),
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
            statements=[*reading, *(self._administering() if admin else [])],
            execution_statements=reading,
            environment={**self._address(), variable(store, "SECRET_ARN"): secret},
            secrets={
                variable(store, "USERNAME"): pulumi.Output.concat(secret, ":username::"),
                variable(store, "PASSWORD"): pulumi.Output.concat(secret, ":password::"),
            },
            opening=self._opening(),
        )

    def _connect(self) -> Access:
        user, store = self._args.settings.iam_user, self._args.store
        if user is None:
            raise ValueError(
                f"database {store!r} has no iamUser, as which `connect` signs in: name one in its settings"
            )
        resources = [self._proxy.resource_id] if self._proxy else self._server_.resource_ids
        return Access(
            statements=[connecting(self._args.location, resources, user)],
            environment={**self._address(), variable(store, "USERNAME"): user},
            opening=self._opening(),
        )

    def _address(self) -> dict[str, pulumi.Input[str]]:
        store, front = self._args.store, self._proxy or self._server_
        readers = {} if front.reader_host is None else {variable(store, "READER_HOST"): front.reader_host}
        return {
            variable(store, "HOST"): front.host,
            **readers,
            variable(store, "PORT"): str(self._engine.port),
            variable(store, "DATABASE"): self._database_name,
            variable(store, "TLS_MODE"): self._engine.tls_mode,
        }

    def _opening(self) -> Opening:
        return Opening(
            security_group_id=self._proxy.security_group_id if self._proxy else self._security_group_id,
            port=self._engine.port,
            description=f"{self._engine.sort} {self._args.store}",
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

    def _recoverable(self) -> Recoverable:
        args, server = self._args, self._server_
        settings = args.settings
        aurora_ = isinstance(settings, AuroraSettings)
        return Recoverable(
            name=args.store,
            kind="Aurora" if aurora_ else "RDS",
            arn=server.arn,
            key_arn=args.key_arn,
            own_backup_days=settings.backup_days,
            database=DatabaseRestore(
                engine=settings.engine,
                version=settings.version,
                instance_class=settings.instance_class or aurora.SERVERLESS,
                subnet_group_name=self._identifier,
                parameter_group_name=server.parameter_group_name,
                security_group_id=self._security_group_id,
                vpc_id=args.site.vpc_id,
                port=self._engine.port,
                database_name=self._database_name,
                identifier=self._identifier,
                secret_arn=server.secret_arn,
            ),
        )

    def _server(self, name: str, base: Foundation) -> Server:
        settings = self._args.settings
        if isinstance(settings, AuroraSettings):
            return aurora.build(name, settings, self._args.availability_zones, base, parent=self)
        return rds.build(name, settings, self._args.availability_zones, base, parent=self)

    def _replicated(self, name: str, base: Foundation) -> Foundation:
        """With what readers of plain RDS need, each of which is an instance of its own."""
        settings = self._args.settings
        if not isinstance(settings, RdsSettings):
            return base
        password = settings.master_password
        return replace(
            base,
            reader_logs=[
                self._log_groups(rds.reader_name(name, number), base.reader(number))
                for number in range(1, settings.readers + 1)
            ],
            master_password=self._args.secret_values[password] if password is not None else None,
        )

    def _log_groups(self, name: str, identifier: pulumi.Input[str]) -> dict[str, aws.cloudwatch.LogGroup]:
        """Where RDS writes; it would make the groups itself, without retention and without our key."""
        args = self._args
        prefix = aurora.LOG_GROUP_PREFIX if isinstance(args.settings, AuroraSettings) else rds.LOG_GROUP_PREFIX
        return {
            log: aws.cloudwatch.LogGroup(
                # The usual log of PostgreSQL was there before there were others.
                f"{name}-log" if log == "postgresql" else f"{name}-log-{log}",
                name=pulumi.Output.concat(prefix, "/", identifier, "/", log),
                retention_in_days=args.log_retention_days,
                kms_key_id=args.log_key_arn,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for log in logs_of(args.settings)
        }

    def _proxied(self, name: str) -> DatabaseProxy | None:
        args = self._args
        if args.settings.proxy is None:
            return None
        described = ProxyArgs(
            store=args.store,
            settings=args.settings,
            server=self._server_,
            identifier=self._identifier,
            database_group_id=self._security_group_id,
            vpc_id=args.site.vpc_id,
            subnet_ids=args.site.data_subnet_ids,
            key_arn=args.key_arn,
            location=args.location,
        )
        return DatabaseProxy(f"{name}-proxy", described, pulumi.ResourceOptions(parent=self))

    def _rotate(self, name: str) -> None:
        days = self._args.settings.rotate_after_days
        if days is None:
            return
        aws.secretsmanager.SecretRotation(
            f"{name}-rotation",
            secret_id=self._server_.secret_arn,
            # A new password at once would be one that tasks which start meanwhile do not have.
            rotate_immediately=False,
            rotation_rules=aws.secretsmanager.SecretRotationRotationRulesArgs(automatically_after_days=days),
            # The password of a cluster cannot be changed before there is an instance.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._server_.writer]),
        )
