"""awsx.lb: a load balancer with its security group, default target group and listeners, as awsx 3.11 makes them."""

from collections.abc import Mapping
from typing import Any

from preflight import wire
from preflight.remote import Child, Construction, RefusedComponentError, State, dependencies
from preflight.simulation.place import digest

_OWN = frozenset({
    "subnetIds", "subnets", "defaultTargetGroup", "defaultTargetGroupPort", "defaultSecurityGroup", "listener",
    "listeners",
})  # fmt: skip
_ANYWHERE = {"cidrBlocks": ["0.0.0.0/0"], "ipv6CidrBlocks": ["::/0"]}
OPEN_RULES: Mapping[str, Any] = {
    "ingress": [{"fromPort": 0, "toPort": 0, "protocol": "-1", **_ANYWHERE}],
    "egress": [{"fromPort": 0, "toPort": 65535, "protocol": "tcp", **_ANYWHERE}],
}
"""Rules of the security groups that awsx makes where the program says nothing of them."""


def balancer(build: Construction) -> State:
    """An ApplicationLoadBalancer or a NetworkLoadBalancer."""
    return _Balancer(build, application=build.type.endswith(":ApplicationLoadBalancer")).state()


def of_account(build: Construction) -> State:
    """A DefaultVpc: nothing is made, what the account has is looked up."""
    vpc, public, private = default_vpc(build)
    return {"vpcId": vpc, "publicSubnetIds": public, "privateSubnetIds": private}, {}


def default_vpc(build: Construction) -> tuple[str, list[str], list[str]]:
    """Ids of the account's default VPC, of its public and of its private subnets."""
    identity = str(_answer(build, "aws:ec2/getVpc:getVpc", {"default": True})["id"])
    filters = [{"name": "vpc-id", "values": [identity]}]
    kinds: tuple[list[str], list[str]] = [], []
    for subnet in _answer(build, "aws:ec2/getSubnets:getSubnets", {"filters": filters})["ids"]:
        found = _answer(build, "aws:ec2/getSubnet:getSubnet", {"id": subnet})
        kinds[0 if found.get("mapPublicIpOnLaunch") else 1].append(subnet)
    return identity, *kinds


def block(value: Any) -> dict[str, Any]:
    """A block of arguments; nothing where it is not known, which awsx itself does not take there."""
    inner = value["value"] if wire.is_secret(value) else value
    return inner if isinstance(inner, dict) else {}


def only_one(build: Construction, *keys: str) -> None:
    """Refuses inputs that exclude each other."""
    if len([key for key in keys if build.inputs.get(key) is not None]) > 1:
        raise RefusedComponentError(f"has more than one of {', '.join(keys)}: give only one of them")


def _answer(build: Construction, token: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    found = build.invoke(token, arguments)
    if found is None:
        raise RefusedComponentError(f"needs an answer to {token}, which a preview does not have")
    return found


class _Balancer:
    def __init__(self, build: Construction, *, application: bool) -> None:
        self.build, self.application = build, application
        many = build.inputs.get("listeners")
        self._many: list[Any] | None = [*map(block, many)] if isinstance(many, list) else None
        only_one(build, "subnetIds", "subnets", "subnetMappings")
        only_one(build, "listener", "listeners")
        only_one(build, "defaultTargetGroup", "defaultTargetGroupPort")
        given = {key: value for key, value in build.inputs.items() if key not in _OWN}
        needs = {key: build.needs(key) for key in given}
        self._place(given, needs)
        self.group = self._security_group(given, needs) if application else None
        given["loadBalancerType"] = "application" if application else "network"
        if not application:
            given |= {"enableHttp2": False, "idleTimeout": 0}
        self.balancer = build.child("aws:lb/loadBalancer:LoadBalancer", build.name, given, needs=needs)
        self.targets = self._target_group()
        self.listeners = self._listeners()

    def _place(self, given: dict[str, Any], needs: dict[str, list[str]]) -> None:
        """Subnets of the balancer, and the VPC that the first of them stands in."""
        inputs, raw = self.build.inputs, self.build.raw
        self.vpc: Any = wire.UNKNOWN
        for key in ("subnets", "subnetIds", "subnetMappings"):
            if inputs.get(key) is None:
                continue
            self.vpc_needs = self.build.needs(key)
            if key != "subnetMappings":
                given["subnets"], needs["subnets"] = inputs[key], self.vpc_needs
            first = self.build.whole(raw[key])
            while isinstance(first, dict) and wire.is_secret(first):
                first = first["value"]
            if not isinstance(first, list):
                return
            if not first:
                raise RefusedComponentError(f"has no subnet in {key}: give at least two, in different zones")
            self._find_vpc(key, first[0])
            return
        self.vpc, given["subnets"], _ = default_vpc(self.build)
        self.vpc_needs = []

    def _find_vpc(self, key: str, subnet: Any) -> None:
        if key == "subnets":
            self.vpc = subnet.get("vpcId", wire.UNKNOWN) if isinstance(subnet, dict) else wire.UNKNOWN
            return
        identity = subnet.get("subnetId", wire.UNKNOWN) if isinstance(subnet, dict) else subnet
        asked = {"id": wire.bare(identity)}
        # The program names a subnet of somebody else's and looks up nothing; nothing but the VPC is taken from it.
        stand_in = {**asked, "vpcId": f"vpc-{digest(str(asked['id']), 17)}"}
        found = self.build.invoke("aws:ec2/getSubnet:getSubnet", asked, stand_in)
        self.vpc = (found or {}).get("vpcId", wire.UNKNOWN)

    def _security_group(self, given: dict[str, Any], needs: dict[str, list[str]]) -> Child | None:
        default = block(self.build.inputs.get("defaultSecurityGroup"))
        if given.get("securityGroups") is not None or default.get("skip"):
            return None
        of_default = self.build.needs("defaultSecurityGroup")
        if default.get("args") is not None and default.get("securityGroupId") is not None:
            raise RefusedComponentError("has args and securityGroupId in defaultSecurityGroup: give only one of them")
        if default.get("securityGroupId") is not None:
            given["securityGroups"], needs["securityGroups"] = [default["securityGroupId"]], of_default
            return None
        args = default.get("args")
        rules = args if args is not None else {"vpcId": self.vpc, **OPEN_RULES}
        group_needs = dict.fromkeys(rules, of_default) if args is not None else {"vpcId": self.vpc_needs}
        group = self.build.child("aws:ec2/securityGroup:SecurityGroup", self.build.name, rules, needs=group_needs)
        given["securityGroups"], needs["securityGroups"] = [group.value], [group.urn]
        return group

    def _target_group(self) -> Child:
        default = block(self.build.inputs.get("defaultTargetGroup"))
        port = self.build.inputs.get("defaultTargetGroupPort")
        if self.application:
            arguments = {"vpcId": self.vpc, "targetType": "ip", **self._default_protocol(port)}
        else:
            arguments = {"vpcId": self.vpc, "protocol": "TCP", "port": 80 if port is None else port}
        needs = {"vpcId": self.vpc_needs, "port": self.build.needs("defaultTargetGroupPort")}
        arguments |= default
        needs |= dict.fromkeys(default, self.build.needs("defaultTargetGroup"))
        return self.build.child("aws:lb/targetGroup:TargetGroup", self.build.name, arguments, needs=needs)

    def _default_protocol(self, port: Any = None) -> dict[str, Any]:
        """Port and protocol of the default target group; none beside a list of exactly one listener, for which the
        provider then asks (pulumi/pulumi-awsx issue 1292)."""
        listeners = self._many
        if listeners is None:
            return _protocol(block(self.build.inputs.get("listener")), port)
        if len(listeners) == 1:
            return {}
        return _protocol(listeners[0] if listeners else None, port)

    def _listeners(self) -> list[Child]:
        inputs, raw, many = self.build.inputs, self.build.raw, self._many
        entries = [block(inputs.get("listener"))] if many is None else many
        raws = [raw.get("listener")] if many is None else raw["listeners"]
        raws = raws if isinstance(raws, list) else [None] * len(entries)
        result = []
        for number, (listener, before) in enumerate(zip(entries, raws, strict=True)):
            if not self.application:
                default: dict[str, Any] = {"protocol": "TCP", "port": 80}
            elif many is not None:
                default = _protocol(listener)
            else:
                default = self._default_protocol(inputs.get("defaultTargetGroupPort"))
            actions = [{"type": "forward", "targetGroupArn": self.targets.output("arn")}]
            needs = {"defaultActions": [self.targets.urn], "port": self.build.needs("defaultTargetGroupPort")}
            needs |= {key: dependencies(block(before).get(key)) for key in listener}
            arguments = {"defaultActions": actions, **default, **listener}
            arguments["loadBalancerArn"], needs["loadBalancerArn"] = self.balancer.output("arn"), [self.balancer.urn]
            name = f"{self.build.name}-{number}"
            result.append(self.build.child("aws:lb/listener:Listener", name, arguments, needs=needs))
        return result

    def state(self) -> State:
        """Outputs of the component and what each needs."""
        state = {
            "loadBalancer": self.balancer.reference,
            "defaultTargetGroup": self.targets.reference,
            "listeners": [each.reference for each in self.listeners],
            "vpcId": self.vpc,
        }
        needed = {
            "loadBalancer": [self.balancer.urn],
            "defaultTargetGroup": [self.targets.urn],
            "listeners": [each.urn for each in self.listeners],
            "vpcId": self.vpc_needs,
        }
        if self.group is not None:
            state["defaultSecurityGroup"], needed["defaultSecurityGroup"] = self.group.reference, [self.group.urn]
        return state, {key: urns for key, urns in needed.items() if urns}


def _protocol(listener: Mapping[str, Any] | None, default_port: Any = None) -> dict[str, Any]:
    """Port and protocol of a listener, one from the other."""
    port, protocol = (listener or {}).get("port"), (listener or {}).get("protocol")
    if port and not protocol:
        secure = wire.UNKNOWN if wire.has_unknown(port) else "HTTPS" if wire.bare(port) == 443 else "HTTP"
        return {"port": port, "protocol": secure}
    if protocol and not port:
        usual = wire.UNKNOWN if wire.has_unknown(protocol) else 443 if wire.bare(protocol) == "HTTPS" else 80
        return {"port": usual, "protocol": protocol}
    if port and protocol:
        return {"port": port, "protocol": protocol}
    return {"port": 80 if default_port is None else default_port, "protocol": "HTTP"}
