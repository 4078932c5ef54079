"""The recorder against a program whose graph is known field by field."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.gathered import for_each
from tests.preflight.known_graph import CALLBACKS, PROGRAM, SECRET, SETTINGS
from tests.preflight.recorder_support import ROOT, by_name, job, record, write

URN = "urn:pulumi:dev::demo::"
UNKNOWN = {"$unknown": True}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("known"), PROGRAM)


def settings(program: Path, mode: str) -> dict[str, Any]:
    return job(program, mode, **SETTINGS)


@pytest.fixture(scope="module")
def preview(program: Path) -> dict[str, Any]:
    return record(settings(program, "preview"))


@pytest.fixture(scope="module")
def update(program: Path) -> dict[str, Any]:
    return record(settings(program, "update"))


def test_every_resource_has_the_urn_that_the_engine_gives(preview: dict[str, Any]) -> None:
    assert [r["urn"] for r in preview["resources"]] == [
        f"{URN}aws:ec2/subnet:Subnet::net-a",
        f"{URN}aws:ec2/subnet:Subnet::net-b",
        f"{URN}aws:ec2/vpc:Vpc::net",
        f"{URN}aws:iam/role:Role::role",
        f"{URN}aws:rds/instance:Instance::db",
        f"{URN}aws:rds/subnetGroup:SubnetGroup::db",
        f"{URN}demo:store:Shelf$aws:s3/bucket:Bucket::box",
        f"{URN}demo:store:Shelf::shelf",
        f"{URN}pulumi:providers:aws::main",
        f"{URN}pulumi:pulumi:Stack::demo-dev",
    ]


def test_parents_are_the_component_and_the_stack(preview: dict[str, Any]) -> None:
    resources = by_name(preview)
    assert resources["Bucket box"]["parent"] == f"{URN}demo:store:Shelf::shelf"
    assert resources["Vpc net"]["parent"] == f"{URN}pulumi:pulumi:Stack::demo-dev"
    assert resources["Stack demo-dev"]["parent"] is None


def test_each_property_depends_on_exactly_what_it_was_made_from(preview: dict[str, Any]) -> None:
    resources = by_name(preview)
    subnets = [f"{URN}aws:ec2/subnet:Subnet::net-a", f"{URN}aws:ec2/subnet:Subnet::net-b"]
    assert resources["Subnet net-a"]["propertyDependencies"] == {"vpcId": [f"{URN}aws:ec2/vpc:Vpc::net"]}
    assert resources["SubnetGroup db"]["propertyDependencies"] == {"subnetIds": subnets}
    database = resources["Instance db"]
    assert database["propertyDependencies"] == {"dbSubnetGroupName": [f"{URN}aws:rds/subnetGroup:SubnetGroup::db"]}
    assert database["dependencies"] == [
        f"{URN}aws:rds/subnetGroup:SubnetGroup::db",
        f"{URN}demo:store:Shelf$aws:s3/bucket:Bucket::box",
    ], "a component in depends_on stands for its children"


def test_options_are_those_that_were_set_and_no_others(preview: dict[str, Any]) -> None:
    resources = by_name(preview)
    provider = f"{URN}pulumi:providers:aws::main"
    assert resources["Bucket box"]["options"] == {
        "aliases": [{"name": "crate"}, *[{"type": "aws:s3/bucketV2:BucketV2"}] * 2],  # the SDK adds the type's old name
        "customTimeouts": {"create": 5400},
        "deleteBeforeReplace": True,
        "ignoreChanges": ["tags", "forceDestroy"],
        "protect": True,
        "provider": provider,
        "replaceOnChanges": ["objectLockEnabled"],
        "retainOnDelete": True,
        "version": "7.51.1",
    }
    assert resources["Shelf shelf"]["options"] == {"providers": {"aws": provider}}
    assert resources["Role role"]["options"]["deletedWith"] == f"{URN}aws:ec2/vpc:Vpc::net"
    assert resources["Vpc net"]["options"] == {"provider": provider, "version": "7.51.1"}


def test_a_resource_knows_the_line_that_made_it(preview: dict[str, Any]) -> None:
    resources = by_name(preview)
    assert resources["Shelf shelf"]["source"] == "__main__.py:18"
    assert resources["Bucket box"]["source"] == "__main__.py:11"
    assert resources["Subnet net-b"]["source"] == "__main__.py:20"
    assert resources["Stack demo-dev"]["source"] is None


def test_the_order_is_that_of_the_program_and_not_that_of_the_names(
    preview: dict[str, Any], update: dict[str, Any]
) -> None:
    assert [urn.rpartition("::")[2] for urn in update["order"]] == [
        "demo-dev", "main", "shelf", "box", "net", "net-a", "net-b", "db", "db", "role",
    ]  # fmt: skip
    assert sorted(update["order"]) == [resource["urn"] for resource in update["resources"]]
    assert (preview["order"], update["awaited"]) == (update["order"], {})


def test_what_a_callback_makes_comes_last_and_says_what_the_callback_waited_for(tmp_path: Path) -> None:
    found = record(job(write(tmp_path, CALLBACKS), "update"))

    def names(urns: list[str]) -> list[str]:
        return [urn.rpartition("::")[2] for urn in urns]

    assert names(found["order"])[1:] == [  # the first is the provider that nobody made
        "demo-dev", "z-first", "other", "last", "innermost", "later-b", "later-a", "inner",
    ]  # fmt: skip
    assert {urn.rpartition("::")[2]: names(urns) for urn, urns in found["awaited"].items()} == {
        "innermost": ["inner"], "later-a": ["other", "z-first"], "later-b": ["other", "z-first"], "inner": ["z-first"],
    }  # fmt: skip


def test_inputs_are_what_the_program_gave(preview: dict[str, Any]) -> None:
    resources = by_name(preview)
    assert resources["Subnet net-b"]["inputs"] == {
        "availabilityZone": "eu-west-1b",
        "cidrBlock": "10.0.1.0/24",
        "vpcId": UNKNOWN,
    }
    assert resources["SubnetGroup db"]["inputs"]["subnetIds"] == [UNKNOWN, UNKNOWN]
    assert resources["Shelf shelf"]["inputs"] == {"label": "top"}
    assert resources["aws main"]["inputs"]["defaultTags"] == '{"tags": {"team": "core"}}'


def test_a_preview_knows_no_computed_value(preview: dict[str, Any]) -> None:
    resources = by_name(preview)
    assert all(r["id"] is None for r in preview["resources"])
    assert "arn" not in resources["Vpc net"]["outputs"]
    assert resources["Vpc net"]["outputs"] == {"cidrBlock": "10.0.0.0/16", "tagsAll": {"team": "core"}}
    assert resources["Shelf shelf"]["outputs"] == {"arn": UNKNOWN}
    assert preview["exports"]["vpc"] == UNKNOWN


def test_an_update_knows_every_value(update: dict[str, Any]) -> None:
    resources = by_name(update)
    vpc, subnet = resources["Vpc net"], resources["Subnet net-a"]
    assert vpc["id"].startswith("vpc-")
    assert subnet["inputs"]["vpcId"] == vpc["id"]
    assert vpc["outputs"]["arn"] == f"arn:aws:ec2:eu-west-1:111122223333:vpc/{vpc['id']}"
    assert update["exports"]["nested"] == {"list": [1, "two", vpc["outputs"]["arn"]]}
    assert '"Principal": "*"' in resources["Role role"]["outputs"]["assumeRolePolicy"]
    assert UNKNOWN not in [*vpc["outputs"].values(), *update["exports"].values()]


def test_an_update_makes_the_same_resources_as_a_preview(preview: dict[str, Any], update: dict[str, Any]) -> None:
    keep = ("urn", "parent", "propertyDependencies", "dependencies", "options", "source")
    assert [[r[k] for k in keep] for r in preview["resources"]] == [[r[k] for k in keep] for r in update["resources"]]


def test_a_secret_is_marked_and_its_value_is_nowhere(preview: dict[str, Any], update: dict[str, Any]) -> None:
    for recording in (preview, update):
        database = by_name(recording)["Instance db"]
        assert database["inputs"]["password"] == {"$secret": True}
        assert database["outputs"]["password"] == {"$secret": True}
        assert database["outputs"]["endpoint"] == {"$secret": True}, "additional_secret_outputs"
        assert recording["exports"]["password"] == {"$secret": True}
        assert SECRET not in json.dumps(recording)


def test_a_program_that_hands_everything_its_provider_has_no_note_and_no_default_one(preview: dict[str, Any]) -> None:
    assert preview["notes"] == []
    assert not [r for r in preview["resources"] if r["name"].startswith("default")]


@for_each("seed", ["0", "1"])
def test_runs_are_byte_identical_whatever_the_hash_seed(
    seed: str, program: Path, preview: dict[str, Any], update: dict[str, Any]
) -> None:
    jobs = [["dev", mode, sys.executable, settings(program, mode)] for mode in ("preview", "update")]
    code = (
        "from preflight import launcher\n"
        f"found = launcher.run([launcher.Job(*one) for one in {jobs!r}], lambda _running: None)\n"
        "import json\nprint(json.dumps([one.result for one in found]))"
    )
    seeded = {**os.environ, "PYTHONHASHSEED": seed}  # those that it is compared with have one that is random
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=seeded, capture_output=True, text=True, check=True
    )
    found = [result["recording"] for result in json.loads(done.stdout)]
    assert json.dumps(found) == json.dumps([preview, update])
