"""A service gets what its settings ask for, and nothing else: the same service, one thing changed at a time."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pytest

from components.compute import Compute, ComputeArgs, roles
from components.contracts import Access, Opening, Statement, Store
from components.edge import LoadBalancer, LoadBalancerArgs
from components.observability.alarms import RUNBOOKS
from settings.location import Location
from settings.services import WebSettings

LOCATION = Location.of("us-east-1", "111122223333")
SERVICE = "aws:ecs/service:Service"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
TARGETS = "aws:lb/targetGroup:TargetGroup"
RULE = "aws:lb/listenerRule:ListenerRule"
LISTENER = "aws:lb/listener:Listener"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
POLICY = "aws:iam/rolePolicy:RolePolicy"
ROLES = "groundwork:compute:Roles"
SECRET_ARN = "arn:aws:secretsmanager:us-east-1:111122223333:secret:main"

WEB: Mapping[str, Any] = {
    "kind": "web",
    "image": "crccheck/hello-world:v1.0.0",
    "port": 8000,
    "health": "/",
    "size": {"cpu": 1024, "memory": 2048, "architecture": "x86_64"},
    "scale": {"min": 2, "max": 10, "outAbove": 60, "inBelow": 30, "cooldown": {"in": 300, "out": 60}},
    "route": {"path": "/*", "priority": 100},
    "environment": {"NODE_ENV": "production"},
    "uses": {"main": "write", "uploads": "read"},
}


class Database:
    """As a real database, in what it grants."""

    def access(self, level: str) -> Access:
        secret = Statement(sid="ReadSecret", actions=["secretsmanager:GetSecretValue"], resources=[SECRET_ARN])
        return Access(
            execution_statements=[secret],
            environment={"MAIN_HOST": "db.internal"},
            secrets={"MAIN_PASSWORD": f"{SECRET_ARN}:password::"},
            opening=Opening(security_group_id="sg-main", port=5432, description="PostgreSQL main"),
        )


class Bucket:
    """As a real bucket: every one of them uses the same statement ids."""

    def __init__(self, store: str) -> None:
        self.store = store

    def access(self, level: str) -> Access:
        action = {"read": "s3:GetObject", "write": "s3:PutObject"}[level]
        arn = f"arn:aws:s3:::{self.store}"
        return Access(
            statements=[Statement(sid="UseObjects", actions=[action], resources=[f"{arn}/*"])],
            environment={f"{self.store.upper()}_BUCKET": self.store},
        )


STORES: Mapping[str, Store] = {"main": Database(), "uploads": Bucket("uploads"), "archive": Bucket("archive")}


def compute(
    *,
    protected: bool = True,
    certificate: str | None = "arn:cert",
    services: Mapping[str, Any] | None = None,
    stores: Mapping[str, Store] = STORES,
    **change: Any,
) -> Callable[[], Compute]:
    described = services if services is not None else {"web": {**WEB, **change}}

    def build() -> Compute:
        balancer = LoadBalancer(
            "lb",
            LoadBalancerArgs(
                vpc_id="vpc-1",
                subnet_ids=["public-a", "public-b"],
                log_bucket="logs",
                idle_timeout_seconds=60,
                certificate_arn=certificate,
                protected=protected,
            ),
        )
        return Compute(
            "compute",
            ComputeArgs(
                services={name: WebSettings.model_validate(settings) for name, settings in described.items()},
                stores=stores,
                load_balancer=balancer,
                vpc_id="vpc-1",
                subnet_ids=["private-a", "private-b"],
                log_key_arn="arn:log-key",
                registry_key_arn="arn:data-key",
                log_retention_days=90,
                location=LOCATION,
                protected=protected,
            ),
        )

    return build


def container(made: Any) -> Any:
    (only,) = json.loads(made.one(TASK).inputs["containerDefinitions"])
    return only


def statements(made: Any, policy: str) -> list[Any]:
    document: Any = json.loads(made.of(POLICY)[policy].inputs["policy"])
    return list(document["Statement"])


def test_tasks_live_in_private_subnets_without_a_public_address(deploy: Any) -> None:
    network = deploy(compute()).one(SERVICE).inputs["networkConfiguration"]
    assert network["assignPublicIp"] is False
    assert network["subnets"] == ["private-a", "private-b"]
    assert len(network["securityGroups"]) == 1


def test_container_targets_and_health_check_agree_on_one_port(deploy: Any) -> None:
    made = deploy(compute(port=8123, health="/ready"))
    assert container(made)["portMappings"] == [{"containerPort": 8123, "hostPort": 8123, "protocol": "tcp"}]
    assert made.one(SERVICE).inputs["loadBalancers"][0]["containerPort"] == 8123
    targets = made.one(TARGETS).inputs
    assert (targets["port"], targets["targetType"]) == (8123, "ip")
    assert (targets["healthCheck"]["port"], targets["healthCheck"]["path"]) == ("traffic-port", "/ready")
    at_the_service = [
        r for n, r in [*made.inputs(INGRESS).items(), *made.inputs(EGRESS).items()] if "lb" in n and "web" in n
    ]
    assert {(rule["fromPort"], rule["toPort"]) for rule in at_the_service} == {(8123, 8123)}


def test_the_container_can_write_to_nothing_and_is_not_root(deploy: Any) -> None:
    made = container(deploy(compute()))
    assert made["readonlyRootFilesystem"] is True
    assert made["user"] == "65534:65534"
    assert made["linuxParameters"] == {"initProcessEnabled": True}
    assert made["essential"] is True
    assert made["mountPoints"] == []
    assert "privileged" not in made


def test_a_protected_stack_has_no_way_to_a_shell(deploy: Any) -> None:
    made = deploy(compute(protected=True))
    assert made.one(SERVICE).inputs["enableExecuteCommand"] is False
    granted = [s for p in made.inputs(POLICY).values() for s in json.loads(p["policy"])["Statement"]]
    assert [s for s in granted if any(a.startswith("ssmmessages:") for a in s["Action"])] == []
    assert made.one(TASK).inputs.get("volumes", []) == []


def test_elsewhere_a_shell_can_be_had_is_logged_and_the_root_stays_read_only(deploy: Any) -> None:
    made = deploy(compute(protected=False))
    assert made.one(SERVICE).inputs["enableExecuteCommand"] is True
    assert container(made)["readonlyRootFilesystem"] is True
    volumes = {volume["name"] for volume in made.one(TASK).inputs["volumes"]}
    assert {m["sourceVolume"] for m in container(made)["mountPoints"]} == volumes
    assert len(volumes) == 3
    sids = {s["Sid"] for s in statements(made, "web-roles-task-policy")}
    assert {"OpenSessions", "WriteSessionLog"} <= sids
    logging = made.one("aws:ecs/cluster:Cluster").inputs["configuration"]["executeCommandConfiguration"]
    assert logging["logging"] == "OVERRIDE"
    assert logging["logConfiguration"]["cloudWatchEncryptionEnabled"] is True


def test_every_rule_about_a_store_belongs_to_a_used_store_with_an_opening(deploy: Any) -> None:
    made = deploy(compute())
    at_stores = {n: r for n, r in made.inputs(INGRESS).items() if r["securityGroupId"] == "sg-main"}
    assert list(at_stores) == ["web-ingress-at-main"]
    assert (at_stores["web-ingress-at-main"]["fromPort"], at_stores["web-ingress-at-main"]["toPort"]) == (5432, 5432)
    assert "cidrIpv4" not in at_stores["web-ingress-at-main"], "clients are groups, never address ranges"
    group = made.of("aws:ec2/securityGroup:SecurityGroup")["web-group"].urn
    assert group in made.of(INGRESS)["web-ingress-at-main"].property_dependencies["referencedSecurityGroupId"]
    assert set(made.of(EGRESS)) == {"web-egress-at-lb", "web-egress-https", "web-egress-to-main"}


def test_only_port_443_leads_out_into_the_world_and_none_leads_in(deploy: Any) -> None:
    made = deploy(compute(uses={}))
    world = [
        (n, r["fromPort"], r["toPort"], r["ipProtocol"]) for n, r in made.inputs(EGRESS).items() if "cidrIpv4" in r
    ]
    assert world == [("web-egress-https", 443, 443, "tcp")]
    assert [n for n, r in made.inputs(INGRESS).items() if n.startswith("web-") and "cidrIpv4" in r] == []
    assert all(r["description"] for r in [*made.inputs(INGRESS).values(), *made.inputs(EGRESS).values()])


def test_a_service_that_uses_nothing_has_no_way_and_no_right_to_any_store(deploy: Any) -> None:
    made = deploy(compute(uses={}))
    assert set(made.of(EGRESS)) == {"web-egress-at-lb", "web-egress-https"}
    assert [r for r in made.inputs(INGRESS).values() if r["securityGroupId"] == "sg-main"] == []
    assert set(made.of(POLICY)) == {"web-roles-execution-policy"}, "a task role that may do nothing has no policy"
    assert [s["Sid"] for s in statements(made, "web-roles-execution-policy")] == ["WriteLogs"]


def test_the_task_role_speaks_only_of_used_stores_at_the_level_asked_for(deploy: Any) -> None:
    granted = statements(deploy(compute()), "web-roles-task-policy")
    assert [(s["Sid"], s["Action"], s["Resource"]) for s in granted] == [
        ("UploadsUseObjects", ["s3:GetObject"], ["arn:aws:s3:::uploads/*"])
    ]


def test_two_stores_with_equal_statement_ids_fit_into_one_document(deploy: Any) -> None:
    sids = [
        s["Sid"]
        for s in statements(deploy(compute(uses={"uploads": "read", "archive": "write"})), "web-roles-task-policy")
    ]
    assert sids == ["ArchiveUseObjects", "UploadsUseObjects"], "IAM refuses a document with a sid twice"


def test_a_service_that_uses_very_many_stores_stays_within_what_iam_takes(deploy: Any) -> None:
    level = {f"bucket-number-xx-{n:02}": ("read", "write")[n % 2] for n in range(40)}
    made = deploy(compute(uses=level, stores={store: Bucket(store) for store in level}))
    policy = made.of(POLICY)["web-roles-task-policy"].inputs["policy"]
    assert len(policy) <= 10_240, "the most for all inline policies of one role"
    by_action = {tuple(s["Action"]): s["Resource"] for s in json.loads(policy)["Statement"]}
    assert by_action == {
        (f"s3:{action}",): [f"arn:aws:s3:::{store}/*" for store in sorted(level) if level[store] == word]
        for word, action in (("read", "GetObject"), ("write", "PutObject"))
    }, "joined, but no store at another level than its own"


def test_statements_under_different_conditions_are_never_joined() -> None:
    def access(suffix: str) -> Access:
        where = {"StringEquals": {"kms:ViaService": f"s3.{suffix}.amazonaws.com"}}
        decrypt = Statement(sid="Key", actions=["kms:Decrypt"], resources=["arn:key"], conditions=where)
        return Access(statements=[decrypt])

    apart, _ = roles.of_stores({"a": access("us-east-1"), "b": access("eu-west-1")})
    together, _ = roles.of_stores({"a": access("us-east-1"), "b": access("us-east-1")})
    assert [(s.sid, list(s.resources)) for s in apart] == [("AKey", ["arn:key"]), ("BKey", ["arn:key"])]
    assert [(s.sid, list(s.resources)) for s in together] == [("AKey", ["arn:key"])]


def test_secrets_are_references_and_never_in_the_environment(deploy: Any) -> None:
    made = container(deploy(compute()))
    assert made["secrets"] == [{"name": "MAIN_PASSWORD", "valueFrom": f"{SECRET_ARN}:password::"}]
    names = [variable["name"] for variable in made["environment"]]
    assert names == sorted(names) == ["MAIN_HOST", "NODE_ENV", "UPLOADS_BUCKET"]


def test_only_the_execution_role_may_read_the_secret(deploy: Any) -> None:
    made = deploy(compute())
    assert "MainReadSecret" in {s["Sid"] for s in statements(made, "web-roles-execution-policy")}
    assert "secretsmanager" not in made.of(POLICY)["web-roles-task-policy"].inputs["policy"]
    task = made.one(TASK)
    assert task.property_dependencies["taskRoleArn"] != task.property_dependencies["executionRoleArn"]


def test_a_variable_with_two_sources_is_refused_naming_both(deploy: Any) -> None:
    with pytest.raises(
        ValueError, match=r"'web' gets the variable MAIN_HOST from `environment` and from the store 'main'"
    ):
        deploy(compute(environment={"MAIN_HOST": "elsewhere"}))


def test_a_store_that_does_not_exist_is_refused_with_those_that_do(deploy: Any) -> None:
    with pytest.raises(ValueError, match=r"'web' uses cache, .*stores are: archive, main, uploads"):
        deploy(compute(uses={"cache": "write"}))


@pytest.mark.parametrize("protected", [True, False])
def test_every_resource_is_within_reach_of_its_actions_and_star_is_only_where_aws_has_no_level(
    deploy: Any, protected: bool
) -> None:
    made = deploy(compute(protected=protected))
    granted = [s for p in made.inputs(POLICY).values() for s in json.loads(p["policy"])["Statement"]]
    assert [s for s in granted if any(action.endswith("*") for action in s["Action"])] == []
    starred = {action for s in granted if "*" in s["Resource"] for action in s["Action"]}
    assert {action.split(":")[0] for action in starred} <= {"ssmmessages"}


def test_the_execution_role_writes_one_log_group_and_pulls_from_no_registry(deploy: Any) -> None:
    made = deploy(compute(uses={}))
    (logs,) = statements(made, "web-roles-execution-policy")
    assert logs["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert made.of(POLICY)["web-roles-execution-policy"].property_dependencies["policy"] == {
        made.of("aws:cloudwatch/logGroup:LogGroup")["web-logs"].urn
    }


def test_an_image_in_a_private_registry_may_be_pulled_and_no_other_image_of_it(deploy: Any) -> None:
    made = deploy(compute(image="444455556666.dkr.ecr.eu-west-1.amazonaws.com/shop/web:1.2.0"))
    by_sid = {s["Sid"]: s for s in statements(made, "web-roles-execution-policy")}
    assert by_sid["PullImage"]["Resource"] == ["arn:aws:ecr:eu-west-1:444455556666:repository/shop/web"]
    assert by_sid["SignInToRegistry"]["Action"] == ["ecr:GetAuthorizationToken"]
    assert by_sid["SignInToRegistry"]["Resource"] == ["*"]


def test_a_service_with_a_build_folder_runs_what_is_built_and_may_pull_nothing_else(deploy: Any) -> None:
    made = deploy(compute(image=None, build="services/status"))
    image = made.one("awsx:ecr:Image")
    assert container(made)["image"], "what runs is the output of the build, not one of its inputs"
    assert container(made)["image"] not in image.inputs.values()
    assert image.urn in made.one(TASK).property_dependencies["containerDefinitions"]
    repository = made.one("aws:ecr/repository:Repository").urn
    assert repository in made.of(POLICY)["web-roles-execution-policy"].property_dependencies["policy"]
    by_sid = {s["Sid"]: s for s in statements(made, "web-roles-execution-policy")}
    assert len(by_sid["PullImage"]["Resource"]) == 1
    assert "*" not in by_sid["PullImage"]["Resource"][0]


def test_a_service_with_an_image_of_somebody_else_has_no_repository(deploy: Any) -> None:
    made = deploy(compute())
    assert container(made)["image"] == "crccheck/hello-world:v1.0.0"
    assert [r.urn for r in made.registered if ":ecr" in r.type] == []


def test_only_tasks_of_this_account_can_take_the_roles(deploy: Any) -> None:
    roles = deploy(compute()).inputs("aws:iam/role:Role")
    assert set(roles) == {"web-roles-task", "web-roles-execution"}
    for role in roles.values():
        (trust,) = json.loads(role["assumeRolePolicy"])["Statement"]
        assert trust["Principal"] == {"Service": ["ecs-tasks.amazonaws.com"]}
        assert trust["Condition"] == {
            "StringEquals": {"aws:SourceAccount": "111122223333"},
            "ArnLike": {"aws:SourceArn": "arn:aws:ecs:us-east-1:111122223333:*"},
        }


def test_the_component_shows_every_statement_of_its_roles_to_policies(deploy: Any) -> None:
    made = deploy(compute())
    shown = {s["Sid"] for s in made.of(ROLES)["web-roles"].inputs["statements"]}
    written = {s["Sid"] for p in made.inputs(POLICY).values() for s in json.loads(p["policy"])["Statement"]}
    assert shown == written | {"Trust"}


def test_the_number_of_tasks_is_left_to_autoscaling(deploy: Any) -> None:
    service = deploy(compute()).one(SERVICE)
    assert service.ignore_changes == ("desiredCount",), "a nested or snake_case path would match nothing, silently"
    assert service.inputs["desiredCount"] == 2


def test_a_bad_release_goes_back_by_itself_and_fails_the_deployment(deploy: Any) -> None:
    service = deploy(compute()).one(SERVICE).inputs
    assert service["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert (service["deploymentMinimumHealthyPercent"], service["deploymentMaximumPercent"]) == (100, 200)
    assert service["waitForSteadyState"] is True
    assert service["availabilityZoneRebalancing"] == "ENABLED"
    assert service["healthCheckGracePeriodSeconds"] == 60


def test_a_release_that_ecs_took_back_fails_and_says_where_to_look(deploy: Any) -> None:
    before = "arn:aws:ecs:us-east-1:111122223333:task-definition/groundwork-test-web:7"
    with pytest.raises(pulumi.RunError, match=r"'web' went back to .*:7: the tasks of .* did not become healthy"):
        deploy(compute(), answers={SERVICE: {"taskDefinition": before}})


def test_tasks_can_move_to_other_capacity_without_a_new_service(deploy: Any) -> None:
    service = deploy(compute()).one(SERVICE).inputs
    assert "launchType" not in service
    assert service["capacityProviderStrategies"] == [{"capacityProvider": "FARGATE", "base": 0, "weight": 1}]
    assert service["forceNewDeployment"] is True, "without it a change of the strategy replaces the service"


@pytest.mark.parametrize(
    ("spot", "strategy"),
    [
        ({"base": 1, "share": 75}, [("FARGATE", 1, 25), ("FARGATE_SPOT", 0, 75)]),
        ({"base": 0, "share": 100}, [("FARGATE_SPOT", 0, 100)]),
    ],
)
def test_a_share_of_the_tasks_is_on_spot_and_the_base_never_is(
    deploy: Any, spot: dict[str, int], strategy: list[tuple[str, int, int]]
) -> None:
    made = deploy(compute(protected=False, spot=spot))
    placed = made.one(SERVICE).inputs["capacityProviderStrategies"]
    assert [(p["capacityProvider"], p["base"], p["weight"]) for p in placed] == strategy
    attached = made.one("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders").inputs["capacityProviders"]
    assert {p["capacityProvider"] for p in placed} <= set(attached)


def test_the_service_comes_after_and_goes_before_what_it_cannot_do_without(deploy: Any) -> None:
    made = deploy(compute())
    before = made.one(SERVICE).dependencies
    needed = [
        made.one(RULE),
        *made.of(POLICY).values(),
        made.of(EGRESS)["web-egress-https"],
        made.of(EGRESS)["web-egress-at-lb"],
        made.of(INGRESS)["web-ingress-lb"],
        made.of(INGRESS)["web-ingress-at-main"],
        made.one("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"),
    ]
    assert [r.name for r in needed if r.urn not in before] == []


def test_a_service_does_not_wait_for_another_service(deploy: Any) -> None:
    other = {**WEB, "route": {"path": "/b*", "priority": 50}, "uses": {}}
    made = deploy(compute(services={"a": {**WEB, "uses": {}}, "b": other}))
    mine = {r.urn for r in made.registered if r.name.startswith("a-")}
    assert made.of(SERVICE)["b-service"].dependencies.isdisjoint(mine)


@pytest.mark.parametrize(("certificate", "listener"), [("arn:cert", "lb-https"), (None, "lb-http")])
def test_requests_come_from_the_listener_that_serves(deploy: Any, certificate: str | None, listener: str) -> None:
    made = deploy(compute(protected=False, certificate=certificate))
    rule = made.one(RULE)
    assert made.of(LISTENER)[listener].urn in rule.property_dependencies["listenerArn"]
    others = {r.urn for name, r in made.of(LISTENER).items() if name != listener}
    assert rule.property_dependencies["listenerArn"].isdisjoint(others), (
        "nothing is forwarded from port 80 beside HTTPS"
    )


def test_a_route_has_the_priority_that_was_given_and_a_host_only_if_one_was(deploy: Any) -> None:
    rule = deploy(compute()).one(RULE).inputs
    assert rule["priority"] == 100
    assert rule["conditions"] == [{"pathPattern": {"values": ["/*"]}}]
    hosted = deploy(compute(route={"path": "/*", "priority": 7, "host": "app.example.com"})).one(RULE).inputs
    assert {"hostHeader": {"values": ["app.example.com"]}} in hosted["conditions"]


def test_the_log_is_kept_for_as_long_as_asked_and_encrypted(deploy: Any) -> None:
    made = deploy(compute())
    groups = made.inputs("aws:cloudwatch/logGroup:LogGroup")
    assert {(g["retentionInDays"], g["kmsKeyId"]) for g in groups.values()} == {(90, "arn:log-key")}
    options = container(made)["logConfiguration"]["options"]
    assert options["awslogs-region"] == "us-east-1"
    assert options["mode"] == "non-blocking", "an application must not halt because CloudWatch is slow"


def test_the_task_has_the_size_and_the_processor_asked_for(deploy: Any) -> None:
    task = deploy(compute(size={"cpu": 256, "memory": 512, "architecture": "arm64"})).one(TASK).inputs
    assert (task["cpu"], task["memory"], task["networkMode"]) == ("256", "512", "awsvpc")
    assert task["runtimePlatform"] == {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}
    assert task["requiresCompatibilities"] == ["FARGATE"]


def test_a_connection_drains_before_the_container_is_killed(deploy: Any) -> None:
    made = deploy(compute())
    assert made.one(TARGETS).inputs["deregistrationDelay"] <= container(made)["stopTimeout"] <= 120


def test_the_longest_service_name_still_fits_into_a_target_groups_name(deploy: Any) -> None:
    name = "a" * 16  # the longest that settings allow
    assert len(deploy(compute(services={name: WEB})).one(TARGETS).name) <= 24


def test_the_component_shows_its_containers_to_policies_as_they_are_written(deploy: Any) -> None:
    made = deploy(compute())
    shown = made.of("groundwork:compute:Task")["web-task"]
    assert shown.inputs["containers"] == json.loads(made.one(TASK).inputs["containerDefinitions"])
    assert made.one(TASK).parent == shown.urn


@pytest.mark.parametrize(("stack", "family"), [("prod", "groundwork-prod-web"), ("my.own", "groundwork-my_own-web")])
def test_a_family_has_only_characters_that_ecs_takes(deploy: Any, stack: str, family: str) -> None:
    assert deploy(compute(), stack=stack).one(TASK).inputs["family"] == family


def test_the_container_definition_is_the_same_text_every_time(deploy: Any) -> None:
    turned = dict(reversed(WEB["uses"].items()))
    one, other = (deploy(compute(uses=uses)).one(TASK).inputs["containerDefinitions"] for uses in (WEB["uses"], turned))
    assert one == other


@pytest.mark.parametrize("protected", [True, False])
def test_only_a_stack_that_may_be_thrown_away_is_deleted_by_force(deploy: Any, protected: bool) -> None:
    made = deploy(compute(protected=protected))
    assert made.one(SERVICE).inputs["forceDelete"] is not protected
    assert made.one(TASK).inputs["skipDestroy"] is protected


def test_every_service_is_watched_for_errors_latency_health_load_and_number(deploy: Any) -> None:
    compute_ = deploy(compute()).built
    assert sorted(signal.name for signal in compute_.signals) == [
        "web-below-minimum",
        "web-cpu",
        "web-errors",
        "web-latency-p95",
        "web-latency-p99",
        "web-memory",
        "web-no-healthy-task",
        "web-tasks-missing",
        "web-unhealthy",
    ]
    lowest = next(signal for signal in compute_.signals if signal.name == "web-below-minimum")
    assert (lowest.threshold, lowest.missing) == (2, "breaching"), "no task, no metric: silence is the alarm"


def test_every_signal_names_a_runbook_that_exists_and_that_names_the_signal(deploy: Any) -> None:
    for signal in deploy(compute()).built.signals:
        text = (RUNBOOKS / signal.runbook).read_text()
        assert f"`{signal.name.replace('web-', '<service>-')}`" in text, (
            f"{signal.runbook} does not speak of {signal.name}"
        )


def test_the_cluster_measures_itself(deploy: Any) -> None:
    cluster = deploy(compute()).one("aws:ecs/cluster:Cluster").inputs
    assert cluster["settings"] == [{"name": "containerInsights", "value": "enabled"}]


def test_every_child_belongs_to_a_component(deploy: Any) -> None:
    assert [urn for urn in deploy(compute(protected=False)).urns if "::groundwork::aws:" in urn] == []
