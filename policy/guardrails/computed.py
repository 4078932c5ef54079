"""Inputs that the provider makes up where a program leaves them out, of each kind. Generated: `make policy-facts`.

Source: pulumi_aws 7.51.1, optional arguments whose output is never absent. A test compares.
"""

from functools import cache

# fmt: off
_COMPUTED = {
    "aws:accessanalyzer/analyzer:Analyzer": "region",
    "aws:acm/certificate:Certificate": (
        "domainName keyAlgorithm options region subjectAlternativeNames validationMethod"
    ),
    "aws:acm/certificateValidation:CertificateValidation": "region",
    "aws:acmpca/policy:Policy": "region",
    "aws:apigateway/method:Method": "region",
    "aws:apigateway/restApi:RestApi": (
        "apiKeySource binaryMediaTypes description disableExecuteApiEndpoint endpointConfiguration "
        "minimumCompressionSize name policy region securityPolicy"
    ),
    "aws:apigateway/restApiPolicy:RestApiPolicy": "region",
    "aws:apigatewayv2/api:Api": "ipAddressType name region",
    "aws:apigatewayv2/route:Route": "region",
    "aws:appautoscaling/target:Target": "region roleArn suspendedState",
    "aws:appsync/graphQLApi:GraphQLApi": "name region",
    "aws:autoscaling/attachment:Attachment": "region",
    "aws:autoscaling/group:Group": (
        "availabilityZoneDistribution availabilityZones capacityReservationSpecification defaultCooldown "
        "desiredCapacity healthCheckType instanceLifecyclePolicy launchTemplate loadBalancers "
        "mixedInstancesPolicy name namePrefix region serviceLinkedRoleArn targetGroupArns trafficSources "
        "vpcZoneIdentifiers"
    ),
    "aws:autoscaling/trafficSourceAttachment:TrafficSourceAttachment": "region",
    "aws:backup/plan:Plan": "name region",
    "aws:backup/selection:Selection": "conditions name notResources region",
    "aws:backup/vault:Vault": "kmsKeyArn name region",
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": "region",
    "aws:backup/vaultPolicy:VaultPolicy": "region",
    "aws:budgets/budget:Budget": (
        "accountId costFilters costTypes limitAmount limitUnit name namePrefix timePeriodStart"
    ),
    "aws:cfg/recorder:Recorder": "name recordingGroup recordingMode region",
    "aws:cfg/recorderStatus:RecorderStatus": "name region",
    "aws:cloudfront/distribution:Distribution": "continuousDeploymentPolicyId",
    "aws:cloudfront/originAccessControl:OriginAccessControl": "name",
    "aws:cloudtrail/trail:Trail": "name region",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": "region",
    "aws:cloudwatch/dashboard:Dashboard": "region",
    "aws:cloudwatch/eventBus:EventBus": "name region",
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": "region",
    "aws:cloudwatch/eventPermission:EventPermission": "region",
    "aws:cloudwatch/eventTarget:EventTarget": "region targetId",
    "aws:cloudwatch/logDelivery:LogDelivery": "fieldDelimiter recordFields region s3DeliveryConfigurations",
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": "name region",
    "aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy": "region",
    "aws:cloudwatch/logGroup:LogGroup": "deletionProtectionEnabled logGroupClass name namePrefix region",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "evaluateLowSampleCountPercentiles name region",
    "aws:codeartifact/domainPermissions:DomainPermissions": "domainOwner policyDocument policyRevision region",
    "aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy": "domainOwner policyRevision region",
    "aws:codebuild/project:Project": "autoRetryLimit description encryptionKey name region",
    "aws:codebuild/resourcePolicy:ResourcePolicy": "region",
    "aws:cognito/userPool:UserPool": (
        "adminCreateUserConfig emailVerificationMessage emailVerificationSubject name passwordPolicy region "
        "signInPolicy smsConfiguration smsVerificationMessage userPoolTier usernameConfiguration "
        "verificationMessageTemplate"
    ),
    "aws:dax/cluster:Cluster": "maintenanceWindow parameterGroupName region securityGroupIds subnetGroupName",
    "aws:dax/subnetGroup:SubnetGroup": "name region",
    "aws:dms/replicationInstance:ReplicationInstance": (
        "allocatedStorage autoMinorVersionUpgrade availabilityZone engineVersion kmsKeyArn multiAz "
        "networkType preferredMaintenanceWindow publiclyAccessible region replicationSubnetGroupId "
        "vpcSecurityGroupIds"
    ),
    "aws:docdb/cluster:Cluster": (
        "availabilityZones clusterIdentifier clusterIdentifierPrefix clusterMembers "
        "dbClusterParameterGroupName dbSubnetGroupName engineVersion kmsKeyId masterUsername networkType "
        "preferredBackupWindow preferredMaintenanceWindow region vpcSecurityGroupIds"
    ),
    "aws:docdb/subnetGroup:SubnetGroup": "description name namePrefix region",
    "aws:dynamodb/resourcePolicy:ResourcePolicy": "confirmRemoveSelfResourceAccess region",
    "aws:dynamodb/table:Table": (
        "attributes globalSecondaryIndexes globalTableWitness hashKey name pointInTimeRecovery readCapacity "
        "region serverSideEncryption streamViewType ttl warmThroughput writeCapacity"
    ),
    "aws:dynamodb/tableReplica:TableReplica": "deletionProtectionEnabled kmsKeyArn region",
    "aws:ebs/encryptionByDefault:EncryptionByDefault": "region",
    "aws:ebs/volume:Volume": "encrypted iops kmsKeyId region size snapshotId throughput type",
    "aws:ec2/amiLaunchPermission:AmiLaunchPermission": "region",
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": "region",
    "aws:ec2/defaultRouteTable:DefaultRouteTable": "region routes",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "egress ingress region vpcId",
    "aws:ec2/defaultSubnet:DefaultSubnet": "ipv6CidrBlock privateDnsHostnameTypeOnLaunch region",
    "aws:ec2/defaultVpc:DefaultVpc": (
        "enableNetworkAddressUsageMetrics ipv6CidrBlock ipv6CidrBlockNetworkBorderGroup region"
    ),
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": "region",
    "aws:ec2/eip:Eip": "domain instance ipamPoolId networkBorderGroup networkInterface publicIpv4Pool region",
    "aws:ec2/eipAssociation:EipAssociation": (
        "allocationId instanceId networkInterfaceId privateIpAddress publicIp region"
    ),
    "aws:ec2/flowLog:FlowLog": "logDestination logFormat region",
    "aws:ec2/instance:Instance": (
        "ami associatePublicIpAddress availabilityZone capacityReservationSpecification cpuOptions "
        "disableApiStop disableApiTermination ebsBlockDevices ebsOptimized enablePrimaryIpv6 enclaveOptions "
        "ephemeralBlockDevices hostId hostResourceGroupArn iamInstanceProfile "
        "instanceInitiatedShutdownBehavior instanceMarketOptions instanceType ipv6AddressCount ipv6Addresses "
        "keyName maintenanceOptions metadataOptions monitoring networkInterfaces placementGroup "
        "placementGroupId placementPartitionNumber primaryNetworkInterface privateDnsNameOptions privateIp "
        "region rootBlockDevice secondaryNetworkInterfaces secondaryPrivateIps securityGroups subnetId "
        "tenancy userDataBase64 vpcSecurityGroupIds"
    ),
    "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults": (
        "httpEndpoint httpPutResponseHopLimit httpTokens instanceMetadataTags region"
    ),
    "aws:ec2/internetGateway:InternetGateway": "region vpcId",
    "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment": "region",
    "aws:ec2/launchConfiguration:LaunchConfiguration": (
        "ebsBlockDevices ebsOptimized keyName metadataOptions name namePrefix region rootBlockDevice"
    ),
    "aws:ec2/launchTemplate:LaunchTemplate": "defaultVersion metadataOptions name namePrefix region",
    "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation": "region",
    "aws:ec2/managedPrefixList:ManagedPrefixList": "entries name region",
    "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry": "region",
    "aws:ec2/natGateway:NatGateway": (
        "availabilityMode privateIp region secondaryAllocationIds secondaryPrivateIpAddressCount "
        "secondaryPrivateIpAddresses vpcId"
    ),
    "aws:ec2/networkAcl:NetworkAcl": "egress ingress region subnetIds",
    "aws:ec2/networkAclRule:NetworkAclRule": "region",
    "aws:ec2/networkInterface:NetworkInterface": (
        "attachments connectionTrackingSpecification enablePrimaryIpv6 interfaceType ipv4PrefixCount "
        "ipv4Prefixes ipv6AddressCount ipv6AddressLists ipv6Addresses ipv6PrefixCount ipv6Prefixes privateIp "
        "privateIpLists privateIps privateIpsCount region securityGroups"
    ),
    "aws:ec2/networkInterfaceAttachment:NetworkInterfaceAttachment": "networkCardIndex region",
    "aws:ec2/route:Route": "networkInterfaceId region",
    "aws:ec2/routeTable:RouteTable": "propagatingVgws region routes",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "region",
    "aws:ec2/securityGroup:SecurityGroup": "description egress ingress name namePrefix region vpcId",
    "aws:ec2/securityGroupRule:SecurityGroupRule": "region sourceSecurityGroupId",
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest": (
        "ami associatePublicIpAddress availabilityZone capacityReservationSpecification cpuOptions "
        "disableApiStop disableApiTermination ebsBlockDevices ebsOptimized enablePrimaryIpv6 enclaveOptions "
        "ephemeralBlockDevices hostId hostResourceGroupArn iamInstanceProfile "
        "instanceInitiatedShutdownBehavior instanceType ipv6AddressCount ipv6Addresses keyName "
        "maintenanceOptions metadataOptions monitoring networkInterfaces placementGroup placementGroupId "
        "placementPartitionNumber privateDnsNameOptions privateIp region rootBlockDevice "
        "secondaryNetworkInterfaces secondaryPrivateIps securityGroups spotPrice subnetId tenancy "
        "userDataBase64 validFrom validUntil vpcSecurityGroupIds"
    ),
    "aws:ec2/subnet:Subnet": (
        "availabilityZone availabilityZoneId cidrBlock ipv6CidrBlock privateDnsHostnameTypeOnLaunch region"
    ),
    "aws:ec2/vpc:Vpc": (
        "cidrBlock enableDnsHostnames enableNetworkAddressUsageMetrics ipv6CidrBlock "
        "ipv6CidrBlockNetworkBorderGroup region"
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": (
        "dnsOptions ipAddressType policy privateDnsEnabled region routeTableIds securityGroupIds "
        "serviceRegion subnetConfigurations subnetIds"
    ),
    "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy": "policy region",
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": "cidrBlock region",
    "aws:ec2/vpcIpv6CidrBlockAssociation:VpcIpv6CidrBlockAssociation": (
        "assignGeneratedIpv6CidrBlock ipv6CidrBlock ipv6Pool region"
    ),
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": "accepter peerOwnerId peerRegion region requester",
    "aws:ec2/vpnGateway:VpnGateway": "amazonSideAsn region vpcId",
    "aws:ec2/vpnGatewayAttachment:VpnGatewayAttachment": "region",
    "aws:ecr/registryPolicy:RegistryPolicy": "region",
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": "region",
    "aws:ecr/repository:Repository": "name region",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "region",
    "aws:ecs/accountSettingDefault:AccountSettingDefault": "name region",
    "aws:ecs/cluster:Cluster": "name region settings",
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": "region",
    "aws:ecs/service:Service": (
        "availabilityZoneRebalancing cluster deploymentConfiguration iamRole launchType name platformVersion "
        "region triggers"
    ),
    "aws:ecs/taskDefinition:TaskDefinition": "enableFaultInjection networkMode region",
    "aws:ecs/taskSet:TaskSet": "externalId launchType platformVersion region scale",
    "aws:efs/fileSystem:FileSystem": (
        "availabilityZoneName creationToken encrypted kmsKeyId performanceMode protection region"
    ),
    "aws:efs/fileSystemPolicy:FileSystemPolicy": "region",
    "aws:eks/cluster:Cluster": (
        "accessConfig computeConfig controlPlaneScalingConfig deletionProtection kubeApiServerConfig "
        "kubeControllerManagerConfig kubeSchedulerConfig kubernetesNetworkConfig name region storageConfig "
        "upgradePolicy version"
    ),
    "aws:elasticache/cluster:Cluster": (
        "applyImmediately availabilityZone azMode clusterId engine engineVersion ipDiscovery "
        "maintenanceWindow networkType nodeType numCacheNodes parameterGroupName port preferredOutpostArn "
        "region replicationGroupId securityGroupIds snapshotWindow subnetGroupName transitEncryptionEnabled"
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        "applyImmediately atRestEncryptionEnabled autoMinorVersionUpgrade clusterMode dataTieringEnabled "
        "durability engine engineVersion globalReplicationGroupId ipDiscovery maintenanceWindow networkType "
        "nodeGroupConfigurations nodeType numCacheClusters numNodeGroups parameterGroupName region "
        "replicasPerNodeGroup replicationGroupId securityGroupIds securityGroupNames snapshotWindow "
        "subnetGroupName transitEncryptionEnabled transitEncryptionMode"
    ),
    "aws:elasticache/serverlessCache:ServerlessCache": (
        "dailySnapshotTime description majorEngineVersion name networkType region securityGroupIds "
        "snapshotRetentionLimit subnetIds"
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": "description name region",
    "aws:elasticache/user:User": "authenticationMode region",
    "aws:elasticache/userGroup:UserGroup": "region",
    "aws:elasticache/userGroupAssociation:UserGroupAssociation": "region",
    "aws:elasticsearch/domain:Domain": (
        "accessPolicies advancedOptions advancedSecurityOptions autoTuneOptions clusterConfig "
        "domainEndpointOptions domainName ebsOptions encryptAtRest nodeToNodeEncryption region"
    ),
    "aws:elasticsearch/domainPolicy:DomainPolicy": "region",
    "aws:elb/loadBalancer:LoadBalancer": (
        "availabilityZones healthCheck instances internal name namePrefix region securityGroups "
        "sourceSecurityGroup subnets"
    ),
    "aws:fis/experimentTemplate:ExperimentTemplate": "experimentOptions region",
    "aws:glacier/vault:Vault": "name region",
    "aws:glacier/vaultLock:VaultLock": "region",
    "aws:glue/resourcePolicy:ResourcePolicy": "region",
    "aws:guardduty/detector:Detector": "datasources findingPublishingFrequency region",
    "aws:guardduty/detectorFeature:DetectorFeature": "name region",
    "aws:iam/accessKey:AccessKey": "",
    "aws:iam/groupPolicy:GroupPolicy": "name namePrefix",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": "",
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive": "",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "thumbprintLists",
    "aws:iam/policy:Policy": "name namePrefix",
    "aws:iam/policyAttachment:PolicyAttachment": "name",
    "aws:iam/role:Role": "inlinePolicies managedPolicyArns name namePrefix",
    "aws:iam/rolePolicy:RolePolicy": "name namePrefix",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": "",
    "aws:iam/user:User": "name",
    "aws:iam/userLoginProfile:UserLoginProfile": "passwordResetRequired",
    "aws:iam/userPolicy:UserPolicy": "name namePrefix",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": "",
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive": "",
    "aws:iot/policy:Policy": "name region",
    "aws:kinesis/resourcePolicy:ResourcePolicy": "region",
    "aws:kinesis/stream:Stream": "arn maxRecordSizeInKib name region streamModeDetails",
    "aws:kms/alias:Alias": "name namePrefix region",
    "aws:kms/key:Key": "description multiRegion policy region rotationPeriodInDays",
    "aws:kms/keyPolicy:KeyPolicy": "region",
    "aws:kms/replicaKey:ReplicaKey": "policy region",
    "aws:lambda/function:Function": (
        "architectures codeSha256 ephemeralStorage loggingConfig name region sourceCodeHash tracingConfig"
    ),
    "aws:lambda/functionUrl:FunctionUrl": "region",
    "aws:lambda/invocation:Invocation": "region",
    "aws:lambda/layerVersionPermission:LayerVersionPermission": "region",
    "aws:lambda/permission:Permission": "region statementId statementIdPrefix",
    "aws:lambda/resourcePolicy:ResourcePolicy": "region",
    "aws:lb/listener:Listener": (
        "mutualAuthentication protocol region routingHttpRequestXAmznMtlsClientcertHeaderName "
        "routingHttpRequestXAmznMtlsClientcertIssuerHeaderName "
        "routingHttpRequestXAmznMtlsClientcertLeafHeaderName "
        "routingHttpRequestXAmznMtlsClientcertSerialNumberHeaderName "
        "routingHttpRequestXAmznMtlsClientcertSubjectHeaderName "
        "routingHttpRequestXAmznMtlsClientcertValidityHeaderName "
        "routingHttpRequestXAmznTlsCipherSuiteHeaderName routingHttpRequestXAmznTlsVersionHeaderName "
        "routingHttpResponseAccessControlAllowCredentialsHeaderValue "
        "routingHttpResponseAccessControlAllowHeadersHeaderValue "
        "routingHttpResponseAccessControlAllowMethodsHeaderValue "
        "routingHttpResponseAccessControlAllowOriginHeaderValue "
        "routingHttpResponseAccessControlExposeHeadersHeaderValue "
        "routingHttpResponseAccessControlMaxAgeHeaderValue "
        "routingHttpResponseContentSecurityPolicyHeaderValue routingHttpResponseServerEnabled "
        "routingHttpResponseStrictTransportSecurityHeaderValue "
        "routingHttpResponseXContentTypeOptionsHeaderValue routingHttpResponseXFrameOptionsHeaderValue "
        "sslPolicy tcpIdleTimeoutSeconds"
    ),
    "aws:lb/listenerCertificate:ListenerCertificate": "region",
    "aws:lb/listenerRule:ListenerRule": "priority region",
    "aws:lb/loadBalancer:LoadBalancer": (
        "enablePrefixForIpv6SourceNat enforceSecurityGroupInboundRulesOnPrivateLinkTraffic internal "
        "ipAddressType name namePrefix region secondaryIpsAutoAssignedPerSubnet securityGroups subnetMappings "
        "subnets"
    ),
    "aws:lb/targetGroup:TargetGroup": (
        "connectionTermination healthCheck ipAddressType loadBalancingAlgorithmType "
        "loadBalancingAnomalyMitigation loadBalancingCrossZoneEnabled name namePrefix preserveClientIp "
        "protocolVersion region stickiness targetFailovers targetGroupHealth targetHealthStates"
    ),
    "aws:lb/targetGroupAttachment:TargetGroupAttachment": "region",
    "aws:lightsail/database:Database": (
        "applyImmediately availabilityZone preferredBackupWindow preferredMaintenanceWindow region"
    ),
    "aws:mediastore/containerPolicy:ContainerPolicy": "region",
    "aws:memorydb/acl:Acl": "name namePrefix region",
    "aws:memorydb/cluster:Cluster": (
        "engine engineVersion ipDiscovery maintenanceWindow name namePrefix networkType parameterGroupName "
        "port region snapshotRetentionLimit snapshotWindow subnetGroupName"
    ),
    "aws:memorydb/subnetGroup:SubnetGroup": "name namePrefix region",
    "aws:mq/broker:Broker": (
        "authenticationStrategy brokerName configuration dataReplicationMode maintenanceWindowStartTime "
        "region storageType subnetIds"
    ),
    "aws:msk/cluster:Cluster": "clusterName rebalancing region storageMode",
    "aws:msk/serverlessCluster:ServerlessCluster": "clusterName region",
    "aws:neptune/cluster:Cluster": (
        "allowMajorVersionUpgrade applyImmediately availabilityZones clusterIdentifier "
        "clusterIdentifierPrefix engineVersion kmsKeyArn neptuneClusterParameterGroupName "
        "neptuneSubnetGroupName preferredBackupWindow preferredMaintenanceWindow region storageType "
        "vpcSecurityGroupIds"
    ),
    "aws:neptune/clusterInstance:ClusterInstance": (
        "applyImmediately availabilityZone engineVersion identifier identifierPrefix "
        "neptuneParameterGroupName neptuneSubnetGroupName preferredBackupWindow preferredMaintenanceWindow "
        "region"
    ),
    "aws:neptune/subnetGroup:SubnetGroup": "description name namePrefix region",
    "aws:opensearch/domain:Domain": (
        "accessPolicies advancedOptions advancedSecurityOptions aimlOptions autoTuneOptions clusterConfig "
        "deploymentStrategyOptions domainEndpointOptions domainName ebsOptions encryptAtRest engineVersion "
        "ipAddressType nodeToNodeEncryption offPeakWindowOptions region softwareUpdateOptions"
    ),
    "aws:opensearch/domainPolicy:DomainPolicy": "region",
    "aws:rds/cluster:Cluster": (
        "allocatedStorage applyImmediately autoMinorVersionUpgrade availabilityZones backupRetentionPeriod "
        "caCertificateIdentifier clusterIdentifier clusterIdentifierPrefix clusterMembers "
        "clusterScalabilityType databaseInsightsMode databaseName dbClusterParameterGroupName "
        "dbSubnetGroupName dbSystemId engineLifecycleSupport engineVersion iamRoles kmsKeyId "
        "masterUserSecretKmsKeyId masterUsername monitoringInterval monitoringRoleArn networkType "
        "performanceInsightsKmsKeyId performanceInsightsRetentionPeriod port preferredBackupWindow "
        "preferredMaintenanceWindow publiclyAccessible region storageEncrypted storageType "
        "vpcSecurityGroupIds"
    ),
    "aws:rds/clusterInstance:ClusterInstance": (
        "applyImmediately availabilityZone caCertIdentifier dbParameterGroupName dbSubnetGroupName "
        "engineVersion identifier identifierPrefix monitoringRoleArn performanceInsightsEnabled "
        "performanceInsightsKmsKeyId performanceInsightsRetentionPeriod preferredBackupWindow "
        "preferredMaintenanceWindow publiclyAccessible region"
    ),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": "description name namePrefix region",
    "aws:rds/clusterSnapshot:ClusterSnapshot": "region",
    "aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy": "region",
    "aws:rds/globalCluster:GlobalCluster": (
        "databaseName engine engineLifecycleSupport engineVersion region sourceDbClusterIdentifier "
        "storageEncrypted"
    ),
    "aws:rds/instance:Instance": (
        "allocatedStorage availabilityZone backupRetentionPeriod backupTarget backupWindow caCertIdentifier "
        "characterSetName databaseInsightsMode dbName dbSubnetGroupName domainFqdn engine "
        "engineLifecycleSupport engineVersion identifier identifierPrefix iops kmsKeyId licenseModel "
        "maintenanceWindow masterUserSecretKmsKeyId monitoringRoleArn multiAz ncharCharacterSetName "
        "networkType optionGroupName parameterGroupName performanceInsightsKmsKeyId "
        "performanceInsightsRetentionPeriod port region replicaMode snapshotIdentifier storageThroughput "
        "storageType timezone username vpcSecurityGroupIds"
    ),
    "aws:rds/parameterGroup:ParameterGroup": "description name namePrefix region",
    "aws:rds/proxy:Proxy": (
        "defaultAuthScheme endpointNetworkType idleClientTimeout name region targetConnectionNetworkType "
        "vpcSecurityGroupIds"
    ),
    "aws:rds/snapshot:Snapshot": "region",
    "aws:rds/snapshotCopy:SnapshotCopy": "optionGroupName region",
    "aws:rds/subnetGroup:SubnetGroup": "description name namePrefix region",
    "aws:redshift/cluster:Cluster": (
        "aquaConfigurationStatus availabilityZone clusterParameterGroupName clusterSubnetGroupName "
        "clusterType databaseName defaultIamRoleArn enhancedVpcRouting iamRoles kmsKeyId "
        "masterPasswordSecretKmsKeyId preferredMaintenanceWindow region vpcSecurityGroupIds"
    ),
    "aws:redshift/resourcePolicy:ResourcePolicy": "region",
    "aws:redshift/subnetGroup:SubnetGroup": "description name region",
    "aws:redshiftserverless/workgroup:Workgroup": (
        "baseCapacity configParameters port pricePerformanceTarget region securityGroupIds subnetIds "
        "trackName"
    ),
    "aws:route53/queryLog:QueryLog": "",
    "aws:route53/record:Record": "allowOverwrite",
    "aws:route53/zone:Zone": "comment enableAcceleratedRecovery name",
    "aws:s3/accessPoint:AccessPoint": "accountId bucketAccountId name policy region",
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": "accountId",
    "aws:s3/bucket:Bucket": (
        "accelerationStatus acl bucket bucketNamespace bucketPrefix corsRules grants lifecycleRules logging "
        "loggings objectLockConfiguration objectLockEnabled policy region replicationConfiguration "
        "replicationConfigurations requestPayer serverSideEncryptionConfiguration "
        "serverSideEncryptionConfigurations tagsAll versioning versionings website websites"
    ),
    "aws:s3/bucketAcl:BucketAcl": "accessControlPolicy region",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (
        "expectedBucketOwner region transitionDefaultMinimumObjectSize"
    ),
    "aws:s3/bucketLogging:BucketLogging": "region",
    "aws:s3/bucketObject:BucketObject": (
        "bucketKeyEnabled contentType etag key kmsKeyId region serverSideEncryption storageClass"
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "region",
    "aws:s3/bucketPolicy:BucketPolicy": "region",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "region",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": "region",
    "aws:s3/bucketVersioning:BucketVersioning": "region",
    "aws:s3/objectCopy:ObjectCopy": (
        "acl bucketKeyEnabled cacheControl contentDisposition contentEncoding contentLanguage contentType "
        "customerAlgorithm customerKeyMd5 kmsEncryptionContext kmsKeyId metadata objectLockLegalHoldStatus "
        "objectLockMode objectLockRetainUntilDate region serverSideEncryption storageClass websiteRedirect"
    ),
    "aws:s3control/accessPointPolicy:AccessPointPolicy": "region",
    "aws:s3control/multiRegionAccessPointPolicy:MultiRegionAccessPointPolicy": "accountId region",
    "aws:s3control/objectLambdaAccessPointPolicy:ObjectLambdaAccessPointPolicy": "accountId name region",
    "aws:s3tables/tableBucketPolicy:TableBucketPolicy": "region",
    "aws:s3tables/tablePolicy:TablePolicy": "name region",
    "aws:scheduler/schedule:Schedule": "actionAfterCompletion groupName name namePrefix region",
    "aws:schemas/registryPolicy:RegistryPolicy": "region",
    "aws:secretsmanager/secret:Secret": "name namePrefix policy region",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "region",
    "aws:secretsmanager/secretRotation:SecretRotation": "region rotationEnabled",
    "aws:secretsmanager/secretVersion:SecretVersion": "region versionStages",
    "aws:securityhub/account:Account": "controlFindingGenerator region",
    "aws:ses/identityPolicy:IdentityPolicy": "name region",
    "aws:sesv2/emailIdentityPolicy:EmailIdentityPolicy": "region",
    "aws:sfn/stateMachine:StateMachine": (
        "encryptionConfiguration loggingConfiguration name namePrefix region tracingConfiguration"
    ),
    "aws:sns/topic:Topic": (
        "fifoThroughputScope maximumMessageSize name namePrefix policy region signatureVersion tracingConfig"
    ),
    "aws:sns/topicPolicy:TopicPolicy": "region",
    "aws:sns/topicSubscription:TopicSubscription": "filterPolicyScope region",
    "aws:sqs/queue:Queue": (
        "deduplicationScope fifoThroughputLimit kmsDataKeyReusePeriodSeconds name namePrefix policy "
        "redriveAllowPolicy redrivePolicy region sqsManagedSseEnabled"
    ),
    "aws:sqs/queuePolicy:QueuePolicy": "region",
    "aws:sqs/redrivePolicy:RedrivePolicy": "region",
    "aws:ssm/document:Document": "name region",
    "aws:ssm/parameter:Parameter": "arn dataType insecureValue keyId name region tier value",
    "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment": "region",
    "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": "region",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "region",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "region",
    "aws:wafregional/webAclAssociation:WebAclAssociation": "region",
    "aws:wafv2/webAcl:WebAcl": "name namePrefix region",
    "aws:wafv2/webAclAssociation:WebAclAssociation": "region",
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": "region",
    "aws:wafv2/webAclRule:WebAclRule": "name region",
    "aws:wafv2/webAclRuleGroupAssociation:WebAclRuleGroupAssociation": "overrideAction region",
}
# fmt: on


@cache
def computed_of(kind: str) -> frozenset[str]:
    """The computed inputs of a kind; none for a kind that no control names."""
    return frozenset(_COMPUTED.get(kind, "").split())
