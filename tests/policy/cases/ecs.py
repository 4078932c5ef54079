"""Cases of the controls in `guardrails.controls.ecs` and `guardrails.controls.services`."""

from __future__ import annotations

import json
from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import Case, Make, breaks, build, changed, document, holds, lost, made_of, one, ref, waits

TASK, SERVICE, CLUSTER = kinds.TASK_DEFINITION, kinds.ECS_SERVICE, kinds.ECS_CLUSTER
GOOD: dict[str, Any] = {
    "name": "web",
    "image": "111122223333.dkr.ecr.eu-central-1.amazonaws.com/web:1.4.2",
    "user": "1000:1000",
    "readonlyRootFilesystem": True,
    "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/web"}},
    "environment": [{"name": "PORT", "value": "8000"}],
}


def task(*containers: dict[str, Any], **inputs: Any) -> Make:
    """A task definition with JSON, as most programs write it; each container is what differs from a good one."""
    made = [{key: value for key, value in (GOOD | extra).items() if value is not None} for extra in containers]
    return one(TASK, containerDefinitions=json.dumps(made or [GOOD]), **inputs)


def component(**extra: Any) -> Make:
    """Unknown as a whole at preview, made by a component that says what is in it."""
    containers = [GOOD | extra]
    return build(
        table=("aws:dynamodb/table:Table", {}),
        room=("groundwork:compute:Task", {"containers": containers}),
        it=(TASK, {"containerDefinitions": document(containers), "family": ref("table.id")}, {"parent": "room"}),
    )


def environment(name: str, value: Any) -> Make:
    return task({"environment": [{"name": name, "value": value}]})


def derived(name: str, source: str) -> Make:
    """A value of another resource in the environment, said by a component."""
    containers = [GOOD | {"environment": [{"name": name, "value": ref("source.arn")}]}]
    return build(
        source=(source, {}),
        room=("groundwork:compute:Task", {"containers": containers}),
        it=(TASK, {"containerDefinitions": document(containers)}, {"parent": "room"}),
    )


SECRETS, PRIVILEGED, USER = "ecs-no-plaintext-secrets", "ecs-non-privileged", "ecs-non-root-user"
READ_ONLY, LOGS, IMAGE = "ecs-readonly-rootfs", "ecs-log-configuration", "ecs-image-pinned"
WINDOWS = {"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}}
OTHER_STACK = one(TASK, containerDefinitions=lost(json.dumps([GOOD])))
FOREIGN = "whose containers another stack says"

PUBLIC = (
    holds("ecs-no-public-ip", "a service that says nothing", one(SERVICE)),
    holds("ecs-no-public-ip", "a service in private", one(SERVICE, networkConfiguration={"assignPublicIp": False})),
    holds("ecs-no-public-ip", "a service with subnets only", one(SERVICE, networkConfiguration={"subnets": ["a"]})),
    breaks("ecs-no-public-ip", "a service", one(SERVICE, networkConfiguration={"assignPublicIp": True})),
    breaks("ecs-no-public-ip", "a flag as text", one(SERVICE, networkConfiguration={"assignPublicIp": "true"})),
    breaks("ecs-no-public-ip", "an older list", one(SERVICE, networkConfiguration=[{"assignPublicIp": True}])),
    holds("ecs-no-public-ip", "an event that runs no task", one(kinds.EVENT_TARGET, arn="arn:aws:sqs:eu-west-1:1:q")),
    holds(
        "ecs-no-public-ip",
        "a task on a schedule, in private",
        one(kinds.SCHEDULE, target={"ecsParameters": {"networkConfiguration": {"assignPublicIp": False}}}),
    ),
    breaks(
        "ecs-no-public-ip",
        "a task on an event",
        one(kinds.EVENT_TARGET, ecsTarget={"networkConfiguration": {"assignPublicIp": True}}),
    ),
    breaks(
        "ecs-no-public-ip",
        "a task on a schedule",
        one(kinds.SCHEDULE, target={"ecsParameters": {"networkConfiguration": {"assignPublicIp": True}}}),
    ),
    breaks("ecs-no-public-ip", "a task set", one(kinds.TASK_SET, networkConfiguration={"assignPublicIp": True})),
)
PLAINTEXT = (
    holds(SECRETS, "settings and secrets by reference", task({"secrets": [{"name": "KEY", "valueFrom": "arn:aws:x"}]})),
    holds(SECRETS, "the name of a secret", environment("DB_SECRET", "prod/db")),
    holds(SECRETS, "the ARN of a secret", environment("DB_SECRET", "arn:aws:secretsmanager:eu-west-1:1:secret:db-x")),
    holds(SECRETS, "the file of a password", environment("POSTGRES_PASSWORD_FILE", "/run/secrets/db")),
    holds(SECRETS, "a switch with a telling name", environment("ALLOW_EMPTY_PASSWORD", "yes")),
    holds(SECRETS, "an empty password", environment("DB_PASSWORD", "")),
    holds(SECRETS, "an address without a password", environment("DATABASE_URL", "postgres://db.internal:5432/app")),
    holds(SECRETS, "a variable in a command", task({"command": ["sh", "-c", "app --password $DB_PASSWORD"]})),
    holds(SECRETS, "said by the component", component()),
    holds(SECRETS, "the ARN of a table", derived("TABLE", kinds.TABLE)),
    holds(SECRETS, "the ARN of a secret of this program", derived("DB_SECRET", kinds.SECRET)),
    breaks(SECRETS, "a password", environment("DB_PASSWORD", "hunter2")),
    breaks(SECRETS, "a short name for it", environment("MYSQL_PWD", "hunter2")),
    breaks(SECRETS, "an access key", environment("NAME", "AKIAIOSFODNN7EXAMPLE")),
    breaks(SECRETS, "a password in an address", environment("DATABASE_URL", "postgres://app:hunter2@db:5432/app")),
    breaks(SECRETS, "camel case", environment("dbPassword", "hunter2")),
    breaks(SECRETS, "a number", environment("API_TOKEN", 1234567890)),
    breaks(SECRETS, "in the second container", task({}, {"environment": [{"name": "API_KEY", "value": "hunter2"}]})),
    breaks(SECRETS, "in a command", task({"command": ["app", "--password", "hunter2"]})),
    breaks(SECRETS, "in a shell", task({"command": ["sh", "-c", "DB_PASSWORD=hunter2 exec app"]})),
    breaks(SECRETS, "in an entry point", task({"entryPoint": ["app", "--api-key=hunter2"]})),
    breaks(SECRETS, "in a health check", task({"healthCheck": {"command": ["CMD", "curl", "http://a:hunter2@b"]}})),
    breaks(SECRETS, "in a label", task({"dockerLabels": {"name": "web", "registry.token": "hunter2"}})),
    breaks(
        SECRETS,
        "in a log option",
        task({"logConfiguration": {"logDriver": "splunk", "options": {"splunk-token": "hunter2"}}}),
    ),
    breaks(
        SECRETS,
        "Go's spelling",
        one(TASK, containerDefinitions='[{"Environment": [{"Name": "PASSWORD", "Value": "hunter2"}]}]'),
    ),
    breaks(
        SECRETS, "blocks", one(TASK, containerDefinitions=[{"environment": [{"name": "PASSWORD", "value": "hunter2"}]}])
    ),
    breaks(
        SECRETS,
        "a password, said by the component",
        component(environment=[{"name": "DB_PASSWORD", "value": "hunter2"}]),
    ),
    breaks(
        SECRETS,
        "a generated password",
        build(
            password=("random:index/randomPassword:RandomPassword", {}),
            it=(
                TASK,
                {
                    "containerDefinitions": document(
                        [GOOD | {"environment": [{"name": "DB_PASSWORD", "value": ref("password.result")}]}]
                    )
                },
            ),
        ),
        undecided_at_preview=True,
    ),
    waits(SECRETS, "no JSON", one(TASK, containerDefinitions="{")),
    waits(SECRETS, "no list", one(TASK, containerDefinitions='["web"]')),
)
CONTAINERS = (
    holds(PRIVILEGED, "a container without more", task()),
    holds(PRIVILEGED, "a harmless capability", task({"linuxParameters": {"capabilities": {"add": ["SYS_PTRACE"], "drop": ["ALL"]}}})),
    holds(PRIVILEGED, "said by the component", component()),
    breaks(PRIVILEGED, "privileged", task({"privileged": True})),
    breaks(PRIVILEGED, "a sidecar", task({}, {"name": "agent", "privileged": "true"})),
    breaks(PRIVILEGED, "SYS_ADMIN", task({"linuxParameters": {"capabilities": {"add": ["SYS_ADMIN"]}}})),
    breaks(PRIVILEGED, "the kernel's name", task({"linuxParameters": {"capabilities": {"add": ["chown", "cap_net_admin"]}}})),
    breaks(PRIVILEGED, "all of them", task({"linuxParameters": {"capabilities": {"add": ["ALL"]}}})),
    breaks(PRIVILEGED, "privileged, said by the component", component(privileged=True)),
    holds(USER, "a number", task()),
    holds(USER, "a name", task({"user": "nginx"})),
    holds(USER, "a group that is root's", task({"user": "1000:0"})),
    holds(USER, "on Windows there is no such user", task({"user": None}, **WINDOWS)),
    breaks(USER, "nobody says", task({"user": None})),
    breaks(USER, "an empty text", task({"user": ""})),
    breaks(USER, "a group without a user", task({"user": ":1000"})),
    breaks(USER, "root", task({"user": "root"})),
    breaks(USER, "zero", task({"user": 0})),
    breaks(USER, "zero with a group", task({"user": "0:1000"})),
    breaks(USER, "one of two", task({}, {"user": "root:root"})),
    breaks(USER, "on Linux", task({"user": None}, runtimePlatform={"operatingSystemFamily": "LINUX"})),
    holds(READ_ONLY, "read-only", task()),
    holds(READ_ONLY, "on Windows", task({"readonlyRootFilesystem": False}, **WINDOWS)),
    breaks(READ_ONLY, "nobody says", task({"readonlyRootFilesystem": None})),
    breaks(READ_ONLY, "writable", task({"readonlyRootFilesystem": False})),
    breaks(READ_ONLY, "one of two", task({}, {"readonlyRootFilesystem": None})),
    holds(LOGS, "awslogs", task()),
    holds(LOGS, "FireLens", task({"logConfiguration": {"logDriver": "awsfirelens"}})),
    breaks(LOGS, "none at all", task({"logConfiguration": None})),
    breaks(LOGS, "no driver", task({"logConfiguration": {"options": {}}})),
    breaks(LOGS, "the driver none", task({"logConfiguration": {"logDriver": "none"}})),
    breaks(LOGS, "a sidecar without", task({}, {"name": "proxy", "logConfiguration": None})),
    holds(IMAGE, "the tag of a version", task()),
    holds(IMAGE, "a digest", task({"image": f"nginx@sha256:{'a' * 64}"})),
    holds(IMAGE, "a digest beside a tag that moves", task({"image": f"nginx:latest@sha256:{'a' * 64}"})),
    holds(IMAGE, "a registry with a port", task({"image": "registry.example:5000/web:7"})),
    holds(
        IMAGE, "a trusted registry", task({"image": "public.ecr.aws/docker/library/nginx:1.27.3"}),
        trustedRegistries=["public.ecr.aws/"],
    ),
    holds(IMAGE, "Docker Hub by its full name", task({"image": "nginx:1.27.3"}), trustedRegistries=["docker.io/library"]),
    holds(IMAGE, "a registry of this machine", task({"image": "localhost/web:7"}), trustedRegistries=["localhost"]),
    breaks(
        IMAGE, "a registry with a port is not Docker Hub", task({"image": "localhost/web:7"}),
        trustedRegistries=["docker.io/localhost"],
    ),
    breaks(
        IMAGE, "nor is one with a dot", task({"image": "registry.example/web:7"}),
        trustedRegistries=["docker.io/"],
    ),
    breaks(IMAGE, "no tag", task({"image": "nginx"})),
    breaks(IMAGE, "no tag at a registry with a port", task({"image": "registry.example:5000/web"})),
    breaks(IMAGE, "latest", task({"image": "nginx:latest"})),
    breaks(IMAGE, "a flavour of latest", task({"image": "nginx:latest-alpine"})),
    breaks(IMAGE, "another flavour of latest", task({"image": "nginx:alpine-latest"})),
    breaks(IMAGE, "a branch", task({}, {"image": "web:main"})),
    breaks(IMAGE, "no image", task({"image": None})),
    breaks(IMAGE, "a registry nobody trusts", task({"image": "nginx:1.27.3"}), trustedRegistries=["public.ecr.aws/"]),
    breaks(
        IMAGE, "a name that only begins alike", task({"image": "public.ecr.aws.example.net/nginx:1.27.3"}),
        trustedRegistries=["public.ecr.aws"],
    ),
    breaks(
        IMAGE, "a digest of a registry nobody trusts", task({"image": f"nginx@sha256:{'a' * 64}"}),
        trustedRegistries=["public.ecr.aws/"],
    ),
    *(
        holds(control, FOREIGN, OTHER_STACK, at_preview=("it",))
        for control in (SECRETS, PRIVILEGED, USER, READ_ONLY, LOGS, IMAGE)
    ),
    *(waits(control, "no JSON list", one(TASK, containerDefinitions='"x"')) for control in (PRIVILEGED, USER, LOGS)),
)  # fmt: skip
ADDS = {"linuxParameters": {"capabilities": {"add": [ref("table.id")]}}}
UNKNOWN = (
    holds(PRIVILEGED, "a capability that is not known yet", component(**ADDS), at_preview=("it",)),
    breaks(PRIVILEGED, "a capability beside one that is not known yet", component(
        linuxParameters={"capabilities": {"add": [ref("table.id"), "SYS_ADMIN"]}})),
    holds(USER, "a user that is not known yet", component(user=ref("table.id")), at_preview=("it",)),
    holds(LOGS, "a driver that is not known yet", component(
        logConfiguration={"logDriver": ref("table.id")}), at_preview=("it",)),
    breaks(IMAGE, "an image that is not known yet", component(image=ref("table.id")), undecided_at_preview=True),
    holds(SECRETS, "the name of a table in a command", component(command=["app", "--table", ref("table.id")])),
    breaks(SECRETS, "a password beside the name of a table", component(command=["app", ref("table.id"), "--password", "hunter2"])),
    holds(SECRETS, "the name of a table in the log options", component(
        logConfiguration={"logDriver": "awslogs", "options": {"awslogs-group": ref("table.id")}})),
)  # fmt: skip
HOST = "ecs-no-host-namespaces"
EFS = "ecs-efs-transit-encryption"
ROLES = "ecs-task-role-distinct"


def efs(**block: Any) -> dict[str, Any]:
    return {"name": "data", "efsVolumeConfiguration": {"fileSystemId": "fs-1"} | block}


def roles(task_role: Any, execution_role: Any, **more: Any) -> Make:
    return build(
        app=(kinds.IAM_ROLE, {"name": "app"}), agent=(kinds.IAM_ROLE, {"name": "agent"}),
        it=(TASK, {"taskRoleArn": task_role, "executionRoleArn": execution_role, **more}),
    )  # fmt: skip


TASK_DEFINITIONS = (
    holds(HOST, "a task that says nothing", one(TASK)),
    holds(HOST, "own network, processes and memory", one(TASK, networkMode="awsvpc", pidMode="task", ipcMode="none")),
    breaks(HOST, "the host's network", one(TASK, networkMode="host")),
    breaks(HOST, "the host's processes", one(TASK, pidMode="host")),
    breaks(HOST, "the host's memory", one(TASK, networkMode="bridge", ipcMode="host")),
    holds(EFS, "no volume", one(TASK)),
    holds(EFS, "a volume of the host", one(TASK, volumes=[{"name": "tmp"}])),
    holds(EFS, "TLS", one(TASK, volumes=[{"name": "tmp"}, efs(transitEncryption="ENABLED")])),
    breaks(EFS, "nobody says", one(TASK, volumes=[efs()])),
    breaks(EFS, "no TLS", one(TASK, volumes=[efs(transitEncryption="DISABLED")])),
    breaks(EFS, "one of two", one(TASK, volumes=[efs(transitEncryption="ENABLED"), efs()])),
    breaks(EFS, "an older list of one", one(TASK, volumes=[{"efsVolumeConfiguration": [{"fileSystemId": "fs-1"}]}])),
    holds(ROLES, "no role for the containers", one(TASK, executionRoleArn="arn:aws:iam::1:role/agent")),
    holds(ROLES, "no role at all", one(TASK)),
    holds(ROLES, "two roles of the program", roles(ref("app.arn"), ref("agent.arn"))),
    holds(ROLES, "two roles of others", one(TASK, taskRoleArn="arn:aws:iam::1:role/a", executionRoleArn="arn:aws:iam::1:role/b")),
    holds(ROLES, "one of the program, one of others", roles(ref("app.arn"), "arn:aws:iam::1:role/ecsTaskExecutionRole")),
    holds(
        ROLES, "one name in two accounts",
        one(TASK, taskRoleArn="arn:aws:iam::111122223333:role/a", executionRoleArn="arn:aws:iam::444455556666:role/a"),
    ),
    breaks(ROLES, "one role of the program", roles(ref("app.arn"), ref("app.arn"))),
    breaks(ROLES, "one role of others", one(TASK, taskRoleArn="arn:aws:iam::1:role/a", executionRoleArn="arn:aws:iam::1:role/a")),
    breaks(ROLES, "one by ARN, one by name", one(TASK, taskRoleArn="arn:aws:iam::1:role/a", executionRoleArn="a")),
    holds(
        ROLES, "one of them of another stack", roles(ref("app.arn"), lost("arn:aws:iam::1:role/shared")), at_preview=("it",)
    ),
    holds(
        ROLES, "the ARN, written by hand, of a role that may be this one", roles(ref("app.arn"), "arn:aws:iam::1:role/app"),
        at_preview=("it",),
    ),
)  # fmt: skip
INSIGHTS, EXEC, SAFE = "ecs-container-insights", "ecs-exec-controlled", "ecs-deployment-safety"
ACCOUNT = kinds.ECS_ACCOUNT_SETTING


def insights(value: Any) -> dict[str, Any]:
    return {"settings": [{"name": "containerInsights", "value": value}]}


def session(**block: Any) -> dict[str, Any]:
    return {"configuration": {"executeCommandConfiguration": block}}


def shell(cluster: dict[str, Any], **inputs: Any) -> Make:
    return build(
        home=(CLUSTER, cluster), it=(SERVICE, {"cluster": ref("home.arn"), "enableExecuteCommand": True} | inputs)
    )


KEYED = session(logging="OVERRIDE", kmsKeyId="arn:aws:kms:x", logConfiguration={"cloudWatchLogGroupName": "exec"})
ROLLING = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}


def scaled(**target: Any) -> Make:
    return build(
        home=(CLUSTER, {"name": "home"}),
        it=(SERVICE, {"cluster": ref("home.arn"), "name": "web", **ROLLING}),
        scaling=(kinds.SCALING_TARGET, {"serviceNamespace": "ecs", "minCapacity": 2} | target),
    )


MORE_ROLES = (
    holds(ROLES, "a role only for the containers", one(TASK, taskRoleArn="arn:aws:iam::1:role/app")),
    holds(ROLES, "two names", one(TASK, taskRoleArn="app", executionRoleArn="agent")),
    breaks(ROLES, "one by name, one by ARN", one(TASK, taskRoleArn="a", executionRoleArn="arn:aws:iam::1:role/a")),
    holds(ROLES, "a role of which AWS makes up the name",
          build(app=(kinds.IAM_ROLE, {}), it=(TASK, {
              "taskRoleArn": ref("app.arn"), "executionRoleArn": "arn:aws:iam::1:role/agent"})), at_preview=("it",)),
    holds(ROLES, "two roles by lost edges",
          one(TASK, taskRoleArn=lost("arn:aws:iam::1:role/a"), executionRoleArn=lost("arn:aws:iam::1:role/b")),
          at_preview=("it",)),
)  # fmt: skip
VOUCHED = (
    holds(IMAGE, "an organisation of Docker Hub", task({"image": "grafana/grafana:11.1.0"}),
          trustedRegistries=["docker.io/grafana"]),
    *(holds(SECRETS, f"a component says that its {key} is not known yet", component(**{key: lost(value)}),
            at_preview=("it",))
      for key, value in (("command", ["serve"]), ("logConfiguration", {"logDriver": "awslogs"}))),
    holds(READ_ONLY, "a component says that only the update tells it", component(readonlyRootFilesystem=lost(True)),
          at_preview=("it",)),
)  # fmt: skip
MORE_SERVICES = (
    breaks(INSIGHTS, "a setting without a name", one(CLUSTER, settings=[{"value": "enabled"}])),
    breaks(INSIGHTS, "the account's setting is off",
           build(account=(ACCOUNT, {"name": "containerInsights", "value": "disabled"}), it=(CLUSTER, {}))),
    holds(EXEC, "logged and encrypted, whether it is on or not", shell(KEYED, enableExecuteCommand=lost(True))),
    breaks(SAFE, "a single task, and a circuit breaker that is not known yet",
           one(SERVICE, deploymentCircuitBreaker=lost({"enable": True, "rollback": True}), desiredCount=1),
           protected=True),
    holds(SAFE, "something else is scaled",
          build(table=(kinds.TABLE, {}), it=(SERVICE, {**ROLLING, "desiredCount": 2}), scaling=(kinds.SCALING_TARGET, {
              "serviceNamespace": "dynamodb", "resourceId": made_of(ref("table.name"), make=lambda name: f"table/{name}"),
              "minCapacity": 1})), protected=True),
    holds(SAFE, "scaled, by a path made of names, whatever it begins with",
          changed(scaled(resourceId=made_of(ref("it.name"), make=lambda name: f"service/home/{name}")), "it",
                  desiredCount=1), protected=True),
)  # fmt: skip
SERVICES = (
    holds(INSIGHTS, "enabled", one(CLUSTER, **insights("enabled"))),
    holds(INSIGHTS, "enhanced", one(CLUSTER, **insights("enhanced"))),
    holds(
        INSIGHTS, "by the account's setting",
        build(account=(ACCOUNT, {"name": "containerInsights", "value": "enhanced"}), it=(CLUSTER, {})),
    ),
    breaks(INSIGHTS, "nobody says", one(CLUSTER)),
    breaks(INSIGHTS, "disabled", one(CLUSTER, **insights("disabled"))),
    breaks(INSIGHTS, "no value", one(CLUSTER, **insights(""))),
    breaks(INSIGHTS, "another setting", one(CLUSTER, settings=[{"name": "other", "value": "enabled"}])),
    breaks(
        INSIGHTS, "the account's setting is another",
        build(account=(ACCOUNT, {"name": "taskLongArnFormat", "value": "enabled"}), it=(CLUSTER, {})),
    ),
    breaks(
        INSIGHTS, "the cluster's own setting counts before the account's",
        build(account=(ACCOUNT, {"name": "containerInsights", "value": "enabled"}), it=(CLUSTER, insights("disabled"))),
    ),
    holds(EXEC, "off by default", one(SERVICE)),
    holds(EXEC, "off in a protected stack", one(SERVICE, enableExecuteCommand=False), protected=True),
    holds(EXEC, "logged and encrypted", shell(KEYED)),
    holds(EXEC, "logged where the container logs", shell(session(kmsKeyId="arn:aws:kms:x"))),
    breaks(EXEC, "on in a protected stack", shell(KEYED), protected=True),
    breaks(EXEC, "a cluster that says nothing", shell({})),
    breaks(EXEC, "not logged", shell(session(logging="NONE", kmsKeyId="arn:aws:kms:x"))),
    breaks(EXEC, "not encrypted", shell(session(logging="DEFAULT"))),
    waits(EXEC, "the default cluster", one(SERVICE, enableExecuteCommand=True)),
    waits(EXEC, "a cluster of another stack", one(SERVICE, enableExecuteCommand=True, cluster=lost("arn:aws:ecs:x"))),
    holds(SAFE, "rolls back", one(SERVICE, **ROLLING)),
    holds(SAFE, "CodeDeploy has its own way", one(SERVICE, deploymentController={"type": "CODE_DEPLOY"})),
    holds(SAFE, "two tasks", one(SERVICE, **ROLLING, desiredCount=2), protected=True),
    holds(SAFE, "one on every machine", one(SERVICE, **ROLLING, schedulingStrategy="DAEMON"), protected=True),
    holds(SAFE, "scaled, never below two", scaled(resourceId="service/home/web"), protected=True),
    holds(
        SAFE, "a scaling target of another service is none of its business",
        changed(scaled(resourceId="service/home/api", minCapacity=1), "it", desiredCount=3), protected=True,
    ),
    holds(
        SAFE, "nor is one of the same name in another cluster",
        changed(scaled(resourceId="service/away/web", minCapacity=1), "it", desiredCount=3), protected=True,
        at_preview=(),
    ),
    breaks(SAFE, "no circuit breaker", one(SERVICE)),
    breaks(SAFE, "no circuit breaker for the rolling kind", one(SERVICE, deploymentController={"type": "ECS"})),
    breaks(SAFE, "one that does not roll back", one(SERVICE, deploymentCircuitBreaker={"enable": True, "rollback": False})),
    breaks(SAFE, "one that is off", one(SERVICE, deploymentCircuitBreaker={"enable": False, "rollback": True})),
    breaks(SAFE, "a single task", one(SERVICE, **ROLLING, desiredCount=1), protected=True),
    breaks(SAFE, "nobody says how many", one(SERVICE, **ROLLING), protected=True),
    breaks(SAFE, "scaled down to one", scaled(resourceId="service/home/web", minCapacity=1), protected=True),
    breaks(
        SAFE, "scaled down to one, by a path made of names",
        scaled(resourceId=ref("it.id"), minCapacity=1), protected=True,
    ),
)  # fmt: skip
CASES: tuple[Case, ...] = (
    *PUBLIC,
    *PLAINTEXT,
    *CONTAINERS,
    *UNKNOWN,
    *TASK_DEFINITIONS,
    *MORE_ROLES,
    *VOUCHED,
    *SERVICES,
    *MORE_SERVICES,
)
