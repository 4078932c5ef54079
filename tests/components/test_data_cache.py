"""Caches: who can reach and sign in to one, what outlives it, what a service gets to know of it."""

import json
from typing import Any

import pulumi
import pytest

from components.contracts import Access, Severity, Site
from components.data.cache import Cache
from components.observability.alarms import RUNBOOKS
from components.security import documents, keys
from preflight.simulation import changes
from settings.caches import CacheSettings
from tests.components.stores import HERE, KEY, network, store_args, waited_for

GROUP, NODES = "aws:ec2/securityGroup:SecurityGroup", "aws:elasticache/replicationGroup:ReplicationGroup"
SERVERLESS, SUBNETS = "aws:elasticache/serverlessCache:ServerlessCache", "aws:elasticache/subnetGroup:SubnetGroup"
USER, USERS = "aws:elasticache/user:User", "aws:elasticache/userGroup:UserGroup"
PARAMETERS, SECRET = "aws:elasticache/parameterGroup:ParameterGroup", "aws:secretsmanager/secret:Secret"
TWO = {"engine": "valkey", "version": "8.2", "nodeType": "cache.t4g.small", "nodes": 2, "snapshotDays": 7}
SHARDED = {**TWO, "version": "9.0", "nodeType": "cache.r8g.xlarge", "nodes": 3, "shards": 4, "eviction": "allkeys-lru"}
NONE = {"engine": "valkey", "version": "8", "snapshotDays": 1,
        "serverless": {"maxGigabytes": 10, "maxEcpuPerSecond": 5000}}  # fmt: skip
WORDS = {"write": "sessions-write", "read": "sessions-read"}
VALUES = {"sessions-write": "a-password-of-16+", "sessions-read": "another-password-16"}
REDIS = {**TWO, "engine": "redis", "version": "7.1", "passwords": WORDS}
EACH = pytest.mark.parametrize("content", [TWO, SHARDED, NONE], ids=["nodes", "shards", "serverless"])


def cache(content: dict[str, Any], store: str = "sessions", **change: Any) -> Cache:
    args = store_args(store, CacheSettings.model_validate(content), secret_values=VALUES, **change)
    return Cache(f"data-{store}", args)


def holder(deployment: Any) -> Any:
    """The resource that holds the data."""
    return next(r for r in deployment.registered if r.type in {NODES, SERVERLESS})


def granted(
    deploy: Any, content: dict[str, Any], level: str, **change: Any
) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """The deployment, whose `built` is the access, its statements by sid, and its environment."""
    seen: list[Any] = []

    def build() -> Access:
        access = cache(content, **change).access(level)
        documents.document(access.statements).apply(seen.append)
        pulumi.Output.from_input(dict(access.environment)).apply(seen.append)
        return access

    deployment = deploy(build)
    document = next(value for value in seen if isinstance(value, str))
    environment = next(value for value in seen if isinstance(value, dict))
    return deployment, {s["Sid"]: s for s in json.loads(document)["Statement"]}, environment


@EACH
def test_data_is_encrypted_with_our_key_on_disk_and_by_tls_on_the_way(deploy: Any, content: dict[str, Any]) -> None:
    store = holder(deploy(lambda: cache(content))).inputs
    assert store["kmsKeyId"] == KEY
    if "serverless" not in content:  # which has TLS without being asked
        assert store["atRestEncryptionEnabled"] is store["transitEncryptionEnabled"] is True
        assert store["transitEncryptionMode"] == "required", "preferred would still take plain text"


def test_the_data_key_is_opened_to_elasticache_where_there_is_a_cache_and_nowhere_else() -> None:
    def services(kinds: set[str]) -> list[str]:
        (use,) = [s for s in keys.for_data(HERE, kinds) if s.sid == "UseThroughServices"]
        through: Any = use.conditions["StringEquals"]["kms:ViaService"]
        return list(through)

    assert "elasticache.us-east-1.amazonaws.com" in services({"cache"})
    assert not [service for service in services(set()) if "elasticache" in service]


@EACH
def test_its_group_lets_nobody_in_until_a_service_adds_a_rule(deploy: Any, content: dict[str, Any]) -> None:
    deployment = deploy(lambda: cache(content))
    group = deployment.one(GROUP)
    assert not {"ingress", "egress"} & set(group.inputs)
    assert [r.name for r in deployment.registered if "Rule" in r.type] == []
    assert holder(deployment).property_dependencies["securityGroupIds"] == {group.urn}


def test_it_stands_in_the_data_tier(deploy: Any) -> None:
    deployment = deploy(lambda: cache(TWO))
    assert deployment.one(SUBNETS).inputs["subnetIds"] == ["subnet-a", "subnet-b"]
    assert holder(deployment).property_dependencies["subnetGroupName"] == {deployment.one(SUBNETS).urn}
    assert holder(deploy(lambda: cache(NONE))).inputs["subnetIds"] == ["subnet-a", "subnet-b"]
    four = Site(vpc_id="vpc-1", data_subnet_ids=["subnet-a", "subnet-b", "subnet-c", "subnet-d"])
    moved = holder(deploy(lambda: cache(NONE, site=four)))
    assert moved.inputs["subnetIds"] == ["subnet-a", "subnet-b", "subnet-c"]
    assert moved.ignore_changes == ("subnetIds",), "a zone that is added later would replace it"


@EACH
def test_in_a_protected_stack_it_takes_two_steps_to_lose_it(deploy: Any, content: dict[str, Any]) -> None:
    kept, gone = holder(deploy(lambda: cache(content))), holder(deploy(lambda: cache(content, protected=False)))
    assert (kept.protect, gone.protect) == (True, False)
    if "serverless" not in content:
        assert kept.inputs["finalSnapshotIdentifier"] == f"{kept.inputs['replicationGroupId']}-final"
        assert (kept.inputs["applyImmediately"], gone.inputs["applyImmediately"]) == (False, True)
        assert "finalSnapshotIdentifier" not in gone.inputs


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (TWO, {**REDIS, "version": "7.1"}),
        ({**TWO, "version": "8.2"}, {**TWO, "version": "8.1"}),
        (NONE, {**NONE, "version": "7"}),
    ],
    ids=["from valkey to redis", "to an older version", "another version of a serverless one"],
)
def test_a_change_that_makes_a_new_empty_cache_is_refused_by_its_protection(
    deploy: Any, old: dict[str, Any], new: dict[str, Any]
) -> None:
    """The engine refuses to delete what is protected, also for a replacement; so these changes are never silent."""
    before, after = holder(deploy(lambda: cache(old))), holder(deploy(lambda: cache(new)))
    assert any(change.replaces for change in changes.changes(before.type, dict(before.inputs), dict(after.inputs)))
    assert after.protect is True


@pytest.mark.parametrize(
    "new",
    [
        {**TWO, "version": "9.0"},
        {**TWO, "nodes": 3},
        {**TWO, "nodeType": "cache.r7g.large"},
        {**TWO, "snapshotDays": 35},
    ],
    ids=["newer", "more nodes", "larger", "longer"],
)
def test_what_a_cache_outgrows_is_changed_in_place(deploy: Any, new: dict[str, Any]) -> None:
    before, after = holder(deploy(lambda: cache(TWO))), holder(deploy(lambda: cache(new)))
    plan = changes.changes(NODES, dict(before.inputs), dict(after.inputs))
    assert plan
    assert not [change for change in plan if change.replaces]


def test_from_redis_to_valkey_it_is_changed_in_place(deploy: Any) -> None:
    valkey = {**TWO, "version": "8.2", "passwords": WORDS}
    before, after = holder(deploy(lambda: cache(REDIS))), holder(deploy(lambda: cache(valkey)))
    plan = changes.changes(NODES, dict(before.inputs), dict(after.inputs))
    assert not [change for change in plan if change.replaces]


def test_two_nodes_stand_in_for_each_other_and_one_has_nobody(deploy: Any) -> None:
    two = holder(deploy(lambda: cache(TWO))).inputs
    assert (two["numCacheClusters"], two["multiAzEnabled"], two["automaticFailoverEnabled"]) == (2, True, True)
    one = holder(deploy(lambda: cache({**TWO, "nodes": 1}, protected=False))).inputs
    assert (one["numCacheClusters"], one["multiAzEnabled"], one["automaticFailoverEnabled"]) == (1, False, False)


def test_shards_are_spread_in_cluster_mode(deploy: Any) -> None:
    deployment = deploy(lambda: cache(SHARDED))
    store = holder(deployment).inputs
    assert (store["numNodeGroups"], store["replicasPerNodeGroup"], store["automaticFailoverEnabled"]) == (4, 2, True)
    assert "numCacheClusters" not in store
    group = deployment.one(PARAMETERS)
    assert group.inputs["family"] == "valkey9"
    values = {parameter["name"]: parameter["value"] for parameter in group.inputs["parameters"]}
    assert values == {"cluster-enabled": "yes", "maxmemory-policy": "allkeys-lru"}


def test_a_serverless_cache_ends_at_its_limits(deploy: Any) -> None:
    deployment = deploy(lambda: cache(NONE))
    limits = deployment.one(SERVERLESS).inputs["cacheUsageLimits"]
    assert limits == {"dataStorage": {"maximum": 10, "unit": "GB"}, "ecpuPerSeconds": [{"maximum": 5000}]}
    assert deployment.of(PARAMETERS) == deployment.of(SUBNETS) == {}


@EACH
def test_everybody_who_signs_in_has_a_token_and_nobody_else_gets_in(deploy: Any, content: dict[str, Any]) -> None:
    deployment = deploy(lambda: cache(content))
    users = deployment.inputs(USER)
    assert set(users) == {"data-sessions-user-read", "data-sessions-user-write"}
    for user in users.values():
        assert user["authenticationMode"] == {"type": "iam"}
        assert user["userId"] == user["userName"], "as IAM wants it"
        assert "passwords" not in user
    assert sorted(deployment.one(USERS).inputs["userIds"]) == sorted(user["userId"] for user in users.values())
    group = holder(deployment).property_dependencies["userGroupId" if "serverless" in content else "userGroupIds"]
    assert group == {deployment.one(USERS).urn}
    assert deployment.of(SECRET) == {}


def test_who_reads_can_neither_write_nor_look_at_everything_and_who_writes_cannot_throw_it_away(deploy: Any) -> None:
    users = deploy(lambda: cache(TWO)).inputs(USER)
    reads = users["data-sessions-user-read"]["accessString"].split()
    writes = users["data-sessions-user-write"]["accessString"].split()
    assert "-@all" in reads
    assert "+@write" not in reads
    for rights in (reads, writes):
        assert "-@dangerous" in rights, "KEYS and FLUSHALL"
    assert "-@admin" in writes
    admins = deploy(lambda: cache(TWO, protected=False)).inputs(USER)
    assert "data-sessions-user-admin" in admins


def test_the_default_user_of_redis_is_off_and_has_a_password_all_the_same(deploy: Any) -> None:
    deployment = deploy(lambda: cache(REDIS))
    default = deployment.of(USER)["data-sessions-user-default"]
    assert default.inputs["userName"] == "default"
    assert default.inputs["accessString"].split()[0] == "off"
    assert default.inputs["authenticationMode"]["type"] == "password"
    assert default.inputs["userId"] in deployment.one(USERS).inputs["userIds"]
    assert deployment.of(USER).keys() == {f"data-sessions-user-{who}" for who in ("read", "write", "default")}


def test_passwords_are_kept_in_secrets_with_our_key_and_each_service_reads_its_own(deploy: Any) -> None:
    deployment, statements, environment = granted(deploy, REDIS, "read")
    secrets = deployment.of(SECRET)
    assert set(secrets) == {"data-sessions-user-read", "data-sessions-user-write"}
    assert {secret.inputs["kmsKeyId"] for secret in secrets.values()} == {KEY}
    assert all(secret.protect for secret in secrets.values())
    (readable,) = statements["ReadCacheSecret"]["Resource"]
    assert "user-read" in readable
    assert environment["SESSIONS_SECRET_ARN"] == readable
    references: list[Any] = []
    deploy(lambda: pulumi.Output.from_input(dict(cache(REDIS).access("read").secrets)).apply(references.append))
    assert references == [{"SESSIONS_PASSWORD": f"{readable}:password::"}]
    assert not [value for value in environment.values() if value in VALUES.values()]
    contents = deployment.of("aws:secretsmanager/secretVersion:SecretVersion").values()
    assert all("secretString" in content.secret_inputs for content in contents), "encrypted in the state"


@EACH
def test_a_service_signs_in_to_this_very_cache_as_its_level(deploy: Any, content: dict[str, Any]) -> None:
    deployment, statements, environment = granted(deploy, content, "write")
    (connect,) = statements.values()
    assert connect["Action"] == ["elasticache:Connect"]
    kind = "serverlesscache" if "serverless" in content else "replicationgroup"
    of_cache, of_user = connect["Resource"]
    assert of_cache == f"arn:aws:elasticache:us-east-1:111122223333:{kind}:{environment['SESSIONS_NAME']}"
    assert of_user.endswith(f":user:{environment['SESSIONS_USERNAME']}")
    assert environment["SESSIONS_USERNAME"].endswith("-write")
    assert environment["SESSIONS_PORT"] == "6379"
    assert environment["SESSIONS_MODE"] == ("single" if content is TWO else "cluster")
    assert ("SESSIONS_READER_HOST" in environment) is (content is TWO), "with shards clients ask for their nodes"
    assert deployment.built.secrets == {}
    assert deployment.built.opening.port == 6379


def test_an_unknown_level_says_what_there_is(deploy: Any) -> None:
    with pytest.raises(ValueError, match=r"cache 'sessions' has no access level 'send'"):
        deploy(lambda: cache(TWO).access("send"))


@pytest.mark.parametrize("content", [TWO, SHARDED, NONE, REDIS], ids=["nodes", "shards", "serverless", "redis"])
def test_every_signal_leads_to_a_runbook_and_takes_no_more_metrics_than_an_alarm_may(
    deploy: Any, content: dict[str, Any]
) -> None:
    signals = deploy(lambda: cache(content)).built.signals
    assert [signal.runbook for signal in signals if not (RUNBOOKS / signal.runbook).is_file()] == []
    assert len({signal.name for signal in signals}) == len(signals)
    assert max(len(signal.metrics) + (signal.expression is not None) for signal in signals) <= 10


def test_every_node_is_watched_for_all_that_can_happen_to_it(deploy: Any) -> None:
    seen: dict[str, set[str]] = {}

    def build() -> Cache:
        built = cache(SHARDED)
        for signal in built.signals:
            for metric in signal.metrics.values():
                nodes = seen.setdefault(metric.name, set())
                pulumi.Output.from_input(metric.dimensions["CacheClusterId"]).apply(nodes.add)
        return built

    deployment = deploy(build)
    members = {
        f"{holder(deployment).inputs['replicationGroupId']}-{s:04}-{n:03}" for s in range(1, 5) for n in (1, 2, 3)
    }
    assert set(seen) == {"DatabaseMemoryUsagePercentage", "EngineCPUUtilization", "CurrConnections", "Evictions",
                         "ReplicationLag", "CacheHits", "CacheMisses"}  # fmt: skip
    assert all(nodes == members for nodes in seen.values())


def test_thresholds_follow_the_size_of_the_cache(deploy: Any) -> None:
    def thresholds(content: dict[str, Any]) -> dict[str, float]:
        signals = deploy(lambda: cache(content, protected=False)).built.signals
        return {signal.name.removeprefix("data-sessions-"): signal.threshold for signal in signals}

    small = thresholds({**TWO, "nodes": 1})
    assert small["cpu"] == 45, "of two processors one is the engine's"
    assert small["connections"] == 58_500
    assert small["hits"] == 80
    assert "lag" not in small
    assert "lag" in thresholds(TWO)
    none = thresholds(NONE)
    assert none["memory"] == 8 * 10**9
    assert none["units"] == 0.8 * 5000 * 60
    assert none["throttled"] == 0


def test_an_idle_cache_alarms_nobody(deploy: Any) -> None:
    for content in (TWO, NONE):
        signals = deploy(lambda content=content: cache(content)).built.signals
        assert {signal.missing for signal in signals} == {"notBreaching"}
        (hits,) = [signal for signal in signals if signal.name.endswith("-hits")]
        assert hits.expression is not None
        assert hits.expression.endswith("100)"), "too few reads to tell count as all found"
        assert hits.severity is Severity.WARNING


def test_a_backup_of_aws_knows_no_caches_so_they_keep_their_own(deploy: Any) -> None:
    deployment = deploy(lambda: cache(TWO))
    assert deployment.built.recoverable is None
    assert holder(deployment).inputs["snapshotRetentionLimit"] == 7
    window = {**TWO, "windows": {"snapshot": "22:00-23:00", "maintenance": "mon:03:00-mon:04:00"}}
    store = holder(deploy(lambda: cache(window))).inputs
    assert (store["snapshotWindow"], store["maintenanceWindow"]) == ("22:00-23:00", "mon:03:00-mon:04:00")


def test_the_longest_name_fits_everything_that_is_named_after_it(deploy: Any) -> None:
    deployment = deploy(lambda: cache(REDIS, store="abcdefghij-klmnopqrs"))
    names = [holder(deployment).inputs["replicationGroupId"], deployment.one(USERS).inputs["userGroupId"]]
    names += [user["userId"] for user in deployment.inputs(USER).values()]
    assert max(map(len, names)) <= 40


@EACH
def test_it_waits_for_its_subnets_and_users_and_for_no_way_out(deploy: Any, content: dict[str, Any]) -> None:
    def build() -> None:
        cache(content, site=network().site)

    deployment = deploy(build)
    waits = waited_for(deployment, holder(deployment))
    assert {"aws:ec2/subnet:Subnet", "aws:ec2/vpc:Vpc", USERS, USER, GROUP} <= waits
    others = {SUBNETS, PARAMETERS, "aws:ec2/subnet:Subnet", "aws:ec2/vpc:Vpc", USERS, USER, GROUP}
    assert waits <= others, "no NAT, no endpoint, no route"
