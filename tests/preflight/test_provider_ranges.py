"""What AWS takes of the types that web platforms use, and what it refuses of each: ranges, words, forms, and what goes
together. As many of the first as of the second: a refusal of what is right is the worse fault."""

import json
import re
from typing import Any

import pulumi_aws as aws
import pytest

from preflight.simulation import combined, limits, ranges, ranges_stores, wholes, wholes_stores
from preflight.simulation.checks import UNKNOWN, refused
from tests.gathered import for_each
from tests.preflight.sdk_arguments import arguments_of, has

Inputs = dict[str, Any]
ARN = "arn:aws:iam::123456789012:role/app"
GROUP = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/b"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:t"


def _containers(**changed: Any) -> str:
    return json.dumps([{"name": "web", "image": "nginx", **changed}])


FARGATE = {"family": "a", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
           "containerDefinitions": _containers(), "executionRoleArn": ARN}  # fmt: skip
LOGS = {"logConfiguration": {"logDriver": "awslogs", "options": {}}}
ALARM = {"comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 3, "metricName": "a", "namespace": "b",
         "period": 60, "statistic": "Sum", "threshold": 0}  # fmt: skip
POSTGRES = {"engine": "postgres", "instanceClass": "db.t4g.micro", "allocatedStorage": 20, "username": "app",
            "password": "long-enough-1"}  # fmt: skip
AURORA = {"engine": "aurora-postgresql", "masterUsername": "app", "manageMasterUserPassword": True}
LAMBDA = {"role": ARN, "runtime": "python3.12", "handler": "a.b", "code": UNKNOWN}
TARGETS = {"port": 80, "protocol": "HTTP", "vpcId": "vpc-1"}
WEB_ACL = {"scope": "REGIONAL", "defaultAction": {"allow": {}},
           "visibilityConfig": {"cloudwatchMetricsEnabled": True, "metricName": "all", "sampledRequestsEnabled": True}}  # fmt: skip
RATE = {"name": "r", "priority": 1, "visibilityConfig": WEB_ACL["visibilityConfig"], "action": {"block": {}},
        "statement": {"rateBasedStatement": {"limit": 100, "aggregateKeyType": "IP"}}}  # fmt: skip
RULE = {"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["10.0.0.0/8"]}
CDN: Inputs = {
    "enabled": True,
    "origins": [{"domainName": "a.b", "originId": "one"}],
    "defaultCacheBehavior": {"targetOriginId": "one", "viewerProtocolPolicy": "https-only", "cachePolicyId": "x",
                             "allowedMethods": ["HEAD", "GET"], "cachedMethods": ["GET", "HEAD"]},
    "restrictions": {"geoRestriction": {"restrictionType": "none"}},
    "viewerCertificate": {"cloudfrontDefaultCertificate": True},
}  # fmt: skip


def _origin(**changed: Any) -> Inputs:
    return {"origins": [{**CDN["origins"][0], **changed}]}


def _behavior(**changed: Any) -> Inputs:
    return {"defaultCacheBehavior": {**CDN["defaultCacheBehavior"], **changed}}


def _lifecycle(**rule: Any) -> Inputs:
    return {"rules": [{"id": "a", "status": "Enabled", **rule}]}


_EXPIRES = {"expiration": {"days": 90}}
_KEYED = {"hashKey": "a", "attributes": [{"name": "a", "type": "S"}], "billingMode": "PAY_PER_REQUEST"}
_STEPS = [{"scalingAdjustment": 1, "metricIntervalLowerBound": "0"}]
_CPU = {"predefinedMetricSpecification": {"predefinedMetricType": "ASGAverageCPUUtilization"}, "targetValue": 50}
_GSI = {"name": "by-a", "hashKey": "a", "projectionType": "ALL"}
_STATES = json.dumps({"StartAt": "a", "States": {"a": {"Type": "Pass", "End": True}}})

# Class, inputs that AWS takes, changes of them that it takes too, and changes with the property that it then refuses.
CASES: list[tuple[Any, Inputs, list[Inputs], list[tuple[Inputs, str]]]] = [
    (aws.acm.Certificate, {"domainName": "*.example.com", "validationMethod": "DNS"}, [], [
        ({"domainName": "example.com."}, "domainName"),
    ]),
    (aws.apigateway.Integration, {"restApi": "a", "resourceId": "r", "httpMethod": "ANY", "type": "AWS_PROXY",
                                  "integrationHttpMethod": "POST", "uri": UNKNOWN}, [
        {"type": "MOCK", "uri": None, "integrationHttpMethod": None}, {"timeoutMilliseconds": "29000"},
        {"responseTransferMode": "STREAM", "timeoutMilliseconds": 900000},
        {"responseTransferMode": UNKNOWN, "timeoutMilliseconds": 600000},
    ], [
        ({"timeoutMilliseconds": 600000}, "timeoutMilliseconds"),
        ({"responseTransferMode": "STREAM", "timeoutMilliseconds": 900001}, "timeoutMilliseconds"),
        ({"httpMethod": "post"}, "httpMethod"), ({"timeoutMilliseconds": 10}, "timeoutMilliseconds"),
        ({"integrationHttpMethod": None}, "integrationHttpMethod"), ({"uri": None}, "uri"),
    ]),
    (aws.apigateway.Method, {"restApi": "a", "resourceId": "r", "httpMethod": "GET", "authorization": "NONE"}, [
        {"authorization": "CUSTOM", "authorizerId": UNKNOWN},
    ], [({"authorization": "none"}, "authorization"), ({"authorization": "CUSTOM"}, "authorizerId")]),
    (aws.apigateway.Resource, {"restApi": "a", "parentId": "p", "pathPart": "{proxy+}"}, [{"pathPart": "v1.0_a-b"}], [
        ({"pathPart": "/users"}, "pathPart"), ({"pathPart": "a/b"}, "pathPart"),
    ]),
    (aws.apigatewayv2.Integration, {"apiId": "a", "integrationType": "AWS_PROXY", "payloadFormatVersion": "2.0"}, [
        {"timeoutMilliseconds": 30000},
    ], [({"payloadFormatVersion": "3.0"}, "payloadFormatVersion"), ({"timeoutMilliseconds": 60000}, "timeoutMilliseconds")]),
    (aws.appautoscaling.Target, {"minCapacity": 1, "maxCapacity": 4, "resourceId": "service/a/b", "serviceNamespace": "ecs",
                                 "scalableDimension": "ecs:service:DesiredCount"}, [{"minCapacity": "0"}], [
        ({"minCapacity": 5}, "minCapacity"), ({"serviceNamespace": "ECS"}, "serviceNamespace"),
        ({"serviceNamespace": "dynamodb"}, "scalableDimension"),
    ]),
    (aws.appautoscaling.Policy, {"policyType": "TargetTrackingScaling", "resourceId": "r", "scalableDimension": "d",
                                 "serviceNamespace": "ecs", "targetTrackingScalingPolicyConfiguration": {
                                     "targetValue": 50, "predefinedMetricSpecification": {
                                         "predefinedMetricType": "ECSServiceAverageCPUUtilization"}}}, [], [
        ({"targetTrackingScalingPolicyConfiguration": {"targetValue": 5}}, "targetTrackingScalingPolicyConfiguration"),
        ({"targetTrackingScalingPolicyConfiguration": None}, "targetTrackingScalingPolicyConfiguration"),
        ({"policyType": None}, "stepScalingPolicyConfiguration"),
    ]),
    (aws.autoscaling.Group, {"minSize": 1, "maxSize": "2", "launchTemplate": {"id": UNKNOWN}}, [
        {"healthCheckType": "ELB", "desiredCapacity": 2}, {"launchTemplate": {"name": "app", "version": "$Latest"}},
        {"minSize": UNKNOWN, "desiredCapacity": 2}, {"launchTemplate": UNKNOWN, "launchConfiguration": "lc"},
        {"launchTemplate": {"id": UNKNOWN, "name": "app"}}, {"maxInstanceLifetime": "86400"},
    ], [
        ({"minSize": UNKNOWN, "maxSize": 3, "desiredCapacity": 5}, "desiredCapacity"), ({"maxInstanceLifetime": "60"}, "maxInstanceLifetime"),
        ({"minSize": 3, "maxSize": UNKNOWN, "desiredCapacity": 1}, "desiredCapacity"),
        ({"launchTemplate": {"version": "1"}}, "launchTemplate"), ({"healthCheckType": "ALB"}, "healthCheckType"),
        ({"instanceRefresh": {"strategy": "rolling"}}, "instanceRefresh.strategy"),
    ]),
    (aws.autoscaling.Policy, {"autoscalingGroupName": "g", "policyType": "TargetTrackingScaling",
                              "targetTrackingConfiguration": _CPU}, [
        {"policyType": "StepScaling", "targetTrackingConfiguration": None, "adjustmentType": "ChangeInCapacity",
         "stepAdjustments": _STEPS},
        {"policyType": None, "targetTrackingConfiguration": None, "adjustmentType": "ExactCapacity",
         "scalingAdjustment": 0},
        {"targetTrackingConfiguration": {**_CPU, "customizedMetricSpecification": UNKNOWN}},
    ], [
        ({"targetTrackingConfiguration": None}, "targetTrackingConfiguration"),
        ({"policyType": "StepScaling", "stepAdjustments": _STEPS, "adjustmentType": "More"}, "adjustmentType"),
    ]),
    (aws.backup.Plan, {"rules": [{"ruleName": "r", "targetVaultName": "vault", "lifecycle": {"coldStorageAfter": 0, "deleteAfter": 14}}]},
     [], [({"rules": [{"ruleName": "r", "targetVaultName": "vault", "lifecycle": {"coldStorageAfter": 1, "deleteAfter": 14}}]}, "rules")]),
    (aws.budgets.Budget, {"budgetType": "COST", "timeUnit": "MONTHLY", "limitAmount": "100.5", "limitUnit": "USD"}, [
        {"timePeriodStart": "2026-01-01_00:00"},
    ], [({"budgetType": "cost"}, "budgetType"), ({"limitAmount": "100 USD"}, "limitAmount"),
        ({"timePeriodStart": "2026-01-01"}, "timePeriodStart")]),
    (aws.cloudfront.Distribution, CDN, [
        _origin(originPath="/a"), _origin(originPath=""), {"httpVersion": "http2and3"},
        {"customErrorResponses": [{"errorCode": 404, "responseCode": 200, "responsePagePath": "/i.html"}]},
        {"customErrorResponses": [{"errorCode": 500, "errorCachingMinTtl": 0}]},
        {"customErrorResponses": [{"errorCode": 404, "responseCode": 200, "responsePagePath": UNKNOWN},
                                  {"errorCode": 403, "responseCode": UNKNOWN}]},
        {"viewerCertificate": {"cloudfrontDefaultCertificate": True, "acmCertificateArn": UNKNOWN}}, {"aliases": UNKNOWN},
        _behavior(forwardedValues=UNKNOWN),
        _behavior(allowedMethods=["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]),
        _behavior(cachePolicyId=None, forwardedValues={"queryString": False, "cookies": {"forward": "none"}}, minTtl=0,
                  defaultTtl=60, maxTtl=60),
    ], [
        (_origin(domainName="https://a.b"), "origins[0].domainName"), (_origin(originPath="a/"), "origins[0].originPath"),
        ({"httpVersion": "HTTP2"}, "httpVersion"),
        ({"viewerCertificate": {"acmCertificateArn": UNKNOWN}}, "viewerCertificate.sslSupportMethod"),
        ({"customErrorResponses": [{"errorCode": 418}]}, "customErrorResponses[0].errorCode"),
        ({"customErrorResponses": [{"errorCode": 404, "responseCode": 200}]}, "customErrorResponses[0]"),
        (_behavior(allowedMethods=["GET", "POST"]), "defaultCacheBehavior.allowedMethods"),
        (_behavior(cachePolicyId=None, forwardedValues={"queryString": False, "cookies": {"forward": "none"}},
                   minTtl=9, defaultTtl=6), "defaultCacheBehavior"),
        ({"restrictions": {"geoRestriction": {"restrictionType": "whitelist", "locations": ["Germany"]}}},
         "restrictions.geoRestriction.locations[0]"),
    ]),
    (aws.cloudwatch.EventTarget, {"rule": "r", "arn": ARN, "retryPolicy": {"maximumRetryAttempts": 0}}, [
        {"roleArn": ""}, {"input": UNKNOWN, "inputPath": "$.a"},
    ], [
        ({"arn": "my-function"}, "arn"), ({"arn": ""}, "arn"), ({"input": "{}", "inputPath": "$.a"}, "input"), ({"retryPolicy": {"maximumRetryAttempts": 186}}, "retryPolicy.maximumRetryAttempts"),
    ]),
    (aws.cloudwatch.LogGroup, {"retentionInDays": "30", "kmsKeyId": UNKNOWN}, [{"retentionInDays": 0}, {"kmsKeyId": ""}], [
        ({"retentionInDays": 31}, "retentionInDays"), ({"kmsKeyId": "alias/a"}, "kmsKeyId"),
        ({"logGroupClass": "CHEAP"}, "logGroupClass"),
    ]),
    (aws.cloudwatch.MetricAlarm, ALARM, [
        {"period": "10"}, {"period": 3600, "evaluationPeriods": 168}, {"alarmActions": [TOPIC, UNKNOWN]},
        {"alarmActions": ["arn:aws:automate:eu-west-1:ec2:recover"]}, {"treatMissingData": "notBreaching"},
        {"statistic": None, "extendedStatistic": "p99.9"}, {"statistic": None, "extendedStatistic": "TM(10%:90%)"},
        {"metricName": None, "namespace": None, "period": None, "statistic": None,
         "metricQueries": [{"id": "a", "expression": "1"}]}, {"datapointsToAlarm": 3}, {"threshold": "0.5"},
        {"threshold": None, "thresholdMetricId": "ad1", "metricName": None, "statistic": None, "period": None,
         "namespace": None, "comparisonOperator": "GreaterThanUpperThreshold", "metricQueries": UNKNOWN},
        {**dict.fromkeys(ALARM), "evaluationCriteria": {"promqlCriteria": {"query": "avg(x) > 80"}}, "evaluationInterval": 30},
        *({"metricName": None, "namespace": None, "period": None, "statistic": None, "metricQueries": [
            {"id": "a", "metric": {"metricName": "a", "namespace": "b", "period": period, "stat": "Sum"}}]} for period in (1, 5, 300)),
        {"alarmActions": ["", TOPIC]},
    ], [
        ({"metricQueries": [{"id": "a", "metric": {"metricName": "a", "namespace": "b", "period": 7, "stat": "Sum"}}]},
         "metricQueries[0].metric.period"), ({"period": 5}, "period"),
        ({"period": 45}, "period"), ({"period": 90}, "period"), ({"treatMissingData": "breach"}, "treatMissingData"),
        ({"datapointsToAlarm": 4}, "datapointsToAlarm"), ({"evaluationPeriods": 0}, "evaluationPeriods"),
        ({"period": 60, "evaluationPeriods": 1500}, "evaluationPeriods"), ({"statistic": "average"}, "statistic"),
        ({"statistic": None}, "statistic"), ({"statistic": None, "extendedStatistic": "99"}, "extendedStatistic"),
        ({"threshold": None}, "threshold"), ({"alarmActions": ["ops"]}, "alarmActions[0]"),
        ({"comparisonOperator": ">"}, "comparisonOperator"), ({"namespace": None}, "namespace"),
    ]),
    (aws.codebuild.Project, {"name": "build", "serviceRole": ARN, "artifacts": {"type": "NO_ARTIFACTS"},
                             "environment": {"computeType": "BUILD_GENERAL1_SMALL", "image": "a", "type": "LINUX_CONTAINER"},
                             "source": {"type": "NO_SOURCE"}}, [{"buildTimeout": 5}], [
        ({"buildTimeout": 1}, "buildTimeout"), ({"serviceRole": "build"}, "serviceRole"), ({"name": "a b"}, "name"),
    ]),
    (aws.cognito.UserPool, {"passwordPolicy": {"minimumLength": 12}, "usernameAttributes": ["email"]}, [], [
        ({"passwordPolicy": {"minimumLength": 4}}, "passwordPolicy.minimumLength"),
        ({"usernameAttributes": ["mail"]}, "usernameAttributes[0]"), ({"aliasAttributes": ["email"]}, "aliasAttributes"),
    ]),
    (aws.cognito.UserPoolClient, {"userPoolId": "p", "callbackUrls": ["https://a.b", "http://localhost:3000/c", "app://x"]}, [
        {"tokenValidityUnits": {"accessToken": "hours"}}, {"accessTokenValidity": 24, "idTokenValidity": 1},
        {"accessTokenValidity": 3600, "tokenValidityUnits": {"accessToken": "seconds"}}, {"refreshTokenValidity": 3650},
    ], [({"accessTokenValidity": 25}, "accessTokenValidity"), ({"idTokenValidity": 4, "tokenValidityUnits": {"idToken": "minutes"}}, "idTokenValidity"),
        ({"callbackUrls": ["http://a.b"]}, "callbackUrls[0]"), ({"explicitAuthFlows": ["ALLOW_ALL"]}, "explicitAuthFlows[0]"),
        ({"tokenValidityUnits": {"idToken": "hour"}}, "tokenValidityUnits.idToken")]),
    (aws.dynamodb.Table, _KEYED, [
        {"globalSecondaryIndexes": [{**_GSI, "projectionType": "INCLUDE", "nonKeyAttributes": ["b"]}]},
        {"ttl": {"attributeName": "t", "enabled": True}}, {"billingMode": "PROVISIONED", "readCapacity": "1",
                                                          "writeCapacity": 1}, {"ttl": {"enabled": False}},
        {"hashKey": None, "attributes": None, "restoreSourceName": "old"}, {"rangeKey": ""},
        {"hashKey": None, "attributes": None, "billingMode": None, "restoreSourceTableArn": ARN},
        {"serverSideEncryption": {"enabled": True, "kmsKeyArn": ""}},
        {"globalSecondaryIndexes": [{**_GSI, "nonKeyAttributes": UNKNOWN}]},
    ], [
        ({"hashKey": None, "attributes": None}, "hashKey"), ({"hashKey": "b"}, "attributes"),
        ({"attributes": [*_KEYED["attributes"], {"name": "b", "type": "S"}]}, "attributes"),
        ({"globalSecondaryIndexes": [{**_GSI, "nonKeyAttributes": ["b"]}]}, "globalSecondaryIndexes[0].nonKeyAttributes"),
        ({"localSecondaryIndexes": [{"name": "by-a", "rangeKey": "a", "projectionType": "ALL"}]}, "localSecondaryIndexes"),
        ({"ttl": {"enabled": True}}, "ttl.attributeName"),
        ({"serverSideEncryption": {"enabled": True, "kmsKeyArn": "alias/x"}}, "serverSideEncryption.kmsKeyArn"),
    ]),
    (aws.ebs.Volume, {"availabilityZone": "eu-west-1a", "size": 10}, [
        {"type": "gp3", "iops": 3000, "throughput": "125"}, {"size": None, "snapshotId": UNKNOWN}, {"type": "io2", "iops": 100},
        {"type": "gp2", "iops": UNKNOWN, "throughput": UNKNOWN},
    ], [({"type": "gp2", "iops": 300}, "iops"), ({"type": "io1"}, "iops"), ({"size": None}, "size"),
        ({"throughput": 125}, "throughput"), ({"type": "gp4"}, "type")]),
    (aws.ec2.Eip, {"domain": "vpc"}, [{"domain": None, "instance": UNKNOWN}], [({"domain": "VPC"}, "domain")]),
    (aws.ec2.FlowLog, {"vpcId": "vpc-1", "trafficType": "ALL", "logDestination": ARN, "iamRoleArn": ARN}, [
        {"logDestinationType": "s3", "iamRoleArn": None, "maxAggregationInterval": 60},
        {"vpcId": None, "transitGatewayId": "tgw-1", "trafficType": None}, {"subnetId": UNKNOWN},
        {"logDestinationType": "s3", "iamRoleArn": ""}, {"logDestinationType": "s3", "iamRoleArn": UNKNOWN},
    ], [({"iamRoleArn": None}, "iamRoleArn"), ({"maxAggregationInterval": 300}, "maxAggregationInterval"),
        ({"subnetId": "subnet-1"}, "subnetId"), ({"vpcId": None}, ""), ({"logDestinationType": "s3"}, "iamRoleArn")]),
    (aws.ec2.Instance, {"ami": "ami-1", "instanceType": "t3.micro"}, [
        {"rootBlockDevice": {"volumeSize": "20", "volumeType": "gp3", "throughput": 200}}, {"ami": UNKNOWN},
        {"creditSpecification": {"cpuCredits": "unlimited"}}, {"metadataOptions": {"httpTokens": "required"}},
        {"userData": "", "userDataBase64": "", "keyName": ""}, {"rootBlockDevice": {"volumeType": "gp2", "throughput": UNKNOWN}},
        {"rootBlockDevice": {"volumeType": "", "throughput": 200}},
    ], [({"ami": "ubuntu"}, "ami"), ({"rootBlockDevice": {"volumeSize": 0}}, "rootBlockDevice.volumeSize"),
        ({"creditSpecification": {"cpuCredits": "Unlimited"}}, "creditSpecification.cpuCredits"),
        ({"metadataOptions": {"httpPutResponseHopLimit": 65}}, "metadataOptions.httpPutResponseHopLimit"),
        ({"privateIp": "10.0.0.300"}, "privateIp"), ({"privateIp": ""}, "privateIp")]),
    (aws.ec2.LaunchTemplate, {"imageId": "resolve:ssm:/a", "instanceType": "t3.micro"}, [{"updateDefaultVersion": True}], [
        ({"defaultVersion": 1, "updateDefaultVersion": True}, "defaultVersion"), ({"imageId": "al2023"}, "imageId"),
        ({"instanceRequirements": {"memoryMib": {"min": 1}, "vcpuCount": {"min": 1}}}, "instanceRequirements"),
    ]),
    (aws.ec2.NatGateway, {"allocationId": UNKNOWN, "subnetId": "subnet-1"}, [
        {"connectivityType": "private", "allocationId": None}, {"connectivityType": "private"}, {"availabilityMode": "regional", "allocationId": None,
                                                               "subnetId": None, "vpcId": "vpc-1"},
    ], [({"allocationId": None}, "allocationId"), ({"connectivityType": "private", "allocationId": "eipalloc-1"}, "allocationId"),
        ({"subnetId": None}, "subnetId")]),
    (aws.ec2.NetworkAclRule, {"networkAclId": "a", "ruleNumber": 100, "protocol": "tcp", "ruleAction": "allow",
                              "cidrBlock": "0.0.0.0/0", "fromPort": 80, "toPort": 80}, [
        {"protocol": "6"}, {"protocol": "icmpv6"}, {"cidrBlock": None, "ipv6CidrBlock": "::/0"},
        {"cidrBlock": "10.0.1.5/24"}, {"ipv6CidrBlock": UNKNOWN},
    ], [({"cidrBlock": "10.0.1.5/33"}, "cidrBlock"), ({"protocol": "tcq"}, "protocol"), ({"ruleNumber": 40000}, "ruleNumber"), ({"cidrBlock": None}, ""),
        ({"toPort": 70000}, "toPort")]),
    (aws.ec2.SecurityGroup, {"ingress": [RULE]}, [
        {"ingress": [{**RULE, "protocol": "-1", "fromPort": 0, "toPort": 0}]}, {"ingress": [{**RULE, "protocol": "17"}]},
        {"ingress": [{**RULE, "protocol": "ICMP", "fromPort": -1, "toPort": -1}]}, {"ingress": []},
        {"egress": [{**RULE, "protocol": "all", "fromPort": "0", "toPort": "0"}]},
    ], [({"ingress": [RULE, {**RULE, "protocol": "tcq"}]}, "ingress[1].protocol"), ({"ingress": RULE}, "ingress"),
        ({"ingress": [{**RULE, "fromPort": 90}]}, "ingress[0].fromPort")]),
    (aws.ec2.RouteTable, {"vpcId": "v", "routes": [{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1", "natGatewayId": UNKNOWN}]}, [], [
        ({"routes": [{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1", "natGatewayId": "nat-1"}]}, "routes[0]"),
    ]),
    (aws.ec2.VpnConnectionRoute, {"vpnConnectionId": "v", "destinationCidrBlock": "192.168.1.1/24"}, [], [
        ({"destinationCidrBlock": "192.168.1.1/33"}, "destinationCidrBlock"), ({"destinationCidrBlock": ""}, "destinationCidrBlock"),
    ]),
    (aws.ec2.Subnet, {"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24"}, [
        {"availabilityZone": UNKNOWN, "availabilityZoneId": "euw1-az1"},
        {"cidrBlock": None, "ipv6CidrBlock": UNKNOWN, "ipv6Native": True}, {"availabilityZoneId": "euw1-az1"},
    ], [({"cidrBlock": "10.0.0.1/24"}, "cidrBlock"), ({"cidrBlock": "", "ipv6CidrBlock": UNKNOWN}, "cidrBlock"),
        ({"cidrBlock": None}, "cidrBlock"), ({"availabilityZone": "a", "availabilityZoneId": "b"}, "availabilityZone")]),
    (aws.ec2.Vpc, {"cidrBlock": "10.0.0.0/16"}, [{"cidrBlock": None, "ipv4IpamPoolId": UNKNOWN, "ipv4NetmaskLength": 16}], [
        ({"cidrBlock": None}, "cidrBlock"), ({"instanceTenancy": "shared"}, "instanceTenancy"),
        ({"ipv4NetmaskLength": 20}, "cidrBlock"),
    ]),
    (aws.ec2.VpcEndpoint, {"vpcId": "vpc-1", "serviceName": "com.amazonaws.eu-west-1.s3"}, [
        {"routeTableIds": ["rtb-1"]}, {"vpcEndpointType": "Interface", "subnetIds": ["s"], "securityGroupIds": [UNKNOWN]},
        {"subnetIds": UNKNOWN}, {"vpcEndpointType": "Interface", "routeTableIds": UNKNOWN},
    ], [({"vpcEndpointType": "interface"}, "vpcEndpointType"), ({"subnetIds": ["s"]}, "subnetIds"),
        ({"vpcEndpointType": "Interface", "routeTableIds": ["r"]}, "routeTableIds"), ({"serviceName": None}, "")]),
    (aws.ecs.Service, {"taskDefinition": UNKNOWN, "launchType": "FARGATE", "networkConfiguration": {"subnets": ["s"]}}, [
        {"launchType": "EC2", "networkConfiguration": None}, {"launchType": None, "networkConfiguration": None},
        {"loadBalancers": [{"targetGroupArn": GROUP, "containerName": "a", "containerPort": "80"}]},
        {"deploymentConfiguration": {"strategy": "CANARY", "canaryConfiguration": UNKNOWN}},
    ], [({"networkConfiguration": None}, "networkConfiguration"), ({"schedulingStrategy": "DAEMON"}, "schedulingStrategy"),
        ({"loadBalancers": [{"targetGroupArn": "tg", "containerName": "a", "containerPort": 80}]},
         "loadBalancers[0].targetGroupArn"), ({"launchType": "Fargate"}, "launchType")]),
    (aws.ecs.TaskDefinition, FARGATE, [
        {"containerDefinitions": _containers(environment=[{"name": "A", "value": None}])}, {"taskRoleArn": "", "executionRoleArn": ""},
        {"containerDefinitions": _containers(**LOGS)}, {"executionRoleArn": None}, {"pidMode": "task"}, {"pidMode": ""}, {"cpu": 1024, "memory": 2048},
        {"containerDefinitions": _containers(cpu=0, environment=[{"name": "A", "value": "1"}], essential=True,
                                             portMappings=[{"containerPort": 80, "hostPort": 80}])},
        {"requiresCompatibilities": None, "networkMode": "bridge", "cpu": None, "memory": None, "executionRoleArn": None,
         "containerDefinitions": _containers(portMappings=[{"containerPort": 80, "hostPort": 0}], **LOGS)},
    ], [
        ({"pidMode": "none"}, "pidMode"),
        ({"containerDefinitions": "{}"}, "containerDefinitions"), ({"containerDefinitions": "[]"}, "containerDefinitions"), ({"executionRoleArn": "role"}, "executionRoleArn"),
        ({"containerDefinitions": _containers(name=None)}, "containerDefinitions"),
        ({"containerDefinitions": _containers(cpu="256")}, "containerDefinitions"),
        ({"containerDefinitions": _containers(essential="true")}, "containerDefinitions"),
        ({"containerDefinitions": _containers(essential=False)}, "containerDefinitions"),
        ({"containerDefinitions": _containers(command="run")}, "containerDefinitions"),
        ({"containerDefinitions": _containers(environment=[{"name": "A", "value": 1}])}, "containerDefinitions"),
        ({"containerDefinitions": _containers(portMappings=[{"containerPort": "80"}])}, "containerDefinitions"),
        ({"containerDefinitions": _containers(portMappings=[{"containerPort": 80, "hostPort": 81}])}, "containerDefinitions"),
        ({"containerDefinitions": _containers(**LOGS), "executionRoleArn": None}, "containerDefinitions"),
        ({"ephemeralStorage": {"sizeInGib": 20}}, "ephemeralStorage.sizeInGib"),
    ]),
    (aws.efs.FileSystem, {"throughputMode": "provisioned", "provisionedThroughputInMibps": 1}, [{"throughputMode": "elastic",
     "provisionedThroughputInMibps": None}], [({"provisionedThroughputInMibps": None}, "provisionedThroughputInMibps")]),
    (aws.elasticache.Cluster, {"engine": "redis", "nodeType": "cache.t4g.micro", "numCacheNodes": 1}, [
        {"engine": "memcached", "numCacheNodes": 3, "azMode": "cross-az"}, {"engine": None, "replicationGroupId": "g", "nodeType": None, "numCacheNodes": None},
        {"snapshotWindow": "05:00-06:00", "maintenanceWindow": "sun:06:00-sun:07:00"},
    ], [({"numCacheNodes": 2}, "numCacheNodes"), ({"engine": "memcached", "azMode": "cross-az"}, "azMode"),
        ({"snapshotWindow": "05:00-06:00", "maintenanceWindow": "sun:05:30-sun:07:00"}, "maintenanceWindow")]),
    (aws.elasticache.ReplicationGroup, {"description": "d", "authToken": "a" * 16, "transitEncryptionEnabled": True}, [
        {"replicasPerNodeGroup": 1, "automaticFailoverEnabled": True}, {"snapshotWindow": "", "maintenanceWindow": ""},
        {"nodeGroupConfigurations": [{"nodeGroupId": "0001", "replicaCount": 1}], "automaticFailoverEnabled": True},
        {"numCacheClusters": UNKNOWN, "numNodeGroups": 2, "replicasPerNodeGroup": 1}, {"kmsKeyId": ""}, {"kmsKeyId": UNKNOWN},
        {"authToken": UNKNOWN, "userGroupIds": ["g"]}, {"authToken": UNKNOWN, "transitEncryptionEnabled": None},
    ], [
        ({"numCacheClusters": 2, "replicasPerNodeGroup": 1}, "replicasPerNodeGroup"), ({"authToken": ""}, "authToken"),
        ({"numCacheClusters": 2, "numNodeGroups": 1}, "numCacheClusters"), ({"kmsKeyId": "k"}, "kmsKeyId"),
        ({"numCacheClusters": 1, "automaticFailoverEnabled": True}, "numCacheClusters"), ({"userGroupIds": ["g"]}, "authToken"),
        ({"transitEncryptionEnabled": None}, "authToken"), ({"authToken": "short"}, "authToken"),
        ({"replicasPerNodeGroup": 6, "numNodeGroups": 1}, "replicasPerNodeGroup"),
    ]),
    (aws.iam.Role, {"assumeRolePolicy": UNKNOWN, "managedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}, [
        {"permissionsBoundary": ""}, {"name": UNKNOWN, "namePrefix": "x"},
    ], [({"name": "a", "namePrefix": "x"}, "name"),
        ({"managedPolicyArns": ["ReadOnlyAccess"]}, "managedPolicyArns[0]"), ({"permissionsBoundary": "b"}, "permissionsBoundary"),
    ]),
    (aws.iam.RolePolicyAttachment, {"role": "r", "policyArn": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"},
     [{"policyArn": "arn:aws-cn:iam::aws:policy/ReadOnlyAccess"}], [({"policyArn": "ReadOnlyAccess"}, "policyArn")]),
    (aws.kinesis.Stream, {"shardCount": "1"}, [{"shardCount": UNKNOWN, "streamModeDetails": {"streamMode": "ON_DEMAND"}}, {"shardCount": None, "streamModeDetails": {"streamMode": "ON_DEMAND"}}], [
        ({"shardCount": None}, "shardCount"), ({"streamModeDetails": {"streamMode": "ON_DEMAND"}}, "shardCount"),
    ]),
    (aws.kms.Key, {"enableKeyRotation": True, "deletionWindowInDays": 7}, [{"deletionWindowInDays": "30"}], [
        ({"deletionWindowInDays": 6}, "deletionWindowInDays"), ({"customerMasterKeySpec": "RSA_2048"}, "enableKeyRotation"),
        ({"rotationPeriodInDays": 30}, "rotationPeriodInDays"),
    ]),
    (aws.lambda_.Function, LAMBDA, [
        {"timeout": "900", "memorySize": 10240}, {"architectures": ["arm64"]}, {"ephemeralStorage": {"size": 512}},
        {"kmsKeyArn": "", "deadLetterConfig": {"targetArn": UNKNOWN}}, {"imageUri": UNKNOWN}, {"code": "a", "imageUri": UNKNOWN},
        {"role": UNKNOWN}, {"packageType": "Image", "imageUri": "a", "code": None, "handler": None, "runtime": None},
    ], [
        ({"role": "nobody"}, "role"), ({"role": ""}, "role"), ({"memorySize": 64}, "memorySize"), ({"timeout": 901}, "timeout"),
        ({"ephemeralStorage": {"size": 100}}, "ephemeralStorage.size"), ({"architectures": ["arm"]}, "architectures[0]"),
        ({"deadLetterConfig": {"targetArn": "q"}}, "deadLetterConfig.targetArn"), ({"handler": "a b"}, "handler"),
    ]),
    (aws.lb.Listener, {"loadBalancerArn": ARN, "port": 80, "protocol": "HTTP", "defaultActions": [
        {"type": "forward", "targetGroupArn": GROUP}]}, [
        {"defaultActions": [{"type": "redirect", "redirect": {"statusCode": "HTTP_301", "port": "443", "protocol": "HTTPS"}}]},
        {"defaultActions": [{"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "404"}}]},
        {"protocol": "HTTPS", "certificateArn": UNKNOWN}, {"protocol": "TCP"}, {"certificateArn": ""}, {"certificateArn": UNKNOWN},
        {"defaultActions": [{"type": "redirect", "targetGroupArn": "", "redirect": {"statusCode": "HTTP_301"}}]},
    ], [
        ({"protocol": "HTPS"}, "protocol"), ({"port": 0}, "port"), ({"certificateArn": ARN}, "certificateArn"),
        ({"defaultActions": [{"type": "fixed-response", "fixedResponse": {"contentType": "json"}}]},
         "defaultActions[0].fixedResponse.contentType"),
        ({"defaultActions": [{"type": "redirect", "redirect": {"statusCode": "301"}}]}, "defaultActions[0].redirect.statusCode"),
        ({"defaultActions": [{"type": "forward", "targetGroupArn": "web"}]}, "defaultActions[0].targetGroupArn"),
    ]),
    (aws.lb.ListenerRule, {"listenerArn": ARN, "actions": [{"type": "forward", "targetGroupArn": GROUP}], "priority": 1,
                           "conditions": [{"pathPattern": {"values": ["/a"]}}]}, [
        {"conditions": [{"hostHeader": {"values": ["a"]}}, {"sourceIp": {"values": ["10.0.0.0/8"]}}]}, {"conditions": UNKNOWN},
        {"conditions": [{"hostHeader": UNKNOWN, "pathPattern": {"values": ["/a"]}}]},
    ], [({"priority": 50001}, "priority"), ({"conditions": [{}]}, "conditions[0]"),
        ({"conditions": [{"hostHeader": {"values": ["a"]}, "pathPattern": {"values": ["/a"]}}]}, "conditions[0]")]),
    (aws.lb.TargetGroup, TARGETS, [
        {"healthCheck": {"path": "/health?x=1", "matcher": "200-299", "port": "traffic-port", "interval": "30", "timeout": 5}},
        {"protocol": "TCP", "healthCheck": {"protocol": "TCP", "interval": 10, "timeout": 10}},
        {"name": "internal-api"}, {"stickiness": {"type": "lb_cookie"}}, {"protocol": "TCP", "stickiness": {"type": "source_ip"}},
        {"protocol": "TCP", "stickiness": {"type": "lb_cookie", "enabled": False}}, {"healthCheck": {"port": "8080"}},
        {"targetType": "lambda", "port": None, "protocol": None, "vpcId": None}, {"deregistrationDelay": "0"},
    ], [
        ({"healthCheck": {"path": "health"}}, "healthCheck.path"), ({"healthCheck": {"interval": 4}}, "healthCheck.interval"),
        ({"healthCheck": {"interval": 10, "timeout": 10}}, "healthCheck.timeout"), ({"protocol": "HTTP2"}, "protocol"),
        ({"healthCheck": {"healthyThreshold": 11}}, "healthCheck.healthyThreshold"), ({"port": 0}, "port"),
        ({"healthCheck": {"port": "web"}}, "healthCheck.port"), ({"healthCheck": {"matcher": "2xx"}}, "healthCheck.matcher"),
        ({"stickiness": {"type": "source_ip"}}, "stickiness.type"), ({"deregistrationDelay": 3601}, "deregistrationDelay"),
        ({"protocol": "UDP", "stickiness": {"type": "lb_cookie"}}, "stickiness.type"),
    ]),
    (aws.mq.Broker, {"brokerName": "b", "engineType": "ActiveMQ", "engineVersion": "5.18", "hostInstanceType": "mq.t3.micro"}, [
        {"engineType": "RABBITMQ", "engineVersion": "3.13"}, {"engineType": UNKNOWN},
    ], [({"engineType": "Kafka"}, "engineType")]),
    (aws.msk.Cluster, {"kafkaVersion": "3.9.x", "numberOfBrokerNodes": 3, "brokerNodeGroupInfo": {
        "clientSubnets": ["a", "b", "c"], "instanceType": "kafka.m7g.large", "securityGroups": ["sg"]}}, [
        {"numberOfBrokerNodes": "6"},
    ], [({"numberOfBrokerNodes": 4}, "numberOfBrokerNodes"), ({"clusterName": "a_b"}, "clusterName")]),
    (aws.opensearch.Domain, {"domainName": "search", "engineVersion": "OpenSearch_2.19"}, [
        {"clusterConfig": {"instanceType": "t3.small.search", "instanceCount": 2}},
    ], [({"engineVersion": "2.19"}, "engineVersion"), ({"domainName": "Search"}, "domainName"),
        ({"clusterConfig": {"instanceType": "t3.small"}}, "clusterConfig.instanceType")]),
    (aws.rds.Cluster, AURORA, [
        {"snapshotIdentifier": "s", "masterUsername": None}, {"storageType": "aurora-iopt1", "kmsKeyId": UNKNOWN},
        {"kmsKeyId": "", "preferredBackupWindow": "", "preferredMaintenanceWindow": "", "performanceInsightsRetentionPeriod": 0},
        {"masterPassword": UNKNOWN}, {"serverlessv2ScalingConfiguration": [{"minCapacity": 0, "maxCapacity": 1}]},
        {"preferredBackupWindow": "03:00-03:30", "preferredMaintenanceWindow": "sun:03:30-sun:04:00"},
    ], [
        ({"masterUsername": None}, "masterUsername"), ({"masterUsername": "admin"}, "masterUsername"),
        ({"manageMasterUserPassword": None}, "masterPassword"), ({"databaseName": "my-db"}, "databaseName"),
        ({"preferredBackupWindow": "03:00-04:00", "preferredMaintenanceWindow": "sun:03:30-sun:04:00"},
         "preferredMaintenanceWindow"), ({"storageType": "gp9"}, "storageType"),
    ]),
    (aws.rds.Instance, POSTGRES, [
        {"engine": "mysql", "username": "admin"}, {"username": "postgres"}, {"backupWindow": "23:30-00:30",
         "maintenanceWindow": "sun:00:30-sun:01:30"}, {"storageType": "gp3", "allocatedStorage": 400, "iops": 12000},
        {"enabledCloudwatchLogsExports": ["postgresql", "upgrade"]}, {"maxAllocatedStorage": "100"}, {"dbName": "app_db"},
        {"password": None, "manageMasterUserPassword": True}, {"password": UNKNOWN}, {"storageType": "io1", "iops": 1000},
        {"engine": "sqlserver-ex", "username": "sa-x", "dbName": UNKNOWN}, {"performanceInsightsRetentionPeriod": 93},
        {"replicateSourceDb": "a", "username": None, "password": None, "engine": None, "allocatedStorage": None},
        {"password": UNKNOWN, "manageMasterUserPassword": True}, {"multiAz": UNKNOWN, "availabilityZone": "a"},
        {"kmsKeyId": "", "backupWindow": "", "maintenanceWindow": "", "finalSnapshotIdentifier": ""},
        {"performanceInsightsRetentionPeriod": 0}, {"storageType": "gp3", "iops": UNKNOWN}, {"storageType": "", "storageThroughput": 500},
        {"replicateSourceDb": "a", "username": "", "password": "", "allocatedStorage": None},
        {"backupRetentionPeriod": 0}, {"dbName": ""}, {"allocatedStorage": "20", "port": "5432"},
    ], [
        ({"identifier": ""}, "identifier"), ({"multiAz": True, "availabilityZone": "a"}, "multiAz"),
        ({"storageType": "gp9"}, "storageType"), ({"username": "admin"}, "username"), ({"username": "1a"}, "username"),
        ({"password": "short"}, "password"), ({"password": "with@at-sign"}, "password"), ({"password": "a b c d e"}, "password"),
        ({"engine": "mysql", "password": "x" * 42}, "password"), ({"dbName": "my-db"}, "dbName"), ({"port": 80}, "port"),
        ({"backupWindow": "23:30-00:30", "maintenanceWindow": "mon:00:00-mon:01:00"}, "maintenanceWindow"),
            ({"backupWindow": "00:00-00:30", "maintenanceWindow": "sun:23:45-mon:00:15"}, "maintenanceWindow"),
        ({"backupWindow": "03:00-03:20"}, "backupWindow"), ({"backupRetentionPeriod": 36}, "backupRetentionPeriod"),
        ({"enabledCloudwatchLogsExports": ["error"]}, "enabledCloudwatchLogsExports"),
        ({"enabledCloudwatchLogsExports": ["logs"]}, "enabledCloudwatchLogsExports[0]"), ({"kmsKeyId": "k"}, "kmsKeyId"),
        ({"maxAllocatedStorage": 10}, "maxAllocatedStorage"), ({"storageType": "io1"}, "iops"),
        ({"storageType": "gp3", "iops": 3000}, "iops"), ({"engine": "sqlserver-ex", "dbName": "a"}, "dbName"),
        ({"performanceInsightsRetentionPeriod": 30}, "performanceInsightsRetentionPeriod"),
    ]),
    (aws.rds.SubnetGroup, {"subnetIds": ["a", "b"]}, [{"subnetIds": [UNKNOWN]}, {"subnetIds": UNKNOWN}], [
        ({"subnetIds": ["a"]}, "subnetIds"),
    ]),
    (aws.route53.Record, {"zoneId": "z", "name": "a", "type": "A", "ttl": 60, "records": ["192.0.2.1", UNKNOWN]}, [
        {"type": "AAAA", "records": ["2001:db8::1"]}, {"type": "TXT", "records": ["v=spf1", "b"]},
        {"setIdentifier": "a", "weightedRoutingPolicies": [{"weight": 0}]}, {"aliases": UNKNOWN}, {"setIdentifier": UNKNOWN},
        {"weightedRoutingPolicies": UNKNOWN}, {"weightedRoutingPolicies": UNKNOWN, "setIdentifier": "a"}, {"setIdentifier": ""},
        {"records": None, "ttl": None, "aliases": [{"name": "a", "zoneId": "z", "evaluateTargetHealth": True}]},
    ], [
        ({"records": ["example.com"]}, "records[0]"), ({"type": "CNAME", "records": ["a.b", "c.d"]}, "records"),
        ({"weightedRoutingPolicies": [{"weight": 1}]}, "setIdentifier"), ({"setIdentifier": "a"}, "setIdentifier"),
        ({"aliases": [{"name": "a", "zoneId": "z", "evaluateTargetHealth": True}]}, "aliases"),
    ]),
    (aws.s3.Bucket, {"bucket": "my.data-1"}, [{"bucket": None, "bucketPrefix": "data-"}, {"bucket": UNKNOWN, "bucketPrefix": "data-"}], [
        ({"bucketPrefix": "data-"}, "bucket"),
        ({"bucket": "My_Data"}, "bucket"), ({"bucket": "a..b"}, "bucket"), ({"bucket": "10.0.0.1"}, "bucket"),
        ({"bucket": "xn--data"}, "bucket"), ({"bucketPrefix": "a" * 38, "bucket": None}, "bucketPrefix"),
    ]),
    (aws.s3.BucketAcl, {"bucket": "b", "acl": "private"}, [], [({"acl": None}, ""), ({"acl": "Private"}, "acl")]),
    (aws.s3.BucketCorsConfiguration, {"bucket": "b", "corsRules": [{"allowedMethods": ["GET"], "allowedOrigins": ["*"]}]}, [], [
        ({"corsRules": [{"allowedMethods": ["GET", "OPTIONS"], "allowedOrigins": ["*"]}]}, "corsRules[0].allowedMethods[1]"),
    ]),
    (aws.s3.BucketLifecycleConfiguration, {"bucket": "b", **_lifecycle(**_EXPIRES)}, [
        _lifecycle(transitions=[{"days": 30, "storageClass": "STANDARD_IA"}], **_EXPIRES),
        _lifecycle(transitions=[{"days": "0", "storageClass": "GLACIER"}]),
        _lifecycle(transitions=[{"days": 30, "date": "", "storageClass": "GLACIER"}]),
        _lifecycle(abortIncompleteMultipartUpload={"daysAfterInitiation": 7}),
        _lifecycle(expiration={"expiredObjectDeleteMarker": True}),
    ], [
        (_lifecycle(), "rules[0]"), (_lifecycle(transitions=[{"days": 9, "storageClass": "STANDARD_IA"}]), "rules[0].transitions"),
        (_lifecycle(transitions=[{"days": 90, "storageClass": "GLACIER"}], **_EXPIRES), "rules[0].expiration"),
        ({"rules": [*_lifecycle(**_EXPIRES)["rules"]] * 2}, "rules"), (_lifecycle(**_EXPIRES, status="on"), "rules[0].status"),
    ]),
    (aws.s3.BucketObjectLockConfiguration, {"bucket": "b", "rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 1}}}, [
        {"rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 1, "years": UNKNOWN}}},
    ], [({"rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 1, "years": 1}}}, "rule.defaultRetention")]),
    (aws.s3.BucketObject, {"bucket": "b", "key": "k", "content": "x"}, [], [({"contentBase64": "eA=="}, "content")]),
    (aws.s3.BucketServerSideEncryptionConfiguration, {"bucket": "b", "rules": [
        {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": UNKNOWN}}]}, [
        {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}, "bucketKeyEnabled": True}]},
        {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256", "kmsMasterKeyId": UNKNOWN}}]},
    ], [({"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES-256"}}]},
         "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm"),
        ({"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256", "kmsMasterKeyId": "k"}}]}, "rules")]),
    (aws.s3.BucketWebsiteConfiguration, {"bucket": "b", "indexDocument": {"suffix": "index.html"}}, [
        {"indexDocument": None, "redirectAllRequestsTo": {"hostName": "a.b"}}, {"redirectAllRequestsTo": UNKNOWN},
        {"indexDocument": None, "redirectAllRequestsTo": {"hostName": "a.b", "protocol": "https"}},
        {"routingRules": [{"redirect": {"protocol": "http", "hostName": "a.b"}}]},
    ], [({"routingRules": [{"redirect": {"protocol": "HTTPS", "hostName": "a.b"}}]}, "routingRules[0].redirect.protocol"),
        ({"indexDocument": None, "redirectAllRequestsTo": {"hostName": "a.b", "protocol": "ftp"}},
         "redirectAllRequestsTo.protocol"), ({"redirectAllRequestsTo": {"hostName": "a.b"}}, ""), ({"indexDocument": None}, "")]),
    (aws.scheduler.Schedule, {"flexibleTimeWindow": {"mode": "OFF"}, "scheduleExpression": "rate(1 hours)",
                              "target": {"arn": ARN, "roleArn": UNKNOWN}}, [
        {"flexibleTimeWindow": {"mode": "FLEXIBLE", "maximumWindowInMinutes": 15}},
    ], [({"flexibleTimeWindow": {"mode": "FLEXIBLE"}}, "flexibleTimeWindow.maximumWindowInMinutes"),
        ({"target": {"arn": "f", "roleArn": ARN}}, "target.arn"), ({"target": {"arn": "", "roleArn": ARN}}, "target.arn")]),
    (aws.secretsmanager.Secret, {"policy": "{}"}, [{"policy": ""}, {"kmsKeyId": ""}], [
        ({"policy": '{"Version": "2012-10-17"}'}, "policy"), ({"policy": "[]"}, "policy"),
    ]),
    (aws.secretsmanager.SecretPolicy, {"secretArn": ARN, "policy": UNKNOWN}, [], [({"policy": "{}"}, "policy")]),
    (aws.secretsmanager.SecretRotation, {"secretId": "s", "rotationRules": {"automaticallyAfterDays": 30}}, [
        {"rotationRules": {"automaticallyAfterDays": 30, "scheduleExpression": ""}},
        {"rotationRules": {"automaticallyAfterDays": UNKNOWN, "scheduleExpression": "rate(10 days)"}},
    ], [({"rotationRules": {"automaticallyAfterDays": 30, "scheduleExpression": "rate(10 days)"}}, "rotationRules")]),
    (aws.sfn.StateMachine, {"roleArn": ARN, "definition": _STATES}, [{"definition": UNKNOWN}], [
        ({"definition": "begin"}, "definition"), ({"definition": '{"StartAt": "b", "States": {"a": {}}}'}, "definition"),
        ({"definition": '{"States": {"a": {}}}'}, "definition"), ({"roleArn": "role"}, "roleArn"),
    ]),
    (aws.sns.Topic, {"name": "events.fifo", "fifoTopic": True}, [{"name": "a", "fifoTopic": None}], [
        ({"name": "a b", "fifoTopic": None}, "name"), ({"name": "events"}, "name"), ({"displayName": "a" * 101}, "displayName"),
    ]),
    (aws.sns.TopicSubscription, {"topic": TOPIC, "protocol": "email", "endpoint": "a@b.c"}, [
        {"protocol": "https", "endpoint": "https://a.b/c"}, {"protocol": "sqs", "endpoint": UNKNOWN},
        {"protocol": "sms", "endpoint": "+4912345"},
    ], [({"endpoint": "ops"}, "endpoint"), ({"protocol": "sqs", "endpoint": "https://sqs/q"}, "endpoint"),
        ({"topic": "events"}, "topic"), ({"protocol": "firehose", "endpoint": ARN}, "subscriptionRoleArn")]),
    (aws.sqs.Queue, {"visibilityTimeoutSeconds": "43200"}, [
        {"redrivePolicy": json.dumps({"deadLetterTargetArn": ARN, "maxReceiveCount": 5})}, {"redrivePolicy": UNKNOWN},
        {"name": "", "fifoQueue": True},
    ], [
        ({"visibilityTimeoutSeconds": 43201}, "visibilityTimeoutSeconds"), ({"name": "a b"}, "name"),
        ({"messageRetentionSeconds": 30}, "messageRetentionSeconds"),
        ({"redrivePolicy": json.dumps({"deadLetterTargetArn": ARN, "maxReceive": 5})}, "redrivePolicy"),
        ({"redrivePolicy": json.dumps({"deadLetterTargetArn": ARN, "maxReceiveCount": 0})}, "redrivePolicy"),
        ({"fifoQueue": True, "name": "a.fifo", "deduplicationScope": "group"}, "deduplicationScope"),
    ]),
    (aws.ssm.Parameter, {"name": "/app/key", "type": "String", "value": "x"}, [
        {"name": "key"}, {"name": "/awstats/key"}, {"value": None, "insecureValue": "x"}, {"value": UNKNOWN},
        {"insecureValue": UNKNOWN}, {"type": "SecureString", "insecureValue": UNKNOWN},
    ], [({"name": "app/key"}, "name"), ({"name": "/aws/key"}, "name"), ({"name": "awsKey"}, "name"), ({"value": None}, ""),
        ({"type": "SecureString", "value": None, "insecureValue": "x"}, "insecureValue"), ({"type": "string"}, "type")]),
    (aws.vpc.SecurityGroupIngressRule, {"securityGroupId": "sg-1", "ipProtocol": "tcp", "fromPort": 1, "toPort": 2,
                                        "cidrIpv4": "10.0.0.0/8"}, [
        {"ipProtocol": "-1", "fromPort": None, "toPort": None}, {"ipProtocol": "icmp", "fromPort": 8, "toPort": -1},
        {"cidrIpv4": UNKNOWN, "referencedSecurityGroupId": "sg-2"},
    ], [({"cidrIpv4": "10.0.0.1/8"}, "cidrIpv4"), ({"cidrIpv4": "", "referencedSecurityGroupId": "sg-2"}, "cidrIpv4"),
        ({"referencedSecurityGroupId": "sg-2"}, "cidrIpv4"), ({"ipProtocol": "tcq"}, "ipProtocol"), ({"toPort": None}, "toPort"), ({"fromPort": 3}, "fromPort"),
        ({"toPort": 65536}, "toPort")]),
    (aws.wafv2.IpSet, {"scope": "REGIONAL", "ipAddressVersion": "IPV4", "addresses": ["192.0.2.1/32"]}, [], [
        ({"addresses": ["192.0.2.1"]}, "addresses[0]"), ({"ipAddressVersion": "ipv4"}, "ipAddressVersion"),
    ]),
    (aws.wafv2.WebAcl, WEB_ACL, [
        {"rules": [RATE]}, {"rules": [{**RATE, "action": None, "overrideAction": {"none": {}}}]}, {"rules": UNKNOWN},
        {"rules": [{**RATE, "overrideAction": UNKNOWN}], "defaultAction": {"allow": {}, "block": UNKNOWN}},
    ], [
        ({"rules": [{**RATE, "action": None}]}, "rules[0]"), ({"defaultAction": {}}, "defaultAction"),
        ({"rules": [{**RATE, "statement": {"rateBasedStatement": {"limit": 5}}}]}, "rules[0].statement.rateBasedStatement.limit"),
        ({"scope": "GLOBAL"}, "scope"),
    ]),
]  # fmt: skip


def _said(cls: Any, inputs: Inputs) -> list[str]:
    return [problem.property for problem in refused(cls.pulumi_type, inputs)]


@for_each("case", CASES, [case[0].pulumi_type for case in CASES])
def test_what_aws_takes_is_taken_and_each_change_that_it_refuses_is_named(case: tuple[Any, ...]) -> None:
    cls, good, fine, wrong = case
    for change in ({}, *fine):
        assert refused(cls.pulumi_type, {**good, **change}) == [], change
    for change, path in wrong:
        assert path in _said(cls, {**good, **change}), change


def test_what_is_not_known_is_taken_wherever_it_stands() -> None:
    def later(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: later(each) for key, each in value.items()}
        if isinstance(value, list):
            return [later(each) for each in value]
        return None if value is None else UNKNOWN

    for cls, good, fine, _ in CASES:
        for change in ({}, *fine):
            inputs = {**good, **change}
            assert refused(cls.pulumi_type, {key: UNKNOWN for key, value in inputs.items() if value is not None}) == []
            assert (
                refused(cls.pulumi_type, later({key: value for key, value in inputs.items() if value is not None}))
                == []
            ), cls


def test_a_mistake_does_not_hide_the_others_of_its_block_and_none_is_told_twice() -> None:
    check = {"protocol": "HTTPX", "path": "x", "intervall": 1, "interval": 1}
    said = _said(aws.lb.TargetGroup, {**TARGETS, "healthCheck": check})
    assert sorted(said) == [f"healthCheck.{each}" for each in ("interval", "intervall", "path", "protocol")]
    (one,) = refused("aws:cloudwatch/logGroup:LogGroup", {"logGroupClass": "CHEAP"})
    assert one.reason.startswith("'CHEAP' is none of")
    assert _said(aws.dynamodb.Table, {**_KEYED, "billingMode": "CHEAP"}) == ["billingMode"]


def test_a_password_is_not_shown() -> None:
    (said,) = refused("aws:rds/instance:Instance", {**POSTGRES, "password": "not/allowed"})
    assert said.reason == 'expected printable characters without /, @, ", a space'


def test_a_second_edition_of_a_type_is_judged_as_the_first_and_has_no_rules_of_its_own() -> None:
    names: list[str] = getattr(aws.s3, "__all__")  # noqa: B009 - the lazy loader makes it when it is asked for
    second = {getattr(aws.s3, name).pulumi_type for name in names if re.fullmatch(r"Bucket\w*V2", name)}
    assert len(second) > 10
    assert {token: limits.SAME.get(token) for token in second} == {token: token.replace("V2", "") for token in second}
    tables: tuple[Any, ...] = (
        limits.OF_TYPE,
        ranges.OF_TYPE,
        ranges_stores.OF_TYPE,
        wholes.OF_TYPE,
        wholes_stores.OF_TYPE,
    )
    assert [token for table in tables for token in table if token in limits.SAME] == []


@pytest.mark.parametrize("table", [limits.OF_TYPE, ranges.OF_TYPE, ranges_stores.OF_TYPE])
def test_each_path_of_a_table_is_an_argument_of_the_sdk(table: dict[str, dict[str, Any]]) -> None:
    assert [
        f"{token} {path}" for token, rules in table.items() for path in rules if not has(arguments_of(token), path)
    ] == []


def test_each_argument_that_is_judged_with_others_is_one_of_the_sdk() -> None:
    for wholes_of in (combined._WHOLE, wholes.OF_TYPE, wholes_stores.OF_TYPE):
        assert all(arguments_of(token) for token in wholes_of)
    for groups in (combined.ONE_OF, combined._SOME_OF):
        for token, listed in groups.items():
            assert [key for group in listed for key in group if not has(arguments_of(token), key)] == [], token
    for token, pairs in combined._EXCLUDES.items():
        assert [
            key for first, others in pairs for key in (first, *others) if not has(arguments_of(token), key)
        ] == [], token
