"""Raters of what keeps data: caches, buckets, tables, queues, topics, streams, files, keys, secrets."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from preflight.cost import bills, capacity
from preflight.cost.meters import Unpriced
from preflight.cost.raters import KB_A_GB, SECONDS, Context, Line, hourly, lines, monthly, rates, told
from preflight.cost.usage import HOURS
from preflight.cost.view import Entry, inputs, known, maps, number, text

_GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
_TABLE = "aws:dynamodb/table:Table"
_EFS_MIBPS_A_GB = Decimal(50) / 1024  # comes with Standard storage (EFS price page, read 2026-11)
_QUEUE = "aws:sqs/queue:Queue"
_KEPT_HOURS, _WEEK_HOURS = 24, 168  # a Kinesis stream keeps its records for a day; up to a week is extended
_PUT_UNIT_KB, _FIREHOSE_KB = 25, 5  # what is counted of a record (price pages of Kinesis, read 2026-11)
# Keys whose calls cost the same (KMS price page, read 2026-11).
_PLAIN_KEYS = ("SYMMETRIC_DEFAULT", "HMAC_", "RSA_2048")
_RECORDS = "the records of the stream"
_MESSAGE_KB = 64  # of a message to a queue or topic are one call (SQS and SNS price pages, read 2026-11)


@rates(_GROUP)
def replication_group(entry: Entry, context: Context) -> Iterator[Line]:
    """Nodes of all shards, between the bounds of what scales them."""
    given = inputs(entry)
    shards, replicas = (capacity.cache_group(entry, kind, context) for kind in ("NodeGroups", "Replicas"))
    scaled = replicas is not None
    shards = number(given, "numNodeGroups", 0) if shards is None else shards
    replicas = number(given, "replicasPerNodeGroup", 0) if replicas is None else replicas
    nodes = number(given, "numCacheClusters", 0)
    if shards or scaled or given.get("replicasPerNodeGroup") is not None:
        nodes = max(shards, Decimal(1)) * (1 + replicas)
    yield _nodes(entry, max(nodes, Decimal(1)))
    _supported(entry)


@rates("aws:elasticache/cluster:Cluster")
def cache(entry: Entry, context: Context) -> Iterator[Line]:
    """Nodes of a cluster; as a member of a group it is one node more, of the group's type."""
    if inputs(entry).get("replicationGroupId") is None:
        yield _nodes(entry, number(inputs(entry), "numCacheNodes", 1))
        _supported(entry)
        return
    for group in context.view.behind(entry, "replicationGroupId", _GROUP):
        yield _nodes(group, Decimal(1))
        return
    raise Unpriced("its replication group is not in this program")


def _supported(entry: Entry) -> None:
    """Redis OSS 4 and 5 are in extended support since 2026-02 (ElastiCache user guide, read 2026-11)."""
    version = inputs(entry).get("engineVersion")
    if text(entry, "engine", "redis").lower() == "redis" and isinstance(version, str) and version[:2] in {"4.", "5."}:
        raise Unpriced(f"no list price of extended support of Redis {version} is known")


def _nodes(entry: Entry, count: Decimal) -> Line:
    kind, engine = text(entry, "nodeType"), text(entry, "engine", "redis").lower()
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
        for kind, meter in (("Write", "wcu"), ("Read", "rcu")):
            count = _capacity(entry, kind, context)
            yield hourly(f"dynamodb.provisioned.{meter}_hour", count, "provisioned capacity, indexes included")
    yield monthly("dynamodb.storage.standard", usage.table_gigabytes, "storage")
    if any(recovery.get("enabled") is True for recovery in maps(given.get("pointInTimeRecovery"))):
        yield monthly("dynamodb.pitr.storage", usage.table_gigabytes, "point-in-time recovery")
    yield from _replicas(entry, context)


def _replicas(entry: Entry, context: Context) -> Iterator[Line]:
    """Each replica of a global table has the writes, at the price of its region, and the storage. The capacity of one
    that has its own is that of the table (pricing of DynamoDB since 2024-11, read 2026-11)."""
    given, usage = inputs(entry), context.usage
    replicas = [*maps(given.get("replicas"))]
    for replica in replicas:
        region = replica.get("regionName")
        if not isinstance(region, str):
            raise Unpriced("the region of a replica is not known")

        def there(meter: str, quantity: Decimal, what: str, region: str = region) -> Line:
            return Line(meter=meter, quantity=quantity, what=f"{what} of the replica in {region}", region=region)

        if given.get("billingMode") == "PAY_PER_REQUEST":
            yield there("dynamodb.on_demand.write_request_units", usage.table_writes, "writes")
        else:
            for kind, meter in (("Write", "wcu"), ("Read", "rcu")):
                quantity = _capacity(entry, kind, context) * HOURS
                yield there(f"dynamodb.provisioned.{meter}_hour", quantity, "capacity, indexes included,")
        yield there("dynamodb.storage.standard", usage.table_gigabytes, "storage")
        if replica.get("pointInTimeRecovery") is True:
            yield there("dynamodb.pitr.storage", usage.table_gigabytes, "point-in-time recovery")
    if replicas:
        raise Unpriced("how much is transferred to the replicas is not asked for")


def _capacity(entry: Entry, kind: str, context: Context) -> Decimal:
    """Provisioned units, with those of the indexes."""
    given, key = inputs(entry), f"{kind.lower()}Capacity"
    scaled = capacity.table(entry, kind, context)
    own = number(given, key, 0) if scaled is None else scaled
    for index in maps(given.get("globalSecondaryIndexes")):
        of_index = capacity.table(entry, kind, context, str(index.get("name")))
        own += number(index, key, 0) if of_index is None else of_index
    return own


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
    return _whole(context.usage.message_kilobytes / _MESSAGE_KB)


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
    meters = {"http": "sns.delivery.http", "https": "sns.delivery.http", "email": "sns.delivery.email",
              "firehose": "sns.delivery.firehose", "application": "sns.delivery.application"}  # fmt: skip
    meter = meters.get(protocol.removesuffix("-json"))
    if meter is None:
        raise Unpriced(f"no list price of deliveries by {protocol} is known")
    return [monthly(meter, context.usage.topic_messages, f"deliveries by {protocol}")]


@rates("aws:kinesis/stream:Stream")
def shards(entry: Entry, context: Context) -> Iterator[Line]:
    """Hours of the shards, or of the stream where it has none of its own, and its records, each read once."""
    given, usage = inputs(entry), context.usage
    mode = next(maps(given.get("streamModeDetails")), {}).get("streamMode") or "PROVISIONED"
    kept = number(given, "retentionPeriod", _KEPT_HOURS)
    if mode == "PROVISIONED":
        count = number(given, "shardCount", 1)
        yield hourly("kinesis.provisioned.shard_hour", count, "shards")
        if kept > _KEPT_HOURS:
            yield hourly("kinesis.provisioned.extended_shard_hour", count, "records kept for more than a day")
        units = _whole(usage.record_kilobytes / _PUT_UNIT_KB)
        yield monthly("kinesis.provisioned.put_units", told(usage.stream_records, _RECORDS) * units, "records put")
    else:
        yield hourly("kinesis.on_demand.stream_hour", 1, "stream")
        gigabytes = told(usage.stream_records, _RECORDS) * _whole(usage.record_kilobytes) / KB_A_GB
        yield monthly("kinesis.on_demand.data_in", gigabytes, "records put, each in whole KB")
        yield monthly("kinesis.on_demand.data_out", gigabytes, "records read")
    if kept > (_KEPT_HOURS if mode != "PROVISIONED" else _WEEK_HOURS):
        raise Unpriced(f"what it costs to keep records for {kept} hours is not counted")


@rates("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream")
def delivery(_entry: Entry, context: Context) -> list[Line]:
    """What comes in, each record in whole 5 KB; conversion and delivery into a VPC are extra."""
    usage = context.usage
    each = _whole(usage.record_kilobytes / _FIREHOSE_KB) * _FIREHOSE_KB
    gigabytes = told(usage.stream_records, _RECORDS) * each / KB_A_GB
    return [monthly("firehose.ingest", gigabytes, "records, each in whole 5 KB")]


def _whole(pieces: Decimal) -> Decimal:
    return max(Decimal(1), pieces.to_integral_value(rounding="ROUND_CEILING"))


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
def key(entry: Entry, context: Context) -> Iterator[Line]:
    """The key and calls of it. Each of the first two rotations adds as much as the key."""
    yield monthly("kms.key", 1, "key, before its first rotation")
    kind = text(entry, "customerMasterKeySpec", "SYMMETRIC_DEFAULT")
    if not kind.startswith(_PLAIN_KEYS):
        raise Unpriced(f"no list price of calls of a key of {kind} is known")
    yield monthly("kms.requests", context.usage.key_requests, "calls")


@rates("aws:secretsmanager/secret:Secret")
def secret(entry: Entry, context: Context) -> list[Line]:
    """The secret, its replicas, and calls."""
    replicas = [replica for replica in maps(inputs(entry).get("replicas")) if known(replica)]
    return [
        monthly("secrets_manager.secret", 1 + len(replicas), "secret"),
        monthly("secrets_manager.api_requests", context.usage.secret_requests, "calls"),
    ]
