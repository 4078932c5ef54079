"""What the controls name exists in the SDK, so that a rename there cannot silence a control."""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from guardrails import kinds
from guardrails.controls import CONTROLS
from guardrails.controls.access import _ATTACHED, _CARRIERS
from guardrails.controls.firewall import _STORES
from guardrails.controls.network import _SUBNET_GROUPS
from guardrails.controls.storage import _FLAGS, _POLICIES, _WITH_ACL
from guardrails.network import _DESTINATIONS, _OTHER_TARGETS

SPEC = find_spec("pulumi_aws")
assert SPEC is not None
assert SPEC.origin is not None
SDK = Path(SPEC.origin).parent
KINDS = sorted(value for name, value in vars(kinds).items() if name.isupper() and str(value).startswith("aws:"))

READ = [
    *[(kind, key) for kind, key in _CARRIERS.items()],
    *[(kind, key) for kind, key in _ATTACHED.items()],
    *[(kind, key) for kind, key in _POLICIES.items()],
    *[(kind, key) for kind, key in _STORES.items() if kind != kinds.MSK_CLUSTER],
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


@cache
def tokens(module: str) -> dict[str, str]:
    """Type token -> source file, of one service module; read as text, importing the SDK takes seconds."""
    found = {}
    for path in (SDK / module).glob("*.py"):
        if not path.name.startswith(("_", "get_")):
            found.update(
                dict.fromkeys(re.findall(r'@pulumi\.type_token\("([^"]+)"\)', path.read_text()), path.read_text())
            )
    return found


def source(kind: str) -> str | None:
    return tokens(kind.split(":")[1].split("/", maxsplit=1)[0]).get(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_a_type_of_the_sdk(kind: str) -> None:
    assert source(kind) is not None


@pytest.mark.parametrize(("kind", "key"), READ, ids=lambda value: value.rpartition(":")[2])
def test_every_property_that_a_control_reads_exists(kind: str, key: str) -> None:
    text = source(kind)
    assert text is not None
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()
    assert f'pulumi.getter(name="{key}")' in text or re.search(
        rf"@_builtins.property\n.*\n    def {snake}\(|def {snake}\(self\)", text
    )


def test_the_list_of_controls_is_pinned() -> None:
    levels = {control.id: (str(control.severity), str(control.level), str(control.scope)) for control in CONTROLS}
    assert levels == {
        "db-subnet-not-public": ("critical", "mandatory", "graph"),
        "main-route-table-no-igw": ("high", "mandatory", "graph"),
        "default-sg-closed": ("high", "mandatory", "graph"),
        "sg-no-public-admin-port": ("critical", "mandatory", "resource"),
        "sg-no-public-db-port": ("critical", "mandatory", "resource"),
        "sg-no-public-all-ports": ("critical", "mandatory", "resource"),
        "sg-split-cidr": ("high", "mandatory", "graph"),
        "db-sg-not-internet-reachable": ("critical", "mandatory", "graph"),
        "lb-https-only": ("high", "mandatory", "graph"),
        "rds-not-publicly-accessible": ("critical", "mandatory", "resource"),
        "rds-storage-encrypted": ("critical", "mandatory", "resource"),
        "s3-block-public-access": ("critical", "mandatory", "graph"),
        "s3-no-public-acl": ("critical", "mandatory", "resource"),
        "s3-no-public-policy": ("critical", "mandatory", "resource"),
        "s3-tls-only": ("high", "mandatory", "graph"),
        "s3-acl-disabled": ("medium", "advisory", "graph"),
        "s3-encryption": ("medium", "advisory", "graph"),
        "iam-no-admin-star": ("critical", "mandatory", "resource"),
        "iam-no-notaction-allow": ("high", "mandatory", "resource"),
        "iam-no-managed-admin": ("critical", "mandatory", "resource"),
    }
