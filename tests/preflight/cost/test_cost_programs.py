"""Programs of other people: what they cost a month in USD, worked out by hand from the list prices of us-east-1 beside
each case (730 hours), and what of them has no price."""

from typing import Any

import pytest

from preflight.yaml_source import SourceError
from tests.gathered import for_each
from tests.preflight.cost.stacks import another, cost, resource

Stack = list[dict[str, Any]]


def _ec2(name: str = "it", **inputs: Any) -> dict[str, Any]:
    return resource("aws:ec2/instance:Instance", name, **{"associatePublicIpAddress": False, **inputs})


PUBLIC = resource("aws:ec2/subnet:Subnet", "public", mapPublicIpOnLaunch=True)
PRIVATE = resource("aws:ec2/subnet:Subnet", "private")
TEMPLATE = resource(
    "aws:ec2/launchTemplate:LaunchTemplate", "template", instanceType="m5.large", monitoring={"enabled": True},
    blockDeviceMappings=[{"deviceName": "/dev/sdf", "ebs": {"volumeSize": 100}}],
)  # fmt: skip
WEB = _ec2("web", instanceType="t3.micro", subnetId=another(PUBLIC), associatePublicIpAddress=None)
DEFAULT = resource("aws:ec2/defaultSubnet:DefaultSubnet", "default", availabilityZone="us-east-1a")
NO_ADDRESS = resource("aws:ec2/defaultSubnet:DefaultSubnet", "default", mapPublicIpOnLaunch=False)


def _web_in(subnet: dict[str, Any]) -> dict[str, Any]:
    """The same web server in another subnet."""
    return _ec2("web", instanceType="t3.micro", subnetId=another(subnet), associatePublicIpAddress=None)


GROUP = resource(
    "aws:autoscaling/group:Group", "group", minSize=1, maxSize=10, desiredCapacity=3, launchTemplate=another(TEMPLATE),
    vpcZoneIdentifiers=another(PRIVATE),
)  # fmt: skip
TASK = resource(
    "aws:ecs/taskDefinition:TaskDefinition", "task", cpu="1024", memory="2048", requiresCompatibilities=["FARGATE"]
)
WINDOWS_TASK = resource(
    "aws:ecs/taskDefinition:TaskDefinition", "task", cpu="1024", memory="2048", requiresCompatibilities=["FARGATE"],
    runtimePlatform={"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"},
)  # fmt: skip
CLUSTER = resource("aws:ecs/cluster:Cluster", "cluster")
ON_SPOT = resource(
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders", "providers", clusterName=another(CLUSTER),
    defaultCapacityProviderStrategies=[{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
)  # fmt: skip
SOURCE = resource(
    "aws:rds/instance:Instance", "source", engine="postgres", instanceClass="db.r6g.xlarge", allocatedStorage=100,
    storageType="gp3", backupRetentionPeriod=7,
)  # fmt: skip
REPLICA = resource(
    "aws:rds/instance:Instance", "replica", instanceClass="db.r6g.large", replicateSourceDb=another(SOURCE)
)
PROXY = resource("aws:rds/proxy:Proxy", "proxy")
REDIS = resource(
    "aws:elasticache/replicationGroup:ReplicationGroup", "redis", nodeType="cache.t3.micro", numCacheClusters=2
)
SCALED_TABLE = resource("aws:dynamodb/table:Table", "table", readCapacity=5, writeCapacity=5)
INDEXED = resource(
    "aws:dynamodb/table:Table", "orders", readCapacity=5, writeCapacity=5,
    globalSecondaryIndexes=[{"name": "by-day", "readCapacity": 5, "writeCapacity": 5}],
)  # fmt: skip
NLB = resource("aws:lb/loadBalancer:LoadBalancer", "nlb", loadBalancerType="network", internal=True)
TO_FUNCTIONS = resource("aws:lb/targetGroup:TargetGroup", "functions", targetType="lambda")
ALB = resource("aws:lb/loadBalancer:LoadBalancer", "alb", internal=True)
NODES = resource(
    "aws:eks/nodeGroup:NodeGroup", "nodes", instanceTypes=["m5.large"], scalingConfig={"desiredSize": 2, "minSize": 1, "maxSize": 4},
    subnetIds=another(PRIVATE),
)  # fmt: skip
ELSEWHERE = resource("pulumi:providers:aws", "west", region="eu-west-1")
OLD_BUCKET = {**resource("aws:s3/bucketV2:BucketV2"), "options": {"external": True}}
_TRAFFIC = {"requests": {"idle": 262_800_000}, "responseKilobytes": {"idle": 0}}  # 100 requests a second

CASES: dict[str, tuple[Stack, dict[str, Any], str, str]] = {
    # EC2: hours x price + gp3 at 0.08, gp2 at 0.10, an address 3.65
    "m5.large with an 8 GB root": ([_ec2(instanceType="m5.large")], {}, "idle", "70.72"),  # 70.08 + 0.64
    "c7g.4xlarge with a root of 100 GB": ([_ec2(instanceType="c7g.4xlarge", rootBlockDevice={"volumeSize": 100})], {}, "idle", "431.40"),  # 423.40 + 8
    "a second volume is gp2 unless it says so": ([_ec2(instanceType="t3.micro", ebsBlockDevices=[{"deviceName": "/dev/sdb", "volumeSize": 50}])], {}, "idle", "13.23"),  # 7.592 + 0.64 + 5.00
    "a root of io1": ([_ec2(instanceType="t3.micro", rootBlockDevice={"volumeType": "io1", "volumeSize": 50, "iops": 1000})], {}, "idle", "78.84"),  # 7.592 + 6.25 + 65
    "the address of a public subnet": ([PUBLIC, WEB], {}, "idle", "11.88"),  # 7.592 + 0.64 + 3.65
    "the address of a default subnet": ([DEFAULT, _web_in(DEFAULT)], {}, "idle", "11.88"),
    "none of a default subnet that gives none": ([NO_ADDRESS, _web_in(NO_ADDRESS)], {}, "idle", "8.23"),
    "none of a private one": ([PRIVATE, _ec2(instanceType="t3.micro", subnetId=another(PRIVATE), associatePublicIpAddress=None)], {}, "idle", "8.23"),
    "an Elastic IP in place of that address": ([PUBLIC, WEB, resource("aws:ec2/eip:Eip", instance=another(WEB))], {}, "idle", "11.88"),
    "an Elastic IP of its interface": ([PUBLIC, WEB, resource("aws:ec2/eip:Eip", networkInterface=another(WEB))], {}, "idle", "11.88"),
    "an address that the account brought": ([resource("aws:ec2/eip:Eip", publicIpv4Pool="ipv4pool-ec2-1")], {}, "idle", "0.00"),
    "the address that the default VPC gives": ([_ec2(instanceType="t3.micro", associatePublicIpAddress=None)], {}, "idle", "11.88"),
    "Windows by its user data, on a root of 30 GB": ([_ec2(instanceType="m5.large", userData="<powershell>1</powershell>")], {}, "idle", "139.64"),  # 730 x 0.188 + 2.40
    "Windows by its password": ([_ec2(instanceType="t3.medium", getPasswordData=True, rootBlockDevice={"volumeSize": 50})], {}, "idle", "47.80"),  # 43.80 + 4
    "detailed monitoring": ([_ec2(instanceType="t3.micro", monitoring=True)], {}, "idle", "10.33"),  # 8.232 + 7 x 0.30
    "an instance with the volumes of its template": ([TEMPLATE, _ec2(launchTemplate=another(TEMPLATE))], {}, "idle", "82.82"),  # 70.08 + 0.64 + 10 + 2.10
    "a group that nothing scales, as large as it wants to be": ([PRIVATE, TEMPLATE, GROUP], {}, "peak", "248.46"),  # 3 x 82.82
    "a group that a policy scales, at its most": (
        [PRIVATE, TEMPLATE, GROUP, resource("aws:autoscaling/policy:Policy", autoscalingGroupName=another(GROUP), targetTrackingConfiguration={"targetValue": 50})],
        {}, "peak", "828.40",  # 10 x 82.82 + two alarms
    ),
    "Spot by its template": ([_ec2(instanceType="m5.large", instanceMarketOptions={"marketType": "spot"})], {"spotDiscount": 0.6}, "idle", "28.67"),  # 28.032 + 0.64
    "nodes of EKS, each with 20 GB": ([PRIVATE, NODES], {}, "peak", "143.36"),  # 2 x (70.08 + 1.60)
    "nodes of EKS on Windows, each with 50 GB, in public subnets": (
        [PUBLIC, resource("aws:eks/nodeGroup:NodeGroup", amiType="WINDOWS_CORE_2022_x86_64", instanceTypes=["m5.large"], scalingConfig={"desiredSize": 2}, subnetIds=another(PUBLIC))],
        {}, "idle", "289.78",  # 2 x (137.24 + 4 + 3.65)
    ),
    "a group that says nothing of its size, at its least": (
        # 2 x (70.08 + 0.64 + 10 + 2.10 + 3.65)
        [PUBLIC, TEMPLATE, resource("aws:autoscaling/group:Group", minSize=2, maxSize=10, launchTemplate=another(TEMPLATE), vpcZoneIdentifiers=another(PUBLIC))],
        {}, "peak", "172.94",
    ),
    "io2 beyond 64,000 IOPS": ([resource("aws:ebs/volume:Volume", type="io2", size=1000, iops=70_000)], {}, "idle", "3869.00"),  # 125 + 2,080 + 1,472 + 192
    "io2 below 32,000 IOPS": ([resource("aws:ebs/volume:Volume", type="io2", size=30, iops=300)], {}, "idle", "23.25"),  # 3.75 + 19.50
    "gp3 beyond its baseline": ([resource("aws:ebs/volume:Volume", type="gp3", size=1000, iops=6000, throughput=250)], {}, "idle", "100.00"),  # 80 + 15 + 5
    "gp2 by default": ([resource("aws:ebs/volume:Volume", size=100)], {}, "idle", "10.00"),
    # Fargate: x86 0.04048 a vCPU, 0.004445 a GB
    "Windows on Fargate with its licence": (
        # 730 x (0.046552 + 0.046) + 1,460 x 0.0051117
        [WINDOWS_TASK, resource("aws:ecs/service:Service", launchType="FARGATE", taskDefinition=another(WINDOWS_TASK), desiredCount=1)], {}, "idle", "75.03",
    ),
    "the strategy of the cluster": (
        [CLUSTER, ON_SPOT, TASK, resource("aws:ecs/service:Service", cluster=another(CLUSTER), taskDefinition=another(TASK), desiredCount=2)],
        {"spotDiscount": 0.7}, "idle", "21.62",  # 2 x (29.5504 + 6.4897) x 0.3
    ),
    "a volume for each task": (
        [TASK, resource("aws:ecs/service:Service", launchType="FARGATE", taskDefinition=another(TASK), desiredCount=2, volumeConfiguration={"managedEbsVolume": {"sizeInGb": 50, "volumeType": "gp3"}})],
        {}, "idle", "80.08",  # 72.0802 + 8
    ),
    # RDS
    "no backups of a database that keeps none": (
        [resource("aws:rds/instance:Instance", engine="postgres", instanceClass="db.t4g.micro", allocatedStorage=20)], {}, "peak", "13.98",  # 11.68 + 2.30 (gp2)
    ),
    "io1 where only IOPS are said": (
        [resource("aws:rds/instance:Instance", engine="mysql", instanceClass="db.t3.large", allocatedStorage=100, iops=1200)], {}, "idle", "231.78",  # 99.28 + 12.50 + 120
    ),
    "throughput of gp3 in RDS": (
        [resource("aws:rds/instance:Instance", engine="postgres", instanceClass="db.m7g.large", allocatedStorage=400, storageType="gp3", storageThroughput=600)],
        {}, "idle", "176.64",  # 122.64 + 46 + 100 x 0.08
    ),
    "a replica with the storage of its source": ([SOURCE, REPLICA], {}, "idle", "515.75"),  # 328.50 + 11.50 + 164.25 + 11.50
    "backups of the source alone": ([SOURCE, REPLICA], {}, "expected", "516.70"),  # and 10 GB x 0.095
    "a proxy by the vCPU behind it": (
        [SOURCE, PROXY, resource("aws:rds/proxyTarget:ProxyTarget", dbProxyName=another(PROXY), dbInstanceIdentifier=another(SOURCE))],
        {}, "idle", "383.80",  # 340 + 4 x 10.95
    ),
    # caches
    "one node more in a group": (
        [REDIS, resource("aws:elasticache/cluster:Cluster", replicationGroupId=another(REDIS))], {}, "idle", "37.23",  # 3 x 12.41
    ),
    "the least that a serverless cache says": (
        [resource("aws:elasticache/serverlessCache:ServerlessCache", engine="redis", cacheUsageLimits={"dataStorage": {"minimum": 4, "unit": "GB"}, "ecpuPerSeconds": [{"minimum": 1000}]})],
        {}, "idle", "373.94",  # 4 x 730 x 0.125 + 2,628 x 0.0034
    ),
    "a message of 256 KB is four to send and four to receive": (
        [resource("aws:sqs/queue:Queue")], {"queueMessages": {"idle": 1_000_000}, "messageKilobytes": {"idle": 256}}, "idle", "3.60",  # 9 million
    ),
    # DynamoDB
    "a table that scales, at its most": (
        [SCALED_TABLE, resource(
            "aws:appautoscaling/target:Target", serviceNamespace="dynamodb", scalableDimension="dynamodb:table:ReadCapacityUnits",
            resourceId=another(SCALED_TABLE), minCapacity=5, maxCapacity=100,
        )],
        {"tableGigabytes": {"peak": 0}}, "peak", "11.86",  # 73,000 x 0.00013 + 3,650 x 0.00065
    ),
    "an index that scales, at its most": (
        # reads: 5 + 40 = 45 x 730 x 0.00013; writes: 5 + 5 = 10 x 730 x 0.00065
        [INDEXED, resource(
            "aws:appautoscaling/target:Target", serviceNamespace="dynamodb", scalableDimension="dynamodb:index:ReadCapacityUnits",
            resourceId=another(INDEXED, value="table/orders-1/index/by-day"), minCapacity=5, maxCapacity=40,
        )],
        {"tableGigabytes": {"peak": 0}}, "peak", "9.02",
    ),
    "a target of another index": (
        [INDEXED, resource(
            "aws:appautoscaling/target:Target", serviceNamespace="dynamodb", scalableDimension="dynamodb:index:ReadCapacityUnits",
            resourceId=another(INDEXED, value="table/orders-1/index/by-year"), minCapacity=5, maxCapacity=40,
        )],
        {"tableGigabytes": {"peak": 0}}, "peak", "5.69",  # 10 x 730 x (0.00013 + 0.00065)
    ),
    # load balancers: 16.425 an hour's price; a unit of an ALB 5.84, of an NLB 4.38
    "units of an NLB with TLS": (
        # 10 new connections a second, 600 active: 0.2 units by either
        [NLB, resource("aws:lb/listener:Listener", loadBalancerArn=another(NLB), protocol="TLS")], _TRAFFIC, "idle", "17.30",
    ),
    "units of an NLB with TCP": (
        [NLB, resource("aws:lb/listener:Listener", loadBalancerArn=another(NLB), protocol="TCP")], _TRAFFIC, "idle", "16.48",  # 0.0125 units
    ),
    "units of an ALB that forwards to functions": (
        # 73 GB in 730 hours: 0.1 GB an hour, 0.25 units at 0.4 GB
        [ALB, TO_FUNCTIONS, resource("aws:lb/listener:Listener", loadBalancerArn=another(ALB), defaultActions=another(TO_FUNCTIONS))],
        {"requests": {"idle": 76_546_048}, "responseKilobytes": {"idle": 1}, "connectionRequests": {"idle": 1000}}, "idle", "17.89",
    ),
    "no IPv4 address where a balancer has none": (
        [resource("aws:lb/loadBalancer:LoadBalancer", ipAddressType="dualstack-without-public-ipv4", subnets=["a", "b"])], {}, "idle", "16.43",
    ),
    "requests that Bot Control looks at": (
        [resource("aws:wafv2/webAcl:WebAcl", rules=[{"statement": {"managedRuleGroupStatement": {"name": "AWSManagedRulesBotControlRuleSet", "vendorName": "AWS"}}}])],
        {"requests": {"idle": 20_000_000}}, "idle", "48.00",  # 5 + 1 + 10 + 12 + 20
    ),
    "HTTP requests beyond 300 million": ([resource("aws:apigatewayv2/api:Api")], {"requests": {"idle": 1_000_000_000}, "responseKilobytes": {"idle": 0}}, "idle", "930.00"),  # 300 + 700 x 0.90
    "an HTTP answer of 600 KB is two requests": ([resource("aws:apigatewayv2/api:Api")], {"requests": {"idle": 1_000_000}, "responseKilobytes": {"idle": 600}}, "idle", "53.50"),  # 2 + 572.20 GB x 0.09
    "REST requests beyond 333 million": ([resource("aws:apigateway/restApi:RestApi")], {"requests": {"idle": 1_000_000_000}, "responseKilobytes": {"idle": 0}}, "idle", "3033.10"),  # 1,165.50 + 1,867.60
    "traffic of a CDN beyond 150 TB": (
        # 10,240 GB at 0.085, 40,960 at 0.08, 102,400 at 0.06, 46,400 at 0.04; 200 requests for nothing worth counting
        [resource("aws:cloudfront/distribution:Distribution")], {"requests": {"idle": 200}, "responseKilobytes": {"idle": 1_048_576_000}}, "idle", "12147.20",
    ),
    "a zone for service discovery": ([resource("aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace")], {}, "idle", "0.50"),
    # CloudWatch
    "an alarm on anomalies reads three metrics": (
        [resource("aws:cloudwatch/metricAlarm:MetricAlarm", thresholdMetricId="band", metricQueries=[{"id": "band", "expression": "ANOMALY_DETECTION_BAND(m)"}, {"id": "m", "metric": {"period": 60}}])],
        {}, "idle", "0.30",
    ),
    "a metric made from logs": ([resource("aws:cloudwatch/logMetricFilter:LogMetricFilter", metricTransformation={"name": "errors", "value": "1"})], {}, "expected", "0.30"),
    "none while nothing is written": ([resource("aws:cloudwatch/logMetricFilter:LogMetricFilter", metricTransformation={"name": "errors", "value": "1"})], {}, "idle", "0.00"),
    "throughput beyond that of the storage": (
        # 20 GB come with 0.9766 MiB/s
        [resource("aws:efs/fileSystem:FileSystem", throughputMode="provisioned", provisionedThroughputInMibps=10)], {}, "expected", "60.14",  # 6 + 54.14
    ),
    # regions and what is not made here
    "the region of its provider": (
        [ELSEWHERE, {**resource("aws:ec2/natGateway:NatGateway"), "options": {"provider": ELSEWHERE["urn"]}}], {}, "idle", "35.04",  # 0.048
    ),
    "a bucket that is only read": ([OLD_BUCKET], {}, "peak", "0.00"),
    "old names of bucket settings": ([resource("aws:s3/bucketVersioningV2:BucketVersioningV2")], {}, "peak", "0.00"),
}  # fmt: skip


@for_each("stack, section, profile, usd", CASES.values(), name=CASES)
def test_a_program_costs_what_a_hand_works_out(stack: Stack, section: dict[str, Any], profile: str, usd: str) -> None:
    found = cost(*stack, **section)
    assert found["unpriced"] == []
    assert float(found["total"][profile]) == pytest.approx(float(usd), abs=0.006)


UNPRICED: dict[str, tuple[Stack, str, str]] = {
    "hardware of one's own": ([_ec2(instanceType="m5.large", tenancy="dedicated")], "ec2.linux.dedicated.m5.large.hour", "0.64"),
    "a subnet of others": ([_ec2(instanceType="t3.micro", associatePublicIpAddress=None, subnetId="subnet-0abc")], "whether its subnet gives it a public address", "8.23"),
    "what a template of CloudFormation makes": ([resource("aws:cloudformation/stack:Stack", templateBody='{"Resources": {"Db": {"Type": "AWS::RDS::DBInstance"}}}')], "template", "0.00"),
    "a template in YAML": ([resource("aws:cloudformation/stack:Stack", templateBody="Resources: {}")], "template", "0.00"),
    "servers of routes": ([resource("aws:vpc/routeServerEndpoint:RouteServerEndpoint")], "not priced", "0.00"),
    "certificates of a private authority": ([resource("aws:acm/certificate:Certificate", certificateAuthorityArn="arn:aws:acm-pca")], "private authority", "0.00"),
    "events of one's own": ([resource("aws:cloudwatch/eventBus:EventBus")], "events", "0.00"),
    "tables for infrequent access": ([resource("aws:dynamodb/table:Table", tableClass="STANDARD_INFREQUENT_ACCESS", readCapacity=5, writeCapacity=5)], "infrequent", "0.00"),
    "topics in order": ([resource("aws:sns/topic:Topic", fifoTopic=True)], "FIFO", "0.00"),
    "Aurora Serverless v1": ([resource("aws:rds/cluster:Cluster", engine="aurora-postgresql", engineMode="serverless")], "v1", "0.00"),
    "insights kept for years, beside what has a price": (
        [resource("aws:rds/instance:Instance", engine="postgres", instanceClass="db.t4g.micro", allocatedStorage=20, performanceInsightsRetentionPeriod=731)],
        "731 days", "13.98",
    ),
    "a proxy of what is elsewhere, with the least there is": ([PROXY], "behind it", "21.90"),
    "rule groups that cost by themselves": (
        [resource("aws:wafv2/webAcl:WebAcl", rules=[{"statement": {"managedRuleGroupStatement": {"name": "AWSManagedRulesATPRuleSet", "vendorName": "AWS"}}}])],
        "AWSManagedRulesATPRuleSet", "6.00",
    ),
    "traffic through a transit gateway": ([resource("aws:ec2transitgateway/vpcAttachment:VpcAttachment")], "gigabytes through the transit gateway", "36.50"),
    "records of a stream": ([resource("aws:kinesis/stream:Stream", shardCount=4)], "records", "43.80"),
    "records of one without shards": ([resource("aws:kinesis/stream:Stream", streamModeDetails={"streamMode": "ON_DEMAND"})], "records", "29.20"),
    "parameters that AWS may make advanced": ([resource("aws:ssm/parameter:Parameter", tier="Intelligent-Tiering")], "advanced", "0.00"),
    "Auto Mode": ([resource("aws:eks/cluster:Cluster", computeConfig={"enabled": True})], "Auto Mode", "73.00"),
    "SnapStart but for Java": ([resource("aws:lambda/function:Function", runtime="python3.13", snapStart={"applyOn": "PublishedVersions"})], "SnapStart", "0.00"),
}  # fmt: skip


@for_each("stack, why, usd", UNPRICED.values(), name=UNPRICED)
def test_what_has_no_price_is_named_beside_what_has_one(stack: Stack, why: str, usd: str) -> None:
    found = cost(*stack)
    assert any(why in each["why"] for each in found["unpriced"])
    assert found["total"]["idle"] == usd


def test_a_function_at_the_edge_has_prices_of_its_own() -> None:
    function = resource("aws:lambda/function:Function", "f")
    behavior = {"lambdaFunctionAssociations": [{"eventType": "viewer-request"}]}
    cdn = resource("aws:cloudfront/distribution:Distribution", defaultCacheBehavior=another(function, value=behavior))
    found = cost(function, cdn, functionCalls={"idle": 10_000_000}, functionMilliseconds={"idle": 10})
    # As in AWS's example: 10 million calls of 10 ms with 128 MB are 12,500 GB-seconds: 6.00 + 0.63
    assert found["total"]["idle"] == "6.63"
    assert {line["meter"] for each in found["resources"] for line in each["lines"] if line["meter"].startswith("lambda")} == {
        "lambda.edge.requests", "lambda.edge.duration",
    }  # fmt: skip


def test_what_an_account_has_free_is_free_in_one_region_only() -> None:
    queues = [resource("aws:sqs/queue:Queue", region, region=region) for region in ("eu-west-1", "us-east-1")]
    found = cost(*queues, freeAllowances=True, queueMessages={"idle": 500_000})
    assert found["total"]["idle"] == "0.80"  # 3 million calls less one million, 0.40 a million in both regions


def test_a_price_of_a_region_is_from_elsewhere_only_where_that_region_has_none() -> None:
    there = resource("aws:ec2/natGateway:NatGateway", region="eu-west-1")
    assert cost(there)["prices"]["fromElsewhere"] == []
    assert cost(there, resource("aws:ec2/instance:Instance", instanceType="m8g.large", region="eu-west-1"))["prices"][
        "fromElsewhere"
    ] == ["ec2.linux.m8g.large.hour"]


_UNKNOWN = {"$unknown": True}
ODD: dict[str, Stack] = {
    "launch type": [TASK, resource("aws:ecs/service:Service", launchType=_UNKNOWN, taskDefinition=another(TASK), desiredCount=1)],
    "number of tasks": [TASK, resource("aws:ecs/service:Service", launchType="FARGATE", taskDefinition=another(TASK), desiredCount=-1)],
    "name of a device": [_ec2(instanceType="t3.micro", ebsBlockDevices=[{"deviceName": _UNKNOWN, "volumeSize": _UNKNOWN}])],
    "name of a rule group": [resource("aws:wafv2/webAcl:WebAcl", rules=[{"statement": {"managedRuleGroupStatement": {"name": [], "vendorName": _UNKNOWN}}}])],
    "instance type": [_ec2(instanceType=_UNKNOWN)],
    "what scales": [resource("aws:appautoscaling/target:Target", serviceNamespace=_UNKNOWN)],
    "the region of a replica": [resource("aws:dynamodb/table:Table", billingMode="PAY_PER_REQUEST", replicas=[{"regionName": _UNKNOWN}])],
    "size of a volume": [resource("aws:ebs/volume:Volume", size=-5)],
}  # fmt: skip


@for_each("stack", ODD.values(), name=ODD)
def test_an_input_that_is_not_known_or_not_possible_is_named_and_ends_nothing(stack: Stack) -> None:
    found = cost(*stack)
    assert found["unpriced"]
    assert float(found["total"]["peak"]) >= 0


def test_a_message_about_one_figure_is_said_once() -> None:
    with pytest.raises(SourceError) as refused:
        cost(requests="5")
    assert str(refused.value).count("requests") == 1
