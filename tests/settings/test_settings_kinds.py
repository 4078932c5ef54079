"""Workers, jobs, queues and Spot: what a stack file says about them, and every mistake in it."""

import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from settings import PROJECT_ROOT, Settings
from settings.queues import QueueSettings
from settings.services import JobSettings, WebSettings, WorkerSettings
from settings.stores import variable
from tests.committed import stack_file
from tests.gathered import for_each

MISSING = ...
QUEUE = {"fifo": False, "visibilitySeconds": 120, "maxReceives": 5, "retentionDays": 4, "alarmAgeSeconds": 900}
SIZE = {"cpu": 256, "memory": 512, "architecture": "arm64"}
WORKER: dict[str, Any] = {
    "kind": "worker",
    "build": "services/status",
    "queue": "jobs",
    "timeoutSeconds": 60,
    "size": SIZE,
    "scale": {"min": 2, "max": 4, "track": {"backlogPerTask": 100}},
    "environment": {},
    "uses": {"uploads": "read"},
}
JOB: dict[str, Any] = {
    "kind": "job",
    "build": "services/status",
    "schedule": {"when": "cron(30 2 * * ? *)", "timezone": "Europe/Berlin", "windowMinutes": 15},
    "stopAfterSeconds": 900,
    "size": SIZE,
    "environment": {},
    "uses": {"jobs": "send"},
}
IN_ECR = "111122223333.dkr.ecr.us-east-1.amazonaws.com/web:1"
Load = Callable[..., Settings]
Refused = Callable[..., dict[str, dict[str, str]]]


def stack(**changes: Any) -> dict[str, Any]:
    """Changes of the baseline: a queue, a worker `index`, a job `report`, and in them values by `index__scale__min`."""
    services = {"index": deepcopy(WORKER), "report": deepcopy(JOB)}
    queues = {"jobs": deepcopy(QUEUE)}
    rest: dict[str, Any] = {}
    for path, value in changes.items():
        name, *way = path.split("__")
        here: Any = {**services, **queues}.get(name)
        if here is None:
            rest[path.replace("__", ".")] = value
            continue
        *above, last = way
        for part in above:
            here = here.setdefault(part, {})
        if value is MISSING:
            del here[last]
        else:
            here[last] = value
    return {"services.index": services["index"], "services.report": services["report"], "data.queues": queues, **rest}


INDEX, REPORT, JOBS = "groundwork:services.index", "groundwork:services.report", "groundwork:data.queues.jobs"
# name -> changes, key, what is in given, in allowed, in change
CASES: dict[str, tuple[dict[str, Any], str, str, str, str]] = {
    "a worker without a queue": ({"index__queue": MISSING}, f"{INDEX}.queue", "nothing", "", "queue: jobs"),
    "an unknown queue": ({"index__queue": "job"}, f"{INDEX}.queue", 'the name "job"', "jobs", "did you mean jobs?"),
    "a bucket for a queue": ({"index__queue": "uploads"}, f"{INDEX}.queue", '"uploads"', "jobs", "name a queue"),
    "a queue's name in capitals": ({"index__queue": "Jobs"}, f"{INDEX}.queue", '"Jobs"', "lower-case", "queue: jobs"),
    "work longer than its message is hidden": (
        {"index__timeoutSeconds": 120},
        f"{INDEX}.timeoutSeconds",
        "120 (groundwork:data.queues.jobs.visibilitySeconds: 120)",
        "1 to 119",
        "raise visibilitySeconds of jobs above 120",
    ),
    "no time to work": ({"index__timeoutSeconds": 0}, f"{INDEX}.timeoutSeconds", "0", "from 1", "timeoutSeconds: 1"),
    "tasks reversed": ({"index__scale__max": 1}, f"{INDEX}.scale.max", "1 (min: 2)", "2 to 1000", "raise max"),
    "one task when protected": (
        {"index__scale__min": 1},
        f"{INDEX}.scale.min",
        "1 (ground",
        "2 or more",
        "set min to 2",
    ),
    "requests that nobody sends": (
        {"index__scale__track": {"requestsPerTarget": 10}},
        f"{INDEX}.scale.track.requestsPerTarget",
        "10",
        "backlogPerTask",
        "take it out",
    ),
    "its own queue said twice": (
        {"index__uses": {"jobs": "receive"}},
        f"{INDEX}.uses.jobs",
        "receive",
        "send",
        "take it out",
    ),
    "a level that queues lack": ({"report__uses": {"jobs": "write"}}, f"{REPORT}.uses.jobs", '"write"', "send or receive", "jobs: send or receive"),
    "a level that buckets lack": ({"index__uses": {"uploads": "send"}}, f"{INDEX}.uses.uploads", '"send"', "read or write", "uploads:"),
    "an unknown store": ({"report__uses": {"job": "send"}}, f"{REPORT}.uses.job", 'the name "job"', "jobs", "did you mean jobs?"),
    "a variable of the queue": (
        {"index__environment": {"JOBS_QUEUE": "x"}},
        f"{INDEX}.environment.JOBS_QUEUE",
        'the name "JOBS_QUEUE"',
        "",
        "rename",
    ),
    "a variable of the platform": (
        {"index__environment": {"WORK_QUEUE": "x"}},
        f"{INDEX}.environment.WORK_QUEUE",
        'the name "WORK_QUEUE"',
        "WORK_SECONDS",
        "rename",
    ),
    "a secret in a worker": (
        {"index__environment": {"API_TOKEN": "hunter2"}},
        f"{INDEX}.environment.API_TOKEN",
        "not shown",
        "plain values only",
        "Secrets Manager",
    ),
    "a secret in a job": (
        {"report__environment": {"DB_PASSWORD": "hunter2"}},
        f"{REPORT}.environment.DB_PASSWORD",
        "not shown",
        "plain values only",
        "Secrets Manager",
    ),
    "a secret in a command": (
        {"report__command": ["report", "--token=hunter2"]},
        f"{REPORT}.command[1]",
        "not shown",
        "plain values only",
        "Secrets Manager",
    ),
    "a secret in a worker's command": (
        {"index__command": ["postgres://app:hunter2@db/app"]},
        f"{INDEX}.command[0]",
        "not shown",
        "plain values only",
        "Secrets Manager",
    ),
    "another queue by the name of its own variable": (
        {"index__uses": {"work": "send"}, "data__queues": {"jobs": QUEUE, "work": QUEUE}},
        f"{INDEX}.uses.work",
        'the name "work"',
        "another name",
        "rename the queue",
    ),
    "no such memory": ({"index__size": {**SIZE, "memory": 3000}}, f"{INDEX}.size.memory", "3000", "512", "set memory"),
    "a folder that is not there": ({"report__build": "services/statu"}, f"{REPORT}.build", "statu", "", "services/status?"),
    "a port for a worker": ({"index__port": 8080}, f"{INDEX}.port", 'the key "port"', "queue", "for another kind"),
    "a schedule for a worker": ({"index__schedule": {}}, f"{INDEX}.schedule", 'the key "schedule"', "queue", "for another kind"),
    "a command as text": ({"report__command": "python a.py"}, f"{REPORT}.command", "", "a list", "command: ["),
    "an empty command": ({"report__command": []}, f"{REPORT}.command", "an empty list", "a list", "command: ["),
    "stopping too slowly": ({"index__stopSeconds": 121}, f"{INDEX}.stopSeconds", "121", "from 2 to 120", "120 or less"),
    "no schedule": ({"report__schedule": MISSING}, f"{REPORT}.schedule", "nothing", "", "add schedule"),
    "no expression": ({"report__schedule__when": "every day"}, f"{REPORT}.schedule.when", '"every day"', "cron(", "cron("),
    "five fields": ({"report__schedule__when": "cron(30 2 * * *)"}, f"{REPORT}.schedule.when", "cron(30 2 * * *)", "rate(", "six|write cron"),
    "a day that does not exist": (
        {"report__schedule__when": "cron(0 2 30 2 ? *)"},
        f"{REPORT}.schedule.when",
        "cron(0 2 30 2 ? *)",
        "a time to come",
        "a day that exists",
    ),
    "a year that is over": (
        {"report__schedule__when": "cron(0 2 1 1 ? 2020)"},
        f"{REPORT}.schedule.when",
        "2020",
        "a time to come",
        "a later date",
    ),
    "a rate of zero": ({"report__schedule": {"when": "rate(0 minutes)"}}, f"{REPORT}.schedule.when", "rate(0", "rate(", "rate(1 minute)"),
    "only once": (
        {"report__schedule__when": "at(2199-01-01T00:00:00)"},
        f"{REPORT}.schedule.when",
        "at(2199",
        "cron(...) or rate(...)",
        "by hand",
    ),
    "an unknown zone": (
        {"report__schedule__timezone": "Europe/Berln"},
        f"{REPORT}.schedule.timezone",
        "Europe/Berln",
        "IANA",
        "Europe/Berlin?",
    ),
    "cron without a zone": ({"report__schedule__timezone": MISSING}, f"{REPORT}.schedule.timezone", "nothing", "with cron", "timezone: UTC"),
    "a rate with a zone": ({"report__schedule__when": "rate(1 hour)"}, f"{REPORT}.schedule.timezone", "Europe/Berlin", "null", "take it out"),
    "a window of days": ({"report__schedule__windowMinutes": 1441}, f"{REPORT}.schedule.windowMinutes", "1441", "to 1440", "1440 or less"),
    "no limit given": ({"report__stopAfterSeconds": MISSING}, f"{REPORT}.stopAfterSeconds", "nothing", "null", "stopAfterSeconds: 3600"),
    "a limit below a minute": ({"report__stopAfterSeconds": 5}, f"{REPORT}.stopAfterSeconds", "5", "from 60", "60 or more"),
    "too many attempts": ({"report__retry": {"attempts": 186}}, f"{REPORT}.retry.attempts", "186", "to 185", "185 or less"),
    "a day and a second": ({"report__retry": {"maxAgeSeconds": 86401}}, f"{REPORT}.retry.maxAgeSeconds", "86401", "to 86400", "86400 or less"),
    "a job that scales": ({"report__scale": {"min": 1, "max": 1}}, f"{REPORT}.scale", 'the key "scale"', "schedule", "for another kind"),
    "hidden for a day": ({"jobs__visibilitySeconds": 86400}, f"{JOBS}.visibilitySeconds", "86400", "to 43200", "43200 or less"),
    "as long as a dead letter": (
        {"jobs__retentionDays": 14}, f"{JOBS}.retentionDays", "14", "a whole number from 1 to 13", "retentionDays: 13 or less, which leaves a dead letter a day",
    ),
    "never received": ({"jobs__maxReceives": 0}, f"{JOBS}.maxReceives", "0", "from 1", "maxReceives: 1 or more"),
    "kept as long as a dead letter": ({"jobs__retentionDays": 14}, f"{JOBS}.retentionDays", "14", "to 13", "13 or less"),
    "told when it is lost": (
        {"jobs__retentionDays": 1, "jobs__alarmAgeSeconds": 86400},
        f"{JOBS}.alarmAgeSeconds",
        "86400 (retentionDays: 1)",
        "60 to 86399",
        "lower alarmAgeSeconds",
    ),
    "fifo as text": ({"jobs__fifo": "yes"}, f"{JOBS}.fifo", '"yes"', "true or false", "fifo: true"),
    "all on Spot when protected": (
        {"index__spot": {"base": 0, "share": 50}},
        f"{INDEX}.spot.base",
        "0 (ground",
        "1 or more",
        "set base to 1",
    ),
    "a base without a place": ({"index__spot": {"base": 1, "share": 100}}, f"{INDEX}.spot.base", "1 (share: 100)", "1 to 99", "lower share"),
    "more than all": ({"index__spot": {"base": 1, "share": 101}}, f"{INDEX}.spot.share", "101", "from 1 to 100", "100 or less"),
    "a web service wholly on Spot when protected": (
        {"services__web__spot": {"base": 0, "share": 100}},
        "groundwork:services.web.spot.base",
        "0 (ground",
        "1 or more",
        "set base to 1",
    ),
}  # fmt: skip


@for_each("case", CASES)
def test_a_mistake_is_named_with_key_value_what_is_allowed_and_what_to_change(case: str, refused: Refused) -> None:
    changes, key, given, allowed, change = CASES[case]
    found = refused(stack(**changes))
    assert list(found) == [key], "one mistake, one message, at the key that is wrong"
    assert given in found[key]["given"]
    assert allowed in found[key]["allowed"]
    assert any(words in found[key]["change"] for words in change.split("|"))
    assert "hunter2" not in str(found)


def test_two_stores_of_one_name_are_told_apart_by_their_kinds(refused: Refused) -> None:
    found = refused({"data.queues": {"uploads": QUEUE}, "services.web.uses": {}})
    assert list(found) == ["groundwork:data.queues.uploads"]
    assert "the name of a bucket" in found["groundwork:data.queues.uploads"]["problem"]


def test_without_nat_a_queue_needs_its_endpoint_and_a_timer_cannot_be_pulled(refused: Refused) -> None:
    away = {"network.nat": "none", "network.endpoints": ["s3", "ecr", "logs", "secretsmanager"]}
    found = refused({**stack(), **away, "services.web.image": IN_ECR})
    assert set(found) == {"groundwork:network.endpoints", f"{REPORT}.stopAfterSeconds"}
    assert "sqs is missing" in found["groundwork:network.endpoints"]["problem"]


def test_without_nat_all_is_well_with_the_endpoint_and_without_a_timer(load: Load) -> None:
    away = {"network.nat": "none", "network.endpoints": ["s3", "ecr", "logs", "secretsmanager", "sqs"]}
    changes = {**stack(report__stopAfterSeconds=None), **away, "services.web.image": IN_ECR}
    assert load(changes).network.nat == "none"


def test_kinds_are_told_apart_and_what_is_left_out_has_its_value(load: Load) -> None:
    services = load(stack()).services
    index, report = services["index"], services["report"]
    assert isinstance(services["web"], WebSettings)
    assert isinstance(index, WorkerSettings)
    assert isinstance(report, JobSettings)
    assert (index.stop_seconds, index.spot, index.command, index.health_command) == (60, None, None, None)
    assert (report.retry.attempts, report.retry.max_age_seconds, report.command) == (5, 3600, None)
    assert report.schedule.window_minutes == 15


def test_a_worker_needs_its_queue_to_receive_and_what_it_uses_beside(load: Load) -> None:
    services = load(stack(index__uses={"jobs": "send", "uploads": "read"})).services
    assert services["index"].needs == {"jobs": ("receive", "send"), "uploads": ("read",)}
    assert services["report"].needs == {"jobs": ("send",)}


def test_a_stack_without_queues_says_nothing_of_them(load: Load) -> None:
    assert load().data.queues == {}


def test_an_unprotected_stack_may_run_on_spot_alone_with_one_task(load: Load) -> None:
    changes = stack(index__spot={"base": 0, "share": 100}, index__scale__min=1)
    plain = {
        "protection.protected": False,
        "services.report.schedule": {"when": "rate(1 day)"},
    }
    index = load({**changes, **plain}).services["index"]
    assert isinstance(index, WorkerSettings)
    assert index.spot is not None
    assert (index.spot.base, index.spot.share, index.scale.min) == (0, 100, 1)


def test_a_queue_s_variable_follows_the_naming_rule() -> None:
    assert [variable("user-jobs", field) for field in QueueSettings.variables] == ["USER_JOBS_QUEUE"]


SNIPPETS = re.findall(r"## (\w+)\n\n```yaml\n(.*?)```", (PROJECT_ROOT / "docs/services.md").read_text(), re.DOTALL)


@pytest.mark.parametrize(("kind", "snippet"), SNIPPETS, ids=[kind for kind, _ in SNIPPETS])
def test_the_page_about_services_shows_what_a_protected_stack_takes(
    kind: str, snippet: str, load: Load, root: Path
) -> None:
    (root / "services" / "receipt").mkdir()
    (root / "services" / "receipt" / "receipt.py").write_text("def handler(event, context): ...\n")
    shown = yaml.safe_load(snippet.replace("services/worker", "services/status"))
    services = shown["groundwork:services"]
    queues = shown.get("groundwork:data", {"queues": {"jobs": QUEUE}})["queues"]
    changes = {"data.queues": queues, **{f"services.{name}": service for name, service in services.items()}}
    (name,) = services
    assert load(changes).services[name].kind == kind


def test_the_page_shows_every_kind() -> None:
    assert [kind for kind, _ in SNIPPETS] == ["web", "worker", "job", "function", "fleet"]


def test_production_has_a_worker_with_some_tasks_on_spot_and_a_job(shipped: Callable[[str], Settings]) -> None:
    prod = shipped("prod")
    worker, job = prod.services["indexer"], prod.services["nightly"]
    assert isinstance(worker, WorkerSettings)
    assert isinstance(job, JobSettings)
    assert worker.spot is not None
    assert worker.spot.base >= 1
    assert worker.timeout_seconds < prod.data.queues[worker.queue].visibility_seconds
    assert stack_file("prod")["config"]["groundwork:services"]["nightly"]["uses"] == {worker.queue: "send"}


def test_a_backlog_for_each_task_needs_the_tasks_counted(refused: Refused, load: Load) -> None:
    cheap = {"protection.protected": False, "compute": {"containerInsights": False}}
    found = refused({**stack(), **cheap})
    mistake = found["groundwork:compute.containerInsights"]
    assert "groundwork:services.index.scale.track.backlogPerTask" in mistake["given"]
    assert list(found) == ["groundwork:compute.containerInsights"]
    assert load({**stack(index__scale__track={"cpu": 60}), **cheap}).compute.container_insights is False


@for_each(
    "level, change",
    [
        ("recieve", "write jobs: receive"),
        *(
            (word, "write what it needs: jobs: send or receive (docs/services.md, Access)")
            for word in ("publish", "push", "own", "read", "call")
        ),
    ],
)
def test_only_a_misspelt_right_is_put_right(level: str, change: str, refused: Refused) -> None:
    found = refused({**stack(), "data.queues.mails": QUEUE, "services.web.uses": {"mails": level}})
    assert found["groundwork:services.web.uses.mails"]["change"] == change.replace("jobs", "mails")


def test_no_right_to_a_table_is_one_to_follow_it(refused: Refused) -> None:
    key = {"name": "id", "type": "string"}
    orders = {"partitionKey": key, "capacity": {"mode": "onDemand"}, "recoveryDays": 35}
    for level in ("put", "full"):
        found = refused({"data.tables": {"orders": orders}, "services.web.uses": {"orders": level}})
        (mistake,) = found.values()
        assert mistake["allowed"].startswith("read, write or follow")
        assert mistake["change"].startswith("write what it needs: orders: read, write or follow")
