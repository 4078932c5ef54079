"""Cases of programs as other people write them: values that another resource passes on, components that mean something
else, documents of no use, older editions, several regions."""

import json
from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import Case, Make, breaks, build, document, holds, one, ref, waits
from tests.policy.houses import WORLD, statement, tls_only

ROUTED, MAIN, TLS, OPEN = "db-subnet-not-public", "main-route-table-no-igw", "s3-tls-only", "iam-no-admin-star"
HERE, THERE = {"provider": {"region": "eu-west-1"}}, {"provider": {"region": "us-east-1"}}
TO_GATEWAY: dict[str, Any] = {"cidrBlock": WORLD, "gatewayId": ref("igw.id")}
NAMED = "arn:aws:s3:::files-of-the-shop"


def subnets(**more: Any) -> Make:
    """A group of two subnets in a VPC with an internet gateway, and more that comes before it."""
    made: dict[str, Any] = {
        "vpc": (kinds.VPC, {"cidrBlock": "10.0.0.0/16"}),
        "igw": (kinds.INTERNET_GATEWAY, {}),
        "one": (kinds.SUBNET, {"vpcId": ref("vpc.id")}),
        "two": (kinds.SUBNET, {"vpcId": ref("vpc.id")}),
    }
    return build(**made, **more, it=(kinds.DB_SUBNET_GROUP, {"subnetIds": [ref("one.id"), ref("two.id")]}))


def table(name: str, **inputs: Any) -> dict[str, Any]:
    """A route table, and the association of the first subnet with it."""
    return {
        name: (kinds.ROUTE_TABLE, {"vpcId": ref("vpc.id"), **inputs}),
        f"{name}_one": (kinds.ROUTE_TABLE_ASSOCIATION, {"subnetId": ref("one.id"), "routeTableId": ref(f"{name}.id")}),
    }


def said(*statements: Any) -> dict[str, Any]:
    return {"policy": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})}


def child(kind: str, component: dict[str, Any], **inputs: Any) -> Make:
    """A resource that is not known before the update, made by a component of somebody else."""
    return build(owner=("acme:web:Site", component), files=(kinds.BUCKET, {}), it=(kind, inputs, {"parent": "owner"}))


EVERYTHING = document({"Statement": [statement(Action="*", Resource=["*", ref("files.arn")])]})
PRIVILEGED = document([{"name": "web", "image": "web:1.2", "privileged": True, "user": ref("files.id")}])
BY_RECOGNISING = statement(Action=["translate:TranslateText", "textract:AnalyzeDocument"], Resource="*")
CASES: tuple[Case, ...] = (
    breaks(ROUTED, "the gateway of an attachment", subnets(
        attached=(kinds.INTERNET_GATEWAY_ATTACHMENT, {"vpcId": ref("vpc.id"), "internetGatewayId": ref("igw.id")}),
        **table("out", routes=[{"cidrBlock": WORLD, "gatewayId": ref("attached.internetGatewayId")}]))),
    holds(ROUTED, "the VPN gateway of an attachment", subnets(
        vpn=(kinds.VPN_GATEWAY, {}),
        attached=(kinds.VPN_GATEWAY_ATTACHMENT, {"vpcId": ref("vpc.id"), "vpnGatewayId": ref("vpn.id")}),
        **table("out", routes=[{"cidrBlock": WORLD, "gatewayId": ref("attached.vpnGatewayId")}]))),
    holds(ROUTED, "the main table leads out, but no subnet of the group uses it", subnets(
        out=(kinds.ROUTE, {"routeTableId": ref("vpc.mainRouteTableId"), "destinationCidrBlock": WORLD,
                           "gatewayId": ref("igw.id")}),
        **table("own"),
        two_own=(kinds.ROUTE_TABLE_ASSOCIATION, {"subnetId": ref("two.id"), "routeTableId": ref("own.id")}))),
    breaks(ROUTED, "a route of the table that manages the main one", subnets(
        main=(kinds.DEFAULT_ROUTE_TABLE, {"defaultRouteTableId": ref("vpc.defaultRouteTableId")}),
        out=(kinds.ROUTE, {"routeTableId": ref("main.id"), "destinationCidrBlock": WORLD, "gatewayId": ref("igw.id")}))),
    breaks(MAIN, "the VPC of its second range", build(
        it=(kinds.VPC, {"cidrBlock": "10.0.0.0/16"}),
        wider=(kinds.VPC_CIDR, {"vpcId": ref("it.id"), "cidrBlock": "100.64.0.0/16"}),
        igw=(kinds.INTERNET_GATEWAY, {"vpcId": ref("wider.vpcId")}),
        out=(kinds.ROUTE_TABLE, {"vpcId": ref("wider.vpcId"), "routes": [TO_GATEWAY]}),
        main=(kinds.MAIN_ROUTE_TABLE_ASSOCIATION, {"vpcId": ref("wider.vpcId"), "routeTableId": ref("out.id")}))),
    holds("vpc-flow-logs", "the VPC of a subnet", build(
        it=(kinds.VPC, {}), one=(kinds.SUBNET, {"vpcId": ref("it.id")}),
        log=(kinds.FLOW_LOG, {"vpcId": ref("one.vpcId"), "trafficType": "ALL"}))),
    holds("lb-waf-attached", "the load balancer of a listener", build(
        it=(kinds.LOAD_BALANCER, {}), https=(kinds.LISTENER, {"loadBalancerArn": ref("it.arn"), "protocol": "HTTPS"}),
        acl=(kinds.WEB_ACL_ASSOCIATION, {"resourceArn": ref("https.loadBalancerArn"), "webAclArn": "arn:aws:acl"}))),
    breaks("ecs-exec-controlled", "the cluster of its capacity", build(
        shared=(kinds.ECS_CLUSTER, {}), capacity=(kinds.ECS_CAPACITY, {"clusterName": ref("shared.name")}),
        it=(kinds.ECS_SERVICE, {"enableExecuteCommand": True, "cluster": ref("capacity.clusterName")}))),
    breaks("sg-split-cidr", "two halves of IPv6, of which one holds all that is routed", one(
        kinds.SECURITY_GROUP, ingress=[{"protocol": "tcp", "fromPort": 8080, "toPort": 8080,
                                        "ipv6CidrBlocks": ["::/1", "8000::/1"]}])),
    breaks("db-sg-not-internet-reachable", "the default group, managed by another resource", build(
        vpc=(kinds.VPC, {}),
        closed=(kinds.DEFAULT_SECURITY_GROUP, {"vpcId": ref("vpc.id"), "ingress": [
            {"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": [WORLD]}]}),
        it=(kinds.DB_INSTANCE, {"vpcSecurityGroupIds": [ref("vpc.defaultSecurityGroupId")]}))),
    holds(TLS, "the bucket in one statement, its objects in the next", build(
        it=(kinds.BUCKET, {"bucket": "files-of-the-shop"}),
        own=(kinds.BUCKET_POLICY, {"bucket": ref("it.id"), **said(tls_only(NAMED), tls_only(f"{NAMED}/*"))}))),
    breaks(TLS, "the second statement asks for more", build(
        it=(kinds.BUCKET, {"bucket": "files-of-the-shop"}),
        own=(kinds.BUCKET_POLICY, {"bucket": ref("it.id"), **said(tls_only(NAMED), {
            **tls_only(f"{NAMED}/*"),
            "Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:UserAgent": "x"}}})}))),
    *(holds("s3-no-public-policy", f"narrowed by {key}", one(kinds.BUCKET_POLICY, **said(statement(
        Principal="*", Action="s3:GetObject", Resource="*", Condition={operator: {key: value}}))))
      for operator, key, value in (("StringEquals", "aws:VpceOrgID", "o-1a2b3c4d5e"),
                                   ("StringEquals", "aws:VpceAccount", "111122223333"),
                                   ("ArnEquals", "aws:SourceVpcArn", "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1"))),
    breaks(OPEN, "a component with statements of another sort", child(
        kinds.IAM_POLICY, {"statements": ["read", "write"]}, policy=EVERYTHING), undecided_at_preview=True),
    breaks(OPEN, "a component without statements", child(
        kinds.IAM_POLICY, {"statements": []}, policy=EVERYTHING), undecided_at_preview=True),
    breaks("ecs-non-privileged", "a component with containers of another sort", child(
        kinds.TASK_DEFINITION, {"containers": ["web"]}, containerDefinitions=PRIVILEGED), undecided_at_preview=True),
    waits(OPEN, "a statement that is a text", one(kinds.IAM_POLICY, **said("s3:GetObject"))),
    waits("sqs-policy-not-public", "a condition that is a text", one(kinds.QUEUE_POLICY, **said(statement(
        Principal="*", Action="sqs:*", Resource="*", Condition="aws:PrincipalOrgID")))),
    waits("ecs-non-root-user", "a user that is a block", one(
        kinds.TASK_DEFINITION, containerDefinitions=json.dumps([{"name": "web", "image": "web:1.2", "user": {}}]))),
    holds("iam-no-star-resource-on-mutating", "actions that only work something out", one(
        kinds.IAM_POLICY, **said(BY_RECOGNISING))),
    *(breaks("ecs-no-plaintext-secrets", f"under {name}", one(kinds.TASK_DEFINITION, containerDefinitions=json.dumps(
        [{"name": "web", "image": "web:1.2", "environment": [{"name": name, "value": value}]}])))
      for name, value in (("PGPASSWORD", "hunter2"), ("ENCRYPTION_KEY", "hunter2"),
                          ("CACHE", "redis://:hunter2@cache.internal:6379"))),
    holds("lambda-env-no-secrets", "the id of a key", one(kinds.FUNCTION, environment={"variables": {
        "ENCRYPTION_KEY": "1a2b3c4d-12ab-34cd-56ef-1234567890ab"}})),
    holds("lambda-env-no-secrets", "the ARN of a key of the program", build(key=(kinds.KMS_KEY, {}), it=(
        kinds.FUNCTION, {"environment": {"variables": {"ENCRYPTION_KEY": ref("key.arn")}}}))),
    breaks("s3-encryption", "the second edition, which says it under another name", one("aws:s3/bucketV2:BucketV2")),
    breaks("rds-snapshot-not-shared", "the copy of a cluster's snapshot",
           one(kinds.DB_CLUSTER_SNAPSHOT_COPY, sharedAccounts=["all"])),
    breaks("ecr-scan-on-push", "the registry of another region", build(
        registry=(kinds.ECR_SCANNING, {"rules": [{"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [
            {"filter": "*", "filterType": "WILDCARD"}]}]}, THERE),
        it=(kinds.ECR_REPOSITORY, {}, HERE))),
    breaks("ecs-container-insights", "the account setting of another region", build(
        setting=(kinds.ECS_ACCOUNT_SETTING, {"name": "containerInsights", "value": "enabled"}, THERE),
        it=(kinds.ECS_CLUSTER, {}, HERE))),
    breaks("backup-covers-data", "a selection of another region", build(
        selection=(kinds.BACKUP_SELECTION, {"resources": ["*"]}, THERE), it=(kinds.TABLE, {}, HERE))),
    holds("backup-vault-protected", "of one name in two regions, each with its own lock", build(
        it=(kinds.BACKUP_VAULT, {"name": "main", "kmsKeyArn": "arn:aws:key"}),
        other=(kinds.BACKUP_VAULT, {"name": "main", "kmsKeyArn": "arn:aws:key", "region": "us-east-1"}),
        lock=(kinds.BACKUP_VAULT_LOCK, {"backupVaultName": ref("it.name")}),
        other_lock=(kinds.BACKUP_VAULT_LOCK, {"backupVaultName": ref("other.name")})), protected=True),
    holds("sg-public-only-authorised-ports", "an internal load balancer has the group too", build(
        it=(kinds.SECURITY_GROUP, {"ingress": [{"protocol": "tcp", "fromPort": 443, "toPort": 443,
                                                "cidrBlocks": [WORLD]}]}),
        inner=(kinds.LOAD_BALANCER, {"internal": True, "securityGroups": [ref("it.id")]}),
        outer=(kinds.LOAD_BALANCER, {"securityGroups": [ref("it.id")]}))),
)  # fmt: skip
