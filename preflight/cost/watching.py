"""Raters of what watches: logs, alarms, dashboards, canaries, and what is charged by the account."""

import json
from collections.abc import Iterator
from decimal import Decimal

from preflight.cost import calendar
from preflight.cost.meters import Unpriced
from preflight.cost.raters import Context, Line, monthly, rates, told
from preflight.cost.usage import HOURS
from preflight.cost.view import Entry, inputs, maps, number, text
from preflight.yaml_source import SourceError

_FLOW_LOG = "aws:ec2/flowLog:FlowLog"
_FREE_IN_TEMPLATES = frozenset({"AWS::SSM::Parameter", "AWS::CloudFormation::WaitConditionHandle", "AWS::IAM::Role"})
_FOREVER = 12  # months of a log group that never forgets, counted after its first year


@rates("aws:cloudwatch/logGroup:LogGroup")
def log_group(entry: Entry, context: Context) -> Iterator[Line]:
    """What is written, and what is kept for as long as it is kept, as though it were not compressed."""
    given, usage = inputs(entry), context.usage
    flow = bool(context.view.naming(entry, "logDestination", _FLOW_LOG))
    written = usage.flow_log_gigabytes if flow else usage.log_gigabytes
    if not flow:  # the flow log itself is charged for writing
        infrequent = given.get("logGroupClass") == "INFREQUENT_ACCESS"
        if given.get("logGroupClass") == "DELIVERY":
            raise Unpriced("no list price of logs that are only delivered is known")
        yield monthly(
            f"cloudwatch.logs.ingest.{'infrequent_access' if infrequent else 'standard'}", written, "logs written"
        )
    days = number(given, "retentionInDays", 0)
    months = days * 24 / HOURS if days else Decimal(_FOREVER)
    yield monthly("cloudwatch.logs.storage", written * months, "logs kept")


@rates(_FLOW_LOG)
def flow_log(entry: Entry, context: Context) -> list[Line]:
    """What is written, at the price of vended logs, which is another where they are delivered to a bucket or stream."""
    kind = text(entry, "logDestinationType", "cloud-watch-logs")
    meter = "cloudwatch.logs.ingest.vended" if kind == "cloud-watch-logs" else "cloudwatch.logs.delivery"
    if any(option.get("fileFormat") == "parquet" for option in maps(inputs(entry).get("destinationOptions"))):
        raise Unpriced("no list price of flow logs in Parquet is known")
    return [monthly(meter, context.usage.flow_log_gigabytes, "flow logs written")]


@rates("aws:cloudwatch/metricAlarm:MetricAlarm")
def alarm(entry: Entry, _context: Context) -> Iterator[Line]:
    """Each metric that the alarm reads."""
    given = inputs(entry)
    queries = [*maps(given.get("metricQueries"))]
    metrics = [metric for query in queries for metric in maps(query.get("metric"))]
    periods = [number(part, "period", 60) for part in (metrics or [given])]
    fast = any(period < 60 for period in periods)
    count = max(1, len(metrics))
    if given.get("thresholdMetricId") is not None:  # detection of anomalies: the metric and the two ends of its band
        count *= 3
    yield monthly(f"cloudwatch.alarm.{'high_resolution' if fast else 'standard'}", count, "metrics under alarm")
    if any(str(query.get("expression")).lstrip().upper().startswith("SELECT") for query in queries):
        raise Unpriced("how many metrics the query of the alarm reads is not known: one is counted")


@rates("aws:appautoscaling/policy:Policy", "aws:autoscaling/policy:Policy")
def tracking(entry: Entry, _context: Context) -> list[Line]:
    """The alarms that target tracking makes by itself: to scale out, and to scale in unless that is off."""
    given = inputs(entry)
    for config in maps(
        given.get("targetTrackingScalingPolicyConfiguration") or given.get("targetTrackingConfiguration")
    ):
        count = 1 if config.get("disableScaleIn") is True else 2
        return [monthly("cloudwatch.alarm.standard", count, "alarms that target tracking makes")]
    return []


@rates("aws:cloudwatch/logMetricFilter:LogMetricFilter")
def log_metric(entry: Entry, context: Context) -> list[Line]:
    """A metric of its own while anything is written; by dimensions there are as many as they have values."""
    if not context.usage.log_gigabytes:
        return []
    for made in maps(inputs(entry).get("metricTransformation")):
        if made.get("dimensions"):
            raise Unpriced("how many values the dimensions of its metric have is not known")
    return [monthly("cloudwatch.metric.custom", 1, "metric made from logs")]


@rates("aws:cloudwatch/eventBus:EventBus")
def event_bus(_entry: Entry, context: Context) -> list[Line]:
    """By events; events of AWS itself go to the default bus, free."""
    return [monthly("eventbridge.custom_events", told(context.usage.bus_events, "the events sent to it"), "events")]


@rates("aws:cloudwatch/compositeAlarm:CompositeAlarm")
def composite(_entry: Entry, _context: Context) -> list[Line]:
    """A composite alarm."""
    return [monthly("cloudwatch.alarm.composite", 1, "composite alarm")]


@rates("aws:cloudwatch/dashboard:Dashboard")
def dashboard(_entry: Entry, _context: Context) -> list[Line]:
    """A dashboard."""
    return [monthly("cloudwatch.dashboard", 1, "dashboard")]


@rates("aws:synthetics/canary:Canary")
def canary(entry: Entry, _context: Context) -> list[Line]:
    """Its runs."""
    for schedule in maps(inputs(entry).get("schedule")):
        try:
            runs = calendar.runs(str(schedule.get("expression")), "UTC", HOURS)
        except SourceError as error:
            raise Unpriced(str(error)) from None
        return [monthly("cloudwatch.synthetics.canary_run", runs, "runs")]
    raise Unpriced("its schedule is not known")


@rates("aws:ssm/parameter:Parameter")
def parameter(entry: Entry, _context: Context) -> list[Line]:
    """Free unless it is advanced."""
    tier = inputs(entry).get("tier")
    if tier == "Intelligent-Tiering":
        raise Unpriced("whether AWS makes it an advanced parameter is not known")
    return [monthly("ssm.advanced_parameter", 1, "advanced parameter")] if tier == "Advanced" else []


@rates("aws:cloudformation/stack:Stack")
def template(entry: Entry, _context: Context) -> list[Line]:
    """What its template makes: nothing else of it is read than whether that is free."""
    body = inputs(entry).get("templateBody")
    try:
        made = json.loads(body)["Resources"].values() if isinstance(body, str) else None
        kinds = None if made is None else {each["Type"] for each in made}
    except (ValueError, KeyError, TypeError, AttributeError):
        kinds = None
    if kinds is None or not kinds <= _FREE_IN_TEMPLATES:
        raise Unpriced("what its template makes is not read")
    return []


@rates("aws:acm/certificate:Certificate")
def certificate(entry: Entry, _context: Context) -> list[Line]:
    """Free unless it is of a private authority, or can be exported."""
    given = inputs(entry)
    if given.get("certificateAuthorityArn") is not None:
        raise Unpriced("no list price of certificates of a private authority is known")
    if any(option.get("export") == "ENABLED" for option in maps(given.get("options"))):
        raise Unpriced("no list price of certificates that can be exported is known")
    return []


@rates("aws:cognito/userPool:UserPool")
def users(entry: Entry, context: Context) -> Iterator[Line]:
    """Users that are active in the month, by the tier of the pool."""
    tier = text(entry, "userPoolTier", "ESSENTIALS").lower()
    if tier == "lite":
        raise Unpriced("no list price of the tier Lite is known")
    yield monthly(f"cognito.{tier}.active_users", told(context.usage.active_users, "active users"), "active users")
    if [*maps(inputs(entry).get("smsConfiguration"))]:
        raise Unpriced("the text messages that it sends are not asked for")


@rates("aws:accessanalyzer/analyzer:Analyzer")
def analyzer(entry: Entry, _context: Context) -> list[Line]:
    """Free as far as it looks for access from outside."""
    if text(entry, "type", "ACCOUNT") not in ("ACCOUNT", "ORGANIZATION"):
        raise Unpriced("how many roles, users or resources it looks at is not asked for")
    return []


@rates("aws:amp/workspace:Workspace")
def prometheus(_entry: Entry, _context: Context) -> list[Line]:
    """By samples, which are not asked for."""
    raise Unpriced("the samples written to it are not asked for")


@rates("aws:grafana/workspace:Workspace")
def grafana(_entry: Entry, _context: Context) -> list[Line]:
    """At least one editor is charged."""
    return [monthly("amg.editor", 1, "one active editor, the least there is")]


@rates(
    "aws:cfg/recorder:Recorder",
    "aws:cfg/rule:Rule",
    "aws:cloudtrail/trail:Trail",
    "aws:guardduty/detector:Detector",
    "aws:inspector2/enabler:Enabler",
    "aws:macie2/account:Account",
    "aws:securityhub/account:Account",
)
def by_account(_entry: Entry, _context: Context) -> list[Line]:
    """Charged by what happens in the whole account."""
    raise Unpriced("it is charged by what happens in the account, which is not asked for")
