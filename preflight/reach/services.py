"""What computes in a stack: where it stands in the network, which role it has, on which ports it listens.

ECS services and scheduled tasks, Lambda functions, EC2 instances and Auto Scaling groups. Whatever else runs code is
listed as not read.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from preflight.reach.firewall import Firewall, Place
from preflight.reach.graph import Graph, Link, Node, known, maps, texts
from preflight.reach.rights import Rights
from preflight.reach.routes import INSTANCE, INTERFACE, SUBNETS, Network

ECS = "aws:ecs/service:Service"
FUNCTION = "aws:lambda/function:Function"
FLEET = "aws:autoscaling/group:Group"
SCHEDULE = "aws:scheduler/schedule:Schedule"
EVENT = "aws:cloudwatch/eventTarget:EventTarget"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
CONFIGURATION = "aws:ec2/launchConfiguration:LaunchConfiguration"
_EIP = "aws:ec2/eip:Eip"
_SCALED = "aws:appautoscaling/target:Target"
_LOOKED_UP = "awsx:ec2:DefaultVpc"  # a component without any resource
_EIP_ASSOCIATION = "aws:ec2/eipAssociation:EipAssociation"
_NOT_READ = (
    "aws:apprunner/service:Service", "aws:eks/nodeGroup:NodeGroup", "aws:eks/fargateProfile:FargateProfile",
    "aws:batch/computeEnvironment:ComputeEnvironment", "aws:emr/cluster:Cluster", "aws:glue/job:Job",
    "aws:sagemaker/notebookInstance:NotebookInstance", "aws:sagemaker/endpoint:Endpoint",
    "aws:elasticbeanstalk/environment:Environment", "aws:codebuild/project:Project",
    "aws:lightsail/instance:Instance", "aws:lightsail/containerService:ContainerService", "aws:amplify/app:App",
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
    "aws:ec2/fleet:Fleet", "aws:ec2/spotFleetRequest:SpotFleetRequest",
    "aws:sfn/stateMachine:StateMachine",
)  # fmt: skip


class Service(NamedTuple):
    """One thing that runs code. `inside`: whether it stands in a VPC; None where that is not known."""

    node: Node
    what: str
    inside: bool | None
    subnets: tuple[Node, ...]
    subnets_open: bool
    place: Place
    public: bool | None
    role: Node | None
    role_known: bool
    starter: Node | None = None
    ports: tuple[int, ...] = ()


def read(graph: Graph, network: Network, firewall: Firewall, rights: Rights) -> list[Service]:
    """All of them, by URN."""
    reader = _Reader(graph, network, firewall, rights)
    return sorted(reader.all(), key=lambda service: service.node.urn)


def not_read(graph: Graph) -> list[str]:
    """Whatever runs code and is not looked at, and components whose children are not known, by URN."""
    parents = {node.entry.get("parent") for node in graph}
    closed = [
        node for node in graph if node.entry.get("remote") and node.urn not in parents and node.kind != _LOOKED_UP
    ]
    return sorted(node.urn for node in (*graph.all(*_NOT_READ), *closed))


def scaling_targets(graph: Graph) -> dict[str, Node]:
    """What Application Auto Scaling knows of ECS services, by the URN of the service."""
    found = {}
    for target in graph.all(_SCALED):
        if target.inputs.get("serviceNamespace") == "ecs":
            value = target.inputs.get("resourceId")
            name = value.rpartition("/")[2] if isinstance(value, str) else None
            service = graph.link(target, "resourceId", ECS, value=name or value).one
            if service is not None:
                found[service.urn] = target
    return found


class _Reader:
    def __init__(self, graph: Graph, network: Network, firewall: Firewall, rights: Rights) -> None:
        self._graph, self._network, self._firewall, self._rights = graph, network, firewall, rights

    def all(self) -> Iterator[Service]:
        for node in self._graph.all(ECS):
            yield self._tasks(node, "networkConfiguration", node.inputs, "taskDefinition", "ECS service")
        for node in self._graph.all(SCHEDULE):
            for target in maps(node.inputs.get("target")):
                for task in maps(target.get("ecsParameters")):
                    yield self._tasks(node, "target", task, "target", "scheduled task", "taskDefinitionArn")
        for node in self._graph.all(EVENT):
            for task in maps(node.inputs.get("ecsTarget")):
                yield self._tasks(node, "ecsTarget", task, "ecsTarget", "scheduled task", "taskDefinitionArn")
        for node in self._graph.all(FUNCTION):
            yield self._function(node)
        for node in self._graph.all(INSTANCE):
            yield self._instance(node)
        for node in self._graph.all(FLEET):
            yield self._fleet(node)

    def _service(
        self, node: Node, what: str, where: tuple[Link, Link], role: tuple[Node | None, bool], *,
        public: bool | None = False, inside: bool | None = True, **more: Any,
    ) -> Service:  # fmt: skip
        """`where`: subnets and groups; `more`: what starts it, on which ports it listens."""
        place = place_of(self._network, self._firewall, *where)
        subnets = where[0]
        return Service(node, what, inside, subnets.nodes, not subnets.complete, place, public, *role, **more)

    def _tasks(
        self, node: Node, key: str, block: Mapping[str, Any], task_key: str, what: str, name: str = "taskDefinition"
    ) -> Service:
        definition = self._graph.link(node, task_key, TASK, value=block.get(name)).one
        if definition is None and isinstance(block.get(name), str):  # a family without its revision
            definition = next(
                (each for each in self._graph.all(TASK) if each.text("family") == block[name].rpartition("/")[2]), None
            )
        role: tuple[Node | None, bool] = (None, False)
        starter, ports = None, list[int]()
        if definition is not None:
            role = self._rights.role(definition, "taskRoleArn")
            containers = _containers(definition.inputs.get("containerDefinitions"))
            if containers is None or any(each.get("secrets") for each in containers):
                starter = self._rights.role(definition, "executionRoleArn")[0]
            mapped = [port.get("containerPort") for each in containers or () for port in maps(each.get("portMappings"))]
            ports = [int(port) for port in mapped if isinstance(port, int | str) and str(port).isdigit()]
        given = next(maps(block.get("networkConfiguration")), None)
        if given is None:  # bridge or host: the network is that of the instance
            nowhere = Link(open=True), Link(open=True)
            return self._service(
                node, what, nowhere, role, public=None, inside=None, starter=starter, ports=tuple(ports)
            )
        subnets = self._graph.link(node, key, *SUBNETS, value=given.get("subnets"))
        groups = self._firewall.named(node, key, given["securityGroups"]) if given.get("securityGroups") else Link()
        public = given.get("assignPublicIp")
        public = public if isinstance(public, bool) else None if public else False
        listened = tuple(dict.fromkeys(ports))
        return self._service(node, what, (subnets, groups), role, public=public, starter=starter, ports=listened)

    def _function(self, node: Node) -> Service:
        given = node.inputs.get("vpcConfig")
        role = self._rights.role(node, "role")
        if given is not None and not known(given):
            return self._service(node, "Lambda function", (Link(open=True), Link(open=True)), role, inside=None)
        block = next(maps(given), {})
        if not block.get("subnetIds"):
            return self._service(node, "Lambda function", (Link(), Link()), role, inside=False)
        subnets = self._graph.link(node, "vpcConfig", *SUBNETS, value=block["subnetIds"])
        groups = self._firewall.named(node, "vpcConfig", block.get("securityGroupIds"))
        return self._service(node, "Lambda function", (subnets, groups), role)

    def _instance(self, node: Node) -> Service:
        template = self._template(node)
        subnets = self._graph.link(node, "subnetId", *SUBNETS)
        groups = self._firewall.named(node, "vpcSecurityGroupIds")
        if groups.empty and node.inputs.get("securityGroups") is not None:
            groups = self._firewall.named(node, "securityGroups")
        public = node.inputs.get("associatePublicIpAddress")
        interfaces = [
            each for key in ("networkInterfaces", "primaryNetworkInterface") for each in maps(node.inputs.get(key))
        ]
        for block in interfaces:
            for one in self._interfaces(node, "networkInterfaces", block.get("networkInterfaceId")):
                subnets = self._graph.link(one, "subnetId", *SUBNETS)
                groups = self._firewall.named(one, "securityGroups")
                public = True if self._addressed(one, "networkInterface", "networkInterfaceId") else public
        if template is not None and groups.empty:
            groups = self._of_template(template)[1]
        if subnets.empty:
            subnets = Link(open=True)  # the default subnet of a zone
        public = True if self._addressed(node, "instance", "instanceId") else public
        role = self._rights.role(node, "iamInstanceProfile")
        if role[0] is None and template is not None:
            role = self._profile(template)
        return self._service(node, "instance", (subnets, groups), role, public=_public(public, subnets))

    def _fleet(self, node: Node) -> Service:
        template = self._template(node)
        subnets = self._graph.link(node, "vpcZoneIdentifiers", *SUBNETS)
        groups, public = Link(open=True), None
        role: tuple[Node | None, bool] = (None, False)
        if template is not None:
            more, groups, public = self._of_template(template)
            subnets = more if subnets.empty else subnets
            role = self._profile(template)
        if subnets.empty:
            subnets = Link(open=True)
        return self._service(node, "instances of a group", (subnets, groups), role, public=_public(public, subnets))

    def _template(self, node: Node) -> Node | None:
        for key in ("launchTemplate", "mixedInstancesPolicy", "launchConfiguration"):
            for value in _named_in(node.inputs.get(key)):
                found = self._graph.link(node, key, TEMPLATE, CONFIGURATION, value=value).one
                if found is not None:
                    return found
        return None

    def _of_template(self, template: Node) -> tuple[Link, Link, bool | None]:
        """Subnets, groups and whether there is a public address."""
        if template.kind == CONFIGURATION:
            groups = self._firewall.named(template, "securityGroups")
            return Link(), groups, template.inputs.get("associatePublicIpAddress")
        groups = self._firewall.named(template, "vpcSecurityGroupIds")
        subnets, public = Link(), None
        for block in maps(template.inputs.get("networkInterfaces")):
            if block.get("securityGroups"):
                groups = self._firewall.named(template, "networkInterfaces", block["securityGroups"])
            if block.get("subnetId"):
                subnets = self._graph.link(template, "networkInterfaces", *SUBNETS, value=block["subnetId"])
            if block.get("associatePublicIpAddress") is not None:
                public = str(block["associatePublicIpAddress"]).lower() == "true"
            for one in self._interfaces(template, "networkInterfaces", block.get("networkInterfaceId")):
                subnets = self._graph.link(one, "subnetId", *SUBNETS)
                groups = self._firewall.named(one, "securityGroups")
                public = self._addressed(one, "networkInterface", "networkInterfaceId")
        return subnets, groups, public

    def _interfaces(self, node: Node, key: str, value: object) -> tuple[Node, ...]:
        return self._graph.link(node, key, INTERFACE, value=value).nodes if value is not None else ()

    def _profile(self, template: Node) -> tuple[Node | None, bool]:
        given = template.inputs.get("iamInstanceProfile")
        for block in maps(given):
            given = block.get("arn") or block.get("name")
        return self._rights.role(template, "iamInstanceProfile", given) if given is not None else (None, True)

    def _addressed(self, node: Node, key: str, association_key: str) -> bool:
        return bool(self._graph.owned(node, _EIP, key) or self._graph.owned(node, _EIP_ASSOCIATION, association_key))


def place_of(network: Network, firewall: Firewall, subnets: Link, groups: Link) -> Place:
    """The place of what stands in such subnets with such groups; without any group it has the default one."""
    keys = {key for node in (*subnets.nodes, *groups.nodes) if (key := network.vpc_key(node)) is not None}
    vpc = keys.pop() if len(keys) == 1 else None
    urns = firewall.groups(groups)
    unknown = groups.open
    if groups.empty:
        own = network.vpc(subnets.nodes[0]) if vpc is not None and subnets.nodes else None
        urns, unknown = ((firewall.default_group(own),), False) if own is not None else ((), True)
    cidrs = [cidr for subnet in subnets.nodes for cidr in network.cidrs(subnet)]
    unread = not subnets.complete or any(not network.cidrs(subnet) for subnet in subnets.nodes)
    places = tuple(dict.fromkeys(subnet.urn for subnet in subnets.nodes))
    return Place(urns, tuple(dict.fromkeys(cidrs)), vpc, unknown, unread, places, bool(groups.outside))


def _public(given: object, subnets: Link) -> bool | None:
    if isinstance(given, bool):
        return given
    if given is not None:
        return None
    mapped = {subnet.inputs.get("mapPublicIpOnLaunch") is True or subnet.kind == SUBNETS[1] for subnet in subnets.nodes}
    if True in mapped:
        return True
    return None if not subnets.complete else False


def _named_in(value: Any) -> Iterator[Any]:
    """What a launch template may be named by, at any depth of the block."""
    if isinstance(value, str):
        yield value
    for block in maps(value) if value is not None and not isinstance(value, str) else ():
        for key in ("id", "launchTemplateId", "name", "launchTemplateName"):
            if block.get(key) is not None:
                yield block[key]
        for key in ("launchTemplate", "launchTemplateSpecification"):
            yield from _named_in(block.get(key))
    if value is not None and not known(value):
        yield value


def _containers(value: Any) -> list[Mapping[str, Any]] | None:
    """The container definitions; None when they are not known."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    return [*maps(value)] if isinstance(value, list) else None


__all__ = ["Service", "not_read", "place_of", "read", "texts"]
