"""The task definition of a service: a container that can write to nothing but its log, and what ends it in time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from components import names
from components.contracts import Access

CONTAINER = "app"
# "nobody", by number because an image need not know the name. Every image runs as this user, ours and others': the
# httpd in crccheck/hello-world reads world-readable files, listens above 1024 and writes nothing, so it does not mind
# (its Dockerfile read 2026-11; settings refuse ports that only root may listen on).
USER = "65534:65534"
# ECS takes a task out of the load balancer first and sends SIGTERM when connections have drained (see routing.py); this
# is how long the process then has until SIGKILL. Fargate allows 120.
STOP_SECONDS = 60
# How the command of `healthCommand` is run: AWS's own figures, and a minute in which a start may be slow.
HEALTH = {"interval": 30, "timeout": 5, "retries": 3, "startPeriod": 60}
TIMER = "timer"
# Has a shell and `sleep`, for every processor that Fargate has.
TIMER_IMAGE = "public.ecr.aws/docker/library/busybox:1.37.0"
# ECS has no limit for the time that a task runs. But it stops a task when an essential container ends, so one that only
# sleeps is the limit: it ends well when it is told to, because the work is done, and with an error when it wakes first.
TIMER_SCRIPT = "trap 'exit 0' TERM; sleep {seconds} & wait $!; exit 124"
# What does not fit is dropped rather than halting the application while CloudWatch is slow.
LOG_BUFFER = "25m"
# Where the agent of ECS Exec writes. AWS calls Exec unsupported on a read-only root; with these three as volumes it
# works (aws/containers-roadmap 1359, aws-containers/amazon-ecs-exec-checker 71; both read 2026-11).
SESSION_FOLDERS = {
    "session-agent": "/managed-agents",
    "session-logs": "/var/log/amazon/ssm",
    "session-state": "/var/lib/amazon/ssm",
}
ARCHITECTURES = {"x86_64": "X86_64", "arm64": "ARM64"}


@dataclass(frozen=True, kw_only=True)
class Container:
    """How the image is run. `command` replaces the image's own; without a `port` nothing is listened on.

    `stop_after_seconds` ends the whole task, which then has failed.
    """

    port: int | None = None
    command: Sequence[str] | None = None
    health_command: Sequence[str] | None = None
    stop_seconds: int = STOP_SECONDS
    stop_after_seconds: int | None = None


@dataclass(frozen=True, kw_only=True)
class TaskArgs:
    """What runs for which service, how large, as whom, and what it is told. `cpu` in units of 1/1024 vCPU, `memory` in
    MiB; with `sessions` people may get a shell in it."""

    service: str
    image: pulumi.Input[str]
    container: Container
    cpu: int
    memory: int
    architecture: Literal["x86_64", "arm64"]
    environment: Mapping[str, str]
    access: Mapping[str, Access]
    task_role_arn: pulumi.Input[str]
    execution_role_arn: pulumi.Input[str]
    log_group: pulumi.Input[str]
    region: str
    sessions: bool
    protected: bool


class Task(pulumi.ComponentResource):
    """A Fargate task. Raises ValueError for a variable with two values.

    A component of its own because a container is told names and addresses of other resources: with one of them unknown
    the definition's JSON is unknown as a whole, whereas the inputs of this component can be judged one by one at
    preview.
    """

    definition: aws.ecs.TaskDefinition

    def __init__(self, name: str, args: TaskArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        containers = [_container(args), *_timer(args)]
        super().__init__("groundwork:compute:Task", name, {"containers": containers}, opts)
        self.definition = aws.ecs.TaskDefinition(
            name,
            family=names.of_stack(args.service),
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(args.cpu),
            memory=str(args.memory),
            runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(
                cpu_architecture=ARCHITECTURES[args.architecture], operating_system_family="LINUX"
            ),
            task_role_arn=args.task_role_arn,
            execution_role_arn=args.execution_role_arn,
            volumes=[aws.ecs.TaskDefinitionVolumeArgs(name=volume) for volume in _volumes(args)],
            container_definitions=pulumi.Output.json_dumps(containers, sort_keys=True, separators=(",", ":")),
            # In a protected stack older revisions stay, so that going back by hand has something to go back to.
            skip_destroy=args.protected,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"arn": self.definition.arn})


def _container(args: TaskArgs) -> dict[str, Any]:
    environment, secrets = variables(args.service, args.environment, args.access)
    run = args.container
    return {
        **_hardened(args, CONTAINER, args.image),
        "stopTimeout": run.stop_seconds,
        "portMappings": [{"containerPort": run.port, "hostPort": run.port, "protocol": "tcp"}] if run.port else [],
        "environment": [{"name": key, "value": value} for key, value in environment.items()],
        "secrets": [{"name": key, "valueFrom": value} for key, value in secrets.items()],
        "mountPoints": [
            {"sourceVolume": volume, "containerPath": SESSION_FOLDERS[volume], "readOnly": False}
            for volume in _volumes(args)
        ],
        **({"command": list(run.command)} if run.command else {}),
        **({"healthCheck": {"command": ["CMD", *run.health_command], **HEALTH}} if run.health_command else {}),
    }


def _timer(args: TaskArgs) -> list[dict[str, Any]]:
    seconds = args.container.stop_after_seconds
    if seconds is None:
        return []
    return [
        {
            **_hardened(args, TIMER, TIMER_IMAGE),
            "command": ["sh", "-c", TIMER_SCRIPT.format(seconds=seconds)],
            "portMappings": [],
            "environment": [],
            "secrets": [],
            "mountPoints": [],
        }
    ]


def _hardened(args: TaskArgs, name: str, image: pulumi.Input[str]) -> dict[str, Any]:
    """What holds for every container: nobody's rights, nothing to write to but the log, and the task ends with it."""
    return {
        "name": name,
        "image": image,
        "essential": True,
        "user": USER,
        "readonlyRootFilesystem": True,
        "linuxParameters": {"initProcessEnabled": True},
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": args.log_group,
                "awslogs-region": args.region,
                "awslogs-stream-prefix": "ecs",
                "mode": "non-blocking",
                "max-buffer-size": LOG_BUFFER,
            },
        },
    }


def _volumes(args: TaskArgs) -> Sequence[str]:
    """Only where there are sessions; elsewhere there is nothing to write to."""
    return sorted(SESSION_FOLDERS) if args.sessions else []


def variables(
    name: str, own: Mapping[str, str], access: Mapping[str, Access]
) -> tuple[dict[str, pulumi.Input[str]], dict[str, pulumi.Input[str]]]:
    """Environment and secrets of the container, by name; a variable that two sources set is refused, naming both."""
    origin = dict.fromkeys(own, "`environment`")
    environment: dict[str, pulumi.Input[str]] = dict(own)
    secrets: dict[str, pulumi.Input[str]] = {}
    for store, granted in sorted(access.items()):
        for given, into in ((granted.environment, environment), (granted.secrets, secrets)):
            for variable, value in given.items():
                if variable in origin:
                    raise ValueError(
                        f"service {name!r} gets the variable {variable} from {origin[variable]} and from the store "
                        f"{store!r}: rename one of them"
                    )
                origin[variable] = f"the store {store!r}"
                into[variable] = value
    return dict(sorted(environment.items())), dict(sorted(secrets.items()))
