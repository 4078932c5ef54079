"""Load balancer, machines and database, with rules inside of the groups and the old names of types; `open` lets the
world reach the database."""

from typing import Any

import pulumi
import pulumi_aws as aws

WORLD = "0.0.0.0/0"
ZONES = ("eu-west-1a", "eu-west-1b")
exposed = pulumi.Config().get_bool("open")

vpc = aws.ec2.Vpc("main", cidr_block="10.1.0.0/16", enable_dns_hostnames=True)
aws.ec2.DefaultSecurityGroup("closed", vpc_id=vpc.id)
gateway = aws.ec2.InternetGateway("igw", vpc_id=vpc.id)
public_table = aws.ec2.RouteTable(
    "public", vpc_id=vpc.id, routes=[aws.ec2.RouteTableRouteArgs(cidr_block=WORLD, gateway_id=gateway.id)]
)


def subnets(tier: str, first: int) -> list[aws.ec2.Subnet]:
    """One for each zone."""
    return [
        aws.ec2.Subnet(f"{tier}-{at}", vpc_id=vpc.id, cidr_block=f"10.1.{first + at}.0/24", availability_zone=zone)
        for at, zone in enumerate(ZONES)
    ]


front, middle, back = subnets("front", 0), subnets("middle", 10), subnets("back", 20)
for at, subnet in enumerate(front):
    aws.ec2.RouteTableAssociation(f"front-{at}", subnet_id=subnet.id, route_table_id=public_table.id)
address = aws.ec2.Eip("nat", domain="vpc")
nat = aws.ec2.NatGateway("nat", subnet_id=front[0].id, allocation_id=address.id)
private_table = aws.ec2.RouteTable("private", vpc_id=vpc.id)
aws.ec2.Route("out", route_table_id=private_table.id, destination_cidr_block=WORLD, nat_gateway_id=nat.id)
for at, subnet in enumerate(middle):
    aws.ec2.RouteTableAssociation(f"middle-{at}", subnet_id=subnet.id, route_table_id=private_table.id)


def group(name: str, port: int, *, out: bool = True, **source: Any) -> aws.ec2.SecurityGroup:
    """A group with one way in, written inside of it, and every way out or none."""
    entry: Any = {"protocol": "tcp", "from_port": port, "to_port": port, "description": "Requests", **source}
    return aws.ec2.SecurityGroup(
        name,
        vpc_id=vpc.id,
        description=f"The {name}",
        ingress=[entry],
        egress=[{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": [WORLD], "description": "Out"}]
        if out
        else [],
    )


door = group("door", 443, cidr_blocks=[WORLD])
shop = group("shop", 8080, security_groups=[door.id])
store = group(
    "store",
    3306,
    out=False,
    **({"cidr_blocks": ["0.0.0.0/1", "128.0.0.0/1"]} if exposed else {"security_groups": [shop.id]}),
)

logs = aws.s3.Bucket("logs")
aws.s3.BucketPublicAccessBlock(
    "logs",
    bucket=logs.id,
    block_public_acls=True,
    block_public_policy=True,
    ignore_public_acls=True,
    restrict_public_buckets=True,
)
aws.s3.BucketOwnershipControls("logs", bucket=logs.id, rule={"object_ownership": "BucketOwnerEnforced"})
aws.s3.BucketServerSideEncryptionConfiguration(
    "logs", bucket=logs.id, rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}]
)
aws.s3.BucketPolicy(
    "logs",
    bucket=logs.id,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [logs.arn, pulumi.Output.concat(logs.arn, "/*")],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ],
        }
    ),
)
balancer = aws.alb.LoadBalancer(
    "door",
    security_groups=[door.id],
    subnets=[subnet.id for subnet in front],
    drop_invalid_header_fields=True,
    access_logs={"bucket": logs.bucket, "enabled": True},
)
targets = aws.alb.TargetGroup("shop", port=8080, protocol="HTTP", vpc_id=vpc.id)
aws.alb.Listener(
    "https",
    load_balancer_arn=balancer.arn,
    port=443,
    protocol="HTTPS",
    ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06",
    certificate_arn="arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012",
    default_actions=[{"type": "forward", "target_group_arn": targets.arn}],
)
template = aws.ec2.LaunchTemplate(
    "shop",
    image_id="ami-0123456789abcdef0",
    instance_type="t3.small",
    vpc_security_group_ids=[shop.id],
    metadata_options={"http_tokens": "required"},
    block_device_mappings=[{"device_name": "/dev/xvda", "ebs": {"encrypted": "true", "volume_size": 20}}],
)
aws.autoscaling.Group(
    "shop",
    vpc_zone_identifiers=[subnet.id for subnet in middle],
    min_size=2,
    max_size=4,
    launch_template={"id": template.id, "version": "$Latest"},
    target_group_arns=[targets.arn],
    health_check_type="ELB",
)
database_subnets = aws.rds.SubnetGroup("back", subnet_ids=[subnet.id for subnet in back])
aws.rds.Instance(
    "store",
    engine="mysql",
    engine_version="8.0.41",
    instance_class="db.t4g.small",
    allocated_storage=20,
    username="shop",
    manage_master_user_password=True,
    db_subnet_group_name=database_subnets.name,
    vpc_security_group_ids=[store.id],
    storage_encrypted=True,
    backup_retention_period=7,
    skip_final_snapshot=True,
)
