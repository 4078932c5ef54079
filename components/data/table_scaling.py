"""The units of a provisioned table, and of each of its indexes, kept between their bounds by how much is in use."""

from collections.abc import Iterator

import pulumi
import pulumi_aws as aws

from settings.dynamo_tables import ProvisionedSettings, TableSettings, UnitsSettings, scales

_NAMESPACE = "dynamodb"


def ignored(settings: TableSettings) -> list[str]:
    """What of the table belongs to scaling after the first deployment.

    Units of indexes are not in it: a path into a list has to say a place, and the engine refuses such a path as soon as
    an index comes or goes. Only a refresh sees what scaling has made of them.
    """
    capacity = settings.capacity
    if not isinstance(capacity, ProvisionedSettings):
        return []
    return [
        key for key, units in (("read_capacity", capacity.read), ("write_capacity", capacity.write)) if scales(units)
    ]


def make(name: str, settings: TableSettings, table: aws.dynamodb.Table, opts: pulumi.ResourceOptions) -> None:
    """Two targets for the table and for each index, where there is something between the bounds."""
    capacity = settings.capacity
    if not isinstance(capacity, ProvisionedSettings):
        return
    for role, kind, resource in _parts(name, settings, table):
        for what, units in (("Read", capacity.read), ("Write", capacity.write)):
            if scales(units):
                _track(
                    f"{role}-{what.lower()}",
                    f"dynamodb:{kind}:{what}CapacityUnits",
                    resource,
                    what,
                    units,
                    capacity.target,
                    opts,
                )


def _parts(
    name: str, settings: TableSettings, table: aws.dynamodb.Table
) -> Iterator[tuple[str, str, pulumi.Output[str]]]:
    yield name, "table", pulumi.Output.concat("table/", table.name)
    for index in sorted(settings.indexes):
        yield f"{name}-{index}", "index", pulumi.Output.concat("table/", table.name, "/index/", index)


def _track(
    name: str,
    dimension: str,
    resource: pulumi.Output[str],
    what: str,
    units: UnitsSettings,
    percent: int,
    opts: pulumi.ResourceOptions,
) -> None:
    target = aws.appautoscaling.Target(
        name,
        service_namespace=_NAMESPACE,
        scalable_dimension=dimension,
        resource_id=resource,
        min_capacity=units.min,
        max_capacity=units.max,
        opts=opts,
    )
    config = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs
    aws.appautoscaling.Policy(
        f"{name}-use",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        policy_type="TargetTrackingScaling",
        target_tracking_scaling_policy_configuration=config(
            target_value=percent,
            predefined_metric_specification=(
                aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                    predefined_metric_type=f"DynamoDB{what}CapacityUtilization"
                )
            ),
        ),
        opts=opts,
    )
