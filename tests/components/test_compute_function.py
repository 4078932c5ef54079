"""A function is called by what its settings name and by nothing else, under a name that always leads to its newest
version, with the rights to do that and no others."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.compute import package
from components.contracts import Signal
from components.observability.alarms import RUNBOOKS
from components.security import keys
from settings import PROJECT_ROOT
from settings.folders import files
from tests import entries
from tests.components.kinds import EGRESS, INGRESS, LOCATION, POLICY, ROLE, RULE, TARGETS, own, several

FUNCTION = "aws:lambda/function:Function"
ALIAS = "aws:lambda/alias:Alias"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
PERMISSION = "aws:lambda/permission:Permission"
EVENTS = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
NOTIFICATION = "aws:s3/bucketNotification:BucketNotification"
ATTACHMENT = "aws:lb/targetGroupAttachment:TargetGroupAttachment"
SCHEDULE = "aws:scheduler/schedule:Schedule"
QUEUE = "aws:sqs/queue:Queue"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
MADE: dict[str, Any] = {**entries.FUNCTION, "size": {"memory": 256, "architecture": "arm64"}}
BY_QUEUE = {"queue": {"name": "jobs"}}
BY_CLOCK = {"schedule": {"when": "cron(30 2 * * ? *)", "timezone": "Europe/Berlin", "windowMinutes": 15}}
BY_BUCKET = {"bucket": {"name": "uploads", "prefix": "inbox/", "suffix": ".jpg"}}
BY_ROUTE = {"route": {"path": "/receipts*", "priority": 120}}
BY_TABLE = {"table": {"name": "profiles"}}
TRIGGERS: dict[str, dict[str, Any]] = {
    "queue": BY_QUEUE, "clock": BY_CLOCK, "bucket": BY_BUCKET, "route": BY_ROUTE, "table": BY_TABLE,
}  # fmt: skip


def function(trigger: Mapping[str, Any] = BY_QUEUE, *, protected: bool = True, **change: Any) -> Any:
    return several({"post": {**MADE, **trigger, **change}}, protected=protected)


def granted(made: Any) -> dict[str, Any]:
    document = json.loads(made.of(POLICY)["post-role-policy"].inputs["policy"])
    return {statement["Sid"]: statement for statement in document["Statement"]}


def live(made: Any) -> str:
    """The ARN that everybody calls."""
    name = made.one(FUNCTION).inputs.get("name") or made.one(ALIAS).inputs["functionName"]
    return f"arn:aws:lambda:us-east-1:111122223333:function:{name}:live"


# -- what runs -----------------------------------------------------------------------------------------------------------


def test_the_folder_is_the_program_without_what_tools_leave_behind(tmp_path: Path) -> None:
    folder = tmp_path / "services" / "post"
    (folder / "sub" / "__pycache__").mkdir(parents=True)
    (folder / ".venv").mkdir()
    for file in ("main.py", "sub/part.py", "sub/__pycache__/part.pyc", ".venv/pyvenv.cfg"):
        (folder / file).write_text(file)
    assets: dict[str, Any] = {**package.archive("services/post", tmp_path).assets}
    assert {name: asset.path for name, asset in assets.items()} == {
        "main.py": "services/post/main.py",
        "sub/part.py": "services/post/sub/part.py",
    }, "paths are relative to the project, so that they are the same on every machine"
    assert list(assets) == files(folder)


def test_a_folder_becomes_a_zip_of_its_runtime_and_no_image_is_built(deploy: Any) -> None:
    made = deploy(function())
    inputs = made.one(FUNCTION).inputs
    assert (inputs["packageType"], inputs["runtime"], inputs["handler"]) == ("Zip", "python3.13", "receipt.handler")
    assert "imageUri" not in inputs
    assert list(inputs["code"]["assets"]) == ["receipt.py"]
    assert not {kind for kind, _ in own(made, "post") if kind.startswith(("ecr/", "ecs/", "appautoscaling/"))}


def test_a_folder_with_a_dockerfile_becomes_an_image_that_lambda_may_pull_before_there_is_a_function(
    deploy: Any,
) -> None:
    made = deploy(function(build="services/status", runtime=None, handler=None))
    made_function = made.one(FUNCTION)
    assert made_function.inputs["packageType"] == "Image"
    assert not {"code", "runtime", "handler"} & made_function.inputs.keys()
    policy = made.one("aws:ecr/repositoryPolicy:RepositoryPolicy")
    (pulls,) = json.loads(policy.inputs["policy"])["Statement"]
    assert pulls["Principal"] == {"Service": ["lambda.amazonaws.com"]}
    assert pulls["Action"] == ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    assert pulls["Condition"] == {"ArnLike": {"aws:SourceArn": "arn:aws:lambda:us-east-1:111122223333:function:*"}}, (
        "no function of another account"
    )
    assert policy.urn in made_function.dependencies
    image = made.one("awsx:ecr:Image").inputs
    assert (image["context"], image["platform"]) == ("services/status", "linux/arm64")


def test_a_named_image_is_run_as_it_is(deploy: Any) -> None:
    image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/post:1"
    made = deploy(function(build=None, image=image, runtime=None, handler=None))
    assert made.one(FUNCTION).inputs["imageUri"] == image
    assert made.of("aws:ecr/repository:Repository") == {}


def test_size_time_and_runs_at_a_time_are_those_of_the_settings(deploy: Any) -> None:
    size = {"memory": 512, "architecture": "x86_64", "storage": 1024}
    inputs = deploy(function(size=size, concurrency=7, timeoutSeconds=20)).one(FUNCTION).inputs
    assert (inputs["memorySize"], inputs["architectures"], inputs["timeout"]) == (512, ["x86_64"], 20)
    assert (inputs["ephemeralStorage"], inputs["reservedConcurrentExecutions"]) == ({"size": 1024}, 7)


def test_without_a_reserve_the_account_s_runs_are_shared(deploy: Any) -> None:
    assert "reservedConcurrentExecutions" not in deploy(function()).one(FUNCTION).inputs


def test_everybody_calls_the_alias_of_a_published_version(deploy: Any) -> None:
    made = deploy(function())
    assert made.one(FUNCTION).inputs["publish"] is True
    alias = made.one(ALIAS)
    assert (alias.inputs["name"], alias.inputs["functionVersion"]) == ("live", "1"), "a version, and not $LATEST"
    assert made.one(FUNCTION).urn in alias.property_dependencies["functionVersion"], "whichever is the newest"
    assert made.one(MAPPING).inputs["functionName"] == live(made)


def test_it_logs_into_a_group_of_its_own_that_is_encrypted_and_forgets(deploy: Any) -> None:
    made = deploy(function())
    group = made.of(LOGS)["post-logs"]
    assert (group.inputs["kmsKeyId"], group.inputs["retentionInDays"]) == ("arn:log-key", 90)
    logging = made.one(FUNCTION).inputs["loggingConfig"]
    assert logging["logGroup"].startswith("post-logs-")
    assert (logging["logFormat"], logging["applicationLogLevel"]) == ("JSON", "INFO")
    assert group.urn in made.one(FUNCTION).property_dependencies["loggingConfig"]


# -- what it is told -----------------------------------------------------------------------------------------------------


def test_its_variables_are_encrypted_with_our_key(deploy: Any) -> None:
    inputs = deploy(function(environment={"LOG_LEVEL": "info"})).one(FUNCTION).inputs
    assert inputs["environment"]["variables"] == {
        "JOBS_QUEUE": "https://sqs.us-east-1.amazonaws.com/111122223333/data-jobs-1",
        "LOG_LEVEL": "info",
    }
    assert inputs["kmsKeyArn"] == "arn:data-key"


def test_without_variables_there_is_no_key_which_lambda_would_forget(deploy: Any) -> None:
    assert not {"kmsKeyArn", "environment"} & deploy(function(BY_CLOCK)).one(FUNCTION).inputs.keys()


@pytest.mark.parametrize(("kinds", "through"), [(frozenset({"web"}), False), (frozenset({"web", "function"}), True)])
def test_the_data_key_is_opened_to_lambda_where_there_are_functions(kinds: frozenset[str], through: bool) -> None:
    for statement in keys.for_data(LOCATION, kinds)[1:]:
        via: Any = statement.conditions["StringEquals"]["kms:ViaService"]
        assert ("lambda.us-east-1.amazonaws.com" in via) is through


def test_a_password_is_never_among_its_variables(deploy: Any) -> None:
    variables = deploy(function(uses={"main": "write"})).one(FUNCTION).inputs["environment"]["variables"]
    assert variables["MAIN_HOST"] == "db.internal"
    assert "MAIN_PASSWORD" not in variables
    assert "password" not in str(variables)


def test_in_place_of_an_application_secret_it_gets_the_arn_and_the_right_to_read_it(deploy: Any) -> None:
    arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:pay-AbCdEf"
    secrets = {"PAYMENT_KEY": {"arn": arn, "field": "key"}, "STORED": {"config": "stored"}}
    made = deploy(
        several({"post": {**MADE, **BY_CLOCK, "secrets": secrets}}, secret_values={"stored": pulumi.Output.secret("x")})
    )
    variables = made.one(FUNCTION).inputs["environment"]["variables"]
    assert variables["PAYMENT_KEY_SECRET_ARN"] == arn
    assert variables["STORED_SECRET_ARN"].count(":") == 6, "an ARN alone, nothing that only ECS understands"
    assert set(variables) == {"PAYMENT_KEY_SECRET_ARN", "STORED_SECRET_ARN"}
    reading = [s for s in granted(made).values() if s["Action"] == ["secretsmanager:GetSecretValue"]]
    assert {resource for s in reading for resource in s["Resource"]} == set(variables.values())


# -- what it may do ------------------------------------------------------------------------------------------------------


def test_only_lambda_of_this_account_takes_its_role(deploy: Any) -> None:
    (trust,) = json.loads(deploy(function()).of(ROLE)["post-role"].inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": ["lambda.amazonaws.com"]}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}


def test_it_may_do_what_it_uses_write_its_log_and_stand_in_the_network(deploy: Any) -> None:
    made = deploy(function(uses={"archive": "read"}))
    statements = granted(made)
    assert set(statements) == {
        "ArchiveUseObjects",
        "JobsReceiveMessages",
        "WriteLogs",
        "MakeInterfaces",
        "SeeInterfaces",
        "NotInItsProgram",
    }
    assert statements["WriteLogs"]["Resource"][0].startswith("arn:aws:logs:us-east-1:111122223333:log-group:post-logs-")
    everywhere = [s for s in statements.values() if s["Effect"] == "Allow" and "*" in s["Resource"]]
    assert [s["Action"] for s in everywhere] == [["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]]


def test_what_lambda_does_to_the_network_in_its_name_its_program_may_not(deploy: Any) -> None:
    statements = granted(deploy(function()))
    denied = statements["NotInItsProgram"]
    allowed = {action for sid in ("MakeInterfaces", "SeeInterfaces") for action in statements[sid]["Action"]}
    assert denied["Effect"] == "Deny"
    assert set(denied["Action"]) == allowed
    assert denied["Condition"] == {
        "ArnLike": {"lambda:SourceFunctionArn": "arn:aws:lambda:us-east-1:111122223333:function:*"}
    }


def test_the_function_waits_for_its_rights_and_its_way_out(deploy: Any) -> None:
    made = deploy(function(uses={"archive": "read"}))
    before = made.one(FUNCTION).dependencies
    assert made.of(POLICY)["post-role-policy"].urn in made.one(FUNCTION).property_dependencies["role"]
    assert made.of(EGRESS)["post-egress-https"].urn in before


def test_the_component_shows_every_statement_to_policies(deploy: Any) -> None:
    made = deploy(function())
    shown = made.of("groundwork:compute:FunctionRole")["post-role"].inputs["statements"]
    assert {s["Sid"] for s in shown} == {*granted(made), "Trust"}


# -- what it reaches -----------------------------------------------------------------------------------------------------


def test_it_stands_in_the_private_tier_and_nobody_gets_in(deploy: Any) -> None:
    made = deploy(function())
    network = made.one(FUNCTION).inputs["vpcConfig"]
    assert network["subnetIds"] == ["private-a", "private-b"]
    assert len(network["securityGroupIds"]) == 1
    assert made.of(GROUP)["post-group"].urn in made.one(FUNCTION).property_dependencies["vpcConfig"]
    assert made.one(FUNCTION).inputs["replaceSecurityGroupsOnDestroy"] is True
    assert [name for name in made.of(INGRESS) if name.startswith("post-")] == []


@pytest.mark.parametrize("trigger", ["queue", "clock", "route"])
def test_what_uses_nothing_reaches_nothing(deploy: Any, trigger: str) -> None:
    made = deploy(function(TRIGGERS[trigger]))
    assert [name for name in made.of(EGRESS) if name.startswith("post-")] == []


def test_what_uses_a_database_reaches_it_and_port_443(deploy: Any) -> None:
    made = deploy(function(uses={"main": "write"}))
    assert {name for name in made.of(EGRESS) if name.startswith("post-")} == {
        "post-egress-https",
        "post-egress-to-main",
    }
    assert made.of(INGRESS)["post-ingress-at-main"].inputs["securityGroupId"] == "sg-main"


def test_its_settings_may_open_more(deploy: Any) -> None:
    to = [{"cidr": "203.0.113.0/24", "port": 587}]
    made = deploy(function(egress={"to": to}))
    assert {name for name in made.of(EGRESS) if name.startswith("post-")} == {
        "post-egress-https",
        "post-egress-tcp-587-203-0-113-0-24",
    }


def test_outside_of_the_network_it_has_neither_group_nor_rights_on_interfaces(deploy: Any) -> None:
    made = deploy(function(vpc=False, uses={"archive": "read"}))
    inputs = made.one(FUNCTION).inputs
    assert not {"vpcConfig", "replaceSecurityGroupsOnDestroy"} & inputs.keys()
    assert "post-group" not in made.of(GROUP)
    assert not {"MakeInterfaces", "SeeInterfaces", "NotInItsProgram"} & set(granted(made))


# -- what calls it -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_it_is_called_by_its_trigger_and_by_no_other(deploy: Any, trigger: str) -> None:
    made = deploy(function(TRIGGERS[trigger]))
    callers = {"queue": MAPPING, "clock": SCHEDULE, "bucket": NOTIFICATION, "route": RULE, "table": MAPPING}
    assert {token for token in callers.values() if made.of(token)} == {callers[trigger]}
    assert set(made.of(MAPPING)) == {"queue": {"post-messages"}, "table": {"post-changes"}}.get(trigger, set())
    assert len(made.of(PERMISSION)) == (1 if trigger in {"bucket", "route"} else 0)


def test_of_a_batch_of_messages_only_those_come_back_that_were_not_handled(deploy: Any) -> None:
    made = deploy(function({"queue": {"name": "jobs", "batchSize": 100, "windowSeconds": 5}}))
    mapping = made.one(MAPPING).inputs
    assert mapping["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert (mapping["batchSize"], mapping["maximumBatchingWindowInSeconds"]) == (100, 5)
    assert mapping["eventSourceArn"] == "arn:aws:sqs:us-east-1:111122223333:data-jobs-1"
    assert "scalingConfig" not in mapping
    assert granted(made)["JobsReceiveMessages"]["Action"] == ["sqs:ReceiveMessage"]


@pytest.mark.parametrize(
    ("queue", "concurrency", "most"), [({}, 7, 7), ({"maxConcurrency": 3}, 7, 3), ({"maxConcurrency": 3}, None, 3), ({}, 5000, 1000)]
)  # fmt: skip
def test_no_more_messages_are_taken_than_may_be_handled_at_a_time(
    deploy: Any, queue: dict[str, Any], concurrency: int | None, most: int
) -> None:
    made = deploy(function({"queue": {"name": "jobs", **queue}}, concurrency=concurrency))
    assert made.one(MAPPING).inputs["scalingConfig"] == {"maximumConcurrency": most}


def test_the_clock_calls_the_alias_in_a_role_that_may_do_that_alone(deploy: Any) -> None:
    made = deploy(function(BY_CLOCK))
    schedule = made.one(SCHEDULE).inputs
    assert schedule["target"]["arn"] == live(made)
    assert "ecsParameters" not in schedule["target"]
    assert (schedule["scheduleExpressionTimezone"], schedule["flexibleTimeWindow"]["maximumWindowInMinutes"]) == (
        "Europe/Berlin",
        15,
    )
    document = json.loads(made.of(POLICY)["post-starter-policy"].inputs["policy"])
    may = {statement["Sid"]: statement for statement in document["Statement"]}
    assert set(may) == {"CallFunction", "TellOfFailure", "UseQueueKey"}
    assert (may["CallFunction"]["Action"], may["CallFunction"]["Resource"]) == (["lambda:InvokeFunction"], [live(made)])
    assert ":post-failures-" in schedule["target"]["deadLetterConfig"]["arn"]


def test_a_bucket_calls_it_for_the_named_objects_once_it_may(deploy: Any) -> None:
    made = deploy(function(BY_BUCKET))
    notification = made.one(NOTIFICATION)
    assert notification.inputs["bucket"] == "uploads"
    assert notification.inputs["lambdaFunctions"] == [
        {
            "id": "post",
            "lambdaFunctionArn": live(made),
            "events": ["s3:ObjectCreated:*"],
            "filterPrefix": "inbox/",
            "filterSuffix": ".jpg",
        }
    ]
    permission = made.one(PERMISSION)
    assert permission.urn in notification.dependencies, "S3 refuses a function that it may not call"
    assert (permission.inputs["principal"], permission.inputs["qualifier"]) == ("s3.amazonaws.com", "live")
    assert permission.inputs["sourceArn"] == "arn:aws:s3:::uploads"
    assert permission.inputs["sourceAccount"] == "111122223333", "a bucket's ARN does not say whose it is"
    assert "UploadsUseObjects" in granted(made)


def test_two_functions_of_one_bucket_share_its_one_list_and_each_has_its_right(deploy: Any) -> None:
    two = {"bucket": {"name": "uploads", "prefix": "inbox/", "events": ["removed"]}}
    made = deploy(several({"post": {**MADE, **BY_BUCKET}, "drop": {**MADE, **two}, "old": {**MADE, "bucket": {"name": "archive"}}}))  # fmt: skip
    notifications = made.of(NOTIFICATION)
    assert set(notifications) == {"uploads-events", "archive-events"}
    shared = notifications["uploads-events"]
    assert [one["id"] for one in shared.inputs["lambdaFunctions"]] == ["drop", "post"], "in one order, however written"
    permissions = made.of(PERMISSION)
    assert {permissions["post-objects"].urn, permissions["drop-objects"].urn} <= shared.dependencies
    assert permissions["old-objects"].urn not in shared.dependencies


def test_requests_reach_it_through_targets_of_their_own_once_the_load_balancer_may_call_it(deploy: Any) -> None:
    made = deploy(function(BY_ROUTE))
    targets = made.one(TARGETS)
    assert targets.inputs["targetType"] == "lambda"
    assert targets.inputs["healthCheck"]["enabled"] is False, "each check would be a run"
    assert not {"port", "protocol", "vpcId"} & targets.inputs.keys()
    permission = made.one(PERMISSION)
    assert permission.inputs["principal"] == "elasticloadbalancing.amazonaws.com"
    assert targets.urn in permission.property_dependencies["sourceArn"]
    attachment = made.one(ATTACHMENT)
    assert attachment.inputs["targetId"] == live(made)
    assert permission.urn in attachment.dependencies
    rule = made.one(RULE)
    assert rule.inputs["priority"] == 120
    assert rule.inputs["conditions"] == [{"pathPattern": {"values": ["/receipts*"]}}]
    assert attachment.urn in rule.dependencies, "not before there is somebody to answer"


def test_changes_of_a_table_come_in_order_until_those_at_fault_are_told_of(deploy: Any) -> None:
    settings = {"events": ["created", "removed"], "start": "oldest", "batchSize": 50, "windowSeconds": 5, "parallel": 2,
                "attempts": 3, "maxAgeSeconds": 3600}  # fmt: skip
    made = deploy(function({"table": {"name": "profiles", **settings}}, uses={"profiles": "read"}))
    mapping = made.one(MAPPING).inputs
    assert mapping["eventSourceArn"].endswith(":table/profiles/stream/2026-01-01T00:00:00.000")
    assert mapping["functionName"] == live(made)
    assert (mapping["startingPosition"], mapping["parallelizationFactor"]) == ("TRIM_HORIZON", 2)
    assert (mapping["batchSize"], mapping["maximumBatchingWindowInSeconds"]) == (50, 5)
    assert (mapping["maximumRetryAttempts"], mapping["maximumRecordAgeInSeconds"]) == (3, 3600)
    assert mapping["bisectBatchOnFunctionError"] is True
    assert mapping["functionResponseTypes"] == ["ReportBatchItemFailures"]
    (told,) = mapping["filterCriteria"]["filters"]
    assert json.loads(told["pattern"]) == {"eventName": ["INSERT", "REMOVE"]}
    assert ":post-failures-" in mapping["destinationConfig"]["onFailure"]["destinationArn"]
    statements = granted(made)
    assert statements["ProfilesFollowTable"]["Action"] == ["dynamodb:GetRecords"]
    assert ":post-failures-" in statements["TellOfFailure"]["Resource"][0], "Lambda tells in the function's role"
    assert made.of(EVENTS) == {}, "nothing is kept by Lambda"
    told_of = made.one(FUNCTION).inputs["environment"]["variables"]
    assert {"PROFILES_TABLE", "PROFILES_STREAM_ARN"} <= set(told_of), "what both levels bring"


def test_without_a_choice_every_change_calls_it_from_now_on(deploy: Any) -> None:
    mapping = deploy(function(BY_TABLE)).one(MAPPING).inputs
    assert mapping["startingPosition"] == "LATEST"
    assert not {"filterCriteria", "scalingConfig"} & set(mapping)
    assert (mapping["maximumRetryAttempts"], mapping["maximumRecordAgeInSeconds"]) == (5, 86400), "never for ever"


@pytest.mark.parametrize("trigger", ["clock", "bucket"])
def test_events_that_no_run_could_handle_are_kept(deploy: Any, trigger: str) -> None:
    made = deploy(function(TRIGGERS[trigger], retry={"attempts": 1, "maxAgeSeconds": 600}))
    events = made.one(EVENTS).inputs
    assert (events["maximumRetryAttempts"], events["maximumEventAgeInSeconds"], events["qualifier"]) == (1, 600, "live")
    failures = made.of(QUEUE)["post-failures"]
    assert ":post-failures-" in events["destinationConfig"]["onFailure"]["destination"]
    assert failures.inputs["messageRetentionSeconds"] == 14 * 86400
    statements = granted(made)
    assert ":post-failures-" in statements["TellOfFailure"]["Resource"][0]
    assert statements["UseQueueKey"]["Condition"] == {"StringEquals": {"kms:ViaService": "sqs.us-east-1.amazonaws.com"}}


@pytest.mark.parametrize("trigger", ["queue", "route"])
def test_messages_and_requests_are_not_lambda_s_to_keep(deploy: Any, trigger: str) -> None:
    made = deploy(function(TRIGGERS[trigger]))
    assert made.of(EVENTS) == {}
    assert "post-failures" not in made.of(QUEUE)
    assert "TellOfFailure" not in granted(made)


# -- what is watched, and whose it all is --------------------------------------------------------------------------------


def signals(made: Any) -> dict[str, Signal]:
    return {signal.name: signal for signal in made.built.signals if signal.name.startswith("post-")}


def test_it_is_watched_for_what_can_happen_to_its_kind_of_calls(deploy: Any) -> None:
    always = {"post-errors", "post-throttled", "post-slow"}
    events = {"post-failures", "post-events-dropped", "post-untold"}
    assert set(signals(deploy(function()))) == always
    assert set(signals(deploy(function(concurrency=5)))) == {*always, "post-concurrency"}
    assert set(signals(deploy(function(BY_BUCKET)))) == {*always, *events}
    assert set(signals(deploy(function(BY_CLOCK)))) == {*always, *events, "post-not-started", "post-start-untold"}
    assert set(signals(deploy(function(BY_ROUTE)))) == {*always, "post-unanswered"}
    assert set(signals(deploy(function(BY_TABLE)))) == {*always, "post-behind", "post-failures", "post-untold"}


def test_its_thresholds_follow_its_settings(deploy: Any) -> None:
    found = signals(deploy(function(concurrency=20, timeoutSeconds=20)))
    assert found["post-slow"].threshold == 18_000, "milliseconds"
    assert found["post-concurrency"].threshold == 18
    assert found["post-slow"].metrics["milliseconds"].statistic == "p90"
    behind = signals(deploy(function(BY_TABLE)))["post-behind"]
    assert (behind.threshold, behind.metrics["milliseconds"].name) == (600_000, "IteratorAge")


def test_every_signal_names_a_runbook_that_names_the_signal(deploy: Any) -> None:
    for trigger in TRIGGERS.values():
        for signal in signals(deploy(function(trigger, concurrency=5))).values():
            text = (RUNBOOKS / signal.runbook).read_text()
            assert f"`{signal.name.replace('post-', '<service>-')}`" in text


def test_every_child_belongs_to_the_function_but_the_list_of_its_bucket(deploy: Any) -> None:
    made = deploy(several({"post": {**MADE, **BY_BUCKET, **BY_CLOCK, **BY_ROUTE}}))
    strays = [r.urn for r in made.registered if r.name.startswith("post-") and "compute:Function" not in r.urn]
    assert strays == []
    assert made.one(NOTIFICATION).urn.split("::")[2].startswith("groundwork:compute:Compute$aws:s3/")


@pytest.mark.parametrize("name", ["a" * 16, "ab"])
def test_every_name_fits_into_what_aws_takes(deploy: Any, name: str) -> None:
    made = deploy(several({name: {**MADE, **BY_CLOCK, **BY_ROUTE}}))
    for token, most in ((FUNCTION, 64), (ROLE, 64), (SCHEDULE, 64), (TARGETS, 32), (QUEUE, 80)):
        assert [n for n in made.of(token) if len(n) + 8 > most] == []


def test_a_stack_without_functions_has_nothing_of_theirs(deploy: Any) -> None:
    worker = {
        "kind": "worker", "image": "shop/w:1", "queue": "jobs", "timeoutSeconds": 60, "environment": {}, "uses": {},
        "size": {"cpu": 256, "memory": 512, "architecture": "arm64"}, "scale": {"min": 2, "max": 4, "track": {"cpu": 60}},
    }  # fmt: skip
    made = deploy(several({"work": worker}))
    assert not [r.urn for r in made.registered if "lambda" in r.type or r.type == NOTIFICATION]


def test_the_program_of_our_own_is_what_the_handler_names() -> None:
    assert (PROJECT_ROOT / MADE["build"] / "receipt.py").is_file()
