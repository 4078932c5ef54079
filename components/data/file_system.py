"""A file system that the tasks of several services have mounted at once."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.contracts import Access, Metric, Mount, Opening, Recoverable, Severity, Signal, Statement
from components.data.store import StoreArgs
from components.security import documents
from settings.files import FileSystemSettings, path_of
from settings.stores import variable

PORT = 2049
# Whoever comes through the access point is this user, the one that every container of ours runs as.
OWNER = 65534
ROOT = "/data"
RUNBOOK = "file-system.md"
# What a new file system may burst with, and ours: the share of it at which somebody is told (user guide, performance,
# read 2026-11: 2.1 TiB; at the end of it throughput falls to 50 KiB/s for each GiB stored).
_FIRST_CREDITS = 2.1 * 2**40
_CREDITS_SHARE = 0.2
_USED_PERCENT = 80  # ours, of the throughput that is permitted
_MOUNT = "elasticfilesystem:ClientMount"
_WRITE = "elasticfilesystem:ClientWrite"
_ROOT = "elasticfilesystem:ClientRootAccess"
_LEVELS: Mapping[str, Sequence[str]] = {"read": (_MOUNT,), "write": (_MOUNT, _WRITE), "admin": (_MOUNT, _WRITE)}
_ADMIN = (
    "elasticfilesystem:DescribeFileSystems",
    "elasticfilesystem:DescribeLifecycleConfiguration",
    "elasticfilesystem:DescribeMountTargets",
)


class FileSystem(pulumi.ComponentResource):
    """Files, encrypted with our key and on their way, in every zone of the data tier.

    Whoever mounts it comes through one access point, as nobody, into one folder. Its security group has no rule at all:
    whoever uses it adds one, from its own group, for one port.
    """

    signals: Sequence[Signal]
    recoverable: Recoverable

    def __init__(
        self, name: str, args: StoreArgs[FileSystemSettings], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("groundwork:data:FileSystem", name, None, opts)
        self._args = args
        child = pulumi.ResourceOptions(parent=self)
        firewall = aws.ec2.SecurityGroup(
            name,
            vpc_id=args.site.vpc_id,
            description=f"Files {args.store}: only what the services add",
            tags={"Name": name},
            opts=child,
        )
        files = _files(name, args, self)
        policy = FileSystemPolicy(f"{name}-policy", files, child, retained=args.protected)
        point = _access_point(name, args, files, self)
        targets = [
            aws.efs.MountTarget(
                f"{name}-{zone}",
                file_system_id=files.id,
                subnet_id=subnet,
                security_groups=[firewall.id],
                opts=child,
            )
            for zone, subnet in zip(_zones(args), args.site.data_subnet_ids, strict=True)
        ]
        self._files, self._firewall, self._point = files, firewall, point
        # Known only when it can be mounted in every zone, and nobody gets in without TLS any more.
        waits = pulumi.Output.all(files.id, policy.file_system_id, *(target.id for target in targets))
        self._mountable = waits.apply(lambda ids: str(ids[0]))
        self._mountable_point = pulumi.Output.all(point.arn, waits).apply(lambda values: str(values[0]))
        self.signals = _signals(name, args, files.id)
        self.recoverable = Recoverable(name=args.store, kind="EFS", arn=files.arn, key_arn=args.key_arn)
        self.register_outputs({"fileSystemId": files.id, "fileSystemArn": files.arn})

    def access(self, level: str) -> Access:
        """`read`: mount it and read. `write`: change files as well. `admin`: see how it is set, too. Nobody is root in
        it, whatever the level."""
        if level not in _LEVELS:
            raise ValueError(
                f"file system {self._args.store!r} has no access level {level!r}: use one of {sorted(_LEVELS)}"
            )
        arn, store = self._files.arn, self._args.store
        through = {"StringEquals": {"elasticfilesystem:AccessPointArn": self._point.arn}}
        looking = Statement(sid="SeeFileSystem", actions=_ADMIN, resources=[arn])
        return Access(
            statements=[
                Statement(sid="MountFiles", actions=_LEVELS[level], resources=[arn], conditions=through),
                *([looking] if level == "admin" else []),
            ],
            environment={variable(store, "PATH"): path_of(store)},
            opening=Opening(security_group_id=self._firewall.id, port=PORT, description=f"Files {store}"),
            mount=Mount(
                path=path_of(store),
                file_system_id=self._mountable,
                access_point_id=self._point.id,
                access_point_arn=self._mountable_point,
                read_only=level == "read",
            ),
        )


class FileSystemPolicy(pulumi.ComponentResource):
    """The policy of a file system: only over TLS. With a policy of its own EFS lets nobody in but who has the rights.

    A component of its own because its statement names the ARN of the file system: as inputs of this component it can be
    judged at preview, when the ARN, and with it the whole document, is still unknown.
    """

    file_system_id: pulumi.Output[str]
    """Known only when the policy is in force."""

    def __init__(
        self,
        name: str,
        files: aws.efs.FileSystem,
        opts: pulumi.ResourceOptions | None = None,
        *,
        retained: bool,
    ) -> None:
        statements = [
            Statement(
                sid="OnlyOverTls",
                effect="Deny",
                actions=[_MOUNT, _ROOT, _WRITE],
                resources=[files.arn],
                principals={"AWS": ["*"]},
                conditions={"Bool": {"aws:SecureTransport": "false"}},
            )
        ]
        super().__init__("groundwork:data:FileSystemPolicy", name, {"statements": documents.rendered(statements)}, opts)
        policy = aws.efs.FileSystemPolicy(
            f"{name}-document",
            file_system_id=files.id,
            policy=documents.document(statements),
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=retained),
        )
        self.file_system_id = policy.file_system_id
        self.register_outputs({"fileSystemId": self.file_system_id})


def _zones(args: StoreArgs[FileSystemSettings]) -> Sequence[str]:
    """What mount targets are named after: the zones, or where they are not told (a network that is brought) places."""
    subnets = args.site.data_subnet_ids
    return args.availability_zones or [str(place) for place in range(1, len(subnets) + 1)]


def _files(name: str, args: StoreArgs[FileSystemSettings], parent: pulumi.Resource) -> aws.efs.FileSystem:
    settings = args.settings
    return aws.efs.FileSystem(
        name,
        encrypted=True,
        kms_key_id=args.key_arn,
        performance_mode="generalPurpose",
        throughput_mode=settings.throughput,
        provisioned_throughput_in_mibps=settings.throughput_mibps,
        lifecycle_policies=_lifecycle(settings) or None,
        tags={"Name": name},
        opts=pulumi.ResourceOptions(parent=parent, protect=args.protected, retain_on_delete=args.protected),
    )


def _lifecycle(settings: FileSystemSettings) -> list[aws.efs.FileSystemLifecyclePolicyArgs]:
    """Each move is a policy of its own. A file that is read comes back, or each read of it would cost again."""
    policy = aws.efs.FileSystemLifecyclePolicyArgs
    infrequent, archive = settings.infrequent_access_after_days, settings.archive_after_days
    if infrequent is None:
        return []
    return [
        policy(transition_to_ia=_after(infrequent)),
        policy(transition_to_primary_storage_class="AFTER_1_ACCESS"),
        *([policy(transition_to_archive=_after(archive))] if archive is not None else []),
    ]


def _after(days: int) -> str:
    return "AFTER_1_DAY" if days == 1 else f"AFTER_{days}_DAYS"


def _access_point(
    name: str, args: StoreArgs[FileSystemSettings], files: aws.efs.FileSystem, parent: pulumi.Resource
) -> aws.efs.AccessPoint:
    return aws.efs.AccessPoint(
        name,
        file_system_id=files.id,
        posix_user=aws.efs.AccessPointPosixUserArgs(uid=OWNER, gid=OWNER),
        root_directory=aws.efs.AccessPointRootDirectoryArgs(
            path=ROOT,
            creation_info=aws.efs.AccessPointRootDirectoryCreationInfoArgs(
                owner_uid=OWNER, owner_gid=OWNER, permissions="0750"
            ),
        ),
        tags={"Name": name},
        opts=pulumi.ResourceOptions(parent=parent, retain_on_delete=args.protected),
    )


def _signals(name: str, args: StoreArgs[FileSystemSettings], identity: pulumi.Input[str]) -> list[Signal]:
    store, settings = args.store, args.settings

    def metric(what: str, statistic: str) -> Metric:
        return Metric(namespace="AWS/EFS", name=what, statistic=statistic, dimensions={"FileSystemId": identity})

    throughput = Signal(
        name=f"{name}-throughput",
        metrics={"bytes": metric("MeteredIOBytes", "Sum"), "permitted": metric("PermittedThroughput", "Average")},
        expression="100 * bytes / PERIOD(bytes) / permitted",
        comparison="GreaterThanThreshold",
        threshold=_USED_PERCENT,
        period_seconds=60,
        evaluation_periods=15,
        datapoints_to_alarm=15,
        missing="notBreaching",
        severity=Severity.WARNING,
        meaning=f"The files {store} have been read and written at more than {_USED_PERCENT} % of the permitted"
        " throughput for a quarter of an hour: services wait for them.",
        runbook=RUNBOOK,
    )
    operations = Signal(
        name=f"{name}-operations",
        metrics={"used": metric("PercentIOLimit", "Average")},
        comparison="GreaterThanOrEqualToThreshold",
        threshold=100,
        period_seconds=60,
        evaluation_periods=15,
        datapoints_to_alarm=15,
        missing="notBreaching",
        severity=Severity.WARNING,
        meaning=f"The files {store} have been at the limit of their operations for a quarter of an hour: services"
        " wait.",
        runbook=RUNBOOK,
    )
    credits_ = Signal(
        name=f"{name}-credits",
        metrics={"credits": metric("BurstCreditBalance", "Average")},
        comparison="LessThanThreshold",
        threshold=int(_FIRST_CREDITS * _CREDITS_SHARE),
        period_seconds=60,
        evaluation_periods=15,
        datapoints_to_alarm=15,
        missing="notBreaching",
        severity=Severity.WARNING,
        meaning=f"The files {store} have used up four fifths of what they may burst with: soon they are slow.",
        runbook=RUNBOOK,
    )
    return [throughput, operations, *([credits_] if settings.throughput == "bursting" else [])]
