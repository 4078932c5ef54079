"""A stack that stands in another account or region than the base: what only follows that is no change."""

import json
from typing import Any

from preflight.diff import markdown, text
from preflight.simulation import images
from preflight.summary import Page
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
