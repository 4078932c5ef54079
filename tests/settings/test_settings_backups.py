"""Backups and dumps in a stack file: what each setting comes to, and each mistake that can be made with them."""

from collections.abc import Iterator
from typing import Any

import pytest

from components.data import engines
from settings import backup_rules
from settings.backups import BackupSettings
from tests.gathered import for_each
from tests.settings.cases import MISSING, UNPROTECTED, Case, Refused, is_said

BACKUPS = {"schedule": "cron(0 5 * * ? *)", "keepDays": 35, "restoreTest": "cron(0 9 ? * SUN *)"}
DUMP = {
    "databases": ["main"],
    "schedule": {"when": "cron(30 7 * * ? *)", "timezone": "UTC"},
    "lockedDays": 30,
    "keepDays": 90,
    "size": {"cpu": 512, "memory": 1024, "architecture": "arm64"},
}


UNTIMED = {**DUMP, "stopAfterSeconds": None}
SEALED = {
    "network.nat": "none",
    "network.endpoints": ["s3", "ecr", "logs", "secretsmanager"],
    "services": {},
}


def backups(name: str, key: str, given: str, allowed: str, change: str, /, **values: Any) -> Case:
    """A mistake in `backups` at `key`, with `values` set (`copy_keepDays` for a key below another)."""
    unprotected = UNPROTECTED if values.pop("unprotected", False) else {}
    whole = {"data.backups": {**BACKUPS, **values}, **unprotected}
    return Case(name, whole, f"data.backups.{key}", given, allowed, change)


def dump(name: str, key: str, given: str, allowed: str, change: str, /, **values: Any) -> Case:
    """A mistake in `dump` at `key`."""
    return Case(name, {"data.dump": {**DUMP, **values}}, f"data.dump.{key}", given, allowed, change)


def cases() -> Iterator[Case]:
    """Each mistake."""
    yield backups("no cron", "schedule", '"daily"', "cron(", "for example cron(30 2", schedule="daily")
    yield backups("a rate", "schedule", '"rate(1 day)"', "cron(...)", "write it as cron", schedule="rate(1 day)")
    yield backups(
        "five fields", "schedule", '"cron(0 5 * * ?)"', "cron(", "write cron(0 5 * * ? *)", schedule="cron(0 5 * * ?)"
    )
    yield backups("never", "schedule", "31 2 ?", "cron(", "a day that exists", schedule="cron(0 5 31 2 ? *)")
    yield backups("once", "schedule", "2030", "repeats", "* for the year", schedule="cron(0 5 1 1 ? 2030)")
    yield backups("often", "schedule", "30 minutes", "an hour apart", "one minute", schedule="cron(0/30 5 * * ? *)")
    yield backups("test is no cron", "restoreTest", '"weekly"', "cron(", "for example cron(30 2", restoreTest="weekly")
    yield backups("no zone", "timezone", '"Mars"', "IANA", "write a name", timezone="Mars")
    yield backups("short", "keepDays", "3 (schedule", "8 days", "to 8", schedule="cron(0 5 ? * SUN *)", keepDays=3)
    yield backups("no days", "keepDays", "0", "from 1 to 36500", "keepDays: 1 or more", keepDays=0)
    yield backups("few days", "keepDays", "6 (ground", "7 or more", "keepDays to 7", keepDays=6)
    yield backups("untested", "restoreTest", "null (ground", "a cron", "every week", restoreTest=None)
    yield backups("starts late", "startsWithinMinutes", "30", "from 60 to", "60 or more", startsWithinMinutes=30)
    yield backups(
        "ends early",
        "endsWithinMinutes",
        "120 (starts",
        "540",
        "to 540",
        startsWithinMinutes=480,
        endsWithinMinutes=120,
    )
    yield backups("warm", "keepDays", "100 (coldAfterDays: 30)", "120 days", "to 120", keepDays=100, coldAfterDays=30)
    yield backups(
        "warm copy",
        "copy.keepDays",
        "35 (coldAfterDays: 30)",
        "120 days",
        "copy.keepDays to 120",
        keepDays=365,
        coldAfterDays=30,
        copy={"region": "us-west-2", "keepDays": 35},
    )
    yield backups(
        "few days there", "copy.keepDays", "3 (g", "7", "copy.keepDays", copy={"region": "eu-west-1", "keepDays": 3}
    )
    yield backups("few seconds", "bucketsContinuousDays", "3 (g", "7", "set", bucketsContinuousDays=3)
    yield backups("many seconds", "bucketsContinuousDays", "36", "1 to 35", "35 or less", bucketsContinuousDays=36)
    yield backups(
        "here", "copy.region", '"us-east-1"', "another", "another", copy={"region": "us-east-1", "keepDays": 35}
    )
    yield backups(
        "nowhere", "copy.region", '"us-west-9"', "another", "us-west-", copy={"region": "us-west-9", "keepDays": 35}
    )
    yield backups(
        "China",
        "copy.region",
        '"cn-north-1"',
        "partition aws",
        "another",
        copy={"region": "cn-north-1", "keepDays": 35},
    )
    yield backups("monthly", "restoreTest", "31 days", "28 days", "every week", restoreTest="cron(0 9 1 * ? *)")
    yield backups("short proof", "provenWithinDays", "7 (restoreTest", "8 to 30", "to 8", provenWithinDays=7)
    yield backups("long proof", "provenWithinDays", "31", "from 2 to 30", "30 or less", provenWithinDays=31)
    yield backups(
        "no proof",
        "provenWithinDays",
        "8 (restoreTest: null)",
        "null",
        "out",
        provenWithinDays=8,
        restoreTest=None,
        unprotected=True,
    )
    yield backups(
        "with RDS", "schedule", "(timezone: UTC; plain", "outside 02:00-03:00", "0 5", schedule="cron(0 2 * * ? *)"
    )
    yield backups("an hour before", "schedule", "(timez", "outside 02:00", "0 5", schedule="cron(0 1 * * ? *)")
    yield backups(
        "maintenance", "schedule", "(timez", "outside sun:04:00-sun:05:00", "0 5", schedule="cron(0 4 * * ? *)"
    )
    yield backups(
        "in summer", "schedule", "New_York", "UTC", "0 5", schedule="cron(0 21 * * ? *)", timezone="America/New_York"
    )
    yield dump("no such", "databases[0]", '"mian"', "main or plain", "mean main?", databases=["mian"])
    yield dump("a bucket", "databases[0]", '"uploads"', "main or plain", "database", databases=["uploads"])
    yield dump("twice", "databases[1]", '"main"', "once", "out", databases=["main", "main"])
    yield dump("none", "databases", "an empty list", "a list of 1 or more", "", databases=[])
    yield dump("locked", "keepDays", "20 (lockedDays: 30)", "31 days", "to 31", keepDays=20)
    yield dump("archived", "archiveAfterDays", "90 (keepDays: 90)", "less than 90", "lower", archiveAfterDays=90)
    yield dump("long", "stopAfterSeconds", "90000", "from 60 to 86400", "86400 or less", stopAfterSeconds=90000)
    yield dump("no size", "size.memory", "100", "1024", "", size={"cpu": 512, "memory": 100, "architecture": "arm64"})
    yield Case("no way to a timer", {**SEALED, "data.dump": DUMP}, "data.dump.stopAfterSeconds",
               "14400 (groundwork:network.nat: none)", "null", "set it to null")  # fmt: skip
    yield Case("no way to what a dump needs", {**SEALED, "network.endpoints": ["s3", "ecr", "logs"], "data.dump": UNTIMED},
               "network.endpoints", "s3, ecr, logs (nat: none)", "ecr, s3, logs and secretsmanager", "add secretsmanager")  # fmt: skip
    taken = {
        "infrequentAccessAfterDays": 30,
        "archiveAfterDays": 90,
        "abortUploadsAfterDays": 7,
        "expireNoncurrentAfterDays": 9,
    }
    yield Case(
        "taken name", {"data.dump": DUMP, "data.buckets.dumps": taken}, "data.dump", '"dumps"', "other", "rename"
    )


@for_each("case", [*cases()], name=lambda case: case.name)
def test_each_mistake_is_said(case: Case, refused: Refused) -> None:
    is_said(case, refused)


def test_all_mistakes_are_said_at_once(refused: Any) -> None:
    wrong = {**BACKUPS, "keepDays": 3, "restoreTest": None, "copy": {"region": "us-east-1", "keepDays": 35}}
    said = refused({"data.backups": wrong, "data.dump": {**DUMP, "databases": ["mian"], "keepDays": 10}})
    assert set(said) == {
        "groundwork:data.backups.keepDays",
        "groundwork:data.backups.restoreTest",
        "groundwork:data.backups.copy.region",
        "groundwork:data.dump.databases[0]",
        "groundwork:data.dump.keepDays",
    }


def test_a_dump_while_backups_are_taken_is_warned_about(load: Any, warned: list[str]) -> None:
    at_once = {**DUMP, "schedule": {"when": "cron(30 5 * * ? *)", "timezone": "UTC"}}
    load({"data.backups": BACKUPS, "data.dump": at_once})
    assert [text for text in warned if text.startswith("groundwork:data.dump.schedule.when")]
    warned.clear()
    load({"data.backups": BACKUPS, "data.dump": {**DUMP, "databases": ["main", "plain"]}})
    assert not [text for text in warned if "dump" in text]


def test_a_database_that_is_not_dumped_beside_one_that_is_is_warned_about(load: Any, warned: list[str]) -> None:
    load({"data.backups": BACKUPS, "data.dump": DUMP})
    (said,) = [text for text in warned if "dump" in text]
    assert said.startswith("groundwork:data.dump.databases")
    assert "there is no dump of plain" in said
    warned.clear()
    load({"data.backups": BACKUPS})
    assert not [text for text in warned if "dump" in text], "without dumps none is missing"


def test_where_aws_tests_no_restores_none_is_asked_for(refused: Any) -> None:
    china = {"aws:region": "cn-north-1", "network.availabilityZones": ["cn-north-1a", "cn-north-1b", "cn-north-1c"]}
    said = refused({**china, "data.backups": BACKUPS})
    assert "tests no restores" in said["groundwork:data.backups.restoreTest"]["problem"]
    said = refused({**china, "data.backups": {**BACKUPS, "restoreTest": None, "keepDays": 6}})
    assert set(said) == {"groundwork:data.backups.keepDays"}


def test_backups_keep_clear_of_the_windows_that_a_database_names(refused: Any, load: Any) -> None:
    moved = {"data.databases.plain.windows": {"backup": "04:30-05:30", "maintenance": "sun:08:00-sun:09:00"}}
    said = refused({**moved, "data.backups": BACKUPS})
    assert "04:30-05:30" in said["groundwork:data.backups.schedule"]["allowed"]
    assert load({**moved, "data.backups": {**BACKUPS, "schedule": "cron(0 2 * * ? *)"}})


def test_the_windows_that_no_setting_names_are_those_that_rds_is_given() -> None:
    assert (backup_rules.BACKUP_WINDOW, backup_rules.MAINTENANCE_WINDOW) == (
        engines.BACKUP_WINDOW,
        engines.MAINTENANCE_WINDOW,
    )


def test_there_are_no_more_stores_than_a_plan_and_an_event_take(refused: Any, load: Any) -> None:
    bucket = {
        "infrequentAccessAfterDays": 30,
        "archiveAfterDays": 90,
        "abortUploadsAfterDays": 7,
        "expireNoncurrentAfterDays": 9,
    }
    many = {"uploads": bucket} | {f"bucket-{number}": bucket for number in range(30)}
    assert load({"data.backups": BACKUPS, "data.buckets": dict(list(many.items())[:30])})
    said = refused({"data.backups": BACKUPS, "data.buckets": many})
    assert said["groundwork:data.buckets"]["allowed"] == "30 buckets"
    most = {f"bucket-{number}": bucket for number in range(90)} | {"uploads": bucket}
    said = refused({**UNPROTECTED, "data.backups": {**BACKUPS, "restoreTest": None}, "data.buckets": most})
    assert said["groundwork:data.backups"]["allowed"] == "80 in all"


def test_aurora_alone_is_backed_up_at_any_time(load: Any) -> None:
    changes = {"data.backups": {**BACKUPS, "schedule": "cron(0 2 * * ? *)"}}
    gone = {"data.databases.plain": MISSING, "services.status.uses.plain": MISSING}
    assert load({**changes, **gone}).data.backups is not None


@pytest.mark.parametrize(
    ("schedule", "hours"),
    [("cron(0 5 * * ? *)", 37), ("cron(0 5,17 * * ? *)", 25), ("cron(0 5 ? * MON-FRI *)", 85)],
)
def test_a_backup_is_late_when_the_longest_gap_is_over(schedule: str, hours: int) -> None:
    settings = BackupSettings.model_validate({**BACKUPS, "schedule": schedule, "keepDays": 365})
    assert settings.late_after_hours == hours


@pytest.mark.parametrize(("given", "days"), [({}, 9), ({"provenWithinDays": 20}, 20), ({"restoreTest": None}, 0)])
def test_a_proof_counts_until_the_next_test_must_have_ended(given: dict[str, Any], days: int) -> None:
    assert BackupSettings.model_validate({**BACKUPS, **given}).proof_days == days


def test_a_dump_is_a_job_that_uses_its_database_and_the_bucket_of_the_dumps(load: Any) -> None:
    settings = load({"data.dump": {**DUMP, "databases": ["main", "plain"]}})
    added = settings.workloads.keys() - settings.services.keys()
    assert added == {"dump-main", "dump-plain"}
    job = settings.workloads["dump-main"]
    assert job.uses == {"main": "write", "dumps": "append"}
    assert job.command[-2:] == ("postgres", "main")
    assert load({}).workloads == load({}).services


def test_a_dump_in_a_network_without_a_way_out_is_fine_with_its_endpoints(load: Any) -> None:
    settings = load({**SEALED, "data.dump": UNTIMED})
    assert settings.workloads["dump-main"].stop_after_seconds is None
    alone = load({**SEALED, "network.endpoints": []})
    assert alone.workloads == {}, "without a dump nothing here needs an endpoint"
