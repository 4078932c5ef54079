"""What the provider refuses of a program's inputs is told, each with its line, and nothing of what it takes."""

import json
from pathlib import Path
from typing import Any

import pulumi_aws as aws

from preflight.simulation import allowed, computed, shapes
from preflight.simulation.checks import UNKNOWN, refused
from tests.gathered import for_each
from tests.preflight.cli_support import Project

HEAD = "import json\nimport pulumi\nimport pulumi_aws as aws\n"
BUCKET, GROUP, ROLE, FUNCTION = aws.s3.Bucket, aws.ec2.SecurityGroup, aws.iam.Role, aws.lambda_.Function
ARN = "arn:aws:iam::123456789012:role/app"
LAMBDA = {"role": ARN, "runtime": "python3.12", "handler": "a.b", "code": UNKNOWN}
TRUST = {"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": "sts:AssumeRole"}
GRANT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
RULE = {"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["10.0.0.0/8"]}
TASK = {"family": "a", "containerDefinitions": '[{"name": "a", "image": "b"}]', "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc",
        "cpu": "256", "memory": "512"}  # fmt: skip
BASE = {
    "engine": "postgres",
    "instanceClass": "db.t4g.micro",
    "allocatedStorage": 20,
    "username": "u",
    "password": "long-enough-1",
}
CDN: dict[str, Any] = {
    "enabled": True,
    "origins": [{"domainName": "a.b", "originId": "one"}],
    "defaultCacheBehavior": {"targetOriginId": "one", "viewerProtocolPolicy": "https-only", "allowedMethods": ["GET", "HEAD"],
                             "cachedMethods": ["GET", "HEAD"], "cachePolicyId": "x"},
    "restrictions": {"geoRestriction": {"restrictionType": "none"}},
    "viewerCertificate": {"cloudfrontDefaultCertificate": True},
}  # fmt: skip
TARGETS = {"port": 80, "protocol": "HTTP", "vpcId": "vpc-1"}
ALARM = {"comparisonOperator": "LessThanThreshold", "evaluationPeriods": 1, "metricName": "a", "namespace": "b",
         "period": 60, "statistic": "Sum", "threshold": 1}  # fmt: skip


def _policy(**changed: Any) -> str:
    statement = {key: value for key, value in {**GRANT, **changed}.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _trust(**changed: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": {**TRUST, **changed}})


# Class, inputs that the provider takes, and for each change of one of them the property that it then refuses.
CASES: list[tuple[type, dict[str, Any], list[tuple[dict[str, Any], str]]]] = [
    (aws.s3.BucketVersioning, {"bucket": "b", "versioningConfiguration": {"status": "Enabled"}}, [
        ({"versioningConfiguration": {"status": "enabled"}}, "versioningConfiguration.status"),
        ({"versioningConfiguration": {"mfaDelete": "Enabled"}}, "versioningConfiguration.status"),
        ({"versioningConfiguration": {"status": "Enabled", "mfa": 1}}, "versioningConfiguration.mfa"),
        ({"tags": {"a": "b"}}, "tags"),
    ]),
    (GROUP, {"name": "web", "ingress": [RULE, {**RULE, "protocol": "TCP", "fromPort": "80"}]}, [
        ({"ingress": [{**RULE, "fromport": 1}]}, "ingress[0].fromport"),
        ({"ingress": [{**RULE, "fromPort": "http"}]}, "ingress[0].fromPort"),
        ({"ingress": [RULE, {**RULE, "cidrBlocks": "0.0.0.0/0"}]}, "ingress[1].cidrBlocks"),
        ({"ingress": [{**RULE, "cidrBlocks": ["10.0.0.1/8"]}]}, "ingress[0].cidrBlocks"),
        ({"egress": [{**RULE, "protocol": "-1"}]}, "egress[0].fromPort"),
        ({"ingress": [{**RULE, "fromPort": 81}]}, "ingress[0].fromPort"),
        ({"ingress": RULE["cidrBlocks"]}, "ingress[0]"),
        ({"name": "sg-web"}, "name"),
        ({"namePrefix": "w"}, "name"),
    ]),
    (ROLE, {"assumeRolePolicy": _trust(), "inlinePolicies": [{"name": "a", "policy": _policy()}]}, [
        ({"name": "x" * 65}, "name"),
        ({"assumeRolePolicy": "{"}, "assumeRolePolicy"),
        ({"assumeRolePolicy": "[]"}, "assumeRolePolicy"),
        ({"assumeRolePolicy": _trust(Resource="*")}, "assumeRolePolicy"),
        ({"assumeRolePolicy": _trust(Effect="allow")}, "assumeRolePolicy"),
        ({"assumeRolePolicy": _policy()}, "assumeRolePolicy"),
        ({"inlinePolicies": [{"name": "a", "policy": _policy(Resource=None)}]}, "inlinePolicies[0].policy"),
    ]),
    (aws.iam.RolePolicy, {"role": "r", "policy": _policy()}, [
        ({"policy": _policy(Principal="*")}, "policy"),
        ({"policy": _policy(Actions="s3:Get*")}, "policy"),
        ({"policy": _policy(Action="GetObject")}, "policy"),
        ({"policy": _policy(NotAction="s3:Put*")}, "policy"),
        ({"policy": _policy(Sid="with space")}, "policy"),
        ({"policy": json.dumps({"Version": "2026-01-01", "Statement": [GRANT]})}, "policy"),
        ({"policy": json.dumps({"Version": "2012-10-17", "Statements": [GRANT]})}, "policy"),
        ({"policy": "everything"}, "policy"),
    ]),
    (aws.s3.BucketPolicy, {"bucket": "b", "policy": _policy(Principal="*", Sid="with space")}, [
        ({"policy": _policy()}, "policy"),
    ]),
    (FUNCTION, {**LAMBDA, "timeout": "30"}, [
        ({"runtime": "python3.99"}, "runtime"),
        ({"timeout": "1000"}, "timeout"),
        ({"memorySize": "much"}, "memorySize"),
        ({"handler": None}, "handler"),
        ({"code": None, "s3Bucket": "b", "imageUri": "x"}, "imageUri"),
        ({"environment": {"variables": {"AWS_REGION": "x"}}}, "environment.variables"),
        ({"layers": ["a"] * 6}, "layers"),
    ]),
    (aws.ec2.Instance, {"ami": "ami-1", "instanceType": "t3.micro", "rootBlockDevice": {"volumeType": "gp3"}}, [
        ({"ami": None}, ""),
        ({"instanceType": "t3micro"}, "instanceType"),
        ({"rootBlockDevice": {"volumeType": "gp2", "throughput": 200}}, "rootBlockDevice"),
        ({"rootBlockDevice": 30}, "rootBlockDevice"),
        ({"userData": "x" * 16385}, "userData"),
        ({"userData": "x", "userDataBase64": "eA=="}, "userData"),
    ]),
    (aws.ec2.LaunchTemplate, {"userData": "IyEvYmluL3No"}, [({"userData": "#!/bin/sh"}, "userData")]),
    (aws.ec2.Vpc, {"cidrBlock": "10.0.0.0/16"}, [({"cidrBlock": "10.0.0.0/8"}, "cidrBlock")]),
    (aws.ec2.Route, {"routeTableId": "r", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": UNKNOWN}, [
        ({"gatewayId": None}, ""),
        ({"gatewayId": "igw-1", "natGatewayId": "nat-1"}, "gatewayId"),
        ({"destinationCidrBlock": "10.0.0.1/8"}, "destinationCidrBlock"),
    ]),
    (aws.ec2.RouteTable, {"vpcId": "v", "routes": [{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"}]}, [
        ({"routes": [{"cidrBlock": "0.0.0.0/0"}]}, "routes[0]"),
    ]),
    (aws.autoscaling.Group, {"minSize": 1, "maxSize": 2, "launchTemplate": {"id": "lt-0abc"}}, [
        ({"minSize": 3}, "minSize"),
        ({"desiredCapacity": 3}, "desiredCapacity"),
        ({"launchConfiguration": "x"}, "launchConfiguration"),
    ]),
    (aws.lb.LoadBalancer, {"subnets": ["a", "b"]}, [
        ({"name": "internal-api"}, "name"),
        ({"name": "my_lb"}, "name"),
        ({"subnets": ["a"]}, "subnets"),
        ({"loadBalancerType": "alb"}, "loadBalancerType"),
    ]),
    (aws.alb.LoadBalancer, {"subnets": ["a", "b"]}, [({"name": "my_lb"}, "name")]),
    (aws.lb.TargetGroup, TARGETS, [
        ({"vpcId": None}, "vpcId"),
        ({"healthCheck": {"interval": 1}}, "healthCheck.interval"),
    ]),
    (aws.lb.Listener, {"loadBalancerArn": ARN, "protocol": "http", "defaultActions": [
        {"type": "forward", "targetGroupArn": ARN}]}, [
        ({"protocol": "HTTPS"}, "certificateArn"),
        ({"defaultActions": [{"type": "redirect"}]}, "defaultActions[0]"),
    ]),
    (aws.rds.Instance, BASE, [
        ({"identifier": "My_DB"}, "identifier"),
        ({"engine": "postgresql"}, "engine"),
        ({"instanceClass": "t4g.micro"}, "instanceClass"),
        ({"username": None}, "username"),
        ({"password": None}, "password"),
        ({"manageMasterUserPassword": True}, "manageMasterUserPassword"),
        ({"monitoringInterval": 60}, "monitoringRoleArn"),
        ({"maintenanceWindow": "Sunday"}, "maintenanceWindow"),
    ]),
    (aws.dynamodb.Table, {"hashKey": "a", "attributes": [{"name": "a", "type": "S"}], "billingMode": "PAY_PER_REQUEST"}, [
        ({"billingMode": None}, "readCapacity"),
        ({"attributes": [{"name": "a", "type": "String"}]}, "attributes[0].type"),
        ({"streamEnabled": True}, "streamViewType"),
    ]),
    (aws.sqs.Queue, {"name": "q.fifo", "fifoQueue": True}, [
        ({"name": "q"}, "name"),
        ({"redrivePolicy": "{'a': 1}"}, "redrivePolicy"),
        ({"kmsMasterKeyId": "k", "sqsManagedSseEnabled": True}, "kmsMasterKeyId"),
    ]),
    (aws.ecs.TaskDefinition, TASK, [
        ({"memory": "4096"}, "memory"),
        ({"cpu": "300"}, "cpu"),
        ({"networkMode": "bridge"}, "networkMode"),
    ]),
    (aws.cloudfront.Distribution, CDN, [
        ({"aliases": ["www.a.b"]}, "aliases"),
        ({"origins": [{"domainName": "a.b", "originId": "two"}]}, "defaultCacheBehavior.targetOriginId"),
        ({"defaultCacheBehavior": {**CDN["defaultCacheBehavior"], "cachePolicyId": None}}, "defaultCacheBehavior"),
        ({"viewerCertificate": {"acmCertificateArn": "arn:aws:acm:eu-west-1:1:certificate/x",
                                "sslSupportMethod": "sni-only"}}, "viewerCertificate.acmCertificateArn"),
    ]),
    (aws.cloudwatch.EventRule, {"scheduleExpression": "rate(2 minutes)"}, [
        ({"scheduleExpression": "rate(1 minutes)"}, "scheduleExpression"),
        ({"scheduleExpression": None}, ""),
        ({"eventPattern": "aws.ec2"}, "eventPattern"),
        ({"eventPattern": json.dumps({"source": ["x" * 4100]})}, "eventPattern"),
    ]),
    (aws.cloudwatch.EventRule, {"eventPattern": json.dumps({"source": ["x" * 30] * 120}, indent=20)}, []),
    (aws.sqs.Queue, {"redrivePolicy": "{}"}, [({"redrivePolicy": "arn"}, "redrivePolicy")]),
    (aws.sns.TopicSubscription, {"topic": "arn:aws:sns:eu-west-1:123456789012:t", "protocol": "email", "endpoint": "a@b.c", "filterPolicy": "{}"}, [
        ({"filterPolicy": "blue"}, "filterPolicy"),
    ]),
    (aws.backup.Plan, {"name": "a", "rules": [{"ruleName": "a.b_c-d", "targetVaultName": "a_b"}]}, [
        ({"rules": [{"ruleName": "a b", "targetVaultName": "ab"}]}, "rules[0].ruleName"),
        ({"rules": [{"ruleName": "a", "targetVaultName": "a.b"}]}, "rules[0].targetVaultName"),
    ]),
    (aws.elasticache.ReplicationGroup, {"description": " "}, [({"description": ""}, "description")]),
    (aws.elasticache.Cluster, {"engine": UNKNOWN, "nodeType": "cache.t4g.micro", "numCacheNodes": 1}, [
        ({"engine": "redis", "replicationGroupId": "a"}, "engine"),
        ({"engine": None, "replicationGroupId": "a", "numCacheNodes": None}, "replicationGroupId"),
        ({"engine": None}, ""),
    ]),
    (aws.elasticache.Cluster, {"replicationGroupId": "a", "availabilityZone": "us-east-1a"}, []),
    (aws.ec2.ManagedPrefixList, {"addressFamily": "IPv4", "maxEntries": 1}, [
        ({"addressFamily": "IPV4"}, "addressFamily"),
        ({"maxEntries": 0}, "maxEntries"),
    ]),
    (aws.ecs.CapacityProvider, {"autoScalingGroupProvider": {
        "autoScalingGroupArn": UNKNOWN, "managedScaling": {"targetCapacity": 100}}}, [
        ({"autoScalingGroupProvider": None}, ""),
        ({"autoScalingGroupProvider": {"autoScalingGroupArn": "group"}},
         "autoScalingGroupProvider.autoScalingGroupArn"),
        ({"autoScalingGroupProvider": {"autoScalingGroupArn": UNKNOWN, "managedScaling": {"targetCapacity": 101}}},
         "autoScalingGroupProvider.managedScaling.targetCapacity"),
    ]),
    (aws.lambda_.Function, {"role": ARN, "runtime": "python3.13", "handler": "a.b", "code": UNKNOWN,
                            "layers": ["arn:aws:lambda:eu-west-1:123456789012:layer:tools:3", UNKNOWN]}, [
        ({"layers": ["tools"]}, "layers[0]"),
        ({"codeSigningConfigArn": "csc-1"}, "codeSigningConfigArn"),
    ]),
    (aws.rds.Cluster, {"engine": "aurora-mysql", "masterUsername": "abc", "manageMasterUserPassword": True,
                       "finalSnapshotIdentifier": "1-last"}, [
        ({"finalSnapshotIdentifier": "1_last"}, "finalSnapshotIdentifier"),
        ({"finalSnapshotIdentifier": "a--b"}, "finalSnapshotIdentifier"),
        ({"finalSnapshotIdentifier": "a-"}, "finalSnapshotIdentifier"),
    ]),
    (aws.scheduler.Schedule, {"flexibleTimeWindow": {"mode": "OFF"}, "scheduleExpression": "rate(1 hours)",
                              "target": {"arn": ARN, "roleArn": ARN}}, [
        ({"flexibleTimeWindow": {"mode": "no"}}, "flexibleTimeWindow.mode"),
    ]),
    (aws.cloudwatch.MetricAlarm, ALARM, [({"metricQueries": [{"id": "a"}]}, "metricQueries")]),
    (aws.route53.Record, {"zoneId": "z", "name": "a", "type": "A", "ttl": 60, "records": ["192.0.2.4"]}, [
        ({"ttl": None}, "ttl"),
        ({"records": None}, ""),
        ({"type": "a"}, "type"),
    ]),
    (aws.iot.PolicyAttachment, {"policy": "a-name", "target": "arn"}, []),
]  # fmt: skip


@for_each("case", CASES, name=[case[0].__name__ + case[0].__module__.split(".")[1] for case in CASES])
def test_one_change_of_what_is_taken_is_refused_by_name(case: tuple[Any, ...]) -> None:
    cls, good, changes = case
    assert refused(cls.pulumi_type, good) == []
    for change, path in changes:
        assert path in {problem.property for problem in refused(cls.pulumi_type, {**good, **change})}, change


def test_what_is_not_known_yet_is_taken_everywhere() -> None:
    route = {"routeTableId": "r", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": UNKNOWN, "natGatewayId": "nat-1"}
    assert refused("aws:ec2/route:Route", route) == []
    for cls, good, _ in CASES:
        assert refused(cls.pulumi_type, dict.fromkeys(good, UNKNOWN)) == []  # type: ignore[attr-defined]
        for key in good:
            assert refused(cls.pulumi_type, {**good, key: UNKNOWN}) == [], key  # type: ignore[attr-defined]


def test_a_list_in_a_dictionary_may_have_the_name_that_terraform_has_for_it() -> None:
    group: dict[str, Any] = {"capacity": 1, "type": "STATEFUL"}
    range_ = {"ruleVariables": {"ipSets": [{"key": "A", "ipSet": {"definition": ["10.0.0.0/8"]}}]}}
    source = {"rulesSource": {"rulesString": "pass"}}
    kind = "aws:networkfirewall/ruleGroup:RuleGroup"
    assert refused(kind, {**group, "ruleGroup": {**range_, **source}}) == []
    range_["ruleVariables"]["ipSets"][0]["ipSet"] = {"definition": "10.0.0.0/8"}  # a list, not its element
    told = [problem.reason for problem in refused(kind, {**group, "ruleGroup": {**range_, **source}})]
    assert told == ["there is no such argument (near it: definitions)", "is required and missing"]
    (wrong,) = refused("aws:ec2/securityGroup:SecurityGroup", {"ingress": [{**RULE, "cidrBlock": ["10.0.0.0/8"]}]})
    assert wrong.reason == "there is no such argument (near it: cidr_blocks)"  # which is cidr_blocks in Terraform too


def test_a_policy_of_which_json_was_made_twice_is_refused_also_where_it_comes_from_elsewhere(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write(
        "__main__.py",
        HEAD
        + """
topic = aws.sns.Topic("topic")
once = topic.arn.apply(lambda arn: json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "sns:Publish", "Resource": arn}]}))
aws.iam.Policy("once", policy=once)
aws.iam.Policy("twice", policy=pulumi.Output.json_dumps(once))
""",
    )
    (error,) = project.report()["stacks"]["dev"]["errors"]
    assert error["kind"] == "refused"
    assert "'twice': policy: is no policy" in error["message"]
    assert error["message"].endswith("JSON was made of it twice")


def test_the_nearest_argument_or_word_is_named_as_python_writes_it() -> None:
    (typo, missing) = refused(
        "aws:ec2/securityGroup:SecurityGroup", {"ingress": [{**RULE, "from_prt": 80, "fromPort": None}]}
    )[::-1]
    assert typo.reason == "there is no such argument (near it: from_port)"
    assert missing.reason == "is required and missing"
    (word,) = refused("aws:acm/certificate:Certificate", {"domainName": "a.b", "validationMethod": "dns"})
    assert word.reason == "'dns' is none of what AWS takes (near it: DNS): EMAIL, DNS, HTTP"


def test_an_empty_text_is_refused_where_the_provider_does_and_counts_as_none_elsewhere() -> None:
    table = {"attributes": [{"name": "id", "type": "S"}], "hashKey": "id", "readCapacity": 1, "writeCapacity": 1}
    (mode,) = refused("aws:dynamodb/table:Table", {**table, "billingMode": "", "tableClass": ""})
    assert (mode.property, "'' is none of what AWS takes" in mode.reason) == ("billingMode", True)
    task = {"taskDefinitionArn": "arn:aws:ecs:eu-west-1:123456789012:task-definition/t", "launchType": ""}
    target = {"rule": "r", "arn": "arn:aws:ecs:eu-west-1:123456789012:cluster/c", "ecsTarget": task}
    assert "ecsTarget.launchType" in {
        each.property for each in refused("aws:cloudwatch/eventTarget:EventTarget", target)
    }


def test_a_type_that_the_sdk_does_not_have_and_other_providers_are_not_judged() -> None:
    assert refused("aws:shop/cart:Cart", {"anything": 1}) == []
    assert refused("kubernetes:core/v1:Service", {"anything": 1}) == []


def test_the_words_are_those_of_the_api() -> None:
    import botocore.loaders  # noqa: PLC0415

    loader = botocore.loaders.Loader()
    assert allowed.of(aws.acm.CertificateArgs)["validationMethod"].values == tuple(
        loader.load_service_model("acm", "service-2")["shapes"]["ValidationMethod"]["enum"]
    )
    runtimes = loader.load_service_model("lambda", "service-2")["shapes"]["Runtime"]["enum"]
    assert allowed.of(aws.lambda_.FunctionArgs)["runtime"].values == tuple(runtimes)
    assert allowed.of(aws.lambda_.FunctionArgs)["packageType"].values == ("Zip", "Image")
    assert "name" not in allowed.of(aws.lambda_.FunctionArgs)


def test_each_row_of_the_table_is_about_an_argument_of_the_sdk() -> None:
    for name in ("s3/Bucket", "ec2/Instance", "ecs/Service", "lambda_/Function", "iam/AccessKey", "rds/Proxy"):
        module, _, cls = name.partition("/")
        arguments = getattr(getattr(aws, module), cls + "Args")
        assert allowed.of(arguments), name
        assert {*allowed.of(arguments)} <= {*shapes._fields(arguments)}


WRONG = (
    HEAD
    + """
bucket = aws.s3.Bucket("data", bucket="My_Data")
aws.s3.BucketVersioning("data", bucket=bucket.id, versioning_configuration={"state": "Enabled"})
aws.iam.Role("job", assume_role_policy=bucket.arn.apply(lambda arn: json.dumps({"Statement": [{"Resource": arn}]})))
aws.lb.LoadBalancer("a-name-of-more-than-two-dozens", subnets=["subnet-1", "subnet-2"])
aws.ssm.Parameter("key", type="SecureString", name=pulumi.Output.secret("what a name"), value="x")
"""
)
RIGHT = (
    HEAD
    + """
bucket = aws.s3.Bucket("data")
aws.s3.BucketVersioning("data", bucket=bucket.id, versioning_configuration={"status": "Enabled"})
existing = aws.ec2.Vpc.get("old", "vpc-1")
aws.ec2.SecurityGroup("web", vpc_id=existing.id, ingress=[
    {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": [existing.cidr_block]}])
old = aws.ec2.NetworkInterface.get("old", "eni-1")
role = aws.iam.Role("app", aws.iam.RoleArgs(assume_role_policy={"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}))
aws.iam.RolePolicyAttachment("logs", role=role, policy_arn=aws.iam.ManagedPolicy.AWS_LAMBDA_BASIC_EXECUTION_ROLE)
aws.lambda_.Function("f", role=role.arn, runtime=aws.lambda_.Runtime.PYTHON3D12, handler="a.b", timeout="30",
    code=pulumi.AssetArchive({}), ephemeral_storage=aws.lambda_.FunctionEphemeralStorageArgs(size=512),
    dead_letter_config={"targetArn": aws.sqs.Queue("dead").arn})
group = aws.lb.TargetGroup("g", port=pulumi.Output.from_input(80), protocol="http", vpc_id=existing.id,
    health_check=aws.lb.TargetGroupHealthCheckArgs(path="/", port="8080", interval=10, timeout=5))
aws.cloudwatch.MetricAlarm("a", comparison_operator="GreaterThanThreshold", evaluation_periods="2", metric_name="m",
    namespace="n", period="60", statistic="Sum", threshold=0, alarm_actions=[aws.sns.Topic("t").arn])
aws.rds.Instance("db", aws.rds.InstanceArgs(engine="postgres", instance_class=aws.rds.InstanceType.T4_G_MICRO,
    allocated_storage=20, username="app", password=pulumi.Output.secret("long-enough-1"), storage_type="gp3"))
aws.ecs.TaskDefinition("task", family="t", requires_compatibilities=["FARGATE"], network_mode="awsvpc", cpu=256,
    memory=512, execution_role_arn=role.arn, container_definitions=pulumi.Output.json_dumps([{"name": "web", "image": "i",
    "portMappings": [{"containerPort": 80}], "environment": [{"name": "BUCKET", "value": bucket.id}]}]))
aws.ec2.SecurityGroupRule("one", type="ingress", security_group_id="sg-1", protocol="tcp", from_port=80, to_port=80,
                          cidr_blocks=[old.private_ip.apply(lambda ip: ip)])
aws.sqs.QueuePolicy("q", queue_url="u", policy=bucket.arn.apply(lambda arn: {
    "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage"}]}))
"""
)


def test_all_mistakes_of_a_program_come_at_once_beside_what_it_registers(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("__main__.py", WRONG)
    stack = project.report()["stacks"]["dev"]
    assert stack["summary"]["exitCode"] == 2
    assert {error["kind"] for error in stack["errors"]} == {"refused"}
    said = [(error["source"], error["message"].split("': ", 1)[1].split(":")[0]) for error in stack["errors"]]
    assert sorted(set(said)) == [
        ("__main__.py:5", "bucket"),
        ("__main__.py:6", "versioning_configuration.state"),
        ("__main__.py:6", "versioning_configuration.status"),
        ("__main__.py:7", "assume_role_policy"),
        ("__main__.py:8", "name"),
    ]
    assert stack["summary"]["resources"] == 5
    answers = ("cost", "timeline", "reach", "resilience", "picture")
    assert [answer for answer in answers if stack[answer] is None] == []
    assert "what a name" not in json.dumps(stack)


ODD = (
    HEAD
    + """
files = aws.s3.Bucket("site")
aws.cloudfront.Distribution("cdn", enabled=True,
    origins=[{"domain_name": files.bucket_regional_domain_name, "origin_id": "s3"}],
    default_cache_behavior={"target_origin_id": "s3", "viewer_protocol_policy": "https-only",
        "allowed_methods": ["GET", "HEAD"], "cached_methods": ["GET", "HEAD"], "cache_policy_id": "p"},
    aliases=["a.b"], restrictions={"geo_restriction": {"restriction_type": "none"}}, viewer_certificate={
        "acm_certificate_arn": aws.acm.get_certificate(domain="a.b", region="us-east-1").arn,
        "ssl_support_method": "sni-only"})
aws.vpc.SecurityGroupIngressRule("office", security_group_id="sg-1", ip_protocol="tcp", from_port=443, to_port=443,
    cidr_ipv4=aws.ssm.get_parameter(name="/net/office").value)
old = aws.iam.Role.get("old", "legacy")
aws.iam.Role("copy", assume_role_policy=old.assume_role_policy)
aws.kms.Alias("app", target_key_id="k")
aws.rds.Instance("db", engine="mysql", instance_class="db.t4g.micro", allocated_storage=20, username="u",
    opts=pulumi.ResourceOptions(import_="prod-db"))
aws.sqs.Queue("jobs", name="jobs.fifo", fifo_queue="true")
aws.ec2.NetworkAclRule("all", network_acl_id="acl-1", rule_number=1, protocol="-1", rule_action="ALLOW", cidr_block="0.0.0.0/0")
"""
)


def test_what_stands_for_something_else_is_imported_or_is_written_otherwise_is_not_refused(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("__main__.py", ODD)
    assert project.report()["stacks"]["dev"]["errors"] == []
    project.write("__main__.py", HEAD + 'aws.iam.Role("r" * 60, assume_role_policy="{}")\n')
    long = project.report()["stacks"]["dev"]["errors"]
    assert any("is longer than 64" in error["message"] for error in long)
    named = project.report("--config", "pulumi:autonaming={mode: verbatim}")["stacks"]["dev"]["errors"]
    assert not any("is longer than" in error["message"] for error in named)


APART = (
    HEAD
    + """
vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")
door = aws.ec2.InternetGateway("door", vpc_id=vpc.id)
out = aws.ec2.EgressOnlyInternetGateway("out", vpc_id=vpc.id)
table = aws.ec2.RouteTable("table", vpc_id=vpc.id)
aws.ec2.Route("way", route_table_id=table.id, destination_cidr_block="0.0.0.0/0", gateway_id=door.id,
    egress_only_gateway_id=OTHER)
"""
)


def test_two_ids_of_which_only_one_may_be_given_are_told_at_update(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("__main__.py", APART.replace("OTHER", "out.id"))
    (found,) = project.report()["stacks"]["dev"]["errors"]
    assert (found["kind"], found["source"]) == ("refused", "__main__.py:9")
    assert "got egress_only_gateway_id and gateway_id" in found["message"]
    project.write("__main__.py", APART.replace("OTHER", "out.id.apply(lambda _: None)"))
    assert project.report()["stacks"]["dev"]["errors"] == [], "none is given in the end"


def test_the_elements_of_a_policy_may_be_written_in_any_case() -> None:
    small = {"version": "2012-10-17", "statement": {"effect": "Allow", "action": "s3:*", "resource": "*"}}
    assert refused("aws:iam/policy:Policy", {"policy": json.dumps(small)}) == []
    assert refused("aws:iam/policy:Policy", {"policy": json.dumps({**small, "statements": []})}) != []


# What is written in a document -> what is said of it, each beside the others.
DOCUMENTS: list[tuple[type, dict[str, Any], list[str]]] = [
    (ROLE, {"Effect": "Alow", "Principal": {"Servic": "x"}, "Action": "s3:Get", "Resource": "*"}, [
        "Effect must be Allow or Deny, got 'Alow'",
        "Principal has no 'Servic' (near it: Service); it has AWS, CanonicalUser, Federated, Service",
        "the action 's3:Get': the trust of a role is about actions of sts, as sts:AssumeRole",
        "the trust of a role has no Resource: that is the role itself",
    ]),
    (ROLE, {**TRUST, "Principal": {"Service": ["ecs", "ec2.amazonaws.com"], "AWS": ["me", "123456789012", ARN]}}, [
        "the Principal 'ecs' is no service such as ecs-tasks.amazonaws.com",
        "the Principal 'me' is no ARN, no account of twelve digits and not *",
    ]),
    (ROLE, {**TRUST, "Principal": "root"}, [
        'Principal \'root\': expected "*" or an object with AWS, CanonicalUser, Federated, Service',
    ]),
    (ROLE, {**TRUST, "Condition": {"StringEqual": {"a": "b"}, "ForEveryValue:StringLike": {"a": "b"}, "Bool": "true"}}, [
        "Condition Bool: expected an object with keys of conditions",
        "Condition has no operator 'ForEveryValue:StringLike' (near it: ForAnyValue)",
        "Condition has no operator 'StringEqual' (near it: StringEquals)",
    ]),
    (aws.iam.RolePolicy, {"Effect": "Allow", "Principal": "*"}, [
        "a policy of an identity has no Principal: that is whoever it is attached to",
        "needs a Resource or a NotResource",
        "needs an Action or a NotAction",
    ]),
    (aws.iam.RolePolicy, {**GRANT, "Resource": ["my-bucket", "arn:aws:s3:::b/*", "${aws:PrincipalArn}"], "Efect": "x"}, [
        ("has no element 'Efect' (near it: Effect); the elements are Action, Condition, Effect, NotAction, NotPrincipal, "
        "NotResource, Principal, Resource, Sid"),
        "the Resource 'my-bucket' is no ARN and not *",
    ]),
]  # fmt: skip
FINE: list[tuple[type, dict[str, Any]]] = [
    (ROLE, {**TRUST, "Principal": {"AWS": ["*", ARN, "123456789012", "AROAEXAMPLEEXAMPLE12"]}}),
    (ROLE, {**TRUST, "Principal": {"Federated": "cognito-identity.amazonaws.com"}, "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {"a": "b"}, "ForAnyValue:StringLike": {"amr": "authenticated"},
                          "StringLikeIfExists": {"c": ["d"]}, "Null": {"e": "true"}, "ipaddress": {"f": "10.0.0.0/8"}}}),
    (ROLE, {**TRUST, "Principal": UNKNOWN, "Condition": UNKNOWN}),
    (ROLE, {**TRUST, "Principal": {"Service": [UNKNOWN], "AWS": "simulated-arn"}}),
    (aws.iam.RolePolicy, {**GRANT, "Resource": [UNKNOWN, "simulated-arn", "*", "arn:*:s3:::${aws:username}/*"]}),
    (aws.s3.BucketPolicy, {**GRANT, "Principal": {"AWS": "*", "CanonicalUser": "79a5"}, "Resource": "arn:aws:s3:::b/*"}),
    (aws.sqs.QueuePolicy, {**GRANT, "Action": "sqs:SendMessage", "Principal": "*", "Resource": "/123456789012/jobs"}),
]  # fmt: skip


def _documented(cls: Any, statement: Any) -> list[str]:
    key, more = ("assumeRolePolicy", {}) if cls is ROLE else ("policy", {"role": "r"})
    more = {"bucket": "b"} if cls is aws.s3.BucketPolicy else {"queueUrl": "q"} if cls is aws.sqs.QueuePolicy else more
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    return [problem.reason for problem in refused(cls.pulumi_type, {key: text, **more})]


def test_every_mistake_of_a_document_is_told() -> None:
    for cls, statement, said in DOCUMENTS:
        assert _documented(cls, [statement]) == [f"AWS takes no such policy: statement 1 of 1: {each}" for each in said]


def test_the_forms_that_documents_have_are_all_taken() -> None:
    for cls, statement in FINE:
        assert _documented(cls, statement) == []
    twice = [{**TRUST, "Sid": "a"}, {**TRUST, "Sid": "b"}]
    assert _documented(ROLE, twice) == []
    assert _documented(ROLE, [twice[0]] * 2) == [
        "AWS takes no such policy: the Sid 'a' stands at more than one statement"
    ]


def test_a_document_that_is_none_is_told_once() -> None:
    assert _documented(ROLE, []) == ["AWS takes no such policy: its Statement is empty"]
    for token, inputs in (
        ("aws:iam/role:Role", {"assumeRolePolicy": "hello"}),
        ("aws:iam/rolePolicy:RolePolicy", {"role": "r", "policy": "hello"}),
    ):
        assert len(refused(token, inputs)) == 1


PASSWORDS = (
    HEAD
    + """
size = {"engine": "postgres", "instance_class": "db.t4g.micro", "allocated_storage": 20, "username": "app"}
aws.rds.Instance("literal", password="pass/word", **size)
aws.rds.Instance("setting", password=pulumi.Config().require_secret("password"), **size)
aws.rds.Cluster("short", engine="aurora-mysql", master_username="app", master_password="abc")
"""
)


def test_a_password_of_the_program_is_judged_and_not_shown_and_one_of_the_settings_is_left_alone(
    tmp_path: Path,
) -> None:
    project = Project(tmp_path)
    project.write("__main__.py", PASSWORDS)
    errors = project.report("--config", "shop:password=ci")["stacks"]["dev"]["errors"]
    assert [(error["source"], error["message"].split("': ")[1]) for error in errors] == [
        ("__main__.py:6", 'password: expected printable characters without /, @, ", a space'),
        ("__main__.py:8", "master_password: expected 8 to 41 characters, got 3"),
    ]
    assert "pass/word" not in json.dumps(errors)


MISSHAPEN = (
    HEAD
    + """
aws.ec2.Vpc("v", cidr_block="10.0.0.0/16", tags="hello")
aws.lb.LoadBalancer("lb", internal="maybe", subnets=["subnet-1", "subnet-2"])
aws.ec2.SecurityGroup("web", ingress="tcp")
aws.rds.Instance("db", engine="mysql", instance_class="db.t4g.micro", allocated_storage=20, username="u",
                 password="a-password-1", multi_az="both")
"""
)


def test_inputs_of_the_wrong_form_are_refused_by_their_lines_and_blamed_on_nobody_else(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("__main__.py", MISSHAPEN)
    stack = project.report(policies=True)["stacks"]["dev"]
    assert (stack["summary"]["exitCode"], stack["summary"]["policyErrors"]) == (2, 0)
    said = {(error["kind"], error["source"]) for error in stack["errors"]}
    assert said == {("refused", f"__main__.py:{line}") for line in (5, 6, 7, 8)}
    assert stack["timeline"] is not None


ENDED = (
    HEAD
    + """
bucket = aws.s3.Bucket("data", bucket="My_Data")
aws.ec2.SecurityGroup("web", ingress={"protocol": "tcp", "from_port": 80, "to_port": 80})
aws.dynamodb.Table("t", hash_key="a", billing_mode="PAY_PER_REQUEST", attributes={"name": "a", "type": "S"})
aws.lb.TargetGroup("g", port=80, protocol="HTTP", vpc_id="vpc-1", health_check={"path": bucket.arn, "interval": 1})
aws.s3.BucketLifecycleConfiguration("l", bucket=bucket.id,
    rules=[{"id": "a", "status": "Enabled", "transitions": {"days": 1, "storage_class": "GLACIER"}}])
{LAST}
aws.sqs.Queue("never")
"""
)


def _ended(tmp_path: Path, last: str) -> list[dict[str, Any]]:
    project = Project(tmp_path)
    project.write("__main__.py", ENDED.replace("{LAST}", last))
    return list(project.report()["stacks"]["dev"]["errors"])


def test_a_block_where_a_list_is_wanted_is_told_by_its_line_and_ends_nothing(tmp_path: Path) -> None:
    errors = _ended(tmp_path, "")
    assert {(error["kind"], error["source"]) for error in errors} == {
        ("refused", f"__main__.py:{line}") for line in (5, 6, 7, 8, 9)
    }
    said = [error["message"] for error in errors]
    assert (
        "aws:ec2/securityGroup:SecurityGroup 'web': ingress: expected a list, each element of it a block, got a map: put "
        "it into one, [...]"
    ) in said
    assert any(
        text.startswith("aws:s3/bucketLifecycle") and "rules[0].transitions: expected a list" in text for text in said
    )


def test_an_argument_that_ends_the_program_is_told_with_what_was_refused_before_it(tmp_path: Path) -> None:
    errors = _ended(tmp_path, 'aws.ec2.Vpc("net", cidr_blok="10.0.0.0/16", enable_dns=True)')
    (program,) = [error for error in errors if error["kind"] == "program"]
    assert program["source"] == "__main__.py:11"
    assert "'net': " in program["message"]
    assert "cidr_blok of Vpc (near it: cidr_block" in program["message"]
    assert "enable_dns of Vpc (near it: enable_dns_support" in program["message"]
    assert program["message"].endswith("what would come after it is not judged")
    assert {error["source"] for error in errors if error["kind"] == "refused"} >= {
        f"__main__.py:{n}" for n in (5, 6, 7, 8)
    }
    missing = _ended(tmp_path, 'aws.vpc.SecurityGroupIngressRule("r", cidr_ipv4="10.0.0.0/8")')[0]["message"]
    assert "'r': ip_protocol has to be given; security_group_id is missing too" in missing


def test_a_program_whose_inputs_are_right_is_not_refused(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("__main__.py", RIGHT)
    stack = project.report()["stacks"]["dev"]
    assert (stack["summary"]["exitCode"], stack["errors"]) == (0, [])
    assert stack["cost"] is not None


def test_a_platform_written_in_every_form_that_aws_takes_is_not_refused(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("__main__.py", Path(__file__).with_name("platform_of_strangers.txt").read_text(encoding="utf-8"))
    stack = project.report()["stacks"]["dev"]
    assert stack["errors"] == []
    assert stack["summary"]["resources"] > 130


def test_what_is_read_or_taken_over_has_a_range_that_rules_can_be_made_of() -> None:
    assert aws.ec2.DefaultVpc.__name__ == "DefaultVpc"  # asked for, so loaded
    for token, cidr in (("aws:ec2/vpc:Vpc", "10.0.0.0/16"), ("aws:ec2/defaultVpc:DefaultVpc", "172.31.0.0/16")):
        made = computed(token, "net", {}, region="eu-west-1", account="1")
        assert made["cidrBlock"] == cidr


NETWORK = (
    HEAD
    + """
for net, ranges in {
    "right": {"a": "10.0.0.0/24", "b": "10.0.1.0/24", "c": "10.7.0.0/24"},
    "outside": {"a": "10.1.0.0/24"},
    "twice": {"a": "10.0.0.0/20", "b": "10.0.4.0/24"},
}.items():
    vpc = aws.ec2.Vpc(net, cidr_block="10.0.0.0/16")
    more = aws.ec2.VpcIpv4CidrBlockAssociation(net, vpc_id=vpc.id, cidr_block="10.7.0.0/16")
    for name, block in ranges.items():
        aws.ec2.Subnet(f"{net}-{name}", vpc_id=vpc.id, cidr_block=block)
"""
)


def test_subnets_lie_in_their_vpc_and_apart_from_each_other(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("__main__.py", NETWORK)
    errors = project.report()["stacks"]["dev"]["errors"]
    assert [error["message"].partition("cidr_block: ")[2] for error in errors] == [
        "10.1.0.0/24 is not within its VPC, which has 10.0.0.0/16, 10.7.0.0/16",
        "10.0.4.0/24 overlaps with 10.0.0.0/20 of 'twice-a' in the same VPC",
    ]


def test_a_type_that_the_provider_does_not_have_is_refused_and_one_of_a_provider_that_is_chosen_is_not(
    tmp_path: Path,
) -> None:
    project = Project(tmp_path)
    newer = 'opts=pulumi.ResourceOptions(version="99.0.0")'
    kinds = f'pulumi.CustomResource("aws:s3/bukcet:Bucket", "a")\npulumi.CustomResource("aws:new/thing:Thing", "b", {{}}, {newer})\n'
    project.write("__main__.py", HEAD + 'aws.s3.Bucket("files")\n' + kinds)
    (error,) = project.report()["stacks"]["dev"]["errors"]
    assert error["kind"] == "refused"
    assert error["message"].endswith("the AWS provider has no such type; did you mean aws:s3/bucket:Bucket?")
