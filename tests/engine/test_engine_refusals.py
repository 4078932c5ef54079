"""What `preflight diff` says that the engine refuses for its protection is what the engine refuses, and nothing else."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.cloud import Cloud
from tests.engine.kit.engine import Engine
from tests.engine.stack import Stack
from tests.preflight.cli_support import called

HEAD = """
import pulumi
import pulumi_aws as aws

def table(name, key, **options):
    aws.dynamodb.Table(name, hash_key=key, billing_mode="PAY_PER_REQUEST",
                       attributes=[{"name": key, "type": "S"}], opts=pulumi.ResourceOptions(**options))

def network(cidr, **options):
    net = aws.ec2.Vpc("net", cidr_block=cidr, opts=pulumi.ResourceOptions(delete_before_replace=True))
    aws.lb.TargetGroup("group", vpc_id=net.id, port=80, protocol="HTTP", opts=pulumi.ResourceOptions(**options))

def room(**options):
    above = pulumi.ComponentResource("shop:index:Room", "room", opts=pulumi.ResourceOptions(protect=True))
    aws.sqs.Queue("inside", opts=pulumi.ResourceOptions(parent=above, **options))
"""
BASE = {
    "held": 'table("held", "a", protect=True)',
    "gone": 'aws.sqs.Queue("gone", opts=pulumi.ResourceOptions(protect=True, retain_on_delete=True))',
    "net": 'network("10.0.0.0/16", protect=True)',
    "room": "room()",
    "kept": 'aws.sqs.Queue("kept", opts=pulumi.ResourceOptions(retain_on_delete=True))',
}
INSIDE = "urn:pulumi:test::shop::shop:index:Room$aws:sqs/queue:Queue::inside"
MOVED = f'aws.sqs.Queue("inside", opts=pulumi.ResourceOptions(protect=True, aliases=["{INSIDE}"]))'
CHANGES = {
    "replaced while both protect it": ({"held": 'table("held", "b", protect=True)'}, {"held"}),
    "replaced as the protection ends": ({"held": 'table("held", "b")'}, set()),
    "removed, protected and retained": ({"gone": ""}, {"gone"}),
    "removed, only retained": ({"kept": ""}, set()),
    "deleted first with another one, as its own protection ends": ({"net": 'network("10.1.0.0/16")'}, {"group"}),
    "a component, its resource moved out": ({"room": MOVED}, {"room"}),
    "a resource of a component that protects it": ({"room": 'room(); pulumi.export("a", 1)'}, set()),
    "a component with its resource": ({"room": ""}, {"inside"}),
}
REFUSED = re.compile(r'resource "([^"]+)"\s+(?:as |cannot be deleted)')


def program(change: dict[str, str]) -> str:
    return HEAD + "\n".join((BASE | change).values()) + "\n"


@pytest.fixture(scope="module")
def one(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("refusals")
    source = folder / "source"
    source.mkdir()
    (source / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (source / "Pulumi.test.yaml").write_text("config: {aws:region: eu-west-1}\n")
    (source / "__main__.py").write_text(program({}))
    with Cloud(folder / "cloud") as cloud:
        stack = Stack(engine, cloud, folder / "stack", "test", source=source)
        stack.up().expect(0)
        assert called("check", "--program", str(source), "--no-policy", "--json", str(folder / "base.json")).code == 0
        yield stack
        stack.end()


@pytest.mark.parametrize("name", CHANGES)
def test_a_diff_names_what_the_engine_refuses(one: Stack, name: str, tmp_path: Path) -> None:
    change, names = CHANGES[name]
    one.write("__main__.py", program(change))
    told = one.preview(pack=False).expect(1 if names else 0)
    refused = {urn.rpartition("::")[2] for urn in REFUSED.findall(told.output)}
    said = called(
        "diff", "--program", str(one.project), "--no-policy", "--base", str(one.folder.parent / "base.json"), "--json", "-"
    )  # fmt: skip
    resources = json.loads(said.out)["stacks"]["test"]["resources"]
    assert {each["name"] for each in resources if each["engineRefuses"]} == names
    # Of a component the engine names its resources as well as itself; a diff names it only where nothing else would.
    assert refused - ({"room"} if "inside" in names else set()) == names
