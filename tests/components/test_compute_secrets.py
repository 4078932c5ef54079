"""Application secrets: the value goes into Secrets Manager and nowhere else; a service reads those that it names."""

import json
from typing import Any

import pulumi

from components.compute.secrets import Secrets, SecretsArgs
from components.security.write_only import revision
from tests.components.kinds import LOCATION, POLICY, TASK, WEB, statements, web, web_container

SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
VALUE = "correct horse battery staple"
THEIRS = "arn:aws:secretsmanager:us-east-1:111122223333:secret:mail-AbCdEf"
THEIR_KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd"
READING = "secretsmanager.us-east-1.amazonaws.com"


def with_secrets(secrets: dict[str, Any], *, protected: bool = True, **values: str) -> Any:
    """The web service, using nothing, with secrets; `values` are those of the stack's configuration."""
    named = {name.replace("_", "-"): value for name, value in (values or {"payment_key": VALUE}).items()}
    return web(uses={}, secrets=secrets, protected=protected, platform={"secret_values": named})


def test_a_value_is_kept_encrypted_with_our_key_and_is_a_secret_of_pulumi(deploy: Any) -> None:
    made = deploy(with_secrets({"PAYMENT_KEY": {"config": "payment-key"}}))
    assert made.one(SECRET).inputs["kmsKeyId"] == "arn:data-key"
    assert made.one(VERSION).inputs["secretStringWo"] == VALUE
    assert made.one(VERSION).secret_inputs == {"secretStringWo", "secretStringWoVersion"}
    assert "secretString" not in made.one(VERSION).inputs, "that one would be read back into the state"
    assert made.one(SECRET).urn in made.one(VERSION).property_dependencies["secretId"]


def test_the_value_is_nowhere_but_in_its_version(deploy: Any) -> None:
    made = deploy(with_secrets({"PAYMENT_KEY": {"config": "payment-key"}}))
    elsewhere = [r.name for r in made.registered if r.type != VERSION and VALUE in json.dumps(r.inputs)]
    assert elsewhere == []


def test_the_container_is_told_where_the_value_is_and_which_version_of_it(deploy: Any) -> None:
    made = deploy(
        with_secrets({"PAYMENT_KEY": {"config": "payment-key"}, "USER": {"config": "payment-key", "field": "user"}})
    )
    by_name = {secret["name"]: secret["valueFrom"] for secret in web_container(made)["secrets"]}
    arn, field, stage, version = by_name["PAYMENT_KEY"].rsplit(":", 3)
    assert arn.startswith("arn:aws:secretsmanager:us-east-1:111122223333:secret:compute-secrets-payment-key-")
    assert (field, stage) == ("", ""), "a version and a stage together are refused by AWS"
    assert version
    assert by_name["USER"] == f"{arn}:user::{version}"
    assert made.one(VERSION).urn in made.one(TASK).property_dependencies["containerDefinitions"]
    assert "PAYMENT_KEY" not in [variable["name"] for variable in web_container(made)["environment"]]


def test_the_execution_role_reads_exactly_these_and_only_through_secrets_manager(deploy: Any) -> None:
    made = deploy(with_secrets({"PAYMENT_KEY": {"config": "payment-key"}}, payment_key=VALUE, other=VALUE))
    granted = statements(made, "web-roles-execution-policy")
    (arn,) = granted["SecretsRead"]["Resource"]
    assert (granted["SecretsRead"]["Action"], "payment-key" in arn) == (["secretsmanager:GetSecretValue"], True)
    decrypt = granted["SecretsDecryptOurs"]
    assert (decrypt["Action"], decrypt["Resource"]) == (["kms:Decrypt"], ["arn:data-key"])
    assert decrypt["Condition"]["StringEquals"] == {
        "kms:ViaService": READING,
        "kms:EncryptionContext:SecretARN": [arn],
    }
    assert list(made.of(SECRET)) == ["compute-secrets-payment-key"], "a value that nobody uses is not made available"


def test_the_containers_themselves_may_not_read_it(deploy: Any) -> None:
    assert "web-roles-task-policy" not in deploy(with_secrets({"A": {"config": "payment-key"}})).of(POLICY)


def test_an_existing_secret_is_read_where_it_is_and_nothing_is_made(deploy: Any) -> None:
    made = deploy(with_secrets({"MAIL": {"arn": THEIRS}, "DSN": {"arn": THEIRS, "field": "dsn"}}))
    assert made.of(SECRET) == {}
    assert {s["name"]: s["valueFrom"] for s in web_container(made)["secrets"]} == {
        "MAIL": THEIRS,
        "DSN": f"{THEIRS}:dsn::",
    }
    granted = statements(made, "web-roles-execution-policy")
    assert granted["SecretsRead"]["Resource"] == [THEIRS]
    assert [s for s in granted if "Decrypt" in s] == [], "what AWS's own key encrypts needs no right to that key"


def test_the_key_of_an_existing_secret_decrypts_that_secret_and_no_other(deploy: Any) -> None:
    made = deploy(with_secrets({"A": {"config": "payment-key"}, "MAIL": {"arn": THEIRS, "keyArn": THEIR_KEY}}))
    granted = statements(made, "web-roles-execution-policy")
    assert granted["SecretsDecryptTheirs1"]["Resource"] == [THEIR_KEY]
    assert granted["SecretsDecryptTheirs1"]["Condition"]["StringEquals"]["kms:EncryptionContext:SecretARN"] == [THEIRS]
    assert THEIRS not in granted["SecretsDecryptOurs"]["Condition"]["StringEquals"]["kms:EncryptionContext:SecretARN"]


def test_two_services_share_a_value_and_each_reads_only_its_own(deploy: Any) -> None:
    shared = {"A": {"config": "one"}}
    other = {**WEB, "uses": {}, "route": {"path": "/b*", "priority": 50}, "secrets": {**shared, "B": {"config": "two"}}}
    services = {"a": {**WEB, "uses": {}, "secrets": shared}, "b": other}
    made = deploy(web(services=services, platform={"secret_values": {"one": "1", "two": "2"}}))
    assert set(made.of(SECRET)) == {"compute-secrets-one", "compute-secrets-two"}
    assert len(statements(made, "a-roles-execution-policy")["SecretsRead"]["Resource"]) == 1
    assert len(statements(made, "b-roles-execution-policy")["SecretsRead"]["Resource"]) == 2


def test_a_service_without_secrets_has_no_right_to_any_and_without_any_there_is_no_component(deploy: Any) -> None:
    made = deploy(web(uses={}, platform={"secret_values": {"payment-key": VALUE}}))
    assert [r.name for r in made.registered if "ecret" in r.type] == []
    assert set(statements(made, "web-roles-execution-policy")) == {"WriteLogs"}


def test_a_protected_stack_can_take_a_deletion_back_and_another_can_be_made_anew_at_once(deploy: Any) -> None:
    for protected, days in ((True, 30), (False, 0)):
        secret = deploy(with_secrets({"A": {"config": "payment-key"}}, protected=protected)).one(SECRET)
        assert (secret.inputs["recoveryWindowInDays"], secret.protect) == (days, protected)


def test_a_value_that_came_in_clear_is_a_secret_all_the_same(deploy: Any) -> None:
    args = SecretsArgs(
        values={"one": pulumi.Output.from_input(VALUE)}, key_arn="arn:k", location=LOCATION, protected=False
    )
    assert deploy(lambda: Secrets("secrets", args)).one(VERSION).secret_inputs == {
        "secretStringWo",
        "secretStringWoVersion",
    }


def test_the_number_of_a_value_changes_with_it_and_only_with_it(deploy: Any) -> None:
    numbers = [
        deploy(with_secrets({"A": {"config": "payment-key"}}, payment_key=value))
        .one(VERSION)
        .inputs["secretStringWoVersion"]
        for value in (VALUE, VALUE + "r", VALUE)
    ]
    assert numbers[0] == numbers[2] != numbers[1]
    assert all(0 < number < 2**31 and number == int(number) for number in numbers)
    assert len({revision(f"value-{number}") for number in range(1000)}) == 1000
