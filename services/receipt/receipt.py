"""Writes a receipt into its log for everything that it is called for: a message, an object, a time or a request.

A function for AWS Lambda, by the handler `receipt.handler`. Standard library only. A receipt is one JSON object a line,
and says what came and how large it was, never what was in it.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

Event = Mapping[str, Any]
Write = Callable[[str], object]


def handler(event: Event, context: Any, write: Write = print) -> dict[str, Any]:
    """What Lambda calls. Raises ValueError for an event of a kind that it does not know: the run has failed then."""
    run = str(getattr(context, "aws_request_id", ""))

    def receipt(kind: str, **details: Any) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        write(json.dumps({"receipt": kind, "run": run, "at": at, **details}, sort_keys=True))

    if "elb" in event.get("requestContext", {}):
        return _request(event, receipt)
    if event.get("source") == "aws.scheduler":
        receipt("time", scheduled=event.get("time"))
        return {}
    records = event.get("Records")
    if not isinstance(records, list) or not records:
        raise ValueError(f"an event with the keys {sorted(event)} is none of a queue, a bucket, the clock or a request")
    if records[0].get("eventSource") == "aws:sqs":
        return _messages(records, receipt)
    for record in records:
        _object(record, receipt)
    return {}


def _messages(records: list[Event], receipt: Callable[..., None]) -> dict[str, Any]:
    """Only what is named here comes back; without this answer a batch comes back as a whole, or not at all.

    Of a FIFO queue everything behind the first failure comes back as well, or it would be handled out of order.
    """
    failed: list[str] = []
    for record in records:
        ordered = ".fifo" in str(record.get("eventSourceARN", ""))
        if not (ordered and failed) and _message(record, receipt):
            continue
        failed.append(str(record["messageId"]))
    return {"batchItemFailures": [{"itemIdentifier": identity} for identity in failed]}


def _message(record: Event, receipt: Callable[..., None]) -> bool:
    body = record.get("body")
    if not isinstance(body, str) or not body.strip():
        return False
    receives = record.get("attributes", {}).get("ApproximateReceiveCount")
    receipt("message", id=record["messageId"], bytes=len(body.encode()), receives=int(receives or 1))
    return True


def _object(record: Event, receipt: Callable[..., None]) -> None:
    told = record["s3"]
    receipt(
        "object",
        happened=record["eventName"],
        bucket=told["bucket"]["name"],
        key=told["object"]["key"],
        bytes=told["object"].get("size"),
    )


def _request(event: Event, receipt: Callable[..., None]) -> dict[str, Any]:
    method, path = event.get("httpMethod"), event.get("path")
    receipt("request", method=method, path=path, bytes=len(event.get("body") or ""))
    if method not in {"GET", "HEAD", "POST"}:
        return _answer(405, {"error": "GET, HEAD or POST"}, allow="GET, HEAD, POST")
    return _answer(200, {"receipt": "written", "path": path})


def _answer(status: int, body: Mapping[str, Any], **headers: str) -> dict[str, Any]:
    """As a load balancer wants it, which turns anything else into a 502."""
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", **headers},
        "isBase64Encoded": False,
        "body": json.dumps(body),
    }
