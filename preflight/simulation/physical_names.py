"""Which input holds the physical name of a resource, and what a name has to be that Pulumi makes."""

# What stands before a name that Pulumi makes (pulumi-aws `resources.go`, the post-transformations of names).
PREFIXES = {"aws:kms/alias:Alias": "alias/"}
# The input that holds the name, where it is not `name`.
KEYS = {
    "aws:msk/cluster:Cluster": "clusterName",
    "aws:msk/serverlessCluster:ServerlessCluster": "clusterName",
    "aws:opensearch/domain:Domain": "domainName",
    "aws:elasticsearch/domain:Domain": "domainName",
    "aws:s3/bucket:Bucket": "bucket",
    "aws:s3/bucketV2:BucketV2": "bucket",
    "aws:rds/instance:Instance": "identifier",
    "aws:rds/cluster:Cluster": "clusterIdentifier",
    "aws:rds/clusterInstance:ClusterInstance": "identifier",
    "aws:elasticache/replicationGroup:ReplicationGroup": "replicationGroupId",
    "aws:elasticache/cluster:Cluster": "clusterId",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": "alarmName",
    "aws:cloudwatch/dashboard:Dashboard": "dashboardName",
    "aws:ec2/keyPair:KeyPair": "keyName",
}
# Types whose names have no capitals.
LOWER_CASE = {
    "aws:opensearch/domain:Domain",
    "aws:elasticsearch/domain:Domain",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketV2:BucketV2",
    "aws:rds/instance:Instance",
    "aws:rds/cluster:Cluster",
    "aws:rds/clusterInstance:ClusterInstance",
    "aws:rds/subnetGroup:SubnetGroup",
    "aws:rds/parameterGroup:ParameterGroup",
    "aws:rds/clusterParameterGroup:ClusterParameterGroup",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:elasticache/cluster:Cluster",
    "aws:ecr/repository:Repository",
}
# Longest name, where autonaming would otherwise make one that AWS refuses.
LIMITS = {
    "aws:opensearch/domain:Domain": 28,
    "aws:elasticsearch/domain:Domain": 28,
    "aws:lb/loadBalancer:LoadBalancer": 32,
    "aws:alb/loadBalancer:LoadBalancer": 32,
    "aws:lb/targetGroup:TargetGroup": 32,
    "aws:alb/targetGroup:TargetGroup": 32,
    "aws:elasticache/replicationGroup:ReplicationGroup": 40,
    "aws:elasticache/cluster:Cluster": 50,
    "aws:s3/bucket:Bucket": 63,
    "aws:s3/bucketV2:BucketV2": 63,
    "aws:iam/role:Role": 64,
    "aws:sqs/queue:Queue": 80,
    "aws:msk/cluster:Cluster": 64,
    "aws:msk/serverlessCluster:ServerlessCluster": 64,
    "aws:scheduler/schedule:Schedule": 64,
    "aws:scheduler/scheduleGroup:ScheduleGroup": 64,
    "aws:cloudwatch/eventRule:EventRule": 64,
    "aws:lambda/function:Function": 64,
    "aws:rds/instance:Instance": 63,
    "aws:rds/cluster:Cluster": 63,
    "aws:rds/clusterInstance:ClusterInstance": 63,
}
