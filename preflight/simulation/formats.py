"""Shapes of the ids, ARNs and endpoints that AWS gives to resources, as templates.

Fields: region, account, partition, dns (suffix of endpoints), name (physical name), logical (name in the program), id,
arn, uuid, hex<n>, digits<n>, letters<n>, capitals<n> (stand-ins for what AWS draws), ip; any other field is the input
of that name, or nothing. Shapes: the AWS documentation and the Terraform provider's import examples, read 2026-11.
"""

from preflight.simulation import formats_network
from preflight.simulation.formats_network import ARN as _ARN

_RDS = "arn:{partition}:rds:{region}:{account}"
_ECS = "arn:{partition}:ecs:{region}:{account}"
_IAM = "arn:{partition}:iam::{account}"
_LOGS = "arn:{partition}:logs:{region}:{account}"
_CACHE = "arn:{partition}:elasticache:{region}:{account}"


def _named(arn: str, name: str = "{name}") -> dict[str, str]:
    return {"id": name, "arn": arn + name}


FORMATS: dict[str, dict[str, str]] = {
    **formats_network.FORMATS,
    "aws:servicediscovery/httpNamespace:HttpNamespace": {
        "id": "ns-{letters16}",
        "arn": "arn:{partition}:servicediscovery:{region}:{account}:namespace/{id}",
        "httpName": "{name}",
    },
    "aws:acm/certificate:Certificate": {
        **_ARN,
        "arn": "arn:{partition}:acm:{region}:{account}:certificate/{uuid}",
        "status": "PENDING_VALIDATION",
        "type": "AMAZON_ISSUED",
        "keyAlgorithm": "RSA_2048",
        "renewalEligibility": "INELIGIBLE",
        "notAfter": "",
        "notBefore": "",
    },
    "aws:acm/certificateValidation:CertificateValidation": {"id": "2026-01-01 00:00:00.{digits9} +0000 UTC"},
    "aws:route53/zone:Zone": {
        "id": "Z{capitals20}",
        "zoneId": "{id}",
        "arn": "arn:{partition}:route53:::hostedzone/{id}",
        "primaryNameServer": "ns-1.awsdns-01.com",
    },
    "aws:route53/record:Record": {"id": "{zoneId}_{name}_{type}", "fqdn": "{name}"},
    "aws:route53/healthCheck:HealthCheck": {"id": "{uuid}", "arn": "arn:{partition}:route53:::healthcheck/{id}"},
    "aws:ecs/cluster:Cluster": {**_ARN, "arn": f"{_ECS}:cluster/{{name}}"},
    "aws:ecs/service:Service": {"id": f"{_ECS}:service/{{cluster_name}}/{{name}}", "arn": "{id}"},
    "aws:ecs/taskDefinition:TaskDefinition": {
        "id": "{family}",
        "arn": f"{_ECS}:task-definition/{{family}}:{{revision}}",
        "arnWithoutRevision": f"{_ECS}:task-definition/{{family}}",
    },
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": {"id": "{clusterName}"},
    "aws:ecs/capacityProvider:CapacityProvider": {**_ARN, "arn": f"{_ECS}:capacity-provider/{{name}}"},
    "aws:ecr/repository:Repository": {
        **_named("arn:{partition}:ecr:{region}:{account}:repository/"),
        "repositoryUrl": "{account}.dkr.ecr.{region}.{dns}/{name}",
    },
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": {"id": "{repository}"},
    "aws:ecr/repositoryPolicy:RepositoryPolicy": {"id": "{repository}"},
    "aws:appautoscaling/target:Target": {
        "id": "{resourceId}",
        "arn": "arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/{hex32}",
        "roleArn": f"{_IAM}:role/aws-service-role/ecs.application-autoscaling.{{dns}}/"
        "AWSServiceRoleForApplicationAutoScaling_ECSService",
    },
    "aws:appautoscaling/policy:Policy": {
        "id": "{name}",
        "arn": "arn:{partition}:autoscaling:{region}:{account}:scalingPolicy:{uuid}"
        ":resource/ecs/{resourceId}:policyName/{name}",
    },
    "aws:autoscaling/group:Group": _named(
        "arn:{partition}:autoscaling:{region}:{account}:autoScalingGroup:{uuid}:autoScalingGroupName/"
    ),
    "aws:rds/instance:Instance": {
        "id": "db-{capitals26}",
        "resourceId": "{id}",
        "arn": f"{_RDS}:db:{{identifier}}",
        "address": "{identifier}.{letters12}.{region}.rds.{dns}",
        "endpoint": "{identifier}.{letters12}.{region}.rds.{dns}:{dbport}",
        "hostedZoneId": "Z{capitals13}",
        "status": "available",
        "engineVersionActual": "{engineVersion}",
        "availabilityZone": "{region}a",
        "latestRestorableTime": "",
        "caCertIdentifier": "rds-ca-rsa2048-g1",
        "licenseModel": "postgresql-license",
        "storageType": "gp2",
        "networkType": "IPV4",
        "backupTarget": "region",
        "dbSubnetGroupName": "default",
        "parameterGroupName": "default.{engine}",
        "optionGroupName": "default:{engine}",
    },
    "aws:rds/cluster:Cluster": {
        "id": "{clusterIdentifier}",
        "clusterResourceId": "cluster-{capitals26}",
        "arn": f"{_RDS}:cluster:{{clusterIdentifier}}",
        "endpoint": "{clusterIdentifier}.cluster-{letters12}.{region}.rds.{dns}",
        "readerEndpoint": "{clusterIdentifier}.cluster-ro-{letters12}.{region}.rds.{dns}",
        "hostedZoneId": "Z{capitals13}",
        "engineVersionActual": "{engineVersion}",
        "caCertificateValidTill": "",
        "engineMode": "provisioned",
        "networkType": "IPV4",
        "dbSubnetGroupName": "default",
        "dbClusterParameterGroupName": "default.{engine}",
    },
    "aws:rds/clusterInstance:ClusterInstance": {
        "id": "{identifier}",
        "dbiResourceId": "db-{capitals26}",
        "arn": f"{_RDS}:db:{{identifier}}",
        "endpoint": "{identifier}.{letters12}.{region}.rds.{dns}",
        "availabilityZone": "{region}a",
        "networkType": "IPV4",
        "engineVersionActual": "{engineVersion}",
        "kmsKeyId": "",
    },
    "aws:rds/subnetGroup:SubnetGroup": {**_named(f"{_RDS}:subgrp:"), "vpcId": "vpc-{hex17}"},
    "aws:rds/parameterGroup:ParameterGroup": _named(f"{_RDS}:pg:"),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": _named(f"{_RDS}:cluster-pg:"),
    "aws:rds/proxy:Proxy": {
        "id": "{name}",
        "arn": f"{_RDS}:db-proxy:prx-{{hex17}}",
        "endpoint": "{name}.proxy-{letters12}.{region}.rds.{dns}",
    },
    "aws:rds/proxyEndpoint:ProxyEndpoint": {
        "id": "{dbProxyName}/{dbProxyEndpointName}",
        "arn": f"{_RDS}:db-proxy-endpoint:prx-endpoint-{{hex17}}",
        "endpoint": "{dbProxyEndpointName}.endpoint.proxy-{letters12}.{region}.rds.{dns}",
    },
    "aws:elasticache/subnetGroup:SubnetGroup": _named(f"{_CACHE}:subnetgroup:"),
    "aws:elasticache/parameterGroup:ParameterGroup": _named(f"{_CACHE}:parametergroup:"),
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        **_named(f"{_CACHE}:replicationgroup:", "{replicationGroupId}"),
        "primaryEndpointAddress": "master.{replicationGroupId}.{letters6}.cache.{dns}",
        "readerEndpointAddress": "replica.{replicationGroupId}.{letters6}.cache.{dns}",
        "configurationEndpointAddress": "clustercfg.{replicationGroupId}.{letters6}.cache.{dns}",
        "engineVersionActual": "{engineVersion}",
    },
    "aws:elasticache/serverlessCache:ServerlessCache": _named(f"{_CACHE}:serverlesscache:"),
    "aws:elasticache/user:User": _named(f"{_CACHE}:user:", "{userId}"),
    "aws:elasticache/userGroup:UserGroup": _named(f"{_CACHE}:usergroup:", "{userGroupId}"),
    "aws:elasticache/cluster:Cluster": {
        **_named(f"{_CACHE}:cluster:", "{clusterId}"),
        "clusterAddress": "{clusterId}.{letters6}.cfg.cache.{dns}",
        "configurationEndpoint": "{clusterId}.{letters6}.cfg.cache.{dns}:11211",
        "engineVersionActual": "{engineVersion}",
    },
    "aws:dynamodb/table:Table": {
        **_named("arn:{partition}:dynamodb:{region}:{account}:table/"),
        "billingMode": "PROVISIONED",
        "streamArn": "{table_stream}",
    },
    "aws:dynamodb/resourcePolicy:ResourcePolicy": {"id": "{resourceArn}"},
    "aws:msk/cluster:Cluster": {
        **_ARN,
        "arn": "arn:{partition}:kafka:{region}:{account}:cluster/{clusterName}/{uuid}-5",
        "clusterUuid": "{uuid}-5",
        "currentVersion": "K{capitals13}",
        "bootstrapBrokersSaslIam": "b-1.{logical}.{letters6}.c5.kafka.{region}.{dns}:9098"
        ",b-2.{logical}.{letters6}.c5.kafka.{region}.{dns}:9098",
    },
    "aws:msk/serverlessCluster:ServerlessCluster": {
        **_ARN,
        "arn": "arn:{partition}:kafka:{region}:{account}:cluster/{clusterName}/{uuid}-s1",
        "clusterUuid": "{uuid}-s1",
        "bootstrapBrokersSaslIam": "boot-{letters8}.c1.kafka-serverless.{region}.{dns}:9098",
    },
    "aws:msk/configuration:Configuration": {
        **_ARN,
        "arn": "arn:{partition}:kafka:{region}:{account}:configuration/{name}/{uuid}-5",
    },
    "aws:s3/bucket:Bucket": {
        "id": "{bucket}",
        "arn": "arn:{partition}:s3:::{bucket}",
        "bucketDomainName": "{bucket}.s3.{dns}",
        "bucketRegionalDomainName": "{bucket}.s3.{region}.{dns}",
        "bucketRegion": "{region}",
        "hostedZoneId": "Z{capitals13}",
        "websiteDomain": "",
        "websiteEndpoint": "",
    },
    "aws:kms/key:Key": {"id": "{uuid}", "keyId": "{id}", "arn": "arn:{partition}:kms:{region}:{account}:key/{id}"},
    "aws:kms/alias:Alias": {
        **_named("arn:{partition}:kms:{region}:{account}:"),
        "targetKeyArn": "arn:{partition}:kms:{region}:{account}:key/{targetKeyId}",
    },
    "aws:secretsmanager/secret:Secret": {
        **_ARN,
        "arn": "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-{letters6}",
    },
    "aws:secretsmanager/secretVersion:SecretVersion": {
        "id": "{secretId}|{versionId}",
        "versionId": "{uuid}",
        "arn": "{secretId}",
    },
    "aws:secretsmanager/secretPolicy:SecretPolicy": {"id": "{secretArn}"},
    "aws:secretsmanager/secretRotation:SecretRotation": {"id": "{secretId}"},
    "aws:ssm/parameter:Parameter": {
        "id": "{name}",
        "arn": "arn:{partition}:ssm:{region}:{account}:parameter/{name_without_slash}",
        "dataType": "text",
        "tier": "Standard",
    },
    "aws:cloudwatch/logGroup:LogGroup": _named(f"{_LOGS}:log-group:"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _named("arn:{partition}:cloudwatch:{region}:{account}:alarm:"),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _named(
        "arn:{partition}:cloudwatch:{region}:{account}:alarm:", "{alarmName}"
    ),
    "aws:cloudwatch/dashboard:Dashboard": {
        "id": "{dashboardName}",
        "dashboardArn": "arn:{partition}:cloudwatch::{account}:dashboard/{dashboardName}",
    },
    "aws:cloudwatch/eventRule:EventRule": {
        **_named("arn:{partition}:events:{region}:{account}:rule/"),
        "eventBusName": "default",
    },
    "aws:cloudwatch/eventTarget:EventTarget": {"id": "{rule}-{targetId}", "targetId": "terraform-{digits26}"},
    "aws:cloudwatch/eventBus:EventBus": _named("arn:{partition}:events:{region}:{account}:event-bus/"),
    "aws:sns/topic:Topic": {**_ARN, "arn": "arn:{partition}:sns:{region}:{account}:{name}", "beginningArchiveTime": ""},
    "aws:sns/topicSubscription:TopicSubscription": {**_ARN, "arn": "{topic}:{uuid}"},
    "aws:sns/topicPolicy:TopicPolicy": {"id": "{arn}"},
    "aws:sqs/queue:Queue": {
        "id": "https://sqs.{region}.{dns}/{account}/{name}",
        "url": "{id}",
        "arn": "arn:{partition}:sqs:{region}:{account}:{name}",
    },
    "aws:sqs/queuePolicy:QueuePolicy": {"id": "{queueUrl}"},
    "aws:sqs/redrivePolicy:RedrivePolicy": {"id": "{queueUrl}"},
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": {"id": "{queueUrl}"},
    "aws:scheduler/scheduleGroup:ScheduleGroup": {
        **_named("arn:{partition}:scheduler:{region}:{account}:schedule-group/"),
        "state": "ACTIVE",
    },
    "aws:scheduler/schedule:Schedule": {
        "id": "{groupName}/{name}",
        "arn": "arn:{partition}:scheduler:{region}:{account}:schedule/{groupName}/{name}",
        "groupName": "default",
        "actionAfterCompletion": "NONE",
    },
    "aws:iam/role:Role": {**_named(f"{_IAM}:role/"), "uniqueId": "AROA{capitals17}", "path": "/"},
    "aws:iam/policy:Policy": {**_ARN, "arn": f"{_IAM}:policy/{{name}}", "policyId": "ANPA{capitals17}", "path": "/"},
    "aws:iam/user:User": {**_named(f"{_IAM}:user/"), "uniqueId": "AIDA{capitals17}", "path": "/"},
    "aws:iam/instanceProfile:InstanceProfile": {
        **_named(f"{_IAM}:instance-profile/"),
        "uniqueId": "AIPA{capitals17}",
        "path": "/",
    },
    "aws:iam/rolePolicy:RolePolicy": {"id": "{role}:{name}"},
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {"id": "{role}-{digits18}"},
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
        **_ARN,
        "arn": f"{_IAM}:oidc-provider/{{url_without_scheme}}",
    },
    "aws:lambda/function:Function": {
        **_named("arn:{partition}:lambda:{region}:{account}:function:"),
        "invokeArn": "arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations",
        "qualifiedArn": "{arn}:{function_version}",
        "qualifiedInvokeArn": "arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/"
        "{arn}:{function_version}/invocations",
        "version": "{function_version}",
        "codeSha256": "{hex32}",
        "sourceCodeHash": "{hex32}",
        "lastModified": "2026-01-01T00:00:00.000+0000",
    },
    "aws:lambda/layerVersion:LayerVersion": {
        "id": "{arn}",
        "layerArn": "arn:{partition}:lambda:{region}:{account}:layer:{layerName}",
        "arn": "{layerArn}:{version}",
        "version": "{revision}",
    },
    "aws:lambda/alias:Alias": {
        "id": "{arn}",
        "arn": "{function_arn}:{name}",
        "invokeArn": "arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations",
    },
    "aws:lambda/eventSourceMapping:EventSourceMapping": {
        "id": "{uuid}",
        "uuid": "{id}",
        "arn": "arn:{partition}:lambda:{region}:{account}:event-source-mapping:{id}",
        "functionArn": "{function_arn}",
        "state": "Enabled",
        "stateTransitionReason": "USER_INITIATED",
        "lastModified": "2026-01-01T00:00:00Z",
        "lastProcessingResult": "",
    },
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {"id": "{functionName}:{qualifier}"},
    "aws:lambda/invocation:Invocation": {"id": "{functionName}_$LATEST_{hex32}", "result": "{{}}"},
    "aws:lambda/permission:Permission": {"id": "{logical}", "statementId": "{logical}-{hex7}"},
    "aws:efs/fileSystem:FileSystem": {
        "id": "fs-{hex17}",
        "arn": "arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{id}",
        "dnsName": "{id}.efs.{region}.{dns}",
    },
    "aws:efs/accessPoint:AccessPoint": {
        "id": "fsap-{hex17}",
        "arn": "arn:{partition}:elasticfilesystem:{region}:{account}:access-point/{id}",
        "fileSystemArn": "arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{fileSystemId}",
    },
    "aws:efs/fileSystemPolicy:FileSystemPolicy": {"id": "{fileSystemId}"},
    "aws:efs/backupPolicy:BackupPolicy": {"id": "{fileSystemId}"},
    "aws:efs/mountTarget:MountTarget": {"id": "fsmt-{hex17}", "dnsName": "{fileSystemId}.efs.{region}.{dns}"},
    "aws:cloudfront/distribution:Distribution": {
        "id": "E{capitals13}",
        "arn": "arn:{partition}:cloudfront::{account}:distribution/{id}",
        "domainName": "d{letters13}.cloudfront.net",
        "hostedZoneId": "Z2FDTNDATAQYW2",
        "status": "Deployed",
    },
    "aws:wafv2/webAcl:WebAcl": {
        "id": "{uuid}",
        "arn": "arn:{partition}:wafv2:{region}:{account}:regional/webacl/{name}/{id}",
    },
    "aws:backup/plan:Plan": {"id": "{uuid}", "arn": "arn:{partition}:backup:{region}:{account}:backup-plan:{id}"},
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": {
        "id": "{name}",
        "arn": "arn:{partition}:backup:{region}:{account}:restore-testing-plan:{name}-{uuid}",
    },
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": {"id": "{name}:{restoreTestingPlanName}"},
    "aws:backup/selection:Selection": {"id": "{uuid}"},
    "aws:backup/vault:Vault": _named("arn:{partition}:backup:{region}:{account}:backup-vault:"),
    "aws:cloudformation/stack:Stack": {"id": "arn:{partition}:cloudformation:{region}:{account}:stack/{name}/{uuid}"},
    "aws:cloudtrail/trail:Trail": {**_ARN, "arn": "arn:{partition}:cloudtrail:{region}:{account}:trail/{name}"},
    "aws:eks/cluster:Cluster": {
        **_named("arn:{partition}:eks:{region}:{account}:cluster/"),
        "endpoint": "https://{hex32}.gr7.{region}.eks.{dns}",
        "version": "1.33",
        "platformVersion": "eks.1",
        "status": "ACTIVE",
    },
}

# Resources without a name of their own whose id is that of the one they belong to.
for _part in ("LockConfiguration", "Policy", "Notifications"):
    FORMATS[f"aws:backup/vault{_part}:Vault{_part}"] = {
        "id": "{backupVaultName}",
        "backupVaultArn": "arn:{partition}:backup:{region}:{account}:backup-vault:{backupVaultName}",
    }
for _part in ("Policy", "PublicAccessBlock", "OwnershipControls", "Logging", "Notification", "AccelerateConfiguration"):
    FORMATS[f"aws:s3/bucket{_part}:Bucket{_part}"] = {"id": "{bucket}"}
for _part in ("Versioning", "LifecycleConfiguration", "ServerSideEncryptionConfiguration", "CorsConfiguration", "Acl"):
    FORMATS[f"aws:s3/bucket{_part}:Bucket{_part}"] = {"id": "{bucket}"}

for _part in ("ReplicationConfig", "ObjectLockConfiguration"):
    FORMATS[f"aws:s3/bucket{_part}:Bucket{_part}"] = {"id": "{bucket}"}
FORMATS["aws:s3/bucketIntelligentTieringConfiguration:BucketIntelligentTieringConfiguration"] = {
    "id": "{bucket}:{name}"
}

# The second edition of the buckets, which the SDK keeps beside the first.
for _token in [token for token in FORMATS if token.startswith("aws:s3/bucket")]:
    FORMATS["aws:" + _token.removeprefix("aws:").replace(":", "V2:") + "V2"] = FORMATS[_token]
