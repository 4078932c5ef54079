"""Caches: what may stand in a stack file, what is refused, what nobody here can judge."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from settings.caches import CacheSettings
from tests.gathered import for_each
from tests.settings.cases import UNPROTECTED, WEB, Case, Refused, is_said

NODES = {"engine": "valkey", "version": "8.2", "nodeType": "cache.t4g.small", "nodes": 2, "snapshotDays": 7}
SERVERLESS = {"engine": "valkey", "version": "8", "snapshotDays": 1,
              "serverless": {"maxGigabytes": 5, "maxEcpuPerSecond": 5000}}  # fmt: skip
REDIS = {**NODES, "engine": "redis", "version": "7.1"}
APART = {"snapshot": "02:00-03:00", "maintenance": "sun:04:00-sun:05:00"}
USED = {f"{WEB}.uses": {"sessions": "write"}}
KEY = "data.caches.sessions"


def cache(content: dict[str, Any], level: str = "write") -> dict[str, Any]:
    """The change that gives the baseline one cache, which its service uses."""
    return {"data.caches": {"sessions": content}, f"{WEB}.uses": {"sessions": level}}


def test_a_cache_signs_in_with_tokens_and_evicts_what_may_go_unless_it_is_told_otherwise() -> None:
    settings = CacheSettings.model_validate(NODES)
    assert (settings.iam, settings.eviction, settings.shards, settings.node_count) == (True, "volatile-lru", None, 2)
    assert CacheSettings.model_validate({**NODES, "shards": 3}).node_count == 6
    assert CacheSettings.model_validate(SERVERLESS).node_count == 0


def cases() -> Iterator[Case]:
    """One thing that is wrong with a cache, each."""

    def wrong(name: str, content: dict[str, Any], key: str, given: str, allowed: str, change: str) -> Case:
        return Case(name, cache(content), f"{KEY}.{key}", given, allowed, change)

    yield wrong(
        "an engine that is none", {**NODES, "engine": "memcached"}, "engine", "memcached", "valkey or redis", ""
    )
    yield wrong("version without a minor", {**NODES, "version": "8"}, "version", '"8"', "8.2", '"8.2"')
    yield wrong("version never made", {**SERVERLESS, "version": "6"}, "version", '"6"', "7 or 8", '"8"')
    yield wrong("minor of a serverless cache", {**SERVERLESS, "version": "8.1"}, "version", '"8.1"', "7 or 8", '"8"')
    yield wrong(
        "node of no family", {**NODES, "nodeType": "cache.t4.small"}, "nodeType", "t4.small", "t4g", "t4g.small?"
    )
    yield wrong(
        "class of a database", {**NODES, "nodeType": "db.t4g.small"}, "nodeType", "db.t4g", "cache.t4g.micro", ""
    )
    yield wrong("seven nodes", {**NODES, "nodes": 7}, "nodes", "7", "from 1 to 6", "6 or less")
    yield wrong(
        "too many nodes", {**NODES, "nodes": 6, "shards": 16}, "shards", "together 96", "90 nodes", "shards to 15"
    )
    yield wrong("nodes beside serverless", {**SERVERLESS, "nodes": 2}, "nodes", "2", "null with serverless", "take one")
    yield wrong("no nodes", {key: NODES[key] for key in NODES if key != "nodes"}, "nodes", "nothing", "or serverless",
                "nodes: 2")  # fmt: skip
    yield wrong("little serverless", {**SERVERLESS, "serverless": {"maxGigabytes": 5, "maxEcpuPerSecond": 999}},
                "serverless.maxEcpuPerSecond", "999", "from 1000", "1000 or more")  # fmt: skip
    yield wrong("eviction of serverless", {**SERVERLESS, "eviction": "allkeys-lru"}, "eviction", "allkeys-lru",
                "volatile-lru", "use nodes")  # fmt: skip
    yield wrong("random eviction of data on SSD", {**NODES, "nodeType": "cache.r6gd.xlarge", "eviction": "volatile-ttl"},
                "eviction", '"volatile-ttl" (nodeType: cache.r6gd.xlarge)', "allkeys-lfu or noeviction", "another family")  # fmt: skip
    yield wrong("windows of serverless", {**SERVERLESS, "windows": APART}, "windows", "given", "null", "take it out")
    yield wrong("windows at one time", {**NODES, "windows": {**APART, "snapshot": "04:30-05:30"}}, "windows.maintenance",
                "snapshot: 04:30-05:30", "apart", "move")  # fmt: skip
    yield wrong("a major that the provider does not know", {**NODES, "version": "10.0"}, "version", '"10.0"', "9.1",
                'set version to "9.1"')  # fmt: skip
    yield wrong("short window", {**NODES, "windows": {**APART, "snapshot": "02:00-02:30"}}, "windows.snapshot",
                "02:00-02:30", "60 minutes or more", "end later")  # fmt: skip
    yield wrong("Redis with an open default user", REDIS, "passwords", "null (engine: redis", "groundwork:secrets",
                "use valkey")  # fmt: skip
    yield wrong("password that nobody set", {**REDIS, "passwords": {"write": "sessions-write"}}, "passwords.write",
                '"sessions-write"', "no value", "pulumi config set --secret")  # fmt: skip
    yield wrong("snapshots for too long", {**NODES, "snapshotDays": 36}, "snapshotDays", "36", "from 0 to 35", "35")
    yield wrong("one node when protected", {**NODES, "nodes": 1}, "nodes", "1 (ground", "2 to 6", "set nodes to 2")
    yield wrong(
        "no snapshots when protected", {**NODES, "snapshotDays": 0}, "snapshotDays", "0 (ground", "1 to 35", "1"
    )
    yield Case("a level it lacks", cache(NODES, "send"), f"{WEB}.uses.sessions", '"send"', "read or write", "write")
    yield Case(
        "admin when protected", cache(NODES, "admin"), f"{WEB}.uses.sessions", "admin (ground", "read or write", ""
    )


CASES = list(cases())


@for_each("case", CASES, name=lambda case: case.name)
def test_a_mistake_is_named_with_key_value_what_is_allowed_and_what_to_change(case: Case, refused: Refused) -> None:
    is_said(case, refused)


def test_a_new_node_type_of_valkey_is_not_for_redis(refused: Refused) -> None:
    found = refused(cache({**REDIS, "nodeType": "cache.r8g.large"}))
    assert "valkey only" in found["groundwork:data.caches.sessions.nodeType"]["problem"]


def test_a_cache_has_the_name_of_no_other_store(refused: Refused) -> None:
    found = refused({"data.caches": {"main": NODES}, f"{WEB}.uses": {}})
    assert "is also the name of a database" in found["groundwork:data.caches.main"]["problem"]


def test_a_password_that_elasticache_would_refuse_is_refused_unseen(load: Any, refused: Refused) -> None:
    changes = cache({**REDIS, "passwords": {"write": "sessions-write"}})
    load({**changes, "secrets": {"sessions-write": "p" * 16}}, secrets=["groundwork:secrets"])
    for length in (15, 129):
        found = refused({**changes, "secrets": {"sessions-write": "p" * length}}, secrets=["groundwork:secrets"])
        said = found[f"groundwork:{KEY}.passwords.write"]
        assert "16 to 128 printable ASCII characters" in said["allowed"]
        assert "p" * 15 not in str(found)


def test_a_stack_that_is_not_protected_may_have_one_node_and_keep_nothing(load: Callable[..., Any]) -> None:
    settings = load({**cache({**NODES, "nodes": 1, "snapshotDays": 0}, "admin"), **UNPROTECTED})
    assert settings.data.stores["sessions"].nodes == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({**NODES, "version": "9.9"}, 'version: "9.9" of valkey is newer than our table'),
        ({**SERVERLESS, "version": "10"}, 'version: "10" of valkey is newer than our table'),
        ({**NODES, "nodeType": "cache.r9g.large"}, 'nodeType: "cache.r9g.large" is newer than our table'),
    ],
)
def test_what_nobody_here_can_judge_is_a_warning(
    content: dict[str, Any], said: str, load: Callable[..., Any], warned: list[str]
) -> None:
    load(cache(content))
    (text,) = [text for text in warned if text.startswith("groundwork:data.caches.")]
    assert said in text
