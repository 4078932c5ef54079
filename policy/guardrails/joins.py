"""What properties point to: one `Reference` for each thing that others name, with all ways of naming it."""

from __future__ import annotations

from . import kinds
from .graph import Reference

_PASS_THE_BUCKET_ON = (
    kinds.BUCKET_PUBLIC_ACCESS_BLOCK,
    kinds.BUCKET_OWNERSHIP,
    kinds.BUCKET_VERSIONING,
    kinds.BUCKET_ENCRYPTION,
    kinds.BUCKET_POLICY,
    kinds.BUCKET_ACL,
    kinds.BUCKET_LOGGING,
    kinds.BUCKET_LIFECYCLE,
)
_PASS_THE_VPC_ON = (
    kinds.VPC_CIDR, kinds.VPC_CIDR_V6, kinds.INTERNET_GATEWAY_ATTACHMENT, kinds.VPN_GATEWAY_ATTACHMENT,
    kinds.INTERNET_GATEWAY, kinds.SUBNET, kinds.ROUTE_TABLE, kinds.SECURITY_GROUP,
)  # fmt: skip
_PASS_THE_SUBNET_ON = {kinds.ROUTE_TABLE_ASSOCIATION: "subnetId"}

VPC = Reference(
    dict.fromkeys((kinds.VPC, kinds.DEFAULT_VPC), ("id",)), through=dict.fromkeys(_PASS_THE_VPC_ON, "vpcId")
)
SUBNET = Reference(dict.fromkeys((kinds.SUBNET, kinds.DEFAULT_SUBNET), ("id",)), through=_PASS_THE_SUBNET_ON)
BALANCER = Reference(
    {kinds.LOAD_BALANCER: ("arn", "id")},
    through={kinds.LISTENER: "loadBalancerArn", kinds.WEB_ACL_ASSOCIATION: "resourceArn"},
)
LISTENER = Reference(
    {kinds.LISTENER: ("arn", "id")},
    through=dict.fromkeys((kinds.LISTENER_RULE, kinds.LISTENER_CERTIFICATE), "listenerArn"),
)
TARGET_GROUP = Reference({kinds.TARGET_GROUP: ("arn", "id")})
WEB_ACL = Reference(
    {kinds.WEB_ACL: ("arn", "id")},
    through={kinds.WEB_ACL_ASSOCIATION: "webAclArn", kinds.WEB_ACL_LOGGING: "resourceArn"},
)
BUCKET = Reference({kinds.BUCKET: ("bucket", "id", "arn")}, through=dict.fromkeys(_PASS_THE_BUCKET_ON, "bucket"))
DATABASE = Reference(
    dict.fromkeys((kinds.DB_INSTANCE, kinds.DB_CLUSTER), ("arn", "identifier", "clusterIdentifier", "id"))
)
SEARCH_DOMAIN = Reference(dict.fromkeys((kinds.SEARCH_DOMAIN, kinds.ELASTICSEARCH_DOMAIN), ("domainName", "arn", "id")))
DB_CLUSTER = Reference(
    {kinds.DB_CLUSTER: ("clusterIdentifier", "id", "arn")}, through={kinds.DB_CLUSTER_INSTANCE: "clusterIdentifier"}
)
DB_SUBNET_GROUP = Reference({kinds.DB_SUBNET_GROUP: ("id", "name", "arn")})
DB_PARAMETERS = Reference({kinds.DB_PARAMETER_GROUP: ("name", "id")})
DB_CLUSTER_PARAMETERS = Reference({kinds.DB_CLUSTER_PARAMETER_GROUP: ("name", "id")})
TASK_DEFINITION = Reference({kinds.TASK_DEFINITION: ("arn", "id", "family", "arnWithoutRevision")})
ECS_CLUSTER = Reference({kinds.ECS_CLUSTER: ("arn", "id", "name")}, through={kinds.ECS_CAPACITY: "clusterName"})
LAUNCH_TEMPLATE = Reference({kinds.LAUNCH_TEMPLATE: ("id", "name", "arn")})
ROLE = Reference(
    {kinds.IAM_ROLE: ("name", "id", "arn")},
    through=dict.fromkeys((kinds.IAM_ROLE_ATTACHMENT, kinds.IAM_ROLE_POLICY), "role"),
)
KMS_KEY = Reference(
    {kinds.KMS_KEY: ("arn", "keyId", "id"), kinds.KMS_REPLICA_KEY: ("arn", "keyId", "id")},
    through={kinds.KMS_ALIAS: "targetKeyId"},
)
SECRET = Reference(
    {kinds.SECRET: ("arn", "id", "name")},
    through={kinds.SECRET_VERSION: "secretId", kinds.SECRET_ROTATION: "secretId", kinds.SECRET_POLICY: "secretArn"},
)
QUEUE = Reference(
    {kinds.QUEUE: ("url", "id", "arn")},
    through=dict.fromkeys((kinds.QUEUE_POLICY, kinds.REDRIVE_POLICY), "queueUrl"),
)
TOPIC = Reference({kinds.TOPIC: ("arn", "id")}, through={kinds.TOPIC_POLICY: "arn"})
LOG_GROUP = Reference({kinds.LOG_GROUP: ("name", "id", "arn")})
REPOSITORY = Reference({kinds.ECR_REPOSITORY: ("name", "id")})
FUNCTION = Reference({kinds.FUNCTION: ("name", "functionName", "arn", "id")})
HOSTED_ZONE = Reference({kinds.HOSTED_ZONE: ("zoneId", "id")})
CERTIFICATE = Reference({kinds.CERTIFICATE: ("arn", "id")}, through={kinds.CERTIFICATE_VALIDATION: "certificateArn"})
DISTRIBUTION = Reference({kinds.DISTRIBUTION: ("arn", "id")})
BACKUP_VAULT = Reference({kinds.BACKUP_VAULT: ("name", "id", "arn")})
ECS_SERVICE = Reference({kinds.ECS_SERVICE: ("id", "arn")})
SCALING_GROUP = Reference({kinds.SCALING_GROUP: ("name", "id", "arn")})
CACHE_USER_GROUP = Reference({kinds.CACHE_USER_GROUP: ("userGroupId", "id", "arn")})
CACHE_USER = Reference({kinds.CACHE_USER: ("userId", "id", "arn")})
MEMORYDB_ACL = Reference({kinds.MEMORYDB_ACL: ("name", "id")})
REST_API = Reference({kinds.REST_API: ("id",)}, through={kinds.REST_API_POLICY: "restApiId"})
HTTP_API = Reference({kinds.HTTP_API: ("id",)}, through={kinds.HTTP_ROUTE: "apiId"})
ORIGIN_ACCESS_CONTROL = Reference({kinds.ORIGIN_ACCESS_CONTROL: ("id", "arn")})
LOG_DELIVERY_SOURCE = Reference({kinds.LOG_DELIVERY_SOURCE: ("name", "id", "arn")})
CACHE_SUBNET_GROUP = Reference({kinds.CACHE_SUBNET_GROUP: ("name", "id")})
MEMORYDB_SUBNET_GROUP = Reference({kinds.MEMORYDB_SUBNET_GROUP: ("name", "id", "arn")})
VPC_ENDPOINT = Reference({kinds.VPC_ENDPOINT: ("id", "arn")})
NETWORK_ACL = Reference(
    {
        kinds.NETWORK_ACL: ("id", "arn"),
        kinds.DEFAULT_NETWORK_ACL: ("id", "arn", "defaultNetworkAclId"),
        kinds.VPC: ("defaultNetworkAclId",),
        kinds.DEFAULT_VPC: ("defaultNetworkAclId",),
    }
)
NETWORK_INTERFACE = Reference({kinds.NETWORK_INTERFACE: ("id", "arn")})
