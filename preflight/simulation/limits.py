"""What single values may be: names, ranges, formats. From the schemas of terraform-provider-aws 6 and the reference of
AWS's API where the provider leaves it to that, read 2026-11. What is not certain is not here.
"""

import base64
import binascii
import ipaddress
import json
import re
from collections.abc import Callable
from typing import Any

from preflight.simulation.together import UNKNOWN

Rule = Callable[[Any], str | None]


def matches(pattern: str, meaning: str) -> Rule:
    """A text of this form; `meaning` finishes the sentence "... is not"."""
    compiled = re.compile(pattern)
    return lambda value: None if compiled.fullmatch(str(value)) else f"{value!r} is not {meaning}"


def between(low: float, high: float) -> Rule:
    """A number within both; what is no number is judged elsewhere."""
    return lambda value: (
        None if (given := number(value)) is None or low <= given <= high else f"expected {low} to {high}, got {value}"
    )


def of(*allowed: Any, ignoring_case: bool = False) -> Rule:
    """One of a few values."""
    shown = ", ".join(str(each) or "nothing" for each in allowed)
    known = {str(each).lower() for each in allowed} if ignoring_case else {*allowed}
    numbers = all(isinstance(each, int) for each in allowed)

    def rule(value: Any) -> str | None:
        given = str(value).lower() if ignoring_case else number(value) if numbers else value
        return None if given in known else f"expected one of {shown}, got {value}"

    return rule


def number(value: Any) -> float | None:
    """A number, also one written as text; None for anything else."""
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def document(value: Any) -> str | None:
    """A text in JSON."""
    if not isinstance(value, str):
        return None
    try:
        json.loads(value)
    except ValueError as error:
        return f"contains an invalid JSON: {error}"
    return None


def up_to(length: int, characters: str, words: str) -> Rule:
    return matches(rf"[{characters}]{{1,{length}}}", f"a name of 1 to {length} {words}")


def either(first: Rule, second: Rule, allowed: str) -> Rule:
    """What one of two rules takes."""
    return lambda value: None if first(value) is None or second(value) is None else f"expected {allowed}, got {value!r}"


def divisible(by: int) -> Rule:
    """A multiple of a number, from itself on."""
    return lambda value: (
        None
        if (given := number(value)) is None or (given >= by and given % by == 0)
        else f"expected a multiple of {by}, got {value}"
    )


def many(*allowed: set[str]) -> Rule:
    """A list whose elements are those of one of a few sets, in any order."""
    shown = " or ".join(", ".join(sorted(each)) for each in allowed)

    def rule(value: Any) -> str | None:
        given = value if isinstance(value, list) and all(isinstance(each, str) for each in value) else []
        fits = not given or UNKNOWN in given or {*given} in allowed
        return None if fits else f"expected {shown}, got {', '.join(given)}"

    return rule


def password(low: int, high: int, without: str) -> Rule:
    """A text of printable characters; the message does not show it."""

    def rule(value: Any) -> str | None:
        text = str(value)
        if not low <= len(text) <= high:
            return f"expected {low} to {high} characters, got {len(text)}"
        wrong = sorted({each for each in text if each in without or not " " <= each <= "~"})
        shown = ", ".join("a space" if each == " " else each for each in without)
        return f"expected printable characters without {shown}" if wrong else None

    return rule


def address(value: Any) -> str | None:
    """One of IPv4."""
    return None if _parsed(ipaddress.IPv4Address, value) else f"{value!r} is no address of IPv4"


def address6(value: Any) -> str | None:
    """One of IPv6."""
    return None if _parsed(ipaddress.IPv6Address, value) else f"{value!r} is no address of IPv6"


def _parsed(form: Callable[[str], object], value: Any) -> bool:
    try:
        return form(str(value)) is not None
    except ValueError:
        return False


def network(value: Any) -> str | None:
    """A network of either family, written by its first address, as the provider asks for."""
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        return f"{value!r} is no network in CIDR notation: {error}"
    return None


def block(value: Any) -> str | None:
    """The same by any of its addresses: AWS takes the first of them, where the provider lets it."""
    if "/" in str(value) and _parsed(ipaddress.ip_interface, value):
        return None
    return network(value)


def networks(value: Any) -> str | None:
    """A list of them."""
    known = [each for each in value if isinstance(each, str) and each != UNKNOWN] if isinstance(value, list) else []
    return next((reason for each in known if (reason := network(each))), None)


def _vpc_network(value: Any) -> str | None:
    reason = network(value)
    if reason is None and not 16 <= (length := ipaddress.ip_network(value).prefixlen) <= 28 and "." in str(value):
        return f"{value} has a prefix of /{length}, AWS allows /16 to /28"
    return reason


def encoded(value: Any) -> str | None:
    """Text that is encoded."""
    try:
        base64.b64decode("".join(str(value).split()), validate=True)
    except (binascii.Error, ValueError):
        return "is no base64: this takes user data encoded (base64.b64encode(...).decode())"
    return None


def short(limit: int) -> Rule:
    """A text of at most so many characters."""
    return lambda value: None if len(str(value)) <= limit else f"{len(str(value))} characters, {limit} are allowed"


def _user_data(value: Any) -> str | None:
    size = len(str(value).encode())
    return None if size <= 16384 else f"{size} bytes, AWS allows 16384"


_RATE = re.compile(r"rate\((?:1 (?:minute|hour|day)|(?!1 )[1-9]\d* (?:minutes|hours|days))\)")
_CRON = re.compile(r"cron\(\S+( \S+){5}\)")


def _event_pattern(value: Any) -> str | None:
    """As the provider counts it: without the spaces."""
    try:
        size = len(json.dumps(json.loads(value), separators=(",", ":"), ensure_ascii=False).encode())
    except (TypeError, ValueError):
        return None  # no JSON, which is said of all documents
    return None if size <= 4096 else f"{size} bytes, the provider allows 4096"


def _schedule(value: Any) -> str | None:
    """Of EventBridge's rules, which tell one minute from two minutes."""
    text = str(value)
    if _RATE.fullmatch(text) or _CRON.fullmatch(text) or not text:
        return None
    return f"{text!r} is no schedule: rate(5 minutes), rate(1 hour), or cron() with six fields"


_DAYS = "(mon|tue|wed|thu|fri|sat|sun)"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
_WEEKLY = matches(rf"(?i){_DAYS}:{_CLOCK}-{_DAYS}:{_CLOCK}", "a window such as sun:04:00-sun:05:00")
_DAILY = matches(rf"{_CLOCK}-{_CLOCK}", "a window such as 02:00-03:00")
_DATABASE = matches(
    r"[a-z](-?[a-z0-9]){0,62}", "a name of 1 to 63 small letters, digits and single hyphens, a letter first"
)
_ENGINE = matches(
    r"(?i)aurora(-mysql|-postgresql)?|custom-.+|db2-[a-z]+|mariadb|mysql|oracle-.+|postgres|sqlserver-.+",
    "an engine such as postgres, mysql, mariadb, oracle-se2, sqlserver-ex",
)
_CACHE = matches(
    r"(?!.*--)[a-zA-Z](?!.*-$)[a-zA-Z0-9-]{0,49}", "1 to 50 letters, digits and single hyphens, a letter first"
)
_WORDS = "letters, digits and _ + = , . @ -"
_IAM = r"\w+=,.@-"
_GROUP_TEXT = matches(
    r"[0-9A-Za-z_ .:/()#,@\[\]+=&;{}!$*-]{0,255}",
    "a description of 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*",
)
_GROUP_NAME = matches(r"(?!sg-)[^\0]{1,255}", "a name of 1 to 255 characters that does not begin with sg-")
_REPOSITORY = matches(
    r"(?=.{2,256}$)(?:[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*/)*[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*",
    "a name of 2 to 256 small letters, digits and single . _ - / between them",
)
_INSTANCE_TYPE = matches(r"[a-z0-9-]+\.[a-z0-9-]+", "a type of instances such as t3.micro")
_LOG_GROUP = up_to(512, r"0-9A-Za-z_./#-", "letters, digits and _ . / # -")
_CLUSTER = up_to(255, r"0-9A-Za-z_-", "letters, digits, _ and -")
_EKS = matches(r"[0-9A-Za-z][0-9A-Za-z_-]{0,99}", "a name of 1 to 100 letters, digits, - and _")
_TABLE = matches(r"[0-9A-Za-z_.-]{3,255}", "a name of 3 to 255 letters, digits, _ . -")
_QUEUE = matches(r"[0-9A-Za-z_-]{1,80}|[0-9A-Za-z_-]{1,75}\.fifo", "a name of 1 to 80 letters, digits, - and _")
_TOPIC = matches(r"[0-9A-Za-z_-]{1,256}|[0-9A-Za-z_-]{1,251}\.fifo", "a name of 1 to 256 letters, digits, - and _")

# Arguments that need not be given and of which the provider refuses an empty text too. Of others one counts as not
# given: ``ValidARN`` and the windows of the provider take it, and the SDK of providers reads it as none.
EVEN_EMPTY: dict[str, frozenset[str]] = {
    "aws:ec2/instance:Instance": frozenset({"privateIp"}),
    "aws:ec2/subnet:Subnet": frozenset({"cidrBlock"}),
    "aws:ec2/vpc:Vpc": frozenset({"cidrBlock"}),
    "aws:elasticache/replicationGroup:ReplicationGroup": frozenset({"authToken"}),
    "aws:rds/cluster:Cluster": frozenset({"clusterIdentifier"}),
    "aws:rds/clusterInstance:ClusterInstance": frozenset({"identifier"}),
    "aws:rds/instance:Instance": frozenset({"identifier"}),
    "aws:route53/healthCheck:HealthCheck": frozenset({"ipAddress"}),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": frozenset({"cidrIpv4", "cidrIpv6"}),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": frozenset({"cidrIpv4", "cidrIpv6"}),
}
OF_TYPE: dict[str, dict[str, Rule]] = {
    "aws:apigatewayv2/stage:Stage": {
        "name": matches(r"\$default|[0-9A-Za-z_-]{1,128}", "$default or 1 to 128 letters, digits, - and _")
    },
    "aws:apigateway/stage:Stage": {"stageName": up_to(128, r"0-9A-Za-z_-", "letters, digits, - and _")},
    "aws:backup/plan:Plan": {
        "rules.ruleName": up_to(50, r"0-9A-Za-z_.-", "letters, digits, _ . -"),
        "rules.targetVaultName": matches(r"[A-Za-z0-9_-]{2,50}", "a name of 2 to 50 letters, digits, _ -"),
    },
    "aws:cloudtrail/trail:Trail": {"name": matches(r"[0-9A-Za-z._-]{3,128}", "a name of 3 to 128 characters")},
    "aws:cloudwatch/eventRule:EventRule": {
        "name": up_to(64, r"0-9A-Za-z_.-", "letters, digits, _ . -"),
        "scheduleExpression": _schedule,
        "eventPattern": _event_pattern,
    },
    "aws:cloudwatch/eventArchive:EventArchive": {"eventPattern": _event_pattern},
    "aws:cloudwatch/eventTarget:EventTarget": {"targetId": up_to(64, r"0-9A-Za-z_.-", "letters, digits, _ . -")},
    "aws:cloudwatch/logGroup:LogGroup": {"name": _LOG_GROUP},
    "aws:cloudwatch/metricAlarm:MetricAlarm": {"name": short(255), "evaluationPeriods": between(1, 100000)},
    "aws:cognito/userPool:UserPool": {"name": matches(r"[\w\s+=,.@-]{1,128}", "a name of 1 to 128 characters")},
    "aws:cognito/userPoolClient:UserPoolClient": {"name": matches(r"[\w\s+=,.@-]{1,128}", "1 to 128 characters")},
    "aws:dynamodb/table:Table": {"name": _TABLE},
    "aws:ec2/instance:Instance": {"instanceType": _INSTANCE_TYPE, "userData": _user_data},
    "aws:ec2/launchConfiguration:LaunchConfiguration": {"instanceType": _INSTANCE_TYPE, "userData": _user_data},
    "aws:ec2/launchTemplate:LaunchTemplate": {
        "name": matches(r"[a-zA-Z0-9().\-/_]{3,128}", "a name of 3 to 128 letters, digits and ( ) . - / _"),
        "instanceType": _INSTANCE_TYPE,
        "userData": encoded,
    },
    "aws:ec2/securityGroup:SecurityGroup": {"name": _GROUP_NAME, "description": _GROUP_TEXT},
    "aws:ec2/securityGroupRule:SecurityGroupRule": {
        "cidrBlocks": networks,
        "ipv6CidrBlocks": networks,
        "description": _GROUP_TEXT,
        "type": of("ingress", "egress"),
    },
    "aws:ec2/subnet:Subnet": {"cidrBlock": _vpc_network},
    "aws:ec2/vpc:Vpc": {"cidrBlock": _vpc_network},
    "aws:ecr/repository:Repository": {"name": _REPOSITORY},
    "aws:ecs/cluster:Cluster": {"name": _CLUSTER},
    "aws:ecs/service:Service": {"name": _CLUSTER, "desiredCount": between(0, 5000)},
    "aws:ecs/taskDefinition:TaskDefinition": {"family": _CLUSTER},
    "aws:eks/cluster:Cluster": {"name": _EKS},
    "aws:elasticache/cluster:Cluster": {
        "clusterId": _CACHE,
        "engine": of("memcached", "redis", "valkey", ignoring_case=True),
        "maintenanceWindow": _WEEKLY,
        "nodeType": matches(r"cache\..+", "a type of cache nodes such as cache.t4g.micro"),
        "snapshotRetentionLimit": between(0, 35),
    },
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        "description": matches(r"(?s).+", "a description, which has to be given"),
        "maintenanceWindow": _WEEKLY,
        "nodeType": matches(r"cache\..+", "a type of cache nodes such as cache.t4g.micro"),
        "snapshotWindow": _DAILY,
    },
    "aws:iam/group:Group": {"name": up_to(128, _IAM, _WORDS)},
    "aws:iam/instanceProfile:InstanceProfile": {"name": up_to(128, _IAM, _WORDS)},
    "aws:iam/policy:Policy": {"name": up_to(128, _IAM, _WORDS), "path": matches(r"/|/[!-~]+/", "a path like /app/")},
    "aws:iam/role:Role": {
        "name": up_to(64, _IAM, _WORDS),
        "namePrefix": up_to(38, _IAM, _WORDS),
        "description": short(1000),
        "path": matches(r"/|/[!-~]+/", "a path like /app/"),
    },
    "aws:iam/rolePolicy:RolePolicy": {"name": up_to(128, _IAM, _WORDS)},
    "aws:iam/user:User": {"name": up_to(64, _IAM, _WORDS)},
    "aws:kinesis/stream:Stream": {
        "name": up_to(128, r"0-9A-Za-z_.-", "letters, digits, _ . -"),
        "retentionPeriod": between(24, 8760),
    },
    "aws:kms/alias:Alias": {
        "name": matches(r"alias/(?!aws/)[0-9A-Za-z_/-]{1,250}", "a name like alias/app, not below alias/aws/")
    },
    "aws:lambda/function:Function": {
        "description": short(256),
        "handler": short(128),
        "reservedConcurrentExecutions": between(-1, 1_000_000),
    },
    "aws:lambda/permission:Permission": {"statementId": up_to(100, r"0-9A-Za-z_-", "letters, digits, - and _")},
    "aws:lb/targetGroup:TargetGroup": {"port": between(1, 65535)},
    "aws:rds/cluster:Cluster": {
        "engine": matches(
            "aurora-mysql|aurora-postgresql|mysql|postgres|custom-.+",
            "aurora-mysql, aurora-postgresql, mysql or postgres",
        ),
        "clusterIdentifier": _DATABASE,
        "finalSnapshotIdentifier": matches(
            r"-?[0-9A-Za-z](-?[0-9A-Za-z])*", "letters, digits and single hyphens, none at the end"
        ),
        "engineMode": of("global", "multimaster", "parallelquery", "provisioned", "serverless", ""),
        "preferredBackupWindow": _DAILY,
        "preferredMaintenanceWindow": _WEEKLY,
    },
    "aws:rds/clusterInstance:ClusterInstance": {
        "identifier": _DATABASE,
        "instanceClass": matches(r"db\..+", "a class of databases such as db.t4g.medium"),
        "monitoringInterval": of(0, 1, 5, 10, 15, 30, 60),
        "promotionTier": between(0, 15),
    },
    "aws:rds/instance:Instance": {
        "engine": _ENGINE,
        "identifier": _DATABASE,
        "instanceClass": matches(r"db\..+", "a class of databases such as db.t4g.micro"),
        "finalSnapshotIdentifier": matches(
            r"[A-Za-z](-?[0-9A-Za-z])*", "letters, digits, single hyphens, a letter first"
        ),
        "monitoringInterval": of(0, 1, 5, 10, 15, 30, 60),
        "backupWindow": _DAILY,
        "maintenanceWindow": _WEEKLY,
    },
    "aws:rds/subnetGroup:SubnetGroup": {
        "name": matches(r"[a-z0-9_. -]{1,255}", "a name of 1 to 255 small letters, digits, spaces and _ . -")
    },
    "aws:rds/parameterGroup:ParameterGroup": {
        "name": matches(
            r"(?!.*--)[a-z](?!.*-$)[a-z0-9.-]{0,254}",
            "1 to 255 small letters, digits, . and single hyphens, a letter first",
        )
    },
    "aws:route53/record:Record": {"ttl": between(0, 2147483647)},
    "aws:scheduler/schedule:Schedule": {
        "scheduleExpression": matches(r"(rate|cron|at)\(.+\)", "a schedule: rate(5 minutes), cron() or at()")
    },
    "aws:secretsmanager/secret:Secret": {
        "name": up_to(512, r"0-9A-Za-z/_+=.@-", "letters, digits and / _ + = . @ -"),
        "recoveryWindowInDays": lambda value: between(7, 30)(value) if value != 0 else None,
    },
    "aws:sfn/stateMachine:StateMachine": {"name": up_to(80, r"0-9A-Za-z_-", "letters, digits, - and _")},
    "aws:sns/topic:Topic": {"name": _TOPIC},
    "aws:sns/topicSubscription:TopicSubscription": {
        "protocol": of("application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs")
    },
    "aws:sqs/queue:Queue": {
        "name": _QUEUE,
        "delaySeconds": between(0, 900),
        "kmsDataKeyReusePeriodSeconds": between(60, 86400),
        "maxMessageSize": between(1024, 1048576),
        "messageRetentionSeconds": between(60, 1209600),
        "receiveWaitTimeSeconds": between(0, 20),
    },
    "aws:ssm/parameter:Parameter": {
        "name": up_to(2048, r"0-9A-Za-z/_.-", "letters, digits and / _ . -"),
        "type": of("String", "StringList", "SecureString"),
    },
    "aws:wafv2/webAcl:WebAcl": {"name": up_to(128, r"0-9A-Za-z_-", "letters, digits, - and _")},
}
_EDITIONS = (
    "", "AccelerateConfiguration", "Acl", "CorsConfiguration", "LifecycleConfiguration", "Logging",
    "ObjectLockConfiguration", "RequestPaymentConfiguration", "ServerSideEncryptionConfiguration", "Versioning",
    "WebsiteConfiguration",
)  # fmt: skip
SAME = {  # names of a type that the SDK keeps beside the first
    **{f"aws:s3/bucket{part}V2:Bucket{part}V2": f"aws:s3/bucket{part}:Bucket{part}" for part in _EDITIONS},
    "aws:alb/loadBalancer:LoadBalancer": "aws:lb/loadBalancer:LoadBalancer",
    "aws:alb/targetGroup:TargetGroup": "aws:lb/targetGroup:TargetGroup",
    "aws:alb/listener:Listener": "aws:lb/listener:Listener",
    "aws:alb/listenerRule:ListenerRule": "aws:lb/listenerRule:ListenerRule",
    "aws:elasticloadbalancingv2/loadBalancer:LoadBalancer": "aws:lb/loadBalancer:LoadBalancer",
    "aws:elasticloadbalancingv2/targetGroup:TargetGroup": "aws:lb/targetGroup:TargetGroup",
    "aws:elasticloadbalancingv2/listener:Listener": "aws:lb/listener:Listener",
    "aws:elasticloadbalancingv2/listenerRule:ListenerRule": "aws:lb/listenerRule:ListenerRule",
}
