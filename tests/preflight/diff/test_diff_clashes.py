"""What AWS keeps only once, and a deployment asks for while another one still has it."""

from typing import Any

import pytest

from preflight import simulation
from preflight.diff import markdown, text
from preflight.summary import Page
from tests.gathered import for_each
from tests.preflight.diff.reports import UNKNOWN, compared, document, provider, resource, stack, urn

RULE, LISTENER = "aws:lb/listenerRule:ListenerRule", "aws:lb/listener:Listener"
TABLE, BUCKET, ROLE = "aws:dynamodb/table:Table", "aws:s3/bucket:Bucket", "aws:iam/role:Role"
RECORD, INGRESS = "aws:route53/record:Record", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
OLD_RULE, MOUNT = "aws:ec2/securityGroupRule:SecurityGroupRule", "aws:efs/mountTarget:MountTarget"
Found = dict[str, Any]


def rule(name: str, priority: int, listener: str = "front", **given: Any) -> Found:
    """A rule at a listener whose ARN only AWS knows."""
    inputs = {"listenerArn": f"arn-of-{listener}", "priority": priority}
    return resource(
        RULE, name, inputs, needs={"listenerArn": [urn(LISTENER, listener)]}, unknown=["listenerArn"], **given
    )


def refused(base: list[Found], head: list[Found]) -> dict[str, list[str]]:
    """Why AWS refuses, by resource."""
    found = compared(base, head)
    told = {
        each["name"]: whys
        for each in found["resources"]
        if (whys := [warning["why"] for warning in each["warnings"] if warning["outcome"] == "refused"])
    }
    assert found["summary"]["refused"] == sum(map(len, told.values()))
    return told


def test_a_renamed_route_asks_for_a_priority_that_the_old_one_has_until_it_is_deleted() -> None:
    found = compared([rule("web-route", 100)], [rule("shop-route", 100)])
    (new,) = [each for each in found["resources"] if each["action"] == "add"]
    (said,) = new["warnings"]
    assert (said["path"], said["before"], said["after"], said["outcome"]) == ("priority", 100, 100, "refused")
    assert said["why"] == "PriorityInUse (priority 100): web-route has it until the end, where it is deleted"
    assert "another priority" in said["instead"]
    assert "elbv2, CreateRule" in said["source"]
    assert "arn-of-front" not in str(found)


def test_another_kind_of_service_has_another_rule_of_the_same_name() -> None:
    base = [rule("web-route", 100, urn=urn(RULE, "web-route", "shop:index:Service$"))]
    head = [rule("web-route", 100, urn=urn(RULE, "web-route", "shop:index:Function$"))]
    assert refused(base, head) == {
        "web-route": [
            "PriorityInUse (priority 100): the web-route of the base has it until the end, where it is deleted"
        ]
    }


def test_two_routes_that_swap_are_both_refused_and_one_that_follows_another_may_be() -> None:
    both = [rule("a", 100), rule("b", 200)]
    assert set(refused(both, [rule("a", 200), rule("b", 100)])) == {"a", "b"}
    assert refused(both, [rule("a", 300), rule("b", 100)]) == {
        "b": ["PriorityInUse (priority 100): a has it now, and nothing makes that one give it up before"]
    }


def test_each_step_of_the_way_that_is_proposed_for_a_swap_is_free() -> None:
    base = [rule("a", 100), rule("b", 200)]
    (said, _) = compared(base, [rule("a", 200), rule("b", 100)])["resources"]
    assert "b to a free one, this, then b to where it goes" in said["warnings"][0]["instead"]
    steps = [(100, 300), (200, 300), (200, 100)]
    for a, b in steps:
        head = [rule("a", a), rule("b", b)]
        assert refused(base, head) == {}
        base = head
    assert "a" in refused([rule("a", 100), rule("b", 300)], [rule("a", 300), rule("b", 100)]), "two are not enough"


def test_who_waits_for_the_one_that_moves_away_gets_its_place() -> None:
    behind = rule("b", 100)
    behind["dependencies"] = [urn(RULE, "a")]
    assert refused([rule("a", 100), rule("b", 200)], [rule("a", 300), behind]) == {}


def test_a_place_that_somebody_keeps_is_refused() -> None:
    assert refused([rule("a", 100)], [rule("a", 100), rule("b", 100)]) == {
        "b": ["PriorityInUse (priority 100): a has it and keeps it"]
    }
    ignoring = rule("a", 300, options={"ignoreChanges": ["priority"]})
    assert "keeps it" in refused([rule("a", 100)], [ignoring, rule("b", 100)])["b"][0]


@for_each(
    "base, head",
    [
        ([rule("a", 100)], [rule("b", 101)]),
        ([rule("a", 100)], [rule("b", 100, "other")]),
        ([rule("a", 100)], [rule("b", 100, options={"aliases": [{"name": "a"}]})]),
        ([rule("a", 100)], [rule("a", 300)]),
        ([rule("a", 100)], []),
        ([rule("a", 100)], [rule("b", 100, options={"provider": ""})]),
    ],
)
def test_a_place_that_is_free_is_not_accused(base: list[Found], head: list[Found]) -> None:
    assert refused([*base, provider()], [*head, provider()]) == {}


def test_at_a_listener_that_is_made_anew_no_place_is_taken() -> None:
    def listener(arn: str) -> Found:
        return resource(LISTENER, "front", {"loadBalancerArn": arn, "port": 443})

    assert refused([listener("a"), rule("a", 1)], [listener("b"), rule("b", 1)]) == {}
    assert set(refused([listener("a"), rule("a", 1)], [listener("a"), rule("b", 1)])) == {"b"}


@pytest.mark.parametrize("retained", [False, True])
def test_a_fixed_name_under_another_logical_name_is_taken(retained: bool) -> None:
    options = {"retainOnDelete": retained}
    for token, key, error in (
        (TABLE, "name", "ResourceInUseException"), (BUCKET, "bucket", "BucketAlreadyOwnedByYou"), (ROLE, "name", "EntityAlreadyExists"),
    ):  # fmt: skip
        base = [resource(token, "old", {key: "fixed"}, options=options)]
        (why,) = refused(base, [resource(token, "new", {key: "fixed"})])["new"]
        assert why.startswith(f"{error} ({key} fixed): old ")
        assert ("stays in AWS and keeps it" in why) is retained
        assert refused(base, [resource(token, "new")]) == {}, "Pulumi draws a name"


def test_a_replacement_by_the_same_name_is_refused_where_the_old_one_is_not_deleted_first() -> None:
    def tables(**options: Any) -> dict[str, list[str]]:
        both = [[resource(TABLE, "t", {"name": "fixed", "hashKey": key}, options=options)] for key in "ab"]
        return refused(*both)

    assert tables() == {}, "deleted first, because its name is given and stays"
    assert "until the end" in tables(deleteBeforeReplace=False)["t"][0]
    assert "stays in AWS and keeps it" in tables(retainOnDelete=True)["t"][0]


def test_of_a_name_that_the_provider_may_delete_first_nothing_is_said_unless_the_program_forbids_it() -> None:
    def users(**options: Any) -> dict[str, list[str]]:
        return refused(*(
            [resource("aws:elasticache/user:User", "u", {"userId": "one", "userName": name}, options=options)] for name in "ab"
        ))  # fmt: skip

    assert users() == {}
    assert "UserAlreadyExists (userId one)" in users(deleteBeforeReplace=False)["u"][0]


def test_at_a_listener_that_is_only_renamed_a_place_is_taken() -> None:
    def front(name: str, logical: str, **options: Any) -> list[Found]:
        listener = resource(LISTENER, name, {"port": 443}, options=options)
        made = simulation.computed(
            LISTENER, name, listener["inputs"], region="us-east-1", account="123456789012", urn=listener["urn"]
        )
        at = resource(RULE, logical, {"listenerArn": made["arn"], "priority": 1}, unknown=["listenerArn"])
        return [listener, at]

    assert set(refused(front("old", "a"), front("new", "b", aliases=[{"name": "old"}]))) == {"b"}
    assert refused(front("old", "a"), front("new", "b")) == {}


def test_what_is_structural_is_not_deleted_first_by_itself() -> None:
    def mounts(**options: Any) -> list[list[Found]]:
        where = {"fileSystemId": "fs-1", "subnetId": "subnet-1"}
        return [[resource(MOUNT, "m", {**where, "ipAddress": ip}, options=options)] for ip in ("10.0.0.4", "10.0.0.5")]

    assert "MountTargetConflict" in refused(*mounts())["m"][0]
    assert refused(*mounts(deleteBeforeReplace=True)) == {}


def test_rules_of_a_group_count_by_what_they_let_through_whoever_describes_them() -> None:
    def ingress(name: str, **given: Any) -> Found:
        inputs = {
            "securityGroupId": "sg-1",
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 443,
            "cidrIpv4": "10.0.0.0/8",
        }
        return resource(INGRESS, name, {**inputs, **given})

    old = resource(OLD_RULE, "old", {
        "securityGroupId": "sg-1", "type": "ingress", "protocol": "6", "fromPort": 443, "toPort": 443,
        "cidrBlocks": ["10.9.0.0/16", "10.0.0.0/8"],
    })  # fmt: skip
    assert "InvalidPermission.Duplicate" in refused([ingress("a", description="x")], [ingress("b")])["b"][0]
    assert "InvalidPermission.Duplicate" in refused([old], [ingress("b")])["b"][0]
    for other in ({"fromPort": 80}, {"cidrIpv4": "10.0.0.0/9"}, {"securityGroupId": "sg-2"}, {"ipProtocol": "udp"}):
        assert refused([ingress("a")], [ingress("b", **other)]) == {}


def test_a_rule_from_a_group_that_is_made_anew_is_another_one() -> None:
    def pair(name: str, description: str) -> list[Found]:
        group = resource("aws:ec2/securityGroup:SecurityGroup", "peer", {"description": description})
        inputs = {"securityGroupId": "sg-1", "ipProtocol": "-1", "referencedSecurityGroupId": "sg-made-up"}
        needs = {"referencedSecurityGroupId": [group["urn"]]}
        return [group, resource(INGRESS, name, inputs, needs=needs, unknown=["referencedSecurityGroupId"])]

    assert refused(pair("a", "old"), pair("b", "new")) == {}
    assert set(refused(pair("a", "old"), pair("b", "old"))) == {"b"}


def test_a_record_is_taken_unless_it_may_overwrite_or_has_its_own_share() -> None:
    def record(logical: str, name: str = "www.example.com", **given: Any) -> Found:
        return resource(RECORD, logical, {"zoneId": "Z1", "name": name, "type": "A", **given})

    assert "InvalidChangeBatch" in refused([record("a")], [record("b", "WWW.example.com.")])["b"][0]
    for other in ({"allowOverwrite": True}, {"setIdentifier": "blue"}, {"type": "AAAA"}, {"zoneId": "Z2"}):
        assert refused([record("a")], [record("b", **other)]) == {}
    assert refused([record("a", allowOverwrite=True)], [record("b")]) != {}, "who has it may have overwritten"


def test_a_name_is_free_in_another_region_unless_it_counts_for_the_whole_account() -> None:
    def found(token: str) -> dict[str, list[str]]:
        base = [resource(token, "old", {"name": "fixed"})]
        return refused([*base], [resource(token, "new", {"name": "fixed", "region": "eu-west-3"})])

    assert found(TABLE) == {}
    assert set(found(ROLE)) == {"new"}


def test_what_is_not_known_is_neither_accused_nor_shown() -> None:
    group = {"securityGroupId": "sg-made-up", "ipProtocol": "-1", "cidrIpv4": "10.0.0.0/8"}
    both = [[resource(INGRESS, name, group, unknown=["securityGroupId"])] for name in ("a", "b")]
    (new,) = [each for each in compared(*both)["resources"] if each["warnings"]]
    assert new["warnings"][0]["after"] == UNKNOWN
    assert "sg-made-up" not in str(new["warnings"])
    assert refused(*([resource(TABLE, name, {"name": UNKNOWN})] for name in ("a", "b"))) == {}


def test_both_pages_say_that_aws_refuses_it_before_anything_that_is_only_added() -> None:
    found = document(stack([rule("web-route", 100)]), stack([rule("shop-route", 100)]))
    line = " ".join(text.text(found, Page(200, False, False), everything=False).split())
    for said in (line, markdown.markdown(found)):
        first = said.index("AWS refuses it, PriorityInUse (priority 100): web-route has it until the end")
        assert said.index("Planned, and AWS refuses it (1)") < first < said.index("Removed (1)")


def test_a_record_is_the_same_by_its_short_and_by_its_full_name() -> None:
    def found(first: str, second: str, zone: str | None, *, own: bool = False) -> list[str]:
        zones = [resource("aws:route53/zone:Zone", "zone", {"name": "example.com"})] if own else []
        needs = {"needs": {"zoneId": [zones[0]["urn"]]}, "unknown": ["zoneId"]} if own else {}
        base, head = (
            [*zones, resource(RECORD, name, {"zoneId": "Z1", "name": value, "type": "A"}, **needs)]
            for name, value in (("a", first), ("b", second))
        )
        answer = {"token": "aws:route53/getZone:getZone", "result": {"zoneId": "Z1", "name": zone}}
        whole = document(stack(base, lookups=[answer] if zone else []), stack(head))["stacks"]["dev"]
        return [each["name"] for each in whole["resources"] if each["warnings"]]

    for first, second in (("www", "www.example.com"), ("WWW.example.com.", "www"), ("", "example.com")):
        assert found(first, second, "example.com.") == ["b"], (first, second)
        assert found(first, second, None, own=True) == ["b"], (first, second)
    assert found("www", "www.other.example.com", "example.com") == []
    assert found("www", "www.example.com", None) == [], "nobody knows the name of that zone"


def test_a_record_whose_own_name_is_only_written_in_full_is_refused_unless_it_goes_first() -> None:
    zone = resource("aws:route53/zone:Zone", "zone", {"name": "example.com"})

    def record(name: str, **options: Any) -> list[Found]:
        given = {"needs": {"zoneId": [zone["urn"]]}, "unknown": ["zoneId"], "options": options}
        return [zone, resource(RECORD, "a", {"zoneId": "Z1", "name": name, "type": "A"}, **given)]

    (said,) = refused(record("www"), record("www.example.com"))["a"]
    assert "the old one has it until the end" in said
    assert refused(record("www"), record("www.example.com", deleteBeforeReplace=True)) == {}
