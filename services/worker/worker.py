"""Takes messages from its queue, one after the other, and says that it is busy while it handles one.

`worker.py` consumes WORK_QUEUE until SIGTERM. `worker.py send VARIABLE TEXT` puts one message into the queue whose URL
is in that environment variable, and ends: what a job does. Standard library only: requests to SQS are signed here.
Writes nothing but its log, to standard output, one JSON object a line.
"""

import hashlib
import hmac
import json
import math
import os
import signal
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType
from typing import Any

METADATA = "http://169.254.170.2"  # where ECS gives out the credentials of the task role
RENEW_SECONDS = 300  # before credentials expire
WAIT_SECONDS = 20  # for a message, the longest that SQS takes
TIMEOUT_SECONDS = WAIT_SECONDS + 10
PAUSE_SECONDS = 5  # after SQS could not be reached
AGENT_SECONDS = 5

Protect = Callable[[bool], bool]
"""Tells ECS whether the task is busy; False when it is too late for that."""


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """Of the task role, for a few hours."""

    key_id: str
    secret: str
    token: str
    expires: float


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message that was received, and what SQS wants to hear when it is handled."""

    body: str
    receipt: str


def ask(method: str, url: str, headers: Mapping[str, str], payload: bytes | None, seconds: int) -> dict[str, Any]:
    """The JSON object that a server answers with. Raises OSError when there is no answer, or one of failure."""
    request = urllib.request.Request(url, payload, dict(headers), method=method)  # noqa: S310 - URLs are the platform's
    with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310
        content: dict[str, Any] = json.loads(answer.read() or b"{}")
        return content


class TaskRole:
    """The credentials that ECS gives to the task, asked for again before they expire."""

    def __init__(self) -> None:
        self._known: Credentials | None = None

    def __call__(self) -> Credentials:
        """Credentials that are good for some minutes at least."""
        if self._known is None or self._known.expires < time.time() + RENEW_SECONDS:
            path = os.environ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]
            given = ask("GET", METADATA + path, {}, None, TIMEOUT_SECONDS)
            self._known = Credentials(
                key_id=given["AccessKeyId"],
                secret=given["SecretAccessKey"],
                token=given["Token"],
                expires=datetime.fromisoformat(given["Expiration"]).timestamp(),
            )
        return self._known


class Queue:
    """One queue, by its URL. Raises OSError when SQS cannot be reached or refuses."""

    def __init__(self, url: str, region: str, credentials: Callable[[], Credentials]) -> None:
        self._url = url
        self._region = region
        self._credentials = credentials

    def receive(self) -> Message | None:
        """The next message, hidden from others from now on; None when there was none for a while."""
        found = self._call("ReceiveMessage", MaxNumberOfMessages=1, WaitTimeSeconds=WAIT_SECONDS).get("Messages")
        return Message(body=found[0]["Body"], receipt=found[0]["ReceiptHandle"]) if found else None

    def handled(self, message: Message) -> None:
        """The message is done with, and never comes back."""
        self._call("DeleteMessage", ReceiptHandle=message.receipt)

    def give_back(self, message: Message) -> None:
        """The message may be received by others at once."""
        self._call("ChangeMessageVisibility", ReceiptHandle=message.receipt, VisibilityTimeout=0)

    def send(self, body: str) -> None:
        """One more message; in a FIFO queue, all of them are one group."""
        group = {"MessageGroupId": "all"} if self._url.endswith(".fifo") else {}
        self._call("SendMessage", MessageBody=body, **group)

    def _call(self, action: str, **parameters: object) -> dict[str, Any]:
        parts = urllib.parse.urlsplit(self._url)
        payload = json.dumps({"QueueUrl": self._url, **parameters}).encode()
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "host": parts.netloc,
            "x-amz-date": datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"),
            "x-amz-target": f"AmazonSQS.{action}",
        }
        signed = signature(headers, payload, self._region, "sqs", self._credentials())
        return ask("POST", f"{parts.scheme}://{parts.netloc}/", signed, payload, TIMEOUT_SECONDS)


def signature(
    headers: Mapping[str, str], payload: bytes, region: str, service: str, credentials: Credentials
) -> dict[str, str]:
    """The headers of a POST to `/`, lower case, with those that sign it (AWS general reference, Signature Version 4).

    `headers` name the host, and the time as `x-amz-date`.
    """
    moment = headers["x-amz-date"]
    full = {**headers, **({"x-amz-security-token": credentials.token} if credentials.token else {})}
    names = ";".join(sorted(full))
    canonical = "\n".join(
        [
            "POST",
            "/",
            "",
            *(f"{name}:{full[name].strip()}" for name in sorted(full)),
            "",
            names,
            hashlib.sha256(payload).hexdigest(),
        ]
    )
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signed = hmac.new(signing_key(credentials.secret, scope), to_sign.encode(), hashlib.sha256).hexdigest()
    full["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.key_id}/{scope}, SignedHeaders={names}, Signature={signed}"
    )
    return full


def signing_key(secret: str, scope: str) -> bytes:
    """The key for one day, region and service: `20261121/us-east-1/sqs/aws4_request`."""
    key = b"AWS4" + secret.encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def handle(message: Message) -> None:
    """The work itself. An exception leaves the message in the queue, to be tried again or set aside."""
    log("handled", characters=len(message.body))


def log(text: str, **more: object) -> None:
    """One line."""
    sys.stdout.write(json.dumps({"message": text, **more}) + "\n")
    sys.stdout.flush()


def protection(agent: str, work_seconds: int) -> Protect:
    """Tells ECS to leave this task alone for as long as work may take, or no longer.

    `agent` is ECS_AGENT_URI. Protection ends by itself, so that a program that hangs cannot hold up a deployment.
    """
    minutes = math.ceil(work_seconds / 60) + 1

    def protect(busy: bool) -> bool:
        wanted = {"ProtectionEnabled": busy, **({"ExpiresInMinutes": minutes} if busy else {})}
        payload = json.dumps(wanted).encode()
        headers = {"content-type": "application/json"}
        try:
            return "protection" in ask("PUT", f"{agent}/task-protection/v1/state", headers, payload, AGENT_SECONDS)
        except OSError as error:
            log("not protected", error=str(error))
            return False

    return protect


def work(queue: Queue, protect: Protect, stopping: threading.Event, pause_seconds: float = PAUSE_SECONDS) -> None:
    """Until `stopping`: what was begun is finished, nothing new is begun."""
    while not stopping.is_set():
        try:
            message = queue.receive()
            if message is not None:
                _one(queue, message, protect, stopping)
        except OSError as error:
            log("no answer", error=str(error))
            stopping.wait(pause_seconds)


def _one(queue: Queue, message: Message, protect: Protect, stopping: threading.Event) -> None:
    if stopping.is_set() or not protect(True):
        queue.give_back(message)
        stopping.wait(1)  # ECS stops this task in a moment; if it does not, the next message is tried as usual
        return
    started = time.monotonic()
    try:
        handle(message)
        queue.handled(message)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever the work raises, the worker goes on with the next message
        log("failed", error=repr(error), seconds=round(time.monotonic() - started, 3))
    finally:
        protect(False)


def main(arguments: list[str]) -> int:
    """The command line; returns the exit code."""
    region = os.environ["AWS_REGION"]
    match arguments:
        case ["send", variable, text]:
            Queue(os.environ[variable], region, TaskRole()).send(text)
            log("sent", characters=len(text))
            return 0
        case [_, *_]:
            log("unknown command: there is send VARIABLE TEXT, or none", given=arguments)
            return 2
    stopping = threading.Event()

    def stop(_: int, __: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    protect = protection(os.environ["ECS_AGENT_URI"], int(os.environ["WORK_SECONDS"]))
    work(Queue(os.environ["WORK_QUEUE"], region, TaskRole()), protect, stopping)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
