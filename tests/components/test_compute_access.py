"""A service may do and reach what its settings ask for, and nothing else: the same service, one thing changed at a time."""

import json
from typing import Any

import pulumi
import pytest

from components.compute import roles
from components.contracts import Access, Statement
from tests.components.kinds import EGRESS, INGRESS, POLICY, ROLES, TASK, Bucket, granted_by, web, web_container


def test_every_rule_about_a_store_belongs_to_a_used_store_with_an_opening(deploy: Any) -> None:
    made = deploy(web())
    at_stores = {n: r for n, r in made.inputs(INGRESS).items() if r["securityGroupId"] == "sg-main"}
    assert list(at_stores) == ["web-ingress-at-main"]
    assert (at_stores["web-ingress-at-main"]["fromPort"], at_stores["web-ingress-at-main"]["toPort"]) == (5432, 5432)
    assert "cidrIpv4" not in at_stores["web-ingress-at-main"], "clients are groups, never address ranges"
    group = made.of("aws:ec2/securityGroup:SecurityGroup")["web-group"].urn
    assert group in made.of(INGRESS)["web-ingress-at-main"].property_dependencies["referencedSecurityGroupId"]
    assert set(made.of(EGRESS)) == {"web-egress-at-lb", "web-egress-https", "web-egress-to-main"}


def test_only_port_443_leads_out_into_the_world_and_none_leads_in(deploy: Any) -> None:
    made = deploy(web(uses={}))
    world = [
        (n, r["fromPort"], r["toPort"], r["ipProtocol"]) for n, r in made.inputs(EGRESS).items() if "cidrIpv4" in r
    ]
    assert world == [("web-egress-https", 443, 443, "tcp")]
    assert [n for n, r in made.inputs(INGRESS).items() if n.startswith("web-") and "cidrIpv4" in r] == []
    assert all(r["description"] for r in [*made.inputs(INGRESS).values(), *made.inputs(EGRESS).values()])


def test_a_service_that_uses_nothing_has_no_way_and_no_right_to_any_store(deploy: Any) -> None:
    made = deploy(web(uses={}))
    assert set(made.of(EGRESS)) == {"web-egress-at-lb", "web-egress-https"}
    assert [r for r in made.inputs(INGRESS).values() if r["securityGroupId"] == "sg-main"] == []
    assert set(made.of(POLICY)) == {"web-roles-execution-policy"}, "a task role that may do nothing has no policy"
    assert [s["Sid"] for s in granted_by(made, "web-roles-execution-policy")] == ["WriteLogs"]


def test_the_task_role_speaks_only_of_used_stores_at_the_level_asked_for(deploy: Any) -> None:
    granted = granted_by(deploy(web()), "web-roles-task-policy")
    assert [(s["Sid"], s["Action"], s["Resource"]) for s in granted] == [
        ("UploadsUseObjects", ["s3:GetObject"], ["arn:aws:s3:::uploads/*"])
    ]


def test_two_stores_with_equal_statement_ids_fit_into_one_document(deploy: Any) -> None:
    sids = [
        s["Sid"] for s in granted_by(deploy(web(uses={"uploads": "read", "archive": "write"})), "web-roles-task-policy")
    ]
    assert sids == ["ArchiveUseObjects", "UploadsUseObjects"], "IAM refuses a document with a sid twice"


def test_a_service_that_uses_very_many_stores_stays_within_what_iam_takes(deploy: Any) -> None:
    level = {f"bucket-number-xx-{n:02}": ("read", "write")[n % 2] for n in range(40)}
    made = deploy(web(uses=level, stores={store: Bucket(store) for store in level}))
    policy = made.of(POLICY)["web-roles-task-policy"].inputs["policy"]
    assert len(policy) <= 10_240, "the most for all inline policies of one role"
    by_action = {tuple(s["Action"]): s["Resource"] for s in json.loads(policy)["Statement"]}
    assert by_action == {
        (f"s3:{action}",): [f"arn:aws:s3:::{store}/*" for store in sorted(level) if level[store] == word]
        for word, action in (("read", "GetObject"), ("write", "PutObject"))
    }, "joined, but no store at another level than its own"


def test_rights_that_iam_would_refuse_are_refused_here_by_the_name_of_their_role(deploy: Any) -> None:
    stores = {f"bucket-number-xx-{n:03}": "read" for n in range(400)}
    with pytest.raises(pulumi.RunError, match=r"'web-roles-task' are \d+ characters long, and IAM takes 10240"):
        deploy(web(uses=stores, stores={store: Bucket(store) for store in stores}))


def test_statements_under_different_conditions_are_never_joined() -> None:
    def access(suffix: str) -> Access:
        where = {"StringEquals": {"kms:ViaService": f"s3.{suffix}.amazonaws.com"}}
        decrypt = Statement(sid="Key", actions=["kms:Decrypt"], resources=["arn:key"], conditions=where)
        return Access(statements=[decrypt])

    apart, _ = roles.of_stores({"a": access("us-east-1"), "b": access("eu-west-1")})
    together, _ = roles.of_stores({"a": access("us-east-1"), "b": access("us-east-1")})
    assert [(s.sid, list(s.resources)) for s in apart] == [("AKey", ["arn:key"]), ("BKey", ["arn:key"])]
    assert [(s.sid, list(s.resources)) for s in together] == [("AKey", ["arn:key"])]


def test_only_the_execution_role_may_read_the_secret(deploy: Any) -> None:
    made = deploy(web())
    assert "MainReadSecret" in {s["Sid"] for s in granted_by(made, "web-roles-execution-policy")}
    assert "secretsmanager" not in made.of(POLICY)["web-roles-task-policy"].inputs["policy"]
    task = made.one(TASK)
    assert task.property_dependencies["taskRoleArn"] != task.property_dependencies["executionRoleArn"]


def test_a_store_that_does_not_exist_is_refused_with_those_that_do(deploy: Any) -> None:
    with pytest.raises(ValueError, match=r"'web' uses cache, .*stores are: archive, jobs, main, profiles, uploads"):
        deploy(web(uses={"cache": "write"}))


@pytest.mark.parametrize("protected", [True, False])
def test_every_resource_is_within_reach_of_its_actions_and_star_is_only_where_aws_has_no_level(
    deploy: Any, protected: bool
) -> None:
    made = deploy(web(protected=protected))
    granted = [s for p in made.inputs(POLICY).values() for s in json.loads(p["policy"])["Statement"]]
    assert [s for s in granted if any(action.endswith("*") for action in s["Action"])] == []
    starred = {action for s in granted if "*" in s["Resource"] for action in s["Action"]}
    assert {action.split(":")[0] for action in starred} <= {"ssmmessages"}


def test_the_execution_role_writes_one_log_group_and_pulls_from_no_registry(deploy: Any) -> None:
    made = deploy(web(uses={}))
    (logs,) = granted_by(made, "web-roles-execution-policy")
    assert logs["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert made.of(POLICY)["web-roles-execution-policy"].property_dependencies["policy"] == {
        made.of("aws:cloudwatch/logGroup:LogGroup")["web-logs"].urn
    }


def test_an_image_in_a_private_registry_may_be_pulled_and_no_other_image_of_it(deploy: Any) -> None:
    made = deploy(web(image="444455556666.dkr.ecr.eu-west-1.amazonaws.com/shop/web:1.2.0"))
    by_sid = {s["Sid"]: s for s in granted_by(made, "web-roles-execution-policy")}
    assert by_sid["PullImage"]["Resource"] == ["arn:aws:ecr:eu-west-1:444455556666:repository/shop/web"]
    assert by_sid["SignInToRegistry"]["Action"] == ["ecr:GetAuthorizationToken"]
    assert by_sid["SignInToRegistry"]["Resource"] == ["*"]


def test_a_service_with_a_build_folder_runs_what_is_built_and_may_pull_nothing_else(deploy: Any) -> None:
    made = deploy(web(image=None, build="services/status"))
    image = made.one("awsx:ecr:Image")
    assert web_container(made)["image"], "what runs is the output of the build, not one of its inputs"
    assert web_container(made)["image"] not in image.inputs.values()
    assert image.urn in made.one(TASK).property_dependencies["containerDefinitions"]
    repository = made.one("aws:ecr/repository:Repository").urn
    assert repository in made.of(POLICY)["web-roles-execution-policy"].property_dependencies["policy"]
    by_sid = {s["Sid"]: s for s in granted_by(made, "web-roles-execution-policy")}
    assert len(by_sid["PullImage"]["Resource"]) == 1
    assert "*" not in by_sid["PullImage"]["Resource"][0]


def test_a_service_with_an_image_of_somebody_else_has_no_repository(deploy: Any) -> None:
    made = deploy(web())
    assert web_container(made)["image"] == "crccheck/hello-world:v1.0.0"
    assert [r.urn for r in made.registered if ":ecr" in r.type] == []


def test_only_tasks_of_this_account_can_take_the_roles(deploy: Any) -> None:
    roles = deploy(web()).inputs("aws:iam/role:Role")
    assert set(roles) == {"web-roles-task", "web-roles-execution"}
    for role in roles.values():
        (trust,) = json.loads(role["assumeRolePolicy"])["Statement"]
        assert trust["Principal"] == {"Service": ["ecs-tasks.amazonaws.com"]}
        assert trust["Condition"] == {
            "StringEquals": {"aws:SourceAccount": "111122223333"},
            "ArnLike": {"aws:SourceArn": "arn:aws:ecs:us-east-1:111122223333:*"},
        }


def test_the_component_shows_every_statement_of_its_roles_to_policies(deploy: Any) -> None:
    made = deploy(web())
    shown = {s["Sid"] for s in made.of(ROLES)["web-roles"].inputs["statements"]}
    written = {s["Sid"] for p in made.inputs(POLICY).values() for s in json.loads(p["policy"])["Statement"]}
    assert shown == written | {"Trust"}
