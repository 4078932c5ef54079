"""Raters of services that are paid by the hour of what they run: OpenSearch, Redshift, message brokers, Airflow, file
transfer, directories, certificate authorities and others."""

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
