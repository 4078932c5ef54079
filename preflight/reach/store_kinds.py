"""The kinds of stores that are looked at: how they are reached, and what opens them."""

from collections.abc import Mapping
from typing import NamedTuple

from preflight.reach.documents import Arn


class Api(NamedTuple):
    """A kind of store that is reached by AWS's API. `policies`: (kind, key that names the store) of its policy."""

    what: str
    service: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    policies: tuple[tuple[str, str], ...] = ()


class Inner(NamedTuple):
    """A kind of store that stands in a VPC. `ports` by engine, "" for any; keys of subnets, groups, and the group of
    subnets."""

    what: str
    ports: Mapping[str, tuple[int, ...]]
    groups: str
    subnets: str
    subnet_group: str | None = None


class Ask(NamedTuple):
    """One right that opens a store: how an answer calls it, any one of which actions, and on what; `also` what else it
    has to be allowed on, `first` what else has to be allowed, without which nobody gets that far."""

    right: str
    actions: tuple[str, ...]
    arn: Arn
    also: tuple[Arn, ...] = ()
    first: tuple[tuple[str, Arn], ...] = ()


API = {
    "aws:s3/bucket:Bucket": Api(
        "bucket", "s3", ("s3:GetObject", "s3:ListBucket"), ("s3:PutObject", "s3:DeleteObject"),
        (("aws:s3/bucketPolicy:BucketPolicy", "bucket"),),
    ),
    "aws:sqs/queue:Queue": Api(
        "queue", "sqs", ("sqs:ReceiveMessage",), ("sqs:SendMessage", "sqs:DeleteMessage", "sqs:PurgeQueue"),
        (("aws:sqs/queuePolicy:QueuePolicy", "queueUrl"),),
    ),
    "aws:sns/topic:Topic": Api(
        "topic", "sns", ("sns:Subscribe",), ("sns:Publish",), (("aws:sns/topicPolicy:TopicPolicy", "arn"),)
    ),
    "aws:dynamodb/table:Table": Api(
        "table", "dynamodb", ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"),
        ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"),
        (("aws:dynamodb/resourcePolicy:ResourcePolicy", "resourceArn"),),
    ),
    "aws:kinesis/stream:Stream": Api("stream", "kinesis", ("kinesis:GetRecords",), ("kinesis:PutRecord",)),
    "aws:secretsmanager/secret:Secret": Api(
        "secret", "secretsmanager", ("secretsmanager:GetSecretValue",), ("secretsmanager:PutSecretValue",),
        (("aws:secretsmanager/secretPolicy:SecretPolicy", "secretArn"),),
    ),
    "aws:ssm/parameter:Parameter": Api(
        "parameter", "ssm", ("ssm:GetParameter", "ssm:GetParameters"), ("ssm:PutParameter",)
    ),
    "aws:kms/key:Key": Api(
        "key", "kms", ("kms:Decrypt",), ("kms:Encrypt", "kms:GenerateDataKey"),
        (("aws:kms/keyPolicy:KeyPolicy", "keyId"),),
    ),
}  # fmt: skip
# Database -> the key by which the target of a proxy names it.
PROXIED = {
    "aws:rds/instance:Instance": "dbInstanceIdentifier",
    "aws:rds/cluster:Cluster": "dbClusterIdentifier",
}
PROXY, PROXY_TARGET = "aws:rds/proxy:Proxy", "aws:rds/proxyTarget:ProxyTarget"
KEY = "aws:kms/key:Key"
FILES = "aws:efs/fileSystem:FileSystem"
SECRET, SECRET_VERSION = "aws:secretsmanager/secret:Secret", "aws:secretsmanager/secretVersion:SecretVersion"
MOUNT = "aws:efs/mountTarget:MountTarget"
_SQL = {
    "postgres": (5432,), "aurora-postgresql": (5432,), "mysql": (3306,), "mariadb": (3306,), "aurora-mysql": (3306,),
    "sqlserver": (1433,), "oracle": (1521,), "db2": (50000,),
}  # fmt: skip
_KAFKA = {"": (9092, 9094, 9096, 9098)}
_VPC, _PLAIN, _DB = "vpcSecurityGroupIds", "securityGroupIds", "dbSubnetGroupName"
_CACHE = {"memcached": (11211,), "": (6379,)}
DATABASE = "aws:rds/instance:Instance"
CACHE = "aws:elasticache/cluster:Cluster"
CLUSTER = "aws:rds/cluster:Cluster"
INNER = {
    DATABASE: Inner("database", _SQL, _VPC, "", _DB),
    CLUSTER: Inner("database cluster", _SQL, _VPC, "", _DB),
    "aws:docdb/cluster:Cluster": Inner("document database", {"": (27017,)}, _VPC, "", _DB),
    "aws:neptune/cluster:Cluster": Inner("graph database", {"": (8182,)}, _VPC, "", "neptuneSubnetGroupName"),
    "aws:redshift/cluster:Cluster": Inner("warehouse", {"": (5439,)}, _VPC, "", "clusterSubnetGroupName"),
    CACHE: Inner("cache", _CACHE, _PLAIN, "", "subnetGroupName"),
    "aws:elasticache/replicationGroup:ReplicationGroup": Inner("cache", _CACHE, _PLAIN, "", "subnetGroupName"),
    "aws:elasticache/serverlessCache:ServerlessCache": Inner("cache", _CACHE, "securityGroupIds", "subnetIds"),
    "aws:memorydb/cluster:Cluster": Inner("cache", {"": (6379,)}, _PLAIN, "", "subnetGroupName"),
    "aws:msk/cluster:Cluster": Inner("stream", _KAFKA, "brokerNodeGroupInfo", "brokerNodeGroupInfo"),
    "aws:msk/serverlessCluster:ServerlessCluster": Inner("stream", {"": (9098,)}, "vpcConfigs", "vpcConfigs"),
    FILES: Inner("file system", {"": (2049,)}, "", ""),
    "aws:opensearch/domain:Domain": Inner("search domain", {"": (443,)}, "vpcOptions", "vpcOptions"),
}  # fmt: skip
INSIDE = {"brokerNodeGroupInfo": ("securityGroups", "clientSubnets"), "vpcConfigs": ("securityGroupIds", "subnetIds"),
           "vpcOptions": ("securityGroupIds", "subnetIds")}  # fmt: skip
SUBNET_GROUPS = (
    "aws:rds/subnetGroup:SubnetGroup", "aws:elasticache/subnetGroup:SubnetGroup", "aws:docdb/subnetGroup:SubnetGroup",
    "aws:neptune/subnetGroup:SubnetGroup", "aws:redshift/subnetGroup:SubnetGroup",
    "aws:memorydb/subnetGroup:SubnetGroup",
)  # fmt: skip
