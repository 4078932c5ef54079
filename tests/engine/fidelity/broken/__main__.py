"""Programs that each break one guardrail: the stack's name is the id of the control, or `everything`."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws

WORLD = "0.0.0.0/0"


def network(name: str, *, closed: bool = True) -> aws.ec2.Vpc:
    """A VPC; ``closed``: with its default security group taken in hand."""
    vpc = aws.ec2.Vpc(name, cidr_block="10.0.0.0/16")
    if closed:
        aws.ec2.DefaultSecurityGroup(name, vpc_id=vpc.id)
    return vpc


def group(name: str) -> aws.ec2.SecurityGroup:
    """A security group without rules."""
    return aws.ec2.SecurityGroup(name, vpc_id=network(f"{name}-vpc").id)


def admitted(name: str, to: aws.ec2.SecurityGroup, **rule: Any) -> None:
    """A rule that lets somebody in."""
    aws.vpc.SecurityGroupIngressRule(name, security_group_id=to.id, **rule)


def database(name: str, **differently: Any) -> aws.rds.Instance:
    """A database as it should be, but for what is given."""
    sound: dict[str, Any] = {"storage_encrypted": True, "publicly_accessible": False, "skip_final_snapshot": True}
    return aws.rds.Instance(
        name,
        engine="postgres",
        instance_class="db.t4g.micro",
        allocated_storage=20,
        username="platform",
        manage_master_user_password=True,
        **{**sound, **differently},
    )


def bucket(name: str, *, without: str = "") -> aws.s3.Bucket:
    """A bucket with all that belongs to it, but for one thing."""
    made = aws.s3.Bucket(name)
    if without != "block":
        aws.s3.BucketPublicAccessBlock(
            name,
            bucket=made.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
    if without != "ownership":
        aws.s3.BucketOwnershipControls(name, bucket=made.id, rule={"object_ownership": "BucketOwnerEnforced"})
    if without != "encryption":
        rule: Any = {
            "apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms"},
            "bucket_key_enabled": True,
        }
        aws.s3.BucketServerSideEncryptionConfiguration(name, bucket=made.id, rules=[rule])
    if without != "policy":
        tls = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [made.arn, pulumi.Output.concat(made.arn, "/*")],
        }
        condition = {"Bool": {"aws:SecureTransport": "false"}}
        document = {"Version": "2012-10-17", "Statement": [{**tls, "Condition": condition}]}
        aws.s3.BucketPolicy(name, bucket=made.id, policy=pulumi.Output.json_dumps(document))
    return made


def allows(name: str, **statement: Any) -> None:
    """A policy with one statement."""
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
    aws.iam.Policy(name, policy=json.dumps(document))


def admin_star() -> None:
    allows("admin-star", Action="*", Resource="*")


def notaction() -> None:
    allows("notaction", NotAction="iam:*", Resource="*")


def managed_admin() -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}
        ],
    }
    role = aws.iam.Role("managed-admin", assume_role_policy=json.dumps(trust))
    aws.iam.RolePolicyAttachment(
        "managed-admin", role=role.name, policy_arn="arn:aws:iam::aws:policy/AdministratorAccess"
    )


def plain_http() -> None:
    balancer = aws.lb.LoadBalancer("plain-http", subnets=["subnet-1", "subnet-2"])
    target = aws.lb.TargetGroup("plain-http", port=80, protocol="HTTP", vpc_id="vpc-1")
    forward: Any = {"type": "forward", "target_group_arn": target.arn}
    aws.lb.Listener("plain-http", load_balancer_arn=balancer.arn, port=80, protocol="HTTP", default_actions=[forward])


def public_address() -> None:
    database("public-address", publicly_accessible=True)


def clear_storage() -> None:
    database("clear-storage", storage_encrypted=False)


def admin_port() -> None:
    admitted("admin-port", group("admin-port"), ip_protocol="tcp", from_port=22, to_port=22, cidr_ipv4=WORLD)


def store_port() -> None:
    admitted("store-port", group("store-port"), ip_protocol="tcp", from_port=5432, to_port=5432, cidr_ipv4=WORLD)


def all_ports() -> None:
    admitted("all-ports", group("all-ports"), ip_protocol="-1", cidr_ipv4=WORLD)


def halves() -> None:
    to = group("halves")
    for half in ("0.0.0.0/1", "128.0.0.0/1"):
        admitted(f"halves-{half[0]}", to, ip_protocol="tcp", from_port=8080, to_port=8080, cidr_ipv4=half)


def chain() -> None:
    front, store = group("chain-front"), group("chain-store")
    admitted("chain-world", front, ip_protocol="tcp", from_port=443, to_port=443, cidr_ipv4=WORLD)
    admitted("chain", store, ip_protocol="tcp", from_port=5432, to_port=5432, referenced_security_group_id=front.id)
    database("chain", vpc_security_group_ids=[store.id])


def public_subnets() -> None:
    vpc = network("public-subnets")
    gateway = aws.ec2.InternetGateway("public-subnets", vpc_id=vpc.id)
    table = aws.ec2.RouteTable("public-subnets", vpc_id=vpc.id)
    aws.ec2.Route("public-subnets", route_table_id=table.id, destination_cidr_block=WORLD, gateway_id=gateway.id)
    subnets = []
    for number, zone in enumerate("ab"):
        name = f"public-subnets-{zone}"
        subnet = aws.ec2.Subnet(
            name, vpc_id=vpc.id, cidr_block=f"10.0.{number}.0/24", availability_zone=f"eu-west-1{zone}"
        )
        aws.ec2.RouteTableAssociation(name, subnet_id=subnet.id, route_table_id=table.id)
        subnets.append(subnet.id)
    place = aws.rds.SubnetGroup("public-subnets", subnet_ids=subnets)
    database("public-subnets", db_subnet_group_name=place.name)


def main_table() -> None:
    vpc = network("main-table")
    gateway = aws.ec2.InternetGateway("main-table", vpc_id=vpc.id)
    routes: Any = [{"cidr_block": WORLD, "gateway_id": gateway.id}]
    aws.ec2.DefaultRouteTable("main-table", default_route_table_id=vpc.default_route_table_id, routes=routes)


def default_group() -> None:
    network("default-group", closed=False)


def no_block() -> None:
    bucket("no-block", without="block")


def public_acl() -> None:
    aws.s3.BucketAcl("public-acl", bucket=bucket("public-acl").id, acl="public-read")


def public_policy() -> None:
    made = bucket("public-policy", without="policy")
    reads = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::public-policy/*"}
    document = {"Version": "2012-10-17", "Statement": [reads]}
    aws.s3.BucketPolicy("public-policy", bucket=made.id, policy=json.dumps(document))


def no_tls() -> None:
    bucket("no-tls", without="policy")


def acl_on() -> None:
    bucket("acl-on", without="ownership")


def no_encryption() -> None:
    bucket("no-encryption", without="encryption")


CASES: dict[str, Callable[[], None]] = {
    "iam-no-admin-star": admin_star,
    "iam-no-notaction-allow": notaction,
    "iam-no-managed-admin": managed_admin,
    "lb-https-only": plain_http,
    "rds-not-publicly-accessible": public_address,
    "rds-storage-encrypted": clear_storage,
    "sg-no-public-admin-port": admin_port,
    "sg-no-public-db-port": store_port,
    "sg-no-public-all-ports": all_ports,
    "sg-split-cidr": halves,
    "db-sg-not-internet-reachable": chain,
    "db-subnet-not-public": public_subnets,
    "main-route-table-no-igw": main_table,
    "default-sg-closed": default_group,
    "s3-block-public-access": no_block,
    "s3-no-public-acl": public_acl,
    "s3-no-public-policy": public_policy,
    "s3-tls-only": no_tls,
    "s3-acl-disabled": acl_on,
    "s3-encryption": no_encryption,
}

chosen = pulumi.get_stack()
for control, breaking in CASES.items():
    if chosen in (control, "everything"):
        breaking()
