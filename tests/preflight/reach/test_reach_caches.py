"""Who signs in to a cache, and by what: users of IAM, of a password, and those that are switched off."""

from typing import Any

import pytest

from tests.preflight.reach.baseline import APP_GROUP, DB_GROUP, POLICY, PRIVATE, SERVICE, STACK, let_in, let_out
from tests.preflight.reach.stacks import SEEN, UNKNOWN, Doc, Ref, changed, reached, resource, row, swapped

_ON, _OFF = "on ~* +@all", "off ~* -@all"


def _user(name: str, kind: str = "iam", access: str = _ON) -> dict[str, Any]:
    return resource(
        "aws:elasticache/user:User", name, userId=name, userName=name, accessString=access, authenticationMode={"type": kind}
    )  # fmt: skip


WRITER = _user("writer")
GROUP = resource("aws:elasticache/userGroup:UserGroup", "users", userGroupId="users", userIds=[Ref(WRITER)])
SUBNETS = resource(
    "aws:elasticache/subnetGroup:SubnetGroup", "cache-subnets", name="cache-subnets", subnetIds=[Ref(PRIVATE[0])]
)
CACHE = resource(
    "aws:elasticache/replicationGroup:ReplicationGroup", "cache", engine="valkey", subnetGroupName="cache-subnets",
    securityGroupIds=[Ref(DB_GROUP)], userGroupIds=[Ref(GROUP)],
)  # fmt: skip
WAYS = (
    let_out("app-cache", APP_GROUP, 6379, referencedSecurityGroupId=Ref(DB_GROUP)),
    let_in("cache-in", DB_GROUP, 6379, referencedSecurityGroupId=Ref(APP_GROUP)),
)
SIGN_IN = {
    "Effect": "Allow", "Action": "elasticache:Connect", "Resource": [Ref(CACHE, "arn"), Ref(WRITER, "arn")],
}  # fmt: skip


def _row(
    cache: dict[str, Any], *more: dict[str, Any], statement: dict[str, Any] = SIGN_IN, **seen: bool
) -> dict[str, Any]:
    policy = changed(POLICY, policy=Doc((statement,)))
    found = row(reached(*swapped(STACK, policy, SUBNETS, cache, *WAYS, *more), **seen), SERVICE, cache)
    assert found is not None
    assert found["network"]["answer"] == "yes"
    return found


def _said(found: dict[str, Any]) -> tuple[Any, ...]:
    return found["iam"]["answer"], [each["right"] for each in found["iam"]["rights"]], found["mismatch"]


def test_a_user_of_iam_is_signed_in_as_by_whoever_may_connect_to_the_cache_and_to_the_user() -> None:
    assert _said(_row(CACHE, GROUP, WRITER)) == ("yes", ["sign in as writer"], None)
    for resources in (Ref(CACHE, "arn"), Ref(WRITER, "arn"), "arn:aws:elasticache:us-east-1:1:user:other"):
        half = {**SIGN_IN, "Resource": resources}
        assert _said(_row(CACHE, GROUP, WRITER, statement=half)) == ("no", [], "network open, no rights")
    everything = {**SIGN_IN, "Resource": "*"}
    assert _said(_row(CACHE, GROUP, WRITER, statement=everything))[0] == "yes"


@pytest.mark.parametrize("seen", SEEN)
def test_users_are_found_by_value_or_by_edge(seen: dict[str, bool]) -> None:
    found = _row(CACHE, GROUP, WRITER, statement={**SIGN_IN, "Resource": "*"}, **seen)
    assert _said(found) == ("yes", ["sign in as writer"], None)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (_user("typed", "password"), "it lets others in than IAM"),
        (_user("open", "no-password-required"), "it lets others in than IAM"),
        (_user("later", UNKNOWN), "who else may sign in is not known"),  # type: ignore[arg-type]
    ],
)
def test_a_cache_that_lets_somebody_in_without_iam_does_not_ask_for_it(other: dict[str, Any], why: str) -> None:
    both = changed(GROUP, userIds=[Ref(WRITER), Ref(other)])
    nothing = {**SIGN_IN, "Action": "s3:GetObject"}
    found = _row(CACHE, both, WRITER, other, statement=nothing)
    assert (*_said(found), found["iam"]["why"]) == ("not asked", [], None, why)
    joined = resource(
        "aws:elasticache/userGroupAssociation:UserGroupAssociation", "join", userGroupId=Ref(GROUP), userId=Ref(other)
    )
    assert _row(CACHE, GROUP, WRITER, other, joined, statement=nothing)["iam"] == found["iam"]


def test_a_user_that_is_switched_off_lets_nobody_in() -> None:
    default = _user("default", "password", _OFF)
    both = changed(GROUP, userIds=[Ref(WRITER), Ref(default)])
    assert _said(_row(CACHE, both, WRITER, default)) == ("yes", ["sign in as writer"], None)
    assert _said(_row(CACHE, GROUP, changed(WRITER, accessString=_OFF)))[:2] == ("not asked", [])


def test_a_cache_of_passwords_alone_asks_nobody_for_rights() -> None:
    for cache, user in ((CACHE, _user("writer", "password")), (changed(CACHE, userGroupIds=None), WRITER)):
        found = _row(cache, GROUP, user)
        assert _said(found) == ("not asked", [], None)
        assert found["iam"]["why"] == "it asks for a password or nothing, not for rights"


def test_serverless_caches_and_memorydb_have_users_of_iam_too() -> None:
    serverless = resource(
        "aws:elasticache/serverlessCache:ServerlessCache", "cache", engine="valkey", subnetIds=[Ref(PRIVATE[0])],
        securityGroupIds=[Ref(DB_GROUP)], userGroupId=Ref(GROUP),
    )  # fmt: skip
    statement = {**SIGN_IN, "Resource": [Ref(serverless, "arn"), Ref(WRITER, "arn")]}
    assert _said(_row(serverless, GROUP, WRITER, statement=statement)) == ("yes", ["sign in as writer"], None)
    user = resource("aws:memorydb/user:User", "writer", userName="writer", authenticationMode={"type": "iam"})
    users = resource("aws:memorydb/acl:Acl", "users", name="users", userNames=[Ref(user)])
    subnets = resource(
        "aws:memorydb/subnetGroup:SubnetGroup", "memory-subnets", name="memory-subnets", subnetIds=[Ref(PRIVATE[0])]
    )
    cluster = resource(
        "aws:memorydb/cluster:Cluster", "cache", aclName="users", subnetGroupName="memory-subnets",
        securityGroupIds=[Ref(DB_GROUP)],
    )  # fmt: skip
    statement = {**SIGN_IN, "Action": "memorydb:Connect", "Resource": [Ref(cluster, "arn"), Ref(user, "arn")]}
    assert _said(_row(cluster, users, user, subnets, statement=statement)) == ("yes", ["sign in as writer"], None)
    free = changed(cluster, aclName="open-access")
    assert _said(_row(free, users, user, subnets, statement=statement))[0] == "not asked"
