"""How the instances of a fleet are bought: all of one type and regular, or a share of several types on Spot. Pure."""

from typing import Any

import pulumi_aws as aws

from settings.fleets import FleetSettings, FleetSpotSettings

# Of the pools that are least likely to be taken back the cheapest; what AWS recommends (Auto Scaling guide, 2026-11).
STRATEGY = "price-capacity-optimized"


def group(name: str, settings: FleetSettings) -> str:
    """What the group of a fleet is called. Which version or which policy it has is left to releases, so no update could
    turn it from one way into the other: there is another one then, made before the first goes. Two hyphens, because no
    service can be called so."""
    return name if settings.spot is None else f"{name}--spot"


def released(settings: FleetSettings) -> str:
    """The argument of the group that only a release changes."""
    return "launch_template" if settings.spot is None else "mixed_instances_policy"


def arguments(settings: FleetSettings, template: aws.ec2.LaunchTemplate) -> dict[str, Any]:
    """Of the group: from which template its instances are made, and what part of them on Spot."""
    version = template.latest_version.apply(str)
    spot = settings.spot
    if spot is None:
        return {"launch_template": aws.autoscaling.GroupLaunchTemplateArgs(id=template.id, version=version)}
    named = aws.autoscaling.GroupMixedInstancesPolicyLaunchTemplateLaunchTemplateSpecificationArgs(
        launch_template_id=template.id, version=version
    )
    return {
        # One that is about to be taken back is replaced before it goes, where AWS tells in time.
        "capacity_rebalance": True,
        "mixed_instances_policy": aws.autoscaling.GroupMixedInstancesPolicyArgs(
            instances_distribution=aws.autoscaling.GroupMixedInstancesPolicyInstancesDistributionArgs(
                on_demand_allocation_strategy="prioritized",
                on_demand_base_capacity=spot.base,
                on_demand_percentage_above_base_capacity=100 - spot.share,
                spot_allocation_strategy=STRATEGY,
            ),
            launch_template=aws.autoscaling.GroupMixedInstancesPolicyLaunchTemplateArgs(
                launch_template_specification=named,
                overrides=[
                    aws.autoscaling.GroupMixedInstancesPolicyLaunchTemplateOverrideArgs(instance_type=type_)
                    for type_ in _types(settings, spot)
                ],
            ),
        ),
    }


def told(settings: FleetSettings) -> dict[str, Any]:
    """Of a release: what else than the version the group gets, as the API writes it; nothing without Spot."""
    spot = settings.spot
    if spot is None:
        return {}
    return {
        "mixed": {
            "InstancesDistribution": {
                "OnDemandAllocationStrategy": "prioritized",
                "OnDemandBaseCapacity": spot.base,
                "OnDemandPercentageAboveBaseCapacity": 100 - spot.share,
                "SpotAllocationStrategy": STRATEGY,
            },
            "Overrides": [{"InstanceType": type_} for type_ in _types(settings, spot)],
        }
    }


def _types(settings: FleetSettings, spot: FleetSpotSettings) -> list[str]:
    """In the order in which regular instances are looked for."""
    return [settings.machine.type, *spot.types]
