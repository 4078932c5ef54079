"""A cache that only its clients can reach: Valkey or Redis OSS, of nodes or serverless."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.contracts import Access, Opening, Signal, Statement
from components.data import cache_signals, cache_users
from components.data.store import StoreArgs
from settings import tables
from settings.caches import CacheSettings
from settings.stores import variable

PORT = 6379
# UTC, apart from each other; both an hour, the least that ElastiCache takes.
SNAPSHOT_WINDOW = "02:00-03:00"
MAINTENANCE_WINDOW = "sun:04:00-sun:05:00"
# ElastiCache itself takes three where it chooses (API, CreateServerlessCache, read 2026-11).
_SERVERLESS_ZONES = 3


class Cache(pulumi.ComponentResource):
    """A cache, encrypted with our key, over TLS only, for users of a level each; nobody else gets in.

    Its security group has no rule at all: whoever uses the cache adds one, from its own group, for one port. The cache
    is named after that group, whose random suffix makes the names of users unique, which AWS wants beforehand.

    A change that makes a new, empty cache (another key, from valkey to redis, to an older version, and with a
    serverless one to any other version) is refused by the engine in a protected stack.
    """

    signals: Sequence[Signal]
    recoverable: None = None
    """AWS Backup does not know caches: ElastiCache keeps its own snapshots, as many days as the settings say."""

    def __init__(self, name: str, args: StoreArgs[CacheSettings], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:data:Cache", name, None, opts)
        self._args = args
        child = pulumi.ResourceOptions(parent=self)
        firewall = aws.ec2.SecurityGroup(
            name,
            vpc_id=args.site.vpc_id,
            description=f"Cache {args.store}: only what the services add",
            tags={"Name": name},
            opts=child,
        )
        self._security_group_id = firewall.id
        self._users = cache_users.make(name, firewall.name, args, child)
        self._host: pulumi.Output[str]
        self._cache_name: pulumi.Output[str]
        self._cache_arn: pulumi.Output[str]
        self._reader_host: pulumi.Output[str] | None = None
        if args.settings.serverless is not None:
            self._serverless(name, firewall)
        else:
            self._of_nodes(name, firewall)
        self.register_outputs({"host": self._host})

    def access(self, level: str) -> Access:
        """`read`: commands that change nothing. `write`: any but those that look at all keys, throw all away or
        administer. `admin`: any; with passwords the same as `write`.

        The client signs in with `{STORE}_USERNAME`, over TLS, and either a password or a token that it makes for the
        cache `{STORE}_NAME` with the credentials of its role. `{STORE}_MODE` is `cluster` where keys are spread over
        shards, as they always are in a serverless cache; clients have to know.
        """
        settings, store = self._args.settings, self._args.store
        if level not in cache_users.ACCESS:
            raise ValueError(f"cache {store!r} has no access level {level!r}: use 'read', 'write' or 'admin'")
        user = self._users.by_level.get(level if settings.iam or level != "admin" else "write")
        if user is None:
            raise ValueError(f"cache {store!r} has no user for {level!r}: name its password in the settings")
        readers = {} if self._reader_host is None else {variable(store, "READER_HOST"): self._reader_host}
        environment: dict[str, pulumi.Input[str]] = {
            variable(store, "HOST"): self._host,
            **readers,
            variable(store, "PORT"): str(PORT),
            variable(store, "MODE"): "cluster" if settings.shards or settings.serverless else "single",
            variable(store, "NAME"): self._cache_name,
            variable(store, "USERNAME"): user.id,
        }
        opening = Opening(
            security_group_id=self._security_group_id, port=PORT, description=f"{settings.engine.capitalize()} {store}"
        )
        if user.secret_arn is None:
            connecting = Statement(
                sid="SignIntoCache", actions=["elasticache:Connect"], resources=[self._cache_arn, user.arn]
            )
            return Access(statements=[connecting], environment=environment, opening=opening)
        reading = self._reading(user.secret_arn)
        return Access(
            statements=reading,
            execution_statements=reading,
            environment={**environment, variable(store, "SECRET_ARN"): user.secret_arn},
            secrets={variable(store, "PASSWORD"): pulumi.Output.concat(user.secret_arn, ":password::")},
            opening=opening,
        )

    def _reading(self, secret_arn: pulumi.Output[str]) -> list[Statement]:
        location = self._args.location
        via = {"StringEquals": {"kms:ViaService": f"secretsmanager.{location.region}.{location.dns_suffix}"}}
        return [
            Statement(sid="ReadCacheSecret", actions=["secretsmanager:GetSecretValue"], resources=[secret_arn]),
            Statement(
                sid="DecryptCacheSecret", actions=["kms:Decrypt"], resources=[self._args.key_arn], conditions=via
            ),
        ]

    def _of_nodes(self, name: str, firewall: aws.ec2.SecurityGroup) -> None:
        args, settings = self._args, self._args.settings
        child = pulumi.ResourceOptions(parent=self)
        assert settings.nodes is not None, "settings have seen to it that there are nodes where there are no limits"
        subnets = aws.elasticache.SubnetGroup(
            name, subnet_ids=args.site.data_subnet_ids, description=f"Data tier, for {args.store}", opts=child
        )
        clustered = settings.shards is not None
        parameter = aws.elasticache.ParameterGroupParameterArgs
        parameters = aws.elasticache.ParameterGroup(
            f"{name}-parameters",
            family=tables.cache_family(settings.engine, settings.version),
            description=f"{settings.engine.capitalize()} settings of {name}",
            parameters=[
                *([parameter(name="cluster-enabled", value="yes")] if clustered else []),
                parameter(name="maxmemory-policy", value=settings.eviction),
            ],
            opts=child,
        )
        windows = settings.windows
        group = aws.elasticache.ReplicationGroup(
            name,
            replication_group_id=firewall.name,
            description=f"Cache {args.store}",
            engine=settings.engine,
            engine_version=settings.version,
            auto_minor_version_upgrade=True,
            node_type=settings.node_type,
            num_cache_clusters=None if clustered else settings.nodes,
            num_node_groups=settings.shards,
            replicas_per_node_group=settings.nodes - 1 if clustered else None,
            automatic_failover_enabled=clustered or settings.nodes > 1,
            multi_az_enabled=settings.nodes > 1,
            # r6gd nodes do not come without it (ElastiCache guide, data-tiering, 2026-09).
            data_tiering_enabled=True if ".r6gd." in str(settings.node_type) else None,
            port=PORT,
            parameter_group_name=parameters.name,
            subnet_group_name=subnets.name,
            security_group_ids=[firewall.id],
            user_group_ids=[self._users.group_id],
            at_rest_encryption_enabled=True,
            kms_key_id=args.key_arn,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            snapshot_retention_limit=settings.snapshot_days,
            snapshot_window=windows.snapshot if windows else SNAPSHOT_WINDOW,
            maintenance_window=windows.maintenance if windows else MAINTENANCE_WINDOW,
            final_snapshot_identifier=pulumi.Output.concat(firewall.name, "-final") if args.protected else None,
            apply_immediately=not args.protected,
            # It keeps its name for life, so a replacement has to delete before it creates.
            opts=pulumi.ResourceOptions(parent=self, protect=args.protected, delete_before_replace=True),
        )
        self._cache_name, self._cache_arn = group.replication_group_id, group.arn
        self._host = group.configuration_endpoint_address if clustered else group.primary_endpoint_address
        if not clustered and settings.nodes > 1:
            self._reader_host = group.reader_endpoint_address
        self.signals = cache_signals.of_nodes(name, args.store, settings, group.replication_group_id)

    def _serverless(self, name: str, firewall: aws.ec2.SecurityGroup) -> None:
        args, settings = self._args, self._args.settings
        limits = settings.serverless
        assert limits is not None, "only called where there are limits"
        usage = aws.elasticache.ServerlessCacheCacheUsageLimitsArgs(
            data_storage=aws.elasticache.ServerlessCacheCacheUsageLimitsDataStorageArgs(
                maximum=limits.max_gigabytes, unit="GB"
            ),
            ecpu_per_seconds=[
                aws.elasticache.ServerlessCacheCacheUsageLimitsEcpuPerSecondArgs(maximum=limits.max_ecpu_per_second)
            ],
        )
        cache = aws.elasticache.ServerlessCache(
            name,
            name=firewall.name,
            description=f"Cache {args.store}",
            engine=settings.engine,
            major_engine_version=settings.version,
            cache_usage_limits=usage,
            kms_key_id=args.key_arn,
            subnet_ids=list(args.site.data_subnet_ids[:_SERVERLESS_ZONES]),
            security_group_ids=[firewall.id],
            user_group_id=self._users.group_id,
            snapshot_retention_limit=settings.snapshot_days,
            daily_snapshot_time=SNAPSHOT_WINDOW.split("-", maxsplit=1)[0] if settings.snapshot_days else None,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.protected,
                delete_before_replace=True,
                # Chosen once: ElastiCache moves none, so a zone added to the stack later would replace it.
                ignore_changes=["subnet_ids"],
            ),
        )
        self._cache_name, self._cache_arn = cache.name, cache.arn
        self._host = cache.endpoints[0].address
        self.signals = cache_signals.of_serverless(name, args.store, limits, cache.name)
