"""Raters of what keeps data: databases, caches, buckets, tables, queues, topics, streams, files, keys, secrets."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from preflight.cost import bills, capacity
from preflight.cost.meters import Unpriced
from preflight.cost.raters import SECONDS, Context, Line, hourly, lines, monthly, rates
from preflight.cost.usage import HOURS
from preflight.cost.view import Entry, inputs, known, maps, number, text

_CLUSTER = "aws:rds/cluster:Cluster"
_MEMBER = "aws:rds/clusterInstance:ClusterInstance"
_DATABASE = "aws:rds/instance:Instance"
_OF_SOURCE = ("engine", "allocatedStorage", "storageType", "iops", "storageThroughput")  # what a replica takes over
_GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
_TABLE = "aws:dynamodb/table:Table"
_EFS_MIBPS_A_GB = Decimal(50) / 1024  # comes with Standard storage (EFS price page, read 2026-11)
_AURORA = {"aurora-postgresql": "postgres", "aurora-mysql": "mysql"}
_QUEUE = "aws:sqs/queue:Queue"
_MESSAGE_KB = 64  # of a message to a queue or topic are one call (SQS and SNS price pages, read 2026-11)


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
    if given.get("engineMode") == "serverless":
        raise Unpriced("no list price of Aurora Serverless v1 is known")
    mode = _mode(entry)
    yield monthly(f"aurora.storage.{mode}", usage.database_gigabytes, "storage")
    if mode == "standard":
        yield monthly("aurora.io.standard", usage.database_requests, "I/O requests")
    yield monthly("aurora.backup.storage", usage.backup_gigabytes, "backups beyond the free allocation")
    if number(given, "backtrackWindow", 0):
        raise Unpriced("change records of backtracking are not asked for")


def _mode(entry: Entry) -> str:
    return "io_optimized" if inputs(entry).get("storageType") == "aurora-iopt1" else "standard"


@rates(_MEMBER)
def cluster_instance(entry: Entry, context: Context) -> Iterator[Line]:
    """An instance of an Aurora cluster: its class, or its ACU between the cluster's bounds."""
    yield from _aurora_instance(entry, context)
    _insights(entry)


def _aurora_instance(entry: Entry, context: Context) -> Iterator[Line]:
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


@rates(_DATABASE)
def database(entry: Entry, context: Context) -> Iterator[Line]:
    """An RDS instance with its storage; a replica has what it does not say from its source."""
    source = next(iter(context.view.behind(entry, "replicateSourceDb", _DATABASE)), None)
    given = {**({key: inputs(source).get(key) for key in _OF_SOURCE} if source else {}), **inputs(entry)}
    engine = given.get("engine")
    if not isinstance(engine, str):
        raise Unpriced("its engine is not known")
    places = "multi_az" if given.get("multiAz") is True else "single_az"
    kind, iops = text(entry, "instanceClass"), number(given, "iops", 0)
    storage = given.get("storageType") or ("io1" if iops else "gp2")  # as the provider sends it
    yield from _secret(entry)
    yield hourly(f"rds.{engine}.{kind}.{places}.hour", 1, f"{kind}, on demand")
    bill = bills.database_storage(
        engine, str(storage), number(given, "allocatedStorage"), iops=iops, mibps=number(given, "storageThroughput", 0)
    )
    yield from (
        (Line(meter=f"{meter}.{places}", quantity=quantity, what=f"{storage} storage")) for meter, quantity in bill
    )
    if number(given, "backupRetentionPeriod", 0):  # of this instance: without it there are no backups
        yield monthly("rds.backup.storage", context.usage.backup_gigabytes, "backups beyond the size of the storage")
    _insights(entry)
    if given.get("dedicatedLogVolume") is True:
        raise Unpriced("no list price of a dedicated log volume is known")


@rates("aws:rds/proxy:Proxy")
def proxy(entry: Entry, context: Context) -> Iterator[Line]:
    """By the vCPU of all instances behind it."""
    found = [
        _vcpus(one)
        for target in context.view.naming(entry, "dbProxyName", "aws:rds/proxyTarget:ProxyTarget")
        for one in _behind_proxy(target, context)
    ]
    yield from lines(bills.proxy(Decimal(HOURS), sum(found, Decimal(0))), "vCPU of what is behind it, two at least")
    if not found:
        raise Unpriced("the databases behind it are not in this program: two vCPU, the least there is, are counted")


def _behind_proxy(target: Entry, context: Context) -> list[Entry]:
    clusters = context.view.behind(target, "dbClusterIdentifier", _CLUSTER)
    members = [one for each in clusters for one in context.view.naming(each, "clusterIdentifier", _MEMBER)]
    return [*context.view.behind(target, "dbInstanceIdentifier", _DATABASE), *members]


def _vcpus(database: Entry) -> Decimal:
    """Of an instance by the size in its class: two up to large, then four for each xlarge."""
    kind = text(database, "instanceClass")
    size = kind.rpartition(".")[2]
    if size == "serverless":
        raise Unpriced("no list price of proxies for serverless databases, by ACU, is known")
    if not size.endswith("xlarge"):
        return Decimal(2)
    times = size.removesuffix("xlarge") or "1"
    if not times.isdigit():
        raise Unpriced(f"how many vCPU {kind} has is not known")
    return Decimal(times) * 4


@rates(_GROUP)
def replication_group(entry: Entry, _context: Context) -> list[Line]:
    """Nodes of all shards."""
    given = inputs(entry)
    shards = number(given, "numNodeGroups", 0)
    nodes = number(given, "numCacheClusters", 0)
    if shards:
        nodes = shards * (1 + number(given, "replicasPerNodeGroup", 0))
    return [_nodes(entry, max(nodes, Decimal(1)))]


@rates("aws:elasticache/cluster:Cluster")
def cache(entry: Entry, context: Context) -> list[Line]:
    """Nodes of a cluster; as a member of a group it is one node more, of the group's type."""
    if inputs(entry).get("replicationGroupId") is None:
        return [_nodes(entry, number(inputs(entry), "numCacheNodes", 1))]
    for group in context.view.behind(entry, "replicationGroupId", _GROUP):
        return [_nodes(group, Decimal(1))]
    raise Unpriced("its replication group is not in this program")


def _nodes(entry: Entry, count: Decimal) -> Line:
    kind, engine = text(entry, "nodeType"), text(entry, "engine", "redis")
    return hourly(f"elasticache.{engine}.{kind}.hour", count, f"{kind} nodes")


@rates("aws:elasticache/serverlessCache:ServerlessCache")
def serverless_cache(entry: Entry, context: Context) -> list[Line]:
    """Data kept and what is done with it; the least that its limits set is charged in any case."""
    engine = text(entry, "engine").lower()
    least = {"dataStorages": Decimal(0), "ecpuPerSeconds": Decimal(0)}
    for limits in maps(inputs(entry).get("cacheUsageLimits")):
        for kind in least:
            for limit in maps(limits.get(kind) if limits.get(kind) is not None else limits.get(kind.removesuffix("s"))):
                least[kind] = number(limit, "minimum", 0)
    gigabytes = max(context.usage.cache_gigabytes, least["dataStorages"])
    units = max(context.usage.cache_units, least["ecpuPerSeconds"] * SECONDS)
    return lines(bills.serverless_cache(engine, Decimal(HOURS), gigabytes, units), "data and processing units")


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
    if text(entry, "tableClass", "STANDARD") != "STANDARD":
        raise Unpriced("no list price of tables for infrequent access is known")
    if given.get("billingMode") == "PAY_PER_REQUEST":
        yield monthly("dynamodb.on_demand.write_request_units", usage.table_writes, "writes")
        yield monthly("dynamodb.on_demand.read_request_units", usage.table_reads, "reads")
    else:
        indexes = [*maps(given.get("globalSecondaryIndexes"))]
        for kind, meter in (("Write", "wcu"), ("Read", "rcu")):
            key = f"{kind.lower()}Capacity"
            scaled = capacity.table(entry, kind, context)
            count = number(given, key, 0) if scaled is None else scaled
            count += sum((number(index, key, 0) for index in indexes), Decimal(0))
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
    calls = context.usage.queue_messages * (2 * _pieces(context) + 1)  # what is deleted is not sent again
    return [monthly(f"sqs.{kind}.requests", calls, "send, receive and delete")]


def _pieces(context: Context) -> Decimal:
    pieces = (context.usage.message_kilobytes / _MESSAGE_KB).to_integral_value(rounding="ROUND_CEILING")
    return max(Decimal(1), pieces)


@rates("aws:sns/topic:Topic")
def topic(entry: Entry, context: Context) -> list[Line]:
    """Messages published; deliveries to queues and functions are free, others are with the subscription."""
    if inputs(entry).get("fifoTopic") is True:
        raise Unpriced("no list price of FIFO topics is known")
    return [monthly("sns.publish", context.usage.topic_messages * _pieces(context), "messages")]


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


@rates("aws:kinesis/stream:Stream")
def shards(entry: Entry, _context: Context) -> Iterator[Line]:
    """Hours of the shards, or of the stream where it has none of its own."""
    given = inputs(entry)
    mode = next(maps(given.get("streamModeDetails")), {}).get("streamMode") or "PROVISIONED"
    if mode == "PROVISIONED":
        yield hourly("kinesis.provisioned.shard_hour", number(given, "shardCount", 1), "shards")
    else:
        yield hourly("kinesis.on_demand.stream_hour", 1, "stream")
    raise Unpriced("the records of a stream, and how long it keeps them, are not asked for")


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
    if kind.startswith("express."):
        raise Unpriced("no list price of the storage of Express brokers is known")
    yield monthly("msk.provisioned.storage", brokers * size, "storage of the brokers")
    if any(extra.get("enabled") is True for extra in _throughput(nodes)):
        raise Unpriced("no list price of provisioned throughput of brokers is known")


def _throughput(nodes: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for storage in maps(nodes.get("storageInfo")):
        for volume in maps(storage.get("ebsStorageInfo")):
            yield from maps(volume.get("provisionedThroughput"))


@rates("aws:efs/fileSystem:FileSystem")
def files(entry: Entry, context: Context) -> Iterator[Line]:
    """Storage, and throughput where it is provisioned, beyond what comes with the storage."""
    given = inputs(entry)
    zone = "one_zone" if given.get("availabilityZoneName") is not None else "standard"
    yield monthly(f"efs.{zone}.storage", context.usage.file_gigabytes, "storage, none of it in an infrequent class")
    mode = given.get("throughputMode")
    if mode == "provisioned":
        beyond = number(given, "provisionedThroughputInMibps") - context.usage.file_gigabytes * _EFS_MIBPS_A_GB
        yield monthly("efs.provisioned_throughput", max(beyond, Decimal(0)), "throughput beyond that of the storage")
    elif mode == "elastic":
        yield monthly("efs.elastic_throughput.read", context.usage.file_gigabytes, "reads, as much as is stored")
        yield monthly("efs.elastic_throughput.write", context.usage.file_gigabytes, "writes, as much as is stored")


@rates("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey", "aws:kms/externalKey:ExternalKey")
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
