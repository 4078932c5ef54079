"""Raters of services that are paid for what is set up: OpenSearch, Redshift, message brokers, Airflow, file systems of
FSx, file transfer, directories, certificate authorities, migrations, models that answer and others."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from preflight.cost.meters import Unpriced
from preflight.cost.raters import Context, Line, hourly, monthly, rates
from preflight.cost.view import Entry, inputs, many, maps, number, text

_OPENSEARCH = "aws:opensearch/domain:Domain"
_ELASTICSEARCH = "aws:elasticsearch/domain:Domain"
_SEARCH_TYPE = {_OPENSEARCH: "m4.large.search", _ELASTICSEARCH: "m4.large.elasticsearch"}  # where none is said
_MB_DIGITS = 3  # App Runner takes `2048` and `2 GB` for the same
# gp3 of OpenSearch has this much in each node's volume (pricing of OpenSearch Service, read 2026-11).
_SEARCH_IOPS, _SEARCH_MIBPS = 3000, 125


@rates(_OPENSEARCH, _ELASTICSEARCH)
def search(entry: Entry, _context: Context) -> Iterator[Line]:
    """Nodes of each kind with their volumes."""
    given = inputs(entry)
    config = next(maps(given.get("clusterConfig")), {})
    count = number(config, "instanceCount", 1)
    yield _nodes(config, "instanceType", count, "data nodes", _SEARCH_TYPE[entry["type"]])
    if config.get("dedicatedMasterEnabled") is True:
        masters = number(config, "dedicatedMasterCount")
        yield _nodes(config, "dedicatedMasterType", masters, "dedicated masters", _SEARCH_TYPE[entry["type"]])
    if config.get("warmEnabled") is True:
        yield _nodes(config, "warmType", number(config, "warmCount"), "UltraWarm nodes", "")
    for volume in maps(given.get("ebsOptions")):
        if volume.get("ebsEnabled") is True:
            yield from _search_volumes(volume, count)
    if _old(str(given.get("engineVersion") or given.get("elasticsearchVersion") or "")):
        raise Unpriced("no list price of extended support of its version is known")
    if any(cold.get("enabled") is True for cold in maps(config.get("coldStorageOptions"))):
        raise Unpriced("what is in cold storage is not asked for")
    if config.get("warmEnabled") is True:
        raise Unpriced("what UltraWarm nodes keep is not asked for")


def _old(version: str) -> bool:
    """Whether the standard support of a version has ended: of Elasticsearch before 6.8 and from 7.1 to 7.8, of
    OpenSearch before 1.3 and from 2.3 to 2.9 (developer guide, read 2026-11)."""
    engine, _, number_of = version.rpartition("_")
    parts = [int(part) for part in number_of.split(".")[:2] if part.isdigit()]
    if len(parts) < 2:
        return False
    if engine == "OpenSearch":
        return parts < [1, 3] or [2, 0] <= parts <= [2, 9]
    return parts < [6, 8] or [7, 0] <= parts <= [7, 8]


def _nodes(config: Mapping[str, Any], key: str, count: Decimal, what: str, default: str) -> Line:
    kind = config.get(key) or default
    if not isinstance(kind, str) or not kind:
        raise Unpriced(f"{key} is not known")
    return hourly(f"opensearch.{kind.rpartition('.')[0]}.hour", count, f"{kind} {what}")


def _search_volumes(volume: Mapping[str, Any], count: Decimal) -> Iterator[Line]:
    kind, iops = str(volume.get("volumeType") or "gp2"), number(volume, "iops", 0)
    yield monthly(f"opensearch.{kind}.storage", number(volume, "volumeSize") * count, f"{kind} volumes of data nodes")
    if kind == "io1":
        yield monthly("opensearch.io1.iops", iops * count, "IOPS of data nodes")
    elif kind == "gp3" and (iops > _SEARCH_IOPS or number(volume, "throughput", 0) > _SEARCH_MIBPS):
        raise Unpriced("no list price of IOPS and throughput beyond those of gp3 in OpenSearch is known")


@rates("aws:redshift/cluster:Cluster")
def warehouse(entry: Entry, _context: Context) -> Iterator[Line]:
    """Nodes; what RA3 nodes keep is charged beside them."""
    kind = text(entry, "nodeType")
    yield hourly(f"redshift.{kind}.hour", number(inputs(entry), "numberOfNodes", 1), f"{kind} nodes")
    if kind.startswith("ra3."):
        raise Unpriced("the managed storage of RA3 nodes is not asked for")


_BROKERS = {"SINGLE_INSTANCE": 1, "ACTIVE_STANDBY_MULTI_AZ": 2, "CLUSTER_MULTI_AZ": 3}


@rates("aws:mq/broker:Broker")
def broker(entry: Entry, _context: Context) -> Iterator[Line]:
    """Hours of its instances, of which there are two in a pair and three in a cluster."""
    mode, kind = text(entry, "deploymentMode", "SINGLE_INSTANCE"), text(entry, "hostInstanceType")
    if mode not in _BROKERS:
        raise Unpriced(f"how many brokers {mode} has is not known")
    engine = text(entry, "engineType").lower()
    yield hourly(f"mq.{engine}.{kind}.hour", _BROKERS[mode], f"{kind} brokers")
    raise Unpriced("what its brokers keep is not asked for")


@rates("aws:mwaa/environment:Environment")
def airflow(entry: Entry, _context: Context) -> Iterator[Line]:
    """Hours of the environment, which has a worker, and of the further ones that there are at least."""
    size = text(entry, "environmentClass", "mw1.small").removeprefix("mw1.")
    yield hourly(f"mwaa.{size}.hour", 1, f"{size} environment")
    further = max(Decimal(0), number(inputs(entry), "minWorkers", 1) - 1)
    if further:
        yield hourly(f"mwaa.{size}.worker_hour", further, "workers beyond the first")
    raise Unpriced("what its database keeps is not asked for")


@rates("aws:transfer/server:Server")
def transfer(entry: Entry, _context: Context) -> Iterator[Line]:
    """Hours of each protocol, SFTP where none is said."""
    yield hourly("transfer.protocol.hour", many(entry, "protocols") or 1, "protocols")
    raise Unpriced("what is transferred is not asked for")


_FSX_IOPS_A_GB = 3  # come with SSD storage (FSx price pages, read 2026-11)


@rates("aws:fsx/windowsFileSystem:WindowsFileSystem")
def windows_files(entry: Entry, _context: Context) -> Iterator[Line]:
    """Storage and throughput, each at the price of one zone or of two."""
    zones = "multi_az" if text(entry, "deploymentType", "SINGLE_AZ_1").startswith("MULTI_AZ") else "single_az"
    disk = text(entry, "storageType", "SSD").lower()
    yield from _files(entry, f"fsx.windows.{zones}", disk)
    if _iops_beyond(entry):
        raise Unpriced("no list price of IOPS beyond those of the storage is known")
    if inputs(entry).get("automaticBackupRetentionDays") != 0:
        raise Unpriced(_FSX_BACKUPS)


@rates("aws:fsx/openZfsFileSystem:OpenZfsFileSystem")
def zfs_files(entry: Entry, _context: Context) -> Iterator[Line]:
    """Storage, throughput, and IOPS beyond those that come with the storage."""
    kind = f"fsx.openzfs.{text(entry, 'deploymentType').lower()}"
    yield from _files(entry, kind, text(entry, "storageType", "SSD").lower())
    if beyond := _iops_beyond(entry):
        yield monthly(f"{kind}.iops", beyond, "IOPS beyond those of the storage")
    if inputs(entry).get("automaticBackupRetentionDays"):
        raise Unpriced(_FSX_BACKUPS)


@rates("aws:fsx/lustreFileSystem:LustreFileSystem")
def lustre_files(entry: Entry, _context: Context) -> Iterator[Line]:
    """Storage, whose price grows with its throughput where it persists."""
    given, kind = inputs(entry), text(entry, "deploymentType", "SCRATCH_1").lower()
    disk = text(entry, "storageType", "SSD").lower()
    meter = f"fsx.lustre.scratch.{disk}"
    if not kind.startswith("scratch"):
        meter = f"fsx.lustre.{kind}.{disk}.{number(given, 'perUnitStorageThroughput'):f}"
    yield monthly(f"{meter}.storage", number(given, "storageCapacity"), f"{disk.upper()} storage")
    if any(one.get("mode") == "USER_PROVISIONED" for one in maps(given.get("metadataConfiguration"))):
        raise Unpriced("no list price of metadata IOPS of Lustre is known")
    if given.get("automaticBackupRetentionDays"):
        raise Unpriced(_FSX_BACKUPS)


_FSX_BACKUPS = "what its backups keep is not asked for"


def _files(entry: Entry, kind: str, disk: str) -> Iterator[Line]:
    yield monthly(f"{kind}.{disk}.storage", number(inputs(entry), "storageCapacity"), f"{disk.upper()} storage")
    yield monthly(f"{kind}.throughput", number(inputs(entry), "throughputCapacity"), "throughput capacity")


def _iops_beyond(entry: Entry) -> Decimal:
    """Of SSD storage; those that come with it are automatic."""
    included = number(inputs(entry), "storageCapacity") * _FSX_IOPS_A_GB
    return max(
        (
            number(one, "iops", 0) - included
            for one in maps(inputs(entry).get("diskIopsConfiguration"))
            if one.get("mode") == "USER_PROVISIONED"
        ),
        default=Decimal(0),
    ).max(Decimal(0))


_DIRECTORIES = {"SimpleAD": "simple_ad", "ADConnector": "ad_connector", "MicrosoftAD": "microsoft_ad"}


@rates("aws:directoryservice/directory:Directory")
def directory(entry: Entry, _context: Context) -> list[Line]:
    """Hours of the two controllers that each has, more where more are wanted."""
    kind = _DIRECTORIES.get(text(entry, "type", "SimpleAD"), "unknown")
    key, default = ("edition", "Enterprise") if kind == "microsoft_ad" else ("size", "Small")
    controllers = number(inputs(entry), "desiredNumberOfDomainControllers", 2)
    meter = f"directory_service.{kind}.{text(entry, key, default).lower()}.controller_hour"
    return [hourly(meter, controllers, "domain controllers")]


@rates("aws:acmpca/certificateAuthority:CertificateAuthority")
def authority(entry: Entry, _context: Context) -> Iterator[Line]:
    """A private authority; its certificates are extra."""
    if inputs(entry).get("enabled") is False:
        return
    short = text(entry, "usageMode", "GENERAL_PURPOSE") == "SHORT_LIVED_CERTIFICATE"
    yield monthly(f"acmpca.authority.{'short_lived' if short else 'general'}", 1, "private certificate authority")
    raise Unpriced("how many certificates it issues is not asked for")


@rates("aws:apprunner/service:Service")
def runner(entry: Entry, _context: Context) -> Iterator[Line]:
    """Memory of the one instance that is kept ready at least; while it answers, vCPU and further ones are extra."""
    config = next(maps(inputs(entry).get("instanceConfiguration")), {})
    memory = str(config.get("memory") or "2048").lower().removesuffix("gb").strip()
    if not memory.isdigit():
        raise Unpriced("memory is not known")
    gigabytes = Decimal(memory) if len(memory) < _MB_DIGITS else Decimal(memory) / 1024
    yield hourly("apprunner.memory.gb_hour", gigabytes, "memory of the instance that is kept ready")
    raise Unpriced("the hours in which it answers are not asked for, nor how many instances it keeps ready")


@rates("aws:lightsail/instance:Instance")
def bundle(entry: Entry, _context: Context) -> list[Line]:
    """The month of its bundle."""
    kind = text(entry, "bundleId")
    return [monthly(f"lightsail.{kind}.month", 1, f"{kind} bundle")]


@rates("aws:codepipeline/pipeline:Pipeline")
def pipeline(entry: Entry, _context: Context) -> list[Line]:
    """A pipeline of the first type, if it is older than a month and runs; the second is paid by the minute."""
    if text(entry, "pipelineType", "V1") != "V1":
        raise Unpriced("the minutes of its actions are not asked for")
    return [monthly("codepipeline.v1.month", 1, "active pipeline")]


@rates("aws:shield/subscription:Subscription")
def shield(_entry: Entry, _context: Context) -> Iterator[Line]:
    """Shield Advanced, once for all accounts of an organization."""
    yield monthly("shield.advanced.month", 1, "Shield Advanced")
    raise Unpriced("the traffic that it protects is not asked for")


# Storage that comes with an instance of a T class, and with any other (price page of DMS, read 2026-11).
_DMS_BURSTABLE_GB, _DMS_GB = 50, 100


@rates("aws:dms/replicationInstance:ReplicationInstance")
def migration(entry: Entry, _context: Context) -> Iterator[Line]:
    """Hours of an instance and the storage beyond what comes with it, both for two zones at twice the price."""
    given, kind = inputs(entry), text(entry, "replicationInstanceClass")
    zones = "multi_az" if given.get("multiAz") is True else "single_az"
    yield hourly(f"dms.{kind.removeprefix('dms.')}.{zones}.hour", 1, f"{kind}, on demand")
    included = _DMS_BURSTABLE_GB if kind.startswith("dms.t") else _DMS_GB
    beyond = number(given, "allocatedStorage", included) - included
    if beyond > 0:
        yield monthly(f"dms.storage.{zones}", beyond, "storage beyond what comes with the instance")
    if given.get("publiclyAccessible") is True:
        yield hourly("ipv4.public.in_use.hour", 1, "public address of the instance")


_ENDPOINT_CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"


@rates("aws:sagemaker/endpoint:Endpoint")
def endpoint(entry: Entry, context: Context) -> Iterator[Line]:
    """Instances of all variants, as many as it begins with, and the volumes that are asked for."""
    configs = context.view.behind(entry, "endpointConfigName", _ENDPOINT_CONFIG)
    if not configs:
        raise Unpriced("its configuration is not in this program")
    serverless = False
    for key in ("productionVariants", "shadowProductionVariants"):
        for variant in maps(inputs(configs[0]).get(key)):
            if [*maps(variant.get("serverlessConfig"))]:
                serverless = True
                continue
            kind, count = variant.get("instanceType"), number(variant, "initialInstanceCount", 1)
            if not isinstance(kind, str):
                raise Unpriced("the type of its instances is not known")
            yield hourly(f"sagemaker.hosting.{kind}.hour", count, f"{kind} instances")
            if size := number(variant, "volumeSizeInGb", 0):
                yield monthly("sagemaker.hosting.storage", size * count, "volumes of the instances")
    if serverless:
        raise Unpriced("what serverless variants answer is not asked for")


@rates("aws:sagemaker/notebookInstance:NotebookInstance")
def notebook(entry: Entry, _context: Context) -> Iterator[Line]:
    """Hours of the instance, which runs until it is stopped."""
    kind = text(entry, "instanceType")
    yield hourly(f"sagemaker.notebook.{kind}.hour", 1, f"{kind} notebook")
    raise Unpriced("no list price of the volume of a notebook is known")


@rates("aws:directconnect/connection:Connection")
def port(entry: Entry, _context: Context) -> Iterator[Line]:
    """Hours of a port of its own; what goes out through it is extra."""
    speed = text(entry, "bandwidth")
    yield hourly(f"direct_connect.port.{speed.lower()}.hour", 1, f"{speed} port")
    raise Unpriced("what is sent out through it is not asked for")


@rates("aws:cloudhsmv2/hsm:Hsm")
def module(_entry: Entry, _context: Context) -> list[Line]:
    """Hours of a hardware security module."""
    return [hourly("cloudhsm.hour", 1, "hardware security module")]


@rates("aws:ec2/trafficMirrorSession:TrafficMirrorSession")
def mirror(_entry: Entry, _context: Context) -> list[Line]:
    """Hours of a session on one network interface."""
    return [hourly("traffic_mirror.session.hour", 1, "traffic mirroring of a network interface")]
