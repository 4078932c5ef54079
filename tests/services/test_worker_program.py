"""The worker against a queue, an agent and a role that answer over real HTTP, and as a process that is told to stop."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from services.worker import worker

FOLDER = Path(worker.__file__).parent
FOREVER = worker.Credentials(key_id="AKID", secret="secret", token="token", expires=2**40)


class Cloud:
    """What SQS, the ECS agent and the credentials endpoint would say; `asked` is what they were asked, in order."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []
        self.protection: dict[str, Any] = {"protection": {"ProtectionEnabled": True}}
        self.failures: set[str] = set()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def said(self) -> list[str]:
        return [name for name, _ in self.asked]

    def answer(self, name: str) -> dict[str, Any] | None:
        if name in self.failures:
            return None
        if name == "ReceiveMessage":
            if not self.messages:
                time.sleep(0.02)
                return {}
            body = self.messages.pop(0)
            return {"Messages": [{"Body": body, "ReceiptHandle": f"receipt of {body}"}]}
        if name == "/task-protection/v1/state":
            return self.protection
        return {}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        cloud = self

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                payload = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
                name = target or self.path
                cloud.headers.append({key.lower(): value for key, value in self.headers.items()})
                answer = cloud.answer(name)
                cloud.asked.append((name, json.loads(payload or b"{}")))
                self.send_response(200 if answer is not None else 500)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            do_GET = do_POST = do_PUT = _any  # noqa: N815  the base class names them so

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
                pass

        return Handler


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    made = Cloud()
    yield made
    made.server.shutdown()
    made.server.server_close()


def run(cloud: Cloud, until: int, monkeypatch: pytest.MonkeyPatch, raising: BaseException | None = None) -> list[str]:
    """Works until so many messages were begun (or given back); what was handled, in order."""
    handled: list[str] = []
    stopping = threading.Event()
    begun = [0]

    def handle(message: worker.Message) -> None:
        begun[0] += 1
        if begun[0] >= until:
            stopping.set()
        if raising is not None:
            raise raising
        handled.append(message.body)

    monkeypatch.setattr(worker, "handle", handle)
    queue = worker.Queue(f"{cloud.url}/1/jobs", "us-east-1", lambda: FOREVER)
    protect = worker.protection(cloud.url, 90)
    thread = threading.Thread(target=worker.work, args=(queue, protect, stopping, 0.01))
    thread.start()
    thread.join(timeout=5)
    stopping.set()
    thread.join(timeout=5)
    assert not thread.is_alive()
    return handled


def test_a_message_is_protected_handled_deleted_and_only_then_unprotected(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.messages = ["one"]
    assert run(cloud, 1, monkeypatch) == ["one"]
    assert cloud.said() == [
        "ReceiveMessage",
        "/task-protection/v1/state",
        "DeleteMessage",
        "/task-protection/v1/state",
    ]
    asked = [content for name, content in cloud.asked if name == "/task-protection/v1/state"]
    assert asked == [{"ProtectionEnabled": True, "ExpiresInMinutes": 3}, {"ProtectionEnabled": False}]
    deleted = next(content for name, content in cloud.asked if name == "DeleteMessage")
    assert deleted == {"QueueUrl": f"{cloud.url}/1/jobs", "ReceiptHandle": "receipt of one"}


def test_messages_are_taken_one_after_the_other_and_none_after_it_was_told_to_stop(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.messages = ["one", "two", "three"]
    assert run(cloud, 2, monkeypatch) == ["one", "two"]
    assert cloud.messages == ["three"]


def test_a_message_that_fails_stays_in_the_queue_and_the_worker_goes_on(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.messages = ["bad", "worse"]
    run(cloud, 2, monkeypatch, raising=ValueError("no such order"))
    assert "DeleteMessage" not in cloud.said()
    assert cloud.said().count("ReceiveMessage") == 2
    states = [content["ProtectionEnabled"] for name, content in cloud.asked if name.startswith("/task")]
    assert states == [True, False, True, False], "protection ends with the work, however it ended"


def test_a_task_that_is_being_stopped_already_gives_its_message_back(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.messages = ["one"]
    cloud.protection = {"failure": {"Reason": "TASK_NOT_VALID"}}
    stopping = threading.Event()
    monkeypatch.setattr(worker, "handle", lambda _: pytest.fail("nobody knows whether there is time for this"))
    queue = worker.Queue(f"{cloud.url}/1/jobs", "us-east-1", lambda: FOREVER)
    thread = threading.Thread(target=worker.work, args=(queue, worker.protection(cloud.url, 90), stopping))
    thread.start()
    for _ in range(200):
        if "ChangeMessageVisibility" in cloud.said():
            break
        time.sleep(0.02)
    stopping.set()
    thread.join(timeout=5)
    back = next(content for name, content in cloud.asked if name == "ChangeMessageVisibility")
    assert (back["ReceiptHandle"], back["VisibilityTimeout"]) == ("receipt of one", 0)
    assert "DeleteMessage" not in cloud.said()


def test_a_queue_that_does_not_answer_is_asked_again(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.messages = ["one"]
    cloud.failures = {"ReceiveMessage"}
    threading.Timer(0.2, cloud.failures.clear).start()
    assert run(cloud, 1, monkeypatch) == ["one"]
    assert cloud.said().count("ReceiveMessage") > 1


def test_an_agent_that_does_not_answer_protects_nothing(cloud: Cloud) -> None:
    cloud.failures = {"/task-protection/v1/state"}
    assert worker.protection(cloud.url, 90)(True) is False
    cloud.failures = set()
    assert worker.protection(cloud.url, 90)(True) is True


def test_every_request_to_the_queue_is_signed_and_names_region_and_token(cloud: Cloud) -> None:
    worker.Queue(f"{cloud.url}/1/jobs", "eu-west-1", lambda: FOREVER).send("hello")
    (headers,) = cloud.headers
    assert re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=AKID/\d{8}/eu-west-1/sqs/aws4_request, "
        r"SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=[0-9a-f]{64}",
        headers["authorization"],
    )
    assert headers["x-amz-security-token"] == "token"
    assert cloud.asked == [("SendMessage", {"QueueUrl": f"{cloud.url}/1/jobs", "MessageBody": "hello"})]


def test_the_signing_key_is_the_one_of_aws_s_own_example() -> None:
    """General reference, "Examples of how to derive a signing key", read 2026-11."""
    key = worker.signing_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830/us-east-1/iam/aws4_request")
    assert key.hex() == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"


def test_the_signature_is_the_one_of_aws_s_own_test_suite() -> None:
    """Case post-vanilla of the Signature Version 4 test suite."""
    headers = {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z"}
    secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    credentials = worker.Credentials(key_id="AKIDEXAMPLE", secret=secret, token="", expires=0)
    signed = worker.signature(headers, b"", "us-east-1", "service", credentials)["authorization"]
    assert signed.endswith("Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")


def test_a_changed_payload_header_or_secret_changes_the_signature() -> None:
    headers = {"host": "sqs.us-east-1.amazonaws.com", "x-amz-date": "20261121T120000Z"}

    def signed(payload: bytes = b"{}", secret: str = "a", target: str = "x") -> str:
        credentials = worker.Credentials(key_id="AKID", secret=secret, token="", expires=0)
        told = {**headers, "x-amz-target": target}
        return worker.signature(told, payload, "us-east-1", "sqs", credentials)["authorization"]

    assert len({signed(), signed(b"{ }"), signed(secret="b"), signed(target="y")}) == 4
    assert signed() == signed()
    assert "x-amz-security-token" not in signed(), "without a token there is no such header"


def test_credentials_are_asked_for_again_before_they_expire(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"AccessKeyId": "A", "SecretAccessKey": "S", "Token": "T", "Expiration": "2199-01-01T00:00:00Z"}
    monkeypatch.setattr(cloud, "answer", lambda _: given)
    monkeypatch.setattr(worker, "METADATA", cloud.url)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/1")
    role = worker.TaskRole()
    assert (role().key_id, role().token) == ("A", "T")
    assert cloud.said() == ["/v2/credentials/1"], "they are kept"
    given["Expiration"] = "2026-01-01T00:00:00Z"
    soon = worker.TaskRole()
    soon()
    soon()
    assert len(cloud.asked) == 3, "and not beyond their time"


def test_a_job_puts_its_text_into_the_queue_that_the_variable_names(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("JOBS_QUEUE", f"{cloud.url}/1/jobs")
    monkeypatch.setattr(worker, "TaskRole", lambda: lambda: FOREVER)
    assert worker.main(["send", "JOBS_QUEUE", "nightly"]) == 0
    assert cloud.asked == [("SendMessage", {"QueueUrl": f"{cloud.url}/1/jobs", "MessageBody": "nightly"})]


def test_a_message_of_a_fifo_queue_has_a_group_and_any_other_has_none(cloud: Cloud) -> None:
    for name in ("jobs.fifo", "jobs"):
        worker.Queue(f"{cloud.url}/1/{name}", "us-east-1", lambda: FOREVER).send("hello")
    assert [content.get("MessageGroupId") for _, content in cloud.asked] == ["all", None]


def test_an_unknown_command_is_an_error_and_sends_nothing(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    assert worker.main(["sned", "JOBS_QUEUE", "x"]) == 2
    assert cloud.asked == []


def test_it_ends_well_when_told_to(cloud: Cloud) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); import worker;"
        "worker.TaskRole = lambda: lambda: worker.Credentials(key_id='a', secret='b', token='', expires=2**40);"
        "sys.exit(worker.main([]))"
    )
    told = {"WORK_QUEUE": f"{cloud.url}/1/jobs", "WORK_SECONDS": "60", "ECS_AGENT_URI": cloud.url, "AWS_REGION": "x"}
    process = subprocess.Popen([sys.executable, "-c", code, str(FOLDER)], env={**os.environ, **told})
    try:
        for _ in range(250):
            if cloud.asked:
                break
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
    finally:
        process.kill()
    assert set(cloud.said()) == {"ReceiveMessage"}


def test_the_image_is_pinned_runs_as_nobody_and_holds_only_the_program() -> None:
    lines = (FOLDER / "Dockerfile").read_text().splitlines()
    (base,) = [line for line in lines if line.startswith("FROM")]
    assert re.fullmatch(r"FROM \S+/python:\d+\.\d+\.\d+-alpine\d+\.\d+", base), base
    assert [line for line in lines if line.startswith("USER")] == ["USER 65534:65534"]
    assert (FOLDER / ".dockerignore").read_text().split() == ["*", "!worker.py"]
