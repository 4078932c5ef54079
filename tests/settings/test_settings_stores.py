"""Tables, streams, file systems, and what buckets can beside keeping objects: every mistake, and every warning."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from settings import Settings, tables
from settings.dynamo_tables import TableSettings
from settings.files import FileSystemSettings
from settings.streams import ProvisionedStreamSettings
from tests.gathered import for_each
from tests.settings.cases import MISSING, UNPROTECTED, UPLOADS, WEB, Case, Refused, is_said
from tests.settings.conftest import BASELINE

ITEMS, EVENTS, SHARED = "data.tables.items", "data.streams.events", "data.files.shared"
KEY = {"name": "id", "type": "string"}
AT = {"name": "at", "type": "number"}
TABLE: dict[str, Any] = {"partitionKey": KEY, "capacity": {"mode": "onDemand"}, "recoveryDays": 35}
PROVISIONED = {"mode": "provisioned", "read": {"min": 5, "max": 50}, "write": {"min": 5, "max": 5}, "target": 70}
STREAM: dict[str, Any] = {
    "mode": "provisioned",
    "version": "3.9.x.kraft",
    "broker": "kafka.m7g.large",
    "brokersPerZone": 1,
    "storageGib": 100,
    "maxStorageGib": 500,
    "retentionHours": 168,
}
FILES: dict[str, Any] = {"infrequentAccessAfterDays": 30, "archiveAfterDays": 90, "throughput": "elastic"}
CACHE = {"engine": "valkey", "version": "8.2", "nodeType": "cache.t4g.small", "nodes": 2, "snapshotDays": 7}
QUEUE = {"fifo": False, "visibilitySeconds": 120, "maxReceives": 5, "retentionDays": 4, "alarmAgeSeconds": 900}
FUNCTION: dict[str, Any] = {
    "kind": "function",
    "image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/some:1",
    "size": {"memory": 128, "architecture": "arm64"},
    "timeoutSeconds": 30,
    "environment": {},
    "uses": {},
}


def used(stores: dict[str, Any], level: str = "read") -> dict[str, Any]:
    """Maps of stores in the stack file, and a service that uses all of them."""
    names = [name for kind in stores.values() for name in kind]
    return {
        **{f"data.{kind}": named for kind, named in stores.items()},
        **{f"{WEB}.uses.{name}": level for name in names},
    }


def table(**change: Any) -> dict[str, Any]:
    made = {key: value for key, value in {**TABLE, **change}.items() if value is not MISSING}
    return used({"tables": {"items": made}})


def stream(**change: Any) -> dict[str, Any]:
    return used({"streams": {"events": {**STREAM, **change}}})


def shared(**change: Any) -> dict[str, Any]:
    return used({"files": {"shared": {**FILES, **change}}})


def index(**change: Any) -> dict[str, Any]:
    return {"partitionKey": {"name": "mail", "type": "string"}, "project": "all", **change}


def tables_() -> Iterator[Case]:
    yield Case("key type", table(partitionKey={"name": "id", "type": "text"}), f"{ITEMS}.partitionKey.type",
               '"text"', "string, number or binary", "string")  # fmt: skip
    yield Case("one attribute twice", table(sortKey={"name": "id", "type": "string"}), f"{ITEMS}.sortKey.name",
               "id", "another attribute", "leave sortKey out")  # fmt: skip
    yield Case(
        "two types of one attribute",
        table(indexes={"by-id": index(partitionKey={"name": "id", "type": "number"})}),
        f"{ITEMS}.indexes.by-id.partitionKey.type",
        "number",
        "string",
        "same type",
    )
    yield Case("nothing named", table(indexes={"by-mail": index(project="some")}), f"{ITEMS}.indexes.by-mail.attributes",
               "nothing", "beside the keys", "project: keys")  # fmt: skip
    yield Case(
        "named for nothing",
        table(indexes={"by-mail": index(attributes=["title"])}),
        f"{ITEMS}.indexes.by-mail.attributes",
        "project: all",
        "only with project: some",
        "take them out",
    )
    yield Case(
        "a key named",
        table(indexes={"by-mail": index(project="some", attributes=["id"])}),
        f"{ITEMS}.indexes.by-mail.attributes[0]",
        "id",
        "no keys",
        "take it out",
    )
    yield Case(
        "short name", table(indexes={"by": index()}), f"{ITEMS}.indexes.by", "by", "3 characters or more", "longer name"
    )
    many = {f"by-mail-{number}": index() for number in range(21)}
    yield Case("too many", table(indexes=many), f"{ITEMS}.indexes", "21", "20 or fewer", "take some out")
    some = index(project="some", attributes=[f"a{number}" for number in range(17)])
    named = {f"by-mail-{number}": some for number in range(6)}
    yield Case("too many names", table(indexes=named), f"{ITEMS}.indexes", "102", "100 or fewer", "project: all")
    many_of_one = index(project="some", attributes=[f"a{number}" for number in range(21)])
    yield Case("too many names of one index", table(indexes={"by-mail": many_of_one}),
               f"{ITEMS}.indexes.by-mail.attributes", "21", "20 or fewer", "project: all")  # fmt: skip
    local = {"by-kind": {"sortKey": {"name": "kind", "type": "string"}, "project": "keys"}}
    yield Case("nothing to order", table(localIndexes=local), f"{ITEMS}.localIndexes", "by-kind", "with a sortKey",
               "give the table a sortKey")  # fmt: skip
    yield Case(
        "the table's own order",
        table(sortKey=AT, localIndexes={"by-at": {"sortKey": AT, "project": "keys"}}),
        f"{ITEMS}.localIndexes.by-at.sortKey.name",
        "at",
        "no key of the table",
        "another attribute",
    )
    yield Case(
        "a name twice",
        table(sortKey=AT, localIndexes=local, indexes={"by-kind": index()}),
        f"{ITEMS}.localIndexes.by-kind",
        "by-kind",
        "no other index",
        "rename one",
    )
    orders = {f"by-{n}": {"sortKey": {"name": f"k{n}", "type": "string"}, "project": "keys"} for n in range(10, 16)}
    yield Case(
        "too many orders", table(sortKey=AT, localIndexes=orders), f"{ITEMS}.localIndexes", "6", "5 or fewer", ""
    )
    yield Case("bounds", table(capacity={**PROVISIONED, "read": {"min": 50, "max": 5}}), f"{ITEMS}.capacity.read.max",
               "5 (min: 50)", "50 to 40000", "raise max")  # fmt: skip
    yield Case("target", table(capacity={**PROVISIONED, "target": 95}), f"{ITEMS}.capacity.target", "95",
               "from 20 to 90", "90 or less")  # fmt: skip
    yield Case("mode", table(capacity={"mode": "ondemand"}), f"{ITEMS}.capacity.mode", '"ondemand"',
               "onDemand or provisioned", "onDemand")  # fmt: skip
    yield Case("a time that is a text", table(expiresAt="id"), f"{ITEMS}.expiresAt", "id", "Unix time", "another")
    yield Case("not restorable", table(recoveryDays=None), f"{ITEMS}.recoveryDays", "null (ground", "7 to 35", "35")
    yield Case("hardly restorable", table(recoveryDays=6), f"{ITEMS}.recoveryDays", "6 (ground", "7 to 35", "35")
    yield Case("too long", table(recoveryDays=36), f"{ITEMS}.recoveryDays", "36", "from 1 to 35", "35 or less")
    yield Case("nothing to follow", {**table(), f"{WEB}.uses.items": "follow"}, f"{WEB}.uses.items", "follow (ground",
               "with a stream", "stream: both")  # fmt: skip
    ecr = "111122223333.dkr.ecr.us-east-1.amazonaws.com/web:1"
    shut = {
        "network.endpoints": ["s3", "dynamodb", "ecr", "logs", "secretsmanager"],
        f"{WEB}.egress": {"internet": "none"},
        f"{WEB}.image": ecr,
        f"{WEB}.uses.items": "follow",
    }
    yield Case(
        "nothing to hear",
        {**table(stream="new"), **shut},
        f"{WEB}.uses.items",
        "egress.internet: none",
        "with NAT",
        "https",
    )
    yield Case(
        "no such level", {**table(), f"{WEB}.uses.items": "send"}, f"{WEB}.uses.items", '"send"', "read", "write"
    )


def streams() -> Iterator[Case]:
    yield Case("ended version", stream(version="3.5.1"), f"{EVENTS}.version", '"3.5.1"', "3.9.x.kraft", "3.")
    yield Case("no version", stream(version="latest"), f"{EVENTS}.version", '"latest"', "for example 3.9.x.kraft", "")
    yield Case("old broker", stream(broker="kafka.m4.large"), f"{EVENTS}.broker", '"kafka.m4.large"', "kafka.m7g.large",
               "kafka.json")  # fmt: skip
    yield Case("express", stream(broker="express.m7g.large"), f"{EVENTS}.broker", "express", "standard broker", "")
    yield Case("storage", stream(storageGib=600), f"{EVENTS}.maxStorageGib", "500 (storageGib: 600)", "600 to 16384",
               "raise maxStorageGib")  # fmt: skip
    yield Case("too many brokers", stream(brokersPerZone=21), f"{EVENTS}.brokersPerZone", "21 (in 3 zones)", "1 to 20",
               "larger brokers")  # fmt: skip
    yield Case(
        "too many with ZooKeeper",
        stream(brokersPerZone=11, version="3.9.x"),
        f"{EVENTS}.brokersPerZone",
        "11 (in 3 zones)",
        "1 to 10",
        "second stream",
    )
    two = {"network.availabilityZones": ["us-east-1a", "us-east-1b"]}
    yield Case("more zones than there are", {**stream(zones=3), **two}, f"{EVENTS}.zones", "3 (groundwork:network", "2",
               "add a zone")  # fmt: skip
    yield Case("brokers in two of three zones", stream(zones=2, brokersPerZone=31), f"{EVENTS}.brokersPerZone", "31",
               "1 to 30", "30 or less")  # fmt: skip
    yield Case("mode", used({"streams": {"events": {"mode": "free"}}}), f"{EVENTS}.mode", '"free"',
               "provisioned or serverless", "")  # fmt: skip


def files() -> Iterator[Case]:
    yield Case("days", shared(infrequentAccessAfterDays=31), f"{SHARED}.infrequentAccessAfterDays", "31", "30, 60", "")
    yield Case(
        "order", shared(archiveAfterDays=30), f"{SHARED}.archiveAfterDays", "30 (infrequent", "more days", "raise"
    )
    yield Case(
        "archive alone",
        shared(infrequentAccessAfterDays=None),
        f"{SHARED}.archiveAfterDays",
        "infrequentAccessAfterDays: null",
        "or null",
        "fewer days",
    )
    yield Case("archive of bursting", shared(throughput="bursting"), f"{SHARED}.throughput", "bursting", "elastic",
               "archiveAfterDays to null")  # fmt: skip
    yield Case(
        "no size", shared(throughput="provisioned", archiveAfterDays=None), f"{SHARED}.throughputMibps",
        "null (throughput: provisioned)", "1 to 3414", "elastic",
    )  # fmt: skip
    yield Case("size for nothing", shared(throughputMibps=5), f"{SHARED}.throughputMibps", "5 (throughput: elastic)",
               "null", "provisioned")  # fmt: skip
    yield Case(
        "scratch around it",
        {**shared(), f"{WEB}.scratch": {"/mnt": 64}},
        f'{WEB}.scratch["/mnt"]',
        "/mnt/shared",
        "apart",
        "another folder",
    )
    function = {"services.some": {**FUNCTION, "uses": {"shared": "read"}, "vpc": False}}
    yield Case("not in the network", {**shared(), **function}, "services.some.vpc", "false", "file system under uses",
               "vpc to true")  # fmt: skip
    two = {"services.some": {**FUNCTION, "uses": {"shared": "read", "more": "read"}}}
    yield Case(
        "two for a function",
        {**used({"files": {"shared": FILES, "more": FILES}}), **two},
        "services.some.uses.more",
        "shared and more",
        "one of files",
        "all but one",
    )


def buckets() -> Iterator[Case]:
    bucket = {"infrequentAccessAfterDays": None, "archiveAfterDays": None, "abortUploadsAfterDays": 7,
              "expireNoncurrentAfterDays": 30}  # fmt: skip
    key = f"{UPLOADS}.expireAfterDays"
    yield Case("gone before it moves", {key: 90}, key, "90 (archiveAfterDays: 90)", "91 or more", "null")
    yield Case("two ways", {f"{UPLOADS}.tiering": {}, f"{UPLOADS}.archiveAfterDays": None},
               f"{UPLOADS}.infrequentAccessAfterDays", "30 (tiering", "null with tiering", "take tiering out")  # fmt: skip
    tiers = {"archiveAfterDays": 200, "deepArchiveAfterDays": 200}
    yield Case("tiers", {UPLOADS: {**bucket, "tiering": tiers}}, f"{UPLOADS}.tiering.deepArchiveAfterDays",
               "200 (archiveAfterDays: 200)", "201 to 730", "lower")  # fmt: skip
    yield Case("early tier", {UPLOADS: {**bucket, "tiering": {"archiveAfterDays": 89}}},
               f"{UPLOADS}.tiering.archiveAfterDays", "89", "from 90 to 730", "90 or more")  # fmt: skip
    rule = {"origins": ["https://a.example.com"], "methods": ["GET"]}
    pages: list[tuple[str, dict[str, Any], str, str, str]] = [
        ("a path", {"origins": ["https://a.example.com/x"]}, "origins[0]", "/x", "without a path"),
        ("two stars", {"origins": ["https://*.*.com"]}, "origins[0]", "*.*", "one * at most"),
        ("no origin", {"origins": []}, "origins", "an empty list", "one or more"),
        ("a method", {"methods": ["PATCH"]}, "methods[0]", '"PATCH"', "GET"),
        ("a star to read", {"exposed": ["x-*"]}, "exposed[0]", "x-*", "names of headers"),
    ]
    for name, change, place, given, allowed in pages:
        yield Case(name, {f"{UPLOADS}.cors": [{**rule, **change}]}, f"{UPLOADS}.cors[0].{place}", given, allowed, "")
    lock = {"mode": "governance", "days": 30}
    yield Case(
        "copy of locks",
        {f"{UPLOADS}.objectLock": lock, f"{UPLOADS}.replication": {"region": "us-west-2", "storage": "standard"}},
        f"{UPLOADS}.replication",
        "objectLock: given",
        "one of",
        "AWS Backup",
    )
    yield Case("forever", {f"{UPLOADS}.objectLock": {**lock, "mode": "compliance"}, **UNPROTECTED},
               f"{UPLOADS}.objectLock.mode", "compliance (ground", "governance", "governance")  # fmt: skip
    for region in ("us-east-1", "cn-north-1", "us-west-22"):
        yield Case(f"copy in {region}", {f"{UPLOADS}.replication": {"region": region, "storage": "standard"}},
                   f"{UPLOADS}.replication.region", region, "", "")  # fmt: skip
    yield Case("no queue", {f"{UPLOADS}.tells": {"news": {}}}, f"{UPLOADS}.tells.news", "news", "no queue", "add")
    fifo = {"data.queues": {"news": {**QUEUE, "fifo": True}}, f"{UPLOADS}.tells": {"news": {}}}
    yield Case("in order", fifo, f"{UPLOADS}.tells.news", "fifo: true", "standard queues", "another queue")
    both = {"data.queues": {"news": QUEUE, "logs": QUEUE}, f"{UPLOADS}.tells": {"news": {}, "logs": {"prefix": "a/"}}}
    yield Case("two queues", both, f"{UPLOADS}.tells.logs", "keys a/*", "prefixes of which none", "inbox/")
    called = {
        "data.queues": {"news": QUEUE},
        f"{UPLOADS}.tells": {"news": {"prefix": "in"}},
        "services.some": {**FUNCTION, "bucket": {"name": "uploads", "prefix": "inbox/"}},
    }
    yield Case(
        "queue and function", called, f"{UPLOADS}.tells.news", "some: created", "prefixes of which none", "apart"
    )


def secrets() -> Iterator[Case]:
    key, named = "data.secrets.mail", {f"{WEB}.secrets": {"MAIL": {"config": "mail"}}}
    rotation = {"function": "rotate", "days": 30}

    def kept(**change: Any) -> dict[str, Any]:
        return {"data.secrets": {"mail": {"later": True, **change}}, **named}

    yield Case("rotated and written", {"data.secrets": {"mail": {"later": False, "rotation": rotation}}, "services.rotate": FUNCTION}, f"{key}.later",
               "false (rotation: given)", "true with rotation", "take rotation out")  # fmt: skip
    yield Case("rotated by nobody", kept(rotation=rotation), f"{key}.rotation.function", "rotate", "no function", "add")
    yield Case("rotated by a service", kept(rotation={**rotation, "function": "status"}), f"{key}.rotation.function",
               "status", "no function", "name a function")  # fmt: skip
    for region, allowed in (("us-east-1", "other regions"), ("cn-north-1", "other regions of aws")):
        yield Case(f"copy in {region}", kept(replicas=[region]), f"{key}.replicas[0]", region, allowed, "")
    yield Case("copied twice", kept(replicas=["us-west-2", "us-west-2"]), f"{key}.replicas[1]", "us-west-2", "once", "")


CASES: Sequence[Case] = [*tables_(), *streams(), *files(), *buckets(), *secrets()]


@for_each("case", CASES, name=lambda case: case.name)
def test_a_mistake_is_named_with_key_value_what_is_allowed_and_what_to_change(case: Case, refused: Refused) -> None:
    is_said(case, refused)


def test_mistakes_of_several_stores_are_said_at_once(refused: Refused) -> None:
    changes = {
        **table(recoveryDays=None),
        **shared(throughputMibps=5),
        **stream(brokersPerZone=21),
        f"{UPLOADS}.tells": {"news": {}},
    }
    assert set(refused(changes)) == {
        f"groundwork:{ITEMS}.recoveryDays",
        f"groundwork:{SHARED}.throughputMibps",
        f"groundwork:{EVENTS}.brokersPerZone",
        f"groundwork:{UPLOADS}.tells.news",
    }


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        (stream(version="4.7.x.kraft"), f"{EVENTS}.version", "newer than our table of 2026-02"),
        (stream(broker="kafka.t3.small"), f"{EVENTS}.broker", "4 new connections a second"),
        (
            table(capacity=PROVISIONED, indexes={"by-mail": index()}),
            f"{ITEMS}.capacity",
            "sets the units of the indexes back",
        ),
        ({f"{UPLOADS}.cors": [{"origins": ["*"], "methods": ["GET"]}]}, f"{UPLOADS}.cors[0].origins", "of anybody"),
        ({"data.tables": {"items": TABLE}}, ITEMS, "no service uses this table"),
        ({"data.files": {"shared": FILES}}, SHARED, "no service uses this file system"),
    ],
)
def test_what_nobody_here_can_judge_is_a_warning(
    changes: dict[str, Any], key: str, words: str, load: Any, caplog: pytest.LogCaptureFixture
) -> None:
    load(changes)
    said = [line for line in warnings(caplog) if f"groundwork:{key}:" in line]
    assert len(said) == 1
    assert words in said[0]


def test_a_secret_that_is_set_later_needs_no_value_and_says_so(load: Any, caplog: pytest.LogCaptureFixture) -> None:
    load({"data.secrets": {"mail": {"later": True}}, f"{WEB}.secrets": {"MAIL": {"config": "mail"}}})
    (said,) = [line for line in warnings(caplog) if "data.secrets" in line]
    assert "groundwork:data.secrets.mail.later" in said
    assert "put-secret-value" in said


def test_a_secret_that_nobody_names_is_a_warning(load: Any, caplog: pytest.LogCaptureFixture) -> None:
    load({"data.secrets": {"mail": {"later": True}}})
    (said,) = [line for line in warnings(caplog) if "data.secrets" in line]
    assert "so it is not made" in said


def test_a_store_whose_name_a_use_misspells_is_no_warning_beside_the_mistake(
    refused: Refused, caplog: pytest.LogCaptureFixture
) -> None:
    assert list(refused({f"{WEB}.uses": {"mian": "write"}})) == [f"groundwork:{WEB}.uses.mian"]
    unused = [line for line in warnings(caplog) if "no service uses" in line]
    assert not [line for line in unused if "databases.main" in line]
    assert [line for line in unused if "uploads" in line], "of another store it is still said"


def test_a_store_that_is_used_or_told_is_no_warning(load: Any, caplog: pytest.LogCaptureFixture) -> None:
    told = {"data.queues": {"news": QUEUE}, f"{UPLOADS}.tells": {"news": {"prefix": "in/"}}}
    load({**table(stream="both", capacity=PROVISIONED), **shared(), **stream(), **told})
    assert not [line for line in warnings(caplog) if "no service uses" in line and "plain" not in line]
    assert not [line for line in warnings(caplog) if ITEMS in line], "without an index nothing is set back"


def test_two_stores_that_give_a_variable_of_one_name_are_refused_for_who_uses_both(load: Any, refused: Refused) -> None:
    """`main-reader` has the host that `main` has for its readers."""
    reader = {
        "data.databases.main-reader": BASELINE["data"]["databases"]["plain"],
        f"{WEB}.uses.main-reader": "write",
    }
    load(reader)  # without readers `main` has no such variable
    load({**reader, f"{WEB}.uses": {"main-reader": "write", "main": "write"}})  # in this order neither
    found = refused({**reader, "data.databases.main.readerEndpoint": True})
    assert list(found) == [f"groundwork:{WEB}.uses.main-reader"]
    assert "MAIN_READER_HOST" in found[f"groundwork:{WEB}.uses.main-reader"]["problem"]
    tls = {"data.caches": {"main-tls": CACHE}, f"{WEB}.uses.main-tls": "write"}
    assert list(refused(tls)) == [f"groundwork:{WEB}.uses.main-tls"]
    del tls[f"{WEB}.uses.main-tls"]
    load(tls)  # nobody uses both


PLAIN = BASELINE["data"]["databases"]["plain"]
BUCKET = BASELINE["data"]["buckets"]["uploads"]
COPIED = {**BUCKET, "replication": {"region": "us-west-2", "storage": "standard"}}
SCALED = {**TABLE, "capacity": PROVISIONED}


@pytest.mark.parametrize(
    ("kind", "store", "part", "fine"),
    [
        ("queues", QUEUE, ("jobs-dead", QUEUE), {"jobs": QUEUE, "jobs-dear": QUEUE}),
        ("buckets", COPIED, ("jobs-copy", BUCKET), {"jobs": BUCKET, "jobs-copy": BUCKET}),
        (
            "tables",
            {**SCALED, "indexes": {"by-mail": index()}},
            ("jobs-by-mail", SCALED),
            {"jobs": {**SCALED, "indexes": {"by-mail": index()}}, "jobs-by-mail": TABLE},
        ),
        (
            "databases",
            BASELINE["data"]["databases"]["main"],
            ("jobs-2", PLAIN),
            {"jobs": BASELINE["data"]["databases"]["main"], "jobs-3": PLAIN},
        ),
    ],
    ids=["dead letters", "copy", "scaled index", "instance"],
)
def test_no_store_is_called_like_a_part_of_another(
    load: Any, refused: Refused, kind: str, store: Any, part: tuple[str, Any], fine: Any
) -> None:
    """Pulumi would register two resources under one name, and end in the middle of it."""
    name, other = part
    quiet: dict[str, Any] = {f"{WEB}.uses": {}, "services.status.uses": {}}
    found = refused({f"data.{kind}": {"jobs": store, name: other}, **quiet})
    assert list(found) == [f"groundwork:data.{kind}.{name}"]
    assert 'of "jobs" is called' in found[f"groundwork:data.{kind}.{name}"]["problem"]
    load({f"data.{kind}": fine, **quiet})


def test_the_kinds_of_stores_open_the_key_to_their_services(load: Any) -> None:
    plain: Settings = load({})
    assert not plain.kinds & {"table", "stream", "file system", "notice"}
    told = {"data.queues": {"news": QUEUE}, f"{UPLOADS}.tells": {"news": {}}}
    full: Settings = load({**table(), **shared(), **stream(), **told})
    assert full.kinds >= {"table", "stream", "file system", "notice", "web", "bucket"}


def test_every_version_and_broker_of_the_table_is_taken_and_names_its_source() -> None:
    for version in tables.kafka_versions():
        made = ProvisionedStreamSettings.model_validate({**STREAM, "version": version})
        assert made.kraft == version.endswith(".kraft")
    for broker in tables.kafka_brokers():
        ProvisionedStreamSettings.model_validate({**STREAM, "broker": broker})
    assert re.fullmatch(r"\d{4}-\d{2}", tables.as_of("kafka"))


def test_levels_and_variables_are_those_of_the_kind() -> None:
    assert TableSettings.levels == ("read", "write", "follow")
    assert FileSystemSettings.variables == ("PATH",)
    assert ProvisionedStreamSettings.levels == ("read", "write"), "admin is for stacks that are not protected"
