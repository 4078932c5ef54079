"""Types that cost nothing by themselves: what they do is charged elsewhere, if at all.

From AWS's price pages, read 2026-11.
"""

from preflight.cost.view import canonical

_MODULES = (
    "iam",
    "identitystore",
    "lakeformation",
    "organizations",
    "ram",
    "resourcegroups",
    "servicequotas",
    "ssoadmin",
)
# Providers of what is made without any cloud.
_WITHOUT_AWS = frozenset({"archive", "command", "docker", "docker-build", "local", "null", "random", "time", "tls"})
_TYPES = frozenset(
    """
    acm/certificateValidation
    apigateway/account apigateway/apiKey apigateway/authorizer apigateway/basePathMapping apigateway/clientCertificate
    apigateway/deployment apigateway/documentationPart apigateway/documentationVersion apigateway/domainName
    apigateway/integration apigateway/integrationResponse apigateway/method apigateway/methodResponse
    apigateway/methodSettings apigateway/model apigateway/requestValidator apigateway/resource apigateway/response
    apigateway/restApiPolicy apigateway/usagePlan apigateway/usagePlanKey apigateway/vpcLink
    apigatewayv2/apiMapping apigatewayv2/authorizer apigatewayv2/deployment apigatewayv2/domainName
    apigatewayv2/integration apigatewayv2/integrationResponse apigatewayv2/model apigatewayv2/route
    apigatewayv2/routeResponse apigatewayv2/stage apigatewayv2/vpcLink appautoscaling/scheduledAction
    apprunner/autoScalingConfigurationVersion apprunner/connection apprunner/vpcConnector
    appsync/apiKey appsync/dataSource appsync/function appsync/resolver athena/database athena/namedQuery
    autoscaling/attachment autoscaling/lifecycleHook autoscaling/notification autoscaling/schedule autoscaling/tag
    autoscaling/trafficSourceAttachment
    backup/plan backup/restoreTestingPlan backup/vault backup/vaultLockConfiguration backup/vaultPolicy
    batch/jobDefinition batch/jobQueue batch/schedulingPolicy budgets/budget
    cloudfront/cachePolicy cloudfront/keyGroup cloudfront/originAccessControl cloudfront/originAccessIdentity
    cloudfront/originRequestPolicy cloudfront/publicKey cloudfront/responseHeadersPolicy
    cloudwatch/eventPermission cloudwatch/eventRule cloudwatch/logDestination cloudwatch/logDestinationPolicy
    cloudwatch/logResourcePolicy cloudwatch/logStream cloudwatch/logSubscriptionFilter cloudwatch/queryDefinition
    codedeploy/application codedeploy/deploymentConfig codedeploy/deploymentGroup
    cognito/identityPool cognito/identityPoolRoleAttachment cognito/identityProvider cognito/resourceServer
    cognito/userGroup cognito/userPoolClient cognito/userPoolDomain
    costexplorer/anomalyMonitor costexplorer/anomalySubscription costexplorer/costCategory
    docdb/clusterParameterGroup docdb/subnetGroup dynamodb/tableItem ebs/defaultKmsKey ebs/encryptionByDefault
    ec2/customerGateway ec2/defaultNetworkAcl ec2/defaultRouteTable ec2/defaultSecurityGroup ec2/defaultSubnet
    ec2/defaultVpc ec2/defaultVpcDhcpOptions ec2/egressOnlyInternetGateway ec2/eipAssociation
    ec2/instanceMetadataDefaults ec2/internetGateway ec2/internetGatewayAttachment ec2/keyPair ec2/launchConfiguration
    ec2/launchTemplate ec2/mainRouteTableAssociation ec2/managedPrefixList ec2/managedPrefixListEntry ec2/networkAcl
    ec2/networkAclAssociation ec2/networkAclRule ec2/networkInterface ec2/networkInterfaceAttachment
    ec2/networkInterfaceSecurityGroupAttachment ec2/peeringConnectionOptions ec2/placementGroup ec2/route
    ec2/routeTable ec2/routeTableAssociation ec2/securityGroup ec2/securityGroupRule ec2/subnet
    ec2/subnetCidrReservation ec2/tag ec2/volumeAttachment ec2/vpcDhcpOptions ec2/vpcDhcpOptionsAssociation
    ec2/vpcEndpointPolicy ec2/vpcEndpointRouteTableAssociation ec2/vpcEndpointSubnetAssociation
    ec2/vpcIpv4CidrBlockAssociation ec2/vpcIpv6CidrBlockAssociation ec2/vpcPeeringConnection
    ec2/vpcPeeringConnectionAccepter ec2/vpnConnectionRoute ec2/vpnGateway ec2/vpnGatewayAttachment
    ec2/vpnGatewayRoutePropagation ec2clientvpn/authorizationRule ec2clientvpn/endpoint ec2clientvpn/route
    ec2transitgateway/instanceConnectEndpoint ec2transitgateway/peeringAttachmentAccepter ec2transitgateway/route
    ec2transitgateway/routeTable ec2transitgateway/routeTableAssociation ec2transitgateway/routeTablePropagation
    ec2transitgateway/transitGateway
    ecr/lifecyclePolicy ecr/pullThroughCacheRule ecr/registryPolicy ecr/registryScanningConfiguration
    ecr/repositoryPolicy
    ecs/accountSettingDefault ecs/capacityProvider ecs/clusterCapacityProviders ecs/taskDefinition
    efs/accessPoint efs/backupPolicy efs/fileSystemPolicy efs/mountTarget
    eks/accessEntry eks/accessPolicyAssociation eks/addon eks/identityProviderConfig eks/podIdentityAssociation
    elasticache/parameterGroup elasticache/subnetGroup elasticache/user elasticache/userGroup
    elasticbeanstalk/application elasticbeanstalk/applicationVersion elasticbeanstalk/configurationTemplate
    elasticsearch/domainPolicy
    elb/attachment elb/listenerPolicy elb/loadBalancerBackendServerPolicy elb/loadBalancerCookieStickinessPolicy
    elb/loadBalancerPolicy elb/sslNegotiationPolicy globalaccelerator/endpointGroup globalaccelerator/listener
    glue/catalogDatabase glue/catalogTable glue/classifier glue/connection glue/registry glue/resourcePolicy
    glue/schema glue/securityConfiguration glue/trigger glue/workflow kms/alias kms/grant kms/keyPolicy
    lambda/alias lambda/codeSigningConfig lambda/eventSourceMapping lambda/functionEventInvokeConfig
    lambda/functionRecursionConfig lambda/functionUrl lambda/invocation lambda/layerVersion
    lambda/layerVersionPermission lambda/permission lambda/runtimeManagementConfig
    lb/listener lb/listenerCertificate lb/listenerRule lb/targetGroup lb/targetGroupAttachment
    lightsail/instancePublicPorts lightsail/keyPair lightsail/staticIpAttachment
    memorydb/acl memorydb/parameterGroup memorydb/subnetGroup memorydb/user mq/configuration msk/configuration
    neptune/clusterParameterGroup neptune/parameterGroup neptune/subnetGroup
    networkfirewall/firewallPolicy networkfirewall/loggingConfiguration networkfirewall/resourcePolicy
    networkfirewall/ruleGroup opensearch/domainPolicy opensearch/domainSamlOptions
    rds/clusterEndpoint rds/clusterParameterGroup rds/clusterRoleAssociation rds/eventSubscription rds/optionGroup
    rds/parameterGroup rds/proxyDefaultTargetGroup rds/proxyTarget rds/roleAssociation rds/subnetGroup
    redshift/parameterGroup redshift/subnetGroup
    route53/delegationSet route53/record route53/vpcAssociationAuthorization route53/zoneAssociation
    s3/accountPublicAccessBlock s3/bucketAcl s3/bucketCorsConfiguration s3/bucketLifecycleConfiguration
    s3/bucketLogging s3/bucketNotification s3/bucketObject s3/bucketObjectLockConfiguration s3/bucketOwnershipControls
    s3/bucketPolicy s3/bucketPublicAccessBlock s3/bucketServerSideEncryptionConfiguration s3/bucketVersioning
    s3/bucketWebsiteConfiguration sagemaker/endpointConfiguration sagemaker/model scheduler/scheduleGroup
    secretsmanager/secretPolicy secretsmanager/secretRotation secretsmanager/secretVersion
    servicediscovery/httpNamespace servicediscovery/service sns/topicPolicy
    sqs/queuePolicy sqs/redriveAllowPolicy sqs/redrivePolicy
    ssm/association ssm/defaultPatchBaseline ssm/document ssm/maintenanceWindow ssm/maintenanceWindowTarget
    ssm/maintenanceWindowTask ssm/patchBaseline ssm/patchGroup transfer/sshKey transfer/user
    vpc/endpointPrivateDns vpc/securityGroupEgressRule vpc/securityGroupIngressRule vpc/securityGroupVpcAssociation
    wafv2/ipSet wafv2/regexPatternSet wafv2/webAclAssociation wafv2/webAclLoggingConfiguration
    """.split()  # noqa: SIM905 - four times as long as a list
)


def is_free(resource_type: str) -> bool:
    """Whether a resource type costs nothing by itself."""
    package, module, _ = canonical(resource_type).split(":", 2)
    if package == "aws":
        return module.partition("/")[0] in _MODULES or module in _TYPES
    if package == "awsx":
        return resource_type == "awsx:ec2:DefaultVpc"  # it makes nothing: what the account has is looked up
    return package in _WITHOUT_AWS
