"""awsx.ecs services: the service, its task definition and where it stands, as awsx 3.11 makes them."""

from typing import Any

from preflight import wire
from preflight.remote import Construction, RefusedComponentError, State
from preflight.remote_lb import OPEN_RULES, block, default_vpc, only_one
from preflight.remote_tasks import Tasks, tasks

_OWN = frozenset({
    "assignPublicIp", "continueBeforeSteadyState", "taskDefinitionArgs", "useClusterDefaultCapacityProviderStrategy",
})  # fmt: skip


def service(build: Construction) -> State:
    """A FargateService or an EC2Service."""
    fargate = build.type.endswith(":FargateService")
    inputs = build.inputs
    only_one(build, "taskDefinition", "taskDefinitionArgs")
    only_one(build, "networkConfiguration", "assignPublicIp")
    only_one(build, "capacityProviderStrategies", "useClusterDefaultCapacityProviderStrategy")
    if inputs.get("taskDefinition") is None and inputs.get("taskDefinitionArgs") is None:
        raise RefusedComponentError("has neither taskDefinition nor taskDefinitionArgs: give one of them")
    given = {key: value for key, value in inputs.items() if key not in _OWN}
    needs = {key: build.needs(key) for key in given}
    state: dict[str, Any] = {}
    needed: dict[str, list[str]] = {}
    made: Tasks | None = None
    if inputs.get("taskDefinitionArgs") is not None:
        kind = "FargateTaskDefinition" if fargate else "EC2TaskDefinition"
        inner = build.inner(f"awsx:ecs:{kind}", build.name)
        made = tasks(build, _arguments(build.raw["taskDefinitionArgs"]), inner, fargate=fargate)
        given["taskDefinition"], needs["taskDefinition"] = made.definition.output("arn"), [made.definition.urn]
        state["taskDefinition"], needed["taskDefinition"] = made.definition.reference, [made.definition.urn]
        if given.get("loadBalancers") is None:
            given["loadBalancers"], needs["loadBalancers"] = made.balancers, made.balancers_need
    if fargate:
        given.setdefault("desiredCount", 1)
        if given.get("networkConfiguration") is None:
            given["networkConfiguration"], needs["networkConfiguration"] = _network(build)
    chosen = inputs.get("capacityProviderStrategies") or inputs.get("useClusterDefaultCapacityProviderStrategy")
    given["launchType"] = None if chosen else "FARGATE" if fargate else "EC2"
    waits = inputs.get("continueBeforeSteadyState")
    given["waitForSteadyState"] = wire.UNKNOWN if wire.has_unknown(waits) else not wire.bare(waits)
    needs["waitForSteadyState"] = build.needs("continueBeforeSteadyState")
    child = build.child("aws:ecs/service:Service", build.name, given, needs=needs)
    return {"service": child.reference, **state}, {"service": [child.urn], **needed}


def _arguments(raw: Any) -> dict[str, Any]:
    """The task definition's, which awsx takes only as they are; one unknown container where they are not known."""
    while isinstance(raw, dict) and raw.get(wire.SIGNATURE) in (wire.OUTPUT, wire.SECRET):
        raw = raw.get("value")
    return block(raw) or {"container": {"image": wire.UNKNOWN}}


def _network(build: Construction) -> tuple[dict[str, Any], list[str]]:
    """The default VPC, behind a security group of its own that lets everybody in; and what that depends on."""
    vpc, public, private = default_vpc(build)
    group = build.child("aws:ec2/securityGroup:SecurityGroup", f"{build.name}-sg", {"vpcId": vpc, **OPEN_RULES})
    asked = build.inputs.get("assignPublicIp") or False
    subnets: Any = wire.UNKNOWN
    if not wire.has_unknown(asked):
        subnets = public if wire.bare(asked) else private
        if not subnets and not wire.bare(asked):
            raise RefusedComponentError(
                "finds no private subnet in the default VPC: set assignPublicIp to true, give networkConfiguration, or "
                "say with --answers which subnets the VPC has"
            )
    network = {"subnets": subnets, "assignPublicIp": asked, "securityGroups": [group.value]}
    return network, sorted({group.urn, *build.needs("assignPublicIp")})
