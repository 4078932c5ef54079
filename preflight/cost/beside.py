"""What an input makes AWS charge beside what the rater of its type counts, where no list price or no figure of use is
here: each is named, so that it is no silent zero. From AWS's price pages, read 2026-11.
"""

from collections.abc import Iterator, Sequence
from types import EllipsisType
from typing import Any, NamedTuple

from preflight.cost.view import Entry, canonical, inputs, known, maps


class _Beside(NamedTuple):
    """An input by its path, the values of it that cost (`...`: any that is there), and why that is not counted."""

    path: str
    values: tuple[object, ...] | EllipsisType
    why: str


_ON = (True,)
_FORMATS = "conversion of formats is charged by what is converted, and no list price of it is known"
_INTO_VPC = "no list price of deliveries into a VPC is known"

_BESIDE: dict[str, Sequence[_Beside]] = {
    "aws:autoscaling/group:Group": [_Beside("warmPool", ..., "what its warm pool keeps ready is not counted")],
    "aws:cloudfront/distribution:Distribution": [
        _Beside("viewerCertificate.sslSupportMethod", ("vip",), "no list price of an IP address of its own is known"),
        _Beside("origins.originShield.enabled", _ON, "requests to Origin Shield are not asked for"),
    ],
    "aws:cognito/userPoolClient:UserPoolClient": [
        _Beside("allowedOauthFlows", ("client_credentials",), "no list price of clients that are machines is known"),
    ],
    "aws:dynamodb/table:Table": [_Beside("importTable", ..., "what is imported into it is not asked for")],
    "aws:ec2/vpnConnection:VpnConnection": [
        _Beside("enableAcceleration", _ON, "what its acceleration adds is not counted"),
    ],
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": [
        _Beside("scanType", ("ENHANCED",), "how many images Inspector scans is not asked for"),
    ],
    "aws:ecs/capacityProvider:CapacityProvider": [
        _Beside("managedInstancesProvider", ..., "the instances that AWS starts for it, and its fee, are not known"),
    ],
    "aws:eks/cluster:Cluster": [_Beside("remoteNetworkConfig", ..., "the vCPU of hybrid nodes are not asked for")],
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": [
        _Beside("extendedS3Configuration.dataFormatConversionConfiguration", ..., _FORMATS),
        _Beside(
            "extendedS3Configuration.dynamicPartitioningConfiguration.enabled", _ON,
            "no list price of dynamic partitioning is known",
        ),
        _Beside("mskSourceConfiguration", ..., "no list price of records that come from Kafka is known"),
        _Beside("snowflakeConfiguration", ..., "no list price of deliveries to Snowflake is known"),
        _Beside("icebergConfiguration", ..., "no list price of deliveries to Iceberg tables is known"),
        _Beside("elasticsearchConfiguration.vpcConfig", ..., _INTO_VPC),
        _Beside("opensearchConfiguration.vpcConfig", ..., _INTO_VPC),
        _Beside("opensearchserverlessConfiguration.vpcConfig", ..., _INTO_VPC),
    ],
    "aws:kinesis/stream:Stream": [_Beside("shardLevelMetrics", ..., "metrics of single shards are not counted")],
    "aws:lambda/eventSourceMapping:EventSourceMapping": [
        _Beside("provisionedPollerConfig", ..., "no list price of pollers that are kept ready is known"),
    ],
    "aws:msk/cluster:Cluster": [
        _Beside(
            "enhancedMonitoring", ("PER_BROKER", "PER_TOPIC_PER_BROKER", "PER_TOPIC_PER_PARTITION"),
            "how many metrics its monitoring writes is not known",
        ),
        _Beside("storageMode", ("TIERED",), "what is in tiered storage is not asked for"),
    ],
    "aws:opensearch/domain:Domain": [
        _Beside("clusterConfig.nodeOptions.nodeConfig.enabled", _ON, "dedicated coordinator nodes are not counted"),
    ],
    "aws:rds/cluster:Cluster": [
        _Beside("enableHttpEndpoint", _ON, "requests to the Data API are not asked for"),
        _Beside("globalClusterIdentifier", ..., "writes that are replicated between regions are not asked for"),
        _Beside("clusterScalabilityType", ("limitless",), "no list price of capacity without limits is known"),
    ],
    "aws:redshift/cluster:Cluster": [_Beside("multiAz", _ON, "its nodes in the second zone are not counted")],
    "aws:s3/bucket:Bucket": [
        _Beside("accelerationStatus", ("Enabled",), "what is transferred with acceleration is not asked for"),
        _Beside("replicationConfiguration", ..., "what is replicated is not asked for"),
    ],
    "aws:wafv2/webAcl:WebAcl": [
        _Beside("rules.action.captcha", ..., "how many CAPTCHAs are shown is not asked for"),
        _Beside("rules.action.challenge", ..., "how many challenges are sent is not asked for"),
    ],
}  # fmt: skip


def beside(entry: Entry) -> Iterator[str]:
    """Why more is charged for a resource than what is counted of it."""
    for each in _BESIDE.get(canonical(entry["type"]), ()):
        found = _at(inputs(entry), each.path.split("."))
        if any(each.values is ... or value in each.values for value in found):
            yield each.why


def paths() -> Iterator[tuple[str, str]]:
    """Type and path of every input that is looked at."""
    return ((token, each.path) for token, found in _BESIDE.items() for each in found)


def _at(value: Any, path: Sequence[str]) -> Iterator[Any]:
    """The known values at a path; a list on the way, or at its end, stands for each of its elements."""
    if path:
        for one in maps(value):
            yield from _at(one.get(path[0]), path[1:])
    elif isinstance(value, list):
        yield from (one for one in value if known(one))
    elif value is not None and known(value):
        yield value
