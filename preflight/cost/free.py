"""Types that cost nothing by themselves: what they do is charged elsewhere, if at all.

From AWS's price pages, read 2026-11.
"""

from preflight.cost.view import canonical

_MODULES = ("acm", "iam", "vpc", "resourcegroups")
_TYPES = frozenset(
    """
    appautoscaling/scheduledAction appautoscaling/target
    autoscaling/attachment autoscaling/lifecycleHook autoscaling/notification autoscaling/policy autoscaling/schedule
    autoscaling/trafficSourceAttachment
    backup/plan backup/restoreTestingPlan backup/vault backup/vaultLockConfiguration backup/vaultPolicy
    budgets/budget
    cloudfront/cachePolicy cloudfront/originAccessControl cloudfront/originAccessIdentity
    cloudfront/originRequestPolicy cloudfront/responseHeadersPolicy
    cloudformation/stack
    cloudwatch/eventBus cloudwatch/eventPermission cloudwatch/eventRule cloudwatch/logMetricFilter
    cloudwatch/logResourcePolicy cloudwatch/logStream cloudwatch/logSubscriptionFilter
    ec2/defaultNetworkAcl ec2/defaultRouteTable ec2/defaultSecurityGroup ec2/eipAssociation
    ec2/egressOnlyInternetGateway ec2/internetGateway ec2/internetGatewayAttachment ec2/keyPair ec2/launchConfiguration
    ec2/launchTemplate ec2/mainRouteTableAssociation ec2/managedPrefixList ec2/networkAcl ec2/networkAclAssociation
    ec2/networkAclRule ec2/networkInterface ec2/networkInterfaceAttachment ec2/placementGroup ec2/route ec2/routeTable
    ec2/routeTableAssociation ec2/securityGroup ec2/securityGroupRule ec2/subnet ec2/tag ec2/volumeAttachment
    ec2/vpcDhcpOptions ec2/vpcDhcpOptionsAssociation ec2/vpcEndpointPolicy ec2/vpcEndpointRouteTableAssociation
    ec2/vpcEndpointSubnetAssociation ec2/vpcIpv4CidrBlockAssociation ec2/vpcPeeringConnection
    ebs/encryptionByDefault ebs/defaultKmsKey
    ecr/lifecyclePolicy ecr/pullThroughCacheRule ecr/registryPolicy ecr/registryScanningConfiguration
    ecr/repositoryPolicy
    ecs/capacityProvider ecs/clusterCapacityProviders ecs/taskDefinition ecs/accountSettingDefault
    efs/accessPoint efs/backupPolicy efs/fileSystemPolicy efs/mountTarget
    elasticache/parameterGroup elasticache/subnetGroup elasticache/user elasticache/userGroup
    kms/alias kms/grant kms/keyPolicy
    lambda/alias lambda/invocation
    lambda/eventSourceMapping lambda/functionEventInvokeConfig lambda/functionUrl lambda/layerVersion
    lambda/permission
    msk/configuration
    lb/listener lb/listenerCertificate lb/listenerRule lb/targetGroup lb/targetGroupAttachment lb/trustStore
    rds/clusterParameterGroup rds/eventSubscription rds/optionGroup rds/parameterGroup rds/proxyDefaultTargetGroup
    rds/proxyTarget rds/subnetGroup rds/clusterRoleAssociation rds/roleAssociation
    route53/record route53/zoneAssociation
    s3/accountPublicAccessBlock s3/bucketAcl s3/bucketCorsConfiguration s3/bucketLifecycleConfiguration s3/bucketLogging
    s3/bucketNotification s3/bucketObjectLockConfiguration s3/bucketObjectv2 s3/bucketOwnershipControls s3/bucketPolicy
    s3/bucketPublicAccessBlock s3/bucketServerSideEncryptionConfiguration s3/bucketVersioning
    s3/bucketWebsiteConfiguration
    scheduler/scheduleGroup
    secretsmanager/secretPolicy secretsmanager/secretRotation secretsmanager/secretVersion
    servicediscovery/httpNamespace servicediscovery/service
    sns/topicPolicy
    ssm/association ssm/document
    sqs/queuePolicy sqs/redriveAllowPolicy sqs/redrivePolicy
    wafv2/webAclAssociation wafv2/webAclLoggingConfiguration wafv2/ipSet
    """.split()  # noqa: SIM905 - four times as long as a list
)


def is_free(resource_type: str) -> bool:
    """Whether a resource type costs nothing by itself."""
    package, module, _ = canonical(resource_type).split(":", 2)
    if package == "aws":
        return module.partition("/")[0] in _MODULES or module in _TYPES
    return package in {"random", "tls", "command", "time", "docker-build"}  # made without AWS
