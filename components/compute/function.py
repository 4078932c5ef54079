"""A function: a program that Lambda runs for each message, time, object, change or request that its settings name."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.compute import callers, clock, firewall, function_watch, package, roles, task
from components.compute.bucket_events import Listener
from components.compute.firewall import Firewall, FirewallArgs
from components.compute.package import LAMBDA, Package
from components.compute.platform import Platform, ServiceArgs
from components.compute.secrets import STORE as SECRETS
from components.contracts import Access, Signal, Statement
from components.security import documents
from components.security.queue import QueuePolicy
from components.security.role import role as make_role
from components.security.unscoped import unscoped
from settings.functions import SECRET_FIELD, FunctionSettings
from settings.location import Location

ALIAS = "live"


class Function(pulumi.ComponentResource):
    """A function that is called under one name, whatever version of it is behind that, and for nothing but what its
    settings name.

    Each change of program or settings is a version that is never changed; `live` points to the newest one as soon as
    that can run. Events of the clock or a bucket, and changes of a table, that no run could handle are messages in the
    function's own queue.
    """

    signals: Sequence[Signal]
    live: aws.lambda_.Alias
    """What is called."""
    listener: Listener | None
    """What the bucket has to know that calls it, if one does; a bucket's events are one resource for all functions."""

    def __init__(
        self, name: str, args: ServiceArgs[FunctionSettings], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("groundwork:compute:Function", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        settings, platform = args.settings, args.platform
        gives_up = settings.asynchronous or settings.table is not None
        failures = clock.failures_of(name, platform, child) if gives_up else None
        if failures is not None:
            QueuePolicy(f"{name}-failures-policy", failures, opts=child)
        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs", kms_key_id=platform.log_key_arn, retention_in_days=platform.log_retention_days, opts=child
        )
        telling = [] if failures is None else clock.telling(failures, platform.log_key_arn, platform.location)
        rights = [*granted(args.access), roles.writing_logs(logs.arn), *telling]
        role = FunctionRole(f"{name}-role", rights, platform.location, child, networked=settings.vpc)
        walls = firewall.make(name, _walls(args), child) if settings.vpc else None
        made = package.make(name, settings, platform, child)
        function = _function(name, args, made, role, walls, logs, child)
        live = aws.lambda_.Alias(
            f"{name}-{ALIAS}",
            name=ALIAS,
            description="What is called",
            function_name=function.name,
            function_version=function.version,
            opts=child,
        )
        calls = callers.make(
            name, callers.CallersArgs(service=args, function=function, live=live, failures=failures), child
        )
        self.live = live
        self.listener = calls.listener
        self.signals = [
            *function_watch.signals(name, settings, function.name, failures),
            *calls.signals,
        ]
        self.register_outputs({"functionName": function.name, "aliasArn": live.arn})


class FunctionRole(pulumi.ComponentResource):
    """The role in which a function runs, with just the statements that it was given.

    A component of its own because its statements name ARNs of the function's other parts: as inputs of this component
    they can be judged one by one at preview. `networked`: Lambda may make the interfaces with which it stands in the
    private tier.
    """

    arn: pulumi.Output[str]
    """Known only when the role has its rights: Lambda looks at them when a function or a trigger is made."""

    def __init__(
        self,
        name: str,
        statements: Sequence[Statement],
        location: Location,
        opts: pulumi.ResourceOptions | None = None,
        *,
        networked: bool,
    ) -> None:
        trusted = [documents.assumed_by(LAMBDA, {"StringEquals": {"aws:SourceAccount": location.account_id}})]
        full = [*statements, *(_interfaces(location) if networked else [])]
        super().__init__(
            "groundwork:compute:FunctionRole", name, {"statements": documents.rendered([*trusted, *full])}, opts
        )
        child = pulumi.ResourceOptions(parent=self)
        role = make_role(name, "What the function may do", trusted, location, child)
        policy = aws.iam.RolePolicy(f"{name}-policy", role=role.name, policy=documents.of_role(full, name), opts=child)
        self.arn = pulumi.Output.all(role.arn, policy.id).apply(lambda values: str(values[0]))
        self.register_outputs({"arn": self.arn})


def granted(access: Mapping[str, Access]) -> list[Statement]:
    """The statements of all used stores, and those to read the secrets: nobody fetches them before the program runs."""
    on_stores, _ = roles.of_stores(access)
    _, on_secrets = roles.of_stores({store: access[store] for store in access.keys() & {SECRETS}})
    return [*on_stores, *on_secrets]


def variables(name: str, own: Mapping[str, str], access: Mapping[str, Access]) -> dict[str, pulumi.Input[str]]:
    """What the program is told, by name. In place of a secret it gets the ARN under which it reads it.

    A database says its own (`{STORE}_SECRET_ARN`) beside address and port; of an application secret `PAYMENT_KEY` it is
    `PAYMENT_KEY_SECRET_ARN`.
    """
    told = {
        store: Access(environment=_arns(granted.secrets) if store == SECRETS else granted.environment)
        for store, granted in access.items()
    }
    environment, _ = task.variables(name, own, told)
    return environment


def _arns(references: Mapping[str, pulumi.Input[str]]) -> dict[str, pulumi.Input[str]]:
    """ECS takes a reference: an ARN, which has seven parts, and behind it what of the secret is meant."""
    return {
        f"{variable}_{SECRET_FIELD}": pulumi.Output.from_input(reference).apply(
            lambda text: ":".join(text.split(":")[:7])
        )
        for variable, reference in references.items()
    }


def _interfaces(location: Location) -> list[Statement]:
    """What Lambda does in the function's name to stand in a VPC, and its program may not (Lambda guide,
    configuration-vpc, read 2026-11). The interfaces are not known by name before; the guide has them so."""
    making = [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:UnassignPrivateIpAddresses",
    ]
    looking = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]
    return [
        Statement(sid="MakeInterfaces", actions=making, resources=[location.arn("ec2", "*/*")]),
        unscoped("SeeInterfaces", looking),
        Statement(
            sid="NotInItsProgram",
            effect="Deny",
            actions=[*making, *looking],
            resources=["*"],
            conditions={"ArnLike": {"lambda:SourceFunctionArn": location.arn("lambda", "function:*")}},
        ),
    ]


def _walls(args: ServiceArgs[FunctionSettings]) -> FirewallArgs:
    """Nobody gets in: Lambda calls a function from outside the VPC. Out it gets to what it uses, and no further as long
    as its settings do not say so: its log and its messages do not take this way."""
    settings, platform = args.settings, args.platform
    asked = "egress" in settings.model_fields_set or bool(settings.uses or settings.secrets or settings.bucket)
    return FirewallArgs(
        vpc_id=platform.vpc_id,
        access=args.access,
        inside=platform.inside,
        ipv6=platform.ipv6,
        egress=settings.egress if asked else None,
    )


def _function(
    name: str,
    args: ServiceArgs[FunctionSettings],
    made: Package,
    role: FunctionRole,
    walls: Firewall | None,
    logs: aws.cloudwatch.LogGroup,
    opts: pulumi.ResourceOptions,
) -> aws.lambda_.Function:
    settings, platform = args.settings, args.platform
    told = variables(name, settings.environment, args.access)
    return aws.lambda_.Function(
        f"{name}-function",
        role=role.arn,
        package_type="Zip" if made.archive is not None else "Image",
        code=made.archive,
        image_uri=made.image_uri,
        runtime=settings.runtime,
        handler=settings.handler,
        architectures=[settings.size.architecture],
        memory_size=settings.size.memory,
        ephemeral_storage=aws.lambda_.FunctionEphemeralStorageArgs(size=settings.size.storage),
        timeout=settings.timeout_seconds,
        environment=aws.lambda_.FunctionEnvironmentArgs(variables=told) if told else None,
        # Lambda keeps no key for a function without variables, so a key would differ in every preview.
        kms_key_arn=platform.registry_key_arn if told else None,
        vpc_config=None if walls is None else _network(platform, walls),
        file_system_config=_files(args.access),
        # Without this, Lambda holds on to the group for up to 45 minutes after the function has gone.
        replace_security_groups_on_destroy=None if walls is None else True,
        logging_config=aws.lambda_.FunctionLoggingConfigArgs(
            log_format="JSON", log_group=logs.name, application_log_level="INFO", system_log_level="INFO"
        ),
        reserved_concurrent_executions=settings.concurrency,
        publish=True,
        # Without the rules a run that begins at once would reach nothing.
        opts=pulumi.ResourceOptions.merge(
            opts, pulumi.ResourceOptions(depends_on=[*made.needs, *([] if walls is None else walls.rules)])
        ),
    )


def _files(access: Mapping[str, Access]) -> aws.lambda_.FunctionFileSystemConfigArgs | None:
    """The file system that the function uses; Lambda mounts one at most, which settings have seen to."""
    mount = next((granted.mount for granted in access.values() if granted.mount is not None), None)
    if mount is None:
        return None
    return aws.lambda_.FunctionFileSystemConfigArgs(arn=mount.access_point_arn, local_mount_path=mount.path)


def _network(platform: Platform, walls: Firewall) -> aws.lambda_.FunctionVpcConfigArgs:
    return aws.lambda_.FunctionVpcConfigArgs(
        subnet_ids=list(platform.subnet_ids),
        security_group_ids=[walls.group_id],
        ipv6_allowed_for_dual_stack=True if platform.ipv6 else None,
    )
