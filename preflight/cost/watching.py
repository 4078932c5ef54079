"""Raters of what watches: logs, alarms, dashboards, canaries, and what is charged by the account."""

from collections.abc import Iterator
from decimal import Decimal

from preflight.cost import calendar
from preflight.cost.meters import Unpriced
from preflight.cost.raters import Context, Line, monthly, rates
from preflight.cost.usage import HOURS
from preflight.cost.view import Entry, inputs, maps, number, text
from preflight.yaml_source import SourceError

_FLOW_LOG = "aws:ec2/flowLog:FlowLog"
_FOREVER = 12  # months of a log group that never forgets, counted after its first year


@rates("aws:cloudwatch/logGroup:LogGroup")
def log_group(entry: Entry, context: Context) -> Iterator[Line]:
    """What is written, and what is kept for as long as it is kept, as though it were not compressed."""
    given, usage = inputs(entry), context.usage
    flow = bool(context.view.naming(entry, "logDestination", _FLOW_LOG))
    written = usage.flow_log_gigabytes if flow else usage.log_gigabytes
    if not flow:  # the flow log itself is charged for writing
        infrequent = given.get("logGroupClass") == "INFREQUENT_ACCESS"
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
def alarm(entry: Entry, _context: Context) -> list[Line]:
    """Each metric that the alarm reads."""
    given = inputs(entry)
    queries = [*maps(given.get("metricQueries"))]
    metrics = [metric for query in queries for metric in maps(query.get("metric"))]
    periods = [number(part, "period", 60) for part in (metrics or [given])]
    fast = any(period < 60 for period in periods)
    count = max(1, len(metrics))
    return [monthly(f"cloudwatch.alarm.{'high_resolution' if fast else 'standard'}", count, "metrics under alarm")]


@rates("aws:appautoscaling/policy:Policy")
def tracking(entry: Entry, _context: Context) -> list[Line]:
    """The alarms that target tracking makes by itself: to scale out, and to scale in unless that is off."""
    for config in maps(inputs(entry).get("targetTrackingScalingPolicyConfiguration")):
        count = 1 if config.get("disableScaleIn") is True else 2
        return [monthly("cloudwatch.alarm.standard", count, "alarms that target tracking makes")]
    return []


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
