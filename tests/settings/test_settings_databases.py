"""Databases of every engine: what may stand in a stack file, what is refused, what nobody here can judge."""

import functools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter

from settings import tables
from settings.database_versions import judge_proxied
from settings.databases import AuroraSettings, DatabaseSettings, RdsSettings
from settings.errors import Mistake
from tests.gathered import for_each
from tests.settings.cases import MAIN, PLAIN, UNPROTECTED, WEB, Case, Refused, is_said, one

_DATABASES: TypeAdapter[Any] = TypeAdapter(DatabaseSettings)
FIXED = {"engine": "aurora-mysql", "version": "8.0.mysql_aurora.3.10.6", "instanceClass": "db.r8g.large",
         "instances": 2, "backupDays": 7}  # fmt: skip
MYSQL = {"engine": "mysql", "version": "8.4.11", "instanceClass": "db.t4g.small", "storageGib": 20,
         "maxStorageGib": 100, "multiAz": True, "backupDays": 7}  # fmt: skip
ZERO = {f"{MAIN}.minCapacity": 0, f"{MAIN}.pauseAfterSeconds": 300, **UNPROTECTED}
OWN = {"masterPassword": "plain-master"}
SET = {"secrets": {"plain-master": "set-by-somebody"}}
ENGINES = ("aurora-postgresql", "aurora-mysql", "postgres", "mysql", "mariadb")
SNAPSHOT = "arn:aws:rds:us-east-1:111122223333:snapshot:last"


def test_a_database_is_as_plain_as_it_can_be_unless_it_is_told_otherwise() -> None:
    plain = _DATABASES.validate_python(MYSQL)
    assert isinstance(plain, RdsSettings)
    extras = (plain.proxy, plain.iam_user, plain.start_from, plain.windows, plain.logs, plain.iops, plain.database_name)
    assert extras == (None,) * 7
    assert (plain.insights, plain.allow_major_upgrade, plain.blue_green_update) == ("standard", False, False)
    fixed = _DATABASES.validate_python(FIXED)
    assert isinstance(fixed, AuroraSettings)
    assert (fixed.capacity, fixed.pauses, fixed.reader_endpoint) == (None, False, False)


@for_each(
    "engine, version",
    [("mysql", "8.4.11"), ("mariadb", "11.8.9"), ("mariadb", "10.11.19"), ("postgres", "17.11")],
)
def test_every_engine_of_plain_rds_has_versions(engine: str, version: str, load: Any) -> None:
    settings = load({PLAIN: {**MYSQL, "engine": engine, "version": version}})
    assert settings.data.databases["plain"].engine == engine


def cases() -> Iterator[Case]:
    """One thing that is wrong with a database, each."""
    version = f"{PLAIN}.version"
    yield Case("past MySQL", {PLAIN: {**MYSQL, "version": "8.0.46"}}, version, '"8.0.46"', "a version of 8.4", "8.4.11")
    yield Case("no such patch", {PLAIN: {**MYSQL, "version": "8.4.6"}}, version, '"8.4.6"', "8.4.7", '"8.4.11"')
    maria = {**MYSQL, "engine": "mariadb", "version": "10.6.28"}
    yield Case("past MariaDB", {PLAIN: maria}, version, '"10.6.28"', "10.11, 11.4, 11.8 or 12.3", '"10.11.19"')
    aurora = {**FIXED, "version": "8.0.mysql_aurora.3.11.1"}
    yield Case("retired Aurora MySQL", {MAIN: aurora}, f"{MAIN}.version", "3.11.1", "3.10.6", "3.13.0")
    yield Case(
        "half a version", {PLAIN: {**MYSQL, "version": "8.4"}}, version, '"8.4"', "versions such as 8.4.11", "8.4.11"
    )
    yield Case("a version of PostgreSQL", {PLAIN: {**MYSQL, "version": "17.11"}}, version, '"17.11"', "such as 8.4.11",
               "or engine to the one that has it")  # fmt: skip
    yield Case("what an old version grows to", {f"{MAIN}.version": "14.6", f"{MAIN}.maxCapacity": 129},
               f"{MAIN}.maxCapacity", "129", "at most 128; 256 from version 14.11 on", "lower maxCapacity to 128")  # fmt: skip
    yield Case("insights of a small class", {PLAIN: {**MYSQL, "insights": "advanced"}}, f"{PLAIN}.insights",
               "advanced (instanceClass: db.t4g.small)", "standard", "a larger class")  # fmt: skip
    yield Case("insights of an Aurora on t3", {MAIN: {**FIXED, "instanceClass": "db.t3.large", "insights": "advanced"}},
               f"{MAIN}.insights", "advanced (instanceClass: db.t3.large)", "standard", "take it out")  # fmt: skip
    yield Case("a word as a name", {PLAIN: {**MYSQL, "databaseName": "table"}}, f"{PLAIN}.databaseName", "table",
               "any other name", "table_db")  # fmt: skip
    klass = f"{MAIN}.instanceClass"
    yield Case("class of plain RDS", {MAIN: {**FIXED, "instanceClass": "db.m8g.large"}}, klass, "db.m8g.large",
               "r6g, r7g, r7i, r8g, t3 or t4g", "db.")  # fmt: skip
    yield Case("size that Aurora lacks", {MAIN: {**FIXED, "instanceClass": "db.t4g.micro"}}, klass, "db.t4g.micro",
               "a size that AWS offers", "did you mean")  # fmt: skip
    yield Case(
        "capacity beside a class", {MAIN: {**FIXED, "maxCapacity": 4}}, f"{MAIN}.maxCapacity",
        "4 (instanceClass: db.r8g.large)", "null with an instanceClass", "take one of the two out")  # fmt: skip
    lacking = {key: value for key, value in FIXED.items() if key != "instanceClass"}
    yield Case("half a capacity", {MAIN: {**lacking, "minCapacity": 1}}, f"{MAIN}.maxCapacity", "nothing",
               "both minCapacity and maxCapacity", "add it: maxCapacity: 16")  # fmt: skip
    yield Case("pause of a fixed size", {MAIN: {**FIXED, "pauseAfterSeconds": 300}, **UNPROTECTED},
               f"{MAIN}.pauseAfterSeconds", "300 (minCapacity: null)", "null", "to null")  # fmt: skip
    window = f"{MAIN}.windows"
    apart = {"backup": "02:00-03:00", "maintenance": "sun:04:00-sun:05:00"}
    yield one("windows at one time", window, {**apart, "maintenance": "tue:02:30-tue:03:30"}, "", "", "")._replace(
        key=f"{window}.maintenance", given="backup: 02:00-03:00", allowed="apart from 02:00-03:00", change="move"
    )
    yield one("over midnight", window, {"backup": "23:30-00:30", "maintenance": "mon:00:00-mon:01:00"}, "", "", "")._replace(
        key=f"{window}.maintenance", given="23:30-00:30", allowed="on each of its days", change="move")  # fmt: skip
    yield one("over the end of the week", window, {"backup": "00:00-01:00", "maintenance": "sun:23:30-mon:00:30"}, "", "",
              "")._replace(key=f"{window}.maintenance", given="sun:23:30", allowed="apart", change="move")  # fmt: skip
    yield one("short window", window, {**apart, "backup": "02:00-02:20"}, "", "", "")._replace(
        key=f"{window}.backup", given="02:00-02:20", allowed="30 minutes or more", change="end later"
    )
    yield one("no such hour", f"{window}", {**apart, "backup": "24:00-25:00"}, "", "", "")._replace(
        key=f"{window}.backup", given='"24:00-25:00"', allowed="for example 02:00-03:00", change=""
    )
    yield one("rotation too rare", f"{MAIN}.rotateAfterDays", 1001, "1001", "from 1 to 1000", "1000 or less")
    yield one("user of the engine", f"{MAIN}.iamUser", "rds_superuser", '"rds_superuser"', "any other", "app")
    yield one("the master as user", f"{MAIN}.iamUser", "platform", '"platform"', "any other", "app")
    yield Case("log of another engine", {f"{MAIN}.logs": ["slowquery"]}, f"{MAIN}.logs[0]", "slowquery",
               "postgresql, instance or iam-db-auth-error", "name postgresql")  # fmt: skip
    yield Case("a log twice", {f"{MAIN}.logs": ["postgresql", "postgresql"]}, f"{MAIN}.logs[1]", "postgresql",
               "each log once", "take it out")  # fmt: skip
    proxied = {
        **MYSQL,
        "engine": "mariadb",
        "version": "11.8.9",
        "iamUser": "app",
        "proxy": {"maxConnectionsPercent": 90},
    }
    yield Case("token behind a proxy of MariaDB", {PLAIN: proxied}, f"{PLAIN}.iamUser", "app", "null", "take iamUser")
    yield Case("proxy that takes too much", {PLAIN: {**MYSQL, "proxy": {"maxConnectionsPercent": 101}}},
               f"{PLAIN}.proxy.maxConnectionsPercent", "101", "from 1 to 100", "100 or less")  # fmt: skip
    start = f"{MAIN}.startFrom"
    yield one("start from two things", start, {"snapshot": "a", "source": "b"}, "snapshot and source", "either",
              "keep the one")._replace(key=f"{start}.snapshot")  # fmt: skip
    yield one("start from nothing", start, {}, "neither", "either", "name a snapshot")._replace(key=f"{start}.source")
    yield one("a name no snapshot has", start, {"snapshot": "last-"}, "last-", "name or the ARN", "for example")._replace(
        key=f"{start}.snapshot")  # fmt: skip
    yield one("time of a snapshot", start, {"snapshot": "a", "at": "2026-11-21T03:00:00Z"}, "2026-11-21", "beside source",
              "take it out")._replace(key=f"{start}.at")  # fmt: skip
    yield one("no such day", start, {"source": "a", "at": "2026-02-30T03:00:00Z"}, "2026-02-30", "a time in UTC",
              "correct it")._replace(key=f"{start}.at")  # fmt: skip
    yield one("local time", start, {"source": "a", "at": "2026-02-20 03:00"}, "2026-02-20", "a time in UTC", "")._replace(
        key=f"{start}.at")  # fmt: skip
    yield one("snapshot elsewhere", start, {"snapshot": SNAPSHOT.replace("us-east-1", "eu-west-1")}, "eu-west-1",
              "arn:aws:rds:us-east-1:", "copy the snapshot")._replace(key=f"{start}.snapshot")  # fmt: skip
    of_cluster = SNAPSHOT.replace(":snapshot:", ":cluster-snapshot:")
    yield Case("cluster's snapshot for an instance", {PLAIN: {**MYSQL, "startFrom": {"snapshot": of_cluster}}},
               f"{PLAIN}.startFrom.snapshot", "cluster-snapshot", "arn:...:snapshot:", "Aurora")  # fmt: skip
    yield Case("speed for little storage", {PLAIN: {**MYSQL, "iops": 12000}}, f"{PLAIN}.iops", "12000 (storageGib: 20)",
               "400 or more", "raise storageGib")  # fmt: skip
    fast = {**MYSQL, "storageGib": 400, "maxStorageGib": 400, "throughputMibps": 4000}
    yield Case("throughput over a quarter", {PLAIN: fast}, f"{PLAIN}.throughputMibps", "4000 (iops: 12000)",
               "at most 3000", "raise iops")  # fmt: skip
    yield Case("too little to grow", {PLAIN: {**MYSQL, "maxStorageGib": 21}}, f"{PLAIN}.maxStorageGib",
               "21 (storageGib: 20)", "22 and more", "22 or more")  # fmt: skip
    yield Case("readers of a password of AWS's", {PLAIN: {**MYSQL, "readers": 1}}, f"{PLAIN}.readers",
               "1 (masterPassword: null)", "0 without a masterPassword", "a value of groundwork:secrets")  # fmt: skip
    yield Case("a copy with a password of AWS's", {PLAIN: {**MYSQL, "blueGreenUpdate": True}}, f"{PLAIN}.blueGreenUpdate",
               "true (masterPassword: null)", "false without", "give it a masterPassword")  # fmt: skip
    read = {**MYSQL, **OWN, "readers": 2}
    yield Case("rotation of a password of ours", {PLAIN: {**MYSQL, **OWN, "rotateAfterDays": 30}, **SET},
               f"{PLAIN}.rotateAfterDays", "30 (masterPassword: given)", "null with", "take it out")  # fmt: skip
    yield Case("readers behind a proxy", {PLAIN: {**read, "proxy": {"maxConnectionsPercent": 90}}, **SET},
               f"{PLAIN}.proxy", "given (readers: 2)", "null with readers", "Aurora")  # fmt: skip
    yield Case("a copy with readers", {PLAIN: {**read, "blueGreenUpdate": True}, **SET}, f"{PLAIN}.blueGreenUpdate",
               "true (readers: 2)", "false with readers", "readers to 0")  # fmt: skip
    yield Case("a major version with readers", {PLAIN: {**read, "allowMajorUpgrade": True}, **SET},
               f"{PLAIN}.allowMajorUpgrade", "true (readers: 2)", "false with readers of mysql", "readers to 0")  # fmt: skip
    yield Case("a class of no reader", {PLAIN: {**MYSQL, "readerClass": "db.t4g.small"}}, f"{PLAIN}.readerClass",
               "db.t4g.small (readers: 0)", "null without readers", "set readers to 1")  # fmt: skip
    yield Case("a class that no reader has", {PLAIN: {**read, "readerClass": "db.t4g.tiny"}, **SET},
               f"{PLAIN}.readerClass", "db.t4g.tiny", "db.", "")  # fmt: skip
    yield Case("too many readers", {PLAIN: {**read, "readers": 16}, **SET}, f"{PLAIN}.readers", "16", "15", "")
    yield Case("a password that nobody set", {PLAIN: {**MYSQL, "masterPassword": "plain-mastre"}, **SET},
               f"{PLAIN}.masterPassword", '"plain-mastre"', "plain-master", "did you mean plain-master")  # fmt: skip
    for name, password, allowed in (
        ("too short a password", "seven77", "8 to 41"), ("too long a password of MySQL", "p" * 42, "8 to 41"),
        ("a password with a slash", "set/by-somebody", 'none of / " @ and no space'),
        ("a password with a space", "set by somebody", "no space"), ("a password of letters", "gesetzt-für-uns", "ASCII"),
    ):  # fmt: skip
        yield Case(name, {PLAIN: {**MYSQL, **OWN}, "secrets": {"plain-master": password}}, f"{PLAIN}.masterPassword",
                   "(not shown: it is a secret)", allowed, "set another one: pulumi config set --secret")  # fmt: skip
    yield Case("connect without a user", {f"{WEB}.uses": {"main": "connect"}}, f"{WEB}.uses.main",
               "connect (groundwork:data.databases.main.iamUser: null)", "connect with an iamUser", "write main: write")  # fmt: skip
    yield Case("a level it lacks", {f"{WEB}.uses": {"main": "read"}}, f"{WEB}.uses.main", '"read"', "connect or write",
               "no level that only reads")  # fmt: skip


CASES = list(cases())


@for_each("case", CASES, name=lambda case: case.name)
def test_a_mistake_is_named_with_key_value_what_is_allowed_and_what_to_change(case: Case, refused: Refused) -> None:
    is_said(case, functools.partial(refused, secrets=["groundwork:secrets"]))


def test_a_database_with_readers_and_a_password_of_ours_is_fine(load: Callable[..., Any], warned: list[str]) -> None:
    settings = load({PLAIN: {**MYSQL, **OWN, "readers": 2}, **SET}, secrets=["groundwork:secrets"])
    plain = settings.data.databases["plain"]
    assert (plain.readers, plain.reader_class, plain.secret_names) == (2, None, {"plain-master"})
    assert [text for text in warned if "plain-master" in text or "reader" in text] == [], "the value is used"
    postgres = {"engine": "postgres", "version": "17.11", "allowMajorUpgrade": True}
    load({PLAIN: {**MYSQL, **OWN, "readers": 1, **postgres}, **SET}, secrets=["groundwork:secrets"])


@pytest.mark.parametrize(("engine", "most"), [("mysql", 41), ("mariadb", 41), ("postgres", 128)])
def test_a_password_may_be_as_long_as_its_engine_takes(engine: str, most: int, load: Any, refused: Refused) -> None:
    version = {"mysql": "8.4.11", "mariadb": "11.8.9", "postgres": "17.11"}[engine]
    plain = {PLAIN: {**MYSQL, **OWN, "engine": engine, "version": version}}
    for length in (8, most):
        load({**plain, "secrets": {"plain-master": "#" * length}}, secrets=["groundwork:secrets"])
    for length in (7, most + 1):
        changes = {**plain, "secrets": {"plain-master": "#" * length}}
        said = refused(changes, secrets=["groundwork:secrets"])
        assert set(said) == {f"groundwork:{PLAIN}.masterPassword"}
        assert "#" * 7 not in str(said)


def test_all_mistakes_of_a_database_are_said_at_once(refused: Refused) -> None:
    wrong = {
        f"{MAIN}.iamUser": "root",
        f"{MAIN}.logs": ["audit"],
        f"{MAIN}.windows": {"backup": "02:00-03:00", "maintenance": "sun:02:00-sun:03:00"},
        f"{MAIN}.startFrom": {},
        f"{WEB}.uses": {"plain": "connect"},
    }
    assert len(refused(wrong)) == 5


def doubts(of: str, warned: list[str]) -> list[str]:
    return [text for text in warned if text.startswith(f"groundwork:data.databases.{of}.")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({PLAIN: {**MYSQL, "version": "8.4.99"}}, "version: \"8.4.99\" of mysql is newer than our table"),
        ({PLAIN: {**MYSQL, "instanceClass": "db.r6i.large"}}, "\"db.r6i.large\" is of a family that is not in our table"),
        ({PLAIN: {**MYSQL, "instanceClass": "db.m9g.large"}}, "instanceClass: \"db.m9g.large\" is newer than our table"),
        ({PLAIN: {**MYSQL, "allowMajorUpgrade": True}}, "allowMajorUpgrade: a new major version may be applied"),
    ],
)  # fmt: skip
def test_what_nobody_here_can_judge_is_a_warning(
    change: dict[str, Any], said: str, load: Callable[..., Any], warned: list[str]
) -> None:
    load(change)
    (text,) = doubts("plain", warned)[:1]
    assert said in text


@pytest.mark.parametrize(
    ("engine", "version", "doubted"),
    [
        ("postgres", "17.11", False),
        ("mysql", "8.4.11", False),
        ("mariadb", "11.8.9", False),
        ("mariadb", "12.3.3", True),
    ],
)
def test_a_version_that_a_proxy_may_not_take_yet_is_a_warning(
    engine: str, version: str, doubted: bool, load: Callable[..., Any], warned: list[str]
) -> None:
    load({PLAIN: {**MYSQL, "engine": engine, "version": version, "proxy": {"maxConnectionsPercent": 90}}})
    found = doubts("plain", warned)
    assert [text for text in found if "proxy: RDS Proxy took" in text] == (found if doubted else [])
    assert bool(found) is doubted


@pytest.mark.parametrize(("engine", "version", "doubted"), [("postgres", "17.11", True), ("mysql", "8.4.11", False)])
def test_a_reader_of_postgresql_that_is_smaller_than_its_source_is_a_warning(
    engine: str, version: str, doubted: bool, load: Callable[..., Any], warned: list[str]
) -> None:
    small = {**MYSQL, **OWN, "engine": engine, "version": version, "readers": 1, "readerClass": "db.t4g.micro"}
    load({PLAIN: small, **SET}, secrets=["groundwork:secrets"])
    assert bool([text for text in doubts("plain", warned) if "less memory than db.t4g.small" in text]) is doubted
    load({PLAIN: {**small, "readerClass": "db.t4g.medium"}, **SET}, secrets=["groundwork:secrets"])
    assert len(doubts("plain", warned)) == int(doubted), "a larger one is fine"


def test_a_version_that_no_proxy_takes_is_refused_with_those_that_it_takes() -> None:
    (found,) = judge_proxied("mariadb", "10.4.33")
    assert isinstance(found, Mistake)
    assert found.key == ("proxy",)
    assert "10.4.33" in found.given
    assert "10.5, 10.6, 10.11, 11.4 or 11.8" in found.allowed
    for engine, majors in ((name, tables.database_versions(name)) for name in ENGINES):
        assert list(judge_proxied(engine, max(majors[tables.proxied_versions(engine)[-1]]))) == []
        assert not any(isinstance(one, Mistake) for major in majors for one in judge_proxied(engine, majors[major][0]))


def test_a_region_that_may_lack_a_class_is_a_warning(load: Callable[..., Any], warned: list[str]) -> None:
    zones = ["eu-south-1a", "eu-south-1b", "eu-south-1c"]
    here = {"aws:region": "eu-south-1", "network.availabilityZones": zones}
    load({PLAIN: {**MYSQL, "instanceClass": "db.r8g.large"}, **here})
    (text,) = doubts("plain", warned)
    assert "eu-south-1 had no r8g for mysql" in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({f"{MAIN}.proxy": {"maxConnectionsPercent": 90}}, ["proxy: keeps connections open", "web never sleeps"]),
        ({}, ["web never sleeps"]),
        ({f"{WEB}.uses": {}}, []),
    ],
)
def test_what_keeps_a_database_from_pausing_is_a_warning(
    change: dict[str, Any], said: list[str], load: Callable[..., Any], warned: list[str]
) -> None:
    load({**ZERO, f"{MAIN}.instances": 1, **change})
    found = [text for text in doubts("main", warned) if "pause" in text]
    assert len(found) == len(said)
    assert all(part in text for part, text in zip(said, found, strict=True))
