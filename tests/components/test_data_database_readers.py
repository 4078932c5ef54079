"""Readers of plain RDS, and the master password that they take."""

import json
from typing import Any

import pulumi_aws as aws
import pytest

from components.data.database import Database
from components.observability.alarms import RUNBOOKS
from tests.components.limits import OF_THE_SOURCE
from tests.components.test_data_database_kinds import (
    INSTANCE,
    LOGS,
    MARIADB,
    MYSQL,
    OWN,
    POOL,
    POSTGRES,
    VALUES,
    database,
    granted,
    holder,
)

SECRET, VERSION = "aws:secretsmanager/secret:Secret", "aws:secretsmanager/secretVersion:SecretVersion"
PASSWORD = VALUES["secret_values"]["reports-master"]
TWO = {"readers": 2, **OWN}
OF_ENGINE = pytest.mark.parametrize("content", [POSTGRES, MYSQL, MARIADB], ids=["postgres", "mysql", "mariadb"])


def build(content: dict[str, Any], **change: Any) -> Database:
    return database(content, **VALUES, **change)


@OF_ENGINE
def test_a_reader_says_nothing_that_it_has_from_its_source(deploy: Any, content: dict[str, Any]) -> None:
    deployment = deploy(lambda: build({**content, **TWO, "readerClass": "db.r8g.large"}))
    made = dict(sorted(deployment.of(INSTANCE).items()))
    source = made.pop("data-main").inputs
    assert set(made) == {"data-main-reader-1", "data-main-reader-2"}
    for number, reader in enumerate(made.values(), start=1):
        assert not {*OF_THE_SOURCE, "backupWindow", "engineLifecycleSupport"} & set(reader.inputs)
        assert reader.inputs["replicateSourceDb"] == source["identifier"]
        assert reader.inputs["identifier"] == f"{source['identifier']}-reader-{number}"
        assert reader.inputs["instanceClass"] == "db.r8g.large" != source["instanceClass"]
        assert reader.inputs["backupRetentionPeriod"] == 0 < source["backupRetentionPeriod"]
        shared = ("vpcSecurityGroupIds", "parameterGroupName", "engineVersion", "port", "storageType", "storageEncrypted",
                  "deletionProtection", "enabledCloudwatchLogsExports")  # fmt: skip
        assert {key: reader.inputs[key] for key in shared} == {key: source[key] for key in shared}
        assert reader.inputs["performanceInsightsEnabled"] is True, "as its own class has them"
        assert reader.inputs["publiclyAccessible"] is False
        assert reader.protect is reader.inputs["skipFinalSnapshot"] is True
    zones = [reader.inputs["availabilityZone"] for reader in made.values()]
    assert zones == ["us-east-1b", "us-east-1a"], "the first one not where the source probably is"
    assert all([*reader.ignore_changes] == ["availabilityZone"] for reader in made.values())


def test_without_the_settings_nothing_is_there_that_was_not_before(deploy: Any) -> None:
    deployment = deploy(lambda: database(MYSQL))
    assert set(deployment.of(INSTANCE)) == {"data-main"}
    assert deployment.of(SECRET) == {}
    assert "passwordWo" not in holder(deployment).inputs


def test_the_logs_of_a_reader_have_groups_of_their_own_that_are_there_first(deploy: Any) -> None:
    deployment = deploy(lambda: build({**MYSQL, **TWO, "logs": ["error"]}))
    groups = deployment.of(LOGS)
    assert set(groups) == {"data-main-log-error", "data-main-reader-1-log-error", "data-main-reader-2-log-error"}
    for name, reader in deployment.of(INSTANCE).items():
        group = groups[f"{name}-log-error"]
        assert group.inputs["name"] == f"/aws/rds/instance/{reader.inputs['identifier']}/error"
        assert group.urn in reader.dependencies


def test_services_get_every_reader_under_one_name(deploy: Any) -> None:
    deployment, access, statements, environment = granted(
        deploy, {**POSTGRES, **TWO, "iamUser": "app"}, "connect", **VALUES
    )
    identifier = holder(deployment).inputs["identifier"]
    first, second = environment["MAIN_READER_HOST"].split(",")
    assert first.startswith(f"{identifier}-reader-1.")
    assert second.startswith(f"{identifier}-reader-2.")
    assert environment["MAIN_HOST"].startswith(f"{identifier}.")
    assert len(statements["SignIntoDatabase"]["Resource"]) == 3, "IAM knows each of them by a name of its own"
    assert "*" not in str(statements)
    assert access.opening is not None
    _, _, _, alone = granted(deploy, POSTGRES, "write")
    assert "MAIN_READER_HOST" not in alone


def test_the_password_is_handed_over_write_only_and_kept_where_services_read_it(deploy: Any) -> None:
    deployment, access, statements, environment = granted(deploy, {**MYSQL, **OWN}, "write", **VALUES)
    source = holder(deployment)
    assert source.inputs["passwordWo"] == PASSWORD
    assert {"passwordWo", "passwordWoVersion"} <= source.secret_inputs
    assert not {"password", "manageMasterUserPassword", "masterUserSecretKmsKeyId"} & set(source.inputs)
    secret, version = deployment.one(SECRET), deployment.one(VERSION)
    assert {"secretStringWo", "secretStringWoVersion"} <= version.secret_inputs
    assert "secretString" not in version.inputs
    content = json.loads(version.inputs["secretStringWo"])
    assert (content["username"], content["password"]) == ("platform", PASSWORD)
    assert source.urn in version.property_dependencies["secretStringWo"], "not before the database has it"
    assert (secret.protect, secret.inputs["recoveryWindowInDays"]) == (True, 30)
    (arn,) = statements["ReadDatabaseSecret"]["Resource"]
    assert environment["MAIN_SECRET_ARN"] == arn
    assert PASSWORD not in str(environment)
    assert set(access.secrets) == {"MAIN_USERNAME", "MAIN_PASSWORD"}


def test_tasks_wait_for_something_to_read(deploy: Any) -> None:
    def wanted() -> None:
        access = build({**MYSQL, **OWN}).access("write")
        aws.ssm.Parameter("injected", type="String", value=access.secrets["MAIN_PASSWORD"])

    deployment = deploy(wanted)
    behind = deployment.one("aws:ssm/parameter:Parameter").property_dependencies["value"]
    assert deployment.one(VERSION).urn in behind


def test_another_password_has_another_number(deploy: Any) -> None:
    def number(value: str) -> Any:
        values: dict[str, Any] = {"secret_values": {"reports-master": value}}
        return holder(deploy(lambda: database({**MYSQL, **OWN}, **values))).inputs["passwordWoVersion"]

    assert number("first one") == number("first one") != number("second one"), "what is write-only is not compared"


def test_a_proxy_reads_the_password_that_the_stack_keeps(deploy: Any) -> None:
    deployment = deploy(lambda: build({**MYSQL, **OWN, "proxy": POOL}))
    (auth,) = deployment.one("aws:rds/proxy:Proxy").inputs["auths"]
    assert auth["secretArn"].startswith("arn:aws:secretsmanager:us-east-1:111122223333:secret:data-main-master")


def test_each_reader_is_watched_as_its_source_is_and_for_being_behind(deploy: Any) -> None:
    signals = {
        s.name: s for s in deploy(lambda: build({**POSTGRES, **TWO, "readerClass": "db.m8g.large"})).built.signals
    }
    of_source = {name.removeprefix("data-main-") for name in signals if "-reader-" not in name}
    of_reader = {name.removeprefix("data-main-reader-1-") for name in signals if "-reader-1-" in name}
    assert of_reader == (of_source - {"credits"}) | {"lag"}
    lag = signals["data-main-reader-2-lag"]
    (metric,) = lag.metrics.values()
    assert (metric.name, metric.statistic, lag.threshold, lag.missing) == ("ReplicaLag", "Maximum", 60, "breaching")
    assert lag.expression == "IF(lag < 0, 86400, lag)", "-1 says that nothing is replicated any more"
    assert (RUNBOOKS / lag.runbook).is_file()
    sizes = {name: signals[f"data-main-{name}"].threshold for name in ("memory", "reader-1-memory")}
    assert sizes["reader-1-memory"] > sizes["memory"], "by the class of the reader"


def test_only_the_source_is_backed_up(deploy: Any) -> None:
    deployment = deploy(lambda: build({**MYSQL, **TWO}))
    seen: list[str] = []
    deployment.built.recoverable.arn.apply(seen.append)
    assert "reader" not in str(seen)
