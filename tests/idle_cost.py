"""What a recorded stack costs in a month in which nobody uses it, by list price, line by line.

Quantities are counted in the recorded resources; what an idle stack stores and writes down is an estimate, and says so.
Free allowances of the account count as the stack's own.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from settings import schedules

Resource = Mapping[str, Any]
_TABLE = json.loads(Path(__file__).with_name("prices.json").read_text(encoding="utf-8"))
PRICES: Mapping[str, float] = _TABLE["prices"]
MACHINES: Mapping[str, float] = _TABLE["machines"]
SOURCE: str = _TABLE["source"]
HOURS = 730  # of a month
# Fargate Spot has a market price and no list price; about a third of the regular one in all of 2026.
SPOT = 0.3
FREE_ALARM_METRICS, FREE_CUSTOM_METRICS, FREE_DASHBOARDS = 10, 10, 3
# Metrics of Container Insights (ECS guide, read 2026-11): with tasks, for the cluster, each service and each family of
# tasks; all day, for the cluster and each service.
INSIGHTS_BUSY, INSIGHTS_CLUSTER, INSIGHTS_SERVICE = 10, 3, 5
# What an idle stack stores and writes in a month, in GB: flow logs of health checks and of the machine that translates
# addresses; what tasks say; the empty database; one small image.
LOGS_GB, DATABASE_GB, IMAGE_GB = 1.0, 1.0, 0.1
NAT_DISK_GB = 8
# Types that cost nothing while nobody uses them, or nothing at all.
_FREE = """
    acm/certificate acm/certificateValidation appautoscaling/policy appautoscaling/scheduledAction appautoscaling/target
    autoscaling/lifecycleHook autoscaling/policy autoscaling/schedule cloudwatch/eventRule cloudwatch/eventTarget
    cloudwatch/logGroup ec2/defaultRouteTable ec2/defaultSecurityGroup ec2/egressOnlyInternetGateway ec2/flowLog
    ec2/internetGateway ec2/launchTemplate ec2/networkAcl ec2/networkAclRule ec2/networkInterface ec2/route
    ec2/routeTable ec2/routeTableAssociation ec2/securityGroup ec2/subnet ec2/vpc ecr/lifecyclePolicy
    ecs/capacityProvider ecs/cluster ecs/clusterCapacityProviders ecs/taskDefinition iam/instanceProfile iam/role
    iam/rolePolicy iam/rolePolicyAttachment kms/alias lambda/alias lambda/eventSourceMapping lambda/function
    lambda/functionEventInvokeConfig lambda/permission lb/listener lb/listenerRule lb/targetGroup
    lb/targetGroupAttachment rds/clusterParameterGroup rds/parameterGroup rds/subnetGroup route53/record s3/bucket
    s3/bucketLifecycleConfiguration s3/bucketLogging s3/bucketNotification s3/bucketOwnershipControls s3/bucketPolicy
    s3/bucketPublicAccessBlock s3/bucketServerSideEncryptionConfiguration s3/bucketVersioning scheduler/schedule
    scheduler/scheduleGroup secretsmanager/secretVersion servicediscovery/httpNamespace sns/topic sns/topicPolicy
    sns/topicSubscription sqs/queue sqs/queuePolicy sqs/redriveAllowPolicy ssm/parameter vpc/securityGroupEgressRule
    vpc/securityGroupIngressRule
"""
FREE = frozenset(_FREE.split())
_PRICED = """
    autoscaling/group cloudwatch/dashboard cloudwatch/metricAlarm ec2/eip ec2/natGateway ec2/vpcEndpoint ecr/repository
    ecs/service kms/key lb/loadBalancer rds/cluster rds/clusterInstance secretsmanager/secret
"""
PRICED = frozenset(_PRICED.split())


@dataclass(frozen=True)
class Line:
    """One line of the sum: `quantity` of something at `price` USD each."""

    what: str
    quantity: float
    unit: str
    price: float

    @property
    def usd(self) -> float:
        """Rounded to cents, as it is printed and added up."""
        return round(self.quantity * self.price, 2)

    def __str__(self) -> str:
        amount = f"{self.quantity:,.1f}".removesuffix(".0").replace(",", " ")
        return f"| {self.what} | {f'{amount} {self.unit}'.strip()} | {_digits(self.price)} | {self.usd:.2f} |"


def unpriced(resources: Sequence[Resource]) -> set[str]:
    """Types of AWS resources of which this page does not say what they cost."""
    kinds = {_kind(r) for r in resources if r["type"].startswith("aws:")}
    return kinds - FREE - PRICED


def lines(resources: Sequence[Resource]) -> list[Line]:
    """The sum, the dearest first; what costs nothing is left out."""
    found = [*_network(resources), *_machines(resources), *_kept(resources), *_watched(resources), *_tasks(resources)]
    return sorted((line for line in found if line.usd > 0), key=lambda line: -line.usd)


def total(found: Sequence[Line]) -> float:
    """USD a month."""
    return round(sum(line.usd for line in found), 2)


def table(found: Sequence[Line]) -> str:
    """As the documents show it."""
    head = "| what | quantity | USD each | USD a month |\n|---|--:|--:|--:|\n"
    return head + "".join(f"{line}\n" for line in found) + f"| **sum** | | | **{total(found):.2f}** |\n"


def _network(resources: Sequence[Resource]) -> Iterator[Line]:
    balancers = _of(resources, "lb/loadBalancer")
    yield Line(
        "load balancer (its units of load are 0 without traffic)", len(balancers) * HOURS, "h", PRICES["alb.hour"]
    )
    facing = [b for b in balancers if not b["inputs"].get("internal")]
    addresses = len(_of(resources, "ec2/eip")) + sum(len(b["inputs"]["subnets"]) for b in facing)
    yield Line(f"public IPv4 addresses: {addresses}", addresses * HOURS, "h", PRICES["ipv4.hour"])
    yield Line("NAT gateways", len(_of(resources, "ec2/natGateway")) * HOURS, "h", PRICES["nat.hour"])
    doors = [e for e in _of(resources, "ec2/vpcEndpoint") if e["inputs"].get("vpcEndpointType") == "Interface"]
    places = sum(len(e["inputs"]["subnetIds"]) for e in doors)
    yield Line("interface endpoints", places * HOURS, "h", PRICES["endpoint.interface.hour"])
    if _of(resources, "route53/record"):
        yield Line("hosted zone in Route 53 (not the stack's own)", 1, "", PRICES["zone"])


def _machines(resources: Sequence[Resource]) -> Iterator[Line]:
    for group in _of(resources, "autoscaling/group"):
        (template,) = [r for r in _of(resources, "ec2/launchTemplate") if r["urn"] in _named_by(group)]
        kind, least = template["inputs"]["instanceType"], group["inputs"]["minSize"]
        yield Line(f"instances of {group['name']}: {least} {kind}", least * HOURS, "h", MACHINES[kind])
        disks = [d["ebs"].get("volumeSize", NAT_DISK_GB) for d in template["inputs"].get("blockDeviceMappings", [])]
        yield Line(f"disks of {group['name']}", least * sum(map(int, disks)), "GB", PRICES["ebs.gp3.gb"])


def _named_by(group: Resource) -> set[str]:
    return {urn for urns in group["propertyDependencies"].values() for urn in urns}


def _kept(resources: Sequence[Resource]) -> Iterator[Line]:
    keys = len(_of(resources, "kms/key"))
    yield Line("KMS keys (1 more each after the first and the second yearly rotation)", keys, "", PRICES["kms.key"])
    clusters = _of(resources, "rds/cluster")
    secrets = len(_of(resources, "secretsmanager/secret")) + len(clusters)
    yield Line("secrets in Secrets Manager", secrets, "", PRICES["secret"])
    yield Line("storage of the database (estimate)", len(clusters) * DATABASE_GB, "GB", PRICES["aurora.storage.gb"])
    for cluster in clusters:
        least = cluster["inputs"]["serverlessv2ScalingConfiguration"]["minCapacity"]
        mine = [i for i in _of(resources, "rds/clusterInstance") if cluster["urn"] in _named_by(i)]
        yield Line(f"capacity of {cluster['name']}", least * len(mine) * HOURS, "ACU-h", PRICES["aurora.acu.hour"])
    images = len(_of(resources, "ecr/repository")) * IMAGE_GB
    yield Line("images in ECR (estimate)", images, "GB", PRICES["ecr.storage.gb"])
    yield Line("logs (estimate)", LOGS_GB, "GB", PRICES["logs.gb"])


def _watched(resources: Sequence[Resource]) -> Iterator[Line]:
    metrics = sum(map(_alarm_metrics, _of(resources, "cloudwatch/metricAlarm")))
    tracking = [p for p in _of(resources, "appautoscaling/policy") if "targetTracking" in str(p["inputs"].keys())]
    # Target tracking brings alarms of its own: one to scale out, and one to scale in unless that is off.
    hidden = sum(1 if _only_out(policy) else 2 for policy in tracking)
    billed = max(0, metrics + hidden - FREE_ALARM_METRICS)
    what = f"alarms: {metrics} metrics, {hidden} of target tracking, {FREE_ALARM_METRICS} free"
    yield Line(what, billed, "", PRICES["alarm.metric"])
    dashboards = max(0, len(_of(resources, "cloudwatch/dashboard")) - FREE_DASHBOARDS)
    yield Line("dashboards", dashboards, "", PRICES["dashboard"])
    services = _of(resources, "ecs/service")
    share = [min(1.0, hours(resources, service) / HOURS) for service in services]
    busy = INSIGHTS_BUSY * (max(share, default=0) + 2 * sum(share))
    always = INSIGHTS_CLUSTER + INSIGHTS_SERVICE * len(services) if services else 0
    insights = max(0.0, round(busy + always - FREE_CUSTOM_METRICS, 1))
    yield Line(
        f"metrics of Container Insights, by the hour, {FREE_CUSTOM_METRICS} free", insights, "", PRICES["metric.custom"]
    )


def _only_out(policy: Resource) -> bool:
    return bool(policy["inputs"]["targetTrackingScalingPolicyConfiguration"].get("disableScaleIn"))


def _alarm_metrics(alarm: Resource) -> int:
    queries = alarm["inputs"].get("metricQueries")
    return sum("metric" in query for query in queries) if queries else 1


def _tasks(resources: Sequence[Resource]) -> Iterator[Line]:
    for service in _of(resources, "ecs/service"):
        if "capacityProviderStrategies" not in service["inputs"]:
            continue
        (task,) = [t for t in _of(resources, "ecs/taskDefinition") if t["urn"] in _named_by(service)]
        size = task["inputs"]
        chip = size["runtimePlatform"]["cpuArchitecture"].lower()
        vcpu, memory = int(size["cpu"]) / 1024, int(size["memory"]) / 1024
        full = vcpu * PRICES[f"fargate.{chip}.vcpu.hour"] + memory * PRICES[f"fargate.{chip}.gb.hour"]
        spot, regular = _placed(service["inputs"]["capacityProviderStrategies"])
        price = round(full * (SPOT * spot + regular), 6)
        where = "on Fargate Spot" if spot == 1 else "on Fargate" if spot == 0 else f"{spot:.0%} on Fargate Spot"
        yield Line(
            f"tasks of {service['name'].removesuffix('-service')} {where}",
            round(hours(resources, service), 1),
            "h",
            price,
        )


def _placed(strategy: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """The shares of the tasks on Spot and on regular Fargate; 0 and 0 on machines that are counted by themselves."""
    weights = {provider["capacityProvider"]: provider["weight"] for provider in strategy}
    spot, regular = weights.get("FARGATE_SPOT", 0), weights.get("FARGATE", 0)
    whole = spot + regular
    return (spot / whole, regular / whole) if whole else (0.0, 0.0)


def hours(resources: Sequence[Resource], service: Resource) -> float:
    """Hours of a month, times tasks, that the least of a service runs, as its schedules say over the year 2027."""
    least = int(service["inputs"]["desiredCount"])
    actions = [a["inputs"] for a in _of(resources, "appautoscaling/scheduledAction")
               if a["inputs"]["resourceId"].rpartition("/")[2].startswith(f"{service['name']}-")]  # fmt: skip
    if not actions:
        return float(least * HOURS)
    start, end = datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    changes = sorted(change for action in actions for change in _changes(action, start - timedelta(days=14), end))
    seconds, running, since = 0.0, least, start
    for moment, tasks in changes:
        if moment > start:
            seconds += running * (moment - since).total_seconds()
            since = moment
        running = tasks
    seconds += running * (end - since).total_seconds()
    return seconds / (end - start).total_seconds() * HOURS


def _changes(action: Mapping[str, Any], start: datetime, end: datetime) -> Iterator[tuple[datetime, int]]:
    schedule, moment = schedules.parse(action["schedule"]), start
    zone = ZoneInfo(action.get("timezone") or "UTC")
    while True:
        following = schedule.next_after(moment.astimezone(zone))
        if following is None or following >= end:
            return
        moment = following.astimezone(UTC)
        yield moment, action["scalableTargetAction"]["minCapacity"]


def _of(resources: Sequence[Resource], kind: str) -> list[Resource]:
    return [r for r in resources if r["type"].startswith("aws:") and _kind(r) == kind]


def _kind(resource: Resource) -> str:
    return str(resource["type"].removeprefix("aws:").rpartition(":")[0])


def _digits(price: float) -> str:
    return f"{price:.6f}".rstrip("0").rstrip(".")
