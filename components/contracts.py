"""What the rooms of the house promise each other: access to a store, what is worth watching, and what is backed up.

Components describe; others act. A store says what a workload needs to use it (`Access`), the service turns that into
its role, its containers and one security-group rule. A component says what is worth watching (`Signal`)
and what is worth looking at (`Panel`), `Observability` turns that into alarms and a dashboard.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol, runtime_checkable

import pulumi


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of a policy document, as data: the document is only written where AWS wants it."""

    sid: str
    actions: Sequence[str]
    resources: Sequence[pulumi.Input[str]] = ()
    effect: Literal["Allow", "Deny"] = "Allow"
    principals: Mapping[str, Sequence[pulumi.Input[str]]] = field(default_factory=dict)
    conditions: Mapping[str, Mapping[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]]] = field(
        default_factory=dict
    )


@dataclass(frozen=True, kw_only=True)
class Opening:
    """The port that a store opens to the security groups of the services that use it."""

    security_group_id: pulumi.Input[str]
    port: int
    description: str


@dataclass(frozen=True, kw_only=True)
class QueueAddress:
    """A queue, for whoever is started by its messages or counts them. `name` is what CloudWatch knows it by."""

    name: pulumi.Input[str]
    arn: pulumi.Input[str]
    url: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class BucketAddress:
    """A bucket, for whoever is called by what happens in it."""

    name: pulumi.Input[str]
    arn: pulumi.Input[str]
    backed_up: bool = False
    """By AWS Backup, which is told through EventBridge of what changes in it."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A queue that a bucket tells of its events. `queue_arn` is known only when the bucket may send to it."""

    queue_arn: pulumi.Input[str]
    events: Sequence[Literal["created", "removed"]]
    prefix: str
    suffix: str


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A file system that a program finds under `path`, through one access point, over TLS and by its role's rights.

    `file_system_id` and `access_point_arn` are known only when it can be mounted in every zone.
    """

    path: str
    file_system_id: pulumi.Input[str]
    access_point_id: pulumi.Input[str]
    access_point_arn: pulumi.Input[str]
    read_only: bool


@dataclass(frozen=True, kw_only=True)
class Access:
    """What one level of access to one store takes. Nobody writes IAM by hand.

    `statements` go to the task role. `execution_statements` go to the execution role, which fetches `secrets` before
    the container starts. `environment` and `secrets` (variable name -> Secrets Manager reference as ECS takes it in
    `valueFrom`) go to the container, named `{STORE}_{FIELD}`. `queue` is the store itself, where it is a queue,
    `bucket` where it is a bucket, and `mount` where it is a file system. `stream_arn` is where a table tells of its
    changes, for whoever follows them.
    """

    statements: Sequence[Statement] = ()
    execution_statements: Sequence[Statement] = ()
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    opening: Opening | None = None
    queue: QueueAddress | None = None
    bucket: BucketAddress | None = None
    mount: Mount | None = None
    stream_arn: pulumi.Input[str] | None = None


@dataclass(frozen=True, kw_only=True)
class AwsInside:
    """How AWS is reached without leaving the VPC: interface endpoints have addresses of `cidr`, gateway endpoints those
    of a prefix list each, by service."""

    cidr: str
    prefix_lists: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Site:
    """The network as the rooms in it see it: ids of the VPC and of its subnets by tier, one for each zone."""

    vpc_id: pulumi.Input[str]
    public_subnet_ids: Sequence[pulumi.Input[str]] = ()
    private_subnet_ids: Sequence[pulumi.Input[str]] = ()
    data_subnet_ids: Sequence[pulumi.Input[str]] = ()
    ipv6: bool = False
    """Whether the public and the private subnets have IPv6 addresses as well."""
    inside: AwsInside | None = None
    """For services that may not leave the VPC."""


class Store(Protocol):
    """Anything that a service may name under `uses`."""

    def access(self, level: str) -> Access:
        """The access that `level` stands for; settings have checked that the store has this level."""
        ...


@runtime_checkable
class Telling(Protocol):
    """A store that tells queues of what happens in it, by the name of the queue. Functions are told with them, since S3
    keeps one list for a bucket."""

    bucket: BucketAddress
    notices: Mapping[str, Notice]


ResourceType = Literal["Aurora", "DynamoDB", "EFS", "RDS", "S3"]
"""What AWS Backup calls the kinds of resources that it keeps and whose restores it tests."""


@dataclass(frozen=True, kw_only=True)
class DatabaseRestore:
    """What a restored copy of a database has to be given, to come up in the data tier and nowhere else.

    `instance_class` is `db.serverless` where the capacity follows the load. `security_group_id` is the group that the
    services of the original open: a copy for a test gets a closed one of its own instead.
    """

    engine: str
    version: str
    instance_class: str
    subnet_group_name: pulumi.Input[str]
    parameter_group_name: pulumi.Input[str]
    security_group_id: pulumi.Input[str]
    vpc_id: pulumi.Input[str]
    port: int
    database_name: str
    identifier: pulumi.Input[str]
    secret_arn: pulumi.Input[str]
    """Where the master password of the original is kept."""


@dataclass(frozen=True, kw_only=True)
class Recoverable:
    """A store that AWS Backup keeps, and what its restore is tried with.

    `name` is that of the stack file. `key_arn` is the key that its data is encrypted with. `own_backup_days` is for how
    many days the store itself can be set back to any point in time, beside AWS Backup; None where it cannot.
    """

    name: str
    kind: ResourceType
    arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    own_backup_days: int | None = None
    database: DatabaseRestore | None = None
    """Of `Aurora` and `RDS`."""
    restore: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Metadata that a restore of this very store needs beside, in AWS Backup's own words."""


class DataStore(Store, Protocol):
    """A store as the stack keeps it: used by services, watched, and backed up."""

    @property
    def signals(self) -> Sequence["Signal"]:
        """What is worth watching on it; nothing, where its users' own signals say as much."""
        ...

    @property
    def recoverable(self) -> Recoverable | None:
        """What AWS Backup keeps of it; None where it holds nothing that a backup could bring back, or where AWS Backup
        does not know its kind."""
        ...


class FrontDoor(Protocol):
    """What services stand behind: a load balancer of our own, or one that is brought."""

    @property
    def arn_suffix(self) -> pulumi.Output[str]:
        """What CloudWatch calls it."""
        ...

    @property
    def security_group_id(self) -> pulumi.Output[str]:
        """Where the way to each service begins."""
        ...

    @property
    def listener_arn(self) -> pulumi.Output[str]:
        """Where each service adds its route."""
        ...

    @property
    def test_listener_arn(self) -> pulumi.Output[str] | None:
        """Where a service shows its next release, if there is such a port."""
        ...


class Severity(StrEnum):
    """How soon a person must look: `CRITICAL` now, at any hour; `WARNING` on the next working day."""

    CRITICAL = "critical"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One CloudWatch metric with all its dimensions."""

    namespace: str
    name: str
    statistic: str
    dimensions: Mapping[str, pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class Signal:
    """Something worth watching, as data.

    With one metric and no `expression` the metric itself is compared with `threshold`; otherwise `expression` is
    CloudWatch metric math over the ids of `metrics`, or without any a query of Metrics Insights, for metrics whose
    dimensions nobody knows beforehand. `meaning` is one sentence for whoever is woken by it, `runbook`
    the file under `docs/runbooks/` that says what to do.
    """

    name: str
    metrics: Mapping[str, Metric]
    expression: pulumi.Input[str] | None = None
    comparison: Literal[
        "GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"
    ]
    threshold: float
    period_seconds: int
    evaluation_periods: int
    datapoints_to_alarm: int
    missing: Literal["missing", "ignore", "breaching", "notBreaching"]
    severity: Severity
    meaning: str
    runbook: str


@dataclass(frozen=True, kw_only=True)
class Search:
    """One CloudWatch metric of everybody who sends it, found anew whenever the dashboard is looked at.

    `dimensions` are the names of all its dimensions. Of some of them `exactly` says the value, and `words` one or more
    words that stand in it. `label` is the dimension by whose value the lines are told apart.
    """

    namespace: str
    name: str
    statistic: str
    dimensions: Sequence[str]
    label: str
    exactly: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A graph of all services of a kind, under the heading `group`; it stays as it is when a service comes or goes.

    `lines` are values worth a line across it, by what they mean.
    """

    group: str
    title: str
    searches: Sequence[Search]
    lines: Mapping[str, float] = field(default_factory=dict)


def happened(
    name: str,
    metrics: Mapping[str, Metric],
    meaning: str,
    runbook: str,
    *,
    expression: str | None = None,
    severity: Severity = Severity.WARNING,
) -> Signal:
    """A signal that something happened at all that never should, within a minute. Over with the minute."""
    return Signal(
        name=name,
        metrics=metrics,
        expression=expression,
        comparison="GreaterThanThreshold",
        threshold=0,
        period_seconds=60,
        evaluation_periods=1,
        datapoints_to_alarm=1,
        missing="notBreaching",
        severity=severity,
        meaning=meaning,
        runbook=runbook,
    )
