"""The task definition of a service: a container that can write to nothing but its log, and what ends it in time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from components import names
from components.contracts import Access, Mount
from settings.runtime import LastingSettings, TaskSettings

CONTAINER = "app"
# "nobody", by number because an image need not know the name. Every image runs as this user, ours and others': the
# httpd in crccheck/hello-world reads world-readable files, listens above 1024 and writes nothing, so it does not mind
# (its Dockerfile read 2026-11; settings refuse ports that only root may listen on).
NOBODY = 65534
USER = f"{NOBODY}:{NOBODY}"
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
# Nobody has none to begin with, but could get some by a file with the setuid bit. Ports are above 1023: none is missed.
NO_CAPABILITIES = ("ALL",)
# Where people may get a shell: it runs as root within the container and needs rights of root that AWS does not list
# (aws/containers-roadmap 1360, open, read 2026-11). These are none of them.
UNNEEDED_CAPABILITIES = ("AUDIT_WRITE", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETPCAP")
ARCHITECTURES = {"x86_64": "X86_64", "arm64": "ARM64"}


@dataclass(frozen=True, kw_only=True)
class Container:
    """How the image is run. `command` replaces the image's own; without a `port` nothing is listened on. A `port_name`
    is what other services call it by, `protocol` what they speak with it.

    `stop_after_seconds` ends the whole task, which then has failed.
    """

    port: int | None = None
    port_name: str | None = None
    protocol: Literal["http", "http2", "grpc"] = "http"
    command: Sequence[str] | None = None
    stop_after_seconds: int | None = None


@dataclass(frozen=True, kw_only=True)
class TaskArgs:
    """What runs for which service, how large, as whom, and what it is told. `cpu` in units of 1/1024 vCPU, `memory` in
    MiB; `runtime` says how it ends and what it may write to; with `sessions` people may get a shell in it."""

    service: str
    image: pulumi.Input[str]
    container: Container
    runtime: TaskSettings
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
    launched_on: Literal["FARGATE", "EC2"] = "FARGATE"


class Task(pulumi.ComponentResource):
    """A task, on Fargate or on EC2. Raises ValueError for a variable with two values.

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
            requires_compatibilities=[args.launched_on],
            network_mode="awsvpc",
            cpu=str(args.cpu),
            memory=str(args.memory),
            runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(
                cpu_architecture=ARCHITECTURES[args.architecture], operating_system_family="LINUX"
            ),
            task_role_arn=args.task_role_arn,
            execution_role_arn=args.execution_role_arn,
            volumes=[
                *(aws.ecs.TaskDefinitionVolumeArgs(name=volume) for volume in _volumes(args)),
                *(_mounted(volume, mount) for volume, mount in _mounts(args).items()),
            ],
            container_definitions=pulumi.Output.json_dumps(containers, sort_keys=True, separators=(",", ":")),
            # In a protected stack older revisions stay, so that going back by hand has something to go back to.
            skip_destroy=args.protected,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"arn": self.definition.arn})


def _container(args: TaskArgs) -> dict[str, Any]:
    environment, secrets = variables(args.service, args.environment, args.access)
    run, runtime = args.container, args.runtime
    hardened = _hardened(args, CONTAINER, args.image)
    return {
        **hardened,
        "linuxParameters": {**hardened["linuxParameters"], **_scratch(runtime)},
        "stopTimeout": runtime.stop_seconds,
        "portMappings": _ports(run),
        "environment": [{"name": key, "value": value} for key, value in environment.items()],
        "secrets": [{"name": key, "valueFrom": value} for key, value in secrets.items()],
        "mountPoints": [
            *(
                {"sourceVolume": volume, "containerPath": SESSION_FOLDERS[volume], "readOnly": False}
                for volume in _volumes(args)
            ),
            *(
                {"sourceVolume": volume, "containerPath": mount.path, "readOnly": mount.read_only}
                for volume, mount in _mounts(args).items()
            ),
        ],
        **({"command": list(run.command)} if run.command else {}),
        **_limits(runtime),
        **(_lasting(runtime) if isinstance(runtime, LastingSettings) else {}),
    }


def _scratch(runtime: TaskSettings) -> dict[str, Any]:
    """Folders in memory (on Fargate since 2026-01), nobody's own: a volume would be root's unless the image has made it
    another's. Nothing in them can be run."""
    if not runtime.scratch:
        return {}
    options = [f"uid={NOBODY}", f"gid={NOBODY}", "noexec", "nosuid", "nodev"]
    return {
        "tmpfs": [
            {"containerPath": folder, "size": size, "mountOptions": options}
            for folder, size in sorted(runtime.scratch.items())
        ]
    }


def _limits(runtime: TaskSettings) -> dict[str, Any]:
    most = runtime.open_files
    return {} if most is None else {"ulimits": [{"name": "nofile", "softLimit": most, "hardLimit": most}]}


def _lasting(runtime: LastingSettings) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    if runtime.health_command is not None:
        parts["healthCheck"] = {"command": ["CMD", *runtime.health_command], **HEALTH}
    if runtime.restart is not None:
        parts["restartPolicy"] = {
            "enabled": True,
            "ignoredExitCodes": list(runtime.restart.ignored_exit_codes),
            "restartAttemptPeriod": runtime.restart.attempt_period_seconds,
        }
    return parts


def _ports(run: Container) -> list[dict[str, Any]]:
    if run.port is None:
        return []
    named = {} if run.port_name is None else {"name": run.port_name, "appProtocol": run.protocol}
    return [{"containerPort": run.port, "hostPort": run.port, "protocol": "tcp", **named}]


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
        "linuxParameters": {
            "initProcessEnabled": True,
            "capabilities": {"drop": list(UNNEEDED_CAPABILITIES if args.sessions else NO_CAPABILITIES)},
        },
        "logConfiguration": logging(args.log_group, args.region, "ecs"),
    }


def logging(log_group: pulumi.Input[str], region: str, prefix: str) -> dict[str, Any]:
    """Where a container writes its log; it never waits for that."""
    return {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": log_group,
            "awslogs-region": region,
            "awslogs-stream-prefix": prefix,
            "mode": "non-blocking",
            "max-buffer-size": LOG_BUFFER,
        },
    }


def _volumes(args: TaskArgs) -> Sequence[str]:
    """Only where there are sessions; elsewhere there is nothing to write to."""
    return sorted(SESSION_FOLDERS) if args.sessions else []


def _mounts(args: TaskArgs) -> dict[str, Mount]:
    """The file systems that the service uses, by volume."""
    return {f"files-{store}": granted.mount for store, granted in sorted(args.access.items()) if granted.mount}


def _mounted(volume: str, mount: Mount) -> aws.ecs.TaskDefinitionVolumeArgs:
    """Over TLS, through the access point, by what the task's role may do."""
    return aws.ecs.TaskDefinitionVolumeArgs(
        name=volume,
        efs_volume_configuration=aws.ecs.TaskDefinitionVolumeEfsVolumeConfigurationArgs(
            file_system_id=mount.file_system_id,
            transit_encryption="ENABLED",
            authorization_config=aws.ecs.TaskDefinitionVolumeEfsVolumeConfigurationAuthorizationConfigArgs(
                access_point_id=mount.access_point_id, iam="ENABLED"
            ),
        ),
    )


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
