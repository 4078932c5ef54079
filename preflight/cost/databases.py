"""Raters of databases: RDS, Aurora, the proxies before them, DocumentDB, Neptune."""

from collections.abc import Iterator
from decimal import Decimal

from preflight.cost import bills
from preflight.cost.meters import Unpriced
from preflight.cost.raters import Context, Line, hourly, lines, monthly, rates
from preflight.cost.usage import HOURS
from preflight.cost.view import Entry, inputs, maps, number, text

_CLUSTER = "aws:rds/cluster:Cluster"
_MEMBER = "aws:rds/clusterInstance:ClusterInstance"
_DATABASE = "aws:rds/instance:Instance"
# What a replica takes over.
_OF_SOURCE = ("engine", "engineVersion", "allocatedStorage", "storageType", "iops", "storageThroughput")
_AURORA = {"aurora-postgresql": "postgres", "aurora-mysql": "mysql"}
# Versions past the end of their standard support, and what year of the extended one they are in (release calendars of
# RDS and Aurora, read 2026-11).
_EXTENDED = {
    "postgres": {"11": "year_3", "12": "year_1", "13": "year_1"},
    "aurora-postgresql": {"11": "year_3", "12": "year_1", "13": "year_1"},
    "mysql": {"5.7": "year_3", "8.0": "year_1"},
    "aurora-mysql": {"5.7": "year_1"},
}
_NOT_EXTENDED = "open-source-rds-extended-support-disabled"
_SINGLE = frozenset({"db.t1.micro", "db.t2.micro", "db.t2.small", "db.m1.small", "db.m3.medium"})  # of one vCPU


def _secret(entry: Entry) -> Iterator[Line]:
    if inputs(entry).get("manageMasterUserPassword") is True:
        yield monthly("secrets_manager.secret", 1, "secret of the master user, managed by RDS")


def _address(entry: Entry) -> Iterator[Line]:
    if inputs(entry).get("publiclyAccessible") is True:
        yield hourly("ipv4.public.in_use.hour", 1, "public address of the database")


def _insights(entry: Entry, *over: Entry) -> None:
    """What is kept longer is part of Database Insights where these are advanced, of the instance or its cluster."""
    kept = inputs(entry).get("performanceInsightsRetentionPeriod")
    if isinstance(kept, int) and kept > 7 and not any(_advanced(one) for one in (entry, *over)):
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
    yield from _address(entry)
    _insights(entry, *context.view.behind(entry, "clusterIdentifier", _CLUSTER))


def _aurora_instance(entry: Entry, context: Context) -> Iterator[Line]:
    clusters = context.view.behind(entry, "clusterIdentifier", _CLUSTER)
    if not clusters:
        raise Unpriced("its cluster is not in this program")
    engine = _AURORA.get(text(entry, "engine"), "")
    kind, mode = text(entry, "instanceClass"), _mode(clusters[0])
    extended = _extended(clusters[0], entry)
    advanced = any(_advanced(one) for one in (entry, *clusters))
    if kind != "db.serverless":
        yield hourly(f"aurora.{engine}.{kind}.{mode}.hour", 1, f"{kind}, on demand")
        yield from _by_vcpu(_vcpus(entry) if extended or advanced else Decimal(0), extended, advanced=advanced)
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
    for _, units in bill:
        if extended:
            yield Line(meter=f"rds.extended_support.{extended}.acu_hour", quantity=units, what=_SUPPORT)
        if advanced:
            yield Line(meter="rds.database_insights.acu_hour", quantity=units, what=_INSIGHTS)


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
    licence = ".byol" if given.get("licenseModel") == "bring-your-own-license" else ""
    yield from _secret(entry)
    product = engine.removesuffix("-cdb")  # an Oracle database of containers costs what any other does
    yield hourly(f"rds.{product}{licence}.{kind}.{places}.hour", 1, f"{kind}, on demand")
    bill = bills.database_storage(
        engine, str(storage), number(given, "allocatedStorage"), iops=iops, mibps=number(given, "storageThroughput", 0)
    )
    yield from (
        (Line(meter=f"{meter}.{places}", quantity=quantity, what=f"{storage} storage")) for meter, quantity in bill
    )
    if number(given, "backupRetentionPeriod", 0):  # of this instance: without it there are no backups
        yield monthly("rds.backup.storage", context.usage.backup_gigabytes, "backups beyond the size of the storage")
    extended, advanced = _extended({"inputs": given}), _advanced(entry)
    if extended or advanced:
        yield from _by_vcpu(_vcpus(entry), extended, advanced=advanced, standby=places == "multi_az")
    yield from _address(entry)
    _insights(entry)
    if storage == "standard":
        raise Unpriced("requests to magnetic storage are not asked for")
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
    """Of an instance by the size in its class: two up to large but for the oldest, then four for each xlarge."""
    kind = text(database, "instanceClass")
    if kind in _SINGLE:
        return Decimal(1)
    size = kind.rpartition(".")[2]
    if size == "serverless":
        raise Unpriced("no list price of proxies for serverless databases, by ACU, is known")
    if not size.endswith("xlarge"):
        return Decimal(2)
    times = size.removesuffix("xlarge") or "1"
    if not times.isdigit():
        raise Unpriced(f"how many vCPU {kind} has is not known")
    return Decimal(times) * 4


_SUPPORT = "extended support of a version whose standard support has ended"
_INSIGHTS = "Database Insights, advanced"


def _extended(*entries: Entry) -> str | None:
    """The year of extended support that an engine's version is in, by the first that says its version."""
    for given in map(inputs, entries):
        version = given.get("engineVersion")
        if isinstance(version, str):
            if given.get("engineLifecycleSupport") == _NOT_EXTENDED:
                return None
            parts = version.split(".")
            known = _EXTENDED.get(str(given.get("engine")), {})
            return known.get(parts[0]) or known.get(".".join(parts[:2]))
    return None


def _advanced(entry: Entry) -> bool:
    return inputs(entry).get("databaseInsightsMode") == "advanced"


def _by_vcpu(vcpus: Decimal, extended: str | None, *, advanced: bool, standby: bool = False) -> Iterator[Line]:
    """Support is charged for the standby of a Multi-AZ database too."""
    if extended:
        yield hourly(f"rds.extended_support.{extended}.vcpu_hour", vcpus * (2 if standby else 1), _SUPPORT)
    if advanced:
        yield hourly("rds.database_insights.vcpu_hour", vcpus, _INSIGHTS)


@rates("aws:docdb/cluster:Cluster")
def documents(entry: Entry, context: Context) -> Iterator[Line]:
    """Storage, I/O and backups of a DocumentDB cluster, used as an Aurora cluster is."""
    yield from _secret(entry)
    yield from _cluster_volume(entry, context, "docdb", "DocumentDB")


def _cluster_volume(entry: Entry, context: Context, service: str, name: str) -> Iterator[Line]:
    if inputs(entry).get("storageType") == "iopt1":
        raise Unpriced(f"no list price of I/O-Optimized storage of {name} is known")
    yield monthly(f"{service}.storage", context.usage.database_gigabytes, "storage")
    yield monthly(f"{service}.io", context.usage.database_requests, "I/O requests")
    yield monthly(f"{service}.backup.storage", context.usage.backup_gigabytes, "backups beyond the free allocation")


@rates("aws:docdb/clusterInstance:ClusterInstance")
def documents_instance(entry: Entry, context: Context) -> list[Line]:
    """An instance by its class."""
    kind = text(entry, "instanceClass")
    clusters = context.view.behind(entry, "clusterIdentifier", "aws:docdb/cluster:Cluster")
    if any(str(inputs(one).get("engineVersion")).startswith("3.") for one in clusters):
        raise Unpriced("no list price of extended support of DocumentDB 3.6 is known")
    if any(inputs(one).get("storageType") == "iopt1" for one in clusters):
        raise Unpriced("no list price of I/O-Optimized instances of DocumentDB is known")
    return [hourly(f"docdb.{kind}.hour", 1, f"{kind}, on demand")]


_GRAPH = "aws:neptune/cluster:Cluster"


@rates(_GRAPH)
def graph(entry: Entry, context: Context) -> Iterator[Line]:
    """Storage, I/O and backups of a Neptune cluster, used as an Aurora cluster is."""
    yield from _cluster_volume(entry, context, "neptune", "Neptune")


@rates("aws:neptune/clusterInstance:ClusterInstance")
def graph_instance(entry: Entry, context: Context) -> Iterator[Line]:
    """An instance by its class, or by its capacity units between the cluster's bounds."""
    clusters = context.view.behind(entry, "clusterIdentifier", _GRAPH)
    if any(inputs(one).get("storageType") == "iopt1" for one in clusters):
        raise Unpriced("no list price of I/O-Optimized instances of Neptune is known")
    kind = text(entry, "instanceClass")
    if kind == "db.serverless":
        found = [one for each in clusters for one in maps(inputs(each).get("serverlessV2ScalingConfiguration"))]
        if not found:
            raise Unpriced("the bounds of its serverless capacity are not in this program")
        least, most = number(found[0], "minCapacity"), number(found[0], "maxCapacity")
        yield hourly("neptune.serverless.ncu_hour", least + (most - least) * context.usage.load, "capacity units")
    else:
        yield hourly(f"neptune.{kind}.hour", 1, f"{kind}, on demand")
    yield from _address(entry)
