"""What a service has to be allowed before AWS lets something lean on it, and times that have to fit."""

import json
from collections.abc import Iterable
from typing import Any

from preflight.between.made import Made, Told
from preflight.registry import Entry
from preflight.simulation.documents import by_name, listed
from preflight.simulation.together import UNKNOWN, Problem

_FUNCTION = "aws:lambda/function:Function"
_QUEUE, _TOPIC = "aws:sqs/queue:Queue", "aws:sns/topic:Topic"
_NOTIFICATION = "aws:s3/bucketNotification:BucketNotification"
_MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
_PERMISSION = "aws:lambda/permission:Permission"
_TOLD = "InvalidArgument: Unable to validate the following destination configurations"
# What a bucket tells of its objects, where the target is named, and where its policy is.
_TARGETS = (
    ("queues", "queueArn", _QUEUE, "aws:sqs/queuePolicy:QueuePolicy", "queueUrl"),
    ("topics", "topicArn", _TOPIC, "aws:sns/topicPolicy:TopicPolicy", "arn"),
)
_VISIBLE, _TIMEOUT = 30, 3  # seconds, what SQS and Lambda set where nothing is given (their API references)


def problems(made: Made) -> Told:
    """Of notifications of buckets and of queues that call functions."""
    for entry in made.all(_NOTIFICATION):
        yield from _notified(made, entry)
    for entry in made.all(_MAPPING):
        queue = made.find(entry.checked.get("eventSourceArn"), _QUEUE)
        function = made.find(entry.checked.get("functionName"), _FUNCTION)
        if queue is None or function is None or entry.checked.get("enabled") not in (None, True):
            continue
        seen, runs = queue.checked.get("visibilityTimeoutSeconds", _VISIBLE), function.checked.get("timeout", _TIMEOUT)
        if isinstance(seen, int | float) and isinstance(runs, int | float) and seen < runs:
            reason = f"queue '{queue.name}' hides a message for {seen:g} s, less than the {runs:g} s that function"
            advice = "set visibility_timeout_seconds to that at least (InvalidParameterValueException)"
            yield entry, Problem("eventSourceArn", f"{reason} '{function.name}' may run: {advice}")


def _notified(made: Made, entry: Entry) -> Told:
    for index, block in enumerate(_blocks(entry, "lambdaFunctions")):
        function = made.find(block.get("lambdaFunctionArn"), _FUNCTION)
        given = made.beside(function, "function", _PERMISSION) if function else None
        if function and given is not None and not any(_is_of_s3(each) for each in given):
            reason = f"nothing allows s3.amazonaws.com to invoke '{function.name}': add a lambda_.Permission ({_TOLD})"
            yield entry, Problem(f"lambdaFunctions[{index}].lambdaFunctionArn", reason)
    for kind, key, target, policy, by in _TARGETS:
        for index, block in enumerate(_blocks(entry, kind)):
            found = made.find(block.get(key), target)
            said = policies(made, found, policy, by) if found else None
            if target == _TOPIC and not said:
                continue  # the policy that SNS itself gives a topic may let S3 in (aws:SourceOwner)
            if found and allows(said, "s3.") is False:
                reason = f"no policy allows s3.amazonaws.com to send to '{found.name}' ({_TOLD})"
                yield entry, Problem(f"{kind}[{index}].{key}", reason)


def _is_of_s3(permission: Entry) -> bool:
    principal = permission.checked.get("principal")
    return not isinstance(principal, str) or UNKNOWN in principal or principal.lower().startswith(("s3.", "*"))


def policies(made: Made, entry: Entry, policy: str, by: str) -> list[Any] | None:
    """The documents that are said of a resource; None when one may be."""
    beside = made.beside(entry, by, policy)
    if beside is None:
        return None
    own = entry.checked.get("policy")
    return [each.checked.get("policy") for each in beside] + ([] if own in (None, "") else [own])


def allows(documents: Iterable[Any] | None, service: str, *, accounts: bool = False) -> bool | None:
    """Whether some document may let a service in that is called by the beginning of its name: whether it speaks of it,
    or lets in everyone, or, where older policies of AWS's own do so, `accounts`. None where one is not known."""
    if documents is None:
        return None
    found = False
    for each in documents:
        statements = statements_of(each)
        if statements is None:
            return None
        found |= service in json.dumps(each).lower() or any(_lets_in(said, accounts) for said in statements)
    return found


def statements_of(document: Any) -> list[dict[str, Any]] | None:
    """The statements of a policy, with their elements as the language writes them; None for what cannot be read."""
    try:
        raw = by_name(json.loads(document) if isinstance(document, str) else document)
    except ValueError:
        return None
    given = listed(raw.get("Statement"))
    if not given or UNKNOWN in json.dumps(raw) or not all(isinstance(each, dict) for each in given):
        return None
    return [by_name(each) for each in given]


def _lets_in(statement: dict[str, Any], accounts: bool) -> bool:
    """Whether more may be let in than principals that are named; also where it is none that AWS knows."""
    if statement.get("Effect") == "Deny":
        return False
    given = statement.get("Principal")
    if not isinstance(given, dict) or not {*given} <= {"AWS", "Service", "Federated", "CanonicalUser"}:
        return True
    named = [str(each) for each in listed(given.get("AWS"))]
    return "*" in named or (accounts and bool(named)) or "CanonicalUser" in given


def _blocks(entry: Entry, key: str) -> list[dict[str, Any]]:
    value = entry.checked.get(key)
    return [each if isinstance(each, dict) else {} for each in value] if isinstance(value, list) else []
