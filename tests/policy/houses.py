"""Compliant programs that tests break in one place."""

from __future__ import annotations

from typing import Any

from guardrails import kinds

from tests.policy.graphs import Output, Program, Resource, json_of

WORLD = "0.0.0.0/0"


def network() -> Program:
    """One VPC with public and data subnets in two zones; each kind of table and association is explicit."""
    program = Program()
    vpc = program.add(kinds.VPC, "main", cidrBlock="10.0.0.0/16")
    program.add(kinds.DEFAULT_SECURITY_GROUP, "default", vpcId=vpc.id)
    igw = program.add(kinds.INTERNET_GATEWAY, "igw", vpcId=vpc.id)
    nat = program.add(kinds.NAT_GATEWAY, "nat", connectivityType="public")
    for tier in ("public", "data"):
        table = program.add(kinds.ROUTE_TABLE, f"{tier}-table", vpcId=vpc.id)
        for zone in "ab":
            subnet = program.add(kinds.SUBNET, f"{tier}-{zone}", vpcId=vpc.id, cidrBlock="10.0.0.0/24")
            program.add(
                kinds.ROUTE_TABLE_ASSOCIATION, f"{tier}-{zone}-table", subnetId=subnet.id, routeTableId=table.id
            )
    program.add(
        kinds.ROUTE, "out", routeTableId=program["public-table"].id, destinationCidrBlock=WORLD, gatewayId=igw.id
    )
    program.add(
        kinds.ROUTE, "nat-out", routeTableId=program["data-table"].id, destinationCidrBlock=WORLD, natGatewayId=nat.id
    )
    program.add(kinds.DB_SUBNET_GROUP, "db", subnetIds=[program["data-a"].id, program["data-b"].id])
    return program


def tiers() -> Program:
    """`network` with a load balancer, an application and a database, each with its group."""
    program = network()
    vpc = program["main"]
    for tier in ("lb", "app", "store"):
        program.add(kinds.SECURITY_GROUP, f"{tier}-group", vpcId=vpc.id, description=f"the {tier} tier")
    program.add(kinds.INGRESS_RULE, "world-to-lb", **_rule(program, "lb", 443), cidrIpv4=WORLD)
    program.add(kinds.INGRESS_RULE, "lb-to-app", **_rule(program, "app", 8000, "lb"))
    program.add(kinds.INGRESS_RULE, "app-to-store", **_rule(program, "store", 5432, "app"))
    program.add(
        kinds.EGRESS_RULE, "app-out", securityGroupId=program["app-group"].id, ipProtocol="-1", cidrIpv4=WORLD,
        description="APIs of others",
    )  # fmt: skip
    balancer = program.add(
        kinds.LOAD_BALANCER, "lb", securityGroups=[program["lb-group"].id], internal=False,
        subnets=[program["public-a"].id, program["public-b"].id],
    )  # fmt: skip
    program.add(
        kinds.LISTENER, "https", loadBalancerArn=balancer.arn, port=443, protocol="HTTPS",
        sslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        defaultActions=[{"type": "forward", "targetGroupArn": "arn:aws:tg"}],
    )  # fmt: skip
    program.add(
        kinds.LISTENER, "http", loadBalancerArn=balancer.arn, port=80, protocol="HTTP",
        defaultActions=[{"type": "redirect", "redirect": {"protocol": "HTTPS", "statusCode": "HTTP_301"}}],
    )  # fmt: skip
    cluster = program.add(
        kinds.DB_CLUSTER, "cluster", engine="aurora-postgresql", storageEncrypted=True,
        manageMasterUserPassword=True, backupRetentionPeriod=7,
        dbSubnetGroupName=program["db"].out("name"), vpcSecurityGroupIds=[program["store-group"].id],
    )  # fmt: skip
    program.add(kinds.DB_CLUSTER_INSTANCE, "writer", clusterIdentifier=cluster.id, publiclyAccessible=False)
    return program


def _rule(program: Program, group: str, port: int, source: str | None = None) -> dict[str, Any]:
    inputs: dict[str, Any] = {
        "securityGroupId": program[f"{group}-group"].id, "ipProtocol": "tcp", "fromPort": port, "toPort": port,
        "description": f"{source or 'everybody'} to {group}",
    }  # fmt: skip
    return inputs | ({"referencedSecurityGroupId": program[f"{source}-group"].id} if source else {})


def statement(**parts: Any) -> dict[str, Any]:
    """One statement in IAM's own form."""
    return {"Effect": "Allow"} | parts


def tls_only(*arns: Any) -> dict[str, Any]:
    """The statement that refuses plain HTTP."""
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    return statement(Effect="Deny", Principal="*", Action="s3:*", Resource=list(arns), Condition=condition)


def bucket() -> Program:
    """A private bucket with all its companions; the policy's document is unknown as a whole at preview."""
    program = Program()
    made = program.add(kinds.BUCKET, "files")
    program.add(kinds.BUCKET_PUBLIC_ACCESS_BLOCK, "files-block", bucket=made.id, **BLOCKED)
    program.add(
        kinds.BUCKET_OWNERSHIP, "files-ownership", bucket=made.id, rule={"objectOwnership": "BucketOwnerEnforced"}
    )
    encryption = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}, "bucketKeyEnabled": True}
    program.add(kinds.BUCKET_ENCRYPTION, "files-encryption", bucket=made.id, rules=[encryption])
    room = program.add("groundwork:data:BucketPolicy", "files-policy-room", statements=[_vouched(made)])
    program.add(kinds.BUCKET_POLICY, "files-policy", room, bucket=made.id, policy=policy_of(made.arn))
    return program


BLOCK_FLAGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
BLOCKED: dict[str, Any] = dict.fromkeys(BLOCK_FLAGS, True)


def policy_of(arn: Output, *extra: dict[str, Any]) -> Any:
    """A TLS-only policy on the bucket, as JSON."""
    return json_of(arn, make=lambda name: {"Statement": [tls_only(name, f"{name}/*"), *extra]})


def _vouched(made: Resource) -> dict[str, Any]:
    return tls_only(made.arn, json_of(made.arn, make=lambda name: f"{name}/*"))


def role() -> Program:
    """A role whose policy document is unknown at preview, made by a component that says what is in it."""
    program = Program()
    table = program.add(kinds.TABLE, "table", hashKey="id", pointInTimeRecovery={"enabled": True})
    allowed = {"Action": ["dynamodb:GetItem"], "Resource": [table.arn]}
    component = program.add("groundwork:compute:Service", "web", statements=[statement(**allowed)])
    made = program.add(kinds.IAM_ROLE, "web-task", component, assumeRolePolicy="{}")
    program.add(
        kinds.IAM_ROLE_POLICY, "web-task-policy", component, role=made.id,
        policy=json_of(table.arn, make=lambda arn: {"Statement": [statement(Action="dynamodb:GetItem", Resource=arn)]}),
    )  # fmt: skip
    return program


def everything() -> Program:
    """All compliant programs in one."""
    program = tiers()
    for part in (bucket(), role()):
        program.resources.update(part.resources)
    return program
