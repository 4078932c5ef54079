"""File systems, graphs, migrations, models and caches that scale: USD a month worked out by hand beside each case from the
list prices of us-east-1 (730 hours), idle. Where a case says so it is one of infracost's golden files, whose figure it has.
"""

from typing import Any

import pytest

from tests.gathered import for_each
from tests.preflight.cost.stacks import another, cost, resource

Stack = list[dict[str, Any]]


def _graphs(kind: str, cluster: dict[str, Any]) -> Stack:
    return [
        resource("aws:neptune/clusterInstance:ClusterInstance", instanceClass=kind, clusterIdentifier=another(cluster))
    ]


def _windows(**inputs: Any) -> dict[str, Any]:
    given = {
        "deploymentType": "MULTI_AZ_1",
        "storageCapacity": 300,
        "throughputCapacity": 1024,
        "automaticBackupRetentionDays": 0,
    }
    return resource("aws:fsx/windowsFileSystem:WindowsFileSystem", **{**given, **inputs})


def _zfs(**inputs: Any) -> dict[str, Any]:
    given = {"deploymentType": "SINGLE_AZ_1", "storageCapacity": 300, "throughputCapacity": 1024}
    return resource("aws:fsx/openZfsFileSystem:OpenZfsFileSystem", **{**given, **inputs})


def _lustre(kind: str, **inputs: Any) -> dict[str, Any]:
    return resource("aws:fsx/lustreFileSystem:LustreFileSystem", deploymentType=kind, storageCapacity=1200, **inputs)


def _migration(kind: str, **inputs: Any) -> dict[str, Any]:
    return resource("aws:dms/replicationInstance:ReplicationInstance", replicationInstanceClass=kind, **inputs)


def _scaled(group: dict[str, Any], kind: str, least: int, most: int) -> dict[str, Any]:
    return resource("aws:appautoscaling/target:Target", kind, serviceNamespace="elasticache", scalableDimension=f"elasticache:replication-group:{kind}",
                    resourceId=another(group), minCapacity=least, maxCapacity=most)  # fmt: skip


MODELS = resource(
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration", "models",
    productionVariants=[{"instanceType": "ml.m5.xlarge", "initialInstanceCount": 2, "volumeSizeInGb": 50}],
)  # fmt: skip
MODELS_SERVERLESS = resource(
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
    "models",
    productionVariants=[{"serverlessConfig": {"memorySizeInMb": 2048}}],
)
GRAPHS = resource("aws:neptune/cluster:Cluster", "graphs")
GRAPHS_IO = resource("aws:neptune/cluster:Cluster", "graphs", storageType="iopt1")
GRAPHS_SCALED = resource(
    "aws:neptune/cluster:Cluster", "graphs", serverlessV2ScalingConfiguration={"minCapacity": 1, "maxCapacity": 4}
)
SHARDS = resource(
    "aws:elasticache/replicationGroup:ReplicationGroup", "shards", replicationGroupId="shards", engine="redis", nodeType="cache.m4.large", numNodeGroups=4,
    replicasPerNodeGroup=3,
)  # fmt: skip

IDLE: dict[str, tuple[Stack, dict[str, Any], str]] = {
    "graphs": ([GRAPHS, *_graphs("db.r5.large", GRAPHS)], {}, "255.04"),  # 254.04 + 10 x 0.10
    "graphs on capacity, under half a load": (
        [GRAPHS_SCALED, *_graphs("db.serverless", GRAPHS_SCALED)], {"load": {"idle": 0.5}}, "294.46",  # 2.5 x 0.1608 x 730 + 1
    ),
    # file systems; those of infracost's golden files with 300 GB and 1,024 MBps
    "files of Windows in two zones": ([_windows()], {}, "4677.00"),  # 4,608 + 69
    "files of Windows on magnetic disks": ([_windows(storageType="HDD")], {}, "4615.50"),  # 4,608 + 7.50
    "files of ZFS": ([_zfs()], {}, "293.24"),  # 266.24 + 27
    "files of ZFS with 100 IOPS beyond 3 a GB": ([_zfs(diskIopsConfiguration={"mode": "USER_PROVISIONED", "iops": 1000})], {}, "293.84"),
    "files of ZFS with no more IOPS than come with it": ([_zfs(diskIopsConfiguration={"mode": "USER_PROVISIONED", "iops": 500})], {}, "293.24"),
    "files of ZFS, whatever is said of automatic IOPS": ([_zfs(diskIopsConfiguration={"mode": "AUTOMATIC", "iops": 1000})], {}, "293.24"),
    "files of Lustre that persist": ([_lustre("PERSISTENT_2", perUnitStorageThroughput=125)], {}, "174.00"),
    "files of Lustre that do not": ([_lustre("SCRATCH_2")], {}, "168.00"),
    # migrations and models; the first two of infracost's golden files
    "a migration in two zones with 20 GB beyond its 50": ([_migration("dms.t2.micro", multiAz=True, allocatedStorage=70)], {}, "30.88"),  # 26.28 + 4.60
    "a migration with less than comes with it": ([_migration("dms.t2.micro", allocatedStorage=20)], {}, "13.14"),
    "a migration that the world may reach": ([_migration("dms.t3.medium", publiclyAccessible=True)], {}, "58.04"),  # 54.385 + 3.65
    "a model on two instances": ([MODELS, resource("aws:sagemaker/endpoint:Endpoint", endpointConfigName=another(MODELS))], {}, "349.80"),  # 335.80 + 100 x 0.14
    "a module and a mirror": (
        [resource("aws:cloudhsmv2/hsm:Hsm"), resource("aws:ec2/trafficMirrorSession:TrafficMirrorSession")], {}, "1178.95",  # 1,168 + 10.95
    ),
    "shards and replicas that scale, at their least": (
        # 8 x (1 + 5) nodes x 113.88, infracost's
        [SHARDS, _scaled(SHARDS, "NodeGroups", 8, 13), _scaled(SHARDS, "Replicas", 5, 17)], {}, "5466.24",
    ),
    "shards that scale, under half a load": ([SHARDS, _scaled(SHARDS, "NodeGroups", 8, 12)], {"load": {"idle": 0.5}}, "4555.20"),  # 10 x 4 x 113.88
    "replicas that scale of a group told by its name": (
        [SHARDS, resource("aws:appautoscaling/target:Target", serviceNamespace="elasticache", scalableDimension="elasticache:replication-group:Replicas",
                          resourceId="replication-group/shards", minCapacity=1, maxCapacity=5)], {}, "911.04",  # 4 x 2 x 113.88
    ),
    "what scales another group": (
        [SHARDS, resource("aws:appautoscaling/target:Target", serviceNamespace="elasticache", scalableDimension="elasticache:replication-group:Replicas",
                          resourceId="replication-group/others", minCapacity=1, maxCapacity=5)], {}, "1822.08",
    ),
}  # fmt: skip
SILENT: dict[str, tuple[Stack, str, str]] = {
    "graphs with I/O in the price": ([GRAPHS_IO, *_graphs("db.r5.large", GRAPHS_IO)], "I/O-Optimized instances", "0.00"),
    "the storage of such graphs": ([GRAPHS_IO], "I/O-Optimized storage", "0.00"),
    "graphs on capacity without bounds": ([GRAPHS, *_graphs("db.serverless", GRAPHS)], "bounds of its serverless", "1.00"),
    "files of Windows, which are backed up unless told not to": (
        [resource("aws:fsx/windowsFileSystem:WindowsFileSystem", storageCapacity=300, throughputCapacity=32)], "backups", "109.40",  # 39 + 70.40
    ),
    "files of Windows with IOPS of their own": (
        [_windows(diskIopsConfiguration={"mode": "USER_PROVISIONED", "iops": 1000})], "IOPS", "4677.00",
    ),
    "files of ZFS in two zones": (
        [_zfs(deploymentType="MULTI_AZ_1")], "fsx.openzfs.multi_az_1.ssd.storage", "0.00",
    ),
    "files of Lustre that are faster": ([_lustre("PERSISTENT_2", perUnitStorageThroughput=500)], "persistent_2.ssd.500", "0.00"),
    "files of Lustre with metadata IOPS": (
        [_lustre("PERSISTENT_2", perUnitStorageThroughput=125, metadataConfiguration={"mode": "USER_PROVISIONED", "iops": 6000})], "metadata", "174.00",
    ),
    "a migration of a class without a price": ([_migration("dms.r6i.large", allocatedStorage=120)], "dms.r6i.large.single_az", "2.30"),  # 20 x 0.115
    "models of another program": ([resource("aws:sagemaker/endpoint:Endpoint", endpointConfigName="others")], "configuration", "0.00"),
    "models without servers": (
        [MODELS_SERVERLESS, resource("aws:sagemaker/endpoint:Endpoint", endpointConfigName=another(MODELS_SERVERLESS))], "serverless variants", "0.00",
    ),
    "the volume of a notebook": ([resource("aws:sagemaker/notebookInstance:NotebookInstance", instanceType="ml.t3.medium")], "volume", "36.50"),
    "what leaves by a line of one's own": ([resource("aws:directconnect/connection:Connection", bandwidth="1Gbps")], "sent out", "219.00"),
    "clusters of Memcached that scale": (
        [resource("aws:appautoscaling/target:Target", serviceNamespace="elasticache", scalableDimension="elasticache:cache-cluster:Nodes", minCapacity=2, maxCapacity=4)],
        "elasticache:cache-cluster:Nodes", "0.00",
    ),
}  # fmt: skip


@for_each("stack, section, usd", IDLE.values(), name=IDLE)
def test_what_is_set_up_costs_as_long_as_it_is_there(stack: Stack, section: dict[str, Any], usd: str) -> None:
    found = cost(*stack, **section)
    assert found["unpriced"] == []
    assert float(found["total"]["idle"]) == pytest.approx(float(usd), abs=0.006)


@for_each("stack, why, usd", SILENT.values(), name=SILENT)
def test_what_of_it_has_no_price_is_named_and_the_rest_counted(stack: Stack, why: str, usd: str) -> None:
    found = cost(*stack)
    assert any(why in each["why"] for each in found["unpriced"]), found["unpriced"]
    assert found["total"]["idle"] == usd
