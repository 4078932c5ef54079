"""What each kind of resource counts, against quantities and sums worked out by hand (730 hours, prices of us-east-1)."""

from typing import Any

import pytest

from tests.gathered import for_each
from tests.preflight.cost.stacks import another, cost, counted, resource

TASK = resource(
    "aws:ecs/taskDefinition:TaskDefinition", "task", cpu="512", memory="1024", requiresCompatibilities=["FARGATE"],
    runtimePlatform={"cpuArchitecture": "ARM64"},
)  # fmt: skip


def _service(**inputs: Any) -> dict[str, Any]:
    return resource("aws:ecs/service:Service", "service", taskDefinition=another(TASK), **inputs)


def _scaled(service: dict[str, Any], least: int, most: int) -> dict[str, Any]:
    return resource(
        "aws:appautoscaling/target:Target", "count", minCapacity=least, maxCapacity=most, serviceNamespace="ecs",
        scalableDimension="ecs:service:DesiredCount", resourceId=another(service),
    )  # fmt: skip


FARGATE = _service(launchType="FARGATE", desiredCount=3)
COUNT = _scaled(FARGATE, 2, 10)
MIXED = _service(
    capacityProviderStrategies=[
        {"capacityProvider": "FARGATE", "base": 1, "weight": 1},
        {"capacityProvider": "FARGATE_SPOT", "base": 0, "weight": 3},
    ],
    desiredCount=5,
)
SOURCE = resource(
    "aws:rds/instance:Instance", "source", engine="postgres", instanceClass="db.m7g.large", storageType="gp3",
    allocatedStorage=100, backupRetentionPeriod=7,
)  # fmt: skip
TEMPLATE = resource(
    "aws:ec2/launchTemplate:LaunchTemplate", "template", instanceType="m7g.large",
    blockDeviceMappings=[{"deviceName": "/dev/xvda", "ebs": {"volumeType": "gp3", "volumeSize": 30, "iops": 4000}}],
)  # fmt: skip
SUBNET = resource("aws:ec2/subnet:Subnet", "private")
SCALED_GROUP = resource(
    "aws:autoscaling/group:Group", "group", minSize=2, maxSize=4, launchTemplate=another(TEMPLATE),
    vpcZoneIdentifiers=another(SUBNET),
)  # fmt: skip
SERVERLESS = resource(
    "aws:rds/cluster:Cluster", "db", engine="aurora-postgresql", manageMasterUserPassword=True,
    serverlessv2ScalingConfiguration={"minCapacity": 0.5, "maxCapacity": 8},
)  # fmt: skip
PAUSING = resource(
    "aws:rds/cluster:Cluster", "db", engine="aurora-postgresql",
    serverlessv2ScalingConfiguration={"minCapacity": 0, "maxCapacity": 4, "secondsUntilAutoPause": 300},
)  # fmt: skip
FLOW_GROUP = resource("aws:cloudwatch/logGroup:LogGroup", "flows", retentionInDays=30)
LISTENER_OF = resource("aws:lb/loadBalancer:LoadBalancer", "lb", subnets=["a", "b"], internal=False)
LISTENER = resource("aws:lb/listener:Listener", "https", loadBalancerArn=another(LISTENER_OF))
RULES = [resource("aws:lb/listenerRule:ListenerRule", f"rule-{n}", listenerArn=another(LISTENER)) for n in range(60)]
DEAD = resource("aws:sqs/queue:Queue", "dead")

CASES: dict[str, tuple[list[dict[str, Any]], dict[str, Any], str, dict[str, str]]] = {
    "three tasks as desired": ([FARGATE, TASK], {}, "idle", {
        "fargate.arm.vcpu_hour": "1095", "fargate.arm.gb_hour": "2190",  # 3 x 730 x 0.5 vCPU, x 1 GB
    }),
    "the least number of tasks while idle": ([FARGATE, TASK, COUNT], {}, "idle", {
        "fargate.arm.vcpu_hour": "730", "fargate.arm.gb_hour": "1460",  # 2 tasks
    }),
    "the most number of tasks at peak": ([FARGATE, TASK, COUNT], {}, "peak", {
        "fargate.arm.vcpu_hour": "3650", "fargate.arm.gb_hour": "7300",  # 10 tasks
    }),
    "between them by load": ([FARGATE, TASK, COUNT], {"load": {"expected": 0.5}}, "expected", {
        "fargate.arm.vcpu_hour": "2190", "fargate.arm.gb_hour": "4380",  # 2 + 8 x 0.5 = 6 tasks
    }),
    "Spot at the regular price unless a discount is assumed": ([MIXED, TASK], {}, "idle", {
        "fargate.arm.vcpu_hour": "1825", "fargate.arm.gb_hour": "3650",  # 5 tasks
    }),
    "Spot less a discount, but the base is not on Spot": ([MIXED, TASK], {"spotDiscount": 0.7}, "idle", {
        # base 1, the other 4: 1 regular, 3 Spot. 2 + 3 x 0.3 = 2.9 tasks
        "fargate.arm.vcpu_hour": "1058.5", "fargate.arm.gb_hour": "2117",
    }),
    "public addresses of tasks": ([_service(launchType="FARGATE", desiredCount=1, networkConfiguration={"assignPublicIp": True}), TASK], {}, "idle", {
        "fargate.arm.vcpu_hour": "365", "fargate.arm.gb_hour": "730", "ipv4.public.in_use.hour": "730",
    }),
    "no Fargate hours for a service on instances": ([_service(launchType="EC2", desiredCount=4), TASK], {}, "peak", {}),
    "a group of instances with its volumes, at its most": (
        [TEMPLATE, SUBNET, SCALED_GROUP, resource("aws:autoscaling/policy:Policy", autoscalingGroupName=another(SCALED_GROUP))],
        {}, "peak",
        {"ec2.linux.m7g.large.hour": "2920", "ebs.gp3.storage": "120", "ebs.gp3.iops": "4000"},
    ),
    "Spot instances less a discount, the base and what is not on Spot in full": (
        [TEMPLATE, SUBNET, resource(
            "aws:autoscaling/group:Group", "group", minSize=1, maxSize=5, desiredCapacity=5, vpcZoneIdentifiers=another(SUBNET),
            mixedInstancesPolicy=another(TEMPLATE, value={
                "instancesDistribution": {"onDemandBaseCapacity": 1, "onDemandPercentageAboveBaseCapacity": 25},
                "launchTemplate": {"launchTemplateSpecification": {"version": "1"}},
            }),
        )],
        {"spotDiscount": 0.7}, "peak",
        # base 1, the other 4: 1 regular, 3 Spot. 2 + 3 x 0.3 = 2.9 instances
        {"ec2.linux.m7g.large.hour": "2117", "ebs.gp3.storage": "150", "ebs.gp3.iops": "5000"},
    ),
    "an instance with a root volume of the image's size": (
        [resource("aws:ec2/instance:Instance", instanceType="t3.micro", associatePublicIpAddress=True)], {}, "idle",
        {"ec2.linux.t3.micro.hour": "730", "ebs.gp3.storage": "8", "ipv4.public.in_use.hour": "730"},
    ),
    "a serverless database at its least": (
        [SERVERLESS, resource("aws:rds/clusterInstance:ClusterInstance", engine="aurora-postgresql", instanceClass="db.serverless", clusterIdentifier=another(SERVERLESS))],
        {}, "idle",
        {"aurora.postgres.serverless_v2.standard.acu_hour": "365", "aurora.storage.standard": "10", "secrets_manager.secret": "1"},
    ),
    "nothing for a database that sleeps": (
        [PAUSING, resource("aws:rds/clusterInstance:ClusterInstance", engine="aurora-postgresql", instanceClass="db.serverless", clusterIdentifier=another(PAUSING))],
        {}, "idle", {"aurora.storage.standard": "10"},
    ),
    "at least half a unit for one that wakes up": (
        [PAUSING, resource("aws:rds/clusterInstance:ClusterInstance", engine="aurora-postgresql", instanceClass="db.serverless", clusterIdentifier=another(PAUSING))],
        {"load": {"idle": 0}, "databaseHours": {"idle": 100}, "databaseGigabytes": {"idle": 0}}, "idle",
        {"aurora.postgres.serverless_v2.standard.acu_hour": "50"},
    ),
    "a Multi-AZ database of 400 GB has 12,000 IOPS": (
        [resource("aws:rds/instance:Instance", engine="postgres", instanceClass="db.m7g.large", multiAz=True, storageType="gp3", allocatedStorage=400, iops=14000)],
        {}, "idle",
        {"rds.postgres.db.m7g.large.multi_az.hour": "730", "rds.gp3.storage.multi_az": "400", "rds.gp3.iops.multi_az": "2000"},
    ),
    "a replica has the storage of its source and no backups": (
        [SOURCE, resource("aws:rds/instance:Instance", "reader", replicateSourceDb=another(SOURCE), instanceClass="db.m7g.large", storageType="gp3")],
        {"backupGigabytes": {"idle": 5}}, "idle",
        {"rds.postgres.db.m7g.large.single_az.hour": "1460", "rds.gp3.storage.single_az": "200", "rds.backup.storage": "5"},
    ),
    "nodes of every shard": (
        [resource("aws:elasticache/replicationGroup:ReplicationGroup", engine="valkey", nodeType="cache.r7g.large", numNodeGroups=3, replicasPerNodeGroup=1)],
        {}, "idle", {"elasticache.valkey.cache.r7g.large.hour": "4380"},  # 6 nodes
    ),
    "the least a serverless cache is charged for": (
        [resource("aws:elasticache/serverlessCache:ServerlessCache", engine="valkey")], {}, "idle",
        {"elasticache.serverless.valkey.data": "73"},  # 0.1 GB
    ),
    "an interface endpoint in each zone": (
        [resource("aws:ec2/vpcEndpoint:VpcEndpoint", vpcEndpointType="Interface", subnetIds=[{"$unknown": True}] * 3)], {}, "idle",
        {"vpc_endpoint.interface.hour": "2190"},
    ),
    "nothing for a gateway endpoint": ([resource("aws:ec2/vpcEndpoint:VpcEndpoint")], {}, "peak", {}),
    "two NAT gateways share the traffic": (
        [resource("aws:ec2/natGateway:NatGateway", name) for name in ("a", "b")], {"natGigabytes": {"idle": 80}}, "idle",
        {"nat_gateway.hour": "1460", "nat_gateway.data_processed": "80"},
    ),
    "a regional NAT gateway in each listed zone": (
        [resource("aws:ec2/natGateway:NatGateway", availabilityMode="regional", availabilityZoneAddresses=[{}, {}, {}])], {}, "idle",
        {"nat_gateway.hour": "2190"},
    ),
    "public addresses in each subnet of a load balancer": ([LISTENER_OF], {}, "idle", {
        "alb.hour": "730", "ipv4.public.in_use.hour": "1460",
    }),
    "no public address for an internal one": (
        [resource("aws:lb/loadBalancer:LoadBalancer", internal=True, subnets=["a", "b", "c"])], {}, "idle", {"alb.hour": "730"}
    ),
    "rule evaluations where they need the most units": (
        # 2,628,000,000 requests a month are 1,000 a second; 50 rules count: 50 units. Bytes and connections: none.
        [LISTENER_OF, LISTENER, *RULES], {"requests": {"idle": 2_628_000_000}, "responseKilobytes": {"idle": 0}}, "idle",
        {"alb.hour": "730", "alb.lcu_hour": "36500", "ipv4.public.in_use.hour": "1460"},
    ),
    "a table's capacity with its indexes": (
        [resource("aws:dynamodb/table:Table", billingMode="PROVISIONED", readCapacity=5, writeCapacity=2, globalSecondaryIndexes=[{"readCapacity": 5, "writeCapacity": 1}])],
        {}, "idle", {"dynamodb.provisioned.rcu_hour": "7300", "dynamodb.provisioned.wcu_hour": "2190"},
    ),
    "requests of an on-demand table, and recovery": (
        [resource("aws:dynamodb/table:Table", billingMode="PAY_PER_REQUEST", pointInTimeRecovery={"enabled": True})],
        {"tableWrites": {"idle": 1000}, "tableGigabytes": {"idle": 3}}, "idle",
        {"dynamodb.on_demand.write_request_units": "1000", "dynamodb.storage.standard": "3", "dynamodb.pitr.storage": "3"},
    ),
    "three calls a message, none for dead letters": (
        [DEAD, resource("aws:sqs/queue:Queue", "work", redrivePolicy=another(DEAD))], {"queueMessages": {"idle": 10}}, "idle",
        {"sqs.standard.requests": "30"},
    ),
    "flow logs at the price of vended ones, kept a month": (
        [FLOW_GROUP, resource("aws:ec2/flowLog:FlowLog", logDestination=another(FLOW_GROUP))], {"flowLogGigabytes": {"idle": 73}}, "idle",
        {"cloudwatch.logs.ingest.vended": "73", "cloudwatch.logs.storage": "72"},  # 30 of 30.4 days
    ),
    "every metric of an alarm": (
        [resource("aws:cloudwatch/metricAlarm:MetricAlarm", metricQueries=[{"expression": "a/b"}, {"metric": {"period": 60}}, {"metric": {"period": 60}}])],
        {}, "idle", {"cloudwatch.alarm.standard": "2"},
    ),
    "an alarm every ten seconds": (
        [resource("aws:cloudwatch/metricAlarm:MetricAlarm", metricName="m", period=10)], {}, "idle", {"cloudwatch.alarm.high_resolution": "1"}
    ),
    "a task that a schedule starts each day": (
        [TASK, resource("aws:scheduler/schedule:Schedule", scheduleExpression="cron(0 3 * * ? *)", target=another(TASK, value={"ecsParameters": {"launchType": "FARGATE"}}))],
        {"jobMinutes": {"idle": 12}}, "idle",
        # 365 / 12 runs of 12 minutes = 6.0833 hours
        {"eventbridge.scheduler.invocations": "30.4167", "fargate.arm.vcpu_hour": "3.0417", "fargate.arm.gb_hour": "6.0833"},
    ),
    "calls of a function in whole milliseconds": (
        [resource("aws:lambda/function:Function", memorySize=512, architectures=["arm64"], ephemeralStorage={"size": 1024})],
        {"functionCalls": {"idle": 1000}, "functionMilliseconds": {"idle": 99.2}}, "idle",
        {"lambda.requests": "1000", "lambda.arm.duration": "50", "lambda.ephemeral_storage": "50"},
    ),
    "rules of a firewall and Bot Control": (
        [resource("aws:wafv2/webAcl:WebAcl", rules=[{"statement": {"managedRuleGroupStatement": {"name": "AWSManagedRulesBotControlRuleSet"}}}, {}])],
        {}, "idle", {"waf.web_acl": "1", "waf.rule": "2", "waf.bot_control.month": "1"},
    ),
    "a secret and its replicas": (
        [resource("aws:secretsmanager/secret:Secret", replicas=[{"region": "eu-west-1"}])], {}, "idle", {"secrets_manager.secret": "2"}
    ),
    "brokers with their storage": (
        [resource("aws:msk/cluster:Cluster", numberOfBrokerNodes=3, brokerNodeGroupInfo={"instanceType": "kafka.m5.large", "storageInfo": {"ebsStorageInfo": {"volumeSize": 100}}})],
        {}, "idle", {"msk.provisioned.kafka.m5.large.hour": "2190", "msk.provisioned.storage": "300"},
    ),
}  # fmt: skip


@for_each("stack, section, profile, expected", CASES.values(), name=CASES)
def test_a_resource_counts_what_aws_counts(
    stack: list[dict[str, Any]], section: dict[str, Any], profile: str, expected: dict[str, str]
) -> None:
    found = cost(*stack, **section)
    assert counted(found, profile) == expected
    assert found["unpriced"] == []


def test_a_sleeping_service_is_charged_for_its_days_only() -> None:
    schedules = [
        resource(
            "aws:appautoscaling/scheduledAction:ScheduledAction", name, schedule=when, timezone="America/New_York",
            scalableDimension="ecs:service:DesiredCount", resourceId=another(COUNT),
            scalableTargetAction={"minCapacity": tasks, "maxCapacity": tasks},
        )
        for name, when, tasks in (("up", "cron(0 8 ? * MON-FRI *)", 1), ("down", "cron(0 18 ? * MON-FRI *)", 0))
    ]  # fmt: skip
    found = counted(cost(FARGATE, TASK, COUNT, *schedules))
    # 50 of 168 hours a week: 730 x 50 / 168 = 217.2619 hours of one task, half a vCPU
    assert float(found["fargate.arm.vcpu_hour"]) == pytest.approx(108.631, abs=0.001)


def test_container_insights_count_by_the_hour_and_less_while_nothing_runs() -> None:
    cluster = resource(
        "aws:ecs/cluster:Cluster", "cluster", settings=[{"name": "containerInsights", "value": "enabled"}]
    )
    awake = _service(launchType="FARGATE", desiredCount=1, cluster=another(cluster))
    asleep = _service(launchType="FARGATE", desiredCount=0, cluster=another(cluster))
    meter = "cloudwatch.metric.custom"
    assert counted(cost(cluster, awake, TASK))[meter] == "38"  # 3 + 5 always, 3 x 10 while a task runs
    assert counted(cost(cluster, asleep, TASK))[meter] == "8"
    plain = resource("aws:ecs/cluster:Cluster", "cluster")
    assert meter not in counted(cost(plain, awake, TASK))


@pytest.mark.parametrize(("scales_in", "alarms"), [(True, "2"), (False, "1")])
def test_target_tracking_is_charged_for_the_alarms_it_makes(scales_in: bool, alarms: str) -> None:
    config = {"targetValue": 50, "disableScaleIn": not scales_in}
    policy = resource("aws:appautoscaling/policy:Policy", targetTrackingScalingPolicyConfiguration=config)
    assert counted(cost(policy)) == {"cloudwatch.alarm.standard": alarms}
    assert counted(cost(resource("aws:appautoscaling/policy:Policy", stepScalingPolicyConfiguration={}))) == {}


def test_old_names_of_types_are_rated_like_the_new_ones() -> None:
    old = resource("aws:alb/loadBalancer:LoadBalancer", subnets=["a", "b"])
    assert counted(cost(old)) == {"alb.hour": "730", "ipv4.public.in_use.hour": "1460"}


UNPRICED: dict[str, tuple[list[dict[str, Any]], str]] = {
    "a type that nobody rates": ([resource("aws:emr/cluster:Cluster")], "this type is not priced"),
    "a type of another provider": ([resource("gcp:storage/bucket:Bucket")], "this type is not priced"),
    "an instance type without a price": (
        [resource("aws:ec2/instance:Instance", instanceType="u-12tb1.metal")],
        "no list price of ec2.linux.u-12tb1.metal.hour is known",
    ),
    "an engine without a price": (
        [resource("aws:rds/instance:Instance", engine="oracle-ee", instanceClass="db.t3.large", allocatedStorage=20)],
        "no list price of rds.oracle-ee.db.t3.large.single_az.hour is known",
    ),
    "a task definition from elsewhere": (
        [resource("aws:ecs/service:Service", launchType="FARGATE", taskDefinition="family:3", desiredCount=1)],
        "its task definition family:3 is not in this program",
    ),
    "a size that is not known": (
        [resource("aws:rds/instance:Instance", engine="postgres", instanceClass="db.t4g.micro", allocatedStorage={"$unknown": True})],
        "allocatedStorage is not known",
    ),
}  # fmt: skip


@for_each("stack, why", UNPRICED.values(), name=UNPRICED)
def test_what_has_no_price_is_listed_with_the_reason_and_never_zero(stack: list[dict[str, Any]], why: str) -> None:
    found = cost(*stack)
    assert [entry["urn"] for entry in found["unpriced"]] == [stack[0]["urn"]]
    assert why in found["unpriced"][0]["why"]
    assert "0.00" not in [each["usd"]["peak"] for each in found["resources"]]
