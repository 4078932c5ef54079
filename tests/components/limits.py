"""What AWS, or its provider, would refuse in a recorded stack: names, enums, sizes, combinations.

Sources: API models of botocore 1.44.5 (2026-11-17), the guides that docs/settings.md names, and the schemas of
terraform-provider-aws 6 (read 2026-11-22). Only rules that a preview
does not check. `complaints` takes the resources of preflight's JSON document, recorded as an update, with ids known.
"""

import base64
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Resource = dict[str, Any]
Check = Callable[[Resource], Iterator[str]]

SUFFIX = "-1234567"  # what auto-naming puts behind a logical name
GROUP_TEXT = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}")
HANDLE = re.compile(r"[A-Za-z0-9_-]{1,255}")
DATABASE = re.compile(r"(?!.*--)[a-z][a-z0-9-]{0,61}[a-z0-9]")
DAY = r"(mon|tue|wed|thu|fri|sat|sun)"
TIME = r"([01]\d|2[0-3]):[0-5]\d"
QUERY_ID = re.compile(r"[a-z][A-Za-z0-9_]{0,254}")
RETENTION = {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
STATISTICS = {"Average", "Maximum", "Minimum", "SampleCount", "Sum"}
# Type -> the input that is its physical name, and what AWS takes as one.
NAMES: dict[str, tuple[str, str]] = {
    "aws:autoscaling/group:Group": ("name", r"[!-9;-~]{1,255}"),
    "aws:autoscaling/policy:Policy": ("name", r".{1,255}"),
    "aws:backup/plan:Plan": ("name", r"[A-Za-z0-9._-]{1,50}"),
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": ("name", r"[A-Za-z0-9_]{1,50}"),
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": ("name", r"[A-Za-z0-9_]{1,50}"),
    "aws:backup/selection:Selection": ("name", r"[A-Za-z0-9._-]{1,50}"),
    "aws:backup/vault:Vault": ("name", r"[A-Za-z0-9_-]{2,50}"),
    "aws:cloudformation/stack:Stack": ("name", r"[A-Za-z][A-Za-z0-9-]{0,127}"),
    "aws:ec2/launchTemplate:LaunchTemplate": ("name", r"[A-Za-z0-9().\-/_]{3,128}"),
    "aws:ecs/capacityProvider:CapacityProvider": ("name", r"(?i)(?!aws|ecs|fargate)[\w-]{1,255}"),
    "aws:iam/instanceProfile:InstanceProfile": ("name", r"[\w+=,.@-]{1,128}"),
    "aws:lb/loadBalancer:LoadBalancer": ("name", r"(?!internal-)[A-Za-z0-9](-?[A-Za-z0-9]){0,31}"),
    "aws:lb/targetGroup:TargetGroup": ("name", r"[A-Za-z0-9](-?[A-Za-z0-9]){0,31}"),
    "aws:iam/role:Role": ("name", r"[\w+=,.@-]{1,64}"),
    "aws:elasticache/parameterGroup:ParameterGroup": ("name", r"(?!.*--)[a-z][a-z0-9-]{0,253}[a-z0-9]"),
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        "replicationGroupId",
        r"(?!.*--)[a-z][a-z0-9-]{0,38}[a-z0-9]",
    ),
    "aws:elasticache/serverlessCache:ServerlessCache": ("name", r"(?!.*--)[a-z][a-z0-9-]{0,38}[a-z0-9]"),
    "aws:elasticache/subnetGroup:SubnetGroup": ("name", r"[a-z0-9-]{1,255}"),
    "aws:elasticache/user:User": ("userId", r"[a-z][a-z0-9-]{0,39}"),
    "aws:elasticache/userGroup:UserGroup": ("userGroupId", r"[a-z][a-z0-9-]{0,39}"),
    "aws:rds/proxy:Proxy": ("name", r"[a-zA-Z](-?[a-zA-Z0-9]){0,62}"),
    "aws:rds/proxyEndpoint:ProxyEndpoint": ("dbProxyEndpointName", r"[a-zA-Z](-?[a-zA-Z0-9]){0,62}"),
    "aws:ecs/cluster:Cluster": ("name", r"[\w-]{1,255}"),
    "aws:ecs/service:Service": ("name", r"[\w-]{1,255}"),
    "aws:ecs/taskDefinition:TaskDefinition": ("family", r"[\w-]{1,255}"),
    "aws:ecr/repository:Repository": ("name", r"[a-z][a-z0-9]*([._/-][a-z0-9]+)*"),
    "aws:cloudwatch/logGroup:LogGroup": ("name", r"[.\-_/#A-Za-z0-9]{1,512}"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("name", r".{1,255}"),
    "aws:cloudwatch/dashboard:Dashboard": ("dashboardName", r"[A-Za-z0-9_-]{1,255}"),
    "aws:kms/alias:Alias": ("name", r"alias/(?!aws/)[a-zA-Z0-9/_-]{1,250}"),
    "aws:s3/bucket:Bucket": ("bucket", r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
    "aws:rds/cluster:Cluster": ("clusterIdentifier", DATABASE.pattern),
    "aws:rds/clusterInstance:ClusterInstance": ("identifier", DATABASE.pattern),
    "aws:rds/instance:Instance": ("identifier", DATABASE.pattern),
    "aws:rds/subnetGroup:SubnetGroup": ("name", r"[a-z0-9 ._-]{1,255}"),
    "aws:rds/parameterGroup:ParameterGroup": ("name", r"(?!.*--)[a-z][a-z0-9-]{0,253}[a-z0-9]"),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": ("name", r"(?!.*--)[a-z][a-z0-9-]{0,253}[a-z0-9]"),
    "aws:servicediscovery/httpNamespace:HttpNamespace": ("name", r"[0-9A-Za-z_.-]{1,1024}"),
    "aws:sns/topic:Topic": ("name", r"[\w-]{1,256}"),
    "aws:sqs/queue:Queue": ("name", r"[\w-]{1,75}(\.fifo)?"),
    "aws:scheduler/schedule:Schedule": ("name", r"[\w.-]{1,64}"),
    "aws:scheduler/scheduleGroup:ScheduleGroup": ("name", r"[\w.-]{1,64}"),
    "aws:cloudwatch/eventRule:EventRule": ("name", r"[\w.-]{1,64}"),
    "aws:lambda/function:Function": ("name", r"[\w-]{1,64}"),
    "aws:lambda/alias:Alias": ("name", r"(?!\d+$)[\w-]{1,128}"),
}


def complaints(resources: Sequence[Resource]) -> list[str]:
    """One line for each thing that would be refused, or ignored without a word."""
    found = [f"{r['urn'].split('::', 2)[2]}: {text}" for r in resources for text in _each(r)]
    return [
        *found,
        *_roles(resources),
        *_priorities(resources),
        *_connected(resources),
        *_tracked(resources),
        *_protected_machines(resources),
    ]


def _each(resource: Resource) -> Iterator[str]:
    if (named := NAMES.get(resource["type"])) is not None:
        key, pattern = named
        name = resource["inputs"].get(key) or resource["name"] + SUFFIX
        if not re.fullmatch(pattern, name):
            yield f"{key} {name!r} is not {pattern}"
    yield from CHECKS.get(resource["type"], _nothing)(resource)


def _nothing(_: Resource) -> Iterator[str]:
    yield from ()


def _described(resource: Resource) -> Iterator[str]:
    text = resource["inputs"].get("description", "")
    if not GROUP_TEXT.fullmatch(text):
        yield f"description {text!r} has characters that EC2 refuses, or is too long"


def _log_group(resource: Resource) -> Iterator[str]:
    if resource["inputs"].get("retentionInDays") not in RETENTION:
        yield f"retentionInDays {resource['inputs'].get('retentionInDays')} is none that there is"


def _key(resource: Resource) -> Iterator[str]:
    if len(resource["inputs"]["policy"]) > 32768:
        yield "its policy is longer than 32768 characters"


def _alarm(resource: Resource) -> Iterator[str]:
    alarm = resource["inputs"]
    queries = alarm.get("metricQueries", [])
    if len(alarm.get("alarmDescription", "")) > 1024:
        yield "alarmDescription is longer than 1024"
    if not 1 <= alarm["datapointsToAlarm"] <= alarm["evaluationPeriods"]:
        yield "datapointsToAlarm is not between 1 and evaluationPeriods"
    periods = [alarm["period"]] if "period" in alarm else [q["metric"]["period"] for q in queries if "metric" in q]
    for period in periods:
        if period not in {10, 20, 30} and period % 60:
            yield f"period {period} is neither 10, 20, 30 nor a multiple of 60"
        if period * alarm["evaluationPeriods"] > (604800 if period >= 3600 else 86400):
            yield "it looks back further than CloudWatch does"
    single = {"namespace", "metricName", "dimensions", "period", "statistic", "extendedStatistic"} & alarm.keys()
    if bool(queries) == bool(single):
        yield "it needs either one metric or queries"
    if not queries and ("statistic" in alarm) == ("extendedStatistic" in alarm):
        yield "it needs either statistic or extendedStatistic"
    if alarm.get("statistic", "Sum") not in STATISTICS:
        yield f"statistic {alarm['statistic']} belongs into extendedStatistic"
    if queries:
        yield from _queries(queries)


def _queries(queries: Sequence[Resource]) -> Iterator[str]:
    ids = [query["id"] for query in queries]
    if len(set(ids)) < len(ids) or not all(map(QUERY_ID.fullmatch, ids)):
        yield f"ids {ids} are not unique names of metric math"
    if max(["metric" in query for query in queries].count(kind) for kind in (True, False)) > 10:
        yield "it has more than ten metrics, or more than ten expressions"
    if [query.get("returnData") for query in queries].count(True) != 1:
        yield "not exactly one query returns data"
    for query in queries:
        if ("expression" in query) == ("metric" in query):
            yield f"query {query['id']} is not either an expression or a metric"
        if query.get("expression", "").startswith("SELECT "):  # of Metrics Insights: its names are those of metrics
            if len(queries) > 1 or query.get("period", 0) % 60 or "period" not in query:
                yield f"query {query['id']} of Metrics Insights is not alone, or has no period in minutes"
            continue
        unknown = set(re.findall(r"\b[a-z]\w*\b", query.get("expression", ""))) - set(ids)
        if unknown or len(query.get("expression", "")) > 2048:
            yield f"expression of {query['id']} names {sorted(unknown)}, or is too long"


# Schema, then terms without blanks: an exact value in quotes, or one word. Statistic and seconds come last.
SEARCHED = re.compile(
    r"SEARCH\('\{[\w/]+(,\w+)+\}( \w+=(\"[^\"' ]+\"|[A-Za-z0-9]+))+', '(Average|Maximum|Minimum|Sum|p\d\d)', \d+\)"
)


def _dashboard(resource: Resource) -> Iterator[str]:
    widgets = json.loads(resource["inputs"]["dashboardBody"])["widgets"]
    drawn = sum(len(widget["properties"].get("metrics", [])) for widget in widgets)
    if not 1 <= len(widgets) <= 500 or drawn > 2500 or len(resource["inputs"]["dashboardBody"]) > 1_000_000:
        yield f"{len(widgets)} widgets with {drawn} lines, or its body is too large"
    for widget in widgets:
        if widget["type"] == "text":
            continue
        lines = widget["properties"]["metrics"]
        if len({line[-1]["id"] for line in lines}) < len(lines) or not lines:
            yield f"widget {widget['properties']['title']!r} has no line, or two of one id"
        for line in lines:
            found = line[-1].get("expression", "")
            if found.startswith("SEARCH") and (len(found) > 1024 or not SEARCHED.fullmatch(found)):
                yield f"widget {widget['properties']['title']!r} searches for {found}"
            ok = isinstance(line[-1], dict) and all(isinstance(part, str) and part for part in line[:-1])
            if not ok or (len(line) > 1 and len(line) % 2 == 0):
                yield f"widget {widget['properties']['title']!r} has a line that is no metric: {line}"


# What the load balancer's API takes as a host in a rule: letters alone behind the last full stop.
HOST = re.compile(r"[a-z0-9.*?-]*\.[a-z]+")


def _rule(resource: Resource) -> Iterator[str]:
    hosts = [value for c in resource["inputs"]["conditions"] for value in c.get("hostHeader", {}).get("values", [])]
    yield from (f"host {host!r} is none that a rule takes" for host in hosts if not HOST.fullmatch(host))
    values = [value for c in resource["inputs"]["conditions"] for field in c.values() for value in field["values"]]
    if not 1 <= len(values) <= 5 or sum(v.count("*") + v.count("?") for v in values) > 6:
        yield f"a rule takes one to five values and at most six wildcards: {values}"
    if any(len(value) > 128 for value in values):
        yield "a condition is longer than 128 characters"
    for action in resource["inputs"]["actions"]:
        groups = action.get("forward", {}).get("targetGroups", [])
        if groups and [group["weight"] > 0 for group in groups].count(True) != 1:
            yield "not exactly one group gets its requests, so ECS would not shift them"


def _targets(resource: Resource) -> Iterator[str]:
    check = resource["inputs"]["healthCheck"]
    if resource["inputs"]["targetType"] == "lambda":
        tasks_only = {"port", "protocol", "vpcId", "deregistrationDelay", "slowStart", "stickiness"}
        if tasks_only & resource["inputs"].keys() or check["enabled"]:
            yield "targets that are a function have no port, no VPC, nothing to drain and no health"
        return
    if not 2 <= check["timeout"] < check["interval"] <= 300:
        yield "the time-out of the health check is not below its interval"
    if not (2 <= check["healthyThreshold"] <= 10 and 2 <= check["unhealthyThreshold"] <= 10):
        yield "a threshold of the health check is not 2 to 10"
    targets = resource["inputs"]
    if targets.get("slowStart") and targets.get("loadBalancingAlgorithmType", "round_robin") != "round_robin":
        yield "slow start goes with round robin alone"
    if targets.get("stickiness", {}).get("type") == "app_cookie" and not targets["stickiness"].get("cookieName"):
        yield "stickiness by the application's cookie without its name"


# Of a read replica in the region of its source CreateDBInstanceReadReplica takes none of these, nor does the provider.
OF_THE_SOURCE = {
    "engine", "username", "password", "passwordWo", "manageMasterUserPassword", "dbName", "allocatedStorage",
    "dbSubnetGroupName", "kmsKeyId", "finalSnapshotIdentifier", "blueGreenUpdate",
}  # fmt: skip


def _database(resource: Resource) -> Iterator[str]:
    store = resource["inputs"]
    if "replicateSourceDb" in store:
        if said := OF_THE_SOURCE & set(store):
            yield f"a replica says {sorted(said)}"
        return
    backup = store.get("preferredBackupWindow") or store.get("backupWindow", "")
    maintenance = store.get("preferredMaintenanceWindow") or store.get("maintenanceWindow", "")
    if not re.fullmatch(f"{TIME}-{TIME}", backup) or not re.fullmatch(f"{DAY}:{TIME}-{DAY}:{TIME}", maintenance):
        yield f"windows {backup!r} and {maintenance!r}"
    restored = store.get("snapshotIdentifier") or store.get("restoreToPointInTime")  # then it has one already
    named = re.fullmatch(r"[a-z][a-z0-9_]{0,62}", store.get("databaseName") or store.get("dbName", ""))
    if bool(restored) == bool(named):
        yield "the name of its database"
    snapshot = store.get("finalSnapshotIdentifier")
    if store["skipFinalSnapshot"] == (snapshot is not None):
        yield "a final snapshot needs a name, and only it"
    if snapshot is not None and not re.fullmatch(r"(?!.*--)[a-zA-Z][a-zA-Z0-9-]{0,253}[a-zA-Z0-9]", snapshot):
        yield f"finalSnapshotIdentifier {snapshot!r}"
    if store.get("maxAllocatedStorage", 10**6) <= store.get("allocatedStorage", 0):
        yield "maxAllocatedStorage is not above allocatedStorage"
    scaling = store.get("serverlessv2ScalingConfiguration")
    if scaling and ("secondsUntilAutoPause" in scaling) != (scaling["minCapacity"] == 0):
        yield "secondsUntilAutoPause goes with a minimum of 0, and only with it"


def _lifecycle(resource: Resource) -> Iterator[str]:
    for rule in resource["inputs"]["rules"]:
        days = [transition["days"] for transition in rule.get("transitions", [])]
        early = [
            one for one in rule.get("transitions", []) if one["storageClass"] == "STANDARD_IA" and one["days"] < 30
        ]
        if days != sorted(set(days)) or early:
            yield f"transitions after {days} days"
        expiry = rule.get("expiration", {})
        if len(expiry) > 1 or (days and expiry.get("days", 10**6) <= days[-1]):
            yield f"expiration {expiry}"


def _endpoint(resource: Resource) -> Iterator[str]:
    inputs = resource["inputs"]
    through = {"Gateway": {"routeTableIds"}, "Interface": {"subnetIds", "securityGroupIds", "privateDnsEnabled"}}
    given = {key for keys in through.values() for key in keys} & inputs.keys()
    if given != through[inputs["vpcEndpointType"]]:
        yield f"a {inputs['vpcEndpointType']} endpoint with {sorted(given)}"
    if len(inputs["policy"]) > 20480:
        yield "its policy is longer than 20480 characters"


def _task(resource: Resource) -> Iterator[str]:
    if len(json.dumps(resource["inputs"]).encode()) > 65536:
        yield "its definition is longer than 64 KiB"
    mounts = set()
    for container in json.loads(resource["inputs"]["containerDefinitions"]):
        names = [variable["name"] for variable in [*container["environment"], *container["secrets"]]]
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice or not HANDLE.fullmatch(container["name"]) or not container["image"]:
            yield f"container {container['name']!r} of {container['image']!r}: {twice} twice"
        if not 2 <= container.get("stopTimeout", 30) <= 120:
            yield f"container {container['name']!r} has a stop time-out that Fargate refuses"
        yield from (f"container {container['name']!r} {text}" for text in _runs(container))
        mounts |= {mount["sourceVolume"] for mount in container["mountPoints"]}
    if mounts != {volume["name"] for volume in resource["inputs"]["volumes"]}:
        yield "mount points and volumes differ"


def _runs(container: Resource) -> Iterator[str]:
    linux = container["linuxParameters"]
    if set(linux.get("capabilities", {}).get("add", [])) - {"SYS_PTRACE"}:
        yield "adds capabilities that Fargate does not"
    if any(folder["size"] < 1 or not folder["containerPath"].startswith("/") for folder in linux.get("tmpfs", [])):
        yield "has a folder in memory without size or place"
    restart = container.get("restartPolicy", {"restartAttemptPeriod": 60, "ignoredExitCodes": []})
    if not 60 <= restart["restartAttemptPeriod"] <= 1800 or len(restart["ignoredExitCodes"]) > 50:
        yield "is started again after a time, or with exit codes, that ECS refuses"
    if any(limit["softLimit"] > limit["hardLimit"] for limit in container.get("ulimits", [])):
        yield "has a soft limit above the hard one"
    for secret in container["secrets"]:
        if not re.fullmatch(
            r"arn:[^:]+:secretsmanager:[^:]+:\d{12}:secret:[^:]+(:[^:]*:[^:]*:[^:]*)?", secret["valueFrom"]
        ):
            yield f"has the secret {secret['name']} from something that is no reference"
        elif (parts := secret["valueFrom"].split(":")[8:]) and all(parts):
            yield f"has the secret {secret['name']} by stage and version"


def _service(resource: Resource) -> Iterator[str]:
    placed = resource["inputs"]["capacityProviderStrategies"]
    if sum(provider["base"] > 0 for provider in placed) > 1:
        yield "more than one capacity provider has a base"
    if any(provider["weight"] == 0 for provider in placed):
        yield "a capacity provider without weight takes no task"
    yield from _deployment(resource["inputs"])


def _deployment(service: dict[str, Any]) -> Iterator[str]:
    """By the ECS developer guide (troubleshooting blue/green deployments, read 2026-11)."""
    told, balanced = service.get("deploymentConfiguration", {}), service.get("loadBalancers", [])
    if told.get("strategy", "ROLLING") != "ROLLING":
        if "bakeTimeInMinutes" not in told:
            yield "its strategy has no bake time"
        if not balanced or not all("advancedConfiguration" in each for each in balanced):
            yield "its strategy shifts requests to nowhere"
    for each in balanced:
        advanced = each.get("advancedConfiguration", {})
        rules = [advanced[key] for key in ("productionListenerRule", "testListenerRule") if key in advanced]
        if not all(":listener-rule/" in rule for rule in rules) or len(set(rules)) < len(rules):
            yield f"rules {rules} are not rules of their own"
        if advanced.get("alternateTargetGroupArn") == each["targetGroupArn"]:
            yield "it shifts requests to where they are"
    if service["deploymentMinimumHealthyPercent"] == 100 and service["deploymentMaximumPercent"] <= 100:
        yield "it may neither start nor stop a task"


def _machine(resource: Resource) -> Iterator[str]:
    template = resource["inputs"]
    if len(base64.b64decode(template["userData"], validate=True)) > 16384:
        yield "its user data are longer than 16384 bytes"
    if {"networkInterfaces", "vpcSecurityGroupIds"} <= template.keys():
        yield "security groups belong to its network interfaces, where it has some"
    if not re.fullmatch(r"ami-[0-9a-f]{8,17}|resolve:ssm:/\S+", template["imageId"]):
        yield f"imageId {template['imageId']!r} is no image"


def _machines(resource: Resource) -> Iterator[str]:
    group = resource["inputs"]
    if ("availabilityZones" in group) == ("vpcZoneIdentifiers" in group):
        yield "it is either in zones or in subnets"
    if not group["minSize"] <= group.get("desiredCapacity", group["minSize"]) <= group["maxSize"]:
        yield "it does not want between its minimum and its maximum"
    if not 86400 <= group.get("maxInstanceLifetime", 86400) <= 31536000:
        yield "an instance lives for a day at least and a year at most"
    keys = [tag["key"] for tag in group.get("tags", [])]
    if len(set(keys)) < len(keys):
        yield "a tag is listed twice"
    kept = group.get("instanceMaintenancePolicy", {"minHealthyPercentage": 100, "maxHealthyPercentage": 110})
    low, high = kept["minHealthyPercentage"], kept["maxHealthyPercentage"]
    if not 0 <= low <= 100 <= high <= 200 or high - low > 100:
        yield f"it is kept between {low} and {high} percent"
    for hook in group.get("initialLifecycleHooks", []):
        if not 30 <= hook["heartbeatTimeout"] <= 7200 or not re.fullmatch(r"[A-Za-z0-9\-_/]{1,255}", hook["name"]):
            yield f"hook {hook['name']!r} of {hook['heartbeatTimeout']} seconds"
    preferences = group.get("instanceRefresh", {}).get("preferences", {})
    if preferences.get("autoRollback"):
        yield "the provider's own refresh goes back to the new version"


def _stepping(resource: Resource) -> Iterator[str]:
    """Each type of policy takes some arguments and refuses the others."""
    policy = resource["inputs"]
    own = {"StepScaling": {"stepAdjustments"}, "SimpleScaling": {"scalingAdjustment"}}[policy["policyType"]]
    if policy.keys() & {"stepAdjustments", "scalingAdjustment"} != own:
        yield f"a {policy['policyType']} policy with other adjustments than {own}"
    if policy["policyType"] == "StepScaling" and "cooldown" in policy:
        yield "a step policy has a warm-up and no cooldown"
    if policy["policyType"] == "SimpleScaling" and policy.keys() & {"estimatedInstanceWarmup", "metricAggregationType"}:
        yield "a simple policy has a cooldown and no warm-up"
    if "minAdjustmentMagnitude" in policy and policy["adjustmentType"] != "PercentChangeInCapacity":
        yield "the least adjustment goes with percentages"


def _recurring(resource: Resource) -> Iterator[str]:
    action = resource["inputs"]
    if len(action["recurrence"]) > 255 or len(action["recurrence"].split()) != 5:
        yield f"recurrence {action['recurrence']!r} is no cron of Unix, or longer than 255"
    if not action["minSize"] <= action["desiredCapacity"] <= action["maxSize"]:
        yield "it does not want between its minimum and its maximum"


def _certified(resource: Resource) -> Iterator[str]:
    name = resource["inputs"]["domainName"]
    if len(name) > 64 or not re.fullmatch(
        r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]*[a-z0-9]", name
    ):
        yield f"domainName {name!r} is none for a certificate, or longer than 64"


def _table(resource: Resource) -> Iterator[str]:
    table = resource["inputs"]
    indexes = [*table.get("globalSecondaryIndexes", []), *table.get("localSecondaryIndexes", [])]
    keys = {table["hashKey"], table.get("rangeKey"), *(index.get("rangeKey") for index in indexes)}
    keys |= {part["attributeName"] for index in indexes for part in index.get("keySchemas", [])}
    if {attribute["name"] for attribute in table["attributes"]} != keys - {None}:
        yield "its attributes are not those of its keys"
    for index in indexes:
        named = index.get("nonKeyAttributes", [])
        if len(named) > 20 or (index["projectionType"] == "INCLUDE") != bool(named):
            yield f"index {index['name']} names {len(named)} attributes"
    provisioned = {"readCapacity", "writeCapacity"} & table.keys()
    if bool(provisioned) != (table["billingMode"] == "PROVISIONED") or (provisioned and "onDemandThroughput" in table):
        yield "units go with the billing mode that has them"


def _pool(resource: Resource) -> Iterator[str]:
    pool = resource["inputs"]["connectionPoolConfig"]
    idle = pool.get("maxIdleConnectionsPercent", 50)  # what the provider says where nobody does
    if not 0 <= idle <= pool["maxConnectionsPercent"] <= 100:
        yield f"{idle} % idle of {pool['maxConnectionsPercent']} % connections"


# Services that IAM knows by a name with the ending of China's hosts there; all others end in amazonaws.com everywhere.
ENDING_IN_CN = re.compile(r"(ec2|logs\.[a-z0-9-]+)\.amazonaws\.com\.cn")


def _trusting(resource: Resource) -> Iterator[str]:
    for statement in json.loads(resource["inputs"]["assumeRolePolicy"])["Statement"]:
        for service in statement["Principal"].get("Service", []):
            if service.endswith(".cn") and not ENDING_IN_CN.fullmatch(service):
                yield f"IAM knows no service {service}"


def _provided(resource: Resource) -> Iterator[str]:
    provider = resource["inputs"]["autoScalingGroupProvider"]
    if not 1 <= provider["managedScaling"]["targetCapacity"] <= 100:
        yield "the target of a capacity provider is 1 to 100"


def _protected_machines(resources: Sequence[Resource]) -> Iterator[str]:
    """ECS protects instances from termination only where their group protects them from scaling in."""
    groups = [r for r in resources if r["type"] == "aws:autoscaling/group:Group"]
    for resource in resources:
        if resource["type"] == "aws:ecs/capacityProvider:CapacityProvider":
            provider = resource["inputs"]["autoScalingGroupProvider"]
            name = provider["autoScalingGroupArn"].rpartition("/")[2]
            group = next(g["inputs"] for g in groups if re.fullmatch(re.escape(g["name"]) + "-[0-9a-f]{7}", name))
            protects = provider["managedTerminationProtection"] == "ENABLED"
            if protects and not (group.get("protectFromScaleIn") and provider["managedScaling"]["status"] == "ENABLED"):
                yield f"{resource['name']}: protects instances that its group does not"


def _queue(resource: Resource) -> Iterator[str]:
    queue = resource["inputs"]
    fifo = {"deduplicationScope", "fifoThroughputLimit", "contentBasedDeduplication"} & queue.keys()
    if bool(fifo) != queue.get("fifoQueue", False):
        yield f"{sorted(fifo)} on a queue that is {'' if queue.get('fifoQueue') else 'not '}FIFO"
    if not 60 <= queue["messageRetentionSeconds"] <= 1209600 or not 0 <= queue["visibilityTimeoutSeconds"] <= 43200:
        yield "it keeps or hides messages for longer than SQS does"
    redrive = json.loads(queue.get("redrivePolicy", '{"maxReceiveCount": 1, "deadLetterTargetArn": ""}'))
    if redrive.get("deadLetterTargetArn", "").endswith(".fifo") != (
        queue.get("fifoQueue", False) and "redrivePolicy" in queue
    ):
        yield "its dead-letter queue is of the other type"


def _schedule(resource: Resource) -> Iterator[str]:
    schedule = resource["inputs"]
    window, retry = schedule["flexibleTimeWindow"], schedule["target"]["retryPolicy"]
    if (window["mode"] == "OFF") == ("maximumWindowInMinutes" in window):
        yield "a flexible window has minutes, and only it"
    if not 0 <= retry["maximumRetryAttempts"] <= 185 or not 60 <= retry["maximumEventAgeInSeconds"] <= 86400:
        yield f"retry policy {retry}"
    is_task = ":ecs:" in schedule["target"]["arn"]
    if is_task != ("ecsParameters" in schedule["target"]):
        yield "a task has parameters, and only it"
    elif is_task and len(schedule["target"]["ecsParameters"]["networkConfiguration"]["subnets"]) > 16:
        yield "a task is in 16 subnets at most"
    if schedule["target"]["deadLetterConfig"]["arn"].endswith(".fifo"):
        yield "the scheduler writes to no FIFO queue"


def _function(resource: Resource) -> Iterator[str]:
    function = resource["inputs"]
    zipped = function["packageType"] == "Zip"
    given = {"code", "runtime", "handler"} & function.keys()
    if given != ({"code", "runtime", "handler"} if zipped else set()) or zipped == ("imageUri" in function):
        yield f"a package of type {function['packageType']} with {sorted(given)}"
    if not 128 <= function["memorySize"] <= 10240 or not 1 <= function["timeout"] <= 900:
        yield "its memory or its time-out is none that Lambda has"
    if not 512 <= function["ephemeralStorage"]["size"] <= 10240 or len(function["architectures"]) != 1:
        yield "its storage or its architecture is none that Lambda has"
    told = function.get("environment", {}).get("variables", {})
    if bool(told) != ("kmsKeyArn" in function):
        yield "a key goes with variables, and only with them"
    if sum(len(name) + len(value) for name, value in told.items()) > 4096:
        yield "its variables are longer than 4096 bytes"
    if not all(re.fullmatch(r"[A-Za-z]\w+", name, re.ASCII) and not name.startswith("AWS_") for name in told):
        yield f"variables {sorted(told)}"


def _mapping(resource: Resource) -> Iterator[str]:
    mapping = resource["inputs"]
    window = mapping.get("maximumBatchingWindowInSeconds", 0)
    fifo = mapping["eventSourceArn"].endswith(".fifo")
    if not 1 <= mapping["batchSize"] <= 10000 or not 0 <= window <= 300:
        yield "its batches are none that Lambda takes"
    if ":dynamodb:" in mapping["eventSourceArn"]:
        if not -1 <= mapping["maximumRetryAttempts"] <= 10000 or not 1 <= mapping["parallelizationFactor"] <= 10:
            yield "its tries or its runs at a time are none that Lambda takes"
        if not 60 <= mapping["maximumRecordAgeInSeconds"] <= 604800:
            yield "its changes are given up at an age that Lambda does not take"
        return
    if mapping["batchSize"] > 10 and (fifo or not window):
        yield "batches of more than ten are waited for, and of a FIFO queue not taken"
    if fifo and window:
        yield "a FIFO queue is not waited for"
    if not 2 <= mapping.get("scalingConfig", {}).get("maximumConcurrency", 2) <= 1000:
        yield "its concurrency is not 2 to 1000"


def _notification(resource: Resource) -> Iterator[str]:
    told = [*resource["inputs"].get("lambdaFunctions", []), *resource["inputs"].get("queues", [])]
    if not told or len({one["id"] for one in told}) < len(told):
        yield "it tells nobody, or two under one id"
    for place, one in enumerate(told):
        for other in told[:place]:
            prefixes = sorted((one.get("filterPrefix", ""), other.get("filterPrefix", "")), key=len)
            suffixes = sorted((one.get("filterSuffix", ""), other.get("filterSuffix", "")), key=len)
            same = set(one["events"]) & set(other["events"])
            if same and prefixes[1].startswith(prefixes[0]) and suffixes[1].endswith(suffixes[0]):
                yield f"{one['id']} and {other['id']} overlap"


def _policy(resource: Resource) -> Iterator[str]:
    policy = resource["inputs"]
    own = {
        "TargetTrackingScaling": "targetTrackingScalingPolicyConfiguration",
        "StepScaling": "stepScalingPolicyConfiguration",
        "PredictiveScaling": "predictiveScalingPolicyConfiguration",
    }
    if policy.keys() & set(own.values()) != {own[policy["policyType"]]}:
        yield f"a {policy['policyType']} policy has a configuration that is not its own"
    tracking = policy.get("targetTrackingScalingPolicyConfiguration")
    if tracking:
        metric = tracking.get("predefinedMetricSpecification")
        if (metric is None) == (tracking.get("customizedMetricSpecification") is None):
            yield "it tracks not exactly one metric"
        label = (metric or {}).get("resourceLabel")
        if metric and (metric["predefinedMetricType"] == "ALBRequestCountPerTarget") != (label is not None):
            yield "a label goes with requests, and only with them"
        if label is not None and not re.fullmatch(r"app/[^/]+/[^/]+/targetgroup/[^/]+/[^/]+", label):
            yield f"resourceLabel {label!r} names no target group of a load balancer"


def _scheduled(resource: Resource) -> Iterator[str]:
    action = resource["inputs"]["scalableTargetAction"]
    if action["minCapacity"] > action["maxCapacity"]:
        yield "it sets a minimum above its maximum"
    if not re.fullmatch(r"(cron|rate|at)\(.+\)", resource["inputs"]["schedule"]):
        yield f"schedule {resource['inputs']['schedule']!r}"


def _tracked(resources: Sequence[Resource]) -> Iterator[str]:
    """One tracking policy for each predefined metric of a target."""
    tracked = Counter(
        (r["inputs"]["resourceId"], metric["predefinedMetricType"])
        for r in resources
        if r["type"] == "aws:appautoscaling/policy:Policy"
        and (tracking := r["inputs"].get("targetTrackingScalingPolicyConfiguration"))
        and (metric := tracking.get("predefinedMetricSpecification"))
    )
    yield from (f"{target}: {n} tracking policies on {metric}" for (target, metric), n in tracked.items() if n > 1)


def _roles(resources: Sequence[Resource]) -> Iterator[str]:
    """All inline policies of a role together: 10,240 characters without white space."""
    sizes: Counter[str] = Counter()
    for resource in resources:
        if resource["type"] == "aws:iam/rolePolicy:RolePolicy":
            sizes[resource["inputs"]["role"]] += len(resource["inputs"]["policy"])
            document = json.loads(resource["inputs"]["policy"])
            sids = [statement["Sid"] for statement in document["Statement"]]
            if len(set(sids)) < len(sids) or not all(sid.isalnum() for sid in sids):
                yield f"{resource['name']}: sids {sids} are not unique letters and digits"
    yield from (f"role {role}: inline policies of {size} characters" for role, size in sizes.items() if size > 10_240)


def _priorities(resources: Sequence[Resource]) -> Iterator[str]:
    rules = [r["inputs"] for r in resources if r["type"] == "aws:lb/listenerRule:ListenerRule"]
    taken = Counter((rule["listenerArn"], rule["priority"]) for rule in rules)
    yield from (f"priority {priority} is taken {n} times" for (_, priority), n in taken.items() if n > 1)


def _connected(resources: Sequence[Resource]) -> Iterator[str]:
    """Service Connect: a port is offered under the name that it has in the task definition, a name once a namespace."""
    tasks = {r["name"]: r["inputs"] for r in resources if r["type"] == "aws:ecs/taskDefinition:TaskDefinition"}
    aliases: Counter[tuple[str, str]] = Counter()
    for service in (r for r in resources if r["type"] == "aws:ecs/service:Service"):
        connect = service["inputs"].get("serviceConnectConfiguration") or {}
        if not connect:
            continue
        containers = json.loads(tasks[service["name"].replace("-service", "-task")]["containerDefinitions"])
        ports = {port.get("name") for container in containers for port in container["portMappings"]}
        for offer in connect.get("services", []):
            (alias,) = offer["clientAlias"]
            aliases[connect["namespace"], alias["dnsName"]] += 1
            if offer["portName"] not in ports:
                yield f"{service['name']}: no port of its task is called {offer['portName']!r}"
    yield from (f"the name {name} is offered {n} times" for (_, name), n in aliases.items() if n > 1)


CHECKS: dict[str, Check] = {
    "aws:acm/certificate:Certificate": _certified,
    "aws:appautoscaling/policy:Policy": _policy,
    "aws:appautoscaling/scheduledAction:ScheduledAction": _scheduled,
    "aws:autoscaling/group:Group": _machines,
    "aws:autoscaling/policy:Policy": _stepping,
    "aws:autoscaling/schedule:Schedule": _recurring,
    "aws:cloudwatch/dashboard:Dashboard": _dashboard,
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:dynamodb/table:Table": _table,
    "aws:ec2/securityGroup:SecurityGroup": _described,
    "aws:ec2/launchTemplate:LaunchTemplate": _machine,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:ecs/capacityProvider:CapacityProvider": _provided,
    "aws:ecs/service:Service": _service,
    "aws:ecs/taskDefinition:TaskDefinition": _task,
    "aws:iam/role:Role": _trusting,
    "aws:kms/key:Key": _key,
    "aws:lambda/eventSourceMapping:EventSourceMapping": _mapping,
    "aws:lambda/function:Function": _function,
    "aws:lb/listenerRule:ListenerRule": _rule,
    "aws:lb/targetGroup:TargetGroup": _targets,
    "aws:rds/cluster:Cluster": _database,
    "aws:rds/instance:Instance": _database,
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": _pool,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _lifecycle,
    "aws:s3/bucketNotification:BucketNotification": _notification,
    "aws:scheduler/schedule:Schedule": _schedule,
    "aws:sqs/queue:Queue": _queue,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _described,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _described,
}
