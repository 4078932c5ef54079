"""Runbooks fit the alarms that name them, and find what they are about in an account of several stacks."""

import functools
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.committed import Committed, stack_file
from tests.gathered import for_each

ROOT = Path(__file__).parent.parent
RUNBOOKS = ROOT / "docs" / "runbooks"
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(RUNBOOKS.glob("*.md"))}
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
# What a runbook asks about a service of a kind.
ASKS = {
    "web": "aws ecs describe-service",
    "worker": "aws ecs describe-service",
    "function": "aws lambda ",
    "fleet": "aws autoscaling describe-",
    "job": "aws scheduler get-schedule",
}
# Types as the tagging API calls them.
TYPES = {
    "backup:backup-vault": "aws:backup/vault:Vault",
    "cloudwatch:alarm": ALARM,
    "ecs:cluster": "aws:ecs/cluster:Cluster",
    "ecs:service": "aws:ecs/service:Service",
    "elasticloadbalancing:targetgroup": "aws:lb/targetGroup:TargetGroup",
    "kafka:cluster": "aws:msk/serverlessCluster:ServerlessCluster",
    "lambda:function": "aws:lambda/function:Function",
    "logs:log-group": "aws:cloudwatch/logGroup:LogGroup",
    "scheduler:schedule-group": "aws:scheduler/scheduleGroup:ScheduleGroup",
    "sqs": "aws:sqs/queue:Queue",
}
FIRST_OF_MANY = re.compile(
    r"-name-prefix|starts_with\(|-name-filter|\] \| \[0\]|describe-log-groups|aws iam list-roles"
)
PULUMI = re.compile(r"^\t@\$\(OPERATE\) (\S+) --stack=", re.MULTILINE)


def alarms(report: dict[str, Any]) -> Iterator[tuple[str, str, str, set[str]]]:
    """Stack, name, runbook and dimensions of every alarm that tells somebody."""
    for stack, told in report["stacks"].items():
        for resource in told["resources"]:
            inputs = resource["inputs"]
            named = re.search(r"docs/runbooks/(\S+\.md)", str(inputs.get("alarmDescription")))
            if resource["type"] != ALARM or named is None:
                continue
            metrics = [query["metric"] for query in inputs.get("metricQueries") or [] if query.get("metric")]
            found = {key for one in [inputs, *metrics] for key in one.get("dimensions") or {}}
            yield stack, resource["urn"].split("::")[-1], named[1], found


@functools.cache
def services(stack: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = stack_file(stack)["config"]["groundwork:services"]
    return found


def kinds(stack: str, alarm: str) -> set[str]:
    """The kinds of the services that an alarm is about: its own, or those that take from its queue."""
    found = set()
    for name, service in services(stack).items():
        queue = service.get("queue")
        queue = queue["name"] if isinstance(queue, dict) else queue
        if alarm.startswith((f"{name}-", f"data-{queue}-")):
            found.add(service["kind"])
    return found


def asks(runbook: str, kind: str) -> bool:
    """Whether a runbook, or one that it leads to, asks about services of a kind."""
    there = [runbook, *re.findall(r"\]\(([a-z-]+\.md)\)", TEXTS[runbook])]
    return any(ASKS[kind] in TEXTS[name] for name in there)


def test_a_runbook_asks_about_the_kind_of_service_that_the_alarm_is_about(shipped_recording: Committed) -> None:
    told = list(alarms(shipped_recording.report()))
    missing = {
        (runbook, kind) for stack, name, runbook, _ in told for kind in kinds(stack, name) if not asks(runbook, kind)
    }
    assert missing == set()
    asked = {(runbook, kind) for stack, name, runbook, _ in told for kind in kinds(stack, name)}
    assert {("queue-age.md", "worker"), ("queue-age.md", "function"), ("service-errors.md", "fleet")} <= asked


def test_whatever_is_to_be_read_off_an_alarm_is_one_of_its_dimensions(recording: Committed) -> None:
    wanted = {name: set(re.findall(r"<(\w+) of the alarm>", text)) for name, text in TEXTS.items()}
    told = list(alarms(recording.fine()))
    assert {(runbook, key) for _, _, runbook, found in told for key in wanted[runbook] - found} == set()
    assert "QueueName" in wanted["queue-age.md"]


def test_every_name_that_is_looked_for_is_one_of_the_program(shipped_recording: Committed) -> None:
    made = {
        (resource["type"], resource["urn"].split("::")[-1])
        for stack in shipped_recording.report()["stacks"].values()
        for resource in stack["resources"]
    }
    looked_for = {
        (name, *found)
        for name, text in TEXTS.items()
        for found in re.findall(r"(?:name|arn)_of ([a-z:-]+)\s+([a-z<>-]+[a-z>])", text)
    }
    assert len(looked_for) > 20
    for runbook, type_, name in sorted(looked_for):
        like = re.compile(re.sub(r"<\w+>", "[a-z]+", name))
        assert any(token == TYPES[type_] and like.fullmatch(one) for token, one in made), (runbook, type_, name)


@for_each("name", TEXTS)
def test_no_runbook_takes_the_first_of_many(name: str) -> None:
    """`data-jobs` is also how `data-jobs-dead` begins, and how the queue of another stack in the account does."""
    assert FIRST_OF_MANY.findall(TEXTS[name]) == []


@for_each("name", TEXTS)
def test_whoever_looks_for_a_name_has_said_of_which_stack(name: str) -> None:
    text = TEXTS[name]
    used = re.search(r"(?:name|arn)_of ", text)
    assert used is None or ". docs/runbooks/find.sh <stack>" in text


ARNS = {
    "sqs": ["data-jobs-1234567", "data-jobs-dead-89abcde", "data-mail-1234567.fifo"],
    "logs:log-group": ["log-group:web-logs-1234567:*", "log-group:my-web-logs-1234567:*"],
    "kafka:cluster": ["cluster/data-events-1234567/11112222-3333-4444-5555-666677778888-s1"],
    "ecs:service": ["service/compute-cluster-1234567/web-service-89abcde", "service/compute-cluster-1234567/a-0000000"],
    "lambda:function": ["function:a-function-1234567", "function:a-function-89abcde"],
}


def find(command: str, stack: str = "prod") -> subprocess.CompletedProcess[str]:
    """`command` after find.sh, with an `aws` that has ARNS and writes down what it is asked."""
    listed = "\n".join(
        f"{type_}) printf '%s\\t' {' '.join(f'arn:aws:x:us-east-1:111122223333:{one}' for one in rest)!r} ;;".replace(
            "' '", " "
        )
        for type_, rest in ARNS.items()
    )
    script = f"""
aws() {{ echo "$*" >&2; case $4 in
{listed}
*) echo None ;; esac | tr ' ' '\\t'; }}
. docs/runbooks/find.sh {stack}
{command}
"""
    return subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=20)


@for_each(
    "asked, name",
    [
        ("sqs data-jobs", "data-jobs-1234567"),
        ("sqs data-jobs-dead", "data-jobs-dead-89abcde"),
        ("sqs data-mail", "data-mail-1234567.fifo"),
        ("logs:log-group web-logs", "web-logs-1234567"),
        ("kafka:cluster data-events", "data-events-1234567"),
        ("ecs:service web-service", "web-service-89abcde"),
    ],
)
def test_a_name_is_found_whole_and_no_other_that_begins_like_it(asked: str, name: str) -> None:
    done = find(f"name_of {asked}")
    assert (done.returncode, done.stdout) == (0, f"{name}\n"), done.stderr
    assert "Key=groundwork:project,Values=groundwork Key=groundwork:stack,Values=prod" in done.stderr


@pytest.mark.parametrize("asked", ["lambda:function a-function", "sqs data-job", "lambda:layer a"])
def test_two_or_none_are_said_instead_of_one_being_taken(asked: str) -> None:
    done = find(f"name_of {asked}")
    assert (done.returncode, done.stdout) == (1, "")
    assert "the stack prod of groundwork has not one" in done.stderr


def test_without_a_stack_nothing_is_looked_for() -> None:
    done = find("name_of sqs data-jobs", stack="")
    assert done.returncode != 0
    assert "say which stack" in done.stderr


def test_every_command_that_asks_for_a_stack_is_written_with_one() -> None:
    """`make up` alone only answers "which stack?"; of prose this is asked of runbooks, which are followed word by word."""
    asking = set(PULUMI.findall((ROOT / "Makefile").read_text()))
    assert {"up", "drift", "preview"} <= asking
    call = re.compile(rf"make\s+({'|'.join(sorted(asking))})\b(?!-)(?! STACK=)")
    pages = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    bare = {path.name: call.findall(path.read_text()) for path in pages if path.parent == RUNBOOKS}
    for path in pages:
        blocks = re.findall(r"^( *)```\w*\n(.*?)^\1```", path.read_text(), re.MULTILINE | re.DOTALL)
        commands = [line for _, block in blocks for line in block.splitlines() if line.lstrip().startswith("make ")]
        bare.setdefault(path.name, []).extend(found for line in commands for found in call.findall(line))
    assert {name: found for name, found in bare.items() if found} == {}
