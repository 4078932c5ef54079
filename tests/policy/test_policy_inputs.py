"""What judges read by hand exists in the SDK: a name that is misspelled would be absent on every resource."""

from guardrails import kinds

from tests.gathered import for_each
from tests.policy import sdk

METADATA = ("metadataOptions.httpTokens", "metadataOptions.httpEndpoint", "metadataOptions.httpPutResponseHopLimit")
READ = {
    kinds.TASK_DEFINITION: ("containerDefinitions", "taskRoleArn", "executionRoleArn"),
    kinds.ECS_CLUSTER: ("name", "settings.name", "settings.value"),
    kinds.ECS_ACCOUNT_SETTING: ("name", "value"),
    kinds.ECS_SERVICE: ("cluster", "name", "enableExecuteCommand", "desiredCount", "schedulingStrategy"),
    kinds.SCALING_TARGET: ("resourceId", "serviceNamespace", "minCapacity"),
    kinds.LAUNCH_TEMPLATE: (
        *METADATA, "userData", "networkInterfaces.associatePublicIpAddress", "blockDeviceMappings.ebs",
        "blockDeviceMappings.ebs.encrypted", "blockDeviceMappings.ebs.snapshotId",
    ),
    kinds.LAUNCH_CONFIGURATION: (
        *METADATA, "userData", "userDataBase64", "associatePublicIpAddress", "rootBlockDevice.encrypted",
        "ebsBlockDevices.encrypted",
    ),
    kinds.INSTANCE: (
        *METADATA, "userData", "userDataBase64", "associatePublicIpAddress", "rootBlockDevice.encrypted",
        "ebsBlockDevices.encrypted", "ebsBlockDevices.snapshotId", "subnetId", "launchTemplate.id",
        "launchTemplate.name",
    ),
    kinds.SPOT_INSTANCE: (
        *METADATA, "userData", "userDataBase64", "associatePublicIpAddress", "rootBlockDevice.encrypted",
        "ebsBlockDevices.encrypted", "subnetId", "launchTemplate.id", "launchTemplate.name",
    ),
    kinds.SUBNET: ("mapPublicIpOnLaunch", "availabilityZone", "availabilityZoneId"),
    kinds.DEFAULT_SUBNET: ("mapPublicIpOnLaunch",),
    kinds.VOLUME: ("encrypted", "snapshotId", "region"),
    kinds.ENCRYPTION_BY_DEFAULT: ("enabled", "region"),
    kinds.METADATA_DEFAULTS: ("httpTokens", "httpEndpoint", "httpPutResponseHopLimit", "region"),
    kinds.SCALING_GROUP: ("healthCheckType", "targetGroupArns", "loadBalancers", "trafficSources.type"),
    kinds.SCALING_ATTACHMENT: ("autoscalingGroupName",),
    kinds.SCALING_TRAFFIC_SOURCE: ("autoscalingGroupName", "trafficSource.type"),
    kinds.FUNCTION: ("environment.variables", "vpcConfig.subnetIds"),
    kinds.FUNCTION_PERMISSION: ("principal", "principalOrgId", "sourceAccount", "sourceArn", "eventSourceToken"),
    kinds.ECR_REPOSITORY: (
        "name", "imageTagMutability", "imageTagMutabilityExclusionFilters.filter",
        "imageScanningConfiguration.scanOnPush",
    ),
    kinds.ECR_SCANNING: ("rules.scanFrequency", "rules.repositoryFilters", "rules.repositoryFilters.filter"),
    kinds.DB_INSTANCE: (
        "engine", "engineVersion", "replicateSourceDb", "parameterGroupName", "enabledCloudwatchLogsExports",
        "iamDatabaseAuthenticationEnabled",
    ),
    kinds.DB_CLUSTER: (
        "engine", "engineMode", "engineVersion", "replicationSourceIdentifier", "dbClusterParameterGroupName",
        "enabledCloudwatchLogsExports", "iamDatabaseAuthenticationEnabled",
    ),
    kinds.DB_CLUSTER_INSTANCE: ("clusterIdentifier", "availabilityZone"),
    kinds.DB_PARAMETER_GROUP: ("family", "parameters.name", "parameters.value"),
    kinds.DB_CLUSTER_PARAMETER_GROUP: ("family", "parameters.name", "parameters.value"),
    kinds.CACHE_REPLICATION_GROUP: (
        "transitEncryptionEnabled", "atRestEncryptionEnabled", "engine", "globalReplicationGroupId", "authToken",
        "authTokenWo", "authTokenWoVersion", "userGroupIds",
    ),
    kinds.CACHE_USER_GROUP: ("userIds", "userGroupId"),
    kinds.CACHE_USER: ("userId", "accessString", "noPasswordRequired", "authenticationMode.type"),
    kinds.CACHE_USER_GROUP_ASSOCIATION: ("userGroupId", "userId"),
    kinds.DISTRIBUTION: (
        "origins.domainName", "origins.originAccessControlId", "origins.customOriginConfig", "origins.vpcOriginConfig",
    ),
    kinds.ORIGIN_ACCESS_CONTROL: ("signingBehavior",),
    kinds.CERTIFICATE: ("certificateAuthorityArn", "certificateBody"),
    kinds.CERTIFICATE_VALIDATION: ("certificateArn",),
    kinds.LISTENER: ("certificateArn",),
    kinds.LISTENER_CERTIFICATE: ("certificateArn",),
    kinds.CLASSIC_LOAD_BALANCER: ("listeners.sslCertificateId",),
    kinds.CACHE_CLUSTER: ("transitEncryptionEnabled", "replicationGroupId"),
    kinds.MEMORYDB_CLUSTER: ("tlsEnabled", "aclName"),
    kinds.MEMORYDB_ACL: ("name", "userNames"),
    kinds.REST_METHOD: ("authorization", "httpMethod", "apiKeyRequired", "restApi"),
    kinds.REST_API: ("policy", "endpointConfiguration.types"),
    kinds.REST_API_POLICY: ("policy", "restApiId"),
    kinds.HTTP_ROUTE: ("authorizationType", "routeKey", "apiId"),
    kinds.HTTP_API: ("protocolType", "target"),
    kinds.GRAPHQL_API: ("authenticationType",),
    kinds.KUBERNETES_CLUSTER: (
        "vpcConfig.endpointPublicAccess", "vpcConfig.publicAccessCidrs", "enabledClusterLogTypes",
    ),
    kinds.BUILD_PROJECT: (
        "environment.environmentVariables", "environment.environmentVariables.type",
        "environment.environmentVariables.name", "environment.environmentVariables.value",
    ),
    kinds.IMAGE_PERMISSION: ("group",),
    kinds.SSM_DOCUMENT: ("permissions",),
    kinds.LAYER_PERMISSION: ("principal", "organizationId"),
}  # fmt: skip


@for_each("kind, path", [(kind, path) for kind, paths in READ.items() for path in paths])
def test_every_input_that_is_read_by_hand_is_one_of_its_type(kind: str, path: str) -> None:
    found = sdk.shape(kind)
    assert found is not None
    top, *inner = path.split(".")
    assert top in found.properties
    for name in inner:
        assert f"    def {sdk.snake(name)}(self)" in sdk.nested(kind), f"no block of {kind} has {name}"
