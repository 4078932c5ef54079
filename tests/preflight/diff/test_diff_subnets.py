"""Subnets that go while something is in them: AWS deletes none, and takes none out of a group whose member runs there."""

import re
from pathlib import Path
from typing import Any

import pulumi_aws

from preflight import simulation
from preflight.diff import markdown, subnets, text
from preflight.summary import Page
from tests.gathered import for_each
from tests.preflight.diff.reports import document, resource, stack, urn

SDK = Path(pulumi_aws.__path__[0])
SUBNET, KAFKA = "aws:ec2/subnet:Subnet", "aws:msk/serverlessCluster:ServerlessCluster"
GROUP, CLUSTER = "aws:rds/subnetGroup:SubnetGroup", "aws:rds/cluster:Cluster"
MEMBER, DATABASE = "aws:rds/clusterInstance:ClusterInstance", "aws:rds/instance:Instance"
Found = dict[str, Any]
ZONES = "abc"


def subnet(name: str, zone: str | None = None, **given: Any) -> Found:
    where = {"availabilityZone": f"eu-west-1{zone or name}"}
    return resource(SUBNET, name, {"vpcId": "vpc-1", **where, **given.pop("inputs", {})}, **given)


def identity(one: Found) -> str:
    return simulation.resource_id(
        SUBNET, one["name"], one["inputs"], region="eu-west-1", account="123456789012", urn=one["urn"]
    )


def using(token: str, name: str, path: str, several: list[Found], inputs: Found | None = None, **given: Any) -> Found:
    """What has the ids of subnets at a path, which may lead into a map or a list."""
    ids: Any = [identity(one) for one in several]
    if path.endswith("Id"):
        (ids,) = ids
    *outer, last = path.split(".")
    value = {last: ids}
    for key in reversed(outer):
        value = {key: [value]}
    top = path.partition(".")[0]
    needs = {top: [one["urn"] for one in several], **given.pop("needs", {})}
    return resource(token, name, {**value, **(inputs or {})}, needs=needs, **given)


def database(zone: str = "a", name: str = "one", **given: Any) -> Found:
    inputs = {"dbSubnetGroupName": "data", "availabilityZone": f"eu-west-1{zone}"} | given.pop("inputs", {})
    return resource(DATABASE, name, inputs, needs={"dbSubnetGroupName": [urn(GROUP, "data")]}, **given)


def kafka(several: list[Found], **options: Any) -> Found:
    return using(KAFKA, "events", "vpcConfigs.subnetIds", several, options=options)


def group(several: list[Found], name: str = "data", **given: Any) -> Found:
    return using(GROUP, name, "subnetIds", several, {"name": name}, **given)


def three(**given: Any) -> list[Found]:
    return [subnet(zone, **given) for zone in ZONES]


def said(base: list[Found], head: list[Found]) -> tuple[dict[str, str], dict[str, str]]:
    """What AWS refuses to delete, and what it refuses to change, by name."""
    found = document(stack(base), stack(head))["stacks"]["dev"]
    kept = {
        each["name"]: each["deletion"]["said"]
        for each in found["resources"]
        if each["deletion"] and each["deletion"]["source"] == subnets.SOURCE
    }
    refused = {
        each["name"]: warning["why"]
        for each in found["resources"]
        for warning in each["warnings"]
        if warning["source"] == subnets.SOURCE
    }
    return kept, refused


def test_a_subnet_in_which_something_stays_is_not_deleted_and_both_pages_say_so() -> None:
    old = three()
    base, head = [*old, kafka(old)], [*old[1:], kafka(old[1:], ignoreChanges=["vpcConfigs"])]
    kept, refused = said(base, head)
    assert kept == {
        "a": "AWS refuses to delete it while events (msk.ServerlessCluster) has network interfaces in it"
        " (DependencyViolation)"
    }
    assert refused == {}
    found = document(stack(base), stack(head))
    assert found["stacks"]["dev"]["summary"]["deletionRefused"] == 1
    for page in (text.text(found, Page(400, False, False), everything=False), markdown.markdown(found)):
        line = next(line for line in page.splitlines() if "DependencyViolation" in line)
        assert "a (ec2.Subnet) is removed: AWS refuses to delete it" in line
        assert "Instead: keep it, or an update before that removes, replaces or moves events" in line


def test_what_goes_or_moves_keeps_no_subnet() -> None:
    old = three()
    moved = using("aws:lb/loadBalancer:LoadBalancer", "lb", "subnets", old)
    follows = using("aws:lb/loadBalancer:LoadBalancer", "lb", "subnets", old[1:])
    for gone in ([], [kafka(old[1:])], [follows]):
        assert said([*old, kafka(old), moved], [*old[1:], *gone]) == ({}, {})
    assert said([*old, kafka(old[1:])], [*old[1:], kafka(old[1:])]) == ({}, {}), "it is not in that one"
    elsewhere = [*old[1:], kafka(old[1:], ignoreChanges=["vpcConfigs"])]
    left = [{**one, "options": {**one["options"], "retainOnDelete": True}} for one in old]
    assert said([*left, kafka(old)], elsewhere) == ({}, {}), "a subnet that only leaves the state"


def test_what_only_leaves_the_state_keeps_its_interfaces() -> None:
    old = three()
    kept, _ = said([*old, kafka(old, retainOnDelete=True)], [])
    assert set(kept) == {*ZONES}
    assert said([*old, kafka(old)], []) == ({}, {})


def test_a_subnet_that_is_replaced_is_kept_as_well_and_first_by_all_that_is_in_it() -> None:
    def there(cidr: str, **options: Any) -> list[Found]:
        one = subnet("a", inputs={"cidrBlock": cidr}, options=options)
        balancer = using("aws:lb/loadBalancer:LoadBalancer", "lb", "subnets", [one], unknown=["subnets[0]"])
        return [one, balancer]

    assert said(there("10.0.0.0/24"), there("10.0.1.0/24")) == ({}, {}), "the load balancer moves before"
    first = {"deleteBeforeReplace": True}
    kept, _ = said(there("10.0.0.0/24", **first), there("10.0.1.0/24", **first))
    assert "lb (lb.LoadBalancer) has network interfaces in it" in kept["a"]
    one, other = (subnet("a", inputs={"cidrBlock": cidr}) for cidr in ("10.0.0.0/24", "10.0.1.0/24"))
    ignoring = using(KAFKA, "events", "vpcConfigs.subnetIds", [one], unknown=["vpcConfigs[0].subnetIds[0]"],
                     options={"ignoreChanges": ["vpcConfigs"]})  # fmt: skip
    kept, _ = said([one, ignoring], [other, ignoring])
    assert set(kept) == {"a"}


def test_a_subnet_group_does_not_lose_the_subnet_that_a_member_runs_in() -> None:
    old = three()
    base = [*old, group(old), database()]
    stays = database("b", options={"ignoreChanges": ["availabilityZone"]})
    kept, refused = said(base, [*old[1:], group(old[1:]), stays])
    assert refused == {"data": "it loses a, where one (rds.Instance) runs"}
    assert "one (rds.Instance) has network interfaces in it" in kept["a"]
    kept, refused = said(base, [*old, group(old[1:]), stays])
    assert (kept, set(refused)) == ({}, {"data"}), "the subnet stays, and the group loses it all the same"
    kept, refused = said(base, [*old[1:], group(old[1:])])
    assert (kept, set(refused)) == ({}, {"data"}), "the group changes before the member is deleted"
    assert said([*old, group(old), database("c")], [*old[1:], group(old[1:]), database("c")]) == ({}, {})
    assert said(base, [*old[1:]]) == ({}, {}), "all of it goes"


def test_the_new_one_of_a_subnet_that_is_replaced_does_not_stand_in_for_it_in_a_group() -> None:
    def there(cidr: str) -> list[Found]:
        several = [subnet("a", inputs={"cidrBlock": cidr}), subnet("b")]
        return [*several, group(several, unknown=["subnetIds[0]", "subnetIds[1]"]), database()]

    kept, refused = said(there("10.0.0.0/24"), there("10.0.1.0/24"))
    assert (set(kept), refused) == ({"a"}, {"data": "it loses a, where one (rds.Instance) runs"})
    assert said(there("10.0.0.0/24"), there("10.0.0.0/24")) == ({}, {})


def test_of_a_group_that_keeps_or_is_not_sure_to_lose_where_a_member_runs_nothing_is_said() -> None:
    old = three()
    stays = database("b", options={"ignoreChanges": ["availabilityZone"]})
    ignoring = group(old[1:], options={"ignoreChanges": ["subnetIds"]})
    kept, refused = said([*old, group(old), database()], [*old[1:], ignoring, stays])
    assert (set(kept), refused) == ({"a"}, {})
    ignoring["inputs"]["tags"] = {"it": "is updated"}
    _, refused = said([*old, group(old), database()], [*old[1:], ignoring, stays])
    assert refused == {}
    twin = subnet("d", "a")
    assert said([*old, twin, group([*old, twin]), database()], [*old[1:], twin, group([*old[1:], twin]), stays]) == (
        {}, {}
    ), "it runs in one of two of that zone"  # fmt: skip
    other = group(old, "other")
    moved = resource(DATABASE, "one", {"dbSubnetGroupName": "other", "availabilityZone": "eu-west-1a"})
    assert said([*old, group(old), other, database()], [*old, group(old[1:]), other, moved]) == ({}, {})
    foreign = group(old)
    foreign["inputs"]["subnetIds"].append("subnet-of-somebody")
    assert said([*old, foreign, database()], [*old[1:], group(old[1:]), stays]) == ({}, {})
    nowhere = database(inputs={"availabilityZone": None})
    assert said([*old, group(old), nowhere], [*old[1:], group(old[1:]), nowhere]) == ({}, {})


@for_each("by_name", [True, False])
def test_an_instance_of_a_cluster_runs_in_the_subnets_of_the_cluster(by_name: bool) -> None:
    old = three()
    needs = {} if by_name else {"clusterIdentifier": [urn(CLUSTER, "main")]}
    cluster = resource(CLUSTER, "main", {"clusterIdentifier": "main-1", "dbSubnetGroupName": "data"})
    writer = resource(MEMBER, "writer", {"clusterIdentifier": "main-1", "availabilityZone": "eu-west-1a"}, needs=needs)
    kept, refused = said([*old, group(old), cluster, writer], [*old[1:], group(old[1:]), cluster, writer])
    assert refused == {"data": "it loses a, where writer (rds.ClusterInstance) runs"}
    assert set(kept) == {"a"}
    stranger = {**cluster, "inputs": {**cluster["inputs"], "dbSubnetGroupName": "another"}}
    assert said([*old, group(old), stranger, writer], [*old[1:], group(old[1:]), stranger, writer]) == ({}, {})


def test_what_is_told_of_a_vpc_that_is_replaced_is_not_told_again_of_its_subnets() -> None:
    vpc = "aws:ec2/vpc:Vpc"

    def there(cidr: str) -> list[Found]:
        one = subnet("a", needs={"vpcId": [urn(vpc, "net")]}, unknown=["vpcId"])
        both = group([one], unknown=["subnetIds[0]"])
        return [resource(vpc, "net", {"cidrBlock": cidr}), one, both, database()]

    assert said(there("10.0.0.0/16"), there("10.1.0.0/16")) == ({}, {})


def test_every_input_that_counts_is_one_of_the_sdk() -> None:
    paths = {token: [*several] for token, several in subnets.INTERFACES.items()}
    for token, member in subnets.MEMBERS.items():
        paths.setdefault(token, []).extend([*member.zones, *([member.part_of] if member.part_of else [])])
        holder = member.whole or token
        paths.setdefault(holder, []).append(member.group)
    for token in subnets.GROUPS:
        paths.setdefault(token, []).append("subnetIds")
    for token, several in paths.items():
        module, _, name = token.split(":")[1].partition("/")
        file = SDK / module / f"{_snake(name)}.py"
        for path in several:
            first, *inner = map(_snake, path.split("."))
            assert f'pulumi.set(__self__, "{first}"' in file.read_text(), (token, path)
            for key in inner:
                assert f'pulumi.set(__self__, "{key}"' in (file.parent / "_inputs.py").read_text(), (token, path)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: f"_{found[1].lower()}", name)
