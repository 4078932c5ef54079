"""RDS Proxy: many connections of services, also short ones, over few of the database."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import Metric, Severity, Signal, Statement
from components.data.engines import ENGINES
from components.data.server import Server
from components.security import documents
from components.security.role import role
from settings.databases import AuroraSettings, RdsSettings
from settings.location import Location

BUSY_PERCENT = 90
# So in every partition: with the ending of China's hosts IAM knows no such service (terraform-provider-aws,
# ServicePrincipalNameForPartition, read 2026-11).
SERVICE = "rds.amazonaws.com"
# What the provider says of idle connections where nobody else does (its schema, read 2026-11). AWS refuses more of them
# than there may be connections.
USUAL_IDLE_PERCENT = 50


@dataclass(frozen=True, kw_only=True)
class ProxyArgs:
    """The database behind it, its group, and the key and the place of its master's password."""

    store: str
    settings: AuroraSettings | RdsSettings
    server: Server
    identifier: pulumi.Input[str]
    database_group_id: pulumi.Input[str]
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    key_arn: pulumi.Input[str]
    location: Location


class DatabaseProxy(pulumi.ComponentResource):
    """A proxy in the data tier, over TLS only, which reaches this one database and nothing else.

    It reads the master's password itself, through AWS and not through the network, and follows its rotation. Users of
    IAM are passed on with a token of its own role, so they need no password behind it either.

    Services open its group instead of the database's. Its certificate is one of Amazon's public authority, which images
    know; those of RDS are not needed.
    """

    host: pulumi.Output[str]
    reader_host: pulumi.Output[str] | None
    security_group_id: pulumi.Output[str]
    resource_id: pulumi.Output[str]
    """What IAM knows it by where it lets users sign in."""
    signals: Sequence[Signal]

    def __init__(self, name: str, args: ProxyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        statements = _statements(args)
        super().__init__("groundwork:data:DatabaseProxy", name, {"statements": documents.rendered(statements)}, opts)
        child = pulumi.ResourceOptions(parent=self)
        settings, engine = args.settings, ENGINES[args.settings.engine]
        assert settings.proxy is not None, "a database without the setting has no proxy"
        group = self._group(name, args, engine.port)
        trusted = [documents.assumed_by(SERVICE)]
        role_ = role(f"{name}-role", f"Signs the proxy of {args.store} in", trusted, args.location, child)
        policy = aws.iam.RolePolicy(f"{name}-policy", role=role_.id, policy=documents.document(statements), opts=child)
        proxy = aws.rds.Proxy(
            name,
            engine_family=engine.family,
            role_arn=role_.arn,
            auths=[
                aws.rds.ProxyAuthArgs(auth_scheme="SECRETS", iam_auth="DISABLED", secret_arn=args.server.secret_arn)
            ],
            default_auth_scheme="IAM_AUTH" if settings.iam_user else None,
            require_tls=True,
            idle_client_timeout=settings.proxy.idle_client_seconds,
            vpc_subnet_ids=list(args.subnet_ids),
            vpc_security_group_ids=[group.id],
            # Without its policy it cannot read the password, and stays unreachable until somebody asks it again.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        pool = aws.rds.ProxyDefaultTargetGroup(
            f"{name}-pool",
            db_proxy_name=proxy.name,
            connection_pool_config=aws.rds.ProxyDefaultTargetGroupConnectionPoolConfigArgs(
                max_connections_percent=settings.proxy.max_connections_percent,
                max_idle_connections_percent=_idle_percent(settings.proxy.max_connections_percent),
                connection_borrow_timeout=settings.proxy.borrow_timeout_seconds,
            ),
            opts=child,
        )
        is_cluster = isinstance(settings, AuroraSettings)
        target = aws.rds.ProxyTarget(
            f"{name}-target",
            db_proxy_name=proxy.name,
            target_group_name=pool.name,
            db_cluster_identifier=args.server.identifier if is_cluster else None,
            db_instance_identifier=None if is_cluster else args.server.identifier,
            # A cluster without an instance is no target.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.server.writer]),
        )
        # With the target's id: before that nobody is behind it.
        self.host = pulumi.Output.all(proxy.endpoint, target.id).apply(lambda values: str(values[0]))
        self.reader_host = self._reader_host(name, args, proxy, group, target)
        self.security_group_id = group.id
        self.resource_id = proxy.arn.apply(lambda arn: arn.rpartition(":")[2])
        self.signals = _signals(name, args.store, proxy)
        self.register_outputs({"host": self.host})

    def _group(self, name: str, args: ProxyArgs, port: int) -> aws.ec2.SecurityGroup:
        """Its own group, whose only way leads to the database; services add the ways in."""
        child = pulumi.ResourceOptions(parent=self)
        group = aws.ec2.SecurityGroup(
            name,
            vpc_id=args.vpc_id,
            description=f"Proxy of database {args.store}: what the services add, and the database",
            tags={"Name": name},
            opts=child,
        )
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-to-database",
            security_group_id=group.id,
            referenced_security_group_id=args.database_group_id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"The database {args.store}",
            opts=child,
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-from-proxy",
            security_group_id=args.database_group_id,
            referenced_security_group_id=group.id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description="Its proxy",
            opts=child,
        )
        return group

    def _reader_host(
        self,
        name: str,
        args: ProxyArgs,
        proxy: aws.rds.Proxy,
        group: aws.ec2.SecurityGroup,
        target: aws.rds.ProxyTarget,
    ) -> pulumi.Output[str] | None:
        settings = args.settings
        if not isinstance(settings, AuroraSettings) or not settings.reader_endpoint:
            return None
        if settings.instances == 1:  # an endpoint for readers refuses everybody while there is none
            return self.host
        endpoint = aws.rds.ProxyEndpoint(
            f"{name}-readers",
            db_proxy_name=proxy.name,
            db_proxy_endpoint_name=pulumi.Output.concat(args.identifier, "-readers"),
            target_role="READ_ONLY",
            vpc_subnet_ids=list(args.subnet_ids),
            vpc_security_group_ids=[group.id],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[target]),
        )
        return endpoint.endpoint


def _idle_percent(most: int) -> int | None:
    """Half of the connections, as AWS has it, where the provider would say more than there may be."""
    return most // 2 if most < USUAL_IDLE_PERCENT else None


def _statements(args: ProxyArgs) -> list[Statement]:
    location, user = args.location, args.settings.iam_user
    reading = [
        Statement(
            sid="ReadMasterPassword", actions=["secretsmanager:GetSecretValue"], resources=[args.server.secret_arn]
        ),
        Statement(
            sid="DecryptMasterPassword",
            actions=["kms:Decrypt"],
            resources=[args.key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"secretsmanager.{location.region}.{location.dns_suffix}"}},
        ),
    ]
    return [*reading, connecting(location, args.server.resource_ids, user)] if user else reading


def connecting(location: Location, resource_ids: Sequence[pulumi.Input[str]], user: str) -> Statement:
    """The right to sign in as one user, of one database with its readers or one proxy."""
    prefix = location.arn("rds-db", "dbuser:")
    users = [pulumi.Output.concat(prefix, resource_id, f"/{user}") for resource_id in resource_ids]
    return Statement(sid="SignIntoDatabase", actions=["rds-db:connect"], resources=users)


def _signals(name: str, store: str, proxy: aws.rds.Proxy) -> list[Signal]:
    def metric(which: str, statistic: str = "Sum") -> Metric:
        return Metric(namespace="AWS/RDS", name=which, statistic=statistic, dimensions={"ProxyName": proxy.name})

    return [
        Signal(
            name=f"{name}-pool",
            metrics={"used": metric("DatabaseConnections"), "allowed": metric("MaxDatabaseConnectionsAllowed")},
            expression="IF(allowed > 0, 100 * used / allowed, 0)",
            comparison="GreaterThanThreshold",
            threshold=BUSY_PERCENT,
            period_seconds=60,
            evaluation_periods=5,
            datapoints_to_alarm=5,
            missing="notBreaching",
            severity=Severity.CRITICAL,
            meaning=f"The proxy of {store} uses over {BUSY_PERCENT} % of its connections: clients soon wait for one.",
            runbook="database-proxy.md",
        ),
        *(
            Signal(
                name=f"{name}-{topic}",
                metrics={topic: metric(which)},
                comparison="GreaterThanThreshold",
                threshold=0,
                period_seconds=60,
                evaluation_periods=5,
                datapoints_to_alarm=5,
                missing="notBreaching",
                severity=Severity.WARNING,
                meaning=meaning,
                runbook="database-proxy.md",
            )
            for topic, which, meaning in (
                ("refused", "ClientConnectionsSetupFailedAuth", f"Clients cannot sign in at the proxy of {store}."),
                ("broken", "DatabaseConnectionsSetupFailed", f"The proxy of {store} cannot sign in at the database."),
            )
        ),
    ]
