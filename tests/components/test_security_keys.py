"""Two keys, each usable by whom it is for, and by nobody directly."""

import json
from typing import Any

import pulumi
import pytest

from components.security import Security, SecurityArgs, keys
from settings.location import Location

HERE = Location.of("us-east-1", "111122223333")
ACCOUNT = "arn:aws:iam::111122223333:root"
KEY, ALIAS = "aws:kms/key:Key", "aws:kms/alias:Alias"


def security(**change: Any) -> Any:
    args: dict[str, Any] = {"location": HERE, "protected": True, "log_retention_days": 90, **change}
    return lambda: Security("security", SecurityArgs(**args))


def statements(deployment: Any, name: str) -> dict[str, dict[str, Any]]:
    document = json.loads(deployment.inputs(KEY)[name]["policy"])
    return {statement["Sid"]: statement for statement in document["Statement"]}


def test_there_is_one_key_for_data_and_one_for_operations_each_with_its_alias(deploy: Any) -> None:
    deployment = deploy(security())
    assert sorted(deployment.inputs(KEY)) == ["security-data-key", "security-operations-key"]
    names = {name: alias["name"] for name, alias in deployment.inputs(ALIAS).items()}
    assert names == {
        "security-data-alias": "alias/groundwork-test-data",
        "security-operations-alias": "alias/groundwork-test-operations",
    }


def test_an_alias_has_only_characters_that_kms_takes(deploy: Any) -> None:
    names = [alias["name"] for alias in deploy(security(), stack="my.own").inputs(ALIAS).values()]
    assert sorted(names) == ["alias/groundwork-my_own-data", "alias/groundwork-my_own-operations"]


def test_keys_rotate_and_can_be_called_back_for_thirty_days(deploy: Any) -> None:
    for key in deploy(security()).inputs(KEY).values():
        assert key["enableKeyRotation"] is True
        assert key["deletionWindowInDays"] == 30
        assert "bypassPolicyLockoutSafetyCheck" not in key


@pytest.mark.parametrize("protected", [True, False])
def test_a_key_outlives_a_protected_stack_and_no_other(deploy: Any, protected: bool) -> None:
    for key in deploy(security(protected=protected)).of(KEY).values():
        assert (key.protect, key.retain_on_delete) == (protected, protected)


def test_no_key_policy_trusts_another_account_or_grants_every_action(deploy: Any) -> None:
    deployment = deploy(security())
    for name in deployment.inputs(KEY):
        for statement in statements(deployment, name).values():
            assert statement["Effect"] == "Allow"
            assert not {"*", "kms:*"} & set(statement["Action"])
            assert statement["Principal"].get("AWS", [ACCOUNT]) == [ACCOUNT]


def test_administering_a_key_does_not_include_using_it(deploy: Any) -> None:
    deployment = deploy(security())
    administration = statements(deployment, "security-data-key")["Administration"]
    assert "kms:PutKeyPolicy" in administration["Action"], "or nobody could ever change the policy again"
    assert not {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant"} & set(administration["Action"])


def test_data_is_decrypted_only_through_the_services_that_hold_it(deploy: Any) -> None:
    found = statements(deploy(security()), "security-data-key")
    assert set(found) == {"Administration", "UseThroughServices", "GrantsForServices"}
    for sid in ("UseThroughServices", "GrantsForServices"):
        assert found[sid]["Condition"]["StringEquals"] == {
            "kms:CallerAccount": "111122223333",
            "kms:ViaService": [
                f"{service}.us-east-1.amazonaws.com" for service in ("ecr", "rds", "s3", "secretsmanager", "sqs")
            ],
        }
    assert found["GrantsForServices"]["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}
    assert "kms:RetireGrant" in found["UseThroughServices"]["Action"], "KMS knows no such condition when a grant ends"


def test_logs_and_alarms_use_the_operations_key_and_not_the_data_key(deploy: Any) -> None:
    deployment = deploy(security())
    operations = statements(deployment, "security-operations-key")
    assert operations["EncryptLogGroups"]["Principal"] == {"Service": ["logs.us-east-1.amazonaws.com"]}
    assert operations["EncryptLogGroups"]["Condition"] == {
        "ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-east-1:111122223333:log-group:*"}
    }
    assert operations["PublishAlarms"]["Principal"] == {"Service": ["cloudwatch.amazonaws.com"]}
    assert operations["PublishAlarms"]["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}
    assert operations["TellOfFailures"]["Principal"] == {"Service": ["events.amazonaws.com"]}
    assert operations["TellOfFailures"]["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}
    assert not [s for s in statements(deployment, "security-data-key").values() if "Service" in s["Principal"]]


def test_every_part_of_a_key_policy_follows_partition_region_and_host_names() -> None:
    there = Location(region="cn-north-1", account_id="444455556666", partition="aws-cn", dns_suffix="amazonaws.com.cn")
    written = repr([*keys.for_data(there), *keys.for_operations(there)])
    assert "arn:aws-cn:iam::444455556666:root" in written
    assert "s3.cn-north-1.amazonaws.com.cn" in written
    assert "us-east-1" not in written
    assert "arn:aws:" not in written


def test_the_statements_of_a_key_are_inputs_of_its_component(deploy: Any) -> None:
    deployment = deploy(security())
    components = deployment.of("groundwork:security:EncryptionKey")
    for name, component in components.items():
        document = json.loads(deployment.inputs(KEY)[f"{name}-key"]["policy"])
        assert component.inputs["statements"] == document["Statement"]


def test_every_resource_of_the_room_belongs_to_a_component_and_inherits_its_provider(deploy: Any) -> None:
    def build() -> object:
        import pulumi_aws as aws  # noqa: PLC0415

        opts = pulumi.ResourceOptions(providers=[aws.Provider("aws", region="us-east-1")])
        return Security("security", SecurityArgs(location=HERE, protected=False, log_retention_days=14), opts)

    resources = [r for r in deploy(build).registered if r.type.startswith("aws:")]
    assert resources
    assert [r.name for r in resources if "groundwork:security:" not in r.parent] == []
    assert [r.name for r in resources if "::aws::" not in r.provider] == []


@pytest.mark.parametrize(
    ("kind", "service"),
    [("table", "dynamodb"), ("file system", "elasticfilesystem"), ("stream", "kafka"), ("function", "lambda")],
)
def test_a_kind_of_store_or_service_opens_the_data_key_to_its_service_and_to_no_other(
    deploy: Any, kind: str, service: str
) -> None:
    def through(kinds: tuple[str, ...]) -> set[str]:
        use = statements(deploy(security(kinds=kinds)), "security-data-key")["UseThroughServices"]
        return set(use["Condition"]["StringEquals"]["kms:ViaService"])

    assert through((kind, "web")) - through(()) == {f"{service}.us-east-1.amazonaws.com"}


def test_buckets_may_tell_queues_under_the_key_only_where_one_does(deploy: Any) -> None:
    assert "TellQueues" not in statements(deploy(security()), "security-data-key")
    telling = statements(deploy(security(kinds=("notice",))), "security-data-key")["TellQueues"]
    assert telling["Principal"] == {"Service": ["s3.amazonaws.com"]}
    assert set(telling["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey"}
    assert telling["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}


def test_the_key_of_a_copy_is_used_through_s3_of_its_region_alone() -> None:
    there = Location.of("us-west-2", "111122223333")
    (use,) = [one for one in keys.for_copies(there) if one.sid == "UseThroughServices"]
    assert use.conditions["StringEquals"]["kms:ViaService"] == ["s3.us-west-2.amazonaws.com"]
