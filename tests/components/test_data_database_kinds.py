"""Databases beyond the plain PostgreSQL: other engines, fixed sizes, readers, a proxy, users of IAM, copies of others."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pydantic import TypeAdapter

from components.contracts import Access
from components.data.database import Database
from components.observability.alarms import RUNBOOKS
from components.security import documents
from preflight.simulation import changes
from settings.databases import DatabaseSettings
from settings.location import Location
from tests.components.stores import KEY, network, store_args, waited_for

_DATABASES: TypeAdapter[Any] = TypeAdapter(DatabaseSettings)
CLUSTER, MEMBER, INSTANCE = (
    "aws:rds/cluster:Cluster",
    "aws:rds/clusterInstance:ClusterInstance",
    "aws:rds/instance:Instance",
)
PROXY, ENDPOINT, TARGET = (
    "aws:rds/proxy:Proxy",
    "aws:rds/proxyEndpoint:ProxyEndpoint",
    "aws:rds/proxyTarget:ProxyTarget",
)
GROUP, LOGS = "aws:ec2/securityGroup:SecurityGroup", "aws:cloudwatch/logGroup:LogGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
AURORA = {"engine": "aurora-postgresql", "version": "17.7", "minCapacity": 0.5, "maxCapacity": 16, "instances": 2,
          "backupDays": 35}  # fmt: skip
FIXED = {"engine": "aurora-mysql", "version": "8.0.mysql_aurora.3.10.6", "instanceClass": "db.r8g.large",
         "instances": 2, "backupDays": 7}  # fmt: skip
MYSQL = {"engine": "mysql", "version": "8.4.11", "instanceClass": "db.t4g.small", "storageGib": 20,
         "maxStorageGib": 100, "multiAz": True, "backupDays": 7}  # fmt: skip
MARIADB = {**MYSQL, "engine": "mariadb", "version": "11.8.9", "instanceClass": "db.m8g.large"}
POSTGRES = {**MYSQL, "engine": "postgres", "version": "17.11"}
EVERY = {content["engine"]: content for content in (AURORA, FIXED, POSTGRES, MYSQL, MARIADB)}
OF_ENGINE = pytest.mark.parametrize("engine", EVERY)
POOL = {"maxConnectionsPercent": 90}
OWN = {"masterPassword": "reports-master"}
VALUES: dict[str, Any] = {"secret_values": {"reports-master": "kept out of every output"}}


def database(content: dict[str, Any], store: str = "main", **change: Any) -> Database:
    return Database(f"data-{store}", store_args(store, _DATABASES.validate_python(content), **change))


def holder(deployment: Any) -> Any:
    """The resource that holds the data."""
    return next(r for r in deployment.registered if r.type in {CLUSTER, INSTANCE})


def granted(
    deploy: Any, content: dict[str, Any], level: str, **change: Any
) -> tuple[Any, Access, dict[str, Any], dict[str, Any]]:
    """The deployment, the access, its statements by sid, and its environment."""
    seen: list[Any] = []

    def build() -> Access:
        access = database(content, **change).access(level)
        documents.document(access.statements).apply(seen.append)
        pulumi.Output.from_input(dict(access.environment)).apply(seen.append)
        return access

    deployment = deploy(build)
    document = next(value for value in seen if isinstance(value, str))
    environment = next(value for value in seen if isinstance(value, dict))
    return deployment, deployment.built, {s["Sid"]: s for s in json.loads(document)["Statement"]}, environment


@OF_ENGINE
def test_every_engine_refuses_plain_text_in_its_own_words(deploy: Any, engine: str) -> None:
    deployment = deploy(lambda: database(EVERY[engine]))
    (group,) = [r for r in deployment.registered if r.type.endswith("ParameterGroup")]
    values = {parameter["name"]: parameter["value"] for parameter in group.inputs["parameters"]}
    wanted = {"PostgreSQL": ("rds.force_ssl", "1"), "MySQL": ("require_secure_transport", "ON"),
              "MariaDB": ("require_secure_transport", "1")}  # fmt: skip
    name, value = wanted["PostgreSQL" if "postgres" in engine else "MariaDB" if engine == "mariadb" else "MySQL"]
    assert values[name] == value
    families = {"aurora-postgresql": "aurora-postgresql17", "aurora-mysql": "aurora-mysql8.0", "postgres": "postgres17",
                "mysql": "mysql8.4", "mariadb": "mariadb11.8"}  # fmt: skip
    assert group.inputs["family"] == families[engine]


@OF_ENGINE
def test_every_engine_is_encrypted_private_kept_and_out_of_extended_support(deploy: Any, engine: str) -> None:
    deployment = deploy(lambda: database(EVERY[engine]))
    store = holder(deployment)
    assert store.inputs["engine"] == engine
    assert store.inputs["storageEncrypted"] is store.inputs["manageMasterUserPassword"] is True
    assert store.inputs["kmsKeyId"] == KEY
    support = None if engine == "mariadb" else "open-source-rds-extended-support-disabled"  # which MariaDB has not
    assert store.inputs.get("engineLifecycleSupport") == support
    assert store.protect is store.inputs["deletionProtection"] is True
    assert store.inputs["finalSnapshotIdentifier"].endswith("-final")
    assert "allowMajorVersionUpgrade" not in store.inputs, "that takes a deliberate switch"
    assert [r for r in deployment.registered if "Rule" in r.type] == [], "nobody gets in, nothing gets out"
    assert all(r.inputs["publiclyAccessible"] is False for r in deployment.registered if r.type in {MEMBER, INSTANCE})


@OF_ENGINE
def test_every_signal_of_every_engine_leads_to_a_runbook(deploy: Any, engine: str) -> None:
    content = {**EVERY[engine], "proxy": POOL, **({"readerEndpoint": True} if "aurora" in engine else {})}
    signals = deploy(lambda: database(content)).built.signals
    assert [signal.runbook for signal in signals if not (RUNBOOKS / signal.runbook).is_file()] == []
    names = [signal.name for signal in signals]
    assert len(names) == len(set(names))
    assert any("transactions" in name for name in names) is ("postgres" in engine)
    assert any("undo" in name for name in names) is (engine == "aurora-mysql")
    assert any("lag" in name for name in names) is ("aurora" in engine)


@OF_ENGINE
def test_the_logs_of_an_engine_go_to_groups_of_ours_that_are_there_first(deploy: Any, engine: str) -> None:
    deployment = deploy(lambda: database(EVERY[engine]))
    store = holder(deployment)
    exported = store.inputs["enabledCloudwatchLogsExports"]
    assert exported == (["postgresql"] if "postgres" in engine else ["error", "slowquery"])
    groups = deployment.of(LOGS).values()
    assert {group.inputs["name"].rsplit("/", 1)[1] for group in groups} == set(exported)
    assert {group.urn for group in groups} <= store.dependencies, "or RDS makes them, without our key and retention"


def test_thresholds_follow_what_an_instance_may_do_beyond_its_share(deploy: Any) -> None:
    def thresholds(content: dict[str, Any]) -> dict[str, float]:
        signals = deploy(lambda: database(content)).built.signals
        return {signal.name.removeprefix("data-main-"): signal.threshold for signal in signals}

    small, large = thresholds(MYSQL), thresholds(MARIADB)
    assert small["disk-io"] == small["disk-bytes"] == 10
    assert small["credits"] == 10
    assert "credits" not in large, "only classes of the t families have credits"
    readers = thresholds({**AURORA, "readerEndpoint": True})
    assert readers["1-lag"] == readers["2-lag"] == 2000
    assert not [name for name in thresholds(AURORA) if "lag" in name], "nobody reads there"
    proxied = thresholds({**MYSQL, "proxy": POOL})
    assert proxied["proxy-pool"] == 90


def test_logs_that_an_engine_does_not_write_by_itself_are_switched_on(deploy: Any) -> None:
    chosen = ["error", "general", "audit"]
    deployment = deploy(lambda: database({**FIXED, "logs": chosen}))
    (group,) = [r for r in deployment.registered if r.type.endswith("ParameterGroup")]
    values = {parameter["name"]: parameter["value"] for parameter in group.inputs["parameters"]}
    assert values["general_log"] == values["server_audit_logging"] == "1"
    assert values["log_output"] == "FILE", "tables are no logs that CloudWatch could take"
    assert "slow_query_log" not in values
    assert deploy(lambda: database({**FIXED, "logs": []})).of(LOGS) == {}


def test_a_fixed_size_has_no_trace_of_capacity(deploy: Any) -> None:
    deployment = deploy(lambda: database(FIXED))
    assert "serverlessv2ScalingConfiguration" not in deployment.one(CLUSTER).inputs
    assert {member["instanceClass"] for member in deployment.inputs(MEMBER).values()} == {"db.r8g.large"}
    assert [s.name for s in deployment.built.signals if "capacity" in s.name] == []
    (connections, _) = [s.threshold for s in deployment.built.signals if s.name.endswith("connections")]
    assert connections == 900, "90 % of the thousand of this class"


def test_a_pausing_aurora_for_mysql_ends_idle_sessions_in_its_own_words(deploy: Any) -> None:
    content = {**FIXED, "minCapacity": 0, "maxCapacity": 2, "pauseAfterSeconds": 600, "instances": 1}
    del content["instanceClass"]
    deployment = deploy(lambda: database(content, protected=False))
    group = deployment.one("aws:rds/clusterParameterGroup:ClusterParameterGroup")
    values = {p["name"]: (p["value"], p["applyMethod"]) for p in group.inputs["parameters"]}
    assert values["wait_timeout"] == values["interactive_timeout"] == ("600", "immediate")
    assert "idle_session_timeout" not in values


@pytest.mark.parametrize(("instances", "waits"), [(1, "data-main-1"), (3, "data-main-2")])
def test_who_asks_for_readers_gets_their_address_once_there_is_one(deploy: Any, instances: int, waits: str) -> None:
    def build() -> None:
        access = database({**AURORA, "instances": instances, "readerEndpoint": True}).access("write")
        aws.ssm.Parameter("reader", type="String", value=access.environment["MAIN_READER_HOST"])

    deployment = deploy(build)
    needs = deployment.one("aws:ssm/parameter:Parameter").property_dependencies["value"]
    assert deployment.of(MEMBER)[waits].urn in needs
    assert ".cluster-ro-" in deployment.one("aws:ssm/parameter:Parameter").inputs["value"]


def test_without_the_setting_nobody_hears_of_readers(deploy: Any) -> None:
    _, access, _, _ = granted(deploy, AURORA, "write")
    assert "MAIN_READER_HOST" not in access.environment


@pytest.mark.parametrize("content", [AURORA, POSTGRES], ids=["aurora", "rds"])
def test_a_user_of_iam_signs_in_without_any_secret(deploy: Any, content: dict[str, Any]) -> None:
    deployment, access, statements, environment = granted(deploy, {**content, "iamUser": "app"}, "connect")
    (connect,) = statements.values()
    assert connect["Action"] == ["rds-db:connect"]
    (resource,) = connect["Resource"]
    assert resource.startswith("arn:aws:rds-db:us-east-1:111122223333:dbuser:")
    assert resource.endswith("/app")
    assert "*" not in resource
    assert environment["MAIN_USERNAME"] == "app"
    assert access.secrets == {}
    assert not access.execution_statements
    assert "MAIN_SECRET_ARN" not in environment
    assert deployment.of(PROXY) == {}


def test_nobody_connects_to_a_database_without_a_user(deploy: Any) -> None:
    with pytest.raises(ValueError, match=r"database 'main' has no iamUser"):
        deploy(lambda: database(AURORA).access("connect"))


@OF_ENGINE
def test_behind_a_proxy_the_database_lets_in_nobody_else(deploy: Any, engine: str) -> None:
    deployment, access, _, environment = granted(deploy, {**EVERY[engine], "proxy": POOL}, "write")
    groups = {name: group.urn for name, group in deployment.of(GROUP).items()}
    (ingress,) = deployment.of(INGRESS).values()
    (egress,) = deployment.of(EGRESS).values()
    assert ingress.property_dependencies["securityGroupId"] == {groups["data-main"]}
    assert ingress.property_dependencies["referencedSecurityGroupId"] == {groups["data-main-proxy"]}
    assert egress.property_dependencies["securityGroupId"] == {groups["data-main-proxy"]}
    assert egress.property_dependencies["referencedSecurityGroupId"] == {groups["data-main"]}
    port = 5432 if "postgres" in engine else 3306
    assert {rule.inputs[key] for rule in (ingress, egress) for key in ("fromPort", "toPort")} == {port}
    proxy = deployment.one(PROXY)
    assert proxy.inputs["requireTls"] is True
    assert proxy.inputs["engineFamily"] == ("POSTGRESQL" if "postgres" in engine else "MYSQL")
    assert proxy.inputs["vpcSubnetIds"] == ["subnet-a", "subnet-b"]
    assert ".proxy-" in environment["MAIN_HOST"]
    assert access.opening is not None
    assert access.opening.port == port
    opened: list[str] = []

    def build() -> None:
        opening = database({**EVERY[engine], "proxy": POOL}).access("write").opening
        assert opening is not None
        pulumi.Output.from_input(opening.security_group_id).apply(opened.append)

    again = deploy(build)
    assert opened == again.one(PROXY).inputs["vpcSecurityGroupIds"], "services open the proxy, not the database"


def test_a_proxy_reads_one_secret_and_nothing_else(deploy: Any) -> None:
    deployment = deploy(lambda: database({**MYSQL, "proxy": POOL}))
    policy = json.loads(deployment.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])["Statement"]
    (auth,) = deployment.one(PROXY).inputs["auths"]
    assert [s["Action"] for s in policy] == [["secretsmanager:GetSecretValue"], ["kms:Decrypt"]]
    assert policy[0]["Resource"] == [auth["secretArn"]]
    assert auth["iamAuth"] == "DISABLED"
    assert "defaultAuthScheme" not in deployment.one(PROXY).inputs
    trusted = json.loads(deployment.one("aws:iam/role:Role").inputs["assumeRolePolicy"])["Statement"]
    assert [s["Principal"] for s in trusted] == [{"Service": ["rds.amazonaws.com"]}]
    assert deployment.one("aws:iam/rolePolicy:RolePolicy").urn in deployment.one(PROXY).dependencies


def test_a_proxy_waits_for_an_instance_and_who_uses_it_for_its_target(deploy: Any) -> None:
    def build() -> None:
        access = database({**AURORA, "proxy": POOL}).access("write")
        aws.ssm.Parameter("user", type="String", value=access.environment["MAIN_HOST"])

    deployment = deploy(build)
    target = deployment.one(TARGET)
    assert deployment.of(MEMBER)["data-main-1"].urn in target.dependencies, "a cluster alone is no target"
    assert target.urn in deployment.one("aws:ssm/parameter:Parameter").property_dependencies["value"]
    assert "dbInstanceIdentifier" not in target.inputs
    pool = deployment.one("aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup").inputs["connectionPoolConfig"]
    assert pool == {"maxConnectionsPercent": 90, "connectionBorrowTimeout": 120}


@pytest.mark.parametrize(("most", "idle"), [(1, 0), (49, 24), (50, None), (100, None)])
def test_a_proxy_keeps_no_more_idle_connections_than_there_may_be(deploy: Any, most: int, idle: int | None) -> None:
    """The provider says 50 where nobody says anything, and AWS refuses that beside less."""
    deployment = deploy(lambda: database({**MYSQL, "proxy": {"maxConnectionsPercent": most}}))
    pool = deployment.one("aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup").inputs["connectionPoolConfig"]
    assert pool.get("maxIdleConnectionsPercent") == idle
    assert pool["maxConnectionsPercent"] == most


def test_in_china_a_proxy_is_the_same_service_to_iam(deploy: Any) -> None:
    china = Location.of("cn-north-1", "111122223333")
    deployment = deploy(lambda: database({**MYSQL, "proxy": POOL}, location=china))
    trusted = json.loads(deployment.one("aws:iam/role:Role").inputs["assumeRolePolicy"])["Statement"]
    assert [s["Principal"] for s in trusted] == [{"Service": ["rds.amazonaws.com"]}]


def test_users_of_iam_are_passed_through_a_proxy_by_its_own_name(deploy: Any) -> None:
    deployment, _, statements, _ = granted(deploy, {**AURORA, "proxy": POOL, "iamUser": "app"}, "connect")
    (resource,) = statements["SignIntoDatabase"]["Resource"]
    assert ":dbuser:prx-" in resource, "to the proxy, which signs in at the database itself"
    assert deployment.one(PROXY).inputs["defaultAuthScheme"] == "IAM_AUTH"
    policy = json.loads(deployment.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])["Statement"]
    (through,) = [s for s in policy if s["Action"] == ["rds-db:connect"]]
    assert ":dbuser:prx-" not in through["Resource"][0]
    assert through["Resource"][0].endswith("/app")


@pytest.mark.parametrize(("instances", "endpoints"), [(1, 0), (2, 1)])
def test_readers_stand_behind_the_proxy_too_as_soon_as_there_are_any(
    deploy: Any, instances: int, endpoints: int
) -> None:
    content = {**AURORA, "proxy": POOL, "readerEndpoint": True, "instances": instances}
    deployment, _, _, environment = granted(deploy, content, "write")
    assert len(deployment.of(ENDPOINT)) == endpoints
    assert (environment["MAIN_READER_HOST"] == environment["MAIN_HOST"]) is (endpoints == 0)
    for endpoint in deployment.of(ENDPOINT).values():
        assert endpoint.inputs["targetRole"] == "READ_ONLY"
        assert endpoint.inputs["vpcSecurityGroupIds"] == deployment.one(PROXY).inputs["vpcSecurityGroupIds"]


def test_the_password_rotates_as_often_as_asked_but_not_at_once(deploy: Any) -> None:
    kind = "aws:secretsmanager/secretRotation:SecretRotation"
    rotation = (made := deploy(lambda: database({**AURORA, "rotateAfterDays": 30}))).one(kind)
    assert rotation.inputs["rotationRules"] == {"automaticallyAfterDays": 30}
    assert rotation.inputs["rotateImmediately"] is False
    assert made.of(MEMBER)["data-main-1"].urn in rotation.dependencies
    assert deploy(lambda: database(AURORA)).of(kind) == {}, "seven days without it, which AWS does by itself"


@pytest.mark.parametrize("content", [AURORA, MYSQL], ids=["aurora", "rds"])
def test_windows_are_those_of_the_stack_file(deploy: Any, content: dict[str, Any]) -> None:
    windows = {"backup": "22:00-23:00", "maintenance": "mon:03:00-mon:04:00"}
    deployment = deploy(lambda: database({**content, "windows": windows}))
    for store in (r.inputs for r in deployment.registered if r.type in {CLUSTER, MEMBER, INSTANCE}):
        assert (store.get("preferredMaintenanceWindow") or store["maintenanceWindow"]) == "mon:03:00-mon:04:00"
    inputs = holder(deployment).inputs
    assert (inputs.get("preferredBackupWindow") or inputs["backupWindow"]) == "22:00-23:00"


@pytest.mark.parametrize("content", [AURORA, {**MYSQL, "instanceClass": "db.t4g.medium"}], ids=["aurora", "rds"])
def test_advanced_insights_keep_fifteen_months_on_all_instances(deploy: Any, content: dict[str, Any]) -> None:
    deployment = deploy(lambda: database({**content, "insights": "advanced"}))
    assert holder(deployment).inputs["databaseInsightsMode"] == "advanced"
    kept = [r.inputs for r in deployment.registered if r.type in {CLUSTER, MEMBER, INSTANCE}]
    assert {inputs["performanceInsightsRetentionPeriod"] for inputs in kept} == {465}


def test_a_class_too_small_for_insights_goes_without_them_where_the_engine_asks_for_more(deploy: Any) -> None:
    small = holder(deploy(lambda: database(MYSQL))).inputs
    assert small["performanceInsightsEnabled"] is False, "AWS refuses them on db.t4g.small with MySQL"
    assert not {"performanceInsightsKmsKeyId", "performanceInsightsRetentionPeriod"} & small.keys()
    postgres = {**MYSQL, "engine": "postgres", "version": "17.11"}
    assert holder(deploy(lambda: database(postgres))).inputs["performanceInsightsEnabled"] is True


@pytest.mark.parametrize("content", [AURORA, MYSQL], ids=["aurora", "rds"])
def test_a_major_upgrade_takes_a_switch(deploy: Any, content: dict[str, Any]) -> None:
    store = holder(deploy(lambda: database({**content, "allowMajorUpgrade": True}))).inputs
    assert store["allowMajorVersionUpgrade"] is True
    assert store["applyImmediately"] is False, "in the maintenance window, in a protected stack"


def test_plain_rds_changes_on_a_copy_and_is_as_fast_as_asked(deploy: Any) -> None:
    fast = {**MYSQL, **OWN, "storageGib": 400, "maxStorageGib": 400, "throughputMibps": 600, "blueGreenUpdate": True}
    store = deploy(lambda: database(fast, **VALUES)).one(INSTANCE).inputs
    assert store["blueGreenUpdate"] == {"enabled": True}
    assert (store["iops"], store["storageThroughput"]) == (12000, 600), "AWS takes no throughput without IOPS"
    plain = deploy(lambda: database(MYSQL)).one(INSTANCE).inputs
    assert not {"iops", "storageThroughput", "blueGreenUpdate"} & set(plain)


@pytest.mark.parametrize(
    ("content", "named"),
    [(AURORA, {"masterUsername", "databaseName"}), (MYSQL, {"username", "dbName"})],
    ids=["aurora", "rds"],
)
@pytest.mark.parametrize("start", [{"snapshot": "last"}, {"source": "data-main-1a2b3c4", "at": "2026-11-20T03:00:00Z"}])
def test_a_database_starts_from_another_and_one_that_exists_stays_as_it_is(
    deploy: Any, content: dict[str, Any], named: set[str], start: dict[str, str]
) -> None:
    store = holder(deploy(lambda: database({**content, "startFrom": start})))
    assert set(store.ignore_changes) == {*named, "snapshotIdentifier", "restoreToPointInTime"}
    assert not named & set(store.inputs), "what it starts from has both already"
    assert ("snapshotIdentifier" in store.inputs) is ("snapshot" in start)
    assert ("restoreToPointInTime" in store.inputs) is ("source" in start)
    before = dict(holder(deploy(lambda: database(content))).inputs)
    changed = {key for key in {*before, *store.inputs} if before.get(key) != store.inputs.get(key)}
    assert changed <= set(store.ignore_changes) | {"finalSnapshotIdentifier"}, "nothing else could replace it either"


@pytest.mark.parametrize(("content", "token"), [(AURORA, CLUSTER), (MYSQL, INSTANCE)], ids=["aurora", "rds"])
def test_what_would_replace_a_database_is_refused_by_its_protection(
    deploy: Any, content: dict[str, Any], token: str
) -> None:
    """The engine refuses to delete what is protected, also for a replacement; so these changes are never silent."""
    old = deploy(lambda: database(content)).one(token)
    new = deploy(lambda: database({**content, "databaseName": "other"})).one(token)
    plan = changes.changes(token, dict(old.inputs), dict(new.inputs))
    assert any(change.replaces for change in plan)
    assert new.protect is True
    assert new.delete_before_replace is True


@pytest.mark.parametrize(
    ("store", "engine", "name"),
    [("user", "mysql", "user"), ("order", "mysql", "order_db"), ("rank", "mysql", "rank_db"), ("rank", "postgres", "rank"),
     ("sys", "mariadb", "sys_db"), ("key", "aurora-mysql", "key_db")],
)  # fmt: skip
def test_reserved_words_are_those_of_the_engine(deploy: Any, store: str, engine: str, name: str) -> None:
    made = holder(deploy(lambda: database(EVERY[engine], store=store))).inputs
    assert (made.get("databaseName") or made["dbName"]) == name


@OF_ENGINE
def test_backups_know_how_to_bring_a_copy_up_beside_it(deploy: Any, engine: str) -> None:
    deployment = deploy(lambda: database(EVERY[engine]))
    recoverable = deployment.built.recoverable
    assert recoverable.kind == ("Aurora" if "aurora" in engine else "RDS")
    assert recoverable.database.engine == engine
    assert recoverable.own_backup_days == EVERY[engine]["backupDays"]
    assert recoverable.database.port == (5432 if "postgres" in engine else 3306)


@OF_ENGINE
def test_a_database_and_its_proxy_wait_for_no_way_out(deploy: Any, engine: str) -> None:
    deployment = deploy(lambda: database({**EVERY[engine], "proxy": POOL}, site=network().site))
    waits = waited_for(deployment, deployment.one(TARGET))
    assert {"aws:ec2/subnet:Subnet", PROXY, holder(deployment).type} <= waits
    ways_out = ("natGateway", "vpcEndpoint", "internetGateway", "route", "eip", "flowLog")
    assert [kind for kind in waits if any(way in kind for way in ways_out)] == []
