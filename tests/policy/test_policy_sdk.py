"""What the controls name exists in the SDK, so that a rename there cannot silence a control."""

import re

from guardrails import kinds
from guardrails.controls.access import _ATTACHED
from guardrails.controls.network import _SUBNET_GROUPS
from guardrails.controls.storage import _FLAGS, _WITH_ACL
from guardrails.holders import STORES
from guardrails.network import _DESTINATIONS, _OTHER_TARGETS

from tests.gathered import for_each
from tests.policy.catalogue import PINNED, pinned
from tests.policy.sdk import KINDS, source

READ = [
    *[(kind, key) for kind, key in _ATTACHED.items()],
    *[(kind, key) for kind, key in STORES.items() if kind != kinds.MSK_CLUSTER],
    *[(kinds.BUCKET_PUBLIC_ACCESS_BLOCK, flag) for flag in _FLAGS],
    *[(kinds.ACCOUNT_PUBLIC_ACCESS_BLOCK, flag) for flag in _FLAGS],
    *[(kinds.ROUTE, key) for key in (*_OTHER_TARGETS, *_DESTINATIONS[2:], "destinationPrefixListId", "gatewayId")],
    (kinds.ROUTE, "routeTableId"),
    (kinds.MAIN_ROUTE_TABLE_ASSOCIATION, "vpcId"),
    (kinds.MAIN_ROUTE_TABLE_ASSOCIATION, "routeTableId"),
    (kinds.ROUTE_TABLE_ASSOCIATION, "subnetId"),
    (kinds.DEFAULT_ROUTE_TABLE, "defaultRouteTableId"),
    (kinds.DEFAULT_ROUTE_TABLE, "routes"),
    (kinds.ROUTE_TABLE, "routes"),
    (kinds.SUBNET, "vpcId"),
    (kinds.VPC, "mainRouteTableId"),
    (kinds.VPC, "defaultRouteTableId"),
    (kinds.VPC, "defaultSecurityGroupId"),
    (kinds.DEFAULT_SECURITY_GROUP, "vpcId"),
    (kinds.SECURITY_GROUP, "ingress"),
    (kinds.SECURITY_GROUP_RULE, "cidrBlocks"),
    (kinds.SECURITY_GROUP_RULE, "ipv6CidrBlocks"),
    (kinds.SECURITY_GROUP_RULE, "prefixListIds"),
    (kinds.SECURITY_GROUP_RULE, "sourceSecurityGroupId"),
    (kinds.SECURITY_GROUP_RULE, "securityGroupId"),
    (kinds.INGRESS_RULE, "cidrIpv4"),
    (kinds.INGRESS_RULE, "cidrIpv6"),
    (kinds.INGRESS_RULE, "prefixListId"),
    (kinds.INGRESS_RULE, "referencedSecurityGroupId"),
    (kinds.INGRESS_RULE, "ipProtocol"),
    (kinds.INGRESS_RULE, "fromPort"),
    (kinds.PREFIX_LIST, "entries"),
    (kinds.PREFIX_LIST_ENTRY, "prefixListId"),
    (kinds.PREFIX_LIST_ENTRY, "cidr"),
    (kinds.LOAD_BALANCER, "securityGroups"),
    (kinds.LOAD_BALANCER, "loadBalancerType"),
    (kinds.CLASSIC_LOAD_BALANCER, "securityGroups"),
    (kinds.CLASSIC_LOAD_BALANCER, "listeners"),
    (kinds.LISTENER, "defaultActions"),
    (kinds.LISTENER, "loadBalancerArn"),
    (kinds.LISTENER_RULE, "listenerArn"),
    (kinds.LISTENER_RULE, "actions"),
    *[(kind, "subnetIds") for kind in _SUBNET_GROUPS],
    *[(kind, "storageEncrypted") for kind in (kinds.DOCDB_CLUSTER, kinds.NEPTUNE_CLUSTER)],
    *[(kind, "acl") for kind in _WITH_ACL],
    (kinds.OBJECT_COPY, "grants"),
    (kinds.DB_INSTANCE, "publiclyAccessible"),
    (kinds.DB_INSTANCE, "storageEncrypted"),
    (kinds.DB_INSTANCE, "dbSubnetGroupName"),
    (kinds.DB_CLUSTER, "storageEncrypted"),
    (kinds.DB_CLUSTER_INSTANCE, "publiclyAccessible"),
    (kinds.MSK_CLUSTER, "brokerNodeGroupInfo"),
    (kinds.BUCKET_ACL, "accessControlPolicy"),
    (kinds.BUCKET, "serverSideEncryptionConfiguration"),
    (kinds.BUCKET_OWNERSHIP, "rule"),
    (kinds.BUCKET_ENCRYPTION, "rules"),
    (kinds.IAM_ROLE, "inlinePolicies"),
]


@for_each("kind", KINDS)
def test_every_kind_is_a_type_of_the_sdk(kind: str) -> None:
    assert source(kind) is not None


@for_each("kind, key", READ)
def test_every_property_that_a_control_reads_exists(kind: str, key: str) -> None:
    text = source(kind)
    assert text is not None
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()
    assert f'pulumi.getter(name="{key}")' in text or re.search(
        rf"@_builtins.property\n.*\n    def {snake}\(|def {snake}\(self\)", text
    )


def test_the_list_of_controls_is_pinned() -> None:
    """Who drops a control, or takes it out of a pack, shows it in review: tests/golden/policies.txt."""
    assert PINNED.read_text().splitlines() == pinned(), "make policy-docs, and look at the difference"
