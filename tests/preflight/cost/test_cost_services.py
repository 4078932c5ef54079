"""Databases, managed services, networks and what depends on told figures: USD a month worked out by hand from the list
prices of us-east-1 beside each case (730 hours), and what of them has no price."""

from typing import Any

import pytest

from preflight.cost import estimate, usage
from preflight.cost.asked import Asked
from tests.gathered import for_each
from tests.preflight.cli_support import Project
from tests.preflight.cost.stacks import another, cost, counted, resource

Stack = list[dict[str, Any]]


def _rds(name: str = "db", **inputs: Any) -> dict[str, Any]:
    return resource("aws:rds/instance:Instance", name, **{"allocatedStorage": 100, **inputs})


def _in(cluster: dict[str, Any], kind: str, name: str = "member") -> dict[str, Any]:
    return resource("aws:rds/clusterInstance:ClusterInstance", name, engine=cluster["inputs"]["engine"], instanceClass=kind,
                    clusterIdentifier=another(cluster))  # fmt: skip


def _cdn(*origins: dict[str, Any]) -> dict[str, Any]:
    return resource("aws:cloudfront/distribution:Distribution", origins=[*origins])


MYSQL = resource("aws:rds/cluster:Cluster", "aurora", engine="aurora-mysql")
OPTIMIZED = resource("aws:rds/cluster:Cluster", "aurora", engine="aurora-postgresql", storageType="aurora-iopt1")
OLD = resource(
    "aws:rds/cluster:Cluster", "aurora", engine="aurora-mysql", engineVersion="5.7.mysql_aurora.2.11.2",
    databaseInsightsMode="advanced", serverlessv2ScalingConfiguration={"minCapacity": 4, "maxCapacity": 8},
)  # fmt: skip
BALANCER = resource("aws:lb/loadBalancer:LoadBalancer", "alb", internal=True)
GROUP = resource("aws:wafv2/ruleGroup:RuleGroup", "group", rules=[{}] * 5)
READY = resource("aws:lambda/function:Function", "ready", memorySize=1024)
KEPT = resource(
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig", functionName=another(READY), qualifier="1",
    provisionedConcurrentExecutions=1,
)  # fmt: skip
PRIVATE = resource("aws:ec2/subnet:Subnet", "private")
NODE_TEMPLATE = resource("aws:ec2/launchTemplate:LaunchTemplate", "nodes", instanceType="m5.large")
NO_STORAGE = {"databaseGigabytes": {"idle": 0}}
SEARCH = {"instanceType": "r6g.large.search", "instanceCount": 3, "dedicatedMasterEnabled": True,
          "dedicatedMasterType": "m6g.large.search", "dedicatedMasterCount": 3}  # fmt: skip

CASES: dict[str, tuple[Stack, dict[str, Any], str]] = {
    # RDS: hours x price, gp2 and gp3 at 0.115 (0.23 in two zones)
    "the smallest MySQL": ([_rds(engine="mysql", instanceClass="db.t3.micro", allocatedStorage=20)], {}, "14.71"),  # 12.41 + 2.30
    "MariaDB on Graviton": ([_rds(engine="mariadb", instanceClass="db.m6g.large")], {}, "122.46"),  # 110.96 + 11.50
    "SQL Server with its licence": ([_rds(engine="sqlserver-se", instanceClass="db.m5.xlarge")], {}, "905.02"),  # 893.52 + 11.50
    "io1 in two zones": (
        [_rds(engine="postgres", instanceClass="db.m6i.xlarge", storageType="io1", iops=3000, multiAz=True)], {}, "1144.76",  # 519.76 + 25 + 600
    ),
    "gp3 beyond what comes with 500 GB": (
        # 656.27 + 57.50 + 3,000 x 0.02 + 100 x 0.08
        [_rds(engine="postgres", instanceClass="db.r6g.2xlarge", storageType="gp3", allocatedStorage=500, iops=15_000, storageThroughput=600)], {}, "781.77",
    ),
    "a version in its third year of extended support": (
        [_rds(engine="mysql", engineVersion="5.7.44", instanceClass="db.t3.large", allocatedStorage=20)], {}, "393.58",  # 99.28 + 2.30 + 2 x 146
    ),
    "extended support of the standby too": (
        [_rds(engine="mysql", engineVersion="8.0", instanceClass="db.m5.large", multiAz=True)], {}, "564.66",  # 249.66 + 23 + 4 x 73
    ),
    "none where it is declined": (
        [_rds(engine="mysql", engineVersion="5.7", instanceClass="db.t3.micro", allocatedStorage=20, engineLifecycleSupport="open-source-rds-extended-support-disabled")], {}, "14.71",
    ),
    "none of a version in standard support": ([_rds(engine="postgres", engineVersion="16.4", instanceClass="db.t4g.micro")], {}, "23.18"),  # 11.68 + 11.50
    "a vCPU of the oldest sizes": (
        [_rds(engine="mysql", engineVersion="8.0.35", instanceClass="db.t2.small", allocatedStorage=20)], {}, "100.12",  # 24.82 + 2.30 + 73
    ),
    "advanced insights, which keep what they see": (
        [_rds(engine="postgres", instanceClass="db.r6i.large", databaseInsightsMode="advanced", performanceInsightsRetentionPeriod=465)], {}, "212.25",  # 182.50 + 11.50 + 18.25
    ),
    "a database that the world may reach": (
        [_rds(engine="mysql", instanceClass="db.t3.micro", allocatedStorage=20, publiclyAccessible=True)], {}, "18.36",  # 14.71 + 3.65
    ),
    # Aurora
    "Aurora MySQL": ([MYSQL, _in(MYSQL, "db.r6g.xlarge"), _in(MYSQL, "db.r6g.xlarge", "reader")], NO_STORAGE, "757.74"),  # 2 x 378.87
    "I/O-Optimized instances": ([OPTIMIZED, _in(OPTIMIZED, "db.r6i.large")], NO_STORAGE, "275.21"),  # 0.377
    "an old serverless one under advanced insights": (
        [OLD, _in(OLD, "db.serverless")], NO_STORAGE, "607.73",  # 2,920 x (0.12 + 0.085 + 0.003125)
    ),
    "DocumentDB": ([resource("aws:docdb/clusterInstance:ClusterInstance", instanceClass="db.r5.large")], {}, "202.21"),  # 0.277
    # caches
    "nodes of Memcached": ([resource("aws:elasticache/cluster:Cluster", engine="memcached", nodeType="cache.m5.large", numCacheNodes=3)], {}, "341.64"),  # 3 x 113.88
    "replicas of the one shard there is": (
        [resource("aws:elasticache/replicationGroup:ReplicationGroup", nodeType="cache.t4g.small", replicasPerNodeGroup=1)], {}, "46.72",  # 2 x 23.36
    ),
    # services by their nodes
    "OpenSearch with dedicated masters": (
        # 3 x 121.91 + 3 x 93.44 + 300 x 0.122
        [resource("aws:opensearch/domain:Domain", clusterConfig=SEARCH, ebsOptions={"ebsEnabled": True, "volumeSize": 100, "volumeType": "gp3"})], {}, "682.65",
    ),
    "Elasticsearch of one node": (
        # 26.28 + 10 x 0.135 (gp2)
        [resource("aws:elasticsearch/domain:Domain", clusterConfig={"instanceType": "t3.small.elasticsearch"}, ebsOptions={"ebsEnabled": True, "volumeSize": 10})], {}, "27.63",
    ),
    "Redshift": ([resource("aws:redshift/cluster:Cluster", nodeType="dc2.large", numberOfNodes=2)], {}, "365.00"),
    "a bundle of Lightsail": ([resource("aws:lightsail/instance:Instance", bundleId="small_3_0")], {}, "12.00"),
    "a pipeline": ([resource("aws:codepipeline/pipeline:Pipeline")], {}, "1.00"),
    "a directory": ([resource("aws:directoryservice/directory:Directory", type="MicrosoftAD", edition="Standard")], {}, "87.60"),  # 2 x 43.80
    "a third of its controllers": (
        [resource("aws:directoryservice/directory:Directory", type="MicrosoftAD", edition="Standard", desiredNumberOfDomainControllers=3)], {}, "131.40",
    ),
    "larger Kafka brokers": (
        [resource("aws:msk/cluster:Cluster", numberOfBrokerNodes=3, brokerNodeGroupInfo={"instanceType": "kafka.m7g.xlarge"})], {}, "893.52",  # 3 x 297.84
    ),
    # Kubernetes
    "a version past its standard support": ([resource("aws:eks/cluster:Cluster", version="1.31")], {}, "438.00"),  # 0.60 an hour
    "one that is updated instead": ([resource("aws:eks/cluster:Cluster", version="1.31", upgradePolicy={"supportType": "STANDARD"})], {}, "73.00"),
    "a present version": ([resource("aws:eks/cluster:Cluster", version="1.35")], {}, "73.00"),
    "a version that is long gone": ([resource("aws:eks/cluster:Cluster", version="1.24")], {}, "438.00"),
    "nodes of a template that leaves the root to the image": (
        # 2 x (70.08 + 1.60)
        [PRIVATE, NODE_TEMPLATE, resource("aws:eks/nodeGroup:NodeGroup", launchTemplate=another(NODE_TEMPLATE), scalingConfig={"desiredSize": 2}, subnetIds=another(PRIVATE))],
        {}, "143.36",
    ),
    # networks
    "a classic load balancer in two subnets": ([resource("aws:elb/loadBalancer:LoadBalancer", subnets=["a", "b"])], {}, "25.55"),  # 18.25 + 7.30
    "its traffic, on the way through and out": (
        # 1,048,576 answers of 100 KB are 100 GB: 0.80 + 9.00, and 18.25 + 3.65
        [resource("aws:elb/loadBalancer:LoadBalancer", subnets=["a"])], {"requests": {"idle": 1_048_576}, "responseKilobytes": {"idle": 100}}, "31.70",
    ),
    "a VPN": ([resource("aws:ec2/vpnConnection:VpnConnection", vpnGatewayId="vgw-1")], {}, "36.50"),
    "a VPN to a transit gateway": ([resource("aws:ec2/vpnConnection:VpnConnection", transitGatewayId="tgw-1")], {"transitGigabytes": {"idle": 500}}, "83.00"),  # 2 x 36.50 + 10
    "an attachment and what it sends": ([resource("aws:ec2transitgateway/vpcAttachment:VpcAttachment")], {"transitGigabytes": {"idle": 100}}, "38.50"),
    "a firewall in two subnets": (
        [resource("aws:networkfirewall/firewall:Firewall", subnetMappings=[{}, {}])], {"firewallGigabytes": {"idle": 100}}, "583.20",  # 2 x 288.35 + 6.50
    ),
    "all options of a health check outside AWS": (
        [resource("aws:route53/healthCheck:HealthCheck", type="HTTPS_STR_MATCH", requestInterval=10, measureLatency=True)], {}, "8.75",  # 0.75 + 4 x 2
    ),
    "a health check of what is in AWS": (
        [BALANCER, resource("aws:route53/healthCheck:HealthCheck", type="HTTPS", fqdn=another(BALANCER))], {}, "17.93",  # 16.425 + 0.50 + 1
    ),
    "queries to public zones only": (
        [resource("aws:route53/zone:Zone", "a"), resource("aws:route53/zone:Zone", "b", vpcs=[{"vpcId": "vpc-1"}])], {"dnsQueries": {"idle": 5_000_000}}, "3.00",  # 1 + 2
    ),
    "rules of a group and of the ACL that has it": (
        [GROUP, resource("aws:wafv2/webAcl:WebAcl", rules=[{"statement": {"ruleGroupReferenceStatement": {}}}])], {}, "11.00",  # 5 + 1 + 5
    ),
    "a cache of a REST API": ([resource("aws:apigateway/stage:Stage", cacheClusterEnabled=True, cacheClusterSize="0.5")], {}, "14.60"),
    "answers of a REST API, as AWS's example has them": (
        # 5,000,000 calls with answers of 3 KB: 17.50 + 14.31 GB x 0.09
        [resource("aws:apigateway/restApi:RestApi")], {"requests": {"idle": 5_000_000}, "responseKilobytes": {"idle": 3}}, "18.79",
    ),
    "answers beside a CDN that has only buckets behind it": (
        # 3.50 + 47.68 GB x 0.09, and of the CDN 47.68 GB x 0.085 + 1.00
        [resource("aws:apigateway/restApi:RestApi"), _cdn({"domainName": "a.s3.us-east-1.amazonaws.com"}, {"domainName": "b.s3-website-us-east-1.amazonaws.com", "customOriginConfig": {"httpPort": 80}})],
        {"requests": {"idle": 1_000_000}, "responseKilobytes": {"idle": 50}}, "12.84",
    ),
    "no answers to the internet where a CDN may stand ahead": (
        # 3.50 + 47.68 GB x 0.085 + 1.00
        [resource("aws:apigateway/restApi:RestApi"), _cdn({"domainName": "a.s3.us-east-1.amazonaws.com"}, {"domainName": {"$unknown": True}, "customOriginConfig": {"httpPort": 80}})],
        {"requests": {"idle": 1_000_000}, "responseKilobytes": {"idle": 50}}, "8.55",
    ),
    "no internet for a private one": (
        [resource("aws:apigateway/restApi:RestApi", endpointConfiguration={"types": "PRIVATE"})], {"requests": {"idle": 1_000_000}}, "3.50",
    ),
    "messages of a WebSocket API beyond a billion": (
        # 1,000 + 500 x 0.80 + 10 x 0.25
        [resource("aws:apigatewayv2/api:Api", protocolType="WEBSOCKET")], {"websocketMessages": {"idle": 1_500_000_000}, "websocketMinutes": {"idle": 10_000_000}}, "1402.50",
    ),
    "requests shared by HTTP and REST APIs, none for WebSockets": (
        # 1 million each: 1.00 + 3.50; nothing told of the third
        [resource("aws:apigatewayv2/api:Api", "http"), resource("aws:apigateway/restApi:RestApi"), resource("aws:apigatewayv2/api:Api", "ws", protocolType="WEBSOCKET")],
        {"requests": {"idle": 2_000_000}, "responseKilobytes": {"idle": 0}, "websocketMessages": {"idle": 0}, "websocketMinutes": {"idle": 0}}, "4.50",
    ),
    "requests to GraphQL": ([resource("aws:appsync/graphQLApi:GraphQLApi")], {"graphqlRequests": {"idle": 3_000_000}}, "12.00"),
    # streams and events
    "records of 30 KB are two units, kept for three days": (
        # 4 shards: 43.80 + 58.40; 200 million units: 2.80
        [resource("aws:kinesis/stream:Stream", shardCount=4, retentionPeriod=72)], {"streamRecords": {"idle": 100_000_000}, "recordKilobytes": {"idle": 30}}, "105.00",
    ),
    "records of half a KB are whole ones on demand": (
        # 104,857,600 KB are 100 GB: 29.20 + 8 + 4
        [resource("aws:kinesis/stream:Stream", streamModeDetails={"streamMode": "ON_DEMAND"})], {"streamRecords": {"idle": 104_857_600}, "recordKilobytes": {"idle": 0.5}}, "41.20",
    ),
    "records in whole 5 KB": (
        [resource("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream")], {"streamRecords": {"idle": 104_857_600}}, "14.50",  # 500 GB x 0.029
    ),
    "events on a bus": ([resource("aws:cloudwatch/eventBus:EventBus")], {"busEvents": {"idle": 2_000_000}}, "2.00"),
    "transitions": ([resource("aws:sfn/stateMachine:StateMachine")], {"stateTransitions": {"idle": 1_000_000}}, "25.00"),
    "flow logs to a bucket": (
        [resource("aws:ec2/flowLog:FlowLog", logDestinationType="s3")], {"flowLogGigabytes": {"idle": 100}}, "25.00",
    ),
    "deliveries to Firehose": (
        [resource("aws:sns/topicSubscription:TopicSubscription", protocol="firehose")], {"topicMessages": {"idle": 1_000_000}}, "0.19",
    ),
    "express workflows beyond 1,000 GB-hours": (
        # 10 + 100 million seconds with 64 MB: 6,250,000 GB-seconds, 3,600,000 x 0.00001667 + 2,650,000 x 0.00000833
        [resource("aws:sfn/stateMachine:StateMachine", type="EXPRESS")], {"workflowRuns": {"idle": 10_000_000}, "workflowSeconds": {"idle": 10}}, "92.09",
    ),
    "active users": ([resource("aws:cognito/userPool:UserPool")], {"activeUsers": {"idle": 50_000}}, "750.00"),
    "active users but those that are free": (
        [resource("aws:cognito/userPool:UserPool")], {"activeUsers": {"idle": 50_000}, "freeAllowances": True}, "600.00",
    ),
    "transitions but those that are free": (
        [resource("aws:sfn/stateMachine:StateMachine")], {"stateTransitions": {"idle": 420_000}, "freeAllowances": True}, "10.40",  # 416 x 0.025
    ),
    # others
    "an advanced parameter": ([resource("aws:ssm/parameter:Parameter", tier="Advanced")], {}, "0.05"),
    "concurrency that scales, at its least": (
        [READY, resource("aws:appautoscaling/target:Target", serviceNamespace="lambda", scalableDimension="lambda:function:ProvisionedConcurrency",
                         resourceId=another(READY), minCapacity=2, maxCapacity=10)], {}, "21.90",  # 2 x 2,628,000 x 0.0000041667
    ),
    "an analyzer of access from outside": ([resource("aws:accessanalyzer/analyzer:Analyzer", type="ORGANIZATION")], {}, "0.00"),
    "calls on concurrency that is kept ready": (
        # 2,628,000 s x 0.0000041667 = 10.95; 500,000 of them at 0.0000097222 = 4.86; 1.00
        [READY, KEPT], {"functionCalls": {"idle": 5_000_000}}, "16.81",
    ),
    "calls beyond it at the regular price": (
        # 10.95 + 2,628,000 x 0.0000097222 = 25.55 + 372,000 x 0.0000166667 = 6.20 + 6.00
        [READY, KEPT], {"functionCalls": {"idle": 30_000_000}}, "48.70",
    ),
}  # fmt: skip


@for_each("stack, section, usd", CASES.values(), name=CASES)
def test_a_service_costs_what_a_hand_works_out(stack: Stack, section: dict[str, Any], usd: str) -> None:
    found = cost(*stack, **section)
    assert found["unpriced"] == []
    assert float(found["total"]["idle"]) == pytest.approx(float(usd), abs=0.011)


UNPRICED: dict[str, tuple[Stack, str, str]] = {
    "a licence of one's own": ([_rds(engine="oracle-se2", licenseModel="bring-your-own-license", instanceClass="db.t3.large")], "oracle-se2.byol", "11.50"),
    "requests to magnetic storage": ([_rds(engine="mysql", instanceClass="db.t3.small", storageType="standard")], "magnetic", "34.82"),  # 24.82 + 10
    "managed storage of RA3": ([resource("aws:redshift/cluster:Cluster", nodeType="ra3.xlplus")], "managed storage", "792.78"),
    "what brokers keep": (
        [resource("aws:mq/broker:Broker", engineType="RabbitMQ", hostInstanceType="mq.m5.large", deploymentMode="CLUSTER_MULTI_AZ")], "keep", "630.72",  # 3 x 210.24
    ),
    "what the database of Airflow keeps": (
        [resource("aws:mwaa/environment:Environment", environmentClass="mw1.medium", minWorkers=2)], "keeps", "620.50",  # 540.20 + 80.30
    ),
    "what App Runner does beside waiting with 4 GB": (
        [resource("aws:apprunner/service:Service", instanceConfiguration={"memory": "4 GB"})], "answers", "20.44",  # 4 x 730 x 0.007
    ),
    "the same in MB": ([resource("aws:apprunner/service:Service", instanceConfiguration={"memory": "4096"})], "answers", "20.44"),
    "minutes of a pipeline": ([resource("aws:codepipeline/pipeline:Pipeline", pipelineType="V2")], "minutes", "0.00"),
    "traffic under Shield": ([resource("aws:shield/subscription:Subscription")], "traffic", "3000.00"),
    "certificates that an authority issues": ([resource("aws:acmpca/certificateAuthority:CertificateAuthority")], "certificates", "400.00"),
    "what is transferred by three protocols": ([resource("aws:transfer/server:Server", protocols=["SFTP", "FTPS", "FTP"])], "transferred", "657.00"),
    "a firewall in subnets that nobody knows": ([resource("aws:networkfirewall/firewall:Firewall")], "subnets", "0.00"),
    "traffic of a gateway load balancer in three zones": (
        [resource("aws:lb/loadBalancer:LoadBalancer", loadBalancerType="gateway", subnets=["a", "b", "c"])], "traffic", "27.38",
    ),
    "transitions that nobody tells": ([resource("aws:sfn/stateMachine:StateMachine")], "preflight:usage may say them", "0.00"),
    "runs of express workflows": ([resource("aws:sfn/stateMachine:StateMachine", type="EXPRESS")], "runs of workflows", "0.00"),
    "a cheaper tier of user pools": ([resource("aws:cognito/userPool:UserPool", userPoolTier="LITE")], "Lite", "0.00"),
    "extended support of Redis 5": (
        [resource("aws:elasticache/cluster:Cluster", engine="redis", engineVersion="5.0.6", nodeType="cache.t3.micro")], "extended support", "12.41",
    ),
    "extended support of Elasticsearch": (
        [resource("aws:opensearch/domain:Domain", engineVersion="Elasticsearch_7.4", clusterConfig={"instanceType": "t3.small.search"})], "extended support", "26.28",
    ),
    "extended support of OpenSearch": (
        [resource("aws:opensearch/domain:Domain", engineVersion="OpenSearch_2.5", clusterConfig={"instanceType": "t3.small.search"})], "extended support", "26.28",
    ),
    "replicas that scaling adds": (
        [resource("aws:appautoscaling/target:Target", serviceNamespace="rds", scalableDimension="rds:cluster:ReadReplicaCount", minCapacity=1, maxCapacity=5)],
        "rds:cluster:ReadReplicaCount", "0.00",
    ),
    "capacity units that are reserved": (
        [resource("aws:lb/loadBalancer:LoadBalancer", internal=True, minimumLoadBalancerCapacity={"capacityUnits": 500})], "reserved", "16.43",
    ),
    "a control plane of a larger tier": (
        [resource("aws:eks/cluster:Cluster", version="1.35", controlPlaneScalingConfig={"tier": "tier-xl"})], "provisioned control plane", "73.00",
    ),
    "what an analyzer of unused access looks at": (
        [resource("aws:accessanalyzer/analyzer:Analyzer", type="ACCOUNT_UNUSED_ACCESS")], "looks at", "0.00",
    ),
    "records kept for a month": ([resource("aws:kinesis/stream:Stream", shardCount=1, retentionPeriod=720)], "records", "25.55"),  # 10.95 + 14.60
}  # fmt: skip


@for_each("stack, why, usd", UNPRICED.values(), name=UNPRICED)
def test_what_of_a_service_has_no_price_is_named_beside_the_rest(stack: Stack, why: str, usd: str) -> None:
    found = cost(*stack)
    assert any(why in each["why"] for each in found["unpriced"])
    assert float(found["total"]["idle"]) == pytest.approx(float(usd), abs=0.006)


def test_a_figure_that_is_told_for_one_profile_is_nothing_in_the_others() -> None:
    found = cost(resource("aws:sfn/stateMachine:StateMachine"), stateTransitions={"peak": 1_000_000})
    assert found["total"] == {"idle": "0.00", "expected": "0.00", "peak": "25.00"}
    assert found["unpriced"] == []


def test_a_replica_of_a_table_is_paid_in_its_region() -> None:
    table = resource("aws:dynamodb/table:Table", billingMode="PAY_PER_REQUEST", replicas=[{"regionName": "ap-south-1"}])
    found = cost(table, tableWrites={"idle": 1_000_000}, tableGigabytes={"idle": 0})
    assert found["total"]["idle"] == "1.34"  # 0.625 here, 0.71 there
    assert found["prices"]["fromElsewhere"] == ["dynamodb.storage.standard"], "which is not in that catalogue"
    assert [each["why"] for each in found["unpriced"]] == ["how much is transferred to the replicas is not asked for"]


def test_capacity_of_a_replica_is_that_of_the_table_with_its_indexes() -> None:
    table = resource(
        "aws:dynamodb/table:Table", readCapacity=10, writeCapacity=5, replicas=[{"regionName": "us-west-2"}],
        globalSecondaryIndexes=[{"readCapacity": 2, "writeCapacity": 1}],
    )  # fmt: skip
    assert counted(cost(table)) == {"dynamodb.provisioned.rcu_hour": "17520", "dynamodb.provisioned.wcu_hour": "8760"}


def _image(identity: str, *names: str, owner: str = "amazon") -> dict[str, Any]:
    arguments = {"owners": [owner], "filters": [{"name": "name", "values": list(names)}]}
    return {"token": "aws:ec2/getAmi:getAmi", "args": arguments, "result": {"id": identity, "name": "stand-in"}}


VPC = {"token": "aws:ec2/getVpc:getVpc", "args": {"default": True}, "result": {"id": "vpc-d", "default": True}}
SUBNETS = {
    "token": "aws:ec2/getSubnets:getSubnets", "args": {"filters": [{"name": "vpc-id", "values": ["vpc-d"]}]},
    "result": {"ids": ["subnet-1", "subnet-2"]},
}  # fmt: skip


def _of(lookups: Stack, *stack: dict[str, Any]) -> dict[str, Any]:
    return estimate.estimate(stack, usage.defaults(), "us-east-1", lookups)


def _server(**inputs: Any) -> dict[str, Any]:
    return resource(
        "aws:ec2/instance:Instance", **{"instanceType": "t3.medium", "associatePublicIpAddress": False, **inputs}
    )


@pytest.mark.parametrize(
    ("name", "meter", "usd"),
    [
        ("Windows_Server-2022-English-Full-Base-*", "ec2.windows.t3.medium.hour", "46.20"),  # 43.80 + 30 GB
        ("al2023-ami-*-x86_64", "ec2.linux.t3.medium.hour", "31.01"),  # 30.368 + 8 GB
    ],
)
def test_what_runs_on_an_image_is_known_by_the_name_it_was_looked_up_by(name: str, meter: str, usd: str) -> None:
    found = _of([_image("ami-1", name)], _server(ami="ami-1"))
    assert meter in counted(found)
    assert (found["total"]["idle"], found["unpriced"]) == (usd, [])
    assert "ec2.linux.t3.medium.hour" in counted(_of([], _server(ami="ami-1"))), "nobody says what it is"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("RHEL-9*", "ec2.rhel.t3.medium.hour"),
        ("suse-sles-15*", "ec2.suse.t3.medium.hour"),
        ("Windows_Server-2022-English-Full-SQL_2022_Standard-*", "ec2.windows_sql.t3.medium.hour"),
    ],
)
def test_a_system_without_a_price_is_not_counted_as_linux(name: str, why: str) -> None:
    found = _of([_image("ami-1", name)], _server(ami="ami-1"))
    assert any(why in each["why"] for each in found["unpriced"])
    assert not any(".linux." in meter for meter in counted(found))


def test_what_the_marketplace_takes_is_named() -> None:
    found = _of([_image("ami-1", "router-*", owner="aws-marketplace")], _server(ami="ami-1"))
    assert [each["why"] for each in found["unpriced"]] == ["what the marketplace takes for its image is not known"]
    assert found["total"]["idle"] == "31.01"


def test_subnets_of_the_default_vpc_give_addresses_and_others_are_asked_about() -> None:
    public = _of([VPC, SUBNETS], _server(associatePublicIpAddress=None, subnetId="subnet-1"))
    assert counted(public)["ipv4.public.in_use.hour"] == "730"
    other = _of([SUBNETS], _server(associatePublicIpAddress=None, subnetId="subnet-1"))
    assert "ipv4.public.in_use.hour" not in counted(other)
    assert [each["why"] for each in other["unpriced"]] == ["whether its subnet gives it a public address is not known"]


def test_an_image_for_ecs_has_a_larger_root() -> None:
    name = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
    lookup = {"token": "aws:ssm/getParameter:getParameter", "args": {"name": name}, "result": {"value": "ami-1"}}
    assert counted(_of([lookup], _server(ami="ami-1")))["ebs.gp3.storage"] == "30"
    sized = _server(ami="ami-1", rootBlockDevice={"volumeSize": 50})
    assert counted(_of([lookup], sized))["ebs.gp3.storage"] == "50", "the program says otherwise"


def test_a_price_that_is_used_at_home_and_elsewhere_is_named() -> None:
    keys = [resource("aws:kms/key:Key", region, region=region) for region in ("sa-east-1", "us-east-1")]
    assert cost(*keys)["prices"]["fromElsewhere"] == ["kms.key", "kms.requests"]


def test_a_lookup_that_says_little_says_nothing_of_images() -> None:
    asked = Asked(
        [{"token": "aws:ec2/getAmi:getAmi", "args": None, "result": None}, {"token": "aws:ec2/getSubnets:getSubnets"}]
    )
    assert asked.system("ami-1") is None and asked.public("subnet-1") is None and not asked.sold({"$unknown": True})


def test_the_estimate_of_a_program_knows_what_it_looked_up(project: Project) -> None:
    project.write(
        "__main__.py",
        """
        import pulumi_aws as aws

        image = aws.ec2.get_ami(most_recent=True, owners=["amazon"], filters=[
            {"name": "name", "values": ["Windows_Server-2022-English-Full-Base-*"]}])
        network = aws.ec2.get_vpc(default=True)
        subnets = aws.ec2.get_subnets(filters=[{"name": "vpc-id", "values": [network.id]}])
        aws.ec2.Instance("web", ami=image.id, instance_type="m5.large", subnet_id=subnets.ids[0])
        """,
    )
    found = project.report()["stacks"]["dev"]["cost"]
    assert found["unpriced"] == []
    assert {"ec2.windows.m5.large.hour", "ipv4.public.in_use.hour"} <= counted(found).keys()
