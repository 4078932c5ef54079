"""A stream: Kafka that AWS runs, reached by TLS and IAM alone."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.contracts import Access, Opening, Signal, Statement
from components.data import stream_brokers, stream_signals
from components.data.store import StoreArgs
from settings.stores import variable
from settings.streams import MOST_ZONES, ProvisionedStreamSettings, ServerlessStreamSettings

PORT = 9098  # of brokers that ask for IAM, within the VPC (MSK developer guide, port-info, read 2026-11)

_CLUSTER = ("kafka-cluster:Connect", "kafka-cluster:DescribeCluster")
# What producers ask for that write each message exactly once, which clients do by themselves since Kafka 3.
_ONCE = ("kafka-cluster:WriteDataIdempotently",)
_ON_TRANSACTIONS = ("kafka-cluster:AlterTransactionalId", "kafka-cluster:DescribeTransactionalId")
_ON_TOPICS: Mapping[str, Sequence[str]] = {
    "read": ("kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"),
    "write": ("kafka-cluster:DescribeTopic", "kafka-cluster:ReadData", "kafka-cluster:WriteData"),
    "admin": (
        "kafka-cluster:AlterTopic",
        "kafka-cluster:AlterTopicDynamicConfiguration",
        "kafka-cluster:CreateTopic",
        "kafka-cluster:DeleteTopic",
        "kafka-cluster:DescribeTopic",
        "kafka-cluster:DescribeTopicDynamicConfiguration",
        "kafka-cluster:ReadData",
        "kafka-cluster:WriteData",
    ),
}
# A program that makes its topics when it starts says so with `write`: without it nobody could in a protected stack.
_MAKING_TOPICS = ("kafka-cluster:CreateTopic",)
_ON_GROUPS = ("kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup")

StreamArgs = StoreArgs[ServerlessStreamSettings] | StoreArgs[ProvisionedStreamSettings]


class Stream(pulumi.ComponentResource):
    """Messages in topics, which stay for a while and can be read again, by many.

    Its security group has no rule at all: whoever uses the stream adds one, from its own group, for one port.
    """

    signals: Sequence[Signal]
    recoverable: None = None
    """AWS Backup does not know MSK; what must outlive a cluster is written from it into another store."""

    def __init__(self, name: str, args: StreamArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:data:Stream", name, None, opts)
        self._store, self._location = args.store, args.location
        firewall = aws.ec2.SecurityGroup(
            name,
            vpc_id=args.site.vpc_id,
            description=f"Stream {args.store}: only what the services add",
            tags={"Name": name},
            opts=pulumi.ResourceOptions(parent=self),
        )
        if isinstance(args.settings, ProvisionedStreamSettings):
            brokers = stream_brokers.make(name, args.settings, args, firewall, self)
            self._arn, self._bootstrap = brokers.arn, brokers.bootstrap_brokers_sasl_iam
            watched = stream_signals.of_brokers(
                name, args.store, brokers.cluster_name, stream_brokers.count(args.settings, args)
            )
            named = brokers.cluster_name
        else:
            cluster = _serverless(name, args, firewall, self)
            self._arn, self._bootstrap = cluster.arn, cluster.bootstrap_brokers_sasl_iam
            watched, named = [], cluster.cluster_name  # there are metrics of topics and of their consumers alone
        lag = stream_signals.of_groups(name, args.store, named, args.settings.lag_alarm_seconds)
        self.signals = [*watched, *lag]
        self._firewall = firewall
        self.register_outputs({"clusterArn": self._arn})

    def access(self, level: str) -> Access:
        """`read`: read topics, in consumer groups of its own. `write`: write into them as well, and make those that are
        missing. `admin`: change and delete topics, too."""
        if level not in _ON_TOPICS:
            raise ValueError(f"stream {self._store!r} has no access level {level!r}: use one of {sorted(_ON_TOPICS)}")
        writes = level != "read"
        topics = [*_ON_TOPICS[level], *(_MAKING_TOPICS if level == "write" else [])]
        transactions = Statement(
            sid="WriteInTransactions", actions=_ON_TRANSACTIONS, resources=[self._all("transactional-id")]
        )
        return Access(
            statements=[
                Statement(
                    sid=f"ConnectTo{level.capitalize()}",
                    actions=[*_CLUSTER, *(_ONCE if writes else [])],
                    resources=[self._arn],
                ),
                Statement(sid=f"{level.capitalize()}Topics", actions=topics, resources=[self._all("topic")]),
                Statement(sid="ReadInGroups", actions=_ON_GROUPS, resources=[self._all("group")]),
                *([transactions] if writes else []),
            ],
            environment={
                variable(self._store, "BOOTSTRAP"): self._bootstrap,
                variable(self._store, "REGION"): self._location.region,
            },
            opening=Opening(security_group_id=self._firewall.id, port=PORT, description=f"Kafka {self._store}"),
        )

    def _all(self, kind: str) -> pulumi.Output[str]:
        """Every topic or group of this cluster: `...:cluster/name/uuid` -> `...:topic/name/uuid/*`."""
        return self._arn.apply(lambda arn: arn.replace(":cluster/", f":{kind}/", 1) + "/*")


def _serverless(
    name: str, args: StreamArgs, firewall: aws.ec2.SecurityGroup, parent: pulumi.Resource
) -> aws.msk.ServerlessCluster:
    authentication = aws.msk.ServerlessClusterClientAuthenticationArgs
    return aws.msk.ServerlessCluster(
        name,
        vpc_configs=[
            aws.msk.ServerlessClusterVpcConfigArgs(
                subnet_ids=list(args.site.data_subnet_ids[:MOST_ZONES]), security_group_ids=[firewall.id]
            )
        ],
        client_authentication=authentication(
            sasl=aws.msk.ServerlessClusterClientAuthenticationSaslArgs(
                iam=aws.msk.ServerlessClusterClientAuthenticationSaslIamArgs(enabled=True)
            )
        ),
        opts=pulumi.ResourceOptions(
            parent=parent,
            protect=args.protected,
            retain_on_delete=args.protected,
            # Chosen once: MSK moves no cluster, so a zone added to the stack later would replace it.
            ignore_changes=["vpc_configs"],
        ),
    )
