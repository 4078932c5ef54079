"""A fleet: EC2 instances behind the load balancer, each with one container, for programs that need a machine."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components import names
from components.compute import (
    firewall,
    fleet_purchase,
    fleet_scaling,
    fleet_watch,
    machine,
    registry,
    release,
    roles,
    routing,
    task,
)
from components.compute.firewall import Door, Firewall, FirewallArgs
from components.compute.fleet_release import FleetRelease, FleetReleaseArgs
from components.compute.machine import Files, Machine
from components.compute.machine_image import MachineImage, MachineImageArgs
from components.compute.machine_role import MachineRole
from components.compute.platform import ServiceArgs
from components.compute.routing import Routing, RoutingArgs
from components.contracts import Access, FrontDoor, Signal, Statement
from components.security import instances
from components.security.unscoped import unscoped
from settings.fleets import FleetSettings
from settings.routes import HealthCheckSettings

Args = ServiceArgs[FleetSettings]
DAY_SECONDS = 24 * 3600
ERRORS_ABOVE = 5  # percent of the answers; more of them take a release back
RUNBOOK = "fleet-instances.md"


class Fleet(pulumi.ComponentResource):
    """Instances in the private tier, in every zone of it, which nobody can sign in to but through Systems Manager.

    None is mended: one that fails its health check, or a release, is replaced by a new one, which counts only when its
    container answers. `version`, that of the launch template, is known only when the instances have it; a release that
    went back fails instead.
    """

    version: pulumi.Output[str]
    signals: Sequence[Signal]

    def __init__(self, name: str, args: Args, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:compute:Fleet", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        settings, front = args.settings, _front(args)
        # By hand: the rights of the instances, and their script, name the group.
        group_name = names.of_stack(fleet_purchase.group(name, settings))

        image, repository_arn = _image(name, args, child)
        logs = _logs(f"{name}-logs", args, child)
        role = _role(name, args, group_name, logs, repository_arn, child)
        walls = firewall.make(name, _walls(args, front), child)
        route = routing.make(name, _route(args, front), child)
        template = _template(name, args, group_name, _told(name, args, group_name, image, logs), role, walls, child)
        group = _group(name, args, group_name, template, route, self, [route.rule, *walls.rules])
        fleet_scaling.make(name, settings.scale, group, child)
        released = FleetRelease(
            f"{name}-rollout", _release(name, args, group, template, role, front, route, child), child
        )
        self.version = released.version
        self.signals = fleet_watch.signals(name, _names(settings, group, front, route))
        self.register_outputs({"version": self.version})


def _front(args: Args) -> FrontDoor:
    if not args.settings.route.internal:
        return args.platform.load_balancer
    assert args.platform.internal_load_balancer is not None, "made as soon as one route is internal"
    return args.platform.internal_load_balancer


def _image(name: str, args: Args, opts: pulumi.ResourceOptions) -> tuple[pulumi.Input[str], pulumi.Input[str] | None]:
    """The image, and the ARN of the private repository that it is pulled from, if it is."""
    settings, platform = args.settings, args.platform
    if settings.build is None:
        assert settings.image is not None, "settings have seen to it that there is one of the two"
        return settings.image, roles.private_repository(settings.image, platform.location)
    made = registry.of(name, settings.build, settings.machine.architecture, platform, opts)
    return made.image_uri, made.repository_arn


def _logs(name: str, args: Args, opts: pulumi.ResourceOptions) -> aws.cloudwatch.LogGroup:
    platform = args.platform
    return aws.cloudwatch.LogGroup(
        name, kms_key_id=platform.log_key_arn, retention_in_days=platform.log_retention_days, opts=opts
    )


def _role(
    name: str,
    args: Args,
    group_name: str,
    logs: aws.cloudwatch.LogGroup,
    repository_arn: pulumi.Input[str] | None,
    opts: pulumi.ResourceOptions,
) -> MachineRole:
    """One role for both: on an instance nobody else starts the container, or fetches its secrets."""
    both = {
        store: Access(
            statements=[*of.statements, *(one for one in of.execution_statements if one not in of.statements)]
        )
        for store, of in args.access.items()
    }
    on_stores, _ = roles.of_stores(both)
    measured = unscoped(
        "Measure", ["cloudwatch:PutMetricData"], {"StringEquals": {"cloudwatch:namespace": machine.NAMESPACE}}
    )
    statements: list[Statement] = [
        instances.ready(args.platform.location, group_name),
        roles.writing_logs(logs.arn),
        measured,
        *([] if repository_arn is None else roles.pulling(repository_arn)),
        *on_stores,
    ]
    return MachineRole(
        f"{name}-instance", "What the instances and their container may do", statements, args.platform.location, opts
    )


def _walls(args: Args, front: FrontDoor) -> FirewallArgs:
    platform, settings = args.platform, args.settings
    return FirewallArgs(
        vpc_id=platform.vpc_id,
        access=args.access,
        inside=platform.inside,
        door=Door(port=settings.port, load_balancer_group_id=front.security_group_id),
        ipv6=platform.ipv6,
        egress=settings.egress,
    )


def _check(settings: FleetSettings) -> HealthCheckSettings:
    return settings.health_check or HealthCheckSettings()


def _route(args: Args, front: FrontDoor) -> RoutingArgs:
    settings = args.settings
    return RoutingArgs(
        vpc_id=args.platform.vpc_id,
        listener_arn=front.listener_arn,
        port=settings.port,
        health=settings.health,
        route=settings.route,
        check=_check(settings),
        target="instance",
    )


def _told(
    name: str, args: Args, group_name: str, image: pulumi.Input[str], logs: aws.cloudwatch.LogGroup
) -> pulumi.Output[str]:
    """The user data, once all that it names is known. Secrets are in it as references only."""
    settings = args.settings
    environment, secrets = task.variables(name, settings.environment, args.access)
    files = [
        {
            "path": mount.path,
            "file_system_id": mount.file_system_id,
            "access_point_id": mount.access_point_id,
            "read_only": mount.read_only,
        }
        for _, granted in sorted(args.access.items())
        if (mount := granted.mount) is not None
    ]
    parts: Mapping[str, Any] = {
        "image": image,
        "logs": logs.name,
        "environment": environment,
        "secrets": secrets,
        "files": files,
    }

    def written(known: str) -> str:
        what = json.loads(known)
        return machine.user_data(
            Machine(
                image=what["image"],
                port=settings.port,
                health=settings.health,
                environment=what["environment"],
                secrets=what["secrets"],
                log_group=what["logs"],
                region=args.platform.location.region,
                group_name=group_name,
                files=[Files(**one) for one in what["files"]],
            )
        )

    return pulumi.Output.json_dumps(parts).apply(written)


def _template(
    name: str,
    args: Args,
    group_name: str,
    told: pulumi.Output[str],
    role: MachineRole,
    walls: Firewall,
    opts: pulumi.ResourceOptions,
) -> aws.ec2.LaunchTemplate:
    settings = args.settings.machine
    image = MachineImage(
        f"{name}-image",
        MachineImageArgs(architecture=settings.architecture, as_of=settings.image_as_of),
        opts,
    )
    # A container that is given rights on stores gets its credentials from the metadata service, behind docker's bridge:
    # one hop more. Any other is kept from it.
    hops = 2 if any(access.statements for access in args.access.values()) else 1
    return aws.ec2.LaunchTemplate(
        name,
        image_id=image.id,
        instance_type=settings.type,
        iam_instance_profile=aws.ec2.LaunchTemplateIamInstanceProfileArgs(arn=role.profile_arn),
        vpc_security_group_ids=[walls.group_id],
        metadata_options=instances.metadata(2 if hops == 2 else 1),
        block_device_mappings=instances.disk(settings.disk_gib),
        monitoring=aws.ec2.LaunchTemplateMonitoringArgs(enabled=True),  # every minute instead of every five
        ebs_optimized="true",
        user_data=told,
        update_default_version=True,
        tag_specifications=instances.tagged({"Name": group_name}),
        opts=opts,
    )


def _group(
    name: str,
    args: Args,
    group_name: str,
    template: aws.ec2.LaunchTemplate,
    route: Routing,
    parent: pulumi.Resource,
    needs: Sequence[pulumi.Resource],
) -> aws.autoscaling.Group:
    settings = args.settings
    life = settings.machine.longest_life_days
    return aws.autoscaling.Group(
        fleet_purchase.group(name, settings),
        name=group_name,
        vpc_zone_identifiers=list(args.platform.subnet_ids),
        min_size=settings.scale.min,
        max_size=settings.scale.max,
        desired_capacity=settings.scale.min,
        **fleet_purchase.arguments(settings, template),
        target_group_arns=[route.target_group.arn],
        health_check_type="ELB",
        health_check_grace_period=_check(settings).grace_seconds,
        default_instance_warmup=settings.scale.warmup_seconds,
        max_instance_lifetime=None if life is None else life * DAY_SECONDS,
        initial_lifecycle_hooks=[
            aws.autoscaling.GroupInitialLifecycleHookArgs(
                name=machine.HOOK,
                lifecycle_transition="autoscaling:EC2_INSTANCE_LAUNCHING",
                default_result="ABANDON",
                heartbeat_timeout=machine.SETUP_SECONDS,
            )
        ],
        # Whoever is replaced, for whatever reason, goes when the next one serves.
        instance_maintenance_policy=aws.autoscaling.GroupInstanceMaintenancePolicyArgs(
            min_healthy_percentage=100, max_healthy_percentage=110
        ),
        metrics_granularity="1Minute",
        enabled_metrics=[aws.autoscaling.Metric(metric) for metric in fleet_watch.GROUP_METRICS],
        tags=instances.group_tags({"Name": group_name}),
        wait_for_capacity_timeout="20m",
        opts=pulumi.ResourceOptions(
            parent=parent,
            depends_on=needs,
            # It has a name, so a second one could not be made first.
            delete_before_replace=True,
            # Autoscaling owns the number after the first deployment, a release the version, and with it what is bought.
            ignore_changes=["desired_capacity", fleet_purchase.released(settings)],
        ),
    )


def _release(
    name: str,
    args: Args,
    group: aws.autoscaling.Group,
    template: aws.ec2.LaunchTemplate,
    role: MachineRole,
    front: FrontDoor,
    route: Routing,
    opts: pulumi.ResourceOptions,
) -> FleetReleaseArgs:
    alarm = release.alarm(name, front.arn_suffix, [route.target_group.arn_suffix], ERRORS_ABOVE, opts, RUNBOOK)
    return FleetReleaseArgs(
        group=group,
        template=template,
        instance_role_arn=role.role_arn,
        alarm_name=alarm.name,
        warmup_seconds=args.settings.scale.warmup_seconds,
        bought=fleet_purchase.told(args.settings),
        log_group=_logs(f"{name}-rollout-logs", args, opts),
        location=args.platform.location,
    )


def _names(
    settings: FleetSettings, group: aws.autoscaling.Group, front: FrontDoor, route: Routing
) -> fleet_watch.FleetNames:
    return fleet_watch.FleetNames(
        group=group.name,
        load_balancer=front.arn_suffix,
        target_group=route.target_group.arn_suffix,
        least=settings.scale.least,
        out_above=settings.scale.out_above,
        sleeps=settings.scale.sleeps,
    )
