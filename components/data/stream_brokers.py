"""Kafka on brokers of a size: the cluster, what holds for its topics, its log, and storage that grows."""

from typing import Any

import pulumi
import pulumi_aws as aws

from components.data.store import StoreArgs
from settings.streams import MOST_ZONES, ProvisionedStreamSettings

# Metrics of each broker (load, memory, connections), without which nobody could tell that one is too small.
MONITORING = "PER_BROKER"
GROW_ABOVE_PERCENT = 60  # of the storage; half of the alarm's distance to full (MSK developer guide, read 2026-11)


def count(settings: ProvisionedStreamSettings, args: StoreArgs[Any]) -> int:
    """How many brokers there are, over all zones."""
    return settings.brokers_per_zone * len(_subnets(settings, args))


def _subnets(settings: ProvisionedStreamSettings, args: StoreArgs[Any]) -> list[pulumi.Input[str]]:
    return list(args.site.data_subnet_ids[: settings.zones or MOST_ZONES])


def make(
    name: str,
    settings: ProvisionedStreamSettings,
    args: StoreArgs[Any],
    firewall: aws.ec2.SecurityGroup,
    parent: pulumi.Resource,
) -> aws.msk.Cluster:
    """The cluster, as a child of `parent`: TLS everywhere, IAM alone, our key, every broker's log kept."""
    child = pulumi.ResourceOptions(parent=parent)
    log = aws.cloudwatch.LogGroup(
        f"{name}-log", retention_in_days=args.log_retention_days, kms_key_id=args.log_key_arn, opts=child
    )
    configuration = aws.msk.Configuration(
        name,
        description=f"Topics of {args.store}",
        server_properties=_properties(settings, count(settings, args)),
        opts=child,
    )
    cluster = aws.msk.Cluster(
        name,
        kafka_version=settings.version,
        number_of_broker_nodes=count(settings, args),
        broker_node_group_info=_brokers(settings, args, firewall),
        configuration_info=aws.msk.ClusterConfigurationInfoArgs(
            arn=configuration.arn, revision=configuration.latest_revision
        ),
        client_authentication=aws.msk.ClusterClientAuthenticationArgs(
            sasl=aws.msk.ClusterClientAuthenticationSaslArgs(iam=True), unauthenticated=False
        ),
        encryption_info=aws.msk.ClusterEncryptionInfoArgs(
            encryption_at_rest_kms_key_arn=args.key_arn,
            encryption_in_transit=aws.msk.ClusterEncryptionInfoEncryptionInTransitArgs(
                client_broker="TLS", in_cluster=True
            ),
        ),
        enhanced_monitoring=MONITORING,
        logging_info=aws.msk.ClusterLoggingInfoArgs(
            broker_logs=aws.msk.ClusterLoggingInfoBrokerLogsArgs(
                cloudwatch_logs=aws.msk.ClusterLoggingInfoBrokerLogsCloudwatchLogsArgs(enabled=True, log_group=log.name)
            )
        ),
        opts=pulumi.ResourceOptions(
            parent=parent,
            protect=args.protected,
            retain_on_delete=args.protected,
            # Storage that has grown by itself is not taken back, which MSK could not do either.
            ignore_changes=["brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize"] if _grows(settings) else [],
        ),
    )
    if _grows(settings):
        _let_grow(name, settings, cluster, child)
    return cluster


def _brokers(
    settings: ProvisionedStreamSettings, args: StoreArgs[Any], firewall: aws.ec2.SecurityGroup
) -> aws.msk.ClusterBrokerNodeGroupInfoArgs:
    return aws.msk.ClusterBrokerNodeGroupInfoArgs(
        instance_type=settings.broker,
        client_subnets=_subnets(settings, args),
        security_groups=[firewall.id],
        storage_info=aws.msk.ClusterBrokerNodeGroupInfoStorageInfoArgs(
            ebs_storage_info=aws.msk.ClusterBrokerNodeGroupInfoStorageInfoEbsStorageInfoArgs(
                volume_size=settings.storage_gib
            )
        ),
    )


def _properties(settings: ProvisionedStreamSettings, brokers: int) -> str:
    """Three copies of each message, where there are three brokers, of which one may be away while others write."""
    copies = min(3, brokers)
    told = {
        "auto.create.topics.enable": "false",
        "default.replication.factor": copies,
        "min.insync.replicas": max(1, copies - 1),
        "unclean.leader.election.enable": "false",
        "log.retention.hours": settings.retention_hours,
    }
    return "".join(f"{key}={value}\n" for key, value in sorted(told.items()))


def _grows(settings: ProvisionedStreamSettings) -> bool:
    return settings.max_storage_gib > settings.storage_gib


def _let_grow(
    name: str, settings: ProvisionedStreamSettings, cluster: aws.msk.Cluster, opts: pulumi.ResourceOptions
) -> None:
    """MSK takes storage of its brokers one way only, and no sooner than six hours after the last time."""
    target = aws.appautoscaling.Target(
        f"{name}-storage",
        service_namespace="kafka",
        scalable_dimension="kafka:broker-storage:VolumeSize",
        resource_id=cluster.arn,
        min_capacity=1,
        max_capacity=settings.max_storage_gib,
        opts=opts,
    )
    specification = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs
    aws.appautoscaling.Policy(
        f"{name}-storage-use",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        policy_type="TargetTrackingScaling",
        target_tracking_scaling_policy_configuration=(
            aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                target_value=GROW_ABOVE_PERCENT,
                disable_scale_in=True,
                predefined_metric_specification=specification(predefined_metric_type="KafkaBrokerStorageUtilization"),
            )
        ),
        opts=opts,
    )
