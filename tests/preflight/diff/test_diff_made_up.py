"""Names, ids and ARNs that a deployment draws are shown as what they are, never as the recording made them up."""

import json
from typing import Any

from preflight import simulation
from tests.gathered import for_each
from tests.preflight.diff.reports import UNKNOWN, compared, only, resource, told, urn

BUCKET, QUEUE, FUNCTION = "aws:s3/bucket:Bucket", "aws:sqs/queue:Queue", "aws:lambda/function:Function"
TASK, KEY, VPC = "aws:ecs/taskDefinition:TaskDefinition", "aws:kms/key:Key", "aws:ec2/vpc:Vpc"
Found = dict[str, Any]


def drawn(token: str, name: str) -> str:
    found = simulation.physical_name(token, name, urn(token, name))
    assert found is not None
    return found[1]


def arn(token: str, name: str, **inputs: Any) -> str:
    made = simulation.computed(token, name, inputs, urn=urn(token, name), region="eu-west-1", account="123456789012")
    return str(made["arn"])


FILES = drawn(BUCKET, "files")


def function(variables: dict[str, str], *unknown: str, bucket: Found | None = None) -> list[Found]:
    needs = {"environment": [urn(BUCKET, "files"), urn(KEY, "key")]}
    paths = [f"environment.variables.{name}" for name in unknown]
    inputs = {"environment": {"variables": {"A": "1", **variables}}}
    return [
        resource(BUCKET, "files", bucket),
        resource(KEY, "key"),
        resource(FUNCTION, "fn", inputs, needs=needs, unknown=paths),
    ]


@for_each(
    "value, unknown, shown",
    [
        (FILES, False, "<name of files>"),
        (f"s3://{FILES}/in", False, "s3://<name of files>/in"),
        (f"arn:aws:s3:::{FILES}", True, "<arn of files>"),
        (f"arn:aws:s3:::{FILES}/*", True, "<arn of files>/*"),
        (arn(KEY, "key"), True, "<arn of key>"),
        (f"{arn(KEY, 'key')}|deadbeef0123", True, UNKNOWN),
        ("something-an-apply-made", True, UNKNOWN),
        ("a-name-of-ours", False, "a-name-of-ours"),
    ],
)
def test_an_added_value_says_what_it_is_of(value: str, unknown: bool, shown: Any) -> None:
    found = only(compared(function({}), function({"X": value}, *(["X"] if unknown else []))))
    assert told(found) == [("environment.variables.X", None, shown, "update")]
    assert FILES not in json.dumps(found["changes"])


def test_a_name_that_the_program_gives_is_shown_as_it_is() -> None:
    given = {"bucket": "our-own-files"}
    found = only(compared(function({}, bucket=given), function({"X": "our-own-files"}, bucket=given)))
    assert told(found) == [("environment.variables.X", None, "our-own-files", "update")]


def test_stand_ins_inside_of_a_json_text_are_told_too() -> None:
    def task(*more: Found) -> list[Found]:
        web = {"name": "web", "image": "i", "environment": [{"name": "A", "value": "1"}, *more]}
        needs = {"containerDefinitions": [urn(BUCKET, "files"), urn(QUEUE, "jobs")]}
        text = {"family": "f", "containerDefinitions": json.dumps([web])}
        made = resource(TASK, "task", text, needs=needs, unknown=["containerDefinitions"] if more else [])
        return [resource(BUCKET, "files"), resource(QUEUE, "jobs"), made]

    variables = {"FILES": FILES, "JOBS": arn(QUEUE, "jobs"), "PLAIN": "x", "HASH": "name-0123456789"}
    found = only(compared(task(), task(*({"name": name, "value": value} for name, value in variables.items()))))
    after = {change["after"]["name"]: change["after"]["value"] for change in found["changes"]}
    assert after == {"FILES": "<name of files>", "JOBS": "<arn of jobs>", "PLAIN": "x", "HASH": UNKNOWN}


def test_two_of_one_name_are_told_apart_by_their_type() -> None:
    twin = [resource(QUEUE, "files")]
    found = only(compared([*twin, *function({})], [*twin, *function({"X": FILES})]))
    assert told(found)[0][2] == "<name of files (s3.Bucket)>"


def test_what_holds_the_drawn_name_of_something_replaced_follows_it_although_a_preview_knows_the_name() -> None:
    def rows(key: str) -> list[Found]:
        table = "aws:dynamodb/table:Table"
        name = drawn(table, "rows")
        taken = {"needs": {"environment": [urn(table, "rows")]}}
        inputs = {"environment": {"variables": {"ROWS": name, "A": "1"}}}
        return [resource(table, "rows", {"hashKey": key}), resource(FUNCTION, "fn", inputs, **taken)]

    found = compared(rows("a"), rows("b"))["resources"]
    assert [(each["name"], each["action"], each["follows"]) for each in found] == [
        ("rows", "replace", False), ("fn", "update", True),
    ]  # fmt: skip
    assert told(found[1]) == [("environment.variables.ROWS", UNKNOWN, UNKNOWN, "update")]
    assert found[1]["changes"][0]["dueTo"] == [urn("aws:dynamodb/table:Table", "rows")]


def test_what_is_of_another_resource_does_not_follow_one_that_stands_beside_it_in_the_same_property() -> None:
    def rows(key: str) -> list[Found]:
        table = "aws:dynamodb/table:Table"
        places = {"ROWS": drawn(table, "rows"), "FILES": FILES, "BOTH": f"{FILES}/{drawn(table, 'rows')}"}
        needs = {"environment": [urn(table, "rows"), urn(BUCKET, "files")]}
        unknown = [f"environment.variables.{place}" for place in places]
        made = resource(FUNCTION, "fn", {"environment": {"variables": places}}, needs=needs, unknown=unknown)
        return [resource(table, "rows", {"hashKey": key}), resource(BUCKET, "files"), made]

    (function_,) = [each for each in compared(rows("a"), rows("b"))["resources"] if each["name"] == "fn"]
    assert [path for path, *_ in told(function_)] == ["environment.variables.ROWS", "environment.variables.BOTH"]


def test_a_list_of_others_is_of_them_also_as_json_text_unless_something_else_is_in_it() -> None:
    table = "aws:dynamodb/table:Table"

    def rows(key: str) -> list[Found]:
        own = drawn(table, "rows")
        places = {
            "LISTED": [FILES, arn(QUEUE, "jobs")], "JSON": json.dumps({"of": [FILES], "all": json.dumps([FILES])}),
            "WITH_IT": json.dumps([FILES, own]), "WITH_MORE": json.dumps([FILES, "something"]),
            "NUMBER": json.dumps([FILES, 3]), "EMPTY": "[]",
        }  # fmt: skip
        needs = {"environment": [urn(table, "rows"), urn(BUCKET, "files"), urn(QUEUE, "jobs")]}
        unknown = [f"environment.variables.{place}" for place in places]
        made = resource(FUNCTION, "fn", {"environment": {"variables": places}}, needs=needs, unknown=unknown)
        return [resource(table, "rows", {"hashKey": key}), resource(BUCKET, "files"), resource(QUEUE, "jobs"), made]

    (function_,) = [each for each in compared(rows("a"), rows("b"))["resources"] if each["name"] == "fn"]
    assert [path.rpartition(".")[2] for path, *_ in told(function_)] == ["WITH_IT", "WITH_MORE", "NUMBER", "EMPTY"]


def test_an_element_is_not_told_by_a_name_that_aws_draws() -> None:
    def record(name: str, ttl: bool) -> Found:
        alias = [{"name": f"{name}.eu-west-1.elb.amazonaws.com", "zoneId": "Z1", "evaluateTargetHealth": ttl}]
        return resource("aws:route53/record:Record", "r", {"aliases": alias}, unknown=["aliases[0].name"])

    found = only(compared([record("lb-1a2b3c4-1234567890", True)], [record("lb-5d6e7f8-987654321", False)]))
    assert "elb.amazonaws" not in json.dumps(found["changes"])
    assert [path for path, *_ in told(found)] == ["aliases[0].evaluateTargetHealth", "aliases[0].name"]
    known = [
        resource("aws:lambda/function:Function", "f", {"layers": [{"name": n, "x": v}]})
        for n, v in (("a", 1), ("a", 2))
    ]
    assert [path for path, *_ in told(only(compared(known[:1], known[1:])))] == ["layers[name=a].x"]
