"""Resources of other people's programs over the breadth of AWS: USD a month worked out by hand beside each case from the
list prices of us-east-1 (730 hours), idle unless the case says `expected`; and what is named because nobody prices it."""

from typing import Any

import pytest

from tests.gathered import for_each
from tests.preflight.cost.stacks import another, cost, counted, resource

Stack = list[dict[str, Any]]
Case = tuple[Stack, dict[str, Any], str]


def _server(kind: str, **inputs: Any) -> Stack:
    return [resource("aws:ec2/instance:Instance", instanceType=kind, associatePublicIpAddress=False, **inputs)]


def _disk(kind: str, **inputs: Any) -> Stack:
    return [resource("aws:ebs/volume:Volume", type=kind, size=500, **inputs)]


def _database(engine: str, kind: str, **inputs: Any) -> Stack:
    return [
        resource("aws:rds/instance:Instance", engine=engine, instanceClass=kind, **{"allocatedStorage": 100, **inputs})
    ]


def _function(name: str = "it", **inputs: Any) -> dict[str, Any]:
    return resource("aws:lambda/function:Function", name, **inputs)


def _table(**inputs: Any) -> Stack:
    return [resource("aws:dynamodb/table:Table", **inputs)]


def _aurora(engine: str, kind: str, **inputs: Any) -> Stack:
    cluster = resource("aws:rds/cluster:Cluster", "cluster", engine=engine, **inputs)
    return [
        cluster,
        resource("aws:rds/clusterInstance:ClusterInstance", engine=engine, instanceClass=kind, clusterIdentifier=another(cluster)),
    ]  # fmt: skip


def _tasks(cpu: str, memory: str, count: int, **inputs: Any) -> Stack:
    task = resource(
        "aws:ecs/taskDefinition:TaskDefinition",
        "task",
        cpu=cpu,
        memory=memory,
        requiresCompatibilities=["FARGATE"],
        **inputs,
    )
    return [
        task,
        resource("aws:ecs/service:Service", launchType="FARGATE", taskDefinition=another(task), desiredCount=count),
    ]


ON = {"billingMode": "PAY_PER_REQUEST"}
READY = _function("ready", memorySize=1024)
RULES = (
    '[{"Name": "a", "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesBotControlRuleSet",\
 "ManagedRuleGroupConfigs": [{"AWSManagedRulesBotControlRuleSet": {"InspectionLevel": "TARGETED"}}]}}}, {"Name": "b"}]'
)
BIG_ANSWERS = {"requests": {"expected": 10_000_000}}  # of 50 KB: 476.84 GB

IDLE: dict[str, Case] = {
    # EC2: hours and 8 GB of gp3 (0.64)
    "t2.micro": (_server("t2.micro"), {}, "9.11"),  # 8.468 + 0.64
    "t3.large": (_server("t3.large"), {}, "61.38"),  # 60.736
    "t4g.small": (_server("t4g.small"), {}, "12.90"),  # 12.264
    "c6i.large": (_server("c6i.large"), {}, "62.69"),  # 62.05
    "c7g.large": (_server("c7g.large"), {}, "53.57"),  # 52.925
    "m7i.large": (_server("m7i.large"), {}, "74.22"),  # 73.584
    "r7g.xlarge": (_server("r7g.xlarge"), {}, "157.01"),  # 156.366
    "i3.large": (_server("i3.large"), {}, "114.52"),  # 113.88
    "g4dn.xlarge": (_server("g4dn.xlarge"), {}, "384.62"),  # 383.98
    "p3.2xlarge": (_server("p3.2xlarge"), {}, "2234.44"),  # 2,233.80
    "m6i.2xlarge with a fast root": (
        # 280.32 + 50 x 0.08 + 1,000 x 0.005 + 75 x 0.04
        _server("m6i.2xlarge", rootBlockDevice={"volumeSize": 50, "volumeType": "gp3", "iops": 4000, "throughput": 200}), {}, "292.32",
    ),
    "r5.large with a disk for logs": (
        _server("r5.large", ebsBlockDevices=[{"deviceName": "/dev/sdf", "volumeSize": 500, "volumeType": "st1"}]), {}, "115.12",  # 91.98 + 0.64 + 22.50
    ),
    # EBS, 500 GB each
    "gp2": (_disk("gp2"), {}, "50.00"),
    "gp3 with more of both": (_disk("gp3", iops=6000, throughput=500), {}, "70.00"),  # 40 + 3,000 x 0.005 + 375 x 0.04
    "io1": (_disk("io1", iops=2000), {}, "192.50"),  # 62.50 + 130
    "io2 over the first bound": (_disk("io2", iops=40_000), {}, "2510.50"),  # 62.50 + 32,000 x 0.065 + 8,000 x 0.046
    "st1": (_disk("st1"), {}, "22.50"),
    "sc1": (_disk("sc1"), {}, "7.50"),
    # RDS: 100 GB of gp2 are 11.50, in two zones 23.00
    "PostgreSQL on t3.medium": (_database("postgres", "db.t3.medium"), {}, "64.06"),  # 52.56
    "PostgreSQL in two zones": (
        _database("postgres", "db.m5.large", multiAz=True, storageType="gp3", allocatedStorage=500, iops=12_000), {}, "374.88",  # 259.88 + 115
    ),
    "MySQL 8.4 in two zones": (_database("mysql", "db.m5.large", engineVersion="8.4", multiAz=True), {}, "272.66"),  # 249.66
    "MySQL 8.0, which is past its standard support": (_database("mysql", "db.r5.large", engineVersion="8.0"), {}, "332.70"),  # 175.20 + 11.50 + 2 x 73
    "MariaDB": (_database("mariadb", "db.t3.small"), {}, "36.32"),  # 24.82
    "io2 of a database": (_database("postgres", "db.m6g.large", storageType="io2", iops=5000), {}, "628.57"),  # 116.07 + 12.50 + 500
    "Aurora PostgreSQL": (_aurora("aurora-postgresql", "db.r6g.large"), {}, "190.80"),  # 189.80 + 10 x 0.10
    "Aurora on t4g.medium": (_aurora("aurora-postgresql", "db.t4g.medium"), {}, "54.29"),  # 53.29 + 1
    "Aurora I/O-Optimized": (_aurora("aurora-mysql", "db.r6g.large", storageType="aurora-iopt1"), {}, "248.99"),  # 246.74 + 10 x 0.225
    "Aurora Serverless v2 at its least": (
        _aurora("aurora-postgresql", "db.serverless", serverlessv2ScalingConfiguration={"minCapacity": 1, "maxCapacity": 4}), {}, "88.60",  # 87.60 + 1
    ),
    "Oracle in containers": (_database("oracle-se2-cdb", "db.t3.large", allocatedStorage=20), {}, "221.30"),  # 219 + 2.30, infracost's
    # caches
    "Redis on t3.micro": ([resource("aws:elasticache/cluster:Cluster", engine="redis", nodeType="cache.t3.micro")], {}, "12.41"),
    "an engine in capitals": ([resource("aws:elasticache/cluster:Cluster", engine="Redis", nodeType="cache.t3.micro")], {}, "12.41"),
    "Memcached": ([resource("aws:elasticache/cluster:Cluster", engine="memcached", nodeType="cache.m6g.large", numCacheNodes=2)], {}, "217.54"),  # 2 x 108.77
    "Valkey in two shards of two": (
        [resource("aws:elasticache/replicationGroup:ReplicationGroup", engine="valkey", nodeType="cache.r7g.large", numNodeGroups=2, replicasPerNodeGroup=1)], {}, "511.58",  # 4 x 127.896
    ),
    "Valkey without servers": ([resource("aws:elasticache/serverlessCache:ServerlessCache", engine="valkey")], {}, "6.13"),  # 0.1 GB x 61.32
    "Redis without servers": ([resource("aws:elasticache/serverlessCache:ServerlessCache", engine="redis")], {}, "91.25"),  # 1 GB
    "provisioned throughput of a table": (_table(readCapacity=100, writeCapacity=50), {}, "33.22"),  # 9.49 + 23.725
    # networks
    "a NAT gateway": ([resource("aws:ec2/natGateway:NatGateway")], {}, "32.85"),
    "an address that nothing uses": ([resource("aws:ec2/eip:Eip")], {}, "3.65"),
    "an endpoint in three zones": ([resource("aws:ec2/vpcEndpoint:VpcEndpoint", vpcEndpointType="Interface", subnetIds=["a", "b", "c"])], {}, "21.90"),  # 3 x 7.30
    "an endpoint of a gateway": ([resource("aws:ec2/vpcEndpoint:VpcEndpoint", vpcEndpointType="Gateway")], {}, "0.00"),
    "an ALB in three zones": ([resource("aws:lb/loadBalancer:LoadBalancer", subnets=["a", "b", "c"])], {}, "27.38"),  # 16.425 + 3 x 3.65
    "an NLB inside": ([resource("aws:lb/loadBalancer:LoadBalancer", loadBalancerType="network", internal=True)], {}, "16.43"),
    "a classic balancer": ([resource("aws:elb/loadBalancer:LoadBalancer", subnets=["a", "b"])], {}, "25.55"),  # 18.25 + 7.30
    "a VPN": ([resource("aws:ec2/vpnConnection:VpnConnection", vpnGatewayId="vgw-1")], {}, "36.50"),
    "peered transit gateways": ([resource("aws:ec2transitgateway/peeringAttachment:PeeringAttachment")], {}, "36.50"),
    "a firewall in two zones": ([resource("aws:networkfirewall/firewall:Firewall", subnetMappings=[{}, {}])], {"firewallGigabytes": 0}, "576.70"),  # 2 x 288.35
    "a resolver in two zones": ([resource("aws:route53/resolverEndpoint:ResolverEndpoint", ipAddresses=[{}, {}])], {}, "182.50"),  # 2 x 91.25
    "thirty zones": ([resource("aws:route53/zone:Zone", f"z{number}") for number in range(30)], {}, "13.00"),  # 25 x 0.50 + 5 x 0.10
    "a fast health check by HTTPS": ([resource("aws:route53/healthCheck:HealthCheck", type="HTTPS", fqdn="x.org", requestInterval=10)], {}, "4.75"),  # 0.75 + 2 x 2
    "a web ACL of two rules": ([resource("aws:wafv2/webAcl:WebAcl", rules=[{"name": "a"}, {"name": "b"}])], {}, "7.00"),  # 5 + 2
    "targeted Bot Control, whose first million is free": (
        # 5 + 2 + 10 + 3 x 0.60 + 2 x 10
        [resource("aws:wafv2/webAcl:WebAcl", ruleJson=RULES)], {"requests": {"idle": 3_000_000}, "freeAllowances": True}, "38.80",
    ),
    "a web ACL whose rules are JSON": ([resource("aws:wafv2/webAcl:WebAcl", ruleJson=RULES.replace("TARGETED", "COMMON"))], {}, "17.00"),  # 5 + 2 + 10 for Bot Control
    # containers
    "tasks on x86": (_tasks("512", "1024", 2), {}, "36.04"),  # 2 x (0.5 x 29.5504 + 3.24485)
    "tasks on ARM": (_tasks("1024", "2048", 1, runtimePlatform={"cpuArchitecture": "ARM64"}), {}, "28.84"),  # 23.6374 + 2 x 2.5988
    "tasks with 50 GB": (_tasks("256", "512", 1, ephemeralStorage={"sizeInGib": 50}), {}, "11.44"),  # 7.3876 + 1.6224 + 30 x 0.000111 x 730
    "Kubernetes in standard support": ([resource("aws:eks/cluster:Cluster", version="1.35")], {}, "73.00"),
    "Kubernetes past it": ([resource("aws:eks/cluster:Cluster", version="1.30")], {}, "438.00"),  # 73 + 365
    "concurrency that is kept ready": (
        [READY, resource("aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig", functionName=another(READY), provisionedConcurrentExecutions=5)],
        {}, "54.75",  # 5 GB x 2,628,000 s x 0.0000041667
    ),
    "the cache of an API": ([resource("aws:apigateway/stage:Stage", cacheClusterEnabled=True, cacheClusterSize="0.5")], {}, "14.60"),
    # streams, search, warehouses
    "Kafka on three brokers": (
        [resource("aws:msk/cluster:Cluster", numberOfBrokerNodes=3, brokerNodeGroupInfo={"instanceType": "kafka.m5.large", "storageInfo": {"ebsStorageInfo": {"volumeSize": 100}}})],
        {}, "489.90",  # 3 x 153.30 + 300 x 0.10
    ),
    "Kafka without servers": ([resource("aws:msk/serverlessCluster:ServerlessCluster")], {}, "558.45"),  # 547.50 + 10 x 1.095
    "two shards": ([resource("aws:kinesis/stream:Stream", shardCount=2)], {"streamRecords": 0}, "21.90"),
    "a stream on demand": ([resource("aws:kinesis/stream:Stream", streamModeDetails={"streamMode": "ON_DEMAND"})], {"streamRecords": 0}, "29.20"),
    "search on two nodes": (
        [resource("aws:opensearch/domain:Domain", clusterConfig={"instanceType": "m6g.large.search", "instanceCount": 2}, ebsOptions={"ebsEnabled": True, "volumeSize": 100, "volumeType": "gp3"})],
        {}, "211.28",  # 2 x 93.44 + 200 x 0.122
    ),
    "Redshift on one node": ([resource("aws:redshift/cluster:Cluster", nodeType="dc2.large")], {}, "182.50"),
    # keys, secrets, watching
    "a key": ([resource("aws:kms/key:Key", multiRegion=True)], {}, "1.00"),
    "a secret with a replica": ([resource("aws:secretsmanager/secret:Secret", replicas=[{"region": "eu-west-1"}])], {}, "0.80"),
    "an advanced parameter": ([resource("aws:ssm/parameter:Parameter", tier="Advanced")], {}, "0.05"),
    "an alarm": ([resource("aws:cloudwatch/metricAlarm:MetricAlarm", period=60)], {}, "0.10"),
    "an alarm of ten seconds": ([resource("aws:cloudwatch/metricAlarm:MetricAlarm", period=10)], {}, "0.30"),
    "an alarm of alarms": ([resource("aws:cloudwatch/compositeAlarm:CompositeAlarm")], {}, "0.50"),
    "four dashboards": ([resource("aws:cloudwatch/dashboard:Dashboard", f"d{number}") for number in range(4)], {}, "12.00"),
    "four dashboards, three of them free": ([resource("aws:cloudwatch/dashboard:Dashboard", f"d{number}") for number in range(4)], {"freeAllowances": True}, "3.00"),
    "a canary every five minutes": ([resource("aws:synthetics/canary:Canary", schedule={"expression": "rate(5 minutes)"})], {}, "10.51"),  # 8,760 x 0.0012
}  # fmt: skip
EXPECTED: dict[str, Case] = {
    "a table on demand": (_table(**ON), {}, "2.50"),  # 1 m writes 0.625 + 5 m reads 0.625 + 5 GB x 0.25
    "a table with its past": (_table(**ON, pointInTimeRecovery={"enabled": True}), {}, "3.50"),  # and 5 x 0.20
    "a bucket": ([resource("aws:s3/bucket:Bucket")], {}, "2.05"),  # 50 x 0.023 + 0.50 + 0.40
    "a CDN": ([resource("aws:cloudfront/distribution:Distribution")], BIG_ANSWERS, "50.53"),  # 476.84 x 0.085 + 10
    "a function on x86": ([_function(memorySize=1024)], {}, "1.87"),  # 100,000 GB-s x 0.0000166667 + 0.20
    "a function on ARM with a large disk": (
        [_function(memorySize=512, architectures=["arm64"], ephemeralStorage={"size": 2048})], {}, "0.87",  # 50,000 x 0.0000133334 + 0.20 + 150,000 x 3.09e-8
    ),
    "a REST API inside": ([resource("aws:apigateway/restApi:RestApi", endpointConfiguration={"types": "PRIVATE"})], BIG_ANSWERS, "35.00"),
    "an HTTP API": ([resource("aws:apigatewayv2/api:Api", protocolType="HTTP")], BIG_ANSWERS, "52.92"),  # 10 + 476.84 x 0.09
    "a WebSocket API": ([resource("aws:apigatewayv2/api:Api", protocolType="WEBSOCKET")], {"websocketMessages": 1_000_000, "websocketMinutes": 1_000_000}, "1.25"),
    "a queue": ([resource("aws:sqs/queue:Queue")], {}, "1.20"),  # 3 m x 0.40
    "a queue in order": ([resource("aws:sqs/queue:Queue", fifoQueue=True)], {}, "1.50"),
    "Firehose": ([resource("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream")], {"streamRecords": 1_000_000}, "0.14"),  # 4.77 GB x 0.029
    "files in one zone, elastic": ([resource("aws:efs/fileSystem:FileSystem", availabilityZoneName="a", throughputMode="elastic")], {}, "5.00"),  # 3.20 + 0.60 + 1.20
    "logs kept for a month": ([resource("aws:cloudwatch/logGroup:LogGroup", retentionInDays=30)], {}, "0.53"),  # 0.50 + 0.986 x 0.03
    "logs that are seldom read": ([resource("aws:cloudwatch/logGroup:LogGroup", logGroupClass="INFREQUENT_ACCESS", retentionInDays=30)], {}, "0.28"),
    "users": ([resource("aws:cognito/userPool:UserPool")], {"activeUsers": 5000}, "75.00"),
    "users with protection": ([resource("aws:cognito/userPool:UserPool", userPoolTier="PLUS")], {"activeUsers": 5000}, "100.00"),
    "workflows": ([resource("aws:sfn/stateMachine:StateMachine")], {"stateTransitions": 1_000_000}, "25.00"),
    "events": ([resource("aws:cloudwatch/eventBus:EventBus")], {"busEvents": 1_000_000}, "1.00"),
    "a transit gateway": ([resource("aws:ec2transitgateway/vpcAttachment:VpcAttachment")], {"transitGigabytes": 100}, "38.50"),  # 36.50 + 2
    "a gateway balancer takes none of the requests": (
        # 16.425 + 0.3266 GB an hour x 730 x 0.008
        [resource("aws:lb/loadBalancer:LoadBalancer", "alb", internal=False, ipAddressType="dualstack-without-public-ipv4"),
         resource("aws:cloudfront/distribution:Distribution", enabled=False),
         {**resource("aws:lb/loadBalancer:LoadBalancer", "gate", loadBalancerType="gateway", subnets=["a"]), "options": {"external": True}}],
        {"requests": {"expected": 5_000_000}}, "18.33",
    ),
}  # fmt: skip


@for_each("stack, section, usd", IDLE.values(), name=IDLE)
def test_what_it_costs_to_exist(stack: Stack, section: dict[str, Any], usd: str) -> None:
    found = cost(*stack, **section)
    assert found["unpriced"] == []
    assert float(found["total"]["idle"]) == pytest.approx(float(usd), abs=0.006)


@for_each("stack, section, usd", EXPECTED.values(), name=EXPECTED)
def test_what_it_costs_in_use(stack: Stack, section: dict[str, Any], usd: str) -> None:
    found = cost(*stack, **section)
    assert found["unpriced"] == []
    assert float(found["total"]["expected"]) == pytest.approx(float(usd), abs=0.006)


SILENT: dict[str, tuple[Stack, str, str]] = {
    "a warm pool": (
        [resource("aws:autoscaling/group:Group", minSize=0, maxSize=1, warmPool={"poolState": "Stopped"})], "warm pool", "0.00",
    ),
    "an address of a CDN's own": (
        [resource("aws:cloudfront/distribution:Distribution", viewerCertificate={"sslSupportMethod": "vip"})], "IP address of its own", "0.00",
    ),
    "Origin Shield": ([resource("aws:cloudfront/distribution:Distribution", origins=[{}, {"originShield": {"enabled": True}}])], "Origin Shield", "0.00"),
    "machines that sign in": ([resource("aws:cognito/userPoolClient:UserPoolClient", allowedOauthFlows=["client_credentials"])], "machines", "0.00"),
    "a faster VPN": ([resource("aws:ec2/vpnConnection:VpnConnection", enableAcceleration=True)], "acceleration", "36.50"),
    "scans of images": ([resource("aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration", scanType="ENHANCED")], "Inspector", "0.00"),
    "instances that ECS manages": ([resource("aws:ecs/capacityProvider:CapacityProvider", managedInstancesProvider={"propagateTags": "NONE"})], "instances that AWS starts", "0.00"),
    "hybrid nodes": ([resource("aws:eks/cluster:Cluster", version="1.35", remoteNetworkConfig={"remoteNodeNetworks": {}})], "hybrid", "73.00"),
    "formats that Firehose converts": (
        [resource("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", extendedS3Configuration={"dataFormatConversionConfiguration": {"enabled": True}})],
        "conversion", "0.00",
    ),
    "metrics of shards": ([resource("aws:kinesis/stream:Stream", shardCount=2, shardLevelMetrics=["IncomingBytes"])], "single shards", "21.90"),
    "pollers": ([resource("aws:lambda/eventSourceMapping:EventSourceMapping", provisionedPollerConfig={"minimumPollers": 2})], "pollers", "0.00"),
    "the Data API": ([resource("aws:rds/cluster:Cluster", engine="aurora-postgresql", enableHttpEndpoint=True)], "Data API", "1.00"),
    "a database of the world": ([resource("aws:rds/cluster:Cluster", engine="aurora-postgresql", globalClusterIdentifier="g")], "between regions", "1.00"),
    "a warehouse in two zones": ([resource("aws:redshift/cluster:Cluster", nodeType="dc2.large", multiAz=True)], "second zone", "182.50"),
    "a bucket that is replicated": ([resource("aws:s3/bucket:Bucket", replicationConfiguration={"role": "r"})], "replicated", "0.00"),
    "a trust store": ([resource("aws:lb/trustStore:TrustStore")], "not priced", "0.00"),
    "a key of a pair": ([resource("aws:kms/key:Key", customerMasterKeySpec="ECC_NIST_P256")], "ECC_NIST_P256", "1.00"),
    "CAPTCHA": ([resource("aws:wafv2/webAcl:WebAcl", rules=[{"action": {"captcha": {}}}])], "CAPTCHA", "6.00"),
    "rules that are no JSON": ([resource("aws:wafv2/webAcl:WebAcl", ruleJson="rules")], "JSON", "5.00"),
    "masters without a number": (
        [resource("aws:opensearch/domain:Domain", clusterConfig={"instanceType": "t3.small.search", "dedicatedMasterEnabled": True})], "dedicatedMasterCount", "26.28",
    ),
    "coordinators": (
        [resource("aws:opensearch/domain:Domain", clusterConfig={"instanceType": "t3.small.search", "nodeOptions": [{"nodeConfig": {"enabled": True}}]})], "coordinator", "26.28",
    ),
    "a database of another engine": (_database("db2-se", "db.m6i.large"), "rds.db2-se.db.m6i.large.single_az.hour", "11.50"),
    "a database of a snapshot": ([resource("aws:rds/instance:Instance", instanceClass="db.m6g.large", snapshotIdentifier="s")], "engine", "0.00"),
    "Multi-AZ clusters": ([resource("aws:rds/cluster:Cluster", engine="mysql", dbClusterInstanceClass="db.r6gd.large")], "Multi-AZ DB clusters", "0.00"),
    **{
        f"{token} as a whole": ([resource(token)], "this type is not priced", "0.00")
        for token in (
            "aws:memorydb/cluster:Cluster", "aws:fsx/ontapFileSystem:OntapFileSystem",
            "aws:redshiftserverless/workgroup:Workgroup", "aws:opensearch/serverlessCollection:ServerlessCollection",
            "aws:emr/cluster:Cluster", "aws:glue/job:Job",
            "aws:ec2/fleet:Fleet", "aws:ec2/dedicatedHost:DedicatedHost", "aws:eks/fargateProfile:FargateProfile",
            "aws:cloudfront/function:Function", "aws:pipes/pipe:Pipe",
        )
    },
}  # fmt: skip


@for_each("stack, why, usd", SILENT.values(), name=SILENT)
def test_what_nobody_prices_is_named_beside_what_has_a_price(stack: Stack, why: str, usd: str) -> None:
    found = cost(*stack)
    assert any(why in each["why"] for each in found["unpriced"]), found["unpriced"]
    assert found["total"]["idle"] == usd


@for_each(
    "token, inputs",
    [
        ("aws:cognito/userPoolClient:UserPoolClient", {"allowedOauthFlows": ["code"]}),
        ("aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration", {"scanType": "BASIC"}),
        ("aws:lambda/eventSourceMapping:EventSourceMapping", {"batchSize": 10}),
        ("aws:cloudfront/distribution:Distribution", {"viewerCertificate": {"sslSupportMethod": "sni-only"}, "origins": [{"originShield": {"enabled": False}}]}),
        ("aws:ecs/capacityProvider:CapacityProvider", {"autoScalingGroupProvider": {}, "managedInstancesProvider": {"$unknown": True}}),
        ("aws:kms/key:Key", {"customerMasterKeySpec": "RSA_2048"}),
    ],
)  # fmt: skip
def test_nothing_is_named_where_the_input_says_no_such_thing(token: str, inputs: dict[str, Any]) -> None:
    assert cost(resource(token, **inputs))["unpriced"] == []


def test_a_component_of_what_is_free_is_no_component_of_nothing() -> None:
    room = resource("x:y:Room", "room", custom=False)
    free = resource("aws:lambda/permission:Permission", component=room["urn"])
    assert cost(room, free)["components"] == []


@for_each(
    "region, meter, usd, borrowed",
    [
        ("eu-west-1", "nat_gateway.hour", "35.04", False),  # 0.048
        ("ap-southeast-2", "nat_gateway.hour", "32.85", True),  # us-east-1's, and said to be
    ],
)
def test_a_region_has_its_own_prices_or_says_whose(region: str, meter: str, usd: str, borrowed: bool) -> None:
    found = cost(resource("aws:ec2/natGateway:NatGateway"), region=region)
    assert found["total"]["idle"] == usd
    assert (meter in found["prices"]["fromElsewhere"]) is borrowed
    assert counted(found)[meter] == "730"
