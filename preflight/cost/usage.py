"""How much a stack is used: what a recording cannot know and a bill depends on.

Three profiles: `idle` (nobody is there; what it costs to exist), `expected` and `peak`. A stack says its own figures
under `preflight:usage` in its stack file; docs/cost.md lists the keys with these defaults.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Literal

from preflight.mistakes import Mistake, guess, step
from preflight.yaml_source import SourceError

Profile = Literal["idle", "expected", "peak"]
PROFILES: Sequence[Profile] = ("idle", "expected", "peak")
HOURS = 730  # of a month, as AWS's own calculator counts: 8,760 / 12
SECTION = "usage"


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Quantities of one month. "Each" is each resource of that kind, "in all" is spread over them evenly."""

    load: Decimal  # 0 to 1: where between its least and its most capacity everything that scales stands
    requests: Decimal  # to load balancers, CDNs and HTTP APIs, in all
    response_kilobytes: Decimal  # of one answer
    connection_requests: Decimal  # requests over one connection
    connection_seconds: Decimal  # that one stays open
    nat_gigabytes: Decimal  # through NAT, in all
    endpoint_gigabytes: Decimal  # through interface endpoints, in all
    cross_zone_gigabytes: Decimal  # between zones, in all; counted on both sides
    log_gigabytes: Decimal  # written to each log group
    flow_log_gigabytes: Decimal  # of each flow log
    database_gigabytes: Decimal  # stored by each Aurora, DocumentDB or Neptune cluster
    database_requests: Decimal  # I/O of each Aurora, DocumentDB or Neptune cluster
    database_hours: Decimal  # that one which may pause is awake
    bucket_gigabytes: Decimal  # in each bucket
    bucket_writes: Decimal  # PUT, COPY, POST, LIST to each bucket
    bucket_reads: Decimal  # GET and others from each bucket
    queue_messages: Decimal  # to each queue; three calls each: send, receive, delete
    topic_messages: Decimal  # to each topic
    message_kilobytes: Decimal  # of one message to a queue or topic; each 64 KB begun count as one
    table_gigabytes: Decimal  # in each table
    table_writes: Decimal  # write units of each on-demand table
    table_reads: Decimal  # read units of each on-demand table
    cache_gigabytes: Decimal  # in each serverless cache
    cache_units: Decimal  # ECPU of each serverless cache
    file_gigabytes: Decimal  # in each file system of EFS
    stream_gigabytes: Decimal  # into and out of each serverless Kafka cluster, and kept
    stream_partitions: Decimal  # of each serverless Kafka cluster
    image_gigabytes: Decimal  # in each repository
    backup_gigabytes: Decimal  # beyond what databases have free
    function_calls: Decimal  # of each function
    function_milliseconds: Decimal  # of one call
    job_minutes: Decimal  # of one run of a scheduled task
    key_requests: Decimal  # KMS requests to each key
    secret_requests: Decimal  # calls for each secret
    record_kilobytes: Decimal  # of one record of a stream
    spot_discount: Decimal  # 0 to 1: what Spot is cheaper by. A market price, so nothing is taken off unless you say so
    # Without a default: what depends on them is listed as not priced until a stack says them.
    state_transitions: Decimal | None  # of each standard state machine
    workflow_runs: Decimal | None  # of each express state machine, with 64 MB each
    workflow_seconds: Decimal | None  # of one such run
    active_users: Decimal | None  # of each Cognito user pool
    bus_events: Decimal | None  # sent to each event bus of the stack's own, a count for each 64 KB begun
    stream_records: Decimal | None  # put into each Kinesis stream and each Firehose stream; each is read once
    transit_gigabytes: Decimal | None  # sent into a transit gateway by each attachment and VPN connection
    firewall_gigabytes: Decimal | None  # through each network firewall
    websocket_messages: Decimal | None  # of each WebSocket API, a count for each 32 KB begun
    websocket_minutes: Decimal | None  # of connections to each WebSocket API
    graphql_requests: Decimal | None  # to each AppSync API
    dns_queries: Decimal | None  # to public hosted zones, in all, but those for aliases of AWS's resources


_DEFAULTS: Mapping[str, tuple[str, str, str]] = {
    "load": ("0", "0.2", "1"),
    "requests": ("0", "3000000", "30000000"),
    "response_kilobytes": ("50", "50", "50"),
    "connection_requests": ("10", "10", "10"),
    "connection_seconds": ("60", "60", "60"),
    "nat_gigabytes": ("0", "50", "500"),
    "endpoint_gigabytes": ("0", "20", "200"),
    "cross_zone_gigabytes": ("0", "50", "500"),
    "log_gigabytes": ("0", "1", "10"),
    "flow_log_gigabytes": ("0.1", "5", "50"),
    "database_gigabytes": ("10", "20", "100"),
    "database_requests": ("0", "10000000", "200000000"),
    "database_hours": ("0", "220", "730"),
    "bucket_gigabytes": ("0", "50", "500"),
    "bucket_writes": ("0", "100000", "2000000"),
    "bucket_reads": ("0", "1000000", "20000000"),
    "queue_messages": ("0", "1000000", "20000000"),
    "topic_messages": ("0", "1000", "10000"),
    "message_kilobytes": ("1", "1", "1"),
    "table_gigabytes": ("0", "5", "50"),
    "table_writes": ("0", "1000000", "20000000"),
    "table_reads": ("0", "5000000", "100000000"),
    "cache_gigabytes": ("0", "1", "5"),
    "cache_units": ("0", "50000000", "1000000000"),
    "file_gigabytes": ("0", "20", "200"),
    "stream_gigabytes": ("0", "50", "1000"),
    "stream_partitions": ("10", "10", "50"),
    "image_gigabytes": ("0.5", "1", "2"),
    "backup_gigabytes": ("0", "10", "50"),
    "function_calls": ("0", "1000000", "20000000"),
    "function_milliseconds": ("100", "100", "100"),
    "job_minutes": ("5", "5", "15"),
    "key_requests": ("0", "100000", "2000000"),
    "secret_requests": ("0", "10000", "50000"),
    "record_kilobytes": ("1", "1", "1"),
    "spot_discount": ("0", "0", "0"),
}
_MOST = 10**15  # of any figure: what is more is a slip, and no sum of it would be exact
_SHOWN = 100  # characters of a value in a message
_SHARES = frozenset({"load", "spot_discount"})


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


KEYS: Mapping[str, str] = {_camel(field.name): field.name for field in fields(Usage)}
SWITCHES = ("budget", "freeAllowances")


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """What an estimate rests on. `budget` is USD a month for the expected profile, None for no budget."""

    usage: Mapping[Profile, Usage]
    budget: Decimal | None
    free: bool


def figures(assumptions: Assumptions) -> dict[str, dict[str, str]]:
    """By key of the section, what each profile takes; without those of which nothing is known."""
    found = {key: [getattr(assumptions.usage[profile], name) for profile in PROFILES] for key, name in KEYS.items()}
    return {
        key: {profile: f"{value:f}" for profile, value in zip(PROFILES, values, strict=True)}
        for key, values in found.items()
        if None not in values
    }


def defaults() -> Assumptions:
    """Of a stack that says nothing of its own."""
    return read({}, "")


def read(section: object, where: str) -> Assumptions:
    """The assumptions from a usage section; `where` is its key, for messages. SourceError with every mistake at once,
    each a message of its own.

    Each figure is one number for `expected` and `peak`, or a map with some of the three profiles.
    """
    if not isinstance(section, Mapping):
        raise SourceError(str(_no_map(section, where)))
    wrong: list[Mistake] = []
    given: dict[str, Mapping[str, Decimal]] = {}
    for key, value in section.items():
        place = where + step(str(key))
        if key in KEYS:
            given[KEYS[key]] = _figures(place, value, share=KEYS[key] in _SHARES, wrong=wrong)
        elif key not in SWITCHES:
            wrong.append(_unknown(place, str(key), "key", [*KEYS, *SWITCHES]))
        elif key == "budget" and value is not None and not 0 < (_number(value) or 0) <= _MOST:
            wrong.append(_no_number(place, value, f"USD a month: a number more than 0 and up to {_MOST:.0e}"))
        elif key == "freeAllowances" and not isinstance(value, bool):
            change = "write true or false, without quotes"
            wrong.append(Mistake(place, "is neither true nor false", _said(value), "true or false", change))
    if wrong:
        raise SourceError(*map(str, dict.fromkeys(wrong)))
    usage: dict[Profile, Usage] = {}
    for position, profile in enumerate(PROFILES):
        values: dict[str, Any] = {
            name: given.get(name, {}).get(profile, Decimal(texts[position])) for name, texts in _DEFAULTS.items()
        }
        for name in KEYS.values() - _DEFAULTS.keys():  # of one that is said for some profiles, the others have none
            values[name] = given[name].get(profile, Decimal(0)) if name in given else None
        usage[profile] = Usage(**values)
    return Assumptions(usage=usage, budget=_number(section.get("budget")), free=section.get("freeAllowances", False))


def _figures(where: str, value: object, *, share: bool, wrong: list[Mistake]) -> Mapping[str, Decimal]:
    entries: Mapping[Any, object] = value if isinstance(value, Mapping) else {"expected": value, "peak": value}
    if share and not isinstance(value, Mapping) and where.endswith(".spotDiscount"):
        entries = dict.fromkeys(PROFILES, value)
    figures = {}
    for profile, figure in entries.items():
        number = _number(figure)
        place = where + step(str(profile)) if isinstance(value, Mapping) else where
        if profile not in PROFILES:
            wrong.append(_unknown(place, str(profile), "profile", PROFILES))
        elif number is None or not 0 <= number <= (1 if share else _MOST):
            allowed = f"a number from 0 to {1 if share else f'{_MOST:.0e}'}"
            wrong.append(_no_number(place, figure, allowed, share=share))
        else:
            figures[profile] = number
    return figures


def _no_map(section: object, where: str) -> Mistake:
    change = "write the figures below the key, as docs/cost.md shows"
    return Mistake(where, "is not a map of usage figures", _said(section), "a map of usage figures", change)


def _unknown(place: str, name: str, what: str, known: Sequence[str]) -> Mistake:
    close = guess(name, known)
    change = f"did you mean {close}?" if close else "take it out"
    return Mistake(place, f"there is no such {what}", f"the {what} {_said(name)}", ", ".join(known), change)


def _no_number(place: str, value: object, allowed: str, *, share: bool = False) -> Mistake:
    number = _number(value)
    if number is not None:
        change = "write a number within these limits"
        if share and 1 < number <= 100:
            change = f"write {number / 100:f}, if {number:f} % is meant"
        return Mistake(place, "is outside of what is possible", _said(value), allowed, change)
    try:
        meant = isinstance(value, str) and Decimal(value).is_finite()
    except ArithmeticError:
        meant = False
    change = f"write it without quotes: {value}" if meant else "write the number alone, without a unit"
    return Mistake(place, "is not a number", _said(value), allowed, change)


def _said(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = Decimal(str(value))
    return number if number.is_finite() else None
