"""Who has which rights to a store: policies of roles, policies on stores, boundaries. One thing is changed at a time."""

from typing import Any

import pytest

from tests.gathered import for_each
from tests.preflight.reach import stacks
from tests.preflight.reach.baseline import (
    APP_GROUP,
    BUCKET,
    DATABASE,
    DB_GROUP,
    POLICY,
    PRIVATE,
    QUEUE,
    ROLE,
    SERVICE,
    STACK,
    TASK,
    group,
    let_in,
    let_out,
)
from tests.preflight.reach.stacks import UNKNOWN, Doc, Ref, changed, output, reached, resource, row, swapped

GET = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": Ref(BUCKET, "arn", "/*")}
KEY = resource("aws:kms/key:Key", "key")
SECRET = resource("aws:secretsmanager/secret:Secret", "secret")


def _rights(
    store: dict[str, Any], *statements: dict[str, Any], more: tuple[dict[str, Any], ...] = ()
) -> dict[str, str]:
    """Right and answer, by a policy of these statements."""
    return _of(row(reached(*swapped(STACK, changed(POLICY, policy=Doc(statements)), *more)), SERVICE, store))


def _of(found: dict[str, Any] | None) -> dict[str, str]:
    return {each["right"]: each["answer"] for each in found["iam"]["rights"]} if found else {}


@for_each(
    "statement, rights",
    [
        ({}, {"read": "yes"}),
        ({"Action": "s3:*"}, {"read": "yes", "write": "yes"}),
        ({"Action": "*", "Resource": "*"}, {"read": "yes", "write": "yes"}),
        ({"Action": "S3:get*"}, {"read": "yes"}),
        ({"Action": ["s3:PutObject"]}, {"write": "yes"}),
        ({"Action": "s3:GetBucketLocation"}, {}),
        ({"Action": "sqs:*"}, {}),
        ({"Resource": Ref(BUCKET, "arn", "/uploads/*")}, {"read": "yes"}),
        ({"Resource": "arn:aws:s3:::buck*"}, {"read": "yes"}),
        ({"Resource": "arn:aws:s3:::another/*"}, {}),
        ({"Resource": "arn:aws:s3:::${aws:PrincipalTag/team}/*"}, {"read": "not known"}),
        ({"Action": None, "NotAction": "iam:*", "Resource": "*"}, {"read": "yes", "write": "yes"}),
        ({"Action": None, "NotAction": "s3:*", "Resource": "*"}, {}),
        ({"Resource": None, "NotResource": "arn:aws:s3:::another/*"}, {"read": "yes"}),
        ({"Resource": None, "NotResource": "arn:aws:s3:::bucket*"}, {}),
        ({"Effect": "Deny"}, {}),
    ],
)  # fmt: skip
def test_a_statement_gives_what_it_says(statement: dict[str, Any], rights: dict[str, str]) -> None:
    merged = {key: value for key, value in {**GET, **statement}.items() if value is not None}
    assert _rights(BUCKET, merged) == rights


def test_a_condition_is_named_and_one_statement_without_is_enough() -> None:
    tied = GET | {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "web"}}}
    only = row(reached(*swapped(STACK, changed(POLICY, policy=Doc((tied,))))), SERVICE, BUCKET)
    assert only is not None
    assert only["iam"]["rights"][0]["conditions"] == ["aws:PrincipalTag/team StringEquals web"]
    free = row(reached(*swapped(STACK, changed(POLICY, policy=Doc((tied, GET))))), SERVICE, BUCKET)
    assert free is not None
    assert free["iam"]["rights"][0]["conditions"] == []


def test_a_denial_without_condition_wins_and_one_with_a_condition_is_named() -> None:
    deny = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    assert _rights(BUCKET, GET, deny) == {}
    tied = deny | {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    found = row(reached(*swapped(STACK, changed(POLICY, policy=Doc((GET, tied))))), SERVICE, BUCKET)
    assert found is not None
    assert found["iam"]["answer"] == "yes"
    assert found["iam"]["rights"][0]["conditions"] == ["not where aws:SecureTransport Bool false"]


def test_a_policy_that_is_not_known_is_neither_yes_nor_no() -> None:
    found = row(reached(*swapped(STACK, changed(POLICY, policy=UNKNOWN))), SERVICE, BUCKET)
    assert found is not None
    assert (found["iam"]["answer"], found["mismatch"]) == ("not known", None)
    by_edges = row(reached(*STACK.values(), known=False), SERVICE, BUCKET)
    assert by_edges is not None
    assert by_edges["iam"]["answer"] == "not known"


def test_a_role_of_somebody_else_is_not_known_and_no_role_is_no() -> None:
    foreign = row(reached(*swapped(STACK, changed(TASK, taskRoleArn="arn:aws:iam::1:role/theirs"))), SERVICE, BUCKET)
    assert foreign is not None
    assert foreign["iam"]["answer"] == "not known"
    assert row(reached(*swapped(STACK, changed(TASK, taskRoleArn=None))), SERVICE, BUCKET) is None


MANAGED = resource("aws:iam/policy:Policy", "managed", policy=Doc((GET,)))
ATTACHED = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"


@for_each(
    "more, answer",
    [
        ([MANAGED, resource(ATTACHED, "attached", role=Ref(ROLE), policyArn=Ref(MANAGED, "arn"))], "yes"),
        ([MANAGED], None),
        ([resource(ATTACHED, "attached", role=Ref(ROLE), policyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")], "yes"),
        ([resource(ATTACHED, "attached", role=Ref(ROLE), policyArn="arn:aws:iam::aws:policy/AmazonSQSFullAccess")], None),
        ([resource(ATTACHED, "attached", role=Ref(ROLE), policyArn="arn:aws:iam::aws:policy/SomethingNew")], "not known"),
        ([resource(ATTACHED, "attached", role=UNKNOWN, policyArn=UNKNOWN)], "not known"),
        ([MANAGED, resource("aws:iam/policyAttachment:PolicyAttachment", "all", roles=[Ref(ROLE)], policyArn=Ref(MANAGED, "arn"))], "yes"),
        ([changed(ROLE, managedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"])], "yes"),
        ([changed(ROLE, inlinePolicies=[{"name": "in", "policy": Doc((GET,))}])], "yes"),
    ]
)  # fmt: skip
def test_every_way_to_attach_a_policy_counts(more: list[dict[str, Any]], answer: str | None) -> None:
    found = row(reached(*swapped(STACK, *more, without="policy")), SERVICE, BUCKET)
    assert (found["iam"]["answer"] if found else None) == answer


def test_a_boundary_takes_away_what_it_does_not_name() -> None:
    bound = resource(
        "aws:iam/policy:Policy", "bound", policy=Doc(({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"},))
    )
    stack = swapped(STACK, changed(ROLE, permissionsBoundary=Ref(bound, "arn")), bound)
    assert row(reached(*stack), SERVICE, BUCKET) is None
    wide = changed(bound, policy=Doc(({"Effect": "Allow", "Action": "s3:*", "Resource": "*"},)))
    assert _of(row(reached(*swapped({e["name"]: e for e in stack}, wide)), SERVICE, BUCKET)) == {"read": "yes"}
    foreign = row(
        reached(*swapped(STACK, changed(ROLE, permissionsBoundary="arn:aws:iam::1:policy/theirs"))), SERVICE, BUCKET
    )
    assert foreign is not None
    assert foreign["iam"]["answer"] == "not known"


def _queue_policy(**statement: Any) -> dict[str, Any]:
    base = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", "Principal": {"AWS": output(ROLE, "arn")}}
    merged = {key: value for key, value in {**base, **statement}.items() if value is not None}
    return resource("aws:sqs/queuePolicy:QueuePolicy", "queue-policy", queueUrl=Ref(QUEUE), policy=Doc((merged,)))


def test_a_policy_on_the_store_gives_rights_to_whom_it_names() -> None:
    assert _of(row(reached(*STACK.values(), _queue_policy()), SERVICE, QUEUE)) == {"write": "yes"}
    somebody = _queue_policy(Principal={"AWS": "arn:aws:iam::111122223333:role/another"})
    assert row(reached(*STACK.values(), somebody), SERVICE, QUEUE) is None
    account = _queue_policy(Principal={"AWS": "arn:aws:iam::111122223333:root"})
    assert (
        row(reached(*STACK.values(), account), SERVICE, QUEUE) is None
    )  # it leaves the decision to the role's policies
    deny = _queue_policy(Effect="Deny", Principal="*")
    send = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
    assert _rights(QUEUE, send) == {"write": "yes"}
    assert _rights(QUEUE, send, more=(deny,)) == {}


def test_whom_else_a_policy_lets_in_is_listed() -> None:
    service = _queue_policy(
        Principal={"Service": "events.amazonaws.com"}, Condition={"ArnEquals": {"aws:SourceArn": "arn:x"}}
    )
    (queue,) = [each for each in reached(*STACK.values(), service)["stores"] if each["urn"] == QUEUE["urn"]]
    assert queue["granted"] == [
        {"by": "queue-policy", "principals": ["Service events.amazonaws.com"], "actions": ["sqs:SendMessage"],
         "conditions": ["aws:SourceArn ArnEquals arn:x"]}
    ]  # fmt: skip
    assert queue["alsoRights"] == []


@for_each(
    "statement, world",
    [
        ({"Principal": "*"}, "yes"),
        ({"Principal": {"AWS": "*"}}, "yes"),
        ({"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}, None),
        ({"Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, "yes"),  # which anybody can
        ({"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.114.0/24"}}}, "not known"),
        ({"Principal": "*", "Effect": "Deny"}, None),
        ({}, None),
    ]
)  # fmt: skip
def test_a_store_whose_policy_lets_everybody_in_is_an_entry(statement: dict[str, Any], world: str | None) -> None:
    found = [
        each for each in reached(*STACK.values(), _queue_policy(**statement))["entries"] if each["urn"] == QUEUE["urn"]
    ]
    assert [each["world"] for each in found] == ([world] if world else [])


def test_a_bucket_is_open_only_when_nothing_blocks_public_policies() -> None:
    open_policy = Doc((GET | {"Principal": "*"},))
    policy = resource("aws:s3/bucketPolicy:BucketPolicy", "everybody", bucket=Ref(BUCKET), policy=open_policy)
    block = resource(
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "block",
        bucket=Ref(BUCKET),
        restrictPublicBuckets=False,
    )

    def is_open(*more: dict[str, Any]) -> bool:
        return BUCKET["urn"] in {each["urn"] for each in reached(*STACK.values(), policy, *more)["entries"]}

    assert not is_open()  # S3 blocks by itself
    assert is_open(block)
    assert not is_open(changed(block, restrictPublicBuckets=True))


def test_a_key_takes_its_own_policy_and_that_of_the_role() -> None:
    use = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": Ref(KEY, "arn")}
    assert _rights(KEY, use, more=(KEY,)) == {"read": "yes"}  # the default policy of a key leaves it to the account
    admins = Doc(
        (
            {
                "Effect": "Allow",
                "Action": "kms:*",
                "Resource": "*",
                "Principal": {"AWS": "arn:aws:iam::111122223333:role/a"},
            },
        )
    )
    assert _rights(KEY, use, more=(changed(KEY, policy=admins),)) == {}
    mine = Doc(
        ({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Principal": {"AWS": output(ROLE, "arn")}},)
    )
    assert _rights(KEY, GET, more=(changed(KEY, policy=mine),)) == {"read": "yes"}
    assert _rights(KEY, GET, more=(KEY,)) == {}


def test_a_database_that_asks_for_rights_and_gets_none_is_pointed_out() -> None:
    asking = changed(DATABASE, iamDatabaseAuthenticationEnabled=True)
    found = row(reached(*swapped(STACK, asking)), SERVICE, DATABASE)
    assert found is not None
    assert (found["network"]["answer"], found["iam"]["answer"], found["mismatch"]) == (
        "yes",
        "no",
        "network open, no rights",
    )
    connect = {"Effect": "Allow", "Action": "rds-db:connect", "Resource": "*"}
    right = row(reached(*swapped(STACK, asking, changed(POLICY, policy=Doc((connect,))))), SERVICE, DATABASE)
    assert right is not None
    assert (right["iam"]["rights"][0]["right"], right["mismatch"]) == ("log in by IAM", None)
    shut = row(
        reached(*swapped(STACK, asking, changed(POLICY, policy=Doc((connect,))), without="db-in")), SERVICE, DATABASE
    )
    assert shut is not None
    assert shut["mismatch"] == "rights, no network way"


@pytest.mark.parametrize("known", [True, False], ids=["update", "preview"])
@pytest.mark.parametrize(("without", "network"), [("", "yes"), ("proxy-in", "no")])
def test_who_gets_to_a_proxy_gets_to_the_database_behind_it(without: str, network: str, known: bool) -> None:
    guard = group("proxy-group")
    proxy = resource(
        "aws:rds/proxy:Proxy", "proxy", name="proxy", engineFamily="POSTGRESQL", defaultAuthScheme="IAM_AUTH",
        vpcSecurityGroupIds=[Ref(guard)], vpcSubnetIds=[Ref(each) for each in PRIVATE],
    )  # fmt: skip
    target = resource(
        "aws:rds/proxyTarget:ProxyTarget", "target", dbProxyName=Ref(proxy), targetGroupName="default",
        dbInstanceIdentifier=Ref(DATABASE, "identifier"),
    )  # fmt: skip
    connect = {"Effect": "Allow", "Action": "rds-db:connect", "Resource": "*"}
    ways = {
        each["name"]: each
        for each in (
            let_out("app-proxy", APP_GROUP, 5432, referencedSecurityGroupId=Ref(guard)),
            let_in("proxy-in", guard, 5432, referencedSecurityGroupId=Ref(APP_GROUP)),
            let_in("db-in", DB_GROUP, 5432, referencedSecurityGroupId=Ref(guard)),
        )
        if each["name"] != without
    }
    named = changed(DATABASE, identifier=output(DATABASE, "identifier"))
    stack = swapped(STACK, named, guard, proxy, target, changed(POLICY, policy=Doc((connect,))), *ways.values())
    found = row(reached(*stack, known=known), SERVICE, DATABASE)
    if network == "no":
        assert found is None or found["network"]["answer"] == "no"
        return
    assert found is not None
    assert found["network"]["answer"] == network
    assert [right["right"] for right in found["iam"]["rights"]] == ["log in by IAM"], "as a user of the proxy"
    assert found["mismatch"] is None


@pytest.mark.parametrize("known", [True, False], ids=["update", "preview"])
def test_a_replica_stands_where_its_source_does_and_its_password_is_where_the_program_put_it(known: bool) -> None:
    named = changed(DATABASE, identifier=output(DATABASE, "identifier"), iamDatabaseAuthenticationEnabled=True)
    replica = resource(
        "aws:rds/instance:Instance", "reader", replicateSourceDb=Ref(named, "identifier"), port=5432,
        instanceClass="db.t4g.micro", vpcSecurityGroupIds=[Ref(DB_GROUP)], iamDatabaseAuthenticationEnabled=True,
    )  # fmt: skip
    version = resource(
        "aws:secretsmanager/secretVersion:SecretVersion", "version", secretId=Ref(SECRET),
        secretStringWo=Ref(named, "address"),
    )  # fmt: skip
    read = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": Ref(SECRET, "arn")}
    others = (named, replica, SECRET, changed(POLICY, policy=Doc((read,))))
    stack = swapped(STACK, version, *others)
    for store in (named, replica):
        found = row(reached(*stack, known=known), SERVICE, store)
        assert found is not None
        assert (found["network"]["answer"], found["mismatch"]) == ("yes", None)
        assert "read its password" in [right["right"] for right in found["iam"]["rights"]]
    other = changed(version, secretStringWo="something else")
    found = row(reached(*swapped(STACK, other, *others)), SERVICE, named)
    assert found is not None
    assert found["mismatch"] == "network open, no rights", "a secret of another kind opens no database"


def test_the_role_that_starts_a_task_counts_for_the_secrets_it_injects_only() -> None:
    starter = resource("aws:iam/role:Role", "starter")
    read = {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue", "s3:GetObject"], "Resource": "*"}
    policy = resource("aws:iam/rolePolicy:RolePolicy", "starter-policy", role=Ref(starter), policy=Doc((read,)))
    injects = changed(
        TASK, executionRoleArn=Ref(starter, "arn"),
        containerDefinitions='[{"name": "app", "secrets": [{"name": "A", "valueFrom": "x"}]}]',
    )  # fmt: skip
    more = (starter, policy, SECRET)
    found = reached(*swapped(STACK, injects, *more, without="policy"))
    assert _of(row(found, SERVICE, SECRET)) == {"read at start": "yes"}
    assert row(found, SERVICE, BUCKET) is None
    without = changed(injects, containerDefinitions='[{"name": "app"}]')
    assert row(reached(*swapped(STACK, without, *more, without="policy")), SERVICE, SECRET) is None


def test_roles_that_no_service_has_are_listed_with_the_store() -> None:
    other = resource("aws:iam/role:Role", "deployer")
    policy = resource("aws:iam/rolePolicy:RolePolicy", "deployer-policy", role=Ref(other), policy=Doc((GET,)))
    stores = {each["urn"]: each for each in reached(*STACK.values(), other, policy)["stores"]}
    assert [each["urn"] for each in stores[BUCKET["urn"]]["alsoRights"]] == [other["urn"]]
    assert stores[QUEUE["urn"]]["alsoRights"] == []


def test_a_file_system_asks_for_rights_once_it_has_a_policy() -> None:
    files = resource("aws:efs/fileSystem:FileSystem", "files")
    mounts = [
        resource(
            "aws:efs/mountTarget:MountTarget",
            f"mount-{n}",
            fileSystemId=Ref(files),
            subnetId=Ref(each),
            securityGroups=[Ref(APP_GROUP)],
        )
        for n, each in enumerate(PRIVATE)
    ]
    rule_in = resource(
        "aws:ec2/securityGroupRule:SecurityGroupRule", "nfs-in", type="ingress", securityGroupId=Ref(APP_GROUP), protocol="tcp",
        fromPort=2049, toPort=2049, self=True,
    )  # fmt: skip
    rule_out = changed({**rule_in, "name": "nfs-out", "urn": rule_in["urn"] + "-out"}, type="egress")
    stack = [*STACK.values(), files, *mounts, rule_in, rule_out]
    free = row(reached(*stack), SERVICE, files)
    assert free is not None
    assert (free["network"]["answer"], free["iam"]["answer"], free["mismatch"]) == ("yes", "not asked", None)
    only = Doc(
        ({"Effect": "Allow", "Action": "elasticfilesystem:ClientMount", "Principal": {"AWS": "arn:aws:iam::1:role/a"}},)
    )
    policy = resource("aws:efs/fileSystemPolicy:FileSystemPolicy", "files-policy", fileSystemId=Ref(files), policy=only)
    asked = row(reached(*stack, policy), SERVICE, files)
    assert asked is not None
    assert asked["mismatch"] == "network open, no rights"


@for_each(
    "actions, said",
    [
        ("elasticfilesystem:ClientMount", ["read"]),
        ("elasticfilesystem:*", ["read", "write"]),
        ("elasticfilesystem:ClientWrite", []),  # nobody writes to what he may not mount
        ("kafka-cluster:Connect", ["connect"]),
        (["kafka-cluster:Connect", "kafka-cluster:ReadData"], ["connect", "read"]),
        (["kafka-cluster:Connect", "kafka-cluster:WriteData"], ["connect", "write"]),
        ("kafka-cluster:WriteData", []),
    ],
)
def test_reading_and_writing_of_files_and_streams_are_told_apart(actions: str | list[str], said: list[str]) -> None:
    files = resource("aws:efs/fileSystem:FileSystem", "files")
    ask = Doc(
        ({"Effect": "Allow", "Action": "elasticfilesystem:ClientMount", "Principal": {"AWS": "arn:aws:iam::1:role/a"}},)
    )
    own = resource("aws:efs/fileSystemPolicy:FileSystemPolicy", "files-policy", fileSystemId=Ref(files), policy=ask)
    stream = resource("aws:msk/serverlessCluster:ServerlessCluster", "stream")
    granted = changed(POLICY, policy=Doc(({"Effect": "Allow", "Action": actions, "Resource": "*"},)))
    found = reached(*swapped(STACK, granted), files, own, stream)
    rows = [row(found, SERVICE, store) for store in (files, stream)]
    assert [right["right"] for each in rows if each for right in each["iam"]["rights"]] == said


def test_a_right_to_one_topic_is_a_right_to_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = resource("aws:msk/serverlessCluster:ServerlessCluster", "stream")
    arn = "arn:aws:kafka:us-east-1:111122223333:cluster/stream/1-2"
    monkeypatch.setattr(
        stacks, "output", lambda of, key: arn if (of["name"], key) == ("stream", "arn") else output(of, key)
    )
    topic = arn.replace(":cluster/", ":topic/") + "/orders"
    grants = Doc((
        {"Effect": "Allow", "Action": "kafka-cluster:Connect", "Resource": arn},
        {"Effect": "Allow", "Action": "kafka-cluster:*Data", "Resource": topic},
    ))  # fmt: skip
    found = row(reached(*swapped(STACK, changed(POLICY, policy=grants)), stream), SERVICE, stream)
    assert found is not None
    assert [right["right"] for right in found["iam"]["rights"]] == ["connect", "read", "write"]
    elsewhere = Doc(({"Effect": "Allow", "Action": "kafka-cluster:*Data", "Resource": topic},))
    assert row(reached(*swapped(STACK, changed(POLICY, policy=elsewhere)), stream), SERVICE, stream) is None


def test_a_function_outside_of_a_vpc_reaches_apis_and_no_database() -> None:
    function = resource("aws:lambda/function:Function", "function", role=Ref(ROLE, "arn"))
    found = reached(*STACK.values(), function)
    to_bucket = row(found, function, BUCKET)
    assert to_bucket is not None
    assert to_bucket["network"] == {"answer": "yes", "by": ["AWS's own network"], "why": None}
    assert row(found, function, DATABASE) is None
    inside = changed(
        function, vpcConfig={"subnetIds": [Ref(each) for each in PRIVATE], "securityGroupIds": [Ref(APP_GROUP)]}
    )
    to_database = row(reached(*STACK.values(), inside), function, DATABASE)
    assert to_database is not None
    assert to_database["network"]["answer"] == "yes"
