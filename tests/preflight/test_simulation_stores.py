"""The stand-in for AWS where it makes tables, streams and file systems, and what the provider refuses of them."""

import re
from typing import Any

import pytest

from preflight import simulation
from preflight.cost.free import is_free
from preflight.simulation import changes, checks, computed
from tests.gathered import for_each

TABLE, FILES = "aws:dynamodb/table:Table", "aws:efs/fileSystem:FileSystem"
STREAM, SERVERLESS = "aws:msk/cluster:Cluster", "aws:msk/serverlessCluster:ServerlessCluster"
KEYED: dict[str, Any] = {
    "hashKey": "id",
    "attributes": [{"name": "id", "type": "S"}, {"name": "mail", "type": "S"}],
    "globalSecondaryIndexes": [
        {
            "name": "by-mail",
            "projectionType": "ALL",
            "keySchemas": [{"attributeName": "mail", "keyType": "HASH"}],
        }
    ],
}


def made(type_token: str, inputs: dict[str, Any] | None = None, region: str = "eu-west-1") -> dict[str, Any]:
    account, given = "111122223333", inputs or {}
    identity = simulation.resource_id(type_token, "main", given, region=region, account=account)
    return {**simulation.computed(type_token, "main", given, region=region, account=account), "id": identity}


@for_each(
    "token, key, shape",
    [
        (STREAM, "arn", r"arn:aws:kafka:eu-west-1:111122223333:cluster/main-[0-9a-f]{7}/[0-9a-f-]{36}-5"),
        (STREAM, "bootstrapBrokersSaslIam", r"b-1\.main\.[a-z0-9]{6}\.c5\.kafka\.eu-west-1\.amazonaws\.com:9098,.*"),
        (SERVERLESS, "arn", r"arn:aws:kafka:eu-west-1:111122223333:cluster/main-[0-9a-f]{7}/[0-9a-f-]{36}-s1"),
        (SERVERLESS, "bootstrapBrokersSaslIam", r"boot-[a-z0-9]{8}\.c1\.kafka-serverless\.eu-west-1\..*:9098"),
        (
            "aws:msk/configuration:Configuration",
            "arn",
            r"arn:aws:kafka:.*:configuration/main-[0-9a-f]{7}/[0-9a-f-]{36}-5",
        ),
    ],
)
def test_a_stream_looks_as_kafka_does(token: str, key: str, shape: str) -> None:
    assert re.fullmatch(shape, made(token)[key])


def test_the_second_edition_of_a_bucket_looks_like_the_first() -> None:
    first, second = "aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"
    for inputs in ({"bucket": "files-of-the-shop"}, {"bucket": "files-of-the-shop", "forceDestroy": True}):
        found = made(second, inputs)
        assert found["arn"] == "arn:aws:s3:::files-of-the-shop"
        keys = ("id", "bucketDomainName", "bucketRegionalDomainName")
        assert {key: found[key] for key in keys} == {key: made(first, inputs)[key] for key in keys}
    assert made("aws:s3/bucketVersioningV2:BucketVersioningV2", {"bucket": "b"})["id"] == "b"
    key, name = simulation.physical_name(second, "Upper") or ("", "")
    assert key == "bucket"
    assert name.startswith("upper-"), "AWS takes no capitals"


def test_a_table_has_a_stream_only_if_it_is_asked_for() -> None:
    assert made(TABLE, KEYED)["streamArn"] == ""
    told = made(TABLE, {**KEYED, "streamEnabled": True})
    assert re.fullmatch(r"arn:aws:dynamodb:.*:table/main-[0-9a-f]{7}/stream/2026-.*", told["streamArn"])


def test_a_part_of_a_bucket_or_a_file_system_is_known_by_what_it_belongs_to() -> None:
    assert made("aws:efs/fileSystemPolicy:FileSystemPolicy", {"fileSystemId": "fs-1"})["id"] == "fs-1"
    for part in ("ReplicationConfig", "ObjectLockConfiguration"):
        assert made(f"aws:s3/bucket{part}:Bucket{part}", {"bucket": "uploads"})["id"] == "uploads"
    tiers = "aws:s3/bucketIntelligentTieringConfiguration:BucketIntelligentTieringConfiguration"
    assert made(tiers, {"bucket": "uploads", "name": "unread"})["id"] == "uploads:unread"


def test_a_table_whose_attributes_are_its_keys_is_taken() -> None:
    assert checks.problems(TABLE, KEYED) == []


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "an attribute of no key": (
        {"attributes": [*KEYED["attributes"], {"name": "age", "type": "N"}]},
        "attributes",
        "all attributes must be indexed. Unused: age",
    ),
    "a key that is not declared": ({"rangeKey": "at"}, "attributes", "Unmatched: at"),
    "a mode": ({"billingMode": "ON_DEMAND"}, "billingMode", "PAY_PER_REQUEST"),
    "a class": ({"tableClass": "COLD"}, "tableClass", "STANDARD"),
}


@for_each("name", REFUSED)
def test_the_provider_refuses_of_a_table(name: str) -> None:
    change, key, words = REFUSED[name]
    (problem,) = checks.problems(TABLE, {**KEYED, **change})
    assert problem.property == key
    assert words in problem.reason


def test_what_is_not_known_yet_is_judged_when_it_is() -> None:
    assert checks.problems(TABLE, {**KEYED, "hashKey": checks.UNKNOWN}) == []


@pytest.mark.parametrize(
    ("key", "value"), [("throughputMode", "fast"), ("performanceMode", "best"), ("creationToken", "t" * 65)]
)
def test_the_provider_refuses_of_a_file_system(key: str, value: str) -> None:
    good = {"encrypted": True, "kmsKeyId": "arn:key", "throughputMode": "bursting"}
    assert checks.problems(FILES, good) == []
    assert [problem.property for problem in checks.problems(FILES, {**good, key: value})] == [key]


def test_another_key_of_an_index_makes_the_index_anew_and_not_the_table() -> None:
    index = KEYED["globalSecondaryIndexes"][0]
    other = {**KEYED, "globalSecondaryIndexes": [{**index, "keySchemas": [{"attributeName": "id", "keyType": "HASH"}]}]}
    assert [change.effect for change in changes.changes(TABLE, KEYED, other)] == ["update"]
    assert [change.effect for change in changes.changes(TABLE, KEYED, {**KEYED, "hashKey": "mail"})] == ["replace"]


def test_the_settings_of_kafka_cost_nothing_and_a_copy_is_not_called_free() -> None:
    assert is_free("aws:msk/configuration:Configuration")
    assert not is_free("aws:s3/bucketReplicationConfig:BucketReplicationConfig")


@pytest.mark.parametrize(
    ("region", "host"),
    [("us-west-2", "s3-website-us-west-2.amazonaws.com"), ("eu-central-1", "s3-website.eu-central-1.amazonaws.com")],
)
def test_a_bucket_has_a_website_only_when_it_is_told_to(region: str, host: str) -> None:
    where: dict[str, Any] = {"region": region, "account": "111122223333"}
    bucket = "aws:s3/bucket:Bucket"
    site = computed(bucket, "b", {"bucket": "shop", "website": {"indexDocument": "i"}}, **where)
    assert (site["websiteEndpoint"], site["websiteDomain"]) == (f"shop.{host}", host)
    assert not computed(bucket, "b", {"bucket": "shop"}, **where)["websiteEndpoint"]
    own = computed("aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration", "b", {"bucket": "shop"}, **where)
    assert own["websiteEndpoint"] == f"shop.{host}"
