"""What comes first, and what shortening hides last: causes before what only follows or watches them."""

import json
from typing import Any

from preflight.diff import markdown, text
from preflight.summary import Page
from tests.preflight.diff.reports import compared, document, resource, stack, urn

VPC, SUBNET, TABLE = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:dynamodb/table:Table"
ALARM, BOARD, ROLE = "aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/dashboard:Dashboard", "aws:iam/role:Role"
Found = dict[str, Any]


def network(cidr: str, *, subnets: int = 8, roles: int = 1, networks: int = 1) -> list[Found]:
    """Networks that are replaced, subnets that follow the first one, alarms that follow those, what else changes."""
    found = [resource(VPC, f"net-{i:02}", {"cidrBlock": cidr}) for i in range(networks)]
    first = urn(VPC, "net-00")
    for i in range(subnets):
        found.append(resource(SUBNET, f"sub-{i}", {"vpcId": "vpc-1"}, needs={"vpcId": [first]}, unknown=["vpcId"]))
        dimension = {"needs": {"dimensions": [urn(SUBNET, f"sub-{i}")]}, "unknown": ["dimensions.S"]}
        found.append(resource(ALARM, f"alarm-{i}", {"dimensions": {"S": "subnet-1"}}, **dimension))
    found.append(resource(BOARD, "board", {"dashboardBody": f'{{"a": "{cidr}"}}'}))
    found.append(resource(TABLE, "rows", {"tags": {"net": cidr}}))
    return [*found, *(resource(ROLE, f"role-{i:02}", {"description": cidr}) for i in range(roles))]


def pages(base: list[Found], head: list[Found]) -> tuple[str, str]:
    found = document(stack(base), stack(head))
    return text.text(found, Page(200, False, False), everything=False), markdown.markdown(found)


def test_data_comes_first_then_causes_then_what_follows_and_what_watches_comes_last() -> None:
    found = compared(network("10.0.0.0/16", subnets=1), network("10.1.0.0/16", subnets=1))["resources"]
    assert [(each["name"], each["action"], each["follows"]) for each in found] == [
        ("net-00", "replace", False), ("sub-0", "replace", True),
        ("rows", "update", False), ("role-00", "update", False), ("board", "update", False), ("alarm-0", "update", True),
    ]  # fmt: skip


def test_a_cause_is_never_behind_and_more_while_what_follows_it_is_shown() -> None:
    before, after = (network(cidr, roles=7) for cidr in ("10.0.0.0/16", "10.1.0.0/16"))
    said, comment = pages(before, after)
    assert "role-00" in said
    assert "sub-0" not in said, "a cause is behind `and N more`, so what follows is only counted"
    assert "alarm-" not in said
    assert "board" not in said
    assert "and 8 more, which only follow or watch others (--all shows all)" in said
    assert "and 12 more (--all shows all)" in said
    few = pages(network("10.0.0.0/16"), network("10.1.0.0/16"))[0]
    assert "sub-0" in few, "all causes are there, so there is room for others"
    titles = [
        comment.index(f"<summary>{title} (")
        for title in (
            "Replaced",
            "Updated in place",
            "Replaced, only to follow or watch others",
            "Updated in place, only",
        )
        if f"<summary>{title} (" in comment
    ]
    assert len(titles) == 3
    assert titles == sorted(titles)
    assert comment.index("`board (") > titles[-1], "it only watches, although its own text changed"


def test_ten_replacements_are_told_one_by_one_and_updates_in_brief() -> None:
    said, _ = pages(network("10.0.0.0/16", networks=10), network("10.1.0.0/16", networks=10))
    assert [i for i in range(10) if f"net-{i:02}" not in said] == []


def test_a_comment_that_is_full_leaves_out_what_follows_first() -> None:
    before, after = (network(cidr, subnets=300, roles=300) for cidr in ("10.0.0.0/16", "10.1.0.0/16"))
    _, comment = pages(before, after)
    assert len(comment.encode()) <= 60_000
    assert [i for i in range(300) if f"role-{i:02}" not in comment] == []
    assert "`sub-299" not in comment


def test_another_source_is_a_cause_of_its_own() -> None:
    def web(name: str) -> list[Found]:
        taken = {"needs": {"subnetId": [urn(SUBNET, name)]}, "unknown": ["subnetId"]}
        both = [resource(SUBNET, each, {"cidrBlock": "10.0.0.0/24"}) for each in ("one", "two")]
        return [*both, resource("aws:ec2/instance:Instance", "web", {"subnetId": f"subnet-{name}"}, **taken)]

    (found,) = compared(web("one"), web("two"))["resources"]
    assert (found["action"], found["follows"]) == ("replace", False)


def test_of_what_is_lost_data_itself_comes_first_and_logs_and_images_last() -> None:
    tokens = {
        "logs": "aws:cloudwatch/logGroup:LogGroup", "images": "aws:ecr/repository:Repository", "rows": TABLE,
        "mails": "aws:sqs/queue:Queue", "tree": "aws:efs/fileSystem:FileSystem",
    }  # fmt: skip
    base = [resource(token, name, {"forceDelete": True}) for name, token in tokens.items()]
    lost = [each["name"] for each in compared(base, [])["resources"] if each["losesData"]]
    assert lost == ["rows", "tree", "mails", "logs", "images"]


def test_a_widget_is_known_by_its_title_wherever_it_stands() -> None:
    def board(*titles: str, period: int = 60) -> list[Found]:
        widgets = [{"type": "metric", "properties": {"title": each, "period": period}} for each in titles]
        text = {"type": "text", "properties": {"markdown": "# All"}}
        return [resource(BOARD, "board", {"dashboardBody": json.dumps({"widgets": [text, *widgets]})})]

    (found,) = compared(board("cpu", "memory"), board("disk", "cpu", "memory"))["resources"]
    assert [change["path"] for change in found["changes"]] == ["dashboardBody.widgets[title=disk]"]


def test_of_two_long_texts_the_part_that_differs_is_shown() -> None:
    base, head = ([resource(ROLE, "one", {"description": "x" * 200 + end})] for end in ("old", "new"))
    said, _ = pages(base, head)
    assert f'description: "...{"x" * 20}old" -> "...{"x" * 20}new"' in said
