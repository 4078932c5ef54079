"""The simulated cloud under the real engine: what it refuses, what it replaces, what it remembers."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.cloud import Cloud, CloudError, Fault, Store, Thing
from tests.engine.kit.engine import Engine
from tests.engine.stack import Stack

Program = Callable[[str], Stack]
HEAD = "import pulumi\nimport pulumi_aws as aws\n"


@pytest.fixture
def program(engine: Engine, cloud: Cloud, tmp_path: Path) -> Iterator[Program]:
    """``program(text)``: a stack of a small program of its own; again for its next version."""
    made: list[Stack] = []

    def new(text: str) -> Stack:
        source = tmp_path / "source"
        if not made:
            source.mkdir()
            (source / "Pulumi.yaml").write_text("name: groundwork\nruntime: python\n")
            (source / "Pulumi.test.yaml").write_text("config:\n  aws:region: eu-west-1\n")
            (source / "__main__.py").write_text(HEAD + text)
            made.append(Stack(engine, cloud, tmp_path / "stack", "test", source=source))
        made[0].write("__main__.py", HEAD + text)
        return made[0]

    yield new
    for one in made:
        one.end()


def test_a_type_that_it_does_not_know_is_refused(program: Program) -> None:
    one = program('pulumi.CustomResource("aws:ec2/vpx:Vpx", "v", {}, pulumi.ResourceOptions(version="7.51.1"))')
    assert "the provider has no type aws:ec2/vpx:Vpx" in one.preview(pack=False).expect(1).output


def test_a_missing_or_misspelt_input_is_refused_by_the_preview(program: Program) -> None:
    one = program('aws.ec2.Vpc("v", cidr_block="10.0.0.1/16")')
    assert "is no network in CIDR notation" in one.preview(pack=False).expect(1).output
    text = 'pulumi.CustomResource("aws:iam/role:Role", "r", {"pth": "/"}, pulumi.ResourceOptions(version="7.51.1"))'
    output = program(text).preview(pack=False).expect(1).output
    assert 'the argument "assumeRolePolicy" is required' in output
    assert 'an argument named "pth" is not expected here' in output


def test_what_a_preview_cannot_know_it_leaves_open(program: Program) -> None:
    one = program(
        'v = aws.ec2.Vpc("v", cidr_block="10.0.0.0/16")\npulumi.export("id", v.id)\npulumi.export("c", v.cidr_block)'
    )
    assert 'c : "10.0.0.0/16"' in one.preview(pack=False).expect(0).output
    assert "vpc-" not in one.preview(pack=False).output
    assert "vpc-" in one.up().expect(0).output


TOPIC = 'aws.sns.Topic("t"{})'


def test_a_replaced_thing_with_a_drawn_name_gets_another_and_stands_before_the_old_one_goes(
    program: Program, cloud: Cloud
) -> None:
    program(TOPIC.format("")).up().expect(0)
    first = cloud.store.one("t")
    outcome = program(TOPIC.format(", fifo_topic=True")).up().expect(0)
    assert outcome.of("replace")[0].replacing == ("fifoTopic",)
    assert [(op, thing.id == first.id) for op, thing in cloud.store.events] == [
        ("create", True),
        ("create", False),
        ("delete", True),
    ]


def test_a_replaced_thing_with_a_given_name_goes_before_the_new_one_comes(program: Program, cloud: Cloud) -> None:
    program(TOPIC.format(', name="mine"')).up().expect(0)
    program(TOPIC.format(', name="mine", fifo_topic=True')).up().expect(0)
    assert [op for op, _ in cloud.store.events] == ["create", "delete", "create"]


def test_a_change_that_nobody_knows_is_a_replacement_and_fails_the_test_that_meets_it(
    engine: Engine, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "Pulumi.yaml").write_text("name: groundwork\nruntime: python\n")
    (source / "Pulumi.test.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    text = HEAD + 'aws.s3.Bucket("b", bucket_namespace="{}", tags={{"a": "{}"}})'
    (source / "__main__.py").write_text(text.format("global", "1"))
    with Cloud(tmp_path / "cloud") as cloud:  # not the fixture's, which would fail this test
        one = Stack(engine, cloud, tmp_path / "stack", "test", source=source)
        one.up().expect(0)
        one.write("__main__.py", text.format("global", "2"))
        assert one.up().expect(0).of("replace") == []
        cloud.assert_nothing_guessed()
        one.write("__main__.py", text.format("account-regional", "2"))
        (step,) = one.up().expect(0).of("replace")
        assert step.replacing == ("bucketNamespace",)
        told = r"not known whether this replaces, .*: aws:s3/bucket:Bucket::b bucketNamespace\. Find it out"
        with pytest.raises(AssertionError, match=told):
            cloud.assert_nothing_guessed()


CACHE = """aws.elasticache.ReplicationGroup("c", description="sessions", engine="{engine}", node_type="{node}",
    num_cache_clusters={nodes}, port={port})"""


def test_a_bigger_cache_is_the_same_cache_and_another_port_is_another(program: Program, cloud: Cloud) -> None:
    """The smallest program with one; that of `prod` grows in test_engine_life.py."""
    small = {"engine": "valkey", "node": "cache.t4g.small", "nodes": 2, "port": 6379}
    program(CACHE.format(**small)).up().expect(0)
    kept = cloud.store.one("c").id
    bigger = {**small, "node": "cache.r7g.large", "nodes": 3}
    assert program(CACHE.format(**bigger)).up().expect(0).changes == {
        "update": ["aws:elasticache/replicationGroup:ReplicationGroup::c"]
    }
    assert (cloud.store.one("c").id, cloud.store.one("c").inputs["nodeType"]) == (kept, "cache.r7g.large")
    (step,) = program(CACHE.format(**{**bigger, "port": 6380})).preview(pack=False).expect(0).of("replace")
    assert step.replacing == ("port",)


def test_an_ignored_change_is_none(program: Program, cloud: Cloud) -> None:
    text = 'aws.sns.Topic("t", display_name="{}", opts=pulumi.ResourceOptions(ignore_changes=["displayName"]))'
    program(text.format("a")).up().expect(0)
    assert program(text.format("b")).up().expect(0).changes == {}
    assert cloud.store.one("t").inputs["displayName"] == "a"


def test_each_provider_works_in_its_own_region_with_its_own_tags(program: Program, cloud: Cloud) -> None:
    one = program(
        'p = aws.Provider("p", region="ap-south-1", allowed_account_ids=["444455556666"],'
        ' default_tags={"tags": {"team": "web"}})\n'
        'aws.sns.Topic("here")\n'
        'aws.sns.Topic("there", tags={"a": "b"}, opts=pulumi.ResourceOptions(provider=p))'
    )
    one.up().expect(0)
    here, there = cloud.store.one("here"), cloud.store.one("there")
    assert here.id.startswith("arn:aws:sns:eu-west-1:111122223333:")
    assert there.id.startswith("arn:aws:sns:ap-south-1:444455556666:")
    assert (here.inputs["tagsAll"], there.inputs["tagsAll"]) == ({}, {"team": "web", "a": "b"})


def test_a_secret_stays_one_in_the_state_through_a_refresh_and_an_update(program: Program, cloud: Cloud) -> None:
    text = 'aws.ssm.Parameter("p", type="SecureString", value=pulumi.Output.secret("hush"), description="{}")'
    one = program(text.format("a"))
    one.up().expect(0)
    one.refresh().expect(0)
    program(text.format("b")).up().expect(0)
    assert cloud.store.one("p").inputs["value"] == "hush", "the cloud itself knows it"
    assert "hush" not in (one.folder / "state/.pulumi/stacks/groundwork/test.json").read_text()


def test_what_exists_can_be_imported(program: Program, cloud: Cloud) -> None:
    one = program(TOPIC.format(', display_name="a"'))
    one.up().expect(0)
    topic = cloud.store.one("t").id
    one.run("state", "delete", cloud.store.one("t").urn, "--yes").expect(0)
    text = TOPIC.format(f', display_name="a", opts=pulumi.ResourceOptions(import_="{topic}")')
    assert program(text).up().expect(0).changes == {"import": ["aws:sns/topic:Topic::t"]}
    assert one.books().balanced
    assert len(cloud.store.did("create")) == 1


def test_a_lookup_is_answered_from_the_table_and_others_are_refused(program: Program) -> None:
    one = program(
        'pulumi.export("a", aws.get_caller_identity().account_id)\npulumi.export("r", aws.get_region().region)'
    )
    output = one.preview(pack=False).expect(0).output
    assert '"111122223333"' in output
    assert '"eu-west-1"' in output
    refused = program('aws.ec2.get_vpc(id="vpc-0abc")').preview(pack=False).expect(1).output
    assert "the simulated cloud has no answer to aws:ec2/getVpc:getVpc" in refused


def test_durations_can_be_scaled(engine: Engine, tmp_path: Path) -> None:
    with Cloud(tmp_path / "slow", pace=0.01) as slow:
        source = tmp_path / "source"
        source.mkdir()
        (source / "Pulumi.yaml").write_text("name: groundwork\nruntime: python\n")
        (source / "Pulumi.test.yaml").write_text("config:\n  aws:region: eu-west-1\n")
        (source / "__main__.py").write_text(
            HEAD + 'aws.ec2.NatGateway("n", subnet_id="subnet-1", connectivity_type="private")'
        )
        outcome = Stack(engine, slow, tmp_path / "stack", "test", source=source).up().expect(0)
    assert outcome.seconds > 1.0, "a NAT gateway takes about two minutes"


# -- the store by itself -------------------------------------------------------------------------------------------------


def thing(type_token: str, identity: str, urn: str = "urn:a::n", **inputs: Any) -> Thing:
    return Thing(type_token, identity, urn, inputs, inputs)


def test_the_cloud_outlives_whoever_talks_to_it(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.create(thing("aws:sns/topic:Topic", "t-1"))
    store.create(thing("aws:sns/topic:Topic", "t-2"))
    store.update(thing("aws:sns/topic:Topic", "t-2", displayName="b"))
    store.delete("aws:sns/topic:Topic t-1")
    again = Store(tmp_path)
    assert again.events == store.events
    assert [(t.id, t.inputs) for t in again.things] == [("t-2", {"displayName": "b"})]
    assert again.generation("urn:a::n") == 2


def test_a_second_thing_of_a_name_is_refused_where_aws_refuses_it(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.create(thing("aws:sns/topic:Topic", "t"))
    with pytest.raises(CloudError, match="EntityAlreadyExists: Topic t already exists"):
        store.create(thing("aws:sns/topic:Topic", "t"))
    store.create(thing("aws:cloudwatch/metricAlarm:MetricAlarm", "a"))
    store.create(thing("aws:cloudwatch/metricAlarm:MetricAlarm", "a"))
    assert len(store.things) == 2


def test_what_is_in_use_or_guarded_is_not_deleted(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.create(thing("aws:ec2/vpc:Vpc", "vpc-1"))
    store.create(thing("aws:ec2/subnet:Subnet", "subnet-1", vpcId="vpc-1"))
    store.create(thing("aws:rds/cluster:Cluster", "db", deletionProtection=True))
    with pytest.raises(CloudError, match=r"DependencyViolation: Vpc vpc-1 is still used by aws:ec2/subnet:Subnet"):
        store.delete("aws:ec2/vpc:Vpc vpc-1")
    with pytest.raises(CloudError, match="deletionProtection is true"):
        store.delete("aws:rds/cluster:Cluster db")
    store.delete("aws:ec2/subnet:Subnet subnet-1")
    store.delete("aws:ec2/vpc:Vpc vpc-1")
    assert [t.id for t in store.things] == ["db"]


def test_what_was_never_there_cannot_be_changed_and_counts_as_deleted(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(CloudError, match="ResourceNotFoundException"):
        store.update(thing("aws:sns/topic:Topic", "t"))
    store.delete("aws:sns/topic:Topic t")
    assert store.events == []


def test_two_revisions_of_a_family_are_two_things(tmp_path: Path) -> None:
    store = Store(tmp_path)
    token = "aws:ecs/taskDefinition:TaskDefinition"
    store.create(thing(token, "web", arn="web:1"))
    store.create(thing(token, "web", arn="web:2"))
    assert store.doubles() == ["urn:a::n"]
    store.delete(f"{token} web:1")
    assert [t.outputs["arn"] for t in store.things] == ["web:2"]


def test_a_fault_strikes_as_often_and_where_the_script_says(cloud: Cloud) -> None:
    cloud.script.play(Fault(type="aws:sns/topic:Topic", nth=2, times=2), Fault(operation="delete", times=None))
    struck = [len(cloud.script.strikes("create", "aws:sns/topic:Topic", "t")) for _ in range(5)]
    assert struck == [0, 1, 1, 0, 0]
    assert cloud.script.strikes("create", "aws:sqs/queue:Queue", "q") == []
    assert [len(cloud.script.strikes("delete", "x", "y")) for _ in range(2)] == [1, 1]
