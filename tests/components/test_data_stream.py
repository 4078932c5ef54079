"""A stream: closed but for who uses it, TLS and IAM alone, and rights by the ARNs of this very cluster."""

import json
import re
from typing import Any

import pulumi
import pytest
from pydantic import TypeAdapter

from components.contracts import Access, Signal, Site
from components.data.stream import Stream
from components.observability import alarms
from components.observability.alarms import RUNBOOKS
from components.security import documents
from settings.streams import StreamSettings
from tests.components.stores import KEY, LOG_KEY, store_args

CLUSTER, SERVERLESS, GROUP, CONFIGURATION, TARGET = (
    "aws:msk/cluster:Cluster",
    "aws:msk/serverlessCluster:ServerlessCluster",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:msk/configuration:Configuration",
    "aws:appautoscaling/target:Target",
)
PROVISIONED: dict[str, Any] = {
    "mode": "provisioned",
    "version": "3.9.x.kraft",
    "broker": "kafka.m7g.large",
    "brokersPerZone": 1,
    "storageGib": 100,
    "maxStorageGib": 500,
    "retentionHours": 168,
}
_SETTINGS: TypeAdapter[Any] = TypeAdapter(StreamSettings)
FOUR = Site(vpc_id="vpc-1", data_subnet_ids=["subnet-a", "subnet-b", "subnet-c", "subnet-d"])


def store(settings: dict[str, Any] = PROVISIONED, **change: Any) -> Stream:
    return Stream("data-events", store_args("events", _SETTINGS.validate_python(settings), **change))


def granted(deploy: Any, level: str, settings: dict[str, Any]) -> tuple[dict[str, dict[str, Any]], Access]:
    written: list[str] = []

    def build() -> Access:
        access = store(settings).access(level)
        documents.document(access.statements).apply(written.append)
        return access

    deployment = deploy(build)
    return {each["Sid"]: each for each in json.loads(written[0])["Statement"]}, deployment.built


def properties(made: Any) -> dict[str, str]:
    lines = made.one(CONFIGURATION).inputs["serverProperties"].splitlines()
    return dict(line.split("=") for line in lines)


def test_without_brokers_there_is_iam_alone_and_a_closed_group_in_the_data_tier(deploy: Any) -> None:
    made = deploy(lambda: store({"mode": "serverless"}))
    cluster = made.one(SERVERLESS).inputs
    assert cluster["clientAuthentication"] == {"sasl": {"iam": {"enabled": True}}}
    (place,) = cluster["vpcConfigs"]
    assert place["subnetIds"] == ["subnet-a", "subnet-b"]
    assert len(place["securityGroupIds"]) == 1
    assert not {"ingress", "egress"} & set(made.one(GROUP).inputs), "who uses it adds a rule, nobody else has one"
    assert not made.of(CLUSTER)
    assert not made.of(CONFIGURATION)


def test_brokers_speak_tls_with_who_has_rights_and_keep_data_under_our_key(deploy: Any) -> None:
    cluster = deploy(store).one(CLUSTER).inputs
    assert cluster["clientAuthentication"] == {"sasl": {"iam": True}, "unauthenticated": False}
    encryption = cluster["encryptionInfo"]
    assert encryption["encryptionAtRestKmsKeyArn"] == KEY
    assert encryption["encryptionInTransit"] == {"clientBroker": "TLS", "inCluster": True}
    assert "connectivityInfo" not in cluster["brokerNodeGroupInfo"], "never public"
    assert cluster["brokerNodeGroupInfo"]["clientSubnets"] == ["subnet-a", "subnet-b"]


def test_the_log_of_brokers_is_kept_under_the_key_of_operations(deploy: Any) -> None:
    made = deploy(store)
    log = made.one("aws:cloudwatch/logGroup:LogGroup").inputs
    assert (log["kmsKeyId"], log["retentionInDays"]) == (LOG_KEY, 90)
    logging = made.one(CLUSTER).inputs["loggingInfo"]["brokerLogs"]
    assert set(logging) == {"cloudwatchLogs"}
    assert logging["cloudwatchLogs"]["enabled"] is True


def test_there_are_as_many_brokers_in_each_zone_and_three_zones_at_most(deploy: Any) -> None:
    two = {**PROVISIONED, "brokersPerZone": 2}
    cluster = deploy(lambda: store(two, site=FOUR)).one(CLUSTER).inputs
    assert cluster["numberOfBrokerNodes"] == 6
    assert cluster["brokerNodeGroupInfo"]["clientSubnets"] == ["subnet-a", "subnet-b", "subnet-c"]


def test_messages_have_three_copies_where_there_are_three_brokers_and_one_may_be_away(deploy: Any) -> None:
    three = properties(deploy(lambda: store(site=FOUR)))
    assert (three["default.replication.factor"], three["min.insync.replicas"]) == ("3", "2")
    two = properties(deploy(store))
    assert (two["default.replication.factor"], two["min.insync.replicas"]) == ("2", "1")
    for told in (three, two):
        assert told["unclean.leader.election.enable"] == "false", "a message that was acknowledged is not lost"
        assert told["auto.create.topics.enable"] == "false"
        assert told["log.retention.hours"] == "168"


def test_storage_grows_by_itself_up_to_its_most_and_is_never_taken_back(deploy: Any) -> None:
    made = deploy(store)
    target = made.one(TARGET).inputs
    assert (target["serviceNamespace"], target["maxCapacity"]) == ("kafka", 500)
    assert made.one(CLUSTER).ignore_changes == ("brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize",)
    tracking = made.one("aws:appautoscaling/policy:Policy").inputs["targetTrackingScalingPolicyConfiguration"]
    assert tracking["disableScaleIn"] is True
    fixed = deploy(lambda: store({**PROVISIONED, "maxStorageGib": 100}))
    assert not fixed.of(TARGET)
    assert fixed.one(CLUSTER).ignore_changes == ()


@pytest.mark.parametrize("settings", [PROVISIONED, {"mode": "serverless"}])
def test_rights_name_this_cluster_and_never_another(deploy: Any, settings: dict[str, Any]) -> None:
    statements, access = granted(deploy, "write", settings)
    places = {sid: statement["Resource"] for sid, statement in statements.items()}
    (cluster,) = places["ConnectToWrite"]
    tail = cluster.partition(":cluster/")[2]
    assert tail.startswith("data-events-")
    assert places["WriteTopics"] == [cluster.replace(":cluster/", ":topic/") + "/*"]
    assert places["ReadInGroups"] == [cluster.replace(":cluster/", ":group/") + "/*"]
    assert places["WriteInTransactions"] == [cluster.replace(":cluster/", ":transactional-id/") + "/*"]
    assert access.opening is not None
    assert access.opening.port == 9098
    assert set(access.environment) == {"EVENTS_BOOTSTRAP", "EVENTS_REGION"}


def test_reading_never_writes_and_writing_never_deletes(deploy: Any) -> None:
    read, _ = granted(deploy, "read", PROVISIONED)
    actions = {action for statement in read.values() for action in statement["Action"]}
    assert "kafka-cluster:ReadData" in actions
    assert not {action for action in actions if "Write" in action or "Create" in action or "Delete" in action}
    write, _ = granted(deploy, "write", PROVISIONED)
    actions = {action for statement in write.values() for action in statement["Action"]}
    assert {"kafka-cluster:WriteData", "kafka-cluster:CreateTopic", "kafka-cluster:WriteDataIdempotently"} <= actions
    assert not {"kafka-cluster:DeleteTopic", "kafka-cluster:AlterTopic"} & actions
    admin, _ = granted(deploy, "admin", PROVISIONED)
    assert "kafka-cluster:DeleteTopic" in admin["AdminTopics"]["Action"]


def signals(deploy: Any, **change: Any) -> dict[str, Signal]:
    return {signal.name: signal for signal in deploy(lambda: store(**change).signals).built}


def test_every_broker_is_watched_ten_metrics_at_most_in_an_alarm(deploy: Any) -> None:
    found = signals(deploy, settings={**PROVISIONED, "brokersPerZone": 2}, site=FOUR)
    assert [len(found[f"data-events-cpu{suffix}"].metrics) for suffix in ("", "-2")] == [10, 2]
    watched = {
        metric.dimensions["Broker ID"]
        for name, signal in found.items()
        if "storage" in name
        for metric in signal.metrics.values()
    }
    assert watched == {"1", "2", "3", "4", "5", "6"}
    assert found["data-events-cpu"].expression == "MAX([u1 + s1, u2 + s2, u3 + s3, u4 + s4, u5 + s5])"
    assert found["data-events-cpu-2"].expression == "u6 + s6"
    for signal in found.values():
        assert (RUNBOOKS / signal.runbook).is_file()


def test_a_cluster_without_brokers_has_no_metric_of_its_own(deploy: Any) -> None:
    assert signals(deploy, settings={"mode": "serverless"}) == {}


@pytest.mark.parametrize("settings", [PROVISIONED, {"mode": "serverless"}], ids=["provisioned", "serverless"])
def test_who_reads_too_slowly_is_found_whatever_its_group_and_topic_are_called(
    deploy: Any, settings: dict[str, Any]
) -> None:
    found: list[str] = []

    def build() -> list[Signal]:
        lag = [one for one in store({**settings, "lagAlarmSeconds": 900}).signals if one.name == "data-events-lag"]
        for signal in lag:
            pulumi.Output.from_input(signal.expression).apply(lambda text: found.append(str(text)))
        alarms.alarm(lag[0], "topic", pulumi.ResourceOptions())
        return lag

    made = deploy(build)
    (signal,) = made.built
    (query,) = found
    assert re.fullmatch(
        r'SELECT MAX\(EstimatedMaxTimeLag\) FROM SCHEMA\("AWS/Kafka", "Cluster Name", "Consumer Group", Topic\)'
        r""" WHERE "Cluster Name" = 'data-events-[0-9a-f]{7}'""",
        query,
    )
    assert (signal.threshold, signal.missing) == (900, "notBreaching")
    assert (RUNBOOKS / signal.runbook).is_file()
    alarm = made.one("aws:cloudwatch/metricAlarm:MetricAlarm").inputs
    assert [(one["expression"], one["period"]) for one in alarm["metricQueries"]] == [(query, 60)]
    assert not {"period", "metricName", "namespace", "statistic"} & alarm.keys()
    assert "data-events-lag" not in signals(deploy, settings=settings), "only for who asks for it"


def test_a_zone_that_is_added_later_moves_no_cluster(deploy: Any) -> None:
    assert deploy(lambda: store({"mode": "serverless"})).one(SERVERLESS).ignore_changes == ("vpcConfigs",)
    pinned = deploy(lambda: store({**PROVISIONED, "zones": 2}, site=FOUR)).one(CLUSTER).inputs
    assert pinned["brokerNodeGroupInfo"]["clientSubnets"] == ["subnet-a", "subnet-b"]
    assert pinned["numberOfBrokerNodes"] == 2


@pytest.mark.parametrize("settings", [PROVISIONED, {"mode": "serverless"}])
@pytest.mark.parametrize("protected", [True, False])
def test_messages_outlive_a_protected_stack_and_no_other(
    deploy: Any, protected: bool, settings: dict[str, Any]
) -> None:
    made = deploy(lambda: store(settings, protected=protected))
    cluster = made.one(SERVERLESS if settings["mode"] == "serverless" else CLUSTER)
    assert (cluster.protect, cluster.retain_on_delete) == (protected, protected)


def test_an_unknown_level_is_refused_by_name(deploy: Any) -> None:
    with pytest.raises(ValueError, match="'events' has no access level 'send': use one of"):
        deploy(lambda: store().access("send"))
