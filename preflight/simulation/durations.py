"""How long AWS takes for a resource, as the tool that waits for it sees it."""

import functools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from preflight.cost.view import canonical

_FILE = Path(__file__).with_name("durations.json")

Operation = Literal["create", "update", "delete"]
Inputs = Mapping[str, Any]


class Duration(NamedTuple):
    """Seconds: what is usual, and the least and most that was observed."""

    typical: float
    low: float
    high: float


_QUICK = Duration(1.0, 0.5, 3.0)  # types that nobody has timed are one or two calls of an API


def _group(inputs: Inputs) -> str:
    if inputs.get("desiredCapacity", inputs.get("minSize")) == 0:
        return "desired_zero"
    waits = inputs.get("waitForElbCapacity") or inputs.get("minElbCapacity")
    return "with_load_balancer_health_wait" if waits else "with_capacity_wait"


def _replication_group(inputs: Inputs) -> str:
    several = (inputs.get("numCacheClusters") or 1) != 1 or inputs.get("numNodeGroups") or inputs.get("multiAzEnabled")
    return "multi_az_two_nodes" if several else "one_node"


# Which of the variants of a type a resource is, by its inputs.
_VARIANTS: Mapping[str, Callable[[Inputs], str]] = {
    "aws:autoscaling/group:Group": _group,
    "aws:cloudfront/distribution:Distribution": lambda inputs: (
        "wait_for_deployment_false" if inputs.get("waitForDeployment") is False else ""
    ),
    "aws:ec2/subnet:Subnet": lambda inputs: "map_public_ip" if inputs.get("mapPublicIpOnLaunch") else "private",
    "aws:ec2/vpc:Vpc": lambda inputs: "dns_hostnames_enabled" if inputs.get("enableDnsHostnames") else "plain",
    "aws:ec2/vpcEndpoint:VpcEndpoint": lambda inputs: (
        "interface" if inputs.get("vpcEndpointType") in ("Interface", "GatewayLoadBalancer") else "gateway"
    ),
    "aws:ecs/service:Service": lambda inputs: (
        "wait_for_steady_state_fargate" if inputs.get("waitForSteadyState") else "no_wait_for_steady_state"
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": _replication_group,
    "aws:kms/key:Key": lambda inputs: (
        "with_rotation_policy_or_tags"
        if inputs.get("policy") or inputs.get("enableKeyRotation") or inputs.get("tags")
        else "plain"
    ),
    "aws:lambda/function:Function": lambda inputs: "in_vpc" if inputs.get("vpcConfig") else "no_vpc",
    "aws:rds/cluster:Cluster": lambda inputs: (
        "restore_from_snapshot" if inputs.get("snapshotIdentifier") or inputs.get("restoreToPointInTime") else ""
    ),
    "aws:rds/clusterInstance:ClusterInstance": lambda inputs: (
        "serverless_v2" if inputs.get("instanceClass") == "db.serverless" else "first_or_writer"
    ),
    "aws:rds/instance:Instance": lambda inputs: "multi_az" if inputs.get("multiAz") else "postgres_single_az",
}


@functools.cache
def _table() -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return table


def _types() -> dict[str, dict[str, Any]]:
    return _table()["types"]


def _known(type_token: str) -> dict[str, Any]:
    """What is known of a type, by its own name or the present one."""
    return _types().get(type_token) or _types().get(canonical(type_token), {})


def of(type_token: str, operation: Operation, inputs: Inputs | None = None) -> Duration:
    """What was observed of such a resource; an update or deletion that was not counts as quick. Without inputs it is
    the type's own figure, with them that of the variant that they make it."""
    found = _known(type_token)
    kind = canonical(type_token)
    if operation == "create" and inputs is not None and kind in _VARIANTS:
        variant = found.get("variants", {}).get(_VARIANTS[kind](inputs))
        if variant is not None:
            return Duration(*map(float, variant))
    own = found.get(operation)
    return Duration(*map(float, own)) if own is not None else _QUICK


def of_closed(type_token: str, inputs: Inputs) -> Duration | None:
    """What a component of another process takes of which no child is seen: what its source makes one after the other.
    None for one that is not known."""
    steps = _table()["closed"].get(type_token)
    if steps is None:
        return None
    taken = [
        step
        for step in steps
        if ("when" not in step or inputs.get(step["when"]))
        and not any(inputs.get(key) for key in step.get("unless", "").split())
    ]
    took = [of(step["type"], "create", step.get("inputs")) for step in taken]
    return Duration(*(sum(each) for each in zip(*took, strict=True))) if took else Duration(0, 0, 0)


def seconds(type_token: str, operation: Operation, inputs: Inputs | None = None) -> float:
    """The usual time of `of`."""
    return of(type_token, operation, inputs).typical


def confidence(type_token: str) -> str:
    """How well a type is known: high, medium, low, or none where nobody has timed it."""
    if type_token in _table()["closed"]:
        return "low"
    found: str = _known(type_token).get("confidence", "none")
    return found
