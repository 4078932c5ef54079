"""Our own function: a receipt for everything that calls it, and an answer that its caller understands."""

import importlib.util
import json
from types import SimpleNamespace
from typing import Any

import pytest

from settings import PROJECT_ROOT

FILE = PROJECT_ROOT / "services" / "receipt" / "receipt.py"
CONTEXT = SimpleNamespace(aws_request_id="run-1")
OBJECT = {
    "eventSource": "aws:s3",
    "eventName": "ObjectCreated:Put",
    "s3": {"bucket": {"name": "uploads"}, "object": {"key": "inbox/a+b.txt", "size": 12}},
}
REQUEST = {"requestContext": {"elb": {"targetGroupArn": "arn"}}, "httpMethod": "GET", "path": "/receipts", "body": ""}


def message(identity: str, body: Any = "x", queue: str = "jobs") -> dict[str, Any]:
    return {
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:1:{queue}",
        "messageId": identity,
        "body": body,
        "attributes": {"ApproximateReceiveCount": "2"},
    }


@pytest.fixture
def call() -> Any:
    """Calls the handler; gives its answer and the receipts that it has written."""
    spec = importlib.util.spec_from_file_location("receipt", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def call(event: dict[str, Any]) -> tuple[Any, list[dict[str, Any]]]:
        lines: list[str] = []
        answer = module.handler(event, CONTEXT, lines.append)
        return answer, [json.loads(line) for line in lines]

    return call


def test_each_message_gets_a_receipt_that_does_not_show_its_body(call: Any) -> None:
    answer, receipts = call({"Records": [message("1", "secret text"), message("2", "ä")]})
    assert answer == {"batchItemFailures": []}
    assert [(r["receipt"], r["id"], r["bytes"], r["receives"], r["run"]) for r in receipts] == [
        ("message", "1", 11, 2, "run-1"),
        ("message", "2", 2, 2, "run-1"),
    ]
    assert "secret" not in str(receipts)


def test_only_the_messages_that_were_not_handled_come_back(call: Any) -> None:
    answer, receipts = call({"Records": [message("1"), message("2", " "), message("3")]})
    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert [r["id"] for r in receipts] == ["1", "3"]


def test_of_a_fifo_queue_everything_behind_a_failure_comes_back(call: Any) -> None:
    records = [message("1", queue="j.fifo"), message("2", "", queue="j.fifo"), message("3", queue="j.fifo")]
    answer, receipts = call({"Records": records})
    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}, {"itemIdentifier": "3"}]}
    assert [r["id"] for r in receipts] == ["1"], "the third was not handled before the second"


def test_each_object_gets_a_receipt(call: Any) -> None:
    removed = {
        **OBJECT,
        "eventName": "ObjectRemoved:Delete",
        "s3": {"bucket": {"name": "uploads"}, "object": {"key": "k"}},
    }
    answer, receipts = call({"Records": [OBJECT, removed]})
    assert answer == {}
    assert [(r["receipt"], r["happened"], r["key"], r["bytes"]) for r in receipts] == [
        ("object", "ObjectCreated:Put", "inbox/a+b.txt", 12),
        ("object", "ObjectRemoved:Delete", "k", None),
    ]


def test_the_clock_gets_a_receipt(call: Any) -> None:
    answer, receipts = call({"source": "aws.scheduler", "time": "2026-11-21T02:30:00Z", "detail": "{}"})
    assert answer == {}
    assert [(r["receipt"], r["scheduled"]) for r in receipts] == [("time", "2026-11-21T02:30:00Z")]


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("HEAD", 200), ("POST", 200), ("DELETE", 405)])
def test_a_request_gets_an_answer_as_a_load_balancer_wants_it(call: Any, method: str, status: int) -> None:
    answer, receipts = call({**REQUEST, "httpMethod": method})
    assert answer["statusCode"] == status
    assert answer["isBase64Encoded"] is False
    assert answer["headers"]["content-type"] == "application/json"
    assert isinstance(json.loads(answer["body"]), dict)
    assert [(r["receipt"], r["method"], r["path"]) for r in receipts] == [("request", method, "/receipts")]


@pytest.mark.parametrize("event", [{}, {"Records": []}, {"source": "aws.s3"}, {"Records": "x"}])
def test_an_event_of_another_kind_is_a_failure_and_no_receipt(call: Any, event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is none of a queue, a bucket, the clock or a request"):
        call(event)
