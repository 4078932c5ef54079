"""PostgreSQL in both its forms: who can reach it, what outlives it, what a service gets to know of it."""

import json
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.contracts import Access, Severity, Site
from components.data import Data, DataArgs
from components.data.database import Database
from components.network import Network, NetworkArgs
from components.security import documents
from settings.data import DataSettings
from settings.databases import AuroraSettings, RdsSettings
from settings.network import NetworkSettings
from tests.components.stores import HERE, KEY, LOG_KEY, store_args

CLUSTER, MEMBER, INSTANCE = (
    "aws:rds/cluster:Cluster",
    "aws:rds/clusterInstance:ClusterInstance",
    "aws:rds/instance:Instance",
)
SUBNETS, GROUP = "aws:rds/subnetGroup:SubnetGroup", "aws:ec2/securityGroup:SecurityGroup"
RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
AURORA = {
    "engine": "aurora-postgresql",
    "version": "17.7",
    "minCapacity": 0.5,
    "maxCapacity": 16,
    "pauseAfterSeconds": None,
    "instances": 2,
    "backupDays": 35,
}
PAUSING = {"minCapacity": 0, "maxCapacity": 2, "pauseAfterSeconds": 300, "instances": 1, "backupDays": 7}
RDS = {
    "engine": "postgres",
    "version": "17.7",
    "instanceClass": "db.t4g.micro",
    "storageGib": 20,
    "maxStorageGib": 100,
    "multiAz": False,
    "backupDays": 7,
}


def aurora(**change: Any) -> AuroraSettings:
    return AuroraSettings.model_validate({**AURORA, **change})


def rds(**change: Any) -> RdsSettings:
    return RdsSettings.model_validate({**RDS, **change})


def database(
    settings: AuroraSettings | RdsSettings, opts: pulumi.ResourceOptions | None = None, **change: Any
) -> Database:
    return Database("data-main", store_args(change.pop("store", "main"), settings, **change), opts)


BOTH = pytest.mark.parametrize(("settings", "holder"), [(aurora(), CLUSTER), (rds(), INSTANCE)], ids=["aurora", "rds"])


def resolved(value: Any, into: list[Any]) -> None:
    pulumi.Output.from_input(value).apply(into.append)


@BOTH
def test_data_backups_and_the_password_are_encrypted_with_our_key(deploy: Any, settings: Any, holder: str) -> None:
    store = deploy(lambda: database(settings)).one(holder).inputs
    assert store["storageEncrypted"] is True
    assert store["kmsKeyId"] == store["masterUserSecretKmsKeyId"] == store["performanceInsightsKmsKeyId"] == KEY
    assert store["manageMasterUserPassword"] is True
    assert not {"masterPassword", "password", "passwordWo", "masterPasswordWo"} & set(store)


@BOTH
def test_plain_text_connections_are_refused(deploy: Any, settings: Any, holder: str) -> None:
    deployment = deploy(lambda: database(settings))
    (group,) = [r for r in deployment.registered if r.type.endswith("ParameterGroup")]
    values = {parameter["name"]: parameter["value"] for parameter in group.inputs["parameters"]}
    assert values["rds.force_ssl"] == "1"
    linked = deployment.one(holder).property_dependencies
    assert {group.urn} == linked["dbClusterParameterGroupName" if holder == CLUSTER else "parameterGroupName"]


@BOTH
def test_its_group_lets_nobody_in_until_a_service_adds_a_rule(deploy: Any, settings: Any, holder: str) -> None:
    deployment = deploy(lambda: database(settings))
    group = deployment.one(GROUP)
    assert not {"ingress", "egress"} & set(group.inputs)
    assert [r.name for r in deployment.registered if "Rule" in r.type] == []
    assert deployment.one(holder).property_dependencies["vpcSecurityGroupIds"] == {group.urn}


@BOTH
def test_it_has_no_public_address(deploy: Any, settings: Any, holder: str) -> None:
    deployment = deploy(lambda: database(settings))
    for server in (*deployment.inputs(MEMBER).values(), *deployment.inputs(INSTANCE).values()):
        assert server["publiclyAccessible"] is False


@BOTH
def test_in_a_protected_stack_it_takes_two_steps_to_lose_it_and_a_snapshot_remains(
    deploy: Any, settings: Any, holder: str
) -> None:
    deployment = deploy(lambda: database(settings))
    store = deployment.one(holder)
    assert store.protect is True
    assert store.inputs["deletionProtection"] is True
    assert store.inputs["skipFinalSnapshot"] is False
    assert store.inputs["deleteAutomatedBackups"] is False
    assert store.inputs["applyImmediately"] is False
    identifier = store.inputs.get("clusterIdentifier") or store.inputs["identifier"]
    assert store.inputs["finalSnapshotIdentifier"] == f"{identifier}-final"
    assert all(member.protect for member in deployment.of(MEMBER).values()), (
        "or a destroy would stop the database first"
    )


@BOTH
def test_elsewhere_it_goes_with_the_stack_and_leaves_nothing(deploy: Any, settings: Any, holder: str) -> None:
    deployment = deploy(lambda: database(settings, protected=False))
    store = deployment.one(holder)
    assert store.protect is False
    assert store.inputs["deletionProtection"] is False
    assert store.inputs["skipFinalSnapshot"] is True
    assert store.inputs["deleteAutomatedBackups"] is True
    assert "finalSnapshotIdentifier" not in store.inputs
    assert not any(member.protect for member in deployment.of(MEMBER).values())


@BOTH
def test_it_is_named_after_its_subnet_group_so_that_logs_and_last_snapshot_have_a_unique_name_beforehand(
    deploy: Any, settings: Any, holder: str
) -> None:
    deployment = deploy(lambda: database(settings))
    subnets, logs, store = deployment.one(SUBNETS), deployment.one(LOGS), deployment.one(holder)
    assert "name" not in subnets.inputs, "the random suffix of auto-naming is what makes the names unique"
    named = "clusterIdentifier" if holder == CLUSTER else "identifier"
    assert store.property_dependencies[named] == {subnets.urn}
    assert store.inputs[named] == store.inputs["dbSubnetGroupName"]
    kind = "cluster" if holder == CLUSTER else "instance"
    assert logs.inputs["name"] == f"/aws/rds/{kind}/{store.inputs[named]}/postgresql"
    assert logs.urn in store.dependencies, "or RDS makes the group itself, without retention and without our key"
    assert (logs.inputs["retentionInDays"], logs.inputs["kmsKeyId"]) == (90, LOG_KEY)
    assert store.inputs["enabledCloudwatchLogsExports"] == ["postgresql"]


@BOTH
def test_backups_end_before_maintenance_begins(deploy: Any, settings: Any, holder: str) -> None:
    store = deploy(lambda: database(settings)).one(holder).inputs
    backup = store.get("preferredBackupWindow") or store["backupWindow"]
    maintenance = store.get("preferredMaintenanceWindow") or store["maintenanceWindow"]
    assert backup.split("-")[1] <= maintenance.split(":", 1)[1].split("-")[0]
    assert store["backupRetentionPeriod"] == settings.backup_days
    assert store["copyTagsToSnapshot"] is True


@BOTH
def test_it_never_slides_into_paid_extended_support(deploy: Any, settings: Any, holder: str) -> None:
    store = deploy(lambda: database(settings)).one(holder).inputs
    assert store["engineLifecycleSupport"] == "open-source-rds-extended-support-disabled"
    assert store["databaseInsightsMode"] == "standard"
    assert store["performanceInsightsRetentionPeriod"] == 7


def test_aurora_instances_stand_in_different_zones(deploy: Any) -> None:
    members = deploy(lambda: database(aurora())).inputs(MEMBER)
    assert {name: member["availabilityZone"] for name, member in members.items()} == {
        "data-main-1": "us-east-1a",
        "data-main-2": "us-east-1b",
    }
    assert {member["instanceClass"] for member in members.values()} == {"db.serverless"}


def test_without_zones_aws_chooses(deploy: Any) -> None:
    members = deploy(lambda: database(aurora(), availability_zones=())).inputs(MEMBER)
    assert len(members) == 2
    assert not [member for member in members.values() if "availabilityZone" in member]


def test_another_instance_moves_none_of_the_first(deploy: Any) -> None:
    before = deploy(lambda: database(aurora())).inputs(MEMBER)
    after = deploy(lambda: database(aurora(instances=3))).inputs(MEMBER)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"data-main-3"}


def test_an_idle_database_pauses_and_idle_sessions_do_not_keep_it_awake(deploy: Any) -> None:
    deployment = deploy(lambda: database(aurora(**PAUSING), protected=False))
    scaling = deployment.one(CLUSTER).inputs["serverlessv2ScalingConfiguration"]
    assert scaling == {"minCapacity": 0, "maxCapacity": 2, "secondsUntilAutoPause": 300}
    parameters = deployment.one("aws:rds/clusterParameterGroup:ClusterParameterGroup").inputs["parameters"]
    assert {p["name"]: p["value"] for p in parameters}["idle_session_timeout"] == "300000"


def test_one_that_never_pauses_has_no_trace_of_pausing(deploy: Any) -> None:
    deployment = deploy(lambda: database(aurora()))
    assert "secondsUntilAutoPause" not in deployment.one(CLUSTER).inputs["serverlessv2ScalingConfiguration"]
    parameters = deployment.one("aws:rds/clusterParameterGroup:ClusterParameterGroup").inputs["parameters"]
    assert [p["name"] for p in parameters] == ["rds.force_ssl"]


def test_plain_rds_grows_up_to_its_maximum_or_not_at_all(deploy: Any) -> None:
    growing = deploy(lambda: database(rds(multiAz=True))).one(INSTANCE).inputs
    assert (growing["allocatedStorage"], growing["maxAllocatedStorage"], growing["multiAz"]) == (20, 100, True)
    fixed = deploy(lambda: database(rds(maxStorageGib=20))).one(INSTANCE).inputs
    assert "maxAllocatedStorage" not in fixed


@pytest.mark.parametrize(
    ("settings", "family"),
    [(aurora(version="16.15"), "aurora-postgresql16"), (rds(version="18.6"), "postgres18")],
    ids=["aurora", "rds"],
)
def test_the_parameter_group_follows_the_major_version(deploy: Any, settings: Any, family: str) -> None:
    (group,) = [r for r in deploy(lambda: database(settings)).registered if r.type.endswith("ParameterGroup")]
    assert group.inputs["family"] == family


@BOTH
def test_a_service_gets_address_and_references_to_secrets_but_no_secret(
    deploy: Any, settings: Any, holder: str
) -> None:
    seen: list[Any] = []

    def build() -> Access:
        access = database(settings).access("write")
        resolved({"environment": access.environment, "secrets": access.secrets}, seen)
        resolved(documents.document(access.execution_statements), seen)
        return access

    access: Access = deploy(build).built
    values = next(value for value in seen if isinstance(value, dict))
    read, decrypt = json.loads(next(value for value in seen if isinstance(value, str)))["Statement"]
    assert values["environment"] == {
        "MAIN_HOST": values["environment"]["MAIN_HOST"],
        "MAIN_PORT": "5432",
        "MAIN_DATABASE": "main",
        "MAIN_TLS_MODE": "verify-full",
        "MAIN_SECRET_ARN": values["environment"]["MAIN_SECRET_ARN"],
    }
    assert values["environment"]["MAIN_HOST"].endswith(".us-east-1.rds.amazonaws.com")
    assert ":5432" not in values["environment"]["MAIN_HOST"]
    (secret,) = read["Resource"]
    assert ":secretsmanager:" in secret
    assert values["secrets"] == {"MAIN_USERNAME": f"{secret}:username::", "MAIN_PASSWORD": f"{secret}:password::"}
    assert read["Action"] == ["secretsmanager:GetSecretValue"]
    assert (decrypt["Action"], decrypt["Resource"]) == (["kms:Decrypt"], [KEY])
    assert decrypt["Condition"] == {"StringEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}}
    assert values["environment"]["MAIN_SECRET_ARN"] == secret
    assert access.statements == access.execution_statements, (
        "RDS changes the password every week: a running task has to be able to read the new one"
    )


def test_the_opening_is_one_port_of_the_group_of_this_database(deploy: Any) -> None:
    def build() -> None:
        opening = database(aurora()).access("write").opening
        assert opening is not None
        aws.vpc.SecurityGroupIngressRule(
            "rule",
            security_group_id=opening.security_group_id,
            ip_protocol="tcp",
            from_port=opening.port,
            to_port=opening.port,
        )

    deployment = deploy(build)
    rule = deployment.one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert rule.property_dependencies["securityGroupId"] == {deployment.one(GROUP).urn}
    assert (rule.inputs["fromPort"], rule.inputs["toPort"]) == (5432, 5432)


def test_a_name_with_hyphens_becomes_variables_and_a_database_that_need_no_quotes(deploy: Any) -> None:
    def build() -> Database:
        return database(rds(), store="user-data")

    deployment = deploy(build)
    access = deployment.built.access("write")
    assert set(access.environment) == {
        f"USER_DATA_{field}" for field in ("HOST", "PORT", "DATABASE", "TLS_MODE", "SECRET_ARN")
    }
    assert deployment.one(INSTANCE).inputs["dbName"] == "user_data"


@pytest.mark.parametrize(
    ("store", "name"),
    [("user", "user_db"), ("order", "order_db"), ("postgres", "postgres_db"), ("orders", "orders"), ("main", "main")],
)
@BOTH
def test_a_store_named_by_a_reserved_word_has_a_database_that_rds_takes(
    deploy: Any, settings: Any, holder: str, store: str, name: str
) -> None:
    deployment = deploy(lambda: database(settings, store=store))
    made = deployment.one(holder).inputs
    assert made["databaseName" if holder == CLUSTER else "dbName"] == name
    assert deployment.built.access("write").environment[f"{store.upper()}_DATABASE"] == name


@BOTH
def test_who_is_told_the_address_waits_for_a_server_that_answers(deploy: Any, settings: Any, holder: str) -> None:
    def build() -> None:
        access = database(settings).access("write")
        aws.ssm.Parameter("reader", type="String", value=access.environment["MAIN_HOST"])

    deployment = deploy(build)
    waits = deployment.one("aws:ssm/parameter:Parameter").property_dependencies["value"]
    assert deployment.one(holder).urn in waits
    members = deployment.of(MEMBER)
    assert {r.urn for name, r in members.items() if name == "data-main-1"} <= waits, "the cluster alone answers nobody"
    assert {r.urn for name, r in members.items() if name != "data-main-1"}.isdisjoint(waits), "a reader can come later"


def test_a_zone_added_or_moved_in_the_list_replaces_no_instance(deploy: Any) -> None:
    members = deploy(lambda: database(aurora(instances=3))).of(MEMBER)
    zones = {name: member.inputs["availabilityZone"][-1] for name, member in members.items()}
    assert zones == {"data-main-1": "a", "data-main-2": "b", "data-main-3": "a"}
    assert {member.ignore_changes for member in members.values()} == {("availabilityZone",)}


def test_the_end_of_idle_sessions_holds_without_a_restart(deploy: Any) -> None:
    group = deploy(lambda: database(aurora(**PAUSING), protected=False)).one(
        "aws:rds/clusterParameterGroup:ClusterParameterGroup"
    )
    (timeout,) = [p for p in group.inputs["parameters"] if p["name"] == "idle_session_timeout"]
    assert (timeout["value"], timeout["applyMethod"]) == ("300000", "immediate")


def test_an_unknown_level_says_what_there_is(deploy: Any) -> None:
    with pytest.raises(
        ValueError, match=r"database 'main' has no access level 'read': use 'write', 'connect' or 'admin'"
    ):
        deploy(lambda: database(aurora()).access("read"))


@BOTH
def test_an_administrator_also_stops_starts_and_takes_snapshots_of_this_very_database(
    deploy: Any, settings: Any, holder: str
) -> None:
    seen: list[Any] = []

    def build() -> None:
        store = database(settings)
        both = [documents.rendered(store.access(level).statements) for level in ("write", "admin")]
        pulumi.Output.from_input(both).apply(seen.append)

    made = deploy(build).one(holder)
    ((writing, administering),) = seen
    more = [statement for statement in administering if statement not in writing]
    assert [s["Sid"] for s in more] == ["StopAndStartDatabase", "TakeSnapshots"]
    identifier = made.inputs["clusterIdentifier" if holder == CLUSTER else "identifier"]
    kind, snapshot = ("cluster", "cluster-snapshot") if holder == CLUSTER else ("db", "snapshot")
    server = f"arn:aws:rds:us-east-1:111122223333:{kind}:{identifier}"
    assert more[0]["Resource"] == [server]
    assert more[1]["Resource"] == [server, f"arn:aws:rds:us-east-1:111122223333:{snapshot}:{identifier}-*"]
    assert not [a for s in more for a in s["Action"] if "Delete" in a or "Modify" in a or "*" in a]


def test_it_waits_for_subnets_keys_and_what_is_made_for_it_but_for_no_way_out(deploy: Any) -> None:
    network = NetworkSettings.model_validate(
        {
            "cidr": "10.20.0.0/16",
            "availabilityZones": ["us-east-1a", "us-east-1b"],
            "subnetMask": 24,
            "nat": "per-az",
            "endpoints": ["s3", "dynamodb", "kms"],
            "flowLogs": {"retentionDays": 14},
        }
    )

    def build() -> None:
        key = aws.kms.Key("key")
        net = Network("network", NetworkArgs(settings=network, location=HERE, protected=True, log_key_arn=LOG_KEY))
        database(aurora(), site=net.site, key_arn=key.arn, log_key_arn=key.arn)

    deployment = deploy(build)
    waits_for = {r.urn: r.dependencies for r in deployment.registered}
    waiting = [deployment.one(CLUSTER).urn]
    found: set[str] = set()
    while waiting:
        for urn in waits_for[waiting.pop()] - found:
            found.add(urn)
            waiting.append(urn)
    assert {urn.split("::")[2].split("$")[-1] for urn in found} == {
        "aws:kms/key:Key",
        "aws:ec2/vpc:Vpc",
        "aws:ec2/subnet:Subnet",
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:rds/subnetGroup:SubnetGroup",
        "aws:rds/clusterParameterGroup:ClusterParameterGroup",
        "aws:cloudwatch/logGroup:LogGroup",
    }
    assert not [urn for urn in found if "flow" in urn]


def test_every_instance_is_watched_and_each_signal_tells_which(deploy: Any) -> None:
    watched: list[str] = []

    def build() -> Database:
        built = database(aurora())
        for signal in built.signals:
            (metric,) = signal.metrics.values()
            pulumi.Output.from_input(metric.dimensions["DBInstanceIdentifier"]).apply(watched.append)
        return built

    signals = deploy(build).built.signals
    topics = ("cpu", "capacity", "connections", "memory", "transactions")
    assert [signal.name for signal in signals] == [f"data-main-{n}-{topic}" for n in (1, 2) for topic in topics]
    assert len(set(watched)) == 2


def test_thresholds_follow_the_size_of_the_database(deploy: Any) -> None:
    def thresholds(settings: Any) -> dict[str, float]:
        built = deploy(lambda: database(settings)).built
        return {signal.name.rsplit("-", 1)[1]: signal.threshold for signal in built.signals}

    large, small, plain = thresholds(aurora()), thresholds(aurora(**PAUSING)), thresholds(rds())
    assert large["connections"] == 1800, "90 % of 2000: a minimum of 0.5 ACU caps the connections"
    assert thresholds(aurora(minCapacity=2))["connections"] == 3024, "90 % of the 3360 of 16 ACU"
    assert small["connections"] < large["connections"]
    assert large["memory"] == 0.05 * 32 * 1024**3
    assert plain["storage"] == 2 * 1024**3
    assert "capacity" not in plain
    assert "storage" not in large, "Aurora's storage grows by itself"


def test_a_paused_database_alarms_nobody_and_a_silent_one_does(deploy: Any) -> None:
    pausing = deploy(lambda: database(aurora(**PAUSING), protected=False)).built.signals
    assert {signal.missing for signal in pausing} == {"notBreaching"}
    steady = {s.name.rsplit("-", 1)[1]: s for s in deploy(lambda: database(aurora())).built.signals}
    assert {steady[topic].missing for topic in ("cpu", "connections", "memory")} == {"breaching"}
    assert steady["connections"].severity is Severity.CRITICAL


@BOTH
def test_every_signal_leads_to_a_runbook_that_exists(deploy: Any, settings: Any, holder: str) -> None:
    signals = deploy(lambda: database(settings)).built.signals
    assert signals
    assert [signal.runbook for signal in signals if not (RUNBOOKS / signal.runbook).is_file()] == []


def test_no_store_of_the_stack_is_left_out_and_their_signals_come_together(deploy: Any) -> None:
    bucket = {
        "infrequentAccessAfterDays": 30,
        "archiveAfterDays": 90,
        "abortUploadsAfterDays": 7,
        "expireNoncurrentAfterDays": 180,
    }
    settings = DataSettings.model_validate(
        {"databases": {"main": AURORA, "reports": RDS}, "buckets": {"uploads": bucket}}
    )

    def build() -> Data:
        args = DataArgs(
            settings=settings,
            site=Site(vpc_id="vpc-1", data_subnet_ids=["subnet-a", "subnet-b"]),
            key_arn=KEY,
            log_key_arn=LOG_KEY,
            log_bucket="logs",
            log_retention_days=90,
            location=HERE,
            protected=True,
            availability_zones=["us-east-1a", "us-east-1b"],
        )
        provider = aws.Provider("aws", region="us-east-1")
        return Data("data", args, pulumi.ResourceOptions(providers=[provider]))

    deployment = deploy(build)
    assert sorted(deployment.built.stores) == ["main", "reports", "uploads"]
    assert len(deployment.built.signals) == 2 * 5 + 5 + 3, "the small class of plain RDS has bursts to use up"
    resources = [r for r in deployment.registered if r.type.startswith("aws:")]
    assert [r.name for r in resources if "groundwork:data:Data$groundwork:data:" not in r.parent] == []
    assert [r.name for r in resources if "::aws::" not in r.provider] == []
