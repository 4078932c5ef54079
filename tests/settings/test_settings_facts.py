"""Where a stack lives, what an image reference says, and that tables say where they come from."""

import json
import re
from pathlib import Path

import botocore
import pytest

from settings import images, tables
from settings.database_versions import major_of, numbers
from settings.location import Location
from settings.tables import partition_not_supported as refusal
from tests.gathered import for_each

PARTITIONS = Path(botocore.__file__).parent / "data" / "partitions.json"
TABLES = sorted((Path(__file__).parents[2] / "settings" / "tables").glob("*.json"))


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("eu-west-1", "aws", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
    ],
)
def test_a_location_knows_its_partition(region: str, partition: str, suffix: str) -> None:
    location = Location.of(region, "111122223333")
    assert (location.partition, location.dns_suffix) == (partition, suffix)
    assert location.arn("sns", "alerts") == f"arn:{partition}:sns:{region}:111122223333:alerts"
    assert location.arn("s3", "logs/*", region=False, account=False) == f"arn:{partition}:s3:::logs/*"
    assert location.arn("iam", "root", region=False) == f"arn:{partition}:iam::111122223333:root"


@pytest.mark.parametrize("region", ["us-east-9", "eusc-de-east-1", "us-iso-east-1"])
def test_there_is_no_location_in_a_region_that_does_not_exist_or_of_a_partition_that_is_not_known(region: str) -> None:
    with pytest.raises(KeyError):
        Location.of(region, "111122223333")


def test_every_partition_is_either_supported_or_refused_by_name() -> None:
    """Those that botocore knows: a new one has to be decided about."""
    known = {row["id"]: row for row in json.loads(PARTITIONS.read_text())["partitions"]}
    refused = {found[0] for row in known.values() for region in row["regions"] if (found := refusal(region))}
    assert {*tables.partitions()} | refused == known.keys()
    assert {*tables.partitions()} & refused == set()
    for region in tables.regions().values():
        assert re.fullmatch(known[region.partition]["regionRegex"], region.code), region.code
        assert region.dns_suffix == known[region.partition]["outputs"]["dnsSuffix"]
        assert refusal(region.code) is None


@for_each("path", TABLES, name=lambda path: path.stem)
def test_a_table_states_its_source_and_date(path: Path) -> None:
    content = json.loads(path.read_text())
    assert re.fullmatch(r"20\d\d-\d\d(-\d\d)?", content["asOf"])
    assert len(content["source"]) > 20


def test_the_tables_hold_together() -> None:
    for region in tables.regions().values():
        assert region.letters is None or len(set(region.letters)) == len(region.letters) >= 2
    for engine in ("aurora-postgresql", "aurora-mysql", "postgres", "mysql", "mariadb"):
        offered = tables.database_versions(engine)
        assert all(list(versions) == sorted(versions, key=numbers) for versions in offered.values())
        assert all(major_of(engine, version) == major for major, versions in offered.items() for version in versions)
    assert {"db.r8g.large", "db.t4g.medium"} < set(tables.aurora_classes()) < set(tables.instance_classes())
    assert not {"db.t4g.micro", "db.m7g.large"} & set(tables.aurora_classes())
    assert tables.cache_family("valkey", "8.2") == "valkey8"
    assert tables.cache_family("redis", "6.2") == "redis6.x"
    assert {node.vcpu for node in tables.cache_nodes().values()} <= {2, 4, 8, 16, 32, 48, 64}
    assert {name.split(".")[0] for name in tables.instance_classes()} == {"db"}
    assert tables.instance_classes()["db.m7g.large"] == tables.InstanceClass(vcpu=2, memory_gib=8)


DIGEST = "sha256:" + "0" * 64


@for_each(
    "reference, registry, repository, tag, digest",
    [
        ("web", None, "web", None, None),
        ("web:1", None, "web", "1", None),
        ("team/web:1", None, "team/web", "1", None),
        ("host:5000/web", "host:5000", "web", None, None),
        ("host:5000/team/web:1", "host:5000", "team/web", "1", None),
        ("ghcr.io/team/web@" + DIGEST, "ghcr.io", "team/web", None, DIGEST),
        ("ghcr.io/team/web:1@" + DIGEST, "ghcr.io", "team/web", "1", DIGEST),
        ("localhost/web", "localhost", "web", None, None),
    ],
)
def test_a_reference_is_taken_apart_as_docker_does(
    reference: str, registry: str | None, repository: str, tag: str | None, digest: str | None
) -> None:
    assert images.parse(reference) == images.Image(registry=registry, repository=repository, tag=tag, digest=digest)


@for_each(
    "reference",
    ["", ":1", "web:", "web@", "web@sha256:1", "Web", "web//x", "host:port/web", "-web", "web:a:b", "web\n"],
)
def test_what_is_no_reference_is_refused(reference: str) -> None:
    with pytest.raises(ValueError, match=r"its|no registry"):
        images.parse(reference)


@for_each(
    "registry, private",
    [
        ("111122223333.dkr.ecr.us-east-1.amazonaws.com", True),
        ("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn", True),
        ("public.ecr.aws", False),
        ("ghcr.io", False),
        ("111122223333.dkr.ecr.us-east-1.amazonaws.com.example.com", False),
    ],
)
def test_a_private_ecr_is_told_from_other_registries(registry: str, private: bool) -> None:
    assert images.parse(f"{registry}/web:1").in_private_ecr is private
