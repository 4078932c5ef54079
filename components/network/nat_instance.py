"""The cheap way out: one small instance that translates addresses, and is replaced by itself when it dies."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

import pulumi
import pulumi_aws as aws

from components import names
from components.contracts import Metric, Severity, Signal, Statement
from components.network.tiers import ANYWHERE, tags
from components.security import documents, instances
from components.security.role import role as make_role
from settings.location import Location

# 1 GiB: with the half of a nano, installing the packet filter runs out of memory (seen by others, 2026-06).
INSTANCE_TYPE = "t4g.micro"
# Bytes a second that it may send all day long, 64 Mbit/s; more only in bursts (EC2 guide, network of T4g, 2026-09).
BASELINE_BYTES = 8_000_000
# Amazon Linux of today whenever an instance starts; the name is the same in every region.
IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
LONGEST_LIFE_SECONDS = 30 * 24 * 3600  # then a new one, from an image with the fixes of the month
SETUP_SECONDS = 600
HOOK = "forwards"
SCRIPT = Path(__file__).with_name("nat_instance.sh")
RUNBOOK = "nat-instance.md"


@dataclass(frozen=True, kw_only=True)
class NatInstanceArgs:
    """Where it stands, and whose traffic it takes: the blocks of the private subnets, by zone.

    `connected` is what makes its subnet reach the internet: before that it cannot set itself up.
    """

    vpc_id: pulumi.Input[str]
    vpc_cidr: IPv4Network
    subnet_id: pulumi.Input[str]
    zone: str
    clients: Mapping[str, IPv4Network]
    connected: Sequence[pulumi.Resource]
    location: Location
    protected: bool


class NatInstance(pulumi.ComponentResource):
    """An instance behind a network interface that outlives it, with an address that does so too.

    Routes lead to the interface, so nothing else changes when an Auto Scaling group of one puts a new instance behind
    it: within minutes, in which there is no way out. The interface ties it to one zone, with which it is lost. It
    counts as there only when it forwards packets; `ready` waits for that.
    """

    interface_id: pulumi.Output[str]
    public_ip: pulumi.Output[str]
    ready: pulumi.Resource
    signals: Sequence[Signal]

    def __init__(self, name: str, args: NatInstanceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        group_name = names.of_stack(name)
        trust, rights = [instances.trust(args.location)], _rights(args.location, group_name)
        props = {"statements": documents.rendered([*trust, *rights])}
        super().__init__("groundwork:network:NatInstance", name, props, opts)
        child = pulumi.ResourceOptions(parent=self)

        group = _firewall(name, args, child)
        interface = aws.ec2.NetworkInterface(
            name,
            subnet_id=args.subnet_id,
            security_groups=[group.id],
            source_dest_check=False,  # what it forwards is neither from it nor for it
            description="Way out of the private tier",
            tags=tags(name, "public"),
            opts=child,
        )
        address = aws.ec2.Eip(
            name,
            domain="vpc",
            network_interface=interface.id,
            tags=tags(name, "public"),
            # AWS refuses to associate an address while no internet gateway is attached.
            opts=pulumi.ResourceOptions(parent=self, protect=args.protected, depends_on=list(args.connected)),
        )
        purpose = "The NAT instance: sessions, and telling its group that it works"
        role = make_role(f"{name}-role", purpose, trust, args.location, child)
        policy = aws.iam.RolePolicy(f"{name}-role", role=role.name, policy=documents.document(rights), opts=child)
        profile = aws.iam.InstanceProfile(f"{name}-role", role=role.name, opts=child)
        template = _template(name, args, interface, profile, group_name, child)
        # Without a packet filter from the internet, or the right to say that it works, an instance gives itself up.
        needs: list[pulumi.Resource] = [*args.connected, address, policy]
        self.ready = _keeper(
            name,
            group_name,
            args.zone,
            template,
            # It has a name and the interface is one: a second group could neither be made nor get an instance started.
            pulumi.ResourceOptions(parent=self, depends_on=needs, delete_before_replace=True),
        )
        self.interface_id = interface.id
        self.public_ip = address.public_ip
        self.signals = _signals(name, args.zone, self.ready.name)
        self.register_outputs({"interfaceId": self.interface_id, "publicIp": self.public_ip})


def user_data(vpc_cidr: IPv4Network, location: Location, group_name: str) -> str:
    """The script that an instance runs when it starts for the first time."""
    values = {"VPC_CIDR": str(vpc_cidr), "REGION": location.region, "GROUP": group_name, "HOOK": HOOK}
    script = SCRIPT.read_text(encoding="utf-8")
    for key, value in values.items():
        script = script.replace(f"@{key}@", value)
    return script


def _rights(location: Location, group_name: str) -> list[Statement]:
    return [*instances.managed(location), instances.ready(location, group_name)]


def _firewall(name: str, args: NatInstanceArgs, opts: pulumi.ResourceOptions) -> aws.ec2.SecurityGroup:
    group = aws.ec2.SecurityGroup(
        name,
        vpc_id=args.vpc_id,
        description="NAT instance: private subnets in, the world out",
        tags=tags(name, "public"),
        opts=opts,
    )
    for zone, block in args.clients.items():
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-from-{zone}",
            security_group_id=group.id,
            description=f"What the private subnet in {zone} sends out",
            cidr_ipv4=str(block),
            ip_protocol="-1",
            opts=opts,
        )
    aws.vpc.SecurityGroupEgressRule(
        f"{name}-out",
        security_group_id=group.id,
        description="Whatever is forwarded",
        cidr_ipv4=ANYWHERE,
        ip_protocol="-1",
        opts=opts,
    )
    return group


def _template(
    name: str,
    args: NatInstanceArgs,
    interface: aws.ec2.NetworkInterface,
    profile: aws.iam.InstanceProfile,
    group_name: str,
    opts: pulumi.ResourceOptions,
) -> aws.ec2.LaunchTemplate:
    script = user_data(args.vpc_cidr, args.location, group_name)
    return aws.ec2.LaunchTemplate(
        name,
        image_id=IMAGE,
        instance_type=INSTANCE_TYPE,
        iam_instance_profile=aws.ec2.LaunchTemplateIamInstanceProfileArgs(arn=profile.arn),
        metadata_options=instances.metadata(hops=1),
        block_device_mappings=instances.disk(),
        network_interfaces=[
            aws.ec2.LaunchTemplateNetworkInterfaceArgs(device_index=0, network_interface_id=interface.id)
        ],
        user_data=base64.b64encode(script.encode()).decode(),
        update_default_version=True,
        tag_specifications=instances.tagged(tags(name, "public")),
        tags=tags(name, "public"),
        opts=opts,
    )


def _keeper(
    name: str, group_name: str, zone: str, template: aws.ec2.LaunchTemplate, opts: pulumi.ResourceOptions
) -> aws.autoscaling.Group:
    """The group that always wants one instance. The old one goes first: both would need the same interface."""
    return aws.autoscaling.Group(
        name,
        name=group_name,  # named by hand: the instance's rights and its script name it
        # Zones instead of subnets, and one instance at most, is what AWS asks for with an interface in the template.
        availability_zones=[zone],
        min_size=1,
        max_size=1,
        desired_capacity=1,
        health_check_type="EC2",
        health_check_grace_period=60,
        launch_template=aws.autoscaling.GroupLaunchTemplateArgs(
            id=template.id, version=template.latest_version.apply(str)
        ),
        initial_lifecycle_hooks=[
            aws.autoscaling.GroupInitialLifecycleHookArgs(
                name=HOOK,
                lifecycle_transition="autoscaling:EC2_INSTANCE_LAUNCHING",
                default_result="ABANDON",
                heartbeat_timeout=SETUP_SECONDS,
            )
        ],
        instance_maintenance_policy=aws.autoscaling.GroupInstanceMaintenancePolicyArgs(
            min_healthy_percentage=0, max_healthy_percentage=100
        ),
        instance_refresh=aws.autoscaling.GroupInstanceRefreshArgs(
            strategy="Rolling",
            preferences=aws.autoscaling.GroupInstanceRefreshPreferencesArgs(min_healthy_percentage=0),
        ),
        max_instance_lifetime=LONGEST_LIFE_SECONDS,
        metrics_granularity="1Minute",
        enabled_metrics=[aws.autoscaling.Metric.GROUP_IN_SERVICE_INSTANCES],
        wait_for_capacity_timeout="15m",
        opts=opts,
    )


def _signals(name: str, zone: str, group_name: pulumi.Output[str]) -> list[Signal]:
    def metric(metric_name: str, statistic: str, namespace: str = "AWS/EC2") -> Metric:
        dimensions = {"AutoScalingGroupName": group_name}
        return Metric(namespace=namespace, name=metric_name, statistic=statistic, dimensions=dimensions)

    return [
        Signal(
            name=f"{name}-missing",
            metrics={"there": metric("GroupInServiceInstances", "Minimum", "AWS/AutoScaling")},
            comparison="LessThanThreshold",
            threshold=1,
            period_seconds=60,
            evaluation_periods=10,  # a replacement takes two to five minutes
            datapoints_to_alarm=10,
            missing="breaching",
            severity=Severity.CRITICAL,
            meaning=f"There has been no working NAT instance in {zone} for ten minutes: nothing private gets out.",
            runbook=RUNBOOK,
        ),
        Signal(
            name=f"{name}-status",
            metrics={"failed": metric("StatusCheckFailed", "Maximum")},
            comparison="GreaterThanOrEqualToThreshold",
            threshold=1,
            period_seconds=60,
            evaluation_periods=2,
            datapoints_to_alarm=2,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning=f"The NAT instance in {zone} fails EC2's status checks; its group is about to replace it.",
            runbook=RUNBOOK,
        ),
        Signal(
            name=f"{name}-throughput",
            metrics={"bytes": metric("NetworkOut", "Sum")},
            comparison="GreaterThanThreshold",
            threshold=0.8 * BASELINE_BYTES * 300,
            period_seconds=300,
            evaluation_periods=6,
            datapoints_to_alarm=6,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning=f"The NAT instance in {zone} has sent more than 80 % of its 64 Mbit/s for half an hour.",
            runbook=RUNBOOK,
        ),
        Signal(
            name=f"{name}-surcharge",
            metrics={"credits": metric("CPUSurplusCreditsCharged", "Maximum")},
            comparison="GreaterThanThreshold",
            threshold=0,
            period_seconds=300,
            evaluation_periods=1,
            datapoints_to_alarm=1,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning=f"The NAT instance in {zone} computes more than its price covers; the rest is billed by the hour.",
            runbook=RUNBOOK,
        ),
    ]
