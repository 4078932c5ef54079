"""A queue: what it keeps for how long, where a message goes that nobody can handle, and what a service may do with it."""

import json
from typing import Any

import pulumi
import pytest

from components.contracts import Access, Site
from components.data import Data, DataArgs
from components.data.queue import Queue
from components.observability.alarms import RUNBOOKS
from components.security import documents
from settings.data import DataSettings
from settings.location import Location
from settings.queues import QueueSettings
from tests.components.stores import HERE, KEY, store_args

QUEUE, POLICY, ALLOW = (
    "aws:sqs/queue:Queue",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
)
SETTINGS: dict[str, Any] = {
    "fifo": False,
    "visibilitySeconds": 120,
    "maxReceives": 5,
    "retentionDays": 4,
    "alarmAgeSeconds": 900,
}


def store(*, protected: bool = True, location: Location = HERE, **change: Any) -> Queue:
    settings = QueueSettings.model_validate({**SETTINGS, **change})
    args = store_args("user-jobs", settings, location=location, protected=protected)
    return Queue("data-user-jobs", args)


def granted(deploy: Any, level: str, **change: Any) -> tuple[dict[str, dict[str, Any]], Any]:
    """Statements by sid, and the deployment whose `built` is the access."""
    written: list[str] = []

    def build() -> Access:
        access = store(**change).access(level)
        documents.document(access.statements).apply(written.append)
        return access

    deployment = deploy(build)
    return {statement["Sid"]: statement for statement in json.loads(written[0])["Statement"]}, deployment


def test_messages_are_hidden_kept_and_set_aside_as_asked(deploy: Any) -> None:
    queues = deploy(store).inputs(QUEUE)
    assert set(queues) == {"data-user-jobs", "data-user-jobs-dead"}
    queue = queues["data-user-jobs"]
    assert (queue["visibilityTimeoutSeconds"], queue["messageRetentionSeconds"]) == (120, 4 * 86400)
    assert json.loads(queue["redrivePolicy"])["maxReceiveCount"] == 5
    assert queue["receiveWaitTimeSeconds"] == 20, "asking again and again costs money"


def test_dead_letters_outlive_the_queue_they_came_from_and_die_nowhere_else(deploy: Any) -> None:
    made = deploy(store)
    dead = made.inputs(QUEUE)["data-user-jobs-dead"]
    assert dead["messageRetentionSeconds"] == 14 * 86400, "the longest there is, and counted from when it was sent"
    assert "redrivePolicy" not in dead
    assert made.of(QUEUE)["data-user-jobs"].property_dependencies["redrivePolicy"] == {
        made.of(QUEUE)["data-user-jobs-dead"].urn
    }


def test_no_other_queue_may_use_the_dead_letter_queue(deploy: Any) -> None:
    made = deploy(store)
    allow = made.one(ALLOW)
    permission = json.loads(allow.inputs["redriveAllowPolicy"])
    assert permission["redrivePermission"] == "byQueue"
    assert len(permission["sourceQueueArns"]) == 1
    assert allow.property_dependencies["queueUrl"] == {made.of(QUEUE)["data-user-jobs-dead"].urn}
    assert allow.property_dependencies["redriveAllowPolicy"] == {made.of(QUEUE)["data-user-jobs"].urn}


def test_both_queues_are_encrypted_with_our_key(deploy: Any) -> None:
    for queue in deploy(store).inputs(QUEUE).values():
        assert queue["kmsMasterKeyId"] == KEY
        assert "sqsManagedSseEnabled" not in queue, "SQS takes one of the two"


def test_the_policies_grant_nothing_and_refuse_plain_http(deploy: Any) -> None:
    made = deploy(store)
    assert set(made.of(POLICY)) == {"data-user-jobs-policy-document", "data-user-jobs-dead-policy-document"}
    for policy in made.inputs(POLICY).values():
        (statement,) = json.loads(policy["policy"])["Statement"]
        assert (statement["Sid"], statement["Effect"], statement["Action"]) == ("OnlyOverTls", "Deny", ["sqs:*"])
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    shown = made.of("groundwork:security:QueuePolicy")["data-user-jobs-policy"].inputs["statements"]
    written = json.loads(made.inputs(POLICY)["data-user-jobs-policy-document"]["policy"])["Statement"]
    assert shown == written, "what policies judge is what is written"


def test_a_fifo_queue_has_a_fifo_queue_for_its_dead_letters(deploy: Any) -> None:
    queues = deploy(lambda: store(fifo=True)).inputs(QUEUE)
    for queue in queues.values():
        assert queue["fifoQueue"] is True
        assert queue["contentBasedDeduplication"] is True
        assert (queue["deduplicationScope"], queue["fifoThroughputLimit"]) == ("messageGroup", "perMessageGroupId")
    assert json.loads(queues["data-user-jobs"]["redrivePolicy"])["deadLetterTargetArn"].endswith(".fifo")


def test_a_standard_queue_has_nothing_of_a_fifo_queue(deploy: Any) -> None:
    for queue in deploy(store).inputs(QUEUE).values():
        assert not {"fifoQueue", "contentBasedDeduplication", "deduplicationScope", "fifoThroughputLimit"} & set(queue)


@pytest.mark.parametrize("protected", [True, False])
def test_messages_outlive_a_protected_stack_and_no_other(deploy: Any, protected: bool) -> None:
    deployment = deploy(lambda: store(protected=protected))
    for queue in deployment.of(QUEUE).values():
        assert (queue.protect, queue.retain_on_delete) == (protected, protected)
    policies = deployment.of("aws:sqs/queuePolicy:QueuePolicy").values()
    assert [p.retain_on_delete for p in policies] == [protected] * 2, "a queue that stays keeps its policy"


def test_sending_is_putting_messages_in_and_nothing_else(deploy: Any) -> None:
    statements, made = granted(deploy, "send")
    assert statements["SendMessages"]["Action"] == ["sqs:GetQueueAttributes", "sqs:SendMessage"]
    assert statements["UseQueueKeyToSend"]["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert made.built.secrets == {}
    assert made.built.opening is None
    assert made.built.execution_statements == ()


def test_receiving_is_taking_and_deleting_messages_but_neither_sending_nor_purging(deploy: Any) -> None:
    statements, _ = granted(deploy, "receive")
    actions = set(statements["ReceiveMessages"]["Action"])
    assert {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"} <= actions
    assert not {"sqs:SendMessage", "sqs:PurgeQueue", "sqs:SetQueueAttributes", "sqs:*"} & actions
    assert statements["UseQueueKeyToReceive"]["Action"] == ["kms:Decrypt"]


def test_an_administrator_sends_receives_purges_and_sends_dead_letters_back_but_changes_no_setting(deploy: Any) -> None:
    statements, _ = granted(deploy, "admin")
    both = {
        action
        for level in ("send", "receive")
        for action in granted(deploy, level)[0][f"{level.capitalize()}Messages"]["Action"]
    }
    assert set(statements["AdministerMessages"]["Action"]) == both | {"sqs:PurgeQueue"}
    back = statements["SendDeadLettersBack"]
    assert "-dead" in back["Resource"][0]
    assert {"sqs:StartMessageMoveTask", "sqs:ReceiveMessage", "sqs:DeleteMessage"} <= set(back["Action"])
    assert not [a for s in statements.values() for a in s["Action"] if "Set" in a or a.endswith("DeleteQueue")]
    assert statements["UseQueueKeyToAdminister"]["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]


@pytest.mark.parametrize("level", ["send", "receive"])
def test_rights_are_on_this_queue_and_on_the_key_only_through_sqs(deploy: Any, level: str) -> None:
    statements, _ = granted(deploy, level)
    messages, key = statements[f"{level.capitalize()}Messages"], statements[f"UseQueueKeyTo{level.capitalize()}"]
    assert len(messages["Resource"]) == 1
    assert messages["Resource"][0].startswith("arn:aws:sqs:us-east-1:111122223333:data-user-jobs-")
    assert "-dead" not in messages["Resource"][0]
    assert key["Resource"] == [KEY]
    assert key["Condition"] == {"StringEquals": {"kms:ViaService": "sqs.us-east-1.amazonaws.com"}}


def test_the_key_is_reached_through_the_host_names_of_the_partition(deploy: Any) -> None:
    there = Location(region="cn-north-1", account_id="1", partition="aws-cn", dns_suffix="amazonaws.com.cn")
    statements, _ = granted(deploy, "send", location=there)
    via = statements["UseQueueKeyToSend"]["Condition"]["StringEquals"]["kms:ViaService"]
    assert via == "sqs.cn-north-1.amazonaws.com.cn"


def test_a_service_is_told_the_url_and_the_platform_name_and_arn(deploy: Any) -> None:
    seen: list[Any] = []

    def build() -> None:
        access = store().access("send")
        assert access.queue is not None
        told = {**access.environment, "name": access.queue.name, "arn": access.queue.arn, "url": access.queue.url}
        pulumi.Output.from_input(told).apply(seen.append)

    deploy(build)
    (told,) = seen
    assert set(told) == {"USER_JOBS_QUEUE", "name", "arn", "url"}
    assert told["USER_JOBS_QUEUE"] == told["url"]
    assert told["url"].startswith("https://sqs.us-east-1.amazonaws.com/111122223333/")
    assert told["arn"].endswith(f":{told['name']}")


def test_an_unknown_level_says_what_there_is(deploy: Any) -> None:
    with pytest.raises(ValueError, match=r"queue 'user-jobs' has no access level 'write': use one of"):
        deploy(lambda: store().access("write"))


def test_somebody_is_told_of_old_messages_and_of_dead_ones(deploy: Any) -> None:
    names: list[str] = []

    def build() -> Queue:
        queue = store()
        watched = [metric for signal in queue.signals for metric in signal.metrics.values()]
        pulumi.Output.all(*(metric.dimensions["QueueName"] for metric in watched)).apply(names.extend)
        return queue

    signals = {signal.name: signal for signal in deploy(build).built.signals}
    assert set(signals) == {"data-user-jobs-age", "data-user-jobs-dead-letters"}
    age, dead = signals["data-user-jobs-age"], signals["data-user-jobs-dead-letters"]
    assert (age.threshold, age.comparison, age.metrics["age"].statistic) == (
        900,
        "GreaterThanOrEqualToThreshold",
        "Maximum",
    )
    assert (dead.threshold, dead.metrics["waiting"].name) == (0, "ApproximateNumberOfMessagesVisible")
    assert {signal.missing for signal in signals.values()} == {"notBreaching"}, "an idle queue sends no data"
    assert [name.rpartition("-")[0] for name in names] == ["data-user-jobs", "data-user-jobs-dead"]


def test_every_signal_names_a_runbook_that_exists_and_that_names_the_signal(deploy: Any) -> None:
    for signal in deploy(store).built.signals:
        text = (RUNBOOKS / signal.runbook).read_text()
        assert f"`{signal.name.replace('data-user-jobs-', 'data-<queue>-')}`" in text


def test_a_stack_s_queues_are_stores_among_the_others_and_are_watched(deploy: Any) -> None:
    settings = DataSettings.model_validate({"databases": {}, "buckets": {}, "queues": {"jobs": SETTINGS}})

    def build() -> Data:
        args = DataArgs(
            settings=settings, site=Site(vpc_id="vpc-1", data_subnet_ids=["a", "b"]), key_arn=KEY, log_key_arn="arn:log",
            log_bucket="logs", log_retention_days=7, location=HERE, protected=False,
        )  # fmt: skip
        return Data("data", args)

    made = deploy(build)
    assert list(made.built.stores) == ["jobs"]
    assert [signal.name for signal in made.built.signals] == ["data-jobs-age", "data-jobs-dead-letters"]
    assert set(made.of(QUEUE)) == {"data-jobs", "data-jobs-dead"}


def test_every_resource_belongs_to_the_store(deploy: Any) -> None:
    resources = [r for r in deploy(store).registered if r.type.startswith("aws:")]
    assert len(resources) == 5
    assert [r.name for r in resources if "groundwork:data:Queue" not in r.parent] == []
