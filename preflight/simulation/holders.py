"""Which resources hold something that cannot be made again: data, messages, images, keys, names of a zone."""

# Deleting or replacing one of these loses data, or the key to data. Tokens of pulumi-aws 7; a test compares them with
# the SDK. Instances of an Aurora cluster hold none, but without them nobody reaches it.
TYPES = frozenset(
    {
        "aws:backup/vault:Vault",
        "aws:cloudwatch/logGroup:LogGroup",
        "aws:codecommit/repository:Repository",
        "aws:cognito/userPool:UserPool",
        "aws:docdb/cluster:Cluster",
        "aws:dsql/cluster:Cluster",
        "aws:dynamodb/table:Table",
        "aws:ebs/snapshot:Snapshot",
        "aws:ebs/volume:Volume",
        "aws:ecr/repository:Repository",
        "aws:efs/fileSystem:FileSystem",
        "aws:elasticache/cluster:Cluster",
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "aws:elasticache/serverlessCache:ServerlessCache",
        "aws:elasticsearch/domain:Domain",
        "aws:fsx/lustreFileSystem:LustreFileSystem",
        "aws:fsx/ontapFileSystem:OntapFileSystem",
        "aws:fsx/ontapVolume:OntapVolume",
        "aws:fsx/openZfsFileSystem:OpenZfsFileSystem",
        "aws:fsx/openZfsVolume:OpenZfsVolume",
        "aws:fsx/windowsFileSystem:WindowsFileSystem",
        "aws:glacier/vault:Vault",
        "aws:keyspaces/table:Table",
        "aws:kinesis/stream:Stream",
        "aws:kms/key:Key",
        "aws:memorydb/cluster:Cluster",
        "aws:msk/cluster:Cluster",
        "aws:msk/serverlessCluster:ServerlessCluster",
        "aws:neptune/cluster:Cluster",
        "aws:neptune/globalCluster:GlobalCluster",
        "aws:opensearch/domain:Domain",
        "aws:opensearch/serverlessCollection:ServerlessCollection",
        "aws:rds/cluster:Cluster",
        "aws:rds/clusterInstance:ClusterInstance",
        "aws:rds/globalCluster:GlobalCluster",
        "aws:rds/instance:Instance",
        "aws:redshift/cluster:Cluster",
        "aws:redshiftserverless/namespace:Namespace",
        "aws:route53/zone:Zone",
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketV2:BucketV2",
        "aws:s3/directoryBucket:DirectoryBucket",
        "aws:s3tables/tableBucket:TableBucket",
        "aws:secretsmanager/secret:Secret",
        "aws:sqs/queue:Queue",
        "aws:ssm/parameter:Parameter",
        "aws:timestreaminfluxdb/dbInstance:DbInstance",
        "aws:timestreamwrite/table:Table",
    }
)

# What passes through or only opens the way to data, and what can be made again in part: copies, images, records of what
# has happened.
_LESS = frozenset(
    {
        "aws:kinesis/stream:Stream",
        "aws:kms/key:Key",
        "aws:msk/cluster:Cluster",
        "aws:msk/serverlessCluster:ServerlessCluster",
        "aws:rds/clusterInstance:ClusterInstance",
        "aws:route53/zone:Zone",
        "aws:secretsmanager/secret:Secret",
        "aws:sqs/queue:Queue",
        "aws:ssm/parameter:Parameter",
    }
)
_LEAST = frozenset(
    {
        "aws:backup/vault:Vault",
        "aws:cloudwatch/logGroup:LogGroup",
        "aws:ebs/snapshot:Snapshot",
        "aws:ecr/repository:Repository",
        "aws:glacier/vault:Vault",
    }
)


def turn(token: str) -> int:
    """In which order losses are told: databases, tables, buckets, file systems and caches, then what data passes
    through, then copies, images and logs."""
    return (token in _LESS) + 2 * (token in _LEAST)
