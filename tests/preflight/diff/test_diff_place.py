"""A stack that stands in another account or region than the base: what only follows that is no change."""

import json
from typing import Any

from preflight.diff import markdown, text
from preflight.run import DEFAULT_ACCOUNT
from preflight.simulation import images
from preflight.summary import Page
from tests.gathered import for_each
from tests.preflight.diff.reports import document, provider, resource, stack, told, urn

BUCKET, KEY, DATABASE, TABLE = (
    "aws:s3/bucket:Bucket", "aws:kms/key:Key", "aws:rds/cluster:Cluster", "aws:dynamodb/table:Table",
)  # fmt: skip
HERE, THERE = "111122223333", "222233334444"


def shop(account: str, region: str = "eu-west-1", tag: str = "a", **given: Any) -> dict[str, Any]:
    """A database whose key's ARN names where it stands, a policy that does, and a bucket that only has a tag."""
    arn = f"arn:aws:kms:{region}:{account}:key/9b64ab8f-0000-0000-0000-000000000000"
    policy = json.dumps({"Statement": [{"Sid": "all", "Principal": f"arn:aws:iam::{account}:root"}]})
    found = stack(
        [
            resource(KEY, "key", {"policy": policy}),
            resource(
                DATABASE, "db", {"kmsKeyId": arn, "engine": "aurora-postgresql", "tags": {"zone": f"{region}a"}},
                needs={"kmsKeyId": [urn(KEY, "key")]}, unknown=["kmsKeyId"], options={"protect": True},
            ),
            resource(BUCKET, "files", {"tags": {"a": tag, "source": "eu-west-1"}}),
        ],
        **given,
    )  # fmt: skip
    found["resources"][0] = provider(region)
    found["resources"][0]["inputs"]["allowedAccountIds"] = json.dumps([account])
    return found


def pages(found: dict[str, Any]) -> tuple[str, str]:
    return text.text(found, Page(400, False, False), everything=False), markdown.markdown(found)


def test_another_account_alone_changes_nothing_and_loses_nothing() -> None:
    found = document(shop(HERE), shop(THERE))
    said = found["stacks"]["dev"]
    assert [each["name"] for each in said["resources"]] == ["main"], "the provider itself"
    assert said["moved"] == [{"what": "account", "base": HERE, "head": THERE}]
    assert {said["summary"][key] for key in ("losesData", "replace", "engineRefuses", "refused", "update")} == {0}
    for page in pages(found):
        assert f"another account: {HERE} -> {THERE}: nothing of the base is there" in page
        assert "Loses data" not in page


def test_in_another_account_what_differs_is_made_anew_and_nothing_of_the_base_is_replaced() -> None:
    head = shop(THERE, tag="b")
    head["resources"][2]["inputs"]["engine"] = "aurora-mysql"
    listed = document(shop(HERE), head)["stacks"]["dev"]["resources"]
    assert {each["name"]: each["action"] for each in listed if each["name"] != "main"} == {"db": "add", "files": "add"}
    assert [each["losesData"] or each["engineRefuses"] for each in listed] == [False] * 3
    (files,) = [each for each in listed if each["name"] == "files"]
    assert told(files) == [("tags.a", "a", "b", "update")]


def test_the_account_of_somebody_else_is_not_that_of_the_stack() -> None:
    head = shop(HERE)
    head["resources"][1]["inputs"]["policy"] = head["resources"][1]["inputs"]["policy"].replace(HERE, THERE)
    found = document(shop(HERE), head)["stacks"]["dev"]
    assert found["moved"] == []
    assert [each["name"] for each in found["resources"]] == ["key"]


def test_in_another_region_all_is_replaced_and_only_for_that() -> None:
    head = shop(HERE, "us-west-2")
    head["resources"][3]["inputs"]["tags"]["source"] = "eu-west-1"  # which is meant
    found = document(shop(HERE), head)
    said = found["stacks"]["dev"]
    by_name = {each["name"]: each for each in said["resources"]}
    assert {name: each["action"] for name, each in by_name.items() if name != "main"} == {
        "key": "replace", "db": "replace", "files": "replace",
    }  # fmt: skip
    assert told(by_name["files"]) == [("region", "eu-west-1", "us-west-2", "replace")]
    assert "tags" not in str(by_name["db"]["changes"])
    for page in pages(found):
        assert "another region: eu-west-1 -> us-west-2: what is regional is replaced" in page


def test_an_image_that_awsx_calls_after_its_repository_is_the_same_one_elsewhere() -> None:
    parents = "awsx:ecr:Image$"

    def built(account: str, name: str) -> dict[str, Any]:
        tags = {"tags": [f"{account}.dkr.ecr.eu-west-1.amazonaws.com/web:1"], "push": True}
        image = resource(
            "docker-build:index:Image", name, tags, parent=urn("awsx:ecr:Image", "web-image"),
            urn=urn("docker-build:index:Image", name, parents),
        )  # fmt: skip
        group = resource("awsx:ecr:Image", "web-image", parent=urn("shop:Web", "web"), custom=False)
        run = json.dumps([{"name": "app", "image": images.outputs(tags)["ref"]}])
        task = resource("aws:ecs/taskDefinition:TaskDefinition", "task", {"family": "web", "containerDefinitions": run})
        found = stack([resource("shop:Web", "web", custom=False), group, image, task])
        found["resources"][0]["inputs"]["allowedAccountIds"] = [account]
        return found

    found = document(built(HERE, "0f930c57"), built(THERE, "e467e2da"))["stacks"]["dev"]
    assert [each["name"] for each in found["resources"]] == ["main"]
    again = document(built(HERE, "0f930c57"), built(HERE, "e467e2da"))["stacks"]["dev"]["resources"]
    assert [(each["name"], each["action"]) for each in again] == [("web image", "remove"), ("web image", "add")]


EURO = "urn:pulumi:dev::shop::pulumi:providers:aws::euro"


def spread(topics: int, **inputs: Any) -> dict[str, Any]:
    """Three queues where the stack stands, and some topics of another provider, elsewhere."""
    queues = [resource("aws:sqs/queue:Queue", f"q{i}", {"name": f"q{i}"}) for i in range(3)]
    far = resource("pulumi:providers:aws", "euro", {"region": "eu-central-1"}, urn=EURO, options={"provider": ""})
    found = stack([far, *queues, *(
        resource("aws:sns/topic:Topic", f"t{i}", options={"provider": EURO}) for i in range(topics)
    )])  # fmt: skip
    found["resources"][0]["inputs"].update(inputs)
    return found


def test_more_resources_in_a_second_region_or_account_do_not_move_the_stack() -> None:
    for fewer, more in ((2, 5), (5, 2), (0, 9)):
        said = document(spread(fewer), spread(more))["stacks"]["dev"]
        assert said["moved"] == []
        assert {each["action"] for each in said["resources"]} <= {"add", "remove"}
        assert {each["type"] for each in said["resources"]} == {"aws:sns/topic:Topic"}
    own = {"allowedAccountIds": [HERE]}
    far = {"result": {"accountId": THERE}, "token": "aws:index/getCallerIdentity:getCallerIdentity", "args": {}}
    base, head = spread(2, **own), spread(5, **own)
    base["lookups"] = head["lookups"] = [far]
    assert document(base, head)["stacks"]["dev"]["moved"] == []
    base["lookups"] = [{**far, "result": {"accountId": HERE}}]
    del base["resources"][0]["inputs"]["allowedAccountIds"], head["resources"][0]["inputs"]["allowedAccountIds"]
    head["resources"][1]["inputs"]["allowedAccountIds"] = [THERE]
    assert document(base, head)["stacks"]["dev"]["moved"] == [], "the other provider asked who it is"


def test_a_second_region_that_moves_takes_only_what_stands_there_along() -> None:
    head = spread(2)
    head["resources"][1]["inputs"]["region"] = "us-west-2"
    said = document(spread(2), head)["stacks"]["dev"]
    assert said["moved"] == []
    assert {each["name"]: each["action"] for each in said["resources"]} == {
        "euro": "update", "t0": "replace", "t1": "replace",
    }  # fmt: skip


def test_an_account_that_nobody_gave_is_none_that_is_left() -> None:
    def asked(account: str, **inputs: Any) -> dict[str, Any]:
        found = spread(0, **inputs)
        found["lookups"] = [{"token": "aws:index/getCallerIdentity:getCallerIdentity", "args": {}, "source": None,
                             "result": {"accountId": account}}]  # fmt: skip
        found["resources"].append(resource(BUCKET, "files", {"bucket": f"data-{account}"}))
        return found

    for base, head in (
        (asked(DEFAULT_ACCOUNT), asked(HERE, allowedAccountIds=[HERE])),
        (asked(HERE, allowedAccountIds=[HERE]), asked(DEFAULT_ACCOUNT)),
    ):
        said = document(base, head)["stacks"]["dev"]
        assert said["moved"] == []
        assert [each["name"] for each in said["resources"]] == ["main"], (
            "the name only follows what is said of the account"
        )
    given = asked(DEFAULT_ACCOUNT, allowedAccountIds=[DEFAULT_ACCOUNT])
    assert document(given, asked(HERE, allowedAccountIds=[HERE]))["stacks"]["dev"]["moved"], "this one was given"


def test_what_is_left_in_the_old_region_has_the_names_that_it_has_there() -> None:
    def there(region: str) -> dict[str, Any]:
        inputs = {"clusterIdentifier": f"db-{region}", "finalSnapshotIdentifier": f"last-{region}"}
        found = stack([resource(DATABASE, "db", inputs), resource(BUCKET, "files", {"bucket": f"files-{region}"})])
        found["resources"][0] = provider(region)
        return found

    listed = {
        each["name"]: each for each in document(there("eu-west-1"), there("us-west-2"))["stacks"]["dev"]["resources"]
    }
    assert "a final snapshot last-eu-west-1 remains" in listed["db"]["deletion"]["said"]
    assert (listed["files"]["action"], listed["files"]["deletedFirst"]) == ("replace", False), "its name is another one"
    again = there("us-west-2")
    again["resources"][2]["inputs"]["bucket"] = "files-eu-west-1"
    listed = {each["name"]: each for each in document(there("eu-west-1"), again)["stacks"]["dev"]["resources"]}
    assert listed["files"]["deletedFirst"]


@for_each("silent", ["base", "head"])
def test_a_region_that_one_side_only_assumes_is_told_as_a_move_that_may_be_one(silent: str) -> None:
    sides = {"base": shop(HERE, "us-east-1"), "head": shop(HERE, "us-east-1")}
    other = next(each for each in sides if each != silent)
    sides[other] = shop(HERE, "eu-west-1")
    del sides[silent]["resources"][0]["inputs"]["region"]
    sides[silent]["notes"] = ["no region is given: us-east-1 is assumed for aws:kms/key:Key 'key' and 2 more."]
    found = document(sides["base"], sides["head"])
    said = found["stacks"]["dev"]
    assert said["moved"] == [{"what": "region", silent: "us-east-1", other: "eu-west-1", "assumed": silent}]
    assert [each["name"] for each in said["resources"]] in ([], ["main"]), "what only follows the region is no change"
    for page in pages(found):
        assert f"perhaps another region: the {silent} gives none (us-east-1 is assumed), the {other} eu-west-1" in page
        assert "another region: us-east-1" not in page
    both = {side: {**sides[silent]} for side in sides}
    assert document(both["base"], both["head"])["stacks"]["dev"]["moved"] == []
