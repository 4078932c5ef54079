"""Functions: what a stack file says about them, and every mistake in it."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from settings import Settings, functions, tables
from settings.functions import FunctionSettings
from tests.entries import FUNCTION
from tests.gathered import for_each
from tests.settings.cases import MISSING, Case, is_said

QUEUE = {"fifo": False, "visibilitySeconds": 180, "maxReceives": 5, "retentionDays": 4, "alarmAgeSeconds": 900}
POST: dict[str, Any] = {
    **FUNCTION,
    "build": "services/post",
    "handler": "main.handler",
    "size": {"memory": 256, "architecture": "arm64"},
}
MESSAGES = {"queue": {"name": "jobs"}}
OBJECTS = {"bucket": {"name": "uploads", "prefix": "inbox/"}}
CLOCK = {"schedule": {"when": "rate(1 day)"}}
REQUESTS = {"route": {"path": "/post*", "priority": 50}}
HERE = "services.post"
AGES = {
    "infrequentAccessAfterDays": 30, "archiveAfterDays": 90, "abortUploadsAfterDays": 7, "expireNoncurrentAfterDays": 9,
}  # fmt: skip
PROFILES = {
    "partitionKey": {"name": "userId", "type": "string"}, "capacity": {"mode": "onDemand"}, "recoveryDays": 35,
}  # fmt: skip
SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:pay-AbCdEf"
IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/post:1"
Load = Callable[..., Settings]
Refused = Callable[..., dict[str, dict[str, str]]]


@pytest.fixture(autouse=True)
def folders(root: Path) -> None:
    for folder, file, text in (
        ("post", "main.py", "import json\n\ndef handler(event, context):\n    return json.dumps(event)\n"),
        ("node", "src/index.mjs", "export const handler = async (event) => event;\n"),
        ("package", "app/__init__.py", "from app.post import handler\n"),
    ):
        path = root / "services" / folder / file
        path.parent.mkdir(parents=True)
        path.write_text(text)


def stack(*triggers: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Changes of the baseline: a queue, and a function `post` with triggers and values by `size__memory`."""
    service: dict[str, Any] = deepcopy(POST)
    for trigger in triggers or (MESSAGES,):
        service.update(deepcopy(trigger))
    rest: dict[str, Any] = {}
    for path, value in changes.items():
        if "." in path or path == "queues":
            rest[path] = value
            continue
        *way, last = path.split("__")
        here: Any = service
        for part in way:
            here = here[part]
        if value is MISSING:
            del here[last]
        else:
            here[last] = value
    return {"data.queues": {"jobs": QUEUE, **rest.pop("queues", {})}, HERE: service, **rest}


def said(name: str, changes: dict[str, Any], key: str, given: str, allowed: str, change: str) -> Case:
    return Case(name, changes, f"{HERE}.{key}", given, allowed, change)


FIFO = {"jobs": {**QUEUE, "fifo": True}}
CHANGES = {"table": {"name": "profiles"}}


def followed(*triggers: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """As `stack`, with a table that tells of its changes."""
    return {"data.tables": {"profiles": {**PROFILES, "stream": "both"}}, **stack(*triggers or (CHANGES,), **changes)}


CASES = [
    said("a table that is not there", followed(table__name="profile"), "table.name", 'the name "profile"', "profiles", "did you mean profiles?"),
    said("a bucket for a table", followed(table__name="uploads"), "table.name", '"uploads"', "profiles", "name a table"),
    said("a table that tells nothing", {**followed(), "data.tables": {"profiles": PROFILES}}, "table.name", "stream: null", "tables with a stream", "stream: both"),
    said("a change twice", followed(table__events=["created", "created"]), "table.events[1]", "created", "each of created, changed and removed once", "take one"),
    said("no change at all", followed(table__events=[]), "table.events", "", "1", ""),
    said("an unknown event", followed(table__events=["inserted"]), "table.events[0]", '"inserted"', "created, changed or removed", ""),
    said("more at a time than may run", followed(concurrency=2, table__parallel=3), "table.parallel", "3 (concurrency: 2)", "1 to 2", "raise concurrency"),
    said("too much at a time", followed(table__parallel=11), "table.parallel", "11", "from 1 to 10", "10 or less"),
    said("too many tries", followed(table__attempts=10001), "table.attempts", "10001", "from 0 to 10000", "10000 or less"),
    said("older than the stream", followed(table__maxAgeSeconds=86401), "table.maxAgeSeconds", "86401", "from 60 to 86400", "86400 or less"),
    said("its own table said twice", followed(uses={"profiles": "follow"}), "uses.profiles", "follow", "read or write", "take it out"),
    said("a retry of changes", followed(retry={"attempts": 1}), "retry", "a map", "nothing without schedule or bucket", "take it out"),
    said("no handler", stack(handler=MISSING), "handler", 'runtime: "python3.13"', "both for a program", "add handler"),
    said("no runtime", stack(runtime=MISSING, build="services/status"), "runtime", 'handler: "main.handler"', "neither", "add runtime"),
    said("a folder that is not there", stack(build="services/pots"), "build", '"services/pots"', "with the program", "did you mean services/post?"),
    said("a folder without program or Dockerfile", stack(runtime=MISSING, handler=MISSING), "build", '"services/post"', "a Dockerfile", "or give runtime and handler"),
    said("an empty folder", stack(build="services/empty", runtime="java21", handler="a.B::c"), "build", '"services/empty"', "with the program", "put the program into it"),
    said("a handler without a module", stack(handler="handler"), "handler", '"handler"', "module.function", "write for example"),
    said("a module that is not there", stack(handler="mian.handler"), "handler", '"mian.handler"', "(there: main.py)", "write main.handler, or add mian.py"),
    said("a module that is nothing like the one", stack(handler="nofile.run"), "handler", '"nofile.run"', "(there: main.py)", "write main.run, or add nofile.py"),
    said("a function that its module does not have", stack(handler="main.handel"), "handler", '"main.handel" (build: "services/post")', "what main.py defines: handler", "write main.handler, or define handel in main.py"),
    said("a function that nothing resembles", stack(handler="main.run"), "handler", '"main.run"', "what main.py defines: handler", "write main.handler, or define run in main.py"),
    said("a name that its module does not export", stack(runtime="nodejs22.x", build="services/node", handler="src/index.handel"), "handler", '"src/index.handel"', "what src/index.mjs exports: handler", "write src/index.handler, or export handel in src/index.mjs"),
    said("a handler of stars", stack(handler="**.run"), "handler", '"**.run"', "(there: main.py)", "write main.run, or add **.py"),
    said("a handler with spaces", stack(handler="main handler"), "handler", '"main handler"', "without spaces", "receipt.handler"),
    said("an unknown runtime", stack(runtime="python3.31"), "runtime", '"python3.31"', "python3.13", "did you mean python3.14?"),
    said("a runtime of long ago", stack(runtime="python3.8"), "runtime", '"python3.8"', "python3.14", "did you mean python3"),
    said("a runtime with an image", stack(build=MISSING, image=IMAGE, handler=MISSING), "runtime", "image:", "nothing with image", "take it out"),
    said("an image of Docker Hub", stack(build=MISSING, image="shop/post:1", runtime=MISSING, handler=MISSING), "image", '"shop/post:1"', "dkr.ecr.us-east-1", "copy the image to ECR"),
    said("an image of another region", stack(build=MISSING, image=IMAGE.replace("us-east-1", "eu-west-1"), runtime=MISSING, handler=MISSING), "image", "eu-west-1", "dkr.ecr.us-east-1", "copy the image"),
    said("too little memory", stack(size__memory=127), "size.memory", "127", "from 128 to 10240", "128 or more"),
    said("too much memory", stack(size__memory=10241), "size.memory", "10241", "from 128 to 10240", "10240 or less"),
    said("too little storage", stack(size__storage=511), "size.storage", "511", "from 512 to 10240", "512 or more"),
    said("Fargate's size", stack(size__cpu=256), "size.cpu", 'the key "cpu"', "memory", "take it out"),
    said("no time", stack(timeoutSeconds=0), "timeoutSeconds", "0", "from 1 to 900", "1 or more"),
    said("too much time", stack(CLOCK, timeoutSeconds=901), "timeoutSeconds", "901", "from 1 to 900", "900 or less"),
    said("messages that come back too soon", stack(timeoutSeconds=31), "timeoutSeconds", "31 (groundwork:data.queues.jobs.visibilitySeconds: 180)", "186", "raise visibilitySeconds of jobs to 186, or lower timeoutSeconds to 30"),
    said("a window that is not counted", stack(queue__windowSeconds=5), "timeoutSeconds", "30", "windowSeconds (5) or more: 185", "or lower timeoutSeconds to 29"),
    said("a queue that is not there", stack(queue__name="job"), "queue.name", 'the name "job"', "jobs", "did you mean jobs?"),
    said("a bucket for a queue", stack(queue__name="uploads"), "queue.name", '"uploads"', "jobs", "name a queue"),
    said("a big batch at once", stack(queue__batchSize=11), "queue.windowSeconds", "0 (batchSize: 11)", "1 to 300", "set windowSeconds"),
    said("a huge batch", stack(queue__batchSize=10001), "queue.batchSize", "10001", "from 1 to 10000", "10000 or less"),
    said("a window for a FIFO queue", stack(queue__windowSeconds=1, timeoutSeconds=20, queues=FIFO), "queue.windowSeconds", "1", "0", "set it to 0"),
    said("one run for a queue", stack(queue__maxConcurrency=1), "queue.maxConcurrency", "1", "from 2 to 1000", "2 or more"),
    said("a queue with a reserve of one", stack(concurrency=1), "concurrency", "1 (queue: jobs)", "2 or more", "raise it"),
    said("more consumers than runs", stack(concurrency=5, queue__maxConcurrency=6), "queue.maxConcurrency", "6 (concurrency: 5)", "2 to 5", "lower it"),
    said("no runs at all", stack(concurrency=0), "concurrency", "0", "from 1", "1 or more"),
    said("its own queue said twice", stack(uses={"jobs": "receive"}), "uses.jobs", "receive", "send", "take it out"),
    said("a bucket that is not there", stack(OBJECTS, bucket__name="upload"), "bucket.name", 'the name "upload"', "uploads", "did you mean uploads?"),
    said("a prefix with a wildcard", stack(OBJECTS, bucket__prefix="inbox/*"), "bucket.prefix", '"inbox/*"', "without wildcards", "prefix:"),
    said("an event that S3 lacks", stack(OBJECTS, bucket__events=["renamed"]), "bucket.events[0]", '"renamed"', "created or removed", "did you mean removed?"),
    said("no event at all", stack(OBJECTS, bucket__events=[]), "bucket.events", "an empty list", "created, removed", "leave it out"),
    said("an event twice", stack(OBJECTS, bucket__events=["created", "created"]), "bucket.events[1]", "created", "once", "take one"),
    said("a schedule without its zone", stack({"schedule": {"when": "cron(0 2 * * ? *)"}}), "schedule.timezone", "nothing", "IANA", "timezone: UTC"),
    said("a schedule that never fires", stack({"schedule": {"when": "cron(0 2 30 2 ? *)", "timezone": "UTC"}}), "schedule.when", "30 2", "a time to come", "a day that exists"),
    said("an answer that nobody waits for", stack(REQUESTS, timeoutSeconds=61), "timeoutSeconds", "61 (groundwork:edge.idleTimeoutSeconds: 60)", "1 to 60", "raise groundwork:edge.idleTimeoutSeconds"),
    said("sticky sessions", stack(REQUESTS, route__sticky={"seconds": 60}), "route.sticky", "a map", "path, priority, host and internal", "take it out"),
    said("a slow start", stack(REQUESTS, route__slowStartSeconds=60), "route.slowStartSeconds", "60", "path, priority", "take it out"),
    said("a route that is taken", stack(REQUESTS, route__path="/status*"), "route.path", '"/status*"', "a path of its own", "another path"),
    said("a priority that is taken", stack(REQUESTS, route__priority=100), "route.priority", "100", "each number once", "a free one"),
    said("a retry of messages", stack(retry={"attempts": 1}), "retry", "a map", "nothing without", "take it out"),
    said("too many tries", stack(CLOCK, retry={"attempts": 3}), "retry.attempts", "3", "from 0 to 2", "2 or less"),
    said("too old an event", stack(CLOCK, retry={"maxAgeSeconds": 21601}), "retry.maxAgeSeconds", "21601", "to 21600", "21600 or less"),
    said("a database out of reach", stack(vpc=False, uses={"main": "write"}), "vpc", "false", "true with a database", "set vpc to true"),
    said("egress of no network", stack(vpc=False, egress={"internet": "none"}), "egress", "vpc: false", "nothing", "set vpc to true"),
    said("a variable of Lambda", stack(environment={"AWS_LAMBDA_RUNTIME_API": "x"}), "environment.AWS_LAMBDA_RUNTIME_API", "the name", "not a name that Lambda sets", "take it out"),
    said("a variable of every AWS program", stack(environment={"AWS_REGION": "x"}), "environment.AWS_REGION", "the name", "not a name", "take it out"),
    said("a variable of one letter", stack(environment={"A": "x"}), "environment.A", 'the name "A"', "a letter first", "rename it"),
    said("variables that are too much", stack(CLOCK, environment={"TEXT": "x" * 4086}), "environment", "4097 bytes: 4097 in environment", "4096 bytes", "a bucket"),
    said("variables that are too much in JSON", stack(CLOCK, environment={"TEXT": '"' * 2043, "MORE": "\n"}), "environment", "4109 bytes: 4109 in environment", "in JSON", "a bucket"),
    said("variables that are too much with a queue", stack(environment={"TEXT": "x" * 4000}), "environment", "4098 bytes: 4011 in environment, 87 for jobs", "4096 bytes", "a bucket"),
    said("stores that are too much", stack({"uses": {f"bucket-{n:02}": "read" for n in range(60)}}, **{f"data.buckets.bucket-{n:02}": AGES for n in range(60)}), "uses", "bytes: 75 for bucket-00", "4096 bytes", "a second function"),
    said("a secret whose ARN has a taken name", stack(environment={"PAY_SECRET_ARN": "x"}, secrets={"PAY": {"arn": SECRET}}), "secrets.PAY", 'the name "PAY"', "_SECRET_ARN", "rename it"),
    said("a secret named as a database", stack(uses={"main": "write"}, secrets={"MAIN": {"arn": SECRET}}), "secrets.MAIN", 'the name "MAIN"', "_SECRET_ARN", "rename it"),
    said("a folder outside of the project", stack(build="/"), "build", '"/"', "relative to the folder", "services/status"),
    said("a call by name", stack(uses={"web": "call"}), "uses.web", "call (kind: function)", "web and worker", "internal: true"),
    said("a scale", stack(scale={"min": 1, "max": 2}), "scale", 'the key "scale"', "concurrency", "take it out"),
]  # fmt: skip


@for_each("case", CASES, name=lambda case: case.name)
def test_a_mistake_is_named_with_key_value_what_is_allowed_and_what_to_change(case: Case, refused: Refused) -> None:
    is_said(case, refused)


def test_a_folder_may_not_be_larger_than_lambda_takes(root: Path, refused: Refused, monkeypatch: Any) -> None:
    monkeypatch.setattr("settings.function_rules.UNZIPPED_MOST", 2**20)
    (root / "services" / "post" / "model.bin").write_bytes(b"x" * (2**20 + 1))
    found = refused(stack())
    assert list(found) == [f"groundwork:{HERE}.build"]
    assert "1 MiB in all" in found[f"groundwork:{HERE}.build"]["allowed"]


OVERLAPPING: dict[str, tuple[dict[str, Any], bool]] = {
    "the same": ({}, True),
    "one prefix within the other": ({"prefix": "inbox/new/"}, True),
    "no prefix at all": ({"prefix": ""}, True),
    "prefixes apart": ({"prefix": "archive/"}, False),
    "suffixes apart": ({"suffix": ".png"}, False),
    "one suffix within the other": ({"suffix": "x.jpg"}, True),
    "another event": ({"events": ["removed"]}, False),
    "another event beside the same": ({"events": ["created", "removed"]}, True),
}


@for_each("case", OVERLAPPING)
def test_two_functions_are_not_called_by_one_event(case: str, load: Load, refused: Refused) -> None:
    change, overlap = OVERLAPPING[case]
    first: dict[str, Any] = {"name": "uploads", "prefix": "inbox/", "suffix": ".jpg"}
    changes = stack({"bucket": first}, **{"services.late": {**POST, "bucket": {**first, **change}}})
    if not overlap:
        assert {"post", "late"} <= load(changes).services.keys()
        return
    found = refused(changes)
    assert list(found) == ["groundwork:services.late.bucket"]
    assert "groundwork:services.post" in found["groundwork:services.late.bucket"]["problem"]


def test_functions_of_two_buckets_do_not_mind_each_other(load: Load) -> None:
    other = {
        "infrequentAccessAfterDays": 30,
        "archiveAfterDays": 90,
        "abortUploadsAfterDays": 7,
        "expireNoncurrentAfterDays": 9,
    }
    late = {**POST, "bucket": {"name": "other", "prefix": "inbox/"}}
    assert (
        load(stack(OBJECTS, **{"data.buckets.other": other, "services.late": late})).services["late"].kind == "function"
    )


def test_what_is_left_out_has_its_value(load: Load) -> None:
    post = load(stack()).services["post"]
    assert isinstance(post, FunctionSettings)
    assert post.queue is not None
    assert (post.queue.batch_size, post.queue.window_seconds, post.queue.max_concurrency) == (10, 0, None)
    assert (post.size.storage, post.concurrency, post.vpc, post.zipped) == (512, None, True, True)
    assert post.retry is None


@for_each(
    "runtime, build, handler",
    [
        ("nodejs22.x", "services/node", "src/index.handler"),
        ("python3.14", "services/package", "app.handler"),
        ("python3.13", "services/package", "app.__init__.handler"),
        ("java21", "services/post", "example.Handler::handleRequest"),
        ("provided.al2023", "services/post", "bootstrap"),
    ],
)
def test_a_handler_is_found_as_its_runtime_finds_it(load: Load, runtime: str, build: str, handler: str) -> None:
    assert load(stack(runtime=runtime, build=build, handler=handler)).services["post"].build == build


def test_its_triggers_bring_the_levels_that_it_needs(load: Load) -> None:
    def needs(*triggers: dict[str, Any], **changes: Any) -> dict[str, tuple[str, ...]]:
        return load(stack(*triggers, **changes)).services["post"].needs

    assert needs() == {"jobs": ("receive",)}
    assert needs(uses={"jobs": "send"}) == {"jobs": ("receive", "send")}
    assert needs(OBJECTS) == {"uploads": ("read",)}
    assert needs(OBJECTS, uses={"uploads": "write"}) == {"uploads": ("write",)}, "which reads, too"
    assert needs(CLOCK) == needs(REQUESTS) == {}


@for_each(
    "triggers, events",
    [((MESSAGES,), False), ((REQUESTS,), False), ((CLOCK,), True), ((OBJECTS,), True), ((MESSAGES, CLOCK), True), (({"queue": None},), True)],
)  # fmt: skip
def test_lambda_keeps_events_but_neither_messages_nor_requests(
    load: Load, triggers: tuple[dict[str, Any], ...], events: bool
) -> None:
    post = load(stack(*triggers)).services["post"]
    assert isinstance(post, FunctionSettings)
    assert post.asynchronous is events


def test_a_function_without_a_caller_is_doubted(load: Load, warned: list[str]) -> None:
    load(stack({"queue": None}))
    assert [text for text in warned if "nothing of this stack calls the function" in text]


def test_a_function_that_may_call_itself_is_doubted(load: Load, warned: list[str]) -> None:
    load(stack(OBJECTS, uses={"uploads": "write"}))
    assert not [text for text in warned if "calls itself" in text]
    load(stack({"bucket": {"name": "uploads"}}, uses={"uploads": "write"}))
    assert [text for text in warned if "calls itself" in text]


def test_messages_that_become_dead_letters_unseen_are_doubted(load: Load, warned: list[str]) -> None:
    load(stack(queues={"jobs": {**QUEUE, "maxReceives": 4}}))
    assert [text for text in warned if "maxReceives is 4" in text]


def test_a_table_may_be_changed_by_who_is_called_for_it_but_that_is_doubted(load: Load, warned: list[str]) -> None:
    settings = load(followed(uses={"profiles": "write"}))
    post = settings.services["post"]
    assert isinstance(post, FunctionSettings)
    assert post.needs["profiles"] == ("follow", "write")
    assert post.reached == {"profiles": ("follow", "write")}
    assert not post.asynchronous
    assert any("calls itself without end" in text for text in warned)
    alone: Any = load(followed()).services["post"]
    assert alone.reached == {}, "Lambda itself reads the changes"


def test_a_third_who_follows_a_table_is_doubted(load: Load, warned: list[str]) -> None:
    def others(count: int) -> dict[str, Any]:
        return {f"services.post{number}": {**deepcopy(POST), **CHANGES} for number in range(count)}

    load({**followed(), **others(1)})
    assert [text for text in warned if "at a time" in text] == []
    load({**followed(), **others(2)})
    assert len([text for text in warned if "lets 2 read" in text]) == 1


def test_two_consumers_of_one_queue_are_doubted(load: Load, warned: list[str]) -> None:
    load(stack())
    assert not [text for text in warned if "takes messages" in text]
    load(stack(**{"services.late": {**POST, **MESSAGES}}))
    assert [text for text in warned if "groundwork:services.post takes messages from jobs as well" in text]


def test_a_runtime_that_aws_no_longer_patches_is_doubted(load: Load, warned: list[str], monkeypatch: Any) -> None:
    last = tables.runtimes()["python3.13"]
    monkeypatch.setattr(functions, "_today", lambda: last)
    load(stack())
    assert not [text for text in warned if "has not patched" in text], "on its last day it still is"
    monkeypatch.setattr(functions, "_today", lambda: date(last.year + 1, 1, 1))
    load(stack())
    assert [text for text in warned if "has not patched" in text]


def test_every_runtime_of_the_table_is_one_that_the_provider_knows() -> None:
    from pulumi_aws.lambda_ import Runtime  # noqa: PLC0415 - the settings themselves do without

    assert set(tables.runtimes()) <= {str(runtime.value) for runtime in Runtime}
    assert tables.runtimes()["python3.13"] >= date(2029, 1, 1)


@pytest.mark.parametrize(("change", "needed"), [({}, False), ({"uses": {"jobs": "send"}}, True), ({"vpc": False, "uses": {"jobs": "send"}}, False)])  # fmt: skip
def test_without_nat_a_function_needs_a_way_to_what_its_program_reaches(
    load: Load, refused: Refused, change: dict[str, Any], needed: bool
) -> None:
    alone = {"network.nat": "none", "network.endpoints": []}
    changes = {**stack(**change), **alone}
    changes["services"] = {"post": changes.pop(HERE)}
    if not needed:
        assert load(changes).network.nat == "none", "Lambda takes the messages and writes the log itself"
        return
    assert "sqs is missing" in refused(changes)["groundwork:network.endpoints"]["problem"]
