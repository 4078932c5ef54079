"""awsx.ecs task definitions: log group, roles and the definition with its containers, as awsx 3.11 makes them."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from preflight import wire
from preflight.remote import URN, Child, Construction, RefusedComponentError, State, dependencies
from preflight.remote_lb import block
from preflight.simulation.limits import number
from preflight.simulation.place import digest

_OWN = frozenset({"container", "containers", "logGroup", "taskRole", "executionRole"})
_EXECUTION = ["arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"]
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Effect": "Allow", "Sid": ""}
    ],
}


def _sizes() -> Iterator[tuple[float, float]]:
    """(GB, vCPU) that awsx knows of Fargate; it takes the first that is enough, by memory and then by vCPU."""
    yield from ((gb, 0.25) for gb in (0.5, 1, 2))
    for vcpu, least, most in ((0.5, 1, 4), (1, 2, 8), (2, 4, 16), (4, 8, 30), (8, 16, 60), (16, 32, 120)):
        yield from ((gb, vcpu) for gb in range(least, most + 1))


_SIZES = sorted(_sizes())


class Tasks(NamedTuple):
    """A task definition, and what else its component hands out."""

    definition: Child
    balancers: Any
    balancers_need: list[str]
    state: State


class _Given(NamedTuple):
    """A task definition's arguments: as they came, and with outputs in place of references."""

    raw: Mapping[str, Any]
    whole: Mapping[str, Any]

    def block(self, key: str) -> dict[str, Any]:
        return block(self.whole.get(key))

    def needs(self, key: str) -> list[str]:
        return dependencies(self.raw.get(key))


def definition(build: Construction) -> State:
    """A FargateTaskDefinition or an EC2TaskDefinition."""
    return tasks(build, build.raw, build.urn, fargate=build.type.endswith(":FargateTaskDefinition")).state


def tasks(build: Construction, raw: Mapping[str, Any], parent: str, *, fargate: bool) -> Tasks:
    """The task definition of the arguments ``raw``, below ``parent``."""
    given = _Given(raw, build.whole(raw))
    containers = _containers(given)
    state: dict[str, Any] = {}
    needed: dict[str, list[str]] = {}

    def hand_out(key: str, child: Child | None) -> Child | None:
        if child is not None:
            state[key], needed[key] = child.reference, [child.urn]
        return child

    options = given.block("logGroup")
    if options.get("existing") is not None and options.get("args") is not None:
        raise RefusedComponentError("has existing and args in logGroup: give only one of them")
    log_group = hand_out("logGroup", _log_group(build, given, parent))
    arns: dict[str, Any] = {}
    needs = {key: given.needs(key) for key in raw if key not in _OWN}
    for key, policies in (("taskRole", []), ("executionRole", _EXECUTION)):
        role = hand_out(key, _role(build, given, key, policies, parent))
        arn = role.output("arn") if role is not None else given.block(key).get("roleArn")
        arns[f"{key}Arn"], needs[f"{key}Arn"] = arn, [role.urn] if role is not None else given.needs(key)
    group = log_group.output("name") if log_group is not None else (options.get("existing") or {}).get("name")
    region = (options.get("existing") or {}).get("region") or build.place.region
    logged = not options.get("skip")
    rendered = [_rendered(name, each, (group, region) if logged else None) for name, each in containers.items()]
    text_needs = sorted(
        {*given.needs("container"), *given.needs("containers"), *([log_group.urn] if log_group else ())}
    )
    text = wire.UNKNOWN if wire.has_unknown(rendered) else json.dumps(wire.bare(rendered), separators=(",", ":"))
    arguments = {key: wire.flat(value) for key, value in given.whole.items() if key not in _OWN}
    if fargate:
        for key, value in _size(rendered).items():
            if arguments.get(key) is None:
                arguments[key], needs[key] = value, text_needs
        arguments["networkMode"] = "awsvpc"
    else:
        arguments = {"networkMode": "awsvpc", **arguments}
    if arguments.get("family") is None:  # the real one ends on a hash of this text, whose order of keys nobody can tell
        known = json.dumps(wire.redacted(rendered), sort_keys=True)
        arguments["family"] = wire.UNKNOWN if text == wire.UNKNOWN else f"{build.name}-{digest(known, 8)}"
        needs["family"] = text_needs
    arguments |= arns
    arguments["requiresCompatibilities"] = ["FARGATE" if fargate else "EC2"]
    arguments["containerDefinitions"] = wire.secret(text) if wire.has_secret(rendered) else text
    needs["containerDefinitions"] = text_needs
    made = build.child("aws:ecs/taskDefinition:TaskDefinition", build.name, arguments, parent=parent, needs=needs)
    hand_out("taskDefinition", made)
    balancers = _balancers(containers)
    behind = _behind_ports(raw, containers)
    state["loadBalancers"], needed["loadBalancers"] = balancers, behind
    return Tasks(made, balancers, behind, (state, {key: urns for key, urns in needed.items() if urns}))


def _containers(given: _Given) -> dict[str, dict[str, Any]]:
    one, many = given.whole.get("container"), given.whole.get("containers")
    if (one is None) == (many is None):
        raise RefusedComponentError("has container and containers, or none of both: give exactly one of them")
    if many == {}:
        return {}
    if many is not None:
        return {name: _opened(each) for name, each in block(many).items()} or {"container": _opened(many)}
    name = block(one).get("name")
    return {"container" if name is None else str(wire.bare(name)): _opened(one)}


def _opened(container: Any) -> dict[str, Any]:
    """A container, what it has secret if it is; one of which nothing is known where it is not."""
    if not isinstance(container, dict):
        return {"image": wire.UNKNOWN}
    inner = block(container)
    return {key: wire.secret(value) for key, value in inner.items()} if wire.is_secret(container) else inner


def _log_group(build: Construction, given: _Given, parent: str) -> Child | None:
    options = given.block("logGroup")
    if options.get("skip") or options.get("existing") is not None:
        return None
    args = wire.flat(options.get("args") or {})
    needs = dict.fromkeys(args, given.needs("logGroup"))
    return build.child("aws:cloudwatch/logGroup:LogGroup", build.name, args, parent=parent, needs=needs)


def _role(build: Construction, given: _Given, key: str, policies: list[str], parent: str) -> Child | None:
    """The role of the tasks or of their start, with its policies, unless there is one already."""
    options = given.block(key)
    if options.get("roleArn") is not None and options.get("args") is not None:
        raise RefusedComponentError(f"has roleArn and args in {key}: give only one of them")
    if options.get("skip") or options.get("roleArn") is not None:
        return None
    args = wire.flat(options.get("args") or {})
    arns = args.pop("policyArns", policies)
    needs = dict.fromkeys(args, given.needs(key))
    name = f"{build.name}-{key.removesuffix('Role')}"
    arguments = {"assumeRolePolicy": json.dumps(_TRUST, separators=(",", ":")), **args}
    role = build.child("aws:iam/role:Role", name, arguments, parent=parent, needs=needs)
    # Their names hold a digest of the ARN, and they are made when all of them are known: inside of an apply.
    attached = [] if wire.has_unknown(arns) else wire.bare(arns) or []
    for arn in attached if isinstance(attached, list) else [attached]:
        build.child(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            f"{name}-{hashlib.sha1(str(arn).encode(), usedforsecurity=False).hexdigest()[:8]}",
            {"role": role.output("name"), "policyArn": wire.secret(arn) if wire.has_secret(arns) else arn},
            parent=parent,
            needs={"role": [role.urn]},
        )
    return role


def _rendered(name: str, container: Mapping[str, Any], logs: tuple[Any, Any] | None) -> dict[str, Any]:
    """A container as the task definition has it."""
    result = {key: wire.flat(value) for key, value in container.items() if value is not None}
    if container.get("portMappings") is not None:
        result["portMappings"] = [_mapping(each) for each in _listed(container)] or []
    result["name"] = name
    if logs is not None and result.get("logConfiguration") is None:
        options = {"awslogs-group": logs[0], "awslogs-region": logs[1], "awslogs-stream-prefix": name}
        given = {key: value for key, value in options.items() if value is not None}
        result["logConfiguration"] = {"logDriver": "awslogs", "options": given}
    return result


def _listed(container: Mapping[str, Any]) -> list[Any]:
    mappings = container.get("portMappings")
    while isinstance(mappings, dict) and wire.is_secret(mappings):
        mappings = mappings["value"]
    return mappings if isinstance(mappings, list) else [mappings] if mappings is not None else []


def _mapping(mapping: Any) -> Any:
    if not isinstance(mapping, dict):
        return mapping
    here, host = mapping.get("containerPort"), mapping.get("hostPort")
    there = _target(mapping).get("port")
    ports = {
        "containerPort": next((port for port in (here, host, there) if port is not None), None),
        "hostPort": next((port for port in (host, there, here) if port is not None), None),
        "protocol": mapping.get("protocol"),
    }
    return {key: value for key, value in ports.items() if value is not None}


def _target(mapping: Any) -> Mapping[str, Any]:
    group = mapping.get("targetGroup") if isinstance(mapping, dict) else None
    if group is not None and not isinstance(group, dict):
        return {"arn": wire.UNKNOWN, "port": wire.UNKNOWN}
    return group or {}


def _behind_ports(raw: Mapping[str, Any], containers: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What the load balancers depend on: the target groups, and whatever the port mappings are made of."""
    groups = {_target(each)[URN] for container in containers.values() for each in _listed(container)
              if URN in _target(each)}  # fmt: skip
    given = raw.get("containers")
    before = [raw["container"]] if given is None else [*given.values()] if wire.SIGNATURE not in given else [given]
    ports = [each.get("portMappings") if isinstance(each, dict) and wire.SIGNATURE not in each else each
             for each in before]  # fmt: skip
    return sorted({*groups, *dependencies(ports)})


def _balancers(containers: Mapping[str, Mapping[str, Any]]) -> Any:
    """Load balancers of the service: one for each target group of a port; the port is the group's. Unknown as a whole
    while any part of it is, as it is computed from all of it."""
    found = [
        {"containerName": name, "containerPort": target["port"], "targetGroupArn": target.get("arn", wire.UNKNOWN)}
        for name, container in containers.items()
        for target in map(_target, _listed(container))
        if target.get("port") is not None
    ]
    return wire.UNKNOWN if wire.has_unknown(found) else found


def _size(rendered: list[dict[str, Any]]) -> dict[str, Any]:
    """Units of CPU and MiB of memory that are enough for all containers."""
    if wire.has_unknown(rendered):
        return {"cpu": wire.UNKNOWN, "memory": wire.UNKNOWN}
    vcpu = sum(_amount(each, "cpu") for each in rendered) / 1024
    gb = sum(_amount(each, "memoryReservation") or _amount(each, "memory") for each in rendered) / 1024
    for size_gb, size_vcpu in _SIZES:
        if size_vcpu >= vcpu and size_gb >= gb:
            return {"cpu": f"{size_vcpu * 1024:.0f}", "memory": f"{size_gb * 1024:.0f}"}
    raise RefusedComponentError(
        f"has containers that ask for {vcpu:g} vCPU and {gb:g} GB, which no size of Fargate that awsx knows has: "
        "at most 16 vCPU and 120 GB"
    )


def _amount(container: Mapping[str, Any], key: str) -> float:
    given = wire.bare(container.get(key)) or 0
    if (found := number(given)) is None:
        shown = "a secret" if wire.has_secret(container.get(key)) else repr(given)
        raise RefusedComponentError(f"has a container whose {key} is {shown}, which is no number")
    return found
