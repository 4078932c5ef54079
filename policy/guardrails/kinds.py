"""The types that controls name, their aliases, and what people call them.

A kind is the type token of pulumi-aws 7 (checked by a test against the SDK's own classes). Older tokens of the same
thing are normalised to it, so that no control has to know them.
"""

import re
from functools import cache

VPC = "aws:ec2/vpc:Vpc"
DEFAULT_VPC = "aws:ec2/defaultVpc:DefaultVpc"
SUBNET = "aws:ec2/subnet:Subnet"
DEFAULT_SUBNET = "aws:ec2/defaultSubnet:DefaultSubnet"
INTERNET_GATEWAY = "aws:ec2/internetGateway:InternetGateway"
VPN_GATEWAY = "aws:ec2/vpnGateway:VpnGateway"
VPC_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
EIP = "aws:ec2/eip:Eip"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
DEFAULT_ROUTE_TABLE = "aws:ec2/defaultRouteTable:DefaultRouteTable"
ROUTE = "aws:ec2/route:Route"
ROUTE_TABLE_ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
MAIN_ROUTE_TABLE_ASSOCIATION = "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation"
PREFIX_LIST = "aws:ec2/managedPrefixList:ManagedPrefixList"
PREFIX_LIST_ENTRY = "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_SECURITY_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
SECURITY_GROUP_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
CLASSIC_LOAD_BALANCER = "aws:elb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
LISTENER_RULE = "aws:lb/listenerRule:ListenerRule"
DB_SUBNET_GROUP = "aws:rds/subnetGroup:SubnetGroup"
DOCDB_SUBNET_GROUP = "aws:docdb/subnetGroup:SubnetGroup"
NEPTUNE_SUBNET_GROUP = "aws:neptune/subnetGroup:SubnetGroup"
REDSHIFT_SUBNET_GROUP = "aws:redshift/subnetGroup:SubnetGroup"
DB_INSTANCE = "aws:rds/instance:Instance"
DB_CLUSTER = "aws:rds/cluster:Cluster"
DB_CLUSTER_INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
DB_GLOBAL_CLUSTER = "aws:rds/globalCluster:GlobalCluster"
DOCDB_CLUSTER = "aws:docdb/cluster:Cluster"
NEPTUNE_CLUSTER = "aws:neptune/cluster:Cluster"
REDSHIFT_CLUSTER = "aws:redshift/cluster:Cluster"
CACHE_CLUSTER = "aws:elasticache/cluster:Cluster"
CACHE_REPLICATION_GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
CACHE_SERVERLESS = "aws:elasticache/serverlessCache:ServerlessCache"
MEMORYDB_CLUSTER = "aws:memorydb/cluster:Cluster"
MSK_CLUSTER = "aws:msk/cluster:Cluster"
BUCKET = "aws:s3/bucket:Bucket"
BUCKET_ACL = "aws:s3/bucketAcl:BucketAcl"
BUCKET_ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
BUCKET_OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
BUCKET_OBJECT = "aws:s3/bucketObject:BucketObject"
OBJECT_COPY = "aws:s3/objectCopy:ObjectCopy"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
BUCKET_PUBLIC_ACCESS_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
BUCKET_VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
ACCOUNT_PUBLIC_ACCESS_BLOCK = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
ACCESS_POINT = "aws:s3/accessPoint:AccessPoint"
ACCESS_POINT_POLICY = "aws:s3control/accessPointPolicy:AccessPointPolicy"
IAM_GROUP_ATTACHMENT = "aws:iam/groupPolicyAttachment:GroupPolicyAttachment"
IAM_GROUP_ATTACHMENTS = "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive"
IAM_GROUP_POLICY = "aws:iam/groupPolicy:GroupPolicy"
IAM_POLICY = "aws:iam/policy:Policy"
IAM_ROLE = "aws:iam/role:Role"
IAM_ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
IAM_POLICY_ATTACHMENT = "aws:iam/policyAttachment:PolicyAttachment"
IAM_ROLE_ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
IAM_ROLE_ATTACHMENTS = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"
IAM_USER_ATTACHMENT = "aws:iam/userPolicyAttachment:UserPolicyAttachment"
IAM_USER_ATTACHMENTS = "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive"
IAM_USER_POLICY = "aws:iam/userPolicy:UserPolicy"
PERMISSION_SET_ATTACHMENT = "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment"
PERMISSION_SET_INLINE_POLICY = "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy"

_MODULES = {
    "aws:alb/": "aws:lb/",
    "aws:applicationloadbalancing/": "aws:lb/",
    "aws:elasticloadbalancingv2/": "aws:lb/",
    "aws:elasticloadbalancing/": "aws:elb/",
}
_SECOND_S3_EDITION = re.compile(r"^(aws:s3/bucket\w*)[Vv]2:(Bucket\w*)[Vv]2$")
_SPOKEN = {
    INGRESS_RULE: "rule",
    EGRESS_RULE: "rule",
    SECURITY_GROUP_RULE: "rule",
    ROUTE_TABLE_ASSOCIATION: "association",
    MAIN_ROUTE_TABLE_ASSOCIATION: "main association",
    CLASSIC_LOAD_BALANCER: "load balancer",
    DB_SUBNET_GROUP: "subnet group",
    DB_INSTANCE: "database",
    DB_CLUSTER: "database cluster",
    DB_CLUSTER_INSTANCE: "database instance",
}


@cache
def kind_of(token: str) -> str:
    """The kind of a type token, with aliases and second editions brought to one name."""
    for old, new in _MODULES.items():
        if token.startswith(old):
            return new + token.removeprefix(old)
    return _SECOND_S3_EDITION.sub(r"\1:\2", token)


def spoken(kind: str) -> str:
    """What a path calls a resource of this kind, e.g. `route table`."""
    name = kind.rpartition(":")[2]
    return _SPOKEN.get(kind) or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()
