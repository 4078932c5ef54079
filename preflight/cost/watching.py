"""Raters of what watches: logs, alarms, dashboards, canaries, and what is charged by the account."""

import json
from collections.abc import Iterator
from decimal import Decimal

from preflight.cost import calendar
from preflight.cost.meters import Unpriced
from preflight.cost.raters import Context, Line, monthly, rates
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
    """What is written, at the price of vended logs."""
    kind = text(entry, "logDestinationType", "cloud-watch-logs")
    if kind != "cloud-watch-logs":
        raise Unpriced(f"no list price of flow logs to {kind} is known")
    return [monthly("cloudwatch.logs.ingest.vended", context.usage.flow_log_gigabytes, "flow logs written")]


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
def event_bus(_entry: Entry, _context: Context) -> list[Line]:
    """By events, which are not asked for; events of AWS itself go to the default bus, free."""
    raise Unpriced("the events sent to it are not asked for")


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
    if inputs(entry).get("tier") in ("Advanced", "Intelligent-Tiering"):
        raise Unpriced("no list price of advanced parameters is known")
    return []


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
