"""ECS services: the containers and ports of their tasks, and what kind of targets these are."""

from typing import Any

from preflight.between.made import Made, Told, at
from preflight.registry import Entry
from preflight.simulation.together import UNKNOWN, Problem
from preflight.simulation.wholes import as_json, cased

_SERVICE, _TASKS = "aws:ecs/service:Service", "aws:ecs/taskDefinition:TaskDefinition"
_TARGETS = ("aws:lb/targetGroup:TargetGroup", "aws:alb/targetGroup:TargetGroup")
_ERROR = "InvalidParameterException"


def problems(made: Made) -> Told:
    """Of the load balancers of services."""
    for service in made.all(_SERVICE):
        tasks = made.find(service.checked.get("taskDefinition"), _TASKS)
        balancers = service.checked.get("loadBalancers")
        if at(service, "deploymentController.type") not in (None, "ECS"):
            continue  # somebody else hands out tasks and targets
        for index, block in enumerate(balancers if isinstance(balancers, list) else []):
            if not isinstance(block, dict):
                continue
            place = f"loadBalancers[{index}]"
            group = made.find(block.get("targetGroupArn"), *_TARGETS)
            mode = tasks.checked.get("networkMode") if tasks else None
            kind = group.checked.get("targetType", "instance") if group else None
            if group and mode == "awsvpc" and isinstance(kind, str) and kind in ("instance", "lambda"):
                reason = f"target group '{group.name}' has target_type {kind}, and tasks in network mode awsvpc need ip"
                yield service, Problem(f"{place}.targetGroupArn", f"{reason} ({_ERROR})")
            if tasks and (wrong := _container(tasks, block.get("containerName"), block.get("containerPort"))):
                yield service, Problem(f"{place}.{wrong[0]}", f"{wrong[1]} ({_ERROR})")


def _container(tasks: Entry, name: Any, port: Any) -> tuple[str, str] | None:
    """What a task definition does not have of a container and port that a load balancer is to send to."""
    defined = tasks.checked.get("containerDefinitions")
    containers = _blocks(cased(as_json(defined))) or [] if UNKNOWN not in str(defined) else []
    named = {each["name"]: each for each in containers if isinstance(each.get("name"), str)}
    if not named or len(named) != len(containers) or not isinstance(name, str) or name == UNKNOWN:
        return None
    if name not in named:
        there = ", ".join(f"'{each}'" for each in named)
        return "containerName", f"task definition '{tasks.name}' has no container '{name}', it has {there}"
    mapped = _blocks(named[name].get("portMappings") or [])
    if mapped is None or not isinstance(port, int | float) or any("containerPortRange" in each for each in mapped):
        return None
    ports = [each.get("containerPort") for each in mapped]
    if any(not isinstance(each, int | float) for each in ports) or port in ports:
        return None
    there = f"it has {', '.join(f'{each:g}' for each in ports)}" if ports else "it has none"
    return "containerPort", f"container '{name}' of '{tasks.name}' has no port {port:g} in its port_mappings, {there}"


def _blocks(value: Any) -> list[dict[str, Any]] | None:
    return value if isinstance(value, list) and all(isinstance(each, dict) for each in value) else None
