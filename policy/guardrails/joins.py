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
)
_PASS_THE_SUBNET_ON = {kinds.ROUTE_TABLE_ASSOCIATION: "subnetId"}

VPC = Reference(dict.fromkeys((kinds.VPC, kinds.DEFAULT_VPC), ("id",)))
SUBNET = Reference(dict.fromkeys((kinds.SUBNET, kinds.DEFAULT_SUBNET), ("id",)), through=_PASS_THE_SUBNET_ON)
BALANCER = Reference({kinds.LOAD_BALANCER: ("arn", "id")})
LISTENER = Reference({kinds.LISTENER: ("arn", "id")}, through={kinds.LISTENER_RULE: "listenerArn"})
TARGET_GROUP = Reference({kinds.TARGET_GROUP: ("arn", "id")})
WEB_ACL = Reference({kinds.WEB_ACL: ("arn", "id")})
BUCKET = Reference({kinds.BUCKET: ("bucket", "id", "arn")}, through=dict.fromkeys(_PASS_THE_BUCKET_ON, "bucket"))
DATABASE = Reference(
    dict.fromkeys((kinds.DB_INSTANCE, kinds.DB_CLUSTER), ("arn", "identifier", "clusterIdentifier", "id"))
)
DB_CLUSTER = Reference({kinds.DB_CLUSTER: ("clusterIdentifier", "id", "arn")})
DB_SUBNET_GROUP = Reference({kinds.DB_SUBNET_GROUP: ("id", "name", "arn")})
DB_PARAMETERS = Reference({kinds.DB_PARAMETER_GROUP: ("name", "id")})
DB_CLUSTER_PARAMETERS = Reference({kinds.DB_CLUSTER_PARAMETER_GROUP: ("name", "id")})
TASK_DEFINITION = Reference({kinds.TASK_DEFINITION: ("arn", "id", "family", "arnWithoutRevision")})
ECS_CLUSTER = Reference({kinds.ECS_CLUSTER: ("arn", "id", "name")})
LAUNCH_TEMPLATE = Reference({kinds.LAUNCH_TEMPLATE: ("id", "name", "arn")})
ROLE = Reference({kinds.IAM_ROLE: ("name", "id", "arn")})
KMS_KEY = Reference(
    {kinds.KMS_KEY: ("arn", "keyId", "id"), kinds.KMS_REPLICA_KEY: ("arn", "keyId", "id")},
    through={kinds.KMS_ALIAS: "targetKeyId"},
)
SECRET = Reference({kinds.SECRET: ("arn", "id", "name")}, through={kinds.SECRET_VERSION: "secretId"})
QUEUE = Reference({kinds.QUEUE: ("url", "id", "arn")})
TOPIC = Reference({kinds.TOPIC: ("arn", "id")})
LOG_GROUP = Reference({kinds.LOG_GROUP: ("name", "id", "arn")})
REPOSITORY = Reference({kinds.ECR_REPOSITORY: ("name", "id")})
FUNCTION = Reference({kinds.FUNCTION: ("name", "functionName", "arn", "id")})
HOSTED_ZONE = Reference({kinds.HOSTED_ZONE: ("zoneId", "id")})
CERTIFICATE = Reference({kinds.CERTIFICATE: ("arn", "id")}, through={kinds.CERTIFICATE_VALIDATION: "certificateArn"})
DISTRIBUTION = Reference({kinds.DISTRIBUTION: ("arn", "id")})
BACKUP_VAULT = Reference({kinds.BACKUP_VAULT: ("name", "id", "arn")})
