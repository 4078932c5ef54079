"""As ``ranges``, of what keeps data, carries messages, watches, or says who may. Sources and date are those of it."""

from preflight.simulation.limits import (
    Rule,
    between,
    divisible,
    either,
    matches,
    of,
    password,
    short,
)
from preflight.simulation.ranges import ARN, PORT

_SLASH = matches(r"/.*", "a path that begins with /")
_SECONDS_OF_RETRY = between(60, 86400)
_PERIOD = either(of(10, 20, 30), divisible(60), "10, 20, 30 or a multiple of 60")
_PERIOD_OF_QUERY = either(of(1, 5, 10, 20, 30), divisible(60), "1, 5, 10, 20, 30 or a multiple of 60")
_STATISTIC = matches(
    r"(?:p|tm|wm|tc|ts)(?:\d{1,2}(?:\.\d+)?|100)|IQM|(?:PR|TC|TM|TS|WM)\(.*\)",
    "a statistic such as p99, tm90, PR(:100)",
)
_BUCKET_DAYS = between(1, 2147483647)
_LIFECYCLE: dict[str, Rule] = {
    "rules.id": short(255),
    "rules.abortIncompleteMultipartUpload.daysAfterInitiation": _BUCKET_DAYS,
    "rules.expiration.days": _BUCKET_DAYS,
    "rules.noncurrentVersionExpiration.noncurrentDays": _BUCKET_DAYS,
    "rules.transitions.days": between(0, 2147483647),
}
_CORS: dict[str, Rule] = {"corsRules.allowedMethods[]": of("GET", "PUT", "POST", "DELETE", "HEAD")}
_OBJECT: dict[str, Rule] = {"key": matches(r"(?s).{1,1024}", "a key of 1 to 1024 characters")}
_ENCRYPTION: dict[str, Rule] = {
    "rules.applyServerSideEncryptionByDefault.sseAlgorithm": of("AES256", "aws:kms", "aws:kms:dsse", "aws:fsx")
}
_LOGS_OF_DATABASES = of(
    "agent", "alert", "audit", "diag.log", "error", "general", "iam-db-auth-error", "instance", "listener",
    "notify.log", "oemagent", "postgresql", "slowquery", "trace", "upgrade",
)  # fmt: skip
_INSIGHTS = either(of(0, 7, 731), divisible(31), "0, 7, 731 or a multiple of 31 days")
_CALLBACK = matches(
    r"(?!http://(?!localhost\b|127\.0\.0\.1\b|\[::1\]))[^#\s]+:.+", "an address: https, or http of localhost"
)
_NODES = matches(r".+\.search|.+\.elasticsearch", "a type of instances such as t3.small.search")


OF_TYPE: dict[str, dict[str, Rule]] = {
    "aws:acm/certificate:Certificate": {"domainName": matches(r".*[^.]", "a domain without a dot at its end")},
    "aws:backup/selection:Selection": {"iamRoleArn": ARN},
    "aws:budgets/budget:Budget": {
        "budgetType": of(
            "USAGE", "COST", "RI_UTILIZATION", "RI_COVERAGE", "SAVINGS_PLANS_UTILIZATION", "SAVINGS_PLANS_COVERAGE"
        ),
        "limitAmount": matches(r"\d+(\.\d+)?", "an amount such as 100.0"),
        "notifications.subscriberEmailAddresses[]": matches(r".+@.+", "an address of mail"),
        "timePeriodStart": matches(r"\d{4}-\d\d-\d\d_\d\d:\d\d", "a time such as 2026-01-01_00:00"),
        "timePeriodEnd": matches(r"\d{4}-\d\d-\d\d_\d\d:\d\d", "a time such as 2026-01-01_00:00"),
    },
    "aws:cfg/recorder:Recorder": {"roleArn": ARN},
    "aws:cloudtrail/trail:Trail": {"kmsKeyId": ARN},
    "aws:cloudwatch/eventTarget:EventTarget": {
        "arn": ARN,
        "roleArn": ARN,
        "ecsTarget.taskDefinitionArn": ARN,
        "retryPolicy.maximumEventAgeInSeconds": between(0, 86400),
        "retryPolicy.maximumRetryAttempts": between(0, 185),
    },
    "aws:cloudwatch/logGroup:LogGroup": {"kmsKeyId": ARN},
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": {"name": short(512), "pattern": short(1024)},
    "aws:cloudwatch/logStream:LogStream": {
        "name": matches(r"[^:*]{1,512}", "a name of 1 to 512 characters without : *")
    },
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": {
        "name": short(512),
        "destinationArn": ARN,
        "distribution": of("Random", "ByLogStream"),
    },
    "aws:cloudwatch/metricAlarm:MetricAlarm": {
        **dict.fromkeys(("alarmActions[]", "okActions[]", "insufficientDataActions[]"), ARN),
        "alarmDescription": short(1024),
        "datapointsToAlarm": between(1, 100000),
        "evaluateLowSampleCountPercentiles": of("evaluate", "ignore"),
        "extendedStatistic": _STATISTIC,
        "metricQueries.metric.period": _PERIOD_OF_QUERY,
        "period": _PERIOD,
        "treatMissingData": of("breaching", "notBreaching", "ignore", "missing"),
    },
    "aws:cognito/userPool:UserPool": {
        "passwordPolicy.minimumLength": between(6, 99),
        "passwordPolicy.passwordHistorySize": between(0, 24),
        "passwordPolicy.temporaryPasswordValidityDays": between(0, 365),
        "schemas.name": short(20),
        "usernameAttributes[]": of("email", "phone_number"),
    },
    "aws:cognito/userPoolClient:UserPoolClient": {
        "callbackUrls[]": _CALLBACK,
        "logoutUrls[]": _CALLBACK,
        "authSessionValidity": between(3, 15),
        "preventUserExistenceErrors": of("ENABLED", "LEGACY"),
        "refreshTokenValidity": between(0, 315360000),
        **dict.fromkeys(
            [f"tokenValidityUnits.{each}Token" for each in ("access", "id", "refresh")],
            of("seconds", "minutes", "hours", "days"),
        ),
    },
    "aws:dynamodb/table:Table": {
        "globalSecondaryIndexes.name": matches(r"[\w.-]{3,255}", "a name of 3 to 255 letters, digits, _ . -"),
        "localSecondaryIndexes.name": matches(r"[\w.-]{3,255}", "a name of 3 to 255 letters, digits, _ . -"),
        "pointInTimeRecovery.recoveryPeriodInDays": between(1, 35),
        "serverSideEncryption.kmsKeyArn": ARN,
    },
    "aws:efs/accessPoint:AccessPoint": {
        "posixUser.gid": between(0, 4294967295),
        "posixUser.uid": between(0, 4294967295),
        "rootDirectory.path": _SLASH,
        "rootDirectory.creationInfo.permissions": matches(r"[0-7]{3,4}", "permissions in octal digits, as 0755"),
    },
    "aws:elasticache/cluster:Cluster": {"numCacheNodes": between(1, 60), "port": PORT},
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        "authToken": password(16, 128, '/"@ '),
        "numCacheClusters": between(1, 500),
        "numNodeGroups": between(1, 500),
        "port": PORT,
        "replicasPerNodeGroup": between(0, 5),
    },
    "aws:elasticache/serverlessCache:ServerlessCache": {"snapshotRetentionLimit": between(0, 35)},
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy": {"minimumPasswordLength": between(6, 128)},
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
        "thumbprintLists[]": matches(r"[0-9A-Fa-f]{40}", "a thumbprint of 40 hexadecimal digits"),
        "url": matches(r"(https://)?[^?#]+", "an address of https without a query"),
    },
    "aws:iam/policy:Policy": {"description": short(1000)},
    "aws:iam/role:Role": {"managedPolicyArns[]": ARN, "permissionsBoundary": ARN},
    "aws:iam/user:User": {"permissionsBoundary": ARN},
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": {"policyArn": ARN},
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {"policyArn": ARN},
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": {"policyArn": ARN},
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": {
        "destination": of(
            "elasticsearch",
            "extended_s3",
            "http_endpoint",
            "iceberg",
            "opensearch",
            "opensearchserverless",
            "redshift",
            "snowflake",
            "splunk",
            ignoring_case=True,
        ),
        "extendedS3Configuration.bucketArn": ARN,
        "extendedS3Configuration.bufferingInterval": between(0, 900),
        "extendedS3Configuration.bufferingSize": between(1, 128),
        "extendedS3Configuration.roleArn": ARN,
        "name": matches(r"[\w.-]{1,64}", "a name of 1 to 64 letters, digits, _ . -"),
    },
    "aws:kinesis/stream:Stream": {"shardCount": between(1, 1_000_000)},
    "aws:kms/key:Key": {"description": short(8192), "rotationPeriodInDays": between(90, 2560)},
    "aws:mq/broker:Broker": {"engineType": of("ActiveMQ", "RabbitMQ", ignoring_case=True)},
    "aws:msk/cluster:Cluster": {
        "brokerNodeGroupInfo.instanceType": matches(r"(kafka|express)\..+", "a type such as kafka.m7g.large"),
        "brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize": between(1, 16384),
        "clusterName": matches(r"[0-9A-Za-z-]{1,64}", "a name of 1 to 64 letters, digits and hyphens"),
    },
    "aws:opensearch/domain:Domain": {
        "clusterConfig.dedicatedMasterType": _NODES,
        "clusterConfig.instanceCount": between(1, 1002),
        "clusterConfig.instanceType": _NODES,
        "clusterConfig.warmCount": between(2, 750),
        "clusterConfig.zoneAwarenessConfig.availabilityZoneCount": of(2, 3),
        "domainName": matches(r"[a-z][0-9a-z-]{2,27}", "a name of 3 to 28 small letters, digits, -, a letter first"),
        "ebsOptions.volumeType": of("standard", "gp2", "gp3", "io1"),
        "engineVersion": matches(r"(OpenSearch|Elasticsearch)_\d{1,2}\.\d{1,2}", "a version such as OpenSearch_2.19"),
    },
    "aws:rds/cluster:Cluster": {
        "backtrackWindow": between(0, 259200),
        "enabledCloudwatchLogsExports[]": _LOGS_OF_DATABASES,
        "kmsKeyId": ARN,
        "performanceInsightsRetentionPeriod": _INSIGHTS,
        "port": between(1150, 65535),
        "storageType": of("", "aurora", "aurora-iopt1", "io1", "io2", "gp3"),
    },
    "aws:rds/clusterInstance:ClusterInstance": {"performanceInsightsRetentionPeriod": _INSIGHTS},
    "aws:rds/instance:Instance": {
        "enabledCloudwatchLogsExports[]": _LOGS_OF_DATABASES,
        "kmsKeyId": ARN,
        "performanceInsightsRetentionPeriod": _INSIGHTS,
        "port": between(1150, 65535),
        "storageType": of("standard", "gp2", "gp3", "io1", "io2"),
    },
    "aws:rds/parameterGroup:ParameterGroup": {
        "parameters.applyMethod": of("immediate", "pending-reboot", ignoring_case=True)
    },
    "aws:rds/proxy:Proxy": {"idleClientTimeout": between(1, 28800), "roleArn": ARN},
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _LIFECYCLE,
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": _CORS,
    **dict.fromkeys(("aws:s3/bucketObject:BucketObject", "aws:s3/bucketObjectv2:BucketObjectv2"), _OBJECT),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _ENCRYPTION,
    "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration": {
        "redirectAllRequestsTo.protocol": of("http", "https"),
        "routingRules.redirect.protocol": of("http", "https"),
    },
    "aws:s3/bucketNotification:BucketNotification": dict.fromkeys(
        [f"{each}.events[]" for each in ("lambdaFunctions", "queues", "topics")],
        matches(r"s3:[A-Za-z]+(:[A-Za-z*]+)?", "an event such as s3:ObjectCreated:*"),
    ),
    "aws:scheduler/schedule:Schedule": {
        "flexibleTimeWindow.maximumWindowInMinutes": between(1, 1440),
        "name": matches(r"[\w.-]{1,64}", "a name of 1 to 64 letters, digits, _ . -"),
        "target.arn": ARN,
        "target.retryPolicy.maximumEventAgeInSeconds": _SECONDS_OF_RETRY,
        "target.retryPolicy.maximumRetryAttempts": between(0, 185),
        "target.roleArn": ARN,
    },
    "aws:sfn/stateMachine:StateMachine": {"roleArn": ARN},
    "aws:sns/topic:Topic": {
        "displayName": short(100),
        "fifoThroughputScope": of("Topic", "MessageGroup"),
        "tracingConfig": of("PassThrough", "Active"),
    },
    "aws:sns/topicSubscription:TopicSubscription": {
        "filterPolicyScope": of("MessageAttributes", "MessageBody"),
        "topic": ARN,
    },
    "aws:sqs/queue:Queue": {
        "deduplicationScope": of("messageGroup", "queue"),
        "fifoThroughputLimit": of("perQueue", "perMessageGroupId"),
    },
    "aws:ssm/parameter:Parameter": {"dataType": of("text", "aws:ec2:image", "aws:ssm:integration")},
}
