"""What `protect` and `retainOnDelete` make of a change: refused by the engine, or left in AWS without a manager."""

from typing import Any

import pytest

from preflight.diff import markdown, text
from preflight.summary import Page
from tests.gathered import for_each
from tests.preflight.diff.reports import compared, document, resource, stack, urn

VPC = "aws:ec2/vpc:Vpc"
TABLE, BUCKET, GROUP = "aws:dynamodb/table:Table", "aws:s3/bucket:Bucket", "aws:lb/targetGroup:TargetGroup"
ROOM = "shop:index:Room"
HELD, KEPT = {"protect": True}, {"retainOnDelete": True}
Found = dict[str, Any]


def table(key: str, **options: Any) -> Found:
    return resource(TABLE, "t", {"hashKey": key}, options=options)


def pages(base: list[Found], head: list[Found]) -> tuple[str, str]:
    """The terminal's page with every change, on one line, and the comment."""
    found = document(stack(base), stack(head))
    return " ".join(text.text(found, Page(200, False, False), everything=True).split()), markdown.markdown(found)


@for_each(
    "before, after, refused",
    [(HELD, HELD, True), (HELD | KEPT, HELD | KEPT, True), (HELD, {}, False), ({}, HELD, False), ({}, {}, False)],
)
def test_a_replacement_is_refused_where_the_state_and_the_program_both_protect(
    before: Found, after: Found, refused: bool
) -> None:
    found = compared([table("a", **before)], [table("b", **after)])
    assert [(each["action"], each["engineRefuses"]) for each in found["resources"]] == [("replace", refused)]
    assert found["summary"]["engineRefuses"] == refused


@pytest.mark.parametrize("options", [HELD, HELD | KEPT])
def test_a_removal_is_refused_by_the_protection_in_the_state_retained_or_not(options: Found) -> None:
    (found,) = compared([resource(GROUP, "g", options=options)], [])["resources"]
    assert (found["action"], found["engineRefuses"], found["losesData"]) == ("remove", True, False)


def test_what_is_protected_and_stays_or_is_only_renamed_is_not_refused() -> None:
    base = [resource(BUCKET, "old", options=HELD), table("a", **HELD)]
    head = [
        resource(BUCKET, "new", {"tags": {"a": "1"}}, options=HELD | {"aliases": [{"name": "old"}]}),
        resource(TABLE, "t", {"hashKey": "a", "tags": {"a": "1"}}, options=HELD),
    ]
    found = compared(base, head)
    assert {each["action"] for each in found["resources"]} == {"update"}
    assert (found["summary"]["engineRefuses"], found["summary"]["staysInAws"]) == (0, 0)


def test_what_goes_first_with_something_else_is_refused_by_the_state_alone() -> None:
    def network(cidr: str, *, first: bool, options: Found) -> list[Found]:
        given = {"deleteBeforeReplace": True} if first else {}
        inside = {"needs": {"vpcId": [urn(VPC, "net")]}, "unknown": ["vpcId"], "options": options}
        return [
            resource(VPC, "net", {"cidrBlock": cidr}, options=given),
            resource(GROUP, "g", {"vpcId": "vpc-1"}, **inside),
        ]

    for first in (True, False):
        base = network("10.0.0.0/16", first=first, options=HELD)
        found = compared(base, network("10.1.0.0/16", first=first, options={}))["resources"]
        (group,) = [each for each in found if each["name"] == "g"]
        assert group["action"] == "replace"
        assert (group["engineRefuses"], group["deletedFirst"]) == (first, first)
        wanted = "an update before that sets protect to false, or `pulumi state unprotect <urn>`" if first else None
        assert group["instead"] == wanted, "the program has taken the protection off already"


def room(child_options: Found, *, at_home: bool) -> list[Found]:
    """A protected component with one bucket, or the bucket alone, which an alias finds again."""
    home = resource(ROOM, "room", custom=False, options=HELD)
    inside = urn(BUCKET, "b", f"{ROOM}$")
    if at_home:
        return [home, resource(BUCKET, "b", parent=home["urn"], urn=inside, options=child_options)]
    return [resource(BUCKET, "b", options=child_options | {"aliases": [inside]})]


def test_a_protected_component_that_is_dissolved_is_refused_though_its_resources_move_out() -> None:
    found = compared(room(HELD, at_home=True), room(HELD, at_home=False))
    assert [(each["name"], each["action"], each["engineRefuses"]) for each in found["resources"]] == [
        ("room", "remove", True), ("b", "rename", False),
    ]  # fmt: skip


def test_a_component_whose_resource_is_refused_is_not_told_as_well() -> None:
    found = compared(room(HELD, at_home=True), [])
    assert [each["name"] for each in found["resources"]] == ["b"]
    alone = compared(room({}, at_home=True), [])
    assert [(each["name"], each["engineRefuses"]) for each in alone["resources"]] == [("room", True), ("b", False)]


def test_what_the_engine_refuses_is_told_first_of_all_and_once_with_what_it_would_cost() -> None:
    base = [resource(BUCKET, "plain", {"forceDestroy": True}), table("a", **HELD), resource(GROUP, "g", options=HELD)]
    for said in pages(base, [table("b", **HELD)]):
        refused, lost = (said.index(title) for title in ("while it is protected (2)", "Loses data (1)"))
        first = said.index(
            "t (dynamodb.Table) is replaced because of hashKey: without the protection, what it holds is"
        )
        assert refused < first < lost < said.index("plain (s3.Bucket) is removed: what it holds is lost")
        assert refused < said.index("g (lb.TargetGroup) is removed") < lost
        assert said.count("protected, so the engine refuses") == 2, "in the list of all changes too"
    line, comment = pages(base, [table("b", **HELD)])
    assert "1 replaced, 2 removed; the engine refuses 2 of these (protected)" in line
    columns, row = (
        [cell.strip() for cell in each.split("|")]
        for each in comment.splitlines()
        if each.startswith(("| stack", "| `dev"))
    )
    told = dict(zip(columns, row, strict=True))
    assert (told["engine refuses"], told["loses data"], told["AWS refuses"]) == ("**2**", "**1**", "")


def test_what_is_retained_stays_without_a_manager_and_the_program_gets_an_empty_one() -> None:
    base = [
        table("a", **KEPT),
        resource(GROUP, "g", {"port": 80}, options=KEPT),
        resource(BUCKET, "gone", {"forceDestroy": True}, options=KEPT),
    ]
    head = [table("b", **KEPT), resource(GROUP, "g", {"port": 81}, options=KEPT)]
    line, comment = pages(base, head)
    assert "; 3 stay in AWS without a manager" in line
    for said in (line, comment):
        assert "t (dynamodb.Table) is replaced because of hashKey: the old one stays in AWS without a manager" in said
        assert "the program gets an empty new one" in said
        assert "the program gets a new one" in said
        first = said.index("Stays in AWS without a manager (3)")
        assert first < said.index("gone (s3.Bucket) is removed") < said.index("Removed (1)")
        assert said.count("stays in AWS without a manager") == 2, "the title says it of what is removed"
        assert "Loses data" not in said
        assert "refuses this" not in said
    both = "t (dynamodb.Table) is replaced because of hashKey: without the protection, the old one stays in AWS"
    for said in pages([table("a", **HELD, **KEPT)], [table("b", **HELD, **KEPT)]):
        assert both in said
        assert "Stays in AWS without a manager (" not in said, "told once"


def test_what_may_be_replaced_may_be_refused_and_may_stay() -> None:
    nobody_measured = [
        [resource(BUCKET, "b", {"nobodyKnows": each, "forceDestroy": True}, options=HELD | KEPT)] for each in (1, 2)
    ]
    line, _ = pages(*nobody_measured)
    assert "not known whether that replaces because of nobodyKnows: without the protection, if it is," in line


def test_what_is_retained_and_imported_by_another_name_is_taken_over_and_not_left() -> None:
    def there(bucket: str) -> list[Found]:
        return [resource(BUCKET, "old", {"bucket": bucket}, options=KEPT)]

    def head(bucket: str) -> list[Found]:
        return [resource(BUCKET, "new", {"bucket": bucket}, options={"import": bucket})]

    found = compared(there("files"), head("files"))
    by_name = {each["name"]: each for each in found["resources"]}
    assert (by_name["old"]["staysInAws"], by_name["old"]["takenOverBy"]) == (False, urn(BUCKET, "new"))
    assert found["summary"]["staysInAws"] == 0
    for said in pages(there("files"), head("files")):
        assert "it stays in AWS, and new takes it over (import)" in said
        assert "without a manager" not in said
    other = compared(there("files"), head("others"))["resources"]
    assert [each["staysInAws"] for each in other if each["name"] == "old"] == [True], "another bucket is imported"


def test_of_ids_that_aws_draws_the_one_import_of_the_type_is_taken_for_it() -> None:
    base = [resource(VPC, "old", {"cidrBlock": "10.0.0.0/16"}, options=KEPT)]
    one = resource(VPC, "new", {"cidrBlock": "10.0.0.0/16"}, options={"import": "vpc-1"})
    two = resource(VPC, "next", {"cidrBlock": "10.0.0.0/16"}, options={"import": "vpc-2"})
    assert compared(base, [one])["summary"]["staysInAws"] == 0
    assert compared(base, [one, two])["summary"]["staysInAws"] == 1, "nobody knows which of them it is"
