"""What every service that is a container has, whoever starts its tasks: image, log, roles, walls, task definition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.compute import firewall, registry, roles
from components.compute.firewall import Door, Firewall, FirewallArgs
from components.compute.platform import Platform
from components.compute.roles import Roles, RolesArgs
from components.compute.task import Container, Task, TaskArgs
from components.contracts import Access, Statement
from settings.runtime import LastingSettings, TaskSettings


@dataclass(frozen=True, kw_only=True)
class WorkloadArgs:
    """The container as its settings say; what differs between the kinds of services beside that.

    `container` is how it is run, `door` who may call it, `statements` what its containers may do beyond the stores that
    it uses, `sessions` whether people may get a shell in it.
    """

    settings: TaskSettings
    access: Mapping[str, Access]
    platform: Platform
    container: Container
    door: Door | None = None
    statements: Sequence[Statement] = ()
    sessions: bool


@dataclass(frozen=True, kw_only=True)
class Workload:
    """A task definition ready to be run, and what its tasks run as and behind."""

    definition: aws.ecs.TaskDefinition
    roles: Roles
    walls: Firewall
    log_group: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class _Image:
    uri: pulumi.Input[str]
    repository_arn: pulumi.Input[str] | None
    """Of the private repository that it is pulled from, if it is."""


def make(name: str, args: WorkloadArgs, opts: pulumi.ResourceOptions) -> Workload:
    """All of it, as children of the service; nothing runs yet."""
    platform = args.platform
    image = _image(name, args, opts)
    logs = aws.cloudwatch.LogGroup(
        f"{name}-logs", kms_key_id=platform.log_key_arn, retention_in_days=platform.log_retention_days, opts=opts
    )
    identity = _identity(name, args, image, logs, opts)
    walls = firewall.make(name, _walls(args), opts)
    definition = Task(f"{name}-task", _task(name, args, image, identity, logs), opts).definition
    return Workload(definition=definition, roles=identity, walls=walls, log_group=logs.name)


def _image(name: str, args: WorkloadArgs, opts: pulumi.ResourceOptions) -> _Image:
    """The image that the settings name, or the one that their folder makes."""
    settings, platform = args.settings, args.platform
    if settings.build is None:
        assert settings.image is not None, "settings have seen to it that there is one of the two"
        return _Image(uri=settings.image, repository_arn=roles.private_repository(settings.image, platform.location))
    made = registry.of(name, settings.build, settings.size.architecture, platform, opts)
    return _Image(uri=made.image_uri, repository_arn=made.repository_arn)


def _identity(
    name: str, args: WorkloadArgs, image: _Image, logs: aws.cloudwatch.LogGroup, opts: pulumi.ResourceOptions
) -> Roles:
    location = args.platform.location
    on_stores, on_secrets = roles.of_stores(args.access)
    platform = args.platform
    sessions = roles.sessions(location, platform.cluster.session_log_arn, platform.log_key_arn) if args.sessions else []
    pulling = [] if image.repository_arn is None else roles.pulling(image.repository_arn)
    return Roles(
        f"{name}-roles",
        RolesArgs(
            task=[*on_stores, *args.statements, *sessions],
            execution=[roles.writing_logs(logs.arn), *pulling, *on_secrets],
            location=location,
        ),
        opts,
    )


def on(settings: TaskSettings, platform: Platform) -> pulumi.Output[str] | None:
    """The cluster's own capacity that the settings name, if they do; otherwise it is Fargate."""
    if not isinstance(settings, LastingSettings) or settings.runs_on is None:
        return None
    return platform.cluster.providers[settings.runs_on]


def _walls(args: WorkloadArgs) -> FirewallArgs:
    platform = args.platform
    return FirewallArgs(
        vpc_id=platform.vpc_id,
        access=args.access,
        inside=platform.inside,
        door=args.door,
        ipv6=platform.ipv6,
        egress=args.settings.egress,
    )


def _task(name: str, args: WorkloadArgs, image: _Image, identity: Roles, logs: aws.cloudwatch.LogGroup) -> TaskArgs:
    settings, platform = args.settings, args.platform
    return TaskArgs(
        service=name,
        image=image.uri,
        container=args.container,
        runtime=settings,
        cpu=settings.size.cpu,
        memory=settings.size.memory,
        architecture=settings.size.architecture,
        environment=settings.environment,
        access=args.access,
        task_role_arn=identity.task_arn,
        execution_role_arn=identity.execution_arn,
        log_group=logs.name,
        region=platform.location.region,
        sessions=args.sessions,
        protected=platform.protected,
        launched_on="FARGATE" if on(settings, platform) is None else "EC2",
    )
