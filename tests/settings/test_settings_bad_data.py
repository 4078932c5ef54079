"""Each mistake in the databases and buckets of a stack file."""

from collections.abc import Iterator

from tests.gathered import for_each
from tests.settings.cases import MAIN, MISSING, PLAIN, UNPROTECTED, UPLOADS, WEB, Case, Refused, is_said, one


def data() -> Iterator[Case]:
    """Databases and buckets."""
    key = f"{MAIN}.version"
    yield one("version as a number", key, 17.7, "17.7", 'for example "17.7"', "put it in quotes")
    yield one("major alone", key, "17", '"17"', "major and minor version", 'version: "17.7"')
    yield one("version too old", key, "13.23", '"13.23"', "14, 15, 16, 17 or 18", '"14.24" or newer')
    yield one("minor never released", key, "17.8", '"17.8"', "17.7, 17.9", '"17.11"')
    yield one("minor retired", f"{PLAIN}.version", "17.6", '"17.6"', "17.7, 17.9, 17.10 or 17.11", '"17.11"')
    key = f"{MAIN}.minCapacity"
    yield one("capacity in quotes", key, "0.5", '"0.5"', "a number from 0 to 256 in steps of 0.5", "minCapacity: 0.5")
    yield one("capacity between steps", key, 0.7, "0.7", "in steps of 0.5", "use minCapacity: 0.5 or 1")
    yield one("capacity negative", key, -1, "-1", "from 0 to 256", "use minCapacity: 0 or more")
    key = f"{MAIN}.maxCapacity"
    yield one("capacities reversed", key, 2, "2 (minCapacity: 4)", "4 to 256", "raise", **{f"{MAIN}.minCapacity": 4})
    yield one("capacity too large", key, 256.5, "256.5", "from 1 to 256", "use maxCapacity: 256 or less")
    key = f"{MAIN}.pauseAfterSeconds"
    yield one("pause without zero", key, 300, "300 (minCapacity: 0.5)", "null", "minCapacity to 0", **UNPROTECTED)
    yield one("pause too short", key, 60, "60", "from 300 to 86400, or null", "pauseAfterSeconds: 300 or more")
    yield Case(
        "zero without pause",
        {f"{MAIN}.minCapacity": 0, **UNPROTECTED},
        key,
        "null (minCapacity: 0)",
        "300 to 86400",
        "for example 300",
    )
    yield Case(
        "version that cannot pause",
        {f"{MAIN}.minCapacity": 0, key: 300, f"{MAIN}.version": "14.6", **UNPROTECTED},
        f"{MAIN}.minCapacity",
        "0",
        "0 from version 14.12 on",
        '"14.12" or newer',
    )
    yield Case(
        "pausing when protected",
        {f"{MAIN}.minCapacity": 0, key: 300},
        f"{MAIN}.minCapacity",
        "0 (pauseAfterSeconds: 300, groundwork:protection.protected: true)",
        "0.5 to 256",
        "minCapacity to 0.5",
    )
    yield one("one instance when protected", f"{MAIN}.instances", 1, "1 (ground", "2 to 15", "set instances to 2")
    yield one("sixteen instances", f"{MAIN}.instances", 16, "16", "from 1 to 15", "instances: 15 or less")
    yield one("no backups", f"{MAIN}.backupDays", 0, "0", "from 1 to 35", "backupDays: 1 or more")
    yield one("backups too long", f"{MAIN}.backupDays", 36, "36", "from 1 to 35", "backupDays: 35 or less")
    yield one("few backups when protected", f"{MAIN}.backupDays", 6, "6 (ground", "7 to 35", "7 or more")
    yield one("few backups of plain", f"{PLAIN}.backupDays", 6, "6 (ground", "7 to 35", "7 or more")
    yield one("one zone when protected", f"{PLAIN}.multiAz", False, "false (ground", "true", "set multiAz to true")
    engines = "aurora-mysql, aurora-postgresql, mariadb, mysql or postgres"
    yield one("misspelt engine", f"{PLAIN}.engine", "postgre", '"postgre"', engines, "postgres?")
    for value, given in (
        (0, "0"),
        (True, "true"),
        (None, "nothing (null)"),
        ([], "an empty list"),
        ({}, "an empty map"),
    ):
        yield one(
            f"engine {given}",
            f"{PLAIN}.engine",
            value,
            given,
            engines,
            "write aurora-mysql",
        )
    yield one("engine missing", f"{PLAIN}.engine", MISSING, "nothing", engines, "add it: engine")
    yield one(
        "setting of the other engine",
        f"{PLAIN}.minCapacity",
        1,
        'the key "minCapacity"',
        "instanceClass",
        "for another kind",
    )
    key = f"{PLAIN}.instanceClass"
    yield one("class without db", key, "t4g.micro", '"t4g.micro"', "for example db.t4g.micro", "db.t4g.micro")
    yield one("class misspelt", key, "db.t4.micro", '"db.t4.micro"', "t3 or t4g", "did you mean db.t4g.micro?")
    yield one("size that the family lacks", key, "db.t4g.16xlarge", '"db.t4g.16xlarge"', "t3 or t4g", "rds.json")
    yield one("serverless is Aurora's", key, "db.serverless", '"db.serverless"', "db.r8g.large", "db.t4g.micro")
    yield one("storage reversed", f"{PLAIN}.maxStorageGib", 20, "20 (storageGib: 50)", "50 to 65536", "raise",
              **{f"{PLAIN}.storageGib": 50})  # fmt: skip
    yield one("storage too small", f"{PLAIN}.storageGib", 10, "10", "from 20 to 65536", "storageGib: 20 or more")
    yield one("IA too early", f"{UPLOADS}.infrequentAccessAfterDays", 29, "29", "from 30", "30 or more")
    yield one("archive too early", f"{UPLOADS}.archiveAfterDays", 60, "60 (infrequentAccessAfterDays: 45)", "75", "75",
              **{f"{UPLOADS}.infrequentAccessAfterDays": 45})  # fmt: skip
    yield one("abort at once", f"{UPLOADS}.abortUploadsAfterDays", 0, "0", "from 1", "abortUploadsAfterDays: 1 or more")
    yield one(
        "setting in quotes", f"{UPLOADS}.archiveAfterDays", "90", '"90"', "a whole number", "archiveAfterDays: 90"
    )
    yield Case(
        "two stores of one name",
        {"data.buckets.main": {"infrequentAccessAfterDays": 30, "archiveAfterDays": 90, "abortUploadsAfterDays": 7,
                               "expireNoncurrentAfterDays": 180}, f"{WEB}.uses": {}},
        "data.buckets.main",
        '"main"',
        "no other store has",
        "rename one of the two",
    )  # fmt: skip
    yield Case(
        "name in capitals",
        {"data.databases.MyDB": {"engine": "postgres", "version": "17.11", "instanceClass": "db.t4g.micro",
                                 "storageGib": 20, "maxStorageGib": 20, "multiAz": True, "backupDays": 7}},
        "data.databases.MyDB",
        'the name "MyDB"',
        "lower-case letters",
        "for example to my-db",
    )  # fmt: skip
    yield one(
        "buckets missing", "data.buckets", MISSING, "nothing", "a map", "add it: buckets: {}", **{f"{WEB}.uses": {}}
    )
    yield one(
        "databases as a list", "data.databases", [], "an empty list", "a map", "databases: {}", **{f"{WEB}.uses": {}}
    )


CASES = list(data())


@for_each("case", CASES, name=lambda case: case.name)
def test_a_mistake_is_named_with_key_value_what_is_allowed_and_what_to_change(case: Case, refused: Refused) -> None:
    is_said(case, refused)
