"""Raters of what keeps data: databases, caches, buckets, tables, queues, topics, streams, files, keys, secrets."""

from collections.abc import Iterator
from decimal import Decimal

from preflight.cost import bills
from preflight.cost.meters import Unpriced
from preflight.cost.raters import Context, Line, hourly, lines, monthly, rates
from preflight.cost.usage import HOURS
from preflight.cost.view import Entry, inputs, known, maps, number, text

_CLUSTER = "aws:rds/cluster:Cluster"
_TABLE = "aws:dynamodb/table:Table"
_AURORA = {"aurora-postgresql": "postgres", "aurora-mysql": "mysql"}
_QUEUE = "aws:sqs/queue:Queue"


def _secret(entry: Entry) -> Iterator[Line]:
    if inputs(entry).get("manageMasterUserPassword") is True:
        yield monthly("secrets_manager.secret", 1, "secret of the master user, managed by RDS")


def _insights(entry: Entry) -> None:
    kept = inputs(entry).get("performanceInsightsRetentionPeriod")
    if isinstance(kept, int) and kept > 7:
        raise Unpriced(f"no list price of Performance Insights kept for {kept} days is known (7 are free)")


@rates(_CLUSTER)
def cluster(entry: Entry, context: Context) -> Iterator[Line]:
    """Storage, I/O and backups of an Aurora cluster; its instances are resources of their own."""
    given, usage = inputs(entry), context.usage
    engine = text(entry, "engine")
    yield from _secret(entry)
    if engine not in _AURORA:
        raise Unpriced(f"no list price of Multi-AZ DB clusters of {engine} is known")
    mode = _mode(entry)
    yield monthly(f"aurora.storage.{mode}", usage.database_gigabytes, "storage")
    if mode == "standard":
        yield monthly("aurora.io.standard", usage.database_requests, "I/O requests")
    yield monthly("aurora.backup.storage", usage.backup_gigabytes, "backups beyond the free allocation")
    if number(given, "backtrackWindow", 0):
        raise Unpriced("change records of backtracking are not asked for")


def _mode(entry: Entry) -> str:
    return "io_optimized" if inputs(entry).get("storageType") == "aurora-iopt1" else "standard"


@rates("aws:rds/clusterInstance:ClusterInstance")
def cluster_instance(entry: Entry, context: Context) -> Iterator[Line]:
    """An instance of an Aurora cluster: its class, or its ACU between the cluster's bounds."""
    _insights(entry)
    clusters = context.view.behind(entry, "clusterIdentifier", _CLUSTER)
    if not clusters:
        raise Unpriced("its cluster is not in this program")
    engine = _AURORA.get(text(entry, "engine"), "")
    kind, mode = text(entry, "instanceClass"), _mode(clusters[0])
    if kind != "db.serverless":
        yield hourly(f"aurora.{engine}.{kind}.{mode}.hour", 1, f"{kind}, on demand")
        return
    scaling = next(maps(inputs(clusters[0]).get("serverlessv2ScalingConfiguration")), None)
    if scaling is None:
        raise Unpriced("its cluster has no serverless capacity")
    bill = bills.serverless_database(
        engine,
        Decimal(HOURS),
        number(scaling, "minCapacity"),
        number(scaling, "maxCapacity"),
        context.usage.load,
        context.usage.database_hours,
        optimized=mode == "io_optimized",
    )
    yield from lines(bill, "capacity units while awake")


@rates("aws:rds/instance:Instance")
def database(entry: Entry, context: Context) -> Iterator[Line]:
    """An RDS instance with its storage."""
    _insights(entry)
    given = inputs(entry)
    source = entry if given.get("engine") is not None else _source(entry, context)
    engine = text(source, "engine")
    places = "multi_az" if given.get("multiAz") is True else "single_az"
    kind, storage = text(entry, "instanceClass"), text(entry, "storageType", "gp2")
    yield from _secret(entry)
    yield hourly(f"rds.{engine}.{kind}.{places}.hour", 1, f"{kind}, on demand")
    size = number(given if given.get("allocatedStorage") is not None else inputs(source), "allocatedStorage")
    yield monthly(f"rds.{storage}.storage.{places}", size, f"{storage} storage")
    included = Decimal(12_000 if size >= 400 else 3_000)  # of gp3, for PostgreSQL, MySQL and MariaDB
    iops = number(given, "iops", 0)
    if storage == "gp3" and iops > included:
        yield monthly(f"rds.gp3.iops.{places}", iops - included, "IOPS above the baseline")
    if source is entry:
        yield monthly("rds.backup.storage", context.usage.backup_gigabytes, "backups beyond the size of the storage")


def _source(entry: Entry, context: Context) -> Entry:
    """What a read replica has its engine and its size from."""
    for source in context.view.behind(entry, "replicateSourceDb", "aws:rds/instance:Instance"):
        return source
    raise Unpriced("its engine is not known")


@rates("aws:rds/proxy:Proxy")
def proxy(_entry: Entry, _context: Context) -> list[Line]:
    """By the vCPU of the database behind it; two at least, which is what is counted."""
    return lines(bills.proxy(Decimal(HOURS), Decimal(2)), "two vCPU, the least there is")


@rates("aws:elasticache/replicationGroup:ReplicationGroup")
def replication_group(entry: Entry, _context: Context) -> list[Line]:
    """Nodes of all shards."""
    given = inputs(entry)
    shards = number(given, "numNodeGroups", 0)
    nodes = number(given, "numCacheClusters", 0)
    if shards:
        nodes = shards * (1 + number(given, "replicasPerNodeGroup", 0))
    return [_nodes(entry, max(nodes, Decimal(1)))]


@rates("aws:elasticache/cluster:Cluster")
def cache(entry: Entry, _context: Context) -> list[Line]:
    """Nodes of a cluster; a read replica of a group counts with its group."""
    if inputs(entry).get("replicationGroupId") is not None:
        return []
    return [_nodes(entry, number(inputs(entry), "numCacheNodes", 1))]


def _nodes(entry: Entry, count: Decimal) -> Line:
    kind, engine = text(entry, "nodeType"), text(entry, "engine", "redis")
    return hourly(f"elasticache.{engine}.{kind}.hour", count, f"{kind} nodes")


@rates("aws:elasticache/serverlessCache:ServerlessCache")
def serverless_cache(entry: Entry, context: Context) -> list[Line]:
    """Data kept and what is done with it."""
    engine = text(entry, "engine").lower()
    bill = bills.serverless_cache(engine, Decimal(HOURS), context.usage.cache_gigabytes, context.usage.cache_units)
    return lines(bill, "data and processing units")


@rates("aws:s3/bucket:Bucket")
def bucket(_entry: Entry, context: Context) -> list[Line]:
    """All of it in Standard: what lifecycle rules save depends on the age of the objects."""
    usage = context.usage
    return [
        monthly("s3.standard.storage", usage.bucket_gigabytes, "storage, all of it in Standard"),
        monthly("s3.standard.requests.put_copy_post_list", usage.bucket_writes, "writes and lists"),
        monthly("s3.standard.requests.get_other", usage.bucket_reads, "reads"),
    ]


@rates(_TABLE)
def table(entry: Entry, context: Context) -> Iterator[Line]:
    """Requests or provisioned capacity (indexes too), storage, point-in-time recovery."""
    given, usage = inputs(entry), context.usage
    if given.get("billingMode") == "PAY_PER_REQUEST":
        yield monthly("dynamodb.on_demand.write_request_units", usage.table_writes, "writes")
        yield monthly("dynamodb.on_demand.read_request_units", usage.table_reads, "reads")
    else:
        units = [given, *maps(given.get("globalSecondaryIndexes"))]
        for key, meter in (("writeCapacity", "wcu"), ("readCapacity", "rcu")):
            count = sum((number(part, key, 0) for part in units), Decimal(0))
            yield hourly(f"dynamodb.provisioned.{meter}_hour", count, "provisioned capacity, indexes included")
    yield monthly("dynamodb.storage.standard", usage.table_gigabytes, "storage")
    if any(recovery.get("enabled") is True for recovery in maps(given.get("pointInTimeRecovery"))):
        yield monthly("dynamodb.pitr.storage", usage.table_gigabytes, "point-in-time recovery")
    if [*maps(given.get("replicas"))]:
        raise Unpriced("no list price of replicated writes is known")


@rates(_QUEUE)
def queue(entry: Entry, context: Context) -> list[Line]:
    """Three calls for each message. A queue that only takes what others gave up on counts for nothing."""
    if context.view.naming(entry, "redrivePolicy", _QUEUE) or context.view.naming(
        entry, "redrivePolicy", "aws:sqs/redrivePolicy:RedrivePolicy"
    ):
        return []
    kind = "fifo" if inputs(entry).get("fifoQueue") is True else "standard"
    return [monthly(f"sqs.{kind}.requests", context.usage.queue_messages * 3, "send, receive and delete")]


@rates("aws:sns/topic:Topic")
def topic(_entry: Entry, context: Context) -> list[Line]:
    """Messages published; deliveries to queues and functions are free, others are with the subscription."""
    return [monthly("sns.publish", context.usage.topic_messages, "messages")]


@rates("aws:sns/topicSubscription:TopicSubscription")
def subscription(entry: Entry, context: Context) -> list[Line]:
    """Deliveries by e-mail or HTTP."""
    protocol = text(entry, "protocol")
    if protocol in {"sqs", "lambda"}:
        return []
    meters = {"http": "sns.delivery.http", "https": "sns.delivery.http", "email": "sns.delivery.email"}
    meter = meters.get(protocol.removesuffix("-json"))
    if meter is None:
        raise Unpriced(f"no list price of deliveries by {protocol} is known")
    return [monthly(meter, context.usage.topic_messages, f"deliveries by {protocol}")]


@rates("aws:msk/serverlessCluster:ServerlessCluster")
def serverless_stream(_entry: Entry, context: Context) -> list[Line]:
    """Cluster and partition hours, and the data."""
    usage = context.usage
    return [
        hourly("msk.serverless.cluster_hour", 1, "cluster"),
        hourly("msk.serverless.partition_hour", usage.stream_partitions, "partitions"),
        monthly("msk.serverless.storage", usage.stream_gigabytes, "storage"),
        monthly("msk.serverless.data_in", usage.stream_gigabytes, "data in"),
        monthly("msk.serverless.data_out", usage.stream_gigabytes, "data out"),
    ]


@rates("aws:msk/cluster:Cluster")
def stream(entry: Entry, _context: Context) -> Iterator[Line]:
    """Brokers and their storage."""
    given = inputs(entry)
    brokers = number(given, "numberOfBrokerNodes")
    nodes = next(maps(given.get("brokerNodeGroupInfo")), {})
    kind = nodes.get("instanceType")
    if not isinstance(kind, str):
        raise Unpriced("the type of its brokers is not known")
    yield hourly(f"msk.provisioned.{kind}.hour", brokers, f"{kind} brokers")
    size = Decimal(0)
    for storage in maps(nodes.get("storageInfo")):
        for volume in maps(storage.get("ebsStorageInfo")):
            size += number(volume, "volumeSize", 0)
    yield monthly("msk.provisioned.storage", brokers * size, "storage of the brokers")


@rates("aws:efs/fileSystem:FileSystem")
def files(entry: Entry, context: Context) -> Iterator[Line]:
    """Storage, and throughput where it is provisioned (all of it, as though nothing came with the storage)."""
    given = inputs(entry)
    zone = "one_zone" if given.get("availabilityZoneName") is not None else "standard"
    yield monthly(f"efs.{zone}.storage", context.usage.file_gigabytes, "storage, none of it in an infrequent class")
    mode = given.get("throughputMode")
    if mode == "provisioned":
        yield monthly("efs.provisioned_throughput", number(given, "provisionedThroughputInMibps"), "throughput")
    elif mode == "elastic":
        yield monthly("efs.elastic_throughput.read", context.usage.file_gigabytes, "reads, as much as is stored")
        yield monthly("efs.elastic_throughput.write", context.usage.file_gigabytes, "writes, as much as is stored")


@rates("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey")
def key(_entry: Entry, context: Context) -> list[Line]:
    """The key and calls of it. Each of the first two rotations adds as much as the key."""
    return [
        monthly("kms.key", 1, "key, before its first rotation"),
        monthly("kms.requests", context.usage.key_requests, "calls"),
    ]


@rates("aws:secretsmanager/secret:Secret")
def secret(entry: Entry, context: Context) -> list[Line]:
    """The secret, its replicas, and calls."""
    replicas = [replica for replica in maps(inputs(entry).get("replicas")) if known(replica)]
    return [
        monthly("secrets_manager.secret", 1 + len(replicas), "secret"),
        monthly("secrets_manager.api_requests", context.usage.secret_requests, "calls"),
    ]
